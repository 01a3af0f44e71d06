"""Bespoke neighbourhoods: the nearest so many people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse

from .._arrays import frozen
from ..errors import ParameterError
from ..kernels import column_sums
from ..kernels.nearest import nearest_cuts, nearest_links, nearest_sums
from ._points import Strips, locate
from .base import Operator

if TYPE_CHECKING:
    from ..population import Population

__all__ = ["Nearest", "NearestOperator"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
SAMPLE = 256
"""Units that tell how far the others must look."""


def check_people(people: object) -> float:
    """Return a number of people, above 0 and finite."""
    usual = isinstance(people, (int, float, np.integer, np.floating)) and not isinstance(people, bool)
    if not usual or not 0 < float(people) < np.inf:  # type: ignore[arg-type]
        raise ParameterError(f"people={people!r} is a number of people, above 0.")
    return float(people)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Nearest:
    r"""The nearest so many people, wherever they live: bespoke neighbourhoods.

    From each unit the people are counted from the nearest on until there are k of them, those of
    the own unit first, whose distance is 0. Units that are equally far away, d^2 equal within 1e-9 relative,
    enter together, each with the same part of its people, so that exactly k are counted. W_ji is that
    part of the people of unit i: 1, a fraction, or 0. A city of fewer than k people is counted whole.

    Parameters
    ----------
    people : float
        The number k of people, above 0.

    Raises
    ------
    ParameterError
        For what is no number of people.

    Notes
    -----
    Distances are those between the points of the units; units at one point are equally far from
    everybody, so that splitting a unit changes nothing. W depends on the totals of all groups: choose
    groups after `within` and the neighbourhoods stay, choose them before and k of the chosen people are
    counted. Units without people count as whole where they are nearer than the last people. Exact; memory
    for the units only, time for the pairs within reach.

    References
    ----------
    Östh, Clark and Malmberg (2015), Measuring the scale of segregation using k-nearest neighbor aggregates,
    doi:10.1111/gean.12053.

    Examples
    --------
    >>> import segregate as sg
    >>> city = sg.sample("sacramento").select("white", "black", "asian", "hisp")
    >>> nearby = city.within(sg.Nearest(20_000))
    >>> set(nearby.surroundings.sum(axis=1).round(6).tolist())
    {20000.0}
    >>> sg.information_theory(nearby) < sg.information_theory(city)
    True
    """

    people: float
    of_totals: ClassVar[bool] = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "people", check_people(self.people))

    def on(self, population: Population, *, regions: Ints | None = None) -> NearestOperator:
        """Return W for the units of a population, cut at the edges of `regions`."""
        strips, cuts = _cuts(population, frozen([self.people]), regions)
        return NearestOperator(population.ids, strips, cuts)

    @staticmethod
    def several(
        population: Population, people: Sequence[float], values: npt.ArrayLike, *, regions: Ints | None = None
    ) -> Floats:
        """Return what ``Nearest(k).on(population) @ values`` gives for several k, in one pass over the neighbours.

        Parameters
        ----------
        population : Population
            The units.
        people : sequence of float, of length K
            Numbers of people, in any order.
        values : array of shape (n,) or (n, k)
            What is summed.
        regions : ndarray of shape (n,), optional
            Region numbers; neighbourhoods stop at the edge of each unit's region.

        Returns
        -------
        ndarray of shape (K, n) or (K, n, k)

        Examples
        --------
        >>> import segregate as sg
        >>> city = sg.sample("sacramento")
        >>> around = sg.Nearest.several(city, [5_000, 50_000], city.counts)
        >>> around.shape
        (2, 403, 4)
        """
        asked, back = np.unique([check_people(number) for number in people], return_inverse=True)
        if not len(asked):
            raise ParameterError("people= is empty; it takes one number of people at least.")
        given: Floats = np.asarray(values, dtype=np.float64)
        if given.ndim not in (1, 2) or len(given) != population.n_units:
            raise ParameterError(
                f"W is for {population.n_units:,} units; it cannot multiply an array of {given.shape}."
            )
        strips, cuts = _cuts(population, frozen(asked), regions)
        sums = _summed(strips, cuts, frozen(given.reshape(len(given), -1)))
        return sums[back].reshape(len(back), *given.shape)

    def __str__(self) -> str:
        return f"nearest {self.people:.15g} people"


def _cuts(population: Population, people: Floats, regions: Ints | None) -> tuple[Strips, Floats]:
    """Return the points in strips, and where each has met the people; see `nearest_cuts`.

    Parameters
    ----------
    population : Population
        The units.
    people : ndarray of shape (K,)
        Rising.
    regions : ndarray of shape (n,), optional
        Region numbers.
    """
    located = locate(population, regions)
    totals = population.totals[located.order]
    starts = located.starts
    everyone = column_sums(frozen(totals[:, None]), frozen(starts, np.int64))[:, 0]
    wanted = frozen(np.searchsorted(people, everyone, side="left"), np.int64)
    wide = np.maximum.reduceat(located.points, starts[:-1]) - np.minimum.reduceat(located.points, starts[:-1])
    span = np.hypot(wide[:, 0], wide[:, 1]) * (1 + 1e-6)
    last = people[np.maximum(wanted - 1, 0)]
    share = np.divide(last, everyone, out=np.ones_like(everyone), where=wanted > 0)
    guess = np.maximum(np.sqrt(wide[:, 0] * wide[:, 1] * share / np.pi), span * share / 2)

    def found(reach: float, guess: Floats, rows: Ints | None) -> tuple[Strips, Floats]:
        strips = Strips.of(located, reach)
        at = np.arange(len(totals)) if rows is None else rows
        there = frozen(population.totals[strips.order])
        further = (frozen(guess), frozen(span), frozen(at, np.int64))
        return strips, nearest_cuts(*strips.arrays, there, people, wanted, *further)

    usual = float(np.average(guess, weights=np.diff(starts)))
    if len(totals) > 4 * SAMPLE:
        _, cuts = found(usual, guess, np.linspace(0, len(totals) - 1, SAMPLE).astype(np.int64))
        reaches = np.sqrt(np.where(np.isfinite(cuts[1]), cuts[1], -1.0).max(axis=0).clip(min=0))
        told = reaches[np.isfinite(cuts[1]).any(axis=0)]
        if len(told):
            usual = float(np.median(told))
            guess = np.full_like(guess, usual)
    strips, cuts = found(usual, guess, None)
    return strips, frozen(cuts)


def _summed(strips: Strips, cuts: Floats, values: Floats) -> Floats:
    """Return the sums over the nearest people, (K, n, k), in the order of the population."""
    order = strips.order
    there = frozen(values[order])
    whole = frozen(column_sums(there, frozen(strips.begins[strips.strips], np.int64)))
    sums = np.empty((cuts.shape[1], *values.shape))
    sums[:, order] = nearest_sums(*strips.arrays, cuts, there, whole)
    return sums


class NearestOperator(Operator):
    """W of the nearest people.

    Attributes
    ----------
    reach : ndarray of shape (n,)
        Distance to the last people who are counted, in metres; infinite where everybody is counted.
    """

    def __init__(self, ids: pd.Index, strips: Strips, cuts: Floats) -> None:
        super().__init__(ids)
        self.strips = strips
        self.cuts = cuts
        self.reach = np.empty(len(ids))
        self.reach[strips.order] = np.sqrt(cuts[1, 0])

    def _sums(self, values: Floats) -> Floats:
        found: Floats = _summed(self.strips, self.cuts, values)[0]
        return found

    def to_sparse(self) -> scipy.sparse.csr_array:
        """Return W as a SciPy matrix, where it has at most a hundred million pairs."""
        strips = self.strips
        starts, _, _ = nearest_links(*strips.arrays, self.cuts, True)
        self._small_enough(int(starts[-1]))
        starts, other, share = nearest_links(*strips.arrays, self.cuts, False)
        row = strips.order[np.repeat(np.arange(len(strips.order)), np.diff(starts))]
        return scipy.sparse.csr_array((share, (row, strips.order[other])), shape=self.shape)
