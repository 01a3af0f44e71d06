"""Calibration once more, on cities that the page has not seen."""

import os

import numpy as np
import pytest
from scipy import stats

from tests.unit.test_benchmarks import module

calibration = module("calibration")
NEW = 10**6
pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    "one",
    [
        calibration.Null("people", "H", 5, 20),
        calibration.Null("multinomial", "H", 5, 20),
        calibration.Null("binomial", "V", 2, 20),
        calibration.Null("units", "H", 2, 20, within=True),
    ],
    ids=lambda one: one.null,
)
def test_p_values_are_uniform(one):
    p = np.array(calibration.tested(one, range(NEW, NEW + 200)))
    assert stats.kstest(p[:, 0], "uniform").statistic < 1.628 / np.sqrt(200)
    assert stats.kstest(p[:, 1], "uniform").statistic < 1.628 / np.sqrt(200)


@pytest.mark.parametrize(
    "one",
    [
        calibration.Sample("people", 30, 4000, 2, "high", "people"),
        calibration.Sample("clusters", 50, 200, 2, "high", "clusters"),
    ],
    ids=lambda one: one.kind,
)
def test_intervals_cover(one):
    rows = np.array(calibration.covering(one, range(NEW, NEW + 120)))
    for row in calibration.coverage(one, rows):
        assert row["covered"]["basic"] > 0.95 - 4 * np.sqrt(0.95 * 0.05 / 120)


def test_processes_change_nothing(monkeypatch):
    monkeypatch.setenv("NUMBA_NUM_THREADS", os.environ.get("NUMBA_NUM_THREADS", "1"))  # is put back
    monkeypatch.setattr(calibration, "PARTS", 2)
    settings = [calibration.NULLS[0], calibration.SAMPLES[0]]
    together = dict(calibration.run(settings, 4, 2))
    for one in settings:
        assert together[one] == calibration.summary(one, calibration.part(one, 0, 4))
