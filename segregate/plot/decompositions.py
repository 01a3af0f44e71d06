"""The parts of an index between and within regions, and of its change over time, as bars that lead to the total."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ..decomposition.nested import BetweenWithin
from ..decomposition.over_time import Change
from ..errors import DataError, ParameterError
from ._axes import GREY, GUIDE, drawing, dress, finish, settle
from ._style import SMALL, pt
from ._words import index_title, marked, percent, say

__all__ = ["draw_between_within", "draw_change", "prepare_between_within", "prepare_change"]

WIDTH = 6.0
"""Width of a new figure in inches."""
ROW = 24.0
"""Points from a bar to the next."""
HALF = 0.3
"""Half the height of a bar, in rows."""
SPACE = 4.0
"""Points between a sign and its number."""
SHOWN = 1e-10
"""A residual up to this is rounding, and has no row."""
BLUE, ORANGE, GREEN = "#2a73a1", "#df7f2d", "#568f6b"
COLOURS = {
    "additions": GREEN,
    "removals": GREEN,
    "group_margin": BLUE,
    "unit_margin": BLUE,
    "interaction": BLUE,
    "structure": ORANGE,
    "residual": GREY,
}


def prepare_between_within(result: BetweenWithin) -> pd.DataFrame:
    """Return what the plot of parts between and within regions shows.

    Parameters
    ----------
    result : BetweenWithin
        From `segregate.between_within`.

    Returns
    -------
    DataFrame
        One row for each level and one for the total, from top to bottom: ``part`` (what is compared, "total" in the
        last row), ``start`` and ``end`` of the bar, ``label``, ``text`` (the number and its share) and ``colour``.

    Raises
    ------
    DataError
        When the index has no value.

    Examples
    --------
    >>> import segregate as sg
    >>> from segregate.plot.decompositions import prepare_between_within
    >>> prepare_between_within(sg.between_within(sg.sample("schools"), "H", by="district"))["label"].to_list()
    ['Between district', 'Within district', 'Total']
    """
    if not isinstance(result, BetweenWithin):
        raise ParameterError(f"This plot shows what segregate.between_within returns, not {type(result).__name__}.")
    if not math.isfinite(result.total):
        raise DataError(f"{result.index} has no value here, so there are no parts to draw.")
    table = result.table
    ends = np.append(np.cumsum(table["value"]), result.total)
    labels = [
        say("parts.between_within", level=level, wide=wide) if wide else say("parts.between", level=level)
        for level, wide in zip(result.levels, table["within"], strict=False)
    ]
    total = result.total
    return pd.DataFrame(
        {
            "part": [*table["between"], "total"],
            "start": [0.0, *ends[: len(table) - 1], 0.0],
            "end": ends,
            "label": [*labels, say("parts.within", level=result.levels[-1]), say("parts.total")],
            "text": [
                *(
                    _number(value, total) + (f"  ({percent(value / total)})" if total else "")
                    for value in table["value"]
                ),
                _number(total, total),
            ],
            "colour": [BLUE] * len(table) + [GREY],
        }
    )


def draw_between_within(
    result: BetweenWithin, *, ax: Axes | None = None, width: float | None = None, managed: bool = True
) -> Axes:
    """Draw the parts of an index between and within regions, one after another up to the total.

    Parameters
    ----------
    result : BetweenWithin
        From `segregate.between_within`.
    ax : Axes, optional
        Axes to draw in; as a rule those of a new figure. Text has 8 and 10 points.
    width : float, optional
        Width of a new figure in inches.
    managed : bool, optional
        Whether pyplot knows the new figure.

    Returns
    -------
    Axes
        A bar for each level, from the widest to what is within the finest, and one for the total.

    Raises
    ------
    DataError
        When the index has no value.

    Examples
    --------
    >>> import segregate as sg
    >>> from matplotlib.figure import Figure
    >>> from segregate.plot.decompositions import draw_between_within
    >>> found = sg.between_within(sg.sample("schools"), "H", by="district")
    >>> ax = draw_between_within(found, ax=Figure(figsize=(6, 2)).add_subplot())
    >>> ax.get_title(loc="left")
    'Information theory between and within district'
    """
    shown = prepare_between_within(result)
    name = index_title(result.index)
    title = say("parts.title", what=name, levels=", ".join(result.levels))
    return _draw(shown, title, f"{name} ({result.symbol})", ". ".join(result.notes), ax, width, managed, dots=())


def prepare_change(result: Change) -> pd.DataFrame:
    """Return what the plot of a change shows.

    Parameters
    ----------
    result : Change
        From `segregate.change`.

    Returns
    -------
    DataFrame
        Rows from top to bottom: then, the parts, now. Columns: ``part``, ``start`` and ``end`` of the bar (the same for
        then, now and a part without a value), ``label``, ``text`` (the number) and ``colour``. The residual has a row
        where it is more than 1e-10.

    Examples
    --------
    >>> import segregate as sg
    >>> from segregate.plot.decompositions import prepare_change
    >>> schools = sg.sample("schools")
    >>> prepare_change(sg.change(schools, schools))["part"].to_list()
    ['then', 'additions', 'removals', 'group_margin', 'unit_margin', 'structure', 'now']
    """
    if not isinstance(result, Change):
        raise ParameterError(f"This plot shows what segregate.change returns, not {type(result).__name__}.")
    parts = [part for part in result.parts if part != "residual" or abs(result.residual) > SHOWN]
    values = np.array([getattr(result, part) for part in parts])
    ends = result.then + np.cumsum(np.nan_to_num(values))
    starts = np.append(result.then, ends[:-1])
    every = [result.then, *ends, result.now]
    span = max(every) - min(every)
    return pd.DataFrame(
        {
            "part": ["then", *parts, "now"],
            "start": [result.then, *starts, result.now],
            "end": every,
            "label": [say("change.then"), *(say(f"change.{part}") for part in parts), say("change.now")],
            "text": [
                _number(result.then, span),
                *(say("change.no_value") if math.isnan(value) else _number(value, span, "+") for value in values),
                _number(result.now, span),
            ],
            "colour": [GREY, *(COLOURS[part] for part in parts), GREY],
        }
    )


def draw_change(result: Change, *, ax: Axes | None = None, width: float | None = None, managed: bool = True) -> Axes:
    """Draw the way from M of then to M of now, part by part.

    Parameters
    ----------
    result : Change
        From `segregate.change`.
    ax : Axes, optional
        Axes to draw in; as a rule those of a new figure. Text has 8 and 10 points.
    width : float, optional
        Width of a new figure in inches.
    managed : bool, optional
        Whether pyplot knows the new figure.

    Returns
    -------
    Axes
        A dot for then and now, and a bar for each part. The axis need not start at 0.

    Examples
    --------
    >>> import segregate as sg
    >>> from matplotlib.figure import Figure
    >>> from segregate.plot.decompositions import draw_change
    >>> schools = sg.sample("schools")
    >>> fewer = schools.subset(schools.totals > 300)
    >>> ax = draw_change(sg.change(schools, fewer), ax=Figure(figsize=(6, 3)).add_subplot())
    >>> ax.get_xlabel()
    'Mutual information (M)'
    """
    shown = prepare_change(result)
    notes = ". ".join([say("change.method", method=result.method), *result.notes])
    axis = f"{index_title('mutual_information')} (M)"
    return _draw(shown, say("change.title"), axis, notes, ax, width, managed, dots=("then", "now"))


def _draw(
    shown: pd.DataFrame,
    title: str,
    axis: str,
    caption: str,
    ax: Axes | None,
    width: float | None,
    managed: bool,
    *,
    dots: tuple[str, ...],
) -> Axes:
    """Draw bars row by row, each with its number."""
    with drawing(ax, width, managed, WIDTH) as (axes, own):
        ink = dress(axes, axis, "", own=own)
        ends = shown[["start", "end"]].to_numpy()
        low, high = (ends.min(), ends.max()) if dots else (0.0, ends.max())
        room = (high - low or max(abs(high), 1.0)) * 0.3
        axes.set_xlim(low - room if dots else 0, high + room)
        columns = ["part", "start", "end", "text", "colour"]
        for row, (part, start, end, text, colour) in enumerate(shown[columns].to_numpy().tolist()):
            if row + 1 < len(shown):
                axes.plot([end, end], [row, row + 1], color=GUIDE, linewidth=0.8, zorder=1, gid="step")
            if part in dots:
                axes.plot([end], [row], marker="o", markersize=6, color=ink, zorder=3, gid="dot")
            else:
                (bar,) = axes.barh([row], [end - start], height=2 * HALF, left=start, color=colour, zorder=2)
                bar.set_gid("bar")
            right = end >= start
            said = axes.annotate(
                text,
                (end, row),
                xytext=((pt(SPACE) + pt(4) * (part in dots)) * (1 if right else -1), 0),
                textcoords="offset points",
                ha="left" if right else "right",
                va="center",
                fontsize=pt(SMALL),
                color=ink,
                parse_math=False,
            )
            said.set_gid("label")
        axes.set_yticks(range(len(shown)), shown["label"].tolist())
        for label in axes.get_yticklabels():
            label.set_parse_math(False)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(not dots)
        axes.set_ylim(len(shown) - 0.4, -0.6)
        settle(axes.xaxis)
        height = pt(ROW) * len(shown) / (72 * (own or WIDTH) * 0.7)
        finish(axes, title=title, caption=f"{caption}." if caption else "", ratio=height, own=own, ink=ink, rows=True)
    return axes


def _number(value: float, span: float, sign: str = "") -> str:
    """Write a value with three digits of the span of all, and with the minus sign of print."""
    digits = 3 if span == 0 else min(max(2 - math.floor(math.log10(abs(span))), 0), 9)
    written = f"{value:{sign if round(value, digits) else ''}.{digits}f}"
    return marked(written if round(value, digits) else written.removeprefix("-"))
