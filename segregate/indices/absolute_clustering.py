"""Absolute clustering."""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

from .._segments import Conditions, Evaluable, V
from ..kernels import exact_sum, kernel
from ..registry import index
from ._nearness import SCALE, SelfDistance, nearness

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
NO_ROOM = Conditions(
    why="the people around the group are as many as its members would be around each unit if they were spread evenly"
)


@kernel(parallel=True)
def _terms(
    counts: Floats,
    totals: Floats,
    composition: Floats,
    shares: Floats,
    starts: Ints,
    group: int,
    around: Floats,
    units: Floats,
) -> Floats:
    terms = np.zeros(len(totals))
    every = np.zeros(len(totals))
    even = np.zeros(len(totals))
    for r in numba.prange(len(starts) - 1):
        first, last = starts[r], starts[r + 1]
        members = exact_sum(counts[first:last, group])
        if members == 0:
            terms[first:last] = np.nan
            continue
        n = 0
        for j in range(first, last):
            n += 0 if np.isnan(units[j]) else 1
        for j in range(first, last):
            share = counts[j, group] / members
            terms[j] = share * around[j, group]
            every[j] = share * around[j].sum()
            even[j] = 0.0 if np.isnan(units[j]) else members / n * units[j] / n
        most = exact_sum(every[first:last])
        least = exact_sum(even[first:last])
        room = most - least
        for j in range(first, last):
            terms[j] = (terms[j] - even[j]) / room if abs(room) > 1e-12 * max(most, least) else np.nan
    return terms


@index(
    symbol="ACL",
    family="clustering",
    bounds=(-math.inf, math.inf),
    focal="group",
    additive=True,
    needs={"points", "area"},
    holds={"unit_order", "group_order", "scale", "empty_unit", "empty_group"},
    holds_within={"unit_order", "group_order", "scale"},
    cite=("10.1093/sf/67.2.281",),
    means="Of the people that members of {group!r} have nearby, beyond what an even spread of the group over the "
    "neighbourhoods would give, {percent} are of the group itself.",
    beware="It depends on how far nearness reaches and on how the neighbourhoods were cut, and it can leave the range "
    "from 0 to 1 where units differ much in size.",
)
def absolute_clustering(
    population: Evaluable[V], *, group: str | None = None, scale: float = SCALE, self_distance: SelfDistance = "area"
) -> V:
    r"""How many members of a group live near each other, against all people who live near them.

    .. math::

       ACL = \frac{\sum_i \frac{x_i}{X} S_{ix} - \frac{X}{n^2} \sum_{ij} c_{ij}}
       {\sum_i \frac{x_i}{X} S_{it} - \frac{X}{n^2} \sum_{ij} c_{ij}}

    with x_i members of the group in unit i, X in all, S_ix and S_it the members and all people around
    unit i (at home the sums of c_ij x_j and c_ij t_j over all units j with c_ij = exp(-d_ij / scale), within
    an environment whom people meet). i and j run over the units with people, of which there are n.

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
        0 where the members have as many of their own around as if each unit had as many of them, 1 where nobody else is
        near. It may leave this range where units differ in size. NaN where numerator and denominator have nothing to
        compare (within 1e-12), without people of the group, or with people of fewer than two groups.

    Notes
    -----
    Units without people count for nothing, so empty land changes nothing. Within an environment the units with
    people are those of the population on which `Population.within` was called, also where only some of its groups
    are looked at afterwards.

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
    >>> print(f"{sg.absolute_clustering(city, group='a'):.4f}")
    0.2253
    """
    return population.evaluate(
        _terms, focal=(group,), extra=nearness(scale, self_distance, units=True), conditions=NO_ROOM
    )
