"""``segregate plan``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..errors import ParameterError

__all__ = ["command"]

NAME = "plan"


def command(
    action: Annotated[str, typer.Argument(metavar="init", help="init writes a plan with comments.")],
    path: Annotated[Path, typer.Argument(metavar="FILE", help="Where.")] = Path("plan.toml"),
    *,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Write a plan with comments, to be filled in.

    Example: segregate plan init plan.toml
    """
    from ..batch import PLAN

    if action != "init":
        raise ParameterError(f"segregate plan init writes a plan; there is no {action!r}.")
    if path.exists() and not force:
        raise ParameterError(f"{str(path)!r} is there already; --force replaces it.")
    path.write_text(PLAN, encoding="utf-8")
    typer.echo(f"wrote {path}; then: segregate run {path} --check", err=True)
