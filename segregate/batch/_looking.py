"""What a plan would do, and how far a run is."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from ..errors import plural
from ._engines import cores
from ._folder import PARTS, RESULTS, SUMMARY, checked_folder
from ._memory import fit, needed_by, size
from ._plan import Plan, plan_of
from ._tasks import inputs_of, tasks_of

__all__ = ["preview", "status"]


def preview(plan: str | os.PathLike[str] | Plan | dict[str, Any]) -> pd.DataFrame:
    """Return what a plan would do, a row per file and year.

    Parameters
    ----------
    plan : path or mapping
        As for `segregate.run`.

    Returns
    -------
    DataFrame
        file, year, cities, units, tasks, largest task in memory, and what is wrong with the file.

    Raises
    ------
    ParameterError
        With all faults of the plan.
    """
    checked = plan_of(plan)
    inputs = list(inputs_of(checked))
    tasks, _, _ = fit(checked, tasks_of(checked, inputs), checked.engine.workers or cores())
    frame = pd.DataFrame(
        {
            "file": [Path(task.path).name for task in tasks],
            "year": pd.array([task.year for task in tasks], dtype="Int64"),
            "cities": [len(task.cities) for task in tasks],
            "units": [task.rows for task in tasks],
            "tasks": 1,
            "memory": [needed_by(checked, task) for task in tasks],
            "error": [task.error for task in tasks],
        }
    )
    how = {"cities": "sum", "units": "sum", "tasks": "sum", "memory": "max", "error": "first"}
    found = frame.groupby(["file", "year"], sort=False, dropna=False, as_index=False).agg(how)
    found["memory"] = [size(int(number)) for number in found["memory"]]
    return found


def status(path: str | os.PathLike[str]) -> str:
    """Say how far the run in a folder is.

    Parameters
    ----------
    path : path
        Its output folder.

    Returns
    -------
    str
        Some lines.
    """
    folder = checked_folder(path)
    state = folder.state() or {}
    tasks = state.get("tasks", [])
    there = {part.stem for part in (folder.path / PARTS).glob("*.parquet")}
    done = sum(task["key"][:32] in there for task in tasks)
    lines = [f"{state['plan']['plan']['name']}: {done:,} of {plural(len(tasks), 'task')} done"]
    running = folder.running
    known = folder.timings()
    failed = sum(one["failed"] for one in known)
    if failed:
        lines.append(f"{plural(failed, 'city', 'cities')} failed")
    if running:
        lines.append("running" + _rate(known, len(tasks) - done))
    elif done < len(tasks):
        lines.append("stopped; start it again and it goes on where it was")
    elif (folder.path / SUMMARY).exists():
        lines.append(f"finished: {folder.path / RESULTS}")
    else:
        lines.append("stopped before the results were put together; start it again and it goes on where it was")
    if known:
        lines.append(f"last: {known[-1]['name']}, {known[-1]['ended']}")
    return "\n".join(lines)


def _rate(known: list[dict[str, Any]], left: int) -> str:
    """Say how fast the last tasks went, and how long the others will take at that rate."""
    last = known[-50:]
    if len(last) < 2:
        return ""
    ends = [datetime.fromisoformat(one["ended"]) for one in (last[0], last[-1])]
    seconds = (ends[1] - ends[0]).total_seconds()
    if seconds <= 0:
        return ""
    rate = (len(last) - 1) / seconds
    return f", {rate:.2g} tasks a second, {left / rate:,.0f} s left"
