"""Colours that keep their order in grey and for colour-blind readers.

The palettes of this module have equal steps in CIELAB. The sequential ones run from light to dark;
the diverging ones from dark over a light middle to dark, in two hues that deuteranopes, protanopes
and tritanopes tell apart (the tests simulate all three). The qualitative ones have no two colours of one
lightness, and any first few of them are farther apart than the rest.
"""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib
import numpy as np
from matplotlib.colors import Colormap, LinearSegmentedColormap, ListedColormap, is_color_like, to_hex
from numpy.typing import NDArray

from ..errors import ParameterError, UnknownNameError, nearest
from ._style import in_grey

__all__ = [
    "DIVERGING",
    "GREYS",
    "MOST",
    "NO_DATA",
    "QUALITATIVE",
    "ROLES",
    "SEQUENTIAL",
    "category_colours",
    "colour_map",
    "colours",
    "grey_safe",
    "hatches",
]

# fmt: off
SEQUENTIAL: dict[str, tuple[str, ...]] = {
    "lagoon": ("#f3f3d0", "#cde9c4", "#a4d5b8", "#84c1b4", "#62afb3", "#3b9aae",
               "#2b87a9", "#2a73a1", "#295a8d", "#224071", "#1b2653"),
    "ember": ("#fbf0d0", "#fce4ad", "#fad388", "#f2ba63", "#ed9f47", "#df7f2d",
              "#c75f22", "#ac4420", "#8c2d1c", "#6c2019", "#4f1717"),
    "heather": ("#f6ecf2", "#ecd6e8", "#dfbfdd", "#d0a8d3", "#be93c9", "#a97cbd",
                "#9266b0", "#794fa0", "#5e3886", "#44256a", "#30164f"),
    "slate": ("#f0f0f0", "#d8d8d8", "#c1c1c1", "#aaaaaa", "#939393", "#7d7d7d",
              "#686868", "#545454", "#404040", "#2e2e2e", "#1c1c1c"),
}
"""Sequential palettes, light to dark; the first is the default."""
DIVERGING: dict[str, tuple[str, ...]] = {
    "tide": ("#12305c", "#22588a", "#4182ae", "#78abcb", "#b1cfdf", "#e7e7e3",
             "#efd5ae", "#e6b373", "#c37f3b", "#89490f", "#562603"),
    "thistle": ("#3a1b57", "#674687", "#9372ae", "#bba0cf", "#d9c9e2", "#e7e7e3",
                "#afd6c8", "#72b9a4", "#3d8d7a", "#0d6153", "#0a3b33"),
}
"""Diverging palettes, low to high; the first is the default."""
QUALITATIVE: dict[str, tuple[str, ...]] = {
    "meadow": ("#944200", "#c2d3ab", "#678df4", "#e7a048", "#8f6985", "#21398a",
               "#f5db85", "#568f6b", "#ba3841", "#83cacb", "#75346d", "#a797d4"),
}
"""Palettes for categories without an order; of k categories the first k colours."""
# fmt: on
ROLES = {
    "high": "#8c1d1b",
    "low": "#4f86c6",
    "high outlier": "#e5976b",
    "low outlier": "#a8cfe8",
    "neutral": "#ebebeb",
}
"""Colours of categories that say how high a unit is: warm above, cool below, grey where nothing is said. In a
copy in grey high is darkest, then low, then the outliers."""
LISTED = 20
"""A colour map of matplotlib with no more colours than that is qualitative."""
MOST = 12
"""Most categories on a map."""
GREYS = "slate"
"""The palette of black-and-white print, for numbers with a centre too: from light to dark there are no two sides that
look alike."""
PLAIN_GREYS = 5
"""Most categories that greys alone tell apart; beyond, three or four greys and hatches do it together."""
HATCHES = ("", "\\\\\\\\", "....", "xxxx")
"""Patterns over greys; none is that of units without data."""
LIGHTEST, DARKEST = 0.1, 0.9
"""Places of the greys of categories on the palette of greys."""
NO_DATA = "#ffffff"
"""Ground of the hatch over units without people or data."""


def colour_map(palette: str | Sequence[str] | None, *, diverging: bool) -> tuple[str, Colormap]:
    """Find a palette by name.

    Parameters
    ----------
    palette : str, sequence of colours or None
        A palette of this module, any colour map of matplotlib (capitals do not matter), two or
        more colours to run through, or None for the default.
    diverging : bool
        Which default is meant.

    Returns
    -------
    name : str
        Its name, ``"own colours"`` for a list.
    colours : matplotlib.colors.Colormap
        The colour map.

    Raises
    ------
    UnknownNameError
        When there is no such palette.
    ParameterError
        When a list holds fewer than two colours, or what is no colour, or the palette is for categories; for
        black-and-white print, when it does not run from light to dark or from dark to light.
    """
    name, found = _colour_map(palette, diverging=diverging)
    if in_grey() and not grey_safe(found):
        safe = ", ".join(map(repr, SEQUENTIAL))
        raise ParameterError(
            f"The palette {palette!r} is not told apart in grey (grey=True): two of its colours are equally dark. "
            f"Leave out palette=, or take one that runs from light to dark: {safe}."
        )
    return name, found


