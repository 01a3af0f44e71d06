"""Kernel and Decay in real cities and reference systems, threads, messages and names."""

import threading
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numba
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy.spatial import cKDTree

import segregate as sg
from segregate.environment import base
from tests.unit import environments_oracle as oracle
from tests.unit.environment_cases import (
    PLANE,
    SOUTH,
    WEST,
    city,
    layout,
    people,
)

SHAPES = ["biweight", "epanechnikov", "triangular", "uniform", "gaussian"]
REACH = {"gaussian": 8.5}
"""Radii from which on nobody counts; 1 otherwise."""


# identities


EIGHT = ["white", "black", "native", "asian", "pacific", "other", "multi", "hispanic"]
CITIES = {
    "us_tracts_2000/metro_new_haven.parquet": EIGHT,
    "us_tracts_2000/metro_milwaukee.parquet": EIGHT,
    "sacramento_2000_sf3/sacramentot2.parquet": ["white", "black", "asian", "hisp"],
    "us_blocks/denver_co_blocks_2020.parquet": ["white", "black", "hispanic", "asian"],
}


def assert_met_by_all(population: sg.Population, environment: sg.Decay | sg.Kernel) -> None:
    near = population.within(environment)
    for group in population.groups:
        others = sum(sg.exposure(near, group=group, other=other) for other in population.groups if other != group)
        assert sg.isolation(near, group=group) + others == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("scale", [300.0, 1000.0, 20_000.0])
def test_isolation_and_exposure_of_the_sample_city(scale: float):
    with pytest.warns(sg.SegregateWarning, match="in degrees"):
        assert_met_by_all(sg.sample("sacramento"), sg.Decay(scale))


@pytest.mark.parametrize("name", CITIES)
def test_isolation_and_exposure_of_real_cities(shared_data: Callable[[str], Path], name: str):
    population = sg.Population.from_frame(gpd.read_parquet(shared_data(name)), CITIES[name])
    if population.crs.is_geographic:
        with pytest.warns(sg.SegregateWarning, match="in degrees"):
            _ = population.points
    for environment in (sg.Decay(1000), sg.Kernel(3000), sg.Nearest(10_000)):
        assert_met_by_all(population, environment)


