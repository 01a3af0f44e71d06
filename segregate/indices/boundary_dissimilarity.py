"""Dissimilarity less the contacts across borders."""

from __future__ import annotations

import math
from typing import Literal

import numba
import numpy as np
import numpy.typing as npt

from .._checks import check_choice
from .._segments import Conditions, Evaluable, Segments, V
from ..environment.borders import lags
from ..errors import ParameterError, first_of, plural
from ..kernels import exact_sum, kernel
from ..registry import index

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

ALONE = Conditions(why="no two units with people share a border")


@kernel(parallel=True)
def _values(
    counts: Floats,
    totals: Floats,
    composition: Floats,
    shares: Floats,
    starts: Ints,
    i: Ints,
    j: Ints,
    weights: Floats,
    pair_starts: Ints,
) -> Floats:
    values = np.empty(len(starts) - 1)
    small = np.zeros(len(starts) - 1, dtype=np.int64)
    for r in numba.prange(len(starts) - 1):
        first, last = starts[r], starts[r + 1]
        one, other = exact_sum(counts[first:last, 0]), exact_sum(counts[first:last, 1])
        if pair_starts[r] == pair_starts[r + 1] or one == 0 or other == 0:
            values[r] = np.nan
            continue
        small[r] = 0 if one < other else 1
        uneven = 0.5 * exact_sum(np.abs(counts[first:last, 0] / one - counts[first:last, 1] / other))
        contact = np.empty(pair_starts[r + 1] - pair_starts[r])
        for e in range(pair_starts[r], pair_starts[r + 1]):
            gap = abs(composition[i[e], small[r]] - composition[j[e], small[r]])
            contact[e - pair_starts[r]] = weights[e] * gap
        values[r] = uneven - exact_sum(contact)
    return values


@index(
    symbol="D(adj)",
    family="boundaries",
    bounds=(-math.inf, 1),
    groups=(2, 2),
    environment=False,
    needs={"geometry"},
    holds={"unit_order", "group_order", "scale", "copy", "empty_unit"},
    at={"even": 0},
    cite=("Morrill 1991", "10.1080/00420989320080551"),
    means="Dissimilarity of {group!r} and {other}, less what they could meet across the borders of neighbourhoods, is "
    "{value}.",
    beware="It depends on how the neighbourhoods were cut, and sees meetings only between those that touch.",
)
def boundary_dissimilarity(
    population: Evaluable[V],
    *,
    adjust: Literal["adjacency", "length", "shape"] = "adjacency",
    contiguity: Literal["rook", "queen"] = "rook",
    order: int = 1,
    decay: Literal["exp", "reciprocal"] = "exp",
    perimeter: Literal["interior", "whole"] = "interior",
) -> V:
    r"""Dissimilarity less the contact across borders: Morrill's D(adj), Wong's D(w) and D(s).

    .. math::

       D_{adj} = D - \frac{\sum_{ij} c_{ij} |p_i - p_j|}{\sum_{ij} c_{ij}}, \qquad
       D_w = D - \frac{\sum_{ij} b_{ij} |p_i - p_j|}{\sum_{ij} b_{ij}}, \qquad
       D_s = D - \frac{\sum_{ij} b_{ij} |p_i - p_j| \, (r_i + r_j)}{2 \max_k r_k \, \sum_{ij} b_{ij}}

    with D the `dissimilarity` of two groups, p_i the share of one of them in unit i, c_ij = 1 for
    neighbours, b_ij the length of their shared border, and r_i perimeter over area of unit i.

    Parameters
    ----------
    population : Population or Regions
        Two groups, with polygons: ``population.versus(group)`` or ``population.select(a, b)``.
    adjust : {"adjacency", "length", "shape"}
        D(adj), D(w) or D(s).
    contiguity : {"rook", "queen"}
        For adjacency: neighbours share a line, or a point is enough.
    order : int
        For adjacency: subtract the means of all lags from 1 to this many steps.
    decay : {"exp", "reciprocal"}
        For adjacency with lags: lag l counts exp(1 - l), or 1 / l.
    perimeter : {"interior", "whole"}
        For shape: the borders shared with units with people, or the whole outline.

    Returns
    -------
    float or ndarray of shape (R,)
        At most D, below 0 where neighbours differ much. NaN where no two units with people share a
        border, and for fewer than two groups with people.

    Notes
    -----
    Neighbours are found by geometry: corners need not meet, and units that overlap are not
    neighbours (a warning says so). Give land in the CRS in which it was drawn: reprojected, a long
    side bends away from corners that lay on it. Units without people do not count, nor do borders
    with them. Units without a neighbour are named in a note. A lag that no pair is apart adds
    nothing. Regions (``by=``) are cut at their edges.

    References
    ----------
    Morrill 1991, On the measure of geographic segregation, Geography Research Forum 11, 25-36;
    Wong (1993), doi:10.1080/00420989320080551.

    Examples
    --------
    >>> import segregate as sg
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> blocks = [box(x, 3.21e6, x + 100, 3.21e6 + 100) for x in (4.32e6, 4.3201e6, 4.3202e6)]
    >>> row = gpd.GeoDataFrame({"a": [9, 9, 1], "b": [1, 1, 9]}, geometry=blocks, crs="EPSG:3035")
    >>> city = sg.Population.from_frame(row, ["a", "b"])
    >>> print(f"{sg.boundary_dissimilarity(city):.4f}")
    0.3656
    """
    check_choice("adjust", adjust, ("adjacency", "length", "shape"))
    check_choice("contiguity", contiguity, ("rook", "queen"))
    check_choice("decay", decay, ("exp", "reciprocal"))
    check_choice("perimeter", perimeter, ("interior", "whole"))
    number = isinstance(order, (int, float, np.number)) and not isinstance(order, bool)
    if not number or not 1 <= order < np.inf or order != int(order):
        raise ParameterError(f"order={order!r} of neighbours is a whole number, 1 or more.")
    if adjust != "adjacency" and (contiguity, order, decay) != ("rook", 1, "exp"):
        raise ParameterError(f"contiguity=, order= and decay= belong to adjust='adjacency', not to {adjust!r}.")
    if adjust != "shape" and perimeter != "interior":
        raise ParameterError(f"perimeter= belongs to adjust='shape', not to {adjust!r}.")

    def extra(segments: Segments) -> tuple[Ints, Ints, Floats, Ints]:
        i, j, length = _neighbours(segments, queen=contiguity == "queen")
        if adjust == "adjacency":
            return _by_region(segments, *_by_lag(segments, i, j, int(order), decay))
        weights = length
        if adjust == "shape":
            places = segments.places
            outline = places.borders.perimeter
            if perimeter == "interior":
                shared = np.r_[length, length]
                outline = np.bincount(np.r_[i, j], shared, minlength=len(segments.totals)).astype(np.float64)
            ratio = np.where(segments.totals > 0, outline / places.area, 0.0)
            largest = np.maximum.reduceat(ratio, segments.starts[:-1])
            weights = length * (ratio[i] + ratio[j]) / (2 * largest[_region_of(segments, i)])
        return _by_region(segments, i, j, weights / _sum_by_region(segments, i, length))

    def notes(segments: Segments) -> list[str]:
        i, j, _ = _neighbours(segments, queen=contiguity == "queen")
        alone = segments.totals > 0
        alone[np.r_[i, j]] = False
        found = np.flatnonzero(alone)
        region = _region_of(segments, found)
        return [
            f"{plural(len(here), 'unit')} without neighbours (first: {first_of(segments.labels[here][:3])})"
            if len(here := found[region == r])
            else ""
            for r in range(segments.n_regions)
        ]

    return population.evaluate(_values, extra=extra, notes=notes, conditions=ALONE)


