"""Synthetic files of table B03002 as the API, data.census.gov and tidycensus write them (invented numbers)."""

import csv
from pathlib import Path

from .fixture import Read

LABELS = [
    "",
    "!!Not Hispanic or Latino:",
    "!!Not Hispanic or Latino:!!White alone",
    "!!Not Hispanic or Latino:!!Black or African American alone",
    "!!Not Hispanic or Latino:!!American Indian and Alaska Native alone",
    "!!Not Hispanic or Latino:!!Asian alone",
    "!!Not Hispanic or Latino:!!Native Hawaiian and Other Pacific Islander alone",
    "!!Not Hispanic or Latino:!!Some other race alone",
    "!!Not Hispanic or Latino:!!Two or more races:",
    "!!Not Hispanic or Latino:!!Two or more races:!!Two races including Some other race",
    "!!Not Hispanic or Latino:!!Two or more races:!!Two races excluding Some other race, and three or more races",
    "!!Hispanic or Latino:",
    "!!Hispanic or Latino:!!White alone",
    "!!Hispanic or Latino:!!Black or African American alone",
    "!!Hispanic or Latino:!!American Indian and Alaska Native alone",
    "!!Hispanic or Latino:!!Asian alone",
    "!!Hispanic or Latino:!!Native Hawaiian and Other Pacific Islander alone",
    "!!Hispanic or Latino:!!Some other race alone",
    "!!Hispanic or Latino:!!Two or more races:",
    "!!Hispanic or Latino:!!Two or more races:!!Two races including Some other race",
    "!!Hispanic or Latino:!!Two or more races:!!Two races excluding Some other race, and three or more races",
]
CODES = [f"{number:03}" for number in range(1, 22)]
HISPANIC = [1000, 600, 50, 10, 40, 0, 250, 50, 20, 30]
ROWS = {
    # state, county, tract: total; not Hispanic and its parts; Hispanic and its parts
    ("06", "067", "000100"): [4000, 3000, 1500, 400, 20, 900, 30, 10, 140, 5, 135, *HISPANIC],
    ("06", "067", "000200"): [1500, 1000, 700, 100, 0, 150, 0, 0, 50, 0, 50, 500, 300, 0, 0, 0, 0, 200, 0, 0, 0],
    ("04", "013", "000300"): [200, 150, 100, 20, 5, 15, 0, 5, 5, 0, 5, 50, 40, 0, 0, 0, 0, 10, 0, 0, 0],
}
NAMES = {
    ("06", "067", "000100"): "Census Tract 1; Sacramento County; California",
    ("06", "067", "000200"): "Census Tract 2; Sacramento County; California",
    ("04", "013", "000300"): "Census Tract 3; Maricopa County; Arizona",
}
MARGIN = 33
"""Of every estimate but that of the first tract's Hispanics, which is controlled."""
PEOPLE = {
    "white": 2300,
    "black": 520,
    "native": 25,
    "asian": 1065,
    "pacific": 30,
    "other_race": 15,
    "multiracial": 195,
    "hispanic": 1550,
}
TOTAL = 5700
CONTROLLED = r"the margin of error of 1 estimate that is controlled is 0 \({}: 1\)"
READS = [
    Read("api.csv", 3, PEOPLE, TOTAL, notes=("recognised as acs_b03002", CONTROLLED.format("-555555555"))),
    Read("api_integers.csv", 3, PEOPLE, TOTAL),
    Read(
        "ACSDT5Y2022.B03002-Data.csv",
        3,
        PEOPLE,
        TOTAL,
        notes=("the second header row, .*, is left out", CONTROLLED.format(r"\*\*\*\*\*")),
    ),
    Read("tidycensus_long.csv", 3, PEOPLE, TOTAL, notes=(CONTROLLED.format("-555555555"),)),
    Read("tidycensus_wide.csv", 3, PEOPLE, TOTAL, notes=(CONTROLLED.format("-555555555"),)),
    Read(
        "some.csv",
        3,
        {"white": 2300, "hispanic": 1550},
        TOTAL,
        notes=("no column for black, native, asian, pacific, other_race, multiracial: .* rest of the total",),
    ),
    Read(
        "levels.csv",
        3,
        PEOPLE,
        TOTAL,
        source="acs_b03002:level=140",
        notes=("only the 3 areas of level 140 of 4 rows", "there are no margins of error"),
    ),
]


