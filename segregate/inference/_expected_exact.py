"""Means of indices under random allocation, where a formula gives them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .._arrays import frozen
from ..errors import plural
from ..kernels.deviation import mean_deviations, mean_divergences
from ._statistic import Statistic

__all__ = ["CLOSED", "closed_form", "lacks_formula"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class _City:
    """Whole numbers of people at home, who are allocated at random.

    Attributes
    ----------
    totals, times : ndarray of shape (K,)
        Different totals of units with people, and how many units have each.
    sizes : ndarray of shape (M,)
        People of the groups that have any.
    group, other : int
        Columns of the focal groups, 0 where the index has none.
    fixed : bool
        Both margins are as observed; else the totals of units and the shares of the city.
    params : dict
        Parameters of the index.
    """

    totals: Floats
    times: Floats
    sizes: Floats
    group: int
    other: int
    fixed: bool
    params: dict[str, Any]

    @property
    def units(self) -> float:
        """Number of units with people."""
        return float(self.times.sum())

    @property
    def people(self) -> float:
        """Number of people."""
        return float(self.sizes.sum())

    @property
    def shares(self) -> Floats:
        """Shares of the groups."""
        return self.sizes / self.people

    @property
    def interaction(self) -> float:
        """The chance that two people are of different groups, drawn with replacement."""
        return math.fsum(self.shares * (1 - self.shares))

    def over_units(self, of_total: Floats) -> Floats:
        """Add up what units of each total have, (K, M) into (M,)."""
        return np.array([math.fsum(self.times * column) for column in of_total.T])

    def deviations(self) -> Floats:
        """Return the mean of sum_j |x_j - t_j P| of each group."""
        return self.over_units(mean_deviations(self.totals, frozen(self.sizes), self.fixed))

    def divergences(self) -> Floats:
        """Return the mean of sum_j x_j ln(x_j / (t_j P)) of each group."""
        return self.over_units(mean_divergences(self.totals, frozen(self.sizes), self.fixed))

    @property
    def surplus(self) -> float:
        """The mean of V, and of P, R and C: the variance of x is t P (1 - P) times (T - t) / (T - 1), or times 1."""
        return (self.units - 1) / (self.people - 1) if self.fixed else self.units / self.people


def _dissimilarity(city: _City) -> float:
    return math.fsum(city.deviations()) / (2 * city.people * city.interaction)


def _karmel_maclachlan(city: _City) -> float:
    return float(city.deviations()[0]) / city.people


def _gorard(city: _City) -> float:
    return float(city.deviations()[city.group]) / (2 * float(city.sizes[city.group]))


def _mutual_information(city: _City) -> float:
    return math.fsum(city.divergences()) / city.people / math.log(city.params.get("base", math.e))


def _information_theory(city: _City) -> float:
    entropy = -math.fsum(city.shares * np.log(city.shares))
    return math.fsum(city.divergences()) / city.people / entropy


def _group_divergence(city: _City) -> float:
    mean = float(city.divergences()[city.group]) / float(city.sizes[city.group])
    return mean / math.log(city.params.get("base", math.e))


def _isolation(city: _City) -> float:
    share = float(city.shares[city.group])
    if city.params.get("exact", False):
        return (float(city.sizes[city.group]) - 1) / (city.people - 1) if city.fixed else share
    return share + (1 - share) * city.surplus


def _exposure(city: _City) -> float:
    if city.group == city.other:
        return _isolation(city)
    if city.params.get("exact", False):
        return float(city.sizes[city.other]) / (city.people - 1 if city.fixed else city.people)
    return float(city.shares[city.other]) * (1 - city.surplus)


CLOSED: dict[str, Callable[[_City], float]] = {
    "dissimilarity": _dissimilarity,
    "karmel_maclachlan": _karmel_maclachlan,
    "gorard": _gorard,
    "information_theory": _information_theory,
    "mutual_information": _mutual_information,
    "group_divergence": _group_divergence,
    "squared_coefficient_of_variation": lambda city: city.surplus,
    "relative_diversity": lambda city: city.surplus,
    "normalized_exposure": lambda city: city.surplus,
    "correlation_ratio": lambda city: city.surplus,
    "isolation": _isolation,
    "exposure": _exposure,
}
"""Indices whose mean under random allocation has a formula: they are sums over units and groups."""


def lacks_formula(statistic: Statistic) -> str:
    """Say why the mean of an index under random allocation has no formula here, or nothing."""
    if not statistic.pop.at_home:
        return (
            f"within an environment ({statistic.pop.environment}) people of many units are met together, and only "
            "draws tell the mean"
        )
    if statistic.spec.name not in CLOSED:
        return (
            f"the mean of {statistic.spec.name} under random allocation has no formula here (there is one for "
            f"{', '.join(CLOSED)})"
        )
    alone = int((statistic.view.totals == 1).sum())
    if statistic.bound.chosen.get("exact", False) and alone:
        return (
            f"people who are alone in their unit ({plural(alone, 'unit')}) are left out of {statistic.spec.name} with "
            "exact=True, and who they are is random"
        )
    return ""


def closed_form(statistic: Statistic, *, fixed: bool) -> float:
    """Return the mean of an index under random allocation.

    Parameters
    ----------
    statistic : Statistic
        One that lacks no formula, on whole numbers of people of two groups or more.
    fixed : bool
        Both margins are as observed; else Winship's way, see `segregate.expected`.
    """
    view = statistic.view
    sizes = view.counts.sum(axis=0)
    present = np.flatnonzero(sizes > 0)
    places = {name: at for at, name in enumerate(np.array(view.groups)[present])}
    totals, times = np.unique(view.totals[view.totals > 0], return_counts=True)
    if statistic.focal.get("other") not in (None, *places):
        return 0.0
    city = _City(
        frozen(totals),
        times.astype(np.float64),
        sizes[present],
        places.get(statistic.focal.get("group"), 0),
        places.get(statistic.focal.get("other"), 0),
        fixed,
        dict(statistic.bound.chosen),
    )
    return float(CLOSED[statistic.spec.name](city))
