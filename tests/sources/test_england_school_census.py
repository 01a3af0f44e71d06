"""England's school census: headers by pattern, shares are not counts, zeros that are missing, marks."""

import numpy as np
import pandas as pd
import pytest

import segregate as sg
from segregate.errors import DataError, ParameterError, UnknownNameError
from segregate.io.sources import read_source
from segregate.io.sources.england_school_census import GROUPS

from .make_england_school_census import NEW, OLD, ORIGINS, PEOPLE, header

URNS = ["100001", "100002", "100003", "100004"]


def asked(**options):
    return {"source": "england_school_census", **options}


@pytest.fixture
def changed(made, tmp_path):
    def write(change, name="file.csv"):
        frame = pd.read_csv(made("england_school_census") / NEW, dtype=str, keep_default_na=False, encoding="cp1252")
        change(frame).to_csv(tmp_path / name, index=False)
        return tmp_path / name

    return write


@pytest.mark.parametrize("file", [NEW, OLD])
def test_wording_drifts_and_groups_do_not(made, file):
    found = read_source(made("england_school_census") / file)
    assert found.groups == tuple(GROUPS)
    assert len(found.groups) == len(ORIGINS) == 18
    assert found.frame["urn"].tolist() == URNS
    for group, people in PEOPLE.items():
        assert np.nansum(found.frame[group]) == people


@pytest.mark.parametrize("kind", ["new", "old"])
def test_shares_are_not_counts(kind):
    """Each of 18 groups and the unclassified has a twin of which nothing may be read."""
    assert sum(name.startswith("%") for name in header(kind)) == 21
    assert sum("ethnic" in name.casefold() for name in header(kind)) == 36


def test_shares_do_not_change_a_number(changed, made):
    def shares(frame):
        return frame.assign(**{name: "55.5" for name in frame.columns if name.startswith("%")})

    pd.testing.assert_frame_equal(
        read_source(changed(shares)).frame.drop(columns="name"),
        read_source(made("england_school_census") / NEW).frame.drop(columns="name"),
    )


def test_first_language_unclassified_is_no_ethnic_group(made):
    found = read_source(made("england_school_census") / NEW, source="england_school_census:unclassified=group")
    assert found.frame["unclassified"].iloc[:2].tolist() == [2, 1]
    assert found.frame["unclassified"].iloc[2:].isna().all(), "not reported, and not applicable"


def test_zeros_of_independent_schools_are_missing(made):
    found = read_source(made("england_school_census") / NEW)
    assert set(found.kinds.loc["100003"]) == {"missing"}
    population = sg.read(made("england_school_census") / NEW, missing="drop", suppressed="drop")
    assert population.ids.tolist() == ["100001", "100002"]
    assert population.totals.tolist() == [178, 59]


def test_a_school_with_pupils_and_no_group_is_missing_whatever_it_is_called(changed):
    found = read_source(changed(lambda frame: frame.drop(columns="phase_type_grouping")))
    assert set(found.kinds.loc["100003"]) == {"missing"}


def test_marks(made):
    for file in (NEW, OLD):  # c and z; * and SUPP
        source = "england_school_census:unclassified=group"
        kinds = read_source(made("england_school_census") / file, source=source).kinds
        assert kinds.loc["100004", ["white_british", "pakistani", "irish"]].tolist() == ["suppressed"] * 2 + ["known"]
        assert kinds.loc["100004", "unclassified"] == ("missing" if file == NEW else "suppressed")


@pytest.mark.parametrize(
    ("mark", "kind"), [("x", "missing"), ("low", "suppressed"), ("K", "suppressed"), ("", "missing")]
)
def test_other_marks(changed, mark, kind):
    column = "number of pupils classified as Irish ethnic origin"
    file = changed(lambda frame: frame.assign(**{column: frame[column].mask(frame["urn"] == "100001", mark)}))
    assert read_source(file).kinds.loc["100001", "irish"] == kind


