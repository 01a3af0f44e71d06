"""Absolute concentration ACO: the land a group occupies, between the least and the most that it could.

Massey and Denton (1988): 1 - (sum_j x_j a_j / X - S1) / (S2 - S1), S1 the mean land of the people of the smallest
units that hold X people, S2 of the largest. Units of equal land enter together, the one that crosses X whole.
"""

from ._common import NAN, add, defined, home, totals
from ._places import Places, classes


def mean_land(counts, places, members, largest=False):
    """Return the mean land of a person in the smallest (largest) units, taken until they hold enough people."""
    people = totals(counts)
    units = [j for j, t in enumerate(people) if t > 0]
    steps = [[units[k] for k in step] for step in classes([places.area[j] for j in units], 1e-6)]
    taken = []
    for step in steps[::-1] if largest else steps:
        taken += step
        if add(people[j] for j in taken) >= members:
            break
    return add(people[j] * places.area[j] for j in taken) / add(people[j] for j in taken)


def extremes(counts, places, group):
    """Return S1 and S2, or None where they are equal."""
    members = add(row[group] for row in counts)
    least, most = (mean_land(counts, places, members, largest) for largest in (False, True))
    return None if most - least <= 1e-9 * most else (least, most)


def oracle(counts, places, group=0):
    """Return ACO."""
    if not defined(counts, *home(counts), group):
        return NAN
    ends = extremes(counts, places, group)
    if ends is None:
        return NAN
    least, most = ends
    members = add(row[group] for row in counts)
    mean = add(row[group] * area for row, area in zip(counts, places.area, strict=True)) / members
    return 1 - (mean - least) / (most - least)


PLACES = Places(area=[10.0, 1.0, 2.0])
BEFORE = [[4.0, 1.0], [8.0, 20.0], [2.0, 30.0]]

COUNTEREXAMPLES = {
    # Half of unit 0 is a unit of half its land.
    "unit_split": (
        (BEFORE, PLACES),
        ([[2.0, 0.5], [8.0, 20.0], [2.0, 30.0], [2.0, 0.5]], Places(area=[5.0, 1.0, 2.0, 5.0])),
        {},
    ),
    # The group is scarcer among the people of unit 1, which is the smallest.
    "transfers": ((BEFORE, PLACES), ([[3.0, 1.0], [9.0, 20.0], [2.0, 30.0]], PLACES), {}),
    "exchanges": ((BEFORE, PLACES), ([[3.0, 2.0], [9.0, 19.0], [2.0, 30.0]], PLACES), {}),
}
