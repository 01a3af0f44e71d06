"""Tables that the benchmarks measure: real ones where there are any, otherwise made from a seed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

import segregate as sg

ROOT = Path(__file__).resolve().parent.parent
TRACTS = "us_tracts_2000/tracts_us_points.parquet"
TRACT_GROUPS = ("white", "black", "native", "asian", "pacific", "other", "multi", "hispanic")


class DataMissingError(RuntimeError):
    """The shared data are not on this machine."""


@dataclass(frozen=True)
class Table:
    """A table as a user has it, before it becomes a population.

    Attributes
    ----------
    frame : DataFrame
        One row per unit.
    groups : tuple of str
        The columns with the people.
    by : str or None
        The column with the regions.
    """

    frame: pd.DataFrame
    groups: tuple[str, ...]
    by: str | None = None

    def population(self) -> sg.Population:
        """Go through the door."""
        return sg.Population.from_frame(self.frame, list(self.groups))


def shared(name: str) -> Path:
    """Return a file of the shared data: from SEGREGATE_DATA, or from ../shared/data beside the repository."""
    folder = Path(os.environ.get("SEGREGATE_DATA") or ROOT.parent / "shared" / "data")
    path = folder / name
    if not path.is_file():
        raise DataMissingError(f"{name} is not there; set SEGREGATE_DATA to the folder that holds it.")
    return path


def us_tracts(quick: bool) -> Table:
    """Return the census tracts of the United States in 2000; quick: those of a dozen small metropolitan areas."""
    frame = pd.read_parquet(shared(TRACTS))
    if quick:
        sizes = frame.groupby("cbsa").size()
        small = sizes[sizes <= 12].index[:12]
        frame = frame[frame["cbsa"].isin(small) | (frame["cbsa"].isna() & (frame.index % 1000 == 0))]
    return Table(frame.set_index("geoid"), TRACT_GROUPS, "cbsa")


def synthetic(n: int, groups: int, regions: int, seed: int) -> Table:
    """Make a table of units in no order of regions, some of them empty, with whole numbers of people.

    Each region has its own mix of groups and each unit its own luck with each of them. The
    columns are made one after another, so that making the table takes little more memory
    than holding it.
    """
    rng = np.random.default_rng(seed)
    region = rng.integers(0, regions, size=n, dtype=np.int32)
    mix = rng.dirichlet(np.full(groups, 0.7), size=regions) * 1500
    empty = rng.random(n) < 0.01
    columns: dict[str, np.ndarray] = {}
    for m in range(groups):
        mean = rng.standard_gamma(0.6, size=n)
        mean *= mix[region, m] / 0.6
        mean[empty] = 0
        columns[f"group_{m + 1}"] = rng.poisson(mean).astype(np.int32)
    names: Sequence[str] = list(columns)
    if regions == 1:
        return Table(pd.DataFrame(columns), tuple(names))
    return Table(pd.DataFrame({**columns, "city": region}), tuple(names), "city")


def ten_thousand(quick: bool) -> Table:
    """Return a grid of plots of different sizes with five groups; quick: 100 of them."""
    side = 10 if quick else 100
    random = np.random.default_rng(5)
    east = 500_000 + np.concatenate([[0], random.uniform(200, 900, side).cumsum()])
    north = 5_500_000 + np.concatenate([[0], random.uniform(200, 900, side).cumsum()])
    west, south = (edge.ravel() for edge in np.meshgrid(east[:-1], north[:-1]))
    right, top = (edge.ravel() for edge in np.meshgrid(east[1:], north[1:]))
    counts = random.gamma(0.7, 40, size=(side * side, 5)).round() + 1
    groups = tuple(f"group_{number}" for number in range(1, 6))
    frame = pd.DataFrame(counts, columns=list(groups))
    return Table(gpd.GeoDataFrame(frame, geometry=shapely.box(west, south, right, top), crs="EPSG:32633"), groups)


def hundred_thousand(quick: bool) -> Table:
    """Return 100,000 units and 8 groups."""
    return synthetic(60 if quick else 100_000, 8, 1, seed=1)


def eight_million(quick: bool) -> Table:
    """Return 8 million units and 8 groups in 400 cities."""
    return synthetic(400 if quick else 8_000_000, 8, 6 if quick else 400, seed=2)
