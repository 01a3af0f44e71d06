"""Make values.csv and not_covered.csv from the values that other packages give.

Run from the root of the repository: ``python -m tests.peers.make_values``. It reads reference_values.json in
``../shared/peers``, or beside the folder that SEGREGATE_DATA names, or in that of SEGREGATE_PEERS, and says what it
wrote and what it left out, and why.
Every number of every entry ends either in values.csv or in not_covered.csv.

Columns of values.csv
---------------------
id            entry of reference_values.json and the number in it, or "constant" and what is measured
dataset       file below the folder of shared data
index         our name
groups        JSON list of the groups, in order; empty where all groups of a long table count
params        JSON: our parameters (group, other, base, b, centre ...) and how to come to the number, see below
value         what the peer gives
rtol, atol    how near our value must come, relative or absolute (the larger counts)
peer, version, peer_index
relation      "equal", or "differs: reason"
ours          where it differs: what the oracle gives, to ten digits

A value that the peer says is undefined is nan, and equal if ours is undefined too.

In params ``unit`` and ``names`` are the columns of a long table that name units and groups (school and race if not
given), ``where`` keeps the rows with these values, ``total`` is the column of everybody, ``table`` holds the counts
themselves, ``versus`` makes two groups of one and the rest, ``merge`` makes groups of several, ``rings`` keeps the
units at so many of the smallest distances from the centre, ``by`` and ``region`` measure one region of many, ``over``
divides by the value of the whole, ``local`` is a summary of the values per unit (mean, min, max, "weighted mean" by
people) or {"at": unit}, and ``theirs`` is what only the peer was asked. ``within`` is an environment, ``raster`` makes
points of polygons (both in nearness.py), and ``pooled`` is the mean proximity of everybody, or of a group "over" that.

Where a peer prints 4 digits and the file also has the same number unrounded (``value_as_printed`` and ``value``), the
unrounded one is taken.
"""

import csv
import io
import json
import os
import sys
from collections import Counter, defaultdict
from pathlib import Path

from .by_oracle import evaluate
from .entries import BIRTHS, LEFT_OUT, ON_A_GRID, SACRAMENTO, SCHOOLS, Entry, numbers_in
from .readers import READERS
from .rows import HERE, as_row

COLUMNS = [
    *("id", "dataset", "index", "groups", "params", "value", "rtol", "atol"),
    *("peer", "version", "peer_index", "relation", "ours"),
]

HISPANIC = {"total": "tot_pop"}
FOUR = ["white", "black", "asian", "hisp"]
BIRTH_GROUPS = ["NWBIR74", "WBIR74"]
GRID = {"theirs": {"thresholds": 1000}}
KILOMETRE = {"within": {"decay": 1000, "own": "area"}}

# Agreed by several packages; index, dataset, groups, params, the digits as they are printed.
CONSTANTS = [
    ("dissimilarity", SACRAMENTO, ["hisp"], HISPANIC, "0.32184656076566864"),
    ("gini", SACRAMENTO, ["hisp"], HISPANIC, "0.43506510676886234"),
    ("information_theory", SACRAMENTO, ["hisp"], HISPANIC, "0.09626774479970557"),
    ("correlation_ratio", SACRAMENTO, ["hisp"], {**HISPANIC, "group": "hisp"}, "0.09164042012926693"),
    ("isolation", SACRAMENTO, ["hisp"], {**HISPANIC, "group": "hisp"}, "0.2319615486459151"),
    ("dissimilarity", SACRAMENTO, FOUR, {}, ".41340872573177806"),
    ("gini", SACRAMENTO, FOUR, {}, ".5456349992598081"),
    ("information_theory", SACRAMENTO, FOUR, {}, ".1710160297858887"),
    ("mutual_information", SACRAMENTO, FOUR, {}, ".16645182134289443"),
    ("normalized_exposure", SACRAMENTO, FOUR, {}, ".18821879029994157"),
    ("relative_diversity", SACRAMENTO, FOUR, {}, ".15820019878220337"),
    ("mutual_information", SCHOOLS, None, {}, ".42553897587642"),
    ("information_theory", SCHOOLS, None, {}, ".418808314641945"),
    ("dissimilarity", SCHOOLS, None, {}, ".619699898863552"),
    ("dissimilarity", SCHOOLS, ["black", "white"], {}, ".728387884871103"),
    ("gini", SCHOOLS, ["black", "white"], {}, ".884320216692635"),
    ("dissimilarity", BIRTHS, BIRTH_GROUPS, {}, ".294409842430448"),
    ("gini", BIRTHS, BIRTH_GROUPS, {}, ".429203134862487"),
    ("information_theory", BIRTHS, BIRTH_GROUPS, {}, ".111224389024821"),
    ("boundary_dissimilarity", BIRTHS, BIRTH_GROUPS, {}, ".178710616040517"),
    ("boundary_dissimilarity", BIRTHS, BIRTH_GROUPS, {"adjust": "length"}, ".179040057484028"),
    ("boundary_dissimilarity", BIRTHS, BIRTH_GROUPS, {"adjust": "shape"}, ".221818767177049"),
    ("atkinson", SACRAMENTO, ["hisp"], HISPANIC, "0.15079259382667654"),
    ("hutchens", SACRAMENTO, ["hisp"], HISPANIC, "0.0784754989"),
    ("squared_coefficient_of_variation", SACRAMENTO, FOUR, {}, ".11875484641127525"),
    ("concentration_profile", SACRAMENTO, ["hisp"], {**HISPANIC, "group": "hisp", **GRID}, ".13769"),
    ("spatial_proximity", SACRAMENTO, ["hisp"], HISPANIC, "1.066374"),
    ("relative_clustering", SACRAMENTO, ["hisp"], {**HISPANIC, "group": "hisp"}, ".704852"),
    ("absolute_clustering", SACRAMENTO, ["hisp"], {**HISPANIC, "group": "hisp"}, ".096871"),
    ("isolation", SACRAMENTO, ["hisp"], {**HISPANIC, "group": "hisp", **KILOMETRE}, ".214922"),
    ("exposure", SACRAMENTO, ["hisp"], {**HISPANIC, "group": "hisp", "other": "other", **KILOMETRE}, ".785078"),
    *(
        (index, SACRAMENTO, FOUR, {"within": {"kernel": "triangular", "radius": radius}}, digits)
        for radius, values in {
            1000: (".16820", ".41059", ".15540"),
            5000: (".11976", ".36159", ".11063"),
            20000: (".06238", ".27596", ".05605"),
        }.items()
        for index, digits in zip(("information_theory", "dissimilarity", "relative_diversity"), values, strict=True)
    ),
]

