"""Whom people meet at home, at work, at school and in public space, side by side."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from .._measure import measure
from ..environment import Environment, Flows
from ..errors import DataError, ParameterError, first_of, plural
from ..indices import resolve
from ..population import Population
from ..registry import IndexLike
from ..results import Result
from ._travel import facilities_of, travel_costs

__all__ = ["Meeting", "huff", "meeting"]

Floats = npt.NDArray[np.float64]
HOME = "home"


def huff(
    pop: Population,
    places: Any,
    travel: Any = None,
    *,
    scale: float,
    attraction: Hashable | None = None,
    exponent: float = 1.0,
    id: Hashable | None = None,  # noqa: A002
) -> Flows:
    r"""Say where people go by the model of Huff: to attractive places, and to near ones.

    .. math:: F_{ik} = \frac{a_k^\alpha e^{-c_{ik} / s}}{\sum_l a_l^\alpha e^{-c_{il} / s}}

    Parameters
    ----------
    pop : Population
        Where people live.
    places : GeoDataFrame, DataFrame or Population
        Squares, parks, shops, workplaces: one row for each.
    travel : optional
        Costs, as in `segregate.access`: straight lines, along streets, or a table.
    scale : float
        s, the cost over which the chance of going falls to 1/e; metres, or as in `travel`. Infinite: distance does not
        matter, and every place holds a mixture of the whole city. 0: everybody goes to the nearest place (those
        that are equally near share people by their attraction).
    attraction : column name, optional
        a of each place (visitors, m2, jobs); by default all are alike.
    exponent : float, optional
        alpha, of attraction.
    id : column name, optional
        Labels of the places.

    Returns
    -------
    Flows
        An environment for ``pop.within``; its places are the columns.

    Raises
    ------
    ParameterError
        For a scale or exponent that is none.
    DataError
        Where no place attracts anybody, or people cannot reach any.

    References
    ----------
    Huff (1963), A probabilistic analysis of shopping center trade areas, Land Economics 39, 81-90, doi:10.2307/3144521.

    Examples
    --------
    >>> import pandas as pd
    >>> import segregate as sg
    >>> pop = sg.Population.from_frame(pd.DataFrame({"a": [90, 10], "b": [10, 90]}, index=["west", "east"]), ["a", "b"])
    >>> squares = pd.DataFrame({"visitors": [1, 1]}, index=["old", "new"])
    >>> minutes = pd.DataFrame({"old": [5, 20], "new": [20, 5]}, index=["west", "east"])
    >>> near = pop.within(sg.schools.huff(pop, squares, minutes, scale=10, attraction="visitors"))
    >>> round(sg.exposure(pop, group="a", other="b"), 3), round(sg.exposure(near, group="a", other="b"), 3)
    (0.18, 0.371)
    """
    if not isinstance(pop, Population):
        raise ParameterError(f"huff takes a Population, not {type(pop).__name__}.")
    if not (isinstance(scale, int | float) and not isinstance(scale, bool) and scale >= 0):
        raise ParameterError(
            f"scale={scale!r} is a cost, 0 or more; infinite (float('inf')) where distance is no matter."
        )
    if not (np.isfinite(exponent) and exponent >= 0):
        raise ParameterError(f"exponent={exponent!r} is a number, 0 or more.")
    there = facilities_of(places, id=id, what="places")
    pull = np.ones(len(there)) if attraction is None else there.numbers(attraction, "attraction=")
    pull = pull**exponent if attraction is not None else pull
    if not (pull > 0).any():
        raise DataError(f"No place attracts anybody: {attraction!r} is 0 everywhere.")
    costs = travel_costs(pop, there, travel, what="places").matrix
    costs = np.where(pull > 0, costs, np.inf)
    nearest = costs.min(axis=1)
    lost = ~np.isfinite(nearest) & (pop.totals > 0)
    if lost.any():
        raise DataError(
            f"{plural(int(lost.sum()), 'unit')} with {pop.totals[lost].sum():,.6g} people cannot reach any place "
            f"(first: {first_of(pop.ids[lost][:4])}); leave them out (population.subset), or complete travel=."
        )
    with np.errstate(invalid="ignore"):  # units that nobody lives in may reach nothing
        beyond = costs - nearest[:, None]
    if scale == 0:
        weight = (beyond <= 1e-9 * np.maximum(1.0, nearest[:, None])).astype(np.float64)
    elif np.isinf(scale):
        weight = np.isfinite(costs).astype(np.float64)
    else:
        weight = np.exp(-beyond / scale)
    weight = np.where(np.isfinite(costs), weight, 0.0) * pull
    sums = weight.sum(axis=1, keepdims=True)
    shares = np.divide(weight, sums, out=np.zeros_like(weight), where=sums > 0)
    return Flows(pd.DataFrame(shares, index=pop.ids, columns=there.ids))


@dataclass(frozen=True, repr=False)
class Meeting(Result):
    """An index in several settings of life.

    Attributes
    ----------
    rows : DataFrame
        `table`.
    about : mapping
        What was measured.
    """

    rows: pd.DataFrame
    about: dict[str, Any]
    notes: tuple[str, ...] = field(default=())
    picture: ClassVar[str] = "draw_meeting"

    @property
    def table(self) -> pd.DataFrame:
        """A row per setting and group, or pair of groups.

        Returns
        -------
        DataFrame
            setting, the columns of `segregate.measure`, home (the value where people live), difference (value less
            home) and mixing (the value if everybody met the whole city).
        """
        return self.rows.copy()

    def _headline(self) -> str:
        settings = list(dict.fromkeys(self.rows["setting"]))
        return f"{self.about['index']} in {plural(len(settings), 'setting')}: {', '.join(settings)}"


def meeting(
    pop: Population, settings: Mapping[str, Environment], index: IndexLike = "exposure", *, versus: str = "pairs"
) -> Meeting:
    """Measure whom people meet in several settings of life.

    Parameters
    ----------
    pop : Population
        Where people live; its environment is left aside.
    settings : mapping of name to environment
        ``{"work": sg.Flows(commuters), "school": sg.Flows(pupils), "squares": sg.schools.huff(...)}``, or kernels and
        networks for the neighbourhood. Home is always there, as "home".
    index : index, optional
        Exposure of each group to each, or any other that knows environments.
    versus : {"pairs", "rest"}, optional
        As in `segregate.measure`.

    Returns
    -------
    Meeting
        `.table` and `.plot()`.

    Raises
    ------
    ParameterError
        For settings that are no environments, and for an index that has a meaning only at home.

    Notes
    -----
    All people of a unit go to the same places; that groups of one unit go to different ones is not seen, so that
    meeting is overestimated where they do. If distance is no matter, every setting gives "mixing", the value for a city
    in which everybody meets everybody alike; if everybody stays where they live, it gives "home".

    References
    ----------
    Kwan (2013), Beyond space (as we knew it): toward temporally integrated geographies of segregation, health, and
    accessibility, doi:10.1080/00045608.2013.792177; Ellis, Wright and Parks (2004), Work together, live apart?,
    doi:10.1111/j.1467-8306.2004.00417.x.

    Examples
    --------
    >>> import numpy as np
    >>> import segregate as sg
    >>> schools = sg.sample("schools")
    >>> found = sg.meeting(schools, {"everywhere": sg.Flows(np.ones((40, 3)))}, "H")
    >>> found.table[["setting", "value"]].round(4)
          setting   value
    0        home  0.1406
    1  everywhere  0.0000
    """
    if not isinstance(pop, Population):
        raise ParameterError(f"meeting takes a Population, not {type(pop).__name__}.")
    if not isinstance(settings, Mapping) or not settings:
        raise ParameterError("settings= is a mapping of names to environments: {'work': sg.Flows(table)}.")
    if HOME in settings:
        raise ParameterError("home is always there; give the other settings other names.")
    wrong = [name for name, one in settings.items() if not callable(getattr(one, "on", None)) or isinstance(one, type)]
    if wrong:
        raise ParameterError(f"{first_of(wrong)} is no environment such as sg.Flows(table) or sg.Kernel(1000).")
    bound = resolve(index)
    if not bound.spec.environment:
        raise ParameterError(f"{bound.spec.name} has a meaning only at home; take an index that sees whom people meet.")
    home = pop.home()
    everywhere = home.within(Flows(np.ones((pop.n_units, 1))))
    tables = {HOME: home} | {str(name): home.within(one) for name, one in settings.items()}
    first = measure(home, bound, versus=versus)["value"].to_numpy()
    mixed = measure(everywhere, bound, versus=versus)["value"].to_numpy()
    found = []
    for name, near in tables.items():
        table = measure(near, bound, versus=versus)
        table.insert(0, "setting", name)
        table["home"], table["difference"], table["mixing"] = first, table["value"] - first, mixed
        found.append(table)
    rows = pd.concat(found, ignore_index=True)
    rows.attrs = found[0].attrs
    return Meeting(rows, {"index": bound.spec.title, "groups": list(pop.groups), "source": pop.source})
