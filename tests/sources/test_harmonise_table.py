"""People put on other boundaries by a crosswalk table."""

import numpy as np
import pandas as pd
import pytest

import segregate as sg
from segregate.errors import DataError, ParameterError, SegregateWarning, UnknownNameError
from tests.helpers import quietly
from tests.sources.oracle_harmonise import by_table

GROUPS = ["a", "b", "c"]
OLD = [f"06{k:03d}" for k in range(12)]
NEW = [f"07{k:03d}" for k in range(7)]


def people(counts=None, ids=OLD):
    counts = np.random.default_rng(8).integers(1, 90, (len(ids), 3)) if counts is None else counts
    return sg.Population.from_frame(pd.DataFrame(np.asarray(counts, float), index=ids, columns=GROUPS), GROUPS)


def table(seed=0, old=OLD, new=NEW, **columns):
    """Return random weights, rows in no order, that add up to 1 for each old unit."""
    rng = np.random.default_rng(seed)
    rows = []
    for unit in old:
        goals = rng.permutation(len(new))[: rng.integers(1, 4)]
        rows += [
            (unit, new[goal], share) for goal, share in zip(goals, rng.dirichlet(np.ones(len(goals))), strict=True)
        ]
    frame = pd.DataFrame(rows, columns=["old", "new", "share"])
    return frame.iloc[rng.permutation(len(frame))].reset_index(drop=True).assign(**columns)


def targets(ids=NEW):
    return pd.Series(ids, name="unit")


@pytest.mark.parametrize("seed", range(10))
def test_against_plain_loops(seed):
    pop = people(np.random.default_rng(seed).integers(0, 90, (12, 3)))
    rows = table(seed)
    made = sg.harmonise(pop, targets(), crosswalk=rows)
    expected, _ = by_table(
        dict(zip(OLD, pop.counts.tolist(), strict=True)),
        [(old, new, [share] * 3) for old, new, share in rows.itertuples(index=False)],
        NEW,
    )
    assert np.allclose(made.counts, expected, rtol=1e-12, atol=1e-12)
    assert np.isclose(made.size, pop.size, rtol=1e-12)
    assert made.lost.empty
    assert made.ids.tolist() == NEW
    assert made.ids.name == "unit"
    assert made.notes[0] == "columns of the crosswalk: from 'old' to 'new', weights 'share'"


def test_weights_of_groups():
    pop, rows = people(), table(1)
    rows["dwellings"] = table(1)["share"] ** 2
    rows["dwellings"] /= rows.groupby("old")["dwellings"].transform("sum")
    made = sg.harmonise(
        pop,
        targets(),
        crosswalk=rows,
        weight={"a": "share", "b": "dwellings", "c": "share"},
        from_id="old",
        to_id="new",
    )
    expected, _ = by_table(
        dict(zip(OLD, pop.counts.tolist(), strict=True)),
        [(old, new, [share, other, share]) for old, new, share, other in rows.itertuples(index=False)],
        NEW,
    )
    assert np.allclose(made.counts, expected, rtol=1e-12)
    assert made.notes[0].startswith("people of 12 units put on other boundaries: ")
    again = sg.harmonise(pop, targets(), crosswalk=made.crosswalk, weight={name: name for name in GROUPS})
    assert list(made.crosswalk) == ["source", "target", *GROUPS]
    assert np.allclose(again.counts, made.counts, rtol=1e-12)


def test_people_of_a_group_without_weights_may_be_nobody():
    rows = pd.DataFrame({"old": ["x", "y"], "new": ["t", "t"], "w": [1.0, 1.0], "v": [0.0, 1.0]})
    pop = people([[5, 0, 1], [1, 2, 3]], ["x", "y"])
    made = sg.harmonise(pop, targets(["t"]), crosswalk=rows, weight={"a": "w", "b": "v", "c": "w"})
    assert made.counts.tolist() == [[6, 2, 4]]
    assert made.lost.empty


def test_a_lookup_without_weights():
    rows = pd.DataFrame({"lsoa": ["y", "x", "z"], "oa": ["b", "a", "c"]})
    pop = people([[1, 2, 3], [4, 5, 6], [7, 8, 9]], ["a", "b", "c"])
    made = sg.harmonise(pop, targets(["x", "y", "z"]), crosswalk=rows)
    assert np.array_equal(made.counts, pop.counts)
    assert made.notes == (
        "columns of the crosswalk: from 'oa' to 'lsoa', no weights, so that each row counts 1",
        "people of 3 units put on other boundaries; no unit is divided",
    )
    with pytest.raises(
        ParameterError, match=r"1 source unit of the crosswalk has several rows \(first: 'a'\), and no col"
    ):
        sg.harmonise(pop, targets(["x", "y", "z"]), crosswalk=pd.concat([rows, rows.iloc[1:2]]))


