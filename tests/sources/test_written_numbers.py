"""Decimal marks, thousands marks and marks of suppression, as users say them."""

import numpy as np
import openpyxl
import pandas as pd
import pytest

import segregate as sg
from segregate.errors import DataError, ParameterError

FRAME = pd.DataFrame({"a": ["1.234", "2"], "b": ["5", "6.000"], "ha": ["1,5", "2.000"], "x": ["-3,5", "400"]})


def counts(**how):
    return sg.Population.from_frame(FRAME, ["a", "b"], **how).counts.tolist()


@pytest.mark.parametrize("how", [{"decimal": ","}, {"thousands": "."}, {"decimal": ",", "thousands": "."}])
def test_a_point_that_may_be_either_is_what_the_user_says(how):
    with pytest.raises(DataError, match="'1.234' is a decimal or has a thousands mark: say which, decimal=','"):
        counts(marks={})
    assert counts(**how) == [[1234, 5], [2, 6000]]
    assert counts(decimal=".") == [[1.234, 5], [2, 6]]


def test_areas_coordinates_and_margins_too():
    frame = FRAME.assign(y=["1.000,25", "7"], ma=["1,5", "2"], mb=["0", "1.000"])
    how = {"area": ("ha", "ha"), "points": ("x", "y"), "crs": "EPSG:3035", "moe": {"a": "ma", "b": "mb"}}
    found = sg.Population.from_frame(frame, ["a", "b"], decimal=",", **how)
    assert found.area.tolist() == [15_000, 20_000_000]
    assert [(point.x, point.y) for point in found.geometry] == [(-3.5, 1000.25), (400, 7)]
    np.testing.assert_allclose(found.uncertainty.se * 1.645, [[1.5, 0], [2, 1000]])
    assert frame["ha"].tolist() == ["1,5", "2.000"], "the table is not changed"
    with pytest.raises(DataError, match="'ha' values that are not numbers"):
        sg.Population.from_frame(frame, ["a", "b"], decimal=".", area="ha")


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"decimal": ";"}, "decimal= is '.' or ',' and thousands= is '', '.', ',' or ' ', not ';' and None"),
        ({"thousands": "_"}, "not None and '_'"),
        ({"decimal": ",", "thousands": ","}, "',' cannot be both the decimal mark and the thousands mark"),
    ],
)
def test_marks_that_no_number_has(how, message, tmp_path):
    with pytest.raises(ParameterError, match=message):
        counts(**how)
    FRAME.to_csv(tmp_path / "t.csv")
    with pytest.raises(ParameterError, match=message):
        sg.read(tmp_path / "t.csv", groups=["a", "b"], **how)


TEXT = "id;a;b;share;x;y\n01;1.234;<5;12,5;4.321.000,5;3.000.000\n02;2;6.000;3;4.321.001;3.000.001,25\n"


def test_a_file_with_commas(tmp_path):
    (tmp_path / "t.csv").write_text(TEXT, encoding="utf-8")
    how = {"groups": ["a", "b"], "id": "id", "points": ("x", "y"), "crs": "EPSG:3035", "suppressed": "high"}
    found = sg.read(tmp_path / "t.csv", decimal=",", **how)
    assert found.counts.tolist() == [[1234, 4], [2, 6000]]
    assert found.points.tolist() == [[4_321_000.5, 3_000_000], [4_321_001, 3_000_001.25]]
    assert found.attributes["share"].tolist() == [12.5, 3]
    assert found.ids.tolist() == ["01", "02"]
    assert sg.read(tmp_path / "t.csv", decimal=",", where="share > 10", **how).n_units == 1
    pair = sg.read([tmp_path / "t.csv", _other(tmp_path)], decimal=",", **how)
    assert pair.counts.tolist() == [[1234, 4], [2, 6000], [1000, 2]]


def _other(folder):
    (folder / "u.csv").write_text("id;a;b;x;y\n03;1.000;2;4.000.000;3.000.000\n", encoding="utf-8")
    return folder / "u.csv"


def test_a_column_of_nothing_but_points_is_not_taken_for_decimals(tmp_path):
    (tmp_path / "t.csv").write_text("id,a,b\n1,1.234,2.345\n2,3.456,4.567\n", encoding="utf-8")
    read = {"groups": ["a", "b"], "id": "id"}
    assert sg.read(tmp_path / "t.csv", **read).counts.tolist() == [[1.234, 2.345], [3.456, 4.567]]
    assert sg.read(tmp_path / "t.csv", thousands=".", **read).counts.tolist() == [[1234, 2345], [3456, 4567]]


def test_blanks_between_thousands(tmp_path):
    (tmp_path / "t.csv").write_text("id;a;b;c\n1;1 234;2;9 000\n2;3\u202f456;4;8\n", encoding="utf-8")
    found = sg.read(tmp_path / "t.csv", groups=["a", "b"], id="id", decimal=",", thousands=" ")
    assert found.counts.tolist() == [[1234, 2], [3456, 4]]
    assert found.attributes["c"].tolist() == [9000, 8]


def test_a_workbook_with_numbers_and_texts(tmp_path):
    book = openpyxl.Workbook()
    for row in [["id", "a", "b", "c"], ["x", "1.234", 5, 1.5], ["y", 2, "<5", "2.000,5"]]:
        book.active.append(row)
    book.save(tmp_path / "t.xlsx")
    found = sg.read(tmp_path / "t.xlsx", groups=["a", "b"], id="id", decimal=",", suppressed="low")
    assert found.counts.tolist() == [[1234, 5], [2, 0]]
    assert found.attributes["c"].tolist() == [1.5, 2000.5]


def test_a_source_says_itself_how_it_writes(made):
    file = made("nomis_ts021") / "census2021-ts021-oa.csv"
    with pytest.raises(ParameterError, match="leave decimal= and thousands= out"):
        sg.read(file, decimal=",", thousands=".")


