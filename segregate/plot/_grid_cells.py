"""Heat maps with numbers in their cells."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_hex, to_rgb
from matplotlib.patches import Rectangle
from matplotlib.ticker import FixedFormatter, FixedLocator

from .._languages import language_of
from ..errors import ParameterError
from ._compose import BAR_LENGTH, Bar
from ._drawing import ink_of
from ._furniture import shifted
from ._keys import ClassKey
from ._layout import EDGE, GAP, figure_of, points_per_pixel, slot_of, text_size, wrapped
from ._painted import class_table
from ._palettes import NO_DATA, SEQUENTIAL
from ._shapes import HATCH, HATCH_COLOUR
from ._sheet import place_inside
from ._style import BOLD_TITLE_PAD, SMALL, TITLE_SIZE, noted, page_of, pt, refuse_low

__all__ = ["Cells", "draw_cells", "readable"]

Floats = npt.NDArray[np.float64]
TALL, LOW, LOWEST = 34.0, 19.0, 12.0
"""Greatest and least height of a row, and that on a page which is not high enough, in points."""
BROAD = 84.0
"""Greatest width of a column, in points."""
LINE = 9.8
"""Points from a line of a name to the next."""
PAD = 4.0
"""Points between cells and what stands beside them."""
NAMES = 0.3
"""Greatest part of the width that names of rows take."""
NARROW, LEAST = 20.0, 11.0
"""Widths of a column, in points: below the first the key stands under the cells, below the second there is no plot."""
NAMES_LEFT = 0.95
"""Part of the width that names and cells may take."""
UPRIGHT = (64.0, 110.0)
"""Lengths of a line of a turned name, in points, of which the first that fits its column is taken."""
SIZES = (SMALL, 7.0, 6.0)
"""Sizes of numbers, of which the largest that fits is taken."""
SHORTEST = 80.0
"""Least length of the colour bar, in points."""
GAP_ROW = 0.4
"""White space before the row that stands apart, in heights of a row."""


@dataclass(frozen=True)
class Cells:
    """What a heat map shows.

    Attributes
    ----------
    values : ndarray of shape (rows, columns)
        NaN is undefined.
    there : ndarray of bool, shape (rows, columns)
        Which cells are drawn.
    rows, columns : sequence of str
        Names.
    apart : int or None
        Row before which there is white space.
    heads : tuple of str
        Over the names of rows, and over those of columns.
    legend : str
        What the numbers are.
    """

    values: Floats
    there: npt.NDArray[np.bool_]
    rows: Sequence[str]
    columns: Sequence[str]
    apart: int | None
    heads: tuple[str, str]
    legend: str


@dataclass(frozen=True)
class Sizes:
    """Sizes in points, and names broken into lines."""

    rows: list[str]
    columns: list[str]
    turned: bool
    left: float
    over: float
    cell: tuple[float, float]
    least: list[float]
    key: tuple[float, float]
    beside: bool


def readable(colour: str) -> str:
    """Return the ink, black or white, that stands out more from a colour: 4.5 : 1 or more."""

    def light(name: str) -> float:
        rgb = np.array(to_rgb(name))
        linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722]) + 0.05

    ground = light(colour)
    contrasts = {ink: max(ground, light(ink)) / min(ground, light(ink)) for ink in ("#000000", "#ffffff")}
    return max(contrasts, key=lambda ink: contrasts[ink])


def limits_of(values: Floats) -> tuple[float, float]:
    """Return round ends of the colours: from 0, unless values are negative."""
    known = values[np.isfinite(values)]
    low, high = min(float(known.min()), 0.0), max(float(known.max()), 0.0)
    reach = max(high, -low) or 1.0
    step = 10.0 ** math.floor(math.log10(reach) + 1e-9)
    step = step / 5 if reach / step < 2 else step / 2 if reach / step < 5 else step
    ends = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
    return (round(ends[0], 12), round(ends[1] if ends[1] > ends[0] else ends[0] + step, 12))


def draw_cells(ax: Axes, cells: Cells, *, title: str, caption: str, own: float | None) -> None:
    """Draw a heat map, and what stands around it.

    Parameters
    ----------
    ax : Axes
        Where; its y axis counts rows from the top.
    cells : Cells
        What is shown.
    title, caption : str
        Texts; empty ones are left out.
    own : float or None
        Width in inches of a figure of our own.
    """
    ink = ink_of(own)
    palette = LinearSegmentedColormap.from_list("lagoon", SEQUENTIAL["lagoon"])
    limits = limits_of(cells.values[cells.there])
    lost = int((np.isnan(cells.values) & cells.there).sum())
    key = ClassKey(_undefined(lost), cells.legend, Bar(palette, limits, (False, False), ratio=False))
    slot = slot_of(ax)
    room = own * 72 - 2 * pt(EDGE) if own is not None else slot[2]
    sizes = _sizes(ax, cells, room, key, ink)
    digits = 2 if np.nanmax(np.abs(np.where(cells.there, cells.values, np.nan))) >= 0.1 else 3
    number = _number_size(ax, cells, sizes, digits)
    if number is None and caption:
        caption = f"{caption} {language_of(None).text('matrix.narrow')}."
    texts = (title, caption)
    title = wrapped(ax, title, room, size=pt(TITLE_SIZE), bold=True) if title else ""
    caption = wrapped(ax, caption, room, size=pt(SMALL)) if caption else ""
    over = text_size(ax, title, size=pt(TITLE_SIZE), bold=True)[1] + (pt(BOLD_TITLE_PAD) if title else 0.0)
    under = text_size(ax, caption, size=pt(SMALL))[1] + (pt(GAP) if caption else 0.0)
    page, usual = page_of(), sizes.cell[1]
    while True:
        edges = _edges(cells, usual, sizes.least)
        body = (sizes.cell[0] * len(cells.columns), float(edges[-1, 1]))
        if sizes.beside:
            # the bar is no longer than the cells are high
            around = sizes.key[1] - pt(BAR_LENGTH)
            length = float(np.clip(body[1] - around, pt(SHORTEST), pt(BAR_LENGTH)))
            shown, room_of = replace(key, length=length / pt(1)), (sizes.key[0], around + length)
        else:
            shown, room_of = key, sizes.key
        tall = max(body[1], room_of[1]) if sizes.beside else body[1] + pt(GAP) + room_of[1]
        total = over + sizes.over + tall + under
        if own is None or page is None or total + 2 * pt(EDGE) <= page.height * 72 or usual <= pt(LOWEST):
            break
        usual -= pt(1)
    _place(ax, sizes, body, (over + sizes.over, total), slot, own)
    _paint(ax, cells, edges, palette, limits, number, digits)
    _name(ax, cells, sizes, edges, ink)
    child: Axes = ax.inset_axes((0, 0, 1, 1))
    child.set_axis_off()
    child.patch.set_visible(False)
    child.set_gid("key")
    corner = (body[0] + pt(GAP), 0.0) if sizes.beside else (-sizes.left, body[1] + pt(GAP))
    place_inside(ax, child, (*corner, *room_of), body)
    shown.draw(child, "polygon", None if sizes.beside else room, ink)
    noted(ax, *texts)
    if title:
        heading = ax.set_title(title, loc="left", y=1.0, pad=pt(BOLD_TITLE_PAD) + sizes.over)
        heading.set(fontsize=pt(TITLE_SIZE), fontweight="bold", color=ink, parse_math=False, gid="title")
        heading.set_x(-sizes.left / body[0])
    if caption:
        drop = tall - body[1]
        text = ax.text(0, 0, caption, transform=shifted(ax, -sizes.left, -pt(GAP) - drop), parse_math=False)
        text.set(va="top", ha="left", fontsize=pt(SMALL), linespacing=1.2, color=ink, gid="caption")
    for one in (ax, child, *child.child_axes):
        one.set_in_layout(True)  # a notebook cuts pictures to what is in the layout


def _undefined(number: int) -> pd.DataFrame:
    """Return the legend entry of cells without a value."""
    if not number:
        return class_table([], np.empty(0, dtype=np.int64), [])
    label = language_of(None).text("matrix.undefined")
    return class_table([label], np.array([number]), [NO_DATA]).assign(hatched=True)


def _sizes(ax: Axes, cells: Cells, room: float, key: ClassKey, ink: str) -> Sizes:
    """Measure names and key, and find the size of cells."""
    rows = [wrapped(ax, " ".join(name.split()), NAMES * room, size=pt(SMALL)) for name in cells.rows]
    left = max(text_size(ax, text, size=pt(SMALL))[0] for text in rows)
    if cells.heads[0]:
        left = max(left, text_size(ax, cells.heads[0], size=pt(SMALL), bold=True)[0] + 2 * pt(GAP))
    left += pt(PAD)
    key_size, beside = key.size(ax, "polygon", None, ink), True
    wide = min((room - left - key_size[0] - pt(GAP)) / len(cells.columns), pt(BROAD))
    if wide < pt(NARROW):
        key_size, beside = key.size(ax, "polygon", room, ink), False
        wide = min((room - left) / len(cells.columns), pt(BROAD))
    if wide < pt(LEAST):
        needed = (left + pt(LEAST) * len(cells.columns)) / NAMES_LEFT / 72
        raise ParameterError(
            f"{len(cells.columns)} groups do not fit {room / 72:.1f} inches; the matrix needs about {needed:.1f}. "
            "Make it wider (width= or size=), give shorter names (labels=), or choose fewer groups: "
            "population.select(...)."
        )
    words = [word for name in cells.columns for word in name.split()]
    longest = max((text_size(ax, word, size=pt(SMALL))[0] for word in words), default=0.0)
    turned = longest > wide - pt(PAD)
    columns = [" ".join(name.split()) for name in cells.columns]
    for length in [pt(one) for one in UPRIGHT] if turned else [wide - pt(PAD)]:
        broken = [wrapped(ax, name, length, size=pt(SMALL)) for name in columns]
        spans = [text_size(ax, text, size=pt(SMALL)) for text in broken]
        if not turned or max(span[1] for span in spans) <= wide:
            columns = broken
            break
    spans = [text_size(ax, text, size=pt(SMALL)) for text in columns]
    over = max(span[0] if turned else span[1] for span in spans) + pt(PAD)
    if any(cells.heads):
        over += pt(LINE) + pt(PAD)
    least = [(text.count("\n") + 1) * pt(LINE) + pt(PAD) / 2 for text in rows]
    tall = min(max(0.6 * wide, pt(LOW)), pt(TALL))
    return Sizes(rows, columns, turned, left, over, (wide, tall), least, key_size, beside)


def _number_size(ax: Axes, cells: Cells, sizes: Sizes, digits: int) -> float | None:
    """Return the size at which numbers fit their cells; None where none does."""
    language = language_of(None)
    values = cells.values[cells.there & np.isfinite(cells.values)]
    texts = {language.number(value, digits) for value in values.tolist()}
    for size in SIZES:
        if max(text_size(ax, text, size=pt(size))[0] for text in texts) + pt(2) <= sizes.cell[0]:
            return size
    return None


def _edges(cells: Cells, usual: float, least: Sequence[float]) -> Floats:
    """Return where each row begins and ends, in points from the top."""
    tall = np.maximum(usual, least)
    heights = tall.copy()
    if cells.apart is not None:
        heights[cells.apart] += GAP_ROW * usual
    ends = np.cumsum(heights)
    return np.stack([ends - tall, ends], axis=1)


def _place(
    ax: Axes,
    sizes: Sizes,
    body: tuple[float, float],
    heights: tuple[float, float],
    slot: tuple[float, float, float, float],
    own: float | None,
) -> None:
    """Give the figure its size, and the axes their place."""
    over, total = heights
    ax.set_xlim(0, body[0])
    ax.set_ylim(body[1], 0)
    if own is not None:
        page = page_of()
        whole = total + 2 * pt(EDGE)
        if page is not None:
            refuse_low(whole, page)
            whole = page.height * 72 if page.whole else whole
        figure_of(ax).set_size_inches(own, whole / 72)
        low = whole - pt(EDGE) - over - body[1]
        ax.set_position(((pt(EDGE) + sizes.left) / (own * 72), low / whole, body[0] / (own * 72), body[1] / whole))
    elif figure_of(ax).get_layout_engine() is None:
        scale = points_per_pixel(ax)
        width, height = ax.figure.bbox.width * scale, ax.figure.bbox.height * scale
        low = slot[1] + slot[3] - over - body[1]
        ax.set_position(((slot[0] + sizes.left) / width, low / height, body[0] / width, body[1] / height))


def _paint(
    ax: Axes,
    cells: Cells,
    edges: Floats,
    palette: LinearSegmentedColormap,
    limits: tuple[float, float],
    number: float | None,
    digits: int,
) -> None:
    """Draw cells and their numbers."""
    language = language_of(None)
    wide = ax.get_xlim()[1] / len(cells.columns)
    for i, j in np.argwhere(cells.there).tolist():
        value = float(cells.values[i, j])
        known = math.isfinite(value)
        place = (value - limits[0]) / (limits[1] - limits[0]) if known else 0.0
        colour = to_hex(palette(place)) if known else NO_DATA
        top, bottom = edges[i].tolist()
        cell = Rectangle((j * wide, top), wide, bottom - top, facecolor=colour, edgecolor="white")
        cell.set(linewidth=0.8, gid="cell" if known else "undefined")
        if not known:
            cell.set(hatch=HATCH, edgecolor=HATCH_COLOUR, linewidth=0.5)
            cell.set_hatch_linewidth(0.5)
        ax.add_patch(cell)
        if known and number is not None:
            text = ax.text((j + 0.5) * wide, (top + bottom) / 2, language.number(value, digits))
            text.set(ha="center", va="center", fontsize=pt(number), color=readable(colour), parse_math=False)
            text.set_gid("number")


def _name(ax: Axes, cells: Cells, sizes: Sizes, edges: Floats, ink: str) -> None:
    """Write the names of rows and columns."""
    wide = ax.get_xlim()[1] / len(cells.columns)
    ax.grid(visible=False)
    for spine in ax.spines.values():
        spine.set_visible(False)
    ax.patch.set_visible(False)
    ax.xaxis.tick_top()
    for axis, places, names in (
        (ax.xaxis, [(j + 0.5) * wide for j in range(len(cells.columns))], sizes.columns),
        (ax.yaxis, edges.mean(axis=1).tolist(), sizes.rows),
    ):
        axis.set_major_locator(FixedLocator(places))
        axis.set_major_formatter(FixedFormatter(names))
        axis.remove_overlapping_locs = False
    ax.tick_params(axis="both", length=0, pad=pt(PAD), labelsize=pt(SMALL), colors=ink)
    for label in ax.get_xticklabels():
        label.set(parse_math=False, rotation=90 if sizes.turned else 0, ha="center", va="bottom")
    for label in ax.get_yticklabels():
        label.set(parse_math=False, va="center")
    left, top = cells.heads
    height = sizes.over - pt(LINE)
    for head, across in ((left, -sizes.left), (top, 0.0)):
        if head:
            text = ax.text(0, 1, head, transform=shifted(ax, across, height), parse_math=False)
            text.set(ha="left", va="bottom", fontsize=pt(SMALL), fontweight="bold", color=ink, gid="head")
