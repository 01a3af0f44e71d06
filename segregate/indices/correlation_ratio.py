"""Correlation ratio, also called eta squared, V or the segregation index S."""

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
            terms[j] = counts[j, group] / members * (others - rest(composition[j], group)) / others
    return terms


@index(
    symbol="V",
    family="exposure",
    bounds=(0, 1),
    focal="group",
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
    cite=("10.2307/2574118", "10.1093/sf/67.2.281", "10.1111/1467-9531.00110"),
    means="The share of {group!r} around its own members is {points} percentage points higher than around everybody "
    "else.",
    beware="It stays low for a small group that is thinly scattered over a few units, where D would be high.",
)
def correlation_ratio(population: Evaluable[V], *, group: str | None = None) -> V:
    r"""Isolation of a group beyond its share of the city, as a share of the greatest possible.

    .. math:: \eta^2 = \frac{{}_xP^*_x - P}{1 - P}

    with xPx the `isolation` of the group and P its share of the city.

    Parameters
    ----------
    population : Population or Regions
        Two or more groups; the group is set against everybody else.
    group : str, optional
        The group; with exactly two groups, the first by default.

    Returns
    -------
    float or ndarray of shape (R,)
        0 when all units have the city's composition, 1 when the group meets nobody else; in an
        environment it may be negative. NaN without people of the group, or with people of
        fewer than two groups.

    Notes
    -----
    At home it equals the exposure gap: the mean share of the group met by its members minus
    the mean share met by everybody else.

    References
    ----------
    Bell (1954), doi:10.2307/2574118; Massey and Denton (1988), doi:10.1093/sf/67.2.281;
    Reardon and Firebaugh (2002), doi:10.1111/1467-9531.00110.

    Examples
    --------
    >>> import segregate as sg
    >>> city = sg.sample("sacramento")
    >>> print(f"{sg.correlation_ratio(city, group='hisp'):.4f}")
    0.0982
    """
    return population.evaluate(_terms, focal=(group,))
