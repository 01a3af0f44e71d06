"""ISTAT, census sections: the traps."""

import pandas as pd
import pytest

import segregate as sg
from segregate.errors import DataError, ParameterError, UnknownNameError
from segregate.io.sources import layouts, open_source, read_source, recognise

from .make_istat_sections import CONTINENTS


@pytest.fixture
def folder(made):
    return made("istat_sections")


def asked(**options):
    return {"source": "istat_sections", **options}


def test_parts_of_the_foreigners_are_not_counted_again(folder):
    found = read_source(folder / "sezioni_2021.csv")
    assert found.groups == ("italian", "foreign")
    assert found.frame[["italian", "foreign"]].to_numpy().tolist() == [[100, 20], [0, 0], [225, 75]]
    assert not {"ST2_B", "ST3", "ST4", "ST5"} & set(found.frame.columns)


def test_ids_are_text_of_any_length(folder, tmp_path):
    wanted = ["10010000001", "10010000002", "400120000003"]
    assert read_source(folder / "sezioni_2021.csv").frame["SEZ21_ID"].tolist() == wanted
    frame = pd.read_csv(folder / "sezioni_2021.csv", sep=";").astype({"SEZ21_ID": "float64"})
    frame.to_parquet(tmp_path / "sections.parquet")
    assert read_source(tmp_path / "sections.parquet").frame["SEZ21_ID"].tolist() == wanted


def test_an_id_that_a_spreadsheet_broke_is_refused(folder, tmp_path):
    text = (folder / "sezioni_2021.csv").read_text(encoding="utf-8").replace("10010000001", "1.0E+10")
    (tmp_path / "broken.csv").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=r"1 section of 3 in broken.csv without a whole number .*first: '1.0E\+10'"):
        read_source(tmp_path / "broken.csv")


def test_renamed_columns_are_left_to_a_mapping(folder):
    assert not recognise(open_source(folder / "renamed.csv"))
    with pytest.raises(UnknownNameError, match="renamed.csv has no column 'P1'"):
        read_source(folder / "renamed.csv", source="istat_sections")
    assert layouts["istat_sections"].certain == "partly"
    assert any("from memory" in caveat for caveat in layouts["istat_sections"].caveats)


def test_continents_are_named_by_the_user(folder):
    population = sg.read(folder / "sezioni_2011.csv", source=asked(groups=CONTINENTS))
    assert population.groups == ("europe", "africa", "other")
    assert population.counts.tolist() == [[12, 8, 100], [0, 0, 0], [25, 30, 245]]
    with pytest.raises(UnknownNameError, match="no column 'ST_EUROPA'"):
        read_source(folder / "sezioni_2021.csv", source=asked(groups=CONTINENTS))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"groups": {"all": "P1"}}, "'P1' is the column of all residents; it cannot be a group too"),
        ({"groups": CONTINENTS, "foreign": "ST2"}, "foreign= and groups= are two ways to say who the groups are"),
    ],
)
def test_mappings_that_make_no_sense_are_refused(folder, options, message):
    with pytest.raises(ParameterError, match=message):
        read_source(folder / "sezioni_2011.csv", source=asked(**options))


def test_latin_1_is_read(folder):
    assert read_source(folder / "sezioni_2011.csv").frame["COMUNE"].tolist() == ["Forlì"] * 3


def test_marks_are_suppressed_and_never_zero(folder, tmp_path):
    text = (folder / "sezioni_2021.csv").read_text(encoding="utf-8").replace(";120;20;", ";120;*;")
    (tmp_path / "marks.csv").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=r"\*"):
        read_source(tmp_path / "marks.csv")
    found = read_source(tmp_path / "marks.csv", source=asked(marks={"*": (1, 3)}))
    assert found.kinds.iloc[0].tolist() == ["suppressed", "suppressed"]
    assert found.low.iloc[0].tolist() == [117, 1]
    assert found.high.iloc[0].tolist() == [119, 3]


def test_more_foreigners_than_residents_is_refused(folder, tmp_path):
    text = (folder / "sezioni_2021.csv").read_text(encoding="utf-8").replace(";120;20;", ";120;121;")
    (tmp_path / "wrong.csv").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match="ST1 is greater than P1, of which it is a part, in 1 section of 3"):
        read_source(tmp_path / "wrong.csv")
