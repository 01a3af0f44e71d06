"""Relative diversity index."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from .._segments import Evaluable, V
from ..kernels import exact_sum, kernel, simpson
from ..registry import index

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@kernel(parallel=True)
def _terms(counts: Floats, totals: Floats, composition: Floats, shares: Floats, starts: Ints) -> Floats:
    terms = np.empty(len(totals))
    for r in numba.prange(len(starts) - 1):
        people = exact_sum(totals[starts[r] : starts[r + 1]])
        city = simpson(shares[r])
        for j in range(starts[r], starts[r + 1]):
            terms[j] = totals[j] * (city - simpson(composition[j])) / (people * city)
    return terms


@index(
    symbol="R",
    family="evenness",
    bounds=(0, 1),
    additive=True,
    holds={"unit_order", "group_order", "scale", "copy", "unit_split", "empty_unit", "empty_group", "exchanges"},
    holds_within={"unit_order", "group_order", "scale", "even"},
    at={"even": 0, "complete": 1},
    cite=("10.1111/1467-9531.00110", "10.1111/j.0081-1750.2004.00150.x"),
    means="Two people from one neighbourhood are {percent} less likely to be of different groups than two people "
    "from anywhere in the city.",
    beware="Small groups hardly count: a difference among two large groups outweighs the complete separation of "
    "a small one.",
)
def relative_diversity(population: Evaluable[V]) -> V:
    r"""How much rarer meetings across groups are within units than in the city.

    .. math:: R = 1 - \sum_j \frac{t_j I_j}{T I}, \qquad I_j = \sum_m p_{jm} (1 - p_{jm})

    with t_j people in unit j, T in all, p_jm the share of group m among the people met in
    unit j and I = sum_m pi_m (1 - pi_m) of the city's shares.

    Parameters
    ----------
    population : Population or Regions
        Two or more groups.

    Returns
    -------
    float or ndarray of shape (R,)
        0 when all units have the city's composition, 1 when each unit has one group only. In
        an environment it may be negative. NaN for fewer than two groups with people.

    Notes
    -----
    With two groups, at home, it equals `normalized_exposure` and `correlation_ratio`. Within
    an environment it is the spatial relative diversity index of Reardon and O'Sullivan.

    References
    ----------
    Carlson (1992), Trends in race/sex occupational inequality, Social Problems 39, 268-290;
    Reardon and Firebaugh (2002), doi:10.1111/1467-9531.00110; Reardon and O'Sullivan (2004),
    doi:10.1111/j.0081-1750.2004.00150.x.

    Examples
    --------
    >>> import segregate as sg
    >>> city = sg.sample("sacramento")
    >>> print(f"{sg.relative_diversity(city):.4f}")
    0.1582
    """
    return population.evaluate(_terms)
