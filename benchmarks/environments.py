"""Times and memory of environments: beside PySAL segregation, beside the same loop in C, and as towns grow.

    python -m benchmarks.environments                      everything, some twenty minutes
    python -m benchmarks.environments --only c kernel      some of it
    python -m benchmarks.environments --quick              tiny towns, once each: does everything work?

The figures go to benchmarks/environments.json; `python -m benchmarks.environments_report` makes the page of them.
"""

from __future__ import annotations

import argparse
import ctypes
import datetime
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

import segregate as sg

from . import peer as pysal
from .compare import spread
from .data import ROOT, shared
from .run import LIBRARIES, machine
from .worker import peak as peak_of_self

RESULTS = Path(__file__).with_name("environments.json")
SOURCE = Path(__file__).with_name("decay.c")
PEER_SCRIPT = Path(__file__).with_name("peer_environments.py")
FLAGS = ("-Ofast", "-march=native", "-fopenmp")
DENSITY = 100e-6
"""Units per m2: a hundred in a square kilometre, so that 314 lie within 1 km."""
RADII = tuple(175.0 * k for k in range(1, 11))


def town(n: int, groups: int, seed: int = 0) -> sg.Population:
    """Return units at random places of equal density, with areas; groups thicken and thin out in waves of 12 km."""
    rng = np.random.default_rng(seed)
    side = float(np.sqrt(n / DENSITY))
    names = [f"group_{m + 1}" for m in range(groups)]
    place = rng.uniform(0, side, (n, 2))
    waves = 1 + 0.9 * np.sin(place[:, :1] / 2000 + place[:, 1:] / 3000 + np.arange(groups))
    frame = pd.DataFrame((rng.gamma(0.7, 40, (n, groups)) * waves).round() + 1, columns=names)
    frame["x"], frame["y"] = 450_000 + place[:, 0], 5_500_000 + place[:, 1]
    frame["area"] = 1 / DENSITY
    return sg.Population.from_frame(frame, names, points=("x", "y"), crs="EPSG:32633", area="area")


def peak() -> float:
    """Return the most memory that this process has held, in GB; what it was started by does not count."""
    status = Path("/proc/self/status")
    if status.is_file():
        (line,) = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        return round(int(line.split()[1]) * 1024 / 1e9, 3)
    return peak_of_self()


def timed(function: Callable[[], Any], repeats: int) -> tuple[dict[str, float], Any]:
    """Return the spread of some warm calls, and what the last one gave."""
    function()
    seconds, found = [], None
    for _ in range(repeats):
        begun = time.perf_counter()
        found = function()
        seconds.append(time.perf_counter() - begun)
    return spread(seconds), found


def compiled(folder: Path) -> Any:
    """Compile the loop in C.

    It is linked without -Ofast: a library that is linked with it lets the whole process, numpy and all, treat numbers
    below 2e-308 as 0 from the moment it is loaded.
    """
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise RuntimeError("there is no C compiler (gcc or cc) to compare with")
    library, compiled_only = folder / "decay.so", folder / "decay.o"
    subprocess.run([compiler, *FLAGS, "-fPIC", "-c", str(SOURCE), "-o", str(compiled_only)], check=True)
    subprocess.run([compiler, "-shared", "-fopenmp", str(compiled_only), "-o", str(library), "-lm"], check=True)
    function = ctypes.CDLL(str(library)).decay_sums
    pointer = ctypes.POINTER(ctypes.c_double)
    function.argtypes = [pointer] * 5 + [ctypes.c_long, ctypes.c_long, ctypes.c_double]
    function.restype = None
    return function


def in_c(function: Any, pop: sg.Population, scale: float) -> np.ndarray:
    """Return the surroundings as the loop in C gives them."""
    pointer = ctypes.POINTER(ctypes.c_double)
    points = pop.points
    columns = [np.ascontiguousarray(points[:, 0]), np.ascontiguousarray(points[:, 1]), np.sqrt(0.6 * pop.area)]
    values, sums = np.ascontiguousarray(pop.counts), np.empty_like(pop.counts)
    arrays = [array.ctypes.data_as(pointer) for array in (*columns, values, sums)]
    function(*arrays, pop.n_units, pop.n_groups, scale)
    return sums


