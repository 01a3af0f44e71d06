"""Exposure of one group to another."""

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
def _terms(
    counts: Floats, totals: Floats, composition: Floats, shares: Floats, starts: Ints, group: int, other: int
) -> Floats:
    terms = np.empty(len(totals))
    for r in numba.prange(len(starts) - 1):
        members = exact_sum(counts[starts[r] : starts[r + 1], group])
        for j in range(starts[r], starts[r + 1]):
            terms[j] = counts[j, group] / members * composition[j, other]
    return terms


@kernel(parallel=True)
def _terms_of_others(
    counts: Floats, totals: Floats, composition: Floats, shares: Floats, starts: Ints, group: int, other: int
) -> Floats:
    terms = np.zeros(len(totals))
    own = 1.0 if other == group else 0.0
    for r in numba.prange(len(starts) - 1):
        members = exact_sum(counts[starts[r] : starts[r + 1], group])
        for j in range(starts[r], starts[r + 1]):
            if totals[j] > 1:
                terms[j] = counts[j, group] / members * (counts[j, other] - own) / (totals[j] - 1)
    return terms


@index(
    symbol="xPy",
    family="exposure",
    bounds=(0, 1),
    focal="pair",
    reflexive=True,
    additive=True,
    holds={"unit_order", "group_order", "scale", "copy", "unit_split", "empty_unit", "empty_group"},
    holds_within={"unit_order", "group_order", "scale"},
    at={"complete": 0},
    cite=("10.2307/2574118", "10.1093/sf/67.2.281"),
    means="On average {percent} of the people around a member of {group!r} are of {other}.",
    beware="It rises with the size of the other group, and living near each other is not yet meeting.",
)
def exposure(population: Evaluable[V], *, group: str | None = None, other: str | None = None, exact: bool = False) -> V:
    r"""Share of another group among the people that an average member of a group meets.

    .. math:: {}_xP^*_y = \sum_j \frac{t_{jm}}{T_m} \, p_{jn}

    with t_jm members of group m in unit j, T_m in all, and p_jn the share of group n among
    the people met in unit j. Also called the interaction index.

    Parameters
    ----------
    population : Population or Regions
        Two or more groups.
    group, other : str, optional
        Who meets whom; with exactly two groups, the first and the second by default.
        ``other=group`` gives `isolation`.
    exact : bool
        Nobody meets themselves: ``t_jn / (t_j - 1)`` in place of p_jn. At home and for whole
        numbers only; people who are alone in their unit are left out, which is said.

    Returns
    -------
    float or ndarray of shape (R,)
        Between 0 and 1; the other group's share of the city in an even spread, 0 when the two
        never meet. Over all others, the own group included, it sums to 1. NaN without people
        of the group, or with people of fewer than two groups.

    References
    ----------
    Bell (1954), doi:10.2307/2574118; Massey and Denton (1988), doi:10.1093/sf/67.2.281.

    Examples
    --------
    >>> import segregate as sg
    >>> city = sg.sample("sacramento")
    >>> print(f"{sg.exposure(city, group='hisp', other='white'):.4f}")
    0.5533
    """
    if exact:
        return population.evaluate(_terms_of_others, focal=(group, other), conditions=CONTACT)
    return population.evaluate(_terms, focal=(group, other))
