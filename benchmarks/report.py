"""Make docs/benchmarks.md from results.json; nobody types a number.

python -m benchmarks.report            writes the page
python -m benchmarks.report --check    fails where the page is not what the figures say
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from .cases import CASES, Measuring, Starting
from .data import ROOT
from .peer import VERSION

RESULTS = Path(__file__).with_name("results.json")
PAGE = ROOT / "docs" / "benchmarks.md"
REASONS = {
    "peer_undefined": "PySAL gives NaN where we give a value",
    "ours_undefined": "PySAL gives a number where the index is undefined with us",
    "differ": "two different numbers",
}


def render(results: Mapping[str, Any]) -> str:
    """Return the page for some results."""
    cases = [(one, results["cases"][one.name]) for one in CASES if one.name in results["cases"]]
    measuring = [(one, found) for one, found in cases if isinstance(one, Measuring)]
    parts = [
        "<!-- Made by `python -m benchmarks.report` from benchmarks/results.json; do not edit. -->",
        "# Benchmarks",
        _machine(results, [found for _, found in cases]),
        "## Budgets",
        "Median of the runs, least and greatest behind it. Unless it says otherwise a call is warm: the kernels are "
        "compiled, the population is built, and the time is that of the whole call, from the population to the "
        "finished table.",
        _table(("work", "budget", "time", "runs", "holds"), _budgets(cases)),
        f"## Beside PySAL segregation {VERSION}",
        "The peer runs in an interpreter of its own, in the same run on the same machine. Its time is that of its "
        "classes alone: the rows of each region are cut out before the clock starts, imports and first calls are not "
        "counted. Ours is that of the one call that gives the same indices. A time counts only where the two values "
        "agree; the tolerance stands with each table.",
        *(
            part
            for one, found in measuring
            for peer in found["peers"]
            if peer["kind"] == "pysal"
            for part in (_batch(one, found, peer) if "batch" in peer else _peer(one, found, peer))
        ),
        "## Regions together and each alone",
        "`measure(by=)` takes all regions in one pass. The same call on each region as a population of its own:",
        _table(("table", "regions compared", "values", "same", "one pass", "one by one"), _alone(measuring)),
        "## Memory, building, first call, processor time",
        "Peak memory of the whole process after each step. The first call in a new process finds compiled kernels on "
        "disk where an earlier run has left them. Processor time is that of all cores together in a warm call, and "
        "suffers less from other work on the machine.",
        _table(
            ("table", "building the population", "first call", "processor", "peak: table", "built", "measured"),
            _memory(measuring),
        ),
    ]
    for _, found in measuring:
        if "each_index" in found:
            parts += [
                "## Every index by itself",
                f"`sg.measure(pop, index)` on {found['units']:,} units x {found['groups']} groups, warm; "
                "indices of one group have a row for each group against the rest.",
                _table(("index", "time"), ((f"`{name}`", _span(time)) for name, time in found["each_index"].items())),
            ]
    parts += ["## Running them", "See [benchmarks/README.md](../benchmarks/README.md)."]
    return "\n\n".join(parts) + "\n"


def _machine(results: Mapping[str, Any], found: Sequence[Mapping[str, Any]]) -> str:
    machine = results["machine"]
    memory = f", {machine['memory_gb']:g} GB of memory" if machine["memory_gb"] else ""
    libraries = ", ".join(f"{name} {number}" for name, number in results["versions"].items())
    loads = [one["load_before"] for one in found if one["load_before"] is not None]
    text = (
        f"Measured on {results['date']}: {machine['model']}, {machine['cpus']} cores{memory}, {machine['system']}, "
        f"Python {results['python']}; {libraries}."
    )
    if loads:
        text += (
            " The load average before each case, to which the case before it adds, was "
            f"{min(loads):g} to {max(loads):g}."
        )
    return text


def _budgets(cases: Iterable[tuple[Measuring | Starting, Mapping[str, Any]]]) -> Iterator[tuple[str, ...]]:
    for one, found in cases:
        budget = found["budget"]
        if isinstance(one, Starting):
            allowed = "none" if budget["seconds"] is None else f"{budget['seconds']:g} s"
            if "beside" in found:
                beside = f"`import geopandas` ({_span(found['beside'])})"
                allowed = f"{allowed}; {beside}" if budget["seconds"] is None else f"{beside} + {allowed}"
        elif budget["seconds"] is None:
            least = max((peer["at_least"] or 0 for peer in found["peers"]), default=0)
            allowed = f"{least:g} times faster than PySAL, equal to each region alone" if least else "none"
        else:
            allowed = f"{budget['seconds']:g} s"
            if budget["memory"] is not None:
                allowed += f", {budget['memory']:g} GB"
        time = _span(found["ours"])
        if budget.get("memory") is not None:
            time += f"; peak {found['memory']['measured']:.1f} GB"
        ratios = [peer["ratio"] for peer in found.get("peers", []) if peer["at_least"] and "ratio" in peer]
        time += "".join(f"; {ratio['median']:.0f} times faster" for ratio in ratios)
        verdict = "–" if allowed.startswith("none") else "yes" if found["holds"] else "**no**"
        yield one.title, allowed, time, str(found["ours"]["runs"]), verdict


def _peer(one: Measuring, found: Mapping[str, Any], peer: Mapping[str, Any]) -> Iterator[str]:
    yield f"### {one.title}"
    ratio = peer["ratio"]
    least = "at least " if not peer["all_regions"] else ""
    where = f"{peer['regions']:,} of {found['regions']:,} regions" if found["regions"] > 1 else "the whole table"
    text = (
        f"{where[0].upper() + where[1:]}, {peer['calls']:,} calls of the peer: {_span(peer['seconds'])} in "
        f"{peer['seconds']['runs']} runs, of which {_span(peer['seconds_where_agree'])} where values agree "
        f"({peer['agree']:,} calls; relative {peer['rtol']:g}, absolute {peer['atol']:g}). "
        f"Ours for the same indices: {_span(peer['ours_same'])} in {peer['ours_same']['runs']} runs. "
        f"**{least}{_number(ratio['median'])} times faster** by the medians, {_number(ratio['min'])} for our slowest "
        f"run against their fastest, {_number(ratio['max'])} for the reverse."
    )
    if not peer["all_regions"]:
        text += " The peer was stopped after ten minutes; the regions come in a random order, ours are all of them."
    yield text
    for name, why in peer["left_out"].items():
        yield f"The peer was not asked for `{name}`: {why}."
    yield _table(
        ("index", "calls", "same value", "largest gap among these", "PySAL", "where values agree"),
        (
            (
                f"`{row['index']}`",
                f"{row['calls']:,}",
                f"{row['agree']:,}",
                f"{row['largest_gap']:.1g}",
                _span(row["seconds"]),
                _span(row["seconds_where_agree"]),
            )
            for row in peer["indices"]
        ),
    )
    rows = [
        (f"`{row['index']}`", reason, str(row[verdict]), str(row[f"{verdict}_where_a_group_is_absent"]))
        for row in peer["indices"]
        for verdict, reason in REASONS.items()
        if row[verdict]
    ]
    if rows:
        yield (
            f"Where they do not agree: {peer['lacking_regions']} regions have nobody of some group. There the "
            "logarithm of the share 0 makes PySAL's entropies NaN, and the group's isolation, exposure and correlation "
            "ratio, undefined with us, come out as sums over nothing."
        )
        yield _table(("index", "what", "calls", "of these in regions without some group"), rows)
    versions = ", ".join(f"{name} {number}" for name, number in peer["versions"].items())
    yield (
        f"The peer's environment: Python {peer['python']}, {versions}. Its import takes "
        f"{_number(peer['import_seconds'])} s after pandas, its first calls on one region "
        f"{_number(peer['first_seconds'])} s."
    )


def _batch(one: Measuring, found: Mapping[str, Any], peer: Mapping[str, Any]) -> Iterator[str]:
    yield f"### {one.title}"
    multi, *single = peer["seconds"]
    times = ", ".join(f"{_number(second)} s" for second in single)
    total = sum(peer["seconds"])
    ours = peer["ours_same"]
    every = "all groups" if len(single) == found["groups"] else f"{len(single)} of {found['groups']} groups, for time"
    yield (
        f"`batch_compute_multigroup` took {_number(multi)} s, `batch_compute_singlegroup` {times} ({every}): "
        f"{_number(total)} s for {peer['calls'] + peer['without_counterpart']} numbers, of which {peer['calls']} have "
        f"a counterpart here and {peer['agree']} of these agree to the four digits that the functions leave. "
        "(The concentration profile is a sum on a grid there, the dissimilarity by length of borders takes weights "
        "that add up to 1 in each row; what has no counterpart here are spatial indices, where the peer's values are "
        "wrong or of another definition, and corrected ones.) "
        f"Ours, from the table of polygons on: {peer['ours_numbers']} numbers for the same groups, and those of the "
        f"other groups besides, {_span(ours)} in {ours['runs']} runs. The one wait is "
        f"**{_number(total / ours['median'])} times** the other by the median. It is no ratio of equal work: the "
        "peer's functions compute spatial indices over all pairs of units that cannot be left out, ours has those of "
        "clustering among its numbers."
    )
    yield _table(
        ("index", "numbers", "same to four digits"),
        ((f"`{row['index']}`", f"{row['calls']:,}", f"{row['agree']:,}") for row in peer["indices"]),
    )


def _alone(measuring: Iterable[tuple[Measuring, Mapping[str, Any]]]) -> Iterator[tuple[str, ...]]:
    for one, found in measuring:
        for peer in found["peers"]:
            if peer["kind"] != "alone":
                continue
            calls, agree = (sum(row[key] for row in peer["indices"]) for key in ("calls", "agree"))
            same = "all" if calls == agree else f"**{agree:,}**"
            some = "" if peer["regions"] == found["regions"] else " (these only)"
            yield (
                f"`{one.name}`",
                f"{peer['regions']:,} of {found['regions']:,}",
                f"{calls:,}",
                f"{same}, to {peer['rtol']:g}",
                _span(found["ours"]),
                f"{_number(peer['seconds']['median'])} s{some}",
            )


def _memory(measuring: Iterable[tuple[Measuring, Mapping[str, Any]]]) -> Iterator[tuple[str, ...]]:
    for one, found in measuring:
        peaks = (f"{found['memory'][step]:.2f} GB" for step in ("table", "population", "measured"))
        yield f"`{one.name}`", _span(found["build"]), f"{_number(found['first'])} s", _span(found["ours_cpu"]), *peaks


def _span(time: Mapping[str, float]) -> str:
    return f"{_number(time['median'])} s ({_number(time['min'])} to {_number(time['max'])})"


def _number(value: float) -> str:
    """Write three digits that count."""
    return f"{value:,.0f}" if value >= 100 else f"{value:#.3g}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    """Write the page, or check it."""
    parser = argparse.ArgumentParser(description="Make docs/benchmarks.md from benchmarks/results.json.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail where the page is stale")
    check = parser.parse_args().check
    page = render(json.loads(RESULTS.read_text(encoding="utf-8")))
    if not check:
        PAGE.write_text(page, encoding="utf-8")
    elif not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != page:
        sys.exit(f"{PAGE.name} is not what {RESULTS.name} says: python -m benchmarks.report")


if __name__ == "__main__":
    main()
