"""Streets as a graph: where they are joined, where places reach them, and how far it is along them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse
import scipy.sparse.csgraph
import scipy.spatial
import shapely

__all__ = ["Reached", "Streets", "crossed", "near_pairs"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Lines = npt.NDArray[np.object_]

AT_ONCE = 512
"""Places from which shortest paths are looked for at once, at the most."""
CELLS = 4_000_000
"""Distances that are held at once; 8 bytes each."""


@dataclass(frozen=True, eq=False)
class Reached:
    """Where places reach the streets.

    Attributes
    ----------
    edge : ndarray of shape (P,)
        Number of the edge that is nearest.
    offset : ndarray of shape (P,)
        Metres along the edge, from its first end.
    distance : ndarray of shape (P,)
        Metres from the place, straight, to that point of the edge.
    """

    edge: Ints
    offset: Floats
    distance: Floats


@dataclass(frozen=True, eq=False)
class Streets:
    """Edges between nodes, walked both ways.

    Attributes
    ----------
    lines : ndarray of shape (E,)
        A LineString for each edge, in metres.
    ends : ndarray of shape (E, 2)
        Numbers of the nodes at the beginning and at the end of each line.
    lengths : ndarray of shape (E,)
        Metres.
    row : ndarray of shape (E,)
        Row of the user's streets that each edge is a part of, -1 where that is not known.
    """

    lines: Lines
    ends: Ints
    lengths: Floats
    row: Ints

    @classmethod
    def of_lines(cls, lines: Lines, row: Ints, *, vertices: bool, tolerance: float) -> Streets:
        """Cut lines where they are joined.

        Parameters
        ----------
        lines : ndarray of LineString
            In metres, each longer than 0.
        row : ndarray of int
            Row of the user's streets that each line is a part of.
        vertices : bool
            Whether streets are joined where any vertices meet, and not only where ends meet.
        tolerance : float
            Metres. Nodes that are not farther apart are one.
        """
        corners, line = shapely.get_coordinates(lines, return_index=True)
        again = (np.diff(line) == 0) & (np.diff(corners, axis=0) == 0).all(axis=1)
        corners, line = corners[np.r_[True, ~again]], line[np.r_[True, ~again]]
        change = np.diff(line) != 0
        first, last = np.r_[True, change], np.r_[change, True]
        _, spot, many = np.unique(corners, axis=0, return_inverse=True, return_counts=True)
        spot = spot.reshape(-1)
        cut = first | last
        if vertices:
            cut |= many[spot] > 1
        node = _merged(corners[cut], spot[cut], tolerance)
        number = np.full(len(corners), -1)
        number[cut] = node
        # an edge runs from each cut to the next in the same line; the cut between two edges stands in both
        begins = np.flatnonzero(cut & ~last)
        stops = np.flatnonzero(cut & ~first)
        size = stops - begins + 1
        at = np.repeat(begins - np.r_[0, np.cumsum(size)[:-1]], size) + np.arange(size.sum())
        edges = shapely.linestrings(corners[at], indices=np.repeat(np.arange(len(size)), size))
        ends = np.column_stack([number[begins], number[stops]])
        return cls(edges, ends, shapely.length(edges), row[line[begins]])._once()

    @classmethod
    def of_graph(cls, lines: Lines, ends: Ints, lengths: Floats) -> Streets:
        """Take edges as a graph has them.

        Parameters
        ----------
        lines : ndarray of LineString
            In metres; they may run from the second node to the first.
        ends : ndarray of shape (E, 2)
            Numbers of nodes.
        lengths : ndarray of shape (E,)
            Metres; NaN where it is that of the line.
        """
        drawn = shapely.length(lines)
        return cls(lines, ends, np.where(np.isnan(lengths), drawn, lengths), np.arange(len(lines)))._once()

    def _once(self) -> Streets:
        """Return every edge once: the same line drawn twice, in either direction, is one street."""
        order = np.argsort(self.lengths, kind="stable")
        drawn = shapely.to_wkb(shapely.normalize(self.lines[order]))
        low, high = np.sort(self.ends[order], axis=1).T
        twice = pd.DataFrame({"line": drawn, "low": low, "high": high}).duplicated().to_numpy()
        keep = np.sort(order[~twice])
        return Streets(self.lines[keep], self.ends[keep], self.lengths[keep], self.row[keep])

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return int(self.ends.max()) + 1

    def stray(self) -> Ints:
        """Return the edges that meet others and are joined to none."""
        pairs = (np.ones(len(self.ends)), (self.ends[:, 0], self.ends[:, 1]))
        graph = scipy.sparse.coo_array(pairs, shape=(self.n_nodes, self.n_nodes))
        part = scipy.sparse.csgraph.connected_components(graph, directed=False)[1][self.ends[:, 0]]
        alone: Ints = np.flatnonzero(np.bincount(part)[part] == 1)
        if not len(alone):
            return alone
        one, other = shapely.STRtree(self.lines).query(self.lines[alone], predicate="intersects")
        meets: Ints = alone[np.unique(one[alone[one] != other])]
        return meets

    def reach(self, points: Floats) -> Reached:
        """Return the nearest point on a street of each place.

        Of points that are equally near the one farthest west is taken, of these the one farthest south.

        Parameters
        ----------
        points : ndarray of shape (P, 2)
            In metres.
        """
        places = shapely.points(points)
        (place, edge), distance = shapely.STRtree(self.lines).query_nearest(places, return_distance=True)
        line = self.lines[edge]
        offset = shapely.line_locate_point(line, places[place])
        spot = shapely.line_interpolate_point(line, offset)
        order = np.lexsort([edge, shapely.get_y(spot), shapely.get_x(spot), place])
        order = order[np.r_[True, np.diff(place[order]) != 0]]
        edge, offset, drawn = edge[order], offset[order], shapely.length(line[order])
        stretch = np.divide(self.lengths[edge], drawn, out=np.zeros(len(edge)), where=drawn > 0)
        return Reached(edge, np.minimum(offset * stretch, self.lengths[edge]), distance[order])

    def graph(self, reached: Reached) -> tuple[scipy.sparse.csr_array, Ints]:
        """Make a node of every point where a place reaches the streets.

        Parameters
        ----------
        reached : Reached
            The places.

        Returns
        -------
        graph : csr_array
            Symmetric, nodes x nodes; lengths of the edges in metres, the shortest where several run between two nodes.
        node : ndarray of shape (P,)
            Node of each place.
        """
        edge, offset = reached.edge, reached.offset
        at_end = offset >= self.lengths[edge]
        node = np.where(at_end, self.ends[edge, 1], self.ends[edge, 0])
        between = np.flatnonzero((offset > 0) & ~at_end)
        stops, which = np.unique(np.column_stack([edge[between], offset[between]]), axis=0, return_inverse=True)
        node[between] = self.n_nodes + which.reshape(-1)
        n_edges, n_stops = len(self.lines), len(stops)
        on = np.r_[np.arange(n_edges), stops[:, 0].astype(np.int64), np.arange(n_edges)]
        along = np.r_[np.zeros(n_edges), stops[:, 1], self.lengths]
        passed = np.r_[self.ends[:, 0], self.n_nodes + np.arange(n_stops), self.ends[:, 1]]
        order = np.lexsort([np.repeat([0, 1, 2], [n_edges, n_stops, n_edges]), along, on])
        on, along, passed = on[order], along[order], passed[order]
        link = np.flatnonzero((np.diff(on) == 0) & (passed[:-1] != passed[1:]))
        low, high = np.minimum(passed[link], passed[link + 1]), np.maximum(passed[link], passed[link + 1])
        length = along[link + 1] - along[link]
        order = np.lexsort([length, high, low])
        low, high, length = low[order], high[order], length[order]
        shortest = np.r_[True, (np.diff(low) != 0) | (np.diff(high) != 0)][: len(low)]
        low, high, length = low[shortest], high[shortest], length[shortest]
        size = self.n_nodes + n_stops
        both = (np.r_[length, length], (np.r_[low, high], np.r_[high, low]))
        return scipy.sparse.csr_array(both, shape=(size, size)), node


def crossed(lines: Lines, tolerance: float) -> Lines:
    """Return lines that end wherever they crossed or touched, each stretch once.

    Parameters
    ----------
    lines : ndarray of LineString
        In metres.
    tolerance : float
        Metres to which coordinates are rounded; 0 leaves them as they are.
    """
    parts = shapely.get_parts(shapely.union_all(lines, grid_size=tolerance or None))
    stretches: Lines = parts[~shapely.is_empty(parts)]
    return stretches


def _merged(corners: Floats, spot: Ints, tolerance: float) -> Ints:
    """Return the numbers of nodes, from 0; spots that are not farther apart than a tolerance are one.

    Parameters
    ----------
    corners : ndarray of shape (k, 2)
        Where each is.
    spot : ndarray of shape (k,)
        The same number for the same place.
    tolerance : float
        Metres.
    """
    _, first, node = np.unique(spot, return_index=True, return_inverse=True)
    node = node.reshape(-1)
    if tolerance == 0:
        return node
    pairs = scipy.spatial.KDTree(corners[first]).query_pairs(tolerance, output_type="ndarray")
    graph = scipy.sparse.coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(first), len(first)))
    merged: Ints = scipy.sparse.csgraph.connected_components(graph, directed=False)[1].astype(np.int64)
    return merged[node]


def near_pairs(
    graph: scipy.sparse.csr_array, node: Ints, snap: Floats, points: Floats, reach: float
) -> Iterator[tuple[Ints, Ints, Floats]]:
    """Yield the pairs of different places that are within reach, block by block.

    Parameters
    ----------
    graph : csr_array
        Symmetric, lengths in metres.
    node : ndarray of shape (P,)
        Node at which each place reaches the streets.
    snap : ndarray of shape (P,)
        Metres from each place to its node.
    points : ndarray of shape (P, 2)
        Where the places are: neighbours are served together.
    reach : float
        Metres.

    Yields
    ------
    row, column : ndarray of int
        Two places.
    distance : ndarray
        Metres from the one to the other: to the street, along it, and from it.

    Notes
    -----
    A path within reach leads over nodes within reach: for each block the graph is cut down to these, so that time
    and memory depend on what is near and not on how large the network is.
    """
    limit = reach * (1 + 5e-13)
    able = np.flatnonzero(snap <= limit)
    cell = np.floor(points[able] / reach)
    able = able[np.lexsort([points[able, 0], points[able, 1], cell[:, 0], cell[:, 1]])]
    block = max(1, min(AT_ONCE, CELLS // (graph.shape[0] + len(node))))
    new = np.empty(graph.shape[0], dtype=np.int64)
    for start in range(0, len(able), block):
        here = able[start : start + block]
        steps = reach * (1 + 1e-9) - snap[here].min()
        nearest = scipy.sparse.csgraph.dijkstra(graph, indices=np.unique(node[here]), limit=steps, min_only=True)
        kept = np.flatnonzero(np.isfinite(nearest))
        new[:] = -1
        new[kept] = np.arange(len(kept))
        there = able[new[node[able]] >= 0]
        found = scipy.sparse.csgraph.dijkstra(graph[kept][:, kept], indices=new[node[here]], limit=steps)
        distance = snap[here][:, None] + found[:, new[node[there]]] + snap[there]
        row, column = np.nonzero(distance <= limit)
        other = here[row] != there[column]
        row, column = row[other], column[other]
        yield here[row], there[column], distance[row, column]
