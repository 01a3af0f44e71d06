"""The few lines all oracles need: sums, totals, who counts, and the classical (home) composition.

Sums of floats are exact to the last digit (``math.fsum``); with ``fractions.Fraction`` counts everything
stays a fraction, so that an index without logarithms can be checked without any rounding.
"""

import math

NAN = float("nan")


def add(values):
    """Return the sum: ``math.fsum`` for floats, an exact sum where there are fractions."""
    values = list(values)
    if set(map(type, values)) == {float}:
        return math.fsum(values)
    return sum(values)


def totals(counts):
    """Return the people of each unit."""
    return [add(row) for row in counts]


def home(counts):
    """Return composition and shares of a city without an environment.

    The composition of a unit is None where it has no people; a city without people has no shares.
    """
    people = totals(counts)
    composition = [
        [count / total for count in row] if total > 0 else None for row, total in zip(counts, people, strict=True)
    ]
    everyone = add(people)
    if not everyone > 0:
        return composition, [NAN for _ in counts[0]]
    shares = [add(row[m] for row in counts) / everyone for m in range(len(counts[0]))]
    return composition, shares


def units_used(counts, composition):
    """Return the numbers of the units that have people and surroundings that hold somebody."""
    return [j for j, (row, met) in enumerate(zip(counts, composition, strict=True)) if add(row) > 0 and met is not None]


def groups_used(shares):
    """Return the numbers of the groups that have people."""
    return [m for m, share in enumerate(shares) if share > 0]


def defined(counts, composition, shares, *focal):
    """Return whether there are people, two groups with people, and people in every focal group.

    Focal groups must have people in the units that count, and a share of the city.
    """
    units = units_used(counts, composition)
    if not units or len(groups_used(shares)) < 2:
        return False
    return all(shares[m] > 0 for m in focal)


def logarithm(value, base=math.e):
    """Return the logarithm to a base, the natural one by default."""
    return math.log(value) if base == math.e else math.log(value) / math.log(base)


def entropy_of(row, groups, base=math.e):
    """Return Shannon's entropy of a composition over some groups, with 0 log 0 = 0.

    The logarithm of a share near 1 is taken from the sum of the other shares, which has more digits.
    """
    terms = [0.0]
    for m in groups:
        if row[m] > 0.5:
            others = add([0.0] + [row[k] for k in groups if k != m])
            terms.append(-row[m] * (math.log1p(-others) if base == math.e else math.log1p(-others) / math.log(base)))
        elif row[m] > 0:
            terms.append(-row[m] * logarithm(row[m], base))
    return add(terms)


def split_entropy(below, above):
    """Return -(c ln c + d ln d) of two shares that add up to 1; the logarithm of the larger from the smaller."""
    small, large = sorted((float(below), float(above)))
    return -(small * math.log(small) + large * math.log1p(-small))


def interaction_of(row, groups):
    """Return Simpson's interaction index, the sum of p (1 - p)."""
    return add(row[m] * (1 - row[m]) for m in groups)


def steady(name, shares):
    """Return whether the value of an index can be told to ten digits: thresholds very close together throw a curve."""
    return name != "rank_order" or min(share for share in shares if share > 0) > 0.03


def rounding(shares):
    """Return how far rounding may lead a value from another that it equals in theory.

    Where one group is nearly everybody, 1 - P and p - P have few digits left.
    """
    return 1e-12 + 1e-14 / min(1 - share for share in shares)
