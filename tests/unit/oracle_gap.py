"""School segregation as residence, zones and choice, in plain loops; nothing of the package is imported.

Shapley (1953): the value of a player is the mean of what it adds, over all orders in which players may come.
"""

import itertools
import math


def information(table):
    """Return H of Theil of a table of units by groups."""
    total = sum(map(sum, table))
    shares = [sum(row[m] for row in table) / total for m in range(len(table[0]))]
    whole = -sum(p * math.log(p) for p in shares if p > 0)
    if whole == 0:
        return math.nan
    found = 0.0
    for row in table:
        size = sum(row)
        if size > 0:
            found += size / total * (whole + sum(x / size * math.log(x / size) for x in row if x > 0))
    return found / whole


def dissimilarity(table):
    """Return D of the first group against all others."""
    first = sum(row[0] for row in table)
    rest = sum(sum(row[1:]) for row in table)
    return 0.5 * sum(abs(row[0] / first - sum(row[1:]) / rest) for row in table)


def tables(homes, shares, schools):
    """Return the table of units for each set of players: residence R, zones Z, choice C.

    Of a group that nobody is assigned to a school of, nothing is known of its choice: whoever would live there if
    people lived evenly stays.

    homes[j][m] pupils of a block, shares[j][s] of it assigned to a school, schools[s][m] who learn there.
    """
    blocks, many, groups = len(homes), len(schools), len(schools[0])
    assigned = [[sum(shares[j][s] * homes[j][m] for j in range(blocks)) for m in range(groups)] for s in range(many)]
    total = sum(map(sum, homes))
    mixture = [sum(row[m] for row in homes) / total for m in range(groups)]
    even = [[sum(row) * mixture[m] for m in range(groups)] for row in homes]
    found = {}
    for players in itertools.product([False, True], repeat=3):
        residence, zones, choice = players
        live = homes if residence else even
        pieces = []
        for j in range(blocks):
            for s in range(many):
                row = []
                for m in range(groups):
                    ratio = 1.0
                    if choice:
                        ratio = schools[s][m] / assigned[s][m] if assigned[s][m] > 0 else 1.0
                    row.append(shares[j][s] * live[j][m] * ratio)
                pieces.append((j, s, row))
        strangers = []
        if choice:
            for s in range(many):
                row = [schools[s][m] if assigned[s][m] == 0 else 0.0 for m in range(groups)]
                strangers.append((blocks + s, s, row))
        units = {}
        for j, s, row in pieces + strangers:
            key = s if zones else j
            have = units.setdefault(key, [0.0] * groups)
            for m in range(groups):
                have[m] += row[m]
        found[players] = [units[key] for key in sorted(units)]
    return found


def shapley(values):
    """Return the value of each player, from the worth of every set of players."""
    many = 3
    found = [0.0] * many
    for order in itertools.permutations(range(many)):
        here = [False] * many
        for player in order:
            before = values[tuple(here)]
            here[player] = True
            found[player] += (values[tuple(here)] - before) / math.factorial(many)
    return found


def gap(homes, shares, schools, index):
    worth = {players: index(table) for players, table in tables(homes, shares, schools).items()}
    return worth, shapley(worth)


def nearest_with_room(costs, pupils, room):
    """Return the shares of each block that go to each school: pairs of a block and a school, the nearest first.

    Of pairs that are equally near the first block comes first, and of these the first school.
    """
    blocks, many = len(pupils), len(room)
    left, space = list(pupils), list(room)
    shares = [[0.0] * many for _ in range(blocks)]
    order = sorted((costs[j][s], j, s) for j in range(blocks) for s in range(many) if math.isfinite(costs[j][s]))
    for _, j, s in order:
        going = min(left[j], space[s])
        if going > 0:
            shares[j][s] += going / pupils[j]
            left[j] -= going
            space[s] -= going
    return shares, sum(left)
