"""The kernels of a distance by name."""

from __future__ import annotations

from typing import Literal

__all__ = ["POLYNOMIAL", "SHAPES", "Shape"]

Shape = Literal["biweight", "epanechnikov", "triangular", "uniform", "gaussian"]
SHAPES: dict[str, tuple[int, float]] = {
    "biweight": (0, 1.0),
    "epanechnikov": (1, 1.0),
    "triangular": (2, 1.0),
    "uniform": (3, 1.0),
    "gaussian": (4, 8.5),
}
"""Name -> code of `segregate.kernels.pairs`, and where the kernel ends in radii."""
POLYNOMIAL = ("uniform", "epanechnikov", "biweight")
"""Those that are polynomials of the squared distance; see `segregate.kernels.pairs.strip_moments`."""
