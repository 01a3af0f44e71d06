"""Dask: the same bytes as processes of ours, from a cluster of this machine or one that is running."""

import sys
import threading
import warnings

import numpy as np
import pytest

import segregate as sg
from segregate.batch import _cluster, _pool
from segregate.batch._plan import plan_of
from segregate.errors import DataError, MissingDependencyError, ParameterError
from tests.batch.killing import content
from tests.batch.plans import country, plan

distributed = pytest.importorskip("distributed")


def several(tmp_path, **engine):
    """Return a plan of six tasks with everything in it."""
    for year in range(1950, 2010, 10):
        file = tmp_path / f"y{year}.parquet"
        if not file.exists():
            country(seed=year, cities=2).to_parquet(file)
    given = plan(tmp_path, bootstrap={"replicates": 19}, test={"replicates": 19}, engine={"kind": "dask", **engine})
    data = given["data"][0] | {"path": str(tmp_path / "y*.parquet"), "pattern": r"y(?P<year>\d+)"}
    return given | {"data": [data]}


@pytest.fixture(scope="module")
def cluster():
    """Run a cluster of two workers with two threads each, all in this process."""
    with (
        warnings.catch_warnings(),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=2, processes=False, dashboard_address=":0", silence_logs=50
        ) as running,
    ):
        yield running


def test_the_same_bytes_from_a_cluster_that_runs(tmp_path, cluster):
    given = several(tmp_path, scheduler=cluster.scheduler_address)
    sg.run(given | {"engine": {"workers": 1}})
    expected = content(tmp_path / "out")
    sg.run(given, fresh=True)
    assert content(tmp_path / "out") == expected
    assert (
        "a Dask worker does one task at a time; start them with --nthreads 1" in (tmp_path / "out/run.log").read_text()
    )


@pytest.mark.slow
def test_the_same_bytes_from_a_cluster_of_its_own(tmp_path):
    given = several(tmp_path, workers=2)
    sg.run(given | {"engine": {"workers": 2}})
    expected = content(tmp_path / "out")
    sg.run(given, fresh=True)
    assert content(tmp_path / "out") == expected


def test_tasks_run_in_threads_where_kernels_are_serial(tmp_path, cluster, monkeypatch):
    from segregate.kernels import _jit

    given = several(tmp_path, scheduler=cluster.scheduler_address)
    seen, going, most, real = [], [], [], _pool.work

    def work(plan_, task):
        seen.append(threading.current_thread() is threading.main_thread())
        going.append(task)
        most.append(len(going))
        outcome = real(plan_, task)
        going.remove(task)
        return outcome

    def in_main():
        return threading.current_thread() is threading.main_thread()

    parallel, outside = [], []
    call = _jit._Twins.__call__

    def watched(self, *args):
        twin = _jit._Twins.__new__(_jit._Twins)
        twin.serial, twin.worth = self.serial, lambda *_: True  # the size would ask for threads
        twin.parallel = lambda *given_: parallel.append(in_main()) or self.serial(*given_)
        outside.append(not in_main())
        return call(twin, *args)

    monkeypatch.setattr(_pool, "work", work)
    monkeypatch.setattr(_jit._Twins, "__call__", watched)
    sg.run(given)
    assert len(seen) == 6
    assert not any(seen), "Dask does tasks in threads"
    assert any(outside)
    assert all(parallel), "only in the main thread, which compiles them ahead"
    assert max(most) == 1, "a worker process does one task at a time"


def test_a_worker_with_other_versions_is_refused(tmp_path, cluster, monkeypatch):
    given = several(tmp_path, scheduler=cluster.scheduler_address)
    wanted = dict(_cluster.versions()) | {"numpy": "1.0"}
    real = _cluster.versions

    def versions():
        main = threading.current_thread() is threading.main_thread()
        return wanted if main else real()

    monkeypatch.setattr(_cluster, "versions", versions)
    with pytest.raises(ParameterError) as refused:
        sg.run(given)
    assert f"A Dask worker has other versions: numpy {np.__version__} instead of 1.0. Results could differ" in str(
        refused.value
    )


