"""``segregate test``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from ..errors import ParameterError
from ..inference import monte_carlo_test
from ..population import Population
from . import _options as opt
from ._tables import write_table
from .local import Group, Other

__all__ = ["command"]

NAME = "test"


@opt.with_data
def command(
    population: Population,
    index: Annotated[
        list[str],
        typer.Option("--index", "-i", metavar="NAME[:PARAM=VALUE]", help="Index by name or symbol; again for more."),
    ] = ["information_theory"],  # noqa: B006 - typer copies it
    null: Annotated[
        str,
        typer.Option(metavar="people|multinomial|binomial|units", help="What is random; units needs --environment."),
    ] = "people",
    replicates: Annotated[int, typer.Option(metavar="N", help="How many random cities are drawn.")] = 999,
    alternative: Annotated[str, typer.Option(metavar="greater|less|two-sided", help="What counts.")] = "greater",
    group: Group = None,
    other: Other = None,
    round: Annotated[  # noqa: A002 - the name of the option
        str | None, typer.Option(metavar="largest_remainder", help="Make counts whole people, unit by unit.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(metavar="N", help="The same number gives the same result. Default: another each time.")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw the random cities and the index: .png, .svg, .pdf.")
    ] = None,
    form: opt.Form = None,
    output: opt.Output = None,
) -> None:
    """Test whether an index is more than chance: what it would be if people settled at random.

    Example: segregate test schools.csv --groups white,black -i D --replicates 999 --seed 1 --plot chance.png
    """
    if plot is not None and len(index) > 1:
        raise ParameterError("--plot draws one index; give --index once.")
    found = [
        monte_carlo_test(
            population,
            opt.parse_index(text),
            null=null,
            replicates=replicates,
            alternative=alternative,
            group=group,
            other=other,
            round=round,
            rng=seed,
            progress=sys.stderr.isatty(),
        )
        for text in index
    ]
    for note in dict.fromkeys(note for one in found for note in one.notes):
        typer.echo(f"note: {note}", err=True)
    write_table(pd.concat([one.table for one in found], ignore_index=True), output, form)
    if plot is not None:
        from .. import plot as plots

        plots.null_distribution(found[0], managed=False, save=plot)
        typer.echo(f"wrote {plot}", err=True)
