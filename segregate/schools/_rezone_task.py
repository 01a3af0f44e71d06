"""What is asked of school zones, ready to be solved for one limit or several, and the plan that is found."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from .._evaluate import Assessor
from .._optional import require
from .._places import Places
from .._profile import view_of
from .._segments import Segments
from ..errors import ParameterError
from ..indices import resolve
from ..population import Population
from ..registry import BoundIndex, IndexLike
from ._rezone_plan import Plan, burden_table, points_of, school_table, zone_table
from ._rezone_problem import CLOSED, Problem
from ._rezone_reading import Asked, Reading, read_problem
from ._rezone_search import Value, improved, ready, settled, tabled
from ._rezone_solve import Outcome, solve

__all__ = ["Task", "plan_of", "prepared", "solved"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
OTHERS = 0.5
"""Part of the time for the bound of dissimilarity where another index is improved."""


@dataclass(frozen=True, eq=False)
class Task:
    """What is asked, ready to be solved for several limits.

    Attributes
    ----------
    reading : Reading
        The problem.
    bound : BoundIndex
        The objective.
    linear : bool
        Whether it is dissimilarity, which is linear in the assignment.
    value : callable
        Values of tables of schools, less being better.
    sign : float
        -1 where more is better.
    about : dict
        For captions.
    """

    reading: Reading
    bound: BoundIndex
    linear: bool
    value: Value
    sign: float
    about: dict[str, Any]


def prepared(
    blocks: Any, schools: Any, limits: Asked, objective: IndexLike, group: str | None, time_limit: float
) -> Task:
    """Check what is asked, and read it."""
    if not isinstance(blocks, Population):
        raise ParameterError(f"blocks is a Population, not {type(blocks).__name__}.")
    if isinstance(time_limit, bool) or not isinstance(time_limit, int | float) or not time_limit > 0:
        raise ParameterError(f"time_limit={time_limit!r} is a number of seconds above 0.")
    require("highspy", extra="rezone")
    ready()
    home = blocks.home()
    bound = resolve(objective)
    linear = bound.spec.name == "dissimilarity"
    sign = _direction(bound)
    view, focal, first, _ = view_of(bound, home, group, None)
    if linear and group is None and home.n_groups == 2:
        first = home.groups[0]
    two = view if view.n_groups == 2 else home.versus(group) if group is not None and home.n_groups > 2 else home
    peopled = two.counts.sum(axis=0) > 0
    if peopled.sum() < 2:
        raise ParameterError("Pupils of two groups are needed; in blocks all are of one.")
    reading = read_problem(home, schools, view.counts, np.array(two.counts), limits)
    about = {
        "index": bound.spec.name,
        "group": group or first,
        "params": bound.params,
        "travel": "" if reading.costs is None else reading.costs.unit,
        "contiguous": limits.contiguous is not False,
        "max_travel": limits.max_travel,
        "max_moved": limits.max_moved,
        "time_limit": time_limit,
        "source": blocks.source,
        "compared": first or group or "all groups",
    }
    return Task(reading, bound, linear, _valuer(bound, view, focal, sign), sign, about)


def _direction(bound: BoundIndex) -> float:
    """Return 1 where less is less separated, -1 where more is."""
    spec = bound.spec
    if spec.needs or spec.level == "local":
        raise ParameterError(f"{spec.name} sees where units lie, or each unit; take one such as D, H or V.")
    if not spec.at:
        raise ParameterError(
            f"{spec.name} is that of all pupils together, whatever their schools; take one such as D, H or V."
        )
    return -1.0 if "even" not in spec.at and spec.at.get("complete") == 0 else 1.0


def _valuer(bound: BoundIndex, view: Population, focal: Mapping[str, Any], sign: float) -> Value:
    """Return what values tables of schools, many at a time, as regions."""

    def value(tables: Floats) -> Floats:
        many, schools, groups = tables.shape
        counts = np.ascontiguousarray(tables.reshape(many * schools, groups))
        labels = pd.RangeIndex(len(counts))
        starts = np.arange(0, len(counts) + 1, schools, dtype=np.int64)
        for array in (counts, starts):
            array.setflags(write=False)
        places = Places(labels, None, "centroid", None)
        segments = Segments(counts, counts, starts, view.groups, labels, places)
        found = np.asarray(bound(Assessor(segments), **focal).values, dtype=np.float64)
        return np.where(np.isnan(found), np.inf, sign * found)

    return value


def solved(
    task: Task,
    problem: Problem,
    starts: list[Ints],
    rng: np.random.Generator,
    until: float,
    seconds: float,
    tick: Callable[[str], None] = lambda _: None,
) -> tuple[Outcome, bool]:
    """Return the best plan, and whether a search came to its end."""
    begun = time.monotonic()
    part = 1.0 if task.linear else OTHERS
    first = begun + part * (until - begun)
    outcome = solve(problem, starts, rng, until=first, seconds=part * seconds, tick=tick)
    if outcome.zones is None:
        return outcome, True
    slack = (problem.step or 1e-9) * 1e-3
    if task.linear:
        zones = settled(problem, outcome.zones)
        kept = not problem.breaks(zones) and problem.dissimilarity(zones) <= outcome.value + slack
        zones = zones if kept else outcome.zones
        value = problem.dissimilarity(zones)
        bound = value if outcome.state == "optimal" else min(outcome.bound, value)
        return replace(outcome, zones=zones, value=value, bound=bound), True
    best, worth, finished = None, math.inf, True
    for zones in [outcome.zones, *starts]:
        if problem.breaks(zones):
            continue
        found, level, ended = improved(problem, zones, task.value, rng, until=until, tick=lambda: tick("search"))
        finished &= ended
        if level < worth:
            best, worth = found, level
    return replace(outcome, zones=best), finished


def plan_of(
    task: Task, problem: Problem, outcome: Outcome, zones: Ints, *, finished: bool = True, floor: float = -math.inf
) -> Plan:
    """Return the plan of an outcome; `floor` is a bound known from elsewhere."""
    reading = replace(task.reading, problem=problem)
    d = problem.dissimilarity(zones)
    d_bound = min(
        max(outcome.bound, floor), problem.dissimilarity(outcome.zones if outcome.zones is not None else zones)
    )
    notes = list(reading.notes)
    before = _before(task, reading)
    if task.linear:
        value, bound, status = d, min(d_bound, d), outcome.state
        if value - bound <= max(0.5 * problem.step, 1e-12):
            bound, status = value, "optimal"
    else:
        value = task.sign * float(task.value(tabled(problem, zones)[None])[0])
        bound, status = math.nan, "local search"
    notes += _today(reading)
    notes += _said(task, reading, outcome, value, bound, before, status, zones, finished=finished)
    return Plan(
        assignment=pd.Series(reading.schools.ids[zones], index=reading.blocks.ids, name="school"),
        value=value,
        bound=bound,
        before=before,
        status=status,
        moved=problem.moved(zones) if reading.today is not None else math.nan,
        burden=burden_table(reading, zones),
        schools=school_table(reading, zones),
        zones=zone_table(reading, zones),
        points=points_of(reading),
        dissimilarity=d,
        dissimilarity_bound=bound if task.linear else min(d_bound, d),
        about=task.about,
        notes=tuple(notes),
    )


def _before(task: Task, reading: Reading) -> float:
    """Return the index of the zones of today, closed schools and all; NaN where some have none."""
    problem = reading.problem
    if reading.today is None or (reading.today.isna().to_numpy() & (problem.pupils > 0)).any():
        return math.nan
    peopled = problem.pupils > 0
    codes, _ = pd.factorize(reading.today[peopled])
    table = np.zeros((int(codes.max()) + 1, problem.counts.shape[1]))
    np.add.at(table, codes, problem.counts[peopled])
    return task.sign * float(task.value(table[None])[0])


def _today(reading: Reading) -> list[str]:
    """Say which limits the zones of today break."""
    problem = reading.problem
    if (problem.current < 0).any() or reading.today is None:
        return []
    breaks = problem.breaks(problem.current)
    words = {
        "seats": "{0:,.6g} pupils beyond the seats of their schools",
        "pupils short": "{0:,.6g} pupils too few in schools",
        "blocks": "{0:,.0f} blocks at schools that they may not go to",
        "parts": "{0:,.0f} parts of zones apart from their school",
    }
    said = [words[name].format(by) for name, by in breaks.items() if name in words]
    return [f"the zones of today do not keep the limits: {', '.join(said)}"] if said else []


def _said(
    task: Task,
    reading: Reading,
    outcome: Outcome,
    value: float,
    bound: float,
    before: float,
    status: str,
    zones: Ints,
    *,
    finished: bool,
) -> list[str]:
    """Say how good the plan is known to be."""
    problem = reading.problem
    stays = not (problem.current == CLOSED).any() and bool((problem.current == zones)[problem.pupils > 0].all())
    if not task.linear:
        d, least = problem.dissimilarity(zones), min(outcome.bound, problem.dissimilarity(zones))
        said = [
            f"found by moves and exchanges of blocks{'' if finished else ', until the time ran out'}, which may miss "
            f"better plans; no bound of {task.bound.spec.name} is known",
            f"dissimilarity ({task.about['compared']}) is {d:.6g} under this plan, and no plan is below {least:.6g}: a "
            "bound of that index, not of the objective",
        ]
        return ["the zones of today were not improved", *said] if stays else said
    if status == "optimal":
        return ["no plan is better than the zones of today"] if stays else []
    if stays or value >= before - 1e-12:
        return [f"no better plan found, bound {bound:.6g}"]
    worth = value - bound
    return [
        f"the time ran out (time_limit={task.about['time_limit']:g}): no better plan found, bound {bound:.6g}; another "
        f"may be better by {worth:.3g} at most"
    ]
