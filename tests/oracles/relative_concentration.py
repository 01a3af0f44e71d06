"""Relative concentration RCO: the land of a group against that of all others, over the greatest possible ratio.

Massey and Denton (1988): ((sum_j x_j a_j / X) / (sum_j y_j a_j / Y) - 1) / (S1 / S2 - 1), S1 and S2 as in absolute
concentration, both with X.
"""

from . import absolute_concentration
from ._common import NAN, add, defined, home
from .absolute_concentration import extremes


def oracle(counts, places, group=0):
    """Return RCO."""
    if not defined(counts, *home(counts), group):
        return NAN
    ends = extremes(counts, places, group)
    if ends is None:
        return NAN
    x = [row[group] for row in counts]
    y = [add(n for m, n in enumerate(row) if m != group) for row in counts]
    mine, theirs = (add(n * a for n, a in zip(people, places.area, strict=True)) / add(people) for people in (x, y))
    least, most = ends
    return (mine / theirs - 1) / (least / most - 1)


# The same: half a unit has half its land, and a unit where the group is scarcer may be the smallest.
COUNTEREXAMPLES = absolute_concentration.COUNTEREXAMPLES
