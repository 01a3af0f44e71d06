"""What a report is asked for, checked before anything is computed."""

from __future__ import annotations

import os
import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd

from .._checks import check_level
from .._languages import Language, language_of
from ..environment import Environment, Home, Kernel, Nearest
from ..errors import DataError, ParameterError, UnknownNameError, first_of, nearest, plural
from ..indices import resolve
from ..inference._replicates import check_replicates
from ..inference.ranking import fewest
from ..population import Population
from ..registry import BoundIndex, IndexLike
from ..results import Result

__all__ = ["Asked", "asked"]

USUAL = ("information_theory", "dissimilarity", "isolation", "simpson")
RADII = (500.0, 1000.0, 2000.0, 4000.0)
YEAR = re.compile(r"1[5-9]\d\d|2[01]\d\d|2200")
MOST_GROUPS = 40
Data = Population | Mapping[Any, Population]


@dataclass(frozen=True, eq=False)
class Asked:
    """What a report is about.

    Attributes
    ----------
    layers : dict from name to Population
        Years in their order, cities as they were given, or one population under the name "".
    kind : {"one", "years", "cities"}
        What the layers are.
    path : Path
        The HTML file.
    title : str
        Of the report.
    indices : tuple of BoundIndex
        Global indices.
    scales : tuple of float
        Radii of the profile in metres, or numbers of people, without 0.
    over : {"radius", "people"}
        What they are.
    shape : str
        Kernel of the radii.
    others : tuple of Environment
        Environments that are no part of the profile.
    names : str or None
        Column with the names of the units.
    labels : dict
        From the group as it is called in the report to the group of the data.
    language : Language
    level, replicates, seed
        Of the intervals.
    template, css : Path or None
        Of the user.
    parameters : dict
        As they were given, for the manifest.
    results : tuple of (heading, Result)
        Further results that are shown.
    """

    layers: dict[str, Population]
    kind: str
    path: Path
    title: str
    indices: tuple[BoundIndex, ...]
    scales: tuple[float, ...]
    over: str
    shape: str
    others: tuple[Environment, ...]
    names: str | None
    labels: dict[str, str]
    language: Language
    level: float
    replicates: int
    seed: int
    template: Path | None
    css: Path | None
    parameters: dict[str, Any]
    results: tuple[tuple[str, Result], ...] = ()

    @property
    def several(self) -> bool:
        """Whether there are several layers."""
        return self.kind != "one"

    def names_of(self, pop: Population) -> pd.Series[Any] | None:
        """Return the names of the units, with their ids where there is no name."""
        if self.names is None:
            return None
        column = pop.attributes[self.names]
        ids = pd.Series(pop.ids.astype(str), index=column.index)
        text = column.where(column.isna(), column.astype(str))
        return text.where(column.notna() & (text.astype(str).str.strip() != ""), ids).astype(str)


def asked(
    data: Data,
    path: str | os.PathLike[str],
    *,
    title: str | None,
    indices: IndexLike | Iterable[IndexLike] | None,
    environments: Environment | float | Iterable[Environment | float] | None,
    group_labels: Mapping[str, str] | None,
    source: str | None,
    language: str | None,
    names: str | None,
    interval: float,
    replicates: int,
    seed: int,
    template: str | os.PathLike[str] | None,
    css: str | os.PathLike[str] | None,
    results: Mapping[str, Result] | Iterable[Result] | None = None,
) -> Asked:
    """Check what `report` is given; see there."""
    spoken = language_of(language)
    layers, kind = _layers(data)
    layers = {name: _relabelled(_sourced(pop, source), group_labels, name) for name, pop in layers.items()}
    for name, pop in layers.items():
        _check_population(pop, name)
        if names is not None:
            _check_names(pop, names, name)
    level, replicates = check_level(interval), check_replicates(replicates)
    if replicates < fewest(level):
        raise ParameterError(
            f"replicates={replicates} are too few for interval={level:g}: it takes {fewest(level):,} or more."
        )
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise ParameterError(f"seed= is a whole number, 0 or more, so that the report can be made again; not {seed!r}.")
    if title is not None and (not isinstance(title, str) or not title.strip()):
        raise ParameterError(f"title= is a text, not {title!r}; leave it out for a usual one.")
    scales, over, shape, others = _environments(environments, layers)
    renamed = {str(new): str(old) for old, new in (group_labels or {}).items()}
    bound = _indices(indices)
    return Asked(
        layers=layers,
        kind=kind,
        path=_target(path),
        title=title if title is not None else _title(spoken, layers, kind),
        indices=bound,
        scales=scales,
        over=over,
        shape=shape,
        others=others,
        names=names,
        labels=renamed,
        language=spoken,
        level=level,
        replicates=replicates,
        seed=int(seed),
        template=_file(template, "template"),
        css=_file(css, "css"),
        results=_results(results),
        parameters={
            "title": title,
            "indices": [one.spec.name if not one.chosen else {"index": one.spec.name, **one.chosen} for one in bound],
            "environments": [*scales, *map(str, others)],
            "environments_of": over if over == "people" else f"radius ({shape})",
            "group_labels": dict(group_labels or {}),
            "source": source,
            "language": spoken.code,
            "names": names,
            "interval": level,
            "replicates": replicates,
            "seed": int(seed),
            "template": None if template is None else Path(template).name,
            "css": None if css is None else Path(css).name,
            "results": [f"{heading}: {one._headline()}" for heading, one in _results(results)],
        },
    )


