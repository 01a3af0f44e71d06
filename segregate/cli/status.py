"""``segregate status``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["command"]

NAME = "status"


def command(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The output folder of a run.")],
) -> None:
    """Say how far a run is, while it runs or after.

    Example: segregate status results
    """
    from ..batch import status

    typer.echo(status(folder))
