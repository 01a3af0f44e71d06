"""What less separation costs: plans for a row of limits, each beginning with those of its neighbours."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import ParameterError, plural
from ..results import Result
from ._rezone_plan import Plan
from ._rezone_problem import Problem
from ._rezone_reading import Reading
from ._rezone_search import tabled
from ._rezone_solve import Outcome
from ._rezone_task import Task, plan_of

__all__ = ["OVER", "ROWS", "Frontier", "frontier_of", "limited", "limits_of", "no_worse"]

Ints = npt.NDArray[np.int64]
OVER = ("max_moved", "max_travel")
ROWS = [
    *("limit", "value", "bound", "gap", "moved", "share_moved", "travel", "extra_travel", "status", "dominated"),
    "message",
]
SHARES = (0.0, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 1.0)
"""Of pupils who may change school, where nothing else is said."""
STEPS = 6
"""Limits of travel, where nothing else is said."""


@dataclass(frozen=True, repr=False)
class Frontier(Result):
    """Plans for a row of limits.

    Attributes
    ----------
    rows : DataFrame
        `table`.
    plans : dict of limit to Plan
        Of the limits that some plan keeps.
    over : str
        "max_moved" or "max_travel".
    about : mapping
        index, group, params, the unit of travel, and what was asked.
    """

    rows: pd.DataFrame
    plans: dict[float, Plan]
    over: str
    about: dict[str, Any]
    notes: tuple[str, ...] = field(default=())
    picture: ClassVar[str] = "draw_frontier"

    @property
    def table(self) -> pd.DataFrame:
        """A row per limit, the tightest first.

        Returns
        -------
        DataFrame
            limit, value, bound, gap, moved (pupils who change school), share_moved, travel (mean), extra_travel (mean
            over all), status ("optimal", "time limit", "local search", "infeasible"), dominated (a tighter limit gives
            no worse a value) and message.
        """
        return self.rows.copy()

    def _headline(self) -> str:
        known = self.rows[self.rows["value"].notna()]
        name = str(self.about["index"]).replace("_", " ").capitalize()
        if not len(known):
            return f"{name} by {self.over}: no limit has a plan"
        first, last = known.iloc[0], known.iloc[-1]
        return (
            f"{name} by {self.over}: {first['value']:.4g} at {first['limit']:.4g} to {last['value']:.4g} at "
            f"{last['limit']:.4g}"
        )


def limits_of(reading: Reading, over: str, values: Iterable[float] | None) -> list[float]:
    """Return the limits, the tightest first."""
    if over == "max_moved" and reading.today is None:
        raise ParameterError("over='max_moved' counts pupils who change school; say where they go today: current=.")
    if over == "max_travel" and reading.costs is None:
        raise ParameterError("over='max_travel' needs travel: places of blocks and schools, or travel=.")
    if values is None:
        return list(SHARES) if over == "max_moved" else _travels(reading)
    listed = list(values)
    fine = [
        isinstance(one, int | float | np.number) and not isinstance(one, bool) and math.isfinite(one) and one >= 0
        for one in listed
    ]
    if not listed or not all(fine):
        raise ParameterError(f"values= are limits of {over}, numbers of 0 or more; got {listed[:4]!r}.")
    kinds = {isinstance(one, float | np.floating) and one <= 1 for one in listed if one > 0}
    if over == "max_moved" and len(kinds) > 1:
        raise ParameterError(
            "values= of max_moved are all shares (floats from 0 to 1) or all numbers of pupils (whole numbers)."
        )
    return sorted(set(listed))


def _travels(reading: Reading) -> list[float]:
    """Return limits from the least at which everybody reaches a school to the farthest pair."""
    assert reading.costs is not None
    peopled = reading.problem.pupils > 0
    costs = reading.costs.matrix[peopled]
    finite = costs[np.isfinite(costs)]
    least = float(costs.min(axis=1).max())
    if not math.isfinite(least):
        least = float(finite.min(initial=0.0))
    return [float(one) for one in np.unique(np.geomspace(max(least, 1e-9), max(float(finite.max()), least), STEPS))]


def limited(reading: Reading, over: str, limit: float, size: float) -> Problem:
    """Return the problem with another limit."""
    problem = reading.problem
    if over == "max_moved":
        share = isinstance(limit, float | np.floating) and limit <= 1
        return replace(problem, most_moved=float(limit) * size if share else float(limit))
    assert reading.costs is not None
    near = reading.costs.matrix <= limit * (1 + 1e-12)
    near[problem.pupils == 0] = True
    return replace(problem, allowed=problem.allowed & near)


def no_worse(task: Task, problem: Problem, outcome: Outcome, known: list[Ints]) -> Outcome:
    """Return an outcome, or the plan of a tighter limit where that is better."""

    def worth(zones: Ints) -> float:
        return problem.dissimilarity(zones) if task.linear else float(task.value(tabled(problem, zones)[None])[0])

    plans = [zones for zones in known if not problem.breaks(zones)]
    if not plans:
        return outcome
    last = min(plans, key=worth)
    if outcome.zones is None:
        return replace(outcome, zones=last, value=problem.dissimilarity(last), bound=0.0, state="time limit")
    return replace(outcome, zones=last) if worth(last) <= worth(outcome.zones) else outcome


def frontier_of(
    task: Task, over: str, steps: list[float], problems: list[Problem], outcomes: list[Outcome]
) -> Frontier:
    rows, plans, floor = [], {}, 0.0
    floors = []
    for outcome in reversed(outcomes):  # what no plan is below with a wide limit, none is below with a tight one
        floor = max(floor, outcome.bound if math.isfinite(outcome.bound) else floor)
        floors.append(floor)
    best = math.inf
    for limit, problem, outcome, least in zip(steps, problems, outcomes, reversed(floors), strict=True):
        if outcome.zones is None:
            proven = outcome.state == "infeasible"
            word = "no plan keeps all limits" if proven else "no plan was found in the time"
            rows.append({"limit": limit, "status": outcome.state, "dominated": False, "message": word})
            continue
        plan = plan_of(task, problem, outcome, outcome.zones, floor=least)
        plans[limit] = plan
        everybody = plan.burden.iloc[-1]
        level = task.sign * plan.value
        dominated = level >= best - 1e-12
        best = min(best, level)
        rows.append(
            {
                "limit": limit,
                "value": plan.value,
                "bound": plan.bound,
                "gap": plan.gap,
                "moved": plan.moved,
                "share_moved": everybody["share_moved"],
                "travel": everybody["travel_after"],
                "extra_travel": everybody["extra_travel"],
                "status": plan.status,
                "dominated": dominated,
                "message": "a tighter limit does as well" if dominated else "",
            }
        )
    table = pd.DataFrame(rows, columns=ROWS)
    notes = list(task.reading.notes)
    lost = int(table["dominated"].sum())
    if lost:
        notes.append(f"{plural(lost, 'limit')} of {len(table)} gain nothing over a tighter one (dominated)")
    if not task.linear:
        notes.append(f"found by moves and exchanges of blocks; no bound of {task.bound.spec.name} is known")
    return Frontier(table, plans, over, task.about, tuple(notes))
