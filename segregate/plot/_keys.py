"""Keys of maps that stand in a place of their own: legends of classes, and colour bars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import pandas as pd
from matplotlib.axes import Axes

from ._compose import BAR_LENGTH, BAR_WIDTH, Bar
from ._furniture import add_colour_bar, add_legend
from ._layout import GAP, points_per_pixel, text_size, wrapped
from ._shapes import Kind
from ._style import SMALL, pt

__all__ = ["ClassKey", "Key"]

Size = tuple[float, float]
PAD = 5.0
"""Points between the heading of a colour bar and the bar."""
TICKS = 40.0
"""Points beside a bar, or under it, that its numbers take."""
LABELS = 14.0
"""Height of the numbers under a flat bar, in points."""
HEADING = 90.0
"""Greatest width of a heading over an upright bar, in points."""


class Key(Protocol):
    """What explains the colours of maps."""

    def size(self, ax: Axes, kind: Kind, room: float | None, ink: str) -> Size:
        """Return width and height in points: upright, or flat in so much room."""

    def draw(self, slot: Axes, kind: Kind, room: float | None, ink: str) -> None:
        """Draw the key into axes of that size."""


@dataclass(frozen=True)
class ClassKey:
    """A legend of classes, or a colour bar with what has no value under it.

    Attributes
    ----------
    classes : DataFrame
        Entries: ``label``, ``units``, ``color`` and ``hatched``.
    title : str
        Over the entries.
    bar : Bar or None
        Of continuous colours.
    length : float
        Of the bar, in points on paper.
    """

    classes: pd.DataFrame
    title: str
    bar: Bar | None
    length: float = BAR_LENGTH

    def size(self, ax: Axes, kind: Kind, room: float | None, ink: str) -> Size:
        """Return width and height in points: upright, or flat in so much room."""
        if self.bar is None:
            return _legend_size(ax, self.classes, self.title, kind, self._columns(ax, kind, room, ink), ink)
        heading = text_size(ax, self._heading(ax), size=pt(SMALL), bold=True)
        entry = _legend_size(ax, self.classes, "", kind, 1, ink) if len(self.classes) else (0.0, 0.0)
        under = entry[1] + pt(GAP) if len(self.classes) else 0.0
        over = heading[1] + 2 * pt(PAD)
        if room is None:
            return max(heading[0], pt(BAR_WIDTH) + pt(TICKS), entry[0]), over + pt(self.length) + under
        wide = max(heading[0], pt(self.length) + pt(TICKS) / 2, entry[0])
        return wide, over + pt(BAR_WIDTH) + pt(LABELS) + under

    def draw(self, slot: Axes, kind: Kind, room: float | None, ink: str) -> None:
        """Draw the key into axes of that size."""
        if self.bar is None:
            columns = self._columns(slot, kind, room, ink)
            add_legend(slot, self.classes, self.title, kind, columns=columns, opacity=1.0, ink=ink)
            return
        width, height = self.size(slot, kind, room, ink)
        title = self._heading(slot)
        heading = text_size(slot, title, size=pt(SMALL), bold=True)[1] + pt(PAD)
        upright = room is None
        across, along = (pt(BAR_WIDTH), pt(self.length)) if upright else (pt(self.length), pt(BAR_WIDTH))
        left = 0.0 if upright else pt(TICKS) / 4
        rectangle = (left / width, 1 - (heading + along) / height, across / width, along / height)
        add_colour_bar(
            slot,
            self.bar.colours,
            self.bar.limits,
            self.bar.beyond,
            title,
            ratio=self.bar.ratio,
            rectangle=rectangle,
            upright=upright,
            opacity=1.0,
            ink=ink,
        )
        if len(self.classes):
            entry = _legend_size(slot, self.classes, "", kind, 1, ink)
            legend = add_legend(slot, self.classes, "", kind, columns=1, opacity=1.0, ink=ink)
            legend.set_bbox_to_anchor((0, entry[1] / height), transform=slot.transAxes)

    def _heading(self, ax: Axes) -> str:
        return wrapped(ax, self.title, pt(HEADING), size=pt(SMALL), bold=True)

    def _columns(self, ax: Axes, kind: Kind, room: float | None, ink: str) -> int:
        """Return in how many columns the entries fit."""
        entries = len(self.classes)
        if room is None or not entries:
            return 1
        for rows in range(1, entries + 1):
            columns = -(-entries // rows)
            if _legend_size(ax, self.classes, self.title, kind, columns, ink)[0] <= room:
                return columns
        return 1


def _legend_size(ax: Axes, classes: pd.DataFrame, title: str, kind: Kind, columns: int, ink: str) -> Size:
    """Return the size of a legend, in points."""
    legend = add_legend(ax, classes, title, kind, columns=columns, opacity=1.0, ink=ink)
    box = legend.get_window_extent()
    legend.remove()
    scale = points_per_pixel(ax)
    return float(box.width) * scale, float(box.height) * scale
