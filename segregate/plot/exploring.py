"""Maps to look around in, in a notebook: the classes and colours of the printed map, with a label under the pointer."""

from __future__ import annotations

import html
import importlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal
from urllib.parse import urlsplit

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from .._checks import check_choice
from .._measure import local
from .._optional import require
from ..errors import GeometryError, ParameterError, UnknownNameError, first_of, nearest
from ..population import Population
from ._gis_style import Step, legend_steps, point_size
from ._layers import plain_layer
from ._palettes import NO_DATA
from ._prepared import MARKS, PreparedMap, prepare_map
from ._shapes import HATCH_COLOUR, OUTLINE, outline_width

__all__ = ["explore"]

LARGE = 20_000
"""Units from which on the map is drawn by lonboard."""
DEFAULT_TILES = "OpenStreetMap.Mapnik"
OPACITY = 0.8
"""Of the units, over tiles."""
MOST_SHOWN = 12
"""Columns that are shown under the pointer when none are named."""
HATCH = f"repeating-linear-gradient(135deg,{NO_DATA} 0 3px,{HATCH_COLOUR} 3px 4px)"
PATTERN = (
    '<svg width="0" height="0" style="position:absolute" aria-hidden="true"><defs><pattern id="segregate-hatch" '
    f'width="6" height="6" patternUnits="userSpaceOnUse"><rect width="6" height="6" fill="{NO_DATA}"/>'
    f'<path d="M-1,1 l2,-2 M0,6 l6,-6 M5,7 l2,-2" stroke="{HATCH_COLOUR}" stroke-width="1"/></pattern></defs></svg>'
)
"""The hatch of units without a value, for the drawing of Leaflet."""


def explore(
    data: gpd.GeoDataFrame | Population,
    index: Any | None = None,
    *,
    group: str | None = None,
    other: str | None = None,
    column: str | None = None,
    scheme: str | None = "auto",
    k: int | None = None,
    breaks: Iterable[float] | None = None,
    limits: tuple[float, float] | None = None,
    center: float | Literal["auto"] | None = "auto",
    palette: str | Sequence[str] | None = None,
    tooltip: Sequence[str] | None = None,
    tiles: str | None = DEFAULT_TILES,
    engine: str = "auto",
) -> Any:
    """Show a map in a notebook to pan, zoom and point at.

    Classes, colours, legend and caption are those of `segregate.plot.map`.

    Parameters
    ----------
    data : GeoDataFrame or Population
        Units with a column to map, from `segregate.local` or any other; or a population, of which the local
        index is computed first. It is not changed.
    index : index, optional
        For a population: which local index, by name, symbol, function or `segregate.bind`; divergence if not said.
    group, other : str, optional
        For a population: the groups that the index is about.
    column : str, optional
        For a GeoDataFrame: the column to map; as a rule the result that the frame records, else ``"value"``.
    scheme, k, breaks, limits, center, palette : optional
        Classes and colours, see `segregate.plot.prepare_map`.
    tooltip : sequence of str, optional
        Columns to show under the pointer, of the frame or of the population's table. As a rule for a
        population its ids, a column called name, people and groups; for a frame its first 12 columns.
    tiles : str or None, optional
        Web tiles behind the units: the name of a provider of xyzservices, or a URL with ``{x}``, ``{y}`` and ``{z}``.
        They are fetched from the network by whoever looks at the map. None: no tiles.
    engine : str, optional
        ``"folium"`` (a page of HTML, through `geopandas.GeoDataFrame.explore`), ``"lonboard"`` (drawn by the
        graphics card), or ``"auto"``: lonboard above 20,000 units.

    Returns
    -------
    folium.Map or lonboard.Map
        Shows itself in a notebook; ``.save("map.html")`` or ``.to_html("map.html")`` write a page.

    Raises
    ------
    MissingDependencyError
        When folium or lonboard is not installed: extras ``explore`` and ``explore-large``.
    ParameterError
        When arguments contradict each other or cannot be used.
    UnknownNameError
        When there is no such column or provider of tiles.
    GeometryError
        When there is no geometry, or lonboard is to draw data without a coordinate reference system.

    Notes
    -----
    Also without tiles the page of folium fetches its program (Leaflet) from the network when it is opened, and lonboard
    a part of its own. A page that asks the network for nothing is that of `segregate.report`; a picture is that
    of `segregate.plot.map`.

    lonboard has no hatch, units without a value are white; and it shows the legend in the corner of its own map, so
    that there is none with ``tiles=None``.

    Examples
    --------
    >>> import segregate as sg
    >>> shown = sg.explore(sg.sample("sacramento"), "divergence", tiles=None)
    >>> type(shown).__name__
    'Map'
    """
    check_choice("engine", engine, ("auto", "folium", "lonboard"))
    frame, chosen = _frame(data, index, group, other, column, tooltip)
    large = engine == "lonboard" or (engine == "auto" and len(frame) > LARGE)
    module = require("lonboard", extra="explore-large") if large else require("folium", extra="explore")
    source = _tiles(tiles, large=large)
    prepared = prepare_map(
        frame, column, scheme=scheme, k=k, breaks=breaks, limits=limits, center=center, palette=palette
    )
    absent = prepared.units.geometry.isna() | prepared.units.geometry.is_empty
    units = prepared.units[~absent]
    if not len(units):
        raise GeometryError("No unit has a geometry, so that there is nothing to show.")
    names = {prepared.column: prepared.legend_title or prepared.column}
    if large:
        return _lonboard(module, prepared, units, chosen, names, source)
    return _folium(prepared, units, chosen, names, source)


