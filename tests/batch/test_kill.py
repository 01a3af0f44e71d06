"""kill -9 at twenty random moments: of the run, of its workers, of Dask's; nothing is lost, nothing is there twice."""

import shutil
import signal
import time

import numpy as np
import pandas as pd
import pytest

from segregate.batch import status
from tests.batch.killing import (
    CITIES,
    FILES,
    below,
    content,
    gone,
    kill,
    linux,
    long_plan,
    moments,
    parts,
    start,
    undisturbed,
    until,
    workers_of,
)

pytestmark = [pytest.mark.slow, linux]
OURS, DASK = "segregate.batch._pool", "spawn_main"
OF_RUN, OF_WORKER, OF_DASK = 10, 5, 5


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("killed")


@pytest.fixture(scope="module")
def expected(folder):
    return undisturbed(folder)


def finished(path, out, expected):
    """Let a run end, and see that it is the same as one that nobody disturbed."""
    process = start(path)
    assert process.wait(120) == 0, path.with_suffix(".err").read_text()
    check(out, expected)


def check(out, expected):
    assert {name: found == expected[name] for name, found in content(out).items()} == dict.fromkeys(FILES, True)
    table = pd.read_parquet(out / "results.parquet")
    assert not table.duplicated(["city", "index", "group"]).any()
    assert table["city"].nunique() == CITIES
    assert (table["status"] == "ok").all()
    assert parts(out) == CITIES
    assert not list(out.rglob("*.tmp"))
    timings = pd.read_parquet(out / "timings.parquet")
    assert timings["task"].is_unique
    assert "finished" in status(out)


def test_the_run_is_killed(folder, expected):
    out = folder / "run"
    path = long_plan(folder, "run")
    hit = 0
    for what, more, delay in moments(1, OF_RUN):
        process = start(path)
        if what == "parts":
            aim = min(parts(out) + more, CITIES)
            until(lambda aim=aim: parts(out) >= aim, process)
        elif what != "start":
            for name in FILES:
                (out / name).unlink(missing_ok=True)
            until((out / what).exists, process)
        time.sleep(delay)
        children = below(process.pid)
        hit += process.poll() is None
        kill(process.pid)
        process.wait()
        killed = time.monotonic()
        assert until(lambda pids=children: all(map(gone, pids)))
        assert time.monotonic() - killed < 10, "workers outlived the run"
        if parts(out) == CITIES and what == "start":
            finished(path, out, expected)
            shutil.rmtree(out)
    finished(path, out, expected)
    assert hit >= OF_RUN - 2


def test_workers_are_killed(folder, expected):
    out = folder / "worker"
    path = long_plan(folder, "worker")
    assert kill_some(path, out, OURS, OF_WORKER, 2) >= OF_WORKER - 1
    check(out, expected)
    log = (out / "run.log").read_text()
    assert log.count("a worker died; its task is done again") >= OF_WORKER - 1


def test_workers_of_dask_are_killed(folder, expected):
    out = folder / "dask"
    path = long_plan(folder, "dask", "dask")
    assert kill_some(path, out, DASK, OF_DASK, 3) >= OF_DASK - 1
    check(out, expected)


def kill_some(path, out, sign, many, seed):
    """Kill a worker at random again and again while tasks are done; return how many there were to kill."""
    rng = np.random.default_rng(seed)
    process = start(path)
    try:
        return _kill_some(process, path, out, sign, many, rng)
    finally:
        kill(process.pid)
        process.wait()


def _kill_some(process, path, out, sign, many, rng):
    hit = 0
    for aim in sorted(rng.choice(np.arange(1, CITIES - 1), many, replace=False)):
        if not until(lambda aim=aim: parts(out) >= aim, process):
            break
        time.sleep(rng.uniform(0, 0.2))
        if not until(lambda: workers_of(process, sign), process):
            break
        pids = workers_of(process, sign)
        if pids:
            kill(int(rng.choice(pids)))
            hit += 1
    assert process.wait(120) == 0, path.with_suffix(".err").read_text()
    return hit


def test_the_run_is_killed_on_dask(folder, expected):
    out = folder / "dask_run"
    path = long_plan(folder, "dask_run", "dask")
    process = start(path)
    assert until(lambda: parts(out) >= 3, process)
    children = below(process.pid)
    kill(process.pid)
    process.wait()
    assert until(lambda: all(map(gone, children)))
    assert 3 <= parts(out) < CITIES
    assert status(out).splitlines()[-2].startswith("stopped; start it again")
    other = long_plan(folder, "dask_run")  # an engine may be changed on the way
    finished(other, out, expected)


def test_the_user_stops_it(folder, expected):
    out = folder / "stopped"
    path = long_plan(folder, "stopped")
    process = start(path)
    assert until(lambda: parts(out) >= 2, process)
    children = below(process.pid)
    process.send_signal(signal.SIGINT)
    assert process.wait(20) != 0
    assert until(lambda: all(map(gone, children)))
    assert 2 <= parts(out) < CITIES
    assert not list(out.rglob("*.tmp"))
    assert "stopped by the user; run it again" in (out / "run.log").read_text()
    assert "KeyboardInterrupt" in path.with_suffix(".err").read_text()
    finished(path, out, expected)
