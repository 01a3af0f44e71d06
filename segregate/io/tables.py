"""Tables to files: for programs, for spreadsheets, for papers."""

from __future__ import annotations

import io
import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from ..errors import DataError, ParameterError, first_of, warn
from ._formulas import without_formulas
from ._table_content import Content, content_of
from ._table_text import as_html, as_latex, as_markdown
from ._table_xlsx import as_xlsx
from ._writing import whole

if TYPE_CHECKING:
    from ..results import Result

__all__ = ["SUFFIXES", "save_table", "written_table"]

SUFFIXES = {
    ".csv": "csv",
    ".json": "json",
    ".parquet": "parquet",
    ".xlsx": "xlsx",
    ".tex": "latex",
    ".md": "markdown",
    ".html": "html",
}
"""Formats by the suffix of a file."""
READ = ("xlsx", "latex", "markdown", "html")
"""Formats for people."""
MOST_DIGITS = 15
LABEL = re.compile(r"[\w:.+/ -]+", re.ASCII)


def save_table(
    table: pd.DataFrame | pd.Series[Any] | Result,
    path: str | os.PathLike[str],
    *,
    digits: int | None = None,
    caption: str | None = None,
    label: str | None = None,
) -> None:
    r"""Save a table for a program, a spreadsheet or a paper.

    Parameters
    ----------
    table : DataFrame, Series or result
        Any table of this package or another: of `segregate.measure`, `segregate.local` (without its geometry,
        save in Parquet), `segregate.catalogue`, or a result, of which its ``table`` is taken. It is not changed.
    path : path
        File to write; the suffix says the format. ``.csv``, ``.json`` (a list of rows) and ``.parquet`` are for
        programs, ``.xlsx`` for spreadsheets, ``.tex`` (LaTeX, with booktabs), ``.md`` (Markdown) and
        ``.html`` for documents. An existing file is replaced, and none is left half written.
    digits : int, optional
        Decimals of numbers that are not whole, for ``.tex``, ``.md``, ``.html`` and ``.xlsx``, where it is
        only how cells are shown. As a rule all digits are written.
    caption : str, optional
        Text over the table, for the same formats; as a rule the headline of a result or the name of
        the index. ``""`` for none.
    label : str, optional
        Name for ``\ref`` in LaTeX.

    Raises
    ------
    ParameterError
        When it is no table, the suffix is not known, the folder is not there, or an argument is not for this format.
    DataError
        When the format cannot hold the table.

    Warns
    -----
    SegregateWarning
        When text in a CSV would be run by a spreadsheet; it is written with an apostrophe before it.

    Notes
    -----
    An index that has a name or labels becomes a column. A missing value is an empty cell, ``null`` in JSON, and a
    dash in documents. JSON and XLSX have no infinite numbers: these are the texts ``inf`` and ``-inf``. What the table
    records (groups, environment, source, licence, notes) stands under it in documents, and in full in
    the sheet "about" of a workbook.

    The same table gives the same bytes.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import segregate as sg
    >>> table = sg.measure(sg.sample("schools"), ["D", "H"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     sg.save_table(table[["index", "value"]], Path(folder) / "table.md", digits=3, caption="")
    ...     print((Path(folder) / "table.md").read_text().splitlines()[0])
    | index              | value |
    """
    target = _check_path(path)
    form = SUFFIXES[target.suffix.lower()]
    written, note = written_table(table, form, digits=digits, caption=caption, label=label, name=target.name)
    if note:
        warn(note.removeprefix("note: "))
    with whole(target) as temporary:
        temporary.write_bytes(written)


