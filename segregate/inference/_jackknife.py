"""How skewed an index is: the acceleration of bootstrap intervals, by leaving out one at a time."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..errors import ParameterError
from ._statistic import Statistic

__all__ = ["acceleration_of"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
MOST = 4 * 10**9
"""Numbers that are looked at; more would take minutes."""


def acceleration_of(statistic: Statistic, resample: str, clusters: Ints | None) -> float:
    """Return a = sum d^3 / (6 (sum d^2)^(3/2)), d being the mean of the values with one left out less each of them.

    Parameters
    ----------
    statistic : Statistic
        The index.
    resample : {"people", "units", "clusters"}
        What is left out: one person of a cell (which counts for everybody in the cell), one unit, one cluster.
    clusters : ndarray of shape (n,) or None
        Number of the cluster of each unit.

    Returns
    -------
    float
        NaN where the index is undefined whoever is left out.

    References
    ----------
    Efron (1987), Better bootstrap confidence intervals, doi:10.1080/01621459.1987.10478410.
    """
    pop = statistic.pop
    cells = int((pop.counts > 0).sum())
    looked_at = cells * pop.counts.size if resample == "people" else pop.n_units * pop.counts.size
    if looked_at > MOST:
        raise ParameterError(
            f"interval='bca' leaves out one after the other, which takes too long for {pop.n_units:,} units; take "
            "'basic' or 'percentile'."
        )
    values, weights = _people(statistic) if resample == "people" else _units(statistic, clusters)
    known = np.isfinite(values)
    if not known.any():
        return float("nan")
    values, weights = values[known], weights[known]
    gaps = np.average(values, weights=weights) - values
    spread = float((weights * gaps**2).sum())
    return float((weights * gaps**3).sum()) / (6 * spread**1.5) if spread > 0 else 0.0


def _people(statistic: Statistic) -> tuple[Floats, Floats]:
    """Return the values without one person of each cell, and how many such persons there are."""
    counts = statistic.pop.counts
    rows, columns = np.nonzero(counts > 0)
    found = []
    for first in range(0, len(rows), statistic.chunk):
        part = slice(first, first + statistic.chunk)
        tables = np.repeat(counts[None], len(rows[part]), axis=0)
        at = np.arange(len(tables)), rows[part], columns[part]
        tables[at] -= np.minimum(1.0, tables[at])
        found.append(statistic.on(tables))
    return np.concatenate(found), counts[rows, columns]


def _units(statistic: Statistic, clusters: Ints | None) -> tuple[Floats, Floats]:
    """Return the values without one unit, or cluster, with people."""
    lived_in = np.flatnonzero(statistic.pop.totals > 0)
    codes = lived_in if clusters is None else clusters[lived_in]
    lived_in, codes = lived_in[codes >= 0], codes[codes >= 0]
    left_out = np.unique(codes)
    found = []
    for first in range(0, len(left_out), statistic.chunk):
        kept = codes[None, :] != left_out[first : first + statistic.chunk, None]
        rows = lived_in[np.nonzero(kept)[1]]
        found.append(statistic.on_rows(rows, np.concatenate([[0], np.cumsum(kept.sum(axis=1))])))
    return np.concatenate(found), np.ones(len(left_out))
