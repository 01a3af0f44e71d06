"""Mutual information M between unit and group, at the same time Roberto's divergence index.

Theil (1971), Mora and Ruiz-Castillo (2011), Frankel and Volij (2011); Roberto (2015): the population-weighted
mean of sum_m p_jm log(p_jm / pi_m).
"""

import math

from ._common import NAN, add, defined, groups_used, logarithm, totals, units_used


def contributions(counts, composition, shares, base=math.e):
    """Return (t_j / T) times the divergence of what unit j meets from the city."""
    if not defined(counts, composition, shares):
        return [NAN for _ in counts]
    people = totals(counts)
    units = units_used(counts, composition)
    groups = groups_used(shares)
    everyone = add(people[j] for j in units)
    terms = [0.0 for _ in counts]
    for j in units:
        divergence = []
        for m in groups:
            met = composition[j][m]
            if met > 0:
                divergence.append(met * logarithm(met / shares[m], base))
        terms[j] = people[j] / everyone * add(divergence)
    return terms


def oracle(counts, composition, shares, base=math.e):
    """Return M."""
    return add(contributions(counts, composition, shares, base=base))


COUNTEREXAMPLES = {}
