"""A population in words, plain and HTML."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import numpy as np

from . import _html
from .errors import plural

if TYPE_CHECKING:
    from .population import Population

__all__ = ["as_html", "as_text"]

MOST_GROUPS = 20
"""Groups that a notebook shows."""


def as_text(population: Population) -> str:
    """Return groups, totals, CRS and bounds as a few lines."""
    rows = _groups(population)
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    listed = [f"  {a:<{widths[0]}}  {b:>{widths[1]}}  {c:>{widths[2]}}" for a, b, c in rows]
    first, *others = _summary(population)
    return "\n".join([f"Population: {first}", *listed, *others])


def as_html(population: Population) -> str:
    """Return the same as tables for notebooks."""
    groups = _groups(population)
    shares = population.shares
    rows = [
        (html.escape(name), people, share, _html.bar(float(part)))
        for (name, people, share), part in zip(groups[:MOST_GROUPS], shares, strict=False)
    ]
    more = len(groups) - len(rows)
    notes = [f"and {plural(more, 'more group', 'more groups')}"] if more else []
    return _html.block(
        f"Population: {_size(population)}",
        _html.table(["group", "people", "share", ""], rows, numbers=(1, 2)),
        _html.lines(notes),
        _html.facts(_facts(population)),
        _html.lines([f"note: {note}" for note in population.notes]),
    )


def _facts(population: Population) -> list[tuple[str, str]]:
    """Return what else is known, where it is."""
    rows = [("environment", str(population.environment)), ("CRS", _crs(population))]
    empty = int((population.totals == 0).sum())
    if empty:
        rows.append(("without people", plural(empty, "unit")))
    for name, value in (("bounds", _bounds(population)), ("source", population.source)):
        if value:
            rows.append((name, value))
    provenance = population.provenance
    if provenance is not None and provenance.licence:
        rows.append(("licence", provenance.licence))
    if population.uncertainty is not None:
        rows.append(("uncertain", repr(population.uncertainty)))
    if population.disclosure is not None and not population.disclosure.plain:
        rows.append(("disclosure", population.disclosure.sentence()))
    return rows


def _size(population: Population) -> str:
    units, groups = plural(population.n_units, "unit"), plural(population.n_groups, "group")
    return f"{units}, {groups}, {population.size:,.0f} people"


def _crs(population: Population) -> str:
    geometry = population.geometry
    return "no geometry" if geometry is None else str(getattr(geometry.crs, "name", "no CRS"))


def _bounds(population: Population) -> str:
    """Return the edges of the geometry, "" where there are none."""
    geometry = population.geometry
    if geometry is None or not np.isfinite(geometry.total_bounds).all():
        return ""
    west, south, east, north = geometry.total_bounds
    return f"{west:.6g}, {south:.6g} to {east:.6g}, {north:.6g}"


def _summary(population: Population) -> list[str]:
    source = f"; source: {population.source}" if population.source else ""
    lines = [_size(population), f"environment: {population.environment}; {_crs(population)}{source}"]
    bounds = _bounds(population)
    if bounds:
        lines.append(f"bounds: {bounds}")
    if population.uncertainty is not None:
        lines.append(f"uncertain: {population.uncertainty!r}")
    if population.disclosure is not None and not population.disclosure.plain:
        lines.append(f"disclosure: {population.disclosure.sentence()}")
    return lines + [f"note: {note}" for note in population.notes]


def _groups(population: Population) -> list[tuple[str, str, str]]:
    people = population.counts.sum(axis=0)
    return [
        (name, f"{number:,.0f}", f"{share:.1%}" if number > 0 else "-")
        for name, number, share in zip(population.groups, people, population.shares, strict=True)
    ]
