"""NHGIS: codes mean what the codebook of the same extract says."""

import numpy as np
import pandas as pd
import pytest

import segregate as sg
from segregate.errors import DataError, ParameterError, UnknownNameError
from segregate.io.sources import open_source, read_source, recognise

from .make_nhgis import ACS, DECENNIAL, DESCRIBED, ORIGIN, PEOPLE, ROWS, TOTAL, codebook

MANY = "nhgis0004_ds248_2020_tract"


def asked(**options):
    return {"source": "nhgis", **options}


@pytest.mark.parametrize("name", [ACS, DESCRIBED, DECENNIAL])
def test_codes_differ_from_extract_to_extract_and_groups_do_not(made, name):
    population = sg.read(made("nhgis") / f"{name}.csv")
    assert population.groups == tuple(PEOPLE)
    assert population.counts.sum(axis=0).tolist() == [*PEOPLE.values()]
    assert population.size == TOTAL
    assert population.ids.tolist() == [*ROWS]
    assert population.attributes["geoid"].tolist() == ["06067000100", "06067000200", "04013000300"]


def test_the_codebook_is_believed_whatever_the_order_of_its_labels(made, tmp_path):
    labels = [*ORIGIN]
    labels[2], labels[3] = labels[3], labels[2]
    (tmp_path / f"{ACS}.csv").write_bytes((made("nhgis") / f"{ACS}.csv").read_bytes())
    table = ("Hispanic or Latino Origin by Race", "Total population", "B03002", "ALUK", labels)
    (tmp_path / f"{ACS}_codebook.txt").write_text(codebook(ACS, "2019 ACS", [table], "EM"), encoding="utf-8")
    found = read_source(tmp_path / f"{ACS}.csv")
    assert found.frame["white"].sum() == PEOPLE["black"]
    assert found.frame["black"].sum() == PEOPLE["white"]


def test_estimates_and_margins_are_pairs(made):
    population = sg.read(made("nhgis") / f"{ACS}.csv")
    np.testing.assert_allclose(population.uncertainty.se, 25 / 1.645, rtol=1e-12)
    assert sg.read(made("nhgis") / f"{DECENNIAL}.csv").uncertainty is None


def test_codes_of_the_acs_in_margins(made, tmp_path):
    frame = pd.read_csv(made("nhgis") / f"{ACS}.csv", dtype=str)
    frame.loc[0, "ALUKM003"], frame.loc[1, "ALUKM004"] = "-555555555", ""
    frame.to_csv(tmp_path / f"{ACS}.csv", index=False)
    found = read_source(tmp_path / f"{ACS}.csv", source=asked(codebook=str(made("nhgis") / f"{ACS}_codebook.txt")))
    assert found.frame["white_moe"].tolist() == [0, 25, 25]
    assert np.isnan(found.frame["black_moe"].iloc[1])
    assert "no margin of error for 1 estimate (blank: 1)" in found.notes


def test_the_descriptive_header_is_no_unit_and_latin1_is_read(made):
    found = read_source(made("nhgis") / f"{DESCRIBED}.csv")
    assert found.frame["STATE"].tolist() == ["California", "California", "Doña Ana"]
    assert any("Windows-1252" in note for note in found.notes)


def test_the_census_of_2020_is_not_exact(made):
    assert set(read_source(made("nhgis") / f"{DECENNIAL}.csv").kinds.to_numpy().ravel()) == {"perturbed"}
    assert set(read_source(made("nhgis") / f"{ACS}.csv").kinds.to_numpy().ravel()) == {"known"}


def test_without_codebook_nothing_is_guessed(made, tmp_path):
    for name in (f"{ACS}.csv", "tracts.csv"):
        (tmp_path / name).write_bytes((made("nhgis") / f"{ACS}.csv").read_bytes())
    with pytest.raises(DataError, match=rf"There is no codebook {ACS}_codebook.txt beside {ACS}.csv"):
        sg.read(tmp_path / f"{ACS}.csv")
    assert recognise(open_source(tmp_path / "tracts.csv")) == [], "GISJOIN alone says nothing of the columns"
    given = asked(codebook=str(made("nhgis") / f"{ACS}_codebook.txt"))
    assert sg.read(tmp_path / "tracts.csv", source=given).size == TOTAL


