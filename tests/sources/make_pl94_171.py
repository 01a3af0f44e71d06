"""Synthetic files of table P2 of PL 94-171 as data.census.gov, the API and tidycensus write them (invented numbers)."""

import csv
from pathlib import Path

from .fixture import Read

ONE = "!!Not Hispanic or Latino:!!Population of one race:"
LABELS = [
    "",
    "!!Hispanic or Latino",
    "!!Not Hispanic or Latino:",
    ONE,
    f"{ONE}!!White alone",
    f"{ONE}!!Black or African American alone",
    f"{ONE}!!American Indian and Alaska Native alone",
    f"{ONE}!!Asian alone",
    f"{ONE}!!Native Hawaiian and Other Pacific Islander alone",
    f"{ONE}!!Some Other Race alone",
    "!!Not Hispanic or Latino:!!Population of two or more races:",
    "!!Not Hispanic or Latino:!!Population of two or more races:!!Population of two races:",
]
CODES = [f"{number:03}" for number in range(1, 13)]
ROWS = {
    # block: total, Hispanic, not Hispanic, of one race, its six parts, of two or more, of two
    "060670001001000": [100, 30, 70, 60, 40, 8, 1, 9, 0, 2, 10, 9],
    "060670001001001": [12, 0, 12, 12, 12, 0, 0, 0, 0, 0, 0, 0],
    "040130003001000": [50, 20, 30, 26, 11, 5, 4, 3, 2, 1, 4, 4],
}
PEOPLE = {
    "white": 63,
    "black": 13,
    "native": 5,
    "asian": 12,
    "pacific": 2,
    "other_race": 3,
    "multiracial": 14,
    "hispanic": 50,
}
TOTAL = 162
NOISE = ("census of 2020, with noise",)
READS = [
    Read(
        "DECENNIALPL2020.P2-Data.csv",
        3,
        PEOPLE,
        TOTAL,
        notes=("recognised as pl94_171", "the second header row, .*, is left out", *NOISE),
    ),
    Read("api_2020.csv", 3, PEOPLE, TOTAL, notes=NOISE),
    Read("tidycensus_wide.csv", 3, PEOPLE, TOTAL, notes=NOISE),
    Read("tidycensus_long.csv", 3, PEOPLE, TOTAL, notes=NOISE),
    Read("tidycensus_2010.csv", 3, PEOPLE, TOTAL, notes=("census of 2010$",)),
    Read("named_columns.csv", 3, PEOPLE, TOTAL, notes=NOISE),
    Read("named_columns.csv", 3, PEOPLE, TOTAL, source="pl94_171:year=2010", notes=("census of 2010$",)),
    Read("some.csv", 3, {"white": 63, "black": 13}, TOTAL, notes=("rest of the total",)),
]


def _write(path: Path, header: list[str], rows: list[list[object]], *, bom: bool = False) -> None:
    with path.open("w", encoding="utf-8-sig" if bom else "utf-8", newline="") as stream:
        csv.writer(stream, quoting=csv.QUOTE_ALL if bom else csv.QUOTE_MINIMAL).writerows([header, *rows])


def make(folder: Path) -> None:
    """Write the table in each form, and the table of the same name in another file of the census."""
    new = [f"P2_{code}N" for code in CODES]
    described = ["Geography", "Geographic Area Name", *(f" !!Total:{label}" for label in LABELS), ""]
    rows = [["1000000US" + key, f"Block {key[-4:]}", *counts, ""] for key, counts in ROWS.items()]
    _write(folder / "DECENNIALPL2020.P2-Data.csv", ["GEO_ID", "NAME", *new, ""], [described, *rows], bom=True)
    parts = [[k[:2], k[2:5], k[5:11], k[11:]] for k in ROWS]
    api = [[f"Block {k[-4:]}", *v, *part] for (k, v), part in zip(ROWS.items(), parts, strict=True)]
    _write(folder / "api_2020.csv", ["NAME", *new, "state", "county", "tract", "block"], api)
    wide = [[key, f"Block {key[-4:]}", *counts] for key, counts in ROWS.items()]
    _write(folder / "tidycensus_wide.csv", ["GEOID", "NAME", *new], wide)
    _write(folder / "named_columns.csv", ["GEOID20", "NAME", *(f"P0020{code}" for code in CODES)], wide)
    for name, stem, end in (("tidycensus_long.csv", "P2_", "N"), ("tidycensus_2010.csv", "P002", "")):
        tall = [
            [key, f"Block {key[-4:]}", f"{stem}{code}{end}", count]
            for key, counts in ROWS.items()
            for code, count in zip(CODES, counts, strict=True)
        ]
        _write(folder / name, ["GEOID", "NAME", "variable", "value"], tall)
    some = [[key, counts[0], counts[4], counts[5]] for key, counts in ROWS.items()]
    _write(folder / "some.csv", ["GEOID", "P2_001N", "P2_005N", "P2_006N"], some)
    # table P2 of the other files is urban and rural: total, urban, rural, not defined
    _write(folder / "urban.csv", ["GEOID", *new[:4]], [["06067", 100, 80, 20, 0], ["04013", 50, 50, 0, 0]])
    old = [f"P002{code}" for code in CODES[:6]]
    _write(folder / "urban_2010.csv", ["GEOID", *old], [["06067", 100, 80, 70, 10, 20, 0]])
