"""Segregation curves, segplots, concentration and rank-order profiles: their tables are exact."""

import io
import itertools
import math
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import pyplot

import segregate as sg
from segregate.plot import (
    concentration_profile,
    draw_segplot,
    prepare_concentration_profile,
    prepare_rank_order_profile,
    prepare_segplot,
    prepare_segregation_curve,
    rank_order_profile,
    segplot,
    segregation_curve,
)
from tests.helpers import population, quietly

CITIES = st.integers(2, 5).flatmap(
    lambda groups: st.lists(
        st.lists(st.integers(0, 40), min_size=groups, max_size=groups), min_size=2, max_size=30
    ).filter(lambda city: all(sum(column) > 0 for column in zip(*city, strict=True)))
)


@pytest.fixture(autouse=True)
def no_figure_is_left():
    yield
    pyplot.close("all")


def town(units=40, groups=4, seed=3):
    """Return a city with units of all sizes."""
    counts = np.random.default_rng(seed).gamma(0.7, 60, (units, groups)).round()
    counts[0] += 1
    return population(counts.tolist())


def apart(city, stranded=()):
    """Return a city whose people meet those of the next unit too; some meet nobody."""
    n = len(city)
    weights = scipy.sparse.lil_array((n, n))
    for j in range(n):
        if j not in stranded:
            weights[j, j], weights[j, (j + 1) % n] = 1.0, 0.5
    return population(city).within(sg.Weights(scipy.sparse.csr_array(weights)))


# segregation curve ---------------------------------------------------------------------


def from_table(table):
    """Return D and G of a curve as its table has them."""
    x, y = table["other_share"].to_list(), table["group_share"].to_list()
    area = sum((b - a) * (c + d) for (a, b), (c, d) in zip(itertools.pairwise(x), itertools.pairwise(y), strict=True))
    return max(a - b for a, b in zip(x, y, strict=True)), 1 - area


@given(CITIES)
def test_d_and_g_of_the_curve_are_those_of_the_indices(city):
    pop = population(city)
    prepared = prepare_segregation_curve(pop)
    for row in prepared.curves.itertuples():
        d, g = from_table(prepared.table[prepared.table["curve"] == row.curve])
        two = pop.versus(row.group) if pop.n_groups > 2 else pop
        assert d == pytest.approx(sg.dissimilarity(two), abs=1e-12)
        assert g == pytest.approx(sg.gini(two), abs=1e-12)
        assert (row.dissimilarity, row.gini) == pytest.approx((d, g), abs=1e-14)
        assert row.at_other - row.at_group == row.dissimilarity
    pair = prepare_segregation_curve(pop, group="g1", other="g0")
    d, g = from_table(pair.table)
    assert d == pytest.approx(sg.dissimilarity(pop.select("g0", "g1")), abs=1e-12)
    assert g == pytest.approx(sg.gini(pop.select("g0", "g1")), abs=1e-12)


@given(CITIES)
def test_the_steps_are_those_of_exact_arithmetic(city):
    group, other = [[row[m] for row in city] for m in (0, 1)]
    merged = {}
    for x, y in zip(group, other, strict=True):
        if x + y:
            units, a, b = merged.get(Fraction(x, x + y), (0, 0, 0))
            merged[Fraction(x, x + y)] = (units + 1, a + x, b + y)
    table = prepare_segregation_curve(population(city), group="g0", other="g1").table
    assert len(table) == len(merged) + 1
    assert table.iloc[0][["units", "people", "other_share", "group_share"]].to_list() == [0, 0, 0, 0]
    up = along = 0
    for (_, row), share in zip(table.iloc[1:].iterrows(), sorted(merged), strict=True):
        units, x, y = merged[share]
        up, along = up + x, along + y
        assert (row["units"], row["people"]) == (units, x + y)
        assert row["share"] == pytest.approx(float(share), abs=1e-15)
        assert row["group_share"] == pytest.approx(float(Fraction(up, sum(group))), abs=1e-15)
        assert row["other_share"] == pytest.approx(float(Fraction(along, sum(other))), abs=1e-15)


