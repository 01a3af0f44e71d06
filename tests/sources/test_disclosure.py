"""Typed counts on their way into a population: which number stands, what is known, how many people it touches."""

import itertools
import pickle
import re

import numpy as np
import pandas as pd
import pytest

import segregate as sg
from segregate._disclosure import KINDS, Cells, Disclosure, exactly, hidden
from segregate.errors import DataError, ParameterError

INF, NAN = np.inf, np.nan


def frame(**columns):
    return pd.DataFrame(columns, index=pd.Index(["u", "v", "w"], name="unit"))


def small(**how):
    """Three units, two of them with a count that is hidden: a in u within 0 to 4, b in v within 1 to 9."""
    table = frame(a=["<5", "10", "20"], b=["7", "*", "9"])
    return sg.Population.from_frame(table, ["a", "b"], marks={"*": (1, 9)}, **how)


# columns of cells --------------------------------------------------------------------------------


def test_kinds_and_intervals_of_columns():
    cells = Cells.known([4, 12, NAN, 1])
    assert [KINDS[code] for code in cells.kind] == ["known", "known", "missing", "known"]
    rounded = cells.rounded(5)
    np.testing.assert_array_equal(rounded.low, [1.5, 9.5, 0, 0])
    np.testing.assert_array_equal(rounded.high, [6.5, 14.5, INF, 3.5])
    assert rounded.of_kind("rounded").tolist() == [True, True, False, True]
    at_random = cells.rounded(3, nearest=False)
    np.testing.assert_array_equal(at_random.low, [2, 10, 0, 0])
    np.testing.assert_array_equal(at_random.high, [6, 14, INF, 3])
    np.testing.assert_array_equal(cells.perturbed().low, [NAN, NAN, 0, NAN])
    np.testing.assert_array_equal(cells.perturbed(2).high, [6, 14, INF, 3])
    imputed = cells.imputed([True, False, True, False])
    assert [KINDS[code] for code in imputed.kind] == ["imputed", "known", "missing", "known"]
    with pytest.raises(ParameterError, match="A cell is known, imputed, .* or missing, not 'secret'"):
        cells.of_kind("secret")


def test_marks_come_over_what_stands_there():
    cells = Cells.known([1, 2, 3]).marked([True, False, True], hidden(1, 4)).marked([False, False, True], exactly(0))
    np.testing.assert_array_equal(cells.value, [NAN, 2, 0])
    np.testing.assert_array_equal(cells.low, [1, 2, 0])
    np.testing.assert_array_equal(cells.high, [4, 2, 0])
    assert not cells.rounded(5).of_kind("rounded")[0], "a hidden count stays hidden"


def test_sums_are_as_unsure_as_their_parts():
    one = Cells.known([1, 2]).marked([True, False], hidden(1, 4))
    both = one + Cells.known([10, 20]).rounded(10)
    np.testing.assert_array_equal(both.value, [NAN, 22])
    np.testing.assert_array_equal(both.low, [1 + 5, 2 + 15])
    np.testing.assert_array_equal(both.high, [4 + 15, 2 + 25])
    assert [KINDS[code] for code in both.kind] == ["suppressed", "rounded"]
    summed = Cells.known([1, 2, 4]).marked([False, False, True], hidden(0, 4)).summed([0, 0, 1], 3)
    np.testing.assert_array_equal(summed.value, [3, NAN, 0])
    np.testing.assert_array_equal(summed.high, [3, 4, 0])
    assert [KINDS[code] for code in summed.kind] == ["known", "suppressed", "known"]


# which number stands ------------------------------------------------------------------------------


def test_suppressed_counts_are_refused_unless_the_choice_is_made():
    message = (
        r"2 counts in 2 units of 3 are suppressed ('a': 1, 'b': 1; first: 'u', 'v'; between 1 and 13 people in all). "
        "They are not zero: say which number stands for them, suppressed='low', 'middle' or 'high' of what is "
        "possible, or suppressed='drop' to leave these units out."
    )
    with pytest.raises(DataError, match=re.escape(message)):
        small()


@pytest.mark.parametrize(("choice", "a", "b"), [("low", 0, 1), ("middle", 2, 5), ("high", 4, 9)])
def test_low_middle_and_high(choice, a, b):
    population = small(suppressed=choice)
    np.testing.assert_array_equal(population.counts, [[a, 7], [10, b], [20, 9]])
    words = {"low": "the least", "middle": "the middle", "high": "the most"}[choice]
    assert population.notes == (
        f"suppressed={choice!r}: 2 counts in 2 units of 3 ('a': 1, 'b': 1) count as {words} that is possible, "
        f"{a + b} people in all (between 1 and 13 people)",
    )
    assert population.disclosure.choice == choice


