"""Uncertain counts in plain Python, and surveys of invented cities of which the truth is known.

Formulas: U.S. Census Bureau, American Community Survey Accuracy of the Data (margins of error, replicates);
Fay and Train (1995), successive difference replication.
"""

import math

import numpy as np


def dissimilarity(table):
    x, y = sum(row[0] for row in table), sum(row[1] for row in table)
    return sum(abs(row[0] / x - row[1] / y) for row in table) / 2


def correlation_ratio(table):
    people = sum(sum(row) for row in table)
    x = sum(row[0] for row in table)
    isolation = sum(row[0] / x * row[0] / sum(row) for row in table if sum(row) > 0)
    return (isolation - x / people) / (1 - x / people)


def entropy(shares):
    return -sum(p * math.log(p) for p in shares if p > 0)


def information_theory(table):
    groups = range(len(table[0]))
    people = sum(sum(row) for row in table)
    whole = entropy([sum(row[m] for row in table) / people for m in groups])
    parts = sum(sum(row) * entropy([n / sum(row) for n in row]) for row in table if sum(row) > 0)
    return 1 - parts / (people * whole)


def replicate_variance(value, values, factor):
    return factor * sum((one - value) ** 2 for one in values)


def replicate_bias(value, values, factor):
    return factor * sum(one - value for one in values)


# surveys


def invented_city(rng, units, people, share, mixing):
    """Two groups; the share of the first follows a beta distribution."""
    shares = rng.beta(share * (1 / mixing - 1), (1 - share) * (1 / mixing - 1), units)
    totals = rng.integers(people // 2, people * 3 // 2, units)
    first = np.round(shares * totals).astype(np.int64)
    return np.stack([first, totals - first], axis=1)


def poisson_survey(rng, city, one_in):
    """Each person is in the sample by a toss of their own: counts, and standard errors as a survey gives them."""
    counts = one_in * rng.binomial(city, 1 / one_in).astype(float)
    return counts, np.where(counts > 0, np.sqrt((one_in - 1) * counts), 7.3)


def systematic_survey(rng, city, one_in):
    """Every 20th person of a list sorted by unit: counts, and 80 tables of successive differences."""
    units = len(city)
    ends = np.cumsum(city.sum(axis=1))
    taken = np.arange(rng.integers(one_in), ends[-1], one_in)
    unit = np.searchsorted(ends, taken, side="right")
    group = np.empty(len(taken), dtype=np.int64)
    for j in range(units):
        here = unit == j
        members = rng.hypergeometric(city[j, 0], city[j, 1], int(here.sum())) if here.any() else 0
        group[here] = rng.permutation(np.arange(int(here.sum())) >= members)
    factors = replicate_factors(len(taken))
    cell = 2 * unit + group
    counts = np.bincount(cell, minlength=2 * units).reshape(units, 2) * float(one_in)
    tables = [
        np.bincount(cell, weights=one_in * factors[:, r], minlength=2 * units).reshape(units, 2) for r in range(80)
    ]
    return counts, np.array(tables)


def hadamard():
    """Order 80 by Paley's construction over the field of 79 elements, with a first row of ones."""
    q = 79
    squares = {i * i % q for i in range(1, q)}

    def sign(a):
        return 0 if a % q == 0 else 1 if a % q in squares else -1

    matrix = np.eye(q + 1, dtype=np.int64)
    matrix[0, 1:] += 1
    matrix[1:, 0] -= 1
    matrix[1:, 1:] += np.array([[sign(i - j) for j in range(q)] for i in range(q)])
    assert (matrix @ matrix.T == 80 * np.eye(80)).all()
    return matrix * matrix[0]


def replicate_factors(people):
    """Factors (people, 80): 1 + 2^-1.5 a - 2^-1.5 b, with two rows a and b for each, b being the next person's a."""
    rows = []
    place, step = 0, 1
    while len(rows) <= people:
        turn = [(place + k * step) % 79 for k in range(79)]
        rows += turn
        step = step % 78 + 1
        place = (turn[-1] + step) % 79
    chain = np.array(rows[: people + 1]) + 1
    matrix = hadamard()
    return 1 + 2**-1.5 * (matrix[chain[:-1]] - matrix[chain[1:]])
