"""Maps to files: PNG, SVG, PDF, and the mapped layer as GeoPackage."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import matplotlib
import pandas as pd
import pyogrio
from matplotlib.figure import Figure

from ..errors import DataError, ParameterError
from ._heard import sorted_out

__all__ = ["FORMATS", "SavePath", "check_targets", "save_figure", "save_layer"]

SavePath = str | os.PathLike[str]
FORMATS = {
    ".png": "picture, 300 dots per inch",
    ".svg": "drawing, text kept as text",
    ".pdf": "drawing, fonts embedded",
    ".gpkg": "the mapped layer for a GIS",
}
DPI = 300
LARGEST = 2**63 - 1
"""Largest whole number in a GeoPackage."""
RESERVED = frozenset({"fid", "geom", "ogc_fid"})


def check_targets(save: SavePath | Iterable[SavePath] | None) -> list[Path]:
    """Check where to save before anything is drawn.

    Parameters
    ----------
    save : path, iterable of paths or None
        Files to write; the suffix says the format.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    ParameterError
        When a suffix is not known, the folder does not exist, or the path is a folder.
    """
    if save is None:
        return []
    paths = [Path(save)] if isinstance(save, str | os.PathLike) else [Path(item) for item in save]
    for path in paths:
        if path.suffix.lower() not in FORMATS:
            what = f"the suffix {path.suffix!r}" if path.suffix else "no suffix"
            known = ", ".join(f"{suffix} ({meaning})" for suffix, meaning in FORMATS.items())
            raise ParameterError(f"{str(path)!r} has {what}; a map is saved as {known}.")
        if path.is_dir():
            raise ParameterError(f"{str(path)!r} is a folder; name a file in it.")
        if not path.parent.is_dir():
            raise ParameterError(f"The folder {str(path.parent)!r} does not exist; make it first.")
    return paths


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """Give a temporary path beside a file that takes its place only when all went well."""
    temporary = path.with_name(f".{uuid.uuid4().hex[:12]}{path.suffix.lower()}")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        for left in (temporary, *(temporary.with_name(temporary.name + end) for end in ("-journal", "-wal", "-shm"))):
            left.unlink(missing_ok=True)


def save_figure(figure: Figure, path: Path, *, title: str, caption: str) -> None:
    """Save a figure as PNG, SVG or PDF.

    PNG has 300 dots per inch. PDF embeds its fonts as TrueType. SVG keeps text as text, so that
    it can be searched, read aloud and edited; a reader without the font sees a similar one. The
    files carry title and caption, and no time stamp: the same map gives the same file.

    Parameters
    ----------
    figure : Figure
        The whole figure.
    path : Path
        Where; an existing file is replaced.
    title, caption : str
        Texts for the file's metadata.
    """
    suffix = path.suffix.lower()
    metadata: dict[str, dict[str, str | None]] = {
        ".png": {"Title": title, "Description": caption},
        ".svg": {"Title": title, "Description": caption, "Date": None},
        ".pdf": {"Title": title, "Subject": caption, "CreationDate": None},
    }
    settings: dict[Any, Any] = {"pdf.fonttype": 42, "svg.fonttype": "none", "svg.hashsalt": "segregate"}
    with _whole(path) as temporary, matplotlib.rc_context(settings):
        figure.savefig(temporary, format=suffix[1:], dpi=DPI, metadata=metadata[suffix])


def save_layer(units: gpd.GeoDataFrame, path: Path, *, title: str, caption: str) -> None:
    """Save the mapped layer as GeoPackage.

    The layer has the columns of the frame and ``map_class`` (number from 1), ``map_label`` (range
    of values) and ``map_color`` (``#rrggbb``, for data-defined colours in QGIS), in the frame's own
    coordinate reference system. Its metadata carry title and caption.

    Parameters
    ----------
    units : GeoDataFrame
        From `prepare_map`.
    path : Path
        Where; an existing file is replaced.
    title, caption : str
        Texts for the file's metadata.

    Raises
    ------
    DataError
        When the layer cannot be written.
    """
    layer = _plain(units)

    def write(target: Path) -> None:
        pyogrio.write_dataframe(
            layer,
            target,
            layer=path.stem,
            driver="GPKG",
            layer_metadata={"title": title, "caption": caption},
        )

    with _whole(path) as temporary:
        try:
            # data without a coordinate reference system make a layer without one
            sorted_out(lambda: write(temporary), known=("'crs' was not provided",))
        except (pyogrio.errors.DataSourceError, pyogrio.errors.FieldError, ValueError, TypeError) as error:
            raise DataError(f"The layer cannot be written to {path.name}: {error}") from error


def _plain(units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the layer with column names and types that every GIS reads."""
    columns: dict[str, pd.Series] = {}
    taken: set[str] = set(RESERVED)
    index = units.index
    if not isinstance(index, pd.RangeIndex) or index.name is not None:
        columns[_name(index.names[0] if index.nlevels == 1 and index.name else "id", taken)] = _writable(
            pd.Series(index.to_flat_index(), index=index)
        )
    geometry = units.geometry
    for position, name in enumerate(units.columns):
        if name != units.active_geometry_name:
            columns[_name(name, taken)] = _writable(units.iloc[:, position])
    table = pd.DataFrame({name: column.array for name, column in columns.items()})
    plain = gpd.GeoDataFrame(table, geometry=geometry.to_numpy(), crs=geometry.crs)
    plain.attrs = {}
    return plain


def _name(name: object, taken: set[str]) -> str:
    """Return a column name not used yet, capitals aside."""
    text = "_".join(str(part) for part in name) if isinstance(name, tuple) else str(name)
    while text.casefold() in taken:
        text += "_"
    taken.add(text.casefold())
    return text


def _writable(column: Any) -> Any:
    """Turn what a GeoPackage has no type for into text."""
    kind = column.dtype
    if isinstance(column, gpd.GeoSeries):
        return column.to_wkt()
    if isinstance(kind, pd.CategoricalDtype):
        return _writable(column.astype(kind.categories.dtype))
    if pd.api.types.is_bool_dtype(kind) or pd.api.types.is_datetime64_any_dtype(kind):
        return column
    too_large = pd.api.types.is_unsigned_integer_dtype(kind) and (column > LARGEST).any()
    if pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_complex_dtype(kind) and not too_large:
        return column
    return column.map(lambda item: None if item is None or item is pd.NA or item != item else str(item))
