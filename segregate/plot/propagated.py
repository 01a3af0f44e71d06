"""An index with the interval that it has because its counts are estimates."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ..errors import ParameterError
from ..inference.propagation import Propagated
from ._numerals import decimals, number
from ._words import environment_named, opened, say, sentences, translated
from .interval_plot import draw_interval, prepare_interval

__all__ = ["draw_propagated", "prepare_propagated"]

CLOSE = 0.7
"""Below this part of the standard error the spread of the replicates needs a word."""


def prepare_propagated(result: Propagated) -> pd.DataFrame:
    """Return what a plot of a propagated interval shows.

    Parameters
    ----------
    result : Propagated
        From `segregate.propagate`.

    Returns
    -------
    DataFrame
        As `segregate.plot.prepare_interval`: one row per bar of the replicates.

    Raises
    ------
    DataError
        When the index has no value, or none on the replicates.

    Examples
    --------
    >>> import segregate as sg
    >>> from segregate.plot.propagated import prepare_propagated
    >>> counts = sg.sample("schools").to_frame()[["black", "white"]]
    >>> frame = counts.assign(black_m=2 * counts["black"] ** 0.5, white_m=2 * counts["white"] ** 0.5)
    >>> pop = sg.Population.from_frame(frame, ["black", "white"], moe=["black_m", "white_m"])
    >>> prepare_propagated(sg.propagate(pop, "D", replicates=99, rng=1))["replicates"].sum()
    np.int64(99)
    """
    if not isinstance(result, Propagated):
        raise ParameterError(f"This plot shows what segregate.propagate returns, not {type(result).__name__}.")
    return prepare_interval(result)


def draw_propagated(
    result: Propagated,
    *,
    title: str | None = None,
    caption: str | None = None,
    ax: Axes | None = None,
    width: float | None = None,
    managed: bool = True,
) -> Axes:
    """Draw an index with the interval that it has because its counts are estimates.

    Parameters
    ----------
    result : Propagated
        From `segregate.propagate`.
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
        The value is a dot with its interval, over bars of the replicates. As these are biased once more, they lie to
        the one side of the value and the interval to the other.

    Raises
    ------
    DataError
        When the index has no value, or none on the replicates.

    Examples
    --------
    >>> import segregate as sg
    >>> from segregate.plot.propagated import draw_propagated
    >>> counts = sg.sample("schools").to_frame()[["black", "white"]]
    >>> frame = counts.assign(black_m=2 * counts["black"] ** 0.5, white_m=2 * counts["white"] ** 0.5)
    >>> pop = sg.Population.from_frame(frame, ["black", "white"], moe=["black_m", "white_m"])
    >>> ax = draw_propagated(sg.propagate(pop, "D", replicates=99, rng=1), managed=False)
    >>> ax.get_xlabel()
    'Dissimilarity'
    """
    prepare_propagated(result)
    said = _caption(result) if caption is None else caption
    return draw_interval(result, title=title, caption=said, ax=ax, width=width, managed=managed)


def _caption(result: Propagated) -> str:
    digits = decimals([result.high - result.low], [result.value]) + 1
    close = bool(np.nanstd(result.replicates) < CLOSE * result.se)
    said = [
        say(
            "propagated.interval",
            method=translated(result.method, "propagated_method"),
            kind=translated(result.kind, "interval_kind"),
            bias=number(result.bias, digits),
        ),
        say("interval.error", value=number(result.se, digits)),
        *([say("propagated.close")] if close else []),
        say("about.environment", environment=environment_named(result.about["environment"])),
        *map(opened, result.notes),
    ]
    return sentences(said)
