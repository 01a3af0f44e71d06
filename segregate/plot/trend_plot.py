"""An index over the years, with its band."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedFormatter, FixedLocator

from ..errors import DataError, ParameterError
from ..inference.over_years import POWER, Trend
from ._axes import LINES, add_key, drawing, dress, finish, one_call
from ._layout import points_per_pixel, text_size
from ._numerals import decimals, number, number_ticks
from ._rows import said_of
from ._save import SavePath
from ._style import SMALL, Size, page_of, pt
from ._words import environment_named, index_title, interval_of, level_of, marked, opened, say, sentences, titled

__all__ = ["draw_trend", "prepare_trend", "trend"]

WIDTH = 6.0
"""Width of a new figure in inches."""
RATIO = 0.5
BAND = 0.18
"""Opacity of the band."""
UNSURE = (1.6, 1.4)
"""Dashes of a change that is not told apart from none."""
BETWEEN = 8.0
"""Least points between years."""


def prepare_trend(result: Trend) -> pd.DataFrame:
    """Return what a plot of a trend shows.

    Parameters
    ----------
    result : Trend
        From `segregate.trend`.

    Returns
    -------
    DataFrame
        One row per year: ``year``, ``label`` (as it is written), ``value``, ``low``, ``high``, ``told_apart`` (whether
        the change from the year before is told apart from none), ``detectable`` (the change that would be found with a
        chance of 80 %), ``status`` and ``message``.

    Raises
    ------
    DataError
        When no year has a value.

    Examples
    --------
    >>> import segregate as sg
    >>> districts = list(sg.sample("schools").split("district").values())
    >>> found = sg.trend({2010: districts[0], 2020: districts[1]}, "H", replicates=99, rng=1)
    >>> sg.plot.prepare_trend(found)["label"].to_list()
    ['2010', '2020']
    """
    if not isinstance(result, Trend):
        raise ParameterError(f"A trend shows what segregate.trend returns, not {type(result).__name__}.")
    table = result.table.reset_index(drop=True)
    if not table["value"].notna().any():
        raise DataError(f"No year has a value, so there is nothing to draw: {table['message'].iloc[0]}.")
    shown = table[["year", "value", "low", "high", "told_apart", "detectable", "status", "message"]].copy()
    written = table["school_year"] if "school_year" in table else [f"{float(year):.10g}" for year in shown["year"]]
    shown.insert(1, "label", [year if "/" in year else marked(year) for year in written])
    return shown


def draw_trend(
    result: Trend,
    *,
    title: str | None = None,
    caption: str | None = None,
    ax: Axes | None = None,
    width: float | None = None,
    managed: bool = True,
) -> Axes:
    """Draw an index over the years, with its intervals.

    Parameters
    ----------
    result : Trend
        From `segregate.trend`.
    title, caption : str, optional
        Texts in place of those written from what was computed; ``""`` for none.
    ax : Axes, optional
        Axes to draw in; as a rule a new figure.
    width : float, optional
        Width of a new figure in inches.
    managed : bool, optional
        Whether pyplot knows the new figure.

    Returns
    -------
    Axes
        A change from one year to the next is a full line where it is told apart from none, else a dotted one. The axis
        of values need not start at 0.

    Raises
    ------
    DataError
        When no year has a value.
    """
    shown = prepare_trend(result)
    with drawing(ax, width, managed, WIDTH) as (axes, own):
        ink = dress(axes, say(f"{_kind(result)}.year"), index_title(result.about["index"]), own=own)
        at = shown["year"].to_numpy(dtype=float)
        value, low, high = (shown[name].to_numpy(dtype=float) for name in ("value", "low", "high"))
        ends = shown[["value", "low", "high"]].to_numpy(dtype=float)
        bottom, top = float(np.nanmin(ends)), float(np.nanmax(ends))
        room = 0.06 * ((top - bottom) or abs(top) or 1.0)
        axes.set_ylim(bottom - room, top + room)
        side = 0.03 * ((at[-1] - at[0]) or 1.0)
        axes.set_xlim(at[0] - side, at[-1] + side)
        number_ticks(axes.yaxis, most=6)
        _years(axes, shown)
        known = np.isfinite(low) & np.isfinite(high)
        if known.any():
            band = axes.fill_between(at, low, high, color=LINES[0], alpha=BAND, linewidth=0)
            band.set_gid("band")
            axes.vlines(at[known], low[known], high[known], color=LINES[0], linewidth=0.8, gid="intervals")
        told = shown["told_apart"].to_numpy(dtype=bool)
        styles: dict[bool, dict[str, Any]] = {
            True: {"color": LINES[0], "linewidth": 1.8},
            False: {"color": LINES[0], "linewidth": 1.2, "dashes": UNSURE, "dash_capstyle": "butt"},
        }
        drawn = set()
        for k, (before, after) in enumerate(pairwise(range(len(shown))), start=1):
            pair = [before, after]
            if np.isfinite(value[pair]).all():
                sure = bool(told[after])
                (line,) = axes.plot(at[pair], value[pair], zorder=3, **styles[sure])
                line.set_gid(f"{'change' if sure else 'unsure'}-{k}")
                drawn.add(sure)
        for some, fill, gid in ((known, LINES[0], "values"), (~known, "white", "no-interval")):
            dots: dict[str, Any] = {"linestyle": "", "marker": "o", "markersize": 5, "markerfacecolor": fill}
            axes.plot(at[some], value[some], color=LINES[0], zorder=4, gid=gid, **dots)
        level = say("interval.names", level=level_of(result.level))
        entries: list[tuple[Artist, str]] = [(Patch(facecolor=LINES[0], alpha=BAND), level)] if known.any() else []
        words = {True: say("trend.sure"), False: say("trend.unsure")}
        entries += [(Line2D([], [], **styles[sure]), words[sure]) for sure in sorted(drawn, reverse=True)]
        finish(
            axes,
            title=say(f"{_kind(result)}.title", what=titled(result)) if title is None else title,
            caption=_caption(result, shown) if caption is None else caption,
            ratio=RATIO,
            own=own,
            ink=ink,
            legend=add_key(axes, entries, ink) if entries else None,
        )
        if page_of() is not None:
            _years(axes, shown)
    return axes


def _kind(result: Trend) -> str:
    """Return the table of messages for years, or for school years."""
    return "school_trend" if "school_year" in result.table else "trend"


def _years(ax: Axes, shown: pd.DataFrame) -> None:
    """Put ticks at years, as many as find room; the last one is always there."""
    low, high = ax.get_xlim()
    point = (high - low) / (ax.get_window_extent().width * points_per_pixel(ax))
    widths = [text_size(ax, label, size=pt(SMALL))[0] * point for label in shown["label"]]
    at = shown["year"].to_numpy(dtype=float)
    kept: list[int] = []
    for k in reversed(range(len(shown))):
        least = (widths[k] + widths[kept[-1]]) / 2 + pt(BETWEEN) * point if kept else 0.0
        if not kept or at[kept[-1]] - at[k] >= least:
            kept.append(k)
    kept.reverse()
    ax.xaxis.set_major_locator(FixedLocator(at[kept].tolist()))
    ax.xaxis.set_major_formatter(FixedFormatter(shown["label"].iloc[kept].tolist()))
    for label in ax.get_xticklabels():
        label.set_parse_math(False)


def trend(
    result: Trend,
    *,
    title: str | None = None,
    caption: str | None = None,
    ax: Axes | None = None,
    width: float | None = None,
    managed: bool = True,
    save: SavePath | Iterable[SavePath] | None = None,
    size: Size | None = None,
    language: str | None = None,
) -> Axes:
    """Draw an index over the years, and save it.

    Parameters
    ----------
    result : Trend
        From `segregate.trend`.
    title, caption, ax, width, managed
        As in `draw_trend`.
    save : path or iterable of paths, optional
        Files to write: ``.png``, ``.svg`` or ``.pdf``.
    size : str or (float, float), optional
        Of a new figure: ``"A4"``, ``"A4-landscape"``, ``"half-page"``, ``"column"``, ``"slide"``, or width and height
        in inches; see `style`.
    language : str, optional
        Of texts and numbers: ``"en"``, ``"fr"``, ``"de"``, ``"es"`` or ``"it"``; see `style`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import segregate as sg
    >>> districts = list(sg.sample("schools").split("district").values())
    >>> found = sg.trend({2010: districts[0], 2020: districts[1]}, "H", replicates=99, rng=1)
    >>> ax = sg.plot.trend(found, managed=False)
    >>> ax.get_title(loc="left")
    'Information theory, by year'
    """

    def draw() -> Axes:
        return draw_trend(result, title=title, caption=caption, ax=ax, width=width, managed=managed)

    return one_call(draw, save=save, size=size, language=language, ax=ax, width=width, managed=managed)


def _caption(result: Trend, shown: pd.DataFrame) -> str:
    """Say what would be detected, and what is missing."""
    least = shown["detectable"].to_numpy(dtype=float)
    least = least[np.isfinite(least)]
    said = []
    slope = result.slope
    if np.isfinite(slope.value):
        digits = decimals([slope.high - slope.low], [slope.value])
        value, low, high = (number(end, digits) for end in (slope.value, slope.low, slope.high))
        known = bool(np.isfinite([slope.low, slope.high]).all())
        within = {"interval": interval_of(result.level), "low": low, "high": high} if known else {}
        said.append(say("trend.slope_within" if known else "trend.slope", value=value, **within))
    if len(least):
        digits = decimals(least, least)
        texts = list(dict.fromkeys(number(end, digits) for end in (least.min(), least.max())))
        values = texts[0] if len(texts) == 1 else say("range.to", low=texts[0], high=texts[1])
        said.append(say("trend.detectable", chance=level_of(POWER), values=values))
    said.append(say("about.environment", environment=environment_named(result.about["environment"])))
    said += said_of(shown, "year")
    said += map(opened, result.notes)
    return sentences(said)
