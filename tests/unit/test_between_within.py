"""Parts between and within regions: beside the oracle, exact sums, what is refused, and what is said."""

import math

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st

import segregate as sg
from tests.unit import oracle_nested

NAMES = ("mutual_information", "information_theory", "hutchens")


def nested_city(seed, n=30, m=3, depth=2, empty=True):
    """Return counts and levels of regions, from the widest to the finest; some units and cells are empty."""
    rng = np.random.default_rng(seed)
    counts = rng.integers(0, 40, (n, m)).astype(float)
    counts[rng.random((n, m)) < 0.2] = 0
    if empty:
        counts[rng.integers(0, n)] = 0
    levels = [rng.integers(0, 3, n)]
    for _ in range(depth - 1):
        levels.append(levels[-1] * 3 + rng.integers(0, 3, n))
    return counts, levels[:depth]


def population(counts, levels, ids=None):
    frame = pd.DataFrame(counts, columns=[f"g{m}" for m in range(counts.shape[1])], index=ids)
    for k, level in enumerate(levels):
        frame[f"level {k}"] = level
    return sg.Population.from_frame(frame, [f"g{m}" for m in range(counts.shape[1])])


def assert_like_oracle(found, counts, levels):
    total, expected = oracle_nested.nested(found.index, counts.tolist(), [level.tolist() for level in levels])
    assert found.total == pytest.approx(total, rel=1e-12, abs=1e-15)
    regions = found.regions
    for k, (row, parts) in enumerate(zip(found.table.itertuples(), expected, strict=True)):
        assert row.value == pytest.approx(math.fsum(part[2] for part in parts.values()), rel=1e-12, abs=1e-14)
        own = regions[regions["between"] == row.between]
        assert own["region"].tolist() == ([""] if k == 0 else sorted(parts))
        for line in own.itertuples():
            weight, value, contribution = parts[None if k == 0 else line.region]
            assert line.weight == pytest.approx(weight, rel=1e-12, abs=1e-15)
            assert line.contribution == pytest.approx(contribution, rel=1e-12, abs=1e-14)
            if weight > 0 and np.isfinite(line.value):
                assert line.value == pytest.approx(value, rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize("seed", range(3))
def test_beside_the_oracle(name, depth, seed):
    counts, levels = nested_city(seed, depth=depth, m=2 if name == "hutchens" and seed else 4)
    found = sg.between_within(population(counts, levels), name, by=[f"level {k}" for k in range(depth)])
    assert found.levels == tuple(f"level {k}" for k in range(depth))
    assert found.table["between"].tolist() == [*found.levels, "unit"]
    assert found.table["within"].tolist() == ["", *found.levels]
    assert_like_oracle(found, counts, levels)


@pytest.mark.parametrize("name", ["mutual_information", "information_theory"])
def test_parts_are_differences_of_the_levels(name):
    counts, levels = nested_city(5, depth=3)
    found = sg.between_within(population(counts, levels), name, by=["level 0", "level 1", "level 2"])
    expected = oracle_nested.by_difference(name, counts.tolist(), [level.tolist() for level in levels])
    assert found.table["value"].tolist() == pytest.approx(expected, rel=1e-11)


@st.composite
def cities(draw):
    m = draw(st.integers(2, 4))
    n = draw(st.integers(2, 10))
    counts = draw(st.lists(st.lists(st.integers(0, 6), min_size=m, max_size=m), min_size=n, max_size=n))
    counts[0][:2] = [max(counts[0][0], 1), max(counts[0][1], 1)]
    wide = draw(st.lists(st.integers(0, 2), min_size=n, max_size=n))
    fine = [3 * w + draw(st.integers(0, 2)) for w in wide]
    return np.array(counts, dtype=float), [np.array(wide), np.array(fine)]


@given(city=cities(), name=st.sampled_from(NAMES))
def test_parts_add_up(city, name):
    counts, levels = city
    pop = population(counts, levels)
    found = sg.between_within(pop, name, by=["level 0", "level 1"])
    assert found.total == pytest.approx(getattr(sg, name)(pop), rel=1e-14, abs=1e-15)
    assert found.between + found.within == pytest.approx(found.total, rel=1e-12, abs=1e-12)
    assert math.fsum(found.table["value"]) == pytest.approx(found.total, rel=1e-12, abs=1e-12)
    regions = found.regions
    assert math.fsum(regions["contribution"]) == pytest.approx(found.total, rel=1e-12, abs=1e-12)
    assert found.between == found.table["value"][0]
    for row in found.table.itertuples():
        of_level = regions.loc[regions["between"] == row.between, "contribution"]
        assert math.fsum(of_level) == pytest.approx(row.value, rel=1e-15, abs=0)
    assert (found.table["value"] > -1e-14).all()
    assert_like_oracle(found, counts, levels)


@given(city=cities(), name=st.sampled_from(NAMES), seed=st.integers(0, 99), factor=st.sampled_from([0.25, 3.0, 1e6]))
def test_order_and_scale_change_nothing(city, name, seed, factor):
    counts, levels = city
    rng = np.random.default_rng(seed)
    units, groups = rng.permutation(len(counts)), rng.permutation(counts.shape[1])
    moved = population(factor * counts[units][:, groups], [level[units] for level in levels])
    first, second = (
        sg.between_within(pop, name, by=["level 0", "level 1"]) for pop in (population(counts, levels), moved)
    )
    assert second.regions["region"].tolist() == first.regions["region"].tolist()
    for column in ("weight", "contribution"):
        assert second.regions[column].tolist() == pytest.approx(first.regions[column].tolist(), rel=1e-11, abs=1e-13)


def test_the_base_of_m_travels():
    pop = sg.sample("schools")
    nats = sg.between_within(pop, "M", by="district")
    bits = sg.between_within(pop, sg.bind("M", base=2), by="district")
    assert bits.params == '{"base": 2.0}'
    assert bits.total == sg.mutual_information(pop, base=2)
    assert bits.table["value"].tolist() == pytest.approx((nats.table["value"] / math.log(2)).tolist(), rel=1e-13)


def test_values_of_regions_are_those_of_measure():
    pop = sg.sample("schools")
    for name in NAMES:
        regions = sg.between_within(pop, name, by="district").regions
        within = regions[regions["within"] == "district"].set_index("region")["value"]
        alone = sg.measure(pop, name, by="district").set_index("district")["value"]
        assert within.to_dict() == pytest.approx(alone.to_dict(), rel=1e-14)


def test_one_region_and_a_region_for_each_unit():
    pop = sg.sample("schools")
    for name in NAMES:
        one = sg.between_within(pop, name, by=np.full(pop.n_units, "all"))
        assert (one.between, one.within) == (0, pytest.approx(one.total, rel=1e-14))
        each = sg.between_within(pop, name, by=np.arange(pop.n_units))
        assert (each.between, each.within) == (pytest.approx(each.total, rel=1e-14), 0)


def test_regions_may_be_arrays_labels_or_columns():
    pop = sg.sample("schools")
    district = pop.attributes["district"]
    half = district.isin(["Hills", "North"]).map({True: "up", False: "down"})
    expected = sg.between_within(pop, "M", by="district")
    for by in (district, district.to_numpy(), district.tolist(), ["district"], (district,), pd.Index(district)):
        assert sg.between_within(pop, "M", by=by).table["value"].tolist() == expected.table["value"].tolist()
    backwards = district.iloc[::-1]
    assert sg.between_within(pop, "M", by=backwards).between == expected.between
    two = sg.between_within(pop, "M", by=[half.rename("half"), "district"])
    assert two.levels == ("half", "district")
    assert two.within == pytest.approx(expected.total - two.between, rel=1e-12)
    bare = sg.between_within(pop, "M", by=[half.to_numpy(), district.to_numpy()])
    assert bare.levels == ("region 1", "region 2")
    assert bare.table["value"].tolist() == two.table["value"].tolist()


def test_a_level_called_unit_keeps_its_name():
    pop = sg.sample("schools")
    found = sg.between_within(pop, "M", by=pop.attributes["district"].rename("unit"))
    assert found.table["between"].tolist() == ["unit", "single unit"]


def test_weight_0_adds_0_though_the_index_is_undefined_there():
    counts = np.array([[5.0, 5], [9, 1], [4, 0], [7, 0], [0, 0]])
    pop = population(counts, [["a", "a", "b", "b", "c"]])
    for name, weight in (("mutual_information", 11 / 31), ("information_theory", 0), ("hutchens", 0)):
        regions = sg.between_within(pop, name, by="level 0").regions.set_index("region")
        assert np.isnan(regions.loc["b", "value"])
        assert regions.loc["b", "contribution"] == 0
        assert regions.loc["b", "weight"] == pytest.approx(weight)
        assert regions.loc["c", ["weight", "contribution", "people", "parts"]].tolist() == [0, 0, 0, 0]


def test_units_without_a_region_are_left_out():
    pop = sg.sample("schools")
    district = pop.attributes["district"].astype(object)
    district.iloc[[3, 7]] = None
    with pytest.warns(sg.SegregateWarning, match=r"2 units of 40 without 'district' left out"):
        found = sg.between_within(pop, "H", by=district)
    rest = pop.subset(district.notna().to_numpy())
    assert found.total == sg.information_theory(rest)
    assert found.table["value"].tolist() == sg.between_within(rest, "H", by="district").table["value"].tolist()
    assert found.notes == ("2 units without a region left out",)
    assert "note: 2 units without a region left out" in repr(found)


def test_no_unit_has_a_region_at_all_levels():
    counts, _ = nested_city(0, n=4)
    pop = population(counts, [["a", "a", None, None], [None, None, "x", "y"]])
    with (
        pytest.warns(sg.SegregateWarning, match="left out"),
        pytest.raises(sg.DataError, match=r"No unit has a region of 'level 0' and of 'level 1'\."),
    ):
        sg.between_within(pop, "M", by=["level 0", "level 1"])


@pytest.mark.parametrize("counts", [[[3.0, 0], [4, 0]], [[0.0, 0], [0, 0]]])
@pytest.mark.parametrize("name", NAMES)
def test_an_undefined_index_has_undefined_parts(counts, name):
    pop = population(np.array(counts), [["a", "b"]])
    with pytest.warns(sg.UndefinedIndexWarning):
        found = sg.between_within(pop, name, by="level 0")
    assert np.isnan([found.total, found.between, found.within, *found.table["value"]]).all()
    assert np.isnan(found.regions["contribution"]).all()
    assert "nan, nothing to divide" in repr(found)


def test_an_even_city_has_nothing_to_divide():
    found = sg.between_within(population(np.ones((4, 2)), [["a", "a", "b", "b"]]), "H", by="level 0")
    assert (found.total, found.between, found.within) == (0, 0, 0)
    assert found.table["share"].isna().all()


def test_every_other_index_is_refused():
    pop = sg.sample("schools")
    for name in sg.catalogue().index:
        if name in NAMES:
            continue
        with pytest.raises(sg.ParameterError, match=rf"\(M\), information_theory \(H\) and hutchens \(O\), not {name}"):
            sg.between_within(pop, name, by="district")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("D", "it is not the value between regions plus a weighted sum of the values within them"),
        ("gini", "belongs to neither, so there are no parts to report"),
        ("R", "Simpson's diversity would split as entropy does, but H and M"),
        ("divergence", "it gives one value per unit"),
        ("isolation", "no weights are known with which its values between and within regions add up"),
    ],
)
def test_why_an_index_is_refused(name, why):
    with pytest.raises(sg.ParameterError, match=why):
        sg.between_within(sg.sample("schools"), name, by="district")


