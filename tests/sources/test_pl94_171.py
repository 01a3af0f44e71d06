"""PL 94-171, table P2: sums are not counted again, noise, and the other tables P2."""

import pytest

import segregate as sg
from segregate.errors import DataError, ParameterError
from segregate.io.sources import open_source, read_source, recognise

from .make_pl94_171 import PEOPLE, ROWS, TOTAL

FILES = [
    "DECENNIALPL2020.P2-Data.csv",
    "api_2020.csv",
    "tidycensus_wide.csv",
    "tidycensus_long.csv",
    "named_columns.csv",
]


@pytest.mark.parametrize("file", [*FILES, "tidycensus_2010.csv"])
def test_every_form_of_the_table_is_the_same_people(made, file):
    population = sg.read(made("pl94_171") / file)
    assert population.ids.tolist() == [*ROWS], "leading zeros are kept"
    assert population.groups == tuple(PEOPLE)
    assert population.counts.sum(axis=0).tolist() == [*PEOPLE.values()]
    assert population.size == TOTAL, "003, 004 and 012 are sums or parts of the others"


@pytest.mark.parametrize("file", FILES)
def test_counts_of_2020_are_not_exact(made, file):
    population = sg.read(made("pl94_171") / file)
    assert population.disclosure.table["kind"].tolist() == ["perturbed"]
    assert population.uncertainty is None, "the size of the noise is not printed beside the counts"
    assert any("differential privacy" in note for note in population.notes)


def test_counts_of_2010_carry_no_such_noise(made):
    for source in ("auto", "pl94_171"):
        assert sg.read(made("pl94_171") / "tidycensus_2010.csv", source=source).disclosure.plain
    assert sg.read(made("pl94_171") / "named_columns.csv", source="pl94_171:year=2010").disclosure.plain
    with pytest.raises(ParameterError, match="year=2000 is no census of this layout; it is 2010 or 2020"):
        sg.read(made("pl94_171") / "named_columns.csv", source="pl94_171:year=2000")


@pytest.mark.parametrize("file", ["urban.csv", "urban_2010.csv"])
def test_urban_and_rural_under_the_same_names_is_not_race(made, file):
    opened = open_source(made("pl94_171") / file)
    assert recognise(opened) == []
    with pytest.raises(DataError, match=r"no groups of table P2 .* \(DHC, SF1\) is urban and rural"):
        read_source(opened.path, source="pl94_171")


def test_urban_and_rural_is_known_by_its_labels_too(made, tmp_path):
    text = (made("pl94_171") / "DECENNIALPL2020.P2-Data.csv").read_text(encoding="utf-8-sig")
    text = text.replace("!!Total:!!Hispanic or Latino", "!!Total:!!Urban", 1)
    (tmp_path / "data.csv").write_text(text, encoding="utf-8")
    with pytest.raises(
        DataError, match=r"'P2_002N' of data.csv is described as ' ?!!Total:!!Urban', which is not 'his"
    ):
        read_source(tmp_path / "data.csv")


def test_groups_that_are_not_there_are_the_rest_of_the_total(made):
    population = sg.read(made("pl94_171") / "some.csv")
    assert population.groups == ("white", "black", "other")
    assert population.counts.sum(axis=0).tolist() == [63, 13, TOTAL - 76]


def test_api_ids_are_state_county_tract_block(made):
    found = read_source(made("pl94_171") / "api_2020.csv")
    assert found.frame["GEOID"].tolist() == [*ROWS]
    assert found.frame["GEOID"].str.len().eq(15).all()
