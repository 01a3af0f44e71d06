"""What is proven stays true: no table within the intervals passes a guaranteed end, or the bound of one that is not."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import segregate as sg
from segregate.errors import DataError
from segregate.inference._extremes import cells_of
from segregate.inference._extremes_least import least_ratio
from segregate.inference._extremes_terms import gini_slopes, ratio_of

from .oracle_bounds import INDICES

INDEX = ["dissimilarity", "minmax", "gini", "information_theory", "relative_diversity", "gorard", "isolation"]
OF_GROUP = {"gorard", "isolation", "correlation_ratio"}
NAN = float("nan")


def wandered(counts, low, high, totals, sizes, rng, steps=60):
    """Return a table of parts of people that is reached from the counts by moves that keep what is known."""
    table = counts.astype(float)
    n, width = table.shape
    for _ in range(steps):
        i, k = rng.integers(0, n, 2)
        a, b = rng.integers(0, width, 2)
        moves = np.zeros((n, width))
        moves[i, a] += 1
        if totals:
            moves[i, b] -= 1
        if sizes:
            moves[k, a] -= 1
            if totals:
                moves[k, b] += 1
        up, down = high - table, table - low
        with np.errstate(divide="ignore", invalid="ignore"):
            room = np.where(moves > 0, up / moves, np.where(moves < 0, down / -moves, np.inf)).min()
        if np.isfinite(room):
            table += moves * max(room, 0) * rng.choice([0.0, 0.5, 1.0])
    return np.clip(table, low, high)


@st.composite
def cities(draw):
    n, width = draw(st.integers(2, 9)), draw(st.integers(2, 3))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    counts = rng.integers(0, 15, (n, width))
    counts[0] += 1
    hidden = rng.random((n, width)) < draw(st.sampled_from([0.3, 0.7, 1.0]))
    low = np.where(hidden, np.maximum(counts - rng.integers(0, 6, (n, width)), 0), counts)
    high = np.where(hidden, counts + rng.integers(0, 6, (n, width)), counts)
    return counts, low, high, draw(st.sampled_from(["known", "free"])), draw(st.sampled_from(["known", "free"])), rng


@pytest.mark.parametrize("index", INDEX)
@given(data=cities())
def test_no_table_passes_a_bound(index, data):
    counts, low, high, totals, sizes, rng = data
    if index == "minmax":
        counts, low, high = counts[:, :2], low[:, :2], high[:, :2]
    groups = list("abc")[: counts.shape[1]]
    pop = sg.Population.from_frame(pd.DataFrame(counts, columns=groups), groups)
    pop = pop.with_intervals(low, high, totals=totals, sizes=sizes)
    found = sg.bounds(pop, index, group="a" if index in OF_GROUP else None)
    assert found.low - found.outer.low <= (1e-8 if found.guaranteed.low else np.inf)
    for _ in range(20):
        table = wandered(counts, low, high, totals == "known", sizes == "known", rng)
        if (table.sum(axis=0) > 0).all():
            value = INDICES[index](table.tolist())
            assert found.outer.low - 1e-9 <= value <= found.outer.high + 1e-9
            assert not found.guaranteed.low or value >= found.low - 2e-8
            assert not found.guaranteed.high or value <= found.high + 2e-8
    for value, table in ((found.low, found.lowest), (found.high, found.highest)):
        assert value == pytest.approx(INDICES[index](table.to_numpy().tolist()), abs=1e-9)


NAMES = [
    *("dissimilarity", "information_theory", "mutual_information", "relative_diversity", "normalized_exposure"),
    *("squared_coefficient_of_variation", "isolation", "correlation_ratio", "gorard", "karmel_maclachlan"),
]


@pytest.mark.parametrize("width", [2, 3])
@pytest.mark.parametrize("name", [*NAMES, "gini"])
def test_slopes_are_those_of_the_definition(name, width):
    if name == "karmel_maclachlan":
        width = 2
    rng = np.random.default_rng(3)
    table = rng.random((6, width)) * 20 + 1
    if name == "gini":
        slopes = gini_slopes(table)
    else:
        ratio = ratio_of(name, {}, width, 0, table.sum(axis=0))
        assert ratio.value(table) == pytest.approx(INDICES[name](table.tolist()), rel=1e-12)
        slopes = ratio.gradient(table)
    for j, m in np.ndindex(*table.shape):
        ends = []
        for step in (1e-5, -1e-5):
            other = table.copy()
            other[j, m] += step
            ends.append(INDICES[name](other.tolist()))
        assert slopes[j, m] == pytest.approx((ends[0] - ends[1]) / 2e-5, abs=1e-7)


@pytest.mark.parametrize("name", NAMES)
def test_a_term_has_one_degree(name):
    """A term is as large as its slopes times what they belong to (Euler): tangents need no constant."""
    ratio = ratio_of(name, {}, 2, 0, np.array([10.0, 10.0]))
    table = np.random.default_rng(1).random((8, 2)) * 9 + 1
    shares = table.sum(axis=0) / table.sum()
    (by_x, by_t, by_size, by_all), _ = ratio.at(table)
    columns = list(ratio.columns)
    parts = by_x * table[:, columns] + by_t * table.sum(axis=1)[:, None]
    parts = parts + by_size * table.sum(axis=0)[columns] + by_all * table.sum()
    np.testing.assert_allclose(parts, ratio.terms(table, shares), rtol=1e-10, atol=1e-12)


def test_intervals_get_narrower_by_known_sums():
    low, high = np.array([[0.0, 8.0], [0.0, 0.0]]), np.array([[9.0, 9.0], [9.0, 9.0]])
    cells = cells_of(low, high, np.array([10.0, NAN]), np.array([NAN, NAN]))
    assert cells.low.tolist() == [[1, 8], [0, 0]]
    assert cells.high.tolist() == [[2, 9], [9, 9]]
    both = cells_of(low, high, np.array([10.0, 3.0]), np.array([2.0, NAN]))
    assert both.sizes.tolist() == [2, 11]
    assert both.high.tolist() == [[2, 9], [1, 3]]
    known = cells_of(low, high, np.array([10.0, 0.0]), np.array([1.0, 9.0]))
    assert not known.open.any()


def test_totals_that_cannot_be_reached():
    low, high = np.zeros((3, 2)), np.full((3, 2), 4.0)
    with pytest.raises(DataError) as caught:
        cells_of(low, high, np.array([9.0, 3.0, 20.0]), np.array([NAN, NAN]), pd.Index(["u", "v", "w"]))
    assert str(caught.value) == (
        "2 units of 3 have a number of people that the intervals of the groups cannot add up to (first: 'u', 'w'); "
        "correct the intervals, or leave the totals free: totals='free'."
    )


@pytest.mark.parametrize("sizes", [False, True])
def test_the_best_table_for_weights(sizes):
    """Against all corners, and against moves that keep the sums."""
    rng = np.random.default_rng(5)
    counts = rng.integers(2, 9, (6, 3))
    low, high = counts - 2.0, counts + 2.0
    known = counts.sum(axis=0).astype(float) if sizes else np.full(3, NAN)
    cells = cells_of(low, high, counts.sum(axis=1).astype(float), known)
    for _ in range(10):
        weights = rng.normal(size=counts.shape)
        best = cells.best(weights)
        assert cells.holds(best)
        for _ in range(50):
            other = wandered(counts, low, high, True, sizes, rng)
            assert (weights * other).sum() <= (weights * best).sum() + 1e-8


@pytest.mark.slow
def test_a_city_of_many_suppressed_cells():
    """500 units, a fifth of the cells hidden: the ends of D meet their bounds, those of H at the low end."""
    rng = np.random.default_rng(7)
    people = rng.integers(50, 400, 500)
    first = rng.binomial(people, rng.beta(1, 3, 500))
    counts = np.column_stack([first, people - first]).astype(float)
    hidden = (rng.random(500) < 0.2)[:, None]
    low, high = np.where(hidden, np.maximum(counts - 10, 0), counts), np.where(hidden, counts + 10, counts)
    pop = sg.Population.from_frame(pd.DataFrame(counts, columns=["a", "b"]), ["a", "b"])
    for totals, sizes in (("known", "free"), ("free", "free"), ("known", "known"), ("free", "known")):
        found = sg.bounds(pop.with_intervals(low, high, totals=totals, sizes=sizes), "D")
        assert found.guaranteed == (True, True)
        for _ in range(5):
            table = wandered(counts, low, high, totals == "known", sizes == "known", rng, 2000)
            assert found.low - 2e-8 <= INDICES["dissimilarity"](table.tolist()) <= found.high + 2e-8
    found = sg.bounds(pop.with_intervals(low, high), "H")
    assert found.guaranteed == (True, True)


def test_tangents_meet_a_curved_index():
    """The program of tangents is never above the index, and ends where it meets it."""
    rng = np.random.default_rng(2)
    counts = rng.integers(3, 20, (8, 2)).astype(float)
    cells = cells_of(counts - 3, counts + 3, counts.sum(axis=1), np.full(2, NAN))
    for name in NAMES:
        ratio = ratio_of(name, {}, 2, 0, cells.low.sum(axis=0))
        end = least_ratio(cells, ratio, counts)
        assert 0 <= ratio.value(end.table) - end.bound < 1e-8
