"""Parts of the script by themselves, against Python: numbers, and which unit lies under a point."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import MultiPolygon, Point, box

import segregate as sg
from segregate._languages import LANGUAGES, language_of
from segregate.reporting._page_data import page_data
from segregate.reporting._page_shapes import drawn
from tests.browser.pages import city_of, layer_of

pytestmark = pytest.mark.slow
FOLDER = Path(sg.__file__).parent / "reporting" / "assets" / "page"
VALUES = [0, 1, -1, 0.5, 1.5, 2.5, 0.125, -0.004, 999.95, 1000, 1234.5, -12345.678, 99999, 1e6, 123456789.125, 5e11]


@pytest.fixture(scope="module")
def run(browser):
    """Return a function that runs a line of script after files of the page."""
    page = browser.new_page()

    def run(files, line, argument):
        script = "\n".join((FOLDER / f"{name}.js").read_text(encoding="utf-8") for name in files)
        return page.evaluate(f"argument => {{ {script}\n return ({line})(argument); }}", argument)

    yield run
    page.close()


@pytest.mark.parametrize("code", LANGUAGES)
def test_numbers_are_written_as_in_the_rest_of_the_report(run, code):
    language = language_of(code)
    page = page_data([layer_of(city_of(3, 2), "x", shown=[("divergence", False)])], language=language)
    cases = [[value, digits] for value in VALUES for digits in (0, 1, 2, 3)]
    line = """([page, cases]) => {
      const t = new Text(page.language, page.words);
      const units = [0, 1, 2, 1.5, 1234].map(n => t.say('units', { n }));
      return [cases.map(c => t.number(...c)), cases.map(c => t.people(c[0])), units, t.percent(0.1234)];
    }"""
    numbers, people, units, percent = run(["text"], line, [page, cases])
    assert numbers == [language.number(*case) for case in cases]
    assert people == [language.people(value) for value, _ in cases]
    assert units == [language.text("page.units", n=n) for n in (0, 1, 2, 1.5, 1234)]
    assert percent == language.percent(0.1234)


def shapes():
    """Return a shape with a hole, an island in the hole, and a neighbour of two parts."""
    ring = box(0, 0, 1000, 1000).difference(box(200, 200, 700, 700))
    island = Point(450, 450).buffer(150)
    two = MultiPolygon([box(1000, 0, 1500, 400), box(1100, 500, 1400, 900)])
    return gpd.GeoSeries([ring, island, two], crs="EPSG:32633")


def test_the_unit_under_a_point_is_the_one_that_contains_it(run):
    check(run, shapes())
    check(run, city_of(6, 5).geometry)


def check(run, geometry):
    made = drawn(geometry)
    west, south, east, north = made.bounds
    rng = np.random.default_rng(3)
    points = rng.uniform((west - 50, south - 50), (east + 50, north + 50), (2000, 2))
    steps = (points - (west, south)) / made.scale
    data = {"shapes": made.shapes, "points": None, "bounds": made.bounds, "scale": made.scale}
    layer = {"ids": [str(number) for number in range(len(geometry))], "names": None}
    line = "([layer, data, places]) => { const u = new Units(layer, data); return places.map(p => u.at(...p, 0)) }"
    found = np.array(run(["text", "units"], line, [layer, data, steps.tolist()]))
    near = shapely.distance(shapely.points(points), shapely.union_all(geometry.boundary.to_numpy())) < 3 * made.scale
    for unit, shape in enumerate(geometry):
        inside = shapely.contains_xy(shape, *points.T)
        np.testing.assert_array_equal((found == unit)[~near], inside[~near])
    assert near.mean() < 0.05
    assert (found[~near] == -1).any()


def test_the_middle_of_a_unit_lies_inside_of_it(run):
    for one in (*shapes(), *city_of(6, 5).geometry):
        made = drawn(gpd.GeoSeries([one], crs="EPSG:32633"))
        data = {"shapes": made.shapes, "points": None, "bounds": made.bounds, "scale": made.scale}
        line = "([layer, data]) => new Units(layer, data).middle(0)"
        x, y = run(["text", "units"], line, [{"ids": ["a"], "names": None}, data])
        assert one.contains(Point(made.bounds[0] + x * made.scale, made.bounds[1] + y * made.scale))


def test_a_school_is_met_within_reach_and_the_nearest_first(run):
    data = {"shapes": None, "points": [[0, 0], [1000, 0], None], "bounds": [0, 0, 2000, 2000], "scale": 1}
    line = "([layer, data, places]) => { const u = new Units(layer, data); return places.map(p => u.at(...p)) }"
    places = [[0, 0, 10], [8, 0, 10], [12, 0, 10], [499, 0, 600], [501, 0, 600], [1000, 900, 10]]
    layer = {"ids": ["a", "b", "c"], "names": None}
    assert run(["text", "units"], line, [layer, data, places]) == [0, 0, -1, 0, 1, -1]
