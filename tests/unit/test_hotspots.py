"""Hot spots against plain loops and all permutations, and what they say where there is nothing to test."""

import itertools
import math
import subprocess
import sys
import warnings

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import shapely
from libpysal.graph import Graph
from numpy.testing import assert_allclose, assert_array_equal

import segregate as sg
from segregate import Population
from segregate.errors import GeometryError, ParameterError, SegregateWarning, UndefinedIndexWarning, UnknownNameError
from segregate.inference import _conditional


def hotspots(*args, **how):
    """Look for hot spots without the warning that more replicates might find some."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Nothing is significant", SegregateWarning)
        return sg.hotspots(*args, **how)


METHODS = ["getis-ord", "local-moran"]
NUMBERS = ["value", "statistic", "z", "p_value", "q_value"]


def town(counts, places, **how):
    """Return unit squares at places (column, row), with people of two groups."""
    frame = gpd.GeoDataFrame(
        np.asarray(counts, dtype=float),
        columns=["a", "b"],
        index=pd.Index([f"u{i:03d}" for i in range(len(counts))], name="unit"),
        geometry=[
            shapely.box(500_000 + x, 5_500_000 + y, 500_001 + x, 5_500_001 + y)  # a metre wide
            for x, y in places
        ],
        crs="EPSG:32633",
    )
    return Population.from_frame(frame, ["a", "b"], **how)


PLACES = [(0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (2, 2), (1, 2)]
COUNTS = [(9, 1), (6, 2), (1, 7), (5, 5), (8, 3), (1, 9), (2, 11)]


@pytest.fixture
def small():
    return town(COUNTS, PLACES)


@pytest.fixture
def city(land):
    return Population.from_frame(land, ["white", "black", "asian"], id="unit")


def grid(shares, people=100):
    """Return a square city with the given shares of group a, and its places."""
    side = math.isqrt(len(shares))
    counts = [(people * share, people * (1 - share)) for share in shares]
    return town(counts, [(x, y) for y in range(side) for x in range(side)])


def lattice(side):
    """Return who touches whom in a square of cells, corners included."""
    line = scipy.sparse.diags_array([1.0, 1.0, 1.0], offsets=[-1, 0, 1], shape=(side, side))
    matrix = scipy.sparse.csr_array(scipy.sparse.kron(line, line))
    matrix.setdiag(0)
    matrix.eliminate_zeros()
    return matrix


# oracles: plain loops from the papers, which know nothing of the package


def adjacent(places, rook):
    """Return the neighbours of every square."""
    found = []
    for i, (x, y) in enumerate(places):
        near = []
        for j, (u, v) in enumerate(places):
            across, along = abs(x - u), abs(y - v)
            if i != j and max(across, along) == 1 and (not rook or across + along == 1):
                near.append(j)
        found.append(near)
    return found


def getis_ord(x, near):
    """Return G* with the weight 1 / (number of neighbours and self)."""
    values = []
    for i in range(len(x)):
        members = [i, *near[i]]
        total = 0.0
        for j in members:
            total += x[j]
        values.append(total / len(members) / sum(x))
    return values


def local_moran(x, near):
    """Return (n - 1) z_i (mean of z around i) / sum of z squared."""
    n = len(x)
    mean = sum(x) / n
    z = [value - mean for value in x]
    below = sum(value * value for value in z)
    return [(n - 1) * z[i] * sum(z[j] for j in near[i]) / len(near[i]) / below for i in range(n)]


def benjamini_hochberg(p):
    """Return the least false discovery rate at which each would be rejected."""
    order = sorted(range(len(p)), key=lambda i: p[i])
    found = [0.0] * len(p)
    for rank, i in enumerate(order, start=1):
        found[i] = min(p[j] * len(p) / later for later, j in enumerate(order, start=1) if later >= rank)
    return found


def all_rearrangements(x, near, statistic, i):
    """Return the statistic of one unit for every order of all other values."""
    others = [j for j in range(len(x)) if j != i]
    found = []
    for order in itertools.permutations(others):
        moved = list(x)
        for j, source in zip(others, order, strict=True):
            moved[j] = x[source]
        found.append(statistic(moved, near)[i])
    return found


ORACLE = {"getis-ord": getis_ord, "local-moran": local_moran}


# values


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("rule", ["queen", "rook"])
def test_statistics_are_those_of_plain_loops(small, method, rule):
    found = hotspots(small, "a", method=method, neighbours=rule, replicates=19, rng=1)
    x = [a / (a + b) for a, b in COUNTS]
    near = adjacent(PLACES, rule == "rook")
    if rule == "rook":
        assert near[5] == [6]
    assert_allclose(found["value"], x, rtol=1e-14)
    assert_allclose(found["statistic"], ORACLE[method](x, near), rtol=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_p_values_and_z_are_those_of_all_permutations(small, method):
    replicates = 19_999
    found = hotspots(small, "a", method=method, replicates=replicates, rng=3)
    x = [a / (a + b) for a, b in COUNTS]
    near = adjacent(PLACES, rook=False)
    statistic = ORACLE[method]
    for i, observed in enumerate(statistic(x, near)):
        again = all_rearrangements(x, near, statistic, i)
        above = sum(value >= observed - 1e-12 for value in again) / len(again)
        below = sum(value <= observed + 1e-12 for value in again) / len(again)
        exact = min(1.0, 2 * min(above, below))
        tail = exact / 2
        error = 2 * 4 * math.sqrt(tail * (1 - tail) / replicates)  # twice four standard errors of the tail
        assert found["p_value"][i] == pytest.approx(exact, abs=error + 2 / replicates)
        mean = sum(again) / len(again)
        deviation = math.sqrt(sum((value - mean) ** 2 for value in again) / len(again))
        if len(near[i]) == 6:  # all others are neighbours, so nothing changes
            assert deviation < 1e-15
            assert np.isnan(found["z"][i])
            assert found["p_value"][i] == 1
        else:
            assert found["z"][i] == pytest.approx((observed - mean) / deviation, rel=1e-9, abs=1e-9)


def test_p_values_are_counts_over_replicates(small):
    found = hotspots(small, "a", replicates=19, rng=3)
    twentieths = found["p_value"] * 20 / 2
    assert_allclose(twentieths[found["p_value"] < 1], twentieths[found["p_value"] < 1].round(), atol=1e-12)
    assert (found["p_value"] >= 2 / 20).all()


def test_tied_values_reach_the_statistic():
    # ones and zeros: nearly every rearrangement is a tie or beyond, and rounding may not decide
    shares = [0.1] * 8 + [0.7]
    found = hotspots(grid(shares), "a", replicates=999, rng=1)
    # the last corner has three neighbours of 0.1 and can have nothing but 0.1 around it
    assert found["p_value"].iloc[-1] == 1
    assert np.isnan(found["z"].iloc[-1])
    # the first has three of the eight others, so 0.7 is among them with a chance of 3/8: below is reached by 5/8
    assert found["p_value"].iloc[0] == 1


def test_q_values_are_those_of_a_loop(city):
    for seed in range(3):
        found = hotspots(city, "asian", replicates=99 + seed, rng=seed).dropna(subset="p_value")
        assert_allclose(found["q_value"], benjamini_hochberg(found["p_value"].tolist()), rtol=1e-12)


@pytest.mark.parametrize("seed", [1, 2])
def test_both_methods_have_the_same_p_values(city, seed):
    """Given the unit itself, both ask for the mean around it."""
    one, two = (hotspots(city, "asian", method=method, replicates=99, rng=seed) for method in METHODS)
    assert_array_equal(one["p_value"], two["p_value"])
    high = one["value"] > one["value"].mean()
    assert_allclose(one["z"], np.where(high, two["z"], -two["z"]), rtol=1e-8, atol=1e-8)


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_p_values_agree_with_the_engine_of_esda(city, method):
    from esda.getisord import G_Local
    from esda.moran import Moran_Local

    lived_in = city.subset(city.totals > 0)
    ours = hotspots(lived_in, "asian", method=method, replicates=9999, rng=1)
    graph = Graph.build_contiguity(lived_in.to_frame(), rook=False)
    x = lived_in.composition[:, 2].copy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if method == "getis-ord":
            theirs = G_Local(x, graph.assign_self_weight(), permutations=9999, star=True, n_jobs=1, seed=1)
            statistic = theirs.Gs
        else:
            theirs = Moran_Local(x, graph, permutations=9999, n_jobs=1, seed=1)
            statistic = theirs.Is
    assert_allclose(ours["statistic"], statistic, rtol=1e-10)
    above = (theirs.sim >= statistic - 1e-12).sum(axis=0)
    below = (theirs.sim <= statistic + 1e-12).sum(axis=0)
    p = np.minimum(1, 2 * (np.minimum(above, below) + 1) / 10_000)
    tail = p / 2
    error = 2 * 4 * np.sqrt(2 * tail * (1 - tail) / 9999) + 2e-4
    assert (np.abs(ours["p_value"] - p) <= error).all()
    assert_allclose(ours["z"], theirs.z_sim, atol=0.1, rtol=0.05)


# what is found


@pytest.mark.parametrize("method", METHODS)
def test_a_planted_cluster_is_found(method):
    rng = np.random.default_rng(5)
    shares = rng.uniform(0.05, 0.25, (15, 15))
    shares[2:6, 2:6] = rng.uniform(0.7, 0.9, (4, 4))
    shares[9:14, 9:14] = rng.uniform(0.0, 0.005, (5, 5))
    found = hotspots(grid(shares.ravel()), "a", method=method, rng=1)
    kinds = found["class"].to_numpy().reshape(15, 15)
    high, low = ("hot spot", "cold spot") if method == "getis-ord" else ("high-high", "low-low")
    assert (kinds[3:5, 3:5] == high).all()
    assert (kinds[2:6, 2:6] == high).mean() > 0.7  # a corner has three of its eight neighbours in the cluster
    assert (kinds[10:13, 10:13] == low).all()
    assert not np.isin(kinds[8:, :7], [high]).any()
    assert not np.isin(kinds[:8, 8:], [high]).any()
    called = found["q_value"] <= 0.05
    assert_array_equal(called, found["class"] != "not significant")


def test_outliers_of_local_moran_are_named():
    rng = np.random.default_rng(6)
    shares = rng.uniform(0.1, 0.3, (15, 15))
    shares[2:7, 2:7] = rng.uniform(0.7, 0.9, (5, 5))
    shares[4, 4] = 0.02  # a hole in the cluster
    shares[9:14, 9:14] = rng.uniform(0.0, 0.01, (5, 5))
    shares[11, 11] = 0.9
    found = hotspots(grid(shares.ravel()), "a", method="local-moran", rng=1)
    kinds = found["class"].to_numpy().reshape(15, 15)
    assert kinds[4, 4] == "low-high"
    assert kinds[11, 11] == "high-low"
    assert (found["z"].to_numpy().reshape(15, 15)[[4, 11], [4, 11]] < 0).all()


@pytest.mark.slow
def test_random_cities_have_the_stated_rate_of_false_discoveries():
    """Where nothing is clustered every discovery is false: the rate is that of cities with any."""
    matrix, cities = lattice(8), 150
    found, small = 0, 0
    for seed in range(cities):
        rng = np.random.default_rng([77, seed])
        frame = pd.DataFrame({"a": rng.integers(5, 60, 64), "b": 100})
        spots = hotspots(Population.from_frame(frame, ["a", "b"]), neighbours=matrix, replicates=2999, rng=rng)
        found += bool((spots["class"] != "not significant").any())
        small += int((spots["p_value"] <= 0.05).sum())
    # 0.1 % and 99.9 % points of Binomial(150, 0.05), from tables of the distribution: 1 and 17
    assert 1 <= found <= 17
    # two-sided p-values with (b + 1) / (n + 1) are a little too large, never too small
    assert 0.04 < small / (64 * cities) < 0.056


# who neighbours whom


def test_points_have_their_nearest_units():
    rng = np.random.default_rng(12)
    xy = rng.uniform((500_000, 5_500_000), (510_000, 5_510_000), (40, 2))
    counts = rng.integers(1, 50, (40, 2))
    frame = gpd.GeoDataFrame(counts, columns=["a", "b"], geometry=[shapely.Point(*p) for p in xy], crs="EPSG:32633")
    city = Population.from_frame(frame, ["a", "b"])
    default = hotspots(city, replicates=99, rng=1)
    assert default.attrs["segregate"]["params"]["neighbours"] == "8 nearest units"
    x = (counts[:, 0] / counts.sum(axis=1)).tolist()
    near = []
    for i in range(40):
        order = sorted((math.dist(xy[i], xy[j]), j) for j in range(40) if j != i)
        near.append([j for _, j in order[:8]])
    assert_allclose(default["statistic"], getis_ord(x, near), rtol=1e-12)
    moran = hotspots(city, method="local-moran", neighbours=3, replicates=99, rng=1)
    assert_allclose(moran["statistic"], local_moran(x, [few[:3] for few in near]), rtol=1e-10)
    kilometres = frame.set_geometry(frame.scale(1e-3, 1e-3, origin=(0, 0)), crs="+proj=utm +zone=33 +units=km")
    again = hotspots(Population.from_frame(kilometres, ["a", "b"]), replicates=99, rng=1)
    assert_array_equal(again["p_value"], default["p_value"])


def test_units_at_one_point_are_neighbours_and_nothing_is_moved():
    frame = gpd.GeoDataFrame(
        {"a": [9.0, 8, 7, 1, 2, 1], "b": [1.0, 2, 3, 9, 8, 9]},
        geometry=[shapely.Point(x, 0) for x in (0, 0, 0, 5000, 5000, 5000)],
        crs="EPSG:32633",
    )
    found = hotspots(Population.from_frame(frame, ["a", "b"]), neighbours=2, replicates=19, rng=1)
    means = [0.8, 0.8, 0.8, 4 / 30, 4 / 30, 4 / 30]
    assert_allclose(found["statistic"], np.array(means) / 2.8, rtol=1e-12)


def test_units_equally_far_away_share_the_last_places():
    places = [(0, 0), (0, 0), (0, 0), (300, 0), (0, 300), (700, 0)]
    frame = gpd.GeoDataFrame(
        {"a": [9.0, 8, 7, 1, 4, 5], "b": [1.0, 2, 3, 9, 6, 5]},
        geometry=[shapely.Point(*place) for place in places],
        crs="EPSG:32633",
    )
    city = Population.from_frame(frame, ["a", "b"])
    x = np.array([0.9, 0.8, 0.7, 0.1, 0.4, 0.5])
    weights = {
        1: [  # of three at one point each has the two others, by half
            *([0, 0.5, 0.5, 0, 0, 0], [0.5, 0, 0.5, 0, 0, 0], [0.5, 0.5, 0, 0, 0, 0]),
            *([1 / 3, 1 / 3, 1 / 3, 0, 0, 0], [1 / 3, 1 / 3, 1 / 3, 0, 0, 0], [0, 0, 0, 1, 0, 0]),
        ],
        3: [
            *([0, 1, 1, 0.5, 0.5, 0], [1, 0, 1, 0.5, 0.5, 0], [1, 1, 0, 0.5, 0.5, 0]),
            *([1, 1, 1, 0, 0, 0], [1, 1, 1, 0, 0, 0], [2 / 3, 2 / 3, 2 / 3, 1, 0, 0]),
        ],
    }
    for k, rows in weights.items():
        found = hotspots(city, neighbours=k, replicates=19, rng=1)
        assert_allclose(found["statistic"], (np.array(rows) @ x + x) / (k + 1) / x.sum(), rtol=1e-12)


def test_a_graph_is_matched_by_id_and_a_matrix_by_position(small):
    queen = hotspots(small, "a", replicates=99, rng=1)
    graph = Graph.build_contiguity(small.to_frame().iloc[::-1], rook=False)
    by_graph = hotspots(small, "a", neighbours=graph, replicates=99, rng=1)
    assert_array_equal(by_graph["p_value"], queen["p_value"])
    matrix = Graph.build_contiguity(small.to_frame(), rook=False).sparse
    by_matrix = hotspots(small, "a", neighbours=matrix, replicates=99, rng=1)
    assert_array_equal(by_matrix["statistic"], queen["statistic"])
    assert by_matrix.attrs["segregate"]["params"]["neighbours"] == "given graph"
    environment = sg.Weights(graph)
    by_environment = hotspots(small, "a", neighbours=environment, replicates=99, rng=1)
    assert_array_equal(by_environment["p_value"], queen["p_value"])
    assert by_environment.attrs["segregate"]["params"]["neighbours"] == str(environment)


@pytest.mark.parametrize("method", METHODS)
def test_weights_of_a_graph_count(small, method):
    rng = np.random.default_rng(1)
    dense = rng.random((7, 7)) * (rng.random((7, 7)) < 0.6)
    dense[np.arange(7), [1, 2, 3, 4, 5, 6, 0]] = 0.5
    dense[2, 2] = 0.3
    dense[[0, 1, 3, 4, 5, 6], [0, 1, 3, 4, 5, 6]] = 0
    found = hotspots(small, "a", method=method, neighbours=scipy.sparse.csr_array(dense), replicates=5000, rng=1)
    x = [a / (a + b) for a, b in COUNTS]

    def statistic(x, _):
        mean = sum(x) / 7
        below = sum((value - mean) ** 2 for value in x)
        values = []
        for i in range(7):
            row = [dense[i, j] if i != j else 0.0 for j in range(7)]
            if method == "getis-ord":
                row[i] = dense[i, i] if dense[i, i] > 0 else max(row)  # self as much as the nearest
                values.append(sum(w * value for w, value in zip(row, x, strict=True)) / sum(row) / sum(x))
            else:
                around = sum(w * (value - mean) for w, value in zip(row, x, strict=True)) / sum(row)
                values.append(6 * (x[i] - mean) * around / below)
        return values

    assert_allclose(found["statistic"], statistic(x, None), rtol=1e-12)
    again = all_rearrangements(x, None, statistic, 2)
    mean, deviation = np.mean(again), np.std(again)
    assert found["z"][2] == pytest.approx((found["statistic"][2] - mean) / deviation, rel=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_units_without_people_are_left_out(method):
    counts = [*COUNTS[:4], (0, 0), *COUNTS[4:]]
    places = [*PLACES[:4], (1, 3), *PLACES[4:]]
    found = hotspots(town(counts, places), "a", method=method, replicates=99, rng=1)
    without = hotspots(town(COUNTS, PLACES), "a", method=method, replicates=99, rng=1)
    assert found[NUMBERS].iloc[4].isna().all()
    assert found["class"].isna().tolist() == [False] * 4 + [True] + [False] * 3
    rest = np.delete(np.arange(8), 4)
    for column in NUMBERS:
        assert_array_equal(found[column].to_numpy()[rest], without[column])


def test_islands_have_no_value_and_stay_among_the_others():
    counts = [*COUNTS, (3, 3)]
    places = [*PLACES, (40, 40)]
    with pytest.warns(SegregateWarning, match=r"1 unit of 8 has no neighbours \(first: 'u007'\) and no value"):
        found = hotspots(town(counts, places), "a", replicates=99, rng=1)
    assert np.isfinite(found["value"].iloc[7])
    assert found[NUMBERS[1:]].iloc[7].isna().all()
    assert pd.isna(found["class"].iloc[7])
    x = [a / (a + b) for a, b in counts]
    near = adjacent(places, rook=False)
    assert_allclose(found["statistic"][:7], getis_ord(x, near)[:7], rtol=1e-12)
    again = all_rearrangements(x, near, lambda x, near: getis_ord(x, near), 0)
    assert found["z"][0] == pytest.approx((found["statistic"][0] - np.mean(again)) / np.std(again), rel=1e-9)
    assert "1 unit without neighbours left out" in found.attrs["segregate"]["notes"]


# seeds, order, threads


@pytest.mark.parametrize("method", METHODS)
def test_the_same_seed_gives_the_same_bits(city, method):
    def run(rng):
        return hotspots(city, "black", method=method, replicates=199, rng=rng)

    pd.testing.assert_frame_equal(run(7), run(7), check_exact=True)
    pd.testing.assert_frame_equal(run(7), run(np.random.default_rng(7)), check_exact=True)
    assert not np.array_equal(run(7)["p_value"], run(8)["p_value"], equal_nan=True)
    assert not np.array_equal(run(None)["p_value"], run(None)["p_value"], equal_nan=True)
    generator = np.random.default_rng(7)
    assert not np.array_equal(run(generator)["p_value"], run(generator)["p_value"], equal_nan=True)


@pytest.mark.parametrize("neighbours", ["queen", 4])
def test_the_order_of_the_rows_does_not_matter(land, neighbours):
    def run(frame):
        city = Population.from_frame(frame, ["white", "black", "asian"], id="unit")
        return hotspots(city, "black", neighbours=neighbours, replicates=199, rng=7).set_index("unit")

    there = run(land)
    mixed = run(land.sample(frac=1, random_state=3))
    assert not there.index.equals(mixed.index)
    pd.testing.assert_frame_equal(pd.DataFrame(there), pd.DataFrame(mixed.loc[there.index]), check_exact=True)


def test_ids_of_text_and_numbers_are_sorted_too(small):
    frame = small.to_frame().reset_index(drop=True)
    frame.index = pd.Index(["x", 3, "y", 1, 2, "z", 0], dtype=object)

    def run(rows):
        city = Population.from_frame(frame.iloc[rows], ["a", "b"])
        return hotspots(city, "a", replicates=99, rng=7).set_index("id")

    back = run([6, 5, 4, 3, 2, 1, 0])
    assert_array_equal(run(list(range(7)))["p_value"], back["p_value"].loc[frame.index])


def test_threads_change_nothing():
    rng = np.random.default_rng(3)
    others = scipy.sparse.csr_array(lattice(12) * 0.125)
    values = rng.random(144)
    observed = others @ values
    draws = _conditional.draw_others(144, 8, 500, 1)
    arrays = (
        *(values, observed, np.zeros(144), np.ones(144)),
        *(others.indptr.astype(np.int64), others.data, draws, _conditional.SLACK),
    )
    serial, parallel = _conditional._reached.serial(*arrays), _conditional._reached.parallel(*arrays)
    assert_array_equal(serial, parallel)
    again = np.zeros((144, 2), dtype=int)
    for i in range(144):
        rest = np.delete(values, i)
        moved = 0.125 * rest[draws[:, : np.diff(others.indptr)[i]]].sum(axis=1)
        again[i] = (moved >= observed[i] - 1e-12).sum(), (moved <= observed[i] + 1e-12).sum()
    assert_array_equal(serial, again)


def test_draws_are_different_others_and_each_is_as_likely():
    draws = _conditional.draw_others(6, 3, 20_000, 1)
    assert all(len(set(row)) == 3 for row in draws.tolist())
    seen = np.bincount(draws[:, 0], minlength=5)
    assert (np.abs(seen - 4000) < 5 * math.sqrt(20_000 * 0.2 * 0.8)).all()
    triples, number = np.unique(draws, axis=0, return_counts=True)
    assert len(triples) == 60
    assert (np.abs(number - 20_000 / 60) < 5 * math.sqrt(20_000 / 60)).all()


def test_nothing_global_is_touched(small):
    code = """
