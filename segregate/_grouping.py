"""Which old group goes into which new one: what `select`, `versus` and `merge` of a population check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from .errors import ParameterError, UnknownNameError, first_of, nearest

__all__ = ["REST", "against_the_rest", "merged_groups", "selected_groups"]

Ints = npt.NDArray[np.int64]
REST = "rest"


def selected_groups(groups: tuple[str, ...], chosen: tuple[str, ...]) -> Ints:
    """Return the new place of each group, -1 for those that are not chosen."""
    _check_known(groups, chosen)
    if len(set(chosen)) < len(chosen) or len(chosen) < 2:
        raise ParameterError(f"select takes two or more different groups, not {chosen}.")
    target = np.full(len(groups), -1, dtype=np.int64)
    target[[groups.index(name) for name in chosen]] = np.arange(len(chosen))
    return target


def against_the_rest(groups: tuple[str, ...], group: str) -> Ints:
    """Return 0 for the group and 1 for everybody else."""
    _check_known(groups, [group])
    if group == REST:
        raise ParameterError("A group called 'rest' cannot be set against the rest: use select or merge.")
    target = np.ones(len(groups), dtype=np.int64)
    target[groups.index(group)] = 0
    return target


def merged_groups(groups: tuple[str, ...], merge: Mapping[str, Sequence[str]]) -> tuple[Ints, tuple[str, ...]]:
    """Return the new place of each group, and the names of the new groups."""
    wrong = [name for name, members in merge.items() if isinstance(members, str) or not len(members)]
    if wrong:
        raise ParameterError(
            f"merge takes lists of groups, of one group at least: merge({{'new': ['old', 'older']}}); "
            f"{first_of(wrong)} has none."
        )
    merge = {str(name): list(members) for name, members in merge.items()}
    members = [member for listed in merge.values() for member in listed]
    _check_known(groups, members)
    twice = sorted({name for name in members if members.count(name) > 1})
    if twice:
        raise ParameterError(f"{first_of(twice)} would be in two groups at once.")
    new_name = {member: name for name, listed in merge.items() for member in listed}
    kept = [name for name in groups if name not in new_name]
    clash = sorted(set(kept) & set(merge))
    if clash:
        raise ParameterError(f"There is a group {first_of(clash)} already; merge it too, or choose another name.")
    names = tuple(dict.fromkeys(new_name.get(name, name) for name in groups))
    if len(names) < 2:
        raise ParameterError("One group would be left; an index compares at least two.")
    return np.array([names.index(new_name.get(name, name)) for name in groups]), names


def _check_known(groups: tuple[str, ...], names: Sequence[str]) -> None:
    for name in names:
        if name not in groups:
            raise UnknownNameError(f"{name!r} is not a group. {nearest(name, groups)}")
