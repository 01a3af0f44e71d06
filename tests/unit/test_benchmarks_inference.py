"""The benchmarks of inference run tiny and measure what they say; no time is judged here."""

import json
import os
from pathlib import Path

import pytest

import segregate as sg
from tests.unit.test_benchmarks import module

inference = module("inference")


def test_the_people_null_runs():
    found = inference.people_null(quick=True)
    json.dumps(found, allow_nan=False)
    assert found["p_value"] == 1 / 20
    assert found["memory"] >= found["memory_before"]
    assert set(found["steps"]) == {"seeds", "drawing", "evaluating"}


def test_verbs_run():
    rows = inference.verbs(quick=True)
    json.dumps(rows, allow_nan=False)
    assert len(rows) == 7
    assert all(row["seconds"]["median"] > 0 for row in rows)


def test_the_city_is_what_the_page_says():
    pop = inference.city(4000, 400)
    assert pop.n_groups == 5
    assert pop.totals.max() / pop.totals.min() == pytest.approx(3, rel=0.05)
    links = sg.Kernel(1000, "uniform").on(pop).to_sparse()
    assert 50 < links.nnz / pop.n_units < 79  # 79 where no edge is near


def test_values_agree_with_those_of_the_peer():
    folder = os.environ.get("SEGREGATE_PEER_ENV")
    if folder is None:
        pytest.skip("SEGREGATE_PEER_ENV names no environment of the peer (python -m benchmarks.peer makes one)")
    found = inference.beside_pysal(True, Path(folder))
    assert all(case["statistic_gap"] < 1e-12 for case in found["cases"])


def test_the_page_is_what_the_figures_say():
    report = module("inference_report")
    results = json.loads(report.RESULTS.read_text(encoding="utf-8"))
    assert not results["quick"]
    page = report.PAGE.read_text(encoding="utf-8")
    assert page == report.render(results), "run: python -m benchmarks.inference_report"
    assert str(Path.home()) not in report.RESULTS.read_text(encoding="utf-8")
    values = results["found"]["pysal"]["cases"]
    assert all(case["statistic_gap"] < 1e-12 and abs(case["mean_gap_in_errors"]) < 4 for case in values)
