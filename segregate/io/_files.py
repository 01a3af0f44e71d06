"""What all file formats share: finding the file, refusing what cannot be read, passing warnings on."""

from __future__ import annotations

import contextlib
import os
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from segregate.errors import (
    DataError,
    ParameterError,
    UnknownNameError,
    first_of,
    nearest,
    plural,
    warn,
)

__all__ = [
    "FORMATS",
    "LAYERED",
    "TABLES",
    "VECTOR",
    "Keep",
    "MissingFileError",
    "Some",
    "Source",
    "check_names",
    "choose_layer",
    "existing_file",
    "format_of",
    "header_names",
    "one_line",
    "relay_warnings",
]

FORMATS = {
    ".gpkg": "GeoPackage",
    ".shp": "Shapefile",
    ".zip": "zipped Shapefile, CSV, TSV or text",
    ".gz": "gzipped CSV, TSV or text",
    ".geojson": "GeoJSON",
    ".json": "GeoJSON",
    ".fgb": "FlatGeobuf",
    ".parquet": "Parquet or GeoParquet",
    ".geoparquet": "GeoParquet",
    ".csv": "CSV",
    ".tsv": "TSV",
    ".txt": "delimited text",
    ".xlsx": "Excel workbook",
}
VECTOR = (".gpkg", ".shp", ".zip", ".geojson", ".json", ".fgb")
TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".gz")
LAYERED = (*VECTOR, ".xlsx")
MOST_COLUMNS = 50_000
HARMLESS = (
    "Measured (M) geometry types are not supported",
    "extension is not supported and will be removed",
    "Workbook contains no default style",
    "Cannot parse header or footer",
)
"""Warnings of the reading libraries about things that no index looks at."""


Keep = Callable[[pd.DataFrame], npt.NDArray[np.bool_]]
"""Says which rows of a part of a table are kept."""
Some = Callable[[Sequence[str], Keep], pd.DataFrame]


class MissingFileError(DataError, FileNotFoundError):
    """There is no file of that name."""


class Source(NamedTuple):
    """A file that was found fit to read, with its columns; nothing else is read yet.

    Attributes
    ----------
    path : Path
        The file.
    names : tuple of str
        Names of its columns, without the geometry.
    load : callable
        Takes a list of columns, or None for all, and returns the (Geo)DataFrame.
    spatial : bool
        Whether its rows have geometry.
    number : str or None
        The one of the names that is a row number and read only when it is asked for.
    encoding : str
        Of text: "utf-8", or "cp1252" for Latin-1.
    some : callable or None
        Of text: takes a list of columns and a function that says of each part of the table, a frame of categorical
        columns, which rows to keep (an array of bool); returns these rows. No more than a part is held beside them.
    beside : callable or None
        Takes the name of a file and returns its bytes, if it is in the same folder or archive, or None.
    """

    path: Path
    names: tuple[str, ...]
    load: Callable[[Sequence[str] | None], pd.DataFrame]
    spatial: bool
    number: str | None = None
    encoding: str = "utf-8"
    some: Some | None = None
    beside: Callable[[str], bytes | None] | None = None


