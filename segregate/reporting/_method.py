"""The sections of a report that say how it was made: method, quality of the data, references, manifest."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np

from .._edges import edges
from .._profile import profile
from .._version import version
from ..decomposition import change
from ..environment import Decay, Kernel, Nearest
from ..errors import SegregateError
from ..indices import resolve
from ..inference import bootstrap, rank, trend
from ..plot._words import environment_named
from ..population import Population
from ..registry import IndexSpec
from ._asked import Asked
from ._content import level_text
from ._figures import Drawer
from ._maps import OF_GROUP, WHOLE
from ._reading import percent
from ._sources import Reference, references
from ._tables import Grid, Part, grid

__all__ = ["environment_text", "manifest_parts", "method_parts", "quality_parts", "reference_list"]

PRINTED = 40
"""Most notes of one kind."""


def _specs(asked: Asked) -> list[IndexSpec]:
    """Return everything that the report shows, each once."""
    names = [one.spec.name for one in asked.indices] + ["exposure", "dissimilarity", WHOLE, *OF_GROUP]
    return [resolve(name).spec for name in dict.fromkeys(names)]


def environment_text(asked: Asked, draw: Drawer) -> str:
    """Say whom people meet, in the populations as they were given."""
    found = dict.fromkeys(str(pop.environment) for pop in asked.layers.values())
    if list(found) == ["home"]:
        return draw.say("method.environment_home")
    return draw.say("method.environment_other", environment="; ".join(map(environment_named, found)))


def method_parts(asked: Asked, draw: Drawer) -> tuple[Part, ...]:
    """Return which indices, formulas, environments and intervals were used."""
    language = asked.language
    rows = []
    for spec in _specs(asked):
        key = f"report.formula.{spec.name}"
        words = language.text(key) if language.has(key) else spec.summary
        params = "".join(f" ({one.params})" for one in asked.indices if one.spec is spec and one.chosen)
        rows.append((language.title(spec.name) + params, spec.symbol, words))
    head = [draw.say("column.index"), draw.say("method.symbol"), draw.say("column.formula")]
    said = [environment_text(asked, draw)]
    if asked.scales or asked.others:
        listed = [draw.scale(size, asked.over) for size in asked.scales]
        if asked.over == "radius" and listed:
            listed = [f"{language.text(f'shape.{asked.shape}')} {', '.join(listed)}"]
        said.append(draw.say("method.scales", environments="; ".join([*listed, *map(environment_named, asked.others)])))
    said.append(
        draw.say("method.intervals", level=level_text(asked), n=language.people(asked.replicates), seed=f"{asked.seed}")
    )
    said.append(draw.say("method.chance"))
    if asked.kind == "cities":
        said.append(draw.say("method.ranks"))
    if asked.kind == "years":
        said.append(draw.say("method.trends"))
    said.append(draw.say("method.classes"))
    return (Part(leads=tuple(said)), Part(tables=(grid(draw.say("method.indices"), head, rows),)))


# quality -------------------------------------------------------------------------------


def quality_parts(asked: Asked, draw: Drawer) -> tuple[Part, ...]:
    """Return what is known of the data: empty units, suppressed counts, notes, edges, caveats and licence."""
    language = asked.language
    layers = asked.layers
    head = [draw.say("column.what"), *(names or draw.say("column.value") for names in layers)]
    facts = [_facts(pop) for pop in layers.values()]
    rows = [
        (draw.say(f"quality.{name}"), *(language.people(fact[name]) for fact in facts))
        for name in ("units", "people", "empty", "unplaced")
    ]
    parts = [Part(tables=(grid(draw.say("section.quality"), head, rows, numbers=range(1, len(head))),))]
    for name, pop in layers.items():
        parts.append(_of_layer(draw, name if asked.several else "", pop))
    parts.append(_edge_part(asked, draw))
    return tuple(parts)


def _facts(pop: Population) -> dict[str, float]:
    geometry = pop.geometry
    return {
        "units": pop.n_units,
        "people": pop.size,
        "empty": int((pop.totals <= 0).sum()),
        "unplaced": pop.n_units if geometry is None else int((geometry.isna() | geometry.is_empty).sum()),
    }


def _of_layer(draw: Drawer, name: str, pop: Population) -> Part:
    """Return what was decided while one population was read, and what is known of its source."""
    language = draw.language
    known = pop.provenance
    leads = []
    if pop.size != np.rint(pop.size):
        leads.append(draw.say("quality.not_whole") + ".")
    if pop.uncertainty is not None:
        leads.append(draw.say("quality.uncertainty"))
    notes = list(dict.fromkeys(pop.notes))
    leads.append(draw.say("quality.notes") + ":" if notes else draw.say("quality.no_notes"))
    if known is None:
        leads.append(draw.say("quality.provenance_unknown"))
    items = notes
    if known is not None:
        items = items + [f"{draw.say('quality.caveats')}: {text}" for text in known.caveats]
        items += [f"{draw.say('quality.licence')}: {known.licence}"] if known.licence else []
        items += [f"{draw.say('quality.steps')}: {text}" for text in known.steps]
    tables: list[Grid] = []
    if pop.disclosure is not None and not pop.disclosure.plain:
        head = [draw.say(f"column.{key}") for key in ("kind", "cells", "units", "people", "share", "group")]
        rows = [
            (
                row["kind"],
                language.people(row["cells"]),
                language.people(row["units"]),
                language.people(row["people"]),
                percent(language, row["share_of_people"]),
                row["groups"],
            )
            for row in pop.disclosure.table.to_dict("records")
        ]
        tables.append(grid(draw.say("quality.suppressed"), head, rows, numbers=(1, 2, 3, 4)))
    return Part(name, tuple(leads), tuple(items), tables=tuple(tables))


def _edge_part(asked: Asked, draw: Drawer) -> Part:
    """Return how far surroundings reach beyond the data."""
    language = asked.language
    title = draw.say("quality.edges")
    made = [Nearest(size) for size in asked.scales] if asked.over == "people" else []
    kernels = [Kernel(size, asked.shape) for size in asked.scales] if asked.over == "radius" else []  # type: ignore[arg-type]
    rows, wrong = [], []
    for name, pop in asked.layers.items():
        own = [pop.environment] if isinstance(pop.environment, (Kernel, Decay, Nearest)) else []
        for environment in dict.fromkeys(
            [*own, *kernels, *made, *(one for one in asked.others if isinstance(one, (Kernel, Decay, Nearest)))]
        ):
            try:
                found = edges(pop.within(environment))
            except SegregateError as error:
                wrong.append(draw.say("not_made", why=str(error)))
                continue
            shown = environment_named(environment)
            first = f"{name}, {shown}" if asked.several else shown
            rows.append((first, percent(language, found.people), percent(language, found.mean)))
    if not rows:
        return Part(title, tuple(dict.fromkeys(wrong)) or (draw.say("quality.no_edges"),))
    head = [draw.say(f"column.{key}") for key in ("environment", "reaching", "outside")]
    leads = (draw.say("quality.edges_lead"), *dict.fromkeys(wrong))
    return Part(title, leads, tables=(grid(title, head, rows, numbers=(1, 2)),))


# references and manifest ---------------------------------------------------------------


def reference_list(asked: Asked) -> list[Reference]:
    """Return the references of everything that the report shows."""
    verbs: list[Callable[..., Any]] = [bootstrap]
    verbs += [profile] if asked.scales else []
    if asked.kind == "years":
        verbs += [trend, change]
    if asked.kind == "cities":
        verbs.append(rank)
    return references(_specs(asked), verbs)


def manifest_parts(asked: Asked, draw: Drawer, found: dict[str, Any]) -> tuple[Part, ...]:
    """Return inputs, versions and parameters as tables."""
    language = asked.language
    inputs: list[tuple[object, ...]] = []
    for one in found["inputs"]:
        label = f"{one['name']}: " if one["name"] else ""
        for file in one.get("files", []):
            digest = file["sha256"] or "–"
            inputs.append((f"{label}{file['name']}", f"{language.people(file['size'])} B", digest))
        inputs.append((f"{label}{draw.say('manifest.content_hash')}", "", one["content_sha256"]))
    head = [draw.say("manifest.file"), "", "SHA-256"]
    versions = [("segregate", version), *found["versions"].items()]
    parameters = [(name, json.dumps(value, ensure_ascii=False)) for name, value in found["parameters"].items()]
    what, value = draw.say("column.what"), draw.say("column.value")
    return (
        Part(tables=(grid(draw.say("manifest.inputs"), head, inputs),)),
        Part(tables=(grid(draw.say("manifest.parameters"), [what, value], parameters),)),
        Part(tables=(grid(draw.say("manifest.versions"), [what, value], versions),)),
    )
