"""Density correction of D: each unit's gap between two groups is replaced by its most likely value."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

__all__ = ["density_corrected", "most_likely"]

Floats = npt.NDArray[np.float64]
STEPS = 200


def most_likely(z: Floats) -> Floats:
    """Return the mean n >= 0 that makes |N(n, 1)| = z most likely, (n,).

    It is the largest root of ``n = z tanh(n z)``, 0 up to z = 1. The function ``n - z tanh(n z)`` is convex, so that
    Newton's steps from n = z on come down to the root and never pass it.
    """
    at = np.where(z > 1, z, 0.0)
    for _ in range(STEPS):
        bent = np.tanh(at * z)
        slope = 1 - z * z * (1 - bent * bent)
        step = np.where(slope > 0, (at - z * bent) / np.where(slope > 0, slope, 1.0), 0.0)
        further = np.where(step > 0, at - step, at)
        if not (further < at).any():
            break
        at = further
    return at


def density_corrected(x: Floats, y: Floats) -> float:
    """Return the density-corrected D of two groups.

    Parameters
    ----------
    x, y : ndarray of shape (n,)
        People of the two groups in each unit.
    """
    many, others = math.fsum(x), math.fsum(y)
    p, q = x / many, y / others
    gap = np.abs(p - q)
    error = np.sqrt(p * (1 - p) / many + q * (1 - q) / others)
    certain = error == 0
    likely = most_likely(gap / np.where(certain, 1.0, error))
    return math.fsum(np.where(certain, gap, error * likely)) / 2
