"""Partial identification: all distributions of the share of a group that the counts in small units allow."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog, nnls
from scipy.special import chdtri, gammaln, xlogy

from ._corrected_shares import OfShares, integrand

__all__ = ["Counts", "Identified", "bounds_by_size", "bounds_of", "extremes", "likely_range"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FINE = 400
"""Steps of the grid of shares, equal in the angle whose squared sine the share is."""
MOST = 40
"""Moments that are used at most; more would be known of a few large units only, and narrow nothing that can be seen."""
NEAR = 1e-10
"""How near the likelihood comes to the greatest, per unit."""
ROUNDS = 300
CLOSE = 0.005
"""How near the likelihood of an end of an interval comes to where it should be, as a part of its distance to the
greatest."""


class Identified(NamedTuple):
    """What the counts tell of an index.

    Attributes
    ----------
    least, greatest : float
        Its bounds.
    low, high : float
        Ends of an interval; NaN where there is none.
    mean : float
        Share of the group in the mean unit.
    moments : int
        How many moments of the share are known, at most, and used.
    alone, classes : int
        Units that are the only ones of their size, and how many sizes there are, where each has a distribution of its
        own.
    """

    least: float
    greatest: float
    low: float
    high: float
    mean: float
    moments: int
    alone: int = 0
    classes: int = 1


class Counts:
    """Counts of a group in units, and how likely they are for shares on a grid.

    Parameters
    ----------
    x, t : ndarray of shape (n,)
        Members among people in each unit, whole numbers.
    points : ndarray of shape (G,)
        The grid.
    """

    def __init__(self, x: Floats, t: Floats, points: Floats) -> None:
        pairs, times = np.unique(np.column_stack([x, t]).astype(np.int64), axis=0, return_counts=True)
        members, people = pairs.T
        ways = gammaln(people + 1.0) - gammaln(members + 1.0) - gammaln(people - members + 1.0)
        self.points = points
        self.units = len(x)
        self.largest = int(people.max())
        self.weights = times / times.sum()
        self.chance = np.exp(
            ways[:, None] + xlogy(members[:, None], points) + xlogy((people - members)[:, None], 1 - points)
        )

    @classmethod
    def of(cls, x: Floats, t: Floats) -> Counts:
        """Return counts on the usual grid."""
        return cls(x, t, _grid(float(x.sum() / t.sum())))

    def log_likelihood(self, mass: Floats) -> float:
        """Return the mean log-likelihood of a unit."""
        return float(self.weights @ np.log(self.chance @ mass))

    def towards(self, mass: Floats) -> Floats:
        """Return the mass that the counts would put on each point, (G,): a step of EM."""
        return np.asarray(mass * (self.weights @ (self.chance / (self.chance @ mass)[:, None])))

    def likeliest(self, pull: Floats | None = None, start: Floats | None = None, near: float = NEAR) -> Floats:
        """Return the distribution that makes the counts likeliest, (G,) masses.

        The algorithm is Wang's (2007): Newton's steps, constrained to masses, with several new points at a time.

        Parameters
        ----------
        pull : ndarray of shape (G,), optional
            ``pull @ mass`` is added to the mean log-likelihood of a unit.
        start : ndarray of shape (G,), optional
            Where to begin.
        near : float
            How near the sum comes to the greatest.
        """
        points = len(self.points)
        mass = np.full(points, 1 / points) if start is None else start
        pull = np.zeros(points) if pull is None else pull
        for _ in range(20 if start is None else 0):
            mass = self.towards(mass)
        for _ in range(ROUNDS):
            ratio = self.chance / (self.chance @ mass)[:, None]
            slope = self.weights @ ratio + pull
            slope -= float(slope @ mass)
            if slope.max() <= near:
                break
            at = np.flatnonzero((mass > 1e-12) | _peaks(slope))
            step = -mass
            step[at] += self._newton(ratio[:, at], pull[at])
            further = self._along(mass, step, float(slope @ step), pull)
            if further is None:
                break
            mass = further
        return np.asarray(mass / mass.sum())

    def _newton(self, ratio: Floats, pull: Floats) -> Floats:
        """Return the masses that are best where the log-likelihood is taken for a parabola."""
        root = np.sqrt(self.weights)
        if not pull.any():
            matrix, right = root[:, None] * ratio, 2 * root
        else:  # the linear term is taken into the square
            curved = (ratio.T * self.weights) @ ratio
            curved[np.diag_indices_from(curved)] += 1e-9 * float(np.trace(curved))
            matrix = np.linalg.cholesky(curved).T
            right = np.linalg.solve(matrix.T, 2 * self.weights @ ratio + pull)
        heavy = 1e3 * float(np.abs(matrix).max())
        matrix = np.vstack([matrix, np.full((1, matrix.shape[1]), heavy)])
        found = nnls(matrix, np.append(right, heavy), maxiter=50 * matrix.shape[1])[0]
        return np.asarray(found / found.sum())

    def _along(self, mass: Floats, step: Floats, rise: float, pull: Floats) -> Floats | None:
        """Go along a step as far as the sum rises enough for its length; None where it does not rise."""
        now, part = self.log_likelihood(mass) + float(pull @ mass), 1.0
        for _ in range(40):
            further = np.maximum(mass + part * step, 0.0)
            whole = self.chance @ further
            if (whole > 0).all():
                then = float(self.weights @ np.log(whole)) + float(pull @ further)
                if then > now and then >= now + part * rise / 3:
                    return further
            part /= 2
        return None


def _peaks(slope: Floats) -> npt.NDArray[np.bool_]:
    """Say where the slope has a peak above 0."""
    before = np.concatenate([[-np.inf], slope[:-1]])
    after = np.concatenate([slope[1:], [-np.inf]])
    return np.asarray((slope > 0) & (slope >= before) & (slope >= after))


def _grid(share: float) -> Floats:
    """Return shares from 0 to 1, dense at both ends, the city's among them."""
    angles = np.linspace(0, np.pi / 2, FINE + 1)
    return np.unique(np.concatenate([np.sin(angles) ** 2, np.array([0.0, 0.5, 1.0, share])]))


