"""Eurostat, population grid of the 2021 census round, cells of 1 km: versions 2 and 3."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import shapely

from segregate._checks import check_choice
from segregate._disclosure import MISSING, Cells, hidden
from segregate._text_numbers import Style, read_cells
from segregate.errors import DataError, ParameterError, first_of, plural

from ._cells import GridCells, grid_cells
from ._layout import Opened, SourceFrame, layout
from ._totals import gap_note

__all__ = ["eurostat_grid_2021"]

MARKS = {-9999: hidden(), -8888: MISSING}
BIRTH = {"native": "NAT", "other_eu": "EU_OTH", "elsewhere": "OTH"}
NAMES = BIRTH | {"total": "T"}
MEANINGS = {
    "native": "born in the reporting country (place of birth, not citizenship)",
    "other_eu": "born in another country of the EU (place of birth, not citizenship)",
    "elsewhere": "born outside the EU (place of birth, not citizenship)",
}
BESIDE = {"LAND_SURFACE": "land_km2", "POPULATED": "populated", "CNTR_ID": "country"}


@layout(
    title="Census grid 2021, 1 km",
    publisher="Eurostat (GISCO)",
    area="European Union, EFTA countries",
    years="2021",
    units="grid cells of 1 km (EPSG:3035)",
    groups=MEANINGS,
    licence="© European Union, Eurostat, census grid 2021; © EuroGeographics for the administrative boundaries.",
    page="https://ec.europa.eu/eurostat/web/gisco/geodata/population-distribution/geostat",
    certain="partly",
    columns=("GRD_ID", "T", "NAT", "EU_OTH", "OTH"),
    files=("ESTAT_Census_2021*", "Eurostat_Census-GRID_2021*"),
    caveats=(
        "The groups are places of birth, not citizenship: born in the reporting country, in another EU country, "
        "elsewhere.",
        "Many countries perturb the counts (cell key method, record swapping) by amounts that are not published: the "
        "groups need not add up to the total, and record swapping makes segregation look weaker.",
        "-9999 is taken as confidential and -8888 as not available; which of the two a country writes is not "
        "documented for certain.",
        "A theme that is 0 for all its groups in a cell with people is taken as not provided, as it is by Eurostat's "
        "own processing; EMP = 0 beside people of working age looks like that too.",
    ),
)
def eurostat_grid_2021(
    table: Opened,
    *,
    denominator: str = "groups",
    country: str | None = None,
    noise: float | None = None,
    geometry: str = "polygons",
) -> SourceFrame:
    """Read the grid by place of birth.

    Version 3 ends with ``CNTR_ID``, version 2 with ``CONFIDENTIALSTATUS``; a variant of version 2 has a column
    ``T_CI``, ``NAT_CI``, ... beside each count, which is -9999 where the count is confidential.

    Parameters
    ----------
    table : Opened
        ``ESTAT_Census_2021_V3.csv`` or ``.gpkg``, or version 2.
    denominator : {"groups", "total"}
        Who everybody is: the sum of the three groups, or ``T``, and then the people of no group become "other".
        The gap between the two is reported in either case.
    country : str, optional
        Only the cells of a country, by its code (Greece is EL); cells on a border belong to two or three. Version 3.
    noise : float, optional
        The most by which a count may be off, for those who know it; it gives every count an interval.
    geometry : {"polygons", "points", "none"}
        What the ids are made into; a GeoPackage keeps its own polygons.
    """
    check_choice("denominator", denominator, ("groups", "total"))
    check_choice("geometry", geometry, ("polygons", "points", "none"))
    flags = {name: table.find(f"{column}_CI", optional=True) for name, column in NAMES.items()}
    beside = {column: table.find(column, optional=True) for column in (*BESIDE, "CONFIDENTIALSTATUS")}
    grid_id = table.find("GRD_ID")
    columns = {name: table.find(column) for name, column in NAMES.items()}
    working = {column: table.find(column, optional=True) for column in ("EMP", "Y_1564")}
    wanted = {grid_id, *columns.values(), *flags.values(), *beside.values(), *working.values()} - {""}
    frame = table.load([name for name in table.names if name in wanted])
    notes: list[str | None] = []
    if country is not None:
        frame = _of_country(frame, beside["CNTR_ID"], country, table.path.name)
        notes.append(f"{plural(len(frame), 'cell')} of country {country}; those on its border belong to others too")
    ids = frame[grid_id].astype("str").rename("GRD_ID")
    where = table.path.name
    cells = {name: _counts(frame, column, flags[name], where) for name, column in columns.items()}
    theme = [cells[name] for name in BIRTH]
    empty = np.all([part.value == 0 for part in theme], axis=0) & (cells["total"].value > 0)
    if empty.any():
        people = cells["total"].value[empty].sum()
        found = f"{plural(int(empty.sum()), 'cell')} with {people:,.0f} people"
        notes.append(f"place of birth not provided (all groups 0) in {found}")
        cells |= {name: cells[name].marked(empty, MISSING) for name in BIRTH}
    notes.append(_employment(frame, working, where))
    notes.append(gap_note([cells[name] for name in BIRTH], cells["total"], what="the places of birth", than="T"))
    cells = {name: column.perturbed(noise) for name, column in cells.items()}
    attributes = pd.DataFrame({BESIDE.get(key, key): frame[name].array for key, name in beside.items() if name})
    if "land_km2" in attributes:
        attributes["land_km2"] = pd.to_numeric(attributes["land_km2"], errors="coerce")
    total = "total" if denominator == "total" else None
    if total is None:
        attributes["published_total"] = cells.pop("total").value
    shape = _geometry(frame, ids, geometry, table.spatial)
    return SourceFrame.of(
        ids.reset_index(drop=True),
        cells,
        total=total,
        attributes=attributes,
        geometry=shape,
        excess="groups" if total else "raise",
        notes=tuple(note for note in notes if note),
    )


def _counts(frame: pd.DataFrame, column: str, flag: str, where: str) -> Cells:
    """Read a column; where the column of flags beside it says so, the count is confidential."""
    cells = read_cells(frame[column], marks=MARKS, style=Style(".", ""), where=where)
    if flag:
        flags = pd.to_numeric(frame[flag], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        for code, mark in MARKS.items():
            cells = cells.marked(flags == code, mark)
    return cells


def _of_country(frame: pd.DataFrame, column: str, country: str, where: str) -> pd.DataFrame:
    if not column:
        raise ParameterError(f"country= needs the column CNTR_ID, which {where} does not have (version 3 does).")
    lists = frame[column].astype("str")
    rows = lists.str.contains(rf"(?:^|-){country}(?:-|$)", regex=True, na=False)
    if not country.isalpha() or not rows.any():
        known = sorted({code for codes in lists.dropna().unique() for code in codes.split("-")})
        hint = " Greece is EL." if country == "GR" else " The United Kingdom is UK." if country == "GB" else ""
        raise ParameterError(f"No cell of {where} is in country {country!r}.{hint} There are {first_of(known, 50)}.")
    return frame.loc[rows.to_numpy()]


def _employment(frame: pd.DataFrame, columns: dict[str, str], where: str) -> str | None:
    """Say where nobody works although there are people of working age: that looks like data not provided."""
    if not all(columns.values()):
        return None
    work, adults = (
        read_cells(frame[columns[name]], marks=MARKS, style=Style(".", ""), where=where).value
        for name in ("EMP", "Y_1564")
    )
    odd = (work == 0) & (adults >= 50)
    if not odd.any():
        return None
    return f"EMP is 0 in {plural(int(odd.sum()), 'cell')} with 50 or more people aged 15 to 64: not provided, it seems"


def _geometry(frame: pd.DataFrame, ids: pd.Series[Any], geometry: str, spatial: bool) -> Any:
    if geometry == "none":
        return None
    grid = grid_cells(ids, epsg=3035)
    if not spatial:
        return grid.polygons() if geometry == "polygons" else grid.points()
    shapes: Any = frame
    _check_corners(grid, ids, shapes.geometry)
    return shapes.geometry.reset_index(drop=True) if geometry == "polygons" else grid.points()


def _check_corners(grid: GridCells, ids: pd.Series[Any], shapes: Any) -> None:
    """Refuse shapes that lie elsewhere than their ids say."""
    if shapes.crs is None or shapes.crs.to_epsg() != grid.epsg:
        return
    corners = shapely.bounds(np.asarray(shapes))[:, :2]
    off = np.abs(corners - np.column_stack([grid.east, grid.north])).max(axis=1) > 1
    if off.any():
        raise DataError(
            f"{plural(int(off.sum()), 'cell')} of {len(off):,} lie elsewhere than GRD_ID says "
            f"(first: {first_of(ids[off])}); northing comes first in the id."
        )
