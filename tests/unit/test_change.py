"""The change of M in parts: beside the oracle, sums, what changes nothing, what has no value, and what is refused."""

import math

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st

import segregate as sg
from tests.helpers import quietly
from tests.unit import oracle_over_time as oracle

METHODS = ("shapley", "km", "mrc")
FITTED = ("shapley", "km")


def population(table):
    """Return the population of {unit: {group: people}}."""
    groups = sorted({group for row in table.values() for group in row})
    frame = pd.DataFrame([[row.get(group, 0) for group in groups] for row in table.values()], columns=groups)
    return sg.Population.from_frame(frame.set_axis(list(table)), groups)


def of_array(counts, names=None):
    counts = np.asarray(counts)
    names = [f"u{j:03d}" for j in range(len(counts))] if names is None else names
    return {
        name: {f"g{m}": float(x) for m, x in enumerate(row)} for name, row in zip(names, counts.tolist(), strict=True)
    }


def random_pair(seed, n=20, m=3):
    """Return two tables: units and one group come and go, and cells are seldom empty."""
    rng = np.random.default_rng(seed)
    then = rng.integers(1, 60, (n, m + 1))
    then[rng.random(then.shape) < 0.05] = 0
    now = rng.poisson(then * rng.uniform(0.7, 1.4, m + 1) * rng.uniform(0.5, 1.6, (n, 1))) + rng.integers(
        1, 4, then.shape
    )
    old, new = of_array(then), of_array(now)
    for name in ("u000", "u003"):
        del old[name]
    for name in ("u001", "u005", "u006"):
        del new[name]
    for row in old.values():
        row["old group"] = row.pop("g3")
    for row in new.values():
        row["new group"] = row.pop("g3")
    return old, new


def assert_sums(found):
    """All parts add up to the change, and the units to each part."""
    units = found.units
    for part in found.parts:
        value = getattr(found, part)
        assert math.isnan(value) or math.fsum(units[part]) == pytest.approx(value, rel=1e-13, abs=1e-15)
    values = [getattr(found, part) for part in found.parts]
    assert math.fsum(x for x in values if not math.isnan(x)) == pytest.approx(found.now - found.then, abs=1e-14)
    assert math.fsum(units["then"]) == pytest.approx(found.then, rel=1e-14, abs=1e-16)
    assert math.fsum(units["now"]) == pytest.approx(found.now, rel=1e-14, abs=1e-16)
    rows = units[list(found.parts)].sum(axis=1)
    assert rows.tolist() == pytest.approx((units["now"] - units["then"]).tolist(), abs=1e-14)
    if not any(map(math.isnan, values)):
        assert abs(found.residual) < 1e-14


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seed", range(4))
def test_beside_the_oracle(method, seed):
    then, now = random_pair(seed)
    found = sg.change(population(then), population(now), method=method)
    expected = oracle.parts(then, now, method)
    assert set(expected) == set(found.parts) - {"residual"}
    units = found.units
    for part, of_unit in expected.items():
        assert getattr(found, part) == pytest.approx(math.fsum(of_unit.values()), rel=1e-10, abs=1e-13)
        assert units[part].to_dict() == pytest.approx(of_unit, rel=1e-9, abs=1e-13)
    assert found.then == pytest.approx(sg.mutual_information(population(then)), rel=1e-13)
    assert found.now == pytest.approx(sg.mutual_information(population(now)), rel=1e-13)
    assert_sums(found)


@pytest.mark.parametrize("method", METHODS)
def test_a_population_against_itself_is_exactly_0(method):
    pop = sg.sample("sacramento")
    found = sg.change(pop, pop, method=method)
    assert [getattr(found, part) for part in found.parts] == [0.0] * len(found.parts)
    assert found.then == found.now
    assert not found.units[list(found.parts)].to_numpy().any()
    assert found.table["share"].isna().all()
    moved = pop.subset(np.ones(pop.n_units, dtype=bool)).select(*pop.groups[::-1])
    assert all(getattr(sg.change(pop, moved, method=method), part) == 0 for part in found.parts)


@pytest.mark.parametrize("method", FITTED)
@pytest.mark.parametrize("side", ["group", "unit", "both"])
def test_other_margins_are_no_structure(method, side):
    rng = np.random.default_rng(3)
    then = rng.integers(1, 50, (15, 4)).astype(float)
    now = then.copy()
    if side != "unit":
        now[:, 0] *= 3
    if side != "group":
        now *= rng.uniform(0.3, 3, (15, 1))
    found = sg.change(population(of_array(then)), population(of_array(now)), method=method)
    assert found.structure == pytest.approx(0, abs=1e-13)
    assert found.units["structure"].tolist() == pytest.approx([0] * 15, abs=1e-13)
    assert abs(found.now - found.then) > 1e-3
    assert_sums(found)


