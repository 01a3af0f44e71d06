"""Running a plan: everything once, nothing twice, nothing lost."""

from __future__ import annotations

import contextlib
import datetime
import logging
import os
import warnings
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from .._measure import measure
from .._progress import Progress
from ..errors import SegregateError
from ..io import sample
from ._cluster import refuse_main_again
from ._engines import cores, engine_of
from ._folder import LEAGUE, LOG, MANIFEST, RESULTS, SUMMARY, TILES, TIMINGS, Folder, write_whole
from ._league import league_of
from ._memory import fit
from ._plan import Plan, plan_of
from ._showing import showing
from ._summary import summary_of
from ._tasks import Input, Task, inputs_of, tasks_of
from ._versions import versions
from ._work import SCHEMA, Outcome

__all__ = ["run"]

log = logging.getLogger("segregate")


def run(
    plan: str | os.PathLike[str] | Mapping[str, Any],
    *,
    fresh: bool = False,
    workers: int | None = None,
    progress: Progress = None,
) -> pd.DataFrame:
    """Measure many cities and years after a plan.

    Results are written to the folder that the plan names, task by task. A run that was stopped, at any moment and by
    anything, goes on where it was when it is started again, and ends with the same bytes.

    Parameters
    ----------
    plan : path or mapping
        A TOML file (``segregate plan init`` writes one with comments), or its content as a dictionary.
    fresh : bool
        Begin anew, and delete what an earlier run left in the folder.
    workers : int, optional
        How many tasks at a time, in place of what the plan says.
    progress : bool or callable, optional
        True for a bar on stderr (lines where there is no terminal), or a function called with (done, to do) tasks.

    Returns
    -------
    DataFrame
        One row per city, year, environment, index and group: city, year, the columns of `segregate.measure` with low,
        high and p_value (NaN where they are not asked for), units and people. A city that failed has one row with the
        status "failed" and the reason. ``attrs["segregate"]`` has the folder and the number of failed cities.

        The folder holds ``results.parquet`` (this table), ``league.parquet`` (ranks), ``summary.html``,
        ``manifest.json`` (plan, inputs, versions, what was left out; no clock and no machine), ``timings.parquet`` and
        ``run.log``.

    Raises
    ------
    ParameterError
        For a plan with faults (all are listed), a folder in which another run is writing, and one that holds the
        results of another plan or of other data.
    DataError
        For a plan that cannot be read.

    Notes
    -----
    Tasks are cut by plan and data alone, every city draws its replicates from a stream of its own, named by city and
    year, and parts are put together in the order of the plan: neither workers nor engine nor the moment of a stop
    change a bit of ``results.parquet`` and ``manifest.json``. Environments stop at the edge of each city.

    Examples
    --------
    >>> import tempfile
    >>> import segregate as sg
    >>> where = tempfile.mkdtemp()
    >>> table = sg.run({
    ...     "plan": {"name": "school districts", "output": where},
    ...     "data": [{"path": str(sg.sample_path("schools")), "by": "district", "id": "school_id",
    ...               "groups": ["asian", "black", "hispanic", "white"]}],
    ...     "measure": {"indices": ["H"]},
    ...     "engine": {"workers": 1},
    ... })
    >>> table[["city", "index", "value"]].round(3)
        city               index  value
    0  Hills  information_theory  0.086
    1  North  information_theory  0.048
    2  River  information_theory  0.048
    3  South  information_theory  0.054
    """
    refuse_main_again()
    checked = plan_of(plan)
    folder = Folder(checked.output)
    with folder.writing(), folder.locked():
        inputs = list(inputs_of(checked))
        tasks = tasks_of(checked, inputs, folder.path / TILES)
        folder.begin(checked, inputs, tasks, fresh=fresh)
        with _Logged(folder.path / LOG):
            return _run(checked, folder, inputs, tasks, workers, progress)


def _run(
    plan: Plan,
    folder: Folder,
    inputs: Sequence[Input],
    tasks: list[Task],
    workers: int | None,
    progress: Progress,
) -> pd.DataFrame:
    wanted = workers or plan.engine.workers or cores()
    checked, fitting, said = fit(plan, tasks, wanted)
    left = [task for task in checked if _unfinished(folder, task)]
    log.info("%s: %d of %d tasks to do, %s engine, memory %s", plan.name, len(left), len(tasks), plan.engine.kind, said)
    with showing(progress, len(tasks) - len(left), len(tasks), plan.name) as step:

        def done(task: Task, outcome: Outcome) -> None:
            write_whole(folder.part(task), outcome.content)
            folder.add_timing(_timing(task, outcome))
            log.info("%s: %d rows in %.3f s", task.name, outcome.rows, outcome.seconds)
            step(task.name)

        if left:
            if fitting > 1 or plan.engine.kind == "dask":
                _compile(plan)
            try:
                engine_of(plan, fitting)(left, done)
            except KeyboardInterrupt:
                log.warning("stopped by the user; run it again and it goes on where it was")
                raise
    return _finish(plan, folder, inputs, tasks)


