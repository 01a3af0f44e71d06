"""School against home: how much of the segregation of schools comes from homes, from zones and from choice."""

from __future__ import annotations

import itertools
import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from .._evaluate import Assessor
from .._profile import view_of
from ..errors import DataError, ParameterError, UnknownNameError, first_of, plural
from ..indices import resolve
from ..population import Population
from ..registry import BoundIndex, IndexLike
from ..results import Result
from ._gap_tables import counterfactuals, nearest_with_room
from ._travel import facilities_of, travel_costs

__all__ = ["Gap", "gap"]

Floats = npt.NDArray[np.float64]
PLAYERS = ("residence", "zones", "choice")


@dataclass(frozen=True, repr=False)
class Gap(Result):
    """The segregation of schools beside that of homes.

    Attributes
    ----------
    schools, homes, zones : float
        The index of schools, of homes, and of schools if every pupil went to the assigned one.
    residence, zoning, choice : float
        Their parts of the index of schools; they sum to it.
    assigned : DataFrame
        Pupils of each group in each school as assigned.
    coalitions : DataFrame
        The eight tables of which the parts are made: residence, zones, choice (whether each is there) and value.
    about : mapping
        index, group, versus and params.
    """

    schools: float
    homes: float
    zones: float
    residence: float
    zoning: float
    choice: float
    assigned: pd.DataFrame
    coalitions: pd.DataFrame
    about: dict[str, str]
    notes: tuple[str, ...] = field(default=())
    picture: ClassVar[str] = "draw_gap"

    @property
    def difference(self) -> float:
        """The index of schools less that of homes."""
        return self.schools - self.homes

    @property
    def table(self) -> pd.DataFrame:
        """Values and parts.

        Returns
        -------
        DataFrame
            part, value (homes, zones, schools; then residence, zone drawing and choice, which sum to schools) and
            of_difference (the parts of schools less homes: residence less homes, zone drawing and choice).
        """
        parts = [self.residence, self.zoning, self.choice]
        names = ["homes", "zones", "schools", "residence", "zone drawing", "choice"]
        difference = [math.nan] * 3 + [self.residence - self.homes, self.zoning, self.choice]
        values = [self.homes, self.zones, self.schools, *parts]
        return pd.DataFrame({"part": names, "value": values, "of_difference": difference})

    def _headline(self) -> str:
        return (
            f"{self.about['index'].replace('_', ' ').capitalize()}: schools {self.schools:.4g}, as assigned "
            f"{self.zones:.4g}, homes {self.homes:.4g}; residence {self.residence:+.4g}, zone drawing "
            f"{self.zoning:+.4g}, choice {self.choice:+.4g}"
        )


def gap(
    schools: Population,
    homes: Population,
    *,
    zones: Hashable | Mapping[Any, Any] | pd.Series[Any] | None = None,
    travel: Any = None,
    index: IndexLike = "information_theory",
    group: str | None = None,
    other: str | None = None,
    capacity: Hashable | float | None = None,
) -> Gap:
    r"""Compare the segregation of schools with that of the homes of pupils, and split it by what makes it.

    Three things make schools as separated as they are: where pupils live, which blocks are put together into the zone
    of a school, and who goes elsewhere. Each is taken away: pupils live evenly; every block is a school of its
    own; everybody goes to the assigned school. The index of the eight tables that these make gives each of the three
    its Shapley value, the mean of what it adds over all orders, and the three sum to the index of schools.

    Parameters
    ----------
    schools : Population
        Pupils where they learn.
    homes : Population
        Pupils (or children) where they live, of the same groups.
    zones : column name, mapping or Series, optional
        The school of each block: a column of ``homes.attributes``, or ids of blocks to ids of schools. Without it
        everybody is assigned to the nearest school with room.
    travel : optional
        Costs from blocks to schools, as in `segregate.access`, where there are no zones.
    index : index, optional
        Any index that gives one number and sees no space.
    group, other : str, optional
        The group, or the pair, where the index is about one.
    capacity : column name or float, optional
        Room of each school, where there are no zones: a column of ``schools.attributes``, or times its pupils; by
        default as many as learn there now, so that there is room for all.

    Returns
    -------
    Gap
        `.table`, `.residence`, `.zoning`, `.choice`, `.difference`, `.assigned`, `.plot()`.

    Raises
    ------
    ParameterError
        For groups that differ, zones and travel together, and an index that sees space.
    UnknownNameError
        For zones of schools that are not there.
    DataError
        For blocks with pupils without a zone, or that no school with room can be reached from.

    Notes
    -----
    What choice does is known by school and group only: the ratio of those who learn there to those assigned, which is
    laid on every block of the zone. Pupils of a group to whom a school is not assigned at all, but who learn there,
    come as a unit of their own. The totals of schools and homes need not agree (private schools, other ages): such
    differences count as choice, and a note says how large they are.

    References
    ----------
    Saporito and Sohoni (2006), Coloring outside the lines: racial segregation in public schools and their attendance
    boundaries, doi:10.1177/003804070607900201; Richards (2014), The gerrymandering of school attendance zones,
    doi:10.3102/0002831214553652; Shapley (1953), A value for n-person games.

    Examples
    --------
    >>> import pandas as pd
    >>> import segregate as sg
    >>> homes = sg.Population.from_frame(
    ...     pd.DataFrame({"a": [9, 1, 5], "b": [1, 9, 5], "zone": ["N", "N", "S"]}, index=["x", "y", "z"]), ["a", "b"])
    >>> schools = sg.Population.from_frame(pd.DataFrame({"a": [10, 5], "b": [10, 5]}, index=["N", "S"]), ["a", "b"])
    >>> found = sg.schools.gap(schools, homes, zones="zone", index="D")
    >>> round(found.homes, 3), round(found.zones, 3), round(found.residence + found.zoning + found.choice, 3)
    (0.533, 0.0, 0.0)
    """
    _check(schools, homes, zones, travel, capacity)
    bound = resolve(index)
    if bound.spec.needs or bound.spec.level == "local":
        raise ParameterError(f"{bound.spec.name} sees where units lie, or each unit; take one such as H, D or V.")
    turned = schools.select(*homes.groups) if schools.groups != homes.groups else schools
    shares, notes = _shares(turned, homes, zones, travel, capacity)
    tables = counterfactuals(homes.counts, shares, turned.counts)
    worth = {players: _value(bound, table, homes.groups, group, other) for players, table in tables.items()}
    residence, zoning, choice = _shapley(worth)
    if abs(turned.size - homes.size) > 1e-9 * homes.size:
        notes.append(
            f"{turned.size:,.6g} pupils learn in the schools and {homes.size:,.6g} live in the blocks; the difference "
            "counts as choice"
        )
    rows = [[*players, value] for players, value in worth.items()]
    about = {"index": bound.spec.name, "group": group or "", "versus": other or "", "params": bound.params}
    return Gap(
        schools=worth[True, True, True],
        homes=worth[True, False, False],
        zones=worth[True, True, False],
        residence=residence,
        zoning=zoning,
        choice=choice,
        assigned=pd.DataFrame(shares.T @ homes.counts, index=turned.ids, columns=list(homes.groups)),
        coalitions=pd.DataFrame(rows, columns=[*PLAYERS, "value"]),
        about=about,
        notes=tuple(notes),
    )


