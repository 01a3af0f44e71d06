"""Intervals for all rows of a table of `segregate.measure`, from the same replicates."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from .._evaluate import rows_of
from .._progress import Progress
from .._regions import Regions
from ..errors import warn
from ..population import Population
from ..registry import BoundIndex
from ._draws import resampled
from ._replicates import interval_of, replicate
from ._statistic import CELLS, Around

__all__ = ["add_intervals"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]

REPLICATES, KIND, SEED = 999, "basic", 0
"""How the intervals of a table are made."""


def add_intervals(
    table: pd.DataFrame,
    pop: Population,
    regions: Regions | None,
    stops: Ints | None,
    bound: Sequence[BoundIndex],
    versus: str,
    level: float,
    progress: Progress,
) -> None:
    """Add the columns low and high to a table of `segregate.measure`, behind value.

    Parameters
    ----------
    table : DataFrame
        Region after region, a row for each of `segregate._evaluate.rows_of`.
    pop : Population
        What was measured.
    regions : Regions or None
        Its regions; the people of each are resampled apart.
    stops : ndarray of shape (n,) or None
        Numbers of the regions at whose edges the environment stops.
    bound, versus, progress
        As in `segregate.measure`.
    level : float
        Confidence.
    """
    around = Around(pop, regions=stops)
    order = None if regions is None else regions.order
    base = pop.segments if regions is None else regions.segments
    parts = None if order is None else np.split(order, base.starts[1:-1])
    draw = resampled(pop, parts)

    def work(states: Words) -> Floats:
        stack = around.stack(draw(states), order=order, base=base)
        rows = rows_of(
            bound,
            stack.segments,
            versus,
            assessor=lambda one, segments: stack.assessor(segments, by_table=bool(one.spec.needs)),
        )
        values = np.array([row.found.values for row in rows]).reshape(len(rows), len(states), -1)
        return values.transpose(1, 2, 0).reshape(len(states), -1)

    chunk = max(1, CELLS // max(1, pop.counts.size))
    drawn = replicate(work, REPLICATES, SEED, progress=progress, what="drawing replicates", chunk=chunk)
    values = table["value"].to_numpy()
    ends = np.array([interval_of(*pair, level, KIND) for pair in zip(values, drawn.values.T, strict=True)])
    at = list(table.columns).index("value") + 1
    table.insert(at, "low", ends[:, 0])
    table.insert(at + 1, "high", ends[:, 1])
    table.attrs["segregate"]["interval"] = {
        "level": level,
        "resample": "people",
        "interval": KIND,
        "replicates": len(drawn.values),
        "seed": SEED,
    }
    if pop.size != np.rint(pop.size):
        warn(f"There are {pop.size:,.6g} people, not a whole number; replicates draw {np.rint(pop.size):,.0f}.")
