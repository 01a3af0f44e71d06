"""Segregation along the streets beside that as the crow flies."""

import math

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from numpy.testing import assert_allclose, assert_array_equal
from shapely import LineString, Point, box

import segregate as sg
from segregate.plot.barrier_map import draw_barriers

CRS = "EPSG:32633"
HOMES = pd.DataFrame(
    {"a": [90, 90, 10, 10, 0], "b": [10, 10, 90, 50, 0], "c": [0, 20, 0, 40, 0]}, index=["nw", "ne", "sw", "se", "park"]
)
PLACES = [Point(0, 200), Point(600, 200), Point(0, 0), Point(600, 0), Point(300, 190)]


@pytest.fixture
def pop():
    """Four homes and a park without people, on both sides of a railway."""
    return sg.Population.from_frame(gpd.GeoDataFrame(HOMES, geometry=PLACES, crs=CRS), ["a", "b", "c"])


@pytest.fixture
def streets():
    """A street on each side; they meet in the west."""
    lines = [[(0, 200), (600, 200)], [(0, 0), (600, 0)], [(0, 0), (0, 200)]]
    return gpd.GeoSeries([LineString(line) for line in lines], crs=CRS)


def test_two_banks_by_hand(pop, streets):
    """Within 300 m each meets who lives across as the crow flies; along the streets only the two in the west do."""
    two = pop.select("a", "b")
    found = sg.barriers(two, streets, 300, index="D", shape="uniform")
    people = np.array([[90, 10], [90, 10], [10, 90], [10, 50]])
    across = people + people[[2, 3, 0, 1]]
    along = np.array([across[0], people[1], across[2], people[3]])

    def dissimilarity(met):  # sum of t |p - P| / (2 T P (1 - P)), with p the share among those met
        t, share = people.sum(axis=1), 200 / 360
        return sum(t[j] * abs(met[j][0] / sum(met[j]) - share) for j in range(4)) / (2 * 360 * share * (1 - share))

    row = found.table.iloc[0]
    assert_allclose(row["straight"], dissimilarity(across), rtol=1e-12)
    assert_allclose(row["streets"], dissimilarity(along), rtol=1e-12)
    assert_allclose(row["difference"], dissimilarity(along) - dissimilarity(across), rtol=1e-12)
    assert row["difference"] > 0.2
    assert (row["status"], row["message"], row["group"], row["versus"]) == ("ok", "", "", "")
    assert_allclose(found.local["cut_off"], [0, 60 / 160, 0, 100 / 160, np.nan], atol=1e-12)
    assert_allclose(found.local["snap"], [0, 0, 0, 0, 10], atol=1e-9)
    assert found.notes == ()


def test_what_each_unit_loses_is_that_of_brute_force(pop, streets):
    """The divergence of whom people meet, with a kernel that counts the distance."""
    found = sg.barriers(pop, streets, 900, shape="triangular").local
    straight = [[math.dist((a.x, a.y), (b.x, b.y)) for b in PLACES] for a in PLACES]
    # the park reaches the northern street in its middle, 10 m away
    walked = [
        [0, 600, 200, 800, 310],
        [600, 0, 800, 1400, 310],
        [200, 800, 0, 600, 510],
        [800, 1400, 600, 0, 1110],
        [310, 310, 510, 1110, 0],
    ]
    counts = HOMES.to_numpy()
    for j in range(4):
        met = []
        for distances in (straight, walked):
            around = [0.0, 0.0, 0.0]
            for i in range(5):
                for m in range(3):
                    around[m] += max(0, 1 - distances[j][i] / 900) * counts[i][m]
            met.append(around)
        near, there = met
        assert_allclose(found["cut_off"].iloc[j], 1 - sum(there) / sum(near), atol=1e-12)
        p, q = [x / sum(near) for x in near], [x / sum(there) for x in there]
        assert_allclose(
            found["divergence"].iloc[j], sum(b * math.log(b / a) for a, b in zip(p, q, strict=True)), atol=1e-12
        )
    assert found[["cut_off", "divergence"]].iloc[4].isna().all()


def test_every_index_is_that_of_the_two_environments(pop, streets):
    found = sg.barriers(pop, streets, 300, index=["H", "R", "M"]).table
    straight, walked = pop.within(sg.Kernel(300)), pop.within(sg.Network(streets, 300))
    assert found["index"].to_list() == ["information_theory", "relative_diversity", "mutual_information"]
    for row, function in zip(
        found.itertuples(), [sg.information_theory, sg.relative_diversity, sg.mutual_information], strict=True
    ):
        assert (row.straight, row.streets) == (function(straight), function(walked))


