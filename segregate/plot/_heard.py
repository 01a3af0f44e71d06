"""Warnings of other packages, turned into notes."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TypeVar

__all__ = ["heard"]

T = TypeVar("T")


def heard(function: Callable[[], T]) -> tuple[T, list[warnings.WarningMessage]]:
    """Call a function and hand over what it warned of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = function()
    return result, caught
