"""Options that several verbs share: the data, the index, the output."""

from __future__ import annotations

import functools
import inspect
import json
import re
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from .. import registry
from ..environment import Contiguity, Decay, Environment, Home, Kernel, Nearest
from ..errors import ParameterError, UnknownNameError, nearest
from ..indices import bind
from ..io import read
from ..population import Population

__all__ = ["Form", "Format", "Output", "parse_index", "split_list", "with_data"]


class Format(StrEnum):
    """How a table is written."""

    table = "table"
    csv = "csv"
    json = "json"
    parquet = "parquet"
    xlsx = "xlsx"
    latex = "latex"
    markdown = "markdown"
    html = "html"


DATA = "Data"
ENVIRONMENTS = {"home": Home, "kernel": Kernel, "decay": Decay, "nearest": Nearest, "contiguity": Contiguity}
"""Environments that numbers and words describe."""
DataFile = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        help="GeoPackage, Shapefile, GeoJSON, FlatGeobuf, (Geo)Parquet, CSV, TSV (also zipped) or XLSX.",
        show_default=False,
    ),
]
Groups = Annotated[
    list[str] | None,
    typer.Option(
        "--groups",
        "-g",
        metavar="A,B,...",
        help="Columns with the people of each group, separated by commas (write \\, for a comma in a name).",
        rich_help_panel=DATA,
        show_default=False,
    ),
]
Total = Annotated[
    str | None,
    typer.Option(metavar="COLUMN", help="All people; those in no group become 'other'.", rich_help_panel=DATA),
]
Id = Annotated[str | None, typer.Option("--id", metavar="COLUMN", help="Labels of the units.", rich_help_panel=DATA)]
Layer = Annotated[
    str | None, typer.Option(metavar="NAME", help="Layer, sheet, or table in an archive.", rich_help_panel=DATA)
]
Join = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Geometry for a table without any.", rich_help_panel=DATA)
]
On = Annotated[
    str | None,
    typer.Option(
        metavar="COLUMN[=COLUMN]", help="Key of --join, in the table and in the geometry.", rich_help_panel=DATA
    ),
]
Points = Annotated[
    str | None, typer.Option(metavar="X,Y", help="Columns of coordinates, in --crs.", rich_help_panel=DATA)
]
Crs = Annotated[str | None, typer.Option(metavar="EPSG:...", help="CRS of data that carry none.", rich_help_panel=DATA)]
Missing = Annotated[
    str, typer.Option(metavar="raise|drop", help="Units without a complete count.", rich_help_panel=DATA)
]
Suppressed = Annotated[
    str, typer.Option(metavar="raise|drop|low|middle|high", help="Suppressed counts such as <5.", rich_help_panel=DATA)
]
Marks = Annotated[
    list[str] | None,
    typer.Option(
        metavar="MARK=MEANING,...",
        help="What marks stand for: missing, suppressed, 1-4 (least and most) or a number: '*=1-4,..=missing'.",
        rich_help_panel=DATA,
        show_default=False,
    ),
]
Decimal = Annotated[
    str | None, typer.Option(metavar=".|,", help="Decimal mark of numbers that are text.", rich_help_panel=DATA)
]
Thousands = Annotated[
    str | None,
    typer.Option(metavar="MARK", help="Mark between thousands: ',' '.' ' ' or '' for none.", rich_help_panel=DATA),
]
Where = Annotated[
    str | None,
    typer.Option(metavar="CONDITION", help="Only rows that meet it, in SQL: \"state = 'CA'\".", rich_help_panel=DATA),
]
From = Annotated[
    str,
    typer.Option(
        "--source",
        metavar="NAME[:OPTION=VALUE]",
        help="The public source (segregate sources); auto finds out where no groups are named.",
        rich_help_panel=DATA,
    ),
]
Excess = Annotated[
    str, typer.Option(metavar="raise|groups", help="Units whose groups exceed --total.", rich_help_panel=DATA)
]
Around = Annotated[
    str | None,
    typer.Option(
        "--environment",
        "-e",
        metavar="NAME:PARAM=VALUE",
        help="Whom people meet: kernel:radius=1000, decay:scale=1000, nearest:people=4000, contiguity:order=1.",
        rich_help_panel=DATA,
        show_default=False,
    ),
]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write here instead of to the screen.", show_default=False),
]
Form = Annotated[Format | None, typer.Option("--format", help="Of the table.", show_default=False)]


def split_list(values: list[str] | None) -> list[str] | None:
    """Split comma-separated options; an escaped comma belongs to the name."""
    if not values:
        return None
    parts = [part for value in values for part in re.split(r"(?<!\\),", value)]
    return [part.replace("\\,", ",").strip() for part in parts if part.strip()]


