"""The pages about batches say what the code takes, and the benchmark's page what was measured."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from segregate.batch import _faults
from segregate.batch._plan import ENVIRONMENTS, plan_of
from segregate.errors import ParameterError
from tests.batch.plans import plan
from tests.unit.test_benchmarks import module

DOCS = Path(__file__).parents[2] / "docs"


def blocks(page, kind):
    return re.findall(rf"^```{kind}\n(.*?)^```", (DOCS / page).read_text(encoding="utf-8"), re.M | re.S)


@pytest.mark.parametrize("page", ["batch.md", "reproduce.md"])
def test_plans_of_the_pages_lack_nothing_but_their_files(page):
    plans = [text for text in blocks(page, "toml") if "[plan]" in text]
    assert plans
    for text in plans:
        with pytest.raises(ParameterError) as refused:
            plan_of(tomllib.loads(text))
        faults = str(refused.value).splitlines()[1:]
        assert len(faults) == 1, faults
        assert "is no file; looked in" in faults[0]


def test_every_key_stands_on_the_page(tmp_path, monkeypatch):
    page = (DOCS / "batch.md").read_text(encoding="utf-8")
    tables = []
    begin = _faults.Table.__init__

    def watched(self, *given):
        begin(self, *given)
        tables.append(self)

    monkeypatch.setattr(_faults.Table, "__init__", watched)
    plan_of(plan(tmp_path, test={}, bootstrap={}))
    keys = {table.where.split("]")[0].strip("["): set(table.known) for table in tables}
    assert set(keys) == {"plan", "data", "measure", "test", "bootstrap", "engine"} | {"plan"}
    for where in keys:
        for key in keys[where]:
            assert f"`{key}`" in page or f"`[{key}]`" in page or f"`[[{key}]]`" in page, f"{where}: {key}"
    for kind in ENVIRONMENTS:
        assert f"| `{kind}` |" in page


def test_code_of_the_pages_compiles():
    for page in ("batch.md", "reproduce.md"):
        for text in blocks(page, "python"):
            compile(text, page, "exec")


def test_pages_are_linked_by_what_is_there():
    for page in ("batch.md", "reproduce.md", "benchmarks-batch.md"):
        for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", (DOCS / page).read_text(encoding="utf-8")):
            if not link.startswith("http"):
                assert (DOCS / link).exists(), f"{page}: {link}"


def test_the_page_is_what_the_figures_say():
    report = module("batch_report")
    results = json.loads(report.RESULTS.read_text(encoding="utf-8"))
    large = json.loads(report.LARGE.read_text(encoding="utf-8")) if report.LARGE.is_file() else None
    assert not results["quick"]
    assert set(results["found"]) == set(module("batch").PARTS_OF_PAGE)
    assert results["found"]["tracts"]["same_bytes"]
    assert results["found"]["dask"]["same_bytes"]
    assert report.PAGE.read_text(encoding="utf-8") == report.render(results, large), "python -m benchmarks.batch_report"
    assert str(Path.home()) not in report.RESULTS.read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_benchmark_of_two_censuses_agrees_with_itself(shared_data):
    shared_data("ew_lsoa_2011_2021/lsoa_panel_unchanged.parquet")
    found = module("batch").censuses(True)
    assert found["authorities"] == 6
    assert found["largest_gap"] < 1e-12
    assert {year: ranks["cities"] for year, ranks in found["ranks"].items()} == {"2011": 6, "2021": 6}
