"""Numbers and marks in one column."""

import pandas as pd

import segregate as sg
from segregate.io._numbers import numbers_apart


def test_marks_are_left_as_text():
    column = pd.Series(
        ["12", " 3.5 ", "<5", None, "NA", "", "007", "1e3"], index=list("abcdefgh"), name="x", dtype="str"
    )
    found = numbers_apart(column)
    assert found.tolist() == [12.0, 3.5, "<5", None, None, None, "007", 1000.0]
    assert list(found.index) == list("abcdefgh")
    assert found.name == "x"


def test_a_column_without_marks_stays(tmp_path):
    column = pd.Series(["12", "3"], dtype="str")
    assert numbers_apart(column) is column


def test_missing_counts_beside_marks_elsewhere(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("id,a,b\n1,5,6\n2,NA,7\n3,8,9\n")
    pop = sg.read(path, groups=["a", "b"], id="id", missing="drop")
    assert list(pop.ids) == [1, 3]
