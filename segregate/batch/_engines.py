"""Who does the tasks: this process, processes of this machine, or Dask. None of them changes a bit of the results."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from contextlib import closing

from ._cluster import on_dask
from ._plan import Plan
from ._pool import attempted, in_processes
from ._tasks import Task
from ._work import Outcome, failed_outcome

__all__ = ["cores", "engine_of"]

log = logging.getLogger("segregate")
Done = Callable[[Task, Outcome], None]
TRIES = 3
"""How often a task may take its worker with it."""
LOST = (
    f"the worker that did it ended without a word, {TRIES} times (was it killed, or out of memory?); give the machine "
    "fewer workers ([engine] workers), or smaller cities"
)


def cores() -> int:
    """Return the cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS, Windows
        return os.cpu_count() or 1


def engine_of(plan: Plan, workers: int) -> Callable[[Sequence[Task], Done], None]:
    """Return a function that does tasks and hands each outcome on as soon as it is there.

    Parameters
    ----------
    plan : Plan
        What to do.
    workers : int
        How many tasks at a time.
    """
    if plan.engine.kind == "dask":
        return lambda tasks, done: _dask(plan, tasks, workers, done)
    if workers == 1:
        return lambda tasks, done: _here(plan, tasks, done)
    return lambda tasks, done: _processes(plan, tasks, workers, done)


def _here(plan: Plan, tasks: Sequence[Task], done: Done) -> None:
    for task in tasks:
        _hand_on(task, *attempted(plan, task), done)


def _processes(plan: Plan, tasks: Sequence[Task], workers: int, done: Done) -> None:
    answers = in_processes(plan, tasks, workers, max(1, cores() // workers), TRIES)
    with closing(answers):
        for task, answer, times in answers:
            if answer is not None:
                _hand_on(task, *answer, done)
            elif times < TRIES:
                log.warning("a worker died; its task is done again: %s", task.name)
            else:
                done(task, failed_outcome(plan, task, LOST))


def _dask(plan: Plan, tasks: Sequence[Task], workers: int, done: Done) -> None:
    with closing(on_dask(plan, tasks, workers, TRIES)) as answers:
        for task, answer in answers:
            if answer is not None:
                _hand_on(task, *answer, done)
            else:
                done(task, failed_outcome(plan, task, LOST))


def _hand_on(task: Task, outcome: Outcome, trace: str, done: Done) -> None:
    if trace:
        log.error("%s failed in a way that nobody thought of\n%s", task.name, trace)
    done(task, outcome)
