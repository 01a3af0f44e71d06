"""Put a map together: the units, and around them what has been measured before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import matplotlib
import numpy as np
import pandas as pd
import pyproj
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import Colormap
from matplotlib.figure import Figure
from matplotlib.legend import Legend

from ._furniture import ARROW_HEIGHT, add_colour_bar, add_compass, add_legend, shifted
from ._inset import INSET_HEIGHT, INSET_WIDTH, add_inset, dense_part
from ._layout import (
    EDGE,
    GAP,
    NARROWEST,
    TALLEST,
    Plan,
    Sizes,
    figure_of,
    plan,
    points_per_pixel,
    slot_of,
    text_size,
    wrapped,
)
from ._projection import View, aspect_of, north, scale_bar
from ._shapes import Kind
from ._style import BOLD_TITLE_PAD, INK, SMALL, TITLE_SIZE, noted, page_of, pt, refuse_low

__all__ = ["Bar", "Look", "compose", "new_axes", "view_of"]

BAR_LENGTH = 120.0
BAR_WIDTH = 10.0
ENTRY, STACKED = 20.0, 0
"""Height of an entry under a colour bar, with its ticks, and the number of columns that stands for it."""
COMPASS_WIDTH = 104.0


@dataclass(frozen=True)
class Bar:
    """What a colour bar shows: see `add_colour_bar`."""

    colours: Colormap
    limits: tuple[float, float]
    beyond: tuple[bool, bool]
    ratio: bool


@dataclass(frozen=True)
class Look:
    """What is drawn around the units.

    Attributes
    ----------
    title, caption, legend_title : str
        Texts; empty ones are left out.
    classes : DataFrame
        Entries of the legend.
    bar : Bar or None
        Colour bar of a continuous map.
    legend : bool, ``"right"`` or ``"bottom"``
        Whether and where; True chooses.
    scale_bar, north_arrow : bool
        Whether they are drawn.
    inset : bool
        Whether a crowded part may be drawn a second time, larger.
    opacity : float
        Of the units.
    """

    title: str
    caption: str
    legend_title: str
    classes: pd.DataFrame
    bar: Bar | None
    legend: bool | Literal["right", "bottom"]
    scale_bar: bool
    north_arrow: bool
    inset: bool
    opacity: float


def new_axes(width: float, *, managed: bool) -> Axes:
    """Make a figure with one pair of axes.

    Parameters
    ----------
    width : float
        Width of the figure in inches.
    managed : bool
        Whether pyplot knows the figure, so that notebooks show it.

    Returns
    -------
    Axes
        Its axes.
    """
    if managed:
        from matplotlib import pyplot

        figure = pyplot.figure(figsize=(width, width), layout="none", facecolor="white")
    else:
        figure = Figure(figsize=(width, width), facecolor="white")
        figure.set_layout_engine("none")
        FigureCanvasAgg(figure)
    return figure.add_axes((0, 0, 1, 1))


def view_of(geometry: gpd.GeoSeries, kind: Kind) -> View:
    """Return the edges of the map: the units with a narrow margin, wider where points have their signs."""
    left, bottom, right, top = (float(edge) for edge in geometry.total_bounds)
    size = max(right - left, top - bottom)
    margin = size * (0.03 if kind == "point" else 0.012) if size > 0 else max(abs(left), abs(bottom), 1.0) * 1e-3
    thin = size * 0.05
    across = margin + max(thin - (right - left), 0.0) / 2
    along = margin + max(thin - (top - bottom), 0.0) / 2
    return (left - across, bottom - along, right + across, top + along)


Draw = Callable[[Axes, View | None], Kind]
"""Draws the units into axes: all, or what lies in a window."""


@dataclass(frozen=True)
class Measured:
    """What stands around the map, with its sizes and places."""

    title: str
    caption: str
    sizes: Sizes
    places: Plan
    width: float
    columns: int


def compose(
    ax: Axes, geometry: gpd.GeoSeries, crs: pyproj.CRS | None, draw: Draw, look: Look, *, width: float | None
) -> View:
    """Draw the units, and place everything around them.

    Parameters
    ----------
    ax : Axes
        Where.
    geometry : GeoSeries
        As drawn.
    crs : pyproj.CRS or None
        In which it is drawn.
    draw : callable
        Draws the units into axes.
    look : Look
        What else is drawn.
    width : float or None
        Width in inches of a figure of our own; None where the user gave the axes.

    Returns
    -------
    tuple of float
        Edges of the map.
    """
    own = width is not None
    ink = INK if own else str(matplotlib.rcParams["text.color"])
    kind = draw(ax, None)
    view = view_of(geometry, kind)
    aspect = aspect_of(crs, view)
    slot = slot_of(ax)
    room = slot[2:]
    if width is not None:
        page = page_of()
        highest = pt(TALLEST) if page is None else 72 * page.height
        room = (width * 72 - 2 * pt(EDGE), highest - 2 * pt(EDGE))
    angle = north(crs, view) if look.north_arrow else None
    has_bar = look.scale_bar and scale_bar(crs, view) is not None
    height = pt(ARROW_HEIGHT) if angle is not None else pt(16.0) if has_bar else 0.0
    compass = (pt(COMPASS_WIDTH) if has_bar else pt(20.0), height) if height else (0.0, 0.0)
    measured, part = _measure(ax, geometry, view, aspect, look, kind, compass, room, ink, own=own)
    places = measured.places

    view = _stretched(view, aspect, places.map_size)
    _place(ax, places, measured.sizes, measured.width, slot, own=own)
    ax.set_axis_off()
    ax.set_aspect(aspect, adjustable="box", anchor="NW")
    ax.set_xlim(view[0], view[2])
    ax.set_ylim(view[1], view[3])
    if measured.title:
        heading = ax.set_title(measured.title, loc="left", y=1.0, pad=pt(BOLD_TITLE_PAD))
        heading.set(fontsize=pt(TITLE_SIZE), fontweight="bold", color=ink, parse_math=False, gid="title")
    if look.legend:
        _add_key(ax, look, kind, places, measured.columns, ink)
    _add_compass(ax, crs, view, angle, has_bar, places, measured.sizes.legend[0], ink)
    if part is not None:
        rectangle = _inset_box(measured.sizes, places)
        across, along = places.map_size
        add_inset(
            ax,
            *part,
            (1 + pt(GAP) / across, rectangle[0] / along, rectangle[1] / across, rectangle[2] / along),
            draw,
            aspect=aspect,
            size=pt(SMALL),
            ink=ink,
        )
    if measured.caption:
        text = ax.text(0, 0, measured.caption, transform=shifted(ax, 0, -places.below - pt(GAP)), parse_math=False)
        text.set(va="top", ha="left", fontsize=pt(SMALL), linespacing=1.2, color=ink, gid="caption")
    noted(ax, look.title, look.caption)
    return view


def _measure(
    ax: Axes,
    geometry: gpd.GeoSeries,
    view: View,
    aspect: float,
    look: Look,
    kind: Kind,
    compass: tuple[float, float],
    room: tuple[float, float],
    ink: str,
    *,
    own: bool,
) -> tuple[Measured, tuple[View, float] | None]:
    """Measure everything and find its place, with an inset where there is need and room for one."""
    where = look.legend if isinstance(look.legend, str) else None
    legend = _measure_legend(ax, look, kind, 1, ink) if look.legend else (0.0, 0.0)
    columns, band = 1, (0.0, 0.0)
    if look.legend and where != "right":
        columns, band = _columns(
            ax, look, kind, (room[0] - (compass[0] + pt(GAP) if compass[0] else 0.0), room[0]), ink
        )
    ratio = (view[3] - view[1]) * aspect / (view[2] - view[0])
    page = page_of() if own else None
    fill = (page is not None, page is not None and page.whole)

    def arranged(inset: tuple[float, float]) -> Measured:
        total = room[0]
        for _ in range(3):
            title = wrapped(ax, look.title, total, size=pt(TITLE_SIZE), bold=True) if look.title else ""
            caption = wrapped(ax, look.caption, total, size=pt(SMALL)) if look.caption else ""
            sizes = Sizes(
                legend=legend,
                compass=compass,
                inset=inset,
                band=band,
                title=text_size(ax, title, size=pt(TITLE_SIZE), bold=True)[1] + (pt(BOLD_TITLE_PAD) if title else 0.0),
                caption=text_size(ax, caption, size=pt(SMALL))[1],
            )
            places = plan(sizes, ratio, room, where=where, stretch=own, fill=fill)
            if own:
                band_width = 0.0 if places.legend_right else band[0]
                total = min(max(places.total[0], places.compass_edge or 0.0, band_width, pt(NARROWEST)), room[0])
            total = room[0] if fill[0] else total
        return Measured(title, caption, sizes, places, total, columns)

    if look.inset and look.legend and where != "bottom":
        measured = arranged((pt(INSET_WIDTH), pt(INSET_HEIGHT)))
        fits = measured.places.total[1] <= room[1] + 0.5 or page is None
        if measured.places.legend_right and fits:
            box = _inset_box(measured.sizes, measured.places)[1:]
            part = dense_part(geometry, view, aspect, measured.places.map_size, box)
            if part is not None:
                return measured, part
    measured = arranged((0.0, 0.0))
    if page is not None:
        refuse_low(measured.places.total[1] + 2 * pt(EDGE), page)
    return measured, None


def _inset_box(sizes: Sizes, places: Plan) -> tuple[float, float, float]:
    """Return the lower edge, the width and the height of the inset, in points from the foot of the map."""
    high = places.map_size[1] - sizes.legend[1] - pt(GAP) - pt(SMALL) - pt(6)
    width = max(sizes.inset[0], sizes.legend[0], sizes.compass[0])
    height = min(high, width * 1.15)
    return (high - height, width, height)


def _stretched(view: View, aspect: float, size: tuple[float, float]) -> View:
    """Give a view white space above and below where its place is higher than it is, else on both sides."""
    left, bottom, right, top = view
    more = ((right - left) * size[1] / size[0] / aspect - (top - bottom)) / 2
    if more > 0:
        return (left, bottom - more, right, top + more)
    page = page_of()
    wider = ((top - bottom) * aspect * size[0] / size[1] - (right - left)) / 2
    return (left - wider, bottom, right + wider, top) if page is not None and wider > 0 else view


def _place(
    ax: Axes,
    places: Plan,
    sizes: Sizes,
    total_width: float,
    slot: tuple[float, float, float, float],
    *,
    own: bool,
) -> None:
    """Set the size of a figure of our own, and the place of the map in any figure without a layout engine."""
    map_width, map_height = places.map_size
    figure = ax.figure
    if own:
        width, height = total_width + 2 * pt(EDGE), places.total[1] + 2 * pt(EDGE)
        page = page_of()
        if page is not None:
            width = 72 * page.width
            height = 72 * page.height if page.whole else height
        figure_of(ax).set_size_inches(width / 72, height / 72)
        bottom = height - pt(EDGE) - sizes.title - map_height
        ax.set_position((pt(EDGE) / width, bottom / height, map_width / width, map_height / height))
    elif figure_of(ax).get_layout_engine() is None:
        scale = points_per_pixel(ax)
        width, height = figure.bbox.width * scale, figure.bbox.height * scale
        bottom = slot[1] + slot[3] - sizes.title - map_height
        ax.set_position((slot[0] / width, bottom / height, map_width / width, map_height / height))


def _measure_legend(ax: Axes, look: Look, kind: Kind, columns: int, ink: str) -> tuple[float, float]:
    """Return the size of the legend, in points."""
    if look.bar is not None:
        entries = [f"{label}\N{EN SPACE}(00,000)" for label in look.classes["label"]]
        extra = text_size(ax, entries[0], size=pt(SMALL))[0] + pt(24) if entries else 0
        heading = text_size(ax, look.legend_title, size=pt(SMALL), bold=True)
        upright = columns == 1
        if upright:
            return (
                max(heading[0], pt(BAR_WIDTH) + pt(40), extra),
                heading[1] + pt(8) + pt(BAR_LENGTH) + pt(18 if extra else 4),
            )
        flat = (pt(BAR_LENGTH) + pt(20), heading[1] + pt(8) + pt(BAR_WIDTH) + pt(14))
        if columns == STACKED:
            return (max(flat[0], extra), flat[1] + pt(ENTRY))
        return (flat[0] + (extra + pt(GAP) if extra else 0), flat[1])
    legend = _legend(ax, look, kind, columns, ink)
    box = legend.get_window_extent()
    legend.remove()
    scale = points_per_pixel(ax)
    return (float(box.width) * scale, float(box.height) * scale)


def _legend(ax: Axes, look: Look, kind: Kind, columns: int, ink: str) -> Legend:
    """Add the legend of the classes."""
    return add_legend(ax, look.classes, look.legend_title, kind, columns=columns, opacity=look.opacity, ink=ink)


def _columns(
    ax: Axes, look: Look, kind: Kind, widths: tuple[float, float], ink: str
) -> tuple[int, tuple[float, float]]:
    """Find in how many columns the legend fits under the map, beside the scale bar, and its size then.

    What stands beside a colour bar goes under it where the whole width is too narrow.
    """
    width, whole = widths
    if look.bar is not None:
        beside = _measure_legend(ax, look, kind, 2, ink)
        return (2, beside) if beside[0] <= whole else (STACKED, _measure_legend(ax, look, kind, STACKED, ink))
    entries = len(look.classes)
    for rows in range(1, entries + 1):
        columns = -(-entries // rows)
        size = _measure_legend(ax, look, kind, columns, ink)
        if size[0] <= width:
            break
    return columns, size


def _add_key(ax: Axes, look: Look, kind: Kind, places: Plan, columns: int, ink: str) -> None:
    """Put the legend or the colour bar in its place."""
    right = places.legend_right
    if look.bar is None:
        legend = _legend(ax, look, kind, 1 if right else columns, ink)
        shift = (pt(GAP), 0.0) if right else (0.0, -pt(GAP) - places.legend_drop)
        legend.set_bbox_to_anchor((1, 1) if right else (0, 0), transform=shifted(ax, *shift))
        return
    map_width, map_height = places.map_size
    heading = text_size(ax, look.legend_title, size=pt(SMALL), bold=True)[1] + pt(8)
    length = min(pt(BAR_LENGTH), map_height * 0.7)
    if right:
        low = map_height - heading - length
        rectangle = (1 + pt(GAP) / map_width, low / map_height, pt(BAR_WIDTH) / map_width, length / map_height)
        corner, shift = (1.0, 0.0), (pt(GAP), low - pt(GAP))
    else:
        low = -pt(GAP) - places.legend_drop - heading - pt(BAR_WIDTH)
        rectangle = (pt(8) / map_width, low / map_height, pt(BAR_LENGTH) / map_width, pt(BAR_WIDTH) / map_height)
        corner, shift = (0.0, 0.0), (pt(BAR_LENGTH) + pt(24) + pt(GAP), low + pt(BAR_WIDTH))
        if columns == STACKED:
            shift = (0.0, low - pt(ENTRY))
    add_colour_bar(
        ax,
        look.bar.colours,
        look.bar.limits,
        look.bar.beyond,
        look.legend_title,
        ratio=look.bar.ratio,
        rectangle=rectangle,
        upright=right,
        opacity=look.opacity,
        ink=ink,
    )
    if len(look.classes):
        legend = add_legend(ax, look.classes, "", kind, columns=1, opacity=look.opacity, ink=ink)
        legend.set_bbox_to_anchor(corner, transform=shifted(ax, *shift))


def _add_compass(
    ax: Axes,
    crs: pyproj.CRS | None,
    view: View,
    angle: float | None,
    has_bar: bool,
    places: Plan,
    legend_width: float,
    ink: str,
) -> None:
    """Put scale bar and north arrow in their place."""
    map_width = places.map_size[0]
    if places.compass_right:
        room = max(legend_width, pt(COMPASS_WIDTH))
        anchor, shift, loc = (1.0, 0.0), (pt(GAP), 0.0), "lower left"
    elif places.compass_edge is not None:
        room = pt(COMPASS_WIDTH)
        anchor, shift, loc = (0.0, 0.0), (places.compass_edge, -pt(GAP)), "upper right"
    else:
        room = map_width
        anchor, shift, loc = (0.0, 0.0), (0.0, -pt(GAP)), "upper left"
    bar = None
    if has_bar:
        bar = scale_bar(crs, view, share=float(np.clip((room - pt(26)) / map_width, 0.05, 0.25)))
    add_compass(ax, bar, angle, anchor=anchor, shift=shift, loc=loc, ink=ink)
