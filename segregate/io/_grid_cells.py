"""Cells of a raster: their names, and their areas in m2."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj

from segregate.errors import GeometryError

__all__ = ["cell_areas", "cell_names"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
SCALE_TOLERANCE = 0.01
"""Largest error of the areas of a projection at which they are taken as they are."""
SAMPLE = 1000
"""So many cells are looked at to find out how true to area a projection is."""


def cell_names(crs: pyproj.CRS, transform: Any, row: Ints, column: Ints) -> pd.Index:
    """Return the names of cells: ``CRS3035RES1000mN2689000E4337000`` on the grid of INSPIRE, else ``r12c7``.

    Parameters
    ----------
    crs : CRS
        That of the raster.
    transform : Affine
        From (column, row) to coordinates, without rotation.
    row, column : ndarray of shape (n_cells,)
        Counted from 0 at the first value of the file.
    """
    size = abs(transform.a)
    aligned = size == abs(transform.e) == round(size) and not (transform.c % size or transform.f % size)
    if not (aligned and crs.to_epsg() == 3035):
        return _joined("r", row, "c", column)
    west = np.round(transform.c + transform.a * (column + (transform.a < 0))).astype(np.int64)
    south = np.round(transform.f + transform.e * (row + (transform.e < 0))).astype(np.int64)
    return _joined(f"CRS3035RES{size:.0f}mN", south, "E", west)


def _joined(first: str, one: Ints, second: str, other: Ints) -> pd.Index:
    names: pd.Index = pd.Index(first + pd.Series(one).astype("str") + second + pd.Series(other).astype("str"))
    return names


def cell_areas(crs: pyproj.CRS, transform: Any, row: Ints, column: Ints) -> tuple[Floats, str | None]:
    """Return the areas of cells in m2, and what is to be said of them.

    In degrees a cell has the area between two parallels and two meridians of the ellipsoid. In a projection it has
    that of the plane, unless this is off by more than 1 %: it has that of its corners on the ellipsoid then.

    Parameters
    ----------
    crs, transform, row, column
        As in `cell_names`.
    """
    if crs.is_geographic:
        return _between_parallels(crs, transform, row), "areas of cells: on the ellipsoid, by latitude"
    unit = crs.axis_info[0].unit_conversion_factor if crs.axis_info else 0.0
    if not unit or not (crs.is_projected or crs.is_engineering):
        raise GeometryError(f"The unit of length of {crs.name} is not known, so the areas of cells are not.")
    plane = np.full(len(row), abs(transform.a * transform.e) * unit**2)
    if crs.is_engineering:
        return plane, None
    some = np.unique(np.linspace(0, len(row) - 1, min(SAMPLE, len(row))).astype(np.int64))
    if np.abs(plane[some] / _by_corners(crs, transform, row[some], column[some]) - 1).max() <= SCALE_TOLERANCE:
        return plane, None
    areas = _by_corners(crs, transform, row, column)
    smallest, largest = (f"{value:.3g}" for value in ((plane / areas).min(), (plane / areas).max()))
    scale = smallest if smallest == largest else f"{smallest} to {largest}"
    return areas, f"{crs.name} shows areas {scale} times as large as they are; areas of cells: on the ellipsoid"


def _between_parallels(crs: pyproj.CRS, transform: Any, row: Ints) -> Floats:
    """Return the areas of cells between two parallels and two meridians."""
    radians = crs.axis_info[0].unit_conversion_factor
    edges = np.stack([transform.f + transform.e * row, transform.f + transform.e * (row + 1)]) * radians
    if np.abs(edges).max() > np.pi / 2 * (1 + 1e-9):
        raise GeometryError(
            f"The raster reaches a latitude of {np.degrees(np.abs(edges).max()):.4g} degrees; is its coordinate "
            f"reference system really {crs.name}?"
        )
    zones = _south_of(crs, np.clip(edges, -np.pi / 2, np.pi / 2))
    areas: Floats = abs(transform.a) * radians * np.abs(zones[1] - zones[0])
    return areas


def _by_corners(crs: pyproj.CRS, transform: Any, row: Ints, column: Ints) -> Floats:
    """Return the areas of cells from the longitudes and latitudes of their corners."""
    x = transform.c + transform.a * (column + np.array([0, 1, 1, 0])[:, None])
    y = transform.f + transform.e * (row + np.array([0, 0, 1, 1])[:, None])
    lon, lat = (np.radians(values) for values in pyproj.Proj(crs)(x, y, inverse=True))
    if not (np.isfinite(lon) & np.isfinite(lat)).all():
        raise GeometryError(f"Cells lie outside {crs.name}. Was the right coordinate reference system given?")
    east = (lon - lon[0] + np.pi) % (2 * np.pi) - np.pi
    zone = _south_of(crs, lat)
    zone -= zone[0]
    following = [1, 2, 3, 0]
    areas: Floats = np.abs((east * zone[following] - east[following] * zone).sum(axis=0)) / 2
    return areas


def _south_of(crs: pyproj.CRS, latitude: Floats) -> Floats:
    """Return the area of the ellipsoid from the equator to a latitude, in m2 for each radian of longitude.

    Snyder (1987), Map projections: a working manual, equation 3-12; doi:10.3133/pp1395.
    """
    ellipsoid = crs.ellipsoid
    if ellipsoid is None:
        raise GeometryError(f"{crs.name} has no ellipsoid, so the areas of cells are not known.")
    sine = np.sin(latitude)
    e = np.sqrt(1 - (ellipsoid.semi_minor_metre / ellipsoid.semi_major_metre) ** 2)
    q = sine / (1 - (e * sine) ** 2) + (np.arctanh(e * sine) / e if e > 0 else sine)
    area: Floats = ellipsoid.semi_minor_metre**2 / 2 * q
    return area
