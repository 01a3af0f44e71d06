"""Merging of units in plain loops, with fifty digits, so that equal losses are equal.

Written from the definition: at each step every pair that may be merged is looked at. Units are numbered in the order
that decides between equal losses. Nothing of segregate is imported.
"""

from decimal import Decimal, localcontext
from fractions import Fraction

DIGITS = 50
NOTHING = Decimal(10) ** -38


def plus(a, b):
    return [x + y for x, y in zip(a, b, strict=True)]


def entropy_times_people(unit):
    """Return -sum t_m ln(t_m / t), exactly but for the last digits."""
    counts = [Decimal(x) for x in unit]
    people = sum(counts)
    return -sum((x * (x / people).ln() for x in counts if x > 0), Decimal(0))


def loss_of(a, b, people):
    lost = entropy_times_people(plus(a, b)) - entropy_times_people(a) - entropy_times_people(b)
    lost /= Decimal(people)
    return lost if lost > NOTHING else Decimal(0)


def first_of_least(pairs, value):
    """Return the first pair whose value is the least but for the last digits."""
    least = min(value[pair] for pair in pairs)
    return min(pair for pair in pairs if value[pair] - least <= NOTHING)


def merge_pairs(units, pairs, people, steps):
    """Merge neighbours, given as a set of (i, j) with i < j, until no pair is left; `units` changes."""
    pairs = set(pairs)
    value = {}
    while pairs:
        for i, j in pairs:
            if (i, j) not in value:
                value[i, j] = loss_of(units[i], units[j], people)
        a, b = first_of_least(pairs, value)
        steps.append((a, b, value[a, b]))
        units[a] = plus(units[a], units.pop(b))
        pairs = {tuple(sorted(a if end == b else end for end in pair)) for pair in pairs if pair != (a, b)}
        value = {pair: known for pair, known in value.items() if a not in pair and b not in pair}


def total(counts):
    return sum(Decimal(x) for unit in counts for x in unit)


def merged_by_pairs(counts, pairs):
    """Return the steps (unit that stays, unit that goes, loss) among given pairs of units."""
    with localcontext() as context:
        context.prec = DIGITS
        steps = []
        units = {j: list(unit) for j, unit in enumerate(counts)}
        merge_pairs(units, {tuple(sorted(pair)) for pair in pairs}, total(counts), steps)
        return [(a, b, float(lost)) for a, b, lost in steps]


def merged_by_all(counts):
    """Return the steps among all pairs of units."""
    n = len(counts)
    return merged_by_pairs(counts, {(i, j) for i in range(n) for j in range(i + 1, n)})


def composition(unit):
    people = sum(Fraction(x) for x in unit)
    return tuple(Fraction(x) / people for x in unit)


def hellinger(a, b):
    """Return the distance between the roots of the shares."""
    roots = [[(Decimal(p.numerator) / Decimal(p.denominator)).sqrt() for p in composition(unit)] for unit in (a, b)]
    return sum(((x - y) ** 2 for x, y in zip(*roots, strict=True)), Decimal(0)).sqrt()


def nearest_pairs(units, k):
    """Return the pairs in which one unit is among the k nearest of the other, first numbers first."""
    pairs = set()
    for i in units:
        left = {j: hellinger(units[i], units[j]) for j in units if j != i}
        for _ in range(min(k, len(left))):
            least = min(left.values())
            j = min(j for j, far in left.items() if far - least <= Decimal(10) ** -20)
            del left[j]
            pairs.add((min(i, j), max(i, j)))
    return pairs


def merged_by_nearest(counts, k):
    """Return the steps among units near in composition: equal ones first, then rounds of the k nearest."""
    with localcontext() as context:
        context.prec = DIGITS
        steps, people = [], total(counts)
        units = {j: list(unit) for j, unit in enumerate(counts)}
        equal = {(i, j) for i in units for j in units if i < j and composition(units[i]) == composition(units[j])}
        merge_pairs(units, equal, people, steps)
        while len(units) > 1:
            merge_pairs(units, nearest_pairs(units, k), people, steps)
        return [(a, b, float(lost)) for a, b, lost in steps]
