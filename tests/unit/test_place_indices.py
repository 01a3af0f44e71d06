"""Indices of concentration, centralization and borders: documented answers, worked out by hand."""

import itertools
import math

import geopandas as gpd
import numpy as np
import pytest
from numpy.testing import assert_allclose
from shapely import box

import segregate as sg
from segregate import Population
from tests.placed import CRS, SOUTH, WEST, ask, city, grid, near

# delta


def test_delta_by_hand():
    """Shares of the group .75, .25, 0; of the land .1, .2, .7: (.65 + .05 + .7) / 2."""
    pop = city([30, 10, 0], [10, 50, 40], m2=[1, 2, 7])
    assert sg.delta(pop, group="x") == near(0.7)
    assert sg.contributions(pop, "delta", group="x").tolist() == near([0.325, 0.025, 0.35])


def test_delta_of_a_group_in_one_unit_is_all_other_land():
    pop = city([0, 17, 0], [10, 50, 40], m2=[1, 2, 7])
    assert sg.delta(pop, group="x") == near(0.8)
    assert sg.delta(city([0, 17, 0], [10, 50, 40], m2=[1, 2, 7e9]), group="x") == pytest.approx(1, abs=1e-9)


def test_delta_of_an_even_density_is_zero():
    assert sg.delta(city([10, 20, 70], [1, 90, 2], m2=[1, 2, 7]), group="x") == near(0)


def test_the_land_of_units_without_people_counts_for_delta():
    """Shares .75, .25, 0; of the land 1, 2, 7, 10 twentieths."""
    pop = city([30, 10, 0, 0], [10, 50, 40, 0], m2=[1, 2, 7, 10])
    assert sg.delta(pop, group="x") == near((0.7 + 0.15 + 0.35 + 0.5) / 2)
    assert sg.contributions(pop, "delta", group="x")["u3"] == near(0.25)


def test_areas_of_polygons_or_given():
    shapes = [box(WEST, SOUTH, WEST + 1000, SOUTH + 100), box(WEST, SOUTH + 100, WEST + 1000, SOUTH + 1000)]
    assert sg.delta(city([3, 1], [1, 1], shapes), group="x") == near(0.65)
    land = city([3, 1], [1, 1], shapes, m2=[3e4, 1e4])
    assert sg.delta(land, group="x") == near(0)


# absolute and relative concentration


def test_concentration_by_hand():
    """X = 40 live in units of 1 (40 people, enough at the small end) and 2; 4 (40 people) is enough at the large."""
    pop = city([30, 10, 0], [10, 50, 40], m2=[1, 2, 4])
    assert sg.absolute_concentration(pop, group="x") == near(1 - (1.25 - 1) / (4 - 1))
    theirs = (10 * 1 + 50 * 2 + 40 * 4) / 100
    assert sg.relative_concentration(pop, group="x") == near((1.25 / theirs - 1) / (1 / 4 - 1))


def test_the_unit_that_crosses_the_threshold_counts_whole():
    """X = 50: 40 people on 1 are too few, the 60 on 2 come in all; likewise from 4 down."""
    pop = city([30, 20, 0], [10, 40, 40], m2=[1, 2, 4])
    smallest, largest = (40 * 1 + 60 * 2) / 100, (40 * 4 + 60 * 2) / 100
    mine, theirs = (30 + 40) / 50, (10 + 80 + 160) / 90
    assert sg.absolute_concentration(pop, group="x") == near(1 - (mine - smallest) / (largest - smallest))
    assert sg.absolute_concentration(pop, group="x") > 1
    assert sg.relative_concentration(pop, group="x") == near((mine / theirs - 1) / (smallest / largest - 1))


def test_a_unit_that_just_reaches_the_threshold_is_the_last():
    """X = 40 is reached by the first unit alone, however the people are multiplied."""
    for factor in (1, 0.1, 1 / 3, 1e9):
        x, y = np.array([30, 10, 0]) * factor, np.array([10, 50, 40]) * factor
        pop = city(x.tolist(), y.tolist(), m2=[1, 2, 4])
        assert sg.absolute_concentration(pop, group="x") == pytest.approx(11 / 12, rel=1e-12)


def test_the_whole_range():
    smallest = city([40, 0, 0], [0, 60, 40], m2=[1, 2, 4])
    largest = city([0, 0, 40], [40, 60, 0], m2=[1, 2, 4])
    assert (sg.absolute_concentration(smallest, group="x"), sg.absolute_concentration(largest, group="x")) == (1, 0)