def extremes(points: Floats, mass: Floats, moments: int, values: Floats) -> tuple[float, float]:
    """Return the least and the greatest mean of some values over all distributions with the same first moments.

    Two linear programs: the distributions live on the points, and their moments are means of Chebyshev polynomials,
    which keep their digits where powers would lose them.

    Parameters
    ----------
    points, mass, values : ndarray of shape (G,)
        Shares from 0 to 1, the distribution that has the moments, and what is averaged.
    moments : int
        How many moments are the same.
    """
    plug = float(mass @ values)
    equal = np.polynomial.chebyshev.chebvander(2 * points - 1, min(moments, len(points) - 1)).T
    options = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
    ends = []
    for sign in (1.0, -1.0):
        found = linprog(
            sign * values, A_eq=equal, b_eq=equal @ mass, bounds=(0, None), method="highs-ds", options=options
        )
        ends.append(sign * float(found.fun) if found.status == 0 else plug)
    return min(ends[0], plug), max(ends[1], plug)


def _value(known: OfShares, points: Floats, mass: Floats) -> float:
    """Return the index of a distribution."""
    mean = float(mass @ points)
    return known.value(float(mass @ integrand(known, points, mean)), mean)


def _influence(known: OfShares, points: Floats, mass: Floats) -> Floats:
    """Return how fast the index changes when some mass goes to each point, (G,), but for a constant."""
    mean, step = float(mass @ points), 1e-6
    here = integrand(known, points, mean)
    average = float(mass @ here)
    of_average = (known.value(average + step, mean) - known.value(average - step, mean)) / (2 * step)
    of_mean = (known.value(average, mean + step) - known.value(average, mean - step)) / (2 * step)
    shifted = integrand(known, points, mean + step) - integrand(known, points, mean - step)
    of_mean += of_average * float(mass @ shifted) / (2 * step)
    return of_average * here + of_mean * points


def likely_range(counts: Counts, mass: Floats, known: OfShares, level: float) -> tuple[float, float]:
    """Return the least and greatest value among all distributions under which the counts are nearly as likely.

    Nearly: twice the logarithm of the ratio of the likelihoods is at most the quantile of chi-squared with one degree
    of freedom. The distribution of greatest likelihood among those of a given value is found by adding to the
    likelihood a multiple of the index, made linear at the likeliest distribution.

    Parameters
    ----------
    counts : Counts
        What was counted.
    mass : ndarray of shape (G,)
        The likeliest distribution.
    known : OfShares
        The index.
    level : float
        Confidence.
    """
    allowed = float(chdtri(1, 1 - level)) / 2 / counts.units
    best = counts.log_likelihood(mass)
    influence = _influence(known, counts.points, mass)
    influence /= max(float(np.ptp(influence)), 1e-12)
    ends = [_value(known, counts.points, mass)]
    for sign in (-1.0, 1.0):
        weak, strong, force = 0.0, np.inf, 1 / np.sqrt(counts.units)
        at = mass
        for _ in range(40):
            at = counts.likeliest(sign * force * influence, at, CLOSE * allowed)
            lost = best - counts.log_likelihood(at)
            if abs(lost / allowed - 1) < CLOSE or force > 1e6:
                break
            weak, strong = (weak, force) if lost > allowed else (force, strong)
            wanted = force * np.sqrt(allowed / max(lost, allowed / 100))
            force = wanted if weak < wanted < strong else (weak + strong) / 2
        ends.append(_value(known, counts.points, at))
    return min(ends), max(ends)


def bounds_of(x: Floats, t: Floats, known: OfShares, level: float) -> Identified:
    """Return what counts tell of an index, if shares do not depend on the size of units.

    Parameters
    ----------
    x, t : ndarray of shape (n,)
        Members among people in each unit, whole numbers.
    known : OfShares
        The index.
    level : float
        Confidence of the interval.
    """
    counts = Counts.of(x, t)
    mass = counts.likeliest()
    mean = float(mass @ counts.points)
    moments = min(counts.largest, MOST)
    ends = extremes(counts.points, mass, moments, integrand(known, counts.points, mean))
    least, greatest = sorted(known.value(end, mean) for end in ends)
    low, high = likely_range(counts, mass, known, level)
    return Identified(least, greatest, min(low, least), max(high, greatest), mean, moments)


def bounds_by_size(x: Floats, t: Floats, known: OfShares) -> Identified:
    """Return what counts tell of an index, if the shares of units of different sizes have nothing in common.

    The city's share is that of the people, and the mean over people of what the index is a function of lies between the
    sums of its bounds in units of each size.
    """
    share = float(x.sum() / t.sum())
    points = _grid(share)
    values = integrand(known, points, share)
    ends, alone, moments = np.zeros(2), 0, 0
    sizes, times = np.unique(t, return_counts=True)
    for size, units in zip(sizes, times, strict=True):
        here = t == size
        mass = Counts(x[here], t[here], points).likeliest()
        known_moments = min(int(size), MOST)
        ends += float(size * units / t.sum()) * np.array(extremes(points, mass, known_moments, values))
        alone += int(units == 1)
        moments = max(moments, known_moments)
    least, greatest = sorted(known.value(float(end), share) for end in ends)
    nan = float("nan")
    return Identified(least, greatest, nan, nan, share, moments, alone, len(sizes))