def _results(given: Mapping[str, Result] | Iterable[Result] | None) -> tuple[tuple[str, Result], ...]:
    """Return results with their headings, "" where none is given."""
    if given is None:
        return ()
    if isinstance(given, Mapping):
        listed = [(str(heading), one) for heading, one in given.items()]
    else:
        listed = [("", one) for one in ([given] if isinstance(given, Result) else given)]
    wrong = [one for _, one in listed if not isinstance(one, Result)]
    if wrong:
        raise ParameterError(
            f"results= takes what segregate.access, schools.gap, what_if, bootstrap and the like return, not "
            f"{type(wrong[0]).__name__}."
        )
    return tuple(listed)


# data ----------------------------------------------------------------------------------


def _layers(data: Data) -> tuple[dict[str, Population], str]:
    """Return the populations by name, and what they are."""
    if isinstance(data, Population):
        return {"": data}, "one"
    if not isinstance(data, Mapping):
        raise ParameterError(
            f"report takes a Population, {{year: Population}} or {{city: Population}}, not {type(data).__name__}."
        )
    if not data:
        raise ParameterError("report takes one population at least; the mapping is empty.")
    wrong = [name for name, pop in data.items() if not isinstance(pop, Population)]
    if wrong:
        raise ParameterError(
            f"{plural(len(wrong), 'value')} of the mapping {'is' if len(wrong) == 1 else 'are'} no Population (first: "
            f"{wrong[0]!r}, a {type(data[wrong[0]]).__name__})."
        )
    texts = [str(name).strip() for name in data]
    twice = sorted({text for text in texts if texts.count(text) > 1})
    if twice or "" in texts:
        what = f"{first_of(twice)} twice" if twice else "a name without a letter"
        raise ParameterError(f"Each year or city needs a name of its own; there is {what}.")
    named = dict(zip(texts, data.values(), strict=True))
    if len(named) == 1:
        return named, "one"
    if all(_is_year(key) for key in data):
        return dict(sorted(named.items(), key=lambda item: int(item[0]))), "years"
    return named, "cities"


def _is_year(key: Hashable) -> bool:
    if isinstance(key, bool):
        return False
    return YEAR.fullmatch(str(key).strip()) is not None


def _check_population(pop: Population, name: str) -> None:
    where = f" of {name!r}" if name else ""
    if pop.n_units == 0 or pop.size <= 0:
        raise DataError(f"There are no people in the data{where}, so there is nothing to report.")
    if (pop.counts.sum(axis=0) > 0).sum() < 2:
        raise DataError(f"All people of the data{where} are of one group, and segregation is about two or more.")
    if pop.n_groups > MOST_GROUPS:
        raise ParameterError(
            f"The data{where} have {pop.n_groups} groups, and a report shows {MOST_GROUPS} at the most; put some "
            "together: population.merge({'new': ['a', 'b', ...]})."
        )


def _check_names(pop: Population, names: str, layer: str) -> None:
    columns = list(pop.attributes.columns)
    if names not in columns:
        where = f" of {layer!r}" if layer else ""
        raise UnknownNameError(f"names={names!r} is no column of the data{where}. {nearest(names, columns)}")


def _relabelled(pop: Population, labels: Mapping[str, str] | None, layer: str) -> Population:
    """Return the population with groups called as in the report."""
    if not labels:
        return pop
    unknown = [name for name in labels if name not in pop.groups]
    if unknown:
        where = f" of {layer!r}" if layer else ""
        raise UnknownNameError(
            f"group_labels= has {plural(len(unknown), 'name')} of no group{where}. {nearest(unknown[0], pop.groups)}"
        )
    called = tuple(str(labels.get(group, group)) for group in pop.groups)
    if len(set(called)) < len(called) or "" in called:
        twice = sorted({name for name in called if called.count(name) > 1})
        raise ParameterError(f"group_labels= gives two groups the same name, or none: {first_of(twice or [''])}.")
    disclosure = None if pop.disclosure is None else replace(pop.disclosure, groups=called)
    return replace(pop, groups=called, disclosure=disclosure)


