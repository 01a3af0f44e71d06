"""Files made to do harm: each is refused with a message, or read and harmless."""

import io
import os
import sqlite3
import stat
import struct
import time
import warnings
import zipfile

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

import segregate as sg
from segregate.errors import ParameterError, SegregateError

GROUPS = ["a", "b"]
SOON = 60
"""Seconds within which a refusal comes, also on a busy machine; it takes a fraction of one."""


def units(n=20):
    k = np.arange(n)
    shapes = shapely.box(k, 0, k + 1, 1)
    return gpd.GeoDataFrame({"id": [f"0{i}" for i in k], "a": k + 1, "b": n - k}, geometry=shapes, crs=32633)


def read(path, **how):
    return sg.read(path, groups=GROUPS, id="id", **how)


def refused(path, message, **how):
    """Say that reading is refused soon, with one line that tells why."""
    begun = time.monotonic()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(SegregateError, match=message) as caught:
            read(path, **how)
    assert time.monotonic() - begun < SOON
    assert "\n" not in str(caught.value)


@pytest.fixture
def shapefile(tmp_path):
    units().to_file(tmp_path / "u.shp")
    return {part: (tmp_path / f"u.{part}").read_bytes() for part in ("shp", "shx", "dbf", "prj")}


def archive(path, members, **how):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content, **how)
    return path


# archives ---------------------------------------------------------------------------------


def test_zip_bomb_in_a_shapefile(tmp_path, shapefile):
    path = tmp_path / "bomb.zip"
    bomb = shapefile["dbf"] + bytes(300_000_000)
    archive(path, {"u.shp": shapefile["shp"], "u.shx": shapefile["shx"], "u.dbf": bomb})
    assert path.stat().st_size < 1_000_000
    refused(path, r"bomb.zip would unpack from [\d,]+ to 300,[\d,]+ bytes; that is no table")


def test_zip_bomb_in_a_part_that_is_not_read_is_harmless(tmp_path, shapefile):
    members = {f"u.{part}": content for part, content in shapefile.items()}
    assert read(archive(tmp_path / "t.zip", {**members, "readme.txt": bytes(300_000_000)})).n_units == 20


def test_zip_bomb_of_parts_that_overlap(tmp_path, shapefile):
    """Many entries that all point to the same bytes: their sizes as they are listed are added up."""
    path = archive(tmp_path / "o.zip", {f"u.{part}": content for part, content in shapefile.items()})
    data = bytearray(path.read_bytes())
    for name in (b"u.shp", b"u.shx", b"u.dbf"):
        entry = data.rindex(name) - 46
        data[entry + 24 : entry + 28] = struct.pack("<I", 2_000_000_000)  # the size that it claims
    path.write_bytes(data)
    refused(path, r"would unpack from|damaged")


def test_zip_bomb_in_a_workbook(tmp_path):
    openpyxl.Workbook().save(tmp_path / "w.xlsx")
    with zipfile.ZipFile(tmp_path / "w.xlsx") as book:
        members = {name: book.read(name) for name in book.namelist()}
    sheet = members["xl/worksheets/sheet1.xml"]
    members["xl/worksheets/sheet1.xml"] = sheet.replace(b"<sheetData", b" " * 300_000_000 + b"<sheetData")
    refused(archive(tmp_path / "t.xlsx", members), r"t.xlsx would unpack from [\d,]+ to 300,[\d,]+ bytes")


def test_zip_within_a_zip_is_not_opened(tmp_path):
    inner = io.BytesIO()
    archive(inner, {"x": bytes(1_000_000)})
    path = archive(tmp_path / "t.zip", {"inner.zip": inner.getvalue()})
    refused(path, r"t.zip holds no Shapefile and no CSV, TSV or text \(it holds 'inner.zip'\)")


@pytest.mark.parametrize("folder", ["../../", "/tmp/", "C:\\", "..\\", "a/../../"])
def test_paths_that_leave_the_archive(tmp_path, shapefile, folder):
    members = {f"u.{part}": content for part, content in shapefile.items()}
    path = archive(tmp_path / "t.zip", {**members, f"{folder}evil.txt": b"x"})
    before = sorted(tmp_path.parent.rglob("*"))
    refused(path, r"1 file in t.zip would lie outside the folder of the archive \(first: .*evil.txt'\)")
    members = {f"{folder}u.{part}": content for part, content in shapefile.items()}
    refused(archive(tmp_path / "t.zip", members), r"4 files in t.zip would lie outside")
    assert sorted(tmp_path.parent.rglob("*")) == before


