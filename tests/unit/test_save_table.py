"""Tables to files: every format holds what the table holds, and says what it cannot."""

import datetime
import html.parser
import json
import re
import shutil
import subprocess
import zipfile

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely

import segregate as sg
from segregate.errors import DataError, ParameterError, SegregateWarning
from segregate.io import _table_xlsx
from segregate.io.tables import SUFFIXES

HOSTILE = [
    "=1+1",
    "#N/A",
    "a|b",
    "<b>&amp;",
    "& % $ # _ { } ~ ^ \\",
    "[x]",
    "* star",
    "`z`",
    "two\nlines",
    "ünï 中",
    "{{ x }}",
]


def hostile():
    values = [1.0, -0.25, np.nan, np.inf, -np.inf, 1e-12, 123456.789, 0.1 + 0.2, -0.0, 1e300, 5.0]
    table = pd.DataFrame({"text|_{x}": HOSTILE, "value": values, "n": range(11)})
    table.attrs["segregate"] = {
        "title": "T <i>",
        "groups": ["a&b", "c"],
        "environment": "home",
        "source": "S_1",
        "params": {"b": 0.5},
        "files": [{"name": "f.csv", "size": 1234, "sha256": "ab"}],
        "notes": ["1 unit left out."],
        "date": "2024-02-29",
        "version": "9.9",
        "center": 1.0,
    }
    return table


def saved(tmp_path, table, suffix, **options):
    path = tmp_path / f"table{suffix}"
    sg.save_table(table, path, **options)
    return path


def cells_of_markdown(text):
    rows = [line for line in text.splitlines() if line.startswith("|")]
    split = [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in rows]
    return [[re.sub(r"\\(.)", r"\1", cell) for cell in row] for row in split]


class Cells(html.parser.HTMLParser):
    """Collects tags and the text of cells."""

    def __init__(self):
        super().__init__()
        self.tags, self.cells = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag in ("td", "th"):
            self.cells.append("")

    def handle_data(self, data):
        if self.cells and self.get_starttag_text().startswith(("<td", "<th ")):
            self.cells[-1] += data


def test_programs_get_all_digits(tmp_path):
    table = hostile().iloc[2:]
    numbers = table["value"].tolist()
    assert pd.read_parquet(saved(tmp_path, table, ".parquet"))["value"].tolist()[1:] == numbers[1:]
    assert pd.read_csv(saved(tmp_path, table, ".csv"))["value"].tolist()[1:] == numbers[1:]
    rows = json.loads(saved(tmp_path, table, ".json").read_text(), parse_constant=pytest.fail)
    assert [row["value"] for row in rows] == [None, "inf", "-inf", *numbers[3:]]
    assert [row["text|_{x}"] for row in rows] == HOSTILE[2:]


def test_text_that_a_spreadsheet_would_run_is_told(tmp_path):
    with pytest.warns(
        SegregateWarning, match=r"^1 text that a spreadsheet would take for a formula \(first: '=1\+1'\)"
    ):
        path = saved(tmp_path, hostile(), ".csv")
    assert pd.read_csv(path, keep_default_na=False)["text|_{x}"].tolist() == ["'=1+1", *HOSTILE[1:]]


def test_workbooks_hold_numbers_as_numbers_and_text_as_text(tmp_path):
    book = openpyxl.load_workbook(saved(tmp_path, hostile(), ".xlsx"))
    assert book.sheetnames == ["table", "about"]
    sheet = book["table"]
    rows = list(sheet.iter_rows())
    assert [cell.value for cell in rows[0]] == ["text|_{x}", "value", "n"]
    assert all(cell.font.bold for cell in rows[0])
    assert sheet.freeze_panes == "A2"
    assert sheet.column_dimensions["A"].width > sheet.column_dimensions["C"].width
    assert [row[0].value for row in rows[1:]] == HOSTILE
    assert {row[0].data_type for row in rows[1:]} == {"s"}
    assert [row[1].value for row in rows[1:]] == [
        1,
        -0.25,
        None,
        "inf",
        "-inf",
        1e-12,
        123456.789,
        0.1 + 0.2,
        0,
        1e300,
        5,
    ]
    assert [row[2].value for row in rows[1:]] == list(range(11))


