"""Borders: which units touch, and how long the line is that they share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse
import shapely

from ..errors import GeometryError, first_of, have, plural

__all__ = ["Borders", "borders_of", "lags"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


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

    Borders are found in the CRS of the data, where they are drawn, and measured in the plane.

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
    shapes = gpd.GeoSeries(geometry.make_valid().to_numpy(), crs=geometry.crs)
    i, j = _touching(shapes)
    lines = gpd.GeoSeries(shapely.intersection(shapes.array[i], shapes.array[j]), crs=geometry.crs)
    if plane.crs is not None and not plane.crs.equals(lines.crs):
        lines = lines.to_crs(plane.crs)
    _tell_overlaps(shapes, geometry.index, say)
    return Borders(i, j, lines.length.to_numpy() * factor, perimeter)


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
        For every number of steps the pairs, once each, whose shortest path is that long.
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
        found.append((pairs.row[once].astype(np.int64), pairs.col[once].astype(np.int64)))
    return found
