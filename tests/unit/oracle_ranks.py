"""Confidence sets of ranks and letters, again in plain loops.

Mogstad, Romano, Shaikh and Wilhelm (2024), doi:10.1093/restud/rdad006: all hypotheses "i is not above j" are tested
together; rank i from 1 + the number of cities surely above it to the number of cities not surely below it. The steps
are those of Romano and Wolf (2005), doi:10.1198/016214504000000539. Letters: Piepho (2004), doi:10.1198/1061860043515,
here as all largest sets of cities of which no two are told apart.
"""

import itertools
import math


def mean(values):
    return sum(values) / len(values)


def deviation(values):
    middle = mean(values)
    return math.sqrt(sum((value - middle) ** 2 for value in values) / (len(values) - 1))


def quantile(values, level):
    """The smallest of the values below which R + 1 draws fall with the level, or the largest."""
    ordered = sorted(values)
    place = math.ceil(level * (len(ordered) + 1) - 1e-9)
    return ordered[min(place, len(ordered)) - 1]


def spread(se, i, j):
    return math.sqrt(se[i] ** 2 + se[j] ** 2)


def above(values, replicates, level):
    """Pairs (i, j) of which i is surely above j; values measured, replicates one row per draw."""
    many = len(values)
    columns = [[row[i] for row in replicates] for i in range(many)]
    centre = [mean(column) for column in columns]
    se = [deviation(column) for column in columns]
    best = [2 * value - middle for value, middle in zip(values, centre, strict=True)]
    left = {(i, j) for i in range(many) for j in range(many) if i != j}
    sure = set()
    while left:
        tops = []
        for row in replicates:
            gaps = [value - middle for value, middle in zip(row, centre, strict=True)]
            tops.append(max((gaps[i] - gaps[j]) / spread(se, i, j) for i, j in left))
        critical = quantile(tops, level)
        found = {(i, j) for i, j in left if (best[i] - best[j]) / spread(se, i, j) > critical}
        if not found:
            break
        sure |= found
        left -= found
    return sure


def rank_sets(values, replicates, level):
    """Lowest and highest rank of every city; 1 is the largest value."""
    sure, many = above(values, replicates, level), len(values)
    low = [1 + sum((j, i) in sure for j in range(many)) for i in range(many)]
    high = [many - sum((i, j) in sure for j in range(many)) for i in range(many)]
    return low, high


def pair_intervals(values, replicates, level):
    """Intervals of all differences that hold together, {(i, j): (low, high)} with i < j."""
    many = len(values)
    columns = [[row[i] for row in replicates] for i in range(many)]
    centre = [mean(column) for column in columns]
    se = [deviation(column) for column in columns]
    pairs = list(itertools.combinations(range(many), 2))
    tops = []
    for row in replicates:
        gaps = [value - middle for value, middle in zip(row, centre, strict=True)]
        tops.append(max(abs(gaps[i] - gaps[j]) / spread(se, i, j) for i, j in pairs))
    critical = quantile(tops, level)
    best = [2 * value - middle for value, middle in zip(values, centre, strict=True)]
    return {
        (i, j): (best[i] - best[j] - critical * spread(se, i, j), best[i] - best[j] + critical * spread(se, i, j))
        for i, j in pairs
    }


def value_intervals(values, replicates, level):
    """Intervals of all values that hold together."""
    many = len(values)
    columns = [[row[i] for row in replicates] for i in range(many)]
    centre = [mean(column) for column in columns]
    se = [deviation(column) for column in columns]
    tops = [max(abs(row[i] - centre[i]) / se[i] for i in range(many)) for row in replicates]
    critical = quantile(tops, level)
    best = [2 * value - middle for value, middle in zip(values, centre, strict=True)]
    return [(best[i] - critical * se[i], best[i] + critical * se[i]) for i in range(many)]


def groups(many, told_apart):
    """All largest sets of cities of which no two are told apart; `told_apart` holds frozensets of two."""
    alike = [
        set(some)
        for size in range(1, many + 1)
        for some in itertools.combinations(range(many), size)
        if not any(frozenset(pair) in told_apart for pair in itertools.combinations(some, 2))
    ]
    return [some for some in alike if not any(some < other for other in alike)]
