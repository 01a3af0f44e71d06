"""The folder of a run: parts, results, manifest; every file appears whole or not at all."""

from __future__ import annotations

import errno
import io
import itertools
import json
import os
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import filelock
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ..errors import DataError, ParameterError, first_of, plural
from ._plan import Plan
from ._tasks import Input, Task
from ._tiles import added

__all__ = ["Folder", "checked_folder", "write_whole"]

PARTS, TILES, STATE, RESULTS = "parts", "tiles", "state.json", "results.parquet"
MANIFEST, TIMINGS, LOG, LEAGUE, SUMMARY = (
    "manifest.json",
    "timings.parquet",
    "run.log",
    "league.parquet",
    "summary.html",
)
LOCK = ".lock"
ADVICE = {
    errno.ENOSPC: "Make room on that disk.",
    errno.EDQUOT: "Make room in your quota.",
    errno.EROFS: "Take an output on a disk that can be written to.",
    errno.EACCES: "Ask for the right to write there, or take another output.",
    errno.EIO: "See whether the disk is well.",
}
PATIENCE = 2.0
"""Seconds for which a lock is waited for; a look at how far a run is holds it for a moment."""


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that takes its place only when it is whole and on the disk."""
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.tmp")
    try:
        with temporary.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


class Folder:
    """Where a run keeps what it has.

    Parameters
    ----------
    path : Path
        The folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.parts = path / PARTS

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other runs out of the folder; the lock of a run that was killed is gone with it."""
        try:
            self.parts.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError) as error:
            raise ParameterError(f"output = {str(self.path)!r} is a file; name a folder.") from error
        lock = filelock.FileLock(self.path / LOCK, timeout=PATIENCE)
        try:
            lock.acquire()
        except filelock.Timeout as error:
            raise ParameterError(
                f"Another run is writing to {str(self.path)!r}. Wait for it (segregate status {self.path}), or take "
                "another output."
            ) from error
        try:
            for left in self.path.rglob(".*.tmp"):
                left.unlink(missing_ok=True)
            yield
        finally:
            lock.release()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Say what to do where the folder cannot be written.

        Raises
        ------
        DataError
            When the disk is full, or the folder belongs to somebody else.
        """
        try:
            yield
        except OSError as error:
            if error.errno not in ADVICE:
                raise
            raise DataError(
                f"{str(self.path)!r} cannot be written: {os.strerror(error.errno)}. {ADVICE[error.errno]} "
                "Then start the run again; it goes on where it was."
            ) from error

    @property
    def running(self) -> bool:
        """Whether a run holds the folder now."""
        if not (self.path / LOCK).exists():
            return False
        lock = filelock.FileLock(self.path / LOCK, timeout=0)
        try:
            lock.acquire()
        except filelock.Timeout:
            return True
        except PermissionError:  # somebody else's folder, which may only be read
            return False
        lock.release()
        return False

    # state ------------------------------------------------------------------------

    def state(self) -> dict[str, Any] | None:
        """Return the plan and inputs of the run that began here, or None."""
        try:
            found: dict[str, Any] = json.loads((self.path / STATE).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        return found

    def begin(self, plan: Plan, inputs: Sequence[Input], tasks: Sequence[Task], *, fresh: bool) -> None:
        """Write what this run is about, or see that it goes on with the one that began here.

        Raises
        ------
        ParameterError
            When the plan or the inputs changed since, and `fresh` is not asked for.
        """
        ours = {
            "plan": plan.given,
            "inputs": [_input(one) for one in inputs],
            "tasks": [{"name": task.name, "key": task.key} for task in tasks],
        }
        theirs = self.state()
        if theirs is None:
            strange = [path.name for path in [*self.parts.glob("*.parquet"), *self._ours()] if path.exists()]
            if strange:
                raise ParameterError(
                    f"{str(self.path)!r} holds {first_of(strange)}, but no run. Take another output, or move "
                    "these away."
                )
        if theirs is not None and not fresh:
            changed = _changes(theirs, ours)
            if changed:
                raise ParameterError(
                    f"{str(self.path)!r} holds another run: {'; '.join(changed)}. Take another output, or begin anew "
                    "with fresh=True (segregate run --fresh), which deletes what is there."
                )
        if fresh:
            self.clear()
        text = json.dumps(ours, ensure_ascii=False, indent=1, sort_keys=True)
        write_whole(self.path / STATE, text.encode())

    def clear(self) -> None:
        """Delete all that a run writes."""
        for path in [*self._ours(), *self.parts.glob("*.parquet"), self.path / STATE]:
            path.unlink(missing_ok=True)

    def _ours(self) -> list[Path]:
        """Return what a run writes beside parts and state."""
        return [self.path / name for name in (RESULTS, MANIFEST, f".{TIMINGS}.jsonl", TIMINGS, LOG, LEAGUE, SUMMARY)]

    # timings ----------------------------------------------------------------------

    def add_timing(self, about: dict[str, Any]) -> None:
        """Remember how long a task took."""
        with (self.path / f".{TIMINGS}.jsonl").open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(about) + "\n")

    def timings(self) -> list[dict[str, Any]]:
        """Return how long tasks took, the last time that each was done, in the order in which they ended."""
        found: dict[Any, dict[str, Any]] = {}
        try:
            lines = (self.path / f".{TIMINGS}.jsonl").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []
        for line in lines:
            with suppress(json.JSONDecodeError, KeyError, TypeError):  # a line that was cut off
                one = json.loads(line)
                found.pop(one["task"], None)
                found[one["task"]] = one
        return list(found.values())

    # parts ------------------------------------------------------------------------

    def part(self, task: Task) -> Path:
        """Return the file of a task."""
        return self.parts / f"{task.key[:32]}.parquet"

    def said(self, task: Task) -> dict[str, Any] | None:
        """Return what a finished task has to say, or None when it is not finished."""
        try:
            metadata = pq.read_schema(self.part(task)).metadata or {}
            about: dict[str, Any] = json.loads(metadata[b"segregate"])
        except (FileNotFoundError, KeyError, pa.ArrowException, json.JSONDecodeError):
            return None
        return about if about.get("key") == task.key else None

    def tables(self, tasks: Sequence[Task], columns: Sequence[str]) -> Iterator[pa.Table]:
        """Yield the tables of tasks, in their order."""
        for _, of_file in itertools.groupby(tasks, key=lambda task: task.store or task.number):
            parts = [pq.read_table(self.part(task)).replace_schema_metadata(None) for task in of_file]
            yield (parts[0] if len(parts) == 1 else _added(parts)).select(list(columns))

    def write_results(self, tasks: Sequence[Task], schema: pa.Schema) -> int:
        """Put the tables of all tasks together into one file; return its rows."""
        rows = 0
        sink = self.path / f".{RESULTS}.{uuid.uuid4().hex[:8]}.tmp"
        try:
            with pq.ParquetWriter(sink, schema, compression="zstd") as writer:
                for table in self.tables(tasks, schema.names):
                    writer.write_table(table.cast(schema))
                    rows += len(table)
            with sink.open("rb+") as stream:
                os.fsync(stream.fileno())
            sink.replace(self.path / RESULTS)
        finally:
            sink.unlink(missing_ok=True)
        return rows

    def write_frame(self, name: str, frame: pd.DataFrame) -> None:
        """Write a table as Parquet."""
        sink = io.BytesIO()
        pq.write_table(pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None), sink)
        write_whole(self.path / name, sink.getvalue())

    def write_json(self, name: str, content: Any) -> None:
        """Write JSON that people can read."""
        write_whole(
            self.path / name, json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"
        )


