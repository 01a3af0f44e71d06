"""``segregate run``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["command"]

NAME = "run"


def command(
    plan: Annotated[Path, typer.Argument(metavar="PLAN", help="A plan, plan.toml (segregate plan writes one).")],
    *,
    check: Annotated[bool, typer.Option("--check", help="Only say what would be done, or all that is wrong.")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin anew; delete what an earlier run left.")] = False,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Tasks at a time, in place of the plan's.", show_default=False)
    ] = None,
) -> None:
    """Measure many cities and years after a plan; a run that was stopped goes on where it was.

    Example: segregate run plan.toml --check, then segregate run plan.toml
    """
    import pandas as pd

    from ..batch import preview, run

    if check:
        found = preview(plan)
        typer.echo(found.drop(columns="error").to_string(index=False))
        wrong = [text for text in found["error"] if text]
        for text in wrong:
            typer.echo(f"segregate: {text}", err=True)
        if wrong:
            raise typer.Exit(1)
        return
    try:
        table = run(plan, fresh=fresh, workers=workers, progress=True)
    except KeyboardInterrupt:
        typer.echo("segregate: stopped; run it again and it goes on where it was", err=True)
        raise typer.Exit(130) from None
    about = table.attrs["segregate"]
    failed = table[table["status"] == "failed"]
    for city, year, message in failed[["city", "year", "message"]].head(5).itertuples(index=False):
        typer.echo(f"failed: {city}{'' if pd.isna(year) else f', {year}'}: {message}", err=True)
    if len(failed) > 5:
        typer.echo(f"failed: {len(failed) - 5:,} more; see {about['folder']}/summary.html", err=True)
    typer.echo(f"{len(table):,} rows in {about['folder']}/results.parquet", err=True)
    if about["failed"]:
        raise typer.Exit(1)
