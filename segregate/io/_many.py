"""Several tables of one city: more rows of the same columns, or more columns of the same units."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from segregate.errors import DataError, ParameterError, first_of, plural

from ._files import MissingFileError, Source, existing_file

__all__ = ["Paths", "files_of", "label_of", "open_several"]

Paths = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]
WILD = frozenset("*?[")


def files_of(path: Paths) -> list[Path]:
    """Return the files that a path, a pattern such as "data/2011_*.csv", or a list of paths names.

    Raises
    ------
    ParameterError
        For an empty list, and a file that is named twice.
    MissingFileError
        Where nothing matches a pattern.
    """
    if isinstance(path, (list, tuple)):
        if not path:
            raise ParameterError("read takes the path of a file, or a list of paths; this list is empty.")
        files = [existing_file(each) for each in path]
        names = [file.resolve() for file in files]
        twice = [file.name for file, name in zip(files, names, strict=True) if names.count(name) > 1]
        if twice:
            raise ParameterError(f"{twice[0]} is named twice in the list of files; its people would count twice.")
        return files
    one: Any = path
    if not isinstance(one, (str, os.PathLike)) or not WILD & set(str(one)) or Path(one).expanduser().exists():
        return [existing_file(one)]
    found = sorted(glob.glob(str(Path(one).expanduser()), recursive=True))  # noqa: PTH207 - the pattern has the folder
    if not found:
        raise MissingFileError(
            f"No file matches {str(path)!r}; check the folder ({str(Path.cwd())!r} is here) and the *."
        )
    return [existing_file(match) for match in found]


def label_of(files: Sequence[Path]) -> str:
    """Return the names of some files, for messages and sources."""
    names = [file.name for file in files]
    return ", ".join(names) if len(names) <= 3 else f"{names[0]}, {names[1]} and {len(names) - 2} more"


def open_several(
    files: Sequence[Path],
    opener: Callable[[Path], Source],
    *,
    needed: Sequence[str],
    id: str | None,  # noqa: A002
) -> tuple[Source, str]:
    """Open several files as one table.

    Files that all have the columns that are asked for are stacked: their rows are the units. Files of which each has
    other columns of them are joined by the ids.

    Parameters
    ----------
    files : list of Path
        Two or more.
    opener : callable
        Opens one of them.
    needed : list of str
        Columns that are asked for by name.
    id : str or None
        Column of the ids.

    Returns
    -------
    source : Source
        Its rows are put together when it is loaded.
    note : str
        Which rule was taken.

    Raises
    ------
    ParameterError
        Where neither rule fits; the message says what to do.
    """
    sources = [opener(file) for file in files]
    names = tuple(dict.fromkeys(name for source in sources for name in source.names))
    label = Path(label_of(files).replace(os.sep, "_"))
    asked = [name for name in dict.fromkeys(needed) if name != id]
    lists = [set(source.names) for source in sources]
    everywhere = all(set(asked) <= found for found in lists) if asked else all(found == lists[0] for found in lists)
    spatial = [source for source in sources if source.spatial]
    if everywhere:
        if spatial and len(spatial) < len(sources):
            flat = next(source for source in sources if not source.spatial)
            raise ParameterError(
                f"{spatial[0].path.name} has geometry and {flat.path.name} has none, so their rows are no units of one "
                "table. Read those without alone, with join= for their geometry."
            )
        partly = [name for name in names if not all(name in found for found in lists)]
        note = f"{len(files)} files with the same columns stacked: {label.name}"
        if partly:
            note += f" (missing where a file lacks it: {first_of(partly, 5)})"
        return Source(label, names, lambda wanted: _stacked(sources, wanted, id), bool(spatial)), note
    _check_joinable(sources, asked, id)
    note = f"{len(files)} files with the same units joined by {id!r}: {label.name}"
    if len(spatial) > 1:
        note += f"; the geometry is that of {spatial[0].path.name}"
    return Source(label, names, lambda wanted: _joined(sources, wanted, str(id)), bool(spatial)), note


def _check_joinable(sources: Sequence[Source], asked: Sequence[str], id: str | None) -> None:  # noqa: A002
    """Refuse files that are neither parts of one table nor of the same units."""
    files = [source.path.name for source in sources]
    having = {name: [source.path.name for source in sources if name in source.names] for name in asked}
    some = {name: found for name, found in having.items() if 1 < len(found) < len(files)}
    if some:
        name, found = next(iter(some.items()))
        lacks = next(file for file in files if file not in found)
        raise ParameterError(
            f"The files are neither parts of one table nor tables of the same units: {name!r} is in {len(found)} of "
            f"{len(files)} files ({first_of(found)}; not in {lacks!r}). Read files with the same columns together and "
            "put the rest into a table of its own, or rename columns that mean something else."
        )
    doubled = [name for name, found in having.items() if len(found) == len(files)]
    if doubled and len(doubled) < len(asked):
        raise ParameterError(
            f"All files have {first_of(doubled)}, but not {first_of(name for name in asked if name not in doubled)}: "
            "are their rows other units, or the same? Leave out of groups= and total= what all have, or stack files "
            "that have all columns."
        )
    listed = "; ".join(f"{source.path.name}: {first_of(source.names, 3 if asked else 6)}" for source in sources[:3])
    if not asked:
        raise ParameterError(
            f"The files have different columns ({listed}): name the groups, groups=[...]. Groups that are in all files "
            "are stacked; those of which each file has other ones are joined by the ids, id='...'."
        )
    if id is None:
        raise ParameterError(
            f"The files have different columns ({listed}), so "
            "they are joined by the ids of the units: say which column holds them, id='...'."
        )
    lacking = [source.path.name for source in sources if id not in source.names]
    if lacking:
        raise ParameterError(
            f"The files have different columns, so they are joined by {id!r} (id=), which {first_of(lacking)} lacks; "
            "rename the column of the ids there."
        )


def _stacked(sources: Sequence[Source], wanted: Sequence[str] | None, id: str | None) -> pd.DataFrame:  # noqa: A002
    """Put the rows of all files under one another."""
    frames = [source.load(_of(source, wanted)) for source in sources]
    files = [source.path.name for source in sources]
    if id is not None and all(id in frame.columns for frame in frames):
        _check_clashes([_labels(frame[id]) for frame in frames], files, id)
    if isinstance(frames[0], gpd.GeoDataFrame):
        frames = _one_geometry(frames, files)
    for name in dict.fromkeys(name for frame in frames for name in frame.columns):
        having = [frame for frame in frames if name in frame.columns]
        text = [isinstance(frame[name].dtype, pd.StringDtype) for frame in having]
        if any(text) and not all(text):  # as it would be if all stood in one file
            for frame in having:
                if pd.api.types.is_numeric_dtype(frame[name].dtype):
                    frame[name] = _written(frame[name])
    return pd.concat(frames, ignore_index=True)


def _joined(sources: Sequence[Source], wanted: Sequence[str] | None, id: str) -> pd.DataFrame:  # noqa: A002
    """Put the columns of all files beside one another, in the order of the units of the first."""
    frames = [source.load(_of(source, None if wanted is None else [*wanted, id])) for source in sources]
    files = [source.path.name for source in sources]
    keys = [_labels(frame[id]) for frame in frames]
    for key, file in zip(keys, files, strict=True):
        twice = key[key.duplicated()].unique()
        if len(twice) or key.hasnans:
            what = (
                f"{plural(len(twice), 'id')} twice (first: {first_of(twice)})" if len(twice) else "rows without an id"
            )
            raise DataError(f"{file} has {what} in {id!r}, so it cannot be joined to {files[0]}; correct it.")
    for key, file in zip(keys[1:], files[1:], strict=True):
        extra, lost = key.difference(keys[0], sort=False), keys[0].difference(key, sort=False)
        if len(extra) or len(lost):
            said = [
                f"{plural(len(ids), 'unit')} only in {where} (first: {first_of(ids)})"
                for ids, where in ((lost, files[0]), (extra, file))
                if len(ids)
            ]
            raise DataError(
                f"{files[0]} and {file} have different columns, so they are joined by {id!r}, but not the same units: "
                f"{'; '.join(said)}. Units that are missing are not empty: add their rows, or take them out of both."
            )
    shapes = next((place for place, frame in enumerate(frames) if isinstance(frame, gpd.GeoDataFrame)), None)
    found = pd.DataFrame(frames[0])
    for place, frame in enumerate(frames[1:], start=1):
        matched = pd.DataFrame(frame).iloc[keys[place].get_indexer(keys[0])].set_axis(found.index)
        geometry = frame.active_geometry_name if isinstance(frame, gpd.GeoDataFrame) else None
        both = [name for name in matched.columns if name in found.columns and name not in (id, geometry)]
        for name in both:
            _check_same(found[name], matched[name], keys[0], (files[0], files[place]))
        drop = [*both, id, *([geometry] if geometry is not None and place != shapes else [])]
        found = pd.concat([found, matched.drop(columns=drop)], axis=1)
    if shapes is None:
        return found
    chosen: Any = frames[shapes]
    located: pd.DataFrame = gpd.GeoDataFrame(found, geometry=chosen.active_geometry_name, crs=chosen.crs)
    return located


def _of(source: Source, wanted: Sequence[str] | None) -> list[str] | None:
    return None if wanted is None else [name for name in source.names if name in wanted]


def _labels(column: pd.Series[Any]) -> pd.Index:
    """Return ids as text, missing ones as they are: 6067 in one file is "6067" in the other."""
    return pd.Index(_written(column) if pd.api.types.is_numeric_dtype(column.dtype) else column.astype("str"))


def _written(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return numbers as text, whole ones without a point."""
    texts = [None if pd.isna(v) else str(int(v)) if float(v).is_integer() else repr(float(v)) for v in column.array]
    return pd.Series(texts, index=column.index, name=column.name, dtype="str")


