"""What the results of tests, decompositions and profiles share: they show themselves, as a table and as a picture."""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd

from . import _html

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Result"]

SHOWN = 10
"""Rows of the table that a repr shows."""


class Result(ABC):
    """Base of the frozen dataclasses that verbs return where a number is not enough."""

    picture: ClassVar[str]
    """Name of the function of `segregate.plot` that draws the result: ``f(result, *, ax) -> Axes``."""
    notes: tuple[str, ...] = ()
    """What was decided or left out on the way."""

    def __init_subclass__(cls) -> None:
        """Keep the repr below: ``@dataclass`` writes one of its own over any that is inherited."""
        super().__init_subclass__()
        if "__repr__" not in vars(cls):
            cls.__repr__ = cls.__repr__  # type: ignore[method-assign]

    @property
    @abstractmethod
    def table(self) -> pd.DataFrame:
        """The result as a tidy table."""

    @abstractmethod
    def _headline(self) -> str:
        """Say the result in a line."""

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draw the result.

        Parameters
        ----------
        ax : Axes, optional
            Axes to draw in; as a rule those of a new figure.

        Returns
        -------
        Axes
        """
        plot: Any = importlib.import_module(".plot", __package__)
        axes: Axes = getattr(plot, self.picture)(self, ax=ax)
        return axes

    def __repr__(self) -> str:
        table = self.table
        return "\n".join([self._headline(), table.to_string(max_rows=SHOWN), *_cut(table), *self._said()])

    def _repr_html_(self) -> str:
        table = self.table
        numbered = isinstance(table.index, pd.RangeIndex) and table.index.name is None
        shown = table.to_html(max_rows=SHOWN, index=not numbered, border=0, na_rep="\N{EN DASH}")
        return _html.block(self._headline(), shown, _html.lines(_cut(table)), _html.lines(self._said()))

    def _said(self) -> list[str]:
        return [f"note: {note}" for note in self.notes]


def _cut(table: pd.DataFrame) -> list[str]:
    """Say how many rows there are where not all are shown."""
    return [f"{SHOWN} of {len(table):,} rows shown; all are in .table"] if len(table) > SHOWN else []
