"""The scorecard as a page: values with intervals, changes and the range of other cities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from ..errors import DataError, ParameterError
from ..schools.sheet import Scorecard
from ._axes import GREY, GUIDE, LINES, SHADE, add_key, drawing, dress, finish
from ._dumbbells import columns_of, limits_of, signed
from ._numerals import decimals, number, number_ticks
from ._rows import head_of, lay_rows, ratio_of
from ._words import index_title, level_of, opened, say, sentences

__all__ = ["draw_scorecard", "prepare_scorecard"]

WIDTH = 7.2
"""Width of a new figure in inches: a page of A4 with its margins."""
ARROWS = {"lower": "\N{DOWNWARDS ARROW}", "higher": "\N{UPWARDS ARROW}", "": ""}
"""Which direction is better."""
BAND = 0.55
"""Height of the band of other cities, of that of a row."""


def prepare_scorecard(result: Scorecard) -> pd.DataFrame:
    """Return what the page of a scorecard shows.

    Parameters
    ----------
    result : Scorecard
        From `segregate.scorecard`.

    Returns
    -------
    DataFrame
        A row per line of the page: ``kind`` ("theme" for a heading, else "line"), ``label``, ``value``, ``low``,
        ``high``, ``earlier``, ``peer_low``, ``peer_middle``, ``peer_high``, ``text`` (value and change) and ``first``.

    Raises
    ------
    DataError
        When no line has a value.

    Examples
    --------
    >>> import segregate as sg
    >>> sheet = sg.scorecard({"education": sg.sample("schools")}, replicates=9)
    >>> sg.plot.prepare_scorecard(sheet)["kind"].to_list()
    ['theme', 'line']
    """
    if not isinstance(result, Scorecard):
        raise ParameterError(f"This page shows what segregate.scorecard returns, not {type(result).__name__}.")
    table = result.rows
    if not table["value"].notna().any():
        raise DataError("No line has a value, so there is nothing to draw.")
    rows: list[dict[str, Any]] = []
    theme = ""
    for (kind, words), line in zip(result._words, table.to_dict("records"), strict=True):
        if line["theme"] != theme:
            theme = line["theme"]
            heading = say(f"scorecard.theme.{theme.replace(' ', '_')}")
            rows.append({"kind": "theme", "label": heading, "text": "", "first": True})
        given = {**words, "index": index_title(line["index"])} if "index" in words else words
        label = opened(say(f"scorecard.indicator.{kind}", **given))
        label = f"{label} {ARROWS[line['better']]}".rstrip()
        ends = ("value", "low", "high", "earlier", "peer_low", "peer_middle", "peer_high")
        numbers = {name: line[name] for name in ends}
        rows.append({"kind": "line", "label": label, **numbers, "text": _text(line), "first": False})
    return pd.DataFrame(rows)


def _text(line: Mapping[Any, Any]) -> str:
    """Write the value, and the change where there is one."""
    digits = min(max(decimals([line["high"] - line["low"]], [line["value"]]), 2), 3)
    value = number(line["value"], digits)
    if not np.isfinite(line["change"]):
        return value
    return say("scorecard.value_change", value=value, change=signed(line["change"], digits))


def draw_scorecard(
    result: Scorecard,
    *,
    title: str | None = None,
    caption: str | None = None,
    ax: Axes | None = None,
    width: float | None = None,
    managed: bool = True,
) -> Axes:
    """Draw a scorecard as one page.

    Parameters
    ----------
    result : Scorecard
        From `segregate.scorecard`.
    title : str, optional
        In place of that written from what was computed; ``""`` for none.
    caption : str, optional
        What stands after the sentence that says what the page is not; that one always stands.
    ax : Axes, optional
        Axes to draw in; as a rule a new figure.
    width : float, optional
        Width of a new figure in inches; it is as high as its rows need.
    managed : bool, optional
        Whether pyplot knows the new figure.

    Returns
    -------
    Axes
        A dot per line with its interval; an arrow from the value of the first year; a band for the range of other
        cities, with their middle.
    """
    shown = prepare_scorecard(result)
    lines = shown["kind"] == "line"
    with drawing(ax, width, managed, WIDTH) as (axes, own):
        ink = dress(axes, say("scorecard.axis"), "", own=own)
        ends = ["value", "low", "high", "earlier", "peer_low", "peer_high"]
        axes.set_xlim(*limits_of(shown.loc[lines, ends].to_numpy(dtype=float), zero=True))
        places = lay_rows(axes, shown["label"].tolist(), shown["text"].tolist(), shown["first"].tolist(), own=own)
        for tick, kind in zip(axes.yaxis.get_major_ticks(), shown["kind"], strict=True):
            tick.label1.set_fontweight("bold" if kind == "theme" else "normal")
        number_ticks(axes.xaxis, most=6)
        left, right = axes.get_xlim()
        if left < 0 < right:
            axes.axvline(0, color=GUIDE, linewidth=0.8, zorder=1, gid="zero")
        height = BAND * float(np.diff(places).min(initial=20.0))
        for row, at in zip(shown.to_dict("records"), places, strict=True):
            if row["kind"] == "line":
                _line(axes, row, float(at), height, ink)
        over = head_of(axes, _head(result), ink)
        finish(
            axes,
            title=_title(result) if title is None else title,
            caption=sentences([say("scorecard.statement"), *([caption] if caption else _said(result, caption))]),
            ratio=ratio_of(axes, own),
            own=own,
            ink=ink,
            legend=add_key(axes, _entries(result, ink), ink, columns=columns_of(axes, own)),
            over=over,
            inside=True,
            rows=True,
        )
        number_ticks(axes.xaxis, most=6)
    return axes


def _line(axes: Axes, row: Mapping[Any, Any], at: float, height: float, ink: str) -> None:
    left, right = axes.get_xlim()
    axes.plot([left, right], [at, at], color=GUIDE, linewidth=0.5, dashes=(1, 3), zorder=0.5, gid="guide")
    if np.isfinite(row["peer_low"]):
        (band,) = axes.barh([at], [row["peer_high"] - row["peer_low"]], left=row["peer_low"], height=height)
        band.set(facecolor=SHADE, edgecolor=GREY, linewidth=0.5, zorder=1, gid="peers")
        middle = [row["peer_middle"]] * 2
        axes.plot(middle, [at - height / 2, at + height / 2], color=GREY, linewidth=1.4, zorder=1.5, gid="middle")
    if not np.isfinite(row["value"]):
        return
    known = bool(np.isfinite([row["low"], row["high"]]).all())
    if np.isfinite(row["earlier"]) and row["earlier"] != row["value"]:
        arrow = axes.annotate(
            "",
            (row["value"], at - height * 0.6),
            xytext=(row["earlier"], at - height * 0.6),
            arrowprops={
                "arrowstyle": "-|>",
                "color": ink,
                "linewidth": 0.9,
                "shrinkA": 0,
                "shrinkB": 0,
                "mutation_scale": 7,
            },
        )
        arrow.set_gid("change")
    if known:
        axes.plot(
            [row["low"], row["high"]], [at, at], color=LINES[0], linewidth=1.6, solid_capstyle="butt", gid="interval"
        )
    (dot,) = axes.plot([row["value"]], [at], marker="o", markersize=5.5, color=LINES[0], zorder=3, gid="value")
    dot.set(markerfacecolor=LINES[0] if known else "white", clip_on=False)


def _title(result: Scorecard) -> str:
    return say("scorecard.title_of", name=result.name) if result.name else say("scorecard.title")


def _head(result: Scorecard) -> str:
    return say("scorecard.head_change" if result.rows["change"].notna().any() else "scorecard.plain")


def _entries(result: Scorecard, ink: str) -> list[tuple[Artist, str]]:
    """Return the signs that are there."""
    rows = result.rows
    known = rows["low"].notna()
    entries: list[tuple[Artist, str]] = []
    dot: dict[str, Any] = {"marker": "o", "markersize": 5.5, "color": LINES[0]}
    if known.any():
        entries.append((Line2D([], [], linewidth=1.6, **dot), say("scorecard.now", level=level_of(result.level))))
    if not known.all():
        hollow = Line2D([], [], linestyle="", markerfacecolor="white", **dot)
        entries.append((hollow, say("scorecard.no_interval")))
    if rows["change"].notna().any():
        entries.append((Line2D([], [], color=ink, linewidth=0.9, marker=5, markevery=[0]), say("scorecard.earlier")))
    if rows["peer_low"].notna().any():
        entries.append((Patch(facecolor=SHADE, edgecolor=GREY, linewidth=0.5), say("scorecard.peers")))
    return entries


def _said(result: Scorecard, caption: str | None) -> list[str]:
    """Say which years are compared, and where the data are from."""
    if caption is not None:
        return []
    rows, said = result.rows, []
    words = {word: say(f"scorecard.{word}") for word in ("lower", "higher") if (rows["better"] == word).any()}
    said += [", ".join(f"{ARROWS[word]} {text}" for word, text in words.items())] if words else []
    if ((rows["low"] > rows["value"]) | (rows["high"] < rows["value"])).any():
        said.append(say("scorecard.bias"))
    compared = rows[rows["since"].notna()]
    if len(compared):
        spans = dict.fromkeys(
            f"{since}\N{EN DASH}{year}" for since, year in zip(compared["since"], compared["year"], strict=True)
        )
        said.append(say("scorecard.since", years=", ".join(spans)))
        clear = compared[(compared["change_low"] > 0) | (compared["change_high"] < 0)]
        tested = int(compared["change_low"].notna().sum())
        if tested:
            said.append(say("scorecard.told_apart", n=len(clear), total=number(tested, 0)))
    undefined = rows.loc[rows["value"].isna(), "measure"]
    if len(undefined):
        said.append(say("scorecard.undefined", n=len(undefined), which=", ".join(undefined)))
    sources = dict.fromkeys(source for source in rows["source"] if source)
    if sources:
        said.append(say("about.source", source="; ".join(sources)))
    said += map(opened, result.notes)
    return said
