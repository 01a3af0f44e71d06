"""Readers of the shapes that many entries have: one number, one for each group, a matrix of groups.

``own`` gives the parameters of our index from an entry, ``differs`` why its numbers differ, if they do.
"""

from .entries import ITSELF, scalar


def nothing(entry):
    """Return no parameters."""
    return {}


def equal(entry):
    """Return no reason to differ."""
    return ""


def one(index, **params):
    """Make a reader of an entry that is one number for all its groups."""

    def read(entry):
        entry.row("", index, scalar(entry.value), **params)

    return read


def versus(index, own=nothing):
    """Make a reader of one number for each group, against the rest."""

    def read(entry):
        for group, value in entry.value.items():
            entry.row(group, index, value, versus=group, **own(entry))

    return read


def each(index, own=nothing, differs=equal):
    """Make a reader of one number for each group, of a focal index."""

    def read(entry):
        for group, value in entry.value.items():
            entry.row(group, index, value, group=group, **own(entry), differs=differs(entry))

    return read


def first_group(index, *, pair=False):
    """Make a reader of a focal index of the first column, or of the first and the second."""

    def read(entry):
        group, other = entry.groups
        entry.row("", index, entry.value, group=group, **({"other": other} if pair else {}))

    return read


def pairs(index, own=nothing):
    """Make a reader of a matrix of two-group indices, of a group against another."""

    def read(entry):
        for row, values in zip(entry.value["rows"], entry.value["matrix"], strict=True):
            for col, value in zip(entry.value["cols"], values, strict=True):
                if row == col:
                    entry.leave(ITSELF)
                else:
                    entry.row(f"{row} {col}", index, value, groups=[row, col], **own(entry))

    return read
