"""Small problems of school zones: a grid of blocks, schools in the middle of some, random limits."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

import segregate as sg
from segregate.schools import NoPlanError
from tests.unit import oracle_rezone as oracle

SIDE = 100.0
SHAPES = [(2, 4), (2, 4), (3, 3), (3, 3), (2, 5)]


def grid(rows, columns, people, names="abc"):
    """Return blocks of a grid, row by row."""
    shapes = [
        shapely.box(SIDE * c, SIDE * r, SIDE * (c + 1), SIDE * (r + 1)) for r in range(rows) for c in range(columns)
    ]
    return gpd.GeoDataFrame(
        dict(zip(names, zip(*people, strict=True), strict=False)),
        geometry=shapes,
        crs="EPSG:32632",
        index=[f"b{k}" for k in range(len(shapes))],
    )


def beside(rows, columns):
    """Return the neighbours of each block: those that share a side."""
    found = []
    for r in range(rows):
        for c in range(columns):
            around = [(r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)]
            found.append([y * columns + x for y, x in around if 0 <= y < rows and 0 <= x < columns])
    return found


class Case:
    """A random problem: as tables for the package, as lists for the oracle."""

    def __init__(self, seed):
        rng = np.random.default_rng(seed)
        self.rows, self.columns = SHAPES[seed % len(SHAPES)]
        n = self.rows * self.columns
        schools = 2 if n == 10 and seed % 2 else int(rng.integers(2, 4))
        self.contiguous, limited, filled = seed % 2 == 0, seed % 4 < 2, seed % 3 > 0
        groups = 3 if seed % 5 == 4 else 2
        self.people = [tuple(int(k) for k in rng.integers(0, 25, groups)) for _ in range(n)]
        if seed % 7 == 0:
            self.people[int(rng.integers(n))] = (0,) * groups
        own = sorted(rng.choice(n, schools, replace=False).tolist())
        total = sum(map(sum, self.people))
        high = [int(total / schools * rng.uniform(0.9, 1.6)) if filled else total for _ in range(schools)]
        low = [0.5 * seats if filled and seed % 2 else 0 for seats in high]
        centres = [(SIDE * (c + 0.5), SIDE * (r + 0.5)) for r in range(self.rows) for c in range(self.columns)]
        cost = [[((x - centres[o][0]) ** 2 + (y - centres[o][1]) ** 2) ** 0.5 for o in own] for x, y in centres]
        max_travel = float(rng.choice([150.0, 210.0, 290.0, 350.0])) if limited else None
        today = [row.index(min(row)) for row in cost]
        moved = int(total * rng.uniform(0.1, 0.6)) if seed % 6 == 5 else None
        keep = [int(rng.integers(n))] if seed % 8 == 3 else []
        kept_schools = [0] if seed % 16 == 9 else []
        self.asked = {
            "low": low,
            "high": high,
            "cost": cost,
            "max_travel": max_travel,
            "neighbours": beside(self.rows, self.columns) if self.contiguous else None,
            "own": own if self.contiguous else None,
            "today": today,
            "max_moved": moved,
            "keep_blocks": keep,
            "keep_schools": kept_schools,
        }
        names = [f"s{k}" for k in range(schools)]
        self.names = names
        self.blocks = sg.Population.from_frame(
            grid(self.rows, self.columns, self.people).assign(today=[names[s] for s in today]), list("abc"[:groups])
        )
        points = [shapely.Point(centres[o]) for o in own]
        self.schools = gpd.GeoDataFrame({"seats": high}, geometry=points, crs="EPSG:32632", index=names)
        self.options = {
            "capacity": "seats",
            "fill": (0.5 if filled and seed % 2 else 0.0, 1.0),
            "max_travel": max_travel,
            "contiguous": self.contiguous,
            "current": "today",
            "max_moved": moved,
            "keep": [f"b{b}" for b in keep] + [names[s] for s in kept_schools],
        }

    def value(self, zones):
        of = oracle.dissimilarity if len(self.people[0]) == 2 else oracle.dissimilarity_of_all
        return of(self.people, zones)

    def possible(self):
        """Return every plan that keeps all limits."""
        return list(oracle.possible(self.people, **self.asked))

    def plan(self, **options):
        return sg.schools.rezone(self.blocks, self.schools, **({"time_limit": 30, "rng": 1} | self.options | options))

    def zones(self, plan):
        """Return a plan as the oracle has it."""
        return tuple(self.names.index(name) for name in plan.assignment)


def check(seed):
    """Compare a case with the oracle; return the number of plans that there are."""
    case = Case(seed)
    plans = case.possible()
    if not plans:
        with pytest.raises(NoPlanError, match="No plan keeps all limits") as error:
            case.plan()
        assert len(error.value.table), seed
        return 0
    least = min(map(case.value, plans))
    plan = case.plan()
    assert case.zones(plan) in plans, seed
    assert abs(case.value(case.zones(plan)) - plan.value) < 1e-12, seed
    assert abs(plan.value - least) < 1e-12, (seed, plan.value, least)
    assert plan.bound <= least + 1e-12, (seed, plan.bound, least)
    assert plan.status == "optimal", (seed, plan.status)
    return len(plans)
