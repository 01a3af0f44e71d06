"""Local centralization."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from .._segments import PerUnit, Segments, V
from ..errors import ParameterError
from ..kernels import kernel
from ..registry import index
from ._space import others

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@kernel(parallel=True)
def _values(
    counts: Floats,
    totals: Floats,
    composition: Floats,
    shares: Floats,
    starts: Ints,
    group: int,
    begins: Ints,
    near: Ints,
    distances: Floats,
) -> Floats:
    """Units `near` each unit, itself first, sorted by squared distance."""
    values = np.full(len(totals), np.nan)
    for j in numba.prange(len(totals)):
        first, last = begins[j], begins[j + 1]
        x_before, y_before, x_now, y_now = 0.0, 0.0, 0.0, 0.0
        gap = 0.0
        for e in range(first, last):
            if e > first and distances[e] > distances[e - 1] * (1 + 1e-9):
                gap += x_before * y_now - x_now * y_before
                x_before, y_before = x_now, y_now
            x_now += counts[near[e], group]
            y_now += others(counts[near[e]], group)
        gap += x_before * y_now - x_now * y_before
        if x_now > 0 and y_now > 0:
            values[j] = gap / (x_now * y_now)
    return values


@index(
    symbol="LRC",
    family="local",
    level="local",
    bounds=(-1, 1),
    focal="group",
    environment=False,
    needs={"points"},
    holds={"unit_order", "group_order", "scale", "empty_unit", "empty_group"},
    at={"even": 0},
    center=0,
    cite=("10.2307/2088328", "10.1111/pirs.12146"),
    means="Among the neighbourhoods around here, {group!r} live closer to this one than others do where the value is "
    "above 0; it is {value}.",
    beware="It looks at a handful of neighbours, and a single large unit among them decides.",
)
def local_centralization(population: PerUnit[V], *, group: str | None = None, k: int = 5) -> V:
    r"""Centralization of a group around each unit, among the unit and its nearest neighbours.

    `relative_centralization` of the unit and the k units with people that are nearest to it, with
    its own point as the centre.

    Parameters
    ----------
    population : Population or Regions
        Two or more groups, with points.
    group : str, optional
        The group; with exactly two groups, the first by default.
    k : int
        Number of neighbours. All units as far away as the k-th come in too, so that the order of
        rows decides nothing; where there are fewer, all of them.

    Returns
    -------
    Series of shape (n_units,)
        From -1 to 1, above 0 where the group lives closer to the unit than everybody else.
        NaN where the units hold nobody of the group, or nobody else.

    Notes
    -----
    PySAL segregation 2.6.0 gives other values: it does not take the unit's own point as the centre.

    References
    ----------
    Duncan and Duncan (1955), doi:10.2307/2088328; Folch and Rey (2016),
    doi:10.1111/pirs.12146.

    Examples
    --------
    >>> import segregate as sg
    >>> import pandas as pd
    >>> table = pd.DataFrame({"a": [30, 10, 0], "b": [10, 50, 40]})
    >>> table = table.assign(x=[4.32e6, 4.321e6, 4.323e6], y=3.21e6)
    >>> city = sg.Population.from_frame(table, ["a", "b"], points=("x", "y"), crs="EPSG:3035")
    >>> sg.local_centralization(city, group="a", k=1).round(4).tolist()
    [0.5833, -0.5833, -0.4444]
    """
    if isinstance(k, bool) or not isinstance(k, (int, float, np.number)) or not 1 <= k < np.inf or k != int(k):
        raise ParameterError(f"k={k!r} is the number of nearest neighbours, a whole number, 1 or more.")

    def extra(segments: Segments) -> tuple[Ints, Ints, Floats]:
        return _nearest(segments, int(k))

    why = "nobody of the group, or nobody else, lives there or in the nearest units"
    return population.each(_values, focal=(group,), extra=extra, why=why)


def _nearest(segments: Segments, k: int) -> tuple[Ints, Ints, Floats]:
    """Return the units with people nearest to each, itself first, all those as far as the k-th included."""
    from scipy.spatial import KDTree

    points, n_units = segments.places.points, len(segments.totals)
    pieces: list[tuple[Ints, Ints, Floats]] = []
    for first, last in zip(segments.starts[:-1], segments.starts[1:], strict=True):
        here = first + np.flatnonzero(segments.totals[first:last] > 0)
        if not len(here):
            continue
        tree = KDTree(points[here])
        farthest = tree.query(points[here], k=[min(k + 1, len(here))])[0][:, 0]
        reach = tree.query_ball_point(points[here], farthest * (1 + 1e-9), return_sorted=True)
        of = np.repeat(here, [len(found) for found in reach])
        to = here[np.concatenate([np.asarray(found, dtype=np.int64) for found in reach])]
        pieces.append((of, to, ((points[of] - points[to]) ** 2).sum(axis=1)))
    if not pieces:
        return np.zeros(n_units + 1, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0)
    of, to, squared = (np.concatenate(part) for part in zip(*pieces, strict=True))
    order = np.lexsort((to, to != of, squared, of))
    begins = np.concatenate([[0], np.cumsum(np.bincount(of, minlength=n_units))])
    return begins.astype(np.int64), to[order], squared[order]
