"""Rows with two ends: from what was to what is, or from one group to another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from ._axes import GREY, GUIDE, LINES, add_key, dress, finish
from ._layout import slot_of
from ._numerals import decimals, number, number_ticks
from ._rows import head_of, lay_rows, ratio_of
from ._style import pt
from ._words import marked, say

__all__ = ["columns_of", "draw_dumbbells", "limits_of", "signed"]

WIDE = 5.0
"""Least width in inches of a plot whose legend has two columns."""


def limits_of(ends: Sequence[float] | np.ndarray, *, zero: bool = False) -> tuple[float, float]:
    """Return limits of an axis of values, with room on both sides."""
    values = np.asarray(ends, dtype=float).ravel()
    values = values[np.isfinite(values)]
    low, high = float(values.min()), float(values.max())
    if zero:
        low, high = min(low, 0.0), max(high, 0.0)
    room = 0.05 * ((high - low) or abs(high) or 1.0)
    return (low if zero and low == 0 else low - room), (high if zero and high == 0 else high + room)


def columns_of(axes: Axes, own: float | None) -> int:
    """Return in how many columns a legend has room."""
    width = own if own is not None else slot_of(axes)[2] / 72
    return 2 if width >= WIDE * pt(1.0) else 1


def signed(value: float, digits: int | None = None) -> str:
    """Write a change with its sign."""
    if not np.isfinite(value):
        return say("number.undefined")
    digits = decimals([], [value]) if digits is None else digits
    shown = round(float(value), digits)
    return marked(f"{shown:+.{digits}f}") if shown else number(0.0, digits)


def draw_dumbbells(
    axes: Axes,
    shown: pd.DataFrame,
    *,
    own: float | None,
    axis: str,
    head: str,
    words: tuple[str, str],
    title: str,
    caption: str,
    percent: bool = False,
) -> None:
    """Draw rows from a hollow dot to a full one.

    Parameters
    ----------
    axes : Axes
        To draw in.
    shown : DataFrame
        A row each: label, start, end, text and first (whether it begins a group).
    own : float or None
        Width in inches of a figure of our own.
    axis, head : str
        What the axis shows, and what stands over the numbers.
    words : (str, str)
        What the hollow dot and the full one are.
    title, caption : str
        Around it.
    percent : bool
        Whether values are shares that are written in per cent.
    """
    if percent:
        shown = shown.assign(start=100 * shown["start"], end=100 * shown["end"])
    ink = dress(axes, axis, "", own=own)
    axes.set_xlim(*limits_of(shown[["start", "end"]].to_numpy()))
    places = lay_rows(axes, shown["label"].tolist(), shown["text"].tolist(), shown["first"].tolist(), own=own)
    number_ticks(axes.xaxis, most=6)
    left, right = axes.get_xlim()
    if left < 0 < right:
        axes.axvline(0, color=GUIDE, linewidth=0.8, zorder=1, gid="zero")
    for start, end, at in zip(shown["start"], shown["end"], places, strict=True):
        known = np.isfinite([start, end])
        if not known.any():
            axes.plot([left, right], [at, at], color=GUIDE, linewidth=0.5, dashes=(1, 3), zorder=0.5, gid="undefined")
            continue
        reach = min(one for one in (start, end) if np.isfinite(one))
        axes.plot([left, reach], [at, at], color=GUIDE, linewidth=0.5, dashes=(1, 3), zorder=0.5, gid="guide")
        if known.all():
            axes.plot([start, end], [at, at], color=LINES[0], linewidth=1.6, zorder=2, gid="way")
        if known[0]:
            (dot,) = axes.plot([start], [at], marker="o", markersize=5, color=GREY, zorder=3, gid="start")
            dot.set(markerfacecolor="white", clip_on=False)
        if known[1]:
            (dot,) = axes.plot([end], [at], marker="o", markersize=5, color=LINES[0], zorder=4, gid="end")
            dot.set(clip_on=False)
    signs = [
        Line2D([], [], linestyle="", marker="o", markersize=5, color=GREY, markerfacecolor="white"),
        Line2D([], [], linestyle="", marker="o", markersize=5, color=LINES[0]),
    ]
    over = head_of(axes, head, ink) if head else 0.0
    finish(
        axes,
        title=title,
        caption=caption,
        ratio=ratio_of(axes, own),
        own=own,
        ink=ink,
        legend=add_key(axes, list(zip(signs, words, strict=True)), ink, columns=columns_of(axes, own)),
        over=over,
        inside=True,
        rows=True,
    )
    number_ticks(axes.xaxis, most=6)
