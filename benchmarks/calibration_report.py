"""Put the figures of calibration.json into the tables of docs/uncertainty.md; the prose around them is written by hand.

python -m benchmarks.calibration_report
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from .calibration import KINDS, RESULTS
from .data import ROOT
from .report import _table

__all__ = ["render"]

PAGE = ROOT / "docs" / "uncertainty.md"
MARKS = re.compile(r"(<!-- table: ([a-z]+) -->\n).*?(<!-- end -->)", re.DOTALL)
VALID = (0.93, 0.97)
CRITICAL = {0.05: 1.358, 0.01: 1.628}
"""Of Kolmogorov and Smirnov's distance, times the root of the number of cities."""
BIASED = (0.1, 0.25, 0.5, 1.0)
"""Limits of the bias of replicates, in standard errors."""
DRAWN = {
    "people": "people",
    "totals": "people, totals of units given",
    "ground": "people, within 200 m",
    "units": "units",
    "surroundings": "units, within 200 m",
    "clusters": "clusters of 5 units",
}
Rows = list[dict[str, Any]]


def render(page: str, results: Mapping[str, Any]) -> str:
    """Return the page with its tables made anew."""
    tables = {name: make(results) for name, make in TABLES.items()}
    missing = set(tables) - {found[1] for found in MARKS.findall(page)}
    if missing:
        raise ValueError(f"the page has no place for {', '.join(sorted(missing))}")
    return MARKS.sub(lambda found: f"{found[1]}\n{tables[found[2]]}\n\n{found[3]}", page)


def tests(results: Mapping[str, Any]) -> str:
    """How often tests reject a null that is true."""
    rows = [row for found in results["found"].values() for row in found if "null" in row]
    replicates = results["null_replicates"]
    cities = min(row["cities"] for row in rows)
    limits = {level: factor / cities**0.5 for level, factor in CRITICAL.items()}
    beyond = [row for row in rows if max(row["above"], row["below"]) > limits[0.05]]
    names = ", ".join(f"{row['null']} and {row['index']}" for row in beyond)
    lines = [
        (
            row["null"],
            row["index"].replace("_", " "),
            str(row["groups"]),
            str(row["people"]),
            "within 200 m" if row["within"] else "home",
            *(_percent(rate) for rate in row["greater"]),
            _percent(row["less"]),
            _percent(row["two_sided"]),
            f"{row['above']:.3f}",
            f"{row['below']:.3f}",
        )
        for row in rows
    ]
    head = ("null", "index", "groups", "people a unit", "where", "1 %", "5 %", "10 %", "less, 5 %", "two-sided, 5 %")
    said = (
        f"{cities:,} cities of 49 units a row, {replicates} replicates each, so that p is one of 1/{replicates + 1}, "
        f"2/{replicates + 1}, ..., 1. The standard error of a rate of 5 % is {100 * (0.05 * 0.95 / cities) ** 0.5:.1f} "
        f"points. The last columns are distances of Kolmogorov and Smirnov between the p-values (greater) and these "
        f"steps: how far they are too small, and too large. Of p-values that are uniform one row in twenty is beyond "
        f"{limits[0.05]:.3f} and one in a hundred beyond {limits[0.01]:.3f}; here {len(beyond)} of {len(rows)} rows "
        f"are beyond the first{f': {names}' if beyond else ''}."
    )
    return f"{said}\n\n{_table((*head, 'too small', 'too large'), lines)}"


def cities(results: Mapping[str, Any]) -> str:
    """Say how many cities there were."""
    sizes = {row["cities"] for row in _rows(results)}
    many, fewer = max(sizes), min(sizes)
    errors = [100 * (results["level"] * (1 - results["level"]) / one) ** 0.5 for one in (many, fewer)]
    return (
        f"{many:,} cities in each row, {fewer:,} where there are 200 units or more, simulated on {results['date']} "
        f"with segregate {results['version']}: intervals of {100 * results['level']:g} % from {results['replicates']} "
        f"replicates. The standard error of a coverage is {errors[0]:.1f} points, and {errors[1]:.1f} with "
        f"{fewer:,} cities."
    )


