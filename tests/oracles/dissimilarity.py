"""Dissimilarity D for any number of groups.

Duncan and Duncan (1955) for two groups; Morgan (1975), Sakoda (1981), and Reardon and Firebaugh (2002)
for many: the sum over groups and units of t_j |p_jm - pi_m|, over 2 T I with I = sum pi_m (1 - pi_m).
"""

from ._common import NAN, add, defined, groups_used, interaction_of, totals, units_used


def contributions(counts, composition, shares):
    """Return each unit's term of the sum."""
    if not defined(counts, composition, shares):
        return [NAN for _ in counts]
    people = totals(counts)
    units = units_used(counts, composition)
    groups = groups_used(shares)
    everyone = add(people[j] for j in units)
    scale = 2 * everyone * interaction_of(shares, groups)
    terms = [people[0] * 0 for _ in counts]
    for j in units:
        distance = people[0] * 0
        for m in groups:
            distance += abs(composition[j][m] - shares[m])
        terms[j] = people[j] * distance / scale
    return terms


def oracle(counts, composition, shares):
    """Return D."""
    return add(contributions(counts, composition, shares))


COUNTEREXAMPLES = {
    # One of group 0 goes from unit 1 (share 3/5, then 2/4) to unit 0 (share 0, then 1/2), yet D rises from
    # 19/34 to 10/17: those who stay behind in unit 1 make its surplus of group 2 larger. With two groups this
    # cannot happen (Reardon and Firebaugh 2002).
    "transfers": (
        [[0.0, 1.0, 0.0], [3.0, 0.0, 2.0], [2.0, 0.0, 0.0]],
        [[1.0, 1.0, 0.0], [2.0, 0.0, 2.0], [2.0, 0.0, 0.0]],
    ),
}
