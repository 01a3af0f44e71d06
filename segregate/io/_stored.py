"""Where the bytes of a table lie: in a file, in a gzipped file, or in a zip archive."""

from __future__ import annotations

import contextlib
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from segregate.errors import DataError, ParameterError, UnknownNameError, first_of, nearest, plural

from ._bombs import RATIO, SMALL, check_archive
from ._watching import UNWATCHED, Watch

__all__ = ["Stored", "in_gzip", "in_zip"]

TEXT = (".csv", ".tsv", ".txt")
DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, gzip.BadGzipFile, NotImplementedError)
"""What is raised for archives that are damaged, or packed in a way that is not known."""


@dataclass(frozen=True)
class Stored:
    """The bytes of a table.

    Attributes
    ----------
    file : Path
        The file on the disk.
    member : str
        Its member that is the table, where it is a zip archive.
    """

    file: Path
    member: str = ""

    @property
    def path(self) -> Path:
        """What the table is called, with the suffix of its format: the file without .gz, or the member."""
        if self.member:
            return self.file / self.member
        return self.file.with_suffix("") if self.packed else self.file

    @property
    def packed(self) -> bool:
        """Whether the bytes must be unpacked."""
        return bool(self.member) or self.file.suffix.casefold() == ".gz"

    @contextlib.contextmanager
    def open(self, watch: Watch = UNWATCHED) -> Iterator[Any]:
        """Open the bytes from their beginning; whoever watches is told how much of the file was read.

        Raises
        ------
        DataError
            For what is damaged, and for what unpacks to far more than it is.
        """
        with contextlib.ExitStack() as stack:
            raw = stack.enter_context(watch.file(self.file)) if watch.active else None
            try:
                if self.member:
                    archive = stack.enter_context(zipfile.ZipFile(raw or self.file))
                    yield stack.enter_context(archive.open(self.member))
                elif self.packed:
                    unpacked = stack.enter_context(gzip.open(raw or self.file, "rb"))
                    yield io.BufferedReader(_Bounded(unpacked, self.file), 1 << 20)
                else:
                    yield raw or stack.enter_context(self.file.open("rb"))
            except DAMAGE as error:
                raise DataError(
                    f"{self.file.name} is damaged, or packed in a way that is not known ({error}); download it again, "
                    "or unpack it and read the file that it holds."
                ) from None

    @contextlib.contextmanager
    def lines(self, encoding: str) -> Iterator[io.TextIOWrapper]:
        """Open the bytes as text, the ends of its lines as they are."""
        with self.open() as stream, io.TextIOWrapper(stream, encoding=encoding, newline="") as text:
            yield text

    def beside(self, name: str) -> bytes | None:
        """Return what another file holds, in the same folder or the same archive; None where there is none."""
        if not self.member:
            other = self.file.with_name(name)
            return other.read_bytes() if other.is_file() else None
        wanted = str(PurePosixPath(self.member).with_name(name))
        with zipfile.ZipFile(self.file) as archive:
            if wanted not in archive.namelist():
                return None
            check_archive(self.file, archive, [wanted])
            return archive.read(wanted)


class _Bounded(io.RawIOBase):
    """Unpacks a gzipped file until it is more than any table would be."""

    def __init__(self, stream: Any, file: Path) -> None:
        self._stream, self._file, self._read = stream, file, 0
        self._most = max(SMALL, RATIO * file.stat().st_size)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        count = int(self._stream.readinto(buffer))
        self._read += count
        if self._read > self._most:
            raise DataError(
                f"{self._file.name} unpacks to more than {self._most:,} bytes, {RATIO} times its size; that is no "
                "table. If it is meant, unpack it and read the file that it holds."
            )
        return count


def in_gzip(path: Path) -> Stored:
    """Return the table in a gzipped file, whose name must say that it is text."""
    stored = Stored(path)
    inner = stored.path.suffix.casefold()
    if inner not in TEXT:
        raise DataError(
            f"{path.name}: of gzipped files only text is read (.csv.gz, .tsv.gz, .txt.gz), not "
            f"{f'{inner}.gz' if inner else 'one whose name does not say what it holds'}. Unpack it first."
        )
    with path.open("rb") as stream:
        head = stream.read(2)
    if head != b"\x1f\x8b":
        raise DataError(f"{path.name} is not gzipped (it begins with {head!r}); check what was downloaded.")
    return stored


def in_zip(path: Path, layer: str | None) -> Stored | None:
    """Return the table of text in a zip archive; None where a Shapefile is to be read.

    Parameters
    ----------
    path : Path
        The archive.
    layer : str or None
        Its member, by its name or its path in the archive, with or without suffix; needed where there are several.

    Raises
    ------
    DataError
        For what is no archive, and for archives made to do harm.
    ParameterError
        Where there are several tables, and none was chosen.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = [name for name in archive.namelist() if not name.endswith("/")]
            shapes = _with_suffix(members, (".shp",))
            tables = _with_suffix(members, (".csv", ".tsv"))
            if not tables and not shapes:  # beside others a .txt is something to read first
                tables = _with_suffix(members, (".txt",))
            if not tables:
                return None
            known = {**_names(shapes), **_names(tables)}
            if layer is None and len(tables) + len(shapes) > 1:
                listed = [PurePosixPath(name).name for name in (*tables, *shapes)]
                example = listed[0] if listed.count(listed[0]) == 1 else tables[0]
                raise ParameterError(
                    f"{path.name} holds {plural(len(listed), 'table')}: {first_of(listed, 20)}. Choose one: "
                    f"layer={example!r}."
                )
            if layer is not None and layer not in known:
                listed = [PurePosixPath(name).name for name in (*tables, *shapes)]
                raise UnknownNameError(f"{path.name} has no table {layer!r}. {nearest(layer, listed)}")
            member = tables[0] if layer is None else known[layer]
            if not member:
                raise ParameterError(
                    f"{path.name} holds several tables {layer!r}; write the path of one: "
                    f"layer={next(name for name in (*tables, *shapes) if layer in _called(name))!r}."
                )
            if member in shapes:
                return None
            check_archive(path, archive, [member])
            return Stored(path, member)
    except DAMAGE:
        raise DataError(f"{path.name} is not a zip archive, or it is damaged; download it again.") from None


def _with_suffix(members: Sequence[str], suffixes: tuple[str, ...]) -> list[str]:
    return [
        name
        for name in members
        if PurePosixPath(name).suffix.casefold() in suffixes
        and not name.startswith("__MACOSX/")
        and not PurePosixPath(name).name.startswith("._")
    ]


def _called(name: str) -> list[str]:
    """Return how a member may be called: by its path, its name, or either without the suffix."""
    path = PurePosixPath(name)
    return [name, str(path.with_suffix("")), path.name, path.stem]


def _names(members: Sequence[str]) -> dict[str, str]:
    """Return the members by all names that they may be called; "" where a name is that of several."""
    found: dict[str, str] = {}
    for name in members:
        for called in dict.fromkeys(_called(name)):
            found[called] = name if called == name or found.get(called, name) == name else ""
    return found
