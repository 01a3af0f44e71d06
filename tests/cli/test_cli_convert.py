"""``segregate convert`` and ``segregate sources``."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import segregate as sg
from tests.sources import make_eurostat_grid_2021, make_nomis_ts021

FILE = "census2021-ts021-oa.csv"


@pytest.fixture
def folder(tmp_path):
    make_nomis_ts021.make(tmp_path)
    make_eurostat_grid_2021.make(tmp_path)
    return tmp_path


@pytest.mark.parametrize("suffix", ["csv", "parquet", "json"])
def test_a_table_comes_out_and_is_read_again(cli, folder, suffix):
    out = folder / f"out.{suffix}"
    code, printed, said = cli("convert", "--source", "nomis_ts021:detail=detailed", folder / FILE, out)
    assert (code, printed) == (0, "")
    assert "note: the 19 detailed groups are read" in said
    assert "Open Government Licence" in said
    table = {"csv": pd.read_csv, "parquet": pd.read_parquet, "json": pd.read_json}[suffix](out)
    straight = sg.read(folder / FILE, source="nomis_ts021:detail=detailed")
    np.testing.assert_array_equal(table[list(straight.groups)], straight.counts)
    assert set(table["roma_kind"]) == {"perturbed"}


def test_shapes_come_along_and_suppressed_counts_stay_blank(cli, folder):
    out = folder / "out.gpkg"
    assert cli("convert", folder / "ESTAT_Census_2021_V3.csv", out)[0] == 0
    table = gpd.read_file(out)
    assert table.crs.to_epsg() == 3035
    hidden = table.set_index("GRD_ID").loc["CRS3035RES1000mN1766000E5474000"]
    assert hidden["native_kind"] == "suppressed"
    assert np.isnan(hidden["native"])
    assert (hidden["native_low"], str(hidden["native_high"])) == (0, "nan")
    assert table["native"].sum() == 529


def test_a_choice_for_suppressed_counts(cli, folder):
    out = folder / "out.csv"
    code, _, said = cli("convert", folder / "ESTAT_Census_2021_V3.csv", out, "--suppressed", "drop")
    assert code == 0
    assert "suppressed='drop': 1 unit of 7" in said
    assert len(pd.read_csv(out)) == 6
    code, _, said = cli("convert", folder / "ESTAT_Census_2021_V3.csv", out, "--suppressed", "zero")
    assert code == 2
    assert "suppressed='zero' is not known" in said


def test_other_verbs_take_sources_too(cli, folder):
    code, out, said = cli("measure", folder / FILE, "--source", "nomis_ts021", "-i", "M", "--format", "csv")
    assert code == 0
    assert "beware: Counts are perturbed" in said
    assert float(out.splitlines()[1].split(",")[-3]) == pytest.approx(sg.mutual_information(sg.read(folder / FILE)))


def test_sources_are_listed(cli):
    code, out, _ = cli("sources")
    assert code == 0
    assert "nomis_ts021" in out
    assert "England and Wales" in out


def test_unknown_sources_and_files(cli, folder):
    code, _, said = cli("convert", "--source", "nomis_ts02", folder / FILE, folder / "out.csv")
    assert code == 2
    assert "There is no source 'nomis_ts02'. Did you mean 'nomis_ts021'" in said
    code, _, said = cli("convert", sg.sample_path("schools"), folder / "out.csv")
    assert code == 1
    assert "has the layout of no source that is known" in said
