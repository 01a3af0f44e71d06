"""``segregate sources``."""

from __future__ import annotations

from ..io.sources import sources
from . import _options as opt
from ._tables import write_table

__all__ = ["command"]

NAME = "sources"


def command(form: opt.Form = None, output: opt.Output = None) -> None:
    """List the public sources whose layouts are known."""
    table = sources()
    if form in (None, opt.Format.table) and output is None:
        table = table[["name", "title", "area", "units", "certain"]]
    write_table(table, output, form)
