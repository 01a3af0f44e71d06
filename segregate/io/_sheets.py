"""Sheets of Excel workbooks."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa

from segregate._text_numbers import Style, completed
from segregate.errors import DataError, SegregateError

from ._bombs import check_archive, check_xml
from ._files import Source, choose_layer, header_names, one_line, relay_warnings
from ._numbers import PLAIN, numbers_or_text
from ._sheet_rows import Row, filled_rows, is_filled
from ._where import parse_condition

__all__ = ["open_sheet"]

DAMAGE = (
    BadZipFile,
    zlib.error,
    SyntaxError,
    OSError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    RuntimeError,
)
"""What openpyxl and the XML and zip readers below it raise for damaged workbooks."""
OLD_EXCEL = b"\xd0\xcf\x11\xe0"


def open_sheet(path: Path, *, layer: str | None, where: str | None = None, style: Style | None = None) -> Source:
    """Open a sheet whose first row that is not blank is the header.

    Parameters
    ----------
    path : Path
        The workbook.
    layer : str or None
        Name of the sheet; not needed where only one holds anything.
    where : str, optional
        A condition on the columns.
    style : Style, optional
        Decimal mark and thousands mark of numbers that are text.
    """
    sheet, rows = _rows(path, layer)
    place = f"{path.name} (sheet {sheet!r})"
    if not rows:
        raise DataError(f"{place} is empty.")
    names = header_names(["" if cell is None else str(cell) for cell in rows[0]], f"The header of {place}")
    condition = None if where is None else parse_condition(where, names, path.name)

    def load(columns: Sequence[str] | None) -> pd.DataFrame:
        asked = () if condition is None else condition.columns
        frame = pd.DataFrame(
            {
                name: _column([row[place] if place < len(row) else None for row in rows[1:]], style or PLAIN)
                for place, name in enumerate(names)
                if columns is None or name in columns or name in asked
            },
            index=pd.RangeIndex(len(rows) - 1),
        )
        if condition is not None:
            frame = condition.rows_of(frame).reset_index(drop=True)
        return frame if columns is None else frame[[name for name in frame.columns if name in columns]]

    return Source(path, names, load, spatial=False)


def _rows(path: Path, layer: str | None) -> tuple[str, list[Row]]:
    """Return the name of the sheet and its rows that are not blank."""
    with path.open("rb") as stream:
        if stream.read(4) == OLD_EXCEL:
            raise DataError(
                f"{path.name} is an old Excel file (.xls) or protected by a password; save it again as .xlsx."
            )
    try:
        with ZipFile(path) as archive:
            check_archive(path, archive, archive.namelist())
            check_xml(path, archive)
        with relay_warnings(path.name):
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
            try:
                sheets = {sheet.title: sheet for sheet in book.worksheets}
                filled = [title for title, sheet in sheets.items() if layer is None and is_filled(sheet)]
                choices = filled or list(sheets)
                title = choose_layer(list(sheets) if layer else choices, layer, where=path.name, kind="sheet")
                rows = filled_rows(sheets[title], f"{path.name} (sheet {title!r})")
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


def _column(cells: list[Any], style: Style) -> pd.Series[Any]:
    """Return cells as numbers if all are, as text if there is text among them, else as they are."""
    present = [cell for cell in cells if cell is not None]
    if all(type(cell) is int for cell in present) and len(present) == len(cells):
        return pd.Series(cells, dtype=np.int64 if max(map(abs, cells), default=0) < 2**63 else np.float64)
    if all(type(cell) in (int, float) for cell in present):
        return pd.Series([np.nan if cell is None else cell for cell in cells], dtype=np.float64)
    if all(type(cell) in (int, float, str) for cell in present):
        texts = ["" if cell is None else str(cell) for cell in cells]
        if style != PLAIN and any(isinstance(cell, float) for cell in present):
            texts = [_written(cell, style) for cell in cells]
        return numbers_or_text(pa.array(texts, pa.string()), style)
    return pd.Series(cells, dtype=object)


def _written(cell: Any, style: Style) -> str:
    """Return a cell as text, a number with the decimal mark of the texts beside it."""
    text = "" if cell is None else str(cell)
    return text.replace(".", completed(style).decimal or ".") if isinstance(cell, float) else text
