"""Theil's information theory index."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from .._segments import Evaluable, V
from ..kernels import entropy, exact_sum, kernel
from ..registry import index

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@kernel(parallel=True)
def _terms(counts: Floats, totals: Floats, composition: Floats, shares: Floats, starts: Ints) -> Floats:
    terms = np.empty(len(totals))
    for r in numba.prange(len(starts) - 1):
        people = exact_sum(totals[starts[r] : starts[r + 1]])
        city = entropy(shares[r])
        for j in range(starts[r], starts[r + 1]):
            terms[j] = totals[j] * (city - entropy(composition[j])) / (people * city)
    return terms


@index(
    symbol="H",
    family="evenness",
    bounds=(0, 1),
    additive=True,
    holds={
        "unit_order",
        "group_order",
        "scale",
        "copy",
        "unit_split",
        "empty_unit",
        "empty_group",
        "transfers",
        "exchanges",
    },
    holds_within={"unit_order", "group_order", "scale", "even"},
    at={"even": 0, "complete": 1},
    cite=("10.1080/0022250X.1971.9989795", "10.1111/1467-9531.00110", "10.1111/j.0081-1750.2004.00150.x"),
    means="People's neighbourhoods are on average {percent} less diverse than the city as a whole.",
    beware="Two cities of very different diversity can share a value, because diversity is measured against "
    "each city's own.",
)
def information_theory(population: Evaluable[V]) -> V:
    r"""How much less diverse the units are than the city, as a share of the city's diversity.

    .. math:: H = 1 - \sum_j \frac{t_j E_j}{T E}, \qquad E_j = -\sum_m p_{jm} \ln p_{jm}

    with t_j people in unit j, T in all, p_jm the share of group m among the people met in
    unit j and E the entropy of the city's shares.

    Parameters
    ----------
    population : Population or Regions
        Two or more groups.

    Returns
    -------
    float or ndarray of shape (R,)
        0 when all units have the city's composition, 1 when each unit has one group only. In
        an environment it may be negative: people then meet a greater diversity than the
        city's. NaN for fewer than two groups with people.

    Notes
    -----
    At home ``M = E * H`` with `mutual_information`. Within an environment it is the spatial
    information theory index of Reardon and O'Sullivan.

    References
    ----------
    Theil and Finizza (1971), doi:10.1080/0022250X.1971.9989795; Reardon and Firebaugh (2002),
    doi:10.1111/1467-9531.00110; Reardon and O'Sullivan (2004),
    doi:10.1111/j.0081-1750.2004.00150.x.

    Examples
    --------
    >>> import segregate as sg
    >>> city = sg.sample("sacramento")
    >>> print(f"{sg.information_theory(city):.4f}")
    0.1710
    """
    return population.evaluate(_terms)
