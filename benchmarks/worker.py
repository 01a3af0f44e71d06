"""Run one case and write what was found as JSON; `benchmarks.run` starts one process for each case.

python -m benchmarks.worker CASE OUTPUT [--quick] [--peer-env FOLDER]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import segregate as sg

from . import peer as pysal
from .cases import PYSAL, PYSAL_BATCH, Measuring, Peer, Starting, case
from .compare import keyed, ratio, repeat, spread, summary, verdicts
from .data import ROOT, Table

GIGABYTE = 1e9


def peak() -> float:
    """Return the most memory that this process has held so far, in GB."""
    unit = 1 if sys.platform == "darwin" else 1024
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / GIGABYTE, 3)


def run(one: Measuring | Starting, *, quick: bool, peer_env: Path | None) -> dict[str, Any]:
    """Run a case; without `peer_env` PySAL is not asked."""
    return (
        run_measuring(one, quick=quick, peer_env=peer_env)
        if isinstance(one, Measuring)
        else run_starting(one, quick=quick)
    )


def run_measuring(one: Measuring, *, quick: bool, peer_env: Path | None) -> dict[str, Any]:
    """Build, measure, ask the peers, measure again."""
    begun = time.perf_counter()
    table = one.table(quick)
    made = time.perf_counter() - begun
    memory = {"table": peak()}

    built = [0.0]

    def build() -> sg.Population:
        begun = time.perf_counter()
        population = table.population()
        built.append(time.perf_counter() - begun)
        return population

    population = build()
    memory["population"] = peak()
    first = repeat(lambda: one.ours(population, table.by), 1)[0]
    repeats = 1 if quick else one.repeats
    cpu: list[float] = []
    seconds = repeat(lambda: one.ours(population, table.by), repeats, cpu)
    memory["measured"] = peak()

    values = one.ours(population, table.by)
    answers = [ask(one, asked, table, population, values, quick, peer_env) for asked in one.peers]
    answers = [answer for answer in answers if answer]
    seconds += repeat(lambda: one.ours(population, table.by), repeats, cpu)
    for _ in range(0 if quick else 2):
        build()

    found: dict[str, Any] = {
        "kind": "measuring",
        "units": population.n_units,
        "groups": population.n_groups,
        "regions": population_regions(table),
        "people": population.size,
        "rows": len(values),
        "indices": sorted(values["index"].unique()),
        "table_seconds": round(made, 3),
        "build": spread(built[1:]),
        "first": round(first, 3),
        "ours": spread(seconds),
        "ours_cpu": spread(cpu),
        "memory": memory,
        "budget": {"seconds": one.seconds, "memory": one.memory},
    }
    if one.each_index:
        found["each_index"] = {
            name: spread(repeat(partial(sg.measure, population, name, by=table.by), repeats))
            for name in found["indices"]
        }
    found["peers"] = answers
    holds = [answer["holds"] for answer in answers if "holds" in answer]
    if one.seconds is not None:
        holds.append(found["ours"]["median"] <= one.seconds)
    if one.memory is not None:
        holds.append(memory["measured"] <= one.memory)
    found["holds"] = all(holds)
    return found


def ask(
    one: Measuring,
    asked: Peer,
    table: Table,
    population: sg.Population,
    values: pd.DataFrame,
    quick: bool,
    peer_env: Path | None,
) -> dict[str, Any]:
    """Have a peer measure the same table, and compare; nothing where the peer is not there."""
    ours = keyed(values, table.by)
    lacking: set[str] = set()
    if table.by is not None:
        sizes = table.frame.groupby(table.by)[list(table.groups)].sum()
        lacking = set(sizes.index[(sizes == 0).any(axis=1)].astype(str))
    facts: dict[str, Any] = {"kind": asked.kind, "rtol": asked.rtol, "atol": asked.atol, "at_least": asked.at_least}
    if asked.kind == "alone":
        begun = time.perf_counter()
        theirs, count = alone(one, asked, table, population, quick)
        elapsed = time.perf_counter() - begun
        judged = verdicts(ours, theirs, rtol=asked.rtol, atol=asked.atol)
        facts |= {"regions": count, "seconds": spread([elapsed]), "indices": summary(judged, None, lacking)}
        facts["holds"] = bool((judged["verdict"] == "agree").all())
        return facts
    if peer_env is None:
        return {}
    if asked.batch:
        return facts | ask_batch(one, asked, table, ours, peer_env)
    classes = {
        name: PYSAL[name] for name in sorted(set(ours["index"])) if name in PYSAL and name not in asked.leave_out
    }
    repeats = 1 if quick else one.repeats

    def same() -> pd.DataFrame:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", sg.SegregateWarning)
            return sg.measure(population, list(classes), by=table.by)

    same()
    ours_same = repeat(same, repeats)
    theirs, seconds, about = pysal.ask(
        peer_env, table, classes, regions=asked.regions, repeats=1 if quick else 3, limit=600
    )
    ours_same += repeat(same, repeats)
    judged = verdicts(ours, theirs, rtol=asked.rtol, atol=asked.atol)
    agree = (judged["verdict"] == "agree").to_numpy()
    facts |= about
    facts |= {
        "left_out": dict.fromkeys(asked.leave_out, asked.why),
        "lacking_regions": len(lacking & set(theirs["region"])),
        "errors": sorted(set(theirs["error"]) - {""}),
        "calls": len(judged),
        "agree": int(agree.sum()),
        "indices": summary(judged, seconds, lacking),
        "seconds": spread([float(np.sum(timed)) for timed in seconds]),
        "seconds_where_agree": spread([float(np.asarray(timed)[agree].sum()) for timed in seconds]),
        "ours_same": spread(ours_same),
    }
    facts["ratio"] = ratio(facts["seconds_where_agree"], facts["ours_same"])
    facts["all_regions"] = about["regions"] == (population_regions(table) if asked.regions is None else asked.regions)
    if asked.at_least is not None:
        facts["holds"] = facts["ratio"]["median"] >= asked.at_least
    return facts


def ask_batch(one: Measuring, asked: Peer, table: Table, ours: pd.DataFrame, peer_env: Path) -> dict[str, Any]:
    """Have the peer compute everything at once; its functions round to four digits after the point."""
    theirs, (calls,), about = pysal.ask(peer_env, table, PYSAL_BATCH, limit=900, batch=True)
    asked_groups = ["", *table.groups[: about["batch_calls"] - 1]]
    judged = verdicts(ours, theirs, rtol=asked.rtol, atol=asked.atol)
    # from the table on, with a population of its own each time: nothing of an earlier call is kept
    seconds = repeat(lambda: one.ours(table.population(), table.by), one.repeats)
    here = ours["group"].isin(asked_groups)
    return about | {
        "batch": True,
        "groups": about["batch_calls"] - 1,
        "seconds": calls,
        "ours_numbers": int(here.sum()),
        "calls": len(judged),
        "agree": int((judged["verdict"] == "agree").sum()),
        "indices": summary(judged, None, set()),
        "ours_same": spread(seconds),
    }


def population_regions(table: Table) -> int:
    """Return how many regions a table has."""
    return int(table.frame[table.by].nunique()) if table.by else 1


def alone(
    one: Measuring, asked: Peer, table: Table, population: sg.Population, quick: bool
) -> tuple[pd.DataFrame, int]:
    """Measure region after region, each as a population of its own."""
    assert table.by is not None
    region = population.attributes[table.by]
    labels = region.dropna().unique()
    if asked.regions is not None and not quick:
        labels = np.random.default_rng(0).choice(labels, asked.regions, replace=False)
        parts = {label: population.subset((region == label).to_numpy()) for label in labels}
    else:
        parts = population.subset(region.notna().to_numpy()).split(table.by)
    tables = [keyed(one.ours(part, None), None).assign(region=str(label)) for label, part in parts.items()]
    return pd.concat(tables, ignore_index=True), len(tables)


def run_starting(one: Starting, *, quick: bool) -> dict[str, Any]:
    """Run a command in fresh processes, in turn with the one it is compared with."""
    ours: list[float] = []
    beside: list[float] = []
    with tempfile.TemporaryDirectory() as name:
        for number in range(1 if quick else one.repeats):
            room = Path(name) / str(number)
            room.mkdir()
            caches = room if one.cold else Path(name)
            if one.cold is False and number == 0:
                start(one.command(room), caches, clock=one.clock, cached=True)
            if one.beside:
                beside.append(start(one.beside, caches, clock="inside", cached=one.cold is not None))
            ours.append(start(one.command(room), caches, clock=one.clock, cached=one.cold is not None))
    found: dict[str, Any] = {"kind": "starting", "ours": spread(ours), "budget": {"seconds": one.seconds}}
    allowed = one.seconds
    if beside:
        found["beside"] = spread(beside)
    if allowed is not None and beside:
        allowed += found["beside"]["median"]
    found["budget"]["allowed"] = allowed
    found["holds"] = allowed is None or found["ours"]["median"] <= allowed
    return found


def start(arguments: Sequence[str], caches: Path, *, clock: str, cached: bool) -> float:
    """Run our interpreter with some arguments and return the seconds it takes."""
    environment = dict(os.environ)
    if cached:
        environment |= {"NUMBA_CACHE_DIR": str(caches / "numba"), "MPLCONFIGDIR": str(caches / "matplotlib")}
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, *arguments], check=False, capture_output=True, text=True, env=environment, cwd=ROOT
    )
    elapsed = time.perf_counter() - begun
    if done.returncode:
        sys.exit(f"{' '.join(arguments)} failed:\n{done.stderr}")
    return float(done.stdout) if clock == "inside" else elapsed


def main() -> None:
    """Run the case that the command line names."""
    parser = argparse.ArgumentParser(description="Run one case.")
    parser.add_argument("case")
    parser.add_argument("output", type=Path)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--peer-env", type=Path)
    arguments = parser.parse_args()
    found = run(case(arguments.case), quick=arguments.quick, peer_env=arguments.peer_env)
    arguments.output.write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
