"""Geometry to matplotlib: one closed path per unit, holes and parts included."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_rgb
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from numpy.typing import NDArray

from ._palettes import NO_DATA

__all__ = [
    "HATCH",
    "HATCH_COLOUR",
    "PATTERN_WIDTH",
    "Kind",
    "add_units",
    "outline_width",
    "pattern_colour",
    "polygon_paths",
    "simple_parts",
]

Kind = Literal["polygon", "line", "point"]
HATCH = "//////"
HATCH_COLOUR = "#a6a6a6"
HATCH_WIDTH = 0.5
OUTLINE = "#c4c4c4"
PATTERN_WIDTH = 0.8
"""Width of the lines of a pattern over a grey."""


def simple_parts(geometry: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """Take geometry apart into points, lines and polygons.

    Parameters
    ----------
    geometry : ndarray of shapely geometries, shape (n_units,)
        Any types, collections in collections too; may be missing or empty.

    Returns
    -------
    parts : ndarray of shapely geometries
        Points, line strings and polygons, none empty.
    owner : ndarray of int
        Row of the unit that each part belongs to, not decreasing.
    """
    parts = np.asarray(geometry, dtype=object)
    owner = np.arange(len(parts))
    while True:
        kept = ~(shapely.is_missing(parts) | shapely.is_empty(parts))
        parts, owner = parts[kept], owner[kept]
        if not len(parts) or not (shapely.get_type_id(parts) > shapely.GeometryType.POLYGON.value).any():
            return parts, owner
        parts, rows = shapely.get_parts(parts, return_index=True)
        owner = owner[rows]


def polygon_paths(polygons: NDArray[Any], owner: NDArray[np.intp]) -> tuple[list[Path], NDArray[np.intp]]:
    """Make one compound path for every unit.

    Parameters
    ----------
    polygons : ndarray of shapely polygons
        At least one, none empty.
    owner : ndarray of int
        Unit of each polygon, not decreasing.

    Returns
    -------
    paths : list of Path
        Shells run counter-clockwise and holes clockwise, so that holes stay open.
    units : ndarray of int
        The unit of each path.
    """
    _, points, offsets = shapely.to_ragged_array(polygons, include_z=False)
    ring_starts, polygon_starts = (np.asarray(offset, dtype=np.intp) for offset in offsets)
    x, y = points[:, 0] - points[:, 0].mean(), points[:, 1] - points[:, 1].mean()
    ends = ring_starts[1:] - 1
    cross = np.zeros(len(points))
    cross[:-1] = x[:-1] * y[1:] - x[1:] * y[:-1]
    cross[ends] = 0.0
    area = np.add.reduceat(cross, ring_starts[:-1])
    shell = np.zeros(len(ends), dtype=bool)
    shell[polygon_starts[:-1]] = True
    turned = (area < 0) == shell
    order = np.arange(len(points))
    for ring in np.flatnonzero(turned):
        order[ring_starts[ring] : ring_starts[ring + 1]] = order[ring_starts[ring] : ring_starts[ring + 1]][::-1]
    points = points[order]
    codes = np.full(len(points), Path.LINETO, dtype=Path.code_type)
    codes[ring_starts[:-1]] = Path.MOVETO
    codes[ends] = Path.CLOSEPOLY
    units, first = np.unique(owner, return_index=True)
    starts = ring_starts[polygon_starts[np.append(first, len(owner))]]
    paths = [Path(points[a:b], codes[a:b]) for a, b in pairwise(starts)]
    return paths, units


def outline_width(n_units: int) -> float:
    """Return the width of outlines in points: thinner the more units there are, none beyond 2,000."""
    if n_units > 2000:
        return 0.0
    return 0.35 if n_units <= 300 else 0.25 if n_units <= 900 else 0.15


def pattern_colour(fill: str) -> str:
    """Return the colour of a pattern over a grey: white on a dark one, else dark."""
    return "#ffffff" if sum(to_rgb(fill)) < 1.5 else "#222222"


def add_units(
    ax: Axes,
    geometry: NDArray[Any],
    colours: Sequence[str],
    hatched: NDArray[np.bool_],
    *,
    opacity: float,
    prefix: str = "",
    patterns: Sequence[str] = (),
) -> Kind:
    """Draw the units.

    Parameters
    ----------
    ax : Axes
        Where.
    geometry : ndarray of shapely geometries, shape (n_units,)
        Of any type.
    colours : sequence of str, length n_units
        Fill colours.
    hatched : ndarray of bool, shape (n_units,)
        Units without a value.
    opacity : float
        From 0 to 1; less than 1 over a basemap.
    prefix : str, optional
        Begins the names of the artists.
    patterns : sequence of str, optional
        Hatches over the fill of polygons, of each unit; "" for none.

    Returns
    -------
    str
        What most parts are: ``"polygon"``, ``"line"`` or ``"point"``.
    """
    parts, owner = simple_parts(geometry)
    dimension = shapely.get_dimensions(parts)
    fill = np.asarray(colours, dtype=object)
    if (dimension == 2).any():
        _add_polygons(ax, parts[dimension == 2], owner[dimension == 2], fill, hatched, opacity, prefix)
        if any(patterns):
            _add_patterns(ax, parts[dimension == 2], owner[dimension == 2], fill, patterns, prefix)
    if (dimension == 1).any():
        _add_lines(ax, parts[dimension == 1], owner[dimension == 1], fill, hatched, opacity, prefix)
    if (dimension == 0).any():
        _add_points(ax, parts[dimension == 0], owner[dimension == 0], fill, hatched, opacity, prefix)
    kinds: tuple[Kind, Kind, Kind] = ("point", "line", "polygon")
    return kinds[int(np.bincount(dimension).argmax())]


def _add_polygons(
    ax: Axes,
    polygons: NDArray[Any],
    owner: NDArray[np.intp],
    fill: NDArray[Any],
    hatched: NDArray[np.bool_],
    opacity: float,
    prefix: str,
) -> None:
    """Draw polygons: those without data below, hatched, then the classed ones."""
    paths, units = polygon_paths(polygons, owner)
    width = outline_width(len(units))
    empty = hatched[units]
    if empty.any():
        # one path for all: hatching each by itself is slow, and its lines would not meet
        together = Path.make_compound_path(*(path for path, skip in zip(paths, empty, strict=True) if skip))
        patch = PathPatch(
            together, facecolor=NO_DATA, edgecolor=HATCH_COLOUR, linewidth=width or 0.1, hatch=HATCH, alpha=opacity
        )
        patch.set_hatch_linewidth(HATCH_WIDTH)
        patch.set(gid=f"{prefix}no-data", zorder=1)
        ax.add_artist(patch)
    if not empty.all():
        inside = fill[units[~empty]].tolist()
        collection = PathCollection(
            [path for path, skip in zip(paths, empty, strict=True) if not skip],
            facecolors=inside,
            # a hair of the fill's own colour closes the seams between neighbours
            edgecolors=OUTLINE if width else inside,
            linewidths=width or 0.15,
            joinstyle="round",
            alpha=opacity,
            gid=f"{prefix}units",
            zorder=2,
        )
        ax.add_collection(collection, autolim=False)


def _add_patterns(
    ax: Axes,
    polygons: NDArray[Any],
    owner: NDArray[np.intp],
    fill: NDArray[Any],
    patterns: Sequence[str],
    prefix: str,
) -> None:
    """Draw patterns over polygons, one path for all that look alike."""
    paths, units = polygon_paths(polygons, owner)
    alike: dict[tuple[str, str], list[Path]] = {}
    for path, unit in zip(paths, units, strict=True):
        if patterns[unit]:
            alike.setdefault((patterns[unit], pattern_colour(str(fill[unit]))), []).append(path)
    for (pattern, colour), together in alike.items():
        patch = PathPatch(
            Path.make_compound_path(*together), facecolor="none", edgecolor=colour, linewidth=0, hatch=pattern
        )
        patch.set_hatch_linewidth(PATTERN_WIDTH)
        patch.set(gid=f"{prefix}pattern", zorder=2.5)
        ax.add_artist(patch)


def _add_lines(
    ax: Axes,
    lines: NDArray[Any],
    owner: NDArray[np.intp],
    fill: NDArray[Any],
    hatched: NDArray[np.bool_],
    opacity: float,
    prefix: str,
) -> None:
    """Draw lines; those without data are dotted."""
    for chosen, name, style in ((hatched[owner], "no-data", ":"), (~hatched[owner], "units", "-")):
        if chosen.any():
            collection = LineCollection(
                [shapely.get_coordinates(line) for line in lines[chosen]],
                colors=HATCH_COLOUR if name == "no-data" else fill[owner[chosen]].tolist(),
                linewidths=1.5,
                linestyles=style,
                alpha=opacity,
                zorder=3,
            )
            collection.set_gid(f"{prefix}{name}-lines")
            ax.add_collection(collection, autolim=False)


def _add_points(
    ax: Axes,
    points: NDArray[Any],
    owner: NDArray[np.intp],
    fill: NDArray[Any],
    hatched: NDArray[np.bool_],
    opacity: float,
    prefix: str,
) -> None:
    """Draw points; those without data are hollow."""
    size = 26 if len(points) <= 300 else 14 if len(points) <= 1500 else 5
    for chosen, name in ((hatched[owner], "no-data"), (~hatched[owner], "units")):
        if chosen.any():
            place = shapely.get_coordinates(points[chosen])
            marks = ax.scatter(
                place[:, 0],
                place[:, 1],
                s=size,
                c=NO_DATA if name == "no-data" else fill[owner[chosen]].tolist(),
                edgecolors=HATCH_COLOUR if name == "no-data" else "#555555",
                linewidths=0.6 if name == "no-data" else 0.25,
                alpha=opacity,
                zorder=4,
            )
            marks.set_gid(f"{prefix}{name}-points")
