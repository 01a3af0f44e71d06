"""Distortion, global and local."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from .._arrays import sealed
from .._segments import Conditions, Evaluable, Segments, V
from ..kernels import kernel, log_share, segment_sums
from ..kernels.outward import outward
from ..kernels.shares import log_shares
from ..registry import index

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Spare = tuple[Floats, Floats, Floats, Floats, Floats, Floats, Floats]

BLOCK = 32
"""Units that use the same memory one after another."""


@kernel
def _of_one(squared: Floats, counts: Floats, log_city: Floats, rows: Ints, met: Floats, spare: Spare) -> float:
    """Return the distortion at the unit from which the squared distances are taken; every unit has people.

    `rows` (3, n or more), `met` (M, n or more) and the seven arrays of `spare` (n or more) are written to.
    """
    n, n_groups = counts.shape
    largest = np.argmax(log_city)
    order = outward(squared, rows)
    people, others, rest, divergence, logs, beside, power = spare
    so_far = np.zeros(n_groups)
    rings = 0
    for k in range(n):
        j = order[k]
        for m in range(n_groups):
            so_far[m] += counts[j, m]
        if k + 1 < n and squared[order[k + 1]] <= squared[j] * (1 + 1e-9):
            continue
        others[rings] = 0.0  # summed up: N - n would lose digits where one group is nearly everybody
        for m in range(n_groups):
            met[m, rings] = so_far[m]
            others[rings] += so_far[m] if m != largest else 0.0
        people[rings] = others[rings] + so_far[largest]
        rings += 1

    divergence[:rings] = 0.0
    for m in range(n_groups):
        for ring in range(rings):
            rest[ring] = people[ring] - met[m, ring]
        apart = others if m == largest else rest
        log_shares(met[m, :rings], apart[:rings], logs[:rings], beside[:rings], power[:rings])
        for ring in range(rings):
            divergence[ring] += met[m, ring] / people[ring] * (logs[ring] - log_city[m])
    divergence[rings - 1] = 0.0  # all people together are the city
    total, highest = 0.0, 0.0
    for ring in range(rings - 1, -1, -1):
        highest = max(highest, divergence[ring])
        total += (people[ring] - (people[ring - 1] if ring > 0 else 0.0)) * highest
    return float(total / people[rings - 1])


@kernel(parallel=True, worth=2**10)
def _of_each(people: Floats, place: Floats, region: Ints, begins: Ints, log_city: Floats) -> Floats:
    """Return the distortion at each unit, (n,); every unit has people.

    Nothing but the loop stands here: each statement on whole arrays would be a loop on all cores of its own.
    """
    n, n_groups = people.shape
    values = np.empty(n)
    room = 0
    for r in range(len(begins) - 1):
        room = max(room, begins[r + 1] - begins[r])
    for block in numba.prange((n + BLOCK - 1) // BLOCK):
        squared = np.empty(room)
        rows, met = np.empty((3, room), dtype=np.int64), np.empty((n_groups, room))
        spare = (
            *(np.empty(room), np.empty(room), np.empty(room), np.empty(room)),
            *(np.empty(room), np.empty(room), np.empty(room)),
        )
        for k in range(block * BLOCK, min(block * BLOCK + BLOCK, n)):
            first, last = begins[region[k]], begins[region[k] + 1]
            for j in range(first, last):
                dx, dy = place[j, 0] - place[k, 0], place[j, 1] - place[k, 1]
                squared[j - first] = dx * dx + dy * dy
            values[k] = _of_one(squared[: last - first], people[first:last], log_city[region[k]], rows, met, spare)
    return values


@kernel
def _logarithms(shares: Floats) -> Floats:
    """Return ln of the shares of each region, (R, M); of a group without people a number that is multiplied by 0."""
    logs = np.full(shares.shape, -1e3)
    for r in range(shares.shape[0]):
        for m in range(shares.shape[1]):
            if shares[r, m] > 0:
                logs[r, m] = log_share(shares[r], m)
    return logs


def _of_units(
    counts: Floats,
    totals: Floats,
    composition: Floats,
    shares: Floats,
    starts: Ints,
    points: Floats,
    greatest: Floats,
) -> Floats:
    """Return the distortion over the greatest at each unit; 0 for units without people."""
    here = np.flatnonzero(totals > 0)
    begins = np.searchsorted(here, starts)
    region = np.repeat(np.arange(len(starts) - 1), np.diff(begins))
    values = np.zeros(len(totals))
    arrays = sealed(counts[here]), sealed(points[here]), sealed(region), sealed(begins), sealed(_logarithms(shares))
    values[here] = _of_each(*arrays) / greatest[region]
    return values


def _terms(
    counts: Floats,
    totals: Floats,
    composition: Floats,
    shares: Floats,
    starts: Ints,
    points: Floats,
    greatest: Floats,
) -> Floats:
    values = _of_units(counts, totals, composition, shares, starts, points, greatest)
    people = np.repeat(segment_sums(totals, starts), np.diff(starts))
    return np.divide(totals * values, people, out=np.zeros(len(totals)), where=people > 0)


@index(
    symbol="DI",
    family="scale",
    level="both",
    bounds=(0, 1),
    environment=False,
    additive=True,
    needs={"points"},
    holds={"unit_order", "group_order", "scale", "copy", "unit_split", "empty_unit", "empty_group"},
    at={"even": 0},
    cite=("10.1073/pnas.1900192116", "10.1111/gean.12271"),
    means="Looking around from home farther and farther, people see a mix that stays away from that of the city by "
    "{value} {unit}, on average over all they take in until they see the whole city.",
    beware="It says how much of the city must be seen before its mix shows, not which groups live apart; the edge and "
    "the form of the city have a part in it.",
)
def distortion(population: Evaluable[V], *, normalize: bool = False) -> V:
    r"""How far one must look from home until the surroundings are like the city.

    .. math::
        \Delta_i = \sum_k \frac{N_k - N_{k-1}}{T} \, \max_{l \ge k} KL_l, \qquad
        \Delta = \sum_i \frac{t_i}{T} \Delta_i

    with units entering around unit i ring by ring, from the nearest to the farthest, N_k people
    within ring k, T in the city, and KL_k the Kullback-Leibler divergence (nats) of the
    composition of these N_k people from that of the city, which is 0 when the last ring is in. The
    maximum over the rings still to come makes it count how much of the city is seen before the
    divergence falls below a level *for good*, over all levels. The local value Delta_i of a unit
    comes from ``segregate.local(population, "distortion")``, the global one is its mean over people.

    Parameters
    ----------
    population : Population or Regions
        Two or more groups, with points.
    normalize : bool
        Divide by the value of a person whose nearest people are all of the rarest group, then all
        of the next rarest, and so on, one by one,

        .. math:: \Delta_{max} = -\sum_m F_m \, Li_2(-\pi_m / F_m)

        with F_m the share of all groups that are rarer than m and Li_2 the dilogarithm.

    Returns
    -------
    float or ndarray of shape (R,)
        0 where every unit has the city's composition, below 1, which it nears for very many equal
        groups; normalized, 1 is the bound. NaN with people of fewer than two groups.

    Notes
    -----
    The first ring is the unit itself and all others at the same point. Units at the same distance
    (squares of distances within 1e-9) enter together, and those without people are left out, so
    that neither the order of rows nor splitting a unit decides anything. Time grows with the
    square of the number of units, so that `measure` computes it only when named.

    Delta_max is a bound that knows only the sizes of the groups, no map: people come one by one, and
    the whole city cannot be as distorted as its most distorted place, so that the global value stays
    well below 1. PySAL segregation 2.6.0 gives other values: GlobalDistortion and LocalDistortion
    add up the divergence itself, not the maximum over the rings to come, and each unit counts as
    one whatever its people, so that the values grow with the number of units. Normalized, which is
    their default, they divide by the most distorted unit of a city that is made anew from the same
    units, the groups around a corner from the smallest to the largest.

    References
    ----------
    Olteanu, Randon-Furling and Clark (2019), doi:10.1073/pnas.1900192116; de Bézenac, Clark, Olteanu
    and Randon-Furling (2022), doi:10.1111/gean.12271.

    Examples
    --------
    >>> import segregate as sg
    >>> import pandas as pd
    >>> table = pd.DataFrame({"a": [1, 0, 0], "b": [0, 1, 2]}).assign(x=[4.32e6, 4.321e6, 4.323e6], y=3.21e6)
    >>> city = sg.Population.from_frame(table, ["a", "b"], points=("x", "y"), crs="EPSG:3035")
    >>> print(f"{sg.distortion(city):.4f} {sg.distortion(city, normalize=True):.4f}")
    0.2305 0.4754
    >>> sg.local(city, "distortion")["value"].round(4).tolist()
    [0.3825, 0.1079, 0.2158]
    """

    def extra(segments: Segments) -> tuple[Floats, Floats]:
        greatest = _greatest(segments.shares) if normalize else np.ones(segments.n_regions)
        return segments.places.points, greatest

    conditions = Conditions(why="only one group has people there, which leaves no bound")
    return population.evaluate(_terms, each=_of_units, extra=extra, conditions=conditions)


def _greatest(shares: Floats) -> Floats:
    """Return the value where the nearest people are all of the rarest group, then of the next, for (R, M) shares.

    NaN for a region of fewer than two groups.
    """
    from scipy.special import spence

    rising = np.sort(shares, axis=1)
    rarer = np.zeros_like(rising)
    rarer[:, 1:] = np.cumsum(rising, axis=1)[:, :-1]
    ratio = np.divide(rising, rarer, out=np.zeros_like(rising), where=rarer > 0)
    greatest = -(rarer * spence(1 + ratio)).sum(axis=1)
    return np.where(greatest > 0, greatest, np.nan)
