"""Batches: all cities of a country at many scales, two censuses, Dask, tiles; beside PySAL in the same run.

    python -m benchmarks.batch                 everything: some ten minutes
    python -m benchmarks.batch --only tracts   one part, the others stay as they are
    python -m benchmarks.batch --quick         few cities, once each: does everything work?

The figures go to benchmarks/results_batch.json; `python -m benchmarks.batch_report` makes the page of them. The largest
case, eight million units, is `python -m benchmarks.batch_large`.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import segregate as sg
from segregate.batch._plan import plan_of
from segregate.batch._store import partition

from . import peer as pysal
from .cases import PYSAL
from .compare import keyed, spread, summary, verdicts
from .data import ROOT, TRACT_GROUPS, TRACTS, Table, shared
from .run import LIBRARIES, load, machine

RESULTS = Path(__file__).with_name("results_batch.json")
PANEL = "ew_lsoa_2011_2021/lsoa_panel_unchanged.parquet"
PANEL_GROUPS = ("white", "mixed", "asian", "black", "other")
RADII = (500, 1000, 2000, 4000)
PEER_SECONDS = 60
"""After so long the peer is given no more cities."""
PEER_SCRIPT = Path(__file__).with_name("peer_batch.py")
SCALE_CITIES = 8
"""Cities on which the peer is asked at four radii."""
RTOL, ATOL = 1e-10, 1e-12
TINY = 200
"""Tasks of a few units each."""
GRID = 700
"""Cells on a side of the table that is measured in tiles."""


def run_apart(plan: Mapping[str, Any], folder: Path, workers: int | None = None) -> dict[str, Any]:
    """Run a plan in a process of its own; return seconds inside and in all, and what tasks took."""
    given = folder / "plan.json"
    given.write_text(json.dumps(plan), encoding="utf-8")
    begun = time.perf_counter()
    command = [sys.executable, "-m", "benchmarks.batch", "--run", str(given), *([str(workers)] if workers else [])]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    whole = time.perf_counter() - begun
    timings = pd.read_parquet(Path(plan["plan"]["output"]) / "timings.parquet")
    timings = timings.assign(at=pd.to_datetime(timings["ended"])).sort_values("at")
    ends = timings["at"]
    many = min(workers or plan["engine"]["workers"], len(timings) - 1)
    later = timings.iloc[many:]  # the first task of each worker also loads kernels
    between = (ends.iloc[-1] - ends.iloc[many - 1]).total_seconds() if many else 0.0
    return {
        "seconds": float(done.stdout),
        "with_start": whole,
        "tasks": len(timings),
        "in_tasks": float(timings["seconds"].sum()),
        "rate": len(later) / between if between else 0.0,
        "inside": float(later["seconds"].mean()),
        "besides": (many * between - float(later["seconds"].sum())) / max(len(later), 1),
    }


def run_here(given: Path, workers: int | None) -> None:
    """Run a plan and print the seconds of the call."""
    plan = json.loads(given.read_text(encoding="utf-8"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        begun = time.perf_counter()
        sg.run(plan, fresh=True, workers=workers)
    print(time.perf_counter() - begun)


def results_of(plan: Mapping[str, Any]) -> pd.DataFrame:
    """Return what a run found."""
    return pd.read_parquet(Path(plan["plan"]["output"]) / "results.parquet")


def indices(*, at_scale: bool) -> list[str]:
    """Return the indices of evenness and exposure; those that have a meaning in an environment, or all."""
    known = sg.catalogue()
    fit = known["family"].isin(["evenness", "exposure"]) & (known["level"] != "local") & (known["needs"] == "")
    fit &= known["required"] == ""
    return list(known.index[fit & known["environment"].astype(bool)] if at_scale else known.index[fit])


def _plan(name: str, folder: Path, data: Mapping[str, Any], measure: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "plan": {"name": name, "output": str(folder / name)},
        "data": [dict(data)],
        "measure": dict(measure),
        **more,
    }


# the tracts of the United States ------------------------------------------------------


def tracts(quick: bool, peer_env: Path | None) -> dict[str, Any]:
    """Measure all areas at home and at four radii, with one and two workers, and the peer on some of them."""
    frame = pd.read_parquet(shared(TRACTS)).dropna(subset=["cbsa"])
    if quick:
        sizes = frame.groupby("cbsa").size()
        frame = frame[frame["cbsa"].isin(sizes[sizes <= 12].index[:6])]
    data = {"by": "cbsa", "id": "geoid", "groups": list(TRACT_GROUPS), "points": ["lon", "lat"], "crs": "EPSG:4269"}
    measure = {
        "indices": indices(at_scale=True),
        "environments": ["home", {"kind": "kernel", "radius": list(RADII)}],
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        frame.to_parquet(folder / "tracts.parquet", index=False)
        data["path"] = str(folder / "tracts.parquet")
        plan = _plan("radii", folder, data, measure)
        found: dict[str, list[dict[str, Any]]] = {"1": [], "2": []}
        contents = set()
        for _ in range(1 if quick else 3):
            for workers in (1, 2):
                found[str(workers)].append(run_apart(plan, folder, workers))
                contents.add((folder / "radii" / "results.parquet").read_bytes())
        table = results_of(plan)
        result: dict[str, Any] = {
            "cities": table["city"].nunique(),
            "units": len(frame),
            "groups": len(TRACT_GROUPS),
            "indices": measure["indices"],
            "radii": list(RADII),
            "values": len(table),
            "undefined": int((table["status"] == "undefined").sum()),
            "same_bytes": len(contents) == 1,
            "workers": {workers: _spreads(runs) for workers, runs in found.items()},
        }
        home = _plan("home", folder, data, {"indices": indices(at_scale=False)})
        result["home"] = _spreads([run_apart(home, folder, 1) for _ in range(1 if quick else 3)])
        result["home_indices"] = home["measure"]["indices"]
        if peer_env is not None:
            result["peer"] = beside_pysal(frame, folder, data, results_of(home), peer_env, quick)
            result["peer_at_scale"] = at_scale(frame, folder, data, peer_env, quick)
    return result


def _spreads(runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    names = ("seconds", "with_start", "in_tasks", "rate", "inside", "besides")
    return {name: spread([run[name] for run in runs]) for name in names} | {"tasks": runs[0]["tasks"]}


def beside_pysal(
    frame: pd.DataFrame, folder: Path, data: Mapping[str, Any], ours: pd.DataFrame, peer_env: Path, quick: bool
) -> dict[str, Any]:
    """Measure some cities at home with the peer, see where values agree, and run a batch of the same cities."""
    classes = {name: PYSAL[name] for name in sorted(set(ours["index"])) if name in PYSAL}
    table = Table(frame, TRACT_GROUPS, "cbsa")
    values, seconds, about = pysal.ask(peer_env, table, classes, limit=2 if quick else PEER_SECONDS, seed=8)
    judged = verdicts(keyed(ours.rename(columns={"city": "cbsa"}), "cbsa"), values, rtol=RTOL, atol=ATOL)
    asked = frame[frame["cbsa"].isin(set(values["region"]))]
    asked.to_parquet(folder / "sample.parquet", index=False)
    same = _plan("sample", folder, {**data, "path": str(folder / "sample.parquet")}, {"indices": list(classes)})
    runs = [run_apart(same, folder, 1) for _ in range(1 if quick else 3)]
    agree = (judged["verdict"] == "agree").to_numpy()
    spent = np.asarray(seconds[0])
    lacking = {str(city) for city, part in asked.groupby("cbsa") if (part[list(TRACT_GROUPS)].sum() == 0).any()}
    return {
        "versions": about["versions"],
        "cities": about["regions"],
        "units": len(asked),
        "calls": len(judged),
        "agree": int(agree.sum()),
        "rtol": RTOL,
        "atol": ATOL,
        "seconds": float(spent.sum()),
        "seconds_where_agree": float(spent[agree].sum()),
        "ours": _spreads(runs),
        "indices": summary(judged, seconds, lacking),
    }


def at_scale(frame: pd.DataFrame, folder: Path, data: Mapping[str, Any], peer_env: Path, quick: bool) -> dict[str, Any]:
    """Ask the peer for indices of several groups at four radii, and see whether the values agree."""
    cities = np.random.default_rng(8).permutation(np.unique(frame["cbsa"]))[: 2 if quick else SCALE_CITIES]
    classes = {"information_theory": "MultiInfoTheory", "relative_diversity": "MultiRelativeDiversity"}
    classes |= {"dissimilarity": "MultiDissim"}
    plan = _plan(
        "scale",
        folder,
        {**data, "where": f"cbsa IN ({', '.join(repr(str(city)) for city in cities)})"},
        {"indices": list(classes), "environments": [{"kind": "kernel", "radius": list(RADII), "shape": "triangular"}]},
    )
    sg.run(plan, workers=1)
    ours = results_of(plan).set_index(["city", "index", "environment"])["value"]
    rows = []
    with tempfile.TemporaryDirectory() as name:
        room = Path(name)
        for city in cities:
            units = frame[frame["cbsa"] == city]
            part = sg.Population.from_frame(units, list(TRACT_GROUPS), points=("lon", "lat"), crs="EPSG:4269")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", sg.SegregateWarning)  # degrees are made metres
                places = part.points
            counts = pd.DataFrame(part.counts, columns=list(TRACT_GROUPS))
            counts.assign(x=places[:, 0], y=places[:, 1]).to_parquet(room / f"{city}.parquet")
        request = {"groups": list(TRACT_GROUPS), "radii": RADII, "classes": classes, "cities": list(map(str, cities))}
        (room / "request.json").write_text(json.dumps(request), encoding="utf-8")
        clean = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "PYTHONHOME")}
        subprocess.run([pysal.interpreter(peer_env), PEER_SCRIPT, room], check=True, stdout=sys.stderr, env=clean)
        reply = json.loads((room / "reply.json").read_text(encoding="utf-8"))
    for city, index, radius, value in reply:
        mine = ours[city, index, str(sg.Kernel(radius, "triangular"))]
        rows.append(value is not None and abs(mine - value) <= ATOL + RTOL * abs(mine))
    return {"cities": len(cities), "calls": len(rows), "agree": int(sum(rows)), "indices": list(classes)}


# two censuses of England and Wales ----------------------------------------------------


def censuses(quick: bool) -> dict[str, Any]:
    """Rank the authorities of England and Wales in two years, and decompose the change of each."""
    frame = pd.read_parquet(shared(PANEL))
    if quick:
        frame = frame[frame["ltla22_code"].isin(sorted(frame["ltla22_code"].unique())[:6])]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        frame.to_parquet(folder / "panel.parquet", index=False)
        data = {"path": str(folder / "panel.parquet"), "by": "ltla22_code", "year": "year"}
        data |= {"groups": list(PANEL_GROUPS), "id": "lsoa"}
        replicates = 39 if quick else 199
        plan = _plan("censuses", folder, data, {"indices": ["H", "M"]}, bootstrap={"replicates": replicates, "seed": 1})
        found = _spreads([run_apart(plan, folder, 2)])
        league = pd.read_parquet(folder / "censuses" / "league.parquet")
        before = time.perf_counter()
        changes = change_of_cities(frame)
        seconds = time.perf_counter() - before
        measured = results_of(plan)
    values = measured[measured["index"] == "mutual_information"].pivot(index="city", columns="year", values="value")
    gap = (values[2021] - values[2011]).reindex(changes.index) - changes["change"]
    largest = changes["change"].abs().sort_values(ascending=False).index[:10]
    return {
        "run": found,
        "replicates": replicates,
        "authorities": frame["ltla22_code"].nunique(),
        "units": frame["lsoa"].nunique(),
        "ranks": {str(year): _ranks(part) for year, part in league[league["symbol"] == "H"].groupby("year")},
        "change_seconds": seconds,
        "largest_gap": float(gap.abs().max()),
        "fell": int((changes["change"] < 0).sum()),
        "parts": {name: float(changes[name].median()) for name in PARTS},
        "largest": [{"city": city, **changes.loc[city].to_dict()} for city in largest],
    }


PARTS = ("change", "additions", "removals", "group_margin", "unit_margin", "structure")


def change_of_cities(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the change of M in each authority and its parts; see docs/reproduce.md."""
    years = {}
    for year, part in frame.groupby("year"):
        pop = sg.Population.from_frame(part, list(PANEL_GROUPS), id="lsoa")
        years[year] = pop.split("ltla22_code")
    then, now = years[2011], years[2021]
    found = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sg.SegregateWarning)
        for city in sorted(then):
            parts = sg.change(then[city], now[city]).table.set_index("part")["value"]
            found[city] = pd.concat([pd.Series({"change": parts.sum()}), parts])
    return pd.DataFrame(found).T


