"""Geometry of the interactive map: simplified together, quantised, as differences of whole numbers."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from ..plot._projection import display_crs, project

__all__ = ["Drawn", "drawn", "same_shapes"]

STEPS = 20_000
"""Steps of the grid of coordinates along the longer side of the map."""
FINE = 20_000
"""Borders are simplified by this part of the longer side at first."""
VERTICES = 160_000
"""About as many corners a page may hold; beyond that borders are simplified further."""
ROUNDS = 8
"""How often the simplification may be made twice as coarse."""
POLYGON = 2
"""Dimension of a polygon, as shapely counts."""


@dataclass(frozen=True)
class Drawn:
    """Geometry of a layer, ready for the page.

    Attributes
    ----------
    bounds : list of float
        West, south, east and north edge, in map units.
    scale : float
        Map units of one step.
    shapes : list or None
        Rings of every unit as ``[x, y, dx, dy, ...]`` in steps from the south-west corner, without the last point;
        None where there are no polygons.
    points : list or None
        ``[x, y]`` of every unit without a polygon, else None; None where there are no such units.
    """

    bounds: list[float]
    scale: float
    shapes: list[list[list[int]]] | None
    points: list[list[int] | None] | None


def same_shapes(geometry: gpd.GeoSeries) -> str:
    """Return a hash that is the same for the same geometry, so that it is stored once."""
    parts = shapely.to_wkb(geometry.to_numpy(), include_srid=False)
    digest = hashlib.sha256(str(geometry.crs).encode())
    for part in parts:
        digest.update(part or b"-")
    return digest.hexdigest()


def drawn(geometry: gpd.GeoSeries, *, vertices: int = VERTICES) -> Drawn:
    """Simplify and quantise the geometry of a layer.

    Neighbours keep their common border: all units are simplified together.

    Parameters
    ----------
    geometry : GeoSeries
        Geometry of the units; some may be missing, not all.
    vertices : int
        About as many corners it may have.

    Returns
    -------
    Drawn
        What the page draws.

    Raises
    ------
    GeometryError
        When the geometry cannot be drawn.
    """
    shapes = project(geometry, display_crs(geometry)).to_numpy()
    present = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    polygons = np.full(len(shapes), None, dtype=object)
    polygons[present] = _polygons(shapes[present])
    flat = ~(shapely.is_missing(polygons) | shapely.is_empty(polygons))
    west, south, east, north = map(float, shapely.total_bounds(shapes[present]))
    size = max(east - west, north - south) or 1.0
    grid = Grid(west, south, size / STEPS)
    points = present & ~flat
    simple = np.full(len(shapes), None, dtype=object)
    simple[flat] = _simplified(polygons[flat], size, vertices)
    middles = np.full((len(shapes), 2), np.nan)
    middles[present] = shapely.get_coordinates(shapely.point_on_surface(shapes[present]))
    places = [grid.place(middle) if here else None for middle, here in zip(middles, present, strict=True)]
    return Drawn(
        bounds=[west, south, east, north],
        scale=grid.step,
        shapes=[_rings(shape, place, grid) for shape, place in zip(simple, places, strict=True)]
        if flat.any()
        else None,
        points=[place if point else None for place, point in zip(places, points, strict=True)]
        if points.any()
        else None,
    )


@dataclass(frozen=True)
class Grid:
    """Steps of whole numbers from the south-west corner."""

    west: float
    south: float
    step: float

    def steps(self, places: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return coordinates in steps."""
        moved = (places - (self.west, self.south)) / self.step
        return np.rint(moved).astype(np.int64)

    def place(self, point: NDArray[np.float64]) -> list[int]:
        """Return one point in steps."""
        return [int(step) for step in self.steps(point)]


def _polygons(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return the polygons among geometry, mended where their borders cross themselves."""
    broken = ~shapely.is_valid(shapes)
    shapes = shapes.copy()
    shapes[broken] = shapely.make_valid(shapes[broken])
    plain = np.isin(shapely.get_type_id(shapes), (3, 6))
    for row in np.flatnonzero(~plain):
        parts = shapely.get_parts(shapely.get_parts(shapes[row]))
        shapes[row] = shapely.multipolygons(parts[shapely.get_dimensions(parts) == POLYGON])
    return shapes


def _simplified(polygons: NDArray[np.object_], size: float, vertices: int) -> NDArray[np.object_]:
    """Simplify until there are few enough corners.

    Where units overlap or leave slits (as they do in most real data), the borders that fit stay common.
    """
    tolerance = size / FINE
    simple = polygons
    for _ in range(ROUNDS if len(polygons) else 0):
        try:
            simple = shapely.coverage_simplify(polygons, tolerance)
        except (shapely.errors.GEOSException, shapely.errors.UnsupportedGEOSVersionError):
            simple = shapely.simplify(polygons, tolerance, preserve_topology=True)
        if int(shapely.get_num_coordinates(simple).sum()) <= vertices:
            break
        tolerance *= 2
    return simple


def _rings(shape: shapely.Geometry | None, place: list[int] | None, grid: Grid) -> list[list[int]]:
    """Return the rings of a unit as differences; a unit smaller than a step is a square of two."""
    if shape is None or place is None:
        return []
    rings = shapely.get_rings(shapely.get_parts(shape))
    coordinates, owner = shapely.get_coordinates(rings, return_index=True)
    ends = np.flatnonzero(np.diff(owner)) + 1
    corners = np.split(grid.steps(coordinates), ends) if len(rings) else []
    encoded = [ring for steps in corners if (ring := _differences(steps))]
    if encoded:
        return encoded
    x, y = place
    return [[x - 1, y - 1, 2, 0, 0, 2, -2, 0]]


def _differences(steps: NDArray[np.int64]) -> list[int]:
    """Return a closed ring as its first corner and the way to each next, or nothing where no area is left."""
    moves = np.diff(steps, axis=0)
    kept = np.concatenate([[True], moves.any(axis=1)])
    corners = steps[kept]
    if (corners[0] == corners[-1]).all():
        corners = corners[:-1]
    x, y = corners.T
    twice_area = float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))
    if len(corners) < 3 or math.isclose(twice_area, 0.0, abs_tol=0.5):
        return []
    encoded: list[int] = np.concatenate([corners[:1], np.diff(corners, axis=0)]).ravel().tolist()
    return encoded
