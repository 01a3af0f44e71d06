"""Indices that are a sum of convex terms over a concave scale, which makes their extremes over tables tractable."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Ratio", "gini_slopes", "ratio_of"]

Floats = npt.NDArray[np.float64]
Slopes = tuple[Floats, Floats, Floats, Floats]
TINY = 1e-12
"""Share in place of 0 where a slope is wanted."""


@dataclass(frozen=True)
class Ratio:
    r"""An index of the form :math:`\sum_j \sum_m t_j\, \psi(p_{jm}, \pi_m) \,/\, (T\, \delta(\pi))`.

    With t_j people in unit j, p_jm the share of group m there and pi_m its share of the city. The terms are convex
    in the people of the cells while either all t_j or all pi_m stay as they are, delta is concave and positive.
    A convex over a concave function has one valley, and its largest value in a corner.

    Attributes
    ----------
    columns : tuple of int
        Groups that the sum goes over.
    psi : callable
        ``psi(p, pi)``.
    slopes : callable
        ``slopes(p, pi, r)`` with r = t / T: derivatives of a term with respect to x, t, X and T.
    delta : callable
        ``delta(shares)`` and its derivatives: a number and an array of shape (M,).
    ceiling : float
        Nothing exceeds it.
    linear : bool
        Whether a term is an absolute value, so that two slopes make it up.
    anyway : bool
        Whether terms are convex and the scale concave whatever is known.
    """

    columns: tuple[int, ...]
    psi: Callable[[Floats, Floats], Floats]
    slopes: Callable[[Floats, Floats, Floats], Slopes]
    delta: Callable[[Floats], tuple[float, Floats]]
    ceiling: float
    linear: bool = False
    anyway: bool = False

    def terms(self, table: Floats, shares: Floats) -> Floats:
        """Return the terms of units, (n, columns), in a city of these shares."""
        columns = list(self.columns)
        totals = table.sum(axis=1)[:, None]
        p = np.divide(table[:, columns], totals, out=np.zeros((len(table), len(columns))), where=totals > 0)
        found: Floats = totals * self.psi(p, shares[columns][None, :])
        return found

    def value(self, table: Floats) -> float:
        """Return the index of a table; NaN where it is undefined."""
        sizes = table.sum(axis=0)
        if (sizes > 0).sum() < 2:
            return math.nan
        shares = sizes / sizes.sum()
        scale = self.delta(shares)[0]
        return float(self.terms(table, shares).sum() / (sizes.sum() * scale)) if scale > 0 else math.nan

    def at(self, table: Floats) -> tuple[Slopes, Floats]:
        """Return the slopes of all terms (each (n, columns)), and the shares of the city."""
        columns = list(self.columns)
        totals = table.sum(axis=1)[:, None]
        shares = table.sum(axis=0) / totals.sum()
        p = np.divide(table[:, columns], totals, out=np.tile(shares[columns], (len(table), 1)), where=totals > 0)
        pi = np.broadcast_to(shares[columns], p.shape)
        return self.slopes(p, pi, np.broadcast_to(totals / totals.sum(), p.shape)), shares

    def gradient(self, table: Floats) -> Floats:
        """Return the derivatives of the index with respect to each cell, (n, M)."""
        (by_x, by_t, by_size, by_all), shares = self.at(table)
        scale, steps = self.delta(shares)
        people = float(table.sum())
        top = np.zeros(table.shape)
        top[:, list(self.columns)] += by_x + by_size.sum(axis=0)
        top += by_t.sum(axis=1)[:, None] + by_all.sum()
        bottom = steps + (scale - float(shares @ steps))
        return (top - self.value(table) * bottom) / (people * scale)


def _slopes_of_gap(p: Floats, pi: Floats, r: Floats) -> Slopes:
    sign = np.where(p >= pi, 1.0, -1.0)
    return sign, -sign * pi, -sign * r, sign * r * pi


def _slopes_of_square(p: Floats, pi: Floats, r: Floats) -> Slopes:
    q = p - pi
    return 2 * q, -2 * q * pi - q**2, -2 * q * r, 2 * q * r * pi


def _slopes_by_others(p: Floats, pi: Floats, r: Floats) -> Slopes:
    q, k = p - pi, 1 / np.maximum(1 - pi, TINY)
    by_size = -2 * q * r * k + q**2 * r * k**2
    return 2 * q * k, -2 * q * pi * k - q**2 * k, by_size, 2 * q * r * pi * k + q**2 * r * k - q**2 * r * k**2


def _slopes_by_own(p: Floats, pi: Floats, r: Floats) -> Slopes:
    q, k = p - pi, 1 / np.maximum(pi, TINY)
    return 2 * q * k, -2 * q - q**2 * k, -2 * q * r * k - q**2 * r * k**2, 2 * q * r + q**2 * r * k


def _slopes_of_information(p: Floats, pi: Floats, r: Floats) -> Slopes:
    p, pi = np.maximum(p, TINY), np.maximum(pi, TINY)
    return np.log(p / pi), pi - p, r - p * r / pi, p * r - r * pi


def _slopes_of_meeting(p: Floats, pi: Floats, r: Floats) -> Slopes:
    return 2 * p, -(p**2), 0 * pi, 0 * r


def _information(p: Floats, pi: Floats) -> Floats:
    """Return p ln(p / pi) - p + pi: what is added is 0 in the sum over groups, and no term is below 0."""
    ratio = np.divide(p, pi, out=np.ones(np.broadcast_shapes(p.shape, pi.shape)), where=(p > 0) & (pi > 0))
    return p * np.log(ratio) - p + pi


def _interaction(shares: Floats) -> tuple[float, Floats]:
    return float(shares @ (1 - shares)), 1 - 2 * shares


def _twice_interaction(shares: Floats) -> tuple[float, Floats]:
    value, steps = _interaction(shares)
    return 2 * value, 2 * steps


def _entropy(shares: Floats) -> tuple[float, Floats]:
    logs = np.log(np.maximum(shares, TINY))
    return float(-(shares * logs).sum()), -logs - 1


def _constant(number: float) -> Callable[[Floats], tuple[float, Floats]]:
    return lambda shares: (number, np.zeros(len(shares)))


def _own(group: int, times: float) -> Callable[[Floats], tuple[float, Floats]]:
    def delta(shares: Floats) -> tuple[float, Floats]:
        steps = np.zeros(len(shares))
        steps[group] = times
        return times * float(shares[group]), steps

    return delta


def _own_and_others(group: int, times: float) -> Callable[[Floats], tuple[float, Floats]]:
    def delta(shares: Floats) -> tuple[float, Floats]:
        share = float(shares[group])
        steps = np.zeros(len(shares))
        steps[group] = times * (1 - 2 * share)
        return times * share * (1 - share), steps

    return delta


def _gap(p: Floats, pi: Floats) -> Floats:
    return np.abs(p - pi)


def _square(p: Floats, pi: Floats) -> Floats:
    return (p - pi) ** 2


def gini_slopes(table: Floats) -> Floats:
    """Return the derivatives of G with respect to each cell, (n, M); 0 between units of equal shares."""
    totals, sizes = table.sum(axis=1), table.sum(axis=0)
    people = sizes.sum()
    scale = 2 * float(people**2 - sizes @ sizes)
    top, whole = np.zeros(table.shape), 0.0
    by_t = np.zeros(len(table))
    for m in range(table.shape[1]):
        p = np.divide(table[:, m], totals, out=np.zeros(len(table)), where=totals > 0)
        order = np.argsort(p, kind="stable")
        first = np.searchsorted(p[order], p, side="left")
        last = np.searchsorted(p[order], p, side="right")
        units = np.concatenate([[0.0], np.cumsum(totals[order])])
        members = np.concatenate([[0.0], np.cumsum(table[order, m])])
        ahead = units[first] - (people - units[last])
        past = members[first] - (sizes[m] - members[last])
        top[:, m] += 2 * ahead
        by_t -= 2 * past
        whole += float(table[:, m] @ ahead - totals @ past)
    top += by_t[:, None]
    return (top - whole / scale * 4 * (people - sizes)) / scale  # type: ignore[no-any-return]


def ratio_of(name: str, params: Mapping[str, Any], n_groups: int, group: int, least: Floats) -> Ratio | None:
    """Return an index as a ratio; None for one that is not.

    Parameters
    ----------
    name : str
        Of the index.
    params : mapping
        Its parameters that are not the defaults.
    n_groups : int
        Number of groups.
    group : int
        Column of the group that it is about.
    least : ndarray of shape (n_groups,)
        Fewest people that each group may have.
    """
    every = tuple(range(n_groups))
    two = n_groups == 2
    if name == "dissimilarity":
        if two:
            return Ratio((0,), _gap, _slopes_of_gap, _own_and_others(0, 2.0), 1.0, linear=True)
        return Ratio(every, _gap, _slopes_of_gap, _twice_interaction, 1.0, linear=True)
    if name == "karmel_maclachlan":
        return Ratio((0,), _gap, _slopes_of_gap, _constant(1.0), 0.5, linear=True)
    if name == "gorard":
        return Ratio((group,), _gap, _slopes_of_gap, _own(group, 2.0), 1.0, linear=True)
    if name == "correlation_ratio":
        return Ratio((group,), _square, _slopes_of_square, _own_and_others(group, 1.0), 1.0)
    if name in ("relative_diversity", "normalized_exposure", "squared_coefficient_of_variation") and two:
        return Ratio((0,), _square, _slopes_of_square, _own_and_others(0, 1.0), 1.0)
    if name == "relative_diversity":
        return Ratio(every, _square, _slopes_of_square, _interaction, 1.0)
    if name == "normalized_exposure":
        return Ratio(
            every, lambda p, pi: (p - pi) ** 2 / np.maximum(1 - pi, TINY), _slopes_by_others, _constant(1.0), 1.0
        )
    if name == "squared_coefficient_of_variation" and (least > 0).all():
        return Ratio(every, lambda p, pi: (p - pi) ** 2 / pi, _slopes_by_own, _constant(n_groups - 1.0), 1.0)
    if name == "information_theory":
        return Ratio(every, _information, _slopes_of_information, _entropy, 1.0)
    if name == "mutual_information":
        base = math.log(params.get("base", math.e))
        return Ratio(every, _information, _slopes_of_information, _constant(base), math.log(n_groups) / base)
    if name == "isolation" and not params.get("exact", False):
        return Ratio((group,), lambda p, pi: p**2 + 0 * pi, _slopes_of_meeting, _own(group, 1.0), 1.0, anyway=True)
    return None