def beside_c(quick: bool) -> dict[str, Any]:
    """Compare exact exponential decay with the same loop in C."""
    pop = town(500 if quick else 20_000, 5)
    operator = sg.Decay(1000).on(pop)
    repeats = 1 if quick else 5
    with tempfile.TemporaryDirectory() as folder:
        function = compiled(Path(folder))
        theirs, sums = timed(lambda: in_c(function, pop, 1000.0), repeats)
        ours, around = timed(lambda: operator @ pop.counts, repeats)
        again, _ = timed(lambda: in_c(function, pop, 1000.0), repeats)
    gap = float(np.abs(around / sums - 1).max())
    ratio = ours["median"] / min(theirs["median"], again["median"])
    return {
        "units": pop.n_units,
        "groups": pop.n_groups,
        "flags": " ".join(FLAGS[:3]),
        "c": theirs,
        "c_again": again,
        "ours": ours,
        "largest_gap": gap,
        "ratio": round(ratio, 3),
        "budget": 1.3,
        "holds": bool(ratio <= 1.3 and gap < 1e-10),
    }


def profile_of_radii(quick: bool) -> dict[str, Any]:
    """Time a profile of H over ten radii."""
    pop = town(500 if quick else 10_000, 5)
    ours, _ = timed(lambda: sg.profile(pop, "H", RADII), 1 if quick else 7)
    neighbours = sg.Kernel(RADII[-1]).on(pop).to_sparse().nnz / pop.n_units
    return {
        "units": pop.n_units,
        "groups": pop.n_groups,
        "neighbours": round(neighbours),
        "ours": ours,
        "budget": 0.3,
        "holds": ours["median"] <= 0.3,
    }


def growing(kind: str, n: int, quick: bool) -> dict[str, Any]:
    """Time one environment on a town of n units."""
    pop = town(n, 4)
    before = peak()
    environment: Any = {"kernel": sg.Kernel(1000), "decay": sg.Decay(1000), "nearest": sg.Nearest(20_000)}[kind]
    repeats = 1 if quick or n > 50_000 else 3
    ours, nearby = timed(lambda: pop.within(environment), repeats)
    index, _ = timed(lambda: sg.information_theory(nearby), repeats)
    return {"units": n, "seconds": ours, "index_seconds": index, "memory_before": before, "memory": peak()}


SIZES = {
    "kernel": (1_000, 10_000, 100_000, 1_000_000),
    "nearest": (1_000, 10_000, 100_000),
    "decay": (1_000, 10_000, 100_000),
}
QUICK = (300, 900)
NAMES = ("c", "profile", "pysal", "grids")


GERMANY = "germany_grid_2011/germany_{}.parquet"
GRIDS = {
    "1 km": (1000.0, 2000.0, 4000.0, 8000.0),
    "100 m": (500.0, 1000.0, 2000.0, 4000.0, 8000.0),
    "1 km, 23 times": tuple(1000.0 * k for k in range(1, 21)),
}
"""Grids of Germany's census of 2011 and the radii of their profiles."""
BUDGETS = {"1 km": (60.0, 4.0), "100 m": (60.0, 4.0), "1 km, 23 times": (60.0, 8.0)}


