"""Isolation of a group."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from .._segments import Conditions, Evaluable, V
from ..kernels import exact_sum, kernel
from ..registry import index

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
CONTACT = Conditions(home=True, whole=True, least_people=2)


@kernel(parallel=True)
def _terms(counts: Floats, totals: Floats, composition: Floats, shares: Floats, starts: Ints, group: int) -> Floats:
    terms = np.empty(len(totals))
    for r in numba.prange(len(starts) - 1):
        members = exact_sum(counts[starts[r] : starts[r + 1], group])
        for j in range(starts[r], starts[r + 1]):
            terms[j] = counts[j, group] / members * composition[j, group]
    return terms


@kernel(parallel=True)
def _terms_of_others(
    counts: Floats, totals: Floats, composition: Floats, shares: Floats, starts: Ints, group: int
) -> Floats:
    terms = np.zeros(len(totals))
    for r in numba.prange(len(starts) - 1):
        members = exact_sum(counts[starts[r] : starts[r + 1], group])
        for j in range(starts[r], starts[r + 1]):
            if totals[j] > 1:
                terms[j] = counts[j, group] / members * (counts[j, group] - 1) / (totals[j] - 1)
    return terms


@index(
    symbol="xPx",
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
    holds_within={"unit_order", "group_order", "scale"},
    at={"complete": 1},
    cite=("10.2307/2574118", "10.1093/sf/67.2.281"),
    means="On average {percent} of the people around a member of {group!r} are of the same group.",
    beware="It rises with the size of the group: an even spread would already give the group's share of the city.",
)
def isolation(population: Evaluable[V], *, group: str | None = None, exact: bool = False) -> V:
    r"""Share of the own group among the people that an average member of a group meets.

    .. math:: {}_xP^*_x = \sum_j \frac{t_{jm}}{T_m} \, p_{jm}

    with t_jm members of the group in unit j, T_m in all, and p_jm its share of the people
    met in unit j.

    Parameters
    ----------
    population : Population or Regions
        Two or more groups.
    group : str, optional
        The group; with exactly two groups, the first by default.
    exact : bool
        Nobody meets themselves: ``(t_jm - 1) / (t_j - 1)`` in place of p_jm. At home and for
        whole numbers only; people who are alone in their unit are left out, which is said.

    Returns
    -------
    float or ndarray of shape (R,)
        Between 0 and 1; the group's share of the city in an even spread (a little less with
        `exact`), 1 when nobody of the group meets another group. NaN without people of the
        group, or with people of fewer than two groups.

    Notes
    -----
    ``isolation + sum of exposure to all other groups = 1``.

    References
    ----------
    Bell (1954), doi:10.2307/2574118; Massey and Denton (1988), doi:10.1093/sf/67.2.281.

    Examples
    --------
    >>> import segregate as sg
    >>> city = sg.sample("sacramento")
    >>> print(f"{sg.isolation(city, group='hisp'):.4f}")
    0.2453
    """
    if exact:
        return population.evaluate(_terms_of_others, focal=(group,), conditions=CONTACT)
    return population.evaluate(_terms, focal=(group,))
