"""The centre of a city: every form that it takes, what is refused, and where it may be asked for."""

import json
import math
import subprocess
import sys
import warnings
from io import StringIO
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point, box

import segregate as sg
from segregate import Population
from segregate._centre import Centre, as_centre

CRS = "EPSG:32633"
WEST, SOUTH = 500_000.0, 5_500_000.0
X = [30.0, 10.0, 0.0, 60.0]
Y = [10.0, 50.0, 40.0, 0.0]
EAST = [0.0, 1000.0, 2000.0, 5000.0]
IDS = ["old town", "harbour", "hill", "village"]


def frame(crs: object = CRS) -> gpd.GeoDataFrame:
    """Return four places in a row."""
    points = gpd.GeoSeries([Point(WEST + east, SOUTH) for east in EAST], crs=CRS)
    return gpd.GeoDataFrame({"x": X, "y": Y, "unit": IDS, "m2": [1.0, 2.0, 5.0, 2.0]}, geometry=points).to_crs(crs)


def city(crs: object = CRS) -> Population:
    return Population.from_frame(frame(crs), ["x", "y"], id="unit", area="m2")


def share(centre: object, radius: float, population: Population | None = None) -> float:
    return sg.central_share(city() if population is None else population, centre=centre, radius=radius)


# what a centre may be


FORMS = [
    ((1.0, 2.0), Centre(points=((1.0, 2.0),))),
    ((1, 2), Centre(points=((1.0, 2.0),))),
    ([1.0, 2.0], Centre(points=((1.0, 2.0),))),
    (np.array([1.0, 2.0]), Centre(points=((1.0, 2.0),))),
    (np.array([1, 2]), Centre(points=((1.0, 2.0),))),
    (Point(1, 2), Centre(points=((1.0, 2.0),))),
    (Point(1, 2, 3), Centre(points=((1.0, 2.0),))),
    ("hill", Centre(units=("hill",))),
    (7, Centre(units=(7,))),
    (np.int64(7), Centre(units=(7,))),
    ([7, 8], Centre(units=(7, 8))),
    ([7, 8, 9], Centre(units=(7, 8, 9))),
    (["hill", "harbour"], Centre(units=("hill", "harbour"))),
    (("hill", "harbour"), Centre(units=("hill", "harbour"))),
    (np.array(["hill", "harbour"]), Centre(units=("hill", "harbour"))),
    ([(1, 2), (3, 4)], Centre(points=((1.0, 2.0), (3.0, 4.0)))),
    ([[1, 2]], Centre(points=((1.0, 2.0),))),
    (np.array([[1.0, 2.0], [3.0, 4.0]]), Centre(points=((1.0, 2.0), (3.0, 4.0)))),
    ([(1, 2), "hill", Point(3, 4)], Centre(points=((1.0, 2.0), (3.0, 4.0)), units=("hill",))),
    ("population", Centre(population=True)),
]


@pytest.mark.parametrize(("given", "expected"), FORMS, ids=lambda value: repr(value)[:40])
def test_forms(given: object, expected: Centre):
    found = as_centre(given)
    assert found == expected
    assert all(type(unit) is not np.str_ and not isinstance(unit, np.generic) for unit in found.units)


@pytest.mark.parametrize("given", [gpd.GeoSeries, gpd.GeoDataFrame])
def test_points_with_a_crs(given: type):
    points = [Point(1, 2), Point(3, 4)]
    series = gpd.GeoSeries(points, crs=CRS) if given is gpd.GeoSeries else gpd.GeoDataFrame(geometry=points, crs=CRS)
    assert as_centre(series) == Centre(points=((1.0, 2.0), (3.0, 4.0)), crs=series.crs)


