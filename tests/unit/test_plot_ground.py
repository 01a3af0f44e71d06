"""From map to ground: scale bars, north arrows and the projection that is drawn."""

import math

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely

from segregate.errors import GeometryError, ParameterError
from segregate.plot import map as draw
from segregate.plot import prepare_map
from segregate.plot._projection import display_crs, north, scale_bar

GROUND = pyproj.Geod(ellps="WGS84")


def squares(crs, lon, lat, *, side=3000.0, n=5):
    """Return n x n squares around a place, made in metres there and brought to a CRS."""
    here = f"+proj=tmerc +lat_0={lat} +lon_0={lon} +datum=WGS84"
    edge = -side * n / 2
    shapes = [
        shapely.box(edge + side * i, edge + side * j, edge + side * (i + 1), edge + side * (j + 1))
        for i in range(n)
        for j in range(n)
    ]
    made = gpd.GeoDataFrame({"value": np.arange(n * n, dtype=float)}, geometry=shapes, crs=here)
    return made.to_crs(crs)


def artist(ax, gid):
    """Return the artist of that name."""
    return next(found for found in ax.figure.findobj() if found.get_gid() == gid)


def artists(ax, gid):
    return [found for found in ax.figure.findobj() if found.get_gid() == gid]


def drawn_metres(ax, crs):
    """Measure the drawn scale bar on the ground, in the middle of the map, and read its label."""
    ax.figure.canvas.draw()
    box = artist(ax, "scale-bar").get_window_extent()
    (x0, _), (x1, _) = ax.transData.inverted().transform([(box.x0, box.y0), (box.x1, box.y0)])
    x, y = np.mean(ax.get_xlim()), np.mean(ax.get_ylim())
    to_degrees = pyproj.Transformer.from_crs(crs, 4326, always_xy=True)
    ends = to_degrees.transform([x - (x1 - x0) / 2, x + (x1 - x0) / 2], [y, y])
    metres = GROUND.inv(ends[0][0], ends[1][0], ends[0][1], ends[1][1])[2]
    texts = [t.get_text() for t in ax.figure.findobj(lambda a: hasattr(a, "get_text"))]
    label = next(t for t in texts if t.endswith((" km", " m", "(mid-map)")))
    number, unit = label.split()[:2]
    return metres, float(number.replace(",", "")) * {"km": 1000, "m": 1}[unit], label


PLACES = [
    ("EPSG:25833", 13.4, 52.5),  # metres
    ("EPSG:2232", -104.9, 39.7),  # US survey feet
    ("EPSG:3437", -71.5, 43.5),  # US survey feet
    ("EPSG:3857", 25.0, 60.2),  # Web Mercator, where a map unit is half a metre
    ("EPSG:3857", -121.5, 38.6),
    ("EPSG:4326", 25.0, 60.2),  # degrees, kept
    ("EPSG:4269", -121.5, 38.6),
    ("EPSG:4807", 2.3, 48.8),  # grads from Paris
    ("EPSG:5070", -121.5, 38.6),  # equal area, far from its middle
    ("EPSG:2053", 28.5, -26.0),  # axes to the west and the south
    ("EPSG:27700", -0.1, 51.5),
]


@pytest.mark.parametrize(("crs", "lon", "lat"), PLACES)
def test_the_scale_bar_is_as_long_as_it_says(crs, lon, lat):
    ax = draw(squares(crs, lon, lat), crs=crs, managed=False)
    metres, said, label = drawn_metres(ax, crs)
    assert metres == pytest.approx(said, rel=0.01)
    assert label in {"1 km", "2 km", "5 km"}


@pytest.mark.parametrize(("crs", "lon", "lat"), [("EPSG:4326", 25.0, 60.2), ("EPSG:4807", 2.3, 48.8)])
@pytest.mark.parametrize("side", [20.0, 3000.0, 150_000.0])
def test_data_in_degrees_are_drawn_in_a_plane_with_a_true_scale_bar(crs, lon, lat, side):
    given = squares(crs, lon, lat, side=side)
    shown = display_crs(given.geometry)
    assert shown.is_projected
    ax = draw(given, managed=False)
    metres, said, _ = drawn_metres(ax, shown)
    assert metres == pytest.approx(said, rel=0.01)
    assert math.log10(said) % 1 == pytest.approx(0) or said / 10 ** math.floor(math.log10(said)) in (2, 5)
    # squares of equal sides stay squares: nothing is squashed
    box = gpd.GeoSeries([given.geometry.iloc[12]], crs=crs).to_crs(shown).total_bounds
    assert (box[2] - box[0]) / (box[3] - box[1]) == pytest.approx(1, abs=0.01)


