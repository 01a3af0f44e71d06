"""Counts as publishers write them: read where the meaning is certain, refused where it is not."""

import re

import numpy as np
import pandas as pd
import pytest

from segregate._disclosure import KINDS, MISSING, Cells, exactly, hidden
from segregate._text_numbers import Style, read_cells
from segregate.errors import DataError, ParameterError

INF = np.inf
NAN = np.nan


def read(values, **how):
    """Return (value, kind, low, high) of each text."""
    cells = read_cells(pd.Series(values, name="people", dtype="str"), **how)
    kinds = [KINDS[code] for code in cells.kind]
    return list(zip(cells.value.tolist(), kinds, cells.low.tolist(), cells.high.tolist(), strict=True))


def same(found, wanted):
    assert [item[1] for item in found] == [item[1] for item in wanted]
    for column in (0, 2, 3):
        np.testing.assert_array_equal([item[column] for item in found], [item[column] for item in wanted])


def known(*values):
    return [(float(value), "known", float(value), float(value)) for value in values]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("12", known(12)[0]),
        (" 12 ", known(12)[0]),
        ("0", known(0)[0]),
        ("+3", known(3)[0]),
        ("007", known(7)[0]),
        ("1.5", known(1.5)[0]),
        ("1e3", known(1000)[0]),
        ("0.125", known(0.125)[0]),
        ("1 234", known(1234)[0]),
        ("1\u00a0234\u00a0567", known(1234567)[0]),
        ("1\u202f234", known(1234)[0]),
        ("1'234", known(1234)[0]),
        ("<5", (NAN, "suppressed", 0, 4)),
        ("< 10", (NAN, "suppressed", 0, 9)),
        ("≤4", (NAN, "suppressed", 0, 4)),
        ("<=4", (NAN, "suppressed", 0, 4)),
        (">95", (NAN, "suppressed", 96, INF)),
        ("≥95", (NAN, "suppressed", 95, INF)),
        ("", (NAN, "missing", 0, INF)),
        ("NA", (NAN, "missing", 0, INF)),
        ("n/a", (NAN, "missing", 0, INF)),
    ],
)
def test_what_is_certain_is_read(text, wanted):
    same(read([text]), [wanted])


@pytest.mark.parametrize(
    "mark", ["*", "..", ".", "x", "X", "-", "–", "—", "c", "z", "SUPP", "1-4", "12a", "<x", "<0", "1,234", "1.234"]
)
def test_what_is_not_certain_is_refused(mark):
    message = rf"1 row of 3 in column 'people' is no number and no mark with a known meaning: {mark!r} \(1 row\)"
    with pytest.raises(
        DataError, match=re.escape(message).replace(r"\\\(", r"\(").replace(r"\\\)", r"\)").replace("\\\\", "\\")
    ):
        read(["12", mark, "56"])


@pytest.mark.parametrize(
    ("meaning", "wanted"),
    [
        ("suppressed", (NAN, "suppressed", 0, INF)),
        ("missing", (NAN, "missing", 0, INF)),
        ((1, 4), (NAN, "suppressed", 1, 4)),
        (0, known(0)[0]),
        (MISSING, (NAN, "missing", 0, INF)),
        (hidden(1, 2), (NAN, "suppressed", 1, 2)),
        (exactly(3), known(3)[0]),
    ],
)
def test_a_mapping_gives_marks_a_meaning(meaning, wanted):
    same(read(["7", " X ", "x"], marks={"x": meaning}), [*known(7), wanted, wanted])


def test_blanks_can_be_given_a_meaning():
    same(read(["7", "", None], marks={"": (0, 2)}), [*known(7), (NAN, "suppressed", 0, 2), (NAN, "suppressed", 0, 2)])


@pytest.mark.parametrize("values", [["5", "-9999", "-8888"], [5, -9999, -8888], [5.0, -9999.0, -8888.0]])
def test_sentinels_are_marks_in_text_and_in_numbers(values):
    cells = read_cells(pd.Series(values, name="T"), marks={-9999: "suppressed", "-8888": "missing"})
    np.testing.assert_array_equal(cells.value, [5, NAN, NAN])
    assert [KINDS[code] for code in cells.kind] == ["known", "suppressed", "missing"]
    assert np.nansum(cells.value) == 5