SERIES = "A GeoSeries of centres needs a CRS and holds points only."
TAKES = (
    "centre= takes (x, y) in the CRS of the data, a shapely Point, the id of a unit, a list of these, a GeoSeries of "
    "points, or 'population', not {}."
)
REFUSED = [
    (gpd.GeoSeries([Point(1, 2)]), SERIES),
    (gpd.GeoSeries([box(0, 0, 1, 1)], crs=CRS), SERIES),
    (gpd.GeoSeries([], crs=CRS), SERIES),
    (gpd.GeoSeries([Point(1, 2), None], crs=CRS), SERIES),
    (gpd.GeoSeries([Point(1, 2), Point()], crs=CRS), SERIES),
    ([], "centre= is an empty list; it takes one place or unit at least."),
    ((), "centre= is an empty list; it takes one place or unit at least."),
    (Point(), "centre= holds an empty point."),
    ([Point(1, 2), Point()], "centre= holds an empty point."),
    (["hill", "population"], "centre='population' stands alone; it cannot be one of several centres."),
    (None, TAKES.format("None")),
    (1.5, TAKES.format("1.5")),
    ((1.0, math.nan), TAKES.format("1.0")),
    ((1.0, math.inf), TAKES.format("1.0")),
    ((1.0, 2.0, 3.0), TAKES.format("1.0")),
    ([(1.0, 2.0), (3.0, math.nan)], TAKES.format("(3.0, nan)")),
    (box(0, 0, 1, 1), TAKES.format("<POLYGON ((1 0, 1 1, 0 1, 0 0, 1 0))>")),
    ({"hill"}, TAKES.format("{'hill'}")),
    ({"x": 1, "y": 2}, TAKES.format("{'x': 1, 'y': 2}")),
]


@pytest.mark.parametrize(("given", "message"), REFUSED, ids=lambda value: repr(value)[:40])
@pytest.mark.parametrize("index", ["absolute_centralization", "relative_centralization", "central_share"])
def test_refused(given: object, message: str, index: str):
    with pytest.raises(sg.ParameterError) as caught:
        as_centre(given)
    assert str(caught.value) == message
    params = {"centre": given} | ({"radius": 9.0} if index == "central_share" else {})
    with pytest.raises(sg.ParameterError, match="entre"):
        getattr(sg, index)(city(), **params)


def test_an_id_that_is_none_is_named_with_its_neighbours():
    with pytest.raises(sg.UnknownNameError) as caught:
        share("hil", 500)
    assert str(caught.value) == (
        "centre= 'hil' is neither 'population' nor the id of a unit. Did you mean 'hill'? A place is (x, y) in the CRS "
        "of the data."
    )
    with pytest.raises(sg.UnknownNameError, match=r"^centre= 'a', 'b', 'c', \.\.\. are neither"):
        share(["a", "b", "hill", "c", "d"], 500)
    with pytest.raises(sg.UnknownNameError, match=r"^centre= 'hil' is neither"):
        sg.relative_centralization(city().regions(["n", "n", "s", "s"]), centre="hil")


def test_a_missing_centre_is_asked_for():
    with pytest.raises(sg.ParameterError, match=r"central_share needs centre= and radius=.*sg\.bind\('central_share'"):
        sg.central_share(city())
    with pytest.raises(sg.ParameterError, match=r"relative_centralization needs centre=;"):
        sg.measure(city(), "RCE")


def test_a_place_outside_the_projection_is_refused():
    """Metres given for data in degrees, degrees that are none."""
    degrees = city("EPSG:4326")
    with pytest.warns(sg.SegregateWarning, match="in degrees"), pytest.raises(sg.ParameterError) as caught:
        share((500_000, 5_500_000), 500, degrees)
    assert str(caught.value) == (
        "centre= (500000.0, 5500000.0) lies outside WGS 84 / UTM zone 33N; a place is (x, y) in the CRS of the data."
    )
    elsewhere = gpd.GeoSeries([Point(15, 50), Point(15, 95)], crs="EPSG:4326")
    with pytest.raises(sg.ParameterError, match=r"^centre= \(15\.0, 95\.0\) lies outside"):
        share(elsewhere, 500)
    with pytest.raises(sg.ParameterError, match=r"^centre= \(inf, 2\.0\) lies outside"):
        share(Point(math.inf, 2), 500)


@pytest.mark.parametrize("radius", [0, -1.0, math.inf, math.nan, "500", None, True])
def test_a_radius_that_is_none(radius: object):
    with pytest.raises(sg.ParameterError) as caught:
        share("hill", radius)
    assert str(caught.value) == f"radius={radius!r} is a distance in metres, above 0."


# where it lies


def test_the_edge_belongs_to_the_centre():
    assert share("old town", 999.999) == 0.3
    assert share("old town", 1000) == 0.4
    assert share("old town", 1e9) == 1
    assert share((WEST - 3000, SOUTH + 4000), 5000) == 0.3
    assert share((WEST - 3000, SOUTH + 4000), np.float64(4999)) == 0


