"""Environments: whom people meet, and the order of operations."""

import warnings
from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from libpysal.graph import Graph
from numpy.testing import assert_allclose, assert_array_equal

import segregate as sg
from segregate import Population
from tests.asking import asked

GROUPS = ["white", "black", "asian"]
GLOBAL = [name for name, row in sg.catalogue().iterrows() if row["level"] != "local" and row["environment"]]
OF_TWO_OR_ORDERED = {"atkinson", "minmax", "ordinal", "rank_order"}
"""Indices whose values where somebody meets nobody are left to the oracles."""
CLUSTERING = list(sg.catalogue("clustering").index)
"""Indices whose home is a decay of the distance."""
AT_HOME_ONLY = [name for name, row in sg.catalogue().iterrows() if not row["environment"]]


def path_matrix(n: int, *, own: bool = True) -> scipy.sparse.csr_array:
    """Return units in a row, each with its two neighbours."""
    matrix = scipy.sparse.diags_array([1.0, 0.5], offsets=[-1, 1], shape=(n, n)).tocsr()
    return scipy.sparse.csr_array(matrix + scipy.sparse.eye_array(n)) if own else scipy.sparse.csr_array(matrix)


def graph_of(matrix: scipy.sparse.csr_array, ids: pd.Index) -> Graph:
    return Graph.from_sparse(matrix, ids=ids)


@pytest.fixture
def city(land: gpd.GeoDataFrame) -> Population:
    return Population.from_frame(land, GROUPS, id="unit")


@pytest.fixture
def matrix() -> scipy.sparse.csr_array:
    rng = np.random.default_rng(8)
    dense = rng.random((60, 60)) * (rng.random((60, 60)) < 0.1)
    np.fill_diagonal(dense, 1.0)
    return scipy.sparse.csr_array(dense)


