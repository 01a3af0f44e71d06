"""Surroundings in the places where people go: work, school, public space."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse

from .._checks import check_ids, read_numbers
from ..errors import DataError, ParameterError, UnknownNameError, first_of, plural
from .base import MOST_PAIRS, Operator

if TYPE_CHECKING:
    from ..population import Population

__all__ = ["Flows", "FlowsOperator"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class Flows:
    r"""Those who are present in the places where people go: workplaces, schools, public spaces.

    With F the flows from units to places, each row made to sum to 1, ``V_k = sum_i F_ik t_i`` people are present
    in place k, and ``W_ji = sum_k F_jk F_ik / V_k``: a person of unit j meets, in each place, everybody who is there,
    as often as it goes there. The composition p_jm is so the share of group m among those present where
    people of j go.

    Parameters
    ----------
    flows : array of shape (n, places), DataFrame, or scipy sparse array or matrix
        How many people (or what share of them) go from each unit to each place, 0 or more. An array has a row per
        unit, in their order; the rows of a DataFrame are matched to the units by its index, and it may hold more
        units than the population (those are cut off). The diagonal of a table from units to units are
        those who stay.

    Raises
    ------
    ParameterError
        For what is no table of flows, or one with other units than the population.
    DataError
        For flows that are negative, not finite or not numbers, and for units named twice.
    UnknownNameError
        For units that are not in the DataFrame.

    Notes
    -----
    All groups of a unit go to the same places. Units without any flow go nowhere and meet nobody: their people
    are left out of the indices, which is said. Where the environment stops at the edges of regions,
    only people of the own region are met, also in places where others go. W is never written down; it is two sparse
    products. It depends on the totals: those of the population on which `within` is called.

    Examples
    --------
    >>> import pandas as pd
    >>> import segregate as sg
    >>> people = pd.DataFrame({"a": [90, 10], "b": [10, 90]}, index=["north", "south"])
    >>> city = sg.Population.from_frame(people, ["a", "b"])
    >>> work = pd.DataFrame({"mill": [3, 1], "port": [1, 3]}, index=["north", "south"])
    >>> round(sg.dissimilarity(city), 12), round(sg.dissimilarity(city.within(sg.Flows(work))), 12)
    (0.8, 0.2)
    """

    of_totals: ClassVar[bool] = True

    def __init__(self, flows: npt.ArrayLike | pd.DataFrame | Any) -> None:
        self.ids: pd.Index | None = None
        if isinstance(flows, pd.DataFrame):
            check_ids(flows.index)
            self.ids = flows.index
            columns = [read_numbers(flows.iloc[:, k], flows.index) for k in range(flows.shape[1])]
            given: Any = np.column_stack(columns) if columns else np.empty(flows.shape)
        elif scipy.sparse.issparse(flows):
            given = flows
        else:
            given = np.asarray(flows)
            if given.dtype.kind not in "iufb":
                raise DataError(f"Flows are numbers, 0 or more, not {given.dtype}.")
        if np.iscomplexobj(given):
            raise DataError("Flows are numbers, 0 or more, not complex.")
        if given.ndim != 2 or given.shape[1] == 0:
            raise ParameterError(
                f"Flows takes a table of units x places, with one place at least, not {given.shape}; a long table "
                "becomes one by frame.pivot_table(index=<unit>, columns=<place>, values=<people>, fill_value=0)."
            )
        matrix = scipy.sparse.csr_array(given, dtype=np.float64, copy=True)
        matrix.sum_duplicates()
        self._check(matrix)
        matrix.eliminate_zeros()
        row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
        largest = np.zeros(matrix.shape[0])
        np.maximum.at(largest, row, matrix.data)
        matrix.data /= largest[row]
        matrix.data /= np.bincount(row, weights=matrix.data, minlength=matrix.shape[0])[row]
        self.matrix = matrix
        """Shares of each unit's people who go to each place, (n, places)."""

    def _check(self, matrix: scipy.sparse.csr_array) -> None:
        bad = ~(np.isfinite(matrix.data) & (matrix.data >= 0))
        if bad.any():
            rows = np.unique(np.searchsorted(matrix.indptr, np.flatnonzero(bad), side="right") - 1)
            labels = rows if self.ids is None else self.ids[rows]
            raise DataError(
                f"{plural(int(bad.sum()), 'flow')} from {plural(len(rows), 'unit')} negative, missing or not finite "
                f"(first units: {first_of(labels[:4])}); where nobody goes the flow is 0."
            )

    def on(self, population: Population, *, regions: Ints | None = None) -> FlowsOperator:
        """Return W for the units of a population; people of other `regions` do not count."""
        matrix = self.matrix
        if self.ids is not None:
            at = self.ids.get_indexer(population.ids)
            if (at < 0).any():
                unknown = population.ids[at < 0]
                raise UnknownNameError(
                    f"{plural(len(unknown), 'unit')} of {population.n_units:,} not in the table of flows "
                    f"(first: {first_of(unknown[:4])}; the table has {first_of(self.ids[:3])}). "
                    "Its index holds the ids of the units: flows.set_index(<the id column>); a unit from which nobody "
                    "goes anywhere has a row of zeros."
                )
            if not np.array_equal(at, np.arange(matrix.shape[0])):
                matrix = matrix[at]
        elif matrix.shape[0] != population.n_units:
            raise ParameterError(
                f"The table of flows is for {matrix.shape[0]:,} units, the population has {population.n_units:,}; "
                "a DataFrame is matched by id."
            )
        return FlowsOperator(population.ids, matrix, population.totals, regions)

    def __str__(self) -> str:
        return f"flows to {plural(self.matrix.shape[1], 'place')}"

    def __repr__(self) -> str:
        units, places = self.matrix.shape
        return f"Flows({plural(units, 'unit')}, {plural(places, 'place')}, {plural(self.matrix.nnz, 'flow')})"


