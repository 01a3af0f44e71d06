"""Simulated cities are what they are said to be, intervals are those of bootstrap, and the page is not stale."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import segregate as sg
from segregate.inference._replicates import KINDS, seeds
from tests.unit.test_benchmarks import module

calibration = module("calibration")
report = module("calibration_report")
NULLS = {f"{one.null}-{one.index}-{one.within}": one for one in calibration.NULLS}
SAMPLES = {f"{one.resample}-{one.name}": one for one in calibration.SAMPLES}


def index(city, name, about):
    """Return an index by its own function."""
    names = {"D": "dissimilarity", "G": "gini", "H": "information_theory", "V": "correlation_ratio"}
    return getattr(sg, names.get(name, name))(city, **about)


@pytest.mark.parametrize("name", NULLS)
def test_random_cities_run(name):
    one = NULLS[name]
    found = np.array(calibration.tested(one, range(2)))
    assert found.shape == (2, 3)
    steps = found[:, :2] * (calibration.NULL_REPLICATES + 1)
    assert np.abs(steps - np.rint(steps)).max() < 1e-9
    np.testing.assert_allclose(found[:, 2], np.minimum(1, 2 * found[:, :2].min(axis=1)))
    row = calibration.uniformity(one, found)
    json.dumps(row, allow_nan=False)
    assert row["cities"] == 2


def test_people_of_random_cities_live_where_chance_puts_them():
    """Who lives in the first unit is hypergeometric in mean and variance, given the margins."""
    one = calibration.Null("people", "D", 2, 20)
    scaled = []
    for number in range(150):
        pop = calibration.random_city(one, number)
        people, members, here = pop.size, pop.counts[:, 0].sum(), pop.totals[0]
        law = stats.hypergeom(int(people), int(members), int(here))
        scaled.append((pop.counts[0, 0] - law.mean()) / law.std())
    assert np.mean(scaled) == pytest.approx(0, abs=4 / np.sqrt(150))
    assert np.std(scaled) == pytest.approx(1, abs=4 / np.sqrt(300))


def test_p_values_of_random_cities_are_uniform():
    found = np.array(calibration.tested(calibration.Null("people", "D", 2, 20), range(5000, 5120)))[:, 0]
    assert stats.kstest(found, "uniform").statistic < 1.628 / np.sqrt(120)


def test_uniformity_is_judged_right():
    one = calibration.Null("people", "D", 2, 20)
    steps = np.arange(1, 201) / 200
    even = calibration.uniformity(one, np.column_stack([steps] * 3))
    assert even["greater"] == [0.01, 0.05, 0.1]
    assert (even["less"], even["two_sided"]) == (0.05, 0.05)
    assert even["above"] < 1e-12
    assert even["below"] < 1e-12
    small = calibration.uniformity(one, np.full((10, 3), 0.2))
    assert small["above"] == pytest.approx(0.8)
    assert small["below"] == pytest.approx(0.195)


@pytest.mark.parametrize("name", [name for name in SAMPLES if "4000" not in name and ", 200, 5" not in name])
def test_samples_run(name):
    one = replace(SAMPLES[name], units=16 if "ground" in name else 12)
    rows = np.array(calibration.covering(one, range(2)))
    assert rows.shape == (2, len(one.indices), 10)
    for row in calibration.coverage(one, rows):
        json.dumps(row)
        assert set(row["covered"]) == set(KINDS)


@pytest.mark.parametrize("kind", ["people", "units", "clusters", "ground", "surroundings"])
def test_intervals_are_those_of_bootstrap(kind, monkeypatch):
    monkeypatch.setattr(calibration, "REPLICATES", 60)
    one = next(one for one in calibration.SAMPLES if one.kind == kind and one.resample in (kind, "people", "units"))
    sample, _, clusters = calibration.sampled(one, 3)
    found = calibration.intervals(one, sample, clusters, seeds(60, 8))
    how = {"clusters": clusters} if kind == "clusters" else {}
    for (name, about), (value, bias, se, *ends) in zip(one.indices, found, strict=True):
        for at, interval in enumerate(KINDS):
            again = sg.bootstrap(
                sample, name, resample=one.resample, interval=interval, replicates=60, rng=8, **about, **how
            )
            assert (again.value, again.bias, again.se) == (value, bias, se)
            np.testing.assert_equal([again.low, again.high], ends[2 * at : 2 * at + 2])


@pytest.mark.parametrize("kind", ["people", "totals", "ground"])
def test_the_truth_of_people_is_the_index_of_their_places(kind):
    one = next(one for one in calibration.SAMPLES if one.kind == kind)
    sample, whole, _ = calibration.sampled(one, 0)
    assert calibration.truths(one, whole) == [index(whole, *asked) for asked in one.indices]
    if kind == "totals":
        np.testing.assert_allclose(sample.totals, whole.totals, rtol=1e-12)
    assert sample.size == pytest.approx(whole.size)
    gaps = (sample.counts - whole.counts) / np.sqrt(whole.counts)
    assert 0.5 < np.std(gaps) < 1.2


def test_where_all_are_alike_nothing_is_segregated():
    one = next(one for one in calibration.SAMPLES if one.alike == "none")
    _, whole, _ = calibration.sampled(one, 0)
    d, _, h, v, isolation = calibration.truths(one, whole)
    assert max(abs(d), abs(h), abs(v)) < 1e-12
    assert isolation == pytest.approx(0.3)


def test_the_truth_of_units_is_that_of_endless_units():
    """V of units: rho + (1 - rho) / E(people), rho = 1 / (precision + 1) being that of the Dirichlet distribution."""
    one = next(one for one in calibration.SAMPLES if one.kind == "units" and one.alike == "high")
    truths = dict(zip([name for name, _ in one.indices], calibration.truths(one, None), strict=True))
    assert truths["V"] == pytest.approx(1 / 3 + 2 / 3 / 200, abs=0.003)
    assert truths["isolation"] == pytest.approx(0.3 + 0.7 * truths["V"], abs=0.003)


def test_cities_depend_on_their_number_alone():
    one = calibration.SAMPLES[0]
    parts = calibration.part(one, 0, 1) + calibration.part(one, 1, 3)
    np.testing.assert_array_equal(parts, calibration.part(one, 0, 3))
    null = calibration.NULLS[0]
    assert calibration.part(null, 0, 1) + calibration.part(null, 1, 3) == calibration.part(null, 0, 3)
    assert len(SAMPLES) == len(calibration.SAMPLES), "two settings have the same name"


def test_coverage_is_counted_right():
    one = calibration.Sample("people", 5, 20, 2, "low", "people")
    ends = [[0.2, 0.6, 0.4, 0.6, np.nan, np.nan], [0.2, 0.45, 0.55, 0.6, 0.5, 0.5]]
    rows = np.array([[[0.5, 0.55, 0.01, 0.1, *end]] * 5 for end in ends])
    d = next(calibration.coverage(one, rows))
    assert d["covered"] == {"percentile": 0.5, "basic": 0.5, "bca": 0.5}
    assert d["too_low"] == {"percentile": 0.5, "basic": 0, "bca": 0}
    assert d["too_high"] == {"percentile": 0, "basic": 0.5, "bca": 0}
    assert d["undefined"]["bca"] == 0.5
    assert d["bias"] == pytest.approx(0.05)
    assert d["bias_in_se"] == pytest.approx(0.1)


# the page ----------------------------------------------------------------------------------


def results():
    return json.loads(report.RESULTS.read_text(encoding="utf-8"))


def test_the_page_is_what_the_figures_say():
    found = results()
    assert not found["quick"]
    page = report.PAGE.read_text(encoding="utf-8")
    assert page == report.render(page, found), "run: python -m benchmarks.calibration_report"
    assert str(Path.home()) not in report.RESULTS.read_text(encoding="utf-8")


def test_every_setting_was_simulated():
    found = results()["found"]
    for one in (*calibration.NULLS, *calibration.SAMPLES):
        rows = found[f"{getattr(one, 'resample', 'test')}: {one.name}"]
        assert all(row["cities"] == one.many for row in rows)


def test_basic_covers_where_replicates_are_hardly_biased():
    for rows in results()["found"].values():
        for row in rows:
            if row.get("resample") == "people" and abs(row["bias_in_se"]) < 0.5:
                assert 0.93 <= row["covered"]["basic"] <= 0.97


def test_tests_do_not_reject_too_often():
    for rows in results()["found"].values():
        for row in rows:
            if "null" in row:
                moves = row["index"] == "isolation" and row["null"] in ("multinomial", "binomial")
                assert max(row["above"], row["below"]) < 1.628 / np.sqrt(row["cities"]) or moves
                assert max(row["greater"][1], row["less"], row["two_sided"]) < 0.05 + 3.5 * np.sqrt(0.0475 / 1000)


def test_a_page_without_a_place_for_a_table_is_refused():
    with pytest.raises(ValueError, match="no place for bias, cities, kinds, people, tests, units"):
        report.render("# How sure", results())
