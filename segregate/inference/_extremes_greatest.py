"""The greatest value over all tables: a corner that reaches it, and a bound that no table passes."""

from __future__ import annotations

import heapq
import itertools
import math

import numpy as np
import numpy.typing as npt
import scipy.optimize
import scipy.sparse

from ._extremes import Cells, solve
from ._extremes_least import End
from ._extremes_terms import TINY, Ratio

__all__ = ["bound_with_sizes", "climbed", "greatest_by_share", "greatest_by_shares", "greatest_gap", "prefixes"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

PIECES = 64
"""Intervals of the share of the first group at the start."""
SPLITS = 1500
"""How often an interval is cut in two."""
BOXES = 250
LOOK, SLOW = 30, 0.1
"""After so many rectangles at least this part of the gap has to be gone, or no more are cut."""
NODES = 2e6
"""Of the mixed-integer program, times its variables."""
TIMES = 1e4
"""By what its target is multiplied, as the solver stops at a gap of 1e-6."""
CLOSE = 1e-9
STEPS = 60


class _ByShare:
    """Two groups whose unit totals are known, in a city where the share P of the first is as given."""

    def __init__(self, cells: Cells, ratio: Ratio) -> None:
        self.cells, self.ratio = cells, ratio
        self.people = float(cells.totals.sum())
        self.is_open = cells.open[:, 0]
        t = cells.totals
        self.low = np.column_stack([cells.low[:, 0], t - cells.low[:, 0]])
        self.high = np.column_stack([cells.high[:, 0], t - cells.high[:, 0]])
        self.room = (cells.high - cells.low)[self.is_open, 0]
        self.least = float(cells.low[:, 0].sum())
        self.known: dict[float, tuple[Floats, Floats, float, float]] = {}

    def at(self, share: float) -> tuple[Floats, Floats, float, float]:
        """Return the terms of open units at both ends, the sum of all others, and the scale."""
        if share not in self.known:
            shares = np.array([share, 1 - share])
            low = self.ratio.terms(self.low, shares).sum(axis=1)
            high = self.ratio.terms(self.high, shares).sum(axis=1)
            scale = self.people * self.ratio.delta(shares)[0]
            self.known[share] = low[self.is_open], high[self.is_open], float(low[~self.is_open].sum()), scale
        return self.known[share]

    def order(self, share: float) -> tuple[Ints, Floats]:
        """Return the open units in the order in which a person more is worth most, and that worth."""
        low, high, _, _ = self.at(share)
        worth = (high - low) / self.room
        order = np.argsort(-worth, kind="stable")
        return order, worth[order]

    def price(self, share: float) -> float:
        """Return the worth of a person of the unit at which the share is reached: the multiplier that bounds best."""
        order, worth = self.order(share)
        filled = np.cumsum(self.room[order])
        k = int(np.searchsorted(filled, self.people * share - self.least))
        return float(worth[min(k, len(worth) - 1)]) if len(worth) else 0.0

    def bound(self, share: float, price: float) -> float:
        """Return what no table with this share passes, whatever the price."""
        low, high, rest, scale = self.at(share)
        if scale <= TINY * self.people:
            return math.inf
        most = np.maximum(low, high - price * self.room).sum()
        return float((most + rest + price * (self.people * share - self.least)) / scale)

    def table(self, share: float) -> Floats:
        """Return the table with this share that the order suggests; one cell lies within its interval."""
        order, _ = self.order(share)
        room = self.room[order]
        filled = np.clip(self.people * share - self.least - (np.cumsum(room) - room), 0, room)
        first = self.cells.low[:, 0].copy()
        at = np.flatnonzero(self.is_open)[order]
        first[at] = np.where(filled >= room, self.cells.high[at, 0], first[at] + filled)
        return np.column_stack([first, self.cells.totals - first])


def greatest_by_share(cells: Cells, ratio: Ratio, best: float) -> End:
    """Return what a ratio of two groups does not pass, where all unit totals are known.

    For a share P of the city and a price of a person, the constraint that people add up to T P is put into the target;
    what is left is the larger of two numbers in each unit. For a fixed price this bound is a convex function of P
    over a concave one, so between two values of P it is at most the larger of its values there. Intervals
    of P are cut in two where the bound is highest.

    Parameters
    ----------
    cells : Cells
        Two groups.
    ratio : Ratio
        The index.
    best : float
        The largest value known so far.

    Returns
    -------
    End
        The best table that was seen on the way (None if all are below `best`), and the bound.
    """
    by = _ByShare(cells, ratio)
    found: Floats | None = None

    def look(share: float) -> None:
        nonlocal best, found
        table = by.table(share)
        value = ratio.value(table)
        if value > best:
            best, found = value, table

    ends = float(cells.low[:, 0].sum()) / by.people, float(cells.high[:, 0].sum()) / by.people
    if np.isfinite(cells.sizes[0]):
        share = float(cells.sizes[0]) / by.people
        look(share)
        return End(found, min(by.bound(share, by.price(share)), ratio.ceiling))

    def of(first: float, second: float) -> float:
        prices = [by.price(share) for share in (first, (first + second) / 2, second)]
        worst = min(max(by.bound(first, price), by.bound(second, price)) for price in prices)
        return min(worst, ratio.ceiling)

    marks = np.linspace(*ends, PIECES + 1).tolist()
    heap = [(-of(a, b), a, b) for a, b in itertools.pairwise(marks)]
    for share in marks:
        look(share)
    heapq.heapify(heap)
    for _ in range(SPLITS):
        top, first, second = heap[0]
        if -top <= best + CLOSE or second - first <= TINY:
            break
        heapq.heappop(heap)
        middle = (first + second) / 2
        look(middle)
        for one in ((first, middle), (middle, second)):
            heapq.heappush(heap, (-of(*one), *one))
    return End(found, max(-heap[0][0], best))


def prefixes(cells: Cells) -> End:
    r"""Search the greatest D of two groups whose sizes are not known.

    D is the largest x(S) / X - y(S) / Y over sets S of units, and for a set it is largest with as many as possible of
    the first group and as few of the second inside, and the reverse outside: a corner. Sets are taken as the first
    units in an order, all of an order at once; the next order is that in which a unit is worth most in the set found.
    """
    (lx, ly), (hx, hy) = cells.low.T, cells.high.T
    with np.errstate(divide="ignore", invalid="ignore"):
        start = [(lx + hx) / (lx + hx + ly + hy), hx / (hx + ly), lx / (lx + hy)]
    worth = [np.nan_to_num(one, nan=0.0) for one in start]
    best, chosen = -math.inf, np.zeros(len(lx), dtype=bool)
    for first in worth:
        score = first
        for _ in range(STEPS):
            order = np.argsort(-score, kind="stable")
            inside_x, inside_y = np.cumsum(hx[order]), np.cumsum(ly[order])
            size_x = inside_x + lx.sum() - np.cumsum(lx[order])
            size_y = inside_y + hy.sum() - np.cumsum(hy[order])
            with np.errstate(divide="ignore", invalid="ignore"):
                values = inside_x / size_x - inside_y / size_y
            values[~np.isfinite(values)] = -math.inf
            k = int(values.argmax())
            if not values[k] > best + 1e-15:
                break
            best = float(values[k])
            chosen = np.zeros(len(lx), dtype=bool)
            chosen[order[: k + 1]] = True
            r, q = inside_x[k] / size_x[k], inside_y[k] / size_y[k]
            score = (hx - r * (hx - lx)) / size_x[k] - (ly + q * (hy - ly)) / size_y[k]
    table = np.where(chosen[:, None], np.column_stack([hx, ly]), np.column_stack([lx, hy]))
    return End(table, best)


def greatest_by_shares(cells: Cells, best: float, table: Floats, close: float = CLOSE) -> float:
    r"""Return what D of two groups does not pass, whatever the totals and sizes are.

    With alpha = 1 / X, beta = 1 / Y and prices in [0, 1] that put the constraints into the target, the bound is a sum
    over units of the larger of two linear functions of alpha and beta: in a rectangle it is largest in a corner.
    Rectangles are cut in two where the bound is highest.

    Parameters
    ----------
    cells : Cells
        Two groups.
    best : float
        The largest value known so far.
    table : ndarray of shape (n, 2)
        Its table.
    close : float
        Gap to `best` at which no more rectangles are cut.
    """
    low, high = cells.low.sum(axis=0), cells.high.sum(axis=0)
    if (low <= 0).any():
        return 1.0
    (lx, ly), (hx, hy) = cells.low.T, cells.high.T
    shares = table / table.sum(axis=0)
    inside = shares[:, 0] > shares[:, 1]
    start = np.array([shares[inside, 0].sum(), shares[inside, 1].sum()])

    def of(box: tuple[float, float, float, float], price: Floats) -> tuple[float, Floats]:
        a, b, c, d = box
        alpha, beta = np.array([[a], [a], [b], [b]]), np.array([[c], [d], [c], [d]])
        inside_x, inside_y, outside_x, outside_y = alpha * hx, beta * ly, alpha * lx, beta * hy

        def bound(one: Floats) -> float:
            p, q = np.clip(one, 0, 1)
            larger = np.maximum((1 - p) * inside_x - (1 - q) * inside_y, q * outside_y - p * outside_x)
            return float(p - q + larger.sum(axis=1).max())

        found = scipy.optimize.minimize(
            bound,
            price,
            method="Nelder-Mead",
            options={"xatol": 1e-10, "fatol": 1e-12, "maxiter": 80, "initial_simplex": price + 0.02 * SIMPLEX},
        )
        at_start = bound(price)
        return (float(found.fun), np.clip(found.x, 0, 1)) if found.fun < at_start else (at_start, price)

    whole = (1 / high[0], 1 / low[0], 1 / high[1], 1 / low[1])
    top, price = of(whole, start)
    heap: list[tuple[float, int, tuple[float, float, float, float], Floats]] = [(-top, 0, whole, price)]
    seen = math.inf
    for k in range(BOXES):
        top, _, box, price = heap[0]
        if -top <= best + close:
            break
        if k % LOOK == 0:
            if seen + top < SLOW * (-top - best):
                break
            seen = -top
        heapq.heappop(heap)
        a, b, c, d = box
        first, second = (a + b) / 2, (c + d) / 2
        cut = [(a, first, c, d), (first, b, c, d)] if b / a > d / c else [(a, b, c, second), (a, b, second, d)]
        for n, one in enumerate(cut):
            value, at = of(one, price)
            heapq.heappush(heap, (-value, 2 * k + n + 1, one, at))
    return min(max(-heap[0][0], best), 1.0)


SIMPLEX = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])


