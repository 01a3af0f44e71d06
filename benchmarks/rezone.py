"""School zones of a synthetic district of 2,000 blocks and 40 schools: value, bound and gap after 60 and 600 seconds.

    python -m benchmarks.rezone                     everything, some 35 minutes
    python -m benchmarks.rezone --only near 60      one case, for so many seconds
    python -m benchmarks.rezone --page              the table of docs/schools-rezoning.md from benchmarks/rezone.json

Times are the wall clock's, of one thread; a busy machine finds less in them.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import time
from pathlib import Path
from typing import Any

import numpy as np

import segregate as sg
from segregate.testing import school_city

RESULTS = Path(__file__).with_name("rezone.json")
PAGE = Path(__file__).resolve().parents[1] / "docs" / "schools-rezoning.md"
BEGIN, END = "<!-- table: district -->", "<!-- end -->"
SECONDS = (60, 600)
BLOCKS, SCHOOLS, SEED = (40, 50), 40, 1
FARTHEST = 1.3
"""The limit of travel, as times the farthest way to the nearest school."""
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "zones": ("zones hang together", {"contiguous": True}),
    "tenth": ("zones hang together, one pupil in ten may change school", {"contiguous": True, "max_moved": 0.1}),
    "near": ("zones need not hang together", {"contiguous": False}),
}


def district(blocks: tuple[int, int] = BLOCKS, schools: int = SCHOOLS) -> tuple[sg.Population, Any, float]:
    """Return blocks, schools and the limit of travel."""
    city = school_city(SEED, blocks=blocks, schools=schools)
    sites = city.schools.to_frame().iloc[:schools]
    there = np.column_stack([sites.geometry.x, sites.geometry.y])
    ways = np.hypot(*(city.blocks.points[:, None, :] - there[None]).transpose(2, 0, 1))
    return city.blocks, sites, FARTHEST * float(ways.min(axis=1).max())


def measured(case: str, seconds: float, blocks: tuple[int, int] = BLOCKS, schools: int = SCHOOLS) -> dict[str, Any]:
    """Return what is found in so many seconds."""
    homes, sites, limit = district(blocks, schools)
    begun = time.perf_counter()
    plan = sg.schools.rezone(
        homes,
        sites,
        capacity="capacity",
        group="minority",
        current="zone",
        max_travel=limit,
        time_limit=seconds,
        rng=1,
        **CASES[case][1],
    )
    return {
        "case": case,
        "blocks": homes.n_units,
        "schools": len(sites),
        "limit": limit,
        "seconds": seconds,
        "took": time.perf_counter() - begun,
        "before": plan.before,
        "value": plan.value,
        "bound": plan.bound,
        "status": plan.status,
        "moved": plan.moved / homes.size,
        "load": os.getloadavg()[0],
        "date": datetime.date.today().isoformat(),
        "version": sg.__version__,
    }


def table(rows: list[dict[str, Any]]) -> str:
    """Return the table of the page."""
    lines = [
        "| limits | seconds | today | plan | no plan below | gap | gap, % of the plan | pupils moved |",
        "|---|---|---|---|---|---|---|---|",
    ]
    order = sorted(rows, key=lambda row: ([*CASES].index(row["case"]), row["seconds"]))
    for row in order:
        gap = row["value"] - row["bound"]
        lines.append(
            f"| {CASES[row['case']][0]} | {row['seconds']:g} | {row['before']:.4f} | {row['value']:.4f} | "
            f"{row['bound']:.4f} | {gap:.4f} | {100 * gap / row['value']:.1f} | {100 * row['moved']:.0f} % |"
        )
    return "\n".join(lines)


def render(page: str, rows: list[dict[str, Any]]) -> str:
    """Return the page with the table of these figures."""
    before, rest = page.split(BEGIN)
    return f"{before}{BEGIN}\n{table(rows)}\n{END}{rest.split(END, 1)[1]}"


def known() -> list[dict[str, Any]]:
    """Return the figures that are kept."""
    rows: list[dict[str, Any]] = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else []
    return rows


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs=2, metavar=("CASE", "SECONDS"))
    parser.add_argument("--page", action="store_true")
    asked = parser.parse_args()
    if not asked.page:
        todo = [(case, seconds) for seconds in SECONDS for case in CASES]
        if asked.only:
            todo = [(asked.only[0], float(asked.only[1]))]
        for case, seconds in todo:
            row = measured(case, seconds)
            print(json.dumps(row), flush=True)
            kept = [one for one in known() if (one["case"], one["seconds"]) != (case, seconds)]
            RESULTS.write_text(json.dumps([*kept, row], indent=1) + "\n", encoding="utf-8")
    print(table(known()))
    PAGE.write_text(render(PAGE.read_text(encoding="utf-8"), known()), encoding="utf-8")


if __name__ == "__main__":
    main()