def test_a_curve_by_hand():
    prepared = prepare_segregation_curve(population([[6, 1], [0, 2], [2, 1], [2, 6], [4, 2]]))
    assert prepared.table["units"].to_list() == [0, 1, 1, 2, 1]
    assert prepared.table["other_share"].to_list() == pytest.approx([0, 2 / 12, 8 / 12, 11 / 12, 1])
    assert prepared.table["group_share"].to_list() == pytest.approx([0, 0, 2 / 14, 8 / 14, 1])
    (row,) = prepared.curves.to_dict("records")
    assert row["dissimilarity"] == pytest.approx(8 / 12 - 2 / 14)
    assert row["gini"] == pytest.approx(1 - (0 + 6 / 12 * 2 / 14 + 3 / 12 * 10 / 14 + 1 / 12 * 22 / 14))
    assert (row["at_other"], row["at_group"]) == pytest.approx((8 / 12, 2 / 14))
    assert (prepared.x_label, prepared.y_label) == ("Cumulative share of g1", "Cumulative share of g0")


@given(CITIES, st.randoms())
def test_the_curve_does_not_depend_on_the_order_of_units_or_on_splitting_them(city, random):
    mixed = [row for row in city for _ in range(2)]
    random.shuffle(mixed)
    one, two = (prepare_segregation_curve(population(rows)).table for rows in (city, mixed))
    columns = ["curve", "share", "other_share", "group_share"]
    pd.testing.assert_frame_equal(one[columns], two[columns])
    assert (two["units"] == 2 * one["units"]).all()


def test_d_and_g_of_many_units_with_parts_of_people():
    counts = np.random.default_rng(9).gamma(0.5, 40, (20_000, 3))
    pop = population(counts.tolist())
    for row in prepare_segregation_curve(pop).curves.itertuples():
        assert row.dissimilarity == pytest.approx(sg.dissimilarity(pop.versus(row.group)), abs=1e-12)
        assert row.gini == pytest.approx(sg.gini(pop.versus(row.group)), abs=1e-12)


def test_which_groups_are_compared_with_which():
    pop = town()
    four = prepare_segregation_curve(pop)
    assert four.curves["curve"].to_list() == ["g0", "g1", "g2", "g3"]
    assert set(four.curves["other"]) == {"everybody else"}
    assert four.title == "Segregation curves of 4 groups against everybody else"
    assert "Groups: g0, g1, g2, g3." in four.caption
    three = prepare_segregation_curve(pop, other="g2")
    assert three.curves["curve"].to_list() == ["g0", "g1", "g3"]
    assert three.y_label == "Cumulative share of the group"
    two = prepare_segregation_curve(pop, group=["g3", "g1"], other="g0")
    assert two.curves["group"].to_list() == ["g3", "g1"]
    assert (
        f"Groups: g0, g1, g3. Environment: home. 40 units, {pop.counts[:, [0, 1, 3]].sum():,.0f} people." in two.caption
    )
    assert prepare_segregation_curve(pop.select("g1", "g2")).curves["group"].to_list() == ["g1"]
    assert prepare_segregation_curve(pop.select("g1", "g2"), group="g2").curves["other"].to_list() == ["g1"]
    assert prepare_segregation_curve(pop.select("g1", "g2"), other="g1").curves["group"].to_list() == ["g2"]


