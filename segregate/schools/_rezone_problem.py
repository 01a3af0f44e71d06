"""A problem of school zones as arrays, and what a plan of them is worth."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import scipy.sparse
import scipy.sparse.csgraph

__all__ = ["Problem", "dissimilarity_weights"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
NEW, CLOSED = -1, -2
"""In `Problem.current`: a block that no school has today, and one whose school of today is not among the schools."""
EXACT = 2.0**52
"""Whole numbers up to here have no rounding."""
SLACK = 1e-7
"""Pupils by which limits may be passed: rounding."""


@dataclass(frozen=True, eq=False)
class Problem:
    """Blocks, schools, and what zones must keep.

    Attributes
    ----------
    counts : ndarray of shape (n, M)
        Pupils of each group in each block.
    weights : ndarray of shape (n, K)
        What each block adds to the nets of its school, in pupils.
    scale : float
        Dissimilarity is `scale` times the sum of all nets above 0.
    step : float
        Values of dissimilarity are multiples of it; 0 where none is known.
    cost : ndarray of shape (n, S) or None
        Travel; infinite where there is no way.
    allowed : ndarray of shape (n, S)
        Schools that each block may go to.
    low, high : ndarray of shape (S,)
        Pupils of each school, at least and at most.
    current : ndarray of shape (n,)
        School of today, `NEW` or `CLOSED`.
    most_moved : float
        Pupils who may change school.
    i, j : ndarray of shape (E,) or None
        Neighbours, each pair once; None where zones need not hang together.
    roots : ndarray of shape (S,)
        Block in which each school lies, -1 where it lies in none.
    """

    counts: Floats
    weights: Floats
    scale: float
    step: float
    cost: Floats | None
    allowed: Bools
    low: Floats
    high: Floats
    current: Ints
    most_moved: float
    i: Ints | None
    j: Ints | None
    roots: Ints

    @property
    def n(self) -> int:
        """Number of blocks."""
        return len(self.counts)

    @property
    def n_schools(self) -> int:
        """Number of schools."""
        return len(self.low)

    @property
    def contiguous(self) -> bool:
        """Whether the blocks of a school must hang together."""
        return self.i is not None

    @cached_property
    def pupils(self) -> Floats:
        """Pupils of each block."""
        return np.ascontiguousarray(self.counts.sum(axis=1))

    @cached_property
    def graph(self) -> scipy.sparse.csr_array:
        """Neighbours of each block; empty where zones need not hang together."""
        none = np.empty(0, dtype=np.int64)
        i, j = (none, none) if self.i is None or self.j is None else (self.i, self.j)
        ones = np.ones(2 * len(i))
        return scipy.sparse.csr_array((ones, (np.r_[i, j], np.r_[j, i])), shape=(self.n, self.n))

    def nets(self, zones: Ints) -> Floats:
        """Return the sums of the weights by school, (S, K)."""
        found = np.zeros((self.n_schools, self.weights.shape[1]))
        np.add.at(found, zones, self.weights)
        return found

    def dissimilarity(self, zones: Ints) -> float:
        """Return the index of dissimilarity of a plan."""
        return float(self.scale * np.abs(self.nets(zones)).sum() / 2)

    def moved(self, zones: Ints) -> float:
        """Return the pupils who change school."""
        return float(self.pupils[(self.current != NEW) & (zones != self.current)].sum())

    def loads(self, zones: Ints) -> Floats:
        """Return the pupils of each school."""
        return np.asarray(np.bincount(zones, self.pupils, minlength=self.n_schools), dtype=np.float64)

    def parts(self, zones: Ints) -> Iterator[tuple[int, list[Ints]]]:
        """Yield each school and the connected parts of its zone, that of the school (or the largest) first."""
        graph = self.graph
        for s in range(self.n_schools):
            blocks = np.flatnonzero(zones == s)
            if not len(blocks):
                continue
            _, label = scipy.sparse.csgraph.connected_components(graph[blocks][:, blocks], directed=False)
            pieces = [blocks[label == k] for k in range(label.max() + 1)]
            root = self.roots[s]
            pieces.sort(key=lambda piece: (root not in piece, -len(piece), int(piece[0])))
            yield s, pieces

    def breaks(self, zones: Ints) -> dict[str, float]:
        """Return what a plan breaks, and by how much: an empty dict where it keeps everything.

        Keys are "seats" (pupils over), "pupils short" (under), "moved" (pupils over), "blocks" (that go where they may
        not) and "parts" (of zones, apart from their school).
        """
        load = self.loads(zones)
        found = {
            "seats": float(np.maximum(load - self.high, 0).sum()),
            "pupils short": float(np.maximum(self.low - load, 0).sum()),
            "moved": max(self.moved(zones) - self.most_moved, 0.0),
            "blocks": float((~self.allowed[np.arange(self.n), zones]).sum()),
        }
        if self.contiguous:
            apart = sum(len(pieces) - 1 for _, pieces in self.parts(zones))
            homeless = sum(1 for s, root in enumerate(self.roots) if root >= 0 and zones[root] != s)
            found["parts"] = float(apart + homeless)
        return {name: by for name, by in found.items() if by > SLACK}

    def reached(self) -> Bools:
        """Return which blocks can hang together with each school over blocks that may go there too, (n, S)."""
        if not self.contiguous:
            return self.allowed
        found = self.allowed.copy()
        for s, root in enumerate(self.roots):
            if root < 0:
                continue
            blocks = np.flatnonzero(self.allowed[:, s])
            found[:, s] = False
            at = np.searchsorted(blocks, root)
            if at < len(blocks) and blocks[at] == root:
                _, label = scipy.sparse.csgraph.connected_components(self.graph[blocks][:, blocks], directed=False)
                found[blocks[label == label[at]], s] = True
        return found


def dissimilarity_weights(counts: Floats) -> tuple[Floats, float, float]:
    """Return weights, scale and step of `Problem`, of two groups or of several."""
    sizes = counts.sum(axis=0)
    total = float(sizes.sum())
    if counts.shape[1] == 2:
        whole = counts[:, :1] * sizes[1] - counts[:, 1:] * sizes[0]
        unit = 1 / (sizes[0] * sizes[1])
    else:
        whole = counts * total - counts.sum(axis=1, keepdims=True) * sizes
        shares = sizes / total
        unit = 1 / (total**2 * float((shares * (1 - shares)).sum()))
    step = 0.0
    if (counts == np.rint(counts)).all() and np.abs(whole).sum() < EXACT:
        numbers = np.abs(whole).astype(np.int64).ravel()
        step = float(np.gcd.reduce(numbers)) * unit if len(numbers) else 0.0
    return np.ascontiguousarray(whole / total), float(unit * total), step if math.isfinite(step) else 0.0
