"""Files made to do more than to be read: refused before GDAL opens them.

GDAL tells formats by what a file holds, so that a "tracts.geojson" may be a list of other files and addresses.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from segregate.errors import DataError, first_of

__all__ = [
    "DRIVERS",
    "check_driver",
    "check_flatgeobuf",
    "check_geojson",
    "check_sidecars",
    "check_view",
    "check_views",
]

DRIVERS = {
    ".gpkg": ("GPKG", "SQLite"),
    ".shp": ("ESRI Shapefile",),
    ".zip": ("ESRI Shapefile",),
    ".geojson": ("GeoJSON", "TopoJSON", "ESRIJSON", "GeoJSONSeq", "JSONFG"),
    ".json": ("GeoJSON", "TopoJSON", "ESRIJSON", "GeoJSONSeq", "JSONFG"),
    ".fgb": ("FlatGeobuf",),
}
"""The formats of GDAL that a suffix may stand for."""
PIPELINE = b"gdal_streamed_alg"
"""Marks JSON that GDAL takes for commands."""
HEAD = 1 << 20
SECONDS = 60.0
STEPS = 100_000
RECURSIVE = re.compile(r"\brecursive\b", re.IGNORECASE)


def check_geojson(path: Path) -> None:
    """Refuse what is no JSON, or JSON with commands for GDAL."""
    with path.open("rb") as stream:
        head = stream.read(HEAD)
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n\x1e")
    if not text.startswith((b"{", b"[")):
        raise DataError(
            f"{path.name} cannot be read: it is not GeoJSON (it begins with {head[:12]!r}); check what was downloaded."
        )
    if PIPELINE in head:
        raise DataError(
            f"{path.name} is no GeoJSON but a list of commands for GDAL ({PIPELINE.decode()}); it is not run."
        )


def check_flatgeobuf(path: Path) -> None:
    """Refuse what is no FlatGeobuf."""
    with path.open("rb") as stream:
        head = stream.read(8)
    if head[:3] != b"fgb" or head[4:7] != b"fgb":
        raise DataError(
            f"{path.name} cannot be read (it is not FlatGeobuf: it begins with {head!r}); check what was downloaded."
        )


def check_driver(path: Path, driver: str) -> None:
    """Refuse a file that GDAL takes for another format than its suffix says."""
    allowed = DRIVERS[path.suffix.casefold()]
    if driver not in allowed:
        raise DataError(
            f"{path.name} is not what its suffix says: GDAL takes it for {driver}, not for {' or '.join(allowed)}. "
            "Give the file the suffix of its format."
        )


def check_sidecars(path: Path) -> None:
    """Refuse a file beside the parts of which something waits that is no file: opening it would never end."""
    stem = path.stem.casefold()
    odd = sorted(
        beside.name
        for beside in path.parent.iterdir()
        if beside.stem.casefold() == stem and beside.exists() and not beside.is_file() and not beside.is_dir()
    )
    if odd:
        raise DataError(
            f"{first_of(odd)} beside {path.name} is a pipe, a socket or a device, not a file; take it away."
        )


def check_views(path: Path) -> None:
    """Refuse a GeoPackage with a query that gives no first row within a minute: GDAL would wait for it."""
    with _queries(path) as (base, views):
        for view in views:
            if _rows(base, view, 1, views) is None:
                raise DataError(
                    f"{path.name} holds a query (the view {view!r}) that does not come to an end. Take it out, or "
                    "write the tables that you need into another file."
                )


def check_view(path: Path, layer: str) -> None:
    """Refuse a layer of a GeoPackage that is a query with more rows than the file can hold, or without an end."""
    most = path.stat().st_size
    with _queries(path) as (base, views):
        rows = _rows(base, layer, most + 1, views) if layer.casefold() in map(str.casefold, views) else 0
    if rows is None or rows > most:
        raise DataError(
            f"The layer {layer!r} of {path.name} is no table but a query (a view) that does not come to an end, or has "
            f"more than {most:,} rows, which the file cannot hold. Ask for a table, or write the rows into one."
        )


@contextlib.contextmanager
def _queries(path: Path) -> Iterator[tuple[sqlite3.Connection, dict[str, str]]]:
    """Yield a database, opened read-only, whose queries are stopped after a minute, and the texts of its views."""
    base = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    begun = time.monotonic()
    base.set_progress_handler(lambda: int(time.monotonic() - begun > SECONDS), STEPS)
    try:
        yield base, dict(base.execute("select name, ifnull(sql, '') from sqlite_master where type = 'view'"))
    except sqlite3.DatabaseError:
        pass  # a damaged file: who reads it will say so
    finally:
        base.close()


def _rows(base: sqlite3.Connection, view: str, most: int, views: Mapping[str, str]) -> int | None:
    """Return the number of rows of a view, but not more than some; None where it does not come to an end."""
    quoted = view.replace('"', '""')
    try:
        ((rows,),) = base.execute(f'select count(*) from (select 1 from "{quoted}" limit {most})')
        return int(rows)
    except sqlite3.OperationalError as error:
        # a function that is not known here may be one of GDAL
        endless = "interrupted" in str(error) or any(RECURSIVE.search(query) for query in views.values())
        return None if endless else 0