def test_cities_and_years_have_their_curves():
    then, now = town(30), town(50, seed=4)
    years = prepare_segregation_curve({1980: then, 1990: now}, group="g1")
    assert years.curves["curve"].to_list() == ["1980", "1990"]
    assert years.curves["population"].to_list() == ["1980", "1990"]
    assert years.title == "Segregation curves of g1 against everybody else"
    assert years.curves["dissimilarity"].to_list() == pytest.approx(
        [sg.dissimilarity(pop.versus("g1")) for pop in (then, now)], abs=1e-12
    )
    assert f"80 units, {then.size + now.size:,.0f} people." in years.caption
    assert f"1980: 30 units, {then.size:,.0f} people; 1990: 50 units, {now.size:,.0f} people." in years.caption
    both = prepare_segregation_curve({"a": then, "b": now}, group=["g1", "g2"])
    assert both.curves["curve"].to_list() == ["a: g1", "a: g2", "b: g1", "b: g2"]
    assert len(set(both.curves["color"])) == 4


def test_a_group_without_people_has_no_curve():
    pop = population([[5, 0, 3], [2, 0, 4]])
    prepared = prepare_segregation_curve(pop)
    assert prepared.curves["curve"].to_list() == ["g0", "g2"]
    assert "g1: no curve, nobody is of 'g1'." in prepared.caption
    with pytest.raises(sg.DataError, match=r"no segregation curve to draw\. g1: no curve, nobody is of 'g1'\."):
        segregation_curve(pop, group="g1")
    with pytest.raises(sg.DataError, match="nobody is of 'everybody else'"):
        segregation_curve(population([[5, 0, 0], [2, 0, 0]]), group="g0")
    with pytest.raises(sg.DataError, match="nobody is of 'g0' or 'g1'"):
        segregation_curve(population([[0, 0], [0, 0]]))


@pytest.mark.parametrize(
    ("how", "kind", "message"),
    [
        ({"group": "G3"}, sg.UnknownNameError, "group='G3' is not a group. Did you mean 'g3'"),
        ({"other": "h"}, sg.UnknownNameError, "other='h' is not a group. There are: 'g0', 'g1', 'g2', 'g3'"),
        ({"group": "g1", "other": "g1"}, sg.ParameterError, "group= and other= are both 'g1'"),
        ({"group": []}, sg.ParameterError, r"group= is a group, or a list of different groups, not \[\]"),
        ({"group": ["g1", "g1"]}, sg.ParameterError, "a list of different groups"),
        ({"palette": ["red"]}, sg.ParameterError, "one for each of the 4; 1 given"),
    ],
)
def test_curves_that_there_are_not(how, kind, message):
    with pytest.raises(kind, match=message):
        segregation_curve(town(), **how)


def test_what_is_no_population_has_no_picture():
    for function in (segregation_curve, segplot, concentration_profile, rank_order_profile):
        with pytest.raises(sg.ParameterError, match=r"is drawn of a Population.* not of \[1, 2\]"):
            function([1, 2])
    with pytest.raises(sg.ParameterError, match=r"or of {label: Population, \.\.\.}, not of {}"):
        segregation_curve({})
    with pytest.raises(sg.ParameterError, match="Two populations have one label: 1, '1'"):
        segregation_curve({1: town(), "1": town()})
    with pytest.raises(sg.UnknownNameError, match="group='g3' is not a group in 'b'"):
        segregation_curve({"a": town(), "b": town(groups=3)}, group="g3")
    with pytest.raises(sg.ParameterError, match="8 curves were asked for, and no more than 7 can be told apart"):
        segregation_curve({"a": town(), "b": town()})
    with pytest.raises(sg.ParameterError, match=r"only at home, .* population\.home\(\)"):
        segregation_curve(apart([[5, 3], [2, 4]]))


# concentration profile -----------------------------------------------------------------


def members_with(city, around, m, s):
    """Return the share of a group's members in units where it is at least s of the people met."""
    met = [(row[m], near[m] / sum(near)) for row, near in zip(city, around, strict=True) if sum(near) > 0]
    return sum(x for x, p in met if p >= s) / sum(x for x, _ in met)


