"""An index, and what it would be by chance."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from ..errors import DataError, ParameterError
from ..inference.nulls import NULLS, TestResult
from ._axes import GREY, add_key, drawing, dress, finish, one_call
from ._digits import written
from ._distribution import CHANCE, REACHED, bars_of, draw_bars, enlarge, is_far, reaching
from ._numerals import number, probability
from ._save import SavePath
from ._style import Size
from ._words import environment_named, index_title, opened, people, say, sentences, titled, translated

__all__ = ["draw_null", "null_distribution", "prepare_null"]

WIDTH = 6.0
"""Width of a new figure in inches."""
RATIO = 0.45


def prepare_null(result: TestResult) -> pd.DataFrame:
    """Return what a plot of a test shows.

    Parameters
    ----------
    result : TestResult
        From `segregate.monte_carlo_test`.

    Returns
    -------
    DataFrame
        One row per bar: ``low``, ``high``, ``replicates`` in it, and ``reached``, those of them that reach what was
        measured. The number of bars follows Freedman and Diaconis (1981), between 5 and 40.

    Raises
    ------
    DataError
        When the index has no value, or none by chance.

    Examples
    --------
    >>> import segregate as sg
    >>> from segregate.plot.chance_plot import prepare_null
    >>> shown = prepare_null(sg.monte_carlo_test(sg.sample("schools"), "H", replicates=99, rng=1))
    >>> shown["replicates"].sum(), shown["reached"].sum()
    (np.int64(99), np.int64(0))
    """
    if not isinstance(result, TestResult):
        raise ParameterError(f"This plot shows what segregate.monte_carlo_test returns, not {type(result).__name__}.")
    values = result.null[np.isfinite(result.null)]
    why = f": {'; '.join(result.notes)}" if result.notes else ""
    if not np.isfinite(result.statistic):
        raise DataError(f"The index has no value, so there is nothing to draw{why}.")
    if not len(values):
        raise DataError(f"The index has no value on any replicate, so there is nothing to compare it with{why}.")
    return bars_of(values, reaching(result.statistic, values, result.alternative))


def draw_null(
    result: TestResult,
    *,
    title: str | None = None,
    caption: str | None = None,
    ax: Axes | None = None,
    width: float | None = None,
    managed: bool = True,
) -> Axes:
    """Draw an index beside the values that chance gives.

    Parameters
    ----------
    result : TestResult
        From `segregate.monte_carlo_test`.
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
        One linear axis with all of it. Where chance takes less than an eighth of it, its bars are shown once more,
        enlarged.

    Raises
    ------
    DataError
        When the index has no value, or none by chance.

    Examples
    --------
    >>> import segregate as sg
    >>> from segregate.plot.chance_plot import draw_null
    >>> ax = draw_null(sg.monte_carlo_test(sg.sample("schools"), "H", replicates=99, rng=1), managed=False)
    >>> ax.get_title(loc="left")
    'Information theory: measured, and by chance'
    """
    shown = prepare_null(result)
    marks = [result.statistic]
    about = result.about
    name = index_title(about["index"])
    number_of = int(shown["replicates"].sum())
    with drawing(ax, width, managed, WIDTH) as (axes, own):
        ink = dress(axes, name, say("distribution.replicates"), own=own)
        draw_bars(axes, shown, marks)
        broken = Line2D([], [], color=GREY, linewidth=1.0, dashes=(4, 2))
        entries: list[tuple[Artist, str]] = [(Patch(facecolor=CHANCE), say("distribution.chance", n=number_of))]
        reached = int(shown["reached"].sum())
        if reached:
            entries.append((Patch(facecolor=REACHED), say("distribution.reached", n=reached)))
        entries.append((broken, say("distribution.mean", value=number(result.expected))))
        middle = axes.axvline(result.expected, color=GREY, linewidth=1.0, dashes=(4, 2), gid="expected")
        middle.set_zorder(1 if is_far(axes, shown) else 3)
        axes.axvline(result.statistic, color=ink, linewidth=1.8, zorder=3, gid="statistic")
        sign = Line2D([], [], color=ink, linewidth=1.8)
        entries.append((sign, f"{say('distribution.measured', value=number(result.statistic))}{_deviations(result.z)}"))
        finish(
            axes,
            title=say("distribution.title", what=titled(result)) if title is None else title,
            caption=_caption(result, reached, number_of) if caption is None else caption,
            ratio=RATIO,
            own=own,
            ink=ink,
            legend=add_key(axes, entries, ink),
        )
        enlarge(axes, shown, marks, ink, middle=result.expected)
    return axes


def null_distribution(
    result: TestResult,
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
    """Draw an index beside the values that chance gives, and save the plot.

    Parameters
    ----------
    result : TestResult
        From `segregate.monte_carlo_test`.
    title, caption, ax, width, managed
        As in `draw_null`.
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
    >>> found = sg.monte_carlo_test(sg.sample("schools"), "D", replicates=99, rng=1)
    >>> ax = sg.plot.null_distribution(found, managed=False)
    >>> ax.get_title(loc="left")
    'Dissimilarity: measured, and by chance'
    """

    def draw() -> Axes:
        return draw_null(result, title=title, caption=caption, ax=ax, width=width, managed=managed)

    return one_call(draw, save=save, size=size, language=language, ax=ax, width=width, managed=managed)


def _deviations(z: float) -> str:
    """Write how far a value is from the mean."""
    if not np.isfinite(z):
        return ""
    digits = 0 if abs(z) >= 100 else 1 if abs(z) >= 10 else 2
    return say("distribution.above" if z >= 0 else "distribution.below", number=written(abs(z), digits))


def _caption(result: TestResult, reached: int, replicates: int) -> str:
    said = [
        say("distribution.by_chance", how=translated(NULLS[result.model], "null")),
        p_said(result.p_value, result.alternative, reached, replicates),
        say("about.environment", environment=environment_named(result.about["environment"])),
        *map(opened, result.notes),
    ]
    return sentences(said)


def p_said(p_value: float, alternative: str, reached: int, replicates: int) -> str:
    """Say how p comes from the bars."""
    times = "one" if alternative != "two-sided" else "most" if 2 * (reached + 1) > replicates + 1 else "two"
    return say(
        f"distribution.p_{times}",
        p=probability(p_value),
        alternative=translated(alternative, "alternative"),
        reached=people(reached),
        replicates=people(replicates),
    )
