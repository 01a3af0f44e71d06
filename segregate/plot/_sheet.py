"""One map or several side by side, with one key, one title and one caption."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyproj
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.transforms import Bbox

from ..errors import GeometryError, plural
from ._compose import COMPASS_WIDTH, view_of
from ._drawing import ink_of
from ._furniture import ARROW_HEIGHT, add_compass, shifted
from ._keys import Key
from ._layout import EDGE, GAP, NARROWEST, TALLEST, figure_of, points_per_pixel, slot_of, text_size, wrapped
from ._projection import View, _ground_length, aspect_of, north, scale_bar
from ._shapes import Kind, add_units, outline_width
from ._style import BOLD_TITLE_PAD, SMALL, TITLE_SIZE, noted, page_of, pt, refuse_low

__all__ = ["Panel", "draw_sheet", "place_inside"]

HEAD_PAD = 3.0
"""Points between the name of a map and the map."""
BETWEEN = 12.0
"""Points between maps."""
LEAST = 36.0
"""Smallest width of a map, in points."""
BAR_HEIGHT = 16.0
"""Height of a scale bar with its text, in points."""
EMPTY = 0.03
"""Part of the width of a map that an arrangement has to gain for a place that it leaves empty."""
PARALLEL = 1.5
"""Degrees by which north may differ on maps that share an arrow."""
USUAL = 360.0
"""Width of a map that stands alone, in points."""
HAIR = 0.15
"""Width of a line that only closes the seams between units."""
WIDEST, FLATTEST = 2.0, 0.5
"""Height of places over their width, where each map has its own scale."""
Where = Literal["right", "bottom", "cell", ""]


@dataclass(frozen=True)
class Panel:
    """A map of several.

    Attributes
    ----------
    label : str
        Its name; may be empty.
    geometry : GeoSeries
        As drawn.
    crs : CRS or None
        In which it is drawn.
    colours : list of str
        Of the units.
    hatched : ndarray of bool
        Units without a value.
    """

    label: str
    geometry: gpd.GeoSeries
    crs: pyproj.CRS | None
    colours: list[str]
    hatched: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Frame:
    """What a panel shows of the ground.

    Attributes
    ----------
    view : tuple of float
        Edges, in map units.
    aspect : float
        Length of a unit along y over that of one along x.
    unit : float
        Metres of a map unit along x, or 1 where no map knows them.
    angle : float or None
        Direction of north.
    """

    view: View
    aspect: float
    unit: float
    angle: float | None

    @property
    def size(self) -> tuple[float, float]:
        """Width and height on the ground."""
        left, bottom, right, top = self.view
        return (right - left) * self.unit, (top - bottom) * self.aspect * self.unit


@dataclass(frozen=True)
class Plan:
    """An arrangement, in points: columns, rows, size of a place, where the key stands and all that takes room."""

    columns: int
    rows: int
    cell: tuple[float, float]
    where: Where
    heads: tuple[float, ...]
    foot: float
    key: tuple[float, float]
    compass: tuple[float, float]
    band: float
    beside: bool
    score: float

    @property
    def grid(self) -> tuple[float, float]:
        """Width and height of all places."""
        width = self.columns * self.cell[0] + (self.columns - 1) * pt(BETWEEN)
        height = sum(self.heads) + self.rows * (self.cell[1] + self.foot) + (self.rows - 1) * pt(BETWEEN)
        return width, height

    @property
    def total(self) -> tuple[float, float]:
        """Width and height with the key."""
        width, height = self.grid
        column = max(self.key[0], self.compass[0]) + pt(GAP) if self.where == "right" else 0.0
        needed = self.key[1] + (self.compass[1] + pt(GAP) if self.compass[1] else 0.0) if self.where == "right" else 0.0
        under = (self.key[0], self.compass[0]) if self.where == "bottom" else (0.0, 0.0)
        apart = 2 * pt(GAP) if all(under) else 0.0
        wide = max(width + column, sum(under) + apart if self.beside else max(under))
        return wide, max(height, needed) + self.band

    def corner(self, place: int) -> tuple[float, float]:
        """Return where a place begins, below its heading: from the left, and from the top."""
        row, column = divmod(place, self.columns)
        above = sum(self.heads[: row + 1]) + row * (self.cell[1] + self.foot + pt(BETWEEN))
        return column * (self.cell[0] + pt(BETWEEN)), above


def draw_sheet(
    ax: Axes,
    panels: Sequence[Panel],
    key: Key | None,
    *,
    title: str,
    caption: str,
    one_area: bool = False,
    one_scale: bool = True,
    where: bool | Literal["right", "bottom"],
    scale_bars: bool,
    north_arrow: bool,
    own: float | None,
) -> list[Axes]:
    """Draw maps into axes, which become their frame.

    Parameters
    ----------
    ax : Axes
        Where; its own lines and ticks are hidden.
    panels : sequence of Panel
        The maps, row by row.
    key : Key or None
        What explains the colours.
    title, caption : str
        Texts; empty ones are left out.
    one_area : bool
        Whether every map shows the extent of all; they have one projection.
    one_scale : bool
        Whether a metre is as long on every map. Else each fills its place, and has a scale bar.
    where : bool, ``"right"`` or ``"bottom"``
        Where the key stands; True chooses, False leaves it out.
    scale_bars, north_arrow : bool
        Whether they are drawn.
    own : float or None
        Width in inches of a figure of our own.

    Returns
    -------
    list of Axes
        Those of the maps.
    """
    ink = ink_of(own)
    ax.set_axis_off()
    kinds = [_paint(ax, panel, k) for k, panel in enumerate(panels)]
    children, kind = [child for child, _ in kinds], kinds[0][1]
    frames = _frames(panels, [one for _, one in kinds], one_area=one_area, one_scale=one_scale, arrow=north_arrow)
    if not where:
        key = None
    slot = slot_of(ax)
    page = page_of()
    tallest = page.height * 72 if page is not None else pt(TALLEST)
    wide, high = (own * 72 - 2 * pt(EDGE), tallest - 2 * pt(EDGE)) if own is not None else slot[2:]
    measured = _Measures(ax, panels, frames, key, kind, ink, one_scale, scale_bars, north_arrow)
    texts = (title, caption)
    total = wide
    for _ in range(3):
        title = wrapped(ax, texts[0], total, size=pt(TITLE_SIZE), bold=True) if texts[0] else ""
        caption = wrapped(ax, texts[1], total, size=pt(SMALL)) if texts[1] else ""
        over = text_size(ax, title, size=pt(TITLE_SIZE), bold=True)[1] + (pt(BOLD_TITLE_PAD) if title else 0.0)
        under = text_size(ax, caption, size=pt(SMALL))[1] + (pt(GAP) if caption else 0.0)
        plan = measured.best((wide, high - over - under), where)
        if own is not None:
            total = wide if page is not None else min(max(plan.total[0], pt(NARROWEST)), wide)
    height = plan.total[1]
    if own is not None:
        width_all, height_all = total + 2 * pt(EDGE), over + height + under + 2 * pt(EDGE)
        if page is not None:
            refuse_low(height_all, page)
            if page.whole:
                height += page.height * 72 - height_all
                height_all = page.height * 72
        figure_of(ax).set_size_inches(width_all / 72, height_all / 72)
        ax.set_position((pt(EDGE) / width_all, (pt(EDGE) + under) / height_all, total / width_all, height / height_all))
    elif figure_of(ax).get_layout_engine() is None:
        scale = points_per_pixel(ax)
        across, along = ax.figure.bbox.width * scale, ax.figure.bbox.height * scale
        bottom = slot[1] + slot[3] - over - height
        ax.set_position((slot[0] / across, bottom / along, total / across, height / along))
    measured.place(children, plan, (total, height))
    noted(ax, *texts)
    if title:
        heading = ax.set_title(title, loc="left", y=1.0, pad=pt(BOLD_TITLE_PAD))
        heading.set(fontsize=pt(TITLE_SIZE), fontweight="bold", color=ink, parse_math=False, gid="title")
    if caption:
        text = ax.text(0, 0, caption, transform=shifted(ax, 0, -pt(GAP)), parse_math=False)
        text.set(va="top", ha="left", fontsize=pt(SMALL), linespacing=1.2, color=ink, gid="caption")
    return children


def _paint(ax: Axes, panel: Panel, number: int) -> tuple[Axes, Kind]:
    """Draw the units of a map into axes that have no place yet."""
    child = ax.inset_axes((0, 0, 1, 1))
    child.set_gid(f"panel-{number}")
    child.set_axis_off()
    prefix = f"panel-{number}-"
    return child, add_units(child, panel.geometry.to_numpy(), panel.colours, panel.hatched, opacity=1.0, prefix=prefix)


def _frames(
    panels: Sequence[Panel], kinds: Sequence[Kind], *, one_area: bool, one_scale: bool, arrow: bool
) -> list[Frame]:
    """Measure what every map has to show."""
    frames = []
    views = np.array([view_of(panel.geometry, kind) for panel, kind in zip(panels, kinds, strict=True)])
    if one_area:
        views[:] = [*views[:, :2].min(axis=0), *views[:, 2:].max(axis=0)]
    for panel, edges in zip(panels, views.tolist(), strict=True):
        view: View = (edges[0], edges[1], edges[2], edges[3])
        middle, width = ((view[0] + view[2]) / 2, (view[1] + view[3]) / 2), view[2] - view[0]
        metres = np.nan if panel.crs is None else _ground_length(panel.crs, *middle, width) / width
        angle = north(panel.crs, view) if arrow else None
        frames.append(Frame(view, aspect_of(panel.crs, view), float(metres), angle))
    unknown = [panel.label for panel, frame in zip(panels, frames, strict=True) if not np.isfinite(frame.unit)]
    if unknown and len(unknown) < len(panels) and one_scale:
        raise GeometryError(
            f"The scale of {plural(len(unknown), 'map')} of {len(panels)} is not known (first: {unknown[0]!r} has no "
            "coordinate reference system with a unit), so that the maps cannot be drawn at one. "
            "Set it with frame.set_crs(...), or draw each at its own: scale='own'."
        )
    return [replace(one, unit=1.0) if not np.isfinite(one.unit) else one for one in frames]


class _Measures:
    """Sizes of what is drawn, the arrangement that makes maps largest, and where everything goes in it."""

    def __init__(
        self,
        ax: Axes,
        panels: Sequence[Panel],
        frames: Sequence[Frame],
        key: Key | None,
        kind: Kind,
        ink: str,
        one_scale: bool,
        scale_bars: bool,
        arrow: bool,
    ) -> None:
        self.ax, self.panels, self.frames, self.key, self.kind, self.ink = ax, panels, frames, key, kind, ink
        self.one_scale = one_scale
        self.broken: dict[tuple[int, float], str] = {}
        self.bars = [scale_bars and scale_bar(p.crs, f.view) is not None for p, f in zip(panels, frames, strict=True)]
        angles = [frame.angle for frame in frames]
        known = [angle for angle in angles if angle is not None]
        self.one_arrow = arrow and len(known) == len(angles) and max(known) - min(known) <= PARALLEL
        self.own_arrows = bool(known) and not self.one_arrow
        widths, heights = zip(*(frame.size for frame in frames), strict=True)
        self.ground = (max(widths), max(heights))
        each = float(np.exp(np.mean([np.log(high / wide) for wide, high in zip(widths, heights, strict=True)])))
        self.ratio = self.ground[1] / self.ground[0] if one_scale else min(max(each, FLATTEST), WIDEST)
        shared_bar = one_scale and self.bars[0]
        high = pt(ARROW_HEIGHT) if self.one_arrow else pt(BAR_HEIGHT) if shared_bar else 0.0
        self.compass = (pt(COMPASS_WIDTH if shared_bar else 20.0), high) if high else (0.0, 0.0)
        foot = pt(ARROW_HEIGHT) if self.own_arrows else pt(BAR_HEIGHT) if not one_scale and any(self.bars) else 0.0
        self.foot = foot + pt(HEAD_PAD) if foot else 0.0

    def best(self, room: tuple[float, float], where: bool | str) -> Plan:
        """Return the arrangement with the largest maps."""
        n = len(self.panels)
        options: tuple[Where, ...] = ("right", "bottom", "cell")
        if self.key is None:
            options = ("bottom",)
        elif isinstance(where, str):
            options = ("right",) if where == "right" else ("bottom",)
        upright = self.key.size(self.ax, self.kind, None, self.ink) if self.key is not None else (0.0, 0.0)
        flat = self.key.size(self.ax, self.kind, room[0], self.ink) if self.key is not None else (0.0, 0.0)
        found: Plan | None = None
        tries = [(columns, option) for columns in range(1, n + 1) for option in options]
        keys = {option: flat if option == "bottom" else upright for option in options}
        sizes = [self._plan(columns, option, room, keys[option], bare=True) for columns, option in tries]
        # without headings maps are no smaller: what cannot win so needs no second look
        scores = [-np.inf if one is None else one.score for one in sizes]
        order = np.argsort([-score for score in scores], kind="stable").tolist()
        for k in order:
            bound = sizes[k]
            if bound is None or (found is not None and bound.score <= found.score):
                continue
            columns, option = tries[k]
            plan = self._plan(columns, option, room, keys[option])
            if plan is not None and (found is None or plan.score > found.score):
                found = plan
        assert found is not None
        return found

    def _plan(
        self, columns: int, where: Where, room: tuple[float, float], key: tuple[float, float], *, bare: bool = False
    ) -> Plan | None:
        """Arrange the maps in so many columns, without headings to begin with; None where the key finds no place."""
        n = len(self.panels)
        rows = -(-n // columns)
        empty = rows * columns - n
        if where == "cell" and not empty:
            return None
        aside = max(key[0], self.compass[0]) + pt(GAP) if where == "right" else 0.0
        width = (room[0] - aside - (columns - 1) * pt(BETWEEN)) / columns
        band, beside = 0.0, False
        if where == "bottom":
            beside = key[0] + (2 * pt(GAP) + self.compass[0] if key[0] and self.compass[0] else 0.0) <= room[0]
            sizes = [size for size in (key[1], self.compass[1]) if size]
            band = (max(sizes) if beside else sum(sizes) + pt(GAP) * (len(sizes) - 1)) + pt(GAP) if sizes else 0.0
        elif where == "cell" and self.compass[1]:
            fits = key[1] + pt(GAP) + self.compass[1] <= width * self.ratio
            band = 0.0 if fits else self.compass[1] + pt(GAP)
        heads: tuple[float, ...] = (0.0,) * rows
        for _ in range(1 if bare else 4):
            # narrower maps have higher headings, which leave less height for maps
            heads = heads if bare else self._heads(columns, rows, width)
            fixed = sum(heads) + rows * self.foot + (rows - 1) * pt(BETWEEN) + band
            width = max(min(width, (room[1] - fixed) / (rows * self.ratio)), pt(LEAST))
        heads = heads if bare else self._heads(columns, rows, width)
        cell = (width, width * self.ratio)
        if where == "cell":
            under = self.compass[1] + pt(GAP) if self.compass[1] and not band else 0.0
            if key[0] > width or key[1] + under > cell[1] + self.foot:
                return None
        score = width * (1 - EMPTY * (empty - (where == "cell")))
        return Plan(columns, rows, cell, where, heads, self.foot, key, self.compass, band, beside, score)

    def _heads(self, columns: int, rows: int, width: float) -> tuple[float, ...]:
        """Return the heights of the headings of every row."""
        heights = [
            text_size(self.ax, self._label(k, width), size=pt(SMALL), bold=True)[1] for k in range(len(self.panels))
        ]
        tallest = [max(heights[row * columns : (row + 1) * columns]) for row in range(rows)]
        return tuple(height + pt(HEAD_PAD) if height else 0.0 for height in tallest)

    def _label(self, number: int, width: float) -> str:
        label = self.panels[number].label
        at = (number, round(max(width, pt(LEAST)), 2))
        if at not in self.broken:
            self.broken[at] = wrapped(self.ax, label, at[1], size=pt(SMALL), bold=True) if label else ""
        return self.broken[at]

    def place(self, children: Sequence[Axes], plan: Plan, total: tuple[float, float]) -> None:
        """Give maps, key and compass their places."""
        per_point = max(self.ground[0] / plan.cell[0], self.ground[1] / plan.cell[1])
        scales = []
        for k, (child, frame) in enumerate(zip(children, self.frames, strict=True)):
            metres = per_point
            if not self.one_scale:
                metres = max(frame.size[0] / plan.cell[0], frame.size[1] / plan.cell[1])
            scales.append(metres / frame.unit)
            self._fit(child, frame, plan, k, metres / frame.unit, total)
            _thin(child, len(self.panels[k].geometry), plan.cell[0])
            if self.panels[k].label:
                text = child.set_title(self._label(k, plan.cell[0]), loc="left", y=1.0, pad=pt(HEAD_PAD))
                text.set(fontsize=pt(SMALL), fontweight="bold", color=self.ink, parse_math=False, gid="panel-title")
            if self.foot:
                self._compass(plan, total, k, scales[k])
        self._furniture(plan, total, scales[0])

    def _fit(
        self, child: Axes, frame: Frame, plan: Plan, number: int, per_point: float, total: tuple[float, float]
    ) -> None:
        """Show a map at a scale, its upper left corner in that of its place."""
        left, above = plan.corner(number)
        place_inside(self.ax, child, (left, above, *plan.cell), total)
        child.set_aspect("auto")
        view, (across, along) = frame.view, plan.cell
        child.set_xlim(view[0], view[0] + across * per_point)
        child.set_ylim(view[3] - along * per_point / frame.aspect, view[3])

    def _compass(self, plan: Plan, total: tuple[float, float], number: int, per_point: float) -> None:
        """Put scale bar and arrow of one map under it."""
        frame, panel = self.frames[number], self.panels[number]
        left, above = plan.corner(number)
        slot = self._slot((left, above + plan.cell[1], plan.cell[0], plan.foot), total, per_point)
        view = _seen(frame, plan.cell[0] * per_point)
        share = float(np.clip((plan.cell[0] - pt(30)) / plan.cell[0], 0.05, 0.3))
        bar = scale_bar(panel.crs, view, share=share) if self.bars[number] and not self.one_scale else None
        angle = frame.angle if self.own_arrows else None
        add_compass(slot, bar, angle, anchor=(0, 0), shift=(0, 0), loc="lower left", ink=self.ink)

    def _furniture(self, plan: Plan, total: tuple[float, float], per_point: float) -> None:
        """Put the key, and what all maps share, in their places."""
        width, height = plan.grid
        across, along = plan.key
        high = self.compass[1]
        if plan.where == "right":
            corner = (width + pt(GAP), 0.0)
            tall = max(height, along + (high + pt(GAP) if high else 0.0))
            spot = (width + pt(GAP), tall - high)
        elif plan.where == "cell":
            corner = plan.corner(len(self.panels))
            spot = (corner[0], corner[1] + plan.cell[1] - high) if not plan.band else (0.0, height + pt(GAP))
        else:
            corner = (0.0, height + pt(GAP))
            aside = max(min(total[0], plan.total[0]) - self.compass[0], 0.0) if across else 0.0
            spot = (aside, height + pt(GAP)) if plan.beside else (0.0, height + 2 * pt(GAP) + along)
            if not across:
                spot = corner
        if self.key is not None:
            slot = self._slot((*corner, across, along), total)
            slot.set_gid("key")
            self.key.draw(slot, self.kind, total[0] if plan.where == "bottom" else None, self.ink)
        if high:
            slot = self._slot((*spot, *self.compass), total, per_point)
            frame = self.frames[0]
            view = _seen(frame, plan.cell[0] * per_point)
            share = float(np.clip((self.compass[0] - pt(26)) / plan.cell[0], 0.05, 0.5))
            bar = scale_bar(self.panels[0].crs, view, share=share) if self.one_scale and self.bars[0] else None
            angle = frame.angle if self.one_arrow else None
            add_compass(slot, bar, angle, anchor=(0, 0), shift=(0, 0), loc="lower left", ink=self.ink)

    def _slot(
        self, place: tuple[float, float, float, float], total: tuple[float, float], per_point: float = 1.0
    ) -> Axes:
        """Return empty axes at a place, with so many map units to a point."""
        slot: Axes = self.ax.inset_axes((0, 0, 1, 1))
        place_inside(self.ax, slot, place, total)
        slot.set_axis_off()
        slot.patch.set_visible(False)
        slot.set_xlim(0, place[2] * per_point)
        slot.set_ylim(0, place[3] * per_point)
        return slot


def _thin(child: Axes, n_units: int, width: float) -> None:
    """Make outlines as thin as the units of a small map are small."""
    line = outline_width(int(n_units * (pt(USUAL) / width) ** 2))
    for units in child.collections:
        if isinstance(units, PathCollection) and not len(units.get_sizes()):
            if not line:
                units.set_edgecolor(units.get_facecolor())
            units.set_linewidth(line or HAIR)


def _seen(frame: Frame, width: float) -> View:
    """Return the middle of a map, as wide as its place."""
    x, y = (frame.view[0] + frame.view[2]) / 2, (frame.view[1] + frame.view[3]) / 2
    reach = (frame.view[3] - frame.view[1]) / 2
    return x - width / 2, y - reach, x + width / 2, y + reach


@dataclass(frozen=True)
class _Place:
    """Says where axes are inside others, in parts of these."""

    outer: Axes
    box: tuple[float, float, float, float]

    def __call__(self, _: Axes, __: object) -> Bbox:
        """Return the place in the figure."""
        way = self.outer.transAxes - self.outer.figure.transSubfigure
        return Bbox(way.transform_bbox(Bbox.from_bounds(*self.box)).get_points())


def place_inside(
    outer: Axes, child: Axes, place: tuple[float, float, float, float], total: tuple[float, float]
) -> None:
    """Move axes inside others to a place: points from the left and from the top, width and height."""
    left, above, across, along = place
    width, height = total
    where = _Place(outer, (left / width, 1 - (above + along) / height, across / width, along / height))
    child.set_axes_locator(where)  # type: ignore[arg-type]
    child.set_position(where(child, None))
