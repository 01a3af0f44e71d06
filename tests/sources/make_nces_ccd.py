"""Synthetic membership files of the Common Core of Data, long and wide (invented numbers)."""

import csv
from pathlib import Path

from .fixture import Read

SET_A = "Category Set A - By Race/Ethnicity; Sex; Grade"
NONE = "No Category Codes"
RACES = {
    "native": "American Indian or Alaska Native",
    "asian": "Asian",
    "black": "Black or African American",
    "hispanic": "Hispanic/Latino",
    "pacific": "Native Hawaiian or Other Pacific Islander",
    "multiracial": "Two or more races",
    "white": "White",
    "not_specified": "Not Specified",
}
HEAD = ["SCHOOL_YEAR", "FIPST", "STATENAME", "ST", "SCH_NAME", "STATE_AGENCY_NO", "UNION", "ST_LEAID", "LEAID"]
HEAD += [
    "ST_SCHID",
    "NCESSCH",
    "SCHID",
    "GRADE",
    "RACE_ETHNICITY",
    "SEX",
    "STUDENT_COUNT",
    "TOTAL_INDICATOR",
    "DMS_FLAG",
]
# grade, race, (girls, boys); a count may be blank, and its flag then says why
LINCOLN = [
    ("Pre-Kindergarten", "white", (3, 2)),
    ("Kindergarten", "white", (10, 12)),
    ("Kindergarten", "black", (20, 18)),
    ("Kindergarten", "asian", (4, 5)),
    ("Grade 1", "white", (11, 9)),
    ("Grade 1", "hispanic", (7, 8)),
    ("Grade 1", "native", (0, 1)),
    ("Grade 1", "not_specified", (2, 1)),
]
ROOSEVELT = [
    ("Grade 9", "white", (30, 25)),
    ("Grade 9", "black", (15, 20)),
    ("Grade 9", "hispanic", (5, 5)),
    ("Grade 10", "asian", (1, 0)),
    ("Adult Education", "white", (4, 6)),
]
GRANT = [("Grade 2", "white", (6, 7)), ("Grade 2", "black", ("", 3)), ("Grade 2", "asian", ("", ""))]
SCHOOLS = {
    # id, name: rows of Category Set A, Education Unit Total
    ("010000500870", "Lincoln"): (LINCOLN, 113),
    ("010000500871", "Roosevelt"): (ROOSEVELT, 111),
    ("010000600900", "Grant"): (GRANT, 25),
}
FLAGS = {"black": "Not reported", "asian": "Suppressed"}
PEOPLE = {"white": 125, "black": 73, "asian": 10, "hispanic": 25, "native": 1, "pacific": 0, "multiracial": 0}
"""White 5 + 22 + 20, 55 + 10 and 13; black 38 and 35; asian 9 and 1; hispanic 15 and 10."""
LONG = "ccd_sch_052_2223_l_1a_083023.csv"
WIDE = {
    # id: native, asian, hispanic, black, white, pacific, multiracial, their sum, all pupils
    "010000500870": ["1", "9", "15", "38", "47", "0", "0", "110", "113"],
    "010000500871": ["0", "1", "10", "35", "65", "-2", "-2", "111", "111"],
    "010000600900": ["-1", "-9", "2", "3", "13", "0", "0", "-1", "25"],
}
GROUPS = {"native": 1, "asian": 10, "hispanic": 27, "black": 76, "white": 125, "pacific": 0, "multiracial": 0}
READS = [
    Read(
        LONG,
        3,
        PEOPLE,
        249,
        spare=15,  # 3 pupils without race, 12 of the third school whose race is blank
        notes=(
            "recognised as nces_ccd",
            f"only the rows of {SET_A}: 32 of 71",
            r"3 blank counts, not zero \(DMS_FLAG: Suppressed: 2, Not reported: 1\)",
            "pupils outside kindergarten to grade 12 count too: pre-kindergarten 5, adult education 10",
            "3 pupils of 1 unit whose race is not specified are left out",
        ),
    ),
    Read(LONG, 3, {**PEOPLE, "not_specified": 3}, 249, source="nces_ccd:not_specified=group", spare=12),
    Read(
        LONG,
        3,
        {"white": 110, "black": 73},
        249,
        source="nces_ccd:grades=k12",
        spare=40,
        notes=("15 pupils of other grades are left out",),
    ),
    Read(
        "sc102a.txt",
        3,
        GROUPS,
        249,
        spare=10,
        notes=(
            r"codes in place of counts: -1 \(missing\) in 1 cell, -2 \(not applicable\) in 2 cells, -9 \(below",
            "1 unit of 1: 0 people more and 3 fewer",
        ),
    ),
    Read("sc092a.csv", 3, GROUPS, 249, spare=10),
    Read("ccd_sch_052_1516_w.csv", 3, GROUPS, 249, spare=10),
    Read("sc021a.txt", 3, {"asian": 10, "white": 125}, 249, spare=10, notes=("no column of Pacific Islanders",)),
]