def test_an_unknown_mark_is_refused(changed):
    column = "number of pupils classified as Irish ethnic origin"
    file = changed(lambda frame: frame.assign(**{column: frame[column].replace("2", "?")}))
    with pytest.raises(DataError, match=r"no number and no mark with a known meaning: '\?' \(1 row\)"):
        read_source(file)
    assert read_source(file, source=asked(marks={"?": [1, 2]})).high.loc["100001", "irish"] == 2


def test_a_hidden_count_is_no_more_than_the_headcount(made):
    found = read_source(made("england_school_census") / NEW)
    assert (found.low.loc["100004", "white_british"], found.high.loc["100004", "white_british"]) == (0, 20)
    told = read_source(made("england_school_census") / NEW, source=asked(marks={"c": [1, 4]}))
    assert (told.low.loc["100004", "white_british"], told.high.loc["100004", "white_british"]) == (1, 4)
    population = sg.read(
        made("england_school_census") / NEW, source=asked(marks={"c": [1, 4]}), suppressed="middle", missing="drop"
    )
    assert population.totals.tolist() == [178, 59, 7 + 3 * 2.5]


def test_groups_are_not_of_the_whole_headcount(made):
    found = read_source(made("england_school_census") / NEW)
    assert found.frame["headcount"].tolist() == [210, 60, 300, 20]
    assert found.frame["published_total"].tolist() == [180, 60, 300, 20]
    population = sg.read(made("england_school_census") / NEW, missing="drop", suppressed="drop")
    assert any("compulsory school age and above, not of all pupils" in note for note in population.notes)


def test_several_periods_are_a_question(made):
    file = made("england_school_census") / "periods.csv"
    with pytest.raises(ParameterError, match="holds 2 periods: '202324', '202425'.*'period': '202425'"):
        read_source(file)
    assert read_source(file, source="england_school_census:period=202324").frame["period"].unique().tolist() == [
        "202324"
    ]
    with pytest.raises(ParameterError, match="no period '2020'; it has '202324', '202425'"):
        read_source(file, source="england_school_census:period=2020")
    with pytest.raises(ParameterError, match="no column time_period"):
        read_source(file.with_name("codes.csv"), source=asked(period=1, groups={"a": "npupeowb", "b": "rest"}))


def test_a_group_that_is_not_known_is_not_lost(changed):
    old, new = (
        "number of pupils classified as Irish ethnic origin",
        "number of pupils classified as Cornish ethnic origin",
    )
    with pytest.raises(DataError, match="1 column of an ethnic group that is not known: '.*Cornish ethnic origin'"):
        read_source(changed(lambda frame: frame.rename(columns={old: new})))
    with pytest.raises(DataError, match=r"no column for 1 ethnic group of 18 \('irish'\)"):
        read_source(changed(lambda frame: frame.drop(columns=old)))
    with pytest.raises(DataError, match="several columns for 'irish'"):
        read_source(changed(lambda frame: frame.assign(**{old.replace("Irish", "irish"): "1"})))


def test_codes_of_older_years_are_mapped_by_the_user(made):
    file = made("england_school_census") / "codes.csv"
    with pytest.raises(DataError, match=r"no column for 18 ethnic groups of 18 .* Older files have codes \(npupeowb"):
        read_source(file, source="england_school_census")
    found = read_source(file, source=asked(groups={"british": "npupeowb", "others": "rest"}))
    assert found.frame["british"].iloc[0] == 100
    assert found.kinds.loc["100003", "british"] == "known", "the groups may not be everybody"
    assert "1 school with pupils but 0 in all groups that are named" in found.notes
    assert found.meanings["british"] == "column 'npupeowb' of the file"
    with pytest.raises(UnknownNameError, match=r"no column 'numeowb' \(for 'british'\)"):
        read_source(file, source=asked(groups={"british": "numeowb"}))
