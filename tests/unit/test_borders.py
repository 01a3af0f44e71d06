"""Borders: who touches whom, and how long the line is that they share."""

import math
import warnings
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
from numpy.testing import assert_allclose
from shapely import GeometryCollection, LineString, MultiPolygon, Point, Polygon, box
from shapely.affinity import rotate

import segregate as sg
from segregate import Population
from segregate.environment.borders import Borders, lags
from tests.oracles import boundary_dissimilarity
from tests.oracles._places import borders as by_oracle
from tests.oracles._places import places_of

CRS = "EPSG:32633"
WEST, SOUTH = 500_000.0, 5_500_000.0


def plot(west: float, south: float, east: float, north: float) -> Polygon:
    """Return a rectangle, in metres from the corner."""
    return box(WEST + west, SOUTH + south, WEST + east, SOUTH + north)


def frame_of(shapes: list, counts: list | None = None, crs: object = CRS) -> gpd.GeoDataFrame:
    counts = [[4 + j % 5, 9 - j % 7] for j in range(len(shapes))] if counts is None else counts
    table = pd.DataFrame(counts, columns=["x", "y"], dtype=float)
    table["unit"] = [chr(ord("a") + j) for j in range(len(shapes))]
    return gpd.GeoDataFrame(table, geometry=shapes, crs=crs)


def city(shapes: list, counts: list | None = None, crs: object = CRS) -> Population:
    return Population.from_frame(frame_of(shapes, counts, crs), ["x", "y"], id="unit")


def pairs(borders: Borders) -> dict[tuple[int, int], float]:
    return dict(zip(zip(borders.i.tolist(), borders.j.tolist(), strict=True), borders.length.tolist(), strict=True))


# Plots of land, the borders that each pair shares, and the outlines.
HOLE = Polygon(plot(0, 0, 300, 300).exterior, [plot(100, 100, 200, 200).exterior])
FIXED = {
    "corners that do not meet": (
        [plot(0, 0, 100, 200), plot(100, 0, 200, 100), plot(100, 100, 200, 200)],
        {(0, 1): 100, (0, 2): 100, (1, 2): 100},
        [600, 400, 400],
    ),
    "a side that sticks out at both ends": (
        [plot(0, 0, 100, 100), plot(100, -50, 200, 30), plot(100, 30, 200, 220)],
        {(0, 1): 30, (0, 2): 70, (1, 2): 100},
        [400, 360, 580],
    ),
    "a unit around two others": (
        [HOLE, plot(100, 100, 150, 200), plot(150, 100, 200, 200)],
        {(0, 1): 200, (0, 2): 200, (1, 2): 100},
        [1600, 300, 300],
    ),
    "a unit of two parts": (
        [MultiPolygon([plot(0, 0, 100, 100), plot(200, 0, 300, 150)]), plot(100, 0, 200, 120)],
        {(0, 1): 220},
        [900, 440],
    ),
    "a border of two pieces": (
        [plot(0, 0, 100, 300), plot(100, 0, 200, 300).difference(plot(100, 100, 150, 200))],
        {(0, 1): 200},
        [800, 900],
    ),
    "a corner": ([plot(0, 0, 100, 100), plot(100, 100, 200, 200)], {(0, 1): 0}, [400, 400]),
    "a corner on a side": (
        [plot(0, 0, 100, 100), Polygon([(WEST + 100, SOUTH + 50), (WEST + 200, SOUTH), (WEST + 200, SOUTH + 100)])],
        {(0, 1): 0},
        [400, 100 + 2 * math.hypot(100, 50)],
    ),
    "apart": ([plot(0, 0, 100, 100), plot(101, 0, 200, 100)], {}, [400, 398]),
    "one unit": ([plot(0, 0, 100, 100)], {}, [400]),
}


@pytest.mark.parametrize("turn", [0, 45, 17.3, 200])
@pytest.mark.parametrize("case", FIXED)
def test_borders_by_hand(case: str, turn: float):
    """Whatever way the land lies, and without a word: rounding is no overlap."""
    shapes, shared, outlines = FIXED[case]
    shapes = [rotate(shape, turn, origin=(WEST, SOUTH)) for shape in shapes]
    borders = city(shapes).places.borders
    assert pairs(borders) == pytest.approx(shared, rel=1e-10, abs=1e-6)
    assert_allclose(borders.perimeter, outlines, rtol=1e-10)


