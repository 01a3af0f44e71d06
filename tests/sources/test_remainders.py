"""Suppressed counts beside a total: what stands for them fits it, and the remainder takes what they leave."""

import numpy as np
import pandas as pd
import pytest

import segregate as sg
from segregate.io.sources import read_source

FRAME = pd.DataFrame({"a": ["<5", "3"], "b": ["50", "7"], "n": [100, 12]}, index=["p", "q"])


def counts(frame, groups=("a", "b"), **how):
    return sg.Population.from_frame(frame, list(groups), total="n", **how)


@pytest.mark.parametrize(("choice", "a"), [("low", 0), ("middle", 2), ("high", 4)])
def test_other_is_who_is_left_of_the_total(choice, a):
    found = counts(FRAME, suppressed=choice)
    assert found.counts.tolist() == [[a, 50, 50 - a], [3, 7, 2]]
    assert found.totals.tolist() == [100, 12], "the totals are known, and stay"
    assert found.uncertainty.low[0].tolist() == [0, 50, 46]
    assert found.uncertainty.high[0].tolist() == [4, 50, 50]
    assert any("who is left of the total counts as 'other'" in note for note in found.notes)


@pytest.mark.parametrize(("choice", "a", "b"), [("low", 0, 0), ("middle", 2, 2), ("high", 2.5, 2.5)])
def test_two_suppressed_groups_are_not_more_than_the_total(choice, a, b):
    frame = pd.DataFrame({"a": ["<5", "3"], "b": ["<5", "7"], "n": [5, 12]})
    found = counts(frame, suppressed=choice)
    assert found.counts[0].tolist() == [a, b, 5 - a - b]
    assert ("in 1 unit less, in proportion, so that they fit" in found.notes[0]) == (choice == "high")
    inside = (found.uncertainty.low <= found.counts) & (found.counts <= found.uncertainty.high)
    assert inside.all()


def test_a_suppressed_total_is_no_less_than_its_groups():
    frame = pd.DataFrame({"a": ["3", "3"], "b": ["1", "7"], "n": ["<10", "12"]})
    for choice, other in (("low", 0), ("middle", 0.5), ("high", 5)):
        found = counts(frame, suppressed=choice)
        assert found.counts[0].tolist() == [3, 1, other], choice


def test_groups_that_are_too_many_without_a_suppressed_count_are_still_refused():
    frame = pd.DataFrame({"a": ["3", "<5"], "b": ["10", "7"], "n": [12, 20]})
    with pytest.raises(sg.DataError, match="The groups of 1 unit of 2 hold more people than the total"):
        counts(frame, suppressed="low")


SECTIONS = "SEZ21_ID,P1,ST1\n1,100,*\n2,50,7\n3,*,*\n"
BOUNDED = {"source": "istat_sections", "marks": {"*": (1, 3)}}
OPEN = {"source": "istat_sections", "marks": {"*": "suppressed"}}


@pytest.mark.parametrize(
    ("source", "choice", "first"),
    [
        (BOUNDED, "low", [99, 1]),
        (BOUNDED, "middle", [98, 2]),
        (BOUNDED, "high", [97, 3]),
        (OPEN, "low", [100, 0]),
        (OPEN, "middle", [50, 50]),
        (OPEN, "high", [0, 100]),
    ],
)
def test_a_group_that_is_the_rest_of_the_total_follows(tmp_path, source, choice, first):
    (tmp_path / "t.csv").write_text(SECTIONS.rpartition("3,")[0], encoding="utf-8")
    found = sg.read(tmp_path / "t.csv", source=source, suppressed=choice)
    assert found.groups == ("italian", "foreign")
    assert found.counts.tolist() == [first, [43, 7]]
    assert found.uncertainty.totals_known.all()
    assert any("'italian' takes what they leave of the published total there" in note for note in found.notes)
    assert ((found.uncertainty.low <= found.counts) & (found.counts <= found.uncertainty.high)).all()


def test_where_the_total_is_hidden_too_both_are_what_was_asked_for(tmp_path):
    (tmp_path / "t.csv").write_text(SECTIONS, encoding="utf-8")
    found = sg.read(tmp_path / "t.csv", source=BOUNDED, suppressed="high")
    assert found.counts[2].tolist() == [2, 3], "1 to 3 people less 1 to 3 people, and 1 to 3 people"


def test_the_table_of_a_source_says_the_same(tmp_path):
    from segregate.io._from_source import converted

    (tmp_path / "t.csv").write_text(SECTIONS, encoding="utf-8")
    table, notes = converted(read_source(tmp_path / "t.csv", source=BOUNDED), "low")
    assert table["italian"].tolist()[:2] == [99, 43]
    assert "'italian' takes what they leave" in notes[0]


def test_who_is_left_out_is_counted_by_the_total(tmp_path):
    found = counts(FRAME, suppressed="drop")
    assert "the counts they have hold 50 people, their totals 100" in found.notes[0]
    (tmp_path / "t.csv").write_text(SECTIONS, encoding="utf-8")
    found = sg.read(tmp_path / "t.csv", source=BOUNDED, suppressed="drop")
    said = "the counts they have hold 0 people, their totals 100 (1 unit without a total not counted)"
    assert any(said in note for note in found.notes)


def test_who_is_missing_is_counted_by_the_published_total(made):
    file = made("nces_ccd") / "ccd_sch_052_2223_l_1a_083023.csv"
    marks = {"source": "nces_ccd", "marks": {"Suppressed": "missing"}}
    found = sg.read(file, source=marks, missing="drop")
    assert any("left out, first '010000600900'" in note and ", their totals 25" in note for note in found.notes)
    found = sg.read(file, suppressed="drop", missing="drop")
    assert any("suppressed='drop'" in note and ", their totals 25" in note for note in found.notes)


@pytest.mark.parametrize("seed", range(20))
def test_what_stands_is_within_what_is_possible(seed):
    """Against the definition: whatever stands lies in its interval, and groups and other add up to the total."""
    rng = np.random.default_rng(seed)
    true = rng.integers(0, 12, (30, 3))
    frame = pd.DataFrame(true, columns=["a", "b", "c"]).astype(str)
    for name in frame:
        frame[name] = np.where(true[:, "abc".index(name)] < 5, "<5", frame[name])
    frame["n"] = true.sum(axis=1) + rng.integers(0, 4, 30)
    for choice in ("low", "middle", "high"):
        found = counts(frame, ["a", "b", "c"], suppressed=choice)
        np.testing.assert_allclose(found.totals, frame["n"])
        low, high = found.uncertainty.low, found.uncertainty.high
        assert (low <= found.counts + 1e-9).all()
        assert (found.counts <= high + 1e-9).all()
        known = true >= 5
        np.testing.assert_array_equal(found.counts[:, :3][known], true[known])
        assert ((low[:, :3] <= true) & (true <= high[:, :3])).all(), "the truth is possible"
