"""Text is read a part at a time: what comes out does not depend on where the parts end, nor memory on the rows."""

import csv
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import segregate as sg
from segregate._text_numbers import Style
from segregate.errors import DataError
from segregate.io._numbers import numbers_or_text
from segregate.io._opening import open_file
from segregate.io._texts import Texts
from segregate.io.sources import Opened

from .make_nces_ccd import HEAD, SET_A, rows

N = 3000


def lines():
    """Return a table with a column of each kind."""
    rng = np.random.default_rng(6)
    words = ["north", "south", "", "a word, with a comma", "two\nlines", 'a "quote"']
    return [
        [f"{k:05d}", k % 11, rng.integers(0, 10**6), words[k % 6], "<5" if k == 2900 else k, k / 4, "" if k % 3 else 7]
        for k in range(N)
    ]


NAMES = ["id", "few", "many", "word", "late", "half", "blank"]


@pytest.fixture
def file(tmp_path):
    with (tmp_path / "t.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([NAMES, *lines()])
    return tmp_path / "t.csv"


def opened(file, **how):
    return open_file(file, layer=None, where=how.pop("where", None), bbox=None, **how)


@pytest.mark.parametrize("part", [1 << 11, 1 << 13, 1 << 22])
def test_parts_do_not_matter(file, monkeypatch, part):
    monkeypatch.setattr("segregate.io._text.PART", part)
    monkeypatch.setattr("segregate.io._texts.SAMPLE", 20)
    monkeypatch.setattr("segregate.io._texts.MANY_WORDS", 500)
    frame = opened(file).load(None)
    wanted = lines()
    assert frame["id"].tolist() == [row[0] for row in wanted]
    assert [str(kind) for kind in frame.dtypes] == ["str", "int64", "int64", "str", "str", "float64", "float64"]
    for place, name in ((1, "few"), (2, "many"), (5, "half")):
        assert frame[name].tolist() == [row[place] for row in wanted]
    assert [None if pd.isna(word) else word for word in frame["word"]] == [row[3] or None for row in wanted]
    assert frame["late"].tolist() == [str(row[4]) for row in wanted], "a mark near the end makes all of it text"
    np.testing.assert_array_equal(frame["blank"], [np.nan if row[6] == "" else 7 for row in wanted])


@pytest.mark.parametrize("part", [1 << 11, 1 << 22])
def test_conditions_and_chosen_rows_over_parts(file, monkeypatch, part):
    monkeypatch.setattr("segregate.io._text.PART", part)
    monkeypatch.setattr("segregate.io._text.ROWS", 700)
    wanted = [row for row in lines() if row[3] == "north" and row[1] < 4]
    table = opened(file, where="word = 'north' AND few < 4")
    assert table.load(["id"])["id"].tolist() == [row[0] for row in wanted], "labels stay labels"
    assert table.load(["many"])["many"].tolist() == [row[2] for row in wanted]
    seen = []

    def keep(frame):
        seen.append(len(frame))
        return (frame["half"].astype(str).astype(float) > 300).to_numpy()

    chosen = table.some(["id", "half", "word"], keep)
    assert chosen["id"].tolist() == [row[0] for row in wanted if row[5] > 300]
    assert sum(seen) == len(wanted)
    assert chosen["word"].cat.categories.tolist() == ["north"], "no words of rows that were left out"


def test_some_rows_of_other_formats(file, tmp_path):
    frame = opened(file, as_text=True).load(None)
    frame.to_parquet(tmp_path / "t.parquet")
    source = opened(tmp_path / "t.parquet")
    table = Opened(source.path, source.names, source.load)

    def keep(part):
        return (part["word"] == "south").to_numpy()

    assert table.some(["id", "word"], keep)["id"].tolist() == [row[0] for row in lines() if row[3] == "south"]


def test_a_row_that_does_not_fit_is_found_in_any_part(file, monkeypatch):
    monkeypatch.setattr("segregate.io._text.PART", 1 << 11)
    with file.open("a", encoding="utf-8") as stream:
        stream.write("1,2,3\n")
    with pytest.raises(DataError, match=r"1 row of t.csv has more or fewer fields .* row \d+ has 3: '1,2,3'"):
        opened(file).load(["id"])


@pytest.mark.parametrize("values", [["1", "2", "1", "1"] * 10, ["a", "", "a", " "] * 10, ["1.5", "NA", "", "1.5"] * 10])
@pytest.mark.parametrize("style", [Style(), Style(",", ".")])
def test_a_column_that_repeats_itself_is_read_as_any(values, style):
    import pyarrow as pa

    plain = numbers_or_text(pa.array(values), style)
    column = Texts(coded=True)
    for part in (values[:7], values[7:]):
        column.add(column.part(pa.array(part)))
    coded = column.coded()
    assert len(coded.words) == len(set(values))
    pd.testing.assert_series_equal(numbers_or_text(coded, style), plain)


def test_schools_over_parts(tmp_path, monkeypatch):
    path = tmp_path / "ccd_sch_052_2223_l_1a_083023.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([HEAD, *rows()])
    how = {"missing": "drop", "suppressed": "low"}
    whole = sg.read(path, **how)
    monkeypatch.setattr("segregate.io._text.PART", 1 << 10)
    parts = sg.read(path, **how)
    pd.testing.assert_frame_equal(parts.to_frame(), whole.to_frame())
    assert parts.notes == whole.notes


def test_schools_of_which_only_other_rows_are_there_are_not_lost(tmp_path):
    path = tmp_path / "ccd_sch_052_2223.csv"
    lonely = [
        row
        for row in rows()
        if row[HEAD.index("SCH_NAME")] != "Grant" or "Subtotal" in row[HEAD.index("TOTAL_INDICATOR")]
    ]
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([HEAD, *lonely])
    with pytest.raises(DataError, match="1 unit of 3 has no count"):
        sg.read(path)
    assert sg.read(path, missing="drop").n_units == 2


READ = """
import resource, sys
import segregate as sg

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)

small, large = sys.argv[1:]
sg.read(small)
before = peak()
found = sg.read(large)
print(found.n_units, int(found.size), peak() - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the peak memory of a process is not known here")
def test_memory_does_not_grow_with_the_rows_that_are_left_out(tmp_path):
    place, count = HEAD.index("TOTAL_INDICATOR"), HEAD.index("STUDENT_COUNT")
    whole = [row for row in rows() if row[HEAD.index("SCH_NAME")] == "Lincoln"]
    kept = [row for row in whole if row[place] in (SET_A, "Education Unit Total")]
    other = next(row for row in whole if "Subtotal" in row[place])
    path = tmp_path / "ccd_sch_052_2223.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        out = csv.writer(stream)
        out.writerows([HEAD, *kept])
        for block in range(1500):
            stream.write(
                "".join(",".join(map(str, [*other[:count], block, *other[count + 1 :]])) + "\n" for _ in range(1000))
            )
    small = tmp_path / "ccd_sch_052_small.csv"
    with small.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([HEAD, *kept])
    size = path.stat().st_size
    assert size > 250e6
    ran = subprocess.run(
        [sys.executable, "-c", READ, str(small), str(path)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    units, people, grown = map(int, ran.stdout.split())
    assert (units, people) == (1, 110)
    assert grown < 0.8 * size, "the parts in flight, however long the file is"
