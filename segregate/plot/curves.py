"""The segregation curve."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from ..errors import DataError, ParameterError, UnknownNameError, nearest
from ..population import Population
from ._axes import (
    DASHES,
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
from ._palettes import category_colours
from ._save import SavePath
from ._style import Size
from ._words import marked, say, translated

__all__ = ["PreparedCurves", "draw_segregation_curve", "prepare_segregation_curve", "segregation_curve"]

Floats = npt.NDArray[np.float64]
WIDTH = 5.0
"""Width of a new figure in inches."""
MOST = len(LINES)
"""Most curves in one plot."""
REST = "everybody else"


@dataclass(frozen=True)
class PreparedCurves:
    """What `draw_segregation_curve` draws.

    Attributes
    ----------
    table : DataFrame
        One row per step of a curve, and one for its start: ``curve`` (label), ``share`` (of the group among the people
        of the two groups in these units, NaN at the start), ``units``, ``people`` (of the two groups), ``other_share``
        and ``group_share`` (cumulative, from 0 to 1).
    curves : DataFrame
        One row per curve: ``curve``, ``population``, ``group``, ``other``, ``dissimilarity`` (greatest vertical
        distance from the diagonal), ``gini`` (twice the area), ``at_other`` and ``at_group`` (where that distance is),
        ``color``.
    title, caption, x_label, y_label : str
        Texts.
    """

    table: pd.DataFrame
    curves: pd.DataFrame
    title: str
    caption: str
    x_label: str
    y_label: str


def prepare_segregation_curve(
    pop: Population | Mapping[str, Population],
    *,
    group: str | Sequence[str] | None = None,
    other: str | None = None,
    palette: str | Sequence[str] | None = None,
    title: str | None = None,
    caption: str | None = None,
) -> PreparedCurves:
    r"""Return the steps of segregation curves.

    Units are sorted by the ratio of the two groups, and units of one ratio make one step. With x_k and y_k members of
    the group and of the other in step k, X_k and Y_k cumulative shares,

    .. math:: D = \max_k (Y_k - X_k), \qquad G = 1 - \sum_k (Y_k - Y_{k-1}) (X_k + X_{k-1})

    are `segregate.dissimilarity` and `segregate.gini` of the two groups.

    Parameters
    ----------
    pop : Population or mapping from label to Population
        One city, or several (cities, years) to compare. The curve counts people on both axes, so an environment has
        no place in it.
    group : str or list of str, optional
        The group; several make several curves. By default every group (of two, the first).
    other : str, optional
        The group to compare with; by default everybody else.
    palette : str or sequence of colours, optional
        A palette for categories, or one colour per curve.
    title, caption : str, optional
        Texts in place of those written from what was computed; ``""`` for none.

    Returns
    -------
    PreparedCurves

    Raises
    ------
    ParameterError
        Within an environment, for more than 7 curves, and for a group compared with itself.
    UnknownNameError
        For a group that is not there.
    DataError
        When no curve is left, because nobody is of a group. Of several curves those without people are left out, which
        the caption says.

    Examples
    --------
    >>> import segregate as sg
    >>> prepared = sg.plot.prepare_segregation_curve(sg.sample("sacramento"), group="hisp", other="white")
    >>> prepared.curves[["curve", "dissimilarity", "gini"]].round(4)
      curve  dissimilarity    gini
    0  hisp         0.4041  0.5283
    """
    populations = _populations(pop)
    pairs = {label: _pairs(one, group, other, label) for label, one in populations.items()}
    number = sum(map(len, pairs.values()))
    if number > MOST:
        raise ParameterError(
            f"{number} curves were asked for, and no more than {MOST} can be told apart in one plot. Name fewer "
            "groups with group=, or give fewer populations."
        )
    steps, rows, empty, without = [], [], [], []
    for label, found in pairs.items():
        for one, against in found:
            parts = [label] if len(populations) > 1 else []
            name = ": ".join([*parts, one] if not parts or max(map(len, pairs.values())) > 1 else parts)
            members, others = _counts(populations[label], one, against)
            missing = [which for which, people in ((one, members), (against, others)) if not people.any()]
            if missing:
                empty.append(f"{name}: no curve, nobody is of {' or '.join(map(repr, missing))}")
                of = say("curve.or").join(repr(translated(which, "curve")) for which in missing)
                without.append(say("curve.nobody", curve=name, groups=of))
                continue
            table, summary = _steps(members, others)
            steps.append(table.assign(curve=name))
            rows.append({"curve": name, "population": label, "group": one, "other": against, **summary})
    if not rows:
        raise DataError(f"There is no segregation curve to draw. {'; '.join(empty)}.")
    curves = pd.DataFrame(rows)
    measured = {label: _compared(one, pairs[label]) for label, one in populations.items()}
    curves["color"] = LINES[: len(rows)] if palette is None else category_colours(palette, len(rows), ordered=False)[1]
    columns = ["curve", "share", "units", "people", "other_share", "group_share"]
    groups, against_all = list(dict.fromkeys(curves["group"])), list(dict.fromkeys(curves["other"]))
    against = translated(against_all[0], "curve") if len(against_all) == 1 else say("curve.the_other")
    about = groups[0] if len(groups) == 1 else say("count.group", n=len(groups))
    what = say("curve.title" if len(rows) == 1 else "curve.titles", group=about, other=against)
    return PreparedCurves(
        table=pd.concat(steps, ignore_index=True)[columns],
        curves=curves,
        title=what if title is None else title,
        caption=caption_for(measured, what, notes=without) if caption is None else caption,
        x_label=say("curve.axis", group=against),
        y_label=say("curve.axis", group=groups[0] if len(groups) == 1 else say("curve.the_group")),
    )


def _populations(pop: Population | Mapping[str, Population]) -> dict[str, Population]:
    """Return populations by label, at home."""
    if isinstance(pop, Population):
        populations = {"": pop}
    elif isinstance(pop, Mapping) and pop and all(isinstance(one, Population) for one in pop.values()):
        populations = {str(label): one for label, one in pop.items()}
        if len(populations) < len(pop):
            raise ParameterError(f"Two populations have one label: {', '.join(map(repr, pop))}.")
    else:
        raise ParameterError(
            f"A segregation curve is drawn of a Population, or of {{label: Population, ...}}, not of {pop!r}."
        )
    for one in populations.values():
        if not one.at_home:
            raise ParameterError(
                "A segregation curve counts the people of two groups on its axes and has a meaning only at home, where "
                "people meet those of their own unit. Take the population without its environment: population.home()."
            )
    return populations


def _pairs(
    population: Population, group: str | Sequence[str] | None, other: str | None, label: str
) -> list[tuple[str, str]]:
    """Return the groups and what each is compared with."""
    names = population.groups
    where = f" in {label!r}" if label else ""
    wanted = [group] if isinstance(group, str) else list(group) if group is not None else None
    if wanted is not None and (not wanted or len(set(wanted)) < len(wanted)):
        raise ParameterError(f"group= is a group, or a list of different groups, not {group!r}.")
    for word, found in (("group", wanted or []), ("other", [other] if other is not None else [])):
        for name in found:
            if name not in names:
                raise UnknownNameError(f"{word}={name!r} is not a group{where}. {nearest(name, names)}")
    if wanted is not None and other in wanted:
        raise ParameterError(f"group= and other= are both {other!r}; a curve compares two groups.")
    if len(names) < 2:
        raise ParameterError(f"There is one group only{where} ({names[0]!r}); a curve compares two.")
    if wanted is None:
        wanted = [name for name in names if name != other]
        wanted = wanted[:1] if len(names) == 2 else wanted
    if len(names) == 2:
        return [(name, next(rest for rest in names if rest != name)) for name in wanted]
    return [(name, REST if other is None else other) for name in wanted]


def _compared(population: Population, pairs: Sequence[tuple[str, str]]) -> Population:
    """Return the people who are on one of the curves."""
    names = {name for pair in pairs for name in pair}
    if REST in names - set(population.groups):
        return population
    return population.select(*(name for name in population.groups if name in names))


def _counts(population: Population, group: str, other: str) -> tuple[Floats, Floats]:
    """Return members of the group and of the other in each unit."""
    at = population.groups.index(group)
    counts = population.counts
    if other in population.groups:
        return counts[:, at], counts[:, population.groups.index(other)]
    return counts[:, at], np.delete(counts, at, axis=1).sum(axis=1)


def _steps(members: Floats, others: Floats) -> tuple[pd.DataFrame, dict[str, float]]:
    """Sort units by the ratio of the two groups, merge those of one ratio, and cumulate."""
    some = (members > 0) | (others > 0)
    x, y = members[some], others[some]
    ratio = np.divide(x, y, out=np.full(len(x), np.inf), where=y > 0)
    _, step = np.unique(ratio, return_inverse=True)
    table = pd.DataFrame({"units": np.bincount(step)})
    x = np.bincount(step, weights=x).astype(np.float64)
    y = np.bincount(step, weights=y).astype(np.float64)
    table["people"] = x + y
    table["share"] = x / (x + y)
    table["group_share"] = np.cumsum(x) / x.sum()
    table["other_share"] = np.cumsum(y) / y.sum()
    start = pd.DataFrame({"units": [0], "people": [0.0], "share": [np.nan], "group_share": [0.0], "other_share": [0.0]})
    table = pd.concat([start, table], ignore_index=True)
    up, along = table["group_share"].to_numpy(), table["other_share"].to_numpy()
    at = int(np.argmax(along - up))
    gini = 1 - float((np.diff(along) * (up[1:] + up[:-1])).sum())
    summary = {
        "dissimilarity": float(along[at] - up[at]),
        "gini": gini,
        "at_other": float(along[at]),
        "at_group": float(up[at]),
    }
    return table, summary


def draw_segregation_curve(
    prepared: PreparedCurves, *, ax: Axes | None = None, width: float | None = None, managed: bool = True
) -> Axes:
    """Draw segregation curves.

    Parameters
    ----------
    prepared : PreparedCurves
        From `prepare_segregation_curve`.
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
        Text has 8 and 10 points. The legend stands over the diagonal, where no curve runs, or under the plot.

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
        single = len(prepared.curves) == 1
        entries: list[tuple[Artist, str]] = []
        for k in range(len(prepared.curves)):
            row = prepared.curves.iloc[k]
            steps = prepared.table[prepared.table["curve"] == row["curve"]]
            along, up = steps["other_share"].to_numpy(), steps["group_share"].to_numpy()
            if single:
                axes.fill_between(along, up, along, color=SHADE, linewidth=0, gid="area")
            x, low, colour = float(row["at_other"]), float(row["at_group"]), str(row["color"])
            (gap,) = axes.plot([x, x], [low, x], color=colour, linewidth=1.0, marker="o", markersize=4, markevery=[0])
            gap.set(gid=f"distance-{k + 1}", zorder=2.2, solid_capstyle="butt")
            (line,) = axes.plot(along, up, color=colour, linewidth=1.6, clip_on=False, zorder=3)
            line.set(gid=f"curve-{k + 1}", dashes=DASHES[k], dash_capstyle="butt", solid_joinstyle="round")
            sign = Line2D([], [], color=colour, linewidth=1.6, dashes=DASHES[k], dash_capstyle="butt")
            said = ", ".join(
                f"{symbol}\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{marked(format(row[name], '.3f'))}"
                for symbol, name in (("D", "dissimilarity"), ("G", "gini"))
            )
            entries.append((sign, f"{row['curve']}: {said}"))
        (even,) = axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, zorder=2.1, gid="evenness")
        upright = str(prepared.curves["color"].iloc[0]) if single else ink
        entries.append((Line2D([], [], color=upright, linewidth=1.0), say("curve.distance")))
        if single:
            entries.append((Patch(facecolor=SHADE), say("curve.area")))
        entries.append((Line2D([], [], color=even.get_color(), linewidth=0.8), say("curve.even")))
        legend = add_key(axes, entries, ink)

        finish(
            axes,
            title=prepared.title,
            caption=prepared.caption,
            ratio=1.0,
            own=own,
            ink=ink,
            legend=legend,
            place="corner",
            square=True,
        )
    return axes


