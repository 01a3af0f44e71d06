"""A difference between two populations, and what it would be by chance."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from ..errors import DataError, ParameterError
from ..inference.comparison import Comparison
from ._axes import GREY, add_key, drawing, dress, finish
from ._distribution import CHANCE, HEAD, REACHED, bars_of, draw_bars, enlarge, reaching
from ._numerals import decimals, number
from ._words import environment_named, index_title, interval_of, opened, say, sentences, titled
from .chance_plot import p_said

__all__ = ["draw_comparison", "prepare_comparison"]

WIDTH = 6.0
"""Width of a new figure in inches."""
RATIO = 0.45
HIGHER, AT = 1.18, 1.1
"""Heights of the axes and of an interval over that of the highest bar."""


def prepare_comparison(result: Comparison) -> pd.DataFrame:
    """Return what a plot of a comparison shows.

    Parameters
    ----------
    result : Comparison
        From `segregate.compare`.

    Returns
    -------
    DataFrame
        One row per bar of differences by chance: ``low``, ``high``, ``replicates`` in it, and ``reached``, those of
        them that reach the measured difference.

    Raises
    ------
    DataError
        When there is no difference, or none by chance.

    Examples
    --------
    >>> import segregate as sg
    >>> from segregate.plot.comparison_plot import prepare_comparison
    >>> districts = sg.sample("schools").split("district")
    >>> found = sg.compare(districts["North"], districts["South"], "H", replicates=99, rng=1)
    >>> prepare_comparison(found)["replicates"].sum()
    np.int64(99)
    """
    if not isinstance(result, Comparison):
        raise ParameterError(f"This plot shows what segregate.compare returns, not {type(result).__name__}.")
    values = result.null[np.isfinite(result.null)]
    why = f": {'; '.join(result.notes)}" if result.notes else ""
    if not np.isfinite(result.difference):
        raise DataError(f"The difference has no value, so there is nothing to draw{why}.")
    if not len(values):
        raise DataError(f"No replicate has a difference, so there is nothing to compare with{why}.")
    return bars_of(values, reaching(result.difference, values, result.alternative))


def draw_comparison(
    result: Comparison,
    *,
    title: str | None = None,
    caption: str | None = None,
    ax: Axes | None = None,
    width: float | None = None,
    managed: bool = True,
) -> Axes:
    """Draw a difference beside those that chance gives.

    Parameters
    ----------
    result : Comparison
        From `segregate.compare`.
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
        Bars of the differences by chance, a broken line at 0 and a full one at the difference, with its interval where
        there is one. Bars that take less than an eighth of the axis are shown once more, enlarged.

    Raises
    ------
    DataError
        When there is no difference, or none by chance.

    Examples
    --------
    >>> import segregate as sg
    >>> from segregate.plot.comparison_plot import draw_comparison
    >>> districts = sg.sample("schools").split("district")
    >>> found = sg.compare(districts["North"], districts["South"], "H", replicates=99, rng=1)
    >>> ax = draw_comparison(found, managed=False)
    >>> ax.get_title(loc="left")
    'Information theory: a less b, and by chance'
    """
    shown = prepare_comparison(result)
    known = bool(np.isfinite([result.low, result.high]).all())
    marks = [0.0, result.difference, *((result.low, result.high) if known else ())]
    digits = max(decimals([shown["high"].max() - shown["low"].min()], []) + 1, decimals([], [result.difference]) - 1)
    name = index_title(result.about["index"])
    with drawing(ax, width, managed, WIDTH) as (axes, own):
        ink = dress(axes, say("comparison.axis", what=name), say("distribution.replicates"), own=own)
        draw_bars(axes, shown, marks, head=HIGHER if known else HEAD)
        axes.axvline(0, color=GREY, linewidth=1.0, dashes=(4, 2), zorder=3, gid="zero")
        top = AT * float(shown["replicates"].max()) if known else axes.get_ylim()[1]
        axes.plot([result.difference] * 2, [0, top], color=ink, linewidth=1.8, zorder=3, gid="difference")
        sign = Line2D([], [], color=ink, linewidth=1.8)
        a, b, difference, low, high = (
            number(value, digits) for value in (result.a, result.b, result.difference, result.low, result.high)
        )
        measured = say("comparison.measured", a=a, b=b, difference=difference)
        if known:
            axes.plot([result.low, result.high], [top, top], color=ink, linewidth=1.8, zorder=4, gid="interval")
            axes.plot([result.difference], [top], marker="o", markersize=6, color=ink, zorder=4, gid="value")
            sign = Line2D([], [], color=ink, linewidth=1.8, marker="o", markersize=6)
            measured += say("interval.after", interval=interval_of(result.level), low=low, high=high)
        reached, number_of = int(shown["reached"].sum()), int(shown["replicates"].sum())
        entries: list[tuple[Artist, str]] = [(Patch(facecolor=CHANCE), say("distribution.chance", n=number_of))]
        if reached:
            entries.append((Patch(facecolor=REACHED), say("distribution.reached", n=reached)))
        entries.append((Line2D([], [], color=GREY, linewidth=1.0, dashes=(4, 2)), say("comparison.none")))
        entries.append((sign, measured))
        finish(
            axes,
            title=say("comparison.title", what=titled(result)) if title is None else title,
            caption=_caption(result, reached, number_of) if caption is None else caption,
            ratio=RATIO,
            own=own,
            ink=ink,
            legend=add_key(axes, entries, ink),
        )
        enlarge(axes, shown, marks, ink)
    return axes


def _caption(result: Comparison, reached: int, replicates: int) -> str:
    """Say what chance is, and how p comes from the bars."""
    how = "bootstrap" if result.model == "bootstrap" else "paired" if result.paired else "dealt"
    said = [
        say("distribution.by_chance", how=say(f"comparison.{how}")),
        p_said(result.p_value, result.alternative, reached, replicates),
        say("about.environment", environment=environment_named(result.about["environment"])),
        *map(opened, result.notes),
    ]
    return sentences(said)
