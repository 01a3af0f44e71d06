"""Surroundings within a few steps from unit to unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, get_args

import numpy as np
import numpy.typing as npt
import scipy.sparse

from .._checks import check_choice
from ..errors import ParameterError, plural
from ._graph import touching_units
from .base import MOST_PAIRS, SparseOperator

if TYPE_CHECKING:
    from ..population import Population

__all__ = ["Contiguity", "Kind"]

Ints = npt.NDArray[np.int64]
Kind = Literal["queen", "rook"]


@dataclass(frozen=True)
class Contiguity:
    r"""People of the units within a few steps from neighbour to neighbour, each with weight 1.

    Parameters
    ----------
    order : int
        Number of steps, 1 or more: 2 adds the neighbours of the neighbours.
    kind : {"queen", "rook"}
        Who are neighbours: units that touch anywhere, or units with a border of some length in common.
    include_self : bool
        Whether people meet those of their own unit.

    Raises
    ------
    ParameterError
        For an order that is no whole number above 0, an unknown kind, or more than a hundred million pairs.
    GeometryError
        Where units are not polygons.

    Notes
    -----
    Neighbours are found by geometry: the corners of two units need not meet. Units without neighbours
    (islands) meet only themselves; with include_self=False they meet nobody, and their people are left out
    of the indices, which is said. Where an environment stops at the edges of regions, no step leads across.

    Examples
    --------
    >>> import segregate as sg
    >>> city = sg.sample("sacramento").versus("hisp")
    >>> values = [sg.dissimilarity(city.within(sg.Contiguity(order))) for order in (1, 2, 3)]
    >>> sg.dissimilarity(city) > values[0] > values[1] > values[2]
    True
    """

    order: int = 1
    kind: Kind = "queen"
    include_self: bool = True
    of_totals: ClassVar[bool] = False

    def __post_init__(self) -> None:
        order = self.order
        if not isinstance(order, (int, np.integer)) or isinstance(order, bool) or order < 1:
            raise ParameterError(f"order={order!r} is a number of steps from unit to unit: 1, 2, ...")
        object.__setattr__(self, "order", int(order))
        check_choice("kind", self.kind, get_args(Kind))
        if not isinstance(self.include_self, (bool, np.bool_)):
            raise ParameterError(f"include_self={self.include_self!r} is True or False.")

    def on(self, population: Population, *, regions: Ints | None = None) -> SparseOperator:
        """Return W for the units of a population, cut at the edges of `regions`."""
        n = population.n_units
        if regions is None:
            step = touching_units(population.places.borders, rook=self.kind == "rook")
        else:
            order = np.argsort(regions, kind="stable")
            starts = np.r_[np.flatnonzero(np.r_[True, np.diff(regions[order]) != 0]), n].astype(np.int64)
            borders = population.places.by_region(order, starts).borders
            pairs = touching_units(borders, rook=self.kind == "rook").tocoo()
            step = scipy.sparse.csr_array((pairs.data, (order[pairs.row], order[pairs.col])), shape=(n, n))
        return SparseOperator(population.ids, self._reached(step))

    def _reached(self, step: scipy.sparse.csr_array) -> scipy.sparse.csr_array:
        """Return 1 for all pairs that are no more than `order` steps apart, (n, n)."""
        n = step.shape[0]
        own = scipy.sparse.eye_array(n, format="csr")
        step = scipy.sparse.csr_array(step + own)
        reached = step
        for steps in range(2, self.order + 1):
            before = reached.nnz
            reached = scipy.sparse.csr_array(reached @ step)
            reached.data[:] = 1.0
            if reached.nnz > MOST_PAIRS:
                raise ParameterError(
                    f"{plural(reached.nnz, 'pair')} of units are within {steps} steps of each other, more than the "
                    f"{MOST_PAIRS:,} that are kept. Take fewer steps, or a Kernel, which keeps no pairs."
                )
            if reached.nnz == before:
                break
        if not self.include_self:
            reached = scipy.sparse.csr_array(reached - own)
            reached.eliminate_zeros()
        reached.sort_indices()
        return reached

    def __str__(self) -> str:
        own = "" if self.include_self else ", without the own unit"
        return f"contiguity {self.kind}, {plural(self.order, 'step')}{own}"
