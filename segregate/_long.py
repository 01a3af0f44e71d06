"""From a table with one row per unit and group, or per person, to the fields of a Population."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from ._checks import check_choice, check_columns, check_values, read_counts
from ._disclosure import Cells
from ._door import geometry_name, population_fields
from ._margins import code_note, read_errors
from ._segments import sealed
from ._text_numbers import Style, read_cells, style_of, with_numbers
from ._uncertain import Uncertainty
from .errors import DataError, ParameterError, first_of, have, plural

__all__ = ["long_fields"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def long_fields(
    frame: pd.DataFrame,
    *,
    unit: Hashable,
    group: Hashable,
    count: Hashable | None,
    moe: Hashable | None,
    missing: str,
    suppressed: str,
    marks: Mapping[Any, Any] | None,
    decimal: str | None,
    thousands: str | None,
    **space: Any,
) -> dict[str, Any]:
    """Check a table with one row per unit and group; the parameters are those of `Population.from_long`.

    `space` are area, points and crs.
    """
    style = style_of(decimal, thousands)
    said = [
        name
        for name, value in (("marks=", marks), ("decimal=", decimal), ("thousands=", thousands))
        if value is not None
    ]
    said += ["suppressed="] if suppressed != "raise" else []
    if said and count is None:
        raise ParameterError(f"{said[0]} is about the numbers in a column of counts: name it as well, count='...'.")
    names: dict[str, Any] = {"unit": unit, "group": group, "count": count, "moe": moe, "missing": missing}
    if style is not None and isinstance(frame, pd.DataFrame) and moe is not None:
        frame = with_numbers(frame, [moe], style)
    wide, groups, notes, errors, cells = wide_frame(
        frame, **names, marks=marks, style=(style or Style()) if said else None
    )
    typed: dict[str, Any] = {"disclosed": cells, "decimal": decimal, "thousands": thousands, "suppressed": suppressed}
    fixed: dict[str, Any] = {"total": None, "id": None, "missing": "raise", "excess": "raise", "moe": None}
    fields = population_fields(wide, groups, **fixed, **typed, **space)
    if errors is not None:
        kept = wide.index.isin(fields["ids"])
        errors = errors if kept.all() else errors.subset(kept)
        known = fields["uncertainty"]
        fields["uncertainty"] = errors if known is None else replace(known, se=errors.se)
    fields["notes"] = (*notes, *fields["notes"])
    return fields


def wide_frame(
    frame: pd.DataFrame,
    *,
    unit: Hashable,
    group: Hashable,
    count: Hashable | None,
    missing: str,
    moe: Hashable | None,
    marks: Mapping[Any, Any] | None,
    style: Style | None,
) -> tuple[pd.DataFrame, list[Hashable], tuple[str, ...], Uncertainty | None, dict[str, Cells] | None]:
    """Turn one row per unit and group into one row per unit.

    Returns
    -------
    frame : DataFrame
        With the units as index.
    groups : list of str
        Its columns of counts.
    notes : tuple of str
        What was left out.
    uncertainty : Uncertainty or None
        Standard errors of its cells, if there are margins.
    cells : dict or None
        The typed cells of each group, if `style` says that counts are to be read as text and marks.
    """
    check_choice("missing", missing, ("raise", "drop"))
    if not isinstance(frame, pd.DataFrame):
        raise ParameterError(f"A population is made from a DataFrame or GeoDataFrame, not {type(frame).__name__}.")
    if moe is not None and count is None:
        raise ParameterError("moe= is the margin of error of a count: name its column as well, count='...'.")
    roles = {"unit=": unit, "group=": group} | ({} if count is None else {"count=": count})
    roles |= {} if moe is None else {"moe=": moe}
    for role, name in roles.items():
        check_columns(frame, [name], role=role)
    if len(set(roles.values())) < len(roles):
        listed = ", ".join(list(roles)[:-1]) + f" and {list(roles)[-1]}"
        raise ParameterError(f"{listed} are different columns, not {list(roles.values())}.")
    if frame.empty:
        raise DataError("The table has no rows, so there is nobody to measure.")

    labels = pd.Index(frame[unit])
    typed = None
    if count is not None and style is not None:
        typed = read_cells(frame[count], marks=marks, style=style)
        check_values(str(count), typed.value, labels, "row")
        people, no_count = typed.value, typed.of_kind("missing")
    else:
        people = np.ones(len(frame)) if count is None else read_counts(frame, [count], labels, "row")[:, 0]
        no_count = np.isnan(people)
    no_unit, no_group = pd.isna(frame[unit]).to_numpy(), pd.isna(frame[group]).to_numpy()
    absent: Bools = no_unit | no_group | no_count
    notes: tuple[str, ...] = ()
    if absent.any():
        where = ", ".join(
            f"{name!r}: {int(bad.sum()):,}"
            for name, bad in [(unit, no_unit), (group, no_group), (count, no_count)]
            if bad.any()
        )
        held = f"{plural(int(absent.sum()), 'row')} of {len(frame):,} without unit, group or count ({where})"
        if missing == "raise":
            raise DataError(
                f"{held}; first row: {int(np.flatnonzero(absent)[0])}. Fill them in, "
                "or pass missing='drop' to leave these rows out."
            )
        notes = (f"{held} left out; they hold {np.nansum(people[absent]):,.6g} people where a count is given",)
        frame, people = frame.iloc[np.flatnonzero(~absent)], people[~absent]
        typed = None if typed is None else typed.take(~absent)

    codes, units = pd.factorize(frame[unit])
    categories = frame[group].astype("category").cat
    present = np.unique(categories.codes)
    names: list[Hashable] = [str(name) for name in categories.categories[present]]
    if len(names) < 2:
        raise DataError(f"One group ({names[0]!r}) is not enough: an index compares at least two.")
    column = np.searchsorted(present, categories.codes)
    at, size = codes * len(names) + column, len(units) * len(names)
    added = None if typed is None else typed.summed(at, size)
    flat = np.bincount(at, weights=people, minlength=size) if added is None else added.value
    wide = pd.DataFrame(flat.reshape(len(units), len(names)), index=pd.Index(units, name=unit), columns=names)

    errors = None if moe is None else _long_errors(frame, moe, at, wide.to_numpy(), wide)
    rest = frame.drop(columns=[name for name in roles.values() if name in frame.columns])
    rest = rest.drop(columns=[name for name in rest.columns if str(name) in names])
    first = np.unique(codes, return_index=True)[1]
    constant = [name for name in rest.columns if _constant(rest[name], codes, first)]
    for name in constant:
        wide[name] = rest[name].iloc[first].to_numpy() if name != geometry_name(frame) else rest[name].array[first]
    if geometry_name(frame) in constant:
        wide = gpd.GeoDataFrame(wide, geometry=geometry_name(frame), crs=frame.crs)
    wide.attrs = dict(frame.attrs)
    cells = None
    if added is not None:
        cells = {str(name): added.take(np.arange(m, size, len(names))) for m, name in enumerate(names)}
    return wide, names, notes, errors, cells


def _long_errors(
    frame: pd.DataFrame, moe: Hashable, cells: npt.NDArray[np.intp], counts: Floats, wide: pd.DataFrame
) -> Uncertainty:
    """Return the standard errors of the cells of a wide table from the margins of the rows of a long one."""
    errors, codes = read_errors(frame, [moe], frame.index, "row")
    absent = np.flatnonzero(np.isnan(errors[:, 0]))
    if len(absent):
        raise DataError(
            f"{have(len(absent), len(frame), 'row')} no margin of error in {moe!r} (first row: "
            f"{first_of(frame.index[absent][:4])}{code_note(codes)}). A margin that is missing is not zero: fill "
            "it in, or leave the units of these rows out."
        )
    rows = np.bincount(cells, minlength=counts.size).reshape(counts.shape)
    empty = np.argwhere(rows == 0)
    if len(empty):
        pairs = "; ".join(f"{first_of([wide.index[j]])} {wide.columns[m]!r}" for j, m in empty[:3])
        raise DataError(
            f"{have(len(empty), counts.size, 'cell')} no row, and so no margin of error (first: {pairs}). "
            "Add a row for each, with its count and its margin."
        )
    squares = np.bincount(cells, weights=errors[:, 0] ** 2, minlength=counts.size).reshape(counts.shape)
    return replace(Uncertainty.none(*counts.shape), se=sealed(np.sqrt(squares)))


def _constant(column: pd.Series[Any], codes: npt.NDArray[np.intp], first: npt.NDArray[np.intp]) -> bool:
    """Say whether a column is the same in all rows of a unit."""
    values = pd.factorize(column.to_wkb() if isinstance(column, gpd.GeoSeries) else column)[0]
    return bool((values == values[first][codes]).all())
