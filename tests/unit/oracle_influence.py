"""Influence of one person more, by the difference of two tables in fractions; nothing of the package is imported."""

from fractions import Fraction
from math import log


def information(table):
    total = sum(map(sum, table))
    shares = [sum(row[m] for row in table) / total for m in range(len(table[0]))]
    entropy = -sum(p * log(p) for p in shares if p > 0)
    mutual = sum(
        x / total * log(x * total / (sum(row) * (shares[m] * total)))
        for row in table
        for m, x in enumerate(row)
        if x > 0
    )
    return mutual, mutual / entropy


def two_groups(table, group):
    """Return D of a group against everybody else, as a fraction."""
    own = sum(Fraction(row[group]) for row in table)
    rest = sum(Fraction(sum(row) - row[group]) for row in table)
    return sum(abs(Fraction(row[group]) / own - Fraction(sum(row) - row[group]) / rest) for row in table) / 2


def exposure(table, group, other):
    own = sum(Fraction(row[group]) for row in table)
    return sum(Fraction(row[group]) * Fraction(row[other]) / sum(map(Fraction, row)) for row in table if sum(row)) / own


def eta(table, group):
    share = sum(Fraction(row[group]) for row in table) / sum(Fraction(x) for row in table for x in row)
    return (exposure(table, group, group) - share) / (1 - share)


def slope(index, table, unit, group, step=Fraction(1, 10**6)):
    """Return the derivative for people of a group in a unit, by a central difference."""
    up = [list(map(Fraction, row)) for row in table]
    down = [list(map(Fraction, row)) for row in table]
    up[unit][group] += step
    down[unit][group] -= step
    return float((index(up) - index(down)) / (2 * step))
