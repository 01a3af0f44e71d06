"""Is one city more segregated than another? A difference set against chance."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from .._arrays import frozen
from .._checks import check_choice
from .._evaluate import Assessor
from .._progress import Progress
from .._segments import Evaluation, Segments
from ..errors import ParameterError, plural
from ..kernels.drawing import drawn_rows, orders
from ..population import Population
from ..registry import IndexLike
from ..results import Result
from ._draws import by_id
from ._replicates import ALTERNATIVES, Drawn, check_level, check_replicates, interval_of, p_value, replicate
from ._several import RESAMPLES, draw_again, evaluation_of, matched, notes_on
from ._statistic import CELLS, Statistic, named

__all__ = ["Comparison", "compare"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]
NULLS = ("label", "bootstrap")
NAMES = ("pop_a", "pop_b")
LEVEL, RESAMPLE = 0.95, "people"


@dataclass(frozen=True, repr=False)
class Comparison(Result):
    """The difference of an index between two populations, and what it would be by chance.

    Attributes
    ----------
    a, b : float
        The index on each.
    difference : float
        a - b.
    p_value : float
        (r + 1) / (n + 1), r of n defined replicates reaching the difference.
    low, high : float
        Ends of the basic bootstrap interval of the difference; NaN for null="label", which gives a test alone.
    null : ndarray of shape (replicates,)
        Differences by chance; NaN where the index is undefined.
    level : float
        Confidence of the interval; NaN for null="label".
    alternative : str
        Which replicates reach the difference.
    model : str
        "label" or "bootstrap".
    paired : bool
        Whether units changed sides in pairs of the same id.
    undefined : int
        Replicates on which the index is undefined in one of the two.
    about : mapping
        Index, symbol, group, versus, environment and params.
    """

    a: float
    b: float
    difference: float
    p_value: float
    low: float
    high: float
    null: Floats
    level: float
    alternative: str
    model: str
    paired: bool
    undefined: int
    about: dict[str, str]
    title: str
    notes: tuple[str, ...] = field(default=())
    picture: ClassVar[str] = "draw_comparison"

    @property
    def table(self) -> pd.DataFrame:
        """One row: what was compared, a, b, difference, low, high, level, p_value, null, alternative and so on."""
        row = {
            **self.about,
            "a": self.a,
            "b": self.b,
            "difference": self.difference,
            "low": self.low,
            "high": self.high,
            "level": self.level,
            "p_value": self.p_value,
            "null": self.model,
            "alternative": self.alternative,
            "replicates": len(self.null),
            "undefined": self.undefined,
        }
        return pd.DataFrame([row])

    def _headline(self) -> str:
        within = "" if np.isnan(self.level) else f", {100 * self.level:g} % interval {self.low:.4g} to {self.high:.4g}"
        how = "labels of paired units exchanged" if self.paired else "units dealt to the two at random"
        how = how if self.model == "label" else "both drawn again"
        return (
            f"{self.title}: {self.a:.4g} less {self.b:.4g} is {self.difference:.4g}{within} "
            f"(p = {self.p_value:.3g}, {self.alternative}; {how})"
        )


def compare(
    pop_a: Population,
    pop_b: Population,
    index: IndexLike,
    *,
    null: str = "label",
    replicates: int = 999,
    level: float = LEVEL,
    alternative: str = "two-sided",
    group: str | None = None,
    other: str | None = None,
    resample: str = RESAMPLE,
    paired: bool | None = None,
    rng: np.random.Generator | int | None = None,
    progress: Progress = None,
) -> Comparison:
    r"""Compare an index between two cities, or between two years of one.

    .. math:: d = I(a) - I(b), \qquad p = \frac{r + 1}{n + 1}

    with r of n replicates reaching d.

    Parameters
    ----------
    pop_a, pop_b : Population
        The two, of the same groups (matched by name) and within the same environment, or both at home.
    index : str, function or bound index
        An index that gives one number for a population.
    null : {"label", "bootstrap"}
        "label": it makes no difference to which of the two a unit belongs. Units with people are dealt to the two at
        random, the numbers of units kept; where both have the same units (the same ids), each unit changes sides
        with its partner with the chance 1/2. Units keep their people and whom they meet. "bootstrap": both are drawn
        again, each by itself; d* - d tells how far a difference goes by chance, and gives it an interval.
    replicates : int
        How often is drawn.
    level : float
        Confidence of the interval; for null="bootstrap".
    alternative : {"two-sided", "greater", "less"}
        Whether replicates count that are as far from 0 on the same side (twice the smaller p), as large, or as small.
    group, other : str, optional
        The group, or the pair, where the index is about one. Any other index compares `group` with everybody else, or
        with `other`.
    resample : {"people", "units"}
        What is drawn for null="bootstrap"; see `segregate.bootstrap`.
    paired : bool, optional
        For null="label": whether units of the same id are partners. By default they are where both have the same ids;
        say False where ids are mere row numbers of two different cities.
    rng : Generator, int or None
        Source of randomness. The same number gives the same bits, whatever the order of the rows and the number of
        threads.
    progress : bool or callable, optional
        True for a bar on stderr, or a function called with (done, to do).

    Returns
    -------
    Comparison
        `.difference`, `.p_value`, `.low`, `.high`, `.null`, `.table`, `.plot()`. NaN where the index is undefined in
        one of the two; `low` and `high` are NaN for null="label".

    Raises
    ------
    ParameterError
        For arguments that cannot be used; for other groups or environments; for labels where the index looks at
        areas, borders or distances at home, which do not move with the units.

    Notes
    -----
    The two nulls ask different things. "label" takes units for exchangeable: it rejects whenever units of the two
    differ in any way that moves the index, in composition too, and it needs no idea of how people came to be counted.
    "bootstrap" asks whether the numbers of people, or of units, are large enough for the difference to stand; its
    p-value and interval take off the bias of small units, and its p-value is below 1 - level where the interval leaves
    out 0. A replicate that misses the difference by no more than 1e-12 counts as reached. Ctrl-C keeps the replicates
    that are there.

    References
    ----------
    Rey, Cortes and Knaap (2021), Comparative spatial segregation analytics, doi:10.1007/s40980-021-00075-w; Davison
    and Hinkley (1997), Bootstrap Methods and their Application, doi:10.1017/CBO9780511802843.

    Examples
    --------
    >>> import segregate as sg
    >>> districts = sg.sample("schools").split("district")
    >>> found = sg.compare(districts["North"], districts["South"], "H", replicates=99, rng=1)
    >>> found.difference == found.a - found.b
    True
    """
    check_choice("null", null, NULLS)
    check_choice("alternative", alternative, ALTERNATIVES)
    check_choice("resample", resample, RESAMPLES)
    replicates, level = check_replicates(replicates), check_level(level)
    if null == "label" and (level != LEVEL or resample != RESAMPLE):
        raise ParameterError(
            "level= and resample= are about the interval, and exchanged labels give none: take null='bootstrap'."
        )
    if null == "bootstrap" and paired is not None:
        raise ParameterError("paired= is about exchanged labels; null='bootstrap' draws each of the two by itself.")
    one, two = matched(dict(zip(NAMES, (pop_a, pop_b), strict=True)), index, group, other)
    both: dict[Hashable, Statistic] = dict(zip(NAMES, (one, two), strict=True))
    in_pairs, notes = _pairing(one, two, paired) if null == "label" else (False, notes_on(both, resample))
    measured = evaluation_of(both)
    notes = [f"{name}: {text}" for name, text in zip(NAMES, measured.messages, strict=True) if text] + notes
    difference = one.value - two.value
    times = replicates if np.isfinite(difference) else 0
    if null == "label":
        drawn = _exchanged(one, two, in_pairs, times, rng, progress)
        chance, low, high = drawn.values, float("nan"), float("nan")
    else:
        drawn = draw_again(both, resample, times, rng, progress)
        again = drawn.values[:, 0] - drawn.values[:, 1]
        chance = again - difference
        low, high = interval_of(difference, again, level, "basic")
    undefined = int(np.isnan(chance).sum())
    if undefined:
        notes.append(
            f"the index is undefined on {plural(undefined, 'replicate')} of {len(chance):,}; they do not count"
        )
    return Comparison(
        a=one.value,
        b=two.value,
        difference=difference,
        p_value=p_value(difference, chance, alternative),
        low=low,
        high=high,
        null=chance,
        level=level if null == "bootstrap" else float("nan"),
        alternative=alternative,
        model=null,
        paired=in_pairs,
        undefined=undefined,
        about=one.described,
        title=named(one),
        notes=(*notes, *drawn.notes),
    )


def _pairing(one: Statistic, two: Statistic, paired: bool | None) -> tuple[bool, list[str]]:
    """Return whether labels are exchanged in pairs, and what is to be said of it."""
    if one.needs_places:
        raise ParameterError(
            f"{one.spec.name} looks at {' and '.join(sorted(one.spec.needs))} of the units at home, which do not move "
            "from one city to the other with them; take null='bootstrap', which draws people."
        )
    ours, theirs = one.pop.ids, two.pop.ids
    shared = int(ours.isin(theirs).sum())
    same = shared == len(ours) == len(theirs)
    if paired and not same:
        raise ParameterError(
            f"paired=True needs the same units in both; {shared:,} ids of {len(ours):,} and {len(theirs):,} are in "
            "both. Take those: population.subset(population.ids.isin(other.ids))."
        )
    if same and paired is not False:
        return True, [f"{plural(shared, 'unit')} with the same ids in both changed sides in pairs"]
    if shared and paired is None:
        return False, [
            f"{plural(shared, 'id')} of {len(ours):,} and {len(theirs):,} {'is' if shared == 1 else 'are'} in both, "
            "but not all; units were dealt as if all were different"
        ]
    return False, []


def _exchanged(
    one: Statistic,
    two: Statistic,
    paired: bool,
    replicates: int,
    rng: np.random.Generator | int | None,
    progress: Progress,
) -> Drawn:
    """Return differences with labels exchanged, (R,)."""
    first, second = one.of_view(), two.of_view()
    pool = _pooled(first.pop, second.pop)
    draw = _sides(first.pop, second.pop) if paired else _deals(first.pop, second.pop)

    def work(states: Words) -> Floats:
        rows, starts = draw(states)
        found: Evaluation = first.bound(Assessor(_chosen(pool, rows, starts)), **first.focal)
        values = found.values.reshape(-1, 2)
        return values[:, 0] - values[:, 1]

    return replicate(
        work,
        replicates,
        rng,
        progress=progress,
        what=f"{first.spec.name} with labels exchanged",
        chunk=max(1, CELLS // max(1, pool.counts.size)),
    )


def _pooled(a: Population, b: Population) -> Segments:
    """Put the units of two populations one under the other, each with whom it meets."""
    counts = frozen(np.vstack([a.counts, b.counts]))
    around = counts if a.at_home else frozen(np.vstack([a.surroundings, b.surroundings]))
    presence = None if a.at_home else frozen(np.concatenate([a._presence, b._presence]))
    raised = None
    if a._raised is not None or b._raised is not None:
        parts = [np.zeros(pop.n_units) if pop._raised is None else pop._raised for pop in (a, b)]
        raised = frozen(np.concatenate(parts))
    starts = frozen(np.array([0, a.n_units, len(counts)]), np.int64)
    return Segments(counts, around, starts, a.groups, a.ids.append(b.ids), a.places, presence, raised)


def _chosen(pool: Segments, rows: Ints, starts: Ints) -> Segments:
    """Return some units of a pool, region after region."""
    counts = frozen(pool.counts[rows])
    around = counts if pool.at_home else frozen(pool.surroundings[rows])
    presence, raised = (None if given is None else frozen(given[rows]) for given in (pool.presence, pool.raised))
    return Segments(counts, around, frozen(starts, np.int64), pool.groups, pool.labels, pool.places, presence, raised)


def _sides(a: Population, b: Population) -> Callable[[Words], tuple[Ints, Ints]]:
    """Let each unit change sides with its partner, or not; rows of a pool, and where a and b begin."""
    ours = by_id(a)
    theirs = a.n_units + b.ids.get_indexer(a.ids[ours])

    def draw(states: Words) -> tuple[Ints, Ints]:
        changed = drawn_rows(states, 2, len(ours)) == 1
        rows = np.stack([np.where(changed, theirs, ours), np.where(changed, ours, theirs)], axis=1)
        return rows.ravel(), np.arange(2 * len(states) + 1, dtype=np.int64) * len(ours)

    return draw


def _deals(a: Population, b: Population) -> Callable[[Words], tuple[Ints, Ints]]:
    """Deal the units with people to the two at random; rows of a pool, and where a and b begin."""
    ours, theirs = (order[pop.totals[order] > 0] for pop, order in ((a, by_id(a)), (b, by_id(b))))
    units = np.concatenate([ours, a.n_units + theirs])
    sizes = np.array([len(ours), len(theirs)])

    def draw(states: Words) -> tuple[Ints, Ints]:
        rows = units[orders(states, len(units))]
        starts = np.concatenate([[0], np.cumsum(np.tile(sizes, len(states)))])
        return rows.ravel(), starts.astype(np.int64)

    return draw
