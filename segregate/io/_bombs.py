"""Files that unpack to far more than they are: refused before they are unpacked."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, BinaryIO
from xml.parsers import expat

import numpy as np
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
        if not seen:
            parser.Parse(b"", True)  # newer parsers wait for more before they look at what is there
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
    """Refuse a file that claims an absurd number of rows, or unpacks to absurdly much, for its size."""
    size = path.stat().st_size
    if about.num_rows > max(FEW_ROWS, ROWS_PER_BYTE * size):
        raise DataError(
            f"{path.name} says that it holds {about.num_rows:,} rows in {size:,} bytes; no table of people is like "
            "that, so it is damaged or made to fill the memory."
        )
    unpacked = sum(about.row_group(number).total_byte_size for number in range(about.num_row_groups))
    if unpacked > max(MUCH_TEXT, TEXT_PER_BYTE * size):
        raise DataError(f"{path.name} would unpack from {size:,} to {unpacked:,} bytes; it is made to fill the memory.")


def check_dictionaries(path: Path, about: Any, columns: Iterable[str]) -> None:
    """Refuse columns in which long texts are repeated so often that the rows would not fit into memory.

    A text that is repeated stands in the file once, in the dictionary of its row group. Where the longest would be too
    much for all rows, or the dictionary does not show, the column is gone through without making its texts.
    """
    size = path.stat().st_size
    limit = max(MUCH_TEXT, TEXT_PER_BYTE * size)
    places = {about.schema.column(place).path: place for place in range(about.num_columns)}
    groups = [about.row_group(number) for number in range(about.num_row_groups)]
    with path.open("rb") as stream:
        for name in columns:
            place = places.get(name)
            if place is None or about.schema.column(place).physical_type != "BYTE_ARRAY":
                continue
            most = sum(group.num_rows * group.column(place).total_uncompressed_size for group in groups)
            if most > limit:
                with pq.ParquetFile(path, read_dictionary=[name]) as file:
                    most = sum(
                        _most_text(file, stream, name, number, group.column(place), group.num_rows)
                        for number, group in enumerate(groups)
                    )
            if most > limit and _text(path, name, limit) > limit:
                raise DataError(
                    f"Column {name!r} of {path.name} has texts of more than {limit:,} bytes in {about.num_rows:,} "
                    f"rows, and the file has {size:,}; it is made to fill the memory. Leave the column out: "
                    "columns=[...]."
                )


def _most_text(file: pq.ParquetFile, stream: BinaryIO, name: str, number: int, chunk: Any, rows: int) -> int:
    """Return a bound of the bytes of text in a row group, from the longest text in its dictionary."""
    known = set(chunk.encodings) <= {"PLAIN", "RLE", "BIT_PACKED", "PLAIN_DICTIONARY", "RLE_DICTIONARY"}
    unknown = int(chunk.total_uncompressed_size) * rows
    if not known:
        return unknown
    if not chunk.has_dictionary_page:
        return int(chunk.total_uncompressed_size)
    first = next(file.iter_batches(batch_size=1, row_groups=[number], columns=[name]), None)
    if first is None:
        return 0
    column = first.column(0)
    if not pa.types.is_dictionary(column.type):
        return unknown
    lengths = pc.binary_length(column.dictionary).to_numpy(zero_copy_only=False)
    stream.seek(chunk.dictionary_page_offset)
    if int(lengths.sum()) + 4 * len(lengths) != _page_size(stream.read(32)):
        return unknown  # the first row is not from the dictionary, so this is not all of it
    return int(chunk.total_uncompressed_size) + int(lengths.max(initial=0)) * rows


def _page_size(header: bytes) -> int:
    """Return the unpacked size of a page: the second of two integers at the beginning of its Thrift header."""
    place = 0
    value = -1
    for _ in range(2):
        if place >= len(header) or header[place] != 0x15:
            return -1
        place, shift, value = place + 1, 0, 0
        while place < len(header):
            byte = header[place]
            value |= (byte & 0x7F) << shift
            place, shift = place + 1, shift + 7
            if not byte & 0x80:
                break
    return (value >> 1) ^ -(value & 1)


def _text(path: Path, name: str, limit: int) -> int:
    """Return the bytes of all texts of a column, or more than some."""
    total = 0
    with pq.ParquetFile(path, read_dictionary=[name]) as file:
        for batch in file.iter_batches(batch_size=CHUNK, columns=[name]):
            column = batch.column(0)
            if not pa.types.is_dictionary(column.type):
                total += column.nbytes
            else:
                lengths = pc.binary_length(column.dictionary).to_numpy(zero_copy_only=False).astype(np.int64)
                times = np.bincount(column.indices.drop_null().to_numpy(), minlength=len(lengths))
                total += int(lengths @ times)
            if total > limit:
                break
    return total
