"""Elbers and Gruijters' segplot: the composition of every unit side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import FuncFormatter, Locator, MaxNLocator, NullLocator

from .._measure import local
from .._regions import by_unit
from ..errors import DataError, ParameterError, first_of, have, plural
from ..indices.divergence import divergence
from ..population import Population
from ._axes import add_key, caption_for, drawing, dress, finish, one_call, percents
from ._layout import points_per_pixel
from ._palettes import MOST, NO_DATA, category_colours, hatches
from ._save import SavePath
from ._shapes import HATCH, HATCH_COLOUR, PATTERN_WIDTH, pattern_colour
from ._style import SMALL, Size, in_grey, pt
from ._words import number_ticks_of, percent, say
from ._words import people as number_of

__all__ = ["ORDERS", "PreparedSegplot", "draw_segplot", "prepare_segplot", "segplot"]

Floats = npt.NDArray[np.float64]
Order = Literal["majority", "segregation", "entropy"]
ORDERS = ("majority", "segregation", "entropy")
"""What units are sorted by."""
WIDTH = 7.0
"""Width of a new figure in inches."""
RATIO = 0.55
"""Height of its axes over their width."""
SPACE, BAR = 0.02, 0.05
"""White space before the bar at the side, and its width, over all people."""
TICK = 54.0
"""Least points from a number of people to the next."""
SEEN = 2.0
"""Points that the narrowest unit is wide where white lines stand between units."""


@dataclass(frozen=True)
class PreparedSegplot:
    """What `draw_segplot` draws.

    Attributes
    ----------
    table : DataFrame
        One row per unit with people and group, units in their order from left to right, groups from the bottom up:
        ``unit`` (its id), ``left`` and ``right`` (people, cumulative), ``people``, ``group``, ``share`` (NaN where the
        surroundings hold nobody), ``low`` and ``high`` (between which the share lies).
    reference : DataFrame
        The bar at the side: ``group``, ``share``, ``low``, ``high``, ``color``.
    reference_name : str
        What the bar is called.
    title, caption, x_label, y_label : str
        Texts.
    hatches : tuple of str
        Pattern of each group, "" for none; for black-and-white print only.
    """

    table: pd.DataFrame
    reference: pd.DataFrame
    reference_name: str
    title: str
    caption: str
    x_label: str
    y_label: str
    hatches: tuple[str, ...]


def prepare_segplot(
    pop: Population,
    *,
    reference: Population | Mapping[str, float] | None = None,
    order: Order | npt.ArrayLike | pd.Series[Any] = "majority",
    palette: str | Sequence[str] | None = None,
    title: str | None = None,
    caption: str | None = None,
) -> PreparedSegplot:
    """Return the bars of a segplot.

    Parameters
    ----------
    pop : Population
        Up to 12 groups; within an environment the composition is that of the people met, and the width of a bar still
        the people of the unit.
    reference : Population or mapping from group to people or share, optional
        Wider area, shown at the side in place of all people of the population.
    order : {"majority", "segregation", "entropy"}, or array or Series of shape (n_units,)
        What units are sorted by: the share of the largest group, greatest first, with that group at the bottom; their
        divergence from the reference, greatest first; their entropy, smallest first; or numbers, smallest first. Units
        alike in this are sorted by their shares.
    palette : str or sequence of colours, optional
        A palette for categories, or one colour per group in the order of the population.
    title, caption : str, optional
        Texts in place of those written from what was computed; ``""`` for none.

    Returns
    -------
    PreparedSegplot

    Raises
    ------
    ParameterError
        For an order that there is not, or that has not one number per unit.
    UnknownNameError
        When the reference has other groups.
    DataError
        When there are no people, more than 12 groups, or units without a number to sort by.

    Examples
    --------
    >>> import segregate as sg
    >>> prepared = sg.plot.prepare_segplot(sg.sample("schools"))
    >>> prepared.table[["unit", "people", "group", "share"]].head(4).round(3)
         unit  people     group  share
    0  040009   587.0     white  0.940
    1  040009   587.0     asian  0.034
    2  040009   587.0     black  0.003
    3  040009   587.0  hispanic  0.022
    """
    if not isinstance(pop, Population):
        raise ParameterError(f"A segplot is drawn of a Population, not of {pop!r}.")
    if pop.n_groups > MOST:
        raise DataError(
            f"There are {pop.n_groups} groups, and no more than {MOST} can be told apart in one plot. Put some "
            "together with population.merge({'new': ['old', 'older']})."
        )
    if not pop.size > 0:
        raise DataError(f"Nobody lives in the {plural(pop.n_units, 'unit')}, so there is nothing to draw.")
    given = pop.reference_shares(reference)
    city = pop.shares if given is None else given
    segments = pop.segments
    alone, peopled = segments.stranded, pop.totals > 0
    name = say("segplot.all" if given is None else "segplot.the_reference")
    keys, said = _sorted_by(pop, order, reference, city)
    stack = list(range(pop.n_groups))
    if isinstance(order, str) and order == "majority":
        largest = int(np.argmax(pop.shares))
        stack = [largest, *(m for m in stack if m != largest)]
    shares = segments.composition[:, stack]
    at = np.lexsort([*(-shares[:, ::-1]).T, keys, alone, ~peopled])[: int(peopled.sum())]
    people = pop.totals[at]
    right = np.cumsum(people)
    high = np.cumsum(shares[at], axis=1)
    shares, high = (np.where(alone[at, None], np.nan, found) for found in (shares[at], high))
    groups = [pop.groups[m] for m in stack]
    number = len(groups)
    table = pd.DataFrame(
        {
            "unit": np.repeat(pop.ids[at].to_numpy(), number),
            "left": np.repeat(np.concatenate([[0.0], right[:-1]]), number),
            "right": np.repeat(right, number),
            "people": np.repeat(people, number),
            "group": np.tile(np.array(groups, dtype=object), len(at)),
            "share": shares.ravel(),
            "low": np.column_stack([np.where(alone[at], np.nan, 0.0), high[:, :-1]]).ravel(),
            "high": high.ravel(),
        }
    )
    colours = category_colours(palette, pop.n_groups, ordered=False)[1]
    patterns = hatches(pop.n_groups) if palette is None and in_grey() else [""] * pop.n_groups
    bar = np.cumsum(city[stack])
    side = pd.DataFrame(
        {
            "group": groups,
            "share": city[stack],
            "low": np.concatenate([[0.0], bar[:-1]]),
            "high": bar,
            "color": [colours[m] for m in stack],
        }
    )
    by = said.format(largest=groups[0], all=name)
    notes = [say("segplot.sorted", by=by)]
    empty = int((~peopled).sum())
    if empty:
        notes.append(say("segplot.empty", n=empty))
    if alone.any():
        notes.append(say("segplot.alone", n=int(alone.sum()), people=number_of(pop.totals[alone].sum())))
    what = say("segplot.what")
    return PreparedSegplot(
        table=table,
        reference=side,
        reference_name=say("segplot.all_short" if given is None else "segplot.reference"),
        title=say("segplot.title", all=name) if title is None else title,
        caption=caption_for({"": pop}, what, notes=notes) if caption is None else caption,
        x_label=say("segplot.x", by=by),
        y_label=say("segplot.y" if pop.at_home else "segplot.y_met"),
        hatches=tuple(patterns[m] for m in stack),
    )


def _look(colour: str, pattern: str) -> dict[str, Any]:
    """Return how the area of a group is drawn."""
    if not pattern:
        return {"facecolor": colour, "linewidth": 0}
    edge = pattern_colour(colour)
    return {"facecolor": colour, "edgecolor": edge, "linewidth": 0, "hatch": pattern, "hatch_linewidth": PATTERN_WIDTH}


def _sorted_by(
    pop: Population,
    order: Order | npt.ArrayLike | pd.Series[Any],
    reference: Population | Mapping[str, float] | None,
    city: Floats,
) -> tuple[Floats, str]:
    """Return one number per unit, smallest first, and what it is."""
    if not isinstance(order, str):
        return _numbers(pop, order)
    if order not in ORDERS:
        raise ParameterError(
            f"order={order!r} is not known; it is one of {', '.join(map(repr, ORDERS))}, or one number per unit."
        )
    if order == "majority":
        return -pop.segments.composition[:, int(np.argmax(pop.shares))], say("segplot.order.majority")
    if order == "entropy":
        return local(pop, "entropy")["value"].to_numpy(dtype=np.float64), say("segplot.order.entropy")
    met = pop.segments.composition > 0
    absent = np.flatnonzero((city == 0) & met.any(axis=0))
    if len(absent):
        here = np.flatnonzero(met[:, absent].any(axis=1))
        raise DataError(
            f"The reference has nobody of {first_of([pop.groups[m] for m in absent])}, and "
            f"{have(len(here), pop.n_units)} such people (first: {first_of(pop.ids[here][:4])}), so that their "
            "divergence has no value. Take another order, or a reference that has all groups."
        )
    return -np.asarray(divergence(pop, reference=reference), dtype=np.float64), say("segplot.order.segregation")


def _numbers(pop: Population, order: npt.ArrayLike | pd.Series[Any]) -> tuple[Floats, str]:
    """Return the numbers that the user gave."""
    if order is None or np.ndim(order) == 0:
        raise ParameterError(
            f"order={order!r} is not known; it is one of {', '.join(map(repr, ORDERS))}, or one number per unit."
        )
    found = by_unit(order if isinstance(order, pd.Series) else np.asarray(order), pop.ids, "order=")
    numbers = np.empty(pop.n_units)
    try:
        numbers[:] = found
    except (TypeError, ValueError) as error:
        raise ParameterError(f"order= takes numbers to sort the units by: {error}.") from error
    lost = np.flatnonzero(~np.isfinite(numbers) & (pop.totals > 0))
    if len(lost):
        raise DataError(
            f"{have(len(lost), pop.n_units)} people and no finite number in order= "
            f"(first: {first_of(pop.ids[lost][:4])}); fill it in, or leave these units out with population.subset."
        )
    name = order.name if isinstance(order, pd.Series) and order.name is not None else say("segplot.order.given")
    return numbers, str(name).replace("{", "{{").replace("}", "}}")


class _People(Locator):
    """Ticks of numbers of people up to all of them, as many as there is room for."""

    def __init__(self, total: float) -> None:
        self.total = total

    def __call__(self) -> list[float]:
        """Return the places."""
        assert isinstance(self.axis, Axis)
        axes = self.axis.axes
        number = int(axes.get_window_extent().width * points_per_pixel(axes) / pt(TICK))
        ticks = MaxNLocator(min(max(number, 1), 5), steps=[1, 2, 2.5, 5, 10]).tick_values(0, self.total)
        return [float(tick) for tick in ticks if 0 <= tick <= self.total * (1 + 1e-12)]

    def tick_values(self, vmin: float, vmax: float) -> list[float]:  # noqa: ARG002
        """Return the places."""
        return self()


def draw_segplot(
    prepared: PreparedSegplot, *, ax: Axes | None = None, width: float | None = None, managed: bool = True
) -> Axes:
    """Draw a segplot.

    Every unit is drawn with its own width, however small: each group is one stepped area. White lines stand between
    units where all are wide enough for it.

    Parameters
    ----------
    prepared : PreparedSegplot
        From `prepare_segplot`.
    ax : Axes, optional
        Axes to draw in; room for title, caption and legend is taken from their place. As a rule a new figure.
    width : float, optional
        Width of a new figure in inches; its height follows from it.
    managed : bool, optional
        Whether pyplot knows the new figure.

    Returns
    -------
    Axes
        People from left to right, and the bar of the reference beyond them. Text has 8 and 10 points.

    Raises
    ------
    ParameterError
        When arguments contradict each other or cannot be used.
    """
    with drawing(ax, width, managed, WIDTH) as (axes, own):
        ink = dress(axes, prepared.x_label, prepared.y_label, own=own)
        side = prepared.reference
        number = len(side)
        shape = (-1, number)
        left, right, high = (
            prepared.table[name].to_numpy().reshape(shape)[:, column]
            for name, column in (("left", 0), ("right", 0), ("high", slice(None)))
        )
        total = float(right[-1])
        edges = np.append(left, total)
        known = ~np.isnan(high[:, 0])
        met = int(known.sum())
        # areas lie on one another, so that no white shows between them
        start, end = total * (1 + SPACE), total * (1 + SPACE + BAR)
        look = [_look(colour, pattern) for colour, pattern in zip(side["color"], prepared.hatches, strict=True)]
        for m in reversed(range(number)):
            top = high[:met, m] if m < number - 1 else np.ones(met)
            if met:
                axes.stairs(top, edges[: met + 1], fill=True, gid=f"group-{m + 1}", **look[m])
            bar = Rectangle((start, 0), end - start, float(side["high"].iloc[m]) if m < number - 1 else 1.0)
            bar.set(gid=f"reference-{m + 1}", **look[m])
            axes.add_patch(bar)
        if met < len(known):
            nobody = Rectangle((edges[met], 0), total - edges[met], 1.0, facecolor=NO_DATA, edgecolor=HATCH_COLOUR)
            nobody.set(hatch=HATCH, linewidth=0.5, gid="nobody")
            axes.add_patch(nobody)
        axes.set(xlim=(0, end), ylim=(0, 1))
        axes.spines["bottom"].set_bounds(0, total)
        axes.xaxis.set_major_locator(_People(total))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(FuncFormatter(number_ticks_of(",.10g")))
        percents(axes.yaxis)
        above = axes.annotate(
            prepared.reference_name,
            ((start + end) / 2, 1),
            xycoords=axes.get_xaxis_transform(),
            xytext=(0, pt(3)),
            textcoords="offset points",
            annotation_clip=False,
            parse_math=False,
        )
        above.set(ha="center", va="bottom", fontsize=pt(SMALL), color=ink, gid="reference")
        entries: list[tuple[Artist, str]] = [
            (Patch(**one), f"{group}\N{EN SPACE}({percent(share)})")
            for group, share, one in zip(side["group"][::-1], side["share"][::-1], look[::-1], strict=True)
        ]
        if met < len(known):
            entries.append(
                (Patch(facecolor=NO_DATA, edgecolor=HATCH_COLOUR, hatch=HATCH, linewidth=0.5), say("segplot.nobody"))
            )
        finish(
            axes,
            title=prepared.title,
            caption=prepared.caption,
            ratio=RATIO,
            own=own,
            ink=ink,
            legend=add_key(axes, entries, ink),
            place="right",
            over=pt(SMALL) + pt(4),
        )
        if above.get_window_extent().x1 > axes.figure.bbox.x1:
            above.set(ha="right")
            above.xy = (end, 1)
        narrowest = float(np.diff(edges).min()) / end * axes.get_window_extent().width * points_per_pixel(axes)
        if narrowest >= pt(SEEN):
            axes.vlines(edges[1:-1], 0, 1, color="white", linewidth=0.6, gid="between")
    return axes


def segplot(
    pop: Population,
    *,
    reference: Population | Mapping[str, float] | None = None,
    order: Order | npt.ArrayLike | pd.Series[Any] = "majority",
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
    """Draw the composition of every unit side by side: Elbers and Gruijters' segplot.

    Every unit is a bar as wide as its people are many, divided into its groups; the bar at the side shows all people
    together. Without segregation all bars would look like that one. `prepare_segplot` followed by `draw_segplot`.

    Parameters
    ----------
    pop : Population
        Up to 12 groups; within an environment the composition is that of the people met, and the width of a bar still
        the people of the unit.
    reference : Population or mapping from group to people or share, optional
        Wider area, shown at the side in place of all people of the population.
    order : {"majority", "segregation", "entropy"}, or array or Series of shape (n_units,)
        What units are sorted by: the share of the largest group, their divergence from the reference, their entropy,
        or numbers such as the distance from the centre. See `prepare_segplot`.
    palette : str or sequence of colours, optional
        A palette for categories, or one colour per group in the order of the population.
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
        See `prepare_segplot` and `draw_segplot`; ParameterError when a file cannot be saved there.

    References
    ----------
    Elbers and Gruijters, Segplot: a new method for visualizing patterns of multi-group segregation,
    doi:10.31235/osf.io/ruw4g.

    Examples
    --------
    >>> import segregate as sg
    >>> ax = sg.plot.segplot(sg.sample("sacramento"), order="segregation", managed=False)
    >>> ax.get_xlabel()
    'People, in units sorted by divergence from all people, greatest first'
    """

    def draw() -> Axes:
        prepared = prepare_segplot(pop, reference=reference, order=order, palette=palette, title=title, caption=caption)
        return draw_segplot(prepared, ax=ax, width=width, managed=managed)

    return one_call(draw, save=save, size=size, language=language, ax=ax, width=width, managed=managed)
