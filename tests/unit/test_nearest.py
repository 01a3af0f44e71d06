"""Bespoke neighbourhoods: the nearest so many people."""

import threading
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numba
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import segregate as sg
from segregate.environment import base
from segregate.kernels import nearest as kernels
from tests.unit import environments_oracle as oracle
from tests.unit.environment_cases import (
    LAYOUTS,
    PLANE,
    SOUTH,
    WEST,
    city,
    layout,
    people,
    values_by_oracle,
    values_of,
)


def dense(population: sg.Population, k: float, regions: np.ndarray | None = None) -> np.ndarray:
    return sg.Nearest(k).on(population, regions=regions).to_sparse().toarray()


def by_oracle(population: sg.Population, k: float, regions: np.ndarray | None = None) -> np.ndarray:
    labels = None if regions is None else regions.tolist()
    return np.array(oracle.nearest(population.points.tolist(), population.totals.tolist(), k, labels))


def street(places: list[float], totals: list[float], crs: object = PLANE) -> sg.Population:
    """Return units along a street, half of the people of each in either group."""
    half = np.array(totals) / 2
    return city(np.column_stack([places, np.zeros(len(places))]), np.column_stack([half, half]), crs)


# by hand

HAND = [
    # nobody but the own unit is needed
    ([0, 10, 30], [4, 6, 10], 4, [[1, 0, 0], [0, 4 / 6, 0], [0, 0, 0.4]]),
    # u0 takes 6 from u1 first, then 2 of 10; u1 takes u0 (10 m), then none is left; u2 has its own 10, then 2 of 6
    ([0, 10, 30], [4, 6, 10], 12, [[1, 1, 0.2], [1, 1, 0.2], [0, 2 / 6, 1]]),
    # u1 has neighbours on either side at the same distance: 5 people of 5 + 15, a quarter of each
    ([0, 10, 20], [5, 10, 15], 15, [[1, 1, 0], [0.25, 1, 0.25], [0, 0, 1]]),
    # two units at one place are one unit: 6 of 4 + 8 people, and 3 of them from the other
    ([0, 0, 50], [4, 8, 3], 6, [[0.5, 0.5, 0], [0.5, 0.5, 0], [0.25, 0.25, 1]]),
    # everybody, exactly or not
    ([0, 10, 30], [4, 6, 10], 20, [[1, 1, 1], [1, 1, 1], [1, 1, 1]]),
    ([0, 10, 30], [4, 6, 10], 21, [[1, 1, 1], [1, 1, 1], [1, 1, 1]]),
    # an empty unit on the way counts as whole, one beyond does not; from within it the nearest are equally far
    ([0, 10, 20, 90], [6, 0, 6, 0], 9, [[1, 1, 0.5, 0], [0.75, 1, 0.75, 0], [0.5, 1, 1, 0], [0.5, 1, 1, 1]]),
]


@pytest.mark.parametrize(("places", "totals", "k", "expected"), HAND)
def test_by_hand(places: list[float], totals: list[float], k: float, expected: list[list[float]]):
    found = dense(street(places, totals), k)
    assert_allclose(found, expected, rtol=1e-14)
    assert_allclose(by_oracle(street(places, totals), k), expected, rtol=1e-14)


def test_index_by_hand():
    population = city([[0, 0], [10, 0], [30, 0]], [[4, 0], [0, 6], [5, 5]], PLANE)
    # with k = 10 people of u0 and u1 meet both (4 and 6), those of u2 their own (5 and 5)
    near = population.within(sg.Nearest(10))
    assert_allclose(near.surroundings, [[4, 6], [4, 6], [5, 5]], rtol=1e-15)
    assert sg.isolation(near, group="g0") == pytest.approx(4 / 9 * 0.4 + 5 / 9 * 0.5, rel=1e-14)


# against plain loops


