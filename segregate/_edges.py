"""How far environments reach beyond the data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from ._measure import unit_table
from .environment import Decay, Home, Kernel, Nearest
from .errors import ParameterError
from .population import Population
from .results import Result

__all__ = ["Edges", "edges"]

Floats = npt.NDArray[np.float64]
EXPONENTIAL, NORMAL = 4.743864518390586, 2.447746830680816
"""Radii, in scales, of the circles that hold 95 % of exp(-d) and of exp(-d^2 / 2) over evenly peopled land."""


@dataclass(frozen=True, repr=False)
class Edges(Result):
    """How far the environments of people reach beyond the data.

    Attributes
    ----------
    units : GeoDataFrame
        Per unit the radius of its environment in metres, and as value the share of that circle that lies outside
        the data; ready for a map.
    people : float
        Share of the people whose environment leaves the data at all.
    mean : float
        Share of the environment that lies outside, mean over people.
    environment : str
        Which environment.
    """

    units: gpd.GeoDataFrame
    people: float
    mean: float
    environment: str
    picture: ClassVar[str] = "draw_edges"

    @property
    def table(self) -> pd.DataFrame:
        """The shares of people whose environment leaves the data, by how much of it lies outside."""
        return pd.DataFrame({"environment": [self.environment], "people": [self.people], "mean_outside": [self.mean]})

    def _headline(self) -> str:
        return (
            f"{self.people:.1%} of the people have an environment ({self.environment}) that leaves the data; on "
            f"average {self.mean:.1%} of it lies outside"
        )


def edges(pop: Population) -> Edges:
    """Say how far the environments of people reach beyond the data.

    Parameters
    ----------
    pop : Population
        Within a `Kernel`, `Decay` or `Nearest`, with geometry.

    Returns
    -------
    Edges
        Per unit and in total.

    Raises
    ------
    ParameterError
        At home, and within environments that are no circles.

    Notes
    -----
    The data cover the polygons of the units, or of points their convex hull, which is rather too much. The
    environment is a circle: that of the kernel; for a gaussian kernel and for `Decay` the one that holds 95 % of the
    weight over evenly peopled land; for `Nearest` the one to the farthest people counted. Water and other land
    that nobody maps counts as outside, like the next city. ``pop.within(environment, buffer=)`` takes those
    who live around the data into account.

    Examples
    --------
    >>> import segregate as sg
    >>> nearby = sg.sample("sacramento").within(sg.Kernel(2000))
    >>> found = sg.edges(nearby)
    >>> 0 < found.mean < found.people < 1
    True
    """
    if not isinstance(pop, Population):
        raise ParameterError(f"edges takes a Population, not {type(pop).__name__}.")
    radius = _radii(pop)
    plane, factor = pop.places.shapes if _polygons(pop) else pop.places.located
    cover = plane.union_all() if _polygons(pop) else shapely.convex_hull(shapely.multipoints(np.array(plane)))
    located, unit = pop.places.located
    points = located if located.crs == plane.crs else located.to_crs(plane.crs)
    circles = shapely.buffer(np.array(points), radius / (factor if points is not located else unit), quad_segs=32)
    outside = np.zeros(pop.n_units)
    shapely.prepare(cover)
    some = np.flatnonzero((radius > 0) & ~shapely.contains(cover, circles))
    whole = shapely.area(circles[some])
    outside[some] = 1 - shapely.area(shapely.intersection(circles[some], cover)) / whole
    outside[pop.totals <= 0] = np.nan
    described: dict[str, Any] = {"index": "edges", "title": "Share of the environment outside the data", "symbol": ""}
    described |= {"group": None, "other": None, "params": {}, "center": None, "bounds": [0.0, 1.0]}
    units = unit_table(pop, {"radius": radius, "value": outside}, described)
    lived_in = pop.totals > 0
    weights = pop.totals[lived_in] / pop.size
    return Edges(
        units,
        float(weights[outside[lived_in] > 0].sum()),
        float((weights * outside[lived_in]).sum()),
        str(pop.environment),
    )


def _polygons(pop: Population) -> bool:
    return not pop.places.lacks("geometry")


def _radii(pop: Population) -> Floats:
    """Return the radius of the circle of each unit in metres."""
    environment = pop.environment
    if isinstance(environment, Kernel):
        gaussian = environment.shape == "gaussian"
        return np.full(pop.n_units, environment.radius * (NORMAL if gaussian else 1.0))
    if isinstance(environment, Decay):
        return np.full(pop.n_units, environment.scale * EXPONENTIAL)
    if isinstance(environment, Nearest):
        pairs = environment.on(pop.home()).to_sparse().tocoo()
        gaps = pop.points[pairs.row] - pop.points[pairs.col]
        radius = np.zeros(pop.n_units)
        np.maximum.at(radius, pairs.row, np.sqrt((gaps**2).sum(axis=1)))
        return radius
    what = "at home" if isinstance(environment, Home) else f"within {environment}"
    raise ParameterError(
        f"Whether environments leave the data is known of circles only (Kernel, Decay, Nearest); this population is "
        f"{what}. population.within(sg.Kernel(1000)), for example."
    )
