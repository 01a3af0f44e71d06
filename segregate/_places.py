"""Where the units are: points, areas and borders in metres."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TypeVar

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from ._arrays import sealed
from ._centre import Centre
from ._crs import in_metres
from .environment.borders import Borders, borders_of
from .errors import GeometryError, ParameterError, UnknownNameError, first_of, have, nearest, plural, warn

__all__ = ["Places"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
T = TypeVar("T")
NO_GEOMETRY = (
    "The population has no geometry, so distances and areas are not known. Read a file with "
    "geometry, join one (sg.read(..., join=, on=)), or give points=('x', 'y') and crs=."
)


class Places:
    """Where units are; nothing is computed before it is asked for.

    Parameters
    ----------
    ids : Index
        Labels of the units.
    geometry : GeoSeries or None
        Their shapes or points, in the CRS of the data.
    points : GeoSeries, "centroid" or "inside"
        Where their people are.
    area : ndarray of shape (n,) or None
        Given areas in m2.
    say : callable, optional
        Told of reprojection and repair; a warning by default.
    """

    def __init__(
        self,
        ids: pd.Index,
        geometry: gpd.GeoSeries | None,
        points: gpd.GeoSeries | str,
        area: Floats | None,
        *,
        say: Callable[[str], None] = warn,
    ) -> None:
        self.ids = ids
        self.geometry = geometry
        self._points = points
        self._area = area
        self._say = say
        self._last_regions: _ByRegion | None = None

    @cached_property
    def shapes(self) -> tuple[gpd.GeoSeries, float]:
        """Shapes in a plane CRS, and the metres in one unit of it."""
        if self.geometry is None:
            raise GeometryError(NO_GEOMETRY)
        return in_metres(self.geometry, what="distances and areas", say=self._say)

    @cached_property
    def located(self) -> tuple[gpd.GeoSeries, float]:
        """Points of the people in a plane CRS, and the metres in one unit of it."""
        if isinstance(self._points, gpd.GeoSeries):
            return in_metres(self._points, what="distances", say=self._say)
        shapes, factor = self.shapes
        return (shapes.centroid if self._points == "centroid" else shapes.representative_point()), factor

    @cached_property
    def points(self) -> Floats:
        """Where the people of each unit are, (n, 2) in metres."""
        places, factor = self.located
        points = np.column_stack([places.x, places.y]) * factor
        points.setflags(write=False)
        return points

    @cached_property
    def area(self) -> Floats:
        """Area of each unit in m2, (n,)."""
        if self._area is not None:
            return self._area
        shapes, factor = self.shapes
        area: Floats = np.ascontiguousarray(shapes.area.to_numpy() * factor**2)
        if (area <= 0).any():
            raise GeometryError(
                f"{have(int((area <= 0).sum()), len(area))} no area "
                f"(first: {first_of(self.ids[area <= 0][:4])}): points or lines. Give a column: area='...'."
            )
        area.setflags(write=False)
        return area

    @cached_property
    def borders(self) -> Borders:
        """Which units touch, and how long their common border is."""
        shapes, factor = self.shapes
        assert self.geometry is not None
        return borders_of(self.geometry, shapes, factor, say=self._say)

    def squared_distances(self, centre: Centre, totals: Floats) -> Floats:
        """Return the squared distance of each unit to the nearest centre, (n,) in m2.

        Parameters
        ----------
        centre : Centre
            See `segregate._centre.Centre`.
        totals : ndarray of shape (n,)
            People, for the centre of the population.
        """
        goals = self._goals(centre, totals)
        if not len(goals):
            return np.full(len(self.ids), np.nan)
        gaps = self.points[:, None, :] - goals[None, :, :]
        return (gaps**2).sum(axis=2).min(axis=1)  # type: ignore[no-any-return]

    def _goals(self, centre: Centre, totals: Floats) -> Floats:
        """Return the places of the centres, (k, 2) in metres."""
        if centre.population:
            return np.average(self.points, axis=0, weights=totals)[None, :] if totals.sum() > 0 else np.empty((0, 2))
        rows = [self.ids.get_loc(unit) for unit in centre.units if unit in self.ids]
        found = [self.points[np.array(rows, dtype=np.int64)]]
        if len(centre.points):
            plane, factor = self.located
            crs = centre.crs if centre.crs is not None else self.geometry.crs if self.geometry is not None else None
            goals = gpd.GeoSeries(gpd.points_from_xy(*np.array(centre.points).T), crs=crs).to_crs(plane.crs)
            found.append(np.column_stack([goals.x, goals.y]) * factor)
            beyond = ~np.isfinite(found[-1]).all(axis=1)
            if beyond.any():
                first = centre.points[int(beyond.argmax())]
                raise ParameterError(
                    f"centre= {first} lies outside {plane.crs.name}; a place is (x, y) in the CRS of the data."
                )
        return np.concatenate(found)

    def check(self, centre: Centre) -> None:
        """Refuse a centre that is no unit here."""
        unknown = [unit for unit in centre.units if unit not in self.ids]
        if unknown:
            raise UnknownNameError(
                f"centre= {first_of(unknown)} {'is' if len(unknown) == 1 else 'are'} neither 'population' nor the id "
                f"of a unit. {nearest(unknown[0], self.ids[:5000])} A place is (x, y) in the CRS of the data."
            )

    def lacks(self, need: str) -> str:
        """Say why "points", "area" or "geometry" (polygons) cannot be had, or nothing.

        Parameters
        ----------
        need : {"points", "area", "geometry"}
            What an index asks for.
        """
        if need == "area" and self._area is not None:
            return ""
        if self.geometry is None:
            return "needs points" if need == "points" else f"needs {'areas' if need == 'area' else 'geometry'}"
        places = self._points if need == "points" and isinstance(self._points, gpd.GeoSeries) else self.geometry
        if places.crs is None:
            return "needs a coordinate reference system"
        if (places.isna() | places.is_empty).any():
            return "needs the geometry of every unit"
        if need != "points" and not places.geom_type.isin(["Polygon", "MultiPolygon"]).all():
            return f"needs {'areas' if need == 'area' else 'polygons'}"
        return ""

    def take(self, rows: Ints | npt.NDArray[np.bool_], say: Callable[[str], None] | None = None) -> Places:
        """Return the places of some units."""
        points = self._points
        return Places(
            self.ids[rows],
            None if self.geometry is None else self.geometry.iloc[rows],
            points if isinstance(points, str) else points.iloc[rows],
            None if self._area is None else np.ascontiguousarray(self._area[rows]),
            say=say or self._say,
        )

    def by_region(self, order: Ints, starts: Ints) -> Places:
        """Return the places region by region, each measured as if it stood alone."""
        if len(starts) == 2 and np.array_equal(order, np.arange(len(self.ids))):
            return self
        known = self._last_regions
        if known is None or not (np.array_equal(known._order, order) and np.array_equal(known._starts, starts)):
            self._last_regions = known = _ByRegion(self, order, starts)
        return known


class _ByRegion(Places):
    """Places of units sorted by region; every region has the projection that fits it."""

    def __init__(self, whole: Places, order: Ints, starts: Ints) -> None:
        super().__init__(whole.ids[order], whole.geometry, whole._points, whole._area)
        self._whole = whole
        self._order = order
        self._starts = starts
        self._heard: list[str] = []

    @cached_property
    def parts(self) -> list[Places]:
        """The regions, one by one."""
        ranges = zip(self._starts[:-1], self._starts[1:], strict=True)
        return [self._whole.take(self._order[first:last], self._heard.append) for first, last in ranges]

    def _each(self, measure: Callable[[Places], T]) -> list[T]:
        """Measure every region, and say once what was said of many."""
        found = [measure(part) for part in self.parts]
        heard = list(dict.fromkeys(self._heard))
        self._heard.clear()
        if heard:
            more = f" ({plural(len(heard) - 1, 'further note')} of the kind on other regions)" if len(heard) > 1 else ""
            warn(f"{heard[0]}{more}")
        return found

    @cached_property
    def points(self) -> Floats:
        """Where the people of each unit are, (n, 2) in metres of the region's own projection."""
        return sealed(np.concatenate(self._each(lambda part: part.points)))  # type: ignore[no-any-return]

    @cached_property
    def area(self) -> Floats:
        """Area of each unit in m2, (n,)."""
        return sealed(np.concatenate(self._each(lambda part: part.area)))  # type: ignore[no-any-return]

    @cached_property
    def borders(self) -> Borders:
        """Which units of the same region touch, and how long their common border is."""
        return Borders.concatenate(self._each(lambda part: part.borders))

    def squared_distances(self, centre: Centre, totals: Floats) -> Floats:
        """Return the squared distance of each unit to the nearest centre, (n,) in m2; NaN in a region without one."""
        bounds = zip(self.parts, self._starts[:-1], self._starts[1:], strict=True)
        pieces = {id(part): totals[first:last] for part, first, last in bounds}
        return np.concatenate(self._each(lambda part: part.squared_distances(centre, pieces[id(part)])))

    def check(self, centre: Centre) -> None:
        """Refuse a centre that is no unit of any region."""
        self._whole.check(centre)
