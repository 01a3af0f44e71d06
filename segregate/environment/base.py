"""What an environment is, what it gives, and the one that is none."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse

from .._arrays import frozen
from ..errors import ParameterError

if TYPE_CHECKING:
    from ..population import Population

__all__ = ["Environment", "Home", "Operator", "SparseOperator"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MOST_PAIRS = 100_000_000
"""Pairs of units that `to_sparse` writes down at the most; each takes 16 bytes."""


class Operator(ABC):
    """W: maps values of units to the weighted sums around each unit.

    Attributes
    ----------
    ids : Index
        Labels of the units.
    raised : ndarray of shape (n,) or None
        Logarithm of the factor by which each row of W is raised; None where no row is.
    """

    raised: Floats | None = None

    def __init__(self, ids: pd.Index) -> None:
        self.ids = ids

    @property
    def shape(self) -> tuple[int, int]:
        """Units times units."""
        return len(self.ids), len(self.ids)

    def __matmul__(self, values: npt.ArrayLike) -> Floats:
        """Return the weighted sums around each unit; rows of W are not made to sum to 1.

        Parameters
        ----------
        values : array of shape (n,) or (n, k)
            One column, or several at once.

        Returns
        -------
        ndarray of the same shape
        """
        given: Floats = np.asarray(values, dtype=np.float64)
        if given.ndim not in (1, 2) or len(given) != len(self.ids):
            raise ParameterError(f"W is for {len(self.ids):,} units; it cannot multiply an array of {given.shape}.")
        return self._sums(frozen(given.reshape(len(given), -1))).reshape(given.shape)

    @abstractmethod
    def _sums(self, values: Floats) -> Floats:
        """Return the weighted sums of (n, k)."""

    @abstractmethod
    def to_sparse(self) -> scipy.sparse.csr_array:
        """Return W as a SciPy matrix, where it is small enough to be written down."""

    def to_graph(self) -> Any:
        """Return W as a libpysal Graph over the ids, where it is small enough to be written down."""
        from libpysal.graph import Graph

        return Graph.from_sparse(self.to_sparse(), ids=self.ids)

    def _small_enough(self, pairs: int) -> None:
        if pairs > MOST_PAIRS:
            raise ParameterError(
                f"W has {pairs:,} pairs of units, which would take {16 * pairs / 1e9:,.0f} GB; it is not written down. "
                "W @ values needs no matrix."
            )


class SparseOperator(Operator):
    """W as a matrix of the few pairs that have a weight."""

    def __init__(self, ids: pd.Index, matrix: scipy.sparse.csr_array) -> None:
        super().__init__(ids)
        self.matrix = matrix

    def _sums(self, values: Floats) -> Floats:
        return np.asarray(self.matrix @ values)

    def to_sparse(self) -> scipy.sparse.csr_array:
        """Return a copy of the matrix."""
        return self.matrix.copy()


class Environment(Protocol):
    """Says who surrounds whom; ``str()`` of it is what tables and captions show.

    One whose W stays the same when other numbers of people live in the units says so by a class attribute
    ``of_totals = False``; of any other W is built again wherever totals change.
    """

    def on(self, population: Population, *, regions: Ints | None = None) -> Operator:
        """Return W for the units of a population.

        Parameters
        ----------
        population : Population
            The units.
        regions : ndarray of shape (n,), optional
            Region numbers; the environment stops at the edge of each unit's region.

        Returns
        -------
        Operator
        """


@dataclass(frozen=True)
class Home:
    """No environment: people meet those of their own unit.

    Examples
    --------
    >>> import segregate as sg
    >>> city = sg.sample("sacramento")
    >>> sg.isolation(city.within(sg.Home()), group="hisp") == sg.isolation(city, group="hisp")
    True
    """

    of_totals: ClassVar[bool] = False

    def on(self, population: Population, *, regions: Ints | None = None) -> Operator:  # noqa: ARG002
        """Return the identity."""
        return SparseOperator(population.ids, scipy.sparse.eye_array(population.n_units, format="csr"))

    def __str__(self) -> str:
        return "home"