def written_table(
    table: pd.DataFrame | pd.Series[Any] | Result,
    form: str,
    *,
    digits: int | None = None,
    caption: str | None = None,
    label: str | None = None,
    name: str = "",
) -> tuple[bytes, str]:
    """Write a table in a format.

    Parameters
    ----------
    table : DataFrame, Series or Result
        The table.
    form : str
        One of the values of `SUFFIXES`.
    digits, caption, label
        See `save_table`.
    name : str, optional
        Of the file, for messages.

    Returns
    -------
    content : bytes
        The file; text is UTF-8 with a line break at its end.
    note : str
        What a reader of CSV should know, "" for nothing.
    """
    _check_options(form, digits, caption, label, name or form)
    content = content_of(table, keep_geometry=form == "parquet")
    if form in ("json", "parquet"):
        _check_names(content.table, name or form)
    if form == "csv":
        safe, note = without_formulas(content.table)
        return safe.to_csv(index=False, lineterminator="\n").encode(), note
    if form == "parquet":
        return _as_parquet(content.table, name or form), ""
    if form == "json":
        return _as_json(content.table).encode(), ""
    if caption is not None:
        content = Content(content.table, caption, content.about, content.notes)
    if form == "xlsx":
        return as_xlsx(content, digits=digits), ""
    if digits is not None:
        content = content.noting(f"Rounded to {digits} decimal{'' if digits == 1 else 's'}")
    if form == "latex":
        return as_latex(content, digits=digits, label=label).encode(), ""
    return (as_markdown if form == "markdown" else as_html)(content, digits=digits).encode(), ""


def _check_path(path: str | os.PathLike[str]) -> Path:
    """Refuse a path that cannot be written to, before anything is done."""
    target = Path(path)
    suffix = target.suffix.lower()
    if suffix in (".gpkg", ".geojson"):
        raise ParameterError(
            f"{target.name} would be a layer: save it with to_file() of the GeoDataFrame, or as a map with "
            f"sg.plot.map(..., save={target.name!r}). A table is saved as {', '.join(SUFFIXES)}."
        )
    if suffix not in SUFFIXES:
        what = f"the suffix {target.suffix!r}" if target.suffix else "no suffix"
        raise ParameterError(f"{str(target)!r} has {what}; a table is saved as {', '.join(SUFFIXES)}.")
    if target.is_dir():
        raise ParameterError(f"{str(target)!r} is a folder; name a file in it.")
    if not target.parent.is_dir():
        raise ParameterError(f"The folder {str(target.parent)!r} does not exist; make it first.")
    return target


def _check_options(form: str, digits: object, caption: str | None, label: str | None, name: str) -> None:
    """Refuse what a format has no place for."""
    if form not in READ and (digits is not None or caption is not None):
        what = "digits=" if digits is not None else "caption="
        raise ParameterError(
            f"{what} is for tables that people read (.xlsx, .tex, .md, .html); {name} is for programs, which get all "
            "digits and nothing else."
        )
    if label is not None and form != "latex":
        raise ParameterError(f"label= is for LaTeX (.tex), and {name} is none.")
    if label is not None and not LABEL.fullmatch(label):
        raise ParameterError(
            f"label={label!r} has characters that LaTeX does not take there; use letters, digits, : and -."
        )
    whole_number = isinstance(digits, int | np.integer) and not isinstance(digits, bool)
    if digits is not None and not (whole_number and 0 <= digits <= MOST_DIGITS):  # type: ignore[operator]
        raise ParameterError(f"digits= is a whole number from 0 to {MOST_DIGITS}, not {digits!r}.")


def _check_names(table: pd.DataFrame, name: str) -> None:
    """Refuse two columns of one name where names are all there is."""
    twice = table.columns[table.columns.duplicated()].unique()
    if len(twice):
        raise DataError(
            f"{name} knows columns by their names, and these are there twice: {first_of(twice)}; rename them."
        )


def _as_parquet(table: pd.DataFrame, name: str) -> bytes:
    stream = io.BytesIO()
    try:
        table.to_parquet(stream)
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise DataError(f"{name} cannot hold this table: {error}. Give each column values of one type.") from error
    return stream.getvalue()


def _as_json(table: pd.DataFrame) -> str:
    """Write rows as JSON, all digits of every number."""
    columns = [table.iloc[:, place].astype(object).tolist() for place in range(table.shape[1])]
    names = [str(name) for name in table.columns]
    rows = [dict(zip(names, map(_json_value, row), strict=True)) for row in zip(*columns, strict=True)]
    return json.dumps(rows, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _json_value(value: object) -> object:
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, float):
        return None if np.isnan(value) else value if np.isfinite(value) else str(value)
    if isinstance(value, bool | int | str):
        return value
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return str(value)
