"""Surroundings at several radii from one pass over the neighbours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from .._arrays import frozen
from ..kernels.pairs import strip_moments
from ._points import Strips, locate
from ._raster import grid_surroundings
from ._shapes import POLYNOMIAL, SHAPES, Shape
from .kernel import Kernel

if TYPE_CHECKING:
    from ..population import Population

__all__ = ["surroundings_at"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
AT_ONCE = 2**27
"""Numbers that are computed at once at the most; 8 bytes each."""


def surroundings_at(
    population: Population, radii: Sequence[float], shape: Shape, values: Floats, *, regions: Ints | None = None
) -> Iterator[tuple[float, Floats]]:
    """Yield each radius, rising, with the weighted sums of values within it, (n, k).

    Parameters
    ----------
    population : Population
        The units.
    radii : sequence of float
        In metres, above 0, rising.
    shape : str
        Kernel.
    values : ndarray of shape (n, k)
        What is summed.
    regions : ndarray of shape (n,), optional
        Numbers of the regions at whose edges the kernels stop.
    """
    on_grid = None if regions is not None else grid_surroundings(population, radii, shape, values)
    if on_grid is not None:
        yield from on_grid
        return
    if shape not in POLYNOMIAL or len(radii) == 1:
        for radius in radii:
            yield radius, Kernel(radius, shape).on(population, regions=regions) @ values
        return
    at_once = max(1, AT_ONCE // max(1, values.size))
    located = locate(population, regions)
    for first in range(0, len(radii), at_once):
        part = radii[first : first + at_once]
        strips = Strips.of(located, part[-1])
        sorted_values = frozen(values[strips.order])
        found = strip_moments(*strips.arrays, sorted_values, frozen(part), SHAPES[shape][0])
        for radius, sums in zip(part, found, strict=True):
            around = np.empty_like(sums)
            around[strips.order] = sums
            yield radius, around
