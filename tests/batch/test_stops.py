"""A run that is stopped at any of its writes goes on; a full disk is told; what others left is left alone."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import segregate as sg
from segregate.batch import status
from segregate.errors import DataError, ParameterError
from tests.batch.killing import FILES, content
from tests.batch.plans import country, plan


class Stopped(BaseException):
    """As if the power went."""


def several(tmp_path):
    """Return a plan of three tasks."""
    for year in (1990, 2000, 2010):
        country(seed=year, cities=2).to_parquet(tmp_path / f"y{year}.parquet")
    given = plan(tmp_path, measure={"indices": ["H"]}, bootstrap={"replicates": 19})
    data = given["data"][0] | {"path": str(tmp_path / "y*.parquet"), "pattern": r"y(?P<year>\d+)"}
    return given | {"data": [data]}


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_stop_at_any_write_loses_nothing(call, tmp_path, monkeypatch):
    given = several(tmp_path)
    sg.run(given)
    expected = content(tmp_path / "out")
    whole = {"fsync": (os, "fsync"), "replace": (Path, "replace")}[call]
    real = getattr(*whole)
    stops = 0
    while True:
        given["plan"] = given["plan"] | {"output": str(tmp_path / f"stop{stops}")}
        left = [stops]

        def stopping(*arguments, left=left):
            if left[0] == 0:
                raise Stopped
            left[0] -= 1
            return real(*arguments)

        with monkeypatch.context() as patch:
            patch.setattr(*whole, stopping)
            try:
                sg.run(given)
                break
            except Stopped:
                stops += 1
        sg.run(given)
        assert content(Path(given["plan"]["output"])) == expected
    assert stops >= 8, "state, three tasks, results, league, manifest, timings, summary"


@pytest.mark.parametrize("at", range(0, 10, 3))
def test_a_full_disk_is_told_and_the_run_goes_on_after(at, tmp_path, monkeypatch):
    given = several(tmp_path)
    sg.run(given)
    expected = content(tmp_path / "out")
    given["plan"] = given["plan"] | {"output": str(tmp_path / "full")}
    left = [at]

    def full(*arguments):
        if left[0] == 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        left[0] -= 1

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        try:
            sg.run(given)
        except DataError as error:
            said = str(error)
        else:
            assert at > 8
            return
    assert "full' cannot be written: No space left on device. Make room on that disk. Then start the run again" in said
    assert not list((tmp_path / "full").rglob("*.tmp"))
    sg.run(given)
    assert content(tmp_path / "full") == expected


@pytest.mark.slow
def test_a_disk_that_is_full(tmp_path):
    """A small file system in memory, where root may mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=512k", "none", disk], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("file systems cannot be mounted here")
    try:
        given = several(tmp_path)
        sg.run(given)
        expected = content(tmp_path / "out")
        given["plan"] = given["plan"] | {"output": str(disk / "out")}
        (disk / "other").write_bytes(bytes(480 * 1024))
        for _ in range(2):
            with pytest.raises(DataError, match="cannot be written: No space left on device. Make room on that disk"):
                sg.run(given)
            assert not list(disk.rglob("*.tmp"))
        (disk / "other").unlink()
        sg.run(given)
        assert content(disk / "out") == expected
    finally:
        subprocess.run(["umount", disk], check=True)


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path, monkeypatch, capsys):
    def full(self, record):
        raise OSError(errno.ENOSPC, "No space left on device")

    given = several(tmp_path)
    monkeypatch.setattr("segregate.batch.running._Quiet.flush", lambda self: full(self, None))
    assert (sg.run(given)["status"] == "ok").all()
    assert capsys.readouterr().err == ""


def test_a_folder_that_holds_something_else(tmp_path):
    given = several(tmp_path)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "results.parquet").write_bytes(b"of somebody else")
    for fresh in (False, True):
        with pytest.raises(ParameterError, match=r"out' holds 'results\.parquet', but no run\. Take another output"):
            sg.run(given, fresh=fresh)
    assert (tmp_path / "out" / "results.parquet").read_bytes() == b"of somebody else"
    given["plan"] = given["plan"] | {"output": str(tmp_path / "file")}
    (tmp_path / "file").write_text("x")
    with pytest.raises(ParameterError, match=r"file' is a file; name a folder"):
        sg.run(given)
    with pytest.raises(DataError, match=r"file' is no folder of a run; segregate run plan\.toml makes one"):
        status(tmp_path / "file")
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "state.json").write_text("[]")
    with pytest.raises(DataError, match="is no folder of a run"):
        status(tmp_path / "state")


def test_a_line_that_was_cut_off_in_the_list_of_timings(tmp_path):
    given = several(tmp_path)
    sg.run(given)
    lines = tmp_path / "out" / ".timings.parquet.jsonl"
    whole = lines.read_text().splitlines()
    lines.write_text(f'{whole[0]}\n{{"task": 1, "na{whole[1]}\n{whole[2]}\n{whole[2]}\n')
    sg.run(given)
    assert pd.read_parquet(tmp_path / "out" / "timings.parquet")["task"].tolist() == [0, 2]
    assert status(tmp_path / "out").splitlines()[0] == "a small country: 3 of 3 tasks done"


