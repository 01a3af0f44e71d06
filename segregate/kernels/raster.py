"""Sums around the cells of a regular grid, tile by tile.

A tile is a rectangle of the grid with a margin as wide as the surroundings; cells that are not there hold 0. The
loops run in one thread and hold no lock: tiles are independent of each other, so whoever calls serves several at once.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ._jit import kernel

__all__ = ["RUN", "cells_in", "next_filled", "runs_of", "settle", "shell_sums", "tile_of"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Columns = npt.NDArray[np.int32]

RUN = 64
"""Neighbouring cells of a row that are summed at once."""


@kernel
def _from(columns: Ints, first: int, last: int, column: int) -> int:
    """Return the first of the cells from first to last - 1 that is not west of a column."""
    while first < last:
        middle = (first + last) // 2
        if columns[middle] < column:
            first = middle + 1
        else:
            last = middle
    return first


@kernel
def cells_in(starts: Ints, columns: Ints, south: int, north: int, west: int, east: int) -> Ints:
    """Return the cells of a rectangle, row by row.

    Parameters
    ----------
    starts : (rows + 1,)
        First cell of each row of the grid.
    columns : (cells,)
        Column of each cell, rising in each row.
    south, north, west, east
        First row, the row after the last, first column, the column after the last.
    """
    cells = np.empty(starts[north] - starts[south], dtype=np.int64)
    found = 0
    for row in range(south, north):
        for cell in range(
            _from(columns, starts[row], starts[row + 1], west), _from(columns, starts[row], starts[row + 1], east)
        ):
            cells[found] = cell
            found += 1
    return cells[:found].copy()


@kernel
def tile_of(
    starts: Ints, columns: Ints, values: Floats, group: int, south: int, west: int, height: int, width: int
) -> Floats:
    """Return the values of one group in a rectangle, whose first row and column may lie outside the grid.

    Parameters
    ----------
    starts, columns
        As in `cells_in`.
    values : (cells, k)
        Of the cells of the grid.
    group, south, west, height, width : int
        Which values; first row and column, rows and columns of the rectangle.
    """
    tile = np.zeros((height, width))
    for row in range(max(0, south), min(len(starts) - 1, south + height)):
        first = _from(columns, starts[row], starts[row + 1], west)
        last = _from(columns, first, starts[row + 1], west + width)
        for cell in range(first, last):
            tile[row - south, columns[cell] - west] = values[cell, group]
    return tile


@kernel
def runs_of(rows: Ints, columns: Ints) -> Ints:
    """Return where runs begin, and the number of cells: those of a run lie in a row, less than RUN columns apart."""
    begins = np.empty(len(rows) + 1, dtype=np.int64)
    found = 0
    for cell in range(len(rows)):
        if found > 0:
            begin = begins[found - 1]
            if rows[cell] == rows[begin] and columns[cell] < columns[begin] + RUN:
                continue
        begins[found] = cell
        found += 1
    begins[found] = len(rows)
    return begins[: found + 1].copy()


@kernel
def shell_sums(
    tile: Floats,
    rows: Ints,
    columns: Ints,
    runs: Ints,
    east: Ints,
    north: Ints,
    shells: Ints,
    widest: Ints,
    weights: Floats,
) -> Floats:
    """Return the weighted sums around cells for several radii, from shells of equal distance, (radii, c).

    Parameters
    ----------
    tile : (height, width)
        With a margin of the largest radius, and RUN more columns in the east.
    rows, columns : (c,)
        Places in the tile of the cells that are served, row by row.
    runs : (runs + 1,)
        See `runs_of`.
    east, north : (offsets,)
        Columns and rows to the neighbours of a quarter, 0 or more; each stands for its mirror images too.
    shells : (shells + 1,)
        First offset of each shell.
    widest : (shells,)
        The first of the radii, rising, that reaches each shell.
    weights : (radii, shells)
        Of each shell.
    """
    radii = len(weights)
    sums = np.empty((radii, len(rows)))
    shell = np.empty(RUN)
    total = np.empty((radii, RUN))
    for run in range(len(runs) - 1):
        begin, end = runs[run], runs[run + 1]
        y, x = rows[begin], columns[begin]
        total[:] = 0.0
        for s in range(len(widest)):
            shell[:] = 0.0
            for e in range(shells[s], shells[s + 1]):
                dx, dy = east[e], north[e]
                a = tile[y + dy][x + dx : x + dx + RUN]
                b = tile[y + dy][x - dx : x - dx + RUN]
                c = tile[y - dy][x + dx : x + dx + RUN]
                d = tile[y - dy][x - dx : x - dx + RUN]
                if dx > 0 and dy > 0:
                    for t in range(RUN):
                        shell[t] += (a[t] + b[t]) + (c[t] + d[t])
                elif dx > 0 or dy > 0:
                    for t in range(RUN):
                        shell[t] += a[t] + d[t]
                else:
                    for t in range(RUN):
                        shell[t] += a[t]
            for at in range(widest[s], radii):
                weight = weights[at, s]
                line = total[at]
                for t in range(RUN):
                    line[t] += weight * shell[t]
        for at in range(radii):
            for cell in range(begin, end):
                sums[at, cell] = total[at, columns[cell] - x]
    return sums


@kernel
def next_filled(tile: Floats) -> Columns:
    """Return for each place the column of the first value in its row that is not 0, from there on, or the width."""
    height, width = tile.shape
    columns = np.empty((height, width), dtype=np.int32)
    for y in range(height):
        found = width
        for x in range(width - 1, -1, -1):
            if tile[y, x] != 0:
                found = x
            columns[y, x] = found
    return columns


@kernel
def settle(
    smooth: Floats,
    tile: Floats,
    filled: Columns,
    rows: Ints,
    columns: Ints,
    wide: Ints,
    weights: Floats,
    limit: float,
) -> Floats:
    """Return the sums around cells: convolved ones where they are large enough, and summed directly elsewhere, (c,).

    Parameters
    ----------
    smooth, tile : (height, width)
        The tile convolved, and the tile.
    filled : (height, width)
        See `next_filled`.
    rows, columns : (c,)
        Places of the cells in the tile.
    wide : (rows of the kernel,)
        Columns to the last neighbour, by rows between; -1 for none.
    weights : (rows of the kernel, columns of the kernel)
        By rows and columns between.
    limit : float
        Below it a convolved sum is not taken.
    """
    sums = np.empty(len(rows))
    height, width = tile.shape
    for cell in range(len(rows)):
        y, x = rows[cell], columns[cell]
        total = smooth[y, x]
        if not abs(total) >= limit:
            total = 0.0
            for row in range(max(0, y - len(wide) + 1), min(height, y + len(wide))):
                dy = abs(row - y)
                last = min(width - 1, x + wide[dy])
                at = max(0, x - wide[dy])
                while at <= last:
                    at = filled[row, at]
                    if at <= last:
                        total += weights[dy, abs(at - x)] * tile[row, at]
                        at += 1
        sums[cell] = total
    return sums
