"""Shares of a wider area that a city is compared with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ._arrays import frozen
from .errors import DataError, ParameterError, UnknownNameError

__all__ = ["shares_of"]


def shares_of(reference: Mapping[str, float] | None, groups: tuple[str, ...]) -> npt.NDArray[np.float64] | None:
    """Return the shares of a wider area, in the order of the groups.

    Parameters
    ----------
    reference : mapping from group to people or share, or None
        It must have the same groups; the numbers are divided by their sum.
    groups : tuple of str
        The groups, in order.
    """
    if reference is None:
        return None
    if not isinstance(reference, Mapping):
        raise ParameterError(f"reference= takes a Population or {{group: people or share, ...}}, not {reference!r}.")
    people = {str(name): float(value) for name, value in reference.items()}
    if set(people) != set(groups):
        raise UnknownNameError(
            f"The reference has the groups {', '.join(map(repr, people))}, "
            f"the population {', '.join(map(repr, groups))}; they must be the same."
        )
    values = np.array([people[name] for name in groups])
    if not (np.isfinite(values).all() and (values >= 0).all() and values.sum() > 0):
        raise DataError(f"The reference needs numbers of people or shares, 0 or more, not {people}.")
    found: Any = frozen(values / values.sum())
    shares: npt.NDArray[np.float64] = found
    return shares
