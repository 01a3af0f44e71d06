"""Text that is a number, and text that only looks like one."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from segregate._text_numbers import ABSENT, SPACES, Style, completed

from ._texts import Coded

__all__ = ["numbers_apart", "numbers_or_text", "text_only"]

NUMBER = (
    r"^-?(?:(?:0|[1-9][0-9]{0,14})"
    r"|(?:0|[1-9][0-9]*)?\.[0-9]+(?:[eE][+-]?[0-9]+)?"
    r"|(?:0|[1-9][0-9]*)[eE][+-]?[0-9]+)$"
)
"""A number as programs write it: no leading zeros, and no integer of more than 15 digits."""
PLAIN = Style()
INTEGER = r"^-?(?:0|[1-9][0-9]{0,14})$"


def numbers_or_text(
    values: pa.ChunkedArray | pa.Array | Coded, style: Style = PLAIN, *, categories: bool = False
) -> pd.Series[Any]:
    """Return a column of text as numbers if all of it is numbers, and as text otherwise.

    A column becomes numbers only where every value is written as a program writes a number:
    "06067" and "9007199254740993" are labels and stay what they are, and so does a whole
    column with one "<5".

    Parameters
    ----------
    values : arrow array of strings, shape (n,), or Coded
        The column as it stands in the file.
    style : Style
        Decimal mark and thousands mark, where they are not those of programs.
    categories : bool
        Return text that repeats itself as categories.

    Returns
    -------
    Series, shape (n,)
        int64; float64 (with NaN for blanks, NA, NaN, NULL, N/A); or text, blanks missing.
    """
    if isinstance(values, Coded):
        words = numbers_or_text(values.words, style) if len(values.codes) else pd.Series([], dtype="str")
        if isinstance(words.dtype, pd.StringDtype):
            return pd.Series(values.categories()) if categories else text_only(values)
        return pd.Series(words.to_numpy()[values.codes])
    stripped = pc.utf8_trim_whitespace(values)
    pattern = _pattern(style)
    if _all(pc.match_substring_regex(stripped.slice(0, 1000), f"{pattern}|{ABSENT}", ignore_case=True)):
        if len(stripped) and _all(pc.match_substring_regex(stripped, INTEGER)):
            return pc.cast(stripped, pa.int64()).to_pandas()  # type: ignore[no-any-return]
        number = pc.match_substring_regex(stripped, pattern)
        if not _all(number):
            absent = pc.match_substring_regex(stripped, ABSENT, ignore_case=True)
            number = pc.or_(absent, number)
            present = pc.if_else(absent, pa.scalar(None, pa.string()), stripped)
        else:
            present = stripped
        if _all(number):
            return pc.cast(_as_programs_do(present, style), pa.float64()).to_pandas()  # type: ignore[no-any-return]
    return text_only(values)


def text_only(values: pa.ChunkedArray | pa.Array | Coded) -> pd.Series[Any]:
    """Return a column of text as it stands in the file, blanks missing."""
    words = values.words.cast(pa.large_string()) if isinstance(values, Coded) else values
    blank = pc.equal(pc.utf8_trim_whitespace(words), "")
    text = pc.if_else(blank, pa.scalar(None, words.type), words)
    if isinstance(values, Coded):
        text = text.take(pa.array(values.codes))
    return text.to_pandas().astype("str")  # type: ignore[no-any-return]


def _pattern(style: Style) -> str:
    """Return what a number looks like."""
    decimal, thousands = completed(style)
    if decimal in (None, ".") and not thousands:
        return NUMBER
    point = re.escape(decimal or ".")
    grouped = f"[1-9][0-9]{{0,2}}(?:{SPACES if thousands == ' ' else re.escape(thousands or ' ')}[0-9]{{3}})+"
    whole = f"(?:{grouped}|0|[1-9][0-9]{{0,14}})" if thousands else "(?:0|[1-9][0-9]{0,14})"
    return f"^-?(?:{whole}|{whole}?{point}[0-9]+)$"


def _as_programs_do(text: Any, style: Style) -> Any:
    decimal, thousands = completed(style)
    if thousands:
        text = pc.replace_substring_regex(text, SPACES if thousands == " " else re.escape(thousands), "")
    return text if decimal in (None, ".") else pc.replace_substring(text, decimal, ".")


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
