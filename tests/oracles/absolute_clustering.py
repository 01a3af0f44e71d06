"""Absolute clustering ACL: members near members, over everybody near members, both less an even spread of the group.

Massey and Denton (1988): [sum_i (x_i / X) sum_j c_ij x_j - (X / n^2) sum_ij c_ij] over
[sum_i (x_i / X) sum_j c_ij t_j - (X / n^2) sum_ij c_ij], c_ij = exp(-d_ij), over the n units with people.
"""

from . import spatial_proximity
from ._common import NAN, add, defined, home, units_used
from ._nearness import peopled, seen

ALIKE = 1e-12
"""How near numerator and denominator may come to nothing, against their parts, that counts as nothing."""


def parts(counts, places=None, group=0, scale=1000.0, self_distance="area", *, nearness=None):
    """Return members near, everybody near and the even spread, each a list of what the units add."""
    c, near, composition = seen(counts, places, scale, self_distance, nearness)
    if not defined(counts, composition, home(counts)[1], group):
        return None
    units, there = units_used(counts, composition), peopled(counts)
    x = {i: counts[i][group] for i in units}
    members, n = add(x.values()), len(units)
    if not members > 0:
        return None
    own, every, even = ([0.0 for _ in counts] for _ in range(3))
    for i in units:
        own[i] = x[i] / members * near[i][group]
        every[i] = x[i] / members * add(near[i])
        even[i] = members / n**2 * add(c[i][j] for j in there)
    return own, every, even


def contributions(counts, places=None, group=0, scale=1000.0, self_distance="area", *, nearness=None):
    """Return what each unit adds to the numerator, over the denominator."""
    found = parts(counts, places, group, scale, self_distance, nearness=nearness)
    if found is None:
        return [NAN for _ in counts]
    own, every, even = found
    most, least = add(every), add(even)
    if abs(most - least) <= ALIKE * max(most, least):
        return [NAN for _ in counts]
    return [(mine - spread) / (most - least) for mine, spread in zip(own, even, strict=True)]


def oracle(counts, places=None, group=0, scale=1000.0, self_distance="area", *, nearness=None):
    """Return ACL."""
    return add(contributions(counts, places, group, scale, self_distance, nearness=nearness))


# As for spatial proximity: a place beside many of the group, a copy and halves at one point.
COUNTEREXAMPLES = spatial_proximity.COUNTEREXAMPLES
