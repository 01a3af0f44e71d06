"""Exposure xPy: the share of another group that a member of a group meets.

Bell (1954), Lieberson (1981), Massey and Denton (1988): sum_j (x_j / X) q_j, q_j the share of the other group
met in unit j. With ``exact`` a person does not meet itself: q_j = y_j / (t_j - 1), people alone in their unit
left out.
"""

from ._common import NAN, add, defined, totals, units_used


def contributions(counts, composition, shares, group, other, exact=False):
    """Return (x_j / X) times the share of the other group met in unit j."""
    if not defined(counts, composition, shares, group):
        return [NAN for _ in counts]
    people = totals(counts)
    units = units_used(counts, composition)
    if exact:
        units = [j for j in units if people[j] > 1]
    members = add(counts[j][group] for j in units)
    if not members > 0:
        return [NAN for _ in counts]
    terms = [people[0] * 0 for _ in counts]
    for j in units:
        met = counts[j][other] / (people[j] - 1) if exact else composition[j][other]
        terms[j] = counts[j][group] / members * met
    return terms


def oracle(counts, composition, shares, group, other, exact=False):
    """Return xPy."""
    return add(contributions(counts, composition, shares, group, other, exact=exact))


COUNTEREXAMPLES = {
    # Exposure measures contact, the opposite of segregation: mixing raises it. Two units of one group each
    # have none; after one of group 0 moved in with group 1 half of group 0 meets two thirds of the other:
    # 1/3.
    "transfers": ([[2.0, 0.0], [0.0, 2.0]], [[1.0, 0.0], [1.0, 2.0]], {"group": 0, "other": 1}),
    # After one of each changed places everybody meets one half of the other: 1/2.
    "exchanges": ([[2.0, 0.0], [0.0, 2.0]], [[1.0, 1.0], [1.0, 1.0]], {"group": 0, "other": 1}),
}
