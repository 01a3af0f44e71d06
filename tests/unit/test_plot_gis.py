"""Layers that open in a GIS as the printed map: styles in GeoPackage, GeoJSON with a style beside it."""

import json
import os
import shutil
import sqlite3
import subprocess
import xml.etree.ElementTree as ElementTree
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import segregate as sg
from segregate.errors import DataError, GeometryError
from segregate.plot import map as draw
from segregate.plot import prepare_map
from segregate.plot._layers import save_layer

LOOK = Path(__file__).with_name("qgis_look.py")
SE = {"se": "http://www.opengis.net/se", "ogc": "http://www.opengis.net/ogc", "sld": "http://www.opengis.net/sld"}
HOSTILE = ["<b>&\"'", "]]> x", "\x1b[31m\x00", "ünï 中", "{{ x }}"]


def frame(values, **columns):
    values = list(values)
    return gpd.GeoDataFrame(
        {"value": values, **columns},
        geometry=[shapely.box(3e5 + 10 * i, 5e6, 3e5 + 10 * i + 10, 5e6 + 10) for i in range(len(values))],
        crs=25833,
    )


def style_of(path):
    """Return the row of the table of styles, QML and SLD parsed."""
    with closing(sqlite3.connect(path)) as base:
        base.row_factory = sqlite3.Row
        (row,) = base.execute("select * from layer_styles").fetchall()
    return row, ElementTree.fromstring(row["styleQML"]), ElementTree.fromstring(row["styleSLD"])


def saved(tmp_path, given, column=None, **options):
    save_layer(prepare_map(given, column, **options), tmp_path / "map.gpkg")
    return style_of(tmp_path / "map.gpkg")


def seen_in_ranges(qml, values):
    """Return the label of every value, as QGIS finds it: the first range that it is in."""
    ranges = [(float(r.get("lower")), float(r.get("upper")), r.get("label")) for r in qml.iter("range")]
    return [next(label for low, high, label in ranges if low <= value <= high) for value in values]


def rule_holds(condition, value):
    if condition == '"value" IS NULL':
        return value is None
    return value is not None and eval(condition.replace('"value"', repr(value)).replace("AND", "and"))


def fill_of(qml, symbol):
    path = f"./renderer-v2/symbols/symbol[@name='{symbol}']/layer/Option/Option[@name='color']"
    red, green, blue, _ = qml.find(path).get("value").split(",")
    return f"#{int(red):02x}{int(green):02x}{int(blue):02x}"


def test_the_table_of_styles_is_as_qgis_makes_it(tmp_path):
    given = frame([0.1, 0.2, 0.3, 0.4])
    given.attrs["segregate"] = {"title": "Divergence " * 5, "date": "2024-02-29"}
    row, _, _ = saved(tmp_path, given)
    assert row["f_table_catalog"] == row["f_table_schema"] == row["owner"] == ""
    assert (row["f_table_name"], row["f_geometry_column"], row["useAsDefault"]) == ("map", "geom", 1)
    assert row["styleName"] == ("Divergence " * 5)[:30]
    assert row["description"].startswith("Divergence Div")
    assert row["update_time"] == "2024-02-29T00:00:00.000Z"
    with closing(sqlite3.connect(tmp_path / "map.gpkg")) as base:
        listed = base.execute("select table_name, data_type, last_change from gpkg_contents").fetchall()
        assert base.execute("pragma integrity_check").fetchone() == ("ok",)
    assert listed == [(n, k, row["update_time"]) for n, k in [("map", "features"), ("layer_styles", "attributes")]]
    styles = gpd.read_file(tmp_path / "map.gpkg", layer="layer_styles")
    assert styles["useAsDefault"].tolist() == [True]


def test_a_layer_called_like_the_table_of_styles(tmp_path):
    save_layer(prepare_map(frame([1, 2])), tmp_path / "layer_styles.gpkg")
    row, _, _ = style_of(tmp_path / "layer_styles.gpkg")
    assert row["f_table_name"] == "layer_styles_"
    assert len(gpd.read_file(tmp_path / "layer_styles.gpkg", layer="layer_styles_")) == 2