def test_indices_about_groups(pop, streets):
    straight, walked = pop.within(sg.Kernel(300)), pop.within(sg.Network(streets, 300))
    row = sg.barriers(pop, streets, 300, index="isolation", group="b").table.iloc[0]
    assert (row["group"], row["versus"]) == ("b", "rest")
    assert row["streets"] == sg.isolation(walked, group="b")
    row = sg.barriers(pop, streets, 300, index="exposure", group="b", other="a").table.iloc[0]
    assert (row["group"], row["versus"]) == ("b", "a")
    assert row["straight"] == sg.exposure(straight, group="b", other="a")
    row = sg.barriers(pop, streets, 300, index=sg.bind("atkinson", b=0.2), group="a", other="c").table.iloc[0]
    assert (row["group"], row["versus"], row["params"]) == ("a", "c", '{"b": 0.2}')
    assert row["streets"] == sg.atkinson(walked.select("a", "c"), b=0.2)


def test_without_barriers_there_is_no_difference(pop):
    corners = [(point.x, point.y) for point in PLACES]
    pairs = [LineString([corners[i], corners[j]]) for i in range(5) for j in range(i)]
    found = sg.barriers(pop, gpd.GeoSeries(pairs, crs=CRS), 700)
    assert_allclose(found.table["difference"], 0, atol=1e-12)
    assert_allclose(found.local["cut_off"].dropna(), 0, atol=1e-12)
    assert_allclose(found.local["divergence"].dropna(), 0, atol=1e-12)


def test_an_environment_that_the_population_has_is_replaced(pop, streets):
    near = pop.within(sg.Kernel(5000))
    expected = sg.barriers(pop, streets, 300)
    found = sg.barriers(near, streets, 300)
    pd.testing.assert_frame_equal(found.table, expected.table)
    assert_array_equal(found.local["cut_off"], expected.local["cut_off"])


def test_units_without_a_street_are_counted(pop):
    streets = gpd.GeoSeries([LineString([(0, 0), (600, 0)])], crs=CRS)
    with pytest.warns(sg.SegregateWarning, match="3 units of 5 are farther than 150 m"):
        found = sg.barriers(pop, streets, 150)
    assert found.notes == ("3 units farther than 150 m from any street",)
    assert "note: 3 units farther than 150 m from any street" in repr(found)
    assert found.notes[0] in found.local.attrs["segregate"]["notes"]


def test_an_undefined_index_says_why(streets):
    homes = gpd.GeoDataFrame({"a": [5, 8, 2, 1], "b": [0, 0, 0, 0]}, geometry=PLACES[:4], crs=CRS)
    row = sg.barriers(sg.Population.from_frame(homes, ["a", "b"]), streets, 300).table.iloc[0]
    assert np.isnan([row["straight"], row["streets"], row["difference"]]).all()
    assert row["status"] == "undefined"
    assert row["message"].startswith("as the crow flies: ")
    assert "; along the streets: " in row["message"]


def test_a_graph_shorter_than_the_straight_line_is_not_clipped():
    """Its lengths say that people walk 50 m where they are 100 m apart: they meet more, and other, people."""
    homes = gpd.GeoDataFrame({"a": [10, 0], "b": [10, 30]}, geometry=[Point(0, 0), Point(100, 0)], crs=CRS)
    graph = nx.Graph(crs=CRS)
    graph.add_node("w", x=0.0, y=0.0)
    graph.add_node("e", x=100.0, y=0.0)
    graph.add_edge("w", "e", length=50.0)
    pop = sg.Population.from_frame(homes, ["a", "b"])
    local = sg.barriers(pop, graph, 80, shape="triangular").local
    share = 1 - 50 / 80
    assert_allclose(local["cut_off"], [1 - (20 + share * 30) / 20, 1 - (30 + share * 20) / 30], rtol=1e-12)
    assert np.isfinite(local["divergence"][0])
    assert np.isnan(local["divergence"][1])  # people of a met along the streets only


