"""Intervals by drawing people, units or clusters again."""

import itertools
import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from scipy.stats import multinomial, norm

import segregate as sg
from segregate.inference._replicates import interval_of


def people(rows, **more):
    rows = np.asarray(rows, dtype=float)
    names = [f"g{m}" for m in range(rows.shape[1])]
    frame = pd.DataFrame(rows, columns=names, index=[f"u{j:02d}" for j in range(len(rows))]).assign(**more)
    return sg.Population.from_frame(frame, names)


def on_a_line(rows, step=100.0):
    rows = np.asarray(rows, dtype=float)
    names = [f"g{m}" for m in range(rows.shape[1])]
    points = gpd.points_from_xy(step * np.arange(len(rows)), np.zeros(len(rows)))
    frame = gpd.GeoDataFrame(pd.DataFrame(rows, columns=names), geometry=points, crs=32633)
    return sg.Population.from_frame(frame, names)


RANDOM = np.random.default_rng(7).integers(1, 60, (25, 3))


def test_people_are_drawn_as_the_multinomial_law_says():
    """Six people in three cells: mean and deviation of H over all tables that can be drawn."""
    counts = np.array([[3.0, 1.0], [0.0, 2.0]])
    law = multinomial(6, counts.ravel() / 6)
    values, chances = [], []
    for table in itertools.product(range(7), repeat=4):
        if sum(table) == 6 and law.pmf(table) > 0:
            t = np.array(table, dtype=float).reshape(2, 2)
            if (t.sum(axis=0) > 0).all():
                values.append(sg.information_theory(people(t)))
                chances.append(law.pmf(table))
    mean = np.average(values, weights=chances)
    deviation = math.sqrt(np.average((np.array(values) - mean) ** 2, weights=chances))
    found = sg.bootstrap(people(counts), "H", replicates=20_000, rng=2)
    assert found.value + found.bias == pytest.approx(mean, abs=4 * deviation / math.sqrt(20_000))
    assert found.se == pytest.approx(deviation, rel=0.03)
    assert np.isnan(found.replicates).mean() == pytest.approx(1 - sum(chances), abs=0.01)


def test_units_are_drawn_with_their_people():
    """Three units: all 27 draws are enumerated."""
    rows = np.array([[9, 1], [4, 4], [2, 8]])
    city = people(rows)
    values = [sg.dissimilarity(people(rows[list(draw)])) for draw in itertools.product(range(3), repeat=3)]
    found = sg.bootstrap(city, "D", resample="units", replicates=20_000, rng=2)
    assert set(np.round(found.replicates, 12)) == set(np.round(values, 12))
    assert found.value + found.bias == pytest.approx(np.mean(values), abs=4 * np.std(values) / math.sqrt(20_000))


def test_clusters_are_drawn_as_wholes():
    rows = np.array([[9, 1], [4, 4], [2, 8], [3, 3], [7, 1]])
    city = people(rows, town=["b", "a", "b", "c", "c"])
    members = [[1], [0, 2], [3, 4]]
    values = [
        sg.dissimilarity(people(rows[[j for k in draw for j in members[k]]]))
        for draw in itertools.product(range(3), repeat=3)
    ]
    found = sg.bootstrap(city, "D", resample="clusters", clusters="town", replicates=2_000, rng=2)
    assert set(np.round(found.replicates, 12)) == set(np.round(values, 12))
    assert (
        sg.bootstrap(
            city, "D", resample="clusters", clusters=np.array(list("babcc")), replicates=2_000, rng=2
        ).replicates
        == found.replicates
    ).all()


def test_empty_units_are_not_drawn():
    rows = np.array([[9, 1], [0, 0], [4, 4], [2, 8]])
    found = sg.bootstrap(people(rows), "D", resample="units", replicates=99, rng=2)
    same = sg.bootstrap(people(rows[[0, 2, 3]]), "D", resample="units", replicates=99, rng=2)
    assert found.replicates == pytest.approx(same.replicates, rel=1e-12)


def test_units_within_an_environment_keep_whom_they_meet():
    """A draw weighs the terms of the units again; surroundings stay as observed."""
    city = on_a_line(RANDOM).within(sg.Kernel(250))
    found = sg.bootstrap(city, "isolation", group="g0", resample="units", replicates=50, rng=4)
    from segregate.inference._draws import units_again
    from segregate.inference._replicates import seeds

    rows, starts = units_again(city)(seeds(50, 4))
    for b, value in enumerate(found.replicates):
        drawn = rows[starts[b] : starts[b + 1]]
        x, p = city.counts[drawn, 0], city.composition[drawn, 0]
        assert value == pytest.approx((x * p).sum() / x.sum(), rel=1e-12)