def test_units_of_one_area_enter_together_in_any_order():
    """Two units of 1 and two of 2 within a millionth: classes of 50 and of 90 people; X = 30."""
    x, y, m2 = [20, 5, 4, 1], [10, 15, 36, 49], [1, 1 + 4e-7, 2 * (1 + 9e-7), 2]
    mine = (20 + 5 * m2[1] + 4 * m2[2] + 2) / 30
    smallest, largest = (30 + 20 * m2[1]) / 50, (40 * m2[2] + 100) / 90
    theirs = (10 + 15 * m2[1] + 36 * m2[2] + 98) / 110
    for order in itertools.permutations(range(4)):
        columns = [[column[j] for j in order] for column in (x, y, m2)]
        pop = city(columns[0], columns[1], m2=columns[2])
        assert sg.absolute_concentration(pop, group="x") == near(1 - (mine - smallest) / (largest - smallest))
        assert sg.relative_concentration(pop, group="x") == near((mine / theirs - 1) / (smallest / largest - 1))


def test_areas_that_differ_by_more_than_a_millionth_are_two_classes():
    pop = city([20, 5, 4, 1], [10, 15, 36, 49], m2=[1, 1 + 2e-6, 2, 3])
    smallest, largest = 1.0, 3.0  # the 30 people on 1, the 50 on 3
    mine = (20 + 5 * (1 + 2e-6) + 8 + 3) / 30
    assert sg.absolute_concentration(pop, group="x") == near(1 - (mine - smallest) / (largest - smallest))


ALIKE = (
    "the members of the group would take up the same land in the smallest units as in the largest (the areas are "
    "equal, or everybody is needed to reach their number)"
)


@pytest.mark.parametrize("index", ["absolute_concentration", "relative_concentration"])
def test_a_grid_of_equal_cells_has_delta_and_no_concentration(index: str):
    pop = city([8, 4, 0, 4], [1, 2, 3, 4], grid(2, 2))
    with pytest.warns(sg.UndefinedIndexWarning) as caught:
        assert math.isnan(ask(index, pop))
    assert [str(one.message) for one in caught] == [f"The index is undefined: {ALIKE}."]
    row = sg.measure(pop, index).iloc[0]
    assert (row["status"], row["message"]) == ("undefined", ALIKE)
    assert sg.delta(pop, group="x") == near(0.25)


def test_a_grid_in_degrees_has_cells_of_almost_one_area():
    """Cells of an equal-angle grid differ by more than a millionth, so they are no grid of equal areas."""
    cells = [box(13 + 0.01 * i, 52 + 0.01 * j, 13.01 + 0.01 * i, 52.01 + 0.01 * j) for i in (0, 1) for j in (0, 1)]
    frame = gpd.GeoDataFrame({"x": [8, 4, 0, 4], "y": [1, 2, 3, 4]}, geometry=cells, crs="EPSG:4326")
    with pytest.warns(sg.SegregateWarning, match="in degrees"):
        assert math.isfinite(sg.absolute_concentration(Population.from_frame(frame, ["x", "y"]), group="x"))


def test_concentration_where_everybody_is_needed():
    """All but one person are of the group: both ends take in the whole city."""
    pop = city([40, 60, 39], [0, 0, 1], m2=[1, 2, 4])
    with pytest.warns(sg.UndefinedIndexWarning, match="everybody is needed"):
        assert math.isnan(sg.absolute_concentration(pop, group="x"))


def test_units_without_people_have_no_land_for_concentration():
    pop = city([30, 10, 0], [10, 50, 40], m2=[1, 2, 4])
    more = city([30, 0, 10, 0, 0], [10, 0, 50, 40, 0], m2=[1, 0.5, 2, 4, 9])
    for index in ("absolute_concentration", "relative_concentration"):
        assert ask(index, more) == ask(index, pop)


# centralization


def test_centralization_by_hand():
    """Cumulative shares: X .75, 1, 1; Y .1, .6, 1; A .125, .375, 1."""
    pop = city([30, 10, 0], [10, 50, 40], m2=[1, 2, 5], east=[0, 1000, 2000])
    assert sg.relative_centralization(pop, group="x", centre="u0") == near(0.75 * 0.6 - 1 * 0.1 + 1 * 1 - 1 * 0.6)
    assert sg.absolute_centralization(pop, group="x", centre="u0") == near(0.75 * 0.375 - 0.125 + 1 - 0.375)
    assert sg.central_share(pop, group="x", centre="u0", radius=1000) == 1
    assert sg.central_share(pop, group="y", centre="u0", radius=1000) == 0.6


