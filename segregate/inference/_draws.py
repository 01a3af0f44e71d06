"""What is drawn: tables of people, and units. Units are drawn in the order of their ids, whatever their rows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from .._arrays import frozen
from ..kernels.drawing import drawn_rows, hypergeometric_tables, multinomial_tables, orders, resampled_tables
from ..kernels.streams import log_factorials
from ..population import Population

__all__ = ["Draw", "by_id", "of_people", "of_shares", "rearranged", "resampled", "units_again"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]
Draw = Callable[[Words], Floats]
"""Takes the seeds of B replicates and returns tables (B, n, M) in the order of the rows."""


def by_id(pop: Population) -> Ints:
    """Return the rows of a population in the order of its ids; of ids that do not compare, as text."""
    ids = pop.ids
    if ids.inferred_type in ("mixed", "mixed-integer"):
        ids = ids.map(lambda label: (type(label).__name__, str(label)))
    return np.asarray(ids.argsort(), dtype=np.int64)


def _in_rows(tables: Floats, order: Ints) -> Floats:
    """Put the units of tables, drawn in `order`, into the order of the rows."""
    if np.array_equal(order, np.arange(len(order))):
        return tables
    placed = np.empty_like(tables)
    placed[:, order] = tables
    return placed


def of_people(pop: Population) -> Draw:
    """Spread people at random over the units, with the totals of units and the sizes of groups as they are."""
    order = by_id(pop)
    totals, sizes = frozen(pop.totals[order]), frozen(pop.counts.sum(axis=0))
    logs = log_factorials(pop.size)
    return lambda states: _in_rows(hypergeometric_tables(states, totals, sizes, logs), order)


def of_shares(pop: Population) -> Draw:
    """Draw the group of every person from the city's shares, with the totals of units as they are."""
    order = by_id(pop)
    totals, shares = frozen(pop.totals[order]), frozen(pop.shares)
    logs = log_factorials(float(totals.max(initial=0.0)))
    return lambda states: _in_rows(multinomial_tables(states, totals, shares, logs), order)


def rearranged(pop: Population) -> Draw:
    """Let the people of units change places, unit by unit; units without people stay."""
    order = by_id(pop)
    lived_in = order[pop.totals[order] > 0]
    counts = pop.counts

    def draw(states: Words) -> Floats:
        tables = np.zeros((len(states), *counts.shape))
        tables[:, lived_in] = counts[lived_in[orders(states, len(lived_in))]]
        return tables

    return draw


def resampled(pop: Population, regions: list[Ints] | None = None) -> Draw:
    """Draw as many people as there are, with replacement.

    Parameters
    ----------
    pop : Population
        The units.
    regions : list of ndarray, optional
        Rows of each region, whose people are then drawn apart; people of other rows stay as they are.
    """
    order = by_id(pop)
    if regions is None:
        parts = [order]
    else:
        rank = np.empty(len(order), dtype=np.int64)
        rank[order] = np.arange(len(order))
        parts = [rows[np.argsort(rank[rows])] for rows in regions]
    given = [(rows, frozen(pop.counts[rows])) for rows in parts]
    logs = log_factorials(float(max(np.rint(counts.sum()) for _, counts in given)))
    counts = pop.counts

    def draw(states: Words) -> Floats:
        tables = np.repeat(counts[None], len(states), axis=0)
        for rows, people in given:
            tables[:, rows] = resampled_tables(states, people, logs)
        return tables

    return draw


def units_again(pop: Population, clusters: Ints | None = None) -> Callable[[Words], tuple[Ints, Ints]]:
    """Draw units, or clusters of them, with replacement: as many as hold people.

    Parameters
    ----------
    pop : Population
        The units.
    clusters : ndarray of shape (n,), optional
        Number of the cluster of each unit; -1 for none.

    Returns
    -------
    callable
        Takes the seeds of B replicates and returns rows (k,), replicate after replicate, and where each of them
        begins (B + 1,).
    """
    order = by_id(pop)
    lived_in = order[pop.totals[order] > 0]
    if clusters is None:
        members = [lived_in[k : k + 1] for k in range(len(lived_in))]
    else:
        codes = clusters[lived_in]
        members = [lived_in[codes == code] for code in np.unique(codes[codes >= 0])]
    sizes = np.array([len(rows) for rows in members], dtype=np.int64)
    first = np.concatenate([[0], np.cumsum(sizes)])
    flat = np.concatenate(members) if members else np.empty(0, dtype=np.int64)

    def draw(states: Words) -> tuple[Ints, Ints]:
        chosen = drawn_rows(states, len(members), len(members))
        lengths = sizes[chosen]
        starts = np.concatenate([[0], np.cumsum(lengths.sum(axis=1))])
        each = lengths.ravel()
        ends = np.cumsum(each)
        within = np.arange(int(ends[-1])) - np.repeat(ends - each, each)
        return flat[np.repeat(first[chosen.ravel()], each) + within], starts.astype(np.int64)

    return draw
