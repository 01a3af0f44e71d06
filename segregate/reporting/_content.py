"""The sections of a report that say what was found."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from .._measure import measure
from .._profile import profile
from .._progress import Progress
from ..decomposition import change
from ..errors import SegregateError
from ..inference import bootstrap, rank, trend
from ..plot._words import environment_named
from ..population import Population
from ..registry import BoundIndex
from ._asked import Asked
from ._figures import Drawer
from ._maps import detailed, local_values
from ._numbers import EACH_GROUP, headline
from ._reading import beware, interval_text, percent, reading, text_of, unbroken, value_text
from ._tables import Figure, Grid, Part, Section, grid

__all__ = ["Card", "area_parts", "exposure_parts", "headlines", "over_time", "ranked", "scale_parts"]

MOST_AREAS = 10
ROUNDING = 1e-12
"""Residual of a change that is nothing but rounding."""


@dataclass(frozen=True)
class Card:
    """A headline number.

    Attributes
    ----------
    title, value, interval, reading, beware, note : str
        As they are shown; "" where there is nothing to say.
    """

    title: str
    value: str
    interval: str
    reading: str
    beware: str
    note: str


def named(name: str, what: str, draw: Drawer, *, several: bool) -> str:
    """Name the layer where there are several."""
    return draw.say("of_layer", what=what, layer=name) if several else what


# headline ------------------------------------------------------------------------------


def tables_of(asked: Asked, progress: Progress) -> dict[str, pd.DataFrame]:
    """Return the headline table of every layer."""
    return {
        name: headline(
            pop, asked.indices, level=asked.level, replicates=asked.replicates, seed=asked.seed, progress=progress
        )
        for name, pop in asked.layers.items()
    }


def headlines(asked: Asked, draw: Drawer, tables: Mapping[str, pd.DataFrame]) -> tuple[list[Card], tuple[Part, ...]]:
    """Return the headline numbers of all groups together as cards, and those of each group as tables."""
    shown = detailed(asked)
    if asked.several and asked.kind == "cities":
        return [], tuple(_values(asked, draw, tables))
    (name, pop), *_ = list(shown.items())[-1:]
    table = tables[name]
    shares = dict(zip(pop.groups, pop.shares.tolist(), strict=True))
    cards = [_card(asked, draw, row, shares) for row in table.to_dict("records") if not row["group"]]
    parts = [_composition(asked, draw, pop)]
    for index in dict.fromkeys(table.loc[table["group"] != "", "index"]):
        rows = table.loc[(table["index"] == index) & (table["group"] != "")].to_dict("records")
        parts.append(_by_group(asked, draw, index, rows, shares))
    if asked.several:
        parts += _values(asked, draw, tables)
    return cards, tuple(parts)


def _card(asked: Asked, draw: Drawer, row: dict[Any, Any], shares: Mapping[str, float]) -> Card:
    language = asked.language
    known = not math.isnan(row["value"])
    within = interval_text(language, row)
    ends = within and draw.say("column.interval", level=level_text(asked)) + f": {within}"
    message = str(row["message"])
    own = beware(language, str(row["index"])) if known else ""
    said = reading(language, row, shares)
    return Card(
        title=language.title(str(row["index"])),
        value=value_text(language, row["value"]),
        interval=ends or (draw.say("no_interval") if known else ""),
        reading=said,
        beware=own,
        note=" ".join(
            filter(
                None, [draw.say("headline.message", message=message) if message and known else "", _bias(draw, [row])]
            )
        ),
    )


def _bias(draw: Drawer, rows: list[dict[Any, Any]]) -> str:
    """Say why a value lies outside its interval, where one does."""
    outside = any(row["value"] > row["high"] or row["value"] < row["low"] for row in rows)
    return draw.say("headline.bias") if outside else ""


def level_text(asked: Asked) -> str:
    """Write the level of confidence."""
    language = asked.language
    return unbroken(language.per_cent(language.marked(f"{100 * asked.level:g}")))


def _composition(asked: Asked, draw: Drawer, pop: Population) -> Part:
    language = asked.language
    sizes = pop.counts.sum(axis=0).tolist()
    head = [draw.say(f"column.{name}") for name in ("group", "people", "share")]
    rows = [
        (group, language.people(size), percent(language, share))
        for group, size, share in zip(pop.groups, sizes, pop.shares.tolist(), strict=True)
    ]
    return Part(tables=(grid(draw.say("headline.composition"), head, rows, numbers=(1, 2)),))


def _by_group(asked: Asked, draw: Drawer, index: str, rows: list[dict[Any, Any]], shares: Mapping[str, float]) -> Part:
    language = asked.language
    level = level_text(asked)
    key = "headline.by_group_rest" if index in EACH_GROUP else "headline.by_group"
    head = [draw.say(f"column.{name}", level=level) for name in ("group", "value", "interval", "meaning")]
    shown = [
        (row["group"], value_text(language, row["value"]), interval_text(language, row), reading(language, row, shares))
        for row in rows
    ]
    own = beware(language, index)
    notes = tuple(filter(None, [own and f"{draw.say('headline.caution')} {own}", _bias(draw, rows)]))
    title = draw.say(key, index=language.title(index))
    return Part(tables=(grid(title, head, shown, numbers=(1, 2)),), notes=notes)


def _values(asked: Asked, draw: Drawer, tables: Mapping[str, pd.DataFrame]) -> list[Part]:
    """Return the headline numbers of all layers, a row each."""
    language = asked.language
    first = "year" if asked.kind == "years" else "city"
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for name, table in tables.items():
        for row in table.to_dict("records"):
            title = language.title(str(row["index"]))
            column = title if not row["group"] else language.text("caption.title", title=title, group=row["group"])
            rows.setdefault((column, str(row["params"])), {})[name] = text_of(language, row)
    head = [draw.say("column.index"), *tables]
    shown = [(column, *(cells.get(name, "") for name in tables)) for (column, _), cells in rows.items()]
    if len(tables) > 4:
        head = [draw.say(f"column.{first}"), *(column for column, _ in rows)]
        shown = [(name, *(cells.get(name, "") for cells in rows.values())) for name in tables]
    numbers = range(1, len(head))
    caption = draw.say("trend.headline" if asked.kind == "years" else "ranking.headline")
    return [Part(tables=(grid(caption, head, shown, numbers=numbers),))]


# years and cities ----------------------------------------------------------------------


def _global(asked: Asked) -> list[BoundIndex]:
    """Return the indices that have one number for a population."""
    return [one for one in asked.indices if not one.spec.by_group]


def over_time(asked: Asked, draw: Drawer, caption: str, progress: Progress) -> tuple[Part, ...]:
    """Return the trend of every index, and what has changed."""
    language = asked.language
    pops = {int(year): pop for year, pop in asked.layers.items()}
    start, end = min(pops), max(pops)
    parts = [Part(leads=(draw.say("trend.lead"),))]
    for one in _global(asked):
        try:
            found = trend(pops, one, level=asked.level, replicates=asked.replicates, rng=asked.seed, progress=progress)
        except SegregateError as error:
            parts.append(Part(language.title(one.spec.name), (draw.say("not_made", why=str(error)),)))
            continue
        title = draw.say("trend.table", index=language.title(one.spec.name))
        table = found.table
        values = table["value"].tolist()
        words = {"index": language.title(one.spec.name), "start": f"{start}", "end": f"{end}"}
        words |= {"first": value_text(language, values[0]), "last": value_text(language, values[-1])}
        unknown = math.isnan(values[0]) or math.isnan(values[-1])
        way = (
            "undefined"
            if unknown
            else "rose"
            if values[-1] > values[0]
            else "fell"
            if values[-1] < values[0]
            else "same"
        )
        sure = draw.say("trend.sure", n=int(table["told_apart"].sum()), all=language.people(len(table) - 1))
        leads = (" ".join([draw.say(f"trend.{way}", **words), sure]),)
        drawable = table["value"].notna().any()
        figures = (draw.trend(found, title, caption),) if drawable else ()
        parts.append(Part(leads=leads, figures=figures))
    parts.append(_parts_of_change(asked, draw, pops[start], pops[end], f"{start}", f"{end}"))
    return tuple(parts)


def _parts_of_change(asked: Asked, draw: Drawer, then: Population, now: Population, start: str, end: str) -> Part:
    language = asked.language
    title = draw.say("trend.parts", start=start, end=end)
    try:
        found = change(then.home(), now.home())
    except SegregateError as error:
        return Part(title, (draw.say("not_made", why=str(error)),))
    rows: list[tuple[object, ...]] = [(language.text("change.then"), value_text(language, found.then), "")]
    for row in found.table.to_dict("records"):
        value = float(row["value"])
        if row["part"] == "residual" and abs(value) < ROUNDING:
            continue
        shown = language.text("change.no_value") if math.isnan(value) else value_text(language, value)
        share = "" if math.isnan(row["share"]) else percent(language, row["share"])
        rows.append((language.text(f"change.{row['part']}"), shown, share))
    rows.append((language.text("change.now"), value_text(language, found.now), ""))
    head = [draw.say(f"column.{name}") for name in ("part", "value", "share")]
    return Part(title, (draw.say("trend.parts_lead"),), tuple(found.notes), tables=(grid(title, head, rows, (1, 2)),))


def ranked(asked: Asked, draw: Drawer, caption: str, progress: Progress) -> tuple[Part, ...]:
    """Return the ranking by every index."""
    language = asked.language
    parts = [Part(leads=(draw.say("ranking.lead"),))]
    named_by: dict[Hashable, Population] = {name: pop for name, pop in asked.layers.items()}  # noqa: C416
    for one in _global(asked):
        name = language.title(one.spec.name)
        try:
            found = rank(
                named_by,
                one,
                level=asked.level,
                replicates=asked.replicates,
                rng=asked.seed,
                progress=progress,
            )
        except SegregateError as error:
            parts.append(Part(name, (draw.say("not_made", why=str(error)),)))
            continue
        table = found.table
        if not table["value"].notna().any():
            parts.append(Part(name, (draw.say("not_made", why=str(table["message"].iloc[0])),)))
            continue
        first = str(table["name"].iloc[0])
        tied = [str(other) for other in found.tied_with[table["name"].iloc[0]]]
        said = draw.say("ranking.first", name=first, index=name, value=value_text(language, table["value"].iloc[0]))
        apart = (
            draw.say("ranking.tied", n=len(tied), names=language.listed(tied)) if tied else draw.say("ranking.alone")
        )
        figure = draw.ranking(found, draw.say("ranking.table", index=name), caption)
        parts.append(Part(leads=(f"{said} {apart}",), figures=(figure,)))
    return tuple(parts)


# scale ---------------------------------------------------------------------------------


def scale_parts(asked: Asked, draw: Drawer, caption: str, progress: Progress) -> tuple[Part, ...]:
    """Return the profile over scale with its band, and the numbers in other environments."""
    indices = [one for one in _global(asked) if one.spec.environment][:1]
    if not asked.scales and not asked.others:
        return (Part(leads=(draw.say("scales.none"),)),)
    parts = []
    if asked.scales and indices:
        (one,) = indices
        found = {}
        for name, pop in detailed(asked).items():
            scales: dict[str, Any] = (
                {"radii": [0.0, *asked.scales], "shape": asked.shape}
                if asked.over == "radius"
                else {"people": [0.0, *asked.scales]}
            )
            made = profile(pop, one, **scales)
            found[name] = bootstrap(
                made, replicates=asked.replicates, level=asked.level, rng=asked.seed, progress=progress
            )
        several = len(found) > 1
        figure = draw.profile(found if several else next(iter(found.values())), one.spec.name, caption)
        leads = [draw.say("scales.lead"), draw.say("scales.lead_home")]
        for name, made in found.items():
            leads.append(_left_at(asked, draw, name if several else "", one.spec.name, made.table, made.scale))
        parts.append(Part(leads=tuple(filter(None, leads)), figures=(figure,)))
    if asked.others:
        parts.append(_elsewhere(asked, draw))
    return tuple(parts)


def _left_at(asked: Asked, draw: Drawer, layer: str, index: str, table: pd.DataFrame, scale: str) -> str:
    """Say how much of an index is left at the widest scale."""
    language = asked.language
    sizes, values = table[scale].tolist(), table["value"].tolist()
    if len(values) < 2 or not (values[0] > 0 and 0 <= values[-1] <= values[0]):
        return ""
    said = draw.say(
        "scales.fell",
        index=language.title(index),
        first=value_text(language, values[0]),
        start=draw.scale(sizes[0], scale),
        last=value_text(language, values[-1]),
        end=draw.scale(sizes[-1], scale),
        percent=percent(language, values[-1] / values[0]),
    )
    return draw.say("of_layer", what=layer, layer=said) if layer else said


def _elsewhere(asked: Asked, draw: Drawer) -> Part:
    """Return the numbers of all groups together in environments that are no part of the profile."""
    language = asked.language
    bound = [one for one in _global(asked) if one.spec.environment]
    rows = []
    for name, pop in detailed(asked).items():
        for environment in asked.others:
            for row in measure(pop.within(environment), bound).to_dict("records"):
                first = f"{name}, {environment_named(environment)}" if asked.several else environment_named(environment)
                rows.append(
                    (first, language.title(row["index"]), value_text(language, row["value"]), str(row["message"]))
                )
    head = [draw.say(f"column.{name}") for name in ("environment", "index", "value", "status")]
    return Part(tables=(grid(draw.say("scales.others"), head, rows, numbers=(2,)),))


# exposure ------------------------------------------------------------------------------


def exposure_parts(asked: Asked, draw: Drawer, caption: str) -> tuple[Part, ...]:
    """Return who meets whom, and how apart every two groups live."""
    shown = detailed(asked)
    several = len(shown) > 1
    language = asked.language
    parts = []
    for name, pop in shown.items():
        figures: list[Figure] = []
        leads = [draw.say("exposure.lead")]
        try:
            title = named(name, language.text("matrix.exposure.title"), draw, several=several)
            figures.append(draw.exposure(pop, caption, "exposure", title))
            if pop.n_groups > 2:
                what = draw.say("exposure.pairs", index=language.title("dissimilarity"))
                figures.append(draw.pairs(pop, caption, "pairs", named(name, what, draw, several=several)))
                leads.append(draw.say("exposure.pairs_lead"))
        except SegregateError as error:
            leads = [draw.say("not_made", why=str(error))]
        parts.append(Part(name if several else "", tuple(leads), figures=tuple(figures)))
    return tuple(parts)


# areas ---------------------------------------------------------------------------------


def area_parts(asked: Asked, draw: Drawer) -> tuple[Part, ...]:
    """Return the units with the highest and lowest values, by name."""
    language = asked.language
    shown = detailed(asked)
    leads = [draw.say("areas.lead")] + ([] if asked.names else [draw.say("areas.ids")])
    parts = [Part(leads=tuple(leads))]
    for name, pop in shown.items():
        names = asked.names_of(pop)
        called = pd.Series(pop.ids.astype(str)) if names is None else names
        tables = _extremes(asked, draw, language.title("divergence"), local_values(pop, "divergence"), called, pop)
        for group in pop.groups:
            what = draw.say("areas.share_of", group=group)
            tables += _extremes(asked, draw, what, local_values(pop, "share", group), called, pop, share=True)
        parts.append(Part(name if len(shown) > 1 else "", tables=tuple(tables)))
    return tuple(parts)


def _extremes(
    asked: Asked,
    draw: Drawer,
    what: str,
    frame: pd.DataFrame,
    called: pd.Series[Any],
    pop: Population,
    *,
    share: bool = False,
) -> list[Grid]:
    """Return the tables of the highest and the lowest values."""
    language = asked.language
    values = frame["value"].to_numpy(dtype=float)
    known = np.flatnonzero(~np.isnan(values))
    number = min(MOST_AREAS, len(known) // 2 or len(known))
    head = [draw.say("column.unit"), draw.say("column.value"), draw.say("column.people")]
    made = []
    for key, order in (
        ("highest", np.argsort(-values[known], kind="stable")),
        ("lowest", np.argsort(values[known], kind="stable")),
    ):
        rows = [
            (
                called.iloc[place],
                percent(language, values[place]) if share else value_text(language, values[place]),
                language.people(pop.totals[place]),
            )
            for place in known[order[:number]]
        ]
        ties = int((values == values[known[order[number - 1]]]).sum()) if rows else 0
        shown = sum(values[place] == values[known[order[number - 1]]] for place in known[order[:number]])
        if ties > shown:
            rows.append((draw.say("areas.more", n=int(ties - shown)), "", ""))
        if rows:
            made.append(grid(draw.say(f"areas.{key}", what=what, n=number), head, rows, numbers=(1, 2)))
    return made


def section(draw: Drawer, key: str, parts: tuple[Part, ...], *leads: str) -> Section:
    """Return a section."""
    return Section(key, draw.say(f"section.{key}"), tuple(filter(None, leads)), parts)