def _ranks(league: pd.DataFrame) -> dict[str, Any]:
    width = league["rank_high"] - league["rank_low"] + 1
    first = league.sort_values("rank").head(5)
    return {
        "cities": len(league),
        "alone": int((width == 1).sum()),
        "median_width": float(width.median()),
        "widest": int(width.max()),
        "first": first[["city", "value", "low", "high", "rank_low", "rank_high"]].to_dict("records"),
    }


# Dask ---------------------------------------------------------------------------------


def dask(quick: bool) -> dict[str, Any]:
    """Run many tiny tasks, and some that take longer, with processes of ours and with Dask."""
    rng = np.random.default_rng(3)
    found: dict[str, Any] = {"tiny": TINY if not quick else 6, "engines": {}}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number in range(found["tiny"]):
            frame = pd.DataFrame(rng.integers(0, 60, (20, 3)), columns=["a", "b", "c"])
            frame.to_parquet(folder / f"city{number:04d}.parquet")
        tiny = {"path": str(folder / "city*.parquet"), "groups": ["a", "b", "c"]}
        cities = 4 if quick else 32
        units = 2_001
        many = pd.DataFrame(rng.integers(0, 60, (cities * units, 3)), columns=["a", "b", "c"])
        many["city"] = np.repeat(np.arange(cities), units)
        many.to_parquet(folder / "large.parquet")
        large = {"path": str(folder / "large.parquet"), "by": "city", "groups": ["a", "b", "c"]}
        (folder / "broken").mkdir()
        for number in range(found["tiny"]):
            (folder / "broken" / f"city{number:04d}.parquet").write_bytes(b"nothing")
        empty = {"path": str(folder / "broken" / "*.parquet"), "groups": ["a", "b", "c"]}
        contents: dict[str, set[bytes]] = {"empty": set(), "tiny": set(), "large": set()}
        for kind in ("local", "dask"):
            for workers in (1, 2):
                engine = {"kind": kind, "workers": workers}
                row = {}
                for what, data, more in (
                    ("empty", empty, {}),
                    ("tiny", tiny, {}),
                    ("large", large, {"bootstrap": {"replicates": 19 if quick else 99}}),
                ):
                    plan = _plan(what, folder, data, {"indices": ["H"]}, engine=engine, **more)
                    runs = [run_apart(plan, folder) for _ in range(1 if quick else 2)]
                    row[what] = _spreads(runs)
                    contents[what].add((folder / what / "results.parquet").read_bytes())
                found["engines"][f"{kind} {workers}"] = row
    found["same_bytes"] = all(len(one) == 1 for one in contents.values())
    return found


