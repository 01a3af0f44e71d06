"""What reading a table and the geometry file beside it have in common: keys, layers, boxes, rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from segregate.errors import DataError, ParameterError, warn

from ._files import LAYERED, TABLES, Source, format_of
from ._join import attach
from ._opening import SPATIAL, open_file
from .sources import Opened

__all__ = ["Box", "Names", "joined_rows", "load_rows", "open_shapes", "parse_box", "parse_keys", "parse_layers"]

Box = tuple[float, float, float, float]
Names = str | Sequence[str]


def open_shapes(file: Path, layer: str | None, table: Source | Opened) -> Source:
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


def load_rows(
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


def joined_rows(
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


def parse_keys(on: Names | None) -> tuple[str, str] | None:
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


def parse_layers(
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


def parse_box(bbox: Sequence[float] | None) -> Box | None:
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
