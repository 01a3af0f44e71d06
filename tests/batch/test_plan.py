"""Plans: every fault, all of them at once, and the plan to start from."""

import datetime
import re

import geopandas as gpd
import pandas as pd
import pytest

import segregate as sg
from segregate.batch import PLAN, preview
from segregate.batch._plan import plan_of
from segregate.errors import DataError, ParameterError
from tests.batch.plans import GROUPS, country, plan, toml

DAY = datetime.date(2011, 1, 1)


def faults_of(given):
    """Return the faults that a plan is refused with, without their numbers."""
    with pytest.raises(ParameterError) as refused:
        plan_of(given)
    head, *listed = str(refused.value).split("\n")
    assert [line.split(".")[0].strip() for line in listed] == [str(k) for k in range(1, len(listed) + 1)]
    assert head == f"The plan has {len(listed)} fault{'' if len(listed) == 1 else 's'}:"
    return [re.sub(r"^  \d+\. ", "", line) for line in listed]


PARTS = {
    "no table": ("measure", [], "[measure]: is a table of keys and values, not list"),
    "name": ("plan", {"output": "out"}, "[plan]: name is missing"),
    "empty name": ("plan", {"name": " ", "output": "out"}, "[plan]: name is a text, not an empty text"),
    "output": ("plan", {"name": "x", "output": 5}, "[plan]: output is a folder, not 5"),
    "empty output": ("plan", {"name": "x", "output": ""}, "[plan]: output is a folder, not an empty text"),
    "key of plan": (
        "plan",
        {"name": "x", "output": "o", "nam": 1},
        "[plan]: 'nam' is no key here. Did you mean 'name'?",
    ),
    "no data": ("data", [], "[[data]]: at least one is needed, with path and groups"),
    "data as a table": ("data", {"path": "x"}, "[[data]]: at least one is needed, with path and groups"),
    "index": ("measure", {"indices": ["gin"]}, "[measure]: indices There is no index 'gin'. Did you mean 'gini'?"),
    "no index": ("measure", {"indices": []}, "[measure]: indices names no index"),
    "index twice": (
        "measure",
        {"indices": ["H", "information_theory"]},
        "[measure]: indices information_theory is there twice",
    ),
    "index twice with a parameter": (
        "measure",
        {"indices": [{"index": "atkinson", "b": 0.1}, {"index": "A", "b": 0.1}]},
        '[measure]: indices atkinson is there twice with {"b": 0.1}',
    ),
    "index as a number": (
        "measure",
        {"indices": [5]},
        "[measure]: indices an index is a name, or a table such as {index = 'atkinson', b = 0.1}, not 5",
    ),
    "parameter of an index": (
        "measure",
        {"indices": [{"index": "atkinson", "c": 1}]},
        "[measure]: indices atkinson has no parameter 'c'. There are: 'b'.",
    ),
    "local index": (
        "measure",
        {"indices": ["location_quotient"]},
        "[measure]: indices location_quotient gives a value for each unit and not for a city",
    ),
    "index at home only": (
        "measure",
        {"indices": ["gorard"], "environments": [{"kind": "kernel", "radius": 500}]},
        "[measure]: indices gorard has a meaning only at home; give it a plan of its own",
    ),
    "versus": ("measure", {"versus": "all"}, "[measure]: versus is 'rest' or 'pairs', not 'all'"),
    "key of measure": ("measure", {"index": ["H"]}, "[measure]: 'index' is no key here. Did you mean 'indices'?"),
    "no environments": (
        "measure",
        {"environments": []},
        "[measure]: environments is a list of tables such as {kind = 'kernel', radius = [500, 1000]}",
    ),
    "environment as a number": (
        "measure",
        {"environments": [500]},
        "[measure] environments: an environment is a table such as {kind = 'kernel', radius = 500}, not 500",
    ),
    "environment": (
        "measure",
        {"environments": [{"kind": "kernl", "radius": 5}]},
        "[measure] environments: there is no environment 'kernl'. Did you mean 'kernel'?",
    ),
    "environment as a list": (
        "measure",
        {"environments": [{"kind": ["kernel"], "radius": 5}]},
        "[measure] environments: there is no environment ['kernel']. Did you mean 'kernel'?",
    ),
    "environment without radius": (
        "measure",
        {"environments": [{"kind": "kernel"}]},
        "[measure] environments: kernel needs radius",
    ),
    "no radius": (
        "measure",
        {"environments": [{"kind": "kernel", "radius": []}]},
        "[measure] environments: kernel: radius is an empty list",
    ),
    "key of an environment": (
        "measure",
        {"environments": [{"kind": "kernel", "radius": 5, "shap": "uniform"}]},
        "[measure] environments: kernel has no parameter 'shap'. Did you mean 'shape'?",
    ),
    "kind of contiguity": (
        "measure",
        {"environments": [{"kind": "contiguity", "contiguty": "rook"}]},
        "[measure] environments: contiguity has no parameter 'contiguty'. Did you mean 'contiguity'?",
    ),
    "radius": (
        "measure",
        {"environments": [{"kind": "kernel", "radius": [500, -1]}]},
        "[measure] environments: radius=-1 is a distance in metres, above 0.",
    ),
    "environment twice": (
        "measure",
        {"environments": ["home", {"kind": "kernel", "radius": [500, 700]}, {"kind": "kernel", "radius": 500}]},
        f"[measure]: environments {str(sg.Kernel(500))!r} is there twice",
    ),
    "null": (
        "test",
        {"null": "persons"},
        "[test]: null is 'people' or 'multinomial' or 'binomial' or 'units', not 'persons'",
    ),
    "replicates": ("test", {"replicates": 5}, "[test]: replicates is a whole number, 19 or more, not 5"),
    "replicates as a truth": (
        "test",
        {"replicates": True},
        "[test]: replicates is a whole number, 19 or more, not True",
    ),
    "seed": ("test", {"seed": -1}, "[test]: seed is a whole number, 0 or more, not -1"),
    "alternative": (
        "test",
        {"alternative": "more"},
        "[test]: alternative is 'greater' or 'less' or 'two-sided', not 'more'",
    ),
    "round": ("test", {"round": "up"}, "[test]: round is 'largest_remainder', not 'up'"),
    "key of test": ("test", {"seeds": 1}, "[test]: 'seeds' is no key here. Did you mean 'seed'?"),
    "resample": ("bootstrap", {"resample": "units"}, "[bootstrap]: resample is 'people', not 'units'"),
    "interval": ("bootstrap", {"interval": "bca"}, "[bootstrap]: interval is 'percentile' or 'basic', not 'bca'"),
    "level": (
        "bootstrap",
        {"level": 95},
        "[bootstrap]: level=95 is a share between 0 and 1: 0.95 for an interval of 95 %.",
    ),
    "level as a text": ("bootstrap", {"level": "95 %"}, "[bootstrap]: level is a number between 0 and 1, not '95 %'"),
    "key of bootstrap": (
        "bootstrap",
        {"replicate": 99},
        "[bootstrap]: 'replicate' is no key here. Did you mean 'replicates'?",
    ),
    "engine": ("engine", {"kind": "spark"}, "[engine]: kind is 'local' or 'dask', not 'spark'"),
    "workers": ("engine", {"workers": 0}, "[engine]: workers is a whole number, 1 or more, not 0"),
    "scheduler": ("engine", {"scheduler": "tcp://a:1"}, "[engine]: scheduler goes with kind = 'dask'"),
    "memory": ("engine", {"memory": "lots"}, "[engine]: memory is a size such as '8 GB', not 'lots'"),
    "memory in two parts": (
        "engine",
        {"memory": "1.2.3 GB"},
        "[engine]: memory is a size such as '8 GB', not '1.2.3 GB'",
    ),
    "memory as a number": ("engine", {"memory": 8}, "[engine]: memory is a size such as '8 GB', not 8"),
    "key of engine": ("engine", {"worker": 2}, "[engine]: 'worker' is no key here. Did you mean 'workers'?"),
    "table": ("tests", {}, "plan: 'tests' is no key here. Did you mean 'test'?"),
}