def test_links_in_archives_are_not_followed(tmp_path, shapefile):
    path = archive(tmp_path / "t.zip", {f"u.{part}": shapefile[part] for part in ("shp", "shx")})
    link = zipfile.ZipInfo("u.dbf")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as made:
        made.writestr(link, "/etc/passwd")
    refused(path, r"'u.dbf' in t.zip is a link to another file")


def test_archive_with_a_password(tmp_path, shapefile):
    path = archive(tmp_path / "t.zip", {f"u.{part}": content for part, content in shapefile.items()})
    data = bytearray(path.read_bytes())
    place = data.rindex(b"u.dbf") - 46
    data[place + 8] |= 1
    path.write_bytes(data)
    refused(path, r"'u.dbf' in t.zip is protected by a password")


def test_archive_with_very_many_files(tmp_path, shapefile, monkeypatch):
    monkeypatch.setattr("segregate.io._bombs.MEMBERS", 3)
    refused(
        archive(tmp_path / "t.zip", {f"u.{part}": content for part, content in shapefile.items()}),
        "t.zip holds 4 files; archives of more than 3",
    )


# links, pipes, devices --------------------------------------------------------------------


def test_link_to_a_file_is_that_file(tmp_path):
    units().to_file(tmp_path / "u.gpkg")
    (tmp_path / "link.gpkg").symlink_to(tmp_path / "u.gpkg")
    assert read(tmp_path / "link.gpkg").n_units == 20


def test_links_in_a_circle(tmp_path):
    (tmp_path / "a.csv").symlink_to(tmp_path / "b.csv")
    (tmp_path / "b.csv").symlink_to(tmp_path / "a.csv")
    with pytest.raises((SegregateError, OSError)):
        read(tmp_path / "a.csv")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes have no name on this system")
def test_pipes_and_devices(tmp_path):
    os.mkfifo(tmp_path / "t.csv")
    refused(tmp_path / "t.csv", r"t.csv' is a pipe, a socket or a device, not a file")
    (tmp_path / "z.csv").symlink_to("/dev/zero")
    refused(tmp_path / "z.csv", r"z.csv' is a pipe, a socket or a device")
    (tmp_path / "d.gpkg").mkdir()
    refused(tmp_path / "d.gpkg", r"is a folder, not a file")
    units().to_file(tmp_path / "u.shp")
    (tmp_path / "u.dbf").unlink()
    os.mkfifo(tmp_path / "u.dbf")
    refused(tmp_path / "u.shp", r"'u.dbf' beside u.shp is a pipe, a socket or a device")


def test_nul_in_a_path(tmp_path):
    with pytest.raises((SegregateError, ValueError)):
        read(f"{tmp_path}/a\0b.csv")


# text -------------------------------------------------------------------------------------


def test_cells_that_begin_like_formulas_are_text(tmp_path):
    ids = ["=1+1", "+1", "-1", "@x", "=cmd|' /C calc'!A0"]
    frame = pd.DataFrame({"id": ids, "a": range(1, 6), "b": range(5, 0, -1)})
    frame.to_csv(tmp_path / "t.csv", index=False)
    assert list(read(tmp_path / "t.csv").ids) == ids
    book = openpyxl.Workbook()
    for row in [["id", "a", "b"], ["x", 1, 2], ["=1+1", 3, 4]]:
        book.active.append(row)
    book.save(tmp_path / "t.xlsx")
    refused(tmp_path / "t.xlsx", "1 unit of 2 has no id")  # a formula without a stored value is not computed


@pytest.mark.slow
def test_ten_thousand_columns(tmp_path):
    names = [f"c{k}" for k in range(9_998)]
    frame = pd.DataFrame(np.ones((2, 9_998), dtype=int), columns=names).assign(a=1, b=2)
    frame.to_csv(tmp_path / "t.csv", index=False)
    frame.to_parquet(tmp_path / "t.parquet")
    for file in ("t.csv", "t.parquet"):
        begun = time.monotonic()
        assert sg.read(tmp_path / file, groups=GROUPS).n_units == 2
        with pytest.raises(ParameterError, match="These hold numbers: 'c0', 'c1'") as caught:
            sg.read(tmp_path / file)
        assert len(str(caught.value)) < 1000
        assert time.monotonic() - begun < 3 * SOON


def test_a_million_columns(tmp_path):
    (tmp_path / "t.csv").write_text(",".join(map(str, range(1_000_000))) + "\n" + "1," * 999_999 + "1\n")
    refused(
        tmp_path / "t.csv", r"has 1,000,000 columns; tables of more than 50,000 are not read. .* turn the table round"
    )


