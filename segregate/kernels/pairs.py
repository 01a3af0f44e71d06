"""Sums over pairs of points, streamed: no pair is kept.

Points are sorted by region, then by strips of equal height from south to north, then by x, so that the candidates
of a point are a few runs of neighbouring rows. Every point sums in this order into a row of its own: threads change
no bit.
"""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

from ._jit import kernel

__all__ = ["decay_sums", "shape_weight", "shape_weights", "strip_links", "strip_moments", "strip_sums"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

BIWEIGHT, EPANECHNIKOV, TRIANGULAR, UNIFORM, GAUSSIAN = range(5)
LANES = 16
"""Points that are served at once."""
CHUNK = 64
"""Points that serve them before their weights are forgotten."""


@kernel
def shape_weight(u2: float, shape: int) -> float:
    """Return the weight of a kernel at the square of distance over radius."""
    if shape == GAUSSIAN:
        return float(math.exp(-0.5 * u2))
    if shape == UNIFORM:
        return 1.0
    if shape == TRIANGULAR:
        return float(max(0.0, 1.0 - math.sqrt(u2)))
    rest = max(0.0, 1.0 - u2)
    return rest * rest if shape == BIWEIGHT else rest


@kernel
def shape_weights(u2: Floats, shape: int) -> Floats:
    """Return the weights of a kernel at many squares of distance over radius, (n,)."""
    weights = np.empty(len(u2))
    for e in range(len(u2)):
        weights[e] = shape_weight(u2[e], shape)
    return weights


@kernel
def _strips_of(y: float, south: float, height: float, first: int, last: int, reach: float) -> tuple[int, int]:
    """Return the strips of a region, which has those from first to last - 1, that a circle around y may touch."""
    low = first + math.floor((y - reach - south) / height) - 1
    high = first + math.floor((y + reach - south) / height) + 1
    return max(first, low), min(last - 1, high)


@kernel
def _run(
    x: Floats, first: int, last: int, x0: float, y0: float, low: float, high: float, reach: float
) -> tuple[int, int]:
    """Return the rows, of those from first to last - 1, that may lie in a circle.

    They lie between low and high and are sorted by x. Rounding may put a point beside its strip, so the circle is
    taken a little too large.
    """
    slack = 1e-9 * (abs(x0) + abs(y0) + reach)
    gap = max(0.0, low - y0, y0 - high) - slack
    if gap > reach:
        return first, first
    wide = (math.sqrt(reach * reach - gap * gap) if gap > 0 else reach) + slack
    a, b = first, last
    while a < b:
        middle = (a + b) // 2
        if x[middle] < x0 - wide:
            a = middle + 1
        else:
            b = middle
    c, d = a, last
    while c < d:
        middle = (c + d) // 2
        if x[middle] <= x0 + wide:
            c = middle + 1
        else:
            d = middle
    return a, c


@kernel(parallel=True, worth=2**10)
def strip_sums(
    x: Floats,
    y: Floats,
    region: Ints,
    strips: Ints,
    begins: Ints,
    south: Floats,
    height: Floats,
    values: Floats,
    radius: float,
    shape: int,
    cut: float,
) -> Floats:
    """Return for each point the sums of the weighted values of the points around it, (n, k).

    Parameters
    ----------
    x, y, region : (n,)
        Points in the order described above, in metres, and the numbers of their regions.
    strips : (R + 1,)
        First strip of each region.
    begins : (strips + 1,)
        First point of each strip.
    south, height : (R,)
        Lower edge of the first strip of each region, and the height of its strips.
    values : (n, k)
        What is summed.
    radius, shape, cut
        Kernel; weights are 0 beyond cut times the radius.
    """
    n, k = values.shape
    sums = np.zeros((n, k))
    reach = radius * cut
    limit = cut * cut * (1 + 1e-12)
    per = 1.0 / (radius * radius)
    for j in numba.prange(n):
        r = region[j]
        first, last = _strips_of(y[j], south[r], height[r], strips[r], strips[r + 1], reach)
        for s in range(first, last + 1):
            low = south[r] + (s - strips[r]) * height[r]
            a, b = _run(x, begins[s], begins[s + 1], x[j], y[j], low, low + height[r], reach)
            for i in range(a, b):
                dx, dy = x[i] - x[j], y[i] - y[j]
                u2 = (dx * dx + dy * dy) * per
                if u2 <= limit:
                    weight = shape_weight(u2, shape)
                    for m in range(k):
                        sums[j, m] += weight * values[i, m]
    return sums


@kernel(parallel=True, worth=2**10)
def strip_moments(
    x: Floats,
    y: Floats,
    region: Ints,
    strips: Ints,
    begins: Ints,
    south: Floats,
    height: Floats,
    values: Floats,
    radii: Floats,
    shape: int,
) -> Floats:
    """Return the sums of `strip_sums` for several radii from one pass over the neighbours, (R, n, k).

    For kernels that are polynomials of the squared distance: uniform, epanechnikov and biweight. The values, and
    those times the first and second power of the squared distance, are added up between one radius and the next.

    Parameters
    ----------
    x, y, region, strips, begins, south, height, values
        As in `strip_sums`.
    radii : (R,)
        In metres, rising.
    shape
        Kernel.

    Notes
    -----
    The moments cancel near the edge of a kernel: a sum is right to rounding of all that lies within the radius,
    rather than of itself.
    """
    n, k = values.shape
    many = len(radii)
    sums = np.empty((many, n, k))
    reach = radii[many - 1]
    limits = radii * radii * (1 + 1e-12)
    terms = 1 if shape == UNIFORM else 2 if shape == EPANECHNIKOV else 3
    for j in numba.prange(n):
        moments = np.zeros((many, terms, k))
        r = region[j]
        first, last = _strips_of(y[j], south[r], height[r], strips[r], strips[r + 1], reach)
        for s in range(first, last + 1):
            low = south[r] + (s - strips[r]) * height[r]
            a, b = _run(x, begins[s], begins[s + 1], x[j], y[j], low, low + height[r], reach)
            for i in range(a, b):
                dx, dy = x[i] - x[j], y[i] - y[j]
                d2 = dx * dx + dy * dy
                if d2 > limits[many - 1]:
                    continue
                at = many - 1  # most pairs lie in the outer rings
                while at > 0 and d2 <= limits[at - 1]:
                    at -= 1
                u2 = d2 / (reach * reach)
                for m in range(k):
                    value = values[i, m]
                    moments[at, 0, m] += value
                    if terms > 1:
                        value *= u2
                        moments[at, 1, m] += value
                        if terms > 2:
                            moments[at, 2, m] += value * u2
        for at in range(many):
            ratio = (reach / radii[at]) ** 2
            for m in range(k):
                for term in range(terms):
                    if at > 0:
                        moments[at, term, m] += moments[at - 1, term, m]
                total = moments[at, 0, m]
                if shape == EPANECHNIKOV:
                    total -= ratio * moments[at, 1, m]
                elif shape == BIWEIGHT:
                    total += ratio * (ratio * moments[at, 2, m] - 2 * moments[at, 1, m])
                sums[at, j, m] = max(0.0, total)
    return sums


@kernel
def strip_links(
    x: Floats,
    y: Floats,
    region: Ints,
    strips: Ints,
    begins: Ints,
    south: Floats,
    height: Floats,
    reach: float,
    count_only: bool,
) -> tuple[Ints, Ints, Floats]:
    """Return all pairs within reach: where the pairs of each point begin, the other point, the squared distance.

    Parameters
    ----------
    x, y, region, strips, begins, south, height
        As in `strip_sums`.
    reach : float
        In metres.
    count_only : bool
        Leave the other two arrays empty.
    """
    n = len(x)
    starts = np.zeros(n + 1, dtype=np.int64)
    other = np.empty(0, dtype=np.int64)
    squared = np.empty(0)
    limit = reach * reach * (1 + 1e-12)
    for turn in range(1 if count_only else 2):
        if turn == 1:
            other = np.empty(starts[n], dtype=np.int64)
            squared = np.empty(starts[n])
        for j in range(n):
            found = 0
            r = region[j]
            first, last = _strips_of(y[j], south[r], height[r], strips[r], strips[r + 1], reach)
            for s in range(first, last + 1):
                low = south[r] + (s - strips[r]) * height[r]
                a, b = _run(x, begins[s], begins[s + 1], x[j], y[j], low, low + height[r], reach)
                for i in range(a, b):
                    dx, dy = x[i] - x[j], y[i] - y[j]
                    d2 = dx * dx + dy * dy
                    if d2 <= limit:
                        if turn == 1:
                            other[starts[j] + found] = i
                            squared[starts[j] + found] = d2
                        found += 1
            if turn == 0:
                starts[j + 1] = starts[j] + found
    return starts, other, squared


@kernel(parallel=True, worth=2**9)
def decay_sums(
    x: Floats, y: Floats, region: Ints, starts: Ints, own: Floats, shift: Floats, values: Floats, scale: float
) -> Floats:
    """Return the sums of values weighted by exp(shift - d / scale) over all points of the region of each, (n, k).

    Parameters
    ----------
    x, y, region : (n,)
        Points sorted by region, in metres.
    starts : (R + 1,)
        First point of each region.
    own : (n,)
        Distance of each point to itself.
    shift : (n,)
        Raises the weights of a row, so that they do not vanish; 0 as a rule.
    values : (n, k)
        What is summed.
    scale : float
        In metres.

    Notes
    -----
    Weights are computed for LANES points at a time, so that the compiler can compute several at once; each sum keeps
    the order of the points. exp is reduced to a polynomial on [-ln 2 / 2, ln 2 / 2] of degree 13: its error is that
    of rounding. Exponents below -708 are taken as -708, those above 708 as 708: where a row
    is raised, units without people may be far nearer than the people, and their weights must stay finite.
    """
    n, k = values.shape
    sums = np.empty((n, k))
    for block in numba.prange((n + LANES - 1) // LANES):
        begin = block * LANES
        end = min(begin + LANES, n)
        weight = np.empty(CHUNK * LANES)
        bits = np.empty(CHUNK * LANES, dtype=np.int64)
        power = bits.view(np.float64)
        total = np.zeros((k, LANES))
        east, north, raised = np.zeros(LANES), np.zeros(LANES), np.zeros(LANES)
        for lane in range(end - begin):
            east[lane], north[lane] = x[begin + lane], y[begin + lane]
            raised[lane] = shift[begin + lane]
        for r in range(region[begin], region[end - 1] + 1):
            for first in range(starts[r], starts[r + 1], CHUNK):
                size = min(CHUNK, starts[r + 1] - first)
                for i in range(size):
                    for lane in range(LANES):
                        dx, dy = x[first + i] - east[lane], y[first + i] - north[lane]
                        weight[i * LANES + lane] = dx * dx + dy * dy
                for i in range(size):
                    for lane in range(LANES):
                        z = -math.sqrt(weight[i * LANES + lane]) / scale + raised[lane]
                        weight[i * LANES + lane] = min(max(z, -708.0), 708.0)
                for lane in range(end - begin):
                    if first <= begin + lane < first + size:
                        z = shift[begin + lane] - own[begin + lane] / scale
                        weight[(begin + lane - first) * LANES + lane] = min(max(z, -708.0), 708.0)
                for e in range(size * LANES):
                    z = weight[e]
                    q = math.floor(z * 1.4426950408889634 + 0.5)
                    t = z - q * 6.93147180369123816490e-01
                    t -= q * 1.90821492927058770002e-10
                    p = 1.6059043836821613e-10
                    p = p * t + 2.08767569878681e-09
                    p = p * t + 2.505210838544172e-08
                    p = p * t + 2.755731922398589e-07
                    p = p * t + 2.7557319223985893e-06
                    p = p * t + 2.48015873015873e-05
                    p = p * t + 1.984126984126984e-04
                    p = p * t + 1.388888888888889e-03
                    p = p * t + 8.333333333333333e-03
                    p = p * t + 4.1666666666666664e-02
                    p = p * t + 1.6666666666666666e-01
                    p = p * t + 0.5
                    p = p * t + 1.0
                    p = p * t + 1.0
                    weight[e] = p
                    bits[e] = (np.int64(q) + 1023) << 52
                for e in range(size * LANES):
                    weight[e] *= power[e]
                if region[begin] != region[end - 1]:  # the block lies across an edge
                    for lane in range(end - begin):
                        if region[begin + lane] != r:
                            for i in range(size):
                                weight[i * LANES + lane] = 0.0
                for m in range(k):
                    for i in range(size):
                        value = values[first + i, m]
                        for lane in range(LANES):
                            total[m, lane] += weight[i * LANES + lane] * value
        for lane in range(end - begin):
            for m in range(k):
                sums[begin + lane, m] = total[m, lane]
    return sums
