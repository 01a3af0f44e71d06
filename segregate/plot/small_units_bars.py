"""An index as measured, as chance would make it, and as corrected for small units."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from ..errors import DataError, ParameterError
from ..inference._corrected_methods import POINT
from ..inference.corrections import Corrected
from ..inference.expectation import Expected
from ..inference.small import SmallUnits
from ._axes import GREY, GUIDE, LINES, add_key, drawing, dress, finish
from ._numerals import decimals, number, number_ticks
from ._rows import lay_rows, ratio_of
from ._words import index_title, level_of, of_group, opened, people, say, sentences, titled, units

__all__ = ["draw_small_units", "prepare_small_units"]

Results = SmallUnits | Corrected | Expected
WIDTH = 6.5
"""Width of a new figure in inches."""
METHODS = (
    "carrington_troske",
    "allen_bootstrap",
    "allen_density",
    "miller_madow",
    "leave_one_out",
    "beta_mixture",
    "bounds",
)
LABELS = {method: f"small.{method}" for method in ("raw", "expected", *METHODS)}
"""Messages that name the rows."""


def prepare_small_units(result: Results) -> pd.DataFrame:
    """Return what a picture of corrections shows.

    Parameters
    ----------
    result : SmallUnits, Corrected or Expected
        From `segregate.small_units`, `segregate.corrected` or `segregate.expected`.

    Returns
    -------
    DataFrame
        One row per index and method: ``label``, ``index``, ``method``, ``value``, ``low`` and ``high`` (the interval),
        ``least`` and ``greatest`` (the bounds), and ``text``, the numbers as written beside the row.

    Raises
    ------
    DataError
        When nothing has a value.

    Examples
    --------
    >>> import segregate as sg
    >>> found = sg.corrected(sg.sample("schools").versus("black"), "D", method="allen_density")
    >>> sg.plot.prepare_small_units(found)["label"].to_list()
    ['Dissimilarity, as measured', 'Density (Allen and others)']
    """
    table = _rows(result)
    if not table[["value", "least"]].notna().any(axis=None):
        said = f": {'; '.join(result.notes)}" if result.notes else ""
        raise DataError(f"Nothing has a value, so there is nothing to draw{said}.")
    labels, texts = [], []
    raw = table.loc[table["method"] == "raw"].set_index("index")["value"]
    for row in table.to_dict("records"):
        label = LABELS[row["method"]]
        labels.append(say(label, what=index_title(row["index"])) if row["method"] == "raw" else say(label))
        texts.append(_text(row, max(3, decimals([], [raw[row["index"]]]) - 1)))
    return table.assign(label=labels, text=texts)[
        ["label", "index", "method", "value", "low", "high", "least", "greatest", "text"]
    ]


def _rows(result: Results) -> pd.DataFrame:
    """Return a row per index and method."""
    if isinstance(result, SmallUnits):
        return result.table
    empty = dict.fromkeys(("low", "high", "least", "greatest"), float("nan"))
    if isinstance(result, Expected):
        about = {"index": result.about["index"]}
        rows = [
            {**about, "method": "raw", "value": result.raw, **empty},
            {**about, "method": "expected", "value": result.value, **empty},
        ]
        return pd.DataFrame(rows)
    if isinstance(result, Corrected):
        about = {"index": result.about["index"]}
        found = {name: getattr(result, name) for name in ("value", "low", "high", "least", "greatest")}
        rows = [{**about, "method": "raw", "value": result.raw, **empty}]
        if np.isfinite(result.expected):
            rows.append({**about, "method": "expected", "value": result.expected, **empty})
        return pd.DataFrame([*rows, {**about, "method": result.method, **found}])
    raise ParameterError(
        f"This plot shows what segregate.small_units, corrected or expected return, not {type(result).__name__}."
    )


def _text(row: Mapping[Any, Any], digits: int) -> str:
    """Write the numbers of a row."""
    if np.isfinite(row["value"]):
        text = number(row["value"], digits)
    elif np.isfinite(row["least"]):
        text = say("range.to", low=number(row["least"], digits), high=number(row["greatest"], digits))
    else:
        return say("number.undefined")
    if not np.isfinite(row["low"]):
        return text
    return say("interval.value", value=text, low=number(row["low"], digits), high=number(row["high"], digits))


def draw_small_units(
    result: Results,
    *,
    title: str | None = None,
    caption: str | None = None,
    ax: Axes | None = None,
    width: float | None = None,
    managed: bool = True,
) -> Axes:
    """Draw an index as measured, as chance would make it, and as corrected, one below the other.

    Parameters
    ----------
    result : SmallUnits, Corrected or Expected
        From `segregate.small_units`, `segregate.corrected` or `segregate.expected`.
    title, caption : str, optional
        Texts in place of those written from what was computed; ``""`` for none.
    ax : Axes, optional
        Axes to draw in; names and numbers take their room from the place of the axes. As a rule a new figure.
    width : float, optional
        Width of a new figure in inches; it is as high as its rows need.
    managed : bool, optional
        Whether pyplot knows the new figure.

    Returns
    -------
    Axes
        A row per method: a dot, a line for the interval and a broad bar for bounds; a dashed line goes down from what
        was measured.

    Raises
    ------
    DataError
        When nothing has a value.
    """
    shown = prepare_small_units(result)
    first = (shown["index"] != shown["index"].shift()).tolist()
    with drawing(ax, width, managed, WIDTH) as (axes, own):
        ink = dress(axes, say("axis.value"), "", own=own)
        ends = shown[["value", "low", "high", "least", "greatest"]].to_numpy(dtype=float)
        low, high = min(float(np.nanmin(ends)), 0.0), float(np.nanmax(ends))
        room = 0.04 * ((high - low) or 1.0)
        axes.set_xlim(low - (room if low < 0 else 0), high + room)
        places = lay_rows(axes, shown["label"].tolist(), shown["text"].tolist(), first, own=own)
        number_ticks(axes.xaxis, most=6)
        _add_rows(axes, shown, places)
        finish(
            axes,
            title=_title(result) if title is None else title,
            caption=_caption(result) if caption is None else caption,
            ratio=ratio_of(axes, own),
            own=own,
            ink=ink,
            legend=add_key(axes, _key(shown), ink, columns=2),
            inside=True,
            rows=True,
        )
        number_ticks(axes.xaxis, most=6)
    return axes


def _add_rows(ax: Axes, shown: pd.DataFrame, places: np.ndarray) -> None:
    """Draw the rows."""
    left, right = ax.get_xlim()
    if left < 0 < right:
        ax.axvline(0, color=GUIDE, linewidth=0.8, zorder=1, gid="zero")
    for index, rows in shown.groupby("index", sort=False):
        at = places[rows.index.to_numpy()]
        raw = float(rows.loc[rows["method"] == "raw", "value"].iloc[0])
        if np.isfinite(raw):
            ax.plot([raw, raw], [at[0], at[-1]], color=GREY, linewidth=0.8, dashes=(4, 2), zorder=1, gid=f"raw {index}")
    for row, at in zip(shown.to_dict("records"), places, strict=True):
        if row["greatest"] > row["least"] + POINT:
            ends = [row["least"], row["greatest"]]
            ax.plot(ends, [at, at], color=LINES[1], linewidth=6, alpha=0.55, solid_capstyle="butt", gid="bounds")
        if np.isfinite(row["low"]):
            ends = [row["low"], row["high"]]
            ax.plot(ends, [at, at], color=LINES[0], linewidth=1.6, solid_capstyle="butt", gid="interval")
        if np.isfinite(row["value"]):
            (dot,) = ax.plot([row["value"]], [at], marker="o", markersize=4.5, color=LINES[0], zorder=3, gid="value")
            dot.set(markerfacecolor="white" if row["method"] == "expected" else LINES[0], clip_on=False)
            if row["method"] == "raw":
                dot.set(markerfacecolor=GREY, markeredgecolor=GREY)


def _key(shown: pd.DataFrame) -> list[tuple[Line2D, str]]:
    """Return what the signs mean."""
    dot: dict[str, Any] = {"linestyle": "none", "marker": "o", "markersize": 4.5}
    key = [
        (Line2D([], [], color=GREY, linewidth=0.8, dashes=(4, 2), marker="o", markersize=4.5), say("small.key.raw")),
        (Line2D([], [], color=LINES[0], **dot), say("small.key.corrected")),
    ]
    if (shown["method"] == "expected").any():
        key.append((Line2D([], [], color=LINES[0], markerfacecolor="white", **dot), say("small.key.expected")))
    if shown["low"].notna().any():
        key.append((Line2D([], [], color=LINES[0], linewidth=1.6), say("small.key.interval")))
    if (shown["greatest"] > shown["least"] + POINT).any():
        key.append((Line2D([], [], color=LINES[1], linewidth=6, alpha=0.55), say("small.key.bounds")))
    return key


def _title(result: Results) -> str:
    if isinstance(result, SmallUnits):
        of = of_group(result.expected[0].about)
        return say("small.title", what=f"{say('axis.segregation')}{of}")
    return say("small.title_expected" if isinstance(result, Expected) else "small.title", what=titled(result))


def _caption(result: Results) -> str:
    said = list(result.notes)
    if isinstance(result, SmallUnits):
        said.insert(
            0,
            say("small.caption", units=units(result.units), median=people(round(result.typical)), level=level_of(0.95)),
        )
    elif isinstance(result, Corrected) and np.isfinite(result.level):
        said.insert(0, say("interval.kind", kind=level_of(result.level)))
    return sentences(map(opened, said))
