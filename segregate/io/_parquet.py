"""Parquet and GeoParquet."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from segregate.errors import DataError, ParameterError

from ._files import Source, check_names, one_line, relay_warnings

__all__ = ["open_parquet"]

Box = tuple[float, float, float, float]
DAMAGE = (pa.ArrowException, OSError, ValueError, TypeError, KeyError, shapely.errors.ShapelyError)
"""What the libraries raise for files that they cannot make sense of."""


def open_parquet(path: Path, *, bbox: Box | None) -> Source:
    """Open a Parquet file; with GeoParquet metadata its rows have geometry.

    Parameters
    ----------
    path : Path
        The file.
    bbox : (west, south, east, north) or None
        In the coordinates of the file; only GeoParquet.
    """
    try:
        schema = pq.read_schema(path)
        metadata = schema.metadata or {}
        geo = json.loads(metadata[b"geo"]) if b"geo" in metadata else None
        primary = None if geo is None else geo["primary_column"]
        about = {} if geo is None else geo["columns"][primary]
    except DAMAGE as error:
        raise _damaged(path, error) from None
    cover = about.get("covering", {}).get("bbox", {}).get("xmin", [None])[0]
    names = check_names(
        [name for name in schema.names if not _is_index(name) and name not in (primary, cover)], path.name
    )
    if geo is None and bbox is not None:
        raise ParameterError(f"bbox= needs geometry, and {path.name} is Parquet without geometry (no GeoParquet).")
    pushed = bbox if cover is not None or about.get("encoding") == "point" else None

    def load(columns: Sequence[str] | None) -> pd.DataFrame:
        return _load(path, primary, columns, bbox, pushed)

    return Source(path, names, load, spatial=geo is not None)


def _load(
    path: Path, primary: str | None, columns: Sequence[str] | None, bbox: Box | None, pushed: Box | None
) -> pd.DataFrame:
    """Read the columns, and only the rows in the box."""
    wanted = None if columns is None else [*columns, *([] if primary is None else [primary])]
    frame: Any
    try:
        with relay_warnings(path.name):
            if primary is None:
                frame = pd.read_parquet(path, columns=wanted)
            else:
                frame = gpd.read_parquet(path, columns=wanted, bbox=pushed)
    except DAMAGE as error:
        raise _damaged(path, error) from None
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index()
    if bbox is not None:
        frame = frame.loc[frame.geometry.intersects(shapely.box(*bbox))]
    return frame  # type: ignore[no-any-return]


def _is_index(name: str) -> bool:
    return name.startswith("__index_level_") and name.endswith("__")


def _damaged(path: Path, error: BaseException) -> DataError:
    return DataError(
        f"{path.name} cannot be read as Parquet ({one_line(error, path)}). It may be damaged, not completely "
        "downloaded or another format; fetch or write it again."
    )
