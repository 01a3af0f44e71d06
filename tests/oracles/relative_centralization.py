"""Relative centralization RCE: a group against everybody else around the centre.

Duncan and Duncan (1955), Massey and Denton (1988): sum_i X_(i-1) Y_i - sum_i X_i Y_(i-1), units in the order of their
distance to the centre.
"""

from ._common import NAN, add, defined, home
from ._places import Places, from_centre, outward


def oracle(counts, places, centre, group=0):
    """Return RCE; units at one distance enter together."""
    if not defined(counts, *home(counts), group):
        return NAN
    rest = [add(n for m, n in enumerate(row) if m != group) for row in counts]
    return outward([row[group] for row in counts], rest, from_centre(counts, places, centre))


PLACES = Places(points=[(0.0, 0.0), (900.0, 0.0), (1800.0, 0.0)])
BEFORE = [[4.0, 20.0], [6.0, 4.0], [2.0, 2.0]]
CENTRE = {"centre": (0.0, 0.0)}

COUNTEREXAMPLES = {
    # The group is scarcer in the centre, and more of it go there.
    "transfers": ((BEFORE, PLACES), ([[5.0, 20.0], [5.0, 4.0], [2.0, 2.0]], PLACES), CENTRE),
    "exchanges": ((BEFORE, PLACES), ([[5.0, 19.0], [5.0, 5.0], [2.0, 2.0]], PLACES), CENTRE),
}