@pytest.mark.parametrize(
    "options",
    [{}, {"k": 3}, {"scheme": "equal_interval"}, {"breaks": [0.1, 0.1 + 0.2, 0.7]}, {"center": 0.3}],
    ids=str,
)
def test_ranges_put_every_value_into_its_class(tmp_path, options):
    values = [0.05, 0.1, 0.2, 0.1 + 0.2, 0.3, np.nextafter(0.3, 1), 0.5, 0.7, 0.7000001, 0.9]
    given = frame(values)
    prepared = prepare_map(given, **options)
    _, qml, sld = saved(tmp_path, given, **options)
    legend = [
        f"{label}\N{EN SPACE}({n})"
        for label, n in zip(prepared.classes["label"], prepared.classes["units"], strict=True)
    ]
    by_label = dict(zip(prepared.classes["label"], legend, strict=True))
    expected = [by_label[label] for label in prepared.units["map_label"]]
    renderer = qml.find("renderer-v2")
    if renderer.get("type") == "RuleRenderer":  # two limits that QGIS would not tell apart
        rules = [(rule.get("filter"), rule.get("label")) for rule in qml.iter("rule")]
        found = [[label for condition, label in rules if rule_holds(condition, value)] for value in values]
        assert found == [[label] for label in expected]
    else:
        assert renderer.get("attr") == "value"
        assert seen_in_ranges(qml, values) == expected
        assert [r.get("label") for r in qml.iter("range")] == legend
    assert [fill_of(qml, place) for place in range(len(legend))] == prepared.classes["color"].tolist()
    assert [name.text for name in sld.iterfind(".//se:Rule/se:Name", SE)] == legend


def test_open_ends_are_open(tmp_path):
    _, qml, sld = saved(tmp_path, frame([1, 2, 3, 4]), breaks=[2.0])
    assert [(r.get("lower"), r.get("upper")) for r in qml.iter("range")] == [("-inf", "2.0"), ("2.0", "inf")]
    first, second = sld.iterfind(".//ogc:Filter", SE)
    assert [child.tag.split("}")[1] for child in first] == ["PropertyIsLessThanOrEqualTo"]
    assert [child.tag.split("}")[1] for child in second] == ["PropertyIsGreaterThan"]


def test_outer_ends_are_not_in_sld_where_a_program_may_round_them(tmp_path):
    _, qml, sld = saved(tmp_path, frame([1 / 3, 0.5, 2 / 3]), k=2)
    assert float(next(qml.iter("range")).get("lower")) == 1 / 3
    literals = [literal.text for literal in sld.iterfind(".//ogc:Literal", SE)]
    assert len(literals) == 2
    assert literals[0] == literals[1]


def test_limits_that_a_graduated_renderer_would_not_tell_apart_are_rules(tmp_path):
    given = frame([1e-17, 2e-17, 3e-17, 4e-17])
    _, qml, _ = saved(tmp_path, given, breaks=[2e-17])
    assert qml.find("renderer-v2").get("type") == "RuleRenderer"
    assert [rule.get("filter") for rule in qml.iter("rule")] == ['"value" <= 2e-17', '"value" > 2e-17']


def test_units_without_value_have_a_rule_and_the_hatch_of_the_print(tmp_path):
    _, qml, sld = saved(tmp_path, frame([0.1, 0.2, np.nan, 0.4, np.nan]), k=3)
    rules = list(qml.iter("rule"))
    assert rules[-1].get("filter") == '"value" IS NULL'
    assert rules[-1].get("label") == "No people / no data\N{EN SPACE}(2)"
    layers = qml.findall("./renderer-v2/symbols/symbol[@name='3']/layer")
    assert [layer.get("class") for layer in layers] == ["SimpleFill", "LinePatternFill"]
    assert fill_of(qml, 3) == "#ffffff"
    last = sld.findall(".//se:Rule", SE)[-1]
    assert last.find("./ogc:Filter/ogc:PropertyIsNull/ogc:PropertyName", SE).text == "value"
    assert last.find(".//se:WellKnownName", SE).text == "shape://slash"


def test_no_unit_has_a_value(tmp_path):
    _, qml, sld = saved(tmp_path, frame([np.nan, np.nan]))
    assert [rule.get("filter") for rule in qml.iter("rule")] == ['"value" IS NULL']
    assert len(sld.findall(".//se:Rule", SE)) == 1