def _unfinished(folder: Folder, task: Task) -> bool:
    """Say whether a task is to be done, for the first time or because a city of it failed."""
    said = folder.said(task)
    return said is None or bool(said["failed"])


def _compile(plan: Plan) -> None:
    """Compile the kernels once, before workers that would all do it at the same time."""
    small = sample("schools")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for group in plan.environments:
            try:
                near = small.within(group[0], by="district")
                measure(near, None if plan.indices is None else list(plan.indices), by="district", versus=plan.versus)
            except SegregateError as error:
                log.debug("not compiled ahead: %s", error)


def _timing(task: Task, outcome: Outcome) -> dict[str, Any]:
    return {
        "task": task.number,
        "name": task.name,
        "cities": len(task.cities),
        "units": task.rows,
        "rows": outcome.rows,
        "failed": outcome.failed,
        "seconds": round(outcome.seconds, 6),
        "ended": datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds"),
        "machine": os.uname().nodename if hasattr(os, "uname") else "",
    }


def _finish(plan: Plan, folder: Folder, inputs: Sequence[Input], tasks: Sequence[Task]) -> pd.DataFrame:
    """Put the parts together, and write what is to be said of them."""
    rows = folder.write_results(tasks, SCHEMA)
    league = league_of(plan, folder, tasks)
    folder.write_frame(LEAGUE, league)
    manifest = _manifest(plan, folder, inputs, tasks, rows)
    folder.write_json(MANIFEST, manifest)
    folder.write_frame(TIMINGS, pd.DataFrame(folder.timings()))
    table: pd.DataFrame = pq.read_table(folder.path / RESULTS).to_pandas()
    table["year"] = table["year"].astype("Int64")
    write_whole(folder.path / SUMMARY, summary_of(plan, table, league, manifest).encode())
    known = {folder.part(task).name for task in tasks}
    for part in folder.parts.glob("*.parquet"):
        if part.name not in known:
            part.unlink(missing_ok=True)
    failed = manifest["failed"]
    log.info("done: %d rows, %d cities failed", rows, len(failed))
    table.attrs["segregate"] = {"plan": plan.name, "folder": str(folder.path), "failed": len(failed)}
    return table


def _manifest(plan: Plan, folder: Folder, inputs: Sequence[Input], tasks: Sequence[Task], rows: int) -> dict[str, Any]:
    """Return what reproduces the run, without clock or machine."""
    notes: dict[str, int] = {}
    failed: list[dict[str, Any]] = []
    disclosure: dict[str, list[str]] = {}
    for task in tasks:
        said = folder.said(task) or {}
        for note in said.get("notes", ()):
            notes[note] = notes.get(note, 0) + 1
        failed += [{"city": city, "year": task.year, "why": why} for city, why in said.get("failed", {}).items()]
        if "disclosure" in said:
            disclosure.setdefault(Path(task.path).name, []).append(said["disclosure"])
    data = (folder.path / RESULTS).read_bytes()
    return {
        "plan": plan.given,
        "inputs": [
            {
                "file": one.path.name,
                "sha256": None if one.file is None else one.file.sha256,
                "size": None if one.file is None else one.file.size,
                "cities": sum(len(cities) for _, cities in one.cities),
                "rows_without_city_or_year": one.left_out,
                "error": one.error,
            }
            for one in inputs
        ],
        "versions": versions(),
        "tasks": len(tasks),
        "cities": len({(task.path, task.year, city.name) for task in tasks for city in task.cities}),
        "rows": rows,
        "failed": failed,
        "disclosure": disclosure,
        "notes": notes,
        "results": {"file": RESULTS, "sha256": sha256(data).hexdigest()},
    }


class _Quiet(logging.FileHandler):
    """A log that no run fails for: where the disk is full, the results say so."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        pass

    def close(self) -> None:
        with contextlib.suppress(OSError):
            super().close()


class _Logged:
    """Write what is logged to a file as well."""

    def __init__(self, path: Path) -> None:
        self.handler = _Quiet(path, encoding="utf-8")
        form = "%(asctime)s %(levelname)s %(message)s"
        self.handler.setFormatter(logging.Formatter(form, datefmt="%Y-%m-%dT%H:%M:%S"))

    def __enter__(self) -> None:
        self.level = log.level
        log.addHandler(self.handler)
        if log.getEffectiveLevel() > logging.INFO:
            log.setLevel(logging.INFO)

    def __exit__(self, *_: object) -> None:
        log.removeHandler(self.handler)
        log.setLevel(self.level)
        self.handler.close()