def test_of_several_centres_the_nearest_counts():
    for centres in (["old town", "village"], [(WEST, SOUTH), (WEST + 5000, SOUTH)], ["old town", (WEST + 5000, SOUTH)]):
        assert share(centres, 500) == pytest.approx(0.9, rel=1e-15)
    # by distance to the nearest: old town and village 0, harbour 1000, hill 2000
    # X 90, 100, 100 of 100; Y 10, 60, 100 of 100: 0.9 * 0.6 - 1 * 0.1 + 1 * 1 - 1 * 0.6
    value = sg.relative_centralization(city(), centre=["old town", "village"])
    assert value == pytest.approx(0.9 * 0.6 - 0.1 + 1 - 0.6, rel=1e-14)


def test_the_order_of_centres_says_nothing():
    centres = ["old town", (WEST + 4500, SOUTH), "hill"]
    values = {sg.absolute_centralization(city(), centre=order) for order in (centres, centres[::-1])}
    assert len(values) == 1


def test_centre_of_the_population():
    """People: 40, 60, 40, 60; the mean place is at (60 + 80 + 300) / 200 = 2.2 km."""
    assert share("population", 199) == 0
    assert share("population", 201) == 0
    assert share("population", 1201) == 0.1
    at = (WEST + 2200, SOUTH)
    for index in (sg.relative_centralization, sg.absolute_centralization):
        assert index(city(), centre="population") == index(city(), centre=at)


def test_the_population_is_all_people_of_the_population_at_hand():
    table = frame().assign(z=[1000.0, 0.0, 0.0, 0.0])
    pop = Population.from_frame(table, ["x", "y", "z"], id="unit", area="m2")
    assert sg.central_share(pop, group="x", centre="population", radius=500) == 0.3
    assert sg.central_share(pop.select("x", "y"), group="x", centre="population", radius=1201) == 0.1


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:3035", "EPSG:32632", "EPSG:3857"])
def test_points_in_a_crs_of_their_own(crs: str):
    there = gpd.GeoSeries([Point(WEST + 900, SOUTH), Point(WEST + 4500, SOUTH)], crs=CRS).to_crs(crs)
    here = [(WEST + 900, SOUTH), (WEST + 4500, SOUTH)]
    for index in (sg.relative_centralization, sg.absolute_centralization):
        assert index(city(), centre=there) == pytest.approx(index(city(), centre=here), rel=1e-9)
    assert share(there, 150) == share(here, 150) == 0.1
    assert share(gpd.GeoDataFrame(geometry=there), 501) == 0.7


def test_a_place_is_in_the_crs_of_the_data():
    """Data in degrees: the place is (lon, lat); radius and answer stay in metres."""
    degrees = city("EPSG:4326")
    place = gpd.GeoSeries([Point(WEST, SOUTH)], crs=CRS).to_crs("EPSG:4326")[0]
    with pytest.warns(sg.SegregateWarning, match="EPSG:4326 is in degrees, so distances"):
        assert share((place.x, place.y), 1000.001, degrees) == 0.4
    assert share("old town", 999.9, degrees) == 0.3


def test_a_place_in_kilometres():
    kilometres = city("+proj=utm +zone=33 +datum=WGS84 +units=km")
    assert share((WEST / 1000, SOUTH / 1000), 1000.001, kilometres) == 0.4
    there = gpd.GeoSeries([Point(WEST, SOUTH)], crs=CRS)
    assert share(there, 1000.001, kilometres) == 0.4


def test_ids_that_are_numbers():
    pop = Population.from_frame(frame(), ["x", "y"], area="m2")
    assert share(0, 500, pop) == 0.3
    assert share([0, 3], 500, pop) == pytest.approx(0.9, rel=1e-15)
    assert share(np.array([0, 1, 3]), 500, pop) == 1
    with pytest.raises(sg.UnknownNameError, match="centre= 17 is neither"):
        share(17, 500, pop)


# regions


BY = ["north", "north", "south", "south"]


def test_each_region_has_its_own_centre():
    regions = city().regions(BY)
    values = sg.central_share(regions, centre=["old town", "village"], radius=500)
    assert values.tolist() == [0.75, 1.0]
    values = sg.central_share(regions, centre="population", radius=401)
    # 40 people at 0 and 60 at 1 km: 0.6 km; 40 at 2 km and 60 at 5 km: 3.8 km
    assert values.tolist() == [0.25, 0.0]
    values = sg.central_share(regions, centre=(WEST, SOUTH), radius=1000)
    assert values.tolist() == [1.0, 0.0]


