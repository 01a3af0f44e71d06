"""Why there is no plan: which limits contradict each other, and by how much."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import ParameterError, first_of, plural
from ._rezone_problem import SLACK
from ._rezone_program import Program, cuts_of_zones
from ._rezone_reading import Reading
from ._rezone_solve import FLOW

__all__ = ["NoPlanError", "no_plan"]

Bools = npt.NDArray[np.bool_]
COLUMNS = ["limit", "where", "by", "unit", "message"]
NAMES = {
    "seats": "capacity=",
    "pupils short": "fill=",
    "moved": "max_moved=",
    "travel": "max_travel=",
}


class NoPlanError(ParameterError):
    """No plan keeps all limits.

    Attributes
    ----------
    table : DataFrame
        limit (the argument), where (a block or a school; "" for all), by (how much it is short; NaN where that is no
        number), unit ("pupils", "blocks", "m" ...) and message.
    """

    def __init__(self, message: str, table: pd.DataFrame) -> None:
        super().__init__(message)
        self.table = table


def no_plan(reading: Reading, seconds: float, *, proven: bool) -> NoPlanError:
    """Return the error that says why there is no plan.

    Parameters
    ----------
    reading : Reading
        What is asked.
    seconds : float
        For looking at each limit.
    proven : bool
        Whether it is proven that there is none.
    """
    rows = _places(reading)
    rows = [*rows, *_totals(reading)] if rows else [*_totals(reading), *_least(reading, seconds, proven=proven)]
    head = "No plan keeps all limits" if proven or rows else "No plan was found in the time, and none is ruled out"
    said = [row["message"] for row in rows if row["message"]]
    if not said:
        said = (
            ["limits contradict each other in a way that no single one explains; leave some out, one after another"]
            if proven
            else ["give more time (time_limit=), or ease a limit"]
        )
    text = "; ".join(said)
    return NoPlanError(f"{head}: {text}.", pd.DataFrame(rows, columns=COLUMNS))


def _row(limit: str, where: Any, by: float, unit: str, message: str = "") -> dict[str, Any]:
    return {"limit": limit, "where": where, "by": by, "unit": unit, "message": message}


def _places(reading: Reading) -> list[dict[str, Any]]:
    """Return blocks that no school may take."""
    problem, ids = reading.problem, reading.blocks.ids
    found: list[dict[str, Any]] = []
    far: Bools = ~np.asarray(reading.near.any(axis=1))
    if far.any():
        assert reading.costs is not None
        unit = reading.costs.unit
        least = np.where(np.isfinite(reading.costs.matrix[far]), reading.costs.matrix[far], np.inf).min(axis=1)
        limit = math.inf if reading.max_travel is None else reading.max_travel
        needed = float(least.max())
        tail = (
            f"the farthest needs {needed:,.6g} {'m' if unit == 'm' else ''}".rstrip()
            if math.isfinite(needed)
            else f"{plural(int(np.isinf(least).sum()), 'of them', 'of them')} cannot reach any school at all"
        )
        message = (
            f"{plural(int(far.sum()), 'block')} with {problem.pupils[far].sum():,.6g} pupils {_have(far)} no school "
            f"within max_travel={limit:,.6g} (first: {first_of(ids[far])}); {tail}"
            if reading.max_travel is not None
            else f"{plural(int(far.sum()), 'block')} cannot reach any school (first: {first_of(ids[far])}); complete "
            "travel="
        )
        for k, (block, cost) in enumerate(zip(ids[far], least.tolist(), strict=True)):
            found.append(_row("max_travel=", block, cost - limit, unit, message if k == 0 else ""))
    torn: Bools = ~far & ~problem.allowed.any(axis=1)
    if torn.any():
        found += [_torn(reading, int(b)) for b in np.flatnonzero(torn)]
    cut: Bools = ~far & ~torn & ~problem.reached().any(axis=1)
    if cut.any():
        message = (
            f"{plural(int(cut.sum()), 'block')} with {problem.pupils[cut].sum():,.6g} pupils {_have(cut)} no way over "
            f"neighbouring blocks to a school that may take them (first: {first_of(ids[cut])}), so no zone hangs "
            "together with them (contiguous=)"
        )
        for k, block in enumerate(ids[cut]):
            found.append(_row("contiguous=", block, 1.0, "blocks", message if k == 0 else ""))
    return found


def _have(mask: Bools) -> str:
    return "has" if mask.sum() == 1 else "have"


def _torn(reading: Reading, b: int) -> dict[str, Any]:
    """Return why a block that is kept, or in which a school lies, cannot go where it must."""
    block, schools = reading.blocks.ids[b], reading.schools.ids
    at = first_of(schools[reading.kept[b]]) or "no school"
    if not (reading.near[b] & reading.kept[b]).any():
        what = f"keep= leaves the block {block!r} to {at}, which max_travel= does not"
    elif not (reading.kept[b] & reading.own[b]).any():
        what = f"keep= leaves the block {block!r} to {at}, and {first_of(schools[reading.own[b]])} lies in it"
    elif not (reading.near[b] & reading.own[b]).any():
        what = f"the block {block!r} is that of {first_of(schools[reading.own[b]])}, which is beyond max_travel="
    else:
        what = f"keep=, max_travel= and contiguous= together leave no school to the block {block!r}"
    return _row("keep=" if not reading.kept[b].all() else "contiguous=", block, 1.0, "blocks", what)


def _totals(reading: Reading) -> list[dict[str, Any]]:
    """Return limits that pupils in all, or in one school, pass."""
    problem = reading.problem
    total, found = float(problem.pupils.sum()), []
    seats = float(problem.high.sum())
    if total > seats + SLACK:
        found.append(
            _row(
                "capacity=",
                "",
                total - seats,
                "pupils",
                f"there are {total:,.6g} pupils and {seats:,.6g} seats: short by {total - seats:,.6g}",
            )
        )
    least = float(problem.low.sum())
    if total < least - SLACK:
        found.append(
            _row(
                "fill=",
                "",
                least - total,
                "pupils",
                f"schools ask for {least:,.6g} pupils and there are {total:,.6g}: {least - total:,.6g} are missing",
            )
        )
    if problem.allowed.any(axis=1).all():
        forced = problem.allowed.sum(axis=1) == 1
        load = np.bincount(problem.allowed[forced].argmax(axis=1), problem.pupils[forced], minlength=problem.n_schools)
        for s in np.flatnonzero(load > problem.high + SLACK).tolist():
            name, by = reading.schools.ids[s], float(load[s] - problem.high[s])
            found.append(
                _row(
                    "capacity=",
                    name,
                    by,
                    "pupils",
                    f"{load[s]:,.6g} pupils may go to {name!r} only, which takes {problem.high[s]:,.6g}: short by "
                    f"{by:,.6g}",
                )
            )
    rows = np.arange(problem.n)
    stay = (problem.current >= 0) & problem.allowed[rows, np.maximum(problem.current, 0)]
    forced_out = float(problem.pupils[(problem.current != -1) & ~stay].sum())
    if forced_out > problem.most_moved + SLACK:
        by = forced_out - problem.most_moved
        found.append(
            _row(
                "max_moved=",
                "",
                by,
                "pupils",
                f"{forced_out:,.6g} pupils cannot stay at the school of today, and {problem.most_moved:,.6g} may "
                f"change: {by:,.6g} more must",
            )
        )
    return found


def _least(reading: Reading, seconds: float, *, proven: bool) -> list[dict[str, Any]]:
    """Return, of each limit, by how much it must be eased where all others hold."""
    problem, found = reading.problem, []
    limits = []
    if np.isfinite(problem.high).any():
        limits.append("seats")
    if (problem.low > 0).any():
        limits.append("pupils short")
    if math.isfinite(problem.most_moved):
        limits.append("moved")
    if reading.max_travel is not None:
        limits.append("travel")
    for name in limits:
        found += _eased_rows(eased(reading, (name,), seconds), "where all else holds")
    if not found and len(limits) > 1:
        found += _eased_rows(eased(reading, tuple(limits), seconds), "where the others are eased too")
    if not found and proven and problem.contiguous:
        without = replace(problem, i=None, j=None)
        program = Program(without)
        solved = program.run(program.solver(), seconds)
        if solved.values is not None:
            found.append(
                _row(
                    "contiguous=",
                    "",
                    math.nan,
                    "",
                    "zones that hang together cannot keep the other limits; with contiguous=False there is a plan",
                )
            )
    return found


def _eased_rows(found: Eased | None, condition: str) -> list[dict[str, Any]]:
    rows = []
    for name, least in ({} if found is None else found.by).items():
        assert found is not None
        if least <= SLACK:
            continue
        where = found.where.get(name, {})
        at = ", ".join(f"{school} {by:,.6g}" for school, by in list(where.items())[:4])
        at = f" ({at}{', ...' if len(where) > 4 else ''})" if where else ""
        about = "" if found.exact else "at least "
        words = {
            "seats": f"capacity= is short by {about}{least:,.6g} seats {condition}{at}",
            "pupils short": f"fill= asks for {about}{least:,.6g} pupils more than schools can have {condition}{at}",
            "moved": f"max_moved= is short by {about}{least:,.6g} pupils {condition}",
            "travel": f"{about}{least:,.6g} pupils must travel beyond max_travel= {condition}",
        }
        rows.append(_row(NAMES[name], "", least, "pupils", words[name]))
        rows += [_row(NAMES[name], school, by, "pupils") for school, by in where.items()]
    return rows


class Eased(NamedTuple):
    """By how much limits must be passed, each in pupils, whether that is exact, and at which schools."""

    by: dict[str, float]
    exact: bool
    where: dict[str, dict[Any, float]]


def eased(reading: Reading, names: tuple[str, ...], seconds: float) -> Eased | None:
    """Return the least by which limits must be passed, all other limits held; None where that does not help."""
    problem, rows = reading.problem, np.arange(reading.problem.n)
    beyond = None
    if "travel" in names:
        finite = np.ones_like(problem.allowed) if reading.costs is None else np.isfinite(reading.costs.matrix)
        finite |= (problem.pupils == 0)[:, None]
        beyond = ~reading.near
        problem = replace(problem, allowed=finite & reading.kept & reading.own)
    if not problem.reached().any(axis=1).all():
        return None
    flow = (0 if problem.i is None else len(problem.i)) * problem.n_schools <= FLOW
    program = Program(problem, flow=flow, elastic=names, beyond=beyond)
    end, bound = time.monotonic() + seconds, 0.0
    while (left := end - time.monotonic()) > 0.02:
        solved = program.run(program.solver(), left)
        if solved.state == "infeasible":
            return None
        bound = max(bound, solved.bound)
        if solved.values is None or solved.state != "optimal":
            break
        zones = program.zones_of(solved.values)
        if not flow and problem.contiguous and program.fresh(cuts_of_zones(problem, zones, program.column >= 0)):
            continue
        load, ids = problem.loads(zones), reading.schools.ids
        past = {"seats": np.maximum(load - problem.high, 0.0), "pupils short": np.maximum(problem.low - load, 0.0)}
        by = {name: float(past[name].sum()) for name in names if name in past}
        if "moved" in names:
            by["moved"] = problem.moved(zones) - problem.most_moved
        if beyond is not None:
            by["travel"] = float(problem.pupils[beyond[rows, zones]].sum())
        where = {
            name: {ids[s]: float(one[s]) for s in np.flatnonzero(one > SLACK).tolist()}
            for name, one in past.items()
            if name in names
        }
        return Eased(by, True, where)
    return Eased({names[0]: bound}, False, {}) if len(names) == 1 else None
