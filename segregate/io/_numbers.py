"""Text that is a number, and text that only looks like one."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from segregate._text_numbers import ABSENT

__all__ = ["numbers_apart", "numbers_or_text", "text_only"]

NUMBER = (
    r"^-?(?:(?:0|[1-9][0-9]{0,14})"
    r"|(?:0|[1-9][0-9]*)?\.[0-9]+(?:[eE][+-]?[0-9]+)?"
    r"|(?:0|[1-9][0-9]*)[eE][+-]?[0-9]+)$"
)
"""A number as programs write it: no leading zeros, and no integer of more than 15 digits."""
INTEGER = r"^-?(?:0|[1-9][0-9]{0,14})$"


def numbers_or_text(values: pa.ChunkedArray | pa.Array) -> pd.Series[Any]:
    """Return a column of text as numbers if all of it is numbers, and as text otherwise.

    A column becomes numbers only where every value is written as a program writes a number:
    "06067" and "9007199254740993" are labels and stay what they are, and so does a whole
    column with one "<5".

    Parameters
    ----------
    values : arrow array of strings, shape (n,)
        The column as it stands in the file.

    Returns
    -------
    Series, shape (n,)
        int64; float64 (with NaN for blanks, NA, NaN, NULL, N/A); or text, blanks missing.
    """
    stripped = pc.utf8_trim_whitespace(values)
    if _all(pc.match_substring_regex(stripped.slice(0, 1000), f"{NUMBER}|{ABSENT}", ignore_case=True)):
        if len(stripped) and _all(pc.match_substring_regex(stripped, INTEGER)):
            return pc.cast(stripped, pa.int64()).to_pandas()  # type: ignore[no-any-return]
        number = pc.match_substring_regex(stripped, NUMBER)
        if not _all(number):
            absent = pc.match_substring_regex(stripped, ABSENT, ignore_case=True)
            number = pc.or_(absent, number)
            present = pc.if_else(absent, pa.scalar(None, pa.string()), stripped)
        else:
            present = stripped
        if _all(number):
            return pc.cast(present, pa.float64()).to_pandas()  # type: ignore[no-any-return]
    return text_only(values)


def text_only(values: pa.ChunkedArray | pa.Array) -> pd.Series[Any]:
    """Return a column of text as it stands in the file, blanks missing."""
    blank = pc.equal(pc.utf8_trim_whitespace(values), "")
    return pc.if_else(blank, pa.scalar(None, pa.string()), values).to_pandas().astype("str")  # type: ignore[no-any-return]


def numbers_apart(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return a column of text with the numbers in it as numbers, so that only marks are left as text.

    Who refuses "<5" can then say that it is the "<5", not the "12" before it. A column
    without marks stays as it is.

    Parameters
    ----------
    column : Series of text, shape (n,)
        Counts among which there is a mark.

    Returns
    -------
    Series of object, shape (n,)
        float, text, or None where ABSENT.
    """
    stripped = pc.utf8_trim_whitespace(pa.array(column, pa.string(), from_pandas=True))
    absent = pc.fill_null(pc.match_substring_regex(stripped, ABSENT, ignore_case=True), True)
    number = pc.fill_null(pc.match_substring_regex(stripped, NUMBER), False)
    if _all(pc.or_(absent, number)):
        return column
    kinds = zip(column, stripped.to_pylist(), absent.to_pylist(), number.to_pylist(), strict=True)
    values = [None if a else float(text) if n else value for value, text, a, n in kinds]
    return pd.Series(values, index=column.index, name=column.name, dtype=object)


def _all(flags: pa.Array | pa.ChunkedArray) -> bool:
    """Say whether all are true; of none, they are."""
    return pc.all(flags).as_py() is not False
