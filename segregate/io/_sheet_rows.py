"""Rows of a sheet, none of which may fill the memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from segregate.errors import DataError

__all__ = ["Row", "filled_rows", "is_filled"]

Row = tuple[Any, ...]
MOST_CELLS = 50_000_000
MOST_LETTERS = 500_000_000


def filled_rows(sheet: Any, where: str) -> list[Row]:
    """Return the rows that are not blank, without the blank cells at their ends; the first is the header.

    Raises
    ------
    DataError
        For rows with more cells than the header, and for more cells than a workbook can be expected to hold.
    """
    rows: list[Row] = []
    width = cells = letters = 0
    for row in _rows(sheet):
        if rows and len(row) > width:
            raise DataError(
                f"{where} has more cells in row {len(rows) + 1} (blank rows not counted) than the header, {width}. "
                "The first row must name the columns: take titles and notes above or beside the table away."
            )
        width = width or len(row)
        cells += len(row)
        letters += sum(len(cell) for cell in row if isinstance(cell, str))
        if cells > MOST_CELLS or letters > MOST_LETTERS:
            what = f"{MOST_CELLS:,} cells" if cells > MOST_CELLS else f"{MOST_LETTERS:,} letters"
            raise DataError(f"{where} has more than {what}; save it as CSV, which is read in less memory.")
        rows.append(row)
    return rows


def is_filled(sheet: Any) -> bool:
    """Say whether there is anything in a sheet."""
    return next(_rows(sheet), None) is not None


def _rows(sheet: Any) -> Iterator[Row]:
    if hasattr(sheet, "reset_dimensions"):  # what the sheet says of its size is not taken at its word
        sheet.reset_dimensions()
    for row in sheet.iter_rows(values_only=True):
        width = next((place for place in range(len(row), 0, -1) if row[place - 1] is not None), 0)
        if width:
            yield row[:width]