def test_workbooks_say_what_the_table_is_about(tmp_path):
    about = openpyxl.load_workbook(saved(tmp_path, hostile(), ".xlsx"))["about"]
    assert [tuple(cell.value for cell in row) for row in about.iter_rows()] == [
        ("Title", "T <i>"),
        ("Parameters", '{"b": 0.5}'),
        ("Groups", "a&b, c"),
        ("Environment", "home"),
        ("Source", "S_1"),
        ("File", "f.csv (1,234 bytes, SHA-256 ab)"),
        ("Computed", "2024-02-29"),
        ("Version of segregate", "9.9"),
        ("Note", "1 unit left out."),
        ("Note", "2 infinite numbers written as text (inf, -inf)"),
    ]


def test_workbooks_hold_dates_flags_and_large_numbers(tmp_path):
    moment = pd.Timestamp("2024-02-29 12:30")
    table = pd.DataFrame(
        {
            "when": [moment, pd.NaT],
            "there": pd.to_datetime(["2024-02-29T12:30+02:00"] * 2),
            "flag": [True, False],
            "whole": pd.array([10**15, None], dtype="Int64"),
            "code": [2**60, 10**15 - 1],
            "odd": ["a\x00b", ("x", 1)],
        }
    )
    book = openpyxl.load_workbook(saved(tmp_path, table, ".xlsx"))
    assert [[cell.value for cell in row] for row in book["table"].iter_rows(min_row=2)] == [
        [
            datetime.datetime(2024, 2, 29, 12, 30),
            "2024-02-29T12:30:00+02:00",
            True,
            str(10**15),
            str(2**60),
            "a\ufffdb",
        ],
        [None, "2024-02-29T12:30:00+02:00", False, None, 10**15 - 1, "('x', 1)"],
    ]
    notes = [row[1].value for row in book["about"].iter_rows()]
    assert notes == [
        "2 whole numbers of more than 15 digits written as text",
        "1 text with control characters, which are written as \ufffd",
    ]


def test_digits_of_a_workbook_are_only_shown(tmp_path):
    sheet = openpyxl.load_workbook(saved(tmp_path, hostile(), ".xlsx", digits=2))["table"]
    assert (sheet["B9"].value, sheet["B9"].number_format) == (0.1 + 0.2, "0.00")
    assert sheet["C9"].number_format == "General"


def test_a_sheet_has_room_for_so_much(tmp_path, monkeypatch):
    with pytest.raises(DataError, match=r"room for 32,767 characters, and 1 text of column 'a' is longer; write \.csv"):
        saved(tmp_path, pd.DataFrame({"a": ["x" * 32_768, "y"]}), ".xlsx")
    monkeypatch.setattr(_table_xlsx, "MOST_ROWS", 3)
    with pytest.raises(DataError, match=r"room for 2 rows and 16,384 columns, and the table has 3 and 1; write \.csv"):
        saved(tmp_path, pd.DataFrame({"a": [1, 2, 3]}), ".xlsx")
    assert not list(tmp_path.iterdir())


def test_markdown_keeps_every_character(tmp_path):
    text = saved(tmp_path, hostile(), ".md").read_text()
    head, rule, *rows = cells_of_markdown(text)
    assert head == ["text|_{x}", "value", "n"]
    assert [cell[-1] for cell in rule] == ["-", ":", ":"]
    assert [row[0] for row in rows] == [name.replace("\n", " ") for name in HOSTILE]
    assert [row[1] for row in rows] == [
        *("1", "−0.25", "–", "∞", "−∞", "1e−12", "123456.789", "0.30000000000000004", "−0", "1e+300", "5")
    ]
    assert text.splitlines()[0] == r"**T \<i\>**"
    assert r"Groups: a\&b, c. Environment: home. Source: S_1. Computed 2024-02-29 with segregate 9.9." in text
    assert "1 unit left out." in text


def test_rounding_is_said(tmp_path):
    text = saved(tmp_path, hostile(), ".md", digits=1).read_text()
    assert [row[1] for row in cells_of_markdown(text)[2:]][5:9] == ["0.0", "123456.8", "0.3", "0.0"]
    assert [row[2] for row in cells_of_markdown(text)[2:]] == [str(n) for n in range(11)]
    assert text.endswith("Rounded to 1 decimal.\n")
    assert "Rounded" not in saved(tmp_path, hostile(), ".md").read_text()


def test_html_is_escaped(tmp_path):
    text = saved(tmp_path, hostile(), ".html").read_text()
    seen = Cells()
    seen.feed(text)
    allowed = {"html", "head", "meta", "title", "style", "body", "table", "caption"}
    allowed |= {"thead", "tbody", "tr", "th", "td", "div", "p"}
    assert set(seen.tags) == allowed
    assert seen.cells[3::3] == [name.replace("\n", " ") for name in HOSTILE]
    assert "T &lt;i&gt;" in text
    assert "http" not in text


