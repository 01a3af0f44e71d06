"""Text in CSV that a spreadsheet would run."""

import pandas as pd
import pytest

from segregate.cli._tables import write_table
from segregate.io._formulas import without_formulas

DANGEROUS = [
    "=1+1",
    '=HYPERLINK("http://127.0.0.1/?"&A1,"click")',
    "@SUM(1,2)",
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "-SUM(A1:A9)",
    "\t=1+1",
    "\r=1",
    "  =1+1",
    "＝1+1",
]
HARMLESS = [
    "",
    "a=b",
    "-",
    "-5",
    "+5",
    "-1.5e3",
    "+49 30 1234",
    "06067",
    "a@b.c",
    "-A",
    "'=1",
    "–",
    "<5",
    "O'Neill (x)",
]


@pytest.mark.parametrize("text", DANGEROUS)
def test_formulas_get_an_apostrophe(text):
    table = pd.DataFrame({"id": ["a", text], "value": [-1.5, 2]})
    safe, note = without_formulas(table)
    assert safe["id"].tolist() == ["a", f"'{text}"]
    assert safe["value"].tolist() == [-1.5, 2]
    assert note.startswith("note: 1 text that a spreadsheet would take for a formula (first: ")
    assert table["id"].tolist() == ["a", text]


@pytest.mark.parametrize("text", HARMLESS)
def test_other_text_stays(text):
    table = pd.DataFrame({"id": [text], "value": [-1.5]})
    safe, note = without_formulas(table)
    assert safe is table
    assert note == ""


def test_numbers_dates_and_missing_values_stay():
    table = pd.DataFrame(
        {
            "n": [-1, 2],
            "x": [None, -0.5],
            "day": pd.to_datetime(["2020-01-01", None]),
            "mixed": [-3, None],
            "kind": pd.Categorical(["=a", "b"]),
        }
    )
    safe, note = without_formulas(table)
    assert safe["kind"].tolist() == ["'=a", "b"]
    pd.testing.assert_frame_equal(safe.drop(columns="kind"), table.drop(columns="kind"))
    assert "1 text" in note


def test_names_of_columns_and_columns_of_one_name():
    table = pd.DataFrame([["=1", "=2", 3]], columns=["=a", "x", "x"])
    safe, note = without_formulas(table)
    assert list(safe.columns) == ["'=a", "x", "x"]
    assert safe.iloc[0].tolist() == ["'=1", "'=2", 3]
    assert "3 texts" in note


def test_written(tmp_path, capsys):
    table = pd.DataFrame({"district": ["=1+1", "-5"], "value": [-0.25, 1]})
    write_table(table, tmp_path / "t.csv", None)
    assert (tmp_path / "t.csv").read_text() == "district,value\n'=1+1,-0.25\n-5,1.0\n"
    assert capsys.readouterr().err.startswith("note: 1 text that a spreadsheet")
    write_table(table, tmp_path / "t.json", None)
    assert '"district":"=1+1"' in (tmp_path / "t.json").read_text().replace(" ", "")
    write_table(table, tmp_path / "t.parquet", None)
    assert pd.read_parquet(tmp_path / "t.parquet")["district"].tolist() == ["=1+1", "-5"]
    assert capsys.readouterr().err == ""
