"""The benchmarks of reading run tiny and find the same people as pandas and geopandas; no time is judged here."""

import json
from pathlib import Path

import pytest

import segregate as sg
from tests.unit.test_benchmarks import module


def test_every_case_finds_the_same(shared_data):
    shared_data("germany_grid_2011/germany_1km.parquet")
    reading = module("reading")
    results = reading.measured(3000, 1, list(reading.CASES), reading.one)
    assert results["rows"] == 3000
    assert results["found"].keys() == reading.CASES.keys()
    for row in results["found"].values():
        assert row["same"]
        assert row["rows"] > 0
    assert results["found"]["csv"]["rows"] == 3000
    assert results["found"]["schools"]["rows"] == -(-results["pupils"] // 105), "105 rows for each school"


def test_the_grid_is_what_the_page_says(shared_data):
    shared_data("germany_grid_2011/germany_1km.parquet")
    table = module("reading").grid(3000)
    assert table["GRD_ID"].is_unique
    assert (table["T"] == table[module("reading").GROUPS].sum(axis=1)).all()
    first = table.iloc[0]
    assert first["GRD_ID"] == f"CRS3035RES1000mN{first['y'] - 500}E{first['x'] - 500}"


def test_the_condition_of_the_page_is_understood():
    reading = module("reading")
    from segregate.io._where import parse_condition

    assert parse_condition(reading.WHERE, ["x", "y"], "grid").columns == ("x", "y")


def test_the_page_is_what_the_figures_say():
    report = module("reading_report")
    results = json.loads(report.RESULTS.read_text(encoding="utf-8"))
    assert not results["quick"]
    assert all(row["same"] for row in results["found"].values())
    assert report.PAGE.read_text(encoding="utf-8") == report.render(results), "run: python -m benchmarks.reading_report"
    assert str(Path.home()) not in report.RESULTS.read_text(encoding="utf-8")


def test_a_row_that_differs_is_told(monkeypatch, tmp_path):
    reading = module("reading")
    (tmp_path / "grid.csv").write_text("x")

    def run(name, who, folder):
        people = [1.0] if who == "ours" else [2.0]
        return {"seconds": 1.0, "memory_before": 0.1, "memory": 5.0, "rows": 1, "people": people}

    row = reading.compared("csv", tmp_path, 1, run)
    assert not row["same"]
    assert not row["holds"]
    report = module("reading_report")
    results = json.loads(report.RESULTS.read_text(encoding="utf-8")) | {"found": {"csv": row}}
    assert "(**not the same**)" in report.render(results)
    assert "4 GB: **no**" in report.render(results)
    with pytest.raises(KeyError):
        reading.compared("no such case", tmp_path, 1, run)


def test_the_page_says_bytes_a_row():
    report = module("reading_report")
    results = json.loads(report.RESULTS.read_text(encoding="utf-8"))
    row = results["found"]["csv"] | {"bytes": 2e8, "memory_before": 0.2, "ours_memory": 0.3, "peer_memory": 1.2}
    row["peer_memory_before"] = 0.1
    earlier = {"date": "1999-12-31", "pupils": 10**6, "memory_before": 0.5, "ours_memory": 1.0}
    page = report.render(results | {"found": {"schools": row}, "pupils": 10**6, "earlier": earlier})
    assert "1,000,000 rows, 200 bytes each" in page
    assert "takes 100 bytes a row (the version of 1999-12-31 that read all rows before it chose: 500 bytes)" in page
    assert "pandas takes 1,100 bytes." in page


def test_reading_a_large_file_needs_no_more_than_its_parts():
    """The options that the page shows are options of `read`."""
    import inspect

    known = inspect.signature(sg.read).parameters
    assert {"groups", "id", "points", "crs", "columns", "where", "bbox"} <= set(known)
