"""Tables of pupils as they would be: living evenly, without zones, without choice."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = ["Room", "counterfactuals", "nearest_with_room"]

Floats = npt.NDArray[np.float64]
Players = tuple[bool, bool, bool]


class Room(NamedTuple):
    """Pupils put into schools.

    Attributes
    ----------
    shares : ndarray of shape (blocks, schools)
        Of the pupils of each block.
    without : float
        Pupils for whom no school that they can reach has room.
    """

    shares: Floats
    without: float


def nearest_with_room(costs: Floats, pupils: Floats, room: Floats) -> Room:
    """Give the pupils of blocks the nearest school with room, pairs of a block and a school in the order of their cost.

    Parameters
    ----------
    costs : ndarray of shape (blocks, schools)
        Infinite where there is no way. Of pairs of the same cost the first block comes first, then the first school.
    pupils, room : ndarray of shape (blocks,) and (schools,)
        All groups of a block are treated alike.
    """
    block, school = np.nonzero(np.isfinite(costs) & (pupils > 0)[:, None])
    order = np.argsort(costs[block, school], kind="stable")
    left, space = pupils.tolist(), room.tolist()
    moved = np.zeros(costs.shape)
    for j, s in zip(block[order].tolist(), school[order].tolist(), strict=True):
        going = min(left[j], space[s])
        if going > 0:
            moved[j, s] += going
            left[j] -= going
            space[s] -= going
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = np.where(pupils[:, None] > 0, moved / pupils[:, None], 0.0)
    return Room(shares, float(sum(left)))


def counterfactuals(homes: Floats, shares: Floats, schools: Floats) -> dict[Players, Floats]:
    """Return the units and their pupils with and without residence, zones and choice.

    Parameters
    ----------
    homes : ndarray of shape (blocks, M)
        Pupils where they live.
    shares : ndarray of shape (blocks, schools)
        Of each block, assigned to each school; rows sum to 1 where anybody lives.
    schools : ndarray of shape (schools, M)
        Pupils where they learn.

    Returns
    -------
    dict
        By (residence, zones, choice). Without residence every block has the groups of all pupils; without zones every
        block is a school of its own; without choice pupils go where they are assigned. Choice is the ratio, by school
        and group, of those who learn there to those assigned; who comes into a school to which nobody of the group is
        assigned is a unit of its own where there are no zones, and those of the group who would live there if people
        lived evenly stay.
    """
    assigned = shares.T @ homes
    mixture = homes.sum(axis=0) / homes.sum()
    even = homes.sum(axis=1, keepdims=True) * mixture
    ratio = np.divide(schools, assigned, out=np.ones_like(schools), where=assigned > 0)
    strangers = np.where(assigned > 0, 0.0, schools)
    found: dict[Players, Floats] = {}
    for residence, live in ((False, even), (True, homes)):
        placed = shares.sum(axis=1, keepdims=True) * live
        found[residence, False, False] = placed
        found[residence, True, False] = shares.T @ live
        found[residence, False, True] = np.vstack([live * (shares @ ratio), strangers])
        found[residence, True, True] = (shares.T @ live) * ratio + strangers
    return found
