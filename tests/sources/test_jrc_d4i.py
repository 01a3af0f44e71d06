"""JRC Data for Integration: everything by mapping."""

import pytest

import segregate as sg
from segregate.errors import DataError, ParameterError, UnknownNameError
from segregate.io.sources import layouts, open_source, read_source, recognise

from .make_jrc_d4i import FILE, GROUPS, MAPPING


@pytest.fixture
def file(made):
    return made("jrc_d4i") / FILE


def test_it_is_never_recognised_by_itself(file):
    assert not recognise(open_source(file))
    assert layouts["jrc_d4i"].certain == "mapping"
    assert layouts["jrc_d4i"].groups == {}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "about=, id=, groups= are missing"),
        ({"about": "birth", "id": "cell"}, "groups= is missing"),
        ({**MAPPING, "about": "origin"}, "about='origin' is not known"),
        ({**MAPPING, "groups": {"one": "a", "two": "a"}}, "names a column twice, so its people would count twice"),
        ({**MAPPING, "epsg": 3035}, "epsg= and size= are about ids .* add cell_ids=True"),
    ],
)
def test_a_mapping_that_does_not_do_is_refused(file, options, message):
    with pytest.raises(ParameterError, match=message):
        read_source(file, source={"source": "jrc_d4i", **options})


def test_a_column_that_is_not_there(file):
    with pytest.raises(UnknownNameError, match=r"cells.csv has no column 'd'"):
        read_source(file, source={**MAPPING, "groups": {**GROUPS, "more": "d"}})


def test_fractions_of_people_stay_and_are_estimates(file):
    population = sg.read(file, source=MAPPING)
    assert population.counts.tolist() == [[10.25, 0.5, 0.125], [3.75, 1.5, 0]]
    assert population.disclosure.table["kind"].tolist() == ["imputed"]
    assert population.uncertainty is None


def test_the_rest_is_other(file):
    options = {**MAPPING, "groups": {"other_eu": "b"}, "total": "everybody"}
    population = sg.read(file, source=options)
    assert population.groups == ("other_eu", "other")
    assert population.counts.tolist() == [[0.5, 10.375], [1.5, 3.75]]


def test_birth_or_citizenship_is_said(file):
    found = read_source(file, source={**MAPPING, "about": "citizenship"})
    assert found.meanings["natives"] == "citizenship (not country of birth): column 'a' of the file"


def test_a_row_for_each_cell_and_country_is_refused(file, tmp_path):
    lines = file.read_text(encoding="utf-8").splitlines()
    (tmp_path / FILE).write_text("\n".join([*lines, lines[1]]) + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"1 row of 3 in cells.csv repeats the id of another.*made wide first"):
        read_source(tmp_path / FILE, source=MAPPING)


def test_cells_of_ids(file):
    found = read_source(file, source={**MAPPING, "cell_ids": True, "epsg": 3035, "size": 100})
    assert found.geometry.iloc[1].bounds == (4300000, 3100100, 4300100, 3100200)
