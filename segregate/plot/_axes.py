"""What plots with axes share: where they are drawn, what stands around them, and their files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import matplotlib
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.legend import Legend
from matplotlib.ticker import FixedLocator, FuncFormatter, Locator, MaxNLocator, NullLocator

from .._measure import unit_table
from ..errors import ParameterError, plural
from ..population import Population
from ._caption import caption_of
from ._compose import BOLD_TITLE_PAD, INK, TITLE_SIZE, new_axes
from ._furniture import SMALL, shifted
from ._layout import EDGE, GAP, figure_of, points_per_pixel, slot_of, text_size, wrapped
from ._palettes import QUALITATIVE
from ._save import SavePath, check_targets, save_figure

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
START = (0.15, 0.2, 0.7, 0.6)
"""Where axes stand until everything around them is measured."""
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


def people(number: float) -> str:
    """Write a number of people."""
    return f"{number:,.0f}" if float(number).is_integer() else f"{number:,.1f}"


def percent(share: float) -> str:
    """Write a share as a percentage of three digits or fewer."""
    value = 100 * share
    return f"{value:.0f} %" if value >= 99.95 or value == 0 else f"{value:.1f} %" if value >= 1 else f"{value:.2g} %"


class _Shares(Locator):
    """Ticks of shares, as many as there is room for."""

    def __call__(self) -> list[float]:
        """Return the places."""
        assert isinstance(self.axis, Axis)
        axes = self.axis.axes
        box = axes.get_window_extent()
        length = (box.width if self.axis is axes.xaxis else box.height) * points_per_pixel(axes)
        steps = next((number for number in (5, 4, 2) if length >= number * TICK), 1)
        return [k / steps for k in range(steps + 1)]

    def tick_values(self, vmin: float, vmax: float) -> list[float]:  # noqa: ARG002
        """Return the places."""
        return self()


def percents(axis: Axis) -> None:
    """Let an axis of shares from 0 to 1 run in per cent."""
    axis.set_major_locator(_Shares())
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.0f} %"))


def settle(axis: Axis) -> None:
    """Fix the ticks of an axis, so that they stay what was measured when the figure gets its size."""
    low, high = axis.get_view_interval()
    ticks = MaxNLocator(nbins=7, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    axis.set_major_locator(FixedLocator([tick for tick in ticks if low <= tick <= high]))


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
        each = [f"{label}: {plural(r['units'], 'unit')}, {people(r['people'])} people" for label, r in records.items()]
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


@contextmanager
def drawing(ax: Axes | None, width: float | None, managed: bool, usual: float) -> Iterator[tuple[Axes, float | None]]:
    """Give axes to draw in, and the width of a figure of our own (None where the axes are the user's).

    A new figure that cannot be finished is forgotten by pyplot.

    Parameters
    ----------
    ax : Axes or None
        What the user gave.
    width : float or None
        Width in inches of a new figure.
    managed : bool
        Whether pyplot knows the new figure.
    usual : float
        Width where none is said.

    Raises
    ------
    ParameterError
        When the arguments contradict each other or cannot be used.
    """
    if ax is not None:
        if width is not None or not managed:
            raise ParameterError("width= and managed= are about a new figure; leave them out when ax= is given.")
        figure_of(ax)
        yield ax, None
        return
    if width is not None and not (np.isfinite(width) and 2 <= width <= 60):
        raise ParameterError(f"width= is the width of the figure in inches, from 2 to 60, not {width!r}.")
    made = new_axes(width or usual, managed=managed)
    try:
        made.set_position(START)
        yield made, width or usual
    except BaseException:
        if managed:
            _forget(made)
        raise


def _forget(axes: Axes) -> None:
    """Let pyplot forget the figure of a plot that could not be finished."""
    from matplotlib import pyplot

    pyplot.close(figure_of(axes))


def ink_of(own: float | None) -> str:
    """Return the colour of text: ours in a figure of our own, the user's in the user's."""
    return INK if own is not None else str(matplotlib.rcParams["text.color"])


def dress(ax: Axes, x: str, y: str, *, own: float | None) -> str:
    """Give axes their labels, sizes and colours; return the colour of text."""
    ink = ink_of(own)
    ax.grid(visible=False)
    ax.tick_params(axis="both", which="both", labelsize=SMALL, colors=ink, top=False, right=False)
    if own is not None:
        ax.set_facecolor("white")
    for side, spine in ax.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set(color=ink, linewidth=0.8)
    for label, setter in ((x, ax.set_xlabel), (y, ax.set_ylabel)):
        setter(label, fontsize=SMALL, color=ink, parse_math=False)
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
        fontsize=SMALL,
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
    """
    scale = points_per_pixel(ax)
    slot = slot_of(ax)
    free = own is None and figure_of(ax).get_layout_engine() is not None
    inside = own is not None or (inside and not free)
    room = own * 72 - 2 * EDGE if own is not None else slot[2]
    title = wrapped(ax, title, room, size=TITLE_SIZE, bold=True) if title else ""
    caption = wrapped(ax, caption, room, size=SMALL) if caption else ""
    titled = text_size(ax, title, size=TITLE_SIZE, bold=True)[1] + (BOLD_TITLE_PAD if title else 0.0)
    said = text_size(ax, caption, size=SMALL)[1] + (GAP if caption else 0.0)
    words = [] if legend is None else [text.get_text() for text in legend.get_texts()]
    labels = (ax.get_xlabel(), ax.get_ylabel())
    across, along = (room * 0.8, room * 0.8 * ratio) if own is not None else (slot[2], slot[3])
    # labels are broken to the length of the axes, which depends on them
    for _ in range(3):
        ax.set_xlabel(wrapped(ax, labels[0], max(across, SHORTEST), size=SMALL))
        ax.set_ylabel(wrapped(ax, labels[1], max(along, SHORTEST), size=SMALL))
        left, bottom, right, top = _margins(ax)
        top = max(top, over)
        start = left if inside else 0.0
        under = said + bottom if said or own is not None else 0.0
        high = np.inf if own is not None else max(slot[3] - titled - top - under, LEAST)
        inner = room - start - (right if inside else 0.0)
        where, key = _key_place(ax, legend, words, place, (room, inner, high), ratio)
        beside = key[0] + GAP if where == "right" else 0.0
        below = key[1] + GAP if where == "below" else 0.0
        if own is not None:
            across = room - left - max(right, beside)
            along = max(across * ratio, key[1] if where == "right" else 0.0)
            total = titled + top + along + bottom + below + said + 2 * EDGE
            figure_of(ax).set_size_inches(own, total / 72)
            low = EDGE + said + below + bottom
            ax.set_position(((EDGE + left) / (own * 72), low / total, across / (own * 72), along / total))
            continue
        across = slot[2] - beside - (start + max(right - beside, 0.0) if inside else 0.0)
        across = max(across, LEAST)
        along = slot[3]
        if not free:
            along = max(along - titled - top - (said + below + bottom if said + below else 0.0), LEAST)
        if square:
            across = along = min(across, along)
        if not free:
            width, height = ax.figure.bbox.width * scale, ax.figure.bbox.height * scale
            low = slot[1] + slot[3] - titled - top - along
            ax.set_position(((slot[0] + start) / width, low / height, across / width, along / height))
    if square:
        ax.set_box_aspect(1)
        ax.set_anchor("NW")
    if title:
        heading = ax.set_title(title, loc="left", y=1.0, pad=BOLD_TITLE_PAD + top)
        heading.set(fontsize=TITLE_SIZE, fontweight="bold", color=ink, parse_math=False, gid="title")
        heading.set_x(-start / (ax.get_window_extent().width * scale))
    if legend is not None:
        places = {"corner": (0, 1, CORNER, 0.0), "below": (0, 0, -start, -bottom - GAP), "right": (1, 1, GAP, 0.0)}
        x, y, *shift = places[where]
        legend.set_bbox_to_anchor((x, y), transform=shifted(ax, *shift))
    if caption:
        text = ax.text(0, 0, caption, transform=shifted(ax, -start, -bottom - below - GAP), parse_math=False)
        text.set(va="top", ha="left", fontsize=SMALL, linespacing=1.2, color=ink, gid="caption")


def _key_place(
    ax: Axes, legend: Legend | None, words: Sequence[str], place: str, room: tuple[float, float, float], ratio: float
) -> tuple[str, tuple[float, float]]:
    """Choose where the legend stands, break its lines to the room there, and return its size.

    `room` is the whole width, that for the axes and a legend beside them, and the height for the axes and a legend
    below, infinite where it follows from the width.
    """
    if legend is None:
        return "", (0.0, 0.0)
    whole, width, height = room

    def fit(available: float) -> tuple[float, float]:
        for text, full in zip(legend.get_texts(), words, strict=True):
            text.set_text(wrapped(ax, full, max(available - HANDLE, LEAST), size=SMALL))
        box, scale = legend.get_window_extent(), points_per_pixel(ax)
        return (float(box.width) * scale, float(box.height) * scale)

    if place == "corner":
        key = fit(np.inf)
        if sum(key) + 3 * CORNER <= min(width, height):
            return "corner", key
    aside = fit(BESIDE * width)
    left = width - aside[0] - GAP
    if place == "corner":
        under = fit(whole)
        right = bool(np.isfinite(height)) and min(left, height) > min(width, height - under[1] - GAP)
    else:
        right = place == "right" and left >= width / 2 and aside[1] <= max(1.3 * left * ratio, LOWEST)
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


# files ---------------------------------------------------------------------------------


def check_files(save: SavePath | Iterable[SavePath] | None) -> list[Path]:
    """Check where to save a plot before it is drawn; a plot has no layer for a GIS.

    Raises
    ------
    ParameterError
        When a suffix is not known, the folder does not exist, or the path is a folder.
    """
    targets = check_targets(save)
    layers = [str(path) for path in targets if path.suffix.lower() == ".gpkg"]
    if layers:
        raise ParameterError(
            f"{layers[0]!r} would be a layer of units, and this plot is none; save it as .png, .svg or .pdf."
        )
    return targets


def save_to(axes: Axes, targets: Sequence[Path], *, title: str, caption: str, forget: bool) -> None:
    """Save the figure of a plot; pyplot forgets a managed one that could not be saved."""
    try:
        for target in targets:
            save_figure(figure_of(axes), target, title=title, caption=caption)
    except BaseException:
        if forget:
            _forget(axes)
        raise
