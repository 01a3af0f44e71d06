"""Least and greatest value of an index over all tables, each by the method that proves most."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ._extremes import Cells, split_totals
from ._extremes_greatest import (
    bound_with_sizes,
    climbed,
    greatest_by_share,
    greatest_by_shares,
    greatest_gap,
    prefixes,
)
from ._extremes_least import End, least_dissimilarity, least_ratio
from ._extremes_search import Values, searched, starts_of, through_corners, values_of
from ._extremes_terms import Ratio, gini_slopes, ratio_of

__all__ = ["Asked", "Range", "range_of"]

Floats = npt.NDArray[np.float64]
D, G = "dissimilarity", "gini"
MEANS = {
    "dissimilarity": D,
    "relative_diversity": "correlation_ratio",
    "normalized_exposure": "correlation_ratio",
    "squared_coefficient_of_variation": "correlation_ratio",
}
"""Indices of many groups that are a weighted mean of an index of each group and everybody else."""
ROUGHLY = 1e-3
"""Gap that is small enough where a bound serves for another one that is no narrower."""
OF_SIZES = ("entropy", "simpson")
"""Indices that look at the sizes of the groups alone."""


class Asked(NamedTuple):
    """An index: its name, its parameters that are not the defaults, its groups, and the ends of its own range."""

    name: str
    params: Mapping[str, Any]
    group: int
    other: int
    floor: float
    ceiling: float


class Range(NamedTuple):
    """The tables with the least and the greatest value that were found, and what no table passes."""

    lowest: Floats
    highest: Floats
    low: float
    high: float


class _Problem(NamedTuple):
    """What least and greatest have in common."""

    cells: Cells
    name: str
    ratio: Ratio | None
    values: Values
    counts: Floats
    group: int
    floor: float
    ceiling: float

    @property
    def two(self) -> bool:
        """Whether there are two groups."""
        return bool(self.counts.shape[1] == 2)

    @property
    def gradient(self) -> Callable[[Floats], Floats] | None:
        """The slopes, where they are known."""
        if self.name == G:
            return gini_slopes
        return None if self.ratio is None else self.ratio.gradient


def range_of(cells: Cells, asked: Asked, values: Values, counts: Floats) -> Range:
    """Return the least and the greatest value of an index.

    Parameters
    ----------
    cells : Cells
        What is known.
    asked : Asked
        The index.
    values : callable
        The index of tables (B, n, M); NaN where it is undefined.
    counts : ndarray of shape (n, M)
        A table that is allowed, where the index has a value.
    """
    name, up, scaled = _base(asked, counts.shape[1])
    same = name == asked.name
    ratio = ratio_of(name, asked.params if same else {}, counts.shape[1], asked.group, cells.low.sum(axis=0))
    ends = (asked.floor, asked.ceiling) if same else (0.0, 1.0)
    if ratio is not None:
        ends = (0.0, ratio.ceiling)
        values = values_of(ratio)
    problem = _Problem(cells, name, ratio, values, counts, asked.group, *ends)
    least, greatest = _least(problem), _greatest(problem)
    first, last = (least, greatest) if up else (greatest, least)
    lowest, highest = (counts if end.table is None else end.table for end in (first, last))
    return Range(lowest, highest, scaled(first.bound), scaled(last.bound))


def _base(asked: Asked, n_groups: int) -> tuple[str, bool, Callable[[float], float]]:
    """Return the index of which one is a function, whether it rises with it, and the function."""
    if asked.name == "minmax":
        return D, True, lambda value: 2 * value / (1 + value)
    if asked.name == "exposure" and not asked.params.get("exact", False):
        if asked.group == asked.other:
            return "isolation", True, lambda value: value
        if n_groups == 2:
            return "isolation", False, lambda value: 1 - value
    return asked.name, True, lambda value: value


def _two(problem: _Problem, group: int) -> _Problem | None:
    """Return the index of a group and everybody else of which one is the mean; None where nobody can be of it."""
    cells = problem.cells.columns(group)
    if (cells.high.sum(axis=0) <= 0).any():
        return None
    counts = np.column_stack([problem.counts[:, group], np.delete(problem.counts, group, axis=1).sum(axis=1)])
    name = MEANS[problem.name]
    ratio = ratio_of(name, {}, 2, 0, cells.low.sum(axis=0))
    assert ratio is not None
    return _Problem(cells, name, ratio, values_of(ratio), counts, 0, 0.0, 1.0)


def _like(problem: _Problem, name: str) -> _Problem:
    ratio = ratio_of(name, {}, problem.counts.shape[1], 0, problem.cells.low.sum(axis=0))
    assert ratio is not None
    return _Problem(problem.cells, name, ratio, values_of(ratio), problem.counts, 0, 0.0, 1.0)


def _mean(problem: _Problem, bound: Callable[[_Problem], float], sign: int) -> float:
    """Return a bound for an index that is a weighted mean of those of each group and everybody else.

    The weights are proportional to pi (1 - pi) for D and R, to pi for P and to 1 - pi for C. Of all weights that the
    shares allow and that sum to 1 the worst are taken: as much as may be on the parts with the worst bounds.
    """
    low, high = problem.cells.low.sum(axis=0), problem.cells.high.sum(axis=0)
    least, most, worth = [], [], []
    for group in range(len(low)):
        part = _two(problem, group)
        if part is None:
            continue
        ends = [_share(low, high, group), _share(high, low, group)]
        if problem.name == "normalized_exposure":
            weights = ends
        elif problem.name == "squared_coefficient_of_variation":
            weights = [1 - ends[1], 1 - ends[0]]
        else:
            middle = min(max(0.5, ends[0]), ends[1])
            weights = [min(p * (1 - p) for p in ends), middle * (1 - middle)]
        least.append(weights[0])
        most.append(weights[1])
        worth.append(sign * bound(part))
    one, other = np.array(least), np.array(most)
    whole_low = one / np.maximum(one + other.sum() - other, 1e-300)
    whole_high = other / np.maximum(other + one.sum() - one, 1e-300)
    left, total = 1 - whole_low.sum(), float(whole_low @ worth)
    for k in np.argsort(-np.array(worth), kind="stable"):
        step = min(max(left, 0.0), whole_high[k] - whole_low[k])
        total += step * worth[k]
        left -= step
    return sign * total


def _share(own: Floats, others: Floats, group: int) -> float:
    """Return the share of a group with the people of `own`, among other groups with those of `others`."""
    whole = float(own[group] + others.sum() - others[group])
    return float(own[group]) / whole if whole > 0 else 0.0


def _times(problem: _Problem) -> tuple[float, float] | None:
    """Return the least and the greatest of the factor that makes D of two groups KM or GS; None for other indices."""
    if problem.name not in ("karmel_maclachlan", "gorard"):
        return None
    low, high = problem.cells.low.sum(axis=0), problem.cells.high.sum(axis=0)
    own = problem.group
    ends = [_share(low, high, own), _share(high, low, own)]
    if problem.name == "gorard":
        return 1 - ends[1], 1 - ends[0]
    middle = min(max(0.5, ends[0]), ends[1])
    return 2 * min(p * (1 - p) for p in ends), 2 * middle * (1 - middle)


def _least(problem: _Problem) -> End:
    cells, name, counts, bound = problem.cells, problem.name, problem.counts, problem.floor
    known = cells.totals_known or cells.sizes_known
    if name in OF_SIZES and cells.sizes_known:
        return End(counts, float(problem.values(counts[None])[0]))
    if problem.ratio is not None and (known or problem.ratio.anyway):
        return least_ratio(cells, problem.ratio, counts)
    starts = starts_of(cells, counts)
    times = _times(problem)
    if name == D and problem.two:
        end = least_dissimilarity(cells)
        if end.table is not None and cells.holds(end.table):
            return end
        bound = max(bound, end.bound)
        starts += _with_totals(cells, end)
    elif name == D:
        bound = max(bound, _mean(problem, lambda part: least_dissimilarity(part.cells).bound, -1))
    elif times is not None:
        two = cells if problem.two else cells.columns(problem.group)
        bound = max(bound, times[0] * least_dissimilarity(two).bound)
    elif name == G:
        end = _least(_like(problem, D))
        bound = max(bound, end.bound)
        starts.append(_table(end, counts))
    if problem.ratio is None and known:
        starts.append(_table(least_ratio(cells, _ratio(problem, "relative_diversity"), counts), counts))
    return End(searched(cells, problem.values, starts, -1, problem.gradient), bound)


def _with_totals(cells: Cells, end: End) -> list[Floats]:
    """Return the table of an end with the known totals, which were left out when it was found."""
    if end.table is None or not cells.sizes_free:
        return []
    first = end.table[:, 0]
    rest = np.where(np.isfinite(cells.totals), cells.totals - first, end.table[:, 1])
    return [np.clip(np.column_stack([first, rest]), cells.low, cells.high)]


def _ratio(problem: _Problem, name: str) -> Ratio:
    found = _like(problem, name).ratio
    assert found is not None
    return found


def _greatest(problem: _Problem) -> End:
    cells, name, ratio, counts, bound = problem.cells, problem.name, problem.ratio, problem.counts, problem.ceiling
    if name in OF_SIZES and cells.sizes_known:
        return End(counts, float(problem.values(counts[None])[0]))
    in_corners = (ratio is not None or name == G) and cells.totals_known
    if in_corners or (name == D and problem.two and cells.sizes_free):
        corner = through_corners(cells, problem.values, defined=not (name == D and problem.two))
        if corner is not None:
            return End(corner, float(problem.values(corner[None])[0]))
    if ratio is not None and ratio.linear and cells.sizes_known:
        end = greatest_gap(cells, ratio)
        if end.table is not None:
            return end
        bound = min(bound, end.bound)
    starts = starts_of(cells, counts)
    if ratio is None:
        table = searched(cells, problem.values, starts, 1, problem.gradient)
        return End(table, _bound_of_gini(problem) if name == G else bound)
    if name == D and problem.two and cells.sizes_free:
        starts.append(_table(prefixes(cells), counts))
    if in_corners:
        table = _best([climbed(cells, ratio, start) for start in starts], ratio)
    else:
        table = searched(cells, problem.values, starts, 1, ratio.gradient)
    if problem.two and cells.totals_known:
        end = greatest_by_share(cells, ratio, ratio.value(table))
        return End(table if end.table is None else climbed(cells, ratio, end.table), min(bound, end.bound))
    return End(table, min(bound, _bound(problem, ratio, table)))


def _bound(problem: _Problem, ratio: Ratio, table: Floats) -> float:
    """Return what no table passes where groups are more than two or totals are not known."""
    cells = problem.cells
    if cells.sizes_known and cells.few_open:
        return bound_with_sizes(cells, ratio)
    if problem.name == D and problem.two:
        return greatest_by_shares(cells, ratio.value(table), table)
    times = _times(problem)
    if times is not None:
        two = cells if problem.two else cells.columns(problem.group)
        return times[1] * _bound_of_two(two)
    if problem.name in MEANS and not problem.two:
        if cells.totals_known:
            return _mean(problem, _bound_by_share, 1)
        if problem.name == D:
            return _mean(problem, lambda part: _bound_of_two(part.cells), 1)
    return problem.ceiling


def _bound_by_share(part: _Problem) -> float:
    assert part.ratio is not None
    return greatest_by_share(part.cells, part.ratio, 0.0).bound


def _bound_of_two(cells: Cells) -> float:
    """Return what D of two groups does not pass, known sums left aside."""
    cells = split_totals(cells)
    ratio = ratio_of(D, {}, 2, 0, cells.low.sum(axis=0))
    assert ratio is not None
    corner = through_corners(cells, values_of(ratio), defined=False)
    if corner is not None:
        return ratio.value(corner)
    free = prefixes(cells)
    return 1.0 if free.table is None else greatest_by_shares(cells, free.bound, free.table, ROUGHLY)


def _bound_of_gini(problem: _Problem) -> float:
    """Return what G does not pass: its curve lies above the two straight lines through the point where D is."""
    d = min(_greatest(_like(problem, D)).bound, 1.0)
    return min(problem.ceiling, 2 * d - d * d)


def _best(tables: list[Floats], ratio: Ratio) -> Floats:
    worth = [ratio.value(table) for table in tables]
    return tables[int(np.nan_to_num(worth, nan=-np.inf).argmax())]


def _table(end: End, other: Floats) -> Floats:
    return other if end.table is None else end.table