def test_drop_leaves_the_units_out():
    population = small(suppressed="drop")
    assert population.ids.tolist() == ["w"]
    assert population.notes == (
        "suppressed='drop': 2 units of 3 with suppressed counts ('a': 1, 'b': 1) left out, first 'u', 'v'; "
        "the counts they have hold 17 people",
    )
    with pytest.raises(DataError, match="Every unit has a suppressed count"):
        sg.Population.from_frame(frame(a=["<5"] * 3, b=[1, 2, 3]), ["a", "b"], suppressed="drop")


def test_never_zero_without_being_asked():
    """Whatever is passed, no suppressed count is 0 but with "low", where 0 is its lower end."""
    for choice in ("middle", "high"):
        assert (small(suppressed=choice).counts > 0).all()
    table = frame(a=["*", "10", "20"], b=[7, 8, 9])
    with pytest.raises(
        DataError, match=r"1 row of 3 in column 'a' is no number and no mark with a known meaning: '\*'"
    ):
        sg.Population.from_frame(table, ["a", "b"], suppressed="low")


def test_text_is_refused_as_before_without_marks_and_choice():
    with pytest.raises(DataError, match=r"1 unit of 3 has 'a' values that are not numbers: '<5' .*marks=\{'<5': 'supp"):
        sg.Population.from_frame(frame(a=["<5", "1", "2"], b=[1, 2, 3]), ["a", "b"])


def test_an_open_end_is_closed_by_an_exact_total_only():
    table = frame(a=["*", "10", "20"], b=[7, 8, 9], all=[17, 30, 29])
    how = {"marks": {"*": "suppressed"}, "suppressed": "high"}
    with pytest.raises(DataError, match=r"1 suppressed count of 1 has no upper end \(first: 'u'\)\. Take 'low'"):
        sg.Population.from_frame(table, ["a", "b"], **how)
    population = sg.Population.from_frame(table, ["a", "b"], total="all", **how)
    np.testing.assert_array_equal(population.counts, [[10, 7, 0], [10, 8, 12], [20, 9, 0]])
    np.testing.assert_array_equal(population.uncertainty.low[0], [0, 7, 0])
    np.testing.assert_array_equal(population.uncertainty.high[0], [10, 7, 10])
    assert population.uncertainty.totals_known.all()


def test_the_total_narrows_what_a_mark_allows():
    """Of 12 people 7 are known and two groups are hidden within 1 to 9 each: none can be above 4."""
    table = frame(a=["*", 1, 1], b=["*", 1, 1], c=[7, 1, 1], all=[12, 3, 3])
    population = sg.Population.from_frame(table, ["a", "b", "c"], total="all", marks={"*": (1, 9)}, suppressed="middle")
    np.testing.assert_array_equal(population.counts[0], [2.5, 2.5, 7, 0])
    assert population.uncertainty.high[0].tolist() == [4, 4, 7, 3]
    possible = [(a, b, 12 - 7 - a - b) for a in range(1, 10) for b in range(1, 10) if 12 - 7 - a - b >= 0]
    assert max(a for a, _, _ in possible) == 4
    assert max(rest for _, _, rest in possible) == 3
    assert min(rest for _, _, rest in possible) == population.uncertainty.low[0, 3] == 0


def test_missing_is_not_suppressed():
    table = frame(a=["..", "10", "20"], b=["*", "8", "9"])
    how = {"marks": {"..": "missing", "*": (0, 4)}, "suppressed": "low"}
    with pytest.raises(DataError, match=r"1 unit of 3 has no count in some column \('a': 1; first: 'u'\)"):
        sg.Population.from_frame(table, ["a", "b"], **how)
    population = sg.Population.from_frame(table, ["a", "b"], missing="drop", **how)
    assert population.ids.tolist() == ["v", "w"]
    assert population.disclosure.plain


def test_sentinels_in_columns_of_numbers():
    table = frame(a=[-9999, 10, 20], b=[7, -8888, 9])
    with pytest.raises(DataError, match="Column 'a' holds negative codes, not people"):
        sg.Population.from_frame(table, ["a", "b"])
    population = sg.Population.from_frame(
        table, ["a", "b"], marks={-9999: (1, 3), -8888: "missing"}, suppressed="low", missing="drop"
    )
    np.testing.assert_array_equal(population.counts, [[1, 7], [20, 9]])


@pytest.mark.parametrize("choice", ["zero", None, 0])
def test_a_choice_that_is_none(choice):
    with pytest.raises(ParameterError, match=r"suppressed=.* is not known; it is one of 'raise', 'drop', 'low'"):
        small(suppressed=choice)


