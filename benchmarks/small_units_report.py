"""Make docs/small-units.md from small_units.json; nobody types a number.

python -m benchmarks.small_units_report
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from .data import ROOT
from .report import _table
from .small_units import RESULTS, SIZES, WORLDS

__all__ = ["render"]

PAGE = ROOT / "docs" / "small-units.md"
NAMES = {"D": "dissimilarity D", "H": "information theory H", "V": "correlation ratio V"}
METHODS = {
    "raw": "as measured",
    "raw less expected": "measured less expected",
    "carrington_troske": "`carrington_troske`",
    "allen_bootstrap": "`allen_bootstrap`",
    "allen_density": "`allen_density`",
    "miller_madow": "`miller_madow`",
    "leave_one_out": "`leave_one_out`",
    "beta_mixture": "`beta_mixture`",
    "beta_mixture, 2 components": "`beta_mixture`, `components=2`",
    "bounds": "`bounds`",
}
HEAD = """\
# Small units

Take a school class of 20, in a city where a quarter of the pupils are of some group. If the pupils were spread over
the classes by lot, few classes would have exactly five of them. So the classes differ, and every index of evenness
says so: it measures chance, too. The smaller the units and the groups, the more.

```python
import segregate as sg

schools = sg.sample("schools")
sg.expected(schools, "D", group="black")  # what chance alone would make
sg.corrected(schools, "D", group="black", method="beta_mixture")  # the index without it
sg.small_units(schools, group="black").plot()  # everything side by side
```

## What chance alone would make

`sg.expected(pop, index)` is the mean of the index over all ways to allocate the people to the units, with the totals
of the units and the sizes of the groups as they are. For D, KM, GS, M, H, V, P, R, C, isolation and exposure it is a
formula, exact to the last digits and fast with millions of people; for other indices, and within an environment,
`method="simulate"` draws cities. `margins="units"` keeps the totals of units only.

Whether what was measured is more than chance is a question for `sg.monte_carlo_test`. How much is left without chance
is one for `sg.corrected`.

## What the corrections do
"""
WHAT = [
    ("method", "what it does", "for"),
    (
        "`carrington_troske`",
        "puts the index on a scale from 0, as chance would have it, to 1, complete separation",
        "indices from 0 to 1, also within an environment",
    ),
    (
        "`allen_bootstrap`",
        "draws people again from the city, sees how much the index grows, and takes as much away",
        "all, also within an environment",
    ),
    ("`allen_density`", "replaces the gap of each unit by its most likely size", "D, KM, GS of two groups"),
    ("`miller_madow`", "takes away the bias of M to the first order", "M, H"),
    ("`leave_one_out`", "nobody is their own neighbour", "V, and P, R, C of two groups"),
    (
        "`beta_mixture`",
        "fits one or more beta distributions to the shares of units",
        "D, KM, GS, S, H, M, V, P, R, C, isolation, A, O, G of two groups",
    ),
    ("`bounds`", "finds all values that the counts allow, whatever the distribution of shares", "the same without G"),
]
AFTER = """\
The last two take the units for a sample, weigh all units alike, and take it that shares do not depend on the size of
units (a note says if they do; `sizes="free"` gives `bounds` a distribution for each size). For a city of large units
none of the corrections is needed, and these two answer another question than the index, which weighs people.

Units of t people tell t moments of the distribution of shares, and no more: units of two people tell its mean and its
variance. So V is known, but D only between bounds. With more people a unit the bounds soon meet; what is left then is
the error of sampling, which the interval shows. It holds the values of all distributions under which the counts are
nearly as likely as under the likeliest one.
"""
TAIL = """\
- Units of hundreds of people need no correction.
- For V take `leave_one_out`: it has no bias that matters in any of these worlds. `carrington_troske` gives nearly the
  same.
- For H and M take `miller_madow` from 10 people a unit on.
- For D in small units there is no simple way. `allen_density` is near from 10 people a unit on where units differ
  much, and too high where they are much alike; `allen_bootstrap` needs 30, and its interval is too narrow below.
- `beta_mixture` is near throughout, for all indices, where the shares come from a beta distribution. Where they do not
  (two kinds of units), it is wrong by more than its interval; a note says so where the counts tell, and
  `components=2` helps.
- `bounds` assumes no distribution. In small units its interval is long, and to be believed.
- `carrington_troske` says by how much a city is beyond chance. As an estimate of the D behind the counts it is far too
  low, and so is what was measured less what is expected.
- In random cities the mean of measured less expected is 0. `carrington_troske` is a little below 0, since what falls
  short of chance is divided by less. The estimates of D are above 0 there: they cannot be negative, so their errors do
  not cancel.
