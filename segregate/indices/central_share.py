"""Share of a group that lives in the centre."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from .._centre import CentreLike
from .._segments import Conditions, Evaluable, V
from ..errors import ParameterError
from ..kernels import exact_sum, kernel
from ..registry import index
from ._space import NO_CENTRE, distances_to

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@kernel(parallel=True)
def _terms(
    counts: Floats,
    totals: Floats,
    composition: Floats,
    shares: Floats,
    starts: Ints,
    group: int,
    distances: Floats,
    radius: float,
) -> Floats:
    terms = np.zeros(len(totals))
    for r in numba.prange(len(starts) - 1):
        members = exact_sum(counts[starts[r] : starts[r + 1], group])
        for j in range(starts[r], starts[r + 1]):
            if not distances[j] > radius * radius * (1 + 1e-12):
                terms[j] = counts[j, group] / members + 0 * distances[j]
    return terms


@index(
    symbol="PCC",
    family="centralization",
    bounds=(0, 1),
    focal="group",
    environment=False,
    additive=True,
    needs={"points"},
    holds={"unit_order", "group_order", "scale", "copy", "unit_split", "empty_unit", "empty_group"},
    cite=("10.1093/sf/67.2.281",),
    means="{percent} of {group!r} live within the chosen distance of the centre.",
    beware="It does not compare with anybody else: the same share of all people may live there.",
)
def central_share(population: Evaluable[V], *, centre: CentreLike, radius: float, group: str | None = None) -> V:
    r"""Share of a group that lives within a distance of the centre.

    .. math:: PCC = \sum_{j : d_j \le r} \frac{x_j}{X}

    with x_j members of the group in unit j, X in all, and d_j the distance of the unit's point
    to the nearest centre.

    Parameters
    ----------
    population : Population or Regions
        Two or more groups, with points.
    centre : (x, y), Point, unit id, list of these, GeoSeries, or "population"
        The centre, as in `absolute_centralization`.
    radius : float
        Distance r in metres, above 0.
    group : str, optional
        The group; with exactly two groups, the first by default.

    Returns
    -------
    float or ndarray of shape (R,)
        Between 0 and 1. NaN where no centre lies in the region, without people of the group, or
        with people of fewer than two groups.

    References
    ----------
    Massey and Denton (1988), doi:10.1093/sf/67.2.281.

    Examples
    --------
    >>> import segregate as sg
    >>> import pandas as pd
    >>> table = pd.DataFrame({"a": [30, 10, 0], "b": [10, 50, 40]})
    >>> table = table.assign(x=[4.32e6, 4.321e6, 4.322e6], y=3.21e6)
    >>> city = sg.Population.from_frame(table, ["a", "b"], points=("x", "y"), crs="EPSG:3035")
    >>> sg.central_share(city, group="a", centre=0, radius=500)
    0.75
    """
    if isinstance(radius, bool) or not isinstance(radius, (int, float, np.number)) or not 0 < radius < np.inf:
        raise ParameterError(f"radius={radius!r} is a distance in metres, above 0.")
    extra, no_centre = distances_to(centre), Conditions(why=NO_CENTRE)
    return population.evaluate(_terms, float(radius), focal=(group,), extra=extra, conditions=no_centre)