def test_infinite_counts_are_refused_with_marks_too():
    with pytest.raises(DataError, match="infinite 'a' counts"):
        sg.Population.from_frame(frame(a=[INF, 1, 2], b=[1, 2, 3]), ["a", "b"], marks={"*": 0})


def test_nothing_is_suppressed_and_nothing_changes():
    table = frame(a=[1, 2, 3], b=[4, 5, 6])
    plain = sg.Population.from_frame(table, ["a", "b"])
    typed = sg.Population.from_frame(table, ["a", "b"], suppressed="low")
    np.testing.assert_array_equal(plain.counts, typed.counts)
    assert (plain.disclosure, typed.uncertainty, typed.notes) == (None, None, ())
    assert typed.disclosure.sentence() == "all counts are as published, without marks of suppression, rounding or noise"


# what is known -----------------------------------------------------------------------------------


def test_units_and_people_that_are_touched():
    table = small(suppressed="middle").disclosure.table.set_index("kind")
    assert table.loc["suppressed", ["cells", "units", "people"]].tolist() == [2, 2, 2 + 7 + 10 + 5]
    assert table.loc["suppressed", "groups"] == "a, b"
    assert table.loc["suppressed", "share_of_people"] == pytest.approx(24 / 53)
    assert table.loc["known", ["cells", "units"]].tolist() == [4, 3]
    text = repr(small(suppressed="middle"))
    assert "disclosure: 2 suppressed cells in 2 units with 24 people" in text
    assert "<table" in small(suppressed="low").disclosure._repr_html_()


def test_disclosure_follows_units_and_groups():
    table = frame(a=["<5", "10", "20"], b=["7", "8", "9"], c=["1", "2", "<5"])
    population = sg.Population.from_frame(table, ["a", "b", "c"], suppressed="high")
    part = population.subset(np.array([True, True, False])).disclosure
    assert part.kinds.shape == (2, 3)
    assert part.table.set_index("kind").loc["suppressed", "cells"] == 1
    merged = population.merge({"bc": ["b", "c"]}).disclosure
    names = [KINDS[code] for code in merged.kinds[:, merged.groups.index("bc")]]
    assert names == ["known", "known", "suppressed"]
    chosen = population.select("b", "a").disclosure
    assert chosen.groups == ("b", "a")
    assert [KINDS[code] for code in chosen.kinds[0]] == ["known", "suppressed"]
    assert chosen.people.tolist() == [11, 18, 29]
    again = pickle.loads(pickle.dumps(population))
    assert again.disclosure.table.equals(population.disclosure.table)
    with pytest.raises(ValueError, match="read-only"):
        again.disclosure.kinds[0, 0] = 1


def test_units_that_are_merged_keep_the_least_sure_kind():
    kinds = np.array([[0, 4], [0, 0], [3, 0]], dtype=np.int8)
    known = Disclosure(kinds, np.array([5.0, 6.0, 7.0]), ("a", "b"))
    merged = known.merge_units(np.array([0, 1, 2]), np.array([0, 1, 0]), np.array([12.0, 6.0]))
    assert merged.kinds.tolist() == [[3, 4], [0, 0]]


def test_the_truth_lies_within_the_bounds():
    """Every table that the marks allow gives an index within `segregate.bounds`."""
    table = frame(a=["<3", "10", "6"], b=["7", "*", "9"])
    population = sg.Population.from_frame(table, ["a", "b"], marks={"*": (1, 3)}, suppressed="middle")
    allowed = [
        sg.dissimilarity(sg.Population.from_frame(frame(a=[x, 10, 6], b=[7, y, 9]), ["a", "b"]))
        for x, y in itertools.product(range(3), range(1, 4))
    ]
    found = sg.bounds(population, "dissimilarity")
    assert found.low <= min(allowed) + 1e-12
    assert max(allowed) <= found.high + 1e-12


def test_rounding_of_a_source_reaches_the_uncertainty():
    from segregate._door import population_fields

    table = frame(a=[5, 10, 20], b=[0, 5, 15])
    cells = {"a": Cells.known([5, 10, 20]).rounded(5), "b": Cells.known([0, 5, 15]).rounded(5)}
    options = {"total": None, "id": None, "area": None, "points": "centroid", "crs": None, "missing": "raise"}
    parts = population_fields(table, ["a", "b"], **options, excess="raise", moe=None, disclosed=cells)
    np.testing.assert_array_equal(parts["uncertainty"].low, [[2.5, 0], [7.5, 2.5], [17.5, 12.5]])
    np.testing.assert_array_equal(parts["uncertainty"].high, [[7.5, 2.5], [12.5, 7.5], [22.5, 17.5]])
    assert not parts["uncertainty"].totals_known.any()
