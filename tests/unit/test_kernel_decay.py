"""Kernel and Decay against plain loops over all pairs, and at their limits."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import segregate as sg
from segregate.environment import base
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

SHAPES = ["biweight", "epanechnikov", "triangular", "uniform", "gaussian"]
REACH = {"gaussian": 8.5}
"""Radii from which on nobody counts; 1 otherwise."""


def labels(regions: np.ndarray | None) -> list | None:
    return None if regions is None else regions.tolist()


def kernel_by_oracle(points: np.ndarray, radius: float, shape: str, regions: np.ndarray | None = None) -> np.ndarray:
    return np.array(oracle.kernel(points.tolist(), radius, shape, labels(regions)))


def decay_by_oracle(points: np.ndarray, scale: float, own: object, regions: np.ndarray | None = None) -> np.ndarray:
    own = np.broadcast_to(own, len(points)).tolist()
    return np.array(oracle.decay(points.tolist(), scale, own, labels(regions)))


def assert_operator(operator: base.Operator, weights: np.ndarray, counts: np.ndarray) -> None:
    """Hold W @ values of both forms, the matrix and the graph to a matrix of weights."""
    around = weights @ counts
    assert_allclose(operator @ counts, around, rtol=1e-12, atol=1e-300)
    assert_allclose(operator @ counts[:, 1], around[:, 1], rtol=1e-12, atol=1e-300)
    matrix = operator.to_sparse()
    assert_allclose(matrix.toarray(), weights, rtol=1e-12, atol=1e-15)
    assert_allclose(matrix @ counts, around, rtol=1e-12, atol=1e-12)
    graph = operator.to_graph()
    assert list(graph.unique_ids) == list(operator.ids)
    assert_allclose(graph.sparse.toarray(), weights, rtol=1e-12, atol=1e-15)


# against plain loops


@pytest.mark.parametrize("regions", [False, True], ids=["whole", "regions"])
@pytest.mark.parametrize("shape", SHAPES)
def test_kernel_of_500_points(shape: str, regions: bool):
    population = city(layout("anywhere", 500, 1), people(500, 2))
    codes = np.random.default_rng(3).integers(0, 4, 500) if regions else None
    radius = 1200 / REACH.get(shape, 1)
    weights = kernel_by_oracle(population.points, radius, shape, codes)
    assert 5 < (weights > 0).sum(axis=1).mean() < 40
    assert_operator(sg.Kernel(radius, shape).on(population, regions=codes), weights, population.counts)


@pytest.mark.parametrize("regions", [False, True], ids=["whole", "regions"])
@pytest.mark.parametrize("own", ["area", "zero", "array"])
def test_decay_of_500_points(own: str, regions: bool):
    rng = np.random.default_rng(4)
    area, given = rng.uniform(1e4, 1e6, 500), rng.uniform(0, 900, 500)
    population = city(layout("anywhere", 500, 1), people(500, 2), m2=area)
    codes = np.random.default_rng(3).integers(0, 4, 500) if regions else None
    distance = {"area": np.sqrt(0.6 * area), "zero": 0.0, "array": given}[own]
    weights = decay_by_oracle(population.points, 800, distance, codes)
    environment = sg.Decay(800, self_distance=given if own == "array" else own)
    assert_operator(environment.on(population, regions=codes), weights, population.counts)


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("radius", [1e-6, 90.0, 250.0, 2000.0, 1e9])
def test_other_layouts(name: str, radius: float):
    """Everybody at one place, units exactly on the edge, towns and country; from nobody near to everybody."""
    population = city(layout(name, 150, 5), people(150, 6), district=np.arange(150) % 3)
    for shape in SHAPES:
        weights = kernel_by_oracle(population.points, radius, shape)
        found = sg.Kernel(radius, shape).on(population) @ population.counts
        assert_allclose(found, weights @ population.counts, rtol=1e-12, atol=1e-12)
    weights = decay_by_oracle(population.points, radius, 0.0)
    operator = sg.Decay(radius, "zero").on(population)
    found, usual = operator @ population.counts, operator.raised == 0
    assert_allclose(found[usual], (weights @ population.counts)[usual], rtol=1e-12, atol=1e-300)
    assert usual[population.totals > 0].all()


@pytest.mark.parametrize("n", [1, 2, 15, 16, 17, 63, 64, 65, 1023, 1100])
def test_any_number_of_units(n: int):
    population = city(layout("anywhere", n, 5), people(n, 6, empty=0), m2=np.full(n, 4e4))
    codes = np.sort(np.random.default_rng(1).integers(0, 3, n))[::-1].copy()
    for regions in (None, codes):
        weights = kernel_by_oracle(population.points, 900, "biweight", regions)
        found = sg.Kernel(900).on(population, regions=regions) @ population.counts
        assert_allclose(found, weights @ population.counts, rtol=1e-12)
        weights = decay_by_oracle(population.points, 900, np.sqrt(0.6 * 4e4), regions)
        found = sg.Decay(900).on(population, regions=regions) @ population.counts
        assert_allclose(found, weights @ population.counts, rtol=1e-12)


@pytest.mark.parametrize("environment", [sg.Kernel(400), sg.Kernel(300, "gaussian"), sg.Decay(300, "zero")], ids=str)
def test_every_index_against_plain_loops(environment: sg.Kernel | sg.Decay):
    population = city(layout("grid with gaps and stacks", 120, 6), people(120, 7))
    if isinstance(environment, sg.Kernel):
        weights = kernel_by_oracle(population.points, environment.radius, environment.shape)
    else:
        weights = decay_by_oracle(population.points, environment.scale, 0.0)
    expected = values_by_oracle(population.counts.tolist(), weights.tolist())
    assert values_of(population.within(environment)) == pytest.approx(expected, rel=1e-10, abs=1e-12)


def test_by_hand():
    population = city([[0, 0], [300, 0], [0, 400], [300, 400]], [[8, 0], [0, 8], [4, 4], [2, 2]], PLANE)
    around = {
        # u^2 = 9/25, 16/25, 1: weights 16/25, 9/25, 0
        "epanechnikov": [8 + 0.36 * 4, 0.64 * 8 + 0.36 * 4],
        "biweight": [8 + 0.36**2 * 4, 0.64**2 * 8 + 0.36**2 * 4],
        "triangular": [8 + 0.2 * 4, 0.4 * 8 + 0.2 * 4],
        "uniform": [8 + 4 + 2, 8 + 4 + 2],
        "gaussian": [
            8 + np.exp(-0.32) * 4 + np.exp(-0.5) * 2,
            np.exp(-0.18) * 8 + np.exp(-0.32) * 4 + np.exp(-0.5) * 2,
        ],
    }
    for shape, expected in around.items():
        assert_allclose((sg.Kernel(500, shape).on(population) @ population.counts)[0], expected, rtol=1e-14)
    decayed = (sg.Decay(500, [50, 0, 0, 0]).on(population) @ population.counts)[0]
    assert_allclose(decayed[0], np.exp(-0.1) * 8 + np.exp(-0.8) * 4 + np.exp(-1) * 2, rtol=1e-14)


# the edge


def test_units_exactly_at_the_radius_are_inside():
    steps = [(0, 5), (3, 4), (4, 3), (5, 0), (-3, 4), (4, -3), (-5, 0), (0, -5), (-4, -3)]
    for scale, corner in ((100.0, (WEST, SOUTH)), (0.7, (0.1, 0.3)), (1234.5, (8e6, 9e6))):
        points = np.array([(0, 0), *steps]) * scale + corner
        population = city(points, np.ones((10, 2)), PLANE)
        found = sg.Kernel(5 * scale, "uniform").on(population)
        assert (found @ np.ones(10))[0] == 10
        assert found.to_sparse()[[0]].nnz == 10


@pytest.mark.parametrize(
    ("gap", "inside"), [(0.0, True), (4.9e-13, True), (5.1e-13, False), (1e-9, False), (-1e-9, True)]
)
def test_the_edge_is_that_of_the_square(gap: float, inside: bool):
    """The square of the distance may pass that of the radius by 1e-12: the distance by half of it."""
    population = city([[0, 0], [1 + gap, 0], [50, 50]], np.ones((3, 2)), PLANE)
    operator = sg.Kernel(1.0, "uniform").on(population)
    assert (operator @ np.ones(3))[0] == 1 + inside
    assert operator.to_sparse()[0, 1] == inside
    for shape in ("biweight", "epanechnikov", "triangular"):
        weight = (sg.Kernel(1.0, shape).on(population) @ np.array([0.0, 1.0, 0.0]))[0]
        assert 0 <= weight <= 4e-9


def test_gaussian_ends_at_eight_and_a_half():
    population = city([[0, 0], [8.5, 0], [8.5 + 1e-9, 20]], np.ones((3, 2)), PLANE)
    weights = sg.Kernel(1.0, "gaussian").on(population) @ np.eye(3)
    assert weights[0, 1] == pytest.approx(np.exp(-0.5 * 8.5**2), rel=1e-13)
    assert weights[0, 2] == weights[1, 2] == 0


@pytest.mark.parametrize("corner", [(0.0, 0.0), (WEST, SOUTH), (9e6, -9e6)])
def test_far_from_the_origin(corner: tuple[float, float]):
    """Points at whole metres are where they are, however far that is from the origin."""
    near = np.random.default_rng(1).integers(0, 5000, (300, 2)).astype(float)
    population = city(near + corner, people(300, 2), PLANE)
    for shape in SHAPES:
        weights = kernel_by_oracle(near, 600, shape)
        assert_allclose(
            sg.Kernel(600, shape).on(population) @ population.counts, weights @ population.counts, rtol=1e-12
        )
    weights = decay_by_oracle(near, 600, 0.0)
    assert_allclose(sg.Decay(600, "zero").on(population) @ population.counts, weights @ population.counts, rtol=1e-12)


@pytest.mark.parametrize("radius", [0.5, 3000.0, 700_000.0])
def test_large_regions(radius: float):
    points = np.random.default_rng(1).random((400, 2)) * [5e6, 3e6]
    points[:200] = points[200:] + np.random.default_rng(2).normal(size=(200, 2)) * [0.2, 1000]
    population = city(points, people(400, 2), PLANE)
    for shape in SHAPES:
        weights = kernel_by_oracle(points, radius, shape)
        found = sg.Kernel(radius, shape).on(population) @ population.counts
        assert_allclose(found, weights @ population.counts, rtol=1e-12, atol=1e-13)


# what must hold


@pytest.mark.parametrize(
    "environment", [*(sg.Kernel(1e-3, shape) for shape in SHAPES), sg.Decay(1e-3, "zero")], ids=str
)
def test_nobody_near_is_home(environment: sg.Kernel | sg.Decay):
    population = city(layout("anywhere", 200, 1), people(200, 2), m2=np.ones(200))
    near, lived_in = population.within(environment), population.totals > 0
    assert_allclose(near.surroundings[lived_in], population.counts[lived_in], rtol=1e-12)
    assert values_of(near) == pytest.approx(values_of(population), rel=1e-12, abs=1e-12)
    for index, group in (("divergence", None), ("location_quotient", "g1"), ("share", "g2")):
        found = sg.local(near, index, group=group)["value"]
        assert_allclose(found, sg.local(population, index, group=group)["value"], rtol=1e-12, atol=1e-14)


def test_decay_with_area_at_a_tiny_scale_is_home():
    population = city(layout("anywhere", 200, 1), people(200, 2), m2=np.ones(200))
    near, lived_in = population.within(sg.Decay(0.5)), population.totals > 0
    expected = np.exp(-np.sqrt(0.6) / 0.5) * population.counts
    assert_allclose(near.surroundings[lived_in], expected[lived_in], rtol=1e-12)
    found, home = values_of(near), values_of(population)
    assert found == pytest.approx(home, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("environment", [*(sg.Kernel(1e17, shape) for shape in SHAPES), sg.Decay(1e17)], ids=str)
def test_everybody_near_is_even(environment: sg.Kernel | sg.Decay):
    population = city(layout("anywhere", 300, 1), people(300, 2), m2=np.ones(300))
    near = population.within(environment)
    for index in (sg.dissimilarity, sg.information_theory, sg.relative_diversity):
        assert abs(index(near)) < 1e-12


def test_units_without_people_change_nothing():
    population = city(layout("anywhere", 150, 1), people(150, 2, empty=0), m2=np.full(150, 100.0))
    points = np.concatenate([population.points, layout("anywhere", 80, 9)])
    more = city(points, np.concatenate([population.counts, np.zeros((80, 3))]), m2=np.full(230, 100.0))
    for environment in (*(sg.Kernel(500, shape) for shape in SHAPES), sg.Decay(500)):
        found, expected = more.within(environment), population.within(environment)
        assert_allclose(found.surroundings[:150], expected.surroundings, rtol=1e-12)
        assert (found.surroundings[150:].sum(axis=1) > 0).any()
        assert sg.information_theory(found) == pytest.approx(sg.information_theory(expected), rel=1e-12)


def test_empty_units_alone_meet_nobody_without_a_word():
    population = city([[0, 0], [10, 0], [9000, 0]], [[3, 1], [1, 3], [0, 0]], PLANE)
    near = population.within(sg.Kernel(100))
    assert_array_equal(near.surroundings[2], [0, 0])
    assert sg.dissimilarity(near) > 0  # a warning would be an error here


def test_order_of_units_changes_nothing():
    population = city(layout("town and country", 300, 1), people(300, 2), m2=np.arange(1.0, 301))
    order = np.random.default_rng(4).permutation(300)
    turned = city(population.points[order], population.counts[order], m2=np.arange(1.0, 301)[order])
    for environment in (sg.Kernel(700), sg.Kernel(200, "gaussian"), sg.Decay(400)):
        found = turned.within(environment).surroundings
        assert_allclose(found, population.within(environment).surroundings[order], rtol=1e-12)


@pytest.mark.parametrize("environment", [sg.Kernel(900), sg.Decay(700)], ids=str)
def test_regions_are_measured_each_alone(environment: sg.Kernel | sg.Decay):
    district = np.random.default_rng(1).integers(0, 5, 300)
    population = city(layout("anywhere", 300, 2), people(300, 3), district=district, m2=np.full(300, 1e4))
    found = sg.measure(population, ["D", "H", "xPx"], by="district", environment=environment)
    assert set(found["environment"]) == {str(environment)}
    for label, part in population.split("district").items():
        expected = sg.measure(part.within(environment), ["D", "H", "xPx"])
        assert_allclose(found.loc[found["district"] == label, "value"], expected["value"], rtol=1e-12)


# Decay where everybody is far away


def farthest() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return points, counts and own distances: empty units very far from people, and people far from themselves."""
    points = np.array([[0, 0], [90, 0], [0, 600], [80_000, 0], [1e6, 0], [1e6 + 50, 0], [1e6, 1e5]])
    counts = np.array([[5, 1], [2, 9], [4, 4], [0, 0], [0, 0], [0, 0], [7, 3.0]])
    return points, counts, np.array([0, 0, 0, 0, 0, 3.0, 5e5])