def intervals(rows: Rows) -> str:
    """Say for each setting which intervals cover, and for which indices they do not."""
    lines = []
    for _, of_setting in itertools.groupby(rows, key=_setting):
        found = list(of_setting)
        one = found[0]
        bias = max((row["bias_in_se"] for row in found), key=abs)
        lines.append(
            (
                DRAWN[one["kind"]],
                one["resample"],
                str(one["units"]),
                f"{one['people']:,}",
                str(one["groups"]),
                one["alike"],
                f"{abs(next(row['true'] for row in found if row['index'] == 'H')):.3f}",
                f"{bias:+.2f}",
                *(_verdict(found, kind) for kind in KINDS),
            )
        )
    head = ("sample of", "resample", "units", "people a unit", "groups", "segregation", "true H", "bias / se", *KINDS)
    return _table(head, lines)


def people(results: Mapping[str, Any]) -> str:
    """Where people are a sample."""
    return intervals([row for row in _rows(results) if row["kind"] in ("people", "totals", "ground")])


def units(results: Mapping[str, Any]) -> str:
    """Where units are a sample."""
    return intervals([row for row in _rows(results) if row["kind"] in ("units", "surroundings", "clusters")])


def kinds(results: Mapping[str, Any]) -> str:
    """Count how often each kind of interval is right."""
    parts: dict[str, Callable[[dict[str, Any]], bool]] = {
        "people, 20 a unit": lambda row: row["resample"] == "people" and row["people"] == 20,
        "people, 200 a unit": lambda row: row["resample"] == "people" and row["people"] == 200,
        "people, 4,000 a unit": lambda row: row["resample"] == "people" and row["people"] == 4000,
        "units, 20 of them": lambda row: row["resample"] == "units" and row["kind"] != "clusters" and row["units"] < 50,
        "units, 50 or 200": lambda row: row["resample"] == "units" and row["kind"] != "clusters" and row["units"] >= 50,
        "clusters": lambda row: row["resample"] == "clusters",
        "units that come in clusters": lambda row: row["resample"] == "units" and row["kind"] == "clusters",
    }
    lines = []
    for name, belongs in parts.items():
        rows = [row for row in _rows(results) if belongs(row) and row["alike"] != "none"]
        lines.append((name, str(len(rows)), *(_counted(rows, kind) for kind in KINDS)))
    return _table(("resampled", "settings x indices", *KINDS), lines)


def bias(results: Mapping[str, Any]) -> str:
    """Set coverage beside the bias of the replicates, which everybody can see."""
    rows = [row for row in _rows(results) if row["resample"] == "people" and row["alike"] != "none"]
    edges = (0.0, *BIASED, float("inf"))
    lines = []
    for low, high in itertools.pairwise(edges):
        part = [row for row in rows if low <= abs(row["bias_in_se"]) < high]
        name = f"under {high:g}" if low == 0 else f"{low:g} and more" if high == edges[-1] else f"{low:g} to {high:g}"
        lines.append((name, str(len(part)), *(_range(part, kind) for kind in KINDS)))
    return _table(("bias / se, without its sign", "settings x indices", *KINDS), lines)


def _rows(results: Mapping[str, Any]) -> Rows:
    return [row for found in results["found"].values() for row in found if "covered" in row]


def _setting(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[key] for key in ("kind", "resample", "units", "people", "groups", "alike"))


def _right(row: Mapping[str, Any], kind: str) -> bool:
    return bool(VALID[0] <= row["covered"][kind] <= VALID[1])


def _verdict(rows: Sequence[Mapping[str, Any]], kind: str) -> str:
    wrong = [row for row in rows if not _right(row, kind)]
    if not wrong:
        return f"covers ({_range(rows, kind)})"
    named = ", ".join(f"{row['index']} {100 * row['covered'][kind]:.1f}" for row in wrong)
    return f"**not** {named}"


def _counted(rows: Sequence[Mapping[str, Any]], kind: str) -> str:
    return f"{sum(_right(row, kind) for row in rows)} ({_range(rows, kind)})"


def _range(rows: Iterable[Mapping[str, Any]], kind: str) -> str:
    found = [100 * row["covered"][kind] for row in rows]
    return f"{min(found):.1f} to {max(found):.1f}" if found else "–"


def _percent(rate: float) -> str:
    return f"{100 * rate:.1f}"


TABLES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "tests": tests,
    "cities": cities,
    "kinds": kinds,
    "bias": bias,
    "people": people,
    "units": units,
}


def main() -> None:
    """Write the tables."""
    results = json.loads(Path(RESULTS).read_text(encoding="utf-8"))
    PAGE.write_text(render(PAGE.read_text(encoding="utf-8"), results), encoding="utf-8")


if __name__ == "__main__":
    main()
