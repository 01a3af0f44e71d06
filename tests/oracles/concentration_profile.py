"""Hong and Sadahiro (2014): the area between the concentration profile of a group and that of an even spread.

v(s) is the share of the group in units where p_j >= s; (P - [int_0^P v - int_P^1 v]) / (1 - P), with the integrals
of the step function exactly: int_a^b v = sum_j (x_j/X) max(0, min(p_j, b) - a).
"""

from ._common import NAN, add, defined, totals, units_used


def integral(counts, composition, group, units, low, high):
    """Return the integral of v from low to high."""
    members = add(counts[j][group] for j in units)
    return add(counts[j][group] / members * max(low * 0, min(composition[j][group], high) - low) for j in units)


def contributions(counts, composition, shares, group):
    """Return each unit's part: its members keep the profile above the even one beyond P, and below it before."""
    if not defined(counts, composition, shares, group):
        return [NAN for _ in counts]
    units = units_used(counts, composition)
    members = add(counts[j][group] for j in units)
    people = totals(counts)
    if not members > 0:
        return [NAN for _ in counts]
    share = shares[group]
    terms = [people[0] * 0 for _ in counts]
    for j in units:
        met = composition[j][group]
        below = share - min(met, share)
        beyond = max(met - share, share * 0)
        terms[j] = counts[j][group] / members * (below + beyond) / (1 - share)
    return terms


def oracle(counts, composition, shares, group):
    """Return CP by its integrals."""
    if not defined(counts, composition, shares, group):
        return NAN
    units = units_used(counts, composition)
    if not add(counts[j][group] for j in units) > 0:
        return NAN
    share = shares[group]
    one = share * 0 + 1
    first = integral(counts, composition, group, units, share * 0, share)
    second = integral(counts, composition, group, units, share, one)
    return (share - (first - second)) / (one - share)


COUNTEREXAMPLES = {
    # Half a member of group 1 goes from unit 0 (share 1/5, then 1/9) to unit 1 (0, then 1/9). P is 5/14: members in
    # units 0 and 1 now meet still fewer of their own than an even spread would give, which counts.
    "transfers": (
        [[4.0, 1.0], [4.0, 0.0], [1.0, 4.0]],
        [[4.0, 0.5], [4.0, 0.5], [1.0, 4.0]],
        {"group": 1},
    ),
    # A member of group 0 changes places with one of group 1: unit 1 goes from 3/8, which is P, to 2/8, unit 2 from
    # nobody to 1/4, both below P.
    "exchanges": (
        [[3.0, 1.0], [3.0, 5.0], [0.0, 4.0]],
        [[3.0, 1.0], [2.0, 6.0], [1.0, 3.0]],
        {"group": 0},
    ),
}
