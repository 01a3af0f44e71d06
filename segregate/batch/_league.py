"""Cities in the order of every index, with the ranks that each may have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    if not len(frame):
        return pd.DataFrame(columns=COLUMNS)
    tables = [_plain(frame)] if not again else list(_sets(plan, frame, _replicates(folder, tasks)))
    return pd.concat(tables, ignore_index=True)[COLUMNS].astype({"year": "Int64"})


def _replicates(folder: Folder, tasks: Sequence[Task]) -> pa.ChunkedArray:
    """Return the replicates of all rows that did not fail."""
    found = pa.concat_tables(folder.tables(tasks, ["status", DRAWN.name]))
    return found.filter(pc.not_equal(found["status"], "failed"))[DRAWN.name]


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Rank by the values alone, in each group of keys."""
    groups = frame.groupby(KEYS, sort=True, dropna=False)
    rank = groups["value"].rank(ascending=False, method="min").to_numpy()
    city = pd.factorize(frame["city"], sort=True)[0]
    order = np.lexsort((city, rank, groups.ngroup().to_numpy()))
    table = frame.iloc[order].assign(rank=rank[order], letters="")
    table[["low", "high", "rank_low", "rank_high"]] = np.nan
    return table


def _sets(plan: Plan, frame: pd.DataFrame, drawn: pa.ChunkedArray) -> Iterator[pd.DataFrame]:
    """Yield the ranks of each group of keys."""
    frame = frame.astype(dict.fromkeys(("city", "status", "message"), object))
    groups: dict[Any, Any] = frame.groupby(KEYS, sort=True, dropna=False).indices
    for values, found in groups.items():
        rows = np.sort(found)
        table = _with_sets(plan, frame.iloc[rows], drawn, rows)
        for name, value in zip(KEYS, values, strict=True):
            table[name] = value
        yield table


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
