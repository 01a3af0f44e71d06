"""The page of docs about styles: its lines run, and its tables are true."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from segregate._languages import LANGUAGES, language_of
from segregate.plot._palettes import DIVERGING, QUALITATIVE, SEQUENTIAL
from segregate.plot._style import SIZES, SMALL, TITLE_SIZE

PAGE = (Path(__file__).parents[2] / "docs" / "plots.md").read_text(encoding="utf-8")
MM = 25.4


def rows(head):
    """Return the rows of the table whose head begins so."""
    table = PAGE[PAGE.index(f"| {head}") :].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


def test_the_table_of_sizes_is_true():
    found = {cells[0].strip('`"'): cells[1:] for cells in rows("size | width")}
    assert set(found) == {*SIZES, "(7, 5)"}
    for name, page in SIZES.items():
        width, height, text = found[name]
        to_inches = 1 if "inches" in width else 1 / MM
        assert float(width.split()[0]) * to_inches == pytest.approx(page.width, abs=0.01)
        assert float(re.search(r"[\d.]+", height).group()) * to_inches == pytest.approx(page.height, abs=0.01)
        assert page.whole is not height.startswith("up to")
        assert text == f"{page.scale * SMALL:g} and {page.scale * TITLE_SIZE:g} points"


def test_the_table_of_numbers_is_true():
    for cells in rows("| English"):
        value = float(cells[0])
        for code, written in zip(LANGUAGES, cells[1:], strict=True):
            say = language_of(code)
            found = say.percent(value, 1) if value < 1 else say.number(value, 1)
            assert found.replace("\N{NO-BREAK SPACE}", " ") == written, code


def test_every_palette_is_named():
    assert [name for name in (*SEQUENTIAL, *DIVERGING, *QUALITATIVE) if f'"{name}"' not in PAGE] == []


@pytest.mark.slow
def test_the_lines_run(tmp_path):
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert len([line for line in code.splitlines() if line]) == 9
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, env={**os.environ, "MPLBACKEND": "Agg"})
    assert {path.name for path in tmp_path.iterdir()} == {"column.pdf", "courbe.svg", "composition.png", "slide.png"}
    assert "Courbe de ségrégation" in (tmp_path / "courbe.svg").read_text(encoding="utf-8")
    with Image.open(tmp_path / "slide.png") as image:
        assert image.size == (4000, 2250)
