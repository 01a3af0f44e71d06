"""Germany, Zensus 2011: people in grid cells of 100 m, one row for each cell, attribute and value."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from segregate._checks import check_choice
from segregate._disclosure import Cells, exactly, hidden
from segregate._text_numbers import Style, read_cells
from segregate.errors import DataError, first_of, plural

from ._cells import grid_cells
from ._layout import Opened, SourceFrame, layout
from ._totals import gap_note

__all__ = ["zensus_2011"]

WORLD = {"1": "german", "21": "eu27", "22": "other_europe", "23": "other_world", "24": "other_or_unknown"}
COUNTRIES = ("german", "bosnian", "greek", "italian", "kazakh", "croatian", "dutch", "austrian", "polish", "romanian")
ATTRIBUTES = {
    "citizenship": ("STAATSANGE_KURZ", {"1": "german", "2": "foreign"}),
    "citizenship_groups": ("STAATSANGE_GRP", WORLD),
    "citizenship_countries": (
        "STAATSANGE_HLND",
        {
            str(k): name
            for k, name in enumerate((*COUNTRIES, "russian", "turkish", "ukrainian", "other_countries"), start=1)
        },
    ),
    "birth": ("GEBURTLAND_GRP", WORLD),
    "religion": ("RELIGION_KURZ", {"1": "catholic", "2": "protestant", "3": "other_or_none"}),
}
SAYS = {
    "citizenship": "citizenship (which is not place of birth): ",
    "birth": "country of birth (which is not citizenship): ",
    "religion": "member of a religious body under public law: ",
}
NAMES = {name for _, codes in ATTRIBUTES.values() for name in codes.values()}


@layout(
    title="Zensus 2011, demography in grid cells of 100 m",
    publisher="Statistische Ämter des Bundes und der Länder (Destatis)",
    area="Germany",
    years="2011",
    units="grid cells of 100 m (EPSG:3035)",
    groups=dict.fromkeys(sorted(NAMES), "citizenship, country of birth or religion, as about= says"),
    licence="© Statistische Ämter des Bundes und der Länder, Zensus 2011; Datenlizenz Deutschland Namensnennung 2.0.",
    page="https://www.zensus2022.de/DE/Zensus-2011/_inhalt.html",
    certain="partly",
    columns=("Gitter_ID_100m", "Merkmal", "Auspraegung_Code", "Anzahl"),
    files=("Bevoelkerung100M*.csv",),
    latin=True,
    caveats=(
        "Single records were changed for confidentiality (SAFE): counts below 3 do not occur, cells add up to less "
        "than Germany, and the groups of a cell need not add up to its total.",
        "A group without a row in a cell is exactly zero or was changed to zero. It is taken as a suppressed count, "
        "because some people may be there; suppressed='low' counts it as 0.",
        "The codes of the groups are those of public code that reads these files; Anzahl_q grades how far a count was "
        "changed, and comes along for none.",
    ),
)
def zensus_2011(
    table: Opened, *, about: str = "citizenship_groups", empty: str = "suppressed", geometry: str = "polygons"
) -> SourceFrame:
    """Read one attribute of the long file ``Bevoelkerung100M.csv``.

    Parameters
    ----------
    table : Opened
        ``Gitter_ID_100m;Gitter_ID_100m_neu;Merkmal;Auspraegung_Code;Auspraegung_Text;Anzahl;Anzahl_q``.
    about : {"citizenship", "citizenship_groups", "citizenship_countries", "birth", "religion"}
        Which attribute.
    empty : {"suppressed", "zero"}
        What a group without a row is: a suppressed count, or the 0 that it may have been changed to (perturbed).
    geometry : {"polygons", "points", "none"}
        What the ids are made into.
    """
    check_choice("about", about, tuple(ATTRIBUTES))
    check_choice("empty", empty, ("suppressed", "zero"))
    check_choice("geometry", geometry, ("polygons", "points", "none"))
    attribute, codes = ATTRIBUTES[about]
    grid_id = table.find("Gitter_ID_100m_neu", "Gitter_ID_100m")
    what, code, count = (table.find(name) for name in ("Merkmal", "Auspraegung_Code", "Anzahl"))
    rows = table.load([grid_id, what, code, count])
    named = rows[what].astype("str").str.strip()
    wanted = rows.loc[(named == attribute).to_numpy()]
    totals = rows.loc[(named == "INSGESAMT").to_numpy()]
    if wanted.empty:
        raise DataError(
            f"{table.path.name} has no rows of {attribute}; it has {first_of(sorted(named.unique()), 12)}. "
            f"Choose another: about= one of {', '.join(map(repr, ATTRIBUTES))}."
        )
    of_row = wanted[code].astype("str").str.strip()
    strange = ~of_row.isin(codes)
    if strange.any():
        raise DataError(
            f"{plural(int(strange.sum()), 'row')} of {attribute} with codes that are not known "
            f"(first: {first_of(of_row[strange].unique())})."
        )
    ids = pd.Index(pd.concat([wanted[grid_id], totals[grid_id]]).astype("str").unique())
    absent = hidden() if empty == "suppressed" else exactly(0)
    cells = {
        name: _column(wanted.loc[(of_row == key).to_numpy()], grid_id, count, ids, table.path.name, absent)
        for key, name in codes.items()
    }
    whole = _column(totals, grid_id, count, ids, table.path.name, hidden())
    gap = gap_note(cells.values(), whole, than="INSGESAMT")
    says = next(text for key, text in SAYS.items() if about.startswith(key))
    notes = [f"the groups are {says.rstrip(': ')}", *([gap] if gap else [])]
    labels = pd.Series(ids, name="Gitter_ID_100m")
    grid = None if geometry == "none" else grid_cells(labels, epsg=3035)
    return SourceFrame.of(
        labels,
        {name: column.perturbed() for name, column in cells.items()},
        attributes=pd.DataFrame({"published_total": whole.value}),
        geometry=None if grid is None else grid.polygons() if geometry == "polygons" else grid.points(),
        meanings={name: says + name.replace("_", " ") for name in codes.values()},
        notes=tuple(notes),
    )


def _column(rows: pd.DataFrame, grid_id: str, count: str, ids: pd.Index, where: str, absent: Any) -> Cells:
    """Return the counts of one group in the order of the cells; where it has no row, `absent`."""
    read = read_cells(rows[count], marks={-1: hidden()}, style=Style(",", "."), where=where)
    at = ids.get_indexer(pd.Index(rows[grid_id].astype("str")))
    twice = pd.Index(at).duplicated()
    if twice.any():
        raise DataError(
            f"{plural(int(twice.sum()), 'cell')} with two rows of one group (first: {first_of(ids[at[twice]])})."
        )
    found = Cells.known(np.zeros(len(ids))).marked(np.ones(len(ids), dtype=bool), absent)
    value, kind, low, high = found.value.copy(), found.kind.copy(), found.low.copy(), found.high.copy()
    value[at], kind[at], low[at], high[at] = read.value, read.kind, read.low, read.high
    return Cells(value, kind, low, high)
