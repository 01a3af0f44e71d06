"""The Netherlands, CBS: squares of 100 m and 500 m, by origin and country of birth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from segregate._checks import check_choice

from ._cbs import ROUNDING, cbs_cells, counted, step_of, year_of
from ._cells import grid_cells
from ._layout import Opened, SourceFrame, layout
from ._totals import gap_note

__all__ = ["cbs_squares"]

WIDTHS = {"crs28992res100m": 100, "crs28992res500m": 500}
SHARES = {
    "dutch": ("percentage_geb_nederland_herkomst_nederland",),
    "europe_second": ("percentage_geb_nederland_herkomst_overig_europa",),
    "beyond_second": ("percentage_geb_nederland_herkomst_buiten_europa",),
    "europe_first": ("percentage_geb_buiten_nederland_herkomst_europa",),
    "beyond_first": (
        "percentage_geb_buiten_nederland_herkmst_buiten_europa",  # herkmst: as it is published
        "percentage_geb_buiten_nederland_herkomst_buiten_europa",
    ),
}


@layout(
    title="Squares of 100 m and 500 m (vierkantstatistieken)",
    publisher="Centraal Bureau voor de Statistiek (CBS)",
    area="Netherlands",
    years="from the change of definition in 2022",
    units="squares of 100 m, 500 m (EPSG:28992)",
    groups={
        "dutch": "born in the Netherlands, of Dutch origin",
        "europe_second": "born in the Netherlands, of origin in the rest of Europe",
        "beyond_second": "born in the Netherlands, of origin outside Europe",
        "europe_first": "born outside the Netherlands, of origin in Europe",
        "beyond_first": "born outside the Netherlands, of origin outside Europe",
    },
    licence="Source: CBS (Statistics Netherlands). CC BY 4.0.",
    page="https://www.cbs.nl/nl-nl/dossier/nederland-regionaal/geografische-data",
    certain="partly",
    columns=(tuple(WIDTHS), "aantal_inwoners", *SHARES.values()),
    files=("cbs_vk100*", "cbs_vk500*"),
    caveats=(
        "No counts by origin are published, only shares. The counts are shares times inhabitants; both are rounded, "
        "so each count is an interval.",
        "-99997 is taken as secret and -99995 as not available (yet): what each means is partly from memory; marks= "
        "says it if you know better.",
        "Inhabitants are rounded to multiples of 5. To what shares are rounded is not certain: it is taken from the "
        "shares themselves; step= says it.",
        "That the ids of squares of 500 m count in units of 100 m is from memory; a GeoPackage keeps its own squares.",
        "Older files have Western and non-Western migration background instead: other groups, not to be compared.",
    ),
)
def cbs_squares(
    table: Opened,
    *,
    denominator: str = "groups",
    step: float | None = None,
    marks: Mapping[Any, Any] | None = None,
    geometry: str = "polygons",
) -> SourceFrame:
    """Read squares by origin, as shares times inhabitants.

    Parameters
    ----------
    table : Opened
        ``cbs_vk100_2023_v1.gpkg``: ``crs28992res100m``, ``aantal_inwoners`` and five percentages, the last of which
        is published as ``percentage_geb_buiten_nederland_herkmst_buiten_europa``.
    denominator : {"groups", "total"}
        Who everybody is: the sum of the groups, or ``aantal_inwoners``, and then the rest of the shares is "other".
    step : float, optional
        Percentage to whose multiples the shares are rounded; by default the largest of 10, 5, 1, 0.1 and 0.01 that
        the shares allow, which makes the intervals as wide as they may have to be.
    marks : mapping, optional
        What marks stand for, if you know better: ``{-99997: (0, 4)}``.
    geometry : {"polygons", "points", "none"}
        Those of the file, or what the ids say where it has none.
    """
    check_choice("denominator", denominator, ("groups", "total"))
    check_choice("geometry", geometry, ("polygons", "points", "none"))
    where = table.path.name
    square, inhabitants = table.find(*WIDTHS), table.find("aantal_inwoners")
    columns = {name: table.find(*spelled) for name, spelled in SHARES.items()}
    frame = table.load([square, inhabitants, *columns.values()])
    ids = frame[square].astype("str").str.strip().reset_index(drop=True).rename(square)
    published = cbs_cells(frame[inhabitants], marks, where)
    people = published.rounded(ROUNDING)
    shares = {name: cbs_cells(frame[column], marks, where) for name, column in columns.items()}
    step = step_of(shares, step, where)
    cells = {name: counted(people, share, step) for name, share in shares.items()}
    gap = gap_note(cells.values(), people, what="the rounded shares", than=inhabitants)
    notes = [f"counts are shares (rounded to {step:g} %) times inhabitants (rounded to {ROUNDING})"]
    notes += [gap] if gap else []
    shapes: Any = None
    if geometry != "none" and table.spatial:
        shapes = frame.geometry.reset_index(drop=True)
        shapes = shapes if geometry == "polygons" else shapes.centroid
    elif geometry != "none":
        grid = grid_cells(ids, epsg=28992, size=WIDTHS[square.casefold()], unit=100)
        shapes = grid.polygons() if geometry == "polygons" else grid.points()
    whole = denominator == "total"
    return SourceFrame.of(
        ids,
        {**cells, "total": people} if whole else cells,
        total="total" if whole else None,
        excess="groups" if whole else "raise",
        attributes=None if whole else pd.DataFrame({"published_total": published.value}),
        geometry=shapes,
        alike={"year": year_of(where), "width of the squares": square},
        notes=tuple(notes),
    )
