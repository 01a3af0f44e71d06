"""Surroundings along streets, against brute force in plain Python and cases worked by hand."""

import math

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from shapely import LineString, MultiLineString

import segregate as sg
from segregate.environment import _streets
from tests.helpers import quietly
from tests.unit.network_cases import (
    CRS,
    EAST,
    NORTH,
    SHAPES,
    dense,
    oracle_distances,
    osm_like,
    people,
    random_city,
    roads,
    weight,
)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("shape", SHAPES)
def test_weights_are_those_of_brute_force(seed, shape):
    lines, points = random_city(seed)
    pop = people(points)
    radius = 90.0 if shape == "gaussian" else 700.0
    # the same rounding of coordinates as in the units
    shifted = [[(EAST + x, NORTH + y) for x, y in line] for line in lines]
    distances = oracle_distances(shifted, [(EAST + x, NORTH + y) for x, y in points])
    expected = np.array([[weight(distance, radius, shape) for distance in row] for row in distances])
    assert (expected == 0).any()
    assert (expected[~np.eye(len(points), dtype=bool)] > 0).sum() > 100
    assert_allclose(dense(sg.Network(roads(*lines), radius, shape), pop), expected, rtol=1e-9, atol=1e-11)


def test_with_ends_joined_only_weights_are_those_of_brute_force():
    lines, points = random_city(11)
    lines.append([(-100.0, 410.0), lines[0][0], (50.0, -300.0)])  # passes over a corner
    pop = people(points)
    shifted = [[(EAST + x, NORTH + y) for x, y in line] for line in lines]
    given = [(EAST + x, NORTH + y) for x, y in points]
    both = []
    for join in ["ends", "vertices"]:
        expected = 1 - oracle_distances(shifted, given, join) / 900
        found = quietly(dense, sg.Network(roads(*lines), 900, "triangular", join=join), pop)
        assert_allclose(found, np.maximum(expected, 0), rtol=1e-9, atol=1e-11)
        both.append(found)
    assert (both[1] - both[0]).max() > 0.1


def test_it_is_a_distance_no_shorter_than_the_straight_line():
    lines, points = random_city(3)
    distances = 2000 * (1 - dense(sg.Network(roads(*lines), 2000, "triangular"), people(points)))
    straight = np.array([[math.dist(a, b) for b in points] for a in points])
    assert_allclose(distances, distances.T, atol=1e-9)
    assert (distances >= np.minimum(straight, 2000) - 1e-8).all()
    assert_array_equal(np.diag(distances), 0)


def test_on_a_grid_of_streets_it_is_the_manhattan_distance():
    cells = np.arange(0, 701, 100.0)
    points = [(x, y) for x in cells[::2] for y in cells[1::3]] + [(150.0, 200.0), (630.0, 700.0), (300.0, 455.0)]
    manhattan = np.array([[abs(a[0] - b[0]) + abs(a[1] - b[1]) for b in points] for a in points])
    inside = points.index((150.0, 200.0)), points.index((630.0, 700.0))  # both in the middle of a street, east-west
    pop = people(points)
    long = roads(*[[(c, 0), (c, 700)] for c in cells], *[[(0, c), (700, c)] for c in cells])
    corners = roads(*[[(c, d) for d in cells] for c in cells], *[[(d, c) for d in cells] for c in cells])
    for streets, join in [(long, "crossings"), (corners, "vertices"), (corners, "crossings")]:
        found = dense(sg.Network(streets, 500, "triangular", join=join), pop)
        off = ~np.eye(len(points), dtype=bool)
        off[points.index((300.0, 455.0)), :] = off[:, points.index((300.0, 455.0))] = False
        assert_allclose(found[off], np.maximum(0, 1 - manhattan / 500)[off], atol=1e-9)
        assert_allclose(found[inside], 0)
        # from the middle of a street north-south to one east-west: by the nearer corner
        assert_allclose(found[points.index((300.0, 455.0)), inside[0]], 1 - (255 + 150) / 500, atol=1e-9)


def test_exactly_the_radius_is_within():
    pop = people([(0, 0), (300, 0), (300, 0.001)])
    streets = roads([(0, 0), (300, 0), (400, 0)], [(300, 0), (300, 50)])
    assert_array_equal(dense(sg.Network(streets, 300, "uniform"), pop)[0], [1, 1, 0])


