"""Margins of error: what is read, what is refused, and what is said."""

import math

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import segregate as sg
from segregate import Population

GROUPS = ["white", "black"]
MARGINS = ["white_m", "black_m"]
CONTROLLED, TOO_FEW, OPEN = -555555555, -222222222, -333333333


@pytest.fixture
def tracts() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "white": [1200, 800, 0],
            "black": [300, 0, 500],
            "people": [1600, 900, 700],
            "white_m": [164.5, 329, 12],
            "black_m": [16.45, 12, 82.25],
            "people_m": [200, CONTROLLED, 100],
        },
        index=["n", "s", "w"],
    )


EXPECTED = [[100, 10], [200, 12 / 1.645], [12 / 1.645, 50]]


def test_a_margin_is_1645_standard_errors(tracts):
    for moe in (MARGINS, tuple(MARGINS), {"black": "black_m", "white": "white_m"}):
        pop = Population.from_frame(tracts, GROUPS, moe=moe)
        assert_allclose(pop.uncertainty.se, EXPECTED, rtol=1e-14)
        assert (pop.uncertainty.low, pop.uncertainty.replicates) == (None, None)
        assert not pop.uncertainty.totals_known.any()
        assert not pop.uncertainty.sizes_known.any()
        assert pop.notes == ()
        assert "uncertain: margins of error for 2 of 2 groups" in repr(pop)
        assert not pop.uncertainty.se.flags.writeable
    assert "white_m" in pop.attributes
    assert Population.from_frame(tracts, GROUPS).uncertainty is None


def test_margins_follow_the_order_of_the_groups(tracts):
    pop = Population.from_frame(tracts, GROUPS[::-1], moe=MARGINS[::-1])
    assert_allclose(pop.uncertainty.se, np.array(EXPECTED)[:, ::-1], rtol=1e-14)


def test_a_controlled_estimate_has_a_margin_of_zero(tracts):
    tracts.loc["n", "white_m"] = CONTROLLED
    pop = Population.from_frame(tracts, GROUPS, moe=MARGINS)
    assert pop.uncertainty.se[0].tolist() == [0, pytest.approx(10)]
    assert tracts.loc["n", "white_m"] == CONTROLLED, "the frame is not changed"


def test_groups_without_a_margin_are_exact_and_that_is_said(tracts):
    pop = Population.from_frame(tracts, GROUPS, moe={"black": "black_m"})
    assert_array_equal(pop.uncertainty.se[:, 0], 0)
    assert pop.notes == ("no margin of error for 'white': taken as exact",)
    assert "margins of error for 1 of 2 groups" in repr(pop)


def test_the_margin_of_other_comes_from_that_of_the_total(tracts):
    moe = {"white": "white_m", "black": "black_m", "people": "people_m"}
    pop = Population.from_frame(tracts, GROUPS, total="people", moe=moe)
    assert pop.groups == ("white", "black", "other")
    assert_allclose(pop.uncertainty.se[:, :2], EXPECTED, rtol=1e-14)
    totals = [200 / 1.645, 0, 100 / 1.645]
    other = [math.sqrt(t**2 + a**2 + b**2) for t, (a, b) in zip(totals, EXPECTED, strict=True)]
    assert_allclose(pop.uncertainty.se[:, 2], other, rtol=1e-14)
    assert "margin of error of group 'other'" in pop.notes[-2] + pop.notes[-1]
    assert any("as if they were independent, which is an approximation and as a rule too large" in n for n in pop.notes)


