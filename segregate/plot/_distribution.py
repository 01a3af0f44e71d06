"""Distributions of replicates as bars, enlarged where what they are compared with is far away."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import ConnectionPatch

from ..inference._replicates import SLACK
from ._axes import GREY
from ._digits import written
from ._layout import points_per_pixel
from ._numerals import number_ticks
from ._style import SMALL, pt
from ._words import say

__all__ = ["CHANCE", "HEAD", "REACHED", "bars_of", "draw_bars", "enlarge", "is_far", "reaching"]

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
CHANCE = "#b7c9dc"
"""Bars of replicates."""
REACHED = "#944200"
"""Bars of replicates that reach the statistic."""
FEWEST, MOST = 5, 40
"""Bars."""
HEAD = 1.06
"""Height of the axes over that of the highest bar."""
THICK = 4.0
"""Width in points of the bar of replicates that all have one value."""
THIN = 0.8
"""Width in points of the edge of a bar."""
FAR = 1 / 8
"""Part of the axis; bars that are narrower together are shown once more, enlarged."""
SMALLEST = (110.0, 80.0)
"""Least width and height in points of the room for enlarged bars."""


def reaching(statistic: float, values: Floats, alternative: str) -> Flags:
    """Say which replicates reach a statistic; two-sided those on its own side, where they are fewer."""
    near = SLACK * max(1.0, abs(statistic))
    more, less = values >= statistic - near, values <= statistic + near
    if alternative == "two-sided":
        return more if more.sum() <= less.sum() else less
    return more if alternative == "greater" else less


def bars_of(values: Floats, reached: Flags | None = None) -> pd.DataFrame:
    """Count replicates in bars of one width.

    Parameters
    ----------
    values : ndarray of shape (R,)
        Finite, at least one.
    reached : ndarray of bool, shape (R,), optional
        Which of them are counted apart.

    Returns
    -------
    DataFrame
        One row per bar: ``low``, ``high``, ``replicates`` and ``reached`` (of these). One bar without a width where
        all values are the same.
    """
    reached = np.zeros(len(values), dtype=bool) if reached is None else reached
    low, high = float(values.min()), float(values.max())
    if high - low <= SLACK * max(1.0, abs(low)):
        one = {"low": [low], "high": [high], "replicates": [len(values)], "reached": [int(reached.sum())]}
        return pd.DataFrame(one)
    # width of bars after Freedman and Diaconis, 1981
    quartiles = np.quantile(values, [0.25, 0.75])
    width = 2 * float(quartiles[1] - quartiles[0]) / len(values) ** (1 / 3)
    bars = MOST if width * MOST <= high - low else max(math.ceil((high - low) / width), FEWEST)
    edges = np.linspace(low, high, bars + 1)
    counts, _ = np.histogram(values, edges)
    these, _ = np.histogram(values[reached], edges)
    return pd.DataFrame({"low": edges[:-1], "high": edges[1:], "replicates": counts, "reached": these})


def draw_bars(ax: Axes, bars: pd.DataFrame, marks: Sequence[float], *, head: float = HEAD) -> None:
    """Draw bars, and give both axes their limits and ticks.

    Parameters
    ----------
    ax : Axes
        Where.
    bars : DataFrame
        From `bars_of`.
    marks : sequence of float
        What else the axis has to show.
    head : float
        Height of the axes over that of the highest bar.
    """
    ends = [float(bars["low"].min()), float(bars["high"].max()), *(mark for mark in marks if np.isfinite(mark))]
    low, high = min(ends), max(ends)
    room = 0.05 * (high - low) if high - low > SLACK * max(1.0, abs(low)) else 0.1 * (abs(low) or 1.0)
    ax.set_xlim(low - room, high + room)
    ax.set_ylim(0, head * float(bars["replicates"].max()))
    _add_bars(ax, bars)
    number_ticks(ax.xaxis)
    number_ticks(ax.yaxis, most=5, whole=True)


def _add_bars(ax: Axes, bars: pd.DataFrame) -> None:
    """Draw bars in limits that are there."""
    thin = _thin(ax, bars)
    rows: list[list[float]] = bars[["low", "high", "replicates", "reached"]].to_numpy(dtype=float).tolist()
    for low, high, replicates, reached in rows:
        for bottom, top, colour, gid in ((0.0, reached, REACHED, "reached"), (reached, replicates, CHANCE, "bar")):
            if top == bottom:
                continue
            if len(bars) == 1:
                (line,) = ax.plot([low, low], [bottom, top], color=colour, linewidth=THICK, solid_capstyle="butt")
                line.set(gid=gid, zorder=2)
                continue
            patch = ax.bar([low], [top - bottom], high - low, [bottom], align="edge", color=colour)[0]
            patch.set(
                gid=gid,
                zorder=2,
                edgecolor=colour if thin else ax.get_facecolor(),
                linewidth=2 * THIN if thin else THIN,
            )


def _thin(ax: Axes, bars: pd.DataFrame) -> bool:
    """Say whether white edges would hide the bars."""
    low, high = ax.get_xlim()
    width = ax.get_window_extent().width * points_per_pixel(ax)
    return width * float(bars["high"].iloc[0] - bars["low"].iloc[0]) / (high - low) < pt(4 * THIN)


def is_far(ax: Axes, bars: pd.DataFrame) -> bool:
    """Say whether bars take so small a part of the axis that their shape is lost."""
    low, high = ax.get_xlim()
    return len(bars) > 1 and float(bars["high"].max() - bars["low"].min()) < FAR * (high - low)


def enlarge(ax: Axes, bars: pd.DataFrame, marks: Sequence[float], ink: str, *, middle: float | None = None) -> None:
    """Show bars once more, enlarged, where they take a small part of the axis and there is room beside them.

    Parameters
    ----------
    ax : Axes
        With the bars, in its final place.
    bars : DataFrame
        From `bars_of`.
    marks : sequence of float
        What else the axis shows.
    ink : str
        Colour of text.
    middle : float, optional
        Where a broken line stands among the bars.
    """
    low, high = float(bars["low"].min()), float(bars["high"].max())
    left, right = ax.get_xlim()
    span = right - left
    if not is_far(ax, bars):
        return
    ends = [*(mark for mark in marks if np.isfinite(mark))]
    above = min([mark for mark in ends if mark > high], default=right)
    below = max([mark for mark in ends if mark < low], default=left)
    upwards = above - high >= low - below
    start, end = (high, above) if upwards else (below, low)
    gap = (end - start) / span
    scale = points_per_pixel(ax)
    box = ax.get_window_extent()
    if gap * 0.68 * box.width * scale < pt(SMALLEST[0]) or box.height * scale < pt(SMALLEST[1]):
        return
    near, far = 0.2, 0.12
    first, last = (near, far) if upwards else (far, near)
    place = ((start - left) / span + first * gap, 0.3, (1 - first - last) * gap, 0.5)
    inset = ax.inset_axes(place, zorder=4)
    inset.set_facecolor(ax.get_facecolor())
    inset.set_gid("enlarged")
    room = 0.05 * (high - low)
    inset.set_xlim(low - room, high + room)
    inset.set_ylim(ax.get_ylim())
    _add_bars(inset, bars)
    if middle is not None:
        inset.axvline(middle, color=GREY, linewidth=1.0, dashes=(4, 2), zorder=3)
    inset.set_yticks([])
    inset.grid(visible=False)
    number_ticks(inset.xaxis, most=3)
    inset.tick_params(labelsize=pt(SMALL), colors=ink, width=pt(0.6), length=pt(3), top=False)
    for label in inset.get_xticklabels():
        label.set_parse_math(False)
    for spine in inset.spines.values():
        spine.set(color=GREY, linewidth=0.6)
    times = place[2] / ((high - low + 2 * room) / span)
    said = inset.annotate(
        say("distribution.enlarged", times=written(float(f"{times:.2g}"), 0)),
        (0, 1),
        xycoords="axes fraction",
        xytext=(0, pt(3)),
        textcoords="offset points",
        fontsize=pt(SMALL),
        color=ink,
        va="bottom",
        ha="left",
        parse_math=False,
    )
    said.set_gid("times")
    for y in (0, 1):
        line = ConnectionPatch(
            (high if upwards else low, ax.get_ylim()[1] * (0.94 if y else 0)),
            (0 if upwards else 1, y),
            "data",
            "axes fraction",
            axesA=ax,
            axesB=inset,
            color=GREY,
            linewidth=0.6,
        )
        line.set_gid("leader")
        ax.add_artist(line)
