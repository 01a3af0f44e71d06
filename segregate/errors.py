"""Errors and warnings, and the phrases that they share.

Every message says what is wrong, how many and which, and what to do. An error is a
`SegregateError` and the builtin that fits, so ``except ValueError`` goes on working.
"""

from __future__ import annotations

import contextlib
import difflib
import functools
import inspect
import warnings
from collections.abc import Iterable
from pathlib import Path

import numpy as np

__all__ = [
    "DataError",
    "GeometryError",
    "MissingDependencyError",
    "ParameterError",
    "SegregateError",
    "SegregateWarning",
    "UndefinedIndexWarning",
    "UnknownNameError",
    "first_of",
    "have",
    "nearest",
    "plural",
    "warn",
]


class SegregateError(Exception):
    """Base of all errors that segregate raises on purpose."""


class DataError(SegregateError, ValueError):
    """The data cannot be measured as they are."""


class GeometryError(DataError):
    """Geometry or a coordinate reference system is missing or cannot be used."""


class ParameterError(SegregateError, ValueError):
    """An argument is not one that the function takes."""


class UnknownNameError(SegregateError, LookupError):
    """A column, group, index or layer of that name does not exist."""


class MissingDependencyError(SegregateError, ImportError):
    """An optional package is not installed."""


class SegregateWarning(UserWarning):
    """Something was decided for the user that changes or limits a result."""


class UndefinedIndexWarning(SegregateWarning):
    """An index has no value for these data; the result is NaN."""


def warn(message: str, kind: type[Warning] = SegregateWarning) -> None:
    """Warn at the line of the user's code that called segregate."""
    inside = (str(Path(__file__).parent), contextlib.__file__, functools.__file__)
    frame = inspect.currentframe()
    level = 0
    while frame is not None and frame.f_code.co_filename.startswith(inside):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, kind, stacklevel=level + 1)


def plural(number: int, noun: str, many: str | None = None) -> str:
    """Return ``"1 unit"``, ``"3 units"``, ``"12,345 units"``."""
    return f"{number:,} {noun if number == 1 else many or noun + 's'}"


def have(number: int, total: int, noun: str = "unit") -> str:
    """Return ``"3 units of 812 have"`` or ``"1 unit of 812 has"``."""
    return f"{plural(number, noun)} of {total:,} {'has' if number == 1 else 'have'}"


def first_of(labels: Iterable[object], show: int = 3) -> str:
    """Return the first few labels as ``'a', 'b', 'c', ...``."""
    items = list(labels)
    plain = [item.item() if isinstance(item, np.generic) else item for item in items[:show]]
    return ", ".join(map(repr, plain)) + (", ..." if len(items) > show else "")


def nearest(name: object, names: Iterable[object]) -> str:
    """Return a hint with the names nearest to one that is not known, or all if there are few.

    Parameters
    ----------
    name : object
        What was asked for.
    names : iterable
        What there is.

    Returns
    -------
    str
        A sentence, ready to follow the message.
    """
    known = [str(item) for item in names]
    folded = {item.casefold(): item for item in reversed(known)}
    close = difflib.get_close_matches(str(name).casefold(), folded, n=3, cutoff=0.6)
    close += [item for item in folded if str(name).casefold() in item and item not in close][:3]
    if close:
        return f"Did you mean {' or '.join(repr(folded[item]) for item in close[:3])}?"
    if not known:
        return "There are none."
    return f"There are: {', '.join(repr(item) for item in known[:20])}{', ...' if len(known) > 20 else ''}."
