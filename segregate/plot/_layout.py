"""Where things go, so that nothing covers the map or anything else.

Everything around the map has its size in points and is measured before it gets its place: the
legend in a column on the right (or under a flat map), scale bar and north arrow at the foot of
that column or under the map, the caption below, wrapped to the width of the figure.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from ..errors import ParameterError
from ._style import pt

__all__ = ["EDGE", "GAP", "Plan", "Sizes", "figure_of", "plan", "points_per_pixel", "slot_of", "text_size", "wrapped"]

GAP = 10.0
"""Points between the map and what stands beside it."""
EDGE = 7.0
"""Points around everything, in a figure of our own."""
TALLEST = 6.5 * 72
"""Greatest height of a figure of our own, in points."""
NARROWEST = 3.6 * 72
"""Smallest width of a figure of our own, in points."""


@dataclass(frozen=True)
class Sizes:
    """Sizes in points of what stands around the map; 0 for what is left out.

    Attributes
    ----------
    legend : tuple of float
        Width and height of the legend as a column.
    compass : tuple of float
        Width and height of the scale bar and the north arrow.
    inset : tuple of float
        Width and height that the column should have for an inset.
    band : tuple of float
        Width and height of the legend when it lies under the map.
    title, caption : float
        Heights.
    """

    legend: tuple[float, float] = (0.0, 0.0)
    compass: tuple[float, float] = (0.0, 0.0)
    inset: tuple[float, float] = (0.0, 0.0)
    band: tuple[float, float] = (0.0, 0.0)
    title: float = 0.0
    caption: float = 0.0


@dataclass(frozen=True)
class Plan:
    """Places in points, from the upper left corner of what may be used.

    Attributes
    ----------
    map_size : tuple of float
        Width and height of the map.
    total : tuple of float
        Width and height of everything.
    legend_right : bool
        Whether the legend stands on the right of the map.
    compass_right : bool
        Whether scale bar and arrow stand under the legend in that column.
    below : float
        Height of the band between map and caption.
    compass_edge : float or None
        Right edge of scale bar and arrow beside a legend under the map, from the left edge of the map;
        None where they stand at the left.
    legend_drop : float
        How far a legend under the map is pushed down by scale bar and arrow, where these find no room beside it.
    """

    map_size: tuple[float, float]
    total: tuple[float, float]
    legend_right: bool
    compass_right: bool
    below: float
    compass_edge: float | None = None
    legend_drop: float = 0.0


def plan(
    sizes: Sizes,
    ratio: float,
    room: tuple[float, float],
    *,
    where: str | None,
    stretch: bool,
    fill: tuple[bool, bool] = (False, False),
) -> Plan:
    """Find places for everything.

    Parameters
    ----------
    sizes : Sizes
        Of what stands around the map.
    ratio : float
        Height of the map over its width.
    room : tuple of float
        Width and height that may be used, in points.
    where : str or None
        ``"right"`` or ``"bottom"`` for the legend; None chooses: under a map that is flatter than
        the legend is high, or where a column would take almost half of the width.
    stretch : bool
        Whether the map may get white space above and below to be as high as its legend.
    fill : tuple of bool
        Whether the map gets white space to fill the width, and the height.

    Returns
    -------
    Plan
        The places.
    """
    width, height = room
    has_legend = sizes.legend[0] > 0
    column = max(sizes.legend[0], sizes.compass[0], sizes.inset[0]) + pt(GAP) if has_legend else 0.0
    needed = sizes.legend[1] + (sizes.compass[1] + pt(GAP) if sizes.compass[1] else 0.0)
    fixed = sizes.title + sizes.caption + (pt(GAP) if sizes.caption else 0.0)
    beside = (width - column) * ratio
    if where is None:
        flat = min(beside, height - fixed) < needed * 0.9 or column > 0.45 * width
        where = "bottom" if flat else "right"
    right = has_legend and where == "right"
    both = drop = 0.0
    if right:
        tall = min(beside, height - fixed)
        # under an inset a scale bar would be taken for its own
        compass_right = (tall >= needed or stretch) and not sizes.inset[1]
        below = 0.0 if compass_right or not sizes.compass[1] else sizes.compass[1] + pt(GAP)
        map_width = width - column
    else:
        compass_right = False
        below = sizes.compass[1] + pt(GAP) if sizes.compass[1] else 0.0
        map_width = width
        both = sizes.band[0] + 2 * pt(GAP) + sizes.compass[0]
        if has_legend and sizes.compass[1] and both > width:
            drop = below
            below += sizes.band[1] + pt(GAP)
        elif has_legend:
            below = max(sizes.band[1] + pt(GAP), below)
    map_height = map_width * ratio
    room_left = max(height - fixed - below, pt(40.0))
    if map_height > room_left:
        map_width, map_height = room_left / ratio, room_left
    if right and stretch:
        more = sizes.inset[1] + pt(GAP) if sizes.inset[1] else 0.0
        map_height = max(map_height, needed if compass_right else sizes.legend[1] + more)
    if fill[0]:
        map_width = width - (column if right else 0.0)
    if fill[1]:
        map_height = max(map_height, height - fixed - below)
    total = (map_width + (column if right else 0.0), map_height + below + fixed)
    edge = None if right or drop or not (has_legend and sizes.compass[1]) else max(map_width, both)
    return Plan((map_width, map_height), total, right, compass_right, below, edge, drop)


def figure_of(ax: Axes) -> Figure:
    """Return the figure of axes, the outermost one where there are figures in figures."""
    figure = ax.get_figure(root=True)
    if figure is None:
        raise ParameterError("ax= has been removed from its figure.")
    return figure


def points_per_pixel(ax: Axes) -> float:
    """Return the size of a pixel of the figure."""
    return 72 / figure_of(ax).dpi


def slot_of(ax: Axes) -> tuple[float, float, float, float]:
    """Return the place that the user gave to axes: left, bottom, width and height in points."""
    box = ax.get_position(original=True)
    parent = ax.figure.bbox
    scale = points_per_pixel(ax)
    return (
        box.x0 * parent.width * scale,
        box.y0 * parent.height * scale,
        box.width * parent.width * scale,
        box.height * parent.height * scale,
    )


def text_size(ax: Axes, text: str, *, size: float, bold: bool = False, spacing: float = 1.2) -> tuple[float, float]:
    """Measure text, in points."""
    if not text:
        return (0.0, 0.0)
    probe = _probe(ax, size, bold, spacing)
    probe.set_text(text)
    box = probe.get_window_extent()
    probe.remove()
    scale = points_per_pixel(ax)
    return (box.width * scale, box.height * scale)


def _probe(ax: Axes, size: float, bold: bool, spacing: float) -> Text:
    """Return a text to measure with."""
    weight = "bold" if bold else "normal"
    return ax.figure.text(0, 0, "", fontsize=size, fontweight=weight, linespacing=spacing, parse_math=False)


def wrapped(ax: Axes, text: str, width: float, *, size: float, bold: bool = False) -> str:
    """Break text into lines that are no wider than so many points.

    Words that are wider than a line are broken where they must.
    """
    probe = _probe(ax, size, bold, 1.2)
    scale = points_per_pixel(ax)

    def fits(line: str) -> bool:
        probe.set_text(line)
        return float(probe.get_window_extent().width) * scale <= width

    lines: list[str] = []
    for paragraph in text.splitlines() or [""]:
        line = ""
        for word in paragraph.split(" "):
            joined = f"{line} {word}" if line else word
            if fits(joined):
                line = joined
                continue
            if line:
                lines.append(line)
            while len(word) > 1 and not fits(word):
                start = word
                cut = max(bisect_left(range(1, len(word)), True, key=lambda n: not fits(start[:n])), 1)
                lines.append(word[:cut])
                word = word[cut:]
            line = word
        lines.append(line)
    probe.remove()
    return "\n".join(lines)
