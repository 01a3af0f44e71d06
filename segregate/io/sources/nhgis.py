"""United States, IPUMS NHGIS: extracts in CSV, whose codes only the codebook beside them explains."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from segregate._disclosure import Cells
from segregate._text_numbers import read_cells
from segregate.errors import DataError, ParameterError, UnknownNameError, first_of, nearest, plural

from .._files import existing_file
from ._layout import Opened, SourceFrame, layout
from ._totals import gap_note
from ._us_census import LABELS, MEANINGS, NO_ESTIMATE, PLAIN, read_margins

__all__ = ["nhgis"]

ENTRY = re.compile(r"^\s+([A-Z][A-Z0-9]{2,}\d{3}):\s+(\S.*?)\s*$")
"""``        AMPWE003:    Not Hispanic or Latino: White alone``."""
HEAD = re.compile(r"^\s*(Table \d+|Universe|Source code|NHGIS code):\s*(.*?)\s*$")
ZEROS = r"^G(\d{2})0(?:(\d{3})0(?:(\d{6,}))?)?$"
"""Ids of states, counties, tracts, block groups and blocks; what is not 0 after a code is no unit of today."""


@dataclass
class Table:
    """A table of an extract, as the codebook describes it.

    Attributes
    ----------
    title, universe, source, code : str
        ``Hispanic or Latino Origin by Race``, ``Total population``, ``B03002``, ``AMPW``.
    labels : dict
        From column to what it counts.
    margins : dict
        From column to the column with its margin of error.
    """

    title: str = ""
    universe: str = ""
    source: str = ""
    code: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    margins: dict[str, str] = field(default_factory=dict)

    @property
    def groups(self) -> dict[str, str]:
        """Columns by the name of the group, and the total, where the labels are of race and Hispanic origin."""
        found = {
            name: [column for column, label in self.labels.items() if re.search(pattern, label, re.IGNORECASE)]
            for name, pattern in LABELS.items()
        }
        return {name: columns[0] for name, columns in found.items() if len(columns) == 1}

    def __str__(self) -> str:
        return f"{self.code} ({self.source}, {self.title}; {self.universe})"


def _codebook(table: Opened) -> bytes | None:
    """Return the codebook beside a file, also in an archive."""
    return None if table.beside is None else table.beside(f"{table.path.stem}_codebook.txt")


def _looks(table: Opened) -> float:
    if not table.find("GISJOIN", optional=True):
        return 0.0
    if _codebook(table) is not None:
        return 1.0
    return 0.7 if table.path.name.casefold().startswith("nhgis") else 0.0


@layout(
    title="National Historical Geographic Information System, extracts in CSV",
    publisher="IPUMS NHGIS, University of Minnesota",
    area="United States",
    years="1790 to today, as the codebook says",
    units="areas of any kind, as the codebook says",
    groups=MEANINGS,
    licence=(
        "IPUMS NHGIS, University of Minnesota, www.nhgis.org: cite it as the codebook asks; do not pass the data on "
        "without permission."
    ),
    page="https://www.nhgis.org",
    certain="seen",
    looks=_looks,
    latin=True,
    caveats=(
        "Which column is what comes from the codebook of this very extract; the next extract may use other codes.",
        "Estimates of the American Community Survey come from a sample; their margins of error are those of 90 %.",
    ),
)
def nhgis(
    table: Opened,
    *,
    codebook: str | None = None,
    which: str | None = None,
    groups: Mapping[str, str] | None = None,
    total: str | None = None,
) -> SourceFrame:
    """Read an extract by its codebook, ``nhgis0001_ds244_20195_2019_tract_codebook.txt`` beside the CSV.

    Tables of race by Hispanic origin are recognised by the labels in the codebook; of any other, name the columns.
    The optional second header row, which describes the columns, is left out.

    Parameters
    ----------
    table : Opened
        ``nhgis0001_ds244_20195_2019_tract.csv``.
    codebook : path, optional
        The codebook, where it does not stand beside the file under its own name.
    which : str, optional
        The table, by the code of NHGIS or of the source ("AMPW" or "B03002"), where several may be meant.
    groups : mapping of name to column, optional
        Groups of another table: ``{"owners": "AMVDE002", "tenants": "AMVDE003"}``. They must not overlap.
    total : str, optional
        With `groups`: the column of all people, where the groups are not everybody.
    """
    where = table.path.name
    book, head = _read_codebook(table, codebook)
    gisjoin = table.find("GISJOIN")
    chosen, columns, what = _choose(book, which, groups, total, table)
    margins = {name: chosen[column] for name, column in columns.items() if column in chosen}
    names = [name for name in table.names if name in ("YEAR", "STATE", "COUNTY", "NAME", "NAME_E", "AREANAME", "GEOID")]
    frame = table.load([gisjoin, *names, *columns.values(), *(m for m in margins.values() if m in table.names)])
    notes = [what]
    first = str(frame[gisjoin].iloc[0]) if len(frame) else "G0"
    if not re.match(r"G\d", first):
        frame = frame.iloc[1:]
        notes.append("the second header row, which describes the columns, is left out")
    frame = frame.reset_index(drop=True)
    ids = frame[gisjoin].astype("str").str.strip().rename("GISJOIN")
    cells = {name: read_cells(frame[c], marks=NO_ESTIMATE, style=PLAIN, where=where) for name, c in columns.items()}
    if head.get("Dataset", "").startswith("2020 Census"):
        cells = {name: column.perturbed() for name, column in cells.items()}
        notes.append("census of 2020: the counts carry noise (differential privacy), most of all those of blocks")
    attributes = frame[names].copy()
    if "GEOID" not in names:
        attributes["geoid"] = _geoid(ids)
    moe: dict[str, str] = {}
    whole = _whole(cells, groups is None, notes)
    if whole is not None:
        attributes["published_total"] = whole.value
    lacking = [name for name in cells if margins.get(name) not in table.names]
    if margins and lacking:
        notes.append(f"margins of error are left out, because there is none for {', '.join(lacking)}")
    elif margins:
        read, said = read_margins(frame, {name: margins[name] for name in cells}, where)
        attributes = attributes.assign(**{f"{name}_moe": values for name, values in read.items()})
        notes += said
        moe = {name: f"{name}_moe" for name in read}
    return SourceFrame.of(
        ids,
        cells,
        total="total" if "total" in cells else None,
        attributes=pd.DataFrame(attributes),
        moe=moe,
        alike={"year": head.get("Year", ""), "areas": head.get("Geographic level", "")},
        meanings=_meanings(book, columns, groups),
        notes=tuple(notes),
        source=f"IPUMS NHGIS, {head['Dataset']}" if head.get("Dataset") else "",
    )


def _whole(cells: dict[str, Cells], known: bool, notes: list[str]) -> Cells | None:
    """Take the total out where the groups are everybody, and say how far they differ."""
    lacking = [name for name in LABELS if name not in cells]
    if not known or "total" not in cells:
        return None
    if lacking:
        notes.append(f"no column for {', '.join(lacking)}: these people are the rest of the total")
        return None
    whole = cells.pop("total")
    gap = gap_note(cells.values(), whole, what="the groups", than="the published total")
    notes += [gap] if gap else []
    return whole


def _read_codebook(table: Opened, given: str | None) -> tuple[list[Table], dict[str, str]]:
    """Return the tables that a codebook describes, and its summary."""
    path = table.path
    name = f"{path.stem}_codebook.txt" if given is None else existing_file(given).name
    raw = _codebook(table) if given is None else existing_file(given).read_bytes()
    if raw is None:
        raise DataError(
            f"There is no codebook {path.stem}_codebook.txt beside {path.name}; it comes in the same archive. "
            "Without it nobody knows what the columns are. Put it there, or give its place: source={'source': 'nhgis', "
            "'codebook': '...'}."
        )
    try:
        lines = raw.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        lines = raw.decode("cp1252", errors="replace").splitlines()
    summary: dict[str, str] = {}
    tables: list[Table] = []
    inside = False
    for line in lines:
        if line.strip() == "Data Dictionary":
            inside = True
        elif line.strip() == "Citation and Use":
            inside = False
        elif not inside:
            key, colon, value = line.partition(":")
            if colon and key in ("Year", "Geographic level", "Dataset"):
                summary[key] = value.strip()
        elif found := HEAD.match(line):
            if found[1].startswith("Table"):
                tables.append(Table(title=found[2]))
            elif tables:
                setattr(tables[-1], {"U": "universe", "S": "source", "N": "code"}[found[1][0]], found[2])
        elif tables and (entry := ENTRY.match(line)):
            tables[-1].labels[entry[1]] = entry[2]
    if not any(table.labels for table in tables):
        raise DataError(f"{name} describes no table; it is not the codebook of an extract of NHGIS, or not whole.")
    return _paired(tables), summary


def _paired(tables: list[Table]) -> list[Table]:
    """Join each table of margins of error to that of its estimates, by the code of the table and the labels."""
    estimates: dict[str, Table] = {}
    for table in tables:
        first = estimates.setdefault(table.code, table)
        if first is table:
            continue
        for (column, label), (margin, said) in zip(first.labels.items(), table.labels.items(), strict=False):
            if label == said:
                first.margins[column] = margin
    return list(estimates.values())


def _choose(
    book: list[Table], which: str | None, groups: Mapping[str, str] | None, total: str | None, table: Opened
) -> tuple[dict[str, str], dict[str, str], str]:
    """Return margins by column, columns by group, and what is to be said."""
    margins = {column: margin for one in book for column, margin in one.margins.items()}
    labels = {column: label for one in book for column, label in one.labels.items()}
    if groups is not None:
        columns = dict(groups) | ({} if total is None else {"total": total})
        for name, column in columns.items():
            if column not in labels or column not in table.names:
                hint = nearest(column, [c for c in labels if c in table.names])
                raise UnknownNameError(f"There is no column {column!r} (for {name!r}) in {table.path.name}. {hint}")
        said = ", ".join(f"{name} is {column} ({labels[column]})" for name, column in columns.items())
        return margins, columns, f"by the codebook, {said}"
    if total is not None:
        raise ParameterError("total= goes with groups= of your own; without them the codebook says which the total is.")
    asked = [one for one in book if which is None or which.casefold() in (one.code.casefold(), one.source.casefold())]
    if not asked:
        known = [name for one in book for name in (one.code, one.source)]
        raise UnknownNameError(f"The codebook has no table {which!r}. {nearest(which, known)}")
    fit = [one for one in asked if len(set(one.groups) & set(MEANINGS)) > 1]
    fit = [one for one in fit if set(MEANINGS) <= set(one.groups) or "total" in one.groups]
    everybody = [one for one in fit if one.universe.casefold().startswith("total population")]
    fit = everybody if len(everybody) == 1 and which is None else fit
    listed = "; ".join(map(str, (fit or asked)[:8]))
    if not fit:
        raise ParameterError(
            f"No table of {table.path.name} is of race by Hispanic origin. There are: {listed}. Say which columns are "
            "the groups: source={'source': 'nhgis', 'groups': {'name': 'column', ...}}."
        )
    if len(fit) > 1:
        raise ParameterError(
            f"{table.path.name} has {plural(len(fit), 'table')} of race by Hispanic origin: {listed}. Choose one: "
            f"source={{'source': 'nhgis', 'which': {fit[0].code!r}}}."
        )
    columns = {name: fit[0].groups[name] for name in LABELS if name in fit[0].groups}
    absent = [column for column in columns.values() if column not in table.names]
    if absent:
        raise DataError(
            f"The codebook names {plural(len(absent), 'column')} that {table.path.name} does not have "
            f"({first_of(absent)}); it is that of another file."
        )
    return margins, columns, f"table {fit[0]}, by the codebook"


def _meanings(book: list[Table], columns: Mapping[str, str], groups: Mapping[str, str] | None) -> dict[str, str]:
    """Return what groups of one's own are, in the words of the codebook."""
    said = {column: (one, label) for one in book for column, label in one.labels.items()}
    own = {} if groups is None else groups
    return {name: f"{said[columns[name]][0].title}: {said[columns[name]][1]}" for name in own}


def _geoid(ids: pd.Series[Any]) -> pd.Series[Any]:
    """Return ids as the Census Bureau writes them; missing where a unit is not one of today's kinds."""
    parts = ids.str.extract(ZEROS)
    joined = parts[0] + parts[1].fillna("") + parts[2].fillna("")
    known = joined.str.len().isin([2, 5, 11, 12, 15]).to_numpy(dtype=bool, na_value=False)
    return joined.where(np.asarray(known))