# From the formula written out, in the same way.
WRITTEN_OUT = [
    ("boundary_dissimilarity", BIRTHS, BIRTH_GROUPS, {"adjust": "shape", "perimeter": "whole"}, ".259775008116320"),
    ("concentration_profile", SACRAMENTO, ["hisp"], {**HISPANIC, "group": "hisp"}, ".1385006396967825"),
    ("distortion", SACRAMENTO, FOUR, {}, ".0420025"),
]


def constants():
    """Return the rows of the constants; those with few digits agree to half a unit of the last one."""
    rows = []
    constants = [*(("several", *row) for row in CONSTANTS), *(("formula", *row) for row in WRITTEN_OUT)]
    for peer, index, dataset, groups, params, digits in constants:
        after_point = len(digits.split(".")[1])
        long = after_point >= 12
        place = Path(dataset).stem
        rows.append(
            {
                "id": " ".join(["constant", place, *(groups or ["all"]), index, *named(params)]),
                "dataset": dataset,
                "index": index,
                "groups": json.dumps(groups) if groups else "",
                "params": json.dumps(params, sort_keys=True),
                "value": digits,
                "rtol": "1e-10" if long else "0",
                "atol": "1e-12" if long else f"5e-{after_point + 1}",
                "peer": peer,
                "version": "",
                "peer_index": index,
                "relation": f"differs: {ON_A_GRID}" if "theirs" in params else "equal",
            }
        )
    return rows


def named(params):
    """Return the parameters that tell a constant from another of the same index."""
    told = [str(params[name]) for name in ("adjust", "perimeter") if name in params] + ["grid"] * ("theirs" in params)
    return told + [str(value) for part in params.get("within", {}).items() for value in part]


def read(entries):
    """Return the rows of all entries, and what is left out: (reason, peer, name) -> numbers."""
    rows, left_out = [], Counter()
    for raw in entries:
        entry = Entry(raw)
        if raw["index"] in READERS:
            READERS[raw["index"]](entry)
        elif raw["index"].startswith("mutual_difference"):
            READERS["mutual_difference"](entry)
        else:
            reasons = [why for why, names in LEFT_OUT.items() if raw["index"].startswith(names)]
            if not reasons:
                raise SystemExit(f"entry {raw['id']}: nothing is known about {raw['index']!r}")
            entry.leave(reasons[0], numbers_in(raw["value"]))
        if len(entry.rows) + sum(entry.left_out.values()) != numbers_in(raw["value"]):
            raise SystemExit(f"entry {raw['id']}: some of its numbers are neither rows nor left out")
        rows += entry.rows
        for reason, numbers in entry.left_out.items():
            left_out[reason, raw["peer"], raw["index"]] += numbers
    return rows, left_out


def as_csv(columns, rows):
    """Return a table as text."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def tables(folder):
    """Return the text of values.csv and not_covered.csv, and the lines of the summary."""
    file = json.loads((folder / "reference_values.json").read_text(encoding="utf-8"))
    rows, left_out = read(file["entries"])
    made = constants()
    for row in [*rows, *made]:
        row["ours"] = f"{evaluate(as_row(row)):.10g}" if row["relation"] != "equal" else ""
    missing = [
        {"reason": reason, "peer": peer, "peer_index": name, "numbers": numbers}
        for (reason, peer, name), numbers in sorted(left_out.items())
    ]
    reasons = defaultdict(int)
    for row in missing:
        reasons[row["reason"]] += row["numbers"]
    relations = Counter(row["relation"] for row in [*rows, *made])
    undefined = sum(row["value"] == "nan" for row in rows)
    summary = [f"{len(file['entries'])} entries: {len(rows)} numbers compared, and {len(made)} constants"]
    summary += [f"  {number:5d}  {relation}" for relation, number in relations.most_common()]
    summary.append(f"  of the equal ones {undefined} are undefined in both")
    summary.append(f"not compared: {sum(reasons.values())} numbers")
    summary += [f"  {number:5d}  {reason}" for reason, number in sorted(reasons.items(), key=lambda pair: -pair[1])]
    return (
        as_csv(COLUMNS, [*rows, *made]),
        as_csv(["reason", "peer", "peer_index", "numbers"], missing),
        summary,
    )


def folder():
    """Return the folder of reference_values.json."""
    shared = HERE.parents[2] / "shared"
    if "SEGREGATE_DATA" in os.environ:
        shared = Path(os.environ["SEGREGATE_DATA"]).parent
    return Path(os.environ.get("SEGREGATE_PEERS") or shared / "peers")


def main():
    """Write both tables and say what is in them."""
    values, missing, summary = tables(folder())
    (HERE / "values.csv").write_text(values, encoding="utf-8")
    (HERE / "not_covered.csv").write_text(missing, encoding="utf-8")
    sys.stdout.write("\n".join(summary) + "\n")


if __name__ == "__main__":
    main()
