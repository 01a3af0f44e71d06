"""England and Wales, Census 2021, table TS021 (ethnic group): bulk files of Nomis."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from segregate._checks import check_choice
from segregate._text_numbers import Style, read_cells
from segregate.errors import DataError, first_of, plural

from ._layout import Opened, SourceFrame, layout
from ._totals import gap_note

__all__ = ["nomis_ts021"]

STEM = "Ethnic group: "
TOTAL = "Total: All usual residents"
BROAD = {
    "asian": "Asian, Asian British or Asian Welsh",
    "black": "Black, Black British, Black Welsh, Caribbean or African",
    "mixed": "Mixed or Multiple ethnic groups",
    "white": "White",
    "other": "Other ethnic group",
}
DETAILED = {
    "bangladeshi": ("asian", "Bangladeshi"),
    "chinese": ("asian", "Chinese"),
    "indian": ("asian", "Indian"),
    "pakistani": ("asian", "Pakistani"),
    "other_asian": ("asian", "Other Asian"),
    "african": ("black", "African"),
    "caribbean": ("black", "Caribbean"),
    "other_black": ("black", "Other Black"),
    "white_asian": ("mixed", "White and Asian"),
    "white_african": ("mixed", "White and Black African"),
    "white_caribbean": ("mixed", "White and Black Caribbean"),
    "other_mixed": ("mixed", "Other Mixed or Multiple ethnic groups"),
    "white_british": ("white", "English, Welsh, Scottish, Northern Irish or British"),
    "irish": ("white", "Irish"),
    "gypsy": ("white", "Gypsy or Irish Traveller"),
    "roma": ("white", "Roma"),
    "other_white": ("white", "Other White"),
    "arab": ("other", "Arab"),
    "any_other": ("other", "Any other ethnic group"),
}
AREAS = {"00": "output areas", "01": "LSOA", "02": "MSOA", "05": "wards", "10": "counties", "12": "regions"}
AREAS |= dict.fromkeys(("06", "07", "08", "09"), "local authorities")
"""Kinds of areas by the second and third character of their codes."""
MEANINGS = {name: f"ethnic group as people said it themselves: {text}" for name, text in BROAD.items()} | {
    name: f"ethnic group as people said it themselves: {BROAD[broad]}: {text}"
    for name, (broad, text) in DETAILED.items()
}


@layout(
    title="Census 2021, TS021 ethnic group",
    publisher="Office for National Statistics (Nomis)",
    area="England and Wales",
    years="2021",
    units="output areas, LSOA, MSOA, wards, local authorities and other areas",
    groups=MEANINGS,
    licence="Contains public sector information licensed under the Open Government Licence v3.0 (ONS, Nomis).",
    page="https://www.nomisweb.co.uk/sources/census_2021_bulk",
    certain="seen",
    columns=("geography code", (STEM + TOTAL, f"{STEM}{TOTAL}; measures: Value")),
    files=("census2021-ts021-*.csv",),
    caveats=(
        "Counts are perturbed (cell key method and record swapping) by amounts that are not published; small "
        "counts are off most, and a total need not be the sum of its groups.",
        "Scotland and Northern Ireland publish censuses of their own.",
    ),
)
def nomis_ts021(table: Opened, *, detail: str = "broad") -> SourceFrame:
    """Read a bulk file of TS021.

    The columns hold five broad groups and, between them, the nineteen detailed groups that they consist of: both
    together would count everybody twice.

    Parameters
    ----------
    table : Opened
        ``census2021-ts021-oa.csv`` or one of its siblings.
    detail : {"broad", "detailed"}
        Which of the two.
    """
    check_choice("detail", detail, ("broad", "detailed"))
    columns = {_plain(name): name for name in table.names}
    wanted = {name: BROAD[name] for name in BROAD}
    parts = {name: f"{BROAD[broad]}: {text}" for name, (broad, text) in DETAILED.items()}
    missing = [STEM + text for text in (*wanted.values(), *parts.values(), TOTAL) if STEM + text not in columns]
    if missing:
        raise DataError(
            f"{table.path.name} lacks {plural(len(missing), 'column')} of TS021: {first_of(missing)}. "
            "Take the bulk file as it is published, or name the columns: groups=[...]."
        )
    area = table.find("geography code")
    places = [name for name in (table.find("geography", optional=True), table.find("date", optional=True)) if name]
    frame = table.load([area, *places, *columns.values()])
    style = Style(".", "")
    read = {
        name: read_cells(frame[columns[STEM + text]], style=style, where=table.path.name).perturbed()
        for name, text in {**wanted, **parts, "total": TOTAL}.items()
    }
    chosen = wanted if detail == "broad" else parts
    other = "detailed" if detail == "broad" else "broad"
    notes: list[str | None] = [f"the {len(chosen)} {detail} groups are read; detail={other!r} gives the others"]
    for group in BROAD:
        inside = [read[name] for name, (broad, _) in DETAILED.items() if broad == group]
        notes.append(gap_note(inside, read[group], what=f"the detailed groups of {group}", than="the broad group"))
    notes.append(gap_note([read[name] for name in chosen], read["total"], than="the published total"))
    attributes = frame[places].assign(published_total=read["total"].value)
    return SourceFrame.of(
        frame[area].rename("geography_code"),
        {name: read[name] for name in chosen},
        attributes=attributes,
        alike={"areas": _areas(frame[area])},
        notes=tuple(note for note in notes if note),
    )


def _areas(codes: pd.Series[Any]) -> str:
    """Say what kind of areas codes such as E00000001 are of; other kinds are the same people again."""
    kinds = codes.astype("str").str.strip().str[1:3].dropna().unique()
    return ", ".join(sorted({AREAS.get(kind, f"areas of code {kind}") for kind in kinds}))


def _plain(name: str) -> str:
    """Return a header without the ending that some tables have."""
    return re.sub(r";\s*measures:\s*value$", "", " ".join(name.split()), flags=re.IGNORECASE)