@pytest.mark.parametrize("suffix", ["csv", "parquet", "xlsx"])
def test_a_path(tmp_path, suffix):
    rows, pop = table(2), people()
    path = tmp_path / f"lookup.{suffix}"
    {"csv": rows.to_csv, "parquet": rows.to_parquet, "xlsx": rows.to_excel}[suffix](path, index=False)
    made = sg.harmonise(pop, targets(), crosswalk=path)
    assert np.allclose(made.counts, sg.harmonise(pop, targets(), crosswalk=rows).counts, rtol=1e-12)
    assert made.notes[0] == f"columns of lookup.{suffix}: from 'old' to 'new', weights 'share'"
    with pytest.raises(DataError, match=r"There is no file"):
        sg.harmonise(pop, targets(), crosswalk=str(tmp_path / "other.csv"))


def test_numbers_match_text_of_the_same_digits():
    rows = table(3, old=[str(k) for k in range(12)], new=[str(k) for k in range(100, 107)])
    pop = people(ids=range(12))
    made = sg.harmonise(pop, targets(range(100, 107)), crosswalk=rows)
    as_numbers = rows.astype({"old": float, "new": int})
    assert np.array_equal(sg.harmonise(pop, targets(range(100, 107)), crosswalk=as_numbers).counts, made.counts)
    assert np.isclose(made.size, pop.size)


def test_lost_zeros_are_recognised():
    rows = table(3)
    bare = rows.assign(old=rows["old"].astype(int))
    with pytest.raises(
        DataError, match=r"12 source units of 12 with people are not in 'old' of the crosswalk .*leading zeros"
    ):
        sg.harmonise(people(), targets(), crosswalk=bare, from_id="old")
    with pytest.raises(
        ParameterError, match=r"Name from_id=.*none of 'old', 'new' holds any .*leading zeros were lost in 'old'"
    ):
        sg.harmonise(people(), targets(), crosswalk=bare)
    with pytest.raises(
        DataError, match=r"lead to 7 units that the target does not have .*leading zeros were lost in 'new'"
    ):
        sg.harmonise(people(), targets(), crosswalk=rows.assign(new=rows["new"].astype(int)), to_id="new")
    with pytest.raises(ParameterError, match=r"Name to_id=.*Are the ids of the units set \(id=...\)\?"):
        sg.harmonise(people(), pd.Series(["x", "y"]), crosswalk=rows)


def test_columns_that_could_be_either_are_asked_for():
    pop = people([[1, 2, 3], [4, 5, 6]], ["1", "2"])
    rows = pd.DataFrame({"then": ["1", "2"], "now": ["2", "1"]})
    with pytest.raises(
        ParameterError, match=r"Name from_id=, .*: 'then', 'now' hold the same number of them \(2 of 2\)"
    ):
        sg.harmonise(pop, targets(["1", "2"]), crosswalk=rows)
    made = sg.harmonise(pop, targets(["1", "2"]), crosswalk=rows, from_id="now")
    assert made.counts.tolist() == [[4, 5, 6], [1, 2, 3]]
    with pytest.raises(ParameterError, match=r"from_id= and to_id= are both 'now'"):
        sg.harmonise(pop, targets(["1", "2"]), crosswalk=rows, from_id="now", to_id="now")
    with pytest.raises(ParameterError, match=r"Name weight=, .*: 'share', 'number' hold numbers. For a lookup without"):
        sg.harmonise(people(), targets(), crosswalk=table(number=1.5))
    with pytest.raises(UnknownNameError, match=r"There is no column 'shar' \(weight=\). Did you mean 'share'"):
        sg.harmonise(people(), targets(), crosswalk=table(), weight="shar")
    with pytest.raises(UnknownNameError, match=r"There is no column 'od' \(from_id=\). Did you mean 'old'"):
        sg.harmonise(people(), targets(), crosswalk=table(), from_id="od")


def test_weights_of_groups_name_every_group():
    with pytest.raises(UnknownNameError, match=r"weight= names 'd', which is no group"):
        sg.harmonise(people(), targets(), crosswalk=table(), weight={"d": "share"})
    with pytest.raises(ParameterError, match=r"weight= names no column for 'b', 'c'; give each group one"):
        sg.harmonise(people(), targets(), crosswalk=table(), weight={"a": "share"})


