"""Delta index of concentration."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from .._segments import Evaluable, V
from ..kernels import exact_sum, kernel
from ..registry import index
from ._space import area_of

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@kernel(parallel=True)
def _terms(
    counts: Floats, totals: Floats, composition: Floats, shares: Floats, starts: Ints, group: int, area: Floats
) -> Floats:
    terms = np.empty(len(totals))
    for r in numba.prange(len(starts) - 1):
        first, last = starts[r], starts[r + 1]
        members, land = exact_sum(counts[first:last, group]), exact_sum(area[first:last])
        for j in range(first, last):
            terms[j] = 0.5 * abs(counts[j, group] / members - area[j] / land)
    return terms


@index(
    symbol="DEL",
    family="concentration",
    bounds=(0, 1),
    focal="group",
    environment=False,
    additive=True,
    needs={"area"},
    holds={"unit_order", "group_order", "scale", "copy", "unit_split", "empty_group"},
    cite=("10.2307/2088328", "10.1093/sf/67.2.281"),
    means="{percent} of {group!r} would have to move for the group to live at the same density everywhere.",
    beware="Parks, lakes and fields count as land where people could live unless areas of built-up land are given.",
)
def delta(population: Evaluable[V], *, group: str | None = None) -> V:
    r"""Share of a group that would have to move to live at one density all over the city.

    .. math:: DEL = \frac{1}{2} \sum_j \left| \frac{x_j}{X} - \frac{a_j}{A} \right|

    with x_j members of the group in unit j, X in all, a_j the area of the unit and A that of the
    city, units without people included.

    Parameters
    ----------
    population : Population or Regions
        Two or more groups, with areas: of polygons, or given (``area=``), land area where known.
    group : str, optional
        The group; with exactly two groups, the first by default.

    Returns
    -------
    float or ndarray of shape (R,)
        0 for one density everywhere, near 1 when the group lives on a small part of the land. NaN
        without people of the group, or with people of fewer than two groups.

    Notes
    -----
    R OasisR leaves out the land of units without people.

    References
    ----------
    Duncan and Duncan (1955), doi:10.2307/2088328; Massey and Denton (1988),
    doi:10.1093/sf/67.2.281.

    Examples
    --------
    >>> import segregate as sg
    >>> import pandas as pd
    >>> table = pd.DataFrame({"a": [30, 10], "b": [10, 50], "km2": [1, 3]})
    >>> city = sg.Population.from_frame(table, ["a", "b"], area=("km2", "km2"))
    >>> sg.delta(city, group="a")
    0.5
    """
    return population.evaluate(_terms, focal=(group,), extra=area_of)
