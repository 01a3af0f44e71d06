"""The table behind small multiples: several maps, with classes found over all of them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd

from .._languages import language_of
from ..errors import DataError, GeometryError, ParameterError, first_of, plural
from ._caption import NO_DATA_LABEL, caption_of, column_of, legend_title_of, record_of, title_of
from ._categories import as_categories, paint_categories, refuse_number_options
from ._checks import check_column, check_frame, check_values
from ._painted import Painted, with_missing
from ._prepared import MARKS, PreparedMap, _paint_numbers

__all__ = ["Columns", "Frames", "PreparedMultiples", "prepare_small_multiples"]

MOST_MAPS = 60

Frames: TypeAlias = Mapping[Any, gpd.GeoDataFrame] | gpd.GeoDataFrame
Columns: TypeAlias = str | Sequence[str] | Mapping[str, str] | None


@dataclass(frozen=True, eq=False, repr=False)
class PreparedMultiples:
    """Maps before they are drawn: one `PreparedMap` each, with classes found over all of them.

    Attributes
    ----------
    panels : dict from label to PreparedMap
        The maps. Each has its own units, and counts of them in its ``classes``; class limits and colours are those of
        all, so that ``draw_map`` draws one alone as it is among the others.
    classes : DataFrame
        The legend, as in `PreparedMap`; ``units`` counts those of all maps.
    counts : DataFrame
        One row per map and class: ``map``, ``class``, ``label`` and ``units``.
    title, legend_title, caption : str
        Texts.
    """

    panels: dict[str, PreparedMap]
    classes: pd.DataFrame
    counts: pd.DataFrame
    title: str
    legend_title: str
    caption: str

    def __repr__(self) -> str:
        """Show how many units of each map are in each class."""
        shown = self.counts.pivot(index="label", columns="map", values="units")
        table = shown.reindex(index=list(dict.fromkeys(self.counts["label"])), columns=list(self.panels))
        return f"PreparedMultiples of {len(self.panels)} maps: {self.title}\n{table.to_string()}\n{self.caption}"


def prepare_small_multiples(
    frames: Frames,
    column: Columns = None,
    *,
    scheme: str | None = "auto",
    k: int | None = None,
    breaks: Iterable[float] | None = None,
    limits: tuple[float, float] | None = None,
    center: float | Literal["auto"] | None = "auto",
    palette: str | Sequence[str] | None = None,
    title: str | None = None,
    legend_title: str | None = None,
    caption: str | None = None,
) -> PreparedMultiples:
    """Give the units of several maps their classes, found over all maps together, without drawing.

    Parameters
    ----------
    frames : mapping from label to GeoDataFrame, or GeoDataFrame
        The maps in their order, such as ``{year: sg.local(pop, "divergence") for year, pop in cities.items()}``; or
        one frame with a column for each map. They are not changed.
    column : str, or list or mapping of str, optional
        Of a mapping of frames: the column to map, as a rule the recorded result, else ``"value"``. Of one frame: the
        columns, at least two; a mapping says what each map is called: ``{"white": "White", "hisp": "Hispanic"}``.
    scheme, k, breaks, limits, center, palette
        As in `prepare_map`; classes are found over the values of all maps.
    title, legend_title, caption : str, optional
        Texts in place of those written from what was computed; ``""`` for none.

    Returns
    -------
    PreparedMultiples
        The maps, the legend that they share, how many units of each map are in each class, and the texts.

    Raises
    ------
    ParameterError
        When there are fewer than two maps or more than 60, or frames record different indices or different centres,
        which no legend can share; and what `prepare_map` raises.
    DataError
        When some columns hold numbers and others categories, or no map has a value.
    GeometryError
        When some frames have a coordinate reference system and others none.

    Examples
    --------
    >>> import segregate as sg
    >>> city = sg.sample("sacramento")
    >>> prepared = sg.plot.prepare_small_multiples({g: sg.local(city, "share", group=g) for g in city.groups}, k=4)
    >>> prepared.counts.groupby("map", sort=False)["units"].sum().to_dict()
    {'white': 403, 'black': 403, 'asian': 403, 'hisp': 403}
    """
    taken = _taken(frames, column)
    records = {label: record_of(frame.attrs, name) for label, (frame, name) in taken.items()}
    if not isinstance(frames, Mapping):
        # the record speaks of one column, and the others share the source alone
        records = {label: {"source": one["source"]} if one.get("source") else {} for label, one in records.items()}
    record = _shared(records, own_center=center == "auto")
    painted = _painted(taken, record, scheme, k, breaks, limits, center, palette)
    absent = {label: int((f.geometry.isna() | f.geometry.is_empty).sum()) for label, (f, _) in taken.items()}
    language = language_of(None)
    notes = [*painted.notes]
    notes += [language.text("multiples.absent", map=label, n=number) for label, number in absent.items() if number]
    names = list(dict.fromkeys(name for _, name in taken.values()))
    name = names[0] if len(names) == 1 else ""
    texts = {
        "title": title_of(record, name) if title is None else title,
        "legend_title": legend_title_of(record, name) if legend_title is None else legend_title,
        "caption": _caption(records, record, taken, painted, notes) if caption is None else caption,
    }
    panels, start = {}, 0
    for label, (frame, name) in taken.items():
        part = slice(start, start + len(frame))
        panels[label] = _panel(frame, name, label, painted, part, texts["legend_title"], texts["caption"])
        start += len(frame)
    missing = int((~painted.known).sum())
    return PreparedMultiples(
        panels=panels,
        classes=with_missing(painted.classes, missing),
        counts=_counts(panels, missing > 0),
        **texts,
    )


def _taken(frames: Frames, column: Columns) -> dict[str, tuple[gpd.GeoDataFrame, str]]:
    """Return frame and column of every map, by label."""
    taken: dict[str, tuple[gpd.GeoDataFrame, str]]
    if isinstance(frames, Mapping):
        if not (column is None or isinstance(column, str)):
            raise ParameterError(
                "Of several frames one column is mapped, the same in each: column='name'. "
                "Several columns are mapped of one frame."
            )
        if len({str(label) for label in frames}) < len(frames):
            raise ParameterError(f"Maps are told apart by their labels as text, and some are the same: {[*frames]!r}.")
        taken = {}
        for label, frame in frames.items():
            _named(str(label), frame)
            taken[str(label)] = (frame, column_of(frame.attrs) if column is None else column)
    else:
        check_frame(frames)
        if column is None or isinstance(column, str):
            raise ParameterError(
                "Small multiples of one frame map several of its columns: column=['a', 'b'], or with what each is "
                "called: column={'a': 'Group A', 'b': 'Group B'}. Maps of several frames: {label: frame}."
            )
        listed = list(column)
        titles = {name: str(column[name]) if isinstance(column, Mapping) else name for name in listed}
        if len(set(titles.values())) < len(listed):
            raise ParameterError(f"Each map needs a column and a name of its own; got {first_of(titles.values())}.")
        taken = {titles[name]: (frames, name) for name in listed}
    if not 2 <= len(taken) <= MOST_MAPS:
        raise ParameterError(
            f"Small multiples are 2 to {MOST_MAPS} maps, and {len(taken)} "
            f"{'was' if len(taken) == 1 else 'were'} given. One map is drawn by sg.plot.map."
        )
    without = [label for label, (frame, _) in taken.items() if frame.crs is None]
    if without and len(without) < len(taken):
        raise GeometryError(
            f"{plural(len(without), 'map')} of {len(taken)} {'has' if len(without) == 1 else 'have'} no coordinate "
            f"reference system (first: {first_of(without)}), and the others have one. Set it: frame.set_crs(...)."
        )
    return taken


def _named(label: str, frame: object) -> None:
    """Check a frame; errors say of which map they speak."""
    try:
        check_frame(frame)
    except (ParameterError, DataError) as error:
        raise type(error)(f"Map {label!r}: {error}") from error


def _shared(records: Mapping[str, Mapping[str, Any]], *, own_center: bool) -> dict[str, Any]:
    """Return what all maps record alike; refuse what no legend can share."""
    for key, what, hint in (
        ("index", "indices", "Draw each index by itself."),
        ("params", "parameters", ""),
        ("center", "values in the middle", "Set one for all: center=."),
    ):
        found = {repr(record.get(key)): label for label, record in records.items() if record.get("index")}
        if len(found) > 1 and key != "params" and (key != "center" or own_center):
            which = ", ".join(f"{label}: {value}" for value, label in list(found.items())[:3])
            raise ParameterError(
                f"One legend is for one index, and the maps record different {what} ({which}). {hint}".rstrip()
            )
    first, *rest = records.values()
    return {
        key: value
        for key, value in first.items()
        if all(repr(other.get(key)) == repr(value) for other in rest) and key not in ("notes", "source", "date")
    }


def _painted(
    taken: Mapping[str, tuple[gpd.GeoDataFrame, str]],
    record: Mapping[str, Any],
    scheme: str | None,
    k: int | None,
    breaks: Iterable[float] | None,
    limits: tuple[float, float] | None,
    center: float | Literal["auto"] | None,
    palette: str | Sequence[str] | None,
) -> Painted:
    """Give the units of all maps, one after the other, their class and colour."""
    series = {label: check_column(frame, name) for label, (frame, name) in taken.items()}
    categories = {label: as_categories(series[label], name) for label, (_, name) in taken.items()}
    numbers = [label for label, one in categories.items() if one is None]
    if numbers and len(numbers) < len(taken):
        others = [label for label in taken if label not in numbers]
        raise DataError(
            f"Some maps hold numbers (first: {first_of(numbers)}) and others categories (first: {first_of(others)}); "
            "one legend is for one kind."
        )
    if numbers:
        values = np.concatenate([check_values(frame, name) for frame, name in taken.values()])
        if not np.isfinite(values).any():
            raise DataError(f"No unit of the {len(taken)} maps has a value, so there is nothing to draw.")
        return _paint_numbers(values, record, scheme, k, breaks, limits, center, palette)
    given = {"scheme": scheme != "auto", "k": k is not None, "breaks": breaks is not None}
    given |= {"limits": limits is not None, "center": center != "auto"}
    refuse_number_options(next(iter(taken.values()))[1], given)
    every = [one for one in categories.values() if one is not None]
    kinds = list(dict.fromkeys(tuple(one.cat.categories) for one in every))
    names: list[Hashable] = list(dict.fromkeys(name for one in kinds for name in one))
    ordered = len(kinds) == 1 and all(one.cat.ordered for one in every)
    joined = [name for one in every for name in one.astype(object)]
    pooled = pd.Series(pd.Categorical(joined, categories=names, ordered=ordered))
    as_categories(pooled, "+".join(dict.fromkeys(name for _, name in taken.values())))
    return paint_categories(pooled, record, palette)


def _panel(
    frame: gpd.GeoDataFrame, column: str, label: str, painted: Painted, part: slice, legend_title: str, caption: str
) -> PreparedMap:
    """Return one of the maps, with its own counts."""
    number, known = painted.number[part], painted.known[part]
    units = frame.copy()
    classed = pd.array(number + 1, dtype="Int64")
    classed[number < 0] = pd.NA
    for mark, content in zip(MARKS, (classed, painted.label[part], painted.colour[part], ~known), strict=True):
        units[mark] = content
    classes = painted.classes.copy()
    classes["units"] = np.bincount(number[number >= 0], minlength=len(classes))
    return PreparedMap(
        units=units,
        classes=with_missing(classes, int((~known).sum())),
        column=column,
        breaks=painted.breaks,
        limits=painted.limits,
        center=painted.center,
        ratio=painted.ratio,
        palette=painted.palette,
        colours=painted.colours,
        title=label,
        legend_title=legend_title,
        caption=caption,
        notes=(),
    )


def _counts(panels: Mapping[str, PreparedMap], missing: bool) -> pd.DataFrame:
    """Return how many units of each map are in each class."""
    rows = []
    for label, panel in panels.items():
        table = panel.classes[["class", "label", "units"]]
        lost = int(panel.units["map_hatched"].sum())
        if missing and not lost:
            none = pd.DataFrame({"class": pd.array([pd.NA], dtype="Int64"), "label": [NO_DATA_LABEL], "units": [0]})
            table = pd.concat([table, none], ignore_index=True) if len(table) else none
        rows.append(table.assign(map=label))
    return pd.concat(rows, ignore_index=True)[["map", "class", "label", "units"]]


def _caption(
    records: Mapping[str, Mapping[str, Any]],
    record: Mapping[str, Any],
    taken: Mapping[str, tuple[gpd.GeoDataFrame, str]],
    painted: Painted,
    notes: Sequence[str],
) -> str:
    """Write the caption of all maps: what they share once, and what they do not by map."""
    language = language_of(None)
    said: list[str] = []
    all_of: dict[str, Any] = dict(record)
    for key, join in (("source", "; "), ("date", ", ")):
        found = list(dict.fromkeys(str(one[key]) for one in records.values() if one.get(key)))
        all_of[key] = join.join(found) or None
    number = {len(frame) for frame, _ in taken.values()}
    recorded = {repr((one.get("units"), one.get("people"))) for one in records.values()}
    if len(number) > 1 or len(recorded) > 1:
        all_of |= {"units": sum(len(frame) for frame, _ in taken.values()), "people": None}
        for label, (frame, _) in taken.items():
            people = records[label].get("people")
            if isinstance(people, int | float):
                told = language.text("multiples.people", map=label, n=len(frame), people=language.people(people))
            else:
                told = language.text("multiples.units", map=label, n=len(frame))
            said.append(told)
        n_units = all_of["units"]
    else:
        n_units = number.pop()
    if "groups" not in record:
        all_of["groups"] = list(dict.fromkeys(name for one in records.values() for name in one.get("groups") or ()))
    if "environment" not in record and all(one.get("environment") for one in records.values()):
        each = [f"{label}: {one['environment']}" for label, one in records.items()]
        all_of["environment"] = "; ".join(each)
    heard: dict[str, list[str]] = {}
    for label, one in records.items():
        for note in one.get("notes") or ():
            heard.setdefault(str(note), []).append(label)
    said += [note if len(labels) == len(records) else f"{', '.join(labels)}: {note}" for note, labels in heard.items()]
    if painted.said:
        said.append(language.text("multiples.shared", n=len(taken)))
    return caption_of(
        all_of, n_units=n_units, classes=painted.said, notes=[*said, *notes], palette_center=painted.center
    )
