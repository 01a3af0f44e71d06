"""Units of a table that is larger than memory, sorted into square tiles on disk."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.parquet as pq
import pyproj
import shapely

from .._crs import metric_crs
from ..errors import DataError, GeometryError, ParameterError
from ..population import Population
from ._plan import OF_TILES, Data

__all__ = ["Store", "partition"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
ROWS = 1 << 18
"""Units that are read, checked and sorted at a time."""
ABOUT, COUNTS, POINTS, RANGES = "about.json", "counts.f64", "points.f64", "ranges.npy"


@dataclass(frozen=True)
class Store:
    """Counts and points of units, tile after tile.

    Attributes
    ----------
    folder : Path
        Where they lie.
    units : int
        How many.
    groups : tuple of str
        Names of the groups.
    sizes : tuple of float
        People of each group.
    columns : int
        Tiles from west to east.
    crs : str
        Plane CRS of the points, which are in metres.
    notes : tuple of str
        What was decided while the table was read.
    """

    folder: Path
    units: int
    groups: tuple[str, ...]
    sizes: tuple[float, ...]
    columns: int
    crs: str
    notes: tuple[str, ...]

    @classmethod
    def at(cls, folder: Path) -> Store:
        """Open a store that is finished."""
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        for name in ("groups", "sizes", "notes"):
            about[name] = tuple(about[name])
        return cls(folder, **about)

    @property
    def ranges(self) -> Ints:
        """Number, first and last row of each tile with units, (tiles, 3)."""
        found: Ints = np.load(self.folder / RANGES)
        return found

    def rows(self, first: int, last: int) -> tuple[Floats, Floats]:
        """Return counts and points of some rows."""
        many = len(self.groups)
        counts = np.fromfile(self.folder / COUNTS, count=(last - first) * many, offset=first * many * 8)
        points = np.fromfile(self.folder / POINTS, count=(last - first) * 2, offset=first * 16)
        return counts.reshape(-1, many), points.reshape(-1, 2)

    def around(self, tile: int) -> list[int]:
        """Return the numbers of a tile and of the eight around it, the tile first."""
        row, column = divmod(tile, self.columns)
        beside = [
            r * self.columns + c
            for r in range(row - 1, row + 2)
            for c in range(max(column - 1, 0), min(column + 2, self.columns))
            if r >= 0 and (r, c) != (row, column)
        ]
        return [tile, *beside]


def partition(data: Data, path: Path, folder: Path, side: float) -> Store:
    """Sort the units of a Parquet file into tiles, some at a time; a store that is there already is taken.

    Parameters
    ----------
    data : Data
        How it is read.
    path : Path
        Parquet with columns of coordinates, or GeoParquet.
    folder : Path
        Where the tiles go.
    side : float
        Of a tile, in metres.
    """
    if (folder / ABOUT).exists():
        return Store.at(folder)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    source = _Source(data, path)
    target, factor = source.plane()
    raw_counts, raw_points = folder / "raw_counts", folder / "raw_points"
    notes: list[str] = []
    sizes: list[Floats] = []
    low, high = np.full(2, np.inf), np.full(2, -np.inf)
    units = 0
    groups: tuple[str, ...] = ()
    with raw_counts.open("wb") as to_counts, raw_points.open("wb") as to_points:
        for frame in source.frames():
            pop = source.population(frame)
            points = _plane_points(pop, target) * factor
            np.ascontiguousarray(pop.counts).tofile(to_counts)
            points.tofile(to_points)
            units += pop.n_units
            groups = pop.groups
            sizes.append(pop.counts.sum(axis=0))
            low, high = np.minimum(low, points.min(axis=0)), np.maximum(high, points.max(axis=0))
            notes += pop.notes
    columns = int((high[0] - low[0]) // side) + 1
    rows = int((high[1] - low[1]) // side) + 1
    if columns * rows > units + 10**6:
        raise ParameterError(
            f"tiles = {side:g} m would make {columns * rows:,} tiles of {path.name}; take larger ones."
        )
    _sort(folder, raw_counts, raw_points, units, len(groups), low, side, columns, rows)
    raw_counts.unlink()
    raw_points.unlink()
    about = {
        "units": units,
        "groups": groups,
        "sizes": np.sum(sizes, axis=0).tolist(),
        "columns": columns,
        "crs": "in metres" if target is None else str(target.to_string())[:200],
        "notes": list(dict.fromkeys(notes)),
    }
    (folder / f"{ABOUT}.tmp").write_text(json.dumps(about), encoding="utf-8")
    (folder / f"{ABOUT}.tmp").replace(folder / ABOUT)
    return Store.at(folder)


def _sort(
    folder: Path,
    raw_counts: Path,
    raw_points: Path,
    units: int,
    groups: int,
    low: Floats,
    side: float,
    columns: int,
    rows: int,
) -> None:
    """Put rows into the order of tiles, and within a tile into that of the file."""
    many = np.zeros(columns * rows, dtype=np.int64)
    pieces = [(first, min(first + ROWS, units)) for first in range(0, units, ROWS)]

    def tiles(first: int, last: int) -> tuple[Floats, Ints]:
        points = np.fromfile(raw_points, count=(last - first) * 2, offset=first * 16).reshape(-1, 2)
        at = np.floor((points - low) / side).astype(np.int64)
        return points, at[:, 1] * columns + at[:, 0]

    for piece in pieces:
        many += np.bincount(tiles(*piece)[1], minlength=len(many))
    begins = np.concatenate([[0], np.cumsum(many)])
    free = begins[:-1].copy()
    counts = np.memmap(folder / COUNTS, dtype=np.float64, mode="w+", shape=(units, groups))
    places = np.memmap(folder / POINTS, dtype=np.float64, mode="w+", shape=(units, 2))
    for first, last in pieces:
        points, tile = tiles(first, last)
        people = np.fromfile(raw_counts, count=(last - first) * groups, offset=first * groups * 8)
        order = np.argsort(tile, kind="stable")
        named, begin, number = np.unique(tile[order], return_index=True, return_counts=True)
        target = np.repeat(free[named] - begin, number) + np.arange(len(order))
        counts[target] = people.reshape(-1, groups)[order]
        places[target] = points[order]
        free[named] += number
    counts.flush()
    places.flush()
    there = np.flatnonzero(many)
    np.save(folder / RANGES, np.column_stack([there, begins[there], begins[there + 1]]))


class _Source:
    """A Parquet file, read some rows at a time."""

    def __init__(self, data: Data, path: Path) -> None:
        self.data, self.path = data, path
        self.file = pq.ParquetFile(path)
        names = self.file.schema_arrow.names
        metadata = self.file.schema_arrow.metadata or {}
        geo = json.loads(metadata[b"geo"]) if b"geo" in metadata else None
        points = data.options.get("points")
        self.xy = points if isinstance(points, tuple) else None
        self.geometry: str | None = None
        self.crs: Any = data.options.get("crs")
        if self.xy is None:
            if geo is None:
                raise GeometryError(
                    f"{path.name} has no geometry (it is no GeoParquet); name columns of coordinates: "
                    "points = ['x', 'y'] and crs."
                )
            self.geometry = str(geo["primary_column"])
            about = geo["columns"][self.geometry]
            if about.get("encoding", "WKB") != "WKB":
                raise DataError(f"{path.name} holds its geometry as {about['encoding']}; tiles take WKB.")
            self.crs = about.get("crs", "OGC:CRS84") or self.crs
        total = data.options.get("total")
        wanted = [*(data.groups or ()), *([total] if total else []), *(self.xy or ()), self.geometry]
        self.columns = [name for name in dict.fromkeys(wanted) if name is not None]
        lost = [name for name in self.columns if name not in names]
        if lost:
            raise DataError(f"{path.name} has no column {', '.join(map(repr, lost))}; it has {', '.join(names[:12])}.")

    def frames(self, columns: list[str] | None = None) -> Iterator[pd.DataFrame]:
        """Yield some rows at a time."""
        for batch in self.file.iter_batches(batch_size=ROWS, columns=columns or self.columns):
            yield batch.to_pandas()

    def population(self, frame: pd.DataFrame) -> Population:
        """Let rows through the door for data."""
        options = {key: value for key, value in self.data.options.items() if key in OF_TILES and key != "crs"}
        if self.geometry is not None:
            shapes = shapely.from_wkb(frame.pop(self.geometry))
            frame = gpd.GeoDataFrame(frame, geometry=shapes, crs=self.crs)
        else:
            options["crs"] = self.crs
        return Population.from_frame(frame, list(self.data.groups or ()), **options)

    def plane(self) -> tuple[pyproj.CRS | None, float]:
        """Return the CRS in which distances are taken over all units, None for their own, and metres in its unit."""
        low, high = np.full(2, np.inf), np.full(2, -np.inf)
        for frame in self.frames(list(self.xy) if self.xy else [str(self.geometry)]):
            if self.xy:
                values = frame[list(self.xy)].to_numpy(dtype=float)
                ends = np.nanmin(values, axis=0), np.nanmax(values, axis=0)
            else:
                west, south, east, north = shapely.total_bounds(shapely.from_wkb(frame.iloc[:, 0]))
                ends = np.array([west, south]), np.array([east, north])
            low, high = np.fmin(low, ends[0]), np.fmax(high, ends[1])
        if self.crs is None:
            raise GeometryError(f"{self.path.name} has no coordinate reference system; name it: crs = '...'.")
        corners = gpd.GeoSeries(shapely.points([low, high, [low[0], high[1]], [high[0], low[1]]]), crs=self.crs)
        target, _ = metric_crs(corners)
        plane = corners.crs if target is None else target
        return target, float(plane.axis_info[0].unit_conversion_factor)


def _plane_points(pop: Population, target: pyproj.CRS | None) -> Floats:
    """Return where the people of units are, in a CRS; the centroid is taken after projection."""
    geometry = pop.geometry
    assert geometry is not None
    absent = (geometry.isna() | geometry.is_empty).to_numpy()
    if absent.any():
        raise GeometryError(f"{int(absent.sum()):,} units without geometry, so distances are not known.")
    shapes = geometry if target is None else geometry.to_crs(target)
    places = shapes if (shapes.geom_type == "Point").all() else shapes.centroid
    return np.column_stack([places.x, places.y])
