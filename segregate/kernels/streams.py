"""Random numbers inside compiled loops: a stream of its own for every replicate.

A stream is xoshiro256++ (Blackman and Vigna 2021, doi:10.1145/3460772) on four words of 64 bits, which the
caller takes from a child of `numpy.random.SeedSequence`. Counts are drawn by inversion where few are expected,
and by the ratio of uniforms elsewhere (Stadlober 1990, doi:10.1016/0377-0427(90)90349-5), so that the time of a
draw does not depend on the number of people.
"""

from __future__ import annotations

import functools
import math

import numpy as np
import numpy.typing as npt

from ._jit import kernel

__all__ = ["below", "binomial", "hypergeometric", "log_factorials", "uniform"]

Floats = npt.NDArray[np.float64]
Words = npt.NDArray[np.uint64]

TABULATED = 2**17
"""Factorials up to here are looked up, those of larger numbers come from Stirling's series."""
FEW = 10.0
"""Up to so many people expected, a draw is found by adding up probabilities."""
HAT_SLOPE = 2 * math.sqrt(2 / math.e)
HAT_BASE = 3 - 2 * math.sqrt(3 / math.e)
"""Width of the hat over a distribution, per standard deviation and beyond it."""
HALF_LOG_TAU = 0.5 * math.log(2 * math.pi)


def log_factorials(largest: float) -> Floats:
    """Return ln 0!, ln 1!, ... up to `largest` or `TABULATED`, whichever is less."""
    return _tabulated()[: int(min(largest, TABULATED)) + 1]


@functools.cache
def _tabulated() -> Floats:
    """Return the one table that all share; that of a city of 100,000 people takes 1 MB."""
    logs = np.zeros(TABULATED + 1)
    np.cumsum(np.log(np.arange(1, len(logs))), out=logs[1:])
    logs.setflags(write=False)
    return logs


@kernel
def _turned(word: np.uint64, by: int) -> np.uint64:
    return np.uint64((word << np.uint64(by)) | (word >> np.uint64(64 - by)))


@kernel
def uniform(state: Words) -> float:
    """Return the next number of a stream, evenly spread over 0 to 1 without 1, and move the stream on."""
    drawn = _turned(np.uint64(state[0] + state[3]), 23) + state[0]
    kept = np.uint64(state[1] << np.uint64(17))
    state[2] ^= state[0]
    state[3] ^= state[1]
    state[1] ^= state[2]
    state[0] ^= state[3]
    state[2] ^= kept
    state[3] = _turned(state[3], 45)
    return float(np.uint64(drawn) >> np.uint64(11)) * 2.0**-53


@kernel
def below(state: Words, n: int) -> int:
    """Return one of 0 ... n - 1, each as likely as any other (n far below 2^53)."""
    return min(int(uniform(state) * n), n - 1)


@kernel
def _log_factorial(k: float, logs: Floats) -> float:
    if k < len(logs):
        return logs[int(k)]  # type: ignore[no-any-return]
    square = 1.0 / (k * k)
    return (k + 0.5) * math.log(k) - k + HALF_LOG_TAU + (1.0 - square * (1.0 / 30.0 - square / 105.0)) / (12.0 * k)


@kernel
def binomial(state: Words, n: float, p: float, logs: Floats) -> float:
    """Draw how many of n people are in a group whose share is p.

    Parameters
    ----------
    state : ndarray of shape (4,)
        The stream, moved on.
    n : float
        A whole number.
    p : float
        From 0 to 1; what lies beyond counts as 0 or 1.
    logs : ndarray
        From `log_factorials`.
    """
    if n <= 0 or p <= 0:
        return 0.0
    if p >= 1:
        return n
    rare = min(p, 1.0 - p)
    odds = rare / (1.0 - rare)
    mean = n * rare
    if mean < FEW:
        first = math.exp(n * math.log1p(-rare))
        found = -1.0
        while found < 0:
            left = uniform(state) - first
            chance = first
            k = 0.0
            while left >= 0 and k < n:
                k += 1.0
                chance *= odds * (n - k + 1.0) / k
                left -= chance
            if left < 0:
                found = k
    else:
        width = HAT_SLOPE * math.sqrt(mean * (1.0 - rare) + 0.5) + HAT_BASE
        mode = math.floor((n + 1.0) * rare)
        log_odds = math.log(odds)
        top = mode * log_odds - _log_factorial(mode, logs) - _log_factorial(n - mode, logs)
        found = -1.0
        while found < 0:
            u = 1.0 - uniform(state)
            k = math.floor(mean + 0.5 + width * (uniform(state) - 0.5) / u)
            if k < 0 or k > n:
                continue
            height = k * log_odds - _log_factorial(k, logs) - _log_factorial(n - k, logs) - top
            if u * (4.0 - u) - 3.0 <= height or (u * (u - height) < 1.0 and 2.0 * math.log(u) <= height):
                found = k
    return found if p <= 0.5 else n - found


@kernel
def hypergeometric(state: Words, members: float, others: float, drawn: float, logs: Floats) -> float:
    """Draw how many of `drawn` people, taken without replacement, are members.

    Parameters
    ----------
    state : ndarray of shape (4,)
        The stream, moved on.
    members, others, drawn : float
        Whole numbers; `drawn` is at most the two others together.
    logs : ndarray
        From `log_factorials`.
    """
    people = members + others
    if drawn <= 0 or members <= 0:
        return 0.0
    if others <= 0:
        return drawn
    if drawn >= people:
        return members
    rare, common = min(members, others), max(members, others)
    few = min(drawn, people - drawn)
    mean = few * rare / people
    most = min(few, rare)
    if mean < FEW:
        first = math.exp(
            _log_factorial(common, logs)
            - _log_factorial(common - few, logs)
            + _log_factorial(people - few, logs)
            - _log_factorial(people, logs)
        )
        found = -1.0
        while found < 0:
            left = uniform(state) - first
            chance = first
            k = 0.0
            while left >= 0 and k < most:
                k += 1.0
                chance *= (rare - k + 1.0) / k * ((few - k + 1.0) / (common - few + k))
                left -= chance
            if left < 0:
                found = k
    else:
        spread = mean * (common / people) * ((people - few) / (people - 1.0))
        width = HAT_SLOPE * math.sqrt(spread + 0.5) + HAT_BASE
        mode = math.floor((few + 1.0) * ((rare + 1.0) / (people + 2.0)))
        top = (
            _log_factorial(mode, logs)
            + _log_factorial(rare - mode, logs)
            + _log_factorial(few - mode, logs)
            + _log_factorial(common - few + mode, logs)
        )
        found = -1.0
        while found < 0:
            u = 1.0 - uniform(state)
            k = math.floor(mean + 0.5 + width * (uniform(state) - 0.5) / u)
            if k < 0 or k > most:
                continue
            height = top - (
                _log_factorial(k, logs)
                + _log_factorial(rare - k, logs)
                + _log_factorial(few - k, logs)
                + _log_factorial(common - few + k, logs)
            )
            if u * (4.0 - u) - 3.0 <= height or (u * (u - height) < 1.0 and 2.0 * math.log(u) <= height):
                found = k
    if drawn > few:
        found = rare - found  # those who stay were drawn
    return found if members <= others else drawn - found