def greatest_gap(cells: Cells, ratio: Ratio) -> End:
    """Return the greatest value of an index of gaps |p - pi| where the sizes of all groups are known.

    A mixed-integer program: where an interval goes across pi, a choice of zero or one says on which side the cell is.
    """
    people = cells.people
    shares = cells.sizes / people
    at, matrix, sums = cells.sums
    n, width = cells.low.shape
    unit_scale = people / n
    place = np.full(n * width, -1, dtype=np.int64)
    place[at] = np.arange(len(at))
    place = place.reshape(n, width)
    rows, k_terms = cells.rows, len(cells.rows) * len(ratio.columns)
    unit = np.repeat(rows, len(ratio.columns))
    group = np.tile(np.array(ratio.columns), len(rows))
    # gap = x - pi t = sum of weights times open cells + constant
    free = np.isnan(cells.totals)[unit]
    fixed = np.where(cells.open, 0.0, cells.low)
    total = np.where(free, fixed.sum(axis=1)[unit], cells.totals[unit])
    constant = fixed[unit, group] - shares[group] * total
    k = np.arange(k_terms)
    parts = []
    least, most = constant.copy(), constant.copy()
    for m in range(width):
        own = place[unit, m]
        weight = np.where(group == m, 1.0, 0.0) - np.where(free, shares[group], 0.0)
        used = (own >= 0) & (weight != 0)
        parts.append((k[used], own[used], weight[used]))
        ends = np.column_stack([weight * cells.low[unit, m], weight * cells.high[unit, m]]) * used[:, None]
        least += ends.min(axis=1)
        most += ends.max(axis=1)
    r, c, v = (np.concatenate(one) for one in zip(*parts, strict=True))
    gaps = scipy.sparse.csr_array((v, (r, c)), shape=(k_terms, len(at)))
    # z <= gap + 2 max(-least, 0) (1 - b), z <= -gap + 2 max(most, 0) b
    eye = scipy.sparse.eye_array(k_terms, format="csr")
    under, over = 2 * np.maximum(-least, 0) / unit_scale, 2 * np.maximum(most, 0) / unit_scale
    above = scipy.sparse.hstack([-gaps, eye, scipy.sparse.diags_array(under)])
    below = scipy.sparse.hstack([gaps, eye, -scipy.sparse.diags_array(over)])
    limits = np.concatenate([constant / unit_scale + under, -constant / unit_scale])
    empty = scipy.sparse.csr_array((len(sums), 2 * k_terms))
    constraints = [
        scipy.optimize.LinearConstraint(scipy.sparse.vstack([above, below]), -np.inf, limits),
        scipy.optimize.LinearConstraint(scipy.sparse.hstack([matrix, empty]), sums / unit_scale, sums / unit_scale),
    ]
    side_low = np.where(least >= 0, 1.0, 0.0)
    side_high = np.where((most <= 0) & (least < 0), 0.0, 1.0)
    bounds = scipy.optimize.Bounds(
        np.concatenate([cells.low.ravel()[at] / unit_scale, np.zeros(k_terms), side_low]),
        np.concatenate([cells.high.ravel()[at] / unit_scale, np.full(k_terms, np.inf), side_high]),
    )
    costs = np.concatenate([np.zeros(len(at)), -np.full(k_terms, TIMES / n), np.zeros(k_terms)])
    whole = np.concatenate([np.zeros(len(at) + k_terms), np.ones(k_terms)])
    found = scipy.optimize.milp(
        costs,
        integrality=whole,
        bounds=bounds,
        constraints=constraints,
        options={"node_limit": int(NODES / len(costs)) + 10, "mip_rel_gap": CLOSE},
    )
    closed = np.setdiff1d(np.arange(n), rows)
    rest = float(ratio.terms(cells.low, shares)[closed].sum()) / people
    scale = ratio.delta(shares)[0]
    proven = getattr(found, "mip_dual_bound", None)
    bound = ratio.ceiling if proven is None else min((rest - float(proven) / TIMES) / scale, ratio.ceiling)
    if found.x is None:
        return End(None, bound)
    table = cells.low.copy()
    table.flat[at] = found.x[: len(at)] * unit_scale
    return End(cells.repaired(table), bound)


