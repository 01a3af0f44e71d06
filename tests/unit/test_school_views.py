"""Contributions of schools, exposure gaps, sectors and school years, against plain loops."""

import math

import numpy as np
import pandas as pd
import pytest
import scipy.sparse

import segregate as sg
from segregate.errors import DataError, ParameterError, UnknownNameError

GROUPS = ["a", "b", "c"]


def schools(seed=1, n=18):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.integers(0, 80, (n, 3)).astype(float), columns=GROUPS, index=[f"s{k}" for k in range(n)])
    frame["district"] = np.array(["north", "south", "west"])[np.arange(n) % 3]
    frame["sector"] = np.array(["public", "private"])[rng.integers(0, 2, n)]
    return sg.Population.from_frame(frame, GROUPS)


def loops_d(rows, m):
    """Return the terms of D of a group against the rest, and their sum."""
    own, rest = sum(row[m] for row in rows), sum(sum(row) - row[m] for row in rows)
    terms = [abs(row[m] / own - (sum(row) - row[m]) / rest) / 2 for row in rows]
    return terms, math.fsum(terms)


def loops_atkinson(rows, b):
    """Return Atkinson's index of the first of two groups."""
    whole, size = sum(row[0] for row in rows), sum(map(sum, rows))
    share = whole / size
    total = math.fsum(
        (1 - row[0] / sum(row)) ** (1 - b) * (row[0] / sum(row)) ** b * sum(row) / (share * size) for row in rows
    )
    return 1 - share / (1 - share) * total ** (1 / (1 - b))


def loops_gap(rows, m, others):
    own, them = sum(row[m] for row in rows), sum(sum(row[n] for n in others) for row in rows)
    first = math.fsum(row[m] / own * row[m] / sum(row) for row in rows if sum(row))
    second = math.fsum(sum(row[n] for n in others) / them * row[m] / sum(row) for row in rows if sum(row))
    return first, second


# contributions -------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_terms_of_d_by_district(seed):
    pop = schools(seed)
    found = sg.schools.contribution(pop, group="b", by="district")
    assert found.method == "terms"
    for label, table in found.table.groupby("district"):
        rows = [pop.counts[pop.ids.get_loc(name)].tolist() for name in table["school"]]
        terms, value = loops_d(rows, 1)
        assert table["contribution"].tolist() == pytest.approx(terms, rel=1e-12)
        district = found.districts.set_index("district").loc[label]
        assert district["value"] == pytest.approx(value, rel=1e-12)
        assert table["contribution"].sum() == pytest.approx(value, rel=1e-12)
        assert table["share"].sum() == pytest.approx(1, rel=1e-12)
        assert table["rank"].tolist() == [1 + sum(other > term for other in terms) for term in terms]
        assert district["people"] == sum(map(sum, rows))
    assert found.table["school"].tolist() == pop.ids.tolist()


def test_an_index_that_is_no_sum_leaves_one_out():
    pop = schools().select("a", "b")
    found = sg.schools.contribution(pop, sg.bind("atkinson", b=0.5), by="district")
    assert found.method == "leave_one_out"
    for _, table in found.table.groupby("district"):
        rows = [pop.counts[pop.ids.get_loc(name)].tolist() for name in table["school"]]
        value = loops_atkinson(rows, 0.5)
        without = [value - loops_atkinson(rows[:k] + rows[k + 1 :], 0.5) for k in range(len(rows))]
        assert table["contribution"].tolist() == pytest.approx(without, rel=1e-9, abs=1e-12)
    assert "without the school" in repr(found)


def test_leaving_out_is_what_is_left_of_a_sum_too():
    pop = schools()
    found = sg.schools.contribution(pop, "D", group="a", method="leave_one_out")
    rows = pop.counts.tolist()
    value = loops_d(rows, 0)[1]
    assert found.table["contribution"].iloc[4] == pytest.approx(value - loops_d(rows[:4] + rows[5:], 0)[1], rel=1e-10)
    assert "district" not in found.table.columns


