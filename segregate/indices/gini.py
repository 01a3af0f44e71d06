"""Gini index of segregation."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from .._segments import Evaluable, V
from ..kernels import exact_sum, kernel, rest, simpson
from ..registry import index

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@kernel(parallel=True)
def _terms(counts: Floats, totals: Floats, composition: Floats, shares: Floats, starts: Ints) -> Floats:
    """Sum the gaps between neighbours in the sorted shares: nothing is subtracted, so no digits are lost."""
    terms = np.zeros(len(totals))
    for r in numba.prange(len(starts) - 1):
        first, last = starts[r], starts[r + 1]
        people = exact_sum(totals[first:last])
        scale = 2 * people * people * simpson(shares[r])
        for m in range(shares.shape[1]):
            if shares[r, m] == 0:
                continue
            share = composition[first:last, m].copy()
            if shares[r, m] > 0.5:
                for k in range(len(share)):
                    share[k] = rest(composition[first + k], m)
            order = np.argsort(share)
            below = 0.0  # people with a smaller share
            distance = 0.0  # sum over them of the difference in share
            for k in range(len(order)):
                j = first + order[k]
                if k > 0:
                    distance += below * (share[order[k]] - share[order[k - 1]])
                terms[j] += totals[j] * distance / scale
                below += totals[j]
            above = 0.0
            distance = 0.0
            for k in range(len(order) - 1, -1, -1):
                j = first + order[k]
                if k < len(order) - 1:
                    distance += above * (share[order[k + 1]] - share[order[k]])
                terms[j] += totals[j] * distance / scale
                above += totals[j]
    return terms


@index(
    symbol="G",
    family="evenness",
    bounds=(0, 1),
    additive=True,
    holds={"unit_order", "group_order", "scale", "copy", "unit_split", "empty_unit", "empty_group", "exchanges"},
    holds_within={"unit_order", "group_order", "scale", "even"},
    at={"even": 0, "complete": 1},
    cite=("10.2307/2088328", "10.1111/1467-9531.00110"),
    means="Two people picked at random live in neighbourhoods whose make-up differs by {percent} of the largest "
    "difference that this city could show.",
    beware="It depends on how finely the city is cut into units, and not on where they lie.",
)
def gini(population: Evaluable[V]) -> V:
    r"""Mean difference in composition between the units of two people, as a share of the greatest.

    .. math:: G = \frac{1}{2 T^2 I} \sum_m \sum_i \sum_j t_i t_j \, |p_{im} - p_{jm}|

    with t_j people in unit j, T in all, p_jm the share of group m among the people met in
    unit j, pi_m its share of the city and I = sum_m pi_m (1 - pi_m). Computed by sorting.

    Parameters
    ----------
    population : Population or Regions
        Two or more groups.

    Returns
    -------
    float or ndarray of shape (R,)
        0 when all units have the city's composition, 1 when each unit has one group only.
        At home never below the dissimilarity index. NaN for fewer than two groups with people.

    Notes
    -----
    With two groups it is twice the area between the segregation curve and the diagonal. The
    contribution of a unit is its half of all pairs that it is in. Within an environment the
    formula is ours, in the way of Reardon and O'Sullivan: people keep their weight and meet
    the surroundings.

    References
    ----------
    Duncan and Duncan (1955), doi:10.2307/2088328; Reardon and Firebaugh (2002),
    doi:10.1111/1467-9531.00110.

    Examples
    --------
    >>> import segregate as sg
    >>> city = sg.sample("sacramento")
    >>> print(f"{sg.gini(city):.4f}")
    0.5456
    """
    return population.evaluate(_terms)
