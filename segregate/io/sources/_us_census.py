"""What tables of the United States Census Bureau have in common: groups, ids, marks, headers of two rows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from segregate._disclosure import MISSING, Cells, Mark, exactly
from segregate._text_numbers import Style, read_cells
from segregate.errors import DataError, ParameterError, UnknownNameError, first_of, nearest, plural

from ._layout import Opened
from ._totals import gap_note

__all__ = ["LABELS", "MEANINGS", "Counted", "Sheet", "counted", "open_sheet", "read_margins", "tall_variables"]

RACES = {
    "white": "not Hispanic or Latino, White alone",
    "black": "not Hispanic or Latino, Black or African American alone",
    "native": "not Hispanic or Latino, American Indian and Alaska Native alone",
    "asian": "not Hispanic or Latino, Asian alone",
    "pacific": "not Hispanic or Latino, Native Hawaiian and Other Pacific Islander alone",
    "other_race": "not Hispanic or Latino, some other race alone",
    "multiracial": "not Hispanic or Latino, two or more races",
    "hispanic": "Hispanic or Latino, of any race",
}
MEANINGS = {name: f"race and Hispanic origin as people said them themselves: {text}" for name, text in RACES.items()}
NOT = r"not hispanic or latino\W.*\W"
LABELS = {
    "white": NOT + r"white alone\W*$",
    "black": NOT + r"black or african american alone\W*$",
    "native": NOT + r"american indian and alaska native alone\W*$",
    "asian": NOT + r"asian alone\W*$",
    "pacific": NOT + r"native hawaiian and other pacific islander alone\W*$",
    "other_race": NOT + r"some other race alone\W*$",
    "multiracial": NOT + r"(?:population of )?two or more races\W*$",
    "hispanic": r"(?<!not )hispanic or latino\W*$",
    "total": r"\btotal\W*$",
}
"""What the publisher's label of each group ends with, whatever its case and its marks between levels."""

CODES = (-222222222, -333333333, -555555555, -666666666, -888888888, -999999999)
"""Written where there is no number."""
CONTROLLED = (-555555555, "*****")
"""Written for the margin of an estimate that is controlled: it is zero."""
NO_ESTIMATE: dict[Any, Mark] = dict.fromkeys((*CODES, "-", "N", "(X)"), MISSING)
NO_MARGIN: dict[Any, Mark] = dict.fromkeys(
    (*(code for code in CODES if code not in CONTROLLED), "**", "***", "-", "N", "(X)"), MISSING
)
PLAIN = Style(".", "")
PARTS = {"state": 2, "county": 3, "tract": 6, "block group": 1, "block": 4, "place": 5}
"""Columns in which the API gives the parts of an id, and their widths."""
LENGTHS = {2: "040", 5: "050", 7: "160", 10: "060", 11: "140", 12: "150", 15: "100"}
LEVELS = {
    "010": "nation",
    "040": "states",
    "050": "counties",
    "060": "county subdivisions",
    "100": "blocks",
    "140": "tracts",
    "150": "block groups",
    "160": "places",
    "310": "metropolitan areas",
    "860": "ZIP code areas",
}
"""Summary levels; the first three digits of a GEO_ID."""


@dataclass(frozen=True, eq=False)
class Sheet:
    """A table with one row per area.

    Attributes
    ----------
    frame : DataFrame or GeoDataFrame
        Rows of data only.
    ids : Series of text
        GEOID of each row.
    values, margins : dict
        Column of each number of the table: ``{"003": "B03002_003E"}``.
    names : list of str
        Columns that are names of the areas.
    notes : tuple of str
        What was done.
    """

    frame: pd.DataFrame
    ids: pd.Series[Any]
    values: dict[str, str]
    margins: dict[str, str]
    names: list[str]
    notes: tuple[str, ...] = ()

    @property
    def geometry(self) -> Any:
        """The geometry of the areas, or None."""
        return self.frame.geometry if isinstance(self.frame, gpd.GeoDataFrame) else None

    def attributes(self) -> pd.DataFrame:
        """Return the names of the areas."""
        return pd.DataFrame(self.frame[self.names]).reset_index(drop=True)


