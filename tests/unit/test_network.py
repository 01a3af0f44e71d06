"""Surroundings along streets, against brute force in plain Python and cases worked by hand."""

import heapq
import math

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from numpy.testing import assert_allclose, assert_array_equal
from shapely import LineString, MultiLineString, Point

import segregate as sg
from segregate.environment import _streets, base
from tests.helpers import quietly

CRS = "EPSG:32633"
EAST, NORTH = 500_000.0, 5_500_000.0
SHAPES = ["biweight", "epanechnikov", "triangular", "uniform", "gaussian"]


def people(points, crs=CRS, **columns):
    """Return units at points, counted from the corner of a UTM zone."""
    n = len(points)
    counts = {"a": np.arange(1, n + 1) * 10.0, "b": np.arange(n, 0, -1) * 3.0}
    frame = gpd.GeoDataFrame(
        counts | columns, geometry=[Point(EAST + x, NORTH + y) for x, y in points], index=[f"u{j}" for j in range(n)]
    )
    return sg.Population.from_frame(frame.set_crs(CRS).to_crs(crs), ["a", "b"])


def roads(*lines, crs=CRS):
    """Return streets from lists of corners."""
    drawn = [LineString([(EAST + x, NORTH + y) for x, y in line]) for line in lines]
    return gpd.GeoSeries(drawn, crs=CRS, index=[f"s{i}" for i in range(len(lines))]).to_crs(crs)


def dense(network, population, **how):
    return network.on(population, **how).to_sparse().toarray()


# the definition again, in plain Python


def weight(distance, radius, shape):
    u = distance / radius
    if shape == "gaussian":
        return math.exp(-u * u / 2) if u <= 8.5 else 0.0
    if u > 1:
        return 0.0
    return {"uniform": 1.0, "triangular": 1 - u, "epanechnikov": 1 - u * u, "biweight": (1 - u * u) ** 2}[shape]


def oracle_pieces(lines, join):
    """Return straight pieces (name of one end, name of the other, corner, corner)."""
    pieces = []
    for number, line in enumerate(lines):
        names = [
            corner if join == "vertices" or k in (0, len(line) - 1) else (number, k) for k, corner in enumerate(line)
        ]
        steps = [k for k in range(len(line) - 1) if line[k] != line[k + 1]]
        pieces += [(names[k], names[k + 1], line[k], line[k + 1]) for k in steps]
    return pieces


def oracle_snap(pieces, point):
    """Return the nearest piece, the metres along it, and the metres to it."""
    best = None
    for number, (_, _, a, b) in enumerate(pieces):
        length = math.dist(a, b)
        along = ((point[0] - a[0]) * (b[0] - a[0]) + (point[1] - a[1]) * (b[1] - a[1])) / length
        along = min(max(along, 0.0), length)
        spot = (a[0] + (b[0] - a[0]) * along / length, a[1] + (b[1] - a[1]) * along / length)
        distance = math.dist(point, spot)
        if best is None or distance < best[2]:
            best = (number, along, distance)
    return best


def oracle_distances(lines, points, join="vertices"):
    pieces = oracle_pieces(lines, join)
    graph = {}
    for one, other, a, b in pieces:
        graph.setdefault(one, []).append((other, math.dist(a, b)))
        graph.setdefault(other, []).append((one, math.dist(a, b)))
    snaps = [oracle_snap(pieces, point) for point in points]
    found = [[0.0] * len(points) for _ in points]
    for i, (piece, along, gap) in enumerate(snaps):
        one, other, a, b = pieces[piece]
        best = {}
        heap = [(along, 0, one), (math.dist(a, b) - along, 1, other)]
        pushed = 2
        while heap:
            so_far, _, name = heapq.heappop(heap)
            if name in best:
                continue
            best[name] = so_far
            for neighbour, length in graph[name]:
                heapq.heappush(heap, (so_far + length, pushed, neighbour))
                pushed += 1
        for j, (goal, goal_along, goal_gap) in enumerate(snaps):
            if points[i] == points[j]:
                continue
            one, other, a, b = pieces[goal]
            ways = [best.get(one, math.inf) + goal_along, best.get(other, math.inf) + math.dist(a, b) - goal_along]
            if goal == piece:
                ways.append(abs(along - goal_along))
            found[i][j] = gap + min(ways) + goal_gap
    return np.array(found)