def value(name: str, population: Population) -> float:
    """Evaluate an index about the first group, or the first and the second."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Degree lowered", sg.SegregateWarning)
        return asked(name, population, ("white", "black"))


# plain numpy, to compare with


def people_met(population: Population, w: np.ndarray) -> np.ndarray:
    around = w @ population.counts
    with np.errstate(invalid="ignore"):
        return around / around.sum(axis=1, keepdims=True)


# what an environment is


def test_surroundings_are_w_times_counts(city: Population, matrix: scipy.sparse.csr_array):
    near = city.within(sg.Weights(matrix))
    around = matrix.toarray() @ city.counts
    assert_allclose(near.surroundings, around, rtol=1e-14)
    assert_allclose(near.composition, people_met(city, matrix.toarray()), rtol=1e-13)
    assert_array_equal(near.counts, city.counts)
    assert_array_equal(near.totals, city.totals)
    assert_array_equal(near.shares, city.shares)
    assert str(near.environment) == "weights"
    assert near.surroundings.flags.c_contiguous


def test_units_without_people_still_have_surroundings_but_no_local_value(city: Population, matrix):
    near = city.within(sg.Weights(matrix))
    assert near.totals[4] == 0
    assert near.surroundings[4].sum() > 0
    local = sg.local(near, "divergence")["value"]
    assert_array_equal(np.flatnonzero(np.isnan(local)), [4, 31])


def test_isolation_in_an_environment_by_hand():
    frame = pd.DataFrame({"a": [8, 2, 0], "b": [2, 8, 5]})
    near = Population.from_frame(frame, ["a", "b"]).within(sg.Weights(path_matrix(3)))
    # unit 0 meets itself and half of unit 1; unit 1 all of 0, itself, half of 2
    met = [9 / (9 + 6), 10 / (10 + 12.5)]
    assert sg.isolation(near, group="a") == pytest.approx(0.8 * met[0] + 0.2 * met[1], rel=1e-14)
    assert sg.exposure(near, group="a", other="b") == pytest.approx(1 - sg.isolation(near, group="a"), rel=1e-14)


def test_the_identity_matrix_is_home(city: Population):
    same = city.within(sg.Weights(scipy.sparse.eye_array(60, format="csr")))
    for name in GLOBAL:
        if name not in CLUSTERING:
            assert value(name, same) == pytest.approx(value(name, city), rel=1e-12), name


@pytest.mark.parametrize("name", AT_HOME_ONLY)
def test_what_has_a_meaning_only_at_home_says_so(city: Population, matrix, name: str):
    with pytest.raises(sg.ParameterError, match=rf"{name} has a meaning only at home.*population\.home\(\)"):
        asked(name, city.within(sg.Weights(matrix)))
    near = city.within(sg.Weights(matrix))
    with pytest.warns(sg.SegregateWarning, match=r"Skipped: .*delta \(has a meaning only at home\)"):
        found = sg.measure(near)
    assert name not in set(found["index"])
    asked(name, near.home())


def test_weights_are_not_made_to_sum_to_one(city: Population, matrix):
    twice = city.within(sg.Weights(2 * matrix))
    assert_allclose(twice.surroundings, 2 * (matrix.toarray() @ city.counts), rtol=1e-14)
    assert_allclose(twice.composition, city.within(sg.Weights(matrix)).composition, rtol=1e-14)


# order of operations


def test_within_replaces_an_earlier_environment(city: Population, matrix):
    first, second = sg.Weights(matrix), sg.Weights(path_matrix(60))
    assert_array_equal(city.within(first).within(second).surroundings, city.within(second).surroundings)


def test_home_removes_the_environment(city: Population, matrix):
    near = city.within(sg.Weights(matrix))
    for back in (near.home(), near.within(sg.Home())):
        assert back.surroundings is back.counts
        assert_array_equal(back.composition, city.composition)
        assert str(back.environment) == "home"
        assert sg.dissimilarity(back) == sg.dissimilarity(city)
    assert city.home() is city


def test_within_returns_a_new_population(city: Population, matrix):
    before = sg.dissimilarity(city)
    city.within(sg.Weights(matrix))
    assert str(city.environment) == "home"
    assert sg.dissimilarity(city) == before


@pytest.mark.parametrize(
    "regroup",
    [
        lambda p: p.select("asian", "white"),
        lambda p: p.versus("black"),
        lambda p: p.merge({"minority": ["black", "asian"]}),
    ],
    ids=["select", "versus", "merge"],
)
def test_groups_chosen_afterwards_keep_the_surroundings(city: Population, matrix, regroup: Callable):
    after = regroup(city.within(sg.Weights(matrix)))
    before = regroup(city).within(sg.Weights(matrix))
    assert after.groups == before.groups
    assert str(after.environment) == "weights"
    assert_allclose(after.surroundings, before.surroundings, rtol=1e-13)
    assert_allclose(after.composition, before.composition, rtol=1e-13)
    assert sg.dissimilarity(after) == pytest.approx(sg.dissimilarity(before), rel=1e-12)


def test_rows_chosen_afterwards_keep_the_surroundings_of_the_whole(city: Population, matrix):
    keep = np.arange(60) % 3 == 0
    near = city.within(sg.Weights(matrix))
    part = near.subset(keep)
    assert_array_equal(part.surroundings, near.surroundings[keep])
    assert_allclose(part.shares, city.counts[keep].sum(axis=0) / city.counts[keep].sum(), rtol=1e-14)
    assert str(part.environment) == "weights"
    split = near.split("district")
    for district, piece in split.items():
        assert_array_equal(piece.surroundings, near.surroundings[city.attributes["district"] == district])


@pytest.mark.parametrize("kind", ["matrix", "graph"])
def test_rows_chosen_before_do_not_see_the_rest(city: Population, matrix, kind: str):
    keep = np.arange(60) % 3 == 0
    inside = matrix.toarray()[np.ix_(keep, keep)]
    environment = (
        sg.Weights(graph_of(matrix, city.ids)) if kind == "graph" else sg.Weights(scipy.sparse.csr_array(inside))
    )
    part = city.subset(keep).within(environment)
    assert_allclose(part.surroundings, inside @ city.counts[keep], rtol=1e-13)


def test_subset_and_within_do_not_commute(city: Population, matrix):
    keep = np.arange(60) % 3 == 0
    graph = sg.Weights(graph_of(matrix, city.ids))
    buffered, cut = city.within(graph).subset(keep), city.subset(keep).within(graph)
    assert sg.dissimilarity(buffered) != pytest.approx(sg.dissimilarity(cut), rel=1e-3)


def test_by_stops_a_new_environment_at_each_edge(city: Population, table: pd.DataFrame, matrix):
    found = sg.measure(city, GLOBAL, by="district", environment=sg.Weights(matrix))
    assert set(found["environment"]) == {"weights"}
    for district, rows in found.groupby("district"):
        keep = (table["district"] == district).to_numpy()
        alone = Population.from_frame(table[keep], GROUPS, id="unit").within(sg.Weights(matrix[keep][:, keep]))
        expected = sg.measure(alone, GLOBAL)
        assert (
            rows[["index", "group", "versus"]].values.tolist() == expected[["index", "group", "versus"]].values.tolist()
        )
        assert_allclose(rows["value"], expected["value"], rtol=1e-12, atol=1e-13)
        assert rows["status"].tolist() == expected["status"].tolist()


def test_by_with_a_graph_and_an_array_of_regions(city: Population, table: pd.DataFrame, matrix):
    graph = sg.Weights(graph_of(matrix, city.ids))
    found = sg.measure(city, "H", by=table["district"].to_numpy(), environment=graph)
    for district, part in city.split("district").items():
        row = found[found["region"] == district]
        assert row["value"].item() == pytest.approx(sg.information_theory(part.within(graph)), rel=1e-12)


def test_by_on_a_population_already_within_keeps_neighbours_across_the_edge(city: Population, matrix):
    near = city.within(sg.Weights(matrix))
    found = sg.measure(near, ["D", "H", "xPx"], by="district")
    assert set(found["environment"]) == {"weights"}
    for district, part in near.split("district").items():
        rows = found[found["district"] == district]
        assert_allclose(rows["value"], sg.measure(part, ["D", "H", "xPx"])["value"], rtol=1e-12)
    stopped = sg.measure(city, ["D", "H", "xPx"], by="district", environment=sg.Weights(matrix))
    assert not np.allclose(found["value"], stopped["value"], rtol=1e-3)


def test_measure_environment_replaces_that_of_the_population(city: Population, matrix):
    near = city.within(sg.Weights(matrix))
    assert sg.measure(near, "D", environment=sg.Home())["value"].item() == sg.dissimilarity(city)
    assert sg.measure(near, "D", environment=sg.Home())["environment"].item() == "home"
    assert sg.measure(near, "D")["value"].item() == sg.dissimilarity(near)
    other = sg.Weights(path_matrix(60))
    assert_array_equal(
        sg.local(near, "divergence", environment=other)["value"], sg.divergence(city.within(other)).to_numpy()
    )


def test_units_without_a_region_are_nobodys_neighbours(city: Population, table: pd.DataFrame, matrix):
    regions = table["district"].where(table["district"] != 3).to_numpy()
    with pytest.warns(sg.SegregateWarning, match="without 'region' left out") as caught:
        found = sg.measure(city, "D", by=regions, environment=sg.Weights(matrix))
    assert len(caught) == 1
    expected = sg.measure(city, "D", by="district", environment=sg.Weights(matrix))
    assert_array_equal(found["value"], expected.loc[expected["district"] != 3, "value"])


def test_groups_without_people_are_left_out_of_the_sums_in_an_environment_too(city: Population, matrix):
    """What nobody in the city belongs to is not a group of the city, even where neighbours across its edge do."""
    counts = city.counts.copy()
    keep = np.arange(60) < 30
    counts[keep, 2] = 0
    near = Population.from_frame(pd.DataFrame(counts, columns=GROUPS), GROUPS).within(sg.Weights(matrix)).subset(keep)
    assert near.counts[:, 2].sum() == 0 < near.surroundings[:, 2].sum()
    for name in GLOBAL:
        assert value(name, near) == pytest.approx(value(name, near.select("white", "black")), rel=1e-12), name


# surroundings that hold nobody


@pytest.fixture
def stranded() -> tuple[Population, np.ndarray, np.ndarray]:
    """Return a population, who is kept, and their composition; two units meet nobody."""
    counts = np.array([[30, 10, 5], [5, 40, 5], [20, 20, 20], [7, 1, 2], [0, 0, 0], [3, 3, 9.0]])
    w = np.zeros((6, 6))
    w[0, [0, 1]] = w[1, [0, 1, 2]] = w[2, [1, 2]] = 1
    w[3, 4] = 1  # meets a unit without people
    w[4, 2] = 1  # itself without people
    population = Population.from_frame(pd.DataFrame(counts, columns=GROUPS), GROUPS)
    return population.within(sg.Weights(scipy.sparse.csr_array(w))), np.array([0, 1, 2]), w @ counts


def expected_when_stranded(name: str, population: Population, kept: np.ndarray, around: np.ndarray) -> float:
    """Return the formula of the catalogue: those left out weigh nothing, shares, E and I stay the city's."""
    t, pi = population.totals[kept], population.counts.sum(axis=0) / population.counts.sum()
    p = around[kept] / around[kept].sum(axis=1, keepdims=True)
    x, total = population.counts[kept], t.sum()
    entropy, inequality = -(pi * np.log(pi)).sum(), (pi * (1 - pi)).sum()
    isolation = (x[:, 0] / x[:, 0].sum() * p[:, 0]).sum()
    s, sizes, units = around[kept], x.sum(axis=0), np.array([2, 3, 2])  # units with people around those who are kept
    own, even = x[:, 0] / sizes[0] @ s[:, 0], sizes[0] / 9 * units.sum()
    others = (x[:, 1:].sum(axis=1) @ s[:, 1:].sum(axis=1)) / sizes[1:].sum() ** 2
    log = np.log(np.where(p > 0, p, 1))
    return {
        "dissimilarity": (t[:, None] * abs(p - pi)).sum() / (2 * total * inequality),
        "gini": sum(
            t[i] * t[j] * abs(p[i] - p[j]).sum() for i in range(len(t)) for j in range(len(t))
        ) / (2 * total**2 * inequality),
        "information_theory": 1 + (t * (p * log).sum(axis=1)).sum() / (total * entropy),
        "mutual_information": (t / total * (p * (log - np.log(pi))).sum(axis=1)).sum(),
        "relative_diversity": 1 - (t * (p * (1 - p)).sum(axis=1)).sum() / (total * inequality),
        "normalized_exposure": (t[:, None] * (p - pi) ** 2 / (total * (1 - pi))).sum(),
        "squared_coefficient_of_variation": (t[:, None] * (p - pi) ** 2 / (2 * total * pi)).sum(),
        "concentration_profile": (x[:, 0] / x[:, 0].sum() * abs(p[:, 0] - pi[0])).sum() / (1 - pi[0]),
        "extremes": (t / total * (p[:, 0] - p[:, 1])).sum(),
        "isolation": isolation,
        "exposure": (x[:, 0] / x[:, 0].sum() * p[:, 1]).sum(),
        "correlation_ratio": (isolation - pi[0]) / (1 - pi[0]),
        "spatial_proximity": (x * s / sizes).sum() / (t @ s.sum(axis=1) / total),
        "relative_clustering": own / sizes[0] / others - 1,
        "absolute_clustering": (own - even) / (x[:, 0] / sizes[0] @ s.sum(axis=1) - even),
        "mean_proximity": x[:, 0] / sizes[0] @ s[:, 1] / sizes[1],
        "entropy": entropy,
        "simpson": inequality,
    }[name]  # fmt: skip


