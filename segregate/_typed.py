"""Counts with kinds and intervals on their way into a population: which number stands, and what is known of it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ._arrays import sealed
from ._checks import check_choice
from ._disclosure import KINDS, KNOWN, SUPPRESSED, Cells, Disclosure
from ._text_numbers import read_cells
from ._uncertain import Uncertainty
from .errors import DataError, first_of, plural

__all__ = ["CHOICES", "Typed", "settled", "typed_counts"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
CHOICES = ("raise", "drop", "low", "middle", "high")
WORDS = {"low": "the least", "middle": "the middle", "high": "the most"}


@dataclass(frozen=True, eq=False)
class Typed:
    """The columns of counts of a table, typed.

    Attributes
    ----------
    cells : tuple of Cells
        Those of the groups.
    whole : Cells or None
        Those of the total.
    names : tuple of str
        Columns of the groups, and of the total if there is one.
    choice : str
        Which number stands for suppressed cells.
    """

    cells: tuple[Cells, ...]
    whole: Cells | None
    names: tuple[str, ...]
    choice: str = "raise"

    @property
    def all(self) -> tuple[Cells, ...]:
        """Groups, and the total."""
        return self.cells if self.whole is None else (*self.cells, self.whole)

    @property
    def counts(self) -> Floats:
        """Numbers of the groups, (n, M)."""
        return np.column_stack([cells.value for cells in self.cells])

    @property
    def totals(self) -> Floats | None:
        """Numbers of the total, (n,)."""
        return None if self.whole is None else self.whole.value

    @property
    def kinds(self) -> npt.NDArray[np.int8]:
        """Kinds of groups and total."""
        return np.column_stack([cells.kind for cells in self.all])

    def take(self, rows: npt.ArrayLike) -> Typed:
        """Return some of the units."""
        return replace(
            self,
            cells=tuple(cells.take(rows) for cells in self.cells),
            whole=None if self.whole is None else self.whole.take(rows),
        )

    def known_of(self, counts: Floats) -> tuple[Disclosure, Uncertainty | None, str | None]:
        """Say what is known of the final counts, of which a last column may be the people of no group.

        Parameters
        ----------
        counts : ndarray of shape (n, M) or (n, M + 1)

        Returns
        -------
        disclosure : Disclosure
        uncertainty : Uncertainty or None
            Intervals, where every cell has one.
        note : str or None
            Why there are none.
        """
        kinds = np.column_stack([cells.kind for cells in self.cells])
        low = np.column_stack([cells.low for cells in self.cells])
        high = np.column_stack([cells.high for cells in self.cells])
        totals_known = (low == high).all(axis=1)
        if self.whole is not None:
            whole = self.whole
            added = np.isclose(counts.sum(axis=1), whole.value, rtol=1e-9, atol=1e-9)
            totals_known = (whole.kind == KNOWN) & added
            with np.errstate(invalid="ignore"):  # infinite less infinite: not known
                rest = np.column_stack([whole.low - high.sum(axis=1), whole.high - low.sum(axis=1)]).clip(min=0)
            own = counts[:, -1]
            kinds = np.column_stack([kinds, np.maximum(kinds.max(axis=1), self.whole.kind)])
            low = np.column_stack([low, np.minimum(rest[:, 0], own)])
            high = np.column_stack([high, np.maximum(rest[:, 1], own)])
        names = self.names if self.whole is None else (*self.names[:-1], "other")
        disclosure = Disclosure(sealed(kinds), sealed(counts.sum(axis=1)), names, self.choice)
        unsure: Bools = kinds != KNOWN
        if not unsure.any():
            return disclosure, None, None
        unknown = ~(np.isfinite(low) & np.isfinite(high))
        if unknown.any():
            words = [KINDS[code] for code in np.unique(kinds[unknown])]
            cells = f"{plural(int(unknown.sum()), 'cell')} of {unknown.size:,} ({', '.join(words)})"
            note = f"no intervals of the counts: how far {cells} may be off is not known"
            return disclosure, None, note
        exact = (low == high).all(axis=0)
        known = Uncertainty(sealed(totals_known), sealed(exact), low=sealed(low), high=sealed(high))
        return disclosure, known, None


def typed_counts(
    frame: pd.DataFrame,
    columns: Sequence[Hashable],
    total: Hashable | None,
    marks: Mapping[Any, Any] | None,
    given: Mapping[str, Cells] | None,
) -> Typed:
    """Read the columns of counts: as they are given, or from text and marks."""
    read = [
        given[str(name)] if given is not None and str(name) in given else read_cells(frame[name], marks=marks)
        for name in (*columns, *([] if total is None else [total]))
    ]
    names = tuple(str(name) for name in (*columns, *([] if total is None else [total])))
    return Typed(tuple(read[: len(columns)]), None if total is None else read[-1], names)


def settled(typed: Typed, choice: str, ids: pd.Index) -> tuple[Typed, npt.NDArray[np.intp], list[str]]:
    """Decide which number stands for suppressed cells.

    Parameters
    ----------
    typed : Typed
        With n units.
    choice : str
        One of `CHOICES`.
    ids : Index, n labels
        For messages.

    Returns
    -------
    typed : Typed
        Of the units that are left, without NaN where a cell is suppressed.
    rows : ndarray of int
        The units that are left.
    notes : list of str
        What was decided.

    Raises
    ------
    DataError
        If `choice` is "raise" and there are suppressed cells, if all units would be dropped, and if there is no
        upper end of an interval of which the middle or the upper end is asked for.
    """
    check_choice("suppressed", choice, CHOICES)
    everything = np.arange(len(ids))
    typed = replace(typed, choice=choice)
    at: Bools = typed.kinds == SUPPRESSED
    if not at.any():
        return typed, everything, []
    units: Bools = np.any(at, axis=1)
    typed = _capped(typed)
    where = ", ".join(f"{name!r}: {int(one.sum()):,}" for name, one in zip(typed.names, at.T, strict=True) if one.any())
    cells = f"{plural(int(at.sum()), 'count')} in {plural(int(units.sum()), 'unit')} of {len(ids):,}"
    low, high = (np.column_stack([getattr(one, end) for one in typed.all]) for end in ("low", "high"))
    between = f"between {low[at].sum():,.6g} and {high[at].sum():,.6g} people" if np.isfinite(high[at]).all() else ""
    if choice == "raise":
        raise DataError(
            f"{cells} {'is' if at.sum() == 1 else 'are'} suppressed ({where}; first: {first_of(ids[units][:4])}"
            f"{f'; {between} in all' if between else ''}). They are not zero: say which number stands for them, "
            "suppressed='low', 'middle' or 'high' of what is possible, or suppressed='drop' to leave these units out."
        )
    if choice == "drop":
        rows = np.flatnonzero(~units)
        if not len(rows):
            raise DataError(f"Every unit has a suppressed count ({where}), so nothing is left to measure.")
        held = np.nansum(typed.counts[units])
        note = (
            f"suppressed='drop': {plural(int(units.sum()), 'unit')} of {len(ids):,} with suppressed counts ({where}) "
            f"left out, first {first_of(ids[units][:4])}; the counts they have hold {held:,.6g} people"
        )
        return typed.take(rows), rows, [note]
    if choice != "low" and not np.isfinite(high[at]).all():
        open_ended = at & ~np.isfinite(high)
        raise DataError(
            f"suppressed={choice!r}: {plural(int(open_ended.sum()), 'suppressed count')} of {int(at.sum()):,} "
            f"{'has' if open_ended.sum() == 1 else 'have'} no upper end (first: "
            f"{first_of(ids[open_ended.any(axis=1)][:4])}). Take 'low' or 'drop', give total= where the totals are "
            "exact, or say what the mark stands for: marks={'*': (1, 4)}."
        )
    stands = {"low": low, "middle": (low + high) / 2 if choice == "middle" else low, "high": high}[choice]
    filled = [replace(one, value=np.where(at[:, m], stands[:, m], one.value)) for m, one in enumerate(typed.all)]
    note = (
        f"suppressed={choice!r}: {cells} ({where}) count as {WORDS[choice]} that is possible, "
        f"{stands[at].sum():,.6g} people in all{f' ({between})' if between else ''}"
    )
    whole = None if typed.whole is None else filled[-1]
    return replace(typed, cells=tuple(filled[: len(typed.cells)]), whole=whole), everything, [note]


def _capped(typed: Typed) -> Typed:
    """Let no suppressed count be larger than what the total leaves, where that has an upper end."""
    if typed.whole is None:
        return typed
    low = np.column_stack([np.nan_to_num(cells.low) for cells in typed.cells])
    everybody = low.sum(axis=1)
    cells = []
    for m, one in enumerate(typed.cells):
        room = np.maximum(typed.whole.high - (everybody - low[:, m]), one.low)
        at = (one.kind == SUPPRESSED) & (one.high > room)
        cells.append(replace(one, high=np.where(at, room, one.high)))
    return replace(typed, cells=tuple(cells))
