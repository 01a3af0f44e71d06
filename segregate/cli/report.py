"""``segregate report``."""

from __future__ import annotations

import inspect
import shlex
import sys
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer

from ..errors import ParameterError, first_of
from ..population import Population
from . import _options as opt
from .scales import _numbers

__all__ = ["command"]

NAME = "report"
SEPARATOR = "="
DATA = list(inspect.signature(opt._open, eval_str=True).parameters.values())
"""Options about the data, the file first."""


def _report(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE | NAME=FILE ...",
            help="A file, or several with the name of the year or city of each: 2010=a.gpkg 2020=b.gpkg.",
            show_default=False,
        ),
    ],
    *,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The report: report.html.", show_default=False)
    ],
    title: Annotated[str | None, typer.Option(help="In place of the usual one.", show_default=False)] = None,
    index: Annotated[
        list[str] | None,
        typer.Option(
            "--index",
            "-i",
            metavar="NAME[:PARAM=VALUE]",
            help="Index of the headline; again for more. Default: H, D, isolation and Simpson.",
            show_default=False,
        ),
    ] = None,
    radius: Annotated[
        list[str] | None,
        typer.Option(
            "--radius",
            metavar="M,M,...",
            help="Radii of the profile in metres; again for more, none for no profile. [default: 500,1000,2000,4000]",
        ),
    ] = None,
    people: Annotated[
        list[str] | None, typer.Option(metavar="N,N,...", help="Instead of radii: the nearest so many people.")
    ] = None,
    label: Annotated[
        list[str] | None,
        typer.Option(metavar="GROUP=LABEL", help="What a group is called in the report; again for more."),
    ] = None,
    citation: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Where the data come from, as the report says it.")
    ] = None,
    language: Annotated[str, typer.Option(metavar="en|fr|de|es|it", help="Of the report.")] = "en",
    names: Annotated[str | None, typer.Option(metavar="COLUMN", help="Names of the units.", show_default=False)] = None,
    interval: Annotated[float, typer.Option(metavar="LEVEL", help="Of the intervals.")] = 0.95,
    replicates: Annotated[int, typer.Option(metavar="N", help="How often the people are drawn again.")] = 199,
    seed: Annotated[int, typer.Option(metavar="N", help="The same number gives the same report.")] = 0,
    template: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Jinja2 template that extends ours.", show_default=False)
    ] = None,
    css: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Style sheet that comes after ours.", show_default=False)
    ] = None,
    pdf: Annotated[bool, typer.Option("--pdf", help="Print a PDF beside it (Chromium, or the extra pdf).")] = False,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Write a report: numbers, maps, tables, method and quality of the data in one HTML file.

    Example: segregate report tracts.gpkg --groups white,black,asian -o report.html --title "Our city"

    Several years, or cities: segregate report 2010=a.gpkg 2020=b.gpkg --groups white,black -o report.html
    """
    from ..reporting._asked import asked
    from ..reporting.making import make

    given = dict(data or {})
    populations = {name: opt._open(Path(path), **given) for name, path in _named(files).items()}
    single = list(populations) == [""]
    wanted: Population | dict[str, Population] = populations[""] if single else populations
    what = asked(
        wanted,
        output,
        title=title,
        indices=None if index is None else [opt.parse_index(text) for text in index],
        environments=_environments(radius, people),
        group_labels=_labels(label),
        source=citation,
        language=language,
        names=names,
        interval=interval,
        replicates=replicates,
        seed=seed,
        template=template,
        css=css,
    )
    own = {
        "index": index,
        "radius": radius,
        "people": people,
        "label": label,
        "citation": citation,
        "title": title,
        "language": language,
        "names": names,
        "interval": interval,
        "replicates": replicates,
        "seed": seed,
        "template": template,
        "css": css,
        "pdf": pdf,
    }
    path = make(what, pdf=pdf, command=_line(files, output, own, given), progress=sys.stderr.isatty())
    typer.echo(f"wrote {path}", err=True)
    if pdf:
        typer.echo(f"wrote {path.with_suffix('.pdf')}", err=True)


def _named(files: list[str]) -> dict[str, str]:
    """Return the files by the name of their year or city; one file needs none."""
    pairs = [_pair(text) for text in files]
    if len(pairs) == 1:
        return dict(pairs)
    bare = [path for name, path in pairs if not name]
    if bare:
        raise ParameterError(
            f"Several files need a name each, the year or city: 2010={Path(bare[0]).name} (without: {first_of(bare)})."
        )
    names = [name for name, _ in pairs]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ParameterError(f"Each file needs a name of its own; there is {first_of(twice)} twice.")
    return dict(pairs)


def _pair(text: str) -> tuple[str, str]:
    """Split ``2010=a.gpkg``; a path that is there as it stands is a path."""
    name, separator, path = text.partition(SEPARATOR)
    return ("", text) if not separator or Path(text).exists() else (name.strip(), path)


def _environments(radius: list[str] | None, people: list[str] | None) -> list[Any] | None:
    from ..environment import Nearest

    if radius and people:
        raise ParameterError("A profile is over --radius or over --people, not over both.")
    if radius == ["none"]:
        return []
    if people:
        return [Nearest(number) for number in _numbers("people", people) or []]
    return list(_numbers("radius", radius) or []) if radius else None


def _labels(label: list[str] | None) -> dict[str, str] | None:
    if not label:
        return None
    wrong = [text for text in label if SEPARATOR not in text]
    if wrong:
        raise ParameterError(f"--label takes GROUP=LABEL, such as hisp=Hispanic, not {wrong[0]!r}.")
    return dict(text.split(SEPARATOR, 1) for text in label)


def _line(files: list[str], output: Path, own: Mapping[str, Any], data: Mapping[str, Any]) -> str:
    """Write the command that makes the report again, with the options that are not the usual ones."""
    usual = {option.name: option for option in [*inspect.signature(_report, eval_str=True).parameters.values(), *DATA]}
    words = ["segregate", NAME, *files]
    for name, value in [*data.items(), *own.items()]:
        option = usual[name]
        if value is None or value == option.default or (name == "index" and not value):
            continue
        flag = _flag(option)
        if value is True:
            words.append(flag)
        for one in () if value is True else value if isinstance(value, list) else [value]:
            words += [flag, str(one.value if isinstance(one, Enum) else one)]
    return shlex.join([*words, "--output", str(output)])


def _flag(option: inspect.Parameter) -> str:
    """Return the long name of an option."""
    declared = [
        text
        for info in getattr(option.annotation, "__metadata__", ())
        for text in getattr(info, "param_decls", None) or ()
        if text.startswith("--")
    ]
    return declared[0] if declared else f"--{option.name.replace('_', '-')}"


def command(**values: Any) -> None:
    """Take apart what is about the data and what is about the report."""
    data = {option.name: values.pop(option.name) for option in DATA[1:]}
    _report(**values, data=data)


OWN = [p for p in inspect.signature(_report, eval_str=True).parameters.values() if p.name != "data"]
OPTIONS = [
    OWN[0],
    *(p.replace(kind=p.KEYWORD_ONLY) for p in [DATA[1], *OWN[1:], *DATA[2:]]),
]
command.__doc__ = _report.__doc__
command.__signature__ = inspect.Signature(OPTIONS)  # type: ignore[attr-defined]
command.__annotations__ = {p.name: p.annotation for p in OPTIONS}
