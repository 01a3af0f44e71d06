"""Maps of a report, static and for the interactive part, from the same classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from .. import plot
from .._measure import local
from ..plot._multiples import PreparedMultiples
from ..population import Population
from ._asked import Asked
from ._figures import Drawer
from ._page_data import Layer, Measure
from ._reading import DIGITS, meaning
from ._tables import Figure, Part

__all__ = ["Frames", "detailed", "local_values", "map_parts", "page_layers"]

WHOLE, OF_GROUP = "divergence", ("location_quotient", "share")
"""Local indices of the interactive map: of all groups, and of each."""
MOST_MAPS, MOST_GROUPS, MOST_DETAILED = 12, 8, 4
UNDRAWN = "date", "version"


def detailed(asked: Asked) -> dict[str, Population]:
    """Return the layers that have sections of their own: the latest year, or the cities with the most people."""
    layers = asked.layers
    if asked.kind == "years":
        return {name: layers[name] for name in list(layers)[-1:]}
    if len(layers) <= MOST_DETAILED:
        return layers
    largest = sorted(layers, key=lambda name: (-layers[name].size, name))[:MOST_DETAILED]
    return {name: pop for name, pop in layers.items() if name in largest}


def local_values(pop: Population, index: str, group: str | None = None) -> gpd.GeoDataFrame:
    """Return a local index; the record has no date, so that the same report has the same bytes."""
    frame = local(pop, index, group=group)
    record = frame.attrs["segregate"]
    frame.attrs["segregate"] = {key: value for key, value in record.items() if key not in UNDRAWN}
    return frame


class Frames:
    """Local indices of all layers and their classes, each found once, for static maps and the interactive one.

    Parameters
    ----------
    asked : Asked
        What the report is about.
    caption : str
        What stands under every map.
    """

    def __init__(self, asked: Asked, caption: str) -> None:
        self._asked = asked
        self._caption = caption
        self._known: dict[tuple[str, str, str | None], gpd.GeoDataFrame] = {}
        self._multiples: dict[tuple[str, str | None], PreparedMultiples | None] = {}
        self._single: dict[tuple[str, str, str | None], plot.PreparedMap | None] = {}
        self.layers = drawable(asked)

    def of(self, layer: str, index: str, group: str | None = None) -> gpd.GeoDataFrame:
        """Return the values of one layer."""
        key = (layer, index, group)
        if key not in self._known:
            self._known[key] = local_values(self._asked.layers[layer], index, group)
        return self._known[key]

    def panel(self, layer: str, index: str, group: str | None) -> plot.PreparedMap | None:
        """Return the map of a layer, with the classes that it shares with others; None without a value anywhere."""
        if layer not in self.layers or (group is not None and group not in self._asked.layers[layer].groups):
            return None
        several = len(self.layers) > 1
        if several or (group is not None and index == OF_GROUP[0]):
            together = self.multiples(index, group if several else None)
            if together is not None:
                return together.panels.get(layer if several else str(group))
        key = (layer, index, group)
        if key not in self._single:
            frame = self.of(*key)
            known = frame["value"].notna().any()
            self._single[key] = plot.prepare_map(frame, caption=self._caption) if known else None
        return self._single[key]

    def multiples(self, index: str, group: str | None, only: Sequence[str] | None = None) -> PreparedMultiples | None:
        """Return maps of an index that share their classes: of all layers, or of all groups of the one layer.

        With `only`, some of them, in the classes of all; None where there is one map or none.
        """
        key = (index, group)
        if key not in self._multiples:
            maps = self._maps(index, group)
            some = len(maps) > 1 and any(frame["value"].notna().any() for frame in maps.values())
            self._multiples[key] = self._prepare(maps) if some else None
        together = self._multiples[key]
        if together is None or only is None or list(only) == list(together.panels):
            return together
        maps = {name: frame for name, frame in self._maps(index, group).items() if name in only}
        breaks = next(iter(together.panels.values())).breaks
        return self._prepare(maps, breaks=breaks or None) if len(maps) > 1 else None

    def _maps(self, index: str, group: str | None) -> dict[str, gpd.GeoDataFrame]:
        layers = self._asked.layers
        if len(self.layers) > 1:
            inside = [name for name in self.layers if group is None or group in layers[name].groups]
            return {name: self.of(name, index, group) for name in inside}
        (layer,) = self.layers
        return {name: self.of(layer, index, name) for name in layers[layer].groups}

    def _prepare(self, maps: dict[str, gpd.GeoDataFrame], **how: Any) -> PreparedMultiples:
        return plot.prepare_small_multiples(maps, caption=self._caption, **how)


def drawable(asked: Asked) -> list[str]:
    """Return the layers that have shapes or points."""
    return [name for name, pop in asked.layers.items() if pop.geometry is not None and not pop.geometry.is_empty.all()]


def map_parts(asked: Asked, draw: Drawer, frames: Frames) -> tuple[Part, ...]:
    """Return the maps: of all groups together, and of each group.

    Parameters
    ----------
    asked : Asked
        What the report is about.
    draw : Drawer
        Makes the figures.
    frames : Frames
        Local indices with their classes.
    """
    layers = frames.layers
    if not layers:
        return (Part(leads=(draw.say("no_geometry"),)),)
    if len(layers) == 1:
        figures = _one(asked, draw, frames, layers[0])
        return (Part(leads=_left_out(asked, draw, layers[0]), figures=tuple(figures)),)
    shown = layers[-MOST_MAPS:] if asked.kind == "years" else layers[:MOST_MAPS]
    some = draw.say("more_layers", n=len(shown), all=asked.language.people(len(layers)))
    leads = (some,) if len(shown) < len(layers) else ()
    return (Part(leads=leads, figures=tuple(_several(asked, draw, frames, shown))),)


def _left_out(asked: Asked, draw: Drawer, layer: str) -> tuple[str, ...]:
    number = asked.layers[layer].n_groups
    if number <= MOST_GROUPS:
        return ()
    return (draw.say("more_groups", n=asked.language.people(MOST_GROUPS), all=asked.language.people(number)),)


def largest_groups(pop: Population) -> list[str]:
    """Return the groups to draw, in their order."""
    order = np.argsort(-pop.shares, kind="stable")[:MOST_GROUPS]
    return [pop.groups[place] for place in sorted(order.tolist()) if pop.shares[place] > 0]


def _one(asked: Asked, draw: Drawer, frames: Frames, layer: str) -> list[Figure]:
    """Draw the maps of one population."""
    pop = asked.layers[layer]
    language = asked.language
    names = asked.names_of(pop)
    made = []
    whole = frames.panel(layer, WHOLE, None)
    if whole is not None:
        made.append(draw.map(f"map-{WHOLE}", whole, names, language.title(WHOLE), meaning(language, WHOLE, None)))
    index, groups = OF_GROUP[0], largest_groups(pop)
    together = frames.multiples(index, None, only=groups)
    if together is not None:
        title = draw.say("maps.by_group", index=language.title(index))
        prepared = replace(together, title=title)
        said = meaning(language, index, None)
        made.append(draw.maps(f"maps-{index}", prepared, title, said, names=dict.fromkeys(together.panels, names)))
    return made


def _several(asked: Asked, draw: Drawer, frames: Frames, shown: list[str]) -> list[Figure]:
    """Draw the maps of several years or cities, one figure for each index and group."""
    language = asked.language
    names = {name: asked.names_of(asked.layers[name]) for name in shown}
    index = OF_GROUP[0]
    made = []
    for index, group in [(WHOLE, None), *((index, group) for group in largest_groups(asked.layers[shown[-1]]))]:
        together = frames.multiples(index, group, only=shown)
        if together is None:
            continue
        title = language.title(index)
        title = language.text("caption.title", title=title, group=group) if group else title
        said = meaning(language, index, group)
        prepared = replace(together, title=title)
        one_scale = asked.kind == "years"
        made.append(draw.maps(f"maps-{index}", prepared, title, said, one_scale=one_scale, names=names))
    return made


def page_layers(asked: Asked, frames: Frames) -> list[Layer]:
    """Return what the interactive part of the page shows; classes are those of the static maps."""
    language = asked.language
    layers = []
    for name, pop in asked.layers.items():
        measures = []
        for index, group in [(WHOLE, None), *((index, group) for index in OF_GROUP for group in pop.groups)]:
            prepared = frames.panel(name, index, group)
            if prepared is None:
                continue
            measures.append(
                Measure(
                    key=index,
                    title=language.title(index),
                    group=group,
                    values=pd.Series(frames.of(name, index, group)["value"].to_numpy(dtype=float)),
                    classes=prepared.classes,
                    no_data_label=language.text("legend.no_data"),
                    digits=DIGITS,
                    meaning=meaning(language, index, group),
                )
            )
        if not measures:
            continue
        frame = frames.of(name, WHOLE)
        layers.append(Layer(name or asked.title, frame, asked.names_of(pop), pop, measures))
    return layers
