"""Share of a group in each unit."""

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
def _values(counts: Floats, totals: Floats, composition: Floats, shares: Floats, starts: Ints, group: int) -> Floats:
    values = np.empty(len(totals))
    for j in numba.prange(len(totals)):
        values[j] = composition[j, group]
    return values


@index(
    symbol="p",
    family="local",
    level="local",
    bounds=(0, 1),
    focal="group",
    holds={"unit_order", "group_order", "scale", "empty_unit", "empty_group"},
    holds_within={"unit_order", "group_order", "scale"},
    cite=("10.1093/sf/67.2.281",),
    means="{percent} of the people here are of {group!r}.",
    beware="A share says nothing of how many people it is a share of.",
)
def share(population: PerUnit[V], *, group: str | None = None) -> V:
    """Share of a group among the people met in each unit, p_jm.

    Parameters
    ----------
    population : Population or Regions
        Two or more groups.
    group : str, optional
        The group; with exactly two groups, the first by default.

    Returns
    -------
    Series of shape (n_units,)
        Between 0 and 1. NaN for units without people.

    References
    ----------
    Massey and Denton (1988), doi:10.1093/sf/67.2.281.

    Examples
    --------
    >>> import segregate as sg
    >>> city = sg.sample("sacramento")
    >>> print(f"{sg.share(city, group='hisp').max():.3f}")
    0.612
    """
    return population.each(_values, focal=(group,))