def test_the_order_of_rows_is_not_that_of_distances():
    """The middle unit is the centre: X .25 and .75 of both ends, which are equally far and enter together."""
    pop = city([30, 10, 0], [10, 50, 40], m2=[1, 2, 5], east=[0, 1000, 2000])
    assert sg.relative_centralization(pop, group="x", centre="u1") == near(0.25 * 1 - 1 * 0.5)
    assert sg.absolute_centralization(pop, group="x", centre="u1") == near(0.25 * 1 - 1 * 0.25)


def test_a_group_that_lives_in_the_centre():
    pop = city([9, 0, 0], [10, 50, 40], m2=[1, 2, 5], east=[0, 1000, 2000])
    assert sg.relative_centralization(pop, group="x", centre="u0") == near(0.9)
    assert sg.absolute_centralization(pop, group="x", centre="u0") == near(0.875)


def test_the_land_of_units_without_people_counts_for_absolute_centralization_alone():
    pop = city([30, 10, 0], [10, 50, 40], m2=[1, 2, 5], east=[0, 1000, 2000])
    more = city([30, 0, 10, 0], [10, 0, 50, 40], m2=[1, 8, 2, 5], east=[0, 500, 1000, 2000])
    # A 1, 9, 11, 16 sixteenths; X .75, .75, 1, 1
    expected = 0.75 * 9 / 16 - 0.75 * 1 / 16 + 0.75 * 11 / 16 - 1 * 9 / 16 + 1 - 11 / 16
    assert sg.absolute_centralization(more, group="x", centre="u0") == near(expected)
    for name in ("relative_centralization", "central_share"):
        assert ask(name, more) == ask(name, pop)


@pytest.mark.parametrize("index", ["absolute_centralization", "relative_centralization", "local_centralization"])
def test_units_at_one_distance_enter_together_in_any_order(index: str):
    """Four neighbours of a square are equally far, but for rounding; so are the four at its corners."""
    cells = grid(3, 3, 1000 / 3)
    x, y = [9, 0, 1, 5, 30, 2, 0, 7, 4], [1, 4, 2, 8, 10, 3, 9, 2, 6]
    before = None
    rng = np.random.default_rng(7)
    for order in [np.arange(9), *(rng.permutation(9) for _ in range(8))]:
        pop = city([x[j] for j in order], [y[j] for j in order], [cells[j] for j in order])
        here = int(np.flatnonzero(order == 4)[0])
        params = {"k": 2} if index == "local_centralization" else {"centre": f"u{here}"}
        value = ask(index, pop, **params)
        value = value[np.argsort(order)] if index == "local_centralization" else value
        before = value if before is None else before
        assert_allclose(value, before, rtol=1e-12, atol=1e-14)
    if index == "relative_centralization":  # X 30, 44, 58 of 58; Y 10, 27, 45 of 45
        assert before == near((30 * 27 - 44 * 10 + 44 * 45 - 58 * 27) / (58 * 45))
    if index == "local_centralization":  # the middle: itself and the four beside it
        assert before[4] == near((30 * 27 - 44 * 10) / (44 * 27))


# local centralization


def test_local_centralization_by_hand():
    """With one neighbour each: 0 with 1, 1 with 0, 2 with 1."""
    pop = city([30, 10, 0], [10, 50, 40], east=[0, 1000, 3000])
    values = ask("local_centralization", pop, k=1)
    assert_allclose(values, [0.75 - 10 / 60, 10 / 40 - 50 / 60, 0 - 40 / 90], rtol=1e-13)


def test_where_there_are_fewer_units_than_neighbours_all_come_in():
    pop = city([30, 10, 0], [10, 50, 40], east=[0, 1000, 3000])
    every = ask("local_centralization", pop, k=2)
    assert_allclose(ask("local_centralization", pop), every, rtol=0)
    assert_allclose(ask("local_centralization", pop, k=10**6), every, rtol=0)
    expected = [sg.relative_centralization(pop, group="x", centre=f"u{j}") for j in range(3)]
    assert_allclose(every, expected, rtol=1e-13)


