"""Poulsen, Johnston and Forrest's typology of neighbourhoods."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt
import pandas as pd

from .._segments import PerUnit
from ..errors import ParameterError, UnknownNameError, nearest
from ..kernels import exact_sum, kernel
from ..registry import index

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

TYPES = (
    "isolated host community",
    "non-isolated host community",
    "associated assimilation-pluralism enclave",
    "mixed-minority enclave",
    "polarised enclave",
    "ghetto",
)


@kernel(parallel=True)
def _codes(
    counts: Floats,
    totals: Floats,
    composition: Floats,
    shares: Floats,
    starts: Ints,
    host: int,
    isolated: float,
    majority: float,
    minority: float,
    single: float,
    concentrated: float,
) -> Floats:
    values = np.full(len(totals), np.nan)
    for r in numba.prange(len(starts) - 1):
        n_groups = shares.shape[1]
        first, last = starts[r], starts[r + 1]
        inside = np.zeros((n_groups, last - first))  # people of a group in units that it dominates
        ruling = np.full(last - first, -1)
        for j in range(first, last):
            if totals[j] <= 0:
                continue
            share = composition[j, host]
            if share >= minority:
                values[j] = 0.0 if share >= isolated else 1.0 if share >= majority else 2.0
                continue
            values[j] = 3.0
            for m in range(n_groups):
                if m != host and composition[j, m] >= single:
                    values[j] = 4.0
                    ruling[j - first] = m
                    inside[m, j - first] = counts[j, m]
        for m in range(n_groups):
            members = exact_sum(counts[first:last, m])
            if members > 0 and exact_sum(inside[m]) >= concentrated * members:
                for j in range(first, last):
                    if ruling[j - first] == m:
                        values[j] = 5.0
    return values


@index(
    symbol="PJF",
    family="local",
    level="local",
    bounds=(0, 5),
    groups=(2, None),
    holds={"unit_order", "group_order", "scale", "empty_unit", "empty_group"},
    holds_within={"unit_order", "group_order", "scale"},
    cite=("10.1080/00420980220119480",),
    means="The mix of people here is of the type that the map names.",
    beware="The limits between the types were set by convention; a unit just beside one is no different from its "
    "neighbour.",
)
def typology(
    population: PerUnit[pd.Series[float]],
    *,
    host: str,
    isolated: float = 0.8,
    majority: float = 0.5,
    minority: float = 0.3,
    single: float = 0.6,
    concentrated: float = 0.3,
) -> pd.Series[Any]:
    r"""Type of each unit by the shares of a host society and of the largest other group.

    With h the share of the host among the people met in a unit, and g that of the largest other
    group:

    - isolated host community: h of 0.8 or more;
    - non-isolated host community: h from 0.5 to 0.8;
    - associated assimilation-pluralism enclave: h from 0.3 to 0.5;
    - and with h below 0.3: mixed-minority enclave where g is below 0.6; polarised enclave where it
      is 0.6 or more; ghetto if besides at least 0.3 of the city's people of that group live in such units.

    Parameters
    ----------
    population : Population or Regions
        Two or more groups.
    host : str
        The group that is the host society.
    isolated, majority, minority : float
        Least shares of the host, falling.
    single : float
        Least share of one other group in a polarised enclave; above 0.5, so that it is one group.
    concentrated : float
        Least part of the city's people of that group who live in such units, for a ghetto.

    Returns
    -------
    Series of shape (n_units,)
        Categories in the order above. NaN (no type) for units without people.

    Notes
    -----
    Names and limits are those that the authors' scheme is usually applied with. Two points differ
    between accounts of it and are not certain: whether the share of 0.6 is of all people (as here)
    or of those who are not of the host society, and whether a unit of the third type, or an enclave
    of one group, must fulfil more (one other group of 0.2 at least; twice as many as all further
    groups together), which is not asked here. Say which limits you used.

    References
    ----------
    Johnston, Forrest and Poulsen (2002), doi:10.1080/00420980220119480.

    Examples
    --------
    >>> import segregate as sg
    >>> city = sg.sample("sacramento")
    >>> sg.typology(city, host="white").value_counts(sort=False).tolist()
    [166, 151, 57, 29, 0, 0]
    """
    groups: tuple[str, ...] = population.groups
    if host not in groups:
        raise UnknownNameError(f"host={host!r} is not a group. {nearest(host, groups)}")
    if not 1 >= isolated >= majority >= minority >= 0:
        raise ParameterError(
            f"The limits of the host's share fall: isolated >= majority >= minority, between 0 and 1, not "
            f"{isolated}, {majority}, {minority}."
        )
    if not (0.5 < single <= 1 and 0 <= concentrated <= 1):
        raise ParameterError(
            f"single= lies above 0.5, up to 1, and concentrated= between 0 and 1, not {single} and {concentrated}."
        )
    limits = (isolated, majority, minority, single, concentrated)
    codes = population.each(_codes, *limits, focal=(host,))
    whole = codes.fillna(-1).to_numpy().astype(np.int64)
    kinds = pd.Categorical.from_codes(whole, categories=pd.Index(TYPES), ordered=True)
    return pd.Series(kinds, index=codes.index)
