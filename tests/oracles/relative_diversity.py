"""Relative diversity R.

Goodman and Kruskal's tau_b, Carlson (1992), Reardon (1998), Reardon and Firebaugh (2002); within an
environment Reardon and O'Sullivan (2004): R = 1 - sum t_j I_j / (T I), I the interaction index sum pi_m (1 -
pi_m).
"""

from ._common import NAN, add, defined, groups_used, interaction_of, totals, units_used


def contributions(counts, composition, shares):
    """Return t_j (I - I_j) / (T I)."""
    if not defined(counts, composition, shares):
        return [NAN for _ in counts]
    people = totals(counts)
    units = units_used(counts, composition)
    groups = groups_used(shares)
    everyone = add(people[j] for j in units)
    city = interaction_of(shares, groups)
    terms = [people[0] * 0 for _ in counts]
    for j in units:
        terms[j] = people[j] * (city - interaction_of(composition[j], groups)) / (everyone * city)
    return terms


def oracle(counts, composition, shares):
    """Return R."""
    if not defined(counts, composition, shares):
        return NAN
    people = totals(counts)
    units = units_used(counts, composition)
    groups = groups_used(shares)
    everyone = add(people[j] for j in units)
    average = add(people[j] * interaction_of(composition[j], groups) for j in units) / everyone
    return 1 - average / interaction_of(shares, groups)


COUNTEREXAMPLES = {
    # One of group 1 goes from unit 1 (share 3/7, then 2/6) to unit 0 (share 2/8, then 3/9: equal), yet R
    # rises from 331/3976 to 6/71 = 336/3976. With two groups this cannot happen (Reardon and Firebaugh 2002).
    "transfers": (
        [[3.0, 2.0, 3.0], [0.0, 3.0, 4.0]],
        [[3.0, 3.0, 3.0], [0.0, 2.0, 4.0]],
    ),
}
