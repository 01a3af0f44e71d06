"""What a plan would change: new homes, a new school, people who move, a school that closes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from .._arrays import sealed
from .._checks import check_choice, read_numbers
from .._measure import local as local_values
from .._measure import measure, unit_table, wanted
from ..environment import Flows, Weights
from ..errors import DataError, GeometryError, ParameterError, UnknownNameError, first_of, nearest, plural
from ..indices import resolve
from ..population import REST, Population
from ..registry import IndexLike
from ..results import Result
from ._influence import influence_of

__all__ = ["WhatIf", "what_if"]

Floats = npt.NDArray[np.float64]
KEYS = ["index", "symbol", "family", "group", "versus", "environment", "params"]


@dataclass(frozen=True, repr=False)
class WhatIf(Result):
    """Segregation before and after a plan.

    Attributes
    ----------
    rows : DataFrame
        `table`.
    before, after : Population
        The two populations.
    units : DataFrame
        Units whose people change: people before and after, and the change of each group.
    """

    rows: pd.DataFrame
    before: Population
    after: Population
    units: pd.DataFrame
    notes: tuple[str, ...] = field(default=())
    picture: ClassVar[str] = "draw_what_if"

    @property
    def table(self) -> pd.DataFrame:
        """A row per index and group.

        Returns
        -------
        DataFrame
            The keys of `segregate.measure`, before, after, change, influence (the change that the derivative of the
            index foretells, for plans that are small; NaN where it is not known) and message.
        """
        return self.rows.copy()

    def local(self, index: IndexLike = "divergence", *, group: str | None = None) -> gpd.GeoDataFrame:
        """Return a local index in every unit: before, after and change, for `segregate.plot.map`.

        Parameters
        ----------
        index : index
            A local index, or one with local values.
        group : str, optional
            Where it is about one.
        """
        later = local_values(self.after, index, group=group)
        earlier = local_values(self.before, index, group=group)
        name = later.columns[0]
        first = earlier.set_index(name)["value"].reindex(later[name]).to_numpy(dtype=float)
        values = {"before": first, "after": later["value"].to_numpy(dtype=float)}
        values["change"] = values["after"] - values["before"]
        about = dict(later.attrs["segregate"]) | {"column": "change", "center": 0.0, "bounds": [None, None]}
        about["title"] = f"Change of {about['title'].lower()}"
        return unit_table(self.after, values, about)

    def _headline(self) -> str:
        moved = self.after.size - self.before.size
        people = f"{moved:+,.6g} people" if abs(moved) > 1e-9 * self.before.size else "as many people"
        return (
            f"What if: {plural(len(self.units), 'unit')} changed, {people}; {plural(len(self.rows), 'value')} compared"
        )


def what_if(
    pop: Population,
    *,
    add: Any = None,
    move: pd.DataFrame | Iterable[Mapping[str, Any]] | None = None,
    close: Any = None,
    to: Any = None,
    indices: IndexLike | Iterable[IndexLike] | None = None,
    versus: str = "rest",
) -> WhatIf:
    """Say what a plan would change: of every index, and in every unit.

    Parameters
    ----------
    pop : Population
        As it is. Its environment is kept, and computed again for the plan.
    add : DataFrame, GeoDataFrame or mapping, optional
        People who come: ``{"tract 7": {"white": 40, "black": 20}}``, or a table with the units as index and the groups
        as columns. Units that are not there yet are new ones; where the population has geometry they need it too,
        a GeoDataFrame. 300 flats of a given mix are 300 times the people of a flat.
    move : DataFrame or list of mappings, optional
        People who move: ``{"from": "tract 7", "to": "tract 9", "black": 25}``, or a table with these columns.
    close : unit or list of units, optional
        Units that are closed: their people leave, or go where `to` says. The units stay, empty.
    to : {"nearest"}, unit or mapping, optional
        Where the people of closed units go: to the nearest unit that is open, to one unit, or from each closed unit to
        one (``{"school 3": "school 5"}``) or to several by shares
        (``{"school 3": {"school 5": 0.6, "school 8": 0.4}}``).
    indices : index or list of indices, optional
        As in `segregate.measure`; by default all that the data allow before and after.
    versus : {"rest", "pairs"}, optional
        As in `segregate.measure`.

    Returns
    -------
    WhatIf
        `.table` (before, after, change), `.local(index)` for a map of the change, `.units`, `.after` (the
        population of the plan, for anything else), `.plot()`.

    Raises
    ------
    ParameterError
        Without a plan, and for parts of it that contradict each other.
    UnknownNameError
        For units and groups that are not there.
    DataError
        For numbers of people that are negative or none, and where more people leave a unit than live there.

    Notes
    -----
    Nothing else changes: nobody answers to the plan by moving. `influence` is the sum of people times the derivative of
    the index, at home, where it is known (dissimilarity of a group, mutual information, information theory,
    isolation, exposure, correlation ratio); change and influence agree for small plans, and their difference says
    how far a plan is from small.

    References
    ----------
    Hampel (1974), The influence curve and its role in robust estimation, doi:10.1080/01621459.1974.10482962.

    Examples
    --------
    >>> import segregate as sg
    >>> schools = sg.sample("schools")
    >>> first, second = schools.ids[:2]
    >>> plan = sg.what_if(schools, move=[{"from": first, "to": second, "black": 2}], indices=["H", "D"])
    >>> plan.table[["index", "group", "change"]].head(1)["index"].item()
    'information_theory'
    """
    if not isinstance(pop, Population):
        raise ParameterError(f"what_if takes a Population, not {type(pop).__name__}.")
    if add is None and move is None and close is None:
        raise ParameterError("A plan has add=, move= or close=, or several of them.")
    if to is not None and close is None:
        raise ParameterError("to= says where the people of closed units go; name them: close=[...].")
    home, notes = pop.home(), []
    if pop.uncertainty is not None or pop.disclosure is not None:
        notes.append("margins of error and suppressed cells are not carried into the plan")
    change = pd.DataFrame(0.0, index=home.ids, columns=list(home.groups))
    coming, geometry = _added(home, add)
    change = change.add(coming, fill_value=0.0).reindex([*home.ids, *coming.index.difference(home.ids, sort=False)])
    if move is not None:
        _move(home, change, move)
    if close is not None:
        _close(home, change, close, to)
    after = _after(home, change, geometry)
    _check_left(after, change)
    if not pop.at_home:
        if isinstance(pop.environment, Flows | Weights) and after.n_units != pop.n_units:
            raise ParameterError(
                f"The environment ({pop.environment}) is a table of the units there are, and the plan has new ones; "
                "take the population within one that can be computed for them, or at home."
            )
        after = after.within(pop.environment)
    rows = _compared(pop, after, change.loc[home.ids].to_numpy(), indices, versus, new=after.n_units > home.n_units)
    moved = change[(change != 0).any(axis=1)]
    people = pd.Series(home.totals, index=home.ids).reindex(moved.index, fill_value=0.0)
    units = pd.DataFrame({"before": people, "after": people + moved.sum(axis=1)}).join(moved)
    return WhatIf(rows, pop, after, units, tuple(notes))


def _people(table: pd.DataFrame, groups: tuple[str, ...], what: str) -> pd.DataFrame:
    """Return numbers of people by group; groups that are not named are nobody."""
    unknown = [str(name) for name in table.columns if name not in groups]
    if unknown:
        raise UnknownNameError(f"{what} names {first_of(unknown)}, which is no group. {nearest(unknown[0], groups)}")
    found = pd.DataFrame(0.0, index=table.index, columns=list(groups))
    for name in table.columns:
        values = read_numbers(table[name], table.index)
        values = np.where(np.isnan(values), 0.0, values)
        if not (np.isfinite(values) & (values >= 0)).all():
            raise DataError(f"{what} has numbers of {name!r} that are not 0 or more.")
        found[name] = values
    return found


def _added(home: Population, add: Any) -> tuple[pd.DataFrame, gpd.GeoSeries | None]:
    """Return who comes to each unit, and where new units are."""
    if add is None:
        return pd.DataFrame(columns=list(home.groups), dtype=float), None
    if isinstance(add, Mapping):
        add = pd.DataFrame.from_dict({unit: dict(people) for unit, people in add.items()}, orient="index")
    if not isinstance(add, pd.DataFrame) or not len(add):
        raise ParameterError("add= is a table of people by unit, or {'unit': {'group': 40}}.")
    if not add.index.is_unique:
        raise DataError(f"add= names units twice (first: {first_of(add.index[add.index.duplicated()][:3])}).")
    geometry = add.geometry if isinstance(add, gpd.GeoDataFrame) and add.active_geometry_name else None
    table = pd.DataFrame(add.drop(columns=[] if geometry is None else geometry.name))
    new = add.index.difference(home.ids, sort=False)
    if len(new) and home._geometry is not None:
        if geometry is None:
            raise GeometryError(
                f"{plural(len(new), 'new unit')} (first: {first_of(new[:3])}) without a place; give add= as a "
                "GeoDataFrame, or name units that are there."
            )
        if geometry.crs is None or home._geometry.crs is None:
            raise GeometryError("The new units, or the population, have no coordinate reference system.")
        geometry = geometry.loc[new].to_crs(home._geometry.crs)
    return _people(table, home.groups, "add="), geometry if len(new) and home._geometry is not None else None


def _move(home: Population, change: pd.DataFrame, move: Any) -> None:
    """Let people move, into `change`."""
    table = move if isinstance(move, pd.DataFrame) else pd.DataFrame(list(move))
    if not {"from", "to"} <= {*table.columns} or not len(table):
        raise ParameterError("move= is a list of {'from': unit, 'to': unit, 'group': people}, or a table like it.")
    people = _people(table.drop(columns=["from", "to"]), home.groups, "move=").to_numpy()
    for k, (start, goal) in enumerate(zip(table["from"], table["to"], strict=True)):
        for unit, word in ((start, "from"), (goal, "to")):
            if unit not in change.index:
                raise UnknownNameError(f"move= goes {word} {unit!r}, which is no unit. {nearest(str(unit), home.ids)}")
        change.loc[start] -= people[k]
        change.loc[goal] += people[k]


def _close(home: Population, change: pd.DataFrame, close: Any, to: Any) -> None:
    """Empty units, and put their people where they go."""
    listed = [close] if isinstance(close, str) or not isinstance(close, Iterable) else list(close)
    unknown = [unit for unit in listed if unit not in home.ids]
    if unknown:
        raise UnknownNameError(
            f"close= names {first_of(unknown)}, which is no unit. {nearest(str(unknown[0]), home.ids)}"
        )
    shares = _goals(home, listed, to)
    here = pd.DataFrame(home.counts, index=home.ids, columns=list(home.groups)).loc[listed]
    leaving = here + change.loc[listed]
    change.loc[listed] = -here
    for unit, goals in shares.items():
        for goal, share in goals.items():
            change.loc[goal] += share * leaving.loc[unit]


def _goals(home: Population, closed: list[Any], to: Any) -> dict[Any, dict[Any, float]]:
    """Return where the people of each closed unit go, by shares."""
    if to is None:
        return {}
    if isinstance(to, str) and to == "nearest":
        open_ = np.flatnonzero(~home.ids.isin(closed))
        if not len(open_):
            raise ParameterError("All units are closed; nobody can go to the nearest.")
        found = {}
        for unit in closed:
            gaps = home.points[open_] - home.points[home.ids.get_loc(unit)]
            found[unit] = {home.ids[open_[int(np.argmin(np.hypot(*gaps.T)))]]: 1.0}
        return found
    goals: dict[Any, Any] = dict(to) if isinstance(to, Mapping) else dict.fromkeys(closed, to)
    named = {unit: goal if isinstance(goal, Mapping) else {goal: 1.0} for unit, goal in goals.items()}
    for unit, shares in named.items():
        if unit not in closed:
            raise ParameterError(f"to= names {unit!r}, which is not closed.")
        for goal, share in shares.items():
            if goal not in home.ids:
                raise UnknownNameError(
                    f"to= sends people to {goal!r}, which is no unit. {nearest(str(goal), home.ids)}"
                )
            if goal in closed:
                raise ParameterError(f"to= sends people to {goal!r}, which is closed itself.")
            if not 0 <= float(share) <= 1:
                raise ParameterError(f"to= sends a share of {share!r} of {unit!r}; shares lie between 0 and 1.")
        if abs(sum(map(float, shares.values())) - 1) > 1e-9:
            raise ParameterError(f"to= sends {sum(shares.values()):g} of the people of {unit!r}; shares sum to 1.")
    return {unit: {goal: float(share) for goal, share in shares.items()} for unit, shares in named.items()}


def _after(home: Population, change: pd.DataFrame, geometry: gpd.GeoSeries | None) -> Population:
    """Return the population of the plan, at home."""
    counts = change.to_numpy() + np.vstack([home.counts, np.zeros((len(change) - home.n_units, home.n_groups))])
    slack = 1e-9 * np.maximum(1.0, np.abs(counts))
    counts = np.where((counts < 0) & (counts > -slack), 0.0, counts)
    kept: dict[str, Any] = {"counts": sealed(counts), "uncertainty": None, "disclosure": None}
    if len(change) == home.n_units:
        return home._share_places(replace(home, **kept))
    if home._area is not None or isinstance(home._points, gpd.GeoSeries):
        raise ParameterError(
            "The population has areas or points of its own, which the new units lack; add people to units that are "
            "there, or build the population without area= and points=."
        )
    kept["ids"] = pd.Index(change.index, name=home.ids.name)
    kept["_attributes"] = home._attributes.reindex(change.index)
    if home._geometry is not None:
        assert geometry is not None
        joined = pd.concat([home._geometry, geometry.rename(home._geometry.name)])
        kept["_geometry"] = gpd.GeoSeries(joined.loc[change.index], crs=home._geometry.crs)
    return replace(home, **kept)


def _check_left(after: Population, change: pd.DataFrame) -> None:
    short = after.counts < 0
    if short.any():
        rows = np.flatnonzero(short.any(axis=1))
        row, group = rows[0], int(np.flatnonzero(short[rows[0]])[0])
        raise DataError(
            f"More people leave than live there in {plural(len(rows), 'unit')} (first: {change.index[row]!r}, "
            f"{-change.iloc[row, group]:,.6g} of {after.groups[group]!r} leave, "
            f"{after.counts[row, group] - change.iloc[row, group]:,.6g} live there)."
        )


def _compared(
    before: Population, after: Population, change: Floats, indices: Any, versus: str, *, new: bool
) -> pd.DataFrame:
    """Return the values before and after."""
    check_choice("versus", versus, ("rest", "pairs"))
    asked = wanted(indices, before, before.segments)
    earlier, later = (measure(one, asked, versus=versus) for one in (before, after))
    rows = earlier[KEYS].copy()
    rows["before"], rows["after"] = earlier["value"], later["value"]
    rows["change"] = rows["after"] - rows["before"]
    rows["influence"] = np.nan
    if before.at_home and not new:
        rows["influence"] = [
            _foretold(before, change, *row) if np.isfinite(value) else float("nan")
            for *row, value in rows[["index", "group", "versus", "params", "before"]].to_numpy().tolist()
        ]
    rows["message"] = later["message"].where(later["message"] != "", earlier["message"])
    rows.attrs = later.attrs
    return rows


def _foretold(pop: Population, change: Floats, name: str, group: str, versus: str, params: str) -> float:
    """Return the change that the derivative of an index foretells; NaN where it is not known."""
    if params != "{}":
        return float("nan")
    groups = pop.groups
    own = groups.index(group) if group in groups else None
    other = groups.index(versus) if versus in groups and versus != REST else None
    spec = resolve(name).spec
    counts, moved = pop.counts, change
    if spec.by_group and own is not None and other is None and len(groups) > 2:  # against everybody else
        counts = np.column_stack([counts[:, own], counts.sum(axis=1) - counts[:, own]])
        moved = np.column_stack([moved[:, own], moved.sum(axis=1) - moved[:, own]])
        own, other = 0, 1
    elif spec.by_group and own is not None and other is not None and spec.focal != "pair":
        counts, moved = counts[:, [own, other]], moved[:, [own, other]]
        own, other = 0, 1
    if name == "dissimilarity" and own is None:
        if len(groups) != 2:
            return float("nan")
        own, other = 0, 1
    slope = influence_of(name, counts, own, other)
    if slope is None:
        return float("nan")
    touched = moved != 0
    return float((slope[touched] * moved[touched]).sum())
