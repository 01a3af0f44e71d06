"""From map to ground: in which projection a map is drawn, how long its scale bar is, where north is.

All distances and directions come from `pyproj.Geod` on the ellipsoid of the data, so they hold in
degrees, in feet, in Web Mercator and in any other coordinate reference system.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import geopandas as gpd
import numpy as np
import pyproj
from numpy.typing import NDArray
from pyproj.crs import ProjectedCRS
from pyproj.crs.coordinate_operation import LambertAzimuthalEqualAreaConversion
from pyproj.exceptions import CRSError

from ..errors import GeometryError, ParameterError, first_of, plural
from ._words import marked, say

__all__ = ["ScaleBar", "View", "aspect_of", "display_crs", "north", "project", "scale_bar"]

View = tuple[float, float, float, float]
"""Left, bottom, right and top edge of a map, in map units."""
WIDE = 120.0
"""Extent in degrees beyond which a map is one of the world."""
UNEVEN = 1.05
"""Ratio of scales on one map from which on a scale bar says where it holds."""
TURNING = 10.0
"""Degrees by which north may turn over a map that has one north arrow."""


@dataclass(frozen=True)
class ScaleBar:
    """A round length on the ground, and its length on the map.

    Attributes
    ----------
    metres : float
        Length on the ground, 1, 2 or 5 times a power of ten.
    length : float
        Length along x, in map units.
    label : str
        Such as ``"5 km"``; says so where it holds in the middle of the map only.
    """

    metres: float
    length: float
    label: str


def display_crs(geometry: gpd.GeoSeries, crs: object | None = None) -> pyproj.CRS | None:
    """Choose the coordinate reference system in which a map is drawn.

    Parameters
    ----------
    geometry : GeoSeries
        Geometry of the units; some may be missing.
    crs : object, optional
        What the user asks for: anything that `pyproj.CRS.from_user_input` takes.

    Returns
    -------
    pyproj.CRS or None
        The one asked for; otherwise that of the data if it is a plane one. Data in degrees would
        look squashed, so they are drawn in an equal-area projection of the middle of the data.
        None when the data have none.

    Raises
    ------
    GeometryError
        When ``crs`` is asked for and the data have none, or when the data cannot be drawn.
    ParameterError
        When pyproj does not know ``crs``.
    """
    if crs is not None:
        try:
            asked = _plain(pyproj.CRS.from_user_input(crs))
        except CRSError as error:
            raise ParameterError(f"crs={crs!r} is not a coordinate reference system that pyproj knows.") from error
        if geometry.crs is None:
            raise GeometryError(
                f"The data have no coordinate reference system, so they cannot be drawn in {asked.name}. "
                "Say which one they have with frame.set_crs('EPSG:...')."
            )
        return asked
    if geometry.crs is None:
        return None
    own = _plain(geometry.crs)
    if own.is_geocentric:
        raise GeometryError(f"{own.name} is geocentric; reproject the data with frame.to_crs before mapping.")
    if not own.is_geographic:
        return own
    return _middle_projection(geometry, own)


def _middle_projection(geometry: gpd.GeoSeries, own: pyproj.CRS) -> pyproj.CRS:
    """Return an equal-area projection of the middle of data in degrees."""
    geodetic = own.geodetic_crs or own
    factor = _degrees_per_unit(geodetic)
    bounds = geometry.bounds.dropna().to_numpy() * factor
    west, south, east, north_edge = (
        bounds[:, 0].min(),
        bounds[:, 1].min(),
        bounds[:, 2].max(),
        bounds[:, 3].max(),
    )
    if south < -90.001 or north_edge > 90.001 or west < -540 or east > 540:
        raise GeometryError(
            f"The coordinates cannot be degrees (they reach from {west / factor:,.0f}, {south / factor:,.0f} to "
            f"{east / factor:,.0f}, {north_edge / factor:,.0f}), but the CRS is {own.name}. "
            "Set the right one with frame.set_crs(..., allow_override=True)."
        )
    if east - west > 180:  # on both sides of the antimeridian
        middles = (bounds[:, 0] + bounds[:, 2]) / 2 % 360
        if middles.max() - middles.min() < east - west:
            west, east = float(middles.min()), float(middles.max())
    lon = (west + east) / 2
    lon = round((lon + 180) % 360 - 180, 3)
    lat = round((south + north_edge) / 2, 3)
    if max(east - west, north_edge - south) > WIDE:
        return pyproj.CRS.from_dict({"proj": "eqearth", "lon_0": lon, "datum": "WGS84", "units": "m"})
    return _plain(
        ProjectedCRS(
            LambertAzimuthalEqualAreaConversion(latitude_natural_origin=lat, longitude_natural_origin=lon),
            name=f"Equal area around {lat:g}, {lon:g}",
            geodetic_crs=geodetic.to_2d(),
        )
    )


def _plain(crs: pyproj.CRS) -> pyproj.CRS:
    """Return a CRS of pyproj's own class: the methods of its subclasses do not all work."""
    return crs if type(crs) is pyproj.CRS else pyproj.CRS.from_wkt(crs.to_wkt())