def test_a_unit_without_people_is_no_neighbour_and_has_no_value():
    pop = city([30, 10, 0], [10, 50, 40], east=[0, 1000, 3000])
    more = city([30, 0, 10, 0], [10, 0, 50, 40], east=[0, 10, 1000, 3000])
    values = ask("local_centralization", more, k=1)
    assert math.isnan(values[1])
    assert_allclose(values[[0, 2, 3]], ask("local_centralization", pop, k=1), rtol=0)


def test_a_unit_among_its_own_has_no_value_and_that_is_said():
    pop = city([0, 0, 10, 10], [10, 50, 40, 0], east=[0, 10, 1000, 1010])
    with pytest.warns(sg.UndefinedIndexWarning) as caught:
        values = ask("local_centralization", pop, k=1)
    assert [str(one.message) for one in caught] == [
        "2 units with people have no value: nobody of the group, or nobody else, lives there or in the nearest units."
    ]
    assert np.isnan(values).tolist() == [True, True, False, False]


@pytest.mark.parametrize("k", [0, -1, 1.5, math.inf, math.nan, True, "5", None])
def test_a_number_of_neighbours_that_is_none(k: object):
    pop = city([30, 10, 0], [10, 50, 40], east=[0, 1000, 3000])
    with pytest.raises(sg.ParameterError) as caught:
        sg.local_centralization(pop, group="x", k=k)
    assert str(caught.value) == f"k={k!r} is the number of nearest neighbours, a whole number, 1 or more."


# borders


def test_boundary_dissimilarity_by_hand():
    """Three squares in a row, p = .9, .9, .1; X = 19, Y = 11."""
    pop = city([9, 9, 1], [1, 1, 9], grid(3, 1))
    d = (abs(9 / 19 - 1 / 11) * 2 + abs(1 / 19 - 9 / 11)) / 2
    assert sg.boundary_dissimilarity(pop) == near(d - 0.4)
    assert sg.boundary_dissimilarity(pop, adjust="length") == near(d - 0.4)
    assert sg.boundary_dissimilarity(pop, order=2) == near(d - 0.4 - math.exp(-1) * 0.8)
    assert sg.boundary_dissimilarity(pop, order=2, decay="reciprocal") == near(d - 0.4 - 0.5 * 0.8)
    # shared borders 1, 2, 1 km on 1 km2 each: weights (1 + 2) / (2 * 2) on both borders
    assert sg.boundary_dissimilarity(pop, adjust="shape") == near(d - 0.75 * 0.4)
    assert sg.boundary_dissimilarity(pop, adjust="shape", perimeter="whole") == near(d - 0.4)


def test_lengths_of_borders_decide_where_they_differ():
    """A wide unit over two: borders 1 and 3 km at the side and between; p = .5, .9, .1."""
    shapes = [
        box(WEST, SOUTH + 1000, WEST + 4000, SOUTH + 2000),
        box(WEST, SOUTH, WEST + 3000, SOUTH + 1000),
        box(WEST + 3000, SOUTH, WEST + 4000, SOUTH + 1000),
    ]
    pop = city([5, 9, 1], [5, 1, 9], shapes)
    d = sg.dissimilarity(pop)
    assert d == near((9 / 15 - 1 / 15) / 1)
    assert sg.boundary_dissimilarity(pop) == near(d - (0.4 + 0.4 + 0.8) / 3)
    assert sg.boundary_dissimilarity(pop, adjust="length") == near(d - (3 * 0.4 + 1 * 0.4 + 1 * 0.8) / 5)
    r = [4 / 4, 4 / 3, 2 / 1]
    shaped = 3 * 0.4 * (r[0] + r[1]) + 1 * 0.4 * (r[0] + r[2]) + 1 * 0.8 * (r[1] + r[2])
    assert sg.boundary_dissimilarity(pop, adjust="shape") == near(d - shaped / (2 * 2 * 5))
    r = [10 / 4, 8 / 3, 4 / 1]
    shaped = 3 * 0.4 * (r[0] + r[1]) + 1 * 0.4 * (r[0] + r[2]) + 1 * 0.8 * (r[1] + r[2])
    assert sg.boundary_dissimilarity(pop, adjust="shape", perimeter="whole") == near(d - shaped / (2 * 4 * 5))


