"""A second, larger view of the densest part, where units are too small to be seen."""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from ._projection import View
from ._style import pt
from ._words import marked, say

__all__ = ["INSET_HEIGHT", "INSET_WIDTH", "add_inset", "dense_part"]

INSET_WIDTH = 172.0
INSET_HEIGHT = 136.0
"""Size of the inset in points, its heading included; it may be higher."""
LEAST_HEIGHT = 96.0
"""Height below which there is none."""
SMALL_UNIT = 5.5
"""Size of the median unit on paper, in points, from which on no inset is needed."""
FEW_UNITS = 60
LEAST_TIMES = 2.0
SHARES = (0.08, 0.12, 0.16, 0.2, 0.25)


def dense_part(
    geometry: gpd.GeoSeries,
    view: View,
    aspect: float,
    map_size: tuple[float, float],
    box: tuple[float, float],
) -> tuple[View, float] | None:
    """Find the part of a map that deserves an inset.

    Parameters
    ----------
    geometry : GeoSeries
        As drawn.
    view : tuple of float
        Edges of the map.
    aspect : float
        Length of a unit along y over that of one along x.
    map_size : tuple of float
        Width and height of the map in points.
    box : tuple of float
        Width and height of the inset in points.

    Returns
    -------
    window : tuple of float
        Edges of the part: the widest that holds most units and is drawn at least twice as large.
    times : float
        How many times as large.

    None is returned where units are large enough, or lie too evenly for such a part.
    """
    bounds = geometry.bounds.dropna().to_numpy()
    if len(bounds) < FEW_UNITS or box[1] < pt(LEAST_HEIGHT):
        return None
    scale = map_size[0] / (view[2] - view[0])
    sides = np.sqrt((bounds[:, 2] - bounds[:, 0]) * (bounds[:, 3] - bounds[:, 1]) * aspect)
    if float(np.median(sides)) * scale >= pt(SMALL_UNIT):
        return None
    middle = (bounds[:, :2] + bounds[:, 2:]) / 2
    for share in SHARES:
        left, bottom = np.quantile(middle, share, axis=0)
        right, top = np.quantile(middle, 1 - share, axis=0)
        width = max(right - left, (top - bottom) * aspect * box[0] / box[1])
        times = box[0] / (width * scale) if width > 0 else 0.0
        if times >= LEAST_TIMES:
            x, y, height = (left + right) / 2, (bottom + top) / 2, width * box[1] / box[0] / aspect
            return (x - width / 2, y - height / 2, x + width / 2, y + height / 2), float(times)
    return None


def add_inset(
    ax: Axes,
    window: View,
    times: float,
    rectangle: tuple[float, float, float, float],
    draw: Callable[[Axes, View], object],
    *,
    aspect: float,
    size: float,
    ink: str,
) -> Axes:
    """Draw a part of the map beside it, and frame that part on the map.

    Parameters
    ----------
    ax : Axes
        The map.
    window : tuple of float
        Edges of the part.
    times : float
        How many times as large it is drawn.
    rectangle : tuple of float
        Left, bottom, width and height of the inset in parts of the axes.
    draw : callable
        Draws what lies in a window into axes.
    aspect : float
        Length of a unit along y over that of one along x.
    size : float
        Text size in points.
    ink : str
        Colour of frames and text.

    Returns
    -------
    Axes
        The axes of the inset.
    """
    inset = ax.inset_axes(rectangle)
    inset.set_gid("inset")
    draw(inset, window)
    inset.set_xticks([])
    inset.set_yticks([])
    inset.set_aspect(aspect, adjustable="box", anchor="NW")
    inset.set_xlim(window[0], window[2])
    inset.set_ylim(window[1], window[3])
    for spine in inset.spines.values():
        spine.set(linewidth=0.6, edgecolor=ink)
    heading = inset.set_title(say("inset.title", times=marked(f"{times:.1f}")), loc="left", y=1.0, pad=pt(3))
    heading.set(fontsize=size, color=ink, parse_math=False)
    ax.add_patch(
        Rectangle(
            window[:2],
            window[2] - window[0],
            window[3] - window[1],
            facecolor="none",
            edgecolor=ink,
            linewidth=0.6,
            zorder=6,
            gid="inset-frame",
        )
    )
    return inset
