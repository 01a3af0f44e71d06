"""What the indices of concentration and centralization share."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from .._arrays import frozen
from .._centre import CentreLike, as_centre
from .._segments import Extra, Segments
from ..kernels import exact_sum, kernel

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

NO_CENTRE = "none of the centres lies here, or people of one of the two are missing"


@kernel
def others(row: Floats, group: int) -> float:
    """Add up the people of all groups but one."""
    total = 0.0
    for m in range(len(row)):
        if m != group:
            total += row[m]
    return total


@kernel
def by_area(totals: Floats, area: Floats, members: float) -> tuple[float, float]:
    """Return the mean areas S1 and S2 of people in the smallest and in the largest units that hold `members`.

    Units whose areas agree within 1e-6 (chained from the smallest on) enter together, and the class that reaches
    the number enters whole.
    """
    order = np.argsort(area)
    means = np.empty(2)
    for way in range(2):
        k = 0
        people = 0.0
        weighted = 0.0
        while k < len(order) and people < members * (1 - 1e-12):
            before = 0.0
            while k < len(order):
                j = order[k] if way == 0 else order[len(order) - 1 - k]
                if totals[j] > 0:
                    if before > 0 and abs(area[j] - before) > 1e-6 * max(area[j], before):
                        break
                    before = area[j]
                    people += totals[j]
                    weighted += totals[j] * area[j]
                k += 1
        means[way] = weighted / people
    return means[0], means[1]


def cumulative_gap(ahead: Floats, behind: Floats, distances: Floats, starts: Ints) -> Floats:
    """Return sum_i (X_(i-1) Z_i - X_i Z_(i-1)) of the cumulative shares X of `ahead` and Z of `behind` from the centre.

    Units at the same squared distance (within 1e-9, chained) enter together. NaN without a distance.
    """
    return _cumulative_gap(frozen(ahead), frozen(behind), frozen(distances), starts)


@kernel(parallel=True)
def _cumulative_gap(ahead: Floats, behind: Floats, distances: Floats, starts: Ints) -> Floats:
    values = np.empty(len(starts) - 1)
    for r in numba.prange(len(starts) - 1):
        first, last = starts[r], starts[r + 1]
        d = distances[first:last]
        x, z = ahead[first:last], behind[first:last]
        order = np.argsort(d)
        terms = np.zeros(len(order))
        x_before, z_before = 0.0, 0.0
        x_now, z_now = 0.0, 0.0
        for k in range(len(order)):
            if k > 0 and d[order[k]] > d[order[k - 1]] * (1 + 1e-9):
                terms[k] = x_before * z_now - x_now * z_before
                x_before, z_before = x_now, z_now
            x_now += x[order[k]]
            z_now += z[order[k]]
        last_term = x_before * z_now - x_now * z_before
        scale = exact_sum(x) * exact_sum(z)
        values[r] = (exact_sum(terms) + last_term) / scale if not np.isnan(d.sum()) else np.nan
    return values


def area_of(segments: Segments) -> tuple[Floats]:
    """Return the area of the units."""
    return (segments.places.area,)


def distances_to(centre: CentreLike, *, area: bool = False) -> Extra:
    """Return what gives a kernel the squared distances to a centre, and the areas.

    Parameters
    ----------
    centre : centre
        As `segregate._centre.as_centre` reads it.
    area : bool
        Whether areas come first.
    """
    wanted = as_centre(centre)

    def extra(segments: Segments) -> tuple[Floats, ...]:
        segments.places.check(wanted)
        distances = segments.places.squared_distances(wanted, segments.totals)
        return (segments.places.area, distances) if area else (distances,)

    return extra
