"""Lengths in metres, whatever the coordinate reference system of the data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from .errors import (
    GeometryError,
    first_of,
    have,
    plural,
    warn,
)

__all__ = ["in_metres", "metric_crs"]

SCALE_TOLERANCE = 0.01
"""Largest error of the local scale at which a projection is used as it is."""
WIDE = 1_000_000.0
"""Extent in metres beyond which one UTM zone will not do."""


def in_metres(geometry: gpd.GeoSeries, *, what: str, say: Callable[[str], None] = warn) -> tuple[gpd.GeoSeries, float]:
    """Project geometry so that lengths can be taken, and repair what is invalid.

    Parameters
    ----------
    geometry : GeoSeries
        Geometry of the units, with their ids as index.
    what : str
        What is asked for ("distances", "areas"), for the messages.
    say : callable, optional
        Told of reprojection and repair; a warning by default.

    Returns
    -------
    geometry : GeoSeries
        In a CRS whose scale is right at the data.
    factor : float
        Metres in one unit of that CRS.

    Raises
    ------
    GeometryError
        Without a CRS, or where geometry is missing or empty.

    Warns
    -----
    SegregateWarning
        When the data are reprojected or repaired.
    """
    if geometry.crs is None:
        raise GeometryError(
            f"The data have no coordinate reference system, so {what} in metres are not known. "
            "Say which one it is: crs='EPSG:...' (the .prj or the publisher's page tells)."
        )
    absent = (geometry.isna() | geometry.is_empty).to_numpy()
    if absent.any():
        raise GeometryError(
            f"{have(int(absent.sum()), len(geometry))} missing or empty geometry "
            f"(first: {first_of(geometry.index[absent][:4])}), so {what} are not known. "
            "Add their geometry, or leave them out: population.subset(~(geometry.isna() | geometry.is_empty))."
        )
    invalid = ~geometry.is_valid.to_numpy()
    if invalid.any():
        say(
            f"{plural(int(invalid.sum()), 'unit')} with invalid geometry "
            f"(first: {first_of(geometry.index[invalid][:4])}) repaired for {what}."
        )
        geometry = geometry.make_valid()
    target, reason = metric_crs(geometry)
    if target is not None:
        geometry = geometry.to_crs(target)
        say(f"{reason}, so {what} are taken in {_named(target)}.")
    return geometry, _unit(geometry.crs)


def _named(crs: pyproj.CRS) -> str:
    """Return a name that people know."""
    return "an azimuthal equal-area projection on the centre of the data" if crs.name == "unknown" else str(crs.name)


def metric_crs(geometry: gpd.GeoSeries) -> tuple[pyproj.CRS | None, str]:
    """Choose the CRS in which lengths are taken.

    Parameters
    ----------
    geometry : GeoSeries
        With a CRS, nothing missing.

    Returns
    -------
    crs : pyproj.CRS or None
        None where the data's own CRS will do.
    reason : str
        Why not, as the beginning of a sentence.
    """
    crs = _flat(geometry.crs)
    name = crs.to_string() if len(crs.to_string()) < 40 else crs.name
    if crs.is_engineering:
        return None, ""
    if not (crs.is_projected or crs.is_geographic):
        raise GeometryError(f"Distances cannot be taken in {name} ({crs.type_name}).")
    lon, lat, width, height = _extent(geometry)
    if crs.is_geographic:
        reason = f"{name} is in degrees"
    else:
        factors = pyproj.Proj(crs).get_factors(lon, lat)
        scales = (factors.meridional_scale, factors.parallel_scale)
        worst = max(scales, key=lambda scale: abs(scale - 1))
        if abs(worst - 1) <= SCALE_TOLERANCE:
            return None, ""
        reason = f"{name} has a scale of {worst:.3f} at the data"
    target = _best_crs(lon, lat, width, height)
    return (None, "") if target == crs else (target, reason)


def _best_crs(lon: float, lat: float, width: float, height: float) -> pyproj.CRS:
    """Return the UTM zone, or an equal-area projection for what is too wide for one."""
    if max(width, height) <= WIDE and -80 <= lat <= 84:
        zone = int((lon + 180) % 360 // 6) + 1
        return pyproj.CRS.from_epsg((32600 if lat >= 0 else 32700) + zone)
    europe = pyproj.CRS.from_epsg(3035)
    use = europe.area_of_use
    if use is not None and use.west <= lon <= use.east and use.south <= lat <= use.north:
        return europe
    return pyproj.CRS.from_dict(
        {"proj": "laea", "lat_0": round(lat, 2), "lon_0": round(lon, 2), "datum": "WGS84", "units": "m"}
    )


def _extent(geometry: gpd.GeoSeries) -> tuple[float, float, float, float]:
    """Return the centre (lon, lat in degrees) and the width and height in metres."""
    west, south, east, north = (float(value) for value in geometry.total_bounds)
    if geometry.crs.is_geographic and east - west > 180:  # across the antimeridian
        bounds = geometry.bounds
        x = ((bounds["minx"] + bounds["maxx"]) / 2).to_numpy() % 360
        west, east = float(x.min()), float(x.max())
    corners = shapely.points(
        *(axis.ravel() for axis in np.meshgrid(np.linspace(west, east, 5), np.linspace(south, north, 5)))
    )
    if geometry.crs.is_geographic:
        degrees_per_unit = float(np.degrees(_flat(geometry.crs).axis_info[0].unit_conversion_factor))
        lon, lat = shapely.get_x(corners) * degrees_per_unit, shapely.get_y(corners) * degrees_per_unit
    else:
        degrees = gpd.GeoSeries(corners, crs=geometry.crs).to_crs(4326)
        lon, lat = degrees.x.to_numpy(), degrees.y.to_numpy()
        lon, lat = lon[np.isfinite(lon)], lat[np.isfinite(lat)]
        if not len(lon):
            raise GeometryError(
                f"The coordinates do not belong to {geometry.crs.name}: they lie outside the projection. "
                "Was the right CRS given?"
            )
        if lon.max() - lon.min() > 180:
            lon = lon % 360
    middle, mid_lat = (lon.min() + lon.max()) / 2, (lat.min() + lat.max()) / 2
    if not (-90 <= mid_lat <= 90 and abs(middle) <= 540):
        raise GeometryError(
            f"The coordinates cannot be degrees (centre: {middle:,.0f}, {mid_lat:,.0f}), but the CRS is "
            f"{geometry.crs.name}. Set the right one with crs= or set_crs."
        )
    metres = 111_320.0
    width = (lon.max() - lon.min()) * metres * float(np.cos(np.radians(mid_lat)))
    return (
        (float(middle) + 180) % 360 - 180,
        float(mid_lat),
        float(width),
        float(lat.max() - lat.min()) * metres,
    )


def _flat(crs: Any) -> pyproj.CRS:
    """Return a CRS without its heights; objects that pyproj builds piece by piece cannot do it themselves."""
    return pyproj.CRS.from_wkt(crs.to_wkt()).to_2d()


def _unit(crs: Any) -> float:
    """Return the metres in one unit of a plane CRS."""
    horizontal = _flat(crs).axis_info
    factor = horizontal[0].unit_conversion_factor if horizontal else 0.0
    if not factor or horizontal[0].unit_name == "unknown":
        raise GeometryError(f"The unit of length of {crs.name} is not known; reproject the data to metres.")
    return float(factor)