def test_categories_with_hostile_names(tmp_path):
    given = frame([1.0] * 6, kind=pd.Categorical([*HOSTILE, None], categories=HOSTILE))
    row, qml, sld = saved(tmp_path, given, "kind", title="<x> & \x00", caption="a < b")
    renderer = qml.find("renderer-v2")
    assert (renderer.get("type"), renderer.get("attr")) == ("categorizedSymbol", "kind")
    found = [category.get("value") for category in qml.iter("category")]
    assert found == [text.replace("\x1b", "\ufffd").replace("\x00", "\ufffd") for text in HOSTILE] + [""]
    assert sld.find(".//se:Title", SE).text == "<x> & \ufffd"
    assert row["description"] == "a < b"
    assert [x.text for x in sld.iterfind(".//ogc:Literal", SE)] == found[:-1]


@pytest.mark.parametrize(
    "kind",
    [[True, False, True, None], pd.Categorical([3, 1, 1, None]), pd.Categorical(["", "a", "a", None])],
    ids=["flags", "numbers", "empty text"],
)
def test_categories_that_are_no_text_go_by_their_class(tmp_path, kind):
    given = frame([1.0] * 4, kind=pd.array(kind, dtype="boolean") if isinstance(kind, list) else kind)
    _, qml, _ = saved(tmp_path, given, "kind")
    assert qml.find("renderer-v2").get("attr") == "map_class"
    assert [(c.get("value"), c.get("type")) for c in qml.iter("category")] == [
        ("1", "long"),
        ("2", "long"),
        ("", "string"),
    ]


@pytest.mark.parametrize("ratio", [False, True])
def test_continuous_colours_are_those_of_the_units(tmp_path, ratio):
    given = frame([0.1, 0.5, 1.0, 2.0, 12.0])
    if ratio:
        given.attrs["segregate"] = {"title": "LQ", "bounds": [0, None], "center": 1.0}
    _, qml, sld = saved(tmp_path, given, scheme=None)
    assert qml.find("renderer-v2").get("type") == "graduatedSymbol"
    fields = [option.get("value") for option in qml.iterfind(".//Option[@name='field']")]
    assert fields == ["map_color"] * 10
    ranges = [(float(r.get("lower")), float(r.get("upper"))) for r in qml.iter("range")]
    assert ranges[0][0] == -np.inf
    assert ranges[-1][1] == np.inf
    assert all(a[1] == b[0] for a, b in pairwise(ranges))
    inner = [high for _, high in ranges[:-1]]
    steps = np.diff(np.log(inner) if ratio else inner)
    np.testing.assert_allclose(steps, steps[0])
    assert sum(int(r.get("label").split("(")[1][:-1]) for r in qml.iter("range")) == 5
    (rule,) = sld.findall(".//se:Rule", SE)
    assert rule.find("./se:PolygonSymbolizer/se:Fill/se:SvgParameter/ogc:PropertyName", SE).text == "map_color"


@pytest.mark.parametrize("scheme", ["auto", None])
def test_numbers_that_are_written_as_text_keep_their_classes(tmp_path, scheme):
    given = frame([1.0, 2.0, 3.0, 4.0])
    given["value"] = pd.array([1, 2**63, 2**64 - 2048, None], dtype="UInt64")
    _, qml, _ = saved(tmp_path, given, scheme=scheme)
    if scheme is None:
        filters = [rule.get("filter") for rule in qml.iter("rule")]
        assert filters == ['"value" IS NOT NULL', '"value" IS NULL']
    else:
        assert qml.find("renderer-v2").get("attr") == "map_class"


def test_a_column_with_quotes_in_its_name(tmp_path):
    given = frame([0.1, np.nan]).rename(columns={"value": 'a"b'})
    _, qml, _ = saved(tmp_path, given, 'a"b')
    assert [rule.get("filter") for rule in qml.iter("rule")][-1] == '"a""b" IS NULL'


def test_outlines_are_thinner_the_more_units_there_are(tmp_path):
    def width(n):
        _, qml, _ = saved(tmp_path, frame(np.arange(n)), k=2)
        options = {o.get("name"): o.get("value") for o in qml.find(".//symbol[@name='0']/layer/Option")}
        return options["outline_width"], options["outline_color"] == options["color"]

    assert width(10) == ("0.35", False)
    assert width(2001) == ("0.15", True)


# GeoJSON -------------------------------------------------------------------------------


