"""Sums over segments: the units of one region, stored one after another.

`starts` (R + 1,) holds the first row of each region and, last, the number of rows.
Sums are compensated (Neumaier), so that the order of the units changes nothing that
can be seen, and serial within a region, so that the number of threads changes nothing.
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from ._jit import kernel

__all__ = ["column_sums", "exact_sum", "row_shares", "segment_sums"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@kernel
def exact_sum(values: Floats) -> float:
    """Add up (n,) values, carrying along what each addition loses."""
    total = 0.0
    lost = 0.0
    for j in range(len(values)):
        new = total + values[j]
        lost += (total - new) + values[j] if abs(total) >= abs(values[j]) else (values[j] - new) + total
        total = new
    return total + lost


@kernel(parallel=True)
def segment_sums(values: Floats, starts: Ints) -> Floats:
    """Add up (n,) values region by region into (R,)."""
    sums = np.empty(len(starts) - 1)
    for r in numba.prange(len(starts) - 1):
        sums[r] = exact_sum(values[starts[r] : starts[r + 1]])
    return sums


@kernel(parallel=True)
def column_sums(table: Floats, starts: Ints) -> Floats:
    """Add up the columns of (n, M) region by region into (R, M)."""
    sums = np.empty((len(starts) - 1, table.shape[1]))
    for r in numba.prange(len(starts) - 1):
        total = np.zeros(table.shape[1])
        lost = np.zeros(table.shape[1])
        for j in range(starts[r], starts[r + 1]):
            for m in range(table.shape[1]):
                value = table[j, m]
                new = total[m] + value
                lost[m] += (total[m] - new) + value if abs(total[m]) >= abs(value) else (value - new) + total[m]
                total[m] = new
        sums[r] = total + lost
    return sums


@kernel(parallel=True)
def row_shares(table: Floats) -> Floats:
    """Divide each row of (n, M) by its sum; a row of zeros stays zero."""
    shares = np.zeros(table.shape)
    for j in numba.prange(table.shape[0]):
        total = 0.0
        for m in range(table.shape[1]):
            total += table[j, m]
        if total > 0:
            for m in range(table.shape[1]):
                shares[j, m] = table[j, m] / total
    return shares
