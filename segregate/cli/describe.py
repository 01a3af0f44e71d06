"""``segregate describe``."""

from __future__ import annotations

import inspect
from typing import Annotated

import typer

from ..indices import resolve

__all__ = ["command"]

NAME = "describe"


def command(
    index: Annotated[str, typer.Argument(metavar="INDEX", help="Name or symbol: dissimilarity, D, xPx, ...")],
) -> None:
    """Explain an index: meaning, formula, range, sources."""
    spec = resolve(index).spec
    typer.echo(f"{spec.title} ({spec.symbol}), {spec.family}\n")
    typer.echo((inspect.getdoc(spec.function) or "").replace(".. math:: ", "    in LaTeX: "))
    typer.echo(f"\nWhat it does not say\n--------------------\n{spec.beware}")
