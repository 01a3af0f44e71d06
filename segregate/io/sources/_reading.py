"""From a file to the table of a source."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from segregate.errors import DataError, ParameterError, first_of

from .._files import existing_file
from .._opening import open_file
from .._stored import Stored
from .._watching import UNWATCHED, Watch
from ._layout import Layout, Opened, SourceFrame, layouts, recognise, resolve

__all__ = ["choose", "interpret", "open_source", "read_source", "sources"]

Box = tuple[float, float, float, float]


def sources() -> pd.DataFrame:
    """Return the public sources whose layouts are known.

    Returns
    -------
    DataFrame
        One row per source: name (for ``source=``), title, publisher, area, years, units, groups, licence, page,
        certain ("seen": the layout was read in the publisher's documentation or in public code; "partly": some of
        it is from memory; "mapping": you say which column is what) and options.

    Examples
    --------
    >>> import segregate as sg
    >>> "nomis_ts021" in set(sg.sources()["name"])
    True
    """
    fields = ("name", "title", "publisher", "area", "years", "units", "groups", "licence", "page", "certain")
    rows = [
        {
            **{key: getattr(known, key) for key in fields},
            "groups": ", ".join(known.groups),
            "options": ", ".join(f"{key}={value!r}" for key, value in known.options.items()),
        }
        for _, known in sorted(layouts.items())
    ]
    return pd.DataFrame(rows, columns=[*fields, "options"])


def open_source(
    path: str | os.PathLike[str],
    *,
    layer: str | None = None,
    where: str | None = None,
    bbox: Sequence[float] | None = None,
    watch: Watch = UNWATCHED,
) -> Opened:
    """Open a file so that sources can look at it; the parameters are those of `segregate.read`."""
    file = existing_file(path)
    box: Any = None if bbox is None else tuple(bbox)
    opened = open_file(file, layer=layer, where=where, bbox=box, as_text=True, watch=watch)
    return Opened(
        opened.path,
        opened.names,
        opened.load,
        opened.spatial,
        opened.encoding,
        opened.some,
        opened.beside or Stored(file).beside,
    )


def choose(opened: Opened, source: str | Mapping[str, Any] = "auto") -> tuple[Layout, dict[str, Any], str]:
    """Return the layout of a file, its options, and how it was found.

    Raises
    ------
    UnknownNameError
        For the name of a source that does not exist.
    DataError
        If no layout fits, or the one that was asked for does not.
    ParameterError
        If several fit: the message asks which.
    """
    if source != "auto":
        known, options = resolve(source)
        return known, options, f"read as {known.name}"
    found = recognise(opened)
    if not found:
        raise DataError(
            f"{opened.path.name} has the layout of no source that is known (columns: {first_of(opened.names, 8)}). "
            "Say which columns are the groups: groups=[...]; segregate.sources() lists the sources."
        )
    best = [match for match in found if match.score == found[0].score]
    if len(best) > 1:
        listed = "; ".join(f"{match.name} ({match.why})" for match in best)
        raise ParameterError(
            f"{opened.path.name} may be of {len(best)} sources: {listed}. Say which: source={best[0].name!r}."
        )
    return layouts[best[0].name], {}, f"recognised as {best[0].name}: {best[0].why}"


def read_source(
    path: str | os.PathLike[str] | Path,
    *,
    source: str | Mapping[str, Any] = "auto",
    layer: str | None = None,
    where: str | None = None,
    bbox: Sequence[float] | None = None,
) -> SourceFrame:
    """Read a file of a public source as a table with one row per unit.

    Parameters
    ----------
    path, layer, where, bbox
        As in `segregate.read`.
    source : str or mapping
        "auto", a name of `sources`, or a name with options: ``"nomis_ts021:detail=detailed"`` or
        ``{"source": "nomis_ts021", "detail": "detailed"}``.

    Returns
    -------
    SourceFrame
        The first note says how the layout was found.
    """
    opened = open_source(path, layer=layer, where=where, bbox=bbox)
    return interpret(opened, *choose(opened, source))


def interpret(opened: Opened, known: Layout, options: Mapping[str, Any], how: str) -> SourceFrame:
    """Read an opened file by a layout; `how` it was found is the first note."""
    made = known.read(opened, options)
    if len(made.frame) == 0:
        raise DataError(f"{opened.path.name} has columns but no rows, so there is nobody to measure.")
    return replace(made, notes=(how, *made.notes))
