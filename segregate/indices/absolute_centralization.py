"""Absolute centralization."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .._centre import CentreLike
from .._segments import Conditions, Evaluable, V
from ..registry import index
from ._space import NO_CENTRE, cumulative_gap, distances_to

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def _values(
    counts: Floats,
    totals: Floats,
    composition: Floats,
    shares: Floats,
    starts: Ints,
    group: int,
    area: Floats,
    distances: Floats,
) -> Floats:
    return cumulative_gap(counts[:, group], area, distances, starts)


@index(
    symbol="ACE",
    family="centralization",
    bounds=(-1, 1),
    focal="group",
    environment=False,
    needs={"area", "points"},
    holds={"unit_order", "group_order", "scale", "copy", "unit_split", "empty_group"},
    cite=("10.2307/2088328", "10.1093/sf/67.2.281"),
    means="{group!r} live closer to the centre than land lies around it where the value is above 0, and farther where "
    "it is below; it is {value}.",
    beware="It hangs on the place that was chosen as the centre, and on how much open land lies at the edge.",
)
def absolute_centralization(population: Evaluable[V], *, centre: CentreLike, group: str | None = None) -> V:
    r"""How much closer to the centre a group lives than an even spread over the land would have it.

    .. math:: ACE = \sum_i X_{i-1} A_i - \sum_i X_i A_{i-1}

    with units ordered by the distance of their points to the nearest centre, and X_i, A_i the
    cumulative shares of the group and of the land, units without people included.

    Parameters
    ----------
    population : Population or Regions
        Two or more groups, with points and areas.
    centre : (x, y), Point, unit id, list of these, GeoSeries, or "population"
        The centre: a place in the CRS of the data, a unit, several of them (the nearest counts),
        points with a CRS of their own, or the mean place of the people. Of ids that are
        centres of regions, each counts in its own region.
    group : str, optional
        The group; with exactly two groups, the first by default.

    Returns
    -------
    float or ndarray of shape (R,)
        Above 0 when the group lives closer to the centre than land lies, below 0 when farther;
        between -1 and 1. NaN where no centre lies in the region, without people of the group, or
        with people of fewer than two groups.

    Notes
    -----
    Units at the same distance (squares of distances within 1e-9) enter together, so that the
    order of rows decides nothing.

    References
    ----------
    Duncan and Duncan (1955), doi:10.2307/2088328; Massey and Denton (1988),
    doi:10.1093/sf/67.2.281.

    Examples
    --------
    >>> import segregate as sg
    >>> import pandas as pd
    >>> table = pd.DataFrame({"a": [30, 10, 0], "b": [10, 50, 40], "m2": [1, 2, 5]})
    >>> table = table.assign(x=[4.32e6, 4.321e6, 4.322e6], y=3.21e6)
    >>> city = sg.Population.from_frame(table, ["a", "b"], points=("x", "y"), crs="EPSG:3035", area="m2")
    >>> print(f"{sg.absolute_centralization(city, group='a', centre=0):.4f}")
    0.7812
    """
    extra = distances_to(centre, area=True)
    return population.evaluate(_values, focal=(group,), extra=extra, conditions=Conditions(why=NO_CENTRE))
