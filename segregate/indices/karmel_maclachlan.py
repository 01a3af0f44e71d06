"""Karmel and MacLachlan's index."""

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
def _terms(counts: Floats, totals: Floats, composition: Floats, shares: Floats, starts: Ints) -> Floats:
    terms = np.empty(len(totals))
    for r in numba.prange(len(starts) - 1):
        people = exact_sum(totals[starts[r] : starts[r + 1]])
        for j in range(starts[r], starts[r + 1]):
            terms[j] = abs(shares[r, 1] * counts[j, 0] - shares[r, 0] * counts[j, 1]) / people
    return terms


@index(
    symbol="KM",
    family="evenness",
    bounds=(0, 0.5),
    groups=(2, 2),
    environment=False,
    additive=True,
    holds={"unit_order", "group_order", "scale", "copy", "unit_split", "empty_unit", "transfers", "exchanges"},
    at={"even": 0},
    cite=("10.1111/j.1475-4932.1988.tb02057.x",),
    means="{percent} of all people of {group!r} and {other} would have to change places to spread the two evenly.",
    beware="It depends on the sizes of the groups: two small moves in a city of equal groups count more than a "
    "complete separation of a tiny one.",
)
def karmel_maclachlan(population: Evaluable[V]) -> V:
    r"""Share of all people who would have to move for an even spread, while every unit keeps its size.

    .. math:: KM = \frac{1}{T} \sum_j |(1 - P) \, x_j - P \, y_j|

    with x_j and y_j people of the two groups in unit j, T = X + Y and P = X / T.

    Parameters
    ----------
    population : Population or Regions
        Two groups: ``population.versus(group)`` or ``population.select(a, b)``.

    Returns
    -------
    float or ndarray of shape (R,)
        0 when all units have the city's composition, 2 P (1 - P) when each unit has one group
        only, which is 0.5 at most. NaN for fewer than two groups with people.

    Notes
    -----
    It equals 2 P (1 - P) D with `dissimilarity`.

    References
    ----------
    Karmel and MacLachlan (1988), doi:10.1111/j.1475-4932.1988.tb02057.x.

    Examples
    --------
    >>> import segregate as sg
    >>> city = sg.sample("sacramento")
    >>> print(f"{sg.karmel_maclachlan(city.versus('hisp')):.4f}")
    0.0899
    """
    return population.evaluate(_terms)
