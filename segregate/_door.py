"""From a frame as it comes to the fields of a Population."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj

from ._checks import (
    check_choice,
    check_columns,
    check_groups,
    check_ids,
    check_values,
    read_counts,
    read_numbers,
)
from ._disclosure import Cells
from ._margins import Margins, code_note, margin_columns, missing_margins, other_error, read_errors
from ._segments import sealed
from ._typed import CHOICES, settled, typed_counts
from ._uncertain import Uncertainty
from .errors import (
    DataError,
    ParameterError,
    UnknownNameError,
    first_of,
    have,
    nearest,
    plural,
)

__all__ = ["population_fields", "wide_frame"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
OTHER = "other"
AREA_UNITS = {"m2": 1.0, "km2": 1e6, "ha": 1e4, "acre": 4046.8564224, "sqmi": 2589988.110336}


def population_fields(
    frame: pd.DataFrame,
    groups: Sequence[Hashable],
    *,
    total: Hashable | None,
    id: Hashable | None,  # noqa: A002
    area: Hashable | tuple[Hashable, str] | None,
    points: str | tuple[Hashable, Hashable],
    crs: Any,
    missing: str,
    excess: str,
    moe: Margins | None,
    suppressed: str = "raise",
    marks: Mapping[Any, Any] | None = None,
    disclosed: Mapping[str, Cells] | None = None,
) -> dict[str, Any]:
    """Check a table with one row per unit; the parameters are those of `Population.from_frame`.

    `disclosed` are the typed cells of columns whose source is known.
    """
    check_choice("suppressed", suppressed, CHOICES)
    check_choice("missing", missing, ("raise", "drop"))
    check_choice("excess", excess, ("raise", "groups"))
    if excess != "raise" and total is None:
        raise ParameterError("excess= is about groups that hold more people than total=; give total= or leave it out.")
    if not isinstance(frame, pd.DataFrame):
        raise ParameterError(f"A population is made from a DataFrame or GeoDataFrame, not {type(frame).__name__}.")
    columns = check_groups(groups)
    check_columns(frame, columns, role="groups=")
    if len(columns) == 1 and total is None:
        raise DataError(
            f"One group ({columns[0]!r}) is not enough: an index compares at least two. "
            "Name a second column, or give total= and everybody else becomes the group 'other'."
        )
    if frame.empty:
        raise DataError("The table has no rows, so there is nobody to measure.")
    ids = _ids(frame, id)
    notes: list[str] = []

    if total is not None:
        check_columns(frame, [total], role="total=")
    typed = None
    if marks is not None or suppressed != "raise" or disclosed is not None:
        typed, rows, told = settled(typed_counts(frame, columns, total, marks, disclosed), suppressed, ids)
        notes.extend(told)
        frame, ids = frame.iloc[rows], ids[rows]
    counts = read_counts(frame, columns, ids) if typed is None else typed.counts
    totals = None
    if total is not None:
        totals = read_counts(frame, [total], ids)[:, 0] if typed is None else typed.totals
    if typed is not None:
        for name, cells in zip(typed.names, typed.all, strict=True):
            check_values(name, cells.value, ids)
    absent: Bools = np.isnan(counts)
    if totals is not None:
        absent = np.column_stack([absent, np.isnan(totals)])
    incomplete: Bools = np.any(absent, axis=1)
    if incomplete.any():
        names = [*map(str, columns), *([] if total is None else [str(total)])]
        notes.append(_missing(names, absent, counts, ids, missing))
        keep = np.flatnonzero(~incomplete)
        if not len(keep):
            raise DataError("No unit has a complete count, so nothing is left to measure.")
        frame, ids, counts = frame.iloc[keep], ids[keep], counts[keep]
        totals = None if totals is None else totals[keep]
        typed = None if typed is None else typed.take(keep)

    errors = None
    if moe is not None:
        kept, errors, note = _margins_of(frame, ids, counts, moe, columns, total, missing)
        notes.extend(note)
        frame, ids, counts, errors = frame.iloc[kept], ids[kept], counts[kept], errors[kept]
        totals = None if totals is None else totals[kept]
        typed = None if typed is None else typed.take(kept)

    names = [str(name) for name in columns]
    if totals is not None:
        counts, note = _with_other(counts, totals, names, ids, excess)
        names.append(OTHER)
        notes.extend(note)
    disclosure, doubt = None, None
    if typed is not None:
        disclosure, doubt, why = typed.known_of(counts)
        notes.extend([why] if why else [])
    if errors is not None:
        doubt = replace(doubt or Uncertainty.none(*counts.shape), se=sealed(errors))

    geometry, places, given_area, used = _space(frame, ids, area=area, points=points, crs=crs)
    attributes = frame.drop(columns=[name for name in used if name in frame.columns])
    attributes = pd.DataFrame(attributes).set_axis(ids, axis=0).drop(columns=columns)
    attributes.attrs = {}
    recorded = frame.attrs.get("segregate", {})
    return {
        "counts": sealed(np.ascontiguousarray(counts)),
        "groups": tuple(names),
        "ids": ids,
        "_attributes": attributes,
        "_geometry": geometry,
        "source": recorded.get("source") if isinstance(recorded, dict) else None,
        "notes": tuple(notes),
        "_points": places,
        "_area": given_area,
        "uncertainty": doubt,
        "disclosure": disclosure,
    }


def _margins_of(
    frame: pd.DataFrame,
    ids: pd.Index,
    counts: Floats,
    moe: Margins,
    columns: list[Hashable],
    total: Hashable | None,
    missing: str,
) -> tuple[npt.NDArray[np.intp], Floats, list[str]]:
    """Return the rows with complete margins, the standard errors of all rows and groups, and what is to be said."""
    names = margin_columns(moe, columns, total)
    errors, codes = read_errors(frame, names, ids)
    notes = []
    incomplete: Bools = np.any(np.isnan(errors), axis=1)
    if incomplete.any():
        refusal, note = missing_margins(names, errors, codes, ids, counts.sum(axis=1))
        if missing == "raise":
            raise DataError(refusal)
        if incomplete.all():
            raise DataError("No unit has a complete margin of error, so nothing is left to measure.")
        notes.append(note)
    certain = [str(column) for column, name in zip(columns, names[: len(columns)], strict=True) if name is None]
    if certain:
        notes.append(f"no margin of error for {', '.join(map(repr, certain))}: taken as exact")
    if total is not None:
        errors = other_error(errors)
        notes.append(
            f"margin of error of group {OTHER!r}: from those of {str(total)!r} and of the groups as if they were "
            "independent, which is an approximation and as a rule too large"
        )
    return np.flatnonzero(~incomplete), errors, notes


def wide_frame(
    frame: pd.DataFrame,
    *,
    unit: Hashable,
    group: Hashable,
    count: Hashable | None,
    missing: str,
    moe: Hashable | None,
) -> tuple[pd.DataFrame, list[Hashable], tuple[str, ...], Uncertainty | None]:
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
    people = np.ones(len(frame)) if count is None else read_counts(frame, [count], labels, "row")[:, 0]
    no_unit, no_group, no_count = pd.isna(frame[unit]).to_numpy(), pd.isna(frame[group]).to_numpy(), np.isnan(people)
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

    codes, units = pd.factorize(frame[unit])
    categories = frame[group].astype("category").cat
    present = np.unique(categories.codes)
    names: list[Hashable] = [str(name) for name in categories.categories[present]]
    if len(names) < 2:
        raise DataError(f"One group ({names[0]!r}) is not enough: an index compares at least two.")
    column = np.searchsorted(present, categories.codes)
    flat = np.bincount(codes * len(names) + column, weights=people, minlength=len(units) * len(names))
    wide = pd.DataFrame(flat.reshape(len(units), len(names)), index=pd.Index(units, name=unit), columns=names)

    errors = None if moe is None else _long_errors(frame, moe, codes * len(names) + column, wide.to_numpy(), wide)
    rest = frame.drop(columns=[name for name in roles.values() if name in frame.columns])
    rest = rest.drop(columns=[name for name in rest.columns if str(name) in names])
    first = np.unique(codes, return_index=True)[1]
    constant = [name for name in rest.columns if _constant(rest[name], codes, first)]
    for name in constant:
        wide[name] = rest[name].iloc[first].to_numpy() if name != _geometry_name(frame) else rest[name].array[first]
    if _geometry_name(frame) in constant:
        wide = gpd.GeoDataFrame(wide, geometry=_geometry_name(frame), crs=frame.crs)
    wide.attrs = dict(frame.attrs)
    return wide, names, notes, errors


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


def _geometry_name(frame: pd.DataFrame) -> Hashable | None:
    """Return the name of the active geometry column, if there is one."""
    return frame.active_geometry_name if isinstance(frame, gpd.GeoDataFrame) else None


def _ids(frame: pd.DataFrame, column: Hashable | None) -> pd.Index:
    """Return the labels of the units."""
    if column is None:
        ids = frame.index.view()
    else:
        check_columns(frame, [column], role="id=")
        ids = pd.Index(frame[column], name=column)
    check_ids(ids)
    return ids


def _missing(names: list[str], absent: Bools, counts: Floats, ids: pd.Index, missing: str) -> str:
    """Refuse units without a complete count, or say whom leaving them out loses."""
    incomplete: Bools = np.any(absent, axis=1)
    which = ", ".join(f"{name!r}: {int(bad.sum()):,}" for name, bad in zip(names, absent.T, strict=True) if bad.any())
    number, first = int(incomplete.sum()), first_of(ids[incomplete][:4])
    if missing == "raise":
        raise DataError(
            f"{have(number, len(ids))} no count in some column ({which}; first: {first}). Missing is not zero: "
            "fill the counts in, or pass missing='drop' to leave these units out."
        )
    people = np.nansum(counts[incomplete])
    return (
        f"{plural(number, 'unit')} of {len(ids):,} without a complete count ({which}) left out, first {first}; "
        f"the counts they have hold {people:,.6g} people"
    )


def _with_other(
    counts: Floats, totals: Floats, names: list[str], ids: pd.Index, excess: str
) -> tuple[Floats, list[str]]:
    """Add the people in no listed group as a group of their own."""
    if OTHER in names:
        raise DataError(
            f"With total= the people in no listed group become the group {OTHER!r}, but a listed group has that "
            f"name. Rename the column, or leave total= out, or list the groups apart and use "
            f"population.merge({{'others': [...]}})."
        )
    rest = totals - counts.sum(axis=1)
    noise = 1e-9 * np.maximum(totals, 1.0)
    over: Bools = rest < -noise
    notes = []
    if over.any():
        many = f"{plural(int(over.sum()), 'unit')} of {len(ids):,}"
        size = -rest[over].sum()
        if excess == "raise":
            raise DataError(
                f"The groups of {many} hold more people than the total (first: {first_of(ids[over][:4])}; "
                f"{size:,.6g} people in all, at most {-rest.min():,.6g} in one unit). Check the columns: broad and "
                "detailed groups may overlap. For rounded or perturbed counts pass excess='groups' to take the "
                "sum of the groups as the total there."
            )
        notes.append(
            f"{many} hold more people in the groups than in the total ({size:,.6g} people); "
            "the sum of the groups is taken there"
        )
    rest = np.where(rest > noise, rest, 0.0)
    share = rest.sum() / totals.sum() if totals.sum() > 0 else 0.0
    notes.append(f"group {OTHER!r}: {rest.sum():,.6g} people ({share:.1%}) who are in no listed group")
    return np.column_stack([counts, rest]), notes


def _space(
    frame: pd.DataFrame,
    ids: pd.Index,
    *,
    area: Hashable | tuple[Hashable, str] | None,
    points: str | tuple[Hashable, Hashable],
    crs: Any,
) -> tuple[gpd.GeoSeries | None, gpd.GeoSeries | str, Floats | None, list[Hashable]]:
    """Return geometry, points and area of the units, and the columns they come from."""
    geometry = None
    used: list[Hashable] = []
    given_crs = _parse_crs(crs)
    of_columns = isinstance(points, (tuple, list))
    name = _geometry_name(frame)
    if name is not None:
        geometry = gpd.GeoSeries(frame[name].array, index=ids, crs=frame.crs, name=name)
        if geometry.crs is None or not of_columns:  # with columns of coordinates crs= may be theirs alone
            geometry = _with_crs(geometry, given_crs)
        used.append(name)

    places: gpd.GeoSeries | str
    if not isinstance(points, str):
        if len(points) != 2:
            raise ParameterError(f"points= takes two columns, ('x', 'y'), not {points!r}.")
        check_columns(frame, points, role="points=")
        x, y = (read_numbers(frame[column], ids) for column in points)
        known = given_crs if given_crs is not None else getattr(geometry, "crs", None)
        places = gpd.GeoSeries(gpd.points_from_xy(x, y), index=ids, crs=known)
        places[~(np.isfinite(x) & np.isfinite(y))] = None
        geometry = places if geometry is None else geometry
    elif points in ("centroid", "inside"):
        places = points
    else:
        check_columns(frame, [points], role="points=")
        column = frame[points]
        if not isinstance(column.array, gpd.array.GeometryArray):
            raise ParameterError(
                f"points={points!r} is not a geometry column; it takes 'centroid', 'inside', a geometry "
                "column or two columns of coordinates ('x', 'y')."
            )
        places = _with_crs(gpd.GeoSeries(column.array, index=ids), given_crs)
        if not places.geom_type.dropna().eq("Point").all():
            raise ParameterError(f"Column {points!r} (points=) holds geometry other than points.")
        used.append(points)

    if given_crs is not None and geometry is None and isinstance(places, str):
        raise ParameterError("crs= was given, but the table has no geometry and no points=('x', 'y') that it is of.")

    given = None
    if area is not None:
        if isinstance(area, tuple) and len(area) != 2:
            raise ParameterError(f"area= takes a column, or a column and its unit: ('area_ha', 'ha'), not {area!r}.")
        column_name, unit = cast("tuple[str, str]", area if isinstance(area, tuple) else (area, "m2"))
        if unit not in AREA_UNITS:
            raise UnknownNameError(f"The unit of area {unit!r} is not known. {nearest(unit, AREA_UNITS)}")
        check_columns(frame, [column_name], role="area=")
        given = read_numbers(frame[column_name], ids) * AREA_UNITS[unit]
        wrong = ~(np.isfinite(given) & (given > 0))
        if wrong.any():
            raise DataError(
                f"{have(int(wrong.sum()), len(ids))} no positive area in {column_name!r} "
                f"(first: {first_of(ids[wrong][:4])}); correct them."
            )
        given = sealed(given)
    return geometry, places, given, used


def _parse_crs(crs: Any) -> pyproj.CRS | None:
    """Read what the user calls a CRS."""
    if crs is None:
        return None
    try:
        return pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError as error:
        raise ParameterError(f"crs={crs!r} is not a coordinate reference system; write 'EPSG:...'.") from error


def _with_crs(geometry: gpd.GeoSeries, crs: pyproj.CRS | None) -> gpd.GeoSeries:
    """Set the CRS of data that carry none."""
    if crs is None:
        return geometry
    if geometry.crs is None:
        return geometry.set_crs(crs)
    if not geometry.crs.equals(crs, ignore_axis_order=True):
        raise ParameterError(
            f"crs={crs.to_string()!r} was given, but the data say {geometry.crs.to_string()}. crs= is for data that "
            "carry none; to reproject use frame.to_crs, to correct a wrong label set_crs(..., allow_override=True)."
        )
    return geometry
