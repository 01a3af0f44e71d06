"""Small multiples: maps side by side that share their classes, their colours and one legend."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
from matplotlib.axes import Axes

from .._checks import check_choice
from .._languages import language_of
from ..errors import ParameterError
from ._compose import Bar
from ._drawing import drawing, one_call
from ._keys import ClassKey
from ._multiples import Columns, Frames, PreparedMultiples, prepare_small_multiples
from ._projection import display_crs, project
from ._save import SavePath
from ._sheet import Panel, draw_sheet
from ._style import Size

__all__ = ["draw_small_multiples", "small_multiples"]

WIDTH = 7.0
"""Width of a new figure in inches."""
SAME_AREA = 0.5
"""Part of the extent of all maps that each covers where they show the same area."""


def draw_small_multiples(
    prepared: PreparedMultiples,
    *,
    scale: Literal["same", "own"] = "same",
    legend: bool | Literal["right", "bottom"] = True,
    scale_bar: bool = True,
    north_arrow: bool = True,
    crs: object | None = None,
    title: str | None = None,
    caption: str | None = None,
    ax: Axes | None = None,
    width: float | None = None,
    managed: bool = True,
) -> Axes:
    """Draw prepared maps side by side, in the arrangement that makes them largest.

    Parameters
    ----------
    prepared : PreparedMultiples
        From `prepare_small_multiples`.
    scale : {"same", "own"}
        Maps of one area (their extents cover at least half of the extent of all) show the same ground. Maps of
        different areas are drawn at the same scale, so that their sizes can be compared, under one scale bar; with
        ``"own"`` each fills its place and has a scale bar. The caption says which.
    legend : bool, ``"right"`` or ``"bottom"``, optional
        Where the legend stands; True puts it where the maps stay largest.
    scale_bar, north_arrow : bool, optional
        Whether they are drawn.
    crs : object, optional
        Coordinate reference system to draw all maps in. As a rule that of the data; data in degrees are drawn in an
        equal-area projection of their middle.
    title, caption : str, optional
        Texts in place of the prepared ones; ``""`` for none.
    ax : Axes, optional
        Axes to draw in; as a rule those of a new figure.
    width : float, optional
        Width of a new figure in inches, 7 if not said.
    managed : bool, optional
        Whether pyplot knows the new figure.

    Returns
    -------
    Axes
        The frame of all maps; ``ax.child_axes[i]`` are the axes of the i-th map.

    Raises
    ------
    ParameterError
        When arguments contradict each other or cannot be used.
    GeometryError
        When the units cannot be drawn in ``crs``, or at one scale.
    """
    check_choice("scale", scale, ("same", "own"))
    if legend not in (True, False, "right", "bottom"):
        raise ParameterError(f"legend= is True, False, 'right' or 'bottom', not {legend!r}.")
    geometries, systems, one_area = _projected([panel.units.geometry for panel in prepared.panels.values()], crs)
    panels = [
        Panel(
            label,
            geometry,
            system,
            panel.units["map_color"].to_list(),
            panel.units["map_hatched"].to_numpy(dtype=bool),
        )
        for (label, panel), geometry, system in zip(prepared.panels.items(), geometries, systems, strict=True)
    ]
    text = prepared.caption if caption is None else caption
    if text and caption is None and not one_area:
        text += " " + language_of(None).text("multiples.one_scale" if scale == "same" else "multiples.own_scale")
    with drawing(ax, width, managed, WIDTH) as (axes, own):
        draw_sheet(
            axes,
            panels,
            _key(prepared) if legend and (len(prepared.classes) or _bar(prepared)) else None,
            title=prepared.title if title is None else title,
            caption=text,
            one_area=one_area,
            one_scale=scale == "same" or one_area,
            where=legend,
            scale_bars=scale_bar,
            north_arrow=north_arrow,
            own=own,
        )
    return axes


def _projected(
    geometries: Sequence[gpd.GeoSeries], crs: object | None
) -> tuple[list[gpd.GeoSeries], list[pyproj.CRS | None], bool]:
    """Bring maps to the projections in which they are drawn, and say whether they show one area.

    Maps of one area have one projection, and a frame of its whole extent around each of them.
    """
    first = geometries[0].crs
    alike = [one if first is None else one.to_crs(first) for one in geometries]
    bounds = np.array([one.total_bounds for one in alike])
    whole = np.array([*bounds[:, :2].min(axis=0), *bounds[:, 2:].max(axis=0)])
    sides = np.maximum(bounds[:, 2:] - bounds[:, :2], 1e-12)
    extent = np.maximum(whole[2:] - whole[:2], 1e-12)
    one_area = bool((sides / extent).prod(axis=1).min() >= SAME_AREA)
    if one_area:
        system = display_crs(gpd.GeoSeries(pd.concat(alike, ignore_index=True), crs=first), crs)
        return [project(one, system) for one in alike], [system] * len(alike), True
    systems = [display_crs(one, crs) for one in geometries]
    return [project(one, system) for one, system in zip(geometries, systems, strict=True)], systems, False


def _bar(prepared: PreparedMultiples) -> Bar | None:
    """Return the colour bar of continuous maps."""
    panels = list(prepared.panels.values())
    if panels[0].limits is None:
        return None
    values = np.concatenate([p.units[p.column].to_numpy(dtype=np.float64, na_value=np.nan) for p in panels])
    low, high = panels[0].limits
    slack = 1e-12 * max(abs(low), abs(high))
    return Bar(
        panels[0].colours,
        panels[0].limits,
        (bool((values < low - slack).any()), bool((values > high + slack).any())),
        panels[0].ratio,
    )


def _key(prepared: PreparedMultiples) -> ClassKey:
    return ClassKey(prepared.classes, prepared.legend_title, _bar(prepared))


def small_multiples(
    frames: Frames,
    column: Columns = None,
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
    scale: Literal["same", "own"] = "same",
    legend: bool | Literal["right", "bottom"] = True,
    scale_bar: bool = True,
    north_arrow: bool = True,
    crs: object | None = None,
    ax: Axes | None = None,
    width: float | None = None,
    size: Size | None = None,
    language: str | None = None,
    managed: bool = True,
    save: SavePath | Iterable[SavePath] | None = None,
) -> Axes:
    """Map cities, years, groups or radii side by side, with the same classes and one legend.

    `prepare_small_multiples` followed by `draw_small_multiples`; see these for the parameters.

    Parameters
    ----------
    frames : mapping from label to GeoDataFrame, or GeoDataFrame
        The maps, or one frame with a column for each.
    column : str, or list or mapping of str, optional
        The column of all frames; or the columns of one.
    scheme, k, breaks, limits, center, palette, title, legend_title, caption
        As in `prepare_small_multiples`.
    scale, legend, scale_bar, north_arrow, crs, ax, width, managed
        As in `draw_small_multiples`.
    size : str or (float, float), optional
        Of a new figure: ``"A4"``, ``"half-page"``, ``"column"``, ``"slide"`` ..., or width and height in inches; see
        `style`.
    language : str, optional
        Of the texts; see `style`.
    save : path or iterable of paths, optional
        Files to write: ``.png``, ``.svg`` or ``.pdf``.

    Returns
    -------
    Axes
        The frame of all maps; ``ax.child_axes[i]`` are the axes of the i-th map.

    Raises
    ------
    SegregateError
        See `prepare_small_multiples` and `draw_small_multiples`; ParameterError when a file cannot be saved there.

    Examples
    --------
    >>> import segregate as sg
    >>> city = sg.sample("sacramento")
    >>> maps = {group: sg.local(city, "share", group=group) for group in ["black", "asian", "hisp"]}
    >>> ax = sg.plot.small_multiples(maps, managed=False)
    >>> [panel.get_title(loc="left") for panel in ax.child_axes[:3]]
    ['black', 'asian', 'hisp']
    """

    def draw() -> Axes:
        prepared = prepare_small_multiples(
            frames,
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
        return draw_small_multiples(
            prepared,
            scale=scale,
            legend=legend,
            scale_bar=scale_bar,
            north_arrow=north_arrow,
            crs=crs,
            ax=ax,
            width=width,
            managed=managed,
        )

    return one_call(draw, save=save, size=size, language=language, ax=ax, width=width, managed=managed)
