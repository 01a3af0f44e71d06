"""United States, American Community Survey, table B03002: Hispanic or Latino origin by race, with margins of error."""

from __future__ import annotations

import pandas as pd

from ._layout import Opened, SourceFrame, layout
from ._several import lengths
from ._us_census import MEANINGS, counted, open_sheet, read_margins, tall_variables

__all__ = ["acs_b03002"]

GROUPS = {
    "white": "003",
    "black": "004",
    "native": "005",
    "asian": "006",
    "pacific": "007",
    "other_race": "008",
    "multiracial": "009",
    "hispanic": "012",
}
"""Columns of the table that do not overlap: 002 is the sum of 003 to 009, 009 of 010 and 011, 012 of 013 to 021."""
TOTAL = "001"
ESTIMATE = r"B03002_(\d{3})E?"
MARGIN = r"B03002_(\d{3})M"


def _looks(table: Opened) -> float:
    if table.matching(r"B03002_0(?:0[3-9]|12)E?"):
        return 1.0
    tall = tall_variables(table, "estimate")
    if not tall[0]:
        return 0.0
    variables = table.load([tall[0]])[tall[0]].astype("str")
    return 1.0 if variables.str.fullmatch(rf"\s*{ESTIMATE}\s*", case=False).fillna(False).any() else 0.0


@layout(
    title="American Community Survey, table B03002, Hispanic or Latino origin by race",
    publisher="United States Census Bureau",
    area="United States",
    years="from 2005 (estimates of one, three or five years)",
    units="block groups, tracts, counties and other areas",
    groups=MEANINGS,
    licence="U.S. Census Bureau, American Community Survey, table B03002 (public domain).",
    page="https://data.census.gov/table?q=B03002",
    certain="seen",
    looks=_looks,
    caveats=(
        "The counts are estimates from a sample; their margins of error are those of 90 % and are read with them.",
        "An estimate of five years is an average over these years, not a count of one day.",
        "What the columns are is checked against the second header row where there is one; elsewhere the numbers of "
        "the columns are taken from public code.",
    ),
)
def acs_b03002(table: Opened, *, level: str | int | None = None) -> SourceFrame:
    """Read table B03002 as it comes from the API, from data.census.gov or from tidycensus.

    Wide files have ``B03002_003E`` and ``B03002_003M`` (API, data.census.gov with a second header row, tidycensus
    wide); tidycensus long has ``GEOID,NAME,variable,estimate,moe``. The other columns of the table are sums of these or
    parts of them, and are never counted. A margin of -555555555 or ``*****`` is zero: the estimate is controlled.
    The other marks (-666666666, -222222222, ``**``, ...) stand where there is no number.

    Parameters
    ----------
    table : Opened
        A file with at least two of the groups and the total, or all groups.
    level : str, optional
        Only areas of a summary level ("140" tracts, "150" block groups, "050" counties), for files that hold several.
    """
    tall = tall_variables(table, "estimate")
    sheet = open_sheet(
        table,
        "B03002",
        ESTIMATE,
        {**GROUPS, "total": TOTAL},
        margin=MARGIN,
        tall=tall,
        tall_margin=table.find("moe", optional=True) if tall[0] else "",
        level=level,
    )
    found = counted(sheet, GROUPS, TOTAL, table.path.name)
    notes = [*sheet.notes, *found.notes]
    attributes = sheet.attributes()
    if found.published is not None and found.total is None:
        attributes["published_total"] = found.published.value
    codes = {name: GROUPS.get(name, TOTAL) for name in found.cells}
    columns = {name: sheet.margins[code] for name, code in codes.items() if code in sheet.margins}
    moe: dict[str, str] = {}
    lacking = [name for name in codes if name not in columns]
    if not columns:
        notes.append("there are no margins of error in the file, so the estimates count as exact")
    elif lacking:
        notes.append(f"margins of error are left out, because there is none for {', '.join(lacking)}")
    else:
        margins, said = read_margins(sheet.frame, columns, table.path.name)
        notes += said
        attributes = attributes.assign(**{f"{name}_moe": values for name, values in margins.items()})
        moe = {name: f"{name}_moe" for name in margins}
    return SourceFrame.of(
        sheet.ids,
        found.cells,
        total=found.total,
        attributes=pd.DataFrame(attributes),
        geometry=sheet.geometry,
        moe=moe,
        alike={"ids": lengths(sheet.ids)},
        notes=tuple(notes),
    )
