"""Profiles over scale, and how a value changes with choices."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

from .._profile import Profile
from .._sensitivity import Sensitivity
from ..errors import ParameterError
from ._axes import DASHES, GUIDE, LINES, add_key, drawing, dress, finish, one_call, settle
from ._numerals import number_ticks
from ._save import SavePath
from ._style import SMALL, Size, page_of, pt
from ._words import index_title, level_of, marked, number_ticks_of, opened, say, translated, units

__all__ = [
    "draw_profile",
    "draw_sensitivity",
    "prepare_profile",
    "prepare_sensitivity",
    "profile",
]

WIDTH = 6.0
"""Width of a new figure in inches."""
RATIO = 0.62
ROW = 15.0
"""Points from one choice to the next."""


def prepare_profile(profile: Profile | Mapping[str, Profile]) -> pd.DataFrame:
    """Return what a plot of profiles shows.

    Parameters
    ----------
    profile : Profile, or mapping from label to Profile
        From `segregate.profile`; of several, all over radii or all over people.

    Returns
    -------
    DataFrame
        One row per line and scale: ``line`` (its label), ``scale``, ``value`` (NaN where undefined), and ``low`` and
        ``high`` where the profile has an interval.

    Raises
    ------
    ParameterError
        For anything else, and where profiles over radii and over people are mixed.
    """
    profiles = {"": profile} if isinstance(profile, Profile) else dict(profile) if isinstance(profile, Mapping) else {}
    if not profiles or not all(isinstance(one, Profile) for one in profiles.values()):
        raise ParameterError("A plot of profiles shows what segregate.profile returns, or {label: profile, ...}.")
    if len({one.scale for one in profiles.values()}) > 1:
        raise ParameterError("Profiles over radii and over people have no common axis; draw them apart.")
    parts = []
    for label, one in profiles.items():
        table = one.table
        if not len(table):
            raise ParameterError("This profile has local indices only; map them: sg.plot.map of each scale.")
        named = table["index"].nunique() > 1 or len(profiles) == 1
        of_group = table[["group", "versus"]].drop_duplicates().shape[0] > 1 or table["group"].ne("").any()
        words = pd.Series(str(label), index=table.index)
        if named:
            words += " " + table["index"].map(index_title)
        if of_group:
            words += " " + table["group"].where(table["group"] != str(label), "")
        different = table.groupby("index")["params"].transform("nunique") > 1
        words = words.where(~different, words + " " + table["params"])
        line = words.str.split().str.join(" ")
        part = pd.DataFrame({"line": line, "scale": table[one.scale], "value": table["value"]})
        for bound in ("low", "high"):
            if bound in table:
                part[bound] = table[bound]
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def draw_profile(
    profile: Profile | Mapping[str, Profile],
    *,
    title: str | None = None,
    caption: str | None = None,
    ax: Axes | None = None,
    width: float | None = None,
    managed: bool = True,
) -> Axes:
    """Draw profiles over scale.

    Parameters
    ----------
    profile : Profile, or mapping from label to Profile
        From `segregate.profile`.
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
        Scale on a linear axis; 0 is home. Bands are the intervals of ``segregate.bootstrap(profile)``; the caption
        names their level. Text has 8 and 10 points.
    """
    shown = prepare_profile(profile)
    first: Profile = profile if isinstance(profile, Profile) else next(iter(profile.values()))
    lines = list(dict.fromkeys(shown["line"]))
    if len(lines) > len(LINES):
        raise ParameterError(f"{len(lines)} lines cannot be told apart in one plot; draw {len(LINES)} at the most.")
    with drawing(ax, width, managed, WIDTH) as (axes, own):
        ink = dress(axes, _scale_label(first), say("axis.value"), own=own)
        entries: list[tuple[Artist, str]] = []
        for k, name in enumerate(lines):
            rows = shown[shown["line"] == name]
            at, value = rows["scale"].to_numpy(), rows["value"].to_numpy(dtype=float)
            if {"low", "high"} <= set(rows.columns):
                low, high = (rows[bound].to_numpy(dtype=float) for bound in ("low", "high"))
                axes.fill_between(at, low, high, color=LINES[k], alpha=0.18, linewidth=0, gid=f"band-{k + 1}")
            style: dict[str, Any] = {"color": LINES[k], "linewidth": 1.6, "dashes": DASHES[k], "marker": "o"}
            style |= {"markersize": 3.5, "dash_capstyle": "butt"}
            (line,) = axes.plot(at, value, zorder=3, **style)
            line.set_gid(f"line-{k + 1}")
            entries.append((Line2D([], [], **style), name))
        ends = shown[shown.columns.intersection(["value", "low", "high"])].to_numpy(dtype=float)
        low, high = float(np.nanmin(ends, initial=0.0)), float(np.nanmax(ends, initial=-np.inf))
        margin = 0.05 * ((high - low) or 1.0)
        axes.set_ylim(low - (margin if low < 0 else 0.0), high + margin)
        axes.set_xlim(min(0.0, float(shown["scale"].min())), float(shown["scale"].max()) * 1.02)
        settle(axes.yaxis)
        settle(axes.xaxis)
        axes.xaxis.set_major_formatter(FuncFormatter(_ticks(home=bool((shown["scale"] == 0).any()))))
        finish(
            axes,
            title=_title(first, lines) if title is None else title,
            caption=_caption(first, _bands(profile)) if caption is None else caption,
            ratio=RATIO,
            own=own,
            ink=ink,
            legend=add_key(axes, entries, ink) if len(lines) > 1 else None,
            place="below",
        )
    return axes


def profile(
    profile: Profile | Mapping[str, Profile],
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
    """Draw profiles over scale, and save the plot.

    Parameters
    ----------
    profile : Profile, or mapping from label to Profile
        From `segregate.profile`; several cities, years or groups share the axes.
    title, caption, ax, width, managed
        As in `draw_profile`.
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
    >>> city = sg.sample("sacramento").select("white", "black", "asian", "hisp")
    >>> ax = sg.plot.profile(sg.profile(city, "H"), managed=False)
    >>> ax.get_title(loc="left")
    'Information theory by scale'
    """

    def draw() -> Axes:
        return draw_profile(profile, title=title, caption=caption, ax=ax, width=width, managed=managed)

    return one_call(draw, save=save, size=size, language=language, ax=ax, width=width, managed=managed)


def _ticks(*, home: bool) -> Callable[[float, object], str]:
    """Return what writes scales; 0 may be home."""
    word, write = say("scale.home"), number_ticks_of(",.0f")
    return lambda value, position: word if home and value == 0 else write(value, position)


def _scale_label(one: Profile) -> str:
    return say("scale.radius" if one.scale == "radius" else "scale.people")


def _title(one: Profile, lines: list[str]) -> str:
    indices = list(dict.fromkeys(one.table["index"].map(index_title)))
    groups = list(dict.fromkeys(one.table["group"]))
    group = say("about.of", group=groups[0]) if len(groups) == 1 and groups[0] and len(lines) == 1 else ""
    return say("scale.title", what=f"{indices[0] if len(indices) == 1 else say('axis.segregation')}{group}")


def _bands(profile: Profile | Mapping[str, Profile]) -> str:
    """Say what the bands are."""
    profiles = {"": profile} if isinstance(profile, Profile) else dict(profile)
    said: dict[str, list[str]] = {}
    for label, one in profiles.items():
        how = one.about.get("interval")
        if how:
            kind, resample = translated(how["interval"], "interval_kind"), translated(how["resample"], "resample")
            text = say("scale.intervals", level=level_of(how["level"]), kind=kind, resample=resample)
            said.setdefault(text, []).append(str(label))
    if len(said) == 1 and len(next(iter(said.values()))) == len(profiles):
        return f" {say('scale.bands', intervals=next(iter(said)))}."
    return "".join(
        f" {say('scale.bands_of', lines=', '.join(labels), intervals=text)}." for text, labels in said.items()
    )


def _caption(one: Profile, bands: str) -> str:
    about = one.about
    shape = translated(str(about["shape"]), "shape")
    what = say("scale.kernel", shape=shape) if one.scale == "radius" else say("scale.nearest")
    source = say("about.source", source=about["source"]) if about["source"] else say("scale.no_source")
    notes = "".join(f" {opened(note)}." for note in about["notes"])
    groups = say("about.groups", groups=", ".join(about["groups"]))
    people = say("count.people.other", n=marked(f"{about['people']:,.10g}"))
    return f"{what}. {groups}. {units(about['units'])}, {people}.{bands}{notes} {source}."


# sensitivity ---------------------------------------------------------------------------


def prepare_sensitivity(result: Sensitivity) -> pd.DataFrame:
    """Return what a plot of a sensitivity shows.

    Parameters
    ----------
    result : Sensitivity
        From `segregate.sensitivity`.

    Returns
    -------
    DataFrame
        One row per choice, from top to bottom: ``aspect``, ``label``, ``base``, ``value`` and ``row``, its place; an
        aspect without values is left out.
    """
    if not isinstance(result, Sensitivity):
        raise ParameterError(f"This plot shows what segregate.sensitivity returns, not {type(result).__name__}.")
    shown = result.table[["aspect", "setting", "base", "value"]].rename(columns={"setting": "label"})
    shown = shown[shown.groupby("aspect")["value"].transform("count") > 0].reset_index(drop=True)
    new = shown["aspect"] != shown["aspect"].shift()
    shown["row"] = np.arange(len(shown)) + 0.8 * new.cumsum()
    return shown


def draw_sensitivity(
    result: Sensitivity,
    *,
    title: str | None = None,
    ax: Axes | None = None,
    width: float | None = None,
    managed: bool = True,
) -> Axes:
    """Draw the values of an index under other choices, one row a choice.

    Parameters
    ----------
    result : Sensitivity
        From `segregate.sensitivity`.
    title : str, optional
        In place of that written from what was computed; ``""`` for none.
    ax : Axes, optional
        Axes to draw in; as a rule a new figure.
    width : float, optional
        Width of a new figure in inches.
    managed : bool, optional
        Whether pyplot knows the new figure.

    Returns
    -------
    Axes
        A filled dot is the choice that the others of its aspect are compared with.
    """
    shown = prepare_sensitivity(result)
    if not len(shown):
        raise ParameterError("The index has no value under any choice, so there is nothing to draw.")
    of = say("about.of", group=result.group) if result.group else ""
    name = index_title(result.index)
    with drawing(ax, width, managed, WIDTH) as (axes, own):
        ink = dress(axes, f"{name}{of}", "", own=own)
        for aspect, rows in shown.groupby("aspect", sort=False):
            base = rows.loc[rows["base"], "value"]
            for value in base:
                ends = [rows["row"].min() - 0.4, rows["row"].max() + 0.4]
                axes.plot([value] * 2, ends, color=GUIDE, linewidth=0.8, zorder=1)
            for value, at, is_base in rows[["value", "row", "base"]].to_numpy().tolist():
                (dot,) = axes.plot([value], [at], marker="o", markersize=5.5, color=LINES[0], zorder=3)
                dot.set(markerfacecolor=LINES[0] if is_base else "white", gid="base" if is_base else "choice")
            axes.text(
                0,
                rows["row"].min() - 0.85,
                opened(translated(str(aspect), "aspect")),
                transform=axes.get_yaxis_transform(),
                fontsize=pt(SMALL),
                fontweight="bold",
                color=ink,
                va="center",
                ha="left",
                parse_math=False,
            )
        axes.set_yticks(shown["row"].to_numpy(), shown["label"].tolist())
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.set_ylim(float(shown["row"].max()) + 0.6, float(shown["row"].min()) - 1.5)
        height = pt(ROW) * (float(shown["row"].max()) + 1.5)
        if page_of() is not None:
            number_ticks(axes.xaxis, most=5)
        finish(
            axes,
            title=say("sensitivity.title", what=f"{name}{of}") if title is None else title,
            caption=say("sensitivity.caption"),
            ratio=height / (72 * (own or WIDTH) * 0.62),
            own=own,
            ink=ink,
            rows=True,
        )
    return axes
