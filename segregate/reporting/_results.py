"""The section of a report with what else was found: any result, with its picture and its table."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from .. import plot
from .._languages import Language
from ..results import Result
from ._asked import Asked
from ._figures import MOST_ROWS, WIDTH, Drawer
from ._reading import value_text
from ._tables import Grid, Part, grid, plain

__all__ = ["result_parts"]


def result_parts(asked: Asked, draw: Drawer) -> tuple[Part, ...]:
    """Return a part for each result: its headline, picture and table."""
    return tuple(_part(heading, result, draw) for heading, result in asked.results)


def _part(heading: str, result: Result, draw: Drawer) -> Part:
    said = result._headline()
    table = plain(result.table)
    shown = _grid(heading or said, table.head(MOST_ROWS), draw.language)
    notes = list(result.notes)
    if len(table) > MOST_ROWS:
        notes.append(draw.say("results.more", n=len(table) - MOST_ROWS))
    figure = draw.made(
        result.picture.removeprefix("draw_"),
        lambda: _drawn(result),
        table,
        title=heading or said,
        alt=said,
        tables=[shown],
        wide=True,
    )
    return Part(heading, (said,), figures=(figure,), notes=tuple(notes))


def _drawn(result: Result) -> Any:
    """Draw a result on a figure that pyplot does not know."""
    return getattr(plot, result.picture)(result, width=WIDTH, managed=False)


def _grid(caption: str, table: pd.DataFrame, language: Language) -> Grid:
    """Write a table in a language; columns that are empty throughout are left out."""
    rows = [[_cell(value, language) for value in row] for row in table.itertuples(index=False)]
    kept = [k for k in range(table.shape[1]) if any(row[k] for row in rows)]
    numbers = [at for at, k in enumerate(kept) if pd.api.types.is_numeric_dtype(table.iloc[:, k].dtype)]
    head = [str(table.columns[k]).replace("_", " ") for k in kept]
    return grid(caption, head, [[row[k] for k in kept] for row in rows], numbers=numbers)


def _cell(value: Any, language: Language) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool | np.bool_):
        return str(bool(value)).lower()
    if isinstance(value, int | np.integer):
        return str(value)
    if isinstance(value, float | np.floating):
        return value_text(language, float(value))
    text = str(value)
    return "" if text == "{}" else text
