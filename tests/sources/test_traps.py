"""Each trap of docs/sources/traps.md is a test; those that stood nowhere else are here."""

import ast
import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import segregate as sg
from segregate.errors import DataError
from segregate.io.sources import names, open_source, read_source, recognise
from segregate.io.sources._cells import grid_cells

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "sources" / "traps.md"
ROWS = re.findall(
    r"^\| (.+?) \| (.+?) \| `(test_\w+\.py)::(test_\w+)` \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE
)


def functions(file):
    tree = ast.parse((HERE / file).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_trap_has_a_test():
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if re.match(r"\| (?!trap|---)", line)]
    assert len(ROWS) == len([line for line in lines if not line.startswith("|---")]) > 60
    lost = [f"{file}::{name} ({trap})" for trap, _, file, name in ROWS if name not in functions(file)]
    assert not lost


def test_every_source_has_a_trap():
    tested = {file.removeprefix("test_").removesuffix(".py") for _, _, file, _ in ROWS}
    other = {"eurostat_grid_2021": "eurostat", "nomis_ts021": "nomis", "zensus_2022": "zensus", "zensus_2011": "zensus"}
    assert {other.get(name, name) for name in names()} <= tested


def test_ids_of_2011_count_in_kilometres():
    cells = grid_cells(pd.Series(["1kmN2689E4337"], name="GRD_ID"), epsg=3035)
    assert (cells.north[0], cells.east[0], cells.size) == (2_689_000, 4_337_000, 1000)


def test_the_name_of_the_layer_does_not_matter(made, tmp_path):
    """Seen: ESTAT_Census_2021_V3, and census2021 in version 2."""
    newest = made("eurostat_grid_2021") / "ESTAT_Census_2021_V3.gpkg"
    frame = gpd.read_file(newest).drop(columns="CNTR_ID").assign(CONFIDENTIALSTATUS="")
    frame.to_file(tmp_path / "ESTAT_Census_2021_V2.gpkg", layer="census2021")
    found, whole = read_source(tmp_path / "ESTAT_Census_2021_V2.gpkg"), read_source(newest)
    np.testing.assert_array_equal(found.frame["native"], whole.frame["native"])
    assert found.notes[0].startswith("recognised as eurostat_grid_2021")


def test_blank_values_are_missing(made, tmp_path):
    table = pd.read_csv(made("eurostat_grid_2021") / "ESTAT_Census_2021_V2.csv", dtype=str)
    first, second = "CRS3035RES1000mN2685000E4286000", "CRS3035RES1000mN2687000E4287000"
    table.loc[table["GRD_ID"] == first, ["Y_LT15", "Y_GE65", "SAME"]] = ""
    table.loc[table["GRD_ID"] == second, "OTH"] = ""
    table.to_csv(tmp_path / "ESTAT_Census_2021_V2.csv", index=False)
    found = read_source(tmp_path / "ESTAT_Census_2021_V2.csv")
    assert found.kinds.loc[first].tolist() == ["perturbed"] * 3, "blanks in columns that are not read"
    assert found.kinds.loc[second].tolist() == ["perturbed", "perturbed", "missing"]
    with pytest.raises(DataError, match="3 units of 7 have no count in some column"):
        sg.read(tmp_path / "ESTAT_Census_2021_V2.csv", suppressed="low")


def test_minus_one_of_2011_is_secret(made, tmp_path):
    file = next(made("zensus_2011").glob("*.csv"))
    text = file.read_bytes().decode("cp1252")
    number = re.search(r"STAATSANGE_GRP;1;[^;]*;(\d+);", text)
    assert number is not None
    changed = text[: number.start(1)] + "-1" + text[number.end(1) :]
    (tmp_path / file.name).write_bytes(changed.encode("cp1252"))
    plain, found = (read_source(path) for path in (file, tmp_path / file.name))
    differ = (plain.kinds["german"] != found.kinds["german"]).to_numpy()
    assert differ.sum() == 1
    assert found.kinds["german"][differ].tolist() == ["suppressed"]
    assert np.nansum(found.frame["german"]) == np.nansum(plain.frame["german"]) - int(number[1])


@pytest.mark.parametrize("table", ["P9", "P5"])
def test_tables_of_the_demographic_file_are_not_taken_for_p2(made, tmp_path, table):
    """P9 of DHC has 73 cells, P5 17; their columns have other numbers than those of P2."""
    cells = {"P9": 73, "P5": 17}[table]
    columns = {f"{table}_{number:03d}N": [number] for number in range(1, cells + 1)}
    pd.DataFrame({"GEO_ID": ["1400000US01001020100"], **columns}).to_csv(tmp_path / "dhc.csv", index=False)
    assert recognise(open_source(tmp_path / "dhc.csv")) == []
    with pytest.raises(DataError, match="no groups of table P2"):
        read_source(tmp_path / "dhc.csv", source="pl94_171")
    named = [f"{table}_003N", f"{table}_004N"]
    assert sg.read(tmp_path / "dhc.csv", groups=named, total=f"{table}_001N", id="GEO_ID", excess="groups").n_units == 1
