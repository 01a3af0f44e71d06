"""Random tables have the exact distributions, and the same bits whoever draws them."""

import itertools
import math
import multiprocessing
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

import numba
import numpy as np
import pytest
from scipy import special, stats

import segregate as sg
from segregate.inference._draws import of_people, of_shares, rearranged, resampled, units_again
from segregate.inference._replicates import seeds
from segregate.kernels import drawing, streams
from tests.unit.drawing_cases import ENVIRONMENTS, REPLICATES, SEED, city, replicates, xoshiro

DRAWS = 60_000
LEAST_P = 1e-4
"""Of the right law one chi-square in ten thousand falls below; the seeds are fixed."""


def words(many, seed=1):
    return np.random.default_rng(seed).integers(0, 2**64, (many, 4), dtype=np.uint64)


def column(values):
    return np.asarray(values, dtype=float)


def p_of(drawn, support, chances):
    """Return the p-value of chi-square; neighbouring values are put together, to 60 cells of 25 expected at least."""
    assert math.fsum(chances) == pytest.approx(1, abs=1e-4)
    expected = np.asarray(chances) / math.fsum(chances) * len(drawn)
    found = np.bincount(np.searchsorted(support, drawn), minlength=len(support))
    assert (np.asarray(support)[found > 0] == np.unique(drawn)).all()
    assert (expected[found > 0] > 0).all()
    least = max(25.0, len(drawn) / 60)
    cells = [[0, 0.0]]
    for seen, hoped in zip(found.tolist(), expected.tolist(), strict=True):
        if cells[-1][1] >= least:
            cells.append([0, 0.0])
        cells[-1][0] += seen
        cells[-1][1] += hoped
    if len(cells) > 1 and cells[-1][1] < least:
        seen, hoped = cells.pop()
        cells[-1] = [cells[-1][0] + seen, cells[-1][1] + hoped]
    return float(stats.chisquare(*zip(*cells, strict=True)).pvalue) if len(cells) > 1 else 1.0


def near(mean, deviation, least, most):
    """Return the values that are ever drawn, and some more."""
    return np.arange(max(least, math.floor(mean - 10 * deviation - 10)), min(most, mean + 10 * deviation + 10) + 1)


# streams -----------------------------------------------------------------------------------


def test_a_stream_is_xoshiro():
    published = [41943041, 58720359, 3588806011781223, 3591011842654386, 9228616714210784205]
    assert xoshiro((1, 2, 3, 4), 5) == published
    for row in words(20):
        state = row.copy()
        assert [streams.uniform(state) for _ in range(50)] == [
            (word >> 11) / 2**53 for word in xoshiro([int(word) for word in row], 50)
        ]


def test_the_largest_number_is_below_one():
    """All upper bits set: 1 - 2^-53."""
    words_ = np.array([0, 5, 7, 2**64 - 1], dtype=np.uint64)
    assert streams.uniform(words_) == 1 - 2.0**-53


def test_seeds_are_children_of_a_seed_sequence():
    found = seeds(4, 7)
    children = np.random.SeedSequence(7).spawn(4)
    assert (found == [child.generate_state(4, np.uint64) for child in children]).all()
    assert (seeds(9, 7)[:4] == found).all()
    assert seeds(0, 7).shape == (0, 4)


def test_logarithms_of_factorials():
    logs = streams.log_factorials(1e9)
    assert len(logs) == streams.TABULATED + 1
    for k in (0, 1, 2, 10, 1000, 5000):
        assert logs[k] == pytest.approx(math.log(math.factorial(k)), rel=1e-14, abs=1e-15)
    k = np.arange(len(logs))
    np.testing.assert_allclose(logs, special.gammaln(k + 1.0), rtol=1e-13, atol=1e-13)
    short = streams.log_factorials(3)
    assert len(short) == 4
    for k in (4.0, 5.0, 50.0, 1e6, 1e9, 8e9):  # by the series
        assert streams._log_factorial(k, short) == pytest.approx(special.gammaln(k + 1), rel=4e-8 if k < 9 else 1e-13)