def test_rows_far_from_everybody_are_raised():
    points, counts, own = farthest()
    population = city(points, counts, PLANE)
    operator = sg.Decay(100, own).on(population)
    distance = np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2))
    np.fill_diagonal(distance, own)
    nearest = distance[:, counts.sum(axis=1) > 0].min(axis=1)
    expected = np.where(nearest / 100 > 500, nearest / 100, 0.0)
    assert (expected > 0).tolist() == [False, False, False, True, True, True, True]
    assert_allclose(operator.raised, expected, rtol=1e-14)
    lived_in = counts.sum(axis=1) > 0
    weights = np.exp(expected[:, None] - distance[:, lived_in] / 100)
    assert_allclose(operator @ counts, weights @ counts[lived_in], rtol=1e-10)
    matrix = operator.to_sparse().toarray()
    assert np.isfinite(matrix).all()
    assert_allclose(matrix[:, lived_in], weights, rtol=1e-10, atol=1e-300)
    near = population.within(sg.Decay(100, own))
    assert_allclose(near.composition[6], [0.7, 0.3], rtol=1e-12)  # 5e5 m from itself, a million from anybody else


@pytest.mark.parametrize("step", np.arange(0, 2048, 128))
def test_empty_units_nearer_than_people_do_no_harm(step: int):
    """Their weight, raised with those of the people, would be above the largest number."""
    for exponent in range(step, step + 128):
        far = (exponent + 0.5) * np.log(2)  # people are so many scales away, the next empty unit is not
        population = city([[0, 0], [0.25, 0], [far, 0]], [[0, 0], [0, 0], [3, 1]], PLANE)
        found = sg.Decay(1, "zero").on(population) @ population.counts
        raised = far > 500
        assert_allclose(found[0], np.array([3, 1]) * (1 if raised else np.exp(-far)), rtol=1e-11)
        assert_allclose(found[2], [3, 1], rtol=1e-13)


def test_scale_of_a_metre_in_a_large_city_has_no_holes():
    """People whose own unit is a thousand scales wide meet their own unit, not nobody."""
    population = city(layout("anywhere", 300, 1), people(300, 2), m2=np.full(300, 9e6))
    near = population.within(sg.Decay(1.0))
    lived_in = population.totals > 0
    assert np.isfinite(near.composition[lived_in]).all()
    points, own = population.points, np.sqrt(0.6 * 9e6)
    for j in np.flatnonzero(lived_in)[:60]:
        distance = np.sqrt(((points - points[j]) ** 2).sum(axis=1))
        distance[j] = own
        weights = np.exp(distance[lived_in].min() - distance)
        expected = weights @ population.counts
        assert_allclose(near.composition[j], expected / expected.sum(), rtol=1e-9)


def test_regions_of_empty_units_only():
    population = city([[0, 0], [1e6, 0], [1e6, 50]], [[3, 1], [0, 0], [0, 0]], PLANE)
    operator = sg.Decay(1, "zero").on(population, regions=np.array([0, 1, 1]))
    assert_array_equal(operator.raised, [0, 0, 0])
    assert_array_equal(operator @ population.counts, [[3, 1], [0, 0], [0, 0]])
