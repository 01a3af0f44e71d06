"""Evaluation of indices on segments, a row of a table each."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from ._segments import Evaluation, Kernel, Segments, focal_positions
from .errors import ParameterError
from .population import REST
from .registry import BoundIndex, IndexSpec

__all__ = ["Assessor", "Row", "focal_of", "rows_of"]


class Assessor:
    """Stands in for a population and hands out the whole evaluation, status and all."""

    def __init__(self, segments: Segments) -> None:
        self.segments = segments

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of the groups."""
        return self.segments.groups

    @property
    def at_home(self) -> bool:
        """Whether people meet those of their own unit."""
        return self.segments.at_home

    def evaluate(self, kernel: Kernel, *params: float, each: Kernel | None = None, **how: Any) -> Evaluation:  # noqa: ARG002
        """Return values, terms, status and messages."""
        return self.segments.assess(kernel, *params, **how)


class Row(NamedTuple):
    """One row of the table, for every region."""

    bound: BoundIndex
    group: str
    other: str
    found: Evaluation


def rows_of(
    bound: Sequence[BoundIndex],
    segments: Segments,
    versus: str,
    *,
    assessor: Callable[[BoundIndex, Segments], Assessor] = lambda _, segments: Assessor(segments),
    done: Callable[[], None] = lambda: None,
) -> list[Row]:
    """Evaluate indices, those about groups for each group, in the order of the table.

    Parameters
    ----------
    bound : sequence of BoundIndex
        The indices.
    segments : Segments
        The units.
    versus : {"rest", "pairs"}
        As in `measure`.
    assessor : callable
        Returns what evaluates an index on segments.
    done : callable
        Called when an index is done.
    """
    rows: list[list[Row]] = [[] for _ in bound]
    per_group = [k for k, one in enumerate(bound) if one.spec.by_group]
    for k, one in enumerate(bound):
        if k not in per_group:
            rows[k].append(Row(one, "", "", one(assessor(one, segments))))
            done()
    for group, other, view in _views(segments, versus) if per_group else ():
        for k in per_group:
            one, pair = bound[k], bound[k].spec.focal == "pair"
            if group == other and not (pair and one.spec.reflexive):
                continue
            seen = segments if pair and versus == "pairs" else view
            focal = {} if not one.spec.focal else {"group": group} | ({"other": other} if pair else {})
            rows[k].append(Row(one, group, other, one(assessor(one, seen), **focal)))
    for _ in per_group:
        done()
    return [row for of_index in rows for row in of_index]


def _views(segments: Segments, versus: str) -> Iterator[tuple[str, str, Segments]]:
    """Yield each group, its counterpart, and the arrays of the two."""
    groups = segments.groups
    if versus == "rest" and len(groups) > 2:
        rest = REST if REST not in groups else "everybody else"
        for m, group in enumerate(groups):
            target = np.ones(len(groups), dtype=np.int64)
            target[m] = 0
            yield group, rest, segments.regroup(target, (group, rest))
        return
    for (m, group), (k, other) in itertools.product(enumerate(groups), repeat=2):
        if m == k:
            if versus == "pairs":
                yield group, other, segments
        elif len(groups) == 2 and m < k:
            yield group, other, segments
        else:
            target = np.full(len(groups), -1, dtype=np.int64)
            target[[m, k]] = 0, 1
            yield group, other, segments.regroup(target, (group, other))


def focal_of(spec: IndexSpec, groups: tuple[str, ...], group: str | None, other: str | None) -> dict[str, str | None]:
    """Return the focal groups that an index asks for, by name; of two groups they need not be said."""
    wanted = {None: (), "group": ("group",), "pair": ("group", "other")}[spec.focal]
    given = {"group": group, "other": other}
    for word, name in given.items():
        if name is not None and word not in wanted:
            about = "all groups together" if not wanted else "one group"
            raise ParameterError(f"{spec.name} is about {about}; it takes no {word}=.")
    if wanted and len(groups) == 2:
        names = [groups[at] for at in focal_positions(groups, [given[word] for word in wanted])]
        return dict(zip(wanted, names, strict=True))
    return {word: given[word] for word in wanted}