@pytest.mark.parametrize("turn", [0, 17.3])
@pytest.mark.parametrize("case", FIXED)
def test_the_oracle_by_hand(case: str, turn: float):
    shapes, shared, outlines = FIXED[case]
    shapes = [rotate(shape, turn, origin=(WEST, SOUTH)) for shape in shapes]
    places = places_of(frame_of(shapes))
    assert by_oracle(places, range(len(shapes))) == pytest.approx(shared, rel=1e-10, abs=1e-6)
    assert_allclose(places.area, [shape.area for shape in shapes], rtol=1e-10)
    assert_allclose([boundary_dissimilarity.outline(rings) for rings in places.rings], outlines, rtol=1e-10)


VARIANTS = [
    {},
    {"contiguity": "queen", "order": 2},
    {"order": 3, "decay": "reciprocal"},
    {"adjust": "length"},
    {"adjust": "shape"},
    {"adjust": "shape", "perimeter": "whole"},
]


@pytest.mark.filterwarnings("ignore:The index is undefined", "ignore:1 unit without neighbours")
@pytest.mark.filterwarnings("ignore:2 units without neighbours")
@pytest.mark.parametrize("params", VARIANTS, ids=str)
@pytest.mark.parametrize("case", FIXED)
def test_the_index_on_this_land(case: str, params: dict):
    shapes = FIXED[case][0]
    counts = [[4.0, 9.0], [7.0, 2.0], [3.0, 3.0]][: len(shapes)]
    expected = boundary_dissimilarity.oracle(counts, places_of(frame_of(shapes)), **params)
    assert sg.boundary_dissimilarity(city(shapes, counts), **params) == pytest.approx(expected, rel=1e-10, nan_ok=True)


def squares(size: float, *, west: float = WEST, south: float = SOUTH) -> list:
    """Return 4 x 4 squares, each drawn from its own corner, so that corners of neighbours agree but for rounding."""
    return [
        box(west + i * size, south + j * size, west + i * size + size, south + j * size + size)
        for i in range(4)
        for j in range(4)
    ]


@pytest.mark.parametrize("turn", [0, 29])
@pytest.mark.parametrize("size", [100 / 3, 0.7, 1234.1])
def test_corners_that_agree_but_for_rounding(size: float, turn: float):
    shapes = squares(size, west=WEST + 0.1)
    assert len({corner for shape in shapes for corner in shape.exterior.coords}) > 25
    borders = city([rotate(shape, turn, origin=(WEST, SOUTH)) for shape in shapes]).places.borders
    rook = borders.length[borders.length > size / 2]
    assert len(rook) == 24
    assert len(borders.length) == 24 + 18
    assert_allclose(rook, size, atol=1e-8)
    assert_allclose(borders.length[borders.length <= size / 2], 0, atol=1e-8)


def test_a_gap_wider_than_rounding_is_a_gap():
    assert pairs(city([plot(0, 0, 100, 100), plot(100.001, 0, 200, 100)]).places.borders) == {}


def test_units_that_overlap_have_no_border_and_are_named():
    pop = city([plot(0, 0, 100, 100), plot(50, 0, 150, 100), plot(150, 0, 250, 100)])
    with pytest.warns(sg.SegregateWarning) as caught:
        borders = pop.places.borders
    assert [str(one.message) for one in caught] == [
        "1 pair of units overlap (first: 'a' and 'b'); where one lies over the other there is no border, so they are "
        "not neighbours. A clean coverage has no overlaps."
    ]
    assert pairs(borders) == pytest.approx({(1, 2): 100})


def test_the_same_land_twice_is_an_overlap():
    pop = city([plot(0, 0, 100, 100), plot(0, 0, 100, 100), plot(100, 0, 200, 100)])
    with pytest.warns(sg.SegregateWarning, match=r"1 pair of units overlap \(first: 'a' and 'b'\)"):
        borders = pop.places.borders
    assert pairs(borders) == pytest.approx({(0, 2): 100, (1, 2): 100})


def test_overlaps_are_counted_and_the_first_three_shown():
    pop = city([plot(0, 0, 100, 100 + j) for j in range(4)])
    with pytest.warns(
        sg.SegregateWarning, match=r"^6 pairs of units overlap \(first: 'a' and 'b', 'a' and 'c', 'a' and 'd'\)"
    ):
        assert pairs(pop.places.borders) == {}


