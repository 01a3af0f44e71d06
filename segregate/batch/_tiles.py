"""A table that is larger than memory, measured tile by tile with a border of the largest radius, seams exact."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from .._arrays import frozen
from .._evaluate import rows_of
from .._profile import populations_at
from .._segments import Segments
from ..environment import Environment, Home, Kernel
from ..errors import DataError
from ..kernels import exact_sum
from ..population import Population
from ..registry import BoundIndex
from ._store import Store

__all__ = ["added", "measured_tiles"]

Floats = npt.NDArray[np.float64]


class _Near(NamedTuple):
    """Units of a tile and whom they meet."""

    counts: Floats
    around: Floats
    presence: Floats | None
    environment: Environment


@lru_cache(maxsize=1)
def _opened(folder: str) -> Store:
    return Store.at(Path(folder))


def measured_tiles(
    folder: str, tiles: Sequence[int], groups: Sequence[Sequence[Environment]], bound: Sequence[BoundIndex], versus: str
) -> pd.DataFrame:
    """Return what some tiles add to each value, a row per environment and row of `segregate.measure`.

    The people of all other tiles stand beside those of a tile as one more unit, whose own term is left out: sizes of
    groups and shares are those of the whole table.

    Parameters
    ----------
    folder : str
        A store.
    tiles : sequence of int
        Numbers of its tiles.
    groups : sequence of sequence of Environment
        As in a plan; home and kernels.
    bound, versus
        What is measured.
    """
    store = _opened(folder)
    found: list[pd.DataFrame] = []
    for tile in tiles:
        rows = []
        for near in _neighbourhoods(store, tile, groups):
            segments = _beside_the_rest(store, near)
            for row in rows_of(bound, segments, versus):
                terms = row.found.terms
                assert terms is not None
                undefined = str(row.found.status[0]) == "undefined"
                rows.append(
                    {
                        "index": row.bound.spec.name,
                        "symbol": row.bound.spec.symbol,
                        "family": row.bound.spec.family,
                        "group": row.group,
                        "versus": row.other,
                        "environment": str(near.environment),
                        "params": row.bound.params,
                        "value": np.nan if undefined else exact_sum(frozen(terms[:-1])),
                        "status": str(row.found.status[0]),
                        "message": str(row.found.messages[0]),
                    }
                )
        found.append(pd.DataFrame(rows))
    return added(found)


def added(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Add up the values of tables with the same rows, in their order."""
    first = tables[0].copy()
    if len(tables) > 1:
        values = np.column_stack([table["value"].to_numpy(dtype=float) for table in tables])
        first["value"] = [exact_sum(frozen(row)) for row in values]
        for name, worst in (("status", ("undefined", "partial")), ("message", ())):
            columns = np.column_stack([table[name].astype(object).to_numpy() for table in tables])
            if name == "status":
                first[name] = [next((word for word in worst if word in row), "ok") for row in columns]
            else:
                first[name] = [next((text for text in row if text), "") for row in columns]
    return first


def _neighbourhoods(store: Store, tile: int, groups: Sequence[Sequence[Environment]]) -> Iterator[_Near]:
    """Yield the units of a tile with whom they meet, in each environment."""
    ranges = {int(number): (int(first), int(last)) for number, first, last in store.ranges}
    parts = [store.rows(*ranges[number]) for number in store.around(tile) if number in ranges]
    core = len(parts[0][0])
    counts = np.concatenate([people for people, _ in parts])
    points = np.concatenate([where for _, where in parts])
    frame = pd.DataFrame(counts, columns=list(store.groups)).assign(x=points[:, 0], y=points[:, 1])
    plane = 'ENGCRS["metres",EDATUM["metres"],CS[Cartesian,2],AXIS["x",east],AXIS["y",north],LENGTHUNIT["metre",1]]'
    pop = Population.from_frame(frame, list(store.groups), points=("x", "y"), crs=plane)
    for group in groups:
        for one in group:
            if isinstance(one, Home):
                own = frozen(counts[:core])
                yield _Near(own, own, None, one)
        kernels = [one for one in group if isinstance(one, Kernel)]
        if not kernels:
            continue
        radii = sorted(one.radius for one in kernels)
        for _, near in populations_at(pop, radii, "radius", kernels[0].shape):
            presence = near._presence
            yield _Near(
                frozen(counts[:core]),
                frozen(near.surroundings[:core]),
                None if presence is None else frozen(presence[:core]),
                near.environment,
            )


def _beside_the_rest(store: Store, near: _Near) -> Segments:
    """Put the people of all other tiles beside the units of a tile, as one more unit."""
    rest = np.asarray(store.sizes) - near.counts.sum(axis=0)
    slack = 1e-9 * np.maximum(1.0, np.asarray(store.sizes))
    if (rest < -slack).any():
        raise DataError("the tiles hold more people than the table; partition it anew (fresh = true).")
    rest = np.maximum(rest, 0.0)
    counts = frozen(np.vstack([near.counts, rest]))
    at_home = near.around is near.counts
    around = counts if at_home else frozen(np.vstack([near.around, rest]))
    presence = None if near.presence is None else frozen(np.append(near.presence, 1.0))
    starts = frozen(np.array([0, len(counts)]), np.int64)
    frame = pd.DataFrame(counts, columns=list(store.groups))
    places = Population.from_frame(frame, list(store.groups)).places
    return Segments(counts, around, starts, store.groups, pd.RangeIndex(len(counts)), places, presence)
