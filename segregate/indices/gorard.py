"""Gorard's segregation index."""

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
        people = exact_sum(totals[starts[r] : starts[r + 1]])
        common = shares[r, group] > 0.5
        for j in range(starts[r], starts[r + 1]):
            if common:
                gap = rest(shares[r], group) - rest(composition[j], group)
            else:
                gap = composition[j, group] - shares[r, group]
            terms[j] = 0.5 * totals[j] * abs(gap) / (people * shares[r, group])
    return terms


@index(
    symbol="GS",
    family="evenness",
    bounds=(0, 1),
    focal="group",
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
        "transfers",
        "exchanges",
    },
    at={"even": 0},
    cite=("10.1177/0038038502036004005",),
    means="{percent} of {group!r} would have to change places for them to be spread as everybody is.",
    beware="It cannot reach 1: a group that is half of the city has 0.5 at most, so groups of different sizes are not "
    "compared by it.",
)
def gorard(population: Evaluable[V], *, group: str | None = None) -> V:
    r"""Share of a group that would have to move to be spread over the units as all people are.

    .. math:: GS = \frac{1}{2} \sum_j \left| \frac{x_j}{X} - \frac{t_j}{T} \right|

    with x_j members of the group in unit j, X in all, t_j people in unit j and T in all.

    Parameters
    ----------
    population : Population or Regions
        Two or more groups; the group is set against all people, itself included.
    group : str, optional
        The group; with exactly two groups, the first by default.

    Returns
    -------
    float or ndarray of shape (R,)
        0 when all units have the city's composition, 1 - P when members of the group live with
        nobody else. NaN without people of the group, or with people of fewer than two groups.

    Notes
    -----
    It equals D (1 - P) with `dissimilarity` of the group and everybody else and P the group's
    share of the city.

    References
    ----------
    Gorard and Taylor (2002), doi:10.1177/0038038502036004005.

    Examples
    --------
    >>> import segregate as sg
    >>> city = sg.sample("sacramento")
    >>> print(f"{sg.gorard(city, group='hisp'):.4f}")
    0.2757
    """
    return population.evaluate(_terms, focal=(group,))
