"""Surroundings within a distance along streets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, get_args

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import scipy.sparse
import scipy.sparse.csgraph
import shapely

from .._arrays import frozen
from .._checks import check_choice
from ..errors import DataError, GeometryError, ParameterError, first_of, have, plural, warn
from ..kernels.pairs import shape_weights
from . import base
from ._points import check_metres, locate
from ._streets import Reached, Streets, crossed, near_pairs
from .base import SparseOperator
from .kernel import SHAPES, Shape

if TYPE_CHECKING:
    from ..population import Population

__all__ = ["Join", "Network"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Join = Literal["ends", "vertices", "crossings"]
TOLERANCE = 0.01
"""Metres within which nodes are one, as a rule."""


class Network:
    r"""People within a distance along streets, weighted by how near they live.

    The distance between two units is the way from the point of the one straight to the nearest point on a street,
    along the streets, and straight from the nearest point on a street to the other. Two units at the very same point
    are 0 apart, as a unit is from itself; two at different points always go by way of the streets, even where
    both reach them at the same place. Streets are walked both ways: one-way signs are for cars.

    Parameters
    ----------
    streets : GeoDataFrame, GeoSeries or networkx graph
        Lines in any coordinate reference system; they are brought into the plane in which the points of the units are.
        Or a graph as osmnx makes it: nodes with ``x`` and ``y``, edges with ``length`` in metres and ``geometry`` where
        they have them (otherwise they are straight, and as long as their line), and ``graph.graph["crs"]``.
    radius : float
        In metres, above 0. For gaussian it is the standard deviation.
    shape : {"biweight", "epanechnikov", "triangular", "uniform", "gaussian"}
        The kernel, as in `segregate.Kernel`.
    join : {"ends", "vertices", "crossings"}, optional
        Where lines are joined: where their ends meet; where vertices, ends included, meet (as a rule); or wherever
        lines cross or touch, bridges and tunnels too. A graph says itself what is joined.
    tolerance : float, optional
        In metres, 0.01 as a rule. Ends (and shared vertices) that are not farther apart are one node. With
        ``join="crossings"`` the coordinates of the lines are rounded to it, so that an end that just misses a line
        touches it.

    Raises
    ------
    ParameterError
        For a radius or tolerance that is no length, an unknown shape or join, streets that are neither lines nor a
        graph, and join or tolerance for a graph.
    GeometryError
        For streets without a coordinate reference system, that are not lines, or cannot be brought into the plane of
        the units.
    DataError
        For a graph without edges, or with lengths that are negative or no numbers.

    Warns
    -----
    SegregateWarning
        When streets without geometry or length are left out, when streets cross others and are joined to none, and
        when units are farther from any street than the kernel reaches: people there meet only their own unit.

    Notes
    -----
    Distances are exact: every unit becomes a node of the graph, and shortest paths from all of them are found by
    Dijkstra's algorithm within the radius. W is kept as a sparse matrix; it holds at most a hundred million pairs.
    Lines that are drawn twice count once. Within regions (``by=``) people meet those of their own region, and may walk
    through others.

    References
    ----------
    Roberto (2018), The spatial proximity and connectivity method for measuring and analyzing residential segregation,
    doi:10.1177/0081175018796871; Grannis (1998), The importance of trivial streets: residential streets and
    residential segregation, American Journal of Sociology 103, 1530-1564.

    Examples
    --------
    Two rows of homes on either side of a railway that can be crossed only in the west.

    >>> import geopandas as gpd
    >>> import segregate as sg
    >>> from shapely import LineString, Point
    >>> homes = gpd.GeoDataFrame(
    ...     {"a": [90, 90, 10, 10], "b": [10, 10, 90, 90]},
    ...     geometry=[Point(0, 200), Point(600, 200), Point(0, 0), Point(600, 0)],
    ...     crs="EPSG:32633",
    ... )
    >>> pop = sg.Population.from_frame(homes, ["a", "b"])
    >>> streets = gpd.GeoSeries(
    ...     [LineString([(0, 200), (600, 200)]), LineString([(0, 0), (600, 0)]), LineString([(0, 0), (0, 200)])],
    ...     crs="EPSG:32633",
    ... )
    >>> walk = sg.Network(streets, 300, shape="uniform")
    >>> pop.within(walk).surroundings.tolist()
    [[100.0, 100.0], [90.0, 10.0], [100.0, 100.0], [10.0, 90.0]]
    >>> pop.within(sg.Kernel(300, shape="uniform")).surroundings.tolist()
    [[100.0, 100.0], [100.0, 100.0], [100.0, 100.0], [100.0, 100.0]]
    """

    of_totals: ClassVar[bool] = False

    def __init__(
        self,
        streets: Any,
        radius: float,
        shape: Shape = "biweight",
        *,
        join: Join | None = None,
        tolerance: float | None = None,
    ) -> None:
        self.radius = check_metres("radius", radius)
        check_choice("shape", shape, get_args(Shape))
        self.shape: Shape = shape
        self.drawn = _drawn(streets)
        if self.drawn.ends is not None and (join is not None or tolerance is not None):
            raise ParameterError("join= and tolerance= are for lines; a graph says itself what is joined.")
        self.join: Join = "vertices" if join is None else join
        check_choice("join", self.join, get_args(Join))
        self.tolerance = TOLERANCE if tolerance is None else 0.0
        if tolerance is not None and not (_is_number(tolerance) and tolerance == 0):
            self.tolerance = check_metres("tolerance", tolerance)
        self._built: dict[str, Streets] = {}

    @property
    def reach(self) -> float:
        """Distance beyond which nobody counts, in metres."""
        return self.radius * SHAPES[self.shape][1]

    def on(self, population: Population, *, regions: Ints | None = None) -> SparseOperator:
        """Return W for the units of a population, cut at the edges of `regions`."""
        located = locate(population, regions)
        parts = getattr(located.places, "parts", [located.places])
        blocks: list[tuple[Ints, Ints, Floats]] = []
        snap = np.empty(population.n_units)
        pairs = 0
        for first, last, part in zip(located.starts[:-1], located.starts[1:], parts, strict=True):
            rows = located.order[first:last]
            matrix, snap[rows] = self._within(located.points[first:last], self._streets(*_plane(part)), pairs)
            pairs += matrix.nnz
            found = matrix.tocoo()
            blocks.append((rows[found.row], rows[found.col], found.data))
        self._say_far(population.ids, snap)
        row, column, weight = (np.concatenate(column) for column in zip(*blocks, strict=True))
        shape = (population.n_units, population.n_units)
        return SparseOperator(population.ids, scipy.sparse.csr_array((weight, (row, column)), shape=shape))

    def snapping(self, population: Population) -> pd.Series[float]:
        """Return how far the point of each unit is from the nearest street.

        Parameters
        ----------
        population : Population
            The units.

        Returns
        -------
        Series of shape (n_units,)
            In metres, with the ids as index.
        """
        points = population.points
        reached = self._streets(*_plane(population.places)).reach(points)
        return pd.Series(reached.distance, index=population.ids, name="snap")

    def distances(self, population: Population, points: Floats) -> Floats:
        """Return how far units are from other points along the streets, whatever the radius.

        Parameters
        ----------
        population : Population
            The units.
        points : ndarray of shape (k, 2)
            In metres, of the plane in which the points of the units are.

        Returns
        -------
        ndarray of shape (n_units, k)
            In metres: straight to the street, along it, and straight from it; 0 at the very same point, infinite where
            no street leads.
        """
        own, many = population.points, population.n_units
        streets = self._streets(*_plane(population.places))
        reached: Reached = streets.reach(np.vstack([own, points]))
        graph, node = streets.graph(reached)
        goals, which = np.unique(node[many:], return_inverse=True)
        found = scipy.sparse.csgraph.dijkstra(graph, indices=goals)[which.reshape(-1)][:, node[:many]].T
        along: Floats = reached.distance[:many, None] + found + reached.distance[None, many:]
        along[(own[:, None, :] == points[None, :, :]).all(axis=2)] = 0.0
        return along

    def _within(self, points: Floats, streets: Streets, pairs: int) -> tuple[scipy.sparse.csr_array, Floats]:
        """Return W among the units of a region, and how far each is from the streets.

        Parameters
        ----------
        points : ndarray of shape (n, 2)
            In metres, of the plane of the streets.
        streets : Streets
            In the same plane.
        pairs : int
            Pairs of units that other regions have.
        """
        places, which, many = np.unique(points, axis=0, return_inverse=True, return_counts=True)
        which = which.reshape(-1)
        reached: Reached = streets.reach(places)
        graph, node = streets.graph(reached)
        code = SHAPES[self.shape][0]
        own = np.arange(len(places))
        found = [(own, own, np.ones(len(places)))]
        pairs += int((many**2).sum())
        self._check_pairs(pairs)
        for row, column, distance in near_pairs(graph, node, reached.distance, places, self.reach):
            pairs += int((many[row] * many[column]).sum())
            self._check_pairs(pairs)
            found.append((row, column, shape_weights(frozen((distance / self.radius) ** 2), code)))
        row, column, weight = (np.concatenate(piece) for piece in zip(*found, strict=True))
        matrix = scipy.sparse.csr_array((weight, (row, column)), shape=(len(places), len(places)))
        return matrix[which][:, which], reached.distance[which]

    def _check_pairs(self, pairs: int) -> None:
        if pairs > base.MOST_PAIRS:
            raise ParameterError(
                f"Within {self.reach:g} m along the streets there are more than {base.MOST_PAIRS:,} pairs of units, "
                "too many to be held; take a smaller radius, or larger units."
            )

    def _say_far(self, ids: pd.Index, snap: Floats) -> None:
        far = snap > self.reach
        if far.any():
            warn(
                f"{plural(int(far.sum()), 'unit')} of {len(ids):,} {'is' if far.sum() == 1 else 'are'} farther than "
                f"{self.reach:g} m from any street (first: {first_of(ids[far][:4])}; up to {snap.max():,.0f} m), so "
                "people there meet only those of the same place. Are the streets of this area complete?"
            )

    def _streets(self, crs: Any, factor: float) -> Streets:
        """Return the streets in a plane, as metres; they are joined once for each plane."""
        key = crs.to_wkt()
        if key not in self._built:
            self._built[key] = self._joined(crs, factor)
        return self._built[key]

    def _joined(self, crs: Any, factor: float) -> Streets:
        """Bring the streets into a plane and join them."""
        drawn = self.drawn
        try:
            lines = shapely.force_2d(drawn.lines.to_crs(crs).to_numpy())
        except pyproj.exceptions.ProjError as error:
            raise GeometryError(
                f"The streets cannot be brought from {drawn.lines.crs.name} to {crs.name}, where the units are: "
                f"{error}."
            ) from error
        if factor != 1.0:
            lines = shapely.transform(lines, lambda corners: corners * factor)
        beyond = ~np.isfinite(shapely.bounds(lines)).all(axis=1)
        if beyond.any():
            raise GeometryError(
                f"{have(int(beyond.sum()), len(beyond), 'street')} no place in {crs.name}, where the units are "
                f"(first: {first_of(drawn.lines.index[beyond][:4])}): they lie outside the projection. Was the right "
                "CRS given?"
            )
        if drawn.ends is not None:
            assert drawn.lengths is not None
            return Streets.of_graph(lines, drawn.ends, drawn.lengths)
        parts, row = shapely.get_parts(lines, return_index=True)
        if self.join == "crossings":
            parts = crossed(parts, self.tolerance)
            row = np.full(len(parts), -1)
        if not len(parts):
            raise GeometryError(f"Nothing is left of the streets at tolerance={self.tolerance:g}; take a smaller one.")
        streets = Streets.of_lines(parts, row, vertices=self.join != "ends", tolerance=self.tolerance)
        stray = streets.stray() if self.join != "crossings" else np.empty(0, dtype=np.int64)
        if len(stray):
            names = drawn.lines.index[np.unique(streets.row[stray])]
            what = "no end" if self.join == "ends" else "no vertex"
            warn(
                f"{plural(len(stray), 'street')} of {len(streets.lines):,} meet others, but share {what} with any, so "
                f"nobody can turn there (first: {first_of(names[:4])}). join='crossings' joins streets wherever they "
                "meet."
            )
        return streets

    def __str__(self) -> str:
        return f"network {self.shape} {self.radius:g} m"

    def __repr__(self) -> str:
        streets = f"<{plural(len(self.drawn.lines), 'street')}>"
        how = "" if self.drawn.ends is not None else f", join={self.join!r}, tolerance={self.tolerance!r}"
        return f"Network({streets}, radius={self.radius!r}, shape={self.shape!r}{how})"


@dataclass(frozen=True, eq=False)
class _Drawn:
    """Streets as they are given.

    Attributes
    ----------
    lines : GeoSeries
        One (multi-part) line for each street, in the CRS of the streets.
    ends : ndarray of shape (E, 2) or None
        Numbers of the nodes of a graph.
    lengths : ndarray of shape (E,) or None
        Lengths that a graph says, in metres; NaN where it says none.
    """

    lines: gpd.GeoSeries
    ends: Ints | None = None
    lengths: Floats | None = None


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)


def _plane(places: Any) -> tuple[Any, float]:
    """Return the CRS of the points of units, and the metres in one unit of it."""
    points, factor = places.located
    return points.crs, factor


def _drawn(streets: Any) -> _Drawn:
    """Check streets at the door."""
    if isinstance(streets, (gpd.GeoDataFrame, gpd.GeoSeries)):
        return _Drawn(_lines(streets.geometry))
    if all(hasattr(streets, name) for name in ("nodes", "edges", "graph")) and isinstance(streets.graph, Mapping):
        return _from_graph(streets)
    raise ParameterError(
        f"Network takes streets as a GeoDataFrame of lines or a networkx graph, not {type(streets).__name__}."
    )


def _lines(given: gpd.GeoSeries) -> gpd.GeoSeries:
    """Return the streets that have a length."""
    if given.crs is None:
        raise GeometryError(
            "The streets have no coordinate reference system, so it is not known where they are. Say which one it is: "
            "streets.set_crs('EPSG:...')."
        )
    absent = (given.isna() | given.is_empty).to_numpy()
    other = ~absent & ~given.geom_type.isin(["LineString", "MultiLineString", "LinearRing"]).to_numpy()
    if other.any():
        kinds = ", ".join(sorted(set(given.geom_type[other])))
        raise GeometryError(
            f"{have(int(other.sum()), len(given), 'street')} a geometry that is no line but {kinds} "
            f"(first: {first_of(given.index[other][:4])}); leave them out: "
            "streets[streets.geom_type.isin(['LineString', 'MultiLineString'])]."
        )
    left_out = absent | ~(shapely.length(given.to_numpy()) > 0)
    if left_out.all():
        raise GeometryError("There are no streets: no line has a length.")
    if left_out.any():
        warn(
            f"{plural(int(left_out.sum()), 'street')} of {len(given):,} without geometry or length left out "
            f"(first: {first_of(given.index[left_out][:4])})."
        )
    return given[~left_out]


def _from_graph(graph: Any) -> _Drawn:
    """Return the edges of a networkx graph."""
    crs = graph.graph.get("crs")
    if crs is None:
        raise GeometryError(
            "The graph has no coordinate reference system, so it is not known where it is: "
            "graph.graph['crs'] = 'EPSG:...'."
        )
    edges = list(graph.edges(data=True))
    if not edges:
        raise DataError("The graph has no edges, so there are no streets.")
    nodes = list(graph.nodes(data=True))
    placed = [_is_number(data.get("x")) and _is_number(data.get("y")) for _, data in nodes]
    if not all(placed):
        lost = [name for (name, _), known in zip(nodes, placed, strict=True) if not known]
        raise GeometryError(
            f"{have(len(lost), len(nodes), 'node')} no x and y that are numbers (first: {first_of(lost)}); "
            "a graph of osmnx has them."
        )
    corners = np.array([(data["x"], data["y"]) for _, data in nodes], dtype=np.float64)
    number = {name: at for at, (name, _) in enumerate(nodes)}
    names = [(u, v) for u, v, _ in edges]
    ends = np.array([(number[u], number[v]) for u, v in names], dtype=np.int64)
    drawn = np.array([_shape(data.get("geometry")) for _, _, data in edges] + [None], dtype=object)[:-1]
    wrong = np.array([line is not None and getattr(line, "geom_type", "") != "LineString" for line in drawn])
    if wrong.any():
        raise GeometryError(
            f"{have(int(wrong.sum()), len(edges), 'edge')} a geometry that is no LineString "
            f"(first: {first_of([names[at] for at in np.flatnonzero(wrong)])}); take it away, or make it one."
        )
    straight = np.array([line is None for line in drawn])
    drawn[straight] = shapely.linestrings(corners[ends[straight]])
    given = [data.get("length") for _, _, data in edges]
    bad = [
        at for at, value in enumerate(given) if value is not None and not (_is_number(value) and 0 <= value < np.inf)
    ]
    if bad:
        raise DataError(
            f"{have(len(bad), len(edges), 'edge')} a length that is no number of metres, 0 or more "
            f"(first: {first_of([names[at] for at in bad])}, length {given[bad[0]]!r}); correct it, or take it away."
        )
    lengths = np.array([np.nan if value is None else value for value in given], dtype=np.float64)
    starts, stops = shapely.get_point(drawn, 0), shapely.get_point(drawn, -1)
    first, last = shapely.points(corners[ends[:, 0]]), shapely.points(corners[ends[:, 1]])
    there = shapely.distance(starts, first) + shapely.distance(stops, last)
    back = shapely.distance(starts, last) + shapely.distance(stops, first)
    ends[back < there] = ends[back < there][:, ::-1]
    return _Drawn(gpd.GeoSeries(drawn, index=pd.Index(names, tupleize_cols=False), crs=crs), ends, lengths)


def _shape(geometry: Any) -> Any:
    """Return the geometry of an edge, None where it has none."""
    return None if geometry is None or (isinstance(geometry, float) and np.isnan(geometry)) else geometry
