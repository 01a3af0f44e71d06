"""What of a difference between two cities is composition, and what is spatial structure."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ..decomposition.spatial_structure import Structure
from ..errors import DataError, ParameterError
from ._axes import GUIDE, drawing, dress, finish, settle
from ._layout import EDGE, slot_of, text_size
from ._style import SMALL, pt
from ._words import environment_named, index_title, marked, of_group, say

__all__ = ["draw_structure", "prepare_structure"]

WIDTH = 6.0
"""Width of a new figure in inches."""
HEIGHT = 100.0
"""Of its axes, in points."""
COLOURS = {"composition": "#2a73a1", "structure": "#df7f2d"}
HALF = 0.3
"""Half the height of a bar, in rows."""
LABEL = 4.0
"""Points between a sign and its label."""


def prepare_structure(result: Structure) -> pd.DataFrame:
    """Return what the plot of a divided difference shows.

    Parameters
    ----------
    result : Structure
        From `segregate.structure`.

    Returns
    -------
    DataFrame
        Four rows, from top to bottom: ``part`` ("a", "composition", "structure", "b"), ``start`` and ``end`` (the same
        for a and b), ``label`` and ``text``, the number.

    Raises
    ------
    DataError
        When a part has no value.

    Examples
    --------
    >>> import segregate as sg
    >>> from segregate.plot.structure_bars import prepare_structure
    >>> districts = sg.sample("schools").versus("black").split("district")
    >>> north, west = list(districts.values())[:2]
    >>> prepare_structure(sg.structure(north, west, "D"))["part"].to_list()
    ['a', 'composition', 'structure', 'b']
    """
    if not isinstance(result, Structure):
        raise ParameterError(f"This plot shows what segregate.structure returns, not {type(result).__name__}.")
    a, b = result.a, result.b
    between = a + result.composition
    if not np.isfinite([a, between, result.structure, b]).all():
        raise DataError(
            f"A part of the difference has no value, so there is nothing to draw: {'; '.join(result.notes)}."
        )
    span = max(a, between, b) - min(a, between, b)
    return pd.DataFrame(
        {
            "part": ["a", "composition", "structure", "b"],
            "start": [a, a, between, b],
            "end": [a, between, b, b],
            "label": ["a", say("structure.composition"), say("structure.structure"), "b"],
            "text": [
                _number(a, span),
                _number(result.composition, span, "+"),
                _number(result.structure, span, "+"),
                _number(b, span),
            ],
        }
    )


def draw_structure(
    result: Structure,
    *,
    title: str | None = None,
    ax: Axes | None = None,
    width: float | None = None,
    managed: bool = True,
) -> Axes:
    """Draw the way from the index of one city to that of another, in its two parts.

    Parameters
    ----------
    result : Structure
        From `segregate.structure`.
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
        A dot for each city, and a bar for each part. The axis need not start at 0.

    Raises
    ------
    DataError
        When a part has no value.

    Examples
    --------
    >>> import segregate as sg
    >>> from segregate.plot.structure_bars import draw_structure
    >>> districts = sg.sample("schools").versus("black").split("district")
    >>> north, west = list(districts.values())[:2]
    >>> ax = draw_structure(sg.structure(north, west, "D"), managed=False)
    >>> ax.get_title(loc="left")
    'Dissimilarity of black against rest: b less a'
    """
    shown = prepare_structure(result)
    about = result.about
    name = index_title(about["index"])
    with drawing(ax, width, managed, WIDTH) as (axes, own):
        ink = dress(axes, name, "", own=own)
        ends = shown[["start", "end"]].to_numpy()
        low, high = ends.min(), ends.max()
        labels = [text_size(axes, text, size=pt(SMALL))[0] for text in shown["text"]]
        names = text_size(axes, say("structure.structure"), size=pt(SMALL))[0] if own is not None else 0.0
        length = (72 * own - 2 * pt(EDGE) if own is not None else slot_of(axes)[2]) - names - 2 * pt(LABEL)
        beside = min((max(labels) + 3 * pt(LABEL)) / max(length, 1.0), 0.4)  # part of the axis for a label at an end
        room = (high - low or max(abs(high), 1.0)) * beside / (1 - 2 * beside)
        axes.set_xlim(low - room, high + room)
        for row, (part, start, end, text) in enumerate(shown[["part", "start", "end", "text"]].to_numpy().tolist()):
            if row < 3:
                axes.plot([end, end], [row, row + 1], color=GUIDE, linewidth=0.8, zorder=1, gid="step")
            if part in COLOURS:
                (bar,) = axes.barh([row], [end - start], height=2 * HALF, left=start, color=COLOURS[part], zorder=2)
                bar.set_gid("bar")
            else:
                axes.plot([end], [row], marker="o", markersize=6, color=ink, zorder=3, gid="dot")
            right = end >= start
            said = axes.annotate(
                text,
                (end, row),
                xytext=(pt(LABEL) + pt(4) * (part not in COLOURS), 0) if right else (-pt(LABEL), 0),
                textcoords="offset points",
                ha="left" if right else "right",
                va="center",
                fontsize=pt(SMALL),
                color=ink,
                parse_math=False,
            )
            said.set_gid("label")
        axes.set_yticks(range(len(shown)), shown["label"].tolist())
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.set_ylim(3.6, -0.6)
        settle(axes.xaxis)
        finish(
            axes,
            title=say("comparison.axis_b", what=f"{name}{of_group(about)}") if title is None else title,
            caption=say(
                "structure.caption",
                difference=_number(result.difference, high - low, "+"),
                environment=environment_named(about["environment"]),
            ),
            ratio=pt(HEIGHT) / (72 * (own or WIDTH) * 0.7),
            own=own,
            ink=ink,
            rows=True,
        )
    return axes


def _number(value: float, span: float, sign: str = "") -> str:
    """Write a value with three digits of the span of all, and with the minus sign of print."""
    digits = 3 if span == 0 else min(max(2 - math.floor(math.log10(span)), 0), 9)
    return marked(f"{value:{sign if value else ''}.{digits}f}")
