"""Maps of local indices, and of any column of numbers or categories."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.axes import Axes

from ..errors import ParameterError
from ._basemap import WEB_MERCATOR, Basemap, add_basemap, tile_source
from ._compose import Bar, Look, compose
from ._drawing import drawing, one_call
from ._layers import save_layer
from ._prepared import PreparedMap, prepare_map
from ._projection import View, display_crs, project
from ._save import SavePath
from ._shapes import Kind, add_units
from ._style import Size

__all__ = ["draw_map", "map"]

WIDTH = 7.0
"""Width of a new figure in inches."""
OVER_TILES = 0.75
"""Opacity of units over a basemap."""


def draw_map(
    prepared: PreparedMap,
    *,
    legend: bool | Literal["right", "bottom"] = True,
    scale_bar: bool = True,
    north_arrow: bool = True,
    inset: bool = True,
    basemap: Basemap = False,
    crs: object | None = None,
    ax: Axes | None = None,
    width: float | None = None,
    managed: bool = True,
) -> Axes:
    """Draw a prepared map.

    Text has 8 and 10 points, in the font that matplotlib is set to (``font.family``).

    Parameters
    ----------
    prepared : PreparedMap
        From `prepare_map`.
    legend : bool, ``"right"`` or ``"bottom"``, optional
        Where the legend stands; True puts it on the right, and under a flat map.
    scale_bar : bool, optional
        Whether to draw a scale bar. Its length is taken on the ground in the middle of the map. Without
        a coordinate reference system there is none.
    north_arrow : bool, optional
        Whether to draw an arrow to true north. There is none where it is not known, or where north turns
        by more than 10 degrees over the map.
    inset : bool, optional
        Whether a part where most units are crowded may be drawn a second time, at least twice as large, where
        there is room for it under the legend. There is none over a basemap.
    basemap : bool, str or mapping, optional
        Web tiles behind the units: True for OpenStreetMap, the name of a provider such as
        ``"OpenStreetMap.Mapnik"``, a URL template with ``{x}``, ``{y}`` and ``{z}``, or a provider of
        xyzservices. Needs the extra ``maps`` and a network.
    crs : object, optional
        Coordinate reference system to draw in. As a rule that of the data; data in degrees are drawn in an
        equal-area projection of their middle, and all data over a basemap in Web Mercator. To draw further
        layers into the same axes, name one here and bring them to it.
    ax : Axes, optional
        Axes to draw in; room for legend, title and caption is taken from their place. As a rule a new figure.
    width : float, optional
        Width of a new figure in inches, 7 if not said; its height follows from the map.
    managed : bool, optional
        Whether pyplot knows the new figure. Then a notebook shows it and ``plt.show()`` too, and a program that
        draws many maps has to forget each with ``plt.close(ax.figure)``. False for batches: nothing is
        kept, no window opens.

    Returns
    -------
    Axes
        The axes of the map; its figure is ``ax.figure``.

    Raises
    ------
    ParameterError
        When arguments contradict each other or cannot be used.
    GeometryError
        When the units cannot be drawn in ``crs``.
    MissingDependencyError
        When a basemap is asked for and contextily is not installed.
    SegregateError
        When the basemap cannot be fetched.
    """
    if legend not in (True, False, "right", "bottom"):
        raise ParameterError(f"legend= is True, False, 'right' or 'bottom', not {legend!r}.")
    tiles = tile_source(basemap) if basemap is not False else None
    asked = WEB_MERCATOR if tiles is not None and crs is None else crs
    shown = display_crs(prepared.units.geometry, asked)
    geometry = project(prepared.units.geometry, shown)
    look = Look(
        title=prepared.title,
        caption=prepared.caption,
        legend_title=prepared.legend_title,
        classes=prepared.classes,
        bar=_bar(prepared),
        legend=legend if len(prepared.classes) or prepared.limits is not None else False,
        scale_bar=scale_bar,
        north_arrow=north_arrow,
        inset=inset and tiles is None,
        opacity=1.0 if tiles is None else OVER_TILES,
    )
    colour = prepared.units["map_color"].to_numpy(dtype=object)
    hatched = prepared.units["map_hatched"].to_numpy(dtype=bool)
    patterns = _patterns(prepared)

    def draw(target: Axes, window: View | None) -> Kind:
        shapes = geometry.to_numpy()
        if window is not None:
            # cut, and not only hidden: a drawing program would show what is outside
            shapes = shapely.clip_by_rect(shapes, *window)
        prefix = "" if window is None else "inset-"
        return add_units(
            target, shapes, colour.tolist(), hatched, opacity=look.opacity, prefix=prefix, patterns=patterns
        )

    with drawing(ax, width, managed, WIDTH) as (axes, own):
        view = compose(axes, geometry, shown, draw, look, width=own)
        if tiles is not None:
            add_basemap(axes, tiles, shown, view)
    return axes


def map(  # noqa: A001
    frame: gpd.GeoDataFrame,
    column: str | None = None,
    *,
    scheme: str | None = "auto",
    k: int | None = None,
    breaks: Iterable[float] | None = None,
    limits: tuple[float, float] | None = None,
    center: float | Literal["auto"] | None = "auto",
    palette: str | Sequence[str] | None = None,
    title: str | None = None,
    legend_title: str | None = None,
    caption: str | None = None,
    legend: bool | Literal["right", "bottom"] = True,
    scale_bar: bool = True,
    north_arrow: bool = True,
    inset: bool = True,
    basemap: Basemap = False,
    crs: object | None = None,
    ax: Axes | None = None,
    width: float | None = None,
    managed: bool = True,
    save: SavePath | Iterable[SavePath] | None = None,
    size: Size | None = None,
    language: str | None = None,
) -> Axes:
    """Map a local index, hot spots, or any column of a GeoDataFrame that holds numbers or categories.

    `prepare_map` followed by `draw_map`; see these for the parameters up to ``caption`` and from
    ``legend`` on.

    Parameters
    ----------
    frame : GeoDataFrame
        One row per unit, from `segregate.local` or any other. It is not changed.
    column : str, optional
        Column to map, numbers or categories; as a rule the result that the frame records, else ``"value"``.
        NaN is "no people / no data".
    scheme : str or None, optional
        ``"auto"``, a mapclassify scheme, or None for continuous colours.
    k : int, optional
        Number of classes.
    breaks : iterable of float, optional
        Inner class limits set by hand.
    limits : tuple of float, optional
        Values of the first and last colour of a continuous map.
    center : float or None, optional
        Value of the middle colour.
    palette : str or sequence of colours, optional
        Colours.
    title, legend_title, caption : str, optional
        Texts in place of those written from what was computed; ``""`` for none.
    legend : bool, ``"right"`` or ``"bottom"``, optional
        Whether and where the legend stands.
    scale_bar, north_arrow : bool, optional
        Whether they are drawn.
    inset : bool, optional
        Whether a crowded part may be drawn a second time, larger.
    basemap : bool, str or mapping, optional
        Web tiles behind the units.
    crs : object, optional
        Coordinate reference system to draw in.
    ax : Axes, optional
        Axes to draw in.
    width : float, optional
        Width of a new figure in inches.
    managed : bool, optional
        Whether pyplot knows the new figure.
    save : path or iterable of paths, optional
        Files to write: ``.png`` (300 dots per inch), ``.svg`` (text kept as text), ``.pdf`` (fonts embedded),
        ``.gpkg`` (the mapped layer with class, label and colour of every unit, and a style with which QGIS
        opens it as the same map), ``.geojson`` (the layer in longitude and latitude, with a ``.qml`` for QGIS
        beside it). Existing files are replaced, and none is left half written.
    size : str or (float, float), optional
        Of a new figure: ``"A4"``, ``"A4-landscape"``, ``"half-page"``, ``"column"``, ``"slide"``, or width and height
        in inches; see `style`.
    language : str, optional
        Of texts and numbers: ``"en"``, ``"fr"``, ``"de"``, ``"es"`` or ``"it"``; see `style`.

    Returns
    -------
    Axes
        The axes of the map.

    Raises
    ------
    SegregateError
        See `prepare_map` and `draw_map`; ParameterError when a file cannot be saved there.

    Examples
    --------
    >>> import segregate as sg
    >>> ax = sg.plot.map(sg.local(sg.sample("sacramento"), "divergence"), managed=False)
    >>> ax.get_title(loc="left")
    'Divergence'
    """
    shown: list[PreparedMap] = []

    def draw() -> Axes:
        prepared = prepare_map(
            frame,
            column,
            scheme=scheme,
            k=k,
            breaks=breaks,
            limits=limits,
            center=center,
            palette=palette,
            title=title,
            legend_title=legend_title,
            caption=caption,
        )
        shown.append(prepared)
        return draw_map(
            prepared,
            legend=legend,
            scale_bar=scale_bar,
            north_arrow=north_arrow,
            inset=inset,
            basemap=basemap,
            crs=crs,
            ax=ax,
            width=width,
            managed=managed,
        )

    def layer(target: Path) -> None:
        save_layer(shown[0], target, opacity=1.0 if basemap is False else OVER_TILES)

    return one_call(draw, save=save, size=size, language=language, ax=ax, width=width, managed=managed, layer=layer)


def _patterns(prepared: PreparedMap) -> list[str]:
    """Return the pattern over each unit, if categories have any."""
    if "hatch" not in prepared.classes:
        return []
    found = dict(zip(prepared.classes["class"].dropna(), prepared.classes["hatch"], strict=False))
    return [found.get(number, "") for number in prepared.units["map_class"].astype(object)]


def _bar(prepared: PreparedMap) -> Bar | None:
    """Return the colour bar of a continuous map."""
    if prepared.limits is None:
        return None
    values = prepared.units[prepared.column].to_numpy(dtype=np.float64, na_value=np.nan)
    low, high = prepared.limits
    beyond = (bool((values < low * (1 - 1e-12)).any()), bool((values > high * (1 + 1e-12)).any()))
    return Bar(prepared.colours, prepared.limits, beyond, prepared.ratio)
