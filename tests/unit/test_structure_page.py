"""What the page about decompositions says is run."""

import doctest
import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "decomposing.md"


@pytest.mark.filterwarnings("ignore::segregate.SegregateWarning")
def test_the_lines_of_the_page_run_and_give_what_it_says():
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    assert len(blocks) == 4
    lines = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, PAGE.name, str(PAGE), 0)
    said: list[str] = []
    found = doctest.DocTestRunner().run(lines, out=said.append)
    assert found.attempted == len(lines.examples) > 15
    assert found.failed == 0, "".join(said)
