"""Rasters of people: one GeoTIFF for each group, read piece by piece."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from segregate._checks import check_choice, check_groups
from segregate._door import _parse_crs
from segregate._optional import require
from segregate._progress import Progress, progress_over
from segregate._provenance import Provenance, fingerprint, now
from segregate.errors import DataError, ParameterError, UnknownNameError, first_of, nearest, plural
from segregate.population import Population

from ._files import existing_file
from ._geotiff import Grid, common_grid, opened, ranges, windows_of
from ._grid_cells import cell_areas, cell_names

__all__ = ["Raster", "raster_frame", "read_raster"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
AREA = "cell_area"
CELLS = 4_000_000
"""So many values, of all groups together, are held at a time."""
SHOWN = 3
"""So many cells are named in a message."""


class Raster(NamedTuple):
    """Cells as a table for `Population.from_frame`.

    Attributes
    ----------
    frame : GeoDataFrame
        One row for each cell, with its name as index. Columns: the groups, ``cell_area`` in m2, and the geometry.
    groups : list of str
        Columns of people, in the order of the files.
    area : str
        Column of areas.
    notes : tuple of str
        What was left out, and how areas were taken.
    """

    frame: gpd.GeoDataFrame
    groups: list[str]
    area: str
    notes: tuple[str, ...]


@dataclass
class _Found:
    """Cells that are kept, and the numbers of those that are not."""

    rows: list[Ints] = field(default_factory=list)
    columns: list[Ints] = field(default_factory=list)
    values: list[Floats] = field(default_factory=list)
    no_data: int = 0
    empty: int = 0
    partly: int = 0
    partly_people: float = 0.0
    partly_cells: list[tuple[int, int]] = field(default_factory=list)
    negative: dict[str, int] = field(default_factory=dict)
    negative_values: dict[str, set[float]] = field(default_factory=dict)
    negative_cells: list[tuple[int, int]] = field(default_factory=list)


def read_raster(
    files: Mapping[str, str | os.PathLike[str]],
    *,
    band: int | Mapping[str, int] | None = None,
    bbox: Sequence[float] | None = None,
    crs: Any = None,
    nodata: float | None = None,
    missing: str = "raise",
    empty: str = "drop",
    shapes: str = "points",
    progress: Progress = None,
) -> Population:
    """Read a population from GeoTIFFs, one for each group, all on the same grid.

    Pieces of some million cells are read at a time, and only the cells with people are kept, so that memory depends
    on their number and not on the size of the raster.

    Parameters
    ----------
    files : mapping of group to path
        A GeoTIFF with the number of people of each group. All have the same size, cells and CRS.
    band : int or mapping of group to int, optional
        Which band of files that have several, counted from 1. One file may hold several groups.
    bbox : (west, south, east, north), optional
        Only cells whose centre lies in this box, in the CRS of the files.
    crs : optional
        Coordinate reference system of files that carry none.
    nodata : float, optional
        A value that stands for "no data" beside the one that the files declare (and NaN, which always does).
    missing : {"raise", "drop", "zero"}
        What happens to cells with data for some of the groups only: an error, they are left out, or "no data" is
        taken as nobody. Cells without data for any group are always left out.
    empty : {"drop", "keep"}
        Whether cells with data in which nobody lives are kept.
    shapes : {"points", "cells"}
        Geometry of the rows: the centres of the cells, or the cells as polygons, for maps, neighbours and
        `segregate.harmonise`; it needs more memory.
    progress : bool or callable, optional
        A bar on stderr, or a function called with (done, to do).

    Returns
    -------
    Population
        A unit for each cell with people: its centre, its area on the ellipsoid, and as id the name of the cell in a
        European grid (EPSG:3035) or its row and column.

    Raises
    ------
    MissingDependencyError
        Without rasterio: ``pip install "segregate[raster]"``.
    DataError
        For files that do not lie on one grid, are turned, or hold negative numbers; the message says which.

    Examples
    --------
    >>> import segregate as sg
    >>> city = sg.read_raster({"born here": "here.tif", "born elsewhere": "elsewhere.tif"})  # doctest: +SKIP
    """
    options: dict[str, Any] = {"band": band, "bbox": bbox, "crs": crs, "nodata": nodata, "missing": missing}
    raster = raster_frame(files, **options, empty=empty, shapes=shapes, progress=progress)
    population = Population.from_frame(raster.frame, raster.groups, area=raster.area)
    about = Provenance(
        raster.frame.attrs["segregate"]["source"],
        fingerprint(*dict.fromkeys(_paths(files).values())),
        now(),
        options=_told(options | {"empty": empty, "shapes": shapes}),
        steps=raster.notes,
    )
    return replace(population, notes=(*raster.notes, *population.notes), provenance=about)


def _told(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that were given, in words that JSON knows."""
    given = {name: value for name, value in options.items() if value is not None}
    if "crs" in given:
        given["crs"] = str(given["crs"])
    if "bbox" in given:
        given["bbox"] = [float(end) for end in given["bbox"]]
    if "band" in given:
        band = given["band"]
        given["band"] = {str(name): int(one) for name, one in band.items()} if isinstance(band, Mapping) else int(band)
    if "nodata" in given:
        given["nodata"] = float(given["nodata"])
    return given


