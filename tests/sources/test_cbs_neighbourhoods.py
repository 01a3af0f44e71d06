"""CBS, districts and neighbourhoods: the traps."""

import pandas as pd
import pytest

import segregate as sg
from segregate.errors import DataError, ParameterError
from segregate.io.sources import layouts, read_source

from .make_cbs_neighbourhoods import FILE, OLD_FILE


@pytest.fixture
def folder(made):
    return made("cbs_neighbourhoods")


def asked(**options):
    return {"source": "cbs_neighbourhoods", **options}


def test_the_groups_of_the_two_definitions_have_other_names(folder):
    new, old = read_source(folder / FILE), read_source(folder / OLD_FILE)
    assert not set(new.groups) & set(old.groups)
    assert any("The definition changed" in caveat for caveat in new.caveats)
    assert "until 2021/22" in old.meanings["western_background"]


def test_a_file_with_both_definitions_is_a_question(folder):
    with pytest.raises(ParameterError, match="both.csv has columns of both definitions, which are other people"):
        read_source(folder / "both.csv")
    origin = read_source(folder / "both.csv", source=asked(definition="origin"))
    assert origin.groups == ("dutch_origin", "european_origin", "origin_beyond_europe")


def test_people_without_a_background_are_other(folder):
    population = sg.read(folder / OLD_FILE)
    assert population.groups == ("western_background", "non_western_background", "other")
    assert population.counts.tolist() == [[20, 50, 130], [5, 40, 55]]


def test_counts_are_intervals(folder):
    found = read_source(folder / FILE)
    assert found.low["dutch_origin"].iloc[0] == pytest.approx(867.5 * 0.445, rel=1e-12)
    assert found.high["dutch_origin"].iloc[0] == pytest.approx(872.5 * 0.455, rel=1e-12)
    exact = read_source(folder / FILE, source=asked(rounding=1))
    assert exact.high["dutch_origin"].iloc[0] == pytest.approx(870.5 * 0.455, rel=1e-12)


def test_secret_shares_are_suppressed(folder):
    found = read_source(folder / FILE)
    assert found.kinds.iloc[2].tolist() == ["suppressed"] * 3
    assert found.high.iloc[2].tolist() == [12.5] * 3
    with pytest.raises(DataError, match="3 counts in 1 unit of 3 are suppressed"):
        sg.read(folder / FILE)


def test_the_older_sentinel_is_missing(folder, tmp_path):
    frame = pd.read_csv(folder / OLD_FILE, dtype=str).iloc[:2]
    frame.loc[1, "percentage_westerse_migratieachtergrond"] = "-99999999"
    frame.to_csv(tmp_path / OLD_FILE, index=False)
    assert read_source(tmp_path / OLD_FILE).kinds["western_background"].tolist() == ["rounded", "missing"]


def test_levels_and_water_do_not_count_twice(folder):
    found = read_source(folder / OLD_FILE)
    assert found.frame["buurtcode"].tolist() == ["BU03630000", "BU03630001"]
    districts = read_source(folder / OLD_FILE, source=asked(level="gemeentecode"))
    assert len(districts.frame) == 3
    assert "BU03630002" not in set(read_source(folder / FILE).frame["buurtcode"])


def test_a_column_without_codes_is_refused(folder, tmp_path):
    pd.read_csv(folder / OLD_FILE, dtype=str).iloc[2:].to_csv(tmp_path / OLD_FILE, index=False)
    with pytest.raises(DataError, match="No row of buurten_2019.csv has a buurtcode such as BU"):
        read_source(tmp_path / OLD_FILE)


@pytest.mark.parametrize(("definition", "what"), [("origin", "by origin"), ("auto", "of a definition that is known")])
def test_a_file_without_the_shares_is_refused(folder, tmp_path, definition, what):
    frame = pd.read_csv(folder / OLD_FILE, dtype=str)
    if definition == "auto":
        frame = frame.rename(columns=lambda name: name.replace("migratieachtergrond", "x"))
    frame.to_csv(tmp_path / OLD_FILE, index=False)
    with pytest.raises(DataError, match=f"buurten_2019.csv has no shares {what}"):
        read_source(tmp_path / OLD_FILE, source=asked(definition=definition))


def test_the_columns_of_the_squares_are_another_source(made):
    squares = made("cbs_squares") / "vierkanten_500m.csv"
    assert any("recognised as cbs_squares" in note for note in read_source(squares).notes)
    assert layouts["cbs_neighbourhoods"].certain == "partly"
