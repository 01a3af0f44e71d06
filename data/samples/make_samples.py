"""Make the sample files of this folder.

Run ``python data/samples/make_samples.py [folder]`` with the public data in ../shared/data, or in
the folder that the environment variable SEGREGATE_DATA names. The same versions of the
libraries write the same bytes; schools.csv needs nothing but Python.
"""

from __future__ import annotations

import csv
import os
import random
import sys
from bisect import bisect
from collections import Counter
from itertools import accumulate
from pathlib import Path

import geopandas as gpd
import pyogrio
import shapely

HERE = Path(__file__).resolve().parent
SOURCE = Path("sacramento_2000_sf3") / "sacramentot2.parquet"
COLUMNS = [
    "fips",
    "county",
    "tot_pop",
    "white",
    "black",
    "asian",
    "hisp",
    "multi_ra",
    "hh_inc",
    "pov_pop",
    "pov_tot",
    "hsg_val",
    "geometry",
]
COUNTIES = {"06017": "El Dorado", "06061": "Placer", "06067": "Sacramento", "06113": "Yolo"}
TOLERANCE = 1e-4
"""Degrees, about 10 m: borders that two tracts share stay the same line."""

SEED = 2000
GROUPS = ("asian", "black", "hispanic", "white")
DISTRICTS = {
    "North": ((0.10, 0.08, 0.22, 0.60), (38.64, -121.42)),
    "River": ((0.18, 0.22, 0.38, 0.22), (38.58, -121.50)),
    "South": ((0.30, 0.20, 0.34, 0.16), (38.48, -121.44)),
    "Hills": ((0.09, 0.03, 0.12, 0.76), (38.66, -121.20)),
}
"""Mean shares of the groups, and the place around which the schools lie."""
SECTORS = (
    "public",
    "public",
    "public",
    "public",
    "public",
    "public",
    "charter",
    "charter",
    "private",
    "private",
)
LEVELS = ("primary", "primary", "primary", "middle", "high")


def data_folder() -> Path:
    """Return the folder of the public data."""
    return Path(os.environ.get("SEGREGATE_DATA", HERE.parents[2] / "shared" / "data"))


def sacramento() -> gpd.GeoDataFrame:
    """Return the tracts of Sacramento with fewer columns and fewer points in their borders."""
    tracts = gpd.read_parquet(data_folder() / SOURCE)
    tracts["county"] = tracts["fips"].str[:5].map(COUNTIES)
    shapes = shapely.coverage_simplify(tracts.geometry.to_numpy(), TOLERANCE)
    shapes = [shape if shape.geom_type == "MultiPolygon" else shapely.MultiPolygon([shape]) for shape in shapes]
    tracts = tracts.set_geometry(gpd.GeoSeries(shapes, crs=tracts.crs).normalize())
    return tracts[COLUMNS].sort_values("fips", ignore_index=True)


def write_sacramento(folder: Path) -> None:
    """Write the tracts as GeoPackage and GeoParquet."""
    tracts = sacramento()
    package = folder / "sacramento.gpkg"
    package.unlink(missing_ok=True)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2000-04-01T00:00:00.000Z"})
    pyogrio.write_dataframe(tracts, package, layer="sacramento")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
    tracts.to_parquet(folder / "sacramento.parquet", compression="zstd", index=False)


def schools() -> list[dict[str, object]]:
    """Return 40 invented schools."""
    rng = random.Random(SEED)
    rows: list[dict[str, object]] = []
    for number, (district, (mean, (lat, lon))) in enumerate(DISTRICTS.items(), start=1):
        for k in range(10):
            sector, level = SECTORS[k], LEVELS[k % len(LEVELS)]
            tilt = [share * (0.4 + 1.6 * rng.random()) for share in mean]
            if sector == "private":
                tilt[3] *= 2.0
            pupils = int({"primary": 250, "middle": 450, "high": 800}[level] * (0.6 + 0.8 * rng.random()))
            edges = list(accumulate(tilt))
            drawn = Counter(min(bisect(edges, edges[-1] * rng.random()), 3) for _ in range(pupils))
            rows.append(
                {
                    "school_id": f"{number:02d}{k + 1:04d}",
                    "school": f"Synthetic School {len(rows) + 1:02d}",
                    "district": district,
                    "sector": sector,
                    "level": level,
                    "pupils": pupils,
                    **{group: drawn[m] for m, group in enumerate(GROUPS)},
                    "lon": round(lon + 0.12 * (rng.random() - 0.5), 5),
                    "lat": round(lat + 0.08 * (rng.random() - 0.5), 5),
                }
            )
    return rows


def write_schools(folder: Path) -> None:
    """Write the schools as CSV."""
    rows = schools()
    with (folder / "schools.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main(folder: Path = HERE) -> None:
    """Write all samples into a folder."""
    write_schools(folder)
    write_sacramento(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
