"""Several tables of one city: stacked, joined, or a question back."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import segregate as sg
from segregate.errors import DataError, ParameterError


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pd.DataFrame({"id": ["06", "07"], "a": [1, 2], "b": [3, 4], "name": ["p", "q"]}).to_csv("north.csv", index=False)
    pd.DataFrame({"id": [17, 18], "b": [7, 8], "a": [5, 6]}).to_csv("south.csv", index=False)
    pd.DataFrame({"id": ["07", "06"], "c": [20, 10], "name": ["q", "p"]}).to_csv("more.csv", index=False)
    return tmp_path


def counts(pop):
    return dict(zip(pop.ids, pop.counts.astype(int).tolist(), strict=True))


# stacked ----------------------------------------------------------------------------------


@pytest.mark.parametrize("paths", [["north.csv", "south.csv"], "*th.csv"])
def test_files_with_the_same_columns_are_stacked(folder, paths):
    pop = sg.read(paths, groups=["a", "b"], id="id")
    assert counts(pop) == {"06": [1, 3], "07": [2, 4], "17": [5, 7], "18": [6, 8]}
    assert pop.notes == (
        "2 files with the same columns stacked: north.csv, south.csv (missing where a file lacks it: 'name')",
    )
    assert pop.source == "north.csv, south.csv"
    assert [file.name for file in pop.provenance.files] == ["north.csv", "south.csv"]
    assert pop.attributes["name"].tolist()[:2] == ["p", "q"]
    assert pop.attributes["name"].isna().tolist() == [False, False, True, True]


def test_the_order_of_the_list_is_that_of_the_units(folder):
    assert list(sg.read(["south.csv", "north.csv"], groups=["a", "b"], id="id").ids) == ["17", "18", "06", "07"]
    assert sg.read(["south.csv", "north.csv"], groups=["a", "b"], columns=[]).n_units == 4


def test_marks_in_one_of_the_files_are_told(folder):
    (folder / "south.csv").write_text("id,a,b\n17,5,<5\n18,6,8\n")
    with pytest.raises(DataError, match=r"1 unit of 4 has 'b' values that are not numbers: '<5' \(first units: '17'"):
        sg.read("*th.csv", groups=["a", "b"], id="id")


def test_half_numbers_beside_text_stay_what_they_are(folder):
    (folder / "south.csv").write_text("id,a,b\n17,5.25,0.1\n18,,8\n")
    (folder / "north.csv").write_text("id,a,b\n06,x,1\n")
    marks = {"x": (1, 4)}
    pop = sg.read("*th.csv", groups=["a", "b"], id="id", marks=marks, suppressed="low", missing="drop")
    assert pop.counts.tolist() == [[1, 1], [5.25, 0.1]]


def test_ids_in_two_files(folder):
    pd.DataFrame({"id": ["07", "08"], "a": [1, 2], "b": [3, 4]}).to_csv("east.csv", index=False)
    message = (
        r"1 id of 'id' is in more than one of them \(first: '07', in 'north.csv', 'east.csv'\). Each unit is one row"
    )
    with pytest.raises(DataError, match=message):
        sg.read(["north.csv", "south.csv", "east.csv"], groups=["a", "b"], id="id")


def test_the_same_units_twice_are_years_or_parts(folder):
    pd.DataFrame({"id": ["07", "06"], "a": [1, 2], "b": [3, 4]}).to_csv("y2021.csv", index=False)
    with pytest.raises(DataError, match=r"They are the same units: if the files are years .* read each alone"):
        sg.read(["north.csv", "y2021.csv"], groups=["a", "b"], id="id")


# joined -----------------------------------------------------------------------------------


def test_files_with_other_columns_of_the_same_units_are_joined(folder):
    pop = sg.read(["north.csv", "more.csv"], groups=["a", "b", "c"], id="id")
    assert counts(pop) == {"06": [1, 3, 10], "07": [2, 4, 20]}
    assert pop.notes == ("2 files with the same units joined by 'id': north.csv, more.csv",)
    assert pop.attributes["name"].tolist() == ["p", "q"]


def test_three_files_and_few_columns(folder):
    pd.DataFrame({"id": ["06", "07"], "d": [5, 6], "note": ["x", "y"]}).to_csv("third.csv", index=False)
    files = ["north.csv", "more.csv", "third.csv"]
    pop = sg.read(files, groups=["a", "d"], total="c", id="id", columns=[])
    assert counts(pop) == {"06": [1, 5, 4], "07": [2, 6, 12]}
    assert list(pop.attributes.columns) == ["id", "c"]


def test_joined_needs_ids(folder):
    with pytest.raises(
        ParameterError, match=r"north.csv: 'id', 'a', 'b', ...; more.csv: 'id', 'c', .*say which column"
    ):
        sg.read(["north.csv", "more.csv"], groups=["a", "b", "c"])
    with pytest.raises(ParameterError, match=r"joined by 'tract' \(id=\), which 'north.csv', 'more.csv' lacks"):
        sg.read(["north.csv", "more.csv"], groups=["a", "b", "c"], id="tract")


def test_other_units(folder):
    pd.DataFrame({"id": ["06", "99"], "c": [1, 2]}).to_csv("more.csv", index=False)
    message = (
        r"not the same units: 1 unit only in north.csv \(first: '07'\); 1 unit only in more.csv \(first: '99'\). Units"
    )
    with pytest.raises(DataError, match=message):
        sg.read(["north.csv", "more.csv"], groups=["a", "b", "c"], id="id")


def test_ids_twice_and_missing(folder):
    (folder / "more.csv").write_text("id,c\n06,1\n06,2\n")
    with pytest.raises(DataError, match=r"more.csv has 1 id twice \(first: '06'\) in 'id', so it cannot be joined"):
        sg.read(["north.csv", "more.csv"], groups=["a", "b", "c"], id="id")
    (folder / "more.csv").write_text("id,c\n06,1\n,2\n")
    with pytest.raises(DataError, match=r"more.csv has rows without an id in 'id'"):
        sg.read(["north.csv", "more.csv"], groups=["a", "b", "c"], id="id")


def test_columns_of_both_must_say_the_same(folder):
    pd.DataFrame({"id": ["06", "07"], "c": [1, 2], "name": ["p", "z"]}).to_csv("more.csv", index=False)
    message = r"both have a column 'name', with different values in 1 unit \(first: '07', 'q' and 'z'\). Rename it"
    with pytest.raises(DataError, match=message):
        sg.read(["north.csv", "more.csv"], groups=["a", "b", "c"], id="id")
    assert sg.read(["north.csv", "more.csv"], groups=["a", "b", "c"], id="id", columns=[]).n_units == 2


# neither ----------------------------------------------------------------------------------


def test_neither_parts_of_a_table_nor_of_the_units(folder):
    message = r"neither parts of one table nor .*'a' is in 2 of 3 files \('north.csv', 'south.csv'; not in 'more.csv'\)"
    with pytest.raises(ParameterError, match=message):
        sg.read(["north.csv", "south.csv", "more.csv"], groups=["a", "b", "c"], id="id")


def test_a_group_that_all_have_beside_one_that_one_has(folder):
    pd.DataFrame({"id": ["06", "07"], "a": [1, 2], "c": [1, 2]}).to_csv("more.csv", index=False)
    with pytest.raises(ParameterError, match=r"All files have 'a', but not 'b', 'c': are their rows other"):
        sg.read(["north.csv", "more.csv"], groups=["a", "b", "c"], id="id")


def test_without_groups_the_files_are_listed(folder):
    with pytest.raises(ParameterError, match=r"different columns \(north.csv: 'id', .*name the groups, groups=\[...\]"):
        sg.read(["north.csv", "more.csv"])
    pd.DataFrame({"id": ["1"], "a": [1], "b": [3], "name": ["p"]}).to_csv("east.csv", index=False)
    with pytest.raises(ParameterError, match=r"which columns of north.csv, east.csv hold the people .*'a', 'b'"):
        sg.read(["north.csv", "east.csv"])


# paths ------------------------------------------------------------------------------------


def test_patterns_and_lists(folder):
    with pytest.raises(DataError, match=r"No file matches '\*.tsv'"):
        sg.read("*.tsv", groups=["a", "b"])
    with pytest.raises(FileNotFoundError, match="There is no file 'west.csv'"):
        sg.read(["north.csv", "west.csv"], groups=["a", "b"])
    with pytest.raises(ParameterError, match="this list is empty"):
        sg.read([], groups=["a", "b"])
    with pytest.raises(ParameterError, match=r"north.csv is named twice in the list"):
        sg.read(["north.csv", folder / "north.csv"], groups=["a", "b"])
    assert sg.read(["north.csv"], groups=["a", "b"]).source == "north.csv"
    assert sg.read("nor*.csv", groups=["a", "b"]).notes == ()
    (folder / "north.csv").rename("t[1].csv")
    assert sg.read("t[1].csv", groups=["a", "b"]).n_units == 2
    (folder / "t.md").write_text("x")
    with pytest.raises(DataError, match=r"files ending in '\.md' are not read"):
        sg.read("t*", groups=["a", "b"])


# with geometry ----------------------------------------------------------------------------


def shapes(ids, crs=32633, name="geometry", **columns):
    k = np.arange(len(ids))
    frame = pd.DataFrame({"id": ids, **columns})
    made = gpd.GeoDataFrame(frame, geometry=shapely.box(k, 0, k + 1, 1), crs=crs)
    return made if name == "geometry" else made.rename_geometry(name)


def test_stacked_with_geometry(folder):
    shapes(["1", "2"], a=[1, 2], b=[3, 4]).to_file("g1.gpkg")
    shapes(["3", "4"], a=[5, 6], b=[7, 8], name="shape").to_parquet("g2.parquet")
    pop = sg.read(["g1.gpkg", "g2.parquet"], groups=["a", "b"], id="id")
    assert pop.crs == 32633
    assert pop.geometry.notna().all()
    assert pop.n_units == 4
    shapes(["3", "4"], a=[5, 6], b=[7, 8], crs=4326).to_file("g3.gpkg")
    with pytest.raises(DataError, match=r"g1.gpkg is in WGS 84 / UTM zone 33N and g3.gpkg in WGS 84; bring them"):
        sg.read(["g1.gpkg", "g3.gpkg"], groups=["a", "b"], id="id")
    with pytest.raises(ParameterError, match=r"g1.gpkg has geometry and south.csv has none"):
        sg.read(["g1.gpkg", "south.csv"], groups=["a", "b"], id="id")


def test_joined_with_geometry(folder):
    shapes(["07", "06"], c=[20, 10]).to_file("g.gpkg")
    pop = sg.read(["north.csv", "g.gpkg"], groups=["a", "b", "c"], id="id")
    assert counts(pop) == {"06": [1, 3, 10], "07": [2, 4, 20]}
    assert pop.geometry.bounds["minx"].tolist() == [1, 0]
    shapes(["06", "07"], d=[1, 2]).to_file("h.gpkg")
    pop = sg.read(["north.csv", "g.gpkg", "h.gpkg"], groups=["a", "c", "d"], id="id")
    assert pop.notes[0].endswith("north.csv, g.gpkg, h.gpkg; the geometry is that of g.gpkg")
    assert pop.geometry.bounds["minx"].tolist() == [1, 0]


def test_geometry_file_for_several_tables(folder):
    shapes(["06", "07", "17", "18"]).to_file("all.gpkg")
    pop = sg.read("*th.csv", groups=["a", "b"], join="all.gpkg", on="id")
    assert pop.n_units == 4
    assert pop.geometry.notna().all()
    assert pop.source == "north.csv, south.csv, all.gpkg"


def test_box_condition_and_columns_go_to_each_file(folder):
    pop = sg.read("*th.csv", groups=["a", "b"], id="id", where="a > 1", columns=["name"])
    assert list(pop.ids) == ["07", "17", "18"]
    shapes(["1", "2"], a=[1, 2], b=[3, 4]).to_file("g1.gpkg")
    shapes(["3", "4"], a=[5, 6], b=[7, 8]).to_file("g2.gpkg")
    pop = sg.read("g?.gpkg", groups=["a", "b"], id="id", bbox=(-1, 0, 0.5, 1))
    assert list(pop.ids) == ["1", "3"]


# progress ---------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["csv", "parquet", "gpkg", "shp", "fgb", "geojson", "xlsx"])
def test_progress_goes_to_a_hundred(tmp_path, suffix, monkeypatch):
    monkeypatch.setattr("segregate.io._vector.ROWS", 7)
    monkeypatch.setattr("segregate.io._parquet.ROWS", 7)
    monkeypatch.setattr("segregate.io._text.BLOCK", 100)
    frame = shapes([f"u{k}" for k in range(50)], a=range(50), b=range(1, 51))
    path = tmp_path / f"t.{suffix}"
    if suffix in ("csv", "xlsx"):
        table = pd.DataFrame(frame.drop(columns="geometry"))
        table.to_csv(path, index=False) if suffix == "csv" else table.to_excel(path, index=False)
    elif suffix == "parquet":
        frame.to_parquet(path, row_group_size=20)
    else:
        frame.to_file(path)
    told = []
    pop = sg.read(path, groups=["a", "b"], id="id", progress=lambda done, of: told.append((done, of)))
    assert told == [(k, 100) for k in range(1, 101)]
    quiet = sg.read(path, groups=["a", "b"], id="id")
    assert pop.counts.tolist() == quiet.counts.tolist()
    assert list(pop.ids) == list(quiet.ids)
    if suffix in ("gpkg", "shp", "fgb"):
        some = sg.read(path, groups=["a", "b"], id="id", where="a >= 10", progress=lambda *_: None)
        assert list(some.ids) == list(sg.read(path, groups=["a", "b"], id="id", where="a >= 10").ids)
        assert some.n_units == 40


def test_bar_goes_to_stderr(folder, capsys):
    sg.read("*th.csv", groups=["a", "b"], id="id", progress=True)
    assert capsys.readouterr().out == ""
