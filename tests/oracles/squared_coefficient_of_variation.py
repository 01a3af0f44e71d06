"""Squared coefficient of variation C.

Reardon and Firebaugh (2002): the sum over groups and units of t_j (p_jm - pi_m)^2 over T (M - 1) pi_m.
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
        for m in groups:
            terms[j] += people[j] * (composition[j][m] - shares[m]) ** 2 / (everyone * (len(groups) - 1) * shares[m])
    return terms


def oracle(counts, composition, shares):
    """Return C."""
    return add(contributions(counts, composition, shares))


COUNTEREXAMPLES = {
    # One of group 1 goes from unit 2 (share 1/2, then 3/7) to unit 0 (5/14, then 6/15): what was a unit of groups 0
    # and 1 half and half becomes one with a larger surplus of the rare group 0.
    "transfers": (
        [[1.0, 5.0, 8.0], [2.0, 8.0, 3.0], [4.0, 4.0, 0.0]],
        [[1.0, 6.0, 8.0], [2.0, 8.0, 3.0], [4.0, 3.0, 0.0]],
    ),
}
