"""Divergence of the spread of a group from that of all people.

Alonso-Villar and Del Rio (2010), Mora and Ruiz-Castillo (2011): sum_j (t_jm/T_m) ln[(t_jm/T_m) / (t_j/T)].
"""

import math

from ._common import NAN, add, defined, logarithm, totals


def contributions(counts, composition, shares, group, base=math.e):
    """Return each unit's term of the sum."""
    if not defined(counts, composition, shares, group):
        return [NAN for _ in counts]
    people = totals(counts)
    everyone = add(people)
    members = add(row[group] for row in counts)
    terms = []
    for row, total in zip(counts, people, strict=True):
        part = row[group] / members
        terms.append(part * logarithm(part / (total / everyone), base) if part > 0 else 0.0)
    return terms


def oracle(counts, composition, shares, group, base=math.e):
    """Return the divergence."""
    return add(contributions(counts, composition, shares, group, base))


COUNTEREXAMPLES = {}
