"""Isolation xPx: the share of the own group that a member of a group meets.

Bell (1954), Lieberson (1981), Massey and Denton (1988): sum_j (x_j / X) p_j. With ``exact`` a person does not
meet itself, as Bell wrote it: sum_j (x_j / X) (x_j - 1) / (t_j - 1), people alone in their unit left out.
"""

from ._common import NAN, add, defined, totals, units_used


def contributions(counts, composition, shares, group, exact=False):
    """Return (x_j / X) times what a member of the group meets in unit j."""
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
        mine = counts[j][group]
        met = (mine - 1) / (people[j] - 1) if exact else composition[j][group]
        terms[j] = mine / members * met
    return terms


def oracle(counts, composition, shares, group, exact=False):
    """Return xPx."""
    return add(contributions(counts, composition, shares, group, exact=exact))


COUNTEREXAMPLES = {}