@given(CITIES, st.lists(st.floats(0, 1), min_size=1, max_size=10), st.booleans())
def test_the_profile_is_the_share_of_members_and_its_area_the_index(city, places, near):
    pop = apart(city, stranded=[0] if len(city) > 2 else []) if near else population(city)
    around = pop.surroundings.tolist()
    for m, group in enumerate(pop.groups):
        if not any(row[m] and sum(met) for row, met in zip(city, around, strict=True)):
            continue
        prepared = prepare_concentration_profile(pop, group=group)
        table, share = prepared.table, sum(row[m] for row in city) / sum(map(sum, city))
        low, high, v, expected = (table[name].to_list() for name in ("low", "high", "members", "expected"))
        assert (low[0], high[-1], low[1:]) == (0, 1, high[:-1])
        assert all(a < b for a, b in zip(low, high, strict=True))
        assert prepared.share == pytest.approx(share, abs=1e-15)
        for s in [*places, *((a + b) / 2 for a, b in zip(low, high, strict=True))]:
            (row,) = table[(table["low"] < s) & (s <= table["high"])].to_dict("records") or table.iloc[:1].to_dict(
                "records"
            )
            if s > 0 and min(abs(s - edge) for edge in low + high) > 1e-9:
                assert row["members"] == pytest.approx(members_with(city, around, m, s), abs=1e-12)
                assert row["expected"] == (s <= share)
        area = sum((b - a) * abs(x - y) for a, b, x, y in zip(low, high, v, expected, strict=True))
        index = quietly(sg.concentration_profile, pop, group=group)
        assert area / (1 - share) == pytest.approx(index, abs=1e-12)
        assert prepared.value == pytest.approx(index, abs=1e-12)


def test_a_profile_by_hand():
    prepared = prepare_concentration_profile(population([[6, 2], [2, 6], [0, 4], [3, 1]]))
    assert prepared.table["low"].to_list() == pytest.approx([0, 0.25, 11 / 24, 0.75])
    assert prepared.table["members"].to_list() == pytest.approx([1, 9 / 11, 9 / 11, 0])
    assert prepared.table["expected"].to_list() == [1, 1, 0, 0]
    area = (11 / 24 - 1 / 4) * 2 / 11 + (3 / 4 - 11 / 24) * 9 / 11
    assert prepared.value == pytest.approx(area / (13 / 24))
    assert prepared.title == "Concentration profile of g0"
    assert prepared.x_label == "Share s of g0 among the people of a unit"


def test_a_profile_within_an_environment_says_who_is_left_out():
    prepared = prepare_concentration_profile(apart([[6, 2], [2, 6], [0, 4], [3, 1]], stranded=[3]), group="g0")
    assert "1 unit whose surroundings hold nobody left out (3 of 11 members)." in prepared.caption
    assert "Environment: weights." in prepared.caption
    assert prepared.x_label == "Share s of g0 among the people met"


def test_profiles_that_there_are_not():
    with pytest.raises(sg.ParameterError, match="the population has 4: pass group="):
        concentration_profile(town())
    with pytest.raises(sg.UnknownNameError, match="group='x' is not a group"):
        concentration_profile(town(), group="x")
    with pytest.raises(sg.DataError, match="Nobody is of group 'g1', so there is no profile"):
        concentration_profile(population([[1, 0], [2, 0]]), group="g1")
    with pytest.raises(sg.DataError, match="Everybody is of group 'g0', so there is no profile"):
        concentration_profile(population([[1, 0], [2, 0]]), group="g0")
    with pytest.raises(sg.DataError, match="No member of group 'g0' meets anybody"):
        concentration_profile(apart([[1, 1], [0, 4]], stranded=[0]), group="g0")


# segplot -------------------------------------------------------------------------------


def shares_of(row):
    return [x / sum(row) for x in row]


def entropy_of(row):
    return -sum(p * math.log(p) for p in shares_of(row) if p)


