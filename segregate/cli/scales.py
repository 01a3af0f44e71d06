"""``segregate profile``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .. import _profile
from ..errors import ParameterError
from ..population import Population
from . import _options as opt
from ._tables import write_table
from .local import Group, Other

__all__ = ["command"]

NAME = "profile"


def _numbers(name: str, values: list[str] | None) -> list[float] | None:
    """Return a list of numbers from ``500,1000`` or from an option that is given again."""
    found = opt.split_list(values)
    try:
        return None if found is None else [float(value) for value in found]
    except ValueError:
        raise ParameterError(f"--{name} takes numbers separated by commas, not {','.join(values or [])!r}.") from None


@opt.with_data
def command(
    population: Population,
    index: Annotated[
        list[str],
        typer.Option("--index", "-i", metavar="NAME[:PARAM=VALUE]", help="Index by name or symbol; again for more."),
    ] = ["information_theory"],  # noqa: B006 - typer copies it
    radii: Annotated[
        list[str] | None,
        typer.Option(metavar="M,M,...", help="Radii in metres; 0 is home. [default: 0,500,1000,2000,4000]"),
    ] = None,
    people: Annotated[
        list[str] | None, typer.Option(metavar="N,N,...", help="Instead of radii: the nearest so many people.")
    ] = None,
    shape: Annotated[
        str, typer.Option(help="Kernel: biweight, epanechnikov, triangular, uniform, gaussian.")
    ] = "biweight",
    group: Group = None,
    other: Other = None,
    plot: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="Draw the profile: .png, .svg, .pdf; again for more.")
    ] = None,
    form: opt.Form = None,
    output: opt.Output = None,
) -> None:
    """Measure at several scales: whom people meet within 500 m, 1 km, 2 km ...

    Example: segregate profile tracts.gpkg --groups white,black,asian -i H --radii 0,500,1000,2000,4000 --plot scale.png
    """
    found = _profile.profile(
        population,
        [opt.parse_index(text) for text in index],
        _numbers("radii", radii),
        people=_numbers("people", people),
        shape=shape,  # type: ignore[arg-type]
        group=group,
        other=other,
    )
    write_table(found.table if found.units is None else found.units, output, form)
    if plot:
        from .. import plot as plots

        plots.profile(found, managed=False, save=plot)
        for path in plot:
            typer.echo(f"wrote {path}", err=True)
