"""The problem of school zones as a mixed-integer program: columns, rows, and the cuts that keep zones whole."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import scipy.sparse
import scipy.sparse.csgraph

from .._optional import require
from ._rezone_problem import NEW, Problem

__all__ = ["Cut", "Program", "Solved", "cuts_of_fractions", "cuts_of_zones"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
PER_PART = 12
"""Cuts at most of one part of a zone that lies apart."""
TIGHT = 1e-6
"""A cut that has more room than this in the relaxed solution is dropped."""
VIOLATED = 1e-4
"""A cut is worth its row where it is broken by more."""


class Cut(NamedTuple):
    """Of a school: blocks that need one of a separator, `block` (and `other`, where the school lies in no block)."""

    school: int
    block: int
    other: int
    separator: tuple[int, ...]


class Solved(NamedTuple):
    """What the solver found.

    Attributes
    ----------
    state : str
        "optimal", "infeasible", "time limit" or another word of the solver.
    values : ndarray or None
        Columns of the best solution.
    objective, bound : float
        In pupils (or what else the objective sums); a bound of -inf where none is known.
    """

    state: str
    values: Floats | None
    objective: float
    bound: float


@dataclass(eq=False)
class Program:
    """Columns and rows.

    Columns are a binary one for each pair of a block and a school that may go together, the part above 0 of each net,
    and what `elastic` and `flow` add.

    Attributes
    ----------
    problem : Problem
        The problem.
    flow : bool
        Whether flows keep zones whole; else `cuts` do.
    elastic : tuple of str
        Limits that may be passed: "seats", "pupils short", "moved", "travel". What passes them is least then.
    beyond : ndarray of shape (n, S), optional
        Pairs that are beyond the limit of travel, where it may be passed.
    cuts : list of Cut
        Rows that grow.
    """

    problem: Problem
    flow: bool = False
    elastic: tuple[str, ...] = ()
    beyond: Bools | None = None
    cuts: list[Cut] = field(default_factory=list)

    @cached_property
    def pairs(self) -> tuple[Ints, Ints]:
        """Return block and school of each binary column."""
        block, school = np.nonzero(self.problem.reached())
        return block.astype(np.int64), school.astype(np.int64)

    @cached_property
    def column(self) -> Ints:
        """Return the column of each pair, (n, S), -1 where there is none."""
        found = np.full(self.problem.allowed.shape, -1, dtype=np.int64)
        found[self.pairs] = np.arange(len(self.pairs[0]))
        return found

    def __post_init__(self) -> None:
        self._rows: list[tuple[Ints, Floats, float, float]] = []
        self._low: list[Floats] = []
        self._high: list[Floats] = []
        self._cost: list[Floats] = []
        self._whole: list[Bools] = []
        self.n_columns = 0
        self.slacks: dict[str, Ints] = {}
        self._build()

    def _columns(self, many: int, low: float, high: float, cost: float, *, whole: bool = False) -> Ints:
        self._low.append(np.full(many, low))
        self._high.append(np.full(many, high))
        self._cost.append(np.full(many, cost))
        self._whole.append(np.full(many, whole))
        self.n_columns += many
        return np.arange(self.n_columns - many, self.n_columns)

    def _row(self, columns: Any, values: Any, low: float, high: float) -> None:
        self._rows.append((np.asarray(columns, np.int64), np.asarray(values, np.float64), float(low), float(high)))

    def _build(self) -> None:
        problem, (block, school) = self.problem, self.pairs
        n, schools, parts = problem.n, problem.n_schools, problem.weights.shape[1]
        self._columns(len(block), 0.0, 1.0, 0.0, whole=True)
        worth = 0.0 if self.elastic else 1.0
        nets = self._columns(schools * parts, 0.0, np.inf, worth).reshape(schools, parts)
        by_block = np.searchsorted(block, np.arange(n + 1))
        for b in range(n):
            self._row(np.arange(by_block[b], by_block[b + 1]), np.ones(by_block[b + 1] - by_block[b]), 1.0, 1.0)
        order = np.argsort(school, kind="stable")
        by_school = np.searchsorted(school[order], np.arange(schools + 1))
        self.of_school = [order[by_school[s] : by_school[s + 1]] for s in range(schools)]
        for s in range(schools):
            mine = self.of_school[s]
            if not self.elastic:
                for k in range(parts):
                    w = problem.weights[block[mine], k]
                    self._row([nets[s, k], *mine[w != 0]], [1.0, *-w[w != 0]], 0.0, np.inf)
            self._room(s, mine, problem.pupils[block[mine]])
        self.nets = nets
        self._moved()
        if "travel" in self.elastic and self.beyond is not None:
            self._far()
        if self.flow and problem.contiguous:
            for s in range(schools):
                self._flow(s)
        self.n_fixed = len(self._rows)

    def _room(self, s: int, mine: Ints, pupils: Floats) -> None:
        problem = self.problem
        columns, values = [*mine.tolist()], [*pupils.tolist()]
        low, high = problem.low[s], problem.high[s]
        for name, sign, limited in (("seats", -1.0, np.isfinite(high)), ("pupils short", 1.0, low > 0)):
            if name in self.elastic and limited:
                (one,) = self._columns(1, 0.0, np.inf, 1.0)
                self.slacks[name] = np.append(self.slacks.get(name, np.empty(0, np.int64)), one)
                columns.append(int(one))
                values.append(sign)
        if low > 0 or np.isfinite(high):
            self._row(columns, values, low if low > 0 else -np.inf, high)

    def _moved(self) -> None:
        problem, (block, school) = self.problem, self.pairs
        if not np.isfinite(problem.most_moved):
            return
        moving = (problem.current[block] != NEW) & (problem.current[block] != school) & (problem.pupils[block] > 0)
        columns, values = [*np.flatnonzero(moving).tolist()], [*problem.pupils[block[moving]].tolist()]
        if "moved" in self.elastic:
            (one,) = self._columns(1, 0.0, np.inf, 1.0)
            self.slacks["moved"] = np.array([one])
            columns.append(int(one))
            values.append(-1.0)
        self._row(columns, values, -np.inf, problem.most_moved)

    def _far(self) -> None:
        """Count the pupils who travel farther than the limit."""
        assert self.beyond is not None
        block, school = self.pairs
        far = np.flatnonzero(self.beyond[block, school])
        (one,) = self._columns(1, 0.0, np.inf, 1.0)
        self.slacks["travel"] = np.array([one])
        self._row([*far.tolist(), int(one)], [*self.problem.pupils[block[far]].tolist(), -1.0], -np.inf, 0.0)

    def _flow(self, s: int) -> None:
        """Send one unit from the school to each of its blocks, over its blocks."""
        problem, mine = self.problem, self.of_school[s]
        assert problem.i is not None
        assert problem.j is not None
        blocks = self.pairs[0][mine]
        column = self.column[:, s]
        inside = (column[problem.i] >= 0) & (column[problem.j] >= 0)
        tail = np.r_[problem.i[inside], problem.j[inside]]
        head = np.r_[problem.j[inside], problem.i[inside]]
        most = float(len(blocks))
        flows = self._columns(len(tail), 0.0, most, 0.0)
        root = int(problem.roots[s])
        seeds = self._columns(len(blocks), 0.0, 1.0, 0.0, whole=True) if root < 0 else None
        supply = self._columns(len(blocks), 0.0, most, 0.0) if root < 0 else None
        if seeds is not None:
            self._row(seeds, np.ones(len(seeds)), -np.inf, 1.0)
        for k, b in enumerate(blocks.tolist()):
            into, out = flows[head == b], flows[tail == b]
            if len(into):  # a block that is not of the school passes nothing on
                self._row([*into, column[b]], [*np.ones(len(into)), -most], -np.inf, 0.0)
            if b == root:
                continue
            columns, values = [*into, *out, column[b]], [*np.ones(len(into)), *-np.ones(len(out)), -1.0]
            if seeds is not None and supply is not None:
                columns.append(supply[k])
                values.append(1.0)
                self._row([supply[k], seeds[k]], [1.0, -most], -np.inf, 0.0)
                self._row([seeds[k], column[b]], [1.0, -1.0], -np.inf, 0.0)
            self._row(columns, values, 0.0, 0.0)

    # cuts ------------------------------------------------------------------------------

    def row_of(self, cut: Cut) -> tuple[Ints, Floats, float, float]:
        """Return a cut as a row: those of the separator less the block are 0 or more (-1 with another block)."""
        column = self.column[:, cut.school]
        around = [int(column[v]) for v in cut.separator if column[v] >= 0]
        ends = [cut.block] if cut.other < 0 else [cut.block, cut.other]
        columns = [*around, *(int(column[b]) for b in ends)]
        values = [1.0] * len(around) + [-1.0] * len(ends)
        return np.array(columns, np.int64), np.array(values), 1.0 - len(ends), np.inf

    def fresh(self, found: list[Cut]) -> list[Cut]:
        """Add cuts that are new, and return them."""
        known = set(self.cuts)
        new = [cut for cut in dict.fromkeys(found) if cut not in known]
        self.cuts += new
        return new

    def keep_tight(self, values: Floats) -> None:
        """Drop cuts that a solution is far from."""

        def room(cut: Cut) -> float:
            columns, numbers, low, _ = self.row_of(cut)
            return float(values[columns] @ numbers) - low

        self.cuts = [cut for cut in self.cuts if room(cut) < TIGHT]

    # the solver ------------------------------------------------------------------------

    def values_of(self, zones: Ints) -> tuple[Ints, Floats]:
        """Return columns and values of a plan, without flows and slacks."""
        pairs = np.zeros(len(self.pairs[0]))
        mine = self.column[np.arange(self.problem.n), zones]
        pairs[mine] = 1.0
        nets = np.maximum(self.problem.nets(zones), 0.0).ravel()
        return np.arange(len(pairs) + len(nets)), np.concatenate([pairs, nets])

    def zones_of(self, values: Floats) -> Ints:
        """Return the school of each block."""
        block, school = self.pairs
        table = np.full(self.problem.allowed.shape, -1.0)
        table[block, school] = values[: len(block)]
        found: Ints = table.argmax(axis=1).astype(np.int64)
        return found

    def solver(self, *, relaxed: bool = False) -> Any:
        """Return HiGHS with the model."""
        highspy = require("highspy", extra="rezone")
        rows = self._rows + [self.row_of(cut) for cut in self.cuts]
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = self.n_columns, len(rows)
        lp.col_cost_ = np.concatenate(self._cost)
        lp.col_lower_ = np.concatenate(self._low)
        lp.col_upper_ = np.concatenate(self._high)
        lp.row_lower_ = np.array([row[2] for row in rows])
        lp.row_upper_ = np.array([row[3] for row in rows])
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.concatenate([[0], np.cumsum([len(row[0]) for row in rows])]).astype(np.int32)
        lp.a_matrix_.index_ = np.concatenate([row[0] for row in rows]).astype(np.int32)
        lp.a_matrix_.value_ = np.concatenate([row[1] for row in rows])
        if not relaxed:
            kind = highspy.HighsVarType
            lp.integrality_ = [kind.kInteger if one else kind.kContinuous for one in np.concatenate(self._whole)]
        model = highspy.Highs()
        for name, value in (
            ("output_flag", False),
            ("parallel", "off"),
            ("random_seed", 1),
            ("mip_rel_gap", 0.0),
            ("mip_feasibility_tolerance", 1e-7),
            ("primal_feasibility_tolerance", 1e-7),
        ):
            model.setOptionValue(name, value)
        model.passModel(lp)
        return model

    def run(self, model: Any, seconds: float, *, gap: float = 0.0, start: Ints | None = None) -> Solved:
        """Run the solver."""
        highspy = require("highspy", extra="rezone")
        model.setOptionValue("time_limit", max(float(seconds), 0.05))
        model.setOptionValue("mip_abs_gap", max(float(gap), 1e-9))
        if start is not None:
            columns, values = self.values_of(start)
            model.setSolution(len(columns), columns.astype(np.int32), values)
        model.run()
        info, status, word = model.getInfo(), model.getModelStatus(), highspy.HighsModelStatus
        mip = bool(model.getLp().integrality_)
        found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        values_ = np.array(model.getSolution().col_value) if found else None
        names = {
            word.kOptimal: "optimal",
            word.kInfeasible: "infeasible",
            word.kTimeLimit: "time limit",
            word.kInterrupt: "interrupted",
        }
        state = names.get(status, model.modelStatusToString(status).lower())
        bound = float(info.mip_dual_bound) if mip else (float(info.objective_function_value) if found else -np.inf)
        if not mip and state != "optimal":
            bound = -np.inf
        if mip and not np.isfinite(bound):
            bound = -np.inf
        return Solved(state, values_, float(info.objective_function_value) if found else np.inf, bound)


def _separator(problem: Problem, may: Bools, part: Ints, goal: int) -> tuple[int, ...]:
    """Return the blocks around a part of a zone that every way from the part to the goal passes."""
    graph = problem.graph
    inside = np.zeros(problem.n, dtype=bool)
    inside[part] = True
    around = np.zeros(problem.n, dtype=bool)
    around[graph[part].indices] = True
    around &= may & ~inside
    if around[goal]:
        rest = np.array([goal])
    # what the goal reaches without passing those around
    free = np.flatnonzero(may & ~around & ~inside)
    near_goal = around.copy()
    if not around[goal]:
        at = int(np.searchsorted(free, goal))
        _, label = scipy.sparse.csgraph.connected_components(graph[free][:, free], directed=False)
        rest = free[label == label[at]]
        touched = np.zeros(problem.n, dtype=bool)
        touched[graph[rest].indices] = True
        near_goal &= touched
    return tuple(np.flatnonzero(near_goal).tolist())


def cuts_of_zones(problem: Problem, zones: Ints, may: Bools) -> list[Cut]:
    """Return cuts that a plan breaks whose zones do not hang together.

    Parameters
    ----------
    problem : Problem
        The problem.
    zones : ndarray of shape (n,)
        The plan.
    may : ndarray of shape (n, S)
        Pairs that have a column.
    """
    found: list[Cut] = []
    for s, pieces in problem.parts(zones):
        root = int(problem.roots[s])
        goal = root if root >= 0 else int(pieces[0][0])
        apart = [piece for piece in pieces if root < 0 or root not in piece]
        for piece in apart if root >= 0 else pieces[1:]:
            separator = _separator(problem, may[:, s], piece, goal)
            heavy = piece[np.argsort(-problem.pupils[piece], kind="stable")][:PER_PART]
            found += [Cut(s, int(b), -1 if root >= 0 else goal, separator) for b in np.sort(heavy)]
    return found


def cuts_of_fractions(program: Program, values: Floats, *, until: float = math.inf) -> list[Cut]:
    """Return cuts that a solution in fractions breaks, of schools that lie in a block, as far as the time goes."""
    problem, (block, school) = program.problem, program.pairs
    shares = np.zeros(problem.allowed.shape)
    shares[block, school] = values[: len(block)]
    may = program.column >= 0
    found: list[Cut] = []
    for s in np.flatnonzero(problem.roots >= 0).tolist():
        if time.monotonic() > until:
            break
        root, share = int(problem.roots[s]), shares[:, s]
        seen: set[bytes] = set()
        for level in (1e-6, 0.1, 0.3, 0.5, 0.8):
            blocks = np.flatnonzero(share > level)
            if not len(blocks):
                break
            _, label = scipy.sparse.csgraph.connected_components(problem.graph[blocks][:, blocks], directed=False)
            for k in range(label.max() + 1):
                piece = blocks[label == k]
                if root in piece or piece.tobytes() in seen:
                    continue
                seen.add(piece.tobytes())
                separator = _separator(problem, may[:, s], piece, root)
                around = float(share[list(separator)].sum())
                broken = piece[share[piece] > around + VIOLATED]
                broken = broken[np.argsort(-share[broken], kind="stable")][:PER_PART]
                found += [Cut(s, int(b), -1, separator) for b in np.sort(broken)]
        found += _lonely(problem, s, root, share, may[:, s])
    return found


def _lonely(problem: Problem, s: int, root: int, share: Floats, may: Bools) -> list[Cut]:
    """Return cuts of single blocks with more of a school than all their neighbours."""
    blocks, graph = np.flatnonzero(may), problem.graph
    excess = share[blocks] - graph[blocks] @ (share * may)
    broken = blocks[(excess > VIOLATED) & (blocks != root)]
    found = []
    for b in broken.tolist():
        around = graph.indices[graph.indptr[b] : graph.indptr[b + 1]]
        found.append(Cut(s, b, -1, tuple(np.sort(around[may[around]]).tolist())))
    return found
