"""From a file to a population."""

from __future__ import annotations

import math
import os
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from segregate._progress import Progress
from segregate._provenance import Provenance, fingerprint, now
from segregate.errors import DataError, ParameterError, UnknownNameError, first_of, nearest, warn
from segregate.population import Population

from ._asking import ask_for_groups
from ._files import LAYERED, TABLES, Source, existing_file, format_of
from ._from_source import population_of
from ._join import attach
from ._many import Paths, files_of, label_of, open_several
from ._numbers import numbers_apart
from ._opening import SPATIAL, open_file
from ._watching import UNWATCHED, Watch, watching
from .sources import Opened, SourceFrame, choose, interpret, open_source, recognise

__all__ = ["open_frame", "read"]

Box = tuple[float, float, float, float]
Names = str | Sequence[str]


def read(
    path: Paths,
    *,
    groups: Sequence[str] | None = None,
    total: str | None = None,
    id: str | None = None,  # noqa: A002
    area: str | tuple[str, str] | None = None,
    points: str | tuple[str, str] = "centroid",
    crs: Any = None,
    missing: str = "raise",
    suppressed: str = "raise",
    excess: str = "raise",
    moe: Mapping[str, str] | Sequence[str] | None = None,
    marks: Mapping[Any, Any] | None = None,
    source: str | Mapping[str, Any] = "auto",
    layer: str | tuple[str | None, str | None] | None = None,
    join: str | os.PathLike[str] | None = None,
    on: Names | None = None,
    columns: Sequence[str] | None = None,
    bbox: Sequence[float] | None = None,
    where: str | None = None,
    progress: Progress = None,
) -> Population:
    """Read a population from a file, or from several.

    The file is opened as a table with one row per unit and goes through
    `Population.from_frame`, which says what is refused. Ids keep their leading zeros: in CSV,
    TSV and Excel a column becomes numbers only where every value is written as a number
    ("06067" is none, nor are more than 15 digits); blanks, NA, NaN, NULL and N/A in it are
    missing values.

    Parameters
    ----------
    path : path, list of paths, or pattern such as "data/2011_*.csv"
        GeoPackage (.gpkg), Shapefile (.shp, or .zip of it), GeoJSON (.geojson, .json),
        FlatGeobuf (.fgb), GeoParquet and Parquet (.parquet, .geoparquet), delimited text in
        UTF-8 (.csv, .tsv, .txt; the delimiter is found out) or Excel (.xlsx).
        Several files are one table: where all have the columns that are named, their rows are stacked; where each has
        other ones, they are joined by `id`. A note says which; where neither is certain, an error asks.
    groups : list of column names
        Numbers of people of each group. Without it the file must have the layout of a public source
        (`segregate.sources`); otherwise the error lists the columns that may be groups.
    total, id, area, points, crs, missing, suppressed, excess, moe, marks
        As in `Population.from_frame`. With `join`, `id` is the key column unless given.
    source : str or mapping
        The public source whose layout the file has: "auto" looks at its columns and name where `groups` is not
        given; or a name of `segregate.sources`, with options where it has some:
        ``{"source": "nomis_ts021", "detail": "detailed"}``. Groups, ids, total, codes and geometry come from it,
        and its notes and caveats stand in the `notes` of the population.
    layer : str or (str, str), optional
        Layer of a file that has several, or sheet of a workbook. With `join` it belongs to
        `path`, if that is of a format with layers, and else to `join`; a pair names both.
    join : path, optional
        A file with geometry (GeoPackage, Shapefile, GeoJSON, FlatGeobuf or GeoParquet) for the rows
        of a table without. Rows whose key it does not have go on without geometry, with a
        warning; its shapes that no row names are left out, with a note. Columns that only
        this file has come along; of a column that both have, the table's is kept.
    on : column name or (column of the table, column of the geometry file), optional
        The key of `join`. A number matches text of the same digits.
    columns : list of column names, optional
        Attributes to keep besides the columns named above, so that less is read; by default
        all.
    bbox : (west, south, east, north), optional
        Only units whose geometry touches this box, in the coordinates of the file; formats with
        geometry.
    where : str, optional
        Only rows that meet this condition, in SQL: ``"state = 'CA' AND year >= 2010"``. GeoPackage, Shapefile,
        GeoJSON and FlatGeobuf take what GDAL knows; the other formats comparisons with numbers and texts, IN,
        BETWEEN, LIKE, IS NULL, AND, OR, NOT and brackets.
    progress : bool or callable, optional
        True for a bar on stderr, or a function called with (hundredths read, 100).

    Returns
    -------
    Population
        Its `source` is the name of the file, or the publisher and title of a public source; `provenance` holds
        the file's hash, the date, licence and caveats.

    Raises
    ------
    DataError
        For files that are missing (also a FileNotFoundError), damaged, of another format or
        encoding, and for data that cannot be measured.
    ParameterError
        For options that the format does not have, and layers that are not chosen.
    UnknownNameError
        For columns and layers that are not there; the message names the nearest.

    Examples
    --------
    >>> import segregate as sg
    >>> pop = sg.read(sg.sample_path("sacramento"), groups=["white", "black", "asian", "hisp"], id="fips")
    >>> pop.n_units
    403
    """
    join_given = None if join is None else existing_file(join)
    files = files_of(path)
    if len(files) > 1 and source != "auto":
        raise ParameterError(f"source= reads one file at a time, not {len(files)}; read each alone.")
    of_files: dict[str, Any] = {"layer": layer, "join": join_given, "on": on, "columns": columns, "bbox": bbox}
    margins = list(moe.values() if isinstance(moe, Mapping) else [] if moe is None or isinstance(moe, str) else moe)
    made = None
    with watching(progress, [*files, *([] if join_given is None else [join_given])]) as watch:
        if len(files) == 1 and (groups is None or source != "auto"):
            given = {"groups": groups, "total": total, "id": id, "moe": moe, "marks": marks}
            made = _of_source(files[0], source, given, where=where, watch=watch, **of_files)
        if made is None:
            needed = [*_needed(groups, total, id, area, points), *margins]
            frame, notes, key = open_frame(
                files, needed=needed, id=id, where=where, listing=groups is None, watch=watch, **of_files
            )
    if made is not None:
        settings: dict[str, Any] = {"points": points, "area": area, "crs": crs}
        settings |= {"missing": missing, "suppressed": suppressed, "excess": excess}
        return population_of(*made, **settings)
    if groups is None:
        raise ParameterError(ask_for_groups(label_of(files), frame))
    counted = {*groups, total} if marks is None and suppressed == "raise" else set()
    for name in {*counted, *margins, area[0] if isinstance(area, tuple) else area} & {*frame.columns}:
        if isinstance(frame[name].dtype, pd.StringDtype):
            frame[name] = numbers_apart(frame[name])
    population = Population.from_frame(
        frame,
        groups,
        total=total,
        id=key if id is None else id,
        area=area,
        points=points,
        crs=crs,
        missing=missing,
        suppressed=suppressed,
        excess=excess,
        moe=moe,
        marks=marks,
    )
    read_from = [*files, *([] if join_given is None else [join_given])]
    about = Provenance(frame.attrs["segregate"]["source"], fingerprint(*read_from), now(), steps=tuple(notes))
    return replace(population, notes=(*notes, *population.notes), provenance=about)


