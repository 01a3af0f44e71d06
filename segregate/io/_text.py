"""CSV, TSV and other delimited text."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from segregate.errors import DataError, first_of, plural

from ._files import Source, header_names, one_line
from ._numbers import numbers_or_text, text_only
from ._watching import UNWATCHED, Watch
from ._where import Condition, parse_condition

__all__ = ["open_text"]

DELIMITERS = (",", ";", "\t", "|")
BLOCK = 1 << 24
FEW = 50
LATIN = "cp1252"
NOT_LATIN = (0x00, 0x81, 0x8D, 0x8F, 0x90, 0x9D)
"""Bytes that stand for no character there."""
LABEL = r"^\s*(?:0[0-9]+|[0-9]{16,})\s*$"
"""What looks like a number and is none: it would not come out as it went in."""


class Form(NamedTuple):
    """How a text is written: delimiter, blank lines at the top, encoding, and whether there are quotes."""

    delimiter: str
    blank: int
    encoding: str
    quoted: bool


class NotUtf8Error(DataError):
    """Text is in another encoding."""


def open_text(
    path: Path, *, latin: bool = False, raw: bool = False, where: str | None = None, watch: Watch = UNWATCHED
) -> Source:
    """Open delimited text in UTF-8, with or without a byte-order mark.

    The delimiter (comma, semicolon, tab or bar) is the one that the header has most of.

    Parameters
    ----------
    path : Path
        The file.
    latin : bool
        Take text that is not UTF-8 as Windows-1252, which holds all of Latin-1; otherwise it is refused.
    raw : bool
        Leave all columns text, as it stands in the file.
    where : str, optional
        A condition on the columns; one that is all numbers in the file is compared with numbers.
    watch : Watch
        Is told how much was read.
    """
    encoding = "utf-8-sig"
    try:
        quotes = _check_encoding(path, watch)
    except NotUtf8Error:
        if not latin:
            raise
        quotes, encoding = _check_latin(path), LATIN
    try:
        blank, first = _first_line(path, encoding)
        delimiter = _delimiter(first, default="\t" if path.suffix.casefold() == ".tsv" else ",")
        if quotes % 2:
            _check_quotes(path, delimiter, encoding)
        with path.open(encoding=encoding, newline="") as lines:
            rows = csv.reader(islice(lines, blank, None), delimiter=delimiter)
            header = next(rows, [])
            filled = any(part.strip() for part in iter(lambda: lines.read(BLOCK), ""))
    except csv.Error as error:
        raise DataError(f"{path.name} cannot be read as delimited text: {one_line(error)}.") from None
    if not first:
        raise DataError(f"{path.name} holds nothing but blank lines.")
    names = header_names(header, f"The header of {path.name}")

    condition = None if where is None else parse_condition(where, names, path.name)

    def load(columns: Sequence[str] | None) -> pd.DataFrame:
        if not filled:
            return pd.DataFrame(columns=list(names))
        wanted = columns if columns is None or condition is None else {*columns, *condition.columns}
        how = Form(delimiter, blank, encoding, bool(quotes))
        table = _load(path, names, wanted, how, watch)
        keep = None if condition is None else _rows(table, condition)
        found: dict[str, Any] = {}
        count = 0
        for name in list(table):
            values = table.pop(name)  # so that the text of a column goes when its numbers are there
            if columns is None or name in columns:
                found[name] = _typed(values, keep, raw=raw).array
                count = len(found[name])
        pa.default_memory_pool().release_unused()
        # many columns are better put together, few are not worth the memory of a copy
        return pd.DataFrame(found, index=pd.RangeIndex(count), copy=len(found) > FEW)

    return Source(path, names, load, spatial=False, encoding="utf-8" if encoding != LATIN else LATIN)


def _load(
    path: Path,
    names: tuple[str, ...],
    columns: Any,
    form: Form,
    watch: Watch,
    *,
    threads: bool = True,
) -> dict[str, pa.ChunkedArray]:
    """Read the columns as text."""
    ragged: list[pa.csv.InvalidRow] = []

    def note(row: pa.csv.InvalidRow) -> str:
        ragged.append(row)
        return "skip"

    places = [place for place, name in enumerate(names) if columns is None or name in columns]
    try:
        with watch.file(path) as file:
            table = pa.csv.read_csv(
                file,
                read_options=pa.csv.ReadOptions(
                    use_threads=threads,
                    block_size=BLOCK,
                    skip_rows=form.blank,
                    autogenerate_column_names=True,
                    skip_rows_after_names=1,
                    encoding=LATIN if form.encoding == LATIN else "utf8",
                ),
                parse_options=pa.csv.ParseOptions(
                    delimiter=form.delimiter, newlines_in_values=form.quoted, invalid_row_handler=note
                ),
                convert_options=pa.csv.ConvertOptions(
                    column_types={f"f{place}": pa.string() for place in places},
                    include_columns=[f"f{place}" for place in places],
                    strings_can_be_null=False,
                ),
            )
    except pa.ArrowInvalid as error:
        raise DataError(f"{path.name} cannot be read as delimited text: {one_line(error, path)}.") from None
    if ragged and threads:  # one thread knows the numbers of the rows
        return _load(path, names, columns, form, UNWATCHED, threads=False)
    if ragged:
        _refuse_ragged(path, names, ragged, form.delimiter, most=len(ragged) > table.num_rows)
    return {names[place]: table.column(k) for k, place in enumerate(places)}


def _rows(table: dict[str, pa.ChunkedArray], condition: Condition) -> pa.BooleanArray:
    """Say which rows meet a condition, (n,) of bool."""
    typed = pd.DataFrame({name: numbers_or_text(table[name]) for name in condition.columns})
    met = np.zeros(len(typed), dtype=bool)
    met[condition.rows_of(typed).index] = True
    return pa.array(met)


def _typed(values: pa.ChunkedArray, keep: pa.BooleanArray | None, *, raw: bool) -> pd.Series[Any]:
    """Return a column, or some rows of it, as numbers or as text.

    Of the rows that a condition leaves all may be numbers although the column is not; it is text nevertheless where
    it holds labels such as "06067", so that a label is the same whatever is read with it.
    """
    chosen = values if keep is None else values.filter(keep)
    if raw or (keep is not None and pc.any(pc.match_substring_regex(values, LABEL)).as_py()):
        return text_only(chosen)
    return numbers_or_text(chosen)


def _first_line(path: Path, encoding: str) -> tuple[int, str]:
    """Return how many blank lines there are at the top, and the line after them."""
    with path.open(encoding=encoding, newline="") as lines:
        blank = 0
        while line := lines.readline(BLOCK):
            if len(line) >= BLOCK and not line.endswith(("\n", "\r")):
                raise DataError(
                    f"Line {blank + 1:,} of {path.name} has more than {BLOCK:,} characters; this is no table of text "
                    "with a line for each row."
                )
            if line.strip():
                return blank, line
            blank += 1
    return 0, ""


def _refuse_ragged(
    path: Path, names: Sequence[str], rows: list[pa.csv.InvalidRow], delimiter: str, *, most: bool
) -> None:
    """Say which rows do not have as many fields as the header."""
    first = rows[0]
    listed = first_of([row.number for row in rows])
    shown = first.text if len(first.text) <= 60 else first.text[:57] + "..."
    if most:
        advice = "The first line must name the columns: take titles and notes above the table away."
    elif delimiter == ",":
        advice = "A comma inside a name or a number needs quotes around the field."
    else:
        advice = "A delimiter inside a field needs quotes around it."
    have = f"{plural(len(rows), 'row')} of {path.name} {'has' if len(rows) == 1 else 'have'}"
    raise DataError(
        f"{have} more or fewer fields than the header, which has {len(names)} (first: row {listed}, where "
        f"the header is row 1; row {first.number} has {first.actual_columns}: {shown!r}). {advice}"
    )


def _check_encoding(path: Path, watch: Watch) -> int:
    """Refuse what is not UTF-8, and return the number of quotes."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    read, quotes = 0, 0
    with path.open("rb") as stream:
        start = stream.read(2)
        stream.seek(0)
        while True:
            block = stream.read(BLOCK)
            pending = decoder.getstate()[0]
            try:
                if pending or not block.isascii():
                    decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                position = read - len(pending) + error.start
                line = _line_at(path, position)
                raise NotUtf8Error(_not_utf8(path, start, position, line, error.object[error.start])) from None
            if b"\x00" in block:
                raise DataError(
                    f"{path.name} holds a null byte at position {read + block.index(0):,}, so it is UTF-16 "
                    "or no text at all. Save it again as CSV in UTF-8."
                )
            if not block:
                return quotes
            read += len(block)
            watch.advance(len(block))
            quotes += block.count(b'"')


