"""Index of dissimilarity."""

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
    terms = np.empty(len(totals))
    for r in numba.prange(len(starts) - 1):
        scale = 2 * exact_sum(totals[starts[r] : starts[r + 1]]) * simpson(shares[r])
        for j in range(starts[r], starts[r + 1]):
            gap = 0.0
            for m in range(shares.shape[1]):
                if shares[r, m] > 0.5:
                    gap += abs(rest(composition[j], m) - rest(shares[r], m))
                else:
                    gap += abs(composition[j, m] - shares[r, m])
            terms[j] = totals[j] * gap / scale
    return terms


@index(
    symbol="D",
    family="evenness",
    bounds=(0, 1),
    additive=True,
    holds={"unit_order", "group_order", "scale", "copy", "unit_split", "empty_unit", "empty_group", "exchanges"},
    holds_within={"unit_order", "group_order", "scale", "even"},
    at={"even": 0, "complete": 1},
    cite=("10.2307/2088328", "10.1111/1467-9531.00110", "10.1111/j.0081-1750.2004.00150.x"),
    means="To spread the groups evenly, {percent} as many people would have to move as in a city of complete "
    "separation.",
    beware="It does not see moves between two neighbourhoods that both hold too many (or too few) of a group, nor "
    "where in the city the neighbourhoods lie.",
)
def dissimilarity(population: Evaluable[V]) -> V:
    r"""Share of the greatest possible number of moves that an even spread would take.

    .. math:: D = \frac{1}{2 T I} \sum_j \sum_m t_j \, |p_{jm} - \pi_m|

    with t_j people in unit j, T in all, p_jm the share of group m among the people met in
    unit j, pi_m its share of the city and I = sum_m pi_m (1 - pi_m).

    Parameters
    ----------
    population : Population or Regions
        Two or more groups; with two it is Duncan's index. A group against everybody else:
        ``population.versus(group)``; two of several groups: ``population.select(a, b)``.

    Returns
    -------
    float or ndarray of shape (R,)
        0 when all units have the city's composition, 1 when each unit has one group only.
        In an environment that leaves out the own unit it may pass 1. NaN for fewer than two
        groups with people.

    Notes
    -----
    Units without people weigh nothing. Within an environment it is the spatial
    dissimilarity index of Reardon and O'Sullivan.

    References
    ----------
    Duncan and Duncan (1955), doi:10.2307/2088328; Reardon and Firebaugh (2002),
    doi:10.1111/1467-9531.00110; Reardon and O'Sullivan (2004),
    doi:10.1111/j.0081-1750.2004.00150.x.

    Examples
    --------
    >>> import segregate as sg
    >>> city = sg.sample("sacramento")
    >>> print(f"{sg.dissimilarity(city):.4f}")
    0.4134
    """
    return population.evaluate(_terms)
