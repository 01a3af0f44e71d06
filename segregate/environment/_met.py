"""Whom, and how many units with people, an environment puts around each unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .._arrays import frozen, sealed
from .base import Operator

__all__ = ["Nearby", "met_within", "nearby_of", "with_units"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Nearby:
    """Sums around each unit, W @ values.

    Attributes
    ----------
    people : ndarray of shape (n, M)
        Members of each group around each unit.
    units : ndarray of shape (n,) or None
        Units with people around each unit; NaN for a unit without people.
    raised : ndarray of shape (n,) or None
        Logarithm of the factor by which each row is raised; None where no row is.
    """

    people: Floats
    units: Floats | None
    raised: Floats | None

    @property
    def fields(self) -> dict[str, Any]:
        """The same as fields of a population."""
        return {"_surroundings": self.people, "_presence": self.units, "_raised": self.raised}


def met_within(operator: Operator, counts: Floats) -> Nearby:
    """Return the people and the units with people around each unit, from one pass.

    Parameters
    ----------
    operator : Operator
        W.
    counts : ndarray of shape (n, M)
        People of each group in each unit.
    """
    raised = operator.raised if operator.raised is not None and operator.raised.any() else None
    return nearby_of(operator @ with_units(counts), counts, raised)


def with_units(counts: Floats) -> Floats:
    """Return the counts with one more column that counts the units with people, (n, M + 1)."""
    return np.column_stack([counts, counts.sum(axis=1) > 0])


def nearby_of(sums: Floats, counts: Floats, raised: Floats | None = None) -> Nearby:
    """Return W @ `with_units(counts)` in its parts."""
    units = np.where(counts.sum(axis=1) > 0, sums[:, -1], np.nan)
    return Nearby(frozen(sums[:, :-1]), sealed(units), None if raised is None else frozen(raised))
