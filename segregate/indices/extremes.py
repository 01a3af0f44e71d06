"""Index of concentration at the extremes."""

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
def _terms(
    counts: Floats, totals: Floats, composition: Floats, shares: Floats, starts: Ints, group: int, other: int
) -> Floats:
    terms = np.empty(len(totals))
    for r in numba.prange(len(starts) - 1):
        people = exact_sum(totals[starts[r] : starts[r + 1]])
        for j in range(starts[r], starts[r + 1]):
            terms[j] = totals[j] / people * (composition[j, group] - composition[j, other])
    return terms


@kernel(parallel=True)
def _of_units(
    counts: Floats, totals: Floats, composition: Floats, shares: Floats, starts: Ints, group: int, other: int
) -> Floats:
    values = np.empty(len(totals))
    for j in numba.prange(len(totals)):
        values[j] = composition[j, group] - composition[j, other]
    return values


@index(
    symbol="ICE",
    family="exposure",
    level="both",
    bounds=(-1, 1),
    focal="pair",
    additive=True,
    holds={
        *("unit_order", "group_order", "scale", "copy", "unit_split"),
        *("empty_unit", "empty_group", "transfers", "exchanges"),
    },
    holds_within={"unit_order", "group_order", "scale"},
    center=0,
    cite=("10.2105/AJPH.2015.302955",),
    means="Among the people met, the share of {group!r} exceeds that of {other} by {points} percentage points.",
    beware="For a whole city at home it says which of the two is larger, not how far apart they live; it is "
    "made for comparing neighbourhoods.",
)
def extremes(population: Evaluable[V], *, group: str | None = None, other: str | None = None) -> V:
    r"""Index of concentration at the extremes: surplus of one group over another among those met.

    .. math:: ICE_j = p_{ja} - p_{jb} = \frac{a_j - b_j}{t_j}, \qquad ICE = \sum_j \frac{t_j}{T} ICE_j

    with a_j and b_j people of the two extreme groups in unit j and t_j all people, those between the
    extremes included. A value a unit comes from ``segregate.local(population, "extremes", ...)``.

    Parameters
    ----------
    population : Population or Regions
        Two or more groups. Extremes made of several groups are put together first:
        ``population.merge({"deprived": [...], "privileged": [...]})``.
    group, other : str, optional
        The two extremes, privileged first as a rule; with exactly two groups, the first and the
        second by default.

    Returns
    -------
    float or ndarray of shape (R,)
        From -1 (everybody is of `other`) to 1 (everybody is of `group`). NaN without people of
        `group`, or with people of fewer than two groups.

    Notes
    -----
    At home the value of the city is (A - B) / T, whatever the spread. Within an environment
    the formula is ours: people meet their surroundings.

    References
    ----------
    Krieger, Waterman, Spasojevic, Li, Maduro and Van Wye (2016), doi:10.2105/AJPH.2015.302955.

    Examples
    --------
    >>> import segregate as sg
    >>> city = sg.sample("sacramento")
    >>> print(f"{sg.extremes(city, group='white', other='black'):.4f}")
    0.6001
    """
    return population.evaluate(_terms, focal=(group, other), each=_of_units)
