"""A search for extremes of any index: what it finds is reached, and nothing is proven."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from ._extremes import Cells
from ._extremes_terms import Ratio

__all__ = ["searched", "starts_of", "through_corners", "values_of"]

Floats = npt.NDArray[np.float64]
Values = Callable[[Floats], Floats]
"""Returns the index of tables (B, n, M)."""

STEPS = 60
STEPS_OF_DIFFERENCES = 12
"""Where each slope is a difference of two values, which takes time."""
ROUNDS = 12
"""Of single units that go to another corner."""
WORK = 3e8
"""Numbers in all tables that a slope in every cell takes; beyond it only the starts are compared."""
FEW = 4e6
"""The same, for the search among corners of single units, and for all corners."""
CORNERS = 4096
SHRINK = 0.5 ** np.arange(24)


def starts_of(cells: Cells, counts: Floats) -> list[Floats]:
    """Return tables to begin with: the counts, and for each group those that set it apart, or spread it, most."""
    totals = np.maximum(counts.sum(axis=1), 1e-300)[:, None]
    surplus = counts / totals - counts.sum(axis=0) / counts.sum()
    found = [counts]
    for m in range(counts.shape[1]):
        weights = np.zeros_like(counts)
        weights[:, m] = surplus[:, m]
        found += [cells.best(weights), cells.best(-weights)]
    return [*found, cells.best(surplus), cells.best(-surplus)]


def searched(
    cells: Cells,
    values: Values,
    starts: Sequence[Floats],
    sign: int,
    gradient: Callable[[Floats], Floats] | None = None,
) -> Floats:
    """Return the best table that a search finds.

    From the best of the starts, and from the counts (the first), it goes towards the corner that the slopes like
    best, by the step that gives most; then single units go to their other corners.

    Parameters
    ----------
    cells : Cells
        What is known.
    values : callable
        The index of tables (B, n, M).
    starts : sequence of ndarray of shape (n, M)
        Tables that are allowed.
    sign : {1, -1}
        Whether the greatest or the least is wanted.
    gradient : callable, optional
        Slopes of the index in each cell; by default from differences.
    """

    def worth(tables: Floats) -> Floats:
        return np.nan_to_num(sign * values(tables), nan=-np.inf, posinf=np.inf, neginf=-np.inf)

    first = worth(np.stack(starts))
    chosen = int(first.argmax())
    best, table = float(first[chosen]), starts[chosen]
    size = float(cells.open.sum()) * cells.low.size
    if gradient is None and size > WORK:
        return table
    for start in dict.fromkeys((chosen, 0)):
        here, now = starts[start], float(first[start])
        if not np.isfinite(now):
            continue
        for _ in range(STEPS if gradient is not None else STEPS_OF_DIFFERENCES):
            slopes = _differences(cells, values, here) if gradient is None else gradient(here)
            aim = cells.best(sign * slopes)
            tables = here + SHRINK[:, None, None] * (aim - here)
            tables[0] = aim
            found = worth(tables)
            k = int(found.argmax())
            if not found[k] > now + 1e-13:
                break
            here, now = tables[k], float(found[k])
        if now > best:
            best, table = now, here
    return _unit_by_unit(cells, worth, table, best)


def _differences(cells: Cells, values: Values, table: Floats) -> Floats:
    """Return the slopes of an index in the open cells."""
    at = np.flatnonzero(cells.open.ravel())
    here = float(values(table[None])[0])
    slopes = np.zeros(table.size)
    many = max(1, int(2e6 // table.size))
    for k in range(0, len(at), many):
        part = at[k : k + many]
        step = 1e-5 * np.maximum(table.ravel()[part], 1.0)
        tables = np.tile(table.ravel(), (len(part), 1))
        tables[np.arange(len(part)), part] += step
        slopes[part] = (values(tables.reshape(-1, *table.shape)) - here) / step
    return np.nan_to_num(slopes).reshape(table.shape)


def _unit_by_unit(cells: Cells, worth: Values, table: Floats, best: float) -> Floats:
    """Move the unit to the corner that gives most, again and again."""
    if not (cells.sizes_free and cells.few_open) or 2 * len(cells.rows) * table.size > FEW:
        return table
    moves = [(j, row) for j, rows in zip(cells.rows, cells.corners_of_units, strict=True) for row in rows]
    if len(moves) * table.size > FEW:
        return table
    for _ in range(ROUNDS):
        tables = np.tile(table, (len(moves), 1, 1))
        for k, (j, row) in enumerate(moves):
            tables[k, j] = row
        found = worth(tables)
        k = int(found.argmax())
        if not found[k] > best + 1e-13:
            break
        best, table = float(found[k]), tables[k]
    return table


def through_corners(cells: Cells, values: Values, *, defined: bool) -> Floats | None:
    """Return the corner with the greatest value; None where there are too many to look at all.

    Parameters
    ----------
    cells : Cells
        What is known.
    values : callable
        The index of tables (B, n, M).
    defined : bool
        Whether None is returned, too, where the index has no value in a corner: it may come near a greater one there.
    """
    found = cells.corners(max(1, int(min(CORNERS, FEW / cells.low.size))))
    if found is None:
        return None
    tables = np.stack(list(found))
    found_values = values(tables)
    if not np.isfinite(found_values).any() or (defined and not np.isfinite(found_values).all()):
        return None
    best: Floats = tables[int(np.nan_to_num(found_values, nan=-np.inf).argmax())]
    return best


def values_of(ratio: Ratio) -> Values:
    """Return a ratio as a function of tables (B, n, M)."""
    return lambda tables: np.array([ratio.value(table) for table in tables])