def test_geojson_is_in_longitude_and_latitude_with_its_style_beside(tmp_path):
    given = frame([0.1, np.nan, 0.3], name=["a", None, "<c>"], fill=[1, 2, 3])
    given["geometry"] = given.geometry.reverse()
    prepared = prepare_map(given)
    draw(given, managed=False, save=tmp_path / "map.geojson")
    found = json.loads((tmp_path / "map.geojson").read_text(), parse_constant=pytest.fail)
    assert "crs" not in found
    assert len(found["features"]) == 3
    for feature, place in zip(found["features"], given.to_crs(4326).geometry, strict=True):
        shape = shapely.geometry.shape(feature["geometry"])
        assert shape.exterior.is_ccw
        assert shape.hausdorff_distance(place) < 1e-7
        assert all(len(repr(float(x)).split(".")[1]) <= 7 for point in shape.exterior.coords for x in point)
    first, second, third = (feature["properties"] for feature in found["features"])
    assert (first["value"], second["value"], second["name"], third["name"]) == (0.1, None, None, "<c>")
    assert [one["fill"] for one in (first, second, third)] == prepared.units["map_color"].tolist()
    assert [one["fill_"] for one in (first, second, third)] == [1, 2, 3]
    assert second["map_class"] is None
    qml = ElementTree.fromstring((tmp_path / "map.qml").read_text())
    assert qml.find("renderer-v2").get("type") == "RuleRenderer"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["map.geojson", "map.qml"]


@pytest.mark.parametrize(
    ("shape", "key"),
    [(shapely.Point(3e5, 5e6), "marker-color"), (shapely.LineString([(3e5, 5e6), (4e5, 5e6)]), "stroke")],
)
def test_geojson_of_points_and_lines(tmp_path, shape, key):
    given = frame([1.0, 2.0]).set_geometry(gpd.GeoSeries([shape] * 2, crs=25833))
    save_layer(prepare_map(given), tmp_path / "map.geojson")
    found = json.loads((tmp_path / "map.geojson").read_text())
    colours = prepare_map(given).units["map_color"].tolist()
    assert [feature["properties"][key] for feature in found["features"]] == colours


def test_geojson_needs_to_know_where_the_data_are(tmp_path):
    given = frame([1.0, 2.0]).set_crs(None, allow_override=True)
    with pytest.raises(GeometryError, match=r"map\.geojson is in longitude and latitude, .*frame\.set_crs"):
        draw(given, managed=False, save=tmp_path / "map.geojson")
    assert not list(tmp_path.iterdir())


def test_geojson_has_no_infinite_numbers(tmp_path):
    with pytest.raises(DataError, match=r"JSON has no infinite numbers, .* have some: 'z'\. Drop"):
        draw(frame([1.0, 2.0], z=[np.inf, 1.0]), managed=False, save=tmp_path / "map.geojson")
    assert not list(tmp_path.iterdir())


# QGIS itself ---------------------------------------------------------------------------


def qgis_python():
    """Return a Python that has QGIS, if there is one."""
    for name in dict.fromkeys(filter(None, ["/usr/bin/python3", shutil.which("python3")])):
        if (
            Path(name).exists()
            and not subprocess.run([name, "-c", "import qgis.core"], check=False, capture_output=True).returncode
        ):
            return name
    return None


@pytest.mark.slow
def test_qgis_shows_the_map_that_was_printed(tmp_path):
    python = qgis_python()
    if python is None:
        pytest.skip("QGIS is not installed")
    local = sg.local(sg.sample("sacramento"), "location_quotient", group="black")
    missing = local.copy()
    missing.loc[missing.index[5:9], "value"] = np.nan
    for name, given, options in [
        ("graduated", local, {}),
        ("rules", missing, {"k": 4}),
        ("continuous", missing, {"scheme": None}),
        ("kinds", frame(range(6), kind=pd.Categorical([*"abcab", None])), {"column": "kind"}),
    ]:
        for suffix in (".gpkg", ".geojson"):
            path = tmp_path / f"{name}{suffix}"
            prepared = prepare_map(given, **options)
            save_layer(prepared, path)
            run = subprocess.run(
                [python, LOOK, path, name],
                env=dict(os.environ, QT_QPA_PLATFORM="offscreen"),
                capture_output=True,
                text=True,
                check=True,
            )
            seen = json.loads(run.stdout)
            assert [unit["colours"][0] for unit in seen["units"]] == prepared.units["map_color"].tolist()
            assert [len(unit["kinds"]) == 2 for unit in seen["units"]] == prepared.units["map_hatched"].tolist()
            if prepared.limits is None:
                labels = [label.split("\N{EN SPACE}")[0] for label in seen["legend"]]
                assert labels == prepared.classes["label"].tolist()
