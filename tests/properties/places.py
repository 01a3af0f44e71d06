"""Hypothesis strategies: land for the units of a city, and the same land after the change of an axiom.

The land is a rectangle cut in two again and again, along lines of a grid of 50 m: borders end in the middle of others,
many areas and distances are equal.
"""

import math
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon

import segregate as sg
from tests.oracles._places import Places, moved, places_of

CRS = "EPSG:32633"
CELL = 50.0
CORNER = (500_000.0, 5_500_000.0)


@dataclass(frozen=True)
class Placed:
    """A city and where its units are."""

    counts: list
    places: Places


@st.composite
def cuts(draw, n):
    """Draw n rectangles (west, south, east, north) in cells that fill one, in any order."""
    sides = [(0, 0, draw(st.integers(5, 40)), draw(st.integers(5, 40)))]
    while len(sides) < n:
        wide = [at for at, (w, s, e, north) in enumerate(sides) if max(e - w, north - s) > 1]
        at = draw(st.sampled_from(wide))
        w, s, e, north = sides[at]
        upright = e - w > 1 and (north - s == 1 or draw(st.booleans()))
        low, high = (w, e) if upright else (s, north)
        middle = (low + high) // 2
        line = draw(st.one_of(st.just(middle), st.integers(low + 1, high - 1)))
        sides[at], other = (
            ((w, s, line, north), (line, s, e, north)) if upright else ((w, s, e, line), (w, line, e, north))
        )
        sides.append(other)
    return draw(st.permutations(sides))


def plots(sides):
    """Return the polygons of rectangles in cells."""
    return [
        Polygon([(CORNER[0] + x * CELL, CORNER[1] + y * CELL) for x, y in ((w, s), (e, s), (e, n), (w, n))])
        for w, s, e, n in sides
    ]


@st.composite
def land(draw, n, turned=False):
    """Draw the places of n units, along the grid or turned by some degrees."""
    shapes = gpd.GeoSeries(plots(draw(cuts(n))), crs=CRS)
    if turned:
        shapes = shapes.rotate(draw(st.floats(1, 89)), origin=CORNER)
    return places_of(gpd.GeoDataFrame(geometry=shapes))


@st.composite
def one_centre(draw, n):
    """Draw a place of the grid, or the number of a unit."""
    cell = st.integers(-4, 80).map(lambda half: half / 2 * CELL)
    place = st.tuples(cell, cell).map(lambda point: (CORNER[0] + point[0], CORNER[1] + point[1]))
    return draw(st.one_of(place, st.integers(0, n - 1)))


@st.composite
def centres(draw, n):
    """Draw a centre of any kind for n units: a place, a unit, a list of these, "population"."""
    one = one_centre(n)
    return draw(st.one_of(st.just("population"), one, st.lists(one, min_size=1, max_size=3)))


radii = st.integers(20, 2500).map(lambda metres: metres + 0.123)
"""No distance between points of the grid."""
scales = st.sampled_from([45.0, 180.0, 1000.0, 5000.0])
"""How far nearness reaches, in metres."""


def labels(n):
    """Return the ids of n units."""
    return [f"u{j}" for j in range(n)]


def asked_centre(centre):
    """Return a centre of an oracle as the package takes it: units by their ids."""
    if isinstance(centre, list):
        return [asked_centre(one) for one in centre]
    return f"u{centre}" if isinstance(centre, int) else centre


def asked(params):
    """Return the parameters of an oracle as the package takes them."""
    return {word: asked_centre(value) if word == "centre" else value for word, value in params.items()}


def shape(polygons):
    """Return polygons as one shape."""
    parts = [Polygon(rings[0], rings[1:]) for rings in polygons]
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)


def population(counts, places, given=True):
    """Return the population of a city with places: groups g0, g1, ..., ids u0, u1, ...

    Parameters
    ----------
    counts, places
        As the oracles take them.
    given
        Whether areas and points are columns; otherwise they are those of the polygons.
    """
    groups = [f"g{m}" for m in range(len(counts[0]))]
    frame = pd.DataFrame([[float(count) for count in row] for row in counts], columns=groups)
    frame.insert(0, "unit", labels(len(counts)))
    how = {}
    if places.rings is not None:
        frame = gpd.GeoDataFrame(frame, geometry=[shape(polygons) for polygons in places.rings], crs=CRS)
    if given and places.area is not None:
        frame["m2"] = places.area
        how["area"] = "m2"
    if given and places.points is not None:
        frame["x"], frame["y"] = zip(*places.points, strict=True)
        how |= {"points": ("x", "y"), "crs": CRS}
    return sg.Population.from_frame(frame, groups, id="unit", **how)


@st.composite
def located(draw, change):
    """Draw the land of both cities of a change: (Placed before, Placed after).

    A new unit has land of its own; the halves of a split unit share its land like its people and keep its point;
    the land of a copied city lies apart.
    """
    before, after, units = change.before, change.after, change.units
    copied = len(after) == 2 * len(before) and units == [*range(len(before))] * 2
    if None in units:  # a unit without people comes in
        whole = draw(land(len(after)))
        kept = [units.index(j) for j in range(len(before))]
        places = Places(*([column[j] for j in kept] for column in (whole.area, whole.points, whole.rings)))
        return Placed(before, places), Placed(after, whole)
    places = draw(land(len(before)))
    area = [places.area[j] for j in units]
    rings = [places.rings[j] for j in units]
    if copied:
        far = [[[moved(ring, east=1e5) for ring in rings] for rings in unit] for unit in places.rings]
        rings = places.rings + far
    elif len(after) > len(before):  # the last one was split off
        split = units[-1]
        people = math.fsum(before[split])
        part = math.fsum(after[split]) / people if people > 0 else 0.5
        area[split], area[-1] = places.area[split] * part, places.area[split] * (1 - part)
        rings = None
    return Placed(before, places), Placed(after, Places(area, [places.points[j] for j in units], rings))


def centre_after(centre, change):
    """Return a centre of the city before as one of the city after."""
    if isinstance(centre, list):
        return [centre_after(one, change) for one in centre]
    return change.units.index(centre) if isinstance(centre, int) else centre
