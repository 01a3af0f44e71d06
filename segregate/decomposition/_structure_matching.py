"""The shares of one city laid on the units of another, quantile by quantile of their people."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .._arrays import sealed

__all__ = ["matched_counts", "spread_of"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
TIE = 1e-12
"""Shares that differ by no more than that, relative to the larger, are equal."""


class Blocks(NamedTuple):
    """Units of one share together, by rising share of the first group.

    Attributes
    ----------
    code : ndarray of shape (n,)
        Block of each unit; -1 for a unit without people.
    share : ndarray of shape (K, 2)
        Shares of the two groups in each block.
    end : ndarray of shape (K,)
        People up to the end of each block.
    """

    code: Ints
    share: Floats
    end: Floats


def blocks_of(counts: Floats) -> Blocks:
    """Put units of one share together.

    Parameters
    ----------
    counts : ndarray of shape (n, 2)
        People of the two groups; somebody lives somewhere.
    """
    lived_in = np.flatnonzero(counts.sum(axis=1) > 0)
    shares = counts[lived_in] / counts[lived_in].sum(axis=1)[:, None]
    order = np.lexsort((-shares[:, 1], shares[:, 0]))  # both, so that a share near 1 keeps its digits
    shares = shares[order]
    numbers = np.concatenate([[0], np.cumsum(_differ(shares[:-1], shares[1:]))])
    people = np.column_stack([np.bincount(numbers, weights=counts[lived_in[order], m]) for m in (0, 1)])
    code = np.full(len(counts), -1)
    code[lived_in[order]] = numbers
    totals = people.sum(axis=1)
    return Blocks(code, people / totals[:, None], np.cumsum(totals))


def matched_counts(places: Floats, shares: Floats) -> Floats:
    """Return the people of the units of one city with the shares of another.

    Parameters
    ----------
    places : ndarray of shape (n, 2)
        People of the two groups in each unit of the city whose units are kept.
    shares : ndarray of shape (k, 2)
        The same of the city whose shares are laid on them.

    Returns
    -------
    ndarray of shape (n, 2)
        Units keep their totals. Those whose share stays the same keep their people as they are, to the bit.
    """
    own, given = blocks_of(places), blocks_of(shares)
    ends, others = own.end * given.end[-1], given.end * own.end[-1]  # whole numbers stay whole
    cuts = np.union1d(ends, others)
    widths = np.diff(cuts, prepend=0.0)
    block = np.searchsorted(ends, cuts)
    pieces = widths[:, None] * given.share[np.searchsorted(others, cuts)]
    n = len(ends)
    width = np.bincount(block, weights=widths, minlength=n)[:, None]
    summed = np.column_stack([np.bincount(block, weights=pieces[:, m], minlength=n) for m in (0, 1)])
    at_end = given.share[np.searchsorted(others, ends)]  # for so few people that their block has no width
    laid = np.divide(summed, width, out=at_end, where=width > 0)

    moved = (own.code >= 0) & _differ(laid, own.share)[own.code]
    counts = places.copy()
    counts[moved] = laid[own.code[moved]] * places[moved].sum(axis=1)[:, None]
    return sealed(counts)  # type: ignore[no-any-return]


def spread_of(counts: Floats) -> float:
    """Return the standard deviation of the share of the first group over people."""
    totals = counts.sum(axis=1)
    lived_in = totals > 0
    if not lived_in.any():
        return float("nan")
    weights = totals[lived_in] / totals.sum()
    first = counts[lived_in, 0] / totals[lived_in]
    return float(np.sqrt(weights @ (first - weights @ first) ** 2))


def _differ(one: Floats, other: Floats) -> npt.NDArray[np.bool_]:
    """Say which rows of shares are not equal."""
    return np.asarray((np.abs(one - other) > TIE * np.maximum(one, other)).any(axis=1))
