"""CSV, TSV and other delimited text."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv

from segregate.errors import DataError, first_of, plural

from ._files import Source, header_names, one_line
from ._numbers import numbers_or_text

__all__ = ["open_text"]

DELIMITERS = (",", ";", "\t", "|")
BLOCK = 1 << 24


def open_text(path: Path) -> Source:
    """Open delimited text in UTF-8, with or without a byte-order mark.

    The delimiter (comma, semicolon, tab or bar) is the one that the header has most of.
    """
    quotes = _check_encoding(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            blank, first = next(((k, line) for k, line in enumerate(lines) if line.strip()), (0, ""))
        delimiter = _delimiter(first, default="\t" if path.suffix.casefold() == ".tsv" else ",")
        if quotes % 2:
            _check_quotes(path, delimiter)
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.reader(islice(lines, blank, None), delimiter=delimiter)
            header = next(rows, [])
            filled = any(line.strip() for line in lines)
    except csv.Error as error:
        raise DataError(f"{path.name} cannot be read as delimited text: {one_line(error)}.") from None
    if not first:
        raise DataError(f"{path.name} holds nothing but blank lines.")
    names = header_names(header, f"The header of {path.name}")

    def load(columns: Sequence[str] | None) -> pd.DataFrame:
        return _load(path, names, columns, delimiter, blank) if filled else pd.DataFrame(columns=list(names))

    return Source(path, names, load, spatial=False)


def _load(
    path: Path, names: tuple[str, ...], columns: Sequence[str] | None, delimiter: str, blank: int
) -> pd.DataFrame:
    """Read the columns as text, after some blank lines, and turn into numbers what is numbers."""
    ragged: list[pa.csv.InvalidRow] = []

    def note(row: pa.csv.InvalidRow) -> str:
        ragged.append(row)
        return "skip"

    places = [place for place, name in enumerate(names) if columns is None or name in columns]
    try:
        table = pa.csv.read_csv(
            path,
            read_options=pa.csv.ReadOptions(
                use_threads=False,
                block_size=BLOCK,
                skip_rows=blank,
                autogenerate_column_names=True,
                skip_rows_after_names=1,
            ),
            parse_options=pa.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True, invalid_row_handler=note),
            convert_options=pa.csv.ConvertOptions(
                column_types={f"f{place}": pa.string() for place in range(len(names))},
                include_columns=[f"f{place}" for place in places],
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid as error:
        raise DataError(f"{path.name} cannot be read as delimited text: {one_line(error, path)}.") from None
    if ragged:
        _refuse_ragged(path, names, ragged, delimiter, most=len(ragged) > table.num_rows)
    return pd.DataFrame(
        {names[place]: numbers_or_text(table.column(k)) for k, place in enumerate(places)},
        index=pd.RangeIndex(table.num_rows),
    )


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


def _check_encoding(path: Path) -> int:
    """Refuse what is not UTF-8, and return the number of quotes."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    read, lines, quotes = 0, 1, 0
    with path.open("rb") as stream:
        start = stream.read(2)
        stream.seek(0)
        while True:
            block = stream.read(BLOCK)
            pending = decoder.getstate()[0]
            try:
                decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                line = lines + error.object[: error.start].count(b"\n")
                position = read - len(pending) + error.start
                raise DataError(_not_utf8(path, start, position, line, error.object[error.start])) from None
            if b"\x00" in block:
                raise DataError(
                    f"{path.name} holds a null byte at position {read + block.index(0):,}, so it is UTF-16 "
                    "or no text at all. Save it again as CSV in UTF-8."
                )
            if not block:
                return quotes
            read += len(block)
            lines += block.count(b"\n")
            quotes += block.count(b'"')


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


def _check_quotes(path: Path, delimiter: str) -> None:
    """Refuse a quoted field that never ends; everything after it would be one field."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
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
