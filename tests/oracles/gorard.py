"""Gorard's index GS: half the sum of |x_j / X - t_j / T| (Gorard and Taylor 2002)."""

from ._common import NAN, add, defined, totals


def contributions(counts, composition, shares, group):
    """Return each unit's term of the sum."""
    if not defined(counts, composition, shares, group):
        return [NAN for _ in counts]
    people = totals(counts)
    everyone = add(people)
    members = add(row[group] for row in counts)
    return [abs(row[group] / members - total / everyone) / 2 for row, total in zip(counts, people, strict=True)]


def oracle(counts, composition, shares, group):
    """Return GS."""
    return add(contributions(counts, composition, shares, group))


COUNTEREXAMPLES = {}
