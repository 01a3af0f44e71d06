"""Sheets of Excel workbooks."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa

from segregate.errors import DataError, SegregateError

from ._files import Source, choose_layer, header_names, one_line, relay_warnings
from ._numbers import numbers_or_text

__all__ = ["open_sheet"]

Row = tuple[Any, ...]
DAMAGE = (BadZipFile, zlib.error, SyntaxError, OSError, LookupError, ValueError, TypeError, AttributeError)
"""What openpyxl and the XML and zip readers below it raise for damaged workbooks."""
OLD_EXCEL = b"\xd0\xcf\x11\xe0"


def open_sheet(path: Path, *, layer: str | None) -> Source:
    """Open a sheet whose first row that is not blank is the header.

    Parameters
    ----------
    path : Path
        The workbook.
    layer : str or None
        Name of the sheet; not needed where only one holds anything.
    """
    sheet, rows = _rows(path, layer)
    where = f"{path.name} (sheet {sheet!r})"
    if not rows:
        raise DataError(f"{where} is empty.")
    width = max((place + 1 for place, cell in enumerate(rows[0]) if cell is not None), default=0)
    names = header_names(["" if cell is None else str(cell) for cell in rows[0][:width]], f"The header of {where}")
    for number, row in enumerate(rows[1:], start=2):
        if any(cell is not None for cell in row[width:]):
            raise DataError(
                f"{where} has more cells in row {number} (blank rows not counted) than the header, {width}. "
                "The first row must name the columns: take titles and notes above or beside the table away."
            )

    def load(columns: Sequence[str] | None) -> pd.DataFrame:
        return pd.DataFrame(
            {
                name: _column([row[place] if place < len(row) else None for row in rows[1:]])
                for place, name in enumerate(names)
                if columns is None or name in columns
            },
            index=pd.RangeIndex(len(rows) - 1),
        )

    return Source(path, names, load, spatial=False)


def _rows(path: Path, layer: str | None) -> tuple[str, list[Row]]:
    """Return the name of the sheet and its rows that are not blank."""
    with path.open("rb") as stream:
        if stream.read(4) == OLD_EXCEL:
            raise DataError(
                f"{path.name} is an old Excel file (.xls) or protected by a password; save it again as .xlsx."
            )
    try:
        with relay_warnings(path.name):
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
            try:
                sheets = {sheet.title: sheet for sheet in book.worksheets}
                filled = [title for title, sheet in sheets.items() if layer is None and _filled(sheet)]
                choices = filled or list(sheets)
                title = choose_layer(list(sheets) if layer else choices, layer, where=path.name, kind="sheet")
                rows = [row for row in sheets[title].iter_rows(values_only=True) if not _blank(row)]
            finally:
                book.close()
    except SegregateError:
        raise
    except DAMAGE as error:
        raise DataError(
            f"{path.name} is not an Excel workbook, or it is damaged ({one_line(error, path)}). "
            "Download it again, or open it in a spreadsheet and save it as .xlsx."
        ) from None
    return title, rows


def _filled(sheet: Any) -> bool:
    return any(not _blank(row) for row in sheet.iter_rows(values_only=True))


def _blank(row: Row) -> bool:
    return all(cell is None for cell in row)


def _column(cells: list[Any]) -> pd.Series[Any]:
    """Return cells as numbers if all are, as text if there is text among them, else as they are."""
    present = [cell for cell in cells if cell is not None]
    if all(type(cell) is int for cell in present) and len(present) == len(cells):
        return pd.Series(cells, dtype=np.int64 if max(map(abs, cells), default=0) < 2**63 else np.float64)
    if all(type(cell) in (int, float) for cell in present):
        return pd.Series([np.nan if cell is None else cell for cell in cells], dtype=np.float64)
    if all(type(cell) in (int, float, str) for cell in present):
        texts = ["" if cell is None else str(cell) for cell in cells]
        return numbers_or_text(pa.array(texts, pa.string()))
    return pd.Series(cells, dtype=object)
