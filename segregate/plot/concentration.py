"""Hong and Sadahiro's concentration profile, drawn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from .._segments import focal_positions
from ..errors import DataError, ParameterError
from ..population import Population
from ._axes import (
    GREY,
    LINES,
    SHADE,
    add_key,
    caption_for,
    drawing,
    dress,
    finish,
    one_call,
    percents,
)
from ._save import SavePath
from ._style import Size
from ._words import marked, people, percent, say

__all__ = ["PreparedProfile", "concentration_profile", "draw_concentration_profile", "prepare_concentration_profile"]

WIDTH = 5.2
"""Width of a new figure in inches."""
RATIO = 0.72
"""Height of its axes over their width."""


@dataclass(frozen=True)
class PreparedProfile:
    """What `draw_concentration_profile` draws.

    Attributes
    ----------
    table : DataFrame
        One row per step, from s = 0 to s = 1 without gaps: ``low`` and ``high`` (between which s lies), ``members``
        (v, the share of the group's members in units where the group is at least that share of the people met) and
        ``expected`` (v if all units had the city's composition: 1 up to P, 0 beyond).
    group : str
        The group.
    share : float
        P, its share of the city.
    value : float
        Area between ``members`` and ``expected``, divided by 1 - P: `segregate.concentration_profile`.
    title, caption, x_label, y_label : str
        Texts.
    """

    table: pd.DataFrame
    group: str
    share: float
    value: float
    title: str
    caption: str
    x_label: str
    y_label: str


def prepare_concentration_profile(
    pop: Population, *, group: str | None = None, title: str | None = None, caption: str | None = None
) -> PreparedProfile:
    """Return the steps of the concentration profile of a group.

    Parameters
    ----------
    pop : Population
        Two or more groups; within an environment the composition is that of the people met.
    group : str, optional
        The group; with exactly two groups, the first by default.
    title, caption : str, optional
        Texts in place of those written from what was computed; ``""`` for none.

    Returns
    -------
    PreparedProfile

    Raises
    ------
    ParameterError
        When no group is named and there are more than two.
    UnknownNameError
        For a group that is not there.
    DataError
        When nobody is of the group, or everybody, or none of its members meet anybody.

    Examples
    --------
    >>> import segregate as sg
    >>> prepared = sg.plot.prepare_concentration_profile(sg.sample("sacramento"), group="hisp")
    >>> table = prepared.table
    >>> area = ((table["high"] - table["low"]) * (table["members"] - table["expected"]).abs()).sum()
    >>> print(f"{area / (1 - prepared.share):.4f}")
    0.1481
    """
    if not isinstance(pop, Population):
        raise ParameterError(f"A concentration profile is drawn of a Population, not of {pop!r}.")
    (at,) = focal_positions(pop.groups, (group,))
    name, segments = pop.groups[at], pop.segments
    share, others = float(segments.shares[0, at]), float(np.delete(segments.shares[0], at).sum())
    members = segments.counts[:, at]
    if not members.any():
        raise DataError(f"Nobody is of group {name!r}, so there is no profile to draw.")
    if not others > 0:
        raise DataError(f"Everybody is of group {name!r}, so there is no profile to draw.")
    notes = []
    alone = segments.stranded
    if alone.any():
        members = members * ~alone
        notes = [
            say(
                "concentration.left_out",
                n=int(alone.sum()),
                lost=people(pop.counts[alone, at].sum()),
                members=people(pop.counts[:, at].sum()),
            )
        ]
        if not members.any():
            raise DataError(f"No member of group {name!r} meets anybody, so there is no profile to draw.")
    own = segments.composition[:, at]
    place, unit = np.unique(own[members > 0], return_inverse=True)
    weight = np.bincount(unit, weights=members[members > 0])
    beyond = np.cumsum(weight[::-1])[::-1] / weight.sum()
    edges = np.unique(np.concatenate([[0.0, share, 1.0], place]))
    v = np.append(beyond, 0.0)[np.searchsorted(place, edges[1:])]
    table = pd.DataFrame({"low": edges[:-1], "high": edges[1:], "members": v})
    table["expected"] = (table["high"] <= share).astype(np.float64)
    area = ((table["high"] - table["low"]) * (table["members"] - table["expected"]).abs()).sum()
    what = say("concentration.title", group=name)
    met = say("concentration.home" if pop.at_home else "concentration.met")
    return PreparedProfile(
        table=table,
        group=name,
        share=share,
        value=float(area / others),
        title=what if title is None else title,
        caption=caption_for({"": pop}, what, notes=notes) if caption is None else caption,
        x_label=say("concentration.x", group=name, among=met),
        y_label=say("concentration.y", group=name),
    )


def draw_concentration_profile(
    prepared: PreparedProfile, *, ax: Axes | None = None, width: float | None = None, managed: bool = True
) -> Axes:
    """Draw a concentration profile.

    Parameters
    ----------
    prepared : PreparedProfile
        From `prepare_concentration_profile`.
    ax : Axes, optional
        Axes to draw in; room for title, caption and legend is taken from their place. As a rule a new figure.
    width : float, optional
        Width of a new figure in inches; its height follows from it.
    managed : bool, optional
        Whether pyplot knows the new figure.

    Returns
    -------
    Axes
        Text has 8 and 10 points.

    Raises
    ------
    ParameterError
        When arguments contradict each other or cannot be used.
    """
    with drawing(ax, width, managed, WIDTH) as (axes, own):
        ink = dress(axes, prepared.x_label, prepared.y_label, own=own)
        axes.set(xlim=(0, 1), ylim=(0, 1))
        percents(axes.xaxis)
        percents(axes.yaxis)
        table = prepared.table
        edges = np.append(table["low"].to_numpy(), 1.0)
        members, expected = table["members"].to_numpy(), table["expected"].to_numpy()
        axes.stairs(members, edges, baseline=expected, fill=True, color=SHADE, linewidth=0, gid="area")
        # beginning at the axis, the curve falls to it in the end
        axes.plot(
            np.repeat(edges, 2)[1:],
            np.append(np.repeat(members, 2), 0.0),
            color=LINES[0],
            linewidth=1.6,
            clip_on=False,
            zorder=3,
            solid_joinstyle="miter",
            gid="profile",
        )
        axes.plot(
            [0, prepared.share, prepared.share, 1],
            [1, 1, 0, 0],
            color=GREY,
            linewidth=1.2,
            dashes=(4, 2),
            clip_on=False,
            zorder=2.5,
            gid="expected",
        )
        entries = [
            (Line2D([], [], color=LINES[0], linewidth=1.6), say("concentration.members", group=prepared.group)),
            (
                Line2D([], [], color=GREY, linewidth=1.2, dashes=(4, 2)),
                say("concentration.even", share=percent(prepared.share)),
            ),
            (
                Patch(facecolor=SHADE),
                say("concentration.area", value=marked(f"{prepared.value:.3f}")),
            ),
        ]
        legend = add_key(axes, entries, ink)
        finish(axes, title=prepared.title, caption=prepared.caption, ratio=RATIO, own=own, ink=ink, legend=legend)
    return axes


def concentration_profile(
    pop: Population,
    *,
    group: str | None = None,
    title: str | None = None,
    caption: str | None = None,
    ax: Axes | None = None,
    width: float | None = None,
    managed: bool = True,
    save: SavePath | Iterable[SavePath] | None = None,
    size: Size | None = None,
    language: str | None = None,
) -> Axes:
    """Draw in what company the members of a group live: Hong and Sadahiro's concentration profile.

    The curve shows, for every share s, which part of the group's members live in units where the group is at least s
    of the people met. If all units had the city's composition, it would be 1 up to the group's share of the city and
    0 beyond; the area between, as part of the greatest there can be, is `segregate.concentration_profile`.
    `prepare_concentration_profile` followed by `draw_concentration_profile`.

    Parameters
    ----------
    pop : Population
        Two or more groups; within an environment the composition is that of the people met.
    group : str, optional
        The group; with exactly two groups, the first by default.
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
        See `prepare_concentration_profile` and `draw_concentration_profile`; ParameterError when a file cannot be saved
        there.

    References
    ----------
    Hong and Sadahiro (2014), doi:10.1007/s10109-013-0190-0.

    Examples
    --------
    >>> import segregate as sg
    >>> ax = sg.plot.concentration_profile(sg.sample("sacramento"), group="hisp", managed=False)
    >>> ax.get_title(loc="left")
    'Concentration profile of hisp'
    """

    def draw() -> Axes:
        prepared = prepare_concentration_profile(pop, group=group, title=title, caption=caption)
        return draw_concentration_profile(prepared, ax=ax, width=width, managed=managed)

    return one_call(draw, save=save, size=size, language=language, ax=ax, width=width, managed=managed)
