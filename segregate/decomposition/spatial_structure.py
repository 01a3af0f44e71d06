"""The difference between two cities: what lives in them, and where it lives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from .._evaluate import Assessor, focal_of
from .._segments import Conditions, Evaluation, Kernel
from ..environment import Environment, Flows, Operator, Weights
from ..environment._met import met_within
from ..errors import ParameterError, SegregateWarning, UndefinedIndexWarning, UnknownNameError, nearest, warn
from ..indices import resolve
from ..inference._statistic import Around
from ..population import REST, Population
from ..registry import BoundIndex, IndexLike
from ..results import Result
from ._structure_matching import matched_counts, spread_of

__all__ = ["Structure", "structure"]

Floats = npt.NDArray[np.float64]
TABLES = ("a", "a with the shares of b", "b with the shares of a", "b")
PARTS = ("difference", "composition", "structure")
KEPT = 0.9
"""Less of the variance of the shares than that is said in a note."""


@dataclass(frozen=True, eq=False, repr=False)
class Structure(Result):
    """A difference between two populations, divided; `structure` makes it.

    Attributes
    ----------
    a, b : float
        The index in the two populations.
    a_with_shares_of_b, b_with_shares_of_a : float
        The index where the local shares of one are laid on the units of the other.
    composition : float
        What comes from the local shares themselves.
    structure : float
        What comes from where they are: how units of high and of low share lie to each other, and how large units are.
    tables : DataFrame
        The four tables that were measured, in the order of `table`: share, spread, status and message.
    about : mapping
        index, symbol, group, versus, environment and params.
    notes : tuple of str
        What was left out, where there is no value, and where shares were averaged much.
    """

    picture: ClassVar[str] = "draw_structure"
    a: float
    b: float
    a_with_shares_of_b: float
    b_with_shares_of_a: float
    composition: float
    structure: float
    tables: pd.DataFrame
    about: Mapping[str, str]
    notes: tuple[str, ...] = ()

    @property
    def difference(self) -> float:
        """The index in b less that in a: composition and structure together."""
        return self.b - self.a

    @property
    def table(self) -> pd.DataFrame:
        """The four values and what follows from them.

        Returns
        -------
        DataFrame
            Rows: "a", "a with the shares of b", "b with the shares of a", "b", "difference", "composition" and
            "structure". Columns: ``part``, ``value``; of the four values also ``share`` (of the group among all
            people), ``spread`` (standard deviation of the local shares over people), ``status`` ("ok", "partial" or
            "undefined") and ``message``.
        """
        values = [self.a, self.a_with_shares_of_b, self.b_with_shares_of_a, self.b]
        parts = pd.DataFrame(
            {
                "part": [*TABLES, *PARTS],
                "value": [*values, self.difference, self.composition, self.structure],
            }
        )
        table = parts.join(self.tables)
        return table.fillna({"status": "", "message": ""})

    def _headline(self) -> str:
        about = self.about
        name = about["index"].replace("_", " ").capitalize()
        parts = f"composition {self.composition:+.4g} and structure {self.structure:+.4g}"
        return (
            f"{name}, {about['group']} against {about['versus']}, {about['environment']}: "
            f"a {self.a:.4g}, b {self.b:.4g}, difference {self.difference:+.4g} = {parts}"
        )


def structure(
    pop_a: Population,
    pop_b: Population,
    index: IndexLike,
    *,
    group: str | None = None,
    other: str | None = None,
) -> Structure:
    r"""Divide the difference between two populations: local shares, and where they are.

    Two cities differ in an index because other shares of a group occur in their units, or because units of these
    shares lie otherwise: side by side or far apart, in large units or in small ones. The shares of one are laid on
    the units of the other. Each person of a unit takes the share at the same quantile among the people of the other
    city, and the unit takes the mean of its people:

    .. math:: q_j = \frac{1}{h_j - l_j} \int_{l_j}^{h_j} Q(u) \, du

    with Q(u) the share of the group in the unit of the person at quantile u in the other city, people sorted by that
    share, and l_j and h_j the shares of the people of the own city in units with a smaller share than unit j, and with
    one not greater. Units keep their number of people and the order of their shares, and the city takes the other's
    share of the group. With S(places, shares) the index of such a table in the environment of its places, Shapley's
    rule gives

    .. math:: C_{composition} = \tfrac{1}{2} [S(a, b) - S(a, a) + S(b, b) - S(b, a)]

    .. math:: C_{structure} = \tfrac{1}{2} [S(b, a) - S(a, a) + S(b, b) - S(a, b)]

    which add up to the difference S(b, b) - S(a, a).

    Parameters
    ----------
    pop_a, pop_b : Population
        Two cities, or one at two times, with the same two groups and environments of the same kind and measures. Units
        need not be the same.
    index : index
        One that gives a number for a population, by name, symbol, function or `segregate.bind`.
    group, other : str, optional
        With more than two groups: one against everybody else, or against `other` alone. With two groups the first is
        the group. An index about one group is about `group`.

    Returns
    -------
    Structure
        In the unit of the index. Its parts may have either sign. NaN where one of the four values is undefined; the
        notes say why.

    Raises
    ------
    ParameterError
        For more than two groups without `group`, for groups or environments that are not the same, for an index with
        local values only, and for one that needs whole numbers of people.
    UnknownNameError
        For groups or an index that do not exist.

    Warns
    -----
    UndefinedIndexWarning
        When one of the four values is undefined.
    SegregateWarning
        When people are left out of one of them.

    Notes
    -----
    A population against itself gives exactly 0, and exchanging the two exactly the opposite signs. Shares that differ
    by less than 1e-12 of the larger are equal; neither the order of units nor that of the groups changes anything.

    **Equal shares.** Units of one share are one block: nothing says which of them should be higher. They all take the
    mean over the block, so a city that has few different shares, or few units, cannot take on all the differences of
    another. The column ``spread`` shows how much of them is left, and a note says so where it is less than 90 % of the
    variance.

    **At home** an index that does not look at places sees only how many people live at which share. Structure is then
    no matter of space: it is what the shares lose where they are averaged over units or blocks that are larger than
    their own, and about 0 between cities of many units. It means most within an environment, or for an index that looks
    at points, areas or borders.

    **Surroundings.** Whom people meet is computed anew for each table, by the environment of the places. It has to be
    that of all units: take the units first, then `Population.within`. Environments that depend on how many people live
    in units (`segregate.Nearest`) stay as they are, because totals do.

    The PySAL package segregation has a decomposition after the same paper, which divides the first less the second and
    so has the opposite signs.

    References
    ----------
    Rey, Cortes and Knaap (2021), Comparative spatial segregation analytics, doi:10.1007/s40980-021-00075-w; the
    matching by quantiles of people and the mean over blocks are ours. Shapley (1953), A value for n-person games.

    Examples
    --------
    >>> import segregate as sg
    >>> counties = sg.sample("sacramento").select("white", "hisp").split("county")
    >>> placer, sacramento = (counties[name].within(sg.Kernel(2000)) for name in ("Placer", "Sacramento"))
    >>> found = sg.structure(placer, sacramento, "H")
    >>> print(f"{found.difference:.3f} = {found.composition:.3f} + {found.structure:.3f}")
    0.033 = 0.041 + -0.008
    """
    bound = resolve(index)
    if bound.spec.level == "local":
        raise ParameterError(
            f"{bound.spec.name} gives one value per unit; structure divides a difference between two numbers, those of "
            "an index of whole populations: segregate.catalogue() lists them."
        )
    a, b = _views(pop_a, pop_b, group, other)
    _check_environments(a.environment, b.environment)
    sides = [_Side(two, whole, bound) for two, whole in ((a, pop_a), (b, pop_b))]
    counts = [sides[0].pop.counts, sides[0].laid(b), sides[1].laid(a), sides[1].pop.counts]
    found = [sides[k // 2].value(table) for k, table in enumerate(counts)]
    s_aa, s_ab, s_ba, s_bb = (float(one.values[0]) for one in found)
    tables = pd.DataFrame(
        {
            "share": [_share(table) for table in counts],
            "spread": [spread_of(table) for table in counts],
            "status": [str(one.status[0]) for one in found],
            "message": [str(one.messages[0]) for one in found],
        }
    )
    _warn_about(tables)
    return Structure(
        a=s_aa,
        b=s_bb,
        a_with_shares_of_b=s_ab,
        b_with_shares_of_a=s_ba,
        composition=0.5 * ((s_ab - s_aa) + (s_bb - s_ba)),
        structure=0.5 * ((s_ba - s_aa) + (s_bb - s_ab)),
        tables=tables,
        about={
            "index": bound.spec.name,
            "symbol": bound.spec.symbol,
            "group": a.groups[0],
            "versus": a.groups[1],
            "environment": str(a.environment),
            "params": bound.params,
        },
        notes=tuple(_notes(tables)),
    )


class _Side:
    """A population whose units take other people.

    Parameters
    ----------
    pop : Population
        The people of two groups.
    whole : Population
        The same units with all groups, whom the environment counts.
    bound : BoundIndex
        The index.
    """

    def __init__(self, pop: Population, whole: Population, bound: BoundIndex) -> None:
        self.pop, self.bound = pop, bound
        self.operator: Operator | None = Around(pop, whole).operator

    def laid(self, given: Population) -> Floats:
        """Return the people of the units with the shares of another population; NaN where it has none."""
        if self.pop.size > 0 and given.size > 0:
            return matched_counts(self.pop.counts, given.counts)
        return np.full(self.pop.counts.shape, np.nan)

    def value(self, counts: Floats) -> Evaluation:
        """Return the index where these people live in the units."""
        if np.isnan(counts).any():
            nobody = np.array(["nobody of the two groups lives in one of the populations"], dtype=object)
            return Evaluation(np.array([np.nan]), None, np.array(["undefined"], dtype=object), nobody)
        pop = self.pop
        if not np.array_equal(counts, pop.counts):
            around = {} if self.operator is None else met_within(self.operator, counts).fields
            pop = pop._share_places(replace(pop, counts=counts, uncertainty=None, **around))
        focal = focal_of(self.bound.spec, pop.groups, None, None)
        found: Evaluation = self.bound(_OfParts(pop.segments, self.bound), **focal)
        return found


class _OfParts(Assessor):
    """Evaluates an index, and refuses one that counts single people."""

    def __init__(self, segments: Any, bound: BoundIndex) -> None:
        super().__init__(segments)
        self.bound = bound

    def evaluate(self, kernel: Kernel, *params: float, **how: Any) -> Evaluation:
        """Return values, status and messages."""
        conditions = how.get("conditions")
        if isinstance(conditions, Conditions) and conditions.whole:
            raise ParameterError(
                f"{self.bound!r} needs whole numbers of people, and shares that are laid on other units give parts of "
                "people; take the form that needs no whole numbers."
            )
        return super().evaluate(kernel, *params, **how)


def _views(pop_a: Population, pop_b: Population, group: str | None, other: str | None) -> tuple[Population, Population]:
    """Return the same two groups of both populations, in the same order."""
    a, b = _two_groups("pop_a", pop_a, group, other), _two_groups("pop_b", pop_b, group, other)
    if set(a.groups) != set(b.groups):
        raise ParameterError(
            f"pop_a compares {' and '.join(map(repr, a.groups))}, pop_b {' and '.join(map(repr, b.groups))}; shares of "
            "the same two groups are needed. Name them alike: population.merge({'new': ['old']})."
        )
    return a, b if a.groups == b.groups else b.select(*a.groups)


def _two_groups(name: str, pop: Population, group: str | None, other: str | None) -> Population:
    """Return the people of two groups."""
    if not isinstance(pop, Population):
        raise ParameterError(f"structure takes two populations; {name} is of type {type(pop).__name__}.")
    groups = pop.groups
    if group is None:
        if other is not None:
            raise ParameterError(f"other={other!r} says against whom; name the group too: group=.")
        if len(groups) != 2:
            raise ParameterError(
                f"structure compares two groups, and {name} has {len(groups)} ({', '.join(map(repr, groups[:4]))}"
                f"{', ...' if len(groups) > 4 else ''}). Name one, against everybody else: group={groups[0]!r}, as in "
                f"population.versus({groups[0]!r}); or two: group={groups[0]!r}, other={groups[-1]!r}, as in "
                f"population.select({groups[0]!r}, {groups[-1]!r})."
            )
        return pop
    for word, named in (("group", group), ("other", other)):
        if named is not None and named not in groups and not (word == "other" and named == REST):
            raise UnknownNameError(f"{word}={named!r} is not a group of {name}. {nearest(named, groups)}")
    if other is None and len(groups) == 2:
        other = groups[1 - groups.index(group)]
    if other is None or other not in groups:
        return pop.versus(group)
    if other == group:
        raise ParameterError(f"group= and other= are both {group!r}; shares are those of one group against another.")
    return pop.select(group, other)


def _check_environments(a: Environment, b: Environment) -> None:
    """Refuse environments that do not put the same people around a person."""
    by_place = isinstance(a, (Flows, Weights))  # their numbers are those of the units
    if type(a) is not type(b) or not (by_place or str(a) == str(b)):
        raise ParameterError(
            f"pop_a is measured in {str(a)!r}, pop_b in {str(b)!r}; a difference between environments is none between "
            "cities. Give both the same: population.within(environment), or population.home()."
        )


def _share(counts: Floats) -> float:
    """Return the share of the first group in all people."""
    total = counts.sum()
    return float(counts[:, 0].sum() / total) if total > 0 else float("nan")


def _warn_about(tables: pd.DataFrame) -> None:
    """Warn, once each, of tables without a value and of people left out."""
    kinds = {
        "undefined": ("Parts without a value", UndefinedIndexWarning),
        "partial": ("People left out", SegregateWarning),
    }
    for status, (what, kind) in kinds.items():
        at = np.flatnonzero(tables["status"] == status)
        if len(at):
            warn(f"{what}. {TABLES[at[0]]}: {tables['message'].iloc[at[0]]}.", kind)


def _notes(tables: pd.DataFrame) -> list[str]:
    """Say what was left out, and where shares were averaged much."""
    notes = [f"{name}: {said}" for name, said in zip(TABLES, tables["message"], strict=True) if said]
    for laid, whole, places, shares in ((1, 3, "a", "b"), (2, 0, "b", "a")):
        before, after = tables["spread"].iloc[[whole, laid]] ** 2
        if after < KEPT * before:
            notes.append(
                f"on the units of {places} the shares of {shares} keep {after / before:.0%} of their variance: "
                f"many people of {places} live in units of one share, or in few units"
            )
    return notes
