"""Difference in differences and its placebos, in plain loops."""

import math


def entropy_from(row, whole):
    """Return the divergence of a unit from the whole."""
    total, size = sum(row), sum(whole)
    return math.fsum(n / total * math.log((n / total) / (whole[m] / size)) for m, n in enumerate(row) if n > 0)


def values(rows):
    whole = [sum(column) for column in zip(*rows, strict=True)]
    return [entropy_from(row, whole) if sum(row) else float("nan") for row in rows]


def mean(values, people, units):
    return math.fsum(values[j] * people[j] for j in units) / math.fsum(people[j] for j in units)


def change(before, after, units):
    """Return the change of the people-weighted mean of local values over some units."""
    then, now = values(before), values(after)
    return mean(now, [sum(row) for row in after], units) - mean(then, [sum(row) for row in before], units)


def difference(before, after, area, comparison):
    return change(before, after, area) - change(before, after, comparison)


def neighbourhoods(points, there, size):
    """Return each comparison unit with those nearest to it, each set once, first found first."""
    found = []
    for k in there:
        away = sorted(there, key=lambda j: math.hypot(points[j][0] - points[k][0], points[j][1] - points[k][1]))
        one = sorted(away[:size])
        if one not in found:
            found.append(one)
    return found


def p_value(value, placebos):
    reached = sum(abs(one) >= abs(value) - 1e-12 * max(1, abs(value)) for one in placebos)
    return (reached + 1) / (len(placebos) + 1)
