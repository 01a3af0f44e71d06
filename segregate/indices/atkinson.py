"""Atkinson's index."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from .._segments import Evaluable, V
from ..errors import ParameterError
from ..kernels import exact_sum, kernel
from ..registry import index

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@kernel(parallel=True)
def _values(counts: Floats, totals: Floats, composition: Floats, shares: Floats, starts: Ints, b: float) -> Floats:
    values = np.empty(len(starts) - 1)
    for r in numba.prange(len(starts) - 1):
        first, last = starts[r], starts[r + 1]
        people = exact_sum(totals[first:last])
        terms = np.zeros(last - first)
        for j in range(first, last):
            of_group, of_rest = composition[j, 0] / shares[r, 0], composition[j, 1] / shares[r, 1]
            if totals[j] > 0 and of_group > 0 and of_rest > 0:
                mean = np.sqrt(of_group * of_rest) if b == 0.5 else of_group**b * of_rest ** (1 - b)
                terms[j - first] = totals[j] / people * mean
        values[r] = 1 - exact_sum(terms) ** (1 / (1 - b))
    return values


@index(
    symbol="A",
    family="evenness",
    bounds=(0, 1),
    groups=(2, 2),
    holds={
        "unit_order",
        "group_order",
        "scale",
        "copy",
        "unit_split",
        "empty_unit",
        "transfers",
        "exchanges",
    },
    holds_within={"unit_order", "group_order", "scale", "even"},
    at={"even": 0, "complete": 1},
    cite=("10.1016/0022-0531(70)90039-6", "10.1093/sf/67.2.281"),
    means="{group!r} and {other} are spread unevenly to {percent} of the greatest possible unevenness, in a measure "
    "that can be told which neighbourhoods count most.",
    beware="Its value hangs on the parameter b: below 0.5 neighbourhoods where the group is rare count more, above 0.5 "
    "those where it is common.",
)
def atkinson(population: Evaluable[V], *, b: float = 0.5) -> V:
    r"""Unevenness of two groups, with a say in which units count most.

    .. math::

       A = 1 - \frac{P}{1 - P} \left[ \sum_j \frac{t_j}{P T} (1 - p_j)^{1 - b} \, p_j^b \right]^{1 / (1 - b)}

    with t_j people in unit j, T in all, p_j the share of the first group among the people met
    in unit j and P its share of the city.

    Parameters
    ----------
    population : Population or Regions
        Two groups: ``population.versus(group)`` or ``population.select(a, b)``.
    b : float
        Between 0 and 1, both excluded: which units weigh most, at 0.5 all alike.

    Returns
    -------
    float or ndarray of shape (R,)
        0 when all units have the city's composition, 1 when each unit has one group only. NaN
        for fewer than two groups with people.

    Notes
    -----
    Only for b = 0.5 are the two groups interchangeable; then it is 1 - (1 - O)^2 with
    `hutchens`. PySAL segregation 2.6.0 and R OasisR give the same values; some packages take
    the parameter and compute with 0.5. Within an environment the formula is ours, in the way of
    Reardon and O'Sullivan, and may become negative.

    References
    ----------
    Atkinson (1970), doi:10.1016/0022-0531(70)90039-6; Massey and Denton (1988),
    doi:10.1093/sf/67.2.281.

    Examples
    --------
    >>> import segregate as sg
    >>> city = sg.sample("sacramento")
    >>> print(f"{sg.atkinson(city.versus('hisp')):.4f}")
    0.1566
    """
    if not 0 < b < 1:
        raise ParameterError(f"b={b!r} of the Atkinson index lies between 0 and 1, both excluded; 0.5 is usual.")
    return population.evaluate(_values, b)
