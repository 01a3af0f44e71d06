"""Arithmetic on rows of shares that keeps its digits where one group is nearly everybody.

With p close to 1 the difference 1 - p has few digits left; the sum of the other shares
has them all. At most one share of a row is above one half.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ._jit import kernel

__all__ = ["entropy", "log_share", "rest", "simpson", "variation"]

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


@kernel
def variation(low: float, high: float, kind: int) -> float:
    """Return how evenly two shares that add up to 1 are split: 0 where one is all, 1 at one half.

    Kinds: 0 entropy in bits, 1 variance 4 p (1 - p), 2 square root 2 sqrt(p (1 - p)), 3 absolute 1 - |2 p - 1|.
    """
    if low <= 0 or high <= 0:
        return 0.0
    if kind == 0:
        log_low = np.log(low) if low <= 0.5 else np.log1p(-high)
        log_high = np.log(high) if high <= 0.5 else np.log1p(-low)
        return float(-(low * log_low + high * log_high) / np.log(2.0))
    if kind == 1:
        return 4 * low * high
    if kind == 2:
        return float(2 * np.sqrt(low * high))
    return 2 * min(low, high)
