"""Text that a spreadsheet would run."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from ..errors import plural

__all__ = ["without_formulas"]

FORMULA = re.compile(r"^[\s\ufeff]*(?:[=@\uff1d\uff20]|[+\-\uff0b\uff0d].*[(!|]|[\t\r])", re.DOTALL)
"""What spreadsheets take for a formula: = or @ at the beginning, or a sign with a call or another program behind it."""


def without_formulas(table: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Put an apostrophe before text that a spreadsheet would run when it opens the CSV.

    Ids and names come from files of other people. Numbers stay what they are, and so does text such as "-5",
    "+49 30 1234" or "-": it is no formula that does anything.

    Parameters
    ----------
    table : DataFrame
        It is not changed.

    Returns
    -------
    table : DataFrame
        The same where there is no such text.
    note : str
        What was done, "" for nothing.
    """
    changed = 0
    first = ""

    def safe(value: Any) -> Any:
        nonlocal changed, first
        if not isinstance(value, str) or not FORMULA.match(value):
            return value
        changed, first = changed + 1, first or value
        return f"'{value}"

    columns: dict[int, Any] = {place: table.iloc[:, place].astype(object).map(safe) for place in _texts(table)}
    names = [safe(name) for name in table.columns]
    if not changed:
        return table, ""
    table = table.copy()
    for place, column in columns.items():
        table.isetitem(place, column)
    table.columns = names
    return table, (
        f"note: {plural(changed, 'text')} that a spreadsheet would take for a formula (first: {first[:40]!r}) written "
        "with an apostrophe before it; .json and .parquet keep it as it is"
    )


def _texts(table: pd.DataFrame) -> list[int]:
    kinds = enumerate(table.dtypes)
    return [place for place, kind in kinds if not (pd.api.types.is_numeric_dtype(kind) or kind.kind in "mM")]
