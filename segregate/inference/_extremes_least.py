"""The least value over all tables, with a proof: linear programs over shares, and tangents where terms are curved."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import scipy.sparse

from ._extremes import Cells, solve
from ._extremes_terms import TINY, Ratio

__all__ = ["End", "least_dissimilarity", "least_ratio"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

ROUNDS = 80
PART = 0.3
"""Part of its share of the gap below which a term gets no new tangent."""
ROWS = 60_000
"""Of a program, beyond which it takes too long: what is proven until then has to do."""
CLOSE = 2e-9
"""Gap between what was found and what is proven at which tangents are no longer added."""


class End(NamedTuple):
    """One end of the range: a table that comes near it, or None, and what no table passes."""

    table: Floats | None
    bound: float


class _Program:
    """A linear program in the shares of people, to which tangents are added.

    With v = (people of the open cells, terms of the open units, one term a column for all other units, sizes of the
    groups) divided by the scale T delta, and the reciprocal of that scale as the last variable, the program is least
    sum of terms, subject to tangents below each term and tangents above the scale.
    """

    def __init__(self, cells: Cells, ratio: Ratio) -> None:
        self.cells, self.ratio = cells, ratio
        people = cells.people if np.isfinite(cells.people) else float(cells.high.sum())  # no slope needs them then
        self.unit = people / len(cells.low)
        n, width = cells.low.shape
        self.columns = list(ratio.columns)
        self.at, self.matrix, self.sums = cells.sums
        self.rows = cells.rows
        self.closed = np.setdiff1d(np.arange(n), self.rows)
        place = np.full(n * width, -1, dtype=np.int64)
        place[self.at] = np.arange(len(self.at))
        self.place = place.reshape(n, width)
        self.n_terms = len(self.rows) * len(self.columns)
        self.first_term = len(self.at)
        self.first_rest = self.first_term + self.n_terms
        self.first_size = self.first_rest + len(self.columns)
        self.last = self.first_size + width
        self.fixed = np.where(cells.open, 0.0, cells.low) / self.unit
        self.totals = cells.totals / self.unit
        self.sizes = cells.sizes / self.unit
        self.entries: list[tuple[Ints, Ints, Floats]] = []
        self.right: list[Floats] = []
        self.n_rows = 0
        self._equal = self._equalities()
        self._within()

    def _add(self, rows: Ints, columns: Ints, values: Floats, right: Floats) -> None:
        """Add rows of A v <= b, numbered from 0."""
        self.entries.append((rows + self.n_rows, columns, values))
        self.right.append(right)
        self.n_rows += len(right)

    def _within(self) -> None:
        """Keep cells within their intervals."""
        k = np.arange(len(self.at))
        last = np.full(len(k), self.last)
        for sign, ends in ((1.0, self.cells.high), (-1.0, self.cells.low)):
            self._add(
                np.concatenate([k, k]),
                np.concatenate([k, last]),
                np.concatenate([np.full(len(k), sign), -sign * ends.ravel()[self.at] / self.unit]),
                np.zeros(len(k)),
            )

    def _equalities(self) -> tuple[scipy.sparse.csr_array, Floats]:
        """Keep known sums, and say what the sizes of the groups are."""
        width = len(self.sizes)
        known = scipy.sparse.hstack(
            [
                self.matrix,
                scipy.sparse.csr_array((len(self.sums), self.last - len(self.at))),
                scipy.sparse.csr_array(-self.sums[:, None] / self.unit),
            ]
        )
        group = self.at % width
        rows = np.concatenate([group, np.arange(width), np.arange(width)])
        columns = np.concatenate(
            [np.arange(len(self.at)), self.first_size + np.arange(width), np.full(width, self.last)]
        )
        values = np.concatenate([np.ones(len(self.at)), -np.ones(width), self.fixed.sum(axis=0)])
        sizes = scipy.sparse.csr_array((values, (rows, columns)), shape=(width, self.last + 1))
        both = scipy.sparse.csr_array(scipy.sparse.vstack([known, sizes]))
        return both, np.zeros(both.shape[0])

    def add_tangents(self, table: Floats, wanted: npt.NDArray[np.bool_] | None = None) -> None:
        """Add tangents at a table: below the terms of open units (or some of them), below the rest, above the scale."""
        slopes, shares = self.ratio.at(table)
        by_x, by_t, by_size, by_all = slopes
        self._add_scale(shares)
        whole = np.array(self.columns)
        people = float(len(self.cells.low))  # in units of the mean
        totals = self.fixed.sum(axis=1)
        # one row a column for the units that are known
        constant = (by_x[self.closed] * self.fixed[self.closed][:, whole]).sum(axis=0)
        constant = constant + (by_t[self.closed] * totals[self.closed][:, None]).sum(axis=0)
        constant = constant + by_all[self.closed].sum(axis=0) * people
        c = np.arange(len(whole))
        size = by_size[self.closed].sum(axis=0)
        self._add(
            np.tile(c, 3),
            np.concatenate([self.first_size + whole, np.full(len(whole), self.last), self.first_rest + c]),
            np.concatenate([size, constant, -np.ones(len(whole))]),
            np.zeros(len(whole)),
        )
        chosen = np.arange(self.n_terms) if wanted is None else np.flatnonzero(wanted.ravel())
        if len(chosen):
            self._add_terms(chosen, *(slope[self.rows] for slope in slopes))

    def _add_terms(self, chosen: Ints, by_x: Floats, by_t: Floats, by_size: Floats, by_all: Floats) -> None:
        row, c = np.divmod(chosen, len(self.columns))
        unit, group = self.rows[row], np.array(self.columns)[c]
        k = np.arange(len(chosen))
        slope = [part[row, c] for part in (by_x, by_t, by_size, by_all)]
        free = np.isnan(self.totals[unit])
        total = np.where(free, self.fixed[unit].sum(axis=1), self.totals[unit])
        constant = slope[0] * self.fixed[unit, group] + slope[1] * total + slope[3] * len(self.cells.low)
        rows = [k, k, k]
        columns = [np.full(len(k), self.last), self.first_size + group, self.first_term + chosen]
        values = [constant, slope[2], -np.ones(len(k))]
        own = self.place[unit, group]
        inside = own >= 0
        rows.append(k[inside])
        columns.append(own[inside])
        values.append(slope[0][inside])
        for m in range(self.place.shape[1]):
            other = self.place[unit, m]
            counted = free & (other >= 0)
            rows.append(k[counted])
            columns.append(other[counted])
            values.append(slope[1][counted])
        self._add(np.concatenate(rows), np.concatenate(columns), np.concatenate(values), np.zeros(len(k)))

    def _add_scale(self, shares: Floats) -> None:
        scale, steps = self.ratio.delta(shares)
        width = len(shares)
        n = float(len(self.cells.low))
        columns = np.concatenate([self.first_size + np.arange(width), [self.last]])
        values = -np.concatenate([steps, [(scale - float(shares @ steps)) * n]])
        self._add(np.zeros(width + 1, dtype=np.int64), columns, values, np.array([-n]))

    def solved(self) -> tuple[float, Floats, Floats]:
        """Return the least, its table, and the terms of the open units that the program believes in, per scale."""
        rows, columns, values = (np.concatenate(parts) for parts in zip(*self.entries, strict=True))
        below = scipy.sparse.csr_array((values, (rows, columns)), shape=(self.n_rows, self.last + 1))
        costs = np.zeros(self.last + 1)
        costs[self.first_term : self.first_size] = 1 / len(self.cells.low)
        low = np.zeros(self.last + 1)
        high = np.full(self.last + 1, np.inf)
        found = solve(costs, below=(below, np.concatenate(self.right)), equal=self._equal, low=low, high=high)
        scale = max(float(found.x[self.last]), TINY)
        table = self.cells.low.copy()
        table.flat[self.at] = found.x[: len(self.at)] / scale * self.unit
        terms = found.x[self.first_term : self.first_rest] / scale * self.unit
        return float(found.fun), self.cells.repaired(table), terms.reshape(len(self.rows), len(self.columns))


def least_ratio(cells: Cells, ratio: Ratio, start: Floats) -> End:
    """Return the least of a ratio where the people of all units, or of all groups, are known (or of any `anyway`).

    Tangents lie below convex terms and above a concave scale: the program is never above the index, and with
    more tangents it comes as near as one likes.

    Parameters
    ----------
    cells : Cells
        What is known.
    ratio : Ratio
        The index; its terms are not negative.
    start : ndarray of shape (n, M)
        Any table that is allowed.
    """
    program = _Program(cells, ratio)
    for table in (start, cells.best(np.ones_like(start)), cells.best(np.eye(start.shape[1])[0] - 0.5 + 0 * start)):
        if math.isfinite(ratio.value(table)):
            program.add_tangents(table)
    if ratio.linear:
        _add_both_sides(program, start)
    best, table = ratio.value(start), start
    bound = -math.inf
    for _ in range(ROUNDS):
        proven, found, terms = program.solved()
        bound = max(bound, proven)
        value = ratio.value(found)
        if value < best or not math.isfinite(best):
            best, table = value, found
        if not math.isfinite(value) or best - bound <= CLOSE or program.n_rows > ROWS:
            break
        shares = found.sum(axis=0) / found.sum()
        missing = ratio.terms(found, shares)[program.rows] - terms
        enough = PART * CLOSE * float(found.sum()) * ratio.delta(shares)[0] / max(missing.size, 1)
        program.add_tangents(found, missing > enough)
    return End(table, min(bound, best))


def _add_both_sides(program: _Program, table: Floats) -> None:
    """Add both slopes of every absolute value, which is all there is of it."""
    shares = table.sum(axis=0) / table.sum()
    totals = program.cells.totals[program.rows]
    if np.isnan(totals).any():
        totals = np.ones(len(program.rows))  # sizes are known then, and slopes do not depend on totals
    pi = np.broadcast_to(shares[program.columns], (len(totals), len(program.columns)))
    r = np.broadcast_to((totals / table.sum())[:, None], pi.shape)
    for p in (pi * 0 + 2.0, pi * 0 - 1.0):
        program._add_terms(np.arange(program.n_terms), *program.ratio.slopes(p, pi, r))


def least_dissimilarity(cells: Cells) -> End:
    r"""Return the least D of two groups, whatever the people of the units are.

    In shares u = x / X and v = y / Y, D is half the sum of :math:`|u_j - v_j|`; the intervals of the cells become
    :math:`l_j \alpha \le u_j \le h_j \alpha` with alpha = 1 / X one more variable, and the same for v: one linear
    program. Known totals of units are left out of it, so what it finds is proven, but its table need not have them.
    """
    n = len(cells.low)
    means = np.maximum(cells.high.sum(axis=0) / n, TINY)
    open_x, open_y = cells.open[:, 0], cells.open[:, 1]
    k_x, k_y = int(open_x.sum()), int(open_y.sum())
    place = [np.cumsum(open_x) - 1, k_x + np.cumsum(open_y) - 1]
    alpha = (k_x + k_y, k_x + k_y + 1)
    term = k_x + k_y + 2
    width = term + n
    rows: list[Ints] = []
    columns: list[Ints] = []
    values: list[Floats] = []

    def share(m: int, sign: float, first: int) -> None:
        """Add sign times the share of a group, in every row from `first` on."""
        is_open = cells.open[:, m]
        rows.append(first + np.arange(n))
        columns.append(np.where(is_open, place[m], alpha[m]))
        values.append(np.where(is_open, sign, sign * cells.low[:, m] / means[m]))

    for half, sign in enumerate((1.0, -1.0)):
        share(0, sign, half * n)
        share(1, -sign, half * n)
        rows.append(half * n + np.arange(n))
        columns.append(term + np.arange(n))
        values.append(-np.ones(n))
    at = 2 * n
    for m in (0, 1):
        unit = np.flatnonzero(cells.open[:, m])
        for sign, ends in ((1.0, cells.high), (-1.0, cells.low)):
            here = at + np.arange(len(unit))
            rows += [here, here]
            columns += [place[m][unit], np.full(len(unit), alpha[m])]
            values += [np.full(len(unit), sign), -sign * ends[unit, m] / means[m]]
            at += len(unit)
    below = scipy.sparse.csr_array(
        (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=(at, width)
    )
    whole = np.zeros((2, width))
    low, high = np.zeros(width), np.full(width, np.inf)
    for m in (0, 1):
        is_open = cells.open[:, m]
        whole[m, place[m][is_open]] = 1.0
        whole[m, alpha[m]] = cells.low[~is_open, m].sum() / means[m]
        if np.isfinite(cells.sizes[m]):
            low[alpha[m]] = high[alpha[m]] = n * means[m] / cells.sizes[m]
    costs = np.zeros(width)
    costs[term:] = 0.5 / n
    found = solve(
        costs,
        below=(below, np.zeros(at)),
        equal=(scipy.sparse.csr_array(whole), np.full(2, float(n))),
        low=low,
        high=high,
    )
    table = cells.low.copy()
    for m in (0, 1):
        unit = np.flatnonzero(cells.open[:, m])
        table[unit, m] = found.x[place[m][unit]] / max(float(found.x[alpha[m]]), TINY) * means[m]
    slack = 1e-9 * np.maximum(cells.high, 1.0)
    table = np.where(table <= cells.low + slack, cells.low, np.where(table >= cells.high - slack, cells.high, table))
    return End(table, max(float(found.fun), 0.0))