@pytest.mark.parametrize("name", [name for name in GLOBAL if name not in OF_TWO_OR_ORDERED])
def test_people_who_meet_nobody_are_left_out(stranded, name: str):
    population, kept, around = stranded
    expected = expected_when_stranded(name, population, kept, around)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert value(name, population) == pytest.approx(expected, rel=1e-12)
    diversity = sg.catalogue().loc[name, "family"] == "diversity"
    if not diversity:  # which looks at nobody's surroundings
        (warning,) = caught
        assert issubclass(warning.category, sg.SegregateWarning)
        assert str(warning.message) == "2 units whose surroundings hold nobody left out (25 of 180 people)."


def test_people_who_meet_nobody_do_not_touch_city_diversity(stranded):
    """Entropy and Simpson of the city look at its shares only, so nobody is left out and nothing is partial."""
    population, _, _ = stranded
    for index in (sg.entropy, sg.simpson):
        assert index(population) == index(population.home())
    assert sg.measure(population, ["E", "simpson"])["status"].tolist() == ["ok", "ok"]


def test_tables_say_partial_without_a_warning(stranded):
    population, _, _ = stranded
    found = sg.measure(population, ["D", "H", "xPx"])
    assert set(found["status"]) == {"partial"}
    assert set(found["message"]) == {"2 units whose surroundings hold nobody left out (25 of 180 people)"}
    assert found["value"].notna().all()


