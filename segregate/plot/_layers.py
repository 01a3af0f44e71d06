"""The mapped layer for a GIS: a GeoPackage that opens as the printed map, and GeoJSON."""

from __future__ import annotations

import sqlite3
from collections.abc import Hashable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

from ..errors import DataError, GeometryError, first_of
from ..io._writing import whole
from ._gis_style import LayerStyle, layer_style
from ._heard import sorted_out
from ._prepared import PreparedMap
from ._qgis import as_qml
from ._shapes import OUTLINE
from ._sld import as_sld

__all__ = ["plain_layer", "save_layer"]

LARGEST = 2**63 - 1
"""Largest whole number in a GeoPackage."""
RESERVED = frozenset({"fid", "geom", "ogc_fid"})
SIMPLE_STYLE = frozenset({"fill", "fill-opacity", "stroke", "stroke-width", "marker-color", "marker-size"})
"""Names that mean something to readers of GeoJSON."""
STYLES = "layer_styles"
UNKNOWN_DAY = "1970-01-01"
TABLE = f"""
CREATE TABLE "{STYLES}" (
  "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "f_table_catalog" TEXT(256), "f_table_schema" TEXT(256),
  "f_table_name" TEXT(256), "f_geometry_column" TEXT(256), "styleName" TEXT(30), "styleQML" TEXT, "styleSLD" TEXT,
  "useAsDefault" BOOLEAN, "description" TEXT, "owner" TEXT(30), "ui" TEXT(30),
  "update_time" DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')))
"""
"""Where QGIS looks for the styles of the layers of a GeoPackage."""
NAME_LENGTH = 30


def save_layer(prepared: PreparedMap, path: Path, *, opacity: float = 1.0) -> None:
    """Save the mapped layer as GeoPackage or GeoJSON.

    The layer has the columns of the frame and ``map_class`` (number from 1), ``map_label`` (range
    of values), ``map_color`` (``#rrggbb``) and ``map_hatched`` (True without a value).

    A GeoPackage keeps the coordinate reference system of the frame. Title and caption are in its metadata,
    and a style for QGIS and other programs in its table ``layer_styles``, so that it opens as the printed map.

    GeoJSON is in longitude and latitude (RFC 7946) with seven decimals, which is a centimetre. Its properties
    have ``fill`` and other names of the simplestyle convention, and a style for QGIS (``.qml``) stands beside the file.

    The same map gives the same file: times in it are those of the day that the frame records.

    Parameters
    ----------
    prepared : PreparedMap
        The map.
    path : Path
        Where, ``.gpkg`` or ``.geojson``; an existing file is replaced.
    opacity : float, optional
        Opacity of the units in the style.

    Raises
    ------
    GeometryError
        When GeoJSON is asked for and the layer has no coordinate reference system.
    DataError
        When the layer cannot be written.
    """
    if path.suffix.lower() == ".gpkg":
        _save_geopackage(prepared, path, opacity)
    else:
        _save_geojson(prepared, path, opacity)


def _save_geopackage(prepared: PreparedMap, path: Path, opacity: float) -> None:
    layer, names = plain_layer(prepared.units, RESERVED)
    style = layer_style(prepared, layer, names, opacity=opacity)
    name = path.stem if path.stem.casefold() != STYLES else f"{path.stem}_"
    with whole(path) as temporary:
        _write(
            layer,
            temporary,
            path,
            layer=name,
            driver="GPKG",
            layer_metadata={"title": prepared.title, "caption": prepared.caption},
        )
        _add_style(temporary, name, style, _day(prepared))


def _save_geojson(prepared: PreparedMap, path: Path, opacity: float) -> None:
    if prepared.units.crs is None:
        raise GeometryError(
            f"{path.name} is in longitude and latitude, and the data have no coordinate reference system. "
            "Say which one they have with frame.set_crs('EPSG:...')."
        )
    layer, names = plain_layer(prepared.units, SIMPLE_STYLE)
    infinite = [name for name in layer if layer[name].dtype.kind == "f" and np.isinf(layer[name]).any()]
    if infinite:
        raise DataError(
            f"JSON has no infinite numbers, and these columns have some: {first_of(infinite)}. "
            "Drop the columns, replace the numbers, or save as .gpkg."
        )
    style = layer_style(prepared, layer, names, opacity=opacity)
    colour = layer[names["map_color"]]
    if style.kind == "point":
        layer["marker-color"], layer["marker-size"] = colour, "small"
    elif style.kind == "line":
        layer["stroke"], layer["stroke-width"] = colour, 1.5
    else:
        layer["fill"], layer["fill-opacity"] = colour, opacity
        layer["stroke"] = OUTLINE
        layer["stroke-width"] = style.outline
    beside = path.with_suffix(".qml")
    with whole(beside) as qml, whole(path) as temporary:
        _write(layer, temporary, path, layer=path.stem, driver="GeoJSON", RFC7946="YES", COORDINATE_PRECISION=7)
        qml.write_text(as_qml(style), encoding="utf-8")