def test_line_without_end(tmp_path, monkeypatch):
    (tmp_path / "t.csv").write_bytes(b"x" * 20_000_000)
    refused(tmp_path / "t.csv", r"Line 1 of t.csv has more than 16,777,216 characters")
    (tmp_path / "u.csv").write_bytes(b"id,a,b\n01,1," + b"2" * 20_000_000)
    refused(tmp_path / "u.csv", r"u.csv cannot be read as delimited text|above 9e\+15|not numbers")


def test_null_bytes_and_utf16(tmp_path):
    for content in (b"id,a,b\n01,1\x00,2\n", "id,a,b\n01,1,2\n".encode("utf-16-le")):
        (tmp_path / "t.csv").write_bytes(content)
        refused(tmp_path / "t.csv", r"t.csv holds a null byte at position")
    (tmp_path / "t.csv").write_bytes("id,a,b\n01,1,2\n".encode("utf-16"))
    refused(tmp_path / "t.csv", "t.csv is UTF-16")


# JSON and what GDAL takes for it ----------------------------------------------------------


@pytest.mark.parametrize("opening", ['{"a":', "["])
def test_json_nested_ten_thousand_deep(tmp_path, opening):
    inner = opening * 10_000 + "1" + ("}" if opening[0] == "{" else "]") * 10_000
    feature = f'{{"type":"Feature","properties":{{"id":"x","a":1,"b":{inner}}},"geometry":null}}'
    (tmp_path / "t.geojson").write_text(f'{{"type":"FeatureCollection","features":[{feature}]}}')
    refused(tmp_path / "t.geojson", r"t.geojson cannot be read|holds no layer|not numbers")


def test_list_of_other_files_called_geojson(tmp_path):
    units().to_file(tmp_path / "secret.gpkg")
    content = (
        f'<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>{tmp_path}/secret.gpkg</SrcDataSource>'
        "</OGRVRTLayer></OGRVRTDataSource>"
    )
    for name in ("t.geojson", "t.json", "t.fgb", "t.gpkg"):
        (tmp_path / name).write_text(content)
        refused(tmp_path / name, rf"{name} (cannot be read|is not).*begins with b'<OGRVRT")


def test_commands_for_gdal_called_geojson(tmp_path):
    units().to_file(tmp_path / "secret.gpkg")
    command = f"gdal vector pipeline ! read {tmp_path}/secret.gpkg ! write --of stream streamed_dataset"
    (tmp_path / "t.json").write_text(f'{{"type": "gdal_streamed_alg", "command_line": "{command}"}}')
    refused(tmp_path / "t.json", r"t.json is no GeoJSON but a list of commands for GDAL")


def test_another_format_than_the_suffix_says(tmp_path, monkeypatch):
    units().to_file(tmp_path / "u.gpkg")
    monkeypatch.setitem(__import__("segregate.io._suspects", fromlist=["x"]).DRIVERS, ".gpkg", ("Other",))
    refused(tmp_path / "u.gpkg", r"u.gpkg is not what its suffix says: GDAL takes it for GPKG, not for Other")


# databases --------------------------------------------------------------------------------


@pytest.fixture
def geopackage(tmp_path):
    units().to_file(tmp_path / "u.gpkg")
    return tmp_path / "u.gpkg"


def add(path, *statements):
    base = sqlite3.connect(path)
    for statement in statements:
        base.execute(statement)
    base.commit()
    base.close()


def view(query):
    return (
        f"create view v as {query}",
        "insert into gpkg_contents(table_name, data_type, identifier, srs_id) values ('v', 'attributes', 'v', 0)",
    )


@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_triggers_never_run(geopackage, journal):
    add(
        geopackage,
        f"pragma journal_mode={journal}",
        *(
            f"create trigger t{k} after {what} on u begin delete from u; end"
            for k, what in enumerate(("insert", "update"))
        ),
    )
    before, beside = geopackage.read_bytes(), sorted(geopackage.parent.iterdir())
    geopackage.chmod(0o644)
    assert read(geopackage, where="a > 0", bbox=(0, 0, 100, 100)).n_units == 20
    assert geopackage.read_bytes() == before
    assert sorted(geopackage.parent.iterdir()) == beside


def test_honest_view(geopackage):
    add(geopackage, *view("select fid, id, a, b from u where a < 10"))
    assert read(geopackage, layer="v").n_units == 9