def test_two_banks_meet_over_the_bridge_only():
    streets = roads([(0, 0), (500, 0), (1000, 0)], [(0, 100), (500, 100), (1000, 100)], [(1000, 0), (1000, 100)])
    pop = people([(0, 0), (0, 100), (1000, 10), (900, 100), (500, 0)])
    found = dense(sg.Network(streets, 2200, "triangular"), pop)
    expected = np.array(
        [
            [0, 2100, 1010, 1200, 500],
            [2100, 0, 1090, 900, 1600],
            [1010, 1090, 0, 190, 510],
            [1200, 900, 190, 0, 700],
            [500, 1600, 510, 700, 0],
        ]
    )
    assert_allclose(found, 1 - expected / 2200, atol=1e-12)
    near = dense(sg.Network(streets, 1050, "uniform"), pop)
    assert_array_equal(near, expected <= 1050)


def test_parts_that_are_not_joined_do_not_meet():
    streets = roads([(0, 0), (100, 0)], [(0, 20), (100, 20)])
    pop = people([(10, 0), (90, 0), (10, 20), (90, 20)])
    expected = np.kron(np.eye(2), np.ones((2, 2)))
    assert_array_equal(dense(sg.Network(streets, 1e6, "uniform"), pop), expected)


def test_on_one_street_people_walk_along_it():
    """A U with arms of 100 m, 20 m apart; a unit is reached along the U, or over a second street that closes it."""
    u = [(0, 0), (100, 0), (100, 20), (0, 20)]
    pop = people([(0, 0), (0, 20), (60, -5), (60, 25), (60, 10)])
    gap = {(0, 1): 220, (0, 2): 65, (0, 3): 165, (1, 2): 165, (2, 3): 110}
    found = dense(sg.Network(roads(u), 400, "triangular"), pop)
    for (i, j), distance in gap.items():
        assert_allclose([found[i, j], found[j, i]], 1 - distance / 400, atol=1e-12)
    closed = dense(sg.Network(roads(u, [(0, 0), (0, 20)]), 400, "triangular"), pop)
    for (i, j), distance in (gap | {(0, 1): 20, (0, 3): 85, (1, 2): 85}).items():
        assert_allclose(closed[i, j], 1 - distance / 400, atol=1e-12)


def test_round_a_loop_the_shorter_way_is_taken():
    loop = [(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)]
    pop = people([(50, 0), (0, 50), (100, 80), (0, 0)])
    found = dense(sg.Network(roads(loop), 400, "triangular"), pop)
    assert_allclose(found[0], 1 - np.array([0, 100, 130, 50]) / 400, atol=1e-12)
    assert_allclose(found[1, 2], 1 - 170 / 400, atol=1e-12)


def test_units_that_reach_the_street_at_one_place_go_there_and_back():
    """Two on opposite sides of a street, one of them and another at the same point, and one on the street itself."""
    pop = people([(50, 30), (50, -40), (50, 30), (50, 0)])
    found = dense(sg.Network(roads([(0, 0), (100, 0)]), 100, "triangular"), pop)
    expected = np.array([[0, 70, 0, 30], [70, 0, 70, 40], [0, 70, 0, 30], [30, 40, 30, 0]])
    assert_allclose(found, 1 - expected / 100, atol=1e-12)
    corner = dense(sg.Network(roads([(50, 0), (100, 0)], [(0, 0), (50, 0)]), 100, "triangular"), pop)
    assert_allclose(corner, found, atol=1e-12)


def test_of_two_streets_between_two_corners_the_shorter_is_taken():
    long = [(0, 0), (0, 300), (100, 300), (100, 0)]
    pop = people([(0, 0), (100, 0)])
    for streets in [roads(long, [(0, 0), (100, 0)]), roads([(0, 0), (100, 0)], long)]:
        assert_allclose(dense(sg.Network(streets, 200, "triangular"), pop), [[1, 0.5], [0.5, 1]], atol=1e-12)


def test_straight_streets_between_all_pairs_give_the_kernel():
    rng = np.random.default_rng(5)
    points = [tuple(point) for point in rng.uniform(0, 1000, (25, 2))]
    streets = roads(*[[points[i], points[j]] for i in range(25) for j in range(i)])
    pop = people(points)
    for shape in SHAPES:
        radius = 60 if shape == "gaussian" else 400
        kernel = sg.Kernel(radius, shape).on(pop).to_sparse().toarray()
        assert_allclose(dense(sg.Network(streets, radius, shape), pop), kernel, rtol=1e-12, atol=1e-12)


def test_the_gaussian_ends_where_that_of_the_kernel_does():
    pop = people([(0, 0), (849, 0), (851, 0)])
    found = dense(sg.Network(roads([(0, 0), (1000, 0)]), 100, "gaussian"), pop)
    assert_allclose(found[0], [1, math.exp(-(8.49**2) / 2), 0], rtol=1e-12)