def project(geometry: gpd.GeoSeries, crs: pyproj.CRS | None) -> gpd.GeoSeries:
    """Bring geometry to the projection of the map.

    Parameters
    ----------
    geometry : GeoSeries
        Geometry of the units.
    crs : pyproj.CRS or None
        From `display_crs`.

    Returns
    -------
    GeoSeries
        Projected; the same where nothing is to be done.

    Raises
    ------
    GeometryError
        When units lie outside of the projection.
    """
    moved = geometry if crs is None or geometry.crs == crs else geometry.to_crs(crs)
    bounds = moved.bounds.to_numpy()
    there = ~(moved.isna() | moved.is_empty).to_numpy()
    outside = there & ~np.isfinite(bounds).all(axis=1)
    if outside.any():
        where = crs.name if crs is not None else "the plane"
        raise GeometryError(
            f"{plural(int(outside.sum()), 'unit')} of {len(moved):,} cannot be drawn in {where}: their "
            f"coordinates lie outside of it (first: {first_of(moved.index[outside][:4])}). "
            "Was the right CRS given?"
        )
    return moved


def aspect_of(crs: pyproj.CRS | None, view: View) -> float:
    """Return how much longer a map unit along y is drawn than one along x.

    1 in a plane; in degrees, where ``crs=`` asked for them, 1 / cos(latitude) of the middle.
    """
    if crs is None or not crs.is_geographic:
        return 1.0
    latitude = (view[1] + view[3]) / 2 * _degrees_per_unit(crs.geodetic_crs or crs)
    return 1 / max(math.cos(math.radians(latitude)), 0.01)


def scale_bar(crs: pyproj.CRS | None, view: View, *, share: float = 0.25) -> ScaleBar | None:
    """Find a round length for a scale bar, true in the middle of the map.

    Parameters
    ----------
    crs : pyproj.CRS or None
        In which the map is drawn.
    view : tuple of float
        Edges of the map.
    share : float, optional
        Largest part of the map's width that the bar may take.

    Returns
    -------
    ScaleBar or None
        None where lengths on the ground are not known: without a CRS, or in one that knows
        neither the ground nor its unit.
    """
    left, bottom, right, top = view
    x, y, width = (left + right) / 2, (bottom + top) / 2, right - left
    if crs is None or width <= 0:
        return None
    widest = _ground_length(crs, x, y, width * share)
    if not math.isfinite(widest) or widest <= 0:
        return None
    metres = _round_length(widest)
    length = width * share
    for _ in range(4):
        length *= metres / _ground_length(crs, x, y, length)
    label = marked(f"{metres / 1000:,.0f}") + " km" if metres >= 1000 else marked(f"{metres:g}") + " m"
    small = width / 200
    scales = [
        _ground_length(crs, left + (right - left) * i, bottom + (top - bottom) * j, small)
        for i in (0.02, 0.5, 0.98)
        for j in (0.02, 0.5, 0.98)
    ]
    if not all(math.isfinite(scale) for scale in scales) or max(scales) > UNEVEN * min(scales):
        label += f" ({say('compass.middle')})"
    return ScaleBar(metres, length, label)


def _round_length(metres: float) -> float:
    """Return the largest 1, 2 or 5 times a power of ten that is not longer."""
    power = 10.0 ** math.floor(math.log10(metres) + 1e-9)
    return next(step * power for step in (5, 2, 1) if step * power <= metres * (1 + 1e-9))


