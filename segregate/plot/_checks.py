"""What `prepare_map` accepts: a GeoDataFrame with a numeric column."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..errors import DataError, GeometryError, ParameterError, UnknownNameError, first_of, nearest, plural

__all__ = ["check_column", "check_frame", "check_values", "labels_of"]


def check_frame(frame: Any) -> None:
    """Refuse what cannot be mapped: no GeoDataFrame, no geometry, no rows.

    Parameters
    ----------
    frame : GeoDataFrame
        What the user gave.

    Raises
    ------
    ParameterError
        When it is no table at all.
    GeometryError
        When the table has no geometry, or none that can be drawn.
    DataError
        When it has no rows.
    """
    if not isinstance(frame, gpd.GeoDataFrame):
        if isinstance(frame, pd.DataFrame | pd.Series):
            raise GeometryError(
                f"A map needs a GeoDataFrame, and this is a {type(frame).__name__} without geometry. "
                "sg.local gives a GeoDataFrame when the data were read with their geometry "
                "(a GeoPackage, a Shapefile, or a table with join=)."
            )
        raise ParameterError(
            f"A map needs a GeoDataFrame, and this is of type {type(frame).__name__}. "
            "Map the values of an index with sg.plot.map(sg.local(population, index))."
        )
    if frame.active_geometry_name is None:
        raise GeometryError("The GeoDataFrame has no active geometry column. Choose one with frame.set_geometry(name).")
    if not len(frame):
        raise DataError("The GeoDataFrame has no rows, so there is nothing to map.")
    if (frame.geometry.isna() | frame.geometry.is_empty).all():
        raise GeometryError(
            f"No unit has a geometry ({plural(len(frame), 'row')}), so there is nothing to map. "
            "Join the values to the geometry again, and look whether their ids match."
        )


def check_column(frame: gpd.GeoDataFrame, column: str) -> pd.Series[Any]:
    """Return the column to map.

    Parameters
    ----------
    frame : GeoDataFrame
        One row per unit.
    column : str
        Name of the column.

    Raises
    ------
    UnknownNameError
        When there is no such column.
    DataError
        When it is there twice.
    """
    if column not in frame.columns:
        known = [name for name in frame.columns if name != frame.active_geometry_name]
        raise UnknownNameError(f"There is no column {column!r} to map. {nearest(column, known)}")
    found = frame[column]
    if isinstance(found, pd.DataFrame):
        raise DataError(f"There are {found.shape[1]} columns named {column!r}; rename them first.")
    series: pd.Series[Any] = found
    return series


def check_values(frame: gpd.GeoDataFrame, column: str) -> NDArray[np.float64]:
    """Return a numeric column as floats, NaN where it is missing.

    Parameters
    ----------
    frame : GeoDataFrame
        One row per unit.
    column : str
        Name of the column.

    Returns
    -------
    ndarray of shape (n_units,)
        The values.

    Raises
    ------
    UnknownNameError
        When there is no such column.
    DataError
        When the column is there twice, is not numeric, or holds infinite values.
    """
    series = check_column(frame, column)
    dtype = series.dtype
    if (
        not pd.api.types.is_numeric_dtype(dtype)
        or pd.api.types.is_bool_dtype(dtype)
        or pd.api.types.is_complex_dtype(dtype)
    ):
        raise DataError(
            f"Column {column!r} is not numeric: its type is {dtype} (first values: {first_of(series)}). "
            "Turn it into numbers first, for instance with pandas.to_numeric."
        )
    values: NDArray[np.float64] = series.to_numpy(dtype=np.float64, na_value=np.nan)
    infinite = np.isinf(values)
    if infinite.any():
        number = int(infinite.sum())
        raise DataError(
            f"{plural(number, 'unit')} of {len(values):,} {'has' if number == 1 else 'have'} an infinite {column!r} "
            f"(first: {first_of(labels_of(frame, column)[infinite][:4])}). "
            "Set them to NaN, which is drawn as no data, or to a finite number."
        )
    return values


def labels_of(frame: gpd.GeoDataFrame, column: str) -> pd.Index[Any]:
    """Return the names of the units for messages: the ids of `sg.local`, or the index."""
    first = frame.columns[0]
    if (
        isinstance(frame.index, pd.RangeIndex)
        and first not in (column, frame.active_geometry_name)
        and frame.columns.is_unique
        and frame[first].is_unique
    ):
        ids: pd.Index[Any] = pd.Index(frame[first].to_numpy())
        return ids
    index: pd.Index[Any] = frame.index
    return index
