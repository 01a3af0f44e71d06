"""Profiles over scale: every scale equals the environment alone, radius to 0 is home, far away is everybody."""

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import segregate as sg
from tests.helpers import quietly

GROUPS = ["a", "b", "c"]


@pytest.fixture(scope="module")
def city():
    rng = np.random.default_rng(3)
    counts = rng.gamma(0.6, 40, (300, 3)).round()
    counts[[5, 77]] = 0
    frame = pd.DataFrame(counts, columns=GROUPS)
    frame["x"], frame["y"] = 500_000 + rng.uniform(0, 9000, 300), 5_500_000 + rng.uniform(0, 9000, 300)
    return sg.Population.from_frame(frame, GROUPS, points=("x", "y"), crs="EPSG:32633")


@pytest.mark.parametrize("shape", ["biweight", "epanechnikov", "triangular", "uniform", "gaussian"])
def test_each_radius_equals_the_kernel_alone(city, shape):
    radii = [0, 300, 777.7, 2500, 20_000]
    found = quietly(sg.profile, city, ["H", "D", "isolation"], radii, shape=shape, group="b")
    for radius in radii:
        alone = city if radius == 0 else city.within(sg.Kernel(radius, shape))
        rows = found.table[found.table["radius"] == radius].set_index("index")["value"]
        assert rows["information_theory"] == pytest.approx(sg.information_theory(alone), rel=1e-11)
        assert rows["dissimilarity"] == pytest.approx(sg.dissimilarity(alone), rel=1e-11)
        assert rows["isolation"] == pytest.approx(sg.isolation(alone, group="b"), rel=1e-11)


def test_people_equal_the_nearest_alone(city):
    numbers = [0, 50, 1000, 8000]
    found = sg.profile(city, "H", people=numbers)
    assert found.scale == "people"
    for number, value in zip(found.table["people"], found.table["value"], strict=True):
        alone = city if number == 0 else city.within(sg.Nearest(number))
        assert value == pytest.approx(sg.information_theory(alone), rel=1e-11)


def test_small_radius_is_home_and_a_large_one_everybody(city):
    values = sg.profile(city, ["H", "D", "R"], [1e-3, 1e12]).table
    small, large = (values[values["radius"] == radius].set_index("index")["value"] for radius in (1e-3, 1e12))
    for name in ("information_theory", "dissimilarity", "relative_diversity"):
        assert small[name] == pytest.approx(getattr(sg, name)(city), rel=1e-12)
        assert large[name] == pytest.approx(0, abs=1e-12)


def test_scales_come_sorted_and_once(city):
    found = sg.profile(city, "H", [2000, 500, 2000, 0])
    assert found.table["radius"].tolist() == [0, 500, 2000]


def test_macro_micro_by_hand(city):
    found = sg.profile(city, ["H", "D"])
    assert found.table["radius"].unique().tolist() == [0, 500, 1000, 2000, 4000]
    micro = sg.information_theory(city.within(sg.Kernel(500)))
    macro = sg.information_theory(city.within(sg.Kernel(4000)))
    row = found.macro_micro.set_index("index").loc["information_theory"]
    assert row["ratio"] == pytest.approx(macro / micro, rel=1e-11)
    assert row["net_micro"] == pytest.approx(micro - macro, rel=1e-11)
    with pytest.raises(sg.ParameterError, match="compares 4000 m with 500 m"):
        _ = sg.profile(city, "H", [1000]).macro_micro
    with pytest.raises(sg.ParameterError, match="compares 4000 m with 500 m"):
        _ = sg.profile(city, "H", people=[1000]).macro_micro


def test_two_group_indices_take_a_group_or_a_pair(city):
    against_rest = sg.profile(city, "atkinson", [0, 1000], group="b").table
    assert against_rest["versus"].tolist() == ["rest", "rest"]
    assert against_rest["value"][0] == pytest.approx(sg.atkinson(city.versus("b")), rel=1e-12)
    pair = sg.profile(city, "atkinson", [0, 1000], group="b", other="c").table
    assert pair["value"][1] == pytest.approx(sg.atkinson(city.within(sg.Kernel(1000)).select("b", "c")), rel=1e-11)
    with pytest.raises(sg.ParameterError, match="versus"):
        sg.profile(city, "atkinson", [0])


