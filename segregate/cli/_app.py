"""The application: its verbs, and how it ends."""

from __future__ import annotations

import sys
import warnings
from typing import Annotated

import typer

from ..errors import ParameterError, SegregateError, UnknownNameError
from . import (
    batch,
    catalogue,
    chance,
    convert,
    demo,
    describe,
    local,
    maps,
    measure,
    plan,
    report,
    scales,
    schools,
    sources,
    status,
)

__all__ = ["app", "main"]

HELP = """Measure how separated groups of people live, and map it.

Start with [bold]segregate demo[/bold]: it measures and maps a sample city.

Then take your own data, a file with one row per neighbourhood (or school) and one column of
people per group:

  segregate measure tracts.gpkg --groups white,black,asian

  segregate map tracts.gpkg --groups white,black,asian -i location_quotient --group black -o map.png

Each command has a page of its own: segregate measure --help.
"""

app = typer.Typer(
    help=HELP,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
VERBS = (
    *(demo, measure, local, maps, scales, chance, schools, report),
    *(plan, batch, status, catalogue, describe, convert, sources),
)
"""In the order in which the help lists them."""
for verb in VERBS:
    app.command(verb.NAME)(verb.command)


def _version(asked: bool) -> None:
    if asked:
        from .._version import version

        typer.echo(f"segregate {version}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the traceback of an error (also after the command).")
    ] = False,
) -> None:
    pass


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit.

    Data go to stdout or a file, messages to stderr. Exit code 0 when done, 1 when it failed,
    2 for wrong usage (an unknown column, option or index).
    """
    given = sys.argv[1:] if arguments is None else list(arguments)
    debug = "--debug" in given
    given = [word for word in given if word != "--debug"]
    with warnings.catch_warnings():
        if not debug:
            warnings.showwarning = _show_note
        try:
            app(args=given, prog_name="segregate")
        except SegregateError as error:
            if debug:
                raise
            typer.echo(f"segregate: {error}", err=True)
            sys.exit(2 if isinstance(error, (UnknownNameError, ParameterError)) else 1)
        except OSError as error:
            if debug:
                raise
            typer.echo(f"segregate: {error.strerror or error}: {error.filename or ''}".rstrip(": "), err=True)
            sys.exit(1)


def _show_note(message: Warning | str, *_: object, **__: object) -> None:
    """Print a warning as one line, without the code that gave it."""
    typer.echo(f"note: {message}", err=True)
