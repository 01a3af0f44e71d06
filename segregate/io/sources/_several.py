"""Several files of one table of a public source: other areas, the same groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import geopandas as gpd
import pandas as pd

from segregate.errors import DataError, ParameterError, first_of, plural

from ._layout import SourceFrame

__all__ = ["lengths", "put_together"]


def put_together(parts: Sequence[SourceFrame], files: Sequence[str]) -> SourceFrame:
    """Put the rows of some files under one another, where they are parts of one table.

    Parameters
    ----------
    parts : list of SourceFrame
        Two or more, of one layout.
    files : list of str
        Where they come from, for messages.

    Raises
    ------
    ParameterError
        Where groups, years, kinds of areas or coordinate systems differ.
    DataError
        Where a unit is in more than one file.
    """
    first = parts[0]
    for part, file in zip(parts[1:], files[1:], strict=True):
        _check_alike(first, part, (files[0], file))
    ids = pd.concat([part.frame[part.id] for part in parts], ignore_index=True)
    twice = ids[ids.duplicated()].unique()
    if len(twice):
        where = [file for part, file in zip(parts, files, strict=True) if (part.frame[part.id] == twice[0]).any()]
        raise DataError(
            f"{plural(len(twice), 'unit')} {'is' if len(twice) == 1 else 'are'} in more than one of the files (first: "
            f"{first_of(twice)}, in {first_of(where)}); their people would count twice. If the files are years of the "
            "same areas read each alone (segregate.change compares them); if not, take the units out of one."
        )
    frame = pd.concat([part.frame for part in parts], ignore_index=True)
    if isinstance(first.frame, gpd.GeoDataFrame):
        frame = gpd.GeoDataFrame(frame, geometry=first.frame.active_geometry_name, crs=first.frame.crs)
    typed = dict.fromkeys(name for part in parts for name in part.cells)
    cells = {name: first.typed(name).followed_by(*(part.typed(name) for part in parts[1:])) for name in typed}
    return replace(
        first,
        frame=frame,
        cells=cells,
        notes=(f"{len(parts)} files of one table put together: {first_of(files, 5)}", *_notes(parts, files)),
        caveats=tuple(dict.fromkeys(caveat for part in parts for caveat in part.caveats)),
    )


def lengths(ids: pd.Series[Any]) -> str:
    """Say how long ids are, where that tells the kind of areas: "11 characters"."""
    found = sorted(ids.str.len().dropna().astype(int).unique())
    return f"{' or '.join(map(str, found[:4]))} characters"


def _notes(parts: Sequence[SourceFrame], files: Sequence[str]) -> list[str]:
    """Return the notes of all parts; one that is not that of every part says of which file it is."""
    common = [note for note in parts[0].notes if all(note in part.notes for part in parts)]
    own = [
        f"{file}: {note}" for part, file in zip(parts, files, strict=True) for note in part.notes if note not in common
    ]
    return [*common, *own]


def _check_alike(one: SourceFrame, other: SourceFrame, files: tuple[str, str]) -> None:
    """Refuse tables that are no parts of one."""
    for what in dict.fromkeys([*one.alike, *other.alike]):
        mine, theirs = (part.alike.get(what, "not known") for part in (one, other))
        if mine != theirs:
            raise ParameterError(
                f"{files[0]} and {files[1]} are no parts of one table, because they differ in their {what}: {mine}, "
                f"and {theirs}. The same people may be in both, and would count twice; read each alone."
            )
    same: dict[str, tuple[Any, Any]] = {
        "groups": (one.groups, other.groups),
        "meanings of the groups": (dict(one.meanings), dict(other.meanings)),
        "totals": (one.total, other.total),
        "margins of error": (dict(one.moe), dict(other.moe)),
        "columns of ids": (one.id, other.id),
        "coordinate systems": (_crs(one), _crs(other)),
    }
    for what, pair in same.items():
        if pair[0] != pair[1]:
            said = "" if isinstance(pair[0], dict) else f": {_listed(pair[0])}, and {_listed(pair[1])}"
            raise ParameterError(
                f"{files[0]} and {files[1]} cannot be put together, because they differ in their {what}{said}; read "
                "each alone."
            )


def _listed(value: object) -> str:
    return first_of(value, 10) if isinstance(value, tuple) else "none" if value is None else str(value)


def _crs(part: SourceFrame) -> str:
    shapes = part.geometry
    return "no geometry" if shapes is None else "not known" if shapes.crs is None else str(shapes.crs.name)
