"""A mixture of beta distributions, of which the shares of units are drawn, by maximum likelihood."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.integrate import quad
from scipy.special import betainc, betaln, digamma, expit, gammaln, log_softmax, logit

from ..kernels.mixing import mixture_of_betas
from ._corrected_shares import OfShares, integrand

__all__ = ["BetaMixture", "fit_mixture"]

Floats = npt.NDArray[np.float64]

NARROW, WIDE = math.log(1e-7), math.log(1e4)
"""Limits of ln(1 / (a + b)): below, all units have the same share; above, nearly all have one group only."""
POINT = 1.001e-7
"""A component that is no wider is a single share."""
STEP = 1e-4
MOST_STEPS, FLAT, RESTING = 1000, 1e-9, 1e-14
"""Steps of a search, and the slope and the gain of log-likelihood per unit at which it ends."""


class _Cases(NamedTuple):
    """Different pairs of members and people, and how many units have each."""

    x: npt.NDArray[np.int64]
    t: npt.NDArray[np.int64]
    times: Floats
    ways: Floats


class BetaMixture(NamedTuple):
    """A fitted mixture.

    Attributes
    ----------
    weights, means, spread : ndarray of shape (K,)
        Of each component: its weight, its mean a / (a + b), and 1 / (a + b).
    likelihood : float
        Logarithm of the likelihood.
    """

    weights: Floats
    means: Floats
    spread: Floats
    likelihood: float

    @property
    def mean(self) -> float:
        """Mean share of a unit."""
        return float(self.weights @ self.means)

    @property
    def at_the_edge(self) -> bool:
        """Whether a component is a single share, or has units of one group only."""
        logs = np.log(self.spread)
        return bool(((logs < NARROW + 0.01) | (logs > WIDE - 0.01)).any())

    def average(self, known: OfShares) -> float:
        """Return the mean of what the index is a function of."""
        city = self.mean
        parts = [
            _average(known, float(mean), float(spread), city)
            for mean, spread in zip(self.means, self.spread, strict=True)
        ]
        return math.fsum(self.weights * np.array(parts))

    def gini(self) -> float:
        """Return the mean difference between two shares, over 2 m (1 - m)."""
        city = self.mean
        near = np.sqrt(np.clip(self.spread, None, 1.0))
        breaks = np.concatenate([self.means, self.means - 3 * near, self.means + 3 * near])
        angles = sorted(np.arcsin(np.sqrt(breaks[(breaks > 0) & (breaks < 1)])))

        def density(angle: float) -> float:
            share = math.sin(angle) ** 2
            below = float(self.weights @ _below(share, self.means, self.spread))
            return below * (1 - below) * math.sin(2 * angle)

        area = quad(density, 0, math.pi / 2, points=angles, limit=500, epsabs=1e-11, epsrel=1e-10)[0]
        return float(area / (city * (1 - city)))


def _below(share: float, means: Floats, spread: Floats) -> Floats:
    """Return the chance that a share is below another, by component."""
    found = betainc(means / spread, (1 - means) / spread, share)
    return np.where(spread <= POINT, (share >= means).astype(np.float64), found)


def _average(known: OfShares, mean: float, spread: float, city: float) -> float:
    """Return the mean over one component."""
    if spread <= POINT:
        return float(integrand(known, np.array([mean]), city)[0])
    a, b = mean / spread, (1 - mean) / spread
    if known.kind == "deviation":
        below, above = betainc(a, b, city), betainc(a + 1, b, city)
        return float(2 * (city * below - mean * above) + mean - city)
    if known.kind == "entropy":
        whole = digamma(a + b + 1)
        return float(-mean * (digamma(a + 1) - whole) - (1 - mean) * (digamma(b + 1) - whole))
    if known.kind == "square":
        return mean * mean + mean * (1 - mean) * spread / (1 + spread)
    return float(math.exp(betaln(a + known.b, b + 1 - known.b) - betaln(a, b)))


def _lowest(
    function: Callable[[Floats], tuple[float, Floats]], start: Floats, low: Floats, high: Floats
) -> tuple[float, Floats]:
    """Go down from a start between limits, by the method of Broyden, Fletcher, Goldfarb and Shanno.

    The minimizers of SciPy would do; but for a handful of parameters they hand tiny matrices to a pool of threads,
    which takes a hundred times as long where a core is busy.

    Returns
    -------
    value, place
    """
    at = np.clip(start, low, high)
    value, slope = function(at)
    inverse = np.eye(len(at))
    rests = 0
    for _ in range(MOST_STEPS):
        free = ~(((at <= low) & (slope > 0)) | ((at >= high) & (slope < 0)))
        if not free.any() or float(np.abs(slope[free]).max()) < FLAT:
            break
        step = np.zeros(len(at))
        step[free] = -(inverse[np.ix_(free, free)] @ slope[free])
        if not float(step @ slope) < 0:
            inverse = np.eye(len(at))
            step = np.where(free, -slope, 0.0)
        part = min(1.0, 2.0 / float(np.abs(step).max()))
        for _ in range(40):
            further = np.clip(at + part * step, low, high)
            then, slope_then = function(further)
            if then <= value + 1e-4 * float(slope @ (further - at)):
                break
            part /= 3
        else:
            break
        moved, turned = further - at, slope_then - slope
        bent = float(moved @ turned)
        if bent > 1e-14:
            middle = np.eye(len(at)) - np.outer(moved, turned) / bent
            inverse = middle @ inverse @ middle.T + np.outer(moved, moved) / bent
        rests = rests + 1 if value - then < RESTING else 0
        at, value, slope = further, then, slope_then
        if rests == 3:
            break
    return value, at


class _Model:
    """The likelihood as a function of ``K - 1`` logits of weights, K of means and K logarithms of spreads."""

    def __init__(self, cases: _Cases, components: int) -> None:
        self.cases = cases
        self.components = components

    def parts(self, parameters: Floats) -> tuple[Floats, Floats, Floats]:
        """Return log-weights, means and spreads."""
        k = self.components
        return (
            log_softmax(np.append(parameters[: k - 1], 0.0)),
            expit(parameters[k - 1 : 2 * k - 1]),
            np.exp(parameters[2 * k - 1 :]),
        )

    def cases_of(self, parameters: Floats) -> tuple[Floats, Floats]:
        """Return log-likelihood (n,) and its gradient (n, P) of each case."""
        x, t, _, ways = self.cases
        found: tuple[Floats, Floats] = mixture_of_betas(x, t, ways, *self.parts(parameters))
        return found

    def minus(self, parameters: Floats) -> tuple[float, Floats]:
        """Return the log-likelihood per unit and its gradient, negative."""
        times = self.cases.times / self.cases.times.sum()
        whole, slopes = self.cases_of(parameters)
        return -float(times @ whole), -(times @ slopes)

    def mixture(self, parameters: Floats) -> BetaMixture:
        """Return the mixture of some parameters."""
        logs, means, spread = self.parts(parameters)
        return BetaMixture(np.exp(logs), means, spread, -self.minus(parameters)[0] * float(self.cases.times.sum()))

    def starts(self) -> list[Floats]:
        """Return where to begin: from the moments of the shares, and with groups of low and high shares."""
        x, t, times, _ = self.cases
        share = (x + 0.5) / (t + 1.0)
        mean = float(times @ x) / float(times @ t)
        weights = times * t / float(times @ t)
        spread = float(weights @ (share - mean) ** 2) / (mean * (1 - mean))
        gamma = min(max(spread / max(1 - spread, 1e-3), 1e-3), 1e2)
        k = self.components
        if k == 1:
            return [np.array([logit(mean), math.log(g)]) for g in (gamma, 0.1 * gamma)]
        found = []
        order = np.argsort(share, kind="stable")
        risen = np.cumsum(times[order]) / times.sum()
        for lean in (1.0, 3.0, 1 / 3):  # cuts in the middle, and far down or up
            cuts = (np.arange(1, k) / k) ** lean
            labels = np.empty(len(x), dtype=np.int64)
            labels[order] = np.searchsorted(cuts, risen, side="left")
            parts = [labels == c for c in range(k)]
            if not all(part.any() for part in parts):
                continue
            sizes = np.array([times[part].sum() for part in parts])
            means = np.array([times[part] @ share[part] / times[part].sum() for part in parts])
            for narrow in (0.3, 0.03):
                logs = np.log(sizes[:-1] / sizes[-1])
                found.append(np.concatenate([logs, logit(means), np.full(k, math.log(narrow * gamma))]))
        return found or [np.concatenate([np.zeros(k - 1), np.full(k, logit(mean)), np.full(k, math.log(gamma))])]

    def fitted(self) -> Floats:
        """Return the parameters of the greatest likelihood."""
        k = self.components
        limits = [(-15.0, 15.0)] * (k - 1) + [(-30.0, 30.0)] * k + [(NARROW, WIDE)] * k
        low, high = np.array(limits).T
        found = [_lowest(self.minus, start, low, high) for start in self.starts()]
        return min(found, key=lambda one: one[0])[1]

    def covariance(self, parameters: Floats) -> Floats | None:
        """Return the covariance of the estimate (the sandwich), or None where the likelihood is flat in a direction."""
        times = self.cases.times
        n = float(times.sum())
        size = len(parameters)
        curved = np.empty((size, size))
        for at in range(size):
            step = np.zeros(size)
            step[at] = STEP
            curved[at] = (self.minus(parameters + step)[1] - self.minus(parameters - step)[1]) / (2 * STEP)
        curved = (curved + curved.T) / 2
        values = np.linalg.eigvalsh(curved)
        if not values[0] > 1e-7 * values[-1]:
            return None
        scores = self.cases_of(parameters)[1]
        inverse = np.linalg.inv(curved)
        return np.asarray(inverse @ (scores.T * times) @ scores @ inverse / n**2)


def fit_mixture(x: Floats, t: Floats, components: int) -> tuple[_Model, Floats]:
    """Fit a mixture to members x among t people in each unit, (n,) whole numbers.

    Returns
    -------
    model, parameters
        ``model.mixture(parameters)`` is the mixture, ``model.covariance(parameters)`` that of the parameters.
    """
    pairs, times = np.unique(np.column_stack([x, t]).astype(np.int64), axis=0, return_counts=True)
    members, people = pairs.T
    ways = gammaln(people + 1.0) - gammaln(members + 1.0) - gammaln(people - members + 1.0)
    model = _Model(_Cases(members, people, times.astype(np.float64), ways), components)
    return model, model.fitted()
