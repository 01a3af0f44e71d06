"""Exposure of one group to another, unit by unit."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from .._segments import PerUnit, V
from ..kernels import kernel
from ..registry import index

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@kernel(parallel=True)
def _values(
    counts: Floats, totals: Floats, composition: Floats, shares: Floats, starts: Ints, group: int, other: int
) -> Floats:
    values = np.empty(len(totals))
    for j in numba.prange(len(totals)):
        values[j] = composition[j, other] if counts[j, group] > 0 else np.nan
    return values


@index(
    symbol="lxPy",
    family="local",
    level="local",
    bounds=(0, 1),
    focal="pair",
    holds={"unit_order", "group_order", "scale", "empty_unit", "empty_group"},
    holds_within={"unit_order", "group_order", "scale"},
    at={"complete": 0},
    cite=("10.2307/2574118", "10.1093/sf/67.2.281"),
    means="{percent} of the people around members of {group!r} here are of {other}.",
    beware="It says nothing of how many members of the group live here.",
)
def local_exposure(population: PerUnit[V], *, group: str | None = None, other: str | None = None) -> V:
    r"""Share of another group among the people met in each unit where members of a group live.

    .. math:: {}_xP_{y,j} = p_{jn} \quad \text{where } t_{jm} > 0

    with t_jm members of group m in unit j and p_jn the share of group n among the people met
    there. The mean over the members of the group is `exposure`.

    Parameters
    ----------
    population : Population or Regions
        Two or more groups.
    group, other : str, optional
        Who meets whom; with exactly two groups, the first and the second by default.

    Returns
    -------
    Series of shape (n_units,)
        Between 0 and 1. NaN for units where nobody of the group lives.

    References
    ----------
    Bell (1954), doi:10.2307/2574118; Massey and Denton (1988), doi:10.1093/sf/67.2.281.

    Examples
    --------
    >>> import segregate as sg
    >>> city = sg.sample("sacramento")
    >>> print(f"{sg.local_exposure(city, group='hisp', other='white').max():.3f}")
    0.981
    """
    return population.each(_values, focal=(group, other), why="")