# tiles --------------------------------------------------------------------------------


def tiles(quick: bool) -> dict[str, Any]:
    """Measure a synthetic grid of 100 m cells in tiles at several radii, for the reckoning of a continent."""
    side = 60 if quick else GRID
    rng = np.random.default_rng(4)
    at = np.arange(side) * 100.0
    frame = pd.DataFrame({"x": np.tile(at, side) + 4e6, "y": np.repeat(at, side) + 3e6})
    for group in ("a", "b", "c"):
        frame[group] = rng.poisson(5, side * side)
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        frame.to_parquet(folder / "grid.parquet", index=False)
        data = {"path": str(folder / "grid.parquet"), "groups": ["a", "b", "c"], "points": ["x", "y"]}
        data |= {"crs": "EPSG:3035", "tiles": 10_000}
        for radii in ([500], [1000], [500, 1000, 2000]):
            environments = [{"kind": "kernel", "radius": radii}]
            plan = _plan("tiles", folder, data, {"indices": ["H", "D"], "environments": environments})
            run = run_apart(plan, folder, 1)
            rows.append({"radii": radii, "tasks": run["tasks"], "in_tasks": run["in_tasks"], "seconds": run["seconds"]})
        sort = []
        for number in range(1 if quick else 3):
            begun = time.perf_counter()
            checked = plan_of(plan)
            partition(checked.data[0], folder / "grid.parquet", folder / f"store{number}", 10_000)
            sort.append(time.perf_counter() - begun)
        size = sum(path.stat().st_size for path in (folder / "store0").rglob("*") if path.is_file())
    return {"units": side * side, "groups": 3, "rows": rows, "store": size, "sort": spread(sort)}