def grey_safe(colour_map: Colormap) -> bool:
    """Say whether a palette gets darker, or lighter, from one end to the other."""
    rgb = np.asarray(colour_map(np.linspace(0, 1, 33)), dtype=np.float64)[:, :3]
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    steps = np.diff(np.cbrt(linear @ (0.2126, 0.7152, 0.0722)))
    return bool((steps < 0).all() or (steps > 0).all())


def _colour_map(palette: str | Sequence[str] | None, *, diverging: bool) -> tuple[str, Colormap]:
    if palette is None:
        palette = GREYS if in_grey() else next(iter(DIVERGING if diverging else SEQUENTIAL))
    own = SEQUENTIAL | DIVERGING
    if isinstance(palette, str):
        folded = palette.casefold()
        if folded in QUALITATIVE:
            raise ParameterError(
                f"The palette {palette!r} is for categories, and this column holds numbers; those for numbers are "
                f"{', '.join(map(repr, own))}."
            )
        if folded in own:
            return folded, LinearSegmentedColormap.from_list(folded, own[folded])
        theirs = list(matplotlib.colormaps)
        found = [name for name in theirs if name == palette] or [n for n in theirs if n.casefold() == folded]
        if not found:
            raise UnknownNameError(
                f"There is no palette {palette!r}. {nearest(palette, [*own, *QUALITATIVE, *theirs])}"
            )
        return found[0], matplotlib.colormaps[found[0]]
    wrong = [colour for colour in palette if not is_color_like(colour)]
    if wrong or len(palette) < 2:
        what = f"{wrong[0]!r} is not a colour" if wrong else f"{len(palette)} given"
        raise ParameterError(f"A palette is a name, or a list of two or more colours; {what}.")
    return "own colours", LinearSegmentedColormap.from_list("own colours", list(palette))


def colours(colour_map: Colormap, positions: NDArray[np.float64]) -> list[str]:
    """Return colours at positions from 0 to 1 as ``#rrggbb``."""
    return [to_hex(colour) for colour in colour_map(np.asarray(positions, dtype=np.float64))]


def category_colours(
    palette: str | Sequence[str] | None, k: int, *, ordered: bool, roles: Sequence[str | None] = ()
) -> tuple[str, list[str], Colormap]:
    """Choose a colour for each of k categories.

    Parameters
    ----------
    palette : str, sequence of colours or None
        A qualitative palette of this module or of matplotlib gives its first k colours, any other one
        k colours at equal steps; a list holds one colour per category. None: the colours of the roles, if every
        category has one; the default sequential palette for an order; else the default qualitative one.
    k : int
        Number of categories.
    ordered : bool
        Whether the categories have an order.
    roles : sequence of str
        What each category means: a key of `ROLES`.

    Returns
    -------
    name : str
        Name of the palette.
    colours : list of str
        As ``#rrggbb``.
    colour_map : Colormap
        The palette.

    Raises
    ------
    UnknownNameError
        When there is no such palette.
    ParameterError
        When there are not as many colours as categories, or what is no colour.
    """
    chosen: list[str]
    if palette is None and in_grey():
        return GREYS, *_grey_categories(k)
    if palette is None and k and len(roles) == k and all(role in ROLES for role in roles):
        name, chosen = "roles", [ROLES[str(role)] for role in roles]
    elif palette is None and not ordered:
        name, chosen = next((name, list(found[:k])) for name, found in QUALITATIVE.items())
    elif isinstance(palette, str) and palette.casefold() in QUALITATIVE:
        name = palette.casefold()
        chosen = list(QUALITATIVE[name][:k])
    elif palette is None or isinstance(palette, str):
        name, found = colour_map(palette, diverging=False)
        if not isinstance(found, ListedColormap) or found.N > LISTED:
            return name, colours(found, np.linspace(0, 1, k) if k > 1 else np.array([0.5] * k)), found
        if k > found.N:
            raise ParameterError(f"The palette {name!r} has {found.N} colours for {k} categories; take another.")
        chosen = [to_hex(colour) for colour in found(np.arange(k))]
    else:
        wrong = [colour for colour in palette if not is_color_like(colour)]
        if wrong or len(palette) != k:
            what = f"{wrong[0]!r} is not a colour" if wrong else f"{len(palette)} given"
            raise ParameterError(f"A list of colours for categories has one for each of the {k}; {what}.")
        name, chosen = "own colours", [to_hex(colour) for colour in palette]
    return name, chosen, ListedColormap(chosen or [NO_DATA])


def hatches(k: int) -> list[str]:
    """Return the patterns over the greys of k categories, "" for none; all are that where there is no need."""
    greys = _number_of_greys(k)
    return [HATCHES[i // greys] for i in range(k)]


def _number_of_greys(k: int) -> int:
    return max(k, 1) if k <= PLAIN_GREYS else 4 if k > 3 * (len(HATCHES) - 1) else 3


def _grey_categories(k: int) -> tuple[list[str], Colormap]:
    """Return a grey for each of k categories."""
    greys = _number_of_greys(k)
    _, palette = _colour_map(GREYS, diverging=False)
    places = np.linspace(LIGHTEST, DARKEST, greys) if greys > 1 else np.array([0.4])
    found = colours(palette, places)
    chosen = [found[i % greys] for i in range(k)]
    return chosen, ListedColormap(chosen or [NO_DATA])
