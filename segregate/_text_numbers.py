"""Counts as publishers write them: marks, "<5", decimal commas, thousands marks."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ._disclosure import MISSING, Cells, Mark, as_marks, hidden
from .errors import DataError, ParameterError, first_of, plural

__all__ = ["UnclearError", "Style", "completed", "read_cells", "style_of", "with_numbers"]

ABSENT = r"^(?:na|nan|null|n/a)?$"
"""What stands for a missing value in a column of numbers, in any case."""
PLAIN = r"^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$"
SPACES = "[ \u00a0\u202f\u2009']"
"""Blank, no-break, narrow no-break and thin space, and the Swiss apostrophe: thousands marks and nothing else."""
SPACED = rf"^[+-]?[0-9]{{1,3}}(?:{SPACES}[0-9]{{3}})+(?:[.,][0-9]*)?$"
COMMA = r"^[+-]?[0-9]+,[0-9]+$"
COMMAS = r"^[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]*)?$"
POINTS = r"^[+-]?[1-9][0-9]{0,2}(?:\.[0-9]{3})+(?:,[0-9]*)?$"
BELOW = re.compile(r"^(<=|≤|=<|<|>=|≥|>)\s*([0-9]+)$")


class Style(NamedTuple):
    """How a publisher writes numbers.

    Attributes
    ----------
    decimal : {".", ","} or None
        Decimal mark; None where it is not known.
    thousands : {"", ".", ",", " "} or None
        Mark between thousands, "" for none; None where it is not known. Blanks are always read as such.
    """

    decimal: str | None = None
    thousands: str | None = None


class UnclearError(DataError):
    """A cell has no certain meaning.

    Attributes
    ----------
    found : str
        What was found; the message goes on with what to do, which the layout of a source may say in other words.
    mark : str or None
        The first mark without a meaning; None where a decimal mark is not known.
    """

    def __init__(self, found: str, advice: str, mark: str | None) -> None:
        super().__init__(f"{found} {advice}")
        self.found, self.mark = found, mark


def style_of(decimal: str | None, thousands: str | None) -> Style | None:
    """Return how numbers are written, as a user says it; None where nothing is said.

    Raises
    ------
    ParameterError
        For marks that numbers are not written with, and one mark for both.
    """
    if decimal is None and thousands is None:
        return None
    style = Style(decimal, thousands)
    if decimal not in (None, ".", ",") or thousands not in (None, "", ".", ",", " "):
        raise ParameterError(
            f"decimal= is '.' or ',' and thousands= is '', '.', ',' or ' ', not {decimal!r} and {thousands!r}."
        )
    if decimal == thousands:
        raise ParameterError(f"{decimal!r} cannot be both the decimal mark and the thousands mark.")
    return style


def completed(style: Style) -> Style:
    """Return a style with the mark that was not said: where one of point and comma is taken, it is the other."""
    decimal, thousands = style
    if decimal is None and thousands in (".", ","):
        decimal = "," if thousands == "." else "."
    if decimal is not None and thousands is None:
        thousands = "," if decimal == "." else "."
    return Style(decimal, thousands)


def with_numbers(frame: pd.DataFrame, columns: Iterable[Hashable], style: Style) -> pd.DataFrame:
    """Return a table with the texts in some columns that surely are numbers as numbers; other texts stay.

    For coordinates, areas and margins of error, of which marks are refused elsewhere.

    Parameters
    ----------
    frame : DataFrame
        It is not changed.
    columns : list of column names
        Columns that are not there are left to who asks for them.
    style : Style
        How numbers are written.
    """
    style = completed(style)
    changed: dict[Hashable, Any] = {}
    for name in columns:
        if name not in frame.columns or int((frame.columns == name).sum()) > 1:
            continue
        column = frame[name]
        if not (column.dtype == object or isinstance(column.dtype, pd.StringDtype)):
            continue
        texts = {value for value in column if isinstance(value, str)}
        numbers = {text: _plain(text.strip(), style) for text in texts}
        known = {text: float(number) for text, number in numbers.items() if number is not None}
        if known:
            read = [known.get(value, value) if isinstance(value, str) else value for value in column]
            changed[name] = pd.Series(read, index=column.index, dtype=object).infer_objects()
    if not changed:
        return frame
    table = frame.copy(deep=False)
    for name, column in changed.items():
        table[name] = column
    return table


def read_cells(
    column: pd.Series[Any],
    *,
    marks: Mapping[Any, Any] | None = None,
    style: Style = Style(),  # noqa: B008 - immutable
    where: str = "",
) -> Cells:
    """Return a column of counts with the kind and the interval of each.

    Numbers are numbers, blanks are missing, "<5" and "≤4" are suppressed counts between 0 and 4. All else has
    a meaning only where `marks` says so. "1.234" and "1,234" are thousands or decimals: what they are is taken
    from `style`, or found out from the rest of the column ("12,5" can only be a decimal), or they are refused.

    Parameters
    ----------
    column : Series of text or numbers, shape (n,)
        As it stands in the file.
    marks : mapping, optional
        From a mark or sentinel ("*", "–", -9999) to what it stands for; see `segregate._disclosure.as_marks`.
        Case and the blanks around do not matter.
    style : Style
        How the publisher writes numbers.
    where : str
        Name of the file, for messages.

    Returns
    -------
    Cells
        n cells; a mark never is a number unless `marks` says which.

    Raises
    ------
    DataError
        For text without a certain meaning, and negative numbers that no mark explains; the message gives the first.
    """
    style = style_of(*style) or style
    meanings = as_marks(marks or {})
    name = f"{column.name!r}{f' of {where}' if where else ''}"
    if pd.api.types.is_bool_dtype(column.dtype):
        raise DataError(f"Column {name} holds true and false, not numbers of people.")
    if pd.api.types.is_numeric_dtype(column.dtype):
        return _from_numbers(column, meanings, name)
    if isinstance(column.dtype, pd.CategoricalDtype):
        words = pd.Series(column.cat.categories, name=column.name)
        try:  # each word once
            cells = read_cells(words, marks=meanings, style=style, where=where)
        except DataError:  # with the numbers of all rows
            return read_cells(column.astype(object), marks=meanings, style=style, where=where)
        absent = meanings.get("", MISSING)
        none = Cells.known([np.nan]).marked([True], absent)
        codes = column.cat.codes.to_numpy()
        return cells.followed_by(none).take(np.where(codes < 0, len(words), codes))
    values = column.map(_as_text, na_action="ignore") if column.dtype == object else column
    text = pc.utf8_trim_whitespace(pa.array(values, pa.string(), from_pandas=True))
    if isinstance(text, pa.ChunkedArray):
        text = text.combine_chunks()
    return _from_text(text, meanings, style, name)


def _as_text(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _from_numbers(column: pd.Series[Any], meanings: Mapping[str, Mark], name: str) -> Cells:
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    cells = Cells.known(values)
    if "" in meanings:
        cells = cells.marked(np.isnan(values), meanings[""])
    return _marked(cells, values, meanings, name)


def _from_text(text: pa.StringArray, meanings: Mapping[str, Mark], style: Style, name: str) -> Cells:
    """Read text: digits as they are, and of the rest each different text once where it is no plain number."""
    digits = _flags(pc.and_(pc.utf8_is_digit(text), pc.string_is_ascii(text)))
    values = np.full(len(text), np.nan)
    if digits.all():
        values = _numbers(text)
        return _marked(Cells.known(values), values, meanings, name)
    values[digits] = _numbers(text.filter(pa.array(digits)))
    rows = np.flatnonzero(~digits)
    rest = text.filter(pa.array(~digits))
    absent = pc.fill_null(pc.match_substring_regex(rest, ABSENT, ignore_case=True), True)
    plain = _flags(pc.and_(pc.match_substring_regex(rest, PLAIN), pc.invert(absent)))
    pointed = plain & _flags(pc.match_substring(rest, "."))
    grouped = pointed & _flags(pc.match_substring_regex(rest, POINTS))
    odd = pc.dictionary_encode(pc.fill_null(rest.filter(pa.array(~plain)), "")).dictionary.to_pylist()
    style = _settled(odd, style, point=bool((pointed & ~grouped).any()))
    if style.decimal == ",":
        plain &= ~pointed
    elif style.decimal is None:
        plain &= ~grouped
    values[rows[plain]] = _numbers(pc.replace_substring(rest.filter(pa.array(plain)), "+", ""))
    cells = Cells.known(values)
    coded = pc.dictionary_encode(pc.fill_null(rest.filter(pa.array(~plain)), ""))
    words = coded.dictionary.to_pylist()
    at = coded.indices.to_numpy(zero_copy_only=False)
    found = [_word(word, meanings, style) for word in words]
    unclear = {word: int((at == code).sum()) for code, word in enumerate(words) if found[code] is None}
    if unclear:
        _refuse_unclear(unclear, name, len(text), style)
    if words:
        cells = cells.put(rows[~plain], at, [meaning for meaning in found if meaning is not None])
    return _marked(cells, values, meanings, name)


def _numbers(text: pa.StringArray) -> Any:
    return pc.cast(text, pa.float64()).to_numpy(zero_copy_only=False)


def _marked(cells: Cells, values: Any, meanings: Mapping[str, Mark], name: str) -> Cells:
    """Give numbers that are marks their meaning, and refuse negative ones that are none."""
    for mark, meaning in meanings.items():
        at = values == float(mark) if re.match(PLAIN, mark) else None
        if at is not None and at.any():
            cells = cells.marked(at, meaning)
    _refuse_impossible(cells, name)
    return cells


def _flags(values: Any) -> Any:
    """Return true and false as an array; of nothing, false."""
    return pc.fill_null(values, False).to_numpy(zero_copy_only=False)


def _settled(words: list[str], style: Style, *, point: bool) -> Style:
    """Find out from all words of a column what a comma and a point are, where the publisher does not say.

    `point` says that some number has a point that can only be a decimal mark.
    """
    decimal, thousands = completed(style)
    if decimal is None:
        comma = any(re.match(COMMA, word) and not re.match(COMMAS, word) for word in words)
        comma |= any(re.match(POINTS, word) and ("," in word or word.count(".") > 1) for word in words)
        point |= any(re.match(COMMAS, word) and ("." in word or word.count(",") > 1) for word in words)
        if comma != point:
            decimal = "," if comma else "."
    return completed(Style(decimal, thousands))


def _word(word: str, meanings: Mapping[str, Mark], style: Style) -> Mark | None:
    """Return what a text stands for, or None where that is not certain."""
    folded = word.casefold()
    if folded in meanings:
        return meanings[folded]
    if re.match(ABSENT, word, re.IGNORECASE):
        return Mark("missing")
    bound = BELOW.match(word)
    if bound:
        sign, number = bound[1], int(bound[2])
        if sign in (">", ">=", "≥"):
            return hidden(number + (sign == ">"), np.inf)
        most = number - (sign == "<")
        return hidden(0, most) if most >= 0 else None
    number_text = _plain(word, style)
    if number_text is None:
        return None
    value = float(number_text)
    return Mark("known", value, value)


def _plain(word: str, style: Style) -> str | None:
    """Return a number as programs write it, or None."""
    if re.match(SPACED, word):
        word = re.sub(SPACES, "", word)
        if re.match(r"^[+-]?[0-9]+$", word):
            return word
        style = Style(style.decimal or word.strip("+-0123456789"), style.thousands)
    if style.decimal == ",":
        if style.thousands == "." and re.match(POINTS, word):
            return word.replace(".", "").replace(",", ".")
        return word.replace(",", ".") if re.match(r"^[+-]?[0-9]+(,[0-9]*)?$", word) else None
    if style.decimal == ".":
        if style.thousands == "," and re.match(COMMAS, word):
            return word.replace(",", "")
        return word if re.match(PLAIN, word) else None
    return None


def _refuse_unclear(unclear: Mapping[str, int], name: str, n: int, style: Style) -> None:
    listed = ", ".join(f"{word!r} ({plural(count, 'row')})" for word, count in list(unclear.items())[:5])
    more = ", ..." if len(unclear) > 5 else ""
    doubtful = [word for word in unclear if re.match(COMMAS, word) or re.match(POINTS, word)]
    cells = sum(unclear.values())
    found = (
        f"{plural(cells, 'row')} of {n:,} in column {name} {'is' if cells == 1 else 'are'} no number and no mark with "
        f"a known meaning: {listed}{more}."
    )
    if doubtful and style.decimal is None:
        found = f"{found} {doubtful[0]!r} is a decimal or has a thousands mark:"
        raise UnclearError(found, "say which, decimal=',' or decimal='.'.", None)
    word = next(iter(unclear))
    advice = (
        f"Say what they stand for: marks={{{word!r}: 'missing'}}, 'suppressed', a pair such as (1, 4) of the least "
        "and the most people, or a number."
    )
    raise UnclearError(found, advice, repr(word))


def _refuse_impossible(cells: Cells, name: str) -> None:
    """Refuse negative numbers that no mark explains: they may be sentinels, which must not be summed."""
    wrong = cells.value < 0
    if wrong.any():
        found = np.unique(cells.value[wrong])
        raise UnclearError(
            f"{plural(int(wrong.sum()), 'row')} of {len(cells):,} in column {name} "
            f"{'holds' if wrong.sum() == 1 else 'hold'} a negative number ({first_of([f'{x:g}' for x in found])}).",
            f"If it is a code, say what it stands for: marks={{{found[0]:g}: 'missing'}} or 'suppressed'.",
            f"{found[0]:g}",
        )
