"""Worker processes, fresh ones and not forked; one that dies costs no more than its task.

They read from a pipe and end with it: when the process that started them is gone, for whatever reason, so are they.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import queue
import subprocess
import sys
import threading
import traceback
from collections.abc import Generator, Sequence
from typing import IO, Any

from ._plan import Plan
from ._tasks import Task
from ._work import Outcome, failed_outcome, work

__all__ = ["attempted", "in_processes", "worker"]

BEGIN = (
    "import json, signal, sys; signal.signal(signal.SIGINT, signal.SIG_IGN); sys.path[:] = json.loads(sys.argv[1]); "
    "from segregate.batch._pool import worker; worker()"
)
"""What a worker runs; the user's own script is not run again."""
TICK = 0.5
"""Seconds after which the one who waits looks whether the user wants to stop."""
Answer = tuple[Outcome, str]


def attempted(plan: Plan, task: Task) -> Answer:
    """Do a task; return what it gave, and the traceback of an error that nobody thought of."""
    try:
        return work(plan, task), ""
    except Exception as error:
        return failed_outcome(plan, task, f"{type(error).__name__}: {error}"), traceback.format_exc()


# in the worker ------------------------------------------------------------------------


def worker() -> None:
    """Do tasks from stdin until there are no more; end at once when the other end of stdin is gone."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints goes to stderr
    asked: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
    questions = sys.stdin.buffer
    with contextlib.suppress(EOFError):
        plan, threads = pickle.load(questions)
        threading.Thread(target=_listen, args=(questions, asked), daemon=True).start()
        _use(threads)
        while (task := asked.get()) is not None:
            pickle.dump(attempted(plan, task), answers)
            answers.flush()
    os._exit(0)


def _listen(questions: IO[bytes], asked: queue.SimpleQueue[Task | None]) -> None:
    with contextlib.suppress(EOFError, OSError):
        while True:
            task = pickle.load(questions)
            asked.put(task)
            if task is None:
                return
    os._exit(1)


def _use(threads: int) -> None:
    import numba

    numba.set_num_threads(max(1, min(threads, numba.get_num_threads())))


# in the process that started it -------------------------------------------------------


class _Worker:
    """A process that does one task after another; a new one where it died."""

    def __init__(self, plan: Plan, threads: int) -> None:
        self.given = (plan, threads)
        self.process: subprocess.Popen[bytes] | None = None
        self.over = False

    def ask(self, task: Task) -> Answer | None:
        """Have a task done; None where the worker died over it."""
        try:
            process = self._running()
            assert process.stdin is not None
            assert process.stdout is not None
            pickle.dump(task, process.stdin)
            process.stdin.flush()
            answer: Answer = pickle.load(process.stdout)
        except (EOFError, BrokenPipeError, ConnectionError, pickle.UnpicklingError):
            self.end()
            return None
        return answer

    def _running(self) -> subprocess.Popen[bytes]:
        if self.process is None:
            command = [sys.executable, "-c", BEGIN, json.dumps(sys.path)]
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            if self.over:
                self.process.kill()
            assert self.process.stdin is not None
            pickle.dump(self.given, self.process.stdin)
        return self.process

    def end(self) -> None:
        """End the process, whatever it does."""
        process, self.process = self.process, None
        if process is not None:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                with contextlib.suppress(OSError):
                    stream.close()  # type: ignore[union-attr]

    def stop(self) -> None:
        """End the process, and start no other."""
        self.over = True
        if self.process is not None:
            self.process.kill()


def in_processes(
    plan: Plan, tasks: Sequence[Task], workers: int, threads: int, tries: int
) -> Generator[tuple[Task, Answer | None, int], None, None]:
    """Yield each task with its answer as soon as it is there, or with None and how often its worker died.

    A task whose worker died is done again, `tries` times in all; each time it is yielded with None.

    Parameters
    ----------
    plan : Plan
        The plan.
    tasks : sequence of Task
        What is to be done, begun in this order.
    workers : int
        Processes.
    threads : int
        Threads that each may use.
    tries : int
        How often a task is begun.
    """
    waiting: queue.SimpleQueue[tuple[Task, int]] = queue.SimpleQueue()
    for task in tasks:
        waiting.put((task, 1))
    found: queue.Queue[Any] = queue.Queue(maxsize=2 * workers)
    left = len(tasks)
    hands = [_Worker(plan, threads) for _ in range(min(workers, len(tasks)))]
    over = threading.Event()

    def feed(one: _Worker) -> None:
        try:
            while not over.is_set():
                try:
                    task, times = waiting.get(timeout=TICK)
                except queue.Empty:
                    continue
                found.put((task, one.ask(task), times))
        except BaseException as error:  # raised again by the one who waits
            found.put(error)

    feeders = [threading.Thread(target=feed, args=(one,), daemon=True) for one in hands]
    for feeder in feeders:
        feeder.start()
    try:
        while left:
            try:
                got = found.get(timeout=TICK)
            except queue.Empty:
                continue
            if isinstance(got, BaseException):
                raise got
            task, answer, times = got
            if answer is None and times < tries:
                waiting.put((task, times + 1))
            else:
                left -= 1
            yield task, answer, times
    finally:
        over.set()
        for one in hands:
            one.stop()
        while any(feeder.is_alive() for feeder in feeders):
            with contextlib.suppress(queue.Empty):
                found.get(timeout=0.02)
        for one in hands:
            one.end()