def test_one_school_alone_and_one_without_a_district():
    frame = schools().to_frame()
    frame.loc["s0", "district"] = "alone"
    frame.loc["s1", "district"] = None
    pop = sg.Population.from_frame(frame, GROUPS)
    with pytest.warns(sg.SegregateWarning, match="1 unit of 18 without 'district' left out"):
        found = sg.schools.contribution(pop, "H", by="district", method="leave_one_out")
    table = found.table.set_index("school")
    assert np.isnan(table.loc["s0", "contribution"])
    assert "s1" not in table.index
    assert "1 school of 18 without a district left out" in found.notes
    assert len(found.local) == 18
    assert np.isnan(found.local.set_index("id").loc["s1", "value"])


def test_a_district_of_one_group_is_undefined():
    frame = schools().to_frame()
    frame.loc[frame["district"] == "west", ["b", "c"]] = 0
    pop = sg.Population.from_frame(frame, GROUPS)
    found = sg.schools.contribution(pop, "H", by="district")
    west = found.table["district"] == "west"
    assert found.table.loc[west, "contribution"].isna().all()
    assert found.table.loc[~west, "contribution"].notna().all()
    assert any("undefined in 1 district of 3 (first: 'west')" in note for note in found.notes)


def test_terms_in_an_environment_sum_to_the_index():
    pop = schools()
    near = pop.within(sg.Weights(scipy.sparse.csr_array(np.ones((18, 18)) + 5 * np.eye(18))))
    found = sg.schools.contribution(near, "H")
    assert found.table["contribution"].sum() == pytest.approx(sg.information_theory(near), rel=1e-12)
    with pytest.raises(ParameterError, match="left out is also missing around the others"):
        sg.schools.contribution(near, "H", method="leave_one_out")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"index": "divergence"}, "divergence gives one value per unit"),
        ({"index": "atkinson", "group": "a", "method": "terms"}, "atkinson is not a sum over units"),
        ({"index": "H", "method": "best"}, "method='best' is not known"),
        ({"index": "absolute_clustering", "group": "a", "method": "leave_one_out"}, "looks at"),
        ({"index": "H", "by": pd.Series(["x"] * 18, name="share")}, "called like a column of the result"),
    ],
)
def test_contributions_refused(given, message):
    with pytest.raises(ParameterError, match=message):
        sg.schools.contribution(schools(), **given)
    with pytest.raises(ParameterError, match="takes a Population of schools, not DataFrame"):
        sg.schools.contribution(pd.DataFrame())


# exposure gap --------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_the_gap_in_plain_loops_is_v(seed):
    pop = schools(seed)
    found = sg.schools.exposure_gap(pop, "a")
    own, others = loops_gap(pop.counts.tolist(), 0, [1, 2])
    assert found.table[["own", "others"]].iloc[0].tolist() == pytest.approx([own, others], rel=1e-12)
    assert found.value == pytest.approx(sg.correlation_ratio(pop, group="a"), abs=1e-13)
    assert found.table["share"].item() == pytest.approx(pop.counts[:, 0].sum() / pop.counts.sum(), rel=1e-12)
    against = sg.schools.exposure_gap(pop, "a", "c", by="district")
    for label, row in against.table.set_index("district").iterrows():
        rows = pop.counts[(pop.attributes["district"] == label).to_numpy()].tolist()
        own, others = loops_gap(rows, 0, [2])
        assert [row["own"], row["others"], row["gap"]] == pytest.approx([own, others, own - others], rel=1e-11)


def test_the_gap_is_none_where_all_are_alike_and_one_where_apart():
    alike = sg.Population.from_frame(pd.DataFrame({"a": [10.0, 20], "b": [5.0, 10]}), ["a", "b"])
    assert sg.schools.exposure_gap(alike, "a").value == pytest.approx(0, abs=1e-15)
    apart = sg.Population.from_frame(pd.DataFrame({"a": [10.0, 0], "b": [0, 10.0]}), ["a", "b"])
    assert sg.schools.exposure_gap(apart, "b").value == pytest.approx(1)


