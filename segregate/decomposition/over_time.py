"""How far a change of segregation comes from other units, other margins, and another structure."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from .._arrays import sealed
from .._checks import check_choice
from .._regions import warn_undefined
from ..errors import DataError, ParameterError, first_of, plural
from ..kernels import exact_sum
from ..kernels.fitting import information_terms, row_totals
from ..population import Population
from ..results import Result
from ._margins import Fitted, column_totals, fit
from .compression import _sorted_rows

__all__ = ["Change", "change"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Parts = dict[str, Floats]

METHODS = ("shapley", "km", "mrc")
PARTS = ("additions", "removals", "group_margin", "unit_margin", "interaction", "structure", "residual")
"""All parts in the order of tables; the interaction is one of the method "km" only."""


@dataclass(frozen=True, eq=False, repr=False)
class Change(Result):
    """A change of the mutual information M in parts; `change` makes it.

    All numbers are in nats. ``additions + removals + group_margin + unit_margin + interaction + structure + residual``
    is ``now - then``, a part without a value counted as 0.

    Attributes
    ----------
    method : {"shapley", "km", "mrc"}
        How margins and structure are told apart.
    then, now : float
        M of the two populations.
    additions : float
        By units and groups that are there now only.
    removals : float
        By units and groups that were there then only.
    group_margin : float
        By other shares of the groups. NaN where it has no value.
    unit_margin : float
        By other sizes of the units. NaN where it has no value.
    structure : float
        By another association of the two: the odds ratios. NaN where it has no value.
    residual : float
        What is left: rounding, or the change that parts without a value would divide among them.
    interaction : float
        Of the two margins, with the method "km"; 0 with the others.
    notes : tuple of str
        How many units and groups are compared, and why parts have no value.
    """

    picture: ClassVar[str] = "draw_change"
    method: str
    then: float
    now: float
    additions: float
    removals: float
    group_margin: float
    unit_margin: float
    structure: float
    residual: float
    interaction: float
    _units: pd.DataFrame
    notes: tuple[str, ...] = ()

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of the parts."""
        return tuple(part for part in PARTS if part != "interaction" or self.method == "km")

    @property
    def table(self) -> pd.DataFrame:
        """The parts, one row each.

        Returns
        -------
        DataFrame
            Columns: ``part``, ``value`` (nats) and ``share`` (of the whole change; NaN if that is 0).
        """
        values = np.array([getattr(self, part) for part in self.parts])
        total = self.now - self.then
        share = values / total + 0.0 if total else np.full(len(values), np.nan)
        return pd.DataFrame({"part": list(self.parts), "value": values, "share": share})

    @property
    def units(self) -> pd.DataFrame:
        """What each unit adds to each part.

        Returns
        -------
        DataFrame
            One row for each unit of the two populations, those of then first, with the ids as index. Columns:
            ``status`` ("common", "added", "removed", "not compared" where all people of a year are of groups that
            the other year has not, "empty" where nobody lives), ``then`` and ``now`` (what the unit adds to M), and
            the parts. Each column adds up to the number of that name.
        """
        return self._units.copy()

    def _headline(self) -> str:
        total = self.now - self.then
        return f"Change of M by {total:+.4g}, from {self.then:.4g} to {self.now:.4g} (method {self.method!r})"


