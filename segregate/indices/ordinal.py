"""Ordinal segregation indices."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from .._checks import check_choice
from .._segments import Evaluable, Segments, V
from ..registry import index
from ._ordered import KINDS, threshold_terms, thresholds

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

Kind = Literal["entropy", "variance", "sqrt", "absolute"]


def _terms(
    counts: Floats, totals: Floats, composition: Floats, shares: Floats, starts: Ints, used: Floats, kind: int
) -> Floats:
    return threshold_terms(totals, composition, shares, starts, used, kind, True)


def _used(segments: Segments) -> tuple[Floats]:
    """Mark the thresholds that have people on both sides and are not in the same place as another."""
    used = np.zeros((segments.n_regions, len(segments.groups) - 1))
    for r, row in enumerate(segments.shares):
        used[r, thresholds(row)[0]] = 1
    return (used,)


@index(
    symbol="Lambda",
    family="ordered",
    bounds=(0, 1),
    additive=True,
    holds={"unit_order", "scale", "copy", "unit_split", "empty_unit", "empty_group"},
    holds_within={"unit_order", "scale", "even"},
    at={"even": 0, "complete": 1},
    cite=("10.1111/j.1467-9531.2009.01225.x",),
    means="People of neighbourhoods are {percent} less spread over the ordered categories than people of the city.",
    beware="It depends on where the limits between the categories were drawn.",
)
def ordinal(population: Evaluable[V], *, kind: Kind = "entropy") -> V:
    r"""How much less people vary over ordered categories within units than in the city.

    .. math:: \Lambda = \sum_j \frac{t_j (v - v_j)}{T v}, \qquad v = \frac{1}{K} \sum_k f(c_k)

    with c_k the share of people in the k lowest categories, in the city for v and among the
    people met in unit j for v_j, K the number of thresholds between categories, and f(c) the
    entropy in bits, 4 c (1 - c), 2 sqrt(c (1 - c)) or 1 - abs(2 c - 1).

    Parameters
    ----------
    population : Population or Regions
        Two or more groups, in their order, lowest first: ``population.select("low", "high")``.
    kind : {"entropy", "variance", "sqrt", "absolute"}
        Which f.

    Returns
    -------
    float or ndarray of shape (R,)
        0 when all units have the city's composition, 1 when each unit has one category only.
        Negative values can occur in an environment. NaN for fewer than two groups with people.

    Notes
    -----
    Categories without people are left out. With two groups it is H for "entropy", R for
    "variance" and Hutchens' O for "sqrt". Within an environment the formula is ours, in the way of
    Reardon and O'Sullivan.

    References
    ----------
    Reardon (2009), doi:10.1111/j.1467-9531.2009.01225.x.

    Examples
    --------
    >>> import segregate as sg
    >>> import pandas as pd
    >>> table = pd.DataFrame({"low": [60, 20], "middle": [30, 30], "high": [10, 50]})
    >>> city = sg.Population.from_frame(table, ["low", "middle", "high"])
    >>> print(f"{sg.ordinal(city, kind='variance'):.4f}")
    0.1778
    """
    check_choice("kind", kind, ("entropy", "variance", "sqrt", "absolute"))
    return population.evaluate(_terms, KINDS[kind], extra=_used)
