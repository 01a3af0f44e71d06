"""Tests against chance and intervals on the command line."""

import json

import pandas as pd
import pytest

import segregate as sg

SCHOOLS = str(sg.sample_path("schools"))
GROUPS = "asian,black,hispanic,white"
HERE = [SCHOOLS, "-g", GROUPS]


@pytest.fixture(scope="module")
def schools():
    return sg.read(SCHOOLS, groups=GROUPS.split(","))


def table(out):
    return pd.DataFrame(json.loads(out))


def test_a_test_is_that_of_python(cli, schools, tmp_path):
    target = tmp_path / "chance.png"
    code, out, err = cli(
        "test", *HERE, "-i", "D", "--group", "black", "--replicates", "99", "--seed", "4", "--format", "json",
        "--plot", target,
    )  # fmt: skip
    assert code == 0, err
    found = sg.monte_carlo_test(schools, "D", group="black", replicates=99, rng=4)
    row = table(out).iloc[0]
    assert row["p_value"] == found.p_value
    assert row["expected"] == pytest.approx(found.expected, rel=1e-12)
    assert row["group"] == "black"
    assert target.stat().st_size > 5000
    assert f"wrote {target}" in err


def test_several_indices_are_rows_of_one_table(cli):
    code, out, _ = cli("test", *HERE, "-i", "H", "-i", "D", "--replicates", "19", "--format", "csv")
    assert code == 0
    assert [line.split(",")[0] for line in out.strip().splitlines()] == ["index", "information_theory", "dissimilarity"]


def test_measure_with_intervals(cli, schools):
    code, out, _ = cli("measure", *HERE, "-i", "H", "--interval", "0.9", "--format", "json")
    assert code == 0
    row, same = table(out).iloc[0], sg.measure(schools, "H", interval=0.9).iloc[0]
    assert (row["low"], row["high"]) == pytest.approx((same["low"], same["high"]), rel=1e-12)
    assert row["low"] < row["value"] < row["high"]


WRONG = {
    "unknown null": (["test", *HERE, "--null", "persons"], "null='persons' is not known"),
    "unknown index": (["test", *HERE, "-i", "dissimilarty"], "Did you mean 'dissimilarity'"),
    "space": (["test", *HERE, "--null", "units"], "does not see where units lie"),
    "two pictures": (["test", *HERE, "-i", "D", "-i", "H", "--plot", "x.png"], "--plot draws one index"),
    "level": (["measure", *HERE, "--interval", "95"], "share between 0 and 1"),
    "column": (["test", SCHOOLS, "-g", "asian,balck"], "Did you mean 'black'"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said(cli, case):
    words, message = WRONG[case]
    code, out, err = cli(*words)
    assert code == 2
    assert message in err
    assert out == ""
