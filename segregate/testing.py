"""A synthetic city of schools whose truth is known: for tests, for trying things out, and for teaching.

Nothing in the package imports this module.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from .errors import ParameterError
from .population import Population

__all__ = ["GROUPS", "SchoolCity", "school_city"]

Floats = npt.NDArray[np.float64]
GROUPS = ("majority", "minority", "newcomers")
MIXTURE = np.array([0.6, 0.3, 0.1])
"""Shares of the groups in a city that is even."""
SOURCE = "synthetic city of schools (no real place, invented numbers)"
CRS = "EPSG:32632"
ORIGIN = np.array([500_000.0, 5_300_000.0])
SLACK = 1.15
"""Room of a school, over those who are assigned."""


@dataclass(frozen=True, eq=False)
class SchoolCity:
    """A city of blocks, schools, zones and streets, in two years or more.

    Attributes
    ----------
    years : tuple of int
        First and last, and those between.
    blocks : Population
        Where pupils live, in the last year: polygons of a grid; attributes ``district``, ``zone`` (the school of the
        block) and ``invested`` (whether something was done there between the years).
    schools : Population
        Where they learn, in the last year: points; attributes ``district``, ``sector``, ``level`` and ``capacity``.
    blocks_by_year, schools_by_year : mapping of year to Population
        The same units in every year.
    zones : Series
        The school of each block; the nearest public one.
    streets : GeoDataFrame
        Lines along the edges of the blocks.
    places : GeoDataFrame
        Squares, libraries and clinics: points with ``kind`` and ``size`` (visitors, seats, doctors).
    truth : mapping of str to float
        What must come out; see `school_city`.
    """

    years: tuple[int, ...]
    blocks: Population
    schools: Population
    blocks_by_year: Mapping[int, Population]
    schools_by_year: Mapping[int, Population]
    zones: pd.Series[str]
    streets: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    truth: Mapping[str, float]

    def __repr__(self) -> str:
        return (
            f"SchoolCity: {self.blocks.n_units:,} blocks, {self.schools.n_units:,} schools, {len(self.streets):,} "
            f"streets, {len(self.places):,} places, {self.years[0]} to {self.years[-1]}, {self.blocks.size:,.0f} pupils"
        )


def school_city(
    seed: int = 0,
    *,
    blocks: tuple[int, int] = (20, 20),
    schools: int = 8,
    years: tuple[int, ...] = (2020, 2025),
    residence: float = 0.7,
    choice: float = 0.25,
    effect: float = 0.15,
    size: float = 200.0,
) -> SchoolCity:
    """Build a city of schools whose truth is known.

    Parameters
    ----------
    seed : int
        The same number gives the same city.
    blocks : (int, int)
        Rows and columns of blocks.
    schools : int
        Public schools, each with a zone; a private and a charter school without zones come to them.
    years : tuple of int
        Two or more, rising.
    residence : float
        How separated homes are, from 0 (every block has the mixture of the city) to 1.
    choice : float
        Share of the majority who go to another school than the assigned one, from 0 (all go where they are assigned)
        to 1; of the others a third of that share. Half of them go to the private and the charter school, half to
        the public school nearby that has the most of the majority.
    effect : float
        Part of the people of the invested blocks (a square in the minority's part of the city) who change places
        over the years: minority for majority. 0: nothing changes anywhere.
    size : float
        Length of the side of a block in metres.

    Returns
    -------
    SchoolCity
        Its ``truth`` holds, as far as the construction says so: "residence" and "homes" are 0 where ``residence=0``;
        "choice" is 0 where ``choice=0`` (the parts of `segregate.schools.gap`, with ``zones=city.zones``); "effect" is
        the difference in differences of the share of the minority in the invested blocks, from the first year to the
        last (`segregate.before_after` with ``index="share"``), 0 where ``effect=0``.

    Raises
    ------
    ParameterError
        For shares outside 0 to 1, fewer than two years, and more schools than blocks.

    Examples
    --------
    >>> import segregate as sg
    >>> from segregate.testing import school_city
    >>> city = school_city(1, blocks=(8, 8), schools=4, choice=0)
    >>> found = sg.schools.gap(city.schools, city.blocks, zones=city.zones)
    >>> abs(found.choice - city.truth["choice"]) < 1e-12
    True
    """
    _check(blocks, schools, years, {"residence": residence, "choice": choice, "effect": effect}, size)
    rng = np.random.default_rng(seed)
    rows, columns = blocks
    n = rows * columns
    row, column = np.divmod(np.arange(n), columns)
    corners = ORIGIN + size * np.column_stack([column, row])
    shapes = shapely.box(corners[:, 0], corners[:, 1], corners[:, 0] + size, corners[:, 1] + size)
    centres = corners + size / 2
    counts = _homes(rng, row / max(rows - 1, 1), column / max(columns - 1, 1), residence)
    sites = centres[_spread(rng, centres, schools)]
    nearest = _away(centres, sites).argmin(axis=1)
    names = [f"S{k + 1:02d}" for k in range(schools)]
    ids = [f"b{r:02d}{c:02d}" for r, c in zip(row, column, strict=True)]
    invested = (row < max(rows // 4, 1)) & (column >= columns - max(columns // 4, 1))
    first, last = counts, _exchanged(counts, invested, effect)
    west = ORIGIN[0] + columns * size / 2
    frame = gpd.GeoDataFrame(
        {
            "district": np.where(sites[nearest][:, 0] < west, "West", "East"),
            "zone": np.array(names)[nearest],
            "invested": invested,
        },
        geometry=shapes,
        crs=CRS,
        index=pd.Index(ids, name="block"),
    )
    others = ORIGIN + size * np.array([[columns * 0.45, rows * 0.5], [columns * 0.55, rows * 0.5]])
    where = np.vstack([sites, others])
    there = gpd.GeoDataFrame(
        {
            "school": [*(f"School {k + 1}" for k in range(schools)), "Private school", "Charter school"],
            "district": np.where(where[:, 0] < west, "West", "East"),
            "sector": [*["public"] * schools, "private", "charter"],
            "level": np.where(np.arange(schools + 2) % 4 == 3, "middle", "primary"),
        },
        geometry=shapely.points(where),
        crs=CRS,
        index=pd.Index([*names, "P01", "C01"], name="school_id"),
    )
    homes: dict[int, Population] = {}
    learn: dict[int, Population] = {}
    between = np.linspace(0, 1, len(years))
    for year, part in zip(years, between, strict=True):
        now = np.rint(first + part * (last - first)) if 0 < part < 1 else (last if part == 1 else first)
        homes[year] = _population(frame.assign(**dict(zip(GROUPS, now.T, strict=True))))
        pupils, assigned = _learn(now, nearest, sites, choice)
        room = np.ceil(SLACK * np.maximum(pupils.sum(axis=1), np.r_[assigned.sum(axis=1), 0, 0]))
        table = there.assign(capacity=room, **dict(zip(GROUPS, pupils.T, strict=True)))
        learn[year] = _population(table)
    zones = pd.Series(frame["zone"].to_numpy(), index=frame.index, name="zone")
    truth = _truth(first, last, invested, residence, choice)
    streets, places = _streets(rows, columns, size), _places(rng, rows, columns, size)
    return SchoolCity(tuple(years), homes[years[-1]], learn[years[-1]], homes, learn, zones, streets, places, truth)


def _population(frame: gpd.GeoDataFrame) -> Population:
    return replace(Population.from_frame(frame, list(GROUPS)), source=SOURCE)


def _check(
    blocks: tuple[int, int], schools: int, years: tuple[int, ...], shares: Mapping[str, float], size: float
) -> None:
    if len(blocks) != 2 or min(blocks) < 2:
        raise ParameterError(f"blocks={blocks!r} are rows and columns of blocks, 2 or more of each.")
    if not 1 <= schools <= blocks[0] * blocks[1]:
        raise ParameterError(f"schools={schools!r} is a number from 1 to that of the blocks.")
    if len(years) < 2 or any(late <= early for early, late in itertools.pairwise(years)):
        raise ParameterError(f"years={years!r} are two or more, rising.")
    for name, share in shares.items():
        if not 0 <= share <= 1:
            raise ParameterError(f"{name}={share!r} is a share from 0 to 1.")
    if not size > 0:
        raise ParameterError(f"size={size!r} is a length in metres.")


def _homes(rng: np.random.Generator, up: Floats, along: Floats, residence: float) -> Floats:
    """Return whole pupils by block and group; shares of an even city are whole numbers of tens."""
    totals = 10.0 * rng.integers(2, 9, len(up))
    far = 1 / (1 + np.exp(-9 * (along - up - 0.15 + rng.normal(0, 0.12, len(up)))))
    near = np.exp(-((along - 0.75) ** 2 + (up - 0.25) ** 2) / 0.02)
    minority = (1 - residence) * MIXTURE[1] + residence * (0.03 + 0.69 * far)
    newcomers = (1 - residence) * MIXTURE[2] + residence * (0.02 + 0.15 * near + 0.08 * rng.uniform(0, 1, len(up)))
    counts = np.rint(totals[:, None] * np.column_stack([minority, newcomers]))
    found: Floats = np.column_stack([totals - counts.sum(axis=1), counts])
    return found


def _spread(rng: np.random.Generator, centres: Floats, many: int) -> npt.NDArray[np.int64]:
    """Choose blocks for schools: far from each other first, then each in the middle of what is nearest to it."""
    chosen = [int(rng.integers(len(centres)))]
    while len(chosen) < many:
        chosen.append(int(_away(centres, centres[chosen]).min(axis=1).argmax()))
    for _ in range(4):
        nearest = _away(centres, centres[chosen]).argmin(axis=1)
        middles = np.array([centres[nearest == k].mean(axis=0) for k in range(many)])
        moved = _away(middles, centres).argmin(axis=1).tolist()
        if len(set(moved)) == many:
            chosen = moved
    return np.sort(np.array(chosen))


def _away(here: Floats, there: Floats) -> Floats:
    """Return distances from each point to each other."""
    gap = here[:, None, :] - there[None]
    found: Floats = np.hypot(gap[..., 0], gap[..., 1])
    return found


def _exchanged(counts: Floats, invested: npt.NDArray[np.bool_], effect: float) -> Floats:
    """Return the last year: in the invested blocks some of the minority are followed by as many of the majority."""
    moved = np.where(invested, np.minimum(np.rint(effect * counts.sum(axis=1)), counts[:, 1]), 0.0)
    found: Floats = counts + np.column_stack([moved, -moved, np.zeros(len(counts))])
    return found


def _learn(homes: Floats, nearest: npt.NDArray[np.int64], sites: Floats, choice: float) -> tuple[Floats, Floats]:
    """Return pupils by school and group, and those who are assigned to the public schools."""
    assigned = np.zeros((len(sites), len(GROUPS)))
    np.add.at(assigned, nearest, homes)
    leaving = np.floor(assigned * choice * np.array([1.0, 1 / 3, 1 / 3]))
    away = np.floor(leaving / 2)
    pupils = np.vstack([assigned - leaving, np.zeros((2, len(GROUPS)))])
    pupils[len(sites)] = np.ceil(away / 2).sum(axis=0)
    pupils[len(sites) + 1] = (away - np.ceil(away / 2)).sum(axis=0)
    share = np.divide(assigned[:, 0], assigned.sum(axis=1), out=np.zeros(len(sites)), where=assigned.sum(axis=1) > 0)
    for k, site in enumerate(sites):
        near = np.argsort(np.hypot(*(sites - site).T), kind="stable")[1:4]
        goal = int(near[share[near].argmax()]) if len(near) else k
        pupils[goal] += leaving[k] - away[k]
    return pupils, assigned


def _truth(
    first: Floats, last: Floats, invested: npt.NDArray[np.bool_], residence: float, choice: float
) -> dict[str, float]:
    people = first[invested].sum()
    truth = {"effect": float((last[invested, 1] - first[invested, 1]).sum() / people) + 0.0}
    if choice == 0:
        truth["choice"] = 0.0
    if residence == 0 and (first == last).all():
        truth |= {"residence": 0.0, "homes": 0.0}
    return truth


def _streets(rows: int, columns: int, size: float) -> gpd.GeoDataFrame:
    """Return the edges of the blocks, each from corner to corner."""
    x, y = np.meshgrid(np.arange(columns + 1), np.arange(rows + 1))
    corners = ORIGIN + size * np.stack([x, y], axis=-1)
    across = np.stack([corners[:, :-1], corners[:, 1:]], axis=2).reshape(-1, 2, 2)
    upward = np.stack([corners[:-1], corners[1:]], axis=2).reshape(-1, 2, 2)
    return gpd.GeoDataFrame(geometry=shapely.linestrings(np.vstack([across, upward])), crs=CRS)


def _places(rng: np.random.Generator, rows: int, columns: int, size: float) -> gpd.GeoDataFrame:
    """Return squares, libraries and clinics, more of them in the west."""
    kinds = np.repeat(["square", "library", "clinic"], [5, 4, 6])
    across = columns * size * rng.beta(1.3, 1.8, len(kinds))
    up = rows * size * rng.uniform(0.05, 0.95, len(kinds))
    most = {"square": 400, "library": 60, "clinic": 8}
    sizes = [float(rng.integers(most[kind] // 4, most[kind] + 1)) for kind in kinds]
    where = shapely.points(ORIGIN + np.column_stack([across, up]))
    names = [f"{kind} {k + 1}" for k, kind in enumerate(kinds)]
    return gpd.GeoDataFrame(
        {"kind": kinds, "size": sizes}, geometry=where, crs=CRS, index=pd.Index(names, name="place")
    )