@pytest.mark.parametrize("case", PARTS)
def test_each_fault_of_a_part(case, tmp_path):
    part, given, message = PARTS[case]
    assert faults_of(plan(tmp_path) | {part: given}) == [message]


DATA = {
    "file": ({"path": "no.csv"}, "path 'no.csv' is no file; looked in {cwd}"),
    "pattern of files": ({"path": ["no*.csv"]}, "path 'no*.csv' is no file; looked in {cwd}"),
    "path": ({"path": []}, "path is a text or a list of texts, not []"),
    "no groups": (
        {"groups": None},
        "groups is missing (a public source that knows its groups is named by source = '...')",
    ),
    "groups": ({"groups": ["a", 5]}, "groups is a text or a list of texts, not ['a', 5]"),
    "group twice": ({"groups": ["a", "b", "a"]}, "groups names 'a' twice"),
    "one group": ({"groups": "a"}, "groups names 'a' alone; name a second one, or total"),
    "by": ({"by": 5}, "by is the name of a column, not 5"),
    "label": ({"label": 5}, "label is the name of a column, or of the city, not 5"),
    "year": ({"year": 2011.5}, "year is a year, or the name of a column, not 2011.5"),
    "year as a truth": ({"year": True}, "year is a year, or the name of a column, not True"),
    "key": ({"lable": "name"}, "'lable' is no key here. Did you mean 'label' or 'layer'?"),
    "expression": (
        {"pattern": "("},
        "pattern '(' is no regular expression: missing ), unterminated subpattern at position 0",
    ),
    "expression as a number": (
        {"pattern": 5},
        "pattern is a regular expression with (?P<city>...) or (?P<year>...), not 5",
    ),
    "expression without names": (
        {"pattern": "country"},
        "pattern has the groups (?P<city>...), (?P<year>...) or both, not []",
    ),
    "expression that finds nothing": (
        {"by": None, "pattern": "(?P<city>town)"},
        "pattern '(?P<city>town)' does not fit 'country.parquet'",
    ),
    "year twice": (
        {"pattern": "(?P<year>c)", "year": 2011},
        "pattern finds the year, and so does year; leave one out",
    ),
    "city twice": ({"pattern": "(?P<city>c)"}, "pattern finds the city, and so does by; leave one out"),
    "missing": ({"missing": "fill"}, "missing is 'raise' or 'drop', not 'fill'"),
    "suppressed": (
        {"suppressed": "zero"},
        "suppressed is 'raise' or 'drop' or 'low' or 'middle' or 'high', not 'zero'",
    ),
    "excess": ({"excess": "drop"}, "excess is 'raise' or 'groups', not 'drop'"),
    "total": ({"total": 5}, "total is a text, not 5"),
    "condition": ({"where": DAY}, "where is a text, not datetime.date(2011, 1, 1)"),
    "a date": (
        {"columns": [DAY]},
        "columns is made of texts, numbers, lists and tables, not [datetime.date(2011, 1, 1)]; a date stands in quotes",
    ),
    "source": ({"source": "nomis"}, "source 'nomis' is unknown. Did you mean 'nomis_ts021' or 'nhgis'?"),
    "tiles": ({"tiles": "10 km"}, "tiles is a length in metres, not '10 km'"),
}


