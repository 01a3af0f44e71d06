"""Times and memory of inference: tests and intervals of H, beside PySAL segregation and one by one.

    python -m benchmarks.inference                    everything, five minutes
    python -m benchmarks.inference --only people      some of it
    python -m benchmarks.inference --quick            tiny cities, few replicates: does everything work?

The figures go to benchmarks/inference.json; `python -m benchmarks.inference_report` makes the page of them.
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
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import geopandas as gpd
import numba
import numpy as np
import pandas as pd

import segregate as sg
from segregate.inference._draws import of_people
from segregate.inference._replicates import seeds
from segregate.inference._statistic import Statistic

from . import peer as pysal
from .compare import spread
from .data import ROOT
from .environments import peak
from .run import LIBRARIES, load, machine

RESULTS = Path(__file__).with_name("inference.json")
PEER_SCRIPT = Path(__file__).with_name("peer_inference.py")
UNITS, GROUPS, REPLICATES = 2000, 5, 999
BUDGET = 2.0
DENSITY = 25
"""Units in a square kilometre."""
PEOPLE = {"schools": 140, "tracts": 4000}
"""Mean people of a unit; the peer's time grows with people."""
ITERATIONS = {
    "schools": {"person_permutation": 40, "bootstrap": 200},
    "tracts": {"person_permutation": 4, "bootstrap": 200},
}
"""How many the peer draws at a time."""
NAMES = ("people", "pysal", "verbs")


def city(people: int, units: int = UNITS, seed: int = 0) -> sg.Population:
    """Return units of five groups at random places."""
    rng = np.random.default_rng([2000, people, seed])
    shares = rng.dirichlet(3 * np.array([0.5, 0.2, 0.15, 0.1, 0.05]), units)
    totals = rng.integers(people // 2, people + people // 2 + 1, units)
    place = rng.uniform(0, 1000 * np.sqrt(units / DENSITY), (units, 2))
    names = list("abcde")
    frame = pd.DataFrame(rng.multinomial(totals, shares), columns=names)
    frame = gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(*place.T), crs=32633)
    return sg.Population.from_frame(frame, names)


def timed(function: Callable[[], Any], repeats: int) -> tuple[dict[str, Any], Any]:
    """Return the spread of some warm calls, the seconds of all cores together, and what the last one gave."""
    function()
    seconds, cores, found = [], [], None
    for _ in range(repeats):
        begun, used = time.perf_counter(), time.process_time()
        found = function()
        seconds.append(time.perf_counter() - begun)
        cores.append(time.process_time() - used)
    return spread(seconds) | {"cpu": spread(cores)}, found


def people_null(quick: bool) -> dict[str, Any]:
    """Time the test against people at random, and its parts."""
    pop = city(PEOPLE["tracts"], 60 if quick else UNITS)
    replicates = 19 if quick else REPLICATES
    before = peak()
    ours, test = timed(lambda: sg.monte_carlo_test(pop, "H", replicates=replicates, rng=1), 1 if quick else 9)
    memory = peak()
    statistic = Statistic(pop, "H")
    draw, states = of_people(pop), seeds(replicates, 1)
    chunk = statistic.chunk
    parts = range(0, replicates, chunk)
    tables = [draw(states[at : at + chunk]) for at in parts]
    repeats = 1 if quick else 5
    steps = {
        "seeds": timed(lambda: seeds(replicates, 1), repeats)[0],
        "drawing": timed(lambda: [draw(states[at : at + chunk]) for at in parts], repeats)[0],
        "evaluating": timed(lambda: [statistic.on(part) for part in tables], repeats)[0],
    }
    return {
        "units": pop.n_units,
        "groups": pop.n_groups,
        "people": pop.size,
        "replicates": replicates,
        "chunk": chunk,
        "threads": numba.get_num_threads(),
        "ours": ours,
        "steps": steps,
        "p_value": test.p_value,
        "memory_before": before,
        "memory": memory,
        "budget": BUDGET,
        "holds": ours["median"] <= BUDGET,
    }


