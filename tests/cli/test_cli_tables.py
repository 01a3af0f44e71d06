"""Tables of the command line as workbooks, LaTeX, Markdown and HTML."""

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

import segregate as sg
from segregate.cli import _tables

HERE = (sg.sample_path("sacramento"), "-g", "white,black,asian,hisp")


def test_workbooks_by_their_suffix(cli, tmp_path):
    code, out, _ = cli("measure", *HERE, "-i", "D", "-o", tmp_path / "t.xlsx")
    assert (code, out) == (0, "")
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx")["table"]
    table = pd.DataFrame(list(sheet.values)[1:], columns=[cell.value for cell in sheet[1]])
    assert table["index"].tolist() == ["dissimilarity"]
    assert table["value"].tolist() == [sg.dissimilarity(sg.sample("sacramento"))]


def test_workbooks_are_not_for_the_screen(cli):
    code, out, err = cli("measure", *HERE, "-i", "D", "--format", "xlsx")
    assert (code, out) == (2, "")
    assert "A workbook is no text for the screen; name a file: -o table.xlsx." in " ".join(err.split())


@pytest.mark.parametrize(
    ("form", "suffix", "begins"),
    [("latex", "tex", "% \\usepackage{booktabs}"), ("markdown", "md", "| index"), ("html", "html", "<!doctype html>")],
)
def test_tables_for_documents(cli, tmp_path, form, suffix, begins):
    code, out, _ = cli("measure", *HERE, "-i", "D", "--format", form)
    assert code == 0
    assert out.startswith(begins)
    assert cli("measure", *HERE, "-i", "D", "-o", tmp_path / f"t.{suffix}")[0] == 0
    assert (tmp_path / f"t.{suffix}").read_text() == out


def test_json_has_all_digits_and_no_infinite_numbers(tmp_path):
    _tables.write_table(pd.DataFrame({"x": [0.1 + 0.2, float("inf"), None]}), tmp_path / "t.json", None)
    assert pd.read_json(tmp_path / "t.json")["x"].tolist()[0] == 0.1 + 0.2
    assert '"x": "inf"' in (tmp_path / "t.json").read_text()


def test_unknown_suffixes_are_told_what_there_is(cli, tmp_path):
    code, _, err = cli("measure", *HERE, "-i", "D", "-o", tmp_path / "t.doc")
    assert code == 2
    for suffix in (".csv", ".xlsx", ".tex", ".md", ".html", ".gpkg"):
        assert suffix in err


def test_what_is_no_file_is_written_to(tmp_path):
    table = pd.DataFrame({"a": [1]})
    _tables.write_table(table, Path("/dev/null"), _tables.Format.csv)
    assert Path("/dev/null").is_char_device()


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real.csv").write_text("old")
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    _tables.write_table(pd.DataFrame({"a": [1]}), tmp_path / "link.csv", None)
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text() == "a\n1\n"
