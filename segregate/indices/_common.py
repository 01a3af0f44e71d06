"""Checks that several indices share."""

from __future__ import annotations

import math

from ..errors import ParameterError

__all__ = ["log_of_base"]


def log_of_base(base: float) -> float:
    """Return ln(base); the base of a logarithm is positive and not 1."""
    if not (base > 0 and math.isfinite(base) and base != 1):
        raise ParameterError(f"base={base!r} cannot be the base of a logarithm; e, 2 and 10 are usual.")
    return math.log(base)
