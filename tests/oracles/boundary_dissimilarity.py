"""Dissimilarity of two groups less the contact across borders, by Morrill (1991) and Wong (1993).

D(adj) = D - sum c_ij |p_i - p_j| / sum c_ij, over ordered pairs of neighbours, and one such mean for each lag up to the
order, weighted exp(1 - l) or 1/l; D(w) with the lengths b_ij of shared borders for c_ij; D(s) with b_ij and
(r_i + r_j) / (2 max r) on top, r the perimeter over the area. All among units with people.
"""

import math

from ._common import NAN, add, defined, home, totals
from ._places import Places, area_of, borders, outline

HOW_FAR = {"exp": lambda lag: math.exp(1 - lag), "reciprocal": lambda lag: 1 / lag}


def lags(units, neighbours):
    """Return for each number of steps the ordered pairs of units that are so many steps apart."""
    found = {}
    for start in units:
        seen, front, step = {start}, [start], 0
        while front:
            front = sorted({j for i in front for j in neighbours[i]} - seen)
            seen |= set(front)
            step += 1
            found.setdefault(step, []).extend((start, j) for j in front)
    return found


def oracle(
    counts, places, adjust="adjacency", contiguity="rook", order=1, decay="exp", perimeter="interior", *, edges=None
):
    """Return D(adj), D(w) or D(s); ``edges`` are borders already found."""
    if not defined(counts, *home(counts), 0, 1):
        return NAN
    people = totals(counts)
    units = [j for j, t in enumerate(people) if t > 0]
    first, second = (add(row[m] for row in counts) for m in (0, 1))
    d = add(abs(row[0] / first - row[1] / second) for row in counts) / 2
    p = {j: counts[j][0] / people[j] for j in units}
    edges = borders(places, units) if edges is None else edges
    shared = {(a, b): length for (i, j), length in edges.items() if length > 0 for a, b in ((i, j), (j, i))}

    if adjust == "adjacency":
        touching = shared if contiguity == "rook" else [pair for edge in edges for pair in (edge, edge[::-1])]
        neighbours = {i: [b for a, b in touching if a == i] for i in units}
        means = [
            HOW_FAR[decay](lag) * add(abs(p[i] - p[j]) for i, j in pairs) / len(pairs)
            for lag, pairs in lags(units, neighbours).items()
            if lag <= order and pairs
        ]
        return d - add(means) if means else NAN

    if not shared:
        return NAN
    factor = dict.fromkeys(shared, 1)
    if adjust == "shape":
        r = {}
        for i in units:
            own = [length for (a, _), length in shared.items() if a == i]
            r[i] = (math.fsum(own) if perimeter == "interior" else outline(places.rings[i])) / places.area[i]
        factor = {(i, j): (r[i] + r[j]) / (2 * max(r.values())) for i, j in shared}
    weighted = add(length * abs(p[i] - p[j]) * factor[i, j] for (i, j), length in shared.items())
    return d - weighted / add(shared.values())


def plots(*sides):
    """Return the places of rectangles (west, south, east, north)."""
    rings = [[[[(w, s), (e, s), (e, n), (w, n)]]] for w, s, e, n in sides]
    return Places(area=[area_of(polygons) for polygons in rings], rings=rings)


ROW = plots((0.0, 0.0, 100.0, 100.0), (100.0, 0.0, 200.0, 100.0), (200.0, 0.0, 300.0, 100.0))
BEFORE = [[7.0, 3.0], [9.0, 1.0], [2.0, 18.0]]

COUNTEREXAMPLES = {
    # The two halves of unit 2 are alike, and are neighbours.
    "unit_split": (
        (BEFORE, ROW),
        (
            [*BEFORE[:2], [1.0, 9.0], [1.0, 9.0]],
            plots(
                *((0.0, 0.0, 100.0, 100.0), (100.0, 0.0, 200.0, 100.0)),
                *((200.0, 0.0, 250.0, 100.0), (250.0, 0.0, 300.0, 100.0)),
            ),
        ),
        {},
    ),
    # In units 0 and 1 the group has more than its share before and after, so D stays as it is. Their neighbours grow
    # alike.
    "transfers": ((BEFORE, ROW), ([[8.0, 3.0], [8.0, 1.0], [2.0, 18.0]], ROW), {}),
    "exchanges": ((BEFORE, ROW), ([[7.5, 2.5], [8.5, 1.5], [2.0, 18.0]], ROW), {}),
}
