"""Tables on stdout or in a file."""

from __future__ import annotations

import sys
from pathlib import Path

import geopandas as gpd
import pandas as pd
import typer

from ..errors import ParameterError
from ._formulas import without_formulas
from ._options import Format

__all__ = ["as_text", "write_table"]

SUFFIXES = {".csv": Format.csv, ".json": Format.json, ".parquet": Format.parquet, ".txt": Format.table}
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
        A GeoDataFrame keeps its geometry in GeoPackage, GeoJSON and Parquet.
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
    if output and form is None and suffix not in SUFFIXES:
        raise ParameterError(
            f"{output.name}: the suffix says nothing known. Use {', '.join(SUFFIXES)}, {', '.join(LAYERS)} or --format."
        )
    form = form or SUFFIXES.get(suffix, Format.table)
    if form is Format.parquet:
        target = output or sys.stdout.buffer
        table.to_parquet(target)
        return
    if form is Format.json and isinstance(table, gpd.GeoDataFrame):
        text = table.to_json(to_wgs84=table.crs is not None)
    elif form is Format.json:
        text = table.to_json(orient="records", indent=1, double_precision=15)
    elif form is Format.csv:
        plain, marked = without_formulas(pd.DataFrame(table.drop(columns="geometry", errors="ignore")))
        if marked:
            typer.echo(marked, err=True)
        text = plain.to_csv(index=False).rstrip("\n")
    else:
        text = as_text(table)
    if output is None:
        typer.echo(text)
    else:
        output.write_text(text + "\n", encoding="utf-8")
