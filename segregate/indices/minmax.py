"""O'Sullivan and Wong's index of overlapping surfaces."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from .._segments import Evaluable, Segments, V
from ..kernels import exact_sum, kernel
from ..registry import index

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@kernel(parallel=True)
def _values(counts: Floats, totals: Floats, composition: Floats, shares: Floats, starts: Ints, met: Floats) -> Floats:
    values = np.empty(len(starts) - 1)
    for r in numba.prange(len(starts) - 1):
        first, last = starts[r], starts[r + 1]
        here = np.zeros((2, last - first))
        for j in range(first, last):
            if totals[j] > 0:
                here[0, j - first] = met[j, 0]
                here[1, j - first] = met[j, 1]
        one, other = exact_sum(here[0]), exact_sum(here[1])
        apart = np.empty(last - first)
        union = np.empty(last - first)
        for k in range(last - first):
            apart[k] = abs(here[0, k] / one - here[1, k] / other)
            union[k] = max(here[0, k] / one, here[1, k] / other)
        values[r] = exact_sum(apart) / exact_sum(union)
    return values


def _met(segments: Segments) -> tuple[Floats]:
    return (segments.met,)


@index(
    symbol="S",
    family="evenness",
    bounds=(0, 1),
    groups=(2, 2),
    holds={"unit_order", "group_order", "scale", "copy", "unit_split", "empty_unit", "transfers", "exchanges"},
    holds_within={"unit_order", "group_order", "scale", "even"},
    at={"even": 0, "complete": 1},
    cite=("10.1111/j.1538-4632.2007.00699.x",),
    means="{percent} of the area that {group!r} and {other} occupy together, drawn as two surfaces of equal volume, is "
    "not shared by the two.",
    beware="At home it is the dissimilarity index in another scale, 2D / (1 + D), and says nothing that D does not.",
)
def minmax(population: Evaluable[V]) -> V:
    r"""How little the distributions of two groups over the city overlap.

    .. math:: S = 1 - \frac{\sum_j \min(f_{jx}, f_{jy})}{\sum_j \max(f_{jx}, f_{jy})},
              \qquad f_{jm} = \frac{s_{jm}}{\sum_k s_{km}}

    with s_jm people of group m around unit j: at home those who live there, in an environment
    its surroundings. Sums run over units with people.

    Parameters
    ----------
    population : Population or Regions
        Two groups: ``population.versus(group)`` or ``population.select(a, b)``.

    Returns
    -------
    float or ndarray of shape (R,)
        0 when the two are spread alike, 1 when they never occur together. NaN for fewer than two
        groups with people.

    Notes
    -----
    At home it equals 2D / (1 + D) with `dissimilarity`. Within a kernel it is O'Sullivan and
    Wong's surface index, where the surfaces are sampled at the units with people: splitting a
    unit, or leaving empty land out, changes the sample and so the value.

    References
    ----------
    O'Sullivan and Wong (2007), doi:10.1111/j.1538-4632.2007.00699.x.

    Examples
    --------
    >>> import segregate as sg
    >>> city = sg.sample("sacramento")
    >>> print(f"{sg.minmax(city.versus('hisp')):.4f}")
    0.4956
    """
    return population.evaluate(_values, extra=_met)