def existing_file(path: str | os.PathLike[str]) -> Path:
    """Return the path of a file that is there and holds something.

    Raises
    ------
    ParameterError
        If `path` is no path at all.
    MissingFileError
        If there is no such file; the message names files beside it with similar names.
    DataError
        For folders and empty files.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise ParameterError(
            f"read takes the path of a file, not {type(path).__name__}; "
            "a table in memory goes through Population.from_frame."
        )
    if "://" in str(path):
        raise ParameterError(f"{str(path)!r} is a web address; download the file first.")
    file = Path(path).expanduser()
    if file.is_dir():
        raise DataError(f"{str(path)!r} is a folder, not a file. {_formats_sentence()}")
    if not file.exists():
        raise MissingFileError(f"There is no file {str(path)!r}. {_similar_files(file)}")
    if not file.is_file():
        raise DataError(f"{str(path)!r} is a pipe, a socket or a device, not a file; save the data as a file first.")
    if file.stat().st_size == 0:
        raise DataError(f"{file.name} is empty (0 bytes); it may not have been downloaded or saved completely.")
    return file


def format_of(path: Path) -> str:
    """Return the suffix that tells the format; an unknown one is an error that lists the formats."""
    suffix = path.suffix.casefold()
    if suffix not in FORMATS:
        what = f"files ending in {path.suffix!r}" if suffix else "files without a suffix"
        raise DataError(f"{path.name}: {what} are not read. {_formats_sentence()}")
    return suffix


def _formats_sentence() -> str:
    return "The formats are " + ", ".join(f"{suffix} ({name})" for suffix, name in FORMATS.items()) + "."


def _similar_files(file: Path) -> str:
    """Return a hint with the files of the folder whose names are similar."""
    if not file.parent.is_dir():
        return f"The folder {str(file.parent)!r} does not exist either."
    beside = sorted(entry.name for entry in file.parent.iterdir() if entry.suffix.casefold() in FORMATS)
    if not beside:
        return f"The folder {str(file.parent)!r} holds no file of a format that can be read."
    return nearest(file.name, beside)


def check_names(names: Sequence[str], where: str) -> tuple[str, ...]:
    """Return the column names; those that occur twice are refused, and so are more than a table of people has."""
    if len(names) > MOST_COLUMNS:
        raise DataError(
            f"{where} has {len(names):,} columns; tables of more than {MOST_COLUMNS:,} are not read. If there is a "
            "column for each unit, turn the table round so that each unit is a row; if not, check the delimiter."
        )
    twice = {name: count for name, count in Counter(names).items() if count > 1}
    if twice:
        listed = ", ".join(f"{name!r} ({count} times)" for name, count in list(twice.items())[:5])
        raise DataError(
            f"{where} has {plural(len(twice), 'column name')} more than once: {listed}. "
            "Rename them in the file, so that each column has a name of its own."
        )
    return tuple(names)


def header_names(cells: Sequence[str], where: str) -> tuple[str, ...]:
    """Return the names in a header without the blanks around them; a blank one is called "Unnamed: 0"."""
    return check_names([cell.strip() or f"Unnamed: {place}" for place, cell in enumerate(cells)], where)


def choose_layer(layers: Sequence[str], layer: str | None, *, where: str, kind: str) -> str:
    """Return the layer that was asked for, or the only one.

    Parameters
    ----------
    layers : list of str
        The layers to choose from.
    layer : str or None
        What was asked for.
    where : str
        Name of the file, for messages.
    kind : str
        What a layer is called there: "layer" or "sheet".
    """
    if layer is not None:
        if layer not in layers:
            raise UnknownNameError(f"{where} has no {kind} {layer!r}. {nearest(layer, layers)}")
        return layer
    if len(layers) > 1:
        raise ParameterError(
            f"{where} has {plural(len(layers), kind)}: {first_of(layers, 20)}. Choose one: layer={layers[0]!r}."
        )
    return layers[0]


def one_line(error: BaseException, *paths: object) -> str:
    """Return what a library said in one line, without advice and paths that do not concern the user."""
    text = " ".join(str(error).split("; It might help")[0].split())
    for path in paths:
        text = text.replace(str(path), Path(str(path)).name)
    return text[:200].rstrip(" .") + ("..." if len(text) > 200 else "")


@contextlib.contextmanager
def relay_warnings(where: str) -> Iterator[None]:
    """Give the warnings of a reading library as one `SegregateWarning` that names the file."""
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        yield
    texts = [" ".join(str(item.message).split()) for item in heard]
    texts = [text for text in dict.fromkeys(texts) if not any(phrase in text for phrase in HARMLESS)]
    if texts:
        more = f" (and {len(texts) - 3} more)" if len(texts) > 3 else ""
        warn(f"While reading {where}: {'; '.join(texts[:3])}{more}.")