@pytest.mark.parametrize(
    "query",
    [
        "with recursive c(x) as (select 1 union all select x + 1 from c) select x as fid, x as a, x as b from c",
        "select p.fid as fid, p.id as id, p.a as a, p.b as b from u p, u q, u r, u s, u t, u w",
    ],
    ids=["without end", "a product of tables"],
)
def test_view_that_fills_the_memory(geopackage, query):
    add(geopackage, *view(query))
    refused(geopackage, r"The layer 'v' of u.gpkg is no table but a query \(a view\) that does not come", layer="v")
    assert read(geopackage, layer="u").n_units == 20


def test_view_that_computes_without_giving_rows(geopackage, monkeypatch):
    monkeypatch.setattr("segregate.io._suspects.SECONDS", 0.2)
    endless = (
        "with recursive c(x) as (select 1 union all select x + 1 from c) select x as fid, x as a from c where x < 0"
    )
    add(geopackage, *view(endless))
    refused(geopackage, r"u.gpkg holds a query \(the view 'v'\) that does not come to an end")


@pytest.mark.parametrize("unknown", ["no_such_function(1)", "ST_IsValid(geom)"])
def test_view_with_functions_that_only_gdal_has(geopackage, unknown):
    query = f"with recursive c(x) as (select 1 union all select x + 1 from c) select x as fid, {unknown} as a from c, u"
    add(geopackage, *view(query))
    refused(geopackage, r"u.gpkg holds a query \(the view 'v'\) that does not come to an end")


def test_geopackage_that_claims_very_many_rows(geopackage):
    add(geopackage, "update gpkg_ogr_contents set feature_count = 2000000000")
    refused(geopackage, r"u.gpkg says that it holds 2,000,000,000 rows in [\d,]+ bytes, which is impossible")


def test_flatgeobuf_that_claims_very_many_rows(tmp_path):
    units(17).to_file(tmp_path / "u.fgb")
    data = (tmp_path / "u.fgb").read_bytes()
    head = data.index(struct.pack("<Q", 17))
    for claimed in (10**13, 2 * 10**9):
        (tmp_path / "u.fgb").write_bytes(data[:head] + struct.pack("<Q", claimed) + data[head + 8 :])
        refused(tmp_path / "u.fgb", r"u.fgb (says that it holds 2,000,000,000 rows|holds no layer|cannot be read)")


# workbooks --------------------------------------------------------------------------------


def workbook(path, part, change):
    book = openpyxl.Workbook()
    for row in [["id", "a", "b"], ["01", 1, 2], ["02", 3, 4]]:
        book.active.append(row)
    book.save(path)
    with zipfile.ZipFile(path) as made:
        members = {name: made.read(name) for name in made.namelist()}
    members[part] = change(members[part])
    return archive(path, members)


TENFOLD = [f'<!ENTITY {chr(98 + k)} "' + f"&{chr(97 + k)};" * 10 + '">' for k in range(9)]
LAUGHS = f'<!DOCTYPE x [<!ENTITY a "ha">{"".join(TENFOLD)}]>'


@pytest.mark.parametrize(
    "dtd",
    [LAUGHS, '<!DOCTYPE x SYSTEM "file:///etc/passwd">', '<!DOCTYPE x [<!ENTITY a SYSTEM "http://127.0.0.1:1/x">]>'],
    ids=["billion laughs", "file", "address"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "_rels/.rels"])
def test_entities_in_a_workbook(tmp_path, part, dtd, encoding):
    def change(content):
        root = content.decode().partition("?>")[2] if content.startswith(b"<?xml") else content.decode()
        return f'<?xml version="1.0" encoding="{encoding}"?><!-- {"x" * 200_000} -->{dtd}{root}'.encode(encoding)

    path = workbook(tmp_path / "t.xlsx", part, change)
    refused(path, rf"'{part}' in t.xlsx defines document types or entities of its own")


def test_sheet_with_a_cell_far_away(tmp_path):
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    path = workbook(
        tmp_path / "t.xlsx", "xl/worksheets/sheet1.xml", lambda content: content.replace(b"</sheetData>", far)
    )
    refused(path, r"t.xlsx \(sheet 'Sheet'\) has more cells in row 4 .* than the header, 3")


def test_sheet_that_claims_to_be_huge(tmp_path):
    import re

    path = workbook(
        tmp_path / "t.xlsx",
        "xl/worksheets/sheet1.xml",
        lambda content: re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:XFD1048576"', content),
    )
    assert read(path).n_units == 2