@given(CITIES, st.sampled_from(["majority", "segregation", "entropy"]))
def test_bars_are_the_units_in_their_order(city, order):
    pop = population(city)
    people = [sum(column) for column in zip(*city, strict=True)]
    table = prepare_segplot(pop, order=order).table
    units = table.groupby("unit", sort=False).first()
    assert sorted(units.index) == [j for j, row in enumerate(city) if sum(row)]
    assert units["left"].to_list() == [0, *units["right"].to_list()[:-1]]
    assert units["right"].iloc[-1] == sum(people)
    largest = people.index(max(people))
    keys = {
        "majority": lambda row: -shares_of(row)[largest],
        "segregation": lambda row: (
            -sum(p * math.log(p * sum(people) / x) for p, x in zip(shares_of(row), people, strict=True) if p)
        ),
        "entropy": entropy_of,
    }
    found = [keys[order](city[j]) for j in units.index]
    assert found == pytest.approx(sorted(found), abs=1e-12)
    for unit, rows in table.groupby("unit"):
        row = dict(zip(pop.groups, city[unit], strict=True))
        assert (rows["right"] - rows["left"]).to_list() == [sum(city[unit])] * len(row)
        assert rows["people"].to_list() == [sum(city[unit])] * len(row)
        assert rows["share"].to_list() == pytest.approx([row[g] / sum(city[unit]) for g in rows["group"]], abs=1e-15)
        assert rows["low"].to_list() == [0, *rows["high"].to_list()[:-1]]
        assert (rows["high"] - rows["low"]).to_list() == pytest.approx(rows["share"].to_list(), abs=1e-15)
        assert rows["high"].iloc[-1] == pytest.approx(1, abs=1e-15)
    assert order != "majority" or table["group"].iloc[0] == f"g{largest}"


@given(CITIES, st.randoms(), st.sampled_from(["majority", "segregation", "entropy"]))
def test_the_picture_does_not_depend_on_the_order_of_units(city, random, order):
    mixed = random.sample(city, len(city))
    one, two = (prepare_segplot(population(rows), order=order).table for rows in (city, mixed))

    def steps(table):
        """Return the composition at every person, units of one composition together."""
        wide = table.pivot_table(index="left", columns="group", values="share").round(12)
        alike = (wide == wide.shift()).all(axis=1)
        return wide[~alike]

    a, b = steps(one), steps(two)
    if order == "majority":  # sums of logarithms may differ in the last digit from row to row
        pd.testing.assert_frame_equal(a, b)
    assert len(one) == len(two)


def test_the_bar_at_the_side_is_everybody_or_the_reference():
    pop = town()
    everybody = prepare_segplot(pop)
    sizes = dict(zip(pop.groups, pop.counts.sum(axis=0), strict=True))
    assert everybody.reference_name == "All"
    for row in everybody.reference.itertuples():
        assert row.share == pytest.approx(sizes[row.group] / sum(sizes.values()), abs=1e-15)
        assert row.high - row.low == pytest.approx(row.share, abs=1e-15)
    wider = prepare_segplot(pop, reference={"g0": 1, "g1": 1, "g2": 2, "g3": 0.5}, order="segregation")
    assert wider.reference_name == "Reference"
    assert wider.reference["share"].to_list() == pytest.approx([1 / 4.5, 1 / 4.5, 2 / 4.5, 0.5 / 4.5])
    assert wider.x_label == "People, in units sorted by divergence from the reference, greatest first"
    assert wider.title == "Composition of the units and of the reference"
    with pytest.raises(sg.UnknownNameError, match="they must be the same"):
        segplot(pop, reference={"g0": 1})
    without = {"g0": 1, "g1": 0, "g2": 2, "g3": 0.5}
    assert prepare_segplot(pop, reference=without).reference["share"].min() == 0
    with pytest.raises(sg.DataError, match="The reference has nobody of 'g1', and .* of 40 have such people .first: 0"):
        segplot(pop, reference=without, order="segregation")