class FlowsOperator(Operator):
    """W of flows, two sparse products.

    Attributes
    ----------
    going : csr_array of shape (n, P)
        Share of each unit's people who go to each place; with regions, the people of each have places of their own.
    present : ndarray of shape (P,)
        People present in each place.
    """

    def __init__(self, ids: pd.Index, matrix: scipy.sparse.csr_array, totals: Floats, regions: Ints | None) -> None:
        super().__init__(ids)
        if regions is not None:
            pairs = matrix.tocoo()
            apart = regions[pairs.row].astype(np.int64) * matrix.shape[1] + pairs.col
            places, column = np.unique(apart, return_inverse=True)
            matrix = scipy.sparse.csr_array((pairs.data, (pairs.row, column)), shape=(len(ids), max(1, len(places))))
        self.going = matrix
        self._coming = scipy.sparse.csr_array(matrix.T)
        self.present: Floats = self._coming @ totals

    def _sums(self, values: Floats) -> Floats:
        there = self._coming @ values
        mean = np.divide(there, self.present[:, None], out=np.zeros_like(there), where=self.present[:, None] > 0)
        return np.asarray(self.going @ mean)

    def to_sparse(self) -> scipy.sparse.csr_array:
        """Return W as a SciPy matrix, where it has at most a hundred million pairs."""
        coming = self._coming[self.present > 0]
        meetings = int((np.diff(coming.indptr).astype(np.int64) ** 2).sum())
        pairs = min(meetings, len(self.ids) ** 2)
        if pairs > MOST_PAIRS:
            raise ParameterError(
                f"W has up to {pairs:,} pairs of units, more than the {MOST_PAIRS:,} that are written down. "
                "W @ values needs no matrix."
            )
        each = scipy.sparse.diags_array(1.0 / self.present[self.present > 0])
        return scipy.sparse.csr_array(scipy.sparse.csr_array(coming.T) @ (each @ coming))
