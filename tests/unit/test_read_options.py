"""Layers, boxes, conditions, columns, candidates: options of read and what is said about wrong ones."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import segregate as sg
from segregate.errors import DataError, ParameterError, SegregateWarning, UnknownNameError

GROUPS = ["a", "b"]
BOX = (-500, -500, 1500, 500)
"""Touches the first two units."""


def units(n=20):
    k = np.arange(n)
    return gpd.GeoDataFrame(
        {"fips": [f"0{i:03d}" for i in k], "state": np.where(k < 5, "CA", "NV"), "a": k + 1, "b": 50 - k},
        geometry=shapely.box(k * 1000, 0, k * 1000 + 900, 900),
        crs=32633,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("files")
    frame = units()
    for suffix in ("gpkg", "shp", "geojson", "fgb"):
        frame.to_file(path / f"u.{suffix}")
    frame.to_parquet(path / "u.parquet")
    frame.to_parquet(path / "boxed.parquet", write_covering_bbox=True, row_group_size=5)
    table = pd.DataFrame(frame.drop(columns="geometry"))
    table.to_parquet(path / "plain.parquet")
    table.to_csv(path / "u.csv", index=False)
    table.to_excel(path / "u.xlsx", index=False)
    frame.to_file(path / "two.gpkg", layer="tracts")
    units(3).to_file(path / "two.gpkg", layer="counties")
    frame.to_file(path / "side.gpkg", layer="tracts")
    gpd.GeoDataFrame({"k": [1]}).pipe(pd.DataFrame).pipe(_append, path / "side.gpkg")
    return path


def _append(table, path):
    import pyogrio

    pyogrio.write_dataframe(table, path, layer="codes", append=True)


# boxes and conditions -----------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["gpkg", "shp", "geojson", "fgb", "parquet"])
def test_box(folder, suffix):
    pop = sg.read(folder / f"u.{suffix}", groups=GROUPS, id="fips", bbox=BOX)
    assert list(pop.ids) == ["0000", "0001"]


@pytest.mark.parametrize("columns", [None, [], ["state"]])
def test_box_of_a_file_with_boxes(folder, columns):
    pop = sg.read(folder / "boxed.parquet", groups=GROUPS, id="fips", bbox=BOX, columns=columns)
    assert list(pop.ids) == ["0000", "0001"]
    assert "bbox" not in pop.attributes


@pytest.mark.parametrize("suffix", ["gpkg", "shp", "geojson", "fgb"])
def test_condition(folder, suffix):
    pop = sg.read(folder / f"u.{suffix}", groups=GROUPS, id="fips", where="state = 'CA' AND a > 2", columns=[])
    assert list(pop.ids) == ["0002", "0003", "0004"]


def test_box_and_condition_together(folder):
    pop = sg.read(folder / "u.gpkg", groups=GROUPS, id="fips", where="a > 1", bbox=BOX)
    assert list(pop.ids) == ["0001"]


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("u.csv", "bbox= works on formats with geometry .*not on u.csv"),
        ("u.xlsx", "not on u.xlsx"),
        ("plain.parquet", 'plain.parquet is Parquet without geometry .*where=: "x BETWEEN'),
    ],
)
def test_box_needs_geometry(folder, file, message):
    with pytest.raises(ParameterError, match=message):
        sg.read(folder / file, groups=GROUPS, bbox=BOX)


@pytest.mark.parametrize("file", ["u.gpkg", "u.shp", "u.fgb"])
@pytest.mark.parametrize("where", ["stat = 'CA'", "state ="])
def test_wrong_condition(folder, file, where):
    with pytest.raises(ParameterError, match=r"where=.* was not understood for u\..*'fips', 'state'"):
        sg.read(folder / file, groups=GROUPS, where=where)


def test_wrong_condition_names_the_unknown_column(folder):
    with pytest.raises(ParameterError, match=r"no such column: stat"):
        sg.read(folder / "u.gpkg", groups=GROUPS, where="stat = 'CA'")


@pytest.mark.parametrize("file", ["u.gpkg", "u.fgb", "u.parquet"])
def test_nothing_in_the_box(folder, file):
    with pytest.raises(DataError, match=rf"No row of {file} is left with bbox=\(1000000.0,"):
        sg.read(folder / file, groups=GROUPS, bbox=(1e6, 1e6, 2e6, 2e6))


def test_nothing_meets_the_condition(folder):
    with pytest.raises(DataError, match=r"No row of u.gpkg is left with where='a > 99'"):
        sg.read(folder / "u.gpkg", groups=GROUPS, where="a > 99")


@pytest.mark.parametrize("box", [(0, 0, 1), "0123x", 7, ("w", 0, 1, 1)])
def test_box_of_another_form(folder, box):
    with pytest.raises(ParameterError, match=r"four numbers"):
        sg.read(folder / "u.gpkg", groups=GROUPS, bbox=box)


@pytest.mark.parametrize("box", [(2, 0, 1, 1), (0, 2, 1, 1), (0, 0, float("nan"), 1)])
def test_box_inside_out(folder, box):
    with pytest.raises(ParameterError, match=r"west <= east"):
        sg.read(folder / "u.gpkg", groups=GROUPS, bbox=box)


# layers -----------------------------------------------------------------------------------


def test_layer_is_chosen(folder):
    assert sg.read(folder / "two.gpkg", groups=GROUPS, layer="counties").n_units == 3


def test_several_layers_ask_for_one(folder):
    with pytest.raises(ParameterError, match=r"two.gpkg has 2 layers: 'tracts', 'counties'. .*layer='tracts'"):
        sg.read(folder / "two.gpkg", groups=GROUPS)


def test_wrong_layer(folder):
    with pytest.raises(UnknownNameError, match=r"no layer 'tract'. Did you mean 'tracts'"):
        sg.read(folder / "two.gpkg", groups=GROUPS, layer="tract")
    with pytest.raises(UnknownNameError, match=r"u.shp has no layer 'v'"):
        sg.read(folder / "u.shp", groups=GROUPS, layer="v")


def test_tables_beside_the_only_layer_with_geometry_do_not_count(folder):
    assert sg.read(folder / "side.gpkg", groups=GROUPS).n_units == 20
    with pytest.raises(ParameterError, match=r"groups= is needed"):
        sg.read(folder / "side.gpkg", layer="codes")


@pytest.mark.parametrize("file", ["u.csv", "u.parquet"])
def test_layer_of_a_format_without_layers(folder, file):
    with pytest.raises(ParameterError, match=f"layer= is for formats with layers or sheets; {file} has none"):
        sg.read(folder / file, groups=GROUPS, layer="x")


def test_sheets(folder, tmp_path):
    with pytest.raises(UnknownNameError, match=r"u.xlsx has no sheet 'sheet'. Did you mean 'Sheet1'"):
        sg.read(folder / "u.xlsx", groups=GROUPS, layer="sheet")
    with pd.ExcelWriter(tmp_path / "two.xlsx") as book:
        for name in ("one", "two"):
            pd.DataFrame({"a": [1], "b": [2]}).to_excel(book, sheet_name=name, index=False)
    with pytest.raises(ParameterError, match=r"two.xlsx has 2 sheets: 'one', 'two'. Choose one: layer='one'"):
        sg.read(tmp_path / "two.xlsx", groups=GROUPS)


def test_pair_of_layers_needs_a_join(folder):
    with pytest.raises(ParameterError, match=r"a pair of layers is for a table and the geometry file of join="):
        sg.read(folder / "two.gpkg", groups=GROUPS, layer=("tracts", "counties"))


# columns and groups -----------------------------------------------------------------------


@pytest.mark.parametrize("file", ["u.gpkg", "u.csv", "u.xlsx", "u.parquet"])
def test_unknown_column(folder, file):
    with pytest.raises(UnknownNameError, match=rf"no column 'stat' \(columns=\) in {file}. Did you mean 'state'"):
        sg.read(folder / file, groups=GROUPS, columns=["stat"])


@pytest.mark.parametrize("file", ["u.gpkg", "u.csv", "u.xlsx", "u.parquet"])
def test_unknown_group_hints_at_all_columns_of_the_file(folder, file):
    with pytest.raises(UnknownNameError, match=r"Did you mean 'state'"):
        sg.read(folder / file, groups=["a", "stat"], columns=[])


def test_columns_as_a_word(folder):
    with pytest.raises(ParameterError, match=r"columns=\['state'\]"):
        sg.read(folder / "u.csv", groups=GROUPS, columns="state")


def test_groups_as_a_word(folder):
    with pytest.raises(ParameterError, match=r"takes a list of column names"):
        sg.read(folder / "u.csv", groups="a")


@pytest.mark.parametrize("file", ["u.gpkg", "u.csv", "u.xlsx", "u.parquet"])
def test_without_groups_the_candidates_are_listed(folder, file):
    with pytest.raises(ParameterError, match=rf"columns of {file} .*: 'a', 'b'. For example groups=\['a', 'b'\]"):
        sg.read(folder / file, columns=[])


def test_ids_and_places_are_no_candidates(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("tract_id,fipsno,objectid,lon,lat,drop,name,men\n1,2,3,4,5,-6,x,7\n")
    with pytest.raises(ParameterError, match=r"hold numbers: 'men'\. Where a row is one unit and one group"):
        sg.read(path)


def test_no_candidates(tmp_path):
    (tmp_path / "t.csv").write_text("name,kind\nx,y\n")
    with pytest.raises(ParameterError, match=r"None holds numbers; the columns are 'name', 'kind'"):
        sg.read(tmp_path / "t.csv")


# paths ------------------------------------------------------------------------------------


def test_missing_file_is_also_a_file_not_found_error(folder):
    with pytest.raises(FileNotFoundError, match=r"Did you mean 'u.gpkg'") as caught:
        sg.read(folder / "v.gpkg", groups=GROUPS)
    assert isinstance(caught.value, DataError)


def test_missing_folder(tmp_path):
    with pytest.raises(DataError, match=r"folder .*nowhere' does not exist either"):
        sg.read(tmp_path / "nowhere" / "u.gpkg", groups=GROUPS)


def test_folder_without_data(tmp_path):
    with pytest.raises(DataError, match=r"holds no file of a format that can be read"):
        sg.read(tmp_path / "u.gpkg", groups=GROUPS)


def test_web_address():
    with pytest.raises(ParameterError, match=r"web address; download the file first"):
        sg.read("https://example.org/u.gpkg", groups=GROUPS)


def test_frame_instead_of_a_path():
    with pytest.raises(ParameterError, match=r"path of a file, not DataFrame; .*Population.from_frame"):
        sg.read(pd.DataFrame(), groups=GROUPS)


# warnings ---------------------------------------------------------------------------------


def test_warnings_of_gdal_name_the_file_and_point_here(tmp_path):
    good = units(3)
    good.to_file(tmp_path / "t.geojson")
    text = (tmp_path / "t.geojson").read_text()
    (tmp_path / "t.geojson").write_text(text.replace('"type": "Feature",', '"type": "Feature", "id": 5,'))
    with pytest.warns(SegregateWarning, match=r"While reading t.geojson: .*id = 5") as heard:
        pop = sg.read(tmp_path / "t.geojson", groups=GROUPS)
    assert pop.n_units == 3
    assert all(item.filename == __file__ for item in heard)
