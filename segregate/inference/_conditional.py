"""Conditional permutation: one unit stays where it is, the others change places."""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt
import scipy.sparse

from ..kernels import kernel

__all__ = ["SLACK", "count_reached", "draw_others", "moments"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
SLACK = 1e-12
"""A replicate that misses the statistic by no more than that, relative or absolute, counts as reached."""


def draw_others(n_units: int, largest: int, replicates: int, rng: np.random.Generator | int | None) -> Ints:
    """Draw who comes to stand around a unit, one child stream per replicate.

    Parameters
    ----------
    n_units : int
        Number of units, the one that stays among them.
    largest : int
        Number of neighbours of the unit that has most; a unit that has fewer takes the first ones.
    replicates : int
        Number of replicates.
    rng : Generator, int or None
        Source of randomness.

    Returns
    -------
    ndarray of shape (replicates, largest)
        Different numbers from 0 to n_units - 2 in each row: positions among the others.
    """
    draws = np.empty((replicates, largest), dtype=np.int64)
    for row, stream in zip(draws, np.random.default_rng(rng).spawn(replicates), strict=True):
        row[:] = stream.choice(n_units - 1, size=largest, replace=False)
    return draws


@kernel(parallel=True, worth=2**9)
def _reached(
    values: Floats,
    observed: Floats,
    fixed: Floats,
    factor: Floats,
    starts: Ints,
    weights: Floats,
    draws: Ints,
    slack: float,
) -> Ints:
    n = len(observed)
    found = np.zeros((n, 2), dtype=np.int64)
    for i in numba.prange(n):
        first = starts[i]
        near = slack * max(1.0, abs(observed[i]))
        for r in range(len(draws)):
            around = 0.0
            for k in range(starts[i + 1] - first):
                other = draws[r, k]
                if other >= i:
                    other += 1
                around += weights[first + k] * values[other]
            again = fixed[i] + factor[i] * around
            if again >= observed[i] - near:
                found[i, 0] += 1
            if again <= observed[i] + near:
                found[i, 1] += 1
    return found


def count_reached(
    values: Floats, observed: Floats, fixed: Floats, factor: Floats, others: scipy.sparse.csr_array, draws: Ints
) -> Ints:
    """Count the replicates that reach a local statistic from below, and from above.

    The statistic of unit i is ``fixed_i + factor_i * sum_j others_ij * values_j``.

    Parameters
    ----------
    values, observed, fixed, factor : ndarray of shape (n,)
        The variable, the statistic and its parts that stay.
    others : csr_array of shape (n, n)
        Weights of the neighbours, nothing on the diagonal.
    draws : ndarray of shape (replicates, k)
        From `draw_others`.

    Returns
    -------
    ndarray of shape (n, 2)
        Replicates with a statistic as large or larger, and as small or smaller.
    """
    starts = others.indptr.astype(np.int64)
    weights = np.ascontiguousarray(others.data, dtype=np.float64)
    return _reached(values, observed, fixed, factor, starts, weights, draws, SLACK)


def moments(values: Floats, others: scipy.sparse.csr_array) -> tuple[Floats, Floats]:
    """Return mean and standard deviation of ``sum_j others_ij * values_j`` over all rearrangements.

    With m other units of mean mu and variance s2 (divided by m), and a, b the sums of the weights and of
    their squares, these are a mu and the root of s2 (m b - a^2) / (m - 1).

    Parameters
    ----------
    values : ndarray of shape (n,)
        The variable, n of 3 or more.
    others : csr_array of shape (n, n)
        Weights of the neighbours, nothing on the diagonal.

    Returns
    -------
    mean, deviation : ndarray of shape (n,)
        The deviation is 0 where no rearrangement changes anything.
    """
    m = len(values) - 1
    centred = values - values.mean()
    mean = -centred / m
    variance = np.maximum((math.fsum(centred**2) - centred**2) / m - mean**2, 0.0)
    total = np.asarray(others.sum(axis=1)).ravel()
    squares = np.asarray((others * others).sum(axis=1)).ravel()
    spread = (m * squares - total**2) / (m - 1)
    spread[spread <= SLACK * squares * m] = 0.0
    variance[variance <= SLACK * math.fsum(centred**2) / m] = 0.0
    return total * (mean + values.mean()), np.sqrt(variance * spread)
