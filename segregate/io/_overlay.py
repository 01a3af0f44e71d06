"""How much of each unit lies in each unit of other boundaries."""

from __future__ import annotations

from types import ModuleType
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse
import shapely

from segregate._crs import metric_crs
from segregate.errors import DataError, GeometryError, first_of, have, plural

__all__ = ["Overlay", "interpolated", "overlaid"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
ROUNDING = 1e-9
"""Parts of a unit smaller than that, as a share of it, come from the rounding of coordinates."""
SLIVER = 0.01
"""Target units may overlap by so much of the smaller one."""
BATCH = 50_000
"""So many intersections are held at a time."""


class Overlay(NamedTuple):
    """Shares of area.

    Attributes
    ----------
    weights : sparse array of shape (n_source, n_target)
        Share of each source unit's area that lies in each target unit; rows add up to 1 at most.
    covered : ndarray of shape (n_target,)
        Share of each target unit's area that lies in source units.
    source : GeoSeries
        Shapes of the source units in metres, those that are far away left empty.
    target : GeoSeries
        Shapes of the target units in the same CRS.
    notes : tuple of str
        What was repaired, or overlaps.
    """

    weights: scipy.sparse.csr_array
    covered: Floats
    source: gpd.GeoSeries
    target: gpd.GeoSeries
    notes: tuple[str, ...]


def overlaid(source: gpd.GeoSeries, peopled: Bools, target: gpd.GeoSeries) -> Overlay:
    """Lay the source units over the target units, in the CRS in which the target is measured in metres.

    Parameters
    ----------
    source : GeoSeries
        Shapes of n_source units, with their ids as index.
    peopled : ndarray of bool, shape (n_source,)
        Units with people; the others may lack geometry.
    target : GeoSeries
        Shapes of n_target units, with their ids as index.

    Raises
    ------
    GeometryError
        Without a CRS, and for units with people, or target units, that have no area.
    DataError
        Where target units overlap, and where no source unit touches any of them.
    """
    notes: list[str] = []
    _check_shapes(source, peopled, "source")
    _check_shapes(target, np.ones(len(target), dtype=bool), "target")
    plane, reason = metric_crs(target)
    if plane is None:
        plane = target.crs
    else:
        name = "an equal-area projection on the centre of the target" if plane.name == "unknown" else plane.name
        notes.append(f"{reason}, so areas are taken in {name}")
    near = _near(source, target)
    theirs = _projected(target, plane, np.ones(len(target), dtype=bool), "target", notes)
    ours = _projected(source, plane, near, "source", notes)
    areas, target_areas = shapely.area(ours), shapely.area(theirs)
    _check_areas(areas, near & peopled, source.index, "source")
    _check_areas(target_areas, np.ones(len(target), dtype=bool), target.index, "target")
    notes += _overlaps(theirs, target_areas, target.index)

    i, j = _pairs(ours, theirs)
    shared = _shared_area(ours, theirs, i, j)
    share = np.divide(shared, areas[i], out=np.zeros_like(shared), where=areas[i] > 0)
    kept = share > ROUNDING
    if not kept.any():
        raise DataError(
            f"No unit of the source ({plural(len(source), 'unit')}, {_where(source)}) lies in any unit of the target "
            f"({plural(len(target), 'unit')}, {_where(target)}). Check the coordinate reference systems of both."
        )
    covered = np.bincount(j, weights=shared, minlength=len(target)) / target_areas
    inside = np.bincount(i, weights=share, minlength=len(source))
    inside[inside > 1 - ROUNDING] = 1.0
    i, j, share = i[kept], j[kept], share[kept]
    scale = inside[i] / np.bincount(i, weights=share, minlength=len(source))[i]
    weights = scipy.sparse.csr_array((share * scale, (i, j)), shape=(len(source), len(target)))
    return Overlay(
        weights,
        covered,
        gpd.GeoSeries(ours, index=source.index, crs=plane),
        gpd.GeoSeries(theirs, index=target.index, crs=plane),
        tuple(notes),
    )


def interpolated(tobler: ModuleType, overlay: Overlay, counts: Floats) -> Floats:
    """Return the counts on the target units, (n_target, n_groups), by tobler's area-weighted interpolation.

    tobler's own table of areas has single precision (an error of 6e-8 of the people); it is given ours.
    """
    rows = np.flatnonzero(np.diff(overlay.weights.indptr))
    columns = [f"group {m}" for m in range(counts.shape[1])]
    shapes = overlay.source.iloc[rows]
    areas = scipy.sparse.csr_matrix(overlay.weights[rows].multiply(shapes.area.to_numpy()[:, None]))
    estimates = tobler.area_weighted.area_interpolate(
        gpd.GeoDataFrame(pd.DataFrame(counts[rows], index=shapes.index, columns=columns), geometry=shapes),
        gpd.GeoDataFrame(geometry=overlay.target),
        extensive_variables=columns,
        table=areas,
        allocate_total=False,
    )
    found: Floats = estimates[columns].to_numpy(dtype=np.float64)
    return found


def _check_shapes(geometry: gpd.GeoSeries, needed: Bools, what: str) -> None:
    """Refuse what has no CRS, or lacks shapes that are needed."""
    if geometry.crs is None:
        raise GeometryError(
            f"The {what} has no coordinate reference system, so it cannot be laid over other boundaries. "
            "Say which one it is: crs='EPSG:...' where it is read, or frame.set_crs."
        )
    absent = (geometry.isna() | geometry.is_empty).to_numpy() & needed
    if absent.any():
        people = " with people" if what == "source" else ""
        raise GeometryError(
            f"{have(int(absent.sum()), len(geometry), f'{what} unit')} missing or empty geometry{people} "
            f"(first: {first_of(geometry.index[absent][:4])}). Add it, leave these units out, or give a crosswalk=."
        )


def _check_areas(areas: Floats, needed: Bools, ids: pd.Index, what: str) -> None:
    flat = needed & ~(areas > 0)
    if flat.any():
        raise GeometryError(
            f"{have(int(flat.sum()), len(areas), f'{what} unit')} no area (first: {first_of(ids[flat][:4])}): points "
            "or lines cannot be weighted by area. Give polygons, or a crosswalk= that says where each unit belongs."
        )


def _near(source: gpd.GeoSeries, target: gpd.GeoSeries) -> Bools:
    """Say which source units may touch the target; what is far away need not, and often cannot, be projected."""
    here: Bools = ~(source.isna() | source.is_empty).to_numpy(dtype=bool)
    west, south, east, north = target.to_crs(source.crs).total_bounds
    if not np.isfinite([west, south, east, north]).all():
        return here
    wide, high = (east - west) / 4, (north - south) / 4
    bounds = source.bounds.to_numpy()
    apart: Bools = (bounds[:, 0] > east + wide) | (bounds[:, 2] < west - wide)
    apart |= (bounds[:, 1] > north + high) | (bounds[:, 3] < south - high)
    return np.logical_and(here, ~apart)


def _projected(
    geometry: gpd.GeoSeries, plane: Any, rows: Bools, what: str, notes: list[str]
) -> npt.NDArray[np.object_]:
    """Return the shapes of some rows in another CRS, without heights and valid; nothing for the other rows."""
    shapes = np.full(len(geometry), None, dtype=object)
    flat = gpd.GeoSeries(shapely.force_2d(geometry.array[rows]), crs=geometry.crs).to_crs(plane).to_numpy()
    beyond = ~np.isfinite(shapely.bounds(flat)).all(axis=1)
    if beyond.any():
        raise GeometryError(
            f"{plural(int(beyond.sum()), f'{what} unit')} (first: {first_of(geometry.index[rows][beyond][:4])}) cannot "
            f"be projected to {plane.name}, in which the target is measured; leave out what lies far from it."
        )
    invalid = ~shapely.is_valid(flat)
    if invalid.any():
        flat[invalid] = shapely.make_valid(flat[invalid], method="structure", keep_collapsed=False)
        notes.append(
            f"{plural(int(invalid.sum()), f'{what} unit')} with invalid geometry "
            f"(first: {first_of(geometry.index[rows][invalid][:4])}) repaired for areas"
        )
    shapes[rows] = flat
    return shapes


def _pairs(ours: npt.NDArray[np.object_], theirs: npt.NDArray[np.object_]) -> tuple[Ints, Ints]:
    """Return the rows of shapes that touch each other, sorted."""
    if len(ours) > len(theirs):
        j, i = shapely.STRtree(ours).query(theirs, predicate="intersects")
    else:
        i, j = shapely.STRtree(theirs).query(ours, predicate="intersects")
    order = np.lexsort((j, i))
    return i[order], j[order]


def _shared_area(ours: npt.NDArray[np.object_], theirs: npt.NDArray[np.object_], i: Ints, j: Ints) -> Floats:
    areas = np.empty(len(i))
    for start in range(0, len(i), BATCH):
        part = slice(start, start + BATCH)
        areas[part] = shapely.area(shapely.intersection(ours[i[part]], theirs[j[part]]))
    return areas


def _overlaps(shapes: npt.NDArray[np.object_], areas: Floats, ids: pd.Index) -> list[str]:
    """Refuse target units that overlap; slivers are only said."""
    if shapely.coverage_is_valid(shapes):
        return []
    i, j = _pairs(shapes, shapes)
    once = i < j
    i, j = i[once], j[once]
    both = _shared_area(shapes, shapes, i, j)
    share = both / np.minimum(areas[i], areas[j])
    bad = share > SLIVER
    if bad.any():
        worst = np.flatnonzero(bad)[np.argsort(-share[bad], kind="stable")[:3]]
        named = "; ".join(
            f"{first_of([ids[i[k]]])} and {first_of([ids[j[k]]])}: {share[k]:.0%} of the smaller" for k in worst
        )
        many = f"{plural(int(bad.sum()), 'pair')} of target units {'overlaps' if bad.sum() == 1 else 'overlap'}"
        raise DataError(
            f"{many} ({named}), so people there would belong to two. Target units must not overlap: drop duplicates "
            "and units of a higher level, or clean the edges (shapely.coverage_clean)."
        )
    seen = share > 1e-6
    if not seen.any():
        return []
    return [
        f"{plural(int(seen.sum()), 'pair')} of target units {'overlaps' if seen.sum() == 1 else 'overlap'} in slivers, "
        f"at most {share.max():.2g} of the smaller unit; where the shares of a source unit add up to more than 1 they "
        "are divided by their sum"
    ]


def _where(geometry: gpd.GeoSeries) -> str:
    west, south, east, north = geometry.total_bounds
    return f"{geometry.crs.name}: {west:.6g}, {south:.6g} to {east:.6g}, {north:.6g}"
