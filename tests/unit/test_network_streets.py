"""Surroundings along streets, against brute force in plain Python and cases worked by hand: continued."""

import math

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from numpy.testing import assert_allclose, assert_array_equal
from shapely import LineString, Point

import segregate as sg
from segregate.environment import _streets, base
from tests.unit.network_cases import CRS, dense, oracle_distances, osm_like, people, random_city, roads


def test_a_graph_decides_what_is_joined():
    """A bridge: streets that cross, with vertices at the same place, and are not joined."""
    graph = osm_like([[(0, 50), (50, 50), (100, 50)], [(50, 0), (50, 50), (50, 100)]])
    assert_array_equal(dense(sg.Network(graph, 1000), people([(0, 50), (50, 0)])), np.eye(2))


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:3857", "EPSG:32632"])
def test_streets_are_brought_to_where_the_units_are(crs):
    lines, points = random_city(7)
    pop = people(points)
    expected = dense(sg.Network(roads(*lines), 700), pop)
    assert_allclose(dense(sg.Network(roads(*lines, crs=crs), 700), pop), expected, atol=1e-7)


def test_units_in_degrees_are_projected_and_the_streets_with_them():
    lines, points = random_city(7)
    expected = dense(sg.Network(roads(*lines), 700), people(points))
    with pytest.warns(sg.SegregateWarning, match="in degrees"):
        found = dense(sg.Network(roads(*lines), 700), people(points, crs="EPSG:4326"))
    assert_allclose(found, expected, atol=1e-7)


def test_lengths_are_metres_whatever_the_unit_of_the_plane():
    lines, points = random_city(7)
    expected = dense(sg.Network(roads(*lines), 700), people(points))
    for unit in ["km", "us-ft"]:
        plane = f"+proj=utm +zone=33 +datum=WGS84 +units={unit}"
        found = dense(sg.Network(roads(*lines), 700), people(points, crs=plane))
        assert_allclose(found, expected, atol=1e-7)
        near = points[:35]  # the others live by streets that a graph does not join
        graph = dense(sg.Network(osm_like(lines[:-2]), 700), people(near, crs=plane))
        assert_allclose(graph, expected[:35, :35], atol=1e-7)


def test_regions_are_as_if_each_stood_alone():
    lines, points = random_city(4)
    district = np.array(["east" if x > 400 else "west" for x, _ in points])
    pop = people(points, district=district)
    network = sg.Network(roads(*lines), 700)
    codes = (district == "west").astype(np.int64)
    whole, cut = dense(network, pop), dense(network, pop, regions=codes)
    assert_allclose(cut, np.where(codes[:, None] == codes, whole, 0), atol=1e-12)
    assert (whole != cut).any()
    by = sg.measure(pop, "H", by="district", environment=network).set_index("district")["value"]
    for name, part in pop.split("district").items():
        assert_allclose(by[name], sg.information_theory(part.within(network)), rtol=1e-12)


def test_every_region_has_its_own_plane():
    """The same town in two UTM zones, in one table in degrees."""
    lines, points = random_city(4)
    here, there = people(points).to_frame(), people(points).to_frame()
    there = there.set_crs("EPSG:32634", allow_override=True)
    frame = pd.concat([here.to_crs(4326).assign(town="w"), there.to_crs(4326).assign(town="e")], ignore_index=True)
    both = sg.Population.from_frame(frame, ["a", "b"])
    streets = pd.concat([roads(*lines).to_crs(4326), roads(*lines).set_crs(32634, allow_override=True).to_crs(4326)])
    network = sg.Network(streets, 700)
    expected = dense(sg.Network(roads(*lines), 700), people(points))
    with pytest.warns(sg.SegregateWarning, match="in degrees"):
        found = dense(network, both, regions=np.repeat([1, 0], len(points)))
    n = len(points)
    assert_allclose(found[:n, :n], expected, atol=1e-7)
    assert_allclose(found[n:, n:], expected, atol=1e-7)
    assert not found[:n, n:].any()


