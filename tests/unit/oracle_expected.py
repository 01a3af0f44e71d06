"""Expected values under random allocation, by listing every table; plain loops, importing nothing of the package."""

import math
from fractions import Fraction


def tables(totals, sizes):
    """Yield every table with these totals of units and sizes of groups, and its chance when people are allocated at
    random: the product of the factorials of both margins over that of everybody and those of the cells."""
    margins = math.prod(math.factorial(t) for t in totals) * math.prod(math.factorial(s) for s in sizes)
    everybody = math.factorial(sum(totals))

    def rows(total, left):
        if len(left) == 1:
            if total <= left[0]:
                yield (total,)
            return
        for first in range(min(total, left[0]) + 1):
            for others in rows(total - first, left[1:]):
                yield (first, *others)

    def all_of(units, left):
        if not units:
            yield ()
            return
        for row in rows(units[0], left):
            for others in all_of(units[1:], tuple(one - taken for one, taken in zip(left, row, strict=True))):
                yield (row, *others)

    for table in all_of(tuple(totals), tuple(sizes)):
        cells = math.prod(math.factorial(cell) for row in table for cell in row)
        yield table, Fraction(margins, everybody * cells)


def expected(totals, sizes, index):
    """Return the mean of an index over all tables."""
    chances, values = 0, []
    for table, chance in tables(totals, sizes):
        chances += chance
        values.append(float(chance) * index(table))
    assert chances == 1
    return math.fsum(values)


def margins(table):
    """Return people of units, of groups, and of all."""
    t = [sum(row) for row in table]
    s = [sum(row[m] for row in table) for m in range(len(table[0]))]
    return t, s, sum(t)


def dissimilarity(table):
    t, s, n = margins(table)
    interaction = sum(m / n * (1 - m / n) for m in s)
    total = sum(abs(row[m] - here * s[m] / n) for row, here in zip(table, t, strict=True) for m in range(len(s)))
    return total / (2 * n * interaction)


def karmel_maclachlan(table):
    _, (x, y), n = margins(table)
    return sum(abs(row[0] * y / n - row[1] * x / n) for row in table) / n


def gorard(table, m=0):
    t, s, n = margins(table)
    return sum(abs(row[m] / s[m] - here / n) for row, here in zip(table, t, strict=True)) / 2


def squared_coefficient_of_variation(table):
    t, s, n = margins(table)
    cells = [(row[m], here, s[m] / n) for row, here in zip(table, t, strict=True) if here for m in range(len(s))]
    return sum(here * (x / here - pi) ** 2 / pi for x, here, pi in cells) / (n * (len(s) - 1))


def relative_diversity(table):
    t, s, n = margins(table)
    interaction = sum(m / n * (1 - m / n) for m in s)
    within = sum(x * (1 - x / here) for row, here in zip(table, t, strict=True) if here for x in row)
    return 1 - within / (n * interaction)


def normalized_exposure(table):
    t, s, n = margins(table)
    cells = [(row[m], here, s[m] / n) for row, here in zip(table, t, strict=True) if here for m in range(len(s))]
    return sum(here * (x / here - pi) ** 2 / (1 - pi) for x, here, pi in cells) / n


def isolation(table, m=0):
    t, s, _ = margins(table)
    return sum(row[m] / s[m] * row[m] / here for row, here in zip(table, t, strict=True) if here)


def exact_isolation(table, m=0):
    t, s, _ = margins(table)
    return sum(row[m] / s[m] * (row[m] - 1) / (here - 1) for row, here in zip(table, t, strict=True) if row[m])


def correlation_ratio(table, m=0):
    _, s, n = margins(table)
    return (isolation(table, m) - s[m] / n) / (1 - s[m] / n)


def exposure(table, m=0, k=1):
    t, s, _ = margins(table)
    return sum(row[m] / s[m] * row[k] / here for row, here in zip(table, t, strict=True) if here)


def exact_exposure(table, m=0, k=1):
    t, s, _ = margins(table)
    return sum(row[m] / s[m] * row[k] / (here - 1) for row, here in zip(table, t, strict=True) if row[m])


def mutual_information(table):
    t, s, n = margins(table)
    cells = [(row[m], here * s[m] / n) for row, here in zip(table, t, strict=True) for m in range(len(s))]
    return sum(x / n * math.log(x / mean) for x, mean in cells if x)


def information_theory(table):
    _, s, n = margins(table)
    return mutual_information(table) / -sum(m / n * math.log(m / n) for m in s if m)


def group_divergence(table, m=0):
    t, s, n = margins(table)
    return sum(
        row[m] / s[m] * math.log(row[m] / s[m] / (here / n)) for row, here in zip(table, t, strict=True) if row[m]
    )


def binomial(k, n, p):
    return math.comb(n, k) * p**k * (1 - p) ** (n - k)


def with_units_fixed(totals, sizes, term):
    """Return the sum over units and groups of the mean of term(x, t, share), x being binomial and the share fixed."""
    everybody = sum(sizes)
    return math.fsum(
        binomial(x, t, size / everybody) * term(x, t, size / everybody)
        for t in totals
        for size in sizes
        for x in range(t + 1)
    )


def winship(totals, members):
    """Return Winship's approximation: the mean of sum |x - t P| / (2 T P (1 - P)) with P fixed."""
    everybody = sum(totals)
    share = members / everybody
    total = math.fsum(binomial(x, t, share) * abs(x - t * share) for t in totals for x in range(t + 1))
    return total / (2 * everybody * share * (1 - share))


def hypergeometric_deviation(people, members, drawn):
    """Return the mean absolute deviation in exact arithmetic, by the sum over all counts."""
    mean = Fraction(drawn * members, people)
    ways = sum(
        math.comb(members, k) * math.comb(people - members, drawn - k) * abs(k - mean)
        for k in range(max(0, drawn - people + members), min(drawn, members) + 1)
    )
    return float(ways / math.comb(people, drawn))


def one_chance(k, people, members, drawn):
    """Return a hypergeometric chance in exact arithmetic."""
    return float(Fraction(math.comb(members, k) * math.comb(people - members, drawn - k), math.comb(people, drawn)))