def random_city(seed):
    """Return crooked streets between the corners of a crooked grid, some of them missing, some loose, and units."""
    rng = np.random.default_rng(seed)
    k = 5
    corner = {
        (i, j): (200.0 * i + rng.uniform(-60, 60), 200.0 * j + rng.uniform(-60, 60)) for i in range(k) for j in range(k)
    }
    lines = []
    for i, j in corner:
        for there in [(i + 1, j), (i, j + 1)]:
            if there in corner and rng.random() < 0.7:
                a, b = np.array(corner[i, j]), np.array(corner[there])
                bends = [tuple(a + (b - a) * s + rng.uniform(-25, 25, 2)) for s in (0.3, 0.6)[: rng.integers(0, 3)]]
                lines.append([corner[i, j], *bends, corner[there]])
    start = corner[1, 1]  # a loop, a dead end, a second way between two corners, and streets that nobody can leave
    lines.append([start, (start[0] + 70, start[1] + 30), (start[0] + 30, start[1] + 80), start])
    lines.append([corner[2, 2], (corner[2, 2][0] + 40, corner[2, 2][1] + 90)])
    lines.append([corner[0, 0], (-150.0, -80.0), corner[0, 1]])
    lines.append([(2000.0, 0.0), (2100.0, 50.0), (2000.0, 90.0)])
    lines.append([(2100.0, 50.0), (2300.0, 60.0)])
    points = [tuple(point) for point in rng.uniform(-150, 1000, (35, 2))]
    points += [tuple(point) for point in rng.uniform((1950, -50), (2350, 150), (5, 2))]
    points += [points[3], corner[2, 2], corner[1, 1]]
    return lines, points


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


# streets whose distances are known


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


# where streets are joined


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


# graphs


def osm_like(lines, lengths=None):
    """Return a graph as osmnx makes one: both directions, geometry only where a street bends."""
    graph = nx.MultiDiGraph(crs=CRS)
    for k, line in enumerate(lines):
        corners = [(EAST + x, NORTH + y) for x, y in line]
        for corner in (corners[0], corners[-1]):
            graph.add_node(corner, x=corner[0], y=corner[1])
        for way in (corners, corners[::-1]):
            data = {"geometry": LineString(way)} if len(line) > 2 else {}
            length = LineString(way).length if lengths is None else lengths[k]
            graph.add_edge(way[0], way[-1], length=length, oneway=False, **data)
    return graph


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


def test_a_graph_decides_what_is_joined():
    """A bridge: streets that cross, with vertices at the same place, and are not joined."""
    graph = osm_like([[(0, 50), (50, 50), (100, 50)], [(50, 0), (50, 50), (50, 100)]])
    assert_array_equal(dense(sg.Network(graph, 1000), people([(0, 50), (50, 0)])), np.eye(2))


# coordinate reference systems


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:3857", "EPSG:32632"])
def test_streets_are_brought_to_where_the_units_are(crs):
    lines, points = random_city(7)
    pop = people(points)
    expected = dense(sg.Network(roads(*lines), 700), pop)
    assert_allclose(dense(sg.Network(roads(*lines, crs=crs), 700), pop), expected, atol=1e-7)


def test_units_in_degrees_are_projected_and_the_streets_with_them():
    lines, points = random_city(7)
    expected = dense(sg.Network(roads(*lines), 700), people(points))
    with pytest.warns(sg.SegregateWarning, match="in degrees"):
        found = dense(sg.Network(roads(*lines), 700), people(points, crs="EPSG:4326"))
    assert_allclose(found, expected, atol=1e-7)


def test_lengths_are_metres_whatever_the_unit_of_the_plane():
    lines, points = random_city(7)
    expected = dense(sg.Network(roads(*lines), 700), people(points))
    for unit in ["km", "us-ft"]:
        plane = f"+proj=utm +zone=33 +datum=WGS84 +units={unit}"
        found = dense(sg.Network(roads(*lines), 700), people(points, crs=plane))
        assert_allclose(found, expected, atol=1e-7)
        near = points[:35]  # the others live by streets that a graph does not join
        graph = dense(sg.Network(osm_like(lines[:-2]), 700), people(near, crs=plane))
        assert_allclose(graph, expected[:35, :35], atol=1e-7)


# regions, blocks, order