@pytest.mark.parametrize("n", [1, 2, 7, 1000])
def test_one_of_n(n):
    state = words(1)[0]
    drawn = np.array([streams.below(state, n) for _ in range(20_000)])
    assert p_of(drawn, np.arange(n), np.full(n, 1 / n)) > LEAST_P


# binomial and hypergeometric numbers -------------------------------------------------------

BINOMIAL = [
    (1, 0.3),
    (2, 0.5),
    (10, 0.1),
    (25, 0.9),
    (40, 0.5),
    (19, 0.5),  # mean 9.5: the last that is found by adding up
    (20, 0.5),  # mean 10: the first by the ratio of uniforms
    (21, 0.49),
    (100, 0.0999),
    (100, 0.1001),
    (100, 0.8999),
    (1000, 0.002),
    (4000, 0.25),
    (200_000, 0.7),  # beyond the table of factorials
    (10**9, 3e-9),
    (10**9, 2e-8),
    (10**9, 0.4),
    (8 * 10**9, 0.999),
]


@pytest.mark.parametrize(("n", "p"), BINOMIAL)
def test_binomial_numbers(n, p):
    tables = drawing.multinomial_tables(
        words(DRAWS, n % 1000), column([n]), column([p, 1 - p]), streams.log_factorials(n)
    )
    assert (tables.sum(axis=2) == n).all()
    support = near(n * p, math.sqrt(n * p * (1 - p)), 0, n)
    assert p_of(tables[:, 0, 0], support, stats.binom.pmf(support, n, p)) > LEAST_P


HYPERGEOMETRIC = [
    (1, 1, 1),
    (3, 4, 2),
    (5, 5, 5),
    (4, 30, 20),
    (30, 4, 20),
    (30, 4, 33),
    (50, 50, 20),  # mean 10
    (50, 51, 19),
    (38, 62, 26),
    (100, 300, 60),
    (300, 100, 60),
    (300, 100, 350),
    (60, 340, 370),
    (1000, 99_000, 900),
    (5000, 3000, 4000),
    (120_000, 150_000, 90_000),
    (10**9, 2, 5 * 10**8),
    (3, 10**9, 10**8),
    (2 * 10**8, 8 * 10**8, 30),
    (4 * 10**8, 6 * 10**8, 10**6),
    (6 * 10**8, 4 * 10**8, 999_000_000),
]


@pytest.mark.parametrize(("members", "others", "drawn"), HYPERGEOMETRIC)
def test_hypergeometric_numbers(members, others, drawn):
    people = members + others
    tables = drawing.hypergeometric_tables(
        words(DRAWS, people % 1000),
        column([drawn, people - drawn]),
        column([members, others]),
        streams.log_factorials(people),
    )
    assert (tables.sum(axis=2) == [drawn, people - drawn]).all()
    assert (tables.sum(axis=1) == [members, others]).all()
    assert tables.min() >= 0
    mean = drawn * members / people
    deviation = math.sqrt(mean * others / people * (people - drawn) / max(people - 1, 1))
    support = near(mean, deviation, max(0, drawn - others), min(drawn, members))
    chances = np.exp(log_pmf(support, members, others, drawn))
    assert p_of(tables[:, 0, 0], support, chances) > LEAST_P


def log_pmf(k, members, others, drawn):
    """ln of the hypergeometric law, up to a constant where numbers are large, as a walk from its mode."""
    if members + others < 10**6:
        return stats.hypergeom.logpmf(k, members + others, members, drawn)
    steps = np.log((members - k[:-1]) * (drawn - k[:-1]) / ((k[1:]) * (others - drawn + k[1:])))
    log = np.concatenate([[0.0], np.cumsum(steps)])
    return log - special.logsumexp(log)


