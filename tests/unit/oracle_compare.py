"""Comparing two cities, again in plain loops: every exchange of labels there is."""

import itertools


def dissimilarity(rows):
    """D of the first group against the second; rows are (x, y)."""
    x, y = sum(row[0] for row in rows), sum(row[1] for row in rows)
    if x == 0 or y == 0:
        return None
    return sum(abs(row[0] / x - row[1] / y) for row in rows) / 2


def reached(observed, values):
    """Share of values that are as large, as small, and twice the smaller of the two."""
    more = sum(value >= observed - 1e-12 for value in values) / len(values)
    less = sum(value <= observed + 1e-12 for value in values) / len(values)
    return {"greater": more, "less": less, "two-sided": min(1.0, 2 * min(more, less))}


def paired(first, second, index=dissimilarity):
    """p of the difference when units change sides in all 2^n ways."""
    observed = index(first) - index(second)
    values = []
    for sides in itertools.product((0, 1), repeat=len(first)):
        one = [second[j] if side else first[j] for j, side in enumerate(sides)]
        two = [first[j] if side else second[j] for j, side in enumerate(sides)]
        a, b = index(one), index(two)
        if a is not None and b is not None:
            values.append(a - b)
    return reached(observed, values)


def pooled(first, second, index=dissimilarity):
    """p of the difference when all units are dealt anew in all ways that keep the numbers of units."""
    observed = index(first) - index(second)
    units = [row for row in [*first, *second] if sum(row) > 0]
    many = sum(sum(row) > 0 for row in first)
    values = []
    for chosen in itertools.combinations(range(len(units)), many):
        one = [units[j] for j in chosen]
        two = [units[j] for j in range(len(units)) if j not in chosen]
        a, b = index(one), index(two)
        if a is not None and b is not None:
            values.append(a - b)
    return reached(observed, values)
