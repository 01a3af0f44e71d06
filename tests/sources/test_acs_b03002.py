"""American Community Survey, B03002: sums are not counted again, margins of error and their codes."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

import segregate as sg
from segregate.errors import DataError, ParameterError, UnknownNameError
from segregate.io.sources import open_source, read_source, recognise

from .make_acs_b03002 import MARGIN, PEOPLE, ROWS, TOTAL

FILES = ["api.csv", "api_integers.csv", "ACSDT5Y2022.B03002-Data.csv", "tidycensus_long.csv", "tidycensus_wide.csv"]
IDS = ["".join(key) for key in ROWS]
Z = 1.645
"""By which the Census Bureau divides its margins."""


@pytest.mark.parametrize("file", FILES)
def test_every_form_of_the_table_is_the_same_people(made, file):
    population = sg.read(made("acs_b03002") / file)
    assert population.groups == tuple(PEOPLE)
    assert population.ids.tolist() == IDS, "leading zeros are kept, or put back where the width is known"
    assert population.counts.sum(axis=0).tolist() == [*PEOPLE.values()]
    assert population.totals.tolist() == [4000, 1500, 200], "002, 010 and 013 to 021 are parts or sums of the others"
    assert population.attributes["published_total"].tolist() == [4000, 1500, 200]


@pytest.mark.parametrize("file", FILES)
def test_a_controlled_estimate_has_a_margin_of_zero(made, file):
    population = sg.read(made("acs_b03002") / file)
    expected = np.full((3, 8), MARGIN / Z)
    expected[0, 7] = 0  # -555555555, and ***** at data.census.gov
    np.testing.assert_allclose(population.uncertainty.se, expected, rtol=1e-12)
    assert "hispanic_moe" in population.attributes


def test_the_label_row_of_data_census_gov_is_no_area(made):
    found = read_source(made("acs_b03002") / "ACSDT5Y2022.B03002-Data.csv")
    assert len(found.frame) == 3
    assert found.frame["NAME"].iloc[0].startswith("Census Tract 1")


def test_codes_are_never_summed(made):
    file = made("acs_b03002") / "codes.csv"
    found = read_source(file)
    assert found.kinds.loc[IDS[1], "black"] == "missing"
    assert np.isnan(found.frame["black"].iloc[1])
    numbers = found.frame.select_dtypes("number")
    assert numbers.min(axis=None, skipna=True) >= 0
    note = "no margin of error for 3 estimates (-222222222: 1, **: 1, blank: 1)"
    assert note in found.notes
    with pytest.raises(DataError, match=f"'black': 1; first: '{IDS[1]}'"):
        sg.read(file)
    left = sg.read(file, missing="drop")
    assert left.ids.tolist() == IDS[:1]
    assert note in left.notes


def test_margins_that_are_missing_are_refused(made, tmp_path):
    frame = pd.read_csv(made("acs_b03002") / "tidycensus_wide.csv", dtype=str)
    frame.loc[2, "B03002_005M"] = "-222222222"
    frame.to_csv(tmp_path / "wide.csv", index=False)
    with pytest.raises(DataError, match=r"1 unit of 3 has no margin of error .*'native_moe': 1.*missing='drop'"):
        sg.read(tmp_path / "wide.csv")
    assert sg.read(tmp_path / "wide.csv", missing="drop").n_units == 2


@pytest.mark.parametrize("code", [-222222222, -333333333, -555555555, -666666666, -888888888, -999999999, "-", "N"])
def test_every_code_in_an_estimate_is_missing(made, tmp_path, code):
    frame = pd.read_csv(made("acs_b03002") / "tidycensus_wide.csv", dtype=str)
    frame.loc[0, "B03002_006E"] = str(code)
    frame.to_csv(tmp_path / "wide.csv", index=False)
    found = read_source(tmp_path / "wide.csv")
    assert found.kinds["asian"].tolist() == ["missing", "known", "known"]
    assert np.nansum(found.frame["asian"]) == 165


def test_a_negative_number_that_is_no_code_is_refused(made, tmp_path):
    frame = pd.read_csv(made("acs_b03002") / "tidycensus_wide.csv", dtype=str)
    frame.loc[0, "B03002_006E"] = "-5"
    frame.to_csv(tmp_path / "wide.csv", index=False)
    with pytest.raises(DataError, match=r"'B03002_006E' of wide.csv holds a negative number \('-5'\)"):
        read_source(tmp_path / "wide.csv")


def test_groups_that_are_not_there_are_the_rest_of_the_total(made):
    population = sg.read(made("acs_b03002") / "some.csv")
    assert population.groups == ("white", "hispanic", "other")
    assert population.counts.sum(axis=0).tolist() == [2300, 1550, TOTAL - 2300 - 1550]
    one = MARGIN / Z
    expected = [[one, 0, one * 2**0.5], [one, one, one * 3**0.5], [one, one, one * 3**0.5]]
    np.testing.assert_allclose(population.uncertainty.se, expected, rtol=1e-12)


def test_a_total_without_margin_leaves_all_margins_out(made, tmp_path):
    frame = pd.read_csv(made("acs_b03002") / "some.csv", dtype=str).drop(columns="B03002_001M")
    frame.to_csv(tmp_path / "some.csv", index=False)
    population = sg.read(tmp_path / "some.csv")
    assert population.uncertainty is None
    assert "margins of error are left out, because there is none for total" in population.notes


def test_groups_without_a_total_are_refused(made, tmp_path):
    frame = pd.read_csv(made("acs_b03002") / "some.csv", dtype=str).drop(columns="B03002_001E")
    frame.to_csv(tmp_path / "some.csv", index=False)
    with pytest.raises(DataError, match=r"no column for 'black', .* and none for all people \(001\)"):
        read_source(tmp_path / "some.csv")


def test_two_levels_in_a_file_count_people_twice(made):
    file = made("acs_b03002") / "levels.csv"
    with pytest.raises(DataError, match=r"2 levels, .* '050' \(counties, 1 row\), '140' \(tracts, 3 rows\)\. Choose"):
        sg.read(file)
    assert sg.read(file, source="acs_b03002:level=140").size == TOTAL
    assert sg.read(file, source={"source": "acs_b03002", "level": "050"}).ids.tolist() == ["06067"]
    with pytest.raises(ParameterError, match="no areas of level='150'. There are '050'"):
        sg.read(file, source="acs_b03002:level=150")


def test_bare_ids_of_several_lengths_are_refused(made, tmp_path):
    frame = pd.read_csv(made("acs_b03002") / "tidycensus_wide.csv", dtype=str)
    frame.loc[1, "GEOID"] = frame.loc[1, "GEOID"][1:]
    frame.to_csv(tmp_path / "wide.csv", index=False)
    with pytest.raises(DataError, match="a spreadsheet may have taken leading zeros from the ids"):
        read_source(tmp_path / "wide.csv")


def test_names_given_at_the_download_are_not_guessed(made):
    opened = open_source(made("acs_b03002") / "tidycensus_named.csv")
    assert recognise(opened) == []
    with pytest.raises(
        DataError, match=r"names no variable of table B03002 but 'rest', 'white'.*count='estimate', moe='moe'"
    ):
        read_source(opened.path, source="acs_b03002")


def test_a_long_file_with_a_pair_twice_is_refused(made, tmp_path):
    frame = pd.read_csv(made("acs_b03002") / "tidycensus_long.csv", dtype=str)
    pd.concat([frame, frame.iloc[:2]]).to_csv(tmp_path / "long.csv", index=False)
    with pytest.raises(DataError, match=f"2 rows of long.csv repeat an area and a variable .first: '{IDS[0]}'"):
        read_source(tmp_path / "long.csv")


def test_labels_that_say_something_else_are_believed(made, tmp_path):
    text = (made("acs_b03002") / "ACSDT5Y2022.B03002-Data.csv").read_text(encoding="utf-8-sig")
    text = text.replace("Not Hispanic or Latino:!!White alone", "Owner occupied", 1)
    (tmp_path / "data.csv").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match="'B03002_003E' of data.csv is described as 'Estimate!!Total:!!Owner occupied'"):
        read_source(tmp_path / "data.csv")


def test_other_files_are_refused(made, tmp_path):
    (tmp_path / "a.csv").write_text("GEOID,B01001_001E\n06067,5\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"no column of table B03002 \(columns: 'GEOID', 'B01001_001E'\)"):
        read_source(tmp_path / "a.csv", source="acs_b03002")
    (tmp_path / "b.csv").write_text("area,B03002_001E,B03002_003E\n06067,5,3\n", encoding="utf-8")
    with pytest.raises(UnknownNameError, match="no column of ids: GEO_ID, GEOID, or state, county and tract"):
        read_source(tmp_path / "b.csv", source="acs_b03002")
    (tmp_path / "c.csv").write_text("B03002_001E,B03002_003E,state,county\n5,3,06,Sac\n", encoding="utf-8")
    with pytest.raises(
        DataError, match=r"1 row of 1 in column 'county' of c.csv is no code of 3 digits at most .*'Sac'"
    ):
        read_source(tmp_path / "c.csv", source="acs_b03002")


def test_shapes_come_along_from_a_long_file_with_geometry(made, tmp_path):
    frame = pd.read_csv(made("acs_b03002") / "tidycensus_long.csv", dtype={"GEOID": str})
    squares = {key: box(1000 * place, 0, 1000 * place + 1000, 1000) for place, key in enumerate(IDS)}
    shapes = [squares[key] for key in frame["GEOID"]]
    gpd.GeoDataFrame(frame, geometry=shapes, crs="EPSG:32610").to_file(tmp_path / "long.gpkg")
    population = sg.read(tmp_path / "long.gpkg")
    assert population.ids.tolist() == IDS
    assert population.geometry.bounds["minx"].tolist() == [0, 1000, 2000]
    assert population.size == TOTAL


def test_shapes_are_joined_by_geoid(made, tmp_path):
    squares = [box(1000 * place, 0, 1000 * place + 1000, 1000) for place in range(3)]
    gpd.GeoDataFrame({"GEOID": IDS}, geometry=squares, crs="EPSG:32610").to_file(tmp_path / "tl.shp")
    population = sg.read(made("acs_b03002") / "ACSDT5Y2022.B03002-Data.csv", join=tmp_path / "tl.shp", on="GEOID")
    assert population.geometry.bounds["minx"].tolist() == [0, 1000, 2000]
    assert population.uncertainty.se[0, 7] == 0


def test_groups_and_published_total_that_differ_are_reported(made, tmp_path):
    frame = pd.read_csv(made("acs_b03002") / "tidycensus_wide.csv", dtype=str)
    frame.loc[1, "B03002_001E"] = "1503"
    frame.to_csv(tmp_path / "wide.csv", index=False)
    notes = read_source(tmp_path / "wide.csv").notes
    assert any(note.endswith("in 1 unit of 3: 0 people more and 3 fewer") for note in notes)
