"""Schools on the command line."""

import json

import pandas as pd
import pytest

import segregate as sg

SCHOOLS = str(sg.sample_path("schools"))
HERE = ["schools", SCHOOLS, "-g", "asian,black,hispanic,white", "--id", "school_id"]


@pytest.fixture(scope="module")
def schools():
    return sg.read(SCHOOLS, groups=["asian", "black", "hispanic", "white"], id="school_id")


def table(out):
    return pd.DataFrame(json.loads(out))


def test_contributions_are_those_of_python(cli, schools, tmp_path):
    target = tmp_path / "schools.png"
    code, out, err = cli(*HERE, "--by", "district", "--group", "black", "--format", "json", "--plot", target)
    assert code == 0, err
    expected = sg.schools.contribution(schools, group="black", by="district").table
    assert table(out)["contribution"].tolist() == pytest.approx(expected["contribution"].tolist(), rel=1e-12)
    assert table(out)["district"].tolist() == expected["district"].tolist()
    assert target.stat().st_size > 5000
    assert f"wrote {target}" in err
    code, out, _ = cli(*HERE, "-i", "atkinson:b=0.2", "--group", "white", "--format", "json")
    assert code == 0
    found = sg.schools.contribution(schools, sg.bind("atkinson", b=0.2), group="white")
    assert table(out)["contribution"].tolist() == pytest.approx(found.table["contribution"].tolist(), rel=1e-12)


def test_sectors_within_districts(cli, schools, tmp_path):
    target = tmp_path / "parts.svg"
    code, out, err = cli(*HERE, "--view", "between-within", "--format", "json", "--plot", target)
    assert code == 0, err
    expected = sg.schools.between_within(schools).table
    assert table(out)["value"].tolist() == pytest.approx(expected["value"].tolist(), rel=1e-12)
    assert target.exists()
    code, out, _ = cli(*HERE, "--view", "between-within", "--by", "sector", "-i", "H", "--format", "csv")
    assert [line.split(",")[0] for line in out.strip().splitlines()] == ["between", "sector", "unit"]


def test_exposure_gaps(cli, schools):
    code, out, err = cli(
        *HERE,
        "--view",
        "exposure-gap",
        "--group",
        "hispanic",
        "--other",
        "white",
        "--by",
        "district",
        "--format",
        "json",
    )
    assert code == 0, err
    expected = sg.schools.exposure_gap(schools, "hispanic", "white", by="district").table
    assert table(out)["gap"].tolist() == pytest.approx(expected["gap"].tolist(), rel=1e-12)


WRONG = {
    "no group": (["--view", "exposure-gap"], "is about a group: --group NAME"),
    "index": (
        ["--view", "exposure-gap", "--group", "black", "-i", "D"],
        "--index does not go with",
    ),
    "group": (["--view", "between-within", "--group", "black"], "--group does not go with --view between-within"),
    "levels": (["--by", "district,sector"], "--by takes one column"),
    "no parts": (["--view", "between-within", "-i", "D"], "belongs to neither"),
    "picture": (["--plot", "schools.gpkg"], "save it as .png"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said(cli, case):
    words, message = WRONG[case]
    code, out, err = cli(*HERE, *words)
    assert code == 2
    assert out == ""
    assert message in err
