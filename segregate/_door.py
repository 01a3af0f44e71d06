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
from ._margins import Margins, margin_columns, missing_margins, other_error, read_errors
from ._segments import sealed
from ._text_numbers import Style, style_of, with_numbers
from ._typed import CHOICES, Rest, held_by, settled, typed_counts
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

__all__ = ["geometry_name", "population_fields"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
OTHER = "other"
PUBLISHED = "published_total"
"""Column in which sources keep the people of each unit, as they are published."""
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
    decimal: str | None = None,
    thousands: str | None = None,
    disclosed: Mapping[str, Cells] | None = None,
    rest: str = "",
) -> dict[str, Any]:
    """Check a table with one row per unit; the parameters are those of `Population.from_frame`.

    `disclosed` are the typed cells of columns whose source is known, and `rest` is the group that the others leave of
    the column published_total.
    """
    style = style_of(decimal, thousands)
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
    if style is not None:
        frame = with_numbers(frame, _lengths(area, points, moe), style)
    ids = _ids(frame, id)
    notes: list[str] = []

    if total is not None:
        check_columns(frame, [total], role="total=")
    typed, published = None, None
    if marks is not None or suppressed != "raise" or disclosed is not None or style is not None:
        typed = typed_counts(frame, columns, total, marks, disclosed, style or Style())
        if disclosed is not None and PUBLISHED in frame.columns:
            published = frame[PUBLISHED].to_numpy(dtype=np.float64, na_value=np.nan)
        if rest and published is not None:
            typed = replace(typed, rest=Rest(typed.names.index(rest), published))
        typed, rows, told = settled(typed, suppressed, ids, published)
        notes.extend(told)
        frame, ids = frame.iloc[rows], ids[rows]
        published = None if published is None else published[rows]
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
        held = None if typed is None else held_by(typed, incomplete, published)
        notes.append(_missing(names, absent, counts, ids, missing, held))
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


def _lengths(
    area: Hashable | tuple[Hashable, str] | None, points: str | tuple[Hashable, Hashable], moe: Margins | None
) -> list[Hashable]:
    """Return the columns of numbers that are no counts."""
    found: list[Hashable] = [area[0] if isinstance(area, tuple) else area]
    found += list(points) if isinstance(points, (tuple, list)) else []
    found += list(moe.values()) if isinstance(moe, Mapping) else list(moe) if isinstance(moe, (list, tuple)) else []
    return [name for name in found if name is not None]


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


def geometry_name(frame: pd.DataFrame) -> Hashable | None:
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


def _missing(names: list[str], absent: Bools, counts: Floats, ids: pd.Index, missing: str, held: str | None) -> str:
    """Refuse units without a complete count, or say whom leaving them out loses."""
    incomplete: Bools = np.any(absent, axis=1)
    which = ", ".join(f"{name!r}: {int(bad.sum()):,}" for name, bad in zip(names, absent.T, strict=True) if bad.any())
    number, first = int(incomplete.sum()), first_of(ids[incomplete][:4])
    if missing == "raise":
        raise DataError(
            f"{have(number, len(ids))} no count in some column ({which}; first: {first}). Missing is not zero: "
            "fill the counts in, or pass missing='drop' to leave these units out."
        )
    held = held or f"the counts they have hold {np.nansum(counts[incomplete]):,.6g} people"
    return (
        f"{plural(number, 'unit')} of {len(ids):,} without a complete count ({which}) left out, first {first}; {held}"
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
    name = geometry_name(frame)
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
