"""Delta: the share of a group that would have to move to live at one density all over the land.

Duncan and Duncan (1955), Massey and Denton (1988): 1/2 sum_j |x_j / X - a_j / A|, over all the land there is.
"""

from ._common import NAN, add, defined, home
from ._places import Places


def contributions(counts, places, group=0):
    """Return half the difference of a unit's shares of the group and of the land."""
    if not defined(counts, *home(counts), group):
        return [NAN for _ in counts]
    members = add(row[group] for row in counts)
    land = add(places.area)
    return [abs(row[group] / members - area / land) / 2 for row, area in zip(counts, places.area, strict=True)]


def oracle(counts, places, group=0):
    """Return the sum over units."""
    return add(contributions(counts, places, group))


PLACES = Places(area=[10.0, 1.0])

COUNTEREXAMPLES = {
    # Land where nobody lives is land where people could live.
    "empty_unit": (
        ([[4.0, 1.0], [8.0, 20.0]], PLACES),
        ([[4.0, 1.0], [8.0, 20.0], [0.0, 0.0]], Places(area=[10.0, 1.0, 9.0])),
        {},
    ),
    # The group is scarcer among the people of unit 1, but already dense on its land.
    "transfers": (([[4.0, 1.0], [8.0, 20.0]], PLACES), ([[3.0, 1.0], [9.0, 20.0]], PLACES), {}),
    "exchanges": (([[4.0, 1.0], [8.0, 20.0]], PLACES), ([[3.0, 2.0], [9.0, 19.0]], PLACES), {}),
}