def test_the_status_of_a_run(tmp_path, monkeypatch):
    from segregate.batch import _pool
    from segregate.batch._folder import Folder

    given = several(tmp_path)
    out = tmp_path / "out"
    with pytest.raises(DataError, match=r"out' is no folder of a run"):
        status(out)
    real, done = _pool.work, []

    def work(plan, task):
        if len(done) == 2:
            raise Stopped
        done.append(task)
        seen.append(status(out))
        return real(plan, task)

    seen = []
    monkeypatch.setattr(_pool, "work", work)
    with pytest.raises(Stopped):
        sg.run(given)
    assert seen[0].splitlines() == ["a small country: 0 of 3 tasks done", "running"]
    assert seen[1].splitlines()[:2] == ["a small country: 1 of 3 tasks done", "running"]
    stopped = status(out).splitlines()
    assert stopped[:2] == ["a small country: 2 of 3 tasks done", "stopped; start it again and it goes on where it was"]
    assert stopped[2].startswith("last: C00 ... C01 (y2000.parquet, 2000), ")
    monkeypatch.setattr(_pool, "work", real)
    sg.run(given)
    assert status(out).splitlines()[1] == f"finished: {out / 'results.parquet'}"
    (out / "summary.html").unlink()
    assert status(out).splitlines()[1].startswith("stopped before the results were put together")
    with Folder(out).locked():
        assert "running" in status(out)


def test_an_error_that_nobody_thought_of_costs_its_task(tmp_path, monkeypatch):
    from segregate.batch import _pool

    given = several(tmp_path)
    real = _pool.work

    def work(plan, task):
        if task.year == 2000:
            raise KeyError("a mistake of ours")
        return real(plan, task)

    monkeypatch.setattr(_pool, "work", work)
    found = sg.run(given)
    failed = found[found["status"] == "failed"]
    assert failed[["city", "year"]].to_numpy().tolist() == [["C00", 2000], ["C01", 2000]]
    assert failed["message"].tolist() == ["KeyError: 'a mistake of ours'"] * 2
    assert found.attrs["segregate"]["failed"] == 2
    log = (tmp_path / "out" / "run.log").read_text()
    assert "failed in a way that nobody thought of" in log
    assert "Traceback" in log
    league = pd.read_parquet(tmp_path / "out" / "league.parquet")
    assert sorted(league["year"].unique()) == [1990, 2010]
    monkeypatch.setattr(_pool, "work", real)
    again = sg.run(given)
    assert (again["status"] == "ok").all(), "a city that failed is done again"


@pytest.mark.parametrize("more", [{}, {"bootstrap": {"replicates": 19}}])
def test_where_nothing_can_be_read_the_reasons_are_all_there_is(more, tmp_path):
    for number in range(2):
        (tmp_path / f"city{number}.parquet").write_bytes(b"nothing")
    found = sg.run(plan(tmp_path, data=[{"path": str(tmp_path / "city*.parquet"), "groups": ["a", "b"]}], **more))
    assert found["city"].tolist() == ["city0", "city1"]
    assert found["message"].str.startswith("city").all()
    assert found["message"].str.contains("cannot be read: ").all()
    assert len(pd.read_parquet(tmp_path / "out" / "league.parquet")) == 0
    assert "2 cities failed" in (tmp_path / "out" / "summary.html").read_text()


def test_a_file_that_changed_is_read_again_in_the_same_session(tmp_path):
    before = sg.run(plan(tmp_path, measure={"indices": ["H"]}))
    country(seed=2).to_parquet(tmp_path / "country.parquet")
    after = sg.run(plan(tmp_path, measure={"indices": ["H"]}), fresh=True)
    assert not np.isclose(before["value"], after["value"]).any()


@pytest.mark.parametrize("kind", ["number", "text"])
@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_units_that_are_there_in_every_year_keep_their_ids(kind, suffix, tmp_path):
    years = {year: country(seed=year, cities=2) for year in (2011, 2021)}
    panel = pd.concat([table.assign(year=year) for year, table in years.items()], ignore_index=True)
    panel["year"] = panel["year"].astype(str if kind == "text" else "int64")
    file = tmp_path / f"panel.{suffix}"
    panel.to_parquet(file) if suffix == "parquet" else panel.to_csv(file, index=False)
    data = {"path": str(file), "by": "city", "year": "year", "id": "unit", "groups": ["a", "b", "c"]}
    found = sg.run(plan(tmp_path, data=[data], measure={"indices": ["H"]}))
    assert found[["city", "year"]].to_numpy().tolist() == [[c, y] for y in (2011, 2021) for c in ("C00", "C01")]
    for year, table in years.items():
        expected = sg.measure(sg.Population.from_frame(table, ["a", "b", "c"], id="unit"), "H", by="city")["value"]
        np.testing.assert_allclose(found.loc[found["year"] == year, "value"], expected, rtol=1e-12)


def test_a_script_without_a_guard(tmp_path):
    """Workers of ours do not run the user's script again; where Dask's do, the error says what is missing."""
    given = several(tmp_path)
    given["engine"] = {"workers": 2}
    (tmp_path / "plan.json").write_text(json.dumps(given))
    script = tmp_path / "script.py"
    script.write_text(
        "import json, pathlib, sys\nfrom segregate.batch import run\n"
        "given = json.loads(pathlib.Path(sys.argv[1]).read_text())\nprint(len(run(given)))\n"
    )
    done = subprocess.run([sys.executable, script, tmp_path / "plan.json"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "6\n", "")
    assert set(FILES) <= {path.name for path in (tmp_path / "out").iterdir()}
