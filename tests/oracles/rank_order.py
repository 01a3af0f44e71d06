"""Rank-order indices of Reardon (2009) and Reardon and Bischoff (2011).

The two-group index at each threshold, a polynomial through these points by least squares with weights w(p)^2, and the
mean of the polynomial under w: the integrals of p^k w(p) over that of w(p) are delta_k.
"""

import math
from fractions import Fraction

from ._common import NAN, add, defined, groups_used, split_entropy, totals, units_used

DELTA = {
    "information": [Fraction(1), Fraction(1, 2), Fraction(11, 36), Fraction(5, 24), Fraction(137, 900)],
    "variance": [Fraction(1), Fraction(1, 2), Fraction(3, 10), Fraction(1, 5), Fraction(1, 7)],
    "hutchens": [Fraction(1), Fraction(1, 2), Fraction(5, 16), Fraction(7, 32), Fraction(21, 128)],
}
"""As they are printed in the papers, for degrees up to 4."""


def spread(c, kind):
    """Return w of the share below a threshold."""
    if c <= 0 or c >= 1:
        return 0 * c
    return {
        "information": split_entropy(c, 1 - c),
        "variance": c * (1 - c),
        "hutchens": math.sqrt(c * (1 - c)),
    }[kind]


def solve(matrix, right):
    """Solve linear equations in fractions by elimination."""
    n = len(matrix)
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for k in range(n):
        pivot = next(i for i in range(k, n) if rows[i][k] != 0)
        rows[k], rows[pivot] = rows[pivot], rows[k]
        for i in range(n):
            if i != k and rows[i][k] != 0:
                factor = rows[i][k] / rows[k][k]
                rows[i] = [a - factor * b for a, b in zip(rows[i], rows[k], strict=True)]
    return [rows[k][n] / rows[k][k] for k in range(n)]


def fitted_mean(places, values, weights, kind, degree):
    """Return the mean under w of the polynomial through the points, in fractions."""
    places = [Fraction(p) for p in places]
    weights = [Fraction(w) for w in weights]
    values = [Fraction(v) for v in values]
    degree = min(degree, len(places) - 1)
    normal = [
        [sum(w * p ** (a + b) for p, w in zip(places, weights, strict=True)) for b in range(degree + 1)]
        for a in range(degree + 1)
    ]
    right = [sum(w * v * p**a for p, v, w in zip(places, values, weights, strict=True)) for a in range(degree + 1)]
    coefficients = solve(normal, right)
    return sum(c * d for c, d in zip(coefficients, DELTA[kind], strict=False))


def thresholds(shares):
    """Return the groups below each threshold and the share of people below it."""
    groups = groups_used(shares)
    return [(groups[: k + 1], add(shares[m] for m in groups[: k + 1])) for k in range(len(groups) - 1)]


def contributions(counts, composition, shares, kind="information", degree=4, weights="reardon"):
    """Return each unit's part: the index is linear in the two-group indices, and these are sums over units."""
    if not defined(counts, composition, shares):
        return [NAN for _ in counts]
    people = totals(counts)
    units = units_used(counts, composition)
    everyone = add(people[j] for j in units)
    places, city, below = [], [], []
    for groups, place in thresholds(shares):
        places.append(place)
        below.append(groups)
        city.append(spread(place, kind))
    fit = [v * v if weights == "reardon" else 1 for v in city]
    terms = [0 * people[0] for _ in counts]
    for j in units:
        parts = []
        for groups, whole in zip(below, city, strict=True):
            here = spread(add(composition[j][m] for m in groups), kind)
            parts.append(people[j] * (1 - here / whole) / everyone)
        terms[j] = fitted_mean(places, parts, fit, kind, degree)
    return terms


def oracle(counts, composition, shares, kind="information", degree=4, weights="reardon"):
    """Return H^R, R^R or S^R."""
    return add(contributions(counts, composition, shares, kind, degree, weights))


COUNTEREXAMPLES = {
    # The order of the categories is what the index is about.
    "group_order": ([[4.0, 1.0, 0.0], [0.0, 1.0, 4.0]], [[4.0, 0.0, 1.0], [0.0, 4.0, 1.0]]),
    # Half a person of the third category goes from unit 1 to unit 0, which had nobody of it.
    "transfers": (
        [[5.0, 5.0, 0.0, 0.0], [0.0, 0.0, 4.0, 8.0]],
        [[5.0, 5.0, 0.5, 0.0], [0.0, 0.0, 3.5, 8.0]],
    ),
    # One of the second category changes places with one of the third: the curve through the two thresholds tilts.
    "exchanges": (
        [[4.0, 0.0, 3.0], [8.0, 4.0, 0.0]],
        [[4.0, 1.0, 2.0], [8.0, 3.0, 1.0]],
    ),
}
