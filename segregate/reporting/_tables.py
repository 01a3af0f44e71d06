"""What a page is made of: tables and figures, as plain data for the template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd
from markupsafe import Markup

__all__ = ["Cell", "Figure", "Files", "Grid", "Part", "Section", "grid", "plain"]

LONG = 40
"""Letters of a text from which on its column is not made narrow."""


@dataclass(frozen=True)
class Cell:
    """A cell of a table of the page.

    Attributes
    ----------
    text : str
        As it is written.
    number : bool
        Whether it stands on the right.
    """

    text: str
    number: bool = False

    @property
    def kind(self) -> str:
        """Its class in the style sheet, "" for none."""
        return "number" if self.number else "long" if len(self.text) > LONG else ""


@dataclass(frozen=True)
class Grid:
    """A table of the page.

    Attributes
    ----------
    caption : str
        What it is.
    head : tuple of Cell
        Its columns.
    rows : tuple of tuple of Cell
        The first cell of each is its name.
    """

    caption: str
    head: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Figure:
    """A figure of the page.

    Attributes
    ----------
    key : str
        Its id.
    title, caption, alt : str
        What it is called, what stands under it, and what it shows in words and numbers.
    svg : Markup
        The drawing.
    svg_link, csv_link : str
        Addresses of the drawing and of its table as files.
    file : str
        Name of these files, without suffix.
    tables : tuple of Grid
        The same as tables.
    wide : bool
        Whether it needs the whole width when it is printed.
    """

    key: str
    title: str
    caption: str
    alt: str
    svg: Markup
    svg_link: str
    csv_link: str
    file: str
    tables: tuple[Grid, ...] = ()
    wide: bool = False


def grid(caption: str, head: Sequence[str], rows: Sequence[Sequence[object]], numbers: Sequence[int] = ()) -> Grid:
    """Return a table of texts; the columns `numbers` stand on the right."""

    def cells(row: Sequence[object]) -> tuple[Cell, ...]:
        return tuple(Cell(str(value), place in numbers) for place, value in enumerate(row))

    return Grid(caption, cells(head), tuple(cells(row) for row in rows))


@dataclass(frozen=True)
class Section:
    """A section of the page.

    Attributes
    ----------
    key : str
        Its id, and the name of its block in the template.
    title : str
        Its heading.
    leads : tuple of str
        Paragraphs before everything else.
    parts : tuple of Part
        What stands in it.
    """

    key: str
    title: str
    leads: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Part:
    """A part of a section, with a heading of its own or without.

    Attributes
    ----------
    title : str
        "" for none.
    leads, items, notes : tuple of str
        Paragraphs, a list, and small print after everything else.
    figures, tables : tuple
        What it shows.
    """

    title: str = ""
    leads: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    tables: tuple[Grid, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass
class Files:
    """Names of files, each once."""

    taken: dict[str, int] = field(default_factory=dict)

    def name(self, stem: str) -> str:
        """Return a name for a file that no other has."""
        number = self.taken[stem] = self.taken.get(stem, 0) + 1
        return stem if number == 1 else f"{stem}-{number}"


def plain(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table without geometry, for CSV."""
    return pd.DataFrame(table.drop(columns="geometry", errors="ignore"))
