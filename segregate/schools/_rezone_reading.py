"""What is asked of school zones, read into arrays."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse

from ..errors import DataError, GeometryError, ParameterError, UnknownNameError, first_of, nearest, plural
from ..population import Population
from ._rezone_problem import CLOSED, NEW, Problem, dissimilarity_weights
from ._travel import Costs, Facilities, facilities_of, travel_costs

__all__ = ["Asked", "Reading", "read_problem"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Asked:
    """The arguments of `segregate.schools.rezone` that say what zones must keep."""

    capacity: Any
    fill: tuple[float, float]
    travel: Any
    max_travel: float | None
    contiguous: Any
    max_moved: float | None
    keep: Any
    current: Any


@dataclass(frozen=True, eq=False)
class Reading:
    """The problem, and what was said of it.

    Attributes
    ----------
    problem : Problem
        The problem.
    blocks : Population
        Where pupils live, with all groups.
    schools : Facilities
        The schools.
    capacity : ndarray of shape (S,) or None
        Seats.
    costs : Costs or None
        Travel; None where it is not known.
    near, kept, own : ndarray of shape (n, S)
        Pairs that the limit of travel, `keep`, and the blocks in which schools lie leave.
    closed : list
        Schools of today that are not among the schools.
    today : Series
        The school of each block of today.
    notes : list of str
        What is to be said.
    """

    problem: Problem
    blocks: Population
    schools: Facilities
    capacity: Floats | None
    costs: Costs | None
    near: Bools
    kept: Bools
    own: Bools
    today: pd.Series[Any] | None
    max_travel: float | None
    notes: list[str]


def read_problem(blocks: Any, schools: Any, counts: Floats, weighed: Floats, asked: Asked) -> Reading:
    """Read what is asked.

    Parameters
    ----------
    blocks : Population
        Where pupils live.
    schools : GeoDataFrame, DataFrame or Population
        The schools.
    counts : ndarray of shape (n, M)
        Pupils as the objective sees them.
    weighed : ndarray of shape (n, L)
        Pupils as the dissimilarity sees them.
    asked : Asked
        The rest.
    """
    notes: list[str] = []
    facilities = facilities_of(schools, what="schools")
    n, many = blocks.n_units, len(facilities)
    costs = _costs(blocks, facilities, asked, notes)
    current, today = _current(blocks, facilities, asked.current, notes)
    capacity, low, high = _room(facilities, asked)
    i, j = _neighbours(blocks, asked.contiguous)
    roots, own = (
        _own_blocks(blocks, facilities, notes) if i is not None else (np.full(many, -1), np.ones((n, many), bool))
    )
    kept = _kept(blocks, facilities, asked.keep, current)
    near = np.ones((n, many), dtype=bool)
    if costs is not None:
        near = np.isfinite(costs.matrix)
        if asked.max_travel is not None:
            near &= costs.matrix <= asked.max_travel * (1 + 1e-12)
    empty = blocks.totals == 0
    near[empty] = True
    allowed = near & kept & own
    if i is None:
        _settle_empty(allowed, empty, current, costs)
    weights, scale, step = dissimilarity_weights(weighed)
    problem = Problem(
        counts=np.array(counts, order="C"),
        weights=weights,
        scale=scale,
        step=step,
        cost=None if costs is None else np.array(costs.matrix),
        allowed=allowed,
        low=low,
        high=high,
        current=current,
        most_moved=_most_moved(asked.max_moved, asked.current, blocks.size),
        i=i,
        j=j,
        roots=np.asarray(roots, dtype=np.int64),
    )
    return Reading(problem, blocks, facilities, capacity, costs, near, kept, own, today, asked.max_travel, notes)


def _costs(blocks: Population, facilities: Facilities, asked: Asked, notes: list[str]) -> Costs | None:
    limit = asked.max_travel
    if limit is not None and not (_number(limit) and limit > 0):
        raise ParameterError(f"max_travel={limit!r} is a number above 0: metres, or what travel= is in.")
    unknown = asked.travel is None and (blocks.geometry is None or facilities.points is None)
    if unknown and limit is None:
        notes.append("travel is not known: blocks or schools have no places, and there is no travel=")
        return None
    return travel_costs(blocks, facilities, asked.travel, what="schools")


def _number(value: object) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool) and math.isfinite(value)


def _current(
    blocks: Population, facilities: Facilities, current: Any, notes: list[str]
) -> tuple[Ints, pd.Series[Any] | None]:
    """Return the school of today of each block."""
    if current is None:
        return np.full(blocks.n_units, NEW, dtype=np.int64), None
    if isinstance(current, pd.Series | Mapping):
        named = pd.Series(current).reindex(blocks.ids)
    else:
        if current not in blocks.attributes.columns:
            raise UnknownNameError(
                f"blocks have no column {current!r} (current=). {nearest(current, map(str, blocks.attributes.columns))}"
            )
        named = blocks.attributes[current]
    found = facilities.ids.get_indexer(pd.Index(named)).astype(np.int64)
    absent = named.isna().to_numpy()
    closed = (found < 0) & ~absent
    found[closed] = CLOSED
    if absent.all():
        raise DataError("No block has a school of today (current=); its index are the ids of blocks.")
    if closed.sum() + absent.sum() == len(found):
        raise UnknownNameError(
            f"None of the schools of today ({first_of(named[closed].unique())}) is among the schools "
            f"({first_of(facilities.ids)})."
        )
    if closed.any():
        gone = list(dict.fromkeys(named[closed]))
        notes.append(
            f"{plural(int(closed.sum()), 'block')} with {blocks.totals[closed].sum():,.6g} pupils "
            f"{'goes' if closed.sum() == 1 else 'go'} today to schools that are not among the schools "
            f"({first_of(gone)}): these pupils change school in any plan"
        )
    if absent.any():
        notes.append(
            f"{plural(int(absent.sum()), 'block')} with {blocks.totals[absent].sum():,.6g} pupils "
            f"{'has' if absent.sum() == 1 else 'have'} no school of today; they do not count as moved"
        )
    return found, named


def _room(facilities: Facilities, asked: Asked) -> tuple[Floats | None, Floats, Floats]:
    """Return seats, and pupils at least and at most."""
    many = len(facilities)
    fill = asked.fill
    fine = isinstance(fill, tuple | list) and len(fill) == 2 and all(_number(end) for end in fill)
    if not fine or not 0 <= fill[0] <= fill[1] or not fill[1] > 0:
        raise ParameterError(
            f"fill={fill!r} are two shares of the capacity, the least and the most pupils of a school: (0.7, 1.05)."
        )
    capacity = asked.capacity
    if capacity is None:
        if tuple(fill) != (0.0, 1.0):
            raise ParameterError("fill= are shares of capacity=, which is None.")
        return None, np.zeros(many), np.full(many, np.inf)
    if _number(capacity):
        if capacity <= 0:
            raise ParameterError(f"capacity={capacity!r} is no room for pupils; seats of each school, above 0.")
        seats = np.full(many, float(capacity))
    elif isinstance(capacity, pd.Series | Mapping):
        given = pd.Series(capacity, dtype=np.float64).reindex(facilities.ids)
        bad = ~(np.isfinite(given.to_numpy()) & (given.to_numpy() >= 0))
        if bad.any():
            raise DataError(
                f"{plural(int(bad.sum()), 'school')} without a number of seats of 0 or more in capacity= (first: "
                f"{first_of(facilities.ids[bad])})."
            )
        seats = given.to_numpy(dtype=np.float64, copy=True)
    elif isinstance(capacity, Hashable):
        seats = np.array(facilities.numbers(capacity, "capacity="))
    else:
        raise ParameterError(
            f"capacity= is a column of the schools, seats by school, or seats of each; not {type(capacity).__name__}."
        )
    return seats, float(fill[0]) * seats, float(fill[1]) * seats


def _neighbours(blocks: Population, contiguous: Any) -> tuple[Ints | None, Ints | None]:
    """Return pairs of blocks with a common border, or None where zones need not hang together."""
    if contiguous is False:
        return None, None
    if scipy.sparse.issparse(contiguous):
        pairs = scipy.sparse.coo_array(contiguous)
        if pairs.shape != (blocks.n_units, blocks.n_units):
            raise ParameterError(
                f"contiguous= is {' x '.join(map(str, pairs.shape))}; neighbours of {blocks.n_units:,} blocks have a "
                "row and a column for each."
            )
        low, high = np.minimum(pairs.row, pairs.col), np.maximum(pairs.row, pairs.col)
        keep = (pairs.data != 0) & (low != high)
        both = np.unique(np.column_stack([low[keep], high[keep]]), axis=0).astype(np.int64)
        return np.ascontiguousarray(both[:, 0]), np.ascontiguousarray(both[:, 1])
    if contiguous is not True:
        raise ParameterError(f"contiguous= is True, False, or a sparse array of neighbours, not {contiguous!r}.")
    try:
        borders = blocks.places.borders
    except GeometryError as error:
        raise GeometryError(
            f"{error} Zones that hang together need blocks with borders; give them, or neighbours "
            "(contiguous=array), or take contiguous=False."
        ) from error
    shared = borders.length > 0
    return np.array(borders.i[shared]), np.array(borders.j[shared])


def _own_blocks(blocks: Population, facilities: Facilities, notes: list[str]) -> tuple[Ints, Bools]:
    """Return the block in which each school lies (-1: none), and the pairs that this leaves."""
    n, many = blocks.n_units, len(facilities)
    roots, own = np.full(many, -1, dtype=np.int64), np.ones((n, many), dtype=bool)
    if facilities.points is None or blocks.geometry is None:
        notes.append("the places of schools or blocks are not known, so a zone hangs together but may lie anywhere")
        return roots, own
    where = facilities.points
    if where.crs is not None and blocks.crs is not None:
        where = where.to_crs(blocks.crs)
    if not (where.geom_type == "Point").all():
        where = where.representative_point()
    school, block = blocks.geometry.sindex.query(where.array, predicate="intersects")
    order = np.lexsort((block, school))
    school, block = school[order], block[order]
    first = np.flatnonzero(np.r_[True, school[1:] != school[:-1]]) if len(school) else np.empty(0, np.int64)
    on_edges = len(school) - len(first)
    if on_edges:
        several = np.unique(school[1:][school[1:] == school[:-1]])
        notes.append(
            f"{plural(len(several), 'school')} on the border of blocks (first: {first_of(facilities.ids[several])}): "
            "the first of these blocks is taken as the school's own"
        )
    roots[school[first]] = block[first]
    outside = np.flatnonzero(roots < 0)
    if len(outside):
        notes.append(
            f"{plural(len(outside), 'school')} in no block (first: {first_of(facilities.ids[outside])}): the zone "
            "hangs together but may lie anywhere"
        )
    placed, times = np.unique(roots[roots >= 0], return_counts=True)
    for root in placed.tolist():
        mine = np.flatnonzero(roots == root)
        own[root] = False
        own[root, mine] = True
    shared = placed[times > 1]
    if len(shared):
        alike = np.flatnonzero(np.isin(roots, shared))
        notes.append(
            f"{plural(len(alike), 'school')} in a block with another (first: {first_of(facilities.ids[alike])}): the "
            "block goes to one of them"
        )
        roots[alike] = -1
    return roots, own


def _kept(blocks: Population, facilities: Facilities, keep: Any, current: Ints) -> Bools:
    """Return pairs that are left where blocks and zones stay as they are."""
    kept = np.ones((blocks.n_units, len(facilities)), dtype=bool)
    listed = [keep] if isinstance(keep, str) or not isinstance(keep, Iterable) else list(keep)
    if not listed:
        return kept
    if (current < 0).all():
        raise ParameterError("keep= names blocks or schools that stay as they are today; say how: current=.")
    for name in listed:
        is_block, is_school = name in blocks.ids, name in facilities.ids
        if is_block and is_school:
            raise ParameterError(f"keep= names {name!r}, which is a block and a school; rename one of them.")
        if is_block:
            (row,) = blocks.ids.get_indexer(pd.Index([name])).tolist()
            if current[row] < 0:
                raise ParameterError(f"keep= names the block {name!r}, which has no school of today among the schools.")
            stay = np.zeros(len(facilities), dtype=bool)
            stay[current[row]] = True
            kept[row] &= stay
        elif is_school:
            (column,) = facilities.ids.get_indexer(pd.Index([name])).tolist()
            mine = current == column
            kept[~mine, column] = False
            others = np.arange(len(facilities)) != column
            kept[np.ix_(mine, others)] = False
        else:
            known = [*map(str, facilities.ids), *map(str, blocks.ids)]
            raise UnknownNameError(f"keep= names {name!r}, which is no block and no school. {nearest(name, known)}")
    return kept


def _settle_empty(allowed: Bools, empty: Bools, current: Ints, costs: Costs | None) -> None:
    """Leave blocks without pupils one school where nothing hangs on them: that of today, or the nearest."""
    for row in np.flatnonzero(empty).tolist():
        goals = np.flatnonzero(allowed[row])
        if not len(goals):
            continue
        stay = current[row] in goals
        one = current[row] if stay else goals[0] if costs is None else goals[costs.matrix[row, goals].argmin()]
        allowed[row] = False
        allowed[row, one] = True


def _most_moved(most: float | None, current: Any, size: float) -> float:
    if most is None:
        return math.inf
    if current is None:
        raise ParameterError("max_moved= limits the pupils who change school; say where they go today: current=.")
    if not _number(most) or most < 0:
        raise ParameterError(
            f"max_moved={most!r} is a share of the pupils (a float from 0 to 1) or a number of them (a whole number)."
        )
    share = isinstance(most, float | np.floating) and most <= 1
    return float(most) * size if share else float(most)


def as_points(facilities: Facilities, crs: Any) -> gpd.GeoSeries | None:
    """Return where schools are in the reference system of the blocks."""
    where = facilities.points
    if where is None:
        return None
    return where.to_crs(crs) if where.crs is not None and crs is not None else where
