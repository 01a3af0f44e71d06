"""``segregate convert``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..io._from_source import converted
from ..io.sources import read_source
from . import _options as opt
from ._tables import write_table

__all__ = ["command"]

NAME = "convert"


def command(
    file: opt.DataFile,
    target: Annotated[
        Path,
        typer.Argument(metavar="OUT", help=".gpkg, .geojson, .parquet, .csv or .json.", show_default=False),
    ],
    source: Annotated[
        str,
        typer.Option(
            "--source", metavar="NAME[:OPTION=VALUE]", help="The public source (segregate sources); auto finds out."
        ),
    ] = "auto",
    suppressed: Annotated[
        str,
        typer.Option(metavar="blank|drop|low|middle|high", help="Suppressed counts: blank, or a number for them."),
    ] = "blank",
    layer: opt.Layer = None,
    where: opt.Where = None,
) -> None:
    """Turn a file of a public source into a plain table: ids, groups under human names, geometry.

    Counts that are not exact are followed by their kind and interval (white, white_kind, white_low, white_high).

    Example: segregate convert --source nomis_ts021:detail=detailed census2021-ts021-oa.csv oa.parquet
    """
    made = read_source(file, source=source, layer=layer, where=where)
    table, notes = converted(made, None if suppressed == "blank" else suppressed)
    write_table(table, target, None)
    said = [*made.notes, *notes, *(f"beware: {caveat}" for caveat in made.caveats)]
    for line in [*(f"note: {note}" for note in said), f"Source: {made.source}. {made.licence}"]:
        typer.echo(line, err=True)
