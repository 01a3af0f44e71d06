"""Iterative proportional fitting: the table with given margins and the odds ratios of another.

Tables hold shares (n, k) with few columns; their cells are scaled to ``table * factors / row``. Zero cells stay zero.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ._jit import kernel

__all__ = ["fit_height", "fit_in_turn", "fit_slope", "fitted_table", "information_terms", "row_totals"]

Floats = npt.NDArray[np.float64]

LEAST = 1e-200
"""Smallest factor over the largest; where no table has the margins wanted they drift apart without end."""


@kernel
def row_totals(table: Floats) -> Floats:
    """Add up each row of (n, k), from the first column to the last."""
    totals = np.zeros(len(table))
    for j in range(len(table)):
        for m in range(table.shape[1]):
            totals[j] += table[j, m]
    return totals


@kernel
def fitted_table(table: Floats, rows: Floats, factors: Floats) -> Floats:
    """Scale the columns by factors, and then each row to its total."""
    fitted = np.empty(table.shape)
    for j in range(len(table)):
        total = 0.0
        for m in range(table.shape[1]):
            fitted[j, m] = table[j, m] * factors[m]
            total += fitted[j, m]
        scale = rows[j] / total
        for m in range(table.shape[1]):
            fitted[j, m] *= scale
    return fitted


@kernel
def _column_totals(table: Floats, rows: Floats, factors: Floats, totals: Floats) -> None:
    """Write the column totals of the table scaled to its rows, carrying along what each addition loses."""
    k = table.shape[1]
    lost = np.zeros(k)
    totals[:] = 0.0
    for j in range(len(table)):
        total = 0.0
        for m in range(k):
            total += table[j, m] * factors[m]
        scale = rows[j] / total
        for m in range(k):
            value = table[j, m] * factors[m] * scale
            new = totals[m] + value
            lost[m] += (totals[m] - new) + value if totals[m] >= value else (value - new) + totals[m]
            totals[m] = new
    for m in range(k):
        totals[m] += lost[m]


@kernel
def fit_in_turn(
    table: Floats, rows: Floats, columns: Floats, factors: Floats, near: float, rounds: int
) -> tuple[Floats, Floats, float, int]:
    """Scale rows and columns in turn until the columns are near enough.

    Parameters
    ----------
    table : ndarray of shape (n, k)
        No row and no column is zero.
    rows, columns : ndarray of shape (n,), (k,)
        The margins wanted.
    factors : ndarray of shape (k,)
        Where to start.
    near : float
        Greatest relative distance of a column from its total.
    rounds : int
        How often the columns are scaled at most.

    Returns
    -------
    factors : ndarray of shape (k,)
    totals : ndarray of shape (k,)
        Column totals of ``fitted_table(table, rows, factors)``; its rows are as wanted.
    off : float
        Greatest relative distance that is left; infinite where a total has no value.
    done : int
        How often the columns were scaled.
    """
    k = table.shape[1]
    factors = factors.copy()
    totals = np.empty(k)
    done = 0
    while True:
        _column_totals(table, rows, factors, totals)
        off = 0.0
        for m in range(k):
            gap = abs(totals[m] / columns[m] - 1)
            off = max(off, gap if np.isfinite(gap) else np.inf)
        if off <= near or done == rounds or off == np.inf:
            return factors, totals, off, done
        largest = 0.0
        for m in range(k):
            factors[m] *= columns[m] / totals[m]
            largest = max(largest, factors[m])
        for m in range(k):
            factors[m] = max(factors[m] / largest, LEAST)
        done += 1


@kernel
def fit_slope(table: Floats, rows: Floats, factors: Floats) -> Floats:
    """Return how the column totals of the fitted table change with the logarithms of the factors, (k, k)."""
    k = table.shape[1]
    slope = np.zeros((k, k))
    own = np.empty(k)
    for j in range(len(table)):
        total = 0.0
        for m in range(k):
            own[m] = table[j, m] * factors[m]
            total += own[m]
        for m in range(k):
            own[m] /= total
        for m in range(k):
            if own[m] > 0:
                rest = 0.0
                for g in range(k):
                    if g != m:
                        rest += own[g]
                        slope[m, g] -= rows[j] * own[m] * own[g]
                slope[m, m] += rows[j] * own[m] * rest
    return slope


@kernel
def fit_height(table: Floats, rows: Floats, columns: Floats, factors: Floats) -> float:
    """Return the convex function of the logarithms of the factors that is least where the table is fitted."""
    height = 0.0
    lost = 0.0
    for j in range(len(table)):
        total = 0.0
        for m in range(table.shape[1]):
            total += table[j, m] * factors[m]
        value = rows[j] * np.log(total)
        new = height + value
        lost += (height - new) + value if abs(height) >= abs(value) else (value - new) + height
        height = new
    for m in range(table.shape[1]):
        lost -= columns[m] * np.log(factors[m])
    return height + lost


@kernel
def information_terms(table: Floats, rows: Floats, columns: Floats) -> Floats:
    """Return what each row adds to the mutual information of shares with these margins, (n,)."""
    terms = np.zeros(len(table))
    for j in range(len(table)):
        for m in range(table.shape[1]):
            if table[j, m] > 0:
                terms[j] += table[j, m] * np.log(table[j, m] / (rows[j] * columns[m]))
    return terms
