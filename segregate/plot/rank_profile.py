"""The curve behind a rank-order index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from scipy.optimize import isotonic_regression

from ..errors import DataError, ParameterError
from ..indices.rank_order import Kind, Weights, threshold_profile
from ..population import Population
from ._axes import (
    GUIDE,
    LINES,
    add_key,
    caption_for,
    drawing,
    dress,
    finish,
    one_call,
    percents,
    settle,
)
from ._layout import points_per_pixel, slot_of, text_size
from ._save import SavePath
from ._style import SMALL, Size, pt
from ._words import marked, opened, people, say

__all__ = [
    "PreparedRankOrder",
    "draw_rank_order_profile",
    "prepare_rank_order_profile",
    "rank_order_profile",
]

Floats = npt.NDArray[np.float64]
WIDTH = 6.0
"""Width of a new figure in inches."""
RATIO = 0.55
"""Height of its axes over their width."""
SYMBOLS = {"information": "H", "variance": "R", "hutchens": "S"}
POINTS = 201
"""Points of the curve that are drawn; a polynomial of degree 20 needs no more."""
SMALLEST, LARGEST = 2.5, 8.0
"""Diameters of points without weight and with the greatest, in points."""
LEAD = {"arrowstyle": "-", "color": GUIDE, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 0, "relpos": (0.5, 0)}
"""Line from a name to its place."""
APART = 10.0
"""Points from one name of a threshold to the next."""
LONGEST = 110.0
"""Greatest length of a name, in points."""
LEADER = 12.0
"""Height of the lines between the axes and the names, in points."""


@dataclass(frozen=True)
class PreparedRankOrder:
    """What `draw_rank_order_profile` draws.

    Attributes
    ----------
    points : DataFrame
        One row per threshold: ``threshold`` (name of the category below it), ``share`` (of the people below it),
        ``value`` (of the two-group index there), ``weight`` (in the fit, 1 for the greatest) and ``fitted`` (value of
        the curve).
    curve : DataFrame
        ``share`` from 0 to 1, ``fitted`` and ``known`` (whether it lies between the outer thresholds).
    symbol : str
        Of the index.
    value : float
        `segregate.rank_order`.
    degree : int
        Of the polynomial.
    weighted : bool
        Whether weights differ.
    title, caption : str
        Texts.
    """

    points: pd.DataFrame
    curve: pd.DataFrame
    symbol: str
    value: float
    degree: int
    weighted: bool
    title: str
    caption: str


def prepare_rank_order_profile(
    pop: Population,
    *,
    kind: Kind = "information",
    degree: int = 4,
    weights: Weights = "reardon",
    title: str | None = None,
    caption: str | None = None,
) -> PreparedRankOrder:
    """Return the points and the curve that a rank-order index is computed from.

    Parameters
    ----------
    pop : Population
        Groups in the order of the ranking, lowest first: ``population.select("low", "middle", "high")``.
    kind : {"information", "variance", "hutchens"}
        Two-group index.
    degree : int
        Degree of the polynomial, lowered where there are too few thresholds.
    weights : {"reardon", "none"}
        Weights of the thresholds in the fit.
    title, caption : str, optional
        Texts in place of those written from what was computed; ``""`` for none.

    Returns
    -------
    PreparedRankOrder

    Raises
    ------
    ParameterError
        For a kind, degree or weights that there are not.
    DataError
        When people are of fewer than two groups, or nobody meets anybody.

    Examples
    --------
    >>> import segregate as sg
    >>> import pandas as pd
    >>> table = pd.DataFrame({"low": [60, 20], "middle": [30, 30], "high": [10, 50]})
    >>> city = sg.Population.from_frame(table, ["low", "middle", "high"])
    >>> prepared = sg.plot.prepare_rank_order_profile(city, kind="variance")
    >>> prepared.points[["threshold", "share", "value"]].round(4)
      threshold  share   value
    0       low    0.4  0.1667
    1    middle    0.7  0.1905
    """
    if not isinstance(pop, Population):
        raise ParameterError(f"A rank-order profile is drawn of a Population, not of {pop!r}.")
    profile = threshold_profile(pop, kind=kind, degree=degree, weights=weights)
    if not len(profile.table):
        raise DataError(
            "People are of fewer than two groups, so there is no threshold to draw. A ranking has two categories or "
            "more, lowest first: population.select('low', 'middle', 'high')."
        )
    if pop.segments.stranded.sum() == (pop.totals > 0).sum():
        raise DataError("Nobody meets anybody in this environment, so there is no profile to draw.")
    points = profile.table.copy()
    share = np.union1d(np.linspace(0, 1, POINTS), points["share"].to_numpy())
    known = (share >= points["share"].min()) & (share <= points["share"].max())
    symbol = f"{SYMBOLS[kind]}^R"
    what = say(f"rank.name.{kind}")
    params = {"degree": profile.degree, "weights": weights}
    left_out = len(pop.groups) - 1 - len(points)
    notes = [opened(profile.note)] if profile.note else []
    alone = pop.segments.stranded
    if alone.any():
        lost, everybody = people(pop.totals[alone].sum()), people(pop.size)
        notes.append(say("rank.alone", units=people(int(alone.sum())), lost=lost, people=everybody))
    if left_out:
        notes.append(say("rank.left_out", thresholds=people(left_out)))
    return PreparedRankOrder(
        points=points,
        curve=pd.DataFrame({"share": share, "fitted": profile.curve(share), "known": known}),
        symbol=symbol,
        value=profile.value,
        degree=profile.degree,
        weighted=weights == "reardon" and len(points) > 1,
        title=f"{what}: {symbol} = {marked(format(profile.value, '.3f'))}" if title is None else title,
        caption=caption_for({"": pop}, f"{what} ({symbol})", notes=notes, params=params)
        if caption is None
        else caption,
    )


def draw_rank_order_profile(
    prepared: PreparedRankOrder, *, ax: Axes | None = None, width: float | None = None, managed: bool = True
) -> Axes:
    """Draw the points and the curve of a rank-order index.

    Parameters
    ----------
    prepared : PreparedRankOrder
        From `prepare_rank_order_profile`.
    ax : Axes, optional
        Axes to draw in; room for title, caption and what else stands around the plot is taken from their place. As a
        rule a new figure.
    width : float, optional
        Width of a new figure in inches; its height follows from it.
    managed : bool, optional
        Whether pyplot knows the new figure.

    Returns
    -------
    Axes
        Text has 8 and 10 points. Names of thresholds stand above, each with a line to its place, long ones cut; where
        there is no room for all of them there are none (see ``prepared.points``).

    Raises
    ------
    ParameterError
        When arguments contradict each other or cannot be used.
    """
    with drawing(ax, width, managed, WIDTH) as (axes, own):
        ink = dress(axes, say("rank.x"), say("rank.y", symbol=prepared.symbol[0]), own=own)
        axes.set_xlim(0, 1)
        percents(axes.xaxis)
        curve, points = prepared.curve, prepared.points
        share, fitted, known = (curve[name].to_numpy() for name in ("share", "fitted", "known"))
        axes.plot(share, np.where(known, fitted, np.nan), color=LINES[0], linewidth=1.6, gid="curve")
        for end, name in ((share <= points["share"].min(), "low"), (share >= points["share"].max(), "high")):
            axes.plot(share[end], fitted[end], color=LINES[0], linewidth=1.2, dashes=(3, 2), gid=f"beyond-{name}")
        size = SMALLEST + (LARGEST - SMALLEST) * np.sqrt(points["weight"].to_numpy())
        dots = axes.scatter(points["share"], points["value"], s=size**2, color=LINES[1], linewidths=0)
        dots.set(zorder=3, clip_on=False, gid="points")
        axes.axhline(prepared.value, color=GUIDE, linewidth=0.8, zorder=1, gid="value")
        shown = say("rank.weighted" if prepared.weighted else "rank.threshold", symbol=prepared.symbol[0])
        dot = Line2D([], [], linestyle="", marker="o", markersize=6, color=LINES[1], markeredgewidth=0)
        entries: list[tuple[Artist, str]] = [
            (dot, shown),
            (Line2D([], [], color=LINES[0], linewidth=1.6), say("rank.polynomial", degree=prepared.degree)),
            (Line2D([], [], color=LINES[0], linewidth=1.2, dashes=(3, 2)), say("rank.beyond")),
            (
                Line2D([], [], color=GUIDE, linewidth=0.8),
                say("rank.mean", symbol=prepared.symbol, value=marked(f"{prepared.value:.3f}")),
            ),
        ]
        low, high = axes.get_ylim()
        axes.set_ylim(min(low, 0.0), max(high, 0.0))
        settle(axes.yaxis)
        top = axes.get_ylim()[1]
        axes.vlines(points["share"], points["value"], top, color=GUIDE, linewidth=0.6, zorder=1, gid="guides")
        legend = add_key(axes, entries, ink)
        room = (own * 72 if own is not None else slot_of(axes)[2]) * 0.8
        names = (
            [_short(axes, say("rank.up_to", name=name)) for name in points["threshold"]]
            if len(points) * pt(APART) <= room
            else []
        )
        over = pt(LEADER) + max(text_size(axes, name, size=pt(SMALL))[0] for name in names) if names else 0.0
        finish(
            axes,
            title=prepared.title,
            caption=prepared.caption,
            ratio=RATIO,
            own=own,
            ink=ink,
            legend=legend,
            over=over,
        )
        _add_names(axes, points["share"].to_numpy(), names, ink)
    return axes


def _short(ax: Axes, name: str) -> str:
    """Cut a name that is longer than there is room above the plot, which dots show."""
    while text_size(ax, name, size=pt(SMALL))[0] > pt(LONGEST):
        name = f"{name.rstrip('.')[:-1].rstrip()}..."
    return name


def _add_names(ax: Axes, share: Floats, names: Sequence[str], ink: str) -> None:
    """Write names over the axes, each as near to its place as the others allow."""
    if not names:
        return
    width = ax.get_window_extent().width * points_per_pixel(ax)
    steps = pt(APART) * np.arange(len(names))
    free = isotonic_regression(share * width - steps).x
    places = np.clip(free, 0, max(width - steps[-1], 0.0)) + steps
    for k, (name, at, place) in enumerate(zip(names, share, places, strict=True)):
        text = ax.annotate(
            name,
            (at, 1),
            xycoords="axes fraction",
            xytext=(place - at * width, pt(LEADER)),
            textcoords="offset points",
            rotation=90,
            ha="center",
            va="bottom",
            fontsize=pt(SMALL),
            color=ink,
            parse_math=False,
            arrowprops=LEAD,
        )
        text.set_gid(f"threshold-{k + 1}")


def rank_order_profile(
    pop: Population,
    *,
    kind: Kind = "information",
    degree: int = 4,
    weights: Weights = "reardon",
    title: str | None = None,
    caption: str | None = None,
    ax: Axes | None = None,
    width: float | None = None,
    managed: bool = True,
    save: SavePath | Iterable[SavePath] | None = None,
    size: Size | None = None,
    language: str | None = None,
) -> Axes:
    """Draw the two-group index at every threshold of a ranking, and the curve that a rank-order index integrates.

    `prepare_rank_order_profile` followed by `draw_rank_order_profile`. The parts of the curve beyond the outer
    thresholds, on which there are no data, are dashed.

    Parameters
    ----------
    pop : Population
        Groups in the order of the ranking, lowest first: ``population.select("low", "middle", "high")``.
    kind : {"information", "variance", "hutchens"}
        Two-group index.
    degree : int
        Degree of the polynomial, lowered where there are too few thresholds.
    weights : {"reardon", "none"}
        Weights of the thresholds in the fit.
    title, caption : str, optional
        Texts in place of those written from what was computed; ``""`` for none.
    ax : Axes, optional
        Axes to draw in.
    width : float, optional
        Width of a new figure in inches.
    managed : bool, optional
        Whether pyplot knows the new figure.
    save : path or iterable of paths, optional
        Files to write: ``.png``, ``.svg`` or ``.pdf``.
    size : str or (float, float), optional
        Of a new figure: ``"A4"``, ``"A4-landscape"``, ``"half-page"``, ``"column"``, ``"slide"``, or width and height
        in inches; see `style`.
    language : str, optional
        Of texts and numbers: ``"en"``, ``"fr"``, ``"de"``, ``"es"`` or ``"it"``; see `style`.

    Returns
    -------
    Axes

    Raises
    ------
    SegregateError
        See `prepare_rank_order_profile` and `draw_rank_order_profile`; ParameterError when a file cannot be saved
        there.

    References
    ----------
    Reardon and Bischoff (2011), doi:10.1086/657114.

    Examples
    --------
    >>> import segregate as sg
    >>> import pandas as pd
    >>> table = pd.DataFrame({"low": [60, 20], "middle": [30, 30], "high": [10, 50]})
    >>> city = sg.Population.from_frame(table, ["low", "middle", "high"])
    >>> ax = sg.plot.rank_order_profile(city, kind="variance", degree=1, managed=False)
    >>> ax.get_title(loc="left")
    'Rank-order variance ratio index: R^R = 0.175'
    """

    def draw() -> Axes:
        prepared = prepare_rank_order_profile(
            pop, kind=kind, degree=degree, weights=weights, title=title, caption=caption
        )
        return draw_rank_order_profile(prepared, ax=ax, width=width, managed=managed)

    return one_call(draw, save=save, size=size, language=language, ax=ax, width=width, managed=managed)
