"""``segregate catalogue``."""

from __future__ import annotations

from typing import Annotated

import typer

from .. import _catalogue
from . import _options as opt
from ._tables import write_table

__all__ = ["command"]

NAME = "catalogue"


def command(
    family: Annotated[
        str | None, typer.Option(help="Only this: evenness, exposure, diversity or local.", show_default=False)
    ] = None,
    form: opt.Form = None,
    output: opt.Output = None,
) -> None:
    """List the indices that there are."""
    table = _catalogue.catalogue(family).reset_index()
    if form in (None, opt.Format.table) and output is None:
        table = table[["index", "symbol", "family", "level", "summary"]]
    write_table(table, output, form)