def test_people_within_an_environment_are_surrounded_anew():
    from segregate.inference._draws import resampled
    from segregate.inference._replicates import seeds

    for environment in (sg.Kernel(250), sg.Nearest(90), sg.Decay(150, "zero")):
        city = on_a_line(RANDOM).within(environment)
        found = sg.bootstrap(city, "H", replicates=12, rng=4)
        for table, value in zip(resampled(city)(seeds(12, 4)), found.replicates, strict=True):
            assert sg.information_theory(on_a_line(table).within(environment)) == pytest.approx(value, rel=1e-12)


def test_intervals_are_those_of_the_textbook():
    drawn = np.random.default_rng(0).normal(3, 2, 5_001)
    low, high = interval_of(2.5, drawn, 0.9, "percentile")
    assert (low, high) == pytest.approx(np.quantile(drawn, [0.05, 0.95]).tolist(), rel=1e-14)
    assert interval_of(2.5, drawn, 0.9, "basic") == (5 - high, 5 - low)
    z = norm.ppf((drawn < 2.5).mean())
    ends = []
    for tail in (0.05, 0.95):
        shifted = z + norm.ppf(tail)
        ends.append(np.quantile(drawn, norm.cdf(z + shifted / (1 - 0.03 * shifted))))
    assert interval_of(2.5, drawn, 0.9, "bca", 0.03) == pytest.approx(ends, rel=1e-10)
    with_gaps = np.concatenate([drawn, [np.nan] * 9])
    assert interval_of(2.5, with_gaps, 0.9, "percentile") == (low, high)
    assert np.isnan(interval_of(np.nan, drawn, 0.9, "basic")).all()
    assert np.isnan(interval_of(99.0, drawn, 0.9, "bca", 0.0)).all()  # all replicates lie on one side


def leave_out_people(rows, index):
    """Return the acceleration by leaving out every single person."""
    values = []
    for j, m in zip(*np.nonzero(rows), strict=True):
        fewer = rows.copy()
        fewer[j, m] -= 1
        values += [index(people(fewer))] * int(rows[j, m])
    gaps = np.mean(values) - np.array(values)
    return (gaps**3).sum() / (6 * (gaps**2).sum() ** 1.5)


def test_the_acceleration_leaves_out_every_person_every_unit_every_cluster():
    from segregate.inference._jackknife import acceleration_of
    from segregate.inference._statistic import Statistic

    rows = np.array([[9, 1], [4, 4], [2, 8], [3, 5]])
    city = people(rows)
    found = acceleration_of(Statistic(city, "H"), "people", None)
    assert found == pytest.approx(leave_out_people(rows, sg.information_theory), rel=1e-8)
    for clusters, parts in [(None, [[0], [1], [2], [3]]), (np.array([0, 1, 1, 2]), [[0], [1, 2], [3]])]:
        values = np.array([sg.information_theory(people(np.delete(rows, part, axis=0))) for part in parts])
        gaps = values.mean() - values
        expected = (gaps**3).sum() / (6 * (gaps**2).sum() ** 1.5)
        kind = "units" if clusters is None else "clusters"
        assert acceleration_of(Statistic(city, "H"), kind, clusters) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("resample", ["people", "units"])
def test_the_same_seed_gives_the_same_bits_whatever_the_rows(resample):
    city = people(RANDOM)
    first = sg.bootstrap(city, "H", resample=resample, replicates=40, rng=3, interval="bca")
    again = sg.bootstrap(city, "H", resample=resample, replicates=40, rng=3, interval="bca")
    assert (first.replicates == again.replicates).all()
    assert (first.low, first.high) == (again.low, again.high)
    shuffled = city.to_frame().sample(frac=1, random_state=3)
    moved = sg.Population.from_frame(shuffled, list(city.groups))
    assert sg.bootstrap(moved, "H", resample=resample, replicates=40, rng=3).replicates == pytest.approx(
        first.replicates, rel=1e-12
    )


def test_a_group_named_compares_it_with_the_rest_or_with_another():
    city = people(RANDOM)
    rest = sg.bootstrap(city, "D", group="g1", replicates=19, rng=1)
    assert rest.value == sg.dissimilarity(city.versus("g1"))
    assert rest.about["group"] == "g1"
    assert rest.about["versus"] == "rest"
    pair = sg.bootstrap(city, "D", group="g1", other="g2", replicates=19, rng=1)
    assert pair.value == sg.dissimilarity(city.select("g1", "g2"))
    with pytest.raises(sg.ParameterError, match="put 'g1' first"):
        sg.bootstrap(people(RANDOM[:, :2]), "D", group="g1", replicates=19)


