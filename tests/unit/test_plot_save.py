"""Files: PNG, SVG and PDF fit for print, and the mapped layer for a GIS."""

import re
import sqlite3
import xml.etree.ElementTree as ElementTree

import geopandas as gpd
import geopandas.testing
import matplotlib
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from matplotlib.figure import Figure
from PIL import Image

import segregate.plot._layers as layers
import segregate.plot._save as saving
from segregate.errors import DataError, ParameterError
from segregate.plot import draw_map, prepare_map
from segregate.plot import map as draw


def frame(**columns):
    made = gpd.GeoDataFrame(
        {"tract": ["001", "002", "003", "004"], "value": [0.1, 0.2, 0.3, np.nan], **columns},
        geometry=[shapely.box(i, 0, i + 1, 1) for i in range(4)],
        crs=25833,
    )
    made.attrs["segregate"] = {"title": "Divergence", "groups": ["a", "b"], "environment": "home", "notes": []}
    return made


def test_png_has_300_dots_per_inch_and_a_title(tmp_path):
    ax = draw(frame(), managed=False, save=tmp_path / "map.png")
    with Image.open(tmp_path / "map.png") as picture:
        assert picture.info["dpi"] == pytest.approx((300, 300), abs=0.1)
        assert picture.info["Title"] == "Divergence"
        assert picture.info["Description"].startswith("Divergence. Groups: a, b.")
        assert picture.size == tuple((ax.figure.get_size_inches() * 300).astype(int))


def test_svg_is_well_formed_and_keeps_text(tmp_path):
    draw(frame(), managed=False, save=tmp_path / "map.svg")
    root = ElementTree.parse(tmp_path / "map.svg").getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    texts = ["".join(node.itertext()) for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "Divergence" in texts
    assert any(text.startswith("No people / no data") for text in texts)
    names = [node.get("id") for node in root.iter() if node.get("id")]
    assert {"units", "no-data", "caption"} <= set(names)
    assert len(names) == len(set(names))


def test_pdf_embeds_truetype_fonts(tmp_path):
    draw(frame(), managed=False, save=tmp_path / "map.pdf")
    content = (tmp_path / "map.pdf").read_bytes()
    assert content.startswith(b"%PDF")
    assert b"/FontFile2" in content
    assert b"/Type3" not in content
    assert re.search(rb"/BaseFont\s*/[A-Z+]*DejaVuSans", content)


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf", ".gpkg", ".geojson"])
def test_the_same_map_gives_the_same_file(tmp_path, suffix):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        draw(frame(), managed=False, save=tmp_path / folder / f"map{suffix}")
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_settings_are_as_before_after_saving(tmp_path):
    before = dict(matplotlib.rcParams)
    draw(frame(), managed=False, save=[tmp_path / f"map{suffix}" for suffix in saving.FORMATS])
    assert dict(matplotlib.rcParams) == before


def test_the_layer_is_read_back(tmp_path):
    given = frame()
    prepared = prepare_map(given, k=3)
    draw(given, k=3, managed=False, save=str(tmp_path / "map.GPKG"))
    assert pyogrio.list_layers(tmp_path / "map.GPKG")[:, 0].tolist() == ["map", "layer_styles"]
    layer = gpd.read_file(tmp_path / "map.GPKG", layer="map")
    assert list(layer.columns) == ["tract", "value", "map_class", "map_label", "map_color", "map_hatched", "geometry"]
    assert layer["tract"].tolist() == ["001", "002", "003", "004"]
    assert layer["value"].tolist()[:3] == [0.1, 0.2, 0.3]
    assert layer["map_class"].tolist()[:3] == [1, 2, 3]
    assert layer["map_class"].isna().tolist() == [False, False, False, True]
    assert layer["map_label"].tolist() == prepared.classes["label"].tolist()
    assert layer["map_color"].str.fullmatch("#[0-9a-f]{6}").all()
    assert layer["map_hatched"].tolist() == [False, False, False, True]
    assert layer.crs == given.crs
    geopandas.testing.assert_geoseries_equal(layer.geometry, given.geometry)
    metadata = pyogrio.read_info(tmp_path / "map.GPKG", layer="map")["layer_metadata"]
    assert metadata["title"] == "Divergence"
    assert metadata["caption"] == prepared.caption


def test_the_layer_keeps_the_crs_of_the_data_and_not_that_of_the_drawing(tmp_path):
    draw(frame().to_crs(4326), crs=3857, managed=False, save=tmp_path / "map.gpkg")
    assert gpd.read_file(tmp_path / "map.gpkg", layer="map").crs == "EPSG:4326"


def test_a_layer_without_crs(tmp_path):
    draw(frame().set_crs(None, allow_override=True), managed=False, save=tmp_path / "map.gpkg")
    assert gpd.read_file(tmp_path / "map.gpkg", layer="map").crs is None


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        (pd.Index([7, 8, 9, 10], name="geoid"), ("geoid", [7, 8, 9, 10])),
        (pd.Index(["a", "b", "c", "d"]), ("id", ["a", "b", "c", "d"])),
        (pd.Index([1.5, 2.5, 3.5, 4.5], name="FID"), ("FID_", [1.5, 2.5, 3.5, 4.5])),
        (pd.MultiIndex.from_product([["x", "y"], [1, 2]]), ("id", ["('x', 1)", "('x', 2)", "('y', 1)", "('y', 2)"])),
        (pd.CategoricalIndex(["a", "b", "c", "d"], name="id"), ("id", ["a", "b", "c", "d"])),
        (pd.period_range("2020", periods=4, freq="Y", name="year"), ("year", ["2020", "2021", "2022", "2023"])),
        (pd.Index([b"a", 1, None, (2, 3)], dtype=object, name="odd"), ("odd", ["b'a'", "1", None, "(2, 3)"])),
        (pd.Index([2**63, 2, 3, 4], dtype="uint64", name="big"), ("big", [str(2**63), "2", "3", "4"])),
    ],
    ids=str,
)
def test_ids_of_any_type(tmp_path, index, expected):
    draw(frame().set_index(index), managed=False, save=tmp_path / "map.gpkg")
    layer = gpd.read_file(tmp_path / "map.gpkg", layer="map")
    name, values = expected
    found = layer[name].astype(object).where(layer[name].notna(), None).tolist()
    assert found == values


