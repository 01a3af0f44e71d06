"""``segregate plan``, ``run`` and ``status``."""

import contextlib
import re
import subprocess
import sys
import time

import pandas as pd
import pytest

from tests.batch.plans import country, plan, toml

MAIN = "from segregate.cli import main; main()"


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Write a plan with its data into the working folder; return a function that changes it."""
    monkeypatch.chdir(tmp_path)
    for name in ("CI", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)

    def write(change=None, **parts):
        given = plan(tmp_path, **{"measure": {"indices": ["H"]}} | parts)
        given["plan"]["output"] = "out"
        given["data"][0] |= {"path": "country.parquet"} | (change or {})
        return toml(given, tmp_path / "plan.toml")

    return write


def test_a_run_from_the_first_plan_to_the_table(cli, written, tmp_path):
    written()
    code, out, err = cli("run", "plan.toml", "--check")
    assert (code, err) == (0, "")
    assert out.splitlines()[0].split() == ["file", "year", "cities", "units", "tasks", "memory"]
    assert out.splitlines()[1].split()[:5] == ["country.parquet", "<NA>", "6", "240", "1"]
    assert not (tmp_path / "out").exists()
    code, out, err = cli("run", "plan.toml")
    assert (code, out) == (0, "")
    assert re.fullmatch(
        r"a small country: 1 of 1 tasks, .* a second \(C00 \.\.\. C05 \(country\.parquet\)\)\n"
        r"6 rows in .*/out/results\.parquet\n",
        err,
    )
    assert len(pd.read_parquet("out/results.parquet")) == 6
    code, out, err = cli("status", "out")
    assert (code, err) == (0, "")
    assert out.splitlines()[:2] == ["a small country: 1 of 1 task done", "finished: out/results.parquet"]


def test_faults_of_a_plan(cli, written):
    written(engine={"kind": "spark"}, measure={"indices": ["disimilarity"]})
    for arguments in (("run", "plan.toml", "--check"), ("run", "plan.toml")):
        code, out, err = cli(*arguments)
        assert (code, out) == (2, "")
        assert err.splitlines() == [
            "segregate: plan.toml has 2 faults:",
            "  1. [measure]: indices There is no index 'disimilarity'. Did you mean 'dissimilarity' or "
            "'boundary_dissimilarity'?",
            "  2. [engine]: kind is 'local' or 'dask', not 'spark'",
        ]


def test_a_column_that_is_not_there(cli, written):
    written({"by": "ctiy"})
    code, out, err = cli("run", "plan.toml", "--check")
    assert code == 1
    assert err.startswith("segregate: country.parquet cannot be read: ")
    assert "'ctiy'" in err
    assert "Did you mean 'city'" in err
    code, out, err = cli("run", "plan.toml")
    assert (code, out) == (1, "")
    assert "failed: country: country.parquet cannot be read: " in err
    assert "Did you mean 'city'" in err
    written({"groups": ["a", "b", "cc"], "by": "city"}, plan={"name": "x", "output": "out"})
    code, out, err = cli("run", "plan.toml", "--fresh")
    assert (code, out) == (1, "")
    assert err.count("failed: C0") == 5
    assert "failed: 1 more; see " in err
    assert "'cc'" in err


def test_no_plan(cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert cli("run", "plan.toml") == (
        1,
        "",
        "segregate: There is no plan 'plan.toml'; write one with: segregate plan init plan.toml\n",
    )
    code, out, err = cli("plan", "init")
    assert (code, out) == (0, "")
    assert err == "wrote plan.toml; then: segregate run plan.toml --check\n"
    assert cli("plan", "init")[::2] == (2, "segregate: 'plan.toml' is there already; --force replaces it.\n")
    assert cli("plan", "init", "--force")[0] == 0
    assert cli("plan", "make")[::2] == (2, "segregate: segregate plan init writes a plan; there is no 'make'.\n")
    code, out, err = cli("status", "nowhere")
    assert (code, out) == (1, "")
    assert err == "segregate: 'nowhere' is no folder of a run; segregate run plan.toml makes one.\n"
    assert cli("run", "plan.toml", "--workers", "0")[0] == 2


def test_another_run_in_the_folder(cli, written):
    written()
    assert cli("run", "plan.toml")[0] == 0
    written(measure={"indices": ["D"]})
    code, out, err = cli("run", "plan.toml")
    assert (code, out) == (2, "")
    assert "holds another run: the plan differs in [measure]. Take another output" in err
    assert cli("run", "plan.toml", "--fresh")[0] == 0


def test_a_full_disk(cli, written, monkeypatch):
    import errno
    import os

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    written()
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        code, out, err = cli("run", "plan.toml")
    assert (code, out) == (1, "")
    assert err.startswith("segregate: ")
    assert "cannot be written: No space left on device. Make room on that disk." in err
    assert cli("run", "plan.toml")[0] == 0


def test_ctrl_c(cli, written, monkeypatch):
    from segregate.batch import _pool

    def stop(*_):
        raise KeyboardInterrupt

    written()
    with monkeypatch.context() as patch:
        patch.setattr(_pool, "work", stop)
        assert cli("run", "plan.toml") == (130, "", "segregate: stopped; run it again and it goes on where it was\n")
    code, out, _ = cli("status", "out")
    assert (code, out.splitlines()[1]) == (0, "stopped; start it again and it goes on where it was")
    assert cli("run", "plan.toml")[0] == 0


@pytest.mark.slow
def test_status_while_it_runs_and_after_it_was_killed(cli, written, tmp_path):
    country(cities=8, units=1100).to_parquet(tmp_path / "country.parquet")
    written(bootstrap={"replicates": 199}, engine={"workers": 1})
    process = subprocess.Popen([sys.executable, "-c", MAIN, "run", "plan.toml"], stderr=subprocess.DEVNULL)
    try:
        seen = ""
        while process.poll() is None and not re.search(
            r": [2-7] of 8 tasks done\nrunning, .* a second, .* s left\n", seen
        ):
            with contextlib.suppress(AssertionError):
                code, seen, err = cli("status", "out")
            time.sleep(0.05)
        assert "running, " in seen
        assert (code, err) == (0, "")
    finally:
        process.kill()
        process.wait()
    code, out, _ = cli("status", "out")
    assert code == 0
    assert "\nstopped; start it again and it goes on where it was\nlast: C0" in out
    assert cli("run", "plan.toml", "--workers", "2")[0] == 0
    assert "8 of 8 tasks done\nfinished: out/results.parquet" in cli("status", "out")[1]
