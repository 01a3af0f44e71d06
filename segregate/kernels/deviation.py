"""How far counts stray from what is expected of them, when people are allocated at random.

The chances of single counts follow Loader (2000), Fast and accurate computation of binomial probabilities: no
logarithm of a factorial is subtracted from another, so that the digits stay right with millions of people.
"""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

from ._jit import kernel

__all__ = ["binomial_chance", "hypergeometric_chance", "mean_deviations", "mean_divergences"]

Floats = npt.NDArray[np.float64]

FEW = 30
NEGLIGIBLE = 1e-22
"""A count that is so much rarer than the most frequent one adds nothing."""


def _small_errors() -> Floats:
    """Return what Stirling's formula lacks of ln n! for n = 0 ... FEW, each from that of n + 1."""
    errors = np.zeros(FEW + 1)
    errors[FEW] = (1 / 12 - (1 / 360 - (1 / 1260 - 1 / 1680 / FEW**2) / FEW**2) / FEW**2) / FEW
    for n in range(FEW - 1, 0, -1):
        errors[n] = errors[n + 1] + ((n + 0.5) * math.log1p(1 / n) - 1)
    errors.setflags(write=False)
    return errors


SMALL_ERRORS = _small_errors()
LOG_TAU = math.log(2 * math.pi)


@kernel
def _stirling_error(n: float) -> float:
    if n <= FEW:
        return SMALL_ERRORS[int(n)]  # type: ignore[no-any-return]
    square = n * n
    return (1 / 12 - (1 / 360 - (1 / 1260 - 1 / 1680 / square) / square) / square) / n


@kernel
def divergence_of(found: float, expected: float) -> float:
    """Return ``found ln(found / expected) - found + expected``, right to the last digits where the two are near."""
    if found == 0:
        return expected
    if abs(found - expected) > 0.1 * (found + expected):
        return found * math.log(found / expected) + expected - found
    ratio = (found - expected) / (found + expected)
    total = (found - expected) * ratio
    power = 2 * found * ratio
    for step in range(1, 1000):
        power *= ratio * ratio
        further = total + power / (2 * step + 1)
        if further == total:
            break
        total = further
    return total


@kernel
def binomial_chance(k: float, n: float, p: float, q: float) -> float:
    """Return the chance of k members among n people, each being one with the chance p = 1 - q."""
    if k < 0 or k > n:
        return 0.0
    if p <= 0 or q <= 0:
        return 1.0 if k == (0.0 if p <= 0 else n) else 0.0
    if k == 0:
        return math.exp(n * (math.log1p(-p) if p < 0.5 else math.log(q)))
    if k == n:
        return math.exp(n * (math.log1p(-q) if q < 0.5 else math.log(p)))
    logs = _stirling_error(n) - _stirling_error(k) - _stirling_error(n - k)
    logs -= divergence_of(k, n * p) + divergence_of(n - k, n * q)
    return math.exp(logs - 0.5 * (LOG_TAU + math.log(k) + math.log1p(-k / n)))


@kernel
def hypergeometric_chance(k: float, people: float, members: float, drawn: float) -> float:
    """Return the chance of k members among `drawn` of `people`, of whom `members` are members."""
    others = people - members
    if k < 0 or k > members or drawn - k < 0 or drawn - k > others:
        return 0.0
    if drawn == 0 or drawn == people:
        return 1.0
    p, q = drawn / people, (people - drawn) / people
    both = binomial_chance(k, members, p, q) * binomial_chance(drawn - k, others, p, q)
    return both / binomial_chance(drawn, people, p, q)


@kernel(parallel=True, worth=2**12)
def mean_deviations(totals: Floats, sizes: Floats, fixed: bool) -> Floats:
    """Return the mean absolute deviation of the members in each unit from what is expected, by unit and group.

    Parameters
    ----------
    totals : ndarray of shape (n,)
        People of units, whole numbers.
    sizes : ndarray of shape (M,)
        People of each group in the city, whole numbers.
    fixed : bool
        People are drawn without replacement from the city (hypergeometric), else with it (binomial).

    Returns
    -------
    ndarray of shape (n, M)
        Closed forms: with N people, K members, n in the unit and m the first whole number above the mean, the terms of
        the sum over k >= m telescope to ``m (N - K - n + m) p(m) / N``; and to ``m (1 - K / N) p(m)`` (De Moivre).
    """
    people = sizes.sum()
    found = np.zeros((len(totals), len(sizes)))
    for j in numba.prange(len(totals)):
        drawn = totals[j]
        for m in range(len(sizes)):
            members = sizes[m]
            if drawn == 0 or members == 0 or members == people:
                continue
            above = math.floor(drawn * members / people) + 1.0
            if fixed:
                chance = hypergeometric_chance(above, people, members, drawn)
                found[j, m] = 2 * above * (people - members - drawn + above) / people * chance
            else:
                p, q = members / people, (people - members) / people
                found[j, m] = 2 * above * q * binomial_chance(above, drawn, p, q)
    return found


@kernel(parallel=True, worth=2**9)
def mean_divergences(totals: Floats, sizes: Floats, fixed: bool) -> Floats:
    """Return the mean of ``x ln(x / mu)``, x members in a unit and mu what is expected, by unit and group.

    Parameters
    ----------
    totals, sizes, fixed
        As in `mean_deviations`.

    Returns
    -------
    ndarray of shape (n, M)
        Sums of ``p(x) (x ln(x / mu) - x + mu)``, all of which are positive, over all x that occur.
    """
    people = sizes.sum()
    found = np.zeros((len(totals), len(sizes)))
    for j in numba.prange(len(totals)):
        drawn = totals[j]
        for m in range(len(sizes)):
            members = sizes[m]
            if drawn == 0 or members == 0:
                continue
            p, q = members / people, (people - members) / people
            mean = drawn * p
            least = max(0.0, drawn - (people - members)) if fixed else 0.0
            most = min(drawn, members) if fixed else drawn
            mode = min(
                max(math.floor((drawn + 1) * ((members + 1) / (people + 2)) if fixed else (drawn + 1) * p), least), most
            )
            top = hypergeometric_chance(mode, people, members, drawn) if fixed else binomial_chance(mode, drawn, p, q)
            total = top * divergence_of(mode, mean)
            chance, k = top, mode
            while k < most and chance > NEGLIGIBLE * top:
                if fixed:
                    chance *= (members - k) / (k + 1) * ((drawn - k) / (people - members - drawn + k + 1))
                else:
                    chance *= (drawn - k) / (k + 1) * (p / q)
                k += 1
                total += chance * divergence_of(k, mean)
            chance, k = top, mode
            while k > least and chance > NEGLIGIBLE * top:
                if fixed:
                    chance *= k / (members - k + 1) * ((people - members - drawn + k) / (drawn - k + 1))
                else:
                    chance *= k / (drawn - k + 1) * (q / p)
                k -= 1
                total += chance * divergence_of(k, mean)
            found[j, m] = total
    return found
