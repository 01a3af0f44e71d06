"""Synthetic files in the layout of the CBS districts and neighbourhoods (invented numbers)."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from .fixture import Read

CODES = ["buurtcode", "buurtnaam", "wijkcode", "gemeentecode", "gemeentenaam", "water"]
NEW = [
    "percentage_met_herkomstland_nederland",
    "percentage_met_herkomstland_uit_europa_excl_nl",
    "percentage_met_herkomstland_buiten_europa",
]
OLD = ["percentage_westerse_migratieachtergrond", "percentage_niet_westerse_migratieachtergrond"]
PLACE = ("WK036300", "GM0363", "Amsterdam")
ROWS = [
    ("BU03630000", "Noord", *PLACE, "NEE", 870, 45, 30, 25),
    ("BU03630001", "Zuid", *PLACE, "NEE", 115, 52, 26, 21),  # the rounded shares add up to 99 %
    ("BU03630002", "Water", *PLACE, "JA", -99995, -99995, -99995, -99995),
    ("BU03630003", "Haven", *PLACE, "NEE", 10, -99997, -99997, -99997),
]
OLDER = [
    ("BU03630000", "Noord", *PLACE, "NEE", 200, 10, 25),
    ("BU03630001", "Zuid", *PLACE, "NEE", 100, 5, 40),
    ("", "", *PLACE, "NEE", 300, 8, 30),  # the district, of which the two are parts
]
FILE, OLD_FILE = "wijkenbuurten_2023_v1.gpkg", "buurten_2019.csv"
READS = [
    Read(
        FILE,
        3,
        {"dutch_origin": 451.3, "european_origin": 290.9, "origin_beyond_europe": 241.65},
        995,
        crs=28992,
        spare=10 + 1.15,
        notes=(
            "recognised as cbs_neighbourhoods",
            "1 row of open water",
            "the groups are by country of origin",
            r"shares \(rounded to 1 %\)",
            "1 unit of 2: 0 people more and 1.15 fewer",
        ),
    ),
    Read(
        OLD_FILE,
        2,
        {"western_background": 25, "non_western_background": 90},
        300,
        notes=("1 row without a buurtcode left out", "the groups are by migration background"),
    ),
    Read(
        "both.csv",
        2,
        {"western_background": 25},
        300,
        source={"source": "cbs_neighbourhoods", "definition": "background"},
    ),
]


def make(folder: Path) -> None:
    """Write neighbourhoods of the new definition with geometry, of the old one, and a table with both."""
    frame = pd.DataFrame(ROWS, columns=[*CODES, "aantal_inwoners", *NEW])
    boxes = [shapely.box(120000 + 1000 * k, 486000, 121000 + 1000 * k, 487000) for k in range(len(frame))]
    gpd.GeoDataFrame(frame, geometry=boxes, crs=28992).to_file(folder / FILE, layer="buurten")
    older = pd.DataFrame(OLDER, columns=[*CODES, "aantal_inwoners", *OLD])
    older.to_csv(folder / OLD_FILE, index=False)
    older.assign(**dict.fromkeys(NEW, 30)).to_csv(folder / "both.csv", index=False)