def test_degrees_that_are_kept_are_not_squashed():
    given = squares("EPSG:4326", 25.0, 60.2)
    ax = draw(given, crs="EPSG:4326", managed=False)
    ax.figure.canvas.draw()
    left, bottom, right, top = given.geometry.iloc[12].bounds
    (x0, y0), (x1, y1) = ax.transData.transform([(left, bottom), (right, top)])
    assert (x1 - x0) / (y1 - y0) == pytest.approx(1, abs=0.01)


def test_the_drawn_projection_has_true_areas():
    given = squares("EPSG:4326", 25.0, 60.2, side=60_000)
    areas = given.to_crs(display_crs(given.geometry)).area
    assert areas.to_numpy() == pytest.approx(
        [abs(GROUND.geometry_area_perimeter(g)[0]) for g in given.geometry], rel=2e-3
    )


def test_a_scale_that_changes_over_the_map_is_said_to_hold_in_the_middle():
    wide = squares("EPSG:3857", 20.0, 55.0, side=400_000)
    ax = draw(wide, managed=False)
    metres, said, label = drawn_metres(ax, "EPSG:3857")
    assert label.endswith(" km (mid-map)")
    assert metres == pytest.approx(said, rel=0.01)


def test_no_crs_no_scale_bar_and_no_arrow():
    given = squares("EPSG:25833", 13.4, 52.5).set_crs(None, allow_override=True)
    ax = draw(given, managed=False)
    assert not artists(ax, "scale-bar")
    assert not artists(ax, "north-arrow")
    assert display_crs(given.geometry) is None


def test_a_plane_with_a_unit_has_a_scale_bar_and_no_arrow():
    site = pyproj.CRS.from_wkt('LOCAL_CS["site",UNIT["foot",0.3048],AXIS["E",EAST],AXIS["N",NORTH]]')
    bar = scale_bar(site, (0, 0, 10_000, 5_000))
    assert bar.label == "500 m"
    assert bar.length == pytest.approx(500 / 0.3048)
    assert north(site, (0, 0, 10_000, 5_000)) is None


@pytest.mark.parametrize(
    ("crs", "lon", "lat"),
    [("EPSG:25833", 18.0, 52.5), ("EPSG:25833", 12.0, 52.5), ("EPSG:2232", -102.5, 39.0), ("EPSG:32733", 17.5, -30.0)],
)
def test_the_arrow_points_to_true_north(crs, lon, lat):
    bounds = tuple(squares(crs, lon, lat).total_bounds)
    angle = north(pyproj.CRS.from_user_input(crs), bounds)
    # the convergence is the angle from true to grid north, so north lies as far on the other side
    assert angle == pytest.approx(-pyproj.Proj(crs).get_factors(lon, lat).meridian_convergence, abs=0.02)
    assert abs(angle) > 0.5


def test_the_arrow_of_a_transverse_mercator_has_the_angle_of_the_textbook():
    # on a sphere: tan(convergence) = tan(longitude from the middle) * sin(latitude)
    bounds = tuple(squares("EPSG:25833", 18.0, 52.5).total_bounds)
    expected = -math.degrees(math.atan(math.tan(math.radians(3.0)) * math.sin(math.radians(52.5))))
    assert north(pyproj.CRS.from_epsg(25833), bounds) == pytest.approx(expected, abs=0.03)


def test_the_arrow_is_drawn_in_its_direction():
    ax = draw(squares("EPSG:25833", 18.0, 52.5), managed=False)
    ax.figure.canvas.draw()
    tip, right, notch, left = artist(ax, "north-arrow").get_xy()[:4]
    axis = tip - (left + right) / 2
    assert math.degrees(math.atan2(*axis)) == pytest.approx(-2.38, abs=0.03)
    assert notch is not None


