"""Synthetic files in the layout of the CBS squares of 100 m and 500 m (invented numbers)."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from .fixture import Read

SHARES = [
    "percentage_geb_nederland_herkomst_nederland",
    "percentage_geb_nederland_herkomst_overig_europa",
    "percentage_geb_nederland_herkomst_buiten_europa",
    "percentage_geb_buiten_nederland_herkomst_europa",
    "percentage_geb_buiten_nederland_herkmst_buiten_europa",
]
SECRET, NOT_YET = -99997, -99995
ROWS = [
    ("E1300N4786", 20, 60, 10, 10, 10, 10),
    ("E1301N4786", 15, 70, 10, 0, 20, 0),
    ("E1302N4786", 10, *[SECRET] * 5),
    ("E1303N4786", SECRET, *[SECRET] * 5),
    ("E1304N4787", 25, *[NOT_YET] * 5),
    ("E1305N4787", 40, 30, 10, 10, 20, 40),  # the rounded shares add up to 110 %
]
PEOPLE = {"dutch": 34.5, "europe_second": 7.5, "beyond_second": 6, "europe_first": 13, "beyond_first": 18}
INHABITANTS = 110
SPARE = 10 + 25 + 4
"""Inhabitants whose shares are secret or not there yet, and those of rounded shares over 100 %."""
NOTES = (
    r"counts are shares \(rounded to 10 %\) times inhabitants \(rounded to 5\)",
    "the rounded shares add up to another number than aantal_inwoners in 1 unit of 3: 4 people more and 0 fewer",
)
FILE = "cbs_vk100_2023_v1.gpkg"
READS = [
    Read(FILE, 6, PEOPLE, INHABITANTS, crs=28992, spare=SPARE, notes=("recognised as cbs_squares.*cbs_vk100", *NOTES)),
    Read("vierkanten_500m.csv", 1, {"dutch": 630, "beyond_first": 105}, 1050, crs=28992),
    Read(
        FILE,
        6,
        PEOPLE,
        INHABITANTS,
        source={"source": "cbs_squares", "denominator": "total", "geometry": "points"},
        crs=28992,
    ),
]


def make(folder: Path) -> None:
    """Write squares of 100 m as a GeoPackage, and one of 500 m as text."""
    frame = pd.DataFrame(ROWS, columns=["crs28992res100m", "aantal_inwoners", *SHARES])
    corners = [(int(name[1:5]) * 100, int(name[6:]) * 100) for name in frame["crs28992res100m"]]
    boxes = [shapely.box(x, y, x + 100, y + 100) for x, y in corners]
    gpd.GeoDataFrame(frame, geometry=boxes, crs=28992).to_file(folder / FILE, layer="vierkant_100m")
    head = ",".join(["crs28992res500m", "aantal_inwoners", *SHARES])
    (folder / "vierkanten_500m.csv").write_text(f"{head}\nE1300N4785,1050,60,10,10,10,10\n", encoding="utf-8")
