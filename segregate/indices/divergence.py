"""Divergence of each unit from the city."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numba
import numpy as np
import numpy.typing as npt

from .._segments import PerUnit, V
from ..kernels import kernel, log_share
from ..registry import index
from ._common import log_of_base

if TYPE_CHECKING:
    from ..population import Population

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@kernel(parallel=True)
def _values(
    counts: Floats,
    totals: Floats,
    composition: Floats,
    shares: Floats,
    starts: Ints,
    log_base: float,
    referred: bool,
) -> Floats:
    values = np.empty(len(totals))
    for r in numba.prange(len(starts) - 1):
        for j in range(starts[r], starts[r + 1]):
            unit = 0.0
            for m in range(shares.shape[1]):
                if shares[r, m] > 0 and composition[j, m] > 0:
                    unit += composition[j, m] * (log_share(composition[j], m) - log_share(shares[r], m))
                elif referred and composition[j, m] > 0:
                    unit = np.nan
            values[j] = unit / log_base
    return values


@index(
    symbol="KL",
    family="local",
    level="local",
    bounds=(0, math.inf),
    holds={"unit_order", "group_order", "scale", "empty_unit", "empty_group"},
    holds_within={"unit_order", "group_order", "scale", "even"},
    at={"even": 0},
    cite=("10.1111/j.1467-9531.2011.01237.x",),
    means="The mix of people here departs from that of the city by {value} {unit}.",
    beware="It does not say which group is over-represented; the location quotients do.",
)
def divergence(
    population: PerUnit[V],
    *,
    base: float = math.e,
    reference: Population | Mapping[str, float] | None = None,
) -> V:
    r"""How far the composition of each unit departs from that of the city.

    .. math:: D_j = \sum_m p_{jm} \ln \frac{p_{jm}}{\pi_m}

    with p_jm the share of group m among the people met in unit j and pi_m its share of the
    city: the Kullback-Leibler divergence, the local value of `mutual_information`, which is
    its mean over people.

    Parameters
    ----------
    population : Population or Regions
        Two or more groups.
    base : float
        Base of the logarithm: e for nats, 2 for bits.
    reference : Population or mapping, optional
        Wider area whose shares are set in place of the city's.

    Returns
    -------
    Series of shape (n_units,)
        0 where the unit has the city's composition, at most ln(1 / smallest share). Groups
        without people in the city are left out. NaN for units without people, and where people
        meet a group of which the reference has nobody.

    References
    ----------
    Mora and Ruiz-Castillo (2011), doi:10.1111/j.1467-9531.2011.01237.x; Roberto (2016), The
    divergence index, arXiv:1508.01167.

    Examples
    --------
    >>> import segregate as sg
    >>> city = sg.sample("sacramento")
    >>> print(f"{sg.divergence(city).median():.3f}")
    0.124
    """
    return population.each(_values, log_of_base(base), reference is not None, reference=reference)
