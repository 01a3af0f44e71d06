"""``segregate measure``."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from .. import _measure
from .._catalogue import explain
from ..errors import ParameterError
from ..population import Population
from . import _options as opt
from ._tables import write_table

__all__ = ["command"]

NAME = "measure"


@opt.with_data
def command(
    population: Population,
    index: Annotated[
        list[str] | None,
        typer.Option(
            "--index",
            "-i",
            metavar="NAME[:PARAM=VALUE]",
            help="Index by name or symbol, e.g. D or isolation:exact=true; again for more. Default: all that fit.",
            show_default=False,
        ),
    ] = None,
    versus: Annotated[
        str, typer.Option(metavar="rest|pairs", help="Set each group against all others, or against each other.")
    ] = "rest",
    by: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Measure every region (city, district) on its own.")
    ] = None,
    interval: Annotated[
        float | None,
        typer.Option(metavar="LEVEL", help="Add intervals of this level, e.g. 0.95: columns low and high."),
    ] = None,
    explained: Annotated[bool, typer.Option("--explain", help="Say what each number means, in plain words.")] = False,
    form: opt.Form = None,
    output: opt.Output = None,
) -> None:
    """Measure a population: a table of indices.

    Example: segregate measure tracts.gpkg --groups white,black,asian --index D --index H --by county
    """
    if explained and output is None and form not in (None, opt.Format.table):
        raise ParameterError("--explain writes sentences to the screen; leave --format out, or give --output.")
    table = _measure.measure(
        population,
        None if index is None else [opt.parse_index(text) for text in index],
        versus=versus,
        by=by,
        interval=interval,
        progress=sys.stderr.isatty(),
    )
    write_table(table, output, form)
    if explained:
        typer.echo("")
        for _, row in table.iterrows():
            typer.echo(f"{row['symbol']} {row['group']}".strip() + f": {explain(row)}")
