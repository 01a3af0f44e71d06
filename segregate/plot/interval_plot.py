"""An index with its interval, and the replicates that it comes from."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from ..errors import DataError, ParameterError
from ..inference.resampling import Interval
from ._axes import GREY, add_key, drawing, dress, finish
from ._distribution import CHANCE, bars_of, draw_bars, enlarge
from ._numerals import decimals, number
from ._words import environment_named, index_title, interval_of, opened, say, sentences, titled, translated

__all__ = ["draw_interval", "prepare_interval"]

WIDTH = 6.0
"""Width of a new figure in inches."""
RATIO = 0.45
HEAD = 1.18
"""Height of the axes over that of the highest bar."""
AT = 1.1
"""Height of the interval over that of the highest bar."""


def prepare_interval(result: Interval) -> pd.DataFrame:
    """Return what a plot of an interval shows.

    Parameters
    ----------
    result : Interval
        From `segregate.bootstrap`.

    Returns
    -------
    DataFrame
        One row per bar: ``low``, ``high``, ``replicates`` in it, and ``inside``, those of them within the interval.

    Raises
    ------
    DataError
        When the index has no value, or none on the replicates.

    Examples
    --------
    >>> import segregate as sg
    >>> from segregate.plot.interval_plot import prepare_interval
    >>> shown = prepare_interval(sg.bootstrap(sg.sample("schools"), "H", replicates=99, rng=1))
    >>> shown["replicates"].sum()
    np.int64(99)
    """
    if not isinstance(result, Interval):
        raise ParameterError(f"This plot shows what segregate.bootstrap returns, not {type(result).__name__}.")
    values = result.replicates[np.isfinite(result.replicates)]
    why = f": {'; '.join(result.notes)}" if result.notes else ""
    if not np.isfinite(result.value):
        raise DataError(f"The index has no value, so there is nothing to draw{why}.")
    if not len(values):
        raise DataError(f"The index has no value on any replicate, so there is no interval to draw{why}.")
    return bars_of(values, (values >= result.low) & (values <= result.high)).rename(columns={"reached": "inside"})


def draw_interval(
    result: Interval,
    *,
    title: str | None = None,
    caption: str | None = None,
    ax: Axes | None = None,
    width: float | None = None,
    managed: bool = True,
) -> Axes:
    """Draw an index with its interval, over the replicates.

    Parameters
    ----------
    result : Interval
        From `segregate.bootstrap`.
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
        The value is a dot with its interval, over bars of the replicates.

    Raises
    ------
    DataError
        When the index has no value, or none on the replicates.

    Examples
    --------
    >>> import segregate as sg
    >>> from segregate.plot.interval_plot import draw_interval
    >>> ax = draw_interval(sg.bootstrap(sg.sample("schools"), "H", replicates=99, rng=1), managed=False)
    >>> ax.get_title(loc="left")
    'Information theory, with its interval'
    """
    shown = prepare_interval(result)
    marks = [result.value, result.low, result.high]
    wide = np.isfinite(result.high - result.low) and result.high > result.low
    digits = decimals([result.high - result.low], [result.value]) + int(wide)
    name = index_title(result.about["index"])
    with drawing(ax, width, managed, WIDTH) as (axes, own):
        ink = dress(axes, name, say("distribution.replicates"), own=own)
        draw_bars(axes, shown.drop(columns="inside").assign(reached=0), marks, head=HEAD)
        at = AT * float(shown["replicates"].max())
        known = bool(np.isfinite([result.low, result.high]).all())
        if known:
            axes.plot([result.low, result.high], [at, at], color=ink, linewidth=1.8, zorder=4, gid="interval")
            for end in (result.low, result.high):
                axes.plot([end, end], [0, at], color=GREY, linewidth=1.0, dashes=(4, 2), zorder=3, gid="end")
        axes.plot([result.value] * 2, [0, at], color=ink, linewidth=1.0, zorder=3, gid="line")
        axes.plot([result.value], [at], marker="o", markersize=6, color=ink, zorder=4, gid="value")
        number_of = int(shown["replicates"].sum())
        bar = Patch(facecolor=CHANCE)
        entries: list[tuple[Artist, str]] = [
            (bar, say("interval.replicates", n=number_of, resample=translated(result.resample, "resample"))),
            (
                Line2D([], [], color=ink, linewidth=1.8 if known else 0, marker="o", markersize=6),
                f"{say('distribution.measured', value=number(result.value, digits))}{_interval(result, digits)}",
            ),
        ]
        finish(
            axes,
            title=say("interval.title", what=titled(result)) if title is None else title,
            caption=_caption(result, digits) if caption is None else caption,
            ratio=RATIO,
            own=own,
            ink=ink,
            legend=add_key(axes, entries, ink),
        )
        enlarge(axes, shown.drop(columns="inside").assign(reached=0), marks, ink)
    return axes


def _interval(result: Interval, digits: int) -> str:
    """Write an interval, after a value."""
    if not np.isfinite([result.low, result.high]).all():
        return say("interval.none_after")
    low, high = number(result.low, digits), number(result.high, digits)
    return say("interval.after", interval=interval_of(result.level), low=low, high=high)


def _caption(result: Interval, digits: int) -> str:
    said = [
        say("interval.kind", kind=translated(result.kind, "interval_kind")),
        say("interval.error", value=number(result.se, digits)),
        say("interval.bias", value=number(result.bias, digits)),
        say("about.environment", environment=environment_named(result.about["environment"])),
        *map(opened, result.notes),
    ]
    return sentences(said)
