"""What a worker does: read some cities, measure them in all environments, hand back one small table."""

from __future__ import annotations

import functools
import io
import json
import os
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from .._evaluate import rows_of
from .._measure import table_of, wanted
from .._profile import populations_at
from .._regions import Regions, encode_regions
from ..environment import Environment, Home, Kernel
from ..errors import DataError, SegregateError, UndefinedIndexWarning
from ..inference._table_replicates import intervals_of_table, p_values_of_table
from ..io import read
from ..population import Population
from ..registry import BoundIndex
from ._plan import Data, Plan
from ._store import Store
from ._tasks import SPLIT, City, Task
from ._tiles import measured_tiles

__all__ = ["DRAWN", "SCHEMA", "Outcome", "failed_outcome", "work"]

Ints = npt.NDArray[np.int64]
SCHEMA = pa.schema(
    [
        ("city", pa.string()),
        ("year", pa.int64()),
        *((name, pa.string()) for name in ("index", "symbol", "family", "group", "versus", "environment", "params")),
        *((name, pa.float64()) for name in ("value", "low", "high", "p_value")),
        *((name, pa.string()) for name in ("status", "message")),
        ("units", pa.int64()),
        ("people", pa.float64()),
    ]
)
"""Columns of results."""
DRAWN = pa.field("drawn", pa.list_(pa.float64()))
"""Replicates of each value, for ranks; in the files of tasks only."""
ALIKE = 3
"""So many cities of a file that fail with the same words say that all will."""


@dataclass(frozen=True)
class Outcome:
    """What a task gave.

    Attributes
    ----------
    content : bytes
        The table as Parquet, with what must be said of it in its metadata.
    rows : int
        Its rows.
    failed : int
        Cities that failed.
    seconds : float
        How long it took; not part of the content.
    """

    content: bytes
    rows: int
    failed: int
    seconds: float


@dataclass
class _Said:
    """What has to be said of a task."""

    notes: list[str]
    failed: dict[str, str]
    affected: dict[str, Any]


def work(plan: Plan, task: Task) -> Outcome:
    """Do a task; nothing that goes wrong with a city leaves this function as an exception.

    Parameters
    ----------
    plan : Plan
        The plan.
    task : Task
        Its part.
    """
    begun = time.perf_counter()
    said = _Said([], {}, {})
    if task.error:
        tables = [_failed(city, task.year, task.error, said) for city in task.cities]
    elif task.tiles:
        tables = [_of_tiles(plan, task, said)]
    else:
        tables = _together(plan, task, said)
    table = pd.concat(tables, ignore_index=True)
    content = _written(table, plan, task, said)
    return Outcome(content, len(table), len(said.failed), time.perf_counter() - begun)


def _of_tiles(plan: Plan, task: Task, said: _Said) -> pd.DataFrame:
    """Return what some tiles of a file add to its values."""
    assert plan.indices is not None
    city = task.cities[0]
    try:
        store = Store.at(Path(task.store))
        table = measured_tiles(task.store, task.tiles, plan.environments, plan.indices, plan.versus)
    except (SegregateError, OSError, MemoryError) as error:
        return _failed(city, task.year, _reason(error), said)
    said.notes += store.notes
    return table.assign(city=city.name, year=task.year, units=store.units, people=sum(store.sizes))


def failed_outcome(plan: Plan, task: Task, reason: str) -> Outcome:
    """Return what a task gives whose worker could not finish it."""
    said = _Said([], {}, {})
    table = pd.concat([_failed(city, task.year, reason, said) for city in task.cities], ignore_index=True)
    return Outcome(_written(table, plan, task, said), len(table), len(said.failed), 0.0)


def _together(plan: Plan, task: Task, said: _Said) -> list[pd.DataFrame]:
    """Measure the cities of a task together; where that fails, one by one."""
    try:
        return _measured(plan, task, task.cities, said)
    except (SegregateError, OSError, MemoryError) as error:
        reason = _reason(error)
    if len(task.cities) == 1:
        return [_failed(task.cities[0], task.year, reason, said)]
    said.notes.clear()
    said.affected.clear()
    tables: list[pd.DataFrame] = []
    alike = 0
    for city in task.cities:
        if alike == ALIKE == len(tables):
            tables.append(_failed(city, task.year, reason, said))
            continue
        try:
            tables += _measured(plan, task, (city,), said)
        except (SegregateError, OSError, MemoryError) as error:
            alike += _reason(error) == reason
            tables.append(_failed(city, task.year, _reason(error), said))
    return tables