def test_numbers_drawn_one_after_the_other_from_one_stream():
    """What units of one city get is independent: pairs of neighbours follow the product of the laws."""
    n, p = 3, 0.3
    tables = drawing.multinomial_tables(
        words(1), np.full(2 * DRAWS, float(n)), column([p, 1 - p]), streams.log_factorials(n)
    )
    first, second = tables[0, ::2, 0], tables[0, 1::2, 0]
    law = stats.binom.pmf(np.arange(n + 1), n, p)
    assert p_of((n + 1) * first + second, np.arange((n + 1) ** 2), np.outer(law, law).ravel()) > LEAST_P


@pytest.mark.parametrize(
    ("function", "given", "value"),
    [
        (streams.binomial, (0, 0.5), 0),
        (streams.binomial, (9, 0.0), 0),
        (streams.binomial, (9, -1e-17), 0),
        (streams.binomial, (9, 1.0), 9),
        (streams.binomial, (1e9, 1 + 1e-16), 1e9),
        (streams.hypergeometric, (0, 5, 3), 0),
        (streams.hypergeometric, (5, 0, 3), 3),
        (streams.hypergeometric, (5, 7, 0), 0),
        (streams.hypergeometric, (5, 7, 12), 5),
        (streams.hypergeometric, (0, 0, 0), 0),
        (streams.hypergeometric, (1e9, 0, 1e9), 1e9),
    ],
)
def test_what_is_certain(function, given, value):
    state = words(1)[0]
    before = state.copy()
    assert function(state, *map(float, given), streams.log_factorials(1e9)) == value
    assert (state == before).all(), "nothing random, nothing drawn"


def test_a_share_next_to_nothing_or_to_all():
    state, logs = words(1)[0], streams.log_factorials(1e9)
    assert {streams.binomial(state, 100.0, 1e-300, logs) for _ in range(100)} == {0.0}
    assert {streams.binomial(state, 100.0, np.nextafter(1.0, 0), logs) for _ in range(100)} == {100.0}


# tables ------------------------------------------------------------------------------------


def law_of_tables(totals, sizes):
    """Return every table of these margins and its chance, from factorials."""

    def rows(total, left):
        if len(left) == 1:
            yield (total,)
            return
        for k in range(min(total, left[0]) + 1):
            for rest in rows(total - k, left[1:]):
                yield (k, *rest)

    def tables(totals, left):
        if not totals:
            yield ()
            return
        for row in rows(totals[0], left):
            if all(k <= most for k, most in zip(row, left, strict=True)):
                for rest in tables(totals[1:], tuple(m - k for m, k in zip(left, row, strict=True))):
                    yield (row, *rest)

    ways = math.prod(map(math.factorial, (*totals, *sizes)))
    law = {
        table: ways / math.factorial(sum(totals)) / math.prod(math.factorial(k) for row in table for k in row)
        for table in tables(tuple(totals), tuple(sizes))
        if tuple(map(sum, zip(*table, strict=True))) == tuple(sizes)
    }
    assert math.fsum(law.values()) == pytest.approx(1, rel=1e-12)
    return law


def p_of_tables(drawn, law):
    keys = sorted(law)
    number = {np.array(key, dtype=float).tobytes(): at for at, key in enumerate(keys)}
    found = np.array([number[table.tobytes()] for table in drawn])
    return p_of(found, np.arange(len(keys)), [law[key] for key in keys])


@pytest.mark.parametrize(
    ("totals", "sizes"),
    [((3, 2, 2), (4, 2, 1)), ((1, 1, 1, 1), (2, 2)), ((5, 0, 4), (6, 3)), ((4, 4), (2, 2, 2, 2)), ((3, 2), (0, 3, 2))],
)
def test_people_are_spread_as_enumeration_says(totals, sizes):
    logs = streams.log_factorials(sum(totals))
    drawn = drawing.hypergeometric_tables(words(DRAWS), column(totals), column(sizes), logs)
    law = law_of_tables(totals, sizes)
    assert p_of_tables(drawn, law) > LEAST_P
    assert len(Counter(table.tobytes() for table in drawn)) == len(law)