def test_local_indices_give_units(city):
    found = sg.profile(city, ["divergence", "H"], [0, 1500])
    assert found.units is not None
    units = found.units[found.units["radius"] == 1500]
    expected = sg.divergence(city.within(sg.Kernel(1500)))
    np.testing.assert_allclose(units["value"], expected, rtol=1e-10, equal_nan=True)
    assert set(found.table["index"]) == {"information_theory"}


def test_what_a_profile_refuses(city):
    with pytest.raises(sg.ParameterError, match="not over both"):
        sg.profile(city, "H", [500], people=[100])
    with pytest.raises(sg.ParameterError, match="radius=-1 is not a number of metres, 0 or more"):
        sg.profile(city, "H", [-1])
    with pytest.raises(sg.ParameterError, match="people=nan is not a number of people"):
        sg.profile(city, "H", people=[math.nan])
    with pytest.raises(sg.ParameterError, match="needs one radius at least"):
        sg.profile(city, "H", [])
    with pytest.raises(sg.ParameterError, match="needs an index at least"):
        sg.profile(city, [], [500])
    with pytest.raises(sg.ParameterError, match="gorard has a meaning only at home, so it has no profile over radius"):
        sg.profile(city, ["H", "gorard"], [500], group="a")
    with pytest.raises(sg.ParameterError, match="shape= is the kernel of radii"):
        sg.profile(city, "H", people=[100], shape="uniform")
    with pytest.raises(sg.ParameterError, match="shape='round' is not known"):
        sg.profile(city, "H", [100], shape="round")
    with pytest.raises(sg.ParameterError, match="takes a Population"):
        sg.profile(pd.DataFrame(), "H")


def test_a_profile_shows_itself(city):
    found = sg.profile(city, "H", [0, 500])
    assert repr(found).startswith("Profile of information_theory at 2 scales (radius in metres)")
    assert "<table" in found._repr_html_()


# edges ---------------------------------------------------------------------------------


def square_city(columns=5, rows=5, side=1000.0):
    boxes = [
        shapely.box(5e5 + side * i, 5.5e6 + side * j, 5e5 + side * (i + 1), 5.5e6 + side * (j + 1))
        for j in range(rows)
        for i in range(columns)
    ]
    n = len(boxes)
    frame = gpd.GeoDataFrame({"a": np.arange(n) + 1.0, "b": np.arange(n)[::-1] + 1.0}, geometry=boxes, crs=32633)
    return sg.Population.from_frame(frame, ["a", "b"])


def test_edges_of_a_square_by_hand():
    pop = square_city()
    inside = sg.edges(pop.within(sg.Kernel(499.0)))
    assert inside.people == 0
    assert inside.mean == 0
    found = sg.edges(pop.within(sg.Kernel(1000.0)))
    values = found.units["value"].to_numpy().reshape(5, 5)
    assert (values[1:4, 1:4] == 0).all()
    # a circle of 1000 m whose centre is 500 m from a straight edge: the segment beyond it
    segment = (math.acos(0.5) - 0.5 * math.sqrt(0.75)) / math.pi
    assert values[0, 2] == pytest.approx(segment, rel=5e-3)
    assert found.people == pytest.approx(16 / 25, rel=1e-12)
    assert found.mean == pytest.approx(np.average(values.ravel(), weights=pop.totals), rel=1e-12)
    assert "64.0% of the people" in repr(found)
    assert found.units.attrs["segregate"]["title"] == "Share of the environment outside the data"


def test_edges_of_other_circles():
    pop = square_city()
    decay = sg.edges(pop.within(sg.Decay(200.0)))
    assert decay.units["radius"].iloc[0] == pytest.approx(948.77, rel=1e-4)
    gauss = sg.edges(pop.within(sg.Kernel(200.0, "gaussian")))
    assert gauss.units["radius"].iloc[0] == pytest.approx(489.55, rel=1e-4)
    near = sg.edges(pop.within(sg.Nearest(60)))
    assert near.units["radius"].max() <= 1000 * math.sqrt(2) + 1e-6
    with pytest.raises(sg.ParameterError, match="this population is at home"):
        sg.edges(pop)
    with pytest.raises(sg.ParameterError, match="within contiguity"):
        sg.edges(pop.within(sg.Contiguity()))


