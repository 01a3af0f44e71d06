"""Many tables of people in the same units, evaluated like the regions of one large table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from .._evaluate import Assessor
from .._places import Places
from .._segments import Evaluation, Extra, Kernel, Segments, frozen, sealed
from ..environment import Decay
from ..environment._met import Nearby, nearby_of, with_units
from ..environment._points import Located
from ..environment.base import Operator
from ..kernels import merge_columns

__all__ = ["Stack", "Stacked", "met_by", "stack_of"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Stack:
    """B tables of the units of some segments.

    Attributes
    ----------
    segments : Segments
        All tables, one after another; of one table with R regions, B R regions.
    base : Segments
        The units as they are: where they lie, and the regions of one table.
    """

    segments: Segments
    base: Segments
    known: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)

    def assessor(self, segments: Segments, *, by_table: bool) -> Stacked:
        """Return what evaluates an index on the tables, or on tables of groups put together (`Segments.regroup`)."""
        return Stacked(segments, self, by_table)


def stack_of(base: Segments, tables: Floats, around: Floats | None = None, presence: Floats | None = None) -> Stack:
    """Put tables one after another.

    Parameters
    ----------
    base : Segments
        The units, at home or within an environment.
    tables : ndarray of shape (B, n, M)
        Who lives in them.
    around, presence : ndarray of shape (B, n, M) and (B, n), optional
        Whom they meet, and the units with people around them, within an environment.
    """
    many, n, groups = tables.shape
    counts = frozen(tables.reshape(many * n, groups))
    met = counts if around is None else frozen(around.reshape(many * n, groups))
    steps = np.arange(many, dtype=np.int64)[:, None] * n
    starts = frozen(np.append((steps + base.starts[:-1]).ravel(), many * n), np.int64)
    units = None if presence is None else frozen(presence.reshape(many * n))
    raised = None if base.raised is None or around is None else frozen(np.tile(base.raised, many))
    stacked = Segments(counts, met, starts, base.groups, base.labels, base.places, units, raised)
    return Stack(stacked, base)


@dataclass(frozen=True)
class _Table(Segments):
    """One table of a stack, which shares with the others who is near whom."""

    stack: Stack | None = None
    position: int = 0
    target: Ints | None = None

    def nearby(self, scale: float, self_distance: Any, *, units: bool = False) -> Nearby:
        """Return who is around each unit, for all tables from one pass where nothing but people differs."""
        assert self.stack is not None
        fewer = self.target is not None and bool((self.target < 0).any())
        if not self.at_home or self.n_regions > 1 or fewer:
            return super().nearby(scale, self_distance, units=units)
        key = (scale, self_distance)
        if key not in self.stack.known:
            self.stack.known[key] = _sums_of(self.stack, scale, self_distance)
        if self.stack.known[key] is None:
            return super().nearby(scale, self_distance, units=units)
        sums = self.stack.known[key][self.position]
        if self.target is not None:
            people = merge_columns(frozen(sums[:, :-1]), self.target, len(self.groups))
            sums = np.column_stack([people, sums[:, -1]])
        return nearby_of(sums, self.counts)


def _sums_of(stack: Stack, scale: float, self_distance: Any) -> Floats | None:
    """Return the people of all tables around each unit, (B, n, M + 1); None where rows have to be raised."""
    base = stack.base
    located = Located(base.places.points, np.arange(len(base.counts)), base.starts, base.places)
    operator = Decay(scale, self_distance).between(base.labels, located, base.totals)
    if operator.raised.any():
        return None
    n = len(base.counts)
    tables = stack.segments.counts.reshape(-1, n, len(base.groups))
    return around_tables(operator, tables)


def around_tables(operator: Operator, tables: Floats) -> Floats:
    """Return W times the people and the units with people of every table, (B, n, M + 1)."""
    many, n, groups = tables.shape
    columns = np.empty((n, many, groups + 1))
    columns[:, :, :-1] = tables.transpose(1, 0, 2)
    columns[:, :, -1] = columns[:, :, :-1].sum(axis=2) > 0
    sums = operator @ columns.reshape(n, many * (groups + 1))
    return sums.reshape(n, many, groups + 1).transpose(1, 0, 2)


class Stacked(Assessor):
    """Stands in for a population and evaluates an index on all tables of a stack.

    Parameters
    ----------
    segments : Segments
        Those of the stack, or the same with groups put together.
    stack : Stack
        The tables.
    by_table : bool
        Whether the index looks at places, so that the tables are taken one by one.
    """

    def __init__(self, segments: Segments, stack: Stack, by_table: bool) -> None:
        super().__init__(segments)
        self.stack = stack
        self.by_table = by_table

    def evaluate(
        self, kernel: Kernel, *params: float, each: Kernel | None = None, extra: Extra | None = None, **how: Any
    ) -> Evaluation:
        """Return the values of all regions of all tables, table after table; terms are not kept."""
        if not self.by_table:
            found = super().evaluate(kernel, *params, each=each, extra=extra, **how)
            return replace(found, terms=None)
        found_by_table = [table.assess(kernel, *params, extra=extra, **how) for table in self._tables()]
        return Evaluation(
            np.concatenate([found.values for found in found_by_table]),
            None,
            np.concatenate([found.status for found in found_by_table]),
            np.concatenate([found.messages for found in found_by_table]),
        )

    def _tables(self) -> list[_Table]:
        whole, base = self.segments, self.stack.base
        n = len(base.counts)
        origin: tuple[Segments, Ints] | None = whole.__dict__.get("_origin")
        places: Places = base.places
        found = []
        for position in range(len(whole.counts) // n):
            rows = slice(position * n, (position + 1) * n)
            counts = sealed(whole.counts[rows])
            around = counts if whole.at_home else sealed(whole.surroundings[rows])
            presence = None if whole.presence is None else sealed(whole.presence[rows])
            raised = None if whole.raised is None else sealed(whole.raised[rows])
            parts = (counts, around, base.starts, whole.groups, base.labels, places, presence, raised)
            target = None if origin is None else origin[1]
            found.append(_Table(*parts, stack=self.stack, position=position, target=target))
        return found


def met_by(operator: Operator | None, tables: Floats, build: Callable[[Floats], Operator]) -> tuple[Floats, Floats]:
    """Return whom people meet in tables, (B, n, M), and the units with people around each unit, (B, n).

    Parameters
    ----------
    operator : Operator or None
        W of all tables; None where `build` makes one for each.
    tables : ndarray of shape (B, n, M)
        Who lives in the units.
    build : callable
        Returns W for the people of a table (n, M).
    """
    if operator is not None:
        sums = around_tables(operator, tables)
    else:
        sums = np.stack([build(table) @ with_units(table) for table in tables])
    return sums[:, :, :-1], np.where(tables.sum(axis=2) > 0, sums[:, :, -1], np.nan)
