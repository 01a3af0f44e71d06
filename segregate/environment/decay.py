"""Surroundings that thin out with distance and have no end."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse

from .._arrays import frozen
from ..errors import ParameterError
from ..kernels.pairs import decay_sums
from ._points import Located, check_metres, locate
from .base import Operator

if TYPE_CHECKING:
    from ..population import Population

__all__ = ["Decay"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
FAR = 500.0
"""From this many scales to the nearest people on, a row is raised, so that its weights do not vanish."""


class Decay:
    r"""Everybody, weighted by exp(-d / scale).

    The distance of a unit to itself is sqrt(0.6 a) with a its area, about the mean distance
    between two places in it (White 1983).

    Parameters
    ----------
    scale : float
        In metres, above 0: the distance at which the weight is 1 / e.
    self_distance : {"area", "zero"} or array of shape (n,)
        Distance of each unit to itself: from its area, 0, or given in metres.

    Raises
    ------
    ParameterError
        For a scale that is no length, or a self_distance that is neither a word nor distances.
    GeometryError
        For self_distance="area" where units have no area.

    Notes
    -----
    All pairs are summed exactly, without a matrix: time grows with the square of the number of
    units, memory does not. Isolation and exposure within it are Morgan's (1983) distance-decay
    indices. Where everybody, the own unit included, is more than 500 scales away, a row of W is raised
    by a factor (`DecayOperator.raised`), so that its composition does not vanish.

    References
    ----------
    Morgan (1983), A distance-decay based interaction index to measure residential segregation,
    doi:10.2307/20001935; White (1983), The measurement of spatial segregation, doi:10.1086/227768.

    Examples
    --------
    >>> import segregate as sg
    >>> city = sg.sample("sacramento").versus("hisp")
    >>> nearby = city.within(sg.Decay(1000))
    >>> isolation = sg.isolation(nearby, group="hisp")
    >>> round(isolation + sg.exposure(nearby, group="hisp", other="rest"), 12)
    1.0
    """

    of_totals: ClassVar[bool] = False

    def __init__(self, scale: float, self_distance: Literal["area", "zero"] | npt.ArrayLike = "area") -> None:
        self.scale = check_metres("scale", scale)
        self.self_distance: str | Floats
        if isinstance(self_distance, str):
            if self_distance not in ("area", "zero"):
                raise ParameterError(
                    f"self_distance={self_distance!r} is not known; it is 'area', 'zero' or an array of metres."
                )
            self.self_distance = self_distance
        else:
            given = np.asarray(self_distance, dtype=np.float64)
            bad = ~(np.isfinite(given) & (given >= 0))
            if given.ndim != 1 or bad.any():
                raise ParameterError(
                    f"self_distance= takes one distance in metres a unit, 0 or more; {int(bad.sum()):,} of "
                    f"{given.size:,} are not."
                )
            self.self_distance = frozen(given)

    def on(self, population: Population, *, regions: Ints | None = None) -> DecayOperator:
        """Return W for the units of a population, cut at the edges of `regions`."""
        return self.between(population.ids, locate(population, regions), population.totals)

    def between(self, ids: pd.Index, located: Located, totals: Floats) -> DecayOperator:
        """Return W for units whose places are known.

        Parameters
        ----------
        ids : Index
            Labels of the units.
        located : Located
            Where they are.
        totals : ndarray of shape (n,)
            Their people, in the order of the ids.
        """
        n_units = len(ids)
        if isinstance(self.self_distance, np.ndarray):
            if len(self.self_distance) != n_units:
                given = f"{len(self.self_distance):,} distances"
                raise ParameterError(f"self_distance= has {given} for {n_units:,} units; it takes one each.")
            own = self.self_distance[located.order]
        elif self.self_distance == "area":
            own = np.sqrt(0.6 * located.places.area)
        else:
            own = np.zeros(n_units)
        return DecayOperator(ids, located, self.scale, own, totals)

    def __str__(self) -> str:
        own = "" if isinstance(self.self_distance, str) and self.self_distance == "area" else ", own self-distance"
        own = ", self-distance zero" if isinstance(self.self_distance, str) and self.self_distance == "zero" else own
        return f"decay {self.scale:g} m{own}"

    def __repr__(self) -> str:
        own = self.self_distance
        shown = repr(own) if isinstance(own, str) else f"<{len(own)} distances>"
        return f"Decay(scale={self.scale!r}, self_distance={shown})"


class DecayOperator(Operator):
    """W of an exponential decay, all pairs, computed whenever it is asked for.

    Attributes
    ----------
    raised : ndarray of shape (n,)
        Logarithm of the factor by which each row is raised; 0 but where nobody is near.
    """

    raised: Floats

    def __init__(self, ids: pd.Index, located: Located, scale: float, own: Floats, totals: Floats) -> None:
        super().__init__(ids)
        self.located = located
        self.scale = scale
        order = located.order
        self._own: Floats = frozen(own)
        nearest = self._nearest(totals[order]) / scale
        self._shift = frozen(np.where(nearest > FAR, nearest, 0.0))
        self.raised = np.empty(len(ids))
        self.raised[order] = self._shift

    def _nearest(self, totals: Floats) -> Floats:
        """Return the distance of each point to the nearest people, its own unit included."""
        from scipy.spatial import KDTree

        nearest = self._own.copy()
        for first, last in zip(self.located.starts[:-1], self.located.starts[1:], strict=True):
            lived_in = totals[first:last] > 0
            nearest[first:last][~lived_in] = np.inf
            if not lived_in.any():
                nearest[first:last] = 0.0
            elif nearest[first:last].max() > FAR * self.scale:
                here = self.located.points[first:last]
                to_first, to_second = KDTree(here[lived_in]).query(here, k=2)[0].T
                others = np.where(lived_in, to_second, to_first)
                nearest[first:last] = np.minimum(nearest[first:last], others)
        return nearest

    def _arrays(self) -> tuple[Floats, Floats, Ints, Ints, Floats, Floats]:
        located = self.located
        return (
            frozen(located.points[:, 0]),
            frozen(located.points[:, 1]),
            frozen(located.region, np.int64),
            frozen(located.starts, np.int64),
            self._own,
            self._shift,
        )

    def _sums(self, values: Floats) -> Floats:
        order = self.located.order
        sums = np.empty_like(values)
        sums[order] = decay_sums(*self._arrays(), frozen(values[order]), self.scale)
        return sums

    def to_sparse(self) -> scipy.sparse.csr_array:
        """Return W as a SciPy matrix of all pairs, where these are at most a hundred million."""
        sizes = np.diff(self.located.starts)
        self._small_enough(int((sizes**2).sum()))
        points, order = self.located.points, self.located.order
        rows, columns, weights = [], [], []
        for first, last in zip(self.located.starts[:-1], self.located.starts[1:], strict=True):
            here = points[first:last]
            distance = np.sqrt(((here[:, None, :] - here[None, :, :]) ** 2).sum(axis=2))
            np.fill_diagonal(distance, self._own[first:last])
            weights.append(np.exp(np.minimum(self._shift[first:last, None] - distance / self.scale, 708.0)).ravel())
            rows.append(np.repeat(order[first:last], last - first))
            columns.append(np.tile(order[first:last], last - first))
        pairs = (np.concatenate(rows), np.concatenate(columns))
        return scipy.sparse.csr_array((np.concatenate(weights), pairs), shape=self.shape)
