"""Small pieces of HTML for notebooks: escaped, and legible on light and dark ground since they set no colour."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

__all__ = ["bar", "block", "facts", "lines", "table"]

FEW = 3
"""So many notes are shown at once; more are folded."""
BAR = 8
"""Width of a full bar, in widths of a letter."""


def block(title: str, *parts: str) -> str:
    """Return a block with a headline; parts are HTML."""
    return (
        f'<div class="segregate" style="overflow-x:auto"><p style="margin:0 0 .4em"><b>{html.escape(title)}</b></p>'
        f"{''.join(parts)}</div>"
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Iterable[int] = ()) -> str:
    """Return a table.

    Parameters
    ----------
    head : sequence of str
        Names of the columns; they are escaped.
    rows : iterable of sequence of str
        Cells as HTML.
    numbers : iterable of int, optional
        Columns that are flush right.
    """
    right = set(numbers)
    sides = [f' style="text-align:{"right" if place in right else "left"}"' for place in range(len(head))]
    titles = "".join(f'<th scope="col"{side}>{html.escape(name)}</th>' for name, side in zip(head, sides, strict=True))
    body = "".join(
        "<tr>" + "".join(f"<td{side}>{cell}</td>" for cell, side in zip(row, sides, strict=True)) + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table>"


def bar(share: float) -> str:
    """Return a bar as long as a share from 0 to 1, in the colour of the text; the number stands beside it."""
    width = BAR * min(max(share, 0.0), 1.0) if share == share else 0.0
    return (
        f'<span aria-hidden="true" style="display:inline-block;width:{width:.2f}em;height:.7em;'
        'background:currentColor;opacity:.45"></span>'
    )


def facts(rows: Iterable[tuple[str, str]]) -> str:
    """Return names with their values; both are escaped."""
    cells = "".join(
        f'<tr><th scope="row" style="text-align:left">{html.escape(name)}</th>'
        f'<td style="text-align:left">{html.escape(value)}</td></tr>'
        for name, value in rows
    )
    return f"<table><tbody>{cells}</tbody></table>" if cells else ""


def lines(texts: Sequence[str], noun: str = "note") -> str:
    """Return sentences, escaped; many are folded so that they do not bury what stands above."""
    said = "".join(f'<p style="margin:.2em 0">{html.escape(text)}</p>' for text in texts)
    if len(texts) <= FEW:
        return said
    return f"<details><summary>{len(texts)} {html.escape(noun)}s</summary>{said}</details>"
