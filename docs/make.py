"""Writes what the documents take from the code: the README's catalogue, pages of indices and peers, the pictures.

    python docs/make.py            writes README.md, docs/indices, docs/numbers-from-other-packages.md and docs/images
    python docs/make.py FOLDER     draws the pictures into another folder, and changes nothing here

Tests fail when the README or a page no longer matches the code.
"""

from __future__ import annotations

import sys
from pathlib import Path

import index_pages
import peer_page

import segregate as sg

ROOT = Path(__file__).parents[1]
START = "| index | symbol | family | one value per | says |\n|---|---|---|---|---|\n"
PER = {"global": "population", "local": "unit", "both": "population or unit"}


def catalogue_rows() -> str:
    """Return the rows of the README's table."""
    table = sg.catalogue().sort_values(["family", "symbol"], key=lambda column: column.str.lower())
    return "".join(
        f"| [`{name}`](docs/indices/{name}.md) | {row['symbol']} | {row['family']} | {PER[row['level']]} | "
        f"{row['summary']} |\n"
        for name, row in table.iterrows()
    )


def readme(text: str) -> str:
    """Return the README with the table of today's catalogue."""
    before, after = text.split(START, 1)
    rest = after[after.index("\n\n") + 1 :] if after.startswith("|") else after.removeprefix("CATALOGUE\n")
    return before + START + catalogue_rows() + rest


def draw(folder: Path) -> None:
    """Draw the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    city = sg.sample("sacramento")
    where = sg.local(city, "location_quotient", group="hisp")
    sg.plot.map(
        where,
        title="Where Hispanic people live, Sacramento 2000",
        managed=False,
        save=folder / "sacramento.png",
    )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        draw(Path(sys.argv[1]))
    else:
        path = ROOT / "README.md"
        path.write_text(readme(path.read_text(encoding="utf-8")), encoding="utf-8")
        index_pages.write()
        peer_page.write()
        draw(ROOT / "docs" / "images")
