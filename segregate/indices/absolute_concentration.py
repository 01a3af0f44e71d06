"""Absolute concentration."""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

from .._segments import Conditions, Evaluable, V
from ..kernels import exact_sum, kernel
from ..registry import index
from ._space import area_of, by_area

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

ALIKE = Conditions(
    why="the members of the group would take up the same land in the smallest units as in the largest (the areas are "
    "equal, or everybody is needed to reach their number)"
)


@kernel(parallel=True)
def _values(
    counts: Floats, totals: Floats, composition: Floats, shares: Floats, starts: Ints, group: int, area: Floats
) -> Floats:
    values = np.empty(len(starts) - 1)
    for r in numba.prange(len(starts) - 1):
        first, last = starts[r], starts[r + 1]
        members = exact_sum(counts[first:last, group])
        if members == 0:
            values[r] = np.nan
            continue
        land = exact_sum(counts[first:last, group] * area[first:last]) / members
        small, large = by_area(totals[first:last], area[first:last], members)
        alike = abs(large - small) <= 1e-9 * max(small, large)
        values[r] = np.nan if alike else 1 - (land - small) / (large - small)
    return values


@index(
    symbol="ACO",
    family="concentration",
    bounds=(-math.inf, math.inf),
    focal="group",
    environment=False,
    needs={"area"},
    holds={"unit_order", "group_order", "scale", "copy", "empty_unit", "empty_group"},
    cite=("10.1093/sf/67.2.281",),
    means="On a scale from 0 (as much land as possible) to 1 (as little), {group!r} stand at {value} by the land of "
    "the units they live in.",
    beware="It depends on where the borders of the units were drawn, and has no value where all have one area.",
)
def absolute_concentration(population: Evaluable[V], *, group: str | None = None) -> V:
    r"""How little land a group occupies, between the least and the most that it could.

    .. math:: ACO = 1 - \frac{\sum_j x_j a_j / X - S_1}{S_2 - S_1}

    with x_j members of the group in unit j, X in all, a_j the area of the unit, S_1 the mean area
    (weighted by all people) of the smallest units that together hold X people, and S_2 that of
    the largest.

    Parameters
    ----------
    population : Population or Regions
        Two or more groups, with areas: of polygons, or given (``area=``), land area where known.
    group : str, optional
        The group; with exactly two groups, the first by default.

    Returns
    -------
    float or ndarray of shape (R,)
        1 when the group lives in the smallest units, 0 in the largest; it may leave this range,
        because S_1 and S_2 are means over all people. NaN where S_1 and S_2 agree within 1e-9
        (equal areas), without people of the group, or with people of fewer than two groups.

    Notes
    -----
    The unit that crosses X counts whole. Units whose areas agree within 1e-6 form one class that
    enters whole, so that the order of rows decides nothing; packages that take them one by one
    give other values. Units without people weigh nothing.

    References
    ----------
    Massey and Denton (1988), doi:10.1093/sf/67.2.281.

    Examples
    --------
    >>> import segregate as sg
    >>> import pandas as pd
    >>> table = pd.DataFrame({"a": [30, 10, 0], "b": [10, 50, 40], "km2": [1, 2, 4]})
    >>> city = sg.Population.from_frame(table, ["a", "b"], area=("km2", "km2"))
    >>> print(f"{sg.absolute_concentration(city, group='a'):.4f}")
    0.9167
    """
    return population.evaluate(_values, focal=(group,), extra=area_of, conditions=ALIKE)
