"""Location quotient: how many times more of a group a unit meets than the city holds.

Isard (1960), Brown and Chung (2006): p_jm / pi_m, or over the share of a wider area.
"""

from ._common import NAN, units_used


def oracle(counts, composition, shares, group, reference=None):
    """Return the quotient of each unit, nan for units without people; undefined without people to compare."""
    values = [NAN for _ in counts]
    against = shares if reference is None else reference
    if against[group] > 0:
        for j in units_used(counts, composition):
            values[j] = composition[j][group] / against[group]
    return values


local = oracle

COUNTEREXAMPLES = {}
