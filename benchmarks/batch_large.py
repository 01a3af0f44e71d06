"""Eight million synthetic units of 8 groups in 400 cities, from Parquet: a batch beside one pass in memory.

python -m benchmarks.batch_large            writes benchmarks/results_batch_large.json (some minutes)
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

HERE = Path(__file__).parent
GROUPS = [f"g{k}" for k in range(8)]
INDICES = ["D", "G", "H", "M", "R", "V", "A", "KM", "GS", "P", "C", "O", "S", "isolation", "exposure"]
MEMORY = f"""
import sys, pandas as pd, segregate as sg
table = pd.read_parquet(sys.argv[1])
pop = sg.Population.from_frame(table, {GROUPS!r})
found = sg.measure(pop, {INDICES!r}, by="city")
found.to_parquet(sys.argv[2])
"""
BATCH = """
import sys, segregate as sg
if __name__ == "__main__":
    sg.run(sys.argv[1], workers=int(sys.argv[2]), fresh=True)
"""


def make(path: Path, units: int, cities: int) -> None:
    """Write the table, city after city, as statistical offices do."""
    rng = np.random.default_rng(0)
    city = np.sort(rng.choice(cities, units, p=rng.dirichlet(np.full(cities, 2.0))))
    names = pa.array([f"C{k:03d}" for k in range(cities)]).take(pa.array(city))
    counts = {name: pa.array(rng.gamma(0.5, 30, units).astype(np.int32)) for name in GROUPS}
    pq.write_table(pa.table({"city": names, **counts}), path, row_group_size=250_000)


def tree(root: int) -> list[int]:
    """Return a process and all that it started."""
    found, new = [root], [root]
    while new:
        parents = {str(pid) for pid in new}
        new = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            if stat.rsplit(")", 1)[1].split()[1] in parents and int(entry.name) not in found:
                new.append(int(entry.name))
        found += new
    return found


def resident(pids: list[int]) -> int:
    """Return the memory of processes, what they share counted once."""
    total = 0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024
    return total


def timed(code: str, *arguments: str) -> dict[str, float]:
    """Run code in a process of its own; return seconds and the peak of memory."""
    with tempfile.NamedTemporaryFile("w", suffix=".py", delete=False) as script:
        script.write(code)
    begun = time.perf_counter()
    process = subprocess.Popen([sys.executable, script.name, *arguments])
    peak = [0]

    def watch() -> None:
        while process.poll() is None:
            peak[0] = max(peak[0], resident(tree(process.pid)))
            time.sleep(0.2)

    thread = threading.Thread(target=watch)
    thread.start()
    process.wait()
    thread.join()
    Path(script.name).unlink()
    if process.returncode:
        raise SystemExit(f"{arguments} failed")
    return {"seconds": time.perf_counter() - begun, "memory": peak[0]}


def run(units: int, cities: int, repeats: int) -> dict[str, Any]:
    """Measure everything, and see that the values agree."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(folder / "units.parquet", units, cities)
        plan = folder / "plan.toml"
        plan.write_text(
            f'[plan]\nname = "large"\noutput = "out"\n[[data]]\npath = "units.parquet"\nby = "city"\n'
            f"groups = {json.dumps(GROUPS)}\n[measure]\nindices = {json.dumps(INDICES)}\n"
        )
        cases: dict[str, list[dict[str, float]]] = {"in memory": [], "1 worker": [], "2 workers": []}
        for _ in range(repeats):
            cases["in memory"].append(timed(MEMORY, str(folder / "units.parquet"), str(folder / "memory.parquet")))
            for workers in (1, 2):
                cases[f"{workers} worker{'s' if workers > 1 else ''}"].append(timed(BATCH, str(plan), str(workers)))
        ours = pd.read_parquet(folder / "out" / "results.parquet")
        theirs = pd.read_parquet(folder / "memory.parquet")
        keys = ["city", "index", "group", "versus", "params"]
        both = ours.merge(theirs, on=keys, suffixes=("", "_memory"))
        worst = float((both["value"] - both["value_memory"]).abs().max())
        if len(both) != len(ours) or not worst < 1e-10:
            raise SystemExit(f"values differ: {len(both)} of {len(ours)} rows, by up to {worst}")
        size = (folder / "units.parquet").stat().st_size
    return {
        "units": units,
        "groups": len(GROUPS),
        "cities": cities,
        "indices": INDICES,
        "values": len(both),
        "largest_difference": worst,
        "file": size,
        "load": os.getloadavg()[1],
        "cores": os.cpu_count(),
        "cases": {
            case: {
                "seconds": statistics.median(one["seconds"] for one in runs),
                "all_seconds": sorted(one["seconds"] for one in runs),
                "memory": max(one["memory"] for one in runs),
            }
            for case, runs in cases.items()
        },
    }


def main() -> None:
    """Run as a program."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--output", type=Path, default=HERE / "results_batch_large.json")
    parser.add_argument("--units", type=int, default=8_000_000)
    parser.add_argument("--cities", type=int, default=400)
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    given.output.write_text(json.dumps(run(given.units, given.cities, given.repeats), indent=1) + "\n")


if __name__ == "__main__":
    main()