@pytest.mark.parametrize("case", DATA)
def test_each_fault_of_data(case, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    change, message = DATA[case]
    given = plan(tmp_path)
    data = {key: value for key, value in (given["data"][0] | change).items() if value is not None}
    found = faults_of(given | {"data": [data]})
    assert found[0] == f"[[data]] 1: {message.replace('{cwd}', str(tmp_path))}"


def test_data_that_is_no_table(tmp_path):
    assert faults_of(plan(tmp_path) | {"data": [5]})[0] == "[[data]] 1: is a table of keys and values, not int"


def test_pairs_have_no_test(tmp_path):
    given = plan(tmp_path, measure={"indices": ["D"], "versus": "pairs"}, test={"replicates": 99})
    assert faults_of(given) == [
        "[test]: is about each group against everybody else; leave it out, or take versus = 'rest'"
    ]


def test_all_faults_are_named_at_once(tmp_path):
    given = plan(tmp_path, engine={"kind": "spark", "memory": "x"}, test={"seed": "a"}, more={})
    given["plan"] = {"name": 5}
    given["data"] = [*given["data"], {"path": "none.csv", "groups": GROUPS, "yeer": 1}]
    given["measure"] = {"indices": ["HH", "D"], "environments": [{"kind": "kernel"}, {"kind": "home"}]}
    found = faults_of(given)
    assert [fault.split(":")[0] for fault in found] == [
        "[plan]",
        "[plan]",
        "[[data]] 2",
        "[[data]] 2",
        "[measure]",
        "[measure] environments",
        "[test]",
        "[engine]",
        "[engine]",
        "plan",
    ]


def test_files_that_are_no_plan(tmp_path):
    path = tmp_path / "plan.toml"
    path.write_text('[plan]\nname = "x\n')
    with pytest.raises(DataError, match=r"plan\.toml is no TOML: Illegal character '\\n' \(at line 2, column 10\)\."):
        plan_of(path)
    path.write_bytes(b'[plan]\nname = "\xff"\n')
    with pytest.raises(DataError, match=r"plan\.toml is no TOML: 'utf-8' codec can't decode"):
        plan_of(path)
    path.write_text('[plan]\nname = "x"\nname = "y"\n')
    with pytest.raises(DataError, match=r"plan\.toml is no TOML: Cannot overwrite a value"):
        plan_of(path)
    path.write_text("[plan]\n")
    with pytest.raises(ParameterError, match=r"^plan\.toml has 3 faults:\n  1\. \[plan\]: name is missing\n"):
        plan_of(path)


def test_a_date_in_toml_is_a_fault_and_no_crash(tmp_path):
    country().to_csv(tmp_path / "a.csv", index=False)
    path = tmp_path / "plan.toml"
    path.write_text(
        '[plan]\nname = 2011-01-01\noutput = "o"\n[[data]]\npath = "a.csv"\nyear = 2011-01-01\ngroups = ["a", "b"]\n'
    )
    with pytest.raises(ParameterError) as refused:
        plan_of(path)
    assert "name is a text, not datetime.date(2011, 1, 1)" in str(refused.value)
    assert "year is a year, or the name of a column, not datetime.date(2011, 1, 1)" in str(refused.value)


def test_what_python_has_becomes_what_toml_has(tmp_path):
    given = plan(tmp_path)
    given["plan"]["output"] = tmp_path / "out"
    given["data"][0] |= {"path": tmp_path / "country.parquet", "groups": tuple(GROUPS)}
    given["measure"] = {
        "indices": ["D", sg.bind("atkinson", b=0.1)],
        "environments": (
            sg.Home(),
            sg.Kernel(400),
            sg.Kernel(800, "uniform"),
            sg.Nearest(100),
            sg.Contiguity(2, kind="rook"),
        ),
    }
    checked = plan_of(given)
    assert [one.spec.name for one in checked.indices] == ["dissimilarity", "atkinson"]
    assert checked.indices[1].chosen == {"b": 0.1}
    flat = [one for group in checked.environments for one in group]
    assert flat == [
        sg.Home(),
        sg.Kernel(400),
        sg.Kernel(800, "uniform"),
        sg.Nearest(100),
        sg.Contiguity(2, kind="rook"),
    ]
    assert checked.data[0].paths == (str(tmp_path / "country.parquet"),)
    lists = plan_of(toml(plan(tmp_path), tmp_path / "plan.toml"))
    assert [one for group in lists.environments for one in group] == [sg.Home(), sg.Kernel(400), sg.Kernel(800)]


def test_engine_and_output_do_not_make_another_plan(tmp_path):
    given = plan(tmp_path)
    other = plan(tmp_path, engine={"kind": "dask", "workers": 7})
    other["plan"]["output"] = "elsewhere"
    assert plan_of(given).key == plan_of(other).key
    assert plan_of(given | {"measure": {"indices": ["D"]}}).key != plan_of(given).key


# the plan to start from ---------------------------------------------------------------


def uncommented(text):
    """Take the mark of comments off every line that would be TOML without it."""
    lines = []
    for line in text.splitlines():
        bare = re.sub(r"^(\s*)# ", r"\1", line)
        known = re.match(r"\s*(\[[a-z]+\]|[a-z]+ = |\{kind = )", bare)
        lines.append(bare if known else line)
    return "\n".join(lines)


def test_the_plan_to_start_from_lacks_nothing_but_its_files(tmp_path):
    path = tmp_path / "plan.toml"
    path.write_text(PLAN)
    with pytest.raises(ParameterError) as refused:
        plan_of(path)
    lines = str(refused.value).splitlines()
    assert lines[0] == "plan.toml has 2 faults:"
    assert all("is no file; looked in" in line for line in lines[1:])


def drop(text, *keys):
    return "\n".join(line for line in text.splitlines() if not any(re.search(rf"\b{key}\b", line) for key in keys))


def polygons(frame):
    """Put a square around each place."""
    shapes = gpd.points_from_xy(frame["x"], frame["y"]).buffer(30, cap_style="square")
    return gpd.GeoDataFrame(frame.drop(columns=["x", "y"]), geometry=shapes, crs="EPSG:3035")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["places", "polygons"])
