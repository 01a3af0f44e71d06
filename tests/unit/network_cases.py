"""What the tests of networks share."""

import heapq
import math

import geopandas as gpd
import networkx as nx
import numpy as np
from shapely import LineString, Point

import segregate as sg

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
