"""Comparing the sum of the groups with the total that the publisher prints beside them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from segregate._disclosure import Cells
from segregate.errors import plural

__all__ = ["gap_note"]


def gap_note(parts: Iterable[Cells], whole: Cells, *, what: str = "the groups", than: str = "the total") -> str | None:
    """Say in how many units, and by how many people, groups and total differ; None where they do not.

    Units in which a cell is suppressed or missing are not compared.
    """
    gap = sum((cells.value for cells in parts), start=np.zeros(len(whole))) - whole.value
    apart = np.isfinite(gap) & (np.abs(gap) > 1e-9 * np.maximum(1, np.abs(whole.value)))
    if not apart.any():
        return None
    units, compared = int(apart.sum()), int(np.isfinite(gap).sum())
    return (
        f"{what} add up to another number than {than} in {plural(units, 'unit')} of {compared:,}: "
        f"{gap[apart].clip(min=0).sum():,.6g} people more and {(-gap[apart]).clip(min=0).sum():,.6g} fewer"
    )
