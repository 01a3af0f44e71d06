"""CBS, squares of 100 m and 500 m: the traps."""

import numpy as np
import pytest

import segregate as sg
from segregate.errors import DataError, ParameterError
from segregate.io.sources import read_source

from .make_cbs_squares import FILE, SHARES

TEXT = "vierkanten_500m.csv"


@pytest.fixture
def folder(made):
    return made("cbs_squares")


def asked(**options):
    return {"source": "cbs_squares", **options}


def changed(folder, tmp_path, old, new):
    text = (folder / TEXT).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / TEXT).write_text(text.replace(old, new), encoding="utf-8")
    return tmp_path / TEXT


def test_a_count_is_a_share_times_inhabitants_with_an_interval(folder):
    found = read_source(folder / FILE)
    assert found.frame["dutch"].tolist()[:2] == [12, 10.5]
    assert found.kinds["dutch"].tolist() == ["rounded", "rounded", "suppressed", "suppressed", "missing", "rounded"]
    # 20 inhabitants are 17.5 to 22.5, and 60 % is 55 to 65 %
    assert found.low["dutch"].iloc[0] == pytest.approx(17.5 * 0.55, rel=1e-12)
    assert found.high["dutch"].iloc[0] == pytest.approx(22.5 * 0.65, rel=1e-12)
    # 0 % is 0 to 5 %
    assert found.low["beyond_second"].iloc[1] == 0
    assert found.high["beyond_second"].iloc[1] == pytest.approx(17.5 * 0.05, rel=1e-12)


def test_secret_shares_leave_the_interval_of_the_inhabitants(folder):
    found = read_source(folder / FILE)
    assert found.low.iloc[2].tolist() == [0] * 5
    assert found.high.iloc[2].tolist() == [12.5] * 5
    assert np.isinf(found.high.iloc[3]).all()
    named = read_source(folder / FILE, source=asked(marks={-99997: (0, 4)}))
    assert named.high.iloc[3].tolist() == [4] * 5


def test_sentinels_are_never_people(folder):
    found = read_source(folder / FILE)
    assert np.nansum(found.frame["published_total"]) == 110
    assert found.frame.drop(columns="geometry").select_dtypes("number").min().min() >= 0
    with pytest.raises(DataError, match="10 counts in 2 units of 6 are suppressed"):
        sg.read(folder / FILE, missing="drop")


def test_the_intervals_come_along(folder):
    population = sg.read(folder / FILE, suppressed="drop", missing="drop")
    assert population.ids.tolist() == ["E1300N4786", "E1301N4786", "E1305N4787"]
    inside = (population.uncertainty.low <= population.counts) & (population.counts <= population.uncertainty.high)
    assert inside.all()
    assert not population.uncertainty.totals_known.any()


@pytest.mark.parametrize(
    ("shares", "step"),
    [("60,10,10,10,10", 10), ("65,10,10,10,5", 5), ("61,9,10,10,10", 1), ("60.5,9.5,10,10,10", 0.1)],
)
def test_the_rounding_of_the_shares_is_the_widest_that_they_allow(folder, tmp_path, shares, step):
    found = read_source(changed(folder, tmp_path, "60,10,10,10,10", shares))
    assert any(f"shares (rounded to {step:g} %)" in note for note in found.notes)
    dutch = float(shares.split(",")[0])
    assert found.high["dutch"].iloc[0] == pytest.approx(1052.5 * (dutch + step / 2) / 100, rel=1e-12)


def test_the_rounding_may_be_said(folder, tmp_path):
    narrow = read_source(folder / TEXT, source=asked(step=1))
    assert narrow.low["dutch"].iloc[0] == pytest.approx(1047.5 * 0.595, rel=1e-12)
    with pytest.raises(ParameterError, match="Not all shares in .* are multiples of step=7"):
        read_source(folder / TEXT, source=asked(step=7))
    with pytest.raises(ParameterError, match="step=0 is no percentage"):
        read_source(folder / TEXT, source=asked(step=0))
    with pytest.raises(DataError, match=r"not rounded to 0.01 % or more; say step="):
        read_source(changed(folder, tmp_path, "60,10,10,10,10", "60.1234,10,10,10,10"))
    with pytest.raises(DataError, match="shares over 100 %"):
        read_source(changed(folder, tmp_path, "60,10,10,10,10", "160,10,10,10,10"))


def test_shares_that_do_not_add_up(folder):
    population = sg.read(folder / FILE, source=asked(denominator="total"), suppressed="drop", missing="drop")
    assert population.groups[-1] == "other"
    assert population.totals.tolist() == [20, 15, 44]
    assert any("1 unit of 3 hold more people in the groups" in note for note in population.notes)


def test_the_column_that_is_spelled_otherwise(folder, tmp_path):
    assert "herkmst" in SHARES[-1]
    corrected = changed(folder, tmp_path, "herkmst", "herkomst")
    assert read_source(corrected).frame["beyond_first"].tolist() == [105]


def test_squares_of_500_m_count_in_units_of_100_m(folder):
    assert read_source(folder / TEXT).geometry.iloc[0].bounds == (130000, 478500, 130500, 479000)
    assert read_source(folder / FILE).geometry.iloc[0].bounds == (130000, 478600, 130100, 478700)
    points = read_source(folder / TEXT, source=asked(geometry="points")).geometry.iloc[0]
    assert (points.x, points.y) == (130250, 478750)
