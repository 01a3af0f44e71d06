"""Divergence of a unit from the city, Kullback and Leibler's relative entropy.

Theil (1967), Roberto (2015): sum_m p_jm log(p_jm / pi_m), or against the shares of a wider area. Undefined
where a unit meets a group that the reference does not hold.
"""

import math

from ._common import NAN, add, groups_used, logarithm, units_used


def oracle(counts, composition, shares, base=math.e, reference=None):
    """Return the divergence of each unit, nan for units without people."""
    values = [NAN for _ in counts]
    against = shares if reference is None else reference
    for j in units_used(counts, composition):
        terms = [0.0]
        for m in groups_used(shares):
            met = composition[j][m]
            if met > 0:
                terms.append(met * logarithm(met / against[m], base) if against[m] > 0 else NAN)
        values[j] = add(terms)
    return values


local = oracle

COUNTEREXAMPLES = {}
