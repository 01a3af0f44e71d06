"""Mutual information, also called the M index and Roberto's divergence index."""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

from .._segments import Evaluable, V
from ..kernels import exact_sum, kernel, log_share
from ..registry import index
from ._common import log_of_base

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@kernel(parallel=True)
def _terms(
    counts: Floats, totals: Floats, composition: Floats, shares: Floats, starts: Ints, log_base: float
) -> Floats:
    terms = np.empty(len(totals))
    for r in numba.prange(len(starts) - 1):
        people = exact_sum(totals[starts[r] : starts[r + 1]])
        city = np.zeros(shares.shape[1])
        for m in range(shares.shape[1]):
            if shares[r, m] > 0:
                city[m] = log_share(shares[r], m)
        for j in range(starts[r], starts[r + 1]):
            unit = 0.0
            for m in range(shares.shape[1]):
                if composition[j, m] > 0:
                    unit += composition[j, m] * (log_share(composition[j], m) - city[m])
            terms[j] = totals[j] * unit / (people * log_base)
    return terms


@index(
    symbol="M",
    family="evenness",
    bounds=(0, math.inf),
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
    at={"even": 0},
    cite=("10.1111/j.1467-9531.2011.01237.x", "10.1080/0022250X.1971.9989795"),
    means="Knowing somebody's neighbourhood tells {value} {unit} about their group.",
    beware="It grows with the number and evenness of the groups, so cities with other groups are compared by H.",
)
def mutual_information(population: Evaluable[V], *, base: float = math.e) -> V:
    r"""How much the unit of a person tells about the person's group.

    .. math:: M = \sum_j \frac{t_j}{T} \sum_m p_{jm} \ln \frac{p_{jm}}{\pi_m}

    with t_j people in unit j, T in all, p_jm the share of group m among the people met in
    unit j and pi_m its share of the city.

    Parameters
    ----------
    population : Population or Regions
        Two or more groups.
    base : float
        Base of the logarithm: e for nats, 2 for bits.

    Returns
    -------
    float or ndarray of shape (R,)
        0 when all units have the city's composition; when each unit has one group only, the
        entropy of the city, at most ln(number of groups). NaN for fewer than two groups with
        people.

    Notes
    -----
    It is Roberto's divergence index, and at home ``M = E * H`` with `information_theory`. It
    splits exactly into parts between and within regions. Within an environment the formula
    is ours, in the way of Reardon and O'Sullivan.

    References
    ----------
    Theil and Finizza (1971), doi:10.1080/0022250X.1971.9989795; Mora and Ruiz-Castillo (2011),
    doi:10.1111/j.1467-9531.2011.01237.x; Roberto (2016), The divergence index, arXiv:1508.01167.

    Examples
    --------
    >>> import segregate as sg
    >>> city = sg.sample("sacramento")
    >>> print(f"{sg.mutual_information(city):.4f}")
    0.1665
    """
    return population.evaluate(_terms, log_of_base(base))
