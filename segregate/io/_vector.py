"""Vector formats that GDAL reads: GeoPackage, Shapefile, GeoJSON, FlatGeobuf."""

from __future__ import annotations

import math
import zipfile
import zlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

import pandas as pd
import pyogrio
import shapely

from segregate.errors import DataError, ParameterError, first_of

from ._bombs import check_archive, check_features
from ._files import Source, check_names, choose_layer, one_line, relay_warnings
from ._suspects import check_driver, check_flatgeobuf, check_geojson, check_sidecars, check_view, check_views
from ._watching import UNWATCHED, Watch

__all__ = ["open_vector"]

Box = tuple[float, float, float, float]
GDAL_ERRORS = (RuntimeError, ValueError, IndexError, OSError, shapely.errors.ShapelyError)
"""What pyogrio and shapely raise for files that they cannot make sense of."""
ROWS = 100_000
ORDERED = (".gpkg", ".shp", ".fgb")
"""Formats of which rows in the middle can be read without those before; so many are read at a time."""
SQLITE = b"SQLite format 3\x00"
SHAPEFILE = (9994).to_bytes(4, "big")


def open_vector(
    path: Path, *, layer: str | None, where: str | None, bbox: Box | None, watch: Watch = UNWATCHED
) -> Source:
    """Open a layer of a vector file.

    Parameters
    ----------
    path : Path
        The file.
    layer : str or None
        Name of the layer; not needed where there is only one, or one with geometry.
    where : str or None
        A condition on the columns, in SQL.
    bbox : (west, south, east, north) or None
        In the coordinates of the file.
    watch : Watch
        Is told how much was read.
    """
    dataset, layer, size = _dataset(path, layer)
    try:
        with relay_warnings(path.name):
            layers = pyogrio.list_layers(dataset)
    except GDAL_ERRORS as error:
        raise _damaged(path, dataset, error) from None
    shapes = [name for name, kind in layers if kind is not None]
    names = [name for name, _ in layers]
    if not names:
        raise DataError(f"{path.name} holds no layer; it is empty or damaged.")
    chosen = choose_layer(shapes if layer is None and len(shapes) == 1 else names, layer, where=path.name, kind="layer")
    if path.suffix.casefold() == ".gpkg":
        check_view(path, chosen)
    try:
        with relay_warnings(path.name):
            about = pyogrio.read_info(dataset, layer=chosen)
    except GDAL_ERRORS as error:
        raise _damaged(path, dataset, error) from None
    check_driver(path, about["driver"])
    check_features(path.name, about["features"], size)
    columns = check_names(list(about["fields"]), path.name)
    number = about["fid_column"]
    spatial = about["geometry_type"] is not None

    def load(wanted: Sequence[str] | None) -> pd.DataFrame:
        # GDAL drops columns before it looks at the condition, so those that may be in it are read too
        asked = "" if where is None else where.casefold().replace('""', '"')
        named = number and wanted is not None and number in wanted
        frame = _load(
            path,
            dataset,
            chosen,
            columns=None
            if wanted is None
            else [name for name in columns if name in wanted or name.casefold() in asked],
            fid_as_index=bool(named),
            where=where,
            bbox=bbox,
            known=columns,
            watch=watch,
            step=math.ceil(size / max(about["features"], 1)),
        )
        if path.suffix.casefold() == ".fgb" and where is None and bbox is None and len(frame) < about["features"]:
            raise DataError(
                f"{path.name} breaks off: it should hold {about['features']:,} rows and {len(frame):,} can "
                "be read; download or write it again."
            )
        if named:
            frame = frame.rename_axis(index=number).reset_index()
        if wanted is None or where is None:
            return frame
        return frame[[name for name in frame.columns if name in wanted or name not in columns]]

    return Source(path, (*columns, number) if number else columns, load, spatial, number or None)


def _load(
    path: Path,
    dataset: str,
    layer: str,
    *,
    columns: Sequence[str] | None,
    fid_as_index: bool,
    where: str | None,
    bbox: Box | None,
    known: Sequence[str],
    watch: Watch,
    step: int,
) -> pd.DataFrame:
    """Read the columns of the rows that meet the condition and touch the box.

    Who watches is told of every so many rows, of `step` bytes each, where the format can go on in the middle.
    """
    read: Any = partial(
        pyogrio.read_dataframe,
        dataset,
        layer=layer,
        columns=columns,
        fid_as_index=fid_as_index,
        where=where,
        bbox=bbox,
    )
    try:
        with relay_warnings(path.name):
            if not watch.active or path.suffix.casefold() not in ORDERED:
                return read()  # type: ignore[no-any-return]
            parts: list[pd.DataFrame] = []
            while not parts or len(parts[-1]) == ROWS:
                parts.append(read(skip_features=ROWS * len(parts), max_features=ROWS))
                watch.advance(step * len(parts[-1]))
            filled = [part for part in parts if len(part)] or parts[:1]
            return pd.concat(filled, ignore_index=not fid_as_index)
    except MemoryError:
        raise DataError(f"{path.name} does not fit into memory; read a part: columns=, where= or bbox=.") from None
    except GDAL_ERRORS as error:
        text = str(error)
        if where is not None and ("SQL" in text or where in text):
            reason = text.rpartition(f"{where}: ")[2] if f"{where}: " in text else "no valid condition"
            raise ParameterError(
                f"where={where!r} was not understood for {path.name}: {reason}. It takes a condition in SQL, "
                f"such as \"state = 'CA'\"; the columns are {first_of(known, 20)}."
            ) from None
        raise _damaged(path, dataset, error) from None


