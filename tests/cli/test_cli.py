"""The command line, through its real entry point."""

import json
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import segregate as sg
from segregate.cli import main

SACRAMENTO = str(sg.sample_path("sacramento"))
SCHOOLS = str(sg.sample_path("schools"))
GROUPS = "white,black,asian,hisp"
VERBS = ["demo", "measure", "local", "map", "profile", "catalogue", "describe"]


def test_the_entry_point_is_installed():
    (script,) = [one for one in entry_points(group="console_scripts") if one.name == "segregate"]
    assert script.load() is main


def test_as_a_process():
    done = subprocess.run(
        [sys.executable, "-m", "segregate", "measure", SCHOOLS, "--groups", "asian,blakc", "-i", "D"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.strip() == "segregate: There is no column 'blakc' (groups=). Did you mean 'black'?"


def test_help_names_every_verb(cli):
    code, out, _ = cli("--help")
    assert code == 0
    for verb in VERBS:
        assert verb in out
        code, page, _ = cli(verb, "--help")
        assert code == 0
        assert "Usage:" in page


def test_version(cli):
    assert cli("--version")[1].startswith("segregate 0.")


def test_measure_prints_a_table_and_nothing_else(cli):
    code, out, err = cli("measure", SACRAMENTO, "--groups", GROUPS, "-i", "D", "-i", "H")
    assert (code, err) == (0, "")
    assert "0.4134" in out
    assert "0.1710" in out
    assert len(out.splitlines()) == 3


@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
def test_formats_keep_every_digit(cli, tmp_path, form):
    path = tmp_path / f"table.{form}"
    assert cli("measure", SACRAMENTO, "-g", GROUPS, "-i", "M", "-o", path)[0] == 0
    reader = {"csv": pd.read_csv, "json": lambda p: pd.DataFrame(json.loads(p.read_text())), "parquet": pd.read_parquet}
    found = reader[form](path)["value"][0]
    assert found == pytest.approx(sg.mutual_information(sg.sample("sacramento")), rel=1e-14)
    if form != "parquet":
        out = cli("measure", SACRAMENTO, "-g", GROUPS, "-i", "M", "--format", form)[1]
        assert out == path.read_text()


def test_by_versus_and_parameters(cli):
    code, out, _ = cli(
        "measure", SCHOOLS, "-g", "asian,black,white", "-i", "isolation:exact=true", "-i", "M:base=2",
        "--by", "district", "--versus", "pairs", "--format", "csv",
    )  # fmt: skip
    assert code == 0
    from io import StringIO

    table = pd.read_csv(StringIO(out))
    assert table["district"].nunique() == 4
    assert len(table) == 4 * (6 + 1)
    assert set(table["params"]) == {'{"exact": true}', '{"base": 2.0}'}


def test_explained(cli):
    out = cli("measure", SACRAMENTO, "-g", GROUPS, "-i", "D", "--explain")[1]
    assert "41.3% as many people would have to move" in out
    code, _, err = cli("measure", SACRAMENTO, "-g", GROUPS, "--explain", "--format", "csv")
    assert code == 2
    assert "--explain writes sentences" in err


def test_notes_go_to_stderr(cli):
    code, out, err = cli("measure", SACRAMENTO, "-g", "hisp", "--total", "tot_pop", "-i", "D", "--format", "csv")
    assert code == 0
    assert err.startswith("note: group 'other': ")
    assert "0.32184656076566" in out


def test_warnings_are_notes(cli, tmp_path):
    path = tmp_path / "counts.csv"
    path.write_text("a,b\n0,0\n0,0\n")
    code, out, err = cli("measure", path, "-g", "a,b", "-i", "D", "--format", "csv")
    assert code == 0
    assert "undefined,nobody lives here" in out
    assert "Traceback" not in err


def test_local_writes_tables_and_layers(cli, tmp_path):
    layer = tmp_path / "lq.gpkg"
    code, out, err = cli("local", SACRAMENTO, "-g", GROUPS, "--id", "fips", "-i", "LQ", "--group", "hisp", "-o", layer)
    assert (code, out, err) == (0, "", "")
    found = gpd.read_file(layer)
    expected = sg.local(sg.sample("sacramento"), "location_quotient", group="hisp")
    np.testing.assert_allclose(found["value"], expected["value"], rtol=1e-14)
    assert list(found["fips"]) == list(expected["fips"])
    shown = json.loads(cli("local", SACRAMENTO, "-g", GROUPS, "--format", "json")[1])
    assert shown["type"] == "FeatureCollection"
    code, _, err = cli("local", SACRAMENTO, "-g", GROUPS, "-o", tmp_path / "x.docx")
    assert code == 2
    assert "suffix says nothing known" in err


def test_a_layer_needs_geometry(cli, tmp_path):
    path = tmp_path / "counts.csv"
    path.write_text("a,b\n1,2\n3,4\n")
    code, _, err = cli("local", path, "-g", "a,b", "-o", tmp_path / "x.gpkg")
    assert code == 2
    assert "needs geometry" in err


def test_map(cli, tmp_path):
    png, pdf = tmp_path / "map.png", tmp_path / "map.pdf"
    code, out, err = cli("map", SACRAMENTO, "-g", GROUPS, "-i", "LQ", "--group", "black", "-o", png, "-o", pdf)
    assert (code, out) == (0, "")
    assert err.splitlines() == [f"wrote {png}", f"wrote {pdf}"]
    assert png.stat().st_size > 10_000
    assert pdf.read_bytes().startswith(b"%PDF")


def test_points_from_columns(cli, tmp_path):
    png = tmp_path / "schools.png"
    code, _, err = cli(
        "map", SCHOOLS, "-g", "asian,black,hispanic,white", "--points", "lon,lat", "--crs", "EPSG:4326", "-o", png
    )
    assert (code, png.exists()) == (0, True), err


def test_join(cli, tmp_path):
    frame = gpd.read_file(SACRAMENTO)
    frame[["fips", "white", "hisp"]].to_csv(tmp_path / "counts.csv", index=False)
    frame[["fips", "geometry"]].rename(columns={"fips": "geoid"}).to_file(tmp_path / "tracts.gpkg")
    out = cli(
        "local", tmp_path / "counts.csv", "-g", "white,hisp", "--join", tmp_path / "tracts.gpkg", "--on", "fips=geoid",
        "--format", "csv",
    )[1]  # fmt: skip
    rows = out.splitlines()
    assert rows[0] == "fips,value"
    assert [row.split(",")[0] for row in rows[1:]] == list(frame["fips"])


def test_catalogue_and_describe(cli):
    assert "location_quotient" in cli("catalogue")[1]
    assert "dissimilarity" not in cli("catalogue", "--family", "exposure")[1]
    assert len(json.loads(cli("catalogue", "--format", "json")[1])) == len(sg.catalogue())
    out = cli("describe", "xPx")[1]
    assert out.startswith("Isolation (xPx), exposure")
    assert "What it does not say" in out


WRONG = {
    "unknown verb": (["mesure"], 2, "measure"),
    "no groups": (["measure", SACRAMENTO], 2, "which columns of sacramento.gpkg"),
    "no file": (["measure", "nowhere.gpkg", "-g", "a,b"], 1, "nowhere.gpkg"),
    "wrong column": (["measure", SACRAMENTO, "-g", "whit,black"], 2, "Did you mean 'white'"),
    "wrong index": (["measure", SACRAMENTO, "-g", GROUPS, "-i", "dissimilarty"], 2, "Did you mean 'dissimilarity'"),
    "wrong parameter": (["measure", SACRAMENTO, "-g", GROUPS, "-i", "M:bas=2"], 2, "Did you mean 'base'"),
    "parameter without value": (["measure", SACRAMENTO, "-g", GROUPS, "-i", "M:base"], 2, "name=value"),
    "wrong family": (["catalogue", "--family", "evennes"], 2, "Did you mean 'evenness'"),
    "wrong group": (["local", SACRAMENTO, "-g", GROUPS, "-i", "LQ", "--group", "hispanic"], 2, "'hisp'"),
    "no group": (["local", SACRAMENTO, "-g", GROUPS, "-i", "LQ"], 2, "pass group="),
    "local asked of a global index": (["local", SACRAMENTO, "-g", GROUPS, "-i", "D"], 2, "contributions"),
    "wrong versus": (["measure", SACRAMENTO, "-g", GROUPS, "--versus", "all"], 2, "versus='all'"),
    "wrong layer": (["measure", SACRAMENTO, "-g", GROUPS, "--layer", "sacramnto"], 2, "sacramento"),
    "wrong points": (["measure", SCHOOLS, "-g", "asian,black", "--points", "lon"], 2, "two columns"),
    "unknown picture": (["map", SACRAMENTO, "-g", GROUPS, "-o", "map.bmp"], 2, "bmp"),
    "no folder": (["measure", SACRAMENTO, "-g", GROUPS, "-i", "D", "-o", "nowhere/table.csv"], 1, "nowhere"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_usage_ends_with_a_sentence(cli, case):
    arguments, expected, words = WRONG[case]
    code, out, err = cli(*arguments)
    assert (code, out) == (expected, "")
    assert words in err
    assert "Traceback" not in err


def test_debug_shows_the_traceback():
    for arguments in (["--debug", "describe", "nothing"], ["describe", "nothing", "--debug"]):
        with pytest.raises(sg.UnknownNameError):
            main(arguments)


@pytest.mark.slow
def test_demo(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "segregate", "demo"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    folder = tmp_path / "segregate-demo"
    assert {path.name for path in folder.iterdir()} == {"indices.csv", "map.png", "map.svg", "map.gpkg"}
    assert "In plain words" in done.stdout
    assert str(folder) in done.stdout
    assert "3/3 mapping" in done.stderr
    table = pd.read_csv(folder / "indices.csv")
    assert table["status"].eq("ok").all()
    assert len(gpd.read_file(folder / "map.gpkg", layer="map")) == 403
    assert Path(folder / "map.svg").read_text().startswith("<?xml")
