"""Hot spots: where a group is clustered more than chance would have it, unit by unit."""

from __future__ import annotations

import math
import warnings
from typing import Any, NamedTuple, TypeGuard

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse
import scipy.stats

from .._checks import check_choice
from .._measure import unit_table
from .._regions import warn_undefined
from .._segments import focal_positions
from ..environment import Weights
from ..environment._graph import as_graph, nearest_units, touching_units
from ..errors import ParameterError, first_of, have, plural, warn
from ..population import Population
from ._conditional import SLACK, count_reached, draw_others, moments

__all__ = ["hotspots"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

NEAREST = 8
"""Neighbours of units that are points."""
OVERLAP = (
    "Surroundings of neighbouring units overlap, so their values are alike even where people live spread at random: "
    "p-values are too small and clusters too many. Hot spots of home (population.home()) are not touched by that"
)


class _Method(NamedTuple):
    """How a method is called, and what its classes mean."""

    title: str
    symbol: str
    roles: dict[str, str]


METHODS = {
    "getis-ord": _Method(
        "Hot and cold spots", "Getis-Ord G*", {"hot spot": "high", "not significant": "neutral", "cold spot": "low"}
    ),
    "local-moran": _Method(
        "Clusters and outliers",
        "local Moran I",
        {
            "high-high": "high",
            "low-low": "low",
            "high-low": "high outlier",
            "low-high": "low outlier",
            "not significant": "neutral",
        },
    ),
}
"""The classes in the order of legends, with their roles: the words from which maps choose colours."""
QUADRANTS = {1: "high-high", 2: "low-high", 3: "low-low", 4: "high-low"}
"""The numbers that esda gives to them."""


def hotspots(
    pop: Population,
    group: str | None = None,
    *,
    method: str = "getis-ord",
    neighbours: str | int | Any = None,
    replicates: int = 9999,
    level: float = 0.05,
    rng: np.random.Generator | int | None = None,
) -> gpd.GeoDataFrame:
    r"""Find the units around which a group is clustered, or absent, beyond chance.

    The variable is the share x of the group among the people met in a unit. The statistics are those of
    `esda`, with weights w made to sum to 1 over the neighbours of a unit:

    .. math:: G^*_i = \frac{\sum_j w_{ij} x_j}{\sum_j x_j}, \qquad
              I_i = \frac{(n - 1)\, z_i \sum_j w_{ij} z_j}{\sum_j z_j^2}, \quad z_j = x_j - \bar x.

    Getis-Ord :math:`G^*` counts the unit itself among its neighbours, with the weight 1 (in a graph that has
    no weight for it, the largest of its row); local Moran does not. To tell how far chance goes, the unit
    keeps its value and those of all others change places; so the question is about the neighbours, and a
    high unit among common ones is no hot spot.

    Parameters
    ----------
    pop : Population
        The units. They need geometry unless `neighbours` is a graph.
    group : str, optional
        The group; with exactly two groups the first by default.
    method : {"getis-ord", "local-moran"}
        Hot and cold spots, or clusters (high among high, low among low) and outliers.
    neighbours : {"queen", "rook"}, int, libpysal Graph, sparse matrix or Environment, optional
        "queen": units that touch, the default of polygons. "rook": that share a line. A number k: the k
        nearest units, by their points (those equally far away share the last places); 8 is the default
        where units are not polygons. A libpysal Graph is matched by id, a SciPy matrix has one row and
        column per unit, and an environment gives its weights. Units without people are nobody's neighbours.
    replicates : int
        Rearrangements. The smallest p-value is 2 / (replicates + 1), and among many units a discovery
        takes a small one.
    level : float
        Share of false discoveries among the units called significant.
    rng : Generator, int or None
        Source of randomness. The same number gives the same bits, whatever the order of the rows
        and the number of threads.

    Returns
    -------
    GeoDataFrame
        One row per unit: the ids; "value", the share; "statistic"; "z", the statistic less its mean over
        all rearrangements, in their standard deviations (exact, not from the replicates; NaN where no
        rearrangement changes it); "p_value"; "q_value", the false discovery rate at which the unit would
        be called significant (Benjamini-Hochberg); "class", an ordered categorical, for
        `segregate.plot.map`; and "geometry". A plain DataFrame if the population has no geometry. NaN and
        no class: units without people, or without neighbours (said in a warning).

    Raises
    ------
    ParameterError
        For arguments that cannot be used.
    GeometryError
        When the units have no geometry, or not the one that `neighbours` needs.

    Warns
    -----
    UndefinedIndexWarning
        When nothing can be tested: all shares are equal, or there are fewer than three units with people.
    SegregateWarning
        When units have no neighbours, when the replicates are too few to find anything, or when the
        values come from an environment.

    Notes
    -----
    p = (b + 1) / (replicates + 1), b counting the replicates that reach the statistic, doubled for both sides
    (at most 1). The same rearrangements serve all units, as in PySAL and GeoDa; the drawing is not
    esda's, whose engine compiles for many seconds in every session, keeps all replicates, and gives
    one-sided p-values that leave out ties. z is not the score that ArcGIS and esda call z for
    :math:`G^*`: that one compares with random values in the unit, too.

    A share of few people is uncertain, and no part of this test knows it. Where the whole city follows a slope,
    the ends of it are hot and cold spots.

    References
    ----------
    Getis and Ord (1992), doi:10.1111/j.1538-4632.1992.tb00261.x; Ord and Getis (1995),
    doi:10.1111/j.1538-4632.1995.tb00912.x; Anselin (1995), doi:10.1111/j.1538-4632.1995.tb00338.x; Caldas de
    Castro and Singer (2006), doi:10.1111/j.0016-7363.2006.00682.x; Benjamini and Hochberg (1995),
    doi:10.1111/j.2517-6161.1995.tb02031.x.

    Examples
    --------
    >>> import geopandas as gpd
    >>> import segregate as sg
    >>> from shapely import box
    >>> places = [(4.32e6 + 100 * i, 3.21e6 + 100 * j) for i in range(10) for j in range(10)]
    >>> people = {"a": [80] * 30 + [20] * 70, "b": [20] * 30 + [80] * 70}
    >>> blocks = gpd.GeoDataFrame(people, geometry=[box(x, y, x + 100, y + 100) for x, y in places], crs=3035)
    >>> spots = sg.hotspots(sg.Population.from_frame(blocks, ["a", "b"]), "a", rng=1)
    >>> spots["class"].value_counts(sort=False).to_dict()
    {'hot spot': 18, 'not significant': 82, 'cold spot': 0}
    """
    name = _check(pop, group, method, replicates, level, rng)
    share = pop.composition[:, pop.groups.index(name)].copy()
    lived_in = pop.totals > 0
    share[~lived_in] = np.nan
    notes = _told_of_values(pop, share)
    rows = np.flatnonzero(np.isfinite(share))
    rows = rows[_by_id(pop.ids[rows])]
    matrix, described = _neighbours(pop, rows, neighbours)
    columns: dict[str, Any] = {"value": share}
    columns |= {word: np.full(pop.n_units, np.nan) for word in ("statistic", "z", "p_value", "q_value")}
    codes = np.full(pop.n_units, -1, dtype=np.int64)
    why = _undefined(share[rows], matrix)
    if why:
        warn_undefined(f"Hot spots of {name!r} are undefined: {why}")
    else:
        notes += _told_of_islands(pop.ids[rows], matrix)
        found = _tested(share[rows], matrix, method, replicates, level, rng)
        for word in ("statistic", "z", "p_value", "q_value"):
            columns[word][rows] = getattr(found, word)
        codes[rows] = found.codes
        notes += _told_of_replicates(found, replicates, level)
    columns["class"] = pd.Categorical.from_codes(codes, categories=pd.Index(list(METHODS[method].roles)), ordered=True)
    params = {"neighbours": described, "replicates": int(replicates), "level": float(level)}
    if isinstance(rng, (int, np.integer)):
        params["seed"] = int(rng)
    spots = unit_table(
        pop,
        columns,
        {
            "index": "hotspots",
            "method": method,
            "symbol": METHODS[method].symbol,
            "title": METHODS[method].title,
            "params": params,
            "group": name,
            "other": None,
            "center": None,
            "bounds": None,
            "reference": False,
            "column": "class",
            "categories": list(METHODS[method].roles),
            "roles": dict(METHODS[method].roles),
            "classes": f"two-sided p-values of conditional permutation, false discovery rate (Benjamini-Hochberg) up "
            f"to {level:g}",
        },
    )
    spots.attrs["segregate"]["notes"] += notes
    return spots


def _check(pop: object, group: str | None, method: str, replicates: object, level: object, rng: object) -> str:
    """Refuse what cannot be used, and return the name of the group."""
    if not isinstance(pop, Population):
        raise ParameterError(f"hotspots takes a Population, not {type(pop).__name__}.")
    check_choice("method", method, list(METHODS))
    if not (_whole(replicates) and replicates >= 1):
        raise ParameterError(f"replicates= is a whole number, 1 or more, not {replicates!r}.")
    if not (isinstance(level, (float, np.floating)) and 0 < level < 1):
        raise ParameterError(f"level= is a share between 0 and 1, such as 0.05, not {level!r}.")
    if not (rng is None or isinstance(rng, np.random.Generator) or (_whole(rng) and rng >= 0)):
        raise ParameterError(f"rng= is a numpy Generator, a whole number (0 or more) or None, not {rng!r}.")
    return pop.groups[focal_positions(pop.groups, [group])[0]]


def _whole(number: object) -> TypeGuard[int]:
    """Say whether something is a whole number; true and false are not."""
    return isinstance(number, (int, np.integer)) and not isinstance(number, bool)


def _told_of_values(pop: Population, share: Floats) -> list[str]:
    """Say what limits the values, and return it for captions."""
    if pop.at_home:
        return []
    warn(f"{OVERLAP}.")
    notes = [OVERLAP.partition(". ")[0]]
    nobody = (pop.totals > 0) & ~np.isfinite(share)
    if nobody.any():
        text = f"{plural(int(nobody.sum()), 'unit')} with people who meet nobody left out"
        warn(f"{text} (first: {first_of(pop.ids[nobody][:4])}).")
        notes.append(text)
    return notes


def _by_id(ids: pd.Index) -> Ints:
    """Return the order of the ids, so that the order of the rows does not matter."""
    try:
        return np.asarray(ids.argsort())
    except TypeError:  # text and numbers
        return np.asarray(pd.Index([f"{type(label).__name__} {label}" for label in ids]).argsort())


def _neighbours(pop: Population, rows: Ints, asked: Any) -> tuple[scipy.sparse.csr_array, str]:
    """Return the weights between some units, in their order, and what they are called."""
    if asked is None:
        polygons = pop.geometry is None or not pop.places.lacks("geometry")
        asked = "queen" if polygons else min(NEAREST, max(len(rows) - 1, 1))
    if isinstance(asked, str):
        check_choice("neighbours", asked, ("queen", "rook"))
        matrix = _among(touching_units(pop.places.borders, rook=asked == "rook"), rows)
        return matrix + scipy.sparse.eye_array(len(rows), format="csr"), f"{asked} contiguity"
    if isinstance(asked, (bool, int, float, np.number)):
        if not (_whole(asked) and 1 <= asked < max(len(rows), 2)):
            raise ParameterError(
                f"neighbours={asked!r}: the number of nearest units is whole, 1 or more, and below the number of units "
                f"with people ({len(rows):,})."
            )
        if len(rows) < 2:
            return scipy.sparse.csr_array((len(rows), len(rows))), f"{asked} nearest units"
        matrix = nearest_units(pop.places.points[rows], int(asked))
        return matrix + scipy.sparse.eye_array(len(rows), format="csr"), f"{asked} nearest units"
    described = "given graph"
    if isinstance(asked, type) or not callable(getattr(asked, "on", None)):
        if not (scipy.sparse.issparse(asked) or hasattr(asked, "unique_ids")):
            raise ParameterError(
                "neighbours= is 'queen', 'rook', a number of nearest units, a libpysal Graph, a SciPy sparse matrix or "
                f"an environment, not {type(asked).__name__}."
            )
        asked = Weights(asked)
    else:
        described = str(asked)
    return _among(asked.on(pop.home()).to_sparse(), rows), described


def _among(matrix: scipy.sparse.csr_array, rows: Ints) -> scipy.sparse.csr_array:
    """Return the weights between some units, in their order."""
    some = scipy.sparse.csr_array(matrix[rows][:, rows])
    some.eliminate_zeros()
    some.sort_indices()
    return some


def _without_self(matrix: scipy.sparse.csr_array) -> scipy.sparse.csr_array:
    """Return the weights of the others."""
    pairs = matrix.tocoo()
    apart = pairs.row != pairs.col
    return scipy.sparse.csr_array(
        (pairs.data[apart], (pairs.row[apart], pairs.col[apart])), shape=matrix.shape, dtype=np.float64
    )


def _undefined(share: Floats, matrix: scipy.sparse.csr_array) -> str:
    """Say why nothing can be tested, or nothing."""
    if len(share) < 3:
        return f"there {'is' if len(share) == 1 else 'are'} {plural(len(share), 'unit')} with people, and it takes 3"
    if np.ptp(share) <= SLACK * share.max():
        return f"the share is the same in all units ({share[0]:.6g})"
    if not _without_self(matrix).nnz:
        return "no unit has a neighbour"
    return ""


def _told_of_islands(ids: pd.Index, matrix: scipy.sparse.csr_array) -> list[str]:
    """Say which units have no neighbours, and return it for captions."""
    alone = np.diff(_without_self(matrix).indptr) == 0
    if not alone.any():
        return []
    warn(
        f"{have(int(alone.sum()), len(ids))} no neighbours (first: {first_of(ids[alone][:4])}) and no value; the "
        "others are still compared with them, too. neighbours=8, the nearest units, gives neighbours to all."
    )
    return [f"{plural(int(alone.sum()), 'unit')} without neighbours left out"]


class _Found(NamedTuple):
    """What was found, in the order of the tested units; NaN and -1 for islands."""

    statistic: Floats
    z: Floats
    p_value: Floats
    q_value: Floats
    codes: Ints


def _tested(
    share: Floats,
    matrix: scipy.sparse.csr_array,
    method: str,
    replicates: int,
    level: float,
    rng: np.random.Generator | int | None,
) -> _Found:
    """Compute statistic, p-value and class of every unit."""
    others = _without_self(matrix)
    linked = np.diff(others.indptr) > 0
    if method == "getis-ord":
        largest = others.max(axis=1).toarray().ravel()
        own = np.where(matrix.diagonal() > 0, matrix.diagonal(), largest)
        own[~linked] = 1.0
        weights = _standardised(others + scipy.sparse.diags_array(own))
        values = share
        statistic, quadrant = _esda_getis_ord(share, weights), None
        factor = np.full(len(share), 1 / share.sum())
        fixed = weights.diagonal() * share * factor
        others = _without_self(weights)
    else:
        others = _standardised(others)
        values = (share - share.mean()) / share.std()
        statistic, quadrant = _esda_moran(share, others)
        factor = (len(values) - 1) * values / (values @ values)
        fixed = np.zeros(len(values))
    draws = draw_others(len(share), int(np.diff(others.indptr).max()), replicates, rng)
    reached = count_reached(values, statistic, fixed, factor, others, draws)
    mean, deviation = moments(values, others)
    # where nothing varies, whoever changes places, there is no z
    scale = np.where(deviation * np.abs(factor) > 0, deviation * np.abs(factor), np.nan)
    z = (statistic - fixed - factor * mean) / scale
    p_value = np.minimum(1.0, 2 * (reached.min(axis=1) + 1) / (replicates + 1))
    for column in (statistic, z, p_value):
        column[~linked] = np.nan
    q_value = np.full(len(share), np.nan)
    q_value[linked] = scipy.stats.false_discovery_control(p_value[linked])
    names = list(METHODS[method].roles)
    codes = np.full(len(share), -1, dtype=np.int64)
    codes[linked] = names.index("not significant")
    called = linked & (q_value <= level)
    if quadrant is None:
        quadrant = np.where(reached[:, 0] < reached[:, 1], "hot spot", "cold spot").astype(object)
    codes[called] = [names.index(word) for word in quadrant[called]]
    return _Found(statistic, z, p_value, q_value, codes)


def _standardised(matrix: scipy.sparse.csr_array) -> scipy.sparse.csr_array:
    """Return weights whose rows sum to 1, those of islands to 0."""
    total = np.asarray(matrix.sum(axis=1)).ravel()
    inverse = np.divide(1.0, total, out=np.zeros(len(total)), where=total > 0)
    scaled = scipy.sparse.csr_array(scipy.sparse.diags_array(inverse) @ matrix)
    scaled.sort_indices()
    return scaled


def _esda_getis_ord(share: Floats, weights: scipy.sparse.csr_array) -> Floats:
    """Return G* of every unit."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):  # what esda sets is put back
        from esda.getisord import G_Local

        found = G_Local(share, as_graph(weights), transform="R", star=True, permutations=0)
    return np.array(found.Gs, dtype=np.float64)


def _esda_moran(share: Floats, weights: scipy.sparse.csr_array) -> tuple[Floats, npt.NDArray[np.object_]]:
    """Return local Moran of every unit, and the name of its quadrant."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):  # what esda sets is put back
        from esda.moran import Moran_Local

        found = Moran_Local(share, as_graph(weights), transformation="r", permutations=0)
    return np.array(found.Is, dtype=np.float64), np.array([QUADRANTS[int(q)] for q in found.q], dtype=object)


def _told_of_replicates(found: _Found, replicates: int, level: float) -> list[str]:
    """Say when more replicates could find what these cannot, and return it for captions."""
    p_value = found.p_value[np.isfinite(found.p_value)]
    smallest = min(1.0, 2 / (replicates + 1))
    at_floor = int((p_value <= smallest).sum())
    if (found.q_value <= level).any() or not (at_floor or smallest > level):
        return []
    needed = math.ceil(len(p_value) * smallest / level)
    enough = math.ceil(2 * len(p_value) / (level * (1 if smallest > level else at_floor)))
    limit = (
        f"their smallest p-value, {smallest:.2g}, is above the level"
        if smallest > level
        else f"their smallest p-value is {smallest:.2g}, which {have(at_floor, len(p_value))} and {needed:,} would need"
    )
    warn(
        f"Nothing is significant, and {plural(int(replicates), 'replicate')} may be too few to find it: {limit}. "
        f"Take more: replicates={enough:_}."
    )
    return ["more replicates might find significant units"]
