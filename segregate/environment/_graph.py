"""Neighbours of units as a sparse matrix, and as the Graph that PySAL reads."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse
import scipy.spatial

from .borders import Borders

__all__ = ["as_graph", "nearest_units", "touching_units"]

Floats = npt.NDArray[np.float64]
TIE = 1e-9
"""Distances that differ by no more, relative, are equal."""


def touching_units(borders: Borders, *, rook: bool) -> scipy.sparse.csr_array:
    """Return who touches whom, 1 for neighbours, (n, n).

    Parameters
    ----------
    borders : Borders
        Pairs of units that touch.
    rook : bool
        Whether a common corner is not enough.
    """
    kept = borders.length > 0 if rook else np.ones(len(borders.i), dtype=bool)
    i, j = borders.i[kept], borders.j[kept]
    n = len(borders.perimeter)
    return scipy.sparse.csr_array((np.ones(2 * len(i)), (np.r_[i, j], np.r_[j, i])), shape=(n, n))


def nearest_units(points: Floats, k: int) -> scipy.sparse.csr_array:
    """Return the k nearest units of each, 1 for neighbours, (n, n).

    Units that are equally far away share what is left of the k: with k = 4, two that are nearer and
    three at one distance weigh 1, 1, 2/3, 2/3 and 2/3. So no order of the rows decides, and units
    at one point are neighbours like any others; no point is moved.

    Parameters
    ----------
    points : ndarray of shape (n, 2)
        Where units are, in metres.
    k : int
        Number of neighbours, below n.
    """
    n = len(points)
    tree = scipy.spatial.cKDTree(points)
    farthest = tree.query(points, k=k + 1)[0][:, k]  # the unit itself is one of them
    found = tree.query_ball_point(points, farthest * (1 + TIE), return_sorted=True)
    row = np.repeat(np.arange(n), [len(one) for one in found])
    column = np.concatenate(found).astype(np.int64)
    row, column = row[row != column], column[row != column]
    distance = np.sqrt(((points[row] - points[column]) ** 2).sum(axis=1))
    nearer = distance < farthest[row] * (1 - TIE)
    left = k - np.bincount(row[nearer], minlength=n)
    share = left / np.bincount(row[~nearer], minlength=n)
    return scipy.sparse.csr_array((np.where(nearer, 1.0, share[row]), (row, column)), shape=(n, n))


def as_graph(matrix: scipy.sparse.csr_array) -> Any:
    """Return a libpysal Graph of units called 0, 1, ..., n - 1, with these weights."""
    from libpysal.graph import Graph

    return Graph.from_sparse(matrix)
