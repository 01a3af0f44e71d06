"""The Netherlands, CBS: neighbourhoods, districts and municipalities by origin, or by migration background."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from segregate._checks import check_choice
from segregate.errors import DataError, ParameterError, first_of, plural

from ._cbs import ROUNDING, cbs_cells, counted, step_of, year_of
from ._layout import Opened, SourceFrame, layout
from ._totals import gap_note

__all__ = ["cbs_neighbourhoods"]

IDS = {"buurtcode": r"BU[0-9]{8}", "wijkcode": r"WK[0-9]{6}", "gemeentecode": r"GM[0-9]{4}"}
SHARES = {
    "origin": {
        "dutch_origin": r"percentage_met_herkomstland_nederland",
        "european_origin": r"percentage_met_herkomstland_uit_europa_ex\w*",
        "origin_beyond_europe": r"percentage_met_herkomstland_buiten_europa",
    },
    "background": {
        "western_background": r"perc[a-z]*_westerse_migratieachtergrond",
        "non_western_background": r"perc[a-z]*_niet_westerse_migratieachtergrond",
    },
}
MEANINGS = {
    "dutch_origin": "country of origin the Netherlands (definition from 2022 on)",
    "european_origin": "country of origin in Europe without the Netherlands (definition from 2022 on)",
    "origin_beyond_europe": "country of origin outside Europe (definition from 2022 on)",
    "western_background": "Western migration background (definition until 2021/22)",
    "non_western_background": "non-Western migration background (definition until 2021/22)",
}


def _columns(table: Opened, definition: str) -> dict[str, str]:
    """Return the columns of a definition, or nothing if one of them lacks."""
    found = {name: table.matching(pattern) for name, pattern in SHARES[definition].items()}
    return {name: names[0] for name, names in found.items()} if all(found.values()) else {}


def _looks(table: Opened) -> float:
    has = any(table.find(name, optional=True) for name in IDS) and table.find("aantal_inwoners", optional=True)
    return 0.8 if has and any(_columns(table, definition) for definition in SHARES) else 0.0


@layout(
    title="Districts and neighbourhoods (wijken en buurten)",
    publisher="Centraal Bureau voor de Statistiek (CBS), Kadaster",
    area="Netherlands",
    years="to 2021/22 by migration background, then by origin",
    units="neighbourhoods, districts, municipalities",
    groups=MEANINGS,
    licence="Source: CBS (Statistics Netherlands) and Kadaster. CC BY 4.0.",
    page="https://www.cbs.nl/nl-nl/dossier/nederland-regionaal/geografische-data",
    certain="partly",
    looks=_looks,
    caveats=(
        "The definition changed: Western and non-Western migration background until 2021/22, country of origin then. "
        "The groups of the two are other people; a series over the change shows the definition, not the city.",
        "Only shares are published. The counts are shares times inhabitants; each is an interval.",
        "-99997 is taken as secret, -99995 and -99999999 as not available: what each means is partly from memory. "
        "That inhabitants are rounded to multiples of 5 is from memory too; marks= and rounding= say it.",
        "Codes of neighbourhoods change with the borders of municipalities.",
    ),
)
def cbs_neighbourhoods(
    table: Opened,
    *,
    definition: str = "auto",
    level: str = "auto",
    step: float | None = None,
    rounding: float = ROUNDING,
    marks: Mapping[Any, Any] | None = None,
) -> SourceFrame:
    """Read neighbourhoods by origin, or in older files by migration background.

    By migration background, people who have none become "other".

    Parameters
    ----------
    table : Opened
        ``wijkenbuurten_2023_v1.gpkg`` (one layer) or a table of it.
    definition : {"auto", "origin", "background"}
        Which groups; needed where a file has both.
    level : {"auto", "buurtcode", "wijkcode", "gemeentecode"}
        The column of the ids; "auto" takes the first of them that the file has. Rows without such a code (those of
        other levels) are left out.
    step : float, optional
        As in `cbs_squares`.
    rounding : float
        Inhabitants are rounded to multiples of it.
    marks : mapping, optional
        What marks stand for, if you know better: ``{-99997: (0, 4)}``.
    """
    check_choice("definition", definition, ("auto", *SHARES))
    check_choice("level", level, ("auto", *IDS))
    where = table.path.name
    definition = _definition(table, definition)
    columns = _columns(table, definition)
    unit = table.find(*IDS) if level == "auto" else table.find(level)
    inhabitants = table.find("aantal_inwoners")
    water = table.find("water", optional=True)
    names = (*IDS, "buurtnaam", "wijknaam", "gemeentenaam")
    beside = [c for c in (table.find(name, optional=True) for name in names) if c and c != unit]
    frame = table.load([unit, inhabitants, *columns.values(), *([water] if water else []), *beside])
    frame, notes = _rows(frame, unit, water, where)
    ids = frame[unit].astype("str").str.strip()
    people = cbs_cells(frame[inhabitants], marks, where)
    published = people.value
    people = people.rounded(rounding)
    shares = {name: cbs_cells(frame[column], marks, where) for name, column in columns.items()}
    step = step_of(shares, step, where)
    cells = {name: counted(people, share, step) for name, share in shares.items()}
    notes.append(f"the groups are by {'country of origin' if definition == 'origin' else 'migration background'}")
    notes.append(f"counts are shares (rounded to {step:g} %) times inhabitants (rounded to {rounding:g})")
    old = definition == "background"
    gap = None if old else gap_note(cells.values(), people, what="the rounded shares", than=inhabitants)
    notes += [gap] if gap else []
    attributes = frame[beside] if old else frame[beside].assign(published_total=published)
    return SourceFrame.of(
        ids,
        {**cells, "total": people} if old else cells,
        total="total" if old else None,
        excess="groups" if old else "raise",
        attributes=pd.DataFrame(attributes),
        geometry=frame.geometry if table.spatial else None,
        alike={"year": year_of(where), "areas": unit},
        notes=tuple(notes),
    )


def _definition(table: Opened, asked: str) -> str:
    """Return which definition is read; a file with both is a question."""
    there = [definition for definition in SHARES if _columns(table, definition)]
    if asked == "auto" and len(there) == 1:
        return there[0]
    if asked == "auto" and there:
        raise ParameterError(
            f"{table.path.name} has columns of both definitions, which are other people. Choose one: "
            "source={'source': 'cbs_neighbourhoods', 'definition': 'origin'} or 'background'."
        )
    if asked not in there:
        what = "of a definition that is known" if asked == "auto" else f"by {asked}"
        raise DataError(f"{table.path.name} has no shares {what} (columns: {first_of(table.names, 8)}).")
    return asked


def _rows(frame: pd.DataFrame, unit: str, water: str, where: str) -> tuple[pd.DataFrame, list[str]]:
    """Return the rows of one level that are land, and what was left out."""
    notes = []
    text = frame[unit].astype("str").str.strip()
    coded = text.str.fullmatch(IDS[unit.casefold()]).fillna(False).to_numpy(dtype=bool)
    if not coded.any():
        raise DataError(
            f"No row of {where} has a {unit} such as {IDS[unit.casefold()][:2]}... (first: {first_of(text)}). "
            "level= chooses another column of codes."
        )
    if not coded.all():
        notes.append(f"{plural(int((~coded).sum()), 'row')} without a {unit} left out: they are other areas")
    sea = np.zeros(len(frame), dtype=bool)
    if water:
        sea = coded & (frame[water].astype("str").str.strip().str.upper() == "JA").fillna(False).to_numpy(dtype=bool)
        if sea.any():
            notes.append(f"{plural(int(sea.sum()), 'row')} of open water (water = JA) left out")
    return frame[coded & ~sea].reset_index(drop=True), notes
