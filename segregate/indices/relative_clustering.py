"""Relative clustering."""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

from .._segments import Conditions, Evaluable, V
from ..kernels import exact_sum, kernel
from ..registry import index
from ._nearness import SCALE, SelfDistance, nearness
from ._space import others

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
APART = Conditions(why="the others have none of their own near, so there is nothing to compare with")


@kernel(parallel=True)
def _terms(
    counts: Floats, totals: Floats, composition: Floats, shares: Floats, starts: Ints, group: int, around: Floats
) -> Floats:
    terms = np.zeros(len(totals))
    theirs = np.zeros(len(totals))
    rest = np.zeros(len(totals))
    for r in numba.prange(len(starts) - 1):
        first, last = starts[r], starts[r + 1]
        for j in range(first, last):
            rest[j] = others(counts[j], group)
        one = exact_sum(counts[first:last, group])
        other = exact_sum(rest[first:last])
        if one == 0 or other == 0:
            terms[first:last] = np.nan
            continue
        for j in range(first, last):
            terms[j] = counts[j, group] / one * around[j, group] / one
            theirs[j] = rest[j] / other * others(around[j], group) / other
        nearness_of_others = exact_sum(theirs[first:last])
        for j in range(first, last):
            terms[j] = (terms[j] - theirs[j]) / nearness_of_others if nearness_of_others > 0 else np.nan
    return terms


@index(
    symbol="RCL",
    family="clustering",
    bounds=(-1, math.inf),
    focal="group",
    additive=True,
    needs={"points", "area"},
    holds={"unit_order", "group_order", "scale", "empty_unit", "empty_group"},
    holds_within={"unit_order", "group_order", "scale", "even"},
    at={"even": 0},
    cite=("10.1093/sf/67.2.281",),
    means="{group!r} live nearer to each other than {other} do where the value is above 0, farther apart where it is "
    "below; it is {value}.",
    beware="It compares two groups with each other: both may be clustered, in one place or in different ones.",
)
def relative_clustering(
    population: Evaluable[V], *, group: str | None = None, scale: float = SCALE, self_distance: SelfDistance = "area"
) -> V:
    r"""How much nearer members of a group live to each other than everybody else does.

    .. math:: RCL = \frac{P_{xx}}{P_{yy}} - 1, \qquad P_{xx} = \sum_i \frac{x_i}{X} \frac{S_{ix}}{X}

    with x_i members of the group in unit i, X in all, S_ix the members around unit i (at home the sum of
    exp(-d_ij / scale) x_j over all units j, within an environment whom people meet), and P_yy the same for
    everybody else.

    Parameters
    ----------
    population : Population or Regions
        Two or more groups; at home with points and areas. Two of several groups: ``population.select(a, b)``.
    group : str, optional
        The group; with exactly two groups, the first by default.
    scale : float
        In metres, at home: the distance at which nearness is 1 / e. Within an environment it is the
        environment that says who is near.
    self_distance : {"area", "zero"}
        At home, the distance of people of one unit: the square root of 0.6 times its area, or 0.

    Returns
    -------
    float or ndarray of shape (R,)
        0 where both live equally near to their own, above 0 where the group does more so, never below -1. NaN where
        the others have none of their own near, without people of the group, or with people of fewer
        than two groups.

    Notes
    -----
    It depends on where the people live, not only on how many live in each unit.

    References
    ----------
    Massey and Denton (1988), doi:10.1093/sf/67.2.281.

    Examples
    --------
    >>> import segregate as sg
    >>> import pandas as pd
    >>> table = pd.DataFrame({"a": [30, 10, 0], "b": [10, 50, 40], "km2": [1, 2, 4]})
    >>> table = table.assign(x=[500_000, 501_000, 503_000], y=5_500_000)
    >>> how = {"area": ("km2", "km2"), "points": ("x", "y"), "crs": "EPSG:32633"}
    >>> city = sg.Population.from_frame(table, ["a", "b"], **how)
    >>> print(f"{sg.relative_clustering(city, group='a'):.4f}")
    0.9259
    """
    return population.evaluate(_terms, focal=(group,), extra=nearness(scale, self_distance), conditions=APART)