@dataclass(frozen=True, eq=False)
class Counted:
    """Groups of a sheet, ready for a `SourceFrame`.

    Attributes
    ----------
    cells : dict
        Groups, and the total where they are not everybody.
    total : str or None
        "total" then.
    published : Cells or None
        The total as it is published.
    notes : tuple of str
        What was found.
    """

    cells: dict[str, Cells]
    total: str | None
    published: Cells | None
    notes: tuple[str, ...]


def tall_variables(table: Opened, *values: str) -> tuple[str, str]:
    """Return the columns of variables and values of a table with one row per area and variable, or two times ""."""
    variable = table.find("variable", optional=True)
    value = table.find(*values, optional=True)
    return (variable, value) if variable and value and table.find("GEOID", optional=True) else ("", "")


def open_sheet(
    table: Opened,
    what: str,
    pattern: str,
    labels: Mapping[str, str],
    *,
    margin: str = "",
    tall: tuple[str, str] = ("", ""),
    tall_margin: str = "",
    level: str | int | None = None,
) -> Sheet:
    """Read a table of the Census Bureau, wide or with one row per area and variable.

    Parameters
    ----------
    table : Opened
    what : str
        Name of the table, for messages.
    pattern, margin : str
        Regular expressions of the columns of numbers and of their margins of error; their first group is the
        number of the column.
    labels : mapping of group to number of a column
        What a second header row must describe them as.
    tall : (str, str)
        Columns of variables and values, where there is one row per area and variable.
    tall_margin : str
        Column of the margins there.
    level : str or int, optional
        Only areas of this summary level, as "140".
    """
    id_columns, names = _id_columns(table)
    if tall[0]:
        frame, values, margins = _widen(table, what, pattern, tall, tall_margin, id_columns[0], names)
    else:
        values, margins = _numbered(table.names, pattern), _numbered(table.names, margin) if margin else {}
        frame = table.load([*id_columns, *names, *values.values(), *margins.values()])
    if not values:
        raise DataError(
            f"{table.path.name} has no column of table {what} (columns: {first_of(table.names, 6)}). "
            "Name its columns: groups=[...]."
        )
    notes = []
    if len(frame) and _is_label(frame, id_columns):
        for group, code in labels.items():
            if code in values:
                _check_label(str(frame[values[code]].iloc[0]), group, values[code], table.path.name, what)
        frame = frame.iloc[1:]
        notes.append("the second header row, which describes the columns, is left out")
    frame = frame.reset_index(drop=True)
    ids, levels = _geoids(frame, id_columns, table.path.name)
    keep, note = _one_level(levels, level, table.path.name)
    if note:
        notes.append(note)
        frame, ids = frame.loc[keep].reset_index(drop=True), ids[keep].reset_index(drop=True)
    return Sheet(frame, ids, values, margins, names, tuple(notes))


def counted(sheet: Sheet, groups: Mapping[str, str], total: str, where: str) -> Counted:
    """Return the groups of a sheet that are there, and the total if some are not.

    Parameters
    ----------
    sheet : Sheet
    groups : mapping of group to number of a column
    total : str
        Number of the column with all people.
    where : str
        Name of the file, for messages.
    """

    def read(code: str) -> Cells:
        return read_cells(sheet.frame[sheet.values[code]], marks=NO_ESTIMATE, style=PLAIN, where=where)

    found = {name: code for name, code in groups.items() if code in sheet.values}
    lacking = [name for name in groups if name not in found]
    cells = {name: read(code) for name, code in found.items()}
    whole = read(total) if total in sheet.values else None
    if not found or (lacking and whole is None):
        raise DataError(
            f"{where} has no column for {', '.join(map(repr, lacking))}, "
            + ("nor any other group." if not found else f"and none for all people ({total}).")
            + " Download the table with its total, or name the columns: groups=[...]."
        )
    notes = []
    if lacking and whole is not None:
        notes.append(f"no column for {', '.join(lacking)}: these people are the rest of the total")
        return Counted({**cells, "total": whole}, "total", whole, tuple(notes))
    if whole is not None:
        gap = gap_note(cells.values(), whole, what="the groups", than="the published total")
        notes += [gap] if gap else []
    return Counted(cells, None, whole, tuple(notes))


