"""How a mapped layer looks, in words that every GIS has: steps with a colour, a label and a condition."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import shapely
from matplotlib.colors import LogNorm, Normalize
from numpy.typing import NDArray

from ._digits import range_labels, written_digits
from ._palettes import colours
from ._prepared import PreparedMap
from ._shapes import Kind, outline_width, simple_parts
from ._words import people

__all__ = ["LayerStyle", "Step", "layer_style", "legend_steps", "point_size", "xml_text"]

STEPS = 10
"""Entries in the legend of continuous colours."""
NEAR = 4 * np.finfo(np.float64).eps
"""Values that close to a limit are on it for the graduated renderer of QGIS."""
LARGEST_MARK = 26.0


@dataclass(frozen=True)
class Step:
    """An entry of the legend.

    Attributes
    ----------
    label : str
        With the number of units.
    color : str
        ``#rrggbb``.
    low, high : float
        The value is above ``low`` (or on it, in the first step) and not above ``high``; infinite where the
        step is open, NaN for categories and units without a value.
    value : str, int or None
        The category, None for ranges and units without a value.
    closed_below : bool
        Whether ``low`` itself belongs to the step.
    hatched : bool
        Whether it is that of units without a value.
    """

    label: str
    color: str
    low: float = np.nan
    high: float = np.nan
    value: str | int | None = None
    closed_below: bool = False
    hatched: bool = False


@dataclass(frozen=True)
class LayerStyle:
    """A layer and its legend.

    Attributes
    ----------
    title, caption : str
        Texts.
    kind : str
        What most units are: ``"polygon"``, ``"line"`` or ``"point"``.
    column : str
        Column of the written layer that the steps are about.
    steps : tuple of Step
        The legend, that of units without a value last.
    colour_column : str or None
        Column with the colour of every unit, where colours are continuous.
    rules : bool
        Whether a step is not a range: units without a value, or limits that are closer together than a GIS
        tells apart.
    outline : float
        Width of outlines in points; 0 for none.
    size : float
        Diameter of points, in points.
    opacity : float
        From 0 to 1.
    """

    title: str
    caption: str
    kind: Kind
    column: str
    steps: tuple[Step, ...]
    colour_column: str | None
    rules: bool
    outline: float
    size: float
    opacity: float

    @property
    def categories(self) -> bool:
        """Whether the steps are categories."""
        return any(step.value is not None for step in self.steps)


def layer_style(
    prepared: PreparedMap, layer: pd.DataFrame, names: Mapping[Hashable, str], *, opacity: float
) -> LayerStyle:
    """Say how a written layer looks like the printed map.

    Parameters
    ----------
    prepared : PreparedMap
        The map.
    layer : DataFrame
        The columns as they are written.
    names : mapping
        The written name of every column of ``prepared.units``.
    opacity : float
        Opacity of the units.

    Returns
    -------
    LayerStyle
    """
    column = names[prepared.column]
    listed = legend_steps(prepared)
    steps = [step for step in listed if not step.hatched]
    hatched = [step for step in listed if step.hatched]
    near = prepared.limits is None and bool(prepared.breaks) and _too_near(prepared)
    if any(step.value is not None for step in steps):
        column, values = _category_values(steps, layer[column], column, names)
        steps = [replace(step, value=value) for step, value in zip(steps, values, strict=True)]
    ranges = any(step.value is None for step in steps)
    if ranges and not pd.api.types.is_numeric_dtype(layer[column].dtype):
        # numbers that had to be written as text
        ranges = prepared.limits is not None
        if ranges:
            steps, near = [Step(prepared.title, steps[STEPS // 2].color, -np.inf, np.inf)], True
        else:
            column = names["map_class"]
            steps = [Step(step.label, step.color, value=place) for place, step in enumerate(steps, start=1)]
    kind, n_parts = _kind(prepared.units.geometry.to_numpy())
    return LayerStyle(
        title=prepared.title,
        caption=prepared.caption,
        kind=kind,
        column=column,
        steps=(*steps, *hatched),
        colour_column=names["map_color"] if prepared.limits is not None else None,
        rules=(ranges and (bool(hatched) or near)) or not steps,
        outline=outline_width(len(prepared.units)),
        size=point_size(n_parts),
        opacity=opacity,
    )


def legend_steps(prepared: PreparedMap) -> tuple[Step, ...]:
    """Return the legend of a map, that of units without a value last; continuous colours have ten steps."""
    classes = prepared.classes
    rows = [row for _, row in classes[~classes["hatched"]].iterrows()]
    if prepared.limits is not None:
        steps = _continuous(prepared, prepared.limits)
    elif any(row["high"] == row["high"] for row in rows):
        steps = [
            Step(_label(row["label"], row["units"]), row["color"], row["low"], row["high"], closed_below=place == 0)
            for place, row in enumerate(rows)
        ]
    else:
        steps = [Step(_label(row["label"], row["units"]), row["color"], value=str(row["label"])) for row in rows]
    missing = [
        Step(_label(row["label"], row["units"]), row["color"], hatched=True)
        for _, row in classes[classes["hatched"]].iterrows()
    ]
    return (*steps, *missing)


def point_size(n_parts: int) -> float:
    """Return the diameter of the points of a printed map, in points."""
    return float(np.sqrt(LARGEST_MARK if n_parts <= 300 else 14 if n_parts <= 1500 else 5))


def xml_text(text: str) -> str:
    """Replace characters that XML does not allow."""
    return "".join(
        letter
        if letter in "\t\n\r" or " " <= letter <= "\ud7ff" or "\ue000" <= letter <= "\ufffd" or letter >= "\U00010000"
        else "\ufffd"
        for letter in text
    )


def _label(label: object, units: int) -> str:
    """Write an entry of the legend as on the printed map."""
    return f"{label}\N{EN SPACE}({people(units)})"


def _kind(geometry: NDArray[Any]) -> tuple[Kind, int]:
    """Return what most parts are, and how many parts there are of that kind."""
    parts, _ = simple_parts(geometry)
    kinds: tuple[Kind, Kind, Kind] = ("point", "line", "polygon")
    if not len(parts):
        return "polygon", 0
    numbers = np.bincount(shapely.get_dimensions(parts), minlength=3)
    return kinds[int(numbers.argmax())], int(numbers.max())


def _too_near(prepared: PreparedMap) -> bool:
    """Say whether a GIS that takes values near a limit for the limit would class a unit otherwise."""
    known = prepared.units["map_class"].notna().to_numpy()
    values = prepared.units[prepared.column].to_numpy(dtype=np.float64, na_value=np.nan)[known]
    theirs = np.searchsorted(np.asarray(prepared.breaks) + NEAR, values, side="left") + 1
    return bool((theirs != prepared.units["map_class"].to_numpy(dtype=np.int64, na_value=-1)[known]).any())


def _category_values(
    steps: Sequence[Step], written: pd.Series[Any], column: str, names: Mapping[Hashable, str]
) -> tuple[str, list[str | int]]:
    """Return the column that tells categories apart, and its values: the mapped one if it is text, else the class."""
    texts = [str(step.value) for step in steps]
    found = set(written.dropna())
    if all(isinstance(value, str) for value in found) and found <= set(texts) and all(texts):
        return column, list(texts)
    return names["map_class"], list(range(1, len(texts) + 1))


def _continuous(prepared: PreparedMap, limits: tuple[float, float]) -> list[Step]:
    """Return equal steps of a continuous scale; every unit keeps its own colour."""
    norm = LogNorm(*limits) if prepared.ratio else Normalize(*limits)
    marks = [float(mark) for mark in np.asarray(norm.inverse(np.linspace(0, 1, STEPS + 1)))]
    inner = marks[1:-1]
    digits, _ = written_digits([float(f"{mark:.3g}") for mark in inner])
    values = prepared.units[prepared.column].to_numpy(dtype=np.float64, na_value=np.nan)
    values = values[np.isfinite(values)]
    labels = range_labels(inner, digits, smallest=limits[0], largest=limits[1], open_below=False, open_above=False)
    numbers = np.bincount(np.searchsorted(inner, values, side="left"), minlength=STEPS)
    shades = colours(prepared.colours, (np.arange(STEPS) + 0.5) / STEPS)
    ends = [-np.inf, *inner, np.inf]
    return [
        Step(_label(label, int(units)), color, ends[place], ends[place + 1])
        for place, (label, units, color) in enumerate(zip(labels, numbers, shades, strict=True))
    ]