import warnings, sys
import numpy as np, pandas as pd, scipy.sparse, scipy.stats, segregate as sg
frame = pd.DataFrame({"a": [9.0, 6, 1, 5], "b": [1.0, 2, 7, 5]})
city = sg.Population.from_frame(frame, ["a", "b"])
ring = scipy.sparse.csr_array(np.roll(np.eye(4), 1, axis=0) + np.roll(np.eye(4), -1, axis=0))
call = sg.hotspots
late = [name for name in ("esda", "libpysal") if name in sys.modules]
warnings.simplefilter("ignore", sg.SegregateWarning)
before = warnings.filters[:], np.random.get_state()[1].tolist(), np.geterr()
for method in ("getis-ord", "local-moran"):
    call(city, method=method, neighbours=ring, replicates=9, rng=1)
print(late, "esda" in sys.modules, before == (warnings.filters[:], np.random.get_state()[1].tolist(), np.geterr()))
"""
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert answer.strip() == "[] True True"
    counts = small.counts.copy()
    matrix = lattice(3)[:7][:, :7].tocsr()
    before = matrix.copy()
    hotspots(small, "a", neighbours=matrix, replicates=19, rng=1)
    assert_array_equal(small.counts, counts)
    assert (matrix != before).nnz == 0


# what comes back


def test_the_frame_is_ready_for_a_map(city):
    found = hotspots(city, "black", replicates=199, level=0.1, rng=4)
    assert isinstance(found, gpd.GeoDataFrame)
    assert list(found.columns) == ["unit", *NUMBERS, "class", "geometry"]
    assert found["unit"].tolist() == city.ids.tolist()
    assert found["class"].cat.ordered
    assert found["class"].cat.categories.tolist() == ["hot spot", "not significant", "cold spot"]
    record = found.attrs["segregate"]
    assert record["params"] == {
        "neighbours": "queen contiguity",
        "replicates": 199,
        "level": 0.1,
        "seed": 4,
    }
    assert (record["method"], record["column"], record["group"], record["units"]) == ("getis-ord", "class", "black", 60)
    assert "seed" not in hotspots(city, "black", replicates=199).attrs["segregate"]["params"]
    moran = hotspots(city, "black", method="local-moran", replicates=199, rng=4)
    assert moran["class"].cat.categories.tolist() == [
        *("high-high", "low-low", "high-low", "low-high", "not significant")
    ]
    assert set(moran.attrs["segregate"]["roles"]) == set(moran["class"].cat.categories)


def test_of_two_groups_the_first_is_meant(small):
    assert hotspots(small, replicates=19, rng=1).attrs["segregate"]["group"] == "a"
    assert_array_equal(hotspots(small, replicates=19, rng=1)["value"], small.composition[:, 0])


def test_without_geometry_a_graph_will_do():
    frame = pd.DataFrame(COUNTS, columns=["a", "b"], index=pd.Index(list("tuvwxyz"), name="value"))
    found = hotspots(
        Population.from_frame(frame, ["a", "b"]), neighbours=lattice(3)[:7][:, :7].tocsr(), replicates=19, rng=1
    )
    assert type(found) is pd.DataFrame
    assert list(found.columns) == ["id", *NUMBERS, "class"]


def test_degrees_are_as_good_as_metres(land):
    def run(frame, neighbours):
        city = Population.from_frame(frame, ["white", "black", "asian"], id="unit")
        return hotspots(city, "black", neighbours=neighbours, replicates=99, rng=7)

    for neighbours in ("rook", 5):
        with pytest.warns(SegregateWarning, match="is in degrees"):
            degrees = run(land.to_crs(4326), neighbours)
        assert_array_equal(run(land, neighbours)["p_value"], degrees["p_value"])


def test_within_an_environment_the_people_met_count(city):
    matrix = scipy.sparse.csr_array(scipy.sparse.eye_array(60) + scipy.sparse.eye_array(60, k=1) * 0.5)
    around = city.within(sg.Weights(matrix))
    with pytest.warns(SegregateWarning, match="Surroundings of neighbouring units overlap, so their values are alike"):
        found = hotspots(around, "black", replicates=99, rng=1)
    lived_in = city.totals > 0
    assert_array_equal(found["value"][lived_in], around.composition[lived_in, 1])
    assert found["value"][~lived_in].isna().all()
    assert found.attrs["segregate"]["environment"] == "weights"
    assert any("overlap" in note for note in found.attrs["segregate"]["notes"])


def test_people_who_meet_nobody_are_left_out_and_that_is_said(small):
    matrix = np.eye(7)
    matrix[3, 3] = 0
    around = small.within(sg.Weights(scipy.sparse.csr_array(matrix)))
    with (
        pytest.warns(SegregateWarning, match=r"1 unit with people who meet nobody left out \(first: 'u003'\)"),
        pytest.warns(SegregateWarning, match="overlap"),
    ):
        found = hotspots(around, "a", replicates=19, rng=1)
    assert found["class"].isna().tolist() == [False, False, False, True, False, False, False]


# where there is nothing to test


@pytest.mark.parametrize(
    ("counts", "why"),
    [
        ([(3, 7), (30, 70), (6, 14), (9, 21), (0, 0), (12, 28), (33, 77)], r"same in all units \(0\.3\)"),
        ([(0, 7), (0, 70), (0, 14), (0, 21), (0, 1), (0, 28), (0, 77)], r"same in all units \(0\)"),
        ([(3, 7), (30, 7), (0, 0), (0, 0), (0, 0), (0, 0), (0, 0)], "there are 2 units with people, and it takes 3"),
        ([(3, 7), (0, 0), (0, 0), (0, 0), (0, 0), (0, 0), (0, 0)], "there is 1 unit with people"),
        ([(0, 0)] * 7, "there are 0 units with people"),
        ([(1, 2), (0, 0), (2, 2), (0, 0), (0, 0), (3, 1), (0, 0)], "no unit has a neighbour"),
    ],
)
@pytest.mark.parametrize("method", METHODS)
def test_undefined_with_a_reason(counts, why, method):
    with pytest.warns(UndefinedIndexWarning, match=f"Hot spots of 'a' are undefined: .*{why}"):
        found = hotspots(town(counts, PLACES), "a", method=method, replicates=19)
    assert found[NUMBERS[1:]].isna().all(axis=None)
    assert found["class"].isna().all()
    lived_in = np.sum(counts, axis=1) > 0
    assert_array_equal(found["value"].notna(), lived_in)


def test_two_units_with_people_that_are_points():
    frame = gpd.GeoDataFrame(
        {"a": [1.0, 2, 0], "b": [3.0, 1, 0]}, geometry=[shapely.Point(x, 0) for x in range(3)], crs="EPSG:32633"
    )
    for rows in ([0, 1, 2], [0, 2]):
        with pytest.warns(UndefinedIndexWarning, match="with people, and it takes 3"):
            hotspots(Population.from_frame(frame.iloc[rows], ["a", "b"]), replicates=9)


def test_too_few_replicates_are_said():
    rng = np.random.default_rng(5)
    shares = rng.uniform(0.05, 0.25, (15, 15))
    shares[2:4, 2:4] = 0.9
    city = grid(shares.ravel())
    with pytest.warns(SegregateWarning, match=r"smallest p-value, 0\.2, is above the level\. Take .*replicates=9_000"):
        found = sg.hotspots(city, "a", replicates=9, rng=1)
    assert (found["class"] == "not significant").all()
    assert "more replicates might find significant units" in found.attrs["segregate"]["notes"]
    with pytest.warns(SegregateWarning, match=r"4 units of 225 have and 9 would need\. Take more: replicates=2_250"):
        sg.hotspots(city, "a", replicates=999, rng=1)
    assert (sg.hotspots(city, "a", replicates=9999, rng=1)["class"] == "hot spot").any()


# refusals


def test_refusals(city, land):
    with pytest.raises(ParameterError, match="hotspots takes a Population, not GeoDataFrame"):
        sg.hotspots(land, "black")
    with pytest.raises(ParameterError, match=r"method='gi' is not known; it is one of 'getis-ord', 'local-moran'"):
        sg.hotspots(city, "black", method="gi")
    with pytest.raises(ParameterError, match=r"pass group= \(one of 'white', 'black', 'asian'\)"):
        sg.hotspots(city)
    with pytest.raises(UnknownNameError, match=r"group='blakc' is not a group. Did you mean 'black'\?"):
        sg.hotspots(city, "blakc")
    with pytest.raises(ParameterError, match="neighbours='bishop' is not known; it is one of 'queen', 'rook'"):
        sg.hotspots(city, "black", neighbours="bishop")
    with pytest.raises(ParameterError, match="a libpysal Graph, a SciPy sparse matrix or an environment, not list"):
        sg.hotspots(city, "black", neighbours=[1, 2])
    with pytest.raises(ParameterError, match="or an environment, not type"):
        sg.hotspots(city, "black", neighbours=sg.Weights)
    with pytest.raises(UnknownNameError, match=r"60 units of 60 not in the graph"):
        sg.hotspots(city, "black", neighbours=Graph.from_sparse(lattice(8)))
    with pytest.raises(ParameterError, match="matrix of weights is for 64 units, the population has 60"):
        sg.hotspots(city, "black", neighbours=lattice(8))


@pytest.mark.parametrize("k", [0, -1, 58, 2.0, True, np.nan])
def test_numbers_of_neighbours_that_cannot_be(city, k):
    with pytest.raises(ParameterError, match=r"number of units with people \(58\)"):
        sg.hotspots(city, "black", neighbours=k)


@pytest.mark.parametrize("replicates", [0, -5, 99.0, True, "99"])
def test_replicates_are_a_whole_number(city, replicates):
    with pytest.raises(ParameterError, match="replicates= is a whole number, 1 or more, not"):
        sg.hotspots(city, "black", replicates=replicates)


@pytest.mark.parametrize("level", [0, 1, 5, -0.1, np.nan, "0.05", True])
def test_level_is_a_share(city, level):
    with pytest.raises(ParameterError, match="level= is a share between 0 and 1, such as 0.05, not"):
        sg.hotspots(city, "black", level=level)


@pytest.mark.parametrize("rng", [-1, 1.5, True, "seed"])
def test_rng_is_a_generator_or_a_number(city, rng):
    with pytest.raises(ParameterError, match=r"rng= is a numpy Generator, a whole number \(0 or more\) or None, not"):
        sg.hotspots(city, "black", rng=rng)


def test_what_has_no_geometry_is_told_so():
    city = Population.from_frame(pd.DataFrame(COUNTS, columns=["a", "b"]), ["a", "b"])
    for neighbours in (None, "queen", 3):
        with pytest.raises(GeometryError, match="The population has no geometry"):
            sg.hotspots(city, neighbours=neighbours)
    points = gpd.GeoDataFrame(
        COUNTS, columns=["a", "b"], geometry=[shapely.Point(x, 0) for x in range(7)], crs="EPSG:32633"
    )
    with pytest.raises(GeometryError, match="neighbours are known of polygons only"):
        sg.hotspots(Population.from_frame(points, ["a", "b"]), neighbours="rook")
    with pytest.raises(GeometryError, match="no coordinate reference system"):
        sg.hotspots(Population.from_frame(points.set_crs(None, allow_override=True), ["a", "b"]))