def test_regions_are_as_if_each_stood_alone():
    lines, points = random_city(4)
    district = np.array(["east" if x > 400 else "west" for x, _ in points])
    pop = people(points, district=district)
    network = sg.Network(roads(*lines), 700)
    codes = (district == "west").astype(np.int64)
    whole, cut = dense(network, pop), dense(network, pop, regions=codes)
    assert_allclose(cut, np.where(codes[:, None] == codes, whole, 0), atol=1e-12)
    assert (whole != cut).any()
    by = sg.measure(pop, "H", by="district", environment=network).set_index("district")["value"]
    for name, part in pop.split("district").items():
        assert_allclose(by[name], sg.information_theory(part.within(network)), rtol=1e-12)


def test_every_region_has_its_own_plane():
    """The same town in two UTM zones, in one table in degrees."""
    lines, points = random_city(4)
    here, there = people(points).to_frame(), people(points).to_frame()
    there = there.set_crs("EPSG:32634", allow_override=True)
    frame = pd.concat([here.to_crs(4326).assign(town="w"), there.to_crs(4326).assign(town="e")], ignore_index=True)
    both = sg.Population.from_frame(frame, ["a", "b"])
    streets = pd.concat([roads(*lines).to_crs(4326), roads(*lines).set_crs(32634, allow_override=True).to_crs(4326)])
    network = sg.Network(streets, 700)
    expected = dense(sg.Network(roads(*lines), 700), people(points))
    with pytest.warns(sg.SegregateWarning, match="in degrees"):
        found = dense(network, both, regions=np.repeat([1, 0], len(points)))
    n = len(points)
    assert_allclose(found[:n, :n], expected, atol=1e-7)
    assert_allclose(found[n:, n:], expected, atol=1e-7)
    assert not found[:n, n:].any()


def test_blocks_change_no_bit(monkeypatch):
    lines, points = random_city(9)
    pop = people(points)
    network = sg.Network(roads(*lines), 500)
    whole = network.on(pop).to_sparse()
    for at_once, cells in [(1, 10**9), (7, 10**9), (512, 1000)]:
        monkeypatch.setattr(_streets, "AT_ONCE", at_once)
        monkeypatch.setattr(_streets, "CELLS", cells)
        blocks = network.on(pop).to_sparse()
        assert_array_equal(blocks.indices, whole.indices)
        assert_array_equal(blocks.data, whole.data)


def test_the_order_of_streets_and_units_changes_nothing():
    lines, points = random_city(10)
    rng = np.random.default_rng(0)
    expected = dense(sg.Network(roads(*lines), 600), people(points))
    mixed = [lines[k][:: rng.choice([-1, 1])] for k in rng.permutation(len(lines))]
    assert_allclose(dense(sg.Network(roads(*mixed), 600), people(points)), expected, atol=1e-12)
    order = rng.permutation(len(points))
    found = dense(sg.Network(roads(*lines), 600), people([points[k] for k in order]))
    assert_allclose(found, expected[np.ix_(order, order)], atol=1e-12)


def test_streets_and_units_are_left_as_they_are():
    lines, points = random_city(1)
    streets, pop = roads(*lines), people(points)
    before = streets.copy(deep=True)
    sg.Network(streets, 600).on(pop)
    assert streets.geom_equals_exact(before, 0).all()
    graph = osm_like(lines)
    copy = graph.copy()
    sg.Network(graph, 600).on(pop)
    assert nx.utils.graphs_equal(graph, copy)


# as an environment


def test_people_meet_those_along_the_streets():
    streets = roads([(0, 0), (100, 0)], [(0, 20), (100, 20)])
    pop = people([(10, 0), (90, 0), (10, 20), (90, 20)])
    near = pop.within(sg.Network(streets, 1000, "uniform"))
    met = np.array([pop.counts[:2].sum(axis=0)] * 2 + [pop.counts[2:].sum(axis=0)] * 2)
    assert_array_equal(near.surroundings, met)
    assert str(near.environment) == "network uniform 1000 m"
    assert set(sg.measure(near, "H")["environment"]) == {"network uniform 1000 m"}


def test_it_says_what_it_is():
    assert repr(sg.Network(roads([(0, 0), (1, 0)]), 500)) == (
        "Network(<1 street>, radius=500.0, shape='biweight', join='vertices', tolerance=0.01)"
    )
    assert repr(sg.Network(osm_like([[(0, 0), (1, 0)]]), 500, "uniform")) == (
        "Network(<2 streets>, radius=500.0, shape='uniform')"
    )


def test_how_far_units_are_from_the_streets():
    snap = sg.Network(roads([(0, 0), (100, 0)]), 50).snapping(people([(50, 30), (130, 40), (0, 0)]))
    assert snap.index.to_list() == ["u0", "u1", "u2"]
    assert_allclose(snap, [30, 50, 0], atol=1e-9)


