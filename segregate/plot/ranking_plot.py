"""Cities in order, and which of them cannot be told apart."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple, cast

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.transforms import Affine2D, Affine2DBase, ScaledTranslation, Transform, blended_transform_factory

from ..errors import DataError, ParameterError
from ..inference.ranking import Ranking
from ._axes import drawing, dress, finish, one_call
from ._numerals import number_ticks
from ._rows import PAD, add_intervals, head_of, lay_rows, ratio_of, said_of
from ._save import SavePath
from ._style import Size, pt
from ._words import environment_named, index_title, level_of, opened, say, sentences, titled

__all__ = ["draw_ranking", "prepare_ranking", "ranking"]

Floats = npt.NDArray[np.float64]
WIDTH = 6.5
"""Width of a new figure in inches."""
MOST = 500
"""Most rows."""
STEP = 7.0
"""Points from a bar to the next."""
MOST_BARS = 12
"""Most bars side by side; where there would be more, each row has a bar of its own, of the ranks that it may have."""
RANKS = 96.0
"""Length of the scale of ranks, in points."""
BAR, DOT = "#8a8a8a", "#222222"


class Bar(NamedTuple):
    """A group of cities that cannot be told apart.

    Attributes
    ----------
    letter : str
        Its letter.
    rows : tuple of int
        Its rows, from top to bottom.
    column : int
        Its place beside other bars.
    """

    letter: str
    rows: tuple[int, ...]
    column: int


def prepare_ranking(result: Ranking) -> pd.DataFrame:
    """Return what a plot of a ranking shows.

    Parameters
    ----------
    result : Ranking
        From `segregate.rank`.

    Returns
    -------
    DataFrame
        One row per city, by rank, cities without a value last: ``label`` ("1. Northtown"), ``value``, ``low``,
        ``high``, ``rank``, ``rank_low``, ``rank_high``, ``letters`` (cities that share one cannot be told apart),
        ``text`` (the ranks that a city may have), ``status`` and ``message``.

    Raises
    ------
    DataError
        When no city has a value.
    ParameterError
        For more than 500 cities.

    Examples
    --------
    >>> import segregate as sg
    >>> found = sg.rank(sg.sample("schools").split("district"), "H", replicates=99, rng=1)
    >>> sg.plot.prepare_ranking(found)["label"].iloc[0]
    '1. Hills'
    """
    if not isinstance(result, Ranking):
        raise ParameterError(f"A ranking shows what segregate.rank returns, not {type(result).__name__}.")
    table = result.table
    if len(table) > MOST:
        raise ParameterError(f"A ranking shows up to {MOST} rows, not {len(table):,}.")
    if not table["value"].notna().any():
        raise DataError(f"No city has a value, so there is nothing to draw: {table['message'].iloc[0]}.")
    table = table.sort_values("rank", kind="stable", na_position="last").reset_index(drop=True)
    labels, texts = [], []
    ranks: list[list[float]] = table[["rank", "rank_low", "rank_high"]].to_numpy(dtype=float).tolist()
    for name, (rank, low, high) in zip(table["name"], ranks, strict=True):
        ranked = not np.isnan(rank)
        labels.append(f"{rank:.0f}. {name}" if ranked else str(name))
        texts.append(_ranks(low, high) if ranked else say("number.undefined"))
    shown = table[["value", "low", "high", "rank", "rank_low", "rank_high", "letters", "status", "message"]].copy()
    shown.insert(0, "label", labels)
    shown.insert(8, "text", texts)
    return shown


def _ranks(low: float, high: float) -> str:
    """Write the ranks that a city may have."""
    if np.isnan([low, high]).any():
        return ""
    return f"{low:.0f}" if low == high else f"{low:.0f}\N{EN DASH}{high:.0f}"


def bars_of(letters: Iterable[str]) -> list[Bar]:
    """Return a bar for each letter that two cities or more share, side by side where they overlap.

    Parameters
    ----------
    letters : iterable of str
        Of each row, such as "ab" or "z1a2".
    """
    members: dict[str, list[int]] = {}
    for row, text in enumerate(letters):
        for letter in re.findall(r"[a-z]\d*", text):
            members.setdefault(letter, []).append(row)
    shared = sorted((rows, letter) for letter, rows in members.items() if len(rows) > 1)
    ends: list[int] = []
    bars = []
    for rows, letter in shared:
        column = next((k for k, end in enumerate(ends) if end + 1 < rows[0]), len(ends))
        ends[column : column + 1] = [rows[-1]]
        bars.append(Bar(letter, tuple(rows), column))
    return bars


def draw_ranking(
    result: Ranking,
    *,
    title: str | None = None,
    caption: str | None = None,
    ax: Axes | None = None,
    width: float | None = None,
    managed: bool = True,
) -> Axes:
    """Draw cities by rank, with simultaneous intervals, and bars that join those that cannot be told apart.

    Parameters
    ----------
    result : Ranking
        From `segregate.rank`.
    title, caption : str, optional
        Texts in place of those written from what was computed; ``""`` for none.
    ax : Axes, optional
        Axes to draw in; names and bars take their room from the place of the axes. As a rule a new figure.
    width : float, optional
        Width of a new figure in inches; it is as high as its rows need.
    managed : bool, optional
        Whether pyplot knows the new figure.

    Returns
    -------
    Axes
        One row per city. Right of the axis are bars, one for each letter of the table that two cities share, and the
        ranks that a city may have; where a bar passes a city that is not of its group it is thin. Where more than 12
        bars would stand side by side, each row has a bar of its own in their place, of the ranks that it may have.

    Raises
    ------
    DataError
        When no city has a value.
    ParameterError
        For more than 500 cities.
    """
    shown = prepare_ranking(result)
    bars = bars_of(shown["letters"])
    columns = max((bar.column for bar in bars), default=-1) + 1
    joined = columns <= MOST_BARS
    room = (columns * pt(STEP) if joined else pt(RANKS)) + pt(PAD) if columns else 0.0
    with drawing(ax, width, managed, WIDTH) as (axes, own):
        ink = dress(axes, index_title(result.about["index"]), "", own=own)
        ends = shown[["value", "low", "high"]].to_numpy(dtype=float)
        low, high = float(np.nanmin(ends)), float(np.nanmax(ends))
        margin = 0.04 * ((high - low) or abs(high) or 1.0)
        axes.set_xlim(low - margin, high + margin)
        first = (shown["value"].isna() & shown["value"].shift().notna()).tolist()
        places = lay_rows(axes, shown["label"].tolist(), shown["text"].tolist(), first, own=own, beside=room)
        number_ticks(axes.xaxis, most=6)
        add_intervals(axes, shown, places)
        if joined:
            _add_groups(axes, bars, places)
        else:
            _add_ranks(axes, shown, places)
        over = head_of(axes, say("ranking.head"), ink)
        finish(
            axes,
            title=say("ranking.title", what=titled(result)) if title is None else title,
            caption=_caption(result, shown, bars, joined=joined) if caption is None else caption,
            ratio=ratio_of(axes, own),
            own=own,
            ink=ink,
            over=over,
            inside=True,
            rows=True,
        )
        number_ticks(axes.xaxis, most=6)
    return axes


def _beside(ax: Axes) -> Transform:
    """Return coordinates of points right of the axes, and of rows."""
    edge = cast("Affine2DBase", ax.transAxes)
    points = Affine2D().scale(1 / 72) + ax.figure.dpi_scale_trans + ScaledTranslation(1, 0, edge)
    return blended_transform_factory(points, ax.transData)


def _add_groups(ax: Axes, bars: Iterable[Bar], places: Floats) -> None:
    """Draw a bar for each group, right of the axes; it is thin where it passes a row that is not of the group."""
    where = _beside(ax)
    half = 0.3 * float(np.diff(places).min()) if len(places) > 1 else 0.0
    for bar in bars:
        x = [pt(PAD) + (bar.column + 0.5) * pt(STEP)] * 2
        at = places[list(bar.rows)]
        ax.plot(x, [at[0], at[-1]], transform=where, color=BAR, linewidth=0.5, clip_on=False, gid="passing")
        breaks = np.flatnonzero(np.diff(bar.rows) > 1)
        starts, stops = [0, *(breaks + 1)], [*breaks, len(at) - 1]
        for start, stop in zip(starts, stops, strict=True):
            ends = [at[start] - half, at[stop] + half]
            (line,) = ax.plot(x, ends, transform=where, color=BAR, linewidth=2.8, clip_on=False)
            line.set(gid=f"group-{bar.letter}", solid_capstyle="butt")


def _add_ranks(ax: Axes, shown: pd.DataFrame, places: Floats) -> None:
    """Draw the ranks that each row may have, right of the axes: a bar, and a dot at its rank."""
    where = _beside(ax)
    ranks = shown[["rank_low", "rank", "rank_high"]].to_numpy(dtype=float)
    step = pt(RANKS) / max(float(np.nanmax(ranks)) - 1, 1.0)
    for at, row in zip(places, ranks, strict=True):
        if np.isnan(row).any():
            continue
        low, own, high = (pt(PAD) + (float(rank) - 1) * step for rank in row)
        ends = [low - step / 2, high + step / 2]
        (line,) = ax.plot(ends, [at, at], transform=where, color=BAR, linewidth=2.8, clip_on=False, gid="ranks")
        line.set_solid_capstyle("butt")
        ax.plot(
            [own], [at], transform=where, marker="o", markersize=2.6, color=DOT, clip_on=False, gid="rank", zorder=3
        )


def ranking(
    result: Ranking,
    *,
    title: str | None = None,
    caption: str | None = None,
    ax: Axes | None = None,
    width: float | None = None,
    managed: bool = True,
    save: SavePath | Iterable[SavePath] | None = None,
    size: Size | None = None,
    language: str | None = None,
) -> Axes:
    """Draw a ranking of cities, and save it.

    Parameters
    ----------
    result : Ranking
        From `segregate.rank`.
    title, caption, ax, width, managed
        As in `draw_ranking`.
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

    Examples
    --------
    >>> import segregate as sg
    >>> found = sg.rank(sg.sample("schools").split("district"), "H", replicates=99, rng=1)
    >>> ax = sg.plot.ranking(found, managed=False)
    >>> ax.get_title(loc="left")
    'Information theory, by rank'
    """

    def draw() -> Axes:
        return draw_ranking(result, title=title, caption=caption, ax=ax, width=width, managed=managed)

    return one_call(draw, save=save, size=size, language=language, ax=ax, width=width, managed=managed)


def _caption(result: Ranking, shown: pd.DataFrame, bars: list[Bar], *, joined: bool) -> str:
    """Say what bars and intervals mean."""
    said = [say("ranking.intervals", level=level_of(result.level))]
    alone = int(shown["letters"].ne("").sum()) > len({row for bar in bars for row in bar.rows})
    if not bars:
        said += [say("ranking.all_apart")] if alone else []
    elif joined:
        said.append(say("ranking.joined"))
        said += [say("ranking.alone")] if alone else []
    else:
        said.append(say("ranking.grey"))
        said.append(say("ranking.letters", n=len(bars)))
    said.append(say("about.environment", environment=environment_named(result.about["environment"])))
    said += said_of(shown)
    said += map(opened, result.notes)
    return sentences(said)
