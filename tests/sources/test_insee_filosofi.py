"""INSEE Filosofi, squares of 200 m: the traps."""

import pytest
import shapely

import segregate as sg
from segregate.errors import DataError, ParameterError
from segregate.io.sources import read_source

FILE = "carreaux_200m_met.csv"


@pytest.fixture
def folder(made):
    return made("insee_filosofi")


def changed(folder, tmp_path, old, new):
    text = (folder / FILE).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / FILE).write_text(text.replace(old, new), encoding="utf-8")
    return tmp_path / FILE


def test_imputed_squares_have_their_kind(folder):
    found = read_source(folder / FILE)
    assert found.kinds["poor"].tolist() == ["imputed", "known", "known"]
    assert found.kinds["not_poor"].tolist() == ["imputed", "known", "known"]
    assert found.frame["imputed"].tolist() == [True, False, False]
    table = sg.read(folder / FILE).disclosure.table.set_index("kind")
    assert table.loc["imputed", "people"] == 2
    left = read_source(folder / FILE, source="insee_filosofi:imputed=drop")
    assert "imputed by the publisher (i_est_200 = 1): 1 square of 3, left out" in left.notes


def test_a_flag_that_is_not_known_is_refused(folder, tmp_path):
    with pytest.raises(DataError, match=r"i_est_200 is neither 0 nor 1 in 1 square of 3 .*first: '2'"):
        read_source(changed(folder, tmp_path, ",1,2A041", ",2,2A041"))


def test_the_capitals_of_2017_are_the_same(folder):
    old = read_source(folder / "Filosofi2017_carreaux_200m_met.csv")
    assert old.frame.equals(read_source(folder / FILE).frame)
    assert any("recognised as insee_filosofi" in note for note in old.notes)


def test_the_counts_are_households_not_people(folder):
    found = read_source(folder / FILE)
    assert found.frame["people"].tolist() == [4.5, 100.5, 300]
    assert found.frame[["poor", "not_poor"]].sum(axis=1).tolist() == [2, 40, 150]
    assert any("households, not people" in caveat for caveat in found.caveats)


def test_northing_comes_first(folder):
    square = read_source(folder / FILE).geometry.iloc[0]
    assert square.equals(shapely.box(4252400, 2029800, 4252600, 2030000))


def test_overseas_squares_are_in_their_own_coordinates(folder, tmp_path):
    island = sg.read(folder / "carreaux_200m_reun.csv")
    assert island.crs.to_epsg() == 2975
    assert island.geometry.total_bounds.tolist() == [338000, 7634000, 338200, 7634200]
    mixed = changed(folder, tmp_path, "CRS3035RES200mN2890200E3760400", "CRS2975RES200mN7634000E338000")
    with pytest.raises(DataError, match="2 coordinate systems"):
        read_source(mixed)


def test_communes_one_after_the_other_stay_text(folder):
    assert read_source(folder / FILE).frame["lcog_geo"].tolist() == ["2A041", "2A041", "7511375114"]


def test_more_poor_than_all_is_refused(folder, tmp_path):
    with pytest.raises(DataError, match="men_pauv is greater than men, of which it is a part, in 1 square of 3"):
        read_source(changed(folder, tmp_path, "100.5,40,10", "100.5,40,41"))


def test_the_other_decimal_mark_is_asked_for(folder):
    with pytest.raises(
        ParameterError, match=r"The column 'men_pauv' has 1 number of 3 with the mark '.* and decimal=','"
    ):
        read_source(folder / FILE, source="insee_filosofi:decimal=,")