def test_a_region_without_a_centre_has_no_value():
    with pytest.warns(sg.UndefinedIndexWarning) as caught:
        values = sg.central_share(city().regions(BY), centre="old town", radius=500)
    assert values[0] == 0.75
    assert math.isnan(values[1])
    assert [str(one.message) for one in caught] == [
        "Undefined in 1 region of 2, first 'south': none of the centres lies here, or people of one of the two are "
        "missing."
    ]
    table = sg.measure(city(), sg.bind("RCE", centre="old town"), by=pd.Series(BY, name="part"))
    assert table["part"].tolist() == ["north", "north", "south", "south"]
    assert table["status"].tolist() == ["ok", "ok", "undefined", "undefined"]
    assert table["message"][2].startswith("none of the centres lies here")


def test_a_region_where_nobody_lives():
    table = frame().assign(x=[30, 10, 0, 0], y=[10, 50, 0, 0])
    pop = Population.from_frame(table, ["x", "y"], id="unit", area="m2")
    with pytest.warns(sg.UndefinedIndexWarning, match="nobody lives here"):
        values = sg.absolute_centralization(pop.regions(BY), centre="population")
    assert math.isnan(values[1])


# by name: bind, measure, the command line


PARAMS = [
    ("hill", "hill"),
    (["hill", "harbour"], ["hill", "harbour"]),
    ((WEST, SOUTH), [WEST, SOUTH]),
    ([(WEST, SOUTH), "hill"], [[WEST, SOUTH], "hill"]),
    (np.array([WEST, SOUTH]), [WEST, SOUTH]),
    ("population", "population"),
    (Point(WEST, SOUTH), "POINT (500000 5500000)"),
    (gpd.GeoSeries([Point(WEST, SOUTH)], crs=CRS), ["POINT (500000 5500000)"]),
]


@pytest.mark.parametrize(("centre", "written"), PARAMS, ids=lambda value: repr(value)[:40])
def test_bound_and_measured(centre: object, written: object):
    table = sg.measure(city(), sg.bind("central_share", centre=centre, radius=1500.0))
    assert json.loads(table["params"][0]) == {"centre": written, "radius": 1500.0}
    assert table["group"].tolist() == ["x", "y"]
    assert table["value"].tolist() == [
        share(centre, 1500),
        sg.central_share(city(), group="y", centre=centre, radius=1500),
    ]
    assert table["status"].tolist() == ["ok", "ok"]


def test_bound_once_for_contributions_and_every_group():
    pop = Population.from_frame(frame().assign(z=[0.0, 0.0, 3.0, 9.0]), ["x", "y", "z"], id="unit", area="m2")
    index = sg.bind("PCC", centre="hill", radius=1000)
    table = sg.measure(pop, index)
    assert dict(zip(table["group"], table["value"], strict=True)) == {"x": 0.1, "y": 0.9, "z": 0.25}
    terms = sg.contributions(pop, index, group="z")
    assert terms.tolist() == [0, 0, 0.25, 0]
    assert terms.attrs["segregate"]["params"] == {"centre": "hill", "radius": 1000}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "city.gpkg"
    frame().to_file(path)
    return path


def command(path: Path, index: str) -> subprocess.CompletedProcess[str]:
    arguments = ["measure", str(path), "-g", "x,y", "--id", "unit", "-i", index, "--format", "csv"]
    return subprocess.run([sys.executable, "-m", "segregate", *arguments], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("index", "centre"),
    [
        ("central_share:centre=hill,radius=1000", "hill"),
        ("central_share:centre=population,radius=1000", "population"),
        ("central_share:centre=[500000.0,5500000.0],radius=1000", (WEST, SOUTH)),
        ("central_share:radius=1000,centre=[[500000, 5500000], [505000, 5500000]]", [(WEST, SOUTH), "village"]),
        ('central_share:centre=["old town", "village"],radius=1000', ["old town", "village"]),
        ("central_share:centre=old town,radius=1000", "old town"),
    ],
)
def test_on_the_command_line(file: Path, index: str, centre: object):
    done = command(file, index)
    assert done.returncode == 0, done.stderr
    table = pd.read_csv(StringIO(done.stdout))
    assert table["value"][0] == share(centre, 1000)
    assert table["group"].tolist() == ["x", "y"]


def test_wrong_on_the_command_line(file: Path):
    done = command(file, "central_share:centre=hil,radius=1000")
    assert done.returncode == 2
    assert "Did you mean 'hill'?" in done.stderr
    done = command(file, "central_share:centre=hill")
    assert done.returncode == 2
    assert "central_share needs radius=" in done.stderr


def test_nothing_is_said_where_there_is_nothing_to_say():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        share("hill", 1000)
        sg.relative_centralization(city(), centre=[(WEST, SOUTH), "hill"])
