"""Tables on stdout or in a file."""

from __future__ import annotations

import sys
from pathlib import Path

import geopandas as gpd
import pandas as pd
import typer

from ..errors import ParameterError
from ..io._writing import whole
from ..io.tables import SUFFIXES, written_table
from ._options import Format

__all__ = ["as_text", "write_table"]

FORMS = {".txt": Format.table, **{suffix: Format(form) for suffix, form in SUFFIXES.items()}}
LAYERS = (".gpkg", ".geojson")


def as_text(table: pd.DataFrame) -> str:
    """Return a table for people: four digits, no columns that are empty throughout."""
    shown = pd.DataFrame(table.drop(columns="geometry", errors="ignore"))
    empty = [name for name in shown.columns if shown[name].astype(str).isin(["", "{}"]).all()]
    return shown.drop(columns=empty).to_string(index=False, float_format=lambda value: f"{value:.4f}", na_rep="-")


def write_table(table: pd.DataFrame, output: Path | None, form: Format | None) -> None:
    """Write a table where and how the user wants it.

    Parameters
    ----------
    table : DataFrame
        A GeoDataFrame keeps its geometry in GeoPackage, GeoJSON, JSON and Parquet.
    output : Path or None
        None is stdout.
    form : Format or None
        By default what the suffix of `output` says, and a table on stdout.
    """
    suffix = output.suffix.lower() if output else ""
    if output and form is None and suffix in LAYERS:
        if not isinstance(table, gpd.GeoDataFrame):
            raise ParameterError(f"{output.name} needs geometry, and these data have none; write .csv or .parquet.")
        table.to_file(output)
        return
    if output and form is None and suffix not in FORMS:
        raise ParameterError(
            f"{output.name}: the suffix says nothing known. Use {', '.join(FORMS)}, {', '.join(LAYERS)} or --format."
        )
    form = form or FORMS.get(suffix, Format.table)
    if form is Format.xlsx and output is None:
        raise ParameterError("A workbook is no text for the screen; name a file: -o table.xlsx.")
    content = _content(table, form, output)
    if output is None:
        sys.stdout.flush()
        if form is Format.parquet:
            sys.stdout.buffer.write(content)
        else:
            typer.echo(content.decode().removesuffix("\n"))
        return
    with whole(output) as temporary:
        temporary.write_bytes(content)


def _content(table: pd.DataFrame, form: Format, output: Path | None) -> bytes:
    """Return the table as it goes into a file."""
    if form is Format.table:
        return f"{as_text(table)}\n".encode()
    if form is Format.json and isinstance(table, gpd.GeoDataFrame):
        return f"{table.to_json(to_wgs84=table.crs is not None)}\n".encode()
    content, note = written_table(table, form.value, name=output.name if output else "")
    if note:
        typer.echo(note, err=True)
    return content
