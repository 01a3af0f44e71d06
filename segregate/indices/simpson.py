"""Simpson's index: diversity of a city or of a unit."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from .._segments import Conditions, Evaluable, V
from ..kernels import kernel
from ..kernels import simpson as simpson_of
from ..registry import index

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@kernel(parallel=True)
def _of_city(counts: Floats, totals: Floats, composition: Floats, shares: Floats, starts: Ints, scaled: bool) -> Floats:
    values = np.empty(len(starts) - 1)
    for r in numba.prange(len(starts) - 1):
        values[r] = simpson_of(shares[r]) / (1 - 1 / (shares[r] > 0).sum() if scaled else 1.0)
    return values


@kernel(parallel=True)
def _of_units(
    counts: Floats, totals: Floats, composition: Floats, shares: Floats, starts: Ints, scaled: bool
) -> Floats:
    values = np.empty(len(totals))
    for r in numba.prange(len(starts) - 1):
        most = 1 - 1 / (shares[r] > 0).sum() if scaled else 1.0
        for j in range(starts[r], starts[r + 1]):
            values[j] = simpson_of(composition[j]) / most
    return values


@index(
    symbol="I",
    family="diversity",
    level="both",
    bounds=(0, 1),
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
    cite=("10.1038/163688a0",),
    means="Two people picked at random in the city are of different groups in {percent} of the cases.",
    beware="It describes the city as a whole and says nothing of how its groups are spread.",
)
def simpson(population: Evaluable[V], *, scaled: bool = False) -> V:
    r"""Diversity of the population: the chance that two people are of different groups.

    .. math:: I = 1 - \sum_m \pi_m^2

    with pi_m the share of group m. Also called the interaction or fractionalization index.
    The local value of a unit is the same of its own composition,
    ``segregate.local(population, "simpson")``.

    Parameters
    ----------
    population : Population or Regions
        One or more groups.
    scaled : bool
        Divide by 1 - 1/M, where M counts the groups that have people in the city, so that the
        greatest possible value is 1.

    Returns
    -------
    float or ndarray of shape (R,)
        0 with people of one group only, at most 1 - 1/M (1 if scaled). NaN without people,
        and for one group if scaled.

    References
    ----------
    Simpson (1949), doi:10.1038/163688a0.

    Examples
    --------
    >>> import segregate as sg
    >>> city = sg.sample("sacramento")
    >>> print(f"{sg.simpson(city):.4f}")
    0.5082
    """
    return population.evaluate(
        _of_city, scaled, each=_of_units, conditions=Conditions(least_groups=2 if scaled else 1, meets=False)
    )