def test_streets_that_cross_without_a_vertex_are_joined_when_asked():
    cross = roads([(0, 50), (100, 50)], [(50, 0), (50, 100)])
    pop = people([(0, 50), (50, 0)])
    with pytest.warns(
        sg.SegregateWarning, match=r"^2 streets of 2 meet others, but share no vertex with any.*'s0', 's1'"
    ):
        apart = dense(sg.Network(cross, 200, "uniform"), pop)
    assert_array_equal(apart, np.eye(2))
    assert_allclose(dense(sg.Network(cross, 200, "triangular", join="crossings"), pop), [[1, 0.5], [0.5, 1]], atol=1e-9)


def test_an_end_at_a_vertex_of_another_street_is_joined_unless_only_ends_are():
    streets = roads([(0, 0), (50, 0), (100, 0)], [(50, 0), (50, 80)], [(100, 0), (100, 10)])
    pop = people([(0, 0), (50, 80), (100, 10)])
    assert_allclose(
        dense(sg.Network(streets, 200, "triangular"), pop)[0], 1 - np.array([0, 130, 110]) / 200, atol=1e-12
    )
    with pytest.warns(sg.SegregateWarning, match=r"1 street of 3 meet others, but share no end .*'s1'"):
        found = dense(sg.Network(streets, 200, "triangular", join="ends"), pop)
    assert_allclose(found[0], [1, 0, 1 - 110 / 200], atol=1e-12)


def test_ends_within_the_tolerance_are_one():
    pop = people([(0, 0), (200, 0)])
    gaps = {0.005: [True, False, True], 0.5: [False, False, True], 2.0: [False, False, False]}
    for gap, joined in gaps.items():
        streets = roads([(0, 0), (100, 0)], [(100 + gap, 0), (200, 0)])
        for tolerance, expected in zip([None, 0, 1.0], joined, strict=True):
            found = dense(sg.Network(streets, 300, "triangular", tolerance=tolerance), pop)[0, 1]
            assert_allclose(found, 1 - (200 - gap) / 300 if expected else 0, atol=1e-9)


def test_a_dense_curve_keeps_its_length():
    """Vertices nearer to each other than the tolerance are not put together."""
    turn = np.linspace(0, math.pi, 4001)
    arc = [(10 - 10 * math.cos(t), 10 * math.sin(t)) for t in turn]
    length = 4000 * 20 * math.sin(math.pi / 8000)
    found = dense(sg.Network(roads(arc), 100, "triangular"), people([(0, 0), (20, 0)]))
    assert_allclose(found[0, 1], 1 - length / 100, atol=1e-6)


def test_an_end_that_just_misses_a_street_touches_it_at_crossings():
    streets = roads([(0, 0), (100, 0)], [(50, 0.3), (50, 80)])
    pop = people([(0, 0), (50, 80)])
    assert dense(sg.Network(streets, 200, "uniform"), pop)[0, 1] == 0
    assert dense(sg.Network(streets, 200, "uniform", join="crossings"), pop)[0, 1] == 0
    found = dense(sg.Network(streets, 200, "triangular", join="crossings", tolerance=1.0), pop)[0, 1]
    assert_allclose(found, 1 - 130 / 200, atol=1e-6)


def test_streets_drawn_twice_are_one_street():
    """Two units on one street would otherwise have to walk round by its end."""
    way = [(0, 0), (40, 10), (100, 0)]
    pop = people([(20, 9), (80, 9)])
    once = dense(sg.Network(roads(way), 100, "triangular"), pop)
    assert once[0, 1] > 0
    longer = [(-50, 0), (0, 0), (40, 10), (100, 0), (100, 70)]
    for streets in [roads(way, way), roads(way, way[::-1]), roads(longer, way)]:
        assert_allclose(dense(sg.Network(streets, 100, "triangular"), pop), once, atol=1e-12)


def test_a_vertex_that_is_drawn_twice_cuts_nothing():
    lines = np.array([LineString([(0, 0), (0, 0), (5, 1), (5, 1), (9, 0)]), LineString([(9, 0), (9, 5)])])
    found = _streets.Streets.of_lines(lines, np.array([0, 1]), vertices=True, tolerance=0.0)
    assert found.row.tolist() == [0, 1]
    assert_array_equal(found.ends[0, 1], found.ends[1, 0])
    assert_allclose(found.lengths, [math.hypot(5, 1) + math.hypot(4, 1), 5])


def test_zero_and_minus_zero_are_one_place():
    lines = np.array([LineString([(-9, 0), (0.0, 0.0)]), LineString([(-0.0, -0.0), (9, 0)])])
    found = _streets.Streets.of_lines(lines, np.array([0, 1]), vertices=True, tolerance=0.0)
    assert found.ends[0, 1] == found.ends[1, 0]


