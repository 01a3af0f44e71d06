"""``segregate local``."""

from __future__ import annotations

from typing import Annotated

import typer

from .. import _measure
from ..population import Population
from . import _options as opt
from ._tables import write_table

__all__ = ["command"]

NAME = "local"
Index = Annotated[
    str,
    typer.Option(
        "--index",
        "-i",
        metavar="NAME[:PARAM=VALUE]",
        help="location_quotient, divergence, extremes, typology:host=NAME, ... (segregate catalogue).",
    ),
]
Group = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="The group, for an index about one group.", show_default=False),
]
Other = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="The second group, for an index about two.", show_default=False),
]


@opt.with_data
def command(
    population: Population,
    index: Index = "divergence",
    group: Group = None,
    other: Other = None,
    form: opt.Form = None,
    output: opt.Output = None,
) -> None:
    """Give every neighbourhood its value of a local index.

    Example: segregate local tracts.gpkg --groups white,black --index location_quotient --group black -o lq.gpkg
    """
    write_table(_measure.local(population, opt.parse_index(index), group=group, other=other), output, form)