def test_time_backwards_turns_the_sign():
    then, now = random_pair(7)
    forth = sg.change(population(then), population(now))
    back = sg.change(population(now), population(then))
    for part in ("group_margin", "unit_margin", "structure"):
        assert getattr(back, part) == pytest.approx(-getattr(forth, part), rel=1e-12, abs=1e-14)
    assert (back.additions, back.removals) == pytest.approx((-forth.removals, -forth.additions), rel=1e-12)


def test_groups_and_units_trade_places():
    rng = np.random.default_rng(2)
    then, now = (rng.integers(1, 50, (6, 6)) for _ in range(2))
    for method in FITTED:
        found = sg.change(population(of_array(then)), population(of_array(now)), method=method)
        turned = sg.change(population(of_array(then.T)), population(of_array(now.T)), method=method)
        assert turned.group_margin == pytest.approx(found.unit_margin, rel=1e-11)
        assert turned.unit_margin == pytest.approx(found.group_margin, rel=1e-11)
        assert turned.structure == pytest.approx(found.structure, rel=1e-11)


@st.composite
def pairs(draw):
    """Draw two small tables with the same or other units and groups, and many empty cells."""
    n, m = draw(st.integers(2, 6)), draw(st.integers(2, 4))
    cell = st.integers(0, 4)
    tables = []
    for _ in range(2):
        counts = draw(st.lists(st.lists(cell, min_size=m, max_size=m), min_size=n, max_size=n))
        table = of_array(np.array(counts))
        for name in draw(st.sets(st.sampled_from(sorted(table)), max_size=1)):
            table[f"other {name}"] = table.pop(name)
        tables.append(table)
    return tables


def changed(then, now, method):
    """Return the change, or None where nothing is common."""
    try:
        return quietly(sg.change, then, now, method=method)
    except sg.DataError as error:
        assert "M compares two" in str(error) or "No unit has people in both" in str(error)  # noqa: PT017
        return None


@given(pair=pairs(), method=st.sampled_from(METHODS))
def test_parts_add_up(pair, method):
    found = changed(*map(population, pair), method)
    if found is not None:
        assert_sums(found)


@given(pair=pairs(), method=st.sampled_from(METHODS), seed=st.integers(0, 99))
def test_order_changes_no_bit(pair, method, seed):
    then, now = map(population, pair)
    rng = np.random.default_rng(seed)

    def moved(pop):
        frame = pop.to_frame().iloc[rng.permutation(pop.n_units)]
        return sg.Population.from_frame(frame, [pop.groups[m] for m in rng.permutation(pop.n_groups)])

    first, second = changed(then, now, method), changed(moved(then), moved(now), method)
    assert (first is None) == (second is None)
    if first is not None:
        pd.testing.assert_frame_equal(first.table, second.table, check_exact=True)
        pd.testing.assert_frame_equal(first.units, second.units.loc[first.units.index], check_exact=True)


@given(pair=pairs(), method=st.sampled_from(METHODS), factors=st.tuples(*[st.sampled_from([0.5, 3.0, 1e5])] * 2))
def test_scale_changes_nothing(pair, method, factors):
    scaled = [
        {unit: {group: factor * x for group, x in row.items()} for unit, row in table.items()}
        for table, factor in zip(pair, factors, strict=True)
    ]
    first, second = changed(*map(population, pair), method), changed(*map(population, scaled), method)
    assert (first is None) == (second is None)
    if first is not None:
        assert second.table["value"].tolist() == pytest.approx(first.table["value"].tolist(), abs=1e-10, nan_ok=True)


def test_units_without_people_are_not_there():
    then = {"a": {"x": 5, "y": 2}, "b": {"x": 1, "y": 6}, "c": {"x": 3, "y": 3}, "d": {"x": 0, "y": 0}}
    now = {"a": {"x": 4, "y": 4}, "b": {"x": 2, "y": 5}, "c": {"x": 0, "y": 0}, "d": {"x": 0, "y": 0}}
    fewer = {name: row for name, row in now.items() if name in "ab"}
    found, expected = (sg.change(population(then), population(one)) for one in (now, fewer))
    assert found.table.equals(expected.table)
    assert found.units["status"].to_dict() == {"a": "common", "b": "common", "c": "removed", "d": "empty"}


def test_groups_that_are_in_one_only():
    then = {"a": {"x": 5, "y": 2}, "b": {"x": 1, "y": 6}, "c": {"x": 3, "y": 3}}
    now = {"a": {"x": 5, "y": 2, "z": 9}, "b": {"x": 1, "y": 6, "z": 0}, "c": {"x": 0, "y": 0, "z": 4}}
    found = sg.change(population(then), population(now))
    without = population({name: {"x": now[name]["x"], "y": now[name]["y"]} for name in "ab"})
    assert found.additions == pytest.approx(sg.mutual_information(population(now)) - sg.mutual_information(without))
    assert (found.group_margin, found.unit_margin, found.structure) == (0, 0, 0)
    assert found.notes == (
        "2 units compared, 0 added, 0 removed",
        "1 unit of both left out with groups that are in one only (first: 'c')",
        "1 group not compared, with people in one only: 'z'",
    )
    assert found.units["status"].to_dict() == {"a": "common", "b": "common", "c": "not compared"}
    assert_sums(found)


