"""Make docs/benchmarks-reading.md from reading.json; nobody types a number.

python -m benchmarks.reading_report
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .data import ROOT
from .reading import BUDGET, CASES, RESULTS, TILES
from .report import _number, _span, _table

__all__ = ["render"]

PAGE = ROOT / "docs" / "benchmarks-reading.md"


def render(results: Mapping[str, Any]) -> str:
    """Return the page for some results."""
    return "\n\n".join(_parts(results)) + "\n"


def _parts(results: Mapping[str, Any]) -> Iterator[str]:
    found = {name: results["found"][name] for name in CASES if name in results["found"]}
    machine = results["machine"]
    libraries = ", ".join(f"{name} {number}" for name, number in results["versions"].items())
    yield "<!-- Made by `python -m benchmarks.reading_report` from benchmarks/reading.json; do not edit. -->"
    yield "# Benchmarks of reading"
    memory = f", {machine['memory_gb']} GB of memory" if machine["memory_gb"] else ""
    busy = results["load"]
    yield (
        f"Measured on {results['date']}: {machine['model']}, {machine['cpus']} cores{memory}, Python "
        f"{results['python']}; {libraries}. Each reading is a process of its own; medians, least and greatest behind "
        "them. Memory is the most that the process held, libraries included."
        + (
            f" {busy:g} processes wanted a core when it began, so the seconds are those of a busy machine."
            if busy and busy > machine["cpus"] / 2
            else ""
        )
    )
    yield (
        f"The grid has {results['rows']:,} cells: the 1 km grid of the German census of 2011, {TILES} times over, with "
        "four groups by a seeded split of the people. It is synthetic. Its columns are an id such as "
        "`CRS3035RES1000mN2689000E4341000`, the total, four groups, x and y; the GeoParquet has the squares as "
        "polygons. Both sides must find the same rows and the same people, or the row says so."
    )
    rows = []
    for name, row in found.items():
        ratio = row["ours_seconds"]["median"] / row["peer_seconds"]["median"]
        budget = f"{row['budget']:g} GB: {'yes' if row['holds'] else '**no**'}" if "budget" in row else "–"
        rows.append(
            (
                CASES[name].title,
                f"{row['bytes'] / 1e6:,.0f} MB",
                f"{row['rows']:,}{'' if row['same'] else ' (**not the same**)'}",
                _span(row["peer_seconds"]),
                f"{row['peer_memory']:.2f} GB",
                _span(row["ours_seconds"]),
                f"{row['ours_memory']:.2f} GB",
                f"{_number(ratio)}",
                budget,
            )
        )
    head = ("file", "size", "rows read", "library alone", "memory", "`sg.read`", "memory", "times as long", "holds")
    yield _table(head, rows)
    if "schools" in found:
        yield _schools(found["schools"], results)
    before = max(row["memory_before"] for row in found.values())
    yield (
        f"Before anything is read, the process with segregate holds {before:.2f} GB. "
        f"The budget is {BUDGET:g} GB for reading a whole grid into a `Population`."
    )
    yield (
        "`sg.read` does more than the library alone: it checks the encoding and the quotes, keeps ids with leading "
        "zeros as text, looks at every count, makes sure that no id is there twice, and hashes the file for the "
        "provenance. What it saves: columns and rows that are not asked for, and the bytes of shapes, which are made "
        "a part at a time."
    )
    yield "## What was called"
    calls = [(CASES[name].title, f"`{CASES[name].ours_text}`", CASES[name].peer_text) for name in found]
    yield _table(("file", "ours", "library alone"), calls)


def _schools(row: Mapping[str, Any], results: Mapping[str, Any]) -> str:
    """Say how much memory a row of the table of pupils takes."""

    def bytes_a_row(memory: float, before: float, pupils: int) -> str:
        return f"{(memory - before) * 1e9 / pupils:,.0f} bytes"

    pupils, earlier = results["pupils"], results.get("earlier")
    sentence = (
        f"The table of pupils is synthetic, in the layout of the Common Core of Data: {pupils:,} rows, "
        f"{row['bytes'] / pupils:,.0f} bytes each in the file, nearly all of it text that is repeated. It is read a "
        "part at a time; rows that would count pupils again are left out at once, and of the columns each different "
        "text is held once. Beyond what the process held before, reading takes "
        f"{bytes_a_row(row['ours_memory'], row['memory_before'], pupils)} a row"
    )
    if earlier:
        old = bytes_a_row(earlier["ours_memory"], earlier["memory_before"], earlier["pupils"])
        sentence += f" (the version of {earlier['date']} that read all rows before it chose: {old})"
    return f"{sentence}; pandas takes {bytes_a_row(row['peer_memory'], row['peer_memory_before'], pupils)}."


def main() -> None:
    """Write the page."""
    PAGE.write_text(render(json.loads(Path(RESULTS).read_text(encoding="utf-8"))), encoding="utf-8")


if __name__ == "__main__":
    main()
