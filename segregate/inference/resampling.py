"""How sure is a number? Intervals from resampled people, units or clusters of units."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, overload

import numpy as np
import numpy.typing as npt
import pandas as pd

from .._checks import check_choice
from .._profile import Asked, Profile, has_row, populations_at
from .._progress import Progress
from .._regions import encode_regions, warn_about
from ..errors import DataError, ParameterError, first_of, have, plural
from ..population import Population
from ..registry import IndexLike
from ..results import Result
from ._draws import resampled, units_again
from ._jackknife import acceleration_of
from ._replicates import KINDS, check_level, check_replicates, interval_of, replicate
from ._statistic import CELLS, Around, Statistic, named

__all__ = ["Interval", "bootstrap"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]
RESAMPLES = ("people", "units", "clusters")
FEWEST_UNITS = 2


@dataclass(frozen=True, repr=False)
class Interval(Result):
    """An index with its uncertainty.

    Attributes
    ----------
    value : float
        The index on the population.
    low, high : float
        Ends of the interval.
    se : float
        Standard deviation of the replicates.
    bias : float
        Their mean, less the value.
    replicates : ndarray of shape (replicates,)
        The index on each replicate; NaN where it is undefined there.
    level : float
        Confidence.
    kind : str
        "percentile", "basic" or "bca".
    resample : str
        "people", "units" or "clusters".
    about : mapping
        Index, symbol, group, versus, environment and params.
    """

    value: float
    low: float
    high: float
    se: float
    bias: float
    replicates: Floats
    level: float
    kind: str
    resample: str
    about: dict[str, str]
    title: str
    notes: tuple[str, ...] = field(default=())
    picture: ClassVar[str] = "draw_interval"

    @property
    def table(self) -> pd.DataFrame:
        """One row: what was measured, value, low, high, se, bias, level, interval, resample, replicates, undefined."""
        row = {
            **self.about,
            "value": self.value,
            "low": self.low,
            "high": self.high,
            "se": self.se,
            "bias": self.bias,
            "level": self.level,
            "interval": self.kind,
            "resample": self.resample,
            "replicates": len(self.replicates),
            "undefined": int(np.isnan(self.replicates).sum()),
        }
        return pd.DataFrame([row])

    def _headline(self) -> str:
        return (
            f"{self.title}: {self.value:.4g}, {100 * self.level:g} % interval {self.low:.4g} to {self.high:.4g} "
            f"({self.kind}, {self.resample} resampled)"
        )


@overload
def bootstrap(
    pop: Population,
    index: IndexLike,
    *,
    resample: str = ...,
    clusters: Hashable | npt.ArrayLike | None = ...,
    interval: str = ...,
    replicates: int = ...,
    level: float = ...,
    group: str | None = ...,
    other: str | None = ...,
    rng: np.random.Generator | int | None = ...,
    progress: Progress = ...,
) -> Interval: ...
@overload
def bootstrap(
    pop: Profile,
    index: None = None,
    *,
    resample: str = ...,
    clusters: Hashable | npt.ArrayLike | None = ...,
    interval: str = ...,
    replicates: int = ...,
    level: float = ...,
    group: None = None,
    other: None = None,
    rng: np.random.Generator | int | None = ...,
    progress: Progress = ...,
) -> Profile: ...
def bootstrap(
    pop: Population | Profile,
    index: IndexLike | None = None,
    *,
    resample: str = "people",
    clusters: Hashable | npt.ArrayLike | None = None,
    interval: str = "basic",
    replicates: int = 999,
    level: float = 0.95,
    group: str | None = None,
    other: str | None = None,
    rng: np.random.Generator | int | None = None,
    progress: Progress = None,
) -> Interval | Profile:
    r"""Give an index an interval, by drawing people, units or clusters of units again.

    Parameters
    ----------
    pop : Population or Profile
        The units; every replicate is computed in their environment. A `Profile` gets a band: the columns low and
        high.
    index : str, function or bound index
        An index that gives one number for a population; none with a profile, which has its own.
    resample : {"people", "units", "clusters"}
        What is a sample of a larger whole. "people": as many people as there are, with replacement, each of the unit
        and group of somebody who is there. "units": as many units as hold people, with replacement, for units that
        are a sample (of schools, of tracts). "clusters": whole clusters of units, where neighbours are alike. Units
        drawn again keep their people and whom they meet.
    clusters : column name or array of shape (n_units,), optional
        The cluster of each unit.
    interval : {"basic", "percentile", "bca"}
        Quantiles of the replicates turned at the value, which takes the bias off; the quantiles as they are; or
        quantiles corrected for bias and skewness, with the acceleration of a jackknife.
    replicates : int
        How often is drawn.
    level : float
        Confidence, 0.95 for 95 %.
    group, other : str, optional
        The group, or the pair, where the index is about one. Any other index compares `group` with everybody else, or
        with `other`.
    rng : Generator, int or None
        Source of randomness. The same number gives the same bits, whatever the order of the rows and the number of
        threads.
    progress : bool or callable, optional
        True for a bar on stderr, or a function called with (done, to do).

    Returns
    -------
    Interval or Profile
        An interval has `.value`, `.low`, `.high`, `.se`, `.bias`, `.replicates`, `.table` and `.plot()`. NaN where
        the index is undefined.

    Raises
    ------
    ParameterError
        For arguments that cannot be used; for units or clusters where the index looks at areas, borders or distances,
        which are not drawn with them; for an environment that does not fit the population (chosen after `within`).

    Notes
    -----
    Where units hold few people, indices of evenness are biased upwards, and replicates are biased once more: the
    percentile interval then misses the truth, which is why the basic interval is the default. Its ends may lie
    outside the range of the index; nothing is clipped. `docs/uncertainty.md` has a table of how often each covers the
    truth; where ``bias`` is larger than ``se``, trust none of them. Numbers from a full count are no sample of
    people; an interval then says how much a number depends on who happened to live where. Ctrl-C keeps the
    replicates that are there.

    References
    ----------
    Efron and Tibshirani (1993), An Introduction to the Bootstrap; Davison and Hinkley (1997), Bootstrap Methods
    and their Application, doi:10.1017/CBO9780511802843.

    Examples
    --------
    >>> import segregate as sg
    >>> schools = sg.sample("schools")
    >>> found = sg.bootstrap(schools, "H", replicates=199, rng=1)
    >>> found.low < found.value < found.high
    True
    """
    check_choice("resample", resample, RESAMPLES)
    check_choice("interval", interval, KINDS)
    replicates, level = check_replicates(replicates), check_level(level)
    if isinstance(pop, Profile):
        if index is not None or group is not None or other is not None:
            raise ParameterError(
                "A profile has its own index and groups: bootstrap(profile) takes no index=, group= or other=."
            )
        if interval == "bca":
            raise ParameterError("interval='bca' is for one index; of a profile take 'percentile' or 'basic'.")
        return _band(pop, resample, clusters, interval, replicates, level, rng, progress)
    if index is None:
        raise ParameterError("bootstrap(population, index) needs an index: a name, a symbol or sg.bind(...).")
    statistic = Statistic(pop, index, group, other)
    if resample != "people":
        statistic.check_rows()
    warn_about(statistic.observed)
    codes = _clusters(pop, resample, clusters)
    drawn = replicate(
        _work([statistic], statistic.pop, resample, codes),
        replicates if np.isfinite(statistic.value) else 0,
        rng,
        progress=progress,
        what=f"{statistic.spec.name} again",
        chunk=statistic.chunk,
    )
    values = drawn.values.reshape(-1)
    acceleration = acceleration_of(statistic, resample, codes) if interval == "bca" else None
    low, high = interval_of(statistic.value, values, level, interval, acceleration)
    defined = values[np.isfinite(values)]
    return Interval(
        value=statistic.value,
        low=low,
        high=high,
        se=float(defined.std(ddof=1)) if len(defined) > 1 else float("nan"),
        bias=float(defined.mean()) - statistic.value if len(defined) else float("nan"),
        replicates=values,
        level=level,
        kind=interval,
        resample=resample,
        about=statistic.described,
        title=named(statistic),
        notes=_notes(statistic, resample, values) + drawn.notes,
    )


def _notes(statistic: Statistic, resample: str, values: Floats) -> tuple[str, ...]:
    notes = [str(statistic.observed.messages[0])] if statistic.observed.messages[0] else []
    size = statistic.pop.size
    if resample == "people" and size != np.rint(size):
        notes.append(f"there are {size:,.6g} people, not a whole number; replicates draw {np.rint(size):,.0f}")
    undefined = int(np.isnan(values).sum())
    if undefined:
        notes.append(
            f"the index is undefined on {plural(undefined, 'replicate')} of {len(values):,}; they do not count"
        )
    return tuple(notes)


def _clusters(pop: Population, resample: str, clusters: Hashable | npt.ArrayLike | None) -> Ints | None:
    """Return the number of the cluster of each unit, where clusters are drawn."""
    if (resample == "clusters") != (clusters is not None):
        raise ParameterError(
            "resample='clusters' and clusters= go together: clusters='district', or one cluster a unit."
        )
    codes = None if clusters is None else encode_regions(pop, clusters).codes
    lived_in = pop.totals > 0
    lost = lived_in & (codes < 0) if codes is not None else np.zeros_like(lived_in)
    if lost.any():
        raise DataError(
            f"{have(int(lost.sum()), pop.n_units)} people and no cluster (first: {first_of(pop.ids[lost][:4])}); give "
            "each a cluster, or leave the units out first: pop.subset(...)."
        )
    many = int(lived_in.sum()) if codes is None else len(np.unique(codes[lived_in & (codes >= 0)]))
    if resample != "people" and many < FEWEST_UNITS:
        raise DataError(
            f"{plural(many, resample[:-1])} with people cannot be drawn again; it takes {FEWEST_UNITS} or more."
        )
    return codes


def _work(
    statistics: list[Statistic], pop: Population, resample: str, clusters: Ints | None
) -> Callable[[Words], Floats]:
    """Return what computes replicates of statistics of the same units, (B, K)."""
    if resample == "people":
        draw = resampled(pop)

        def again(states: Words) -> Floats:
            tables = draw(states)
            stacks: dict[Around, Any] = {}
            found = []
            for one in statistics:
                if one.around not in stacks:
                    stacks[one.around] = one.around.stack(tables)
                found.append(one.on_stack(stacks[one.around]))
            return np.column_stack(found)

        return again
    units = units_again(pop, clusters)

    def drawn(states: Words) -> Floats:
        rows, starts = units(states)
        return np.column_stack([one.on_rows(rows, starts) for one in statistics])

    return drawn


def _band(
    profile: Profile,
    resample: str,
    clusters: Hashable | npt.ArrayLike | None,
    interval: str,
    replicates: int,
    level: float,
    rng: np.random.Generator | int | None,
    progress: Progress,
) -> Profile:
    """Return a profile with low and high at every scale, from the same replicates."""
    asked: Asked = profile.asked
    bound = [one for one in asked.bound if one.spec.level != "local"]
    if not bound:
        raise ParameterError("This profile has local indices only; a band is about indices that give one number.")
    alone = len(asked.bound) == 1
    statistics = []
    for size, nearby in populations_at(asked.pop, asked.scales, profile.scale, asked.shape):
        around = Around(nearby)
        here = [one for one in bound if has_row(one, size)]
        statistics += [Statistic(nearby, one, asked.group, asked.other, around=around, alone=alone) for one in here]
    if resample != "people":
        for one in statistics:
            one.check_rows()
    drawn = replicate(
        _work(statistics, asked.pop, resample, _clusters(asked.pop, resample, clusters)),
        replicates,
        rng,
        progress=progress,
        what="drawing replicates",
        chunk=max(1, CELLS // max(1, asked.pop.counts.size)),
    )
    values = profile.rows["value"].to_numpy()
    ends = np.array([interval_of(*pair, level, interval) for pair in zip(values, drawn.values.T, strict=True)])
    rows = profile.rows.drop(columns=["low", "high"], errors="ignore")
    at = list(rows.columns).index("value") + 1
    rows.insert(at, "low", ends[:, 0])
    rows.insert(at + 1, "high", ends[:, 1])
    about = {**profile.about, "interval": {"level": level, "resample": resample, "interval": interval}}
    return replace(profile, rows=rows, about=about, notes=profile.notes + drawn.notes)
