"""Points and areas in metres, whatever the coordinate reference system of the data."""

import warnings
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from numpy.testing import assert_allclose, assert_array_equal
from shapely import Point, Polygon, box

import segregate as sg
from segregate import Population

SPHEROID = pyproj.Geod(ellps="WGS84")
UTM = "+proj=utm +zone=10 +datum=WGS84 +units={}"
TOWN = 'LOCAL_CS["town grid",UNIT["{}",{}]]'


def grid(crs: object, *, west: float = 600_000, south: float = 4_250_000, size: float = 2000) -> gpd.GeoDataFrame:
    """Return 3 x 3 squares laid out in UTM zone 10N, in another CRS."""
    squares = [box(west + i * size, south + j * size, west + (i + 1) * size, south + (j + 1) * size)
               for i in range(3) for j in range(3)]  # fmt: skip
    frame = gpd.GeoDataFrame({"a": range(1, 10), "b": range(9, 0, -1)}, geometry=squares, crs="EPSG:32610")
    return frame.to_crs(crs)


def population(frame: gpd.GeoDataFrame, **options: object) -> Population:
    return Population.from_frame(frame, ["a", "b"], **options)


def distances(points: np.ndarray) -> np.ndarray:
    return np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2))


def quietly(pop: Population) -> tuple[np.ndarray, np.ndarray]:
    """Return distances and areas where a warning of the reprojection is expected."""
    with pytest.warns(sg.SegregateWarning, match="taken in") as caught:
        found = distances(pop.points), pop.area
    assert len(caught) == 1, [str(warning.message) for warning in caught]
    return found


def at(places: list[tuple[float, float]], crs: object = "EPSG:4326") -> Population:
    frame = gpd.GeoDataFrame(
        {"a": range(1, len(places) + 1), "b": 5}, geometry=[Point(place) for place in places], crs=crs
    )
    return population(frame)


# units of length


@pytest.mark.parametrize("unit", ["km", "ft", "us-ft", "dm", "mi"])
def test_units_of_one_projection_agree(unit: str):
    metres, other = population(grid(UTM.format("m"))), population(grid(UTM.format(unit)))
    assert_allclose(distances(other.points), distances(metres.points), rtol=1e-12, atol=1e-9)
    assert_allclose(other.area, metres.area, rtol=1e-12)
    assert_allclose(metres.area, 4e6, rtol=1e-9)


def test_a_given_column_of_area_is_taken_as_it_is():
    frame = grid("EPSG:4326").assign(land=np.arange(1.0, 10))
    units = {"m2": 1, "km2": 1e6, "ha": 1e4, "acre": 43560 * 0.3048**2, "sqmi": (5280 * 0.3048) ** 2}
    assert_array_equal(population(frame, area="land").area, np.arange(1.0, 10))
    for unit, size in units.items():
        assert_allclose(population(frame, area=("land", unit)).area, size * np.arange(1.0, 10), rtol=1e-14)


# degrees, other projections


def test_degrees_and_the_same_utm_zone_agree():
    plane = population(grid("EPSG:32610"))
    apart, area = quietly(population(grid("EPSG:4326")))
    assert_allclose(apart, distances(plane.points), rtol=1e-9, atol=1e-6)
    assert_allclose(area, plane.area, rtol=1e-9)


def test_degrees_are_reprojected_with_one_warning_that_says_where_to():
    pop = population(grid("EPSG:4326"))
    with pytest.warns(sg.SegregateWarning) as caught:
        _ = pop.points, pop.area, pop.points
    assert [str(one.message) for one in caught] == [
        "EPSG:4326 is in degrees, so distances and areas are taken in WGS 84 / UTM zone 10N."
    ]
    assert pop.crs == "EPSG:4326"
    assert pop.geometry.total_bounds[0] < -121


