"""Hong and Sadahiro's concentration profile."""

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
def _terms(counts: Floats, totals: Floats, composition: Floats, shares: Floats, starts: Ints, group: int) -> Floats:
    terms = np.empty(len(totals))
    for r in numba.prange(len(starts) - 1):
        members = exact_sum(counts[starts[r] : starts[r + 1], group])
        others = rest(shares[r], group)
        for j in range(starts[r], starts[r + 1]):
            if shares[r, group] > 0.5:
                gap = rest(composition[j], group) - others
            else:
                gap = composition[j, group] - shares[r, group]
            terms[j] = counts[j, group] / members * abs(gap) / others
    return terms


@index(
    symbol="CP",
    family="evenness",
    bounds=(0, 2),
    focal="group",
    additive=True,
    holds={"unit_order", "group_order", "scale", "copy", "unit_split", "empty_unit", "empty_group"},
    holds_within={"unit_order", "group_order", "scale", "even"},
    at={"even": 0, "complete": 1},
    cite=("10.1007/s10109-013-0190-0",),
    means="For a member of {group!r}, the share of the own group in the neighbourhood departs from that of the city by "
    "{percent} of the departure in complete separation.",
    beware="It sees both members who live among many of their group and members who live among few, and does not say "
    "which; the curve does.",
)
def concentration_profile(population: Evaluable[V], *, group: str | None = None) -> V:
    r"""How far the concentration profile of a group lies from that of an even spread.

    .. math:: CP = \frac{P - \left[ \int_0^P v - \int_P^1 v \right]}{1 - P}
              = \sum_j \frac{x_j}{X} \, \frac{|p_j - P|}{1 - P}

    with v(s) the share of the group's members who live in units where the group is at least s
    of the people met, x_j members in unit j, X in all, p_j the group's share of the people met
    in unit j and P its share of the city. The integrals are exact, hence the sum.

    Parameters
    ----------
    population : Population or Regions
        Two or more groups.
    group : str, optional
        The group; with exactly two groups, the first by default.

    Returns
    -------
    float or ndarray of shape (R,)
        0 when all units have the city's composition, 1 when members of the group meet nobody
        else. For a group that is most of the city it may pass 1, never 2: members in units where
        the group is scarce lie further from P than those in units of their own. NaN without
        people of the group, or with people of fewer than two groups.

    Notes
    -----
    `segregate.plot.concentration_profile` draws the curve. R seg takes the integrals on a grid of
    thresholds, which is less exact. Within an environment the formula is ours, in the way of Reardon
    and O'Sullivan.

    References
    ----------
    Hong and Sadahiro (2014), doi:10.1007/s10109-013-0190-0.

    Examples
    --------
    >>> import segregate as sg
    >>> city = sg.sample("sacramento")
    >>> print(f"{sg.concentration_profile(city, group='hisp'):.4f}")
    0.1481
    """
    return population.evaluate(_terms, focal=(group,))
