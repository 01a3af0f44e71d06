"""Share of a group in what each unit meets, p_jm."""

from ._common import NAN, units_used


def oracle(counts, composition, shares, group):
    """Return the share of each unit, nan for units without people; that of a group without people is 0."""
    values = [NAN for _ in counts]
    for j in units_used(counts, composition):
        values[j] = composition[j][group]
    return values


local = oracle

COUNTEREXAMPLES = {}
