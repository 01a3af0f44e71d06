"""Germany, Zensus 2022: people in grid cells of 100 m, 1 km and 10 km, by citizenship, birthplace or religion."""

from __future__ import annotations

import pandas as pd

from segregate._checks import check_choice
from segregate._disclosure import Cells, exactly, hidden
from segregate._text_numbers import Style, read_cells
from segregate.errors import DataError, ParameterError, first_of, plural

from ._cells import grid_cells
from ._layout import Opened, SourceFrame, layout
from ._totals import gap_note

__all__ = ["zensus_2022"]

IDS = ("GITTER_ID_100m", "GITTER_ID_1km", "GITTER_ID_10km")
TOTAL = "Insgesamt_Bevoelkerung"
ABROAD = "Ausland_Sonstige"
WORLD = {
    "german": "Deutschland",
    "eu27": "EU27_Land",
    "other_europe": "Sonstiges_Europa",
    "other_world": "Sonstige_Welt",
    "other_or_unknown": "Sonstige",
}
SHORT = {"german": "Deutschland", "foreign": ABROAD}
COUNTRIES = {
    "german": "Deutschland",
    "bosnian": "Bosn_u_Herzegowina",
    "greek": "Griechenland",
    "italian": "Italien",
    "kazakh": "Kasachstan",
    "croatian": "Kroatien",
    "dutch": "Niederlande",
    "austrian": "Oesterreich",
    "polish": "Polen",
    "romanian": "Rumaenien",
    "russian": "Russ_Foederation",
    "turkish": "Tuerkei",
    "ukrainian": "Ukraine",
    "other_countries": "Sonstige",
}
RELIGION = {
    "catholic": "Roemisch_katholisch",
    "protestant": "Evangelisch",
    "other_or_none": "Sonstige_keine_ohneAngabe",
}
LISTS = {"religion": RELIGION, "countries": COUNTRIES, "world": WORLD, "short": SHORT}
"""Groups by the columns of the file; the first list of which all columns are there is taken."""
SAYS = {
    "citizenship": "citizenship (which is not place of birth): ",
    "birth": "country of birth (which is not citizenship): ",
    "religion": "member of a religious body under public law: ",
}
DASHES = ("–", "-", "—")


