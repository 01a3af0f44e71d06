"""The page of agreements and differences says what the tables say."""

import csv
import re
import sys
from importlib import import_module
from pathlib import Path

import pytest

from tests.peers.rows import HERE, rows

ROOT = Path(__file__).parents[2]
CELL = re.compile(r"(?<!\\)\|")


@pytest.fixture(scope="module")
def module():
    """Return docs/peer_page.py."""
    sys.path.insert(0, str(ROOT / "docs"))
    try:
        return import_module("peer_page")
    finally:
        sys.path.remove(str(ROOT / "docs"))


@pytest.fixture(scope="module")
def text(module):
    return module.PAGE.read_text(encoding="utf-8")


def lines(text, heading):
    """Return the cells of all lines of tables below a heading, without heads and sums."""
    section = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    tables = re.findall(r"(?:^\|.*\n?)+", section, re.M)
    cells = [[cell.strip() for cell in CELL.split(line)[1:-1]] for made in tables for line in made.splitlines()[2:]]
    return [line for line in cells if line[0] != "**all**"]


def test_the_page_is_todays(module, text):
    assert module.page() == text, "run python docs/make.py"


def test_writing_gives_the_page(module, text, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "PAGE", tmp_path / "page.md")
    module.write()
    assert (tmp_path / "page.md").read_text(encoding="utf-8") == text


def test_every_number_is_counted_once(text):
    for heading, column in (("In short", 1), ("Package by package", 1)):
        assert sum(int(line[column]) for line in lines(text, heading)) == len(rows())
    different = [row for row in rows() if row.relation != "equal"]
    assert sum(int(line[3]) for line in lines(text, "Where the numbers differ")) == len(different)
    assert sum(int(line[4]) for line in lines(text, "In short")) == len(different)


def test_everything_left_out_is_there_with_its_reason(text):
    with (HERE / "not_covered.csv").open(encoding="utf-8", newline="") as file:
        left = list(csv.DictReader(file))
    with (HERE / "no_peer.csv").open(encoding="utf-8", newline="") as file:
        without = list(csv.DictReader(file))
    listed = lines(text, "What does not stand in the tables")
    assert len(listed) == len({line["reason"] for line in left}) + len(without)
    for line in left:
        (cells,) = [cells for cells in listed if cells[0] == line["reason"]]
        assert line["peer_index"] in cells[2]
    assert {cells[1] for cells in listed[-len(without) :]} == {line["reason"] for line in without}


def test_the_examples_differ(text):
    for line in lines(text, "Where the numbers differ"):
        assert float(line[5]) != float(line[6])


def test_every_link_leads_to_a_page(module, text):
    for link in set(re.findall(r"\]\((indices/[^)]+)\)", text)):
        assert (module.PAGE.parent / link).is_file(), link
