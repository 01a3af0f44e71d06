"""Which city is the most segregated, and how far its rank can be trusted."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from .._checks import check_choice
from .._progress import Progress
from .._segments import Evaluation, sealed
from ..errors import ParameterError, first_of, plural
from ..population import Population
from ..registry import IndexLike
from ..results import Result
from ._ranks import Apart, groups_of, highest_of, letters_of, tell_apart
from ._replicates import check_level, check_replicates
from ._several import RESAMPLES, draw_again, evaluation_of, filled, matched, notes_on
from ._statistic import named

__all__ = ["Ranking", "fewest", "rank", "ranked"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
SAME = 1e-12
"""Values that differ by no more, relative or absolute, are the same."""
LARGE_BIAS = 0.5
"""Bias, in standard errors, from which on it is said; of the bias itself, and of what may be left of it."""
NUMBERS = ("low", "high", "se", "bias", "rank", "rank_low", "rank_high")


@dataclass(frozen=True, repr=False)
class Ranking(Result):
    """Populations in the order of an index, with the ranks that each may have.

    Attributes
    ----------
    rows : DataFrame
        `table`.
    told_apart : ndarray of bool, shape (S, S)
        Whether two of the S populations that have a value can be told apart, in the order of the table.
    critical : float
        Half the width of the interval of a difference, in its standard errors.
    level : float
        Confidence, for all intervals of values together, and for all ranks together.
    resample : str
        "people" or "units".
    replicates : int
        How often was drawn.
    about : mapping
        Index, symbol, group, versus, environment and params.
    """

    rows: pd.DataFrame
    told_apart: Bools
    critical: float
    level: float
    resample: str
    replicates: int
    about: dict[str, str]
    title: str
    notes: tuple[str, ...] = field(default=())
    picture: ClassVar[str] = "draw_ranking"

    @property
    def table(self) -> pd.DataFrame:
        """A row per population, the largest value first, those without a value last.

        Returns
        -------
        DataFrame
            name; value, low, high (intervals that hold together), se and bias (of the replicates); rank (1 is the
            largest value), rank_low and rank_high (all sets hold together); letters (those who share one are not told
            apart); status and message.
        """
        return self.rows.copy()

    @property
    def pairs(self) -> pd.DataFrame:
        """A row per pair of populations with a value: a, b, difference, low, high and told_apart.

        The intervals of all differences hold together. Some pairs are told apart though their interval holds 0: ranks
        come from a test in several steps, of which the intervals are the first.
        """
        shown = self.rows.iloc[: len(self.told_apart)]
        first, second = np.triu_indices(len(shown), k=1)
        names = shown["name"].to_numpy(dtype=object)
        value, bias, se = (shown[column].to_numpy(dtype=float) for column in ("value", "bias", "se"))
        middle = (value - bias)[first] - (value - bias)[second]
        reach = self.critical * np.hypot(se[first], se[second])
        return pd.DataFrame(
            {
                "a": names[first],
                "b": names[second],
                "difference": value[first] - value[second],
                "low": middle - reach,
                "high": middle + reach,
                "told_apart": self.told_apart[first, second],
            }
        )

    @property
    def tied_with(self) -> dict[Hashable, tuple[Hashable, ...]]:
        """The populations from which each cannot be told apart, by name."""
        names = self.rows["name"].tolist()[: len(self.told_apart)]
        alike = ~self.told_apart & ~np.eye(len(names), dtype=bool)
        return {name: tuple(itertools.compress(names, row)) for name, row in zip(names, alike, strict=True)}

    def _headline(self) -> str:
        there = len(self.told_apart)
        pairs = there * (there - 1) // 2
        apart = int(np.triu(self.told_apart, k=1).sum())
        return (
            f"{self.title}: {plural(there, 'population')} ranked, {apart:,} of {plural(pairs, 'pair')} told apart at "
            f"{100 * self.level:g} % ({self.resample} resampled)"
        )


def rank(
    pops: Mapping[Hashable, Population],
    index: IndexLike,
    *,
    level: float = 0.95,
    replicates: int = 999,
    resample: str = "people",
    group: str | None = None,
    other: str | None = None,
    rng: np.random.Generator | int | None = None,
    progress: Progress = None,
) -> Ranking:
    r"""Rank cities by an index, and say which ranks each may have.

    A city of rank 3 may well be the first. Every city is drawn again, and the differences of all pairs are tested
    together: "i is not above j" is rejected where

    .. math:: \frac{\tilde I_i - \tilde I_j}{\sqrt{s_i^2 + s_j^2}} > c

    with c the quantile of the largest such difference among the replicates, each less its mean, so that the chance of
    one or more false statements is 1 - level at the most. A city then ranks from 1 + the number of cities surely above
    it to the number of cities not surely below it, and all these statements hold together.

    Parameters
    ----------
    pops : mapping of name to Population
        Two or more, of the same groups (matched by name) and within the same environment, or all at home. The text of
        each name is the seed of its own draws, so that neither the order nor other cities change them.
    index : str, function or bound index
        An index that gives one number for a population.
    level : float
        Confidence, 0.95 for 95 %.
    replicates : int
        How often every city is drawn again; at least level / (1 - level).
    resample : {"people", "units"}
        What is a sample of a larger whole; see `segregate.bootstrap`.
    group, other : str, optional
        The group, or the pair, where the index is about one. Any other index compares `group` with everybody else, or
        with `other`.
    rng : Generator, int or None
        Source of randomness. The same number gives the same bits, whatever the order of the cities and of their rows,
        and the number of threads.
    progress : bool or callable, optional
        True for a bar on stderr, or a function called with (done, to do).

    Returns
    -------
    Ranking
        `.table`, `.pairs`, `.tied_with` and `.plot()`. A city whose index is undefined comes last, without a rank and
        with the reason.

    Raises
    ------
    ParameterError
        For arguments that cannot be used, and for other groups or environments.

    Notes
    -----
    Ranks are those of the values. Where units hold few people, an index of evenness is biased upwards, and more so in
    the cities whose units are smaller. Intervals and tests therefore rest on the value less the bias that the
    replicates show, :math:`\tilde I = 2 I - \bar I^*` (the basic interval); a note says where it is more than half a
    standard error, and where a rank is not among the ranks that a city may have. Replicates show the bias b but for
    about b^2 / I, which is said where it is more than half a standard error; `docs/comparing.md` shows how far to trust
    the sets.

    Hypotheses that are rejected leave the next step of the test, until a step rejects none (Romano and Wolf 2005).
    As each says "not above", a wrong direction counts as false. Cities that share a letter are not told apart (Piepho
    2004); `tied_with` names them. Ctrl-C keeps the replicates that are there, as many for every city.

    References
    ----------
    Mogstad, Romano, Shaikh and Wilhelm (2024), Inference for ranks with applications to mobility across neighbourhoods
    and academic achievement across countries, doi:10.1093/restud/rdad006; Romano and Wolf (2005), Exact and approximate
    stepdown methods for multiple hypothesis testing, doi:10.1198/016214504000000539; Piepho (2004), An algorithm for a
    letter-based representation of all-pairwise comparisons, doi:10.1198/1061860043515.

    Examples
    --------
    >>> import segregate as sg
    >>> found = sg.rank(sg.sample("schools").split("district"), "H", replicates=199, rng=1)
    >>> found.table["rank"].tolist()
    [1.0, 2.0, 3.0, 4.0]
    """
    check_choice("resample", resample, RESAMPLES)
    replicates, level = check_replicates(replicates), check_level(level)
    if fewest(level) > replicates:
        raise ParameterError(
            f"replicates={replicates} are too few for level={level:g}: it takes {fewest(level):,} or more."
        )
    names = _names(pops)
    statistics = dict(zip(names, matched({name: pops[name] for name in names}, index, group, other), strict=True))
    measured = evaluation_of(statistics)
    known = {name: one for name, one in statistics.items() if np.isfinite(one.value)}
    drawn = draw_again(known, resample, replicates, rng, progress)
    rows, apart, notes = ranked(names, measured, drawn.values, level)
    notes = [*notes_on(statistics, resample), *notes, *drawn.notes]
    if len(drawn.values) < fewest(level) and known:
        notes.append(f"fewer than {fewest(level):,} replicates; the largest differences among them were taken")
    model = statistics[names[0]]
    return Ranking(
        rows=rows,
        told_apart=sealed(apart.above | apart.above.T),
        critical=apart.critical,
        level=level,
        resample=resample,
        replicates=len(drawn.values),
        about=model.described,
        title=named(model),
        notes=tuple(notes),
    )


def fewest(level: float) -> int:
    """Return how many replicates have a quantile at a level."""
    return int(np.ceil(level / (1 - level) - SAME / (1 - level)))


def _names(pops: Mapping[Hashable, Population]) -> list[Hashable]:
    """Return the names of populations in the order of their texts."""
    if not isinstance(pops, Mapping) or len(pops) < 2:
        raise ParameterError(
            "rank takes two or more populations by name: {'Boston': pop, 'Detroit': pop}, or population.split(by)."
        )
    names = sorted(pops, key=str)
    same = [name for name, following in itertools.pairwise(names) if str(name) == str(following)]
    if same:
        raise ParameterError(
            f"{plural(len(same), 'name')} of populations {'reads' if len(same) == 1 else 'read'} the same as another "
            f"(first: {first_of(same)}), and the text of a name is the seed of its draws; give them other names."
        )
    return names


def ranked(
    names: Sequence[Hashable], measured: Evaluation, again: Floats, level: float
) -> tuple[pd.DataFrame, Apart, list[str]]:
    """Return the table of a ranking, what is told apart among those with a value, and what is to be said.

    Parameters
    ----------
    names : sequence
        The cities.
    measured : Evaluation
        Values, status and messages, one for each.
    again : ndarray of shape (R, S)
        Replicates of the S cities with a value, in their order.
    level : float
        Confidence.
    """
    full, undefined = filled(again)
    found = pd.DataFrame({"name": pd.Series(list(names), dtype=object), "value": measured.values})
    found[list(NUMBERS)] = np.nan
    found["letters"] = ""
    found["status"], found["message"] = measured.status, measured.messages
    known = np.flatnonzero(np.isfinite(measured.values))
    lost = np.isnan(full).any(axis=0)
    found.loc[known[lost], ["status", "message"]] = "failed", "the index is undefined on the replicates: no rank"
    known, full = known[~lost], full[:, ~lost]
    if not len(known):
        return found, Apart(np.zeros((0, 0), dtype=bool), float("nan")), []
    order = np.argsort(-measured.values[known], kind="stable")
    known, full = known[order], full[:, order]
    value = measured.values[known]
    middle, se = full.mean(axis=0), full.std(axis=0, ddof=1)
    near = SAME * np.maximum(1.0, np.abs(value))
    se[se <= near] = 0.0
    middle = np.where(np.abs(middle - value) <= near, value, middle)
    gaps = np.where(se > 0, full - middle, 0.0).T
    best = 2 * value - middle
    apart = tell_apart(best, gaps, level)
    reach = _reach(gaps, se, level)
    found.loc[known, "low"], found.loc[known, "high"] = best - reach, best + reach
    found.loc[known, "se"], found.loc[known, "bias"] = se, middle - value
    found.loc[known, "rank"] = 1.0 + (value[None, :] > (value + near)[:, None]).sum(axis=1)
    found.loc[known, "rank_low"] = 1.0 + apart.above.sum(axis=0)
    found.loc[known, "rank_high"] = float(len(known)) - apart.above.sum(axis=1)
    groups = groups_of(apart.above | apart.above.T)
    if groups is not None:
        found.loc[known, "letters"] = letters_of(groups, len(known))
    rest = np.setdiff1d(np.arange(len(names)), known)
    rows = found.loc[np.concatenate([known, rest])].reset_index(drop=True)
    notes = _notes(rows.iloc[: len(known)], int((undefined > 0).sum()))
    if groups is None:
        notes.append("there are too many groups of populations that are not told apart to give them letters")
    return rows, apart, notes


def _reach(gaps: Floats, se: Floats, level: float) -> Floats:
    """Return half the widths of intervals of all values that hold together, (S,)."""
    vary = se > 0
    if not vary.any():
        return np.zeros(len(se))
    return highest_of(np.abs(gaps[vary] / se[vary, None]).max(axis=0), level) * se


def _notes(rows: pd.DataFrame, undefined: int) -> list[str]:
    """Say what a reader of ranks has to know."""
    notes = []
    if undefined:
        notes.append(
            f"the index is undefined on some replicates of {plural(undefined, 'population')}; the others count again"
        )
    still = rows["se"] == 0
    if still.any():
        notes.append(
            f"the replicates of {plural(int(still.sum()), 'population')} (first: {first_of(rows['name'][still])}) do "
            "not vary, as where groups share no unit; nothing is known of their uncertainty"
        )
    biased = rows["bias"].abs() > LARGE_BIAS * rows["se"]
    if biased.any():
        notes.append(
            f"the bias of the index is larger than {LARGE_BIAS:g} standard errors in "
            f"{plural(int(biased.sum()), 'population')} of {len(rows):,} (first: {first_of(rows['name'][biased])}): "
            "units hold few people; intervals and the sets of ranks have it taken off, values and ranks have not"
        )
    left = biased & (rows["bias"] ** 2 > LARGE_BIAS * rows["se"] * rows["value"].abs())
    if left.any():
        notes.append(
            f"in {plural(int(left.sum()), 'population')} (first: {first_of(rows['name'][left])}) the bias is so large "
            "a part of the value that the replicates do not show all of it: do not trust the sets of ranks there"
        )
    outside = (rows["rank"] < rows["rank_low"]) | (rows["rank"] > rows["rank_high"])
    if outside.any():
        notes.append(
            f"{plural(int(outside.sum()), 'population')} (first: {first_of(rows['name'][outside])}) "
            f"{'has a rank that is' if outside.sum() == 1 else 'have ranks that are'} not among those possible: the "
            "bias put the value there"
        )
    return notes
