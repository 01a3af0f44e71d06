"""Plans of least dissimilarity, with a bound: search first, then the program in rounds."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ._rezone_problem import Problem
from ._rezone_program import Program, cuts_of_fractions, cuts_of_zones
from ._rezone_search import Search, annealed, beginnings, grown

__all__ = ["Outcome", "solve"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
FLOW = 3_000
"""Borders times schools up to which flows keep zones whole; beyond, cuts do."""
SEARCH = 0.4
"""Part of the time that the first search may take."""
RELAXED = 0.5
"""Part of the time after it that cuts of the relaxed program may take."""
FEW = 40
"""Rounds of them."""
SAFE = 1e-6
"""Pupils by which bounds of the solver are lowered: its rounding."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """What was found.

    Attributes
    ----------
    zones : ndarray of shape (n,) or None
        The best plan; None where none was found.
    value, bound : float
        Its dissimilarity, and one that no plan is below.
    state : str
        "optimal", "time limit" or "infeasible".
    searched : float
        Dissimilarity of the best plan of the search before the solver was asked; infinite without.
    how : str
        "flow", "cuts" or "".
    """

    zones: Ints | None
    value: float
    bound: float
    state: str
    searched: float
    how: str


def solve(
    problem: Problem,
    starts: list[Ints],
    rng: np.random.Generator,
    *,
    until: float,
    seconds: float,
    how: str | None = None,
    tick: Callable[[str], None] = lambda _: None,
) -> Outcome:
    """Find the plan of least dissimilarity.

    Parameters
    ----------
    problem : Problem
        The problem.
    starts : list of ndarray of shape (n,)
        Plans that are known; those that keep all limits are improved.
    rng : Generator
        Of the search.
    until : float
        When the time is over, by `time.monotonic`.
    seconds : float
        The time there is, as it was given; lengths of the search follow from it.
    how : {"flow", "cuts"}, optional
        What keeps zones whole.
    tick : callable
        Told what begins.
    """
    begun = time.monotonic()
    if not problem.reached().any(axis=1).all():
        return Outcome(None, math.inf, math.inf, "infeasible", math.inf, "")
    tick("search")
    first = begun + SEARCH * (until - begun)
    begins = [zones for zones in starts if _whole(problem, zones)] + beginnings(problem)
    best, value = annealed(problem, begins, rng, until=first, seconds=SEARCH * seconds)
    searched = value
    borders = 0 if problem.i is None else len(problem.i)
    if how is None:
        how = "flow" if borders * problem.n_schools <= FLOW else "cuts"
    if not problem.contiguous:
        how = ""
    tick("model")
    best, value, bound, state = _rounds(problem, best, value, rng, until, flow=how == "flow", tick=tick)
    return Outcome(best, value, min(bound, value), state, searched, how)


def _whole(problem: Problem, zones: Ints) -> bool:
    return "parts" not in problem.breaks(zones)


def _rounds(
    problem: Problem,
    best: Ints | None,
    value: float,
    rng: np.random.Generator,
    until: float,
    *,
    flow: bool,
    tick: Callable[[str], None],
) -> tuple[Ints | None, float, float, str]:
    """Return plan, value, bound and state."""
    program = Program(problem, flow=flow)
    bound = 0.0
    near = 0.5 * problem.step if problem.step else 1e-9 * problem.scale
    if best is not None and value <= bound + near:
        return best, value, value, "optimal"
    if problem.contiguous and not flow:
        tick("relaxed")
        relaxed, state = _relaxed(program, problem, until)
        if state == "infeasible":
            return None, math.inf, math.inf, "infeasible"
        bound = max(bound, relaxed)
        if best is not None and value <= bound + near:
            return best, value, value, "optimal"
    while (left := until - time.monotonic()) > 0.05:
        tick("program")
        caught: list[Ints] = []
        model = program.solver()
        _watch(model, program, problem, caught, until)
        gap = 0.9 * problem.step / problem.scale if problem.step else 0.0
        solved = program.run(model, left, gap=gap, start=best)
        if solved.state == "infeasible":
            if best is None:
                return None, math.inf, math.inf, "infeasible"
            break
        bound = max(bound, _raised(problem, solved.bound))
        plans = [*caught, *([] if solved.values is None else [program.zones_of(solved.values)])]
        new = 0
        for zones in plans:
            if problem.contiguous and not flow:
                new += len(program.fresh(cuts_of_zones(problem, zones, program.column >= 0)))
            for one in (zones, *_mended(problem, zones, rng, until)):
                if not problem.breaks(one) and problem.dissimilarity(one) < value:
                    best, value = one, problem.dissimilarity(one)
        if best is not None and value <= bound + near:
            return best, value, value, "optimal"
        if solved.state == "optimal" and not new:
            if value <= (solved.objective + SAFE) * problem.scale:  # the best, within the rounding of the solver
                return best, value, value, "optimal"
            break
        if solved.state not in ("optimal", "interrupted") and not new:
            break
    return best, value, min(bound, value), "time limit"


def _raised(problem: Problem, pupils: float) -> float:
    """Return a bound of the solver as a dissimilarity, raised to the next value that there may be."""
    if not math.isfinite(pupils):
        return 0.0
    bound = max((pupils - SAFE) * problem.scale, 0.0)
    return math.ceil(bound / problem.step - 1e-6) * problem.step if problem.step else bound


def _relaxed(program: Program, problem: Problem, until: float) -> tuple[float, str]:
    """Return the bound of the relaxed program, with cuts as long as they raise it."""
    begun = time.monotonic()
    end = begun + RELAXED * (until - begun)
    model = program.solver(relaxed=True)
    bound, dull = 0.0, 0
    values: Floats | None = None
    for _ in range(FEW):
        left = end - time.monotonic()
        if left <= 0:
            break
        solved = program.run(model, model.getRunTime() + left)
        if solved.state == "infeasible":
            return math.inf, "infeasible"
        if solved.state != "optimal" or solved.values is None:
            break
        raised = _raised(problem, solved.bound)
        values = solved.values
        dull = dull + 1 if raised <= bound * (1 + 1e-4) + 1e-9 else 0
        bound = max(bound, raised)
        new = program.fresh(cuts_of_fractions(program, solved.values, until=end))
        if not new or dull >= 5:
            break
        for cut in new:
            columns, numbers, low, high = program.row_of(cut)
            model.addRow(low, high, len(columns), columns.astype(np.int32), numbers)
    if values is not None:
        program.keep_tight(values)
    return bound, "done"


def _watch(model: Any, program: Program, problem: Problem, caught: list[Ints], until: float) -> None:
    """Stop the solver when the time is over, and at a plan whose zones do not hang together: a cut is missing."""

    def improved(event: Any) -> None:
        zones = program.zones_of(np.array(event.data_out.mip_solution))
        if "parts" in problem.breaks(zones):
            caught.append(zones)

    def asked(event: Any) -> None:
        if caught or time.monotonic() > until:
            event.data_in.user_interrupt = True

    if problem.contiguous and not program.flow:
        model.cbMipImprovingSolution += improved
    model.cbMipInterrupt += asked
    model.cbSimplexInterrupt += asked


def _mended(problem: Problem, zones: Ints, rng: np.random.Generator, until: float) -> list[Ints]:
    """Return plans near one whose zones do not hang together."""
    if not problem.contiguous or _whole(problem, zones):
        return []
    liked = np.ones(problem.allowed.shape)
    liked[np.arange(problem.n), zones] = 0.0
    near = grown(problem, liked)
    if near is None:
        return []
    state = rng.integers(1, 2**63, 1, dtype=np.uint64)
    steps = int(min(3_000_000, 500 * problem.allowed.sum()))
    found, tally = Search(problem).cooled(near, state, steps=steps, until=until, heat=0.05)
    return [found] if math.isfinite(tally) else []
