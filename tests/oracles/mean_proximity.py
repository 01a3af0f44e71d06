"""Mean proximity P_xy: the mean nearness of a member of one group and a member of another, or of the same.

White (1983): P_xy = sum_ij x_i c_ij y_j / (X Y), c_ij = exp(-d_ij).
"""

from . import spatial_proximity
from ._common import NAN, add, defined, home, units_used
from ._nearness import seen


def contributions(counts, places=None, group=0, other=1, scale=1000.0, self_distance="area", *, nearness=None):
    """Return what the members in each unit add."""
    _, near, composition = seen(counts, places, scale, self_distance, nearness)
    if not defined(counts, composition, home(counts)[1], group, other):
        return [NAN for _ in counts]
    units = units_used(counts, composition)
    one, two = (add(counts[i][m] for i in units) for m in (group, other))
    if not (one > 0 and two > 0):
        return [NAN for _ in counts]
    return [counts[i][group] * near[i][other] / (one * two) if i in units else 0.0 for i in range(len(counts))]


def oracle(counts, places=None, group=0, other=1, scale=1000.0, self_distance="area", *, nearness=None):
    """Return P_xy; P_xx where the other group is the same."""
    return add(contributions(counts, places, group, other, scale, self_distance, nearness=nearness))


# As for spatial proximity, of members of one group: a place beside many of the group, a copy and halves at one point.
COUNTEREXAMPLES = spatial_proximity.COUNTEREXAMPLES
