"""Schools against homes: how much of what is seen at school is there at home already."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from .._languages import language_of
from ..errors import ParameterError
from ..registry import IndexLike
from ._axes import GREY, LINES, add_key, dress, finish
from ._caption import caption_of
from ._drawing import drawing, one_call
from ._layout import points_per_pixel, text_size
from ._numerals import number_ticks
from ._save import SavePath
from ._school_home import COLUMNS, Meaning, Side, prepare_school_home
from ._style import SMALL, Size, page_of, pt
from ._tags import Box, add_tags

__all__ = ["draw_school_home", "school_home"]

WIDTH = 5.0
"""Width of a new figure in inches."""
LARGEST, SMALLEST = 130.0, 4.0
"""Area of the largest dot where there are few, and of the smallest dot, in square points."""
INK_SHARE = 5200.0
"""Area of all dots, were each as large as the largest, from which on dots are smaller."""
OPACITY = 0.6
CORNER = 4.0
"""Points between the words of a side and the axes."""
ROUND = 0.06
"""White space around the dots, as part of the axes."""
Floats = npt.NDArray[np.float64]


def draw_school_home(
    prepared: pd.DataFrame,
    *,
    title: str | None = None,
    caption: str | None = None,
    ax: Axes | None = None,
    width: float | None = None,
    managed: bool = True,
) -> Axes:
    """Draw the value at school against that at home, one dot per school.

    Parameters
    ----------
    prepared : DataFrame
        From `prepare_school_home`.
    title, caption : str, optional
        Texts in place of those written from what was computed; ``""`` for none.
    ax : Axes, optional
        Axes to draw in; as a rule those of a new figure.
    width : float, optional
        Width of a new figure in inches, 5 if not said.
    managed : bool, optional
        Whether pyplot knows the new figure.

    Returns
    -------
    Axes
        Both axes have one scale; on the line a school is as its pupils' homes are. The area of a dot is the number of
        pupils. The schools farthest from the line are named, as many as find room.

    Raises
    ------
    ParameterError
        When the table is not one of `prepare_school_home`, or arguments contradict each other.
    """
    if not isinstance(prepared, pd.DataFrame) or not set(COLUMNS) <= set(prepared.columns):
        raise ParameterError("This scatter shows the table of sg.plot.prepare_school_home.")
    language = language_of(None)
    record = dict(prepared.attrs.get("segregate") or {})
    what = _what(record)
    shown = prepared[prepared["difference"].notna()].sort_values("size", ascending=False, kind="stable")
    places = shown[["home", "school"]].to_numpy(dtype=float)
    areas = _areas(shown["size"].to_numpy(dtype=float))
    with drawing(ax, width, managed, WIDTH) as (axes, own):
        ink = dress(
            axes,
            language.text("school_home.home", what=what),
            language.text("school_home.school", what=what),
            own=own,
        )
        low, high = _limits(places)
        axes.set_xlim(low, high)
        axes.set_ylim(low, high)
        number_ticks(axes.xaxis, most=6)
        number_ticks(axes.yaxis, most=6)
        (line,) = axes.plot([low, high], [low, high], color=GREY, linewidth=0.9, zorder=1)
        line.set_gid("same")
        dots = axes.scatter(places[:, 0], places[:, 1], s=areas, color=LINES[0], alpha=OPACITY, zorder=3)
        dots.set(edgecolor="white", linewidth=0.4, gid="schools", clip_on=False)
        entries: list[tuple[Any, str]] = [
            (Line2D([], [], color=GREY, linewidth=0.9), language.text("school_home.same")),
            *_size_entries(shown["size"].to_numpy(dtype=float)),
        ]
        finish(
            axes,
            title=language.text("school_home.title", what=what) if title is None else title,
            caption=_caption(prepared, record) if caption is None else caption,
            ratio=1.0,
            own=own,
            ink=ink,
            legend=add_key(axes, entries, ink, columns=1 if _beside() else min(len(entries), 2)),
            square=True,
            place="right" if _beside() else "below",
        )
        axes.apply_aspect()
        words = ("more", "less") if record.get("separation") else ("higher", "lower")
        taken = _sides(axes, [language.text(f"school_home.{word}") for word in words])
        named = [k for k, one in enumerate(shown["named"]) if one]
        named.sort(key=lambda k: -abs(float(shown["difference"].iloc[k])))
        radii = np.sqrt(areas / math.pi) * pt(1.0)
        add_tags(axes, places, radii, named, [shown["label"].iloc[k] for k in named], taken, ink)
    return axes


def _beside() -> bool:
    """Say whether the legend stands beside the axes: where a page leaves room there."""
    page = page_of()
    return page is not None and page.whole and page.width > page.height


def _what(record: dict[str, Any]) -> str:
    """Return what the value is called."""
    language = language_of(None)
    if record.get("called"):
        return str(record["called"])
    if not record.get("index"):
        return language.text("school_home.value")
    title = language.title(str(record["index"]))
    return f"{title}: {record['group']}" if record.get("group") else title


def _limits(places: Floats) -> tuple[float, float]:
    """Return the ends of both axes."""
    low, high = float(places.min()), float(places.max())
    room = ROUND * ((high - low) or abs(high) or 1.0)
    least = 0.0 if 0 <= low <= 3 * room else low - room
    return least - room / 2 if least == 0 else least, high + room


def _areas(sizes: Floats) -> Floats:
    """Return the areas of dots in square points."""
    largest = min(LARGEST, max(INK_SHARE / len(sizes), 6 * SMALLEST))
    if not np.isfinite(sizes).all() or not sizes.max() > 0:
        return np.full(len(sizes), min(largest, 30.0))
    return np.asarray(np.maximum(largest * sizes / sizes.max(), SMALLEST), dtype=np.float64)


def _size_entries(sizes: Floats) -> list[tuple[Any, str]]:
    """Return dots of round sizes for the legend."""
    if not np.isfinite(sizes).all() or not sizes.max() > 0:
        return []
    largest = _areas(sizes).max()
    language = language_of(None)
    power = 10.0 ** math.floor(math.log10(sizes.max()))
    top = next(step * power for step in (5, 2, 1) if step * power <= sizes.max())
    entries = []
    for number in (top / 5, top / 2, top) if top >= 10 else (top,):
        area = max(largest * number / sizes.max(), SMALLEST)
        dot = Line2D([], [], linestyle="", marker="o", markersize=math.sqrt(area), color=LINES[0], alpha=OPACITY)
        dot.set_markeredgewidth(0)
        entries.append((dot, language.text("school_home.pupils", n=number)))
    return entries


def _sides(ax: Axes, words: list[str]) -> list[Box]:
    """Write what lies above the line and below it into the corners; return their boxes."""
    scale = points_per_pixel(ax)
    frame = ax.get_window_extent()
    width, height = frame.width * scale, frame.height * scale
    pad, boxes = pt(CORNER), []
    for word, above in zip(words, (True, False), strict=True):
        size = text_size(ax, word, size=pt(SMALL))
        left, low = (pad, height - pad - size[1]) if above else (width - pad - size[0], pad)
        text = ax.text(left / width, low / height, word, transform=ax.transAxes, parse_math=False)
        text.set(ha="left", va="bottom", fontsize=pt(SMALL), color="#666666", style="italic", gid="side", zorder=2)
        boxes.append((left, low, left + size[0], low + size[1]))
    return boxes


def _caption(table: pd.DataFrame, record: dict[str, Any]) -> str:
    """Say how many schools are above and below the line, and which are not drawn."""
    language = language_of(None)
    apart = table["difference"].dropna()
    above, below = (language.people(int(one.sum())) for one in (apart > 0, apart < 0))
    said = [language.text("school_home.said", n=len(apart), above=above, below=below)]
    lost = table["difference"].isna()
    if lost.any():
        labels = table.loc[lost, "label"].to_list()
        which = ", ".join(labels[:3])
        if len(labels) > 3:
            which += f" {language.text('matrix.more', n=len(labels) - 3)}"
        said.append(language.text("school_home.lost", n=int(lost.sum()), which=which))
    if not record.get("index"):
        return " ".join(f"{sentence.rstrip('.')}." for sentence in said)
    return caption_of(record, n_units=len(table), classes=None, notes=said, palette_center=None)


def school_home(
    schools: Side,
    homes: Side,
    *,
    index: IndexLike | None = None,
    group: str | None = None,
    key: str | None = None,
    sizes: pd.Series | None = None,
    labels: pd.Series | None = None,
    name: str | None = None,
    meaning: Meaning | None = None,
    most: int = 5,
    title: str | None = None,
    caption: str | None = None,
    ax: Axes | None = None,
    width: float | None = None,
    size: Size | None = None,
    language: str | None = None,
    managed: bool = True,
    save: SavePath | Iterable[SavePath] | None = None,
) -> Axes:
    """Draw schools against the homes of their pupils: which are more separated at school than at home.

    `prepare_school_home` followed by `draw_school_home`; see these for the parameters.

    Parameters
    ----------
    schools, homes : Series, DataFrame or Population
        Values or people at school and at home.
    index, group, key, sizes, labels, name, meaning, most
        As in `prepare_school_home`.
    title, caption, ax, width, managed
        As in `draw_school_home`.
    size : str or (float, float), optional
        Of a new figure: ``"A4"``, ``"half-page"``, ``"column"``, ``"slide"`` ..., or width and height in inches; see
        `style`.
    language : str, optional
        Of the texts; see `style`.
    save : path or iterable of paths, optional
        Files to write: ``.png``, ``.svg`` or ``.pdf``.

    Returns
    -------
    Axes

    Raises
    ------
    SegregateError
        See `prepare_school_home`; ParameterError when a file cannot be saved there.

    Examples
    --------
    >>> import segregate as sg
    >>> schools = sg.sample("schools")
    >>> ax = sg.plot.school_home(schools, schools, group="hispanic", key="district", managed=False)
    >>> ax.get_xlabel()
    'Share: hispanic at home'
    """

    def draw() -> Axes:
        prepared = prepare_school_home(
            schools,
            homes,
            index=index,
            group=group,
            key=key,
            sizes=sizes,
            labels=labels,
            name=name,
            meaning=meaning,
            most=most,
        )
        return draw_school_home(prepared, title=title, caption=caption, ax=ax, width=width, managed=managed)

    return one_call(draw, save=save, size=size, language=language, ax=ax, width=width, managed=managed)