def test_latex_escapes_and_aligns(tmp_path):
    text = saved(tmp_path, hostile(), ".tex", label="tab:d").read_text()
    assert r"\caption{T \textless{}i\textgreater{}}" in text
    assert r"\label{tab:d}" in text
    assert r"\begin{tabular}{lrr}" in text
    lines = text.splitlines()
    rows = [line.removesuffix(r" \\").split(" & ", 1)[0] for line in lines[lines.index(r"\midrule") + 1 :]]
    assert rows[0] == "=1+1"
    assert rows[1] == r"\#N/A"
    assert rows[2] == r"a\textbar{}b"
    assert r"\& \% \$ \# \_ \{ \} \textasciitilde{} \textasciicircum{} \textbackslash{}" in text
    assert rows[5:7] == ["{[}x{]}", "{*} star"]
    numbers = pd.DataFrame({"v": [1.0, 0.25, 10.5]})
    body = saved(tmp_path, numbers, ".tex").read_text()
    assert "1\\phantom{.00} \\\\\n0.25 \\\\\n10.5\\phantom{0} \\\\\n" in body
    assert "phantom" not in saved(tmp_path, numbers, ".tex", digits=2).read_text()


def test_long_tables_in_latex_go_over_pages(tmp_path):
    text = saved(tmp_path, pd.DataFrame({"a": range(41)}), ".tex", caption="C", label="l").read_text()
    assert r"\begin{longtable}{r}" in text
    assert "\\caption{C}\n\\label{l} \\\\\n\\toprule" in text
    assert "longtable" not in saved(tmp_path, pd.DataFrame({"a": range(40)}), ".tex").read_text()


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="LaTeX is not installed")
def test_latex_typesets_what_is_written(tmp_path):
    plain = hostile()
    plain.iloc[9, 0] = "ünï"  # a font for Chinese is asking too much
    saved(tmp_path, plain, ".tex")
    long = pd.concat([plain] * 5, ignore_index=True)
    sg.save_table(long, tmp_path / "long.tex", digits=3, caption="100 % & more", label="tab:long")
    (tmp_path / "paper.tex").write_text(
        r"\documentclass{article}\usepackage[T1]{fontenc}\usepackage[utf8]{inputenc}\usepackage{booktabs,longtable}"
        r"\begin{document}\input{table}\input{long}\end{document}"
    )
    command = ["pdflatex", "-draftmode", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-2000:]


def test_a_result_is_saved_with_its_headline_and_notes(tmp_path):
    found = sg.bootstrap(sg.sample("schools"), "D", group="white", replicates=20, rng=1)
    assert len(pd.read_csv(saved(tmp_path, found, ".csv"))) == len(found.table)
    assert saved(tmp_path, found, ".md").read_text().startswith("**dissimilarity")
    about = openpyxl.load_workbook(saved(tmp_path, found, ".xlsx"))["about"]
    assert about["A1"].value == "Title"
    assert about["B1"].value == repr(found).splitlines()[0]


def test_an_index_that_says_something_is_a_column(tmp_path):
    catalogue = sg.catalogue()
    assert pd.read_csv(saved(tmp_path, catalogue, ".csv")).iloc[:, 0].tolist() == catalogue.index.tolist()
    pairs = pd.DataFrame(
        {("low", "x"): [1, 2], ("high", ""): [3, 4]},
        index=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["low x", None]),
    )
    assert list(pd.read_csv(saved(tmp_path, pairs, ".csv")).columns) == ["low x_", "level 2", "low x", "high"]
    series = pd.Series([1.5, 2.5], index=["a", "b"])
    assert pd.read_csv(saved(tmp_path, series, ".csv")).to_dict("list") == {"id": ["a", "b"], "value": [1.5, 2.5]}
    assert list(pd.read_csv(saved(tmp_path, pd.DataFrame({"a": [1]}), ".csv")).columns) == ["a"]