def margins(key: tuple[str, str, str], controlled: object) -> list[object]:
    """Return the margins of a tract."""
    first = key == ("06", "067", "000100")
    return [controlled if first and code == "012" else MARGIN for code in CODES]


def _write(path: Path, header: list[str], rows: list[list[object]], *, bom: bool = False, quote: bool = False) -> None:
    with path.open("w", encoding="utf-8-sig" if bom else "utf-8", newline="") as stream:
        writer = csv.writer(stream, quoting=csv.QUOTE_ALL if quote else csv.QUOTE_MINIMAL)
        writer.writerows([header, *rows])


def _paired(left: list[object], right: list[object]) -> list[object]:
    return [value for pair in zip(left, right, strict=True) for value in pair]


def make(folder: Path) -> None:
    """Write the files of the API, of data.census.gov and of tidycensus, one with some columns, one with two levels."""
    pairs = [f"B03002_{code}{kind}" for code in CODES for kind in "EM"]
    notes = [f"B03002_{code}{kind}" for code in CODES for kind in ("EA", "MA")]
    wide = {key: _paired(counts, margins(key, -555555555)) for key, counts in ROWS.items()}
    api = ["NAME", *pairs, *notes, "state", "county", "tract"]
    _write(folder / "api.csv", api, [[NAMES[k], *v, *["null"] * len(notes), *k] for k, v in wide.items()])
    # saved from a program that took the parts of the ids for numbers
    _write(folder / "api_integers.csv", api, [[NAMES[k], *v, *["null"] * 42, *map(int, k)] for k, v in wide.items()])
    described = [f"{kind}!!Total:{label}" for label in LABELS for kind in ("Estimate", "Margin of Error")]
    rows: list[list[object]] = [["Geography", "Geographic Area Name", *described, ""]]
    for key, counts in ROWS.items():
        pair = _paired(counts, margins(key, "*****"))
        rows.append(["1400000US" + "".join(key), NAMES[key], *pair, ""])
    _write(folder / "ACSDT5Y2022.B03002-Data.csv", ["GEO_ID", "NAME", *pairs, ""], rows, bom=True, quote=True)
    tall = [
        ["".join(key), NAMES[key], f"B03002_{code}", count, margin]
        for key, counts in ROWS.items()
        for code, count, margin in zip(CODES, counts, margins(key, -555555555), strict=True)
    ]
    _write(folder / "tidycensus_long.csv", ["GEOID", "NAME", "variable", "estimate", "moe"], tall)
    given = [
        [row[0], row[1], {"B03002_003": "white", "B03002_004": "black"}.get(row[2], "rest"), *row[3:]] for row in tall
    ]
    _write(folder / "tidycensus_named.csv", ["GEOID", "NAME", "variable", "estimate", "moe"], given)
    _write(
        folder / "tidycensus_wide.csv", ["GEOID", "NAME", *pairs], [["".join(k), NAMES[k], *v] for k, v in wide.items()]
    )
    some = ["B03002_001E", "B03002_001M", "B03002_003E", "B03002_003M", "B03002_012E", "B03002_012M"]
    places = [pairs.index(name) for name in some]
    _write(folder / "some.csv", ["GEOID", *some], [["".join(k), *(v[p] for p in places)] for k, v in wide.items()])
    county = [sum(counts[m] for key, counts in ROWS.items() if key[1] == "067") for m in range(21)]
    both = [["0500000US06067", *county], *(["1400000US" + "".join(key), *counts] for key, counts in ROWS.items())]
    _write(folder / "levels.csv", ["GEO_ID", *(f"B03002_{code}E" for code in CODES)], both)
    codes = [[*values] for values in (["".join(k), *v] for k, v in wide.items())]
    codes[1][1 + pairs.index("B03002_004E")] = -666666666
    codes[1][1 + pairs.index("B03002_004M")] = -222222222
    codes[2][1 + pairs.index("B03002_006M")] = "**"
    codes[2][1 + pairs.index("B03002_007M")] = ""
    _write(folder / "codes.csv", ["GEOID", *pairs], codes)