@pytest.mark.parametrize(
    ("moe", "message"),
    [
        ("white_m", r"moe= takes the columns with the margins of error, moe=\{'white': '<column>', \.\.\.\}, not 'wh"),
        (5, r"moe= takes the columns with the margins of error.*not 5"),
        ({"white_m", "black_m"}, r"moe= takes the columns"),
        (["white_m"], r"moe= lists 1 column for 2 groups; as a list it takes one for each, in the order of the groups"),
        ([], r"moe= lists 0 columns for 2 groups"),
        ({}, r"moe= is empty; name the columns"),
        ({"whites": "white_m"}, r"margin for 'whites', which is no group\. Did you mean 'white'"),
        (["white_m", "black_e"], r"no column 'black_e' \(moe=\)\. Did you mean 'black_m'"),
        (["white_m", "white_m"], r"moe= names 'white_m', which is named for two margins"),
        (["white_m", "black"], r"moe= names 'black', which holds people, not their margin"),
    ],
)
def test_arguments_that_cannot_be(tracts, moe, message):
    with pytest.raises(sg.SegregateError, match=message):
        Population.from_frame(tracts, GROUPS, moe=moe)


@pytest.mark.parametrize("moe", [MARGINS, {"white": "white_m", "black": "black_m"}])
def test_other_needs_the_margin_of_the_total(tracts, moe):
    with pytest.raises(sg.ParameterError, match=r"from that of the total: moe=\{'white': .*, 'people': '<column>'\}"):
        Population.from_frame(tracts, GROUPS, total="people", moe=moe)


def test_a_margin_for_neither_group_nor_total(tracts):
    with pytest.raises(sg.UnknownNameError, match=r"'asian', which is no group, nor the total"):
        Population.from_frame(tracts, GROUPS, total="people", moe={"asian": "white_m", "people": "people_m"})


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (-12, r"1 unit of 3 has negative margins of error in 'black_m': -12\.0 \(first: 's'\); correct them"),
        (-5, r"negative margins of error in 'black_m': -5\.0"),
        (np.inf, r"1 unit of 3 has infinite margins of error in 'black_m': inf \(first: 's'\)"),
        ("*****", r"1 unit of 3 has 'black_m' values that are not numbers: '\*\*\*\*\*' \(first units: 's'\)"),
        ("±12", r"values that are not numbers: '±12'"),
        (np.nan, r"1 unit of 3 has no margin of error in some column \('black_m': 1; first: 's'\)\. A margin that is"),
        (
            TOO_FEW,
            r"\('black_m': 1; codes that the publisher writes where there is no margin: -222222222 in 1 cell; fir",
        ),
        (
            OPEN,
            r"-333333333 in 1 cell; first: 's'\)\. A margin that is missing is not zero: fill it in, or pass missing",
        ),
    ],
)
def test_margins_that_are_refused(tracts, value, message):
    tracts["black_m"] = tracts["black_m"].astype(object)
    tracts.loc["s", "black_m"] = value
    with pytest.raises(sg.DataError, match=message):
        Population.from_frame(tracts, GROUPS, moe=MARGINS)


def test_units_without_a_margin_are_left_out_where_that_is_asked_for(tracts):
    tracts = tracts.assign(kept=[1, 2, 3])
    tracts.loc["s", "black_m"] = TOO_FEW
    pop = Population.from_frame(tracts, GROUPS, moe=MARGINS, missing="drop")
    assert list(pop.ids) == ["n", "w"]
    assert list(pop.attributes["kept"]) == [1, 3]
    assert_allclose(pop.uncertainty.se, [EXPECTED[0], EXPECTED[2]], rtol=1e-14)
    assert pop.notes == (
        "1 unit of 3 without a complete margin of error ('black_m': 1; codes that the publisher writes where there is "
        "no margin: -222222222 in 1 cell) left out, first 's'; they hold 800 people",
    )
    tracts = tracts.astype({"white": float})
    tracts.loc["n", "white"] = np.nan
    both = Population.from_frame(tracts, GROUPS, moe=MARGINS, missing="drop")
    assert list(both.ids) == ["w"]
    assert both.uncertainty.se.shape == (1, 2)
    tracts["white_m"] = np.nan
    with pytest.raises(sg.DataError, match="No unit has a complete margin of error"):
        Population.from_frame(tracts, GROUPS, moe=MARGINS, missing="drop")


