"""Surroundings within a distance, by a kernel of the distance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse

from .._arrays import frozen
from .._checks import check_choice
from ..kernels.pairs import shape_weights, strip_links, strip_sums
from ._grid import Grid
from ._points import Located, Strips, check_metres, locate
from ._raster import grid_of, raster_sums
from ._shapes import SHAPES, Shape
from .base import Operator

if TYPE_CHECKING:
    from ..population import Population

__all__ = ["SHAPES", "Kernel", "Shape"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Kernel:
    r"""People within a distance, weighted by how near they live.

    With u = d / radius the weights are: biweight (1 - u^2)^2, epanechnikov 1 - u^2, triangular
    1 - u, uniform 1, all 0 beyond u = 1; gaussian exp(-u^2 / 2), 0 beyond u = 8.5. The own unit
    has weight 1.

    Parameters
    ----------
    radius : float
        In metres, above 0. For gaussian it is the standard deviation.
    shape : {"biweight", "epanechnikov", "triangular", "uniform", "gaussian"}
        The kernel.

    Raises
    ------
    ParameterError
        For a radius that is no length, or an unknown shape.

    Notes
    -----
    Distances are those between the points of the units. W @ values takes memory for the units only,
    no matter how many pairs there are. Where the points form a regular grid, sums are convolutions if that is faster;
    they are the same to 1e-9.

    References
    ----------
    Reardon and O'Sullivan (2004), Measures of spatial segregation, doi:10.1111/j.0081-1750.2004.00150.x.

    Examples
    --------
    >>> import segregate as sg
    >>> city = sg.sample("sacramento").select("white", "black", "asian", "hisp")
    >>> nearby = city.within(sg.Kernel(2000))
    >>> sg.information_theory(nearby) < sg.information_theory(city)
    True
    """

    radius: float
    shape: Shape = "biweight"
    of_totals: ClassVar[bool] = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "radius", check_metres("radius", self.radius))
        check_choice("shape", self.shape, get_args(Shape))

    @property
    def reach(self) -> float:
        """Distance beyond which nobody counts, in metres."""
        return self.radius * SHAPES[self.shape][1]

    def on(self, population: Population, *, regions: Ints | None = None) -> Operator:
        """Return W for the units of a population, cut at the edges of `regions`."""
        located = locate(population, regions)
        if regions is None:
            grid = grid_of(located, self.reach, SHAPES[self.shape][0], population.n_groups)
            if grid is not None:
                return GridOperator(population.ids, grid, located, self)
        return self._on_points(population, located)

    def _on_points(self, population: Population, located: Located) -> KernelOperator:
        """Return W that sums over pairs of points, be they a grid or not."""
        return KernelOperator(population.ids, Strips.of(located, self.reach), self)

    def __str__(self) -> str:
        return f"kernel {self.shape} {self.radius:g} m"


class KernelOperator(Operator):
    """W of a kernel, computed pair by pair whenever it is asked for."""

    def __init__(self, ids: pd.Index, strips: Strips, kernel: Kernel) -> None:
        super().__init__(ids)
        self.strips = strips
        self.kernel = kernel

    def _sums(self, values: Floats) -> Floats:
        code, cut = SHAPES[self.kernel.shape]
        order = self.strips.order
        sums = np.empty_like(values)
        sums[order] = strip_sums(*self.strips.arrays, frozen(values[order]), self.kernel.radius, code, cut)
        return sums

    def to_sparse(self) -> scipy.sparse.csr_array:
        """Return W as a SciPy matrix, where it has at most a hundred million pairs."""
        strips, kernel = self.strips, self.kernel
        starts, _, _ = strip_links(*strips.arrays, kernel.reach, True)
        self._small_enough(int(starts[-1]))
        starts, other, squared = strip_links(*strips.arrays, kernel.reach, False)
        weights = shape_weights(frozen(squared / kernel.radius**2), SHAPES[kernel.shape][0])
        row = strips.order[np.repeat(np.arange(len(strips.order)), np.diff(starts))]
        return scipy.sparse.csr_array((weights, (row, strips.order[other])), shape=self.shape)


class GridOperator(Operator):
    """W of a kernel on a regular grid, computed whenever it is asked for."""

    def __init__(self, ids: pd.Index, grid: Grid, located: Located, kernel: Kernel) -> None:
        super().__init__(ids)
        self.grid = grid
        self.located = located
        self.kernel = kernel

    def _sums(self, values: Floats) -> Floats:
        code, cut = SHAPES[self.kernel.shape]
        return next(raster_sums(self.grid, values, [self.kernel.radius], code, cut))

    def to_sparse(self) -> scipy.sparse.csr_array:
        """Return W as a SciPy matrix, where it has at most a hundred million pairs."""
        strips = Strips.of(replace(self.located, points=self.grid.points), self.kernel.reach)
        return KernelOperator(self.ids, strips, self.kernel).to_sparse()