def _neighbours(segments: Segments, *, queen: bool) -> tuple[Ints, Ints, Floats]:
    """Return the pairs of neighbours with people, each once, and the lengths of their borders."""
    borders = segments.places.borders
    lived_in = segments.totals > 0
    kept = lived_in[borders.i] & lived_in[borders.j]
    if not queen:
        kept &= borders.length > 0
    return borders.i[kept], borders.j[kept], borders.length[kept]


def _region_of(segments: Segments, units: Ints) -> Ints:
    return np.searchsorted(segments.starts, units, side="right") - 1


def _sum_by_region(segments: Segments, i: Ints, values: Floats) -> Floats:
    """Return for each pair the sum over all pairs of its region."""
    region = _region_of(segments, i)
    return np.bincount(region, values, minlength=segments.n_regions)[region].astype(np.float64)


def _by_lag(segments: Segments, i: Ints, j: Ints, order: int, decay: str) -> tuple[Ints, Ints, Floats]:
    """Return pairs up to `order` steps apart with weights, whose sum over the pairs of a lag is that of the lag."""
    pairs = lags(i, j, len(segments.totals), order)
    weights = []
    for lag, (here, _) in enumerate(pairs, start=1):
        of_lag = math.exp(1 - lag) if decay == "exp" else 1 / lag
        weights.append(of_lag / _sum_by_region(segments, here, np.ones(len(here))))
    return np.concatenate([p[0] for p in pairs]), np.concatenate([p[1] for p in pairs]), np.concatenate(weights)


def _by_region(segments: Segments, i: Ints, j: Ints, weights: Floats) -> tuple[Ints, Ints, Floats, Ints]:
    """Sort pairs by region and say where each region begins."""
    region = _region_of(segments, i)
    at = np.argsort(region, kind="stable")
    begins = np.concatenate([[0], np.cumsum(np.bincount(region, minlength=segments.n_regions))])
    return i[at], j[at], weights[at], begins.astype(np.int64)
