"""Before and after an investment, against plain loops."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import segregate as sg
from segregate.errors import DataError, GeometryError, ParameterError, UnknownNameError
from tests.unit import oracle_before_after as oracle

GROUPS = ["a", "b", "c"]


def years(seed=1, n=24):
    rng = np.random.default_rng(seed)
    then = rng.integers(5, 60, (n, 3)).astype(float)
    now = np.maximum(then + rng.integers(-5, 6, then.shape), 0)
    spots = shapely.points(rng.uniform(0, 4000, (n, 2)) + np.array([5e5, 5e6]))
    ids = [f"u{k:02d}" for k in range(n)]
    pops = []
    for counts in (then, now):
        frame = gpd.GeoDataFrame(pd.DataFrame(counts, columns=GROUPS), geometry=spots, crs="EPSG:32633")
        frame["built"] = np.arange(n) < 4
        frame.index = ids
        pops.append(sg.Population.from_frame(frame, GROUPS))
    return pops


AREA = [f"u{k:02d}" for k in range(4)]


@pytest.mark.parametrize("seed", range(3))
def test_against_plain_loops(seed):
    before, after = years(seed)
    found = sg.before_after(before, after, area=AREA, placebos=99, replicates=99, rng=1)
    tables = before.counts.tolist(), after.counts.tolist()
    here, there = list(range(4)), list(range(4, 24))
    assert found.value == pytest.approx(oracle.difference(*tables, here, there), rel=1e-10)
    sets = oracle.neighbourhoods(before.points.tolist(), there, 4)
    placebos = [oracle.difference(*tables, one, [j for j in there if j not in one]) for one in sets]
    assert sorted(found.placebos) == pytest.approx(sorted(placebos), rel=1e-9, abs=1e-13)
    assert found.p_value == pytest.approx(oracle.p_value(found.value, placebos))
    table = found.table.set_index("place")
    assert table.loc["area", "change"] == pytest.approx(oracle.change(*tables, here), rel=1e-10)
    assert table.loc["comparison", "change"] == pytest.approx(oracle.change(*tables, there), rel=1e-10)
    assert table.loc["area", "change"] - table.loc["comparison", "change"] == pytest.approx(found.value, rel=1e-12)
    assert table.loc["area", "people_before"] == before.counts[:4].sum()
    assert any("neighbourhoods of 4 comparison units" in note for note in found.notes)
    assert found.low < found.value < found.high


def test_a_change_that_was_put_in_is_found():
    before, after = years()
    moved = after.counts.copy()
    moved[:4] = moved[:4].sum(axis=1, keepdims=True) * before.shares  # the area becomes like the city
    frame = after.to_frame()
    frame[GROUPS] = moved
    later = sg.Population.from_frame(frame, GROUPS)
    found = sg.before_after(before, later, area=AREA, placebos=199, replicates=99, rng=1, alike="any")
    assert found.value < -0.02
    assert found.p_value == pytest.approx(1 / 200)
    assert found.high < 0


def test_nothing_changed():
    before, _ = years()
    found = sg.before_after(before, before, area="built", placebos=50, replicates=50, rng=1)
    assert found.value == pytest.approx(0, abs=1e-15)
    assert found.p_value == 1
    assert found.low == found.high == pytest.approx(0, abs=1e-15)


@pytest.mark.parametrize("alike", ["size", "any", "neighbourhood"])
def test_sets_are_of_comparison_units_and_of_the_same_seed(alike):
    before, after = years()
    how = {"area": AREA, "alike": alike, "placebos": 30, "replicates": 30, "rng": 5}
    found = sg.before_after(before, after, **how)
    order = np.random.default_rng(1).permutation(24)
    turned = [sg.Population.from_frame(pop.to_frame().iloc[order], GROUPS) for pop in (before, after)]
    again = sg.before_after(*turned, **how)
    np.testing.assert_allclose(found.placebos, again.placebos, rtol=0, atol=1e-14)
    assert (found.low, found.high) == pytest.approx((again.low, again.high), abs=1e-14)
    if alike != "neighbourhood":
        assert len(found.placebos) == 30
        assert len(np.unique(found.placebos)) > 10


def test_like_size_means_like_people():
    frame = pd.DataFrame({"a": [50.0, *range(1, 20), 49, 51, 52], "b": 10.0}, index=[f"u{k:02d}" for k in range(23)])
    later = frame.assign(a=frame["a"] + [1.0, *([0] * 19), 5, 5, 5])
    before, after = (sg.Population.from_frame(one, ["a", "b"]) for one in (frame, later))
    found = sg.before_after(
        before, after, area=["u00"], index="share", group="a", alike="size", placebos=60, replicates=9, rng=0
    )
    assert len(np.unique(found.placebos.round(12))) == 3
    assert np.isnan(found.low)
    assert "no interval: the area is one unit" in found.notes
    assert np.isfinite(found.table.set_index("place").loc["comparison", "low"])


def test_the_bootstrap_in_plain_loops():
    before, after = years()
    found = sg.before_after(before, after, area=AREA, alike="any", placebos=3, replicates=40, rng=11)
    rng = np.random.default_rng(11)
    rng.spawn(3)
    tables = before.counts.tolist(), after.counts.tolist()
    then, now = oracle.values(tables[0]), oracle.values(tables[1])
    people = [[sum(row) for row in table] for table in tables]
    drawn = []
    for child in rng.spawn(40):
        parts = []
        for rows in (np.arange(4), np.arange(4, 24)):
            units = rows[child.integers(0, len(rows), len(rows))].tolist()
            parts.append(oracle.mean(now, people[1], units) - oracle.mean(then, people[0], units))
        drawn.append(parts[0] - parts[1])
    assert [found.low, found.high] == pytest.approx(np.quantile(drawn, [0.025, 0.975]), rel=1e-9)


def test_masks_columns_and_comparisons():
    before, after = years()
    how = {"placebos": 9, "replicates": 9, "rng": 1, "alike": "any"}
    first = sg.before_after(before, after, area=AREA, **how)
    for area in ("built", before.ids.isin(AREA), pd.Series(before.ids.isin(AREA), index=before.ids)):
        assert sg.before_after(before, after, area=area, **how).value == first.value
    near = sg.before_after(before, after, area="u00", comparison=["u05", "u06", "u07"], **how)
    assert near.table["units"].tolist() == [1, 3, 4]
    assert near.units["place"].value_counts().to_dict() == {"comparison": 3, "area": 1}


def test_units_that_are_lost_are_said():
    before, after = years()
    fewer = after.subset(after.ids != "u20")
    frame = before.to_frame()
    frame.loc["u10", GROUPS] = 0
    found = sg.before_after(sg.Population.from_frame(frame, GROUPS), fewer, area=AREA, placebos=5, replicates=5, rng=0)
    assert "1 unit of before not there after, left out" in found.notes
    assert "1 unit without people or value in one of the years, left out" in found.notes
    assert len(found.units) == 22


@pytest.mark.parametrize(
    ("given", "kind", "message"),
    [
        ({"area": ["u99"]}, UnknownNameError, r"area= names 1 unit that is not there \(first: 'u99'\)"),
        ({"area": "nowhere"}, UnknownNameError, "is no unit and no column"),
        ({"area": [True, False]}, ParameterError, "holds 2 values of true or false for 24 units"),
        ({"area": AREA, "comparison": ["u03", "u05"]}, ParameterError, r"1 unit in both area and comparison"),
        ({"area": AREA, "comparison": ["u08", "u09"]}, ParameterError, "2 comparison units for an area of 4"),
        ({"area": AREA, "index": "D"}, ParameterError, "dissimilarity has no local values"),
        ({"area": AREA, "index": sg.bind("typology", host="a")}, ParameterError, "gives kinds, not numbers"),
        ({"area": AREA, "alike": "twins"}, ParameterError, "alike='twins' is not known"),
        ({"area": np.zeros(24, dtype=bool)}, ParameterError, "The area has no unit with people"),
        ({"area": AREA, "level": 2}, ParameterError, "level=2 is a share"),
    ],
)
def test_refused(given, kind, message):
    before, after = years()
    with pytest.raises(kind, match=message):
        sg.before_after(before, after, **given)


def test_other_things_refused():
    before, after = years()
    with pytest.raises(ParameterError, match="after is a Population, not GeoDataFrame"):
        sg.before_after(before, after.to_frame(), area=AREA)
    other = sg.Population.from_frame(after.to_frame().set_axis(range(24)), GROUPS)
    with pytest.raises(DataError, match="are the ids the same"):
        sg.before_after(before, other, area=AREA)
    nowhere = [sg.Population.from_frame(pop.to_frame()[GROUPS], GROUPS) for pop in (before, after)]
    with pytest.raises(GeometryError):
        sg.before_after(*nowhere, area=AREA)
    assert sg.before_after(*nowhere, area=AREA, alike="size", placebos=5, replicates=5).p_value > 0
