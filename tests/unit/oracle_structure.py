"""Composition and spatial structure, from the definitions, in plain loops over exact fractions.

Rey, Cortes and Knaap (2021), doi:10.1007/s40980-021-00075-w: the shares of one city are laid on the places of another
by their quantiles, and the difference of an index is divided by Shapley. Here quantiles are those of people: each
person takes the share at the same quantile among the people of the other city, and a unit the mean of its people.
"""

import itertools
import math
from fractions import Fraction


def share(x, y):
    return Fraction(x) / (Fraction(x) + Fraction(y))


def quantile_steps(units):
    """Return (low, high, share), the shares of a city by the quantiles of its people, units of one share together."""
    people = sum(Fraction(x) + Fraction(y) for x, y in units)
    lived = [(x, y) for x, y in units if x + y > 0]
    steps, low = [], Fraction(0)
    for value in sorted({share(x, y) for x, y in lived}):
        here = sum(Fraction(x) + Fraction(y) for x, y in lived if share(x, y) == value)
        steps.append((low, low + here / people, value))
        low += here / people
    return steps


def laid_on(places, shares):
    """Return the people (x, y) of each unit of `places` with the shares of `shares`."""
    own, given = quantile_steps(places), quantile_steps(shares)
    laid = []
    for x, y in places:
        total = Fraction(x) + Fraction(y)
        if total == 0:
            laid.append((Fraction(0), Fraction(0)))
            continue
        ((low, high),) = [(lo, hi) for lo, hi, value in own if value == share(x, y)]
        inside = Fraction(0)
        for lo, hi, value in given:
            overlap = min(high, hi) - max(low, lo)
            if overlap > 0:
                inside += overlap * value
        new = inside / (high - low)
        laid.append((new * total, (1 - new) * total))
    return laid


def laid_person_by_person(places, shares):
    """Return the same for whole numbers, by lining up the people of both cities one by one."""
    n_places, n_shares = (sum(x + y for x, y in units) for units in (places, shares))
    line = sorted(share(x, y) for x, y in shares for _ in range((x + y) * n_places))  # n_places * n_shares of them
    ranked = sorted({share(x, y) for x, y in places if x + y})
    taken, new, at = {}, {}, 0
    for value in ranked:
        here = sum(x + y for x, y in places if x + y and share(x, y) == value) * n_shares
        taken[value] = line[at : at + here]
        new[value] = sum(taken[value]) / here
        at += here
    assert at == len(line)
    return [(new[share(x, y)] * (x + y), (1 - new[share(x, y)]) * (x + y)) if x + y else (0, 0) for x, y in places]


def shapley(value):
    """Divide ``value("b", "b") - value("a", "a")`` between two factors (places, shares), over both orders of change."""
    parts = {"places": 0.0, "shares": 0.0}
    orders = list(itertools.permutations(parts))
    for order in orders:
        now = {"places": "a", "shares": "a"}
        for factor in order:
            before = value(now["places"], now["shares"])
            now[factor] = "b"
            parts[factor] += (value(now["places"], now["shares"]) - before) / len(orders)
    return parts


# indices --------------------------------------------------------------------------------


def surroundings(units, weights):
    """Return the people around each unit; `weights` is None at home."""
    if weights is None:
        return [(float(x), float(y)) for x, y in units]
    n = len(units)
    return [tuple(sum(weights[j][i] * float(units[i][m]) for i in range(n)) for m in (0, 1)) for j in range(n)]


def kernel_weights(points, radius):
    """Return the biweight kernel."""
    weights = []
    for ax, ay in points:
        row = []
        for bx, by in points:
            u = math.hypot(ax - bx, ay - by) / radius
            row.append((1 - u * u) ** 2 if u <= 1 else 0.0)
        weights.append(row)
    return weights


def met(units, weights):
    """Return (people, share of x among those they meet) of each unit with people."""
    around = surroundings(units, weights)
    return [(float(x + y), u / (u + v)) for (x, y), (u, v) in zip(units, around, strict=True) if x + y > 0]


def city_share(units):
    return float(sum(x for x, _ in units) / sum(x + y for x, y in units))


def dissimilarity(units, weights=None):
    city = city_share(units)
    people = sum(t for t, _ in met(units, weights))
    return sum(t * abs(p - city) for t, p in met(units, weights)) / (2 * people * city * (1 - city))


def information_theory(units, weights=None):
    def entropy(p):
        return -sum(q * math.log(q) for q in (p, 1 - p) if q > 0)

    city = city_share(units)
    people = sum(t for t, _ in met(units, weights))
    return 1 - sum(t * entropy(p) for t, p in met(units, weights)) / (people * entropy(city))


def isolation(units, weights=None):
    lived = [(x, y) for x, y in units if x + y > 0]
    ours = float(sum(x for x, _ in lived))
    return sum(float(x) * p for (x, _), (_, p) in zip(lived, met(units, weights), strict=True)) / ours


def correlation_ratio(units, weights=None):
    city = city_share(units)
    return (isolation(units, weights) - city) / (1 - city)


def structure(a, b, index, weights_a=None, weights_b=None):
    """Return the four values by (places, shares), and the two parts."""
    cities, around = {"a": a, "b": b}, {"a": weights_a, "b": weights_b}

    def value(places, shares):
        return index(laid_on(cities[places], cities[shares]), around[places])

    values = {(places, shares): value(places, shares) for places in "ab" for shares in "ab"}
    return values, shapley(value)