def _sourced(pop: Population, source: str | None) -> Population:
    if source is None:
        return pop
    if not isinstance(source, str) or not source.strip():
        raise ParameterError(f"source= is a text, such as 'Census 2020, table P2', not {source!r}.")
    return replace(pop, source=source)


# what to measure -----------------------------------------------------------------------


def _indices(indices: IndexLike | Iterable[IndexLike] | None) -> tuple[BoundIndex, ...]:
    if indices is None:
        return tuple(resolve(name) for name in USUAL)
    single = isinstance(indices, (str, BoundIndex, Mapping)) or callable(indices)
    given = [indices] if single or not isinstance(indices, Iterable) else indices
    bound = [resolve(one) for one in cast("Iterable[IndexLike]", given)]
    if not bound:
        raise ParameterError("indices= is empty; name one at least, or leave it out for the usual ones.")
    for one in bound:
        if one.spec.level == "local":
            raise ParameterError(
                f"{one.spec.name} gives one value per unit, and the headline numbers are of the whole; the maps of the "
                "report show local indices already."
            )
        if one.spec.focal == "pair":
            raise ParameterError(
                f"{one.spec.name} is about two groups; the report has the matrix of exposure of all pairs already."
            )
    return tuple({(one.spec.name, one.params): one for one in bound}.values())


def _environments(
    given: Environment | float | Iterable[Environment | float] | None, layers: dict[str, Population]
) -> tuple[tuple[float, ...], str, str, tuple[Environment, ...]]:
    """Tell the scales of the profile from other environments."""
    if given is None:
        placed = all(not pop.places.lacks("points") for pop in layers.values())
        return (RADII if placed else ()), "radius", "biweight", ()
    listed = list(given) if isinstance(given, Iterable) else [given]
    made: list[Environment] = []
    for one in listed:
        if callable(getattr(one, "on", None)) and not isinstance(one, type):
            made.append(cast("Environment", one))
        elif isinstance(one, (int, float, np.number)) and not isinstance(one, bool) and 0 < float(one) < np.inf:
            made.append(Kernel(float(one)))
        else:
            raise ParameterError(
                f"environments= has {one!r}; each is an environment such as segregate.Kernel(1000), or a radius in "
                "metres above 0."
            )
    made = [one for one in made if not isinstance(one, Home)]
    return _profile_of(made)


def _profile_of(made: Sequence[Environment]) -> tuple[tuple[float, ...], str, str, tuple[Environment, ...]]:
    """Take the kernels of the first shape, or else the nearest people, for the profile."""
    kernels = [one for one in made if isinstance(one, Kernel)]
    if kernels:
        shape = kernels[0].shape
        inside = [one for one in kernels if one.shape == shape]
        radii = tuple(sorted({float(one.radius) for one in inside}))
        return radii, "radius", shape, tuple(one for one in made if one not in inside)
    near = [one for one in made if isinstance(one, Nearest)]
    return (
        tuple(sorted({float(one.people) for one in near})),
        "people",
        "biweight",
        tuple(one for one in made if one not in near),
    )


# files ---------------------------------------------------------------------------------


def _target(path: str | os.PathLike[str]) -> Path:
    target = Path(path)
    if target.suffix.lower() == ".pdf":
        raise ParameterError(
            f"{target.name}: a report is an HTML file; name it .html; pdf=True writes the PDF beside it."
        )
    if target.suffix.lower() not in (".html", ".htm"):
        raise ParameterError(f"{target.name}: a report is an HTML file; give it the suffix .html.")
    if target.is_dir():
        raise ParameterError(f"{str(target)!r} is a folder; name a file in it.")
    if not target.parent.is_dir():
        raise ParameterError(f"The folder {str(target.parent)!r} does not exist; make it first.")
    return target


def _file(path: str | os.PathLike[str] | None, what: str) -> Path | None:
    if path is None:
        return None
    found = Path(path)
    if not found.is_file():
        raise ParameterError(f"{what}={str(found)!r} is no file.")
    return found


def _title(language: Language, layers: dict[str, Population], kind: str) -> str:
    """Return the usual title: what the report is about, as far as the data say it."""
    title = language.text("report.title")
    if kind == "one":
        name = next(iter(layers)) or next(iter(layers.values())).source or ""
        return f"{title}: {name}" if name else title
    names = list(layers)
    return f"{title}: {names[0]}\N{EN DASH}{names[-1]}" if kind == "years" else f"{title}: {language.listed(names)}"
