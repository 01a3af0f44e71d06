"""Progress of a run: a bar in a terminal, one in Jupyter, plain lines elsewhere, or a function of the caller."""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from .._progress import Progress

__all__ = ["showing"]

EVERY = 10.0
"""Seconds between plain lines."""
Step = Callable[[str], None]


@contextmanager
def showing(progress: Progress, done: int, total: int, what: str) -> Iterator[Step]:
    """Yield a function to call with the name of every task that is done.

    Parameters
    ----------
    progress : bool, callable or None
        True for a bar, or lines on stderr where nobody could see a bar; a function is called with (done, to do).
    done, total : int
        Tasks that are done already, and all.
    what : str
        Name of the run.
    """
    if callable(progress):
        yield _counted(progress, done, total)
    elif not progress:
        yield lambda _: None
    elif _in_notebook() and (bar := _tqdm()) is not None:
        with bar(total=total, initial=done, desc=what, unit="task") as shown:
            yield lambda _: shown.update()
    elif sys.stderr.isatty():
        with _terminal(done, total, what) as step:
            yield step
    else:
        yield _lines(done, total, what)


def _counted(progress: Callable[[int, int], None], done: int, total: int) -> Step:
    def step(_: str) -> None:
        nonlocal done
        done += 1
        progress(done, total)

    return step


def _in_notebook() -> bool:
    shell = sys.modules.get("IPython")
    found = None if shell is None else shell.get_ipython()
    return found is not None and type(found).__name__ == "ZMQInteractiveShell"


def _tqdm() -> Any:
    """Return tqdm's bar for notebooks, or None where tqdm is not installed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # without ipywidgets it draws with text, and says so
        try:
            from tqdm.auto import tqdm
        except ImportError:
            return None
    return tqdm


@contextmanager
def _terminal(done: int, total: int, what: str) -> Iterator[Step]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, Task, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar
    from rich.text import Text

    class Rate(ProgressColumn):
        """Tasks a second."""

        def render(self, task: Task) -> Text:
            return Text("" if not task.speed else f"{task.speed:.2g} a second")

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        Rate(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[last]}", markup=False),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True, speed_estimate_period=300) as bar:
        task = bar.add_task(what, total=total, completed=done, last="")
        yield lambda name: bar.update(task, advance=1, last=name)


def _lines(done: int, total: int, what: str) -> Step:
    begun = last = time.monotonic()
    first = done

    def step(name: str) -> None:
        nonlocal done, last
        done += 1
        now = time.monotonic()
        if done < total and now - last < EVERY:
            return
        last = now
        rate = (done - first) / max(now - begun, 1e-9)
        left = f", {(total - done) / rate:,.0f} s left" if done < total else ""
        print(f"{what}: {done:,} of {total:,} tasks, {rate:.2g} a second{left} ({name})", file=sys.stderr)  # noqa: T201

    return step
