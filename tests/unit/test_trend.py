"""An index over years: intervals, changes, slope, the smallest change that is detected, what is refused."""

import math
import statistics as stats

import numpy as np
import pandas as pd
import pytest

import segregate as sg
from segregate.inference._several import draw_again, matched

COLUMNS = [
    *("year", "value", "low", "high", "se", "bias", "change", "change_low", "change_high", "detectable", "told_apart"),
    *("status", "message"),
]


def people(rows, names=("a", "b")):
    frame = pd.DataFrame(np.asarray(rows, float), columns=list(names), index=[f"u{j:02d}" for j in range(len(rows))])
    return sg.Population.from_frame(frame, list(names))


def years(seed=1, units=14, shifts=(0.25, 0.22, 0.12, 0.1)):
    rng = np.random.default_rng(seed)
    found = {}
    for year, shift in zip((1990, 2000, 2010, 2015.5), shifts, strict=False):
        x = rng.binomial(90, 0.4 + shift * np.resize([-1, 1], units))
        found[year] = people(np.column_stack([x, 90 - x]))
    return found


def replicates_of(pops, replicates, rng, resample="people"):
    found = dict(zip(pops, matched(pops, "D", None, None), strict=True))
    return [one.value for one in found.values()], draw_again(found, resample, replicates, rng, None).values.T.tolist()


