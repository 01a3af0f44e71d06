"""Hutchens' square root index O, for any number of groups.

Hutchens (2004) for two: 1 - sum_j sqrt(x_j/X y_j/Y); here 1 - sum_j (product over groups of t_jm/T_m)^(1/M). A unit's
term is the mean of its t_jm/T_m less their geometric mean.
"""

import math

from ._common import NAN, add, defined, groups_used


def contributions(counts, composition, shares):
    """Return the arithmetic less the geometric mean of the shares of each group that live in each unit."""
    if not defined(counts, composition, shares):
        return [NAN for _ in counts]
    groups = groups_used(shares)
    sizes = {m: add(row[m] for row in counts) for m in groups}
    terms = []
    for row in counts:
        parts = [float(row[m]) / float(sizes[m]) for m in groups]
        geometric = 0.0
        if min(parts) > 0:
            geometric = math.exp(math.fsum(math.log(part) for part in parts) / len(parts))
        terms.append(math.fsum(parts) / len(parts) - geometric)
    return terms


def oracle(counts, composition, shares):
    """Return O as it is written in the paper."""
    if not defined(counts, composition, shares):
        return NAN
    groups = groups_used(shares)
    sizes = {m: add(row[m] for row in counts) for m in groups}
    total = []
    for row in counts:
        product = 1.0
        for m in groups:
            product *= (float(row[m]) / float(sizes[m])) ** (1 / len(groups))
        total.append(product)
    return 1 - math.fsum(total)


COUNTEREXAMPLES = {
    # Half of group 0 in unit 0 go to unit 1, where it is scarcer and stays so. But unit 1 has nobody of group 2, so
    # that its geometric mean stays 0, while that of unit 0 falls.
    "transfers": (
        [[4.0, 2.0, 2.0], [0.0, 8.0, 0.0], [4.0, 2.0, 2.0]],
        [[2.0, 2.0, 2.0], [2.0, 8.0, 0.0], [4.0, 2.0, 2.0]],
    ),
    # Two of group 0 in unit 0 change places with two of group 1 in unit 1, each to where their group is scarcer. Unit
    # 1 has nobody of group 2 and counts nothing before and after; in unit 0 the product of 4 and 6 falls
    # to that of 2 and 8.
    "exchanges": (
        [[4.0, 6.0, 1.0], [0.0, 20.0, 0.0], [4.0, 2.0, 2.0]],
        [[2.0, 8.0, 1.0], [2.0, 18.0, 0.0], [4.0, 2.0, 2.0]],
    ),
}