@layout(
    title="Zensus 2022, results for grid cells",
    publisher="Statistische Ämter des Bundes und der Länder (Destatis)",
    area="Germany",
    years="2022",
    units="grid cells of 100 m, 1 km, 10 km (EPSG:3035)",
    groups={
        name: "citizenship, country of birth or religion, as the file says"
        for names in LISTS.values()
        for name in names
    },
    licence="© Statistische Ämter des Bundes und der Länder, Zensus 2022; Datenlizenz Deutschland Namensnennung 2.0.",
    page="https://www.zensus2022.de/DE/Ergebnisse-des-Zensus/_inhalt.html",
    certain="seen",
    columns=(IDS, TOTAL),
    files=("Zensus2022_*-Gitter.csv",),
    latin=True,
    caveats=(
        "Counts are perturbed (cell key method) by small amounts that are not published; the groups need not add up "
        "to the total.",
        "The dash (–) stands for exactly zero or changed to zero. It is taken as a suppressed count, because some "
        "people may be there; suppressed='low' counts it as 0, which is how the publisher prints it.",
        "Cells without inhabitants are not in the files.",
    ),
)
def zensus_2022(
    table: Opened,
    *,
    about: str = "auto",
    denominator: str = "groups",
    dash: str = "suppressed",
    geometry: str = "polygons",
) -> SourceFrame:
    """Read a file of counts that has ``Insgesamt_Bevoelkerung`` and the columns of its groups.

    ``Ausland_Sonstige`` is the sum of the columns after it: in a file that has them it is left out, or everybody
    but the Germans would count twice.

    Parameters
    ----------
    table : Opened
        One CSV of the archives, such as ``Zensus2022_Staatsangehoerigkeit_Gruppen_1km-Gitter.csv``.
    about : {"auto", "citizenship", "birth", "religion"}
        What the groups are. The files by citizenship and by country of birth have the same columns; "auto" goes by
        the name of the file.
    denominator : {"groups", "total"}
        Who everybody is: the sum of the groups, or the published total, and then the people of no group become
        "other".
    dash : {"suppressed", "zero"}
        What the dash is: a suppressed count, or the 0 that the publisher may have made of it (perturbed).
    geometry : {"polygons", "points", "none"}
        What the ids are made into.
    """
    check_choice("about", about, ("auto", *SAYS))
    check_choice("denominator", denominator, ("groups", "total"))
    check_choice("dash", dash, ("suppressed", "zero"))
    check_choice("geometry", geometry, ("polygons", "points", "none"))
    known = {key: {name: table.find(c, optional=True) for name, c in names.items()} for key, names in LISTS.items()}
    which = next((key for key, names in known.items() if _complete(key, names)), None)
    if which is None:
        raise DataError(
            f"{table.path.name} has {TOTAL} but no groups that are known ({first_of(table.names, 10)}). "
            "Name its columns: groups=[...], total='Insgesamt_Bevoelkerung'."
        )
    groups = {name: column for name, column in known[which].items() if column}
    about = _about(about, which, table.path.name)
    grid_id, total = table.find(*IDS), table.find(TOTAL)
    abroad = table.find(ABROAD, optional=True)
    extra = [name for name in table.names if name.startswith("werterlaeuternde_Zeichen")]
    frame = table.load([grid_id, total, *groups.values(), *([abroad] if abroad else []), *extra])
    mark = hidden() if dash == "suppressed" else exactly(0)
    read = {
        name: read_cells(frame[column], marks=dict.fromkeys(DASHES, mark), style=Style(",", "."), where=table.path.name)
        for name, column in {**groups, "total": total}.items()
    }
    notes = [f"the groups are {SAYS[about].rstrip(': ')}"]
    if abroad and which != "short":
        notes.append(f"{abroad} left out: it is the sum of groups that are read one by one")
    gap = gap_note([read[name] for name in groups], read["total"], than=TOTAL)
    dashes = int(sum((cells.of_kind("suppressed")).sum() for cells in read.values()))
    if dashes:
        notes.append(f"{plural(dashes, 'count')} printed as a dash: exactly zero or changed to zero")
    notes += [gap] if gap else []
    cells: dict[str, Cells] = {name: column.perturbed() for name, column in read.items()}
    attributes = frame[extra].copy()
    if denominator == "groups":
        attributes["published_total"] = cells.pop("total").value
    ids = frame[grid_id].astype("str")
    grid = None if geometry == "none" else grid_cells(ids, epsg=3035)
    return SourceFrame.of(
        ids,
        cells,
        total="total" if denominator == "total" else None,
        excess="groups" if denominator == "total" else "raise",
        attributes=pd.DataFrame(attributes),
        geometry=None if grid is None else grid.polygons() if geometry == "polygons" else grid.points(),
        meanings={name: SAYS[about] + column.replace("_", " ") for name, column in groups.items()},
        alike={"width of the cells": grid_id},
        notes=tuple(notes),
    )


def _complete(key: str, names: dict[str, str]) -> bool:
    """Say whether the columns of a list are there; a remainder and one that is printed only elsewhere may lack."""
    needed = [name for name in names if not (key == "countries" and name in ("german", "other_countries"))]
    needed = [name for name in needed if not (key == "world" and name == "other_or_unknown")]
    return all(names[name] for name in needed)


def _about(about: str, which: str, file: str) -> str:
    if about != "auto":
        return about
    if which == "religion":
        return "religion"
    folded = file.casefold()
    if "geburtsland" in folded:
        return "birth"
    if "staatsange" in folded or which in ("short", "countries"):
        return "citizenship"
    raise ParameterError(
        f"{file} does not say whether its groups are citizenships or countries of birth; both come with the same "
        "columns. Say which: source={'source': 'zensus_2022', 'about': 'citizenship'} or 'birth'."
    )
