"""What plots with axes share: where they are drawn, what stands around them, and their files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.legend import Legend
from matplotlib.ticker import FixedLocator, FuncFormatter, Locator, MaxNLocator, NullLocator

from .._languages import language_of
from .._measure import unit_table
from ..population import Population
from ._caption import caption_of
from ._drawing import check_files, drawing, ink_of, one_call, save_to
from ._furniture import shifted
from ._layout import EDGE, GAP, figure_of, points_per_pixel, slot_of, text_size, wrapped
from ._palettes import QUALITATIVE
from ._style import BOLD_TITLE_PAD, SMALL, TITLE_SIZE, Page, noted, page_of, pt, refuse_low
from ._words import number_ticks_of, people, percent, percent_ticks, say, units

__all__ = [
    "DASHES",
    "GREY",
    "GUIDE",
    "LINES",
    "SHADE",
    "add_key",
    "caption_for",
    "check_files",
    "dress",
    "drawing",
    "finish",
    "ink_of",
    "one_call",
    "people",
    "percent",
    "percents",
    "save_to",
    "settle",
]

LINES = tuple(QUALITATIVE["meadow"][k] for k in (5, 0, 2, 7, 10, 8, 4))
"""Colours for lines: those of the palette that stand out from white (3 : 1 or more)."""
DASHES: tuple[tuple[float, ...], ...] = (
    (),
    (5, 1.6),
    (1.2, 1.2),
    (6, 1.6, 1.2, 1.6),
    (10, 2),
    (3, 1.2),
    (6, 1.6, 1.2, 1.6, 1.2, 1.6),
)
"""Patterns for lines, so that they are told apart in grey; lengths are multiples of the width."""
GREY = "#777777"
"""Lines to compare with."""
GUIDE = "#bbbbbb"
"""Lines that lead the eye."""
SHADE = "#d9e2ec"
"""Areas between lines."""
CORNER = 6.0
"""Points between the edge of the axes and a legend in a corner."""
TICK = 34.0
"""Least points from a tick of shares to the next."""
HANDLE = 3.9 * SMALL
"""Width of the sign before a line of the legend, in points."""
BESIDE = 0.42
"""Greatest part of the width that a legend beside the axes takes."""
SHORTEST = 70.0
"""Least length of a line of a label, in points."""
LOWEST = 100.0
"""Height of a legend that always stands beside axes, in points."""
LEAST = 40.0
"""Smallest height of axes, in points."""


class _Shares(Locator):
    """Ticks of shares, as many as there is room for."""

    def __call__(self) -> list[float]:
        """Return the places."""
        assert isinstance(self.axis, Axis)
        axes = self.axis.axes
        box = axes.get_window_extent()
        length = (box.width if self.axis is axes.xaxis else box.height) * points_per_pixel(axes)
        steps = next((number for number in (5, 4, 2) if length >= number * pt(TICK)), 1)
        return [k / steps for k in range(steps + 1)]

    def tick_values(self, vmin: float, vmax: float) -> list[float]:  # noqa: ARG002
        """Return the places."""
        return self()


def percents(axis: Axis) -> None:
    """Let an axis of shares from 0 to 1 run in per cent."""
    axis.set_major_locator(_Shares())
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(percent_ticks()))


def settle(axis: Axis) -> None:
    """Fix the ticks of an axis, so that they stay what was measured when the figure gets its size."""
    low, high = axis.get_view_interval()
    ticks = MaxNLocator(nbins=7, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    axis.set_major_locator(FixedLocator([tick for tick in ticks if low <= tick <= high]))
    if language_of().code != "en":
        digits = next((k for k in range(12) if all(abs(round(tick, k) - tick) < 1e-12 for tick in ticks)), 12)
        axis.set_major_formatter(FuncFormatter(number_ticks_of(f",.{digits}f")))


# captions ------------------------------------------------------------------------------


def caption_for(
    populations: Mapping[str, Population],
    what: str,
    *,
    notes: Sequence[str] = (),
    params: Mapping[str, Any] | None = None,
) -> str:
    """Write the caption of a plot of one population, or of several.

    Parameters
    ----------
    populations : mapping from label to Population
        What was measured.
    what : str
        What the plot shows.
    notes : sequence of str
        Notes about the plot.
    params : mapping, optional
        Parameters to name.

    Returns
    -------
    str
        Sentences in one line.
    """
    records = {
        label: dict(unit_table(one, {}, {"title": what, "params": dict(params or {})}).attrs["segregate"])
        for label, one in populations.items()
    }
    first = next(iter(records.values()))
    said = list(notes)
    if len(records) > 1:
        each = [f"{label}: {units(r['units'])}, {say('count.people', n=r['people'])}" for label, r in records.items()]
        noted = [f"{label}: {note}" for label, r in records.items() for note in r["notes"]]
        sources = dict.fromkeys(str(r["source"]) for r in records.values() if r["source"])
        first = first | {
            "groups": list(dict.fromkeys(name for r in records.values() for name in r["groups"])),
            "units": sum(r["units"] for r in records.values()),
            "people": sum(r["people"] for r in records.values()),
            "source": "; ".join(sources) or None,
            "notes": [],
        }
        said = ["; ".join(each), *noted, *said]
    return caption_of(first, n_units=int(first["units"]), classes=None, notes=said, palette_center=None)


# axes ----------------------------------------------------------------------------------


def dress(ax: Axes, x: str, y: str, *, own: float | None) -> str:
    """Give axes their labels, sizes and colours; return the colour of text."""
    ink = ink_of(own)
    ax.grid(visible=False)
    ax.tick_params(axis="both", which="both", labelsize=pt(SMALL), colors=ink, top=False, right=False)
    if pt(1.0) != 1:
        ax.tick_params(axis="both", which="major", length=pt(3.5), width=pt(0.8), pad=pt(3.5))
    if own is not None:
        ax.set_facecolor("white")
    for side, spine in ax.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set(color=ink, linewidth=0.8)
    for label, setter in ((x, ax.set_xlabel), (y, ax.set_ylabel)):
        setter(label, labelpad=None if pt(1.0) == 1 else pt(4.0), fontsize=pt(SMALL), color=ink, parse_math=False)
    return ink


def add_key(ax: Axes, entries: Sequence[tuple[Artist, str]], ink: str, *, columns: int = 1) -> Legend:
    """Add a legend at the upper left corner of the axes, until it gets its place."""
    legend = ax.legend(
        [handle for handle, _ in entries],
        [label for _, label in entries],
        loc="upper left",
        bbox_to_anchor=(0, 1),
        ncols=columns,
        frameon=False,
        fontsize=pt(SMALL),
        alignment="left",
        borderpad=0,
        borderaxespad=0,
        handlelength=3.2,
        handletextpad=0.7,
        labelspacing=0.4,
        labelcolor=ink,
    )
    for text in legend.get_texts():
        text.set_parse_math(False)
    legend.set_gid("legend")
    return legend


def finish(
    ax: Axes,
    *,
    title: str,
    caption: str,
    ratio: float,
    own: float | None,
    ink: str,
    legend: Legend | None = None,
    place: Literal["corner", "below", "right"] = "below",
    over: float = 0.0,
    square: bool = False,
    inside: bool = False,
    rows: bool = False,
) -> None:
    """Measure what stands around the axes, and give everything its place.

    Parameters
    ----------
    ax : Axes
        With all lines, ticks and labels.
    title, caption : str
        Texts; empty ones are left out.
    ratio : float
        Height of the axes over their width, in a figure of our own.
    own : float or None
        Width in inches of a figure of our own.
    ink : str
        Colour of text.
    legend : Legend, optional
        Where it is drawn.
    place : str
        Where it stands; ``"corner"`` is the upper left one, if it can stand there without reaching the diagonal, else
        below.
    over : float
        Points above the axes that something else takes.
    square : bool
        Whether both axes have one length.
    inside : bool
        Whether labels beside the axes take their room from the place that the user gave to these.
    rows : bool
        Whether the axes have rows that need all of their height.
    """
    scale = points_per_pixel(ax)
    slot = slot_of(ax)
    free = own is None and figure_of(ax).get_layout_engine() is not None
    inside = own is not None or (inside and not free)
    room = own * 72 - 2 * pt(EDGE) if own is not None else slot[2]
    noted(ax, title, caption)
    page = page_of() if own is not None else None
    title = wrapped(ax, title, room, size=pt(TITLE_SIZE), bold=True) if title else ""
    caption = wrapped(ax, caption, room, size=pt(SMALL)) if caption else ""
    titled = text_size(ax, title, size=pt(TITLE_SIZE), bold=True)[1] + (pt(BOLD_TITLE_PAD) if title else 0.0)
    said = text_size(ax, caption, size=pt(SMALL))[1] + (pt(GAP) if caption else 0.0)
    words = [] if legend is None else [text.get_text() for text in legend.get_texts()]
    labels, total = (ax.get_xlabel(), ax.get_ylabel()), 0.0
    across, along = (room * 0.8, room * 0.8 * ratio) if own is not None else (slot[2], slot[3])
    # labels are broken to the length of the axes, which depends on them
    for _ in range(3):
        ax.set_xlabel(wrapped(ax, labels[0], max(across, pt(SHORTEST)), size=pt(SMALL)))
        ax.set_ylabel(wrapped(ax, labels[1], max(along, pt(SHORTEST)), size=pt(SMALL)))
        left, bottom, right, top = _margins(ax)
        top = max(top, over)
        start = left if inside else 0.0
        under = said + bottom if said or own is not None else 0.0
        high = np.inf if own is not None else max(slot[3] - titled - top - under, pt(LEAST))
        if page is not None:
            high = max(72 * page.height - 2 * pt(EDGE) - titled - top - under, pt(LEAST))
        inner = room - start - (right if inside else 0.0)
        where, key = _key_place(ax, legend, words, place, (room, inner, high), ratio, tight=page is not None)
        beside = key[0] + pt(GAP) if where == "right" else 0.0
        below = key[1] + pt(GAP) if where == "below" else 0.0
        if own is not None:
            across = room - left - max(right, beside)
            along = max(across * ratio, key[1] if where == "right" else 0.0)
            around = titled + top + bottom + below + said + 2 * pt(EDGE)
            total = along + around
            if page is not None:
                along = _fitted(page, along, around, least=along if rows else pt(LOWEST))
                across = min(across, along) if square else across
                total = along + around
            figure_of(ax).set_size_inches(own, total / 72)
            low = pt(EDGE) + said + below + bottom
            ax.set_position(((pt(EDGE) + left) / (own * 72), low / total, across / (own * 72), along / total))
            continue
        across = slot[2] - beside - (start + max(right - beside, 0.0) if inside else 0.0)
        across = max(across, pt(LEAST))
        along = slot[3]
        if not free:
            along = max(along - titled - top - (said + below + bottom if said + below else 0.0), pt(LEAST))
        if square:
            across = along = min(across, along)
        if not free:
            width, height = ax.figure.bbox.width * scale, ax.figure.bbox.height * scale
            low = slot[1] + slot[3] - titled - top - along
            ax.set_position(((slot[0] + start) / width, low / height, across / width, along / height))
    if page is not None:
        refuse_low(total, page)
    if square:
        ax.set_box_aspect(1)
        ax.set_anchor("NW")
    if title:
        heading = ax.set_title(title, loc="left", y=1.0, pad=pt(BOLD_TITLE_PAD) + top)
        heading.set(fontsize=pt(TITLE_SIZE), fontweight="bold", color=ink, parse_math=False, gid="title")
        heading.set_x(-start / (ax.get_window_extent().width * scale))
    if legend is not None:
        places = {
            "corner": (0, 1, pt(CORNER), 0.0),
            "below": (0, 0, -start, -bottom - pt(GAP)),
            "right": (1, 1, pt(GAP), 0.0),
        }
        x, y, *shift = places[where]
        legend.set_bbox_to_anchor((x, y), transform=shifted(ax, *shift))
    if caption:
        text = ax.text(0, 0, caption, transform=shifted(ax, -start, -bottom - below - pt(GAP)), parse_math=False)
        text.set(va="top", ha="left", fontsize=pt(SMALL), linespacing=1.2, color=ink, gid="caption")


def _fitted(page: Page, along: float, around: float, *, least: float) -> float:
    """Return the height of axes on a page: what they want or what is left, as the page is filled or not."""
    left = 72 * page.height - around
    return max(left if page.whole else min(along, left), least)


def _key_place(
    ax: Axes,
    legend: Legend | None,
    words: Sequence[str],
    place: str,
    room: tuple[float, float, float],
    ratio: float,
    *,
    tight: bool,
) -> tuple[str, tuple[float, float]]:
    """Choose where the legend stands, break its lines to the room there, and return its size.

    `room` is the whole width, that for the axes and a legend beside them, and the height for the axes and a legend
    below, infinite where it follows from the width. Where this height is that of a page (`tight`), a legend goes to the
    right where it would leave too little for the axes.
    """
    if legend is None:
        return "", (0.0, 0.0)
    whole, width, height = room

    def fit(available: float) -> tuple[float, float]:
        for text, full in zip(legend.get_texts(), words, strict=True):
            text.set_text(wrapped(ax, full, max(available - pt(HANDLE), pt(LEAST)), size=pt(SMALL)))
        box, scale = legend.get_window_extent(), points_per_pixel(ax)
        return (float(box.width) * scale, float(box.height) * scale)

    if place == "corner":
        key = fit(np.inf)
        if sum(key) + 3 * pt(CORNER) <= min(width, height):
            return "corner", key
    aside = fit(BESIDE * width)
    left = width - aside[0] - pt(GAP)
    if place == "corner":
        under = fit(whole)
        right = bool(np.isfinite(height)) and min(left, height) > min(width, height - under[1] - pt(GAP))
    else:
        right = place == "right" and left >= width / 2 and aside[1] <= max(1.3 * left * ratio, pt(LOWEST))
        if tight and not right and aside[1] <= height:
            right = height - fit(whole)[1] - pt(GAP) < pt(LOWEST)
    return ("right", fit(BESIDE * width)) if right else ("below", fit(whole))


def _margins(ax: Axes) -> tuple[float, float, float, float]:
    """Return how far ticks and labels reach out on the left, below, on the right and above, in points."""
    scale = points_per_pixel(ax)
    inner = ax.get_window_extent()
    boxes = [inner, *(box for box in (ax.xaxis.get_tightbbox(), ax.yaxis.get_tightbbox()) if box is not None)]
    return (
        (inner.x0 - min(box.x0 for box in boxes)) * scale,
        (inner.y0 - min(box.y0 for box in boxes)) * scale,
        (max(box.x1 for box in boxes) - inner.x1) * scale,
        (max(box.y1 for box in boxes) - inner.y1) * scale,
    )
