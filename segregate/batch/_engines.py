"""Who does the tasks: this process, processes of this machine, or Dask. None of them changes a bit of the results."""

from __future__ import annotations

import logging
import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager

from .._optional import require
from ._plan import Plan
from ._tasks import Task
from ._work import Outcome, failed_outcome, work

__all__ = ["cores", "engine_of"]

log = logging.getLogger("segregate")
Done = Callable[[Task, Outcome], None]
TRIES = 3
"""How often a task may take its worker with it."""
AHEAD = 2
"""Tasks for each worker that are handed out at a time."""
WATCH = 1.0
"""Seconds between two looks of a worker at whether the process that started it is still there."""
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
        done(task, work(plan, task))


# processes ----------------------------------------------------------------------------


def _begin(parent: int, threads: int) -> None:
    """Prepare a worker: its share of the cores, and an end when the process that started it is gone."""
    import numba

    numba.set_num_threads(max(1, min(threads, numba.get_num_threads())))

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(WATCH)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@contextmanager
def _pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    pool = ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin,
        initargs=(os.getpid(), max(1, cores() // workers)),
    )
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown(wait=True)


def _processes(plan: Plan, tasks: Sequence[Task], workers: int, done: Done) -> None:
    """Do tasks in processes; one that dies costs its task, which is done again."""
    waiting = list(reversed(tasks))
    tries: dict[int, int] = {}
    alone: list[Task] = []
    while waiting or alone:
        with _pool(1 if alone else workers) as pool:
            try:
                if alone:
                    _hand_out(pool, plan, alone, 1, done)
                else:
                    _hand_out(pool, plan, waiting, workers * AHEAD, done)
            except _WorkerDiedError as broken:
                lost = broken.tasks
                log.warning(
                    "A worker died; %s done again: %s", "it is" if len(lost) == 1 else "these are", _names(lost)
                )
                if not alone and len(lost) > 1:  # one of them may be to blame: each by itself
                    alone = [*reversed(lost)]
                    continue
                for task in lost:
                    tries[task.number] = tries.get(task.number, 0) + 1
                    if tries[task.number] >= TRIES:
                        done(task, failed_outcome(plan, task, LOST))
                    else:
                        alone.append(task)


class _WorkerDiedError(Exception):
    """A worker died; these tasks were in its hands or in those of the others."""

    def __init__(self, tasks: list[Task]) -> None:
        super().__init__("a worker died")
        self.tasks = tasks


def _hand_out(pool: ProcessPoolExecutor, plan: Plan, waiting: list[Task], ahead: int, done: Done) -> None:
    """Do the tasks at the end of a list, which loses them one by one."""
    going: dict[Future[Outcome], Task] = {}
    try:
        while waiting or going:
            while waiting and len(going) < ahead:
                task = waiting[-1]
                going[pool.submit(work, plan, task)] = task
                waiting.pop()
            for future in wait(going, return_when=FIRST_COMPLETED).done:
                outcome = future.result()
                done(going.pop(future), outcome)
    except BrokenProcessPool:
        for future in [one for one in going if one.done() and one.exception() is None]:
            done(going.pop(future), future.result())
        raise _WorkerDiedError(sorted(going.values(), key=lambda task: task.number)) from None


def _names(tasks: Sequence[Task]) -> str:
    return ", ".join(task.name for task in tasks[:3]) + (", ..." if len(tasks) > 3 else "")


# Dask ---------------------------------------------------------------------------------


def _dask(plan: Plan, tasks: Sequence[Task], workers: int, done: Done) -> None:
    """Do tasks on a Dask cluster: one that is running, or one on this machine for as long as it takes."""
    distributed = require("distributed", extra="dask")
    if plan.engine.scheduler is not None:
        client = distributed.Client(plan.engine.scheduler)
        cluster = None
    else:
        cluster = distributed.LocalCluster(
            n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=logging.ERROR
        )
        client = distributed.Client(cluster)
    try:
        [plan_there] = client.scatter([plan], broadcast=True, hash=False)
        going = {
            client.submit(work, plan_there, task, key=f"segregate-{task.key}", pure=True, retries=TRIES): task
            for task in tasks
        }
        for future in distributed.as_completed(going):
            task = going[future]
            error = future.exception()
            if error is None:
                done(task, future.result())
            elif type(error).__name__ == "KilledWorker":
                done(task, failed_outcome(plan, task, LOST))
            else:
                done(task, failed_outcome(plan, task, f"{type(error).__name__}: {error}"))
            future.release()
    finally:
        client.close()
        if cluster is not None:
            cluster.close()
