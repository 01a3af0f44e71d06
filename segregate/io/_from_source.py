"""From the table of a public source to a population."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from segregate._door import population_fields
from segregate._provenance import Provenance
from segregate._typed import Typed, settled
from segregate.population import Population

from .sources import SourceFrame

__all__ = ["converted", "population_of"]


def population_of(
    made: SourceFrame,
    provenance: Provenance,
    *,
    suppressed: str,
    missing: str,
    excess: str,
    points: str | tuple[str, str],
    area: str | tuple[str, str] | None,
    crs: Any,
) -> Population:
    """Return the population of a source's table.

    Parameters
    ----------
    made : SourceFrame
        With its notes and caveats, which become those of the population.
    provenance : Provenance
        Its files; what the source says of itself is added.
    suppressed, missing, excess, points, area, crs
        As in `Population.from_frame`; excess, points and area replace those of the source.
    """
    frame = made.frame.copy(deep=False)
    frame.attrs["segregate"] = {"source": provenance.source}
    fields = population_fields(
        frame,
        list(made.groups),
        total=made.total,
        id=made.id,
        area=area if area is not None else made.area,
        points=made.points if points == "centroid" else points,
        crs=crs,
        missing=missing,
        excess=made.excess if excess == "raise" else excess,
        moe=dict(made.moe) or None,
        suppressed=suppressed,
        disclosed=made.cells,
    )
    population = Population(**fields)
    notes = (*made.notes, *population.notes, *(f"beware: {caveat}" for caveat in made.caveats))
    about = replace(
        provenance,
        licence=made.licence,
        caveats=made.caveats,
        meanings={name: made.meanings[name] for name in population.groups if name in made.meanings},
    )
    return replace(population, notes=tuple(dict.fromkeys(notes)), provenance=about)


def converted(made: SourceFrame, suppressed: str | None) -> tuple[pd.DataFrame, list[str]]:
    """Return the table of a source as a plain (Geo)DataFrame, to be written to a file.

    Parameters
    ----------
    made : SourceFrame
        As it was read.
    suppressed : str or None
        What happens to suppressed counts, as in `Population.from_frame`; None leaves them blank.

    Returns
    -------
    table : DataFrame or GeoDataFrame
        Columns of counts that are not known throughout are followed by their kind and interval: ``white``,
        ``white_kind``, ``white_low``, ``white_high``, the last two blank where there is no bound.
    notes : list of str
        What was decided.
    """
    frame = made.frame.copy()
    notes: list[str] = []
    cells = {name: made.typed(name) for name in made.columns}
    if suppressed is not None:
        whole = None if made.total is None else cells[made.total]
        typed = Typed(tuple(cells[name] for name in made.groups), whole, made.columns)
        typed, rows, notes = settled(typed, suppressed, pd.Index(frame[made.id]))
        frame = frame.iloc[rows]
        cells = dict(zip(made.columns, typed.all, strict=True))
        frame = frame.assign(**{name: column.value for name, column in cells.items()})
    kinds = made.words(cells)
    for name, column in cells.items():
        if column.plain:
            continue
        beside = {"kind": kinds[name], "low": column.low, "high": np.where(np.isinf(column.high), np.nan, column.high)}
        for place, (word, values) in enumerate(beside.items(), start=1):
            frame.insert(list(frame.columns).index(name) + place, f"{name}_{word}", values)
    return frame, notes
