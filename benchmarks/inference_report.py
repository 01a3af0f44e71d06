"""Make docs/benchmarks-inference.md from inference.json; nobody types a number.

python -m benchmarks.inference_report
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from .data import ROOT
from .inference import DENSITY, RESULTS
from .report import _number, _span, _table

__all__ = ["render"]

PAGE = ROOT / "docs" / "benchmarks-inference.md"
APPROACHES = {
    "person_permutation": 'people at random: `monte_carlo_test(pop, "H")` and `null_approach="person_permutation"`',
    "bootstrap": 'units again: `bootstrap(pop, "H", resample="units")` and `null_approach="bootstrap"`',
}
STEPS = {
    "seeds": "a child stream for each replicate",
    "drawing": "drawing the tables",
    "evaluating": "H of the tables",
}


def render(results: Mapping[str, Any]) -> str:
    """Return the page for some results."""
    found, machine = results["found"], results["machine"]
    libraries = ", ".join(f"{name} {number}" for name, number in results["versions"].items())
    parts = [
        "<!-- Made by `python -m benchmarks.inference_report` from benchmarks/inference.json; do not edit. -->",
        "# Benchmarks of inference",
        f"Measured on {results['date']}: {machine['model']}, {machine['cpus']} cores, {machine['memory_gb']:g} GB of "
        f"memory, Python {results['python']}; {libraries}. Medians, least and greatest behind them; calls are warm. "
        "Seconds of the clock; those of all cores together stand beside them where they are known. Before it began, "
        f"{max(results['load_before'].values()):.1f} processes wanted a core.",
        "The cities are made: units that differ in size by a factor of three, with shares of five groups from a "
        "Dirichlet distribution.",
    ]
    if "people" in found:
        parts += list(_people(found["people"]))
    if "pysal" in found:
        parts += list(_pysal(found["pysal"]))
    if "verbs" in found:
        parts += list(_verbs(found["verbs"]))
    return "\n\n".join(parts) + "\n"


def _people(case: Mapping[str, Any]) -> Iterator[str]:
    yield "## A test against people at random"
    yield (
        f'`sg.monte_carlo_test(pop, "H", replicates={case["replicates"]})` on {case["units"]:,} units x '
        f"{case['groups']} groups with {case['people']:,.0f} people: {_span(case['ours'])} in {case['ours']['runs']} "
        f"runs, {_number(case['ours']['cpu']['median'])} s of all cores together (budget {case['budget']:g} s: "
        f"{'holds' if case['holds'] else '**does not hold**'}). {case['chunk']} tables are in memory at once; the "
        f"process takes {case['memory']:.2f} GB at its peak ({case['memory_before']:.2f} before)."
    )
    rows = [
        (STEPS[name], _span(case["steps"][name]), f"{_number(case['steps'][name]['cpu']['median'])} s")
        for name in STEPS
    ]
    yield _table(("step", "seconds", "of all cores"), rows)
    draws = case["replicates"] * case["units"] * (case["groups"] - 1)
    each = case["steps"]["drawing"]["cpu"]["median"] / draws
    yield (
        f"A replicate is a table of {case['units']:,} x {case['groups']} with both margins kept, from "
        f"{case['units'] * (case['groups'] - 1):,} hypergeometric numbers of {1e9 * each:.0f} ns of a core each; that "
        "does not grow with the number of people."
    )


def _pysal(case: Mapping[str, Any]) -> Iterator[str]:
    yield f"## Beside PySAL segregation {case['versions']['segregation']}"
    gap = max(row["statistic_gap"] for row in case["cases"])
    same = "to the last bit" if gap == 0 else f"to {gap:.0g}"
    error = max(abs(row["mean_gap_in_errors"]) for row in case["cases"])
    yield (
        "H of the same tables, in one run, the peer in an interpreter of its own with its default of a process for "
        "each core (started before the clock), `SingleValueTest(MultiInfoTheory(...))`; ours before and after it. The "
        "peer gets fewer iterations, as stated, and its time is that of one iteration; times of ours are of "
        f"{case['replicates']} replicates. **The values agree**: H is the same {same}, and the means "
        f"over replicates differ by {error:.1f} standard errors at most (two sources of random numbers)."
    )
    rows = []
    for row in case["cases"]:
        before, after = row["ours"]
        rows.append(
            (
                APPROACHES[row["approach"]],
                f"{row['people']:,.0f}",
                f"{_span(before)}; {_span(after)}",
                f"{_per(row['ours_each'])}",
                f"{_per(row['peer_each']['median'])} ({_per(row['peer_each']['min'])} to "
                f"{_per(row['peer_each']['max'])}; {row['peer_runs']} x {row['iterations']})",
                f"**{_number(row['ratio'])}**",
                f"{row['mean']:.6f} ± {row['deviation']:.6f} / {row['peer_mean']:.6f} ± {row['peer_deviation']:.6f}",
            )
        )
    head = ("what", "people", "ours", "a replicate", "PySAL, an iteration", "ratio", "mean ± deviation, ours / PySAL")
    yield _table(head, rows)
    yield (
        f"All on {case['cases'][0]['units']:,} units x {case['cases'][0]['groups']} groups. For people at random the "
        "peer makes, in every iteration, a list and then a table with a row for each person, shuffles it, counts it "
        "again by unit and group, and measures the new table: its time and memory grow with the number of people. Ours "
        "draws the counts themselves, whose distribution is known (multivariate hypergeometric)."
    )


def _verbs(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "## Other verbs"
    yield (
        "The city of tracts again. Within `Kernel(1000)` some "
        f"{math.pi * DENSITY:.0f} units are around each, which all replicates pass in one go."
    )
    table = [
        (
            f"`{row['what']}`" if "(pop" in row["what"] else row["what"],
            f"{row['replicates']:,}",
            _span(row["seconds"]),
            f"{_number(row['seconds']['cpu']['median'])} s",
        )
        for row in rows
    ]
    yield _table(("what", "replicates", "seconds", "of all cores"), table)


def _per(seconds: float) -> str:
    return f"{_number(1000 * seconds)} ms" if seconds < 1 else f"{_number(seconds)} s"


def main() -> None:
    """Write the page."""
    PAGE.write_text(render(json.loads(Path(RESULTS).read_text(encoding="utf-8"))), encoding="utf-8")


if __name__ == "__main__":
    main()
