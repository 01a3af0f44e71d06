"""Theil's information theory index H.

Theil and Finizza (1971), Theil (1972), Reardon and Firebaugh (2002); within an environment Reardon and
O'Sullivan (2004): H = 1 - sum t_j E_j / (T E), E the entropy of the city, E_j that of what unit j meets.
"""

from ._common import NAN, add, defined, entropy_of, groups_used, totals, units_used


def contributions(counts, composition, shares):
    """Return t_j (E - E_j) / (T E), the term of the sum as Massey and Denton (1988) write it."""
    if not defined(counts, composition, shares):
        return [NAN for _ in counts]
    people = totals(counts)
    units = units_used(counts, composition)
    groups = groups_used(shares)
    everyone = add(people[j] for j in units)
    city = entropy_of(shares, groups)
    terms = [0.0 for _ in counts]
    for j in units:
        terms[j] = people[j] * (city - entropy_of(composition[j], groups)) / (everyone * city)
    return terms


def oracle(counts, composition, shares):
    """Return H."""
    if not defined(counts, composition, shares):
        return NAN
    people = totals(counts)
    units = units_used(counts, composition)
    groups = groups_used(shares)
    everyone = add(people[j] for j in units)
    average = add(people[j] * entropy_of(composition[j], groups) for j in units) / everyone
    return 1.0 - average / entropy_of(shares, groups)


COUNTEREXAMPLES = {}
