"""Cities in the order of every index, with the ranks that each may have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ..inference.ranking import fewest, ranked
from ._folder import Folder
from ._plan import Plan
from ._tasks import Task
from ._work import DRAWN, SCHEMA

__all__ = ["league_of"]

KEYS = ["year", "index", "symbol", "group", "versus", "environment", "params"]
COLUMNS = [*KEYS, "city", "value", "low", "high", "rank", "rank_low", "rank_high", "letters", "status", "message"]


class _Measured(NamedTuple):
    """Values with their status, as a ranking takes them."""

    values: Any
    status: Any
    messages: Any


def league_of(plan: Plan, folder: Folder, tasks: Sequence[Task]) -> pd.DataFrame:
    """Rank the cities of every year by every index.

    Parameters
    ----------
    plan : Plan
        With intervals asked for, or without: then ranks are those of the values alone.
    folder : Folder
        With the tables of all tasks.
    tasks : sequence of Task
        All of them.

    Returns
    -------
    DataFrame
        Largest value first: the keys, city, value, low and high (intervals that hold together), rank, rank_low and
        rank_high (sets of ranks that hold together), letters (cities that share one are not told apart).
    """
    names = [*KEYS, "city", "value", "status", "message"]
    again = plan.bootstrap is not None
    whole = pa.concat_tables(folder.tables(tasks, [name for name in names if name in SCHEMA.names]))
    whole = whole.filter(pc.not_equal(whole["status"], "failed"))
    frame = whole.to_pandas()
    drawn = _replicates(folder, tasks) if again else None
    tables = []
    for values, rows in frame.groupby(KEYS, sort=True, dropna=False).indices.items():
        part = frame.iloc[np.sort(rows)]
        table = _with_sets(plan, part, drawn, np.sort(rows)) if drawn is not None else _plain(part)
        for name, value in zip(KEYS, values, strict=True):
            table[name] = value
        tables.append(table)
    if not tables:
        return pd.DataFrame(columns=COLUMNS)
    return pd.concat(tables, ignore_index=True)[COLUMNS].astype({"year": "Int64"})


def _replicates(folder: Folder, tasks: Sequence[Task]) -> pa.ChunkedArray:
    """Return the replicates of all rows that did not fail."""
    found = pa.concat_tables(folder.tables(tasks, ["status", DRAWN.name]))
    return found.filter(pc.not_equal(found["status"], "failed"))[DRAWN.name]


def _plain(part: pd.DataFrame) -> pd.DataFrame:
    """Rank by the values alone."""
    table = part[["city", "value", "status", "message"]].copy()
    table["rank"] = table["value"].rank(ascending=False, method="min")
    table[["low", "high", "rank_low", "rank_high"]] = np.nan
    table["letters"] = ""
    return table.sort_values(["rank", "city"], kind="stable")


def _with_sets(plan: Plan, part: pd.DataFrame, drawn: pa.ChunkedArray, rows: Any) -> pd.DataFrame:
    """Rank with sets of ranks that hold together; see `segregate.rank`."""
    assert plan.bootstrap is not None
    order = np.argsort(part["city"].to_numpy(), kind="stable")
    part, rows = part.iloc[order], rows[order]
    values = part["value"].to_numpy(dtype=float)
    known = np.isfinite(values)
    if known.sum() < 2 or plan.bootstrap.replicates < fewest(plan.bootstrap.level):
        return _plain(part)
    taken = drawn.take(pa.array(rows[known]))
    again = np.stack([np.asarray(one, dtype=float) for one in taken.to_pylist()], axis=1)
    measured: Any = _Measured(values, part["status"].to_numpy(), part["message"].to_numpy())
    table, _, _ = ranked(part["city"].tolist(), measured, again, plan.bootstrap.level)
    return table.rename(columns={"name": "city"})
