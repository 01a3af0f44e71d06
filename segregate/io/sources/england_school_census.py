"""England, school census: pupils of schools by ethnic group, "Schools, pupils and their characteristics"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from segregate._checks import check_choice
from segregate._disclosure import MISSING, SUPPRESSED, Cells, Mark, as_marks, hidden
from segregate._text_numbers import Style, read_cells
from segregate.errors import DataError, ParameterError, UnknownNameError, first_of, nearest, plural

from ._layout import Opened, SourceFrame, layout
from ._totals import gap_note

__all__ = ["england_school_census"]

Flags = npt.NDArray[np.bool_]
GROUPS = {
    "white_british": ("White British", r"white british"),
    "irish": ("Irish", r"(?:white )?irish"),
    "irish_traveller": ("Traveller of Irish heritage", r"(?:white )?(?:irish traveller|travell?er of irish heritage)"),
    "gypsy_roma": ("Gypsy/Roma", r"(?:white )?gypsy ?(?:or |and )?roma"),
    "other_white": ("any other White background", r"(?:any )?other white(?: background)?"),
    "white_caribbean": ("White and Black Caribbean", r"white and black caribbean"),
    "white_african": ("White and Black African", r"white and black african"),
    "white_asian": ("White and Asian", r"white and asian"),
    "other_mixed": ("any other mixed background", r"(?:any )?other mixed(?: background)?"),
    "indian": ("Indian", r"(?:asian )?indian"),
    "pakistani": ("Pakistani", r"(?:asian )?pakistani"),
    "bangladeshi": ("Bangladeshi", r"(?:asian )?bangladeshi"),
    "other_asian": ("any other Asian background", r"(?:any )?other asian(?: background)?"),
    "caribbean": ("Caribbean", r"(?:black )?caribbean"),
    "african": ("African", r"(?:black )?african"),
    "other_black": ("any other Black background", r"(?:any )?other black(?: background)?"),
    "chinese": ("Chinese", r"(?:asian )?chinese"),
    "other": ("any other ethnic group", r"(?:any )?other(?: ethnic)?(?: group)?"),
}
UNSAID = "unclassified"
COUNT = r"(?:total )?(?:number|no|num) of (?:all )?pupils "
OF_GROUP = COUNT + r"(classified as|of|by ethnicity) (.+?)(?: ethnic(?: orig(?:i(?:n)?)?| group| background)?)?"
OF_NONE = COUNT + r"(?:ethnicity |classified as )?unclassified"
OF_AGE = COUNT + r"of compulsory school age and (?:above|over)(?: \(?(un)?rounded\)?)?"
ALL = r"(?:total )?headcount of (?:all )?pupils(?: \(?unrounded\)?)?"
MARKS: dict[str, Mark] = {
    "z": MISSING,
    "x": MISSING,
    "c": hidden(),
    "low": hidden(),
    "k": hidden(),
    "*": hidden(),
    "supp": hidden(),
}
SAYS = "ethnic group as parents or pupils said it to the school: "


def _plain(name: str) -> str:
    """Return a header in lower case, with one blank for every mark between its words."""
    return " ".join(re.sub(r"[_.\-/,]", " ", name).split()).casefold()


def _found(names: tuple[str, ...]) -> tuple[dict[str, list[str]], list[str]]:
    """Return the columns of each group, and the columns of groups that are not known.

    Shares ("% of pupils classified as ...") begin otherwise and are never among them.
    """
    found: dict[str, list[str]] = {}
    unknown = []
    for name in names:
        plain = _plain(name)
        if re.fullmatch(OF_NONE, plain):
            found.setdefault(UNSAID, []).append(name)
        elif match := re.fullmatch(OF_GROUP, plain):
            group = next((key for key, (_, text) in GROUPS.items() if re.fullmatch(text, match[2])), None)
            if group is not None:
                found.setdefault(group, []).append(name)
            elif match[1] == "classified as":
                unknown.append(name)
    return found, unknown


def _looks(table: Opened) -> float:
    if not table.find("urn", optional=True) or len(_found(table.names)[0]) < 5:
        return 0.0
    return 1.0 if table.path.name.casefold().startswith("spc") else 0.9


@layout(
    title="Schools, pupils and their characteristics, school level",
    publisher="Department for Education",
    area="England",
    years="from 2010 (wording of the headers changes)",
    units="schools",
    groups={name: SAYS + text for name, (text, _) in GROUPS.items()}
    | {UNSAID: "pupils whose ethnic group is not known or who did not say"},
    licence="Contains public sector information licensed under the Open Government Licence v3.0 (DfE).",
    page="https://explore-education-statistics.service.gov.uk/find-statistics/school-pupils-and-their-characteristics",
    certain="partly",
    looks=_looks,
    latin=True,
    caveats=(
        "Ethnic groups are those of pupils of compulsory school age and above, not of all pupils on the roll.",
        "Independent schools do not report ethnic groups; the 0 that is printed for them is taken as missing.",
        "Marks are taken as: z not applicable and x not available (missing), c confidential, low or k, and in older "
        "files * and SUPP (suppressed). How many pupils a mark may hide is not certain; marks= says it.",
        "Whether counts of older years are rounded is not certain; the total beside them is, where its header says so.",
    ),
)
def england_school_census(
    table: Opened,
    *,
    period: str | int | None = None,
    unclassified: str = "out",
    groups: Mapping[str, str] | None = None,
    marks: Mapping[Any, Any] | None = None,
) -> SourceFrame:
    """Read a school-level file by the wording of its headers, which drifts from year to year.

    ``number of pupils classified as white British ethnic origin`` and 17 more of that pattern are the groups; the
    twins ``% of pupils ...`` are shares and are not read. Case, blanks, ``_`` and ``/`` do not matter. What is
    published beside them for all pupils of compulsory school age comes along as ``published_total``, and the
    headcount as ``headcount``.

    Parameters
    ----------
    table : Opened
        ``spc_school_level_underlying_data_2025.csv`` or one of another year.
    period : str, optional
        ``time_period`` of a file that holds several: "202425".
    unclassified : {"out", "group"}
        Whether pupils of unknown ethnic group are left out, or are a group.
    groups : mapping of name to column, optional
        For files of other wording, such as the codes ``npupeowb`` or ``numeowb`` of older years.
    marks : mapping, optional
        What marks stand for, if you know better: ``{"c": (1, 4)}``.
    """
    check_choice("unclassified", unclassified, ("out", "group"))
    where = table.path.name
    columns = _columns(table, groups)
    urn = table.find("urn", "school_urn")
    beside = _beside(table)
    frame = table.load([urn, *columns.values(), *beside.values()])
    notes: list[str] = []
    frame = _one_period(frame, beside.get("period", ""), period, where)
    ids = frame[urn].astype("str").str.strip()
    areas = ids.isna() | (ids == "")
    if areas.any():
        notes.append(f"{plural(int(areas.sum()), 'row')} without a URN left out: they are areas, not schools")
        frame, ids = frame[~areas], ids[~areas]
    frame, ids = frame.reset_index(drop=True), ids.reset_index(drop=True).rename("urn")
    meant = MARKS | as_marks(marks or {})
    style = Style(".", ",")
    cells = {name: read_cells(frame[c], marks=meant, style=style, where=where) for name, c in columns.items()}
    counts: dict[str, Cells] = {
        key: read_cells(frame[beside[key]], marks=meant, style=style, where=where)
        for key in ("headcount", "of_age")
        if key in beside
    }
    whole = counts.get("of_age", counts.get("headcount"))
    phase = frame[beside["phase"]] if "phase" in beside else None
    absent, doubtful = _not_reported(cells, phase, counts, known=groups is None)
    if absent.any():
        number = plural(int(absent.sum()), "school")
        notes.append(f"ethnic groups not reported (0 in all) by {number}, such as independent ones: missing, not 0")
        cells = {name: column.marked(absent, MISSING) for name, column in cells.items()}
    if doubtful.any():
        notes.append(f"{plural(int(doubtful.sum()), 'school')} with pupils but 0 in all groups that are named")
    if "headcount" in counts:
        cells = {name: _capped(column, counts["headcount"]) for name, column in cells.items()}
    if whole is not None:
        than = beside["of_age" if "of_age" in counts else "headcount"]
        gap = gap_note(cells.values(), whole, than=f"the column {than!r}")
        notes += [gap] if gap else []
    if unclassified == "out" and UNSAID in cells:
        people = float(np.nansum(cells.pop(UNSAID).value))
        if people:
            notes.append(f"{people:,.0f} pupils whose ethnic group is unclassified are left out")
    kept = [key for key in beside if key not in ("headcount", "of_age")]
    attributes = frame[[beside[key] for key in kept]].set_axis(kept, axis=1)
    attributes = attributes.assign(**{key: column.value for key, column in counts.items() if key == "headcount"})
    if whole is not None:
        attributes["published_total"] = whole.value
    meanings = {} if groups is None else {name: f"column {column!r} of the file" for name, column in groups.items()}
    periods: Any = frame[beside["period"]].astype("str").unique() if "period" in beside else []
    return SourceFrame.of(
        ids,
        cells,
        attributes=pd.DataFrame(attributes),
        meanings=meanings,
        notes=tuple(notes),
        alike={"school year": ", ".join(map(str, periods))},
    )


def _columns(table: Opened, groups: Mapping[str, str] | None) -> dict[str, str]:
    """Return the column of each group, in our order."""
    if groups is not None:
        for name, column in groups.items():
            if column not in table.names:
                hint = nearest(column, table.names)
                raise UnknownNameError(f"There is no column {column!r} (for {name!r}) in {table.path.name}. {hint}")
        return dict(groups)
    found, unknown = _found(table.names)
    if unknown:
        raise DataError(
            f"{table.path.name} has {plural(len(unknown), 'column')} of an ethnic group that is not known: "
            f"{first_of(unknown)}. Say which columns are the groups: source={{'source': 'england_school_census', "
            "'groups': {'name': 'column', ...}}."
        )
    twice = {name: columns for name, columns in found.items() if len(columns) > 1}
    if twice:
        name, columns = next(iter(twice.items()))
        raise DataError(f"{table.path.name} has several columns for {name!r}: {first_of(columns)}.")
    lacking = [name for name in GROUPS if name not in found]
    if lacking:
        raise DataError(
            f"{table.path.name} has no column for {plural(len(lacking), 'ethnic group')} of {len(GROUPS)} "
            f"({first_of(lacking, 4)}). Older files have codes (npupeowb, numeowb) in place of words; say which "
            "columns are the groups: source={'source': 'england_school_census', 'groups': {'name': 'column', ...}}."
        )
    return {name: found[name][0] for name in (*GROUPS, UNSAID) if name in found}


def _beside(table: Opened) -> dict[str, str]:
    """Return the columns that come along, by our name of each."""
    patterns = {
        "name": r"school name|name",
        "phase": r"phase type grouping|phase of education|school type",
        "la": r"la name",
        "period": r"time period",
        "headcount": ALL,
        "of_age": OF_AGE,
    }
    plain = {name: _plain(name) for name in table.names}
    found = {key: [name for name in plain if re.fullmatch(p, plain[name])] for key, p in patterns.items()}
    return {key: names[0] for key, names in found.items() if names}


def _one_period(frame: pd.DataFrame, column: str, period: str | int | None, where: str) -> pd.DataFrame:
    if not column:
        if period is not None:
            raise ParameterError(f"{where} has no column time_period, so period= chooses nothing.")
        return frame
    periods: Any = frame[column].astype("str").str.strip()
    known = sorted(periods.dropna().unique())
    if period is None and len(known) > 1:
        raise ParameterError(
            f"{where} holds {len(known)} periods: {first_of(known, 10)}. Choose one: "
            f"source={{'source': 'england_school_census', 'period': {known[-1]!r}}}."
        )
    if period is not None and str(period) not in known:
        raise ParameterError(f"{where} has no period {str(period)!r}; it has {first_of(known, 10)}.")
    return frame if period is None else frame[(periods == str(period)).to_numpy(dtype=bool)]


def _not_reported(
    cells: Mapping[str, Cells], phase: pd.Series[Any] | None, counts: Mapping[str, Cells], *, known: bool
) -> tuple[Flags, Flags]:
    """Say which schools have 0 in every group because they do not report them, and which perhaps.

    A school that has pupils but none in all groups does not report them, if the groups are everybody (`known`); an
    independent school does not in any case.
    """
    nobody: Flags = np.all([column.value == 0 for column in cells.values()], axis=0)
    pupils = np.zeros(len(nobody), dtype=bool)
    for column in counts.values():
        pupils |= column.value > 0
    independent = np.zeros(len(nobody), dtype=bool)
    if phase is not None:
        independent |= phase.astype("str").str.contains("independent", case=False).fillna(False).to_numpy(dtype=bool)
    if known:
        return nobody & (pupils | independent), np.zeros(len(nobody), dtype=bool)
    return nobody & independent, nobody & pupils & ~independent


def _capped(cells: Cells, whole: Cells) -> Cells:
    """Let no suppressed count be larger than the headcount of its school."""
    at = (cells.kind == SUPPRESSED) & whole.of_kind("known")
    return replace(cells, high=np.where(at, np.minimum(cells.high, np.maximum(whole.value, cells.low)), cells.high))
