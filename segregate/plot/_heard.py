"""Warnings of other packages: turned into notes, or passed on when they concern the user."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TypeVar

__all__ = ["heard", "sorted_out"]

T = TypeVar("T")


def heard(function: Callable[[], T]) -> tuple[T, list[warnings.WarningMessage]]:
    """Call a function and hand over what it warned of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = function()
    return result, caught


def sorted_out(function: Callable[[], T], *, known: tuple[str, ...] = ()) -> T:
    """Call a function of another package and pass on what it warns of.

    Left out are warnings to the authors of that package about its own code (deprecations), and those
    that begin with a text named here because what they say has been dealt with.

    Parameters
    ----------
    function : callable
        To be called without arguments.
    known : tuple of str, optional
        Beginnings of messages.

    Returns
    -------
    object
        What the function returns.
    """
    result, caught = heard(function)
    for warning in caught:
        if not issubclass(warning.category, DeprecationWarning | PendingDeprecationWarning) and not str(
            warning.message
        ).startswith(known):
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
    return result