def test_blocks_change_no_bit(monkeypatch):
    lines, points = random_city(9)
    pop = people(points)
    network = sg.Network(roads(*lines), 500)
    whole = network.on(pop).to_sparse()
    for at_once, cells in [(1, 10**9), (7, 10**9), (512, 1000)]:
        monkeypatch.setattr(_streets, "AT_ONCE", at_once)
        monkeypatch.setattr(_streets, "CELLS", cells)
        blocks = network.on(pop).to_sparse()
        assert_array_equal(blocks.indices, whole.indices)
        assert_array_equal(blocks.data, whole.data)


def test_the_order_of_streets_and_units_changes_nothing():
    lines, points = random_city(10)
    rng = np.random.default_rng(0)
    expected = dense(sg.Network(roads(*lines), 600), people(points))
    mixed = [lines[k][:: rng.choice([-1, 1])] for k in rng.permutation(len(lines))]
    assert_allclose(dense(sg.Network(roads(*mixed), 600), people(points)), expected, atol=1e-12)
    order = rng.permutation(len(points))
    found = dense(sg.Network(roads(*lines), 600), people([points[k] for k in order]))
    assert_allclose(found, expected[np.ix_(order, order)], atol=1e-12)


def test_streets_and_units_are_left_as_they_are():
    lines, points = random_city(1)
    streets, pop = roads(*lines), people(points)
    before = streets.copy(deep=True)
    sg.Network(streets, 600).on(pop)
    assert streets.geom_equals_exact(before, 0).all()
    graph = osm_like(lines)
    copy = graph.copy()
    sg.Network(graph, 600).on(pop)
    assert nx.utils.graphs_equal(graph, copy)


def test_people_meet_those_along_the_streets():
    streets = roads([(0, 0), (100, 0)], [(0, 20), (100, 20)])
    pop = people([(10, 0), (90, 0), (10, 20), (90, 20)])
    near = pop.within(sg.Network(streets, 1000, "uniform"))
    met = np.array([pop.counts[:2].sum(axis=0)] * 2 + [pop.counts[2:].sum(axis=0)] * 2)
    assert_array_equal(near.surroundings, met)
    assert str(near.environment) == "network uniform 1000 m"
    assert set(sg.measure(near, "H")["environment"]) == {"network uniform 1000 m"}


def test_it_says_what_it_is():
    assert repr(sg.Network(roads([(0, 0), (1, 0)]), 500)) == (
        "Network(<1 street>, radius=500.0, shape='biweight', join='vertices', tolerance=0.01)"
    )
    assert repr(sg.Network(osm_like([[(0, 0), (1, 0)]]), 500, "uniform")) == (
        "Network(<2 streets>, radius=500.0, shape='uniform')"
    )


def test_how_far_units_are_from_the_streets():
    snap = sg.Network(roads([(0, 0), (100, 0)]), 50).snapping(people([(50, 30), (130, 40), (0, 0)]))
    assert snap.index.to_list() == ["u0", "u1", "u2"]
    assert_allclose(snap, [30, 50, 0], atol=1e-9)


def test_units_far_from_streets_meet_only_their_own():
    pop = people([(50, 60), (50, 0), (90, 0), (20, 400), (20, 400)])
    network = sg.Network(roads([(0, 0), (100, 0)]), 50, "uniform")
    with pytest.warns(
        sg.SegregateWarning,
        match=r"^3 units of 5 are farther than 50 m from any street \(first: 'u0', 'u3', 'u4'; up to 400 m\)",
    ):
        found = dense(network, pop)
    expected = np.eye(5)
    expected[1, 2] = expected[2, 1] = expected[3, 4] = expected[4, 3] = 1
    assert_array_equal(found, expected)
    with pytest.warns(sg.SegregateWarning, match=r"^1 unit of 2 is farther than 50 m"):
        assert_array_equal(dense(network, people([(50, 60), (50, 0)])), np.eye(2))