def test_columns_of_any_type_and_name(tmp_path):
    given = frame(
        fid=[1, 1, 2, 2],
        geom=["a", "b", "c", "d"],
        Value=[1, 2, 3, 4],
        lists=[[1], [2], [], None],
        flag=[True, False, True, False],
        day=pd.to_datetime(["2020-01-01"] * 4),
        span=pd.to_timedelta([1, 2, 3, 4], unit="h"),
        whole=pd.array([1, 2, None, 4], dtype="Int64"),
        kind=pd.Categorical(["a", "b", None, "a"]),
        place=gpd.GeoSeries([shapely.Point(0, 0)] * 4),
        z=[1j] * 4,
    )
    given[("two", "levels")] = 1.5
    given.index = pd.Index([1, 2, 3, 4], name="tract")
    draw(given, managed=False, save=tmp_path / "map.gpkg")
    layer = gpd.read_file(tmp_path / "map.gpkg", layer="map")
    assert {"tract", "tract_", "fid_", "geom_", "Value_", "two_levels"} <= set(layer.columns)
    assert layer["lists"].tolist()[:3] == ["[1]", "[2]", "[]"]
    assert layer["kind"].tolist()[:2] == ["a", "b"]
    assert layer["whole"].isna().tolist() == [False, False, True, False]
    assert layer["place"].iloc[0] == "POINT (0 0)"
    assert layer["day"].iloc[0] == pd.Timestamp("2020-01-01")


def test_a_layer_of_mixed_and_missing_geometry(tmp_path):
    given = frame()
    given["geometry"] = gpd.GeoSeries(
        [shapely.Point(0, 0), shapely.box(0, 0, 1, 1), None, shapely.Polygon()], crs=25833
    )
    draw(given, managed=False, save=tmp_path / "map.gpkg")
    layer = gpd.read_file(tmp_path / "map.gpkg", layer="map")
    assert layer.geom_type.tolist()[:2] == ["Point", "Polygon"]
    assert len(layer) == 4


def test_several_files_at_once_and_existing_ones_are_replaced(tmp_path):
    paths = [tmp_path / name for name in ("a.png", "a.svg", "a.pdf", "a.gpkg", "b.PNG")]
    for path in paths:
        path.write_text("old")
    draw(frame(), managed=False, save=paths)
    assert all(path.stat().st_size > 500 for path in paths)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(path.name for path in paths)
    with sqlite3.connect(tmp_path / "a.gpkg") as base:
        assert base.execute("select count(*) from a").fetchone() == (4,)
    base.close()


def test_axes_that_are_given_save_their_whole_figure(tmp_path):
    figure = Figure(figsize=(4, 3))
    draw(frame(), ax=figure.add_subplot(), save=tmp_path / "map.png")
    with Image.open(tmp_path / "map.png") as picture:
        assert picture.size == (1200, 900)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("map.gif", r"has the suffix '\.gif'; a map is saved as \.png \(.*\), \.svg \(.*\), \.pdf \(.*\), \.gpkg \("),
        ("map", "has no suffix; a map is saved as"),
        ("nowhere/map.png", "The folder '.*nowhere' does not exist; make it first"),
        ("folder.png", "is a folder; name a file in it"),
    ],
)
def test_files_that_cannot_be_written_are_refused_before_anything_is_drawn(tmp_path, name, message):
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(ParameterError, match=message):
        draw(frame(), save=[tmp_path / "good.png", tmp_path / name])
    assert [path.name for path in tmp_path.iterdir()] == ["folder.png"]


def test_a_failure_leaves_the_old_file_and_no_half_one(tmp_path, monkeypatch):
    picture, layer = tmp_path / "map.png", tmp_path / "map.gpkg"
    for path in (picture, layer):
        path.write_text("old")
    prepared = prepare_map(frame())
    ax = draw_map(prepared, managed=False)

    def fails(target, **how):
        target.write_text("half")
        raise OSError("disk full")

    monkeypatch.setattr(ax.figure, "savefig", fails)
    with pytest.raises(OSError, match="disk full"):
        saving.save_figure(ax.figure, picture, title="", caption="")

    def fails_too(frame, target, **how):
        target.write_text("half")
        raise pyogrio.errors.DataSourceError("disk full")

    monkeypatch.setattr(pyogrio, "write_dataframe", fails_too)
    with pytest.raises(DataError, match=r"The layer cannot be written to map\.gpkg: disk full"):
        layers.save_layer(prepared, layer)
    assert picture.read_text() == layer.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 2


def test_files_have_usual_permissions(tmp_path):
    (tmp_path / "plain.txt").write_text("")
    draw(frame(), managed=False, save=tmp_path / "map.png")
    assert (tmp_path / "map.png").stat().st_mode == (tmp_path / "plain.txt").stat().st_mode