def test_a_unit_without_a_margin_of_the_total(tracts):
    tracts.loc["w", "people_m"] = np.nan
    moe = {"white": "white_m", "black": "black_m", "people": "people_m"}
    with pytest.raises(sg.DataError, match=r"'people_m': 1; first: 'w'"):
        Population.from_frame(tracts, GROUPS, total="people", moe=moe)
    pop = Population.from_frame(tracts, GROUPS, total="people", moe=moe, missing="drop")
    assert_array_equal(pop.counts, [[1200, 300, 100], [800, 0, 100]])
    assert pop.uncertainty.se.shape == (2, 3)


# files and long tables


def test_margins_of_a_file(tracts, tmp_path):
    path = tmp_path / "tracts.csv"
    tracts.assign(more=1).to_csv(path, index_label="tract")
    pop = sg.read(path, groups=GROUPS, id="tract", moe=MARGINS, columns=["more"])
    assert_allclose(pop.uncertainty.se, EXPECTED, rtol=1e-14)
    assert "people" not in pop.attributes
    again = sg.read(path, groups=GROUPS, id="tract", moe=dict(zip(GROUPS, MARGINS, strict=True)))
    assert_allclose(again.uncertainty.se, EXPECTED, rtol=1e-14)
    with pytest.raises(sg.ParameterError, match="moe= takes the columns"):
        sg.read(path, groups=GROUPS, moe="white_m")
    with pytest.raises(sg.UnknownNameError, match=r"no column 'black_x' \(moe=\)"):
        sg.read(path, groups=GROUPS, moe=["white_m", "black_x"])


def test_marks_among_the_margins_of_a_file_are_named(tracts, tmp_path):
    path = tmp_path / "tracts.csv"
    tracts["black_m"] = tracts["black_m"].astype(object)
    tracts.loc["s", "black_m"] = "**"
    tracts.to_csv(path, index_label="tract")
    with pytest.raises(sg.DataError, match=r"1 unit of 3 has 'black_m' values that are not numbers: '\*\*'"):
        sg.read(path, groups=GROUPS, id="tract", moe=MARGINS)


def long_table() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "tract": ["s", "s", "n", "n", "n"],
            "race": ["white", "black", "black", "white", "white"],
            "estimate": [800, 0, 300, 700, 500],
            "moe": [329, CONTROLLED, 16.45, 49.35, 65.8],
        }
    )


LONG = {"unit": "tract", "group": "race", "count": "estimate", "moe": "moe"}


def test_margins_of_a_long_table_add_up_as_those_of_independent_counts():
    pop = Population.from_long(long_table(), **LONG)
    assert pop.groups == ("black", "white")
    assert list(pop.ids) == ["s", "n"]
    assert_allclose(pop.uncertainty.se, [[0, 200], [10, 50]], rtol=1e-14)
    assert "moe" not in pop.attributes
    plain = Population.from_long(long_table(), unit="tract", group="race", count="estimate")
    assert plain.uncertainty is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"count": None}, r"moe= is the margin of error of a count: name its column as well"),
        ({"moe": "estimate"}, r"unit=, group=, count= and moe= are different columns"),
        ({"moe": "margin"}, r"no column 'margin' \(moe=\)"),
    ],
)
def test_arguments_of_a_long_table_that_cannot_be(change, message):
    with pytest.raises(sg.SegregateError, match=message):
        Population.from_long(long_table(), **{**LONG, **change})


def test_a_row_without_a_margin_is_refused():
    rows = long_table()
    rows.loc[2, "moe"] = TOO_FEW
    for missing in ("raise", "drop"):
        with pytest.raises(
            sg.DataError, match=r"1 row of 5 has no margin of error in 'moe' \(first row: 2; codes .*-22"
        ):
            Population.from_long(rows, **LONG, missing=missing)
    rows.loc[2, "moe"] = -3
    with pytest.raises(sg.DataError, match=r"1 row of 5 has negative margins .* or drop these rows"):
        Population.from_long(rows, **LONG)


def test_a_pair_without_a_row_has_no_margin():
    rows = long_table().drop(index=1)
    with pytest.raises(sg.DataError, match=r"1 cell of 4 has no row, .* \(first: 's' 'black'\)\. Add a row for each"):
        Population.from_long(rows, **LONG)
