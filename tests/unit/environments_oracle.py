"""Who meets whom, in plain loops over all pairs of units: W[j][i] is how much a person of unit j meets of unit i.

Nothing here imports the package or NumPy. `regions` are labels, one a unit: across their edges the weight is 0.
"""

import math


def squared(points, j, i):
    """Return the squared distance of two units."""
    return (points[i][0] - points[j][0]) ** 2 + (points[i][1] - points[j][1]) ** 2


def apart(regions, j, i):
    """Return whether two units are in different regions."""
    return regions is not None and regions[j] != regions[i]


def kernel_weight(u2, shape):
    """Return the weight at (distance / radius)^2; on the edge, up to 1e-12, it is inside."""
    if shape == "gaussian":
        return math.exp(-u2 / 2) if u2 <= 8.5**2 * (1 + 1e-12) else 0.0
    if u2 > 1 + 1e-12:
        return 0.0
    u = math.sqrt(u2)
    return {
        "biweight": (1 - u2) ** 2,
        "epanechnikov": max(0.0, 1 - u2),
        "triangular": max(0.0, 1 - u),
        "uniform": 1.0,
    }[shape]


def kernel(points, radius, shape="biweight", regions=None):
    """Return the weights of a kernel of the distance."""
    n = len(points)
    return [
        [
            0.0 if apart(regions, j, i) else kernel_weight(squared(points, j, i) / radius**2, shape)
            for i in range(n)
        ]
        for j in range(n)
    ]  # fmt: skip


def decay(points, scale, own, regions=None):
    """Return exp(-d / scale), with the distance of each unit to itself given."""
    n = len(points)
    return [
        [
            0.0 if apart(regions, j, i) else math.exp(-(own[j] if i == j else math.sqrt(squared(points, j, i))) / scale)
            for i in range(n)
        ]
        for j in range(n)
    ]


def nearest(points, totals, people, regions=None):
    """Return the part of each unit's people who are among the nearest so many, equal distances pro rata.

    Units with people are put into levels of equal squared distance, 1e-9 relative from one to the next. A unit without
    people has weight 1 where it is nearer than the level that reaches the people, and that of the level within it.
    """
    weights = []
    for j in range(len(points)):
        row = [0.0 for _ in points]
        around = [i for i in range(len(points)) if not apart(regions, j, i)]
        distance = {i: squared(points, j, i) for i in around}
        if math.fsum(totals[i] for i in around) <= people:
            for i in around:
                row[i] = 1.0
            weights.append(row)
            continue
        levels = []
        for i in sorted((i for i in around if totals[i] > 0), key=distance.__getitem__):
            if levels and distance[i] <= distance[levels[-1][-1]] * (1 + 1e-9):
                levels[-1].append(i)
            else:
                levels.append([i])
        counted = 0.0
        for level in levels:
            there = math.fsum(totals[i] for i in level)
            low, high = distance[level[0]], distance[level[-1]]
            if counted + there < people:
                counted += there
                continue
            for i in around:
                if distance[i] < low:
                    row[i] = 1.0
                elif distance[i] <= high:
                    row[i] = (people - counted) / there
            break
        weights.append(row)
    return weights


def contiguity(pairs, n, order=1, include_self=True, regions=None):
    """Return 1 for units that a walk of so many steps reaches; `pairs` are the neighbours."""
    near = [set() for _ in range(n)]
    for a, b in pairs:
        if not apart(regions, a, b):
            near[a].add(b)
            near[b].add(a)
    weights = []
    for j in range(n):
        reached, edge = {j}, {j}
        for _ in range(order):
            edge = {b for a in edge for b in near[a]} - reached
            reached |= edge
        if not include_self:
            reached.discard(j)
        weights.append([1.0 if i in reached else 0.0 for i in range(n)])
    return weights


def flows(table, totals, regions=None):
    """Return sum over places k of F_jk F_ik / V_k, with V_k = sum_i F_ik t_i the people present."""
    n = len(table)
    shares = []
    for row in table:
        away = math.fsum(row)
        shares.append([value / away if away > 0 else 0.0 for value in row])
    weights = []
    for j in range(n):
        met = [i for i in range(n) if not apart(regions, j, i)]
        present = [math.fsum(shares[i][k] * totals[i] for i in met) for k in range(len(table[0]))]
        row = [0.0 for _ in range(n)]
        for i in met:
            row[i] = math.fsum(
                shares[j][k] * shares[i][k] / present[k] for k in range(len(present)) if present[k] > 0
            )  # fmt: skip
        weights.append(row)
    return weights


def around(weights, values):
    """Return W times columns of values, row by row."""
    return [
        [math.fsum(weight * row[m] for weight, row in zip(line, values, strict=True)) for m in range(len(values[0]))]
        for line in weights
    ]


def met(weights, counts):
    """Return the shares of the groups among the people met in each unit, None where there is nobody."""
    composition = []
    for row in around(weights, counts):
        people = math.fsum(row)
        composition.append([count / people for count in row] if people > 0 else None)
    return composition
