"""Those who are present in the places where people go."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import segregate as sg
from segregate import Population
from segregate.environment import flows as module
from tests.unit import environments_oracle as oracle
from tests.unit.environment_cases import people, values_by_oracle, values_of

N, PLACES = 40, 17


def city(counts: np.ndarray, **columns: object) -> Population:
    groups = [f"g{m}" for m in range(counts.shape[1])]
    frame = pd.DataFrame(counts, columns=groups).assign(**columns)
    frame["unit"] = [f"u{j}" for j in range(len(counts))]
    return Population.from_frame(frame, groups, id="unit")


@pytest.fixture
def population() -> Population:
    return city(people(N, 1), district=np.random.default_rng(2).integers(0, 3, N))


@pytest.fixture
def table() -> np.ndarray:
    """From each unit people go to some of the places, from one to none; to one place nobody goes."""
    rng = np.random.default_rng(3)
    found = rng.integers(1, 90, (N, PLACES)) * (rng.random((N, PLACES)) < 0.2).astype(float)
    found[np.arange(N), rng.integers(0, PLACES - 1, N)] += 5
    found[7] = 0
    found[:, PLACES - 1] = 0
    return found


def framed(table: np.ndarray, ids: pd.Index) -> pd.DataFrame:
    return pd.DataFrame(table, index=ids, columns=[f"place {k}" for k in range(table.shape[1])])


# by hand


def test_by_hand():
    counts = np.array([[90.0, 10.0], [10.0, 90.0]])
    # in the mill are 75 of u0 and 25 of u1: (67.5 + 2.5, 7.5 + 22.5) = (70, 30); in the port (30, 70)
    near = city(counts).within(sg.Flows([[3, 1], [1, 3]]))
    assert_allclose(near.composition, [[0.75 * 0.7 + 0.25 * 0.3, 0.4], [0.4, 0.6]], rtol=1e-14)
    weights = [[(0.5625 + 0.0625) / 100, (0.1875 + 0.1875) / 100], [0.375 / 100, 0.625 / 100]]
    assert_allclose(sg.Flows([[3, 1], [1, 3]]).on(city(counts)).to_sparse().toarray(), weights, rtol=1e-14)
    assert sg.dissimilarity(near) == pytest.approx(0.2, rel=1e-14)
    assert sg.isolation(near, group="g0") == pytest.approx(0.9 * 0.6 + 0.1 * 0.4, rel=1e-14)


def test_people_weigh_by_how_many_go():
    # of the 30 in the only workplace 20 come from u1, whatever the size of the flows
    near = city(np.array([[10.0, 0.0], [0.0, 20.0]])).within(sg.Flows([[1], [100]]))
    assert_allclose(near.composition, [[1 / 3, 2 / 3]] * 2, rtol=1e-14)


# against plain loops


@pytest.mark.parametrize("regions", [False, True], ids=["whole", "regions"])
def test_against_plain_loops(population: Population, table: np.ndarray, regions: bool):
    codes = population.attributes["district"].to_numpy() if regions else None
    weights = np.array(
        oracle.flows(table.tolist(), population.totals.tolist(), None if codes is None else codes.tolist())
    )
    operator = sg.Flows(table).on(population, regions=codes)
    assert_allclose(operator.to_sparse().toarray(), weights, rtol=1e-12, atol=1e-17)
    assert_allclose(operator @ population.counts, weights @ population.counts, rtol=1e-12, atol=1e-15)
    assert_allclose(operator @ population.totals, weights @ population.totals, rtol=1e-12, atol=1e-15)
    assert_allclose(operator.to_graph().sparse.toarray(), weights, rtol=1e-12, atol=1e-17)


def test_every_index_against_plain_loops(population: Population, table: np.ndarray):
    weights = oracle.flows(table.tolist(), population.totals.tolist())
    expected = values_by_oracle(population.counts.tolist(), weights)
    found = values_of(population.within(sg.Flows(table)))
    assert found == pytest.approx(expected, rel=1e-10, abs=1e-12)
    assert len(found) > 12


@given(
    table=st.integers(1, 4).flatmap(
        lambda places: st.lists(
            st.lists(st.sampled_from([0.0, 0.0, 1.0, 2.5, 1e6, 1e-9]), min_size=places, max_size=places),
            min_size=2,
            max_size=8,
        )
    ),
    seed=st.integers(0, 99),
)
def test_small_tables_against_plain_loops(table: list[list[float]], seed: int):
    counts = np.random.default_rng(seed).integers(0, 4, (len(table), 2)).astype(float)
    counts[0] += 1
    population = city(counts)
    weights = oracle.flows(table, population.totals.tolist())
    operator = sg.Flows(table).on(population)
    assert_allclose(operator.to_sparse().toarray(), weights, rtol=1e-12, atol=1e-300)
    assert_allclose(operator @ counts, np.array(weights) @ counts, rtol=1e-12, atol=1e-300)


# what must hold


def test_everybody_who_goes_somewhere_meets_one_person_at_a_time(population: Population, table: np.ndarray):
    operator = sg.Flows(table).on(population)
    goes = (table.sum(axis=1) > 0) & (population.totals > 0)
    assert goes.sum() > 30
    assert_allclose((operator @ population.totals)[goes], 1, rtol=1e-13)
    near = population.within(sg.Flows(table))
    assert_allclose(near.composition[goes].sum(axis=1), 1, rtol=1e-13)


def test_a_single_place_mixes_the_city(population: Population):
    near = population.within(sg.Flows(np.ones((N, 1))))
    assert_allclose(near.composition, np.tile(population.shares, (N, 1)), rtol=1e-13)
    for index in (sg.dissimilarity, sg.information_theory, sg.relative_diversity):
        assert abs(index(near)) < 1e-12


@pytest.mark.parametrize("identity", [np.eye(N), 7 * np.eye(N), scipy.sparse.eye_array(N)], ids=["1", "7", "sparse"])
def test_those_who_stay_at_home_meet_their_own_unit(population: Population, identity: object):
    near = population.within(sg.Flows(identity))
    lived_in = population.totals > 0
    assert_allclose(near.composition[lived_in], population.composition[lived_in], rtol=1e-13)
    found, home = values_of(near), values_of(population)
    del found["minmax"], home["minmax"]  # which counts surroundings, and everybody is surrounded by one here
    assert found == pytest.approx(home, rel=1e-12, abs=1e-12)


def test_only_the_shares_of_a_row_matter(population: Population, table: np.ndarray):
    larger = table * np.random.default_rng(1).choice([1e-300, 1e-3, 1, 50, 1e300], (N, 1))
    near = population.within(sg.Flows(table)).surroundings
    assert_allclose(population.within(sg.Flows(larger)).surroundings, near, rtol=1e-12)


def test_order_of_places_changes_nothing(population: Population, table: np.ndarray):
    turned = table[:, np.random.default_rng(1).permutation(PLACES)]
    near = population.within(sg.Flows(table)).surroundings
    assert_allclose(population.within(sg.Flows(turned)).surroundings, near, rtol=1e-12)


def test_depends_on_the_totals(population: Population, table: np.ndarray):
    kept = population.within(sg.Flows(table)).select("g0", "g1")
    chosen = population.select("g0", "g1").within(sg.Flows(table))
    weights = oracle.flows(table.tolist(), population.counts[:, :2].sum(axis=1).tolist())
    assert_allclose(chosen.surroundings, weights @ population.counts[:, :2], rtol=1e-12)
    assert_allclose(kept.surroundings, population.within(sg.Flows(table)).surroundings[:, :2], rtol=1e-14)
    assert not np.allclose(kept.surroundings, chosen.surroundings, rtol=1e-2)


def test_people_who_go_nowhere_meet_nobody(population: Population, table: np.ndarray):
    near = population.within(sg.Flows(table))
    assert_array_equal(near.surroundings[7], 0)
    message = rf"1 unit whose surroundings hold nobody left out \({population.totals[7]:.0f} of "
    with pytest.warns(sg.SegregateWarning, match=message):
        sg.information_theory(near)


def test_nobody_goes_anywhere(population: Population):
    near = population.within(sg.Flows(np.zeros((N, 3))))
    with pytest.warns(sg.UndefinedIndexWarning, match="surroundings hold nobody"):
        assert np.isnan(sg.dissimilarity(near))
    split = population.within(sg.Flows(np.zeros((N, 3))), by="district")
    assert_array_equal(split.surroundings, np.zeros((N, 3)))


def test_units_without_people_see_who_is_there():
    population = city(np.array([[0.0, 0.0], [3.0, 1.0], [5.0, 5.0]]))
    operator = sg.Flows([[1, 1, 0], [1, 0, 0], [0, 0, 1]]).on(population)
    # half of the time in a place where nobody is
    assert_allclose(operator @ population.counts, [[0.375, 0.125], [0.75, 0.25], [0.5, 0.5]], rtol=1e-15)


# regions


def test_regions_are_measured_each_alone(population: Population, table: np.ndarray):
    environment = sg.Flows(framed(table, population.ids))
    near = population.within(environment, by="district")
    for label, part in population.split("district").items():
        inside = (population.attributes["district"] == label).to_numpy()
        assert_allclose(near.surroundings[inside], part.within(environment).surroundings, rtol=1e-12)
        assert_allclose(part.within(sg.Flows(table[inside])).surroundings, near.surroundings[inside], rtol=1e-12)
    found = sg.measure(population, ["D", "H", "xPx"], by="district", environment=environment)
    for label, part in population.split("district").items():
        expected = sg.measure(part.within(environment), ["D", "H", "xPx"])
        rows = found[found["district"] == label]
        assert_allclose(rows["value"], expected["value"], rtol=1e-12)
        assert rows["status"].tolist() == expected["status"].tolist()


# what is taken


@pytest.mark.parametrize("form", ["csr_array", "csr_matrix", "coo_array", "csc_matrix", "lil_array", "dok_array"])
def test_every_form_of_sparse_matrix_will_do(population: Population, table: np.ndarray, form: str):
    other = getattr(scipy.sparse, form)(table)
    before = other.copy()
    near = population.within(sg.Flows(other)).surroundings
    assert_array_equal(near, population.within(sg.Flows(table)).surroundings)
    assert (other != before).nnz == 0


@pytest.mark.parametrize("kind", [int, bool, np.float32, "Int64"])
def test_every_kind_of_number_will_do(population: Population, table: np.ndarray, kind: object):
    frame = framed(np.minimum(table, 1), population.ids).astype(int if kind is bool else kind)
    expected = population.within(sg.Flows(np.minimum(table, 1))).surroundings
    assert_allclose(population.within(sg.Flows(frame)).surroundings, expected, rtol=1e-14)
    if kind != "Int64":
        array = np.minimum(table, 1).astype(kind)
        assert_allclose(population.within(sg.Flows(array)).surroundings, expected, rtol=1e-14)


def test_a_frame_is_matched_by_id_and_may_hold_more(population: Population, table: np.ndarray):
    frame = framed(table, population.ids)
    more = pd.concat([frame, framed(np.full((3, PLACES), 9.0), pd.Index(["x", "y", "z"]))]).sample(
        frac=1, random_state=1
    )
    before = more.copy()
    near = population.within(sg.Flows(more))
    assert_allclose(near.surroundings, population.within(sg.Flows(table)).surroundings, rtol=1e-14)
    pd.testing.assert_frame_equal(more, before)
    part = population.subset(np.arange(N) < 20)
    weights = oracle.flows(table[:20].tolist(), population.totals[:20].tolist())
    assert_allclose(part.within(sg.Flows(more)).surroundings, weights @ part.counts, rtol=1e-12)


def test_the_caller_may_change_the_table_afterwards(population: Population, table: np.ndarray):
    environment = sg.Flows(table)
    before = population.within(environment).surroundings
    table[:] = 1
    assert_array_equal(population.within(environment).surroundings, before)


# messages, names


def test_units_that_are_not_in_the_table(population: Population, table: np.ndarray):
    frame = framed(table, population.ids).drop(["u3", "u5"])
    with pytest.raises(
        sg.UnknownNameError, match=r"2 units of 40 not in the table of flows \(first: 'u3', 'u5'; .*'u0'"
    ):
        population.within(sg.Flows(frame))
    with pytest.raises(sg.ParameterError, match="for 39 units, the population has 40; a DataFrame is matched by id"):
        population.within(sg.Flows(table[1:]))


def test_units_named_twice(population: Population, table: np.ndarray):
    frame = framed(table, population.ids)
    with pytest.raises(sg.DataError, match="1 id names more than one unit"):
        sg.Flows(pd.concat([frame, frame.iloc[:1]]))


@pytest.mark.parametrize(("bad", "word"), [(-1.0, "negative"), (np.nan, "missing"), (np.inf, "not finite")])
@pytest.mark.parametrize("form", ["array", "frame", "sparse"])
def test_what_is_no_flow(population: Population, table: np.ndarray, bad: float, word: str, form: str):
    table[[3, 4, 4], [0, 0, 1]] = bad
    given = {
        "array": lambda: table,
        "frame": lambda: framed(table, population.ids),
        "sparse": lambda: scipy.sparse.csr_array(table),
    }[form]()
    first = "'u3', 'u4'" if form == "frame" else "3, 4"
    with pytest.raises(sg.DataError, match=rf"3 flows from 2 units .*{word}.*first units: {first}\)"):
        sg.Flows(given)


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ([1.0, 2.0], sg.ParameterError, r"units x places.*not \(2,\)"),
        (np.ones((2, 2, 2)), sg.ParameterError, r"units x places.*not \(2, 2, 2\)"),
        (np.ones((4, 0)), sg.ParameterError, r"one place at least, not \(4, 0\); a long table.*pivot_table"),
        (pd.DataFrame(index=["a", "b"]), sg.ParameterError, r"one place at least, not \(2, 0\)"),
        (scipy.sparse.coo_array(np.ones(3)), sg.ParameterError, r"units x places.*not \(3,\)"),
        (5.0, sg.ParameterError, r"units x places.*not \(\)"),
        (np.eye(2) * 1j, sg.DataError, "Flows are numbers, 0 or more, not complex"),
        (scipy.sparse.csr_array(np.eye(2) * 1j), sg.DataError, "not complex"),
        (np.array([["a", "b"]]), sg.DataError, "Flows are numbers, 0 or more, not <U1"),
        (None, sg.DataError, "not object"),
        (pd.DataFrame({"p": [1, "<5"]}, index=["a", "b"]), sg.DataError, "values that are not numbers: '<5'.*'b'"),
        (pd.DataFrame({"p": [1, 2]}, index=["a", None]), sg.DataError, "no id"),
    ],
)
def test_what_is_no_table_of_flows(given: object, error: type[Exception], message: str):
    with pytest.raises(error, match=message):
        sg.Flows(given)


def test_too_many_pairs(population: Population, table: np.ndarray, monkeypatch: pytest.MonkeyPatch):
    operator = sg.Flows(table).on(population)
    whole = operator.to_sparse().nnz
    monkeypatch.setattr(module, "MOST_PAIRS", whole // 2)
    with pytest.raises(sg.ParameterError, match=rf"W has up to [\d,]+ pairs of units, more than the {whole // 2:,}"):
        operator.to_sparse()
    assert (operator @ population.counts).shape == population.counts.shape
    with pytest.raises(sg.ParameterError, match=r"for 40 units; it cannot multiply an array of \(3,\)"):
        operator @ [1, 2, 3]


def test_many_units_and_places_without_a_matrix():
    n = 30_000
    rng = np.random.default_rng(1)
    table = scipy.sparse.csr_array((rng.random(5 * n), (np.repeat(np.arange(n), 5), rng.integers(0, 50, 5 * n))))
    population = city(rng.integers(1, 50, (n, 3)).astype(float))
    operator = sg.Flows(table).on(population)
    assert_allclose(operator @ population.totals, 1, rtol=1e-12)
    with pytest.raises(sg.ParameterError, match="W has up to"):
        operator.to_sparse()


def test_names(population: Population, table: np.ndarray):
    environment = sg.Flows(table)
    assert str(environment) == "flows to 17 places"
    assert str(sg.Flows(np.ones((2, 1)))) == "flows to 1 place"
    assert repr(environment) == f"Flows(40 units, 17 places, {(table > 0).sum()} flows)"
    assert str(population.within(environment).environment) == "flows to 17 places"
