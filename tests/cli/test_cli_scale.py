"""Environments, profiles and pairs on the command line, through the real entry point."""

import json

import pandas as pd
import pytest

import segregate as sg
from tests.helpers import quietly

SACRAMENTO = str(sg.sample_path("sacramento"))
GROUPS = "white,black,asian,hisp"
HERE = [SACRAMENTO, "-g", GROUPS]


@pytest.fixture(scope="module")
def city():
    return quietly(sg.read, SACRAMENTO, groups=GROUPS.split(","))


def values(out):
    return pd.DataFrame(json.loads(out)).set_index("index")["value"]


@pytest.mark.parametrize(
    ("text", "environment"),
    [
        ("kernel:radius=2000", sg.Kernel(2000)),
        ("kernel:radius=2000,shape=triangular", sg.Kernel(2000, "triangular")),
        ("decay:scale=1500", sg.Decay(1500)),
        ("nearest:people=20000", sg.Nearest(20000)),
        ("contiguity:order=2,kind=rook", sg.Contiguity(2, kind="rook")),
        ("home", sg.Home()),
    ],
)
@pytest.mark.filterwarnings("ignore::segregate.SegregateWarning")
def test_measure_within_an_environment(cli, city, text, environment):
    code, out, _ = cli("measure", *HERE, "-i", "H", "-e", text, "--format", "json")
    assert code == 0
    expected = sg.information_theory(city.within(environment))
    assert values(out)["information_theory"] == pytest.approx(expected, rel=1e-12)


@pytest.mark.filterwarnings("ignore::segregate.SegregateWarning")
def test_profile_writes_table_and_picture(cli, city, tmp_path):
    target = tmp_path / "scale.png"
    code, out, err = cli(
        "profile", *HERE, "-i", "H", "-i", "isolation", "--group", "hisp", "--radii", "0,1000", "--format", "csv",
        "--plot", target,
    )  # fmt: skip
    assert code == 0
    rows = out.strip().splitlines()
    assert rows[0].startswith("radius,index,")
    assert len(rows) == 5
    assert target.stat().st_size > 5000
    assert f"wrote {target}" in err
    code, out, _ = cli("profile", *HERE, "--people", "5000", "--format", "json")
    assert values(out)["information_theory"] == pytest.approx(
        sg.information_theory(city.within(sg.Nearest(5000))), rel=1e-12
    )


def test_local_index_of_a_pair(cli):
    code, out, _ = cli("local", *HERE, "-i", "extremes", "--group", "white", "--other", "black", "--format", "csv")
    assert code == 0
    assert len(out.strip().splitlines()) == 404


WRONG = {
    "unknown environment": (["measure", *HERE, "-e", "kernal:radius=5"], "Did you mean 'kernel'"),
    "unknown parameter": (["measure", *HERE, "-e", "kernel:radus=5"], "Did you mean 'radius'"),
    "missing parameter": (["measure", *HERE, "-e", "kernel"], "kernel needs radius="),
    "no value": (["measure", *HERE, "-e", "kernel:radius"], "Parameters of an environment are written name=value"),
    "no length": (["measure", *HERE, "-e", "kernel:radius=-5"], "radius=-5 is a distance in metres, above 0"),
    "no numbers": (["profile", *HERE, "--radii", "0,one"], "--radii takes numbers"),
    "home only": (["profile", *HERE, "-i", "hutchens"], "only at home"),
    "one of a pair": (["local", *HERE, "-i", "extremes", "--group", "white"], "pass other="),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_usage_ends_with_a_sentence(cli, case):
    arguments, words = WRONG[case]
    code, out, err = cli(*arguments)
    assert (code, out) == (2, "")
    assert words in err
    assert "Traceback" not in err
