"""Tasks on a Dask cluster: one that is running, or one on this machine for as long as it takes."""

from __future__ import annotations

import inspect
import logging
import queue
import threading
import uuid
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from .._optional import require
from ..errors import DataError, ParameterError
from ._plan import Plan
from ._pool import Answer, attempted
from ._tasks import Task
from ._versions import versions

__all__ = ["on_dask", "refuse_main_again"]

log = logging.getLogger("segregate")
ONE = threading.Lock()
"""A worker does one task at a time, whatever its threads: Python's record of warnings is that of a process."""

LOOK = 3.0
"""Seconds without an answer after which workers are looked after."""
REPLACED = 5
"""How often each worker of this machine is replaced."""
AGAIN = "Start the run again; it goes on where it was."
GUARD = "In a script that uses Dask, sg.run stands below: if __name__ == '__main__':"


class OtherVersionsError(Exception):
    """A worker has other libraries than the process that asks."""


def there(task: Task, plan: Plan, wanted: Mapping[str, str]) -> Answer:
    """Do a task on a worker."""
    other = [f"{name} {ours} instead of {wanted[name]}" for name, ours in versions().items() if ours != wanted[name]]
    if other:
        raise OtherVersionsError(", ".join(other))
    with ONE:
        return attempted(plan, task)


def same(plan: Plan) -> Plan:
    """Return a plan: on a worker, so that it need not be sent with each task."""
    return plan


def on_dask(
    plan: Plan, tasks: Sequence[Task], workers: int, tries: int
) -> Generator[tuple[Task, Answer | None], None, None]:
    """Yield each task with its answer as soon as it is there, or with None where workers died over it.

    Parameters
    ----------
    plan : Plan
        With the address of a scheduler, or without: then a cluster is started on this machine.
    tasks : sequence of Task
        What is to be done.
    workers : int
        Of a cluster on this machine.
    tries : int
        How often a task is begun.
    """
    distributed = require("distributed", extra="dask")
    run = uuid.uuid4().hex[:12]
    with _client(distributed, plan, workers) as (client, look):
        shared = client.submit(same, plan, key=f"segregate-plan-{run}", retries=tries)
        futures = client.map(
            there,
            tasks,
            key=[f"segregate-{run}-{task.number}" for task in tasks],
            retries=tries - 1,
            pure=False,
            plan=shared,
            wanted=versions(),
        )
        going = dict(zip(futures, tasks, strict=True))
        del futures
        ended: queue.SimpleQueue[Any] = queue.SimpleQueue()
        for future in going:
            future.add_done_callback(ended.put)
        while going:
            try:
                future = ended.get(timeout=LOOK)
            except queue.Empty:
                look()
                continue
            task = going.pop(future)
            if future.status == "finished":
                yield task, future.result()
            elif future.status == "error":
                _refuse(future.exception())
                yield task, None
            else:
                raise DataError("The Dask scheduler went away. Start it and the run again; it goes on where it was.")


def _refuse(error: BaseException) -> None:
    """Raise what concerns all tasks; a worker that died over this one does not."""
    if type(error).__name__ == "KilledWorker":
        return
    if isinstance(error, OtherVersionsError):
        raise ParameterError(
            f"A Dask worker has other versions: {error}. Results could differ and the manifest would be wrong; install "
            "the same on the workers."
        ) from None
    raise ParameterError(
        f"The Dask workers cannot do the work ({type(error).__name__}: {error}). They need segregate "
        f"{versions()['segregate']} and its libraries, as here."
    ) from error


@contextmanager
def _client(distributed: Any, plan: Plan, workers: int) -> Iterator[tuple[Any, Callable[[], None]]]:
    """Yield a client, and a function that looks after the workers while nothing happens."""
    address = plan.engine.scheduler
    if address is None:
        with _cluster(distributed, workers) as cluster, distributed.Client(cluster) as client:
            yield client, _Nurse(cluster, workers).look
        return
    try:
        client = distributed.Client(address)
    except (OSError, ValueError) as error:
        raise ParameterError(f"No Dask scheduler answers at {address!r}: {' '.join(str(error).split())}") from error
    with client:
        threads = [one["nthreads"] for one in client.scheduler_info()["workers"].values()]
        if any(many > 1 for many in threads):
            log.warning("a Dask worker does one task at a time; start them with --nthreads 1, more of them")
        yield client, _Watch(client).look


def _cluster(distributed: Any, workers: int) -> Any:
    """Start a cluster on this machine."""
    try:
        return distributed.LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            dashboard_address=":0",
            silence_logs=logging.ERROR,
            preload="segregate.batch._preload",
        )
    except RuntimeError as error:
        raise ParameterError(f"Dask's workers on this machine did not start: {error} {GUARD}") from error


class _Nurse:
    """Replaces workers of this machine that died while they started, which Dask does not."""

    def __init__(self, cluster: Any, workers: int) -> None:
        self.cluster, self.workers = cluster, workers
        self.left = REPLACED * workers

    def look(self) -> None:
        gone = [name for name, one in self.cluster.workers.items() if one.status.name in ("closed", "failed")]
        for name in gone:
            if self.left == 0:
                raise DataError(f"Dask's workers on this machine end again and again. {AGAIN}")
            self.left -= 1
            self.cluster.worker_spec.pop(name, None)
        if gone:
            log.warning("a Dask worker ended while it started; another one takes its place")
            self.cluster.scale(self.workers)


class _Watch:
    """Says once that a cluster has no workers."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.said = False

    def look(self) -> None:
        if not self.said and not self.client.scheduler_info()["workers"]:
            self.said = True
            log.warning("the Dask cluster has no workers now; tasks wait for them")


def refuse_main_again() -> None:
    """Refuse to run while a script is imported again by a worker that Dask starts."""
    frame = inspect.currentframe()
    while frame is not None:
        if frame.f_globals.get("__name__") == "__mp_main__" and frame.f_code.co_name == "<module>":
            raise ParameterError(f"This script is run again by each of Dask's workers. {GUARD}")
        frame = frame.f_back