@pytest.mark.parametrize(
    "crs", ["EPSG:4269", "EPSG:3310", "EPSG:2226", "EPSG:26910", "EPSG:3857", "EPSG:3395", "ESRI:54009"]
)
def test_projections_agree(crs: str):
    plane = population(grid("EPSG:32610"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sg.SegregateWarning)
        other = population(grid(crs))
        apart, area = distances(other.points), other.area
    assert_allclose(apart, distances(plane.points), rtol=5e-3, atol=1e-6)
    assert_allclose(area, plane.area, rtol=5e-3)


@pytest.mark.parametrize("crs", ["EPSG:3310", "EPSG:2226", "EPSG:26910", "EPSG:32610+5703", UTM.format("ft")])
def test_a_projection_that_is_right_at_the_data_is_used_without_a_word(crs: str):
    pop = population(grid(crs))
    _ = pop.points, pop.area


def test_web_mercator_is_reprojected_where_it_is_wrong_and_kept_at_the_equator():
    with pytest.warns(
        sg.SegregateWarning, match=r"EPSG:3857 has a scale of 1\.2[78]\d at the data, so .* UTM zone 10N"
    ):
        assert population(grid("EPSG:3857")).area == pytest.approx(4e6, rel=5e-3)
    box_at_equator = gpd.GeoDataFrame({"a": [1, 2], "b": [2, 1]}, geometry=[box(0, 0, 9, 9)] * 2, crs="EPSG:3857")
    assert_array_equal(population(box_at_equator).area, 81)


def test_compound_crs_and_crs_with_height():
    plane = population(grid("EPSG:32610"))
    _, area = quietly(population(grid("EPSG:4326").set_crs("EPSG:4326+5773", allow_override=True)))
    assert_allclose(area, plane.area, rtol=1e-9)
    _, area = quietly(population(grid("EPSG:4326").set_crs("EPSG:4979", allow_override=True)))
    assert_allclose(area, plane.area, rtol=1e-9)
    up = grid("EPSG:32610").set_crs("EPSG:32610+5703", allow_override=True)
    assert_allclose(population(up).area, plane.area, rtol=1e-12)


@pytest.mark.parametrize(
    ("crs", "west", "south"),
    [
        ("EPSG:2232", 3_100_000, 1_690_000),  # Colorado, US survey feet
        ("EPSG:3437", 1_000_000, 200_000),  # New Hampshire, US survey feet
        ("EPSG:2193", 1_750_000, 5_400_000),  # New Zealand, northing before easting
        ("EPSG:2048", 0, 3_500_000),  # South Africa, west and south
        ("EPSG:31467", 3_500_000, 5_600_000),  # Germany, Gauss-Krueger
        ("EPSG:27700", 530_000, 180_000),  # Great Britain
    ],
)
def test_national_grids_of_all_kinds_give_the_distances_of_the_spheroid(crs: str, west: float, south: float):
    corners = gpd.GeoSeries([Point(west, south), Point(west + 9000, south), Point(west, south + 9000)], crs=crs)
    degrees = corners.to_crs(4326)
    pop = at([(p.x, p.y) for p in corners], crs)
    true = [SPHEROID.inv(degrees[0].x, degrees[0].y, p.x, p.y)[2] for p in degrees]
    assert_allclose(distances(pop.points)[0], true, rtol=1e-3, atol=1e-6)


# where on Earth


@pytest.mark.parametrize(
    ("lon", "lat", "zone"),
    [
        (-121.3, 38.5, "WGS 84 / UTM zone 10N"),
        (151.2, -33.9, "WGS 84 / UTM zone 56S"),
        (18.4, -33.9, "WGS 84 / UTM zone 34S"),
        (-46.6, -23.5, "WGS 84 / UTM zone 23S"),
        (13.4, 52.5, "WGS 84 / UTM zone 33N"),
        (178.4, -18.1, "WGS 84 / UTM zone 60S"),
        (-179.9, -16.8, "WGS 84 / UTM zone 1S"),
        (179.97, 66.0, "WGS 84 / UTM zone 1N"),
        (359.9 - 360, 51.5, "WGS 84 / UTM zone 30N"),
        (25.0, 71.0, "WGS 84 / UTM zone 35N"),
    ],
)
def test_utm_zones_of_both_hemispheres_and_at_the_antimeridian(lon: float, lat: float, zone: str):
    places = [(lon, lat), ((lon + 0.1 + 180) % 360 - 180, lat), (lon, lat + 0.1)]
    pop = at(places)
    with pytest.warns(sg.SegregateWarning, match=f"taken in {zone}"):
        apart = distances(pop.points)
    assert_allclose(apart[0, 1:], [SPHEROID.inv(lon, lat, *place)[2] for place in places[1:]], rtol=2e-3)


def test_areas_across_the_antimeridian():
    squares = [box(179.9, -17.0, 180.0, -16.9), box(-180.0, -17.0, -179.9, -16.9)]
    frame = gpd.GeoDataFrame({"a": [1, 2], "b": [2, 1]}, geometry=squares, crs=4326)
    apart, area = quietly(population(frame))
    true = abs(SPHEROID.geometry_area_perimeter(squares[0])[0])
    assert_allclose(area, true, rtol=5e-3)
    assert_allclose(apart[0, 1], SPHEROID.inv(179.95, -16.95, -179.95, -16.95)[2], rtol=2e-3)


def test_beyond_1000_km_in_europe_is_epsg_3035():
    pop = at([(-8.6, 41.1), (23.7, 38.0), (18.1, 59.3)])
    with pytest.warns(sg.SegregateWarning, match="taken in ETRS89-extended / LAEA Europe"):
        points = pop.points
    expected = gpd.GeoSeries(gpd.points_from_xy([-8.6, 23.7, 18.1], [41.1, 38.0, 59.3]), crs=4326).to_crs(3035)
    assert_allclose(points, np.column_stack([expected.x, expected.y]), rtol=1e-12)


def test_beyond_1000_km_elsewhere_is_an_equal_area_projection_on_the_centre():
    squares = [box(-120, 35, -118, 37), box(-80, 40, -78, 42), box(-100, 30, -98, 32)]
    frame = gpd.GeoDataFrame({"a": [1, 2, 3], "b": [2, 1, 5]}, geometry=shapely.segmentize(squares, 0.05), crs=4326)
    with pytest.warns(sg.SegregateWarning, match=r"(?i)azimuthal equal.area") as caught:
        area = population(frame).area
    assert len(caught) == 1
    true = [abs(SPHEROID.geometry_area_perimeter(square)[0]) for square in frame.geometry]
    assert_allclose(area, true, rtol=1e-4)


def test_a_projection_wrong_at_wide_data_is_replaced():
    places = gpd.GeoSeries(gpd.points_from_xy([-8.6, 23.7, 18.1], [41.1, 38.0, 59.3]), crs=4326).to_crs(3857)
    pop = at([(p.x, p.y) for p in places], 3857)
    with pytest.warns(sg.SegregateWarning, match="scale of .* LAEA Europe"):
        _ = pop.points


# plane coordinates without a place on Earth


@pytest.mark.parametrize(("unit", "metres"), [("metre", 1), ("kilometre", 1000), ("foot", 0.3048)])
def test_an_engineering_crs_with_a_known_unit_is_a_plane(unit: str, metres: float):
    frame = gpd.GeoDataFrame(
        {"a": [1, 2], "b": [2, 1]}, geometry=[box(0, 0, 1, 2), box(3, 4, 4, 6)], crs=TOWN.format(unit, metres)
    )
    pop = population(frame)
    assert_allclose(distances(pop.points)[0, 1], 5 * metres, rtol=1e-12)
    assert_allclose(pop.area, 2 * metres**2, rtol=1e-12)


@pytest.mark.parametrize(
    "crs",
    [
        TOWN.format("unknown", 1),
        'ENGCRS["Undefined Cartesian SRS with unknown unit",EDATUM["Unknown"],CS[Cartesian,2],'
        'AXIS["x",unspecified],AXIS["y",unspecified],LENGTHUNIT["unknown",0]]',
    ],
)
def test_an_engineering_crs_without_a_known_unit_is_refused(crs: str):
    frame = gpd.GeoDataFrame({"a": [1, 2], "b": [2, 1]}, geometry=[box(0, 0, 1, 2), box(3, 4, 4, 6)], crs=crs)
    with pytest.raises(sg.GeometryError, match=r"unit of length .* not known"):
        _ = population(frame).points


def test_a_geocentric_crs_is_refused():
    with pytest.raises(sg.GeometryError, match="Geocentric"):
        _ = at([(4e6, 1e6), (4e6, 1.1e6)], "EPSG:4978").points


def test_numbers_that_cannot_be_degrees_are_refused():
    with pytest.raises(sg.GeometryError, match=r"cannot be degrees .*600,050.*WGS 84"):
        _ = at([(600_000, 4_250_000), (600_100, 4_250_000)]).points


def test_numbers_outside_the_projection_are_refused():
    with pytest.raises(sg.GeometryError, match="Was the right CRS given"):
        _ = at([(1e30, 1e30), (1.1e30, 1e30)], "EPSG:32610").points


def test_no_crs_is_an_error_only_where_space_is_asked_for():
    frame = grid("EPSG:32610").set_crs(None, allow_override=True)
    pop = population(frame)
    assert pop.crs is None
    assert sg.dissimilarity(pop) > 0
    for ask in (lambda: pop.points, lambda: pop.area):
        with pytest.raises(sg.GeometryError, match=r"no coordinate reference system.*crs='EPSG"):
            ask()
    assert_allclose(population(frame, crs="EPSG:32610").area, 4e6, rtol=1e-12)


def test_no_geometry_is_an_error_only_where_space_is_asked_for():
    pop = Population.from_frame(pd.DataFrame({"a": [1, 2], "b": [2, 1]}), ["a", "b"])
    for ask in (lambda: pop.points, lambda: pop.area):
        with pytest.raises(sg.GeometryError, match=r"no geometry.*points="):
            ask()


# crs=


def test_crs_that_says_the_same_in_other_words_is_no_contradiction():
    for data, given in [("OGC:CRS84", "EPSG:4326"), ("EPSG:4326", "OGC:CRS84"), ("EPSG:32610", UTM.format("m"))]:
        assert population(grid(data), crs=given).crs is not None


def test_crs_that_contradicts_the_data_is_refused():
    with pytest.raises(sg.ParameterError, match=r"crs='EPSG:2226' was given, but the data say EPSG:32610.*to_crs"):
        population(grid("EPSG:32610"), crs="EPSG:2226")


@pytest.mark.parametrize("crs", ["EPSG:99999", "utm ten", 0.5])
def test_crs_that_does_not_exist_is_refused(crs: object):
    with pytest.raises(sg.ParameterError, match="crs="):
        population(grid("EPSG:32610").set_crs(None, allow_override=True), crs=crs)


# points=


def bean() -> gpd.GeoDataFrame:
    """Return a U, whose centroid lies outside, and a square."""
    letter = Polygon([(0, 0), (9, 0), (9, 9), (8, 9), (8, 1), (1, 1), (1, 9), (0, 9)])
    frame = gpd.GeoDataFrame({"a": [1, 2], "b": [2, 1]}, geometry=[letter, box(20, 0, 22, 2)], crs="EPSG:32610")
    return frame.assign(x=[1.0, 2.0], y=[3.0, 4.0])


def test_points_centroid_and_inside():
    frame = bean()
    assert_allclose(population(frame).points[1], [21, 1])
    assert not frame.geometry.iloc[0].covers(Point(population(frame).points[0]))
    assert frame.geometry.iloc[0].contains(Point(population(frame, points="inside").points[0]))


def test_points_of_another_geometry_column_in_its_own_crs():
    frame = bean()
    frame["people"] = gpd.GeoSeries([Point(600_000, 4_250_000), Point(600_030, 4_250_040)], crs="EPSG:32610").to_crs(
        4326
    )
    pop = population(frame, points="people")
    with pytest.warns(sg.SegregateWarning, match="UTM zone 10N"):
        assert_allclose(pop.points, [[600_000, 4_250_000], [600_030, 4_250_040]], rtol=1e-10)
    assert "people" not in pop.attributes


def test_points_columns_are_in_the_crs_of_the_data():
    assert_array_equal(population(bean(), points=("x", "y")).points, [[1, 3], [2, 4]])
    table = pd.DataFrame(bean()[["a", "b", "x", "y"]])
    pop = Population.from_frame(table, ["a", "b"], points=("x", "y"), crs="EPSG:32610")
    assert_array_equal(pop.points, [[1, 3], [2, 4]])
    assert pop.geometry.geom_type.tolist() == ["Point", "Point"]


def test_points_columns_may_have_a_crs_of_their_own():
    frame = grid("EPSG:32610")
    lonlat = frame.geometry.centroid.to_crs(4326)
    frame = frame.assign(lon=lonlat.x, lat=lonlat.y)
    pop = population(frame, points=("lon", "lat"), crs="EPSG:4326")
    with pytest.warns(sg.SegregateWarning, match="UTM zone 10N"):
        assert_allclose(pop.points, population(frame).points, rtol=1e-9)


@pytest.mark.parametrize(
    ("points", "error", "message"),
    [
        ("center", sg.UnknownNameError, "'center'"),
        (("x",), sg.ParameterError, "two columns"),
        (("x", "z"), sg.UnknownNameError, "'z'"),
        ("a", sg.ParameterError, "not a geometry column"),
        ("geometry", sg.ParameterError, "other than points"),
        (["x", "q"], sg.SegregateError, "points="),
        (("x", "word"), sg.DataError, "'word'"),
    ],
)
def test_points_that_cannot_be(points: object, error: type[Exception], message: str):
    with pytest.raises(error, match=message):
        population(bean().assign(word="here"), points=points)


def test_points_missing_in_some_rows_are_named_where_asked_for():
    pop = population(bean().assign(x=[np.nan, 1.0]), points=("x", "y"))
    assert sg.dissimilarity(pop) > 0
    with pytest.raises(sg.GeometryError, match=r"1 unit of 2 .*first: 0"):
        _ = pop.points


def test_points_and_areas_follow_the_units():
    whole = population(grid("EPSG:32610").sample(frac=1, random_state=1))
    part = whole.subset(whole.counts[:, 0] > 4)
    keep = whole.counts[:, 0] > 4
    assert_array_equal(part.points, whole.points[keep])
    assert_array_equal(part.area, whole.area[keep])


def test_units_without_an_area_are_named():
    pop = at([(600_000, 4_250_000), (600_100, 4_250_000)], "EPSG:32610")
    with pytest.raises(sg.GeometryError, match=r"2 units of 2 have no area \(first: 0, 1\).*area="):
        _ = pop.area


def test_a_repaired_geometry_is_said_once():
    bowtie = Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    frame = gpd.GeoDataFrame({"a": [1, 2], "b": [2, 1]}, geometry=[bowtie, box(5, 0, 7, 2)], crs="EPSG:32610")
    pop = population(frame)
    with pytest.warns(sg.SegregateWarning, match=r"1 unit with invalid geometry \(first: 0\) repaired") as caught:
        area, points = pop.area, pop.points
    assert len(caught) == 1
    assert_allclose(area, [2, 4])
    assert_allclose(points, [[1, 1], [6, 1]])
    assert not pop.geometry.is_valid.all()


# real places


def test_denver_blocks_in_us_survey_feet(shared_data: Callable[[str], Path]):
    frame = gpd.read_parquet(shared_data("us_blocks/denver_co_blocks_2020.parquet"))
    assert frame.crs == "EPSG:2232"
    pop = Population.from_frame(frame, ["white", "black"], id="geoid")
    assert pop.area.sum() == pytest.approx(frame.to_crs(32613).area.sum(), rel=1e-3)
    assert pop.area.sum() == pytest.approx(frame.area.sum() * (1200 / 3937) ** 2, rel=1e-12)
    some = np.arange(0, len(frame), 200)
    again = Population.from_frame(frame.iloc[some].to_crs(32613), ["white", "black"]).points
    assert_allclose(distances(pop.points[some]), distances(again), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(
    ("name", "groups", "zone"),
    [
        ("small_tract_sets/stlouis_tracts_acs2012_2016.parquet", None, 32615),
        ("small_tract_sets/newhampshire_vtd_2020.parquet", None, 32619),
    ],
)
def test_state_plane_coordinates_are_used_as_they_are(
    shared_data: Callable[[str], Path], name: str, groups: None, zone: int
):
    frame = gpd.read_parquet(shared_data(name)).assign(a=1, b=1)
    pop = population(frame)
    assert_allclose(pop.area, frame.to_crs(zone).area, rtol=5e-3)
    again = population(frame.to_crs(zone)).points
    assert_allclose(distances(pop.points), distances(again), rtol=5e-3, atol=1e-3)


def test_sacramento_in_degrees(shared_data: Callable[[str], Path]):
    frame = gpd.read_parquet(shared_data("sacramento_2000_sf3/sacramentot2.parquet")).assign(a=1, b=1)
    assert frame.crs == "EPSG:4269"
    apart, area = quietly(population(frame))
    plane = frame.to_crs(26910)
    assert_allclose(area, plane.area, rtol=1e-8)
    assert_allclose(apart, distances(plane.centroid.get_coordinates().to_numpy()), rtol=1e-8, atol=1e-3)


def test_a_crs_built_piece_by_piece_is_used_as_it_is():
    from pyproj.crs import ProjectedCRS
    from pyproj.crs.coordinate_operation import UTMConversion

    crs = ProjectedCRS(conversion=UTMConversion(33), name="mine")
    frame = gpd.GeoDataFrame(
        {"a": [1, 2], "b": [2, 1]}, geometry=gpd.points_from_xy([5e5, 5.1e5], [5.8e6] * 2), crs=crs
    )
    population = sg.Population.from_frame(frame, ["a", "b"])
    assert population.points.tolist() == [[5e5, 5.8e6], [5.1e5, 5.8e6]]


def test_grads_are_angles_too():
    """Paris in the grads of NTF (Paris), EPSG:4807, lies where it lies in degrees."""
    degrees = gpd.GeoSeries(gpd.points_from_xy([2.30, 2.40], [48.80, 48.90]), crs=4326)
    points = []
    for crs in (4326, 4807):
        frame = gpd.GeoDataFrame({"a": [1, 2], "b": [2, 1]}, geometry=degrees.to_crs(crs).array)
        with pytest.warns(sg.SegregateWarning, match="UTM zone 31N"):
            points.append(sg.Population.from_frame(frame, ["a", "b"]).points)
    assert abs(points[0] - points[1]).max() < 5  # metres: the shift between the datums is known to a few
