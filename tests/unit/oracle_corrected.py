"""Corrections for small units, from the papers; plain loops, importing nothing of the package."""

import itertools
import math


def dissimilarity(x, y):
    """Return D of two groups."""
    return sum(abs(a / sum(x) - b / sum(y)) for a, b in zip(x, y, strict=True)) / 2


def carrington_troske(value, by_chance):
    """Return the systematic part of an index (Carrington and Troske 1997)."""
    return (value - by_chance) / (1 - by_chance if value >= by_chance else by_chance)


def most_likely(z):
    """Return the n that makes z likeliest where it is the size of a normal with mean n or -n and variance 1, by
    narrowing a grid."""

    def likelihood(n):
        return math.exp(-((z - n) ** 2) / 2) + math.exp(-((z + n) ** 2) / 2)

    low, high = 0.0, z + 1.0
    for _ in range(14):
        steps = [low + (high - low) * k / 200 for k in range(201)]
        best = max(range(201), key=lambda k: likelihood(steps[k]))
        low, high = steps[max(best - 2, 0)], steps[min(best + 2, 200)]
    return (low + high) / 2


def density(x, y):
    """Return the density-corrected D (Allen, Burgess, Davidson and Windmeijer 2015)."""
    total = 0.0
    for a, b in zip(x, y, strict=True):
        p, q = a / sum(x), b / sum(y)
        error = math.sqrt(p * (1 - p) / sum(x) + q * (1 - q) / sum(y))
        if error > 0:
            total += error * most_likely(abs(p - q) / error)
        else:
            total += abs(p - q)
    return total / 2


def miller_madow(table):
    """Return M in nats less its bias to the first order, and that in shares of the entropy."""
    rows = [row for row in table if sum(row)]
    columns = [column for column in zip(*table, strict=True) if sum(column)]
    n = sum(map(sum, rows))
    m = 0.0
    for row in rows:
        for cell, column in zip(
            [c for c, k in zip(row, zip(*table, strict=True), strict=True) if sum(k)], columns, strict=True
        ):
            if cell:
                m += cell / n * math.log(cell * n / (sum(row) * sum(column)))
    corrected = m - (len(rows) - 1) * (len(columns) - 1) / (2 * n)
    return corrected, corrected / -sum(sum(c) / n * math.log(sum(c) / n) for c in columns)


def leave_one_out(x, y):
    """Return Fossett's V: everybody's unit is described by the others in it; those who are alone are left out."""
    units = [(a, b) for a, b in zip(x, y, strict=True) if a + b > 1]
    group, rest = sum(a for a, _ in units), sum(b for _, b in units)
    met_by_group = sum(a / group * (a - 1) / (a + b - 1) for a, b in units)
    met_by_rest = sum(b / rest * a / (a + b - 1) for a, b in units)
    return met_by_group - met_by_rest


def log_beta(a, b):
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


def beta_binomial(x, t, a, b):
    """Return the chance of x among t where the share is drawn from a beta distribution."""
    return math.comb(t, x) * math.exp(log_beta(x + a, t - x + b) - log_beta(a, b))


def mixture_likelihood(x, t, weights, parameters):
    """Return the log-likelihood of a mixture of beta distributions."""
    return sum(
        math.log(sum(w * beta_binomial(k, n, a, b) for w, (a, b) in zip(weights, parameters, strict=True)))
        for k, n in zip(x, t, strict=True)
    )


def over_mixture(function, weights, parameters, steps=20_000):
    """Return the mean of a function of the share, by the midpoints of equal steps of the angle whose squared sine the
    share is, for parameters of 1/2 or more."""
    total = 0.0
    for k in range(steps):
        angle = (k + 0.5) / steps * math.pi / 2
        p = math.sin(angle) ** 2
        for w, (a, b) in zip(weights, parameters, strict=True):
            log = (2 * a - 1) * math.log(math.sin(angle)) + (2 * b - 1) * math.log(math.cos(angle)) - log_beta(a, b)
            total += w * 2 * math.exp(log) * function(p) * (math.pi / 2 / steps)
    return total