def segregation_curve(
    pop: Population | Mapping[str, Population],
    *,
    group: str | Sequence[str] | None = None,
    other: str | None = None,
    palette: str | Sequence[str] | None = None,
    title: str | None = None,
    caption: str | None = None,
    ax: Axes | None = None,
    width: float | None = None,
    managed: bool = True,
    save: SavePath | Iterable[SavePath] | None = None,
    size: Size | None = None,
    language: str | None = None,
) -> Axes:
    """Draw how evenly two groups are spread over the units: the segregation curve, a Lorenz curve.

    Units are sorted by the ratio of a group to another. The curve shows the cumulative share of the one against that
    of the other; where all units have one composition it is the diagonal. The greatest vertical distance between them
    is the index of dissimilarity D, twice the area the Gini index G. `prepare_segregation_curve` followed by
    `draw_segregation_curve`.

    Parameters
    ----------
    pop : Population or mapping from label to Population
        One city, or several (cities, years), each with its curve. The curve has a meaning only at home.
    group : str or list of str, optional
        The group; several make several curves. By default every group (of two, the first).
    other : str, optional
        The group to compare with; by default everybody else.
    palette : str or sequence of colours, optional
        A palette for categories, or one colour per curve. Lines differ in their pattern too.
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
        See `prepare_segregation_curve` and `draw_segregation_curve`; ParameterError when a file cannot be saved there.

    References
    ----------
    Duncan and Duncan (1955), doi:10.2307/2088328.

    Examples
    --------
    >>> import segregate as sg
    >>> ax = sg.plot.segregation_curve(sg.sample("sacramento"), group="hisp", managed=False)
    >>> ax.get_title(loc="left")
    'Segregation curve of hisp against everybody else'
    """

    def draw() -> Axes:
        prepared = prepare_segregation_curve(
            pop, group=group, other=other, palette=palette, title=title, caption=caption
        )
        return draw_segregation_curve(prepared, ax=ax, width=width, managed=managed)

    return one_call(draw, save=save, size=size, language=language, ax=ax, width=width, managed=managed)
