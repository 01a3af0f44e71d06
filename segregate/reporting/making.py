"""The report: from a population, or several, to one HTML file."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from .. import plot
from .._progress import Progress, progress_over
from .._version import version
from ..environment import Environment
from ..io._writing import whole
from ..population import Population
from ..registry import IndexLike
from ..results import Result
from ._asked import Asked, asked
from ._content import (
    area_parts,
    exposure_parts,
    headlines,
    level_text,
    over_time,
    ranked,
    scale_parts,
    section,
    tables_of,
)
from ._figures import Drawer
from ._manifest import date_of, manifest
from ._maps import Frames, detailed, map_parts, page_layers
from ._method import environment_text, manifest_parts, method_parts, quality_parts, reference_list
from ._page import page_of
from ._page_data import page_data
from ._pdf import check_printer, print_pdf
from ._results import result_parts

__all__ = ["make", "report"]

STEPS = 9


def report(
    data: Population | Mapping[Any, Population],
    path: str | os.PathLike[str],
    *,
    title: str | None = None,
    indices: IndexLike | Iterable[IndexLike] | None = None,
    environments: Environment | float | Iterable[Environment | float] | None = None,
    group_labels: Mapping[str, str] | None = None,
    source: str | None = None,
    language: str | None = None,
    names: str | None = None,
    interval: float = 0.95,
    replicates: int = 199,
    seed: int = 0,
    template: str | os.PathLike[str] | None = None,
    css: str | os.PathLike[str] | None = None,
    results: Mapping[str, Result] | Iterable[Result] | None = None,
    pdf: bool = False,
    progress: Progress = None,
) -> Path:
    """Write a report: one HTML file that opens from disk, with nothing to fetch.

    Headline numbers with intervals and what they mean, maps, an interactive map with table and distribution, the
    profile over scale, who meets whom, the most and least segregated areas, method, quality of the data, references,
    and a manifest with what it takes to make the report again. Every figure can be saved as SVG and CSV.

    Parameters
    ----------
    data : Population, or mapping from year or city to Population
        Keys that are years (1500 to 2200) add the trend and what has changed; others a ranking with ties. An
        environment that the populations are within is that of the numbers and maps.
    path : path
        The HTML file; an existing one is replaced when all went well.
    title : str, optional
        Of the report.
    indices : index or list of indices, optional
        Global indices for the headline, the trend and the ranking; the first that has no group is that of the profile.
        By default information theory, dissimilarity, isolation and Simpson.
    environments : list of Environment or of float, optional
        For the profile over scale: kernels, radii in metres, or nearest people; others get a table. By default the
        radii 500, 1000, 2000 and 4000 where units have a place; an empty list for none.
    group_labels : mapping from group to str, optional
        What groups are called in the report.
    source : str, optional
        Where the data come from, in place of what the populations know.
    language : {"en", "fr", "de", "es", "it"}, optional
        Of the report; by default that of a surrounding `segregate.plot.style`, else English.
    names : str, optional
        Column of `Population.attributes` with the names of the units; else their ids are shown.
    interval : float, optional
        Level of confidence of all intervals.
    replicates : int, optional
        How often the people are drawn again.
    seed : int, optional
        From which random numbers come. The same data, seed and versions give the same file, but for the line with the
        date (that of ``SOURCE_DATE_EPOCH`` where it is set).
    template : path, optional
        A Jinja2 template that extends ours (``{% extends "report.html" %}``) and overrides its blocks. It is trusted;
        texts from data are escaped in it too.
    css : path, optional
        A style sheet that comes after ours.
    results : list of results, or mapping from heading to result, optional
        What else was found, each with its picture and table: `segregate.access`, `segregate.schools.gap`, a plan of
        `segregate.schools.rezone`, `segregate.what_if`, `segregate.scorecard`, a test, a decomposition ...
    pdf : bool, optional
        Whether to print the report beside the HTML file too, by Chromium where it is found, or WeasyPrint (extra
        ``pdf``).
    progress : bool or callable, optional
        True for a bar on stderr, or a function called with (done, to do).

    Returns
    -------
    Path
        The HTML file.

    Raises
    ------
    ParameterError
        For arguments that cannot be used, and a template that cannot be filled.
    UnknownNameError
        For groups, columns, indices and languages that are not there.
    DataError
        For data without people, or of one group.
    MissingDependencyError
        For a PDF where neither Chromium nor WeasyPrint is found.

    Notes
    -----
    An index without a sentence in the language is shown by its name and number. Notes on the data, and references, are
    in the language in which they were written.

    Examples
    --------
    >>> import tempfile
    >>> import segregate as sg
    >>> schools = sg.sample("schools").split("district")["North"]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = sg.report(schools, f"{folder}/report.html", indices="H", environments=[], replicates=19)
    ...     "Information theory" in path.read_text(encoding="utf-8")
    True
    """
    return make(
        asked(
            data,
            path,
            title=title,
            indices=indices,
            environments=environments,
            group_labels=group_labels,
            source=source,
            language=language,
            names=names,
            interval=interval,
            replicates=replicates,
            seed=seed,
            template=template,
            css=css,
            results=results,
        ),
        pdf=pdf,
        progress=progress,
    )


def make(what: Asked, *, pdf: bool = False, command: str | None = None, progress: Progress = None) -> Path:
    """Make a report of what was asked for.

    Parameters
    ----------
    what : Asked
        Checked.
    pdf : bool
        Whether to print it.
    command : str, optional
        The command line that makes it again; without it, lines of Python.
    progress : bool or callable, optional
        As in `report`.

    Returns
    -------
    Path
        The HTML file.
    """
    if pdf:
        check_printer()
    with _style(what), progress_over(progress, STEPS, "report") as done:
        text = _page(what, command, done)
    with whole(what.path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
    if pdf:
        print_pdf(what.path, what.path.with_suffix(".pdf"))
    return what.path


def _style(what: Asked) -> AbstractContextManager[None]:
    return plot.style(language=what.language.code)


def _page(what: Asked, command: str | None, done: Any) -> str:
    """Compute everything, and fill the template."""
    language = what.language
    draw = Drawer(language)
    source = "; ".join(dict.fromkeys(pop.source for pop in what.layers.values() if pop.source))
    sourced = draw.say("source", source=source) if source else draw.say("no_source")
    caption = f"{environment_text(what, draw)} {sourced.rstrip('.')}."
    tables = tables_of(what, None)
    done()
    cards, parts = headlines(what, draw, tables)
    lead = draw.say("headline.lead", level=level_text(what))
    sections = [section(draw, "headline", parts, _detail(what, draw) if cards else "", lead)]
    if what.kind == "years":
        sections.append(section(draw, "trend", over_time(what, draw, caption, None)))
    if what.kind == "cities":
        sections.append(section(draw, "ranking", ranked(what, draw, caption, None)))
    done()
    frames = Frames(what, caption)
    sections.append(section(draw, "maps", map_parts(what, draw, frames)))
    done()
    layers = page_layers(what, frames)
    page = page_data(layers, language=language) if layers else None
    if page is not None:
        sections.append(section(draw, "explore", ()))
    done()
    detail = _detail(what, draw)
    sections.append(section(draw, "scales", scale_parts(what, draw, sourced, None), detail))
    done()
    sections.append(section(draw, "exposure", exposure_parts(what, draw, caption), detail))
    done()
    sections.append(section(draw, "areas", area_parts(what, draw), detail))
    if what.results:
        sections.append(section(draw, "results", result_parts(what, draw)))
    done()
    found = manifest(what)
    sections.append(section(draw, "method", method_parts(what, draw)))
    sections.append(section(draw, "quality", quality_parts(what, draw)))
    sections.append(section(draw, "references", (), draw.say("references.lead")))
    sections.append(section(draw, "manifest", manifest_parts(what, draw, found), draw.say("manifest.lead")))
    done()
    people = sum(pop.size for pop in what.layers.values())
    context = {
        "title": what.title,
        "language": language.code,
        "about": _about(what, draw, people),
        "source": sourced,
        "date": draw.say("made", date=date_of(), version=version),
        "sections": {one.key: one for one in sections},
        "cards": cards,
        "page": page,
        "references": reference_list(what),
        "manifest": json.dumps(found, indent=2, ensure_ascii=False, sort_keys=True),
        "command": command or _python(what),
        "software": draw.say("references.software", version=version),
    }
    text = page_of(context, say=draw.say, interactive=page is not None, template=what.template, css=what.css)
    done()
    return text


def _about(what: Asked, draw: Drawer, people: float) -> str:
    """Say how large the data are."""
    language = what.language
    if what.several:
        return ", ".join(what.layers)
    (pop,) = what.layers.values()
    return draw.say(
        "about",
        units=language.text("count.unit", n=pop.n_units),
        people=language.text("count.people", n=people),
        groups=language.text("count.group", n=pop.n_groups),
    )


def _detail(what: Asked, draw: Drawer) -> str:
    """Say which of several layers a section is about, "" where it is about all."""
    shown = detailed(what)
    if len(shown) == len(what.layers):
        return ""
    if what.kind == "years":
        return draw.say("detail_latest", layer=next(iter(shown)))
    return draw.say("detail_largest", n=len(shown), all=what.language.people(len(what.layers)))


def _python(what: Asked) -> str:
    """Return lines of Python that make the report again from the same population."""
    listed = {
        "title",
        "source",
        "language",
        "names",
        "interval",
        "replicates",
        "seed",
        "group_labels",
        "template",
        "css",
    }
    given = {name: value for name, value in what.parameters.items() if name in listed and value}
    given["indices"] = what.parameters["indices"]
    given["seed"] = what.seed
    scales = [f"{size:g}" for size in what.scales]
    if what.over == "people":
        scales = [f"sg.Nearest({size:g})" for size in what.scales]
    elif what.shape != "biweight":
        scales = [f"sg.Kernel({size:g}, {what.shape!r})" for size in what.scales]
    given_text = "".join(f"    {name}={value!r},\n" for name, value in sorted(given.items()))
    given_text += "    results=...,\n" if what.results else ""
    environments = ", ".join([*scales, *(f"sg.{one!r}" for one in what.others)])
    keys = "population" if not what.several else "{" + ", ".join(f"{name!r}: ..." for name in what.layers) + "}"
    return (
        f"import segregate as sg\n\nsg.report(\n    {keys},\n    {what.path.name!r},\n{given_text}"
        f"    environments=[{environments}],\n)"
    )
