"""What the page about schools, services and meeting places says is run."""

import doctest
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "schools.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_the_lines_of_the_page_run_and_give_what_it_says():
    blocks = re.findall(r"```python\n(.*?)```", TEXT, re.S)
    assert len(blocks) == 7
    lines = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, PAGE.name, str(PAGE), 0)
    said: list[str] = []
    found = doctest.DocTestRunner().run(lines, out=said.append)
    assert found.attempted == len(lines.examples) > 25
    assert found.failed == 0, "".join(said)


@pytest.mark.slow
def test_the_lines_of_the_command_line_run():
    lines = [line for block in re.findall(r"```sh\n(.*?)```", TEXT, re.S) for line in block.splitlines() if line]
    assert len(lines) == 2
    for line in lines:
        words = shlex.split(line)
        assert words[0] == "segregate"
        subprocess.run([sys.executable, "-m", *words], cwd=ROOT, check=True, capture_output=True)