@pytest.mark.parametrize("shape", [Point(WEST, SOUTH), LineString([(WEST, SOUTH), (WEST, SOUTH + 9)])])
def test_points_and_lines_have_no_border(shape: object):
    pop = city([plot(0, 0, 100, 100), plot(100, 0, 200, 100), shape])
    with pytest.raises(sg.GeometryError) as caught:
        sg.boundary_dissimilarity(pop)
    assert str(caught.value) == (
        "1 unit of 3 has no border (first: 'c'): neighbours are known of polygons only, not of points or lines."
    )


def test_points_of_schools_have_no_border():
    pop = city([Point(WEST + j, SOUTH) for j in range(5)])
    with pytest.raises(sg.GeometryError, match=r"^5 units of 5 have no border \(first: 'a', 'b', 'c', \.\.\.\)"):
        sg.boundary_dissimilarity(pop)


def test_a_bow_tie_is_repaired_and_keeps_both_borders():
    tie = Polygon([(WEST + x, SOUTH + y) for x, y in [(100, 0), (200, 100), (200, 0), (100, 100)]])
    assert not tie.is_valid
    pop = city([plot(0, 0, 100, 100), tie, plot(200, 0, 300, 100)])
    with pytest.warns(sg.SegregateWarning, match=r"1 unit with invalid geometry \(first: 'b'\) repaired"):
        borders = pop.places.borders
    assert pairs(borders) == pytest.approx({(0, 1): 100, (1, 2): 100})


def test_a_shape_that_is_repaired_into_polygon_and_line_beside_others():
    """A spike becomes a line of its own; the polygon beside it goes on having its borders."""
    spike = Polygon(
        [(WEST + x, SOUTH + y) for x, y in [(100, 0), (200, 0), (200, 100), (100, 100), (100, 150), (100, 100)]]
    )
    pop = city([plot(0, 0, 100, 100), spike, plot(200, 0, 300, 100)])
    with pytest.warns(sg.SegregateWarning, match="repaired"):
        borders = pop.places.borders
    found = pairs(borders)
    assert found[0, 1] == pytest.approx(100)
    assert found[1, 2] == pytest.approx(100)
    assert isinstance(gpd.GeoSeries([spike]).make_valid()[0], GeometryCollection)


def test_a_polygon_without_an_inside_has_no_border():
    flat = Polygon([(WEST + x, SOUTH) for x in (100, 100, 100, 100)])
    line = Polygon([(WEST + 100, SOUTH), (WEST + 100, SOUTH + 100), (WEST + 100, SOUTH)])
    pop = city([plot(0, 0, 100, 100), flat, line, plot(100, 0, 200, 100)])
    with pytest.warns(sg.SegregateWarning, match=r"2 units with invalid geometry \(first: 'b', 'c'\) repaired"):
        borders = pop.places.borders
    assert pairs(borders) == pytest.approx({(0, 3): 100})


@pytest.mark.parametrize("turn", [0, 31])
def test_borders_in_degrees_are_found_there_and_measured_in_the_plane(turn: float):
    """Corners that do not meet: straight lines in degrees bend in the plane, and are borders all the same."""
    sides = [(13.0, 52.0, 13.01, 52.02), (13.01, 52.0, 13.02, 52.013), (13.01, 52.013, 13.02, 52.02)]
    shapes = [rotate(box(*side), turn, origin=(13.0, 52.0)) for side in sides]
    with pytest.warns(sg.SegregateWarning, match="WGS 84 is in degrees|EPSG:4326 is in degrees"):
        borders = city(shapes, crs="EPSG:4326").places.borders
    to_plane = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:32633", always_xy=True)

    def apart(a: tuple[float, float], b: tuple[float, float]) -> float:
        turned = [rotate(Point(p), turn, origin=(13.0, 52.0)) for p in (a, b)]
        return math.dist(*(to_plane.transform(p.x, p.y) for p in turned))

    expected = {
        (0, 1): apart((13.01, 52.0), (13.01, 52.013)),
        (0, 2): apart((13.01, 52.013), (13.01, 52.02)),
        (1, 2): apart((13.01, 52.013), (13.02, 52.013)),
    }
    assert pairs(borders) == pytest.approx(expected, rel=1e-9)


