"""Access to services: who can reach how much of them, by group."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from .._arrays import sealed
from .._checks import check_choice
from .._measure import unit_table
from ..errors import DataError, ParameterError, first_of, plural
from ..population import Population
from ..results import Result
from ._travel import Facilities, facilities_of, travel_costs

__all__ = ["Access", "access"]

Floats = npt.NDArray[np.float64]
METHODS = ("2sfca", "e2sfca", "gravity", "nearest")
EDGE = float(np.exp(-0.5))
"""Weight of a Gaussian at the edge of the catchment, which is taken off so that it ends at 0."""


@dataclass(frozen=True, repr=False)
class Access(Result):
    """Access of each unit and group to services.

    Attributes
    ----------
    rows : DataFrame
        `table`.
    values : Series
        Access of each unit: supply for each person, or the cost of the nearest facility.
    facilities : DataFrame
        supply, demand (weighted people who come) and ratio of each facility.
    population : Population
        Whose access it is.
    method : str
        How it was measured.
    about : mapping
        What was computed, for captions.
    """

    rows: pd.DataFrame
    values: pd.Series[float]
    facilities: pd.DataFrame
    population: Population
    method: str
    about: dict[str, Any]
    notes: tuple[str, ...] = field(default=())
    picture: ClassVar[str] = "draw_access"

    @property
    def table(self) -> pd.DataFrame:
        """A row per group, and one for everybody.

        Returns
        -------
        DataFrame
            group ("" is everybody), people, mean (over the people of the group), gap (to everybody), residence and
            supply (the two parts of the gap), without (share of the group that can reach nothing), low and high (the
            tenth and ninetieth of a hundred members).
        """
        return self.rows.copy()

    @property
    def local(self) -> gpd.GeoDataFrame:
        """The access of each unit, for `segregate.plot.map`."""
        known = {"title": self.about["title"], "index": "access", "params": self.about["params"]}
        return unit_table(self.population, {"value": self.values.to_numpy()}, {**known, "column": "value"})

    @property
    def concentration(self) -> pd.DataFrame:
        """Concentration curves: people from the least access to the most, and which share of each group they hold.

        Returns
        -------
        DataFrame
            A row per step: people (share of everybody up to here), access (largest access up to here), and a column
            for each group with its share. A group whose curve lies above the diagonal has less access than everybody.
        """
        return _concentration(
            self.values.to_numpy(dtype=np.float64), self.population, worse_first=self.method != "nearest"
        )

    def _headline(self) -> str:
        worst = self.rows[self.rows["group"] != ""]
        unit = "cost of the nearest" if self.method == "nearest" else "supply for each person"
        gaps = worst["gap"].to_numpy(dtype=float)
        place = int(np.nanargmax(gaps) if self.method == "nearest" else np.nanargmin(gaps))
        name = worst["group"].iloc[place]
        everybody = self.rows.loc[self.rows["group"] == "", "mean"].item()
        return f"Access ({self.method}, {unit}): {everybody:.4g} on average, worst for {name}"


def access(
    pop: Population,
    facilities: Any,
    travel: Any = None,
    *,
    method: str = "2sfca",
    supply: Hashable | None = None,
    reach: float | None = None,
    scale: float | None = None,
    bands: Sequence[tuple[float, float]] | None = None,
    demand: str | None = None,
    id: Hashable | None = None,  # noqa: A002
) -> Access:
    r"""Measure who can reach how much of a service, by group.

    In the floating catchment methods a facility k shares its supply among the people who can reach it, and a unit adds
    up the shares of all facilities that it reaches:

    .. math:: R_k = \frac{S_k}{\sum_i P_i f(c_{ik})}, \qquad A_i = \sum_k R_k f(c_{ik})

    with supply S, people P, and a weight f of the travel cost c.

    Parameters
    ----------
    pop : Population
        Where people live; with points, or ids that `travel` knows.
    facilities : GeoDataFrame, DataFrame or Population
        One row for each.
    travel : optional
        None: straight lines in metres. A `segregate.Network` or streets: metres along streets. Or a table of costs,
        long (from, to, cost) or wide, or an array of shape (n_units, n_facilities); pairs that are missing cannot be
        reached.
    method : {"2sfca", "e2sfca", "gravity", "nearest"}
        "2sfca": f = 1 up to `reach`. "e2sfca": f falls within `reach` as a Gaussian that is 0 at its edge, or in the
        steps of `bands`. "gravity": f = exp(-c / scale), as far as there is a way. "nearest": the cost of the nearest
        facility, of which less is better.
    supply : column name, optional
        Supply of each facility (seats, doctors, m2); by default 1 for each.
    reach : float, optional
        Largest cost, for the two catchment methods; metres, or as in `travel`.
    scale : float, optional
        Of "gravity".
    bands : list of (cost, weight), optional
        Steps of "e2sfca", rising in cost, falling in weight, such as ``[(10, 1), (20, 0.68), (30, 0.22)]``.
    demand : str, optional
        The group that competes for the supply, children for instance; by default everybody.
    id : column name, optional
        Labels of the facilities; by default the index.

    Returns
    -------
    Access
        `.table` (by group), `.values` (by unit), `.local` for a map, `.concentration`, `.plot()`.

    Raises
    ------
    ParameterError
        For parameters that do not go with the method, or are missing.
    DataError
        When no facility has supply, or nobody can reach any.

    Notes
    -----
    The mean over all people who compete is the supply that anybody reaches divided by them: what the floating
    catchment methods spread is all there is. The gap of a group to everybody is split into two Shapley parts:
    *residence* is what would be there if every facility had the same supply for each person who comes, so that only the
    number and nearness of facilities counts; *supply* is that facilities near the group have more or fewer
    people for what they have. They sum to the gap. For "nearest" all of it is residence.

    References
    ----------
    Luo and Wang (2003), Measures of spatial accessibility to health care in a GIS environment, doi:10.1068/b29120; Luo
    and Qi (2009), An enhanced two-step floating catchment area method, doi:10.1016/j.healthplace.2009.06.002; Dai
    (2010), Black residential segregation, disparities in spatial access to health care facilities, and late-stage
    breast cancer diagnosis in metropolitan Detroit, doi:10.1016/j.healthplace.2010.06.012; Joseph and Bantock (1982),
    Measuring potential physical accessibility to general practitioners in rural areas,
    doi:10.1016/0277-9536(82)90428-2.

    Examples
    --------
    >>> import pandas as pd
    >>> import segregate as sg
    >>> pop = sg.Population.from_frame(pd.DataFrame({"a": [90, 10], "b": [10, 90]}, index=["west", "east"]), ["a", "b"])
    >>> clinics = pd.DataFrame({"doctors": [4, 1]}, index=["C1", "C2"])
    >>> minutes = pd.DataFrame({"C1": [5, 40], "C2": [15, 8]}, index=["west", "east"])
    >>> found = sg.access(pop, clinics, minutes, supply="doctors", reach=30)
    >>> found.table[["group", "mean", "gap"]].round(4)
      group   mean    gap
    0     a  0.041  0.016
    1     b  0.009 -0.016
    2        0.025  0.000
    """
    if not isinstance(pop, Population):
        raise ParameterError(f"access takes a Population, not {type(pop).__name__}.")
    check_choice("method", method, METHODS)
    falls = _weight_of(method, reach, scale, bands)
    there = facilities_of(facilities, id=id)
    offered = np.ones(len(there)) if supply is None else there.numbers(supply, "supply=")
    if not (offered > 0).any():
        raise DataError(f"No facility has any supply in {supply!r}.")
    coming = _demand(pop, demand)
    costs = travel_costs(pop, there, travel)
    params = {"method": method, "reach": reach, "scale": scale, "bands": bands, "demand": demand, "supply": supply}
    title = "Cost of the nearest facility" if method == "nearest" else "Access"
    about = {"title": title, "unit": costs.unit, "params": {k: v for k, v in params.items() if v is not None}}
    if falls is None:
        return _nearest(pop, there, costs.matrix, offered, about)
    return _catchments(pop, there, falls(costs.matrix), offered, coming, method, about)


def _weight_of(
    method: str, reach: float | None, scale: float | None, bands: Sequence[tuple[float, float]] | None
) -> Callable[[Floats], Floats] | None:
    """Return f, of an array of costs; None for the nearest."""
    given = {"reach": reach, "scale": scale, "bands": bands}
    wanted = {"2sfca": {"reach"}, "e2sfca": {"reach", "bands"}, "gravity": {"scale"}, "nearest": set()}[method]
    extra = [name for name, value in given.items() if value is not None and name not in wanted]
    if extra:
        raise ParameterError(f"{' and '.join(f'{name}=' for name in extra)} does not go with method={method!r}.")
    if method == "nearest":
        return None
    if method == "e2sfca" and bands is not None:
        if reach is not None:
            raise ParameterError("bands= ends at its last step; leave reach= out.")
        return _stepped(bands)
    name, value = ("scale", scale) if method == "gravity" else ("reach", reach)
    if value is None:
        raise ParameterError(f"method={method!r} needs {name}=, in metres, or in the unit of travel=.")
    if not (np.isfinite(value) and value > 0):
        raise ParameterError(f"{name}={value!r} is a cost above 0.")
    size = float(value)
    if method == "gravity":
        return lambda costs: np.exp(-costs / size)
    if method == "2sfca":
        return lambda costs: (costs <= size).astype(np.float64)
    return lambda costs: np.where(costs <= size, (np.exp(-0.5 * (costs / size) ** 2) - EDGE) / (1 - EDGE), 0.0)


def _stepped(bands: Sequence[tuple[float, float]]) -> Callable[[Floats], Floats]:
    try:
        steps = np.array([(float(limit), float(weight)) for limit, weight in bands])
    except (TypeError, ValueError) as error:
        raise ParameterError(f"bands= is a list of (cost, weight), not {bands!r}.") from error
    fine = len(steps) and np.isfinite(steps).all() and (steps >= 0).all() and (steps[:, 1] > 0).all()
    if not fine or (np.diff(steps[:, 0]) <= 0).any() or (np.diff(steps[:, 1]) > 0).any():
        raise ParameterError(f"bands= rises in cost and falls in weight, above 0; got {list(bands)!r}.")

    def weights(costs: Floats) -> Floats:
        place = np.searchsorted(steps[:, 0], costs, side="left")
        return np.append(steps[:, 1], 0.0)[place]

    return weights


def _demand(pop: Population, demand: str | None) -> Floats:
    if demand is None:
        return pop.totals
    return pop.versus(demand).counts[:, 0]


def _nearest(pop: Population, there: Facilities, costs: Floats, offered: Floats, about: dict[str, Any]) -> Access:
    """Return the cost of the nearest facility with supply."""
    value = costs[:, offered > 0].min(axis=1)
    value = np.where(np.isfinite(value), value, np.nan)
    people = pop.totals
    lost = np.isnan(value) & (people > 0)
    if lost.sum() == (people > 0).sum():
        raise DataError("Nobody can reach any facility: no pair of a unit and a facility has a cost.")
    notes = [_cut_off(pop, lost, "have no way to any facility and are left out of the means")] if lost.any() else []
    known = np.where(np.isnan(value), 0.0, value)
    counted = pop.counts * (~np.isnan(value))[:, None]
    rows = _rows(pop, value, known, counted, residence=None)
    table = pd.DataFrame({"supply": offered}, index=there.ids)
    values = pd.Series(sealed(value), index=pop.ids, name="access")
    return Access(rows, values, table, pop, "nearest", about, tuple(notes))


def _catchments(
    pop: Population,
    there: Facilities,
    weights: Floats,
    offered: Floats,
    coming: Floats,
    method: str,
    about: dict[str, Any],
) -> Access:
    """Return what each unit gets of the supply of all facilities."""
    demand = coming @ weights
    if not (demand[offered > 0] > 0).any():
        raise DataError(
            "Nobody can reach any facility: take a larger reach=, and look whether it has the unit of travel= "
            "(metres where it is left out)."
        )
    idle = (demand <= 0) & (offered > 0)
    ratio = np.divide(offered, demand, out=np.zeros(len(offered)), where=demand > 0)
    value = weights @ ratio
    notes = []
    if idle.any():
        notes.append(
            f"{plural(int(idle.sum()), 'facility', 'facilities')} that nobody reaches (first: "
            f"{first_of(there.ids[idle][:4])}), with {offered[idle].sum():,.6g} of {offered.sum():,.6g} of the supply"
        )
    nothing = (value <= 0) & (pop.totals > 0)
    if nothing.any():
        notes.append(_cut_off(pop, nothing, "reach no facility; their access is 0"))
    even = offered[demand > 0].sum() / demand.sum()
    rows = _rows(pop, value, value, pop.counts, residence=weights[:, demand > 0].sum(axis=1) * even)
    table = pd.DataFrame({"supply": offered, "demand": demand, "ratio": ratio}, index=there.ids)
    table.loc[demand <= 0, "ratio"] = np.nan
    values = pd.Series(sealed(value), index=pop.ids, name="access")
    return Access(rows, values, table, pop, method, about, tuple(notes))


def _cut_off(pop: Population, where: npt.NDArray[np.bool_], what: str) -> str:
    people = pop.totals[where].sum()
    return (
        f"{people:,.6g} of {pop.size:,.6g} people in {plural(int(where.sum()), 'unit')} (first: "
        f"{first_of(pop.ids[where][:4])}) {what}"
    )


def _rows(pop: Population, value: Floats, known: Floats, counted: Floats, *, residence: Floats | None) -> pd.DataFrame:
    """Return the table by group; `residence` is the access with the same supply for everybody who comes."""
    columns = [*counted.T, counted.sum(axis=1)]
    whole = [*pop.counts.T, pop.totals]

    def means(of: Floats) -> Floats:
        return np.array([(one @ of) / one.sum() if one.sum() > 0 else np.nan for one in columns])

    mean = means(known)
    gap = mean - mean[-1]
    found = pd.DataFrame({"group": [*pop.groups, ""], "people": [one.sum() for one in whole], "mean": mean, "gap": gap})
    if residence is None:
        found["residence"], found["supply"] = gap, np.where(np.isnan(gap), np.nan, 0.0)
    else:
        level = means(residence)
        alone = level - level[-1]
        found["residence"], found["supply"] = (gap + alone) / 2, (gap - alone) / 2
    nothing = np.isnan(value) | (value <= 0) if residence is not None else np.isnan(value)
    found["without"] = [one[nothing].sum() / one.sum() if one.sum() > 0 else np.nan for one in whole]
    ends = [_quantiles(known, one) for one in columns]
    found["low"], found["high"] = (np.array(column) for column in zip(*ends, strict=True))
    return found


def _quantiles(values: Floats, people: Floats) -> tuple[float, float]:
    """Return the values below which a tenth, and nine tenths, of people lie."""
    if not people.sum() > 0:
        return float("nan"), float("nan")
    order = np.argsort(values, kind="stable")
    up_to = np.cumsum(people[order]) / people.sum()
    low, high = (float(values[order][np.searchsorted(up_to, share - 1e-12)]) for share in (0.1, 0.9))
    return low, high


def _concentration(values: npt.NDArray[Any], pop: Population, *, worse_first: bool) -> pd.DataFrame:
    """Return cumulated shares of groups, from the least access to the most."""
    known = ~np.isnan(values)
    level = values[known] if worse_first else -values[known]
    counts = pop.counts[known]
    order = np.argsort(level, kind="stable")
    ends = np.flatnonzero(np.r_[np.diff(level[order]) > 0, True])
    added = np.cumsum(counts[order], axis=0)[ends]
    sizes = counts.sum(axis=0)
    everybody = added.sum(axis=1)
    table = {"people": np.r_[0.0, everybody / everybody[-1]], "access": np.r_[np.nan, values[known][order][ends]]}
    for m, name in enumerate(pop.groups):
        table[name] = np.r_[0.0, added[:, m] / sizes[m]] if sizes[m] > 0 else np.full(len(ends) + 1, np.nan)
    return pd.DataFrame(table)
