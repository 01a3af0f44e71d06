"""Synthetic bulk files of Nomis, Census 2021, TS021 (invented numbers in the published layout)."""

import csv
from pathlib import Path

from .fixture import Read

HEAD = "Ethnic group: "
COLUMNS = [
    "Total: All usual residents",
    "Asian, Asian British or Asian Welsh",
    "Asian, Asian British or Asian Welsh: Bangladeshi",
    "Asian, Asian British or Asian Welsh: Chinese",
    "Asian, Asian British or Asian Welsh: Indian",
    "Asian, Asian British or Asian Welsh: Pakistani",
    "Asian, Asian British or Asian Welsh: Other Asian",
    "Black, Black British, Black Welsh, Caribbean or African",
    "Black, Black British, Black Welsh, Caribbean or African: African",
    "Black, Black British, Black Welsh, Caribbean or African: Caribbean",
    "Black, Black British, Black Welsh, Caribbean or African: Other Black",
    "Mixed or Multiple ethnic groups",
    "Mixed or Multiple ethnic groups: White and Asian",
    "Mixed or Multiple ethnic groups: White and Black African",
    "Mixed or Multiple ethnic groups: White and Black Caribbean",
    "Mixed or Multiple ethnic groups: Other Mixed or Multiple ethnic groups",
    "White",
    "White: English, Welsh, Scottish, Northern Irish or British",
    "White: Irish",
    "White: Gypsy or Irish Traveller",
    "White: Roma",
    "White: Other White",
    "Other ethnic group",
    "Other ethnic group: Arab",
    "Other ethnic group: Any other ethnic group",
]
ROWS = {
    "E00000001": [175, 30, 4, 6, 11, 5, 4, 20, 9, 8, 3, 10, 3, 2, 4, 1, 110, 90, 4, 0, 1, 15, 5, 3, 2],
    "E00000003": [254, 66, 20, 3, 10, 30, 3, 40, 30, 6, 4, 12, 2, 4, 3, 3, 126, 100, 6, 1, 2, 17, 10, 4, 6],
    # noise: the broad groups add up to 101 where 100 are published, and the Asian groups to 9 where 10 are
    "W00000007": [100, 10, 1, 2, 3, 2, 1, 2, 1, 1, 0, 3, 1, 1, 1, 0, 85, 80, 1, 0, 0, 4, 1, 0, 1],
}
READS = [
    Read(
        "census2021-ts021-oa.csv",
        units=3,
        groups={"asian": 106, "black": 62, "mixed": 25, "white": 321, "other": 16},
        published=529,
        spare=1,
        notes=(
            "recognised as nomis_ts021: .*name is as census2021-ts021",
            "the 5 broad groups are read",
            "the detailed groups of asian add up .* 1 unit of 3: 0 people more and 1 fewer",
            "published total in 1 unit of 3: 1 people more and 0 fewer",
        ),
    ),
    Read(
        "census2021-ts021-oa.csv",
        units=3,
        groups={"bangladeshi": 25, "white_british": 270, "any_other": 9},
        published=529,
        source="nomis_ts021:detail=detailed",
        notes=("the 19 detailed groups are read",),
    ),
    Read("measures.csv", units=3, groups={"white": 321}, published=529, spare=1),
]


def make(folder: Path) -> None:
    """Write the file as it comes, and with the longer headers that some tables have."""
    for name, ending in (("census2021-ts021-oa.csv", ""), ("measures.csv", "; measures: Value")):
        with (folder / name).open("w", encoding="utf-8", newline="") as stream:
            rows = csv.writer(stream)
            rows.writerow(["date", "geography", "geography code", *(HEAD + column + ending for column in COLUMNS)])
            rows.writerows([2021, code, code, *counts] for code, counts in ROWS.items())