def test_the_plan_to_start_from_runs_with_its_comments_taken_off(kind, tmp_path):
    text = uncommented(PLAN)
    keys = ("points", "crs", "test", "bootstrap", "workers", "memory", "nearest", "decay", "contiguity", "round")
    assert all(re.search(rf"^[^#]*\b{key}\b", text, re.M) for key in keys)
    assert text.count("replicates = 999") == 2
    text = drop(text, "decay", "contiguity") if kind == "places" else drop(text, "points", "crs")
    path = tmp_path / "plan.toml"
    path.write_text(text.replace("replicates = 999", "replicates = 19"))
    names = {"a": "born_here", "b": "born_elsewhere", "city": "city_code", "name": "city_name"}
    then = country(cities=2).drop(columns="c").rename(columns=names)
    (then if kind == "places" else polygons(then)).to_parquet(tmp_path / "tracts_2011.parquet")
    (tmp_path / "tracts_2021").mkdir()
    for city in ("Town", "Village"):
        now = country(seed=3, cities=1).rename(columns=names)
        if kind == "polygons":
            now = now.drop(columns=["city_code", "city_name"])
        polygons(now).assign(x=now["x"], y=now["y"]).to_file(tmp_path / "tracts_2021" / f"{city}_2021.gpkg")
    found = sg.run(path, workers=1)
    assert (found["status"] == "ok").all(), found[found["status"] != "ok"]["message"].unique()
    cities = {(city, year) for city, year in zip(found["city"], found["year"], strict=True)}
    assert cities == {("City 0", 2011), ("City 1", 2011), ("Town", 2021), ("Village", 2021)}
    assert found["environment"].nunique() == {"places": 6, "polygons": 8}[kind]
    assert found[["low", "high", "p_value"]].notna().to_numpy().all()


# what a plan would do -----------------------------------------------------------------


def test_preview_says_what_would_be_done(tmp_path):
    given = plan(tmp_path)
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 but no more")
    country(seed=2, cities=3, units=10).to_csv(tmp_path / "more.csv", index=False)
    data = given["data"][0]
    given["data"] += [data | {"path": str(tmp_path / "more.csv"), "year": 2021}]
    given["data"] += [data | {"path": str(tmp_path / "broken.parquet"), "year": 1990}]
    table = preview(given)
    assert table[["file", "cities", "units"]].to_numpy().tolist() == [
        ["country.parquet", 6, 240],
        ["more.csv", 3, 30],
        ["broken.parquet", 1, 0],
    ]
    assert table["year"].tolist() == [pd.NA, 2021, 1990]
    assert table["tasks"].tolist() == [1, 1, 1]
    assert table["error"].iloc[:2].tolist() == ["", ""]
    assert table["error"].iloc[2].startswith("broken.parquet cannot be read: ")
    assert not (tmp_path / "out").exists()
