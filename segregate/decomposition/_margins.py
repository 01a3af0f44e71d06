"""A table that keeps its odds ratios and takes the margins of another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .._arrays import sealed
from ..kernels import column_sums
from ..kernels.fitting import LEAST, fit_height, fit_in_turn, fit_slope, fitted_table, row_totals

__all__ = ["CLOSE", "Fitted", "column_totals", "fit", "row_totals"]

Floats = npt.NDArray[np.float64]

CLOSE = 1e-10
"""Greatest relative distance of a margin from what is wanted in a table that counts as fitted."""
NEAR = 1e-13
"""What is aimed at."""
IN_TURN = 100
"""Rounds of scaling in turn before steps of Newton's method, and where these do not help."""
MOST = 10_000
"""Rounds and steps at most."""
IDLE, IDLY = 3, 0.999
"""How often in a row the distance may stay above this share of what it was."""
LONGEST = 10.0
"""Greatest change of a logarithm in one step."""
ROUNDING = 1e-13
"""Of the height of the function that is made least."""
FLAT = 1e-14
"""Directions along which the totals change less than by this share are left alone."""


@dataclass(frozen=True)
class Fitted:
    """A fitted table.

    Attributes
    ----------
    table : ndarray of shape (n, k)
        Shares.
    reached, wanted : ndarray
        Totals of the shorter side, rows or columns; those of the longer side are as wanted.
    across : bool
        Whether the shorter side is the columns.
    off : float
        Greatest relative distance between the two.
    steps : int
        How often the margins were scaled.
    """

    table: Floats
    reached: Floats
    wanted: Floats
    across: bool
    off: float
    steps: int

    @property
    def there(self) -> bool:
        """Whether the margins are those wanted."""
        return bool(self.off <= CLOSE)


def column_totals(table: Floats) -> Floats:
    """Add up the columns."""
    return column_sums(table, sealed(np.array([0, len(table)])))[0]  # type: ignore[no-any-return]


def fit(table: Floats, rows: Floats, columns: Floats) -> Fitted:
    """Scale the rows and columns of a table until it has the margins wanted.

    Zero cells stay zero, so there may be no such table: `there` is false then. The result is that of iterative
    proportional fitting, and starts as that does. Where it is slow Newton's method goes on, on the same factors: it
    comes to the same table, which is the only one.

    Parameters
    ----------
    table : ndarray of shape (n, k)
        Shares; no row and no column is zero.
    rows, columns : ndarray of shape (n,), (k,)
        Margins wanted, above 0.
    """
    across = table.shape[0] >= table.shape[1]
    if not across:
        table, rows, columns = table.T, columns, rows
    table, rows, columns = (sealed(np.ascontiguousarray(array)) for array in (table, rows, columns))
    factors, totals, off, steps = fit_in_turn(table, rows, columns, sealed(np.ones(len(columns))), NEAR, IN_TURN)
    idle = 0
    while off > NEAR and steps < MOST and idle < IDLE:
        better = _newton(table, rows, columns, factors, totals, off)
        start, rounds = (factors, IN_TURN) if better is None else (better, 0)
        found = fit_in_turn(table, rows, columns, sealed(start / start.max()), NEAR, rounds)
        if not np.isfinite(found[2]):
            break
        steps += max(found[3], 1)
        idle = idle + 1 if better is None and found[2] > IDLY * off else 0
        factors, totals, off = found[:3]
    made = fitted_table(table, rows, sealed(factors))
    return Fitted(made if across else made.T, totals, columns, across, off, steps)


def _newton(table: Floats, rows: Floats, columns: Floats, factors: Floats, totals: Floats, off: float) -> Floats | None:
    """Return better factors, or None where a step leads to none."""
    scale = 1 / np.sqrt(totals)
    slope = fit_slope(table, rows, sealed(factors)) * scale[:, None] * scale
    if not np.isfinite(slope).all():
        return None
    sizes, directions = np.linalg.eigh((slope + slope.T) / 2)
    along = directions.T @ ((columns - totals) * scale)
    steep = sizes > FLAT
    step = scale * (directions[:, steep] @ (along[steep] / sizes[steep]))
    step *= min(1.0, LONGEST / max(float(np.abs(step).max()), 1e-300))
    height = fit_height(table, rows, columns, sealed(factors))
    for shorter in (1.0, 0.5, 0.25, 0.0625):
        tried = factors * np.exp(shorter * step)
        tried = sealed(np.maximum(tried / tried.max(), LEAST))
        lower = height - fit_height(table, rows, columns, tried)
        if lower > ROUNDING or (lower > -ROUNDING and fit_in_turn(table, rows, columns, tried, NEAR, 0)[2] < off):
            return tried  # type: ignore[no-any-return]
    return None
