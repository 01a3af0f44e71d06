"""Borders: which units touch, and how long the line is that they share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse
import scipy.sparse.csgraph
import shapely

from ..errors import GeometryError, first_of, have, plural

__all__ = ["Borders", "borders_of", "lags"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
ROUNDING = 1e-12
"""Corners and sides that are closer, as a share of the largest coordinate, meet: coordinates are rounded."""


@dataclass(frozen=True)
class Borders:
    """Pairs of units that touch, each once with i < j.

    Attributes
    ----------
    i, j : ndarray of shape (E,)
        Row numbers of the two units.
    length : ndarray of shape (E,)
        Length of the shared border in metres; 0 where they touch at points only.
    perimeter : ndarray of shape (n,)
        Length of the whole outline of each unit in metres, holes included.
    """

    i: Ints
    j: Ints
    length: Floats
    perimeter: Floats

    @staticmethod
    def concatenate(parts: Sequence[Borders]) -> Borders:
        """Put regions one after another."""
        offsets = np.cumsum([0, *(len(part.perimeter) for part in parts)])
        return Borders(
            np.concatenate([part.i + offset for part, offset in zip(parts, offsets, strict=False)]),
            np.concatenate([part.j + offset for part, offset in zip(parts, offsets, strict=False)]),
            np.concatenate([part.length for part in parts]),
            np.concatenate([part.perimeter for part in parts]),
        )


def borders_of(geometry: gpd.GeoSeries, plane: gpd.GeoSeries, factor: float, *, say: Callable[[str], None]) -> Borders:
    """Find who touches whom, by geometry: corners of neighbours need not meet.

    Borders are found in the CRS of the data, where they are drawn, and measured in the plane. A
    corner that lies on a slanted side is beside it by the rounding of its coordinates; up to
    `ROUNDING` it counts as on the side.

    Parameters
    ----------
    geometry : GeoSeries
        Polygons in the CRS of the data.
    plane : GeoSeries
        The same in a plane CRS.
    factor : float
        Metres in one unit of the plane CRS.
    say : callable
        Told of units that overlap.

    Returns
    -------
    Borders

    Raises
    ------
    GeometryError
        Where units are not polygons.
    """
    flat = ~geometry.geom_type.isin(["Polygon", "MultiPolygon"]).to_numpy()
    if flat.any():
        raise GeometryError(
            f"{have(int(flat.sum()), len(geometry))} no border (first: {first_of(geometry.index[flat][:4])}): "
            "neighbours are known of polygons only, not of points or lines."
        )
    perimeter = plane.length.to_numpy() * factor
    valid = np.array([_polygons_of(shape) for shape in geometry.make_valid()], dtype=object)
    shapes = gpd.GeoSeries(_noded(valid), crs=geometry.crs)
    i, j = _touching(shapes)
    lines = gpd.GeoSeries(shapely.intersection(shapes.array[i], shapes.array[j]), crs=geometry.crs)
    if plane.crs is not None and not plane.crs.equals(lines.crs):
        lines = lines.to_crs(plane.crs)
    _tell_overlaps(shapes, geometry.index, say)
    return Borders(i, j, lines.length.to_numpy() * factor, perimeter)


def _polygons_of(shape: shapely.Geometry) -> shapely.Geometry:
    """Return a repaired shape without the lines and points that spikes have become; they have no border."""
    if shape.geom_type in ("Polygon", "MultiPolygon"):
        return shape
    parts = [part for part in getattr(shape, "geoms", []) if part.geom_type in ("Polygon", "MultiPolygon")]
    return shapely.union_all(parts) if parts else shapely.Polygon()


def _noded(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Put corners that agree but for rounding in one place, and into the sides of neighbours that they lie on."""
    result = shapes.copy()
    polygons = np.isin(shapely.get_type_id(shapes), (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON))
    if not polygons.any():
        return result
    kind, coords, (rings, *parts) = shapely.to_ragged_array(shapes[polygons], include_z=False)
    near = ROUNDING * float(np.abs(coords).max())
    coords = _in_one_place(coords, rings, near)
    at, corners = _on_sides(coords, rings, near)
    rings = rings + np.searchsorted(at, rings)
    noded = shapely.from_ragged_array(kind, np.insert(coords, at, corners, axis=0), (rings, *parts))
    result[polygons] = np.where(shapely.is_valid(noded), noded, shapes[polygons])
    return result


def _lonely(coords: Floats, rings: Ints) -> tuple[npt.NDArray[np.complex128], Ints, Ints]:
    """Return the different corners, the number of each, and the sides that no other unit has, by their first corner.

    Only these can have something to do with the corners and sides of others.
    """
    corners, number = np.unique(np.ascontiguousarray(coords).view(np.complex128).ravel(), return_inverse=True)
    begins = np.ones(len(coords), dtype=bool)
    begins[rings[1:] - 1] = False
    first = np.flatnonzero(begins)
    a, b = number[first], number[first + 1]
    _, side, times = np.unique(
        np.minimum(a, b) * len(corners) + np.maximum(a, b), return_inverse=True, return_counts=True
    )
    return corners, number, first[(times[side] == 1) & (a != b)]


