"""A basemap of web tiles behind the units, through contextily."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import pyproj
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke

from .._optional import require
from ..errors import GeometryError, ParameterError, SegregateError, UnknownNameError, nearest
from ._heard import sorted_out
from ._layout import points_per_pixel
from ._projection import View
from ._style import pt

__all__ = ["Basemap", "WEB_MERCATOR", "add_basemap", "tile_source"]

Basemap = bool | str | Mapping[str, Any]
WEB_MERCATOR = pyproj.CRS.from_epsg(3857)
DEFAULT = "OpenStreetMap.Mapnik"
"""Wants no key, and may be used by everybody who names it."""
TIMEOUT = 30.0
CIRCUMFERENCE = 40_075_016.685578488
TILE = 256
PIXELS_PER_INCH = 150
ATTRIBUTION_SIZE = 6.0


def tile_source(basemap: Basemap) -> Mapping[str, Any]:
    """Find a tile provider.

    Parameters
    ----------
    basemap : bool, str or mapping
        True for the default, the name of a provider of xyzservices (``"OpenStreetMap.Mapnik"``),
        a URL template with ``{x}``, ``{y}`` and ``{z}``, or a provider itself.

    Returns
    -------
    mapping
        A provider of xyzservices.

    Raises
    ------
    MissingDependencyError
        When contextily is not installed.
    UnknownNameError
        When there is no provider of that name.
    ParameterError
        When a URL has no place for the tile, or the provider wants a key.
    """
    contextily = require("contextily", extra="maps")
    providers = contextily.providers
    if isinstance(basemap, str) and "://" in basemap:
        if not all(part in basemap for part in ("{x}", "{y}", "{z}")):
            raise ParameterError(f"A tile URL needs {{x}}, {{y}} and {{z}} in it: {basemap!r} does not have them.")
        host = urlsplit(basemap).hostname
        provider: Mapping[str, Any] = contextily.tile.TileProvider(
            name=host, url=basemap, attribution=f"Basemap: {host}"
        )
    elif isinstance(basemap, str | bool):
        name = DEFAULT if basemap is True else str(basemap)
        try:
            provider = providers.query_name(name)
        except ValueError as error:
            known = list(providers.flatten())
            raise UnknownNameError(f"There is no tile provider {name!r}. {nearest(name, known)}") from error
    elif isinstance(basemap, Mapping) and "url" in basemap:
        provider = basemap
    else:
        raise ParameterError(
            "basemap= is True, the name of a tile provider, a URL template or a provider of xyzservices, "
            f"not {basemap!r}."
        )
    wants_key = getattr(provider, "requires_token", None)
    if wants_key is not None and wants_key():
        raise ParameterError(
            f"The tile provider {provider.get('name')!r} wants a key: pass the provider itself with its key filled in."
        )
    return provider


def add_basemap(ax: Axes, source: Mapping[str, Any], crs: pyproj.CRS | None, view: View) -> None:
    """Put tiles behind the units, and name where they come from.

    Parameters
    ----------
    ax : Axes
        The map, at its final size.
    source : mapping
        From `tile_source`.
    crs : pyproj.CRS or None
        In which the map is drawn; tiles are warped unless it is Web Mercator.
    view : tuple of float
        Edges of the map.

    Raises
    ------
    GeometryError
        When the data have no CRS.
    SegregateError
        When tiles cannot be fetched.
    """
    contextily = require("contextily", extra="maps")
    if crs is None:
        raise GeometryError(
            "A basemap needs to know where the data are, and they have no coordinate reference system. "
            "Say which one they have with frame.set_crs('EPSG:...')."
        )
    box = ax.get_window_extent()
    inches = box.width / 72 * points_per_pixel(ax)
    zoom = _zoom(crs, view, inches, source)
    drawn_before = list(ax.images)
    try:
        sorted_out(
            lambda: contextily.add_basemap(
                ax,
                source=source,
                zoom=zoom,
                crs=None if crs == WEB_MERCATOR else crs.to_wkt(),
                attribution=False,
                timeout=TIMEOUT,
                zorder=0,
            )
        )
    except OSError as error:
        raise SegregateError(
            f"The basemap could not be fetched from {urlsplit(str(source['url'])).hostname}: {error}. "
            "Look at the network connection, or draw without basemap=."
        ) from error
    for image in ax.images:
        if image not in drawn_before:
            image.set_gid("basemap")
    text = ax.text(
        0.995,
        0.005,
        str(source.get("attribution") or ""),
        transform=ax.transAxes,
        fontsize=pt(ATTRIBUTION_SIZE),
        ha="right",
        va="bottom",
        color="#333333",
        path_effects=[withStroke(linewidth=1.5, foreground="white")],
        parse_math=False,
        zorder=10,
    )
    text.set_gid("attribution")


def _zoom(crs: pyproj.CRS, view: View, inches: float, source: Mapping[str, Any]) -> int:
    """Return the zoom level whose tiles have about as many pixels as the map needs in print."""
    left, bottom, right, top = pyproj.Transformer.from_crs(crs, WEB_MERCATOR, always_xy=True).transform_bounds(*view)
    span = max(abs(right - left), 1.0)
    if not all(map(math.isfinite, (left, bottom, right, top))):
        raise GeometryError("A basemap of web tiles cannot show the poles; draw this map without basemap=.")
    level = round(math.log2(CIRCUMFERENCE / TILE * inches * PIXELS_PER_INCH / span))
    return int(min(max(level, int(source.get("min_zoom", 0))), int(source.get("max_zoom", 19))))
