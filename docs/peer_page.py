"""Writes the page of agreements and differences with other packages: docs/numbers-from-other-packages.md.

It is made from values.csv, not_covered.csv and no_peer.csv in tests/peers; a test fails when it no longer matches.
"""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[1]
TABLES = ROOT / "tests" / "peers"
PAGE = ROOT / "docs" / "numbers-from-other-packages.md"
NOTE = "<!-- Written by docs/make.py from the tables in tests/peers; do not edit. -->"
FORMULA, SEVERAL = "formula", "several"
NAMES = {FORMULA: "The formula written out", SEVERAL: "Agreed by several packages"}
DATA = {
    "segregation_schools00.csv": "US schools",
    "segregation_schools05.csv": "US schools, five years later",
    "sf_nc_epsg32119.gpkg": "births in North Carolina",
    "oasisr_segdata.gpkg": "patterns on a grid",
    "sacramentot2.parquet": "Sacramento",
    "inline": "a small table",
}
WRONG = {
    "PySAL segregation 2.6.0": {
        "SpatialProximity, AbsoluteClustering, RelativeClustering, DistanceDecayIsolation, DistanceDecayInteraction": (
            "the proximity is inverted, so that far units count as near"
        ),
        "every index of smoothed counts": "kernel sums are rounded to whole people and then used as weights",
        "ModifiedDissim, ModifiedGini": "one random draw is repeated, so the simulation has no spread",
        "DensityCorrectedDissim": "strongly segregated units are dropped",
        "GlobalDistortion": "without the envelope over the last passage that defines the index",
        "LocalRelativeCentralization": "does not follow its definition",
    },
    "R segregr": {"exposure at a bandwidth above 0": "does not follow its definition"},
    "R segregation": {"mutual_difference at its default precision": "the table is not adjusted far enough"},
    "R OasisR": {"DPxx, DPxy, RCO, standard errors by bootstrap": "do not follow their definitions"},
    "R divseg": {"the spatial indices, Gini": "do not follow their definitions"},
}
"""Package -> what it gives -> why this is not compared."""
REMARKS = {
    "R OasisR": (
        "It prints 4 digits and rounds to 4 on the way; compared are the numbers of the same code without rounding. "
        "Its centralization among K neighbours (RCEPolyK, ACEDuncanPolyK) sees the units at distance 0 from a centre "
        "and at the next K distances that occur: ours is compared on these units. Its delta of Atkinson's index is "
        'our `b`, its rank-order index is ours with `weights="none"`.'
    ),
    FORMULA: "No package: the formula of the paper, written out in R, to settle which package is right.",
    SEVERAL: "Constants on which several packages agree, with the digits that are known of them.",
}

INTRODUCTION = """# Numbers from other packages

Other packages measure segregation too. On this page stand the numbers that they give for public data, beside ours:
where we agree, where we differ and why, and what is not compared. Each number is compared twice in the tests: with what
`segregate` gives through its public functions, and with what the oracle gives, a slow version of the index in plain
loops, written from the paper.

*Equal* means that the two agree within the tolerance in the table: one part in 10,000,000,000 (or 1e-12 where the value
is nearly 0), or half a unit of the last digit where only few digits are known. Where both say that there is no value
(a concentration where all areas are equal), that is *undefined in both*, and counts as equal. Where we *differ*, the
reason is not a guess: the other way to compute the index is written out in the tests and gives the number of the other
package."""

LEFT_OUT = """## Not taken as truth

These numbers are left out, because real data or hand-made cities showed that they are not what the definition says.
Each was found with the version named in the tables or here."""

HOW = """## Making this page again

`python -m tests.peers.make_values` reads the reference values and writes the tables in `tests/peers`,
`python docs/make.py` writes this page. The tests fail when a table or the page no longer matches."""

Rows = list[dict[str, str]]