@pytest.mark.parametrize("shares", [(0.5, 0.3, 0.2), (5, 3, 2), (1e-9, 6e-10, 4e-10), (0.4, 0, 0.6), (0.4, 0.6, 0)])
def test_groups_are_drawn_as_the_multinomial_law_says(shares):
    totals = (2, 3)
    drawn = drawing.multinomial_tables(words(DRAWS), column(totals), column(shares), streams.log_factorials(3))
    chances = np.array(shares) / math.fsum(shares)
    rows = [[row for row in itertools.product(range(n + 1), repeat=3) if sum(row) == n] for n in totals]
    law = {
        (a, b): stats.multinomial.pmf(a, 2, chances) * stats.multinomial.pmf(b, 3, chances)
        for a, b in itertools.product(*rows)
    }
    assert p_of_tables(drawn, law) > LEAST_P
    assert (drawn[:, :, np.array(shares) == 0] == 0).all()


@pytest.mark.parametrize("counts", [((3, 1), (0, 2)), ((1, 0, 2), (0, 0, 1)), ((2,), (3,))])
def test_people_are_drawn_again_as_the_multinomial_law_says(counts):
    counts = column(counts)
    size = int(counts.sum())
    drawn = drawing.resampled_tables(words(DRAWS), counts, streams.log_factorials(size))
    cells = [
        cells
        for cells in itertools.product(*(range(size + 1) if c else (0,) for c in counts.ravel()))
        if sum(cells) == size
    ]
    law = {
        tuple(tuple(row) for row in np.reshape(one, counts.shape)): stats.multinomial.pmf(
            one, size, counts.ravel() / size
        )
        for one in cells
    }
    assert p_of_tables(drawn, law) > LEAST_P


def test_parts_of_people_count_by_their_weight():
    counts = column([[0.5, 1.25], [0.0, 2.25]])
    drawn = drawing.resampled_tables(words(DRAWS), counts, streams.log_factorials(4))
    assert (drawn.sum(axis=(1, 2)) == 4).all()
    for cell in itertools.product(range(2), repeat=2):
        law = stats.binom.pmf(np.arange(5), 4, counts[cell] / 4)
        assert p_of(drawn[:, *cell], np.arange(5), law) > LEAST_P


def test_units_and_orders_are_all_as_likely():
    rows = drawing.drawn_rows(words(DRAWS), 3, 3)
    assert p_of(rows @ [9, 3, 1], np.arange(27), np.full(27, 1 / 27)) > LEAST_P
    ranks = {order: at for at, order in enumerate(itertools.permutations(range(4)))}
    found = np.array([ranks[tuple(order)] for order in drawing.orders(words(DRAWS), 4).tolist()])
    assert p_of(found, np.arange(24), np.full(24, 1 / 24)) > LEAST_P


def test_margins_are_exact_where_there_are_very_many_people():
    rng = np.random.default_rng(2)
    counts = rng.integers(0, 8_000_000, (60, 4)).astype(float)
    counts[5] = 0
    totals, sizes = counts.sum(axis=1), counts.sum(axis=0)
    drawn = drawing.hypergeometric_tables(words(40), totals, sizes, streams.log_factorials(counts.sum()))
    assert (drawn.sum(axis=2) == totals).all()
    assert (drawn.sum(axis=1) == sizes).all()
    assert drawn.min() == 0
    again = drawing.resampled_tables(words(40), counts, streams.log_factorials(counts.sum()))
    assert (again.sum(axis=(1, 2)) == counts.sum()).all()
    z = (again - counts)[:, counts > 0] / np.sqrt(counts[counts > 0])
    assert np.std(z) == pytest.approx(1, abs=0.03)


# bits --------------------------------------------------------------------------------------

CALLS = {
    "hypergeometric_tables": (column([30, 5, 0, 400]), column([200, 135, 100])),
    "multinomial_tables": (column([30, 5, 0, 400]), column([0.2, 0.5, 0.3])),
    "resampled_tables": (column([[30, 5], [0, 400]]),),
}


