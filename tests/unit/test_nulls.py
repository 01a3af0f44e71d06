"""Tests against chance: what is drawn, what is counted, what is refused."""

import itertools
import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import segregate as sg
from segregate.inference._replicates import p_value

GRID = sg.Kernel(150)


def people(rows, **more):
    rows = np.asarray(rows, dtype=float)
    names = [f"g{m}" for m in range(rows.shape[1])]
    frame = pd.DataFrame(rows, columns=names, index=[f"u{j:02d}" for j in range(len(rows))])
    return sg.Population.from_frame(frame, names, **more)


def on_a_line(rows, step=100.0):
    rows = np.asarray(rows, dtype=float)
    names = [f"g{m}" for m in range(rows.shape[1])]
    points = gpd.points_from_xy(step * np.arange(len(rows)), np.zeros(len(rows)))
    frame = gpd.GeoDataFrame(pd.DataFrame(rows, columns=names), geometry=points, crs=32633)
    return sg.Population.from_frame(frame, names)


def dissimilarity(x, y):
    return sum(abs(a / sum(x) - b / sum(y)) for a, b in zip(x, y, strict=True)) / 2


def test_the_p_value_of_people_is_that_of_all_allocations():
    """Twelve people in units of 3, 4 and 5; all allocations of five of them are enumerated."""
    totals, members = (3, 4, 5), 5
    observed = (3, 1, 1)
    value = dissimilarity(observed, [t - x for t, x in zip(totals, observed, strict=True)])
    ways, reached, mean = 0, 0, 0.0
    for x in itertools.product(*(range(t + 1) for t in totals)):
        if sum(x) == members:
            weight = math.prod(math.comb(t, k) for t, k in zip(totals, x, strict=True))
            d = dissimilarity(x, [t - k for t, k in zip(totals, x, strict=True)])
            ways += weight
            mean += weight * d
            reached += weight * (d >= value - 1e-12)
    city = people([[x, t - x] for x, t in zip(observed, totals, strict=True)])
    found = sg.monte_carlo_test(city, "D", replicates=40_000, rng=1)
    p = reached / ways
    assert found.statistic == pytest.approx(value, abs=1e-15)
    assert found.p_value == pytest.approx(p, abs=4 * math.sqrt(p * (1 - p) / 40_000))
    assert found.expected == pytest.approx(mean / ways, abs=4 * found.table["sd"][0] / math.sqrt(40_000))


def test_people_keep_both_margins_and_shares_only_the_totals():
    from segregate.inference._draws import of_people, of_shares
    from segregate.inference._replicates import seeds

    city = people([[3, 0, 9], [0, 0, 0], [20, 5, 1]])
    tables = of_people(city)(seeds(50, 0))
    assert (tables.sum(axis=2) == city.totals).all()
    assert (tables.sum(axis=1) == city.counts.sum(axis=0)).all()
    tables = of_shares(city)(seeds(50, 0))
    assert (tables.sum(axis=2) == city.totals).all()
    assert len(np.unique(tables.sum(axis=1), axis=0)) > 10


def test_an_index_that_follows_the_composition_says_so():
    city = people([[3, 9], [20, 5], [7, 7]])
    for null in ("multinomial", "binomial"):
        found = sg.monte_carlo_test(city, "isolation", null=null, replicates=19, rng=1)
        assert any("follows the sizes of groups" in note for note in found.notes)
    for index, null in [("isolation", "people"), ("V", "binomial")]:
        assert not sg.monte_carlo_test(city, index, null=null, replicates=19, rng=1).notes


def test_units_are_rearranged_as_wholes():
    """Four units on a line: all 24 arrangements are enumerated, and what each unit holds stays together."""
    city = on_a_line([[9, 1], [8, 2], [1, 9], [2, 8]])
    values = []
    for order in itertools.permutations(range(4)):
        moved = on_a_line(city.counts[list(order)]).within(GRID)
        values.append(sg.dissimilarity(moved))
    within = city.within(GRID)
    found = sg.monte_carlo_test(within, "D", null="units", replicates=20_000, rng=3)
    value = sg.dissimilarity(within)
    p = np.mean([v >= value - 1e-12 for v in values])
    assert set(np.round(found.null, 10)) == set(np.round(values, 10))
    assert found.p_value == pytest.approx(p, abs=4 * math.sqrt(p * (1 - p) / 20_000))