def change(pop_then: Population, pop_now: Population, *, method: str = "shapley") -> Change:
    r"""Divide a change of the mutual information M into parts, by what has changed.

    Units are the same if they have the same id, groups if they have the same name. First, units and groups that
    have people in one of the two populations only:

    .. math:: M_2 - M_1 = \underbrace{M_2 - M(B)}_{additions} + \underbrace{M(A) - M_1}_{removals} + M(B) - M(A)

    where A (then) and B (now) hold the people of common groups in common units. Then the rest, into the shares of
    the groups, the sizes of the units, and the structure, which is what neither of them touches: the odds ratios.
    With :math:`M(s, u, g)` for the table that has the odds ratios of s, the sizes of the units of u and the shares of
    the groups of g, so that :math:`M(A, A, A) = M(A)`, the parts are

    .. math:: structure &= \tfrac12 \sum_{x \in \{A, B\}} M(B, x, x) - M(A, x, x) \\
              group\ margin &= \tfrac14 \sum_{s, u \in \{A, B\}} M(s, u, B) - M(s, u, A) \\
              unit\ margin &= \tfrac14 \sum_{s, g \in \{A, B\}} M(s, B, g) - M(s, A, g)

    Parameters
    ----------
    pop_then, pop_now : Population
        Of the same kind of units and groups, at home.
    method : {"shapley", "km", "mrc"}
        - ``"shapley"`` (Elbers): as above, the same in both directions of time but for the sign.
        - ``"km"`` (Karmel and Maclachlan), from then to now: the group margin is what M changes when A takes the
          groups' shares of B column by column, the unit margin when it takes the units' sizes row by row;
          interaction is what is left to M(A, B, B), and structure is M(B) - M(A, B, B).
        - ``"mrc"`` (Mora and Ruiz-Castillo), without fitting: the group margin is the change of the entropy of the
          groups, structure is minus the change of the units' entropies at their mean sizes, and the unit margin is
          minus the change of the sizes at the units' mean entropies. Structure is then not free of the margins.

    Returns
    -------
    Change
        With ``table`` (the parts), ``units`` (what each unit adds to each part) and ``plot()``.

    Raises
    ------
    ParameterError
        For anything but two populations at home, or an unknown method.
    DataError
        When no unit, or fewer than two groups, have people in both.

    Warns
    -----
    UndefinedIndexWarning
        When a table that a part needs does not exist. That part is NaN, and `residual` holds what it would have had.

    Notes
    -----
    A group that has appeared or vanished counts in additions or removals like a unit. Leaving it out may empty units,
    and leaving these out other groups; those go too, until all units and groups that are left have people in both.

    Tables are made by iterative proportional fitting, which starts from the table itself and goes on until each margin
    is within 1e-10 of what is wanted, in relative terms (1e-13 is aimed at, and Newton's method helps where scaling is
    slow). Neither the order of the units nor that of the groups changes a bit.

    **Zero cells stay zero.** A group that is missing from a unit is a ratio of 0, which no margin changes. With few
    zeros that is no obstacle. Where they leave no table with the margins wanted (units of one group only
    cannot take all sizes and shares) the part that needs it has no value. The R package `segregation` puts
    1e-10 people into empty cells, so that there always is a table. Where a table exists without that, the
    two agree to about 1e-11; where none does, its parts depend on what is moved into cells that nobody has ever seen
    filled. That package also stops when each margin is within a distance in shares of everybody, which is a large one
    for a small unit, and starts with units or groups at random: unless a very small distance is asked for, its parts
    depend on the random start.

    References
    ----------
    Elbers (2021), A method for studying differences in segregation across time and space,
    doi:10.1177/0049124121986204; Karmel and Maclachlan (1988), Occupational sex segregation: increasing or
    decreasing?, doi:10.1111/j.1475-4932.1988.tb02057.x; Mora and Ruiz-Castillo (2009), The invariance properties of
    the mutual information index of multigroup segregation, doi:10.1108/S1049-2585(2009)0000017007; Deming and Stephan
    (1940), doi:10.1214/aoms/1177731829.

    Examples
    --------
    >>> import segregate as sg
    >>> then = sg.sample("schools")
    >>> frame = then.to_frame().iloc[2:]
    >>> frame["asian"] += frame["white"] // 4
    >>> now = sg.Population.from_frame(frame, then.groups)
    >>> found = sg.change(then, now)
    >>> print(f"{found.then:.4f} to {found.now:.4f}: {found.structure:+.4f} by structure")
    0.1769 to 0.1457: -0.0319 by structure
    """
    _check(pop_then, pop_now, method)
    frame = _aligned(pop_then, pop_now)
    old, new = _terms(frame.then), _terms(frame.now)
    a, b = (_shares(table[frame.common][:, frame.groups]) for table in (frame.then, frame.now))
    old_common, new_common = (_spread(_information(table), frame.common, len(frame.ids)) for table in (a, b))
    parts = {"additions": new - new_common, "removals": old_common - old}
    inner, missing = {"shapley": _shapley, "km": _km, "mrc": _mrc}[method](a, b)
    for part, values in inner.items():
        parts[part] = _spread(values, frame.common, len(frame.ids))
    parts["residual"] = (new - old) - np.sum([np.nan_to_num(values) for values in parts.values()], axis=0)
    notes = [*frame.notes]
    if missing:
        undefined = [part.replace("_", " ") for part, values in parts.items() if np.isnan(values).any()]
        more = f" (and {plural(len(missing) - 1, 'table')} more like it)" if len(missing) > 1 else ""
        text = f"No value: {', '.join(undefined)}. {_why(missing[0], frame)}{more}; empty cells stay empty"
        warn_undefined(text)
        notes.append(text)
    sums = {part: float(exact_sum(sealed(values.copy()))) for part, values in parts.items()}
    units = pd.DataFrame(
        {"status": frame.status, "then": old, "now": new, **{part: parts[part] for part in PARTS if part in parts}},
        index=frame.ids,
    )
    return Change(
        method=method,
        then=float(exact_sum(sealed(old.copy()))),
        now=float(exact_sum(sealed(new.copy()))),
        **{"interaction": 0.0, **sums},
        _units=units.iloc[frame.back],
        notes=tuple(notes),
    )


