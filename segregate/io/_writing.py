"""Files that are whole or not there."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["whole"]

BESIDE = ("-journal", "-wal", "-shm")
"""What SQLite leaves beside a file that it could not finish."""


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give a temporary path beside a file that takes its place only when all went well.

    Parameters
    ----------
    path : Path
        The file; an existing one is replaced at the end, and stays as it is when something fails. What is no
        file, such as ``/dev/stdout``, is written to as it is.

    Yields
    ------
    Path
        Where to write; it has the suffix of the file.
    """
    path = path.resolve()
    if path.exists() and not path.is_file():
        yield path
        return
    temporary = path.with_name(f".{uuid.uuid4().hex[:12]}{path.suffix.lower()}")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        for left in (temporary, *(temporary.with_name(temporary.name + end) for end in BESIDE)):
            left.unlink(missing_ok=True)
