"""Gini's segregation index G for any number of groups.

Jahn, Schmid and Schrag (1947) for two groups; Reardon (1998), and Reardon and Firebaugh (2002) for
many: the sum over groups and pairs of units of t_i t_j |p_im - p_jm|, over 2 T^2 I.
"""

from ._common import NAN, add, defined, groups_used, interaction_of, totals, units_used


def contributions(counts, composition, shares):
    """Return for each unit its half of all pairs it stands in.

    The double sum runs over ordered pairs, so a unit's half is its row of it.
    """
    if not defined(counts, composition, shares):
        return [NAN for _ in counts]
    people = totals(counts)
    units = units_used(counts, composition)
    groups = groups_used(shares)
    everyone = add(people[j] for j in units)
    scale = 2 * everyone * everyone * interaction_of(shares, groups)
    terms = [people[0] * 0 for _ in counts]
    for i in units:
        row = []
        for j in units:
            here, there = composition[i], composition[j]
            distance = people[0] * 0
            for m in groups:
                distance += abs(here[m] - there[m])
            row.append(people[j] * distance)
        terms[i] = people[i] * add(row) / scale
    return terms


def oracle(counts, composition, shares):
    """Return G, from every pair of units once: both orders give the same."""
    if not defined(counts, composition, shares):
        return NAN
    units = units_used(counts, composition)
    groups = groups_used(shares)
    everybody = totals(counts)
    people = [everybody[j] for j in units]
    everyone = add(people)
    pairs = []
    for m in groups:
        met = [composition[j][m] for j in units]
        for i, here in enumerate(met):
            pairs.append(people[i] * add([people[j] * abs(here - met[j]) for j in range(i)]))
    return add(pairs) / (everyone * everyone * interaction_of(shares, groups))


COUNTEREXAMPLES = {
    # One of group 2 goes from unit 2 (share 2/4, then 1/3) to unit 0 (share 0, then 1/3), yet G rises from
    # 20/59 to 23/59: unit 2 is left with a larger surplus of group 0. With two groups this cannot happen
    # (Reardon and Firebaugh 2002).
    "transfers": (
        [[1.0, 1.0, 0.0], [4.0, 4.0, 0.0], [2.0, 0.0, 2.0]],
        [[1.0, 1.0, 1.0], [4.0, 4.0, 0.0], [2.0, 0.0, 1.0]],
    ),
}
