"""Normalized exposure P.

Bell (1954) for two groups, James (1986), Reardon and Firebaugh (2002) for many: the sum over groups and units
of t_j (p_jm - pi_m)^2 / (T (1 - pi_m)).
"""

from ._common import NAN, add, defined, groups_used, totals, units_used


def contributions(counts, composition, shares):
    """Return each unit's term of the sum."""
    if not defined(counts, composition, shares):
        return [NAN for _ in counts]
    people = totals(counts)
    units = units_used(counts, composition)
    groups = groups_used(shares)
    everyone = add(people[j] for j in units)
    terms = [people[0] * 0 for _ in counts]
    for j in units:
        terms[j] = add(people[j] * (composition[j][m] - shares[m]) ** 2 / (everyone * (1 - shares[m])) for m in groups)
    return terms


def oracle(counts, composition, shares):
    """Return P."""
    return add(contributions(counts, composition, shares))


COUNTEREXAMPLES = {
    # One of group 0 goes from unit 1 (share 3/9, then 2/8) to unit 0 (share 0, then 1/4: equal), yet P rises
    # from 5/99 to 5/88. With two groups this cannot happen (Reardon and Firebaugh 2002).
    "transfers": (
        [[0.0, 2.0, 1.0], [3.0, 6.0, 0.0]],
        [[1.0, 2.0, 1.0], [2.0, 6.0, 0.0]],
    ),
}
