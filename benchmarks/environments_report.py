"""Make docs/benchmarks-environments.md from environments.json; nobody types a number.

python -m benchmarks.environments_report
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from .data import ROOT
from .environments import DENSITY, RADII, RESULTS
from .report import _number, _span, _table

__all__ = ["render"]

PAGE = ROOT / "docs" / "benchmarks-environments.md"
WHY = {
    "isolation within an exponential decay": "the peer multiplies with the inverse of the proximity (far units "
    "count as near) and has no distance of a unit to itself",
    "H within a triangular kernel of 2 km": "the peer rounds the smoothed counts to whole people and measures these "
    "as if they lived there, which re-weights people",
    "profile of H over ten radii": "as for H within a kernel",
    "distortion": "the peer takes no envelope of the divergences still to come",
}
"""Why the peer's values are not ours; so its times stand beside ours and are no comparison of equals."""


def render(results: Mapping[str, Any]) -> str:
    """Return the page for some results."""
    found = results["found"]
    machine = results["machine"]
    libraries = ", ".join(f"{name} {number}" for name, number in results["versions"].items())
    parts = [
        "<!-- Made by `python -m benchmarks.environments_report` from benchmarks/environments.json; do not edit. -->",
        "# Benchmarks of environments",
        f"Measured on {results['date']}: {machine['model']}, {machine['cpus']} cores, {machine['memory_gb']:g} GB of "
        f"memory, Python {results['python']}; {libraries}. Medians, least and greatest behind them; calls are warm.",
        f"The towns are made: units at random places, {DENSITY * 1e6:g} in a square kilometre, so that "
        f"{math.pi * DENSITY * 1e6:.0f} lie within 1 km, with groups that thicken and thin out in waves.",
    ]
    if "c" in found:
        parts += list(_c(found["c"]))
    if "profile" in found:
        parts += list(_profile(found["profile"]))
    if "pysal" in found:
        parts += list(_pysal(found["pysal"]))
    titles = {
        "kernel": "`sg.Kernel(1000)`: time and memory as the town grows",
        "nearest": "`sg.Nearest(20_000)`: time and memory as the town grows",
        "decay": "`sg.Decay(1000)`, exact, all pairs: time and memory as the town grows",
    }
    for name, title in titles.items():
        if name in found:
            parts += list(_growth(title, found[name]))
    if "grids" in found:
        parts += list(_grids(found["grids"]))
    return "\n\n".join(parts) + "\n"


def _c(case: Mapping[str, Any]) -> Iterator[str]:
    yield "## Exact exponential decay beside the same loop in C"
    yield (
        f"{case['units']:,} points, {case['groups']} groups, all pairs. C (gcc {case['flags']}, all cores): "
        f"{_span(case['c'])}, and {_span(case['c_again'])} afterwards. `sg.Decay(1000).on(pop) @ pop.counts`: "
        f"{_span(case['ours'])}: {case['ratio']:g} times the time of C (budget {case['budget']:g}: "
        f"{'holds' if case['holds'] else '**does not hold**'}); the largest relative difference of the values is "
        f"{case['largest_gap']:.1g}."
    )


def _profile(case: Mapping[str, Any]) -> Iterator[str]:
    yield "## A profile over ten radii"
    yield (
        f'`sg.profile(pop, "H", radii)` with ten radii to {RADII[-1]:,.0f} m on {case["units"]:,} units x '
        f"{case['groups']} groups, {case['neighbours']} neighbours within the largest: {_span(case['ours'])} "
        f"(budget {case['budget']:g} s: {'holds' if case['holds'] else '**does not hold**'})."
    )


def _pysal(case: Mapping[str, Any]) -> Iterator[str]:
    yield f"## Beside PySAL segregation {case['peer']['versions']['segregation']}"
    yield (
        f"{case['units']:,} units x {case['groups']} groups, in one run, the peer in an interpreter of its own. **The "
        "values do not agree**, for the reasons in the table, so the times say how long a user waits, not how much "
        "faster the same number is computed. Ours agree with plain loops to 1e-10."
    )
    rows = []
    for name in WHY:
        ours = case["ours"][name]
        theirs = case["peer"][name]
        value = "–" if theirs["value"] is None else f"{theirs['value']:.6f}"
        seconds = theirs["error"] or " / ".join(f"{_number(second)} s" for second in theirs["seconds"])
        rows.append((name, _span(ours["seconds"]), f"{ours['value']:.6f}", seconds, value, WHY[name]))
    yield _table(("what", "ours", "value", "PySAL, run after run", "value", "why they differ"), rows)


def _growth(title: str, rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield f"## {title}"
    table = [
        (
            f"{row['units']:,}",
            _span(row["seconds"]),
            _span(row["index_seconds"]),
            f"{row['memory']:.2f} GB ({row['memory_before']:.2f} before)",
        )
        for row in rows
    ]
    yield _table(("units", "surroundings of 4 groups", "then H", "peak memory of the process"), table)
    first, last = rows[-2], rows[-1]
    times = last["seconds"]["median"] / first["seconds"]["median"]
    power = math.log(times) / math.log(last["units"] / first["units"])
    grows = f"the time grows with the number of units to the power {power:.2f}"
    yield f"From {first['units']:,} to {last['units']:,} units {grows}."


def _grids(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "## Regular grids"
    yield (
        "Profiles of H on grids of the German census of 2011, from the population to the table, once. At 1 km the "
        "groups are Germans and foreigners, at 100 m foreign-born people by region of birth; the third is the first 23 "
        "times over with four groups by a seeded split of the people, which is synthetic."
    )
    table = [
        (
            row["what"],
            f"{row['units']:,} x {row['groups']}",
            f"{len(row['radii'])} from {row['radii'][0]:,.0f} to {row['radii'][-1]:,.0f} m",
            f"{_number(row['seconds'])} s",
            f"{row['memory']:.2f} GB ({row['memory_before']:.2f} before)",
            f"{row['budget_seconds']:g} s, {row['budget_memory']:g} GB",
            "yes" if row["holds"] else "**no**",
        )
        for row in rows
    ]
    yield _table(("grid", "cells x groups", "radii", "profile of H", "peak memory", "budget", "holds"), table)


def main() -> None:
    """Write the page."""
    PAGE.write_text(render(json.loads(Path(RESULTS).read_text(encoding="utf-8"))), encoding="utf-8")


if __name__ == "__main__":
    main()
