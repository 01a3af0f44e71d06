"""All tables that intervals of cells allow: what is known of them, and the table that a linear target likes best."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.optimize
import scipy.sparse

from ..errors import DataError, first_of, have

__all__ = ["Cells", "cells_of", "solve", "split_totals"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

ROUNDING = 1e-9
"""Share of a sum of people that is rounding, not a contradiction."""
SWEEPS = 100
MOST_OPEN = 6
MANY = 3000
"""Rows from which on the interior-point solver is the faster one."""
SOLVER = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}


@dataclass(frozen=True, eq=False)
class Cells:
    """What is known of a table.

    Attributes
    ----------
    low, high : ndarray of shape (n, M)
        Least and most people of each cell.
    totals : ndarray of shape (n,)
        People of each unit, NaN where they are not known.
    sizes : ndarray of shape (M,)
        People of each group, NaN where they are not known.
    """

    low: Floats
    high: Floats
    totals: Floats
    sizes: Floats

    @cached_property
    def open(self) -> Bools:
        """Cells that are not known."""
        return self.high > self.low

    @cached_property
    def rows(self) -> Ints:
        """Units with a cell that is not known."""
        return np.flatnonzero(self.open.any(axis=1))

    @property
    def totals_known(self) -> bool:
        """Whether the people of every unit are known."""
        return bool(np.isfinite(self.totals).all())

    @property
    def sizes_known(self) -> bool:
        """Whether the people of every group are known."""
        return bool(np.isfinite(self.sizes).all())

    @property
    def people(self) -> float:
        """People of all groups, NaN where they are not known."""
        return float(self.totals.sum()) if self.totals_known else float(self.sizes.sum())

    def columns(self, group: int) -> Cells:
        """Return a group and everybody else."""
        others = [m for m in range(self.low.shape[1]) if m != group]
        low = np.column_stack([self.low[:, group], self.low[:, others].sum(axis=1)])
        high = np.column_stack([self.high[:, group], self.high[:, others].sum(axis=1)])
        return cells_of(low, high, self.totals, np.array([self.sizes[group], self.sizes[others].sum()]))

    def holds(self, table: Floats) -> bool:
        """Say whether a table is one of those allowed, but for rounding."""
        near = ROUNDING * (1 + float(self.high.sum()))
        if (table < self.low - near).any() or (table > self.high + near).any():
            return False
        apart = np.concatenate([table.sum(axis=1) - self.totals, table.sum(axis=0) - self.sizes])
        return not (np.abs(apart) > near).any()

    def repaired(self, table: Floats) -> Floats:
        """Return a table of a solver put back into the intervals and to the totals, from which rounding took it."""
        slack = ROUNDING * np.maximum(self.high, 1.0)
        table = np.where(table <= self.low + slack, self.low, np.where(table >= self.high - slack, self.high, table))
        for _ in range(2):
            missing = np.where(np.isfinite(self.totals), self.totals - table.sum(axis=1), 0.0)
            room = np.where(missing[:, None] > 0, self.high - table, table - self.low)
            most = room.argmax(axis=1)
            step = np.sign(missing) * np.minimum(np.abs(missing), room[np.arange(len(table)), most])
            table[np.arange(len(table)), most] += step
        return np.clip(table, self.low, self.high)

    def best(self, weights: Floats) -> Floats:
        """Return the table with the largest sum of weights times people.

        Parameters
        ----------
        weights : ndarray of shape (n, M)
            Worth of a person in each cell.
        """
        if not self.sizes_free:
            return self._best_of_solver(weights)
        order = np.argsort(-weights, axis=1, kind="stable")
        room = np.take_along_axis(self.high - self.low, order, axis=1)
        left = self.totals - self.low.sum(axis=1)
        before = np.cumsum(room, axis=1) - room
        filled = np.clip(left[:, None] - before, 0, room)
        wanted = np.where(np.take_along_axis(weights, order, axis=1) > 0, room, 0.0)
        added = np.where(np.isfinite(self.totals)[:, None], filled, wanted)
        table = self.low.copy()
        np.put_along_axis(table, order, np.take_along_axis(table, order, axis=1) + added, axis=1)
        return np.minimum(table, self.high)

    def _best_of_solver(self, weights: Floats) -> Floats:
        at, matrix, sums = self.sums
        found = solve(-weights.ravel()[at], equal=(matrix, sums), low=self.low.ravel()[at], high=self.high.ravel()[at])
        table = self.low.copy()
        table.flat[at] = found.x
        return self.repaired(table)

    @cached_property
    def sums(self) -> tuple[Ints, scipy.sparse.csr_array, Floats]:
        """The open cells (flat positions), and the sums of them that are known: matrix (S, K) and values (S,)."""
        n, width = self.low.shape
        at = np.flatnonzero(self.open.ravel())
        unit, group = np.divmod(at, width)
        by_unit = scipy.sparse.csr_array((np.ones(len(at)), (unit, np.arange(len(at)))), shape=(n, len(at)))
        by_group = scipy.sparse.csr_array((np.ones(len(at)), (group, np.arange(len(at)))), shape=(width, len(at)))
        fixed = np.where(self.open, 0.0, self.low)
        units = np.flatnonzero(np.isfinite(self.totals) & self.open.any(axis=1))
        groups = np.flatnonzero(np.isfinite(self.sizes) & self.open.any(axis=0))
        matrix = scipy.sparse.csr_array(scipy.sparse.vstack([by_unit[units], by_group[groups]]))
        sums = [(self.totals - fixed.sum(axis=1))[units], (self.sizes - fixed.sum(axis=0))[groups]]
        return at, matrix, np.concatenate(sums)

    @property
    def sizes_free(self) -> bool:
        """Whether no sum over units binds the cells that are not known."""
        return not np.isfinite(self.sizes[self.open.any(axis=0)]).any()

    @property
    def few_open(self) -> bool:
        """Whether no unit has so many open cells that its corners are too many to list."""
        return int(self.open.sum(axis=1).max(initial=0)) <= MOST_OPEN

    @cached_property
    def corners_of_units(self) -> list[list[tuple[float, ...]]]:
        """The corners of the cells of each open unit, the sizes of groups left aside."""
        return [self._corners_of(j) for j in self.rows]

    def corners(self, most: int) -> Iterator[Floats] | None:
        """Yield all corners of the set of tables; None if there are more than so many, or sizes are known."""
        if not (self.sizes_free and self.few_open) or len(self.rows) > np.log2(most):
            return None
        listed = self.corners_of_units
        return None if np.prod([float(len(rows)) for rows in listed]) > most else self._product(listed)

    def _product(self, listed: list[list[tuple[float, ...]]]) -> Iterator[Floats]:
        for rows in itertools.product(*listed):
            table = self.low.copy()
            if rows:
                table[self.rows] = rows
            yield table

    def _corners_of(self, j: int) -> list[tuple[float, ...]]:
        """Return the corners of the cells of a unit."""
        low, high, total = self.low[j], self.high[j], self.totals[j]
        cells = np.flatnonzero(self.open[j])
        found: dict[tuple[float, ...], None] = {}
        for last in cells if np.isfinite(total) else [-1]:
            for ends in itertools.product((0, 1), repeat=len(cells) - int(last >= 0)):
                row = low.copy()
                others = cells[cells != last]
                row[others] = np.where(np.array(ends, dtype=bool), high[others], low[others])
                if last >= 0:
                    row[last] = total - (row.sum() - row[last])
                    if not low[last] <= row[last] <= high[last]:
                        continue
                found[tuple(row.tolist())] = None
        return list(found)


def cells_of(low: Floats, high: Floats, totals: Floats, sizes: Floats, ids: pd.Index | None = None) -> Cells:
    """Return cells whose intervals are as narrow as the known sums make them.

    Parameters
    ----------
    low, high : ndarray of shape (n, M)
        Intervals.
    totals, sizes : ndarray of shape (n,) and (M,)
        Known sums of units and groups, NaN where they are not known.
    ids : Index, optional
        Labels of the units, for messages.

    Raises
    ------
    DataError
        Where no table has these sums.
    """
    low, high = low.copy(), high.copy()
    near = ROUNDING * (1 + float(high.sum()))
    beside = np.isfinite(totals) & ((low.sum(axis=1) > totals + near) | (high.sum(axis=1) < totals - near))
    if beside.any():
        labels = np.flatnonzero(beside) if ids is None else ids[beside]
        raise DataError(
            f"{have(int(beside.sum()), len(beside))} a number of people that the intervals of the groups cannot add up "
            f"to (first: {first_of(labels[:4])}); correct the intervals, or leave the totals free: totals='free'."
        )
    totals, sizes = totals.copy(), sizes.copy()
    for _ in range(SWEEPS):
        before = low.copy(), high.copy()
        _narrow(low, high, totals)
        _narrow(low.T, high.T, sizes)
        high[high - low <= 1e-12 * (1 + high)] = low[high - low <= 1e-12 * (1 + high)]
        if (before[0] == low).all() and (before[1] == high).all():
            break
    exact = low == high
    totals = np.where(exact.all(axis=1) & np.isnan(totals), low.sum(axis=1), totals)
    sizes = np.where(exact.all(axis=0) & np.isnan(sizes), low.sum(axis=0), sizes)
    for one, other in ((totals, sizes), (sizes, totals)):
        if np.isfinite(one).all() and np.isnan(other).sum() == 1:
            other[np.isnan(other)] = one.sum() - np.nansum(other)
    return Cells(low, high, totals, sizes)


def _narrow(low: Floats, high: Floats, known: Floats) -> None:
    """Narrow the intervals of rows whose sum is known, in place."""
    above = np.maximum(known - low.sum(axis=1), 0)[:, None]
    below = np.maximum(high.sum(axis=1) - known, 0)[:, None]
    stays = (low == high) | np.isnan(known)[:, None]
    most = np.where(stays, high, np.minimum(high, low + above))
    least = np.where(stays, low, np.maximum(low, high - below))
    low[:] = np.minimum(least, most)
    high[:] = most


def split_totals(cells: Cells) -> Cells:
    """Return the same cells without any known sum, the intervals as narrow as these made them."""
    return Cells(cells.low, cells.high, np.full(len(cells.totals), np.nan), np.full(len(cells.sizes), np.nan))


def solve(
    costs: Floats,
    *,
    below: tuple[Any, Floats] | None = None,
    equal: tuple[Any, Floats] | None = None,
    low: Floats,
    high: Floats,
) -> Any:
    """Return the least of a linear program: ``below`` is (A, b) of A v <= b, ``equal`` that of A v = b."""
    bounds = np.column_stack([low, high])
    parts: dict[str, Any] = {"A_ub": None, "b_ub": None, "A_eq": None, "b_eq": None}
    if below is not None:
        parts["A_ub"], parts["b_ub"] = below
    if equal is not None and len(equal[1]):
        parts["A_eq"], parts["b_eq"] = equal
    many = below is not None and len(below[1]) > MANY
    for method in ("highs-ipm", "highs-ds") if many else ("highs-ds", "highs-ipm"):
        found = scipy.optimize.linprog(costs, bounds=bounds, method=method, options=SOLVER, **parts)
        if found.status == 0:
            return found
    raise DataError(f"The linear program over the intervals was not solved: {found.message}")
