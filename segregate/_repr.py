"""A population in words, plain and HTML."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import numpy as np

from .errors import plural

if TYPE_CHECKING:
    from .population import Population

__all__ = ["as_html", "as_text"]


def as_text(population: Population) -> str:
    """Return groups, totals, CRS and bounds as a few lines."""
    rows = _groups(population)
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    listed = [f"  {a:<{widths[0]}}  {b:>{widths[1]}}  {c:>{widths[2]}}" for a, b, c in rows]
    first, *others = _summary(population)
    return "\n".join([f"Population: {first}", *listed, *others])


def as_html(population: Population) -> str:
    """Return the same as a table for notebooks."""
    rows = "".join(f"<tr><th>{html.escape(a)}</th><td>{b}</td><td>{c}</td></tr>" for a, b, c in _groups(population))
    head = "<tr><th>group</th><th>people</th><th>share</th></tr>"
    lines = "<br>".join(html.escape(line) for line in _summary(population))
    return f"<div><b>Population</b><table><thead>{head}</thead><tbody>{rows}</tbody></table>{lines}</div>"


def _summary(population: Population) -> list[str]:
    geometry = population.geometry
    crs = "no geometry" if geometry is None else getattr(geometry.crs, "name", "no CRS")
    source = f"; source: {population.source}" if population.source else ""
    lines = [
        f"{plural(population.n_units, 'unit')}, {plural(population.n_groups, 'group')}, {population.size:,.0f} people",
        f"environment: {population.environment}; {crs}{source}",
    ]
    if geometry is not None and np.isfinite(geometry.total_bounds).all():
        west, south, east, north = geometry.total_bounds
        lines.append(f"bounds: {west:.6g}, {south:.6g} to {east:.6g}, {north:.6g}")
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