def test_work_that_workers_cannot_do(tmp_path, cluster, monkeypatch):
    given = several(tmp_path, scheduler=cluster.scheduler_address)

    def broken(plan_, task):
        raise ModuleNotFoundError("No module named 'segregate'")

    monkeypatch.setattr(_cluster, "attempted", broken)
    with pytest.raises(ParameterError, match=r"workers cannot do the work \(ModuleNotFoundError: No module named"):
        sg.run(given)


def test_a_task_that_fails_once_is_done_again(tmp_path, cluster, monkeypatch):
    given = several(tmp_path, scheduler=cluster.scheduler_address)
    real, failed = _cluster.attempted, []

    def once(plan_, task):
        if task.number not in failed:
            failed.append(task.number)
            raise ConnectionError("the network went away")
        return real(plan_, task)

    monkeypatch.setattr(_cluster, "attempted", once)
    assert (sg.run(given)["status"] == "ok").all()
    assert sorted(failed) == [0, 1, 2, 3, 4, 5]


def test_a_task_that_takes_its_workers_with_it_is_recorded(tmp_path, cluster, monkeypatch):
    given = several(tmp_path, scheduler=cluster.scheduler_address)
    real = _cluster.attempted

    class KilledWorker(Exception):
        pass

    def deadly(plan_, task):
        if task.year == 1970:
            raise KilledWorker
        return real(plan_, task)

    monkeypatch.setattr(_cluster, "attempted", deadly)
    found = sg.run(given)
    failed = found[found["status"] == "failed"]
    assert failed[["city", "year"]].to_numpy().tolist() == [["C00", 1970], ["C01", 1970]]
    assert failed["message"].str.startswith("the worker that did it ended without a word, 3 times").all()
    monkeypatch.setattr(_cluster, "attempted", real)
    assert (sg.run(given)["status"] == "ok").all()


def test_nobody_answers(tmp_path):
    import dask

    given = several(tmp_path, scheduler="tcp://127.0.0.1:9")
    with (
        dask.config.set({"distributed.comm.timeouts.connect": "500ms"}),
        pytest.raises(ParameterError, match=r"No Dask scheduler answers at 'tcp://127\.0\.0\.1:9'"),
    ):
        sg.run(given)
    given = several(tmp_path, scheduler="nonsense://x")
    with pytest.raises(ParameterError, match=r"No Dask scheduler answers at 'nonsense://x'"):
        sg.run(given)


def test_the_scheduler_goes_away(tmp_path, monkeypatch):
    class Gone:
        status = "cancelled"

        def add_done_callback(self, call):
            call(self)

    class Client:
        def __init__(self, *_):
            pass

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def scheduler_info(self):
            return {"workers": {}}

        def submit(self, *_, **__):
            return Gone()

        def map(self, _, tasks, **__):
            return [Gone() for _ in tasks]

    monkeypatch.setattr(distributed, "Client", Client)
    with pytest.raises(DataError, match=r"The Dask scheduler went away\. Start it and the run again; it goes on where"):
        sg.run(several(tmp_path, scheduler="tcp://127.0.0.1:9"))


def test_dask_is_not_installed(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingDependencyError, match=r"package distributed.*pip install 'segregate\[dask\]'"):
        sg.run(several(tmp_path))


def test_a_script_that_dask_runs_again(tmp_path):
    given = several(tmp_path)
    text = compile("run(given)", "script.py", "exec")
    with pytest.raises(
        ParameterError, match=r"run again by each of Dask's workers\. In a script that uses Dask, sg\.run"
    ):
        exec(text, {"__name__": "__mp_main__", "run": sg.run, "given": given})
    assert not (tmp_path / "out").exists()
    assert plan_of(given).engine.kind == "dask"
