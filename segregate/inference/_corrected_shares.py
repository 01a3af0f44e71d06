"""Indices of two groups as functions of the distribution of a group's share over units."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import xlogy

from ..errors import ParameterError
from ._statistic import Statistic

__all__ = ["OF_SHARES", "OfShares", "entropy", "integrand", "members", "of_shares"]

Floats = npt.NDArray[np.float64]
Value = Callable[[float, float], float]


class OfShares(NamedTuple):
    """An index as a function of the mean over people of something about the share p of a group around them.

    Attributes
    ----------
    kind : {"deviation", "entropy", "square", "power"}
        Of what the mean is taken: |p - P|, the entropy of p, p^2, or p^b (1 - p)^(1 - b).
    value : callable
        Takes that mean and the city's share P, and returns the index.
    b : float
        The exponent of "power".
    """

    kind: str
    value: Value
    b: float = 0.5


def entropy(p: float) -> float:
    """Return the entropy of a share in nats."""
    return float(-xlogy(p, p) - xlogy(1 - p, 1 - p))


def _minmax(deviation: float, share: float) -> float:
    d = deviation / (2 * share * (1 - share))
    return 2 * d / (1 + d)


def _surplus(square: float, share: float) -> float:
    return (square - share * share) / (share * (1 - share))


OF_SHARES: dict[str, OfShares] = {
    "dissimilarity": OfShares("deviation", lambda e, p: e / (2 * p * (1 - p))),
    "karmel_maclachlan": OfShares("deviation", lambda e, _: e),
    "gorard": OfShares("deviation", lambda e, p: e / (2 * p)),
    "minmax": OfShares("deviation", _minmax),
    "information_theory": OfShares("entropy", lambda e, p: 1 - e / entropy(p)),
    "mutual_information": OfShares("entropy", lambda e, p: entropy(p) - e),
    "correlation_ratio": OfShares("square", _surplus),
    "relative_diversity": OfShares("square", _surplus),
    "normalized_exposure": OfShares("square", _surplus),
    "squared_coefficient_of_variation": OfShares("square", _surplus),
    "isolation": OfShares("square", lambda e, p: e / p),
    "atkinson": OfShares("power", lambda e, p: 1 - e * e / (p * (1 - p))),
    "hutchens": OfShares("power", lambda e, p: 1 - e / math.sqrt(p * (1 - p))),
}


def of_shares(statistic: Statistic, method: str, *, beside: tuple[str, ...] = ()) -> OfShares | None:
    """Return an index as a function of the distribution of shares; None for those named beside.

    Raises
    ------
    ParameterError
        Where the method is not for this index.
    """
    name, chosen = statistic.spec.name, statistic.bound.chosen
    if name in beside:
        return None
    known = OF_SHARES.get(name)
    if known is None or chosen.get("exact", False):
        raise ParameterError(
            f"method={method!r} is for {', '.join([*OF_SHARES, *beside])}: functions of the share of a group in each "
            f"unit, of which it estimates the distribution. {name}{' with exact=True' if known else ''} is none of "
            "them."
        )
    if name == "mutual_information":
        base = math.log(chosen.get("base", math.e))
        return OfShares("entropy", lambda e, p: (entropy(p) - e) / base)
    if name == "atkinson":
        b = float(chosen.get("b", 0.5))
        return OfShares("power", lambda e, p: 1 - p / (1 - p) * (e / p) ** (1 / (1 - b)), b)
    return known


def integrand(known: OfShares, share: Floats, city: float) -> Floats:
    """Return that of which the mean is taken, for shares of units (n,)."""
    if known.kind == "deviation":
        return np.abs(share - city)
    if known.kind == "entropy":
        return np.asarray(-xlogy(share, share) - xlogy(1 - share, 1 - share))
    if known.kind == "square":
        return share * share
    return np.asarray(share**known.b * (1 - share) ** (1 - known.b))


def members(statistic: Statistic, method: str) -> tuple[Floats, Floats]:
    """Return the people of a group and of everybody in units with people, (n,) each.

    The group is the one that the index is about, or the first of two.

    Raises
    ------
    ParameterError
        For more than two groups where the index is about all of them, and within an environment.
    """
    at_home(statistic, method)
    view = statistic.view
    lived_in = view.totals > 0
    if statistic.spec.focal == "group":
        column = view.groups.index(statistic.focal["group"])
    elif statistic.spec.focal is None and view.n_groups == 2:
        column = 0
    else:
        about = "a pair of groups" if statistic.spec.focal else f"{view.n_groups} groups"
        raise ParameterError(
            f"method={method!r} is about two groups, and this {statistic.spec.name} is about {about}: name one against "
            "everybody else, group='a', or two, group='a', other='b'."
        )
    return view.counts[lived_in, column], view.totals[lived_in]


def at_home(statistic: Statistic, method: str) -> None:
    """Refuse an environment."""
    if not statistic.pop.at_home:
        raise ParameterError(
            f"method={method!r} is about the people who live in a unit, and these meet others within an environment "
            f"({statistic.pop.environment}): take pop.home(), or method='carrington_troske' or 'allen_bootstrap'."
        )
