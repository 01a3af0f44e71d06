"""From a file to a population."""

from __future__ import annotations

import os
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from segregate._progress import Progress
from segregate._provenance import Provenance, fingerprint, now
from segregate._text_numbers import Style, style_of
from segregate.errors import ParameterError, UnknownNameError, first_of, nearest
from segregate.population import Population

from ._asking import ask_for_groups
from ._files import Source, existing_file
from ._from_source import population_of, read_of_source
from ._joining import Names, joined_rows, load_rows, open_shapes, parse_box, parse_keys, parse_layers
from ._many import Paths, files_of, label_of, open_several
from ._numbers import numbers_apart
from ._opening import open_file
from ._watching import UNWATCHED, Watch, watching

__all__ = ["open_frame", "read"]


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
    decimal: str | None = None,
    thousands: str | None = None,
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
        GeoPackage (.gpkg), Shapefile (.shp), GeoJSON (.geojson, .json), FlatGeobuf (.fgb), GeoParquet and Parquet
        (.parquet, .geoparquet), delimited text in UTF-8 (.csv, .tsv, .txt, also as .csv.gz; the delimiter is found
        out), Excel (.xlsx), or a .zip of Shapefiles and delimited text. Text is read a part at a time.
        Several files are one table: where all have the columns that are named, their rows are stacked; where each has
        other ones, they are joined by `id`. A note says which; where neither is certain, an error asks.
    groups : list of column names
        Numbers of people of each group. Without it the file must have the layout of a public source
        (`segregate.sources`); otherwise the error lists the columns that may be groups.
    total, id, area, points, crs, missing, suppressed, excess, moe, marks, decimal, thousands
        As in `Population.from_frame`; in text and Excel the last two are those of all columns of numbers.
        With `join`, `id` is the key column unless given.
    source : str or mapping
        The public source whose layout the file has: "auto" looks at its columns and name where `groups` is not
        given; or a name of `segregate.sources`, with options where it has some:
        ``{"source": "nomis_ts021", "detail": "detailed"}``. Groups, ids, total, codes and geometry come from it,
        and its notes and caveats stand in the `notes` of the population. Several files (other areas of the same table)
        are put together where layout, groups, kind of areas and year are the same.
    layer : str or (str, str), optional
        Layer of a file that has several, sheet of a workbook, or table in a zip archive. With `join` it belongs to
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
    style = style_of(decimal, thousands)
    of_files: dict[str, Any] = {"layer": layer, "join": join_given, "on": on, "columns": columns, "bbox": bbox}
    margins = list(moe.values() if isinstance(moe, Mapping) else [] if moe is None or isinstance(moe, str) else moe)
    made = None
    with watching(progress, [*files, *([] if join_given is None else [join_given])]) as watch:
        if groups is None or source != "auto":
            given = {"groups": groups, "total": total, "id": id, "moe": moe, "marks": marks}
            given |= {"decimal": decimal, "thousands": thousands}
            made = read_of_source(files, source, given, where=where, watch=watch, **of_files)
        if made is None:
            needed = [*_needed(groups, total, id, area, points), *margins]
            frame, notes, key = open_frame(
                files, needed=needed, id=id, where=where, listing=groups is None, watch=watch, style=style, **of_files
            )
    if made is not None:
        settings: dict[str, Any] = {"points": points, "area": area, "crs": crs}
        settings |= {"missing": missing, "suppressed": suppressed, "excess": excess}
        return population_of(*made, **settings)
    if groups is None:
        raise ParameterError(ask_for_groups(label_of(files), frame))
    counted = {*groups, total} if marks is None and suppressed == "raise" and style is None else set()
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
        decimal=decimal,
        thousands=thousands,
    )
    read_from = [*files, *([] if join_given is None else [join_given])]
    about = Provenance(frame.attrs["segregate"]["source"], fingerprint(*read_from), now(), steps=tuple(notes))
    return replace(population, notes=(*notes, *population.notes), provenance=about)


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
    style: Style | None = None,
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
    style : Style, optional
        Decimal mark and thousands mark of numbers that are text.
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
    box = parse_box(bbox)
    keys = parse_keys(on)
    if join is None and keys is not None:
        raise ParameterError("on= names the key of a join; give the geometry file as well: join='...'.")
    own_layer, other_layer = parse_layers(layer, file, join)
    notes: list[str] = []

    def opener(one: Path) -> Source:
        own_box = None if join is not None else box
        return open_file(one, layer=own_layer, where=where, bbox=own_box, style=style, watch=watch)

    if len(files) == 1:
        table = opener(file)
    else:
        table, rule = open_several(files, opener, needed=needed, id=keys[0] if id is None and keys else id)
        notes.append(rule)
    shapes = None if join is None else open_shapes(join, other_layer, table)
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
    frame = load_rows(table, wanted, where=where, bbox=None if join is not None else box)
    source_name = label_of(files)
    if shapes is not None and keys is not None and not listing:
        frame, note = joined_rows(frame, load_rows(shapes, wanted), keys, (source_name, shapes.path.name), box)
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