def test_gaps_refused():
    pop = schools()
    with pytest.raises(UnknownNameError, match="There is no group 'd'"):
        sg.schools.exposure_gap(pop, "d")
    with pytest.raises(UnknownNameError, match="There is no group 'd'"):
        sg.schools.exposure_gap(pop, "a", "d")
    with pytest.raises(ParameterError, match="against itself"):
        sg.schools.exposure_gap(pop, "a", "a")
    with pytest.raises(ParameterError, match=r"3 districts; their gaps stand in \.table"):
        _ = sg.schools.exposure_gap(pop, "a", by="district").value
    nobody = sg.Population.from_frame(pd.DataFrame({"a": [0.0, 0], "b": [1.0, 2]}), ["a", "b"])
    with pytest.raises(DataError, match="The gap has no value in any district"):
        sg.schools.exposure_gap(nobody, "a")
    with pytest.raises(ParameterError, match="takes a Population of schools"):
        sg.schools.exposure_gap(pd.DataFrame(), "a")


# sectors and years ---------------------------------------------------------------------


def entropy(row):
    return -math.fsum(n / sum(row) * math.log(n / sum(row)) for n in row if n)


def loops_m(rows):
    whole = [sum(column) for column in zip(*rows, strict=True)]
    return entropy(whole) - math.fsum(sum(row) / sum(whole) * entropy(row) for row in rows if sum(row))


def test_sectors_within_districts():
    pop = schools()
    found = sg.schools.between_within(pop)
    assert found.table["between"].tolist() == ["district", "sector", "unit"]
    districts, pairs = {}, {}
    for row, district, sector in zip(
        pop.counts.tolist(), pop.attributes["district"], pop.attributes["sector"], strict=True
    ):
        for where, key in ((districts, district), (pairs, (district, sector))):
            where[key] = [one + two for one, two in zip(where.get(key, [0, 0, 0]), row, strict=True)]
    total, wide, fine = (loops_m(list(rows)) for rows in (pop.counts.tolist(), districts.values(), pairs.values()))
    assert found.table["value"].tolist() == pytest.approx([wide, fine - wide, total - fine], rel=1e-10)
    assert found.total == pytest.approx(total, rel=1e-12)
    alone = sg.schools.between_within(pop, by="sector", index="H")
    assert alone.table["between"].tolist() == ["sector", "unit"]
    labels = [f"x{k % 2}" for k in range(18)]
    assert sg.schools.between_within(pop, by=labels).table["between"].tolist() == ["region", "unit"]
    nested = sg.between_within(pop, "M", by="district")
    assert sg.schools.between_within(pop, by=["district"]).between == nested.between


def test_what_does_not_split_says_why():
    for index in ("D", "G"):
        with pytest.raises(ParameterError, match="belongs to neither"):
            sg.schools.between_within(schools().select("a", "b"), index=index)
    with pytest.raises(UnknownNameError, match="There is no column 'ward'"):
        sg.schools.between_within(schools(), by=["district", "ward"])
    with pytest.raises(ParameterError, match="takes a Population of schools"):
        sg.schools.between_within(pd.DataFrame())


def test_school_years():
    first, second = schools(1), schools(2)
    second = second.subset(second.ids != "s3")
    found = sg.schools.trend({"2017/18": second, "2016-2017": first}, "H", replicates=49, rng=3)
    plain = sg.trend({2016: first, 2017: second}, "H", replicates=49, rng=3)
    assert found.table["school_year"].tolist() == ["2016/17", "2017/18"]
    pd.testing.assert_frame_equal(found.table.drop(columns="school_year"), plain.table)
    assert found.slope == plain.slope
    assert "2016/17 to 2017/18" in repr(found)
    assert "1 school of 18 there in some of the years only" in found.notes
    whole = sg.schools.trend([(2015, first), ("2016", first)], replicates=49, rng=3)
    assert whole.table["school_year"].tolist() == ["2015", "2016"]
    assert not any("some of the years" in note for note in whole.notes)


@pytest.mark.parametrize("year", ["2016-18", "autumn", "2016-2018", True, float("nan")])
def test_no_school_year(year):
    with pytest.raises(ParameterError, match="is no school year"):
        sg.schools.trend({year: schools(), "2020-21": schools()})


def test_school_years_refused():
    with pytest.raises(ParameterError, match=r"1 school year there twice \(first: '2016/17'\)"):
        sg.schools.trend([("2016-17", schools()), ("2016/17", schools())])
    with pytest.raises(ParameterError, match="takes populations by school year"):
        sg.schools.trend([schools(), schools()])
    assert sg.schools.trend({"1999-2000": schools(), "2000-01": schools()}, replicates=9).school_years[0] == "1999/00"
