"""Arrays as all kernels take them: one type, one layout, read-only."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["frozen", "sealed"]


def frozen(array: npt.ArrayLike, dtype: type = np.float64) -> Any:
    """Return a C-order array of `dtype` that cannot be written to, copied only where needed."""
    result: npt.NDArray[Any] = np.ascontiguousarray(array, dtype=dtype)
    if result.flags.writeable:
        if result is array or result.base is not None:
            result = result.copy()
        result.setflags(write=False)
    return result


def sealed(array: npt.NDArray[Any]) -> Any:
    """Make an array that nobody else holds read-only, in place."""
    array.setflags(write=False)
    return array
