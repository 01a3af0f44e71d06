"""Hutchens' square root index."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from .._segments import Evaluable, V
from ..kernels import exact_sum, kernel
from ..registry import index

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@kernel(parallel=True)
def _terms(counts: Floats, totals: Floats, composition: Floats, shares: Floats, starts: Ints) -> Floats:
    """Arithmetic mean minus geometric mean of the groups' shares that live in each unit."""
    terms = np.zeros(len(totals))
    for r in numba.prange(len(starts) - 1):
        people = exact_sum(totals[starts[r] : starts[r + 1]])
        present = (shares[r] > 0).sum()
        for j in range(starts[r], starts[r + 1]):
            mean = 0.0
            product = 1.0
            logs = 0.0
            low = np.inf
            high = 0.0
            for m in range(shares.shape[1]):
                if shares[r, m] > 0:
                    quotient = composition[j, m] / shares[r, m]
                    mean += quotient / present
                    product *= quotient
                    low, high = min(low, quotient), max(high, quotient)
            if present == 2:
                gap = np.sqrt(high) - np.sqrt(low)
                terms[j] = totals[j] / people * gap * gap / 2
                continue
            if low > 0 and (product < 1e-250 or product > 1e250):
                for m in range(shares.shape[1]):
                    if shares[r, m] > 0:
                        logs += np.log(composition[j, m] / shares[r, m]) / present
                terms[j] = totals[j] / people * (mean - np.exp(logs))
            else:
                terms[j] = totals[j] / people * (mean - product ** (1.0 / present))
    return terms


@index(
    symbol="O",
    family="evenness",
    bounds=(0, 1),
    environment=False,
    additive=True,
    holds={
        "unit_order",
        "group_order",
        "scale",
        "copy",
        "unit_split",
        "empty_unit",
        "empty_group",
    },
    at={"even": 0, "complete": 1},
    cite=("10.1111/j.1468-2354.2004.00136.x",),
    means="Taken over all neighbourhoods, the groups lack {percent} of being spread alike, by Hutchens' square root "
    "index.",
    beware="With more than two groups a neighbourhood that lacks any one group counts as completely separate, so one "
    "rare group can drive the value to 1; look at the groups two by two.",
)
def hutchens(population: Evaluable[V]) -> V:
    r"""Square root index: how far the groups are from being spread over the units alike.

    .. math:: O = 1 - \sum_j \prod_m \left( \frac{t_{jm}}{T_m} \right)^{1 / M}

    with t_jm people of group m in unit j, T_m in all, and M the number of groups with people.
    The contribution of a unit is the mean of the t_jm / T_m minus their geometric mean.

    Parameters
    ----------
    population : Population or Regions
        Two or more groups; two is what it was made for.

    Returns
    -------
    float or ndarray of shape (R,)
        0 when all units have the city's composition, 1 when no unit has people of all groups.
        NaN for fewer than two groups with people.

    Notes
    -----
    With two groups it is 1 - sqrt(1 - A) with `atkinson` at b = 0.5. It splits exactly into
    parts between and within regions. With three groups or more, a unit that lacks one of them
    adds nothing to the sum, whatever the mix of the others: data in small units (blocks, small
    schools) give values near 1.

    References
    ----------
    Hutchens (2004), doi:10.1111/j.1468-2354.2004.00136.x.

    Examples
    --------
    >>> import segregate as sg
    >>> city = sg.sample("sacramento")
    >>> print(f"{sg.hutchens(city.versus('hisp')):.4f}")
    0.0816
    """
    return population.evaluate(_terms)
