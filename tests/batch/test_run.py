"""What a run finds, against one city at a time; what it leaves behind."""

import json
import warnings

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import segregate as sg
from segregate.errors import DataError, ParameterError
from tests.batch.plans import GROUPS, country, plan, toml
from tests.helpers import quietly

INDICES = ["D", "H", "isolation", sg.bind("atkinson", b=0.1)]
FILES = ("results.parquet", "manifest.json", "league.parquet", "summary.html")


def content(folder, names=FILES):
    return {name: (folder / "out" / name).read_bytes() for name in names}


def city_of(table, city):
    part = table[table["city"] == city]
    return sg.Population.from_frame(part, GROUPS, id="unit", points=("x", "y"), crs="EPSG:3035")


def test_values_are_those_of_each_city_alone(tmp_path):
    found = sg.run(plan(tmp_path))
    table = country()
    assert (found["status"] == "ok").all()
    checked = 0
    for city in sorted(table["city"].unique()):
        alone = city_of(table, city)
        for near in (alone, alone.within(sg.Kernel(400)), alone.within(sg.Kernel(800))):
            expected = sg.measure(near, INDICES)
            ours = found[(found["city"] == city) & (found["environment"] == str(near.environment))]
            names = ["index", "symbol", "family", "group", "versus", "environment", "params", "status", "message"]
            assert ours[names].to_numpy().tolist() == expected[names].to_numpy().tolist()
            np.testing.assert_allclose(ours["value"], expected["value"], rtol=1e-12)
            assert set(ours["units"]) == {40}
            assert set(ours["people"]) == {alone.size}
            checked += len(ours)
    assert checked == len(found) == 6 * 3 * (2 + 2 * 3)


def test_intervals_and_tests_are_those_of_a_city_alone(tmp_path):
    given = plan(tmp_path, test={"replicates": 49, "seed": 3}, bootstrap={"replicates": 39, "seed": 4})
    found = sg.run(given)
    alone = sg.run(given | {"plan": {"name": "one", "output": str(tmp_path / "one")}, "data": [one_city(given, "C03")]})
    here = found[found["city"] == "C03"].reset_index(drop=True)
    pd.testing.assert_frame_equal(here, alone, check_exact=False, rtol=1e-12)
    assert here[["low", "high", "p_value"]].notna().to_numpy().all()
    assert (here["low"] < here["high"]).all()


def one_city(given, city):
    return given["data"][0] | {"where": f"city = '{city}'"}


def test_ranks_are_those_of_rank(tmp_path):
    found = sg.run(plan(tmp_path, bootstrap={"replicates": 199, "seed": 7}))
    league = pd.read_parquet(tmp_path / "out" / "league.parquet")
    table = country()
    pops = {city: city_of(table, city) for city in sorted(table["city"].unique())}
    expected = sg.rank(pops, "H", replicates=199, rng=7).table
    ours = league[(league["index"] == "information_theory") & (league["environment"] == "home")]
    assert ours["city"].tolist() == expected["name"].tolist()
    names = ["value", "low", "high", "rank", "rank_low", "rank_high"]
    np.testing.assert_allclose(ours[names].astype(float), expected[names].astype(float), rtol=1e-9)
    assert ours["letters"].tolist() == expected["letters"].tolist()
    assert len(league) == len(found)


def test_p_values_are_those_of_the_same_draws(tmp_path):
    found = sg.run(plan(tmp_path, measure={"indices": ["H"]}, test={"replicates": 99, "seed": 5}))
    from segregate.inference._draws import of_people
    from segregate.inference._replicates import seeds
    from segregate.inference._several import own_streams

    for city, value, p in found[["city", "value", "p_value"]].itertuples(index=False):
        alone = city_of(country(), city)
        tables = of_people(alone)(own_streams(seeds(99, 5), city))
        null = [
            sg.information_theory(sg.Population.from_frame(pd.DataFrame(one, columns=GROUPS), GROUPS)) for one in tables
        ]
        assert p == pytest.approx((1 + sum(one >= value - 1e-12 for one in null)) / 100)


