"""The order of operations, rule by rule, for every environment: who sees whom after which step."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, box

import segregate as sg
from tests.helpers import quietly

SIDE, ROWS = 400.0, 8
GROUPS = ["a", "b", "c"]
STREETS = gpd.GeoSeries(
    [LineString([(5e5, 5.5e6 + SIDE * (k + 0.5)), (5e5 + SIDE * ROWS, 5.5e6 + SIDE * (k + 0.5))]) for k in range(ROWS)]
    + [
        LineString([(5e5 + SIDE * (k + 0.5), 5.5e6), (5e5 + SIDE * (k + 0.5), 5.5e6 + SIDE * ROWS)])
        for k in range(ROWS)
    ],
    crs="EPSG:32633",
)


@pytest.fixture(scope="module")
def city():
    rng = np.random.default_rng(4)
    plots = [
        box(5e5 + SIDE * i, 5.5e6 + SIDE * j, 5e5 + SIDE * (i + 1), 5.5e6 + SIDE * (j + 1))
        for j in range(ROWS)
        for i in range(ROWS)
    ]
    counts = rng.gamma(0.6, 40, (ROWS**2, 3)).round() + 1
    frame = gpd.GeoDataFrame(pd.DataFrame(counts, columns=GROUPS), geometry=plots, crs="EPSG:32633")
    frame["district"] = ["west" if k % ROWS < 3 else "east" for k in range(ROWS**2)]
    return sg.Population.from_frame(frame, GROUPS)


ENVIRONMENTS = {
    "kernel": sg.Kernel(1000),
    "gaussian": sg.Kernel(400, "gaussian"),
    "decay": sg.Decay(600),
    "nearest": sg.Nearest(900),
    "contiguity": sg.Contiguity(2),
    "network": sg.Network(STREETS, 1000, join="crossings"),
}


@pytest.fixture(params=ENVIRONMENTS)
def environment(request):
    return ENVIRONMENTS[request.param]


def test_groups_chosen_afterwards_keep_the_same_w(city, environment):
    nearby = city.within(environment)
    for chosen, columns in ((nearby.select("c", "a"), [2, 0]), (nearby.merge({"a": ["a"]}), [0, 1, 2])):
        np.testing.assert_array_equal(chosen.surroundings, nearby.surroundings[:, columns])
    rest = nearby.versus("b")
    np.testing.assert_allclose(rest.surroundings[:, 1], nearby.surroundings[:, [0, 2]].sum(axis=1), rtol=1e-13)


def test_groups_chosen_before_are_all_that_nearest_counts(city):
    chosen = city.select("a", "b")
    around = chosen.within(sg.Nearest(900)).surroundings.sum(axis=1)
    np.testing.assert_allclose(around, 900, rtol=1e-12)
    after = city.within(sg.Nearest(900)).select("a", "b").surroundings.sum(axis=1)
    assert (after < 900).all()


def test_rows_chosen_afterwards_keep_the_whole_around_them(city, environment):
    west = city.attributes["district"].eq("west").to_numpy()
    nearby = city.within(environment)
    np.testing.assert_array_equal(nearby.subset(west).surroundings, nearby.surroundings[west])
    np.testing.assert_array_equal(nearby.split("district")["west"].surroundings, nearby.surroundings[west])


def test_rows_chosen_before_do_not_see_the_rest(city, environment):
    west = city.attributes["district"].eq("west").to_numpy()
    alone = city.subset(west).within(environment).surroundings
    assert not np.allclose(alone, city.within(environment).surroundings[west])


def test_by_with_an_environment_measures_each_region_alone(city, environment):
    table = quietly(sg.measure, city, ["H", "isolation"], by="district", environment=environment)
    for district, part in city.split("district").items():
        alone = quietly(sg.measure, part, ["H", "isolation"], environment=environment)
        here = table[table["district"] == district]
        np.testing.assert_allclose(here["value"], alone["value"], rtol=1e-11)
        assert set(here["environment"]) == {str(environment)}


def test_by_within_an_environment_keeps_neighbours_across_the_edge(city, environment):
    nearby = city.within(environment)
    table = sg.measure(nearby, "H", by="district").set_index("district")["value"]
    for district, part in nearby.split("district").items():
        assert table[district] == pytest.approx(sg.information_theory(part), rel=1e-12)
    alone = quietly(sg.measure, city, "H", by="district", environment=environment).set_index("district")["value"]
    assert abs(table["west"] - alone["west"]) > 1e-6


def test_within_replaces_and_home_removes(city, environment):
    twice = city.within(sg.Kernel(5000)).within(environment)
    np.testing.assert_array_equal(twice.surroundings, city.within(environment).surroundings)
    assert twice.home().at_home
    assert sg.information_theory(twice.home()) == sg.information_theory(city)


def test_what_has_a_meaning_only_at_home_is_refused(city, environment):
    with pytest.raises(sg.ParameterError, match="only at home"):
        sg.hutchens(city.within(environment))


def test_people_keep_their_weight_and_the_city_its_shares(city, environment):
    nearby = city.within(environment)
    np.testing.assert_array_equal(nearby.counts, city.counts)
    np.testing.assert_array_equal(nearby.shares, city.shares)
    by_hand = (nearby.counts[:, 0] / nearby.counts[:, 0].sum() * nearby.composition[:, 1]).sum()
    assert sg.exposure(nearby, group="a", other="b") == pytest.approx(by_hand, rel=1e-12)