def test_too_many_pairs_are_refused(monkeypatch):
    streets = roads([(0, 0), (100, 0)])
    monkeypatch.setattr(base, "MOST_PAIRS", 24)
    with pytest.raises(sg.ParameterError, match="more than 24 pairs of units, too many to be held; take a smaller"):
        sg.Network(streets, 500).on(people([(10 * k, 0) for k in range(5)]))
    with pytest.raises(sg.ParameterError, match="more than 24 pairs"):
        sg.Network(streets, 500).on(people([(10, 0)] * 5))
    monkeypatch.setattr(base, "MOST_PAIRS", 25)
    assert sg.Network(streets, 500).on(people([(10 * k, 0) for k in range(5)])).matrix.nnz == 25
    assert sg.Network(streets, 500).on(people([(10, 0)] * 5)).matrix.nnz == 25


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"radius": 0}, "radius=0 is a distance in metres, above 0"),
        ({"radius": 5, "shape": "quartic"}, "shape='quartic' is not known"),
        ({"radius": 5, "join": "middles"}, "join='middles' is not known; it is one of 'ends', 'vertices', 'crossings'"),
        ({"radius": 5, "tolerance": -1}, "tolerance=-1 is a distance in metres"),
        ({"radius": 5, "tolerance": True}, "tolerance=True is a distance in metres"),
    ],
)
def test_arguments_that_cannot_be_used(arguments, message):
    with pytest.raises(sg.ParameterError, match=message):
        sg.Network(roads([(0, 0), (1, 0)]), **arguments)


def test_streets_that_are_no_streets():
    with pytest.raises(sg.ParameterError, match="GeoDataFrame of lines or a networkx graph, not DataFrame"):
        sg.Network(pd.DataFrame({"a": [1]}), 500)
    with pytest.raises(sg.ParameterError, match="not str"):
        sg.Network("streets.gpkg", 500)
    with pytest.raises(sg.GeometryError, match=r"The streets have no coordinate reference system.*set_crs"):
        sg.Network(gpd.GeoSeries([LineString([(0, 0), (1, 1)])]), 500)
    mixed = gpd.GeoSeries(
        [LineString([(0, 0), (1, 1)]), Point(0, 0), Point(1, 1).buffer(1)], crs=CRS, index=list("xyz")
    )
    with pytest.raises(
        sg.GeometryError, match=r"2 streets of 3 have a geometry that is no line but Point, Polygon \(first: 'y', 'z'\)"
    ):
        sg.Network(mixed, 500)
    nothing = gpd.GeoSeries([None, LineString(), LineString([(1, 1), (1, 1)])], crs=CRS)
    with pytest.raises(sg.GeometryError, match="There are no streets: no line has a length"):
        sg.Network(nothing, 500)
    with pytest.raises(sg.GeometryError, match="There are no streets"):
        sg.Network(gpd.GeoSeries([], crs=CRS), 500)


def test_streets_without_length_are_left_out_and_counted():
    streets = pd.concat(
        [
            roads([(0, 0), (100, 0)]),
            gpd.GeoSeries([None, LineString(), LineString([(1, 1), (1, 1)])], index=["n", "e", "z"], crs=CRS),
        ]
    )
    with pytest.warns(
        sg.SegregateWarning, match=r"3 streets of 4 without geometry or length left out \(first: 'n', 'e', 'z'"
    ):
        network = sg.Network(streets, 200, "triangular")
    assert_allclose(dense(network, people([(0, 0), (100, 0)])), [[1, 0.5], [0.5, 1]], atol=1e-12)


def test_streets_smaller_than_the_tolerance_are_refused():
    network = sg.Network(roads([(0, 0), (1, 0)]), 500, join="crossings", tolerance=1000)
    with pytest.raises(sg.GeometryError, match="Nothing is left of the streets at tolerance=1000; take a smaller one"):
        network.on(people([(0, 0), (1, 1)]))