def test_d_does_not_split():
    """Two cities with the same D between regions, people in each and D within each, and another D of the whole."""
    first, second = (
        population(np.array([*units, *(unit[::-1] for unit in units)]), [["a", "a", "b", "b"]])
        for units in ([[60.0, 5], [20, 15]], [[0.0, 10], [80, 10]])
    )
    for pop in (first, second):
        assert sg.measure(pop, "D", by="level 0")["value"].tolist() == pytest.approx([0.5, 0.5])
        assert [part.counts.sum(axis=0).tolist() for part in pop.split("level 0").values()] == [[80, 20], [20, 80]]
    assert sg.dissimilarity(first) == pytest.approx(0.6)
    assert sg.dissimilarity(second) == pytest.approx(0.8)


def test_an_environment_is_refused():
    pop = population(*nested_city(0)).within(sg.Weights(scipy.sparse.eye_array(30, format="csr")))
    with pytest.raises(sg.ParameterError, match=r"people meet those of other regions.*Take population\.home\(\)"):
        sg.between_within(pop, "M", by="level 0")


def test_regions_that_do_not_nest():
    counts, _ = nested_city(1, n=5, empty=False)
    pop = population(counts, [["a", "a", "b", "b", "b"], [1, 2, 2, 3, 3]])
    message = (
        r"1 region of 'level 1' of 3 lies in more than one 'level 0' \(first: 2; 2 in 'a', 'b'\)\. Levels go from "
        r"the widest to the finest\. Where labels begin anew in each 'level 0', give the pair"
    )
    with pytest.raises(sg.DataError, match=message):
        sg.between_within(pop, "M", by=["level 0", "level 1"])
    with pytest.raises(sg.DataError, match=r"2 regions of 'level 0' of 2 lie in more than one 'level 1'"):
        sg.between_within(pop, "M", by=["level 1", "level 0"])
    pair = pop.attributes["level 0"] + " " + pop.attributes["level 1"].astype(str)
    found = sg.between_within(pop, "M", by=["level 0", pair.rename("pair")])
    assert found.regions.loc[found.regions["within"] == "pair", "region"].tolist() == ["a 1", "a 2", "b 2", "b 3"]