def raster_frame(
    files: Mapping[str, str | os.PathLike[str]],
    *,
    band: int | Mapping[str, int] | None = None,
    bbox: Sequence[float] | None = None,
    crs: Any = None,
    nodata: float | None = None,
    missing: str = "raise",
    empty: str = "drop",
    shapes: str = "points",
    progress: Progress = None,
) -> Raster:
    """Read people by cell as a table for `Population.from_frame`; the parameters are those of `read_raster`.

    Returns
    -------
    Raster
        A frame, its groups, its column of areas, and notes. Cells come row by row. On a grid of EPSG:3035 whose lines
        are multiples of the cell size their names are those of INSPIRE, with the south-west corner:
        ``CRS3035RES1000mN2689000E4337000``; else ``r12c7``, counted from 0 at the top left of the file.

    Raises
    ------
    DataError
        For files that are missing, damaged or no GeoTIFF, on different grids, with negative values, or without people.
    GeometryError
        Without a CRS or without coordinates, and for grids that are rotated.
    ParameterError
        For bands that are not chosen, or not there.
    MissingDependencyError
        Without rasterio.
    """
    check_choice("missing", missing, ("raise", "drop", "zero"))
    check_choice("empty", empty, ("drop", "keep"))
    check_choice("shapes", shapes, ("points", "cells"))
    if nodata is not None and (isinstance(nodata, bool) or not isinstance(nodata, (int, float, np.number))):
        raise ParameterError(f"nodata={nodata!r} is the number that stands for 'no data', such as -200.")
    rasterio = require("rasterio", extra="raster")
    paths = _paths(files)
    bands = _bands(band, list(paths))
    given = _parse_crs(crs)
    grid = common_grid(rasterio, paths, bands, given)
    row_range, column_range = ranges(grid, bbox)
    found = _Found()
    windows = list(windows_of(grid, row_range, column_range, max(CELLS // len(paths), 1)))
    with progress_over(progress, len(windows), "reading cells") as done:
        for window in windows:
            stack, absent = _read(rasterio, paths, bands, window, nodata)
            _sift(found, list(paths), stack, absent, window, missing=missing, empty=empty)
            done()
    _refuse(found, grid, paths, missing)
    return _assembled(found, grid, paths, row_range, column_range, empty=empty, missing=missing, shapes=shapes)


def _paths(files: Any) -> dict[str, Path]:
    if not isinstance(files, Mapping):
        raise ParameterError(
            f"Rasters are a mapping of group to file, {{'born here': 'a.tif', ...}}, not {type(files).__name__}."
        )
    names = check_groups(list(files))
    if AREA in names or "geometry" in names:
        raise ParameterError(f"A group cannot be called {AREA!r} or 'geometry'; those are columns of the cells.")
    return {str(name): existing_file(files[name]) for name in files}


def _bands(band: Any, groups: list[str]) -> dict[str, int | None]:
    """Return the band of each group; None is the only one of its file."""
    if isinstance(band, Mapping):
        unknown = [name for name in band if name not in groups]
        if unknown:
            raise UnknownNameError(f"band= names {first_of(unknown)}, which is no group. {nearest(unknown[0], groups)}")
        chosen = {name: band.get(name) for name in groups}
    else:
        chosen = dict.fromkeys(groups, band)
    for value in chosen.values():
        if value is not None and (isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1):
            raise ParameterError(f"band={value!r} is no band; bands are counted from 1.")
    return {name: None if value is None else int(value) for name, value in chosen.items()}


def _read(
    rasterio: ModuleType, paths: dict[str, Path], bands: dict[str, int | None], window: Any, nodata: float | None
) -> tuple[Floats, Bools]:
    """Return the values in a window, (n_groups, rows, columns), and where there are none."""
    shape = (len(paths), window[0][1] - window[0][0], window[1][1] - window[1][0])
    stack, absent = np.empty(shape), np.empty(shape, dtype=bool)
    for m, (name, path) in enumerate(paths.items()):
        with opened(rasterio, path) as dataset:
            band = bands[name] or 1
            values = dataset.read(band, window=window, masked=True)
            scale, offset = dataset.scales[band - 1], dataset.offsets[band - 1]
        absent[m] = np.ma.getmaskarray(values) | np.isnan(values.data)
        if nodata is not None:
            kind = values.dtype if values.dtype.kind == "f" else np.float64
            with np.errstate(over="ignore"):
                absent[m] |= values.data == np.array(nodata).astype(kind)
        stack[m] = values.data
        if (scale, offset) != (1.0, 0.0):
            stack[m] = stack[m] * scale + offset
    stack[absent] = 0.0
    return stack, absent


def _sift(
    found: _Found, groups: list[str], stack: Floats, absent: Bools, window: Any, *, missing: str, empty: str
) -> None:
    """Keep the cells of a window that have people."""
    (top, _), (left, _) = window
    negative = stack < 0
    if negative.any():
        for m, name in enumerate(groups):
            if negative[m].any():
                found.negative[name] = found.negative.get(name, 0) + int(negative[m].sum())
                seen = found.negative_values.setdefault(name, set())
                seen.update(np.unique(stack[m][negative[m]])[: SHOWN + 1].tolist())
        _remember(found.negative_cells, negative.any(axis=0), top, left)
    nowhere, somewhere = absent.all(axis=0), absent.any(axis=0)
    partly = somewhere & ~nowhere
    peopled = (stack > 0).any(axis=0)
    found.no_data += int(nowhere.sum())
    kept = peopled if empty == "drop" else ~nowhere
    if partly.any():
        found.partly += int(partly.sum())
        found.partly_people += float(stack[:, partly].sum())
        _remember(found.partly_cells, partly, top, left)
        if missing != "zero":
            kept = kept & ~partly
    found.empty += int((~nowhere & ~peopled & (~partly if missing != "zero" else True)).sum())
    rows, columns = np.nonzero(kept)
    found.values.append(np.ascontiguousarray(stack[:, rows, columns].T))
    found.rows.append(rows + top)
    found.columns.append(columns + left)


def _remember(cells: list[tuple[int, int]], where: Any, top: int, left: int) -> None:
    """Keep the first few cells, to name them."""
    for row, column in np.argwhere(where)[: max(SHOWN + 1 - len(cells), 0)]:
        cells.append((int(row) + top, int(column) + left))


def _named(grid: Grid, cells: list[tuple[int, int]]) -> str:
    rows, columns = np.array(cells, dtype=np.int64).T
    return first_of(cell_names(grid.crs, grid.transform, rows, columns), SHOWN)


def _refuse(found: _Found, grid: Grid, paths: dict[str, Path], missing: str) -> None:
    """Refuse what cannot be people, and cells that are known in part."""
    if found.negative:
        listed = "; ".join(
            f"{plural(number, 'cell')} of {paths[name].name} ({name!r}), among them "
            f"{', '.join(f'{value:g}' for value in sorted(found.negative_values[name])[:SHOWN])}"
            for name, number in found.negative.items()
        )
        raise DataError(
            f"Negative numbers of people: {listed} (first cells: {_named(grid, found.negative_cells)}). If one number "
            "stands for 'no data', name it: nodata=... ; else the values are no numbers of people."
        )
    if found.partly and missing == "raise":
        raise DataError(
            f"{plural(found.partly, 'cell')} with data for some of the groups only (first: "
            f"{_named(grid, found.partly_cells)}; {found.partly_people:,.6g} people where there are data). No data "
            "is not nobody: missing='drop' leaves these cells out; missing='zero' takes 'no data' as nobody, if that "
            "is what the publisher means."
        )
    if not sum(map(len, found.rows)):
        raise DataError(
            f"No cell of {first_of([path.name for path in paths.values()])} has people: "
            f"{plural(found.empty, 'cell')} with nobody, {found.no_data:,} without data."
        )


def _assembled(
    found: _Found,
    grid: Grid,
    paths: dict[str, Path],
    row_range: tuple[int, int],
    column_range: tuple[int, int],
    *,
    empty: str,
    missing: str,
    shapes: str,
) -> Raster:
    """Return the cells as a table, row by row."""
    rows, columns = np.concatenate(found.rows), np.concatenate(found.columns)
    values = np.concatenate(found.values)
    order = np.lexsort((columns, rows))
    rows, columns, values = rows[order], columns[order], values[order]
    t = grid.transform
    x, y = t.c + t.a * columns, t.f + t.e * rows
    if shapes == "points":
        geometry = shapely.points(x + t.a / 2, y + t.e / 2)
    else:
        geometry = shapely.box(
            np.minimum(x, x + t.a), np.minimum(y, y + t.e), np.maximum(x, x + t.a), np.maximum(y, y + t.e)
        )
    areas, about = cell_areas(grid.crs, t, rows, columns)
    names = cell_names(grid.crs, t, rows, columns)
    table = {name: values[:, m] for m, name in enumerate(paths)} | {AREA: areas}
    frame = gpd.GeoDataFrame(pd.DataFrame(table, index=names), geometry=geometry, crs=grid.crs)
    files = list(dict.fromkeys(path.name for path in paths.values()))
    frame.attrs["segregate"] = {"source": ", ".join(files[:3]) + (", ..." if len(files) > 3 else "")}

    size = f"{row_range[1] - row_range[0]:,} x {column_range[1] - column_range[0]:,} cells (rows x columns)"
    nobody = f"{plural(found.empty, 'cell')} without people {'left out' if empty == 'drop' else 'kept'}"
    notes = [f"raster of {size}: {plural(found.no_data, 'cell')} without data left out, {nobody}"]
    if found.partly:
        done = {"drop": "left out", "zero": "counted there as nobody of the others"}[missing]
        many = f"{plural(found.partly, 'cell')} with data for some of the groups only"
        notes.append(f"{many}, with {found.partly_people:,.6g} people, {done}")
    return Raster(frame, list(paths), AREA, (*notes, *([about] if about else [])))