def lines_of(name: str) -> Rows:
    """Return the lines of one of the tables."""
    with (TABLES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Return a table in Markdown."""
    head = list(head)
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines)


def reason_of(row: dict[str, str]) -> str:
    """Return why a number differs, or nothing."""
    return row["relation"].partition(": ")[2]


def linked(index: str) -> str:
    """Return the name of an index as a link to its page."""
    return f"[{index}](indices/{index}.md)"


def tolerance(row: dict[str, str]) -> str:
    """Return how near the numbers must come."""
    if float(row["rtol"]) > 0:
        return f"{float(row['rtol']):g} of the value"
    return f"{float(row['atol']):g}, as printed"


def counted(rows: Rows) -> list[int]:
    """Return how many numbers there are, how many of them equal, undefined in both, and different."""
    equal = sum(row["relation"] == "equal" for row in rows)
    return [len(rows), equal, sum(row["value"] == "nan" for row in rows), len(rows) - equal]


def by_package(rows: Rows) -> dict[str, Rows]:
    """Return the rows of each package, those that are no package last."""
    found: dict[str, Rows] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row["peer"] in NAMES, row["peer"].lower())):
        found[row["peer"]].append(row)
    return dict(found)


def overview(rows: Rows) -> str:
    """Return the table of all packages."""
    lines = [[NAMES.get(peer, peer), *counted(own)] for peer, own in by_package(rows).items()]
    head = ["package", "numbers", "equal", "of these undefined in both", "different"]
    return "## In short\n\n" + table(head, [*lines, ["**all**", *counted(rows)]])


def packages(rows: Rows) -> str:
    """Return a section for each package."""
    parts = ["## Package by package"]
    for peer, own in by_package(rows).items():
        versions = sorted({row["version"] for row in own} - {""})
        parts.append(f"### {NAMES.get(peer, peer)}")
        if peer not in NAMES:
            parts.append(f"Version {' and '.join(versions)}.")
        if peer in REMARKS:
            parts.append(REMARKS[peer])
        of_index: dict[str, Rows] = defaultdict(list)
        for row in own:
            of_index[row["index"]].append(row)
        lines = []
        for index, here in sorted(of_index.items()):
            number, equal, undefined, different = counted(here)
            reasons = "; ".join(sorted({reason_of(row) for row in here} - {""}))
            told = f"{equal} ({undefined} undefined in both)" if undefined else str(equal)
            near = "; ".join(sorted({tolerance(row) for row in here}))
            lines.append([linked(index), number, told, f"{different}: {reasons}" if different else "0", near])
        parts.append(table(["index", "numbers", "equal", "different", "tolerance"], lines))
    return "\n\n".join(parts)


def asked(row: dict[str, str]) -> str:
    """Say of what a number is."""
    params = json.loads(row["params"])
    place = Path(row["dataset"]).name
    groups = " and ".join(json.loads(row["groups"])) if row["groups"] else "all groups"
    about = params.get("group") or params.get("versus")
    theirs = params.pop("theirs", {})
    shown = {name: value for name, value in params.items() if name not in ("group", "versus", "total")} | theirs
    said = "".join(f", {name} {value}" for name, value in shown.items())
    return f"{DATA.get(place, place)}, {f'{about} of ' if about and about != groups else ''}{groups}{said}"


def differences(rows: Rows) -> str:
    """Return a line for each way in which an index of a package differs, with an example."""
    found: dict[tuple[str, str, str], Rows] = defaultdict(list)
    for row in rows:
        if reason_of(row):
            found[row["peer"], row["index"], reason_of(row)].append(row)
    lines = []
    for (peer, index, reason), here in sorted(found.items()):
        first = here[0]
        example = [asked(first), f"{float(first['value']):.7g}", f"{float(first['ours']):.7g}"]
        lines.append([linked(index), NAMES.get(peer, peer), reason, len(here), *example])
    head = ["index", "package", "reason", "numbers", "for example", "theirs", "ours"]
    return "## Where the numbers differ\n\n" + table(head, lines)


def wrong() -> str:
    """Return the list of numbers that are not taken as truth."""
    lines = [f"- {peer}, {what}: {why}." for peer, of_peer in WRONG.items() for what, why in of_peer.items()]
    return LEFT_OUT + "\n\n" + "\n".join(lines)


def not_compared(lines: Rows, without: Rows) -> str:
    """Return what is not compared and why."""
    numbers: Counter[str] = Counter()
    names: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for line in lines:
        numbers[line["reason"]] += int(line["numbers"])
        names[line["reason"]][line["peer"]].append(line["peer_index"])
    listed = [
        [reason, number, "; ".join(f"{NAMES.get(peer, peer)}: {', '.join(own)}" for peer, own in names[reason].items())]
        for reason, number in numbers.most_common()
    ]
    indices = [[linked(line["index"]), line["reason"]] for line in without]
    return "\n\n".join(
        [
            "## What does not stand in the tables\n\n"
            f"Of the reference values {numbers.total():,} numbers do not stand in the tables above.",
            table(["why", "numbers", "which"], [*listed, ["**all**", numbers.total(), ""]]),
            "Of these indices no number is compared; the oracle and the axioms are:",
            table(["index", "why"], indices),
        ]
    )


def page() -> str:
    """Return the text of the page."""
    rows = lines_of("values.csv")
    parts = [
        NOTE,
        INTRODUCTION,
        overview(rows),
        packages(rows),
        differences(rows),
        wrong(),
        not_compared(lines_of("not_covered.csv"), lines_of("no_peer.csv")),
        HOW,
    ]
    return "\n\n".join(parts) + "\n"


def write() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
