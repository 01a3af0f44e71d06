"""Plans of school zones as maps, and what less separation costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex, to_rgb
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path

from ..errors import DataError, GeometryError, ParameterError
from ..schools import Frontier, Plan
from ._axes import GREY, LINES, SHADE, add_key, dress, finish
from ._drawing import drawing
from ._layout import points_per_pixel
from ._numerals import decimals, number, number_ticks
from ._palettes import NO_DATA, QUALITATIVE
from ._projection import display_crs, project
from ._shapes import HATCH, HATCH_COLOUR, Kind, polygon_paths, simple_parts
from ._sheet import Panel, draw_sheet
from ._style import pt
from ._tags import add_tags
from ._words import index_title, percent, percent_ticks, say, sentences

__all__ = ["draw_frontier", "draw_plan", "prepare_frontier", "prepare_plan"]

WIDTH = 7.0
"""Width of new figures in inches."""
RATIO = 0.55
PALE = 0.55
"""Part of white in the colours of zones."""
MOST_NAMES = 24
"""Schools up to which they are named."""
BORDER = "#333333"
MOVED = "...."
"""Pattern over blocks whose school changes."""
DOT = 4.0
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def prepare_plan(plan: Plan) -> gpd.GeoDataFrame:
    """Return what the maps of a plan show.

    Parameters
    ----------
    plan : Plan
        From `segregate.schools.rezone`.

    Returns
    -------
    GeoDataFrame
        A row per block: ``before``, ``after``, ``moved``, ``pupils``, ``colour_before`` and ``colour_after`` (numbers
        from 0 on, -1 without a school; zones that touch on either map have different ones, and a school has one colour
        on both) and the geometry.

    Raises
    ------
    GeometryError
        Where the blocks have no geometry.
    """
    if not isinstance(plan, Plan):
        raise ParameterError(f"These maps show what segregate.schools.rezone returns, not {type(plan).__name__}.")
    frame = plan.zones
    if not isinstance(frame, gpd.GeoDataFrame):
        raise GeometryError(
            "The blocks of this plan have no geometry, so there is no map; its tables are .table, .zones."
        )
    schools = list(dict.fromkeys([*plan.schools["school"], *frame["before"].dropna()]))
    number_of = {school: k for k, school in enumerate(schools)}
    columns = {name: frame[name].map(number_of).fillna(-1).astype(np.int64).to_numpy() for name in ("before", "after")}
    links = np.zeros((len(schools), len(schools)), dtype=bool)
    i, j = frame.geometry.sindex.query(frame.geometry.array, predicate="intersects")
    for codes in columns.values():
        a, b = codes[i], codes[j]
        apart = (a >= 0) & (b >= 0) & (a != b)
        links[a[apart], b[apart]] = True
    colour = _colouring(links | links.T)
    shown = frame[["before", "after", "moved", "pupils"]].copy()
    for name, codes in columns.items():
        shown[f"colour_{name}"] = np.where(codes >= 0, colour[np.maximum(codes, 0)], -1)
    found: gpd.GeoDataFrame = gpd.GeoDataFrame(shown, geometry=frame.geometry)
    return found


def _colouring(links: npt.NDArray[np.bool_]) -> Ints:
    """Give zones that touch different numbers: the least that is free, those with the most neighbours first."""
    found = np.full(len(links), -1, dtype=np.int64)
    for k in np.argsort(-links.sum(axis=1), kind="stable").tolist():
        taken = set(found[links[k]].tolist())
        found[k] = next(number for number in range(len(links) + 1) if number not in taken)
    return found


def _pale(number_of: int) -> str:
    base = QUALITATIVE["meadow"]
    red, green, blue = (part + (1 - part) * PALE for part in to_rgb(base[number_of % len(base)]))
    return to_hex((red, green, blue))


@dataclass(frozen=True)
class _Key:
    """A legend of signs."""

    entries: Sequence[tuple[Artist, str]]

    def size(self, ax: Axes, kind: Kind, room: float | None, ink: str) -> tuple[float, float]:  # noqa: ARG002
        """Return width and height in points."""
        legend = self._legend(ax, room, ink)
        box, scale = legend.get_window_extent(), points_per_pixel(ax)
        legend.remove()
        return float(box.width) * scale, float(box.height) * scale

    def draw(self, slot: Axes, kind: Kind, room: float | None, ink: str) -> None:  # noqa: ARG002
        """Draw the legend."""
        self._legend(slot, room, ink)

    def _legend(self, ax: Axes, room: float | None, ink: str) -> Legend:
        for columns in range(len(self.entries) if room is not None else 1, 0, -1):
            legend = add_key(ax, self.entries, ink, columns=columns)
            width = float(legend.get_window_extent().width) * points_per_pixel(ax)
            if room is None or width <= room or columns == 1:
                return legend
            legend.remove()
        raise AssertionError


def draw_plan(
    plan: Plan,
    *,
    title: str | None = None,
    caption: str | None = None,
    ax: Axes | None = None,
    width: float | None = None,
    managed: bool = True,
) -> Axes:
    """Draw school zones before and after, side by side.

    Parameters
    ----------
    plan : Plan
        From `segregate.schools.rezone`.
    title, caption : str, optional
        Texts in place of those written from what was computed; ``""`` for none.
    ax : Axes, optional
        Axes to draw in; as a rule those of a new figure.
    width : float, optional
        Width of a new figure in inches, 7 if not said.
    managed : bool, optional
        Whether pyplot knows the new figure.

    Returns
    -------
    Axes
        The frame of the maps; ``ax.child_axes`` are the maps: today and the plan, or the plan alone where today's
        zones are not known. Colours tell neighbouring zones apart and mean nothing else; blocks whose school changes
        are dotted.

    Raises
    ------
    GeometryError
        Where the blocks have no geometry.

    Examples
    --------
    >>> import segregate as sg
    >>> from segregate.testing import school_city
    >>> city = school_city(1, blocks=(6, 6), schools=3)
    >>> sites = city.schools.to_frame().loc[["S01", "S02", "S03"]]
    >>> plan = sg.schools.rezone(
    ...     city.blocks, sites, capacity="capacity", group="minority", current="zone", time_limit=2, rng=1)
    >>> ax = sg.plot.draw_plan(plan, managed=False)
    >>> [panel.get_title(loc="left") for panel in ax.child_axes[:2]]
    ['Today', 'Plan']
    """
    shown = prepare_plan(plan)
    system = display_crs(shown.geometry)
    shapes = project(shown.geometry, system)
    sides = [name for name in ("before", "after") if shown[f"colour_{name}"].ge(0).any()]
    words = {"before": say("rezone.today"), "after": say("rezone.plan")}
    panels = []
    for name in sides:
        numbers = shown[f"colour_{name}"].to_numpy()
        colours = [NO_DATA if k < 0 else _pale(k) for k in numbers.tolist()]
        panels.append(Panel(words[name] if len(sides) > 1 else "", shapes, system, colours, numbers < 0))
    moved = shown["moved"].to_numpy(dtype=bool)
    dotted = bool(moved.any()) and "before" in sides
    entries = _signs(plan, dotted=dotted, empty=any(panel.hatched.any() for panel in panels))
    with drawing(ax, width, managed, WIDTH) as (axes, own):
        children = draw_sheet(
            axes,
            panels,
            _Key(entries),
            title=_plan_title(plan) if title is None else title,
            caption=_plan_caption(plan) if caption is None else caption,
            one_area=True,
            one_scale=True,
            where=True,
            scale_bars=True,
            north_arrow=True,
            own=own,
        )
        for name, child in zip(sides, children, strict=True):
            _add_borders(child, shapes, shown[name])
            if name == "after" and dotted:
                _add_dots(child, shapes[moved])
            _add_schools(child, plan, system)
    return axes


def _signs(plan: Plan, *, dotted: bool, empty: bool) -> list[tuple[Artist, str]]:
    """Return the entries of the legend."""
    entries: list[tuple[Artist, str]] = [
        (Line2D([], [], color=BORDER, linewidth=1.1), say("rezone.border")),
    ]
    if plan.points is not None:
        dot = Line2D([], [], linestyle="", marker="o", markersize=DOT, color=BORDER)
        entries.append((dot, say("rezone.school")))
    if dotted:
        patch = Patch(facecolor="white", edgecolor=BORDER, hatch=MOVED, linewidth=0.4)
        entries.append((patch, say("rezone.changes")))
    if empty:
        patch = Patch(facecolor=NO_DATA, edgecolor=HATCH_COLOUR, hatch=HATCH, linewidth=0.5)
        entries.append((patch, say("rezone.without")))
    return entries


def _add_borders(ax: Axes, shapes: gpd.GeoSeries, schools: pd.Series[Any]) -> None:
    """Draw the borders of zones."""
    known = schools.notna().to_numpy()
    lines: list[Floats] = []
    for rows in schools[known].groupby(schools[known].to_numpy()).indices.values():
        outline = shapely.boundary(shapely.union_all(shapes.array[np.flatnonzero(known)[rows]]))
        lines += [shapely.get_coordinates(part) for part in shapely.get_parts(outline)]
    borders = LineCollection(lines, colors=BORDER, linewidths=1.1, capstyle="round", gid="zones", zorder=3)
    ax.add_collection(borders, autolim=False)


def _add_dots(ax: Axes, shapes: gpd.GeoSeries) -> None:
    """Dot the blocks whose school changes."""
    parts, owner = simple_parts(np.array([shapely.union_all(shapes.array)], dtype=object))
    flat = shapely.get_dimensions(parts) == 2
    if not flat.any():
        return
    paths, _ = polygon_paths(parts[flat], owner[flat])
    together = Path.make_compound_path(*paths)
    patch = PathPatch(
        together, facecolor="none", edgecolor="#444444", linewidth=0, hatch=MOVED, gid="moved", zorder=2.6
    )
    patch.set_hatch_linewidth(0.5)
    ax.add_artist(patch)


def _add_schools(ax: Axes, plan: Plan, system: Any) -> None:
    """Draw the schools, and their names where there are few."""
    if plan.points is None:
        return
    there = plan.points if system is None or plan.points.crs is None else plan.points.to_crs(system)
    if not (there.geom_type == "Point").all():
        there = there.representative_point()
    places = np.column_stack([there.x, there.y])
    limits = ax.get_xlim(), ax.get_ylim()
    (dots,) = ax.plot(*places.T, linestyle="", marker="o", markersize=DOT, color=BORDER, zorder=4)
    dots.set(markeredgecolor="white", markeredgewidth=0.6, gid="schools")
    ax.set(xlim=limits[0], ylim=limits[1])
    if len(places) <= MOST_NAMES:
        radii = np.full(len(places), pt(DOT) / 2)
        add_tags(ax, places, radii, range(len(places)), [str(one) for one in there.index], [], "#222222")


def _what(about: dict[str, Any]) -> str:
    name = index_title(str(about["index"]))
    return f"{name}: {about['group']}" if about["group"] else name


def _pair(plan: Plan) -> tuple[str, str]:
    digits = min(max(decimals([plan.value - plan.before], [plan.value]), 2), 4) if np.isfinite(plan.before) else 3
    return number(plan.before, digits), number(plan.value, digits)


def _plan_title(plan: Plan) -> str:
    before, value = _pair(plan)
    if not np.isfinite(plan.before):
        return say("rezone.alone", what=_what(plan.about), value=value)
    return say("rezone.title", what=_what(plan.about), before=before, value=value)


def _plan_caption(plan: Plan) -> str:
    """Say who moves, and how good the plan is known to be."""
    said = []
    everybody = plan.burden.iloc[-1]
    if np.isfinite(plan.moved):
        said.append(
            say(
                "rezone.moved",
                n=plan.moved,
                total=number(everybody["pupils"], 0),
                share=percent(everybody["share_moved"]),
            )
        )
    groups = plan.burden.iloc[:-1]
    if np.isfinite(plan.moved) and plan.moved > 0 and len(groups) > 1:
        parts = [f"{row['group']} {percent(row['share_moved'])}" for _, row in groups.iterrows() if row["pupils"] > 0]
        said.append(say("rezone.burden", groups=", ".join(parts)))
    if plan.status == "optimal":
        said.append(say("rezone.best"))
    elif np.isfinite(plan.bound):
        said.append(say("rezone.bound", bound=number(plan.bound, 4), gap=number(plan.gap, 4)))
    else:
        said.append(say("rezone.search"))
    if plan.about.get("source"):
        said.append(say("about.source", source=plan.about["source"]))
    return sentences(said)


# what less separation costs -------------------------------------------------------------


def prepare_frontier(result: Frontier) -> pd.DataFrame:
    """Return what the plot of a frontier shows.

    Parameters
    ----------
    result : Frontier
        From `segregate.schools.frontier`.

    Returns
    -------
    DataFrame
        A row per limit that some plan keeps: ``limit``, ``value``, ``bound``, ``dominated``, ``optimal``, and of the
        stretch up to the next limit ``highest`` (the value here: the plan keeps wider limits too) and ``lowest`` (the
        bound of the next limit), between which the best plan lies; NaN at the last.

    Raises
    ------
    DataError
        Where no limit has a plan.
    """
    if not isinstance(result, Frontier):
        raise ParameterError(f"This plot shows what segregate.schools.frontier returns, not {type(result).__name__}.")
    known = result.rows[result.rows["value"].notna()].reset_index(drop=True)
    if not len(known):
        raise DataError("No limit has a plan, so there is nothing to draw.")
    shown = known[["limit", "value", "bound", "dominated"]].copy()
    shown["dominated"] = shown["dominated"].astype(bool)
    shown["optimal"] = known["status"] == "optimal"
    shown["highest"] = np.r_[shown["value"].to_numpy()[:-1], np.nan]
    shown["lowest"] = shown["bound"].shift(-1)
    return shown


def draw_frontier(
    result: Frontier,
    *,
    title: str | None = None,
    caption: str | None = None,
    ax: Axes | None = None,
    width: float | None = None,
    managed: bool = True,
) -> Axes:
    """Draw the value of plans against the limit of pupils moved, or of travel.

    Parameters
    ----------
    result : Frontier
        From `segregate.schools.frontier`.
    title, caption : str, optional
        Texts in place of those written from what was computed; ``""`` for none.
    ax : Axes, optional
        Axes to draw in; as a rule those of a new figure.
    width : float, optional
        Width of a new figure in inches, 7 if not said.
    managed : bool, optional
        Whether pyplot knows the new figure.

    Returns
    -------
    Axes
        Dots are plans, hollow ones no better than a tighter limit allows; the shade is where the best plan lies, from
        the bounds to the plans. Both hold for the limits between, too.

    Raises
    ------
    DataError
        Where no limit has a plan.
    """
    shown = prepare_frontier(result)
    shares = result.over == "max_moved" and bool((shown["limit"] <= 1).all())
    with drawing(ax, width, managed, WIDTH) as (axes, own):
        label = "share" if shares else "moved" if result.over == "max_moved" else "travel"
        unit = {"m": " (m)"}.get(str(result.about["travel"]), "") if label == "travel" else ""
        ink = dress(axes, say(f"frontier.{label}") + unit, _what(result.about), own=own)
        at, value, bound = (shown[name].to_numpy(dtype=float) for name in ("limit", "value", "bound"))
        before = next(iter(result.plans.values())).before
        entries = _draw_line(axes, shown)
        ends = np.r_[value, bound[np.isfinite(bound)], [before] if np.isfinite(before) else []]
        if np.isfinite(before):
            style: dict[str, Any] = {"color": GREY, "linewidth": 0.9, "dashes": (5, 2)}
            line = axes.axhline(before, zorder=1, **style)
            line.set_gid("today")
            entries.append((Line2D([], [], **style), say("frontier.today")))
        low, high = float(ends.min()), float(ends.max())
        room = 0.06 * ((high - low) or abs(high) or 1.0)
        axes.set_ylim(max(low - room, 0.0) if low >= 0 else low - room, high + room)
        side = 0.03 * ((at[-1] - at[0]) or abs(at[0]) or 1.0)
        axes.set_xlim(at[0] - side, at[-1] + side)
        number_ticks(axes.yaxis, most=6)
        number_ticks(axes.xaxis, most=7)
        if shares:
            axes.xaxis.set_major_formatter(percent_ticks())
        said = [say("frontier.said")] if np.isfinite(bound).any() else [say("rezone.search")]
        lost = int(result.rows["value"].isna().sum())
        if lost:
            said.append(say("frontier.lost", n=lost))
        finish(
            axes,
            title=say(f"frontier.title_{'moved' if result.over == 'max_moved' else 'travel'}")
            if title is None
            else title,
            caption=sentences(said) if caption is None else caption,
            ratio=RATIO,
            own=own,
            ink=ink,
            legend=add_key(axes, entries, ink, columns=min(len(entries), 2)),
        )
    return axes


def _draw_line(axes: Axes, shown: pd.DataFrame) -> list[tuple[Artist, str]]:
    """Draw plans, bounds and what lies between; return the entries of the legend."""
    at, value, bound = (shown[name].to_numpy(dtype=float) for name in ("limit", "value", "bound"))
    entries: list[tuple[Artist, str]] = []
    if np.isfinite(bound).any():
        for k in range(len(shown) - 1):
            ends = [shown["lowest"].iloc[k], shown["highest"].iloc[k]]
            if np.isfinite(ends).all():
                band = axes.fill_between(at[k : k + 2], *ends, color=SHADE, linewidth=0, zorder=1.5)
                band.set_gid(f"band-{k + 1}")
        axes.vlines(at, bound, value, color=LINES[0], linewidth=1.2, zorder=2, gid="gaps")
        (ticks,) = axes.plot(at, bound, linestyle="", marker="_", markersize=7, color=LINES[0], zorder=3)
        ticks.set_gid("bounds")
        entries.append((Patch(facecolor=SHADE), say("frontier.band")))
    axes.plot(at, value, color=LINES[0], linewidth=1.4, drawstyle="steps-post", zorder=2.5, gid="line")
    kinds = {False: LINES[0], True: "white"}
    words = {False: say("frontier.plan"), True: say("frontier.dominated")}
    if np.isfinite(bound).any():
        entries.append((Line2D([], [], linestyle="", marker="_", markersize=7, color=LINES[0]), say("frontier.bound")))
    for dominated, fill in kinds.items():
        rows = shown["dominated"].to_numpy() == dominated
        if rows.any():
            style: dict[str, Any] = {"linestyle": "", "marker": "o", "markersize": 5.5, "color": LINES[0]}
            style |= {"markerfacecolor": fill}
            axes.plot(at[rows], value[rows], zorder=4, gid="dominated" if dominated else "plans", **style)
            entries.append((Line2D([], [], **style), words[dominated]))
    return entries
