"""Seconds and megabytes of a report, each in a process of its own.

    python -m benchmarks.report_case                    all cases; writes report_case.json, and the page
    python -m benchmarks.report_case --only sacramento  one case, printed and not kept
    python -m benchmarks.report_case --quick            few replicates, printed and not kept: does everything work?
    python -m benchmarks.report_case --page             the page again, from report_case.json

New York is a shared file: set ``SEGREGATE_DATA`` to the folder that holds ``us_tracts_2000/``, unless it is
``../shared/data`` beside the repository.
"""

from __future__ import annotations

import argparse
import datetime
import itertools
import json
import subprocess
import sys
import tempfile
import time
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

import geopandas as gpd

import segregate as sg

from .data import ROOT, TRACT_GROUPS, DataMissingError, shared
from .environments import peak
from .run import LIBRARIES, load, machine

RESULTS = Path(__file__).with_name("report_case.json")
PAGE = ROOT / "docs" / "report.md"
START, END = "<!-- measured: python -m benchmarks.report_case -->", "<!-- end of measured -->"
NEW_YORK = "us_tracts_2000/metro_new_york.parquet"
BUDGET_SECONDS, BUDGET_MB = 60.0, 10.0
"""What a report of New York may take."""
STEPS = (
    "numbers and intervals",
    "trend or ranking",
    "maps",
    "interactive map",
    "profile",
    "exposure",
    "areas",
    "method and quality",
    "page",
)
REPLICATES = 199
RADII = (500, 1000, 2000, 4000)
CASES = {"sacramento": "Sacramento 2000, the sample", "new_york": "New York 2000"}


def population(case: str) -> sg.Population:
    """Return what a case reports."""
    if case == "sacramento":
        return sg.sample("sacramento")
    frame = gpd.read_parquet(shared(NEW_YORK))
    return sg.Population.from_frame(frame, list(TRACT_GROUPS), id="geoid")


def measured(case: str, replicates: int) -> dict[str, Any]:
    """Make the report of a case, and return what it took."""
    pop = population(case)
    done = [time.perf_counter()]
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore", sg.SegregateWarning)
        cpu = time.process_time()
        path = sg.report(
            pop,
            Path(folder) / "report.html",
            title=CASES[case],
            environments=RADII,
            replicates=replicates,
            progress=lambda *_: done.append(time.perf_counter()),
        )
        took, cpu = time.perf_counter() - done[0], time.process_time() - cpu
        size = path.stat().st_size / 1e6
    steps = [round(after - before, 2) for before, after in itertools.pairwise(done)]
    return {
        "case": case,
        "units": pop.n_units,
        "groups": pop.n_groups,
        "radii": len(RADII),
        "replicates": replicates,
        "seconds": round(took, 1),
        "cpu_seconds": round(cpu, 1),
        "mb": round(size, 1),
        "peak_gb": peak(),
        "steps": dict(zip(STEPS, steps, strict=True)),
    }


def run_apart(case: str, replicates: int) -> dict[str, Any]:
    """Run a case in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.report_case", "--here", case, "--replicates", str(replicates)]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    found: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return found


def table(found: dict[str, Any]) -> str:
    """Return the figures as they stand in the page."""
    rows = [
        f"| {CASES[row['case']]} | {row['units']:,} | {row['groups']} | {row['radii']} | {row['replicates']} "
        f"| {row['seconds']:.1f} | {row['cpu_seconds']:.1f} | {row['mb']:.1f} | {row['peak_gb']:.2f} |"
        for row in found["cases"]
    ]
    head = "| report | units | groups | radii | replicates | seconds | seconds of processor | MB | GB of memory |"
    largest = found["cases"][-1]
    steps = ", ".join(f"{name} {seconds:.1f}" for name, seconds in largest["steps"].items() if seconds >= 0.05)
    about = found["machine"]
    versions = ", ".join(f"{name} {number}" for name, number in found["versions"].items())
    return "\n".join(
        [
            head,
            "| --- | --: | --: | --: | --: | --: | --: | --: | --: |",
            *rows,
            "",
            f"Where the seconds of {CASES[largest['case']]} go: {steps}.",
            "",
            f"Measured on {found['date']} with {about['cpus']} cores ({about['model']}), {found['load']} processes "
            f"wanting one when it began; compiled kernels were there. {versions}.",
        ]
    )


def page(text: str, found: dict[str, Any]) -> str:
    """Return the page with the figures of a run."""
    before, rest = text.split(START, 1)
    _, after = rest.split(END, 1)
    return f"{before}{START}\n\n{table(found)}\n\n{END}{after}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=CASES)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--page", action="store_true")
    parser.add_argument("--here", choices=CASES, help=argparse.SUPPRESS)
    parser.add_argument("--replicates", type=int, default=REPLICATES)
    asked = parser.parse_args()
    if asked.here:
        print(json.dumps(measured(asked.here, asked.replicates)))
        return
    if not asked.page:
        busy = load()
        replicates = 19 if asked.quick else asked.replicates
        cases = []
        for case in [asked.only] if asked.only else CASES:
            try:
                cases.append(run_apart(case, replicates))
            except DataMissingError as error:
                sys.exit(str(error))
            row = cases[-1]
            print(
                f"{case}: {row['seconds']} s ({row['cpu_seconds']} s of processor), {row['mb']} MB, {row['peak_gb']} GB"
            )
            print("   " + ", ".join(f"{name} {seconds}" for name, seconds in row["steps"].items()))
        if asked.only or asked.quick or replicates != REPLICATES:
            return
        found = {
            "date": datetime.date.today().isoformat(),
            "machine": machine(),
            "load": busy,
            "versions": {name: version(name) for name in LIBRARIES},
            "cases": cases,
        }
        RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    found = json.loads(RESULTS.read_text(encoding="utf-8"))
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), found), encoding="utf-8")


if __name__ == "__main__":
    main()
