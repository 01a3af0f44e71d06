"""Files that unpack to far more than they are: refused before they are unpacked."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any
from xml.parsers import expat

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from segregate.errors import DataError, first_of, plural

__all__ = ["check_archive", "check_dictionaries", "check_features", "check_parquet", "check_xml"]

RATIO = 250
"""No table of numbers shrinks to less than a 250th."""
SMALL = 100_000_000
"""Bytes up to which the ratio does not matter."""
LARGEST = 16_000_000_000
"""Bytes that the parts of an archive that are read may have together."""
MEMBERS = 100_000
ROWS_PER_BYTE = 100
FEW_ROWS = 10_000_000
"""A table of people has no more rows than a hundred in a byte: ids differ."""
TEXT_PER_BYTE = 1000
MUCH_TEXT = 4_000_000_000
CHUNK = 1 << 16


def check_archive(path: Path, archive: zipfile.ZipFile, parts: Iterable[str]) -> None:
    """Refuse an archive whose parts are bombs, lie outside it, or are no plain files.

    Parameters
    ----------
    path : Path
        The archive, for messages.
    archive : ZipFile
        Nothing of it is unpacked.
    parts : list of str
        The members that will be read; only their sizes are asked about.
    """
    members = archive.infolist()
    if len(members) > MEMBERS:
        raise DataError(f"{path.name} holds {len(members):,} files; archives of more than {MEMBERS:,} are not read.")
    outside = [member.filename for member in members if _leaves(member.filename)]
    if outside:
        raise DataError(
            f"{plural(len(outside), 'file')} in {path.name} would lie outside the folder of the archive (first: "
            f"{first_of(outside)}). Such archives are made to overwrite other files; do not unpack it."
        )
    wanted = set(parts)
    total = packed = 0
    for member in members:
        if member.filename not in wanted:
            continue
        if stat.S_ISLNK(member.external_attr >> 16):
            raise DataError(
                f"{member.filename!r} in {path.name} is a link to another file, not a file; it is not followed."
            )
        if member.flag_bits & 1:
            raise DataError(f"{member.filename!r} in {path.name} is protected by a password; unpack the archive first.")
        total, packed = total + member.file_size, packed + member.compress_size
    packed = min(packed, path.stat().st_size)
    if total > LARGEST or total > max(SMALL, RATIO * packed):
        raise DataError(
            f"{path.name} would unpack from {packed:,} to {total:,} bytes; that is no table, or more than is read "
            f"({LARGEST:,} bytes, or {RATIO} times its size). If it is meant, unpack it and read the "
            "file that it holds."
        )


def _leaves(name: str) -> bool:
    """Say whether a member would lie outside the folder that it is unpacked to."""
    windows = PureWindowsPath(name)
    return ".." in windows.parts or bool(windows.anchor) or PurePosixPath(name).is_absolute()


def check_xml(path: Path, archive: zipfile.ZipFile) -> None:
    """Refuse a workbook of which a part defines entities of its own; none needs them, and they can fill the memory."""
    for member in archive.infolist():
        with archive.open(member) as stream:
            if _has_doctype(stream):
                raise DataError(
                    f"{member.filename!r} in {path.name} defines document types or entities of its own (DOCTYPE), "
                    "which no workbook does; it is not read."
                )


def _has_doctype(stream: Any) -> bool:
    """Say whether there is a DOCTYPE before the first element."""
    seen: list[bool] = []
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = lambda *_: seen.append(True)
    parser.StartElementHandler = lambda *_: seen.append(False)
    try:
        while not seen and (chunk := stream.read(CHUNK)):
            parser.Parse(chunk, False)
    except expat.ExpatError:
        pass  # who reads it will say so
    return bool(seen) and seen[0]


def check_features(name: str, features: int, size: int) -> None:
    """Refuse a file that claims more rows than it has bytes: room would be made for all of them."""
    if features > size:
        raise DataError(
            f"{name} says that it holds {features:,} rows in {size:,} bytes, which is impossible; it is damaged, or "
            "made to fill the memory."
        )


def check_parquet(path: Path, about: Any) -> None:
    """Refuse a file that claims an absurd number of rows for its size."""
    size = path.stat().st_size
    if about.num_rows > max(FEW_ROWS, ROWS_PER_BYTE * size):
        raise DataError(
            f"{path.name} says that it holds {about.num_rows:,} rows in {size:,} bytes; no table of people is like "
            "that, so it is damaged or made to fill the memory."
        )


def check_dictionaries(path: Path, about: Any, columns: Iterable[str]) -> None:
    """Refuse a column in which one long text is repeated so often that the rows would not fit into memory.

    Only where the rows could have so much text the words of the column are looked at, once each.
    """
    size = path.stat().st_size
    limit = max(MUCH_TEXT, TEXT_PER_BYTE * size)
    names = set(columns)
    for number in range(about.num_row_groups):
        group = about.row_group(number)
        for place in range(group.num_columns):
            chunk = group.column(place)
            name = chunk.path_in_schema
            if (
                name not in names
                or chunk.physical_type != "BYTE_ARRAY"
                or chunk.total_uncompressed_size * group.num_rows <= limit
            ):
                continue
            longest = _longest(path, name, number)
            if longest * group.num_rows > limit:
                raise DataError(
                    f"Column {name!r} of {path.name} has texts of up to {longest:,} bytes in {group.num_rows:,} rows, "
                    f"and the file has {size:,} bytes; it is made to fill the memory. Leave the column out."
                )


def _longest(path: Path, name: str, group: int) -> int:
    """Return the length of the longest text of a column, from its dictionary where it has one."""
    file = pq.ParquetFile(path, read_dictionary=[name])
    longest = 0
    for batch in file.iter_batches(batch_size=1024, row_groups=[group], columns=[name]):
        column = batch.column(0)
        words = column.dictionary if pa.types.is_dictionary(column.type) else column
        longest = max(longest, pc.max(pc.binary_length(words)).as_py() or 0)
        if pa.types.is_dictionary(column.type):
            return longest
    return longest
