"""France, INSEE Filosofi: poor and other households in squares of 200 m."""

from __future__ import annotations

import pandas as pd

from segregate._checks import check_choice
from segregate._text_numbers import Style, read_cells
from segregate.errors import DataError, first_of, plural

from ._cells import grid_cells
from ._differences import check_decimal, rest_of
from ._layout import Opened, SourceFrame, layout

__all__ = ["insee_filosofi"]


@layout(
    title="Filosofi, squares of 200 m",
    publisher="INSEE",
    area="France (metropolitan France, Martinique, Réunion)",
    years="2015, 2017 (capitalised columns), 2019 and later",
    units="squares of 200 m; the counts are households",
    groups={
        "poor": "households under the poverty line (men_pauv)",
        "not_poor": "all other households (men less men_pauv)",
    },
    licence="Source: Insee, dispositif Filosofi. Licence Ouverte / Open Licence.",
    page="https://www.insee.fr/fr/statistiques",
    certain="partly",
    columns=("idcar_200m", "i_est_200", "men", "men_pauv"),
    caveats=(
        "The groups are households, not people, and by income; Filosofi says nothing of origin.",
        "Squares with few households are imputed (i_est_200 = 1): what stands there is spread over a larger area, "
        "so it shows less segregation than there is.",
        "The counts have decimals, because of the imputation and the weights.",
        "Overseas departments are in other coordinate systems than EPSG:3035. The id says which; files of several are "
        "read one at a time.",
        "lcog_geo may hold the codes of several communes, one after the other, without a mark between them.",
        "What other values than 0 and 1 of i_est_200 would mean is not known; they are refused.",
    ),
)
def insee_filosofi(
    table: Opened, *, imputed: str = "keep", geometry: str = "polygons", decimal: str = "."
) -> SourceFrame:
    """Read households by poverty from ``carreaux_200m_met.csv`` or ``.gpkg``, whatever the case of its columns.

    Parameters
    ----------
    table : Opened
        Columns ``idcar_200m``, ``i_est_200``, ``men``, ``men_pauv``, ``ind``; in 2017 ``Idcar_200m``, ....
    imputed : {"keep", "drop"}
        Whether squares with ``i_est_200`` = 1 stay, as imputed counts.
    geometry : {"polygons", "points", "none"}
        What the ids are made into. Shapes of the file itself are not read.
    decimal : {".", ","}
        Decimal mark of the file.
    """
    check_choice("imputed", imputed, ("keep", "drop"))
    check_choice("geometry", geometry, ("polygons", "points", "none"))
    check_choice("decimal", decimal, (".", ","))
    where = table.path.name
    square, flag, men, poor = (table.find(name) for name in ("idcar_200m", "i_est_200", "men", "men_pauv"))
    beside = {key: table.find(key, optional=True) for key in ("lcog_geo", "idcar_1km", "idcar_nat")}
    beside = {key: name for key, name in beside.items() if name}
    ind = table.find("ind", optional=True)
    frame = pd.DataFrame(table.load([square, flag, men, poor, *beside.values(), *([ind] if ind else [])]))
    check_decimal(frame, [men, poor, *([ind] if ind else [])], decimal, "insee_filosofi")
    style = Style(decimal, "")
    flags = read_cells(frame[flag], style=style, where=where).value
    odd = ~((flags == 0) | (flags == 1))
    if odd.any():
        raise DataError(
            f"{flag} is neither 0 nor 1 in {plural(int(odd.sum()), 'square')} of {len(frame):,} of {where} "
            f"(first: {first_of(frame[flag][odd].astype('str'))}), so it is not known whether they are imputed."
        )
    guessed = flags == 1
    notes = [f"imputed by the publisher ({flag} = 1): {plural(int(guessed.sum()), 'square')} of {len(frame):,}"]
    if imputed == "drop":
        frame, guessed = frame[~guessed].reset_index(drop=True), guessed[~guessed]
        notes[0] += ", left out"
    ids = frame[square].astype("str").str.strip().rename("idcar_200m")
    all_men, poor_men = (read_cells(frame[c], style=style, where=where) for c in (men, poor))
    cells = {"poor": poor_men, "not_poor": rest_of(all_men, poor_men, (men, poor), ids, noun="square")}
    grid = None if geometry == "none" or ids.empty else grid_cells(ids, size=200)
    if grid is not None:
        notes.append(f"the squares are in {grid.crs}, as their ids say")
    attributes = frame[list(beside.values())].set_axis(list(beside), axis=1).assign(imputed=guessed)
    attributes["published_total"] = all_men.value
    if ind:
        attributes["people"] = read_cells(frame[ind], style=style, where=where).value
    return SourceFrame.of(
        ids,
        {name: column.imputed(guessed) for name, column in cells.items()},
        attributes=attributes,
        geometry=None if grid is None else grid.polygons() if geometry == "polygons" else grid.points(),
        rest="not_poor",
        notes=tuple(notes),
    )