def test_units_far_from_streets_meet_only_their_own():
    pop = people([(50, 60), (50, 0), (90, 0), (20, 400), (20, 400)])
    network = sg.Network(roads([(0, 0), (100, 0)]), 50, "uniform")
    with pytest.warns(
        sg.SegregateWarning,
        match=r"^3 units of 5 are farther than 50 m from any street \(first: 'u0', 'u3', 'u4'; up to 400 m\)",
    ):
        found = dense(network, pop)
    expected = np.eye(5)
    expected[1, 2] = expected[2, 1] = expected[3, 4] = expected[4, 3] = 1
    assert_array_equal(found, expected)
    with pytest.warns(sg.SegregateWarning, match=r"^1 unit of 2 is farther than 50 m"):
        assert_array_equal(dense(network, people([(50, 60), (50, 0)])), np.eye(2))


def test_too_many_pairs_are_refused(monkeypatch):
    streets = roads([(0, 0), (100, 0)])
    monkeypatch.setattr(base, "MOST_PAIRS", 24)
    with pytest.raises(sg.ParameterError, match="more than 24 pairs of units, too many to be held; take a smaller"):
        sg.Network(streets, 500).on(people([(10 * k, 0) for k in range(5)]))
    with pytest.raises(sg.ParameterError, match="more than 24 pairs"):
        sg.Network(streets, 500).on(people([(10, 0)] * 5))
    monkeypatch.setattr(base, "MOST_PAIRS", 25)
    assert sg.Network(streets, 500).on(people([(10 * k, 0) for k in range(5)])).matrix.nnz == 25
    assert sg.Network(streets, 500).on(people([(10, 0)] * 5)).matrix.nnz == 25


# what is refused


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"radius": 0}, "radius=0 is a distance in metres, above 0"),
        ({"radius": 5, "shape": "quartic"}, "shape='quartic' is not known"),
        ({"radius": 5, "join": "middles"}, "join='middles' is not known; it is one of 'ends', 'vertices', 'crossings'"),
        ({"radius": 5, "tolerance": -1}, "tolerance=-1 is a distance in metres"),
        ({"radius": 5, "tolerance": True}, "tolerance=True is a distance in metres"),
    ],
)
def test_arguments_that_cannot_be_used(arguments, message):
    with pytest.raises(sg.ParameterError, match=message):
        sg.Network(roads([(0, 0), (1, 0)]), **arguments)


def test_streets_that_are_no_streets():
    with pytest.raises(sg.ParameterError, match="GeoDataFrame of lines or a networkx graph, not DataFrame"):
        sg.Network(pd.DataFrame({"a": [1]}), 500)
    with pytest.raises(sg.ParameterError, match="not str"):
        sg.Network("streets.gpkg", 500)
    with pytest.raises(sg.GeometryError, match=r"The streets have no coordinate reference system.*set_crs"):
        sg.Network(gpd.GeoSeries([LineString([(0, 0), (1, 1)])]), 500)
    mixed = gpd.GeoSeries(
        [LineString([(0, 0), (1, 1)]), Point(0, 0), Point(1, 1).buffer(1)], crs=CRS, index=list("xyz")
    )
    with pytest.raises(
        sg.GeometryError, match=r"2 streets of 3 have a geometry that is no line but Point, Polygon \(first: 'y', 'z'\)"
    ):
        sg.Network(mixed, 500)
    nothing = gpd.GeoSeries([None, LineString(), LineString([(1, 1), (1, 1)])], crs=CRS)
    with pytest.raises(sg.GeometryError, match="There are no streets: no line has a length"):
        sg.Network(nothing, 500)
    with pytest.raises(sg.GeometryError, match="There are no streets"):
        sg.Network(gpd.GeoSeries([], crs=CRS), 500)


def test_streets_without_length_are_left_out_and_counted():
    streets = pd.concat(
        [
            roads([(0, 0), (100, 0)]),
            gpd.GeoSeries([None, LineString(), LineString([(1, 1), (1, 1)])], index=["n", "e", "z"], crs=CRS),
        ]
    )
    with pytest.warns(
        sg.SegregateWarning, match=r"3 streets of 4 without geometry or length left out \(first: 'n', 'e', 'z'"
    ):
        network = sg.Network(streets, 200, "triangular")
    assert_allclose(dense(network, people([(0, 0), (100, 0)])), [[1, 0.5], [0.5, 1]], atol=1e-12)


