"""Several files of one public source: other areas of a table are put together, other tables are not."""

import csv

import numpy as np
import pandas as pd
import pytest

import segregate as sg
from segregate.errors import DataError, ParameterError, UnknownNameError

from . import make_nomis_ts021
from .make_nces_ccd import HEAD, rows

OA = "census2021-ts021-oa.csv"


def write(path, lines):
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(lines)
    return path


def nomis(path, codes):
    """Write some areas of TS021 under other codes."""
    columns = [make_nomis_ts021.HEAD + column for column in make_nomis_ts021.COLUMNS]
    counts = list(make_nomis_ts021.ROWS.values())
    lines = [[2021, code, code, *counts[place % len(counts)]] for place, code in enumerate(codes)]
    return write(path, [["date", "geography", "geography code", *columns], *lines])


@pytest.mark.parametrize("source", ["auto", "nomis_ts021", "nomis_ts021:detail=detailed"])
def test_areas_of_one_table(tmp_path, source):
    files = [
        nomis(tmp_path / f"{name}.csv", codes)
        for name, codes in {"a": ["E00000001", "E00000002"], "b": ["W00000009"]}.items()
    ]
    whole = sg.read(nomis(tmp_path / "whole.csv", ["E00000001", "E00000002"]), source=source)
    other = sg.read(files[1], source=source)
    for paths in (files, str(tmp_path / "?.csv")):
        found = sg.read(paths, source=source)
        assert found.ids.tolist() == ["E00000001", "E00000002", "W00000009"]
        np.testing.assert_array_equal(found.counts, np.vstack([whole.counts, other.counts]))
        assert found.disclosure.kinds.shape == found.counts.shape
        assert "2 files of one table put together: 'a.csv', 'b.csv'" in found.notes[0]
        assert [file.name for file in found.provenance.files] == ["a.csv", "b.csv"]
        assert found.source.endswith("(a.csv, b.csv)")
        assert sum(note.startswith("beware: Counts are perturbed") for note in found.notes) == 1


def test_notes_say_of_which_file_they_are(tmp_path):
    nomis(tmp_path / "a.csv", ["E00000001"])
    nomis(tmp_path / "b.csv", ["E00000002", "E00000003", "E00000004"])
    notes = sg.read([tmp_path / "a.csv", tmp_path / "b.csv"]).notes
    assert "the 5 broad groups are read; detail='detailed' gives the others" in notes
    assert any(note.startswith("b.csv: the detailed groups of asian add up") for note in notes)


def test_other_kinds_of_areas_are_the_same_people(tmp_path):
    nomis(tmp_path / "oa.csv", ["E00000001"])
    nomis(tmp_path / "lsoa.csv", ["E01000001"])
    message = (
        r"oa.csv and lsoa.csv are no parts of one table, because they differ in their areas: output areas, and LSOA"
    )
    with pytest.raises(ParameterError, match=message):
        sg.read([tmp_path / "oa.csv", tmp_path / "lsoa.csv"])


def test_the_same_areas_twice(tmp_path):
    nomis(tmp_path / "a.csv", ["E00000001", "E00000002"])
    nomis(tmp_path / "b.csv", ["E00000002", "E00000003"])
    with pytest.raises(
        DataError, match=r"1 unit is in more than one of the files \(first: 'E00000002', in 'a.csv', 'b"
    ):
        sg.read([tmp_path / "a.csv", tmp_path / "b.csv"])


def test_files_of_two_sources_and_of_none(made, tmp_path):
    grid = made("eurostat_grid_2021") / "ESTAT_Census_2021_V3.csv"
    with pytest.raises(ParameterError, match=r"The files are of 2 sources: nomis_ts021 \(census.*; eurostat_grid_2021"):
        sg.read([made("nomis_ts021") / OA, grid])
    (tmp_path / "own.csv").write_text("id,a,b\n1,2,3\n", encoding="utf-8")
    with pytest.raises(ParameterError, match=r"has the layout of nomis_ts021, and own.csv that of no source"):
        sg.read([tmp_path / "own.csv", made("nomis_ts021") / OA])
    with pytest.raises(UnknownNameError, match="own.csv has no column 'GRD_ID'"):
        sg.read([grid, tmp_path / "own.csv"], source="eurostat_grid_2021")


