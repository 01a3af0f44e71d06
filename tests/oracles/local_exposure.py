"""Share of another group met in each unit where members of a group live."""

from ._common import NAN, units_used


def oracle(counts, composition, shares, group, other):
    """Return p_jn where t_jm > 0."""
    values = [NAN for _ in counts]
    for j in units_used(counts, composition):
        if counts[j][group] > 0:
            values[j] = composition[j][other]
    return values


local = oracle

COUNTEREXAMPLES = {}
