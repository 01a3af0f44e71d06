"""The lines on the pages of the sources work, on the synthetic files."""

import re
import warnings
from pathlib import Path

import pytest

import segregate as sg
from segregate.io.sources import names

PAGES = Path(__file__).parents[2] / "docs" / "sources"
pages = [*(source for source in names() if (PAGES / f"{source}.md").exists()), "by_hand"]


@pytest.mark.parametrize("source", pages)
def test_the_lines_of_a_page_work(made, monkeypatch, source):
    monkeypatch.chdir(made(source))
    blocks = re.findall(r"```python\n(.*?)```", (PAGES / f"{source}.md").read_text(encoding="utf-8"), re.DOTALL)
    assert blocks, "a page has lines to try"
    names_of_page = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sg.SegregateWarning)
        for block in blocks:
            exec(compile(block, f"{source}.md", "exec"), names_of_page)
