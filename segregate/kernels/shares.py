"""Arithmetic on rows of shares that keeps its digits where one group is nearly everybody.

With p close to 1 the difference 1 - p has few digits left; the sum of the other shares
has them all. At most one share of a row is above one half.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ._jit import kernel

__all__ = ["entropy", "log_share", "rest", "simpson"]

Floats = npt.NDArray[np.float64]


@kernel
def rest(shares: Floats, m: int) -> float:
    """Return 1 - p_m as the sum of the other shares."""
    total = 0.0
    for k in range(len(shares)):
        if k != m:
            total += shares[k]
    return total


@kernel
def log_share(shares: Floats, m: int) -> float:
    """Return ln p_m."""
    return float(np.log(shares[m])) if shares[m] <= 0.5 else float(np.log1p(-rest(shares, m)))


@kernel
def entropy(shares: Floats) -> float:
    """Return -sum p ln p in nats, with 0 ln 0 = 0."""
    total = 0.0
    for m in range(len(shares)):
        if shares[m] > 0:
            total -= shares[m] * log_share(shares, m)
    return total


@kernel
def simpson(shares: Floats) -> float:
    """Return sum p (1 - p), the chance that two people differ, as twice the sum over pairs of groups."""
    total = 0.0
    before = 0.0
    for m in range(len(shares)):
        total += shares[m] * before
        before += shares[m]
    return 2 * total
