"""Units merged two by two so that least information is lost."""

from __future__ import annotations

import numbers
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse

from .._arrays import frozen, sealed
from .._progress import Progress, progress_over
from ..errors import DataError, ParameterError, first_of, plural
from ..kernels import merge_any, merge_neighbours, remaining_loss
from ..population import Population
from ..results import Result
from ._merged import merged_population
from ._pairs import equal_pairs, given_pairs, in_composition, is_count, words_of

__all__ = ["Compression", "compress"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
BUDGET = 20_000_000
"""Pairs that a kernel looks at between two signs of life."""
MARKS = (0.99, 0.95, 0.9)
"""Shares of M whose number of units the headline says."""


@dataclass(frozen=True, eq=False, repr=False)
class Compression(Result):
    """Units merged two by two; `compress` makes it.

    Attributes
    ----------
    population : Population
        What was merged.
    neighbours : str
        Which pairs could be merged, in words.
    into, merged : ndarray of shape (S,)
        The S mergers: row of the unit that stays and of the one that goes into it. A merged unit
        is called after the first of its units in sorted order of the ids.
    losses : ndarray of shape (S,)
        Mutual information (nats) that each merger loses, 0 or more.
    left : float
        Mutual information of the units left at the end, 0 if it is one unit.
    notes : tuple of str
        What was left out, and why merging stopped early.
    """

    picture: ClassVar[str] = "draw_scree"
    population: Population
    neighbours: str
    into: Ints
    merged: Ints
    losses: Floats
    left: float
    notes: tuple[str, ...] = ()

    @cached_property
    def information(self) -> Floats:
        """Mutual information M in nats before the first merger and after each, (S + 1,)."""
        totals = np.empty(len(self.losses) + 1)
        total, lost = self.left, 0.0
        totals[-1] = total
        for step in range(len(self.losses) - 1, -1, -1):  # from the small end, each addition with what it loses
            value = float(self.losses[step])
            new = total + value
            lost += (total - new) + value if total >= value else (value - new) + total
            total = new
            totals[step] = total + lost
        return sealed(totals)  # type: ignore[no-any-return]

    @cached_property
    def _peopled(self) -> int:
        """Number of units with people."""
        return int((self.population.totals > 0).sum())

    @property
    def table(self) -> pd.DataFrame:
        """The scree table: one row before the first merger and one after each.

        Returns
        -------
        DataFrame
            Columns: ``step`` (0, 1, ...), ``n_units`` (with people), ``M`` (nats), ``loss`` (of this step,
            nats), ``share`` (of the first M; NaN if that is 0), ``into`` and ``merged`` (labels of the
            unit that stays and of the one that goes; missing in the first row).
        """
        steps = np.arange(len(self.losses) + 1)
        whole = self.information[0]
        return pd.DataFrame(
            {
                "step": steps,
                "n_units": self._peopled - steps,
                "M": self.information.copy(),
                "loss": np.concatenate([[0.0], self.losses]),
                "share": self.information / whole if whole > 0 else np.full(len(steps), np.nan),
                "into": self._labels(np.concatenate([[-1], self.into])),
                "merged": self._labels(np.concatenate([[-1], self.merged])),
            }
        )

    def units_at(self, share: float) -> int:
        """Return the fewest units that keep at least a share of M.

        Parameters
        ----------
        share : float
            From 0 to 1.

        Returns
        -------
        int
        """
        return self._peopled - self._steps_keeping(share, "share")

    def crosswalk(self, *, n_units: int | None = None, keep: float | None = None) -> pd.Series[Any]:
        """Return the merged unit of each unit.

        Give one of the two parameters.

        Parameters
        ----------
        n_units : int, optional
            Number of units to merge into, those without people not counted.
        keep : float, optional
            Share of M to keep, from 0 to 1; the fewest units that keep it are taken.

        Returns
        -------
        Series
            Label of the merged unit with the ids as index: that of the first of its units in sorted order. Missing
            for units without people.
        """
        roots = self._roots(self._steps(n_units, keep))
        return pd.Series(self._labels(roots), index=self.population.ids, name="merged")

    def merge(self, *, n_units: int | None = None, keep: float | None = None) -> Population:
        """Return the population with merged units.

        Parameters
        ----------
        n_units, keep
            As in `crosswalk`.

        Returns
        -------
        Population
            Units called as in `crosswalk`, in the order of the units after which they are called. Shapes are
            dissolved, given areas added up, given points become the mean place of the people (in their CRS). Attributes
            stay where they agree in all parts of each unit; a note names the others. Units without people are left out.
        """
        steps = self._steps(n_units, keep)
        kept = (
            f", which keep {self.information[steps] / self.information[0]:.4%} of M" if self.information[0] > 0 else ""
        )
        note = f"{plural(self._peopled, 'unit')} merged into {self._peopled - steps:,} ({self.neighbours}){kept}"
        return merged_population(self.population, self._roots(steps), (note, *self.notes))

    def _steps(self, n_units: int | None, share: float | None) -> int:
        """Return how many mergers to make."""
        if (n_units is None) == (share is None):
            raise ParameterError("Give either n_units=, the number of units, or keep=, the share of M to keep.")
        most, fewest = self._peopled, self._peopled - len(self.losses)
        if n_units is not None:
            if not is_count(n_units) or not fewest <= n_units <= most:
                raise ParameterError(f"n_units={n_units!r} is a whole number from {fewest:,} to {most:,} here.")
            return int(most - n_units)
        return self._steps_keeping(share, "keep")

    def _steps_keeping(self, share: Any, word: str) -> int:
        """Return how many mergers keep a share of M."""
        number = not isinstance(share, bool) and isinstance(share, numbers.Real)
        if not (number and 0 <= share <= 1):
            raise ParameterError(f"{word}={share!r} is a share of M, from 0 to 1.")
        if not self.information[0] > 0:
            raise DataError(
                "M is 0: all units have the same composition, so a share of it has no value. Give n_units= instead."
            )
        return int(np.flatnonzero(self.information / self.information[0] >= share)[-1])

    def _roots(self, steps: int) -> Ints:
        """Return the row after which each unit is called after so many mergers, -1 for units without people."""
        roots = np.where(self.population.totals > 0, np.arange(self.population.n_units), -1)
        for step in range(steps - 1, -1, -1):
            roots[self.merged[step]] = roots[self.into[step]]
        return roots

    def _labels(self, rows: Ints) -> Any:
        """Return ids by row, missing where the row is negative."""
        ids = self.population.ids
        missing = rows < 0
        if missing.any() and pd.api.types.is_integer_dtype(ids.dtype):
            ids = ids.astype("UInt64" if pd.api.types.is_unsigned_integer_dtype(ids.dtype) else "Int64")
        labels = pd.Series(ids.take(np.maximum(rows, 0)))
        return labels.mask(missing).array if missing.any() else labels.array

    def _headline(self) -> str:
        units = self._peopled
        start = f"Compression of {plural(units, 'unit')} into {units - len(self.losses):,} ({self.neighbours})"
        if not self.information[0] > 0:
            return f"{start}: M is 0, nothing can be lost"
        kept = ", ".join(f"{share:.0%} by {self.units_at(share):,}" for share in MARKS)
        return f"{start}: M {self.information[0]:.4g}, units that keep {kept}"


def compress(
    population: Population,
    *,
    neighbours: Any = "all",
    kind: str | None = None,
    progress: Progress = None,
) -> Compression:
    r"""Merge units two by two, always the pair that loses least mutual information.

    Merging a and b into one unit loses

    .. math:: \frac{1}{T} \left[ t_a \sum_m p_{am} \ln \frac{p_{am}}{p_{abm}}
              + t_b \sum_m p_{bm} \ln \frac{p_{bm}}{p_{abm}} \right]

    of M, with T people in all, t_a people in unit a, p_am the share of group m among them
    and p_abm its share in both units. Units of equal composition lose nothing. A few dozen
    merged units often keep almost all of M: many units are then more of the same.

    Parameters
    ----------
    population : Population
        At home, with people of two groups or more.
    neighbours : optional
        Which pairs may be merged.

        - ``"all"``: all pairs.
        - ``"borders"``: units that touch. Merged units touch what their parts touch.
        - A whole number k: each unit and the k nearest in composition. Units of equal composition are merged
          first. Then every pair is looked at in which one is among the k nearest of the other, by the Hellinger
          distance :math:`(\sum_m (\sqrt{p_{am}} - \sqrt{p_{bm}})^2)^{1/2}`, first ids first where units are
          equally near; merged units have the neighbours of their parts. When no pair is left, the nearest of the units
          that remain are looked for anew. It is for tens of thousands of units, and ends near ``"all"``; from n - 1 on
          it is the same.
        - Pairs of ids: a DataFrame, array or list with two columns, one row per pair.
        - A libpysal Graph or a SciPy sparse matrix with a positive weight for each pair, in one direction or both;
          its diagonal does not matter.
    kind : {"rook", "queen"}, optional
        With ``"borders"``: whether units need a common border ("rook", as a rule), or a common corner is enough.
    progress : bool or callable, optional
        True for a bar on stderr, or a function called with (done, to do).

    Returns
    -------
    Compression
        With the table of all steps, `crosswalk`, `merge`, `units_at` and `plot`.

    Raises
    ------
    ParameterError
        For arguments that cannot be used, or a population within an environment.
    UnknownNameError
        For pairs of ids that are not in the population, or a graph without some of its units.
    DataError
        When fewer than two groups have people.
    GeometryError
        For ``"borders"`` without polygons.

    Notes
    -----
    Units without people lose nothing and say nothing: they are not merged, connect nobody, and
    are left out of the merged populations. Pairs whose loss exceeds the least by less than 1e-12 of it are
    equal to it; of them that goes first whose first unit, and then whose second, comes first in sorted order of the
    ids. Neither the order of the rows nor that of the groups changes anything. M after each step is what is left at the
    end plus the losses still to come, so that it never rises.

    Where the pairs leave the units in several parts, merging stops when each part is one unit; a note says so.

    Time grows with the square of the number of units for ``"all"``, and with the number of pairs otherwise.

    References
    ----------
    The loss is the weighted Jensen-Shannon divergence, and the method the agglomerative information bottleneck: Slonim
    and Tishby (1999), Agglomerative information bottleneck, Advances in Neural Information Processing Systems 12. The
    search follows Müllner (2011), arXiv:1109.2378.

    Examples
    --------
    >>> import segregate as sg
    >>> schools = sg.sample("schools")
    >>> merged = sg.compress(schools)
    >>> merged.units_at(0.95)
    14
    >>> few = merged.merge(keep=0.95)
    >>> few.n_units
    14
    >>> print(f"{sg.mutual_information(schools):.4f} {sg.mutual_information(few):.4f}")
    0.1769 0.1690
    """
    if not isinstance(population, Population):
        raise ParameterError(f"compress takes a Population, not {type(population).__name__}.")
    words = words_of(neighbours, kind)
    if not population.at_home:
        raise ParameterError(
            "compress merges the people of units, and the surroundings of merged units are not known: pass "
            "population.home(), and set an environment on the merged population."
        )
    peopled = [name for name, people in zip(population.groups, population.counts.sum(axis=0), strict=True) if people]
    if len(peopled) < 2:
        raise DataError(
            f"{first_of(peopled) + ' alone has' if peopled else 'No group has'} people: M compares at least two groups."
        )
    rows = _sorted_rows(population.ids)
    rows = rows[population.totals[rows] > 0]
    merging = _Merging(population, rows)
    empty = population.n_units - len(rows)
    notes = [f"{plural(empty, 'unit')} without people left out"] if empty else []
    if words == "all pairs":
        with progress_over(progress, len(rows) - 1, "merging") as done:
            merging.of_all(done)
    elif is_count(neighbours):
        with progress_over(progress, len(rows) - 1, "merging") as done:
            for i, j in merging.rounds(int(neighbours)):
                merging.of_pairs(i, j, done)
    else:
        i, j = _among(*given_pairs(population, neighbours, kind), rows, population.n_units)
        parts = _parts(i, j, len(rows))
        if parts > 1:
            notes.append(f"no pair of neighbours links the {parts:,} units that are left, so merging stops there")
        with progress_over(progress, len(rows) - parts, "merging") as done:
            merging.of_pairs(i, j, done)
    return Compression(population, words, *merging.result(), notes=tuple(notes))


class _Merging:
    """The state that the kernels work on; units stand in sorted order of their ids."""

    def __init__(self, population: Population, rows: Ints) -> None:
        groups = np.argsort(np.array(population.groups), kind="stable")  # so that their order changes no bit
        self.rows = rows
        self.people = population.size
        self.counts = np.ascontiguousarray(population.counts[rows][:, groups])
        self.totals = self.counts.sum(axis=1)
        self.shares = self.counts / self.totals[:, None]
        self.parent = np.arange(len(rows))
        self.into, self.merged = np.empty((2, len(rows) - 1), dtype=np.int64)
        self.losses = np.empty(len(rows) - 1)
        self.done = 0

    def of_all(self, tell: Callable[[], None]) -> None:
        """Merge until one unit is left."""
        n = len(self.rows)
        alive, nearest, lowest, fresh = np.arange(n), np.full(n, -1), np.full(n, -1.0), np.zeros(n, dtype=bool)
        state = (self.counts, self.totals, self.shares, alive, nearest, lowest, fresh)
        while self.done < n - 1:
            before = self.done
            self.done = merge_any(*state, self.into, self.merged, self.losses, before, BUDGET)
            self._tell(before, tell)

    def of_pairs(self, i: Ints, j: Ints, tell: Callable[[], None]) -> None:
        """Merge until no pair is left; the pairs are numbers of units, each pair once."""
        n = len(self.rows)
        start = np.concatenate([i, j])
        order = np.argsort(start, kind="stable")
        ends = np.concatenate([j, i])[order]
        last = np.append(np.diff(start[order]) != 0, True)[: len(order)]
        after = np.where(last, -1, np.arange(1, len(order) + 1))
        heads = np.full(n, -1)
        heads[start[order][::-1]] = np.arange(len(order))[::-1]
        marks = (np.zeros(n, dtype=np.int64), np.full(n, -1))
        state = (self.counts, self.totals, self.shares, ends, after, heads, self.parent, *marks)
        heap, pairs, size = np.empty(len(i) + 16), np.empty((len(i) + 16, 3), dtype=np.int64), -1
        while size:
            before = self.done
            heap, pairs, size, self.done = merge_neighbours(
                *state, heap, pairs, size, self.into, self.merged, self.losses, before, BUDGET
            )
            self._tell(before, tell)

    def rounds(self, k: int) -> Iterator[tuple[Ints, Ints]]:
        """Yield the pairs to merge: equal compositions first, then again and again the k nearest of what is left."""
        yield equal_pairs(self.shares)
        while self.done < len(self.rows) - 1:
            alive = np.ones(len(self.rows), dtype=bool)
            alive[self.merged[: self.done]] = False
            units = np.flatnonzero(alive)
            i, j = in_composition(self.shares[units], k)
            yield _once(units[i], units[j])

    def result(self) -> tuple[Ints, Ints, Floats, float]:
        """Return the mergers by rows of the population, what each loses, and M of what is left."""
        steps = slice(0, self.done)
        alive = np.ones(len(self.rows), dtype=bool)
        alive[self.merged[steps]] = False
        left = remaining_loss(np.ascontiguousarray(self.counts[alive]), self.totals[alive]) / self.people
        into, merged = (frozen(self.rows[at[steps]], np.int64) for at in (self.into, self.merged))
        return into, merged, frozen(self.losses[steps] / self.people), float(left)

    def _tell(self, before: int, tell: Callable[[], None]) -> None:
        for _ in range(before, self.done):
            tell()


def _sorted_rows(ids: pd.Index) -> Ints:
    """Return the rows in sorted order of the ids; ids that do not compare, by kind and text."""
    try:
        return np.asarray(ids.argsort(), dtype=np.int64)
    except TypeError:
        return np.array(sorted(range(len(ids)), key=lambda row: (type(ids[row]).__name__, str(ids[row]))))


def _once(i: Ints, j: Ints) -> tuple[Ints, Ints]:
    """Return each pair once, the lower number first."""
    pairs = np.unique(np.column_stack([np.minimum(i, j), np.maximum(i, j)]), axis=0)
    return np.ascontiguousarray(pairs[:, 0]), np.ascontiguousarray(pairs[:, 1])


def _among(i: Ints, j: Ints, rows: Ints, n_units: int) -> tuple[Ints, Ints]:
    """Turn rows of the population into numbers of the units that can be merged; other pairs are left out."""
    number = np.full(n_units, -1)
    number[rows] = np.arange(len(rows))
    both = (number[i] >= 0) & (number[j] >= 0)
    return _once(number[i[both]], number[j[both]])


def _parts(i: Ints, j: Ints, n: int) -> int:
    """Count the parts that pairs link the units to."""
    links = scipy.sparse.coo_array((np.ones(len(i)), (i, j)), shape=(n, n))
    return int(scipy.sparse.csgraph.connected_components(links, directed=False)[0])