def rows() -> list[list[object]]:
    """Return the rows of the long file: each pupil by race, sex and grade, and again in three other ways."""
    found: list[list[object]] = []
    for (key, name), (counts, total) in SCHOOLS.items():
        front = [
            "2022-2023",
            "01",
            "ALABAMA",
            "AL",
            name,
            "01",
            "",
            "AL-005",
            key[:7],
            f"AL-{key[7:]}",
            key,
            f"01{key[7:]}",
        ]
        for grade, race, pair in counts:
            for sex, count in zip(("Female", "Male"), pair, strict=True):
                flag = FLAGS[race] if count == "" else "Reported"
                found.append([*front, grade, RACES[race], sex, count, SET_A, flag])
        for grade in dict.fromkeys(grade for grade, *_ in counts):
            people = sum(sum(n for n in pair if n != "") for g, _, pair in counts if g == grade)
            found.append([*front, grade, NONE, NONE, people, "Subtotal 4 - By Grade", "Reported"])
        for race in dict.fromkeys(race for _, race, _ in counts):
            for place, sex in enumerate(("Female", "Male")):
                people = sum(pair[place] or 0 for _, r, pair in counts if r == race)
                what = "Derived - Subtotal by Race/Ethnicity and Sex minus Adult Education Count"
                found.append([*front, NONE, RACES[race], sex, people, what, "Derived"])
        found.append([*front, NONE, NONE, NONE, total, "Education Unit Total", "Reported"])
        what = "Derived - Education Unit Total minus Adult Education Count"
        found.append([*front, NONE, NONE, NONE, total, what, "Derived"])
    return found


def _write(path: Path, header: list[str], lines: list[list[object]], delimiter: str = ",") -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, delimiter=delimiter).writerows([header, *lines])


def make(folder: Path) -> None:
    """Write the long file, and the wide one under the names that its columns had over the years."""
    _write(folder / LONG, HEAD, rows())
    names = ["AM", "ASIAN", "HISP", "BLACK", "WHITE", "PACIFIC", "TR", "TOTETH", "MEMBER"]
    front = [["2010", key, "01", key[:7], key[7:], "School"] for key in WIDE]
    wide = [[*place, *counts] for place, counts in zip(front, WIDE.values(), strict=True)]
    columns = ["SURVYEAR", "NCESSCH", "FIPST", "LEAID", "SCHNO", "SCHNAM"]
    _write(folder / "sc102a.txt", [*columns, *names], wide, "\t")
    dated = ["SURVYEAR", "NCESSCH", "FIPST", "LEAID", "SCHNO", "SCHNAM09", *(f"{name}09" for name in names)]
    eaten = [[row[0], int(row[1]), *row[2:]] for row in wide]
    _write(folder / "sc092a.csv", dated, eaten)
    late = ["AM", "AS", "HI", "BL", "WH", "HP", "TR", "TOTAL", "MEMBER"]
    by_sex = [[*row, "999", "999"] for row in wide]
    later = ["SURVYEAR", "NCESSCH", "FIPST", "LEAID", "SCHID", "SCH_NAME"]
    _write(folder / "ccd_sch_052_1516_w.csv", [*later, *late, "WHALM", "WHALF"], by_sex)
    five = [name for name in names if name not in ("PACIFIC", "TR")]
    places = [6 + names.index(name) for name in five]
    old = [f"{name}02" for name in five]
    _write(folder / "sc021a.txt", [*columns, *old], [[*row[:6], *(row[p] for p in places)] for row in wide], "\t")