def test_units_that_the_table_lacks():
    rows = table()
    with pytest.raises(
        DataError, match=r"1 source unit of 12 with people is not in 'old' .*\(first: '06004'; \d+ people\)"
    ):
        sg.harmonise(people(), targets(), crosswalk=rows[rows["old"] != "06004"])
    counts = people().counts.copy()
    counts[4] = 0
    made = sg.harmonise(people(counts), targets(), crosswalk=rows[rows["old"] != "06004"])
    assert np.isclose(made.size, counts.sum(), rtol=1e-12)
    assert made.lost.empty


def test_rows_about_others_are_left_out_and_said():
    rows = pd.concat(
        [table(), pd.DataFrame({"old": ["99", "99", None], "new": ["x", "y", "x"], "share": [3.0, -1, np.nan]})]
    )
    made = sg.harmonise(people(), targets(), crosswalk=rows)
    assert np.array_equal(made.counts, sg.harmonise(people(), targets(), crosswalk=table()).counts)
    assert made.notes[1:3] == (
        "1 row of the crosswalk without 'old' left out",
        "2 rows of the crosswalk about 1 unit that the source does not have left out",
    )


def test_weights_below_one_lose_people_and_say_where():
    rows = pd.DataFrame({"old": ["x", "y", "y"], "new": ["t", "t", "u"], "w": [0.9, 0.5, 0.5]})
    pop = people([[50, 30, 20], [1, 2, 3]], ["x", "y"])
    message = r"^10 people \(9.43%\) of 1 source unit of 2 are in no target unit and lost "
    message += r"\(most: 'x': 10 of 100; all: .lost\)\.$"
    with pytest.warns(SegregateWarning, match=message) as heard:
        made = sg.harmonise(pop, targets(["t", "u"]), crosswalk=rows)
    assert len(heard) == 1
    assert made.notes[-1] + "." == str(heard[0].message)
    assert np.isclose(made.size + made.lost["lost"].sum(), pop.size, rtol=1e-12)
    assert made.lost.index.tolist() == ["x"]
    assert np.allclose(made.lost, [[100, 10, 0.1]])
    assert made.crosswalk.isna().sum().sum() == 1


@pytest.mark.parametrize("nowhere", [None, np.nan, "", "  "])
def test_rows_without_target_lose_people_and_say_where(nowhere):
    rows = pd.DataFrame({"old": ["x", "y", "y"], "new": ["t", "t", nowhere], "w": [1, 0.5, 0.5]})
    pop = people([[50, 30, 20], [2, 4, 6]], ["x", "y"])
    with pytest.warns(SegregateWarning, match=r"^6 people .*'y': 6 of 12"):
        made = sg.harmonise(pop, targets(["t"]), crosswalk=rows)
    assert made.counts.tolist() == [[51, 32, 23]]


def test_weights_above_one_are_refused():
    rows = pd.DataFrame({"old": ["x", "y", "y"], "new": ["t", "t", "u"], "w": [1, 0.7, 0.5]})
    pop = people([[50, 30, 20], [1, 2, 3]], ["x", "y"])
    with pytest.raises(
        DataError, match=r"weights in 'w' of the crosswalk add up to more than 1 in 1 source unit of 2 \('y': 1.2\)"
    ):
        sg.harmonise(pop, targets(["t", "u"]), crosswalk=rows)
    with pytest.raises(DataError, match=r"Are they percentages\? Divide them by 100"):
        sg.harmonise(pop, targets(["t", "u"]), crosswalk=rows.assign(w=[100, 40, 60]))
    with pytest.raises(DataError, match=r"is a pair of units there twice"):
        sg.harmonise(pop, targets(["t", "u"]), crosswalk=rows.assign(w=1.0, new="t"))


def test_rounded_weights_add_up_to_one():
    rows = pd.DataFrame({"old": ["x"] * 3 + ["y"], "new": ["t", "u", "v", "v"], "w": [0.3333333] * 3 + [1.0000004]})
    pop = people([[50, 30, 19], [1, 2, 3]], ["x", "y"])
    made = sg.harmonise(pop, targets(["t", "u", "v"]), crosswalk=rows)
    assert np.isclose(made.size, pop.size, rtol=1e-14)
    assert np.allclose(made.counts.sum(axis=1), [33, 33, 39], rtol=1e-12)
    assert made.lost.empty


