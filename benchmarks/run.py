"""Run the cases and write the figures as JSON.

python -m benchmarks.run                          to benchmarks/results/latest.json
python -m benchmarks.run -o benchmarks/results.json    those of docs/benchmarks.md
python -m benchmarks.run --only us_tracts --quick
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
from importlib.metadata import version
from pathlib import Path
from typing import Any

from .cases import CASES, Measuring, case
from .data import ROOT, DataMissingError
from .peer import options, prepare

LATEST = Path(__file__).with_name("results") / "latest.json"
LIBRARIES = ("segregate", "numpy", "numba", "pandas", "geopandas", "scipy", "matplotlib")


def machine() -> dict[str, Any]:
    """Describe the machine, without saying whose it is."""
    model, memory = platform.processor() or platform.machine(), None
    cpuinfo, meminfo = Path("/proc/cpuinfo"), Path("/proc/meminfo")
    if cpuinfo.is_file():
        names = [
            line.split(":", 1)[1].strip() for line in cpuinfo.read_text().splitlines() if line.startswith("model name")
        ]
        model = names[0] if names else model
    if meminfo.is_file():
        memory = round(int(meminfo.read_text().split()[1]) * 1024 / 1e9, 1)
    return {"cpus": os.cpu_count(), "model": model, "memory_gb": memory, "system": platform.system()}


def load() -> float | None:
    """Return how many processes wanted a core, on average over the last minute."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


def run_apart(name: str, *, quick: bool, peer_env: Path | None) -> dict[str, Any]:
    """Run one case in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "found.json"
        command = [sys.executable, "-m", "benchmarks.worker", name, str(output)]
        command += ["--quick"] if quick else []
        command += ["--peer-env", str(peer_env)] if peer_env else []
        before = load()
        subprocess.run(command, check=True, cwd=ROOT)
        found: dict[str, Any] = json.loads(output.read_text(encoding="utf-8"))
    return found | {"load_before": before}


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description="Time segregate beside its peers and its budgets.")
    parser.add_argument("--only", nargs="+", metavar="CASE", help=", ".join(one.name for one in CASES))
    parser.add_argument("--quick", action="store_true", help="tiny tables, one run each: does everything work?")
    parser.add_argument("--no-peer", action="store_true", help="do not ask PySAL segregation")
    parser.add_argument("-o", "--output", type=Path, default=LATEST)
    options(parser)
    arguments = parser.parse_args()

    cases = [case(name) for name in arguments.only] if arguments.only else CASES
    asked = any(isinstance(one, Measuring) and any(peer.kind == "pysal" for peer in one.peers) for one in cases)
    peer_env = prepare(arguments.peer_env, arguments.python) if asked and not arguments.no_peer else None
    found: dict[str, Any] = {}
    for one in cases:
        if arguments.quick and not (isinstance(one, Measuring) or one.quick):
            continue
        print(f"{one.name}: {one.title}", file=sys.stderr)
        found[one.name] = run_apart(one.name, quick=arguments.quick, peer_env=peer_env)
        ours = found[one.name]["ours"]
        print(
            f"    {ours['median']:.3f} s ({ours['min']:.3f} to {ours['max']:.3f}), "
            f"{'holds' if found[one.name]['holds'] else 'DOES NOT HOLD'}",
            file=sys.stderr,
        )
    results = {
        "quick": arguments.quick,
        "date": datetime.date.today().isoformat(),
        "machine": machine(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in LIBRARIES},
        "cases": found,
    }
    if arguments.output.is_file() and arguments.only:
        results["cases"] = json.loads(arguments.output.read_text(encoding="utf-8"))["cases"] | found
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print(f"Written to {arguments.output}", file=sys.stderr)


if __name__ == "__main__":
    try:
        main()
    except (DataMissingError, subprocess.CalledProcessError) as error:
        sys.exit(str(error))