def read_margins(
    frame: pd.DataFrame, columns: Mapping[str, str], where: str
) -> tuple[dict[str, np.ndarray[Any, np.dtype[np.float64]]], list[str]]:
    """Return margins of error, 0 where an estimate is controlled and NaN where there is none, and notes on both.

    Parameters
    ----------
    frame : DataFrame
    columns : mapping of group to column
    where : str
        Name of the file, for messages.
    """
    marks = NO_MARGIN | dict.fromkeys(CONTROLLED, exactly(0))
    margins = {}
    zero: dict[str, int] = {}
    none: dict[str, int] = {}
    for group, column in columns.items():
        margins[group] = read_cells(frame[column], marks=marks, style=PLAIN, where=where).value
        for mark in marks:
            number = _occurs(frame[column], mark)
            if number:
                counts = zero if mark in CONTROLLED else none
                counts[str(mark)] = counts.get(str(mark), 0) + number
        blank = int(np.isnan(margins[group]).sum()) - sum(_occurs(frame[column], mark) for mark in NO_MARGIN)
        if blank:
            none["blank"] = none.get("blank", 0) + blank
    notes = []
    if zero:
        number = sum(zero.values())
        controlled = "estimate that is controlled" if number == 1 else "estimates that are controlled"
        notes.append(f"the margin of error of {number:,} {controlled} is 0 ({_listed(zero)})")
    if none:
        notes.append(f"no margin of error for {plural(sum(none.values()), 'estimate')} ({_listed(none)})")
    return margins, notes


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{mark}: {number:,}" for mark, number in counts.items())


def _occurs(column: pd.Series[Any], mark: object) -> int:
    if isinstance(mark, int):
        numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        return int((numbers == mark).sum())
    if pd.api.types.is_numeric_dtype(column.dtype):
        return 0
    return int((column.astype("str").str.strip() == mark).sum())


def _numbered(names: tuple[str, ...] | list[str], pattern: str) -> dict[str, str]:
    matches = [(re.fullmatch(pattern, name.strip(), re.IGNORECASE), name) for name in names]
    return {match[1]: name for match, name in matches if match}


def _id_columns(table: Opened) -> tuple[list[str], list[str]]:
    """Return the columns that make an id, and those that are names."""
    names = [name for name in (table.find("NAME", optional=True),) if name]
    one = table.find("GEO_ID", "GEOID", "GEOID20", "GEOID10", "ucgid", optional=True)
    if one:
        return [one], names
    parts = {part: table.find(part, optional=True) for part in PARTS}
    if not parts["state"]:
        raise UnknownNameError(
            f"{table.path.name} has no column of ids: GEO_ID, GEOID, or state, county and tract. "
            f"{nearest('GEOID', table.names)}"
        )
    if parts["block"]:
        parts["block group"] = ""  # its digit is the first of the block's
    if parts["place"]:
        parts["county"] = ""
    return [name for name in parts.values() if name], names


def _is_label(frame: pd.DataFrame, id_columns: list[str]) -> bool:
    """Say whether the first row describes the columns."""
    first = [frame[name].iloc[0] for name in id_columns]
    return all(isinstance(value, str) and not any(sign.isdigit() for sign in value) for value in first)


def _check_label(text: str, group: str, column: str, where: str, what: str) -> None:
    if not re.search(LABELS[group], text, re.IGNORECASE):
        raise DataError(
            f"Column {column!r} of {where} is described as {text!r}, which is not {group!r} of table {what}; the file "
            "holds another table. Name its columns: groups=[...]."
        )


