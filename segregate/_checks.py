"""What is refused at the door, and in which words."""

from __future__ import annotations

import numbers
from collections.abc import Hashable, Iterable, Mapping, Sequence, Set
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from .errors import (
    DataError,
    ParameterError,
    UnknownNameError,
    first_of,
    have,
    nearest,
    plural,
)

__all__ = [
    "check_choice",
    "check_columns",
    "check_groups",
    "check_ids",
    "check_level",
    "check_values",
    "read_counts",
    "read_numbers",
]

LARGEST = 2.0**53
"""Beyond this a float64 no longer tells one person from two."""
HASHED = 1 << 18
"""So many texts are looked at together."""
CODES = {-1, -2, -9, -999, -8888, -9999, -99995, -99997, -99999}
"""Negative numbers that publishers write where a value is secret or missing."""
CENSUS_CODES = {-222222222, -333333333, -555555555, -666666666, -888888888, -999999999}


def check_choice(name: str, value: object, choices: Sequence[str]) -> None:
    """Refuse a word that is not one of a few."""
    if value not in choices:
        raise ParameterError(f"{name}={value!r} is not known; it is one of {', '.join(map(repr, choices))}.")


def check_level(level: object) -> float:
    """Return a level of confidence."""
    if not isinstance(level, (float, np.floating)) or not 0 < level < 1:
        raise ParameterError(f"level={level!r} is a share between 0 and 1: 0.95 for an interval of 95 %.")
    return float(level)


def check_columns(frame: pd.DataFrame, columns: Iterable[Hashable], *, role: str) -> None:
    """Refuse columns that are not there, or there twice."""
    if frame.columns.nlevels > 1:
        raise DataError(
            f"The columns of the table have {frame.columns.nlevels} levels; join them into one first: "
            "frame.columns = ['_'.join(map(str, column)) for column in frame.columns]."
        )
    repeated = not frame.columns.is_unique
    for name in columns:
        if not isinstance(name, Hashable):
            raise ParameterError(f"{role} takes names of columns, not {name!r}.")
        if name not in frame.columns:
            raise UnknownNameError(f"There is no column {name!r} ({role}). {nearest(name, frame.columns)}")
        if repeated and sum(column == name for column in frame.columns) > 1:
            raise DataError(
                f"The table has {plural(sum(column == name for column in frame.columns), 'column')} called {name!r}; "
                "rename or drop all but one."
            )


def check_groups(groups: object) -> list[Hashable]:
    """Return the group columns as a list without repeats."""
    if isinstance(groups, str) or not isinstance(groups, Iterable):
        raise ParameterError(f"groups= takes a list of column names, not {groups!r}: groups=[{groups!r}, ...].")
    if isinstance(groups, (Set, Mapping)):
        raise ParameterError(
            f"groups= takes a list of column names, not a {type(groups).__name__}: the order of the groups matters, "
            "the first of two is the one an index is about."
        )
    names = list(groups)
    if not names:
        raise ParameterError("groups= is empty; name the columns that hold the people of each group.")
    labels = [str(name) for name in names]
    twice = sorted({name for name in labels if labels.count(name) > 1})
    if twice:
        raise DataError(f"A group is named twice: {first_of(twice)}. Each group is counted once.")
    return names


def check_ids(ids: pd.Index) -> None:
    """Refuse labels that are missing or name two units."""
    if isinstance(ids, pd.MultiIndex):
        raise DataError(
            f"The units have labels of {ids.nlevels} levels ({first_of(ids.names)}); give them one: "
            "frame.reset_index() and id='<column>'."
        )
    missing = np.asarray(ids.isna())
    if missing.any():
        raise DataError(
            f"{have(int(missing.sum()), len(ids))} no id "
            f"(first in row {int(np.flatnonzero(missing)[0])}); fill them in, or choose another id column."
        )
    if _all_differ(ids):
        return
    repeated = ids.duplicated(keep=False)
    if repeated.any():
        names = ids[repeated].unique()
        raise DataError(
            f"{plural(len(names), 'id')} {'names' if len(names) == 1 else 'name'} more than one unit "
            f"({plural(int(repeated.sum()), 'row')}; first: {first_of(names[:4])}). Each unit is one row: add the "
            "rows of a unit up, choose another id column, or use Population.from_long for one row per unit and group."
        )


def _all_differ(ids: pd.Index) -> bool:
    """Say whether certainly no label is there twice.

    Texts get a number each from their bytes; if all numbers differ so do the texts, and none had to become an object,
    which takes long for millions. Where two numbers are the same somebody else must look.
    """
    if not isinstance(ids.dtype, pd.StringDtype):
        return bool(ids.is_unique)
    text: Any = pa.array(ids, from_pandas=True)
    text = (text if isinstance(text, pa.ChunkedArray) else pa.chunked_array([text])).cast(pa.large_string())
    numbers = [_numbered(part.slice(at, HASHED)) for part in text.chunks for at in range(0, len(part), HASHED)]
    if not numbers:
        return True
    found = np.sort(np.concatenate(numbers))
    return not bool((found[1:] == found[:-1]).any())


