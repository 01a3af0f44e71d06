"""Merging units: against plain loops, identities, and against R's segregation."""

from collections.abc import Callable
from decimal import Decimal, localcontext
from itertools import permutations
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import segregate as sg
from segregate import Population
from segregate.decomposition import _pairs, compression
from segregate.kernels import merging, merging_loss
from tests.unit.merging_cases import assert_steps, of_counts, random_counts, small_counts
from tests.unit.oracle_compress import loss_of, merged_by_all, merged_by_nearest, merged_by_pairs, nearest_pairs

GROUPS = ["white", "black", "asian"]


# against plain loops


@given(small_counts())
def test_all_pairs_of_small_units(counts):
    assert_steps(sg.compress(of_counts(counts)), merged_by_all(counts))


@pytest.mark.parametrize(
    "counts",
    [
        [[7, 10, 10], [10, 7, 10], [10, 11, 4], [5, 9, 0], [7, 0, 0], [8, 9, 5], [5, 2, 6], [2, 2, 2]],
        [[0, 9], [10, 11], [11, 10], [10, 5], [1, 8], [7, 7], [10, 1]],
        [[0, 10], [3, 1], [6, 3], [3, 3], [1, 3], [11, 11], [3, 6]],
    ],
)
def test_losses_that_differ_in_their_last_bits_are_equal(counts):
    every = [(i, j) for j in range(len(counts)) for i in range(j)]
    for neighbours in ("all", every):
        assert_steps(sg.compress(of_counts(counts), neighbours=neighbours), merged_by_all(counts))


@pytest.mark.parametrize("seed", range(3))
def test_all_pairs_of_larger_units(seed):
    counts = random_counts(seed, 30)
    assert_steps(sg.compress(of_counts(counts)), merged_by_all(counts.tolist()))


def test_all_pairs_of_people_who_are_no_whole_numbers():
    counts = np.random.default_rng(5).gamma(0.4, 30.0, size=(25, 3))
    assert_steps(sg.compress(of_counts(counts)), merged_by_all(counts.tolist()))


@given(small_counts(), st.data())
def test_given_pairs_of_small_units(counts, data):
    n = len(counts)
    every = [(i, j) for i in range(n) for j in range(i + 1, n)]
    pairs = data.draw(st.lists(st.sampled_from(every), unique=True))
    turned = [pair[::-1] if data.draw(st.booleans()) else pair for pair in pairs]
    assert_steps(sg.compress(of_counts(counts), neighbours=turned), merged_by_pairs(counts, pairs))


def test_given_pairs_of_larger_units():
    counts = random_counts(8, 40)
    pairs = {(j, j + step) for j in range(40) for step in (1, 7) if j + step < 40}
    assert_steps(sg.compress(of_counts(counts), neighbours=sorted(pairs)), merged_by_pairs(counts.tolist(), pairs))


@given(small_counts(), st.integers(1, 4))
def test_nearest_in_composition_of_small_units(counts, k):
    assert_steps(sg.compress(of_counts(counts), neighbours=k), merged_by_nearest(counts, k))


@pytest.mark.parametrize("k", [1, 3])
def test_nearest_in_composition_of_larger_units(k):
    counts = random_counts(4, 40, 3)
    counts[20:26] = counts[3] * np.arange(1, 7)[:, None]
    assert_steps(sg.compress(of_counts(counts), neighbours=k), merged_by_nearest(counts.tolist(), k))


@pytest.mark.parametrize(
    ("k", "counts"),
    [
        (1, [[0, 6, 0], [7, 5, 2], [4, 6, 8], [4, 0, 6], [1, 5, 2], [1, 5, 4], [0, 5, 3]]),
        (2, [[7, 6, 2], [1, 5, 1], [0, 5, 0], [1, 2, 6], [8, 8, 0], [8, 5, 0], [5, 6, 1]]),
        (2, [[1, 6, 4], [5, 4, 1], [6, 0, 0], [6, 4, 2], [7, 3, 1], [1, 3, 3]]),
        (1, [[0, 8], [4, 5], [2, 5], [3, 0], [5, 1], [4, 8]]),
        (2, [[5, 1], [5, 5], [4, 5], [0, 7], [2, 3], [1, 6], [1, 0]]),
    ],
)
def test_distances_that_differ_in_their_last_bits_are_equal(k, counts):
    shares = np.array(counts) / np.sum(counts, axis=1, keepdims=True)
    pairs = {tuple(sorted(pair)) for pair in np.column_stack(_pairs.in_composition(shares, k)).tolist()}
    with localcontext() as context:
        context.prec = 50
        assert pairs == nearest_pairs(dict(enumerate(counts)), k)


def test_units_as_near_as_the_last_are_found():
    """A hundred and twenty units stand equally far from the first, which has two neighbours, whatever their order."""
    around = np.array(list(permutations((1, 2, 4, 7, 11))))
    for seed in range(20):
        shares = np.concatenate([[[5.0] * 5], np.random.default_rng(seed).permutation(around)]) / 25
        i, j = _pairs.in_composition(shares, 2)
        assert j[i == 0].tolist() == [1, 2]


