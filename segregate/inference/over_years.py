"""Did segregation change? An index over years, with the smallest change that could be detected."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import ndtri

from .._checks import check_choice
from .._progress import Progress
from .._segments import Evaluation, sealed
from ..errors import ParameterError, first_of, plural
from ..population import Population
from ..registry import IndexLike
from ..results import Result
from ._replicates import check_level, check_replicates, interval_of, p_value
from ._several import RESAMPLES, draw_again, evaluation_of, matched, notes_on
from ._statistic import named

__all__ = ["Slope", "Trend", "trend"]

Floats = npt.NDArray[np.float64]
POWER = 0.8
"""Chance with which a change of the size that is called detectable is found."""


class Slope(NamedTuple):
    """Change per year along the line of least squares.

    Attributes
    ----------
    value : float
        NaN with fewer than two years that have a value.
    low, high : float
        Ends of the interval.
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True, repr=False)
class Trend(Result):
    """An index over years.

    Attributes
    ----------
    rows : DataFrame
        `table`.
    slope : Slope
        value, low and high of the change per year.
    p_values : ndarray of shape (n,)
        Of the change from the year before, both sides; NaN for the first year.
    level : float
        Confidence, of each interval by itself.
    resample : str
        "people" or "units".
    replicates : int
        How often was drawn.
    about : mapping
        Index, symbol, group, versus, environment and params.
    """

    rows: pd.DataFrame
    slope: Slope
    p_values: Floats
    level: float
    resample: str
    replicates: int
    about: dict[str, str]
    title: str
    notes: tuple[str, ...] = field(default=())
    picture: ClassVar[str] = "draw_trend"

    @property
    def table(self) -> pd.DataFrame:
        """A row per year, the first year first.

        Returns
        -------
        DataFrame
            year; value, low, high, se and bias (of the replicates); change from the year before, change_low,
            change_high, detectable (the smallest change that would be found with a chance of 80 %) and told_apart
            (whether the interval of the change leaves out 0); status and message.
        """
        return self.rows.copy()

    def _headline(self) -> str:
        years = self.rows["year"]
        slope = "no slope"
        if np.isfinite(self.slope.value):
            slope = (
                f"{self.slope.value:+.3g} a year, {100 * self.level:g} % interval {self.slope.low:.3g} to "
                f"{self.slope.high:.3g}"
            )
        found = int(self.rows["told_apart"].sum())
        return (
            f"{self.title}, {years.iloc[0]:g} to {years.iloc[-1]:g}: {slope}; {found:,} of "
            f"{plural(len(years) - 1, 'change')} told apart from none ({self.resample} resampled)"
        )


def trend(
    pops: Mapping[Any, Population] | Sequence[Population] | Sequence[tuple[Any, Population]],
    index: IndexLike,
    *,
    level: float = 0.95,
    replicates: int = 999,
    resample: str = "people",
    group: str | None = None,
    other: str | None = None,
    rng: np.random.Generator | int | None = None,
    progress: Progress = None,
) -> Trend:
    r"""Follow an index over years, and say which changes are more than chance.

    Every year is drawn again by itself. A change that lies within its interval of 0 may be no change; whether one
    could have been found at all says the smallest change that is detected with a chance of 80 %:

    .. math:: \delta_k = (z_{1 - \alpha / 2} + z_{0.8}) \sqrt{s_k^2 + s_{k-1}^2}

    with the standard errors s of the two years and the level 1 - :math:`\alpha`.

    Parameters
    ----------
    pops : mapping of year to Population, list of (year, Population) or list of Population
        Two or more years, numbers, in any order; a list without years has the years 0, 1, 2 ... All are of the same
        groups (matched by name) and within the same environment, or at home.
    index : str, function or bound index
        An index that gives one number for a population.
    level : float
        Confidence, 0.95 for 95 %, of each interval by itself.
    replicates : int
        How often every year is drawn again.
    resample : {"people", "units"}
        What is a sample of a larger whole; see `segregate.bootstrap`. Units that are the same in all years are drawn
        for each year by itself.
    group, other : str, optional
        The group, or the pair, where the index is about one. Any other index compares `group` with everybody else, or
        with `other`.
    rng : Generator, int or None
        Source of randomness. The same number gives the same bits, whatever the order of the years and of their rows,
        and the number of threads.
    progress : bool or callable, optional
        True for a bar on stderr, or a function called with (done, to do).

    Returns
    -------
    Trend
        `.table`, `.slope`, `.p_values` and `.plot()`. A year whose index is undefined has no value, and neither has a
        change from or to it.

    Raises
    ------
    ParameterError
        For arguments that cannot be used, and for other groups or environments.

    Notes
    -----
    Intervals are basic ones, 2 value less the quantiles of the replicates, which takes off the bias of small units.
    The p-value of a change is below 1 - level where its interval leaves out 0. Nothing is adjusted for looking at many
    changes. The slope is that of the values, each year weighing the same; its interval tells how sure the values make
    it, not how well a line fits them. Ctrl-C keeps the replicates that are there, as many for every year.

    References
    ----------
    Davison and Hinkley (1997), Bootstrap Methods and their Application, doi:10.1017/CBO9780511802843; Bloom (1995),
    Minimum detectable effects, doi:10.1177/0193841X9501900504.

    Examples
    --------
    >>> import segregate as sg
    >>> districts = sg.sample("schools").split("district")
    >>> found = sg.trend({2010: districts["North"], 2020: districts["South"]}, "H", replicates=99, rng=1)
    >>> found.table["change"].notna().tolist()
    [False, True]
    """
    check_choice("resample", resample, RESAMPLES)
    replicates, level = check_replicates(replicates), check_level(level)
    by_year = _by_year(pops)
    statistics = dict(zip(by_year, matched(by_year, index, group, other), strict=True))
    measured = evaluation_of(statistics)
    known = np.isfinite(measured.values)
    drawn = draw_again(
        {year: one for year, one in statistics.items() if np.isfinite(one.value)}, resample, replicates, rng, progress
    )
    again = np.full((len(drawn.values), len(by_year)), np.nan)
    again[:, known] = drawn.values
    rows, p_values = _rows(list(by_year), measured, again, level)
    years = np.array(list(by_year), dtype=float)
    notes = [*notes_on(statistics, resample), *_undefined(list(by_year), again[:, known], known), *drawn.notes]
    model = statistics[next(iter(by_year))]
    return Trend(
        rows=rows,
        slope=_slope(years[known], measured.values[known], again[:, known], level),
        p_values=sealed(p_values),
        level=level,
        resample=resample,
        replicates=len(again),
        about=model.described,
        title=named(model),
        notes=tuple(notes),
    )