def test_units_without_people_stay_where_they_are():
    city = on_a_line([[9, 1], [0, 0], [8, 2], [1, 9]]).within(GRID)
    rows = city.counts
    values = {
        round(sg.dissimilarity(on_a_line([rows[a], rows[1], rows[b], rows[c]]).within(GRID)), 10)
        for a, b, c in itertools.permutations([0, 2, 3])
    }
    found = sg.monte_carlo_test(city, "D", null="units", replicates=200, rng=3)
    assert set(np.round(found.null, 10)) == values


@pytest.mark.parametrize("environment", [sg.Nearest(15), sg.Flows(np.array([[3, 1], [1, 1], [1, 3], [0, 1]]))])
def test_surroundings_are_built_again_where_totals_move(environment):
    city = on_a_line([[9, 1], [3, 2], [1, 29], [2, 8]])
    values = {
        round(sg.dissimilarity(on_a_line(city.counts[list(order)]).within(environment)), 10)
        for order in itertools.permutations(range(4))
    }
    found = sg.monte_carlo_test(city.within(environment), "D", null="units", replicates=300, rng=1)
    assert set(np.round(found.null, 10)) == values


def test_an_index_of_space_at_home_is_tested_by_rearranging():
    city = sg.sample("sacramento")
    with pytest.warns(sg.SegregateWarning, match="degrees"):
        found = sg.monte_carlo_test(city, "spatial_proximity", null="units", group="black", replicates=19, rng=1)
    assert found.p_value == 0.05
    with pytest.warns(sg.SegregateWarning, match="degrees"):
        found = sg.monte_carlo_test(sg.sample("sacramento"), "delta", null="units", group="black", replicates=19, rng=1)
    assert np.isfinite(found.null).all()


def test_tables_one_by_one_and_together_give_the_same():
    """Clustering shares its sums among tables; each table alone gives the same numbers."""
    from dataclasses import replace

    from segregate.inference._draws import of_people
    from segregate.inference._replicates import seeds
    from segregate.inference._statistic import Statistic

    rows = np.random.default_rng(5).integers(1, 40, (30, 3))
    city = on_a_line(rows)
    for index, about in [("mean_proximity", {"group": "g1", "other": "g0"}), ("minmax", {"group": "g1"}), ("H", {})]:
        index = sg.bind(index, self_distance="zero") if index == "mean_proximity" else index
        for pop in (city, city.within(GRID)):
            if index != "H" and not isinstance(index, str) and not pop.at_home:
                continue
            one = Statistic(pop, index, **about)
            viewed = one.of_view()
            tables = of_people(viewed.pop)(seeds(7, 1))
            together = viewed.on(tables, moved=False)
            for table, value in zip(tables, together, strict=True):
                alone = replace(viewed.pop.home(), counts=np.ascontiguousarray(table))
                alone = alone if pop.at_home else alone.within(GRID)
                assert Statistic(alone, index, **viewed.focal).value == pytest.approx(value, rel=1e-12)


def test_what_is_tested_is_the_view_of_the_index():
    city = people([[30, 5, 7], [4, 22, 9], [10, 11, 40]])
    pair = sg.monte_carlo_test(city, "atkinson", group="g0", other="g2", replicates=99, rng=1)
    same = sg.monte_carlo_test(city.select("g0", "g2"), "atkinson", replicates=99, rng=1)
    assert (pair.null == same.null).all()
    rest = sg.monte_carlo_test(city, "A", group="g0", replicates=99, rng=1)
    same = sg.monte_carlo_test(city.versus("g0"), "A", replicates=99, rng=1)
    assert (rest.null == same.null).all()
    assert (rest.about["group"], rest.about["versus"]) == ("g0", "rest")
    found = sg.monte_carlo_test(city, "D", group="g1", replicates=19, rng=1)
    assert (found.about["group"], found.about["versus"]) == ("g1", "rest")
    assert found.statistic == sg.dissimilarity(city.versus("g1"))
    assert sg.monte_carlo_test(city, "isolation", group="g0", replicates=19, rng=1).about["group"] == "g0"


