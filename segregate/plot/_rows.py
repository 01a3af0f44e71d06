"""Rows with a name on the left, something drawn in the middle and a text on the right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedFormatter, FixedLocator

from ._axes import GUIDE, LINES, _margins
from ._layout import EDGE, slot_of, text_size, wrapped
from ._style import SMALL, pt
from ._words import people, say

__all__ = ["PAD", "add_intervals", "head_of", "lay_rows", "ratio_of", "said_of"]

Floats = npt.NDArray[np.float64]
ROW, CLOSE, MANY = 15.0, 10.5, 40
"""Points from row to row, and where there are so many of them."""
LINE = 9.6
"""Points from a line of a name to the next."""
BREATH = 3.0
"""Points between a name of several lines and the next name."""
APART = 8.0
"""Points between groups of rows."""
WIDEST = 0.42
"""Greatest part of the width that names take."""
BOTH = 0.62
"""Greatest part of the width that names take, with what stands on the right."""
NARROWEST = 60.0
"""Least width of names in points."""
SHORTEST = 20.0
"""Least length of the axis in points."""
PAD = 6.0
"""Points between the axes and what stands beside them."""


def lay_rows(
    ax: Axes, names: Sequence[str], texts: Sequence[str], first: Sequence[bool], *, own: float | None, beside: float = 0
) -> Floats:
    """Give axes a row for each name, from top to bottom.

    Parameters
    ----------
    ax : Axes
        Their y axis counts points from the top.
    names : sequence of str
        Labels on the left; long ones are broken into lines.
    texts : sequence of str
        Labels on the right.
    first : sequence of bool
        Whether a row begins a group, with white space above.
    own : float or None
        Width in inches of a figure of our own.
    beside : float
        Points between the axes and the labels on the right that something else takes.

    Returns
    -------
    ndarray of shape (n,)
        Where each row is.
    """
    room = own * 72 if own is not None else slot_of(ax)[2]
    right = beside + max(text_size(ax, text, size=pt(SMALL))[0] for text in texts)
    widest = max(min(WIDEST * room, BOTH * room - right), pt(NARROWEST))
    labels = [wrapped(ax, " ".join(name.split()), widest, size=pt(SMALL)) for name in names]
    usual = pt(ROW) if len(names) <= MANY else pt(CLOSE)
    lines = np.array([label.count("\n") for label in labels])
    heights = np.where(lines == 0, usual, np.maximum(usual, pt(LINE) * (1 + lines) + pt(BREATH)))
    above = np.array([pt(APART) if begins and k else 0.0 for k, begins in enumerate(first)])
    ends = np.cumsum(heights + above)
    places = ends - heights / 2
    axis = ax.yaxis
    axis.set_major_locator(FixedLocator(places.tolist()))
    axis.set_major_formatter(FixedFormatter(labels))
    axis.remove_overlapping_locs = False
    axis.set_minor_locator(FixedLocator(places.tolist()))
    axis.set_minor_formatter(FixedFormatter(list(texts)))
    ax.set_ylim(float(ends[-1]) + 2, -2)
    color = ax.xaxis.label.get_color()
    ax.tick_params(axis="y", which="both", length=0, pad=pt(PAD), labelleft=True, labelright=False)
    ax.tick_params(axis="y", which="minor", labelleft=False, labelright=True, pad=pt(PAD) + beside)
    for tick, side in ((axis.get_major_ticks(), "label1"), (axis.get_minor_ticks(), "label2")):
        for one in tick:
            text = getattr(one, side)
            text.set(parse_math=False, color=color, fontsize=pt(SMALL), verticalalignment="center")
    ax.spines["left"].set_visible(False)
    return places


def ratio_of(ax: Axes, own: float | None) -> float:
    """Return the ratio of height and width at which rows have the height that they need."""
    low, high = sorted(ax.get_ylim())
    left, _, right, _ = _margins(ax)
    room = own * 72 - 2 * pt(EDGE) if own is not None else slot_of(ax)[2]
    return (high - low) / max(room - left - right, pt(SHORTEST))


def add_intervals(ax: Axes, shown: pd.DataFrame, places: Floats) -> None:
    """Draw values with their intervals in rows that are there; a thin line leads to each from its name."""
    left, right = ax.get_xlim()
    if left < 0 < right:
        ax.axvline(0, color=GUIDE, linewidth=0.8, zorder=1, gid="zero")
    size = 4.5 if len(shown) <= MANY else 3.5
    numbers: list[list[float]] = shown[["value", "low", "high"]].to_numpy(dtype=float).tolist()
    for (value, low, high), at in zip(numbers, places, strict=True):
        if not np.isfinite(value):
            ax.plot([left, right], [at, at], color=GUIDE, linewidth=0.5, dashes=(1, 3), zorder=0.5, gid="undefined")
            continue
        known = bool(np.isfinite([low, high]).all())
        end = min(value, low) if known else value
        ax.plot([left, end], [at, at], color=GUIDE, linewidth=0.5, dashes=(1, 3), zorder=0.5, gid="guide")
        if known:
            ax.plot([low, high], [at, at], color=LINES[0], linewidth=1.6, solid_capstyle="butt", gid="interval")
        (dot,) = ax.plot([value], [at], marker="o", markersize=size, color=LINES[0], zorder=3, gid="value")
        dot.set(markerfacecolor=LINES[0] if known else "white", clip_on=False)


def said_of(shown: pd.DataFrame, noun: Literal["row", "year"] = "row") -> list[str]:
    """Say which rows have no value or no interval, leave people out, or have something else to be said."""
    undefined = shown["value"].isna()
    lost = ~undefined & (shown["low"].isna() | shown["high"].isna())
    partial = shown["status"] == "partial"
    said = []
    for rows, what in (
        (undefined, "undefined"),
        (lost, "no_interval"),
        (partial, "partial"),
        (~undefined & ~lost & ~partial & shown["message"].ne(""), "noted"),
    ):
        if rows.any():
            number_of = int(rows.sum())
            which = [_because(*row) for row in shown.loc[rows, ["label", "message"]].to_numpy().tolist()]
            which = [*which[:3], *([say("rows.more", n=number_of - 3)] if number_of > 3 else [])]
            total = people(len(shown))
            said.append(say(f"rows.{noun}.{what}", n=number_of, total=total, which="; ".join(which)))
    return said


def _because(label: str, message: str) -> str:
    return f"{label} ({message.rstrip('.')})" if message else label


def head_of(ax: Axes, text: str, ink: str) -> float:
    """Write a heading over the labels on the right; return the points that it takes above the axes."""
    ax.annotate(
        text,
        (1, 1),
        xycoords="axes fraction",
        xytext=(_margins(ax)[2], pt(2)),
        textcoords="offset points",
        ha="right",
        va="bottom",
        fontsize=pt(SMALL),
        color=ink,
        parse_math=False,
        gid="head",
    )
    return text_size(ax, text, size=pt(SMALL))[1] + pt(4)
