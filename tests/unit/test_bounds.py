"""Bounds of indices against every table of whole people within the intervals, and against grids of parts of people."""

import numpy as np
import pandas as pd
import pytest

import segregate as sg

from .oracle_bounds import INDICES, dissimilarity, extremes, greatest_in_corners, minmax

KNOWN = [("known", "free"), ("free", "free"), ("known", "known"), ("free", "known")]
TWO_ONLY = {"karmel_maclachlan", "minmax"}
OF_GROUP = {"isolation", "correlation_ratio", "gorard"}


def population(counts, low, high, totals, sizes):
    counts = np.asarray(counts, dtype=float)
    groups = list("abcd")[: counts.shape[1]]
    pop = sg.Population.from_frame(pd.DataFrame(counts, columns=groups), groups)
    return pop.with_intervals(np.asarray(low, dtype=float), np.asarray(high, dtype=float), totals=totals, sizes=sizes)


def city(n, width, cells, seed):
    """Return counts and intervals of a small city of which some cells are not known."""
    rng = np.random.default_rng(seed)
    counts = rng.integers(1, 12, (n, width))
    low, high = counts.copy(), counts.copy()
    for at in rng.choice(counts.size, cells, replace=False):
        low.flat[at] = max(low.flat[at] - rng.integers(0, 3), 0)
        high.flat[at] += rng.integers(1, 3)
    return counts, low, high


def bounds_of(pop, index):
    return sg.bounds(pop, index, group="a" if index in OF_GROUP else None)


def check_ends(found, pop, index, low, high):
    """See that both ends are values of tables that are allowed."""
    sums = pop.uncertainty
    for value, table in ((found.low, found.lowest), (found.high, found.highest)):
        table = table.to_numpy()
        assert (table >= low - 1e-9).all()
        assert (table <= high + 1e-9).all()
        known = sums.totals_known
        np.testing.assert_allclose(table.sum(axis=1)[known], pop.totals[known], rtol=1e-9)
        known = sums.sizes_known
        np.testing.assert_allclose(table.sum(axis=0)[known], pop.counts.sum(axis=0)[known], rtol=1e-8)
        assert value == pytest.approx(INDICES[index](table.tolist()), rel=1e-10, abs=1e-12)
    assert found.outer.low <= found.low <= found.value <= found.high <= found.outer.high


@pytest.mark.parametrize("known", KNOWN, ids="-".join)
@pytest.mark.parametrize(("n", "width", "cells"), [(4, 2, 5), (5, 2, 4), (3, 3, 5)])
def test_every_table_of_whole_people_lies_within(n, width, cells, known):
    for seed in range(2):
        counts, low, high = city(n, width, cells, seed)
        pop = population(counts, low, high, *known)
        totals = counts.sum(axis=1).tolist() if known[0] == "known" else None
        sizes = counts.sum(axis=0).tolist() if known[1] == "known" else None
        for index in INDICES:
            if index in TWO_ONLY and width > 2:
                continue
            found = bounds_of(pop, index)
            check_ends(found, pop, index, low, high)
            least, greatest = extremes(index, low.tolist(), high.tolist(), totals, sizes)
            assert found.outer.low <= least + 1e-9
            assert found.outer.high >= greatest - 1e-9
            if found.guaranteed.low:
                assert found.low <= least + 1e-8
            if found.guaranteed.high:
                assert found.high >= greatest - 1e-8


PROVEN = {
    "dissimilarity": {"known-free", "free-free", "known-known", "free-known"},
    "minmax": {"known-free", "free-free", "known-known", "free-known"},
    "karmel_maclachlan": {"known-free", "known-known", "free-known"},
    "gorard": {"known-free", "known-known", "free-known"},
    "information_theory": {"known-free"},
    "mutual_information": {"known-free"},
    "relative_diversity": {"known-free"},
    "isolation": {"known-free"},
    "gini": {"known-free"},
}


@pytest.mark.parametrize("index", PROVEN)
@pytest.mark.parametrize("known", KNOWN, ids="-".join)
def test_high_ends_that_are_proven(index, known):
    for seed in range(4):
        counts, low, high = city(5, 2, 5, seed)
        found = bounds_of(population(counts, low, high, *known), index)
        if "-".join(known) in PROVEN[index]:
            assert found.guaranteed.high
            if known[1] == "free":
                totals = counts.sum(axis=1).tolist() if known[0] == "known" else None
                true = greatest_in_corners(index, low.tolist(), high.tolist(), totals)
                assert found.high == pytest.approx(true, abs=1e-12)


SUMS = [known for known in KNOWN if "known" in known]
LOW = {
    "dissimilarity": KNOWN,
    "minmax": KNOWN,
    "isolation": KNOWN,
    **dict.fromkeys(
        [
            *("karmel_maclachlan", "gorard", "information_theory", "mutual_information", "relative_diversity"),
            *("normalized_exposure", "squared_coefficient_of_variation", "correlation_ratio"),
        ],
        tuple(SUMS),
    ),
}


@pytest.mark.parametrize(
    ("index", "width"), [(index, width) for index in LOW for width in (2, 3) if width == 2 or index not in TWO_ONLY]
)
def test_low_ends_are_proven(index, width):
    for known in LOW[index]:
        if (index, width, known) == ("dissimilarity", 3, ("free", "free")):
            continue
        for seed in range(2):
            counts, low, high = city(5, width, 8, seed)
            found = bounds_of(population(counts, low, high, *known), index)
            assert found.guaranteed.low, (known, seed)


