"""Which cities can be told apart, the ranks that each may have, and letters for those that are alike."""

from __future__ import annotations

import math
from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from .._arrays import frozen
from ..kernels import kernel

__all__ = ["Apart", "groups_of", "highest_of", "letters_of", "tell_apart"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

BLOCK = 32
"""Replicates that are looked at together, pair by pair."""
WORTH = 2**22
"""Differences from which on a second thread pays."""
SAME = 1e-12
"""Values that differ by no more, relative or absolute, are the same."""
MOST_GROUPS = 1000
"""Letters that nobody could read."""
ALPHABET = "abcdefghijklmnopqrstuvwxyz"


class Apart(NamedTuple):
    """What is known of all pairs together.

    Attributes
    ----------
    above : ndarray of shape (S, S)
        Whether the city of the row is surely above that of the column.
    critical : float
        Half the width of the interval of a difference, in its standard errors; NaN for one city.
    """

    above: Bools
    critical: float


def highest_of(tops: Floats, level: float) -> float:
    """Return the value that R + 1 exchangeable draws exceed with the chance 1 - level at the most.

    Parameters
    ----------
    tops : ndarray of shape (R,)
        One for each replicate; of too few the largest is taken.
    level : float
        Confidence.
    """
    place = min(math.ceil(level * (len(tops) + 1) - 1e-9), len(tops))
    return float(np.sort(tops)[place - 1])


def tell_apart(values: Floats, gaps: Floats, level: float) -> Apart:
    """Test for all ordered pairs together that the first is not above the second, step by step.

    The first step takes the largest studentized difference over all pairs; each further one leaves out the hypotheses
    that are rejected already. As every hypothesis is one-sided, a wrong direction is a false rejection too, and the
    chance of one or more is held.

    Parameters
    ----------
    values : ndarray of shape (S,)
        Best estimates.
    gaps : ndarray of shape (S, R)
        Replicates less their mean, independent from city to city.
    level : float
        Confidence.
    """
    se = gaps.std(axis=1, ddof=1)
    spread = np.sqrt(se[:, None] ** 2 + se[None, :] ** 2)
    difference = values[:, None] - values[None, :]
    near = SAME * np.maximum(1.0, np.abs(values))[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = np.where(spread > 0, difference / spread, np.where(difference > near, np.inf, 0.0))
    left = ~np.eye(len(values), dtype=bool)
    critical = float("nan")
    while left.any():
        tops = pair_maxima(frozen(gaps), frozen(se), frozen(left, np.bool_))
        now = highest_of(tops, level)
        critical = now if math.isnan(critical) else critical
        found = left & (distance > now)
        if not found.any():
            break
        left &= ~found
    return Apart(~left & ~np.eye(len(values), dtype=bool), critical)


def _much(gaps: Floats, se: Floats, _: Bools) -> bool:
    return gaps.size * len(se) >= WORTH


@kernel(parallel=True, worth=_much)
def pair_maxima(gaps: Floats, se: Floats, left: Bools) -> Floats:
    """Return, for each replicate, the largest studentized difference among some ordered pairs.

    Parameters
    ----------
    gaps : ndarray of shape (S, R)
        Replicates less their mean.
    se : ndarray of shape (S,)
        Standard errors; a pair without any has the difference 0.
    left : ndarray of bool, shape (S, S)
        The pairs (row less column).

    Returns
    -------
    ndarray of shape (R,)
    """
    many, replicates = gaps.shape
    tops = np.full(replicates, -np.inf)
    for block in numba.prange((replicates + BLOCK - 1) // BLOCK):
        first = block * BLOCK
        last = min(first + BLOCK, replicates)
        for i in range(many):
            for j in range(i + 1, many):
                up, down = left[i, j], left[j, i]
                if not up and not down:
                    continue
                spread = math.sqrt(se[i] * se[i] + se[j] * se[j])
                scale = 1.0 / spread if spread > 0 else 0.0
                if not up:
                    scale = -scale
                if up and down:
                    for b in range(first, last):
                        tops[b] = max(tops[b], abs((gaps[i, b] - gaps[j, b]) * scale))
                else:
                    for b in range(first, last):
                        tops[b] = max(tops[b], (gaps[i, b] - gaps[j, b]) * scale)
    return tops


def groups_of(told_apart: Bools) -> list[list[int]] | None:
    """Return the largest groups of cities of which no two are told apart; None where there are too many.

    All cities start in one group. City by city, every group that holds it and others from which it is told apart is
    split: once without the city, once without these others (insert); a group that lies within another is dropped
    (absorb).

    Parameters
    ----------
    told_apart : ndarray of bool, shape (S, S)
        Symmetric.

    References
    ----------
    Piepho (2004), An algorithm for a letter-based representation of all-pairwise comparisons,
    doi:10.1198/1061860043515.
    """
    many = len(told_apart)
    groups = [(1 << many) - 1] if many else []
    for city in range(many):
        itself = 1 << city
        others = sum(1 << int(other) for other in np.flatnonzero(told_apart[city]))
        split = [some for some in groups if some & itself and some & others]
        if not split:
            continue
        kept = [some for some in groups if not (some & itself and some & others)]
        beside = [some for some in kept if not some & itself]
        with_it = _largest([some & ~others for some in split], [some for some in kept if some & itself])
        groups = kept + with_it + _largest([some & ~itself for some in split], beside)
        if len(groups) > MOST_GROUPS:
            return None
    found = [[city for city in range(many) if some >> city & 1] for some in groups]
    return sorted(found)


def _largest(groups: list[int], beside: list[int]) -> list[int]:
    """Leave out groups that lie within another of these or of those beside."""
    kept: list[int] = []
    for some in sorted(set(groups), key=lambda group: -group.bit_count()):
        if not any(some & other == some for other in kept) and not any(some & other == some for other in beside):
            kept.append(some)
    return kept


def letters_of(groups: list[list[int]], many: int) -> list[str]:
    """Return the letters of each city, one for each of its groups: a ... z, then a1 ... z1, a2 ...

    Parameters
    ----------
    groups : list of list of int
        From `groups_of`.
    many : int
        Number of cities.
    """
    found = [""] * many
    for k, group in enumerate(groups):
        turn, letter = divmod(k, len(ALPHABET))
        for city in group:
            found[city] += f"{ALPHABET[letter]}{turn or ''}"
    return found
