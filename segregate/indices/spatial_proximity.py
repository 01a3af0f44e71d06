"""Spatial proximity."""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

from .._segments import Evaluable, V
from ..kernels import exact_sum, kernel
from ..registry import index
from ._nearness import NOBODY_NEAR, SCALE, SelfDistance, nearness

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@kernel(parallel=True)
def _terms(counts: Floats, totals: Floats, composition: Floats, shares: Floats, starts: Ints, around: Floats) -> Floats:
    terms = np.zeros(len(totals))
    met = np.zeros(len(totals))
    for r in numba.prange(len(starts) - 1):
        first, last = starts[r], starts[r + 1]
        sizes = np.empty(counts.shape[1])
        for m in range(counts.shape[1]):
            sizes[m] = exact_sum(counts[first:last, m])
        people = exact_sum(totals[first:last])
        if people == 0:
            terms[first:last] = np.nan
            continue
        for j in range(first, last):
            own = 0.0
            every = 0.0
            for m in range(counts.shape[1]):
                every += around[j, m]
                if sizes[m] > 0:
                    own += counts[j, m] * around[j, m] / sizes[m]
            terms[j] = own
            met[j] = totals[j] * every / people
        mean = exact_sum(met[first:last])
        for j in range(first, last):
            terms[j] = terms[j] / mean if mean > 0 else np.nan
    return terms


@index(
    symbol="SP",
    family="clustering",
    bounds=(0, math.inf),
    additive=True,
    needs={"points", "area"},
    holds={"unit_order", "group_order", "scale", "empty_unit", "empty_group"},
    holds_within={"unit_order", "group_order", "scale", "even"},
    at={"even": 1},
    cite=("10.1086/227768", "10.1093/sf/67.2.281"),
    means="People live {value} times as near to their own group as to people of any group; 1 is no difference.",
    beware="It depends on how far nearness reaches (the scale), and one large group hides what the small ones do.",
)
def spatial_proximity(population: Evaluable[V], *, scale: float = SCALE, self_distance: SelfDistance = "area") -> V:
    r"""How much nearer people live to their own group than to people of any group.

    .. math:: SP = \frac{\sum_m T_m P_{mm}}{T \, P_{tt}}, \qquad P_{mm} = \sum_i \frac{t_{im}}{T_m} \frac{S_{im}}{T_m}

    with t_im members of group m in unit i, T_m in all, S_im the members around unit i (at home the sum of
    exp(-d_ij / scale) t_jm over all units j, within an environment whom people meet), and P_tt the same for
    people of all groups. With two groups it is White's index.

    Parameters
    ----------
    population : Population or Regions
        Two or more groups; at home with points and areas.
    scale : float
        In metres, at home: the distance at which nearness is 1 / e. Within an environment it is the
        environment that says who is near.
    self_distance : {"area", "zero"}
        At home, the distance of people of one unit: the square root of 0.6 times its area, or 0.

    Returns
    -------
    float or ndarray of shape (R,)
        1 where all units have one composition, above 1 where groups keep to themselves, below 1 where they live
        nearer to others. NaN where nobody has anybody near, or with people of fewer than two groups.

    Notes
    -----
    Within ``Decay(1000)`` it is what it is at home. The mean distance of two places in a unit is about the
    square root of 0.6 times its area (White 1983). The groups count by their sizes.

    References
    ----------
    White (1983), doi:10.1086/227768; Massey and Denton (1988), doi:10.1093/sf/67.2.281.

    Examples
    --------
    >>> import segregate as sg
    >>> import pandas as pd
    >>> table = pd.DataFrame({"a": [30, 10, 0], "b": [10, 50, 40], "km2": [1, 2, 4]})
    >>> table = table.assign(x=[500_000, 501_000, 503_000], y=5_500_000)
    >>> how = {"area": ("km2", "km2"), "points": ("x", "y"), "crs": "EPSG:32633"}
    >>> city = sg.Population.from_frame(table, ["a", "b"], **how)
    >>> print(f"{sg.spatial_proximity(city):.4f}")
    1.1081
    >>> print(f"{sg.spatial_proximity(city.within(sg.Decay(1000))):.4f}")
    1.1081
    """
    return population.evaluate(_terms, extra=nearness(scale, self_distance), conditions=NOBODY_NEAR)
