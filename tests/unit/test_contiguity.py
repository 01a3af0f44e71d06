"""People of the units within a few steps."""

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from libpysal.graph import Graph
from numpy.testing import assert_allclose, assert_array_equal
from shapely import box

import segregate as sg
from segregate import Population
from segregate.environment import contiguity
from tests.unit import environments_oracle as oracle
from tests.unit.environment_cases import people, values_by_oracle, values_of

WEST, SOUTH = 500_000.0, 5_500_000.0


def plots(corners: list[tuple[float, float, float, float]], **columns: object) -> gpd.GeoDataFrame:
    """Return rectangles (west, south, east, north) in hundreds of metres, with people of two groups."""
    shapes = [box(*(np.array(corner) * 100 + [WEST, SOUTH] * 2)) for corner in corners]
    table = pd.DataFrame({"a": np.arange(1.0, len(corners) + 1), "b": np.arange(len(corners), 0.0, -1)} | columns)
    table["unit"] = [f"u{j}" for j in range(len(corners))]
    return gpd.GeoDataFrame(table, geometry=shapes, crs="EPSG:32633")


def city(frame: gpd.GeoDataFrame) -> Population:
    return Population.from_frame(frame, ["a", "b"], id="unit")


def dense(population: Population, environment: sg.Contiguity) -> np.ndarray:
    return environment.on(population).to_sparse().toarray()


STREET = [(0, 0, 1, 1), (1, 0, 2, 1), (2, 0, 3, 1), (3, 0, 4, 1), (9, 9, 10, 10)]
"""Four units in a row, and an island."""
SQUARE = [(0, 0, 1, 1), (1, 0, 2, 1), (0, 1, 1, 2), (1, 1, 2, 2)]
"""Four units around a corner: u0 and u3 touch in it only."""
BRICKS = [(0, 0, 2, 1), (2, 0, 4, 1), (0, 1, 1, 2), (1, 1, 3, 2), (3, 1, 4, 2), (0, 2, 2, 3), (2, 2, 4, 3)]
"""Units whose corners end in the middle of others."""


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (1, ["11000", "11100", "01110", "00110", "00001"]),
        (2, ["11100", "11110", "11110", "01110", "00001"]),
        (3, ["11110", "11110", "11110", "11110", "00001"]),
        (50, ["11110", "11110", "11110", "11110", "00001"]),
    ],
)
def test_steps_along_a_street(order: int, expected: list[str]):
    weights = np.array([[float(sign) for sign in row] for row in expected])
    assert_array_equal(dense(city(plots(STREET)), sg.Contiguity(order)), weights)
    without = dense(city(plots(STREET)), sg.Contiguity(order, include_self=False))
    assert_array_equal(without, weights - np.eye(5))


def test_a_corner_is_enough_for_a_queen_only():
    assert_array_equal(dense(city(plots(SQUARE)), sg.Contiguity()), np.ones((4, 4)))
    assert_array_equal(dense(city(plots(SQUARE)), sg.Contiguity(kind="rook")), 1 - np.eye(4)[::-1])
    assert_array_equal(dense(city(plots(SQUARE)), sg.Contiguity(2, kind="rook")), np.ones((4, 4)))


def test_corners_need_not_meet():
    expected = ["1111000", "1101100", "1011010", "1111111", "0101101", "0011011", "0001111"]
    found = dense(city(plots(BRICKS)), sg.Contiguity(kind="rook"))
    assert_array_equal(found, [[float(sign) for sign in row] for row in expected])


def test_index_by_hand():
    frame = plots(STREET[:3], a=[8, 2, 0], b=[2, 8, 5])
    near = city(frame).within(sg.Contiguity())
    # u0 and u1 meet (10, 10); u1 meets all, (10, 15); u2 meets u1 and itself, (2, 13)
    assert_array_equal(near.surroundings, [[10, 10], [10, 15], [2, 13]])
    assert sg.isolation(near, group="a") == pytest.approx(0.8 * 0.5 + 0.2 * 0.4, rel=1e-14)


