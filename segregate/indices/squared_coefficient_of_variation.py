"""Squared coefficient of variation."""

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
        others = (shares[r] > 0).sum() - 1
        scale = exact_sum(totals[starts[r] : starts[r + 1]]) * others
        for j in range(starts[r], starts[r + 1]):
            unit = 0.0
            for m in range(shares.shape[1]):
                if shares[r, m] > 0.5:
                    gap = rest(shares[r], m) - rest(composition[j], m)
                    unit += gap * gap / shares[r, m]
                elif shares[r, m] > 0:
                    gap = composition[j, m] - shares[r, m]
                    unit += gap * gap / shares[r, m]
            terms[j] = totals[j] * unit / scale
    return terms


@index(
    symbol="C",
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
        "exchanges",
    },
    holds_within={"unit_order", "group_order", "scale", "even"},
    at={"even": 0, "complete": 1},
    cite=("10.1111/1467-9531.00110",),
    means="The shares of the groups vary between neighbourhoods by {percent} of the variation that complete separation "
    "would bring, each group measured against its own size.",
    beware="A small group that is unevenly spread weighs as much as a large one.",
)
def squared_coefficient_of_variation(population: Evaluable[V]) -> V:
    r"""How much the shares of the groups vary between units, relative to the size of each group.

    .. math:: C = \sum_m \sum_j \frac{t_j \, (p_{jm} - \pi_m)^2}{T (M - 1) \pi_m}

    with t_j people in unit j, T in all, p_jm the share of group m among the people met in
    unit j, pi_m its share of the city and M the number of groups with people.

    Parameters
    ----------
    population : Population or Regions
        Two or more groups.

    Returns
    -------
    float or ndarray of shape (R,)
        0 when all units have the city's composition, 1 when each unit has one group only.
        In an environment that leaves out the own unit it may pass 1. NaN for fewer than two
        groups with people.

    Notes
    -----
    T (M - 1) C is the chi-squared statistic of the table of units and groups. With two groups
    at home it equals R, P and the correlation ratio. Within an environment the formula is
    ours, in the way of Reardon and O'Sullivan.

    References
    ----------
    Reardon and Firebaugh (2002), doi:10.1111/1467-9531.00110.

    Examples
    --------
    >>> import segregate as sg
    >>> city = sg.sample("sacramento")
    >>> print(f"{sg.squared_coefficient_of_variation(city):.4f}")
    0.1188
    """
    return population.evaluate(_terms)