@pytest.mark.slow
def test_workers_change_no_byte(tmp_path):
    given = plan(tmp_path, bootstrap={"replicates": 19})
    seen = []
    for workers in (1, 2, 3):
        sg.run(given, fresh=True, workers=workers)
        seen.append(content(tmp_path))
    assert seen[0] == seen[1] == seen[2]


def test_a_run_that_is_done_is_not_done_again(tmp_path, monkeypatch):
    sg.run(plan(tmp_path))
    before = content(tmp_path)
    monkeypatch.setattr("segregate.batch._pool.work", lambda *_: pytest.fail("done again"))
    sg.run(plan(tmp_path))
    assert content(tmp_path) == before


def test_other_plans_and_data_are_noticed(tmp_path):
    sg.run(plan(tmp_path))
    with pytest.raises(ParameterError, match=r"holds another run: the plan differs in \[measure\]\. Take another"):
        sg.run(plan(tmp_path, measure={"indices": ["H"]}))
    sg.run(plan(tmp_path, engine={"workers": 2}) | {"engine": {"workers": 1, "memory": "4 GB"}})
    country(seed=2).to_parquet(tmp_path / "country.parquet")
    with pytest.raises(ParameterError, match=r"1 input is changed \('country.parquet'\)"):
        sg.run(plan(tmp_path))
    assert len(sg.run(plan(tmp_path), fresh=True))


def test_years_files_and_patterns(tmp_path):
    for year in (2011, 2021):
        for city in ("Aa", "Bb"):
            part = country(seed=year, cities=1).drop(columns=["city", "name"])
            part.to_csv(tmp_path / f"{city}_{year}.csv", index=False)
    data = {"path": str(tmp_path / "*.csv"), "pattern": r"(?P<city>\w+)_(?P<year>\d{4})", "groups": GROUPS}
    found = sg.run(plan(tmp_path, data=[data | {"id": "unit"}], measure={"indices": ["H"]}))
    assert found[["city", "year"]].to_numpy().tolist() == [["Aa", 2011], ["Aa", 2021], ["Bb", 2011], ["Bb", 2021]]
    whole = pd.concat([country(seed=s).assign(when=s) for s in (2011, 2021)], ignore_index=True)
    whole["unit"] = whole["unit"] + "-" + whole["when"].astype(str)
    whole.to_parquet(tmp_path / "both.parquet")
    data = {"path": str(tmp_path / "both.parquet"), "by": "city", "label": "name", "year": "when", "groups": GROUPS}
    both = sg.run(plan(tmp_path, data=[data | {"id": "unit"}], measure={"indices": ["H"]}), fresh=True)
    assert both["year"].value_counts().to_dict() == {2011: 6, 2021: 6}
    assert sorted(both["city"].unique()) == [f"City {k}" for k in range(6)]
    for year in (2011, 2021):
        table = country(seed=year)
        for k in range(6):
            value = both[(both["year"] == year) & (both["city"] == f"City {k}")]["value"].item()
            part = table[table["city"] == f"C{k:02d}"]
            assert value == pytest.approx(
                sg.information_theory(sg.Population.from_frame(part, GROUPS, id="unit")), rel=1e-12
            )


def test_a_city_that_fails_is_recorded_and_the_others_go_on(tmp_path):
    table = country()
    table["b"] = table["b"].astype(float)
    table.loc[table.index[table["city"] == "C02"][:2], "b"] = -5
    table.to_parquet(tmp_path / "country.parquet")
    found = sg.run(plan(tmp_path))
    failed = found[found["status"] == "failed"]
    assert failed["city"].tolist() == ["C02"]
    assert "negative" in failed["message"].item()
    assert set(found["city"]) == {f"C{k:02d}" for k in range(6)}
    assert found.attrs["segregate"]["failed"] == 1
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert [(one["city"], one["year"]) for one in manifest["failed"]] == [("C02", None)]
    page = (tmp_path / "out" / "summary.html").read_text()
    assert "1 city failed" in page
    whole = country()
    whole.to_parquet(tmp_path / "country.parquet")
    assert (sg.run(plan(tmp_path), fresh=True)["status"] == "ok").all()


