"""A plan of school zones as tables: by school, by group, and for maps."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, ClassVar

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from ..results import Result
from ._rezone_problem import NEW
from ._rezone_reading import Reading, as_points

__all__ = ["Plan", "burden_table", "school_table", "zone_table"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
EVERYBODY = "everybody"


@dataclass(frozen=True, repr=False)
class Plan(Result):
    """A plan of school zones.

    Attributes
    ----------
    assignment : Series
        The school of each block.
    value : float
        The index under the plan.
    bound : float
        No plan that keeps the limits is below it; NaN where none is known (indices other than dissimilarity).
    before : float
        The index of the zones of today; NaN without them.
    status : str
        "optimal", "time limit", or "local search" (indices other than dissimilarity).
    moved : float
        Pupils who change school.
    burden : DataFrame
        A row per group, and one for everybody: group, pupils, moved, share_moved, travel_before, travel_after (means),
        extra_travel (of all whose travel is known before and after), extra_travel_of_moved.
    schools : DataFrame
        `table`.
    zones : DataFrame or GeoDataFrame
        A row per block: before, after, moved (whether its school changes), pupils, and the geometry of the blocks.
    points : GeoSeries or None
        Where the schools are.
    dissimilarity, dissimilarity_bound : float
        The index of dissimilarity of the plan, and one that no plan is below; the bound is one of that index alone.
    about : mapping
        index, group, params, the unit of travel, and what was asked.
    """

    assignment: pd.Series[Any]
    value: float
    bound: float
    before: float
    status: str
    moved: float
    burden: pd.DataFrame
    schools: pd.DataFrame
    zones: pd.DataFrame
    points: gpd.GeoSeries | None
    dissimilarity: float
    dissimilarity_bound: float
    about: dict[str, Any]
    notes: tuple[str, ...] = field(default=())
    picture: ClassVar[str] = "draw_plan"

    @property
    def gap(self) -> float:
        """The value less the bound: what a better plan could gain at most; NaN where no bound is known."""
        return self.value - self.bound

    @property
    def table(self) -> pd.DataFrame:
        """A row per school.

        Returns
        -------
        DataFrame
            school, capacity, pupils_before, pupils, fill (pupils by capacity), blocks_before, blocks, travel (mean),
            and for each group its pupils and, under "share ...", its share before and after.
        """
        return self.schools.copy()

    @property
    def travel(self) -> pd.DataFrame:
        """Mean travel before and after, by group."""
        return self.burden[["group", "travel_before", "travel_after", "extra_travel"]].copy()

    def _headline(self) -> str:
        name = str(self.about["index"]).replace("_", " ").capitalize()
        of = f" of {self.about['group']!r}" if self.about["group"] else ""
        today = "" if math.isnan(self.before) else f" (today {self.before:.4g})"
        moved = "" if math.isnan(self.before) else f"; {self.moved:,.6g} pupils change school"
        bound = "" if math.isnan(self.bound) else f", bound {self.bound:.4g}, gap {self.gap:.2g}"
        return f"{name}{of} {self.value:.4g}{today}{bound}, {self.status}{moved}"


def school_table(reading: Reading, zones: Ints) -> pd.DataFrame:
    """Return the table by school."""
    problem, blocks = reading.problem, reading.blocks
    many, groups = problem.n_schools, blocks.groups
    counts, here = blocks.counts, problem.current >= 0
    after, before = np.zeros((many, len(groups))), np.zeros((many, len(groups)))
    np.add.at(after, zones, counts)
    np.add.at(before, problem.current[here], counts[here])
    known = bool(here.any())
    seats = np.full(many, math.nan) if reading.capacity is None else reading.capacity
    pupils = after.sum(axis=1)
    table = pd.DataFrame({"school": reading.schools.ids, "capacity": seats})
    table["pupils_before"] = before.sum(axis=1) if known else math.nan
    table["pupils"] = pupils
    with np.errstate(divide="ignore", invalid="ignore"):
        table["fill"] = np.where(seats > 0, pupils / seats, math.nan)
        old, new = (one / one.sum(axis=1, keepdims=True) for one in (before, after))
    table["blocks_before"] = np.bincount(problem.current[here], minlength=many) if known else math.nan
    table["blocks"] = np.bincount(zones, minlength=many)
    table["travel"] = [
        _mean(None if reading.costs is None else reading.costs.matrix[zones == s, s], blocks.totals[zones == s])
        for s in range(many)
    ]
    for m, group in enumerate(groups):
        table[group] = after[:, m]
        table[f"share {group} before"] = old[:, m]
        table[f"share {group}"] = new[:, m]
    return table


def _mean(values: Floats | None, weights: Floats) -> float:
    """Return a mean of what is known, weighed by pupils."""
    if values is None:
        return math.nan
    known = np.isfinite(values) & (weights > 0)
    return float(values[known] @ weights[known] / weights[known].sum()) if known.any() else math.nan


def burden_table(reading: Reading, zones: Ints) -> pd.DataFrame:
    """Return who changes school, and who travels farther, by group."""
    problem, blocks = reading.problem, reading.blocks
    n = problem.n
    today = (problem.current != NEW).any()
    changing = (problem.current != NEW) & (problem.current != zones)
    late = early = np.full(n, math.nan)
    if reading.costs is not None:
        late = reading.costs.matrix[np.arange(n), zones]
        early = np.where(
            problem.current >= 0, reading.costs.matrix[np.arange(n), np.maximum(problem.current, 0)], np.nan
        )
    both = np.isfinite(late) & np.isfinite(early)
    extra = np.where(both, late, 0.0) - np.where(both, early, 0.0)
    extra[~both] = np.nan
    rows = []
    for group, people in [*zip(blocks.groups, blocks.counts.T, strict=True), (EVERYBODY, blocks.totals)]:
        total, moved = float(people.sum()), float(people[changing].sum())
        rows.append(
            {
                "group": group,
                "pupils": total,
                "moved": moved if today else math.nan,
                "share_moved": moved / total if today and total > 0 else math.nan,
                "travel_before": _mean(early, people),
                "travel_after": _mean(late, people),
                "extra_travel": _mean(extra, people),
                "extra_travel_of_moved": _mean(extra, np.where(changing, people, 0.0)),
            }
        )
    return pd.DataFrame(rows)


def zone_table(reading: Reading, zones: Ints) -> pd.DataFrame:
    """Return the school of each block, before and after."""
    blocks = reading.blocks
    before = pd.Series(None, index=blocks.ids, dtype=object) if reading.today is None else reading.today.astype(object)
    changing = (reading.problem.current != NEW) & (reading.problem.current != zones)
    frame = pd.DataFrame(
        {
            "before": before.to_numpy(),
            "after": reading.schools.ids[zones].astype(object),
            "moved": changing,
            "pupils": blocks.totals,
        },
        index=blocks.ids,
    )
    if blocks.geometry is None:
        return frame
    located: pd.DataFrame = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(blocks.geometry.array, index=blocks.ids))
    return located


def points_of(reading: Reading) -> gpd.GeoSeries | None:
    """Return where schools are."""
    return as_points(reading.schools, reading.blocks.crs)