def test_a_profile_gets_a_band():
    city = on_a_line(RANDOM)
    profile = sg.profile(city, ["H", "isolation", "mean_proximity"], [0, 150, 300], group="g0", other="g1")
    band = sg.bootstrap(profile, replicates=60, rng=3)
    assert list(band.table.columns)[8:11] == ["value", "low", "high"]
    assert band.table["value"].equals(profile.table["value"])
    for radius, rows in band.table.groupby("radius"):
        there = city if radius == 0 else city.within(sg.Kernel(radius))
        for row in rows.itertuples():
            about = {"H": {}, "xPx": {"group": "g0"}}.get(row.symbol, {"group": "g0", "other": "g1"})
            alone = sg.bootstrap(there, row.index, replicates=60, rng=3, **about)
            assert (row.low, row.high) == pytest.approx((alone.low, alone.high), rel=1e-9)
    units = sg.bootstrap(profile, resample="units", replicates=60, rng=3)
    assert (units.table["low"] < units.table["high"]).all()
    nearest = sg.bootstrap(sg.profile(city, "D", people=[0, 90], group="g0"), replicates=30, rng=3, interval="basic")
    assert (nearest.table["low"] < nearest.table["high"]).all()
    assert (nearest.table["group"] == "g0").all()
    assert sg.bootstrap(band, replicates=20, rng=1).table.shape == band.table.shape
    # beside a local index, one of any number of groups is about all of them, in the profile and in its band
    both = sg.bootstrap(sg.profile(city, ["H", "divergence"], [0, 150], group="g0"), replicates=60, rng=3)
    alone = sg.bootstrap(city, "H", replicates=60, rng=3)
    assert both.table["value"][0] == alone.value
    assert (both.table["low"][0], both.table["high"][0]) == pytest.approx((alone.low, alone.high), rel=1e-9)


@pytest.mark.parametrize(
    ("how", "error", "message"),
    [
        ({"resample": "person"}, sg.ParameterError, "resample='person' is not known"),
        ({"interval": "normal"}, sg.ParameterError, "interval='normal' is not known"),
        ({"level": 95}, sg.ParameterError, "level=95 is a share between 0 and 1"),
        ({"replicates": 2.5}, sg.ParameterError, "replicates=2.5 is a whole number"),
        ({"resample": "clusters"}, sg.ParameterError, "go together"),
        ({"clusters": "town"}, sg.ParameterError, "go together"),
        ({"resample": "clusters", "clusters": "one"}, sg.DataError, "1 cluster with people cannot be drawn again"),
    ],
)
def test_what_is_refused(how, error, message):
    city = people([[1, 2], [3, 2]], town=["a", "b"], one=["a", "a"])
    with pytest.raises(error, match=message):
        sg.bootstrap(city, "H", **how)


def test_clusters_must_hold_all_people():
    city = people([[1, 2], [3, 2], [4, 4]], town=["a", "b", None])
    lost = pytest.raises(sg.DataError, match=r"1 unit of 3 has people and no cluster \(first: 'u02'\)")
    with pytest.warns(sg.SegregateWarning, match="without 'town'"), lost:
        sg.bootstrap(city, "H", resample="clusters", clusters="town", replicates=19)


def test_a_profile_has_its_own_index():
    profile = sg.profile(on_a_line(RANDOM), "H", [0, 150])
    with pytest.raises(sg.ParameterError, match="has its own index"):
        sg.bootstrap(profile, "H")
    with pytest.raises(sg.ParameterError, match="is for one index"):
        sg.bootstrap(profile, interval="bca")
    with pytest.raises(sg.ParameterError, match="local indices only"):
        sg.bootstrap(sg.profile(on_a_line(RANDOM), "divergence", [0, 150]))
    with pytest.raises(sg.ParameterError, match="needs an index"):
        sg.bootstrap(on_a_line(RANDOM))


def test_units_of_an_index_of_areas_are_refused():
    city = sg.sample("sacramento")
    with pytest.raises(sg.ParameterError, match="delta looks at area"):
        sg.bootstrap(city, "delta", group="black", resample="units", replicates=19)
    with pytest.warns(sg.SegregateWarning, match="degrees"):
        found = sg.bootstrap(city, "delta", group="black", replicates=19, rng=1)
    assert found.low < found.high


