"""Who the nearest k people of a point are, and sums over them: no pair is kept.

Points are sorted as in `segregate.kernels.pairs`. First the *cut* of every point is found: the squared distance at
which the k people are reached. Everybody nearer counts, nobody farther does, and those at the cut count in part.
"""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

from ._jit import kernel
from .pairs import _run, _strips_of

__all__ = ["nearest_cuts", "nearest_links", "nearest_sums"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

TIE = 1.0 + 1e-9
"""Squared distances that exceed others by no more are equal to them."""
BLOCK = 64
"""Points that are served one after another: what one needs tells how far to look for the next."""


@kernel
def _gathered(
    x: Floats,
    y: Floats,
    strips: Ints,
    begins: Ints,
    south: Floats,
    height: Floats,
    totals: Floats,
    r: int,
    j: int,
    inner: float,
    reach: float,
    squared: Floats,
    weight: Floats,
) -> tuple[Floats, Floats, int, float, float]:
    """Collect squared distances and people of the points with people from an inner distance to an outer one.

    Returns also the people nearer than that, and all people up to the outer distance. The arrays grow as needed.
    """
    found = 0
    inside, people = 0.0, 0.0
    least, limit = inner * inner, reach * reach
    first, last = _strips_of(y[j], south[r], height[r], strips[r], strips[r + 1], reach)
    for s in range(first, last + 1):
        low = south[r] + (s - strips[r]) * height[r]
        a, b = _run(x, begins[s], begins[s + 1], x[j], y[j], low, low + height[r], reach)
        if found + b - a > len(squared):
            room = 2 * (found + b - a)
            more, heavier = np.empty(room), np.empty(room)
            more[:found] = squared[:found]
            heavier[:found] = weight[:found]
            squared, weight = more, heavier
        for i in range(a, b):
            dx, dy = x[i] - x[j], y[i] - y[j]
            d2 = dx * dx + dy * dy
            if d2 <= limit and totals[i] > 0:
                people += totals[i]
                if d2 < least:
                    inside += totals[i]
                else:
                    squared[found] = d2
                    weight[found] = totals[i]
                    found += 1
    return squared, weight, found, inside, people


@kernel
def _reached(squared: Floats, weight: Floats, size: int, people: float) -> tuple[float, int]:
    """Return the least squared distance within which so many people are, and how many points are.

    The first `size` entries are put into another order, so that those within come first (quickselect).
    """
    a, b = 0, size
    seed = 12345
    while True:
        picks = np.empty(3)
        for pick in range(3):
            seed = (seed * 1103515245 + 12345) % 2147483648
            picks[pick] = squared[a + (seed >> 8) % (b - a)]
        pivot = max(min(picks[0], picks[1]), min(max(picks[0], picks[1]), picks[2]))
        nearer, at, farther = a, a, b
        below, equal = 0.0, 0.0
        while at < farther:
            d2 = squared[at]
            if d2 < pivot:
                below += weight[at]
                squared[at], squared[nearer] = squared[nearer], d2
                weight[at], weight[nearer] = weight[nearer], weight[at]
                nearer += 1
                at += 1
            elif d2 > pivot:
                farther -= 1
                squared[at], squared[farther] = squared[farther], d2
                weight[at], weight[farther] = weight[farther], weight[at]
            else:
                equal += weight[at]
                at += 1
        if people <= below and nearer > a:
            b = nearer
        elif people <= below + equal or farther == b:
            return pivot, farther
        else:
            people -= below + equal
            a = farther


@kernel
def _level(squared: Floats, size: int, cut: float) -> tuple[float, float]:
    """Return the least and the largest of the squared distances that are equal to one, link by link."""
    low, high = cut, cut
    more = True
    while more:
        more = False
        for e in range(size):
            d2 = squared[e]
            if d2 < low:
                if d2 * TIE >= low:
                    low = d2
                    more = True
            elif high < d2 <= high * TIE:
                high = d2
                more = True
    return low, high


@kernel
def _people(squared: Floats, weight: Floats, size: int, low: float, high: float) -> tuple[float, float]:
    """Return the people nearer than a level, and those on it."""
    nearer, level = 0.0, 0.0
    for e in range(size):
        if squared[e] < low:
            nearer += weight[e]
        elif squared[e] <= high:
            level += weight[e]
    return nearer, level


@kernel(parallel=True, worth=2**10)
def nearest_cuts(
    x: Floats,
    y: Floats,
    region: Ints,
    strips: Ints,
    begins: Ints,
    south: Floats,
    height: Floats,
    totals: Floats,
    people: Floats,
    wanted: Ints,
    guess: Floats,
    span: Floats,
    rows: Ints,
) -> Floats:
    """Return where each point has met so many people, (3, K, rows).

    Parameters
    ----------
    x, y, region, strips, begins, south, height
        As in `segregate.kernels.pairs.strip_sums`.
    totals : (n,)
        People at each point.
    people : (K,)
        How many are to be met, rising.
    wanted : (R,)
        How many of these numbers are below the number of people of the region.
    guess : (R,)
        About how far one must look, in metres.
    span : (R,)
        No two points of the region are farther from one another.
    rows : (rows,)
        Points that are asked for.

    Returns
    -------
    ndarray of shape (3, K, rows)
        The least and the largest squared distance at the cut, and the part of the people between them that
        counts. Where the region has no more people, the distances are infinite.
    """
    many, n = len(people), len(rows)
    cuts = np.full((3, many, n), np.inf)
    for block in numba.prange((n + BLOCK - 1) // BLOCK):
        squared, weight = np.empty(256), np.empty(256)
        before = -1
        first, last = 0.0, 0.0
        for place in range(block * BLOCK, min((block + 1) * BLOCK, n)):
            j = rows[place]
            r = region[j]
            most = wanted[r]
            if most == 0:
                continue
            inner, reach, enough = 0.0, guess[r], span[r]
            if before >= 0 and region[before] == r:  # the circle around a neighbour holds, or is held by, that of j
                step = math.sqrt((x[j] - x[before]) ** 2 + (y[j] - y[before]) ** 2)
                inner = max(0.0, first * (1 - 1e-6) - step * (1 + 1e-6))
                enough = min(enough, (last + step) * (1 + 1e-6))
                reach = min(1.25 * last, enough)
            unfinished = True
            while unfinished:
                squared, weight, size, inside, there = _gathered(
                    x, y, strips, begins, south, height, totals, r, j, inner, reach, squared, weight
                )
                if there < people[most - 1] and reach < span[r]:
                    if reach < enough:
                        reach = min(max(1.5 * reach, 0.1 * enough), enough)
                    else:
                        reach = min(max(1.5 * reach, 0.001 * span[r]), span[r])
                    continue
                if size == 0:
                    inner = 0.0
                    continue
                cut, within = _reached(squared, weight, size, people[most - 1] - inside)
                low, high = _level(squared, size, cut)
                if high * TIE > reach * reach and reach < span[r]:  # the level may go on beyond what is gathered
                    reach = min(reach * (1 + 1e-6), span[r])
                    continue
                last = math.sqrt(cut)
                nearer, level = _people(squared, weight, size, low, high)
                for at in range(most - 1, -1, -1):
                    if at < most - 1:
                        cut, after = _reached(squared, weight, within, people[at] - inside)
                        if cut < low:
                            low, high = _level(squared, within, cut)
                            nearer, level = _people(squared, weight, within, low, high)
                        within = after
                    cuts[0, at, place] = low
                    cuts[1, at, place] = high
                    cuts[2, at, place] = min(1.0, max(0.0, (people[at] - inside - nearer) / level))
                first = math.sqrt(cut)
                unfinished = inner > 0 and low <= inner * inner * TIE  # the level may begin before what is gathered
                inner = 0.0
            before = j
    return cuts


@kernel(parallel=True, worth=2**10)
def nearest_sums(
    x: Floats,
    y: Floats,
    region: Ints,
    strips: Ints,
    begins: Ints,
    south: Floats,
    height: Floats,
    cuts: Floats,
    values: Floats,
    whole: Floats,
) -> Floats:
    """Return the sums of values over the nearest people of each point, (K, n, k).

    Parameters
    ----------
    x, y, region, strips, begins, south, height
        As in `segregate.kernels.pairs.strip_sums`.
    cuts : (3, K, n)
        From `nearest_cuts`.
    values : (n, k)
        What is summed.
    whole : (R, k)
        Its sums over each region, for where everybody counts.
    """
    many = cuts.shape[1]
    n, k = values.shape
    sums = np.empty((many, n, k))
    for j in numba.prange(n):
        r = region[j]
        most = many
        while most > 0 and cuts[1, most - 1, j] == np.inf:
            most -= 1
            for m in range(k):
                sums[most, j, m] = whole[r, m]
        if most == 0:
            continue
        ring, level = np.zeros((most, k)), np.zeros((most, k))
        limit = cuts[1, most - 1, j]
        reach = math.sqrt(limit) * (1 + 1e-12)
        first, last = _strips_of(y[j], south[r], height[r], strips[r], strips[r + 1], reach)
        for s in range(first, last + 1):
            edge = south[r] + (s - strips[r]) * height[r]
            a, b = _run(x, begins[s], begins[s + 1], x[j], y[j], edge, edge + height[r], reach)
            for i in range(a, b):
                dx, dy = x[i] - x[j], y[i] - y[j]
                d2 = dx * dx + dy * dy
                if d2 > limit:
                    continue
                at = most - 1
                while at > 0 and d2 <= cuts[1, at - 1, j]:
                    at -= 1
                if d2 < cuts[0, at, j]:
                    for m in range(k):
                        ring[at, m] += values[i, m]
                else:
                    for m in range(k):
                        level[at, m] += values[i, m]
        for at in range(most):
            if at > 0:
                same = cuts[1, at, j] == cuts[1, at - 1, j]
                for m in range(k):
                    ring[at, m] += ring[at - 1, m]
                    if same:
                        level[at, m] = level[at - 1, m]
                    else:
                        ring[at, m] += level[at - 1, m]
            for m in range(k):
                sums[at, j, m] = ring[at, m] + cuts[2, at, j] * level[at, m]
    return sums


@kernel
def nearest_links(
    x: Floats,
    y: Floats,
    region: Ints,
    strips: Ints,
    begins: Ints,
    south: Floats,
    height: Floats,
    cuts: Floats,
    count_only: bool,
) -> tuple[Ints, Ints, Floats]:
    """Return all pairs that have a weight: where the pairs of each point begin, the other point, the weight.

    Parameters
    ----------
    x, y, region, strips, begins, south, height
        As in `segregate.kernels.pairs.strip_sums`.
    cuts : (3, 1, n)
        From `nearest_cuts`.
    count_only : bool
        Leave the other two arrays empty.
    """
    n = len(x)
    starts = np.zeros(n + 1, dtype=np.int64)
    other = np.empty(0, dtype=np.int64)
    share = np.empty(0)
    for turn in range(1 if count_only else 2):
        if turn == 1:
            other = np.empty(starts[n], dtype=np.int64)
            share = np.empty(starts[n])
        for j in range(n):
            found = 0
            r = region[j]
            low, high, part = cuts[0, 0, j], cuts[1, 0, j], cuts[2, 0, j]
            everybody = high == np.inf
            reach = 0.0 if everybody else math.sqrt(high) * (1 + 1e-12)
            first, last = strips[r], strips[r + 1] - 1
            if not everybody:
                first, last = _strips_of(y[j], south[r], height[r], strips[r], strips[r + 1], reach)
            for s in range(first, last + 1):
                a, b = begins[s], begins[s + 1]
                if not everybody:
                    edge = south[r] + (s - strips[r]) * height[r]
                    a, b = _run(x, a, b, x[j], y[j], edge, edge + height[r], reach)
                for i in range(a, b):
                    dx, dy = x[i] - x[j], y[i] - y[j]
                    d2 = dx * dx + dy * dy
                    weight = 1.0 if d2 < low else part
                    if d2 <= high and weight > 0:
                        if turn == 1:
                            other[starts[j] + found] = i
                            share[starts[j] + found] = weight
                        found += 1
            if turn == 0:
                starts[j + 1] = starts[j] + found
    return starts, other, share
