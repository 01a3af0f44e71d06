"""Points of units, sorted so that the neighbours of a point are found in a few runs of rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from .._arrays import frozen
from ..errors import ParameterError

if TYPE_CHECKING:
    from .._places import Places
    from ..population import Population

__all__ = ["Located", "Strips", "check_metres", "locate"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def check_metres(name: str, value: object) -> float:
    """Return a length as a number of metres, above 0 and finite."""
    usual = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
    if not usual or not 0 < float(value) < np.inf:  # type: ignore[arg-type]
        raise ParameterError(f"{name}={value!r} is a distance in metres, above 0.")
    return float(value)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Located:
    """Points sorted stably by region.

    Attributes
    ----------
    points : ndarray of shape (n, 2)
        In metres, of the projection of each region.
    order : ndarray of shape (n,)
        Row of the population that stands at each place.
    starts : ndarray of shape (R + 1,)
        First place of each region.
    places : Places
        Where the units are, in this order, each region in the projection that fits it.
    """

    points: Floats
    order: Ints
    starts: Ints
    places: Places

    @property
    def region(self) -> Ints:
        """Number of the region of each place, (n,)."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))


def locate(population: Population, regions: Ints | None) -> Located:
    """Return where units are; with `regions`, each in the projection that fits its region.

    Parameters
    ----------
    population : Population
        The units.
    regions : ndarray of shape (n,), optional
        Numbers of the regions.
    """
    n_units = population.n_units
    if regions is None:
        return Located(population.points, np.arange(n_units), np.array([0, n_units]), population.places)
    order = np.argsort(regions, kind="stable")
    starts = np.concatenate([np.flatnonzero(np.r_[True, np.diff(regions[order]) != 0]), [n_units]]).astype(np.int64)
    places = population.places.by_region(order, starts)
    return Located(places.points, order, starts, places)


@dataclass(frozen=True)
class Strips:
    """Points sorted by region, by strips from south to north, and by x; see `segregate.kernels.pairs`.

    Attributes
    ----------
    order : ndarray of shape (n,)
        Row of the population that stands at each place.
    x, y : ndarray of shape (n,)
        In metres.
    region : ndarray of shape (n,)
        Number of the region of each place.
    strips : ndarray of shape (R + 1,)
        First strip of each region.
    begins : ndarray of shape (strips + 1,)
        First place of each strip.
    south, height : ndarray of shape (R,)
        Lower edge of the first strip of each region, and the height of its strips.
    """

    order: Ints
    x: Floats
    y: Floats
    region: Ints
    strips: Ints
    begins: Ints
    south: Floats
    height: Floats

    @classmethod
    def of(cls, located: Located, reach: float) -> Strips:
        """Sort points into strips, some of which a circle crosses.

        Parameters
        ----------
        located : Located
            The points.
        reach : float
            Radius of the circle, in metres.
        """
        x, y = np.ascontiguousarray(located.points[:, 0]), np.ascontiguousarray(located.points[:, 1])
        region, starts = located.region, located.starts
        south = np.minimum.reduceat(y, starts[:-1])
        extent = np.maximum.reduceat(y, starts[:-1]) - south
        height = np.maximum(reach / 4, extent / np.diff(starts))
        height[height <= 0] = 1.0
        strip = np.floor((y - south[region]) / height[region]).astype(np.int64)
        many = np.maximum.reduceat(strip, starts[:-1]) + 1
        strips = np.concatenate([[0], np.cumsum(many)])
        strip += strips[region]
        order = np.lexsort((x, strip))
        begins = np.concatenate([[0], np.cumsum(np.bincount(strip, minlength=strips[-1]))])
        return cls(
            order=located.order[order],
            x=frozen(x[order]),
            y=frozen(y[order]),
            region=frozen(region[order], np.int64),
            strips=frozen(strips, np.int64),
            begins=frozen(begins, np.int64),
            south=frozen(south),
            height=frozen(height),
        )

    @property
    def arrays(self) -> tuple[Floats, Floats, Ints, Ints, Ints, Floats, Floats]:
        """What the kernels take."""
        return self.x, self.y, self.region, self.strips, self.begins, self.south, self.height
