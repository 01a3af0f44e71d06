"""How far the counts of a population can be trusted: margins of error, intervals, replicate tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from ._arrays import frozen, sealed
from ._checks import check_choice
from .errors import DataError, ParameterError, UnknownNameError, first_of, nearest, plural
from .kernels import merge_columns

__all__ = ["Uncertainty", "WithUncertainty"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Table = npt.ArrayLike | pd.DataFrame
SUCCESSIVE_DIFFERENCES = 4 / 80
"""Factor of the 80 replicates of the American Community Survey."""


@dataclass(frozen=True, eq=False, repr=False)
class Uncertainty:
    """How far the counts of a population can be trusted, cell by cell.

    Attributes
    ----------
    se : ndarray of shape (n_units, n_groups) or None
        Standard error of each count; 0 where it is exact.
    low, high : ndarray of shape (n_units, n_groups) or None
        The count that was to be known lies between them, both included; equal where it is known.
    replicates : ndarray of shape (R, n_units, n_groups) or None
        The table estimated again with each set of replicate weights.
    factor : float
        The variance of an estimate is ``factor * sum_r (estimate_r - estimate) ** 2``.
    totals_known : ndarray of bool, shape (n_units,)
        Units of which the number of people is known, although that of their groups is not.
    sizes_known : ndarray of bool, shape (n_groups,)
        Groups of which the number of people in all units is known, although where they live is not.
    """

    totals_known: Bools
    sizes_known: Bools
    se: Floats | None = None
    low: Floats | None = None
    high: Floats | None = None
    replicates: Floats | None = None
    factor: float = SUCCESSIVE_DIFFERENCES

    @classmethod
    def none(cls, n_units: int, n_groups: int) -> Uncertainty:
        """Return what is known where nothing is said: no number beside the counts themselves."""
        return cls(sealed(np.zeros(n_units, dtype=bool)), sealed(np.zeros(n_groups, dtype=bool)))

    @property
    def exact(self) -> Bools:
        """Cells whose interval is one number, (n_units, n_groups)."""
        if self.low is None or self.high is None:
            return np.zeros((len(self.totals_known), len(self.sizes_known)), dtype=bool)
        exact: Bools = self.low == self.high
        return exact

    def subset(self, keep: Bools) -> Uncertainty:
        """Return some of the units; a group keeps a known size where all that is left out is known."""
        replicates = self.replicates
        return Uncertainty(
            totals_known=sealed(self.totals_known[keep]),
            sizes_known=sealed(self.sizes_known & self.exact[~keep].all(axis=0)),
            se=_rows(self.se, keep),
            low=_rows(self.low, keep),
            high=_rows(self.high, keep),
            replicates=None if replicates is None else sealed(np.ascontiguousarray(replicates[:, keep])),
            factor=self.factor,
        )

    def regroup(self, target: Ints, counts: Floats) -> Uncertainty:
        """Put groups together: group m goes into ``target[m]``, or nowhere (-1).

        Intervals and replicates add up. Standard errors add up as those of independent counts do, or
        come anew from the replicates. A unit keeps a known total where all that is left out is known.

        Parameters
        ----------
        target : ndarray of shape (n_groups,)
            New place of each group.
        counts : ndarray of shape (n_units, k)
            Counts of the new groups.
        """
        width = counts.shape[1]
        members = [target == group for group in range(width)]
        tables, se = self.replicates, self.se
        if tables is not None:
            flat = merge_columns(frozen(tables.reshape(-1, tables.shape[2])), target, width)
            tables = sealed(flat.reshape(len(tables), *counts.shape))
            se = replicate_errors(tables, counts, self.factor)
        else:
            se = None if se is None else sealed(np.sqrt(merge_columns(frozen(se**2), target, width)))
        return Uncertainty(
            totals_known=sealed(self.totals_known & self.exact[:, target < 0].all(axis=1)),
            sizes_known=sealed(np.array([self.sizes_known[member].all() for member in members])),
            se=se,
            low=None if self.low is None else sealed(merge_columns(frozen(self.low), target, width)),
            high=None if self.high is None else sealed(merge_columns(frozen(self.high), target, width)),
            replicates=tables,
            factor=self.factor,
        )

    def merge_units(self, kept: Ints, codes: Ints, counts: Floats) -> Uncertainty:
        """Put units together: the kept ones into the rows `codes` of the new `counts`, the others nowhere."""
        dropped = np.ones(len(self.totals_known), dtype=bool)
        dropped[kept] = False
        known = np.ones(len(counts), dtype=bool)
        np.logical_and.at(known, codes, self.totals_known[kept])

        def added(table: Floats | None) -> Any:
            if table is None:
                return None
            total = np.zeros_like(counts)
            np.add.at(total, codes, table[kept])
            return sealed(total)

        tables, se = self.replicates, self.se
        if tables is not None:
            tables = sealed(np.stack([added(table) for table in tables]))
            se = replicate_errors(tables, counts, self.factor)
        else:
            se = None if se is None else sealed(np.sqrt(added(se**2)))
        return Uncertainty(
            totals_known=sealed(known),
            sizes_known=sealed(self.sizes_known & self.exact[dropped].all(axis=0)),
            se=se,
            low=added(self.low),
            high=added(self.high),
            replicates=tables,
            factor=self.factor,
        )

    def __repr__(self) -> str:
        said = []
        n_groups = len(self.sizes_known)
        if self.replicates is not None:
            said.append(f"{plural(len(self.replicates), 'replicate table')}, factor {self.factor:.4g}")
        elif self.se is not None:
            said.append(f"margins of error for {int(self.se.any(axis=0).sum())} of {plural(n_groups, 'group')}")
        if self.low is not None:
            open_cells = int((~self.exact).sum())
            are = "cell is an interval" if self.low.size == 1 else "cells are intervals"
            said.append(f"{open_cells:,} of {self.low.size:,} {are}")
        return "; ".join(said) or "nothing known"

    def __getstate__(self) -> dict[str, Any]:
        return {item.name: self.__dict__[item.name] for item in fields(self)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for value in state.values():
            if isinstance(value, np.ndarray):
                value.setflags(write=False)
        self.__dict__.update(state)


def replicate_errors(tables: Floats, counts: Floats, factor: float) -> Floats:
    """Return the standard errors that replicate tables (R, n, M) give, (n, M)."""
    total = np.zeros_like(counts)
    for table in tables:
        total += (table - counts) ** 2
    return sealed(np.sqrt(factor * total))  # type: ignore[no-any-return]


def _rows(table: Floats | None, keep: Bools) -> Any:
    return None if table is None else sealed(table[keep])


class WithUncertainty:
    """What a population can be told about its counts; the counts themselves stay as they are."""

    counts: Floats
    groups: tuple[str, ...]
    ids: pd.Index
    uncertainty: Uncertainty | None

    def with_intervals(self, low: Table, high: Table, *, totals: str = "known", sizes: str = "free") -> Self:
        """Return the same counts, of which only intervals are sure: suppressed or rounded cells.

        The counts stay what indices are computed from; `segregate.bounds` looks at all that the intervals allow.

        Parameters
        ----------
        low, high : array or DataFrame of shape (n_units, n_groups)
            Bounds of each cell, both included, in people; equal where the count is known. A
            DataFrame is matched by the names of the groups and by the ids, where its index holds them.
        totals : {"known", "free"}
            Whether the number of people of each unit is known: that of `totals`.
        sizes : {"free", "known"}
            Whether the number of people of each group in all units is known: that of the counts.

        Returns
        -------
        Population
            Margins of error and replicates that it has already are kept.

        Raises
        ------
        DataError
            Where a bound is missing, infinite or negative, or a count does not lie between them; the
            message names the cells.

        Examples
        --------
        >>> import numpy as np
        >>> import segregate as sg
        >>> pop = sg.sample("schools").versus("black")
        >>> hidden = pop.counts < 5  # suppose that these were published as "<5"
        >>> pop.with_intervals(np.where(hidden, 0, pop.counts), np.where(hidden, 4, pop.counts)).uncertainty
        5 of 80 cells are intervals
        """
        check_choice("totals", totals, ("known", "free"))
        check_choice("sizes", sizes, ("free", "known"))
        bounds = [self._cells(low, "low="), self._cells(high, "high=")]
        for table, name in zip(bounds, ("low=", "high="), strict=True):
            self._refuse(~np.isfinite(table), table, f"{name} is missing or infinite in", "Give every cell a number")
        self._refuse(bounds[0] < 0, bounds[0], "low= is negative in", "The least number of people is 0")
        self._refuse(
            self.counts < bounds[0], self.counts, "The count is below low= in", "Put the count into its interval"
        )
        self._refuse(
            self.counts > bounds[1], self.counts, "The count is above high= in", "Put the count into its interval"
        )
        return self._doubted(
            low=bounds[0],
            high=bounds[1],
            totals_known=sealed(np.full(len(self.counts), totals == "known")),
            sizes_known=sealed(np.full(len(self.groups), sizes == "known")),
        )

    def with_rounding(self, base: float) -> Self:
        """Return the same counts, of which each was rounded to a multiple of `base`.

        The number of people lies within ``count - base / 2`` and ``count + base / 2``, and is at least 0; neither
        the totals of the units nor the sizes of the groups are known. Say this of the counts as they were
        published, before groups are merged: sums and differences of rounded counts (the group "other" of
        ``total=``) are less sure than a rounded count, and `merge`, `versus` and `select` add the intervals up.

        Parameters
        ----------
        base : float
            5, for counts rounded to the nearest five. For random rounding, which may go to either of the two
            multiples around, give intervals of ``base - 1`` on either side with `with_intervals`.

        Returns
        -------
        Population

        Raises
        ------
        DataError
            Where a count is no multiple of `base`.

        Examples
        --------
        >>> import pandas as pd
        >>> import segregate as sg
        >>> pop = sg.Population.from_frame(pd.DataFrame({"a": [90, 0], "b": [10, 5]}), ["a", "b"])
        >>> pop.with_rounding(5).uncertainty.high
        array([[92.5, 12.5],
               [ 2.5,  7.5]])
        """
        if not (isinstance(base, (int, float, np.number)) and np.isfinite(base) and base > 0):
            raise ParameterError(f"base={base!r} is no number above 0; 5 for counts rounded to the nearest five.")
        odd = self.counts != base * np.round(self.counts / base)
        self._refuse(odd, self.counts, f"The count is no multiple of {base:g} in", "Take the base of the rounding")
        half = base / 2
        return self.with_intervals(np.maximum(self.counts - half, 0), self.counts + half, totals="free")

    def with_replicates(self, tables: Sequence[Table] | Floats, *, factor: float = SUCCESSIVE_DIFFERENCES) -> Self:
        """Return the same counts with the estimates that replicate weights give.

        The variance of any estimate X, a count or an index, is ``factor * sum_r (X_r - X) ** 2``.

        Parameters
        ----------
        tables : array of shape (R, n_units, n_groups), or R arrays or DataFrames
            The table estimated with each set of replicate weights. Negative estimates, which some
            replicate weights give, are taken as they are.
        factor : float
            4/80 for the 80 replicates of the American Community Survey (successive differences); 1/R for a
            bootstrap, (R - 1)/R for a jackknife that leaves out one of R parts, 1/R for balanced half-samples.

        Returns
        -------
        Population
            Standard errors come from the replicates, and replace those of margins of error.

        Raises
        ------
        DataError
            Where an estimate is missing or infinite.

        Examples
        --------
        >>> import numpy as np
        >>> import segregate as sg
        >>> pop = sg.sample("schools").versus("black")
        >>> tables = np.random.default_rng(1).poisson(pop.counts, (40, *pop.counts.shape))
        >>> pop.with_replicates(tables, factor=1 / 40).uncertainty
        40 replicate tables, factor 0.025
        """
        if not (isinstance(factor, (int, float, np.number)) and np.isfinite(factor) and factor > 0):
            raise ParameterError(
                f"factor={factor!r} is no number above 0; for the 80 replicates of the ACS it is 4/80."
            )
        what = f"tables= takes R tables of {self.counts.shape[0]:,} units x {self.counts.shape[1]} groups each"
        if isinstance(tables, (str, pd.DataFrame)) or not isinstance(tables, (Sequence, np.ndarray)):
            raise ParameterError(f"{what}, one for each set of replicate weights, not {type(tables).__name__}.")
        if np.ndim(tables[0] if len(tables) else 0) != 2:
            raise ParameterError(f"{what}, one for each set of replicate weights: an array of three dimensions.")
        if len(tables) < 2:
            raise ParameterError(f"{what}; one table says nothing of the variance.")
        stacked = np.empty((len(tables), *self.counts.shape))
        for r, table in enumerate(tables):
            stacked[r] = self._cells(table, f"tables[{r}]")
            bad = ~np.isfinite(stacked[r])
            self._refuse(bad, stacked[r], f"tables[{r}] is missing or infinite in", "Give every cell a number")
        errors = replicate_errors(stacked, self.counts, float(factor))
        return self._doubted(se=errors, replicates=sealed(stacked), factor=float(factor))

    def _doubted(self, **known: Any) -> Self:
        before = self.uncertainty or Uncertainty.none(*self.counts.shape)
        changed: Any = self
        made = replace(changed, uncertainty=replace(before, **known))
        if "places" in self.__dict__:
            made.__dict__["places"] = self.__dict__["places"]
        return made  # type: ignore[no-any-return]

    def _cells(self, table: Table, what: str) -> Floats:
        """Return a table in the order of units and groups."""
        n_units, n_groups = self.counts.shape
        shape = f"{n_units:,} units x {n_groups} groups"
        if isinstance(table, pd.DataFrame):
            columns = [str(name) for name in table.columns]
            for name in self.groups:
                if columns.count(name) != 1:
                    number = "no" if name not in columns else "more than one"
                    raise UnknownNameError(f"{what} has {number} column {name!r}. {nearest(name, columns)}")
            table = table.iloc[:, [columns.index(name) for name in self.groups]]
            table = self._matched(table, what)
        try:
            cells: Floats = np.array(table, dtype=np.float64, order="C")
        except (TypeError, ValueError):
            raise DataError(f"{what} holds something other than numbers.") from None
        if cells.shape != self.counts.shape:
            found = " x ".join(f"{length:,}" for length in cells.shape) or "a single number"
            raise ParameterError(f"{what} has {found}; it takes {shape}.")
        return sealed(cells)  # type: ignore[no-any-return]

    def _matched(self, table: pd.DataFrame, what: str) -> pd.DataFrame:
        """Return the rows in the order of the units, where the index of the table holds the ids."""
        if table.index.equals(self.ids) or not self.ids.isin(table.index).any():
            return table
        known = self.ids.isin(table.index)
        if not known.all() or not table.index.is_unique:
            some = self.ids[~known] if not known.all() else table.index[table.index.duplicated()]
            raise ParameterError(
                f"The index of {what} holds the ids of some units only, or holds one twice "
                f"(first: {first_of(some[:4])}); give one row for each id, or an array in the order of the units."
            )
        return table.loc[self.ids]

    def _refuse(self, wrong: Bools, values: Floats, problem: str, advice: str) -> None:
        """Refuse cells, and name the first."""
        if not wrong.any():
            return
        rows, columns = np.nonzero(wrong)
        cells = [
            f"{first_of([self.ids[j]])} {self.groups[m]!r}: {values[j, m]:g}"
            for j, m in zip(rows[:3], columns[:3], strict=True)
        ]
        raise DataError(
            f"{problem} {plural(len(rows), 'cell')} of {wrong.size:,} (first: {'; '.join(cells)}"
            f"{'; ...' if len(rows) > 3 else ''}). {advice}."
        )