# tables that do not exist -----------------------------------------------------------------

APART = {"a": {"x": 10, "y": 0}, "b": {"x": 0, "y": 10}}


def test_margins_of_separate_groups_have_no_value_each():
    now = {"a": {"x": 10, "y": 0}, "b": {"x": 0, "y": 20}}
    message = (
        r"No value: group margin, unit margin\. The structure of then does not fit the units' sizes of then and the "
        r"groups' shares of now: after \d+ steps group 'x' has 0\.5 of the people where 0\.333333 are wanted "
        r"\(and 3 tables more like it\); empty cells stay empty\."
    )
    with pytest.warns(sg.UndefinedIndexWarning, match=message):
        found = sg.change(population(APART), population(now))
    assert np.isnan([found.group_margin, found.unit_margin]).all()
    assert found.structure == 0
    assert found.residual == pytest.approx(found.now - found.then, rel=1e-12)
    assert found.notes[-1].startswith("No value: group margin")
    assert_sums(found)


def test_a_structure_that_no_margins_fit():
    now = {"a": {"x": 5, "y": 5}, "b": {"x": 2, "y": 18}}
    for method, undefined in (("shapley", "group_margin unit_margin structure"), ("km", "interaction structure")):
        with pytest.warns(sg.UndefinedIndexWarning, match="No value: .*structure"):
            found = sg.change(population(APART), population(now), method=method)
        assert {part for part in found.parts if math.isnan(getattr(found, part))} == set(undefined.split())
        assert_sums(found)


def test_more_groups_than_units_names_the_unit():
    then = {"a": {"w": 4, "x": 3, "y": 0, "z": 0}, "b": {"w": 0, "x": 0, "y": 5, "z": 4}}
    now = {"a": {"w": 9, "x": 8, "y": 0, "z": 0}, "b": {"w": 0, "x": 0, "y": 5, "z": 4}}
    with pytest.warns(sg.UndefinedIndexWarning, match=r"unit 'a' has 0\.\d+ of the people where 0\.\d+ are wanted"):
        sg.change(population(then), population(now))


def test_separate_parts_that_keep_their_sizes_are_fine():
    then = {"a": {"x": 3, "y": 7, "z": 0}, "b": {"x": 4, "y": 6, "z": 0}, "c": {"x": 0, "y": 0, "z": 5}}
    now = {"a": {"x": 5, "y": 5, "z": 0}, "b": {"x": 3, "y": 7, "z": 0}, "c": {"x": 0, "y": 0, "z": 5}}
    found = sg.change(population(then), population(now))
    expected = oracle.parts(then, now, "shapley")
    for part, of_unit in expected.items():
        assert getattr(found, part) == pytest.approx(math.fsum(of_unit.values()), abs=1e-12)


# what is refused --------------------------------------------------------------------------


def test_what_is_no_population():
    with pytest.raises(sg.ParameterError, match="change takes two Populations, not str"):
        sg.change(sg.sample("schools"), "schools")


def test_an_environment_is_refused():
    pop = population(of_array(np.ones((3, 2))))
    around = pop.within(sg.Weights(scipy.sparse.eye_array(3, format="csr")))
    with pytest.raises(sg.ParameterError, match=r"In an environment M is no longer that of a table.*population\.home"):
        sg.change(pop, around)


def test_an_unknown_method():
    pop = sg.sample("schools")
    with pytest.raises(sg.ParameterError, match=r"method='elbers' is not known; it is one of 'shapley', 'km', 'mrc'"):
        sg.change(pop, pop, method="elbers")


def test_ids_of_another_kind():
    table = {1: {"x": 5, "y": 2}, 2: {"x": 1, "y": 6}}
    text = {str(name): row for name, row in table.items()}
    with pytest.raises(sg.DataError, match=r"No unit has people in both populations \(ids then: 1, 2; now: '1', '2'\)"):
        sg.change(population(table), population(text))


def test_groups_of_other_names():
    then, now = {"a": {"x": 5, "y": 2}}, {"a": {"x": 5, "why": 2}}
    with pytest.raises(
        sg.DataError, match=r"1 group with people in both populations \(groups then: 'x', 'y'; now: 'why', 'x'\)"
    ):
        sg.change(population(then), population(now))


def test_how_it_shows_itself():
    then, now = random_pair(1)
    found = sg.change(population(then), population(now), method="km")
    assert repr(found).splitlines()[0].startswith("Change of M by ")
    assert "(method 'km')" in repr(found)
    assert "note: 15 units compared, 2 added, 3 removed" in repr(found)
    assert "<table" in found._repr_html_()
    table = found.table
    assert table["part"].tolist() == list(found.parts)
    assert table["share"].sum() == pytest.approx(1)
    assert list(found.units.columns) == ["status", "then", "now", *found.parts]
    assert found.units.index.tolist() == [*then, *(name for name in now if name not in then)]
    assert "interaction" not in sg.change(population(then), population(now)).parts