def test_partial_is_said_of_the_region_it_happens_in(stranded):
    population, _, _ = stranded
    regions = np.array(["x", "x", "x", "y", "y", "x"])
    found = sg.measure(population, "D", by=regions).set_index("region")
    assert found["status"].to_dict() == {"x": "partial", "y": "undefined"}
    assert found.loc["x", "message"] == "1 unit whose surroundings hold nobody left out (15 of 170 people)"
    assert np.isnan(found.loc["y", "value"])
    assert found.loc["y", "message"]


def test_contributions_of_those_left_out_are_zero_and_the_rest_add_up(stranded):
    population, _, _ = stranded
    with pytest.warns(sg.SegregateWarning, match="left out"):
        terms = sg.contributions(population, "H")
    with pytest.warns(sg.SegregateWarning, match="left out"):
        assert terms.sum() == pytest.approx(sg.information_theory(population), rel=1e-12)
    assert_array_equal(terms.to_numpy()[3:], 0)


def test_local_values_of_those_who_meet_nobody_are_nan(stranded):
    population, kept, around = stranded
    p = around[kept] / around[kept].sum(axis=1, keepdims=True)
    found = sg.local(population, "share", group="black")["value"].to_numpy()
    assert_allclose(found[kept], p[:, 1], rtol=1e-14)
    assert np.isnan(found[3:]).all()


