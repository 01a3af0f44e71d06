"""INSEE, residents of IRIS: the traps."""

import pytest

import segregate as sg
from segregate.errors import DataError, ParameterError, UnknownNameError
from segregate.io.sources import read_source

from .make_insee_iris import FILE


@pytest.fixture
def file(made):
    return made("insee_iris") / FILE


def changed(file, tmp_path, old, new):
    text = file.read_text(encoding="utf-8")
    assert old in text
    (tmp_path / FILE).write_text(text.replace(old, new), encoding="utf-8")
    return tmp_path / FILE


def test_ids_keep_their_leading_zeros(file):
    wanted = ["010040101", "010040102", "2A0040101", "751010101"]
    assert sg.read(file).ids.tolist() == wanted
    found = read_source(file.parent / "spreadsheet.csv")
    assert found.frame["IRIS"].tolist() == wanted
    assert found.frame["COM"].tolist() == ["01004", "01004", "2A004", "75101"]


@pytest.mark.parametrize("code", ["01004", "1.00E+08", "2C0040101", "0100401011"])
def test_other_codes_are_refused(file, tmp_path, code):
    with pytest.raises(DataError, match=r"1 code of 4 in the column IRIS of .* has not the 9 characters of an IRIS"):
        read_source(changed(file, tmp_path, "751010101;", f"{code};"))


def test_foreigners_and_immigrants_are_never_groups_together(file):
    by_nationality = read_source(file)
    by_immigration = read_source(file, source="insee_iris:by=immigration")
    assert by_nationality.groups == ("french", "foreign")
    assert by_immigration.groups == ("immigrant", "not_immigrant")
    assert not {"P21_POP_IMM", "immigrant"} & set(by_nationality.frame.columns)
    with pytest.raises(ParameterError, match="by='both' is not known"):
        read_source(file, source="insee_iris:by=both")
    assert any("overlap" in caveat for caveat in by_nationality.caveats)


def test_weighted_counts_stay_fractions_and_are_estimates(file):
    population = sg.read(file)
    assert population.counts[0].tolist() == [800.123, 58.05]
    assert population.disclosure.table["kind"].tolist() == ["imputed"]
    assert population.uncertainty is None
    assert any("how far 8 cells of 8 (imputed) may be off is not known" in note for note in population.notes)


def test_the_year_is_in_the_names_of_the_columns(file):
    both = file.parent / "years.csv"
    with pytest.raises(ParameterError, match="has the columns of 2 years: 'P16', 'P21'. Choose one"):
        read_source(both)
    with pytest.raises(ParameterError, match=r"no columns of 2018 \(P18_POP\); it has 'P16', 'P21'"):
        read_source(both, source="insee_iris:year=2018")
    old = read_source(both, source="insee_iris:year=2016")
    assert old.frame["foreign"].tolist() == [100] * 4
    assert "the groups are by nationality, in the columns of P16" in old.notes


def test_decimal_commas_are_asked_for(file):
    with pytest.raises(ParameterError, match=r"column 'P21_POP' has 3 numbers of 4 with the mark ','.*'decimal': ','"):
        read_source(file.parent / "years.csv", source="insee_iris:year=2021")


def test_a_part_greater_than_the_whole_is_refused(file, tmp_path):
    wrong = changed(file, tmp_path, "600;600;0;12.5", "600;600;0;612.5")
    with pytest.raises(DataError, match="P21_POP_IMM is greater than P21_POP, .* in 1 unit of 4 .first: '2A0040101'"):
        read_source(wrong, source="insee_iris:by=immigration")


def test_groups_that_do_not_add_up_are_told(file, tmp_path):
    found = read_source(changed(file, tmp_path, "600;600;0;12.5", "600;590;0;12.5"))
    assert any("P21_POP in 1 unit of 4: 0 people more and 10 fewer" in note for note in found.notes)


def test_a_file_without_the_groups_is_refused(file, tmp_path):
    with pytest.raises(UnknownNameError, match="has no column 'P21_POP_FR'"):
        read_source(changed(file, tmp_path, "P21_POP_FR", "P21_FR"))
    with pytest.raises(UnknownNameError, match="has no column 'P21_POP'"):
        read_source(changed(file, tmp_path, ";P21_POP;", ";PEOPLE;"))
