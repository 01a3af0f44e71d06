"""Synthetic files in the layout of Eurostat's census grid 2021 (invented numbers but for the first row)."""

import csv
from pathlib import Path

import geopandas as gpd
from shapely import box

from .fixture import Read

COUNTS = ["T", "M", "F", "Y_LT15", "Y_1564", "Y_GE65", "EMP", "NAT", "EU_OTH", "OTH", "SAME", "CHG_IN", "CHG_OUT"]
ROWS = [
    # id, counts, land surface, populated, country
    ("CRS3035RES1000mN2685000E4286000", [439, 224, 213, 76, 293, 70, 0, 367, 47, 24, 417, 15, 3], 0.851269, 1, "AT-CH"),
    ("CRS3035RES1000mN2686000E4286000", [0] * 13, 0.9471130000000001, 0, "AT-CH-LI"),
    ("CRS3035RES1000mN2687000E4287000", [25, 14, 12, 6, 18, 3, 2, 22, 0, 1, 23, 0, 0], 1.0, 1, "AT"),
    ("CRS3035RES1000mN1765000E5474000", [120, 60, 60, 20, 80, 20, 55, 90, 10, 20, 118, 2, 0], 1.0, 1, "EL"),
    ("CRS3035RES1000mN1766000E5474000", [7, 4, 3, -9999, -9999, -9999, 2, -9999, -9999, -9999, 7, 0, 0], 1.0, 1, "EL"),
    ("CRS3035RES1000mN3135000E4051000", [60, 30, 30, 10, 40, 10, -8888, 50, -8888, -8888, 60, 0, 0], 1.0, 1, "DE"),
    ("CRS3035RES1000mN3136000E4051000", [80, 40, 40, 10, 60, 10, 0, 0, 0, 0, 80, 0, 0], 1.0, 1, "DE"),
]
NATIVE, OTHER_EU, ELSEWHERE, TOTAL = 529, 57, 45, 731
"""367 + 22 + 90 + 50; 47 + 10; 24 + 1 + 20; 439 + 25 + 120 + 7 + 60 + 80."""
GROUPS = {"native": NATIVE, "other_eu": OTHER_EU, "elsewhere": ELSEWHERE}
UNPROVIDED = 60 + 80 + 7 - 50  # people of the cells whose places of birth are not all there, less those printed
NOTES = (
    r"place of birth not provided \(all groups 0\) in 1 cell with 80 people",
    r"EMP is 0 in 2 cells with 50 or more",
    r"the places of birth add up to another number than T in 2 units of 4: 0 people more and 3 fewer",
)
READS = [
    Read("ESTAT_Census_2021_V3.csv", 7, GROUPS, TOTAL, crs=3035, spare=UNPROVIDED + 3, notes=NOTES),
    Read("ESTAT_Census_2021_V3.gpkg", 7, GROUPS, TOTAL, crs=3035, spare=UNPROVIDED + 3, notes=NOTES),
    Read("ESTAT_Census_2021_V2.csv", 7, GROUPS, TOTAL, crs=3035, spare=UNPROVIDED + 3),
    Read("flags.csv", 7, GROUPS, TOTAL - 7, crs=3035, spare=UNPROVIDED + 3),
    Read(
        "ESTAT_Census_2021_V3.csv",
        7,
        GROUPS,
        TOTAL,
        source={"source": "eurostat_grid_2021", "denominator": "total", "geometry": "none"},
    ),
    Read(
        "ESTAT_Census_2021_V3.csv",
        2,
        {"native": 90},
        127,
        source="eurostat_grid_2021:country=EL",
        crs=3035,
        spare=7,
        notes=("2 cells of country EL",),
    ),
]


def make(folder: Path) -> None:
    """Write version 3 as CSV and GeoPackage, version 2, and the variant with a flag for each count."""
    with (folder / "ESTAT_Census_2021_V3.csv").open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["GRD_ID", *COUNTS, "LAND_SURFACE", "POPULATED", "CNTR_ID"])
        rows.writerows([cell, *counts, land, populated, country] for cell, counts, land, populated, country in ROWS)
    with (folder / "ESTAT_Census_2021_V2.csv").open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["GRD_ID", *COUNTS, "LAND_SURFACE", "POPULATED", "CONFIDENTIALSTATUS"])
        for cell, counts, land, populated, _ in ROWS:
            blank = ["" if count == -8888 else count for count in counts]  # blanks occur in version 2
            rows.writerow([cell, *blank, land, populated, 1 if -9999 in counts else ""])
    with (folder / "flags.csv").open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(
            ["fid", "GRD_ID", *COUNTS, "LAND_SURFACE", "POPULATED", "COUNT", *(f"{name}_CI" for name in COUNTS)]
        )
        for fid, (cell, counts, land, populated, _) in enumerate(ROWS):
            secret = -9999 in counts
            values = [0 if count == -9999 else "" if count == -8888 else count for count in counts]
            flag = [
                -9999 if count == -9999 or (secret and name == "T") else 0
                for name, count in zip(COUNTS, counts, strict=True)
            ]
            rows.writerow([fid, cell, *values, land, populated, 1, *flag])
    squares = []
    for cell, *_ in ROWS:
        north, east = (int(part) for part in cell.rpartition("mN")[2].split("E"))
        squares.append(box(east, north, east + 1000, north + 1000))
    columns = {name: [counts[k] for _, counts, *_ in ROWS] for k, name in enumerate(COUNTS)}
    frame = gpd.GeoDataFrame(
        {
            "GRD_ID": [row[0] for row in ROWS],
            **columns,
            "LAND_SURFACE": [row[2] for row in ROWS],
            "POPULATED": [row[3] for row in ROWS],
            "CNTR_ID": [row[4] for row in ROWS],
        },
        geometry=squares,
        crs="EPSG:3035",
    )
    frame.to_file(folder / "ESTAT_Census_2021_V3.gpkg", layer="ESTAT_Census_2021_V3")