def _write(frame: gpd.GeoDataFrame, temporary: Path, path: Path, **options: Any) -> None:
    """Write a layer, or say why not."""
    try:
        # data without a coordinate reference system make a layer without one
        sorted_out(
            lambda: pyogrio.write_dataframe(frame, temporary, **options),
            known=("'crs' was not provided",),
        )
    except (pyogrio.errors.DataSourceError, pyogrio.errors.FieldError, ValueError, TypeError) as error:
        raise DataError(f"The layer cannot be written to {path.name}: {error}") from error


def _day(prepared: PreparedMap) -> str:
    """Return the day on which the values were computed, as far as it is known."""
    record = prepared.units.attrs.get("segregate")
    day = str(record.get("date") or UNKNOWN_DAY) if isinstance(record, Mapping) else UNKNOWN_DAY
    return f"{day[:10]}T00:00:00.000Z"


def _add_style(path: Path, name: str, style: LayerStyle, time: str) -> None:
    """Add the table of styles to a GeoPackage, and set all times in it."""
    with closing(sqlite3.connect(path)) as base:
        (geometry,) = base.execute("select column_name from gpkg_geometry_columns").fetchone()
        base.execute(TABLE)
        base.execute(
            f'insert into "{STYLES}" (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, '
            "styleQML, styleSLD, useAsDefault, description, owner, ui, update_time) "
            "values ('', '', ?, ?, ?, ?, ?, 1, ?, '', null, ?)",
            [
                name,
                geometry,
                (style.title or name)[:NAME_LENGTH],
                as_qml(style),
                as_sld(style, name),
                style.caption,
                time,
            ],
        )
        base.execute(
            "insert into gpkg_contents (table_name, data_type, identifier, description, last_change, srs_id) "
            "values (?, 'attributes', ?, '', ?, 0)",
            [STYLES, STYLES, time],
        )
        base.execute("insert into gpkg_ogr_contents (table_name, feature_count) values (?, 1)", [STYLES])
        base.execute("update gpkg_contents set last_change = ?", [time])
        base.execute("update gpkg_metadata_reference set timestamp = ?", [time])
        base.commit()


def plain_layer(units: gpd.GeoDataFrame, reserved: frozenset[str]) -> tuple[gpd.GeoDataFrame, dict[Hashable, str]]:
    """Return the layer with column names and types that every GIS reads, and the new name of every column.

    Parameters
    ----------
    units : GeoDataFrame
        Of a `PreparedMap`.
    reserved : frozenset of str
        Names that no column may have, in small letters.
    """
    columns: dict[str, pd.Series] = {}
    names: dict[Hashable, str] = {}
    taken: set[str] = set(reserved)
    index = units.index
    if not isinstance(index, pd.RangeIndex) or index.name is not None:
        columns[_name(index.names[0] if index.nlevels == 1 and index.name else "id", taken)] = _writable(
            pd.Series(index.to_flat_index(), index=index)
        )
    geometry = units.geometry
    for position, name in enumerate(units.columns):
        if name != units.active_geometry_name:
            names[name] = _name(name, taken)
            columns[names[name]] = _writable(units.iloc[:, position])
    table = pd.DataFrame({name: column.array for name, column in columns.items()})
    plain = gpd.GeoDataFrame(table, geometry=geometry.to_numpy(), crs=geometry.crs)
    plain.attrs = {}
    return plain, names


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
        own = kind.categories.dtype
        missing = {"i": "Int64", "u": "UInt64", "b": "boolean"}.get(own.kind) if column.isna().any() else None
        return _writable(column.astype(object).astype(missing or own))
    if pd.api.types.is_bool_dtype(kind) or pd.api.types.is_datetime64_any_dtype(kind):
        return column
    too_large = pd.api.types.is_unsigned_integer_dtype(kind) and (column > LARGEST).any()
    if pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_complex_dtype(kind) and not too_large:
        return column
    return column.map(lambda item: None if item is None or item is pd.NA or item != item else str(item))