def _numbered(text: pa.LargeStringArray) -> npt.NDArray[np.uint64]:
    """Return a number for each text, of its bytes and their count."""
    offsets = np.frombuffer(text.buffers()[1], np.int64)[text.offset : text.offset + len(text) + 1]
    data = np.frombuffer(text.buffers()[2] or b"", np.uint8)
    lengths = np.diff(offsets)
    numbers = np.empty(len(text), np.uint64)
    for length in np.unique(lengths):
        rows = np.flatnonzero(lengths == length)
        padded = np.zeros((len(rows), -(-int(length) // 8) * 8), np.uint8)
        padded[:, :length] = data[offsets[rows][:, None] + np.arange(length)]
        number = np.full(len(rows), length, np.uint64)
        for word in padded.view(np.uint64).T:
            number = (number ^ word) * np.uint64(0xFF51AFD7ED558CCD)
            number ^= number >> np.uint64(32)
        numbers[rows] = number
    return numbers


def read_numbers(column: pd.Series[Any], labels: pd.Index, noun: str = "unit") -> npt.NDArray[np.float64]:
    """Return a column as float64, NaN where it is missing; anything but a number is refused."""
    kind = column.dtype
    if pd.api.types.is_bool_dtype(kind):
        raise DataError(
            f"Column {column.name!r} holds true and false, not numbers such as people or an area. "
            "To count people first, use Population.from_long with one row per person."
        )
    if pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_complex_dtype(kind):
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    if not (pd.api.types.is_object_dtype(kind) or isinstance(kind, (pd.StringDtype, pd.CategoricalDtype))):
        raise DataError(f"Column {column.name!r} holds {kind} values, not numbers.")
    values = column.astype(object).to_numpy()
    absent = pd.isna(values)
    if pd.api.types.infer_dtype(values, skipna=True) in ("integer", "floating", "mixed-integer-float", "empty"):
        return pd.to_numeric(pd.Series(values, dtype=object)).to_numpy(dtype=np.float64, na_value=np.nan)
    fine = np.array([isinstance(value, numbers.Real) and not isinstance(value, (bool, np.bool_)) for value in values])
    wrong = ~(fine | absent)
    if wrong.any():
        _refuse_text(str(column.name), values[wrong], labels[wrong], len(values), noun)
    result = np.full(len(values), np.nan)
    result[fine] = values[fine].astype(np.float64)
    return result


def _refuse_text(name: str, values: npt.NDArray[np.object_], labels: pd.Index, n: int, noun: str) -> None:
    """Say which values are not numbers."""
    parsed = pd.to_numeric(pd.Series(values, dtype=object).astype(str), errors="coerce").to_numpy(dtype=float)
    marks = ~np.isfinite(parsed)
    if marks.any():  # the numbers among them, stored as text, are not what is wrong
        values, labels = values[marks], labels[marks]
    examples = list(dict.fromkeys(str(value) for value in values))
    if not marks.any():
        advice = f"They look like numbers stored as text: frame[{name!r}] = pandas.to_numeric(frame[{name!r}])."
    else:
        advice = (
            "Correct them. Marks of suppressed or missing cells are not counts: say what they stand for, "
            f"marks={{{examples[0]!r}: 'suppressed'}}, and which number is taken, suppressed='drop' or 'low'."
        )
    raise DataError(
        f"{have(len(values), n, noun)} {name!r} values that are not numbers: "
        f"{first_of(examples, 5)} (first {noun}s: {first_of(labels[:4])}). {advice}"
    )


def read_counts(
    frame: pd.DataFrame, columns: Sequence[Hashable], labels: pd.Index, noun: str = "unit"
) -> npt.NDArray[np.float64]:
    """Return the columns as an (n, M) array of counts in C order, NaN where missing.

    Raises
    ------
    DataError
        For text, infinite, negative and impossibly large values.
    """
    counts = np.empty((len(frame), len(columns)))
    for m, name in enumerate(columns):
        counts[:, m] = read_numbers(frame[name], labels, noun)
        check_values(str(name), counts[:, m], labels, noun)
    return counts


def check_values(name: str, values: npt.NDArray[np.float64], labels: pd.Index, noun: str = "unit") -> None:
    """Refuse what cannot be a number of people; missing values pass."""
    n = len(values)
    infinite = np.isinf(values)
    if infinite.any():
        raise DataError(
            f"{have(int(infinite.sum()), n, noun)} infinite {name!r} counts "
            f"(first: {first_of(labels[infinite][:4])}); correct them, a division by zero may have made them."
        )
    negative = values < 0
    if negative.any():
        found = np.unique(values[negative])
        codes = CODES | CENSUS_CODES
        where = f"(first: {first_of(labels[negative][:4])})"
        if all(value in codes for value in found):
            listed = ", ".join(f"{value:.0f} in {plural(int((values == value).sum()), noun)}" for value in found)
            raise DataError(
                f"Column {name!r} holds negative codes, not people: {listed} {where}. Publishers write them for "
                "secret or missing values; replace them by missing values or by numbers you decide on."
            )
        raise DataError(
            f"{have(int(negative.sum()), n, noun)} negative {name!r} counts {where}; correct them, or drop these units."
        )
    large = values > LARGEST
    if large.any():
        raise DataError(
            f"{have(int(large.sum()), n, noun)} {name!r} counts above {LARGEST:.0e} "
            f"(first: {first_of(labels[large][:4])}), which no population reaches; correct them."
        )
