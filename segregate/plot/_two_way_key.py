"""The square that explains colours in two directions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from ._keys import ClassKey
from ._layout import text_size, wrapped
from ._shapes import Kind
from ._style import SMALL, pt

__all__ = ["SquareKey"]

CELL, WIDEST = 27.0, 36.0
"""Least and greatest side of a class, in points; limits that are wider than the greatest are turned."""
PAD = 4.0
"""Points between the square, its limits, its arrows and its names."""
BELOW = 7.0
"""Points between the square and the limits below it, which keep clear of the lowest limit beside it."""
APART = 5.0
"""Least points between limits."""
ARROW = 7.0
"""Points that an arrow takes."""
LONGEST = 150.0
"""Greatest length of a line of a name, in points."""


@dataclass(frozen=True)
class SquareKey:
    """A square of colours, with the limits of classes and the names of both directions.

    Attributes
    ----------
    colours : sequence of sequence of str
        ``colours[i][j]`` for class i along x and j along y.
    limits : tuple of two sequences of str
        Limits along x and along y as they are written, the outer ones too.
    names : tuple of str
        Of x and y.
    missing : DataFrame
        Legend entry of units without a value; may have no rows.
    """

    colours: Sequence[Sequence[str]]
    limits: tuple[Sequence[str], Sequence[str]]
    names: tuple[str, str]
    missing: pd.DataFrame

    def size(self, ax: Axes, kind: Kind, room: float | None, ink: str) -> tuple[float, float]:  # noqa: ARG002
        """Return width and height in points; it is the same beside maps and under them."""
        return self._measured(ax, kind, ink)[0]

    def _measured(
        self, ax: Axes, kind: Kind, ink: str
    ) -> tuple[
        tuple[float, float], tuple[float, float], tuple[float, float], tuple[str, str], tuple[float, float], float
    ]:
        """Return sizes (all, corner and sides of the square), names, sizes of the missing entry and of limits below."""
        sizes = [[text_size(ax, text, size=pt(SMALL)) for text in limits] for limits in self.limits]
        wide = max(width for width, _ in sizes[0])
        turned = wide + pt(APART) > pt(WIDEST)
        cell = pt(CELL) if turned else max(pt(CELL), wide + pt(APART))
        sides = (cell * len(self.colours), cell * len(self.colours[0]))
        longest = max(*sides, pt(LONGEST))
        names = (
            wrapped(ax, self.names[0], longest, size=pt(SMALL), bold=True),
            wrapped(ax, self.names[1], max(sides[1] * 1.3, sides[1]), size=pt(SMALL), bold=True),
        )
        said = [text_size(ax, name, size=pt(SMALL), bold=True) for name in names]
        beside = said[1][1] + 2 * pt(PAD) + pt(ARROW) + max(width for width, _ in sizes[1]) + pt(PAD)
        line = wide if turned else sizes[0][0][1]
        below = line + pt(BELOW) + 2 * pt(PAD) + pt(ARROW) + said[0][1]
        entry = (0.0, 0.0)
        if len(self.missing):
            entry = ClassKey(self.missing, "", None).size(ax, kind, None, ink)
        foot = entry[1] + 2 * pt(PAD) if entry[1] else 0.0
        over = max(sizes[1][-1][1] / 2, (said[1][0] - sides[1]) / 2, 0.0)
        width = max(beside + max(sides[0] + sizes[0][-1][0] / 2, said[0][0]), entry[0])
        return (width, over + sides[1] + below + foot), (beside, below + foot), sides, names, entry, line

    def draw(self, slot: Axes, kind: Kind, room: float | None, ink: str) -> None:  # noqa: ARG002
        """Draw the key into axes of that size, whose units are points."""
        (width, height), (left, bottom), (across, along), names, entry, line = self._measured(slot, kind, ink)
        slot.set_xlim(0, width)
        slot.set_ylim(0, height)
        columns, rows = len(self.colours), len(self.colours[0])
        for i in range(columns):
            for j in range(rows):
                corner = (left + across * i / columns, bottom + along * j / rows)
                cell = Rectangle(corner, across / columns, along / rows, facecolor=self.colours[i][j])
                cell.set(edgecolor="white", linewidth=0.8, gid=f"class-{i + 1}-{j + 1}")
                slot.add_patch(cell)

        def write(x: float, y: float, text: str, ha: str, va: str, *, bold: bool = False, turned: bool = False) -> None:
            said = slot.text(x, y, text, ha=ha, va=va, rotation=90 if turned else 0, parse_math=False)
            said.set(fontsize=pt(SMALL), color=ink, linespacing=1.2, fontweight="bold" if bold else "normal")
            said.set_gid("axis-name" if bold else "limit")

        turned = max(text_size(slot, text, size=pt(SMALL))[0] for text in self.limits[0]) + pt(APART) > pt(WIDEST)
        for k, text in enumerate(self.limits[0]):
            write(left + across * k / columns, bottom - pt(BELOW), text, "center", "top", turned=turned)
        for k, text in enumerate(self.limits[1]):
            write(left - pt(PAD), bottom + along * k / rows, text, "right", "center")
        low = bottom - line - pt(BELOW) - pt(PAD) - pt(ARROW) / 2
        aside = left - 2 * pt(PAD) - max(text_size(slot, text, size=pt(SMALL))[0] for text in self.limits[1])
        aside -= pt(ARROW) / 2
        for start, end in (((left, low), (left + across, low)), ((aside, bottom), (aside, bottom + along))):
            arrow = {"arrowstyle": "-|>", "color": ink, "linewidth": 0.8, "mutation_scale": pt(8), "shrinkA": 0}
            slot.annotate("", end, start, arrowprops={**arrow, "shrinkB": 0})
        write(left, low - pt(ARROW) / 2 - pt(PAD), names[0], "left", "top", bold=True)
        write(aside - pt(ARROW) / 2 - pt(PAD), bottom + along / 2, names[1], "right", "center", bold=True, turned=True)
        if entry[1]:
            legend = ClassKey(self.missing, "", None)
            legend.draw(slot, kind, None, ink)
            found = slot.get_legend()
            if found is not None:
                found.set_bbox_to_anchor((0, entry[1] / height), transform=slot.transAxes)
