"""Margins of error as publishers give them: 90 % margins of the American Community Survey."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence, Set
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ._checks import CENSUS_CODES, check_columns, read_numbers
from .errors import DataError, ParameterError, UnknownNameError, first_of, have, nearest, plural

__all__ = ["code_note", "margin_columns", "missing_margins", "other_error", "read_errors"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Margins = Mapping[Any, Any] | Sequence[Hashable]
NINETY_PERCENT = 1.645
"""Standard errors in a margin of error, as the Census Bureau divides it."""
CONTROLLED = -555555555
"""Written for the margin of an estimate that is controlled: it is zero."""
NOT_COMPUTED = CENSUS_CODES - {CONTROLLED}
"""Written where there is no margin."""


def margin_columns(moe: object, columns: Sequence[Hashable], total: Hashable | None) -> list[Hashable | None]:
    """Return the column with the margin of each group, and of the total if there is one; None for a group without.

    Parameters
    ----------
    moe : mapping or sequence
        As `Population.from_frame` takes it.
    columns : list of column names
        The groups.
    total : column name or None
        All people.
    """
    example = f"moe={{{columns[0]!r}: '<column>', ...}}"
    if isinstance(moe, str) or not isinstance(moe, (Mapping, Sequence)) or isinstance(moe, Set):
        raise ParameterError(f"moe= takes the columns with the margins of error, {example}, not {moe!r}.")
    counted = [*columns, *([] if total is None else [total])]
    if isinstance(moe, Mapping):
        for name in moe:
            if name not in counted:
                raise UnknownNameError(
                    f"moe= has a margin for {name!r}, which is no group{'' if total is None else ', nor the total'}. "
                    f"{nearest(name, counted)}"
                )
        found = [moe.get(name) for name in counted]
    else:
        if len(moe) != len(columns):
            raise ParameterError(
                f"moe= lists {plural(len(moe), 'column')} for {plural(len(columns), 'group')}; as a list it takes one "
                f"for each, in the order of the groups, else write {example}."
            )
        found = [*moe, *([] if total is None else [None])]
    if all(name is None for name in found):
        raise ParameterError(f"moe= is empty; name the columns with the margins of error, {example}, or leave it out.")
    if total is not None and found[-1] is None:
        raise ParameterError(
            "With total= the group 'other' is the total less the groups, and its margin of error comes from that of "
            f"the total: moe={{{columns[0]!r}: '<column>', ..., {total!r}: '<column>'}}."
        )
    named = [name for name in found if name is not None]
    twice = [name for name in named if named.count(name) > 1]
    if twice or set(named) & set(counted):
        wrong = (twice or [name for name in named if name in counted])[0]
        what = "is named for two margins" if twice else "holds people, not their margin"
        raise ParameterError(f"moe= names {wrong!r}, which {what}; each count has a column of margins of its own.")
    return found


def read_errors(
    frame: pd.DataFrame, columns: Sequence[Hashable | None], labels: pd.Index, noun: str = "unit"
) -> tuple[Floats, dict[float, int]]:
    """Return standard errors (n, k) from columns of 90 % margins, and which codes stand for no margin, and how often.

    The error is NaN where there is no margin, and 0 in a column None.

    Raises
    ------
    DataError
        For text, infinite and negative margins.
    """
    check_columns(frame, [name for name in columns if name is not None], role="moe=")
    errors = np.zeros((len(frame), len(columns)))
    codes: dict[float, int] = {}
    for m, name in enumerate(columns):
        if name is None:
            continue
        margins = read_numbers(frame[name], labels, noun).copy()
        margins[margins == CONTROLLED] = 0.0
        absent = np.isin(margins, list(NOT_COMPUTED))
        for code in np.unique(margins[absent]):
            codes[float(code)] = codes.get(float(code), 0) + int((margins == code).sum())
        margins[absent] = np.nan
        _check_margins(name, margins, labels, noun)
        errors[:, m] = margins / NINETY_PERCENT
    return errors, codes


def _check_margins(name: Hashable, margins: Floats, labels: pd.Index, noun: str) -> None:
    """Refuse what cannot be a margin; missing ones pass."""
    for wrong, what in ((np.isinf(margins), "infinite"), (margins < 0, "negative")):
        if wrong.any():
            values = first_of(dict.fromkeys(margins[wrong].tolist()))
            raise DataError(
                f"{have(int(wrong.sum()), len(margins), noun)} {what} margins of error in {str(name)!r}: {values} "
                f"(first: {first_of(labels[wrong][:4])}); correct them, or drop these {noun}s."
            )


def code_note(codes: Mapping[float, int]) -> str:
    """Say which codes stand where there is no margin; "" where there are none."""
    if not codes:
        return ""
    listed = ", ".join(f"{code:.0f} in {plural(number, 'cell')}" for code, number in sorted(codes.items()))
    return f"; codes that the publisher writes where there is no margin: {listed}"


def missing_margins(
    names: Sequence[Hashable | None], errors: Floats, codes: Mapping[float, int], ids: pd.Index, people: Floats
) -> tuple[str, str]:
    """Return the words of the error and of the note about units without a complete margin.

    Parameters
    ----------
    names : list of column names
        Columns of the margins.
    errors : ndarray of shape (n, k)
        Standard errors, NaN where they are missing.
    codes : dict
        From `read_errors`.
    ids : Index
        Labels of the n units.
    people : ndarray of shape (n,)
        People of each unit.
    """
    absent: Bools = np.isnan(errors)
    incomplete: Bools = np.any(absent, axis=1)
    counted = zip(names, absent.sum(axis=0), strict=True)
    which = ", ".join(f"{str(name)!r}: {number:,}" for name, number in counted if number) + code_note(codes)
    number, first = int(incomplete.sum()), first_of(ids[incomplete][:4])
    refusal = (
        f"{have(number, len(ids))} no margin of error in some column ({which}; first: {first}). A margin that is "
        "missing is not zero: fill it in, or pass missing='drop' to leave these units out."
    )
    note = (
        f"{plural(number, 'unit')} of {len(ids):,} without a complete margin of error ({which}) left out, "
        f"first {first}; they hold {people[incomplete].sum():,.6g} people"
    )
    return refusal, note


def other_error(errors: Floats) -> Floats:
    """Return standard errors of groups and "other" from those of groups and total, (n, M + 1) both."""
    return np.column_stack([errors[:, :-1], np.sqrt((errors**2).sum(axis=1))])
