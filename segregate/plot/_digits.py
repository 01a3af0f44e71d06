"""Class limits that can be printed: few digits, and true.

A limit may lie anywhere between the largest value below it and the smallest value above it
without moving a single unit to another class. Of all these numbers the shortest decimal is
taken, so that the legend shows the limit itself and not something near it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ._words import marked, say

__all__ = ["NOISE", "range_labels", "rounded_limits", "shortest_limits", "written", "written_digits"]

NOISE = 1e-9
"""Part of the range of the values below which a difference is not shown."""
EXTRA_DIGITS = 1
"""How many more digits than the classes' width asks for are spent to keep a limit exact."""
MINUS = "\N{MINUS SIGN}"


def shortest_limits(
    limits: Sequence[float], values: NDArray[np.float64], *, fixed: Sequence[float] = ()
) -> tuple[list[float], int, bool]:
    """Replace limits by the shortest decimals that leave every value in its class.

    Parameters
    ----------
    limits : sequence of float
        Inner class limits, increasing; a value on a limit belongs to the class below.
    values : ndarray of shape (n,)
        The values, finite, at least one.
    fixed : sequence of float, optional
        Limits that stay as they are (a centre).

    Returns
    -------
    limits : list of float
        The limits to use.
    digits : int
        Decimals with which to write them (negative: rounded to tens, hundreds ...).
    exact : bool
        Whether the written limits are the limits themselves. Where that would take too many
        digits they are not, and the limits are returned unchanged.
    """
    known = np.unique(values)
    if not limits:
        return [], _digits_for(known), True
    marks = _apart([known[0], *limits, known[-1]])
    start = _digits_for(np.diff(marks))
    below = np.searchsorted(known, limits, side="right")
    low = [float(known[i - 1]) if i else -math.inf for i in below]
    high = [float(known[i]) if i < len(known) else math.inf for i in below]
    for digits in range(start, start + EXTRA_DIGITS + 1):
        short = [
            limit if limit in fixed else _between(limit, lo, hi, digits)
            for limit, lo, hi in zip(limits, low, high, strict=True)
        ]
        exact = all(value is not None and _rounded(value, digits) == value for value in short)
        found = [value for value in short if value is not None]
        if exact and all(a < b for a, b in pairwise(found)):
            return found, digits, True
    for digits in range(start, 330):
        if len({_rounded(mark, digits) for mark in marks}) == len(marks):
            break
    return list(limits), digits, False


def rounded_limits(
    limits: Sequence[float], values: NDArray[np.float64], *, fixed: Sequence[float] = ()
) -> tuple[list[float], int, bool] | None:
    """Move limits to round numbers near by, so that the legend can be short and exact.

    Parameters
    ----------
    limits : sequence of float
        Inner class limits, increasing; a value on a limit belongs to the class below.
    values : ndarray of shape (n,)
        The values, finite, at least one.
    fixed : sequence of float, optional
        Limits that stay as they are (a centre).

    Returns
    -------
    limits : list of float
        Decimals that show a tenth of the narrowest class. Of the two nearest, the one is taken that
        moves fewer values to another class.
    digits : int
        Decimals with which to write them.
    moved : bool
        Whether any value is in another class now.

    None is returned where rounding would empty a class.
    """
    ordered = np.sort(values)
    if not limits:
        return None
    digits = _digits_for(np.diff(_apart([ordered[0], *limits, ordered[-1]])))

    def below(limit: float) -> int:
        return int(np.searchsorted(ordered, limit, side="right"))

    found = []
    for limit in limits:
        near = (_away(limit, digits, up=False), _rounded(limit, digits), _away(limit, digits, up=True))
        best = min((abs(below(c) - below(limit)), abs(c - limit), c) for c in near)[2]
        found.append(limit if limit in fixed else best)
    before, after = ([0, *map(below, chosen), len(ordered)] for chosen in (limits, found))
    emptied = any(d <= c < d + (b - a) for (a, b), (c, d) in zip(pairwise(before), pairwise(after), strict=True))
    if emptied or any(a >= b for a, b in pairwise(found)) or any(_rounded(c, digits) != c for c in found):
        return None
    return found, digits, before != after