# data ----------------------------------------------------------------------------------


def _frame(
    data: gpd.GeoDataFrame | Population,
    index: Any | None,
    group: str | None,
    other: str | None,
    column: str | None,
    tooltip: Sequence[str] | None,
) -> tuple[gpd.GeoDataFrame, list[Any]]:
    """Return the units, and the columns to show under the pointer."""
    if isinstance(tooltip, str):
        raise ParameterError(f"tooltip= takes a list of columns: tooltip=[{tooltip!r}].")
    if isinstance(data, Population):
        if column is not None:
            raise ParameterError("column= is for a GeoDataFrame; of a population an index is mapped: index=.")
        return _of_population(data, index, group, other, tooltip)
    if index is not None or group is not None or other is not None:
        raise ParameterError("index=, group= and other= are for a population; of a GeoDataFrame a column is mapped.")
    if not isinstance(data, gpd.GeoDataFrame):
        raise ParameterError(
            f"explore takes a GeoDataFrame such as that of sg.local, or a population, not a {type(data).__name__}."
        )
    shapes = {name for name, kind in data.dtypes.items() if str(kind) == "geometry"}
    known = [name for name in data.columns if name not in shapes and name not in MARKS]
    if tooltip is None:
        return data, known[:MOST_SHOWN]
    _check_tooltip(tooltip, known)
    return data, list(tooltip)


def _of_population(
    population: Population, index: Any | None, group: str | None, other: str | None, tooltip: Sequence[str] | None
) -> tuple[gpd.GeoDataFrame, list[Any]]:
    """Compute the local index, and put beside it what is to be shown under the pointer."""
    frame = local(population, "divergence" if index is None else index, group=group, other=other)
    if not isinstance(frame, gpd.GeoDataFrame):
        raise GeometryError("The population has no geometry, so that there is nothing to show on a map.")
    own = [name for name in frame.columns if name not in ("value", frame.active_geometry_name)]
    extra: dict[Any, Any] = {"people": population.totals}
    extra |= {name: population.counts[:, place] for place, name in enumerate(population.groups)}
    attributes = population.attributes
    named = [name for name in attributes.columns if str(name).casefold() == "name"]
    others = {name: attributes[name].to_numpy() for name in attributes.columns}
    chosen: list[Any] = [*own, *named, "value", *extra]
    if tooltip is not None:
        _check_tooltip(tooltip, [*own, "value", *extra, *others])
        chosen = list(tooltip)
    attrs = frame.attrs
    taken = {*own, "value", frame.active_geometry_name}
    added = {name: values for name, values in (others | extra).items() if name in chosen and name not in taken}
    for name, values in added.items():
        frame[name] = values
    frame.attrs = attrs
    return frame, list(dict.fromkeys(chosen))


def _check_tooltip(asked: Sequence[str], known: Sequence[Any]) -> None:
    unknown = [name for name in asked if name not in known]
    if unknown:
        raise UnknownNameError(
            f"There {'is no column' if len(unknown) == 1 else 'are no columns'} {first_of(unknown)} (tooltip=). "
            f"{nearest(unknown[0], known)}"
        )


