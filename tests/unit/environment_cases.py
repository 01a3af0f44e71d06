"""Cities with points for the tests of environments, and every index of composition by the package and by its oracle."""

import importlib

import numpy as np
import pandas as pd

import segregate as sg
from segregate import Population
from segregate.registry import specs
from tests.helpers import quietly
from tests.oracles import _common
from tests.unit import environments_oracle as oracle

CRS = "EPSG:32633"
PLANE = 'LOCAL_CS["town grid",UNIT["metre",1]]'
WEST, SOUTH = 500_000.0, 5_500_000.0
sg.bind  # noqa: B018 - fills the registry
INDICES = sorted(name for name, spec in specs.items() if spec.environment and not spec.needs and spec.level != "local")
"""Indices of a whole population that see whom people meet and nothing else."""
PARAMS = {"rank_order": {"degree": 1, "weights": "none"}}


def city(points: object, counts: object, crs: object = CRS, **columns: object) -> Population:
    """Return a population with points, in metres of a CRS, and groups g0, g1, ..."""
    table = pd.DataFrame(np.asarray(counts, dtype=float))
    groups = [f"g{m}" for m in table.columns]
    table.columns = groups
    table["east"], table["north"] = np.asarray(points, dtype=float).T
    table["unit"] = [f"u{j}" for j in range(len(table))]
    for name, values in columns.items():
        table[name] = values
    area = "m2" if "m2" in columns else None
    return Population.from_frame(table, groups, id="unit", points=("east", "north"), crs=crs, area=area)


def people(n: int, seed: int, *, groups: int = 3, empty: float = 0.1) -> np.ndarray:
    """Return counts, some units without people."""
    rng = np.random.default_rng(seed)
    counts = rng.integers(1, 60, (n, groups)).astype(float)
    counts[rng.random(n) < empty] = 0
    return counts


def layout(name: str, n: int, seed: int) -> np.ndarray:
    """Return points in metres of UTM zone 33."""
    rng = np.random.default_rng(seed)
    places = {
        "anywhere": lambda: rng.random((n, 2)) * 10_000,
        "grid": lambda: 250.0 * np.column_stack(np.divmod(rng.permutation(n), 23)),
        "grid with gaps and stacks": lambda: 250.0 * rng.integers(0, 12, (n, 2)),
        "town and country": lambda: np.where(rng.random((n, 1)) < 0.5, 1.0, 300.0) * rng.random((n, 2)) * 300,
        "one place": lambda: np.zeros((n, 2)),
        "one street": lambda: np.column_stack([np.zeros(n), 100.0 * rng.integers(0, n, n)]),
    }[name]()
    return places + np.array([WEST, SOUTH])


LAYOUTS = ["anywhere", "grid", "grid with gaps and stacks", "town and country", "one place", "one street"]


def values_of(population: Population) -> dict[str, float]:
    """Return the value of every index: of g0, or g0 and g1."""
    found = {}
    for name in INDICES:
        spec = specs[name]
        asked = population.select("g0", "g1") if spec.groups == (2, 2) else population
        focal = {None: {}, "group": {"group": "g0"}, "pair": {"group": "g0", "other": "g1"}}[spec.focal]
        found[name] = quietly(spec.function, asked, **focal, **PARAMS.get(name, {}))
    return found


def values_by_oracle(counts: list, weights: list) -> dict[str, float]:
    """Return the same in plain loops."""
    found = {}
    for name in INDICES:
        spec = specs[name]
        seen = [row[:2] for row in counts] if spec.groups == (2, 2) else counts
        focal = {None: {}, "group": {"group": 0}, "pair": {"group": 0, "other": 1}}[spec.focal]
        more = {"surroundings": oracle.around(weights, seen)} if name == "minmax" else {}
        _, shares = _common.home(seen)
        judge = importlib.import_module(f"tests.oracles.{name}")
        found[name] = judge.oracle(seen, oracle.met(weights, seen), shares, **focal, **PARAMS.get(name, {}), **more)
    return found
