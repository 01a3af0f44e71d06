"""A population with units merged."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from .._arrays import sealed
from ..errors import first_of, plural
from ..population import Population

__all__ = ["merged_population"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def merged_population(population: Population, roots: Ints, notes: tuple[str, ...]) -> Population:
    """Return a population whose units are merged.

    Parameters
    ----------
    population : Population
        At home.
    roots : ndarray of shape (n_units,)
        Row of the unit after which each is called from now on, -1 for units that are left out.
    notes : tuple of str
        What to say of the mergers.
    """
    kept = np.flatnonzero(roots >= 0)
    named = np.unique(roots[kept])
    codes = np.searchsorted(named, roots[kept])
    counts = np.zeros((len(named), population.n_groups))
    np.add.at(counts, codes, population.counts[kept])
    ids = population.ids[named]
    attributes, lost = _agreeing(population.attributes.iloc[kept], codes)
    if lost:
        many = f"{plural(len(lost), 'column')} left out, which {'differs' if len(lost) == 1 else 'differ'}"
        notes = (*notes, f"{many} within merged units: {first_of(lost, 5)}")
    points = population._points
    if not isinstance(points, str):
        points = _mean_points(points.iloc[kept], population.totals[kept], codes).set_axis(ids)
    geometry, area, doubt = population.geometry, population._area, population.uncertainty
    kinds = population.disclosure
    return replace(
        population,
        counts=sealed(counts),
        ids=ids,
        notes=(*population.notes, *notes),
        _attributes=attributes.set_axis(ids, axis=0),
        _geometry=None if geometry is None else _dissolved(geometry.iloc[kept], codes).set_axis(ids),
        _points=points,
        _area=None if area is None else sealed(np.bincount(codes, weights=area[kept])),
        uncertainty=None if doubt is None else doubt.merge_units(kept, codes, counts),
        disclosure=None if kinds is None else kinds.merge_units(kept, codes, counts.sum(axis=1)),
    )


def _agreeing(attributes: pd.DataFrame, codes: Ints) -> tuple[pd.DataFrame, list[str]]:
    """Return the columns that say the same in all parts of each unit, and the names of the others."""
    first = np.unique(codes, return_index=True)[1]
    agree = [_constant(attributes.iloc[:, column], codes, first) for column in range(attributes.shape[1])]
    lost = [str(name) for name, kept in zip(attributes.columns, agree, strict=True) if not kept]
    return attributes.iloc[first, np.flatnonzero(agree)], lost


def _constant(column: pd.Series[Any], codes: Ints, first: Ints) -> bool:
    """Say whether a column is the same in all parts of each unit; what cannot be compared is not."""
    try:
        values = pd.factorize(column.to_wkb() if isinstance(column, gpd.GeoSeries) else column)[0]
    except TypeError:  # lists and the like
        return len(first) == len(codes)
    return bool((values == values[first][codes]).all())


def _dissolved(geometry: gpd.GeoSeries, codes: Ints) -> gpd.GeoSeries:
    """Return one shape for each unit; none where that of a part is missing."""
    shapes = geometry.to_numpy()
    order = np.argsort(codes, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(codes[order])) + 1)
    made = np.empty(len(parts), dtype=object)
    for unit, rows in enumerate(parts):
        if len(rows) == 1:
            made[unit] = shapes[rows[0]]
        elif not shapely.is_missing(shapes[rows]).any():
            made[unit] = shapely.union_all(shapely.make_valid(shapes[rows]))
    return gpd.GeoSeries(made, crs=geometry.crs, name=geometry.name)


def _mean_points(points: gpd.GeoSeries, people: Floats, codes: Ints) -> gpd.GeoSeries:
    """Return the mean place of the people of each unit; none where that of a part is missing."""
    weights = np.bincount(codes, weights=people)
    x, y = (np.bincount(codes, weights=people * where) / weights for where in (points.x, points.y))
    made = gpd.GeoSeries(gpd.points_from_xy(x, y), crs=points.crs, name=points.name)
    made[~(np.isfinite(x) & np.isfinite(y))] = None
    return made
