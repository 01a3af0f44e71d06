"""The plan of a batch: what is read, measured, tested and written, and by how many workers."""

from __future__ import annotations

import hashlib
import inspect
import json
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from .._checks import check_level
from ..environment import Contiguity, Decay, Environment, Home, Kernel, Nearest
from ..environment.kernel import SHAPES
from ..errors import DataError, ParameterError, SegregateError, UnknownNameError, nearest
from ..indices import resolve, specs
from ..inference._replicates import ALTERNATIVES, KINDS
from ..inference.nulls import NULLS
from ..io import read
from ..registry import BoundIndex, IndexSpec
from ._faults import Faults, Table
from ._given import as_written, check_options

__all__ = ["Data", "Engine", "Plan", "Replicates", "plan_of"]

ENVIRONMENTS: dict[str, Any] = {
    "home": Home,
    "kernel": Kernel,
    "decay": Decay,
    "nearest": Nearest,
    "contiguity": Contiguity,
}
"""Environments that a text can describe; others need objects."""
RENAMED: dict[str, str] = {"contiguity": "kind"}
"""The kind of contiguity in a table of which kind = "contiguity" says another thing."""
OF_READING = tuple(
    name for name in inspect.signature(read).parameters if name not in ("path", "groups", "progress", "bbox", "moe")
)
"""Keys of [[data]] that are handed on to `segregate.read`."""
RESAMPLES = ("people",)
ENGINES = ("local", "dask")
OF_TILES = ("total", "points", "crs", "missing", "suppressed", "excess", "marks")
"""Keys of [[data]] that go with tiles."""
TOGETHER = ("gini",)
"""Sums over units in which every unit looks at all others."""
UNITS = {"kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}


def separable(spec: IndexSpec) -> bool:
    """Say whether an index is a sum over units of what each unit, whom it meets and the shares of all people say."""
    known = spec.additive and spec.family in ("evenness", "exposure") and not spec.needs
    return bool(known and spec.name not in TOGETHER)


@dataclass(frozen=True)
class Data:
    """Files of one layout.

    Attributes
    ----------
    paths : tuple of str
        Files or patterns, relative to the folder of the plan.
    by : str or None
        Column of cities; without it a file is a city.
    label : str or None
        Column with the names of cities; or without `by` the name of the city.
    year : int, str or None
        Of all rows, or a column.
    pattern : str or None
        Regular expression over file names with the groups ``city``, ``year`` or both.
    groups : tuple of str or None
        Columns of people; None where a public source knows them.
    tiles : float or None
        Side in metres of the squares in which a table that is larger than memory is measured.
    options : mapping
        Of `segregate.read`.
    """

    paths: tuple[str, ...]
    by: str | None
    label: str | None
    year: int | str | None
    pattern: str | None
    groups: tuple[str, ...] | None
    options: dict[str, Any]
    tiles: float | None = None


@dataclass(frozen=True)
class Replicates:
    """How cities are drawn again, for a test or for intervals.

    Attributes
    ----------
    kind : str
        The null of a test, or the kind of interval.
    replicates, seed : int
        How many, and from where.
    alternative : str
        Of a test.
    level : float
        Of intervals.
    round : str or None
        How parts of people become people in a test.
    """

    kind: str
    replicates: int
    seed: int
    alternative: str = "greater"
    level: float = 0.95
    round: str | None = None


@dataclass(frozen=True)
class Engine:
    """Who does the work; it changes no bit of the results.

    Attributes
    ----------
    kind : {"local", "dask"}
        Processes of this machine, or Dask.
    workers : int or None
        How many; None is one for each core.
    scheduler : str or None
        Address of a Dask scheduler.
    memory : int or None
        Bytes that all workers together may take; None is 80 % of the machine's.
    """

    kind: str = "local"
    workers: int | None = None
    scheduler: str | None = None
    memory: int | None = None


@dataclass(frozen=True)
class Plan:
    """A plan without faults.

    Attributes
    ----------
    name : str
        Title of the run.
    output : Path
        Folder of results.
    folder : Path
        To which the paths of data are relative.
    data : tuple of Data
        What is read.
    indices : tuple of BoundIndex or None
        None is every index that the data allow.
    versus : {"rest", "pairs"}
        As in `segregate.measure`.
    environments : tuple of tuple of Environment
        Groups of environments that share one pass over the neighbours, in the order of the plan.
    test, bootstrap : Replicates or None
        What is asked for besides values.
    engine : Engine
        Who does it.
    given : mapping
        The plan as it was written, without the engine; what results depend on.
    """

    name: str
    output: Path
    folder: Path
    data: tuple[Data, ...]
    indices: tuple[BoundIndex, ...] | None
    versus: str
    environments: tuple[tuple[Environment, ...], ...]
    test: Replicates | None
    bootstrap: Replicates | None
    engine: Engine
    given: dict[str, Any]

    @property
    def key(self) -> str:
        """Hash of all that results depend on, but for the data."""
        text = json.dumps(self.given, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


def plan_of(plan: str | os.PathLike[str] | Mapping[str, Any] | Plan) -> Plan:
    """Read a plan and check it whole.

    Parameters
    ----------
    plan : path, mapping or Plan
        A TOML file, or its content; paths of a mapping are relative to the working folder.

    Raises
    ------
    ParameterError
        With all faults, numbered.
    DataError
        When the file is missing or no TOML.
    """
    if isinstance(plan, Plan):
        return plan
    if isinstance(plan, Mapping):
        return _checked(as_written(plan), Path.cwd(), "The plan")
    path = Path(plan)
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DataError(f"There is no plan {str(path)!r}; write one with: segregate plan init {path.name}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError(f"{path.name} is no TOML: {error}.") from error
    return _checked(given, path.resolve().parent, path.name)


def _checked(given: dict[str, Any], folder: Path, name: str) -> Plan:
    faults = Faults()
    whole = Table(faults, "plan", given)
    head = Table(faults, "[plan]", whole.take("plan", {}))
    title = head.text("name", "a text")
    output = head.text("output", "a folder")
    head.rest()
    listed = whole.take("data", None)
    if not isinstance(listed, list) or not listed:
        faults.add("[[data]]", "at least one is needed, with path and groups")
        listed = []
    data = tuple(_data(Table(faults, f"[[data]] {number}", one), folder) for number, one in enumerate(listed, 1))
    measure = Table(faults, "[measure]", whole.take("measure", {}))
    indices, versus, environments = _measure(measure)
    test = _test(whole.take("test", None), faults)
    bootstrap = _bootstrap(whole.take("bootstrap", None), faults)
    engine = _engine(Table(faults, "[engine]", whole.take("engine", {})))
    whole.rest()
    if versus == "pairs" and test is not None:
        faults.add("[test]", "is about each group against everybody else; leave it out, or take versus = 'rest'")
    for number, one in enumerate(data, 1):
        if one.tiles is not None:
            _check_tiles(faults, f"[[data]] {number}", one, indices, environments, test or bootstrap)
    faults.refuse(name)
    kept = {key: value for key, value in given.items() if key != "engine"}
    kept["plan"] = {key: value for key, value in kept["plan"].items() if key != "output"}
    target = folder / output
    return Plan(title, target, folder, data, indices, versus, environments, test, bootstrap, engine, kept)


def _data(table: Table, folder: Path) -> Data:
    """Check a [[data]]."""
    paths = table.texts("path") or []
    for path in paths:
        if not any(files_of(folder, path)):
            table.fault("path", f"{path!r} is no file; looked in {folder}")
    groups = table.texts("groups", None)
    for name in sorted({name for name in groups or () if (groups or []).count(name) > 1}):
        table.fault("groups", f"names {name!r} twice")
    by = table.typed("by", str, "the name of a column", None)
    label = table.typed("label", str, "the name of a column, or of the city", None)
    year = table.typed("year", (int, str), "a year, or the name of a column", None)
    pattern = table.typed("pattern", str, "a regular expression with (?P<city>...) or (?P<year>...)", None)
    if pattern is not None:
        _check_pattern(table, pattern, paths, folder, by, year)
    tiles = table.typed("tiles", (int, float), "a length in metres", None)
    options = {name: table.take(name) for name in OF_READING if name in table.given}
    check_options(table, options)
    for name in ("points", "area", "on", "layer"):
        if isinstance(options.get(name), list):
            options[name] = tuple(options[name])
    table.known += OF_READING
    table.rest()
    if groups is not None and len(groups) == 1 and "total" not in options:
        table.fault("groups", f"names {groups[0]!r} alone; name a second one, or total")
    if groups is None and "source" not in options:
        table.fault("groups", "is missing (a public source that knows its groups is named by source = '...')")
    side = None if tiles is None else float(tiles)
    return Data(tuple(paths), by, label, year, pattern, None if groups is None else tuple(groups), options, side)


def _check_tiles(
    faults: Faults,
    where: str,
    data: Data,
    indices: tuple[BoundIndex, ...] | None,
    environments: tuple[tuple[Environment, ...], ...],
    replicates: Replicates | None,
) -> None:
    """Check what does not go with a table that is larger than memory."""
    assert data.tiles is not None
    if data.by is not None or isinstance(data.year, str):
        faults.add(where, "tiles are for a table that is one city (or country) in one year; leave by out")
    if data.groups is None:
        faults.add(where, "tiles need groups")
    for name in data.options:
        if name not in OF_TILES:
            faults.add(where, f"{name} does not go with tiles; they take {', '.join(OF_TILES)}")
    wrong = [one.spec.name for one in indices or () if not separable(one.spec)]
    if indices is None or wrong:
        known = ", ".join(name for name, spec in specs.items() if separable(spec))
        said = f"{', '.join(wrong)} looks at all units at a time" if wrong else "indices must be named"
        faults.add("[measure]", f"{said}; tiles take {known}")
    flat = [one for group in environments for one in group]
    others = [str(one) for one in flat if not isinstance(one, Home | Kernel)]
    if others:
        faults.add("[measure]", f"environments: {', '.join(others)} has no largest radius; tiles take home and kernel")
    reach = max((one.radius * SHAPES[one.shape][1] for one in flat if isinstance(one, Kernel)), default=0.0)
    if data.tiles <= reach:
        faults.add(where, f"tiles = {data.tiles:g} must be larger than the largest radius, {reach:g} m")
    if replicates is not None:
        faults.add(where, "tests and intervals need all units at a time and do not go with tiles")


def files_of(folder: Path, path: str) -> Iterator[Path]:
    """Yield the files of a path or pattern, sorted by name."""
    whole = folder / path
    if whole.is_file():
        yield whole
        return
    if not any(sign in path for sign in "*?["):
        return
    start = Path(whole.anchor) if whole.is_absolute() else folder
    tail = str(whole.relative_to(start))
    yield from sorted(one for one in start.glob(tail) if one.is_file())


def _check_pattern(table: Table, pattern: str, paths: list[str], folder: Path, by: str | None, year: object) -> None:
    try:
        names = re.compile(pattern).groupindex
    except re.error as error:
        table.fault("pattern", f"{pattern!r} is no regular expression: {error}")
        return
    if not names or not {"city", "year"} >= {*names}:
        table.fault("pattern", f"has the groups (?P<city>...), (?P<year>...) or both, not {sorted(names)}")
    if "year" in names and year is not None:
        table.fault("pattern", "finds the year, and so does year; leave one out")
    if "city" in names and by is not None:
        table.fault("pattern", "finds the city, and so does by; leave one out")
    for path in paths:
        for file in files_of(folder, path):
            if not re.search(pattern, file.name):
                table.fault("pattern", f"{pattern!r} does not fit {file.name!r}")
                return


def _measure(table: Table) -> tuple[tuple[BoundIndex, ...] | None, str, tuple[tuple[Environment, ...], ...]]:
    """Check [measure]."""
    listed = table.take("indices", None)
    versus = table.choice("versus", ("rest", "pairs"), "rest")
    around = table.take("environments", [{"kind": "home"}])
    table.rest()
    bound: list[BoundIndex] | None = None
    if listed is not None:
        bound = []
        for one in listed if isinstance(listed, list) else [listed]:
            try:
                found = resolve(_index(one))
            except SegregateError as error:
                table.fault("indices", str(error))
                continue
            if found.spec.level == "local":
                table.fault("indices", f"{found.spec.name} gives a value for each unit and not for a city")
            bound.append(found)
        if listed == []:
            table.fault("indices", "names no index")
        made = [(one.spec.name, one.params) for one in bound]
        for name, params in sorted({one for one in made if made.count(one) > 1}):
            table.fault("indices", f"{name} is there twice" + ("" if params == "{}" else f" with {params}"))
    if not isinstance(around, list) or not around:
        table.fault("environments", "is a list of tables such as {kind = 'kernel', radius = [500, 1000]}")
        around = []
    groups = [_attempted(table, one) for one in around]
    names = [str(one) for group in groups for one in group]
    for name in sorted({name for name in names if names.count(name) > 1}):
        table.fault("environments", f"{name!r} is there twice")
    beyond = [one for group in groups for one in group if not isinstance(one, Home)]
    for one in bound or ():
        if not one.spec.environment and beyond:
            table.fault("indices", f"{one.spec.name} has a meaning only at home; give it a plan of its own")
    return None if bound is None else tuple(bound), versus, tuple(group for group in groups if group)


def _attempted(table: Table, given: Any) -> tuple[Environment, ...]:
    nothing: tuple[Environment, ...] = ()
    return table.faults.attempt("[measure] environments", lambda: _around(given), nothing)


def _index(given: Any) -> Any:
    """Return an index as `segregate.indices.resolve` takes it: a name, or {index = "atkinson", b = 0.1}."""
    if isinstance(given, str | Mapping):
        return given
    raise ParameterError(f"an index is a name, or a table such as {{index = 'atkinson', b = 0.1}}, not {given!r}")


def _around(given: Any) -> tuple[Environment, ...]:
    """Return the environments of {kind = "kernel", radius = [500, 1000]}, of which lists are taken apart."""
    if isinstance(given, str):
        given = {"kind": given}
    if not isinstance(given, Mapping) or "kind" not in given:
        raise ParameterError(f"an environment is a table such as {{kind = 'kernel', radius = 500}}, not {given!r}")
    kind = given["kind"]
    renamed: dict[str, str] = RENAMED if kind == "contiguity" else {}
    params: dict[str, Any] = {renamed.get(str(key), str(key)): value for key, value in given.items() if key != "kind"}
    if not isinstance(kind, str) or kind not in ENVIRONMENTS:
        raise UnknownNameError(f"there is no environment {kind!r}. {nearest(str(kind), ENVIRONMENTS)}")
    made = ENVIRONMENTS[kind]
    known = inspect.signature(made).parameters
    words = {name: word for word, name in renamed.items()}
    for key in params:
        if key not in known:
            listed = [words.get(name, name) for name in known]
            raise UnknownNameError(f"{kind} has no parameter {key!r}. {nearest(key, listed)}")
    lacking = [key for key, one in known.items() if one.default is one.empty and key not in params]
    if lacking:
        raise ParameterError(f"{kind} needs {' and '.join(lacking)}")
    lists = {key: value if isinstance(value, list) else [value] for key, value in params.items()}
    empty = [key for key, value in lists.items() if not value]
    if empty:
        raise ParameterError(f"{kind}: {empty[0]} is an empty list")
    return tuple(made(**dict(zip(lists, values, strict=True))) for values in product(*lists.values()))


def _test(given: Any, faults: Faults) -> Replicates | None:
    """Check [test]."""
    if given is None:
        return None
    table = Table(faults, "[test]", given)
    found = Replicates(
        kind=table.choice("null", tuple(NULLS), "people"),
        replicates=table.whole("replicates", 19, 999),
        seed=table.whole("seed", 0, 0),
        alternative=table.choice("alternative", ALTERNATIVES, "greater"),
        round=table.take("round", None),
    )
    if found.round not in (None, "largest_remainder"):
        table.fault("round", f"is 'largest_remainder', not {found.round!r}")
    table.rest()
    return found


def _bootstrap(given: Any, faults: Faults) -> Replicates | None:
    """Check [bootstrap]."""
    if given is None:
        return None
    table = Table(faults, "[bootstrap]", given)
    table.choice("resample", RESAMPLES, "people")
    level = table.typed("level", (int, float), "a number between 0 and 1", 0.95)
    found = Replicates(
        kind=table.choice("interval", tuple(kind for kind in KINDS if kind != "bca"), "basic"),
        replicates=table.whole("replicates", 19, 999),
        seed=table.whole("seed", 0, 0),
        level=faults.attempt("[bootstrap]", lambda: check_level(level), 0.95),
    )
    table.rest()
    return found


def _engine(table: Table) -> Engine:
    """Check [engine]."""
    kind = table.choice("kind", ENGINES, "local")
    workers = table.whole("workers", 1, None)
    scheduler = table.typed("scheduler", str, "the address of a Dask scheduler", None)
    memory = table.typed("memory", str, "a size such as '8 GB'", None)
    table.rest()
    if scheduler is not None and kind != "dask":
        table.fault("scheduler", "goes with kind = 'dask'")
    bound = None
    if memory is not None:
        found = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([kmg]i?b)\s*", memory.lower())
        if found is None:
            table.fault("memory", f"is a size such as '8 GB', not {memory!r}")
        else:
            bound = int(float(found[1]) * UNITS[found[2]])
    return Engine(kind, workers, scheduler, bound)