def test_geometry_is_left_out_and_that_is_said(tmp_path):
    local = sg.local(sg.sample("sacramento"), "divergence")
    before = local.copy()
    assert "Without the geometry of the units." in saved(tmp_path, local, ".md").read_text()
    assert list(json.loads(saved(tmp_path, local, ".json").read_text())[0]) == ["fips", "value"]
    assert gpd.read_parquet(saved(tmp_path, local, ".parquet")).geometry.iloc[0].equals(local.geometry.iloc[0])
    pd.testing.assert_frame_equal(local, before)
    assert local.attrs == before.attrs


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_same_table_gives_the_same_bytes(tmp_path, suffix, monkeypatch):
    table = hostile().iloc[1:]
    first = saved(tmp_path, table, suffix).read_bytes()
    monkeypatch.setattr("time.time", lambda: 1e9)
    monkeypatch.setattr("time.localtime", lambda *_: (2001, 9, 9, 1, 46, 40, 6, 252, 0))
    assert saved(tmp_path, table, suffix).read_bytes() == first


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_empty_tables_have_their_columns(tmp_path, suffix):
    path = saved(tmp_path, pd.DataFrame({"a": pd.Series(dtype=float), "b": pd.Series(dtype=str)}), suffix)
    if suffix == ".json":
        assert json.loads(path.read_text()) == []
    elif suffix == ".xlsx":
        assert [cell.value for cell in openpyxl.load_workbook(path)["table"][1]] == ["a", "b"]
    elif suffix == ".parquet":
        assert list(pd.read_parquet(path).columns) == ["a", "b"]
    else:
        assert re.search(r"\ba\b.*\bb\b", path.read_text().replace("\n", " "))


def test_a_workbook_is_a_sound_archive(tmp_path):
    with zipfile.ZipFile(saved(tmp_path, hostile(), ".xlsx")) as archive:
        assert archive.testzip() is None
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        (
            "t.doc",
            {},
            r"has the suffix '\.doc'; a table is saved as \.csv, \.json, \.parquet, \.xlsx, \.tex, \.md, \.html",
        ),
        ("t", {}, "has no suffix; a table is saved as"),
        ("t.gpkg", {}, r"t\.gpkg would be a layer: save it with to_file\(\).*sg\.plot\.map\(\.\.\., save='t\.gpkg'\)"),
        ("nowhere/t.csv", {}, "The folder '.*nowhere' does not exist; make it first"),
        ("folder.csv", {}, "is a folder; name a file in it"),
        ("t.csv", {"digits": 2}, r"digits= is for tables that people read \(\.xlsx, .*\); t\.csv is for programs"),
        ("t.json", {"caption": "x"}, r"caption= is for tables that people read"),
        ("t.md", {"label": "x"}, r"label= is for LaTeX \(\.tex\), and t\.md is none"),
        ("t.tex", {"label": "a}b"}, r"label='a}b' has characters that LaTeX does not take there"),
        ("t.md", {"digits": 1.5}, r"digits= is a whole number from 0 to 15, not 1\.5"),
        ("t.md", {"digits": True}, r"digits= is a whole number from 0 to 15, not True"),
        ("t.md", {"digits": -1}, r"digits= is a whole number from 0 to 15, not -1"),
    ],
)
def test_what_cannot_be_saved_is_refused(tmp_path, name, options, message):
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(ParameterError, match=message):
        sg.save_table(pd.DataFrame({"a": [1]}), tmp_path / name, **options)
    assert [path.name for path in tmp_path.iterdir()] == ["folder.csv"]


def test_what_is_no_table_is_refused(tmp_path):
    with pytest.raises(ParameterError, match=r"A table is a DataFrame: pop\.to_frame\(\); a Population is none"):
        sg.save_table(sg.sample("schools"), tmp_path / "t.csv")
    with pytest.raises(
        ParameterError, match=r"A table is a DataFrame, such as that of sg\.measure, or a result; a float"
    ):
        sg.save_table(0.5, tmp_path / "t.csv")


@pytest.mark.parametrize("suffix", [".json", ".parquet"])
def test_columns_of_one_name_are_refused_where_names_are_all_there_is(tmp_path, suffix):
    twice = pd.DataFrame([[1, 2]], columns=["a", "a"])
    with pytest.raises(DataError, match=rf"table\{suffix} knows columns by their names, .* twice: 'a'; rename"):
        saved(tmp_path, twice, suffix)
    assert saved(tmp_path, twice, ".csv").read_text() == "a,a\n1,2\n"


def test_parquet_wants_one_type_a_column(tmp_path):
    mixed = pd.DataFrame({"a": [1, "x", shapely.Point(0, 0)]})
    with pytest.raises(
        DataError, match=r"table\.parquet cannot hold this table: .* Give each column values of one type"
    ):
        saved(tmp_path, mixed, ".parquet")


def test_a_failure_leaves_the_old_file(tmp_path):
    (tmp_path / "table.xlsx").write_text("old")
    with pytest.raises(DataError):
        saved(tmp_path, pd.DataFrame({"a": ["x" * 40_000]}), ".xlsx")
    assert (tmp_path / "table.xlsx").read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1
