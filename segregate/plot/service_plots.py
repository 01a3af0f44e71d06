"""Access to services by group, and whom people meet in several settings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from ..errors import DataError, ParameterError
from ..schools.meeting_places import HOME, Meeting
from ..schools.reaching import Access
from ._axes import DASHES, GREY, GUIDE, LINES, add_key, drawing, dress, finish, percents
from ._dumbbells import columns_of, limits_of
from ._numerals import decimals, number, number_ticks
from ._rows import head_of, lay_rows, ratio_of
from ._words import environment_named, index_title, opened, percent, say, sentences, versus_named

__all__ = [
    "draw_access",
    "draw_access_curves",
    "draw_meeting",
    "prepare_access",
    "prepare_access_curves",
    "prepare_meeting",
]

WIDTH = 6.0
"""Width of a new figure in inches."""
SQUARE = 4.5
"""Width of a figure of curves."""
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
"""Signs of settings, so that they are told apart in grey."""
MOST = 40
"""Most rows of pairs of groups; of more only how much each group meets itself is shown."""


def _checked(result: object, kind: type, verb: str) -> None:
    if not isinstance(result, kind):
        raise ParameterError(f"This plot shows what segregate.{verb} returns, not {type(result).__name__}.")


def prepare_access(result: Access) -> pd.DataFrame:
    """Return what the plot of access by group shows.

    Parameters
    ----------
    result : Access
        From `segregate.access`.

    Returns
    -------
    DataFrame
        A row for everybody, then one per group: ``group``, ``label``, ``mean``, ``low`` and ``high`` (of the middle
        eight tenths of its members), ``without`` and ``text``.

    Examples
    --------
    >>> import pandas as pd
    >>> import segregate as sg
    >>> pop = sg.Population.from_frame(pd.DataFrame({"a": [9, 1], "b": [1, 9]}), ["a", "b"])
    >>> found = sg.access(pop, pd.DataFrame(index=["x"]), [[5.0], [9.0]], reach=7)
    >>> sg.plot.prepare_access(found)["group"].to_list()
    ['', 'a', 'b']
    """
    _checked(result, Access, "access")
    table = result.table
    shown = pd.concat([table[table["group"] == ""], table[table["group"] != ""]], ignore_index=True)
    if not shown["mean"].notna().any():
        raise DataError("No group has a value, so there is nothing to draw.")
    digits = decimals(shown["gap"], shown["mean"])
    shown["label"] = [name or say("access.everybody") for name in shown["group"]]
    shown["text"] = [number(value, digits) for value in shown["mean"]]
    return shown[["group", "label", "mean", "low", "high", "without", "text"]]


def draw_access(
    result: Access,
    *,
    title: str | None = None,
    caption: str | None = None,
    ax: Axes | None = None,
    width: float | None = None,
    managed: bool = True,
) -> Axes:
    """Draw the access of each group: its mean, and where the middle eight tenths of its members are.

    Parameters
    ----------
    result : Access
        From `segregate.access`.
    title, caption : str, optional
        Texts in place of those written from what was computed; ``""`` for none.
    ax : Axes, optional
        Axes to draw in; as a rule a new figure.
    width : float, optional
        Width of a new figure in inches.
    managed : bool, optional
        Whether pyplot knows the new figure.

    Returns
    -------
    Axes
        The line in the background is the mean of everybody. The axis begins at 0.
    """
    shown = prepare_access(result)
    near = result.method == "nearest"
    with drawing(ax, width, managed, WIDTH) as (axes, own):
        unit = "" if result.about["unit"] == "as given" else f" ({result.about['unit']})"
        ink = dress(axes, say("access.cost", unit=unit) if near else say("access.supply"), "", own=own)
        axes.set_xlim(*limits_of(shown[["mean", "low", "high"]].to_numpy(), zero=True))
        first = [False, True, *[False] * (len(shown) - 2)][: len(shown)]
        places = lay_rows(axes, shown["label"].tolist(), shown["text"].tolist(), first, own=own)
        number_ticks(axes.xaxis, most=6)
        axes.axvline(float(shown["mean"].iloc[0]), color=GREY, linewidth=0.9, zorder=1, gid="everybody")
        for k, (mean, low, high) in enumerate(shown[["mean", "low", "high"]].to_numpy(dtype=float).tolist()):
            if not np.isfinite(mean):
                continue
            color = GREY if k == 0 else LINES[0]
            axes.plot([low, high], [places[k]] * 2, color=color, linewidth=1.6, solid_capstyle="butt", gid="range")
            axes.plot([mean], [places[k]], marker="o", markersize=5.5, color=color, zorder=3, clip_on=False, gid="mean")
        entries: list[tuple[Artist, str]] = [
            (Line2D([], [], linestyle="", marker="o", markersize=5.5, color=LINES[0]), say("access.mean")),
            (Line2D([], [], color=LINES[0], linewidth=1.6), say("access.range")),
        ]
        over = head_of(axes, say("access.mean"), ink)
        finish(
            axes,
            title=say("access.title_cost" if near else "access.title") if title is None else title,
            caption=_access_caption(result, shown) if caption is None else caption,
            ratio=ratio_of(axes, own),
            own=own,
            ink=ink,
            legend=add_key(axes, entries, ink),
            over=over,
            inside=True,
            rows=True,
        )
        number_ticks(axes.xaxis, most=6)
    return axes


def _access_caption(result: Access, shown: pd.DataFrame) -> str:
    said = [say("access.method", method=say(f"access.of.{result.method}"))]
    if shown["without"].max() > 0:
        pairs: list[tuple[str, float]] = list(zip(shown["label"], shown["without"], strict=True))
        parts = [f"{name} {percent(share)}" for name, share in pairs if np.isfinite(share)]
        said.append(say("access.without", which=", ".join(parts)))
    said += map(opened, result.notes)
    if result.population.source:
        said.append(say("about.source", source=result.population.source))
    return sentences(said)


def prepare_access_curves(result: Access) -> pd.DataFrame:
    """Return concentration curves of access, one row per step and group.

    Parameters
    ----------
    result : Access
        From `segregate.access`.

    Returns
    -------
    DataFrame
        ``group``, ``people`` (share of everybody, from the worst access to the best) and ``share`` (of the group).

    Examples
    --------
    >>> import pandas as pd
    >>> import segregate as sg
    >>> pop = sg.Population.from_frame(pd.DataFrame({"a": [9, 1], "b": [1, 9]}), ["a", "b"])
    >>> found = sg.access(pop, pd.DataFrame(index=["x"]), [[5.0], [9.0]], reach=7)
    >>> sg.plot.prepare_access_curves(found)["share"].round(1).to_list()
    [0.0, 0.1, 1.0, 0.0, 0.9, 1.0]
    """
    _checked(result, Access, "access")
    curves = result.concentration
    parts = [
        pd.DataFrame({"group": name, "people": curves["people"], "share": curves[name]})
        for name in result.population.groups
        if curves[name].notna().all()
    ]
    return pd.concat(parts, ignore_index=True)


def draw_access_curves(
    result: Access,
    *,
    title: str | None = None,
    caption: str | None = None,
    ax: Axes | None = None,
    width: float | None = None,
    managed: bool = True,
) -> Axes:
    """Draw which share of each group is among those with the worst access.

    Parameters
    ----------
    result : Access
        From `segregate.access`.
    title, caption, ax, width, managed
        As in `draw_access`.

    Returns
    -------
    Axes
        A group whose curve runs above the diagonal has worse access than everybody.
    """
    shown = prepare_access_curves(result)
    with drawing(ax, width, managed, SQUARE) as (axes, own):
        ink = dress(axes, say("access.people"), say("access.share"), own=own)
        axes.set(xlim=(0, 1), ylim=(0, 1))
        percents(axes.xaxis)
        percents(axes.yaxis)
        entries: list[tuple[Artist, str]] = []
        for k, (name, steps) in enumerate(shown.groupby("group", sort=False)):
            look: dict[str, Any] = {"color": LINES[k % len(LINES)], "linewidth": 1.6, "dashes": DASHES[k % len(DASHES)]}
            (line,) = axes.plot(steps["people"], steps["share"], dash_capstyle="butt", zorder=3, clip_on=False, **look)
            line.set_gid(f"curve-{k + 1}")
            entries.append((Line2D([], [], dash_capstyle="butt", **look), str(name)))
        axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, zorder=2, gid="evenness")
        entries.append((Line2D([], [], color=GREY, linewidth=0.8), say("access.equal")))
        finish(
            axes,
            title=say("access.curves") if title is None else title,
            caption=sentences([say("access.above")]) if caption is None else caption,
            ratio=1.0,
            own=own,
            ink=ink,
            legend=add_key(axes, entries, ink),
            place="below",
            square=True,
        )
    return axes


# meeting -------------------------------------------------------------------------------


def prepare_meeting(result: Meeting) -> pd.DataFrame:
    """Return what the plot of settings shows.

    Parameters
    ----------
    result : Meeting
        From `segregate.meeting`.

    Returns
    -------
    DataFrame
        A row per group, or pair, and setting: ``row`` (its number), ``label``, ``setting``, ``value``, ``home``,
        ``mixing`` and ``first`` (whether the row begins a group). Where there are more than 40 pairs, only how much
        each group meets itself is kept.

    Raises
    ------
    DataError
        When nothing has a value.

    Examples
    --------
    >>> import numpy as np
    >>> import segregate as sg
    >>> found = sg.meeting(sg.sample("schools"), {"everywhere": sg.Flows(np.ones((40, 3)))}, "H")
    >>> sg.plot.prepare_meeting(found)["setting"].to_list()
    ['home', 'everywhere']
    """
    _checked(result, Meeting, "meeting")
    table = result.table
    own = table["group"] == table["versus"]
    pairs = table[["group", "versus"]].drop_duplicates()
    if len(pairs) > MOST and own.any():
        table = table[own]
    if not table["value"].notna().any():
        raise DataError(f"No setting has a value, so there is nothing to draw: {table['message'].iloc[0]}.")
    names: list[tuple[str, str]] = list(zip(table["group"], table["versus"], strict=True))
    order = {pair: k for k, pair in enumerate(dict.fromkeys(names))}
    shown = table.assign(row=[order[pair] for pair in names], label=[_pair(result, *pair) for pair in names])
    kept = shown[["row", "label", "group", "setting", "value", "home", "mixing"]].sort_values("row", kind="stable")
    kept["first"] = kept["group"] != kept["group"].shift()
    return kept.drop(columns="group").reset_index(drop=True)


def _pair(result: Meeting, group: str, versus: str) -> str:
    if not group:
        return index_title(str(result.rows["index"].iloc[0]))
    if not versus:
        return group
    if result.rows["index"].iloc[0] == "exposure":
        return say("meeting.meets", group=group, other=versus)
    return say("about.pair", group=group, versus=versus_named(versus))


def draw_meeting(
    result: Meeting,
    *,
    title: str | None = None,
    caption: str | None = None,
    ax: Axes | None = None,
    width: float | None = None,
    managed: bool = True,
) -> Axes:
    """Draw whom people meet in each setting, between home and a city in which everybody meets everybody.

    Parameters
    ----------
    result : Meeting
        From `segregate.meeting`.
    title, caption, ax, width, managed
        As in `draw_access`.

    Returns
    -------
    Axes
        Each row has a hollow dot for home, a line for mixing, and a sign per setting.
    """
    shown = prepare_meeting(result)
    settings = [name for name in dict.fromkeys(shown["setting"]) if name != HOME]
    with drawing(ax, width, managed, WIDTH) as (axes, own):
        index = str(result.rows["index"].iloc[0])
        ink = dress(axes, index_title(index), "", own=own)
        axes.set_xlim(*limits_of(shown[["value", "home", "mixing"]].to_numpy()))
        rows = shown.drop_duplicates("row")
        places = lay_rows(axes, rows["label"].tolist(), [""] * len(rows), rows["first"].tolist(), own=own)
        number_ticks(axes.xaxis, most=6)
        low = axes.get_xlim()[0]
        for (_, row), at in zip(shown.groupby("row", sort=False), places, strict=True):
            home, mixed = float(row["home"].iloc[0]), float(row["mixing"].iloc[0])
            axes.plot(
                [low, min(home, mixed)], [at, at], color=GUIDE, linewidth=0.5, dashes=(1, 3), zorder=0.5, gid="guide"
            )
            axes.plot([home, mixed], [at, at], color=GUIDE, linewidth=1.2, zorder=1, gid="way")
            axes.plot([mixed], [at], marker="|", markersize=9, color=GREY, markeredgewidth=1.5, zorder=2, gid="mixing")
            (dot,) = axes.plot([home], [at], marker="o", markersize=6, color=ink, zorder=3, gid="home")
            dot.set(markerfacecolor="white")
            for name, value in zip(row["setting"], row["value"], strict=True):
                if name in settings and np.isfinite(value):
                    axes.plot([value], [at], zorder=4, gid="setting", linestyle="", **_sign(settings.index(name)))
        entries: list[tuple[Artist, str]] = [
            (
                Line2D([], [], linestyle="", marker="o", markersize=6, color=ink, markerfacecolor="white"),
                say("meeting.home"),
            )
        ]
        entries += [(Line2D([], [], linestyle="", **_sign(k)), name) for k, name in enumerate(settings)]
        bar = Line2D([], [], linestyle="", marker="|", markersize=9, color=GREY, markeredgewidth=1.5)
        entries.append((bar, say("meeting.mixing")))
        said = [say("meeting.said")]
        many = result.rows[["group", "versus"]].drop_duplicates().shape[0]
        if many > len(rows):
            said.append(say("meeting.own", n=many))
        kinds = result.rows.drop_duplicates("setting")
        where = [
            f"{row.setting}: {environment_named(row.environment)}" for row in kinds.itertuples() if row.setting != HOME
        ]
        said += [", ".join(where), *map(opened, result.notes)]
        if result.about.get("source"):
            said.append(say("about.source", source=result.about["source"]))
        finish(
            axes,
            title=say("meeting.title", what=index_title(index)) if title is None else title,
            caption=sentences(said) if caption is None else caption,
            ratio=ratio_of(axes, own),
            own=own,
            ink=ink,
            legend=add_key(axes, entries, ink, columns=columns_of(axes, own)),
            inside=True,
            rows=True,
        )
        number_ticks(axes.xaxis, most=6)
    return axes


def _sign(k: int) -> dict[str, Any]:
    return {"marker": MARKERS[k % len(MARKERS)], "markersize": 5.5, "color": LINES[k % len(LINES)]}