def test_sheet_with_very_many_cells(tmp_path, monkeypatch):
    monkeypatch.setattr("segregate.io._sheet_rows.MOST_CELLS", 5)
    path = workbook(tmp_path / "t.xlsx", "xl/workbook.xml", lambda content: content)
    refused(path, r"has more than 5 cells; save it as CSV")
    monkeypatch.setattr("segregate.io._sheet_rows.MOST_CELLS", 500)
    monkeypatch.setattr("segregate.io._sheet_rows.MOST_LETTERS", 2)
    refused(path, r"has more than 2 letters; save it as CSV")


# Parquet ----------------------------------------------------------------------------------


def test_parquet_of_very_many_equal_rows(tmp_path):
    schema = pa.schema({"a": pa.int64(), "b": pa.int64()})
    table = pa.table({name: pa.array(np.ones(1 << 20, dtype=np.int64)) for name in GROUPS}, schema)
    with pq.ParquetWriter(tmp_path / "t.parquet", schema, compression="zstd") as writer:
        for _ in range(64):
            writer.write_table(table)
    assert (tmp_path / "t.parquet").stat().st_size < 650_000
    refused(tmp_path / "t.parquet", r"t.parquet says that it holds 67,108,864 rows in [\d,]+ bytes; no table of people")


def test_parquet_of_one_long_text_many_times(tmp_path):
    word = "x" * 1_000_000
    n = 100_000
    texts = pa.DictionaryArray.from_arrays(pa.array(np.zeros(n, dtype=np.int32)), pa.array([word]))
    numbers = pa.array(np.arange(n))
    table = pa.table({"id": numbers, "a": numbers, "b": numbers, "note": texts})
    pq.write_table(table.replace_schema_metadata(None), tmp_path / "t.parquet", store_schema=False)
    message = r"Column 'note' of t.parquet has texts of more than 4,000,000,000 bytes in 100,000 rows"
    refused(tmp_path / "t.parquet", message)
    assert read(tmp_path / "t.parquet", columns=[]).n_units == n


def test_parquet_of_long_texts_of_blanks(tmp_path, monkeypatch):
    monkeypatch.setattr("segregate.io._bombs.MUCH_TEXT", 10_000_000)
    table = pa.table({"id": ["01"], "a": [1], "b": [2], "note": [" " * 30_000_000]})
    pq.write_table(table, tmp_path / "t.parquet", compression="zstd", use_dictionary=False, write_statistics=False)
    refused(tmp_path / "t.parquet", r"t.parquet would unpack from [\d,]+ to 30,[\d,]+ bytes; it is made to fill")


def test_parquet_of_one_shape_many_times(tmp_path):
    ring = np.column_stack([np.cos(np.linspace(0, 6, 30_000)), np.sin(np.linspace(0, 6, 30_000))])
    n = 20_000
    shape = shapely.to_wkb(shapely.polygons(ring))
    shapes = pa.DictionaryArray.from_arrays(pa.array(np.zeros(n, dtype=np.int32)), pa.array([shape]))
    numbers = pa.array(np.arange(n))
    geo = '{"version": "1.0.0", "primary_column": "g", "columns": {"g": {"encoding": "WKB", "geometry_types": []}}}'
    table = pa.table({"id": numbers, "a": numbers, "b": numbers, "g": shapes}).replace_schema_metadata({"geo": geo})
    pq.write_table(table, tmp_path / "t.parquet", store_schema=False)
    refused(tmp_path / "t.parquet", r"Column 'g' of t.parquet has texts of more than 4,000,000,000 bytes in 20,000")


def test_parquet_with_metadata_nested_deep(tmp_path):
    table = pa.table({"id": ["01"], "a": [1], "b": [2]})
    pq.write_table(table.replace_schema_metadata({"geo": "[" * 100_000}), tmp_path / "t.parquet")
    refused(
        tmp_path / "t.parquet", r"t.parquet cannot be read as Parquet \(its metadata are nested too deep|as Parquet"
    )


# conditions -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "where",
    [
        "__import__('os').system('touch pwned')",
        "a > 1; drop table u",
        "a > (select 1)",
        "a = 1 or 1 = 1",
        "load_extension('x')",
        "a in (select a from u)",
        "a > 1 -- b",
        "lambda: 0",
    ],
)
def test_conditions_run_nothing(tmp_path, monkeypatch, where):
    monkeypatch.chdir(tmp_path)
    pd.DataFrame(units().drop(columns="geometry")).to_csv("t.csv", index=False)
    units().to_parquet("t.parquet")
    for file in ("t.csv", "t.parquet"):
        refused(file, r"where=.* (was not understood for|does not fit) t\.", where=where)
    assert not (tmp_path / "pwned").exists()
