"""Make the sample reports: Sacramento, and Berlin 2015 to 2020 where the public data are there.

Usage: python docs/make_reports.py folder
"""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path

import geopandas as gpd
import pandas as pd

import segregate as sg

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("SEGREGATE_DATA") or ROOT.parent / "shared" / "data")
LABELS = {
    "german_no_mb": "Deutsche ohne Migrationshintergrund",
    "german_mb": "Deutsche mit Migrationshintergrund",
    "foreign": "Ausländerinnen und Ausländer",
}
SOURCE = "Amt für Statistik Berlin-Brandenburg, Einwohner nach Planungsräumen (LOR), CC BY 3.0 DE"


def sacramento(folder: Path) -> Path:
    """Report on the sample city."""
    city = sg.sample("sacramento")
    labels = {"white": "White", "black": "Black", "asian": "Asian", "hisp": "Hispanic"}
    return sg.report(city, folder / "sacramento.html", title="Sacramento in 2000", group_labels=labels)


def berlin(folder: Path) -> Path | None:
    """Report on the planning areas of Berlin, in German; None where the data are not there."""
    counts = DATA / "berlin_lor" / "berlin_plr_2015_2020.parquet"
    shapes = DATA / "berlin_lor" / "berlin_plr_2020_polygons.parquet"
    if not (counts.exists() and shapes.exists()):
        return None
    areas = gpd.read_parquet(shapes).dissolve("plr_id")[["geometry"]]  # one area is drawn in two parts
    table = pd.read_parquet(counts)
    years = {}
    for year in (2015, 2017, 2020):
        rows = table[(table["year"] == year) & (table["half"] == table.loc[table["year"] == year, "half"].max())]
        joined = areas.join(rows.set_index("plr_id"), how="inner")
        years[year] = sg.Population.from_frame(joined.reset_index(), list(LABELS), id="plr_id")
    title = "Berlin 2015 bis 2020"
    target = folder / "berlin.html"
    return sg.report(years, target, title=title, group_labels=LABELS, source=SOURCE, language="de", replicates=99)


def main() -> None:
    """Write the reports and say where they are."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    folder.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore", sg.SegregateWarning)
    for make in (sacramento, berlin):
        path = make(folder)
        print(f"{make.__name__}: {'the public data are not here' if path is None else path}")


if __name__ == "__main__":
    main()
