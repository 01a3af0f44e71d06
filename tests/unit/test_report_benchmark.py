"""The benchmark of reports runs, and the page says what it measured."""

import json
from pathlib import Path

from tests.unit.test_benchmarks import module

PAGE = Path(__file__).parents[2] / "docs" / "report.md"


def test_the_page_has_the_figures_that_were_measured():
    case = module("report_case")
    found = json.loads(case.RESULTS.read_text(encoding="utf-8"))
    text = PAGE.read_text(encoding="utf-8")
    assert case.page(text, found) == text
    assert [row["case"] for row in found["cases"]] == list(case.CASES)


def test_new_york_is_within_its_budget():
    case = module("report_case")
    (row,) = [one for one in json.loads(case.RESULTS.read_text(encoding="utf-8"))["cases"] if one["case"] == "new_york"]
    assert (row["units"], row["groups"], row["radii"], row["replicates"]) == (4505, 8, 4, 199)
    assert row["seconds"] <= case.BUDGET_SECONDS
    assert row["mb"] <= case.BUDGET_MB


def test_a_case_runs():
    case = module("report_case")
    row = case.measured("sacramento", 19)
    assert row["units"] == 403
    assert 0 < row["mb"] < case.BUDGET_MB
    assert set(row["steps"]) == set(case.STEPS)
    assert sum(row["steps"].values()) <= row["seconds"] + 0.5