def _dataset(path: Path, layer: str | None) -> tuple[str, str | None, int]:
    """Return the name under which GDAL opens the file, the layer and the size, once the file looks complete."""
    suffix = path.suffix.casefold()
    if suffix == ".zip":
        return _inside_zip(path, layer)
    check_sidecars(path)
    if suffix in (".geojson", ".json"):
        check_geojson(path)
    if suffix == ".fgb":
        check_flatgeobuf(path)
    if suffix == ".gpkg":
        _check_geopackage(path)
        check_views(path)
    if suffix == ".shp":
        beside = {entry.name.casefold() for entry in path.parent.iterdir()}
        _check_parts(path.name, path.stem.casefold(), beside, "in the folder")
        with path.open("rb") as stream:
            _check_shapefile(path.name, stream, path.stat().st_size)
    return str(path), layer, path.stat().st_size


def _inside_zip(path: Path, layer: str | None) -> tuple[str, str | None, int]:
    """Choose a Shapefile in a zip archive."""
    try:
        with zipfile.ZipFile(path) as archive:
            member = _shapefile_member(path, archive, layer)
            size = archive.getinfo(member).file_size
    except (zipfile.BadZipFile, zlib.error, NotImplementedError):
        raise DataError(f"{path.name} is not a zip archive, or it is damaged; download it again.") from None
    return f"/vsizip/{{{path.resolve()}}}/{member}", None, size


def _shapefile_member(path: Path, archive: zipfile.ZipFile, layer: str | None) -> str:
    """Return the name of the Shapefile in an archive, once it looks complete."""
    members = archive.namelist()
    files = {
        PurePosixPath(name).stem: name
        for name in members
        if PurePosixPath(name).suffix.casefold() == ".shp" and not name.startswith("__MACOSX/")
    }
    if not files:
        raise DataError(
            f"{path.name} holds no Shapefile and no CSV, TSV or text (it holds {first_of(members, 5) or 'nothing'}). "
            "Unpack it and read the file that it holds."
        )
    if layer is not None and layer not in files:  # it may be called by its name or its path
        layer = next((stem for stem, name in files.items() if layer in (PurePosixPath(name).name, name)), layer)
    member = files[choose_layer(list(files), layer, where=path.name, kind="layer")]
    stem = str(PurePosixPath(member).with_suffix("")).casefold()
    _check_parts(f"{path.name}/{member}", stem, {name.casefold() for name in members}, "in the archive")
    check_archive(path, archive, [name for name in members if name.casefold().startswith(f"{stem}.")])
    with archive.open(member) as stream:
        _check_shapefile(f"{path.name}/{member}", stream, archive.getinfo(member).file_size)
    return member


def _check_parts(name: str, stem: str, beside: set[str], where: str) -> None:
    """Refuse a Shapefile of which a part is missing."""
    missing = [part for part in (".shx", ".dbf") if stem + part not in beside]
    if missing:
        what = {".shx": "the index of the shapes", ".dbf": "the table of the columns"}
        raise DataError(
            f"{name} lacks {' and '.join(f'its {part} ({what[part]})' for part in missing)} {where}. "
            "A Shapefile is several files: keep .shp, .shx, .dbf and .prj together."
        )


def _check_shapefile(name: str, stream: BinaryIO | Any, size: int) -> None:
    """Refuse what is no Shapefile, or shorter than it says; GDAL would read missing shapes."""
    head = stream.read(28)
    if head[:4] != SHAPEFILE:
        raise DataError(f"{name} is not a Shapefile (it begins with {head[:12]!r}); check what was downloaded.")
    expected = 2 * int.from_bytes(head[24:28], "big")
    if size < expected:
        raise DataError(
            f"{name} breaks off: it should have {expected:,} bytes and has {size:,}; download or write it again."
        )


def _check_geopackage(path: Path) -> None:
    """Refuse what is no SQLite database, or shorter than it says."""
    with path.open("rb") as stream:
        head = stream.read(100)
    if head[:16] != SQLITE:
        raise DataError(
            f"{path.name} is not a GeoPackage (it begins with {head[:12]!r}); check what was downloaded, "
            "or give the file the suffix of its format."
        )
    page = int.from_bytes(head[16:18], "big")
    expected = (65536 if page == 1 else page) * int.from_bytes(head[28:32], "big")
    size = path.stat().st_size
    if head[24:28] == head[92:96] and size < expected:
        raise DataError(
            f"{path.name} breaks off: it should have {expected:,} bytes and has {size:,}; download or write it again."
        )


def _damaged(path: Path, dataset: str, error: BaseException) -> DataError:
    return DataError(
        f"{path.name} cannot be read ({one_line(error, dataset, path)}). It may be damaged or not completely "
        "downloaded, or it may be another format than its suffix says; fetch or write it again."
    )
