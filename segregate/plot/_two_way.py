"""Colours in two directions: blends of four corners, told apart in grey and by colour-blind readers.

Corners are blended in CIELAB. The palette for a copy in grey gives each of the k x k colours a lightness of its own, in
equal steps; the other one gives both directions the same weight.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.colors import is_color_like, to_hex, to_rgb

from ..errors import ParameterError, UnknownNameError, nearest

__all__ = ["TWO_WAY", "blended"]

Floats = npt.NDArray[np.float64]
TWO_WAY: dict[str, tuple[tuple[float, float, float], ...]] = {
    "dusk": ((93.0, 0.0, 2.0), (76.0, -8.6, -30.2), (42.5, 48.4, 34.9), (26.3, 30.1, -51.5)),
    "harbour": ((93.0, 0.0, 2.0), (56.5, -2.8, -39.9), (60.5, 37.7, 46.6), (21.0, 20.3, -3.9)),
}
"""Corners in CIELAB (D65): low in both, high along x, high along y, high in both. The first is the default."""
STEPPED = ("dusk",)
"""Palettes whose colours have a lightness of their own each."""
LIGHTEST, DARKEST = 93.0, 27.0
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
WHITE = np.array([0.95047, 1.0, 1.08883])
CORNERS = 4


def blended(palette: str | Sequence[str] | None, across: int, along: int) -> tuple[str, list[list[str]]]:
    """Return the colours of a palette in two directions.

    Parameters
    ----------
    palette : str, sequence of four colours, or None
        ``"dusk"`` (the default), ``"harbour"``, or the colours of what is low in both, high along x, high along y and
        high in both.
    across, along : int
        Numbers of classes along x and y.

    Returns
    -------
    name : str
        Name of the palette.
    colours : list of lists of str
        ``colours[i][j]`` is that of class i along x and j along y, as ``#rrggbb``.

    Raises
    ------
    UnknownNameError
        When there is no such palette.
    ParameterError
        When a list does not hold four colours.
    """
    if palette is None:
        palette = next(iter(TWO_WAY))
    if isinstance(palette, str):
        name = palette.casefold()
        if name not in TWO_WAY:
            raise UnknownNameError(
                f"There is no palette {palette!r} of two directions. {nearest(palette, TWO_WAY)} "
                "Or give four colours: low in both, high along x, high along y, high in both."
            )
        corners = np.array(TWO_WAY[name])
    else:
        name, given = "own colours", list(palette)
        wrong = [colour for colour in given if not is_color_like(colour)]
        if wrong or len(given) != CORNERS:
            what = f"{wrong[0]!r} is not a colour" if wrong else f"{len(given)} given"
            raise ParameterError(
                "A palette of two directions is a name, or four colours: low in both, high along x, high along y, high "
                f"in both; {what}."
            )
        corners = _lab(np.array([to_rgb(colour) for colour in given]))
    x, y = (np.linspace(0, 1, k) if k > 1 else np.array([0.5]) for k in (across, along))
    weights = [np.outer(1 - x, 1 - y), np.outer(x, 1 - y), np.outer(1 - x, y), np.outer(x, y)]
    lab = sum(weight[..., None] * corner for weight, corner in zip(weights, corners, strict=True))
    found: Floats = np.asarray(lab, dtype=np.float64)
    if name in STEPPED and across * along > 1:
        rank = np.arange(across)[:, None] + across * np.arange(along)[None]
        found[..., 0] = LIGHTEST - rank * (LIGHTEST - DARKEST) / (across * along - 1)
    hexes: list[list[str]] = [[to_hex(colour) for colour in row] for row in _rgb(found)]
    return name, hexes


def _lab(rgb: Floats) -> Floats:
    """Bring colours of sRGB to CIELAB."""
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = linear @ TO_XYZ.T / WHITE
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], axis=-1)


def _rgb(lab: Floats) -> Any:
    """Bring colours of CIELAB to sRGB; what lies outside takes the nearest edge."""
    middle = (lab[..., 0] + 16) / 116
    f = np.stack([middle + lab[..., 1] / 500, middle, middle - lab[..., 2] / 200], axis=-1)
    xyz = np.where(f > 6 / 29, f**3, 3 * (6 / 29) ** 2 * (f - 4 / 29)) * WHITE
    linear = np.clip(xyz @ np.linalg.inv(TO_XYZ).T, 0, 1)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
