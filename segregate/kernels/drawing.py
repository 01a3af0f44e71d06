"""Random tables of people, and random choices of units: a replicate each, from streams of their own.

`states` (B, 4) holds the seeds of B replicates. What a replicate becomes depends on its seeds alone, not on
the others, the number of threads or how many are drawn at once.
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from ._jit import kernel
from .streams import below, binomial, hypergeometric

__all__ = ["drawn_rows", "hypergeometric_tables", "multinomial_tables", "orders", "resampled_tables"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]

WORTH = 2**17
"""Draws from which on a second thread pays, also where a core is busy."""


def _of_margins(states: Words, totals: Floats, sizes: Floats, _: Floats) -> bool:
    return len(states) * len(totals) * len(sizes) >= WORTH


def _of_cells(states: Words, counts: Floats, _: Floats) -> bool:
    return len(states) * counts.size >= WORTH


def _of_rows(states: Words, n: int, k: int = 0) -> bool:
    return len(states) * (k or n) >= 8 * WORTH


@kernel(parallel=True, worth=_of_margins)
def hypergeometric_tables(states: Words, totals: Floats, sizes: Floats, logs: Floats) -> Floats:
    """Draw tables with given totals of units and sizes of groups, people being spread at random.

    Parameters
    ----------
    states : ndarray of shape (B, 4)
        Seeds.
    totals : ndarray of shape (n,)
        People of each unit, whole numbers.
    sizes : ndarray of shape (M,)
        People of each group, with the same sum.
    logs : ndarray
        `segregate.kernels.streams.log_factorials` of that sum.

    Returns
    -------
    ndarray of shape (B, n, M)
    """
    n, many = len(totals), len(sizes)
    tables = np.zeros((len(states), n, many))
    for b in numba.prange(len(states)):
        state = states[b].copy()
        left = sizes.copy()
        everybody = sizes.sum()
        for j in range(n):
            wanted = totals[j]
            others = everybody
            everybody -= wanted
            for m in range(many - 1):
                others -= left[m]
                found = hypergeometric(state, left[m], others, wanted, logs)
                tables[b, j, m] = found
                left[m] -= found
                wanted -= found
            tables[b, j, many - 1] = wanted
            left[many - 1] -= wanted
    return tables


@kernel(parallel=True, worth=_of_margins)
def multinomial_tables(states: Words, totals: Floats, shares: Floats, logs: Floats) -> Floats:
    """Draw tables with given totals of units, every person being of group m with the chance ``shares[m]``.

    Parameters
    ----------
    states : ndarray of shape (B, 4)
        Seeds.
    totals : ndarray of shape (n,)
        People of each unit, whole numbers.
    shares : ndarray of shape (M,)
        They need not sum to 1.
    logs : ndarray
        `segregate.kernels.streams.log_factorials` of the largest total.

    Returns
    -------
    ndarray of shape (B, n, M)
    """
    n, many = len(totals), len(shares)
    tables = np.zeros((len(states), n, many))
    rests = np.zeros(many)
    for m in range(many - 2, -1, -1):
        rests[m] = rests[m + 1] + shares[m + 1]
    for b in numba.prange(len(states)):
        state = states[b].copy()
        for j in range(n):
            wanted = totals[j]
            for m in range(many - 1):
                found = wanted
                if rests[m] > 0:
                    found = binomial(state, wanted, shares[m] / (shares[m] + rests[m]), logs)
                tables[b, j, m] = found
                wanted -= found
            tables[b, j, many - 1] = wanted
    return tables


@kernel(parallel=True, worth=_of_cells)
def resampled_tables(states: Words, counts: Floats, logs: Floats) -> Floats:
    """Draw as many people as there are, with replacement, and put them into a table.

    Parameters
    ----------
    states : ndarray of shape (B, 4)
        Seeds.
    counts : ndarray of shape (n, M)
        People of each group in each unit, with a whole number of people in all.
    logs : ndarray
        `segregate.kernels.streams.log_factorials` of that number.

    Returns
    -------
    ndarray of shape (B, n, M)
    """
    n, many = counts.shape
    tables = np.zeros((len(states), n, many))
    behind = np.zeros(n * many + 1)
    for cell in range(n * many - 1, -1, -1):
        behind[cell] = behind[cell + 1] + counts[cell // many, cell % many]
    for b in numba.prange(len(states)):
        state = states[b].copy()
        wanted = np.rint(behind[0])
        for cell in range(n * many):
            here = counts[cell // many, cell % many]
            if here > 0 and wanted > 0:
                found = wanted
                if behind[cell + 1] > 0:
                    found = binomial(state, wanted, here / behind[cell], logs)
                tables[b, cell // many, cell % many] = found
                wanted -= found
    return tables


@kernel(parallel=True, worth=_of_rows)
def drawn_rows(states: Words, n: int, k: int) -> Ints:
    """Draw k of n units with replacement, (B, k)."""
    rows = np.empty((len(states), k), dtype=np.int64)
    for b in numba.prange(len(states)):
        state = states[b].copy()
        for place in range(k):
            rows[b, place] = below(state, n)
    return rows


@kernel(parallel=True, worth=_of_rows)
def orders(states: Words, n: int) -> Ints:
    """Put n units into random order, (B, n)."""
    rows = np.empty((len(states), n), dtype=np.int64)
    for b in numba.prange(len(states)):
        state = states[b].copy()
        for place in range(n):
            rows[b, place] = place
        for place in range(n - 1, 0, -1):
            other = below(state, place + 1)
            kept = rows[b, place]
            rows[b, place] = rows[b, other]
            rows[b, other] = kept
    return rows
