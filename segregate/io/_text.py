"""CSV, TSV and other delimited text."""

from __future__ import annotations

import codecs
import contextlib
import csv
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from segregate._text_numbers import Style
from segregate.errors import DataError, first_of, plural

from ._files import Keep, Source, header_names, one_line
from ._numbers import PLAIN, numbers_or_text, text_only
from ._stored import Stored
from ._texts import Texts
from ._watching import UNWATCHED, Watch
from ._where import Condition, parse_condition

__all__ = ["open_text"]

Bools = npt.NDArray[np.bool_]
DELIMITERS = (",", ";", "\t", "|")
BLOCK = 1 << 24
PART = 1 << 22
"""Bytes that are looked at together: to find out how a text is written, and to make rows of it."""
ROWS = 1 << 20
"""Rows of which a condition is looked at together."""
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
    stored: Stored,
    *,
    latin: bool = False,
    raw: bool = False,
    style: Style | None = None,
    where: str | None = None,
    watch: Watch = UNWATCHED,
) -> Source:
    """Open delimited text in UTF-8, with or without a byte-order mark.

    The delimiter (comma, semicolon, tab or bar) is the one that the header has most of. It is read a part at a time,
    and of columns that repeat themselves each different text is held once.

    Parameters
    ----------
    stored : Stored
        Where the text is.
    latin : bool
        Take text that is not UTF-8 as Windows-1252, which holds all of Latin-1; otherwise it is refused.
    raw : bool
        Leave all columns text, as it stands in the file.
    style : Style, optional
        Decimal mark and thousands mark of columns of numbers; by default as programs write them.
    where : str, optional
        A condition on the columns; one that is all numbers in the file is compared with numbers.
    watch : Watch
        Is told how much was read.
    """
    path = stored.path
    encoding = "utf-8-sig"
    try:
        quotes = _check_encoding(stored, watch)
    except NotUtf8Error:
        if not latin:
            raise
        quotes, encoding = _check_latin(stored), LATIN
    try:
        blank, first = _first_line(stored, encoding)
        delimiter = _delimiter(first, default="\t" if path.suffix.casefold() == ".tsv" else ",")
        if quotes % 2:
            _check_quotes(stored, delimiter, encoding)
        with stored.lines(encoding) as lines:
            rows = csv.reader(islice(lines, blank, None), delimiter=delimiter)
            header = next(rows, [])
            filled = any(part.strip() for part in iter(lambda: lines.read(BLOCK), ""))
    except csv.Error as error:
        raise DataError(f"{path.name} cannot be read as delimited text: {one_line(error)}.") from None
    if not first:
        raise DataError(f"{path.name} holds nothing but blank lines.")
    names = header_names(header, f"The header of {path.name}")
    condition = None if where is None else parse_condition(where, names, path.name)
    table = _Table(stored, names, Form(delimiter, blank, encoding, bool(quotes)), condition, style or PLAIN, watch)

    def load(columns: Sequence[str] | None) -> pd.DataFrame:
        return table.load(columns, raw=raw) if filled else pd.DataFrame(columns=list(names))

    def some(columns: Sequence[str], keep: Keep) -> pd.DataFrame:
        return table.some(columns, keep) if filled else pd.DataFrame({name: pd.Categorical([]) for name in columns})

    called = "utf-8" if encoding != LATIN else LATIN
    return Source(path, names, load, spatial=False, encoding=called, some=some, beside=stored.beside)