@pytest.mark.parametrize("regions", [False, True], ids=["whole", "regions"])
@pytest.mark.parametrize("name", LAYOUTS)
def test_against_plain_loops(name: str, regions: bool):
    n = 260
    population = city(layout(name, n, 3), people(n, 4))
    codes = np.random.default_rng(5).integers(0, 4, n) if regions else None
    sizes = [1.0, 37.5, 300.0, 2000.0, population.size / 4, 0.999 * population.size, population.size, 1e9]
    several = sg.Nearest.several(population, sizes, population.counts, regions=codes)
    for k, at_once in zip(sizes, several, strict=True):
        expected = by_oracle(population, k, codes)
        operator = sg.Nearest(k).on(population, regions=codes)
        assert_allclose(operator.to_sparse().toarray(), expected, rtol=1e-12, atol=1e-13)
        around = expected @ population.counts
        assert_allclose(operator @ population.counts, around, rtol=1e-12, atol=1e-10)
        assert_allclose(operator @ population.counts[:, 1], around[:, 1], rtol=1e-12, atol=1e-10)
        assert_allclose(at_once, around, rtol=1e-12, atol=1e-10)
        assert_allclose(operator @ np.ones(n), expected.sum(axis=1), rtol=1e-12)


@given(
    places=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(0, 9)), min_size=2, max_size=30),
    k=st.one_of(st.integers(1, 120), st.floats(0.01, 120)),
)
def test_small_towns_against_plain_loops(places: list[tuple[int, int, int]], k: float):
    totals = np.array([place[2] for place in places], dtype=float)
    population = city([place[:2] for place in places], np.column_stack([totals, np.ones(len(places))]), PLANE)
    assert_allclose(dense(population, k), by_oracle(population, k), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("k", [50.0, 700.0, 10_000.0])
def test_every_index_against_plain_loops(k: float):
    population = city(layout("grid with gaps and stacks", 120, 6), people(120, 7))
    found = values_of(population.within(sg.Nearest(k)))
    expected = values_by_oracle(population.counts.tolist(), by_oracle(population, k).tolist())
    assert found == pytest.approx(expected, rel=1e-10, abs=1e-12)


def test_sacramento_against_plain_loops():
    population = sg.sample("sacramento")
    with pytest.warns(sg.SegregateWarning, match="in degrees"):
        expected = by_oracle(population, 20_000)
    operator = sg.Nearest(20_000).on(population)
    assert_allclose(operator @ population.counts, expected @ population.counts, rtol=1e-12)


def sorted_and_cut(points: np.ndarray, totals: np.ndarray, counts: np.ndarray, j: int, k: float) -> np.ndarray:
    """Return whom unit j meets where no two units are equally far: sorted, added up and cut."""
    order = np.argsort(((points - points[j]) ** 2).sum(axis=1), kind="stable")
    before = np.concatenate([[0.0], np.cumsum(totals[order])[:-1]])
    part = np.clip((k - before) / np.where(totals[order] > 0, totals[order], 1), 0, 1)
    return part @ counts[order]


@pytest.mark.parametrize("k", [500.0, 12_800.0, 300_000.0])
def test_denver_blocks_in_feet(shared_data: Callable[[str], Path], k: float):
    frame = gpd.read_parquet(shared_data("us_blocks/denver_co_blocks_2020.parquet"))
    groups = ["white", "black", "hispanic", "asian"]
    population = sg.Population.from_frame(frame, groups, id="geoid")
    around = sg.Nearest(k).on(population) @ population.counts
    assert_allclose(around.sum(axis=1), k, rtol=1e-12)
    for j in range(0, population.n_units, 97):
        expected = sorted_and_cut(population.points, population.totals, population.counts, j, k)
        assert_allclose(around[j], expected, rtol=1e-10)


def test_a_whole_country(shared_data: Callable[[str], Path]):
    """Densities differ by a factor of a million; the nearest are found all the same."""
    frame = pd.read_parquet(shared_data("us_tracts_2000/tracts_us_points.parquet"))
    groups = ["white", "black", "hispanic", "asian"]
    frame = frame[frame["lon"].between(-125, -60) & frame["lat"].between(24, 50)]
    population = sg.Population.from_frame(frame, groups, id="geoid", points=("lon", "lat"), crs="EPSG:4269")
    sizes = [4000.0, 100_000.0]
    with pytest.warns(sg.SegregateWarning, match="equal-area"):
        around = sg.Nearest.several(population, sizes, population.counts)
    for k, found in zip(sizes, around, strict=True):
        assert_allclose(found.sum(axis=1), k, rtol=1e-12)
        for j in range(0, population.n_units, 1597):
            expected = sorted_and_cut(population.points, population.totals, population.counts, j, k)
            assert_allclose(found[j], expected, rtol=1e-9)


# what must hold


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("k", [0.5, 60.0, 1234.5, 1e5])
def test_exactly_so_many_people_are_counted(name: str, k: float):
    population = city(layout(name, 1500, 8), people(1500, 9))
    operator = sg.Nearest(k).on(population)
    assert_allclose(operator @ population.totals, min(k, population.size), rtol=1e-12)


def test_few_people_are_home():
    population = city(layout("anywhere", 200, 1), people(200, 2, empty=0))
    near = population.within(sg.Nearest(population.totals.min()))
    assert_allclose(near.composition, population.composition, rtol=1e-13)
    found, home = values_of(near), values_of(population)
    del found["minmax"], home["minmax"]  # which counts surroundings, all of one size here
    assert found == pytest.approx(home, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("k", [1.0, 1.5, 1e300])
def test_a_city_of_fewer_people_is_counted_whole(k: float):
    population = city(layout("anywhere", 200, 1), people(200, 2))
    near = population.within(sg.Nearest(k * population.size))
    assert_allclose(near.composition, np.tile(population.shares, (200, 1)), rtol=1e-13)
    for index in (sg.dissimilarity, sg.information_theory, sg.relative_diversity):
        assert abs(index(near)) < 1e-12
    assert np.isinf(sg.Nearest(k * population.size).on(population).reach).all()


def test_a_unit_split_in_two_changes_nothing():
    population = city(layout("grid", 100, 1), people(100, 2))
    rng = np.random.default_rng(3)
    part = rng.random((100, 1))
    counts = np.concatenate([population.counts * part, population.counts * (1 - part)])
    split = city(np.concatenate([population.points, population.points]), counts)
    for k in (20.0, 500.0, 5000.0):
        whole, halves = population.within(sg.Nearest(k)), split.within(sg.Nearest(k))
        assert_allclose(halves.surroundings, np.tile(whole.surroundings, (2, 1)), rtol=1e-11, atol=1e-11)
        assert sg.information_theory(halves) == pytest.approx(sg.information_theory(whole), rel=1e-11)
        assert sg.dissimilarity(halves) == pytest.approx(sg.dissimilarity(whole), rel=1e-11)


def test_order_of_units_changes_nothing():
    population = city(layout("grid", 150, 1), people(150, 2))
    order = np.random.default_rng(4).permutation(150)
    turned = city(population.points[order], population.counts[order])
    for k in (30.0, 800.0):
        assert_allclose(
            turned.within(sg.Nearest(k)).surroundings, population.within(sg.Nearest(k)).surroundings[order], rtol=1e-12
        )


def test_units_without_people_change_nothing():
    population = city(layout("grid", 150, 1), people(150, 2, empty=0))
    more = city(
        np.concatenate([population.points, layout("anywhere", 80, 9)]),
        np.concatenate([population.counts, np.zeros((80, 3))]),
    )
    for k in (30.0, 800.0):
        found = more.within(sg.Nearest(k)).surroundings
        assert_allclose(found[:150], population.within(sg.Nearest(k)).surroundings, rtol=1e-12)
        assert_allclose(found.sum(axis=1), k, rtol=1e-12)


def test_equal_distances_are_those_within_a_billionth():
    def weights(gap: float) -> np.ndarray:
        return dense(street([0, 1000, -1000 * (1 + gap)], [1, 10, 10]), 6)[0]

    assert_allclose(weights(4e-10), [1, 0.25, 0.25], rtol=1e-14)  # d^2 differs by 8e-10
    assert_allclose(weights(6e-10), [1, 0.5, 0], rtol=1e-14)  # by 12e-10


def test_equal_distances_are_followed_link_by_link():
    """Each unit is as far as the next one, so the first is as far as the last."""
    n = 4000
    radius = 1000 * (1 + 4e-10) ** np.arange(n)
    angle = np.random.default_rng(1).random(n) * 2 * np.pi
    points = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    centre, far = np.zeros((3, 2)), np.full((1, 2), 1e5)
    totals = np.ones(n + 4)
    population = city(np.concatenate([centre, points, far]), np.column_stack([totals, totals]), PLANE)
    assert radius[-1] / radius[0] > 1 + 1.5e-6
    for k in (8.0, 0.4 * n, 1.9 * n):
        operator = sg.Nearest(k).on(population)
        found = operator @ np.eye(n + 4)[:, [0, 3, 3 + n // 2, n + 2, n + 3]]
        share = (k - 6) / (2 * n)
        assert_allclose(found[:3], np.tile([1, share, share, share, 0], (3, 1)), rtol=1e-12)
    around = sg.Nearest.several(population, [8.0, 0.4 * n, 1.9 * n], totals)
    assert_allclose(around[:, :3], np.array([[8.0, 0.4 * n, 1.9 * n]]).T / 2 @ np.ones((1, 3)), rtol=1e-12)


# order of operations


def test_depends_on_the_totals():
    population = city(layout("anywhere", 300, 1), people(300, 2))
    kept = population.within(sg.Nearest(1000)).select("g0", "g1")
    chosen = population.select("g0", "g1").within(sg.Nearest(1000))
    assert_allclose(chosen.surroundings.sum(axis=1), 1000, rtol=1e-12)
    assert_array_equal(kept.surroundings, population.within(sg.Nearest(1000)).surroundings[:, :2])
    assert kept.surroundings.sum(axis=1).mean() < 800


def test_regions_are_measured_each_alone():
    district = np.random.default_rng(1).integers(0, 5, 300)
    population = city(layout("anywhere", 300, 2), people(300, 3), district=district)
    environment = sg.Nearest(900)
    found = sg.measure(population, ["D", "H", "xPx"], by="district", environment=environment)
    assert set(found["environment"]) == {"nearest 900 people"}
    for label, part in population.split("district").items():
        expected = sg.measure(part.within(environment), ["D", "H", "xPx"])
        assert_allclose(found.loc[found["district"] == label, "value"], expected["value"], rtol=1e-12)
    assert_allclose(
        population.within(environment, by="district").surroundings.sum(axis=1),
        np.minimum(900, np.bincount(district, population.totals)[district]),
        rtol=1e-12,
    )


def test_several_gives_what_one_by_one_gives_in_the_order_asked():
    population = city(layout("town and country", 900, 2), people(900, 3))
    sizes = [4000, 12.5, 4000, 1e9, 300]
    found = sg.Nearest.several(population, sizes, population.counts)
    for k, around in zip(sizes, found, strict=True):
        assert_allclose(around, sg.Nearest(k).on(population) @ population.counts, rtol=1e-12)
    single = sg.Nearest.several(population, sizes, population.counts[:, 0])
    assert single.shape == (5, 900)
    assert_allclose(single, found[:, :, 0], rtol=1e-14)


def test_reach_is_the_distance_to_the_last_people():
    operator = sg.Nearest(15).on(street([0, 10, 30, 100], [5, 10, 15, 50]))
    assert_allclose(operator.reach, [10, 10, 0, 0])
    assert_allclose(sg.Nearest(16).on(street([0, 10, 30, 100], [5, 10, 15, 50])).reach, [30, 20, 20, 0])


# numbers, threads, messages


def test_units_of_length_agree():
    points = layout("anywhere", 400, 1) - [WEST - 600_000, SOUTH - 4_250_000]
    utm = "+proj=utm +zone=10 +datum=WGS84 +units={}"
    metres = city(points, people(400, 2), utm.format("m")).within(sg.Nearest(1000)).surroundings
    for unit, size in (("km", 1000.0), ("ft", 0.3048)):
        other = city(points / size, people(400, 2), utm.format(unit)).within(sg.Nearest(1000)).surroundings
        assert_allclose(other, metres, rtol=1e-12)


def test_threads_change_no_bit():
    population = city(layout("town and country", 5000, 2), people(5000, 3) / 7)
    sizes = [40.0, 300.0, 5000.0]

    def bits() -> tuple[bytes, ...]:
        single = [(sg.Nearest(k).on(population) @ population.counts).tobytes() for k in sizes]
        return (*single, sg.Nearest.several(population, sizes, population.counts).tobytes())

    answers = []
    most = numba.get_num_threads()
    try:
        for threads in range(1, most + 1):
            numba.set_num_threads(threads)
            answers.append(bits())
    finally:
        numba.set_num_threads(most)
    worker = threading.Thread(target=lambda: answers.append(bits()))
    worker.start()
    worker.join()
    assert len(answers) == most + 1
    assert set(answers) == {answers[0]}


def test_one_signature_is_compiled():
    population = city(layout("anywhere", 1200, 2), people(1200, 3), district=np.arange(1200) % 3)
    sg.Nearest(100).on(population) @ population.totals
    population.within(sg.Nearest(100), by="district")
    sg.Nearest.several(population.subset(np.arange(1200) % 2 == 0), [5, 6], np.ones((600, 2), dtype=int))
    if isinstance(getattr(kernels.nearest_sums.serial, "signatures", None), list):
        for twins in (kernels.nearest_cuts, kernels.nearest_sums):
            assert len(twins.serial.signatures) <= 1
            assert len(twins.parallel.signatures) <= 1


@pytest.mark.parametrize("k", [0, -5, np.nan, np.inf, "many", None, True, [100]])
def test_no_number_of_people(k: object):
    with pytest.raises(sg.ParameterError, match="people=.* is a number of people, above 0"):
        sg.Nearest(k)
    with pytest.raises(sg.ParameterError, match="people=.* is a number of people, above 0"):
        sg.Nearest.several(street([0, 1], [2, 2]), [5, k], [1, 2])


def test_several_refuses_what_it_cannot_multiply():
    population = street([0, 1, 2], [2, 2, 2])
    with pytest.raises(sg.ParameterError, match="people= is empty"):
        sg.Nearest.several(population, [], population.counts)
    with pytest.raises(sg.ParameterError, match=r"for 3 units; it cannot multiply an array of \(2,\)"):
        sg.Nearest.several(population, [5], [1, 2])


def test_a_population_without_geometry():
    frame = pd.DataFrame({"a": [1, 2], "b": [2, 1]})
    with pytest.raises(sg.GeometryError, match="no geometry, so distances"):
        sg.Population.from_frame(frame, ["a", "b"]).within(sg.Nearest(5))


def test_matrix_and_graph(monkeypatch: pytest.MonkeyPatch):
    population = city(layout("anywhere", 200, 2), people(200, 3))
    operator = sg.Nearest(700).on(population)
    graph = operator.to_graph()
    assert list(graph.unique_ids) == list(population.ids)
    assert_allclose(graph.sparse.toarray(), by_oracle(population, 700), rtol=1e-12, atol=1e-13)
    assert_allclose(population.within(sg.Weights(graph)).surroundings, operator @ population.counts, rtol=1e-12)
    monkeypatch.setattr(base, "MOST_PAIRS", 1000)
    with pytest.raises(sg.ParameterError, match=r"W has [\d,]+ pairs of units.*not written down"):
        operator.to_sparse()


def test_names():
    assert str(sg.Nearest(12_345_678)) == "nearest 12345678 people"
    assert str(sg.Nearest(0.5)) == "nearest 0.5 people"
    assert repr(sg.Nearest(400)) == "Nearest(people=400.0)"
    assert sg.Nearest(400) == sg.Nearest(400.0)
    assert hash(sg.Nearest(400)) == hash(sg.Nearest(400.0))
