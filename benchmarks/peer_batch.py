"""Run by an interpreter that has PySAL segregation: indices of several groups at several radii, city by city.

    python peer_batch.py FOLDER

FOLDER holds a Parquet file for each city and request.json and gets reply.json. This script knows nothing of segregate.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path


def main(folder: Path) -> None:
    """Do what request.json asks for."""
    import geopandas as gpd
    import pandas as pd
    from segregation import multigroup

    warnings.simplefilter("ignore")
    request = json.loads((folder / "request.json").read_text(encoding="utf-8"))
    reply = []
    for city in request["cities"]:
        frame = pd.read_parquet(folder / f"{city}.parquet")
        frame = gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(frame["x"], frame["y"]), crs="EPSG:3857")
        for index, name in request["classes"].items():
            for radius in request["radii"]:
                try:
                    made = getattr(multigroup, name)(
                        frame, request["groups"], distance=radius, decay=True, function="triangular"
                    )
                    value = float(made.statistic)
                except (ArithmeticError, AttributeError, LookupError, MemoryError, TypeError, ValueError):
                    value = float("nan")
                reply.append([city, index, radius, value if value == value else None])
    (folder / "reply.json").write_text(json.dumps(reply), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