def _check(then: object, now: object, method: object) -> None:
    """Refuse what cannot be compared."""
    for one in (then, now):
        if not isinstance(one, Population):
            raise ParameterError(f"change takes two Populations, not {type(one).__name__}.")
        if not one.at_home:
            raise ParameterError(
                "change compares the people of units. In an environment M is no longer that of a table of units and "
                "groups, whose margins could be told from its structure: pass population.home()."
            )
    check_choice("method", method, METHODS)


class _Frame(NamedTuple):
    """Both populations on the units and groups of both, in sorted order, so that theirs changes no bit."""

    ids: pd.Index
    then: Floats
    now: Floats
    common: Ints
    groups: Ints
    names: tuple[str, ...]
    status: npt.NDArray[np.object_]
    back: Ints
    notes: tuple[str, ...]


def _aligned(then: Population, now: Population) -> _Frame:
    """Match units by id and groups by name."""
    added = now.ids.get_indexer(then.ids.append(now.ids[~now.ids.isin(then.ids)]))
    ids = then.ids.append(now.ids[~now.ids.isin(then.ids)])
    order = _sorted_rows(ids)
    names = tuple(sorted({*then.groups, *now.groups}))
    tables = []
    for pop, rows in ((then, then.ids.get_indexer(ids)), (now, added)):
        table = np.zeros((len(ids), len(names)))
        here = np.flatnonzero(rows >= 0)
        columns = [names.index(group) for group in pop.groups]
        table[here[:, None], columns] = pop.counts[rows[here]]
        tables.append(sealed(np.ascontiguousarray(table[order])))
    common, groups = _common(*tables)
    if not len(common):
        raise DataError(
            f"No unit has people in both populations (ids then: {first_of(then.ids)}; now: {first_of(now.ids)}). "
            "Units are matched by id: choose the same id column for both, and the same kind, text or numbers."
        )
    if len(groups) < 2:
        raise DataError(
            f"{plural(len(groups), 'group')} with people in both populations (groups then: {first_of(then.groups, 6)}; "
            f"now: {first_of(now.groups, 6)}), and M compares two or more. Groups are matched by name: merge or "
            "rename those that mean the same."
        )
    lived = [table.any(axis=1) for table in tables]
    status = np.select([lived[0] & lived[1], lived[1], lived[0]], ["common", "added", "removed"], "empty").astype(
        object
    )
    inside = np.zeros(len(ids), dtype=bool)
    inside[common] = True
    lost = (status == "common") & ~inside
    status[lost] = "not compared"
    notes = [
        f"{plural(len(common), 'unit')} compared, {(status == 'added').sum():,} added, "
        f"{(status == 'removed').sum():,} removed"
    ]
    if lost.any():
        notes.append(
            f"{plural(int(lost.sum()), 'unit')} of both left out with groups that are in one only "
            f"(first: {first_of(ids[order][lost])})"
        )
    gone = [name for m, name in enumerate(names) if m not in groups and any(table[:, m].any() for table in tables)]
    if gone:
        notes.append(f"{plural(len(gone), 'group')} not compared, with people in one only: {first_of(gone, 6)}")
    back = np.empty(len(ids), dtype=np.int64)
    back[order] = np.arange(len(ids))
    return _Frame(ids[order], tables[0], tables[1], common, groups, names, status, back, tuple(notes))


def _common(then: Floats, now: Floats) -> tuple[Ints, Ints]:
    """Return the rows and columns that have people in both tables, also when the others are left out."""
    rows, columns = np.arange(then.shape[0]), np.arange(then.shape[1])
    while True:
        old, new = (table[np.ix_(rows, columns)] for table in (then, now))
        kept_rows = rows[old.any(axis=1) & new.any(axis=1)]
        old, new = (table[np.ix_(kept_rows, columns)] for table in (then, now))
        kept_columns = columns[old.any(axis=0) & new.any(axis=0)]
        if len(kept_rows) == len(rows) and len(kept_columns) == len(columns):
            return rows, columns
        rows, columns = kept_rows, kept_columns


def _shares(table: Floats) -> Floats:
    """Return a table as shares of its people, read-only."""
    table = np.ascontiguousarray(table)
    people = exact_sum(sealed(table.ravel()))
    return sealed(table / people)  # type: ignore[no-any-return]


def _margins(table: Floats) -> tuple[Floats, Floats]:
    """Return the totals of rows and columns, read-only."""
    return sealed(row_totals(table)), sealed(column_totals(table))


def _information(table: Floats, margins: tuple[Floats, Floats] | None = None) -> Floats:
    """Return what each unit adds to M."""
    return information_terms(table, *(_margins(table) if margins is None else margins))