@given(small_counts())
def test_so_many_neighbours_that_they_are_all(counts):
    every = sg.compress(of_counts(counts))
    near = sg.compress(of_counts(counts), neighbours=max(len(counts) - 1, 1))
    assert_array_equal(near.into, every.into)
    assert_array_equal(near.merged, every.merged)
    assert near.losses.tobytes() == every.losses.tobytes()


def test_the_searches_agree_on_many_units():
    counts = random_counts(11, 300)
    pop = of_counts(counts)
    every = sg.compress(pop)
    i, j = np.triu_indices(300, 1)
    for other in (sg.compress(pop, neighbours=np.column_stack([i, j])), sg.compress(pop, neighbours=1000)):
        assert_array_equal(other.into, every.into)
        assert_array_equal(other.merged, every.merged)
        assert other.losses.tobytes() == every.losses.tobytes()


@pytest.mark.parametrize("neighbours", ["all", 3, [(j, j + 1) for j in range(49)] + [(0, j) for j in range(2, 50)]])
def test_coming_up_for_air_changes_nothing(neighbours, monkeypatch):
    pop = of_counts(random_counts(2, 50))
    at_once = sg.compress(pop, neighbours=neighbours)
    monkeypatch.setattr(compression, "BUDGET", 1)
    again = sg.compress(pop, neighbours=neighbours)
    assert_array_equal(again.merged, at_once.merged)
    assert again.losses.tobytes() == at_once.losses.tobytes()


def test_a_loss_is_exact_for_compositions_that_nearly_agree():
    a, b = np.array([1_000_000.0, 2_000_000.0]), np.array([1_000_001.0, 2_000_000.0])
    expected = float(loss_of([1_000_000, 2_000_000], [1_000_001, 2_000_000], 1))
    assert expected < 1e-6
    assert_allclose(merging_loss(a, b, a.sum(), b.sum()), expected, rtol=1e-9)


def test_a_loss_by_hand():
    a, b = np.array([4.0, 0.0]), np.array([0.0, 4.0])  # 8 people who differ: 8 ln 2
    assert merging_loss(a, b, 4.0, 4.0) == pytest.approx(8 * np.log(2), rel=1e-15)


@pytest.mark.parametrize("x", [-1.0, -0.999, -0.3, -0.05, -1e-3, -1e-9, 0.0, 1e-12, 1e-4, 0.05, 0.051, 2.0, 1e6])
def test_excess_has_all_digits(x):
    with localcontext() as context:
        context.prec = 60
        y = Decimal(x)
        expected = Decimal(1) if x == -1 else (1 + y) * (1 + y).ln() - y
        assert merging._excess(x) == pytest.approx(float(expected), rel=1e-13, abs=0)


# identities


@pytest.fixture
def city(land: gpd.GeoDataFrame) -> Population:
    return Population.from_frame(land, GROUPS, id="unit")


@pytest.mark.parametrize("neighbours", ["all", 2, "borders"])
def test_m_is_that_of_the_merged_population(city, neighbours):
    merged = sg.compress(city, neighbours=neighbours)
    table = merged.table
    assert table["M"].iloc[0] == pytest.approx(sg.mutual_information(city), abs=1e-12)
    assert table["M"].iloc[0] - table["M"].iloc[-1] == pytest.approx(table["loss"].sum(), abs=1e-12)
    for n_units in (58, 40, 15, 6, 2, 1):
        row = table.set_index("n_units").loc[n_units]
        few = merged.merge(n_units=n_units)
        assert few.n_units == n_units
        assert_array_equal(few.counts.sum(axis=0), city.counts.sum(axis=0))
        assert sg.mutual_information(few) == pytest.approx(row["M"], abs=1e-12)
        assert row["share"] == row["M"] / table["M"].iloc[0]
    assert (np.diff(table["M"]) <= 0).all()
    assert (table["loss"] >= 0).all()
    assert table["M"].iloc[-1] == 0


def test_the_order_of_rows_and_groups_changes_nothing(city, table):
    table = table.set_index("unit")
    rng = np.random.default_rng(0)
    for neighbours in ("all", 3):
        usual = sg.compress(Population.from_frame(table, GROUPS), neighbours=neighbours)
        for groups in (GROUPS, GROUPS[::-1]):
            mixed = Population.from_frame(table.iloc[rng.permutation(60)], groups)
            other = sg.compress(mixed, neighbours=neighbours)
            pd.testing.assert_frame_equal(other.table, usual.table, check_exact=True)
            pd.testing.assert_series_equal(
                other.crosswalk(n_units=9).sort_index(), usual.crosswalk(n_units=9).sort_index()
            )


