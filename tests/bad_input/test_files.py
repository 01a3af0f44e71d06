"""Files as they should not be: each is a clear error that names the file, and nothing else is said."""

import os
import warnings
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely

import segregate as sg
from segregate.errors import DataError, ParameterError, SegregateError, UnknownNameError

N = 400


def units():
    k = np.arange(N)
    return gpd.GeoDataFrame(
        {"id": [f"0{i:04d}" for i in k], "a": k + 1, "b": 2 * N - k},
        geometry=shapely.box(k % 20, k // 20, k % 20 + 1, k // 20 + 1),
        crs=32633,
    )


def text(content, name="t.csv"):
    """Return a maker of a file with this content."""

    def make(folder):
        path = folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return make


def whole(suffix):
    """Return a maker of a good file."""

    def make(folder):
        path = folder / f"t.{suffix}"
        if suffix == "parquet":
            units().to_parquet(path)
        elif suffix == "xlsx":
            pd.DataFrame(units().drop(columns="geometry")).to_excel(path, index=False)
        elif suffix == "zip":
            units().to_file(folder / "u.shp")
            with zipfile.ZipFile(path, "w") as archive:
                for part in ("shp", "shx", "dbf", "prj", "cpg"):
                    archive.write(folder / f"u.{part}", f"u.{part}")
        else:
            units().to_file(path)
        return path

    return make


def cut(suffix, part):
    """Return a maker of a file that breaks off."""

    def make(folder):
        path = whole(suffix)(folder)
        os.truncate(path, int(path.stat().st_size * part))
        return path

    return make


def without(*parts):
    """Return a maker of a Shapefile of which parts are missing."""

    def make(folder):
        path = whole("shp")(folder)
        for part in parts:
            path.with_suffix(part).unlink()
        return path

    return make


def zipped(**members):
    """Return a maker of a zip archive; the names of the members have _ for the dot."""

    def make(folder):
        path = folder / "t.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in members.items():
                archive.writestr(name.replace("_", "."), content)
        return path

    return make


def short_shapes_in_a_zip(folder):
    path = whole("zip")(folder)
    data = (folder / "u.shp").read_bytes()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("u.shp", data[:-200])
        for part in ("shx", "dbf"):
            archive.write(folder / f"u.{part}", f"u.{part}")
    return path


def several_in_a_zip(folder):
    path = whole("zip")(folder)
    with zipfile.ZipFile(path, "a") as archive:
        for part in ("shp", "shx", "dbf"):
            archive.write(folder / f"u.{part}", f"more/v.{part}")
    return path


def book(*rows):
    """Return a maker of a workbook."""

    def make(folder):
        workbook = openpyxl.Workbook()
        for row in rows:
            workbook.active.append(row)
        workbook.save(folder / "t.xlsx")
        return folder / "t.xlsx"

    return make


def twice_in_parquet(folder):
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"]), folder / "t.parquet")
    return folder / "t.parquet"


def with_metadata(geo, shape=b"nonsense"):
    """Return a maker of a GeoParquet file with this metadata."""

    def make(folder):
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = pa.table({"id": ["01"], "a": [1], "b": [2], "geometry": [shape]})
        pq.write_table(table.replace_schema_metadata({"geo": geo}), folder / "t.parquet")
        return folder / "t.parquet"

    return make


def damaged(suffix, place, bytes_):
    """Return a maker of a file some bytes of which are others; a place below 1 is a part of the size."""

    def make(folder):
        path = whole(suffix)(folder)
        data = bytearray(path.read_bytes())
        start = int(place * len(data)) if 0 < place < 1 else place
        data[start : start + len(bytes_)] = bytes_
        path.write_bytes(data)
        return path

    return make


def open_ring(folder):
    """Write a GeoPackage one of whose rings does not close."""
    import sqlite3

    path = whole("gpkg")(folder)
    base = sqlite3.connect(path)
    (shape,) = base.execute("select geom from t where fid = 3").fetchone()
    for (name,) in base.execute("select name from sqlite_master where type = 'trigger'").fetchall():
        base.execute(f'drop trigger "{name}"')
    base.execute("update t set geom = ? where fid = 3", (shape[:-8] + b"\0" * 6 + b"\x59\x40",))
    base.commit()
    base.close()
    return path


def subfolder(folder):
    (folder / "tracts.gpkg").mkdir()
    return folder / "tracts.gpkg"


def beside(folder):
    whole("gpkg")(folder).rename(folder / "tracts.gpkg")
    return folder / "tract.gpkg"


def json_of(**columns):
    return (
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":'
        + str(columns).replace("'", '"')
        + ',"geometry":{"type":"Point","coordinates":[1,2]}}]}'
    )


GOOD = "id,a,b\n01,1,2\n02,3,4\n"
CASES = {
    # nothing there
    "missing file": (beside, DataError, r"There is no file .*tract\.gpkg'. Did you mean 'tracts\.gpkg'\?"),
    "folder": (subfolder, DataError, r"is a folder, not a file. The formats are \.gpkg \(GeoPackage\), "),
    "unknown suffix": (text("x", "t.sas7bdat"), DataError, r"files ending in '\.sas7bdat' are not read. The for"),
    "no suffix": (text("x", "table"), DataError, r"table: files without a suffix are not read"),
    "old Excel": (text("x", "t.xls"), DataError, r"files ending in '\.xls' are not read. .*\.xlsx \(Excel"),
    "empty file": (text(""), DataError, r"t\.csv is empty \(0 bytes\)"),
    "empty GeoPackage": (text("", "t.gpkg"), DataError, r"t\.gpkg is empty \(0 bytes\)"),
    "blank lines": (text("\n\n  \n"), DataError, "holds nothing but blank lines"),
    "header only": (text("id,a,b\n"), DataError, r"t\.csv has columns but no rows, so there is nobody"),
    "header only, no line end": (text("id,a,b"), DataError, "has columns but no rows"),
    "header only, sheet": (book(["id", "a", "b"]), DataError, r"t\.xlsx has columns but no rows"),
    "empty sheet": (book(), DataError, r"t\.xlsx \(sheet 'Sheet'\) is empty"),
    "no features": (
        text('{"type":"FeatureCollection","features":[]}', "t.geojson"),
        DataError,
        r"t\.geojson has columns but no rows",
    ),
    # broken off
    **{
        f"truncated {suffix}, {part}": (cut(suffix, part), DataError, rf"t\.{suffix} .*(again|damaged)")
        for suffix in ("gpkg", "shp", "geojson", "fgb", "parquet", "xlsx", "zip")
        for part in (0.01, 0.5, 0.95)
    },
    "truncated GeoPackage says how much": (
        cut("gpkg", 0.5),
        DataError,
        r"it should have [\d,]+ bytes and has [\d,]+; download",
    ),
    "truncated shapes": (cut("shp", 0.5), DataError, r"it should have [\d,]+ bytes and has [\d,]+; download"),
    "truncated FlatGeobuf": (cut("fgb", 0.05), DataError, "it should hold 400 rows and 0 can be read"),
    "truncated shapes in a zip": (short_shapes_in_a_zip, DataError, r"t\.zip/u\.shp breaks off"),
    # not what the suffix says
    "text called GeoPackage": (text(GOOD, "t.gpkg"), DataError, r"not a GeoPackage \(it begins with b'id,a,b"),
    "text called Shapefile": (lambda folder: _called_shapefile(folder), DataError, r"t\.shp is not a Shapefile"),
    "text called FlatGeobuf": (text(GOOD, "t.fgb"), DataError, r"t\.fgb cannot be read \("),
    "text called Parquet": (text(GOOD, "t.parquet"), DataError, r"t\.parquet cannot be read as Parquet \("),
    "text called Excel": (text(GOOD, "t.xlsx"), DataError, r"t\.xlsx is not an Excel workbook"),
    "text called zip": (text(GOOD, "t.zip"), DataError, r"t\.zip is not a zip archive"),
    "zip called Excel": (
        lambda folder: zipped(a_txt="x")(folder).rename(folder / "t.xlsx"),
        DataError,
        "not an Excel workbook",
    ),
    "xls called xlsx": (text(b"\xd0\xcf\x11\xe0" + b"\0" * 600, "t.xlsx"), DataError, r"an old Excel file \(\.xls\)"),
    "page called GeoJSON": (text("<html></html>", "t.geojson"), DataError, r"t\.geojson cannot be read"),
    "JSON of another kind": (text('{"a": 1}', "t.json"), DataError, r"t\.json cannot be read"),
    "broken GeoJSON": (
        text(json_of(a=1, b=2)[:-9], "t.geojson"),
        DataError,
        r"t\.geojson cannot be read \(Failed to read GeoJSON data; .*character",
    ),
    "ring that does not close": (open_ring, DataError, r"t\.gpkg cannot be read \(.*do not form a closed line"),
    "no geometry in GeoParquet": (
        with_metadata(
            '{"version": "1.0.0", "primary_column": "geometry", "columns": {"geometry": {"encoding": "WKB", '
            '"geometry_types": []}}}'
        ),
        DataError,
        r"t\.parquet cannot be read as Parquet \(",
    ),
    "broken metadata": (with_metadata("{"), DataError, r"t\.parquet cannot be read as Parquet \("),
    "metadata without columns": (with_metadata('{"primary_column": "x"}'), DataError, r"as Parquet \('columns'\)"),
    "damaged workbook": (damaged("xlsx", 0.5, b"\xff" * 2000), DataError, "not an Excel workbook, or it is damaged"),
    "damaged zip": (damaged("zip", 0, b"XXXX"), DataError, r"t\.zip is not a zip archive, or it is damaged"),
    # parts
    "shp without dbf": (without(".dbf"), DataError, r"t\.shp lacks its \.dbf \(the table of the columns\)"),
    "shp without shx": (without(".shx"), DataError, r"t\.shp lacks its \.shx \(the index of the shapes\)"),
    "shp alone": (without(".shx", ".dbf"), DataError, r"lacks its \.shx .* and its \.dbf .*keep \.shp, \.shx"),
    "zip without a table": (zipped(a_pdf=GOOD), DataError, r"no CSV, TSV or text \(it holds 'a\.pdf'\). Unpack"),
    "empty zip": (zipped(), DataError, r"holds no Shapefile and no CSV, TSV or text \(it holds nothing\)"),
    "zip without dbf": (zipped(u_shp="x", u_shx="x"), DataError, r"t\.zip/u\.shp lacks its \.dbf .*in the archive"),
    "several in a zip": (several_in_a_zip, ParameterError, r"t\.zip has 2 layers: 'u', 'v'. Choose one: layer='u'"),
    # text
    "not UTF-8": (
        text("id,a,b\n01,1,2\nMálaga,3,4\n".encode("latin-1")),
        DataError,
        r"t\.csv is not UTF-8: byte 0xe1 at position 15 \(line 3\). Save it again as UTF-8",
    ),
    "not UTF-8 in the header": (text("año,a,b\n1,2,3\n".encode("cp1252")), DataError, r"byte 0xf1 at position 1 "),
    "breaks off within a letter": (text("id,a,b\n1,2,é".encode()[:-1]), DataError, r"byte 0xc3 at position 11"),
    "UTF-16": (text(GOOD.encode("utf-16")), DataError, r"t\.csv is UTF-16, not UTF-8"),
    "UTF-16 without mark": (text(GOOD.encode("utf-16-le")), DataError, "holds a null byte at position 1, so it is"),
    "row too long": (
        text("id,a,b\n01,1,2\n02,1,234,5\n03,5,6\n"),
        DataError,
        r"1 row of t\.csv has more or fewer fields than the header, which has 3 \(first: row 3, where the header "
        r"is row 1; row 3 has 4: '02,1,234,5'\). A comma inside",
    ),
    "row too short": (
        text("id;a;b\n01;1\n02;3;4\n03\n04;5;6\n"),
        DataError,
        r"2 rows of t\.csv have .*\(first: row 2, 4, where .* row 2 has 2: '01;1'\). A delimiter",
    ),
    "all rows too long": (text("id,a\n1,2,3\n4,5,6\n"), DataError, r"2 rows of .*The first line must name the col"),
    "open quote": (
        text('id,a,b\n01,1,2\n02,"3,4\n03,5,6\n'),
        DataError,
        "a quote that does not fit, in the row that begins in line 3",
    ),
    "open quote in the last column": (text('id,a,b\n1,2,"3\n4,5,6\n'), DataError, "begins in line 2"),
    "endless header": (
        text('"' + "x" * 200_000 + '",a,b\n1,2,3\n'),
        DataError,
        r"as delimited text: field larger than",
    ),
    "duplicate columns": (
        text("id,a,b,a,b,b\n01,1,2,3,4,5\n"),
        DataError,
        r"The header of t\.csv has 2 column names more than once: 'a' \(2 times\), 'b' \(3 times\). Rename",
    ),
    "duplicate but for blanks": (text("id, a,a \n1,2,3\n"), DataError, r"'a' \(2 times\)"),
    "duplicate columns, sheet": (book(["a", "b", "a"], [1, 2, 3]), DataError, r"sheet 'Sheet'\) has 1 column name"),
    "duplicate columns, Parquet": (twice_in_parquet, DataError, r"t\.parquet has 1 column name more than once"),
    "title above the table": (
        book(["Table 1"], ["id", "a", "b"], ["01", 1, 2]),
        DataError,
        r"more cells in row 2 .* than the header, 1. The first row must name the columns: take titles",
    ),
    # what Population refuses, seen from a file
    "mark in a CSV": (
        text("id,a,b\n01,1,2\n02,<5,4\n"),
        DataError,
        r"1 unit of 2 has 'a' .* not numbers: '<5' \(first",
    ),
    "mark after many numbers": (
        text("id,a,b\n" + "".join(f"{k:03d},1,2\n" for k in range(50)) + "02,3,..\n"),
        DataError,
        r"1 unit of 51 has 'b' values that are not numbers: '\.\.' \(first units: '02'",
    ),
    "mark in a sheet": (book(["id", "a", "b"], ["01", 1, 2], ["02", "*", 4]), DataError, r"not numbers: '\*' \("),
    "mark in GeoJSON": (
        text(json_of(id="x", a="..", b=2), "t.geojson"),
        DataError,
        r"'a' values that are not numbers: '\.\.'",
    ),
    "blank count": (text("id,a,b\n01,1,2\n02,,4\n"), DataError, r"1 unit of 2 has no count .*missing='drop'"),
    "negative code": (text("id,a,b\n01,1,2\n02,-9999,4\n"), DataError, "negative codes, not people: -9999"),
    "huge count": (text("id,a,b\n01,1,2\n02,1e300,4\n"), DataError, "which no population reaches"),
    "infinite count": (text("id,a,b\n01,1,2\n02,inf,4\n"), DataError, "not numbers: 'inf'"),
    "decimal comma": (text("id;a;b\n01;1,5;2\n"), DataError, "not numbers: '1,5'"),
    "duplicate ids": (text("id,a,b\n01,1,2\n01,3,4\n"), DataError, r"1 id names more than one unit"),
    "missing id": (text("id,a,b\n01,1,2\n,3,4\n"), DataError, "1 unit of 2 has no id"),
    "unknown column": (text("id,a,bb\n01,1,2\n"), UnknownNameError, r"no column 'b' \(groups=\). Did you mean 'bb'"),
}


def _called_shapefile(folder):
    path = whole("shp")(folder)
    path.write_text(GOOD * 20)
    return path


@pytest.mark.parametrize("case", CASES)
def test_malformed_file(tmp_path, case, capfd):
    make, kind, message = CASES[case]
    path = Path(make(tmp_path))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(SegregateError, match=message) as caught:
            sg.read(path, groups=["a", "b"], id="id")
    assert type(caught.value) is kind or isinstance(caught.value, kind)
    assert "\n" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    assert capfd.readouterr() == ("", "")


def test_there_are_enough_cases():
    assert len(CASES) >= 60


def test_bytes_are_counted_across_blocks(tmp_path, monkeypatch):
    monkeypatch.setattr("segregate.io._text.PART", 32)
    path = text("id,a,b\n" + "é1,2,3\n" * 50)(tmp_path)
    path.write_bytes(path.read_bytes() + b"\xe9,1,2\n")
    with pytest.raises(DataError, match=r"byte 0xe9 at position 407 \(line 52\)"):
        sg.read(path, groups=["a", "b"], id="id")


def test_row_longer_than_a_block(tmp_path, monkeypatch):
    monkeypatch.setattr("segregate.io._text.PART", 32)
    path = text("id,a,b\n" + "x" * 100 + ",1,2\ny,3,4\n")(tmp_path)
    with pytest.raises(DataError, match=r"t\.csv cannot be read as delimited text: .*block"):
        sg.read(path, groups=["a", "b"], id="id")


def test_layer_that_gdal_lists_but_cannot_open(tmp_path, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("the layer\nis gone")

    path = whole("gpkg")(tmp_path)
    monkeypatch.setattr("pyogrio.read_info", fail)
    with pytest.raises(DataError, match=r"t\.gpkg cannot be read \(the layer is gone\)"):
        sg.read(path, groups=["a", "b"], id="id")


# with options -----------------------------------------------------------------------------


def table_and_shapes(folder, ids, shape_ids):
    k = len(ids)
    pd.DataFrame({"id": ids, "a": range(1, k + 1), "b": range(k, 0, -1)}).to_csv(folder / "t.csv", index=False)
    shapes = gpd.GeoDataFrame({"geoid": shape_ids}, geometry=list(units().geometry[:k]), crs=32633)
    shapes.to_file(folder / "s.gpkg")
    return folder / "t.csv", folder / "s.gpkg"


IDS = ["06067000100", "06067000200", "06067000300"]


@pytest.mark.parametrize(
    ("ids", "shape_ids", "message"),
    [
        (["x1", "x2", "x3"], IDS, r"No 'id' of t\.csv is a 'geoid' of s\.gpkg \('x1', 'x2', 'x3' against '0606"),
        (
            [int(key) for key in IDS],
            IDS,
            r"'6067000100' against '06067000100': leading zeros were lost in 'id'; .*zfill\(11\)",
        ),
        (["a", "a", "c"], IDS, "1 value of 'id' names more than one row"),
    ],
    ids=["join keys that do not match", "ids that lost their zeros", "duplicate keys"],
)
def test_malformed_join(tmp_path, ids, shape_ids, message):
    path, shapes = table_and_shapes(tmp_path, ids, shape_ids)
    with pytest.raises(DataError, match=message):
        sg.read(path, groups=["a", "b"], join=shapes, on=("id", "geoid"))


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"layer": "tt"}, UnknownNameError, r"t\.gpkg has no layer 'tt'. Did you mean 't'"),
        ({"groups": None}, ParameterError, r"groups= is needed: .* hold numbers: 'a', 'b'"),
        ({"groups": ["a"]}, DataError, "One group"),
        ({"groups": ["a", "a"]}, DataError, "named twice"),
        ({"groups": []}, ParameterError, "groups= is empty"),
        ({"points": ("x", "b")}, UnknownNameError, r"no column 'x' \(points=\)"),
        ({"missing": "ignore"}, ParameterError, "missing='ignore' is not known"),
    ],
)
def test_wrong_options(tmp_path, options, kind, message):
    path = whole("gpkg")(tmp_path)
    with pytest.raises(kind, match=message):
        sg.read(path, **{"groups": ["a", "b"], **options})
