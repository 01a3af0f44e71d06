"""What tasks take in memory, said before they start."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace

from ..environment import Home
from ._plan import Plan
from ._tasks import Task

__all__ = ["fit", "needed_by"]

BASE = 450 * 2**20
"""Bytes of a worker with its libraries."""
ROW = 1_200
"""Bytes of a unit: id, attributes, geometry, while it is read."""
CELL = 150
"""Bytes of a unit and group at home: counts, shares and what kernels hold, of the pairs of groups too."""
AROUND = 60
"""Bytes of a unit and group for each environment that is held at a time."""
REPLICATES = 400 * 2**20
"""Bytes of the replicates that are held at a time."""
SHARE = 0.8
"""Part of the machine's memory that a run takes at the most."""
UNKNOWN = 8
"""Groups where a source knows them and the plan does not."""


def needed_by(plan: Plan, task: Task) -> int:
    """Return the bytes that a task takes, the worker included; a careful guess from its units and groups."""
    groups = plan.data[task.data].groups
    many = UNKNOWN if groups is None else len(groups)
    beyond = max((len(group) for group in plan.environments if not isinstance(group[0], Home)), default=0)
    drawn = REPLICATES if plan.test is not None or plan.bootstrap is not None else 0
    return BASE + drawn + task.rows * (ROW + many * (CELL + AROUND * beyond))


def machine() -> int | None:
    """Return the bytes of memory of this machine, as far as it says."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # Windows
        return None


def fit(plan: Plan, tasks: Sequence[Task], workers: int) -> tuple[list[Task], int, str]:
    """Give tasks as many workers as there is memory for; one that does not fit at all carries the reason.

    Parameters
    ----------
    plan : Plan
        With the bound that its engine sets.
    tasks : sequence of Task
        All of them.
    workers : int
        As many as are wanted.

    Returns
    -------
    tasks : list of Task
        With reasons.
    workers : int
        So many fit.
    said : str
        What is taken, for the log.
    """
    known = machine()
    bound = plan.engine.memory if plan.engine.memory is not None else None if known is None else int(SHARE * known)
    needs = [needed_by(plan, task) for task in tasks]
    if bound is None or plan.engine.scheduler is not None:
        return list(tasks), workers, f"largest task {size(max(needs))}"
    checked = [
        task
        if need <= bound
        else replace(
            task,
            error=f"it would take about {size(need)}, more than the {size(bound)} there are ([engine] memory); "
            "use a machine with more, or cut the data into smaller cities (by)",
        )
        for task, need in zip(tasks, needs, strict=True)
    ]
    most = max((need for need in needs if need <= bound), default=BASE)
    some = max(1, min(workers, bound // most))
    return checked, some, f"{some} x largest task {size(most)}, of {size(bound)}"


def size(number: int) -> str:
    """Write a number of bytes."""
    return f"{number / 1e9:.1f} GB" if number >= 1e9 else f"{number / 1e6:.0f} MB"