def test_a_codebook_of_another_extract_is_refused(made, tmp_path):
    other = str(made("nhgis") / f"{DESCRIBED}_codebook.txt")
    with pytest.raises(DataError, match=rf"The codebook names 9 columns that {ACS}.csv does not have \('AQ9FE003'"):
        read_source(made("nhgis") / f"{ACS}.csv", source=asked(codebook=other))
    (tmp_path / "empty_codebook.txt").write_text("nothing\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"empty_codebook.txt describes no table; it is not the codebook of an extract"):
        read_source(made("nhgis") / f"{ACS}.csv", source=asked(codebook=str(tmp_path / "empty_codebook.txt")))


def test_two_tables_of_the_same_labels_are_a_question(made):
    file = made("nhgis") / f"{MANY}.csv"
    with pytest.raises(ParameterError, match=r"2 tables of race by Hispanic origin: U7C \(P2, .*; U7E .*'which'"):
        sg.read(file)
    assert sg.read(file, source="nhgis:which=P2").size == TOTAL
    with pytest.raises(UnknownNameError, match=r"The codebook has no table 'P3'. There are: 'U7C', 'P2'"):
        sg.read(file, source="nhgis:which=P3")


def test_adults_are_not_taken_for_everybody(made, tmp_path):
    file = made("nhgis") / f"{MANY}.csv"
    text = (made("nhgis") / f"{MANY}_codebook.txt").read_text(encoding="utf-8")
    at = text.index("Table 2:")
    text = text[:at] + text[at:].replace("Total population", "Population 18 years and over", 1)
    (tmp_path / "c.txt").write_text(text, encoding="utf-8")
    found = read_source(file, source=asked(codebook=str(tmp_path / "c.txt")))
    assert any("table U7C (P2" in note for note in found.notes)


def test_groups_of_other_tables_are_named_by_the_user(made):
    file = made("nhgis") / f"{ACS}.csv"
    with pytest.raises(ParameterError, match=r"No table .* There are: ALWM \(B25003, Tenure; Occupied housing units\)"):
        sg.read(file, source="nhgis:which=ALWM")
    own = {"owners": "ALWME002", "tenants": "ALWME003"}
    population = sg.read(file, source=asked(groups=own))
    assert population.counts.tolist() == [[900, 700], [100, 400], [80, 10]]
    assert population.provenance.meanings["owners"] == "Tenure: Owner occupied"
    np.testing.assert_allclose(population.uncertainty.se, 25 / 1.645, rtol=1e-12)
    rest = sg.read(file, source=asked(groups={"owners": "ALWME002"}, total="ALWME001"))
    assert rest.groups == ("owners", "other")
    assert rest.size == 2190
    with pytest.raises(UnknownNameError, match=r"no column 'ALWME02' \(for 'owners'\) .*Did you mean 'ALWME002'"):
        sg.read(file, source=asked(groups={"owners": "ALWME02"}))
    with pytest.raises(ParameterError, match="total= goes with groups= of your own"):
        sg.read(file, source="nhgis:total=ALWME001")


def test_ids_of_units_of_the_past_have_no_geoid(made, tmp_path):
    frame = pd.read_csv(made("nhgis") / f"{ACS}.csv", dtype=str)
    frame["GISJOIN"] = ["G06", "G060", "G0605675"]  # a code that is not 0 after state or county is one of the past
    frame.to_csv(tmp_path / f"{ACS}.csv", index=False)
    found = read_source(tmp_path / f"{ACS}.csv", source=asked(codebook=str(made("nhgis") / f"{ACS}_codebook.txt")))
    assert found.frame["geoid"].isna().tolist() == [True, False, True]
    assert found.frame["geoid"].iloc[1] == "06"