def _check(schools: Any, homes: Any, zones: Any, travel: Any, capacity: Any) -> None:
    for name, pop in (("schools", schools), ("homes", homes)):
        if not isinstance(pop, Population):
            raise ParameterError(f"{name} is a Population, not {type(pop).__name__}.")
    if sorted(schools.groups) != sorted(homes.groups):
        raise ParameterError(
            f"Schools have the groups {first_of(schools.groups, 6)}, homes {first_of(homes.groups, 6)}; choose the "
            "same in both (population.select, merge)."
        )
    if zones is not None and (travel is not None or capacity is not None):
        raise ParameterError("zones= says where everybody is assigned; leave travel= and capacity= out.")


def _shares(schools: Population, homes: Population, zones: Any, travel: Any, capacity: Any) -> tuple[Floats, list[str]]:
    """Return the share of each block that is assigned to each school."""
    if zones is not None:
        return _of_zones(schools, homes, zones), []
    room = schools.totals
    if isinstance(capacity, int | float) and not isinstance(capacity, bool):
        if not (np.isfinite(capacity) and capacity > 0):
            raise ParameterError(f"capacity={capacity!r} times the pupils of a school is no room.")
        room = float(capacity) * room
    elif capacity is not None:
        room = facilities_of(schools).numbers(capacity, "capacity=")
    if capacity is None and homes.size > schools.size:
        room = room * (homes.size / schools.size)
    costs = travel_costs(homes, facilities_of(schools, what="schools"), travel, what="schools").matrix
    found = nearest_with_room(costs, homes.totals, room)
    if found.without > 1e-9 * homes.size:
        raise DataError(
            f"{found.without:,.6g} of {homes.size:,.6g} pupils find no school with room ({room.sum():,.6g} places) "
            "that they can reach; give more room (capacity=1.1, for ten per cent more), or complete travel=."
        )
    return found.shares, ["pupils are assigned to the nearest school with room"]


def _of_zones(schools: Population, homes: Population, zones: Any) -> Floats:
    if isinstance(zones, pd.Series | Mapping):
        named = pd.Series(zones).reindex(homes.ids)
    else:
        if zones not in homes.attributes.columns:
            raise UnknownNameError(
                f"homes have no column {zones!r} (zones=); they have {first_of(homes.attributes, 8)}."
            )
        named = homes.attributes[zones]
    place = schools.ids.get_indexer(pd.Index(named))
    peopled = homes.totals > 0
    absent = named.isna().to_numpy() & peopled
    if absent.any():
        raise DataError(
            f"{plural(int(absent.sum()), 'block')} with pupils without a zone (first: "
            f"{first_of(homes.ids[absent][:4])}); complete zones=, or leave them out (population.subset)."
        )
    unknown = (place < 0) & peopled
    if unknown.any():
        raise UnknownNameError(
            f"{plural(int(unknown.sum()), 'block')} assigned to a school that is not there (first: "
            f"{first_of(list(dict.fromkeys(named.to_numpy()[unknown]))[:4])}); schools are called "
            f"{first_of(schools.ids[:4])}."
        )
    shares = np.zeros((homes.n_units, schools.n_units))
    rows = np.flatnonzero(place >= 0)
    shares[rows, place[rows]] = 1.0
    return shares


def _value(bound: BoundIndex, table: Floats, groups: tuple[str, ...], group: str | None, other: str | None) -> float:
    """Return an index of a table of pupils."""
    pop = Population.from_frame(pd.DataFrame(table, columns=list(groups)), list(groups))
    view, focal, _, _ = view_of(bound, pop, group, other)
    found = bound(Assessor(view.segments), **focal)
    return float(found.values[0])


def _shapley(worth: Mapping[tuple[bool, bool, bool], float]) -> tuple[float, float, float]:
    """Return the mean of what each of three adds, over all orders."""
    added: list[list[float]] = [[], [], []]
    for order in itertools.permutations(range(3)):
        here = [False, False, False]
        for player in order:
            before = worth[here[0], here[1], here[2]]
            here[player] = True
            added[player].append(worth[here[0], here[1], here[2]] - before)
    first, second, third = (math.fsum(parts) / 6 for parts in added)
    return first, second, third
