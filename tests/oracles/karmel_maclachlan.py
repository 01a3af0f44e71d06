"""Karmel and MacLachlan (1988): the share of all people who would have to move, margins kept.

(1/T) sum_j |(1 - P) x_j - P y_j| for the two groups x and y, P = X / T.
"""

from ._common import NAN, add, defined


def contributions(counts, composition, shares):
    """Return each unit's term of the sum."""
    if not defined(counts, composition, shares):
        return [NAN for _ in counts]
    one = add(row[0] for row in counts)
    everyone = one + add(row[1] for row in counts)
    share = one / everyone
    return [abs((1 - share) * row[0] - share * row[1]) / everyone for row in counts]


def oracle(counts, composition, shares):
    """Return KM."""
    return add(contributions(counts, composition, shares))


COUNTEREXAMPLES = {}
