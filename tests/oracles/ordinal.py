"""Reardon's (2009) ordinal indices: 1 - (mean variation of the units) / (variation of the city).

The variation of a distribution over ordered categories is the mean over the thresholds of f(c), c the share below.
"""

import math

from ._common import NAN, add, defined, groups_used, split_entropy, totals, units_used


def spread(below, kind):
    """Return f of the share below a threshold: 1 at one half, 0 where nobody or everybody is below."""
    above = 1 - below
    if below <= 0 or above <= 0:
        return 0 * below
    if kind == "entropy":
        return split_entropy(below, above) / math.log(2)
    if kind == "variance":
        return 4 * below * above
    if kind == "sqrt":
        return 2 * math.sqrt(below * above)
    return 1 - abs(2 * below - 1)


def variation(row, groups, kind):
    """Return the mean of f over the thresholds between the groups."""
    values = []
    for k in range(len(groups) - 1):
        below = add(row[m] for m in groups[: k + 1])
        values.append(spread(below, kind))
    return add(values) / len(values)


def contributions(counts, composition, shares, kind="entropy"):
    """Return t_j (v - v_j) / (T v)."""
    if not defined(counts, composition, shares):
        return [NAN for _ in counts]
    people = totals(counts)
    units = units_used(counts, composition)
    groups = groups_used(shares)
    everyone = add(people[j] for j in units)
    whole = variation(shares, groups, kind)
    terms = [0 * whole for _ in counts]
    for j in units:
        terms[j] = people[j] * (whole - variation(composition[j], groups, kind)) / (everyone * whole)
    return terms


def oracle(counts, composition, shares, kind="entropy"):
    """Return Lambda."""
    return add(contributions(counts, composition, shares, kind))


COUNTEREXAMPLES = {
    # The order of the categories is what the index is about.
    "group_order": ([[4.0, 1.0, 0.0], [0.0, 1.0, 4.0]], [[4.0, 0.0, 1.0], [0.0, 4.0, 1.0]]),
    # Half of the middle category in unit 1 moves to unit 2, which had nobody of it: the mix of those who stay in unit 1
    # is of the lowest category all the more.
    "transfers": (
        [[0.0, 4.0, 8.0], [8.0, 2.0, 0.0], [2.0, 0.0, 3.0]],
        [[0.0, 4.0, 8.0], [8.0, 1.5, 0.0], [2.0, 0.5, 3.0]],
    ),
    # With four categories: one of the second changes places with one of the third; at the threshold between the two,
    # unit 0 has fewer below than unit 1 already, and has still fewer now.
    "exchanges": (
        [[0.0, 5.0, 0.0, 8.0], [8.0, 4.0, 8.0, 2.0]],
        [[0.0, 4.0, 1.0, 8.0], [8.0, 5.0, 7.0, 2.0]],
    ),
}
