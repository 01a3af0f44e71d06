"""What an environment is, and the one that is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt
import scipy.sparse

if TYPE_CHECKING:
    from ..population import Population

__all__ = ["Environment", "Home", "Operator"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class Operator(Protocol):
    """W: maps values of units (n,) or (n, k) to the values around each unit."""

    @property
    def shape(self) -> tuple[int, int]:
        """Units times units."""

    def __matmul__(self, values: Floats) -> Floats:
        """Return the weighted sums around each unit; rows are not made to sum to 1."""


class Environment(Protocol):
    """Says who surrounds whom; ``str()`` of it is what tables and captions show."""

    def on(self, population: Population, *, regions: Ints | None = None) -> Operator:
        """Return W for the units of a population.

        Parameters
        ----------
        population : Population
            The units.
        regions : ndarray of shape (n,), optional
            Region numbers; the environment stops at the edge of each unit's region.

        Returns
        -------
        Operator
        """


@dataclass(frozen=True)
class Home:
    """No environment: people meet those of their own unit.

    Examples
    --------
    >>> import segregate as sg
    >>> city = sg.sample("sacramento")
    >>> sg.isolation(city.within(sg.Home()), group="hisp") == sg.isolation(city, group="hisp")
    True
    """

    def on(self, population: Population, *, regions: Ints | None = None) -> Operator:  # noqa: ARG002
        """Return the identity."""
        return scipy.sparse.eye_array(population.n_units, format="csr")  # type: ignore[no-any-return]

    def __str__(self) -> str:
        return "home"