def _added(parts: Sequence[pa.Table]) -> pa.Table:
    """Add up what the tiles of a file found; where some failed, the file did."""
    tables = [part.to_pandas() for part in parts]
    failed = [table for table in tables if (table["status"] == "failed").any()]
    whole = failed[0] if failed else added(tables)
    return pa.Table.from_pandas(whole, schema=parts[0].schema, preserve_index=False)


def _input(one: Input) -> dict[str, Any]:
    file = one.file
    return {
        "file": one.path.name,
        "size": None if file is None else file.size,
        "sha256": None if file is None else file.sha256,
        "error": one.error,
    }


def _changes(theirs: dict[str, Any], ours: dict[str, Any]) -> list[str]:
    """Say what differs between two runs."""
    said = []
    before, now = theirs.get("plan", {}), ours["plan"]
    parts = [name for name in sorted({*before, *now}) if before.get(name) != now.get(name)]
    if parts:
        said.append(f"the plan differs in {' and '.join(f'[{name}]' for name in parts)}")
    old = {one["file"]: one for one in theirs.get("inputs", []) if not one["error"]}
    new = {one["file"]: one for one in ours["inputs"]}
    for names, what in (
        ([name for name in new if name in old and new[name] != old[name]], "changed"),
        ([name for name in new if name not in {one["file"] for one in theirs.get("inputs", [])}], "new"),
        ([name for name in old if name not in new], "gone"),
    ):
        if names:
            said.append(
                f"{plural(len(names), 'input')} {'is' if len(names) == 1 else 'are'} {what} ({first_of(names)})"
            )
    if not said and [one["key"] for one in theirs.get("tasks", [])] != [one["key"] for one in ours["tasks"]]:
        said.append("it was begun by another version of segregate")
    return said


def checked_folder(path: str | os.PathLike[str]) -> Folder:
    """Return the folder of a run that began.

    Raises
    ------
    DataError
        When it is none.
    """
    folder = Folder(Path(path))
    try:
        state = folder.state()
    except (NotADirectoryError, json.JSONDecodeError):
        state = None
    if not isinstance(state, dict) or not {"plan", "tasks"} <= state.keys():
        raise DataError(f"{str(path)!r} is no folder of a run; segregate run plan.toml makes one.")
    return folder