@pytest.mark.parametrize("include_self", [True, False])
@pytest.mark.parametrize("kind", ["queen", "rook"])
@pytest.mark.parametrize("order", [1, 2, 4])
def test_against_plain_loops(land: gpd.GeoDataFrame, order: int, kind: str, include_self: bool):
    population = Population.from_frame(land, ["white", "black", "asian"], id="unit")
    touching, lengths = neighbours(land)
    pairs = touching if kind == "queen" else [pair for pair, length in zip(touching, lengths, strict=True) if length]
    weights = oracle.contiguity(pairs, 60, order, include_self)
    environment = sg.Contiguity(order, kind=kind, include_self=include_self)
    assert_array_equal(dense(population, environment), weights)
    assert_allclose(
        population.within(environment).surroundings, oracle.around(weights, population.counts.tolist()), rtol=1e-14
    )


def neighbours(frame: gpd.GeoDataFrame) -> tuple[list[tuple[int, int]], list[float]]:
    """Return the pairs of plots that touch, and how long their borders are, in plain loops."""
    bounds = [shape.bounds for shape in frame.geometry]
    pairs, lengths = [], []
    for a, (west, south, east, north) in enumerate(bounds):
        for b in range(a):
            wide = min(east, bounds[b][2]) - max(west, bounds[b][0])
            high = min(north, bounds[b][3]) - max(south, bounds[b][1])
            if wide >= 0 and high >= 0:
                pairs.append((b, a))
                lengths.append(max(wide, high))
    return pairs, lengths


