"""Spatial proximity SP: the nearness of people of the same group over that of all people.

White (1983), Massey and Denton (1988): SP = (X P_xx + Y P_yy) / (T P_tt), and in the same way with more groups, with
P_mm = sum_ij t_im c_ij t_jm / T_m^2, c_ij = exp(-d_ij).
"""

from ._common import NAN, add, defined, home, totals, units_used
from ._nearness import seen
from ._places import Places


def contributions(counts, places=None, group=0, scale=1000.0, self_distance="area", *, nearness=None):
    """Return what the people of each unit add to the sum over groups, over T P_tt."""
    _, near, composition = seen(counts, places, scale, self_distance, nearness)
    if not defined(counts, composition, home(counts)[1]):
        return [NAN for _ in counts]
    people = totals(counts)
    units = units_used(counts, composition)
    sizes = [add(counts[j][m] for j in units) for m in range(len(counts[0]))]
    everybody = add(people[i] * add(near[i]) for i in units) / add(people[i] for i in units)
    terms = [0.0 for _ in counts]
    for i in units:
        own = add([0.0] + [counts[i][m] * near[i][m] / sizes[m] for m in range(len(sizes)) if sizes[m] > 0])
        terms[i] = own / everybody
    return terms


def oracle(counts, places=None, group=0, scale=1000.0, self_distance="area", *, nearness=None):
    """Return SP."""
    return add(contributions(counts, places, group, scale, self_distance, nearness=nearness))


# Unit 0 lies apart; units 1 and 2 are neighbours.
PLACES = Places(area=[1e4, 1e4, 1e4], points=[(0.0, 0.0), (9000.0, 0.0), (9100.0, 0.0)])
BEFORE = [[4.0, 8.0], [1.0, 8.0], [10.0, 0.0]]

COUNTEREXAMPLES = {
    # A copy in the same places: its people are nearer than those of the own unit.
    "copy": (
        (BEFORE, PLACES),
        (BEFORE * 2, Places(area=PLACES.area * 2, points=PLACES.points * 2)),
        {},
    ),
    # The halves of unit 2 are at one point, nearer than the people of the whole.
    "unit_split": (
        (BEFORE, PLACES),
        (
            [*BEFORE[:2], [5.0, 0.0], [5.0, 0.0]],
            Places(area=[1e4, 1e4, 5e3, 5e3], points=[*PLACES.points, PLACES.points[2]]),
        ),
        {},
    ),
    # Unit 1, where the group is scarcer, lies beside unit 2, where most of the group live.
    "transfers": ((BEFORE, PLACES), ([[3.0, 8.0], [2.0, 8.0], [10.0, 0.0]], PLACES), {}),
    # The same, and the others who leave unit 1 leave the group behind.
    "exchanges": ((BEFORE, PLACES), ([[3.0, 9.0], [2.0, 7.0], [10.0, 0.0]], PLACES), {}),
}
