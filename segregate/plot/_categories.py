"""Categories instead of numbers: one colour each, in their own order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ..errors import DataError, ParameterError, first_of, plural
from ._painted import Painted, class_table
from ._palettes import GREYS, MOST, NO_DATA, category_colours, hatches
from ._words import marked, say, translated

__all__ = ["as_categories", "paint_categories", "refuse_number_options"]

OURS = frozenset({"hotspots", "typology"})
"""Tables whose categories have names in every language; others are the user's words."""


def as_categories(series: pd.Series[Any], column: str) -> pd.Series[Any] | None:
    """Return a column of categories, text, or true and false as a categorical one; None for any other.

    Parameters
    ----------
    series : Series
        The column.
    column : str
        Its name, for messages.

    Returns
    -------
    Series or None
        Text is sorted; true follows on false, as in an order.

    Raises
    ------
    DataError
        When text consists of numbers, so that it is not clear what is meant, or there are too many
        categories.
    """
    kind = series.dtype
    if isinstance(kind, pd.CategoricalDtype):
        found = series
    elif pd.api.types.is_bool_dtype(kind):
        found = series.astype(pd.CategoricalDtype([False, True], ordered=True))
    elif pd.api.types.infer_dtype(series, skipna=True) in ("string", "empty") and not _is_geometry(series):
        texts = series.dropna().unique()
        if len(texts) and not pd.isna(pd.to_numeric(pd.Series(texts), errors="coerce")).any():
            raise DataError(
                f"Column {column!r} is not numeric: its type is {kind} (first values: {first_of(series)}). "
                "Turn it into numbers first, for instance with pandas.to_numeric; if the numbers are names, into "
                f"categories: frame[{column!r}].astype('category')."
            )
        found = series.astype(pd.CategoricalDtype(sorted(texts)))
    else:
        return None
    names = found.cat.categories
    if len(names) > MOST:
        unused = len(names) - found.nunique()
        hint = (
            f" {plural(unused, 'category', 'categories')} without a unit can go: "
            f"frame[{column!r}].cat.remove_unused_categories()."
            if unused
            else ""
        )
        raise DataError(
            f"Column {column!r} has {len(names):,} categories (first: {first_of(names)}), and on a map no more than "
            f"{MOST} can be told apart. Put some together, or map a number.{hint}"
        )
    return found


def _is_geometry(series: pd.Series[Any]) -> bool:
    return str(series.dtype) == "geometry"


def refuse_number_options(column: str, given: Mapping[str, bool]) -> None:
    """Refuse what has a meaning for numbers only.

    Parameters
    ----------
    column : str
        The mapped column.
    given : mapping
        Whether each of these arguments was given.
    """
    wrong = [f"{name}=" for name, was in given.items() if was]
    if wrong:
        raise ParameterError(
            f"Column {column!r} holds categories, which are mapped as they are; {', '.join(wrong)} "
            f"{'is' if len(wrong) == 1 else 'are'} for numbers. Leave {'it' if len(wrong) == 1 else 'them'} out."
        )


def paint_categories(series: pd.Series[Any], record: Mapping[str, Any], palette: str | Sequence[str] | None) -> Painted:
    """Give every unit the colour of its category.

    Categories that no unit has stay in the legend with 0 units: that they are empty is a result, and the
    legends of several maps are the same.

    Parameters
    ----------
    series : Series
        From `as_categories`.
    record : mapping
        What the frame records; ``roles`` says what categories mean, ``classes`` how they were found.
    palette : str, sequence of colours or None
        What was asked for.

    Returns
    -------
    Painted
    """
    names = list(series.cat.categories)
    roles = record.get("roles")
    name, chosen, colours = category_colours(
        palette,
        len(names),
        ordered=bool(series.cat.ordered),
        roles=[roles.get(one) for one in names] if isinstance(roles, Mapping) else [],
    )
    number = np.asarray(series.cat.codes, dtype=np.int64)
    known = number >= 0
    ours = record.get("index") in OURS
    labels = [translated(str(one), "category") if ours else str(one) for one in names]
    classes = class_table(labels, np.bincount(number[known], minlength=len(names)), chosen)
    patterns = hatches(len(names)) if name == GREYS and palette is None else []
    if any(patterns):
        classes["hatch"] = patterns
    return Painted(
        known=known,
        number=number,
        label=np.array([*labels, say("legend.no_data")], dtype=object)[number],
        colour=np.array([*chosen, NO_DATA], dtype=object)[number],
        classes=classes,
        said=_said(str(record["classes"])) if record.get("classes") else None,
        notes=[],
        palette=name,
        colours=colours,
    )


def _said(classes: str) -> str:
    """Say how categories were found; those of hot spots in the language."""
    before, _, level = classes.rpartition(" ")
    found = translated(before, "hotspots")
    return classes if found == before else f"{found} {marked(level)}"
