"""``segregate schools``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from ..errors import ParameterError
from ..population import REST, Population
from ..results import Result
from ..schools import between_within, contribution, exposure_gap
from . import _options as opt
from ._tables import write_table
from .local import Group, Other

__all__ = ["command"]

NAME = "schools"


class View(StrEnum):
    """What is asked of the schools."""

    contribution = "contribution"
    between_within = "between-within"
    exposure_gap = "exposure-gap"


GIVEN = {
    View.contribution: {"index", "group", "other", "by"},
    View.between_within: {"index", "by"},
    View.exposure_gap: {"group", "other", "by"},
}
"""The options that each view takes."""


@opt.with_data
def command(
    population: Population,
    view: Annotated[
        View,
        typer.Option(
            "--view",
            help="contribution: what each school adds to the segregation of its district. between-within: the parts "
            "between districts, between sectors within them, and between schools. exposure-gap: how much larger the "
            "share of a group is in the schools of its members than in those of the others.",
        ),
    ] = View.contribution,
    index: Annotated[
        str | None,
        typer.Option(
            "--index",
            "-i",
            metavar="NAME[:PARAM=VALUE]",
            help="Of contribution (D by default) and between-within (M).",
            show_default=False,
        ),
    ] = None,
    by: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN,...",
            help="Districts; of between-within the levels from the widest to the finest. [default: none; of "
            "between-within district,sector]",
            show_default=False,
        ),
    ] = None,
    group: Group = None,
    other: Other = None,
    plot: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="Draw it: .png, .svg, .pdf; again for more.")
    ] = None,
    form: opt.Form = None,
    output: opt.Output = None,
) -> None:
    """Look at schools: what each adds, how sectors differ, whom pupils meet.

    Example: segregate schools schools.csv --groups white,black --by district --group black --plot schools.png
    """
    levels = opt.split_list(by)
    asked = {"index": index, "group": group, "other": other, "by": levels}
    extra = [name for name, value in asked.items() if value is not None and name not in GIVEN[view]]
    if extra:
        raise ParameterError(f"--{extra[0]} does not go with --view {view.value}.")
    if levels is not None and len(levels) > 1 and view != View.between_within:
        raise ParameterError(f"--by takes one column with --view {view.value}, not {','.join(levels)!r}.")
    if plot:
        from ..plot._drawing import check_files

        check_files(plot)
    found = _found(population, view, index, levels, group, other)
    for note in found.notes:
        typer.echo(f"note: {note}", err=True)
    write_table(found.table, output, form)
    if plot:
        _draw(found, plot)


def _found(
    population: Population, view: View, index: str | None, by: list[str] | None, group: str | None, other: str | None
) -> Result:
    if view is View.between_within:
        asked: dict[str, Any] = {} if index is None else {"index": opt.parse_index(index)}
        return between_within(population, **(asked if by is None else asked | {"by": by}))
    one = None if by is None else by[0]
    if view is View.exposure_gap:
        if group is None:
            raise ParameterError("--view exposure-gap is about a group: --group NAME.")
        return exposure_gap(population, group, REST if other is None else other, by=one)
    bound = opt.parse_index("dissimilarity" if index is None else index)
    return contribution(population, bound, by=one, group=group, other=other)


def _draw(found: Result, targets: list[Path]) -> None:
    from ..plot._drawing import forget, one_call

    axes = one_call(found.plot, save=targets, size=None, language=None, ax=None, width=None, managed=True)
    forget(axes)
    for path in targets:
        typer.echo(f"wrote {path}", err=True)
