"""Krieger's index of concentration at the extremes: (a_j - b_j) / t_j, and its mean over people."""

from ._common import NAN, add, defined, totals, units_used


def contributions(counts, composition, shares, group, other):
    """Return t_j / T times the surplus of the first group over the second."""
    if not defined(counts, composition, shares, group):
        return [NAN for _ in counts]
    people = totals(counts)
    units = units_used(counts, composition)
    if not add(counts[j][group] for j in units) > 0:
        return [NAN for _ in counts]
    everyone = add(people[j] for j in units)
    terms = [people[0] * 0 for _ in counts]
    for j in units:
        terms[j] = people[j] * (composition[j][group] - composition[j][other]) / everyone
    return terms


def oracle(counts, composition, shares, group, other):
    """Return the mean over people."""
    return add(contributions(counts, composition, shares, group, other))


def local(counts, composition, shares, group, other):
    """Return the surplus in each unit, nan for units without people."""
    values = [NAN for _ in counts]
    for j in units_used(counts, composition):
        values[j] = composition[j][group] - composition[j][other]
    return values


COUNTEREXAMPLES = {}
