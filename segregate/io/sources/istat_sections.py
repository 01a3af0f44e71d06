"""Italy, ISTAT: Italian and foreign residents of census sections."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from segregate._disclosure import as_marks
from segregate._text_numbers import Style, read_cells
from segregate.errors import DataError, ParameterError, first_of, plural

from ._differences import rest_of
from ._layout import Opened, SourceFrame, layout

__all__ = ["istat_sections"]

IDS = ("SEZ21_ID", "SEZ2011")


@layout(
    title="Census sections (sezioni di censimento)",
    publisher="ISTAT",
    area="Italy",
    years="2011, 2021",
    units="census sections",
    groups={
        "italian": "Italian citizens (P1 less ST1)",
        "foreign": "foreign or stateless citizens (ST1): citizenship, not place of birth",
    },
    licence="Source: Istat, census of population. CC BY (version as on the page of the data).",
    page="https://www.istat.it/notizia/basi-territoriali-e-variabili-censuarie/",
    certain="partly",
    columns=(IDS, "P1", "ST1"),
    latin=True,
    caveats=(
        "The groups are citizenships, not places of birth or origins.",
        "Of the names of the columns some are from memory: 2021 renamed some of 2011 (ST2_B). P1 is taken for all "
        "residents and ST1 for all foreigners; compare with the list of variables that comes with the data, and name "
        "other columns by population=, foreign= or groups=.",
        "ST2 to ST5 are foreigners by sex and age, hence parts of ST1, and are not read beside it. Continents are in "
        "the files of 2011 only.",
        "Sections of 2011 and 2021 are not the same areas.",
    ),
)
def istat_sections(
    table: Opened,
    *,
    population: str = "P1",
    foreign: str = "ST1",
    groups: Mapping[str, str] | None = None,
    id: str | None = None,  # noqa: A002
    marks: Mapping[Any, Any] | None = None,
) -> SourceFrame:
    """Read residents by citizenship.

    Parameters
    ----------
    table : Opened
        The variables of the sections of a region; ``SEZ21_ID`` in 2021, ``SEZ2011`` in 2011.
    population, foreign : str
        Columns of all residents and of all foreigners.
    groups : mapping of name to column, optional
        Other groups that do not overlap, such as foreigners by continent; all other residents become "other".
    id : str, optional
        Column of the sections, if it is neither of the two.
    marks : mapping, optional
        What marks stand for: ``{"*": (1, 3)}``.
    """
    where = table.path.name
    section = table.find(id) if id else table.find(*IDS)
    everybody = table.find(population)
    if groups is not None and foreign != "ST1":
        raise ParameterError("foreign= and groups= are two ways to say who the groups are; give one.")
    columns = {"foreign": table.find(foreign)} if groups is None else {k: table.find(c) for k, c in groups.items()}
    if everybody in columns.values():
        raise ParameterError(f"{everybody!r} is the column of all residents; it cannot be a group too.")
    beside = [c for c in (table.find(name, optional=True) for name in ("PROCOM", "PRO_COM", "COMUNE")) if c]
    frame = table.load([section, everybody, *columns.values(), *[c for c in beside if c != section]])
    ids = _ids(frame[section], where).rename(section)
    meant, style = as_marks(marks or {}), Style()
    read = {
        name: read_cells(frame[column], marks=meant, style=style, where=where)
        for name, column in {**columns, "total": everybody}.items()
    }
    whole = read["total"]
    attributes = frame[beside].copy()
    if groups is not None:
        meanings = {name: f"column {column!r} of the file, as you named it" for name, column in groups.items()}
        return SourceFrame.of(ids, read, total="total", attributes=attributes, meanings=meanings)
    cells = {
        "italian": rest_of(whole, read["foreign"], (everybody, columns["foreign"]), ids, noun="section"),
        "foreign": read["foreign"],
    }
    return SourceFrame.of(
        ids,
        cells,
        attributes=attributes.assign(published_total=whole.value),
        rest="italian",
        notes=(f"all residents are {everybody}, foreigners {columns['foreign']}",),
    )


def _ids(column: pd.Series[Any], where: str) -> pd.Series[Any]:
    """Return the numbers of sections as text, and refuse those that a spreadsheet broke."""
    if pd.api.types.is_float_dtype(column.dtype) and column.notna().all() and (column % 1 == 0).all():
        column = column.astype("int64")
    text = column.astype("str").str.strip().reset_index(drop=True)
    wrong = ~text.str.fullmatch(r"[0-9]+").fillna(False).to_numpy(dtype=bool)
    if wrong.any():
        raise DataError(
            f"{plural(int(wrong.sum()), 'section')} of {len(text):,} in {where} without a whole number as its id "
            f"(first: {first_of(text[wrong])}). A spreadsheet may have written 1.0E+10; take the file as published."
        )
    return text
