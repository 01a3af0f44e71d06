"""Counts with kinds and intervals on their way into a population: which number stands, and what is known of it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from ._arrays import sealed
from ._checks import check_choice
from ._disclosure import KINDS, KNOWN, SUPPRESSED, Cells, Disclosure
from ._text_numbers import Style, read_cells
from ._uncertain import Uncertainty
from .errors import DataError, first_of, plural

__all__ = ["CHOICES", "Rest", "Typed", "held_by", "settled", "typed_counts"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
CHOICES = ("raise", "drop", "low", "middle", "high")
WORDS = {"low": "the least", "middle": "the middle", "high": "the most"}


class Rest(NamedTuple):
    """A group that the publisher does not count, but that is left when the others are taken from a total.

    Attributes
    ----------
    place : int
        Which of the groups.
    total : ndarray of shape (n,)
        The people of each unit; NaN where the publisher does not say.
    """

    place: int
    total: Floats


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
    rest : Rest or None
        The one of the groups that is what the others leave of a published total.
    """

    cells: tuple[Cells, ...]
    whole: Cells | None
    names: tuple[str, ...]
    choice: str = "raise"
    rest: Rest | None = None

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
            rest=None if self.rest is None else self.rest._replace(total=self.rest.total[np.asarray(rows)]),
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
        if self.rest is not None:
            totals_known |= np.isclose(counts.sum(axis=1), self.rest.total, rtol=1e-9, atol=1e-9)
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
    style: Style = Style(),  # noqa: B008 - immutable
) -> Typed:
    """Read the columns of counts: as they are given, or from text and marks."""
    read = [
        given[str(name)]
        if given is not None and str(name) in given
        else read_cells(frame[name], marks=marks, style=style)
        for name in (*columns, *([] if total is None else [total]))
    ]
    names = tuple(str(name) for name in (*columns, *([] if total is None else [total])))
    return Typed(tuple(read[: len(columns)]), None if total is None else read[-1], names)


def settled(
    typed: Typed, choice: str, ids: pd.Index, published: Floats | None = None
) -> tuple[Typed, npt.NDArray[np.intp], list[str]]:
    """Decide which number stands for suppressed cells.

    Where a total is published the groups do not get more people than it has, and the group that is left of it (`rest`,
    or the people of no group) takes what the numbers of the others leave.

    Parameters
    ----------
    typed : Typed
        With n units.
    choice : str
        One of `CHOICES`.
    ids : Index, n labels
        For messages.
    published : ndarray of shape (n,), optional
        People of each unit, where somebody published them; for messages.

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
    loose = at.copy()  # what is left of a total follows from the others
    if typed.rest is not None:
        loose[:, typed.rest.place] &= np.isnan(typed.rest.total)
    most = high[loose].sum()
    between = f"between {low[loose].sum():,.6g} and {most:,.6g} people" if np.isfinite(most) else ""
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
        note = (
            f"suppressed='drop': {plural(int(units.sum()), 'unit')} of {len(ids):,} with suppressed counts ({where}) "
            f"left out, first {first_of(ids[units][:4])}; {held_by(typed, units, published)}"
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
    values = np.where(at, stands, np.column_stack([one.value for one in typed.all]))
    values, told = _together(typed, values, at, low)
    filled = [replace(one, value=values[:, m]) for m, one in enumerate(typed.all)]
    note = (
        f"suppressed={choice!r}: {cells} ({where}) count as {WORDS[choice]} that is possible, "
        f"{values[loose].sum():,.6g} people in all{f' ({between})' if between else ''}{told}"
    )
    whole = None if typed.whole is None else filled[-1]
    return replace(typed, cells=tuple(filled[: len(typed.cells)]), whole=whole), everything, [note]


def held_by(typed: Typed, units: Bools, published: Floats | None) -> str:
    """Say how many people some units hold, by what is known of them."""
    held = f"the counts they have hold {np.nansum(typed.counts[units]):,.6g} people"
    for total in (typed.totals, None if typed.rest is None else typed.rest.total, published):
        if total is not None and np.isfinite(total[units]).any():
            known, lacking = total[units], int(np.isnan(total[units]).sum())
            more = f" ({plural(lacking, 'unit')} without a total not counted)" if lacking else ""
            return f"{held}, their totals {np.nansum(known):,.6g}{more}"
    return held


def _together(typed: Typed, values: Floats, at: Bools, low: Floats) -> tuple[Floats, str]:
    """Let the numbers that stand for suppressed cells of a unit fit its total.

    Parameters
    ----------
    typed : Typed
    values : ndarray of shape (n, M) or (n, M + 1)
        Numbers of the groups, and of the total if there is one.
    at : ndarray of bool
        Which of them stand for suppressed cells.
    low : ndarray
        The least that is possible.

    Returns
    -------
    values : ndarray
    told : str
        What was done beside, for the note.
    """
    told = ""
    size = len(typed.cells)
    if typed.rest is not None:
        place, total = typed.rest
        others = values[:, :size].sum(axis=1) - values[:, place]
        follows = at[:, place] & np.isfinite(total) & np.isfinite(others)
        values[follows, place] = np.maximum(total - others, 0)[follows]
        if follows.any():
            told += f"; {typed.names[place]!r} takes what they leave of the published total there"
    if typed.whole is None:
        return values, told
    groups = values[:, :size]
    added = np.nansum(groups, axis=1)
    unknown = at[:, size] & (values[:, size] < added)
    values[unknown, size] = added[unknown]
    spare = np.where(at[:, :size], groups - low[:, :size], 0)
    spared = spare.sum(axis=1)
    over = (added > values[:, size] * (1 + 1e-9)) & (spared > 0)
    if over.any():
        room = np.maximum(values[:, size] - (added - spared), 0)
        share = np.where(over, room / np.where(spared > 0, spared, 1), 1)
        values[:, :size] = np.where(at[:, :size], low[:, :size] + spare * share[:, None], groups)
        told += f"; in {plural(int(over.sum()), 'unit')} less, in proportion, so that they fit the total"
    return values, f"{told}; who is left of the total counts as 'other'"


def _capped(typed: Typed) -> Typed:
    """Let no suppressed count be larger than what the total leaves, where that has an upper end."""
    if typed.whole is not None:
        most = typed.whole.high
    elif typed.rest is not None:
        most = np.where(np.isfinite(typed.rest.total), typed.rest.total, np.inf)
    else:
        return typed
    low = np.column_stack([np.nan_to_num(cells.low) for cells in typed.cells])
    if typed.rest is not None:
        low[:, typed.rest.place] = 0
    everybody = low.sum(axis=1)
    cells = []
    for m, one in enumerate(typed.cells):
        room = np.maximum(most - (everybody - low[:, m]), one.low)
        at = (one.kind == SUPPRESSED) & (one.high > room)
        cells.append(replace(one, high=np.where(at, room, one.high)))
    return replace(typed, cells=tuple(cells))
