"""Ranks and what is known of them: sets of ranks, letters, ties, what is refused."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st

import segregate as sg
from segregate.inference import _ranks
from segregate.inference._several import draw_again, filled, matched, own_streams
from tests.unit import oracle_ranks as oracle

COLUMNS = [
    *("name", "value", "low", "high", "se", "bias", "rank", "rank_low", "rank_high", "letters", "status", "message"),
]


def people(rows, names=("a", "b")):
    frame = pd.DataFrame(np.asarray(rows, float), columns=list(names), index=[f"u{j:02d}" for j in range(len(rows))])
    return sg.Population.from_frame(frame, list(names))


def cities(many=6, units=12, seed=2, spread=0.25):
    """Cities whose segregation rises with their number."""
    rng = np.random.default_rng(seed)
    found = {}
    for k in range(many):
        share = np.clip(0.4 + spread * (1 + k) / many * rng.choice([-1, 1], units), 0, 1)
        x = rng.binomial(60, share)
        found[f"city {k}"] = people(np.column_stack([x, 60 - x]))
    return found


def replicates_of(pops, index, replicates, rng, **how):
    """The values and the replicates on which a ranking rests, in the order of names."""
    names = sorted(pops, key=str)
    statistics = dict(zip(names, matched({name: pops[name] for name in names}, index, None, None), strict=True))
    drawn = draw_again(statistics, how.get("resample", "people"), replicates, rng, None)
    return names, [one.value for one in statistics.values()], drawn.values


@pytest.mark.parametrize("resample", ["people", "units"])
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_sets_of_ranks_are_those_of_plain_loops(resample, level):
    pops = cities()
    names, values, drawn = replicates_of(pops, "D", 99, 3, resample=resample)
    low, high = oracle.rank_sets(values, drawn.tolist(), level)
    found = sg.rank(pops, "D", level=level, replicates=99, resample=resample, rng=3)
    table = found.table.set_index("name").loc[names]
    assert table["value"].tolist() == values
    assert table["rank_low"].tolist() == low
    assert table["rank_high"].tolist() == high
    assert 1 < found.told_apart.sum() < found.told_apart.size - len(names)
    together = np.array(oracle.value_intervals(values, drawn.tolist(), level))
    assert table[["low", "high"]].to_numpy() == pytest.approx(together, abs=1e-12)
    pairs = oracle.pair_intervals(values, drawn.tolist(), level)
    sure = oracle.above(values, drawn.tolist(), level)
    for row in found.pairs.itertuples():
        i, j = names.index(row.a), names.index(row.b)
        ends = pairs[i, j] if i < j else tuple(-end for end in reversed(pairs[j, i]))
        assert (row.low, row.high) == pytest.approx(ends, abs=1e-12)
        assert row.difference == values[i] - values[j]
        assert row.told_apart == ((i, j) in sure or (j, i) in sure)
        assert row.told_apart or row.low <= 0 <= row.high


def test_steps_tell_more_apart_than_the_first():
    """Replicates of made-up cities: plain loops agree, and a second step rejects what the first left."""
    rng = np.random.default_rng(8)
    more = 0
    for _ in range(30):
        values = rng.normal(0, 1, 5) * 3
        drawn = values + rng.normal(0, 1, (60, 5)) * rng.uniform(0.3, 1.5, 5)
        best = 2 * values - drawn.mean(axis=0)
        found = _ranks.tell_apart(best, (drawn - drawn.mean(axis=0)).T, 0.9)
        sure = oracle.above(values.tolist(), drawn.tolist(), 0.9)
        assert {(i, j) for i, j in np.argwhere(found.above).tolist()} == sure
        spread = np.hypot(*np.meshgrid(*[drawn.std(axis=0, ddof=1)] * 2))
        more += len(sure) > ((best[:, None] - best[None, :]) > found.critical * spread).sum()
    assert more > 3


def test_the_kernel_looks_at_all_pairs_that_are_left():
    rng = np.random.default_rng(4)
    gaps, se = rng.normal(size=(7, 70)), rng.uniform(0.5, 2, 7)
    left = rng.random((7, 7)) < 0.4
    np.fill_diagonal(left, False)
    expected = [
        max((gaps[i, b] - gaps[j, b]) / math.sqrt(se[i] ** 2 + se[j] ** 2) for i, j in np.argwhere(left))
        for b in range(70)
    ]
    for kernel in (_ranks.pair_maxima.serial, _ranks.pair_maxima.parallel):
        assert kernel(gaps, se, left) == pytest.approx(expected, abs=1e-13)


@given(st.integers(1, 7), st.data())
def test_letters_are_all_largest_groups_of_cities_that_are_alike(many, data):
    pairs = list(itertools.combinations(range(many), 2))
    chosen = {frozenset(pair) for pair in pairs if data.draw(st.booleans())}
    told = np.zeros((many, many), bool)
    for i, j in map(sorted, chosen):
        told[i, j] = told[j, i] = True
    groups = _ranks.groups_of(told)
    assert sorted(map(sorted, oracle.groups(many, chosen))) == groups
    letters = _ranks.letters_of(groups, many)
    for i, j in pairs:
        assert (not set(letters[i]) & set(letters[j])) == (frozenset((i, j)) in chosen)


def test_letters_after_z_and_too_many_groups():
    many = 30
    letters = _ranks.letters_of([[k] for k in range(many)], many)
    assert letters[:3] + letters[25:28] == ["a", "b", "c", "z", "a1", "b1"]
    told = np.kron(np.eye(12, dtype=bool), ~np.eye(2, dtype=bool))  # 2^12 groups
    assert _ranks.groups_of(told) is None


def test_letters_given_up_are_said(monkeypatch):
    monkeypatch.setattr(_ranks, "MOST_GROUPS", 1)
    found = sg.rank(cities(), "D", replicates=99, rng=1)
    assert (found.table["letters"] == "").all()
    assert "too many groups" in found.notes[-1]


def test_cities_that_are_alike_share_a_letter():
    found = sg.rank(cities(), "D", replicates=99, rng=1)
    letters = found.table.set_index("name")["letters"]
    for row in found.pairs.itertuples():
        assert row.told_apart == (not set(letters[row.a]) & set(letters[row.b]))
        assert row.told_apart == (row.b not in found.tied_with[row.a])
        assert (row.a in found.tied_with[row.b]) == (row.b in found.tied_with[row.a])


def test_neither_the_order_of_cities_nor_other_cities_change_a_bit():
    pops = cities()
    first = sg.rank(pops, "D", replicates=99, rng=5)
    again = sg.rank(dict(reversed(pops.items())), "D", replicates=99, rng=5)
    pd.testing.assert_frame_equal(first.table, again.table, check_exact=True)
    assert (first.told_apart == again.told_apart).all()
    fewer = sg.rank(dict(list(pops.items())[::2]), "D", replicates=99, rng=5)
    same = first.table.set_index("name").loc[fewer.table["name"], ["se", "bias"]].to_numpy()
    assert (fewer.table[["se", "bias"]].to_numpy() == same).all()
    other = sg.rank(pops, "D", replicates=99, rng=6)
    assert (other.table["se"] != first.table["se"]).all()


def test_rows_and_rounds_do_not_matter(monkeypatch):
    pops = cities()
    first = sg.rank(pops, "H", replicates=99, rng=5)
    shuffled = {
        name: sg.Population.from_frame(pop.to_frame().sample(frac=1, random_state=1), ["a", "b"])
        for name, pop in pops.items()
    }
    moved = sg.rank(shuffled, "H", replicates=99, rng=5)
    assert moved.table["se"].to_numpy() == pytest.approx(first.table["se"].to_numpy(), rel=1e-9)
    monkeypatch.setattr("segregate.inference._several.CELLS", 1)
    monkeypatch.setattr("segregate.inference._several.ROUND", 7)
    pd.testing.assert_frame_equal(sg.rank(pops, "H", replicates=99, rng=5).table, first.table, check_exact=True)


def test_streams_of_two_cities_have_nothing_in_common():
    states = np.arange(400, dtype=np.uint64).reshape(100, 4)
    found = np.concatenate([own_streams(states, name) for name in ("a", "b", "ab", "")])
    assert len(np.unique(found)) == found.size
    bits = np.unpackbits(found.view(np.uint8)).mean()
    assert bits == pytest.approx(0.5, abs=0.02)
    _, _, drawn = replicates_of({"a": people([[30, 9], [4, 20]]), "b": people([[30, 9], [4, 20]])}, "D", 2000, 1)
    assert abs(np.corrcoef(drawn.T)[0, 1]) < 4 / math.sqrt(2000)


def test_equal_values_have_the_same_rank():
    row = [[30, 9], [4, 20]]
    found = sg.rank({"x": people(row), "y": people([[9, 1], [1, 9]]), "z": people(row)}, "D", replicates=99, rng=1)
    assert found.table.set_index("name")["rank"].to_dict() == {"y": 1, "x": 2, "z": 2}
    assert found.table["name"].tolist() == ["y", "x", "z"]


def test_a_city_without_a_value_is_last_with_the_reason():
    pops = {"empty": people([[4, 0], [3, 0]]), **cities(3)}
    with pytest.warns(sg.UndefinedIndexWarning, match="'empty'.*only one group"):
        found = sg.rank(pops, "D", replicates=99, rng=1)
    last = found.table.iloc[-1]
    assert last["name"] == "empty"
    assert last["status"] == "undefined"
    assert "only one group" in last["message"]
    assert last[["value", "low", "high", "rank", "rank_low", "rank_high"]].isna().all()
    assert found.table["rank"].tolist()[:3] == [1, 2, 3]
    assert found.told_apart.shape == (3, 3)
    assert len(found.pairs) == 3
    assert set(found.tied_with) == {"city 0", "city 1", "city 2"}
    with pytest.warns(sg.UndefinedIndexWarning):
        alone = sg.rank({"empty": pops["empty"], "city 1": pops["city 1"]}, "D", replicates=99, rng=1)
    assert alone.table["rank_high"].tolist()[0] == 1
    assert alone.table["letters"].tolist() == ["a", ""]
    assert len(alone.pairs) == 0
    with pytest.warns(sg.UndefinedIndexWarning):
        none = sg.rank({"empty": pops["empty"], "too": pops["empty"]}, "D", replicates=99, rng=1)
    assert none.table["rank"].isna().all()
    assert "0 populations ranked" in none._headline()


def test_undefined_replicates_count_others_again():
    values = np.array([[1.0, 5, 9], [np.nan, 6, np.nan], [3, 7, np.nan], [np.nan, 8, np.nan], [2, 1, np.nan]])
    full, undefined = filled(values)
    assert full[:, 0].tolist() == [1, 1, 3, 3, 2]
    assert full[:, 1].tolist() == values[:, 1].tolist()
    assert np.isnan(full[:, 2]).all()
    assert undefined.tolist() == [2, 0, 4]
    rare = people([[1, 4], [0, 30], [0, 9]])
    found = sg.rank({"rare": rare, **cities(2)}, "D", replicates=99, rng=1)
    assert np.isfinite(found.table["rank"]).all()
    assert "undefined on some replicates of 1 population" in found.notes[0]


def test_replicates_that_never_have_a_value_give_no_rank(monkeypatch):
    monkeypatch.setattr(
        "segregate.inference.ranking.draw_again",
        lambda *args: draw_again(*args)._replace(values=_without_the_first(draw_again(*args).values)),
    )
    found = sg.rank(cities(3), "D", replicates=99, rng=1)
    last = found.table.iloc[-1]
    assert (last["name"], last["status"]) == ("city 0", "failed")
    assert last["message"] == "the index is undefined on the replicates: no rank"
    assert np.isfinite(last["value"])
    assert np.isnan(last["rank"])


def _without_the_first(values):
    values = values.copy()
    values[:, 0] = np.nan
    return values


def test_cities_that_do_not_vary_are_said():
    apart = people([[30, 0], [0, 20]])
    found = sg.rank({"wall": apart, "fence": people([[25, 0], [0, 9]]), **cities(2)}, "D", replicates=99, rng=1)
    table = found.table.set_index("name")
    assert table.loc["wall", ["value", "low", "high", "se"]].tolist() == [1, 1, 1, 0]
    assert table.loc[["wall", "fence"], "rank"].tolist() == [1, 1]
    assert "fence" in found.tied_with["wall"]
    assert any("2 populations (first: 'fence', 'wall') do not vary" in note for note in found.notes)
    still = sg.rank({"wall": apart, "even": people([[1e9, 1e9], [0, 1e9]])}, "D", replicates=19, rng=1)
    assert still.told_apart[0, 1]


def test_bias_of_small_units_is_said():
    rng = np.random.default_rng(0)
    small = {f"s{k}": people(rng.multinomial(8, [0.4, 0.6], 30)) for k in range(3)}
    found = sg.rank(small, "D", replicates=99, rng=1)
    assert "larger than 0.5 standard errors in 3 populations of 3" in found.notes[0]
    assert "in 3 populations" in found.notes[1]
    table = found.table
    assert (table["bias"] > table["se"] / 2).all()
    middle = (table["low"] + table["high"]) / 2
    assert middle.to_numpy() == pytest.approx((table["value"] - table["bias"]).to_numpy(), abs=1e-12)


def test_a_rank_that_bias_made_is_said():
    """A city of many small units leads by bias alone; the sets of ranks put it behind the one of large units."""
    rng = np.random.default_rng(0)
    small = people(rng.multinomial(12, [0.4, 0.6], 400))
    moved = np.tile([[1200, -1200], [-1200, 1200]], (200, 1))
    large = people(rng.multinomial(12000, [0.4, 0.6], 400) + moved)
    found = sg.rank({"small": small, "large": large}, "D", replicates=99, rng=1)
    table = found.table.set_index("name")
    assert table["rank"].to_dict() == {"small": 1, "large": 2}
    assert table["rank_low"].to_dict() == {"small": 2, "large": 1}
    assert "in 1 population (first: 'small') the bias is so large a part of the value" in found.notes[1]
    assert "2 populations (first: 'small', 'large') have ranks that are not among those possible" in found.notes[2]


def test_the_result_shows_itself():
    found = sg.rank(cities(3), "D", group="a", replicates=99, rng=1)
    assert found.table.columns.tolist() == COLUMNS
    assert "dissimilarity of a against b: 3 populations ranked" in repr(found)
    assert "of 3 pairs told apart at 95 % (people resampled)" in repr(found)
    assert "<table" in found._repr_html_()
    assert found.pairs.columns.tolist() == ["a", "b", "difference", "low", "high", "told_apart"]
    copy = found.table
    copy["value"] = 0
    assert (found.table["value"] > 0).all()


@pytest.mark.parametrize(
    ("pops", "how", "message"),
    [
        ([1, 2], {}, "two or more populations by name"),
        ({"x": None}, {}, "two or more populations by name"),
        ({1: None, "1": None}, {}, r"1 name of populations reads the same as another \(first: 1\)"),
        ({"x": 1, "y": 2}, {}, "'x' is not a Population but int"),
        (None, {"level": 0.99, "replicates": 98}, "replicates=98 are too few for level=0.99: it takes 99 or more"),
        (None, {"level": 1}, "level=1 is a share"),
        (None, {"resample": "clusters"}, "resample='clusters' is not known; it is one of 'people', 'units'"),
        (None, {"replicates": 1.5}, "replicates=1.5 is a whole number"),
    ],
)
def test_what_is_refused(pops, how, message):
    with pytest.raises(sg.ParameterError, match=message):
        sg.rank(cities(2) if pops is None else pops, "D", **how)


def test_other_groups_and_environments_are_refused():
    with pytest.raises(sg.ParameterError, match=r"1 population of 3 has other groups than 'city 0' \(first: 'x', with"):
        sg.rank({**cities(2), "x": people([[1, 2, 3], [3, 2, 1]], "abc")}, "H")
    flows = {name: pop.within(sg.Weights(scipy.sparse.eye_array(12))) for name, pop in cities(2).items()}
    with pytest.raises(sg.ParameterError, match=r"1 population of 3 has another environment than 'city 0' \(weights"):
        sg.rank({**flows, "x": cities(1)["city 0"]}, "H")


def test_groups_in_another_order_are_matched():
    pops = cities(3)
    turned = {**pops, "city 2": pops["city 2"].select("b", "a")}
    first, second = (sg.rank(given, "A", replicates=49, rng=1).table for given in (pops, turned))
    assert first["value"].tolist() == pytest.approx(second["value"].tolist(), rel=1e-14)


def test_stopping_keeps_as_many_replicates_of_every_city(monkeypatch):
    monkeypatch.setattr("segregate.inference._several.CELLS", 1)
    monkeypatch.setattr("segregate.inference._several.ROUND", 10)

    def stop(done, todo):
        if done == 30:
            raise KeyboardInterrupt

    with pytest.warns(sg.SegregateWarning, match="Stopped after 30 of 99 replicates"):
        found = sg.rank(cities(3), "D", replicates=99, rng=5, progress=stop)
    assert found.replicates == 30
    assert "stopped after 30 of 99 replicates" in found.notes
    pd.testing.assert_frame_equal(found.table, sg.rank(cities(3), "D", replicates=30, rng=5).table)
    with pytest.warns(sg.SegregateWarning, match="Stopped after 30"):
        few = sg.rank(cities(3), "D", replicates=99, level=0.98, rng=5, progress=stop)
    assert "fewer than 49 replicates; the largest differences among them were taken" in few.notes
