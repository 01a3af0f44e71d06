"""Tables as a workbook: numbers as numbers, text as text, and a sheet that says what it is about."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, datetime, time
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from ..errors import DataError, plural
from ._table_content import Content

__all__ = ["as_xlsx"]

MOST_ROWS, MOST_COLUMNS, LONGEST = 1_048_576, 16_384, 32_767
"""Most rows and columns of a sheet, and letters in a cell."""
EXACT = 10**15
"""From here on a spreadsheet no longer keeps every digit of a whole number."""
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
WIDEST = 60
LOOKED_AT = 500
"""Rows whose text decides how wide a column is."""
START = datetime(1980, 1, 1)
"""In place of the time of writing: the same table gives the same file."""


def as_xlsx(content: Content, *, digits: int | None) -> bytes:
    """Write a table as an Excel workbook.

    Parameters
    ----------
    content : Content
        The table.
    digits : int or None
        Decimals that are shown of numbers that are not whole; the cells hold all.

    Returns
    -------
    bytes
        The workbook: a sheet with the table, whose header stays in sight, and a sheet "about".

    Raises
    ------
    DataError
        When a sheet cannot hold the table.
    """
    table = content.table
    _check_size(table)
    said: dict[str, int] = {}
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("table")
    sheet.freeze_panes = "A2"
    columns = [table.iloc[:, place].astype(object).tolist() for place in range(table.shape[1])]
    names = [str(name) for name in table.columns]
    for place, (name, values) in enumerate(zip(names, columns, strict=True), start=1):
        longest = max([len(name) + 1, *(len(_shown(value, digits)) for value in values[:LOOKED_AT])])
        sheet.column_dimensions[get_column_letter(place)].width = min(longest, WIDEST) + 2
    if names:
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(names))}{len(table) + 1}"
    sheet.append([_cell(sheet, name, None, said, bold=True) for name in names])
    for row in zip(*columns, strict=True):
        sheet.append([_cell(sheet, value, digits, said) for value in row])
    notes = [_note(what, number) for what, number in said.items()]
    about = book.create_sheet("about")
    about.column_dimensions["A"].width, about.column_dimensions["B"].width = 24, 100
    rows: list[tuple[str, Any]] = [("Title", content.title)] if content.title else []
    rows += [row for row in content.about if row[0] not in ("Title", "Note")]
    rows += [("Note", note) for note in (*content.notes, *notes)]
    for key, value in rows:
        entry = _cell(about, value, None, {})
        entry.alignment = Alignment(wrap_text=True, vertical="top", horizontal="left")
        about.append([_cell(about, key, None, {}, bold=True), entry])
    return _timeless(book)


def _check_size(table: pd.DataFrame) -> None:
    rows, columns = table.shape
    if rows >= MOST_ROWS or columns > MOST_COLUMNS:
        raise DataError(
            f"A sheet has room for {MOST_ROWS - 1:,} rows and {MOST_COLUMNS:,} columns, and the table has {rows:,} and "
            f"{columns:,}; write .csv or .parquet."
        )
    for place, kind in enumerate(table.dtypes):
        if not pd.api.types.is_numeric_dtype(kind):
            long = table.iloc[:, place].map(lambda value: isinstance(value, str) and len(value) > LONGEST)
            if long.any():
                number = int(long.sum())
                raise DataError(
                    f"A cell has room for {LONGEST:,} characters, and {plural(number, 'text')} of column "
                    f"{str(table.columns[place])!r} {'is' if number == 1 else 'are'} longer; write .csv or .parquet."
                )


def _cell(sheet: Any, value: object, digits: int | None, said: dict[str, int], *, bold: bool = False) -> Any:
    """Return a cell; what cannot be a number or text as it stands is counted in ``said``."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, pd.Timestamp):
        value = value.to_pydatetime()
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return WriteOnlyCell(sheet, None)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if number and isinstance(value, float) and np.isinf(value):
        value, number = str(value), False
        _count(said, "infinite")
    elif number and isinstance(value, int) and abs(value) >= EXACT:
        value, number = str(value), False
        _count(said, "large")
    elif isinstance(value, datetime | time) and value.tzinfo is not None:
        value = value.isoformat()
    if isinstance(value, float):
        cell = WriteOnlyCell(sheet, repr(value))  # openpyxl would write 16 digits, and some numbers have 17
        cell.data_type = "n"
        if digits is not None:
            cell.number_format = "0." + "0" * digits if digits else "0"
        return cell
    if number or isinstance(value, bool | datetime | date | time):
        return WriteOnlyCell(sheet, value)
    text = str(value)
    plain = ILLEGAL.sub("\ufffd", text)
    if plain != text:
        _count(said, "control")
    cell = WriteOnlyCell(sheet, plain)
    cell.data_type = "s"  # text stays text, also where it looks like a formula or an error
    if bold:
        cell.font = Font(bold=True)
    return cell


def _count(said: dict[str, int], what: str) -> None:
    said[what] = said.get(what, 0) + 1


def _note(what: str, number: int) -> str:
    """Say what a workbook cannot hold."""
    return {
        "infinite": f"{plural(number, 'infinite number')} written as text (inf, -inf)",
        "large": f"{plural(number, 'whole number')} of more than 15 digits written as text",
        "control": f"{plural(number, 'text')} with control characters, which are written as \ufffd",
    }[what]


def _shown(value: object, digits: int | None) -> str:
    if isinstance(value, float):
        return f"{value:.{digits}f}" if digits is not None else f"{value:.9g}"
    return "" if value is None or value is pd.NA else str(value)


def _timeless(book: openpyxl.Workbook) -> bytes:
    """Return the workbook without the time at which it was written."""
    book.properties.created = START
    book.properties.creator = "segregate"
    first = io.BytesIO()
    book.save(first)
    second = io.BytesIO()
    with zipfile.ZipFile(first) as source, zipfile.ZipFile(second, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename == "docProps/core.xml":
                modified = rb"(<dcterms:modified[^>]*>)[^<]*"
                content = re.sub(modified, rb"\g<1>1980-01-01T00:00:00Z", content)
            same = zipfile.ZipInfo(entry.filename, START.timetuple()[:6])
            same.compress_type, same.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            target.writestr(same, content)
    return second.getvalue()