def test_by_hand():
    """Unit 0 has 10 people, x of group a; unit 1 has 5 of each: D = |x / (x + 5) - (10 - x) / (15 - x)|."""
    found = sg.bounds(population([[4, 6], [5, 5]], [[0, 0], [5, 5]], [[10, 10], [5, 5]], "known", "free"), "D")
    assert found.low == pytest.approx(0, abs=1e-9)
    assert found.high == pytest.approx(2 / 3, abs=1e-12)
    assert found.lowest.to_numpy().tolist()[1] == [5, 5]
    np.testing.assert_allclose(found.lowest.to_numpy()[0], [5, 5], atol=1e-6)
    assert found.highest.to_numpy().tolist()[0] in ([10, 0], [0, 10])
    assert found.guaranteed == (True, True)
    assert (found.cells, found.people) == (2, 10)


@pytest.mark.parametrize("index", ["dissimilarity", "gorard", "information_theory", "mutual_information", "isolation"])
def test_a_fine_grid_of_one_unit(index):
    """With one unit open and totals known there is one number to choose."""
    counts = [[6, 14], [9, 3], [2, 8]]
    low, high = [[1, 9], [9, 3], [2, 8]], [[11, 19], [9, 3], [2, 8]]
    found = bounds_of(population(counts, low, high, "known", "free"), index)
    values = [INDICES[index]([[x, 20 - x], *counts[1:]]) for x in np.linspace(1, 11, 20001)]
    assert found.low == pytest.approx(min(values), abs=1e-7)
    assert found.high == pytest.approx(max(values), abs=1e-12)


@pytest.mark.parametrize("known", [("free", "free"), ("free", "known")], ids="-".join)
def test_a_grid_of_parts_of_people(known):
    """Steps of a quarter of a person in all open cells."""
    counts = [[2, 5], [4, 3], [6, 1]]
    low, high = [[1, 4], [3, 3], [5, 1]], [[3, 6], [5, 3], [7, 1]]
    sizes = [12, 9] if known[1] == "known" else None
    found = bounds_of(population(counts, low, high, *known), "dissimilarity")
    least, greatest = extremes("dissimilarity", low, high, None, sizes, steps=4)
    assert found.low <= least + 1e-9
    assert found.low == pytest.approx(least, abs=0.01)
    assert found.high == pytest.approx(greatest, abs=1e-9)


def test_minmax_is_that_of_d():
    counts, low, high = city(6, 2, 8, 0)
    pop = population(counts, low, high, "free", "free")
    d, s = sg.bounds(pop, "D"), sg.bounds(pop, "S")
    assert s.low == pytest.approx(2 * d.low / (1 + d.low), abs=1e-9)
    assert s.high == pytest.approx(2 * d.high / (1 + d.high), abs=1e-9)
    assert minmax(s.highest.to_numpy().tolist()) == pytest.approx(s.high)


def test_exposure_of_two_groups_is_the_rest_of_isolation():
    counts, low, high = city(6, 2, 8, 1)
    pop = population(counts, low, high, "known", "free")
    own, others = sg.bounds(pop, "isolation", group="a"), sg.bounds(pop, "exposure", group="a", other="b")
    assert others.low == pytest.approx(1 - own.high, abs=1e-9)
    assert others.high == pytest.approx(1 - own.low, abs=1e-9)
    assert others.guaranteed == (own.guaranteed.high, own.guaranteed.low)
    same = sg.bounds(pop, "exposure", group="a", other="a")
    assert (same.low, same.high) == pytest.approx((own.low, own.high), abs=1e-9)


def test_a_pair_of_many_groups_knows_some_totals_only():
    """Where the third group is known the total of the pair is, too; elsewhere it is not."""
    counts = np.array([[5, 9, 3], [8, 2, 6], [4, 4, 9], [7, 1, 2]])
    low, high = counts.copy(), counts.copy()
    low[0, :2] -= 2
    high[0, :2] += 2
    low[1] -= 1
    high[1] += 1
    pair = population(counts, low, high, "known", "free").select("a", "b")
    assert pair.uncertainty.totals_known.tolist() == [True, False, True, True]
    found = sg.bounds(pair, "D")
    tables = ([[x, 14 - x], [y, z], [4, 4], [7, 1]] for x in range(3, 8) for y in (7, 8, 9) for z in (1, 2, 3))
    values = [dissimilarity(table) for table in tables]
    assert found.outer.low <= min(values) + 1e-9
    assert found.low <= min(values) + 1e-9
    assert found.high == pytest.approx(max(values), abs=1e-12)
    assert found.guaranteed.high


def test_mixed_rounding_of_three_groups_is_bounded_from_pairs():
    counts, low, high = city(3, 3, 7, 3)
    found = sg.bounds(population(counts, low, high, "free", "free"), "D")
    least, greatest = extremes("dissimilarity", low.tolist(), high.tolist())
    assert found.outer.low <= least <= greatest <= found.outer.high
    assert found.low <= least + 1e-9
    assert found.high >= greatest - 1e-9
    assert found.outer.low > 0
    assert found.outer.high < 1


def test_the_order_of_the_rows_changes_no_end():
    counts, low, high = city(12, 2, 16, 2)
    order = np.random.default_rng(0).permutation(12)
    for known in KNOWN:
        one = sg.bounds(population(counts, low, high, *known), "D")
        other = sg.bounds(population(counts[order], low[order], high[order], *known), "D")
        assert (one.low, one.high) == pytest.approx((other.low, other.high), abs=1e-8)
