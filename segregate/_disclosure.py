"""What publishers do to small numbers: every cell of a table has a kind and an interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from ._arrays import sealed
from .errors import DataError, ParameterError, plural

__all__ = ["KINDS", "MISSING", "Cells", "Disclosure", "Mark", "exactly", "hidden"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int8]
KINDS = ("known", "imputed", "perturbed", "rounded", "suppressed", "missing")
"""Kinds of cells, from the surest to the least sure; their places are the codes in arrays."""
KNOWN, IMPUTED, PERTURBED, ROUNDED, SUPPRESSED, ABSENT = range(len(KINDS))


class Mark(NamedTuple):
    """What a mark such as "*" or -9999 stands for.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    low, high : float
        The number of people lies between them, both included; `high` may be infinite.
    """

    kind: str
    low: float = 0.0
    high: float = np.inf


MISSING = Mark("missing")
"""There is no number: not collected, not applicable, not available."""


def hidden(low: float = 0, high: float = np.inf) -> Mark:
    """Return the mark of a number that the publisher knows and keeps secret, between `low` and `high`."""
    return Mark("suppressed", float(low), float(high))


def exactly(value: float) -> Mark:
    """Return a mark that is a number, as the dash that some publishers write for nobody: ``exactly(0)``."""
    return Mark("known", float(value), float(value))


@dataclass(frozen=True, eq=False)
class Cells:
    """A column of counts, typed.

    Attributes
    ----------
    value : ndarray of shape (n,)
        The number that was published; NaN where the cell is suppressed or missing.
    kind : ndarray of int8, shape (n,)
        Place of each cell's kind in `KINDS`.
    low, high : ndarray of shape (n,)
        The number of people lies between them, both included. Equal to the value where it is known; `high` is
        infinite where nothing bounds it; both are NaN where the publisher does not say how far it may be off.
    """

    value: Floats
    kind: Codes
    low: Floats
    high: Floats

    @classmethod
    def known(cls, values: npt.ArrayLike) -> Cells:
        """Return cells whose numbers are as they are; NaN is missing."""
        value = np.array(values, dtype=np.float64)
        absent = np.isnan(value)
        kind = np.where(absent, ABSENT, KNOWN).astype(np.int8)
        return cls(value, kind, np.where(absent, 0.0, value), np.where(absent, np.inf, value))

    def __len__(self) -> int:
        return len(self.value)

    def of_kind(self, kind: str) -> Bools:
        """Say which cells are of a kind, (n,)."""
        if kind not in KINDS:
            raise ParameterError(f"A cell is {', '.join(KINDS[:-1])} or {KINDS[-1]}, not {kind!r}.")
        found: Bools = self.kind == KINDS.index(kind)
        return found

    @property
    def plain(self) -> bool:
        """Whether every cell is a known number."""
        return not self.kind.any()

    def marked(self, where: npt.ArrayLike, mark: Mark) -> Cells:
        """Return the cells with a mark put on some of them, whatever stood there."""
        at = np.asarray(where, dtype=bool)
        number = mark.low if mark.kind == "known" else np.nan
        return Cells(
            np.where(at, number, self.value),
            np.where(at, KINDS.index(mark.kind), self.kind).astype(np.int8),
            np.where(at, mark.low, self.low),
            np.where(at, mark.high, self.high),
        )

    def put(self, rows: npt.NDArray[np.intp], which: npt.NDArray[np.intp], marks: Sequence[Mark]) -> Cells:
        """Return the cells with ``marks[which[k]]`` put on row ``rows[k]``, whatever stood there."""
        value, kind, low, high = self.value.copy(), self.kind.copy(), self.low.copy(), self.high.copy()
        value[rows] = np.array([mark.low if mark.kind == "known" else np.nan for mark in marks])[which]
        kind[rows] = np.array([KINDS.index(mark.kind) for mark in marks], dtype=np.int8)[which]
        low[rows] = np.array([mark.low for mark in marks])[which]
        high[rows] = np.array([mark.high for mark in marks])[which]
        return Cells(value, kind, low, high)

    def rounded(self, base: float, *, nearest: bool = True) -> Cells:
        """Return the known cells as numbers rounded to multiples of `base`.

        Parameters
        ----------
        base : float
            5, for counts rounded to multiples of five.
        nearest : bool
            Whether they were rounded to the nearest multiple (half of `base` off at most), or at random to one
            of the two around (less than `base` off).
        """
        reach = base / 2 if nearest else base - 1
        return self._off("rounded", reach, self.kind == KNOWN)

    def perturbed(self, reach: float | None = None, where: npt.ArrayLike | None = None) -> Cells:
        """Return the known cells as numbers with noise, which is at most `reach`, or of unpublished size (None)."""
        chosen = self.kind == KNOWN
        return self._off("perturbed", np.nan if reach is None else reach, chosen if where is None else chosen & where)

    def imputed(self, where: npt.ArrayLike) -> Cells:
        """Return some of the known cells as estimates of the publisher, of unknown error."""
        return self._off("imputed", np.nan, (self.kind == KNOWN) & np.asarray(where, dtype=bool))

    def _off(self, kind: str, reach: float, where: Bools) -> Cells:
        return Cells(
            self.value,
            np.where(where, KINDS.index(kind), self.kind).astype(np.int8),
            np.where(where, np.maximum(self.value - reach, 0), self.low),
            np.where(where, self.value + reach, self.high),
        )

    def __add__(self, other: Cells) -> Cells:
        """Add cell by cell: intervals add up, and the sum is as unsure as the less sure of the two."""
        return Cells(
            self.value + other.value, np.maximum(self.kind, other.kind), self.low + other.low, self.high + other.high
        )

    def summed(self, codes: npt.ArrayLike, size: int) -> Cells:
        """Add the cells of each unit up.

        Parameters
        ----------
        codes : array of int, shape (n,)
            Row of the result to which each cell goes.
        size : int
            Number of rows of the result; one to which nothing goes is 0 and known.
        """
        at = np.asarray(codes)
        sums = [np.zeros(size) for _ in range(3)]
        for total, column in zip(sums, (self.value, self.low, self.high), strict=True):
            np.add.at(total, at, column)
        kind = np.zeros(size, dtype=np.int8)
        np.maximum.at(kind, at, self.kind)
        return Cells(sums[0], kind, sums[1], sums[2])

    def followed_by(self, *others: Cells) -> Cells:
        """Return these cells and, after them, others."""
        parts = (self, *others)
        value, kind, low, high = (
            np.concatenate([getattr(part, name) for part in parts]) for name in ("value", "kind", "low", "high")
        )
        return Cells(value, kind, low, high)

    def take(self, rows: npt.ArrayLike) -> Cells:
        """Return some of the cells, by a mask or by row numbers."""
        at = np.asarray(rows)
        return Cells(self.value[at], self.kind[at], self.low[at], self.high[at])


@dataclass(frozen=True, eq=False, repr=False)
class Disclosure:
    """Which counts of a population are not as they were counted, and how many people that touches.

    Attributes
    ----------
    kinds : ndarray of int8, shape (n_units, n_groups)
        Place of each cell's kind in `segregate._disclosure.KINDS`.
    people : ndarray of shape (n_units,)
        People of each unit, as they stand in the counts.
    groups : tuple of str
        Names of the columns.
    choice : str
        Which number stands for suppressed cells: "raise" (there are none), "drop", "low", "middle" or "high".
    """

    kinds: Codes
    people: Floats
    groups: tuple[str, ...]
    choice: str = "raise"

    @property
    def table(self) -> pd.DataFrame:
        """Cells, units and people by kind.

        Columns: kind, cells, share_of_cells, units (with at least one such cell), people (who live in these units),
        share_of_people, groups (that have such cells). A unit with cells of several kinds is in several rows.
        """
        rows = []
        everybody = float(self.people.sum())
        for code, kind in enumerate(KINDS):
            at = self.kinds == code
            if not at.any():
                continue
            touched = at.any(axis=1)
            people = float(self.people[touched].sum())
            rows.append(
                {
                    "kind": kind,
                    "cells": int(at.sum()),
                    "share_of_cells": float(at.mean()),
                    "units": int(touched.sum()),
                    "people": people,
                    "share_of_people": people / everybody if everybody > 0 else np.nan,
                    "groups": ", ".join(name for name, any_ in zip(self.groups, at.any(axis=0), strict=True) if any_),
                }
            )
        return pd.DataFrame(rows)

    @property
    def plain(self) -> bool:
        """Whether every cell is a known number."""
        return not self.kinds.any()

    def sentence(self) -> str:
        """Say what is not as it was counted, in a line for captions."""
        if self.plain:
            return "all counts are as published, without marks of suppression, rounding or noise"
        table = self.table.set_index("kind").drop(index="known", errors="ignore")
        parts = [
            f"{plural(int(row['cells']), f'{kind} cell')} in {plural(int(row['units']), 'unit')} "
            f"with {row['people']:,.0f} people"
            for kind, row in table.iterrows()
        ]
        return "; ".join(parts)

    def subset(self, keep: Bools) -> Self:
        """Return some of the units."""
        return replace(self, kinds=sealed(self.kinds[keep]), people=sealed(self.people[keep]))

    def regroup(self, target: npt.NDArray[np.int64], groups: tuple[str, ...], people: Floats) -> Self:
        """Put groups together: group m goes into ``target[m]``, or nowhere (-1); the least sure kind stays."""
        kinds = np.zeros((len(self.kinds), len(groups)), dtype=np.int8)
        for m, place in enumerate(target):
            if place >= 0:
                np.maximum(kinds[:, place], self.kinds[:, m], out=kinds[:, place])
        return replace(self, kinds=sealed(kinds), people=sealed(people.copy()), groups=groups)

    def merge_units(self, kept: npt.NDArray[np.int64], codes: npt.NDArray[np.int64], people: Floats) -> Self:
        """Put units together: the kept ones into the rows `codes`, the others nowhere."""
        kinds = np.zeros((len(people), len(self.groups)), dtype=np.int8)
        np.maximum.at(kinds, codes, self.kinds[kept])
        return replace(self, kinds=sealed(kinds), people=sealed(people.copy()))

    def __repr__(self) -> str:
        return f"{self.sentence()}\n{self.table.to_string(index=False)}"

    def _repr_html_(self) -> str:
        return f"<p>{self.sentence()}</p>{self.table.to_html(index=False)}"

    def __setstate__(self, state: dict[str, Any]) -> None:
        for value in state.values():
            if isinstance(value, np.ndarray):
                value.setflags(write=False)
        self.__dict__.update(state)


def as_marks(marks: Mapping[Any, Any]) -> dict[str, Mark]:
    """Return what marks stand for, as they may be given: "suppressed", "missing", (1, 4), a number or a `Mark`.

    Parameters
    ----------
    marks : mapping
        From a mark, text or number, to its meaning: a `Mark`; a pair (low, high), suppressed between them;
        "suppressed" or "missing"; or the number it stands for.

    Returns
    -------
    dict
        By the mark's text without blanks around it, in lower case.
    """
    return {_key(mark): _meaning(mark, meaning) for mark, meaning in marks.items()}


def _key(mark: Any) -> str:
    if isinstance(mark, (float, np.floating)) and float(mark).is_integer():
        mark = int(mark)
    return str(mark).strip().casefold()


def _meaning(mark: Any, meaning: Any) -> Mark:
    if isinstance(meaning, Mark):
        found = meaning
    elif meaning == "missing":
        found = MISSING
    elif meaning == "suppressed":
        found = hidden()
    elif isinstance(meaning, (int, float, np.number)) and not isinstance(meaning, bool):
        found = exactly(float(meaning))
    elif isinstance(meaning, Sequence) and not isinstance(meaning, str) and len(meaning) == 2:
        found = hidden(*meaning)
    else:
        raise ParameterError(
            f"marks={{{mark!r}: {meaning!r}}}: a mark stands for 'suppressed', 'missing', a pair (low, high) of the "
            "least and the most people, or a number."
        )
    if found.kind not in KINDS or not 0 <= found.low <= found.high:
        raise DataError(f"The mark {mark!r} stands for {found.low:g} to {found.high:g} people, which is no interval.")
    return found