def test_units_of_equal_composition_lose_exactly_nothing():
    base = np.array([[0.1, 0.2, 0.7], [5.3, 1.1, 0.0], [2.0, 2.0, 2.0]])
    counts = np.concatenate([base * factor for factor in (1, 3, 0.1, 7.7, 1e6, 1 / 3)])
    for neighbours in ("all", 2):
        merged = sg.compress(of_counts(counts), neighbours=neighbours)
        assert merged.units_at(1) == 3
        assert (merged.losses[:15] == 0).all()
        assert len(set(merged.information[:16])) == 1
        assert_array_equal(merged.crosswalk(keep=1), np.tile([0, 1, 2], 6))


def test_hundreds_of_equal_units():
    counts = np.repeat([[10, 0], [0, 10], [4, 6]], 200, axis=0)
    for neighbours in ("all", 1):
        merged = sg.compress(of_counts(counts), neighbours=neighbours)
        assert merged.units_at(1) == 3
        assert_array_equal(merged.into[:199], 0)
        assert_array_equal(merged.merged[:199], np.arange(1, 200))


def test_equal_losses_go_by_the_ids():
    counts = [[9, 1], [1, 9], [9, 1], [1, 9]]
    merged = sg.compress(of_counts(counts, ids=["d", "b", "a", "c"]))
    assert merged.table["into"].tolist()[1:] == ["a", "b", "a"]
    assert merged.table["merged"].tolist()[1:] == ["d", "c", "b"]


def test_ids_that_do_not_compare_have_an_order_too():
    counts = random_counts(3, 6)
    labels = np.array([3, "a", 1, "b", 2, "c"], dtype=object)
    one = sg.compress(of_counts(counts, ids=labels)).table
    other = sg.compress(of_counts(counts[::-1], ids=labels[::-1])).table
    pd.testing.assert_frame_equal(one, other)


# R's segregation

R = {
    # state: neighbours, then units at 99, 95 and 90 %, M at 95 %, M and H of 10 units
    ("A", "all"): (84, 17, 8, 0.388960256929412, 0.378574428778869, 0.460409691952884),
    ("A", "local"): (85, 18, 8, 0.388905558637284, 0.374841474819196, 0.455869796883395),
    ("B", "all"): (260, 54, 19, 0.242364539614731, 0.215880005105108, 0.226964176280176),
    ("B", "local"): (284, 61, 19, 0.242328470592514, 0.217151754570253, 0.228301222615944),
}
"""Values of segregation 1.1.0 (`compress`, then `merge_units` and `mutual_total`), 50 neighbours where local."""
UNITS = {"A": (560, 0.408596522834574), "B": (847, 0.254995859585263)}


@pytest.fixture(scope="module")
def schools(shared_data: Callable[[str], Path]) -> pd.DataFrame:
    return pd.read_csv(shared_data("peers_inputs/segregation_schools00.csv"))


@pytest.mark.parametrize(("state", "how"), R)
def test_schools_as_merged_by_r(schools, state, how):
    """R's "local" pairs are those up to 50 places apart when units stand in the order of their divergence."""
    rows = schools[schools["state"] == state]
    pop = Population.from_long(rows, unit="school", group="race", count="n")
    neighbours = "all"
    if how == "local":
        with np.errstate(divide="ignore", invalid="ignore"):
            terms = pop.composition * np.log(pop.composition / pop.shares)
        ids = pop.ids[np.argsort(np.nansum(terms, axis=1), kind="stable")]
        neighbours = np.concatenate([np.column_stack([ids[:-step], ids[step:]]) for step in range(1, 51)])
    merged = sg.compress(pop, neighbours=neighbours)
    n_units, first = UNITS[state]
    assert len(merged.losses) == n_units - 1
    at_99, at_95, at_90, m_at_95, m_of_10, h_of_10 = R[state, how]
    assert [merged.units_at(share) for share in (0.99, 0.95, 0.9)] == [at_99, at_95, at_90]
    information = merged.table.set_index("n_units")["M"]
    assert information[n_units] == pytest.approx(first, rel=1e-10)
    assert information[at_95] == pytest.approx(m_at_95, rel=1e-10)
    few = merged.merge(n_units=10)
    assert sg.mutual_information(few) == pytest.approx(m_of_10, rel=1e-10)
    assert sg.information_theory(few) == pytest.approx(h_of_10, rel=1e-10)


@pytest.mark.parametrize("state", ["A", "B"])
def test_schools_near_in_composition_lose_hardly_more(schools, state):
    """Our neighbours are near in composition, not in divergence, which schools of opposite groups share."""
    rows = schools[schools["state"] == state]
    pop = Population.from_long(rows, unit="school", group="race", count="n")
    near = sg.compress(pop, neighbours=50).table.set_index("n_units")["M"]
    assert near[R[state, "all"][1]] == pytest.approx(R[state, "all"][3], rel=1e-10)
    assert near[10] == pytest.approx(R[state, "all"][4], rel=1e-10)
