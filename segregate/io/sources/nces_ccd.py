"""United States, NCES Common Core of Data: pupils of public schools by race, long files and older wide ones."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from segregate._checks import check_choice
from segregate._disclosure import MISSING, Cells, Mark, as_marks, hidden
from segregate._text_numbers import Style, read_cells
from segregate.errors import DataError, ParameterError, first_of, plural

from ._layout import Opened, SourceFrame, layout
from ._totals import gap_note

__all__ = ["nces_ccd"]

Flags = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.signedinteger[Any]]
NAMES = {
    "native": "American Indian or Alaska Native",
    "asian": "Asian",
    "black": "Black or African American",
    "hispanic": "Hispanic/Latino",
    "pacific": "Native Hawaiian or Other Pacific Islander",
    "multiracial": "Two or more races",
    "white": "White",
}
UNSAID = "not_specified"
RACES = (*NAMES, UNSAID)
WIDE = {
    "native": "AM",
    "asian": "ASIAN|AS",
    "black": "BLACK|BL",
    "hispanic": "HISP|HI",
    "pacific": "PACIFIC|HP",
    "multiracial": "TR",
    "white": "WHITE|WH",
}
YEARS = [f"{year:02}" for year in range(100)]
COUNTED = "Category Set A - By Race/Ethnicity; Sex; Grade"
WHOLE = "Education Unit Total"
K12 = ("kindergarten", *(f"grade {number}" for number in range(1, 13)), "ungraded")
CODES = {-1: "missing", -2: "not applicable", -9: "below the standards of NCES"}
MARKS: dict[Any, Mark] = dict.fromkeys((*CODES, "M", "N"), MISSING)
PLAIN = Style(".", "")
SAYS = "race as the school reports it; Hispanic/Latino is a group of its own: "


@layout(
    title="Common Core of Data, membership of public schools by race/ethnicity",
    publisher="National Center for Education Statistics",
    area="United States",
    years="1998-99 to today (wide to 2015-16, long after)",
    units="public schools or districts",
    groups={name: SAYS + text for name, text in NAMES.items()}
    | {UNSAID: "pupils whose race the school did not report"},
    licence="U.S. Department of Education, NCES, Common Core of Data (public domain).",
    page="https://nces.ed.gov/ccd/files.asp",
    certain="partly",
    columns=(
        ("NCESSCH", "LEAID"),
        ("RACE_ETHNICITY", "HISP", "HI", *(f"HISP{year}" for year in YEARS)),
        ("STUDENT_COUNT", "MEMBER", *(f"MEMBER{year}" for year in YEARS)),
    ),
    files=("ccd_*_052_*", "sc*.txt"),
    latin=True,
    caveats=(
        "The race of pupils is what schools report; categories changed between 2008 and 2011, state by state.",
        "The words in DMS_FLAG are not documented beside the data; a blank count is taken as suppressed where the word "
        "is Suppressed, and as missing otherwise.",
    ),
)
def nces_ccd(
    table: Opened,
    *,
    year: str | None = None,
    grades: str | Sequence[str] = "all",
    not_specified: str = "out",
    marks: Mapping[Any, Any] | None = None,
) -> SourceFrame:
    """Read a membership file, one row per school in the end.

    Long files hold the same pupils many times: of each school by race, sex and grade (Category Set A), by grade, by
    race and sex, and in all. Only Category Set A is added up; the Education Unit Total comes along as
    ``published_total``. Wide files have one row per school, ``WHITE``, ``BLACK``, ... (with the year, ``WHITE09``, or
    ``WH``, ``BL``, ...), and ``MEMBER``, which comes along as ``published_total``.

    Parameters
    ----------
    table : Opened
        ``ccd_sch_052_2223_l_1a_083023.csv`` or, for districts, ``ccd_lea_052_...``; older: ``sc102a.txt``.
    year : str, optional
        SCHOOL_YEAR of a long file that holds several.
    grades : "all", "k12" or list of str
        Long files: all; kindergarten to grade 12 and ungraded (without pre-kindergarten, grade 13, adult education
        and grades not specified); or some of them, as they are written in the file.
    not_specified : {"out", "group"}
        Long files: whether pupils whose race is not specified are left out, or are a group.
    marks : mapping, optional
        What codes stand for, if you know better: ``{-2: 0}`` in a wide file, ``{"Not applicable": 0}`` (a word of
        DMS_FLAG) in a long one.
    """
    check_choice("not_specified", not_specified, ("out", "group"))
    if isinstance(grades, str):
        check_choice("grades", grades, ("all", "k12"))
    if table.find("RACE_ETHNICITY", optional=True):
        return _long(table, year, grades, not_specified, as_marks(marks or {}))
    if year is not None or grades != "all" or not_specified != "out":
        raise ParameterError("year=, grades= and not_specified= are for long files, with RACE_ETHNICITY.")
    return _wide(table, marks or {})


def _wide(table: Opened, marks: Mapping[Any, Any]) -> SourceFrame:
    found = {name: table.matching(rf"(?:{pattern})(?:\d\d)?") for name, pattern in WIDE.items()}
    member = table.matching(r"MEMBER(?:\d\d)?")
    for name, columns in {**found, "MEMBER": member}.items():
        if len(columns) > 1:
            raise DataError(f"{table.path.name} has {first_of(columns)} for {name!r}; read one year at a time.")
        if not columns and name not in ("pacific", "multiracial"):
            raise DataError(f"{table.path.name} has no column for {name!r} ({WIDE.get(name, name)}, also with a year).")
    used = {name: found[name][0] for name in NAMES if found[name]}
    key, beside = _keys(table)
    frame = table.load([key, *beside.values(), *used.values(), *member])
    ids, notes = _ids(frame[key], 12 if key.casefold() == "ncessch" else 7, table.path.name)
    meant = MARKS | {_code(mark): meaning for mark, meaning in marks.items()}
    cells = {name: read_cells(frame[c], marks=meant, style=PLAIN, where=table.path.name) for name, c in used.items()}
    whole = read_cells(frame[member[0]], marks=meant, style=PLAIN, where=table.path.name)
    numbers = frame[[*used.values()]].apply(pd.to_numeric, errors="coerce")
    coded = {code: int((numbers == code).to_numpy().sum()) for code in CODES}
    if any(coded.values()):
        listed = ", ".join(f"{code} ({CODES[code]}) in {plural(n, 'cell')}" for code, n in coded.items() if n)
        notes.append(f"codes in place of counts: {listed}")
    notes.append(gap_note(cells.values(), whole, than="MEMBER") or "")
    meanings = {}
    if "pacific" not in cells:
        meanings["asian"] = f"{SAYS}Asian or Pacific Islander"
        notes.append("no column of Pacific Islanders: they are among the Asian pupils, as before 2008")
    attributes = frame[list(beside.values())].set_axis(list(beside), axis=1).assign(published_total=whole.value)
    alike = {"year": member[0][len("MEMBER") :]}
    return SourceFrame.of(
        ids, cells, attributes=attributes, meanings=meanings, notes=tuple(filter(None, notes)), alike=alike
    )


def _long(
    table: Opened, year: str | None, grades: str | Sequence[str], not_specified: str, marks: Mapping[str, Mark]
) -> SourceFrame:
    key, beside = _keys(table)
    role = {name: table.find(name) for name in ("RACE_ETHNICITY", "GRADE", "STUDENT_COUNT", "TOTAL_INDICATOR")}
    role |= {name: table.find(name, optional=True) for name in ("SEX", "DMS_FLAG", "SCHOOL_YEAR")}
    kept = _Kept(key, role["TOTAL_INDICATOR"], role["SCHOOL_YEAR"], year)
    frame = table.some([key, *beside.values(), *filter(None, role.values())], kept.rows)
    kept.check(table.path.name)
    indicator = _folded(frame[role["TOTAL_INDICATOR"]])
    counted = (indicator == COUNTED.casefold()).to_numpy(dtype=bool)
    rows = frame[counted]
    if role["SEX"]:
        _refuse_twice(rows, key, [role[name] for name in ("RACE_ETHNICITY", "SEX", "GRADE")], table.path.name)
    units = frame[~frame.duplicated(key)]
    ids, notes = _ids(units[key], 12 if key.casefold() == "ncessch" else 7, table.path.name)
    at = pd.factorize(frame[key])[0][counted]
    race = _races(rows[role["RACE_ETHNICITY"]], table.path.name)
    counts, said = _counts(rows, role, marks, table.path.name)
    of_grades, told = _grades(_folded(rows[role["GRADE"]]), grades, counts)
    notes.append(f"only the rows of {COUNTED}: {len(rows):,} of {kept.read:,}; all others repeat the pupils")
    notes += [*said, *told]
    total_rows = frame[(indicator == WHOLE.casefold()).to_numpy(dtype=bool)].drop_duplicates(key)
    whole = read_cells(total_rows[role["STUDENT_COUNT"]], style=PLAIN, where=table.path.name)
    totals = pd.Series(whole.value, index=total_rows[key].astype("str"))
    published = totals.reindex(units[key].astype("str")).to_numpy(dtype=np.float64)
    everybody = np.zeros(len(units))
    np.add.at(everybody, at, np.nan_to_num(counts.value))
    complete = everybody == published
    cells = {name: _group(counts, at, race == m, of_grades, complete) for m, name in enumerate(RACES)}
    if grades == "all":
        gap = gap_note(cells.values(), Cells.known(published), what="the rows of Category Set A", than=WHOLE)
        notes += [gap] if gap else []
    unsaid = cells[UNSAID]
    if not_specified == "out":
        del cells[UNSAID]
        people = float(np.nansum(unsaid.value))
        if people:
            schools = plural(int((unsaid.value > 0).sum()), "unit")
            notes.append(f"{people:,.0f} pupils of {schools} whose race is not specified are left out")
    attributes = units[list(beside.values())].astype("str").set_axis(list(beside), axis=1).reset_index(drop=True)
    if grades == "all":
        attributes["published_total"] = published
    alike = {"year": kept.year}
    return SourceFrame.of(ids, cells, attributes=attributes, notes=tuple(notes), alike=alike)


def _keys(table: Opened) -> tuple[str, dict[str, str]]:
    """Return the column of ids, of schools before districts, and those that come along."""
    key = table.find("NCESSCH", "LEAID")
    beside = {
        "name": table.matching(r"SCH_NAME|SCHNAM(?:\d\d)?") if key.casefold() == "ncessch" else [],
        "district": [name for name in table.matching("LEAID") if name != key],
        "district_name": table.matching(r"LEA_NAME|LEANM(?:\d\d)?"),
        "state": table.matching(r"ST|STABR|FIPST")[:1],
    }
    return key, {name: columns[0] for name, columns in beside.items() if columns}


def _ids(column: pd.Series[Any], width: int, where: str) -> tuple[pd.Series[Any], list[str]]:
    """Return ids with all their digits; a spreadsheet may have taken leading zeros, or written them as 1.0E+11."""
    name = str(column.name)
    if pd.api.types.is_float_dtype(column.dtype):
        column = column.astype("Int64")
    text = column.astype("str").str.strip().reset_index(drop=True)
    wrong = ~text.str.fullmatch(rf"\d{{1,{width}}}").fillna(False).astype(bool)
    if wrong.any():
        raise DataError(
            f"{plural(int(wrong.sum()), 'id')} of {len(text):,} in column {name!r} of {where} "
            f"{'is' if wrong.sum() == 1 else 'are'} not {width} digits (first: {first_of(text[wrong])}). If a "
            "spreadsheet wrote them as 1.0E+11, their digits are lost: take the file as it is published."
        )
    short = int((text.str.len() < width).sum())
    notes = [f"leading zeros put back to {plural(short, 'id')} of {width} digits in {name}"] if short else []
    return text.str.zfill(width).rename(name.upper()), notes


class _Kept:
    """Which rows of a long file are kept while it is read: those that count, the totals, and the first of each unit.

    Parameters
    ----------
    key : str
        Column of the ids.
    indicator : str
        TOTAL_INDICATOR.
    column : str
        SCHOOL_YEAR, or "".
    year : str or None
        Only rows of this year.
    """

    def __init__(self, key: str, indicator: str, column: str, year: str | None) -> None:
        self._key, self._indicator, self._column, self._year = key, indicator, column, year
        self._units: set[str] = set()
        self._words: dict[str, None] = {}
        self._years: set[str] = set()
        self.read = 0

    def rows(self, part: pd.DataFrame) -> Flags:
        """Say which rows of a part are kept, and remember what is in it."""
        chosen = np.ones(len(part), dtype=bool)
        if self._column:
            years = part[self._column].astype("category")
            self._years |= {str(word).strip() for word in years.cat.categories}
            if self._year is not None:
                mine = [word for word in years.cat.categories if str(word).strip() == str(self._year)]
                chosen = years.isin(mine).to_numpy(dtype=bool)
        self.read += int(chosen.sum())
        indicators = part[self._indicator]
        used = pd.unique(indicators.cat.codes.to_numpy()[chosen])
        self._words |= dict.fromkeys(str(indicators.cat.categories[int(code)]) for code in used if code >= 0)
        keep = chosen & _folded(indicators).isin([COUNTED.casefold(), WHOLE.casefold()]).to_numpy(dtype=bool)
        codes = part[self._key].cat.codes.to_numpy()
        of_rows = np.flatnonzero(chosen)
        first = of_rows[np.unique(codes[of_rows], return_index=True)[1]]
        named = [str(unit) for unit in part[self._key].iloc[first]]
        new = np.array([unit not in self._units for unit in named], dtype=bool)
        self._units.update(named)
        keep[first[new]] = True
        return keep

    @property
    def year(self) -> str:
        """The school year of the rows, "" where the file does not say it."""
        return str(self._year or ", ".join(sorted(self._years)))

    def check(self, where: str) -> None:
        """Refuse a file of several years, and one in which nobody is counted once by race."""
        known = sorted(self._years)
        if self._year is None and len(known) > 1:
            raise ParameterError(
                f"{where} holds {len(known)} school years: {first_of(known, 10)}. Choose one: "
                f"source={{'source': 'nces_ccd', 'year': {known[-1]!r}}}."
            )
        if self._year is not None and self._column and str(self._year) not in known:
            raise ParameterError(f"{where} has no school year {str(self._year)!r}; it has {first_of(known, 10)}.")
        if COUNTED.casefold() not in {" ".join(word.split()).casefold() for word in self._words}:
            raise DataError(
                f"{where} has no rows of {COUNTED!r} in TOTAL_INDICATOR, only {first_of(self._words, 6)}; "
                "without them no pupil is counted once by race."
            )


def _refuse_twice(rows: pd.DataFrame, key: str, others: Sequence[str], where: str) -> None:
    """Refuse rows that repeat a unit, race, sex and grade."""
    together = rows[key].cat.codes.to_numpy(dtype=np.int64)
    for name in others:
        together = together * (len(rows[name].cat.categories) + 1) + rows[name].cat.codes.to_numpy() + 1
    ordered = np.sort(together)
    if not (ordered[1:] == ordered[:-1]).any():
        return
    twice = pd.Series(together).duplicated().to_numpy()
    raise DataError(
        f"{plural(int(twice.sum()), 'row')} of {where} repeat a school, race, sex and grade "
        f"(first: {first_of(rows[key][twice])}); the file holds the same pupils twice."
    )


def _races(column: pd.Series[Any], where: str) -> Codes:
    """Return the place of each row's group in `RACES`."""
    known = [*(text.casefold() for text in NAMES.values()), "not specified"]
    words = _words(column)
    places = np.array([known.index(word) if word in known else -1 for word in words], dtype=np.int8)
    race: Codes = places[column.cat.codes.to_numpy()]
    if (race < 0).any():
        found = column[race < 0].astype("str").unique()
        raise DataError(f"RACE_ETHNICITY of {where} holds {first_of(found, 5)}, which are no groups of {COUNTED}.")
    return race