def _by_year(pops: Any) -> dict[Hashable, Population]:
    """Return populations by year, the first year first."""
    if isinstance(pops, Mapping):
        given = list(pops.items())
    elif isinstance(pops, Sequence) and all(isinstance(item, tuple) and len(item) == 2 for item in pops):
        given = list(pops)
    elif isinstance(pops, Sequence) and all(isinstance(item, Population) for item in pops):
        given = list(enumerate(pops))
    else:
        raise ParameterError(
            "trend takes populations by year: {2010: pop, 2020: pop}, or a list of (year, population), or a list of "
            f"populations; not {type(pops).__name__}."
        )
    wrong = [year for year, _ in given if not _is_number(year)]
    if wrong:
        raise ParameterError(
            f"{plural(len(wrong), 'year')} of {len(given):,} {'is' if len(wrong) == 1 else 'are'} no number "
            f"(first: {first_of(wrong)}); write years as numbers, 2020 or 2020.5. To compare by name: segregate.rank."
        )
    if len(given) < 2:
        raise ParameterError(f"A trend takes two years or more; there {'is 1' if given else 'are none'}.")
    found = sorted(given, key=lambda item: float(item[0]))
    twice = [year for (year, _), (following, _) in itertools.pairwise(found) if year == following]
    if twice:
        raise ParameterError(
            f"{plural(len(twice), 'year')} {'is' if len(twice) == 1 else 'are'} there twice (first: {first_of(twice)})."
        )
    return dict(found)


def _is_number(year: Any) -> bool:
    usual = isinstance(year, (int, float, np.integer, np.floating)) and not isinstance(year, bool)
    return usual and bool(np.isfinite(year))


def _rows(years: Sequence[Hashable], measured: Evaluation, again: Floats, level: float) -> tuple[pd.DataFrame, Floats]:
    """Return the table, and the p-values of the changes."""
    values = measured.values
    ends = np.array([interval_of(value, again[:, k], level, "basic") for k, value in enumerate(values)])
    moments = np.array([_moments(again[:, k]) for k in range(len(values))])
    change, told = np.full(len(values), np.nan), np.zeros(len(values), dtype=bool)
    p_values, detectable = change.copy(), change.copy()
    change_ends = np.full((len(values), 2), np.nan)
    wide = float(ndtri((1 + level) / 2) + ndtri(POWER))
    for k in range(1, len(values)):
        change[k] = values[k] - values[k - 1]
        drawn = again[:, k] - again[:, k - 1]
        change_ends[k] = interval_of(change[k], drawn, level, "basic")
        p_values[k] = p_value(change[k], drawn - change[k], "two-sided")
        told[k] = change_ends[k, 0] > 0 or change_ends[k, 1] < 0
        detectable[k] = wide * np.hypot(moments[k, 1], moments[k - 1, 1])
    found = {
        "year": pd.Series(list(years)),
        "value": values,
        "low": ends[:, 0],
        "high": ends[:, 1],
        "se": moments[:, 1],
        "bias": moments[:, 0] - values,
        "change": change,
        "change_low": change_ends[:, 0],
        "change_high": change_ends[:, 1],
        "detectable": detectable,
        "told_apart": told,
        "status": measured.status,
        "message": measured.messages,
    }
    return pd.DataFrame(found), p_values


def _moments(drawn: Floats) -> tuple[float, float]:
    """Return the mean and the standard deviation of the defined replicates."""
    drawn = drawn[np.isfinite(drawn)]
    return (float(drawn.mean()), float(drawn.std(ddof=1))) if len(drawn) > 1 else (float("nan"), float("nan"))


def _slope(years: Floats, values: Floats, again: Floats, level: float) -> Slope:
    """Return the slope of the line of least squares, and its interval."""
    if len(years) < 2:
        return Slope(float("nan"), float("nan"), float("nan"))
    away = years - years.mean()
    weights = away / (away**2).sum()
    value = float(weights @ values)
    return Slope(value, *interval_of(value, again @ weights, level, "basic"))


def _undefined(years: Sequence[Hashable], again: Floats, known: npt.NDArray[np.bool_]) -> list[str]:
    """Say where replicates have no value."""
    there = list(itertools.compress(years, known))
    some = [year for year, column in zip(there, again.T, strict=True) if np.isnan(column).any()]
    if not some:
        return []
    many = int(np.isnan(again).any(axis=1).sum())
    return [
        f"the index is undefined on {plural(many, 'replicate')} of {len(again):,} in {plural(len(some), 'year')} "
        f"(first: {first_of(some)}); they do not count"
    ]
