"""What stands around a map: legend, colour bar, scale bar, north arrow."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, LogNorm, Normalize
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.offsetbox import AnchoredOffsetbox, AuxTransformBox, DrawingArea, HPacker, TextArea, VPacker
from matplotlib.patches import Patch, Polygon, Rectangle
from matplotlib.text import Text
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator
from matplotlib.transforms import ScaledTranslation, Transform
from numpy.typing import NDArray

from ._digits import written
from ._layout import figure_of
from ._projection import ScaleBar
from ._shapes import HATCH, HATCH_COLOUR, PATTERN_WIDTH, Kind, pattern_colour
from ._style import SMALL, pt
from ._words import people, say

__all__ = ["ARROW_HEIGHT", "SMALL", "add_colour_bar", "add_compass", "add_legend", "colour_norm", "shifted"]

ARROW_HEIGHT = 30.0
"""Height of the north arrow with its letter, in points."""


def shifted(ax: Axes, right: float, up: float) -> Transform:
    """Return axes coordinates moved by points."""
    return ax.transAxes + ScaledTranslation(right / 72, up / 72, ax.figure.dpi_scale_trans)


def _swatch(colour: str, hatched: bool, kind: Kind, pattern: str = "") -> Artist:
    """Return the sign of a class."""
    edge = HATCH_COLOUR if hatched else "#777777"
    if kind == "polygon":
        patch = Patch(facecolor=colour, edgecolor=edge, linewidth=0.5 if hatched else 0.25)
        if hatched:
            patch.set_hatch(HATCH)
            patch.set_hatch_linewidth(0.5)
        elif pattern:
            patch.set(hatch=pattern, edgecolor=pattern_colour(colour))
            patch.set_hatch_linewidth(PATTERN_WIDTH)
        return patch
    if kind == "line":
        return Line2D([], [], color=edge if hatched else colour, linestyle=":" if hatched else "-", linewidth=2)
    return Line2D(
        [],
        [],
        linestyle="",
        marker="o",
        markersize=6,
        markerfacecolor=colour,
        markeredgecolor=edge,
        markeredgewidth=0.5,
    )


def add_legend(
    ax: Axes, classes: pd.DataFrame, title: str, kind: Kind, *, columns: int, opacity: float, ink: str
) -> Legend:
    """Add the legend, anchored at the upper left corner of the axes until it gets its place.

    Parameters
    ----------
    ax : Axes
        The map.
    classes : DataFrame
        One row per entry, with the columns ``label``, ``units``, ``color`` and ``hatched``; ``hatch`` where patterns
        tell classes apart.
    title : str
        Short name of what is mapped.
    kind : str
        Sign to use: ``"polygon"``, ``"line"`` or ``"point"``.
    columns : int
        Number of columns.
    opacity : float
        That of the units.
    ink : str
        Colour of text.

    Returns
    -------
    Legend
        The legend.
    """
    handles = []
    patterns = classes["hatch"] if "hatch" in classes else [""] * len(classes)
    for colour, hatched, pattern in zip(classes["color"], classes["hatched"], patterns, strict=True):
        handle = _swatch(colour, bool(hatched), kind, pattern)
        handle.set_alpha(opacity)
        handles.append(handle)
    labels = [
        f"{label}\N{EN SPACE}({people(units)})" for label, units in zip(classes["label"], classes["units"], strict=True)
    ]
    legend = ax.legend(
        handles,
        labels,
        title=title,
        loc="upper left",
        bbox_to_anchor=(0, 1),
        ncols=columns,
        frameon=False,
        fontsize=pt(SMALL),
        title_fontsize=pt(SMALL),
        alignment="left",
        borderpad=0,
        borderaxespad=0,
        handlelength=1.8,
        handleheight=1.0,
        handletextpad=0.7,
        labelspacing=0.4,
        columnspacing=1.6,
        labelcolor=ink,
    )
    for text in (*legend.get_texts(), legend.get_title()):
        text.set_parse_math(False)
    legend.get_title().set(color=ink, fontweight="bold")
    legend.set_gid("legend")
    return legend


def colour_norm(limits: tuple[float, float], *, ratio: bool) -> Normalize:
    """Return the scale of continuous colours."""
    return LogNorm(*limits) if ratio else Normalize(*limits)


def add_colour_bar(
    ax: Axes,
    colours: Colormap,
    limits: tuple[float, float],
    beyond: tuple[bool, bool],
    title: str,
    *,
    ratio: bool,
    rectangle: tuple[float, float, float, float],
    upright: bool,
    opacity: float,
    ink: str,
) -> Axes:
    """Add a colour bar beside the map.

    Parameters
    ----------
    ax : Axes
        The map.
    colours : Colormap
        Its colours.
    limits : tuple of float
        Values of the ends.
    beyond : tuple of bool
        Whether there are values below and above, drawn in the end colours: shown by arrows.
    title : str
        Short name of what is mapped.
    ratio : bool
        Whether the scale is logarithmic.
    rectangle : tuple of float
        Left, bottom, width and height in parts of the axes.
    upright : bool
        Whether it stands.
    opacity : float
        That of the units.
    ink : str
        Colour of text.

    Returns
    -------
    Axes
        The axes of the bar.
    """
    bar_axes = ax.inset_axes(rectangle)
    bar_axes.set_gid("colour-bar")
    extend = {(True, True): "both", (True, False): "min", (False, True): "max"}.get(beyond, "neither")
    mappable = ScalarMappable(colour_norm(limits, ratio=ratio), colours)
    bar = figure_of(ax).colorbar(
        mappable, cax=bar_axes, extend=extend, orientation="vertical" if upright else "horizontal", alpha=opacity
    )
    ticks = _ticks(limits, ratio=ratio)
    axis = bar_axes.yaxis if upright else bar_axes.xaxis
    axis.set_major_locator(FixedLocator(ticks))
    axis.set_minor_locator(NullLocator())
    digits = max((_decimals(tick) for tick in ticks), default=0)
    axis.set_major_formatter(FuncFormatter(lambda value, _: written(value, _decimals(value) if ratio else digits)))
    bar_axes.tick_params(labelsize=pt(SMALL), length=pt(2.5), width=pt(0.5), pad=pt(3.5), colors=ink)
    bar.outline.set(linewidth=0.25, edgecolor="#777777")
    heading = bar_axes.set_title(title, loc="left", fontsize=pt(SMALL), fontweight="bold", color=ink, pad=pt(5))
    heading.set_parse_math(False)
    return bar_axes


def _ticks(limits: tuple[float, float], *, ratio: bool) -> list[float]:
    """Return round values between two limits."""
    low, high = limits
    found: list[float] = []
    if ratio:
        powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        steps: Sequence[int] = (1, 2, 5) if len(powers) <= 4 else (1,)
        found = [step * 10.0**power for power in powers for step in steps if low <= step * 10.0**power <= high]
    if len(found) < 3:
        values = MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
        found = [float(value) for value in values if low - 1e-12 <= value <= high + 1e-12]
    return found


def _decimals(value: float) -> int:
    """Return the decimals needed to write a round value."""
    if value == 0:
        return 0
    start = -math.floor(math.log10(abs(value)))
    return next(
        (d for d in range(max(start, 0), start + 6) if math.isclose(round(value, d), value, rel_tol=1e-6)),
        max(start + 3, 0),
    )


def add_compass(
    ax: Axes,
    bar: ScaleBar | None,
    angle: float | None,
    *,
    anchor: tuple[float, float],
    shift: tuple[float, float],
    loc: str,
    ink: str,
) -> AnchoredOffsetbox | None:
    """Add the scale bar and the north arrow.

    Parameters
    ----------
    ax : Axes
        The map.
    bar : ScaleBar or None
        None leaves it out.
    angle : float or None
        Direction of north in degrees clockwise from straight up; None leaves the arrow out.
    anchor : tuple of float
        Place in parts of the axes.
    shift : tuple of float
        Points to the right of it and above.
    loc : str
        Corner of the box that is put there.
    ink : str
        Colour.

    Returns
    -------
    AnchoredOffsetbox or None
        None when there is nothing to draw.
    """
    parts: list[Artist] = []
    if angle is not None:
        parts.append(_arrow(angle, ink))
    if bar is not None:
        line = AuxTransformBox(ax.transData)
        line.add_artist(Rectangle((0, 0), bar.length, 0, edgecolor=ink, linewidth=1.6, gid="scale-bar"))
        text = TextArea(bar.label, textprops={"fontsize": pt(SMALL), "color": ink, "parse_math": False})
        parts.append(VPacker(children=[text, line], align="left", pad=0, sep=pt(2.5)))
    if not parts:
        return None
    box = AnchoredOffsetbox(
        loc=loc,
        child=HPacker(children=parts, align="bottom", pad=0, sep=pt(9)),
        pad=0,
        borderpad=0,
        frameon=False,
        bbox_to_anchor=anchor,
        bbox_transform=shifted(ax, *shift),
    )
    box.set_gid("compass")
    box.set_clip_on(False)
    ax.add_artist(box)
    return box


def _arrow(angle: float, ink: str) -> DrawingArea:
    """Draw a slim arrow with the letter of north at its tip, turned clockwise by an angle."""
    turn = math.radians(angle)
    across, along = math.sin(turn), math.cos(turn)
    shape = pt(1.0) * np.array([(0, 9), (3.6, -9), (0, -6), (-3.6, -9)], dtype=float)
    turned = shape @ np.array([[along, -across], [across, along]])
    letter = np.array([across, along]) * pt(14.5)
    tips = np.vstack([turned, letter + pt(4), letter - pt(4)])
    low, high = tips.min(axis=0), tips.max(axis=0)
    area = DrawingArea(float(high[0] - low[0]), float(high[1] - low[1]))
    area.add_artist(Polygon(turned - low, closed=True, facecolor=ink, edgecolor=ink, linewidth=0.4, gid="north-arrow"))
    area.add_artist(_letter(letter - low, ink))
    return area


def _letter(place: NDArray[np.float64], ink: str) -> Artist:
    """Return the letter of north, centred on a place."""
    return Text(place[0], place[1], say("compass.north"), fontsize=pt(SMALL), color=ink, ha="center", va="center")
