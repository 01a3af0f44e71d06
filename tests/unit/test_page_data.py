"""What the interactive part of the page is told."""

import json
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import MultiPolygon, Point, Polygon, box

import segregate as sg
from segregate._languages import LANGUAGES, language_of
from segregate.errors import DataError, ParameterError
from segregate.reporting._page_data import page_data
from segregate.reporting._page_shapes import STEPS, drawn
from tests.browser.pages import city_of, layer_of, measure_of

ENGLISH = language_of("en")


def series(*shapes):
    return gpd.GeoSeries(list(shapes), crs="EPSG:32633")


def decoded(rings):
    """Undo the differences, ring by ring; the first is the shell and the others are holes or parts."""
    return [np.cumsum(np.reshape(ring, (-1, 2)), axis=0) for ring in rings]


def polygon(rings):
    """Even and odd, as the page fills them."""
    shape = Polygon()
    for ring in decoded(rings):
        shape = shape.symmetric_difference(Polygon(ring))
    return shape


@pytest.fixture(scope="module")
def city():
    return city_of(8, 6)


@pytest.fixture(scope="module")
def layer(city):
    return layer_of(city, "2020")


@pytest.fixture(scope="module")
def page(layer):
    return page_data([layer], language=ENGLISH)


def test_shapes_are_where_the_units_are(city):
    made = drawn(city.geometry)
    west, south, _, _ = made.bounds
    for original, rings in zip(city.geometry, made.shapes, strict=True):
        x, y = np.vstack(decoded(rings)).T
        placed = Polygon(np.column_stack([west + x * made.scale, south + y * made.scale]))
        assert placed.hausdorff_distance(original) < 3 * made.scale
    assert made.scale == pytest.approx(max(made.bounds[2] - west, made.bounds[3] - south) / STEPS)


@pytest.mark.parametrize("vertices", [10**6, 600])
def test_neighbours_keep_their_common_borders(city, vertices):
    made = drawn(city.geometry, vertices=vertices)
    shapes = [polygon(rings) for rings in made.shapes]
    together = shapely.union_all(shapes)
    assert together.geom_type == "Polygon"
    assert not together.interiors
    assert together.area == pytest.approx(sum(shape.area for shape in shapes), rel=1e-12)