def test_where_lines_are_joined_is_handed_on(pop):
    cross = gpd.GeoSeries([LineString([(0, 200), (600, 0)]), LineString([(0, 0), (600, 200)])], crs=CRS)
    with pytest.warns(sg.SegregateWarning, match="join='crossings'"):
        apart = sg.barriers(pop, cross, 700, shape="uniform")
    joined = sg.barriers(pop, cross, 700, shape="uniform", join="crossings")
    close = sg.barriers(pop, cross, 700, shape="uniform", join="crossings", tolerance=1.0)
    assert apart.table["streets"][0] > joined.table["streets"][0]
    assert_allclose(close.table["streets"], joined.table["streets"], rtol=1e-12)


# how it shows itself


def test_it_shows_itself(pop, streets):
    found = sg.barriers(pop, streets, 300, index=["H", "R"])
    text = repr(found)
    row = found.table.iloc[0]
    assert text.startswith(
        f"Barriers within 300 m (biweight): information_theory {row['straight']:.4g} as the crow flies, "
        f"{row['streets']:.4g} along the streets (and 1 more)"
    )
    assert "relative_diversity" in found._repr_html_()
    columns = ["index", "symbol", "group", "versus", "params", "straight", "streets", "difference", "status", "message"]
    assert found.table.columns.to_list() == columns
    assert found.local.columns.to_list() == ["id", "cut_off", "divergence", "snap", "geometry"]
    assert isinstance(found, sg.Barriers)


def test_its_map(streets):
    shapes = [box(point.x - 50, point.y - 20, point.x + 50, point.y + 20) for point in PLACES]
    pop = sg.Population.from_frame(gpd.GeoDataFrame(HOMES, geometry=shapes, crs=CRS), ["a", "b", "c"])
    found = sg.barriers(pop, streets, 300, shape="uniform")
    ax = Figure(figsize=(7, 5)).add_subplot()
    assert draw_barriers(found, ax=ax) is ax
    assert ax.get_title(loc="left") == "People cut off by the streets"
    other = Figure(figsize=(7, 5)).add_subplot()
    assert found.plot(ax=other) is other
    assert len(other.collections) == len(ax.collections) > 0
    prepared = sg.plot.prepare_map(found.local)
    assert prepared.column == "cut_off"
    for words in ("People cut off by the streets. ", "Environment: network uniform 300 m", "5 units, 420 people"):
        assert words in prepared.caption
    assert sg.plot.prepare_map(found.local, "divergence").column == "divergence"
    with pytest.raises(
        sg.ParameterError, match=r"A map of barriers shows what segregate\.barriers returns, not GeoDataFrame"
    ):
        draw_barriers(found.local)


# what is refused


@pytest.mark.parametrize(
    ("index", "message"),
    [
        ("divergence", "divergence gives one value per unit; barriers compares indices of the whole"),
        ("delta", "delta has a meaning only at home, where streets change nothing"),
        ([], "barriers needs an index at least"),
    ],
)
def test_indices_that_cannot_be_compared(pop, streets, index, message):
    with pytest.raises(sg.ParameterError, match=message):
        sg.barriers(pop, streets, 300, index=index)


def test_what_is_no_population(streets):
    with pytest.raises(sg.ParameterError, match="barriers takes a Population, not GeoDataFrame"):
        sg.barriers(gpd.GeoDataFrame(HOMES, geometry=PLACES, crs=CRS), streets, 300)
    with pytest.raises(sg.UnknownNameError):
        sg.barriers(sg.sample("schools"), streets, 300, index="nonsense")
    with pytest.raises(sg.ParameterError, match="radius='far' is a distance in metres"):
        sg.barriers(sg.sample("schools"), streets, "far")


def test_new_haven(shared_data):
    streets = gpd.read_parquet(shared_data("new_haven_network/newhaven_streets.parquet"))
    blocks = gpd.read_parquet(shared_data("new_haven_network/newhaven_blockgroups_1990.parquet"))
    pop = sg.Population.from_frame(blocks, ["white", "black", "asian_pi", "native", "other"])
    found = sg.barriers(pop, streets, 1000)
    shares = found.local["cut_off"].dropna()
    assert ((shares >= -1e-12) & (shares < 1)).all()
    assert (found.local["divergence"].dropna() >= 0).all()
    row = found.table.iloc[0]
    assert row["straight"] == sg.information_theory(pop.within(sg.Kernel(1000)))
    assert row["streets"] == sg.information_theory(pop.within(sg.Network(streets, 1000)))