def test_two_runs_and_other_rows_give_the_same_bits():
    city = people(np.random.default_rng(1).integers(0, 30, (40, 3)))
    first = sg.monte_carlo_test(city, "H", replicates=99, rng=5)
    again = sg.monte_carlo_test(city, "H", replicates=99, rng=5)
    other = sg.monte_carlo_test(city, "H", replicates=99, rng=6)
    assert (first.null == again.null).all()
    assert (first.null != other.null).any()
    shuffled = city.to_frame().sample(frac=1, random_state=3)
    moved = sg.monte_carlo_test(sg.Population.from_frame(shuffled, list(city.groups)), "H", replicates=99, rng=5)
    assert moved.null == pytest.approx(first.null, rel=1e-12)
    generator = np.random.default_rng(5)
    one = sg.monte_carlo_test(city, "H", replicates=99, rng=generator)
    two = sg.monte_carlo_test(city, "H", replicates=99, rng=generator)
    assert (one.null == first.null).all()
    assert (two.null != one.null).any()


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=60), st.floats(-1, 1))
def test_p_values_are_counted_with_the_statistic_among_them(null, value):
    null = np.array(null)
    near = 1e-12 * max(1.0, abs(value))
    more = (1 + sum(v >= value - near for v in null)) / (len(null) + 1)
    less = (1 + sum(v <= value + near for v in null)) / (len(null) + 1)
    assert p_value(value, null, "greater") == more
    assert p_value(value, null, "less") == less
    assert p_value(value, null, "two-sided") == min(1.0, 2 * min(more, less))
    assert math.isnan(p_value(math.nan, null, "less"))


def test_ties_by_rounding_count_as_reached():
    assert p_value(0.3, np.array([0.3 - 1e-13, 0.1]), "greater") == 2 / 3


def test_undefined_replicates_are_counted_and_said():
    """One person of the first group; exact isolation is undefined where that person stands alone."""
    city = people([[1, 0], [0, 1], [0, 1], [0, 3]])
    with pytest.warns(sg.SegregateWarning):
        found = sg.monte_carlo_test(city, sg.bind("isolation", exact=True), group="g0", replicates=199, rng=1)
    assert math.isnan(found.p_value)  # the statistic itself is undefined
    city = people([[1, 4], [0, 1], [0, 1], [0, 3]])
    with pytest.warns(sg.SegregateWarning, match="fewer than 2 people left out"):
        found = sg.monte_carlo_test(city, sg.bind("isolation", exact=True), group="g0", replicates=199, rng=1)
    assert 0 < found.undefined < 199
    assert found.undefined == np.isnan(found.null).sum()
    assert "left out" in found.notes[0]
    assert "undefined on" in found.notes[1]
    assert found.p_value == (np.nansum(found.null >= found.statistic - 1e-12) + 1) / (200 - found.undefined)


def test_an_undefined_statistic_has_no_p_value_and_a_reason():
    city = people([[4, 0], [2, 0]])
    with pytest.warns(sg.UndefinedIndexWarning, match="only one group"):
        found = sg.monte_carlo_test(city, "H", rng=1)
    assert math.isnan(found.p_value)
    assert "only one group" in found.notes[0]


def test_parts_of_people_are_refused_or_rounded():
    city = people([[4.5, 2.5], [2, 1], [3.2, 0.9]])
    with pytest.raises(
        sg.DataError, match=r"2 units of 3 have counts that are not whole numbers \(first: 'u00', 'u02'"
    ):
        sg.monte_carlo_test(city, "H")
    found = sg.monte_carlo_test(city, "H", round="largest_remainder", replicates=19, rng=1)
    assert "rounded to whole people" in found.notes[0]
    assert found.statistic == sg.information_theory(people([[5, 2], [2, 1], [3, 1]]))
    with pytest.raises(sg.ParameterError, match="largest_remainder"):
        sg.monte_carlo_test(city, "H", round="up")
    with pytest.raises(sg.DataError, match="a total that is not a whole number"):
        sg.monte_carlo_test(people([[4.5, 2], [2, 1]]), "H", null="multinomial")


