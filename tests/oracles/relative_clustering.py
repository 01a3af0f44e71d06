"""Relative clustering RCL: the nearness of the members of a group over that of everybody else, less 1.

Massey and Denton (1988): P_xx / P_yy - 1, P_xx = sum_ij x_i c_ij x_j / X^2, c_ij = exp(-d_ij).
"""

from . import spatial_proximity
from ._common import NAN, add, defined, home, units_used
from ._nearness import seen


def contributions(counts, places=None, group=0, scale=1000.0, self_distance="area", *, nearness=None):
    """Return what each unit adds to P_xx less P_yy, over P_yy."""
    _, near, composition = seen(counts, places, scale, self_distance, nearness)
    if not defined(counts, composition, home(counts)[1], group):
        return [NAN for _ in counts]
    units = units_used(counts, composition)
    x = {i: counts[i][group] for i in units}
    y = {i: add(n for m, n in enumerate(counts[i]) if m != group) for i in units}
    if not (add(x.values()) > 0 and add(y.values()) > 0):
        return [NAN for _ in counts]
    own = {i: x[i] * near[i][group] / add(x.values()) ** 2 for i in units}
    rest = {i: y[i] * add(n for m, n in enumerate(near[i]) if m != group) / add(y.values()) ** 2 for i in units}
    if not add(rest.values()) > 0:
        return [NAN for _ in counts]
    return [(own[i] - rest[i]) / add(rest.values()) if i in x else 0.0 for i in range(len(counts))]


def oracle(counts, places=None, group=0, scale=1000.0, self_distance="area", *, nearness=None):
    """Return RCL."""
    return add(contributions(counts, places, group, scale, self_distance, nearness=nearness))


# As for spatial proximity: a place beside many of the group, a copy and halves at one point.
COUNTEREXAMPLES = spatial_proximity.COUNTEREXAMPLES
