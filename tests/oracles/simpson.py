"""Simpson's diversity: the chance that two people drawn with replacement differ in group.

Simpson (1949), White (1986): 1 - sum pi_m^2, scaled by its maximum 1 - 1/M, M the groups with people.
"""

from ._common import NAN, add, groups_used, units_used


def _value(row, groups, scaled):
    value = 1 - add(row[m] * row[m] for m in groups)
    if scaled:
        return value * len(groups) / (len(groups) - 1) if len(groups) > 1 else NAN
    return value


def oracle(counts, composition, shares, scaled=False):
    """Return the diversity of the city's shares: 0 for one group alone, which has no maximum to be scaled by."""
    groups = groups_used(shares)
    return _value(shares, groups, scaled) if groups else NAN


def local(counts, composition, shares, scaled=False):
    """Return the diversity of what each unit meets, nan for units without people."""
    values = [NAN for _ in counts]
    for j in units_used(counts, composition):
        values[j] = _value(composition[j], groups_used(shares), scaled)
    return values


COUNTEREXAMPLES = {}