def test_borders_of_regions_stop_at_their_edges():
    shapes = [plot(100 * k, 0, 100 * (k + 1), 100) for k in range(6)]
    pop = city(shapes, [[1, 3], [5, 2], [2, 2], [7, 1], [1, 6], [3, 3]])
    by = ["r", "s", "r", "s", "s", "r"]
    with pytest.warns(sg.SegregateWarning) as caught:
        values = sg.boundary_dissimilarity(pop.regions(by))
    assert np.isnan(values[0])
    part = pop.subset(np.array(by) == "s")
    with pytest.warns(sg.SegregateWarning, match=r"^1 unit without neighbours \(first: 'b'\)\.$"):
        assert values[1] == pytest.approx(sg.boundary_dissimilarity(part), rel=1e-14)
    assert [str(one.message) for one in caught] == [
        "Undefined in 1 region of 2, first 'r': no two units with people share a border.",
        "Note on 1 region of 2, first 's': 1 unit without neighbours (first: 'b').",
    ]


def test_input_is_not_changed():
    frame = frame_of(squares(100 / 3))
    before = frame.geometry.to_wkb()
    pop = Population.from_frame(frame, ["x", "y"])
    _ = pop.places.borders
    assert frame.geometry.to_wkb().equals(before)
    assert pop.geometry.to_wkb().reset_index(drop=True).equals(before.reset_index(drop=True))


def test_borders_do_not_depend_on_the_order_of_rows():
    shapes = [rotate(shape, 29, origin=(WEST, SOUTH)) for shape in squares(100 / 3)]
    order = np.random.default_rng(3).permutation(16)
    there = pairs(city(shapes).places.borders)
    here = pairs(city([shapes[j] for j in order]).places.borders)
    moved = {tuple(sorted((int(order[i]), int(order[j])))): length for (i, j), length in here.items()}
    assert moved == pytest.approx(there, abs=1e-8)


# lags


def test_lags_are_shortest_paths():
    """A ring of six units with a tail: 0-1-2-3-4-5-0 and 3-6."""
    i, j = np.array([0, 1, 2, 3, 4, 0, 3]), np.array([1, 2, 3, 4, 5, 5, 6])
    found = [set(zip(a.tolist(), b.tolist(), strict=True)) for a, b in lags(i, j, 7, 9)]
    assert found == [
        {(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (0, 5), (3, 6)},
        {(0, 2), (1, 3), (2, 4), (3, 5), (0, 4), (1, 5), (2, 6), (4, 6)},
        {(0, 3), (1, 4), (2, 5), (1, 6), (5, 6)},
        {(0, 6)},
    ]
    assert len(lags(i, j, 7, 2)) == 2


def test_lags_without_neighbours():
    none = np.empty(0, dtype=np.int64)
    assert [len(pair[0]) for pair in lags(none, none, 4, 3)] == [0]


def test_a_lag_that_nobody_is_apart_adds_nothing():
    pop = city([plot(0, 0, 100, 100), plot(100, 0, 200, 100)])
    assert sg.boundary_dissimilarity(pop, order=10**9) == sg.boundary_dissimilarity(pop)


# North Carolina


CONSTANTS = [
    ({}, 0.178710616040517),
    ({"adjust": "length"}, 0.179040057484028),
    ({"adjust": "shape"}, 0.221818767177049),
    ({"adjust": "shape", "perimeter": "whole"}, 0.259775008116320),
]


@pytest.mark.parametrize(("params", "value"), CONSTANTS, ids=str)
def test_births_in_north_carolina(params: dict, value: float, shared_data: Callable[[str], Path]):
    """Non-white births against all others, 1974, 100 counties."""
    frame = gpd.read_file(shared_data("peers_inputs/sf_nc_epsg32119.gpkg"))
    frame["x"] = frame["NWBIR74"].astype(float)
    frame["y"] = frame["BIR74"] - frame["x"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pop = Population.from_frame(frame, ["x", "y"], id="FIPS")
        assert sg.boundary_dissimilarity(pop, **params) == pytest.approx(value, rel=1e-10)
    assert sg.dissimilarity(pop) == pytest.approx(0.294409842430448, rel=1e-10)
    counts = frame[["x", "y"]].to_numpy().tolist()
    assert boundary_dissimilarity.oracle(counts, places_of(frame), **params) == pytest.approx(value, rel=1e-10)
