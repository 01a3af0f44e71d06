"""Entropy: diversity of a city or of a unit."""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

from .._segments import Conditions, Evaluable, V
from ..kernels import entropy as entropy_of
from ..kernels import kernel
from ..registry import index
from ._common import log_of_base

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@kernel(parallel=True)
def _of_city(
    counts: Floats,
    totals: Floats,
    composition: Floats,
    shares: Floats,
    starts: Ints,
    log_base: float,
    scaled: bool,
) -> Floats:
    values = np.empty(len(starts) - 1)
    for r in numba.prange(len(starts) - 1):
        values[r] = entropy_of(shares[r]) / (np.log((shares[r] > 0).sum()) if scaled else log_base)
    return values


@kernel(parallel=True)
def _of_units(
    counts: Floats,
    totals: Floats,
    composition: Floats,
    shares: Floats,
    starts: Ints,
    log_base: float,
    scaled: bool,
) -> Floats:
    values = np.empty(len(totals))
    for r in numba.prange(len(starts) - 1):
        most = np.log((shares[r] > 0).sum()) if scaled else log_base
        for j in range(starts[r], starts[r + 1]):
            values[j] = entropy_of(composition[j]) / most
    return values


@index(
    symbol="E",
    family="diversity",
    level="both",
    bounds=(0, math.inf),
    groups=(1, None),
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
    holds_within={"unit_order", "group_order", "scale"},
    cite=("10.1002/j.1538-7305.1948.tb01338.x",),
    means="The city's diversity is {value} {unit}; 0 would be a city of one single group.",
    beware="It describes the city as a whole and says nothing of how its groups are spread.",
)
def entropy(population: Evaluable[V], *, base: float = math.e, scaled: bool = False) -> V:
    r"""Diversity of the population: how uncertain the group of a person picked at random is.

    .. math:: E = -\sum_m \pi_m \ln \pi_m

    with pi_m the share of group m. The local value of a unit is the same of its own
    composition, ``segregate.local(population, "entropy")``.

    Parameters
    ----------
    population : Population or Regions
        One or more groups.
    base : float
        Base of the logarithm: e for nats, 2 for bits.
    scaled : bool
        Divide by ln M, where M counts the groups that have people in the city, so that the
        greatest possible value is 1.

    Returns
    -------
    float or ndarray of shape (R,)
        0 with people of one group only, at most ln M (1 if scaled). NaN without people, and
        for one group if scaled.

    References
    ----------
    Shannon (1948), doi:10.1002/j.1538-7305.1948.tb01338.x.

    Examples
    --------
    >>> import segregate as sg
    >>> city = sg.sample("sacramento")
    >>> print(f"{sg.entropy(city):.4f} {sg.entropy(city, scaled=True):.4f}")
    0.9733 0.7021
    """
    conditions = Conditions(least_groups=2 if scaled else 1, meets=False)
    return population.evaluate(_of_city, log_of_base(base), scaled, each=_of_units, conditions=conditions)
