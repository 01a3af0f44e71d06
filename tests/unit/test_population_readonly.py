"""A population never changes, and never changes what it was made from."""

import copy
import pickle
from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from shapely import Point, box

import segregate as sg
from segregate import Population

GROUPS = ["a", "b"]
ARRAYS = ["counts", "totals", "composition", "surroundings", "shares", "points", "area"]


def shapes() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"a": [90, 10, 5], "b": [10, 90, 0], "zone": ["x", "y", "y"], "rank": [1, 2, 3]},
        index=pd.Index(["n", "s", "w"], name="tract"),
        geometry=[box(i, 0, i + 1, 1) for i in range(3)],
        crs="EPSG:32633",
    )


def city() -> Population:
    return Population.from_frame(shapes(), GROUPS, area="rank")


WAYS: dict[str, Callable[[Population], Population]] = {
    "as made": lambda p: p,
    "unpickled": lambda p: pickle.loads(pickle.dumps(p)),
    "unpickled after use": lambda p: pickle.loads(pickle.dumps((p.points, p.area, p.composition, p)))[-1],
    "copied": copy.copy,
    "deep copied": copy.deepcopy,
    "selected": lambda p: p.select("b", "a"),
    "versus": lambda p: p.versus("b"),
    "merged": lambda p: p.merge({}),
    "subset": lambda p: p.subset([True, True, False]),
    "split": lambda p: p.split("zone")["y"],
    "within": lambda p: p.within(sg.Weights(scipy.sparse.csr_array(np.ones((3, 3))))),
    "within, unpickled": lambda p: pickle.loads(
        pickle.dumps(p.within(sg.Weights(scipy.sparse.csr_array(np.ones((3, 3))))))
    ),
    "within, versus": lambda p: p.within(sg.Weights(scipy.sparse.csr_array(np.ones((3, 3))))).versus("a"),
    "home": lambda p: p.within(sg.Weights(scipy.sparse.csr_array(np.ones((3, 3))))).home(),
    "one region": lambda p: p.subset([True, False, False]),
}


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize("way", WAYS)
def test_writing_to_an_array_raises(way: str, name: str):
    array = getattr(WAYS[way](city()), name)
    assert not array.flags.writeable
    assert array.base is None or not getattr(array.base, "flags", array.flags).writeable
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 1
    with pytest.raises(ValueError, match="read-only"):
        array += 1


@pytest.mark.parametrize("way", ["unpickled", "copied", "deep copied", "within, unpickled"])
def test_a_copy_is_the_same_population(way: str):
    before = city() if "within" not in way else WAYS["within"](city())
    after = WAYS[way](city())
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(after, name), getattr(before, name))
    assert after.groups == before.groups
    assert after.ids.equals(before.ids)
    assert after.ids.name == "tract"
    assert after.crs == before.crs
    assert after.notes == before.notes
    assert str(after.environment) == str(before.environment)
    assert sg.dissimilarity(after) == sg.dissimilarity(before)


def test_a_segment_and_an_index_of_a_copy_see_read_only_arrays():
    segments = pickle.loads(pickle.dumps(city())).regions("zone").segments
    for name in ("counts", "surroundings", "totals", "composition", "shares", "starts", "group_sizes"):
        assert not getattr(segments, name).flags.writeable, name


@pytest.mark.parametrize("name", ["counts", "groups", "ids", "environment", "totals", "size", "points", "crs"])
def test_attributes_cannot_be_set(name: str):
    with pytest.raises(AttributeError):
        setattr(city(), name, None)


def test_the_frame_is_not_changed():
    frame = shapes().assign(people=[200, 100, 5])
    before = frame.copy(deep=True)
    population = Population.from_frame(frame, GROUPS, total="people", points="inside", area=("rank", "ha"))
    _ = population.points, population.area, population.to_frame(), repr(population), sg.measure(population)
    pd.testing.assert_frame_equal(frame, before)
    assert frame.attrs == {}
    assert frame.crs == before.crs


def test_later_changes_of_the_frame_do_not_reach_the_population():
    frame = shapes()
    population = Population.from_frame(frame, GROUPS)
    frame.loc["n", "a"] = 0
    frame.loc["n", "rank"] = 99
    frame.loc["n", "geometry"] = Point(0, 0)
    frame.geometry.values[1] = Point(0, 0)
    frame["new"] = 1
    frame.index.name = "renamed"
    assert population.counts[0, 0] == 90
    assert population.attributes["rank"].tolist() == [1, 2, 3]
    assert (population.geometry.geom_type == "Polygon").all()
    assert list(population.attributes.columns) == ["zone", "rank"]
    assert population.ids.name == "tract"


def test_counts_do_not_share_memory_with_the_frame():
    counts = np.array([[1.0, 2.0], [3.0, 4.0]])
    frame = pd.DataFrame(counts, columns=GROUPS, copy=False)
    population = Population.from_frame(frame, GROUPS)
    assert not np.shares_memory(population.counts, counts)
    counts[:] = 0
    assert population.counts.sum() == 10


def test_changing_what_a_population_hands_out_does_not_change_it():
    population = city()
    attributes = population.attributes
    attributes["new"] = 1
    attributes.loc["n", "rank"] = 99
    del attributes["zone"]
    geometry = population.geometry
    geometry.iloc[0] = Point(0, 0)
    population.geometry.values[1] = Point(0, 0)
    out = population.to_frame()
    out.loc["w", "geometry"] = Point(0, 0)
    out["a"] = 0.0
    out.index.name = "renamed"
    population.to_frame().geometry.values[2] = Point(0, 0)
    layer = sg.local(population, "divergence")
    layer.loc[0, "geometry"] = Point(0, 0)
    sg.local(population, "divergence").geometry.values[2] = Point(0, 0)
    assert list(population.attributes.columns) == ["zone", "rank"]
    assert population.attributes["rank"].tolist() == [1, 2, 3]
    assert (population.geometry.geom_type == "Polygon").all()
    assert population.counts[0, 0] == 90
    assert population.ids.name == "tract"


def test_an_environment_does_not_share_memory_with_the_matrix_it_came_from():
    matrix = scipy.sparse.csr_array(np.ones((3, 3)))
    environment = sg.Weights(matrix)
    matrix.data[:] = 0
    assert sg.isolation(city().within(environment), group="a") == pytest.approx(105 / 205)


def test_nothing_global_is_touched():
    import warnings

    before = (np.geterr(), list(warnings.filters), np.random.get_state()[1].tolist())  # noqa: NPY002
    population = city()
    sg.measure(population, by="zone")
    sg.local(population, "divergence")
    after = (np.geterr(), list(warnings.filters), np.random.get_state()[1].tolist())  # noqa: NPY002
    assert before == after