PARTS_OF_PAGE = ("tracts", "censuses", "tiles", "dask")


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description="Time batches.")
    parser.add_argument("--run", nargs="+", metavar="PLAN", help=argparse.SUPPRESS)
    parser.add_argument("--only", nargs="+", choices=PARTS_OF_PAGE)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("-o", "--output", type=Path, default=RESULTS)
    pysal.options(parser)
    arguments = parser.parse_args()
    if arguments.run:
        path, *workers = arguments.run
        run_here(Path(path), int(workers[0]) if workers else None)
        return
    found: dict[str, Any] = {}
    if arguments.only and arguments.output.is_file():
        found = json.loads(arguments.output.read_text(encoding="utf-8"))["found"]
    for name in arguments.only or PARTS_OF_PAGE:
        print(name, file=sys.stderr)
        before = load()
        if name == "tracts":
            peer_env = None if arguments.no_peer else pysal.prepare(arguments.peer_env, arguments.python)
            found[name] = tracts(arguments.quick, peer_env)
        else:
            found[name] = {"censuses": censuses, "dask": dask, "tiles": tiles}[name](arguments.quick)
        found[name]["load"] = before
        results = {
            "quick": arguments.quick,
            "date": datetime.date.today().isoformat(),
            "machine": machine(),
            "python": platform.python_version(),
            "versions": {name: version(name) for name in (*LIBRARIES, "distributed")},
            "found": found,
        }
        arguments.output.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