def test_a_file_that_cannot_be_read_is_recorded(tmp_path):
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 but no more")
    given = plan(tmp_path)
    broken = given["data"][0] | {"path": str(tmp_path / "broken.parquet")}
    found = sg.run(given | {"data": [given["data"][0], broken]})
    failed = found[found["status"] == "failed"]
    assert failed["city"].tolist() == ["broken"]
    assert "broken.parquet cannot be read" in failed["message"].item()
    assert len(found) == 6 * 3 * 8 + 1


def test_the_manifest_has_no_clock_and_no_machine(tmp_path):
    sg.run(plan(tmp_path))
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["versions"]["numpy"] == np.__version__
    assert manifest["inputs"][0]["cities"] == 6
    assert manifest["rows"] == 144
    assert len(manifest["results"]["sha256"]) == 64
    assert not {"time", "date", "host", "machine"} & set(json.dumps(manifest).split('"'))
    timings = pd.read_parquet(tmp_path / "out" / "timings.parquet")
    assert (timings["seconds"] > 0).all()
    assert "INFO done: 144 rows" in (tmp_path / "out" / "run.log").read_text()
    schema = pq.read_schema(tmp_path / "out" / "results.parquet")
    assert schema.names[:2] == ["city", "year"]


def test_cities_without_a_name_are_counted(tmp_path):
    table = country()
    table.loc[:4, "city"] = None
    table.to_parquet(tmp_path / "country.parquet")
    sg.run(plan(tmp_path))
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["inputs"][0]["rows_without_city_or_year"] == 5


def test_tasks_that_would_not_fit_say_so_before_they_start(tmp_path):
    given = plan(tmp_path, engine={"workers": 1, "memory": "100 MB"})
    found = sg.run(given)
    assert (found["status"] == "failed").all()
    assert "more than the 100 MB there are" in found["message"].iloc[0]


def test_a_plan_on_disk(tmp_path):
    given = plan(tmp_path)
    given["plan"]["output"] = "out"
    given["data"][0]["path"] = "country.parquet"
    path = toml(given, tmp_path / "plan.toml")
    assert len(sg.run(path)) == 144
    with pytest.raises(DataError, match=r"There is no plan 'nowhere.toml'; write one with: segregate plan init"):
        sg.run("nowhere.toml")


def test_progress_and_lock(tmp_path):
    seen = []
    sg.run(plan(tmp_path, bootstrap={"replicates": 19}), progress=lambda *pair: seen.append(pair))
    assert seen == [(1, 1)]
    from segregate.batch._folder import Folder

    with Folder(tmp_path / "out").locked(), pytest.raises(ParameterError, match="Another run is writing to"):
        sg.run(plan(tmp_path))


def test_parts_of_people_have_no_p_value_but_a_reason(tmp_path):
    table = country()
    table["a"] = table["a"] + 0.5
    table.to_parquet(tmp_path / "country.parquet")
    found = sg.run(plan(tmp_path, measure={"indices": ["H"]}, test={"replicates": 19}))
    assert found["p_value"].isna().all()
    assert found["message"].str.startswith("no p-value: ").all()
    rounded = sg.run(
        plan(tmp_path, measure={"indices": ["H"]}, test={"replicates": 19, "round": "largest_remainder"}), fresh=True
    )
    assert rounded["p_value"].notna().all()
    assert rounded["message"].str.contains("rounded to whole people").all()


def test_undefined_values_keep_their_reason(tmp_path):
    table = country()
    table.loc[table["city"] == "C01", ["b", "c"]] = 0
    table.to_parquet(tmp_path / "country.parquet")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = sg.run(plan(tmp_path))
    undefined = found[(found["city"] == "C01") & (found["index"] == "information_theory")]
    assert (undefined["status"] == "undefined").all()
    alone = quietly(sg.measure, city_of(table, "C01"), ["H"])
    assert undefined["message"].iloc[0] == alone["message"].item()
