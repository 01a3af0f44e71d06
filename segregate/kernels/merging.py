"""Units merged two by two, always the pair that loses least.

The loss of a pair is what mutual information loses, times all people:
``t_a KL(p_a || p_ab) + t_b KL(p_b || p_ab)``. These kernels work on a state that they change:
`counts` (n, M), `totals` (n,) and `shares` (n, M) of the units, whose rows stand in the order that
decides between equal losses. A merged unit takes the row of the first of its two.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ._jit import kernel

__all__ = ["merge_any", "merge_neighbours", "merging_loss", "remaining_loss"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
SAME = 1e-14
"""Shares of a group that differ by no more than that, relative, are rounding: nothing is lost there."""
TIE = 1 + 1e-12
"""Losses that exceed the least by no more than that are equal to it."""
NEVER = 2**62
"""Later than any merger: pairs with a unit that is gone are never up to date."""
SLACK = 1 - 1e-9
"""Keeps a bound below what it bounds, whatever is rounded."""


@kernel
def _excess(x: float) -> float:
    """Return (1 + x) ln(1 + x) - x for x >= -1, with all digits near 0."""
    if x <= -1:
        return 1.0
    if abs(x) > 0.05:
        return float((1 + x) * np.log1p(x) - x)
    total = 0.0
    power = x * x
    for k in range(2, 14):
        total += power / (k * (k - 1))
        power *= -x
    return total


@kernel
def merging_loss(a: Floats, b: Floats, total_a: float, total_b: float) -> float:
    """Return t_a KL(p_a || p_ab) + t_b KL(p_b || p_ab) in nats, 0 where the compositions are equal.

    With x = p_a / p_ab - 1 the divergence is the sum of p_ab ((1 + x) ln(1 + x) - x), as the
    x average to 0: no term is negative, so nothing cancels.

    Parameters
    ----------
    a, b : ndarray of shape (M,)
        People of two units.
    total_a, total_b : float
        Their sums, above 0.
    """
    people = total_a + total_b
    loss = 0.0
    for m in range(len(a)):
        left = a[m] * total_b
        right = b[m] * total_a
        gap = left - right
        if abs(gap) <= SAME * (left + right):
            continue
        both = a[m] + b[m]
        loss += both * total_a / people * _excess(gap / (total_a * both))
        loss += both * total_b / people * _excess(-gap / (total_b * both))
    return loss


@kernel
def remaining_loss(counts: Floats, totals: Floats) -> float:
    """Return what merging all units into one would lose: mutual information times all people.

    Parameters
    ----------
    counts, totals : ndarray of shape (n, M), (n,)
        Units with people.
    """
    city = counts[0].copy()
    people = totals[0]
    loss = 0.0
    for j in range(1, len(totals)):
        loss += merging_loss(city, counts[j], people, totals[j])
        people += totals[j]
        for m in range(len(city)):
            city[m] += counts[j, m]
    return loss


@kernel
def _loss(counts: Floats, totals: Floats, i: int, j: int) -> float:
    """Return the loss of two units, the same to the bit whichever is named first."""
    i, j = min(i, j), max(i, j)
    return float(merging_loss(counts[i], counts[j], totals[i], totals[j]))


@kernel
def _record(
    counts: Floats,
    totals: Floats,
    shares: Floats,
    into: Ints,
    merged: Ints,
    losses: Floats,
    done: int,
    a: int,
    b: int,
) -> int:
    """Add unit b to unit a, write it down, and return the number of mergers."""
    into[done] = a
    merged[done] = b
    losses[done] = _loss(counts, totals, a, b)
    totals[a] += totals[b]
    for m in range(counts.shape[1]):
        counts[a, m] += counts[b, m]
        shares[a, m] = counts[a, m] / totals[a]
    return done + 1


@kernel
def _bound(p: Floats, q: Floats, total_a: float, total_b: float) -> float:
    """Return what a pair loses at least (Pinsker's inequality), without a logarithm."""
    apart = 0.0
    for m in range(len(p)):
        gap = abs(p[m] - q[m])
        if gap > 2 * SAME * (p[m] + q[m]):
            apart += gap
    return 0.5 * SLACK * total_a * total_b / (total_a + total_b) * apart * apart


@kernel
def _look_ahead(
    counts: Floats,
    totals: Floats,
    shares: Floats,
    alive: Ints,
    place: int,
    size: int,
    limit: float,
) -> tuple[int, float]:
    """Find the best partner of a unit among those after it, or the first that loses no more than a limit."""
    i = alive[place]
    best = np.inf
    partner = -1
    for other in range(place + 1, size):
        j = alive[other]
        if _bound(shares[i], shares[j], totals[i], totals[j]) > best:
            continue
        loss = _loss(counts, totals, i, j)
        if loss < best:
            best = loss
            partner = j
            if best <= limit:
                break
    return partner, best


@kernel
def merge_any(
    counts: Floats,
    totals: Floats,
    shares: Floats,
    alive: Ints,
    nearest: Ints,
    lowest: Floats,
    fresh: Bools,
    into: Ints,
    merged: Ints,
    losses: Floats,
    done: int,
    budget: int,
) -> int:
    """Merge the pair of units that loses least of all pairs, again and again.

    Each unit remembers its best partner among the units after it. A merger makes few of these
    memories wrong; they are kept as lower bounds and renewed when they come up (Müllner's generic
    algorithm, arXiv:1109.2378, section 3.1). O(n) memory; O(n^2) loops over groups as a rule, O(n^3) at worst.

    Parameters
    ----------
    counts, totals, shares : ndarray of shape (n, M), (n,), (n, M)
        The units, changed in place.
    alive : ndarray of shape (n,)
        At first 0, 1, ..., n - 1.
    nearest, lowest, fresh : ndarray of shape (n,)
        Memory of the best partners; at first fresh is false and lowest is -1.
    into, merged, losses : ndarray of shape (n - 1,)
        Filled with the mergers: the unit that stays, the one that goes, and the loss.
    done : int
        Number of mergers before.
    budget : int
        Return after looking at about so many pairs.

    Returns
    -------
    int
        Number of mergers now; n - 1 at the end.
    """
    n = len(totals)
    size = n - done
    while size > 1 and budget > 0:
        budget -= size
        least = np.inf
        first = -1
        for place in range(size - 1):
            if lowest[alive[place]] < least:
                least = lowest[alive[place]]
                first = place
        if fresh[alive[first]]:
            for place in range(first):
                if lowest[alive[place]] <= least * TIE:
                    first = place
                    break
        a = alive[first]
        if not fresh[a]:
            nearest[a], lowest[a] = _look_ahead(counts, totals, shares, alive, first, size, 0.0)
            fresh[a] = True
            continue
        b, _ = _look_ahead(counts, totals, shares, alive, first, size, least * TIE)
        done = _record(counts, totals, shares, into, merged, losses, done, a, b)
        kept = 0
        for place in range(size):
            if alive[place] != b:
                alive[kept] = alive[place]
                kept += 1
        size = kept
        fresh[a] = False
        lowest[a] = -1.0
        for place in range(size):
            i = alive[place]
            if i >= b:
                break
            gone = nearest[i] == b or (i < a and nearest[i] == a)
            if i < a and _bound(shares[i], shares[a], totals[i], totals[a]) <= lowest[i]:
                loss = _loss(counts, totals, i, a)
                if loss < lowest[i] or (loss == lowest[i] and gone):
                    nearest[i] = a
                    lowest[i] = loss
                    fresh[i] = True
                    gone = False
            if gone:
                fresh[i] = False
    return done


@kernel
def _earlier(pairs: Ints, one: int, other: int) -> bool:
    """Say whether the units of a pair stand before those of another."""
    if pairs[one, 0] != pairs[other, 0]:
        return bool(pairs[one, 0] < pairs[other, 0])
    return bool(pairs[one, 1] < pairs[other, 1])


@kernel
def _before(heap: Floats, pairs: Ints, one: int, other: int) -> bool:
    """Say whether a pair comes before another: by loss, then by its units."""
    return bool(heap[one] < heap[other]) or (heap[one] == heap[other] and _earlier(pairs, one, other))


@kernel
def _swap(heap: Floats, pairs: Ints, one: int, other: int) -> None:
    heap[one], heap[other] = heap[other], heap[one]
    for column in range(3):
        pairs[one, column], pairs[other, column] = pairs[other, column], pairs[one, column]


@kernel
def _sink(heap: Floats, pairs: Ints, at: int, size: int) -> None:
    """Let an entry of the heap sink to its level."""
    while True:
        least = at
        for child in range(2 * at + 1, min(2 * at + 3, size)):
            if _before(heap, pairs, child, least):
                least = child
        if least == at:
            return
        _swap(heap, pairs, at, least)
        at = least


@kernel
def _rise(heap: Floats, pairs: Ints, at: int) -> None:
    """Let an entry of the heap rise to its level."""
    while at > 0 and _before(heap, pairs, at, (at - 1) // 2):
        _swap(heap, pairs, at, (at - 1) // 2)
        at = (at - 1) // 2


@kernel
def _valid(pairs: Ints, at: int, changed: Ints) -> bool:
    """Say whether both units of an entry are as they were when it was written."""
    return bool(changed[pairs[at, 0]] <= pairs[at, 2] and changed[pairs[at, 1]] <= pairs[at, 2])


@kernel
def _cleared(heap: Floats, pairs: Ints, size: int, changed: Ints, room: int) -> tuple[Floats, Ints, int]:
    """Drop the entries that are out of date, and make room for more."""
    kept = 0
    for at in range(size):
        if _valid(pairs, at, changed):
            heap[kept] = heap[at]
            pairs[kept] = pairs[at]
            kept += 1
    if 2 * (kept + room) > len(heap):
        wider_heap = np.empty(2 * (kept + room))
        wider_pairs = np.empty((2 * (kept + room), 3), dtype=np.int64)
        wider_heap[:kept] = heap[:kept]
        wider_pairs[:kept] = pairs[:kept]
        heap, pairs = wider_heap, wider_pairs
    for at in range(kept // 2 - 1, -1, -1):
        _sink(heap, pairs, at, kept)
    return heap, pairs, kept


@kernel
def _first_of_least(heap: Floats, pairs: Ints, size: int, changed: Ints) -> int:
    """Return the entry whose units stand first among those that are equal to the top, which is up to date."""
    limit = heap[0] * TIE
    best = 0
    if limit == 0:
        return best
    stack = np.empty(64, dtype=np.int64)
    stack[0] = 0
    height = 1
    while height > 0:
        height -= 1
        at = stack[height]
        if _valid(pairs, at, changed) and _earlier(pairs, at, best):
            best = at
        for child in range(2 * at + 1, min(2 * at + 3, size)):
            if heap[child] <= limit:
                stack[height] = child
                height += 1
    return best


@kernel
def _root(parent: Ints, i: int) -> int:
    """Return the unit that a unit is part of now."""
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@kernel
def merge_neighbours(
    counts: Floats,
    totals: Floats,
    shares: Floats,
    ends: Ints,
    after: Ints,
    heads: Ints,
    parent: Ints,
    changed: Ints,
    seen: Ints,
    heap: Floats,
    pairs: Ints,
    size: int,
    into: Ints,
    merged: Ints,
    losses: Floats,
    done: int,
    budget: int,
) -> tuple[Floats, Ints, int, int]:
    """Merge the pair of neighbours that loses least, again and again.

    The neighbours of a merged unit are those of its two. Pairs wait in a heap; those that a merger made
    out of date are passed over when they come up. O(E) memory, O(log E) for each pair looked at.

    Parameters
    ----------
    counts, totals, shares : ndarray of shape (n, M), (n,), (n, M)
        The units, changed in place.
    ends, after : ndarray of shape (2 E,)
        Lists of neighbours: the unit, and where the list goes on, -1 at its end.
    heads : ndarray of shape (n,)
        Where the list of each unit begins, -1 for none.
    parent, changed, seen : ndarray of shape (n,)
        At first each unit itself, 0 and -1: what it became part of, the merger that changed it last, and a mark.
    heap, pairs : ndarray of shape (H,), (H, 3)
        The heap: loss to compare by; first unit, second unit and last merger when it was written. Empty at first: then
        it is filled from the lists.
    size : int
        Entries of the heap, -1 before the first call.
    into, merged, losses : ndarray of shape (n - 1,)
        Filled with the mergers: the unit that stays, the one that goes, and the loss.
    done : int
        Number of mergers before.
    budget : int
        Return after looking at about so many pairs.

    Returns
    -------
    heap, pairs, size, done
        The heap, its entries (0 when no pair is left) and the number of mergers now.
    """
    if size < 0:
        size = 0
        for i in range(len(totals)):
            at = heads[i]
            while at >= 0:
                if ends[at] > i:
                    j = ends[at]
                    heap[size] = _loss(counts, totals, i, j)
                    pairs[size, 0], pairs[size, 1], pairs[size, 2] = i, j, done
                    size += 1
                at = after[at]
        for at in range(size // 2 - 1, -1, -1):
            _sink(heap, pairs, at, size)
    while size > 0 and budget > 0:
        budget -= 1
        if not _valid(pairs, 0, changed):
            size -= 1
            _swap(heap, pairs, 0, size)
            _sink(heap, pairs, 0, size)
            continue
        best = _first_of_least(heap, pairs, size, changed)  # the merger puts it out of date
        a, b = pairs[best, 0], pairs[best, 1]
        done = _record(counts, totals, shares, into, merged, losses, done, a, b)
        parent[b] = a
        changed[a] = done
        changed[b] = NEVER
        last = heads[a]
        if last < 0:
            heads[a] = heads[b]
        else:
            while after[last] >= 0:
                last = after[last]
            after[last] = heads[b]
        at = heads[a]
        heads[a] = -1
        while at >= 0:
            following = after[at]
            c = _root(parent, ends[at])
            if c != a and seen[c] != done:
                seen[c] = done
                ends[at] = c
                after[at] = heads[a]
                heads[a] = at
                if size == len(heap):
                    heap, pairs, size = _cleared(heap, pairs, size, changed, 16)
                heap[size] = _loss(counts, totals, a, c)
                pairs[size, 0], pairs[size, 1], pairs[size, 2] = min(a, c), max(a, c), done
                _rise(heap, pairs, size)
                size += 1
                budget -= 1
            at = following
    return heap, pairs, size, done
