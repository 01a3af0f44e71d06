"""How much information is kept when units are merged."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullLocator

from ..decomposition.compression import MARKS, Compression
from ..errors import DataError, ParameterError
from ._drawing import drawing, ink_of
from ._layout import figure_of, points_per_pixel, text_size
from ._style import BOLD_TITLE_PAD, SMALL, TITLE_SIZE, noted, page_of, pt
from ._words import number_ticks_of, percent_ticks, say, units

__all__ = ["draw_scree", "prepare_scree"]

SIZE = (6.0, 3.6)
"""Width and height of a new figure in inches."""
PLACE = (0.12, 0.14, 0.85, 0.76)
"""Of the axes in it."""
LINE = "#2a73a1"
GUIDE = "#bbbbbb"
ROW = 11.0
"""Points from a row of labels to the next."""
GAP = 3.0
"""Points between a stem and its label."""


def prepare_scree(result: Compression) -> pd.DataFrame:
    """Return what a scree plot shows.

    Parameters
    ----------
    result : Compression
        From `segregate.compress`.

    Returns
    -------
    DataFrame
        One row per number of units, from few to many: ``n_units``, ``share`` (of M kept) and ``label``, empty but where
        99, 95 or 90 % of M are just kept.

    Raises
    ------
    DataError
        When M is 0, so that there is no share of it.

    Examples
    --------
    >>> import segregate as sg
    >>> from segregate.plot.scree import prepare_scree
    >>> shown = prepare_scree(sg.compress(sg.sample("schools")))
    >>> shown.columns.to_list()
    ['n_units', 'share', 'label']
    """
    if not isinstance(result, Compression):
        raise ParameterError(f"A scree plot shows what segregate.compress returns, not {type(result).__name__}.")
    shown = result.table[["n_units", "share"]].iloc[::-1].reset_index(drop=True)
    if shown["share"].isna().any():
        raise DataError("M is 0 before any merging, so there is no share of it to draw.")
    marks: dict[int, list[str]] = {}
    for share in MARKS:
        marks.setdefault(result.units_at(share), []).append(f"{100 * share:.0f}")
    texts = {
        number: say("scree.mark", shares=", ".join(shares), units=units(number)) for number, shares in marks.items()
    }
    shown["label"] = [texts.get(number, "") for number in shown["n_units"]]
    return shown


def draw_scree(
    result: Compression, *, ax: Axes | None = None, width: float | None = None, managed: bool = True
) -> Axes:
    """Draw the share of M that is kept against the number of units.

    Parameters
    ----------
    result : Compression
        From `segregate.compress`.
    ax : Axes, optional
        Axes to draw in; as a rule those of a new figure. Text has 8 and 10 points.
    width : float, optional
        Width of a new figure in inches.
    managed : bool, optional
        Whether pyplot knows the new figure.

    Returns
    -------
    Axes
        The number of units on a logarithmic scale; marks where 99, 95 and 90 % of M are just kept.

    Raises
    ------
    DataError
        When M is 0.

    Examples
    --------
    >>> import segregate as sg
    >>> from matplotlib.figure import Figure
    >>> from segregate.plot.scree import draw_scree
    >>> ax = draw_scree(sg.compress(sg.sample("schools")), ax=Figure().add_subplot())
    >>> ax.get_ylabel()
    'Share of M kept'
    """
    shown = prepare_scree(result)
    with drawing(ax, width, managed, SIZE[0]) as (axes, own):
        if own is not None:
            page = page_of()
            tall = SIZE[1] / SIZE[0] * own
            figure_of(axes).set_size_inches(own, tall if page is None else page.height if page.whole else tall)
            axes.set_position(PLACE)
        _draw(axes, result, shown, ink_of(own))
    return axes


def _draw(ax: Axes, result: Compression, shown: pd.DataFrame, ink: str) -> None:
    """Draw the line, its marks and what stands around them."""
    number, share = shown["n_units"].to_numpy(), shown["share"].to_numpy()
    (line,) = ax.plot(number, share, color=LINE, linewidth=1.6, solid_joinstyle="round")
    line.set_gid("scree")
    ax.set_xscale("log")
    ax.set_xlim(number[0] / 1.08, number[-1] * 1.08)
    ax.xaxis.set_major_locator(_whole(number[0], number[-1]))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(number_ticks_of(",.0f")))
    ax.yaxis.set_major_formatter(FuncFormatter(percent_ticks()))
    ax.tick_params(labelsize=pt(SMALL), colors=ink)
    ax.set_xlabel(say("scree.x"), fontsize=pt(SMALL), color=ink)
    ax.set_ylabel(say("scree.y"), fontsize=pt(SMALL), color=ink)
    title = say("scree.title", units=units(int(number[-1])), neighbours=result.neighbours)
    heading = ax.set_title(title, loc="left", pad=pt(BOLD_TITLE_PAD))
    heading.set(fontsize=pt(TITLE_SIZE), fontweight="bold", color=ink, parse_math=False, gid="title")
    noted(ax, title, "")
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    _add_marks(ax, shown[shown["label"] != ""], ink)


def _whole(low: int, high: int) -> FixedLocator | LogLocator:
    """Return where the ticks of the units are: whole numbers, and at least two of them."""
    steps = (1.0, 2.0, 5.0) if high / low < 300 else (1.0,)
    ticks = [step * 10.0**power for power in range(int(np.log10(high)) + 1) for step in steps]
    within = [tick for tick in ticks if low <= tick <= high]
    return FixedLocator(within if len(within) > 1 else sorted({low, high}))


def _add_marks(ax: Axes, marks: pd.DataFrame, ink: str) -> None:
    """Mark and name a few points; the names stand over the line, where nothing else is, each in a row of its own.

    A name stands left of its stem where there is room for it, and then further to the right is higher; names right of
    their stems stand over those, and further to the left is higher. So no stem runs through a name.
    """
    height = ax.get_window_extent().height * points_per_pixel(ax)
    over = height - pt(ROW) * (len(marks) + 0.5)
    point = 1 / max(over, height / 2)
    ax.set_ylim(0, height * point)
    ax.spines["left"].set_bounds(0, 1)
    ax.yaxis.set_major_locator(FixedLocator([0, 0.2, 0.4, 0.6, 0.8, 1]))
    edge, right = 0.0, 0
    for number, label in zip(marks["n_units"], marks["label"], strict=True):
        x = ax.transData.transform((number, 0))[0] - ax.get_window_extent().x0
        x *= points_per_pixel(ax)
        if x - text_size(ax, label, size=pt(SMALL))[0] - pt(GAP) < edge:
            edge, right = x, right + 1
    rows = [*range(len(marks) - 1, len(marks) - 1 - right, -1), *range(len(marks) - right)]
    for place, (row, (_, mark)) in enumerate(zip(rows, marks.iterrows(), strict=True)):
        number, top = mark["n_units"], 1 + pt(ROW) * (row + 1) * point
        ax.plot([number, number], [mark["share"], top], color=GUIDE, linewidth=0.8, clip_on=False, gid="stem")
        ax.plot([number], [mark["share"]], marker="o", markersize=5, color=LINE, zorder=3, clip_on=False, gid="mark")
        text = ax.annotate(
            mark["label"],
            (number, top),
            xytext=(pt(GAP) if place < right else -pt(GAP), 0),
            textcoords="offset points",
            ha="left" if place < right else "right",
            va="center",
            fontsize=pt(SMALL),
            color=ink,
            parse_math=False,
        )
        text.set_gid("label")
