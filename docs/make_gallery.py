"""Writes the gallery: runs every script of docs/gallery, keeps its picture, and puts both on one page.

    python docs/make_gallery.py              writes docs/gallery.md and docs/images/gallery
    python docs/make_gallery.py --text       writes docs/gallery.md alone

Each script runs alone from the root of the repository, with the folder for its picture as its argument. Tests fail
when the page no longer matches the scripts, and when a script does not run.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).parent
SCRIPTS = DOCS / "gallery"
PICTURES = DOCS / "images" / "gallery"
PAGE = DOCS / "gallery.md"
ORDER = (
    *("map", "small_multiples", "bivariate"),
    *("profile", "segregation_curve", "segplot", "concentration_profile", "rank_order_profile"),
    *("exposure_matrix", "pair_matrix", "school_home"),
    *("ranking", "trend", "forest", "null_distribution"),
)
"""Scripts in the order of the page; others follow by name."""
HEAD = """# Gallery

One picture per plot, each with the script that draws it. All read only the samples, so that each runs as it is:
`python docs/gallery/map.py FOLDER`. `sg.plot.style(size=..., language=..., grey=True)` around a plot, and `save=` in
its call, make it fit for a page.

<!-- Written by docs/make_gallery.py from docs/gallery; change the scripts, not this page. -->
"""


def scripts() -> list[Path]:
    """Return the scripts in the order of the page."""
    place = {name: k for k, name in enumerate(ORDER)}
    return sorted(SCRIPTS.glob("*.py"), key=lambda path: (place.get(path.stem, len(place)), path.stem))


def section(script: Path) -> str:
    """Return the part of the page about a script."""
    text = script.read_text(encoding="utf-8")
    said = ast.get_docstring(ast.parse(text)) or ""
    title, _, sentence = said.partition("\n\n")
    code = text.split('"""\n', 1)[1].strip("\n")
    picture = f"images/gallery/{script.stem}.png"
    return (
        f"\n## {title.rstrip('.')}\n\n{sentence}\n\n![{title.rstrip('.')}]({picture})\n\n"
        f"[`gallery/{script.name}`](gallery/{script.name}), with `sg.plot.{script.stem}`:\n\n```python\n{code}\n```\n"
    )


def page() -> str:
    """Return the page."""
    return HEAD + "".join(section(script) for script in scripts())


def draw(script: Path, folder: Path) -> Path:
    """Run a script and return its picture."""
    subprocess.run([sys.executable, str(script), str(folder)], check=True, cwd=DOCS.parent)
    return folder / f"{script.stem}.png"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    if "--text" not in sys.argv[1:]:
        PICTURES.mkdir(parents=True, exist_ok=True)
        for each in scripts():
            draw(each, PICTURES)