def _counts(
    rows: pd.DataFrame, role: Mapping[str, str], marks: Mapping[str, Mark], where: str
) -> tuple[Cells, list[str]]:
    """Return the counts of rows; DMS_FLAG says why some are blank."""
    counts = read_cells(rows[role["STUDENT_COUNT"]], style=PLAIN, where=where)
    blank = counts.of_kind("missing")
    if not blank.any():
        return counts, []
    if not role["DMS_FLAG"]:
        return counts, [f"{plural(int(blank.sum()), 'blank count')}: missing, not zero"]
    flags = rows[role["DMS_FLAG"]].astype("str").str.strip().fillna("no flag")
    for flag in flags[blank].unique():
        mark = marks.get(flag.casefold(), hidden() if flag.casefold() == "suppressed" else MISSING)
        counts = counts.marked(blank & (flags == flag).to_numpy(dtype=bool), mark)
    listed = ", ".join(f"{flag}: {n:,}" for flag, n in flags[blank].value_counts().items())
    return counts, [f"{plural(int(blank.sum()), 'blank count')}, not zero (DMS_FLAG: {listed})"]


def _grades(grades: pd.Series[Any], wanted: str | Sequence[str], counts: Cells) -> tuple[Flags, list[str]]:
    """Return which rows are of the grades that are wanted, and what is to be said."""
    known = list(grades.unique())
    if isinstance(wanted, str):
        keep = grades.isin(K12).to_numpy(dtype=bool) if wanted == "k12" else np.ones(len(grades), dtype=bool)
    else:
        asked = [" ".join(str(grade).split()).casefold() for grade in wanted]
        lost = [grade for grade in asked if grade not in known]
        if lost or not asked:
            raise ParameterError(f"There are no grades {first_of(lost)}; the file has {first_of(known, 30)}.")
        keep = grades.isin(asked).to_numpy(dtype=bool)
    beyond = grades[~grades.isin(K12)].unique()
    people = {grade: float(np.nansum(counts.value[(grades == grade).to_numpy(dtype=bool)])) for grade in beyond}
    listed = ", ".join(f"{grade} {number:,.0f}" for grade, number in people.items() if number)
    notes = [] if not listed or wanted != "all" else [f"pupils outside kindergarten to grade 12 count too: {listed}"]
    if wanted != "all":
        out = float(np.nansum(counts.value[~keep]))
        notes.append(f"{out:,.0f} pupils of other grades are left out")
    return keep, notes


def _group(counts: Cells, at: Codes, mine: Flags, kept: Flags, complete: Flags) -> Cells:
    """Add a group up; where a unit has no row of it, there is nobody only if the other rows are all its pupils."""
    rows = mine & kept
    cells = counts.take(rows).summed(at[rows], len(complete))
    there = np.zeros(len(complete), dtype=bool)
    there[at[rows]] = True
    return cells.marked(~there & ~complete, MISSING)


def _words(column: pd.Series[Any]) -> list[str]:
    """Return the categories in lower case without more blanks than needed, and "" after them, for no category."""
    return [*(" ".join(str(word).split()).casefold() for word in column.cat.categories), ""]


def _folded(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return words in lower case without more blanks than needed, "" where there is none."""
    words = _words(column)
    different = list(dict.fromkeys(words))
    places = np.array([different.index(word) for word in words], dtype=np.int32)
    codes = places[column.cat.codes.to_numpy()]
    return pd.Series(pd.Categorical.from_codes(codes, categories=pd.Index(different)), index=column.index)


def _code(mark: Any) -> Any:
    return int(mark) if isinstance(mark, str) and re.fullmatch(r"-?\d+", mark) else mark
