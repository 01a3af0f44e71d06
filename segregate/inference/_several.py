"""The same index on several populations, each drawn again from streams of its own."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from .._progress import Progress
from .._regions import warn_about
from .._segments import Evaluation, frozen
from ..environment import Environment, Flows
from ..errors import DataError, ParameterError, first_of, plural
from ..population import Population
from ..registry import IndexLike
from ._draws import resampled, units_again
from ._replicates import Drawn, replicate
from ._statistic import CELLS, Statistic

__all__ = ["RESAMPLES", "draw_again", "evaluation_of", "filled", "matched", "notes_on", "own_streams"]

Floats = npt.NDArray[np.float64]
Words = npt.NDArray[np.uint64]
RESAMPLES = ("people", "units")
FEWEST_UNITS = 2
ROUND = 64
"""Replicates of all populations, at the least, that are drawn before anybody can stop."""


def matched(
    pops: Mapping[Hashable, Population], index: IndexLike, group: str | None, other: str | None
) -> list[Statistic]:
    """Return an index on populations that can be compared: of the same groups, in the same environment.

    Parameters
    ----------
    pops : mapping of name to Population
        Groups in another order are put into that of the first.
    index, group, other
        As in `Statistic`.
    """
    for name, pop in pops.items():
        if not isinstance(pop, Population):
            raise ParameterError(f"{name!r} is not a Population but {type(pop).__name__}.")
    model = next(iter(pops.values())).groups
    found = []
    for pop in pops.values():
        turned = pop.groups != model and sorted(pop.groups) == sorted(model)
        found.append(Statistic(pop.select(*model) if turned else pop, index, group, other))
    _check_alike(list(pops), found)
    return found


def _check_alike(names: Sequence[Hashable], found: Sequence[Statistic]) -> None:
    """Refuse populations of other groups or environments than the first."""
    groups = set(found[0].view.groups)
    others = [k for k, one in enumerate(found) if set(one.view.groups) != groups]
    if others:
        here = set(found[others[0]].view.groups)
        parts = [
            f"{word} {first_of(sorted(some))}"
            for word, some in (("without", groups - here), ("with", here - groups))
            if some
        ]
        raise ParameterError(
            f"{plural(len(others), 'population')} of {len(names):,} "
            f"{'has' if len(others) == 1 else 'have'} other groups than {names[0]!r} (first: {names[others[0]]!r}, "
            f"{' and '.join(parts)}). An index is compared for the same groups: choose them in every population, "
            "population.select(...) or merge, or name them by group= and other=."
        )
    first = _kind(found[0].pop.environment)
    others = [k for k, one in enumerate(found) if _kind(one.pop.environment) != first]
    if others:
        raise ParameterError(
            f"{plural(len(others), 'population')} of {len(names):,} "
            f"{'has' if len(others) == 1 else 'have'} another environment than {names[0]!r} ({first}; first: "
            f"{names[others[0]]!r}, {_kind(found[others[0]].pop.environment)}). Take all within the same: "
            "population.within(environment), or population.home()."
        )


def _kind(environment: Environment) -> str:
    """Describe an environment by what can be the same in two cities: flows lead to as many places as there are."""
    return "flows" if isinstance(environment, Flows) else str(environment)


def own_streams(states: Words, name: Hashable) -> Words:
    """Return the seeds of a population's own streams, one for each replicate.

    They depend on the replicate and on the name, so that neither other populations nor their order matter.

    Parameters
    ----------
    states : ndarray of shape (B, 4)
        Seeds of the replicates.
    name : Hashable
        The population.
    """
    text = str(name).encode()
    key = np.random.SeedSequence([len(text), *text]).generate_state(4, np.uint64)
    mixed = states ^ key
    for by, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):  # of SplitMix64 (Steele and others 2014)
        mixed = (mixed ^ (mixed >> np.uint64(by))) * np.array([factor], dtype=np.uint64)
    return frozen(mixed ^ (mixed >> np.uint64(31)), np.uint64)  # type: ignore[no-any-return]


def draw_again(
    statistics: Mapping[Hashable, Statistic],
    resample: str,
    replicates: int,
    rng: np.random.Generator | int | None,
    progress: Progress,
) -> Drawn:
    """Draw people or units of every population again, replicate by replicate.

    Parameters
    ----------
    statistics : mapping of name to Statistic
        S of them.
    resample : {"people", "units"}
        What is drawn, with replacement.
    replicates, rng, progress
        As in `segregate.inference._replicates.replicate`.

    Returns
    -------
    Drawn
        Values of shape (R, S).
    """
    if resample == "units":
        _check_units(statistics)
    draws = [(name, one, _draw(one, resample)) for name, one in statistics.items()]

    def work(states: Words) -> Floats:
        found = np.empty((len(states), len(draws)))
        for column, (name, one, draw) in enumerate(draws):
            own = own_streams(states, name)
            for first in range(0, len(own), one.chunk):
                part = slice(first, first + one.chunk)
                found[part, column] = draw(own[part])
        return found

    cells = sum(one.pop.counts.size for one in statistics.values())
    chunk = max(ROUND, CELLS // max(1, cells))
    if not draws:
        return Drawn(np.empty((0, 0)), ())
    drawn = replicate(work, replicates, rng, progress=progress, what=f"{draws[0][1].spec.name} again", chunk=chunk)
    return Drawn(drawn.values.reshape(-1, len(draws)), drawn.notes)


def filled(values: Floats) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Put defined replicates of a population, in their order, again in the place of undefined ones.

    Populations are drawn by themselves, so that any replicate of one may stand beside any of another.

    Parameters
    ----------
    values : ndarray of shape (R, S)
        NaN where undefined.

    Returns
    -------
    filled : ndarray of shape (R, S)
        NaN in all rows of a population with fewer than two defined replicates.
    undefined : ndarray of shape (S,)
        Number of undefined replicates.
    """
    known = np.isfinite(values)
    undefined = (~known).sum(axis=0)
    full = values.copy()
    for column in np.flatnonzero(undefined):
        kept = values[known[:, column], column]
        if len(kept) > 1:
            full[~known[:, column], column] = np.resize(kept, undefined[column])
        else:
            full[:, column] = np.nan
    return full, undefined