def _check_clashes(keys: Sequence[pd.Index], files: Sequence[str], id: str) -> None:  # noqa: A002
    """Refuse ids that are in more than one file."""
    whole = pd.Index(np.concatenate([key.unique().to_numpy(dtype=object) for key in keys]))
    twice = whole[whole.duplicated()].dropna().unique()
    if not len(twice):
        return
    where = [file for key, file in zip(keys, files, strict=True) if twice[0] in key]
    same = all(len(key) == len(keys[0]) and key.isin(keys[0]).all() for key in keys[1:])
    advice = (
        "They are the same units: if the files are years of one city, read each alone (segregate.change compares "
        "them); if they are parts of the people, give their columns different names, and they are joined by the ids."
        if same
        else "Each unit is one row: take it out of one of them, or choose another column as id=."
    )
    raise DataError(
        f"The files have the same columns, so their rows are stacked, but {plural(len(twice), 'id')} of {id!r} "
        f"{'is' if len(twice) == 1 else 'are'} in more than one of them (first: {first_of(twice)}, in "
        f"{first_of(where)}). {advice}"
    )


def _one_geometry(frames: Sequence[pd.DataFrame], files: Sequence[str]) -> list[pd.DataFrame]:
    """Return frames whose geometry has one name; different reference systems are refused."""
    first: Any = frames[0]
    found: list[pd.DataFrame] = []
    for frame, file in zip(frames, files, strict=True):
        located: Any = frame
        if located.crs != first.crs:
            names = [getattr(crs, "name", "no CRS") for crs in (first.crs, located.crs)]
            raise DataError(
                f"{files[0]} is in {names[0]} and {file} in {names[1]}; bring them "
                "into one with frame.to_crs(...) first."
            )
        same = located.active_geometry_name == first.active_geometry_name
        found.append(located if same else located.rename_geometry(first.active_geometry_name))
    return found


def _check_same(ours: pd.Series[Any], theirs: pd.Series[Any], keys: pd.Index, files: tuple[str, str]) -> None:
    """Refuse a column that two files have with different values."""
    a, b = (_labels(column).to_numpy(dtype=object) for column in (ours, theirs))
    differ = np.flatnonzero((a != b) & ~(pd.isna(a) & pd.isna(b)))
    if len(differ):
        first = differ[0]
        raise DataError(
            f"{files[0]} and {files[1]} both have a column {ours.name!r}, with different values in "
            f"{plural(len(differ), 'unit')} (first: {keys[first]!r}, {a[first]!r} and {b[first]!r}). Rename it in "
            "one of them, or leave it out with columns=[...]."
        )