def country(name: str) -> sg.Population:
    """Return a grid: foreign and German people, people by region of birth, or 23 countries side by side.

    The last has four groups by a seeded split of the people: it is synthetic. It lies in a plane, for it would reach
    beyond the projection.
    """
    if name == "100 m":
        frame = pd.read_parquet(shared(GERMANY.format("100m_birthplace")))
        groups = [column for column in frame.columns if column not in ("x", "y")]
        return sg.Population.from_frame(frame, groups, points=("x", "y"), crs="EPSG:3035")
    frame = pd.read_parquet(shared(GERMANY.format("1km")))
    if name == "1 km":
        return sg.Population.from_frame(frame, ["german", "foreign"], points=("x", "y"), crs="EPSG:3035")
    copies = [(700_000 * (k % 5), 900_000 * (k // 5)) for k in range(23)]
    east, north = (np.concatenate([frame[axis] + copy[k] for copy in copies]) for k, axis in enumerate("xy"))
    total = np.tile(frame["total"].to_numpy(), len(copies))
    groups = [f"group_{m + 1}" for m in range(4)]
    split = np.random.default_rng(2011).multinomial(total, [0.7, 0.15, 0.1, 0.05])
    table = pd.DataFrame(split, columns=groups).assign(x=east, y=north)
    return sg.Population.from_frame(table, groups, points=("x", "y"), crs='LOCAL_CS["plane",UNIT["metre",1]]')


def grid(name: str, quick: bool) -> dict[str, Any]:
    """Time a profile of H on a grid, once, from the population to the table."""
    pop = country(name)
    radii = GRIDS[name]
    if quick:
        pop = pop.subset(np.arange(pop.n_units) < 3000)
    _ = pop.points
    sg.profile(pop.subset(np.arange(pop.n_units) < 3000), "H", radii[:2])  # compiles
    before, begun = peak(), time.perf_counter()
    table = sg.profile(pop, "H", radii).table
    seconds = time.perf_counter() - begun
    allowed, room = BUDGETS[name]
    return {
        "what": f"Germany, {name}",
        "units": pop.n_units,
        "groups": pop.n_groups,
        "radii": radii,
        "seconds": round(seconds, 3),
        "memory_before": before,
        "memory": peak(),
        "budget_seconds": allowed,
        "budget_memory": room,
        "values": [round(value, 6) for value in table["value"]],
        "holds": seconds <= allowed and peak() <= room,
    }


def apart(kind: str, n: int | str, quick: bool) -> dict[str, Any]:
    """Run one size in a process of its own, so that its peak of memory is its own."""
    command = [sys.executable, "-m", "benchmarks.environments", "--one", kind, str(n), *(["--quick"] if quick else [])]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def beside_pysal(quick: bool, peer_env: Path) -> dict[str, Any]:
    """Compute the same four things with PySAL segregation and with ours, in one run."""
    pop = town(400 if quick else 2_000, 5, seed=1)
    first, *_ = pop.groups
    frame = gpd.GeoDataFrame(
        pd.DataFrame(pop.counts, columns=list(pop.groups)),
        geometry=gpd.points_from_xy(*pop.points.T).buffer(0.5 / np.sqrt(DENSITY), cap_style="square"),
        crs=pop.crs,
    )
    calls: dict[str, Callable[[], float]] = {
        "isolation within an exponential decay": lambda: sg.isolation(pop.within(sg.Decay(1000)), group=first),
        "H within a triangular kernel of 2 km": lambda: sg.information_theory(
            pop.within(sg.Kernel(2000, "triangular"))
        ),
        "profile of H over ten radii": lambda: float(
            sg.profile(pop, "H", RADII, shape="triangular").table["value"].iloc[-1]
        ),
        "distortion": lambda: sg.distortion(pop),
    }
    ours = {}
    for name, call in calls.items():
        seconds, value = timed(call, 1 if quick else 5)
        ours[name] = {"seconds": seconds, "value": value}
    with tempfile.TemporaryDirectory() as folder:
        room = Path(folder)
        frame.to_parquet(room / "data.parquet")
        request = {"groups": list(pop.groups), "radii": RADII, "repeats": 1 if quick else 2}
        (room / "request.json").write_text(json.dumps(request), encoding="utf-8")
        clean = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "PYTHONHOME")}
        subprocess.run([pysal.interpreter(peer_env), PEER_SCRIPT, room], check=True, stdout=sys.stderr, env=clean)
        theirs = json.loads((room / "reply.json").read_text(encoding="utf-8"))
    return {"units": pop.n_units, "groups": pop.n_groups, "ours": ours, "peer": theirs}


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description="Time environments.")
    parser.add_argument("--only", nargs="+", choices=[*NAMES, *SIZES])
    parser.add_argument("--one", nargs=2, metavar=("KIND", "UNITS"), help=argparse.SUPPRESS)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("-o", "--output", type=Path, default=RESULTS)
    pysal.options(parser)
    arguments = parser.parse_args()
    quick = arguments.quick
    if arguments.one:
        kind, what = arguments.one
        print(json.dumps(grid(what, quick) if kind == "grid" else growing(kind, int(what), quick)))
        return
    wanted = arguments.only or [*NAMES, *SIZES]
    found: dict[str, Any] = {}
    if arguments.output.is_file() and arguments.only:
        found = json.loads(arguments.output.read_text(encoding="utf-8"))["found"]
    for name in wanted:
        print(name, file=sys.stderr)
        if name == "c":
            found[name] = beside_c(quick)
        elif name == "profile":
            found[name] = profile_of_radii(quick)
        elif name == "pysal":
            if not arguments.no_peer:
                found[name] = beside_pysal(quick, pysal.prepare(arguments.peer_env, arguments.python))
        elif name == "grids":
            found[name] = [apart("grid", what, quick) for what in GRIDS]
        else:
            found[name] = [apart(name, n, quick) for n in (QUICK if quick else SIZES[name])]
    results = {
        "quick": quick,
        "date": datetime.date.today().isoformat(),
        "machine": machine(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in LIBRARIES},
        "found": found,
    }
    arguments.output.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