def test_weights_that_are_no_shares():
    rows = table()
    for value, words in ((-0.1, "a negative"), (np.nan, "no"), (np.inf, "no")):
        bad = rows.assign(share=rows["share"].where(rows.index != 3, value))
        unit = rows.loc[3, "old"]
        match = rf"1 row of {len(rows)} has {words} weight in 'share' of the crosswalk \(first: those of '{unit}'\)"
        with pytest.raises(DataError, match=match):
            sg.harmonise(people(), targets(), crosswalk=bad, weight="share")
    bad = rows.assign(share=rows["share"].astype(object).where(rows.index != 3, "<5"))
    with pytest.raises(DataError, match=r"'share' values that are not numbers: '<5'"):
        sg.harmonise(people(), targets(), crosswalk=bad, weight="share")


def test_targets_that_are_not_there():
    rows = table()
    leading = int((rows["new"] == NEW[2]).sum())
    match = rf"{leading} rows? of the crosswalk leads? to 1 unit that the target does not have \(first 'new': '07002'\)"
    with pytest.raises(DataError, match=match):
        sg.harmonise(people(), targets([name for name in NEW if name != "07002"]), crosswalk=rows)
    inside = rows[rows["new"] != "07002"]
    gone = rows[rows["new"] == "07002"].set_index("old")["share"]
    pop = people()
    present = pop.subset(pop.ids.isin(inside["old"]))
    made = quietly(sg.harmonise, present, targets([name for name in NEW if name != "07002"]), crosswalk=inside)
    left = pd.Series(pop.totals, pop.ids).loc[present.ids]
    expected = (left * gone.reindex(present.ids)).dropna()
    assert np.allclose(made.lost["lost"].sort_index(), expected[expected > 0].sort_index(), rtol=1e-9)


def test_targets_that_nobody_goes_to():
    made = sg.harmonise(people(), targets([*NEW, "empty"]), crosswalk=table())
    assert made.counts[-1].tolist() == [0, 0, 0]
    assert made.notes[-1] == "1 target unit of 8 without any source unit (first: 'empty'), counted as 0 people"


def test_tables_that_are_none():
    with pytest.raises(ParameterError, match=r"crosswalk= takes a DataFrame or the path of a table.* not dict"):
        sg.harmonise(people(), targets(), crosswalk={"a": "b"})
    with pytest.raises(DataError, match=r"The crosswalk has no rows"):
        sg.harmonise(people(), targets(), crosswalk=table().iloc[:0])
    with pytest.raises(
        DataError, match=r"1 id of the source names two units, once as a number and once as text \(first: '1'\)"
    ):
        sg.harmonise(people([[1, 1, 1]] * 2, ["1", 1]), targets(), crosswalk=table())


def test_it_is_a_population_that_remembers():
    made = quietly(sg.harmonise, people(), targets(), crosswalk=table().query("share > 0.2"))
    assert isinstance(made, sg.Population)
    chosen = made.merge({"ab": ["a", "b"]}).subset(made.ids != NEW[0])
    assert isinstance(chosen, sg.Harmonised)
    assert chosen.lost.equals(made.lost)
    copy = made.lost
    copy["lost"] = 0
    assert (made.lost["lost"] > 0).all()


def test_where_the_data_come_from_is_kept(tmp_path):
    path = tmp_path / "then.csv"
    people().to_frame().rename_axis("unit").to_csv(path)
    pop = sg.read(path, groups=GROUPS, id="unit")
    made = sg.harmonise(pop, targets(), crosswalk=table())
    assert made.source == "then.csv"
    assert made.provenance.files == pop.provenance.files
    assert made.provenance.steps == (*pop.provenance.steps, "12 units put on 7 units")
    onto = sg.harmonise(pop, sg.harmonise(pop, targets(), crosswalk=table()), crosswalk=table())
    assert onto.provenance.steps[-1] == "12 units put on 7 units of then.csv"
    table().to_csv(tmp_path / "keys.csv", index=False)
    keyed = sg.harmonise(pop, targets(), crosswalk=tmp_path / "keys.csv")
    assert [file.name for file in keyed.provenance.files] == ["then.csv", "keys.csv"]
    assert keyed.provenance.steps[-1] == "12 units put on 7 units by keys.csv"
    assert keyed.to_frame().equals(made.to_frame())


def test_groups_of_several_dimensions_stay_so():
    frame = pd.DataFrame({"unit": ["x", "x", "y"], "origin": ["a", "b", "a"], "sex": ["f", "m", "m"], "n": [1, 2, 3]})
    pop = sg.Population.from_long(frame, unit="unit", group=["origin", "sex"], count="n")
    made = sg.harmonise(pop, targets(["t"]), crosswalk=pd.DataFrame({"old": ["x", "y"], "new": ["t", "t"]}))
    assert made.groups == pop.groups
    assert made.dimensions == pop.dimensions


