"""Divergence of a group's spread from that of all people."""

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
    counts: Floats, totals: Floats, composition: Floats, shares: Floats, starts: Ints, group: int, log_base: float
) -> Floats:
    terms = np.zeros(len(totals))
    for r in numba.prange(len(starts) - 1):
        members = exact_sum(counts[starts[r] : starts[r + 1], group])
        city = log_share(shares[r], group)
        for j in range(starts[r], starts[r + 1]):
            if counts[j, group] > 0:
                terms[j] = counts[j, group] / members * (log_share(composition[j], group) - city) / log_base
    return terms


@index(
    symbol="KLg",
    family="evenness",
    bounds=(0, math.inf),
    focal="group",
    environment=False,
    additive=True,
    holds={
        *("unit_order", "group_order", "scale", "copy", "unit_split"),
        *("empty_unit", "empty_group", "transfers", "exchanges"),
    },
    at={"even": 0},
    cite=("10.1016/j.mathsocsci.2010.06.002", "10.1111/j.1467-9531.2011.01237.x"),
    means="Knowing that somebody is of {group!r} tells {value} {unit} about the neighbourhood where they live.",
    beware="Small groups reach higher values than large ones, because more separation is possible for them.",
)
def group_divergence(population: Evaluable[V], *, group: str | None = None, base: float = math.e) -> V:
    r"""How far the spread of a group over the units departs from that of all people.

    .. math:: D_m = \sum_j \frac{t_{jm}}{T_m} \ln \frac{p_{jm}}{\pi_m}
              = \sum_j \frac{t_{jm}}{T_m} \ln \frac{t_{jm} / T_m}{t_j / T}

    with t_jm members of the group in unit j, T_m in all, p_jm = t_jm / t_j and pi_m its share of
    the city: the local value of `mutual_information` for a group, which is the mean of these
    values weighted by the pi_m. The values for units are `divergence`.

    Parameters
    ----------
    population : Population or Regions
        Two or more groups.
    group : str, optional
        The group; with exactly two groups, the first by default.
    base : float
        Base of the logarithm: e for nats, 2 for bits.

    Returns
    -------
    float or ndarray of shape (R,)
        0 when the group is spread as all people are, ln(1 / pi_m) when its members live with
        nobody else. NaN without people of the group, or with people of fewer than two groups.

    References
    ----------
    Alonso-Villar and Del Río (2010), doi:10.1016/j.mathsocsci.2010.06.002; Mora and Ruiz-Castillo
    (2011), doi:10.1111/j.1467-9531.2011.01237.x.

    Examples
    --------
    >>> import segregate as sg
    >>> city = sg.sample("sacramento")
    >>> print(f"{sg.group_divergence(city, group='hisp'):.4f}")
    0.2221
    """
    return population.evaluate(_terms, log_of_base(base), focal=(group,))
