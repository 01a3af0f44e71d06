"""Rank-order segregation indices."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from .._arrays import sealed
from .._checks import check_choice
from .._segments import Evaluable, Segments, V
from ..errors import ParameterError, plural
from ..kernels import segment_sums
from ..registry import index
from ._ordered import KINDS, moments, threshold_terms, thresholds

if TYPE_CHECKING:
    from ..population import Population

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Kind = Literal["information", "variance", "hutchens"]
Weights = Literal["reardon", "none"]
RANK_KINDS = ("information", "variance", "hutchens")
STEADY = 10.0
"""A fit that multiplies differences at a threshold by more is said to be unsteady."""


def _terms(
    counts: Floats, totals: Floats, composition: Floats, shares: Floats, starts: Ints, weights: Floats, kind: int
) -> Floats:
    return threshold_terms(totals, composition, shares, starts, weights, kind, False)


@dataclass(frozen=True)
class _Fit:
    """A weighted polynomial fit through the indices at the thresholds, as a linear map of them.

    Attributes
    ----------
    below : ndarray of shape (K,)
        Category below each threshold.
    share : ndarray of shape (K,)
        Cumulative share at it.
    weight : ndarray of shape (K,)
        Weight of each threshold in the fit.
    to_coefficients : ndarray of shape (degree + 1, K)
        From indices at the thresholds to coefficients of the polynomial, constant first.
    to_value : ndarray of shape (K,)
        From indices at the thresholds to the rank-order index.
    """

    below: Ints
    share: Floats
    weight: Floats
    to_coefficients: Floats
    to_value: Floats

    @property
    def degree(self) -> int:
        """Degree of the polynomial."""
        return len(self.to_coefficients) - 1

    def note(self, degree: int) -> str:
        """Say where the degree is not the one that was asked for, and where the curve cannot be trusted."""
        said = []
        if 0 <= self.degree < degree:
            said.append(f"degree lowered from {degree} to {self.degree}: {plural(len(self.share), 'threshold')}")
        swing = np.abs(self.to_value).sum()
        if swing > STEADY:
            said.append(
                f"thresholds lie so close together that the curve multiplies a difference at one by up to {swing:.2g}: "
                "lower degree=, or merge categories"
            )
        return "; ".join(said)


def _fit(shares: Floats, kind: int, degree: int, weights: str) -> _Fit:
    """Fit in Legendre polynomials on [0, 1], which stay well apart, and say it in powers of p."""
    below, share = thresholds(shares)
    degree = min(degree, len(share) - 1)
    if degree < 0:
        return _Fit(below, share, share, np.empty((0, 0)), np.empty(0))
    above = np.array([shares[:k:-1].sum() for k in below])
    spread = {0: -(share * np.log(share) + above * np.log(above)), 1: share * above, 2: np.sqrt(share * above)}[kind]
    weight = spread**2 if weights == "reardon" else np.ones(len(share))
    weight = weight / weight.max()
    legendre = np.polynomial.legendre.legvander(share - above, degree)
    q, triangle = np.linalg.qr(np.sqrt(weight)[:, None] * legendre)
    solved = np.linalg.solve(triangle, q.T * np.sqrt(weight))  # indices -> Legendre coefficients
    powers = np.zeros((degree + 1, degree + 1))
    for k in range(degree + 1):
        in_p = np.polynomial.Legendre.basis(k, domain=[0, 1]).convert(kind=np.polynomial.Polynomial).coef
        powers[: len(in_p), k] = in_p
    return _Fit(below, share, weight, powers @ solved, np.array(moments(kind, degree)) @ powers @ solved)


def _check(kind: str, degree: int, weights: str) -> int:
    check_choice("kind", kind, RANK_KINDS)
    check_choice("weights", weights, ("reardon", "none"))
    if isinstance(degree, bool) or degree != int(degree) or not 0 <= degree <= 20:
        raise ParameterError(f"degree={degree!r} of the polynomial is a whole number from 0 to 20; 4 is usual.")
    return KINDS[kind]


@index(
    symbol="H^R",
    family="ordered",
    bounds=(-math.inf, math.inf),
    additive=True,
    holds={"unit_order", "scale", "copy", "unit_split", "empty_unit", "empty_group"},
    holds_within={"unit_order", "scale", "even"},
    at={"even": 0, "complete": 1},
    cite=("10.1086/657114", "10.1111/j.1467-9531.2009.01225.x"),
    means="Neighbourhoods take up {percent} of the variation of rank (of income, for example) among the people "
    "of the city.",
    beware="It stands on a curve fitted through few thresholds, and outside them on that curve alone.",
)
def rank_order(
    population: Evaluable[V], *, kind: Kind = "information", degree: int = 4, weights: Weights = "reardon"
) -> V:
    r"""Segregation along a ranking, such as income, of which only categories are known.

    .. math:: X^R = \frac{\int_0^1 w(p) \, X(p) \, dp}{\int_0^1 w(p) \, dp}

    with X(p) the two-group index of the people below and above the p-th part of the ranking: H for
    "information", R for "variance", Hutchens' O for "hutchens", each written as
    1 - sum_j (t_j / T) w(c_j) / w(p) with c_j the share below among the people met in unit j, and w
    the entropy, p (1 - p) or its square root. X is known at the thresholds between the
    categories; a polynomial is fitted through these points, each weighted by w(p)^2, and
    integrated exactly.

    Parameters
    ----------
    population : Population or Regions
        Two or more groups, in the order of the ranking, lowest first:
        ``population.select("low", "middle", "high")``.
    kind : {"information", "variance", "hutchens"}
        H^R, R^R or S^R.
    degree : int
        Degree of the polynomial. It is lowered, with a note, to one less than the number of
        thresholds where there are too few.
    weights : {"reardon", "none"}
        Weights of the thresholds in the fit: w(p)^2, or all alike.

    Returns
    -------
    float or ndarray of shape (R,)
        0 when all units have the city's composition, 1 when each unit has one category only.
        Fitted values between and beyond the thresholds may lead outside this range; a note says
        where thresholds lie so close together that the curve swings. NaN for fewer than two
        groups with people.

    Notes
    -----
    Thresholds with nobody below or above, or in the same place as another, are left out. R
    OasisR fits without weights (``weights="none"``). With two groups it is the two-group
    index itself. Within an environment the two-group indices are those of Reardon and
    O'Sullivan. `segregate.plot.rank_order_profile` draws the curve.

    References
    ----------
    Reardon and Bischoff (2011), doi:10.1086/657114; Reardon (2009),
    doi:10.1111/j.1467-9531.2009.01225.x.

    Examples
    --------
    >>> import segregate as sg
    >>> import pandas as pd
    >>> table = pd.DataFrame({"low": [60, 20], "middle": [30, 30], "high": [10, 50]})
    >>> city = sg.Population.from_frame(table, ["low", "middle", "high"])
    >>> print(f"{sg.rank_order(city, kind='variance', degree=1):.4f}")
    0.1746
    """
    code = _check(kind, degree, weights)

    def extra(segments: Segments) -> tuple[Floats]:
        shares = segments.shares
        maps = np.zeros((len(shares), shares.shape[1] - 1))
        for r, row in enumerate(shares):
            fit = _fit(row, code, int(degree), weights)
            maps[r, fit.below] = fit.to_value
        return (maps,)

    def notes(segments: Segments) -> list[str]:
        return [_fit(row, code, int(degree), weights).note(int(degree)) for row in segments.shares]

    return population.evaluate(_terms, code, extra=extra, notes=notes)


@dataclass(frozen=True)
class ThresholdProfile:
    """The two-group index at every threshold of a ranking, and the curve through them.

    Attributes
    ----------
    table : DataFrame
        threshold (name of the category below it), share (of the people below it), value (the index
        there), weight (in the fit) and fitted (value of the curve).
    coefficients : ndarray of shape (degree + 1,)
        Of the curve in powers of the share, constant first.
    value : float
        The rank-order index.
    note : str
        What was decided, "" for nothing.
    """

    table: pd.DataFrame
    coefficients: Floats
    value: float
    note: str

    @property
    def degree(self) -> int:
        """Degree of the curve."""
        return len(self.coefficients) - 1

    def curve(self, share: npt.ArrayLike) -> Floats:
        """Return the fitted index at shares between 0 and 1."""
        return np.asarray(np.polynomial.polynomial.polyval(np.asarray(share, dtype=float), self.coefficients))


def threshold_profile(
    population: Population, *, kind: Kind = "information", degree: int = 4, weights: Weights = "reardon"
) -> ThresholdProfile:
    """Return the points and the curve that a rank-order index is computed from.

    Parameters
    ----------
    population : Population
        Groups in the order of the ranking, lowest first.
    kind, degree, weights
        As in `rank_order`.

    Returns
    -------
    ThresholdProfile
        Without a row where people are of fewer than two groups.
    """
    code = _check(kind, degree, weights)
    segments = population.segments
    fit = _fit(segments.shares[0], code, int(degree), weights)
    _, totals = segments.without(segments.stranded)
    values = []
    for k in fit.below:
        chosen = np.zeros((1, population.n_groups - 1))
        chosen[0, k] = 1
        terms = threshold_terms(totals, segments.composition, segments.shares, segments.starts, chosen, code, False)
        values.append(float(segment_sums(sealed(terms), segments.starts)[0]))
    at = np.array(values)
    coefficients = fit.to_coefficients @ at if len(at) else np.empty(0)
    table = pd.DataFrame(
        {
            "threshold": [population.groups[k] for k in fit.below],
            "share": fit.share,
            "value": at,
            "weight": fit.weight,
            "fitted": np.polynomial.polynomial.polyval(fit.share, coefficients) if len(at) else at,
        }
    )
    value = float(fit.to_value @ at) if len(at) else float("nan")
    return ThresholdProfile(table, coefficients, value, fit.note(int(degree)))
