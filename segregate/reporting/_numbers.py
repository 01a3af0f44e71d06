"""Headline numbers with their intervals, all from the same replicates."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from .._measure import measure
from .._progress import Progress
from ..inference._draws import resampled
from ..inference._replicates import interval_of, replicate
from ..inference._statistic import CELLS, Around
from ..inference._table_intervals import table_of_tables
from ..population import Population
from ..registry import BoundIndex

__all__ = ["EACH_GROUP", "headline"]

Floats = npt.NDArray[np.float64]
Words = npt.NDArray[np.uint64]
EACH_GROUP = ("dissimilarity",)
"""Indices of all groups together that are given for each group against everybody else too."""
KIND = "basic"


def headline(
    pop: Population, bound: Sequence[BoundIndex], *, level: float, replicates: int, seed: int, progress: Progress = None
) -> pd.DataFrame:
    """Return the table of `segregate.measure` with intervals.

    Parameters
    ----------
    pop : Population
        In its environment.
    bound : sequence of BoundIndex
        Global indices. Those of `EACH_GROUP` get a row for each group too, where there are more than two.
    level : float
        Confidence.
    replicates, seed : int
        How often the people are drawn again, and from what.
    progress : bool or callable, optional
        As in `segregate.measure`.

    Returns
    -------
    DataFrame
        With the columns of `segregate.measure` and low and high.
    """
    whole = measure(pop, bound)
    around = Around(pop)
    parts: list[tuple[pd.DataFrame, Callable[[Floats], Floats], int | None]] = [
        (whole, table_of_tables(around, bound, "rest"), None)
    ]
    each = [one for one in bound if one.spec.name in EACH_GROUP] if pop.n_groups > 2 else []
    for place, group in enumerate(pop.groups if each else ()):
        pair = pop.versus(group)
        found = measure(pair, each).assign(group=group, versus="rest")
        parts.append((found, table_of_tables(Around(pair), each, "rest"), place))
    draw = resampled(pop)

    def work(states: Words) -> Floats:
        tables = draw(states)
        return np.concatenate([_values(evaluate, tables, place) for _, evaluate, place in parts], axis=1)

    chunk = max(1, CELLS // max(1, pop.counts.size))
    drawn = replicate(work, replicates, seed, progress=progress, what="headline numbers", chunk=chunk)
    table = pd.concat([found for found, _, _ in parts], ignore_index=True)
    values = table["value"].to_numpy()
    ends = np.array(
        [interval_of(value, again, level, KIND) for value, again in zip(values, drawn.values.T, strict=True)]
    )
    at = list(table.columns).index("value") + 1
    table.insert(at, "low", ends[:, 0])
    table.insert(at + 1, "high", ends[:, 1])
    order = [(one.spec.name, one.params) for one in bound]
    places = [order.index(key) for key in zip(table["index"], table["params"], strict=True)]
    table = table.iloc[np.argsort(places, kind="stable")].reset_index(drop=True)
    table.attrs = whole.attrs
    return table


def _values(evaluate: Callable[[Floats], Floats], tables: Floats, place: int | None) -> Floats:
    """Return a row per table: of all groups, or of one against everybody else."""
    if place is None:
        return evaluate(tables)
    group = tables[..., place]
    return evaluate(np.stack([group, tables.sum(axis=-1) - group], axis=-1))
