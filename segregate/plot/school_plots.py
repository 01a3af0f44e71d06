"""Schools: where their segregation comes from, what each adds, and whom pupils meet."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ..errors import DataError, ParameterError
from ..population import REST
from ..schools.comparing_homes import Gap
from ..schools.school_views import Contribution, ExposureGap
from ._axes import GREY, GUIDE, LINES, drawing, dress, finish
from ._dumbbells import draw_dumbbells, limits_of, signed
from ._numerals import decimals, number, number_ticks
from ._rows import head_of, lay_rows, ratio_of
from ._words import environment_named, index_title, of_group, opened, percent, say, sentences, versus_named

__all__ = [
    "draw_contribution",
    "draw_exposure_gap",
    "draw_gap",
    "prepare_contribution",
    "prepare_exposure_gap",
    "prepare_gap",
]

WIDTH = 6.0
"""Width of a new figure in inches."""
COLOURS = {"residence": "#2a73a1", "zone drawing": "#df7f2d", "choice": "#6d9a3a"}
MOST = 30
"""Most rows of schools or districts."""
BAR = 0.62
"""Height of a bar, of that of its row."""


def prepare_gap(result: Gap) -> pd.DataFrame:
    """Return what the plot of schools against homes shows.

    Parameters
    ----------
    result : Gap
        From `segregate.schools.gap`.

    Returns
    -------
    DataFrame
        Rows from top to bottom: homes, three parts, schools; ``part``, ``start`` and ``end`` of the bar (the same for
        homes and schools), ``label``, ``text`` (the number) and ``colour``.

    Raises
    ------
    DataError
        When a part has no value.

    Examples
    --------
    >>> import segregate as sg
    >>> from segregate.testing import school_city
    >>> city = school_city(0, blocks=(6, 6), schools=3)
    >>> found = sg.schools.gap(city.schools, city.blocks, zones=city.zones)
    >>> sg.plot.prepare_gap(found)["part"].to_list()
    ['homes', 'residence', 'zone drawing', 'choice', 'schools']
    """
    if not isinstance(result, Gap):
        raise ParameterError(f"This plot shows what segregate.schools.gap returns, not {type(result).__name__}.")
    parts = {"residence": result.residence - result.homes, "zone drawing": result.zoning, "choice": result.choice}
    ends = result.homes + np.cumsum(list(parts.values()))
    if not np.isfinite([result.homes, *ends]).all():
        raise DataError("A part of the difference has no value, so there is nothing to draw.")
    every = [result.homes, *ends, result.schools]
    digits = decimals([max(every) - min(every)], every) + 1
    words = {"residence": "residence", "zone drawing": "zoning", "choice": "choice"}
    return pd.DataFrame(
        {
            "part": ["homes", *parts, "schools"],
            "start": [result.homes, result.homes, *ends[:-1], result.schools],
            "end": every,
            "label": [say("gap.homes"), *(say(f"gap.{words[part]}") for part in parts), say("gap.schools")],
            "text": [
                number(result.homes, digits),
                *(signed(value, digits) for value in parts.values()),
                number(result.schools, digits),
            ],
            "colour": [GREY, *COLOURS.values(), GREY],
        }
    )


def draw_gap(
    result: Gap,
    *,
    title: str | None = None,
    caption: str | None = None,
    ax: Axes | None = None,
    width: float | None = None,
    managed: bool = True,
) -> Axes:
    """Draw the way from the segregation of homes to that of schools, in its parts.

    Parameters
    ----------
    result : Gap
        From `segregate.schools.gap`.
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
        A dot for homes and for schools, and a bar for each part. The axis need not start at 0.
    """
    shown = prepare_gap(result)
    name = index_title(result.about["index"])
    said = [say("gap.assigned", value=number(result.zones, decimals([], [result.zones]))), *map(opened, result.notes)]
    with drawing(ax, width, managed, WIDTH) as (axes, own):
        ink = dress(axes, name, "", own=own)
        axes.set_xlim(*limits_of(shown[["start", "end"]].to_numpy()))
        first = [False] * len(shown)
        places = lay_rows(axes, shown["label"].tolist(), shown["text"].tolist(), first, own=own)
        number_ticks(axes.xaxis, most=6)
        rows = shown[["part", "start", "end", "colour"]].to_numpy().tolist()
        height = BAR * float(np.diff(places).min())
        for k, (part, start, end, colour) in enumerate(rows):
            if k + 1 < len(rows):
                axes.plot([end, end], [places[k], places[k + 1]], color=GUIDE, linewidth=0.8, zorder=1, gid="step")
            if part in COLOURS:
                (bar,) = axes.barh([places[k]], [end - start], height=height, left=start, color=colour, zorder=2)
                bar.set_gid("bar")
            else:
                axes.plot([end], [places[k]], marker="o", markersize=6, color=ink, zorder=3, clip_on=False, gid="dot")
        finish(
            axes,
            title=say("gap.title", what=f"{name}{of_group(result.about)}") if title is None else title,
            caption=sentences(said) if caption is None else caption,
            ratio=ratio_of(axes, own),
            own=own,
            ink=ink,
            inside=True,
            rows=True,
        )
        number_ticks(axes.xaxis, most=6)
    return axes


# what each school adds -----------------------------------------------------------------


def prepare_contribution(result: Contribution, *, most: int = MOST) -> pd.DataFrame:
    """Return what the plot of contributions shows.

    Parameters
    ----------
    result : Contribution
        From `segregate.schools.contribution`.
    most : int, optional
        How many schools, those that add the most first; where there are districts, of each as many as fit.

    Returns
    -------
    DataFrame
        A row per school: ``label``, ``district`` ("" without), ``contribution``, ``share``, ``text`` and ``first``.

    Raises
    ------
    DataError
        When no school has a value.

    Examples
    --------
    >>> import segregate as sg
    >>> found = sg.schools.contribution(sg.sample("schools"), "H", by="district")
    >>> sg.plot.prepare_contribution(found, most=4)["district"].to_list()
    ['Hills', 'North', 'River', 'South']
    """
    if not isinstance(result, Contribution):
        raise ParameterError(
            f"This plot shows what segregate.schools.contribution returns, not {type(result).__name__}."
        )
    if most < 1:
        raise ParameterError(f"most={most!r} is a number of schools, 1 or more.")
    table = result.table
    by = result.about["by"]
    table["district"] = table[by].astype(str) if by else ""
    known = table[table["contribution"].notna()]
    if not len(known):
        raise DataError("No school has a value, so there is nothing to draw.")
    each = max(1, most // known["district"].nunique())
    ordered = known.sort_values(["district", "contribution"], ascending=[True, False], kind="stable")
    shown = ordered.groupby("district", sort=True).head(each).head(most).reset_index(drop=True)
    digits = decimals(shown["contribution"], shown["contribution"])
    shares = [percent(share) if np.isfinite(share) else "" for share in shown["share"]]
    shown["text"] = [
        say("contribution.value", value=number(value, digits), share=share) if share else number(value, digits)
        for value, share in zip(shown["contribution"], shares, strict=True)
    ]
    shown["first"] = shown["district"] != shown["district"].shift()
    names = [str(name) for name in shown["school"]]
    called = result.population.attributes.get("school")
    if called is not None:
        names = [str(called.get(school, school)) for school in shown["school"]]
    shown["label"] = [
        f"{name} ({place})" if place else name for name, place in zip(names, shown["district"], strict=True)
    ]
    return shown[["label", "district", "contribution", "share", "text", "first"]]


def draw_contribution(
    result: Contribution,
    *,
    most: int = MOST,
    title: str | None = None,
    caption: str | None = None,
    ax: Axes | None = None,
    width: float | None = None,
    managed: bool = True,
) -> Axes:
    """Draw what each school adds to the segregation of its district, the most first.

    Parameters
    ----------
    result : Contribution
        From `segregate.schools.contribution`.
    most : int, optional
        How many schools.
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
        A bar per school, from 0.
    """
    shown = prepare_contribution(result, most=most)
    about = result.about
    with drawing(ax, width, managed, WIDTH) as (axes, own):
        key = "contribution.term" if result.method == "terms" else "contribution.without"
        ink = dress(axes, say(key, what=index_title(about["index"])), "", own=own)
        axes.set_xlim(*limits_of(shown["contribution"].to_numpy(), zero=True))
        places = lay_rows(axes, shown["label"].tolist(), shown["text"].tolist(), shown["first"].tolist(), own=own)
        number_ticks(axes.xaxis, most=6)
        heights = BAR * float(np.diff(places).min(initial=18.0))
        for value, at in zip(shown["contribution"], places, strict=True):
            (bar,) = axes.barh([at], [value], height=heights, color=LINES[0] if value >= 0 else GREY, zorder=2)
            bar.set_gid("bar")
        axes.axvline(0, color=GUIDE, linewidth=0.8, zorder=1, gid="zero")
        over = head_of(axes, say("contribution.head"), ink)
        finish(
            axes,
            title=say("contribution.title", what=f"{index_title(about['index'])}{of_group(about)}")
            if title is None
            else title,
            caption=_contribution_caption(result, len(shown)) if caption is None else caption,
            ratio=ratio_of(axes, own),
            own=own,
            ink=ink,
            over=over,
            inside=True,
            rows=True,
        )
        number_ticks(axes.xaxis, most=6)
    return axes


def _contribution_caption(result: Contribution, shown: int) -> str:
    many = int(result.rows["contribution"].notna().sum())
    said = [say(f"contribution.how.{result.method}")]
    if many > shown:
        said.append(say("contribution.most", n=shown, total=number(many, 0)))
    said.append(say("about.environment", environment=environment_named(result.about["environment"])))
    said += map(opened, result.notes)
    if result.population.source:
        said.append(say("about.source", source=result.population.source))
    return sentences(said)


# whom pupils meet ----------------------------------------------------------------------


def prepare_exposure_gap(result: ExposureGap) -> pd.DataFrame:
    """Return what the plot of exposure gaps shows.

    Parameters
    ----------
    result : ExposureGap
        From `segregate.schools.exposure_gap`.

    Returns
    -------
    DataFrame
        A row per district, the largest gap first: ``label``, ``start`` (what the others meet), ``end`` (what the group
        meets), ``gap``, ``text`` and ``first``. At most 30, those with the largest gaps.

    Examples
    --------
    >>> import segregate as sg
    >>> found = sg.schools.exposure_gap(sg.sample("schools"), "hispanic", by="district")
    >>> sg.plot.prepare_exposure_gap(found)["label"].to_list()
    ['Hills', 'North', 'River', 'South']
    """
    if not isinstance(result, ExposureGap):
        raise ParameterError(
            f"This plot shows what segregate.schools.exposure_gap returns, not {type(result).__name__}."
        )
    table = result.table
    by = result.about["by"]
    labels = table[by].astype(str) if by else pd.Series([say("exposure_gap.all")] * len(table))
    shown = pd.DataFrame({"label": labels, "start": table["others"], "end": table["own"], "gap": table["gap"]})
    shown = shown[shown["gap"].notna()].sort_values("gap", ascending=False, kind="stable").head(MOST)
    shown["text"] = [signed(100 * gap, 1) for gap in shown["gap"]]
    shown["first"] = False
    return shown.reset_index(drop=True)


def draw_exposure_gap(
    result: ExposureGap,
    *,
    title: str | None = None,
    caption: str | None = None,
    ax: Axes | None = None,
    width: float | None = None,
    managed: bool = True,
) -> Axes:
    """Draw the share of a group that the others meet, and that its members meet.

    Parameters
    ----------
    result : ExposureGap
        From `segregate.schools.exposure_gap`.
    title, caption, ax, width, managed
        As in `draw_contribution`.

    Returns
    -------
    Axes
        A row per district, the largest gap first.
    """
    shown = prepare_exposure_gap(result)
    about = result.about
    others = say("exposure_gap.rest") if about["other"] == REST else versus_named(about["other"])
    said = [say("exposure_gap.said")]
    known = int(result.rows["gap"].notna().sum())
    if known > len(shown):
        said.append(say("exposure_gap.most", n=len(shown), total=number(known, 0)))
    said += map(opened, result.notes)
    with drawing(ax, width, managed, WIDTH) as (axes, own):
        draw_dumbbells(
            axes,
            shown,
            own=own,
            axis=say("exposure_gap.axis", group=about["group"]),
            head=say("exposure_gap.head"),
            words=(say("exposure_gap.met_by", group=others), say("exposure_gap.met_by", group=about["group"])),
            title=say("exposure_gap.title", group=about["group"]) if title is None else title,
            caption=sentences(said) if caption is None else caption,
        )
    return axes
