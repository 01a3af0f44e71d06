"""Access to services in plain loops, from the papers; nothing of the package is imported.

Luo and Wang (2003): two-step floating catchment area. Luo and Qi (2009): weights by bands of travel; Dai (2010):
Gaussian weights within the catchment. Joseph and Bantock (1982), after Hansen (1959): gravity with competition.
"""

import math


def gaussian(cost, reach):
    """Return the weight of Dai (2010), equation 2: 1 at no cost, 0 at the edge of the catchment."""
    edge = math.exp(-0.5)
    return (math.exp(-0.5 * (cost / reach) ** 2) - edge) / (1 - edge)


def weight(method, cost, reach, scale, bands):
    if method == "2sfca":
        return 1.0 if cost <= reach else 0.0
    if method == "e2sfca" and bands is not None:
        for limit, value in bands:
            if cost <= limit:
                return value
        return 0.0
    if method == "e2sfca":
        return gaussian(cost, reach) if cost <= reach else 0.0
    return math.exp(-cost / scale) if math.isfinite(cost) else 0.0


def accessibility(costs, people, supply, method, reach=None, scale=None, bands=None):
    """Return supply for each person in each unit.

    costs[i][k] from unit i to facility k, people[i], supply[k].
    """
    units, places = len(people), len(supply)
    ratio = []
    for k in range(places):
        demand = 0.0
        for i in range(units):
            demand += people[i] * weight(method, costs[i][k], reach, scale, bands)
        ratio.append(supply[k] / demand if demand > 0 else 0.0)
    found = []
    for i in range(units):
        value = 0.0
        for k in range(places):
            value += ratio[k] * weight(method, costs[i][k], reach, scale, bands)
        found.append(value)
    return found


def mean_by_group(values, counts):
    """Return the mean over the people of each group of the value of their unit."""
    means = []
    for m in range(len(counts[0])):
        people = sum(row[m] for row in counts)
        means.append(sum(row[m] * value for row, value in zip(counts, values, strict=True)) / people)
    return means


def split(costs, counts, supply, method, **how):
    """Return, for each group, its gap to everybody and its two Shapley parts: where it lives, and where supply is.

    Without differences of supply every facility has the same supply for each person who comes. Without differences
    of residence the group lives like everybody, and there is no gap.
    """
    people = [sum(row) for row in counts]
    actual = accessibility(costs, people, supply, method, **how)
    reached = [
        any(
            weight(method, costs[i][k], how.get("reach"), how.get("scale"), how.get("bands")) > 0
            for i in range(len(people))
            if people[i] > 0
        )
        for k in range(len(supply))
    ]
    demand = [
        sum(
            people[i] * weight(method, costs[i][k], how.get("reach"), how.get("scale"), how.get("bands"))
            for i in range(len(people))
        )
        for k in range(len(supply))
    ]
    served = sum(supply[k] for k in range(len(supply)) if reached[k])
    each = served / sum(demand)
    level = accessibility(costs, people, [each * demand[k] for k in range(len(supply))], method, **how)
    everybody = sum(p * a for p, a in zip(people, actual, strict=True)) / sum(people)
    everybody_level = sum(p * a for p, a in zip(people, level, strict=True)) / sum(people)
    found = []
    for mean, mean_level in zip(mean_by_group(actual, counts), mean_by_group(level, counts), strict=True):
        both, residence = mean - everybody, mean_level - everybody_level
        found.append((both, (both + residence) / 2, (both - residence) / 2))
    return found
