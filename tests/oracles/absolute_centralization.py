"""Absolute centralization ACE: a group against the land around the centre.

Duncan and Duncan (1955), Massey and Denton (1988): sum_i X_(i-1) A_i - sum_i X_i A_(i-1), units in the order of their
distance to the centre, those without people included.
"""

from ._common import NAN, defined, home
from ._places import Places, from_centre, outward


def oracle(counts, places, centre, group=0):
    """Return ACE; units at one distance enter together."""
    if not defined(counts, *home(counts), group):
        return NAN
    return outward([row[group] for row in counts], places.area, from_centre(counts, places, centre))


PLACES = Places(area=[3.0, 1.0], points=[(900.0, 0.0), (0.0, 0.0)])
CENTRE = {"centre": (0.0, 0.0)}

COUNTEREXAMPLES = {
    # Open land beyond the city.
    "empty_unit": (
        ([[4.0, 1.0], [8.0, 20.0]], PLACES),
        (
            [[4.0, 1.0], [8.0, 20.0], [0.0, 0.0]],
            Places(area=[3.0, 1.0, 9.0], points=[*PLACES.points, (0.0, 1800.0)]),
        ),
        CENTRE,
    ),
    # The group is scarcer among the people of unit 1, which is the centre.
    "transfers": (([[4.0, 1.0], [8.0, 20.0]], PLACES), ([[3.0, 1.0], [9.0, 20.0]], PLACES), CENTRE),
    "exchanges": (([[4.0, 1.0], [8.0, 20.0]], PLACES), ([[3.0, 2.0], [9.0, 19.0]], PLACES), CENTRE),
}
