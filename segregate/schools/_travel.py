"""How far units are from schools, services and places: straight, along streets, or as a table says."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse
import shapely

from .._arrays import sealed
from .._checks import check_columns, check_ids, read_numbers
from ..environment import Network
from ..errors import DataError, GeometryError, ParameterError, UnknownNameError, first_of, have, plural
from ..population import Population

__all__ = ["Costs", "Facilities", "facilities_of", "travel_costs"]

Floats = npt.NDArray[np.float64]
ONE = {"facilities": "facility", "schools": "school", "places": "place"}
MOST = 2 * 10**8
"""Pairs of a unit and a facility that are held at a time."""


@dataclass(frozen=True, eq=False)
class Facilities:
    """Schools, services or places.

    Attributes
    ----------
    ids : Index
        Their labels.
    points : GeoSeries or None
        Where they are; the centroid of an area.
    table : DataFrame
        Their other columns.
    """

    ids: pd.Index
    points: gpd.GeoSeries | None
    table: pd.DataFrame

    def __len__(self) -> int:
        return len(self.ids)

    def numbers(self, column: Hashable, what: str) -> Floats:
        """Return a column of numbers, 0 or more."""
        check_columns(self.table, [column], role=what)
        values = read_numbers(self.table[column], self.ids, "facility")
        bad = ~(np.isfinite(values) & (values >= 0))
        if bad.any():
            raise DataError(
                f"{have(int(bad.sum()), len(bad), 'facility')} no number of 0 or more in {column!r} "
                f"(first: {first_of(self.ids[bad][:4])})."
            )
        return values


@dataclass(frozen=True, eq=False)
class Costs:
    """What it takes from each unit to each facility.

    Attributes
    ----------
    matrix : ndarray of shape (n_units, n_facilities)
        Infinite where it cannot be reached.
    unit : str
        "m", or "as given".
    """

    matrix: Floats
    unit: str


def facilities_of(
    given: Any,
    *,
    id: Hashable | None = None,  # noqa: A002
    points: Sequence[Hashable] | None = None,
    crs: Any = None,
    what: str = "facilities",
) -> Facilities:
    """Return facilities from what a user has.

    Parameters
    ----------
    given : GeoDataFrame, DataFrame, GeoSeries or Population
        One row each; of a Population its units.
    id : column name, optional
        Their labels; by default the index.
    points : (x, y), optional
        Columns of coordinates in `crs`.
    crs : optional
        Of the coordinates.
    what : str
        How messages call the argument.
    """
    if isinstance(given, Population):
        if id is not None or points is not None:
            raise ParameterError(f"id= and points= are columns of a table; the {what} are a Population.")
        frame = pd.DataFrame(given.attributes).assign(**dict(zip(given.groups, given.counts.T, strict=True)))
        where = None if given.geometry is None else given.places.located[0]
        return Facilities(given.ids, None if where is None else gpd.GeoSeries(where.array, index=given.ids), frame)
    if isinstance(given, gpd.GeoSeries):
        given = gpd.GeoDataFrame(geometry=given)
    if not isinstance(given, pd.DataFrame):
        raise ParameterError(f"{what} are a (Geo)DataFrame, a GeoSeries or a Population, not {type(given).__name__}.")
    if not len(given):
        raise DataError(f"There are no {what}.")
    if id is not None:
        check_columns(given, [id], role="id=")
    ids = given.index.view() if id is None else pd.Index(given[id], name=id)
    check_ids(ids)
    geometry = given.geometry if isinstance(given, gpd.GeoDataFrame) and given.active_geometry_name else None
    if points is not None:
        check_columns(given, list(points), role="points=")
        if crs is None:
            raise GeometryError(f"points={tuple(points)!r} need crs=, the system of the coordinates.")
        x, y = (read_numbers(given[name], ids, "facility") for name in points)
        geometry = gpd.GeoSeries(shapely.points(x, y), crs=crs)
    elif geometry is not None and geometry.crs is None and crs is not None:
        geometry = geometry.set_crs(crs)
    table = pd.DataFrame(given.drop(columns=[] if geometry is None or points is not None else geometry.name))
    where = None if geometry is None else gpd.GeoSeries(geometry.array, index=ids, crs=geometry.crs)
    return Facilities(ids, where, table.set_axis(ids, axis=0))


def travel_costs(units: Population, facilities: Facilities, travel: Any = None, *, what: str = "facilities") -> Costs:
    """Return what it takes from each unit to each facility.

    Parameters
    ----------
    units : Population
        Where people live.
    facilities : Facilities
        Where they go.
    travel : optional
        None: straight lines in metres. A `segregate.Network`, or streets (GeoDataFrame or graph): along streets.
        A table: long with the columns from, to and cost (the first three), or wide with units as index and facilities
        as columns, by ids; an array or sparse array in their order, of which only explicit entries can be reached.
    what : str
        How messages call the facilities.

    Raises
    ------
    GeometryError
        Without places or coordinate reference systems where distances are asked for.
    DataError
        For costs that are negative or no numbers, and pairs named twice.
    UnknownNameError
        For a table with none of the units or facilities.
    """
    if units.n_units * len(facilities) > MOST:
        raise ParameterError(
            f"{plural(units.n_units, 'unit')} and {len(facilities):,} {what} are more pairs than {MOST:,}; "
            "divide the area (population.split), or put units together."
        )
    if travel is None:
        there = _plane(units, facilities, what)
        gap = units.points[:, None, :] - there[None, :, :]
        return Costs(sealed(np.hypot(gap[..., 0], gap[..., 1])), "m")
    if isinstance(travel, Network):
        return Costs(sealed(travel.distances(units, _plane(units, facilities, what))), "m")
    streets = isinstance(travel, gpd.GeoDataFrame | gpd.GeoSeries) or (
        hasattr(travel, "edges") and hasattr(travel, "nodes")
    )
    if streets:
        return Costs(sealed(Network(travel, 1.0).distances(units, _plane(units, facilities, what))), "m")
    if isinstance(travel, pd.DataFrame):
        return Costs(sealed(_checked(_of_table(travel, units.ids, facilities.ids, what))), "as given")
    return Costs(sealed(_checked(_of_array(travel, units.n_units, len(facilities), what))), "as given")


def _plane(units: Population, facilities: Facilities, what: str) -> Floats:
    """Return where facilities are, (k, 2) in metres, in the plane of the units."""
    if facilities.points is None:
        raise GeometryError(f"The {what} have no geometry, so distances are not known; give it, or travel= a table.")
    places, factor = units.places.located
    there = facilities.points
    if there.crs is None:
        raise GeometryError(f"The {what} have no coordinate reference system; say which: crs='EPSG:...'.")
    absent = (there.isna() | there.is_empty).to_numpy()
    if absent.any():
        raise GeometryError(
            f"{have(int(absent.sum()), len(there), ONE.get(what, what))} no place (first: "
            f"{first_of(facilities.ids[absent][:4])}); add it, or leave them out."
        )
    there = there.to_crs(places.crs)
    if not (there.geom_type == "Point").all():
        there = there.centroid
    return np.column_stack([there.x, there.y]) * factor


def _of_table(table: pd.DataFrame, units: pd.Index, facilities: pd.Index, what: str) -> Floats:
    """Return a wide or long table as an array."""
    as_text = not (units.isin(table.index).any() and facilities.isin(table.columns).any())
    if not as_text:
        wide = table.reindex(index=units, columns=facilities)
        return np.column_stack([read_numbers(wide[name], units) for name in wide.columns])
    if table.shape[1] < 3:
        raise ParameterError(
            f"travel= is a table with the columns from, to and cost, or one with the {what} as columns and the units "
            f"as index; this one has the columns {first_of(table.columns, 6)}."
        )
    start, goal, cost = (table.iloc[:, k] for k in range(3))
    row, column = units.get_indexer(pd.Index(start)), facilities.get_indexer(pd.Index(goal))
    for found, ends, name in ((row, start, "units"), (column, goal, what)):
        if (found < 0).all():
            raise UnknownNameError(
                f"None of the ids in the column {ends.name!r} of travel= is among the {name} (first there: "
                f"{first_of(ends[:4])}). The columns are from, to, cost, in this order."
            )
    known = (row >= 0) & (column >= 0)
    pairs = pd.MultiIndex.from_arrays([row[known], column[known]])
    if pairs.has_duplicates:
        twice = pairs.duplicated()
        first = int(np.flatnonzero(known)[np.flatnonzero(twice)[0]])
        raise DataError(
            f"{plural(int(twice.sum()), 'pair')} of travel= named twice (first: {start.iloc[first]!r} to "
            f"{goal.iloc[first]!r}); keep one of each."
        )
    matrix = np.full((len(units), len(facilities)), np.inf)
    matrix[row[known], column[known]] = read_numbers(cost[known], pd.Index(start[known]))
    return matrix


def _of_array(given: Any, units: int, facilities: int, what: str) -> Floats:
    """Return an array, or the explicit entries of a sparse one."""
    if scipy.sparse.issparse(given):
        pairs = given.tocoo()
        _check_shape(pairs.shape, units, facilities, what)
        matrix = np.full((units, facilities), np.inf)
        matrix[pairs.row, pairs.col] = pairs.data
        return matrix
    try:
        matrix = np.array(given, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ParameterError(
            "travel= is None, a Network, streets, or a table or array of costs from each unit to each of the "
            f"{what}, not {type(given).__name__}."
        ) from error
    _check_shape(matrix.shape, units, facilities, what)
    return matrix


def _check_shape(shape: tuple[int, ...], units: int, facilities: int, what: str) -> None:
    if shape != (units, facilities):
        raise ParameterError(
            f"travel= is {' x '.join(map(str, shape)) or 'a number'}; it takes one row for each of the {units:,} units "
            f"and one column for each of the {facilities:,} {what}."
        )


def _checked(matrix: Floats) -> Floats:
    """Refuse negative costs; what is missing cannot be reached."""
    matrix[np.isnan(matrix)] = np.inf
    negative = matrix < 0
    if negative.any():
        raise DataError(
            f"{plural(int(negative.sum()), 'cost')} of travel= below 0; if it stands for 'no way', drop it."
        )
    return matrix
