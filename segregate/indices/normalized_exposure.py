"""Normalized exposure index."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from .._segments import Evaluable, V
from ..kernels import exact_sum, kernel, rest
from ..registry import index

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@kernel(parallel=True)
def _terms(counts: Floats, totals: Floats, composition: Floats, shares: Floats, starts: Ints) -> Floats:
    terms = np.empty(len(totals))
    for r in numba.prange(len(starts) - 1):
        people = exact_sum(totals[starts[r] : starts[r + 1]])
        for j in range(starts[r], starts[r + 1]):
            unit = 0.0
            for m in range(shares.shape[1]):
                if shares[r, m] > 0.5:
                    others = rest(shares[r], m)
                    unit += (rest(composition[j], m) - others) ** 2 / others
                else:
                    unit += (composition[j, m] - shares[r, m]) ** 2 / (1 - shares[r, m])
            terms[j] = totals[j] * unit / people
    return terms


@index(
    symbol="P",
    family="evenness",
    bounds=(0, 1),
    additive=True,
    holds={"unit_order", "group_order", "scale", "copy", "unit_split", "empty_unit", "empty_group", "exchanges"},
    holds_within={"unit_order", "group_order", "scale", "even"},
    at={"even": 0, "complete": 1},
    cite=("10.1111/1467-9531.00110",),
    means="Averaged over the groups, people meet their own group more than an even spread would have it, by "
    "{percent} of the greatest possible surplus.",
    beware="It is an average in which large groups weigh most; look at the isolation of each group as well.",
)
def normalized_exposure(population: Evaluable[V]) -> V:
    r"""Surplus of meetings within the own group, as a share of the greatest possible.

    .. math:: P = \sum_j \sum_m \frac{t_j (p_{jm} - \pi_m)^2}{T (1 - \pi_m)}

    with t_j people in unit j, T in all, p_jm the share of group m among the people met in
    unit j and pi_m its share of the city.

    Parameters
    ----------
    population : Population or Regions
        Two or more groups.

    Returns
    -------
    float or ndarray of shape (R,)
        0 when all units have the city's composition, 1 when each unit has one group only. NaN
        for fewer than two groups with people.

    Notes
    -----
    At home it is the mean of the groups' `correlation_ratio`, weighted by their shares; with
    two groups it equals `relative_diversity`. Within an environment the formula is ours, in
    the way of Reardon and O'Sullivan.

    References
    ----------
    James (1986), A new generalized exposure-based segregation index, Sociological Methods and
    Research 14, 301-316; Reardon and Firebaugh (2002), doi:10.1111/1467-9531.00110.

    Examples
    --------
    >>> import segregate as sg
    >>> city = sg.sample("sacramento")
    >>> print(f"{sg.normalized_exposure(city):.4f}")
    0.1882
    """
    return population.evaluate(_terms)
