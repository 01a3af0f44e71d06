"""A second population that surrounds the first and is not measured."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from ._arrays import sealed
from ._provenance import then
from .errors import GeometryError, ParameterError, UnknownNameError, first_of, plural

if TYPE_CHECKING:
    from .environment import Environment
    from .population import Population

__all__ = ["surrounded"]

Floats = npt.NDArray[np.float64]


def joined_fields(inner: Population, outer: Population) -> dict[str, Any]:
    """Return the fields of a population of both, the measured units first.

    Parameters
    ----------
    inner : Population
        The units that are measured.
    outer : Population
        Those around them; it must have the same groups.

    Raises
    ------
    UnknownNameError
        Where the groups are not the same.
    ParameterError
        Where a unit is in both.
    GeometryError
        Where only one of the two has geometry.
    """
    if set(inner.groups) != set(outer.groups):
        raise UnknownNameError(
            f"The buffer has the groups {', '.join(map(repr, outer.groups))}, the population "
            f"{', '.join(map(repr, inner.groups))}; they must be the same."
        )
    twice = inner.ids.intersection(outer.ids)
    numbered = isinstance(inner.ids, pd.RangeIndex) and isinstance(outer.ids, pd.RangeIndex)
    if numbered and inner.geometry is not None and outer.geometry is not None:  # numbers say nothing, shapes do
        numbered = not inner.geometry.loc[twice].to_wkb().isin(outer.geometry.to_wkb()).any()
    if len(twice) and not numbered:
        raise ParameterError(
            f"{len(twice):,} units are in the population and in the buffer (first: {first_of(twice)}); the buffer "
            "holds only those around: buffer.subset(~buffer.ids.isin(population.ids))."
        )
    ids = pd.RangeIndex(inner.n_units + outer.n_units) if len(twice) else inner.ids.append(outer.ids)
    columns = [outer.groups.index(name) for name in inner.groups]
    places = _places(inner, outer, ids)
    return {
        "counts": sealed(np.concatenate([inner.counts, outer.counts[:, columns]])),
        "groups": inner.groups,
        "ids": ids,
        "_attributes": pd.DataFrame(index=ids),
        **places,
    }


def _places(inner: Population, outer: Population, ids: pd.Index) -> dict[str, Any]:
    """Return geometry, points and areas of both."""
    if (inner.geometry is None) != (outer.geometry is None):
        raise GeometryError("The population and its buffer need geometry both, or neither of them.")
    area = None
    if inner._area is not None or outer._area is not None:
        area = sealed(np.concatenate([inner.area, outer.area]))
    if inner.geometry is None or outer.geometry is None:
        return {"_geometry": None, "_points": "centroid", "_area": area}
    geometry = _stacked(inner.geometry, outer.geometry, ids)
    same = isinstance(inner._points, str) and inner._points == outer._points
    points: gpd.GeoSeries | str = "centroid"
    if same and isinstance(inner._points, str):
        points = inner._points
    else:
        points = _stacked(inner.places.located[0], outer.places.located[0], ids)
    return {"_geometry": geometry, "_points": points, "_area": area}


def _stacked(inner: gpd.GeoSeries, outer: gpd.GeoSeries, ids: pd.Index) -> gpd.GeoSeries:
    """Return both in the CRS of the first."""
    if (inner.crs is None) != (outer.crs is None):
        raise GeometryError("The population and its buffer need a coordinate reference system both.")
    if inner.crs is not None and outer.crs != inner.crs:
        outer = outer.to_crs(inner.crs)
    shapes = np.concatenate([inner.to_numpy(), outer.to_numpy()])
    return gpd.GeoSeries(shapes, index=ids, crs=inner.crs, name=inner.name)


def surrounded(inner: Population, environment: Environment, outer: Population) -> Population:
    """Return a population whose people also meet those of the units around it.

    Parameters
    ----------
    inner : Population
        The units that are measured.
    environment : Environment
        Who surrounds a person.
    outer : Population
        Units around them, which are not measured.
    """
    both = replace(inner.home(), **joined_fields(inner, outer), notes=inner.notes, uncertainty=None, disclosure=None)
    nearby = both.within(environment).subset(np.arange(both.n_units) < inner.n_units)
    note = f"surrounded by {plural(outer.n_units, 'further unit')} with {outer.size:,.6g} people that are not measured"
    if outer.uncertainty is not None:
        note += ", and whose counts are taken as exact"
    return replace(
        nearby,
        ids=inner.ids,
        _attributes=inner._attributes,
        _geometry=inner._geometry,
        _points=inner._points,
        _area=inner._area,
        notes=(*inner.notes, note),
        uncertainty=inner.uncertainty,
        disclosure=inner.disclosure,
        provenance=then(inner.provenance, f"within {environment}, {note}"),
    )