def test_streets_smaller_than_the_tolerance_are_refused():
    network = sg.Network(roads([(0, 0), (1, 0)]), 500, join="crossings", tolerance=1000)
    with pytest.raises(sg.GeometryError, match="Nothing is left of the streets at tolerance=1000; take a smaller one"):
        network.on(people([(0, 0), (1, 1)]))


def test_streets_that_do_not_lie_where_the_units_are():
    pole = gpd.GeoSeries([LineString([(0, 90), (0, 91)])], crs=4326)
    with pytest.raises(sg.GeometryError, match=r"1 street of 1 has no place in .*first: 0.*outside the projection"):
        sg.Network(pole, 500).on(people([(0, 0), (1, 1)]))
    site = 'LOCAL_CS["building site",UNIT["metre",1]]'
    drawn = gpd.GeoDataFrame({"a": [1, 2], "b": [2, 1]}, geometry=[Point(0, 0), Point(1, 1)], crs=site)
    with pytest.raises(
        sg.GeometryError, match="The streets cannot be brought from WGS 84 / UTM zone 33N to building site"
    ):
        sg.Network(roads([(0, 0), (1, 0)]), 500).on(sg.Population.from_frame(drawn, ["a", "b"]))
    plan = gpd.GeoSeries([LineString([(0, 0), (1, 1)])], crs=site)
    found = dense(sg.Network(plan, 10, "triangular"), sg.Population.from_frame(drawn, ["a", "b"]))
    assert_allclose(found[0, 1], 1 - math.sqrt(2) / 10, atol=1e-12)


def test_graphs_that_cannot_be_used():
    lines = [[(0, 0), (50, 5), (100, 0)], [(100, 0), (100, 50)]]
    for word in ({"join": "ends"}, {"tolerance": 1.0}):
        with pytest.raises(sg.ParameterError, match="a graph says itself what is joined"):
            sg.Network(osm_like(lines), 500, **word)
    with pytest.raises(sg.GeometryError, match=r"The graph has no coordinate reference system.*graph\.graph\['crs'\]"):
        sg.Network(nx.path_graph(3), 500)
    with pytest.raises(sg.DataError, match="The graph has no edges"):
        sg.Network(nx.Graph(crs=CRS), 500)
    with pytest.raises(sg.GeometryError, match=r"3 nodes of 3 have no x and y that are numbers \(first: 0, 1, 2\)"):
        sg.Network(nx.Graph([(0, 1), (1, 2)], crs=CRS), 500)
    text, negative, drawn = osm_like(lines), osm_like(lines), osm_like(lines)
    for graph, key, value in [(text, "length", "12.5"), (negative, "length", -1.0), (drawn, "geometry", "LINESTRING")]:
        next(iter(graph.edges(data=True)))[2][key] = value
    with pytest.raises(sg.DataError, match=r"1 edge of 4 has a length that is no number of metres.*length '12.5'"):
        sg.Network(text, 500)
    with pytest.raises(sg.DataError, match=r"1 edge of 4 has a length that is no number of metres.*length -1.0"):
        sg.Network(negative, 500)
    with pytest.raises(sg.GeometryError, match="1 edge of 4 has a geometry that is no LineString"):
        sg.Network(drawn, 500)


# a real town


def test_new_haven(shared_data):
    streets = gpd.read_parquet(shared_data("new_haven_network/newhaven_streets.parquet"))
    blocks = gpd.read_parquet(shared_data("new_haven_network/newhaven_blockgroups_1990.parquet"))
    pop = sg.Population.from_frame(blocks, ["white", "black", "asian_pi", "native", "other"])
    found = dense(sg.Network(streets, 1000), pop)
    assert_allclose(found, dense(sg.Network(streets, 1000, join="crossings"), pop), atol=1e-4)
    assert_allclose(found, found.T, atol=1e-12)
    straight = sg.Kernel(1000).on(pop).to_sparse().toarray()
    assert (found <= straight + 1e-12).all()
    assert (found > 0).sum() > 0.4 * (straight > 0).sum()
    # two block groups by brute force, over the same lines
    corners = [list(part.coords) for line in streets.geometry for part in shapely.get_parts(line)]
    rows = np.argsort(-found[0])[:6]
    distances = oracle_distances(corners, [tuple(pop.points[row]) for row in rows])
    assert_allclose(
        found[np.ix_(rows, rows)], np.maximum(0, 1 - (distances / 1000) ** 2) ** 2 * (distances <= 1000), atol=1e-9
    )
