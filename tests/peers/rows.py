"""The rows of values.csv, the files they speak of, and when two numbers agree."""

import csv
import json
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

    def agrees(self, value):
        """Return whether a value is the peer's within the tolerance."""
        return abs(value - self.value) <= max(self.atol, self.rtol * abs(self.value))

    def own(self, *names):
        """Return those of the parameters that are the index's own."""
        return {name: self.params[name] for name in names if name in self.params}


@cache
def rows():
    """Return all rows."""
    with (HERE / "values.csv").open(encoding="utf-8", newline="") as file:
        return [
            Row(
                id=line["id"],
                dataset=line["dataset"],
                index=line["index"],
                groups=tuple(json.loads(line["groups"])) if line["groups"] else (),
                params=json.loads(line["params"]),
                value=float(line["value"]),
                rtol=float(line["rtol"]),
                atol=float(line["atol"]),
                relation=line["relation"],
            )
            for line in csv.DictReader(file)
        ]


@cache
def table(dataset):
    """Return a file of the shared data."""
    path = DATA / dataset
    if path.suffix == ".csv":
        return pd.read_csv(path)
    return gpd.read_parquet(path) if path.suffix == ".parquet" else gpd.read_file(path)


def is_long(dataset):
    """Return whether a file has a row for each unit and group."""
    return dataset.endswith(".csv")
