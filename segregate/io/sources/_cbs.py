"""Counts of Statistics Netherlands: shares times inhabitants, both rounded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from segregate._disclosure import KINDS, MISSING, ROUNDED, Cells, as_marks, hidden
from segregate._text_numbers import Style, read_cells
from segregate.errors import DataError, ParameterError, first_of

__all__ = ["ROUNDING", "counted", "cbs_cells", "step_of", "year_of"]

MARKS = {-99997: hidden(), -99995: MISSING, -99999999: MISSING}
ROUNDING = 5
STEPS = (10.0, 5.0, 1.0, 0.1, 0.01)


def cbs_cells(column: pd.Series[Any], marks: Mapping[Any, Any] | None, where: str) -> Cells:
    """Read a column; -99997 is secret, -99995 and -99999999 are missing, unless `marks` says otherwise."""
    return read_cells(column, marks=as_marks({**MARKS, **(marks or {})}), style=Style(), where=where)


def step_of(shares: Mapping[str, Cells], step: float | None, where: str) -> float:
    """Return the percentage to whose multiples shares were rounded.

    Where it is not given it is the largest of 10, 5, 1, 0.1 and 0.01 of which all shares are multiples. If the
    publisher used one of these for all shares, what is returned is as large or larger: the intervals are never too
    narrow, and they are too wide only where few shares are there.
    """
    published = np.concatenate([cells.value[np.isfinite(cells.value)] for cells in shares.values()])
    if (published > 100).any():
        raise DataError(f"{where} has shares over 100 % (first: {first_of(published[published > 100])}).")
    candidates = STEPS if step is None else (float(step),)
    if step is not None and not 0 < step <= 100:
        raise ParameterError(f"step={step!r} is no percentage to which shares can be rounded.")
    for candidate in candidates:
        times = published / candidate
        if (np.abs(times - np.round(times)) < 1e-6).all():
            return candidate
    if step is None:
        raise DataError(f"The shares in {where} are not rounded to 0.01 % or more; say step= if you know it.")
    raise ParameterError(f"Not all shares in {where} are multiples of step={step:g}.")


def year_of(file: str) -> str:
    """Return the year in the name of a file; the columns do not say it."""
    found = re.findall(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])", file)
    return ", ".join(dict.fromkeys(found)) or "not said in the name of the file"


def counted(people: Cells, share: Cells, step: float) -> Cells:
    """Return inhabitants times share, with the interval that the rounding of both leaves.

    Parameters
    ----------
    people : Cells
        Rounded inhabitants.
    share : Cells
        Percentages as published.
    step : float
        Percentage to whose multiples shares are rounded.
    """
    known = np.isfinite(share.value)
    least = np.where(known, np.clip(share.value - step / 2, 0, 100), 0) / 100
    most = np.where(known, np.clip(share.value + step / 2, 0, 100), 100) / 100
    kind = np.maximum(np.maximum(people.kind, share.kind), ROUNDED).astype(np.int8)
    open_end = np.isinf(people.high)
    high = np.where(open_end, np.inf, np.where(open_end, 0, people.high) * most)
    value = np.where(kind == KINDS.index("rounded"), people.value * share.value / 100, np.nan)
    return Cells(value, kind, people.low * least, high)