class _Table:
    """The rows of a text, of which a part at a time is looked at."""

    def __init__(
        self,
        stored: Stored,
        names: tuple[str, ...],
        form: Form,
        condition: Condition | None,
        style: Style,
        watch: Watch,
    ) -> None:
        self._stored, self._names, self._form, self._watch = stored, names, form, watch
        self._condition, self._style = condition, style

    def load(self, columns: Sequence[str] | None, *, raw: bool) -> pd.DataFrame:
        """Return the columns as numbers or as text, of the rows that meet the condition.

        Of the rows that a condition leaves all may be numbers although the column is not; it is text nevertheless
        where it holds labels such as "06067", so that a label is the same whatever is read with it.
        """
        met = None if self._condition is None else self._met(self._condition)
        wanted = [name for name in self._names if columns is None or name in columns]
        texts = {name: Texts() for name in wanted}
        labels = dict.fromkeys(wanted, raw)
        begin = count = 0
        for batch in self._batches(wanted):
            keep = None if met is None else pa.array(met[begin : begin + batch.num_rows])
            for name, values in zip(wanted, batch.columns, strict=True):
                part = texts[name].part(values)
                if keep is not None and not labels[name]:
                    labels[name] = _has_labels(part)
                texts[name].add(part if keep is None else part.filter(keep))
            begin += batch.num_rows
            count += batch.num_rows if keep is None else pc.sum(keep).as_py() or 0
        found: dict[str, Any] = {}
        for name in wanted:
            column = texts.pop(name)  # so that the text of a column goes when its numbers are there
            values = column.coded() or column.plain()
            found[name] = (text_only(values) if labels[name] else numbers_or_text(values, self._style)).array
        pa.default_memory_pool().release_unused()
        # many columns are better put together, few are not worth the memory of a copy
        return pd.DataFrame(found, index=pd.RangeIndex(count), copy=len(found) > FEW)

    def some(self, columns: Sequence[str], keep: Keep) -> pd.DataFrame:
        """Return the rows that meet the condition and that `keep` chooses, as categorical columns."""
        met = None if self._condition is None else self._met(self._condition)
        wanted = [name for name in self._names if name in columns]
        texts = {name: Texts(coded=True) for name in wanted}
        begin = count = 0
        for batch in self._batches(wanted):
            parts = [values.dictionary_encode() for values in batch.columns]
            if met is not None:
                those = pa.array(met[begin : begin + batch.num_rows])
                parts = [part.filter(those) for part in parts]
            begin += batch.num_rows
            chosen = keep(pd.DataFrame({name: _categories(part) for name, part in zip(wanted, parts, strict=True)}))
            count += int(chosen.sum())
            for name, part in zip(wanted, parts, strict=True):
                texts[name].add(part.filter(pa.array(chosen)))
        found = {name: texts.pop(name).categories() for name in wanted}
        pa.default_memory_pool().release_unused()
        return pd.DataFrame(found, index=pd.RangeIndex(count))

    def _met(self, condition: Condition) -> Bools:
        """Say which rows meet a condition, (n,); only the columns that it looks at are read for that."""
        texts = {name: Texts() for name in condition.columns}
        order = [name for name in self._names if name in texts]
        for batch in self._batches(order, watch=UNWATCHED):
            for name, values in zip(order, batch.columns, strict=True):
                texts[name].add(texts[name].part(values))
        typed: dict[str, Any] = {}
        for name in order:
            column = texts.pop(name)
            coded = column.coded()
            typed[name] = numbers_or_text(column.plain() if coded is None else coded, self._style, categories=True)
        frame = pd.DataFrame(typed)
        met = np.zeros(len(frame), dtype=bool)
        for begin in range(0, len(frame), ROWS):
            met[condition.rows_of(frame.iloc[begin : begin + ROWS]).index] = True
        return met

    def _batches(self, columns: Sequence[str], *, watch: Watch | None = None) -> Iterator[pa.RecordBatch]:
        """Yield the columns, in the order of the file, as text, some rows at a time; refuse bad rows at the end."""
        ragged: list[pa.csv.InvalidRow] = []
        rows = 0
        for batch in self._read(columns, ragged, self._watch if watch is None else watch, threads=True):
            rows += batch.num_rows
            yield batch
        if ragged:  # one thread knows the numbers of the rows
            ragged = []
            rows = sum(batch.num_rows for batch in self._read(columns, ragged, UNWATCHED, threads=False))
            name, delimiter = self._stored.path.name, self._form.delimiter
            _refuse_ragged(name, self._names, ragged, delimiter, most=len(ragged) > rows)

    def _read(
        self, columns: Sequence[str], ragged: list[pa.csv.InvalidRow], watch: Watch, *, threads: bool
    ) -> Iterator[pa.RecordBatch]:
        def note(row: pa.csv.InvalidRow) -> str:
            ragged.append(row)
            return "skip"

        places = [place for place, name in enumerate(self._names) if name in columns]
        form = self._form
        try:
            with contextlib.ExitStack() as stack:
                direct = not self._stored.packed and not watch.active
                file = self._stored.file if direct else stack.enter_context(self._stored.open(watch))
                reader = pa.csv.open_csv(
                    file,
                    read_options=pa.csv.ReadOptions(
                        use_threads=threads,
                        block_size=PART,
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
                with reader:
                    yield from reader
        except pa.ArrowInvalid as error:
            path = self._stored.path
            raise DataError(f"{path.name} cannot be read as delimited text: {one_line(error, path)}.") from None


def _categories(part: pa.DictionaryArray) -> pd.Categorical:
    words = pd.Index(part.dictionary.to_pandas().astype("str"))
    return pd.Categorical.from_codes(part.indices.to_numpy(), categories=words, validate=False)


def _has_labels(part: pa.Array) -> bool:
    words = part.dictionary if pa.types.is_dictionary(part.type) else part
    return bool(pc.any(pc.match_substring_regex(words, LABEL)).as_py())


def _first_line(stored: Stored, encoding: str) -> tuple[int, str]:
    """Return how many blank lines there are at the top, and the line after them."""
    with stored.lines(encoding) as lines:
        blank = 0
        while line := lines.readline(BLOCK):
            if len(line) >= BLOCK and not line.endswith(("\n", "\r")):
                raise DataError(
                    f"Line {blank + 1:,} of {stored.path.name} has more than {BLOCK:,} characters; this is no table of "
                    "text with a line for each row."
                )
            if line.strip():
                return blank, line
            blank += 1
    return 0, ""


def _refuse_ragged(
    file: str, names: Sequence[str], rows: list[pa.csv.InvalidRow], delimiter: str, *, most: bool
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
    have = f"{plural(len(rows), 'row')} of {file} {'has' if len(rows) == 1 else 'have'}"
    raise DataError(
        f"{have} more or fewer fields than the header, which has {len(names)} (first: row {listed}, where "
        f"the header is row 1; row {first.number} has {first.actual_columns}: {shown!r}). {advice}"
    )


def _check_encoding(stored: Stored, watch: Watch) -> int:
    """Refuse what is not UTF-8, and return the number of quotes."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    read, quotes = 0, 0
    path, start = stored.path, b""
    with stored.open(watch) as stream:
        while True:
            block = stream.read(BLOCK)
            start = start or block[:2]
            pending = decoder.getstate()[0]
            try:
                if pending or not block.isascii():
                    decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                position = read - len(pending) + error.start
                line = _line_at(stored, position)
                raise NotUtf8Error(_not_utf8(path, start, position, line, error.object[error.start])) from None
            if b"\x00" in block:
                raise DataError(
                    f"{path.name} holds a null byte at position {read + block.index(0):,}, so it is UTF-16 "
                    "or no text at all. Save it again as CSV in UTF-8."
                )
            if not block:
                return quotes
            read += len(block)
            quotes += block.count(b'"')


def _line_at(stored: Stored, position: int) -> int:
    """Return the number of the line in which a byte stands."""
    lines, left = 1, position
    with stored.open() as stream:
        while left > 0 and (block := stream.read(min(BLOCK, left))):
            lines, left = lines + block.count(b"\n"), left - len(block)
    return lines


def _check_latin(stored: Stored) -> int:
    """Refuse what is no Windows-1252 either, and return the number of quotes."""
    quotes = 0
    path, start = stored.path, b""
    with stored.open() as stream:
        while block := stream.read(BLOCK):
            start = start or block[:2]
            if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                raise NotUtf8Error(_not_utf8(path, start, 0, 1, start[0]))
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


def _check_quotes(stored: Stored, delimiter: str, encoding: str) -> None:
    """Refuse a quoted field that never ends; everything after it would be one field."""
    with stored.lines(encoding) as lines:
        rows = csv.reader(lines, delimiter=delimiter, strict=True)
        line = 1
        while True:
            try:
                next(rows)
            except StopIteration:
                return
            except csv.Error as error:
                raise DataError(
                    f"{stored.path.name} has a quote that does not fit, in the row that begins in line {line:,} "
                    f"({one_line(error)}). Close the quote, or write it twice where it is part of the text."
                ) from None
            line = rows.line_num + 1
