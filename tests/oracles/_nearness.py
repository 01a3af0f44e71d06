"""Who is near whom: the few lines that the oracles of clustering share."""

import math

from ._common import add, home, totals


def decay(places, scale=1000.0, self_distance="area"):
    """Return c_ij = exp(-d_ij / scale) of all units; the distance of a unit to itself is sqrt(0.6 a) or 0."""
    nearness = []
    for i, point in enumerate(places.points):
        own = math.sqrt(0.6 * places.area[i]) if self_distance == "area" else 0.0
        row = [math.exp(-math.dist(point, other) / scale) for other in places.points]
        row[i] = math.exp(-own / scale)
        nearness.append(row)
    return nearness


def people_near(counts, nearness):
    """Return S_im = sum_j c_ij t_jm."""
    return [
        [add(c * unit[m] for c, unit in zip(row, counts, strict=True)) for m in range(len(counts[0]))]
        for row in nearness
    ]


def seen(counts, places, scale, self_distance, nearness):
    """Return c_ij, S_im, and the composition of whom people meet: of their own unit unless nearness is given."""
    if nearness is None:
        nearness = decay(places, scale, self_distance)
        return nearness, people_near(counts, nearness), home(counts)[0]
    near = people_near(counts, nearness)
    return nearness, near, [[n / add(row) for n in row] if add(row) > 0 else None for row in near]


def peopled(counts):
    """Return the numbers of the units with people."""
    return [j for j, people in enumerate(totals(counts)) if people > 0]