@pytest.mark.parametrize(
    ("by", "error", "message"),
    [
        ([], sg.ParameterError, r"by= is empty; name the columns of regions, from the widest to the finest"),
        (["district", "district"], sg.ParameterError, r"by= names 'district' twice"),
        ("distric", sg.UnknownNameError, r"There is no column 'distric' \(by=\). Did you mean 'district'"),
        (["district", "stat"], sg.UnknownNameError, r"There is no column 'stat' \(by=\)"),
        (np.arange(3), sg.ParameterError, r"by= has 3 values for 40 units"),
    ],
)
def test_what_by_cannot_be(by, error, message):
    with pytest.raises(error, match=message):
        sg.between_within(sg.sample("schools"), "M", by=by)


def test_what_is_no_population():
    with pytest.raises(sg.ParameterError, match="between_within takes a Population, not DataFrame"):
        sg.between_within(pd.DataFrame(), "M", by="district")


def test_how_it_shows_itself():
    found = sg.between_within(sg.sample("schools"), "H", by="district")
    assert repr(found).splitlines()[0] == (
        "information_theory (H) 0.1406 = 0.09046 between district (64.3%) + 0.05019 within (35.7%)"
    )
    assert "<table" in found._repr_html_()
    changed = found.regions
    changed.loc[0, "value"] = 9
    assert found.regions.loc[0, "value"] != 9