def bound_with_sizes(cells: Cells, ratio: Ratio) -> float:
    """Return what a ratio does not pass where the sizes of all groups are known.

    A price for a person of each group puts the sizes into the target. What is left is, in each unit, the largest of
    the numbers in its corners, as the terms are convex there; the best prices come from a linear program.
    """
    shares = cells.sizes / cells.people
    width = len(shares)
    unit = cells.people / len(cells.low)
    corners = np.array([row for rows in cells.corners_of_units for row in rows])
    of = np.repeat(np.arange(len(cells.rows)), [len(rows) for rows in cells.corners_of_units])
    terms = ratio.terms(corners, shares).sum(axis=1)
    k = np.arange(len(corners))
    # variables: prices, then the largest number of each unit; term - prices @ corner <= largest
    rows = np.concatenate([np.repeat(k, width), k])
    columns = np.concatenate([np.tile(np.arange(width), len(k)), width + of])
    values = np.concatenate([-corners.ravel() / unit, -np.ones(len(k))])
    below = scipy.sparse.csr_array((values, (rows, columns)), shape=(len(k), width + len(cells.rows)))
    closed = np.setdiff1d(np.arange(len(cells.low)), cells.rows)
    left = cells.sizes - cells.low[closed].sum(axis=0)
    costs = np.concatenate([left / unit, np.ones(len(cells.rows))]) / len(cells.low)
    free = np.full(len(costs), np.inf)
    found = solve(costs, below=(below, -terms / unit), low=-free, high=free)
    rest = float(ratio.terms(cells.low, shares)[closed].sum()) / cells.people
    return min((rest + float(found.fun)) / ratio.delta(shares)[0], ratio.ceiling)


def climbed(cells: Cells, ratio: Ratio, start: Floats) -> Floats:
    """Return a corner that is reached from a table by going all the way where the index rises, again and again."""
    table, value = start, ratio.value(start)
    for _ in range(STEPS):
        further = cells.best(ratio.gradient(table))
        now = ratio.value(further)
        if not now > value + 1e-14:
            break
        table, value = further, now
    return table