def beside_pysal(quick: bool, peer_env: Path) -> dict[str, Any]:
    """Draw people at random and units again with PySAL segregation and with ours, in one run."""
    pops = {name: city(people, 60 if quick else UNITS) for name, people in PEOPLE.items()}
    repeats = 1 if quick else 3
    replicates = 19 if quick else REPLICATES

    def ours(pop: sg.Population, approach: str) -> Any:
        if approach == "bootstrap":
            return sg.bootstrap(pop, "H", resample="units", replicates=replicates, rng=1)
        return sg.monte_carlo_test(pop, "H", replicates=replicates, rng=1)

    def measured() -> dict[str, dict[str, list[Any]]]:
        return {
            name: {
                approach: list(timed(lambda p=pop, a=approach: ours(p, a), repeats)) for approach in ITERATIONS[name]
            }
            for name, pop in pops.items()
        }

    before = measured()
    with tempfile.TemporaryDirectory() as folder:
        room = Path(folder)
        request = {}
        for name, pop in pops.items():
            counts = pd.DataFrame(pop.counts, columns=list(pop.groups)).astype("int64")
            counts.to_parquet(room / f"{name}.parquet")
            few = dict.fromkeys(ITERATIONS[name], 2)
            request[name] = {"iterations": few if quick else ITERATIONS[name], "repeats": 1 if quick else 3}
        (room / "request.json").write_text(json.dumps(request), encoding="utf-8")
        clean = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "PYTHONHOME")}
        command = [pysal.interpreter(peer_env), PEER_SCRIPT, room]
        subprocess.run(command, check=True, stdout=sys.stderr, stderr=subprocess.DEVNULL, env=clean)
        theirs = json.loads((room / "reply.json").read_text(encoding="utf-8"))
    after = measured()

    found: dict[str, Any] = {"versions": theirs["versions"], "replicates": replicates, "cases": []}
    for name, pop in pops.items():
        for approach in ITERATIONS[name]:
            result = after[name][approach][1]
            drawn = np.array(theirs[name][approach]["null"])
            mine = result.null if approach == "person_permutation" else result.replicates
            each = [seconds / theirs[name][approach]["iterations"] for seconds in theirs[name][approach]["seconds"]]
            runs = [one[name][approach][0] for one in (before, after)]
            per = np.median([run["median"] for run in runs]) / replicates
            error = mine.std(ddof=1) * np.sqrt(1 / len(drawn) + 1 / len(mine))
            found["cases"].append(
                {
                    "city": name,
                    "people": pop.size,
                    "units": pop.n_units,
                    "groups": pop.n_groups,
                    "approach": approach,
                    "ours": runs,
                    "ours_each": float(per),
                    "iterations": theirs[name][approach]["iterations"],
                    "peer_runs": len(each),
                    "peer_each": spread(each),
                    "ratio": float(f"{np.median(each) / per:.3g}"),
                    "statistic_gap": abs(sg.information_theory(pop) - theirs[name]["statistic"]),
                    "mean": float(mine.mean()),
                    "peer_mean": float(drawn.mean()),
                    "mean_gap_in_errors": float((mine.mean() - drawn.mean()) / error),
                    "deviation": float(mine.std(ddof=1)),
                    "peer_deviation": float(drawn.std(ddof=1)),
                }
            )
    return found


def verbs(quick: bool) -> list[dict[str, Any]]:
    """Time the other verbs of inference, once they are warm."""
    pop = city(PEOPLE["tracts"], 60 if quick else UNITS)
    near = pop.within(sg.Kernel(1000))
    cities = {f"city {k}": city(PEOPLE["tracts"], 20 if quick else 200, k) for k in range(1, 21)}
    profile = sg.profile(pop, "H", [0, 500, 1000, 2000])
    few, many = (9, 19) if quick else (199, REPLICATES)
    calls: dict[str, tuple[int, Callable[[], Any]]] = {
        'bootstrap(pop, "H")': (many, lambda: sg.bootstrap(pop, "H", replicates=many, rng=1)),
        'bootstrap(pop, "H", resample="units")': (
            many,
            lambda: sg.bootstrap(pop, "H", resample="units", replicates=many, rng=1),
        ),
        'monte_carlo_test(pop, "H", null="multinomial")': (
            many,
            lambda: sg.monte_carlo_test(pop, "H", null="multinomial", replicates=many, rng=1),
        ),
        'monte_carlo_test(pop.within(Kernel(1000)), "H")': (
            few,
            lambda: sg.monte_carlo_test(near, "H", replicates=few, rng=1),
        ),
        'monte_carlo_test(pop.within(Kernel(1000)), "H", null="units")': (
            few,
            lambda: sg.monte_carlo_test(near, "H", null="units", replicates=few, rng=1),
        ),
        "bootstrap(profile) of H at 0, 500, 1,000 and 2,000 m": (
            few,
            lambda: sg.bootstrap(profile, replicates=few, rng=1),
        ),
        'rank of 20 cities of 200 units by "H"': (many, lambda: sg.rank(cities, "H", replicates=many, rng=1)),
    }
    rows = []
    for name, (replicates, call) in calls.items():
        print(f"  {name}", file=sys.stderr)
        seconds, _ = timed(call, 1 if quick else 3)
        rows.append({"what": name, "replicates": replicates, "seconds": seconds})
    return rows


def apart(name: str, quick: bool) -> Any:
    """Run one in a process of its own, so that its peak of memory is its own."""
    command = [sys.executable, "-m", "benchmarks.inference", "--one", name, *(["--quick"] if quick else [])]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT).stdout)


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description="Time inference.")
    parser.add_argument("--only", nargs="+", choices=NAMES)
    parser.add_argument("--one", choices=["people", "verbs"], help=argparse.SUPPRESS)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("-o", "--output", type=Path, default=RESULTS)
    pysal.options(parser)
    arguments = parser.parse_args()
    quick = arguments.quick
    if arguments.one:
        print(json.dumps({"people": people_null, "verbs": verbs}[arguments.one](quick)))
        return
    found: dict[str, Any] = {}
    if arguments.output.is_file() and arguments.only:
        found = json.loads(arguments.output.read_text(encoding="utf-8"))["found"]
    loads = {}
    for name in arguments.only or NAMES:
        print(name, file=sys.stderr)
        loads[name] = load()
        if name != "pysal":
            found[name] = apart(name, quick)
        elif not arguments.no_peer:
            found[name] = beside_pysal(quick, pysal.prepare(arguments.peer_env, arguments.python))
    results = {
        "quick": quick,
        "date": datetime.date.today().isoformat(),
        "machine": machine(),
        "load_before": loads,
        "python": platform.python_version(),
        "versions": {name: version(name) for name in LIBRARIES},
        "found": found,
    }
    arguments.output.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