def quantile(values, share):
    """Return the quantile between the two nearest of sorted values."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def basic(value, drawn, level):
    return 2 * value - quantile(drawn, (1 + level) / 2), 2 * value - quantile(drawn, (1 - level) / 2)


@pytest.mark.parametrize("resample", ["people", "units"])
def test_values_changes_and_slope_are_those_of_plain_loops(resample):
    pops, level = years(), 0.9
    values, drawn = replicates_of(pops, 149, 3, resample)
    found = sg.trend(pops, "D", level=level, replicates=149, resample=resample, rng=3)
    z = stats.NormalDist().inv_cdf
    table = found.table
    assert table["year"].tolist() == list(pops)
    for k, row in enumerate(table.itertuples()):
        assert row.value == values[k]
        assert (row.low, row.high) == pytest.approx(basic(values[k], drawn[k], level), abs=1e-12)
        assert row.se == pytest.approx(stats.stdev(drawn[k]), rel=1e-12)
        assert row.bias == pytest.approx(stats.fmean(drawn[k]) - values[k], abs=1e-12)
        if k == 0:
            assert all(map(math.isnan, (row.change, row.change_low, row.change_high, row.detectable)))
            assert not row.told_apart
            continue
        change = values[k] - values[k - 1]
        again = [b - a for a, b in zip(drawn[k - 1], drawn[k], strict=True)]
        low, high = basic(change, again, level)
        assert row.change == change
        assert (row.change_low, row.change_high) == pytest.approx((low, high), abs=1e-12)
        assert row.told_apart == (low > 0 or high < 0)
        spread = math.sqrt(stats.stdev(drawn[k]) ** 2 + stats.stdev(drawn[k - 1]) ** 2)
        assert row.detectable == pytest.approx((z(0.5 + level / 2) + z(0.8)) * spread, rel=1e-9)
        chance = [value - change for value in again]
        reached = [1 + sum(c >= change - 1e-12 for c in chance), 1 + sum(c <= change + 1e-12 for c in chance)]
        assert found.p_values[k] == min(1, 2 * min(reached) / 150)
    assert math.isnan(found.p_values[0])
    at = list(pops)
    line = stats.linear_regression(at, values).slope
    lines = [stats.linear_regression(at, row).slope for row in zip(*drawn, strict=True)]
    assert found.slope.value == pytest.approx(line, abs=1e-14)
    assert (found.slope.low, found.slope.high) == pytest.approx(basic(line, lines, level), abs=1e-12)


def test_years_come_in_any_order_and_form():
    pops = years()
    first = sg.trend(pops, "D", replicates=49, rng=3)
    for given in (dict(reversed(pops.items())), list(pops.items()), list(reversed(pops.items()))):
        again = sg.trend(given, "D", replicates=49, rng=3)
        pd.testing.assert_frame_equal(first.table, again.table, check_exact=True)
        assert first.slope == again.slope
    listed = sg.trend(list(pops.values()), "D", replicates=49, rng=3)
    assert listed.table["year"].tolist() == [0, 1, 2, 3]
    assert listed.table["value"].tolist() == first.table["value"].tolist()
    assert sg.trend({2000: pops[2000], 2010: pops[2010]}, "D", replicates=19).table["year"].dtype == np.int64


def test_other_years_do_not_change_a_bit():
    pops = years()
    whole = sg.trend(pops, "H", replicates=49, rng=3).table.set_index("year")
    part = sg.trend({year: pops[year] for year in (2000, 2010)}, "H", replicates=49, rng=3).table.set_index("year")
    assert (part["se"] == whole.loc[part.index, "se"]).all()
    assert part.loc[2010, "change_low"] == whole.loc[2010, "change_low"]


def test_a_year_without_a_value_has_no_change():
    pops = {**years(), 2005: people([[4, 0], [3, 0]])}
    with pytest.warns(sg.UndefinedIndexWarning, match="2005"):
        found = sg.trend(pops, "D", replicates=49, rng=1)
    table = found.table.set_index("year")
    assert table.loc[2005, "status"] == "undefined"
    assert "only one group" in table.loc[2005, "message"]
    assert table.loc[[2005, 2010], ["change", "change_low", "detectable"]].isna().all(axis=None)
    assert not table.loc[[2005, 2010], "told_apart"].any()
    assert np.isfinite(table.loc[2015.5, "change"])
    assert np.isfinite(found.slope.value)
    with pytest.warns(sg.UndefinedIndexWarning):
        short = sg.trend({2000: pops[2000], 2005: pops[2005]}, "D", replicates=49, rng=1)
    assert all(map(math.isnan, short.slope))
    assert "no slope" in repr(short)


def test_undefined_replicates_are_said():
    rare = people([[1, 4], [0, 30], [0, 9]])
    found = sg.trend({2000: rare, 2010: years()[2010]}, "D", replicates=99, rng=1)
    assert "replicates of 99 in 1 year (first: 2000); they do not count" in found.notes[0]
    assert np.isfinite(found.table["change_low"][1])


def test_the_result_shows_itself():
    found = sg.trend(years(), "D", group="a", replicates=49, rng=1)
    assert found.table.columns.tolist() == COLUMNS
    text = repr(found)
    assert "dissimilarity of a against b, 1990 to 2015.5: -0.0" in text
    assert "of 3 changes told apart from none (people resampled)" in text
    assert "<table" in found._repr_html_()


@pytest.mark.parametrize(
    ("pops", "how", "message"),
    [
        ({"then": None, "now": None}, {}, r"2 years of 2 are no number \(first: 'then', 'now'\).*segregate.rank"),
        ({True: None, 2: None}, {}, r"1 year of 2 is no number \(first: True\)"),
        ({math.nan: None, 2: None}, {}, "1 year of 2 is no number"),
        ({2000: None}, {}, "two years or more; there is 1"),
        ([], {}, "two years or more; there are none"),
        ([(2000, None), (2000.0, None)], {}, r"1 year is there twice \(first: 2000\)"),
        ([1, 2], {}, "populations by year.*not list"),
        ("2000", {}, "populations by year.*not str"),
        ({2000: 1, 2010: 2}, {}, "2000 is not a Population but int"),
        (None, {"resample": "clusters"}, "resample='clusters' is not known"),
        (None, {"level": 2.0}, "level=2.0 is a share"),
        (None, {"replicates": 0}, "replicates=0 is a whole number"),
    ],
)
def test_what_is_refused(pops, how, message):
    with pytest.raises(sg.ParameterError, match=message):
        sg.trend(years() if pops is None else pops, "D", **how)


def test_other_groups_are_refused():
    with pytest.raises(sg.ParameterError, match=r"1 population of 2 has other groups than 2000 \(first: 2010, without"):
        sg.trend({2000: people([[3, 2], [1, 4]]), 2010: people([[3, 2], [1, 4]], "ac")}, "D")
