"""How other packages come to the numbers that differ from ours: each reason in values.csv, written out.

A reason counts as found when the loops here give the number of the other package.
"""

import math

from tests.peers.entries import ON_A_GRID, ONE_BY_ONE, TURNED
from tests.peers.rows import table


def one_by_one(row):
    """Return ACE with units taken one by one from the centre, in the order of the rows where distances are equal."""
    frame = table(row.dataset)
    members, area = frame[row.params["group"]].tolist(), frame.geometry.area.tolist()
    points = [(point.x, point.y) for point in frame.geometry.centroid]
    centre = row.params["centre"]
    centres = [points[number] for number in (centre if isinstance(centre, list) else [centre])]
    distances = [min(math.dist(point, one) for one in centres) for point in points]
    value, x, a = 0.0, 0.0, 0.0
    for j in sorted(range(len(points)), key=lambda j: distances[j]):
        next_x, next_a = x + members[j] / math.fsum(members), a + area[j] / math.fsum(area)
        value += x * next_a - next_x * a
        x, a = next_x, next_a
    return value


def on_a_grid(row):
    """Return CP with v(s) added up at equally spaced s from 0 to 1, those below P against the others."""
    frame = table(row.dataset)
    group, total = row.params["group"], row.params.get("total")
    members = frame[group].tolist()
    people = frame[total].tolist() if total else frame[list(row.groups)].sum(axis=1).tolist()
    share = math.fsum(members) / math.fsum(people)
    n = row.params["theirs"]["thresholds"]
    below, above = [], []
    for step in range(n):
        s = step / (n - 1)
        v = math.fsum(x for x, t in zip(members, people, strict=True) if t > 0 and x / t >= s) / math.fsum(members)
        (below if s < share else above).append(v)
    return (share - (math.fsum(below) - math.fsum(above)) / n) / (1 - share)


def turned(row):
    """Return 1 - P_xx / P_yy with distances, and with their own distance on the diagonal."""
    frame, within = table(row.dataset), row.params["within"]
    points = [(point.x, point.y) for point in frame.geometry.centroid]
    own = [within["own"] * math.sqrt(area) for area in frame.geometry.area]

    def mean(people):
        pairs = [(i, j) for i in range(len(points)) for j in range(len(points))]
        far = math.fsum(
            people[i] * people[j] * (own[i] if i == j else math.dist(points[i], points[j])) for i, j in pairs
        )
        return far / math.fsum(people) ** 2

    one = row.params["group"]
    (other,) = [group for group in row.groups if group != one]
    return 1 - mean(frame[one].tolist()) / mean(frame[other].tolist())


THEIRS = {ONE_BY_ONE: one_by_one, ON_A_GRID: on_a_grid, TURNED: turned}
"""Reason -> what gives the number of the other package."""