def test_units_are_sorted_by_numbers_of_the_user():
    pop = population([[1, 2], [3, 4], [0, 0], [5, 6]])
    assert prepare_segplot(pop, order=[3, 1, np.nan, 2]).table["unit"].unique().tolist() == [1, 3, 0]
    income = pd.Series([2, 0, 1, 9], index=[3, 2, 1, 0], name="income {k}")
    prepared = prepare_segplot(pop, order=income)
    assert prepared.table["unit"].unique().tolist() == [1, 3, 0]
    assert prepared.x_label == "People, in units sorted by income {k}"
    assert "1 unit without people has no bar." in prepared.caption
    assert prepared.table["group"].to_list()[:2] == ["g0", "g1"]


@pytest.mark.parametrize(
    ("order", "kind", "message"),
    [
        (
            "size",
            sg.ParameterError,
            "order='size' is not known; it is one of 'majority', 'segregation', 'entropy', or one",
        ),
        (None, sg.ParameterError, "order=None is not known"),
        ([1, 2], sg.ParameterError, "order= has 2 values for 4 units"),
        (["a", "b", "c", "d"], sg.ParameterError, "order= takes numbers to sort the units by: could not convert"),
        ([1, np.nan, 2, np.inf], sg.DataError, "2 units of 4 have people and no finite number in order= .first: 1, 3"),
    ],
)
def test_orders_that_there_are_not(order, kind, message):
    with pytest.raises(kind, match=message):
        segplot(population([[1, 2], [3, 4], [0, 1], [5, 6]]), order=order)


def test_segplots_that_there_are_not():
    with pytest.raises(sg.DataError, match="Nobody lives in the 2 units, so there is nothing to draw"):
        segplot(population([[0, 0], [0, 0]]))
    with pytest.raises(sg.DataError, match=r"There are 13 groups, and no more than 12 .* population\.merge"):
        segplot(town(groups=13))
    one = prepare_segplot(population([[3, 0], [5, 0]]))
    assert one.table["share"].to_list() == [1, 0, 1, 0]


def test_within_an_environment_bars_show_whom_people_meet():
    city = [[6, 2], [2, 6], [0, 4], [3, 1], [0, 0]]
    pop = apart(city, stranded=[2])
    prepared = prepare_segplot(pop)
    table = prepared.table[prepared.table["group"] == "g0"].set_index("unit")
    assert table["share"].to_dict() == pytest.approx(
        {0: (6 + 1) / (8 + 4), 1: 2 / (8 + 2), 3: 3 / 4, 2: math.nan}, nan_ok=True
    )
    assert table.index.to_list() == [1, 0, 3, 2]  # g1 is the larger group: 13 of 24
    assert table["people"].to_list() == [8, 8, 4, 4]
    assert prepared.y_label == "Share of the people met"
    assert "Hatched: 1 unit whose surroundings hold nobody (4 people)." in prepared.caption
    ax = draw_segplot(prepared, managed=False)
    (nobody,) = [patch for patch in ax.patches if patch.get_gid() == "nobody"]
    assert (nobody.get_x(), nobody.get_x() + nobody.get_width()) == (20, 24)
    assert [text.get_text() for text in ax.get_legend().get_texts()][-1] == "Meet nobody"


def test_ten_thousand_units_are_drawn_as_they_are():
    pop = town(10_000, 3)
    prepared = prepare_segplot(pop)
    ax = draw_segplot(prepared, managed=False)
    for m, group in enumerate(prepared.reference["group"][:2]):
        rows = prepared.table[prepared.table["group"] == group]
        (area,) = [patch for patch in ax.patches if patch.get_gid() == f"group-{m + 1}"]
        values, edges, baseline = area.get_data()
        assert baseline == 0
        assert np.array_equal(values, rows["high"])
        assert np.array_equal(edges, [*rows["left"], pop.size])
    picture = io.BytesIO()
    ax.figure.savefig(picture, format="png", dpi=72)
    assert picture.getvalue().startswith(b"\x89PNG")


# rank-order profile --------------------------------------------------------------------