def _draw(one: Statistic, resample: str) -> Callable[[Words], Floats]:
    if resample == "people":
        tables = resampled(one.pop)
        return lambda states: one.on(tables(states))
    units = units_again(one.pop)
    return lambda states: one.on_rows(*units(states))


def _check_units(statistics: Mapping[Hashable, Statistic]) -> None:
    few = [name for name, one in statistics.items() if int((one.pop.totals > 0).sum()) < FEWEST_UNITS]
    if few:
        raise DataError(
            f"{plural(len(few), 'population')} of {len(statistics):,} {'has' if len(few) == 1 else 'have'} fewer than "
            f"{FEWEST_UNITS} units with people (first: {first_of(few)}), which cannot be drawn again; draw people: "
            "resample='people'."
        )


def notes_on(statistics: Mapping[Hashable, Statistic], resample: str) -> list[str]:
    """Say where people cannot be drawn one by one."""
    parts = [name for name, one in statistics.items() if one.pop.size != np.rint(one.pop.size)]
    if resample != "people" or not parts:
        return []
    return [
        f"{plural(len(parts), 'population')} of {len(statistics):,} (first: {first_of(parts)}) "
        f"{'has' if len(parts) == 1 else 'have'} no whole number of people; replicates draw the nearest whole number"
    ]


def evaluation_of(statistics: Mapping[Hashable, Statistic]) -> Evaluation:
    """Return the values that were measured, with status and messages, and warn of those that say something."""
    found = [one.observed for one in statistics.values()]
    together = Evaluation(
        np.array([float(one.values[0]) for one in found]),
        None,
        np.array([one.status[0] for one in found], dtype=object),
        np.array([str(one.messages[0]) for one in found], dtype=object),
    )
    warn_about(together, pd.Index(list(statistics), dtype=object))
    return together
