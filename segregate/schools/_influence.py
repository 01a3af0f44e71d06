"""What one person more of a group in a unit adds to an index at home: derivatives of indices in the counts."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

__all__ = ["KNOWN", "influence_of"]

Floats = npt.NDArray[np.float64]


def influence_of(name: str, counts: Floats, group: int | None, other: int | None) -> Floats | None:
    """Return the derivative of an index in every cell, (n, M); None for an index whose derivative is not known here.

    Parameters
    ----------
    name : str
        The index.
    counts : ndarray of shape (n, M)
        Who lives in each unit.
    group, other : int or None
        Columns of the group, and of the other, for indices about one; None for everybody else.

    Notes
    -----
    Where nobody of a group lives in a unit, the derivatives of entropy-based indices are infinite for the first person
    of it; there and in units without people the influence is not defined (NaN).
    """
    found = KNOWN.get(name)
    return None if found is None else found(counts, group, other)


def _mutual_information(counts: Floats, *_: int | None) -> Floats:
    total, sizes, people = counts.sum(), counts.sum(axis=0), counts.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.where(counts > 0, np.log(counts * total / (people * sizes)), np.nan)
        value = np.nansum(counts * np.where(counts > 0, logs, 0.0)) / total
    slope: Floats = (logs - value) / total
    return slope


def _information_theory(counts: Floats, *_: int | None) -> Floats:
    total = counts.sum()
    shares = counts.sum(axis=0) / total
    with np.errstate(divide="ignore"):
        logs = np.where(shares > 0, np.log(shares), np.nan)
    entropy = -np.nansum(shares * logs)
    slope = _mutual_information(counts)
    with np.errstate(divide="ignore", invalid="ignore"):
        each = np.where(
            counts > 0, np.log(counts * total / (counts.sum(axis=1, keepdims=True) * (shares * total))), 0.0
        )
    value = float((counts * each).sum()) / total / entropy
    found: Floats = (slope + value * (logs + entropy) / total) / entropy
    return found


def _composition(counts: Floats) -> Floats:
    people = counts.sum(axis=1, keepdims=True)
    shares: Floats = np.divide(counts, people, out=np.full_like(counts, np.nan), where=people > 0)
    return shares


def _exposure(counts: Floats, group: int | None, other: int | None) -> Floats:
    assert group is not None
    assert other is not None
    met, own = _composition(counts), counts[:, group].sum()
    value = float(np.nansum(counts[:, group] * met[:, other])) / own
    slope = np.repeat((-met[:, group] * met[:, other])[:, None], counts.shape[1], axis=1)
    slope[:, group] += met[:, other] - value
    slope[:, other] += met[:, group]
    found: Floats = slope / own
    return found


def _isolation(counts: Floats, group: int | None, _: int | None) -> Floats:
    return _exposure(counts, group, group)


def _correlation_ratio(counts: Floats, group: int | None, _: int | None) -> Floats:
    assert group is not None
    total = counts.sum()
    share = counts[:, group].sum() / total
    met = _composition(counts)
    value = float(np.nansum(counts[:, group] * met[:, group])) / counts[:, group].sum()
    slope_of_share = np.full(counts.shape[1], -share / total)
    slope_of_share[group] += 1 / total
    slope = _exposure(counts, group, group)
    found: Floats = (slope * (1 - share) - slope_of_share * (1 - value)) / (1 - share) ** 2
    return found


def _dissimilarity(counts: Floats, group: int | None, other: int | None) -> Floats | None:
    if group is None:
        return None
    own = counts[:, group]
    rest = counts.sum(axis=1) - own if other is None else counts[:, other]
    sign = np.sign(own / own.sum() - rest / rest.sum())
    first = (sign - (sign @ own) / own.sum()) / (2 * own.sum())
    second = -(sign - (sign @ rest) / rest.sum()) / (2 * rest.sum())
    columns = [second if other is None else np.where(m == other, second, 0.0) for m in range(counts.shape[1])]
    slope = np.column_stack(columns)
    slope[:, group] = first
    return slope


KNOWN: dict[str, Callable[[Floats, int | None, int | None], Floats | None]] = {
    "mutual_information": _mutual_information,
    "information_theory": _information_theory,
    "isolation": _isolation,
    "exposure": _exposure,
    "correlation_ratio": _correlation_ratio,
    "dissimilarity": _dissimilarity,
}
