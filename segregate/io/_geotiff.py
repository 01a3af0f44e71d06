"""GeoTIFFs: opening them, and the grid that several of them are on."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import pyproj

from segregate.errors import DataError, GeometryError, ParameterError, plural

from ._files import one_line

__all__ = ["Grid", "common_grid", "opened", "ranges", "windows_of"]


class Grid(NamedTuple):
    """What the files have in common."""

    width: int
    height: int
    transform: Any
    crs: pyproj.CRS
    block: tuple[int, int]


@contextmanager
def opened(rasterio: ModuleType, path: Path) -> Iterator[Any]:
    """Open a GeoTIFF for a short time; closing it frees what the library keeps of it."""
    with ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        try:
            yield stack.enter_context(rasterio.open(path, driver="GTiff"))
        except rasterio.errors.RasterioIOError as error:
            raise DataError(
                f"{path.name} is no GeoTIFF that can be read ({one_line(error, path)}). If it should be one, it may "
                "not have been downloaded or saved completely."
            ) from error


def common_grid(
    rasterio: ModuleType, paths: dict[str, Path], bands: dict[str, int | None], crs: pyproj.CRS | None
) -> Grid:
    """Return the grid that all files are on; bands that are not chosen are filled in."""
    grids: dict[str, Grid] = {}
    for name, path in paths.items():
        with opened(rasterio, path) as dataset:
            bands[name] = _band(dataset, path, name, bands[name])
            grids[name] = _grid(dataset, path, crs, bands[name])
    first, *others = grids
    for name in others:
        told = _difference(grids[first], grids[name])
        if told:
            raise DataError(
                f"{paths[name].name} ({name!r}) is on another grid than {paths[first].name} ({first!r}): {told}. Put "
                "all files on one grid first; people are added up in that (gdalwarp -r sum), not averaged."
            )
    return grids[first]


def _band(dataset: Any, path: Path, name: str, band: int | None) -> int:
    if band is None and dataset.count > 1:
        described = [f"{k}: {text}" for k, text in enumerate(dataset.descriptions, 1) if text]
        what = f" ({', '.join(described[:10])})" if described else ""
        raise ParameterError(f"{path.name} has {dataset.count} bands{what}; choose one: band={{{name!r}: 1}}.")
    band = band or 1
    if band > dataset.count:
        raise ParameterError(f"{path.name} has {plural(dataset.count, 'band')}, so there is no band {band}.")
    if np.dtype(dataset.dtypes[band - 1]).kind not in "iuf":
        raise DataError(f"{path.name} holds values of type {dataset.dtypes[band - 1]}, not numbers of people.")
    return band


def _grid(dataset: Any, path: Path, crs: pyproj.CRS | None, band: int | None) -> Grid:
    transform = dataset.transform
    if transform.is_identity:
        raise GeometryError(f"{path.name} does not say where its cells are; it is an image without coordinates.")
    if transform.b or transform.d:
        raise GeometryError(
            f"The grid of {path.name} is rotated, so its cells have no rows and columns in the coordinates. Put it on "
            "an upright grid first (gdalwarp -r sum)."
        )
    if dataset.crs is None and crs is None:
        raise GeometryError(f"{path.name} has no coordinate reference system. Say which one it is: crs='EPSG:...'.")
    own = crs if dataset.crs is None else pyproj.CRS.from_wkt(dataset.crs.to_wkt())
    assert own is not None
    if crs is not None and not own.equals(crs, ignore_axis_order=True):
        raise ParameterError(
            f"crs={crs.to_string()!r} was given, but {path.name} says {own.to_string()}; crs= is for files that "
            "carry none."
        )
    return Grid(dataset.width, dataset.height, transform, own, dataset.block_shapes[(band or 1) - 1])


def _difference(one: Grid, other: Grid) -> str:
    """Say in what two grids differ, or nothing."""
    if (one.width, one.height) != (other.width, other.height):
        return f"{other.width:,} x {other.height:,} cells against {one.width:,} x {one.height:,}"
    if not one.crs.equals(other.crs, ignore_axis_order=True):
        return f"{other.crs.name} against {one.crs.name}"
    a, b = one.transform, other.transform
    for (right, down), what in (((0, 0), "corner at"), ((one.width, one.height), "opposite corner at")):
        ours, theirs = ((t.c + t.a * right, t.f + t.e * down) for t in (a, b))
        apart = max(abs(ours[0] - theirs[0]) / abs(a.a), abs(ours[1] - theirs[1]) / abs(a.e))
        if apart > 1e-3:
            return f"{what} {theirs[0]:.10g}, {theirs[1]:.10g} against {ours[0]:.10g}, {ours[1]:.10g}"
    return ""


def ranges(grid: Grid, bbox: Sequence[float] | None) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the first row and column, and those behind the last, whose cells have their centre in the box."""
    if bbox is None:
        return (0, grid.height), (0, grid.width)
    given: Any = bbox
    values = [] if isinstance(given, str) or not np.iterable(given) else [*given]
    numbers = all(isinstance(value, (int, float, np.number)) and np.isfinite(value) for value in values)
    if len(values) != 4 or not numbers or values[0] > values[2] or values[1] > values[3]:
        raise ParameterError(f"bbox= takes (west, south, east, north) in the CRS of the files, not {bbox!r}.")
    west, south, east, north = values
    x = grid.transform.c + grid.transform.a * (np.arange(grid.width) + 0.5)
    y = grid.transform.f + grid.transform.e * (np.arange(grid.height) + 0.5)
    columns, rows = np.flatnonzero((x >= west) & (x <= east)), np.flatnonzero((y >= south) & (y <= north))
    if not len(rows) or not len(columns):
        edges = f"{min(x):.10g}, {min(y):.10g} to {max(x):.10g}, {max(y):.10g}"
        raise DataError(
            f"No cell has its centre in bbox={tuple(values)}; the centres go from {edges} ({grid.crs.name})."
        )
    return (int(rows[0]), int(rows[-1]) + 1), (int(columns[0]), int(columns[-1]) + 1)


def windows_of(
    grid: Grid, rows: tuple[int, int], columns: tuple[int, int], most: int
) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Yield ranges of rows and columns along the blocks of the files, of `most` cells at most, or of one block."""
    high, wide = grid.block
    across = columns[1] - columns[0]
    width = across if across * high <= most else max(most // high // wide, 1) * wide
    height = max(most // width // high, 1) * high
    for top in range(rows[0] // height * height, rows[1], height):
        for left in range(columns[0] // width * width if width < across else columns[0], columns[1], width):
            yield (
                (max(top, rows[0]), min(top + height, rows[1])),
                (max(left, columns[0]), min(left + width, columns[1])),
            )
