"""Which units may be merged: neighbours in space, in composition, or by a table."""

from __future__ import annotations

import numbers
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse
import scipy.spatial

from .._checks import check_choice
from ..environment import Weights
from ..errors import ParameterError, UnknownNameError, first_of, nearest, plural
from ..population import Population

__all__ = ["equal_pairs", "given_pairs", "in_composition", "is_count", "words_of"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
KINDS = ("rook", "queen")
TIE = 1 + 1e-12
"""Units whose distances differ by no more than that, one after the other, are equally near."""


def is_count(value: object) -> bool:
    """Say whether a value is a whole number; True and False are none."""
    return not isinstance(value, bool) and isinstance(value, numbers.Integral)


def words_of(neighbours: Any, kind: str | None) -> str:
    """Say which pairs are looked at, or refuse what cannot say it."""
    if kind is not None:
        check_choice("kind", kind, KINDS)
        if not (isinstance(neighbours, str) and neighbours == "borders"):
            raise ParameterError("kind= is about units that touch; give neighbours='borders' with it, or leave it out.")
    if isinstance(neighbours, str):
        check_choice("neighbours", neighbours, ("all", "borders"))
        return "all pairs" if neighbours == "all" else f"units that touch, {kind or KINDS[0]}"
    if is_count(neighbours):
        if neighbours < 1:
            raise ParameterError(f"neighbours={neighbours} is the number of units nearest in composition, 1 or more.")
        return f"{plural(int(neighbours), 'nearest unit')} in composition"
    return "given pairs"


def given_pairs(population: Population, neighbours: Any, kind: str | None) -> tuple[Ints, Ints]:
    """Return the pairs of units that touch, or that a table, a graph or a matrix names, as row numbers.

    Parameters
    ----------
    population : Population
        The units.
    neighbours, kind
        Those of `segregate.compress`.
    """
    if isinstance(neighbours, str):
        borders = population.places.borders
        kept = borders.length > 0 if (kind or KINDS[0]) == "rook" else np.ones(len(borders.i), dtype=bool)
        return borders.i[kept], borders.j[kept]
    if scipy.sparse.issparse(neighbours) or isinstance(getattr(neighbours, "unique_ids", None), pd.Index):
        matrix = scipy.sparse.coo_array(Weights(neighbours).on(population).to_sparse())
        linked = (matrix.data > 0) & (matrix.row != matrix.col)
        return matrix.row[linked].astype(np.int64), matrix.col[linked].astype(np.int64)
    return _named_pairs(population, neighbours)


def _named_pairs(population: Population, neighbours: Any) -> tuple[Ints, Ints]:
    """Read pairs of ids."""
    takes = (
        "neighbours= takes 'all', 'borders', a number of units nearest in composition, pairs of ids (a DataFrame or "
        "array with two columns), a libpysal Graph or a SciPy sparse matrix"
    )
    if isinstance(neighbours, pd.DataFrame):
        pairs = neighbours
    elif isinstance(neighbours, (np.ndarray, Sequence)):
        try:
            pairs = pd.DataFrame(neighbours if len(neighbours) else np.empty((0, 2), dtype=np.int64))
        except ValueError as error:
            raise ParameterError(f"{takes}; these pairs make no table ({error}).") from error
    else:
        raise ParameterError(f"{takes}, not {type(neighbours).__name__}.")
    if pairs.shape[1] != 2:
        raise ParameterError(f"{takes}; this table of pairs has {plural(pairs.shape[1], 'column')}.")
    ends = [pd.Index(pairs.iloc[:, column]) for column in range(2)]
    rows = [population.ids.get_indexer(end) for end in ends]
    unknown = [label for end, row in zip(ends, rows, strict=True) for label in end[row < 0].unique()]
    if unknown:
        raise UnknownNameError(
            f"{plural(len(unknown), 'id')} in the pairs of neighbours= {'is' if len(unknown) == 1 else 'are'} not in "
            f"the population (first: {first_of(unknown)}). {nearest(unknown[0], population.ids[:5000])}"
        )
    selves = rows[0] == rows[1]
    if selves.any():
        raise ParameterError(
            f"{plural(int(selves.sum()), 'pair')} of neighbours= {'names' if selves.sum() == 1 else 'name'} one unit "
            f"twice (first: {first_of(population.ids[rows[0][selves]])}); a pair is two units."
        )
    return rows[0].astype(np.int64), rows[1].astype(np.int64)


def equal_pairs(shares: Floats) -> tuple[Ints, Ints]:
    """Return each unit whose composition an earlier one has, with the first that has it.

    Parameters
    ----------
    shares : ndarray of shape (n, M)
        Compositions; equal ones are equal to the bit.
    """
    _, first, which = np.unique(shares, axis=0, return_index=True, return_inverse=True)
    earliest = first[which.ravel()]
    again = np.flatnonzero(earliest != np.arange(len(shares)))
    return earliest[again].astype(np.int64), again


def in_composition(shares: Floats, k: int) -> tuple[Ints, Ints]:
    """Return each unit with the k nearest in composition.

    The distance is Hellinger's, that between the roots of the shares; of units equally near
    the first are taken.

    Parameters
    ----------
    shares : ndarray of shape (n, M)
        Compositions of two or more units.
    k : int
        Number of neighbours; n - 1 where there are no more.
    """
    n = len(shares)
    k = min(k, n - 1)
    roots = np.sqrt(shares)
    tree = scipy.spatial.cKDTree(roots)
    found = np.asarray(tree.query(roots, k=min(k + 2, n))[1], dtype=np.int64)
    far = np.linalg.norm(roots[found] - roots[:, None, :], axis=2)
    far[found == np.arange(n)[:, None]] = np.inf
    found, rank = _ranked(found, far)
    if found.shape[1] > k + 1:  # neighbours were left out: one as near as the last may be among them
        reach = np.partition(far, k - 1, axis=1)[:, k - 1] * (1 + 1e-9)
        for row in np.flatnonzero(rank[:, k - 1] == rank[:, k]):
            near = np.array(tree.query_ball_point(roots[row], reach[row]), dtype=np.int64)
            near = near[near != row]
            found[row, :k] = _ranked(near, np.linalg.norm(roots[near] - roots[row], axis=1))[0][:k]
    return np.repeat(np.arange(n), k), found[:, :k].ravel()


def _ranked(numbers: Ints, far: Floats) -> tuple[Ints, Ints]:
    """Sort the units of each row by distance, equally near ones by number; give the rank of the distance too."""
    order = np.argsort(far, axis=-1, kind="stable")
    numbers, far = np.take_along_axis(numbers, order, axis=-1), np.take_along_axis(far, order, axis=-1)
    rank = np.zeros(far.shape, dtype=np.int64)
    rank[..., 1:] = np.cumsum(far[..., 1:] > far[..., :-1] * TIE, axis=-1)
    order = np.lexsort((numbers, rank), axis=-1)
    return np.take_along_axis(numbers, order, axis=-1), np.take_along_axis(rank, order, axis=-1)
