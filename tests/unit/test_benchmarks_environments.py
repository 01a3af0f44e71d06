"""The benchmarks of environments run tiny and give right values; no time is judged here."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import segregate as sg
from tests.unit.test_benchmarks import module


def test_the_loop_in_c_gives_the_same(tmp_path):
    if shutil.which("gcc") is None and shutil.which("cc") is None:
        pytest.skip("there is no C compiler")
    found = module("environments").beside_c(quick=True)
    assert found["largest_gap"] < 1e-12
    assert found["c"]["median"] > 0
    assert np.float64(2.2250738585072014e-308) / 4 > 0, "the library changed what numbers mean in this process"


def test_sizes_and_profile_run():
    environments = module("environments")
    assert environments.profile_of_radii(quick=True)["ours"]["runs"] == 1
    for kind in environments.SIZES:
        found = environments.growing(kind, 200, quick=True)
        assert found["units"] == 200
        assert found["memory"] > 0


def test_the_town_is_what_the_page_says():
    environments = module("environments")
    pop = environments.town(2000, 3)
    links = sg.Kernel(1000, "uniform").on(pop).to_sparse()
    assert 200 < links.nnz / pop.n_units < 320  # 314 where no edge is near
    assert sg.information_theory(pop) > 0
    np.testing.assert_array_equal(pop.area, 1e4)


def test_grids_run(shared_data):
    shared_data("germany_grid_2011/germany_1km.parquet")
    found = module("environments").grid("1 km", quick=True)
    assert found["units"] == 3000
    assert len(found["values"]) == len(found["radii"])


def test_the_page_is_what_the_figures_say():
    report = module("environments_report")
    results = json.loads(report.RESULTS.read_text(encoding="utf-8"))
    assert not results["quick"]
    assert report.PAGE.read_text(encoding="utf-8") == report.render(results), (
        "run: python -m benchmarks.environments_report"
    )
    assert str(Path.home()) not in report.RESULTS.read_text(encoding="utf-8")
