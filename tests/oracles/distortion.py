"""Distortion: how much of the city must be seen around a unit before its mix is that of the city, for good.

Olteanu, Randon-Furling and Clark (2019): people enter ring by ring from the nearest to the farthest; the share of the
city that a ring adds counts times the largest Kullback-Leibler divergence of that ring and those to come. The divisor
of the normalized index is integrated numerically.
"""

import math

from ._common import NAN, add, defined, groups_used, home, totals
from ._places import Places, classes, squared


def logarithm_of(shares, m):
    """Return the logarithm of a share; of one near 1 from the sum of the others, which has more digits."""
    if 2 * shares[m] > 1:
        return math.log1p(-float(add(share for k, share in enumerate(shares) if k != m)))
    return math.log(shares[m])


def divergence(composition, shares):
    """Return the sum of p ln(p / pi)."""
    terms = [0.0]
    for m, p in enumerate(composition):
        if p > 0:
            terms.append(float(p) * (logarithm_of(composition, m) - logarithm_of(shares, m)))
    return add(terms)


def around(counts, places, shares, i):
    """Return the distortion at unit i."""
    units = [j for j, t in enumerate(totals(counts)) if t > 0]
    everyone = add(totals(counts))
    rings = classes([squared(places.points[i], places.points[j]) for j in units], 1e-9)
    met = [0 * n for n in counts[i]]
    weights, found = [], []
    for ring in rings:
        members = [units[k] for k in ring]
        met = [add([n, *(counts[j][m] for j in members)]) for m, n in enumerate(met)]
        weights.append(add(add(counts[j]) for j in members) / everyone)
        found.append(divergence([n / add(met) for n in met], shares))
    found[-1] = 0.0  # everybody has entered
    return add(float(weight) * max(found[k:]) for k, weight in enumerate(weights))


def integral(function):
    """Return the integral from 0 to 1 of a function that may have a logarithm at 0 (tanh-sinh rule)."""
    terms = []
    for step in range(-128, 129):
        t = step / 32
        below = 1 / (1 + math.exp(-math.pi * math.sinh(t)))
        above = 1 / (1 + math.exp(math.pi * math.sinh(t)))
        terms.append(function(below) * math.pi * math.cosh(t) * below * above / 32)
    return math.fsum(terms)


def greatest(shares):
    """Return the value where all of the rarest group are nearest, then all of the next, people one by one.

    The divergence falls all the way, so that it is its own maximum over what is to come.
    """
    rising = sorted(float(share) for share in shares if share > 0)
    terms = []
    for m, share in enumerate(rising):

        def here(part, m=m, share=share):
            met = [*rising[:m], part * share, *([0.0] * (len(rising) - m - 1))]
            return share * divergence([n / math.fsum(met) for n in met], rising)

        terms.append(integral(here))
    return math.fsum(terms)


def local(counts, places, normalize=False):
    """Return the value of each unit, nan for units without people."""
    shares = home(counts)[1]
    if not add(totals(counts)) > 0:
        return [NAN for _ in counts]
    most = greatest(shares) if normalize else 1.0
    if most == 0 or (normalize and len(groups_used(shares)) < 2):
        return [NAN for _ in counts]
    return [around(counts, places, shares, i) / most if t > 0 else NAN for i, t in enumerate(totals(counts))]


def contributions(counts, places, normalize=False):
    """Return the share of the people times the value of each unit."""
    if not defined(counts, *home(counts)):
        return [NAN for _ in counts]
    people = totals(counts)
    values = local(counts, places, normalize)
    return [float(t / add(people)) * value if t > 0 else 0.0 for t, value in zip(people, values, strict=True)]


def oracle(counts, places, normalize=False):
    """Return the mean over people."""
    return add(contributions(counts, places, normalize))


PLACES = Places(points=[(0.0, 0.0), (900.0, 0.0), (1800.0, 0.0)])

COUNTEREXAMPLES = {
    # The unit that is nearly all of one group holds more people.
    "transfers": (
        ([[7.0, 1.0], [2.0, 7.0], [3.0, 0.0]], PLACES),
        ([[9.0, 1.0], [2.0, 7.0], [1.0, 0.0]], PLACES),
        {},
    ),
    # Unit 2, with most of the people, is farther from the city's mix; unit 0 is nearer to it, and small.
    "exchanges": (
        ([[2.0, 0.0], [0.0, 10.0], [4.0, 6.0]], PLACES),
        ([[1.0, 1.0], [0.0, 10.0], [5.0, 5.0]], PLACES),
        {},
    ),
}
