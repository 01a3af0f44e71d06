"""The centre of a city, as the user gives it."""

from __future__ import annotations

import math
import numbers
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from .errors import ParameterError

__all__ = ["Centre", "CentreLike", "as_centre"]

CentreLike = Any
"""A unit id, (x, y) or a shapely Point in the CRS of the data, a list of these, a GeoSeries of points, "population"."""


@dataclass(frozen=True)
class Centre:
    """One centre or several; the distance to it is that to the nearest.

    Attributes
    ----------
    points : tuple of (x, y)
        Places in `crs`.
    units : tuple
        Ids of units.
    population : bool
        The mean place of the people.
    crs : CRS or None
        Of the points; None for that of the data.
    """

    points: tuple[tuple[float, float], ...] = ()
    units: tuple[Hashable, ...] = ()
    population: bool = False
    crs: Any = None


def as_centre(centre: CentreLike) -> Centre:
    """Read what a user gives as the centre.

    Parameters
    ----------
    centre : str, id, (x, y), shapely.Point, list of these, or GeoSeries
        "population", the id of a unit, a place in the CRS of the data, several of them, or
        points with a CRS of their own. A list of two whole numbers is two ids, a tuple a place.

    Returns
    -------
    Centre

    Raises
    ------
    ParameterError
        For anything else.
    """
    if isinstance(centre, gpd.GeoDataFrame):
        centre = centre.geometry
    if isinstance(centre, gpd.GeoSeries):
        points = (centre.geom_type == "Point").all() and not centre.is_empty.any()
        if centre.crs is None or not len(centre) or not points:
            raise ParameterError("A GeoSeries of centres needs a CRS and holds points only.")
        return Centre(points=tuple(zip(centre.x.tolist(), centre.y.tolist(), strict=True)), crs=centre.crs)
    if isinstance(centre, str) and centre == "population":
        return Centre(population=True)
    listed = isinstance(centre, (list, tuple, np.ndarray))
    two_ids = isinstance(centre, list) and all(isinstance(item, numbers.Integral) for item in centre)
    several = listed and (two_ids or not _is_place(tuple(centre)))
    items = list(centre) if several else [centre]
    if not items:
        raise ParameterError("centre= is an empty list; it takes one place or unit at least.")
    points, units = [], []
    for item in items:
        if isinstance(item, shapely.Point):
            if item.is_empty:
                raise ParameterError("centre= holds an empty point.")
            points.append((item.x, item.y))
        elif isinstance(item, (tuple, list, np.ndarray)) and _is_place(tuple(item)):
            points.append((float(item[0]), float(item[1])))
        elif isinstance(item, Hashable) and item is not None and not isinstance(item, (tuple, shapely.Geometry, float)):
            if item == "population":
                raise ParameterError("centre='population' stands alone; it cannot be one of several centres.")
            units.append(item.item() if isinstance(item, np.generic) else item)
        else:
            raise ParameterError(
                f"centre= takes (x, y) in the CRS of the data, a shapely Point, the id of a unit, a list of these, a "
                f"GeoSeries of points, or 'population', not {item!r}."
            )
    return Centre(points=tuple(points), units=tuple(units))


def _is_place(item: tuple[Any, ...]) -> bool:
    """Return whether something is two finite numbers."""
    return len(item) == 2 and all(isinstance(x, (int, float, np.number)) and math.isfinite(x) for x in item)
