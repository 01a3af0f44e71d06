"""Putting the rows of a table and the shapes of a geometry file together by a key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from segregate.errors import DataError, first_of, plural

__all__ = ["attach"]

SAMPLE = 2000
"""So many keys are looked at to find out why keys do not match."""


def attach(
    table: pd.DataFrame, shapes: gpd.GeoDataFrame, on: tuple[str, str], files: tuple[str, str]
) -> tuple[gpd.GeoDataFrame, str | None, str | None]:
    """Give the rows of a table the geometry that has the same key.

    Numbers and text match where their digits are the same. Columns that only `shapes` has
    come along.

    Parameters
    ----------
    table : DataFrame, n_units rows
        Its rows and their order stay.
    shapes : GeoDataFrame
        One row per shape.
    on : (str, str)
        Key column of the table and of the shapes.
    files : (str, str)
        Names of the two files, for messages.

    Returns
    -------
    frame : GeoDataFrame, n_units rows
        Geometry is missing where no shape has the key.
    warning : str or None
        How many rows have no shape, and why that may be.
    note : str or None
        How many shapes have no row.

    Raises
    ------
    DataError
        For missing or repeated keys, and where no key matches.
    """
    shapes = shapes.loc[shapes[on[1]].notna()]
    ours = _keys(table[on[0]], files[0], "Add the rows of a unit up first, or use Population.from_long.")
    theirs = _keys(shapes[on[1]], files[1], f"Make one shape of the parts of a unit: shapes.dissolve({on[1]!r}).")
    found = theirs.get_indexer(ours)
    if not (found >= 0).any():
        reason = _reason(ours, theirs, on) or "Check that on= names the same kind of id in both."
        raise DataError(
            f"No {on[0]!r} of {files[0]} is a {on[1]!r} of {files[1]} ({first_of(ours)} against "
            f"{first_of(theirs)}). {reason} "
            "Correct the file, or merge the tables yourself and use Population.from_frame."
        )
    alone = found < 0
    warning = note = None
    if alone.any():
        guess = _reason(ours[alone], theirs, on)
        many = f"{plural(int(alone.sum()), 'row')} of {len(ours):,} in {files[0]}"
        warning = (
            f"{many} without geometry in {files[1]} (first {on[0]!r}: {first_of(ours[alone])})."
            f"{f' {guess}' if guess else ''}"
        )
    unused = len(theirs) - len(np.unique(found[~alone]))
    if unused:
        note = f"{plural(unused, 'shape')} of {len(theirs):,} in {files[1]} left out: not in {files[0]}"

    name = shapes.active_geometry_name
    extra = [column for column in shapes.columns if column != name and column not in table.columns]
    matched = shapes[[*extra, name]].reset_index(drop=True).reindex(np.where(alone, -1, found))
    matched = matched.set_index(table.index)
    frame = pd.concat([table, matched[extra]], axis=1)
    free = name if name not in table.columns else f"{name}_of_{on[1]}"
    frame[free] = matched[name].array
    return gpd.GeoDataFrame(frame, geometry=free, crs=shapes.crs), warning, note


def _keys(column: pd.Series[Any], file: str, advice: str) -> pd.Index:
    """Return keys as text (6067 and 6067.0 are the same); missing and repeated ones are refused."""
    values = column.astype(object).to_numpy()
    missing = pd.isna(values)
    if missing.any():
        raise DataError(
            f"{plural(int(missing.sum()), 'row')} of {len(values):,} in {file} without {column.name!r} "
            f"(first: data row {int(np.flatnonzero(missing)[0]) + 1}); fill in the key or drop these rows."
        )
    keys = pd.Index([_text(value) for value in values], dtype=object)
    repeated = keys[keys.duplicated()].unique()
    if len(repeated):
        many = f"{plural(len(repeated), 'value')} of {column.name!r}"
        raise DataError(
            f"{many} {'names' if len(repeated) == 1 else 'name'} more than one row of {file} "
            f"(first: {first_of(repeated)}). {advice}"
        )
    return keys


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _reason(ours: pd.Index, theirs: pd.Index, on: tuple[str, str]) -> str | None:
    """Find out why keys do not match: lost zeros, blanks, prefixes, upper and lower case."""
    both_ways = ((ours, theirs, *on), (theirs, ours, *on[::-1]))
    for left, right, column, _ in both_ways:
        width, known = _width(right), set(right)
        example = next((key for key in left[:SAMPLE] if key.isdigit() and key.zfill(width) in known), None)
        if example is not None:
            return (
                f"{example!r} against {example.zfill(width)!r}: leading zeros were lost in {column!r}; "
                f"read ids as text, or pad them with .astype(str).str.zfill({width})."
            )
    stripped = {key.strip() for key in theirs}
    if any(key.strip() in stripped for key in ours[:SAMPLE]):
        return "They are the same but for blanks around them: take those off with .str.strip()."
    for left, right, column, other in both_ways:
        prefix = _prefix(list(left[:SAMPLE]), right)
        if prefix:
            return (
                f"{column!r} begins with {prefix!r} and {other!r} does not: "
                f"take it off with .str.removeprefix({prefix!r})."
            )
    folded = {key.casefold() for key in theirs}
    if any(key.casefold() in folded for key in ours[:SAMPLE]):
        return "They are the same but for upper and lower case: use .str.upper() on both."
    return None


def _width(keys: pd.Index) -> int:
    """Return the most frequent length of keys."""
    return int(pd.Series([len(key) for key in keys]).mode().iloc[0])


def _prefix(left: Sequence[str], right: pd.Index) -> str | None:
    """Return what most keys of `left` have before a key of `right`."""
    known = set(right)
    lengths = sorted({len(key) for key in right}, reverse=True)[:20]
    found = [key[:-length] for key in left for length in lengths if 3 <= length < len(key) and key[-length:] in known]
    if not found:
        return None
    prefix = max(set(found), key=lambda item: (found.count(item), item))
    return prefix if 2 * found.count(prefix) >= len(left) else None
