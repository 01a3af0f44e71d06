"""What the README says is run, and its tables are those of the code."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import segregate as sg
from tests.peers.rows import rows

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, re.S)


@pytest.fixture
def make():
    """Return the script that writes the documents."""
    sys.path.insert(0, str(ROOT / "docs"))
    try:
        import make
    finally:
        sys.path.pop(0)
    return make


def test_the_catalogue_is_todays(make):
    assert make.readme(README) == README, "run python docs/make.py"


def test_the_pages_of_the_indices_are_todays(make):
    pages = make.index_pages.pages()
    folder = ROOT / "docs" / "indices"
    assert {path.name for path in folder.glob("*.md")} == set(pages), "run python docs/make.py"
    for name, text in pages.items():
        assert (folder / name).read_text(encoding="utf-8") == text, f"{name}: run python docs/make.py"


def test_pages_say_meaning_formula_range_and_where_there_is_no_value(make):
    for name in sg.catalogue().index:
        text = make.index_pages.pages()[f"{name}.md"]
        assert "$$" in text or name in ("share", "typology", "local_centralization"), name
        for heading in ("In plain words", "Returns, and where there is no value", "References", "Example"):
            assert f"## {heading}" in text, name
        assert "range at home" in text


def test_the_number_of_values_that_agree_is_todays():
    equal = sum(row.relation == "equal" for row in rows())
    assert f"{equal:,} values of other" in README


def test_every_index_answers_a_question():
    answers = (ROOT / "docs" / "which-index.md").read_text(encoding="utf-8")
    assert [name for name in sg.catalogue().index if f"indices/{name}.md" not in answers] == []


def test_every_link_leads_somewhere():
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]:
        for link in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            if "://" not in link:
                assert (page.parent / link).exists(), f"{page.name}: {link}"


@pytest.mark.slow
def test_the_lines_of_python_run(tmp_path):
    (code,) = blocks("python")
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, env={**os.environ, "MPLBACKEND": "Agg"})
    assert (tmp_path / "hispanic.png").stat().st_size > 10_000


@pytest.mark.slow
def test_the_lines_of_command_line_run(tmp_path):
    lines = [line for block in blocks("sh") for line in block.splitlines() if line.startswith("segregate ")]
    assert len(lines) == 10
    (tmp_path / "data").symlink_to(ROOT / "data")
    for line in lines:
        command = [sys.executable, "-m", "segregate", *line.split()[1:]]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{line}\n{done.stderr}"
    assert (tmp_path / "divergence.gpkg").exists()
    assert (tmp_path / "map.pdf").exists()
    assert (tmp_path / "scale.png").exists()
    assert (tmp_path / "report.html").stat().st_size > 1_000_000
