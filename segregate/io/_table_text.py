"""Tables for documents: LaTeX, Markdown and HTML."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from ._table_content import Content

__all__ = ["as_html", "as_latex", "as_markdown"]

LONG = 40
"""Rows from which on a table in LaTeX may go over several pages."""
MISSING = "\N{EN DASH}"
LATEX = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "[": "{[}",
    "]": "{]}",
    "*": "{*}",
    "\N{MINUS SIGN}": "$-$",
    "\N{EN SPACE}": r"\enspace{}",
    "\N{INFINITY}": r"$\infty$",
}
MARKDOWN = re.compile(r"([\\`*\[\]<>&|~$])|(?<![A-Za-z0-9])(_)|(_)(?![A-Za-z0-9])")
STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #1f1f1f; background: #ffffff; margin: 2rem; }
table { border-collapse: collapse; }
caption { text-align: left; font-weight: 600; padding-bottom: .5rem; }
th, td { padding: .25rem .75rem; text-align: left; vertical-align: top; border-bottom: 1px solid #d8d8d8; }
thead th { border-bottom: 2px solid #1f1f1f; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
.notes { max-width: 70ch; font-size: 13px; color: #444444; }
""".strip()
Escape = Callable[[str], str]


def as_latex(content: Content, *, digits: int | None, label: str | None) -> str:
    r"""Write a table for LaTeX, with the rules of booktabs.

    Parameters
    ----------
    content : Content
        The table.
    digits : int or None
        Decimals of numbers that are not whole; None writes all that there are, aligned at the point.
    label : str or None
        For ``\ref``.

    Returns
    -------
    str
        A ``table``, or a ``longtable`` where there are many rows.
    """
    rows = _cells(content.table, digits, _latex, padded=True)
    many = len(rows) > LONG
    form = "".join("r" if _is_number(content.table, place) else "l" for place in range(content.table.shape[1]))
    head = " & ".join(_latex(str(name)) for name in content.table.columns) + r" \\"
    body = [" & ".join(row) + r" \\" for row in rows]
    caption = [rf"\caption{{{_latex(content.title)}}}"] if content.title else []
    caption += [rf"\label{{{label}}}"] if label else []
    notes = " ".join(_latex(line) for line in content.lines())
    said = (
        [rf"\par\smallskip\noindent\begin{{minipage}}{{\linewidth}}\footnotesize {notes}\end{{minipage}}"]
        if notes
        else []
    )
    if many:
        lines = [
            r"% \usepackage{booktabs,longtable}",
            rf"\begin{{longtable}}{{{form}}}",
            *([*caption[:-1], caption[-1] + r" \\"] if caption else []),
            r"\toprule",
            head,
            r"\midrule",
            r"\endhead",
            *body,
            r"\bottomrule",
            r"\end{longtable}",
            *said,
        ]
    else:
        lines = [
            r"% \usepackage{booktabs}",
            r"\begin{table}[tbp]",
            r"\centering",
            *caption,
            *([r"\smallskip"] if content.title else []),
            rf"\begin{{tabular}}{{{form}}}",
            r"\toprule",
            head,
            r"\midrule",
            *body,
            r"\bottomrule",
            r"\end{tabular}",
            *said,
            r"\end{table}",
        ]
    return "\n".join(lines) + "\n"


