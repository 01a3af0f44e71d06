"""Synthetic file for JRC's Data for Integration, whose columns are not public: names and numbers are invented."""

from pathlib import Path

from .fixture import Read

ROWS = [
    ("CRS3035RES100mN3100000E4300000", 10.25, 0.5, 0.125, 10.875),
    ("CRS3035RES100mN3100100E4300000", 3.75, 1.5, 0, 5.25),
]
FILE = "cells.csv"
GROUPS = {"natives": "a", "other_eu": "b", "third_countries": "c"}
MAPPING = {"source": "jrc_d4i", "about": "birth", "id": "cell", "groups": GROUPS}
READS = [
    Read(
        FILE,
        2,
        {"natives": 14, "other_eu": 2, "third_countries": 0.125},
        16.125,
        source={**MAPPING, "cell_ids": True},
        crs=3035,
        notes=("the groups are country of birth",),
    ),
    Read(
        FILE,
        2,
        {"other_eu": 2, "third_countries": 0.125},
        16.125,
        source={**MAPPING, "groups": {"other_eu": "b", "third_countries": "c"}, "total": "everybody"},
    ),
]


def make(folder: Path) -> None:
    """Write a row for each cell, with fractions of people."""
    lines = [("cell", "a", "b", "c", "everybody"), *ROWS]
    (folder / FILE).write_text("\n".join(",".join(map(str, line)) for line in lines) + "\n", encoding="utf-8")
