"""Plans of school zones by search: beginnings, and moves and exchanges of blocks that keep all limits."""

from __future__ import annotations

import functools
import heapq
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ._rezone_kernels import anneal, settle
from ._rezone_problem import Problem

__all__ = ["Search", "annealed", "beginnings", "grown", "improved", "ready", "settled", "tabled"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
SHORT, LONG = 200, 2_500
"""Moves that are tried for each pair of a block and a school it may go to, in a short cooling and in a long one."""
LEAST, MOST = 20_000, 30_000_000
"""Of them, at least and at most."""
FEWEST, OFTEN = 4, 200
"""Short coolings, at least and at most."""
A_SECOND = 1_500_000
"""Moves that a second has, as a rule; so many fit into the time that there is."""
HOT, WARM, COLD = 3.0, 0.1, 1e-2
"""Temperatures, as shares of the mean weight of a block: at first, where a good plan is improved, and at the end."""
CHUNKS = 20
"""Parts of a cooling, after which the clock is read."""
STACKED = 4096
"""Rows of tables of schools that are valued at a time."""


@dataclass(frozen=True, eq=False)
class Search:
    """What the kernels need of a problem."""

    problem: Problem

    @cached_property
    def choices(self) -> tuple[Ints, Ints]:
        """Return schools that blocks may go to, one after another, and where each block begins."""
        block, school = np.nonzero(self.problem.allowed)
        return school.astype(np.int64), np.searchsorted(block, np.arange(self.problem.n + 1)).astype(np.int64)

    @cached_property
    def fixed(self) -> Bools:
        """Return blocks that may go to one school only."""
        return np.asarray(self.problem.allowed.sum(axis=1) == 1)

    @cached_property
    def near(self) -> tuple[Ints, Ints]:
        """Return where the neighbours of each block begin, and the neighbours."""
        graph = self.problem.graph
        graph.sort_indices()
        return graph.indptr.astype(np.int64), graph.indices.astype(np.int64)

    @cached_property
    def weighing(self) -> Any:
        """Return what the kernels take first."""
        problem = self.problem
        return (problem.weights, problem.pupils, problem.allowed, *self.choices)

    @cached_property
    def limits(self) -> Any:
        """Return what the kernels take then."""
        problem = self.problem
        limits = (problem.low, problem.high, problem.current, problem.most_moved)
        return (*limits, problem.roots, self.fixed, problem.contiguous, *self.near)

    def cooled(
        self, zones: Ints, state: npt.NDArray[np.uint64], *, steps: int, until: float, heat: float = HOT
    ) -> tuple[Ints, float]:
        """Return the best plan of one cooling and its value in pupils; infinite where none keeps all limits."""
        problem = self.problem
        zones, best, tally = zones.astype(np.int64), zones.astype(np.int64), np.array([np.inf])
        spread = float(np.abs(problem.weights).sum(axis=1).mean()) or 1.0
        hot, cold = heat * spread, COLD * min(heat, 1.0) * spread
        penalty = 3.0 * max(float(np.abs(problem.weights).sum()) / max(float(problem.pupils.sum()), 1.0), 1e-6)
        ratio = (cold / hot) ** (1 / CHUNKS)
        for k in range(CHUNKS):
            heats = (hot * ratio**k, hot * ratio ** (k + 1))
            cooling: Any = (*self.weighing, *self.limits, penalty, *heats, steps // CHUNKS)
            anneal(zones, best, state, tally, *cooling)
            if time.monotonic() > until:
                break
        return best, float(tally[0])

    def settled(self, zones: Ints) -> Ints:
        """Return a plan of the same value in which no block can go back to the school of today for nothing."""
        found = zones.astype(np.int64)
        limits: Any = (*self.weighing, *self.limits, 1e-9)
        settle(found, *limits)
        return found


@functools.cache
def ready() -> None:
    """Have the kernels compiled before the time is counted."""
    two = np.arange(2)
    ends = np.array([[1.0], [-1.0]])
    problem = Problem(
        counts=np.eye(2),
        weights=ends,
        scale=1.0,
        step=1.0,
        cost=None,
        allowed=np.ones((2, 2), dtype=bool),
        low=np.zeros(2),
        high=np.full(2, 2.0),
        current=two,
        most_moved=2.0,
        i=np.array([0]),
        j=np.array([1]),
        roots=two,
    )
    search = Search(problem)
    search.settled(search.cooled(two, np.array([1], dtype=np.uint64), steps=CHUNKS, until=0.0)[0])


def settled(problem: Problem, zones: Ints) -> Ints:
    """Return `Search.settled`."""
    return Search(problem).settled(zones)


def grown(problem: Problem, costs: Floats) -> Ints | None:
    """Return zones that grow from the schools, the cheapest pair of a block and a school next to its zone first.

    Blocks go where they may as long as such pairs are left, then anywhere. None where some cannot be reached.
    """
    n = problem.n
    zones = np.full(n, -1, dtype=np.int64)
    if not problem.contiguous:
        first: Ints = np.where(problem.allowed, costs, np.inf).argmin(axis=1).astype(np.int64)
        return first
    indptr, near = problem.graph.indptr, problem.graph.indices
    heap: list[tuple[bool, float, int, int]] = []
    taken: set[int] = set()
    for s, root in enumerate(problem.roots):
        seed = int(root)
        if seed < 0:
            order = np.argsort(np.where(problem.allowed[:, s], costs[:, s], np.inf), kind="stable")
            free = [b for b in order[: problem.n_schools + 1].tolist() if b not in taken and problem.allowed[b, s]]
            if not free:
                continue
            seed = free[0]
        taken.add(seed)
        heapq.heappush(heap, (False, -1.0 if root >= 0 else float(costs[seed, s]), seed, s))
    while heap:
        alien, _, b, s = heapq.heappop(heap)
        if zones[b] >= 0:
            continue
        zones[b] = s
        del alien
        for v in near[indptr[b] : indptr[b + 1]].tolist():
            if zones[v] < 0:
                heapq.heappush(heap, (not problem.allowed[v, s], float(costs[v, s]), v, s))
    return zones if (zones >= 0).all() else None


def beginnings(problem: Problem) -> list[Ints]:
    """Return plans to begin with, which hang together where they must; they may break other limits."""
    found = []
    if (problem.current >= 0).all():
        apart = problem.breaks(problem.current).get("parts", 0) if problem.contiguous else 0
        if not apart:
            found.append(problem.current.copy())
    costs = np.zeros(problem.allowed.shape) if problem.cost is None else problem.cost
    costs = np.where(np.isfinite(costs), costs, 1e30)
    if problem.cost is None and problem.contiguous:
        costs = _steps(problem)
    stay = costs.copy()
    rows = np.flatnonzero(problem.current >= 0)
    stay[rows, problem.current[rows]] = -0.5
    for one in (stay, costs) if len(rows) and not found else (costs,):
        zones = grown(problem, one)
        if zones is not None:
            found.append(zones)
    return found


def _steps(problem: Problem) -> Floats:
    """Return the number of borders between each block and each school."""
    import scipy.sparse.csgraph

    found = np.zeros(problem.allowed.shape)
    roots = np.flatnonzero(problem.roots >= 0)
    if len(roots):
        steps = scipy.sparse.csgraph.shortest_path(problem.graph, unweighted=True, indices=problem.roots[roots])
        found[:, roots] = np.where(np.isfinite(steps.T), steps.T, 1e30)
    return found


def annealed(
    problem: Problem, starts: list[Ints], rng: np.random.Generator, *, until: float, seconds: float
) -> tuple[Ints | None, float]:
    """Return the best plan of several coolings and its dissimilarity; None and infinite where none keeps all limits.

    Many short coolings, a long one, and one that begins with the best plan, not hot. How many and how long follows from
    the problem and the `seconds` that were given, not from the clock, which only ends them: the same `rng` gives the
    same plan.
    """
    search, pairs = Search(problem), int(problem.allowed.sum())
    fitting = A_SECOND * seconds
    short = int(np.clip(min(SHORT * pairs, fitting / 8), LEAST, MOST))
    long = int(np.clip(min(LONG * pairs, fitting / 4), LEAST, MOST))
    many = int(np.clip(min(fitting / 2 / short, pairs / 40), FEWEST, OFTEN))
    best, value = None, math.inf
    for zones in starts:
        if not problem.breaks(zones) and problem.dissimilarity(zones) < value:
            best, value = zones, problem.dissimilarity(zones)
    coolings = [(short, HOT)] * many + [(long, HOT), (long, WARM)]
    for run, (steps, heat) in enumerate(coolings if starts else []):
        state = rng.integers(1, 2**63, 1, dtype=np.uint64)
        start = starts[run % len(starts)] if heat == HOT or best is None else best
        found, _ = search.cooled(start, state, steps=steps, until=until, heat=heat)
        if not problem.breaks(found) and problem.dissimilarity(found) < value - 1e-13:
            best, value = found, problem.dissimilarity(found)
        if time.monotonic() > until or value <= 1e-15:
            break
    return best, value


Value = Callable[[Floats], Floats]
"""Takes tables of schools, (R, S, M), and returns their values, (R,), less being better."""


def improved(
    problem: Problem,
    zones: Ints,
    value: Value,
    rng: np.random.Generator,
    *,
    until: float,
    shakes: int = 6,
    tick: Callable[[], None] = lambda: None,
) -> tuple[Ints, float, bool]:
    """Improve a plan in any index: moves and exchanges that keep all limits, and shakes out of what they end in.

    Returns
    -------
    zones, value, bool
        And whether it came to an end before the time was over.
    """
    best, worth = _descended(problem, zones, value, rng, until)
    for _ in range(shakes):
        if time.monotonic() > until:
            return best, worth, False
        shaken = _shaken(problem, best, rng)
        found, level = _descended(problem, shaken, value, rng, until)
        if level < worth - 1e-12:
            best, worth = found, level
        tick()
    return best, worth, time.monotonic() <= until


def tabled(problem: Problem, zones: Ints) -> Floats:
    """Return the pupils of each group in each school."""
    table = np.zeros((problem.n_schools, problem.counts.shape[1]))
    np.add.at(table, zones, problem.counts)
    return table


def _shaken(problem: Problem, zones: Ints, rng: np.random.Generator) -> Ints:
    """Move some blocks at random, keeping all limits."""
    found = zones.copy()
    for b in rng.permutation(problem.n)[: max(2, problem.n // 20)].tolist():
        goals = [s for s, _ in _goals(problem, found, b)]
        if goals:
            tried = found.copy()
            tried[b] = goals[int(rng.integers(len(goals)))]
            if not problem.breaks(tried):
                found = tried
    return found


def _goals(problem: Problem, zones: Ints, b: int) -> list[tuple[int, int]]:
    """Return schools that a block may go to, next to it where zones hang together."""
    may = problem.allowed[b].copy()
    may[zones[b]] = False
    if problem.contiguous:
        near = zones[problem.graph.indices[problem.graph.indptr[b] : problem.graph.indptr[b + 1]]]
        beside = np.zeros(problem.n_schools, dtype=bool)
        beside[near] = True
        beside[np.bincount(zones, minlength=problem.n_schools) == 0] = True
        may &= beside
    return [(int(s), b) for s in np.flatnonzero(may)]


def _descended(
    problem: Problem, zones: Ints, value: Value, rng: np.random.Generator, until: float
) -> tuple[Ints, float]:
    """Take the best move or exchange until there is none; what breaks a limit is passed over."""
    zones = zones.copy()
    table = tabled(problem, zones)
    worth = float(value(table[None])[0])
    while time.monotonic() <= until:
        moves = [(b, s, -1) for b in range(problem.n) for s, _ in _goals(problem, zones, b)]
        moves += _exchanges(zones, moves, rng)
        if not moves:
            break
        levels = _valued(problem, zones, table, moves, value)
        better, went = levels < worth - 1e-12, False
        for k in np.argsort(levels, kind="stable")[: int(better.sum())].tolist():
            if time.monotonic() > until:
                return zones, worth
            b, s, back = moves[k]
            if went and (zones[b] == s or (back >= 0 and zones[back] != s)):
                continue
            tried = _with(zones, moves[k])
            changed = tabled(problem, tried)
            level = float(value(changed[None])[0]) if went else float(levels[k])
            if level < worth - 1e-12 and not problem.breaks(tried):
                zones, table, worth, went = tried, changed, level, True
        if not went:
            break
    return zones, worth


def _with(zones: Ints, move: tuple[int, int, int]) -> Ints:
    b, s, back = move
    found = zones.copy()
    if back >= 0:
        found[back] = zones[b]
    found[b] = s
    return found


def _exchanges(zones: Ints, moves: list[tuple[int, int, int]], rng: np.random.Generator) -> list[tuple[int, int, int]]:
    """Return pairs of moves that cross: all where there are few, else some at random."""
    by_way: dict[tuple[int, int], list[int]] = {}
    for b, s, _ in moves:
        by_way.setdefault((int(zones[b]), s), []).append(b)
    found: list[tuple[int, int, int]] = []
    for (old, s), ahead in by_way.items():
        if old < s and (s, old) in by_way:
            found += [(b, s, c) for b in ahead for c in by_way[s, old]]
    most = 4 * STACKED
    if len(found) > most:
        found = [found[k] for k in np.sort(rng.choice(len(found), most, replace=False)).tolist()]
    return found


def _valued(problem: Problem, zones: Ints, table: Floats, moves: list[tuple[int, int, int]], value: Value) -> Floats:
    """Return the value after each move."""
    b, s, back = (np.array(part, dtype=np.int64) for part in zip(*moves, strict=True))
    old = zones[b]
    people = problem.counts[b] - np.where(back[:, None] >= 0, problem.counts[back], 0.0)
    levels = []
    size = max(STACKED // problem.n_schools, 1)
    for first in range(0, len(moves), size):
        part = slice(first, first + size)
        rows = np.arange(len(b[part]))
        tables = np.repeat(table[None], len(rows), axis=0)
        tables[rows, old[part]] -= people[part]
        tables[rows, s[part]] += people[part]
        levels.append(value(np.maximum(tables, 0.0)))
    return np.concatenate(levels)
