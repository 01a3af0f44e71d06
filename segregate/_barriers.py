"""What streets keep apart: segregation along the streets beside segregation as the crow flies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, cast

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.special

from ._evaluate import Assessor
from ._measure import unit_table
from ._profile import view_of
from .environment import Kernel, Network
from .environment.kernel import Shape
from .environment.network import Join
from .errors import ParameterError, plural
from .indices import resolve
from .population import Population
from .registry import BoundIndex, IndexLike
from .results import Result

__all__ = ["Barriers", "barriers"]

Floats = npt.NDArray[np.float64]
GRAVITY = {"ok": 0, "partial": 1, "undefined": 2}
"""How bad a status is."""


@dataclass(frozen=True, eq=False, repr=False)
class Barriers(Result):
    """Segregation along the streets beside that as the crow flies; `barriers` makes it.

    Attributes
    ----------
    rows : DataFrame
        What `table` shows.
    local : GeoDataFrame
        A row per unit: its id; ``cut_off``, the share of the people met as the crow flies, weighted by the kernel, who
        are not met along the streets; ``divergence`` (nats) of the composition along the streets from that as the crow
        flies; ``snap``, metres to the nearest street; and the geometry. NaN for units without people.
    radius : float
        In metres.
    shape : str
        The kernel.
    notes : tuple of str
        How many units no street reaches.
    """

    rows: pd.DataFrame
    local: gpd.GeoDataFrame
    radius: float
    shape: str
    notes: tuple[str, ...] = ()
    picture: ClassVar[str] = "draw_barriers"

    @property
    def table(self) -> pd.DataFrame:
        """The indices measured both ways.

        Returns
        -------
        DataFrame
            A row per index: index, symbol, group, versus, params, straight (the index when people meet those within
            the radius as the crow flies), streets (when they meet those within it along the streets), difference
            (streets minus straight), status and message.
        """
        return self.rows.copy()

    def _headline(self) -> str:
        first = self.rows.iloc[0]
        further = len(self.rows) - 1
        return (
            f"Barriers within {self.radius:g} m ({self.shape}): {first['index']} {first['straight']:.4g} as the crow "
            f"flies, {first['streets']:.4g} along the streets"
            f"{f' (and {further} more)' if further else ''}"
        )


def barriers(
    pop: Population,
    streets: Any,
    radius: float,
    *,
    index: IndexLike | Iterable[IndexLike] = "information_theory",
    shape: Shape = "biweight",
    join: Join | None = None,
    tolerance: float | None = None,
    group: str | None = None,
    other: str | None = None,
) -> Barriers:
    r"""Say how much more segregated people are along the streets than as the crow flies.

    The index is measured twice, with the same radius and kernel: once by straight distances (`segregate.Kernel`), once
    by distances along the streets (`segregate.Network`). What is between the two is the work of rivers, railways,
    motorways, walls and dead ends, and of blocks that have to be walked around.

    For each unit j, with w the weights of the kernel and t the people,

    .. math:: \text{cut off}_j = 1 - \frac{\sum_i w^{streets}_{ji} t_i}{\sum_i w^{straight}_{ji} t_i}, \qquad
              \text{divergence}_j = \sum_m p^{streets}_{jm} \ln \frac{p^{streets}_{jm}}{p^{straight}_{jm}}.

    Parameters
    ----------
    pop : Population
        With points. An environment that it has is replaced.
    streets : GeoDataFrame, GeoSeries or networkx graph
        As in `segregate.Network`.
    radius : float
        In metres, above 0.
    index : index or list of indices, optional
        Names, symbols, functions or `segregate.bind`, of indices that give one number; H if not said.
    shape : str
        The kernel, as in `segregate.Kernel`.
    join, tolerance : optional
        Where lines are joined, as in `segregate.Network`.
    group, other : str, optional
        The group, or the pair, as in `segregate.profile`.

    Returns
    -------
    Barriers
        With `.table`, `.local` (for `segregate.plot.map`) and `.plot()`.

    Raises
    ------
    ParameterError
        For local indices, and indices that have a meaning only at home.
    SegregateError
        For streets that cannot be used; see `segregate.Network`.

    Notes
    -----
    Nobody is nearer along the streets than as the crow flies, so people are cut off even on a perfect grid: within
    a circle there are more than along its streets, with a uniform kernel 1 - 2 / pi = 36 % of them. Compare places, or
    cities, rather than with 0. Units farther from any street than the kernel reaches meet only their own people along
    the streets; `Network.snapping` finds them, and a note counts them. A graph may say lengths shorter than the
    straight line; then a cut-off share may be negative, and a divergence NaN.

    References
    ----------
    Roberto (2018), The spatial proximity and connectivity method for measuring and analyzing residential segregation,
    doi:10.1177/0081175018796871.

    Examples
    --------
    Two rows of homes on either side of a railway that can be crossed only in the west.

    >>> import geopandas as gpd
    >>> import segregate as sg
    >>> from shapely import LineString, Point
    >>> homes = gpd.GeoDataFrame(
    ...     {"a": [90, 90, 10, 10], "b": [10, 10, 90, 90]},
    ...     geometry=[Point(0, 200), Point(600, 200), Point(0, 0), Point(600, 0)],
    ...     crs="EPSG:32633",
    ... )
    >>> pop = sg.Population.from_frame(homes, ["a", "b"])
    >>> streets = gpd.GeoSeries(
    ...     [LineString([(0, 200), (600, 200)]), LineString([(0, 0), (600, 0)]), LineString([(0, 0), (0, 200)])],
    ...     crs="EPSG:32633",
    ... )
    >>> found = sg.barriers(pop, streets, 300, index="D", shape="uniform")
    >>> found.table[["index", "straight", "streets", "difference"]]
               index  straight  streets  difference
    0  dissimilarity       0.0      0.4         0.4
    >>> found.local["cut_off"].tolist()
    [0.0, 0.5, 0.0, 0.5]
    """
    if not isinstance(pop, Population):
        raise ParameterError(f"barriers takes a Population, not {type(pop).__name__}.")
    bound = _asked(index)
    network = Network(streets, radius, shape, join=join, tolerance=tolerance)
    home = pop.home()
    straight = home.within(Kernel(radius, shape))
    walked = home.within(network)
    snap = network.snapping(home).to_numpy()
    far = int((snap > network.reach).sum())
    notes = (f"{plural(far, 'unit')} farther than {network.reach:g} m from any street",) if far else ()
    local = unit_table(
        walked,
        {"cut_off": _cut_off(straight, walked), "divergence": _divergence(straight, walked), "snap": snap},
        {
            "index": "barriers",
            "symbol": "",
            "title": "People cut off by the streets",
            "params": {},
            "group": None,
            "other": None,
            "center": None,
            "bounds": [0.0, 1.0],
            "reference": False,
            "column": "cut_off",
        },
    )
    local.attrs["segregate"]["notes"] += notes
    table = pd.DataFrame([_row(one, straight, walked, group, other) for one in bound])
    return Barriers(table, local, network.radius, shape, notes)


def _asked(index: IndexLike | Iterable[IndexLike]) -> list[BoundIndex]:
    """Return the indices, each of which gives one number and has a meaning within an environment."""
    single = isinstance(index, (str, BoundIndex, Mapping)) or callable(index)
    asked = [index] if single or not isinstance(index, Iterable) else index
    bound = [resolve(one) for one in cast("Iterable[IndexLike]", asked)]
    if not bound:
        raise ParameterError("barriers needs an index at least.")
    for one in bound:
        if one.spec.level == "local":
            raise ParameterError(f"{one.spec.name} gives one value per unit; barriers compares indices of the whole.")
        if not one.spec.environment:
            raise ParameterError(f"{one.spec.name} has a meaning only at home, where streets change nothing.")
    return bound


def _row(
    one: BoundIndex, straight: Population, walked: Population, group: str | None, other: str | None
) -> dict[str, Any]:
    """Measure one index both ways."""
    values, statuses, messages = [], [], []
    for way, nearby in (("as the crow flies", straight), ("along the streets", walked)):
        view, focal, first, second = view_of(one, nearby, group, other)
        found = one(Assessor(view.segments), **focal)
        values.append(float(found.values[0]))
        statuses.append(str(found.status[0]))
        messages += [f"{way}: {found.messages[0]}"] if found.messages[0] else []
    return {
        "index": one.spec.name,
        "symbol": one.spec.symbol,
        "group": first,
        "versus": second,
        "params": one.params,
        "straight": values[0],
        "streets": values[1],
        "difference": values[1] - values[0],
        "status": max(statuses, key=lambda status: GRAVITY[status]),
        "message": "; ".join(messages),
    }


def _cut_off(straight: Population, walked: Population) -> Floats:
    """Return the share of the people met as the crow flies who are not met along the streets, (n,)."""
    near, there = straight.surroundings.sum(axis=1), walked.surroundings.sum(axis=1)
    lived_in = straight.totals > 0
    share = np.full(len(near), np.nan)
    share[lived_in] = 1 - there[lived_in] / near[lived_in]
    return share


def _divergence(straight: Population, walked: Population) -> Floats:
    """Return how far whom people meet along the streets departs from whom they would meet as the crow flies, (n,)."""
    lived_in = straight.totals > 0
    found = np.full(len(lived_in), np.nan)
    terms = scipy.special.kl_div(walked.composition[lived_in], straight.composition[lived_in])
    found[lived_in] = terms.sum(axis=1)
    found[np.isinf(found)] = np.nan
    return found
