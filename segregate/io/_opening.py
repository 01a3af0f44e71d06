"""Opening a file by its format."""

from __future__ import annotations

from pathlib import Path

from segregate._text_numbers import Style
from segregate.errors import ParameterError

from ._files import LAYERED, TABLES, VECTOR, Source, format_of
from ._parquet import open_parquet
from ._sheets import open_sheet
from ._stored import Stored, in_gzip, in_zip
from ._text import open_text
from ._vector import open_vector
from ._watching import UNWATCHED, Watch

__all__ = ["SPATIAL", "open_file"]

Box = tuple[float, float, float, float]
SPATIAL = "GeoPackage, Shapefile, GeoJSON, FlatGeobuf, GeoParquet"


def open_file(
    file: Path,
    *,
    layer: str | None,
    where: str | None,
    bbox: Box | None,
    as_text: bool = False,
    style: Style | None = None,
    watch: Watch = UNWATCHED,
) -> Source:
    """Open a file by its format; options that the format does not have are refused.

    Parameters
    ----------
    file : Path
        It is there.
    layer, where, bbox
        As in `segregate.read`.
    as_text : bool
        Leave the columns of delimited text as they stand, and take what is not UTF-8 as Latin-1.
    style : Style, optional
        Decimal mark and thousands mark of numbers in text and in the texts of workbooks.
    watch : Watch
        Is told how much was read.
    """
    suffix = format_of(file)
    if suffix == ".zip" and (table := in_zip(file, layer)) is not None:
        _refuse_box(table.path, bbox)
        return open_text(table, latin=as_text, raw=as_text, style=style, where=where, watch=watch)
    if suffix in TABLES:
        _refuse_box(file, bbox)
    if layer is not None and suffix not in LAYERED:
        raise ParameterError(f"layer= is for formats with layers or sheets; {file.name} has none.")
    if suffix in VECTOR:
        return open_vector(file, layer=layer, where=where, bbox=bbox, watch=watch)
    if suffix in (".parquet", ".geoparquet"):
        return open_parquet(file, bbox=bbox, where=where, watch=watch)
    if suffix == ".xlsx":
        return open_sheet(file, layer=layer, where=where, style=style)
    stored = in_gzip(file) if suffix == ".gz" else Stored(file)
    return open_text(stored, latin=as_text, raw=as_text, style=style, where=where, watch=watch)


def _refuse_box(file: Path, bbox: Box | None) -> None:
    if bbox is not None:
        raise ParameterError(
            f"bbox= works on formats with geometry ({SPATIAL}), not on {file.name}. With columns of coordinates use "
            'where=: "x BETWEEN 4000000 AND 4100000 AND y BETWEEN 3000000 AND 3100000".'
        )
