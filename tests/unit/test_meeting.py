"""Whom people meet in several settings: the model of Huff against plain loops, and its limits."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import segregate as sg
from segregate.errors import DataError, ParameterError


def town(seed=1, units=24):
    rng = np.random.default_rng(seed)
    counts = rng.integers(1, 40, (units, 3))
    spots = shapely.points(rng.uniform(0, 2500, (units, 2)) + np.array([5e5, 5e6]))
    frame = gpd.GeoDataFrame(pd.DataFrame(counts, columns=list("abc")), geometry=spots, crs="EPSG:32633")
    return sg.Population.from_frame(frame, list("abc"))


def squares(seed=2, places=5):
    rng = np.random.default_rng(seed)
    return gpd.GeoDataFrame(
        {"visitors": rng.integers(1, 9, places).astype(float)},
        geometry=shapely.points(rng.uniform(0, 2500, (places, 2)) + np.array([5e5, 5e6])),
        crs="EPSG:32633",
    )


@pytest.mark.parametrize("exponent", [1.0, 0.5])
def test_against_plain_loops(exponent):
    pop, places = town(), squares()
    near = pop.within(sg.schools.huff(pop, places, scale=400.0, attraction="visitors", exponent=exponent))
    spots = shapely.get_coordinates(places.geometry)
    goes = []
    for i in range(pop.n_units):
        pull = [
            v**exponent * np.exp(-np.hypot(*(pop.points[i] - spots[k])) / 400.0)
            for k, v in enumerate(places["visitors"])
        ]
        goes.append([one / sum(pull) for one in pull])
    present = [
        [sum(goes[i][k] * pop.counts[i, m] for i in range(pop.n_units)) for m in range(3)] for k in range(len(places))
    ]
    for g in range(3):
        for h in range(3):
            total = 0.0
            for i in range(pop.n_units):
                met = sum(goes[i][k] * present[k][h] / sum(present[k]) for k in range(len(places)))
                total += pop.counts[i, g] * met
            expected = total / pop.counts[:, g].sum()
            one, other = "abc"[g], "abc"[h]
            alone = g == h
            value = sg.isolation(near, group=one) if alone else sg.exposure(near, group=one, other=other)
            assert value == pytest.approx(expected, rel=1e-12)


def test_without_decay_everybody_meets_the_city():
    pop = town()
    far = sg.schools.huff(pop, squares(), scale=float("inf"), attraction="visitors")
    found = sg.meeting(pop, {"squares": far}).table
    here = found[found["setting"] == "squares"]
    np.testing.assert_allclose(here["value"], here["mixing"], rtol=1e-12)
    shares = dict(zip(pop.groups, pop.shares, strict=True))
    np.testing.assert_allclose(here["value"], [shares[name] for name in here["versus"]], rtol=1e-12)


def test_with_infinite_decay_people_stay_at_home():
    pop = town()
    places = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*pop.points.T), crs="EPSG:32633")
    for scale in (0, 1e-3):
        found = sg.meeting(pop, {"doorstep": sg.schools.huff(pop, places, scale=scale)}).table
        here = found[found["setting"] == "doorstep"]
        np.testing.assert_allclose(here["value"], here["home"], rtol=1e-12)
        np.testing.assert_allclose(here["difference"], 0, atol=1e-12)


def test_settings_side_by_side():
    pop = town()
    work = sg.Flows(np.random.default_rng(3).random((pop.n_units, 4)))
    found = sg.meeting(pop, {"work": work, "street": sg.Kernel(500)}, "H")
    assert found.table["setting"].tolist() == ["home", "work", "street"]
    assert found.table["value"].tolist() == [
        sg.information_theory(pop),
        sg.information_theory(pop.within(work)),
        sg.information_theory(pop.within(sg.Kernel(500))),
    ]
    assert found.table["mixing"].abs().max() < 1e-12
    assert "3 settings: home, work, street" in repr(found)
    rest = sg.meeting(pop, {"work": work}, "isolation", versus="rest").table
    assert rest["group"].tolist() == list("abc") * 2


def test_equally_near_places_share_people_by_their_attraction():
    pop = sg.Population.from_frame(pd.DataFrame({"a": [8, 0], "b": [0, 10]}, index=["u", "v"]), ["a", "b"])
    places = pd.DataFrame({"n": [1.0, 3.0, 7.0]}, index=list("xyz"))
    costs = np.array([[2.0, 2.0, 9.0], [0.0, 5.0, 9.0]])
    near = pop.within(sg.schools.huff(pop, places, costs, scale=0, attraction="n"))
    # u sends 2 of 8 to x, where the 10 of v are, and 6 to y, where they are alone
    assert sg.exposure(near, group="a", other="b") == pytest.approx(0.25 * 10 / 12, rel=1e-12)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"scale": -1}, "scale=-1 is a cost, 0 or more"),
        ({"scale": True}, "scale=True is a cost"),
        ({"scale": 1, "exponent": -2}, "exponent=-2"),
        ({"scale": 1, "attraction": "visits"}, "Did you mean 'visitors'"),
    ],
)
def test_what_huff_refuses(how, message):
    with pytest.raises((ParameterError, LookupError), match=message):
        sg.schools.huff(town(), squares(), **how)


def test_places_that_nobody_reaches():
    pop, places = town(), squares()
    costs = np.full((24, 5), 3.0)
    costs[2] = np.nan
    with pytest.raises(DataError, match="1 unit with .* people cannot reach any place"):
        sg.schools.huff(pop, places, costs, scale=1)
    places["visitors"] = 0.0
    with pytest.raises(DataError, match="No place attracts anybody"):
        sg.schools.huff(pop, places, scale=1, attraction="visitors")


@pytest.mark.parametrize(
    ("settings", "index", "message"),
    [
        ({}, "H", "settings= is a mapping"),
        ({"home": sg.Kernel(5)}, "H", "home is always there"),
        ({"work": sg.Kernel}, "H", "'work' is no environment"),
        ({"work": 3}, "H", "'work' is no environment"),
        ({"work": sg.Kernel(5)}, "hutchens", "has a meaning only at home"),
    ],
)
def test_what_meeting_refuses(settings, index, message):
    with pytest.raises(ParameterError, match=message):
        sg.meeting(town(), settings, index)
