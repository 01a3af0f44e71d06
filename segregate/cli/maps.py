"""``segregate map``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .. import _measure
from ..population import Population
from . import _options as opt
from .local import Group, Index, Other

__all__ = ["command"]

NAME = "map"


@opt.with_data
def command(
    population: Population,
    *,
    output: Annotated[
        list[Path],
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="map.png, .svg, .pdf, .gpkg or .geojson; again for more.",
            show_default=False,
        ),
    ],
    index: Index = "divergence",
    group: Group = None,
    other: Other = None,
    scheme: Annotated[
        str, typer.Option(help="Classes: auto, quantiles, equalinterval, ... (mapclassify), or continuous.")
    ] = "auto",
    k: Annotated[int | None, typer.Option("-k", help="Number of classes.", show_default=False)] = None,
    palette: Annotated[str | None, typer.Option(help="Name of a palette.", show_default=False)] = None,
    title: Annotated[str | None, typer.Option(help="In place of the one written for you.", show_default=False)] = None,
    basemap: Annotated[bool, typer.Option(help="Web tiles behind the map (needs the extra 'maps').")] = False,
) -> None:
    """Draw a map that is fit for print.

    Example: segregate map tracts.gpkg --groups white,black --index location_quotient --group black -o map.png
    """
    from .. import plot

    plot.map(
        _measure.local(population, opt.parse_index(index), group=group, other=other),
        scheme=None if scheme == "continuous" else scheme,
        k=k,
        palette=palette,
        title=title,
        basemap=basemap,
        managed=False,
        save=output,
    )
    for path in output:
        typer.echo(f"wrote {path}", err=True)