def test_corners_are_neighbours_for_a_queen():
    """A checkerboard of four: sides differ by 1, corners by 0."""
    pop = city([1, 0, 0, 1], [0, 1, 1, 0], grid(2, 2))
    assert sg.boundary_dissimilarity(pop) == near(1 - 1)
    assert sg.boundary_dissimilarity(pop, contiguity="queen") == near(1 - 4 / 6)


def test_units_without_people_have_no_borders():
    """Four in a row, the third empty: the last is an island, and D(s) does not see the border with nobody."""
    pop = city([9, 5, 0, 1], [1, 5, 0, 9], grid(4, 1))
    d = sg.dissimilarity(pop)
    note = r"^1 unit without neighbours \(first: 'u3'\)\.$"
    for adjust in ("adjacency", "length", "shape"):
        with pytest.warns(sg.SegregateWarning, match=note):
            assert sg.boundary_dissimilarity(pop, adjust=adjust) == near(d - 0.4)
    with pytest.warns(sg.SegregateWarning, match=note):
        assert sg.boundary_dissimilarity(pop, order=3) == near(d - 0.4)
    row = sg.measure(pop, "D(adj)").iloc[0]
    assert (row["status"], row["message"]) == ("ok", "1 unit without neighbours (first: 'u3')")


def test_islands_are_counted_and_the_first_named():
    pop = city([9, 5, 3, 1, 2, 3], [1, 5, 6, 9, 3, 3], [*grid(2, 1), *grid(12, 1)[4::2]])
    with pytest.warns(sg.SegregateWarning, match=r"^4 units without neighbours \(first: 'u2', 'u3', 'u4'\)"):
        sg.boundary_dissimilarity(pop)


@pytest.mark.parametrize("params", [{}, {"adjust": "length"}, {"adjust": "shape"}, {"order": 3}])
def test_no_borders_at_all(params: dict):
    pop = city([9, 5, 3], [1, 5, 6], grid(6, 1)[::2])
    with pytest.warns(sg.UndefinedIndexWarning) as caught:
        assert math.isnan(sg.boundary_dissimilarity(pop, **params))
    assert [str(one.message) for one in caught] == ["The index is undefined: no two units with people share a border."]


WRONG = [
    ({"adjust": "lenght"}, r"adjust='lenght'"),
    ({"contiguity": "bishop"}, r"contiguity='bishop'"),
    ({"decay": "linear"}, r"decay='linear'"),
    ({"perimeter": "outer"}, r"perimeter='outer'"),
    ({"order": 0}, r"^order=0 of neighbours is a whole number, 1 or more\.$"),
    ({"order": 1.5}, r"^order=1\.5 of neighbours is a whole number"),
    ({"order": math.inf}, r"^order=inf of neighbours is a whole number"),
    ({"order": math.nan}, r"^order=nan of neighbours is a whole number"),
    ({"order": True}, r"^order=True of neighbours is a whole number"),
    ({"order": "2"}, r"^order='2' of neighbours is a whole number"),
    (
        {"adjust": "length", "order": 2},
        r"^contiguity=, order= and decay= belong to adjust='adjacency', not to 'length'",
    ),
    ({"adjust": "shape", "contiguity": "queen"}, r"belong to adjust='adjacency', not to 'shape'\.$"),
    ({"adjust": "shape", "decay": "reciprocal"}, r"belong to adjust='adjacency', not to 'shape'\.$"),
    ({"perimeter": "whole"}, r"^perimeter= belongs to adjust='shape', not to 'adjacency'\.$"),
    ({"adjust": "length", "perimeter": "whole"}, r"^perimeter= belongs to adjust='shape', not to 'length'\.$"),
]


@pytest.mark.parametrize(("params", "message"), WRONG, ids=str)
def test_parameters_that_do_not_fit(params: dict, message: str):
    with pytest.raises(sg.ParameterError, match=message):
        sg.boundary_dissimilarity(city([9, 9, 1], [1, 1, 9], grid(3, 1)), **params)


def test_more_than_two_groups_are_refused():
    frame = gpd.GeoDataFrame({"x": [1, 2], "y": [2, 1], "z": [1, 1]}, geometry=grid(2, 1), crs=CRS)
    with pytest.raises(sg.ParameterError, match=r"compares two groups, and the population has 3"):
        sg.boundary_dissimilarity(Population.from_frame(frame, ["x", "y", "z"]))