def test_suppressed_counts_come_along_as_intervals_only():
    frame = pd.DataFrame({"a": ["<5", "7"], "b": [20, 30]}, index=["x", "y"])
    pop = sg.Population.from_frame(frame, ["a", "b"], suppressed="low", marks={"<5": (1, 4)})
    made = sg.harmonise(pop, targets(["t"]), crosswalk=pd.DataFrame({"old": ["x", "y"], "new": ["t", "t"]}))
    assert made.disclosure is None
    assert made.notes[-1].endswith("(disclosure) is not known on other boundaries")
    assert made.uncertainty.low.tolist() == [[8, 50]]
    assert made.uncertainty.high.tolist() == [[11, 50]]


# uncertainty -----------------------------------------------------------------------------


def test_standard_errors_as_of_independent_units():
    pop, rows = people(), table(4)
    frame = pop.to_frame()
    moe = {f"{name}_moe": frame[name] / 3 for name in GROUPS}
    pop = sg.Population.from_frame(frame.assign(**moe), GROUPS, moe={name: f"{name}_moe" for name in GROUPS})
    made = sg.harmonise(pop, targets(), crosswalk=rows)
    for j, new in enumerate(NEW):
        for m in range(3):
            square = 0.0
            for old, goal, share in rows.itertuples(index=False):
                if goal == new:
                    square += (share * pop.uncertainty.se[OLD.index(old), m]) ** 2
            assert np.isclose(made.uncertainty.se[j, m], square**0.5, rtol=1e-12)
    assert made.notes[-1] == "margins, intervals and replicates of the counts moved as if the weights were exact"


def test_intervals_and_what_is_known():
    rows = pd.DataFrame({"old": ["x", "y", "z"], "new": ["t", "t", "u"]})
    pop = people([[3, 10, 10], [5, 2, 7], [8, 8, 1]], ["x", "y", "z"])
    hidden = pop.counts < 5
    pop = pop.with_intervals(np.where(hidden, 1, pop.counts), np.where(hidden, 4, pop.counts), sizes="known")
    made = sg.harmonise(pop, targets(["t", "u"]), crosswalk=rows).uncertainty
    assert made.low.tolist() == [[6, 11, 17], [8, 8, 1]]
    assert made.high.tolist() == [[9, 14, 17], [8, 8, 4]]
    assert made.totals_known.all()
    assert made.sizes_known.all()
    lost = rows.assign(w=[1, 1, 0.5])
    made = quietly(sg.harmonise, pop, targets(["t", "u"]), crosswalk=lost).uncertainty
    assert made.sizes_known.tolist() == [True, True, False]
    assert made.high[1].tolist() == [4, 4, 2]
    free = pop.with_intervals(pop.counts, pop.counts, totals="free")
    assert not sg.harmonise(free, targets(["t", "u"]), crosswalk=rows).uncertainty.totals_known.any()


def test_totals_are_not_known_where_groups_have_their_own_weights():
    rows = pd.DataFrame({"old": ["x", "x", "y"], "new": ["t", "u", "u"], "w": [0.5, 0.5, 1], "v": [0.2, 0.8, 1]})
    pop = people([[3, 10, 10], [5, 6, 7]], ["x", "y"])
    low = pop.counts.copy()
    low[0, 0] = 1
    pop = pop.with_intervals(low, np.where(pop.counts == 3, 4, pop.counts))
    both = sg.harmonise(pop, targets(["t", "u"]), crosswalk=rows, weight="w").uncertainty
    own = sg.harmonise(pop, targets(["t", "u"]), crosswalk=rows, weight={"a": "w", "b": "v", "c": "w"}).uncertainty
    assert both.totals_known.all()
    assert not own.totals_known.any()


def test_replicates():
    pop, rows = people(), table(6)
    tables = np.random.default_rng(1).poisson(pop.counts, (10, *pop.counts.shape)).astype(float)
    made = sg.harmonise(pop.with_replicates(tables, factor=0.1), targets(), crosswalk=rows)
    for r in range(10):
        alone = sg.harmonise(people(tables[r]), targets(), crosswalk=rows)
        assert np.allclose(made.uncertainty.replicates[r], alone.counts, rtol=1e-12, atol=1e-12)
    variance = 0.1 * ((made.uncertainty.replicates - made.counts) ** 2).sum(axis=0)
    assert np.allclose(made.uncertainty.se, np.sqrt(variance), rtol=1e-12)
    assert made.uncertainty.factor == 0.1
