"""Tasks: some cities of a file in a year, measured together, in all environments."""

from __future__ import annotations

import hashlib
import json
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from .._provenance import FileRead, fingerprint
from .._version import version
from ..errors import ParameterError, SegregateError, first_of, plural
from ..io.readers import open_frame
from ._plan import Data, Plan, files_of
from ._store import partition

__all__ = ["City", "Input", "Task", "inputs_of", "tasks_of"]

ROWS = 10_000
"""Units that are measured together, unless a city has more."""
PARTS = 32
"""A file has no more tasks than that for its size, so that large files are not read too often."""
HEAVY = 2_000
"""The same where replicates are drawn, which takes so long that less should be lost when a run is stopped."""
SPLIT = (".parquet", ".geoparquet")
"""Formats of which a part of the rows can be read without the rest."""


@dataclass(frozen=True)
class City:
    """A city of a file, or the file.

    Attributes
    ----------
    name : str
        As it stands in tables.
    value : str, int, float or None
        In the column of cities; None is the whole file.
    rows : int
        Units, as far as known.
    """

    name: str
    value: Any
    rows: int


@dataclass(frozen=True)
class Input:
    """A file with its cities.

    Attributes
    ----------
    data : int
        Number of its [[data]].
    path : Path
        Where it is.
    file : FileRead or None
        Its hash; None when it cannot be read.
    cities : tuple of (year or None, tuple of City)
        By year.
    error : str
        Why it could not be read.
    left_out : int
        Rows without a city or year.
    year_text : bool
        Whether the column of years holds text.
    """

    data: int
    path: Path
    file: FileRead | None
    cities: tuple[tuple[int | None, tuple[City, ...]], ...]
    error: str = ""
    left_out: int = 0
    year_text: bool = False


@dataclass(frozen=True)
class Task:
    """Some cities of a file in a year.

    Attributes
    ----------
    number : int
        Place in the order of the plan.
    key : str
        Hash of all that its result depends on.
    data : int
        Number of its [[data]].
    path : str
        The file.
    year : int or None
        Of all rows.
    year_column : bool
        Whether rows of other years are in the file.
    cities : tuple of City
        In the order of their names.
    error : str
        Why it cannot be done.
    store : str
        Folder of tiles, where the file is larger than memory.
    tiles : tuple of int
        Those of this task; values of all tasks of the file are added up.
    year_text : bool
        Whether the column of years holds text.
    """

    number: int
    key: str
    data: int
    path: str
    year: int | None
    year_column: bool
    cities: tuple[City, ...]
    error: str = ""
    store: str = ""
    tiles: tuple[int, ...] = ()
    year_text: bool = False

    @property
    def name(self) -> str:
        """How logs call it."""
        if self.tiles:
            return f"{self.cities[0].name}, {plural(len(self.tiles), 'tile')} from {self.tiles[0]}"
        which = self.cities[0].name if len(self.cities) == 1 else f"{self.cities[0].name} ... {self.cities[-1].name}"
        return f"{which} ({Path(self.path).name}{'' if self.year is None else f', {self.year}'})"

    @property
    def rows(self) -> int:
        """Units."""
        return sum(city.rows for city in self.cities)


def inputs_of(plan: Plan) -> Iterator[Input]:
    """Yield every file of a plan with its cities; one that cannot be read carries the reason.

    Parameters
    ----------
    plan : Plan
        A plan.
    """
    for number, data in enumerate(plan.data):
        seen: set[Path] = set()
        for pattern in data.paths:
            for path in files_of(plan.folder, pattern):
                if path not in seen:
                    seen.add(path)
                    yield _input(number, data, path)


def _input(number: int, data: Data, path: Path) -> Input:
    found = {} if data.pattern is None else _named(data.pattern, path.name)
    year: int | str | None = data.year if "year" not in found else int(found["year"])
    name = found.get("city") or (data.label if data.by is None and data.label else path.stem)
    try:
        file = fingerprint(path)[0]
        if data.by is None and not isinstance(year, str):
            return Input(number, path, file, ((year, (City(name, None, _size(path)),)),))
        return _listed(number, data, path, file, year, name)
    except (SegregateError, OSError, pa.ArrowException) as error:
        one = City(name, None, 0)
        known = year if isinstance(year, int) else None
        return Input(number, path, None, ((known, (one,)),), error=f"{path.name} cannot be read: {error}")


def _named(pattern: str, name: str) -> dict[str, str]:
    found = re.search(pattern, name)
    groups = {} if found is None else found.groupdict()
    if not (groups.get("year") or "0").isdecimal():
        raise ParameterError(f"pattern finds the year {groups['year']!r} in {name!r}, which is no whole number.")
    return groups


