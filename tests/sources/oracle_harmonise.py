"""People put on other boundaries, in plain loops: by the definition of area weighting, and by a table."""

from fractions import Fraction


def by_area(sources, counts, targets):
    """Return (counts of the targets, people of each source who are outside all of them), from polygons.

    Each source unit's people are spread evenly over it: a target has a_ij / a_i of them (Goodchild and Lam 1980).
    """
    n_groups = len(counts[0])
    found = [[0.0] * n_groups for _ in targets]
    outside = [0.0] * len(sources)
    for i, source in enumerate(sources):
        inside = 0.0
        for j, target in enumerate(targets):
            share = source.intersection(target).area / source.area
            inside += share
            for m in range(n_groups):
                found[j][m] += share * counts[i][m]
        outside[i] = sum(counts[i]) * (1 - inside)
    return found, outside


def by_rectangles(sources, counts, targets):
    """Do the same exactly for rectangles (west, south, east, north) of whole numbers, without any geometry library."""
    n_groups = len(counts[0])
    found = [[Fraction(0)] * n_groups for _ in targets]
    outside = []
    for i, (west, south, east, north) in enumerate(sources):
        inside = Fraction(0)
        for j, other in enumerate(targets):
            width = min(east, other[2]) - max(west, other[0])
            height = min(north, other[3]) - max(south, other[1])
            if width > 0 and height > 0:
                share = Fraction(width * height, (east - west) * (north - south))
                inside += share
                for m in range(n_groups):
                    found[j][m] += share * counts[i][m]
        outside.append(sum(counts[i]) * (1 - inside))
    return found, outside


def by_table(counts, rows, targets):
    """Return (counts of the targets, people of each source who go nowhere).

    Parameters
    ----------
    counts : dict of source id to list of people by group
    rows : list of (source id, target id, list of weights by group)
        The target None is nowhere.
    targets : list of target ids
    """
    n_groups = len(next(iter(counts.values())))
    found = {target: [0.0] * n_groups for target in targets}
    left = {source: [float(value) for value in row] for source, row in counts.items()}
    for source, target, weights in rows:
        if source not in counts or target is None:
            continue
        for m in range(n_groups):
            moved = counts[source][m] * weights[m]
            found[target][m] += moved
            left[source][m] -= moved
    return [found[target] for target in targets], [sum(row) for row in left.values()]


def cut(rng, west, south, east, north, parts):
    """Return a random partition of a rectangle into rectangles of whole numbers."""
    pieces = [(west, south, east, north)]
    while len(pieces) < parts:
        pieces.sort(key=lambda piece: (piece[2] - piece[0]) * (piece[3] - piece[1]))
        w, s, e, n = pieces.pop()
        if e - w >= n - s:
            middle = int(rng.integers(w + 1, e))
            pieces += [(w, s, middle, n), (middle, s, e, n)]
        else:
            middle = int(rng.integers(s + 1, n))
            pieces += [(w, s, e, middle), (w, middle, e, n)]
    return pieces