def _reason(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return text if isinstance(error, SegregateError) else f"{type(error).__name__}: {text}"


def _failed(city: City, year: int | None, reason: str, said: _Said) -> pd.DataFrame:
    """Return the row of a city that could not be measured."""
    said.failed[city.name] = reason
    row = {"city": city.name, "year": year, "status": "failed", "message": reason, "units": city.rows or None}
    return pd.DataFrame([row])


def _measured(plan: Plan, task: Task, cities: Sequence[City], said: _Said) -> list[pd.DataFrame]:
    """Measure some cities in all environments."""
    data = plan.data[task.data]
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        pop, names = _population(plan, data, task, cities)
        found = [table for group in plan.environments for table in _in_environments(plan, pop, names, group, task.year)]
    for one in heard:
        if not issubclass(one.category, UndefinedIndexWarning):
            said.notes.append(" ".join(str(one.message).split()))
    said.notes += pop.notes
    if pop.disclosure is not None and not pop.disclosure.plain:
        said.affected["disclosure"] = pop.disclosure.sentence()
    return found


def _population(plan: Plan, data: Data, task: Task, cities: Sequence[City]) -> tuple[Population, npt.NDArray[Any]]:
    """Read the units of some cities, and return them with the name of the city of each."""
    whole = len(cities) == 1 and cities[0].value is None
    part = not whole and (task.path.lower().endswith(SPLIT) or len(cities) < len(task.cities))
    pop = _read(plan, data, task, _condition(data, task, cities if part else ()))
    keep = np.ones(pop.n_units, dtype=bool)
    if task.year_column:
        years = pd.to_numeric(pop.attributes[str(data.year)], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        keep &= years == task.year
    if whole:
        return pop if keep.all() else pop.subset(keep), np.full(int(keep.sum()), cities[0].name, dtype=object)
    names = {city.value: city.name for city in cities}
    named = pop.attributes[data.by].map(names)
    keep &= named.notna().to_numpy()
    if not keep.any():
        raise DataError(f"no unit of {', '.join(city.name for city in cities[:3])} is left.")
    return pop if keep.all() else pop.subset(keep), named.to_numpy(dtype=object)[keep]


def _condition(data: Data, task: Task, cities: Sequence[City]) -> str | None:
    """Return what the rows of a year and of some cities have in common, as SQL."""
    given = data.options.get("where")
    parts = [] if given is None else [f"({given})"]
    if task.year_column and task.year is not None:
        parts.append(f"{_quoted(data.year)} = {_literal(str(task.year) if task.year_text else task.year)}")
    values = [city.value for city in cities]
    if values and all(isinstance(value, int | float | str) and not isinstance(value, bool) for value in values):
        column = _quoted(data.by)
        parts += [f"{column} >= {_literal(min(values))}", f"{column} <= {_literal(max(values))}"]
    return " AND ".join(parts) if parts else None


def _quoted(column: object) -> str:
    return '"' + str(column).replace('"', '""') + '"'


def _literal(value: str | float) -> str:
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else repr(value)


def _read(plan: Plan, data: Data, task: Task, condition: str | None) -> Population:
    options = dict(data.options)
    if "columns" not in options and data.groups is not None:
        options["columns"] = sorted({name for name in (data.by, data.year) if isinstance(name, str)})
    if "join" in options:
        options["join"] = str(plan.folder / options["join"])
    if condition is not None:
        options["where"] = condition
    files = [task.path, *([options["join"]] if "join" in options else [])]
    stamp = tuple((one.st_mtime_ns, one.st_size, one.st_ino) for one in map(os.stat, files))
    return _opened(task.path, stamp, data.groups, json.dumps(options, sort_keys=True, default=list))


@functools.lru_cache(maxsize=1)
def _opened(path: str, stamp: object, groups: tuple[str, ...] | None, options: str) -> Population:  # noqa: ARG001
    """Read a file; the last one is kept, for the next task of the same file as long as it does not change."""
    given = json.loads(options)
    for name in ("points", "area", "on", "layer"):
        if isinstance(given.get(name), list):
            given[name] = tuple(given[name])
    return read(path, groups=None if groups is None else list(groups), **given)


def _in_environments(
    plan: Plan, pop: Population, names: npt.NDArray[Any], group: Sequence[Environment], year: int | None
) -> Iterator[pd.DataFrame]:
    """Yield the table of each environment of a group."""
    encoded = encode_regions(pop, names)
    for near in _around(pop, group, encoded.codes):
        regions = Regions(near, encoded)
        bound = wanted(None if plan.indices is None else list(plan.indices), near, regions.segments)
        table = table_of(rows_of(bound, regions.segments, plan.versus), near, encoded.labels)
        table = table.rename(columns={"region": "city"})
        units = pd.Series(np.bincount(encoded.codes, minlength=len(encoded.labels)), index=encoded.labels)
        people = pd.Series(pop.totals).groupby(names).sum()
        table["year"], table["units"], table["people"] = year, table["city"].map(units), table["city"].map(people)
        _infer(plan, table, pop, near.environment, names, bound, year)
        yield table


def _around(pop: Population, group: Sequence[Environment], codes: Ints) -> Iterator[Population]:
    """Yield a population in each environment, which stops at the edges of cities; radii share one pass."""
    kernels = [one for one in group if isinstance(one, Kernel)]
    if len(kernels) == len(group) > 1 and len({one.shape for one in kernels}) == 1:
        radii = sorted(one.radius for one in kernels)
        yield from (near for _, near in populations_at(pop, radii, "radius", kernels[0].shape, codes))
        return
    for one in group:
        yield pop if isinstance(one, Home) else pop.within(one, by=codes)


def _infer(
    plan: Plan,
    table: pd.DataFrame,
    pop: Population,
    environment: Environment,
    names: npt.NDArray[Any],
    bound: Sequence[BoundIndex],
    year: int | None,
) -> None:
    """Add p-values and intervals, city by city, so that no city changes the draws of another."""
    table[["low", "high", "p_value"]] = np.nan
    if plan.bootstrap is not None:
        table["drawn"] = None
    if plan.test is None and plan.bootstrap is None:
        return
    for name, rows in table.groupby("city", sort=False).groups.items():
        here = names == name
        city = pop if here.all() else pop.subset(here)
        if not isinstance(environment, Home):
            city = city.within(environment)
        stream = str(name) if year is None else f"{name} {year}"
        if plan.test is not None:
            test = plan.test
            found = p_values_of_table(
                city, bound, test.kind, test.replicates, test.seed, stream, test.alternative, test.round
            )
            table.loc[rows, "p_value"] = found.values
            if found.reason:
                table.loc[rows, "message"] = [_joined(text, found.reason) for text in table.loc[rows, "message"]]
        if plan.bootstrap is not None:
            again = plan.bootstrap
            values = table.loc[rows, "value"].to_numpy()
            ends, drawn = intervals_of_table(
                city, bound, plan.versus, values, again.replicates, again.seed, stream, again.level, again.kind
            )
            table.loc[rows, ["low", "high"]] = ends
            for row, one in zip(rows, drawn.T, strict=True):
                table.at[row, "drawn"] = one


def _joined(first: str, second: str) -> str:
    return f"{first}; {second}" if first else second


def _written(table: pd.DataFrame, plan: Plan, task: Task, said: _Said) -> bytes:
    """Return a table as Parquet, with what has to be said of it."""
    schema = SCHEMA if plan.bootstrap is None else SCHEMA.append(DRAWN)
    table = table.reindex(columns=schema.names)
    for name in ("index", "symbol", "family", "group", "versus", "environment", "params", "message"):
        table[name] = table[name].astype(object).where(table[name].notna(), "")
    table = table.astype({"year": "Int64", "units": "Int64"})
    if DRAWN.name in table:  # none where a city failed
        drawn = [one if isinstance(one, np.ndarray) else None for one in table[DRAWN.name]]
        table[DRAWN.name] = pd.Series(drawn, index=table.index, dtype=object)
    about = {
        "key": task.key,
        "notes": list(dict.fromkeys(said.notes)),
        "failed": said.failed,
        **said.affected,
    }
    arrow = pa.Table.from_pandas(table, schema=schema, preserve_index=False)
    arrow = arrow.replace_schema_metadata({"segregate": json.dumps(about, ensure_ascii=False, sort_keys=True)})
    sink = io.BytesIO()
    pq.write_table(arrow, sink, compression="zstd")
    return sink.getvalue()