def parse_marks(values: list[str] | None) -> dict[str, Any] | None:
    """Read ``*=1-4,..=missing,-9999=suppressed,-=0``; an escaped comma belongs to the mark."""
    listed = split_list(values)
    if listed is None:
        return None
    marks: dict[str, Any] = {}
    for part in listed:
        mark, equals, meaning = (text.strip() for text in part.rpartition("="))
        pair = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)-([0-9]+(?:\.[0-9]+)?)", meaning)
        number = re.fullmatch(r"[0-9]+(?:\.[0-9]+)?", meaning)
        if not equals or not (pair or number or meaning in ("missing", "suppressed")):
            raise ParameterError(
                "--marks takes a mark and what it stands for, '*=1-4', '..=missing', 'c=suppressed' or '-=0', not "
                f"{part!r}."
            )
        marks[mark] = (float(pair[1]), float(pair[2])) if pair else float(meaning) if number else meaning
    return marks


def parse_index(text: str) -> registry.BoundIndex:
    """Read ``isolation``, ``entropy:base=2,scaled=false`` or ``central_share:centre=[4.32e6,3.21e6],radius=500``."""
    name, params = _named(text, "an index")
    return bind(name, **params)


def parse_environment(text: str) -> Environment:
    """Read ``kernel:radius=500,shape=gaussian``, ``decay:scale=1000``, ``nearest:people=4000``."""
    name, params = _named(text, "an environment")
    if name not in ENVIRONMENTS:
        raise UnknownNameError(f"There is no environment {name!r}. {nearest(name, ENVIRONMENTS)}")
    made: Any = ENVIRONMENTS[name]
    known = inspect.signature(made).parameters
    for key in params:
        if key not in known:
            raise ParameterError(f"{name} has no parameter {key!r}. {nearest(key, known)}")
    lacking = [key for key, asked in known.items() if asked.default is asked.empty and key not in params]
    if lacking:
        raise ParameterError(f"{name} needs {' and '.join(f'{key}=' for key in lacking)}: {name}:{lacking[0]}=...")
    environment: Environment = made(**params)
    return environment


def _named(text: str, what: str) -> tuple[str, dict[str, Any]]:
    """Split ``name:key=value,key=value``; values are JSON, or text as it stands."""
    name, _, listed = text.partition(":")
    params: dict[str, Any] = {}
    for part in filter(None, re.split(r",(?=\s*\w+\s*=|\s*$)", listed)):
        key, equals, value = part.partition("=")
        if not equals:
            raise ParameterError(f"Parameters of {what} are written name=value: {name}:{key}=... (in {text!r}).")
        try:
            params[key.strip()] = json.loads(value)
        except json.JSONDecodeError:
            params[key.strip()] = value
    return name.strip(), params


def _open(
    file: DataFile,
    groups: Groups = None,
    total: Total = None,
    id: Id = None,  # noqa: A002
    layer: Layer = None,
    join: Join = None,
    on: On = None,
    points: Points = None,
    crs: Crs = None,
    missing: Missing = "raise",
    suppressed: Suppressed = "raise",
    excess: Excess = "raise",
    marks: Marks = None,
    decimal: Decimal = None,
    thousands: Thousands = None,
    where: Where = None,
    source: From = "auto",
    environment: Around = None,
) -> Population:
    """Read the population that the options describe."""
    coordinates = split_list([points]) if points else None
    if coordinates is not None and len(coordinates) != 2:
        raise ParameterError(f"--points takes two columns, X,Y, not {points!r}.")
    key: str | tuple[str, str] | None = on
    if on and "=" in on:
        left, _, right = on.partition("=")
        key = (left, right)
    population = read(
        file,
        groups=split_list(groups),
        total=total,
        id=id,
        layer=layer,
        join=join,
        on=key,
        points="centroid" if coordinates is None else (coordinates[0], coordinates[1]),
        crs=crs,
        missing=missing,
        suppressed=suppressed,
        excess=excess,
        marks=parse_marks(marks),
        decimal=decimal,
        thousands=thousands,
        where=where,
        source=source,
    )
    for note in population.notes:
        typer.echo(f"note: {note}", err=True)
    return population if environment is None else population.within(parse_environment(environment))


def with_data(verb: Callable[..., None]) -> Callable[..., None]:
    """Give a verb that takes a population the options that say where to read it from.

    Parameters
    ----------
    verb : callable
        Its first parameter is the population, the others are options of its own.

    Returns
    -------
    callable
        A command with the signature that typer reads: the file, the verb's own options, and
        those about the data.
    """
    data = list(inspect.signature(_open, eval_str=True).parameters.values())
    own = list(inspect.signature(verb, eval_str=True).parameters.values())[1:]

    @functools.wraps(verb)
    def command(**values: Any) -> None:
        population = _open(**{option.name: values.pop(option.name) for option in data})
        verb(population, **values)

    options = [data[0], *(p.replace(kind=p.KEYWORD_ONLY) for p in [data[1], *own, *data[2:]])]
    command.__signature__ = inspect.Signature(options)  # type: ignore[attr-defined]
    command.__annotations__ = {p.name: p.annotation for p in options}
    return command