def _ground_length(crs: pyproj.CRS, x: float, y: float, length: float) -> float:
    """Return the metres on the ground of a line along x, with its middle at a point."""
    if _is_plane(crs):
        factor = crs.to_2d().axis_info[0].unit_conversion_factor if crs.axis_info else 0.0
        return length * factor if factor else math.nan
    lon, lat = _to_degrees(crs, np.array([x - length / 2, x + length / 2]), np.array([y, y]))
    if not (np.isfinite(lon).all() and np.isfinite(lat).all()):
        return math.nan
    geod = crs.get_geod()
    return math.nan if geod is None else float(geod.inv(lon[0], lat[0], lon[1], lat[1])[2])


def north(crs: pyproj.CRS | None, view: View) -> float | None:
    """Find the direction of true north in the middle of the map.

    Parameters
    ----------
    crs : pyproj.CRS or None
        In which the map is drawn.
    view : tuple of float
        Edges of the map.

    Returns
    -------
    float or None
        Degrees clockwise from straight up, from -180 to 180. None where it is not known, or where
        no single arrow would be true because north turns by more than 10 degrees over the map.
    """
    if crs is None or _is_plane(crs):
        return None
    left, bottom, right, top = view
    aspect = aspect_of(crs, view)
    xs = np.array([0.5, 0.02, 0.98, 0.02, 0.98]) * (right - left) + left
    ys = np.array([0.5, 0.02, 0.02, 0.98, 0.98]) * (top - bottom) + bottom
    angles = _north_angles(crs, xs, ys, aspect, step=max(top - bottom, right - left) / 1000)
    turn = (angles - angles[0] + 180) % 360 - 180
    if not np.isfinite(angles).all() or turn.max() - turn.min() > TURNING:
        return None
    return float(angles[0])


def _north_angles(
    crs: pyproj.CRS, xs: NDArray[np.float64], ys: NDArray[np.float64], aspect: float, *, step: float
) -> NDArray[np.float64]:
    """Walk a little to the north from points, and see where that is on the map."""
    geod = crs.get_geod()
    lon, lat = _to_degrees(crs, xs, ys)
    if geod is None or not (np.isfinite(lon).all() and np.isfinite(lat).all()):
        return np.full(len(xs), np.nan)
    metres = _ground_length(crs, float(xs[0]), float(ys[0]), step)
    if not math.isfinite(metres) or metres <= 0:
        return np.full(len(xs), np.nan)
    far_lon, far_lat, _ = geod.fwd(lon, lat, np.zeros(len(xs)), np.full(len(xs), metres))
    far_x, far_y = _from_degrees(crs, np.asarray(far_lon), np.asarray(far_lat))
    return np.asarray(np.degrees(np.arctan2(far_x - xs, (far_y - ys) * aspect)))


def _is_plane(crs: pyproj.CRS) -> bool:
    """Say whether a CRS knows nothing of the ground (an engineering or local one)."""
    return crs.geodetic_crs is None


def _degrees_per_unit(geodetic: pyproj.CRS) -> float:
    """Return the degrees in one unit of a geodetic CRS (1, or 0.9 for grads)."""
    axes = geodetic.axis_info
    return math.degrees(axes[0].unit_conversion_factor) if axes else 1.0


@lru_cache(maxsize=16)
def _way_to_degrees(crs: pyproj.CRS) -> tuple[pyproj.Transformer, float]:
    """Return the way from a CRS to the one of longitude and latitude below it, and degrees per unit there."""
    geodetic = (crs.geodetic_crs or crs).to_2d()
    return pyproj.Transformer.from_crs(crs.to_2d(), geodetic, always_xy=True), _degrees_per_unit(geodetic)


def _to_degrees(
    crs: pyproj.CRS, x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Turn map units into longitude and latitude, in degrees."""
    way, factor = _way_to_degrees(crs)
    lon, lat = way.transform(x, y)
    return np.asarray(lon) * factor, np.asarray(lat) * factor


def _from_degrees(
    crs: pyproj.CRS, lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Turn longitude and latitude in degrees into map units."""
    way, factor = _way_to_degrees(crs)
    x, y = way.transform(lon / factor, lat / factor, direction="INVERSE")
    return np.asarray(x), np.asarray(y)
