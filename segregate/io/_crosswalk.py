"""Crosswalk tables: which part of the people of a unit belongs to which unit of other boundaries."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse

from segregate._checks import check_columns, read_numbers
from segregate.errors import DataError, ParameterError, UnknownNameError, first_of, have, nearest, plural

from ._join import _reason, _text
from .readers import open_frame

__all__ = ["Crosswalk", "Weight", "crosswalk_of", "text_keys"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Weight = str | Mapping[str, str] | None
TOLERANCE = 1e-6
"""The weights of a unit add up to 1 within that, as published tables are rounded."""


class Crosswalk(NamedTuple):
    """Weights from source units to target units.

    Attributes
    ----------
    weights : tuple of sparse array of shape (n_source, n_target)
        One for each group; groups with the same column share an array. Rows add up to 1 at most.
    labels : tuple of str or None
        Column of each group, None where every row counts 1.
    notes : tuple of str
        Which columns were taken, and what was left out.
    """

    weights: tuple[scipy.sparse.csr_array, ...]
    labels: tuple[str | None, ...]
    notes: tuple[str, ...]


class _Rows(NamedTuple):
    """Rows of a table that are about source units: where they come from and go to (-1: nowhere)."""

    name: str
    table: pd.DataFrame
    source: Ints
    target: Ints
    goal: pd.Index
    """Ids of the target as text, None where there is none."""


def crosswalk_of(
    table: pd.DataFrame | str | os.PathLike[str],
    source: pd.Index,
    target: pd.Index,
    counts: Floats,
    groups: Sequence[str],
    *,
    from_id: str | None,
    to_id: str | None,
    weight: Weight,
) -> Crosswalk:
    """Read a crosswalk and check that it moves all people of the source.

    Parameters
    ----------
    table : DataFrame or path
        One row for each pair of units.
    source, target : Index
        Ids of the units.
    counts : ndarray of shape (n_source, n_groups)
        People of the source.
    groups : sequence of str
        Names of the groups.
    from_id, to_id, weight
        As in `segregate.harmonise`.
    """
    frame, name = _opened(table)
    ours, theirs = text_keys(source, "source"), text_keys(target, "target")
    for column, role in ((from_id, "from_id="), (to_id, "to_id=")):
        if column is not None:
            check_columns(frame, [column], role=role)
    keys = {
        column: _keys(frame[column])
        for column in frame.columns
        if column in (from_id, to_id) or _id_like(frame[column])
    }
    start = from_id or _found(keys, ours, (to_id,), f"from_id=, the column of {name} with the ids of the source")
    end = to_id or _found(keys, theirs, (start,), f"to_id=, the column of {name} with the ids of the target")
    if start == end:
        raise ParameterError(f"from_id= and to_id= are both {start!r}; they are two columns of {name}.")
    columns = _columns(frame, name, weight, (start, end), groups)

    notes = [] if from_id and to_id and weight else [_taken(name, start, end, columns)]
    peopled = counts.sum(axis=1) > 0
    rows, note = _matched(frame, name, (start, end), keys, ours, theirs)
    notes += note
    _check_present(rows, source, peopled, counts, (start, keys[start]), ours)
    distinct = {column: _weights(rows, column, source, len(target)) for column in dict.fromkeys(columns)}
    made = {}
    for column, (weights, outside) in distinct.items():
        of_column = [m for m, used in enumerate(columns) if used == column]
        _check_targets(rows, outside, end, theirs)
        made[column] = _checked(weights, column, name, source, counts[:, of_column].sum(axis=1) > 0)
    return Crosswalk(tuple(made[column] for column in columns), tuple(columns), tuple(notes))


def text_keys(ids: pd.Index, what: str) -> pd.Index:
    """Return ids as text: a number and text of the same digits are the same."""
    keys = pd.Index([_text(value) for value in ids.astype(object)], dtype=object)
    twice = keys[keys.duplicated()].unique()
    if len(twice):
        raise DataError(
            f"{plural(len(twice), 'id')} of the {what} {'names' if len(twice) == 1 else 'name'} two units, once as a "
            f"number and once as text (first: {first_of(twice)}); write all as text."
        )
    return keys


def _opened(table: Any) -> tuple[pd.DataFrame, str]:
    """Return the table and what to call it."""
    name = "the crosswalk"
    if isinstance(table, (str, os.PathLike)):
        name = os.path.basename(table)  # noqa: PTH119 - of a str as well
        table = open_frame(table)[0]
    if not isinstance(table, pd.DataFrame):
        raise ParameterError(
            f"crosswalk= takes a DataFrame or the path of a table, with a column of source ids, one of target ids and "
            f"one of weights, not {type(table).__name__}."
        )
    if table.empty:
        raise DataError(f"{name[0].upper()}{name[1:]} has no rows.")
    check_columns(table, table.columns, role="crosswalk=")
    return table, name


def _keys(column: pd.Series[Any]) -> pd.Index:
    """Return ids as text, None where they are missing or blank."""
    codes, values = pd.factorize(column)
    texts = np.array([*(_text(value) for value in values.astype(object)), None], dtype=object)
    texts[[isinstance(text, str) and not text.strip() for text in texts]] = None
    keys: pd.Index = pd.Index(texts[codes], dtype=object)
    return keys


def _id_like(column: pd.Series[Any]) -> bool:
    """Say whether a column can hold ids: text or whole numbers."""
    kind = column.dtype
    if pd.api.types.is_float_dtype(kind):
        values = column.dropna().to_numpy(dtype=np.float64)
        return bool((np.isfinite(values) & (values == np.round(values))).all())
    if pd.api.types.is_bool_dtype(kind):
        return False
    return any(test(kind) for test in (pd.api.types.is_integer_dtype, pd.api.types.is_object_dtype)) or isinstance(
        kind, (pd.StringDtype, pd.CategoricalDtype)
    )


def _found(keys: dict[Any, pd.Index], ids: pd.Index, taken: Sequence[Any], what: str) -> Any:
    """Return the one column that holds more of the ids than any other."""
    hits = {
        column: len(ids.intersection(values.unique(), sort=False))
        for column, values in keys.items()
        if column not in taken
    }
    most = max(hits.values(), default=0)
    best = [column for column, number in hits.items() if number == most and number]
    if len(best) == 1:
        return best[0]
    if best:
        raise ParameterError(
            f"Name {what}: {first_of(best, 10)} hold the same number of them ({most:,} of {len(ids):,})."
        )
    reasons = [_reason(ids, values.dropna(), ("id", column)) for column, values in keys.items() if column not in taken]
    reason = next((f" {text}" for text in reasons if text), "")
    raise ParameterError(
        f"Name {what}: none of {first_of(hits, 10)} holds any of them ({first_of(ids)}).{reason} "
        "Are the ids of the units set (id=...)?"
    )


def _columns(
    frame: pd.DataFrame, name: str, weight: Weight, ids: Sequence[Any], groups: Sequence[str]
) -> list[str | None]:
    """Return the column of weights of each group; None where there is none."""
    if isinstance(weight, Mapping):
        unknown = [group for group in weight if group not in groups]
        if unknown:
            raise UnknownNameError(
                f"weight= names {first_of(unknown)}, which is no group. {nearest(unknown[0], groups)}"
            )
        absent = [group for group in groups if group not in weight]
        if absent:
            raise ParameterError(f"weight= names no column for {first_of(absent)}; give each group one.")
        check_columns(frame, weight.values(), role="weight=")
        return [weight[group] for group in groups]
    if weight is not None:
        check_columns(frame, [weight], role="weight=")
        return [weight] * len(groups)
    numbers = [
        column
        for column in frame.columns
        if column not in ids
        and pd.api.types.is_numeric_dtype(frame[column].dtype)
        and not pd.api.types.is_bool_dtype(frame[column].dtype)
    ]
    if len(numbers) > 1:
        raise ParameterError(
            f"Name weight=, the column of {name} with the shares of people: {first_of(numbers, 10)} hold numbers. "
            "For a lookup without weights, pass the two columns of ids only: crosswalk=table[[..., ...]]."
        )
    return [numbers[0] if numbers else None] * len(groups)


def _taken(name: str, start: Any, end: Any, columns: Sequence[str | None]) -> str:
    weights = [repr(column) for column in dict.fromkeys(columns) if column is not None]
    return (
        f"columns of {name}: from {start!r} to {end!r}, "
        f"{'weights ' + ', '.join(weights) if weights else 'no weights, so that each row counts 1'}"
    )


def _matched(
    frame: pd.DataFrame,
    name: str,
    ends: tuple[Any, Any],
    keys: dict[Any, pd.Index],
    ours: pd.Index,
    theirs: pd.Index,
) -> tuple[_Rows, list[str]]:
    """Return the rows about source units, and what is said of the others."""
    starts = keys[ends[0]]
    source = ours.get_indexer(starts)
    blank = np.asarray(starts.isna())
    source[blank] = -1
    other = (source < 0) & ~blank
    notes = []
    if blank.any():
        notes.append(f"{plural(int(blank.sum()), 'row')} of {name} without {ends[0]!r} left out")
    if other.any():
        units = plural(len(starts[other].unique()), "unit")
        notes.append(
            f"{plural(int(other.sum()), 'row')} of {name} about {units} that the source does not have left out"
        )
    kept = np.flatnonzero(source >= 0)
    goal = keys[ends[1]][kept]
    target = theirs.get_indexer(goal)
    target[np.asarray(goal.isna())] = -1
    return _Rows(name, frame.iloc[kept], source[kept], target, goal), notes


def _check_present(
    rows: _Rows,
    source: pd.Index,
    peopled: npt.NDArray[np.bool_],
    counts: Floats,
    start: tuple[Any, pd.Index],
    ours: pd.Index,
) -> None:
    """Refuse a table that does not know some unit with people."""
    absent = peopled.copy()
    absent[rows.source] = False
    if not absent.any():
        return
    known = start[1].dropna().unique()
    reason = _reason(ours[absent], known, ("id", start[0]))
    people = f"{counts[absent].sum():,.6g} people"
    raise DataError(
        f"{plural(int(absent.sum()), 'source unit')} of {int(peopled.sum()):,} with people "
        f"{'is' if absent.sum() == 1 else 'are'} not in {start[0]!r} of {rows.name} "
        f"(first: {first_of(source[absent][:4])}; {people}).{f' {reason}' if reason else ''} Add their rows (one "
        "without target says that they go nowhere), or leave them out with population.subset."
    )


def _weights(
    rows: _Rows, column: str | None, source: pd.Index, n_target: int
) -> tuple[scipy.sparse.csr_array, npt.NDArray[np.bool_]]:
    """Return the weights as they are, and the rows that lead to no target though they weigh something."""
    if column is None:
        values = np.ones(len(rows.table))
        several = pd.Index(rows.source).duplicated()
        if several.any():
            units = source[np.unique(rows.source[several])]
            raise ParameterError(
                f"{plural(len(units), 'source unit')} of {rows.name} {'has' if len(units) == 1 else 'have'} several "
                f"rows (first: {first_of(units)}), and no column of weights says how their people are divided. "
                "Name it: weight='...'."
            )
    else:
        labels = pd.Index(source[rows.source])
        values = read_numbers(rows.table[column], labels, "row")
        for bad, what in ((~np.isfinite(values), "no"), (values < 0, "a negative")):
            if bad.any():
                raise DataError(
                    f"{have(int(bad.sum()), len(values), 'row')} {what} weight in {column!r} of {rows.name} "
                    f"(first: those of {first_of(labels[bad].unique())}). A weight is the share of the unit's people, "
                    "0 to 1; correct them, or leave these rows out."
                )
    inside = rows.target >= 0
    shape = (len(source), n_target)
    made = scipy.sparse.csr_array((values[inside], (rows.source[inside], rows.target[inside])), shape=shape)
    return made, ~inside & (values > 0)


def _check_targets(rows: _Rows, outside: npt.NDArray[np.bool_], end: Any, theirs: pd.Index) -> None:
    """Refuse rows that lead to units that the target does not have; those that lead nowhere are fine."""
    unknown = outside & ~np.asarray(rows.goal.isna())
    if not unknown.any():
        return
    names = rows.goal[unknown].unique()
    reason = _reason(names, theirs, (end, "id of the target"))
    raise DataError(
        f"{plural(int(unknown.sum()), 'row')} of {rows.name} {'leads' if unknown.sum() == 1 else 'lead'} to "
        f"{plural(len(names), 'unit')} that the target does not have (first {end!r}: {first_of(names)})."
        f"{f' {reason}' if reason else ''} Where they lie outside the target on purpose, drop these rows; their people "
        "are then said to be lost."
    )


def _checked(
    weights: scipy.sparse.csr_array, column: str | None, name: str, source: pd.Index, peopled: npt.NDArray[np.bool_]
) -> scipy.sparse.csr_array:
    """Refuse weights that add up to more than 1; those within the tolerance are made to add up to 1."""
    sums = np.asarray(weights.sum(axis=1)).ravel()
    above = peopled & (sums > 1 + TOLERANCE)
    if above.any():
        listed = ", ".join(
            f"{first_of([unit])}: {total:.7g}" for unit, total in list(zip(source[above], sums[above], strict=True))[:4]
        )
        hint = "Are they percentages? Divide them by 100. " if np.allclose(sums[above], 100, atol=1) else ""
        raise DataError(
            f"The weights {'' if column is None else f'in {column!r} '}of {name} add up to more than 1 in "
            f"{plural(int(above.sum()), 'source unit')} of {int(peopled.sum()):,} ({listed}). {hint}A "
            "weight is the share of the source unit's people who live in the target unit; is a pair of units there "
            "twice, or is the share that of the target unit?"
        )
    near = np.abs(sums - 1) <= TOLERANCE
    scale = np.where(near, sums, 1.0)
    made = scipy.sparse.csr_array(weights.multiply(1 / scale[:, None]))
    made.eliminate_zeros()
    return made
