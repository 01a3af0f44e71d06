"""What the indices of ordered groups share: thresholds between categories."""

from __future__ import annotations

from fractions import Fraction
from math import comb, gamma

import numba
import numpy as np
import numpy.typing as npt

from ..kernels import exact_sum, kernel, variation

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

KINDS = {"information": 0, "entropy": 0, "variance": 1, "hutchens": 2, "sqrt": 2, "absolute": 3}
"""Ways to say how evenly people split below and above a threshold; see `segregate.kernels.variation`."""


@kernel(parallel=True)
def threshold_terms(
    totals: Floats, composition: Floats, shares: Floats, starts: Ints, weights: Floats, kind: int, pooled: bool
) -> Floats:
    """Return what each unit adds to the sum over thresholds of weight * (v - v_j) / v.

    weights (R, M - 1): one for the threshold above each category but the last, 0 to leave it out. If pooled, the
    differences of all thresholds are added up first and divided by the sum of the v.
    """
    terms = np.zeros(len(totals))
    n_groups = shares.shape[1]
    for r in numba.prange(len(starts) - 1):
        people = exact_sum(totals[starts[r] : starts[r + 1]])
        city = np.zeros(n_groups - 1)
        below = 0.0
        for k in range(n_groups - 1):
            below += shares[r, k]
            above = 0.0
            for m in range(n_groups - 1, k, -1):
                above += shares[r, m]
            city[k] = variation(below, above, kind)
        whole = (weights[r] * city).sum()
        for j in range(starts[r], starts[r + 1]):
            if totals[j] <= 0:
                continue
            unit = 0.0
            below = 0.0
            for k in range(n_groups - 1):
                below += composition[j, k]
                if weights[r, k] == 0:
                    continue
                above = 0.0
                for m in range(n_groups - 1, k, -1):
                    above += composition[j, m]
                gap = weights[r, k] * (city[k] - variation(below, above, kind))
                unit += gap / (whole if pooled else city[k])
            terms[j] = totals[j] / people * unit
    return terms


def thresholds(shares: Floats) -> tuple[Ints, Floats]:
    """Return the categories below a threshold that counts, and the cumulative share at it.

    Parameters
    ----------
    shares : ndarray of shape (M,)
        Shares of the categories in the city, lowest first.
    """
    with_people = np.flatnonzero(shares > 0)[:-1]
    return with_people, np.cumsum(shares)[with_people]


def moments(kind: int, degree: int) -> list[float]:
    """Return the means of p^0, p^1, ... under the weight of a kind, from closed forms.

    Parameters
    ----------
    kind : int
        0: entropy of p, 1: p (1 - p), 2: sqrt(p (1 - p)).
    degree : int
        The last power.
    """
    if kind == 0:  # the integral of -p^m ln p is 1 / (m + 1)^2
        return [
            float(
                2
                * (
                    Fraction(1, (m + 2) ** 2)
                    + sum(Fraction((-1) ** k * comb(m, k), (k + 2) ** 2) for k in range(m + 1))
                )
            )
            for m in range(degree + 1)
        ]
    if kind == 1:
        return [6 / ((m + 2) * (m + 3)) for m in range(degree + 1)]
    return [2 * gamma(m + 1.5) / (gamma(1.5) * gamma(m + 3)) for m in range(degree + 1)]
