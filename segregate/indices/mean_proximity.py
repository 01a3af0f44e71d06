"""Mean proximity of two groups."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from .._segments import Conditions, Evaluable, V
from ..kernels import exact_sum, kernel
from ..registry import index
from ._nearness import SCALE, SelfDistance, nearness

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
NO_OTHERS = Conditions(why="nobody of the other group lives here")


@kernel(parallel=True)
def _terms(
    counts: Floats,
    totals: Floats,
    composition: Floats,
    shares: Floats,
    starts: Ints,
    group: int,
    other: int,
    around: Floats,
) -> Floats:
    terms = np.empty(len(totals))
    for r in numba.prange(len(starts) - 1):
        first, last = starts[r], starts[r + 1]
        one = exact_sum(counts[first:last, group])
        two = exact_sum(counts[first:last, other])
        if one == 0 or two == 0:
            terms[first:last] = np.nan
            continue
        for j in range(first, last):
            terms[j] = counts[j, group] / one * around[j, other] / two
    return terms


@index(
    symbol="Pxy",
    family="clustering",
    bounds=(0, 1),
    focal="pair",
    reflexive=True,
    additive=True,
    needs={"points", "area"},
    holds={"unit_order", "group_order", "scale", "empty_unit", "empty_group"},
    holds_within={"unit_order", "group_order", "scale"},
    cite=("10.1086/227768",),
    means="A member of {group!r} and one of {other}, taken at random, have a nearness of {value}, where 1 is one place "
    "and 0 is far away.",
    beware="The number has a meaning only beside others of the same city and scale: it falls as the city grows.",
)
def mean_proximity(
    population: Evaluable[V],
    *,
    group: str | None = None,
    other: str | None = None,
    scale: float = SCALE,
    self_distance: SelfDistance = "area",
) -> V:
    r"""Mean nearness of a member of one group and a member of another.

    .. math:: P_{xy} = \sum_i \frac{x_i}{X} \frac{S_{iy}}{Y}

    with x_i members of the group in unit i, X in all, Y of the other group in all, and S_iy its members
    around unit i (at home the sum of exp(-d_ij / scale) y_j over all units j, within an environment whom
    people meet).

    Parameters
    ----------
    population : Population or Regions
        Two or more groups; at home with points and areas.
    group, other : str, optional
        The two; with exactly two groups, the first and the second by default. ``other=group`` gives
        P_xx, the nearness of members of one group.
    scale : float
        In metres, at home: the distance at which nearness is 1 / e. Within an environment it is the
        environment that says who is near.
    self_distance : {"area", "zero"}
        At home, the distance of people of one unit: the square root of 0.6 times its area, or 0.

    Returns
    -------
    float or ndarray of shape (R,)
        At home between 0 and 1, and the same from both sides. NaN without people of one of the two, or with
        people of fewer than two groups.

    Notes
    -----
    A person is taken to be in one unit with itself. The distance-decay indices of Morgan (1983) are other numbers:
    `isolation` and `exposure` within `segregate.Decay`.

    References
    ----------
    White (1983), doi:10.1086/227768.

    Examples
    --------
    >>> import segregate as sg
    >>> import pandas as pd
    >>> table = pd.DataFrame({"a": [30, 10, 0], "b": [10, 50, 40], "km2": [1, 2, 4]})
    >>> table = table.assign(x=[500_000, 501_000, 503_000], y=5_500_000)
    >>> how = {"area": ("km2", "km2"), "points": ("x", "y"), "crs": "EPSG:32633"}
    >>> city = sg.Population.from_frame(table, ["a", "b"], **how)
    >>> print(f"{sg.mean_proximity(city, group='a', other='b'):.4f}")
    0.2520
    """
    return population.evaluate(
        _terms, focal=(group, other), extra=nearness(scale, self_distance, whole=True), conditions=NO_OTHERS
    )
