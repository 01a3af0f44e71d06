"""The simulation of small units runs tiny, its truths are right, and its page is what its figures say."""

import json

import numpy as np
import pytest

import segregate as sg
from tests.unit import oracle_corrected as oracle
from tests.unit.test_benchmarks import module


def test_the_truth_of_each_world():
    small = module("small_units")
    found = small.truths([(1.0, 1, 3)])
    assert found["D"] == pytest.approx(27 / 64, rel=1e-6)
    assert found["V"] == pytest.approx(1 / 5, rel=1e-6)
    found = small.truths(small.WORLDS["two kinds"][2])
    for symbol, name in (("D", "dissimilarity"), ("H", "information_theory"), ("V", "correlation_ratio")):
        true = oracle.index_of_mixture(name, [0.9, 0.1], [(10, 90), (80, 20)])
        assert found[symbol] == pytest.approx(true, rel=1e-5)


def test_cities_are_what_the_page_says():
    small = module("small_units")
    for world, (_, _, parts) in small.WORLDS.items():
        pop, own = small.city(world, 100, 1, 4000)
        assert pop.totals.min() == 50
        assert pop.totals.max() == 150
        true = small.truths(parts)["V"]
        assert sg.corrected(pop, "V", method="leave_one_out", group="a").value == pytest.approx(true, abs=0.03)
        np.testing.assert_array_equal(pop.counts, small.city(world, 100, 1, 4000)[0].counts)
        assert own == pytest.approx(small.truths(parts), abs=0.03)


def test_one_cell_runs():
    small = module("small_units")
    rows = small.measured("one slope", 4, 2, 40)
    assert {row["method"] for row in rows if row["index"] == "D"} == {
        *("raw", "raw less expected", "carrington_troske", "allen_bootstrap", "allen_density", "beta_mixture"),
        *("beta_mixture, 2 components", "bounds"),
    }
    assert all(row["cities"] == 2 for row in rows)
    assert module("small_units_report").render({"rows": rows, "units": 40, "cities": 2, "seed": 0, "date": "today"})


def test_the_page_is_what_the_figures_say():
    report = module("small_units_report")
    results = json.loads(report.RESULTS.read_text(encoding="utf-8"))
    assert not results["quick"]
    assert report.PAGE.read_text(encoding="utf-8") == report.render(results), (
        "run: python -m benchmarks.small_units_report"
    )
