"""O'Sullivan and Wong (2007): 1 - sum of minima over sum of maxima of two distributions over the units.

f_jm = s_jm / sum_k s_km over units with people, s the people around unit j: at home those of the unit itself.
"""

from ._common import NAN, add, defined, units_used


def oracle(counts, composition, shares, surroundings=None):
    """Return S."""
    if not defined(counts, composition, shares):
        return NAN
    around = counts if surroundings is None else surroundings
    units = units_used(counts, composition)
    one = add(around[j][0] for j in units)
    other = add(around[j][1] for j in units)
    if not (one > 0 and other > 0):
        return NAN
    least, most = [], []
    for j in units:
        pair = (around[j][0] / one, around[j][1] / other)
        least.append(min(pair))
        most.append(max(pair))
    return 1 - add(least) / add(most)


COUNTEREXAMPLES = {}