# buffer --------------------------------------------------------------------------------


@pytest.mark.parametrize("environment", [sg.Kernel(1600), sg.Decay(700), sg.Nearest(90), sg.Contiguity()], ids=str)
def test_a_buffer_surrounds_and_is_not_measured(environment):
    whole = square_city(7, 7)
    middle = np.zeros((7, 7), dtype=bool)
    middle[2:5, 2:5] = True
    inner, outer = whole.subset(middle.ravel()), whole.subset(~middle.ravel())
    expected = whole.within(environment).subset(middle.ravel())
    nearby = inner.within(environment, buffer=outer)
    np.testing.assert_allclose(nearby.surroundings, expected.surroundings, rtol=1e-12)
    assert sg.information_theory(nearby) == pytest.approx(sg.information_theory(expected), rel=1e-12)
    assert nearby.ids.equals(inner.ids)
    assert nearby.size == inner.size
    assert "surrounded by 40 further units" in nearby.notes[-1]
    turned = sg.Population.from_frame(outer.to_frame().rename_axis("id"), ["b", "a"])
    np.testing.assert_allclose(inner.within(environment, buffer=turned).surroundings, expected.surroundings, rtol=1e-12)


def test_what_a_buffer_must_be():
    whole = square_city()
    inner, outer = whole.subset(np.arange(25) < 9), whole.subset(np.arange(25) >= 9)
    with pytest.raises(sg.ParameterError, match="9 units are in the population and in the buffer"):
        whole.subset(np.arange(25) < 9).within(sg.Kernel(900), buffer=whole.subset(np.arange(25) < 20))
    other = outer.merge({"c": ["b"]})
    with pytest.raises(sg.UnknownNameError, match="The buffer has the groups"):
        inner.within(sg.Kernel(900), buffer=other)
    bare = sg.Population.from_frame(pd.DataFrame({"a": [1], "b": [2]}, index=["x"]), ["a", "b"])
    with pytest.raises(sg.GeometryError, match="need geometry both"):
        inner.within(sg.Kernel(900), buffer=bare)
    with pytest.raises(sg.ParameterError, match="buffer= and by="):
        inner.within(sg.Kernel(900), buffer=outer, by=np.arange(9) % 2)


# sensitivity ---------------------------------------------------------------------------


def test_sensitivity_varies_one_choice_at_a_time():
    pop = square_city(12, 12, 400.0)
    found = sg.sensitivity(pop, "H", radius=800)
    table = found.table.set_index(["aspect", "setting"])["value"]
    assert table["radius", "800 m"] == table["kernel", "biweight"] == table["points", "centroid"]
    assert table["radius", "400 m"] == pytest.approx(sg.information_theory(pop.within(sg.Kernel(400))), rel=1e-12)
    uniform = sg.information_theory(pop.within(sg.Kernel(800, "uniform")))
    assert table["kernel", "uniform"] == pytest.approx(uniform, rel=1e-12)
    assert table["coarser units", "as they are"] == sg.information_theory(pop)
    # cells of 800 m from the first point on: two by two squares of 400 m
    counts = pop.counts.reshape(6, 2, 6, 2, 2).sum(axis=(1, 3)).reshape(36, 2)
    coarse = sg.Population.from_frame(pd.DataFrame(counts, columns=["a", "b"]), ["a", "b"])
    assert table["coarser units", "cells of 800 m"] == pytest.approx(sg.information_theory(coarse), rel=1e-12)
    bases = found.table.loc[found.table["base"]]
    assert bases.groupby("aspect").size().eq(1).all()
    assert (bases["difference"] == 0).all()


def test_sensitivity_of_home_indices_and_what_it_refuses():
    pop = square_city()
    found = sg.sensitivity(pop, "gorard", radius=2000, group="a")
    assert set(found.table["aspect"]) == {"coarser units", "grid offset"}
    assert found.group == "a"
    with pytest.raises(sg.ParameterError, match="divergence gives one value per unit"):
        sg.sensitivity(pop, "divergence")
    with pytest.raises(sg.ParameterError, match="delta needs area"):
        sg.sensitivity(pop, "delta", group="a")
    with pytest.raises(sg.ParameterError, match="radius=0 is a distance in metres"):
        sg.sensitivity(pop, "H", radius=0)
