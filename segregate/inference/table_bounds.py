"""The range of an index whose counts are known as intervals: its least and greatest value over all tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from .._regions import warn_about
from ..errors import DataError, ParameterError, first_of, plural
from ..population import Population
from ..registry import IndexLike
from ..results import Result
from ._extremes import Cells, cells_of
from ._extremes_range import Asked, range_of
from ._statistic import Statistic, named

__all__ = ["Bounds", "Ends", "Proven", "bounds"]

Floats = npt.NDArray[np.float64]
GAP = 1e-8
"""A value is proven to be the end where nothing is left between it and the proof but this."""


class Ends(NamedTuple):
    """A number for each end."""

    low: float
    high: float


class Proven(NamedTuple):
    """Whether each end is proven."""

    low: bool
    high: bool


@dataclass(frozen=True, eq=False, repr=False)
class Bounds(Result):
    """The range of an index over all tables that the intervals of the cells allow.

    Attributes
    ----------
    value : float
        The index on the counts as they are.
    low, high : float
        The least and the greatest value that were found; `lowest` and `highest` have them.
    guaranteed : Proven
        ``.low`` and ``.high``: whether no table passes them by more than 1e-8.
    outer : Ends
        ``.low`` and ``.high``: what no table passes, proven even where the end is not. Where nothing better is known,
        the ends of the range of the index.
    lowest, highest : DataFrame
        The tables (n_units, n_groups) that have these values, ids as index. They may hold parts of people.
    cells : int
        Number of cells that are not known, once known sums have made the intervals as narrow as they can.
    people : float
        People in them, as counted.
    about : mapping
        Index, symbol, group, versus, environment and params.
    title : str
        What was measured, in words.
    notes : tuple of str
        What is to be said of the ends.
    """

    picture: ClassVar[str] = "draw_bounds"
    value: float
    low: float
    high: float
    guaranteed: Proven
    outer: Ends
    lowest: pd.DataFrame
    highest: pd.DataFrame
    cells: int
    people: float
    about: Mapping[str, str]
    title: str
    notes: tuple[str, ...] = field(default=())

    @property
    def table(self) -> pd.DataFrame:
        """One row per end.

        Returns
        -------
        DataFrame
            Columns: index, group, versus, params, ``end`` ("low" or "high"), ``value`` (found),
            ``guaranteed`` and ``outer`` (what no table passes).
        """
        about = {name: [self.about[name]] * 2 for name in ("index", "group", "versus", "params")}
        return pd.DataFrame(
            {
                **about,
                "end": ["low", "high"],
                "value": [self.low, self.high],
                "guaranteed": list(self.guaranteed),
                "outer": list(self.outer),
            }
        )

    def _headline(self) -> str:
        def end(value: float, proven: bool, outer: float, word: str) -> str:
            return f"{value:.4g}" if proven else f"{value:.4g} (found; {word} {outer:.4g} proven)"

        low = end(self.low, self.guaranteed.low, self.outer.low, "not below")
        high = end(self.high, self.guaranteed.high, self.outer.high, "not above")
        of = f"{plural(self.cells, 'cell')} known as intervals"
        return f"{self.title[:1].upper()}{self.title[1:]}: {self.value:.4g}, from {low} to {high}; {of}"


def bounds(
    pop: Population,
    index: IndexLike,
    *,
    group: str | None = None,
    other: str | None = None,
) -> Bounds:
    r"""Return the least and the greatest value of an index over all tables that the intervals of the cells allow.

    Cells that were suppressed or rounded are known as intervals, ``l <= count <= h``; the number of people of a
    unit, or of a group in all units, may be known beside them. Every table within the intervals and with these sums
    may be the true one, and nothing says that one of them is likelier than another: so these are bounds, not a
    confidence interval.

    Parameters
    ----------
    pop : Population
        At home, with intervals: `Population.with_intervals` or `Population.with_rounding`.
    index : str, function or bound index
        An index of the counts alone that gives one number for a population.
    group, other : str, optional
        The group, or the pair, where the index is about one. Any other index compares `group` with everybody else, or
        with `other`.

    Returns
    -------
    Bounds
        `.low`, `.high`, `.guaranteed`, `.outer`, `.lowest`, `.highest`, `.table`, `.plot()`. NaN where the index is
        undefined on the counts.

    Raises
    ------
    DataError
        Where nothing is known of the intervals, and where known numbers of people cannot be reached within them.
    ParameterError
        For a population within an environment, an index that looks at places, one that counts single people, or
        arguments that cannot be used.

    Notes
    -----
    *What is proven.* Each end is the value of a table, so the range is at least as wide. `guaranteed` says whether it
    is proven that it is no wider than by 1e-8 (which is what the solver of linear programs answers for), and `outer`
    what is proven otherwise.

    - Low is proven for D and S of two groups whatever is known, unless unit totals are known of some units only; for D,
      KM, GS, H, M, R, P, C and V of any number of groups where all unit totals or all group sizes are known; for
      xPx always. (Where thousands of cells of many groups are open, H and the others may end with a small gap, 1e-5
      say, as more tangents would take too long; D does not.)
    - High is proven as a rule for D and S of two groups, and for D, KM and GS of any number with known group sizes.
      With known unit totals and two groups the bound for KM, GS, H, M, R, P, C, V and xPx is that close as a rule.
    - With known group sizes the bound for the high end of H, M, R, P, C, V and xPx is narrow, often 1e-6 above it.
    - Where the set of tables has few corners (4,096 at most), all of them are looked at, and high is exact for these
      indices and G with known unit totals, and for D and S of two groups.
    - `outer` of D (more groups), R, P and C comes from two groups at a time, that of KM and GS from D, that of G from
      D (D is never above G, and G never above 2D - D squared). For other indices (A, O, E, ...) and other
      knowledge the ends are those that a search has found, and `outer` is the range of the index itself.

    xPy of two groups is 1 - xPx.

    *How.* D with known sizes X and Y is least in a linear program. Where nothing but the cells is known it is one in
    shares, :math:`u_j = x_j / X` and :math:`v_j = y_j / Y`, with 1/X and 1/Y as two more variables. With known unit
    totals D and the other indices are a convex function of the table over a concave one (the greatest value that it
    could have): tangents to both make a linear program that lies below the index, and new ones are added until it
    meets it. D is greatest for a set of units with as many of the first group and as few of the second as may be, and
    the reverse elsewhere. The bound above puts the sizes into the target with a price (Lagrange), for narrow
    intervals of the share of the city. With known sizes a mixed-integer program decides on which side of the city's
    share a cell is.

    *Whole people.* Tables may hold parts of people. Where people come whole, the range can only be narrower, so a
    proven end holds for them too.

    *Undefined.* Tables on which the index has no value (nobody of a group) are left out.

    References
    ----------
    D as a linear program, and dissimilarity of suppressed cells, follow from its definition: Duncan and Duncan (1955),
    doi:10.2307/2088328. Ratios in linear programs: Charnes and Cooper (1962), doi:10.1002/nav.3800090303; tangents:
    Kelley (1960), doi:10.1137/0108053. G within D and 2D - D squared: the segregation curve is convex.

    Examples
    --------
    >>> import numpy as np
    >>> import segregate as sg
    >>> pop = sg.sample("schools").versus("black")
    >>> hidden = pop.counts < 10
    >>> low, high = np.where(hidden, 0, pop.counts), np.where(hidden, 9, pop.counts)
    >>> found = sg.bounds(pop.with_intervals(low, high, totals="free"), "D")
    >>> print(f"{found.low:.4f} {found.value:.4f} {found.high:.4f}")
    0.3930 0.4072 0.4176
    >>> found.guaranteed
    Proven(low=True, high=True)
    """
    statistic = Statistic(pop, index, group, other).of_view()
    _check(statistic)
    view = statistic.view
    cells = _cells(pop, view)
    counts = np.array(view.counts)
    value = statistic.value
    ids, groups = view.ids, list(view.groups)

    def made(ends: Ends, proven: Proven, outer: Ends, tables: tuple[Floats, Floats], notes: tuple[str, ...]) -> Bounds:
        frames = [pd.DataFrame(table, index=ids.copy(), columns=groups) for table in tables]
        return Bounds(
            value=value,
            low=ends.low,
            high=ends.high,
            guaranteed=proven,
            outer=outer,
            lowest=frames[0],
            highest=frames[1],
            cells=int(cells.open.sum()),
            people=float(counts[cells.open].sum()),
            about=statistic.described,
            title=named(statistic),
            notes=notes,
        )

    said = _forgotten(pop, view)
    if not np.isfinite(value):
        warn_about(statistic.observed)
        nothing = Ends(np.nan, np.nan)
        why = f"undefined: {statistic.observed.messages[0]}"
        return made(nothing, Proven(False, False), nothing, (counts, counts), (why, *said))
    if not cells.open.any():
        note = "no cell is uncertain: the intervals and the known sums leave one table"
        return made(Ends(value, value), Proven(True, True), Ends(value, value), (counts, counts), (note, *said))
    positions = [view.groups.index(name) for name in statistic.focal.values()] or [0]
    asked = Asked(
        statistic.spec.name, statistic.bound.chosen, positions[0], positions[-1], *_limits(statistic, len(groups))
    )
    found = range_of(cells, asked, statistic.on, counts)
    tables = np.stack([found.lowest, found.highest, counts])
    values = statistic.on(tables)
    low_at = 0 if values[0] <= value else 2
    high_at = 1 if values[1] >= value else 2
    ends = Ends(float(values[low_at]), float(values[high_at]))
    outer = Ends(_outer(found.low, ends.low, asked.floor, -1.0), _outer(found.high, ends.high, asked.ceiling, 1.0))
    proven = Proven(bool(ends.low - outer.low <= GAP), bool(outer.high - ends.high <= GAP))
    chosen = tables[low_at], tables[high_at]
    return made(ends, proven, outer, chosen, (*_notes(chosen, counts, proven), *said))


def _outer(bound: float, reached: float, limit: float, sign: float) -> float:
    """Return what no table passes; a bound that a table does pass, beyond rounding, is none."""
    if sign * (reached - bound) > GAP:
        return float(limit)
    return float(max(bound, reached) if sign > 0 else min(bound, reached))


def _check(statistic: Statistic) -> None:
    """Refuse what has no bounds here."""
    spec, pop = statistic.spec, statistic.pop
    if spec.needs:
        raise ParameterError(
            f"{spec.name} looks at {' and '.join(sorted(spec.needs))} of the units, and bounds are known for indices "
            "of counts alone; segregate.propagate takes margins of error in place of intervals."
        )
    if not pop.at_home:
        raise ParameterError(
            "bounds looks at people at home: within an environment each count is met by many units, and no method here "
            "proves how far an index may go then. Take population.home()."
        )
    if statistic.bound.chosen.get("exact"):
        raise ParameterError(
            f"{spec.name} with exact=True counts single people, and bounds goes through tables that hold parts of "
            "people; take exact=False."
        )


def _cells(pop: Population, view: Population) -> Cells:
    """Return what is known of the cells of the groups that are compared."""
    known = view.uncertainty
    if known is None or known.low is None or known.high is None:
        margins = pop.uncertainty is not None and pop.uncertainty.se is not None
        advice = " Its margins of error are what segregate.propagate takes." if margins else ""
        raise DataError(
            "This population has no intervals: say how far each count is known with "
            f"population.with_intervals(low, high) or population.with_rounding(5).{advice}"
        )
    counts = view.counts
    totals = np.where(known.totals_known, counts.sum(axis=1), np.nan)
    sizes = np.where(known.sizes_known, counts.sum(axis=0), np.nan)
    return cells_of(np.array(known.low), np.array(known.high), totals, sizes, view.ids)


def _limits(statistic: Statistic, n_groups: int) -> tuple[float, float]:
    """Return the ends of the range of an index, which every table keeps."""
    low, high = statistic.spec.bounds
    if statistic.spec.name == "entropy" and not statistic.bound.chosen.get("scaled", False):
        high = float(np.log(n_groups) / np.log(statistic.bound.chosen.get("base", np.e)))
    return float(low), float(high)


def _forgotten(pop: Population, view: Population) -> tuple[str, ...]:
    """Say which known sizes are no longer known once groups are put together."""
    before, after = pop.uncertainty, view.uncertainty
    if view is pop or before is None or after is None:
        return ()
    lost = [name for name, known in zip(pop.groups, before.sizes_known, strict=True) if known]
    if not lost or before.sizes_known.all():
        return ()
    kept = [name for name, known in zip(view.groups, after.sizes_known, strict=True) if known]
    lost = [name for name in lost if name not in kept]
    if not lost:
        return ()
    return (
        f"the known size of {first_of(lost)} is not used, as other groups of unknown size are put together with it",
    )


def _notes(tables: tuple[Floats, Floats], counts: Floats, proven: Proven) -> tuple[str, ...]:
    """Say what is to be known of the ends."""
    said = []
    words = [word for word, sure in zip(("low", "high"), proven, strict=True) if not sure]
    if words:
        said.append(f"{' and '.join(words)} found by a search, not proven; no table passes `outer`")
    if (counts == np.floor(counts)).all():
        parts = [word for word, table in zip(("low", "high"), tables, strict=True) if (table != np.floor(table)).any()]
        if parts:
            said.append(f"the table of {' and of '.join(parts)} holds parts of people; whole people stay within")
    return tuple(said)