def test_streets_that_do_not_lie_where_the_units_are():
    pole = gpd.GeoSeries([LineString([(0, 90), (0, 91)])], crs=4326)
    with pytest.raises(sg.GeometryError, match=r"1 street of 1 has no place in .*first: 0.*outside the projection"):
        sg.Network(pole, 500).on(people([(0, 0), (1, 1)]))
    site = 'LOCAL_CS["building site",UNIT["metre",1]]'
    drawn = gpd.GeoDataFrame({"a": [1, 2], "b": [2, 1]}, geometry=[Point(0, 0), Point(1, 1)], crs=site)
    with pytest.raises(
        sg.GeometryError, match="The streets cannot be brought from WGS 84 / UTM zone 33N to building site"
    ):
        sg.Network(roads([(0, 0), (1, 0)]), 500).on(sg.Population.from_frame(drawn, ["a", "b"]))
    plan = gpd.GeoSeries([LineString([(0, 0), (1, 1)])], crs=site)
    found = dense(sg.Network(plan, 10, "triangular"), sg.Population.from_frame(drawn, ["a", "b"]))
    assert_allclose(found[0, 1], 1 - math.sqrt(2) / 10, atol=1e-12)


def test_graphs_that_cannot_be_used():
    lines = [[(0, 0), (50, 5), (100, 0)], [(100, 0), (100, 50)]]
    for word in ({"join": "ends"}, {"tolerance": 1.0}):
        with pytest.raises(sg.ParameterError, match="a graph says itself what is joined"):
            sg.Network(osm_like(lines), 500, **word)
    with pytest.raises(sg.GeometryError, match=r"The graph has no coordinate reference system.*graph\.graph\['crs'\]"):
        sg.Network(nx.path_graph(3), 500)
    with pytest.raises(sg.DataError, match="The graph has no edges"):
        sg.Network(nx.Graph(crs=CRS), 500)
    with pytest.raises(sg.GeometryError, match=r"3 nodes of 3 have no x and y that are numbers \(first: 0, 1, 2\)"):
        sg.Network(nx.Graph([(0, 1), (1, 2)], crs=CRS), 500)
    text, negative, drawn = osm_like(lines), osm_like(lines), osm_like(lines)
    for graph, key, value in [(text, "length", "12.5"), (negative, "length", -1.0), (drawn, "geometry", "LINESTRING")]:
        next(iter(graph.edges(data=True)))[2][key] = value
    with pytest.raises(sg.DataError, match=r"1 edge of 4 has a length that is no number of metres.*length '12.5'"):
        sg.Network(text, 500)
    with pytest.raises(sg.DataError, match=r"1 edge of 4 has a length that is no number of metres.*length -1.0"):
        sg.Network(negative, 500)
    with pytest.raises(sg.GeometryError, match="1 edge of 4 has a geometry that is no LineString"):
        sg.Network(drawn, 500)


def test_new_haven(shared_data):
    streets = gpd.read_parquet(shared_data("new_haven_network/newhaven_streets.parquet"))
    blocks = gpd.read_parquet(shared_data("new_haven_network/newhaven_blockgroups_1990.parquet"))
    pop = sg.Population.from_frame(blocks, ["white", "black", "asian_pi", "native", "other"])
    found = dense(sg.Network(streets, 1000), pop)
    assert_allclose(found, dense(sg.Network(streets, 1000, join="crossings"), pop), atol=1e-4)
    assert_allclose(found, found.T, atol=1e-12)
    straight = sg.Kernel(1000).on(pop).to_sparse().toarray()
    assert (found <= straight + 1e-12).all()
    assert (found > 0).sum() > 0.4 * (straight > 0).sum()
    # two block groups by brute force, over the same lines
    corners = [list(part.coords) for line in streets.geometry for part in shapely.get_parts(line)]
    rows = np.argsort(-found[0])[:6]
    distances = oracle_distances(corners, [tuple(pop.points[row]) for row in rows])
    assert_allclose(
        found[np.ix_(rows, rows)], np.maximum(0, 1 - (distances / 1000) ** 2) ** 2 * (distances <= 1000), atol=1e-9
    )
