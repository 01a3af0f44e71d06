"""Intervals for all rows of a table of `segregate.measure`, from the same replicates."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from .._evaluate import rows_of
from .._progress import Progress
from .._regions import Regions
from .._segments import Segments
from ..errors import warn
from ..population import Population
from ..registry import BoundIndex
from ._draws import resampled
from ._replicates import interval_of, replicate
from ._statistic import CELLS, Around

__all__ = ["add_intervals", "table_of_tables"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]

REPLICATES, KIND, SEED = 999, "basic", 0
"""How the intervals of a table are made."""


def table_of_tables(
    around: Around,
    bound: Sequence[BoundIndex],
    versus: str,
    *,
    moved: bool = True,
    order: Ints | None = None,
    base: Segments | None = None,
) -> Callable[[Floats], Floats]:
    """Return a function that measures tables of people, (B, n, M), all rows of `segregate.measure` at once, (B, rows).

    Parameters
    ----------
    around : Around
        The units, and whom people meet in them.
    bound, versus
        As in `segregate._evaluate.rows_of`.
    moved : bool
        Whether units may have other totals than they have now.
    order, base : optional
        Units sorted by region, and their segments; rows come region after region.
    """

    def evaluate(tables: Floats) -> Floats:
        stack = around.stack(tables, moved=moved, order=order, base=base)
        rows = rows_of(
            bound,
            stack.segments,
            versus,
            assessor=lambda one, segments: stack.assessor(segments, by_table=bool(one.spec.needs)),
        )
        values = np.array([row.found.values for row in rows]).reshape(len(rows), len(tables), -1)
        return values.transpose(1, 2, 0).reshape(len(tables), -1)

    return evaluate


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
    order = None if regions is None else regions.order
    base = pop.segments if regions is None else regions.segments
    parts = None if order is None else np.split(order, base.starts[1:-1])
    draw = resampled(pop, parts)
    evaluate = table_of_tables(Around(pop, regions=stops), bound, versus, order=order, base=base)

    def work(states: Words) -> Floats:
        return evaluate(draw(states))

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
