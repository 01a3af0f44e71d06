"""Before and after: an area in which a city invested, against areas in which it did not."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import cKDTree

from .._arrays import sealed
from .._checks import check_choice, check_level
from .._measure import local
from .._regions import by_unit
from ..errors import DataError, ParameterError, UnknownNameError, first_of, nearest, plural
from ..indices import resolve
from ..inference._replicates import check_replicates, interval_of, p_value
from ..population import Population
from ..registry import IndexLike
from ..results import Result

__all__ = ["BeforeAfter", "before_after"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
ALIKE = ("neighbourhood", "size", "any")
NEAREST = 3
"""From so many comparison units for each unit of the area placebos of like size are drawn."""


class _Units(NamedTuple):
    """Local values and people of all units, before and after, in the order of their ids."""

    before: Floats
    after: Floats
    people_before: Floats
    people_after: Floats

    def means(self, rows: Ints) -> tuple[float, float]:
        """Return the people-weighted means of some units."""
        return (
            _mean(self.before[rows], self.people_before[rows]),
            _mean(self.after[rows], self.people_after[rows]),
        )

    def difference(self, area: Ints, comparison: Ints) -> float:
        """Return the change in an area less that in the comparison."""
        here, there = self.means(area), self.means(comparison)
        return (here[1] - here[0]) - (there[1] - there[0])


@dataclass(frozen=True, eq=False, repr=False)
class BeforeAfter(Result):
    """A difference in differences of a local index.

    Attributes
    ----------
    value : float
        Change of the area less change of the comparison.
    low, high : float
        Ends of its interval; NaN where the area, or the comparison, is one unit.
    p_value : float
        Of the placebo test, both sides.
    placebos : ndarray of shape (n,)
        The same difference for sets of comparison units in which nothing was done.
    rows : DataFrame
        `table`.
    units : DataFrame
        Local value before and after, change and place ("area", "comparison") of every unit that is used.
    level : float
        Confidence of the intervals.
    alike : str
        How placebos were chosen.
    about : mapping
        index, title, group, environment and params.
    """

    value: float
    low: float
    high: float
    p_value: float
    placebos: Floats
    rows: pd.DataFrame
    units: pd.DataFrame
    level: float
    alike: str
    about: dict[str, Any]
    notes: tuple[str, ...] = field(default=())
    picture: ClassVar[str] = "draw_before_after"

    @property
    def table(self) -> pd.DataFrame:
        """A row for the area, one for the comparison, one for the difference.

        Returns
        -------
        DataFrame
            place ("area", "comparison", "difference"), units, people_before, people_after, before, after (means of the
            local values over people), change, low and high (of the change), and p_value (of the difference).
        """
        return self.rows.copy()

    def _headline(self) -> str:
        group = f" of {self.about['group']}" if self.about["group"] else ""
        return (
            f"{self.about['title']}{group}: area {self.rows['change'].iloc[0]:+.4g}, comparison "
            f"{self.rows['change'].iloc[1]:+.4g}; difference {self.value:+.4g}, {100 * self.level:g} % interval "
            f"{self.low:.4g} to {self.high:.4g}; placebo test p = {self.p_value:.3g} "
            f"({plural(len(self.placebos), 'set')})"
        )


def before_after(
    before: Population,
    after: Population,
    *,
    area: Any,
    comparison: Any = None,
    index: IndexLike = "divergence",
    group: str | None = None,
    alike: str = "neighbourhood",
    placebos: int = 999,
    replicates: int = 999,
    level: float = 0.95,
    rng: np.random.Generator | int | None = None,
) -> BeforeAfter:
    r"""Compare how an area changed with how others did: a difference in differences, with a placebo test.

    .. math:: (\bar x_{A, after} - \bar x_{A, before}) - (\bar x_{C, after} - \bar x_{C, before})

    with :math:`\bar x` the mean of a local index over the people of the area A, and of the comparison units C.

    Parameters
    ----------
    before, after : Population
        The same units, matched by their ids; each is measured in its own environment.
    area : list of ids, mask or column name
        Units in which something was done: ids, an array of true and false for the units of `before`, or a column of
        these in its attributes.
    comparison : optional
        Units to compare with, given in the same way; by default all others.
    index : index, optional
        A local index (`segregate.local`), such as divergence or share.
    group : str, optional
        The group that it is about.
    alike : {"neighbourhood", "size", "any"}, optional
        Of which sets the placebo test is made, each of as many comparison units as the area has: neighbours (a unit
        and those nearest to it; each set once, if there are fewer than `placebos`), units with about as many people
        (for each unit of the area one of the three nearest in people), or any.
    placebos : int, optional
        How many sets.
    replicates : int, optional
        How often units are drawn again, for the interval.
    level : float, optional
        Confidence of the intervals.
    rng : Generator, int or None, optional
        Source of randomness; the order of the rows changes nothing.

    Returns
    -------
    BeforeAfter
        `.table`, `.value`, `.low`, `.high`, `.p_value`, `.placebos`, `.units`, `.plot()`.

    Raises
    ------
    ParameterError
        For areas that overlap or hold nobody, and for too few comparison units.
    UnknownNameError
        For units that are not there.

    Notes
    -----
    Each placebo set is set against the comparison units that are not in it. The p-value is (b + 1) / (n + 1), with b
    sets of n whose difference is as far from 0 as that of the area. Intervals are percentiles of means over units drawn
    with replacement, those of the area and of the comparison apart; with few units they are rough.

    A difference in differences is the effect of what was done only if the area would have changed as the others did;
    areas are chosen for reasons, and these say where this is doubtful. People who move are part of it: a mean that
    falls may be of other people. The index compares units with the city of each year, which the area is part of.

    References
    ----------
    Angrist and Pischke (2009), Mostly harmless econometrics, chapter 5; Abadie, Diamond and Hainmueller (2010),
    doi:10.1198/jasa.2009.ap08746, for tests by placebos; Conley and Taber (2011), doi:10.1162/REST_a_00049.

    Examples
    --------
    >>> import segregate as sg
    >>> then = sg.sample("schools")
    >>> now = sg.what_if(then, move=[{"from": "010005", "to": "010001", "hispanic": 90}], indices="H").after
    >>> found = sg.before_after(
    ...     then, now, area=["010005"], index="share", group="hispanic", alike="any", placebos=99, rng=1)
    >>> found.value < 0
    True
    """
    for word, pop in (("before", before), ("after", after)):
        if not isinstance(pop, Population):
            raise ParameterError(f"{word} is a Population, not {type(pop).__name__}.")
    check_choice("alike", alike, ALIKE)
    level, replicates, placebos = check_level(level), check_replicates(replicates), check_replicates(placebos)
    inside = _chosen(before, area, "area")
    others = ~inside if comparison is None else _chosen(before, comparison, "comparison")
    if (inside & others).any():
        raise ParameterError(
            f"{plural(int((inside & others).sum()), 'unit')} in both area and comparison (first: "
            f"{first_of(before.ids[inside & others])}); a unit is in one of them."
        )
    units, order, notes = _matched(before, after, inside | others, index, group)
    here, there = np.flatnonzero(inside[order]), np.flatnonzero(others[order])
    for rows, word in ((here, "area"), (there, "comparison")):
        if not len(rows):
            raise ParameterError(f"The {word} has no unit with people and a value in both years.")
    if len(there) < len(here) + 1:
        raise ParameterError(
            f"There {'is' if len(there) == 1 else 'are'} {plural(len(there), 'comparison unit')} for an area of "
            f"{len(here):,}; a placebo set and what it is compared with need at least one more than the area."
        )
    source = np.random.default_rng(rng)
    value = units.difference(here, there)
    sets, said = _sets(alike, placebos, before, order, here, there, units, source)
    fake = np.array([units.difference(one, _without(there, one, len(order))) for one in sets])
    ends = _intervals(units, here, there, replicates, level, source)
    found = _rows(units, here, there, value, ends)
    p = p_value(abs(value), np.abs(fake), "greater")
    found["p_value"] = [np.nan, np.nan, p]
    bound = resolve(index)
    about = {"index": bound.spec.name, "title": bound.spec.title, "group": group or ""}
    about |= {"environment": str(before.environment), "params": bound.params}
    place = np.where(inside[order], "area", "comparison")
    table = pd.DataFrame({"place": place, "before": units.before, "after": units.after}, index=before.ids[order])
    table["change"] = table["after"] - table["before"]
    return BeforeAfter(
        value, *ends[2], p, sealed(fake), found, table, level, alike, about, (*notes, *said, *_few(here, there))
    )


def _mean(values: Floats, people: Floats) -> float:
    whole = people.sum()
    return float((values * people).sum() / whole) if whole > 0 else float("nan")


def _chosen(pop: Population, given: Any, what: str) -> npt.NDArray[np.bool_]:
    """Return which units are meant."""
    if isinstance(given, str) and given in pop.attributes.columns:
        given = pop.attributes[given]
    elif isinstance(given, Hashable) and not isinstance(given, tuple) and given in pop.ids:
        given = [given]
    values = np.asarray(by_unit(given, pop.ids, f"{what}=") if isinstance(given, pd.Series) else _listed(given, what))
    if values.dtype == bool or (values.dtype == object and all(isinstance(one, (bool, np.bool_)) for one in values)):
        if values.shape != (pop.n_units,):
            raise ParameterError(f"{what}= holds {len(values):,} values of true or false for {pop.n_units:,} units.")
        return values.astype(bool)
    unknown = [one for one in values.tolist() if one not in pop.ids]
    if unknown:
        raise UnknownNameError(
            f"{what}= names {plural(len(unknown), 'unit')} that {'is' if len(unknown) == 1 else 'are'} not there "
            f"(first: {first_of(unknown)}). {nearest(str(unknown[0]), pop.ids)}"
        )
    return np.asarray(pop.ids.isin(values), dtype=bool)


def _listed(given: Any, what: str) -> Any:
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise UnknownNameError(f"{what}={given!r} is no unit and no column; give ids, a mask or a column name.")
    listed = list(given)
    return np.array(listed, dtype=bool if all(isinstance(one, (bool, np.bool_)) for one in listed) else object)


def _matched(
    before: Population, after: Population, used: npt.NDArray[np.bool_], index: IndexLike, group: str | None
) -> tuple[_Units, Ints, list[str]]:
    """Return values of the units that are used and have one in both years, and their rows, in the order of ids."""
    bound = resolve(index)
    if bound.spec.level == "global":
        raise ParameterError(f"{bound.spec.name} has no local values; take one that has, such as divergence or share.")
    values = []
    for pop in (before, after):
        table = local(pop, bound, group=group)
        column = pd.Series(table["value"].to_numpy(), index=pop.ids)
        if isinstance(column.dtype, pd.CategoricalDtype) or not pd.api.types.is_numeric_dtype(column.dtype):
            raise ParameterError(f"{bound.spec.name} gives kinds, not numbers; take divergence or share.")
        values.append(column)
    kept = used & before.ids.isin(after.ids)
    lost = int((used & ~kept).sum())
    notes = [f"{plural(lost, 'unit')} of before not there after, left out"] if lost else []
    place = after.ids.get_indexer(before.ids)
    then, now = values[0].to_numpy(dtype=float), values[1].to_numpy(dtype=float)[place]
    fine = kept & np.isfinite(then) & np.isfinite(now)
    empty = int((kept & ~fine).sum())
    if empty:
        notes.append(f"{plural(empty, 'unit')} without people or value in one of the years, left out")
    if not fine.any():
        raise DataError("No unit has people and a value in both years; are the ids the same?")
    rows = np.flatnonzero(fine)
    order = rows[np.argsort(before.ids[rows].astype(str).to_numpy(), kind="stable")]
    people = after.totals[place]
    return _Units(then[order], now[order], before.totals[order], people[order]), order, notes


def _sets(
    alike: str,
    many: int,
    pop: Population,
    order: Ints,
    here: Ints,
    there: Ints,
    units: _Units,
    rng: np.random.Generator,
) -> tuple[list[Ints], list[str]]:
    """Draw sets of comparison units, of as many units as the area."""
    size = len(here)
    if alike == "neighbourhood":
        found = {}
        for near in _neighbours(pop.points[order][there], size):
            rows = np.sort(there[near])
            found[rows.tobytes()] = rows
        every = list(found.values())
        if len(every) <= many:
            return every, [f"there are {plural(len(every), 'neighbourhood')} of {plural(size, 'comparison unit')}"]
        return [every[k] for k in rng.choice(len(every), many, replace=False)], []
    draws = rng.spawn(many)
    if alike == "any":
        return [np.sort(one.choice(there, size, replace=False)) for one in draws], []
    people = units.people_before
    gaps = np.abs(people[there][None, :] - people[here][:, None])
    return [_like(gaps, there, one) for one in draws], []


def _without(rows: Ints, some: Ints, n: int) -> Ints:
    """Return rows that are not among some."""
    left = np.ones(n, dtype=bool)
    left[some] = False
    return rows[left[rows]]


def _neighbours(points: Floats, size: int) -> Iterator[Ints]:
    """Yield each point with those nearest to it, `size` in all; of those equally near the first ones."""
    tree = cKDTree(points)
    reach = tree.query(points, k=[size])[0][:, 0]
    for k, around in enumerate(reach):
        near = np.sort(np.array(tree.query_ball_point(points[k], around * (1 + 1e-9)), dtype=np.int64))
        away = np.hypot(*(points[near] - points[k]).T)
        yield near[np.argsort(np.where(away <= around * (1 - 1e-9), away, around), kind="stable")[:size]]


def _like(gaps: Floats, there: Ints, rng: np.random.Generator) -> Ints:
    """Draw for each unit of the area, in random order, one of the comparison units nearest in people."""
    free = np.ones(len(there), dtype=bool)
    chosen = []
    for row in rng.permutation(len(gaps)):
        left = np.flatnonzero(free)
        near = left[np.argsort(gaps[row, left], kind="stable")[:NEAREST]]
        one = int(near[rng.integers(len(near))])
        free[one] = False
        chosen.append(there[one])
    return np.sort(np.array(chosen))


def _intervals(
    units: _Units, here: Ints, there: Ints, replicates: int, level: float, rng: np.random.Generator
) -> list[tuple[float, float]]:
    """Return intervals of the changes of area and comparison, and of their difference."""
    drawn = np.empty((replicates, 2))
    for k, one in enumerate(rng.spawn(replicates)):
        for column, rows in enumerate((here, there)):
            then, now = units.means(rows[one.integers(0, len(rows), len(rows))])
            drawn[k, column] = now - then
    nothing = (float("nan"), float("nan"))
    ends = []
    for column, rows in enumerate((here, there)):
        then, now = units.means(rows)
        ends.append(interval_of(now - then, drawn[:, column], level, "percentile") if len(rows) > 1 else nothing)
    apart = drawn[:, 0] - drawn[:, 1]
    both = min(len(here), len(there)) > 1
    ends.append(interval_of(units.difference(here, there), apart, level, "percentile") if both else nothing)
    return ends


def _rows(units: _Units, here: Ints, there: Ints, value: float, ends: list[tuple[float, float]]) -> pd.DataFrame:
    rows: list[list[Any]] = []
    for place, some, (low, high) in (("area", here, ends[0]), ("comparison", there, ends[1])):
        then, now = units.means(some)
        people = (float(units.people_before[some].sum()), float(units.people_after[some].sum()))
        rows.append([place, len(some), *people, then, now, now - then, low, high])
    first, second = rows
    added = [one + two for one, two in zip(first[1:4], second[1:4], strict=True)]
    rows.append(["difference", *added, first[4] - second[4], first[5] - second[5], value, *ends[2]])
    names = ["place", "units", "people_before", "people_after", "before", "after", "change", "low", "high"]
    return pd.DataFrame(rows, columns=names)


def _few(here: Ints, there: Ints) -> list[str]:
    """Say that one unit has no interval."""
    one = [word for word, rows in (("area", here), ("comparison", there)) if len(rows) == 1]
    return [f"no interval: the {' and the '.join(one)} is one unit"] if one else []
