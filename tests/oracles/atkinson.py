"""Atkinson's index A of two groups, the first set against the second.

James and Taeuber (1985), Massey and Denton (1988): 1 - P/(1-P) |sum_j (1-p_j)^(1-b) p_j^b t_j / (P T)|^(1/(1-b)).
"""

from ._common import NAN, add, defined, totals, units_used


def oracle(counts, composition, shares, b=0.5):
    """Return A(b)."""
    if not defined(counts, composition, shares):
        return NAN
    people = totals(counts)
    units = units_used(counts, composition)
    everyone = add(people[j] for j in units)
    share = shares[0]
    total = 0.0
    for j in units:
        here = float(composition[j][0])
        total += float(composition[j][1]) ** (1 - b) * here**b * float(people[j]) / float(share * everyone)
    return 1 - float(share) / float(shares[1]) * total ** (1 / (1 - b))


COUNTEREXAMPLES = {}
