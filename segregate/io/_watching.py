"""How far the reading of files has come."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from segregate._progress import Progress, progress_over

__all__ = ["UNWATCHED", "Watch", "watching"]

PASSES = {".csv": 2, ".tsv": 2, ".txt": 2, ".gz": 2, ".zip": 2}
"""How often a format is gone through; others once."""


class Watch:
    """Counts the bytes that were read and tells it on, one hundredth at a time.

    Parameters
    ----------
    step : callable, optional
        Called for each hundredth of the work; without it nothing is counted.
    work : int
        All bytes that will be read.
    """

    def __init__(self, step: Callable[[], None] | None = None, work: int = 0) -> None:
        self._step, self._work = step, max(work, 1)
        self._done, self._told = 0, 0

    @property
    def active(self) -> bool:
        """Whether anybody listens."""
        return self._step is not None

    def advance(self, amount: int) -> None:
        """Say that so many bytes more were read; the last hundredth is told by `finish`."""
        self._done += amount
        self._tell(min(100 * self._done // self._work, 99))

    def finish(self) -> None:
        """Say that all is read, also where a part was never asked for."""
        self._tell(100)

    def file(self, path: Path) -> AbstractContextManager[Any]:
        """Open the path as it is, or a file whose reading is counted."""
        return _Watched(path, self) if self.active else nullcontext(path)

    def _tell(self, hundredths: int) -> None:
        while self._step is not None and self._told < hundredths:
            self._told += 1
            self._step()


UNWATCHED = Watch()
"""For who does not want to know."""


@contextmanager
def watching(progress: Progress, paths: Sequence[Path]) -> Iterator[Watch]:
    """Yield a watch over the reading of some files.

    Parameters
    ----------
    progress : bool or callable or None
        True for a bar on stderr, or a function called with (hundredths done, 100).
    paths : list of Path
        What will be read.
    """
    if not progress:
        yield UNWATCHED
        return
    work = sum(path.stat().st_size * PASSES.get(path.suffix.casefold(), 1) for path in paths)
    name = paths[0].name if len(paths) == 1 else f"{len(paths)} files"
    with progress_over(progress, 100, f"Reading {name}") as step:
        watch = Watch(step, work)
        yield watch
        watch.finish()


class _Watched(io.FileIO):
    """A file that tells how much of it was read."""

    def __init__(self, path: Path, watch: Watch) -> None:
        super().__init__(path, "rb")
        self._watch = watch

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(-1 if size is None else size)
        self._watch.advance(len(data or b""))
        return data or b""

    def readinto(self, buffer: Any, /) -> int:
        count = super().readinto(buffer) or 0
        self._watch.advance(count)
        return count