@pytest.mark.parametrize("environment", [sg.Contiguity(), sg.Contiguity(2, kind="rook", include_self=False)], ids=str)
def test_every_index_against_plain_loops(environment: sg.Contiguity):
    wide = 6
    frame = plots([(j % wide, j // wide, j % wide + 1, j // wide + 1) for j in range(36)])
    counts = people(36, 3)
    frame[["g0", "g1", "g2"]] = counts
    population = Population.from_frame(frame, ["g0", "g1", "g2"], id="unit")
    touching, lengths = neighbours(frame)
    pairs = [pair for pair, length in zip(touching, lengths, strict=True) if length or environment.kind == "queen"]
    weights = oracle.contiguity(pairs, 36, environment.order, environment.include_self)
    expected = values_by_oracle(counts.tolist(), weights)
    assert values_of(population.within(environment)) == pytest.approx(expected, rel=1e-10, abs=1e-12)


# islands


def test_islands_meet_themselves():
    population = city(plots(STREET))
    near = population.within(sg.Contiguity(3))
    assert_array_equal(near.surroundings[4], population.counts[4])


def test_islands_meet_nobody_where_the_own_unit_is_left_out():
    population = city(plots(STREET))
    near = population.within(sg.Contiguity(include_self=False))
    assert_array_equal(near.surroundings[4], [0, 0])
    message = r"1 unit whose surroundings hold nobody left out \(6 of 30 people\)"
    with pytest.warns(sg.SegregateWarning, match=message):
        found = sg.isolation(near, group="a")
    met = [2 / 6, 4 / 12, 6 / 12, 3 / 6]
    assert found == pytest.approx(sum(a / 10 * share for a, share in zip([1, 2, 3, 4], met, strict=True)), rel=1e-14)
    table = sg.measure(near, "xPx")
    assert set(table["status"]) == {"partial"}


# regions


def test_no_step_leads_across_the_edge_of_a_region():
    # the middle of the street belongs elsewhere, so its ends are no neighbours of second order
    frame = plots(STREET[:3], region=["x", "y", "x"])
    population = city(frame)
    near = population.within(sg.Contiguity(2), by="region")
    assert_array_equal(near.surroundings, population.counts)
    rows = np.array(oracle.contiguity([(0, 1), (1, 2)], 3, 2, True, ["x", "y", "x"]))
    assert_array_equal(rows, np.eye(3))


@pytest.mark.parametrize("environment", [sg.Contiguity(2), sg.Contiguity(include_self=False, kind="rook")], ids=str)
def test_regions_are_measured_each_alone(land: gpd.GeoDataFrame, environment: sg.Contiguity):
    district = np.random.default_rng(4).integers(0, 3, len(land))
    population = Population.from_frame(land.assign(district=district), ["white", "black", "asian"], id="unit")
    near = population.within(environment, by="district")
    touching, lengths = neighbours(land)
    pairs = [pair for pair, length in zip(touching, lengths, strict=True) if length or environment.kind == "queen"]
    weights = oracle.contiguity(pairs, 60, environment.order, environment.include_self, district.tolist())
    assert_allclose(near.surroundings, np.array(weights) @ population.counts, rtol=1e-14)
    for label, part in population.split("district").items():
        assert_array_equal(part.within(environment).surroundings, near.surroundings[district == label])
    found = sg.measure(population, ["D", "H"], by="district", environment=environment)
    for label, part in population.split("district").items():
        expected = sg.measure(part.within(environment), ["D", "H"])
        assert_allclose(found.loc[found["district"] == label, "value"], expected["value"], rtol=1e-12)


# real cities


@pytest.mark.parametrize("kind", ["queen", "rook"])
@pytest.mark.parametrize("order", [1, 2, 3])
def test_sacramento_beside_libpysal(kind: str, order: int):
    population = sg.sample("sacramento")
    with pytest.warns(sg.SegregateWarning, match="in degrees"):
        found = sg.Contiguity(order, kind=kind).on(population)
    graph = Graph.build_contiguity(population.geometry, rook=kind == "rook", strict=True)
    if order > 1:
        graph = graph.higher_order(order, lower_order=True)
    theirs = graph.assign_self_weight().sparse.toarray()
    assert_array_equal(found.to_sparse().toarray(), (theirs > 0).astype(float))
    assert_allclose(found @ population.counts, theirs @ population.counts, rtol=1e-13)


@pytest.mark.parametrize("name", ["us_tracts_2000/metro_milwaukee.parquet", "us_tracts_2000/metro_new_haven.parquet"])
@pytest.mark.parametrize("kind", ["queen", "rook"])
def test_metropolitan_areas_beside_libpysal(shared_data: Callable[[str], Path], name: str, kind: str):
    frame = gpd.read_parquet(shared_data(name))
    population = Population.from_frame(frame, ["white", "black", "hispanic"], id="geoid")
    graph = Graph.build_contiguity(population.geometry, rook=kind == "rook", strict=True)
    with pytest.warns(sg.SegregateWarning, match="in degrees"):
        found = dense(population, sg.Contiguity(kind=kind, include_self=False))
    assert_array_equal(found, graph.sparse.toarray() > 0)
    assert found.sum() > 4 * len(frame)


# messages, names


@pytest.mark.parametrize("order", [0, -1, 1.5, "1", True, None])
def test_no_number_of_steps(order: object):
    with pytest.raises(sg.ParameterError, match="order=.* is a number of steps"):
        sg.Contiguity(order)


def test_other_parameters():
    with pytest.raises(sg.ParameterError, match="kind='bishop' is not known; it is one of 'queen', 'rook'"):
        sg.Contiguity(kind="bishop")
    with pytest.raises(sg.ParameterError, match="include_self='no' is True or False"):
        sg.Contiguity(include_self="no")
    assert sg.Contiguity(np.int64(2)) == sg.Contiguity(2)


def test_points_have_no_neighbours():
    frame = plots(STREET)
    frame = frame.set_geometry(frame.centroid)
    with pytest.raises(sg.GeometryError, match="neighbours are known of polygons only"):
        city(frame).within(sg.Contiguity())
    with pytest.raises(sg.GeometryError, match="no geometry"):
        city(pd.DataFrame(plots(STREET).drop(columns="geometry"))).within(sg.Contiguity())


def test_too_many_pairs(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(contiguity, "MOST_PAIRS", 12)
    population = city(plots(STREET))
    assert sg.Contiguity(1).on(population).to_sparse().nnz == 11
    with pytest.raises(sg.ParameterError, match="15 pairs of units are within 2 steps.*more than the 12.*a Kernel"):
        sg.Contiguity(2).on(population)


def test_overlapping_units_are_told():
    frame = plots([(0, 0, 1, 1), (0.5, 0, 1.5, 1), (1.5, 0, 2, 1)])
    with pytest.warns(sg.SegregateWarning, match="1 pair of units overlap"):
        found = dense(city(frame), sg.Contiguity())
    assert_array_equal(found, [[1, 0, 0], [0, 1, 1], [0, 1, 1]])


def test_matrix_and_graph():
    population = city(plots(STREET))
    operator = sg.Contiguity().on(population)
    assert list(operator.to_graph().unique_ids) == list(population.ids)
    assert_array_equal(operator.to_graph().sparse.toarray(), operator.to_sparse().toarray())
    assert_array_equal(operator @ population.counts[:, 0], (operator @ population.counts)[:, 0])


def test_names():
    assert str(sg.Contiguity()) == "contiguity queen, 1 step"
    assert str(sg.Contiguity(3, kind="rook", include_self=False)) == "contiguity rook, 3 steps, without the own unit"
    assert repr(sg.Contiguity(2)) == "Contiguity(order=2, kind='queen', include_self=True)"