def _terms(counts: Floats) -> Floats:
    """Return what each unit adds to M of a population."""
    return _information(_shares(counts))


def _spread(values: Floats, rows: Ints, n: int) -> Floats:
    """Return values of some units as values of all; the others have 0."""
    spread = np.zeros(n)
    spread[rows] = values
    return spread


class _Unfit(NamedTuple):
    """A table that does not exist, and whose odds ratios, sizes and shares it would have."""

    structure: str
    units: str
    groups: str
    fitted: Fitted


class _Tables:
    """The tables M(s, u, g) of `change`, by "a" (then) and "b" (now): what each unit adds to their M."""

    def __init__(self, a: Floats, b: Floats) -> None:
        self.tables = {"a": a, "b": b}
        self.margins = {name: _margins(table) for name, table in self.tables.items()}
        self.unfit: list[_Unfit] = []

    def terms(self, structure: str, units: str, groups: str) -> Floats:
        """Return what each unit adds, NaN where there is no such table."""
        table, own = self.tables[structure], self.margins[structure]
        wanted = self.margins[units][0], self.margins[groups][1]
        if all(np.array_equal(one, other) for one, other in zip(own, wanted, strict=True)):
            return _information(table, own)
        fitted = fit(table, *wanted)
        if not fitted.there:
            self.unfit.append(_Unfit(structure, units, groups, fitted))
            return np.full(len(table), np.nan)
        return _information(sealed(np.ascontiguousarray(fitted.table)), wanted)


def _shapley(a: Floats, b: Floats) -> tuple[Parts, list[_Unfit]]:
    """Return the parts, unit by unit: margins against structure first, then the margins."""
    tables = _Tables(a, b)
    v = {key: tables.terms(*key) for key in itertools.product("ab", repeat=3)}
    parts = {
        "group_margin": np.mean([v[s, u, "b"] - v[s, u, "a"] for s in "ab" for u in "ab"], axis=0),
        "unit_margin": np.mean([v[s, "b", g] - v[s, "a", g] for s in "ab" for g in "ab"], axis=0),
        "structure": ((v["b", "b", "b"] - v["a", "b", "b"]) + (v["b", "a", "a"] - v["a", "a", "a"])) / 2,
    }
    return parts, tables.unfit


def _km(a: Floats, b: Floats) -> tuple[Parts, list[_Unfit]]:
    """Return the parts, unit by unit, from then to now."""
    tables = _Tables(a, b)
    (rows, columns), (new_rows, new_columns) = tables.margins["a"], tables.margins["b"]
    start, both, end = tables.terms("a", "a", "a"), tables.terms("a", "b", "b"), tables.terms("b", "b", "b")
    group = _information(sealed(a * (new_columns / columns))) - start
    unit = _information(sealed(a * (new_rows / rows)[:, None])) - start
    parts = {
        "group_margin": group,
        "unit_margin": unit,
        "interaction": both - start - group - unit,
        "structure": end - both,
    }
    return parts, tables.unfit


def _mrc(a: Floats, b: Floats) -> tuple[Parts, list[_Unfit]]:
    """Return the parts, unit by unit, from entropies."""
    (rows, columns), (new_rows, new_columns) = _margins(a), _margins(b)
    whole, new_whole = _entropies(columns[None])[0], _entropies(new_columns[None])[0]
    own, new_own = _entropies(a / rows[:, None]), _entropies(b / new_rows[:, None])
    weight = (rows + new_rows) / 2
    parts = {
        "group_margin": weight * (new_whole - whole),
        "unit_margin": (new_rows - rows) * ((whole + new_whole) / 2 - (own + new_own) / 2),
        "structure": -weight * (new_own - own),
    }
    return parts, []


def _entropies(shares: Floats) -> Floats:
    """Return the entropy of each row of shares."""
    logs = np.log(shares, out=np.zeros(shares.shape), where=shares > 0)
    return -(shares * logs).sum(axis=1)  # type: ignore[no-any-return]


def _why(one: _Unfit, frame: _Frame) -> str:
    """Say what keeps a table from being fitted."""
    when = {"a": "then", "b": "now"}
    fitted = one.fitted
    off = np.abs(fitted.reached / fitted.wanted - 1)
    worst = int(np.nanargmax(off))
    label = repr(frame.names[frame.groups[worst]]) if fitted.across else first_of(frame.ids[frame.common[[worst]]])
    return (
        f"The structure of {when[one.structure]} does not fit the units' sizes of {when[one.units]} and the groups' "
        f"shares of {when[one.groups]}: after {fitted.steps:,} steps {'group' if fitted.across else 'unit'} {label} "
        f"has {fitted.reached[worst]:.6g} of the people where {fitted.wanted[worst]:.6g} are wanted"
    )