# long tables ------------------------------------------------------------------------------

LONG = pd.DataFrame(
    {
        "unit": ["p", "p", "p", "q", "q", "r"],
        "group": ["a", "b", "b", "a", "b", "a"],
        "n": ["1.000", "<5", "7", "3", "*", "4"],
    }
)
ROLES = {"unit": "unit", "group": "group", "count": "n", "decimal": ","}


def test_long_tables_with_marks():
    with pytest.raises(DataError, match=r"no mark with a known meaning: '\*' \(1 row\)"):
        sg.Population.from_long(LONG, **ROLES)
    with pytest.raises(DataError, match=r"2 counts in 2 units of 3 are suppressed \('b': 2; first: 'p', 'q'"):
        sg.Population.from_long(LONG, **ROLES, marks={"*": (1, 3)})
    found = sg.Population.from_long(LONG, **ROLES, marks={"*": (1, 3)}, suppressed="high")
    assert found.counts.tolist() == [[1000, 11], [3, 3], [4, 0]], "<5 and 7 are at most 11; r has no row of b"
    assert found.uncertainty.low.tolist() == [[1000, 7], [3, 1], [4, 0]]
    assert found.uncertainty.high.tolist() == [[1000, 11], [3, 3], [4, 0]]
    assert found.disclosure.table.set_index("kind").loc["suppressed", "units"] == 2
    kept = sg.Population.from_long(LONG, **ROLES, marks={"*": (1, 3)}, suppressed="drop")
    assert kept.counts.tolist() == [[4, 0]]
    assert kept.ids.tolist() == ["r"]


def test_marks_of_missing_counts_in_long_tables_are_missing_rows():
    how = {**ROLES, "marks": {"*": "missing"}, "suppressed": "low"}
    with pytest.raises(DataError, match=r"1 row of 6 without unit, group or count \('n': 1\); first row: 4"):
        sg.Population.from_long(LONG, **how)
    found = sg.Population.from_long(LONG, **how, missing="drop")
    assert found.counts.tolist() == [[1000, 7], [3, 0], [4, 0]]


def test_codes_and_margins_in_long_tables():
    rows = pd.DataFrame({"u": list("ppqq"), "g": list("abab"), "n": [5, -9, 7, 8], "m": ["1,5", "0", "2", "3"]})
    how = {"unit": "u", "group": "g", "count": "n", "moe": "m", "decimal": ","}
    found = sg.Population.from_long(rows, **how, marks={-9: (0, 2)}, suppressed="middle")
    assert found.counts.tolist() == [[5, 1], [7, 8]]
    np.testing.assert_allclose(found.uncertainty.se * 1.645, [[1.5, 0], [2, 3]])
    assert found.uncertainty.high.tolist() == [[5, 2], [7, 8]]
    kept = sg.Population.from_long(rows, **how, marks={-9: (0, 2)}, suppressed="drop")
    np.testing.assert_allclose(kept.uncertainty.se * 1.645, [[2, 3]])


@pytest.mark.parametrize("option", [{"marks": {"*": 0}}, {"suppressed": "low"}, {"decimal": ","}, {"thousands": "."}])
def test_without_counts_there_is_nothing_to_read(option):
    (name,) = option
    with pytest.raises(ParameterError, match=f"{name}= is about the numbers in a column of counts: name it as well"):
        sg.Population.from_long(LONG, unit="unit", group="group", **option)


def test_long_tables_of_several_dimensions_take_marks():
    rows = pd.DataFrame({"u": list("ppqq"), "g": list("abab"), "s": list("fmmf"), "n": ["1", "<3", "2", "4"]})
    found = sg.Population.from_long(rows, unit="u", group=["g", "s"], count="n", suppressed="high")
    assert list(found.dimensions) == ["g", "s"]
    assert found.margin("g").counts.tolist() == [[1, 2], [2, 4]]


# what is advised --------------------------------------------------------------------------


def test_advice_is_what_the_source_takes(made, tmp_path):
    nomis = (made("nomis_ts021") / "census2021-ts021-oa.csv").read_text(encoding="utf-8").replace(",175,", ",*,")
    (tmp_path / "t.csv").write_text(nomis, encoding="utf-8")
    with pytest.raises(
        DataError, match=r"meaning: '\*' \(1 row\). nomis_ts021 knows no such mark. Look whether"
    ) as told:
        sg.read(tmp_path / "t.csv")
    assert "name its columns instead of the source: groups=[...], marks={'*': 'missing'}" in str(told.value)
    istat = "SEZ21_ID,P1,ST1\n1,100,5\n2,50,*\n"
    (tmp_path / "u.csv").write_text(istat, encoding="utf-8")
    with pytest.raises(
        DataError, match=r"Say what it stands for: source=\{'source': 'istat_sections', 'marks': \{'\*'"
    ):
        sg.read(tmp_path / "u.csv")
    said = {"source": "istat_sections", "marks": {"*": (1, 3)}}
    assert sg.read(tmp_path / "u.csv", source=said, suppressed="high").counts.tolist() == [[95, 5], [47, 3]]
    (tmp_path / "v.csv").write_text("SEZ21_ID;P1;ST1\n1;1.234;5\n2;50;7\n", encoding="utf-8")
    with pytest.raises(
        DataError, match=r"thousands mark: look whether the file is as it was published; if it is, name"
    ):
        sg.read(tmp_path / "v.csv")
    (tmp_path / "w.csv").write_text("SEZ21_ID;P1;ST1\n1;1234;-9\n2;50;7\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"negative number \('-9'\). Say what it .* 'marks': \{-9: 'missing'\}\}"):
        sg.read(tmp_path / "w.csv")