def _geoids(frame: pd.DataFrame, columns: list[str], where: str) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """Return the id of each area, and its level."""
    if len(columns) == 1 and columns[0].strip().casefold() not in PARTS:
        text = _text(frame[columns[0]])
        split = text.str.extract(r"^(\d{3})\d*[A-Z0-9]*US(.*)$")
        ids = split[1].where(split[1].notna(), text)
        levels = split[0].where(split[0].notna(), ids.str.len().map(lambda n: LENGTHS.get(n, f"{n:.0f} characters")))
    else:
        parts = []
        for name in columns:
            width = PARTS[" ".join(name.split()).casefold()]
            part = _text(frame[name])
            wrong = ~part.str.fullmatch(rf"\d{{1,{width}}}").fillna(False).astype(bool)
            if wrong.any():
                raise DataError(
                    f"{plural(int(wrong.sum()), 'row')} of {len(frame):,} in column {name!r} of {where} "
                    f"{'is' if wrong.sum() == 1 else 'are'} no code of {width} digits at most "
                    f"(first: {first_of(part[wrong])})."
                )
            parts.append(part.str.zfill(width))
        ids = sum(parts[1:], start=parts[0])
        levels = ids.str.len().map(lambda n: LENGTHS.get(n, f"{n:.0f} characters"))
    return ids.rename("GEOID"), levels.fillna("no id")


def _text(column: pd.Series[Any]) -> pd.Series[Any]:
    if pd.api.types.is_float_dtype(column.dtype):
        column = column.astype("Int64")
    return column.astype("str").str.strip()


def _one_level(levels: pd.Series[Any], level: str | int | None, where: str) -> tuple[pd.Series[Any], str]:
    """Return the rows of one level; several would count people several times."""
    counts = levels.value_counts(sort=False)
    names = {code: f"{LEVELS[code]}, " if code in LEVELS else "" for code in counts.index}
    listed = ", ".join(f"{code!r} ({names[code]}{plural(int(n), 'row')})" for code, n in counts.items())
    if level is None:
        if len(counts) > 1:
            raise DataError(
                f"{where} holds areas of {len(counts)} levels, in which the same people are counted again: {listed}. "
                f"Choose one with the option level, as level={next(iter(counts.index))!r}; if there should be only "
                "one, a spreadsheet may have taken leading zeros from the ids."
            )
        return levels.notna(), ""
    wanted = str(level).zfill(3)
    keep = levels == wanted
    if not keep.any():
        raise ParameterError(f"{where} has no areas of level={wanted!r}. There are {listed}.")
    return keep, f"only the {plural(int(keep.sum()), 'area')} of level {wanted} of {plural(len(levels), 'row')}"


def _widen(
    table: Opened,
    what: str,
    pattern: str,
    tall: tuple[str, str],
    tall_margin: str,
    id_column: str,
    names: list[str],
) -> tuple[pd.DataFrame, dict[str, str], dict[str, str]]:
    """Return a table with one row per area from one with a row per area and variable."""
    variable, value = tall
    used = [id_column, *names, variable, value, *([tall_margin] if tall_margin else [])]
    frame = table.load(used)
    kinds = frame[variable].astype("str").str.strip()
    codes = kinds.str.extract(f"^{pattern}$", flags=re.IGNORECASE)[0]
    if codes.isna().all():
        raise DataError(
            f"Column {variable!r} of {table.path.name} names no variable of table {what} but "
            f"{first_of(kinds.unique(), 4)}. If these are names that were given when the file was downloaded, read it "
            f"with Population.from_long(frame, unit={id_column!r}, group={variable!r}, count={value!r}"
            f"{f', moe={tall_margin!r}' if tall_margin else ''})."
        )
    twice = codes.notna() & pd.DataFrame({"id": frame[id_column], "code": codes}).duplicated()
    if twice.any():
        raise DataError(
            f"{plural(int(twice.sum()), 'row')} of {table.path.name} repeat an area and a variable "
            f"(first: {first_of(frame[id_column][twice])}); it may hold several years. Read one at a time."
        )
    wide = frame.drop_duplicates(id_column).reset_index(drop=True)
    values: dict[str, str] = {}
    margins: dict[str, str] = {}
    for code in sorted(codes.dropna().unique()):
        rows = frame[codes == code].set_index(id_column)
        for column, suffix, place in ((value, "E", values), (tall_margin, "M", margins)):
            if column:
                place[code] = f"{what}_{code}{suffix}"
                wide[place[code]] = rows[column].reindex(wide[id_column]).array
    return wide, values, margins
