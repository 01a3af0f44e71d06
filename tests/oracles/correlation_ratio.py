"""Correlation ratio eta squared, also V: isolation freed from the size of the group.

Bell (1954), Coleman, Kelly and Moore (1975), White (1986), Massey and Denton (1988): (xPx - P) / (1 - P).
"""

from ._common import NAN, add, defined, totals, units_used


def contributions(counts, composition, shares, group):
    """Return (x_j / X) (p_j - P) / (1 - P), the term of the sum that also holds within an environment."""
    if not defined(counts, composition, shares, group):
        return [NAN for _ in counts]
    people = totals(counts)
    units = units_used(counts, composition)
    members = add(counts[j][group] for j in units)
    if not members > 0:
        return [NAN for _ in counts]
    share = shares[group]
    terms = [people[0] * 0 for _ in counts]
    for j in units:
        terms[j] = counts[j][group] / members * (composition[j][group] - share) / (1 - share)
    return terms


def oracle(counts, composition, shares, group):
    """Return eta squared, summed from its terms: xPx - P itself loses digits where P is close to 1."""
    return add(contributions(counts, composition, shares, group))


COUNTEREXAMPLES = {}
