"""The rows of values.csv, the files they speak of, and when two numbers agree."""

import csv
import json
import math
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import geopandas as gpd
import pandas as pd

HERE = Path(__file__).resolve().parent
DATA = Path(os.environ.get("SEGREGATE_DATA") or HERE.parents[2] / "shared" / "data")
NEEDED = ("peers_inputs", "sacramento_2000_sf3")
MISSING = f"the shared data are not here ({' and '.join(NEEDED)} below SEGREGATE_DATA or ../shared/data)"


def data_is_here():
    """Return whether the files that the rows speak of are here."""
    return all((DATA / name).is_dir() for name in NEEDED)


RECIPE = {
    *("group", "other", "unit", "names", "where", "total", "table", "versus", "merge", "by", "region"),
    *("over", "local", "rings", "theirs", "within", "raster", "pooled"),
}
"""The parameters of a row that are not the index's own."""


@dataclass(frozen=True)
class Row:
    """A row of values.csv; see make_values.py for the columns."""

    id: str
    dataset: str
    index: str
    groups: tuple[str, ...]
    params: dict
    value: float
    rtol: float
    atol: float
    relation: str
    ours: float | None

    def agrees(self, value):
        """Return whether a value is the peer's within the tolerance, or undefined as the peer's."""
        if math.isnan(self.value) or math.isnan(value):
            return math.isnan(self.value) and math.isnan(value)
        return abs(value - self.value) <= max(self.atol, self.rtol * abs(self.value))

    @property
    def own(self):
        """The index's own parameters: all but the groups and how to come to the number."""
        return {name: value for name, value in self.params.items() if name not in RECIPE}

    @property
    def focal(self):
        """The group that the index is about, or the pair."""
        return {name: self.params[name] for name in ("group", "other") if name in self.params}

    @property
    def source(self):
        """What the table is made of: file, columns of units and groups, rows, column of everybody, inline counts."""
        return (
            self.dataset,
            self.params.get("unit", "school"),
            self.params.get("names", "race"),
            tuple(self.params.get("where", {}).items()),
            self.params.get("total"),
            self.groups,
            tuple(map(tuple, self.params.get("table", ()))),
        )


def as_row(line):
    """Return a line of values.csv as a row."""
    return Row(
        id=line["id"],
        dataset=line["dataset"],
        index=line["index"],
        groups=tuple(json.loads(line["groups"])) if line["groups"] else (),
        params=json.loads(line["params"]),
        value=float(line["value"]),
        rtol=float(line["rtol"]),
        atol=float(line["atol"]),
        relation=line["relation"],
        ours=float(line["ours"]) if line.get("ours") else None,
    )


@cache
def rows():
    """Return all rows."""
    with (HERE / "values.csv").open(encoding="utf-8", newline="") as file:
        return [as_row(line) for line in csv.DictReader(file)]


@cache
def table(dataset):
    """Return a file of the shared data; degrees become metres of their UTM zone."""
    path = DATA / dataset
    if path.suffix == ".csv":
        return pd.read_csv(path)
    frame = gpd.read_parquet(path) if path.suffix == ".parquet" else gpd.read_file(path)
    return frame.to_crs(frame.estimate_utm_crs()) if frame.crs is not None and frame.crs.is_geographic else frame


def is_long(dataset):
    """Return whether a file has a row for each unit and group."""
    return dataset.endswith(".csv")


def within_rings(points, centres, rings):
    """Return which points are at one of the smallest distances from the nearest of the centres; 0 is the first."""
    squares = [min((x - points[c][0]) ** 2 + (y - points[c][1]) ** 2 for c in centres) for x, y in points]
    found = []
    for square in sorted(squares):
        if not found or square > found[-1] * (1 + 1e-9):
            found.append(square)
    farthest = found[min(rings, len(found)) - 1] * (1 + 1e-9)
    return [square <= farthest for square in squares]