# years ------------------------------------------------------------------------------------


def test_states_of_the_redistricting_data_and_its_years(made, tmp_path):
    tall = pd.read_csv(made("pl94_171") / "tidycensus_wide.csv", dtype=str)
    tall.to_csv(tmp_path / "alabama.csv", index=False)
    tall.assign(GEOID="02" + tall["GEOID"].str[2:]).to_csv(tmp_path / "alaska.csv", index=False)
    found = sg.read([tmp_path / "alabama.csv", tmp_path / "alaska.csv"])
    one = sg.read(tmp_path / "alabama.csv")
    assert found.n_units == 2 * one.n_units
    assert found.size == 2 * one.size
    assert set(found.disclosure.table["kind"]) == {"perturbed"}
    tracts = tall.assign(GEOID="03" + tall["GEOID"].str[2:11]).drop_duplicates("GEOID")
    tracts.to_csv(tmp_path / "tracts.csv", index=False)
    with pytest.raises(ParameterError, match="because they differ in their ids: 15 characters, and 11 characters"):
        sg.read([tmp_path / "alabama.csv", tmp_path / "tracts.csv"])
    with pytest.raises(ParameterError, match="because they differ in their year: 2020, and 2010"):
        sg.read([tmp_path / "alaska.csv", made("pl94_171") / "tidycensus_2010.csv"])


def test_years_of_the_dutch_squares(made, tmp_path):
    squares = next(made("cbs_squares").glob("*.csv"), None) or next(made("cbs_squares").iterdir())
    for year in (2022, 2023):
        (tmp_path / f"cbs_vk100_{year}_v1{squares.suffix}").write_bytes(squares.read_bytes())
    with pytest.raises(
        ParameterError, match=r"no parts of one table, because they differ in their year: 2022, and 2023. The same"
    ):
        sg.read(str(tmp_path / "cbs_vk100_*"), suppressed="low", missing="drop")


def test_years_of_schools(tmp_path):
    head, lines = HEAD, rows()
    place = HEAD.index("SCHOOL_YEAR")
    write(tmp_path / "ccd_sch_052_2223.csv", [head, *lines])
    write(
        tmp_path / "ccd_sch_052_2324.csv", [head, *([*line[:place], "2023-2024", *line[place + 1 :]] for line in lines)]
    )
    with pytest.raises(ParameterError, match="because they differ in their year: 2022-2023, and 2023-2024"):
        sg.read(str(tmp_path / "*.csv"), missing="drop", suppressed="drop")


# geometry ---------------------------------------------------------------------------------


def test_grids_keep_their_cells(made, tmp_path):
    table = pd.read_csv(made("eurostat_grid_2021") / "ESTAT_Census_2021_V3.csv", dtype=str)
    table.iloc[:3].to_csv(tmp_path / "a.csv", index=False)
    table.iloc[3:].to_csv(tmp_path / "b.csv", index=False)
    how = {"suppressed": "low", "missing": "drop"}
    found, whole = sg.read([tmp_path / "a.csv", tmp_path / "b.csv"], **how), sg.read(_whole(table, tmp_path), **how)
    assert found.crs.to_epsg() == 3035
    assert found.geometry.geom_equals(whole.geometry).all()
    np.testing.assert_array_equal(found.counts, whole.counts)


def _whole(table, folder):
    table.to_csv(folder / "whole.csv", index=False)
    return folder / "whole.csv"


def test_a_file_of_shapes_for_all_of_them(tmp_path):
    import geopandas as gpd
    import shapely

    nomis(tmp_path / "a.csv", ["E00000001"])
    nomis(tmp_path / "b.csv", ["E00000002"])
    codes = ["E00000002", "E00000001", "E00000009"]
    shapes = gpd.GeoDataFrame({"code": codes}, geometry=shapely.box([0, 1, 2], 0, [1, 2, 3], 1), crs=27700)
    shapes.to_file(tmp_path / "shapes.gpkg")
    on = ("geography_code", "code")
    found = sg.read([tmp_path / "a.csv", tmp_path / "b.csv"], join=tmp_path / "shapes.gpkg", on=on)
    assert [shape.bounds[0] for shape in found.geometry] == [1, 0]
