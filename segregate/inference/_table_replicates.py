"""P-values and intervals of all rows of a table of `segregate.measure` of one city, from a stream of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .._evaluate import rows_of
from ..errors import DataError
from ..population import Population
from ..registry import BoundIndex
from ._draws import of_people, of_shares, rearranged, resampled
from ._replicates import interval_of, p_value, seeds
from ._several import own_streams
from ._statistic import CELLS, Around
from ._table_intervals import table_of_tables
from ._whole import whole_people

__all__ = ["Tested", "intervals_of_table", "p_values_of_table"]

Floats = npt.NDArray[np.float64]
Words = npt.NDArray[np.uint64]


class Tested(NamedTuple):
    """P-values of the rows of a table.

    Attributes
    ----------
    values : ndarray of shape (rows,)
        NaN where there is none.
    reason : str
        Why there is none, or what was done on the way.
    """

    values: Floats
    reason: str


def p_values_of_table(
    pop: Population,
    bound: Sequence[BoundIndex],
    null: str,
    replicates: int,
    seed: int,
    stream: str,
    alternative: str,
    round: str | None,  # noqa: A002
) -> Tested:
    """Test all rows of a table against chance, from the same replicates; see `segregate.monte_carlo_test`.

    Parameters
    ----------
    pop : Population
        One city, at home or within an environment; rows are those of `segregate.measure` with versus="rest".
    bound : sequence of BoundIndex
        The indices.
    null, replicates, alternative, round
        As in `segregate.monte_carlo_test`.
    seed : int
        Of all cities.
    stream : str
        Name of the city's own stream.
    """
    reason = ""
    if null == "people" and (pop.counts != np.floor(pop.counts)).any():
        try:
            pop, notes = whole_people(pop, round)
        except DataError as error:
            rows = rows_of(bound, pop.segments, "rest")
            return Tested(np.full(len(rows), np.nan), f"no p-value: {error}")
        reason = "; ".join(notes)
    observed = np.array([row.found.values[0] for row in rows_of(bound, pop.segments, "rest")])
    draw = {"people": of_people, "units": rearranged}.get(null, of_shares)(pop)
    evaluate = table_of_tables(Around(pop), bound, "rest", moved=null == "units")
    drawn = _drawn(lambda states: evaluate(draw(states)), pop, replicates, seed, stream)
    values = np.array([p_value(*pair, alternative) for pair in zip(observed, drawn.T, strict=True)])
    if null == "units":
        blind = np.ptp(np.vstack([observed, drawn]), axis=0) <= 1e-12 * np.maximum(1.0, np.abs(observed))
        values[blind] = np.nan
        if blind.any():
            reason = "no p-value where rearranged units have the same value"
    return Tested(values, reason)


def intervals_of_table(
    pop: Population,
    bound: Sequence[BoundIndex],
    versus: str,
    values: Floats,
    replicates: int,
    seed: int,
    stream: str,
    level: float,
    kind: str,
) -> tuple[Floats, Floats]:
    """Return bootstrap intervals of all rows of a table, (rows, 2), and the replicates, (R, rows).

    Parameters
    ----------
    pop, bound, versus
        The city, and what was measured.
    values : ndarray of shape (rows,)
        What was found.
    replicates, seed, stream, level, kind
        How people are drawn again, and which interval is taken.
    """
    draw = resampled(pop)
    evaluate = table_of_tables(Around(pop), bound, versus)
    drawn = _drawn(lambda states: evaluate(draw(states)), pop, replicates, seed, stream)
    ends = np.array([interval_of(*pair, level, kind) for pair in zip(values, drawn.T, strict=True)])
    return ends.reshape(-1, 2), drawn


def _drawn(work: Callable[[Words], Floats], pop: Population, replicates: int, seed: int, stream: str) -> Floats:
    states = own_streams(seeds(replicates, seed), stream)
    chunk = max(1, CELLS // max(1, pop.counts.size))
    return np.concatenate([work(states[first : first + chunk]) for first in range(0, replicates, chunk)])