def test_a_rank_order_profile_by_hand():
    pop = population([[60, 30, 10], [20, 30, 50]])
    prepared = prepare_rank_order_profile(pop, kind="variance")
    assert prepared.points["threshold"].to_list() == ["g0", "g1"]
    assert prepared.points["share"].to_list() == pytest.approx([0.4, 0.7])
    assert prepared.points["value"].to_list() == pytest.approx([0.2**2 / 0.24, 0.2**2 / 0.21])
    slope = (0.04 / 0.21 - 0.04 / 0.24) / 0.3
    line = 0.04 / 0.24 + slope * (prepared.curve["share"] - 0.4)
    assert prepared.curve["fitted"].to_list() == pytest.approx(line.to_list())
    assert prepared.value == pytest.approx(0.04 / 0.24 + slope * 0.1)  # w = p (1 - p) has its mean at 1/2
    assert prepared.title == f"Rank-order variance ratio index: R^R = {prepared.value:.3f}"
    assert prepared.degree == 1
    assert "degree = 1, weights = reardon." in prepared.caption
    assert "Degree lowered from 4 to 1: 2 thresholds." in prepared.caption
    known = prepared.curve[prepared.curve["known"]]["share"]
    assert (known.min(), known.max()) == (prepared.points["share"].min(), prepared.points["share"].max())
    assert (prepared.curve["share"].min(), prepared.curve["share"].max()) == (0, 1)


@pytest.mark.parametrize("kind", ["information", "variance", "hutchens"])
@pytest.mark.parametrize("weights", ["reardon", "none"])
def test_a_rank_order_profile_shows_the_index(kind, weights):
    pop = town(groups=8)
    prepared = prepare_rank_order_profile(pop, kind=kind, degree=3, weights=weights)
    assert prepared.value == pytest.approx(sg.rank_order(pop, kind=kind, degree=3, weights=weights), abs=1e-12)
    at = np.interp(prepared.points["share"], prepared.curve["share"], prepared.curve["fitted"])
    assert at == pytest.approx(prepared.points["fitted"].to_numpy(), abs=1e-12)
    ax = rank_order_profile(pop, kind=kind, degree=3, weights=weights, managed=False)
    assert f"{prepared.symbol} = {prepared.value:.3f}" in ax.get_title(loc="left")
    (dots,) = [found for found in ax.collections if found.get_gid() == "points"]
    assert np.array_equal(dots.get_offsets(), prepared.points[["share", "value"]])
    order = np.argsort(prepared.points["weight"], kind="stable")
    assert (np.diff(dots.get_sizes()[order]) >= 0).all()
    assert dots.get_sizes().min() >= 2.5**2  # the least of them is still seen
    assert dots.get_sizes().max() == 8**2
    names = [text.get_text() for text in ax.texts if text.get_gid().startswith("threshold")]
    assert names == [f"up to {name}" for name in prepared.points["threshold"]]


def test_rank_order_profiles_say_what_is_left_out():
    pop = apart([[6, 2, 0, 1], [2, 6, 0, 3], [0, 4, 0, 4], [3, 1, 0, 2]], stranded=[1])
    caption = prepare_rank_order_profile(pop).caption
    assert "Units whose surroundings hold nobody are left out: 1 (11 of 34 people)." in caption
    assert "Thresholds with nobody below or above, or in the place of another, are left out: 1." in caption
    assert prepare_rank_order_profile(pop).value == pytest.approx(quietly(sg.rank_order, pop), abs=1e-12)
    with pytest.raises(sg.DataError, match="People are of fewer than two groups, so there is no threshold"):
        rank_order_profile(population([[1, 0], [2, 0]]))
    with pytest.raises(sg.DataError, match="Nobody meets anybody in this environment"):
        rank_order_profile(apart([[1, 1], [2, 5]], stranded=[0, 1]))
    with pytest.raises(sg.ParameterError, match="kind='x' is not known"):
        rank_order_profile(pop, kind="x")
