"""Names of points that keep clear of each other, of the points and of the edges."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from ._layout import points_per_pixel, text_size
from ._style import SMALL, pt

__all__ = ["Box", "add_tags"]

Floats = npt.NDArray[np.float64]
Box = tuple[float, float, float, float]
AWAY = (3.0, 9.0, 17.0, 28.0, 42.0)
"""Points from the edge of a dot to its name, of which the nearest free one is taken."""
AROUND = np.radians([20, 160, -20, -160, 90, -90, 55, 125, -55, -125])
LEADER = 8.0
"""Points from which on a line leads to the name."""
MARGIN = 1.5


def add_tags(
    ax: Axes, places: Floats, radii: Floats, tagged: Sequence[int], names: Sequence[str], taken: Sequence[Box], ink: str
) -> list[int]:
    """Write names beside points, as many as find room; if they can, beside the diagonal too.

    Parameters
    ----------
    ax : Axes
        With its final place and limits.
    places : ndarray of shape (n, 2)
        Points, in data units.
    radii : ndarray of shape (n,)
        Of their dots, in points.
    tagged : sequence of int
        Which get names, the most important first.
    names : sequence of str
        Their names.
    taken : sequence of (left, bottom, right, top)
        Boxes in points from the lower left corner of the axes that names keep clear of.
    ink : str
        Colour.

    Returns
    -------
    list of int
        Those that found no room.
    """
    scale = points_per_pixel(ax)
    frame = ax.get_window_extent()
    at = (ax.transData.transform(places) - [frame.x0, frame.y0]) * scale
    width, height = frame.width * scale, frame.height * scale
    boxes, lost = [*taken], []
    for which, name in zip(tagged, names, strict=True):
        size = text_size(ax, name, size=pt(SMALL))
        best: tuple[float, int, Box, float, float] | None = None
        for ring, away in enumerate(AWAY):
            for order, angle in enumerate(AROUND):
                x, y = at[which] + (radii[which] + pt(away)) * np.array([np.cos(angle), np.sin(angle)])
                left = x if np.cos(angle) > 0.3 else x - size[0] if np.cos(angle) < -0.3 else x - size[0] / 2
                low = y - size[1] / 2 if abs(np.sin(angle)) < 0.5 else y if np.sin(angle) > 0 else y - size[1]
                box = (float(left), float(low), float(left) + size[0], float(low) + size[1])
                inside = box[0] >= 1 and box[1] >= 1 and box[2] <= width - 1 and box[3] <= height - 1
                if not inside or any(_meet(box, other) for other in boxes):
                    continue
                across = (box[3] / height - box[0] / width) * (box[1] / height - box[2] / width) < 0
                cost = 3.0 * _covered(box, at, radii, which) + 2.0 * across + ring + 0.02 * order
                if best is None or cost < best[0]:
                    best = (cost, ring, box, float(x), float(y))
        if best is None:
            lost.append(which)
            continue
        _, ring, box, x, y = best
        boxes.append(box)
        _write(ax, name, box, ink, (width, height))
        if pt(AWAY[ring]) >= pt(LEADER):
            end = ((x / width), (y / height))
            start = at[which] + (np.array([x, y]) - at[which]) * radii[which] / np.hypot(
                *(np.array([x, y]) - at[which])
            )
            line = ax.plot([start[0] / width, end[0]], [start[1] / height, end[1]], transform=ax.transAxes)[0]
            line.set(color=ink, linewidth=0.5, gid="leader", zorder=4)
    return lost


def _write(ax: Axes, name: str, box: Box, ink: str, size: tuple[float, float]) -> None:
    text = ax.text(box[0] / size[0], (box[1] + box[3]) / 2 / size[1], name, transform=ax.transAxes, parse_math=False)
    text.set(ha="left", va="center", fontsize=pt(SMALL), color=ink, gid="tag", zorder=5)


def _meet(one: Box, other: Box) -> bool:
    """Say whether boxes overlap or touch."""
    return (
        one[0] < other[2] + MARGIN
        and other[0] < one[2] + MARGIN
        and one[1] < other[3] + MARGIN
        and other[1] < one[3] + MARGIN
    )


def _covered(box: Box, at: Floats, radii: Floats, but: int) -> int:
    """Count the dots under a box."""
    across = np.maximum(np.maximum(box[0] - at[:, 0], at[:, 0] - box[2]), 0)
    along = np.maximum(np.maximum(box[1] - at[:, 1], at[:, 1] - box[3]), 0)
    under = np.hypot(across, along) < radii
    under[but] = False
    return int(under.sum())
