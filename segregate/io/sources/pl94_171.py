"""United States, decennial census, redistricting data (Public Law 94-171), table P2: Hispanic origin and race."""

from __future__ import annotations

import re

from segregate._disclosure import Cells
from segregate.errors import DataError, ParameterError, first_of

from ._layout import Opened, SourceFrame, layout
from ._several import lengths
from ._us_census import MEANINGS, counted, open_sheet, tall_variables

__all__ = ["pl94_171"]

GROUPS = {
    "white": "005",
    "black": "006",
    "native": "007",
    "asian": "008",
    "pacific": "009",
    "other_race": "010",
    "multiracial": "011",
    "hispanic": "002",
}
"""Columns of the table that do not overlap: 003 is the sum of 004 and 011, 004 that of 005 to 010."""
TOTAL = "001"
FORMS = {"P2": r"P2_(\d{3})N?", "P002": r"P002(\d{3})N?", "P0020": r"P0020(\d{3})"}
"""data.census.gov, API and tidycensus for 2020; for 2010; files of the table itself with names of columns."""
OWN = ("007", "008", "009", "010", "011")
"""Numbers that no other table P2 of the census has: that of the other summary files is urban and rural."""


def _form(names: list[str]) -> str:
    """Return the form in which columns, or variables, are of this table, or ""."""
    for key, pattern in FORMS.items():
        codes = {match[1] for name in names if (match := re.fullmatch(pattern, name.strip(), re.IGNORECASE))}
        if codes & {*OWN, "005", "006"} and (key == "P2" or codes & set(OWN)):
            return key
    return ""


def _variables(table: Opened) -> tuple[tuple[str, str], list[str]]:
    """Return the columns of variables and values of a long table, and the names of the numbers in any table."""
    tall = tall_variables(table, "value")
    if not tall[0]:
        return tall, list(table.names)
    return tall, [str(name) for name in table.load([tall[0]])[tall[0]].dropna().unique()]


def _looks(table: Opened) -> float:
    return 1.0 if _form(_variables(table)[1]) else 0.0


@layout(
    title="Decennial census, redistricting data (PL 94-171), table P2",
    publisher="United States Census Bureau",
    area="United States",
    years="2010, 2020",
    units="blocks, block groups, tracts, counties and other areas",
    groups=MEANINGS,
    licence="U.S. Census Bureau, decennial census, redistricting data (PL 94-171) (public domain).",
    page="https://data.census.gov/table/DECENNIALPL2020.P2",
    certain="partly",
    looks=_looks,
    caveats=(
        "The counts of 2020 carry noise (differential privacy) of a size that is not printed beside them; those of "
        "blocks are off most, and some blocks hold what cannot be. Do not take them as exact; add blocks up.",
        "What the columns are is checked against the second header row where there is one; elsewhere the numbers of "
        "the columns are taken from public code.",
    ),
)
def pl94_171(table: Opened, *, level: str | int | None = None, year: int | None = None) -> SourceFrame:
    """Read table P2 as it comes from data.census.gov, from the API or from tidycensus.

    2020 has ``P2_001N``, 2010 ``P002001``; files of the table itself have ``P0020001``. Table P2 of the other summary
    files (SF1 of 2010, DHC of 2020) is urban and rural under the same names; a file without the groups is refused.
    The files of the publisher without a header row (``ca000012020.pl``) are not read.

    Parameters
    ----------
    table : Opened
        A file with at least two of the groups and the total, or all groups.
    level : str, optional
        Only areas of a summary level ("100" blocks, "140" tracts, "050" counties), for files that hold several.
    year : {2010, 2020}, optional
        Year of the census, where the names of the columns do not say it. ``P0020001`` is taken for 2020.
    """
    if year not in (None, 2010, 2020):
        raise ParameterError(f"year={year!r} is no census of this layout; it is 2010 or 2020.")
    tall, names = _variables(table)
    form = _form(names)
    if not form:
        raise DataError(
            f"{table.path.name} has no groups of table P2 of PL 94-171 (columns: {first_of(names, 6)}). Table P2 of "
            "other files of the census (DHC, SF1) is urban and rural. Name its columns: groups=[...]."
        )
    sheet = open_sheet(table, "P2", FORMS[form], {**GROUPS, "total": TOTAL}, tall=tall, level=level)
    found = counted(sheet, GROUPS, TOTAL, table.path.name)
    when = year if year is not None else 2010 if form == "P002" else 2020
    cells: dict[str, Cells] = dict(found.cells)
    if when == 2020:
        cells = {name: column.perturbed() for name, column in cells.items()}
    notes = [*sheet.notes, *found.notes, f"census of {when}{', with noise' if when == 2020 else ''}"]
    attributes = sheet.attributes()
    if found.published is not None and found.total is None:
        attributes["published_total"] = found.published.value
    return SourceFrame.of(
        sheet.ids,
        cells,
        total=found.total,
        attributes=attributes,
        geometry=sheet.geometry,
        alike={"year": str(when), "ids": lengths(sheet.ids)},
        notes=tuple(notes),
    )
