"""Relative concentration."""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

from .._segments import Evaluable, V
from ..kernels import exact_sum, kernel
from ..registry import index
from ._space import area_of, by_area, others
from .absolute_concentration import ALIKE

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


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
        rest = np.empty(last - first)
        for j in range(first, last):
            rest[j - first] = others(counts[j], group)
        land = exact_sum(counts[first:last, group] * area[first:last]) / members
        land_of_others = exact_sum(rest * area[first:last]) / exact_sum(rest)
        small, large = by_area(totals[first:last], area[first:last], members)
        alike = abs(large - small) <= 1e-9 * max(small, large)
        values[r] = np.nan if alike else (land / land_of_others - 1) / (small / large - 1)
    return values


@index(
    symbol="RCO",
    family="concentration",
    bounds=(-math.inf, math.inf),
    focal="group",
    environment=False,
    needs={"area"},
    holds={"unit_order", "group_order", "scale", "copy", "empty_unit", "empty_group"},
    at={"even": 0},
    cite=("10.1093/sf/67.2.281",),
    means="{group!r} live on less land than {other} where the value is above 0, on more where it is below; it is "
    "{value}.",
    beware="It compares the two groups with each other, not with the space that there is.",
)
def relative_concentration(population: Evaluable[V], *, group: str | None = None) -> V:
    r"""How much less land a group occupies than everybody else, against the greatest possible ratio.

    .. math:: RCO = \frac{\sum_j (x_j a_j / X) \big/ \sum_j (y_j a_j / Y) - 1}{S_1 / S_2 - 1}

    with x_j members of the group in unit j, X in all, y_j and Y everybody else, a_j the area of
    the unit, and S_1, S_2 as in `absolute_concentration`, both with X.

    Parameters
    ----------
    population : Population or Regions
        Two or more groups, with areas. Two of several groups: ``population.select(a, b)``.
    group : str, optional
        The group; with exactly two groups, the first by default.

    Returns
    -------
    float or ndarray of shape (R,)
        0 when both occupy as much land, 1 when the group is as concentrated as it could be and the
        others as little, below 0 when the others are more concentrated. NaN where S_1 and S_2 agree
        within 1e-9 (equal areas), without people of the group, or with people of fewer than two
        groups.

    Notes
    -----
    Massey and Denton take both sums up to the number of the group. Classes of equal area enter
    whole, as in `absolute_concentration`.

    References
    ----------
    Massey and Denton (1988), doi:10.1093/sf/67.2.281.

    Examples
    --------
    >>> import segregate as sg
    >>> import pandas as pd
    >>> table = pd.DataFrame({"a": [30, 10, 0], "b": [10, 50, 40], "km2": [1, 2, 4]})
    >>> city = sg.Population.from_frame(table, ["a", "b"], area=("km2", "km2"))
    >>> print(f"{sg.relative_concentration(city, group='a'):.4f}")
    0.7160
    """
    return population.evaluate(_values, focal=(group,), extra=area_of, conditions=ALIKE)