def _of_source(
    path: str | os.PathLike[str],
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
    """Read a file of a public source, and the geometry file joined to it; None where none is recognised."""
    file = existing_file(path)
    box = _box(bbox)
    own_layer, other_layer = _layers(layer, file, join)
    opened = open_source(file, layer=own_layer, where=where, bbox=None if join is not None else box, watch=watch)
    if source == "auto" and not recognise(opened):
        return None
    known, options, how = choose(opened, source)
    said = [f"{name}=" for name, value in given.items() if value is not None]
    if said:
        raise ParameterError(
            f"{file.name} is read as {known.name}, which knows its groups, ids and codes: leave {' and '.join(said)} "
            "out (population.select takes some of the groups), or name the groups and leave source= out."
        )
    keys = _keys(on)
    if (join is None) != (keys is None):
        raise ParameterError(
            "join= and on= belong together: the file with geometry, and its column with the ids of the units."
        )
    made = interpret(opened, known, options, how)
    files, steps = [file], [how]
    if join is not None and keys is not None:
        shapes = _open_shapes(join, other_layer, opened)
        names = (made.id, keys[1])
        if keys[1] not in shapes.names:
            raise UnknownNameError(f"{join.name} has no column {keys[1]!r} (on=). {nearest(keys[1], shapes.names)}")
        joined, note = _joined(made.frame, _load(shapes, None), names, (file.name, join.name), box)
        kept = made.frame.index.get_indexer(joined.index)
        cells = {name: column.take(kept) for name, column in made.cells.items()}
        made = replace(made, frame=joined, cells=cells, notes=(*made.notes, *([note] if note else [])))
        files.append(join)
        steps.append(f"joined to {join.name}")
    if columns is not None:
        made = made.with_attributes(columns)
    about = Provenance(
        f"{made.source} ({', '.join(one.name for one in files)})",
        fingerprint(*files),
        now(),
        layout=known.name,
        options=options,
        steps=tuple(steps),
    )
    return made, about


def open_frame(
    path: Paths,
    *,
    needed: Sequence[str] = (),
    id: str | None = None,  # noqa: A002
    layer: str | tuple[str | None, str | None] | None = None,
    join: Path | None = None,
    on: Names | None = None,
    columns: Sequence[str] | None = None,
    bbox: Sequence[float] | None = None,
    where: str | None = None,
    listing: bool = False,
    watch: Watch = UNWATCHED,
) -> tuple[pd.DataFrame, list[str], str | None]:
    """Open a file, and the geometry file joined to it, as a frame.

    Parameters
    ----------
    path, id, layer, join, on, columns, bbox, where
        As in `read`.
    needed : list of str
        Columns that are read whatever `columns` says.
    listing : bool
        Only to list the columns: nothing is joined.
    watch : Watch
        Is told how much was read.

    Returns
    -------
    frame : DataFrame or GeoDataFrame
        With the names of the files in ``attrs["segregate"]["source"]``.
    notes : list of str
        What was left out.
    key : str or None
        The key column of the table, if there is a join.
    """
    files = files_of(path)
    file = files[0]
    box = _box(bbox)
    keys = _keys(on)
    if join is None and keys is not None:
        raise ParameterError("on= names the key of a join; give the geometry file as well: join='...'.")
    own_layer, other_layer = _layers(layer, file, join)
    notes: list[str] = []

    def opener(one: Path) -> Source:
        return open_file(one, layer=own_layer, where=where, bbox=None if join is not None else box, watch=watch)

    if len(files) == 1:
        table = opener(file)
    else:
        table, rule = open_several(files, opener, needed=needed, id=keys[0] if id is None and keys else id)
        notes.append(rule)
    shapes = None if join is None else _open_shapes(join, other_layer, table)
    if join is not None and keys is None:
        raise ParameterError(_ask_for_key(table, shapes))
    _check_columns(columns, table, shapes)
    if keys is not None and shapes is not None:
        for name, source in zip(keys, (table, shapes), strict=True):
            if name not in source.names:
                raise UnknownNameError(
                    f"{source.path.name} has no column {name!r} (on=). {nearest(name, source.names)}"
                )

    known = {*table.names, *(shapes.names if shapes else ())}
    named = {*needed, *(columns or ()), *(keys or ())}
    wanted: set[str] | None = named
    if columns is None or listing or not known.issuperset(needed):
        numbered = named & {table.number, shapes.number if shapes else None}
        wanted = known if numbered else None
    frame = _load(table, wanted, where=where, bbox=None if join is not None else box)
    source_name = label_of(files)
    if shapes is not None and keys is not None and not listing:
        frame, note = _joined(frame, _load(shapes, wanted), keys, (source_name, shapes.path.name), box)
        notes.extend([note] if note else [])
        source_name = f"{source_name}, {shapes.path.name}"
    frame.attrs["segregate"] = {"source": source_name}
    return frame, notes, None if keys is None else keys[0]


def _ask_for_key(table: Source, shapes: Source | None) -> str:
    names = () if shapes is None else shapes.names
    common = [name for name in table.names if name in names]
    if common:
        return f"join= needs on=, the column with the ids in both files; both have {first_of(common, 10)}."
    return (
        f"join= needs on=, a pair of columns with the same ids: one of {table.path.name} "
        f"({first_of(table.names, 10)}) and one of the geometry file ({first_of(names, 10)})."
    )


def _needed(
    groups: Sequence[Hashable] | None,
    total: str | None,
    id: str | None,  # noqa: A002
    area: str | tuple[str, str] | None,
    points: str | tuple[str, str],
) -> list[str]:
    """Return the columns that the arguments name."""
    names: list[Any] = [groups] if isinstance(groups, str) else list(groups or ())
    names += [total, id, area[0] if isinstance(area, tuple) else area]
    names += list(points) if isinstance(points, tuple) else [points] if points not in ("centroid", "inside") else []
    return [name for name in names if name is not None]


def _open_shapes(file: Path, layer: str | None, table: Source | Opened) -> Source:
    """Open the geometry file of a join."""
    if table.spatial:
        raise ParameterError(
            f"{table.path.name} has geometry of its own, so there is nothing to join: leave join= and on= "
            "out. Where it is the geometry and the other file the table, change places: "
            "sg.read('table.csv', join='shapes.gpkg', on=...)."
        )
    source = None if format_of(file) in TABLES else open_file(file, layer=layer, where=None, bbox=None)
    if source is None or not source.spatial:
        raise ParameterError(
            f"join= takes a file with geometry ({SPATIAL}), and {file.name} has none. "
            "To join tables use pandas.merge and Population.from_frame."
        )
    return source


def _load(
    source: Source, wanted: set[str] | None, *, where: str | None = None, bbox: Box | None = None
) -> pd.DataFrame:
    """Read the wanted columns of a file; no rows are an error."""
    frame = source.load(None if wanted is None else [name for name in source.names if name in wanted])
    if len(frame) == 0:
        conditions = [f"{name}={value!r}" for name, value in (("where", where), ("bbox", bbox)) if value is not None]
        if conditions:
            raise DataError(f"No row of {source.path.name} is left with {' and '.join(conditions)}.")
        raise DataError(f"{source.path.name} has columns but no rows, so there is nobody to measure.")
    return frame


def _joined(
    frame: pd.DataFrame, shapes: pd.DataFrame, keys: tuple[str, str], files: tuple[str, str], bbox: Box | None
) -> tuple[gpd.GeoDataFrame, str | None]:
    """Join, and keep what touches the box."""
    joined, warning, note = attach(frame, gpd.GeoDataFrame(shapes), keys, files)
    if warning:
        fate = (
            "Their people count, but nothing that needs space can be computed for them."
            if bbox is None
            else "They are left out, because bbox= asks where they are."
        )
        warn(f"{warning} {fate}")
    if bbox is not None:
        joined = joined.loc[joined.geometry.intersects(shapely.box(*bbox))]
        if len(joined) == 0:
            raise DataError(f"No row of {files[0]} is left with bbox={bbox!r}.")
    return joined, note


def _check_columns(columns: Sequence[str] | None, table: Source, shapes: Source | None) -> None:
    """Refuse attributes that neither file has."""
    if columns is None:
        return
    if isinstance(columns, str):
        raise ParameterError(f"columns= takes a list of column names: columns=[{columns!r}].")
    known = (*table.names, *(shapes.names if shapes else ()))
    unknown = [name for name in columns if name not in known]
    if unknown:
        where = table.path.name + (f" and {shapes.path.name}" if shapes else "")
        raise UnknownNameError(f"There is no column {unknown[0]!r} (columns=) in {where}. {nearest(unknown[0], known)}")


def _keys(on: Names | None) -> tuple[str, str] | None:
    """Return the key of the table and of the geometry file."""
    if on is None:
        return None
    if isinstance(on, str):
        return on, on
    if len(on) != 2 or not all(isinstance(name, str) for name in on):
        raise ParameterError(
            f"on= takes a column name, or a pair (column of the table, column of the geometry file), not {on!r}."
        )
    return on[0], on[1]


def _layers(
    layer: str | tuple[str | None, str | None] | None, file: Path, join: Path | None
) -> tuple[str | None, str | None]:
    """Say which layer belongs to which file."""
    if isinstance(layer, tuple):
        if len(layer) != 2 or join is None:
            raise ParameterError(f"layer={layer!r}: a pair of layers is for a table and the geometry file of join=.")
        return layer
    if join is not None and file.suffix.casefold() not in LAYERED:
        return None, layer
    return layer, None


def _box(bbox: Sequence[float] | None) -> Box | None:
    """Check the box."""
    if bbox is None:
        return None
    try:
        west, south, east, north = (float(value) for value in bbox)
    except (TypeError, ValueError):
        raise ParameterError(f"bbox= takes four numbers (west, south, east, north), not {bbox!r}.") from None
    if not all(map(math.isfinite, (west, south, east, north))) or west > east or south > north:
        raise ParameterError(
            f"bbox={tuple(bbox)!r} is no box: it takes (west, south, east, north), "
            "with west <= east and south <= north."
        )
    return west, south, east, north
