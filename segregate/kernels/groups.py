"""Columns of a table put together."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from ._jit import kernel

__all__ = ["merge_columns"]


@kernel(parallel=True)
def merge_columns(table: npt.NDArray[np.float64], target: npt.NDArray[np.int64], width: int) -> npt.NDArray[np.float64]:
    """Add column m of (n, M) to column target[m] of (n, width); a negative target leaves it out."""
    merged = np.zeros((table.shape[0], width))
    for j in numba.prange(table.shape[0]):
        for m in range(table.shape[1]):
            if target[m] >= 0:
                merged[j, target[m]] += table[j, m]
    return merged
