"""Maps to look around in: the same classes and colours, and text that stays text."""

import html
import json
import re
import sys

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import shapely

import segregate as sg
from segregate.errors import GeometryError, MissingDependencyError, ParameterError, UnknownNameError
from segregate.plot import exploring, prepare_map

HOSTILE = ["<script>alert(1)</script>", "{{ 7 * 7 }}", "{% raise %}", "\"'&`${1}", "</script>", "\\u003c\n\u2028"]


def frame(values, crs=25833, **columns):
    values = list(values)
    return gpd.GeoDataFrame(
        {"value": values, **columns},
        geometry=[shapely.box(3e5 + 10 * i, 5e6, 3e5 + 10 * i + 10, 5e6 + 10) for i in range(len(values))],
        crs=crs,
    )


def page(shown):
    return shown.get_root().render()


def features(text):
    """Return the properties of the units in a page."""
    (data,) = re.findall(r"geo_json_\w+_add\((\{.*\})\);", text)
    return [feature["properties"] for feature in json.loads(data)["features"]]


def legend(text):
    """Return colours and labels of the legend."""
    box = text.split('class="segregate-legend"')[1].split("<details")[0]
    rows = re.findall(r"background:([^\"]+)\"></span>(.*?)</div>", box, re.DOTALL)
    return [(colour, html.unescape(label)) for colour, label in rows]


def aliases(text):
    return json.loads(re.search(r"let aliases = (\[.*?\]);", text).group(1))


def test_colours_and_legend_are_those_of_the_printed_map():
    local = sg.local(sg.sample("sacramento"), "divergence")
    local.loc[local.index[5:9], "value"] = np.nan
    prepared = prepare_map(local, k=4)
    text = page(sg.explore(local, k=4, tiles=None))
    assert [own["colour"] for own in features(text)] == prepared.units["map_color"].tolist()
    *classed, (hatch, last) = legend(text)
    classes = prepared.classes[~prepared.classes["hatched"]]
    assert [colour for colour, _ in classed] == classes["color"].tolist()
    assert [label for _, label in classed] == [
        f"{label}\N{EN SPACE}({n})" for label, n in zip(classes["label"], classes["units"], strict=True)
    ]
    assert last == "No people / no data\N{EN SPACE}(4)"
    assert hatch.startswith("repeating-linear-gradient")
    assert text.count('"fillColor": "url(#segregate-hatch)"') == 1  # once for all units that look so
    assert aliases(text) == ["fips", "Divergence", "class"]


def test_continuous_colours_are_those_of_the_units():
    given = frame([0.0, 0.25, 1.0])
    text = page(sg.explore(given, scheme=None, tiles=None))
    assert [own["colour"] for own in features(text)] == prepare_map(given, scheme=None).units["map_color"].tolist()
    assert len(legend(text)) == 10
    assert aliases(text) == ["value"]


def test_a_population_shows_ids_people_and_groups():
    pop = sg.sample("sacramento")
    text = page(sg.explore(pop, "location_quotient", group="black", tiles=None))
    assert aliases(text) == ["fips", "Location quotient", "people", "white", "black", "asian", "hisp", "class"]
    first = features(text)[0]
    assert first["f0"] == pop.ids[0]
    assert first["f2"] == f"{pop.totals[0]:,.0f}"
    assert first["f4"] == f"{pop.counts[0, 1]:,.0f}"
    expected = prepare_map(sg.local(pop, "location_quotient", group="black")).units["map_color"]
    assert [own["colour"] for own in features(text)] == expected.tolist()


def test_columns_to_show_are_chosen():
    pop = sg.sample("sacramento")
    assert aliases(page(sg.explore(pop, tooltip=["people", "value"], tiles=None))) == ["people", "Divergence", "class"]
    given = frame([1.0, 2.0], **{f"c{k}": [1, 2] for k in range(20)})
    assert len(aliases(page(sg.explore(given, tiles=None)))) == 12 + 1
    assert aliases(page(sg.explore(given, tooltip=["c19"], tiles=None))) == ["c19", "class"]


