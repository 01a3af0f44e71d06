"""Where plots are drawn, what a style changes of them in the end, and their files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import numpy.typing as npt
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.collections import Collection, PathCollection, QuadMesh
from matplotlib.colors import ListedColormap, to_rgba
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text

from ..errors import ParameterError
from ._compose import new_axes
from ._layout import figure_of
from ._save import LAYERS, SavePath, check_targets, save_figure
from ._style import INK, Size, in_grey, on_page, pt, sheet, styled, texts_of

__all__ = ["check_files", "drawing", "greyed", "ink_of", "one_call", "save_to"]

Floats = npt.NDArray[np.float64]
START = (0.15, 0.2, 0.7, 0.6)
"""Where axes stand until everything around them is measured."""
LUMINANCE = np.array([0.2126, 0.7152, 0.0722])


@contextmanager
def drawing(ax: Axes | None, width: float | None, managed: bool, usual: float) -> Iterator[tuple[Axes, float | None]]:
    """Give axes to draw in, and the width of a figure of our own (None where the axes are the user's).

    Everything is drawn with the settings of the style sheet, and in the end gets the strokes and greys of the style.
    A new figure that cannot be finished is forgotten by pyplot.

    Parameters
    ----------
    ax : Axes or None
        What the user gave.
    width : float or None
        Width in inches of a new figure.
    managed : bool
        Whether pyplot knows the new figure.
    usual : float
        Width where neither the user nor a style says one.

    Raises
    ------
    ParameterError
        When the arguments contradict each other or cannot be used.
    """
    if ax is not None:
        if width is not None or not managed:
            raise ParameterError("width= and managed= are about a new figure; leave them out when ax= is given.")
        figure_of(ax)
        with on_page(ax, width), sheet():
            there = set(map(id, ax.get_children()))
            yield ax, None
            _restyle([artist for artist in ax.get_children() if id(artist) not in there])
        return
    if width is not None and not (np.isfinite(width) and 2 <= width <= 60):
        raise ParameterError(f"width= is the width of the figure in inches, from 2 to 60, not {width!r}.")
    with on_page(ax, width) as page, sheet():
        own = page.width if page is not None else width or usual
        made = new_axes(own, managed=managed)
        try:
            made.set_position(START)
            yield made, own
            _restyle(made.get_children())
        except BaseException:
            if managed:
                forget(made)
            raise


def forget(axes: Axes) -> None:
    """Let pyplot forget the figure of a plot that could not be finished."""
    from matplotlib import pyplot

    pyplot.close(figure_of(axes))


def ink_of(own: float | None) -> str:
    """Return the colour of text: ours in a figure of our own, the user's in the user's."""
    return INK if own is not None else str(matplotlib.rcParams["text.color"])


# style ---------------------------------------------------------------------------------


def _restyle(artists: Sequence[Artist]) -> None:
    """Give what has been drawn the strokes and the greys of the style."""
    times, grey = pt(1.0), in_grey()
    if times == 1 and not grey:
        return
    seen = {id(one): one for artist in artists for one in artist.findobj()}
    # ticks have their size already, and are made anew when they are drawn
    ticks = {id(one) for axis in seen.values() if isinstance(axis, Axis) for one in axis.findobj()}
    for key, one in seen.items():
        if times != 1 and key not in ticks:
            _thicken(one, times)
        if grey:
            _grey(one)


def _thicken(artist: Artist, times: float) -> None:
    """Make strokes and marks so many times as large; text has its size already."""
    if isinstance(artist, Line2D):
        artist.set(markersize=artist.get_markersize() * times, markeredgewidth=artist.get_markeredgewidth() * times)
        artist.set_linewidth(artist.get_linewidth() * times)
    elif isinstance(artist, Patch):
        artist.set_linewidth(artist.get_linewidth() * times)
        artist.set_hatch_linewidth(artist.get_hatch_linewidth() * times)
    elif isinstance(artist, Collection):
        artist.set_linewidth([width * times for width in np.ravel(artist.get_linewidth())])
        if isinstance(artist, PathCollection) and len(artist.get_sizes()):
            artist.set_sizes(np.asarray(artist.get_sizes()) * times**2)


def greyed(colours: npt.ArrayLike) -> Floats:
    """Return the greys of the same luminance, opacity kept.

    Parameters
    ----------
    colours : array of shape (..., 4)
        Red, green, blue and opacity, from 0 to 1.

    Returns
    -------
    ndarray of shape (..., 4)
    """
    rgba = np.array(colours, dtype=np.float64)
    rgb = rgba[..., :3]
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    light = np.clip(linear @ LUMINANCE, 0, 1)
    rgba[..., :3] = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)[..., None]
    return rgba


def _grey(artist: Artist) -> None:
    """Draw an artist in greys; what is grey already stays as it is."""
    if isinstance(artist, AxesImage | QuadMesh):
        array = artist.get_array()
        if array is not None and array.ndim < 3:  # a basemap keeps its colours
            artist.set_cmap(ListedColormap(greyed(artist.get_cmap()(np.linspace(0, 1, 256)))))
    elif isinstance(artist, Line2D):
        for name in ("color", "markerfacecolor", "markeredgecolor"):
            _one(artist, name)
    elif isinstance(artist, Text):
        _one(artist, "color")
    elif isinstance(artist, Patch):
        for name in ("facecolor", "edgecolor"):
            _one(artist, name)
    elif isinstance(artist, Collection):
        for name in ("facecolor", "edgecolor"):
            found = np.atleast_2d(getattr(artist, f"get_{name}")())
            if found.size and _coloured(found):
                artist.set(**{name: greyed(found)})


def _one(artist: Any, name: str) -> None:
    """Give one property of an artist its grey."""
    found = getattr(artist, f"get_{name}")()
    if isinstance(found, str) and found in ("none", "auto"):
        return
    rgba = np.array(to_rgba(found))
    if _coloured(rgba):
        artist.set(**{name: tuple(greyed(rgba))})


def _coloured(rgba: Floats) -> bool:
    """Say whether any of these is not grey."""
    return bool(np.ptp(rgba[..., :3], axis=-1).max() > 1e-6)


# files ---------------------------------------------------------------------------------


def check_files(save: SavePath | Iterable[SavePath] | None) -> list[Path]:
    """Check where to save a plot before it is drawn; a plot has no layer for a GIS.

    Raises
    ------
    ParameterError
        When a suffix is not known, the folder does not exist, or the path is a folder.
    """
    targets = check_targets(save)
    layers = [str(path) for path in targets if path.suffix.lower() in LAYERS]
    if layers:
        raise ParameterError(
            f"{layers[0]!r} would be a layer of units, and this plot is none; save it as .png, .svg or .pdf."
        )
    return targets


def save_to(axes: Axes, targets: Sequence[Path], *, title: str, caption: str, forget: bool) -> None:
    """Save the figure of a plot; pyplot forgets a managed one that could not be saved."""

    def write(target: Path) -> None:
        save_figure(figure_of(axes), target, title=title, caption=caption)

    _write(axes, targets, write, forgotten=forget)


def _write(axes: Axes, targets: Sequence[Path], write: Callable[[Path], None], *, forgotten: bool) -> None:
    try:
        for target in targets:
            write(target)
    except BaseException:
        if forgotten:
            forget(axes)
        raise


def one_call(
    draw: Callable[[], Axes],
    *,
    save: SavePath | Iterable[SavePath] | None,
    size: Size | None,
    language: str | None,
    ax: Axes | None,
    width: float | None,
    managed: bool,
    layer: Callable[[Path], None] | None = None,
) -> Axes:
    """Check the files, prepare and draw in the style that was asked for, save, and forget what cannot be saved.

    Parameters
    ----------
    draw : callable
        Prepares and draws; it returns the axes.
    save : path, iterable of paths or None
        Files to write.
    size : str, (float, float) or None
        Of the figure; see `style`.
    language : str or None
        Of the texts; see `style`.
    ax : Axes or None
        Axes that the user gave.
    width : float or None
        Width that the user gave.
    managed : bool
        Whether pyplot knows the figure.
    layer : callable, optional
        Saves the layer of a map to a file for a GIS; without it such a file is refused.

    Returns
    -------
    Axes
    """
    targets = check_files(save) if layer is None else check_targets(save)
    with styled(size, language, ax=ax, width=width):
        axes = draw()
    title, caption = texts_of(axes)

    def write(target: Path) -> None:
        if layer is not None and target.suffix.lower() in LAYERS:
            layer(target)
        else:
            save_figure(figure_of(axes), target, title=title, caption=caption)

    _write(axes, targets, write, forgotten=ax is None and managed)
    return axes
