"""Every format gives the same population."""

import struct
import zipfile

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely

import segregate as sg

N = 20
GROUPS = ["a", "b"]
VECTOR = ["gpkg", "shp", "zip", "geojson", "json", "fgb"]
TEXT = ["csv", "tsv", "txt"]


def units(n=N):
    """Return n square units; half the ids begin with a zero."""
    k = np.arange(n)
    return gpd.GeoDataFrame(
        {
            "fips": [f"{5 + (i % 2) * 5:02d}{i:03d}" for i in k],
            "name": [f"Tråct {i}, «nord»" for i in k],
            "a": k * 3 + 1,
            "b": 100 - k * 2,
            "share": k / 7,
        },
        geometry=shapely.box(k % 5 * 1000, k // 5 * 1000, k % 5 * 1000 + 1000, k // 5 * 1000 + 1000),
        crs=32633,
    )


def written(folder, suffix, frame=None):
    """Write the units in a format and return the path."""
    frame = units() if frame is None else frame
    path = folder / f"units.{suffix}"
    table = pd.DataFrame(frame.drop(columns="geometry"))
    if suffix == "fgb":
        frame.to_file(path, SPATIAL_INDEX="NO")
    elif suffix in ("gpkg", "shp", "geojson"):
        frame.to_file(path)
    elif suffix == "json":
        frame.to_file(path, driver="GeoJSON")
    elif suffix == "zip":
        frame.to_file(folder / "units.shp")
        with zipfile.ZipFile(path, "w") as archive:
            for part in ("shp", "shx", "dbf", "prj", "cpg"):
                archive.write(folder / f"units.{part}", f"a folder/units.{part}")
    elif suffix in ("parquet", "geoparquet"):
        frame.to_parquet(path)
    elif suffix == "xlsx":
        table.to_excel(path, index=False)
    else:
        table.to_csv(path, index=False, sep={"csv": ",", "tsv": "\t", "txt": "|"}[suffix])
    return path


@pytest.mark.parametrize("suffix", [*VECTOR, "parquet", "geoparquet", *TEXT, "xlsx"])
def test_round_trip(tmp_path, suffix):
    frame = units()
    pop = sg.read(written(tmp_path, suffix), groups=GROUPS, id="fips")
    assert np.array_equal(pop.counts, frame[GROUPS].to_numpy(float))
    assert list(pop.ids) == list(frame["fips"])
    assert pop.groups == ("a", "b")
    assert list(pop.attributes["name"]) == list(frame["name"])
    assert np.allclose(pop.attributes["share"], frame["share"], rtol=1e-14)
    assert pop.source == f"units.{suffix}"
    assert pop.notes == ()
    if suffix in TEXT or suffix == "xlsx":
        assert pop.geometry is None
    else:
        assert pop.crs == frame.crs
        assert pop.geometry.to_numpy()[7].equals(frame.geometry[7])


@pytest.mark.parametrize("suffix", ["gpkg", "parquet", "csv", "xlsx"])
def test_only_the_columns_asked_for(tmp_path, suffix):
    path = written(tmp_path, suffix)
    pop = sg.read(path, groups=GROUPS, id="fips", columns=["share"])
    assert list(pop.attributes.columns) == ["fips", "share"]
    assert np.array_equal(pop.counts, units()[GROUPS].to_numpy(float))
    assert list(sg.read(path, groups=GROUPS, columns=[]).attributes.columns) == []


def test_suffix_in_capitals(tmp_path):
    path = written(tmp_path, "csv").rename(tmp_path / "UNITS.CSV")
    assert sg.read(path, groups=GROUPS).source == "UNITS.CSV"
    with zipfile.ZipFile(tmp_path / "UP.ZIP", "w") as archive:
        units().to_file(tmp_path / "u.shp")
        for part in ("shp", "shx", "dbf", "prj", "cpg"):
            archive.write(tmp_path / f"u.{part}", f"U.{part.upper()}")
    assert sg.read(str(tmp_path / "UP.ZIP"), groups=GROUPS).n_units == N


def test_home_folder_is_understood(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    written(tmp_path, "csv")
    assert sg.read("~/units.csv", groups=GROUPS).n_units == N


def test_total_area_and_points_columns_are_read(tmp_path):
    frame = units()
    frame["people"] = frame["a"] + frame["b"] + 5
    frame["x"], frame["y"] = frame.centroid.x, frame.centroid.y
    frame["ha"] = 100.0
    path = written(tmp_path, "csv", frame)
    pop = sg.read(
        path,
        groups=GROUPS,
        id="fips",
        total="people",
        area=("ha", "ha"),
        points=("x", "y"),
        crs=32633,
        columns=[],
    )
    assert pop.groups == ("a", "b", "other")
    assert np.array_equal(pop.counts[:, 2], np.full(N, 5.0))
    assert np.allclose(pop.area, 1e6)
    assert np.allclose(pop.points, np.column_stack([frame["x"], frame["y"]]))


def test_geometry_column_of_points(tmp_path):
    frame = units()
    frame["heart"] = gpd.GeoSeries(frame.centroid.translate(10, 0))
    frame.to_parquet(tmp_path / "two.parquet")
    pop = sg.read(tmp_path / "two.parquet", groups=GROUPS, points="heart", columns=[])
    assert np.allclose(pop.points[:, 0], frame.centroid.x + 10)


def test_missing_and_excess_are_passed_on(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("id,a,b,t\nx,1,2,2\ny,,4,9\nz,5,5,10\n")
    pop = sg.read(path, groups=GROUPS, id="id", total="t", missing="drop", excess="groups")
    assert list(pop.ids) == ["x", "z"]
    assert len(pop.notes) == 3


# text -------------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("start", ["", "\ufeff", "\n\n"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_delimiter_mark_and_line_ends(tmp_path, delimiter, start, end):
    path = tmp_path / "t.csv"
    lines = [["id", "n a", "b"], ["01", "1", "2"], ["02", "3", '"4"']]
    path.write_bytes((start + end.join(delimiter.join(line) for line in lines)).encode())
    pop = sg.read(path, groups=["n a", "b"], id="id")
    assert np.array_equal(pop.counts, [[1, 2], [3, 4]])
    assert list(pop.ids) == ["01", "02"]


def test_delimiters_inside_quotes_do_not_count(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text('"id;x;y;z","a","b"\n"one, two","1","2"\n"three\nlines",3,4\n')
    pop = sg.read(path, groups=GROUPS, id="id;x;y;z")
    assert list(pop.ids) == ["one, two", "three\nlines"]


def test_doubled_quotes(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text('id,a,b\n"the ""old"" town",1,2\n5" pipe,3,4\n')
    assert list(sg.read(path, groups=GROUPS, id="id").ids) == ['the "old" town', '5" pipe']


def test_very_long_fields(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(f'id,a,b,wkt\nx,1,2,"POLYGON (({"1 2, " * 50_000}))"\n')
    assert len(sg.read(path, groups=GROUPS, id="id").attributes["wkt"].iloc[0]) > 200_000


def column(tmp_path, *values):
    """Return the column x of a file with these values."""
    path = tmp_path / "t.csv"
    rows = "\n".join(f"{k},1,2,{value}" for k, value in enumerate(values))
    path.write_text(f"k,a,b,x\n{rows}\n")
    return sg.read(path, groups=GROUPS, id="k").attributes["x"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["1", "-2", "0"], [1, -2, 0]),
        ([" 7", "8 ", "9"], [7, 8, 9]),
        (["999999999999999", "0"], [999999999999999, 0]),
    ],
)
def test_integers(tmp_path, values, expected):
    found = column(tmp_path, *values)
    assert found.dtype == np.int64
    assert list(found) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["1.5", "0.25", "-0.5", ".5", "3"], [1.5, 0.25, -0.5, 0.5, 3]),
        (["1e+05", "2E-3", "1.5e10", "1e300"], [1e5, 2e-3, 1.5e10, 1e300]),
        (["-121.49439999999999", "0.1"], [-121.49439999999999, 0.1]),
        (["1", "", "NA", "NaN", "NULL", "N/A", "null", " "], [1.0] + [np.nan] * 7),
        (["", ""], [np.nan, np.nan]),
    ],
)
def test_decimals_and_missing(tmp_path, values, expected):
    found = column(tmp_path, *values)
    assert found.dtype == np.float64
    assert np.array_equal(found, expected, equal_nan=True)


@pytest.mark.parametrize(
    "values",
    [
        ["06067", "10001"],
        ["00", "1"],
        ["-01", "5"],
        ["1234567890123456", "1"],
        ["<5", "12"],
        ["..", "12"],
        ["*", "1"],
        ["1 000", "2"],
        ["+1", "2"],
        ["inf", "2"],
        ["0x1F", "2"],
        ["1.2.3", "4"],
        ["TRUE", "FALSE"],
        ["2000-04-01", "2000-04-02"],
    ],
)
def test_text_stays_text(tmp_path, values):
    found = column(tmp_path, *values)
    assert isinstance(found.dtype, pd.StringDtype)
    assert list(found) == values


def test_late_text_keeps_the_column_text(tmp_path):
    values = [str(k) for k in range(2500)] + ["<5"]
    found = column(tmp_path, *values)
    assert list(found) == values


def test_blank_text_is_missing(tmp_path):
    found = column(tmp_path, "x", "", "NA")
    assert found.isna().tolist() == [False, True, False]


def test_header_without_names(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(",a,b\n7,1,2\n8,3,4\n")
    pop = sg.read(path, groups=GROUPS)
    assert list(pop.attributes.columns) == ["Unnamed: 0"]
    assert list(pop.ids) == [0, 1]


# sheets -----------------------------------------------------------------------------------


def workbook(path, **sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


ROWS = [["id", "a", "b"], ["01", 1, 2], ["02", 3, 4]]


def test_sheet_is_chosen(tmp_path):
    path = workbook(tmp_path / "t.xlsx", notes=[["text"]], data=ROWS, empty=[])
    assert list(sg.read(path, groups=GROUPS, id="id", layer="data").ids) == ["01", "02"]


def test_the_only_sheet_with_cells_is_taken(tmp_path):
    path = workbook(tmp_path / "t.xlsx", empty=[], data=[[], *ROWS, [None, None, None]])
    pop = sg.read(path, groups=GROUPS, id="id")
    assert np.array_equal(pop.counts, [[1, 2], [3, 4]])


def test_cells_of_every_kind(tmp_path):
    rows = [
        ["id", 2010, "b", "text", "mixed", "float", "flag", "gap", "big"],
        ["007", "1", 2, "x", 5, 1.5, True, None, 10**20],
        ["008", "3", 4, None, "06", 2, False, 3, 1],
    ]
    pop = sg.read(workbook(tmp_path / "t.xlsx", data=rows), groups=["2010", "b"], id="id")
    assert np.array_equal(pop.counts, [[1, 2], [3, 4]])
    assert list(pop.ids) == ["007", "008"]
    about = pop.attributes
    assert list(about["mixed"]) == ["5", "06"]
    assert list(about["float"]) == [1.5, 2.0]
    assert list(about["flag"]) == [True, False]
    assert about["gap"].isna().tolist() == [True, False]
    assert list(about["big"]) == [1e20, 1.0]
    assert about["text"].isna().tolist() == [False, True]


# parquet ----------------------------------------------------------------------------------


def test_parquet_without_geometry_and_with_an_index(tmp_path):
    frame = pd.DataFrame(units().drop(columns="geometry")).set_index("fips")
    frame.to_parquet(tmp_path / "t.parquet")
    for columns in (None, []):
        pop = sg.read(tmp_path / "t.parquet", groups=GROUPS, id="fips", columns=columns)
        assert list(pop.ids) == list(frame.index)
        assert pop.geometry is None


def test_parquet_keeps_an_index_without_name(tmp_path):
    pd.DataFrame({"a": [1, 2], "b": [3, 4]}, index=["x", "y"]).to_parquet(tmp_path / "t.parquet")
    assert list(sg.read(tmp_path / "t.parquet", groups=GROUPS).ids) == ["x", "y"]


# vector -----------------------------------------------------------------------------------


def test_number_of_the_row_in_a_geopackage(tmp_path):
    units().to_file(tmp_path / "t.gpkg")
    assert list(sg.read(tmp_path / "t.gpkg", groups=GROUPS, id="fid").ids) == list(range(1, N + 1))
    assert "fid" not in sg.read(tmp_path / "t.gpkg", groups=GROUPS).attributes


def test_missing_numbers_and_crs_are_passed_on(tmp_path):
    frame = units().set_crs(None, allow_override=True)
    frame["note"] = pd.array([1, None] * (N // 2), dtype="Int64")
    with pytest.warns(UserWarning, match="'crs' was not provided"):
        frame.to_file(tmp_path / "t.fgb")
    pop = sg.read(tmp_path / "t.fgb", groups=GROUPS)
    assert pop.crs is None
    assert pop.attributes["note"].isna().sum() == N // 2


def test_mixed_and_missing_geometry_is_passed_on(tmp_path):
    frame = units(3)
    frame["geometry"] = [frame.geometry[0], None, shapely.MultiPolygon([frame.geometry[2]])]
    frame.to_parquet(tmp_path / "t.parquet")
    pop = sg.read(tmp_path / "t.parquet", groups=GROUPS)
    assert pop.geometry.isna().tolist() == [False, True, False]


def test_measured_shapefile_reads_without_a_warning(tmp_path):
    frame = units(3).set_geometry(units(3).centroid)
    frame.to_file(tmp_path / "t.shp")
    kind, box = struct.pack("<i", 21), struct.pack("<8d", *frame.total_bounds, 0, 0, 0, 0)
    records = [
        struct.pack(">2i", k + 1, 14) + kind + struct.pack("<3d", point.x, point.y, 7)
        for k, point in enumerate(frame.geometry)
    ]
    size = 100 + sum(map(len, records))
    head = struct.pack(">7i", 9994, 0, 0, 0, 0, 0, size // 2) + struct.pack("<i", 1000) + kind + box
    (tmp_path / "t.shp").write_bytes(head + b"".join(records))
    starts = b"".join(struct.pack(">2i", 50 + 18 * k, 14) for k in range(3))
    head = struct.pack(">7i", 9994, 0, 0, 0, 0, 0, (100 + len(starts)) // 2) + head[28:]
    (tmp_path / "t.shx").write_bytes(head + starts)
    assert np.allclose(sg.read(tmp_path / "t.shp", groups=GROUPS).points[1], [1500, 500])
