"""Shannon's entropy: the diversity of the city, and of what each unit meets.

Theil (1972), White (1986): E = -sum pi_m log pi_m, scaled by its maximum log M, M the groups with people.
"""

import math

from ._common import NAN, entropy_of, groups_used, units_used


def _value(row, groups, base, scaled):
    if scaled:
        return entropy_of(row, groups) / math.log(len(groups)) if len(groups) > 1 else NAN
    return entropy_of(row, groups, base)


def oracle(counts, composition, shares, base=math.e, scaled=False):
    """Return the entropy of the city's shares: 0 for one group alone, which has no maximum to be scaled by."""
    groups = groups_used(shares)
    return _value(shares, groups, base, scaled) if groups else NAN


def local(counts, composition, shares, base=math.e, scaled=False):
    """Return the entropy of what each unit meets, nan for units without people."""
    values = [NAN for _ in counts]
    for j in units_used(counts, composition):
        values[j] = _value(composition[j], groups_used(shares), base, scaled)
    return values


COUNTEREXAMPLES = {}
