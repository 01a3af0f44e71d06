"""Where the data of a population come from: file, hash, date, licence, caveats, steps."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

__all__ = ["FileRead", "Provenance", "fingerprint", "joined", "now", "then"]

LARGE = 1 << 30
"""Bytes from which on a file is not hashed."""
BLOCK = 1 << 24


@dataclass(frozen=True)
class FileRead:
    """A file as it was when it was read.

    Attributes
    ----------
    name : str
        Its name, without the folder.
    size : int
        Bytes.
    modified : str
        When it was last changed (ISO 8601, UTC).
    sha256 : str or None
        Hash of its bytes; None above 1 GB.
    """

    name: str
    size: int
    modified: str
    sha256: str | None


@dataclass(frozen=True)
class Provenance:
    """Where the data of a population come from.

    Attributes
    ----------
    source : str
        Publisher and title, or the name of the file.
    files : tuple of FileRead
        What was read.
    read : str
        When (ISO 8601, UTC).
    layout : str or None
        Name of the public source whose layout the file has.
    options : mapping
        How it was read.
    licence : str
        Line to print with results; empty where it is not known.
    caveats : tuple of str
        What to know about the source.
    meanings : mapping of group to str
        What the groups are.
    steps : tuple of str
        What was done since, in this order.
    """

    source: str
    files: tuple[FileRead, ...] = ()
    read: str = ""
    layout: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    licence: str = ""
    caveats: tuple[str, ...] = ()
    meanings: Mapping[str, str] = field(default_factory=dict)
    steps: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """Source and licence in a line, for captions."""
        return f"Source: {self.source}.{f' {self.licence}' if self.licence else ''}"

    @property
    def said(self) -> dict[str, Any]:
        """Licence, files with their hashes, and steps, for the record of a table; no clock is in it."""
        return {
            "licence": self.licence,
            "files": [{"name": file.name, "size": file.size, "sha256": file.sha256} for file in self.files],
            "steps": list(self.steps),
        }

    def record(self) -> dict[str, Any]:
        """Return all of it as what JSON knows, for manifests."""
        return asdict(self)


def fingerprint(*paths: Path) -> tuple[FileRead, ...]:
    """Return size, date and hash of files."""
    return tuple(_fingerprint(path) for path in paths)


def _fingerprint(path: Path) -> FileRead:
    about = path.stat()
    modified = datetime.fromtimestamp(about.st_mtime, UTC).isoformat(timespec="seconds")
    digest = None
    if about.st_size <= LARGE:
        digest = _hash(str(path.absolute()), about.st_size, about.st_mtime_ns)
    return FileRead(path.name, about.st_size, modified, digest)


@functools.lru_cache(maxsize=64)
def _hash(path: str, size: int, changed: int) -> str:  # noqa: ARG001 - a file that changed is another
    """Return the SHA-256 of a file; that of one which is read again and again is known."""
    found = hashlib.sha256()
    with Path(path).open("rb") as stream:
        while block := stream.read(BLOCK):
            found.update(block)
    return found.hexdigest()


def joined(*known: Provenance | None) -> tuple[FileRead, ...]:
    """Return the files of several provenances, each once."""
    return tuple(dict.fromkeys(file for one in known if one is not None for file in one.files))


def now() -> str:
    """Return the time (ISO 8601, UTC)."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def then(before: Provenance | None, step: str) -> Provenance | None:
    """Return the same with one step more."""
    return None if before is None else replace(before, steps=(*before.steps, step))