def written_digits(limits: Sequence[float]) -> tuple[int, bool]:
    """Return the decimals with which limits are written, and whether these are the limits themselves."""
    for digits in range(7):
        if all(_rounded(limit, digits) == limit for limit in limits):
            return digits, True
    digits = _digits_for(np.diff(limits) if len(limits) > 1 else np.asarray(limits))
    while len({_rounded(limit, digits) for limit in limits}) < len(limits):
        digits += 1
    return digits, all(_rounded(limit, digits) == limit for limit in limits)


def _apart(marks: Sequence[float]) -> NDArray[np.float64]:
    """Sort numbers and leave out those that differ from the one before by no more than noise."""
    ordered = np.unique(marks)
    gaps = np.diff(ordered, prepend=-np.inf)
    return np.asarray(ordered[gaps > NOISE * (ordered[-1] - ordered[0])])


def _between(limit: float, low: float, high: float, digits: int) -> float | None:
    """Return a number of that many digits in [low, high) near to a limit, if there is one."""
    for candidate in (
        _rounded(limit, digits),
        _away(low, digits, up=True) if math.isfinite(low) else math.nan,
    ):
        if low <= candidate < high:
            return candidate
    return None


def _digits_for(widths: NDArray[np.float64]) -> int:
    """Return the digits that show a tenth of the smallest width (or size)."""
    sizes = np.abs(widths[widths != 0])
    if not len(sizes):
        return 0
    digits = math.ceil(-math.log10(float(sizes.min())) + 1 - 1e-9)
    return max(digits, 0) if float(np.abs(widths).max()) < 100_000 else digits


def _rounded(value: float, digits: int) -> float:
    """Round to the float that is nearest to the decimal, never to -0."""
    return round(float(value), digits) + 0.0


def _away(value: float, digits: int, *, up: bool) -> float:
    """Return the nearest decimal on one side of a value."""
    rounded = _rounded(value, digits)
    step = 10.0**-digits
    if up and rounded < value:
        rounded = _rounded(rounded + step, digits)
    elif not up and rounded > value:
        rounded = _rounded(rounded - step, digits)
    return rounded


def written(value: float, digits: int) -> str:
    """Write a number with so many decimals, with thousands marked and a true minus sign, as the language does."""
    rounded = _rounded(value, digits)
    size = abs(rounded)
    if size and (size >= 1e12 or digits > 9):
        mantissa, exponent = f"{rounded:.{min(max(digits + math.floor(math.log10(size)), 0), 17)}e}".split("e")
        text = f"{mantissa}e{int(exponent)}"
    else:
        text = f"{rounded:,.{max(digits, 0)}f}" if size else "0" if digits > 9 else f"{0:.{max(digits, 0)}f}"
    return marked(text)


def _single(value: float) -> str:
    """Write one value with up to four significant digits."""
    digits = next((d for d in range(5) if round(value, d) == value), None)
    if digits is None:
        digits = max(3 - math.floor(math.log10(abs(value))), 0)
    return written(value, digits)


def range_labels(
    limits: Sequence[float],
    digits: int,
    *,
    smallest: float,
    largest: float,
    open_below: bool,
    open_above: bool,
) -> list[str]:
    """Write the range of every class.

    Parameters
    ----------
    limits : sequence of float
        Inner class limits, increasing; one fewer than there are classes.
    digits : int
        Decimals to write.
    smallest, largest : float
        Ends of the outer classes, where these are closed. They are written rounded outwards.
    open_below, open_above : bool
        Whether the outer classes reach as far as values may.

    Returns
    -------
    list of str
        Such as ``["0.02 – 0.10", "0.10 – 0.35"]`` or ``["up to 0.10", "over 0.10"]``.
    """
    if not limits and smallest == largest:
        return [_single(smallest)]
    ends = [written(limit, digits) for limit in limits]
    first = written(_away(smallest, digits, up=False), digits)
    last = written(_away(largest, digits, up=True), digits)
    lows = ["" if open_below else first, *ends]
    highs = [*ends, "" if open_above else last]
    between = "range.to" if any(MINUS in text for text in (*lows, *highs)) else "range.dash"
    labels = []
    for low, high in zip(lows, highs, strict=True):
        if low and high:
            labels.append(low if low == high else say(between, low=low, high=high))
        elif high:
            labels.append(say("range.up_to", high=high))
        else:
            labels.append(say("range.over", low=low) if low else say("range.all"))
    return labels
