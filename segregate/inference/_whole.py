"""Whole numbers of people, where a null or a formula counts single persons."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from .._arrays import sealed
from .._checks import check_choice
from ..environment._met import met_within
from ..errors import DataError, first_of, have, plural
from ..population import Population

__all__ = ["largest_remainder", "whole_people"]

Floats = npt.NDArray[np.float64]
ROUND = "largest_remainder"
LARGEST = 1e13
"""Beyond this, the logarithms of factorials are no longer exact enough to draw from."""


def largest_remainder(counts: Floats) -> Floats:
    """Round the counts of each unit so that they add up to its rounded total, the largest remainders first.

    Parameters
    ----------
    counts : ndarray of shape (n, M)
        People; of equal remainders the first group gets the person.
    """
    down = np.floor(counts)
    missing = np.rint(counts.sum(axis=1)) - down.sum(axis=1)
    rank = np.argsort(np.argsort(-(counts - down), axis=1, kind="stable"), axis=1, kind="stable")
    return down + (rank < missing[:, None])  # type: ignore[no-any-return]


def whole_people(pop: Population, round: str | None) -> tuple[Population, tuple[str, ...]]:  # noqa: A002
    """Return a population of whole persons, and what is to be said of it.

    Parameters
    ----------
    pop : Population
        The units.
    round : {None, "largest_remainder"}
        What happens to parts of people: an error, or see `largest_remainder`.

    Raises
    ------
    DataError
        Where counts are not whole numbers and `round` is None.
    """
    if round is not None:
        check_choice("round", round, (ROUND,))
    if pop.size > LARGEST:
        raise DataError(f"{pop.size:,.6g} people are more than can be counted one by one ({LARGEST:,.0f}).")
    parts = (pop.counts != np.floor(pop.counts)).any(axis=1)
    if not parts.any():
        return pop, ()
    if round is None:
        raise DataError(
            f"{have(int(parts.sum()), len(parts))} counts that are not whole numbers "
            f"(first: {first_of(pop.ids[parts][:4])}), and people are counted one by one here. "
            f"round={ROUND!r} rounds them so that the totals of the units stay as near as can be."
        )
    counts = sealed(largest_remainder(pop.counts))
    rounded = pop._share_places(replace(pop.home(), counts=counts))
    if not pop.at_home:
        around = met_within(pop.environment.on(rounded), counts)
        rounded = rounded._share_places(replace(rounded, environment=pop.environment, **around.fields))
    moved = float(np.abs(counts - pop.counts).sum()) / 2
    note = f"counts of {plural(int(parts.sum()), 'unit')} were rounded to whole people ({moved:,.6g} people moved)"
    return rounded, (note,)
