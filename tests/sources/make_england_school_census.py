"""Synthetic school-level files of "Schools, pupils and their characteristics" (invented numbers)."""

import csv
from pathlib import Path

from .fixture import Read

ORIGINS = [
    "white British",
    "Irish",
    "traveller of Irish heritage",
    "any other white background",
    "Gypsy/Roma",
    "white and black Caribbean",
    "white and black African",
    "white and Asian",
    "any other mixed background",
    "Indian",
    "Pakistani",
    "Bangladeshi",
    "any other Asian background",
    "Caribbean",
    "African",
    "any other black background",
    "Chinese",
    "any other ethnic group",
]
SCHOOLS = [
    # urn, name, phase, headcount, of compulsory age, 18 groups, unclassified
    ("100001", "Ash", "State-funded primary", 210, 180, [100, 2, 0, 10, 1, 5, 4, 3, 6, 14, 10, 8, 2, 3, 6, 1, 1, 2], 2),
    ("100002", "Beech", "State-funded secondary", 60, 60, [0, 0, 0, 5, 0, 0, 1, 0, 2, 0, 30, 12, 0, 0, 8, 0, 0, 1], 1),
    ("100003", "Cedar", "Independent school", 300, 300, [0] * 18, 0),
    ("100004", "Dale", "State-funded special school", 20, 20, ["c", *[0] * 8, 7, *["c"] * 2, *[0] * 6], "z"),
]
PEOPLE = {"white_british": 100, "other_white": 15, "indian": 21, "pakistani": 40, "african": 14, "other": 3}
AGE = 560
NEW = "spc_school_level_underlying_data_2025.csv"
OLD = "Schools_Pupils_UD_2012.csv"
NOTES = (
    r"ethnic groups not reported \(0 in all\) by 1 school",
    "3 pupils whose ethnic group is unclassified are left out",
)
SPARE = 300 + 13 + 3
"""Pupils of the school that does not report, those that marks hide, and the unclassified."""
READS = [
    Read(
        NEW, 4, PEOPLE, AGE, spare=SPARE, notes=("recognised as england_school_census", "1 row without a URN", *NOTES)
    ),
    Read(OLD, 4, PEOPLE, AGE, spare=SPARE, notes=NOTES),
    Read(NEW, 4, {**PEOPLE, "unclassified": 3}, AGE, spare=SPARE, source="england_school_census:unclassified=group"),
    Read("periods.csv", 4, PEOPLE, AGE, spare=SPARE, source="england_school_census:period=202425"),
    Read(
        "codes.csv",
        4,
        {"white_british": 100, "everybody_else": 170},
        590,
        spare=320,  # the schools that do not report and that are confidential
        source={
            "source": "england_school_census",
            "groups": {"white_british": "npupeowb", "everybody_else": "rest"},
        },
    ),
]


def lines(period: str) -> list[list[object]]:
    """Return rows with a count and a share for each group."""
    found: list[list[object]] = []
    for urn, name, phase, headcount, age, counts, unsaid in SCHOOLS:
        pairs = [x for count in (*counts, unsaid) for x in (count, count if isinstance(count, str) else 1.5)]
        found.append([period, "School", urn, name, phase, headcount, 999, 49.9, *pairs, age, 777, 88.8])
    return found


def header(kind: str) -> list[str]:
    """Return the header as it is now, or in older wording."""
    groups = [text for origin in (*ORIGINS, "") for text in _twins(origin, kind)]
    if kind == "new":
        front = ["time_period", "geographic_level", "urn", "school_name", "phase_type_grouping", "headcount of pupils"]
        front += ["number of pupils known to be eligible for free school meals"]
        front += ["% of pupils known to be eligible for free school meals"]
        end = ["number of pupils of compulsory school age and above (rounded)"]
        end += [
            "number of pupils whose first language is unclassified",
            "% of pupils whose first language is unclassified",
        ]
    else:
        front = ["Time_Period", "Geographic level", "URN", "School name", "Phase-type grouping", "Headcount of pupils"]
        front += ["Number of pupils known to be eligible for free school meals", "% of pupils known to be eligible"]
        end = [
            "Number of pupils of compulsory school age and above",
            "number of pupils whose first language is unclassified",
        ]
        end += ["% unclassified"]
    return [*front, *groups, *end]


def _twins(origin: str, kind: str) -> tuple[str, str]:
    if not origin:
        return "number of pupils unclassified", "% of pupils unclassified"
    if kind == "new":
        return (
            f"number of pupils classified as {origin} ethnic origin",
            f"% of pupils classified as {origin} ethnic origin",
        )
    wording = origin.replace("white", "White").replace("/", " ").replace("black", "Black")
    return (
        f"Number of pupils  classified as {wording} ethnic origin",
        f"% of pupils classified as {wording} Ethnic Origin",
    )


def _write(path: Path, head: list[str], rows: list[list[object]], encoding: str = "utf-8") -> None:
    with path.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream).writerows([head, *rows])


def make(folder: Path) -> None:
    """Write the file of now, one of older wording and marks, one of two periods, and one of codes."""
    new = lines("202425")
    area: list[object] = ["202425", "Local authority", "", "", "Total", 590, *[9999] * (len(new[0]) - 6)]
    accented = [[value if value != "Ash" else "Ash Café" for value in row] for row in new]
    _write(folder / NEW, header("new"), [area, *accented], "cp1252")
    older = [[{"c": "*", "z": "SUPP"}.get(str(value), value) for value in row] for row in lines("201112")]
    _write(folder / OLD, header("old"), older)
    _write(folder / "periods.csv", header("new"), [*lines("202324"), *new])
    rest = {"100001": 110, "100002": 60, "100003": 0, "100004": "c"}
    codes = [[urn, head, counts[0], rest[urn]] for urn, _, _, head, _, counts, _ in SCHOOLS]
    _write(folder / "codes.csv", ["URN", "headcount of pupils", "npupeowb", "rest"], codes)