def _in_one_place(coords: Floats, rings: Ints, near: float) -> Floats:
    """Return the coordinates with one place for corners of lonely sides that are near each other."""
    from scipy.spatial import KDTree

    corners, number, lonely = _lonely(coords, rings)
    ends = np.unique(number[np.r_[lonely, lonely + 1]])
    if not len(ends):
        return coords
    pairs = KDTree(np.column_stack([corners[ends].real, corners[ends].imag])).query_pairs(near, output_type="ndarray")
    if not len(pairs):
        return coords
    links = scipy.sparse.coo_array((np.ones(len(pairs)), pairs.T), shape=(len(ends), len(ends)))
    _, cluster = scipy.sparse.csgraph.connected_components(links, directed=False)
    _, chosen = np.unique(cluster, return_index=True)
    corners[ends] = corners[ends[chosen[cluster]]]
    return corners[number].view(np.float64).reshape(-1, 2)


def _on_sides(coords: Floats, rings: Ints, near: float) -> tuple[Ints, Floats]:
    """Return corners on the lonely sides of others: before which coordinate each goes, in order, and where it is."""
    corners, number, lonely = _lonely(coords, rings)
    ends = np.unique(number[np.r_[lonely, lonely + 1]])
    begin, along = coords[lonely], coords[lonely + 1] - coords[lonely]
    places = np.column_stack([corners[ends].real, corners[ends].imag])
    tree = shapely.STRtree(shapely.linestrings(np.stack([begin, coords[lonely + 1]], axis=1)))
    point, side = tree.query(shapely.points(places), predicate="dwithin", distance=near)
    inside = (ends[point] != number[lonely[side]]) & (ends[point] != number[lonely[side] + 1])
    point, side = point[inside], side[inside]
    part = ((places[point] - begin[side]) * along[side]).sum(axis=1) / (along[side] ** 2).sum(axis=1)
    order = np.lexsort((part, side))
    return lonely[side[order]] + 1, places[point[order]]


def _touching(shapes: gpd.GeoSeries) -> tuple[Ints, Ints]:
    """Return the pairs of units that touch, i < j, without a common inside."""
    from libpysal.graph import Graph

    if len(shapes) < 2:
        none = np.empty(0, dtype=np.int64)
        return none, none
    graph = Graph.build_contiguity(shapes, rook=False, strict=True)
    pairs = graph.adjacency.index.to_frame(index=False).to_numpy(dtype=np.int64)
    once = pairs[pairs[:, 0] < pairs[:, 1]]
    once = once[np.lexsort((once[:, 1], once[:, 0]))]
    return np.ascontiguousarray(once[:, 0]), np.ascontiguousarray(once[:, 1])


def _tell_overlaps(shapes: gpd.GeoSeries, ids: pd.Index, say: Callable[[str], None]) -> None:
    """Say which units lie over one another: they have no border."""
    i, j = shapes.sindex.query(shapes.array, predicate="intersects")
    i, j = i[i < j], j[i < j]
    over = ~shapely.relate_pattern(shapes.array[i], shapes.array[j], "F********")
    if over.any():
        pairs = [f"{ids[a]!r} and {ids[b]!r}" for a, b in zip(i[over][:3], j[over][:3], strict=True)]
        say(
            f"{plural(int(over.sum()), 'pair')} of units overlap (first: {', '.join(pairs)}); where one lies over the "
            "other there is no border, so they are not neighbours. A clean coverage has no overlaps."
        )


def lags(i: Ints, j: Ints, n_units: int, order: int) -> list[tuple[Ints, Ints]]:
    """Return the pairs that are 1, 2, ..., `order` steps apart.

    Parameters
    ----------
    i, j : ndarray of shape (E,)
        Neighbours, each pair once.
    n_units : int
        Number of units.
    order : int
        Largest number of steps.

    Returns
    -------
    list of (i, j)
        For every number of steps that a pair is apart the pairs, once each, whose shortest
        path is that long.
    """
    ones = np.ones(2 * len(i), dtype=np.int64)
    step = scipy.sparse.csr_array((ones, (np.r_[i, j], np.r_[j, i])), shape=(n_units, n_units))
    reached = step + scipy.sparse.eye_array(n_units, dtype=np.int64, format="csr")
    reached.data[:] = 1
    last = step
    found = [(i, j)]
    for _ in range(order - 1):
        farther = last @ step
        farther.data[:] = 1
        last = farther - farther.multiply(reached)
        last.eliminate_zeros()
        last = scipy.sparse.csr_array(last)
        reached = reached + last
        pairs = last.tocoo()
        once = pairs.row < pairs.col
        if not once.any():
            break
        found.append((pairs.row[once].astype(np.int64), pairs.col[once].astype(np.int64)))
    return found
