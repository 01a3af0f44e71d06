"""Who is near whom in a row: the weights of all pairs in plain loops, and the same as an environment of ours.

``within`` in the parameters of a row is one of

    {"decay": metres, "own": own}                       exp(-d / metres), Decay
    {"kernel": shape, "radius": metres}                 Kernel
    {"cut decay": metres, "reach": metres, "own": 1}    exp(-d / metres) up to a distance, none with null
    {"scaled decay": power, "reach": metres}            (exp(-p u) - exp(-p)) / (1 - exp(-p)) with u = d / reach <= 1
    {"distance": metres, "own": own}                    d / metres
    {"reciprocal": metres}                              metres / d
    {"rook": 1}                                         1 for neighbours that share a line, and for the unit itself

The distance of a unit to itself, ``own``, is "area", sqrt(0.6 a), or a number times sqrt(a); without it the weight of a
unit to itself is 0 for the cut decay and the reciprocal. ``raster`` makes points of the polygons: so many along each
side, at equal steps from edge to edge, that share the people of the polygon in which they lie.
"""

import math
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import scipy.sparse
from scipy.spatial import KDTree

import segregate as sg
from tests.oracles._places import Places, borders
from tests.peers.rows import table

SLACK = 1 + 1e-12
SHAPES = {
    "uniform": lambda u: 1.0,
    "triangular": lambda u: 1 - u,
    "biweight": lambda u: (1 - u * u) ** 2,
    "gaussian": lambda u: math.exp(-u * u / 2),
}


def distance_to_itself(own, area):
    """Return how far a unit is from itself."""
    return math.sqrt(0.6 * area) if own == "area" else own * math.sqrt(area)


def weight(within, d):
    """Return the weight of a distance between two units."""
    if "decay" in within:
        return math.exp(-d / within["decay"])
    if "kernel" in within:
        u = d / within["radius"]
        return SHAPES[within["kernel"]](min(u, 1.0) if within["kernel"] != "gaussian" else u)
    if "cut decay" in within:
        return math.exp(-d / within["cut decay"])
    if "scaled decay" in within:
        end = math.exp(-within["scaled decay"])
        return (math.exp(-within["scaled decay"] * min(d / within["reach"], 1.0)) - end) / (1 - end)
    return d / within["distance"] if "distance" in within else within["reciprocal"] / d


def reach(within):
    """Return the distance beyond which nobody counts, or nothing."""
    far = {"gaussian": None}.get(within.get("kernel"), within.get("radius")) or within.get("reach")
    return None if far is None else far * SLACK


def weights(within, places):
    """Return for each unit its pairs (j, c_ij), in plain loops."""
    if "rook" in within:
        found = {j: {j: 1.0} for j in range(len(places.rings))}
        for (i, j), length in borders(places, list(found)).items():
            if length > 0:
                found[i][j] = found[j][i] = 1.0
        return [list(found[j].items()) for j in found]
    far, points = reach(within), places.points
    lost = within.get("own", 0) == 0 and ("cut decay" in within or "reciprocal" in within)
    cells = {}
    side = far or math.inf
    for j, (x, y) in enumerate(points):
        cells.setdefault((x // side, y // side) if far else (0, 0), []).append(j)
    listed = []
    for i, (x, y) in enumerate(points):
        a, b = (x // side, y // side) if far else (0, 0)
        around = [(a + e, b + n) for e in (-1, 0, 1) for n in (-1, 0, 1)] if far else [(0, 0)]
        row = []
        for j in (j for cell in around for j in cells.get(cell, ())):
            d = math.dist(points[i], points[j])
            if i == j and lost:
                continue
            if i == j and within.get("own") and "cut decay" not in within:
                d = distance_to_itself(within["own"], places.area[i])
            if far is None or d <= far:
                row.append((j, weight(within, d)))
        listed.append(row)
    return listed


def as_matrix(pairs):
    """Return pairs as a list of lists."""
    rows = [[0.0] * len(pairs) for _ in pairs]
    for i, row in enumerate(pairs):
        for j, c in row:
            rows[i][j] = c
    return rows


def people_met(counts, pairs):
    """Return the composition of whom people meet, None where that is nobody."""
    composition = []
    for row in pairs:
        met = [math.fsum(c * counts[j][m] for j, c in row) for m in range(len(counts[0]))]
        everybody = math.fsum(met)
        composition.append([people / everybody for people in met] if everybody > 0 else None)
    return composition


# as ours --------------------------------------------------------------------------------


def environment(within, population):
    """Return the environment of ours that a row asks for."""
    own = within.get("own")
    if "decay" in within:
        if own == "area":
            return sg.Decay(within["decay"])
        return sg.Decay(within["decay"], "zero" if own == 0 else own * np.sqrt(population.area))
    if "kernel" in within:
        return sg.Kernel(within["radius"], within["kernel"])
    if "rook" in within:
        from libpysal.graph import Graph

        return sg.Weights(Graph.build_contiguity(population.to_frame(), rook=True).assign_self_weight())
    tree = KDTree(population.points)
    far = reach(within) or np.inf
    pairs = tree.query_pairs(far, output_type="ndarray")
    d = np.sqrt(((population.points[pairs[:, 0]] - population.points[pairs[:, 1]]) ** 2).sum(axis=1))
    on_itself = 0.0
    if "cut decay" in within:
        c, on_itself = np.exp(-d / within["cut decay"]), float(own or 0)
    elif "scaled decay" in within:
        power = within["scaled decay"]
        c, on_itself = np.expm1(power * (1 - np.minimum(d / within["reach"], 1))) / math.expm1(power), 1.0
    elif "distance" in within:
        c, on_itself = d / within["distance"], own * np.sqrt(population.area) / within["distance"]
    else:
        c = within["reciprocal"] / d
    both = np.concatenate([pairs, pairs[:, ::-1]])
    matrix = scipy.sparse.csr_array((np.concatenate([c, c]), both.T), shape=(population.n_units,) * 2)
    diagonal = np.broadcast_to(on_itself, population.n_units)
    return sg.Weights(scipy.sparse.csr_array(matrix + scipy.sparse.diags_array(diagonal)))


# rasters --------------------------------------------------------------------------------


@cache
def raster(dataset, side):
    """Return the points of a raster of squares of side 1, and the unit and number of sharers of each."""
    squares = [shape.bounds for shape in table(dataset).geometry]
    least, most = min(min(box[:2]) for box in squares), max(max(box[2:]) for box in squares)
    steps = [least + (most - least) * k / (side - 1) for k in range(side)]
    unit = {(int(box[0]), int(box[1])): j for j, box in enumerate(squares)}
    points = [(x, y) for y in steps for x in steps]
    inside = [unit[min(int(x), int(most) - 1), min(int(y), int(most) - 1)] for x, y in points]
    sharers = dict.fromkeys(unit.values(), 0)
    for j in inside:
        sharers[j] += 1
    return points, inside, [sharers[j] for j in inside]


def shared_out(counts, dataset, side):
    """Return the counts of the points of a raster, and where they are."""
    points, inside, sharers = raster(dataset, side)
    return [[n / k for n in counts[j]] for j, k in zip(inside, sharers, strict=True)], Places(points=points)


def population_of(population, dataset, side):
    """Return the population of the points of a raster."""
    points, inside, sharers = raster(dataset, side)
    counts = population.counts[inside] / np.array(sharers)[:, None]
    frame = gpd.GeoDataFrame(
        pd.DataFrame(counts, columns=population.groups),
        geometry=gpd.points_from_xy(*np.array(points).T),
        crs=population.crs,
    )
    return sg.Population.from_frame(frame, list(population.groups))
