"""Location quotient."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numba
import numpy as np
import numpy.typing as npt

from .._segments import PerUnit, V
from ..kernels import kernel
from ..registry import index

if TYPE_CHECKING:
    from ..population import Population

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@kernel(parallel=True)
def _values(counts: Floats, totals: Floats, composition: Floats, shares: Floats, starts: Ints, group: int) -> Floats:
    values = np.empty(len(totals))
    for r in numba.prange(len(starts) - 1):
        for j in range(starts[r], starts[r + 1]):
            values[j] = composition[j, group] / shares[r, group] if shares[r, group] > 0 else np.nan
    return values


@index(
    symbol="LQ",
    family="local",
    level="local",
    bounds=(0, math.inf),
    focal="group",
    holds={"unit_order", "group_order", "scale", "empty_unit", "empty_group"},
    holds_within={"unit_order", "group_order", "scale"},
    at={"even": 1},
    center=1.0,
    cite=("10.1080/01944367708977758", "10.1002/psp.403"),
    means="The share of {group!r} here is {value} times that of the city.",
    beware="Where the group is small in the whole city a handful of people makes a high quotient.",
)
def location_quotient(
    population: PerUnit[V],
    *,
    group: str | None = None,
    reference: Population | Mapping[str, float] | None = None,
) -> V:
    r"""How many times the city's share of a group each unit has.

    .. math:: LQ_j = p_{jm} / \pi_m

    with p_jm the share of group m among the people met in unit j and pi_m its share of the
    city.

    Parameters
    ----------
    population : Population or Regions
        Two or more groups.
    group : str, optional
        The group; with exactly two groups, the first by default.
    reference : Population or mapping, optional
        Wider area whose shares are set in place of the city's.

    Returns
    -------
    Series of shape (n_units,)
        1 where the unit has the city's share, 0 where the group is not met. NaN for units
        without people, and everywhere when the group has nobody in the city.

    References
    ----------
    Isserman (1977), doi:10.1080/01944367708977758; Brown and Chung (2006), doi:10.1002/psp.403.

    Examples
    --------
    >>> import segregate as sg
    >>> city = sg.sample("sacramento")
    >>> print(f"{sg.location_quotient(city, group='asian').max():.2f}")
    4.76
    """
    return population.each(_values, focal=(group,), reference=reference)