def test_values_under_the_pointer():
    given = frame(
        [1234567.0, 0.123456789, np.nan],
        flag=[True, False, True],
        text=["a", None, "b"],
        n=pd.array([5, None, -7], dtype="Int64"),
    )
    seen = features(page(sg.explore(given, tiles=None)))
    assert [own["f0"] for own in seen] == ["1,234,567", "0.123457", "\N{EN DASH}"]
    assert [own["f1"] for own in seen] == ["yes", "no", "yes"]
    assert [own["f2"] for own in seen] == ["a", "\N{EN DASH}", "b"]
    assert [own["f3"] for own in seen] == ["5", "\N{EN DASH}", "−7"]


def test_text_stays_text():
    """Pages of folium take text for HTML and for Jinja."""
    given = frame(range(6), kind=pd.Categorical(HOSTILE), **{HOSTILE[0]: HOSTILE, HOSTILE[1]: range(6)})
    given.attrs["segregate"] = {"title": HOSTILE[0], "column": "kind", "source": HOSTILE[1], "notes": [HOSTILE[2]]}
    text = page(sg.explore(given, tiles=None))
    assert "alert(1)</script>" not in text
    assert "49" not in {own["f2"] for own in features(text)}
    assert [label.rsplit("\N{EN SPACE}", 1)[0] for _, label in legend(text)] == sorted(HOSTILE)
    assert [html.unescape(own["f2"]) for own in features(text)] == HOSTILE
    assert [html.unescape(name) for name in aliases(text)][2:] == [HOSTILE[0], HOSTILE[1]]
    assert html.escape("{{ 7 * 7 }}").replace("{", "&#123;").replace("}", "&#125;") in text
    for own in features(text):
        assert not re.search("[<>]", own["f2"])


def test_a_page_fetches_leaflet_and_the_tiles_and_nothing_else():
    def hosts(tiles):
        text = page(sg.explore(frame([1.0, 2.0]), tiles=tiles))
        return set(re.findall(r"""(?:src=|href=|tileLayer\(\s*)["'](https?://[^/"']+)""", text))

    assert hosts(None) == {"https://cdn.jsdelivr.net"}
    assert hosts("OpenStreetMap.Mapnik") == {"https://cdn.jsdelivr.net", "https://tile.openstreetmap.org"}
    url = "https://tiles.example.org/{z}/{x}/{y}.png"
    assert hosts(url) == {"https://cdn.jsdelivr.net", "https://tiles.example.org"}
    assert "Basemap: tiles.example.org" in page(sg.explore(frame([1.0, 2.0]), tiles=url))


@pytest.mark.parametrize(
    "shape",
    [shapely.Point(3e5, 5e6), shapely.LineString([(3e5, 5e6), (3e5 + 9, 5e6)]), shapely.MultiPoint([(3e5, 5e6)])],
)
def test_points_and_lines(shape):
    given = frame([1.0, 2.0]).set_geometry(gpd.GeoSeries([shape] * 2, crs=25833))
    assert len(features(page(sg.explore(given, tiles=None)))) == 2


def test_units_without_geometry_are_left_out_of_the_map_only():
    given = frame([1.0, 2.0, 3.0])
    given.loc[1, "geometry"] = None
    text = page(sg.explore(given, tiles=None))
    assert len(features(text)) == 2
    assert "1 unit without geometry counted but not drawn" in text
    given["geometry"] = gpd.GeoSeries([None] * 3, crs=25833)
    with pytest.raises(GeometryError):
        sg.explore(given, tiles=None)


def test_data_without_crs_are_shown_as_they_are():
    assert len(features(page(sg.explore(frame([1.0, 2.0], crs=None), tiles=None)))) == 2