def test_morgan_on_the_sample_city_in_plain_loops():
    """Distance-decay isolation: sum_i x_i / X sum_j K_ij x_j / t_j, K_ij = c_ij t_j / sum_k c_ik t_k."""
    population = sg.sample("sacramento").versus("black")
    with pytest.warns(sg.SegregateWarning, match="in degrees"):
        points, own = population.points, np.sqrt(0.6 * population.area)
    closeness = np.array(oracle.decay(points.tolist(), 1000, own.tolist()))
    totals = population.totals
    met = closeness * totals / (closeness * totals).sum(axis=1, keepdims=True)
    shares = np.divide(
        population.counts, totals[:, None], out=np.zeros_like(population.counts), where=totals[:, None] > 0
    )
    members = population.counts[:, 0] / population.counts[:, 0].sum()
    near = population.within(sg.Decay(1000))
    assert sg.isolation(near, group="black") == pytest.approx(members @ met @ shares[:, 0], rel=1e-12)
    assert sg.exposure(near, group="black", other="rest") == pytest.approx(members @ met @ shares[:, 1], rel=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
def test_denver_blocks_beside_scipy(shared_data: Callable[[str], Path], shape: str):
    frame = gpd.read_parquet(shared_data("us_blocks/denver_co_blocks_2020.parquet"))
    population = sg.Population.from_frame(frame, ["white", "black", "hispanic"], id="geoid")
    radius = 700 / REACH.get(shape, 1)
    feet = np.column_stack([frame.centroid.x, frame.centroid.y]) * (1200 / 3937)
    pairs = cKDTree(feet).sparse_distance_matrix(cKDTree(feet), 700, output_type="coo_matrix")
    u = pairs.data / radius
    weight = {
        "biweight": (1 - u**2) ** 2,
        "epanechnikov": 1 - u**2,
        "triangular": 1 - u,
        "uniform": np.ones_like(u),
        "gaussian": np.exp(-(u**2) / 2),
    }[shape]
    expected = np.zeros_like(population.counts)
    np.add.at(expected, pairs.row, weight[:, None] * population.counts[pairs.col])
    found = sg.Kernel(radius, shape).on(population) @ population.counts
    assert_allclose(found, expected, rtol=1e-9, atol=1e-6)


# reference systems


def test_units_of_length_agree():
    points = layout("anywhere", 400, 1) - [WEST - 600_000, SOUTH - 4_250_000]
    utm = "+proj=utm +zone=10 +datum=WGS84 +units={}"
    area = np.random.default_rng(1).uniform(1e3, 1e5, 400)
    metres = city(points, people(400, 2), utm.format("m"), m2=area)
    environments = [*(sg.Kernel(700, shape) for shape in SHAPES), sg.Decay(700)]
    for unit, size in (("km", 1000.0), ("ft", 0.3048), ("us-ft", 1200 / 3937)):
        other = city(points / size, people(400, 2), utm.format(unit), m2=area)
        for environment in environments:
            found, expected = other.within(environment), metres.within(environment)
            assert_allclose(found.surroundings, expected.surroundings, rtol=1e-10, atol=1e-10)
            assert sg.information_theory(found) == pytest.approx(sg.information_theory(expected), rel=1e-12)


@pytest.mark.parametrize("environment", [sg.Kernel(3000), sg.Kernel(1500, "gaussian"), sg.Decay(1500)], ids=str)
def test_degrees_and_other_projections(environment: sg.Kernel | sg.Decay):
    geographic = sg.sample("sacramento")
    utm = geographic.geometry.to_crs("EPSG:32610")
    groups = list(geographic.groups)

    def within(crs: object) -> sg.Population:
        frame = geographic.to_frame().to_crs(crs)
        return sg.Population.from_frame(frame, groups).within(environment)

    with pytest.warns(sg.SegregateWarning, match="in degrees"):
        expected = sg.information_theory(geographic.within(environment))
    assert sg.information_theory(within(utm.crs)) == pytest.approx(expected, rel=1e-9)
    for other in ("EPSG:26942", "EPSG:2226", "EPSG:3310"):  # state plane in metres and in feet, California Albers
        assert sg.information_theory(within(other)) == pytest.approx(expected, rel=5e-3)
    with pytest.warns(sg.SegregateWarning, match="scale of"):
        mercator = within("EPSG:3857")
    assert sg.information_theory(mercator) == pytest.approx(expected, rel=5e-3)


# threads


def test_threads_change_no_bit():
    n = 3000
    population = city(layout("town and country", n, 2), people(n, 3) / 7, m2=np.full(n, 500.0))
    environments = [*(sg.Kernel(900, shape) for shape in SHAPES), sg.Decay(900)]

    def bits() -> tuple[bytes, ...]:
        return tuple((environment.on(population) @ population.counts).tobytes() for environment in environments)

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


# messages, names


@pytest.mark.parametrize("length", [0, -5.0, np.nan, np.inf, "1 km", None, True, [500]])
def test_no_length(length: object):
    with pytest.raises(sg.ParameterError, match="radius=.* is a distance in metres, above 0"):
        sg.Kernel(length)
    with pytest.raises(sg.ParameterError, match="scale=.* is a distance in metres, above 0"):
        sg.Decay(length)


def test_unknown_words():
    with pytest.raises(sg.ParameterError, match="shape='round' is not known; it is one of 'biweight'"):
        sg.Kernel(500, "round")
    with pytest.raises(sg.ParameterError, match="self_distance='mean' is not known; it is 'area', 'zero' or an array"):
        sg.Decay(500, "mean")


@pytest.mark.parametrize(
    ("own", "message"),
    [
        ([1.0, -2.0, np.nan], "one distance in metres a unit, 0 or more; 2 of 3 are not"),
        ([np.inf], "1 of 1 are not"),
        ([[1.0, 2.0]], "one distance in metres a unit"),
        (3.0, "one distance in metres a unit"),
    ],
)
def test_distances_to_oneself_that_cannot_be(own: object, message: str):
    with pytest.raises(sg.ParameterError, match=message):
        sg.Decay(500, own)


def test_distances_to_oneself_of_other_units():
    with pytest.raises(sg.ParameterError, match="self_distance= has 2 distances for 3 units; it takes one each"):
        city([[0, 0], [1, 0], [2, 0]], np.ones((3, 2)), PLANE).within(sg.Decay(500, [1.0, 2.0]))


def test_points_have_no_area():
    with pytest.raises(sg.GeometryError, match="no area .*points or lines"):
        city([[0, 0], [1, 0], [2, 0]], np.ones((3, 2)), PLANE).within(sg.Decay(500))


@pytest.mark.parametrize("environment", [sg.Kernel(500), sg.Decay(500, "zero")], ids=str)
def test_what_distances_need(environment: sg.Kernel | sg.Decay):
    frame = pd.DataFrame({"a": [1, 2], "b": [2, 1]})
    with pytest.raises(sg.GeometryError, match="no geometry, so distances"):
        sg.Population.from_frame(frame, ["a", "b"]).within(environment)
    located = gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy([0, 1], [0, 1]))
    with pytest.raises(sg.GeometryError, match="no coordinate reference system"):
        sg.Population.from_frame(located, ["a", "b"]).within(environment)


@pytest.mark.parametrize("environment", [sg.Kernel(2000), sg.Decay(500, "zero")], ids=str)
def test_what_w_cannot_do(environment: sg.Kernel | sg.Decay, monkeypatch: pytest.MonkeyPatch):
    population = city(layout("anywhere", 200, 1), people(200, 2))
    operator = environment.on(population)
    assert operator.shape == (200, 200)
    for values in (np.ones(199), np.ones((200, 2, 2)), 5.0):
        with pytest.raises(sg.ParameterError, match="W is for 200 units; it cannot multiply an array of"):
            operator @ values
    monkeypatch.setattr(base, "MOST_PAIRS", 1000)
    for write in (operator.to_sparse, operator.to_graph):
        with pytest.raises(sg.ParameterError, match=r"W has [\d,]+ pairs of units.*W @ values needs no matrix"):
            write()


def test_names():
    assert str(sg.Kernel(500)) == "kernel biweight 500 m"
    assert repr(sg.Kernel(500, "uniform")) == "Kernel(radius=500.0, shape='uniform')"
    assert sg.Kernel(500) == sg.Kernel(500.0)
    assert str(sg.Decay(1500)) == "decay 1500 m"
    assert str(sg.Decay(1500, "zero")) == "decay 1500 m, self-distance zero"
    assert str(sg.Decay(1500, [1, 2])) == "decay 1500 m, own self-distance"
    assert repr(sg.Decay(1500)) == "Decay(scale=1500.0, self_distance='area')"
    assert repr(sg.Decay(1500, [1, 2])) == "Decay(scale=1500.0, self_distance=<2 distances>)"