def test_north_is_up_in_degrees_and_in_web_mercator_and_down_in_south_oriented_grids():
    for crs in ("EPSG:4326", "EPSG:3857"):
        bounds = tuple(squares(crs, 18.0, 52.5).total_bounds)
        assert north(pyproj.CRS.from_user_input(crs), bounds) == pytest.approx(0, abs=1e-6)
    given = squares("EPSG:4326", 18.0, 52.5)
    shown = display_crs(given.geometry)
    assert north(shown, tuple(given.to_crs(shown).total_bounds)) == pytest.approx(0, abs=0.01)
    south = tuple(squares("EPSG:2053", 29.0, -26.0).total_bounds)
    assert abs(north(pyproj.CRS.from_epsg(2053), south)) == pytest.approx(180, abs=0.1)


def test_no_arrow_where_north_turns_over_the_map():
    wide = squares("EPSG:3035", 10.0, 60.0, side=600_000)
    assert north(pyproj.CRS.from_epsg(3035), tuple(wide.total_bounds)) is None
    assert not artists(draw(wide, managed=False), "north-arrow")


def test_data_on_both_sides_of_the_antimeridian_are_drawn_together():
    fiji = gpd.GeoDataFrame(
        {"value": [1.0, 2.0]},
        geometry=[shapely.box(179, -18, 179.9, -17), shapely.box(-179.9, -18, -179, -17)],
        crs=4326,
    )
    bounds = fiji.to_crs(display_crs(fiji.geometry)).total_bounds
    assert bounds[2] - bounds[0] < 250_000


def test_the_world_is_drawn_in_one_piece():
    world = gpd.GeoDataFrame(
        {"value": [1.0, 2.0]}, geometry=[shapely.box(-170, -60, -20, 70), shapely.box(20, -60, 170, 70)], crs=4326
    )
    shown = display_crs(world.geometry)
    assert "Equal Earth" in shown.to_wkt()
    draw(world, managed=False)


def test_a_crs_can_be_asked_for():
    given = squares("EPSG:4326", 13.4, 52.5)
    assert display_crs(given.geometry, 25833) == pyproj.CRS.from_epsg(25833)
    ax = draw(given, crs=25833, managed=False)
    left, right = ax.get_xlim()
    bounds = given.to_crs(25833).total_bounds
    assert left < bounds[0] < bounds[2] < right


def test_crs_that_cannot_be_used():
    given = squares("EPSG:4326", 13.4, 52.5)
    with pytest.raises(ParameterError, match="crs='EPSG:1' is not a coordinate reference system that pyproj knows"):
        draw(given, crs="EPSG:1", managed=False)
    with pytest.raises(GeometryError, match=r"no coordinate reference system, so they cannot be drawn in.*set_crs"):
        draw(given.set_crs(None, allow_override=True), crs=3857, managed=False)
    with pytest.raises(GeometryError, match="is geocentric"):
        display_crs(given.geometry.set_crs(4978, allow_override=True))


def test_metres_that_are_called_degrees_are_noticed():
    wrong = squares("EPSG:25833", 13.4, 52.5).set_crs(4326, allow_override=True)
    with pytest.raises(GeometryError, match=r"cannot be degrees \(they reach from 38\d,\d{3}, 5,8\d\d,\d{3} to"):
        draw(wrong, managed=False)


def test_units_outside_of_the_projection_are_named():
    given = squares("EPSG:4326", 13.4, 52.5)
    given.loc[3, "geometry"] = shapely.box(-100, -91, -99, -89)
    with pytest.raises(GeometryError, match=r"1 unit of 25 cannot be drawn in WGS 84 / Pseudo-Mercator.*\(first: 3\)"):
        draw(given, crs=3857, managed=False)


def test_maps_of_one_place_have_the_same_class_in_every_crs():
    one = prepare_map(squares("EPSG:4326", 13.4, 52.5))
    other = prepare_map(squares("EPSG:25833", 13.4, 52.5))
    assert one.units["map_class"].tolist() == other.units["map_class"].tolist()