def test_where_everybody_meets_nobody_the_index_is_undefined():
    population = Population.from_frame(pd.DataFrame({"a": [1, 2], "b": [2, 1]}), ["a", "b"])
    alone = population.within(sg.Weights(scipy.sparse.csr_array((2, 2))))
    for name in ("dissimilarity", "information_theory", "isolation"):
        with pytest.warns(sg.UndefinedIndexWarning, match="surroundings hold nobody") as caught:
            assert np.isnan(getattr(sg, name)(alone))
        assert len(caught) == 1


# weights


def test_graph_is_matched_by_id_whatever_the_order(table: pd.DataFrame, matrix):
    frame = table.set_index("unit")
    graph = graph_of(matrix, frame.index)
    plain = Population.from_frame(frame, GROUPS).within(sg.Weights(graph))
    shuffled_frame = frame.sample(frac=1, random_state=5)
    shuffled = Population.from_frame(shuffled_frame, GROUPS).within(sg.Weights(graph))
    at = plain.ids.get_indexer(shuffled.ids)
    assert_allclose(shuffled.surroundings, plain.surroundings[at], rtol=1e-13)
    assert sg.information_theory(shuffled) == pytest.approx(sg.information_theory(plain), rel=1e-12)


def test_graph_and_matrix_agree(city: Population, matrix):
    from_graph = city.within(sg.Weights(graph_of(matrix, city.ids)))
    assert_allclose(from_graph.surroundings, city.within(sg.Weights(matrix)).surroundings, rtol=1e-13)


