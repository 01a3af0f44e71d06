"""Moves of blocks between schools: compiled loops."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from ..kernels import kernel

__all__ = ["anneal", "settle"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@kernel
def _random(state: npt.NDArray[np.uint64]) -> float:
    """Return a number from 0 to 1 (xorshift64*)."""
    x = state[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    state[0] = x
    return float((x * np.uint64(2685821657736338717)) >> np.uint64(11)) / 9007199254740992.0


@kernel
def _holds(b: int, zones: Ints, starts: Ints, near: Ints, mark: Ints, stack: Ints) -> bool:
    """Say whether the zone of a block hangs together without it."""
    zone = zones[b]
    first, many = -1, 0
    for e in range(starts[b], starts[b + 1]):
        if zones[near[e]] == zone:
            many += 1
            if first < 0:
                first = near[e]
    if many <= 1:
        return True
    mark[0] += 1
    now = mark[0]
    mark[1 + b] = now
    mark[1 + first] = now
    stack[0] = first
    top, left = 1, many - 1
    while top > 0:
        top -= 1
        v = stack[top]
        for e in range(starts[v], starts[v + 1]):
            u = near[e]
            if zones[u] == zone and mark[1 + u] != now:
                mark[1 + u] = now
                stack[top] = u
                top += 1
                for f in range(starts[b], starts[b + 1]):
                    if near[f] == u:
                        left -= 1
                if left == 0:
                    return True
    return False


@kernel
def _touches(b: int, s: int, zones: Ints, starts: Ints, near: Ints) -> bool:
    """Say whether a block has a neighbour in a zone."""
    found = False
    for e in range(starts[b], starts[b + 1]):
        found = found or zones[near[e]] == s
    return found


@kernel
def _over(load: float, low: float, high: float) -> float:
    return max(load - high, 0.0) + max(low - load, 0.0)


@kernel
def _possible(
    b: int,
    s: int,
    zones: Ints,
    size: Ints,
    roots: Ints,
    fixed: Bools,
    together: bool,
    starts: Ints,
    near: Ints,
    mark: Ints,
    stack: Ints,
) -> bool:
    """Say whether a block may leave its zone for another, which hangs together afterwards."""
    if fixed[b] or zones[b] == s:
        return False
    if not together:
        return True
    old = zones[b]
    if roots[old] == b:
        return False
    if size[s] > 0 and not _touches(b, s, zones, starts, near):
        return False
    if size[s] == 0 and roots[s] >= 0 and roots[s] != b:
        return False
    return bool(_holds(b, zones, starts, near, mark, stack))


@kernel
def _change(
    b: int,
    s: int,
    zones: Ints,
    nets: Floats,
    load: Floats,
    weights: Floats,
    pupils: Floats,
    allowed: Bools,
    low: Floats,
    high: Floats,
) -> tuple[float, float]:
    """Return by how much the value and the breaking of limits change where a block goes to another school."""
    old = zones[b]
    value = 0.0
    for k in range(weights.shape[1]):
        w = weights[b, k]
        value += abs(nets[old, k] - w) - abs(nets[old, k]) + abs(nets[s, k] + w) - abs(nets[s, k])
    p = pupils[b]
    broken = _over(load[old] - p, low[old], high[old]) - _over(load[old], low[old], high[old])
    broken += _over(load[s] + p, low[s], high[s]) - _over(load[s], low[s], high[s])
    broken += (p + 1.0) * (int(allowed[b, old]) - int(allowed[b, s]))
    return value / 2, broken


@kernel
def _go(b: int, s: int, zones: Ints, nets: Floats, load: Floats, size: Ints, weights: Floats, pupils: Floats) -> None:
    old = zones[b]
    for k in range(weights.shape[1]):
        nets[old, k] -= weights[b, k]
        nets[s, k] += weights[b, k]
    load[old] -= pupils[b]
    load[s] += pupils[b]
    size[old] -= 1
    size[s] += 1
    zones[b] = s


@kernel
def _leaves(b: int, s: int, zones: Ints, current: Ints, pupils: Floats) -> float:
    """Return by how many the pupils who change school grow."""
    if current[b] == -1:
        return 0.0
    return float(pupils[b]) * (int(current[b] != s) - int(current[b] != zones[b]))


@kernel
def anneal(
    zones: Ints,
    best: Ints,
    state: npt.NDArray[np.uint64],
    tally: Floats,
    weights: Floats,
    pupils: Floats,
    allowed: Bools,
    choices: Ints,
    choice_starts: Ints,
    low: Floats,
    high: Floats,
    current: Ints,
    most_moved: float,
    roots: Ints,
    fixed: Bools,
    together: bool,
    starts: Ints,
    near: Ints,
    penalty: float,
    hot: float,
    cold: float,
    steps: int,
) -> None:
    """Move blocks, and exchange pairs, while it cools.

    Parameters
    ----------
    zones, best : ndarray of shape (n,)
        Where the search is, and the best plan that keeps all limits; both are written.
    state : ndarray of shape (1,)
        Of the random numbers.
    tally : ndarray of shape (1,)
        Value of `best`, infinite before there is one; written.
    weights, pupils, allowed, low, high, current, most_moved, roots
        As in `segregate.schools._rezone_problem.Problem`.
    choices, choice_starts
        Schools that each block may go to.
    fixed : ndarray of shape (n,)
        Blocks that stay.
    together : bool
        Whether zones hang together; those of `zones` do.
    starts, near
        Neighbours of each block.
    penalty : float
        Of a pupil beyond a limit.
    hot, cold : float
        Temperatures at the beginning and the end.
    steps : int
        Moves that are tried.
    """
    n, schools = len(zones), len(low)
    nets = np.zeros((schools, weights.shape[1]))
    load = np.zeros(schools)
    size = np.zeros(schools, dtype=np.int64)
    mark = np.zeros(n + 1, dtype=np.int64)
    stack = np.zeros(n + 1, dtype=np.int64)
    moved, broken = 0.0, 0.0
    for b in range(n):
        s = zones[b]
        for k in range(weights.shape[1]):
            nets[s, k] += weights[b, k]
        load[s] += pupils[b]
        size[s] += 1
        if current[b] != -1 and current[b] != s:
            moved += pupils[b]
        if not allowed[b, s]:
            broken += pupils[b] + 1.0
    value = np.abs(nets).sum() / 2
    for s in range(schools):
        broken += _over(load[s], low[s], high[s])
    if broken < 1e-7 and moved <= most_moved + 1e-7 and value < tally[0] - 1e-12:
        tally[0] = value
        best[:] = zones
    for step in range(steps):
        heat = hot * (cold / hot) ** (step / steps)
        b = int(_random(state) * n)
        if fixed[b]:
            continue
        old = zones[b]
        if together and starts[b + 1] > starts[b]:
            other = near[starts[b] + int(_random(state) * (starts[b + 1] - starts[b]))]
            s = zones[other]
            if s == old and _random(state) < 0.01:
                s = choices[choice_starts[b] + int(_random(state) * (choice_starts[b + 1] - choice_starts[b]))]
        else:
            s = choices[choice_starts[b] + int(_random(state) * (choice_starts[b + 1] - choice_starts[b]))]
        if s == old or not _possible(b, s, zones, size, roots, fixed, together, starts, near, mark, stack):
            continue
        gain, more = _change(b, s, zones, nets, load, weights, pupils, allowed, low, high)
        leaving = _leaves(b, s, zones, current, pupils)
        back = -1
        if _random(state) < 0.5:
            for _ in range(4):
                c = int(_random(state) * n)
                if together and starts[b + 1] > starts[b]:
                    v = near[starts[b] + int(_random(state) * (starts[b + 1] - starts[b]))]
                    c = near[starts[v] + int(_random(state) * (starts[v + 1] - starts[v]))]
                if c != b and zones[c] == s and not fixed[c]:
                    back = c
                    break
        _go(b, s, zones, nets, load, size, weights, pupils)
        if back >= 0:
            if _possible(back, old, zones, size, roots, fixed, together, starts, near, mark, stack):
                gain2, more2 = _change(back, old, zones, nets, load, weights, pupils, allowed, low, high)
                leaving += _leaves(back, old, zones, current, pupils)
                gain += gain2
                more += more2
                _go(back, old, zones, nets, load, size, weights, pupils)
            else:
                back = -1
        over = max(moved + leaving - most_moved, 0.0) - max(moved - most_moved, 0.0)
        energy = gain + penalty * (more + over)
        if energy <= 0 or _random(state) < math.exp(-energy / heat):
            value += gain
            broken += more
            moved += leaving
            if broken < 1e-7 and moved <= most_moved + 1e-7 and value < tally[0] - 1e-9:
                tally[0] = value
                best[:] = zones
        else:
            if back >= 0:
                _go(back, s, zones, nets, load, size, weights, pupils)
            _go(b, old, zones, nets, load, size, weights, pupils)


@kernel
def settle(
    zones: Ints,
    weights: Floats,
    pupils: Floats,
    allowed: Bools,
    choices: Ints,  # noqa: ARG001 - the same arguments as `anneal`
    choice_starts: Ints,  # noqa: ARG001
    low: Floats,
    high: Floats,
    current: Ints,
    most_moved: float,  # noqa: ARG001
    roots: Ints,
    fixed: Bools,
    together: bool,
    starts: Ints,
    near: Ints,
    slack: float,
) -> None:
    """Let blocks go back to the school of today where that costs nothing; `zones` is written and keeps all limits."""
    n, schools = len(zones), len(low)
    nets = np.zeros((schools, weights.shape[1]))
    load = np.zeros(schools)
    size = np.zeros(schools, dtype=np.int64)
    mark = np.zeros(n + 1, dtype=np.int64)
    stack = np.zeros(n + 1, dtype=np.int64)
    for b in range(n):
        for k in range(weights.shape[1]):
            nets[zones[b], k] += weights[b, k]
        load[zones[b]] += pupils[b]
        size[zones[b]] += 1
    again = True
    while again:
        again = False
        for b in range(n):
            s = current[b]
            if s < 0 or s == zones[b] or not allowed[b, s]:
                continue
            if not _possible(b, s, zones, size, roots, fixed, together, starts, near, mark, stack):
                continue
            gain, more = _change(b, s, zones, nets, load, weights, pupils, allowed, low, high)
            if gain <= slack and more <= 1e-9:
                _go(b, s, zones, nets, load, size, weights, pupils)
                again = True
