"""Share of a group that lives within a distance of the centre (PCC in Massey and Denton 1988).

sum_j x_j / X over units with d_j <= r, d_j the distance to the nearest centre; d^2 <= r^2 (1 + 1e-12) counts.
"""

from ._common import NAN, add, defined, home
from ._places import from_centre
from .relative_centralization import BEFORE, PLACES

INSIDE = 1 + 1e-12


def contributions(counts, places, centre, radius, group=0):
    """Return the share of the group that lives in each unit of the centre, and 0 for units outside."""
    if not defined(counts, *home(counts), group):
        return [NAN for _ in counts]
    members = add(row[group] for row in counts)
    distances = from_centre(counts, places, centre)
    return [row[group] / members * (d <= radius**2 * INSIDE) for row, d in zip(counts, distances, strict=True)]


def oracle(counts, places, centre, radius, group=0):
    """Return the sum over units."""
    return add(contributions(counts, places, centre, radius, group))


CENTRE = {"centre": (0.0, 0.0), "radius": 500.0}

COUNTEREXAMPLES = {
    # The group is scarcer in the centre, and more of it go there.
    "transfers": ((BEFORE, PLACES), ([[5.0, 20.0], [5.0, 4.0], [2.0, 2.0]], PLACES), CENTRE),
    "exchanges": ((BEFORE, PLACES), ([[5.0, 19.0], [5.0, 5.0], [2.0, 2.0]], PLACES), CENTRE),
}
