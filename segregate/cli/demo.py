"""``segregate demo``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .. import _measure
from .._catalogue import explain
from ..io import sample
from ._tables import as_text

__all__ = ["command"]

NAME = "demo"
GROUP = "hisp"
HEADLINE = (
    *("dissimilarity", "gini", "information_theory", "mutual_information"),
    *("isolation", "exposure", "correlation_ratio"),
    *("entropy", "simpson"),
)
"""What the demo measures; `segregate measure` computes every index that the data allow."""


def command(
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FOLDER", help="Where map, table and layer are written.")
    ] = Path("segregate-demo"),
) -> None:
    """Measure and map a sample city: Sacramento in 2000."""
    from .. import plot

    def say(text: str) -> None:
        typer.echo(text, err=True)

    say("1/3 reading the sample city (Sacramento, 403 census tracts, Census 2000) ...")
    city = sample("sacramento")
    output.mkdir(parents=True, exist_ok=True)
    say("2/3 measuring (the first time on a machine the kernels are compiled, which takes a few seconds) ...")
    table = _measure.measure(city, HEADLINE)
    table.to_csv(output / "indices.csv", index=False)
    say("3/3 mapping ...")
    quotient = _measure.local(city, "location_quotient", group=GROUP)
    files = [output / name for name in ("map.png", "map.svg", "map.gpkg")]
    plot.map(quotient, title="Where Hispanic people live, Sacramento 2000", managed=False, save=files)

    typer.echo(f"{city!r}\n")
    typer.echo(as_text(table[["index", "symbol", "group", "versus", "value"]]))
    typer.echo("\nIn plain words")
    for _, row in table.iterrows():
        if row["group"] in ("", GROUP):
            name = f"{row['index'].replace('_', ' ')} {row['group']}".strip()
            typer.echo(f"- {name} {row['value']:.3f}: {explain(row)}")
    written = ", ".join(path.name for path in [output / "indices.csv", *files])
    typer.echo(f"\nWritten to {output.resolve()}: {written}")