def test_the_largest_remainder_keeps_totals():
    from segregate.inference._whole import largest_remainder

    rows = np.random.default_rng(0).uniform(0, 9, (200, 4))
    found = largest_remainder(rows)
    assert (found == np.floor(found)).all()
    assert (found.sum(axis=1) == np.rint(rows.sum(axis=1))).all()
    assert (abs(found - rows) < 1).all()
    assert largest_remainder(np.array([[0.5, 0.5]])).tolist() == [[1, 0]]


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"null": "person"}, "null='person' is not known; it is one of 'people'"),
        ({"alternative": "more"}, "alternative='more'"),
        ({"replicates": 0}, "replicates=0 is a whole number"),
        ({"null": "units"}, "information_theory does not see where units lie"),
        ({"null": "binomial"}, "null='binomial' is about two groups, and information_theory sees 3 here"),
        ({"other": "g1"}, "other='g1' is set against a group: say which by group="),
        ({"group": "g9"}, "no group|is not a group"),
    ],
)
def test_what_is_refused(how, message):
    with pytest.raises((sg.ParameterError, sg.UnknownNameError), match=message):
        sg.monte_carlo_test(people([[1, 2, 3], [3, 2, 1]]), "H", **how)


def test_local_indices_and_other_things_are_refused():
    city = people([[1, 2], [3, 1]])
    with pytest.raises(sg.ParameterError, match="gives one value per unit"):
        sg.monte_carlo_test(city, "location_quotient")
    with pytest.raises(sg.ParameterError, match="takes a Population, not DataFrame"):
        sg.monte_carlo_test(city.to_frame(), "H")


def test_the_other_of_one_group_is_refused():
    with pytest.raises(
        sg.ParameterError, match=r"isolation takes one group against everybody else, .*select\('g0', 'g1'\)"
    ):
        sg.monte_carlo_test(people([[1, 2], [3, 1]]), "isolation", group="g0", other="g1")


def test_surroundings_that_are_not_those_of_the_units_are_refused():
    city = on_a_line([[9, 1], [8, 2], [1, 9], [2, 8]]).within(GRID)
    part = city.subset(np.array([True, True, True, False]))
    with pytest.raises(sg.ParameterError, match="not those that its environment"):
        sg.monte_carlo_test(part, "H", replicates=19)
    chosen = on_a_line([[9, 1, 3], [8, 2, 2], [1, 9, 9]]).within(sg.Nearest(10)).select("g0", "g1")
    with pytest.raises(sg.ParameterError, match="name the groups by group= and other="):
        sg.monte_carlo_test(chosen, "H", replicates=19)


def test_groups_named_within_nearest_people_keep_its_surroundings():
    """The two groups are drawn, the neighbourhoods stay those of everybody."""
    city = on_a_line([[9, 1, 3], [8, 2, 2], [1, 9, 9], [5, 5, 0]]).within(sg.Nearest(12))
    found = sg.monte_carlo_test(city, "atkinson", group="g0", other="g1", replicates=99, rng=1)
    assert found.statistic == sg.atkinson(city.select("g0", "g1"))
    assert np.isfinite(found.null).all()


def test_stopping_keeps_what_is_there(monkeypatch):
    city = people(np.random.default_rng(1).integers(0, 30, (40, 3)))
    whole = sg.monte_carlo_test(city, "H", replicates=200, rng=5)
    monkeypatch.setattr("segregate.inference._statistic.CELLS", 40 * 3 * 10)

    def stop(done, todo):
        if done == 60:
            raise KeyboardInterrupt

    with pytest.warns(sg.SegregateWarning, match="Stopped after 60 of 200 replicates"):
        found = sg.monte_carlo_test(city, "H", replicates=200, rng=5, progress=stop)
    assert (found.null == whole.null[:60]).all()
    assert "stopped after 60 of 200 replicates" in found.notes

    def at_once(done, todo):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sg.monte_carlo_test(city, "H", replicates=200, rng=5, progress=at_once)


def test_progress_counts_replicates():
    heard = []
    sg.monte_carlo_test(people([[5, 3], [2, 9]]), "D", replicates=30, progress=lambda *at: heard.append(at), rng=1)
    assert heard == [(k + 1, 30) for k in range(30)]


def test_the_result_shows_itself():
    found = sg.monte_carlo_test(people([[30, 5], [4, 22]]), "D", replicates=99, rng=1)
    text = repr(found)
    assert "dissimilarity: 0.6972" in text
    assert "by chance" in text
    assert "<table" in found._repr_html_()
    assert found.table["replicates"][0] == 99
    assert found.z > 3
    constant = sg.monte_carlo_test(people([[5, 5], [0, 0]]), "D", replicates=19, rng=1)
    assert math.isnan(constant.z)
    assert constant.p_value == 1
