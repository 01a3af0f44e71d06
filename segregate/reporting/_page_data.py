"""What the interactive part of the page knows: units, people, values and classes, as plain data for JSON."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .._languages import MINUS, Language, _messages
from ..errors import DataError, ParameterError, first_of, have, plural
from ..population import Population
from ._page_shapes import VERTICES, drawn, same_shapes

__all__ = ["Layer", "Measure", "page_data"]

CLASS_COLUMNS = ("low", "high", "label", "color", "units")
"""Columns of the classes of a measure, as `segregate.plot.prepare_map` names them."""
WORDS = "page."
"""Where the words of the page stand in the message files."""
FEWEST = 8
"""Corners of a unit that a layer is given at least on the average."""


@dataclass(frozen=True, eq=False)
class Measure:
    """A local index, or any number of every unit, with the classes of its map.

    Attributes
    ----------
    key : str
        Name of the index.
    title : str
        How the page calls it; measures of one title are one index for several groups.
    group : str or None
        The group that it is about.
    values : Series
        One value per unit, in the order of the units; NaN where there is none.
    classes : DataFrame
        Columns ``low``, ``high``, ``label``, ``color`` and ``units``, as `segregate.plot.prepare_map` gives them. A
        value on ``high`` belongs to the class; a row without limits is that of units without a value.
    no_data_label : str
        What the legend calls units without a value.
    digits : int
        Decimals with which values are shown.
    meaning : str
        What the index says, in a sentence or two.
    """

    key: str
    title: str
    group: str | None
    values: pd.Series[Any]
    classes: pd.DataFrame
    no_data_label: str
    digits: int
    meaning: str = ""


@dataclass(frozen=True, eq=False)
class Layer:
    """A map of the page: a year, a city, or the only one.

    Attributes
    ----------
    name : str
        Name of the year or city.
    frame : GeoDataFrame
        Geometry of the units, in the order of the population; without a geometry column there is no map.
    names : Series or None
        Names of the units, in this order, beside their ids.
    population : Population
        Their people and ids.
    measures : sequence of Measure
        What can be shown.
    labels : mapping
        How groups are called, where not as in the population.
    """

    name: str
    frame: gpd.GeoDataFrame | pd.DataFrame
    names: pd.Series[Any] | None
    population: Population
    measures: Sequence[Measure]
    labels: Mapping[str, str] = field(default_factory=dict)


def page_data(layers: Sequence[Layer], *, language: Language) -> dict[str, Any]:
    """Return everything that the interactive part of the page shows.

    Numbers are those that were computed, with all their digits. The dict holds text, finite numbers, None, lists and
    dicts only.

    Parameters
    ----------
    layers : sequence of Layer
        The maps to choose from.
    language : Language
        Words and marks of numbers.

    Returns
    -------
    dict
        With the keys ``language``, ``words`` and ``layers``.

    Raises
    ------
    ParameterError
        When there is nothing to show, or two layers or measures would be called the same.
    DataError
        When units, values and classes do not fit together.
    """
    if not layers:
        raise ParameterError("The interactive map needs at least one layer.")
    _refuse_twice([layer.name for layer in layers], "layer", "Give each a name of its own.")
    known: dict[str, int] = {}
    hashes = [same_shapes(layer.frame.geometry) if _has_geometry(layer) else "" for layer in layers]
    vertices = VERTICES // max(1, len(set(hashes) - {""}))
    content = []
    for number, (layer, shapes) in enumerate(zip(layers, hashes, strict=True)):
        _check_units(layer)
        content.append(_layer(layer, known.get(shapes), vertices))
        if shapes:
            known.setdefault(shapes, number)
    return {
        "language": {
            "code": language.code,
            "decimal": language.text("number.decimal"),
            "thousands": language.text("number.thousands"),
            "from": int(language.text("number.from")),
            "minus": MINUS,
            "percent": language.text("number.percent"),
        },
        "words": {key.removeprefix(WORDS): language.text(key) for key in _messages("en") if key.startswith(WORDS)},
        "layers": content,
    }


def _layer(layer: Layer, same_as: int | None, vertices: int) -> dict[str, Any]:
    """Return a layer; one with the geometry of another names that one."""
    population, n_units = layer.population, layer.population.n_units
    named = {"name": str(layer.name), "ids": [str(name) for name in population.ids]}
    names = None if layer.names is None else [None if pd.isna(name) else str(name) for name in layer.names]
    people = {
        "people": _numbers(population.totals),
        "groups": [
            {"name": str(layer.labels.get(group, group)), "people": _numbers(population.counts[:, place])}
            for place, group in enumerate(population.groups)
        ],
    }
    geometry: dict[str, Any] = {"bounds": None, "scale": 1.0, "shapes": None, "points": None, "same_as": same_as}
    if same_as is None and _has_geometry(layer):
        made = drawn(layer.frame.geometry, vertices=max(vertices, FEWEST * n_units))
        geometry |= {"bounds": made.bounds, "scale": made.scale, "shapes": made.shapes, "points": made.points}
    measures = [_measure(measure, layer) for measure in layer.measures]
    return {**named, "names": names, **people, **geometry, "measures": measures}


def _measure(measure: Measure, layer: Layer) -> dict[str, Any]:
    """Return the values of a measure and its classes."""
    values = measure.values.to_numpy(dtype=np.float64, na_value=np.nan)
    classes = measure.classes.loc[measure.classes[["low", "high"]].notna().any(axis="columns")]
    number = _class_of(values, classes, measure, layer)
    units = np.bincount(number[number >= 0], minlength=len(classes))
    stated = classes["units"].to_numpy(dtype=np.int64)
    if (units != stated).any():
        raise DataError(
            f"The classes of {_said(measure, layer)} say that they hold {stated.tolist()} units, but the values fill "
            f"them with {units.tolist()}. Make values and classes from one map."
        )
    rows = zip(classes["low"], classes["high"], classes["label"], classes["color"], units, strict=True)
    return {
        "key": str(measure.key),
        "title": str(measure.title),
        "group": None if measure.group is None else str(layer.labels.get(measure.group, measure.group)),
        "values": _numbers(values),
        "classes": [
            {"label": str(label), "color": str(color), "units": int(count), "low": _limit(low), "high": _limit(high)}
            for low, high, label, color, count in rows
        ],
        "class": number.tolist(),
        "no_data_label": str(measure.no_data_label),
        "no_data": int((number < 0).sum()),
        "meaning": str(measure.meaning),
        "digits": int(measure.digits),
    }


def _class_of(values: NDArray[np.float64], classes: pd.DataFrame, measure: Measure, layer: Layer) -> NDArray[np.int64]:
    """Return the class of every unit from 0, -1 without a value."""
    known = ~np.isnan(values)
    number = np.full(len(values), -1, dtype=np.int64)
    low, high = classes["low"].to_numpy(dtype=np.float64), classes["high"].to_numpy(dtype=np.float64)
    outside = known.copy()
    if len(classes):
        number[known] = np.searchsorted(high[:-1], values[known], side="left")
        outside = known & ~((values >= low[0]) & (values <= high[-1]))
    outside |= np.isinf(values)
    if outside.any():
        raise DataError(
            f"{have(int(outside.sum()), len(values))} a value of {_said(measure, layer)} that lies in no class (first: "
            f"{first_of(layer.population.ids[outside])}). Make values and classes from one map."
        )
    return number


def _check_units(layer: Layer) -> None:
    """Refuse a layer whose parts are not about the same units."""
    n_units = layer.population.n_units
    if not layer.measures:
        raise ParameterError(f"Layer {layer.name!r} has no measure to show.")
    lengths = {"frame": len(layer.frame)} | ({} if layer.names is None else {"names": len(layer.names)})
    for part, length in lengths.items():
        if length != n_units:
            raise DataError(f"Layer {layer.name!r} has {plural(n_units, 'unit')}, but its {part} has {length:,} rows.")
    column = layer.population.ids.name
    if column is not None and column in layer.frame.columns:
        other = layer.frame[column].astype(str).to_numpy() != layer.population.ids.astype(str).to_numpy()
        if other.any():
            raise DataError(
                f"The frame of layer {layer.name!r} has other units than its population, or in another order, in "
                f"{plural(int(other.sum()), 'row')} (first: {first_of(layer.frame[column][other])})."
            )
    for measure in layer.measures:
        if len(measure.values) != n_units:
            raise DataError(
                f"{_said(measure, layer)} has {plural(len(measure.values), 'value')} for {plural(n_units, 'unit')}."
            )
        missing = [name for name in CLASS_COLUMNS if name not in measure.classes.columns]
        if missing:
            raise DataError(f"The classes of {_said(measure, layer)} lack the columns {first_of(missing, 5)}.")
    shown = [_shown(measure.title, measure.group) for measure in layer.measures]
    _refuse_twice(shown, "measure", f"Each of layer {layer.name!r} needs a title or a group of its own.")


def _refuse_twice(names: Sequence[str], noun: str, advice: str) -> None:
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise ParameterError(f"{plural(len(twice), 'name')} of a {noun} is there twice: {first_of(twice)}. {advice}")


def _shown(title: str, group: str | None) -> str:
    return title if group is None else f"{title}, {group}"


def _said(measure: Measure, layer: Layer) -> str:
    return f"{_shown(measure.title, measure.group)!r} of layer {layer.name!r}"


def _has_geometry(layer: Layer) -> bool:
    """Say whether any unit of a layer can be drawn."""
    if not isinstance(layer.frame, gpd.GeoDataFrame) or layer.frame.active_geometry_name is None:
        return False
    geometry = layer.frame.geometry
    return bool((~(geometry.isna() | geometry.is_empty)).any())


def _numbers(values: NDArray[np.float64]) -> list[int | float | None]:
    """Return numbers for JSON: whole ones without a point, None where there is none."""
    return [None if math.isnan(value) else int(value) if value.is_integer() else value for value in values.tolist()]


def _limit(value: float) -> float | None:
    """Return the end of a class, None for one without end."""
    return float(value) if math.isfinite(value) else None