def test_too_many_are_not_left_out_one_by_one(monkeypatch):
    monkeypatch.setattr("segregate.inference._jackknife.MOST", 100)
    with pytest.raises(sg.ParameterError, match="takes too long for 25 units"):
        sg.bootstrap(people(RANDOM), "H", interval="bca", replicates=19)


def test_parts_of_people_are_drawn_by_their_weight_and_said():
    found = sg.bootstrap(people([[4.3, 2], [1, 3.5]]), "H", replicates=50, rng=1)
    assert "there are 10.8 people, not a whole number; replicates draw 11" in found.notes


def test_an_undefined_index_has_no_interval():
    with pytest.warns(sg.UndefinedIndexWarning):
        found = sg.bootstrap(people([[4, 0], [3, 0]]), "H", rng=1)
    assert math.isnan(found.low)
    assert math.isnan(found.se)
    assert "only one group" in found.notes[0]


def test_an_interval_by_leaving_out_is_undefined_where_all_that_is_left_is():
    with pytest.warns(sg.UndefinedIndexWarning):
        found = sg.bootstrap(people([[4, 0], [3, 0]]), "H", interval="bca", rng=1)
    assert math.isnan(found.low)
    found = sg.bootstrap(people([[1, 0], [0, 1]]), "H", interval="bca", replicates=99, rng=1)
    assert found.value == 1
    assert math.isnan(found.low)


def test_the_result_shows_itself():
    found = sg.bootstrap(people(RANDOM), "H", replicates=99, rng=1)
    assert "95 % interval" in repr(found)
    assert "<table" in found._repr_html_()
    row = found.table.iloc[0]
    assert (row["value"], row["low"], row["high"]) == (found.value, found.low, found.high)
    assert row["replicates"] == 99


# measure(interval=) ------------------------------------------------------------------------


def test_measure_gives_the_intervals_of_bootstrap():
    city = people(RANDOM)
    table = sg.measure(city, ["H", "D", "isolation", "atkinson", "exposure"], interval=0.9)
    assert list(table.columns[-6:]) == ["params", "value", "low", "high", "status", "message"]
    for row in table.itertuples():
        about = {} if not row.group else {"group": row.group}
        if row.symbol == "xPy":
            about["other"] = row.versus
            alone = sg.bootstrap(city.versus(row.group), row.index, interval="basic", level=0.9, rng=0, **about)
        else:
            alone = sg.bootstrap(city, row.index, interval="basic", level=0.9, rng=0, **about)
        assert row.value == pytest.approx(alone.value, rel=1e-12)
        if row.symbol != "xPy":
            assert (row.low, row.high) == pytest.approx((alone.low, alone.high), rel=1e-10)
    assert table.attrs["segregate"]["interval"]["replicates"] == 999


def test_intervals_by_region_are_those_of_each_region_alone():
    city = people(RANDOM, town=list("abcab" * 5))
    table = sg.measure(city, ["H", "isolation"], by="town", interval=0.95)
    for town, part in city.split("town").items():
        alone = sg.measure(part, ["H", "isolation"], interval=0.95)
        there = table[table["town"] == town]
        assert there["low"].to_numpy() == pytest.approx(alone["low"].to_numpy(), rel=1e-10)
        assert there["high"].to_numpy() == pytest.approx(alone["high"].to_numpy(), rel=1e-10)


def test_intervals_within_an_environment_that_stops_at_edges():
    rows = on_a_line(RANDOM).to_frame().assign(town=list("abcde" * 5))
    city = sg.Population.from_frame(rows, ["g0", "g1", "g2"])
    for environment in (sg.Kernel(600), sg.Nearest(80)):
        table = sg.measure(city, ["H"], by="town", environment=environment, interval=0.95)
        for town, part in city.split("town").items():
            alone = sg.measure(part, ["H"], environment=environment, interval=0.95)
            there = table[table["town"] == town]
            assert there["low"].to_numpy() == pytest.approx(alone["low"].to_numpy(), rel=1e-9)
    across = sg.measure(city.within(sg.Kernel(600)), ["H"], by="town", interval=0.95)
    assert (across["low"] < across["high"]).all()


def test_measure_refuses_a_level_that_is_none():
    with pytest.raises(sg.ParameterError, match="level=95 is a share"):
        sg.measure(people(RANDOM), "H", interval=95)
    with pytest.warns(sg.SegregateWarning, match="not a whole number"):
        sg.measure(people(RANDOM + 0.01), "H", interval=0.95)
