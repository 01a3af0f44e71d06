"""What is refused at the door, and in which words."""

from __future__ import annotations

import numbers
from collections.abc import Hashable, Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

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
    "read_counts",
    "read_numbers",
]

LARGEST = 2.0**53
"""Beyond this a float64 no longer tells one person from two."""
CODES = {-1, -2, -9, -999, -8888, -9999, -99995, -99997, -99999}
"""Negative numbers that publishers write where a value is secret or missing."""
CENSUS_CODES = {-222222222, -333333333, -555555555, -666666666, -888888888, -999999999}


def check_choice(name: str, value: object, choices: Sequence[str]) -> None:
    """Refuse a word that is not one of a few."""
    if value not in choices:
        raise ParameterError(f"{name}={value!r} is not known; it is one of {', '.join(map(repr, choices))}.")


def check_columns(frame: pd.DataFrame, columns: Iterable[Hashable], *, role: str) -> None:
    """Refuse columns that are not there, or there twice."""
    twice = sorted({str(name) for name in frame.columns[frame.columns.duplicated()]})
    for name in columns:
        if name not in frame.columns:
            raise UnknownNameError(f"There is no column {name!r} ({role}). {nearest(name, frame.columns)}")
        if str(name) in twice:
            raise DataError(
                f"The table has {plural(sum(column == name for column in frame.columns), 'column')} called {name!r}; "
                "rename or drop all but one."
            )


def check_groups(groups: object) -> list[Hashable]:
    """Return the group columns as a list without repeats."""
    if isinstance(groups, str) or not isinstance(groups, Iterable):
        raise ParameterError(f"groups= takes a list of column names, not {groups!r}: groups=[{groups!r}, ...].")
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
    missing = np.asarray(ids.isna())
    if missing.any():
        raise DataError(
            f"{have(int(missing.sum()), len(ids))} no id "
            f"(first in row {int(np.flatnonzero(missing)[0])}); fill them in, or choose another id column."
        )
    repeated = ids.duplicated(keep=False)
    if repeated.any():
        names = ids[repeated].unique()
        raise DataError(
            f"{plural(len(names), 'id')} {'names' if len(names) == 1 else 'name'} more than one unit "
            f"({plural(int(repeated.sum()), 'row')}; first: {first_of(names[:4])}). Each unit is one row: add the "
            "rows of a unit up, choose another id column, or use Population.from_long for one row per unit and group."
        )


def read_numbers(column: pd.Series[Any], labels: pd.Index) -> npt.NDArray[np.float64]:
    """Return a column as float64, NaN where it is missing; anything but a number is refused."""
    kind = column.dtype
    if pd.api.types.is_bool_dtype(kind) and not column.isna().any():
        raise DataError(
            f"Column {column.name!r} holds true and false, not numbers of people. "
            "Count the people of each unit first, or use Population.from_long with one row per person."
        )
    if pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_complex_dtype(kind):
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    if not (pd.api.types.is_object_dtype(kind) or isinstance(kind, (pd.StringDtype, pd.CategoricalDtype))):
        raise DataError(f"Column {column.name!r} holds {kind} values, not numbers of people.")
    values = column.astype(object).to_numpy()
    absent = pd.isna(values)
    fine = np.fromiter((isinstance(value, numbers.Real) for value in values), bool, len(values)) & ~np.fromiter(
        (isinstance(value, (bool, np.bool_)) for value in values), bool, len(values)
    )
    wrong = ~(fine | absent)
    if wrong.any():
        _refuse_text(str(column.name), values[wrong], labels[wrong], len(values))
    result = np.full(len(values), np.nan)
    result[fine] = values[fine].astype(np.float64)
    return result


def _refuse_text(name: str, values: npt.NDArray[np.object_], labels: pd.Index, n: int) -> None:
    """Say which values are not numbers."""
    examples = list(dict.fromkeys(str(value) for value in values))
    numeric = np.isfinite(pd.to_numeric(pd.Series(examples, dtype=object), errors="coerce").astype(float)).all()
    if numeric:
        advice = f"They look like numbers stored as text: frame[{name!r}] = pandas.to_numeric(frame[{name!r}])."
    else:
        advice = (
            "Marks of suppressed or missing cells are not counts: put in the number you decide on, or drop "
            "these units, and say so in your report."
        )
    raise DataError(
        f"{have(len(values), n)} {name!r} values that are not numbers: "
        f"{first_of(examples, 5)} (first units: {first_of(labels[:4])}). {advice}"
    )


def read_counts(frame: pd.DataFrame, columns: Sequence[Hashable], labels: pd.Index) -> npt.NDArray[np.float64]:
    """Return the columns as an (n, M) array of counts in C order, NaN where missing.

    Raises
    ------
    DataError
        For text, infinite, negative and impossibly large values.
    """
    counts = np.empty((len(frame), len(columns)))
    for m, name in enumerate(columns):
        counts[:, m] = read_numbers(frame[name], labels)
        _check_values(str(name), counts[:, m], labels)
    return counts


def _check_values(name: str, values: npt.NDArray[np.float64], labels: pd.Index) -> None:
    """Refuse what cannot be a number of people; missing values pass."""
    n = len(values)
    infinite = np.isinf(values)
    if infinite.any():
        raise DataError(
            f"{have(int(infinite.sum()), n)} infinite {name!r} counts "
            f"(first: {first_of(labels[infinite][:4])}); correct them, a division by zero may have made them."
        )
    negative = values < 0
    if negative.any():
        found = np.unique(values[negative])
        codes = CODES | CENSUS_CODES
        where = f"(first: {first_of(labels[negative][:4])})"
        if all(value in codes for value in found):
            listed = ", ".join(f"{value:.0f} in {plural(int((values == value).sum()), 'unit')}" for value in found)
            raise DataError(
                f"Column {name!r} holds negative codes, not people: {listed} {where}. Publishers write them for "
                "secret or missing values; replace them by missing values or by numbers you decide on."
            )
        raise DataError(
            f"{have(int(negative.sum()), n)} negative {name!r} counts {where}; correct them, or drop these units."
        )
    large = values > LARGEST
    if large.any():
        raise DataError(
            f"{have(int(large.sum()), n)} {name!r} counts above {LARGEST:.0e} "
            f"(first: {first_of(labels[large][:4])}), which no population reaches; correct them."
        )
