"""Extremes of indices over tables, by looking at every table of whole people within the intervals; plain loops.

The indices are written from their definitions (Duncan and Duncan 1955; Reardon and Firebaugh 2002; Massey and Denton
1988). Nothing of segregate is imported.
"""

import itertools
import math


def people_of(table):
    totals = [sum(row) for row in table]
    sizes = [sum(row[m] for row in table) for m in range(len(table[0]))]
    return totals, sizes, sum(totals)


def defined(table):
    return sum(size > 0 for size in people_of(table)[1]) >= 2


def interaction(table):
    _, sizes, people = people_of(table)
    return sum(size / people * (1 - size / people) for size in sizes)


def dissimilarity(table):
    totals, sizes, people = people_of(table)
    gaps = 0.0
    for row, total in zip(table, totals, strict=True):
        for x, size in zip(row, sizes, strict=True):
            gaps += abs(x - total * size / people)
    return gaps / (2 * people * interaction(table))


def gini(table):
    totals, _, people = people_of(table)
    gaps = 0.0
    for row, t in zip(table, totals, strict=True):
        for other, s in zip(table, totals, strict=True):
            for x, y in zip(row, other, strict=True):
                gaps += abs(x * s - y * t)
    return gaps / (2 * people**2 * interaction(table))


def mutual_information(table):
    totals, sizes, people = people_of(table)
    value = 0.0
    for row, total in zip(table, totals, strict=True):
        for x, size in zip(row, sizes, strict=True):
            if x > 0:
                value += x / people * math.log(x * people / (total * size))
    return value


def information_theory(table):
    _, sizes, people = people_of(table)
    entropy = -sum(size / people * math.log(size / people) for size in sizes if size > 0)
    return mutual_information(table) / entropy


def relative_diversity(table):
    totals, sizes, people = people_of(table)
    value = 0.0
    for row, total in zip(table, totals, strict=True):
        for x, size in zip(row, sizes, strict=True):
            if total > 0:
                value += total * (x / total - size / people) ** 2
    return value / (people * interaction(table))


def normalized_exposure(table):
    totals, sizes, people = people_of(table)
    value = 0.0
    for row, total in zip(table, totals, strict=True):
        for x, size in zip(row, sizes, strict=True):
            if total > 0:
                value += total * (x / total - size / people) ** 2 / (people * (1 - size / people))
    return value


def squared_coefficient_of_variation(table):
    totals, sizes, people = people_of(table)
    groups = sum(size > 0 for size in sizes)
    value = 0.0
    for row, total in zip(table, totals, strict=True):
        for x, size in zip(row, sizes, strict=True):
            if total > 0 and size > 0:
                value += total * (x / total - size / people) ** 2 / (people * (groups - 1) * size / people)
    return value


def isolation(table):
    totals, sizes, _ = people_of(table)
    return sum(row[0] / sizes[0] * row[0] / total for row, total in zip(table, totals, strict=True) if total > 0)


def correlation_ratio(table):
    _, sizes, people = people_of(table)
    share = sizes[0] / people
    return (isolation(table) - share) / (1 - share)


def gorard(table):
    totals, sizes, people = people_of(table)
    return sum(abs(row[0] / sizes[0] - total / people) for row, total in zip(table, totals, strict=True)) / 2


def karmel_maclachlan(table):
    _, sizes, people = people_of(table)
    share = sizes[0] / people
    return sum(abs((1 - share) * x - share * y) for x, y in table) / people


def minmax(table):
    _, sizes, _ = people_of(table)
    least = sum(min(x / sizes[0], y / sizes[1]) for x, y in table)
    most = sum(max(x / sizes[0], y / sizes[1]) for x, y in table)
    return 1 - least / most


INDICES = {
    function.__name__: function
    for function in (
        dissimilarity,
        gini,
        mutual_information,
        information_theory,
        relative_diversity,
        normalized_exposure,
        squared_coefficient_of_variation,
        isolation,
        correlation_ratio,
        gorard,
        karmel_maclachlan,
        minmax,
    )
}


def rows_of(low, high, total, steps):
    """Yield all rows of a unit on a grid of `steps` per person, with the total if it is known."""
    ranges = [range(round(a * steps), round(b * steps) + 1) for a, b in zip(low, high, strict=True)]
    for row in itertools.product(*ranges):
        if total is None or sum(row) == round(total * steps):
            yield tuple(x / steps for x in row)


def tables(low, high, totals=None, sizes=None, steps=1):
    """Yield all tables within the intervals on a grid, with the totals of units and sizes of groups that are known."""
    totals = [None] * len(low) if totals is None else totals
    units = [list(rows_of(a, b, t, steps)) for a, b, t in zip(low, high, totals, strict=True)]
    for table in itertools.product(*units):
        if sizes is not None:
            found = people_of(table)[1]
            if any(s is not None and abs(s - x) > 1e-9 for s, x in zip(sizes, found, strict=True)):
                continue
        if defined(table):
            yield table


def extremes(index, low, high, totals=None, sizes=None, steps=1):
    """Return the least and the greatest value of an index over all tables on the grid."""
    values = [INDICES[index](table) for table in tables(low, high, totals, sizes, steps)]
    return min(values), max(values)


def greatest_in_corners(index, low, high, totals=None):
    """Return the greatest value over tables whose cells lie at an end of their interval, all but one in each unit."""
    units = []
    for j, (a, b) in enumerate(zip(low, high, strict=True)):
        rows = set()
        for ends in itertools.product(*zip(a, b, strict=True)):
            if totals is None:
                rows.add(ends)
                continue
            for free in range(len(ends)):
                row = list(ends)
                row[free] = totals[j] - (sum(ends) - ends[free])
                if a[free] <= row[free] <= b[free]:
                    rows.add(tuple(row))
        units.append(sorted(rows))
    return max(INDICES[index](table) for table in itertools.product(*units) if defined(table))
