"""What is left of a total, and a decimal mark that is not the one that was said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from segregate._disclosure import Cells
from segregate.errors import DataError, ParameterError, first_of, plural

__all__ = ["check_decimal", "rest_of"]


def rest_of(whole: Cells, part: Cells, columns: tuple[str, str], ids: pd.Series[Any], *, noun: str = "unit") -> Cells:
    """Return whole less part, cell by cell; it is as unsure as the less sure of the two.

    Parameters
    ----------
    whole, part : Cells
    columns : tuple of str
        Where they come from, for the message.
    ids : Series
        For the message.

    Raises
    ------
    DataError
        If the part is greater than the whole by more than the last digits of a floating-point number.
    """
    value = whole.value - part.value
    wrong = value < -1e-6
    if wrong.any():
        raise DataError(
            f"{columns[1]} is greater than {columns[0]}, of which it is a part, in {plural(int(wrong.sum()), noun)} "
            f"of {len(value):,} (first: {first_of(ids[wrong])})."
        )
    value = np.where(value < 1e-9, 0.0, value)  # the last digits of floating-point numbers
    kind = np.maximum(whole.kind, part.kind)
    known = kind == 0
    with np.errstate(invalid="ignore"):
        low = np.where(np.isfinite(part.high), np.maximum(whole.low - part.high, 0), 0.0)
        high = np.where(np.isfinite(whole.high), np.maximum(whole.high - part.low, 0), whole.high)
    return Cells(value, kind, np.where(known, value, low), np.where(known, value, high))


def check_decimal(frame: pd.DataFrame, columns: Sequence[str], decimal: str, source: str) -> None:
    """Refuse columns of text that have the other decimal mark than `decimal`; the message says the option."""
    other = "," if decimal == "." else "."
    for name in columns:
        if pd.api.types.is_numeric_dtype(frame[name].dtype):
            continue
        text = frame[name].astype("str").str.strip()
        found = text[text.str.fullmatch(rf"-?[0-9]+[{other}][0-9]+").fillna(False).to_numpy(dtype=bool)]
        if len(found):
            raise ParameterError(
                f"The column {name!r} has {plural(len(found), 'number')} of {len(text):,} with the mark {other!r} "
                f"(first: {first_of(found)}), and decimal={decimal!r}. If it is the decimal mark say so: "
                f"source={{'source': {source!r}, 'decimal': {other!r}}}."
            )