def as_markdown(content: Content, *, digits: int | None) -> str:
    """Write a table for Markdown (as GitHub, Pandoc and Quarto read it)."""
    table = content.table
    head = [_markdown(str(name)) for name in table.columns]
    rows = _cells(table, digits, _markdown)
    numbers = [_is_number(table, place) for place in range(table.shape[1])]
    widths = [max(3, *(len(row[place]) for row in [head, *rows])) for place in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        padded = [
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(cells, widths, numbers, strict=True)
        ]
        return f"| {' | '.join(padded)} |"

    rule = ["-" * (width - 1) + (":" if right else "-") for width, right in zip(widths, numbers, strict=True)]
    title = [f"**{_markdown(content.title)}**", ""] if content.title else []
    notes = ["", " ".join(_markdown(said) for said in content.lines())] if content.lines() else []
    return "\n".join([*title, line(head), line(rule), *map(line, rows), *notes]) + "\n"


def as_html(content: Content, *, digits: int | None) -> str:
    """Write a table as a page that asks the network for nothing."""
    table = content.table
    rows = _cells(table, digits, html.escape)
    kinds = [' class="number"' if _is_number(table, place) else "" for place in range(table.shape[1])]
    head = "".join(
        f'<th scope="col"{kind}>{html.escape(str(name))}</th>' for name, kind in zip(table.columns, kinds, strict=True)
    )
    body = "\n".join(
        "<tr>" + "".join(f"<td{kind}>{cell}</td>" for cell, kind in zip(row, kinds, strict=True)) + "</tr>"
        for row in rows
    )
    title = html.escape(content.title)
    caption = f"<caption>{title}</caption>\n" if title else ""
    notes = "".join(f"<p>{html.escape(line)}</p>\n" for line in content.lines())
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{title or "Table"}</title>\n'
        f"<style>\n{STYLE}\n</style>\n</head>\n<body>\n<table>\n{caption}<thead><tr>{head}</tr></thead>\n"
        f'<tbody>\n{body}\n</tbody>\n</table>\n<div class="notes">\n{notes}</div>\n</body>\n</html>\n'
    )


def _is_number(table: pd.DataFrame, place: int) -> bool:
    kind = table.dtypes.iloc[place]
    return pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind)


def _cells(table: pd.DataFrame, digits: int | None, escape: Escape, *, padded: bool = False) -> list[list[str]]:
    """Return the text of every cell, row by row."""
    columns = []
    for place in range(table.shape[1]):
        values = table.iloc[:, place].astype(object)
        written = [_written(value, digits) for value in values]
        cells = [escape(text) for text in written]
        if padded and _is_number(table, place):
            cells = [cell + room for cell, room in zip(cells, _rooms(written), strict=True)]
        columns.append(cells)
    return [list(row) for row in zip(*columns, strict=True)] if columns else []


def _rooms(written: list[str]) -> list[str]:
    """Return room for the decimals that each number does not have, so that the points stand under each other."""
    plain = [text[-1:].isdigit() and "e" not in text for text in written]
    after = [len(text.partition(".")[2]) for text in written]
    most = max((n for n, fits in zip(after, plain, strict=True) if fits), default=0)
    return [
        rf"\phantom{{{'' if own else '.'}{'0' * (most - own)}}}" if fits and own < most else ""
        for own, fits in zip(after, plain, strict=True)
    ]


def _written(value: object, digits: int | None) -> str:
    """Write a value; numbers in full unless ``digits`` says otherwise."""
    if value is None or value is pd.NA or value is pd.NaT:
        return MISSING
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value).replace("-", "\N{MINUS SIGN}")
    if isinstance(value, float):
        return _number(value, digits)
    return " ".join(str(value).split())


def _number(value: float, digits: int | None) -> str:
    if math.isnan(value):
        return MISSING
    if math.isinf(value):
        text = "\N{INFINITY}" if value > 0 else "-\N{INFINITY}"
    elif digits is not None:
        text = f"{value:.{digits}f}"
        text = text.lstrip("-") if float(text) == 0 else text
    elif value == 0 or 1e-7 <= abs(value) < 1e16:
        text = np.format_float_positional(value, trim="-")
    else:
        text = repr(value)
    return text.replace("-", "\N{MINUS SIGN}")


def _latex(text: str) -> str:
    return "".join(LATEX.get(letter, letter if letter.isprintable() else "\ufffd") for letter in text)


def _markdown(text: str) -> str:
    return MARKDOWN.sub(lambda found: f"\\{found.group()}", text)
