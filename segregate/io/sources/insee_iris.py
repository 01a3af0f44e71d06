"""France, INSEE: residents of IRIS by nationality, or by immigration."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from segregate._checks import check_choice
from segregate._disclosure import Cells
from segregate._text_numbers import Style, read_cells
from segregate.errors import DataError, ParameterError, first_of, plural

from ._differences import check_decimal, rest_of
from ._layout import Opened, SourceFrame, layout
from ._totals import gap_note

__all__ = ["insee_iris"]

IRIS = r"[0-9][0-9AB][0-9]{7}"
MEANINGS = {
    "french": "French nationals, by birth or acquisition (citizenship, not place of birth)",
    "foreign": "foreign nationals (citizenship, not place of birth); some of them were born in France",
    "immigrant": "born abroad as foreigners, whatever their citizenship now",
    "not_immigrant": "all others: born in France, or born abroad as French nationals",
}


def _looks(table: Opened) -> float:
    if not table.find("IRIS", optional=True) or not table.matching(r"P\d\d_POP_(ETR|IMM)"):
        return 0.0
    return 1.0 if table.path.name.casefold().startswith("base-ic-evol-struct-pop") else 0.8


@layout(
    title="Population census, evolution and structure of the population, IRIS",
    publisher="INSEE",
    area="France",
    years="the year stands in the names of the columns: P21_POP",
    units="IRIS, and communes that are not divided into IRIS",
    groups=MEANINGS,
    licence="Source: Insee, Recensement de la population. Licence Ouverte / Open Licence.",
    page="https://www.insee.fr/fr/statistiques",
    certain="partly",
    looks=_looks,
    latin=True,
    caveats=(
        "Foreigners and immigrants overlap (an immigrant may have become French, a foreigner may be born in France): "
        "they are never groups of one population.",
        "The counts are weighted, so they have decimals; they are estimates, and how far they may be off is not in "
        "the file. They are not to be rounded before they are added up.",
        "The borders and codes of IRIS change from year to year; compare years over a table of the changes.",
        "The decimal mark and the encoding of older files are from memory; decimal= says another mark.",
    ),
)
def insee_iris(table: Opened, *, by: str = "nationality", year: int | None = None, decimal: str = ".") -> SourceFrame:
    """Read the residents of IRIS from ``base-ic-evol-struct-pop-2021.CSV`` or that of another year.

    Parameters
    ----------
    table : Opened
        Columns ``IRIS``, ``COM``, ``P21_POP`` and those of the groups.
    by : {"nationality", "immigration"}
        French and foreign nationals (``P21_POP_FR``, ``P21_POP_ETR``); or immigrants (``P21_POP_IMM``) and all
        others. The two overlap, so one is read.
    year : int, optional
        2021; needed where a file has columns of several years.
    decimal : {".", ","}
        Decimal mark of the file.
    """
    check_choice("by", by, ("nationality", "immigration"))
    check_choice("decimal", decimal, (".", ","))
    where = table.path.name
    prefix = _prefix(table, year)
    iris, whole = table.find("IRIS"), table.find(f"{prefix}_POP")
    wanted = {"french": "FR", "foreign": "ETR"} if by == "nationality" else {"immigrant": "IMM"}
    columns = {name: table.find(f"{prefix}_POP_{ending}") for name, ending in wanted.items()}
    beside = [name for name in (table.find(c, optional=True) for c in ("COM", "TYP_IRIS", "LAB_IRIS")) if name]
    frame = table.load([iris, whole, *columns.values(), *beside])
    notes: list[str] = [f"the groups are by {by}, in the columns of {prefix}"]
    ids, note = _codes(frame[iris], where)
    notes += [note] if note else []
    check_decimal(frame, [whole, *columns.values()], decimal, "insee_iris")
    style = Style(decimal, "")
    cells = {name: read_cells(frame[column], style=style, where=where) for name, column in columns.items()}
    people = read_cells(frame[whole], style=style, where=where)
    rest = "not_immigrant" if by == "immigration" else ""
    if rest:
        cells["not_immigrant"] = rest_of(people, cells["immigrant"], (whole, columns["immigrant"]), ids)
    gap = gap_note(cells.values(), people, than=whole)
    notes += [gap] if gap else []
    estimates: dict[str, Cells] = {name: column.imputed(np.ones(len(ids), bool)) for name, column in cells.items()}
    attributes = frame[beside].assign(published_total=people.value)
    return SourceFrame.of(ids, estimates, attributes=attributes, notes=tuple(notes), rest=rest, alike={"year": prefix})


def _prefix(table: Opened, year: int | None) -> str:
    """Return the prefix of the columns of a year, as P21."""
    found = sorted({name.strip()[:3].upper() for name in table.matching(r"P\d\d_POP")})
    if not found:
        table.find("P21_POP")  # says what the file has
    if year is None and len(found) == 1:
        return found[0]
    if year is None:
        raise ParameterError(
            f"{table.path.name} has the columns of {len(found)} years: {first_of(found, 10)}. Choose one: "
            "source={'source': 'insee_iris', 'year': 2021}."
        )
    asked = f"P{year % 100:02d}"
    if asked not in found:
        raise ParameterError(f"{table.path.name} has no columns of {year} ({asked}_POP); it has {first_of(found, 10)}.")
    return asked


def _codes(column: pd.Series[Any], where: str) -> tuple[pd.Series[Any], str | None]:
    """Return the codes of IRIS with 9 characters; a zero that a spreadsheet took is put back."""
    text = column.astype("str").str.strip().str.upper().reset_index(drop=True)
    short = text.str.fullmatch(r"[1-9][0-9]{7}").fillna(False).to_numpy(dtype=bool)
    text = text.where(~short, "0" + text).rename("IRIS")
    wrong = ~text.str.fullmatch(IRIS).fillna(False).to_numpy(dtype=bool)
    if wrong.any():
        raise DataError(
            f"{plural(int(wrong.sum()), 'code')} of {len(text):,} in the column IRIS of {where} "
            f"{'has' if wrong.sum() == 1 else 'have'} not the 9 characters of an IRIS (first: {first_of(text[wrong])})."
        )
    if not short.any():
        return text, None
    return text, f"{plural(int(short.sum()), 'code')} of IRIS had 8 digits: the leading zero was put back"