@pytest.mark.parametrize("form", ["csr_array", "csr_matrix", "coo_array", "csc_matrix", "lil_array", "dok_array"])
def test_every_form_of_sparse_matrix_will_do(city: Population, matrix, form: str):
    other = getattr(scipy.sparse, form)(matrix)
    assert_allclose(city.within(sg.Weights(other)).surroundings, matrix.toarray() @ city.counts, rtol=1e-13)


def test_graph_isolates_meet_nobody():
    frame = pd.DataFrame({"a": [5, 5, 3], "b": [1, 9, 7]}, index=["x", "y", "lonely"])
    graph = Graph.from_arrays(["x", "y", "lonely"], ["y", "x", "lonely"], [1.0, 1.0, 0.0])
    assert list(graph.isolates) == ["lonely"]
    population = Population.from_frame(frame, ["a", "b"]).within(sg.Weights(graph))
    with pytest.warns(sg.SegregateWarning, match=r"1 unit whose surroundings hold nobody left out \(10 of 30 people\)"):
        assert sg.isolation(population, group="a") == pytest.approx(0.5 * 5 / 14 + 0.5 * 5 / 6, rel=1e-14)


@pytest.mark.parametrize(
    ("weights", "error", "message"),
    [
        (np.eye(60), sg.ParameterError, "not ndarray.*csr_array"),
        (None, sg.ParameterError, "not NoneType"),
        (scipy.sparse.csr_array((60, 59)), sg.ParameterError, "square"),
        (scipy.sparse.coo_array(np.ones(60)), sg.ParameterError, "square"),
        (scipy.sparse.diags_array([-1.0] * 60).tocsr(), sg.DataError, "60 weights negative.*first rows: 0, 1"),
        (scipy.sparse.diags_array([np.nan] + [1.0] * 59).tocsr(), sg.DataError, "1 weight .*first rows: 0"),
        (scipy.sparse.diags_array([np.inf] + [1.0] * 59).tocsr(), sg.DataError, "1 weight .*not finite"),
        (scipy.sparse.diags_array([1j] * 60).tocsr(), sg.SegregateError, "complex|real"),
    ],
)
def test_weights_that_cannot_be(weights: object, error: type[Exception], message: str):
    with pytest.raises(error, match=message):
        sg.Weights(weights)


def test_weights_for_other_units_are_refused(city: Population, matrix):
    with pytest.raises(sg.ParameterError, match="for 59 units, the population has 60"):
        city.within(sg.Weights(path_matrix(59)))
    graph = graph_of(matrix, city.ids.astype(int))
    with pytest.raises(sg.UnknownNameError, match=r"60 units of 60 not in the graph \(first: '000"):
        city.within(sg.Weights(graph))


@pytest.mark.parametrize("environment", [None, "weights", scipy.sparse.eye_array(60), sg.Weights, 500.0])
def test_within_refuses_what_is_no_environment(city: Population, environment: object):
    with pytest.raises(sg.ParameterError, match="within takes an environment"):
        city.within(environment)


def test_an_index_for_home_only_says_so(city: Population, matrix):
    near = city.within(sg.Weights(matrix))
    with pytest.raises(sg.ParameterError, match=r"only at home.*home\(\)"):
        sg.isolation(near, group="white", exact=True)