@pytest.mark.parametrize("name", [*CALLS, "drawn_rows", "orders"])
def test_threads_twins_and_neighbours_change_nothing(name):
    function = getattr(drawing, name)
    given = {"drawn_rows": (50, 20), "orders": (50,)}.get(name) or (*CALLS[name], streams.log_factorials(500))
    states = words(64)
    kept = states.copy()
    whole = function(states, *given)
    assert (states == kept).all(), "seeds are not touched"
    before = numba.get_num_threads()
    try:
        for threads in range(1, before + 1):
            numba.set_num_threads(threads)
            assert (function.parallel(states, *given) == whole).all()
    finally:
        numba.set_num_threads(before)
    assert (function.serial(states, *given) == whole).all()
    assert (np.concatenate([function(states[k : k + 7], *given) for k in range(0, 64, 7)]) == whole).all()
    backwards = np.ascontiguousarray(states[::-1])
    assert (function(backwards, *given)[::-1] == whole).all()


@pytest.mark.parametrize("where", ENVIRONMENTS)
@pytest.mark.parametrize("what", ["people", "shares", "again", "units"])
def test_how_many_at_once_changes_nothing(where, what):
    whole = replicates(where, what, 0, REPLICATES, REPLICATES)
    for chunk in (1, 5):
        assert replicates(where, what, 0, REPLICATES, chunk) == whole
    parts = [replicates(where, what, first, first + 7, 3) for first in (0, 7)]
    assert b"".join(parts) == whole


def test_the_grid_is_summed_by_fft():
    from segregate.environment._raster import Ways
    from segregate.environment.kernel import GridOperator

    pop = city("grid")
    operator = pop.environment.on(pop)
    assert isinstance(operator, GridOperator)
    costs = Ways.of(operator.grid, pop.environment.reach).costs(1, 4)
    assert min(costs, key=costs.get) == "fft"


def test_replicates_do_not_depend_on_how_many_are_asked_for(monkeypatch):
    pop = city("points")
    whole = sg.monte_carlo_test(pop, "H", replicates=30, rng=3).null
    assert (sg.monte_carlo_test(pop, "H", replicates=11, rng=3).null == whole[:11]).all()
    monkeypatch.setattr("segregate.inference._statistic.CELLS", 2 * pop.counts.size)
    assert (sg.monte_carlo_test(pop, "H", replicates=30, rng=3).null == whole).all()


@pytest.mark.slow
def test_four_processes_give_the_bits_of_one(monkeypatch):
    """Workers are started anew, with one thread each, and take a part of the seeds."""
    asked = [(where, what) for where in ENVIRONMENTS for what in ("people", "again")]
    alone = [replicates(where, what, 0, REPLICATES, REPLICATES) for where, what in asked]
    monkeypatch.setenv("NUMBA_NUM_THREADS", "1")
    with ProcessPoolExecutor(4, multiprocessing.get_context("spawn")) as pool:
        cuts = [(0, 4), (4, 7), (7, 11), (11, REPLICATES)]
        waiting = [[pool.submit(replicates, *one, *cut, 2) for cut in cuts] for one in asked]
        together = [b"".join(part.result() for part in parts) for parts in waiting]
    assert together == alone


def test_rows_in_another_order_are_given_the_same_people():
    pop = city("home")
    order = np.random.default_rng(4).permutation(pop.n_units)
    moved = sg.Population.from_frame(pop.to_frame().iloc[order], list(pop.groups))
    assert list(moved.ids) == [pop.ids[k] for k in order]
    states = seeds(6, SEED)
    for draw in (of_people, of_shares, resampled, rearranged):
        assert (draw(moved)(states) == draw(pop)(states)[:, order]).all()
    rows, starts = units_again(moved)(states)
    same, same_starts = units_again(pop)(states)
    assert (moved.ids[rows] == pop.ids[same]).all()
    assert (starts == same_starts).all()


def test_a_generator_moves_on_and_a_number_does_not():
    source = np.random.default_rng(3)
    first, second = seeds(3, source), seeds(3, source)
    assert (first == seeds(3, 3)).all()
    assert not (first == second).any()
    assert (seeds(6, 3)[3:] == second).all()
