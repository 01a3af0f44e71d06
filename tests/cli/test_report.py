"""Reports on the command line."""

import json
import shlex

import pytest

import segregate as sg

from ..unit.report_pages import city, parsed, table_called

SCHOOLS = str(sg.sample_path("schools"))
GROUPS = "asian,black,hispanic,white"
HERE = ["-g", GROUPS, "--replicates", "19", "--radius", "none", "-i", "H"]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    for year in (2010, 2020):
        made = city(side=4, seed=year)
        frame = made.to_frame()
        frame.reset_index().to_file(folder / f"{year}.gpkg")
    return folder


def code_of(page):
    return page.one("section", id="manifest").find("code")[0].text


def test_a_report_is_that_of_python(cli, tmp_path):
    target = tmp_path / "report.html"
    code, out, err = cli("report", SCHOOLS, *HERE, "-o", target, "--title", "Schools", "--label", "hispanic=Hispanic")
    assert code == 0, err
    assert out == ""
    assert f"wrote {target}" in err
    page = parsed(target.read_text(encoding="utf-8"))
    again = tmp_path / "again.html"
    labels = {"hispanic": "Hispanic"}
    pop = sg.read(SCHOOLS, groups=GROUPS.split(","))
    sg.report(
        pop, again, title="Schools", indices="H", environments=[], replicates=19, group_labels=labels, language="en"
    )
    other = parsed(again.read_text(encoding="utf-8"))
    assert page.one("section", id="headline").text == other.one("section", id="headline").text
    assert json.loads(page.one(id="manifest-json").text) == json.loads(other.one(id="manifest-json").text)
    assert json.loads(page.one(id="manifest-json").text)["inputs"][0]["files"][0]["name"] == "schools.csv"


def test_the_command_in_the_report_makes_the_same_report(cli, files, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = [f"2010={files / '2010.gpkg'}", f"2020={files / '2020.gpkg'}"]
    how = ["-g", "red,green,blue", "--id", "unit", "--names", "called", "--replicates", "19", "--seed", "3"]
    code, _, err = cli(
        "report", *given, *how, "--radius", "500,1000", "--radius", "2000", "--citation", "An office", "-o", "a b.html"
    )
    assert code == 0, err
    html = (tmp_path / "a b.html").read_text(encoding="utf-8")
    page = parsed(html)
    words = shlex.split(code_of(page))
    assert words[:2] == ["segregate", "report"]
    assert "Source: An office" in page.one("header").text
    assert table_called(page, "Values by year")[0][1:] == ["2010", "2020"]
    assert json.loads(page.one(id="manifest-json").text)["parameters"]["environments"] == [500, 1000, 2000]
    (tmp_path / "a b.html").unlink()
    code, _, err = cli(*words[1:])
    assert code == 0, err
    assert (tmp_path / "a b.html").read_text(encoding="utf-8") == html


def test_people_in_place_of_radii(cli, files, tmp_path):
    target = tmp_path / "report.html"
    code, _, err = cli(
        "report", files / "2010.gpkg", "-g", "red,green,blue", "--people", "500,900", "--replicates", "19",
        "--language", "es", "-o", target,
    )  # fmt: skip
    assert code == 0, err
    page = parsed(target.read_text(encoding="utf-8"))
    assert page.one("html").attributes["lang"] == "es"
    assert "las 900 personas más cercanas" in page.one("section", id="scales").text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([SCHOOLS, SCHOOLS, *HERE], "Several files need a name each, the year or city: 2010=schools.csv"),
        ([f"a={SCHOOLS}", f"a={SCHOOLS}", *HERE], "there is 'a' twice"),
        ([SCHOOLS, *HERE, "--people", "100"], "over --radius or over --people"),
        ([SCHOOLS, *HERE, "--label", "white"], "--label takes GROUP=LABEL, such as hisp=Hispanic, not 'white'"),
        ([SCHOOLS, *HERE, "--label", "wite=White"], "1 name of no group"),
        ([SCHOOLS, *HERE, "--language", "la"], "There is no language 'la'"),
        ([SCHOOLS, "-g", GROUPS, "--radius", "near"], "--radius takes numbers separated by commas, not 'near'"),
    ],
)
def test_wrong_usage_ends_with_2(cli, tmp_path, arguments, said):
    target = tmp_path / "report.html"
    code, _, err = cli("report", *arguments, "-o", target)
    assert code == 2
    assert said in err
    assert not target.exists()


def test_help_shows_the_options_of_data_and_of_the_report(cli):
    code, out, _ = cli("report", "--help")
    assert code == 0
    for option in ("--groups", "--suppressed", "--title", "--radius", "--replicates", "--seed", "--pdf", "--template"):
        assert option in out
