"""Diversity of one row of shares."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ._jit import kernel

__all__ = ["entropy", "simpson"]

Floats = npt.NDArray[np.float64]


@kernel
def entropy(shares: Floats) -> float:
    """Return -sum p ln p in nats, with 0 ln 0 = 0."""
    total = 0.0
    for m in range(len(shares)):
        if shares[m] > 0:
            total -= shares[m] * np.log(shares[m])
    return total


@kernel
def simpson(shares: Floats) -> float:
    """Return sum p (1 - p), the chance that two people differ."""
    total = 0.0
    for m in range(len(shares)):
        total += shares[m] * (1 - shares[m])
    return total
