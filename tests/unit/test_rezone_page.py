"""The page on school zones: its code runs, and its table is what was measured."""

import json
import re
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

from tests.unit.test_benchmarks import module

PAGE = Path(__file__).parents[2] / "docs" / "schools-rezoning.md"


def test_the_table_is_what_the_figures_say():
    bench = module("rezone")
    rows = json.loads(bench.RESULTS.read_text(encoding="utf-8"))
    page = PAGE.read_text(encoding="utf-8")
    assert bench.render(page, rows) == page, "run: python -m benchmarks.rezone --page"
    assert {(row["case"], row["seconds"]) for row in rows} >= {("zones", 60), ("zones", 600)}
    for row in rows:
        assert (row["blocks"], row["schools"]) == (2000, 40)
        assert 0 <= row["bound"] <= row["value"] <= row["before"]


@pytest.mark.parametrize("case", ["zones", "tenth", "near"])
def test_every_case_runs(case):
    bench = module("rezone")
    row = bench.measured(case, 0.5, (6, 8), 4)
    assert row["bound"] <= row["value"] <= row["before"]
    assert f"| {bench.CASES[case][0]} | 0.5 |" in bench.table([row])


@pytest.mark.slow
def test_its_code_runs():
    code = "\n".join(re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S))
    found = {}
    exec(re.sub(r"time_limit=\d+", "time_limit=2", code), found)
    plt.close("all")
    assert found["plan"].bound <= found["plan"].value <= found["plan"].before
    assert found["line"].table["value"].is_monotonic_decreasing
