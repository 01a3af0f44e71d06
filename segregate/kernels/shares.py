"""Arithmetic on rows of shares that keeps its digits where one group is nearly everybody.

With p close to 1 the difference 1 - p has few digits left; the sum of the other shares
has them all. At most one share of a row is above one half.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from ._jit import kernel

__all__ = ["entropy", "log_share", "log_shares", "rest", "simpson", "variation"]

Floats = npt.NDArray[np.float64]
SQRT_HALF = int(np.float64(0.5**0.5).view(np.int64))
"""Bits of sqrt(1/2)."""
LN_2 = math.log(2)


@kernel
def rest(shares: Floats, m: int) -> float:
    """Return 1 - p_m as the sum of the other shares."""
    total = 0.0
    for k in range(len(shares)):
        if k != m:
            total += shares[k]
    return total


@kernel
def log_share(shares: Floats, m: int) -> float:
    """Return ln p_m."""
    return float(np.log(shares[m])) if shares[m] <= 0.5 else float(np.log1p(-rest(shares, m)))


@kernel
def log_shares(part: Floats, rest: Floats, logs: Floats, beside: Floats, power: Floats) -> None:
    """Write ln of part / (part + rest) to `logs`, all (n,); a finite number without a meaning where part is 0.

    `beside` and `power` are written to as well: apart from each other, so that the compiler dares to compute several
    at once. Right to 3 units of the last digit. A share is 2^e f with f
    between sqrt(1/2) and sqrt(2), and ln f = 2 artanh((f - 1) / (f + 1)), a series to the 21st power. For e = 0 the
    difference f - 1 is that of the rest.
    """
    n = len(part)
    for k in range(n):
        per = 1 / (part[k] + rest[k])
        logs[k] = part[k] * per
        beside[k] = rest[k] * per
    bits = logs.view(np.int64)
    for k in range(n):
        exponent = (bits[k] - SQRT_HALF) >> 52
        power[k] = exponent
        bits[k] -= exponent << 52
    for k in range(n):
        over = logs[k] - 1 if power[k] != 0 else -beside[k]
        s = over / (2 + over)
        z = s * s
        series = 1 / 21
        series = series * z + 1 / 19
        series = series * z + 1 / 17
        series = series * z + 1 / 15
        series = series * z + 1 / 13
        series = series * z + 1 / 11
        series = series * z + 1 / 9
        series = series * z + 1 / 7
        series = series * z + 1 / 5
        series = series * z + 1 / 3
        logs[k] = power[k] * LN_2 + (2 * s + 2 * s * z * series)


@kernel
def entropy(shares: Floats) -> float:
    """Return -sum p ln p in nats, with 0 ln 0 = 0."""
    total = 0.0
    for m in range(len(shares)):
        if shares[m] > 0:
            total -= shares[m] * log_share(shares, m)
    return total


@kernel
def simpson(shares: Floats) -> float:
    """Return sum p (1 - p), the chance that two people differ, as twice the sum over pairs of groups."""
    total = 0.0
    before = 0.0
    for m in range(len(shares)):
        total += shares[m] * before
        before += shares[m]
    return 2 * total


@kernel
def variation(low: float, high: float, kind: int) -> float:
    """Return how evenly two shares that add up to 1 are split: 0 where one is all, 1 at one half.

    Kinds: 0 entropy in bits, 1 variance 4 p (1 - p), 2 square root 2 sqrt(p (1 - p)), 3 absolute 1 - |2 p - 1|.
    """
    if low <= 0 or high <= 0:
        return 0.0
    if kind == 0:
        log_low = np.log(low) if low <= 0.5 else np.log1p(-high)
        log_high = np.log(high) if high <= 0.5 else np.log1p(-low)
        return float(-(low * log_low + high * log_high) / np.log(2.0))
    if kind == 1:
        return 4 * low * high
    if kind == 2:
        return float(2 * np.sqrt(low * high))
    return 2 * min(low, high)