def _tiles(tiles: str | None, *, large: bool) -> Any:
    """Find the provider of tiles."""
    if tiles is None:
        return None
    if not isinstance(tiles, str):
        raise ParameterError(
            f"tiles= is the name of a provider, a URL with {{x}}, {{y}} and {{z}}, or None, not {tiles!r}."
        )
    if large:
        if tiles != DEFAULT_TILES:
            raise ParameterError(
                f"lonboard draws a map of its own behind the units: leave tiles= out, or None for none, not {tiles!r}."
            )
        return tiles
    xyz: Any = importlib.import_module("xyzservices")
    if "://" in tiles:
        if not all(part in tiles for part in ("{x}", "{y}", "{z}")):
            raise ParameterError(f"A tile URL needs {{x}}, {{y}} and {{z}} in it: {tiles!r} does not have them.")
        host = urlsplit(tiles).hostname
        return xyz.TileProvider(name=host, url=tiles, attribution=f"Basemap: {host}")
    providers: Any = xyz.providers
    try:
        found = providers.query_name(tiles)
    except ValueError as error:
        raise UnknownNameError(
            f"There is no tile provider {tiles!r}. {nearest(tiles, list(providers.flatten()))}"
        ) from error
    if found.requires_token():
        raise ParameterError(f"The tile provider {tiles!r} wants a key; give its URL with the key in it.")
    return found


# folium --------------------------------------------------------------------------------


def _folium(
    prepared: PreparedMap,
    units: gpd.GeoDataFrame,
    chosen: Sequence[Any],
    names: Mapping[Any, str],
    tiles: Any,
) -> Any:
    """Draw with folium. Its pages take text for HTML, and in places for Jinja: all text is escaped here."""
    fields = {f"f{place}": units[name].map(_shown) for place, name in enumerate(chosen)}
    labels = units["map_label"]
    if prepared.limits is None and prepared.classes["high"].notna().any():
        fields["label"] = labels.map(_shown)
    shown = gpd.GeoDataFrame(
        fields | {"colour": units["map_color"], "hatched": units["map_hatched"].astype(bool)},
        geometry=units.geometry.to_numpy(),
        crs=units.crs,
    )
    titles = [_safe(names.get(name, str(name))) for name in chosen] + (["class"] if "label" in fields else [])
    width = outline_width(len(units))
    dots = bool((shapely.get_dimensions(units.geometry.to_numpy()) == 0).any())
    opacity = OPACITY if tiles is not None else 1.0

    def style(feature: Mapping[str, Any]) -> dict[str, Any]:
        own = feature["properties"]
        if own["hatched"]:
            return {"fillColor": "url(#segregate-hatch)", "color": HATCH_COLOUR, "weight": 0.7, "fillOpacity": opacity}
        line = feature["geometry"]["type"].endswith("LineString")
        edge = own["colour"] if line or not width else OUTLINE
        return {"fillColor": own["colour"], "color": edge, "weight": 2 if line else width, "fillOpacity": opacity}

    shown_map = shown.explore(
        tooltip=list(fields),
        tooltip_kwds={"aliases": titles, "sticky": True},
        popup=False,
        highlight=True,
        legend=False,
        tiles=tiles,
        style_kwds={"style_function": style},
        marker_type="circle_marker",
        marker_kwds={"radius": point_size(len(units)) if dots else 2, "fill": True},
    )
    # tooltips need Leaflet and nothing else: the page fetches no more than that
    shown_map.default_js = [one for one in shown_map.default_js if one[0] == "leaflet"]
    shown_map.default_css = [one for one in shown_map.default_css if one[0] == "leaflet_css"]
    element = importlib.import_module("branca.element")
    legend = _legend(prepared, "position:absolute;right:10px;bottom:24px;", hatch=HATCH)
    shown_map.get_root().html.add_child(element.Element(PATTERN + legend))
    return shown_map


def _shown(value: object) -> str:
    """Write a value for the pointer: large numbers whole, others with six digits."""
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return "\N{EN DASH}"
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, float | np.floating | int | np.integer):
        number = float(value)
        text = f"{number:,.0f}" if number.is_integer() and abs(number) < 1e15 else f"{number:.6g}"
        return text.replace("-", "\N{MINUS SIGN}")
    return _safe(str(value))


