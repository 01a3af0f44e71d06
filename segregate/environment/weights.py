"""An environment given as a matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd
import scipy.sparse

from ..errors import DataError, ParameterError, UnknownNameError, first_of, plural
from .base import SparseOperator

if TYPE_CHECKING:
    from ..population import Population
    from .base import Ints

__all__ = ["Weights"]


class Weights:
    """Surroundings given by a libpysal Graph or a SciPy sparse matrix.

    The surroundings of unit j are ``sum_i w_ji * counts_i``. The weights are used as they
    are: rows need not sum to 1, and a unit belongs to its own surroundings only where its
    own weight is in the matrix (``graph.assign_self_weight()``).

    Parameters
    ----------
    weights : libpysal.graph.Graph or scipy.sparse array or matrix
        A graph is matched to the units by id and may hold more units than the population
        (those are cut off); a matrix has one row and column per unit, in their order.

    Raises
    ------
    ParameterError
        For anything else, or a matrix that is not square.
    DataError
        For weights that are negative or not finite.

    Examples
    --------
    >>> import segregate as sg
    >>> from libpysal.graph import Graph
    >>> city = sg.sample("sacramento")
    >>> graph = Graph.build_contiguity(city.to_frame()).assign_self_weight()
    >>> nearby = city.within(sg.Weights(graph))
    >>> round(sg.information_theory(nearby), 3) < round(sg.information_theory(city), 3)
    True
    """

    of_totals: ClassVar[bool] = False

    def __init__(self, weights: Any) -> None:
        self.ids: pd.Index | None = None
        if scipy.sparse.issparse(weights):
            matrix = weights
        elif isinstance(getattr(weights, "unique_ids", None), pd.Index):
            matrix, self.ids = weights.sparse, weights.unique_ids
        else:
            raise ParameterError(
                f"Weights takes a libpysal Graph or a SciPy sparse matrix, not {type(weights).__name__}. "
                "A libpysal W becomes one by Graph.from_W(w), a dense array by scipy.sparse.csr_array(a)."
            )
        if np.iscomplexobj(matrix):
            raise DataError("Weights are numbers, 0 or more, not complex.")
        if len(matrix.shape) != 2 or matrix.shape[0] != matrix.shape[1]:
            raise ParameterError(f"A matrix of weights is square (units x units), not {matrix.shape}.")
        self.matrix = scipy.sparse.csr_array(matrix, dtype=np.float64, copy=True)
        self.matrix.sum_duplicates()
        bad = ~(np.isfinite(self.matrix.data) & (self.matrix.data >= 0))
        if bad.any():
            rows = np.unique(np.searchsorted(self.matrix.indptr, np.flatnonzero(bad), side="right") - 1)
            labels = rows if self.ids is None else self.ids[rows]
            raise DataError(
                f"{plural(int(bad.sum()), 'weight')} negative or not finite (first rows: {first_of(labels[:4])}); "
                "a weight says how much of a unit somebody meets, 0 or more."
            )

    def on(self, population: Population, *, regions: Ints | None = None) -> SparseOperator:
        """Return W for the units of `population`, cut at the edges of `regions`."""
        matrix = self.matrix
        if self.ids is not None:
            at = self.ids.get_indexer(population.ids)
            if (at < 0).any():
                unknown = population.ids[at < 0]
                raise UnknownNameError(
                    f"{plural(len(unknown), 'unit')} of {population.n_units:,} not in the graph "
                    f"(first: {first_of(unknown[:4])}; the graph has {first_of(self.ids[:3])}). "
                    "Build it on frame.set_index(<the id column>)."
                )
            if not np.array_equal(at, np.arange(matrix.shape[0])):
                matrix = matrix[at][:, at]
        elif matrix.shape[0] != population.n_units:
            raise ParameterError(
                f"The matrix of weights is for {matrix.shape[0]:,} units, the population has {population.n_units:,}."
            )
        if regions is not None:
            pairs = matrix.tocoo()
            inside = regions[pairs.row] == regions[pairs.col]
            matrix = scipy.sparse.csr_array(
                (pairs.data[inside], (pairs.row[inside], pairs.col[inside])), shape=matrix.shape
            )
        return SparseOperator(population.ids, matrix)

    def __str__(self) -> str:
        return "weights"

    def __repr__(self) -> str:
        return f"Weights({self.matrix.shape[0]} units, {plural(self.matrix.nnz, 'weight')})"
