"""School zones from their definition: every assignment of blocks to schools is tried, in plain loops."""

import itertools


def dissimilarity(people, zones):
    """Half the sum over schools of the difference of two shares (people: a list of (x, y) by block)."""
    x_all = sum(x for x, _ in people)
    y_all = sum(y for _, y in people)
    total = 0.0
    for school in set(zones):
        x_here = sum(x for (x, _), zone in zip(people, zones, strict=True) if zone == school)
        y_here = sum(y for (_, y), zone in zip(people, zones, strict=True) if zone == school)
        total += abs(x_here / x_all - y_here / y_all)
    return total / 2


def dissimilarity_of_all(people, zones):
    """Sum over schools and groups of t |p - P|, over 2 T I (Morgan 1975, Sakoda 1981)."""
    groups = range(len(people[0]))
    sizes = [sum(row[m] for row in people) for m in groups]
    everybody = sum(sizes)
    shares = [size / everybody for size in sizes]
    interaction = sum(share * (1 - share) for share in shares)
    total = 0.0
    for school in set(zones):
        mine = [row for row, zone in zip(people, zones, strict=True) if zone == school]
        pupils = sum(sum(row) for row in mine)
        if pupils == 0:
            continue
        for m in groups:
            total += pupils * abs(sum(row[m] for row in mine) / pupils - shares[m])
    return total / (2 * everybody * interaction)


def hangs_together(blocks, neighbours):
    """Say whether one can walk from each block to each other over neighbours among them."""
    blocks = set(blocks)
    if not blocks:
        return True
    seen = [next(iter(blocks))]
    for block in seen:
        for other in neighbours[block]:
            if other in blocks and other not in seen:
                seen.append(other)
    return len(seen) == len(blocks)


def may(
    b,
    s,
    *,
    pupils,
    cost=None,
    max_travel=None,
    neighbours=None,
    own=None,
    today=None,
    keep_blocks=(),
    keep_schools=(),
):
    """Say whether a block may go to a school: travel, what stays, and the block of a school."""
    if max_travel is not None and pupils[b] > 0 and cost[b][s] > max_travel:
        return False
    if b in keep_blocks and today[b] != s:
        return False
    if any((today[b] == school) != (s == school) for school in keep_schools):
        return False
    return not (neighbours is not None and own is not None and b in own and own[s] != b)


def keeps(zones, *, pupils, low, high, neighbours=None, today=None, max_moved=None):
    """Say whether a plan keeps the limits of rooms, of moves, and of zones that hang together."""
    loads = [0] * len(high)
    for b, s in enumerate(zones):
        loads[s] += pupils[b]
    if any(load < least or load > most for load, least, most in zip(loads, low, high, strict=True)):
        return False
    if (
        max_moved is not None
        and sum(n for n, old, new in zip(pupils, today, zones, strict=True) if old != new) > max_moved
    ):
        return False
    if neighbours is None:
        return True
    return all(hangs_together([b for b, zone in enumerate(zones) if zone == s], neighbours) for s in range(len(high)))


def possible(people, *, low, high, max_moved=None, neighbours=None, today=None, **places):
    """Yield every plan that keeps all limits, as a tuple of schools by block.

    `people` is a list of tuples by block; `places` are those of `may`, `today` the school of each block.
    """
    pupils = [sum(row) for row in people]
    places = {**places, "pupils": pupils, "neighbours": neighbours, "today": today}
    choices = [[s for s in range(len(high)) if may(b, s, **places)] for b in range(len(people))]
    limits = {"pupils": pupils, "low": low, "high": high, "neighbours": neighbours, "today": today}
    for zones in itertools.product(*choices):
        if keeps(zones, max_moved=max_moved, **limits):
            yield zones
