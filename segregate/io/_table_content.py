"""What a table says, apart from how it is written: its columns, and what is known about it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from ..errors import ParameterError
from ..results import Result

__all__ = ["Content", "content_of"]

Cell = str | int | float
ABOUT = {
    "title": "Title",
    "index": "Index",
    "symbol": "Symbol",
    "params": "Parameters",
    "group": "Group",
    "other": "Other group",
    "groups": "Groups",
    "environment": "Environment",
    "units": "Units",
    "people": "People",
    "source": "Source",
    "licence": "Licence",
    "files": "File",
    "steps": "Step",
    "notes": "Note",
    "date": "Computed",
    "version": "Version of segregate",
}
"""Keys of a record that come first, in this order, and how a reader knows them."""
UNSAID = frozenset({"center", "bounds", "column", "roles", "categories"})
"""Keys that are about drawing."""
SEVERAL = frozenset({"files", "steps", "notes"})
"""Keys with a row for each item."""


@dataclass(frozen=True, eq=False)
class Content:
    """A table and what is known about it.

    Attributes
    ----------
    table : DataFrame
        Columns with text as names, rows numbered.
    title : str
        The headline of a result, the name of an index, or "".
    about : tuple of (str, str or number)
        What was recorded, a row each.
    notes : tuple of str
        What the reader must know.
    """

    table: pd.DataFrame
    title: str
    about: tuple[tuple[str, Cell], ...]
    notes: tuple[str, ...]

    def noting(self, *notes: str) -> Content:
        """Return the same with more notes."""
        return replace(self, notes=(*self.notes, *(note for note in notes if note)))

    def lines(self) -> list[str]:
        """Return source, licence, day and notes as sentences to stand under the table."""
        known = dict(self.about)
        made = f"Computed {known.get('Computed')} with segregate {known.get('Version of segregate', '')}".strip()
        said = [
            f"{name}: {known[name]}" if name != "Licence" else str(known[name])
            for name in ("Groups", "Environment", "Source", "Licence")
            if name in known
        ]
        said += [made] if "Computed" in known else []
        return [f"{line.rstrip('.')}." for line in (*said, *self.notes)]


def content_of(table: object, *, keep_geometry: bool = False) -> Content:
    """Take a table, or something that has one, as rows and columns without an index.

    Parameters
    ----------
    table : DataFrame, Series or Result
        An index that says something becomes columns.
    keep_geometry : bool, optional
        Whether a GeoDataFrame stays one.

    Returns
    -------
    Content

    Raises
    ------
    ParameterError
        When it is no table.
    """
    title, notes = "", list[str]()
    if isinstance(table, Result):
        title, notes = table._headline(), list(table.notes)
        table = table.table
    if isinstance(table, pd.Series):
        attrs = table.attrs
        table = table.to_frame("value" if table.name is None else table.name)
        table.attrs = attrs
    if not isinstance(table, pd.DataFrame):
        hint = ": pop.to_frame()" if hasattr(table, "to_frame") else ", such as that of sg.measure, or a result"
        raise ParameterError(f"A table is a DataFrame{hint}; a {type(table).__name__} is none.")
    record = table.attrs.get("segregate")
    record = dict(record) if isinstance(record, Mapping) else {}
    recorded = [str(note) for note in record.get("notes") or ()]
    notes = list(dict.fromkeys([*recorded, *notes]))
    attrs = table.attrs
    if isinstance(table, gpd.GeoDataFrame) and not keep_geometry:
        shapes = [name for name, kind in table.dtypes.items() if str(kind) == "geometry"]
        table = pd.DataFrame(table.drop(columns=shapes))
        notes.append("Without the geometry of the units")
    title = title or str(record.get("title") or "")
    if title and record.get("group"):
        title = f"{title}: {record['group']}"
    flat = _flat(table)
    flat.attrs = attrs
    return Content(flat, title, tuple(_about({**record, "notes": notes})), tuple(notes))


def _flat(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with its index as columns, and names of columns as text."""
    numbered = isinstance(table.index, pd.RangeIndex) and table.index.name is None
    flat = table.copy()
    names: list[Any] = list(table.columns)
    flat.columns = pd.Index([_column_name(name) for name in names])
    if numbered:
        return flat.reset_index(drop=True)
    taken = set(flat.columns)
    levels = []
    for level, name in enumerate(table.index.names):
        text = str(name) if name is not None else "id" if table.index.nlevels == 1 else f"level {level + 1}"
        while text in taken:
            text += "_"
        taken.add(text)
        levels.append(text)
    for place, name in enumerate(levels):
        flat.insert(place, name, table.index.get_level_values(place).array)
    return flat.reset_index(drop=True)


def _column_name(name: object) -> str:
    """Return the name of a column as text, its levels joined."""
    return " ".join(str(part) for part in name if str(part)) if isinstance(name, tuple) else str(name)


def _about(record: Mapping[str, Any]) -> list[tuple[str, Cell]]:
    """Return what a record says, a row each."""
    rows: list[tuple[str, Cell]] = []
    for key in [*(key for key in ABOUT if key in record), *(key for key in record if key not in ABOUT)]:
        value = record[key]
        if key in UNSAID or value is None or value is False or value in ("", [], {}, ()):
            continue
        name = ABOUT.get(str(key), str(key).replace("_", " ").capitalize())
        if key in SEVERAL and isinstance(value, list | tuple):
            rows += [(name, _said(item)) for item in value]
        else:
            rows.append((name, _said(value)))
    return rows


def _said(value: object) -> Cell:
    """Write a recorded value for a reader."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str | int | float):
        return value
    if isinstance(value, Mapping):
        if {"name", "sha256"} <= set(value):
            return f"{value['name']} ({value.get('size', 0):,} bytes, SHA-256 {value['sha256'] or 'not computed'})"
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, list | tuple) and all(isinstance(item, str | int | float) for item in value):
        return ", ".join(str(item) for item in value)
    return json.dumps(value, ensure_ascii=False, default=str)
