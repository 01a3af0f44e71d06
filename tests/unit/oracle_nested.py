"""Parts between and within regions, in plain loops, written from the definitions. Nothing of segregate is imported.

A table is a list of units, each a list of people by group. M and H: Theil (1972), Mora and Ruiz-Castillo (2011);
O: Hutchens (2004).
"""

import math


def add(units):
    return [math.fsum(unit[m] for unit in units) for m in range(len(units[0]))]


def entropy(counts):
    people = math.fsum(counts)
    return -math.fsum(x / people * math.log(x / people) for x in counts if x > 0) if people > 0 else 0.0


def mutual_information(units):
    """Return M: the entropy of all less the mean entropy of the units; 0 for one group or nobody."""
    whole = add(units)
    people = math.fsum(whole)
    if people == 0:
        return 0.0
    return entropy(whole) - math.fsum(math.fsum(unit) / people * entropy(unit) for unit in units)


def information_theory(units):
    """Return H; 0 where it has no value, which is where its weight is 0."""
    whole = entropy(add(units))
    return mutual_information(units) / whole if whole > 0 else 0.0


def hutchens(units, groups):
    """Return O of some of the groups; 0 where one of them is missing, which is where its weight is 0."""
    whole = add(units)
    if any(whole[m] == 0 for m in groups):
        return 0.0
    terms = []
    for unit in units:
        product = 1.0
        for m in groups:
            product *= (unit[m] / whole[m]) ** (1 / len(groups))
        terms.append(product)
    return 1 - math.fsum(terms)


def weight_m(region, whole):
    return math.fsum(region) / math.fsum(whole)


def weight_h(region, whole):
    return math.fsum(region) * entropy(region) / (math.fsum(whole) * entropy(whole))


def weight_o(region, whole):
    groups = [m for m, people in enumerate(whole) if people > 0]
    product = 1.0
    for m in groups:
        product *= (region[m] / whole[m]) ** (1 / len(groups))
    return product


def value(name, units, whole):
    if name == "mutual_information":
        return mutual_information(units)
    if name == "information_theory":
        return information_theory(units)
    return hutchens(units, [m for m, people in enumerate(whole) if people > 0])


WEIGHT = {"mutual_information": weight_m, "information_theory": weight_h, "hutchens": weight_o}


def together(units, labels):
    """Return the people of each region, by label."""
    regions = {}
    for unit, label in zip(units, labels, strict=True):
        regions.setdefault(label, []).append(unit)
    return {label: add(members) for label, members in regions.items()}


def nested(name, units, levels):
    """Return the total and, level by level, {region: (weight, value, contribution)}.

    `levels` holds the regions of the units, from the widest to the finest; the first entry of the answer is about the
    widest regions, in the one region None, and the last about the units in the finest regions.
    """
    whole = add(units)
    n = len(units)
    parents = [[None] * n, *levels]
    children = [*levels, list(range(n))]
    found = []
    for parent, child in zip(parents, children, strict=True):
        regions = {}
        for label in dict.fromkeys(parent):
            rows = [j for j in range(n) if parent[j] == label]
            members = together([units[j] for j in rows], [child[j] for j in rows])
            w = WEIGHT[name](add([units[j] for j in rows]), whole)
            v = value(name, list(members.values()), whole)
            regions[label] = (w, v, w * v)
        found.append(regions)
    return value(name, units, whole), found


def by_difference(name, units, levels):
    """Return the parts of M or H again: the index of each level less that of the wider one."""
    whole = add(units)
    values = [value(name, list(together(units, level).values()), whole) for level in [*levels, range(len(units))]]
    return [after - before for before, after in zip([0.0, *values], values, strict=False)]
