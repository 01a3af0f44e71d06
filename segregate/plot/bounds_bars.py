"""Ranges of indices whose counts are known as intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from ..errors import DataError, ParameterError
from ..inference.table_bounds import Bounds
from ._axes import GUIDE, LINES, add_key, drawing, dress, finish
from ._numerals import decimals, number, number_ticks
from ._rows import MANY, head_of, lay_rows, ratio_of
from ._words import index_title, say, versus_named

__all__ = ["draw_bounds", "prepare_bounds"]

Ranges = Bounds | Sequence[Bounds] | Mapping[str, Bounds]
"""What the plot shows."""
WIDTH = 6.0
"""Width of a new figure in inches."""
MOST = 200
"""Most rows."""


def prepare_bounds(result: Ranges) -> pd.DataFrame:
    """Return what a plot of bounds shows.

    Parameters
    ----------
    result : Bounds, list of Bounds, or mapping from label to Bounds
        From `segregate.bounds`.

    Returns
    -------
    DataFrame
        One row per result: ``label``, ``value``, ``low``, ``high``, ``low_proven``, ``high_proven`` and ``text`` (the
        numbers, as written beside the row).

    Raises
    ------
    DataError
        When no index has a value.
    ParameterError
        For anything else, and for more than 200 results.

    Examples
    --------
    >>> import numpy as np
    >>> import segregate as sg
    >>> from segregate.plot.bounds_bars import prepare_bounds
    >>> pop = sg.sample("schools").versus("black")
    >>> pop = pop.with_intervals(np.maximum(pop.counts - 2, 0), pop.counts + 2)
    >>> prepare_bounds(sg.bounds(pop, "D"))[["label", "low_proven", "high_proven"]].values.tolist()
    [['Dissimilarity', True, True]]
    """
    named = result if isinstance(result, Mapping) else None
    several = list(
        result.values() if isinstance(result, Mapping) else result if isinstance(result, Sequence) else [result]
    )
    for one in several:
        if not isinstance(one, Bounds):
            raise ParameterError(f"This plot shows what segregate.bounds returns, not {type(one).__name__}.")
    if not 0 < len(several) <= MOST:
        raise ParameterError(f"This plot shows 1 to {MOST} results, not {len(several):,}.")
    if not any(np.isfinite(one.value) for one in several):
        raise DataError(f"No index has a value, so there is nothing to draw: {several[0].notes[0]}.")
    labels = [_label(one) for one in several] if named is None else [str(name) for name in named]
    digits = decimals([one.high - one.low for one in several], [one.value for one in several]) + 1
    return pd.DataFrame(
        {
            "label": labels,
            "value": [one.value for one in several],
            "low": [one.low for one in several],
            "high": [one.high for one in several],
            "low_proven": [one.guaranteed.low for one in several],
            "high_proven": [one.guaranteed.high for one in several],
            "text": [_text(one, digits) for one in several],
        }
    )


def _label(one: Bounds) -> str:
    about = one.about
    name = index_title(about["index"])
    if not about["group"]:
        return name
    if not about["versus"]:
        return f"{name}, {about['group']}"
    return f"{name}, {say('about.pair', group=about['group'], versus=versus_named(about['versus']))}"


def _text(one: Bounds, digits: int) -> str:
    if not np.isfinite(one.value):
        return say("number.undefined")
    value, low, high = (number(end, digits) for end in (one.value, one.low, one.high))
    return say("interval.value", value=value, low=low, high=high)


def draw_bounds(
    result: Ranges,
    *,
    title: str | None = None,
    caption: str | None = None,
    ax: Axes | None = None,
    width: float | None = None,
    managed: bool = True,
) -> Axes:
    """Draw indices with the range that the intervals of the cells leave to them.

    Parameters
    ----------
    result : Bounds, list of Bounds, or mapping from label to Bounds
        From `segregate.bounds`.
    title, caption : str, optional
        Texts in place of those written from what was computed; ``""`` for none.
    ax : Axes, optional
        Axes to draw in; as a rule a new figure.
    width : float, optional
        Width of a new figure in inches; it is as high as its rows need.
    managed : bool, optional
        Whether pyplot knows the new figure.

    Returns
    -------
    Axes
        One row per result: a dot at the value, a bar from low to high. An end that is proven is a filled mark, one that
        a search has found an open one.

    Raises
    ------
    DataError
        When no index has a value.
    ParameterError
        For what is not a result of `segregate.bounds`, and for more than 200.

    Examples
    --------
    >>> import numpy as np
    >>> import segregate as sg
    >>> from segregate.plot.bounds_bars import draw_bounds
    >>> pop = sg.sample("schools").versus("black")
    >>> pop = pop.with_intervals(np.maximum(pop.counts - 2, 0), pop.counts + 2)
    >>> draw_bounds(sg.bounds(pop, "D"), managed=False).get_xlabel()
    'Dissimilarity'
    """
    shown = prepare_bounds(result)
    kinds = {label.partition(",")[0] for label in shown["label"]}
    first = next(iter(result.values())) if isinstance(result, Mapping) else result
    x = kinds.pop() if len(kinds) == 1 and not isinstance(result, Mapping) else say("axis.value_short")
    if isinstance(first, Bounds):
        x = index_title(first.about["index"])
    with drawing(ax, width, managed, WIDTH) as (axes, own):
        ink = dress(axes, x, "", own=own)
        ends = shown[["low", "high"]].to_numpy(dtype=float)
        low, high = float(np.nanmin(ends)), float(np.nanmax(ends))
        margin = 0.06 * ((high - low) or abs(high) or 1.0)
        axes.set_xlim(low - margin, high + margin)
        places = lay_rows(axes, shown["label"].tolist(), shown["text"].tolist(), [False] * len(shown), own=own)
        number_ticks(axes.xaxis, most=6)
        _add_bars(axes, shown, places.tolist())
        over = head_of(axes, say("bounds.head"), ink)
        finish(
            axes,
            title=_title(shown) if title is None else title,
            caption=_caption(shown) if caption is None else caption,
            ratio=ratio_of(axes, own),
            own=own,
            ink=ink,
            legend=add_key(axes, _key(shown), ink, columns=3),
            over=over,
            rows=True,
        )
    return axes


def _add_bars(ax: Axes, shown: pd.DataFrame, places: list[float]) -> None:
    size = 4.5 if len(shown) <= MANY else 3.5
    left, right = ax.get_xlim()
    for at, row in zip(places, shown.to_dict("records"), strict=True):
        if not np.isfinite(row["value"]):
            ax.plot([left, right], [at, at], color=GUIDE, linewidth=0.5, dashes=(1, 3), zorder=0.5, gid="undefined")
            continue
        ax.plot([left, row["low"]], [at, at], color=GUIDE, linewidth=0.5, dashes=(1, 3), zorder=0.5, gid="guide")
        ax.plot([row["low"], row["high"]], [at, at], color=LINES[0], linewidth=1.8, solid_capstyle="butt", gid="range")
        for word in ("low", "high"):
            proven = row[f"{word}_proven"]
            (mark,) = ax.plot([row[word]], [at], marker="s", markersize=size, color=LINES[0], zorder=3, gid=word)
            mark.set(markerfacecolor=LINES[0] if proven else "white", markeredgewidth=1.2)
        (dot,) = ax.plot([row["value"]], [at], marker="o", markersize=size, color="white", zorder=4, gid="value")
        dot.set(markerfacecolor="#222222", markeredgecolor="white", markeredgewidth=0.8)


def _key(shown: pd.DataFrame) -> list[tuple[Artist, str]]:
    """Return what the marks mean, of those that are there."""

    def mark(face: str, shape: str, line: bool) -> Line2D:
        color = LINES[0] if shape == "s" else "#222222"
        width = 1.8 if line else 0
        return Line2D([], [], color=color, linewidth=width, marker=shape, markersize=5, markerfacecolor=face)

    known = shown[shown["value"].notna()]
    ends = known[["low_proven", "high_proven"]].to_numpy(dtype=bool)
    entries: list[tuple[Artist, str]] = [(mark("#222222", "o", False), say("bounds.counted"))]
    if ends.any():
        entries.append((mark(LINES[0], "s", True), say("bounds.proven")))
    if not ends.all():
        entries.append((mark("white", "s", True), say("bounds.searched")))
    return entries


def _title(shown: pd.DataFrame) -> str:
    return say("bounds.titles") if len(shown) > 1 else say("bounds.title", what=shown["label"][0])


def _caption(shown: pd.DataFrame) -> str:
    ends = shown.loc[shown["value"].notna(), ["low_proven", "high_proven"]].to_numpy(dtype=bool)
    return say("bounds.caption" if ends.all() else "bounds.caption_open")
