"""The change of M in parts, in plain loops, written from the papers. Nothing of segregate is imported.

Elbers (2021), Karmel and Maclachlan (1988), Mora and Ruiz-Castillo (2009). A table is {unit: {group: people}}.
"""

import math


def shares_of(counts):
    people = math.fsum(x for row in counts for x in row)
    return [[x / people for x in row] for row in counts]


def shares(table, units, groups):
    """Return rows of shares of the people of some groups in some units."""
    return shares_of([[table[u].get(g, 0) for g in groups] for u in units])


def rows(p):
    return [math.fsum(row) for row in p]


def columns(p):
    return [math.fsum(row[m] for row in p) for m in range(len(p[0]))]


def terms(p):
    """Return what each unit adds to M."""
    r, c = rows(p), columns(p)
    return [math.fsum(x * math.log(x / (r[j] * c[m])) for m, x in enumerate(row) if x > 0) for j, row in enumerate(p)]


def m_of(p):
    return math.fsum(terms(p))


def fitted(p, r, c, rounds=200_000, near=1e-14):
    """Return the table with the margins r and c and the odds ratios of p: rows and columns are scaled in turn."""
    p = [list(row) for row in p]
    for _ in range(rounds):
        for j, total in enumerate(rows(p)):
            p[j] = [x * r[j] / total for x in p[j]]
        now = columns(p)
        p = [[x * c[m] / now[m] for m, x in enumerate(row)] for row in p]
        if max(abs(a / b - 1) for a, b in zip(rows(p), r, strict=True)) < near:
            return p
    raise ArithmeticError("not fitted")


def peopled(table, units, groups):
    """Return the units and groups among some that have people."""
    kept_units = [u for u in units if any(table[u].get(g, 0) > 0 for g in groups)]
    kept_groups = [g for g in groups if any(table[u].get(g, 0) > 0 for u in units)]
    return kept_units, kept_groups


def common(then, now):
    """Return the units and groups with people in both tables, those of the others left out."""
    units = sorted(set(then) & set(now))
    groups = sorted({g for row in then.values() for g in row} & {g for row in now.values() for g in row})
    while True:
        before = (units, groups)
        for table in (then, now):
            units, groups = peopled(table, units, groups)
        if (units, groups) == before:
            return units, groups


def everybody(table):
    units = sorted(table)
    groups = sorted({g for row in table.values() for g in row})
    units, groups = peopled(table, units, groups)
    return units, shares(table, units, groups)


def entropy(p):
    return -math.fsum(x * math.log(x) for x in p if x > 0)


def minus(a, b):
    return [x - y for x, y in zip(a, b, strict=True)]


def mean(*lists):
    return [math.fsum(values) / len(values) for values in zip(*lists, strict=True)]


def shapley(a, b):
    """Return group margin, unit margin and structure, unit by unit."""
    margins = {"a": (rows(a), columns(a)), "b": (rows(b), columns(b))}
    v = {}
    for name, p in (("a", a), ("b", b)):
        for unit in "ab":
            for group in "ab":
                same = name == unit == group
                v[name, unit, group] = terms(p if same else fitted(p, margins[unit][0], margins[group][1]))
    return {
        "group_margin": mean(*(minus(v[s, u, "b"], v[s, u, "a"]) for s in "ab" for u in "ab")),
        "unit_margin": mean(*(minus(v[s, "b", g], v[s, "a", g]) for s in "ab" for g in "ab")),
        "structure": mean(*(minus(v["b", x, x], v["a", x, x]) for x in "ab")),
    }


def km(a, b):
    """Return group margin, unit margin, interaction and structure, unit by unit."""
    r, c, new_r, new_c = rows(a), columns(a), rows(b), columns(b)
    start = terms(a)
    group = minus(terms([[x * new_c[m] / c[m] for m, x in enumerate(row)] for row in a]), start)
    unit = minus(terms([[x * new_r[j] / r[j] for x in row] for j, row in enumerate(a)]), start)
    both = terms(fitted(a, new_r, new_c))
    interaction = minus(minus(minus(both, start), group), unit)
    return {
        "group_margin": group,
        "unit_margin": unit,
        "interaction": interaction,
        "structure": minus(terms(b), both),
    }


def mrc(a, b):
    """Return group margin, unit margin and structure, unit by unit."""
    r, new_r = rows(a), rows(b)
    e, new_e = entropy(columns(a)), entropy(columns(b))
    found = {"group_margin": [], "unit_margin": [], "structure": []}
    for j in range(len(a)):
        own = entropy([x / r[j] for x in a[j]])
        new_own = entropy([x / new_r[j] for x in b[j]])
        weight = (r[j] + new_r[j]) / 2
        found["group_margin"].append(weight * (new_e - e))
        found["unit_margin"].append((new_r[j] - r[j]) * ((e + new_e) / 2 - (own + new_own) / 2))
        found["structure"].append(-weight * (new_own - own))
    return found


METHODS = {"shapley": shapley, "km": km, "mrc": mrc}


def parts(then, now, method):
    """Return {part: {unit: what it adds}} with all units of both tables."""
    every = sorted({*then, *now})
    units, groups = common(then, now)
    old_units, old = everybody(then)
    new_units, new = everybody(now)
    a, b = shares(then, units, groups), shares(now, units, groups)
    before = dict(zip(old_units, terms(old), strict=True))
    after = dict(zip(new_units, terms(new), strict=True))
    old_common = dict(zip(units, terms(a), strict=True))
    new_common = dict(zip(units, terms(b), strict=True))
    found = {
        "additions": {u: after.get(u, 0) - new_common.get(u, 0) for u in every},
        "removals": {u: old_common.get(u, 0) - before.get(u, 0) for u in every},
    }
    for part, values in METHODS[method](a, b).items():
        of_unit = dict(zip(units, values, strict=True))
        found[part] = {u: of_unit.get(u, 0) for u in every}
    return found