def _size(path: Path) -> int:
    """Return the rows of a file as far as they are known without reading it."""
    if path.suffix.lower() in SPLIT:
        return int(pq.read_metadata(path).num_rows)
    return max(1, path.stat().st_size // 500)


def _listed(number: int, data: Data, path: Path, file: FileRead, year: int | str | None, whole: str) -> Input:
    """List the cities that a file holds, by year."""
    label = data.label if data.by is not None else None
    columns = [name for name in (data.by, label, year if isinstance(year, str) else None) if name is not None]
    how = {key: data.options[key] for key in ("layer", "where") if key in data.options}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame, _, _ = open_frame([path], needed=columns, columns=columns, **how)
    table = pd.DataFrame({name: frame[name] for name in dict.fromkeys(columns)})
    absent = table.isna().any(axis=1)
    table = table[~absent]
    if not len(table):
        raise ParameterError(f"no row has a value in {' and '.join(columns)}.")
    if isinstance(year, str):
        years = pd.to_numeric(table[year], errors="coerce")
        odd = years.isna() | (years % 1 != 0)
        if odd.any():
            raise ParameterError(
                f"{plural(int(odd.sum()), 'row')} with a year that is none: {first_of(table[year][odd])}."
            )
        table = table.assign(**{year: years.astype("int64")})
    found: list[tuple[int | None, tuple[City, ...]]] = []
    split = [(year, table)] if not isinstance(year, str) else list(table.groupby(year, sort=True))
    for when, part in split:
        known = None if when is None else int(str(when))
        if data.by is None:
            found.append((known, (City(whole, None, len(part)),)))
        else:
            found.append((known, _cities(part, data.by, label)))
    text = isinstance(year, str) and not pd.api.types.is_numeric_dtype(frame[year])
    return Input(number, path, file, tuple(found), left_out=int(absent.sum()), year_text=text)


def _cities(part: pd.DataFrame, by: str, label: str | None) -> tuple[City, ...]:
    """Return the cities of a table, sorted as they are read."""
    rows = part.groupby(by, sort=True).size()
    names = rows.index.astype(str).tolist()
    if label is not None:
        texts = part.groupby(by, sort=True)[label].first().astype(str)
        twice = texts.duplicated(keep=False).to_numpy()
        names = [f"{text} ({value})" if again else text for text, value, again in zip(texts, names, twice, strict=True)]
    return tuple(
        City(str(name), getattr(value, "item", lambda value=value: value)(), int(number))
        for name, value, number in zip(names, rows.index, rows, strict=True)
    )


def tasks_of(plan: Plan, inputs: Sequence[Input], stores: Path | None = None) -> list[Task]:
    """Cut the work into tasks.

    They depend on plan and data alone, not on who does them.

    Parameters
    ----------
    plan : Plan
        A plan.
    inputs : sequence of Input
        Its files.
    stores : Path, optional
        Folder of the tiles of files that are larger than memory; they are sorted into tiles where that is not done yet.
        Without it, such a file is one task.

    Raises
    ------
    ParameterError
        Where a city is there twice in a year.
    """
    _check_twice(inputs)
    heavy = plan.test is not None or plan.bootstrap is not None
    tasks: list[Task] = []
    for one in inputs:
        if plan.data[one.data].tiles is not None and stores is not None and not one.error:
            tasks += _tiled(plan, one, stores, len(tasks))
            continue
        several = len(one.cities) > 1
        rows = sum(city.rows for _, cities in one.cities for city in cities)
        least = HEAVY if heavy else max(ROWS, rows // PARTS)
        for year, cities in one.cities:
            for part in _cut(cities, least):
                of = [plan.key, version, _mark(one), one.data, one.path.name, year, [city.value for city in part]]
                digest = hashlib.sha256(json.dumps(of, default=str).encode()).hexdigest()
                where = str(one.path)
                by_column = several or _by_column(plan, one)
                task = Task(len(tasks), digest, one.data, where, year, by_column, part, one.error)
                tasks.append(replace(task, year_text=one.year_text))
    return tasks


def _tiled(plan: Plan, one: Input, stores: Path, number: int) -> Iterator[Task]:
    """Yield tasks of some tiles each."""
    data = plan.data[one.data]
    assert data.tiles is not None
    [(year, [city])] = one.cities
    of = [version, _mark(one), one.path.name, data.groups, data.tiles, sorted(data.options.items())]
    name = hashlib.sha256(json.dumps(of, default=str).encode()).hexdigest()[:32]
    try:
        store = partition(data, one.path, stores / name, data.tiles)
    except (SegregateError, OSError) as error:
        error_of = f"{one.path.name} cannot be sorted into tiles: {error}"
        key = hashlib.sha256(f"{plan.key}{name}".encode()).hexdigest()
        yield Task(number, key, one.data, str(one.path), year, False, (city,), error_of)
        return
    part: list[int] = []
    rows = 0
    ranges = store.ranges.tolist()
    for at, (tile, first, last) in enumerate(ranges):
        part.append(tile)
        rows += last - first
        if rows >= ROWS or at == len(ranges) - 1:
            key = hashlib.sha256(json.dumps([plan.key, name, one.data, year, part]).encode()).hexdigest()
            here = (City(city.name, None, rows),)
            yield Task(number, key, one.data, str(one.path), year, False, here, "", str(store.folder), tuple(part))
            number += 1
            part, rows = [], 0


def _mark(one: Input) -> str | None:
    """Return what tells whether a file changed: its hash, or the time of a file that is too large to be hashed."""
    return None if one.file is None else one.file.sha256 or one.file.modified


def _by_column(plan: Plan, one: Input) -> bool:
    return isinstance(plan.data[one.data].year, str)


def _cut(cities: tuple[City, ...], least: int) -> Iterator[tuple[City, ...]]:
    """Put cities together until they have so many rows."""
    part: list[City] = []
    rows = 0
    for city in cities:
        if part and rows + city.rows > least:
            yield tuple(part)
            part, rows = [], 0
        part.append(city)
        rows += city.rows
    if part:
        yield tuple(part)


def _check_twice(inputs: Sequence[Input]) -> None:
    seen: dict[tuple[str, int | None], Path] = {}
    twice = []
    for one in inputs:
        for year, cities in one.cities:
            for city in cities:
                if (city.name, year) in seen:
                    twice.append(f"{city.name!r}{'' if year is None else f' in {year}'} ({one.path.name})")
                seen[city.name, year] = one.path
    if twice:
        raise ParameterError(
            f"{plural(len(twice), 'city', 'cities')} {'is' if len(twice) == 1 else 'are'} there twice in a year "
            f"(first: {', '.join(twice[:3])}). Give each file its year (year = 2011, or pattern), "
            "or each city its own label."
        )