def test_few_corners_are_kept_to(city):
    corners = [
        sum(len(ring) // 2 for unit in drawn(city.geometry, vertices=n).shapes for ring in unit) for n in (10**6, 600)
    ]
    assert corners[0] > 700
    assert corners[1] <= 600


def test_holes_and_parts_stay():
    ring = box(0, 0, 1000, 1000).difference(box(300, 300, 600, 600))
    two = MultiPolygon([box(2000, 0, 2500, 500), box(2000, 600, 2500, 900)])
    made = drawn(series(ring, two))
    steps = made.scale**2
    assert polygon(made.shapes[0]).area * steps == pytest.approx(1000**2 - 300**2, rel=1e-3)
    assert polygon(made.shapes[1]).area * steps == pytest.approx(500 * 800, rel=1e-3)
    assert made.points is None


def test_a_unit_smaller_than_a_step_is_still_there():
    made = drawn(series(box(0, 0, 100_000, 100_000), box(100_000, 5000, 100_001, 5001)))
    small = polygon(made.shapes[1])
    assert small.area > 0
    assert small.distance(Point(100_000 / made.scale, 5000 / made.scale)) < 3


def test_units_that_overlap_or_cross_themselves_are_drawn():
    bow = Polygon([(0, 0), (1000, 1000), (1000, 0), (0, 1000)])
    made = drawn(series(bow, box(500, 500, 1500, 1500), box(900, 0, 2000, 800)))
    assert polygon(made.shapes[0]).area * made.scale**2 == pytest.approx(500_000, rel=1e-3)
    assert polygon(made.shapes[1]).area * made.scale**2 == pytest.approx(1000**2, rel=1e-3)


def test_points_and_missing_geometry():
    made = drawn(series(Point(0, 0), Point(1000, 500), None))
    assert made.shapes is None
    assert made.points == [[0, 0], [STEPS, STEPS // 2], None]
    mixed = drawn(series(box(0, 0, 100, 100), Point(1000, 50), Polygon()))
    assert [bool(unit) for unit in mixed.shapes] == [True, False, False]
    assert mixed.points == [None, [STEPS, STEPS // 20], None]


def test_data_in_degrees_are_drawn_in_the_projection_of_the_print_map():
    west, south, east, north = drawn(sg.sample("sacramento").geometry).bounds
    assert 180_000 < east - west < 260_000
    assert 120_000 < north - south < 170_000


def test_numbers_are_those_that_were_computed(city, layer, page):
    shown = page["layers"][0]
    assert shown["ids"] == list(city.ids)
    assert shown["people"] == city.counts.sum(axis=1).tolist()
    assert [group["name"] for group in shown["groups"]] == ["white", "black", "asian"]
    assert shown["groups"][1]["people"] == city.counts[:, 1].tolist()
    for measure, made in zip(shown["measures"], layer.measures, strict=True):
        values = [np.nan if value is None else value for value in measure["values"]]
        np.testing.assert_array_equal(values, made.values)
        assert measure["values"].count(None) == int((city.counts.sum(axis=1) == 0).sum()) == measure["no_data"]


def test_classes_are_those_of_the_print_map(city, page):
    shown = next(m for m in page["layers"][0]["measures"] if (m["key"], m["group"]) == ("location_quotient", "black"))
    prepared = sg.plot.prepare_map(sg.local(city, "location_quotient", group="black"))
    assert shown["class"] == (prepared.units["map_class"].fillna(0).astype(int) - 1).tolist()
    known = prepared.classes.query("not hatched")
    assert [row["label"] for row in shown["classes"]] == known["label"].tolist()
    assert [row["color"] for row in shown["classes"]] == known["color"].tolist()
    assert [row["units"] for row in shown["classes"]] == known["units"].tolist()


def test_it_is_json_and_the_same_twice(layer, page):
    text = json.dumps(page, allow_nan=False)
    assert json.loads(text) == page
    assert json.dumps(page_data([layer], language=ENGLISH)) == text


def test_ids_are_text_and_names_may_be_missing():
    frame = pd.DataFrame({"a": [1, 2, 3], "b": [3, 2, 1.5]}, index=[7, 8, 9])
    population = sg.Population.from_frame(frame, ["a", "b"])
    names = pd.Series(["north", None, 3])
    made = replace(layer_of(city_of(3, 1), "x"), population=population, frame=frame[[]], names=names, measures=[])
    made = replace(made, measures=[measure_of_frame(population)])
    shown = page_data([made], language=ENGLISH)["layers"][0]
    assert shown["ids"] == ["7", "8", "9"]
    assert shown["names"] == ["north", None, "3"]
    assert shown["people"] == [4, 4, 4.5]
    assert (shown["shapes"], shown["points"], shown["bounds"]) == (None, None, None)


def measure_of_frame(population):
    values = pd.Series([0.5, 1.0, 2.0])
    classes = pd.DataFrame({"low": [0.5], "high": [2.0], "label": ["all"], "color": ["#aabbcc"], "units": [3]})
    return replace(measure_of(city_of(3, 1), "divergence", None), values=values, classes=classes)


def test_labels_stand_for_groups(city):
    labels = {"black": "Black or African American"}
    shown = page_data([layer_of(city, "x", labels=labels)], language=ENGLISH)["layers"][0]
    assert shown["groups"][1]["name"] == labels["black"]
    assert {m["group"] for m in shown["measures"]} == {"white", labels["black"], "asian", None}


def test_geometry_that_several_layers_share_is_stored_once(city):
    other = city_of(8, 6, seed=2)
    third = city_of(7, 6)
    layers = page_data([layer_of(city, "a"), layer_of(other, "b"), layer_of(third, "c")], language=ENGLISH)["layers"]
    assert [one["same_as"] for one in layers] == [None, 0, None]
    assert [one["shapes"] is None for one in layers] == [False, True, False]


def test_five_thousand_units_take_two_megabytes():
    page = page_data([layer_of(city_of(100, 50), "big")], language=ENGLISH)
    size = len(json.dumps(page, separators=(",", ":")))
    assert len(page["layers"][0]["shapes"]) == 5000
    assert size < 2_000_000


@pytest.mark.parametrize("code", LANGUAGES)
def test_words_and_marks_of_the_language(layer, code):
    page = page_data([layer], language=language_of(code))
    assert page["language"]["code"] == code
    assert page["words"].keys() == page_data([layer], language=ENGLISH)["words"].keys()
    assert page["language"]["decimal"] == language_of(code).number(0.5, 1)[1]


def refused(layer, error, match, **changes):
    with pytest.raises(error, match=match):
        page_data([replace(layer, **changes)], language=ENGLISH)


def test_what_does_not_fit_together_is_refused(city, layer):
    first, *others = layer.measures
    refused(layer, DataError, "48 units, but its frame has 47 rows", frame=layer.frame.iloc[:-1])
    refused(layer, DataError, "48 units, but its names has 2 rows", names=pd.Series(["a", "b"]))
    refused(layer, DataError, "in 48 rows .first: '00047'", frame=layer.frame.iloc[::-1])
    refused(layer, ParameterError, "no measure to show", measures=[])
    refused(layer, ParameterError, "1 name of a measure is there twice: 'Share, white'", measures=[*others, others[2]])
    short = replace(first, values=first.values.iloc[:3])
    refused(layer, DataError, "'Location quotient, white' of layer '2020' has 3 values for 48 units", measures=[short])
    lacking = replace(first, classes=first.classes.drop(columns=["color", "units"]))
    refused(layer, DataError, "lack the columns 'color', 'units'", measures=[lacking])
    narrow = replace(first, values=first.values.mask(first.values.index == 1, np.inf))
    refused(layer, DataError, "1 unit of 48 has a value of .* in no class .first: '00001'", measures=[narrow])
    other = replace(first, classes=others[0].classes)
    refused(layer, DataError, "but the values fill them with|lies in no class", measures=[other])
    miscounted = replace(first, classes=first.classes.assign(units=first.classes["units"][::-1].to_numpy()))
    refused(layer, DataError, "Make values and classes from one map", measures=[miscounted])


def test_layers_need_names_of_their_own(layer):
    with pytest.raises(ParameterError, match="at least one layer"):
        page_data([], language=ENGLISH)
    with pytest.raises(ParameterError, match="1 name of a layer is there twice: '2020'"):
        page_data([layer, layer], language=ENGLISH)
