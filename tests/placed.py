"""Small cities with polygons, areas and points, and how to ask for the indices that need them."""

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

import segregate as sg
from segregate import Population
from segregate.registry import specs

CRS = "EPSG:32633"
WEST, SOUTH = 500_000.0, 5_500_000.0
sg.bind  # noqa: B018 - fills the registry
FAMILIES = {"concentration", "centralization", "boundaries", "scale"}
PLACED = [*sorted(name for name, spec in specs.items() if spec.family in FAMILIES), "local_centralization"]
GIVEN = {
    "absolute_centralization": {"centre": (WEST, SOUTH)},
    "relative_centralization": {"centre": (WEST, SOUTH)},
    "central_share": {"centre": (WEST, SOUTH), "radius": 1500.0},
}


def grid(wide: int, high: int, size: float = 1000) -> list:
    """Return squares, column by column from the south-west."""
    return [
        box(WEST + i * size, SOUTH + j * size, WEST + (i + 1) * size, SOUTH + (j + 1) * size)
        for i in range(wide)
        for j in range(high)
    ]


def city(x: list, y: list, shapes: list | None = None, **columns: list) -> Population:
    """Return a population of groups x and y, with polygons, or with areas (m2) and points (east)."""
    table = pd.DataFrame({"x": x, "y": y} | columns, dtype=float)
    table["unit"] = [f"u{j}" for j in range(len(x))]
    how: dict = {"id": "unit"}
    if "m2" in columns:
        how["area"] = "m2"
    if "east" in columns:
        table["east"] += WEST
        table["north"] = SOUTH
        how |= {"points": ("east", "north"), "crs": CRS}
    if shapes is not None:
        table = gpd.GeoDataFrame(table, geometry=shapes, crs=CRS)
    return Population.from_frame(table, ["x", "y"], **how)


def ask(name: str, population: Population, **params: object) -> object:
    """Return the value of an index, or its values by unit."""
    given = GIVEN.get(name, {}) | params
    if specs[name].level == "local":
        return sg.local(population, sg.bind(name, **given), group=population.groups[0])["value"].to_numpy()
    if specs[name].focal:
        given["group"] = population.groups[0]
    return specs[name].function(population, **given)


def near(value: float) -> object:
    return pytest.approx(value, rel=1e-13, abs=1e-15)
