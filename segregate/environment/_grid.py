"""Regular grids, recognised from points."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from .._arrays import frozen, sealed
from ..kernels.raster import runs_of

__all__ = ["Grid"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

TOLERANCE = 3.5e-10
"""Cells that a point may lie off its place: then distances are right to 1e-9, be it between next cells."""
MOST_LINES = 2**22
"""Rows or columns of a grid at the most."""


@dataclass(frozen=True)
class Grid:
    """Cells of a regular grid, those that are there, from south to north and from west to east.

    Attributes
    ----------
    width, height : float
        Of a cell, in metres; equal where they differ by rounding only.
    row, column : ndarray of shape (c,)
        Place of each cell; the first row and the first column are 0.
    starts : ndarray of shape (rows + 1,)
        First cell of each row.
    order : ndarray of shape (n,)
        Units in the order of their cells.
    begins : ndarray of shape (c,)
        First of these units in each cell; a cell may hold several.
    """

    width: float
    height: float
    row: Ints
    column: Ints
    starts: Ints
    order: Ints
    begins: Ints

    @classmethod
    def of(cls, points: Floats) -> Grid | None:
        """Return the grid that points form, or None.

        Some cells, even most, may be missing, and rows may come in any order. The sides lie along the axes. Points
        that lie off their cell by more than rounding form no grid: distances on the grid are those between the points
        to 1e-9.

        Parameters
        ----------
        points : ndarray of shape (n, 2)
            In metres.
        """
        if len(points) < 2 or not np.isfinite(points).all():
            return None
        x, y = frozen(points[:, 0]), frozen(points[:, 1])
        width, height = _step(x), _step(y)
        if width is None or height is None or width == height == 0:
            return None
        width, height = width or height, height or width
        most = TOLERANCE * min(width, height)
        column, row = _places(x, width, most), _places(y, height, most)
        if column is None or row is None:
            return None
        place = row * (column.max() + 1) + column
        order = np.argsort(place, kind="stable")
        place = place[order]
        begins = np.flatnonzero(np.r_[True, place[1:] != place[:-1]])
        first = order[begins]
        row, column = row[first], column[first]
        starts = np.concatenate([[0], np.cumsum(np.bincount(row))]).astype(np.int64)
        return cls(width, height, sealed(row), sealed(column), sealed(starts), sealed(order), sealed(begins))

    @property
    def n_cells(self) -> int:
        """Cells that are there."""
        return len(self.row)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.starts) - 1, int(self.column.max()) + 1

    @cached_property
    def runs(self) -> int:
        """Runs of cells, see `segregate.kernels.raster.runs_of`."""
        return len(runs_of(self.row, self.column)) - 1

    @property
    def points(self) -> Floats:
        """Where the units are, (n, 2) in metres from the first row and column."""
        points = np.empty((len(self.order), 2))
        cell = np.repeat(np.arange(self.n_cells), self._sizes)
        points[self.order] = np.column_stack([self.column[cell] * self.width, self.row[cell] * self.height])
        return points

    @property
    def _sizes(self) -> Ints:
        return np.diff(self.begins, append=len(self.order))

    def gather(self, values: Floats) -> Floats:
        """Return the sums of the units of each cell, (c, k)."""
        sorted_values = np.asarray(values[self.order], dtype=np.float64)
        if self.n_cells == len(self.order):
            return sealed(sorted_values)  # type: ignore[no-any-return]
        return sealed(np.add.reduceat(sorted_values, self.begins, axis=0))  # type: ignore[no-any-return]

    def spread(self, sums: Floats) -> Floats:
        """Return the values of the cell of each unit, (n, k)."""
        values = np.empty((len(self.order), sums.shape[1]))
        values[self.order] = sums if self.n_cells == len(self.order) else np.repeat(sums, self._sizes, axis=0)
        return values


def _step(values: Floats) -> float | None:
    """Return the distance of lines on which values lie, 0 for one line only, or None where there are no such lines."""
    lines = np.sort(values)
    extent = float(lines[-1] - lines[0])
    noise = 4 * float(np.spacing(np.abs(lines[[0, -1]]).max()))
    gaps = np.diff(lines)
    gaps = gaps[gaps > noise]
    if not len(gaps):
        return 0.0
    step = float(gaps.min())
    while extent / step < MOST_LINES:  # Euclid's algorithm: the largest step of which all gaps are multiples
        rest = np.abs(gaps - step * np.rint(gaps / step))
        rest = rest[rest > step / 1000]
        if not len(rest):
            many = round(extent / step)
            return _round(extent / many, noise / many)
        step = float(rest.min())
    return None


def _round(step: float, noise: float) -> float:
    """Return the number with the fewest digits within the noise around a step."""
    for digits in range(1, 17):
        rounded = float(f"{step:.{digits}g}")
        if abs(rounded - step) <= noise:
            return rounded
    return step


def _places(values: Floats, step: float, most: float) -> Ints | None:
    """Return the number of the line of each value, or None where one lies farther from its line than `most`."""
    first = values.min()
    places: Floats = np.rint((values - first) / step)
    if (np.abs(values - (first + places * step)) > most).any():
        return None
    return places.astype(np.int64)
