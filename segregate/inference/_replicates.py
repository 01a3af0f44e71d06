"""Replicates: a stream of random numbers each, many at a time, and nothing lost when somebody stops."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .._checks import check_choice, check_level
from .._progress import Progress, progress_over
from ..errors import ParameterError, plural, warn

__all__ = ["Drawn", "check_level", "check_replicates", "interval_of", "p_value", "replicate", "seeds"]

Floats = npt.NDArray[np.float64]
Words = npt.NDArray[np.uint64]

SLACK = 1e-12
"""A replicate that misses the statistic by no more than that, relative or absolute, counts as reached."""
FEWEST = 19
"""Replicates that are enough to go on with when somebody stops."""
ALTERNATIVES = ("greater", "less", "two-sided")
KINDS = ("percentile", "basic", "bca")


class Drawn(NamedTuple):
    """What the replicates gave.

    Attributes
    ----------
    values : ndarray of shape (R,) or (R, K)
        A row per replicate.
    notes : tuple of str
        What has to be said of them.
    """

    values: Floats
    notes: tuple[str, ...]


def check_replicates(replicates: object) -> int:
    """Return a number of replicates."""
    if not isinstance(replicates, (int, np.integer)) or isinstance(replicates, bool) or replicates < 1:
        raise ParameterError(f"replicates={replicates!r} is a whole number, 1 or more; 999 is usual.")
    return int(replicates)


def seeds(replicates: int, rng: np.random.Generator | int | None) -> Words:
    """Return the seeds of a child stream for each replicate, (replicates, 4).

    The same number gives the same seeds; a Generator gives others whenever it is used again.
    """
    source = np.random.default_rng(rng).bit_generator.seed_seq
    children = source.spawn(replicates)  # type: ignore[attr-defined]
    words = [child.generate_state(4, np.uint64) for child in children]
    return np.array(words, dtype=np.uint64).reshape(replicates, 4)


def replicate(
    work: Callable[[Words], Floats],
    replicates: int,
    rng: np.random.Generator | int | None,
    *,
    progress: Progress = None,
    what: str = "drawing replicates",
    chunk: int = 64,
) -> Drawn:
    """Compute replicates, some at a time.

    Ctrl-C stops: the replicates that are there are kept and a warning says how many, unless they are too few.

    Parameters
    ----------
    work : callable
        Takes the seeds of B replicates, (B, 4), and returns a row for each: (B,) or (B, K).
    replicates : int
        How many.
    rng : Generator, int or None
        Source of the seeds.
    progress : bool or callable, optional
        True for a bar on stderr, or a function called with (done, to do) replicates.
    what : str
        What is being done, shown beside the bar.
    chunk : int
        How many at a time; it changes no bit of the result.
    """
    states = seeds(replicates, rng)
    found: list[Floats] = []
    done = 0
    try:
        with progress_over(progress, replicates, what) as step:
            for first in range(0, replicates, chunk):
                values = work(states[first : first + chunk])
                found.append(values)
                done += len(values)
                for _ in range(len(values)):
                    step()
    except KeyboardInterrupt:
        if done < FEWEST:
            raise
        note = f"stopped after {done:,} of {plural(replicates, 'replicate')}"
        warn(f"{note[0].upper()}{note[1:]}; the result rests on these.")
        return Drawn(np.concatenate(found), (note,))
    return Drawn(np.concatenate(found) if found else np.empty(0), ())


def p_value(statistic: float, null: Floats, alternative: str) -> float:
    """Return (b + 1) / (n + 1), b counting the replicates that reach the statistic; undefined ones do not count.

    Parameters
    ----------
    statistic : float
        What was observed.
    null : ndarray of shape (R,)
        Replicates; NaN where undefined.
    alternative : {"greater", "less", "two-sided"}
        Which replicates reach it; two-sided is twice the smaller of the two, at most 1.
    """
    check_choice("alternative", alternative, ALTERNATIVES)
    null = null[np.isfinite(null)]
    if not np.isfinite(statistic) or not len(null):
        return float("nan")
    near = SLACK * max(1.0, abs(statistic))
    more = (int((null >= statistic - near).sum()) + 1) / (len(null) + 1)
    less = (int((null <= statistic + near).sum()) + 1) / (len(null) + 1)
    return {"greater": more, "less": less, "two-sided": min(1.0, 2 * min(more, less))}[alternative]


def interval_of(
    value: float, replicates: Floats, level: float, kind: str, acceleration: float | None = None
) -> tuple[float, float]:
    """Return the ends of a bootstrap interval; NaN where there is none.

    Parameters
    ----------
    value : float
        What was observed.
    replicates : ndarray of shape (R,)
        NaN where undefined; those are left out.
    level : float
        Confidence.
    kind : {"percentile", "basic", "bca"}
        Efron and Tibshirani (1993), chapters 13 and 14; Davison and Hinkley (1997), chapter 5.
    acceleration : float, optional
        For "bca".
    """
    check_choice("interval", kind, KINDS)
    drawn = np.sort(replicates[np.isfinite(replicates)])
    if not np.isfinite(value) or len(drawn) < 2:
        return float("nan"), float("nan")
    tails = np.array([(1 - level) / 2, (1 + level) / 2])
    if kind == "bca":
        from scipy.special import ndtr, ndtri

        near = SLACK * max(1.0, abs(value))
        below, up_to = float((drawn < value - near).mean()), float((drawn <= value + near).mean())
        middle = ndtri((below + up_to) / 2)
        if acceleration is None or not np.isfinite([middle, acceleration]).all():
            return float("nan"), float("nan")
        shifted = middle + ndtri(tails)
        tails = ndtr(middle + shifted / (1 - acceleration * shifted))
    low, high = np.quantile(drawn, tails)
    if kind == "basic":
        low, high = 2 * value - high, 2 * value - low
    return float(low), float(high)
