"""Local centralization: relative centralization of a unit and its k nearest units with people, around its own point.

Duncan and Duncan (1955), Folch and Rey (2016). Units as far away as the k-th come in too.
"""

from ._common import NAN, add, totals
from ._places import Places, outward, squared


def local(counts, places, group=0, k=5):
    """Return the value of each unit."""
    people = totals(counts)
    values = []
    for i, own in enumerate(people):
        if not own > 0:
            values.append(NAN)
            continue
        distance = {j: squared(places.points[i], places.points[j]) for j, t in enumerate(people) if t > 0 and j != i}
        ranked = sorted(distance.values())
        last = ranked[min(k, len(ranked)) - 1] if ranked else 0
        units = [i, *(j for j, d in distance.items() if d <= last * (1 + 1e-9))]
        mine = [counts[j][group] for j in units]
        rest = [add(n for m, n in enumerate(counts[j]) if m != group) for j in units]
        if add(mine) > 0 and add(rest) > 0:
            values.append(outward(mine, rest, [0, *(distance[j] for j in units[1:])]))
        else:
            values.append(NAN)
    return values


BEFORE = [[8.0, 1.0], [1.0, 9.0], [5.0, 3.0]]
POINTS = [(0.0, 0.0), (100.0, 0.0), (300.0, 0.0)]

COUNTEREXAMPLES = {
    # The nearest unit of each is its own copy.
    "copy": ((BEFORE, Places(points=POINTS)), (BEFORE + BEFORE, Places(points=POINTS + POINTS)), {"k": 1}),
    # The nearest unit of one half of unit 0 is the other.
    "unit_split": (
        (BEFORE, Places(points=POINTS)),
        ([[4.0, 0.5], *BEFORE[1:], [4.0, 0.5]], Places(points=[*POINTS, POINTS[0]])),
        {"k": 1},
    ),
}