def _line_at(path: Path, position: int) -> int:
    """Return the number of the line in which a byte stands."""
    lines, left = 1, position
    with path.open("rb") as stream:
        while left > 0 and (block := stream.read(min(BLOCK, left))):
            lines, left = lines + block.count(b"\n"), left - len(block)
    return lines


def _check_latin(path: Path) -> int:
    """Refuse what is no Windows-1252 either, and return the number of quotes."""
    quotes = 0
    with path.open("rb") as stream:
        start = stream.read(2)
        stream.seek(0)
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise NotUtf8Error(_not_utf8(path, start, 0, 1, start[0]))
        while block := stream.read(BLOCK):
            wrong = next((byte for byte in NOT_LATIN if byte in block), None)
            if wrong is not None:
                raise NotUtf8Error(_not_utf8(path, start, block.index(wrong), 1 + block.count(b"\n"), wrong))
            quotes += block.count(b'"')
    return quotes


def _not_utf8(path: Path, start: bytes, position: int, line: int, byte: int) -> str:
    """Put into words where the text stops being UTF-8."""
    advice = "Save it again as UTF-8 (in Excel: Save as, 'CSV UTF-8')."
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return f"{path.name} is UTF-16, not UTF-8. {advice}"
    return f"{path.name} is not UTF-8: byte 0x{byte:02x} at position {position:,} (line {line:,}). {advice}"


def _delimiter(header: str, *, default: str) -> str:
    """Return the delimiter that the header has most of, outside quotes."""
    plain = "".join(header.split('"')[::2])
    counts = {delimiter: plain.count(delimiter) for delimiter in DELIMITERS}
    best = max(counts, key=lambda delimiter: counts[delimiter])
    return best if counts[best] else default


def _check_quotes(path: Path, delimiter: str, encoding: str) -> None:
    """Refuse a quoted field that never ends; everything after it would be one field."""
    with path.open(encoding=encoding, newline="") as lines:
        rows = csv.reader(lines, delimiter=delimiter, strict=True)
        line = 1
        while True:
            try:
                next(rows)
            except StopIteration:
                return
            except csv.Error as error:
                raise DataError(
                    f"{path.name} has a quote that does not fit, in the row that begins in line {line:,} "
                    f"({one_line(error)}). Close the quote, or write it twice where it is part of the text."
                ) from None
            line = rows.line_num + 1