def index_of_mixture(name, weights, parameters):
    """Return an index of a mixture of beta distributions."""
    mean = sum(w * a / (a + b) for w, (a, b) in zip(weights, parameters, strict=True))
    function, value = OF_SHARES[name]
    return value(over_mixture(lambda p: function(p, mean), weights, parameters), mean)


def entropy(p):
    return -sum(q * math.log(q) for q in (p, 1 - p) if q > 0)


OF_SHARES = {
    "dissimilarity": (lambda p, m: abs(p - m), lambda e, m: e / (2 * m * (1 - m))),
    "karmel_maclachlan": (lambda p, m: abs(p - m), lambda e, m: e),
    "gorard": (lambda p, m: abs(p - m), lambda e, m: e / (2 * m)),
    "minmax": (lambda p, m: abs(p - m), lambda e, m: 2 * (d := e / (2 * m * (1 - m))) / (1 + d)),
    "information_theory": (lambda p, _: entropy(p), lambda e, m: 1 - e / entropy(m)),
    "mutual_information": (lambda p, _: entropy(p), lambda e, m: entropy(m) - e),
    "correlation_ratio": (lambda p, m: (p - m) ** 2, lambda e, m: e / (m * (1 - m))),
    "relative_diversity": (lambda p, m: (p - m) ** 2, lambda e, m: e / (m * (1 - m))),
    "isolation": (lambda p, _: p * p, lambda e, m: e / m),
    "atkinson": (lambda p, _: math.sqrt(p * (1 - p)), lambda e, m: 1 - e * e / (m * (1 - m))),
    "hutchens": (lambda p, _: math.sqrt(p * (1 - p)), lambda e, m: 1 - e / math.sqrt(m * (1 - m))),
}
"""Index -> function of the share of a unit, and what its mean makes of it, m being the share of the city."""


def gini_of_mixture(weights, parameters, steps=400):
    """Return the mean difference of two shares over 2 m (1 - m), by pairs of midpoints."""
    points, masses = [], []
    for k in range(steps):
        angle = (k + 0.5) / steps * math.pi / 2
        mass = 0.0
        for w, (a, b) in zip(weights, parameters, strict=True):
            log = (2 * a - 1) * math.log(math.sin(angle)) + (2 * b - 1) * math.log(math.cos(angle)) - log_beta(a, b)
            mass += w * 2 * math.exp(log) * (math.pi / 2 / steps)
        points.append(math.sin(angle) ** 2)
        masses.append(mass)
    mean = sum(p * w for p, w in zip(points, masses, strict=True))
    difference = sum(
        v * w * abs(p - q) for p, v in zip(points, masses, strict=True) for q, w in zip(points, masses, strict=True)
    )
    return difference / (2 * mean * (1 - mean))


def solved(matrix, right):
    """Return the solution of linear equations by elimination, or None where there is none."""
    n = len(right)
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for k in range(n):
        pivot = max(range(k, n), key=lambda r: abs(rows[r][k]))
        if abs(rows[pivot][k]) < 1e-13:
            return None
        rows[k], rows[pivot] = rows[pivot], rows[k]
        for r in range(n):
            if r != k:
                factor = rows[r][k] / rows[k][k]
                rows[r] = [v - factor * u for u, v in zip(rows[k], rows[r], strict=True)]
    return [rows[k][n] / rows[k][k] for k in range(n)]


def extremes(points, moments, function):
    """Return the least and greatest mean of a function over all distributions on some points with given first moments:
    they are reached by a distribution on as many points as there are moments, and one more."""
    found = []
    for chosen in itertools.combinations(points, len(moments) + 1):
        matrix = [[p**k for p in chosen] for k in range(len(moments) + 1)]
        masses = solved(matrix, [1.0, *moments])
        if masses is not None and min(masses) > -1e-9:
            found.append(sum(w * function(p) for w, p in zip(masses, chosen, strict=True)))
    return min(found), max(found)