def test_data_are_not_changed():
    given = frame([1.0, 2.0])
    before = given.copy()
    sg.explore(given, tiles=None)
    pd.testing.assert_frame_equal(given, before)


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        ((1,), {}, ParameterError, "explore takes a GeoDataFrame .* or a population, not a int"),
        ((frame([1.0]), "divergence"), {}, ParameterError, "index=, group= and other= are for a population"),
        ((frame([1.0]),), {"group": "a"}, ParameterError, "index=, group= and other= are for a population"),
        ((frame([1.0]),), {"tooltip": "value"}, ParameterError, r"a list of columns: tooltip=\['value'\]"),
        ((frame([1.0]),), {"tooltip": ["valu"]}, UnknownNameError, r"'valu' \(tooltip=\)\. Did you mean 'value'"),
        ((frame([1.0]),), {"tiles": "OpenStreetMapp"}, UnknownNameError, "no tile provider 'OpenStreetMapp'. Did you"),
        ((frame([1.0]),), {"tiles": "https://x/{z}.png"}, ParameterError, "A tile URL needs {x}, {y} and {z} in it"),
        ((frame([1.0]),), {"tiles": 3}, ParameterError, "tiles= is the name of a provider, a URL .* not 3"),
        ((frame([1.0]),), {"tiles": "MapBox"}, ParameterError, "The tile provider 'MapBox' wants a key"),
        ((frame([1.0]),), {"engine": "x"}, ParameterError, "engine='x' is not known; it is one of 'auto', 'folium'"),
    ],
)  # fmt: skip
def test_what_cannot_be_shown_is_refused(arguments, options, error, message):
    with pytest.raises(error, match=message):
        sg.explore(*arguments, **options)


def test_populations_are_refused_where_there_is_no_map():
    with pytest.raises(ParameterError, match="column= is for a GeoDataFrame; of a population an index is mapped"):
        sg.explore(sg.sample("sacramento"), column="value")
    pop = sg.Population.from_frame(pd.DataFrame({"a": [1, 2], "b": [2, 1]}), ["a", "b"])
    with pytest.raises(GeometryError, match="The population has no geometry"):
        sg.explore(pop)


@pytest.mark.parametrize(("engine", "extra"), [("folium", "explore"), ("lonboard", "explore-large")])
def test_a_missing_package_is_named(monkeypatch, engine, extra):
    monkeypatch.setitem(sys.modules, engine, None)
    with pytest.raises(MissingDependencyError, match=rf"{engine}.* pip install 'segregate\[{extra}\]'"):
        sg.explore(frame([1.0, 2.0]), engine=engine)


# lonboard ------------------------------------------------------------------------------


@pytest.fixture
def lonboard():
    return pytest.importorskip("lonboard")


def test_many_units_are_drawn_by_lonboard(lonboard, monkeypatch):
    monkeypatch.setattr(exploring, "LARGE", 2)
    given = frame([1.0, 2.0, np.nan], name=["<a>", "b", None])
    prepared = prepare_map(given)
    shown = sg.explore(given)
    (layer,) = shown.layers
    colours = pa.array(layer.get_fill_color.combine_chunks()).flatten().to_numpy().reshape(-1, 4)
    assert ["#{:02x}{:02x}{:02x}".format(*row[:3]) for row in colours] == prepared.units["map_color"].tolist()
    assert {"value", "name", "map_label"} <= set(layer.table.schema.names)
    for label in prepared.classes["label"]:
        assert html.escape(label) in shown.custom_attribution
    assert sg.explore(given, tiles=None).basemap is None
    assert type(sg.explore(given, tiles=None, engine="folium")).__module__.startswith("folium")


def test_lonboard_draws_every_kind_of_geometry(lonboard):
    given = frame([1.0, 2.0, 3.0, 4.0])
    given["geometry"] = gpd.GeoSeries(
        [
            shapely.Point(3e5, 5e6),
            shapely.LineString([(3e5, 5e6), (3e5 + 9, 5e6)]),
            shapely.box(3e5, 5e6, 3e5 + 9, 5e6 + 9),
            shapely.GeometryCollection([shapely.Point(3e5, 5e6), shapely.box(3e5, 5e6, 3e5 + 9, 5e6 + 9)]),
        ],
        crs=25833,
    )
    shown = sg.explore(given, engine="lonboard")
    found = [(type(layer).__name__, layer.table.num_rows) for layer in shown.layers]
    assert found == [("PolygonLayer", 2), ("PathLayer", 1), ("ScatterplotLayer", 2)]


def test_lonboard_has_a_map_of_its_own_and_needs_to_know_where(lonboard):
    with pytest.raises(ParameterError, match=r"lonboard draws a map of its own .*not 'OpenTopoMap'"):
        sg.explore(frame([1.0]), engine="lonboard", tiles="OpenTopoMap")
    with pytest.raises(GeometryError, match=r"lonboard needs to know where the data are.*frame\.set_crs"):
        sg.explore(frame([1.0, 2.0], crs=None), engine="lonboard")
