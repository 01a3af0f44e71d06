"""Surroundings on regular grids: shells of equal distance for small radii, FFT in tiles for large ones.

Both sum over the cells of a tile and a margin as wide as the surroundings; tiles without cells are skipped. Tiles and
groups are served by several threads, each in one of them: threads change no bit.

Shells: the neighbours at one distance are added up first, then weighted for every radius. Weights are not negative,
so nothing cancels: the sums are as exact as those of pairs.

FFT: the values of a tile are transformed once, multiplied by the transform of each kernel, and transformed back. The
error of a sum is below a bound, `noise`, that depends on the whole tile. Sums that are not ACCURATE times as large
are summed again directly, among them all zeros.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Literal

import numba
import numpy as np
import numpy.typing as npt

from .._arrays import frozen
from ..kernels.pairs import GAUSSIAN, shape_weights, strip_sums
from ..kernels.raster import RUN, cells_in, next_filled, runs_of, settle, shell_sums, tile_of
from ._grid import Grid
from ._points import Located, Strips, locate
from ._shapes import POLYNOMIAL, SHAPES, Shape

if TYPE_CHECKING:
    from ..population import Population

__all__ = ["grid_of", "grid_surroundings", "raster_sums"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Way = Literal["shells", "fft"]

ACCURATE = 1e9
"""Times the bound of the noise from which a convolved sum is taken."""
AT_ONCE = 2**27
"""Numbers that are computed at once at the most; 8 bytes each."""
SHELL_TILE = 256
"""Rows and columns of a tile of shells, without the margin."""
FFT_TILES = (512, 1000, 2000, 4000)
"""Rows and columns of a tile of FFT, with the margin; large powers of 2 would collide in the cache."""
POINT, PAIR, ADDITION, TRANSFORM, TAKEN, TASK = 400.0, 3.0, 0.1, 8.0, 10.0, 1e5
"""Measured nanoseconds of one core: a point, a pair of points (twice that for gaussian), a value added to a shell or
to a sum, a place of a tile transformed, a sum taken from a tile, a tile and group."""


@dataclass(frozen=True)
class Stencil:
    """A kernel on the quarter of the offsets that are not negative.

    Attributes
    ----------
    squared : ndarray of shape (rows, columns)
        Squared distance in m2.
    weights : ndarray of shape (rows, columns)
        0 beyond reach.
    inside : ndarray of shape (rows, columns)
        Where the distance is within reach.
    """

    squared: Floats
    weights: Floats
    inside: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, grid: Grid, radius: float, code: int, cut: float) -> Stencil:
        """Return the stencil of a kernel, as far as the grid goes."""
        rows, columns = _margin(grid, radius * cut)
        x, y = np.arange(columns + 1) * grid.width, np.arange(rows + 1) * grid.height
        squared = x[None, :] * x[None, :] + y[:, None] * y[:, None]
        u2 = squared * (1.0 / (radius * radius))
        inside = u2 <= cut * cut * (1 + 1e-12)
        weights = shape_weights(frozen(u2.ravel()), code).reshape(u2.shape)
        return cls(squared, np.where(inside, weights, 0.0), inside)

    @property
    def wide(self) -> Ints:
        """Columns to the last neighbour by rows between, -1 where there is none."""
        return np.asarray(self.inside.sum(axis=1) - 1, dtype=np.int64)

    def spectrum(self, tiles: Tiles) -> tuple[Floats, float]:
        """Return the transform of the kernel around the first place of a tile, which is real, and its norm."""
        import scipy.fft

        rows, columns = self.weights.shape
        plane = np.zeros(tiles.shape)
        plane[:rows, :columns] = self.weights
        plane[:rows, tiles.shape[1] - columns + 1 :] = self.weights[:, :0:-1]
        plane[tiles.shape[0] - rows + 1 :] = plane[rows - 1 : 0 : -1]
        norm = float(np.sqrt((plane**2).sum()))
        return np.ascontiguousarray(scipy.fft.rfft2(plane).real), norm


@dataclass(frozen=True)
class Tiles:
    """Rectangles that cover the cells that are there.

    Attributes
    ----------
    shape : (rows, columns)
        Of a tile with its margin.
    margin : (rows, columns)
        On each side.
    inner : (rows, columns)
        Of a tile without its margin.
    corners : ndarray of shape (tiles, 2)
        First row and column of the inner rectangles that hold cells.
    """

    shape: tuple[int, int]
    margin: tuple[int, int]
    inner: tuple[int, int]
    corners: Ints

    @classmethod
    def of(cls, grid: Grid, shape: tuple[int, int], margin: tuple[int, int], inner: tuple[int, int]) -> Tiles:
        """Return the tiles of a grid that hold cells."""
        across = -(-grid.shape[1] // inner[1])
        tile = (grid.row // inner[0]) * across + grid.column // inner[1]
        tile = np.unique(tile[np.r_[True, tile[1:] != tile[:-1]]])
        corners = np.column_stack([tile // across * inner[0], tile % across * inner[1]]).astype(np.int64)
        return cls(shape, margin, inner, corners)

    @classmethod
    def for_shells(cls, grid: Grid, margin: tuple[int, int]) -> Tiles:
        """Return tiles for `segregate.kernels.raster.shell_sums`."""
        rows, columns = (min(SHELL_TILE, extent) for extent in grid.shape)
        return cls.of(grid, (rows + 2 * margin[0], columns + 2 * margin[1] + RUN), margin, (rows, columns))

    @classmethod
    def for_fft(cls, grid: Grid, margin: tuple[int, int]) -> Tiles | None:
        """Return the tiles that cost least, or None where surroundings are too wide for any."""
        from scipy.fft import next_fast_len

        best = None
        for size in FFT_TILES:
            shape, inner = [], []
            for extent, wide in zip(grid.shape, margin, strict=True):
                whole = next_fast_len(extent + 2 * wide, real=True)
                shape.append(min(size, whole))
                inner.append(shape[-1] - 2 * wide)
            if any(8 * a < b for a, b in zip(inner, shape, strict=True)):  # next to nothing but margin
                continue
            tiles = cls.of(grid, (shape[0], shape[1]), margin, (inner[0], inner[1]))
            if best is None or tiles.transform_cost < best.transform_cost:
                best = tiles
        return best

    @property
    def transform_cost(self) -> float:
        """Estimated nanoseconds of the transforms of a group; large tiles do not fit into the cache of a core."""
        places = self.shape[0] * self.shape[1]
        return float(len(self.corners) * places * TRANSFORM * max(1.0, places / 512**2) ** 0.25)

    def cells(self, grid: Grid, corner: tuple[int, int]) -> tuple[Ints, Ints, Ints]:
        """Return the cells of a tile, and their rows and columns in it."""
        south, west = corner
        north = min(south + self.inner[0], grid.shape[0])
        cells = cells_in(grid.starts, grid.column, south, north, west, west + self.inner[1])
        rows, columns = grid.row[cells] - (south - self.margin[0]), grid.column[cells] - (west - self.margin[1])
        return cells, frozen(rows, np.int64), frozen(columns, np.int64)

    def values(self, grid: Grid, corner: tuple[int, int], values: Floats, group: int) -> Floats:
        """Return the values (c, k) of one group in a tile with its margin."""
        south, west = corner[0] - self.margin[0], corner[1] - self.margin[1]
        return tile_of(grid.starts, grid.column, values, group, south, west, *self.shape)

    def serve(self, task: Callable[[tuple[int, int], int], None], groups: int) -> None:
        """Run a task for each tile and group, on several threads; called from a thread, on that one."""
        in_main = threading.current_thread() is threading.main_thread()
        workers = numba.get_num_threads() if in_main else 1
        jobs = [((south, west), group) for south, west in self.corners.tolist() for group in range(groups)]
        if min(workers, len(jobs)) < 2:
            for corner, group in jobs:
                task(corner, group)
            return
        with ThreadPoolExecutor(workers) as pool:
            for _ in pool.map(lambda job: task(*job), jobs):
                pass


@dataclass(frozen=True)
class Ways:
    """The two ways to sum over a grid, and what they cost.

    Attributes
    ----------
    grid : Grid
        Where the units are.
    margin : (rows, columns)
        Within reach.
    fft : Tiles or None
        Tiles of FFT; None where surroundings are too wide.
    """

    grid: Grid
    margin: tuple[int, int]
    fft: Tiles | None

    @classmethod
    def of(cls, grid: Grid, reach: float) -> Ways:
        """Return the ways to sum within reach, in metres."""
        margin = _margin(grid, reach)
        return cls(grid, margin, Tiles.for_fft(grid, margin))

    def costs(self, radii: int, groups: int) -> dict[Way, float]:
        """Return the estimated nanoseconds, of one core, of each way for so many radii, the largest of this reach."""
        rows, columns = self.margin
        offsets = np.pi * (rows + 1) * (columns + 1)
        kinds = offsets / (8 if self.grid.width == self.grid.height else 4)
        additions = (200 + offsets + kinds * (1 + radii) / 2) * self.grid.runs * RUN
        found: dict[Way, float] = {"shells": groups * (ADDITION * additions + TASK)}
        if self.fft is not None:
            transforms = (1 + radii) * self.fft.transform_cost
            taken = TAKEN * radii * self.grid.n_cells
            found["fft"] = groups * (transforms + taken + TASK * len(self.fft.corners))
        return found

    def cost(self, radii: int, groups: int) -> float:
        """Return what the cheaper way costs."""
        return min(self.costs(radii, groups).values()) if radii else 0.0


def pairs_cost(grid: Grid, reach: float, code: int) -> float:
    """Return the estimated nanoseconds, of one core, of a sum over the pairs of points.

    Parameters
    ----------
    grid : Grid
        Where the units are.
    reach : float
        In metres.
    code : int
        Kernel of `segregate.kernels.pairs`.
    """
    rows, columns = _margin(grid, reach)
    box = (grid.row // (rows + 1)) * (grid.shape[1] // (columns + 1) + 1) + grid.column // (columns + 1)
    few = box.max() < 4 * len(box)
    together = (np.bincount(box) if few else np.unique(box, return_counts=True)[1]).astype(np.float64)
    share = np.pi / 4 * (2 * rows + 1) * (2 * columns + 1) / ((rows + 1) * (columns + 1))
    pairs = share * float((together**2).sum()) * (len(grid.order) / grid.n_cells) ** 2
    return POINT * len(grid.order) + PAIR * pairs * (2 if code == GAUSSIAN else 1)


def _one_pass(radii: int, groups: int) -> float:
    """Return how much more one pass over the pairs costs that serves several radii, `strip_moments`; measured."""
    return 0.9 + 0.14 * radii + 0.15 * groups


def _margin(grid: Grid, reach: float) -> tuple[int, int]:
    """Return the rows and columns within reach, as far as the grid goes."""
    rows, columns = (int(min(reach / side * (1 + 1e-9), 2**31)) for side in (grid.height, grid.width))
    return min(rows, grid.shape[0] - 1), min(columns, grid.shape[1] - 1)


def raster_sums(
    grid: Grid, values: Floats, radii: Sequence[float], code: int, cut: float, *, way: Way | None = None
) -> Iterator[Floats]:
    """Yield for each radius the sums of the weighted values around each unit, (n, k).

    Parameters
    ----------
    grid : Grid
        Where the units are.
    values : ndarray of shape (n, k)
        What is summed.
    radii : sequence of float
        In metres, above 0, rising.
    code, cut
        Kernel of `segregate.kernels.pairs`, and where it ends in radii.
    way : {"shells", "fft"}, optional
        By default the cheaper one.
    """
    cells = grid.gather(values)
    groups = cells.shape[1]
    at_once = max(1, AT_ONCE // max(1, cells.size))
    for first in range(0, len(radii), at_once):
        part = radii[first : first + at_once]
        stencils = [Stencil.of(grid, radius, code, cut) for radius in part]
        ways = Ways.of(grid, part[-1] * cut)
        costs = ways.costs(len(part), groups)
        sums = np.empty((len(part), grid.n_cells, groups))
        if ways.fft is not None and (way or min(costs.items(), key=itemgetter(1))[0]) == "fft":
            _by_fft(grid, cells, stencils, ways.fft, sums)
        else:
            _by_shells(grid, cells, stencils, Tiles.for_shells(grid, ways.margin), sums)
        for found in sums:
            yield grid.spread(found)


def _by_shells(grid: Grid, values: Floats, stencils: list[Stencil], tiles: Tiles, sums: Floats) -> None:
    """Write the sums (radii, c, k) by shells; the last stencil is the largest."""
    largest = stencils[-1]
    north, east = np.nonzero(largest.inside)
    kind = north**2 + east**2 if grid.width == grid.height else largest.squared[north, east]
    order = np.lexsort((east, kind))
    north, east, kind = north[order], east[order], kind[order]
    new = np.ones(len(kind), dtype=bool)
    new[1:] = kind[1:] != kind[:-1]
    shells = np.flatnonzero(new)
    places = north[shells], east[shells]
    reached = np.array([_at(stencil.inside, *places) for stencil in stencils])
    weights = np.array([_at(stencil.weights, *places) for stencil in stencils])
    offsets = (
        frozen(east, np.int64),
        frozen(north, np.int64),
        frozen(np.r_[shells, len(kind)], np.int64),
        frozen(reached.argmax(axis=0), np.int64),
        frozen(weights),
    )

    def task(corner: tuple[int, int], group: int) -> None:
        cells, rows, columns = tiles.cells(grid, corner)
        tile = tiles.values(grid, corner, values, group)
        sums[:, cells, group] = shell_sums(tile, rows, columns, runs_of(rows, columns), *offsets)

    tiles.serve(task, values.shape[1])


def _at(table: npt.NDArray[np.generic], rows: Ints, columns: Ints) -> npt.NDArray[np.generic]:
    """Return the entries of a table, 0 outside."""
    within = (rows < table.shape[0]) & (columns < table.shape[1])
    found = np.zeros(len(rows), dtype=table.dtype)
    found[within] = table[rows[within], columns[within]]
    return found


def _by_fft(grid: Grid, values: Floats, stencils: list[Stencil], tiles: Tiles, sums: Floats) -> None:
    """Write the sums (radii, c, k) by FFT."""
    import scipy.fft

    kernels = [stencil.spectrum(tiles) for stencil in stencils]
    direct = [(frozen(stencil.wide, np.int64), frozen(stencil.weights)) for stencil in stencils]

    def task(corner: tuple[int, int], group: int) -> None:
        cells, rows, columns = tiles.cells(grid, corner)
        tile = tiles.values(grid, corner, values, group)
        largest = float(np.abs(tile).max())
        if largest == 0:
            sums[:, cells, group] = 0.0
            return
        filled = next_filled(tile)
        if not 1e-140 < largest < 1e140:  # nothing is known of the noise; NaN is here too
            for at, (wide, weights) in enumerate(direct):
                sums[at, cells, group] = settle(tile, tile, filled, rows, columns, wide, weights, np.inf)
            return
        norm = float(np.sqrt(np.square(tile).sum()))
        transform = scipy.fft.rfft2(tile)
        for at, ((spectrum, size), (wide, weights)) in enumerate(zip(kernels, direct, strict=True)):
            smooth = scipy.fft.irfft2(transform * spectrum, s=tiles.shape, overwrite_x=True)
            limit = ACCURATE * noise(tiles.shape, norm, size)
            sums[at, cells, group] = settle(smooth, tile, filled, rows, columns, wide, weights, limit)

    tiles.serve(task, values.shape[1])


def noise(shape: tuple[int, int], norm: float, size: float) -> float:
    """Return the bound of the error of a convolved sum.

    Parameters
    ----------
    shape : (rows, columns)
        Of the tile.
    norm, size : float
        Euclidean norms of the tile and of the kernel.
    """
    return float(np.finfo(np.float64).eps * np.log2(shape[0] * shape[1]) * norm * size)


def grid_of(located: Located, reach: float, code: int, groups: int) -> Grid | None:
    """Return the grid that units form, where sums over it are faster than over pairs of points.

    Parameters
    ----------
    located : Located
        Where the units are.
    reach : float
        In metres.
    code : int
        Kernel of `segregate.kernels.pairs`.
    groups : int
        Values of each unit that are summed.
    """
    grid = Grid.of(located.points)
    if grid is None or Ways.of(grid, reach).cost(1, groups) >= pairs_cost(grid, reach, code):
        return None
    return grid


def grid_surroundings(
    population: Population, radii: Sequence[float], shape: Shape, values: Floats
) -> Iterator[tuple[float, Floats]] | None:
    """Return an iterator over each radius with the weighted sums of values within it, (n, k), or None.

    None where the units form no regular grid, or where one pass over the pairs of points that serves all radii is
    faster, see `segregate.kernels.pairs.strip_moments`. The smallest radii, or all, may be summed over pairs one by
    one. No more than AT_ONCE sums are held at once, or those of one radius.

    Parameters
    ----------
    population : Population
        The units.
    radii : sequence of float
        In metres, above 0, rising.
    shape : str
        Kernel.
    values : ndarray of shape (n, k)
        What is summed.
    """
    located = locate(population, None)
    code, cut = SHAPES[shape]
    groups = values.shape[1]
    grid = Grid.of(located.points)
    if grid is None:
        return None
    ways = Ways.of(grid, radii[-1] * cut)
    best, near, paid = ways.cost(len(radii), groups), 0, 0.0
    for at, radius in enumerate(radii, 1):
        paid += pairs_cost(grid, radius * cut, code)
        if paid >= best:
            break
        if paid + ways.cost(len(radii) - at, groups) < best:
            best, near = paid + ways.cost(len(radii) - at, groups), at
    if shape in POLYNOMIAL and pairs_cost(grid, radii[-1] * cut, code) * _one_pass(len(radii), groups) <= best:
        return None
    return _each(located, grid, radii, near, code, cut, values)


def _each(
    located: Located, grid: Grid, radii: Sequence[float], near: int, code: int, cut: float, values: Floats
) -> Iterator[tuple[float, Floats]]:
    for radius in radii[:near]:
        strips = Strips.of(located, radius * cut)
        sums = np.empty(values.shape)
        sums[strips.order] = strip_sums(*strips.arrays, frozen(values[strips.order]), radius, code, cut)
        yield radius, sums
    yield from zip(radii[near:], raster_sums(grid, values, radii[near:], code, cut), strict=True)