"""


def render(results: Mapping[str, Any]) -> str:
    """Return the page for some results."""
    rows = results["rows"]
    parts = [
        "<!-- Made by `python -m benchmarks.small_units_report` from benchmarks/small_units.json; do not edit. -->",
        HEAD.rstrip(),
        _table(WHAT[0], WHAT[1:]),
        AFTER.rstrip(),
        "## When to use which",
        TAIL.rstrip(),
        "## How near they come",
        f"Simulated cities of {results['units']} units, {results['cities']} cities in each cell. A unit has from half "
        "of the mean number of people to one and a half times of it. Every unit has a share of its own, and its people "
        "are drawn from it. An estimate is compared with the index of these shares, weighed by people: what it would "
        "be in this city without chance. Cells show the mean error, and behind it the root of the mean squared error. "
        f"Simulated with seed {results['seed']} on {results['date']}.",
    ]
    for index, name in NAMES.items():
        for world, (what, *_) in WORLDS.items():
            parts += list(_errors([r for r in rows if r["index"] == index and r["world"] == world], name, what))
    parts.append("## How often intervals hold the truth")
    parts.append(
        "Intervals of 95 %; cells show how many hold the truth, and their mean width. For `allen_bootstrap`, which "
        "takes the units as they are, that is the index of the shares of the city; for the others, which take the "
        "units for a sample, it is that of the distribution from which the shares are drawn. Random cities are left "
        "out, in which the truth is the end of what is possible. A beta mixture that ends there has no interval."
    )
    parts.append(_covered(rows))
    parts.append("## How wide the bounds of D are")
    parts.append("Means of the bounds, and how often they hold the truth; they are no interval.")
    parts.append(_bounds(rows))
    return "\n\n".join(parts) + "\n"


def _sizes(rows: Sequence[Mapping[str, Any]]) -> list[int]:
    return [size for size in SIZES if any(row["size"] == size for row in rows)]


def _errors(rows: Sequence[Mapping[str, Any]], name: str, what: str) -> Iterator[str]:
    sizes = _sizes(rows)
    if not rows:
        return
    true = rows[0]["true"]
    yield f"**{name[0].upper()}{name[1:]}: {what}.** Its value for the distribution is {true:.3f}."
    table = []
    for method, title in METHODS.items():
        found = {row["size"]: row for row in rows if row["method"] == method}
        if found and (method != "raw less expected" or true == 0):
            table.append((title, *(_error(found[size]) for size in sizes)))
    yield _table(("people a unit", *map(str, sizes)), table)


def _error(row: Mapping[str, Any]) -> str:
    if row["values"] < row["cities"] / 2:
        return "no single value"
    some = "" if row["values"] == row["cities"] else f" ({row['values']} cities)"
    return f"{row['bias']:+.3f} / {row['rmse']:.3f}{some}"


def _covered(rows: Sequence[Mapping[str, Any]]) -> str:
    table = []
    for index, name in NAMES.items():
        for world in WORLDS:
            if world == "random":
                continue
            for method, title in METHODS.items():
                found = {
                    r["size"]: r
                    for r in rows
                    if (r["index"], r["world"], r["method"]) == (index, world, method) and r["intervals"]
                }
                if found:
                    cells = (_interval(found.get(size)) for size in _sizes(rows))
                    table.append((name.rsplit(" ", 1)[1], world, title, *cells))
    return _table(("index", "world", "people a unit", *map(str, _sizes(rows))), table)


def _interval(row: Mapping[str, Any] | None) -> str:
    if row is None:
        return "–"
    some = "" if row["intervals"] == row["cities"] else f" ({row['intervals']} cities)"
    covered = row["covered" if row["method"] == "allen_bootstrap" else "covered_of_law"]
    return f"{covered:.0%}, {row['width']:.3f}{some}"


def _bounds(rows: Sequence[Mapping[str, Any]]) -> str:
    table = []
    for world in WORLDS:
        found = {r["size"]: r for r in rows if (r["index"], r["world"], r["method"]) == ("D", world, "bounds")}
        if found:
            true = next(iter(found.values()))["true"]
            cells = (f"{found[s]['least']:.3f} to {found[s]['greatest']:.3f}, {found[s]['held']:.0%}" for s in found)
            table.append((world, f"{true:.3f}", *cells))
    return _table(("world", "true D", *(f"{size} people" for size in _sizes(rows))), table)


def main() -> None:
    """Write the page."""
    PAGE.write_text(render(json.loads(Path(RESULTS).read_text(encoding="utf-8"))), encoding="utf-8")


if __name__ == "__main__":
    main()
