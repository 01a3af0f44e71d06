"""Numbers on axes and beside rows: as many digits as are needed, no more, and no offsets."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.axis import Axis, YAxis
from matplotlib.ticker import FixedFormatter, FixedLocator, MaxNLocator, NullLocator

from ._digits import written
from ._layout import points_per_pixel, text_size
from ._style import SMALL, pt
from ._words import marked, say

__all__ = ["decimals", "number", "number_ticks", "probability"]

Floats = npt.NDArray[np.float64]
STEPS = (1, 2, 2.5, 5, 10)
"""Of which powers of ten make a step from tick to tick."""
MOST_DIGITS = 9
BETWEEN = 8.0
"""Least points between labels side by side."""


def number_ticks(axis: Axis, *, most: int = 7, whole: bool = False) -> None:
    """Fix the ticks of an axis at round numbers, and write them with one number of decimals.

    Parameters
    ----------
    axis : Axis
        With its limits.
    most : int
        Most steps.
    whole : bool
        Whether only whole numbers make sense.
    """
    low, high = sorted(axis.get_view_interval())
    for steps in range(most, 0, -1):
        ticks, labels = _round(low, high, steps, whole)
        if isinstance(axis, YAxis) or _fit(axis.axes, labels):
            break
    axis.set_minor_locator(NullLocator())
    axis.set_major_locator(FixedLocator(ticks))
    axis.set_major_formatter(FixedFormatter(labels))


def _round(low: float, high: float, most: int, whole: bool) -> tuple[list[float], list[str]]:
    """Return round numbers in a range, and how they are written."""
    found = MaxNLocator(nbins=most, steps=list(STEPS), integer=whole).tick_values(low, high)
    slack = 1e-9 * (high - low)
    ticks = [float(tick) for tick in found if low - slack <= tick <= high + slack]
    step = float(np.diff(found).min()) if len(found) > 1 else 1.0
    digits = next((k for k in range(17) if all(abs(round(tick, k) - tick) <= 1e-6 * step for tick in ticks)), 17)
    return ticks, [written(tick, digits) for tick in ticks]


def _fit(ax: Axes, labels: list[str]) -> bool:
    """Say whether labels have room side by side."""
    widest = max((text_size(ax, label, size=pt(SMALL))[0] for label in labels), default=0.0)
    return len(labels) * (widest + pt(BETWEEN)) <= ax.get_window_extent().width * points_per_pixel(ax) + pt(BETWEEN)


def decimals(widths: npt.ArrayLike, values: npt.ArrayLike) -> int:
    """Return the decimals that show two digits of the typical width, or four of the values where there is none."""
    size = np.abs(np.asarray(values, dtype=np.float64))
    size = size[np.isfinite(size) & (size > 0)]
    sizes, more = np.abs(np.asarray(widths, dtype=np.float64)), 1
    sizes = sizes[np.isfinite(sizes) & (sizes > 1e-12 * size.max(initial=0.0))]
    if not len(sizes):
        sizes, more = size, 3
    if not len(sizes):
        return 0
    return min(max(more - math.floor(math.log10(float(np.median(sizes)))), 0), MOST_DIGITS)


def number(value: float, digits: int | None = None) -> str:
    """Write a number, with four digits where nothing else is said."""
    if not np.isfinite(value):
        return say("number.undefined")
    return written(value, decimals([], [value]) if digits is None else digits)


def probability(value: float) -> str:
    """Write a p-value with three digits, never as a power of ten."""
    return marked(np.format_float_positional(float(f"{value:.3g}"), trim="-"))
