"""From the table of a public source to a population."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from segregate._door import population_fields
from segregate._provenance import Provenance, fingerprint, now
from segregate._typed import Rest, Typed, settled
from segregate.errors import ParameterError, UnknownNameError, nearest
from segregate.population import Population

from ._joining import Names, joined_rows, load_rows, open_shapes, parse_box, parse_keys, parse_layers
from ._many import label_of
from ._watching import Watch
from .sources import Opened, SourceFrame, choose, interpret, open_source, put_together, recognise

__all__ = ["converted", "population_of", "read_of_source"]


def read_of_source(
    files: Sequence[Path],
    source: str | Mapping[str, Any],
    given: Mapping[str, Any],
    *,
    layer: str | tuple[str | None, str | None] | None,
    join: Path | None,
    on: Names | None,
    columns: Sequence[str] | None,
    bbox: Sequence[float] | None,
    where: str | None,
    watch: Watch,
) -> tuple[SourceFrame, Provenance] | None:
    """Read files of a public source, and the geometry file joined to them; None where none is recognised.

    `given` are arguments that the source knows itself; the others are those of `segregate.read`.
    """
    box = parse_box(bbox)
    own_layer, other_layer = parse_layers(layer, files[0], join)
    own_box = None if join is not None else box
    opened = [open_source(file, layer=own_layer, where=where, bbox=own_box, watch=watch) for file in files]
    if source == "auto" and not _recognised(opened):
        return None
    label = label_of(files)
    chosen = [choose(one, source) for one in opened]
    known, options, how = chosen[0]
    names = {layout.name: one.path.name for one, (layout, _, _) in zip(opened, chosen, strict=True)}
    if len(names) > 1:
        listed = "; ".join(f"{name} ({file})" for name, file in names.items())
        raise ParameterError(f"The files are of {len(names)} sources: {listed}. Read those of each source alone.")
    said = [f"{name}=" for name, value in given.items() if value is not None]
    if said:
        raise ParameterError(
            f"{label} is read as {known.name}, which knows its groups, ids and codes: leave {' and '.join(said)} "
            "out (population.select takes some of the groups), or name the groups and leave source= out."
        )
    keys = parse_keys(on)
    if (join is None) != (keys is None):
        raise ParameterError(
            "join= and on= belong together: the file with geometry, and its column with the ids of the units."
        )
    parts = [interpret(one, *each) for one, each in zip(opened, chosen, strict=True)]
    made = parts[0] if len(parts) == 1 else put_together(parts, [one.path.name for one in opened])
    read, steps = list(files), [how]
    inside = [(one, file) for one, file in zip(opened, files, strict=True) if file in one.path.parents]
    steps += [f"{one.path.name} from {file.name}" for one, file in inside]
    if join is not None and keys is not None:
        shapes = open_shapes(join, other_layer, opened[0])
        ids = (made.id, keys[1])
        if keys[1] not in shapes.names:
            raise UnknownNameError(f"{join.name} has no column {keys[1]!r} (on=). {nearest(keys[1], shapes.names)}")
        joined, note = joined_rows(made.frame, load_rows(shapes, None), ids, (label, join.name), box)
        kept = made.frame.index.get_indexer(joined.index)
        cells = {name: column.take(kept) for name, column in made.cells.items()}
        made = replace(made, frame=joined, cells=cells, notes=(*made.notes, *([note] if note else [])))
        read.append(join)
        steps.append(f"joined to {join.name}")
    if columns is not None:
        made = made.with_attributes(columns)
    about = Provenance(
        f"{made.source} ({', '.join(one.name for one in read)})",
        fingerprint(*read),
        now(),
        layout=known.name,
        options=options,
        steps=tuple(steps),
    )
    return made, about


def _recognised(opened: Sequence[Opened]) -> bool:
    """Say whether files have the layout of a source; some that have and some that have not are a question."""
    found = [bool(recognise(one)) for one in opened]
    if any(found) and not all(found):
        odd, known = opened[found.index(False)], opened[found.index(True)]
        raise ParameterError(
            f"{known.path.name} has the layout of {recognise(known)[0].name}, and {odd.path.name} that of no source "
            "that is known. Leave it out, or name the groups, which all files must have: groups=[...]."
        )
    return all(found)


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
        rest=made.rest,
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
        published = frame["published_total"].to_numpy(np.float64) if "published_total" in frame else None
        rest = Rest(made.groups.index(made.rest), published) if made.rest and published is not None else None
        typed = Typed(tuple(cells[name] for name in made.groups), whole, made.columns, rest=rest)
        typed, rows, notes = settled(typed, suppressed, pd.Index(frame[made.id]), published)
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
