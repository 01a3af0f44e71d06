"""Tables in archives are read as the files in them are."""

import gzip
import zipfile

import numpy as np
import pandas as pd
import pytest

import segregate as sg
from segregate.errors import DataError, ParameterError, UnknownNameError
from segregate.io.sources import open_source, read_source, recognise

TABLE = "id;a;b;name\n06;1;9;Müller\n07;5;5;x\n08;9;1;y\n"


def zipped(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def read(path, **how):
    return sg.read(path, groups=["a", "b"], id="id", **how)


@pytest.mark.parametrize("name", ["t.csv", "folder/t.CSV", "t.tsv", "t.txt"])
def test_a_zip_with_one_table_is_that_table(tmp_path, name):
    text = TABLE.replace(";", "\t") if name.endswith("tsv") else TABLE
    (tmp_path / "t.csv").write_text(TABLE, encoding="utf-8")
    plain, found = read(tmp_path / "t.csv"), read(zipped(tmp_path / "z.zip", {name: text, "notes.pdf": "x"}))
    pd.testing.assert_frame_equal(found.to_frame(), plain.to_frame())
    assert found.provenance.files[0].name == "z.zip"


@pytest.mark.parametrize("name", ["t.csv.gz", "T.CSV.GZ", "t.txt.gz"])
def test_a_gzipped_table(tmp_path, name):
    (tmp_path / name).write_bytes(gzip.compress(TABLE.encode()))
    found = read(tmp_path / name, where="a < 9")
    assert found.ids.tolist() == ["06", "07"]
    assert found.provenance.files[0].name == name


def test_several_tables_are_a_question(tmp_path):
    path = zipped(tmp_path / "z.zip", {"one/t.csv": TABLE, "u.csv": TABLE.replace(";1;", ";2;")})
    with pytest.raises(ParameterError, match=r"z.zip holds 2 tables: 't.csv', 'u.csv'. Choose one: layer='t.csv'"):
        read(path)
    for layer in ("t", "t.csv", "one/t", "one/t.csv"):
        assert read(path, layer=layer).counts[0, 0] == 1
    assert read(path, layer="u").counts[0, 0] == 2
    with pytest.raises(UnknownNameError, match=r"z.zip has no table 'v.csv'. Did you mean 't.csv' or 'u.csv'|no table"):
        read(path, layer="v.csv")
    path = zipped(tmp_path / "w.zip", {"one/t.csv": TABLE, "two/t.csv": TABLE})
    with pytest.raises(ParameterError, match=r"holds several tables 't.csv'; write the path of one: layer='one/t.csv'"):
        read(path, layer="t.csv")
    assert read(path, layer="two/t.csv").n_units == 3


def test_what_systems_add_to_archives_is_no_table(tmp_path):
    members = {"t.csv": TABLE, "__MACOSX/._t.csv": "x", "._u.csv": "x", "readme.txt": "about"}
    assert read(zipped(tmp_path / "z.zip", members)).n_units == 3


def test_a_shapefile_beside_a_table(tmp_path):
    sg.sample("sacramento").to_frame().reset_index().head(5).to_file(tmp_path / "u.shp")
    parts = {f"u.{part}": (tmp_path / f"u.{part}").read_bytes() for part in ("shp", "shx", "dbf", "prj")}
    path = zipped(tmp_path / "z.zip", {**parts, "t.csv": TABLE})
    with pytest.raises(ParameterError, match=r"z.zip holds 2 tables: 't.csv', 'u.shp'"):
        read(path)
    assert read(path, layer="t").crs is None
    for layer in ("u", "u.shp"):
        assert sg.read(path, groups=["white", "black"], id="fips", layer=layer).crs is not None
    path = zipped(tmp_path / "y.zip", {**parts, "readme.txt": "about"})
    assert sg.read(path, groups=["white", "black"], id="fips").n_units == 5


def test_a_box_needs_geometry_also_in_archives(tmp_path):
    with pytest.raises(ParameterError, match=r"bbox= works on formats with geometry .* not on t.csv"):
        read(zipped(tmp_path / "z.zip", {"t.csv": TABLE}), bbox=(0, 0, 1, 1))


def test_progress_of_an_archive_comes_to_its_end(tmp_path):
    rows = "".join(f"{k},{k % 7},{k % 5}\n" for k in range(50_000))
    told = []
    read(
        zipped(tmp_path / "z.zip", {"t.csv": f"id,a,b\n{rows}"}), progress=lambda done, work: told.append((done, work))
    )
    assert told[-1] == (100, 100)
    assert len(told) == 100


def test_other_things_that_are_gzipped(tmp_path):
    (tmp_path / "t.gpkg.gz").write_bytes(gzip.compress(b"x"))
    with pytest.raises(DataError, match=r"of gzipped files only text is read .*, not .gpkg.gz. Unpack it first"):
        read(tmp_path / "t.gpkg.gz")
    (tmp_path / "t.gz").write_bytes(gzip.compress(b"x"))
    with pytest.raises(DataError, match="not one whose name does not say what it holds"):
        read(tmp_path / "t.gz")
    (tmp_path / "t.csv.gz").write_text(TABLE, encoding="utf-8")
    with pytest.raises(DataError, match=r"t.csv.gz is not gzipped \(it begins with b'id'\)"):
        read(tmp_path / "t.csv.gz")


# layouts ----------------------------------------------------------------------------------

AS_PUBLISHED = {
    "nomis_ts021": ("census2021-ts021.zip", "census2021-ts021-oa.csv"),
    "zensus_2022": ("Staatsangehoerigkeit_in_Gitterzellen.zip", "Zensus2022_Religion_10km-Gitter.csv"),
    "eurostat_grid_2021": ("Eurostat_Census-GRID_2021_V3.zip", "ESTAT_Census_2021_V3.csv"),
    "nces_ccd": ("ccd_sch_052_2223_l_1a_083023.zip", "ccd_sch_052_2223_l_1a_083023.csv"),
    "pl94_171": ("DECENNIALPL2020.P2.zip", "DECENNIALPL2020.P2-Data.csv"),
}


@pytest.mark.parametrize("source", AS_PUBLISHED)
def test_a_layout_is_recognised_in_the_archive_it_comes_in(made, tmp_path, source):
    name, member = AS_PUBLISHED[source]
    path = zipped(tmp_path / name, {f"data/{member}": (made(source) / member).read_bytes()})
    (match, *_) = recognise(open_source(path))
    assert match == recognise(open_source(made(source) / member))[0], "the name of the member counts"
    assert match.name == source
    plain, found = (read_source(file) for file in (made(source) / member, path))
    pd.testing.assert_frame_equal(pd.DataFrame(found.frame), pd.DataFrame(plain.frame))
    assert found.notes == plain.notes


def test_the_archive_and_the_member_are_in_the_provenance(made, tmp_path):
    members = {
        name: (made("nomis_ts021") / "census2021-ts021-oa.csv").read_bytes() for name in ("a-oa.csv", "a-lsoa.csv")
    }
    path = zipped(tmp_path / "census2021-ts021.zip", members)
    with pytest.raises(ParameterError, match="holds 2 tables: 'a-oa.csv', 'a-lsoa.csv'"):
        sg.read(path)
    about = sg.read(path, layer="a-lsoa").provenance
    assert about.files[0].name == "census2021-ts021.zip"
    assert about.steps[1] == "a-lsoa.csv from census2021-ts021.zip"


def test_the_codebook_of_an_extract_is_in_its_archive(made, tmp_path):
    folder = made("nhgis")
    table = "nhgis0004_ds248_2020_tract.csv"
    members = {f"x_csv/{name}": (folder / name).read_bytes() for name in (table, f"{table[:-4]}_codebook.txt")}
    asked = {"source": "nhgis", "which": "U7C"}
    found = read_source(zipped(tmp_path / "nhgis0004_csv.zip", members), source=asked)
    plain = read_source(folder / table, source=asked)
    assert found.groups == plain.groups
    np.testing.assert_array_equal(found.frame[list(found.groups)], plain.frame[list(plain.groups)])
