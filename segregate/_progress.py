"""Progress on stderr, or handed to a function."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["Progress", "progress_over"]

Progress = bool | Callable[[int, int], None] | None


@contextmanager
def progress_over(progress: Progress, n: int, what: str) -> Iterator[Callable[[], None]]:
    """Yield a function to call when one of `n` steps is done.

    Parameters
    ----------
    progress : bool or callable or None
        True for a bar on stderr, or a function called with (done, to do).
    n : int
        Number of steps.
    what : str
        What is being done, shown beside the bar.
    """
    if callable(progress):
        done = itertools.count(1)
        yield lambda: progress(next(done), n)
    elif progress:
        from rich.console import Console
        from rich.progress import Progress as Bar

        with Bar(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(what, total=n)
            yield lambda: bar.advance(task)
    else:
        yield lambda: None
