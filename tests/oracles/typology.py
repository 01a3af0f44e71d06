"""Poulsen, Johnston and Forrest's types of neighbourhoods, by the share of the host and of the largest other group."""

from ._common import add, units_used

NAMES = (
    "isolated host community",
    "non-isolated host community",
    "associated assimilation-pluralism enclave",
    "mixed-minority enclave",
    "polarised enclave",
    "ghetto",
)


def oracle(counts, composition, shares, host, isolated=0.8, majority=0.5, minority=0.3, single=0.6, concentrated=0.3):
    """Return the number of the type of each unit, None for units without people."""
    types = [None for _ in counts]
    ruled = {}
    for j in units_used(counts, composition):
        h = composition[j][host]
        others = [(composition[j][m], m) for m in range(len(shares)) if m != host]
        largest, m = max(others)
        if h >= isolated:
            types[j] = 0
        elif h >= majority:
            types[j] = 1
        elif h >= minority:
            types[j] = 2
        elif largest < single:
            types[j] = 3
        else:
            types[j] = 4
            ruled.setdefault(m, []).append(j)
    for m, units in ruled.items():
        members = add(row[m] for row in counts)
        if members > 0 and add(counts[j][m] for j in units) >= concentrated * members:
            for j in units:
                types[j] = 5
    return types


local = oracle

COUNTEREXAMPLES = {}