def test_lines_of_several_parts_are_as_many_streets():
    parts = roads([(0, 0), (100, 0)], [(100, 0), (100, 50)], [(300, 0), (300, 50)])
    whole = gpd.GeoSeries([MultiLineString(list(parts))], crs=CRS)
    pop = people([(10, 4), (95, 50), (300, 20)])
    assert_array_equal(dense(sg.Network(whole, 500), pop), dense(sg.Network(parts, 500), pop))
    assert_array_equal(
        dense(sg.Network(gpd.GeoDataFrame(geometry=parts), 500), pop), dense(sg.Network(parts, 500), pop)
    )


def test_of_equally_near_streets_the_one_in_the_west_then_south_is_taken():
    pop = people([(50, 50), (0, 10)])
    square = [[(0, 0), (0, 100)], [(100, 0), (100, 100)], [(0, 0), (100, 0)], [(0, 100), (100, 100)]]
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2]]:
        found = dense(sg.Network(roads(*[square[k] for k in order]), 300, "triangular"), pop)
        assert_allclose(found[0, 1], 1 - (50 + 40) / 300, atol=1e-12)


@pytest.mark.parametrize("kind", [nx.MultiDiGraph, nx.DiGraph, nx.MultiGraph, nx.Graph])
def test_a_graph_gives_what_its_lines_give(kind):
    lines, points = random_city(2)
    lines = lines[:-5]  # without the loop and second ways, which a simple graph cannot hold
    pop = people(points[:35])
    expected = dense(sg.Network(roads(*lines), 700), pop)
    graph = kind(osm_like(lines))
    assert_allclose(dense(sg.Network(graph, 700), pop), expected, atol=1e-9)


def test_one_way_streets_are_walked_both_ways():
    graph = nx.MultiDiGraph(osm_like([[(0, 0), (100, 0)], [(100, 0), (100, 50)]]))
    graph.remove_edges_from([edge for edge in graph.edges(keys=True) if edge[0] < edge[1]])
    assert graph.number_of_edges() == 2
    found = dense(sg.Network(graph, 200, "triangular"), people([(0, 0), (100, 50)]))
    assert_allclose(found, [[1, 0.25], [0.25, 1]], atol=1e-12)


def test_the_lengths_of_a_graph_count():
    """A street of 100 m on the map that is 300 m long: half of it is 150 m."""
    graph = osm_like([[(0, 0), (100, 0)], [(100, 0), (150, 0)]], lengths=[300.0, 50.0])
    pop = people([(0, 0), (50, 8), (150, 0)])
    expected = np.array([[0, 158, 350], [158, 0, 208], [350, 208, 0]])
    assert_allclose(dense(sg.Network(graph, 400, "triangular"), pop), 1 - expected / 400, atol=1e-12)
    for _, _, data in graph.edges(data=True):
        del data["length"]
    drawn = np.array([[0, 58, 150], [58, 0, 108], [150, 108, 0]])
    assert_allclose(dense(sg.Network(graph, 400, "triangular"), pop), 1 - drawn / 400, atol=1e-12)


def test_edges_drawn_from_their_second_node_are_turned():
    graph = nx.MultiGraph(crs=CRS)
    for name, x in (("w", 0), ("m", 100), ("e", 200)):
        graph.add_node(name, x=EAST + x, y=NORTH)
    graph.add_edge("w", "m", geometry=LineString([(EAST + 100, NORTH), (EAST + 50, NORTH + 9), (EAST, NORTH)]))
    graph.add_edge("m", "e")
    pop = people([(90, 0), (150, 0)])
    arm = math.hypot(50, 9)
    along = (40 * 50 + 9 * 9) / arm  # of the foot of the first unit on the eastern half, from the bend
    gap = math.dist((90, 0), (50 + 50 * along / arm, 9 - 9 * along / arm))
    expected = gap + (arm - along) + 50
    assert_allclose(dense(sg.Network(graph, 200, "triangular"), pop)[0, 1], 1 - expected / 200, atol=1e-12)


def test_an_edge_without_length_joins_its_nodes():
    graph = osm_like([[(0, 0), (100, 0)], [(100, 30), (200, 30)]])
    pop = people([(0, 0), (200, 30)])
    assert dense(sg.Network(graph, 400), pop)[0, 1] == 0
    graph.add_edge((EAST + 100, NORTH), (EAST + 100, NORTH + 30), length=0.0)
    assert_allclose(dense(sg.Network(graph, 400, "triangular"), pop)[0, 1], 0.5, atol=1e-12)
