"""Parquet and GeoParquet."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import shapely

from segregate.errors import DataError, ParameterError, SegregateError

from ._bombs import check_dictionaries, check_parquet
from ._files import Source, check_names, one_line, relay_warnings
from ._watching import UNWATCHED, Watch
from ._where import parse_condition

__all__ = ["open_parquet"]

Box = tuple[float, float, float, float]
DAMAGE = (pa.ArrowException, OSError, ValueError, TypeError, KeyError, AttributeError, shapely.errors.ShapelyError)
"""What the libraries raise for files that they cannot make sense of."""
FEW = 50
"""Columns that are better left apart, which saves memory; of more the table becomes slow."""
ROWS = 1 << 16
"""So many rows are read and made geometry at a time."""
LONGITUDE_LATITUDE = "OGC:CRS84"
"""What GeoParquet means where it names no CRS."""


def open_parquet(path: Path, *, bbox: Box | None, where: str | None = None, watch: Watch = UNWATCHED) -> Source:
    """Open a Parquet file; with GeoParquet metadata its rows have geometry.

    Parameters
    ----------
    path : Path
        The file.
    bbox : (west, south, east, north) or None
        In the coordinates of the file; only GeoParquet.
    where : str, optional
        A condition on the columns. Row groups whose statistics say that no row meets it are not read, nor are those
        that lie outside the box where the file has a column of boxes.
    watch : Watch
        Is told how much was read.
    """
    try:
        about = pq.read_metadata(path)
        schema = about.schema.to_arrow_schema()
        metadata = schema.metadata or {}
        geo = json.loads(metadata[b"geo"]) if b"geo" in metadata else None
        primary: Any = None if geo is None else geo["primary_column"]
        column = {} if geo is None else geo["columns"][primary]
        covering = column.get("covering", {}).get("bbox", {})
    except RecursionError:
        raise DataError(f"{path.name} cannot be read as Parquet (its metadata are nested too deep).") from None
    except DAMAGE as error:
        raise _damaged(path, error) from None
    check_parquet(path, about)
    cover = covering.get("xmin", [None])[0]
    names = check_names(
        [name for name in schema.names if not _is_index(name) and name not in (primary, cover)], path.name
    )
    if geo is None and bbox is not None:
        raise ParameterError(
            f"bbox= needs geometry, and {path.name} is Parquet without geometry (no GeoParquet). With columns of "
            'coordinates use where=: "x BETWEEN 4000000 AND 4100000 AND y BETWEEN 3000000 AND 3100000".'
        )
    condition = None if where is None else parse_condition(where, names, path.name)

    def load(columns: Sequence[str] | None) -> pd.DataFrame:
        wanted = list(names) if columns is None else [name for name in names if name in columns]
        expression = None if condition is None else condition.expression(schema)
        try:
            check_dictionaries(path, about, wanted if primary is None else [*wanted, primary])
            with relay_warnings(path.name):
                if geo is not None and any(
                    geo["columns"].get(name, {}).get("encoding", "WKB") != "WKB" for name in (*wanted, primary)
                ):
                    pushed = bbox if covering or column.get("encoding") == "point" else None
                    return _whole(path, [*wanted, primary], bbox, pushed, expression)
                frame = _by_rows(path, wanted, geo, bbox, covering, expression, watch)
                pa.default_memory_pool().release_unused()
                return frame
        except SegregateError:
            raise
        except DAMAGE as error:
            raise _damaged(path, error) from None

    return Source(path, names, load, spatial=geo is not None)


def _by_rows(
    path: Path,
    wanted: list[str],
    geo: dict[str, Any] | None,
    bbox: Box | None,
    covering: dict[str, list[str]],
    expression: Any,
    watch: Watch,
) -> pd.DataFrame:
    """Read some rows at a time and make their shapes, so that their bytes are never held for all rows at once."""
    dataset = ds.dataset(path, format="parquet")
    schema: pa.Schema = dataset.schema
    primary: Any = None if geo is None else geo["primary_column"]
    shapes: list[str] = [] if geo is None else [name for name in (*wanted, primary) if name in geo["columns"]]
    plain = list(dict.fromkeys([*(name for name in wanted if name not in shapes), *_index(schema)]))
    if bbox is not None and covering:
        touches = _touches(bbox, covering)
        expression = touches if expression is None else touches & expression
    (fragment,) = dataset.get_fragments()
    share = path.stat().st_size / max(fragment.metadata.num_rows, 1)
    batches: list[pa.RecordBatch] = []
    made: dict[str, list[Any]] = {name: [] for name in shapes}
    for group in fragment.split_by_row_group(expression):
        scanner = group.scanner(columns=[*plain, *shapes], filter=expression, batch_size=ROWS, batch_readahead=2)
        for batch in scanner.to_batches():
            watch.advance(int(share * batch.num_rows))
            parts = {name: _shapes(batch.column(name)) for name in shapes}
            kept = batch.select(plain)
            if bbox is not None:
                inside = shapely.intersects(parts[primary], shapely.box(*bbox))
                parts = {name: values[inside] for name, values in parts.items()}
                kept = kept.filter(pa.array(inside))
            batches.append(kept)
            for name, values in parts.items():
                made[name].append(values)
    fields = [schema.field(name) for name in plain]
    rows = sum(batch.num_rows for batch in batches)
    table = pa.Table.from_batches(batches, pa.schema(fields, schema.metadata))
    batches.clear()
    frame: Any = (
        table.to_pandas(split_blocks=len(fields) <= FEW, self_destruct=True)
        if fields
        else pd.DataFrame(index=range(rows))
    )
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index()
    for name in shapes:
        values = np.concatenate(made.pop(name)) if rows else np.empty(0, dtype=object)
        about = geo["columns"][name] if geo else {}
        frame[name] = gpd.GeoSeries(values, index=frame.index, crs=about.get("crs", LONGITUDE_LATITUDE))
    located: pd.DataFrame = frame if primary is None else gpd.GeoDataFrame(frame, geometry=primary)
    return located


def _whole(path: Path, wanted: list[str], bbox: Box | None, pushed: Box | None, expression: Any) -> pd.DataFrame:
    """Read a file whose shapes are columns of coordinates."""
    frame: Any = gpd.read_parquet(path, columns=wanted, bbox=pushed, filters=expression)
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index()
    return frame if bbox is None else frame.loc[frame.geometry.intersects(shapely.box(*bbox))]  # type: ignore[no-any-return]


def _shapes(column: pa.Array) -> Any:
    stored = column.storage if isinstance(column, pa.ExtensionArray) else column
    return shapely.from_wkb(stored.to_numpy(zero_copy_only=False))


def _touches(bbox: Box, covering: dict[str, list[str]]) -> Any:
    """Return that the box of a row, which has columns of its own, touches another box."""
    west, south, east, north = bbox
    least_x, least_y, most_x, most_y = (pc.field(*covering[edge]) for edge in ("xmin", "ymin", "xmax", "ymax"))
    return (least_x <= east) & (most_x >= west) & (least_y <= north) & (most_y >= south)


def _index(schema: pa.Schema) -> list[str]:
    """Return the columns that hold the row labels of the frame that was written."""
    about = json.loads((schema.metadata or {}).get(b"pandas", b"{}"))
    return [name for name in about.get("index_columns", ()) if isinstance(name, str) and name in schema.names]


def _is_index(name: str) -> bool:
    return name.startswith("__index_level_") and name.endswith("__")


def _damaged(path: Path, error: BaseException) -> DataError:
    return DataError(
        f"{path.name} cannot be read as Parquet ({one_line(error, path)}). It may be damaged, not completely "
        "downloaded or another format; fetch or write it again."
    )