@pytest.mark.parametrize("values", [["5", "-9999"], [5, -9999]])
def test_a_negative_number_without_a_meaning_is_refused(values):
    message = r"1 row of 2 in column 'T' of a\.csv holds a negative number \('-9999'\).* marks=\{-9999: 'missing'\}"
    with pytest.raises(DataError, match=message):
        read_cells(pd.Series(values, name="T"), where="a.csv")


@pytest.mark.parametrize(
    ("values", "style", "wanted"),
    [
        (["12,5", "3"], Style(), [12.5, 3]),
        (["12,5", "1.234"], Style(), [12.5, 1234]),
        (["12,5", "1.234,5"], Style(), [12.5, 1234.5]),
        (["1,234,567", "1,234"], Style(), [1234567, 1234]),
        (["1,234.5", "1,234"], Style(), [1234.5, 1234]),
        (["1.234.567", "1.234"], Style(), [1234567, 1234]),
        (["12.25", "1,234"], Style(), [12.25, 1234]),
        (["12.25", "1.234"], Style(), [12.25, 1.234]),
        (["1,234"], Style(","), [1.234]),
        (["1,234"], Style("."), [1234]),
        (["1.234"], Style("."), [1.234]),
        (["1.234"], Style(","), [1234]),
        (["1.234", "0,5"], Style(",", "."), [1234, 0.5]),
        (["1 234,5"], Style(","), [1234.5]),
        (["1 234,5", "2 345,25"], Style(), [1234.5, 2345.25]),
        (["1,234"], Style(None, ","), [1234]),
    ],
)
def test_commas_and_points_as_the_publisher_or_the_column_says(values, style, wanted):
    np.testing.assert_array_equal([item[0] for item in read(values, style=style)], wanted)


@pytest.mark.parametrize("values", [["1,234", "56"], ["1.234", "56"], ["12,5", "12.25", "1,234"]])
def test_a_comma_or_point_that_may_be_either_is_a_question(values):
    with pytest.raises(DataError, match="is a decimal or has a thousands mark: say which, decimal=',' or decimal='.'"):
        read(values)


def test_a_thousands_mark_that_the_publisher_does_not_use_is_refused():
    with pytest.raises(DataError, match="no number and no mark with a known meaning: '1,234'"):
        read(["1,234"], style=Style(".", ""))


def test_the_first_examples_are_named_with_their_numbers():
    with pytest.raises(
        DataError, match=r"3 rows of 4 .* are no number .*: '\*' \(2 rows\), 'x' \(1 row\)\. Say what they"
    ):
        read(["*", "x", "*", "1"])


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"style": Style(";")}, "decimal= is '.' or ',' and thousands= is '', '.', ',' or ' ', not ';' and None"),
        ({"style": Style(".", ".")}, "cannot be both the decimal mark and the thousands mark"),
        ({"marks": {"*": "secret"}}, "a mark stands for 'suppressed', 'missing', a pair"),
        ({"marks": {"*": True}}, "a mark stands for 'suppressed', 'missing', a pair"),
    ],
)
def test_wrong_styles_and_meanings_are_refused(how, message):
    with pytest.raises(ParameterError, match=re.escape(message)):
        read(["1"], **how)


def test_an_interval_that_is_none_is_refused():
    with pytest.raises(DataError, match="The mark '\\*' stands for 4 to 1 people, which is no interval"):
        read(["1"], marks={"*": (4, 1)})


def test_true_and_false_are_no_counts():
    with pytest.raises(DataError, match="Column 'f' holds true and false"):
        read_cells(pd.Series([True, False], name="f"))


def test_mixed_columns_of_workbooks():
    cells = read_cells(pd.Series([3, "<5", None, 4.0, "7"], name="n", dtype=object))
    np.testing.assert_array_equal(cells.value, [3, NAN, NAN, 4, 7])
    np.testing.assert_array_equal(cells.high, [3, 4, INF, 4, 7])


def test_many_different_texts():
    numbers = np.arange(50_000)
    cells = read_cells(pd.Series([f"{number / 8}".replace(".", ",") for number in numbers], name="n"))
    np.testing.assert_array_equal(cells.value, numbers / 8)
    assert isinstance(cells, Cells)
    assert cells.plain
