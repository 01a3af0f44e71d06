"""JRC Data for Integration: migrants in cells of 100 m, read by the columns that you name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from segregate._checks import check_choice
from segregate._disclosure import Cells, as_marks
from segregate._text_numbers import Style, read_cells
from segregate.errors import DataError, ParameterError, plural

from ._cells import grid_cells
from ._differences import check_decimal
from ._layout import Opened, SourceFrame, layout

__all__ = ["jrc_d4i"]

SAYS = {"birth": "country of birth (not citizenship)", "citizenship": "citizenship (not country of birth)"}


def _never(_: Opened) -> float:
    return 0.0


@layout(
    title="Data for Integration (D4I)",
    publisher="European Commission, Joint Research Centre (JRC)",
    area="Germany, France, Italy, Spain, Portugal, United Kingdom, Ireland, Netherlands",
    years="2011",
    units="cells of 100 m",
    groups={},
    licence="European Commission, JRC, Data for Integration. On request; reuse is restricted by the terms of use.",
    page="https://data.jrc.ec.europa.eu",
    certain="mapping",
    looks=_never,
    caveats=(
        "The names of the columns are not public: you say which is which, and the file is never recognised by itself.",
        "The numbers are disaggregated from larger areas: they are fractions of people and estimates, whose error is "
        "not in the file. They are not to be rounded, and segregation below the areas of the census is made up.",
        "Some countries are by country of birth and others by citizenship; do not compare them as if they were one.",
        "One file has one aggregation (country, continent, EU and third countries): groups of two overlap.",
    ),
)
def jrc_d4i(
    table: Opened,
    *,
    about: str = "",
    id: str = "",  # noqa: A002
    groups: Mapping[str, str] | None = None,
    total: str | None = None,
    cell_ids: bool = False,
    epsg: int | None = None,
    size: int | None = None,
    decimal: str = ".",
    marks: Mapping[Any, Any] | None = None,
) -> SourceFrame:
    """Read a file with one row per cell by a mapping.

    Parameters
    ----------
    table : Opened
        One country and one aggregation.
    about : {"birth", "citizenship"}
        What the groups are in this country.
    id : str
        Column of the cells.
    groups : mapping of name to column
        All groups, which must not overlap: ``{"germany": "...", "other_eu": "..."}``.
    total : str, optional
        Column of all people, if the groups are not everybody: the rest becomes "other".
    cell_ids : bool
        Whether the ids say where the cells are, as ``CRS3035RES100mN2689000E4337000`` does.
    epsg, size : int, optional
        Coordinate system and width of ids that do not say them.
    decimal : {".", ","}
        Decimal mark.
    marks : mapping, optional
        What marks stand for.
    """
    example = "source={'source': 'jrc_d4i', 'about': 'birth', 'id': '...', 'groups': {'name': 'column', ...}}"
    if not about or not id or not groups:
        missing = [key for key, value in (("about", about), ("id", id), ("groups", groups)) if not value]
        raise ParameterError(
            f"The columns of D4I are not public, so you name them; {', '.join(f'{key}=' for key in missing)} "
            f"{'is' if len(missing) == 1 else 'are'} missing: {example}."
        )
    check_choice("about", about, tuple(SAYS))
    check_choice("decimal", decimal, (".", ","))
    if not cell_ids and (epsg is not None or size is not None):
        raise ParameterError("epsg= and size= are about ids that say where cells are; add cell_ids=True.")
    where = table.path.name
    cell = table.find(id)
    columns = {name: table.find(column) for name, column in groups.items()}
    if len(set(columns.values())) < len(columns):
        raise ParameterError("groups= names a column twice, so its people would count twice.")
    whole = {} if total is None else {"total": table.find(total)}
    frame = table.load(list(dict.fromkeys([cell, *columns.values(), *whole.values()])))
    check_decimal(frame, [*columns.values(), *whole.values()], decimal, "jrc_d4i")
    ids = frame[cell].astype("str").str.strip().reset_index(drop=True).rename(cell)
    again = int(ids.duplicated().sum())
    if again:
        raise DataError(
            f"{plural(again, 'row')} of {len(ids):,} in {where} {'repeats' if again == 1 else 'repeat'} the id of "
            "another. A table with a row for each cell and country is made wide first (DataFrame.pivot)."
        )
    read: dict[str, Cells] = {
        name: read_cells(frame[c], marks=as_marks(marks or {}), style=Style(decimal, ""), where=where)
        for name, c in {**columns, **whole}.items()
    }
    note = f"the groups are {SAYS[about]}, in the columns that you named"
    grid = grid_cells(ids, epsg=epsg, size=size) if cell_ids else None
    shapes: Any = frame.geometry.reset_index(drop=True) if table.spatial else None
    return SourceFrame.of(
        ids,
        {name: column.imputed(np.ones(len(ids), dtype=bool)) for name, column in read.items()},
        total="total" if whole else None,
        geometry=shapes if grid is None else grid.polygons(),
        meanings={name: f"{SAYS[about]}: column {column!r} of the file" for name, column in columns.items()},
        notes=(note,),
    )