def _safe(text: str) -> str:
    """Escape text for a page that is made by Jinja."""
    return html.escape(text).replace("{", "&#123;").replace("}", "&#125;")


def _legend(prepared: PreparedMap, place: str, *, hatch: str) -> str:
    """Return the legend with the caption under it."""
    rows = "".join(_entry(step, hatch if step.hatched else step.color) for step in legend_steps(prepared))
    box = (
        f"{place}z-index:900;max-width:18em;padding:8px 10px;background:#ffffffe6;color:#1f1f1f;"
        "border-radius:4px;box-shadow:0 0 6px #00000040;font:12px/1.4 sans-serif"
    )
    return (
        f'<div class="segregate-legend" style="{box}"><div style="font-weight:bold">{_safe(prepared.title)}</div>{rows}'
        f'<details><summary>About</summary><div style="font-size:11px">{_safe(prepared.caption)}</div></details></div>'
    )


def _entry(step: Step, ground: str) -> str:
    swatch = (
        f"display:inline-block;width:1.4em;height:.9em;margin-right:.5em;border:1px solid #777777;background:{ground}"
    )
    return f'<div><span style="{swatch}"></span>{_safe(step.label)}</div>'


# lonboard ------------------------------------------------------------------------------


def _lonboard(
    lonboard: Any,
    prepared: PreparedMap,
    units: gpd.GeoDataFrame,
    chosen: Sequence[Any],
    names: Mapping[Any, str],
    tiles: Any,
) -> Any:
    """Draw with lonboard: one layer for each kind of geometry."""
    if units.crs is None:
        raise GeometryError(
            "lonboard needs to know where the data are, and they have no coordinate reference system. "
            "Say which one they have with frame.set_crs('EPSG:...')."
        )
    kept = list(dict.fromkeys([*chosen, "map_label"]))
    whole, written = plain_layer(units[[*kept, "map_color", "map_hatched", units.active_geometry_name]], frozenset())
    whole = whole.to_crs(4326)
    if (whole.geom_type == "GeometryCollection").any():
        whole = whole.explode(ignore_index=True)
    colour, hatched = whole[written["map_color"]], whole[written["map_hatched"]].to_numpy(dtype=bool)
    fill = _bytes(colour, OPACITY if tiles is not None else 1.0)
    edge = np.where(hatched[:, None], _bytes(pd.Series([HATCH_COLOUR] * len(whole)), 1.0), fill)
    shown = whole[[written[name] for name in kept]].rename(
        columns={written[name]: names[name] for name in kept if name in names}
    )
    shown = gpd.GeoDataFrame(shown, geometry=whole.geometry, crs=whole.crs)
    dimension = shapely.get_dimensions(whole.geometry.to_numpy())
    layers = []
    for kind in (2, 1, 0):
        rows = dimension == kind
        if not rows.any():
            continue
        part, inside, outside = shown[rows], fill[rows], edge[rows].astype(np.uint8)
        if kind == 2:
            layer = lonboard.PolygonLayer.from_geopandas(
                part,
                get_fill_color=inside,
                get_line_color=outside,
                line_width_min_pixels=0.3,
                auto_downcast=False,
            )
        elif kind == 1:
            layer = lonboard.PathLayer.from_geopandas(
                part, get_color=outside, width_min_pixels=1.5, auto_downcast=False
            )
        else:
            layer = lonboard.ScatterplotLayer.from_geopandas(
                part,
                get_fill_color=inside,
                get_line_color=outside,
                radius_min_pixels=2,
                stroked=True,
                auto_downcast=False,
            )
        layers.append(layer)
    options: dict[str, Any] = {} if tiles is not None else {"basemap": None}
    return lonboard.Map(layers, custom_attribution=_legend(prepared, "", hatch=NO_DATA), **options)


def _bytes(colours: pd.Series[Any], opacity: float) -> NDArray[np.uint8]:
    """Return colours as red, green, blue and opacity."""
    codes, known = pd.factorize(colours)
    table = np.array(
        [[*(int(one[place : place + 2], 16) for place in (1, 3, 5)), round(255 * opacity)] for one in known],
        dtype=np.uint8,
    )
    return np.asarray(table[codes], dtype=np.uint8)
