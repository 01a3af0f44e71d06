"""One difference set against chance: labels exchanged, both drawn again, what is refused."""

import math
import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import segregate as sg
from tests.unit import oracle_compare as oracle

COLUMNS = [
    *("index", "symbol", "group", "versus", "environment", "params", "a", "b", "difference", "low", "high", "level"),
    *("p_value", "null", "alternative", "replicates", "undefined"),
]
THEN = [(30, 5), (4, 22), (11, 11), (9, 30), (25, 20), (7, 3), (2, 40), (16, 16)]
NOW = [(28, 9), (6, 20), (10, 12), (14, 25), (22, 21), (6, 5), (9, 30), (15, 18)]
ELSEWHERE = [(3, 33), (41, 2), (5, 6), (30, 4), (2, 18)]


def city(rows, names=("a", "b"), ids="u"):
    frame = pd.DataFrame(
        np.asarray(rows, float), columns=list(names), index=[f"{ids}{j:02d}" for j in range(len(rows))]
    )
    return sg.Population.from_frame(frame, list(names))


def on_a_line(rows, ids="u", step=100.0):
    names = [f"g{m}" for m in range(np.shape(rows)[1])]
    points = gpd.points_from_xy(step * np.arange(len(rows)), np.zeros(len(rows)))
    index = [f"{ids}{j:02d}" for j in range(len(rows))]
    frame = gpd.GeoDataFrame(
        pd.DataFrame(np.asarray(rows, float), columns=names, index=index), geometry=points, crs=32633
    )
    return sg.Population.from_frame(frame, names)


def near(p, draws):
    return pytest.approx(p, abs=4 * math.sqrt(p * (1 - p) / draws) + 2 / draws)


@pytest.mark.parametrize("alternative", ["greater", "less", "two-sided"])
def test_exchanged_pairs_have_the_p_value_of_all_256_exchanges(alternative):
    expected = oracle.paired(THEN, NOW)[alternative]
    found = sg.compare(city(THEN), city(NOW), "D", replicates=20_000, alternative=alternative, rng=1)
    assert found.paired
    assert found.difference == pytest.approx(oracle.dissimilarity(THEN) - oracle.dissimilarity(NOW), abs=1e-15)
    assert found.p_value == near(expected, 20_000)
    assert "8 units with the same ids in both changed sides in pairs" in found.notes


@pytest.mark.parametrize("alternative", ["greater", "less", "two-sided"])
def test_dealt_units_have_the_p_value_of_all_deals(alternative):
    ours = [*NOW[:5], (0, 0)]
    expected = oracle.pooled(ours, ELSEWHERE)[alternative]
    found = sg.compare(city(ours), city(ELSEWHERE, ids="v"), "D", replicates=20_000, alternative=alternative, rng=1)
    assert not found.paired
    assert found.notes == ()
    assert found.p_value == near(expected, 20_000)


def test_row_numbers_as_ids_are_paired_unless_said_otherwise():
    here, there = city(NOW[:5]), city(ELSEWHERE)
    assert sg.compare(here, there, "D", replicates=19, rng=1).paired
    found = sg.compare(here, there, "D", paired=False, replicates=20_000, rng=1)
    assert not found.paired
    assert found.p_value == near(oracle.pooled(NOW[:5], ELSEWHERE)["two-sided"], 20_000)


def test_pairs_are_matched_by_id_and_groups_by_name():
    then, now = city(THEN), city(NOW)
    mixed = sg.Population.from_frame(now.to_frame().iloc[::-1], ["b", "a"])
    plain = sg.compare(then, now, "A", replicates=99, rng=4)
    turned = sg.compare(then, mixed, "A", replicates=99, rng=4)
    assert turned.b == pytest.approx(plain.b, rel=1e-14)
    assert turned.null == pytest.approx(plain.null, rel=1e-12)


def test_a_part_of_the_same_units_is_said():
    found = sg.compare(city(THEN), city(NOW[:6]), "D", replicates=19, rng=1)
    assert not found.paired
    assert "6 ids of 8 and 6 are in both, but not all" in found.notes[0]


def test_units_keep_whom_they_meet():
    """Within an environment every exchange is evaluated with the surroundings as they were."""
    rng = np.random.default_rng(3)
    then, now = (on_a_line(rng.integers(1, 40, (6, 3))).within(sg.Kernel(250)) for _ in range(2))
    known = set()
    for sides in np.ndindex(*(2,) * 6):
        side = np.array(sides, bool)[:, None]
        pair = []
        for one, two in ((then, now), (now, then)):
            counts = np.where(side, two.counts, one.counts)
            around = np.where(side, two.surroundings, one.surroundings)
            pair.append(_exposure(counts[:, 0], counts.sum(axis=0)[0], around[:, 1] / around.sum(axis=1)))
        known.add(round(pair[0] - pair[1], 10))
    found = sg.compare(then, now, "exposure", group="g0", other="g1", replicates=500, rng=1)
    assert found.paired
    assert set(np.round(found.null, 10)) <= known
    assert len(set(np.round(found.null, 10))) == len(known)


def _exposure(members, size, share):
    return sum(x / size * p for x, p in zip(members, share, strict=True))


def test_a_pair_of_groups_is_dealt_without_the_others():
    rng = np.random.default_rng(1)
    ours, theirs = (on_a_line(rng.integers(0, 40, (7, 3)), ids=ids) for ids in "uv")
    found = sg.compare(ours, theirs, "D", group="g2", other="g0", replicates=99, rng=1)
    same = sg.compare(ours.select("g2", "g0"), theirs.select("g2", "g0"), "D", replicates=99, rng=1)
    assert (found.null == same.null).all()
    assert (found.about["group"], found.about["versus"]) == ("g2", "g0")


def test_the_bootstrap_compares_independent_draws():
    ours, theirs = city(THEN), city(ELSEWHERE, ids="v")
    found = sg.compare(ours, theirs, "D", null="bootstrap", replicates=4000, rng=1)
    one, two = (sg.bootstrap(pop, "D", replicates=4000, rng=k) for k, pop in enumerate((ours, theirs)))
    assert found.null.std() == pytest.approx(math.hypot(one.se, two.se), rel=0.05)
    assert found.null.mean() == pytest.approx(one.bias - two.bias, abs=0.01)
    drawn = np.sort(found.null + found.difference)
    assert found.low == pytest.approx(2 * found.difference - np.quantile(drawn, 0.975), abs=1e-12)
    assert found.high == pytest.approx(2 * found.difference - np.quantile(drawn, 0.025), abs=1e-12)
    more = (1 + sum(v >= found.difference - 1e-12 for v in found.null)) / 4001
    less = (1 + sum(v <= found.difference + 1e-12 for v in found.null)) / 4001
    assert found.p_value == min(1, 2 * min(more, less))


def test_units_drawn_again_and_indices_of_space():
    ours, theirs = city(THEN), city(NOW)
    people = sg.compare(ours, theirs, "H", null="bootstrap", replicates=499, rng=1)
    units = sg.compare(ours, theirs, "H", null="bootstrap", resample="units", replicates=499, rng=1)
    assert units.null.std() > people.null.std()
    line, other = on_a_line(THEN), on_a_line(NOW)
    index = sg.bind("mean_proximity", self_distance="zero")
    with pytest.raises(sg.ParameterError, match=r"mean_proximity looks at area and points .* null='bootstrap'"):
        sg.compare(line, other, index, group="g0", other="g1")
    found = sg.compare(line, other, index, group="g0", other="g1", null="bootstrap", replicates=49, rng=1)
    assert np.isfinite(found.null).all()


def test_two_runs_give_the_same_bits_and_rows_do_not_matter():
    rng = np.random.default_rng(1)
    ours, theirs = city(rng.integers(0, 30, (20, 2))), city(rng.integers(0, 30, (25, 2)), ids="v")
    for how in ({}, {"null": "bootstrap"}, {"null": "bootstrap", "resample": "units"}):
        first = sg.compare(ours, theirs, "H", replicates=99, rng=5, **how)
        again = sg.compare(ours, theirs, "H", replicates=99, rng=5, **how)
        assert (first.null == again.null).all()
        assert (first.null != sg.compare(ours, theirs, "H", replicates=99, rng=6, **how).null).any()
        shuffled = sg.Population.from_frame(theirs.to_frame().sample(frac=1, random_state=1), ["a", "b"])
        moved = sg.compare(ours, shuffled, "H", replicates=99, rng=5, **how)
        assert moved.null == pytest.approx(first.null, rel=1e-10, abs=1e-14)


def test_the_same_city_twice_does_not_differ():
    found = sg.compare(city(THEN), city(THEN), "D", replicates=99, rng=1)
    assert (found.difference, found.p_value) == (0, 1)


def test_an_index_without_a_value_has_no_difference_and_a_reason():
    with pytest.warns(sg.UndefinedIndexWarning, match="'pop_b'.*only one group"):
        found = sg.compare(city(THEN), city([(4, 0), (3, 0)], ids="v"), "D", rng=1)
    assert math.isnan(found.difference)
    assert math.isnan(found.p_value)
    assert len(found.null) == 0
    assert "pop_b: " in found.notes[0]


def test_undefined_replicates_are_counted_and_said():
    ours, theirs = city([(1, 4), (0, 3), (0, 9)]), city([(1, 5), (0, 4), (0, 2)], ids="v")
    found = sg.compare(ours, theirs, "D", replicates=199, rng=1)
    assert found.undefined == np.isnan(found.null).sum() > 0
    assert f"undefined on {found.undefined} replicates of 199" in found.notes[-1]
    assert found.table["undefined"][0] == found.undefined


def test_parts_of_people_are_said():
    found = sg.compare(city([(1.5, 4), (3, 2)]), city(NOW), "D", null="bootstrap", replicates=19, rng=1)
    assert "1 population of 2 (first: 'pop_a') has no whole number of people" in found.notes[0]


def test_the_result_shows_itself():
    found = sg.compare(city(THEN), city(NOW), "D", null="bootstrap", replicates=99, rng=1)
    assert found.table.columns.tolist() == COLUMNS
    assert len(found.table) == 1
    assert found.table["level"][0] == 0.95
    text = repr(found)
    assert "95 % interval" in text
    assert "both drawn again" in text
    label = sg.compare(city(THEN), city(NOW), "D", replicates=99, rng=1)
    assert np.isnan(label.table[["low", "high", "level"]].to_numpy()).all()
    assert "interval" not in label._headline()
    assert "labels of paired units exchanged" in repr(label)
    assert "<table" in label._repr_html_()


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"null": "labels"}, "null='labels' is not known; it is one of 'label', 'bootstrap'"),
        ({"alternative": "more"}, "alternative='more'"),
        ({"resample": "clusters"}, "resample='clusters' is not known"),
        ({"replicates": 0}, "replicates=0 is a whole number"),
        ({"level": 95}, "level=95 is a share"),
        ({"level": 0.9}, "exchanged labels give none: take null='bootstrap'"),
        ({"resample": "units"}, "exchanged labels give none: take null='bootstrap'"),
        ({"null": "bootstrap", "paired": True}, "paired= is about exchanged labels"),
        ({"paired": True}, "paired=True needs the same units in both; 5 ids of 8 and 5 are in both"),
    ],
)
def test_what_is_refused(how, message):
    with pytest.raises(sg.ParameterError, match=message):
        sg.compare(city(THEN), city(ELSEWHERE), "D", **how)


def test_other_groups_environments_and_kinds_are_refused():
    with pytest.raises(
        sg.ParameterError, match=r"1 population of 2 has other groups.*'pop_b', without 'b' and with 'c'"
    ):
        sg.compare(city(THEN), city(NOW, names=("a", "c")), "D")
    with pytest.raises(sg.ParameterError, match=r"another environment than 'pop_a' \(home; first: 'pop_b', kernel"):
        sg.compare(on_a_line(THEN), on_a_line(NOW).within(sg.Kernel(250)), "D")
    with pytest.raises(sg.ParameterError, match="'pop_b' is not a Population but list"):
        sg.compare(city(THEN), [1, 2], "D")
    with pytest.raises(sg.DataError, match=r"1 population of 2 has fewer than 2 units with people \(first: 'pop_b'\)"):
        sg.compare(city(THEN), city([(4, 3), (0, 0)]), "D", null="bootstrap", resample="units")


def test_other_groups_beside_the_pair_do_not_matter():
    wide = pd.DataFrame({"a": [5, 9, 2], "b": [3, 1, 8], "c": [1, 1, 7]}, index=["v0", "v1", "v2"])
    other = sg.Population.from_frame(wide, ["c", "b", "a"])
    found = sg.compare(city(THEN), other, "D", group="a", other="b", null="bootstrap", replicates=19, rng=1)
    assert found.b == pytest.approx(oracle.dissimilarity([(5, 3), (9, 1), (2, 8)]))


def test_flows_to_other_places_are_the_same_kind_of_environment():
    ours = city(THEN).within(sg.Flows(np.eye(8) + 0.3))
    theirs = city(ELSEWHERE, ids="v").within(sg.Flows(np.eye(5) + 0.3))
    assert np.isfinite(sg.compare(ours, theirs, "D", replicates=19, rng=1).p_value)


def _two_p_values(seed):
    """Two cities of one law, dealt and in pairs."""
    rng = np.random.default_rng([11, seed])
    shares = rng.beta(2, 4, (2, 24))
    first, second, again = (rng.binomial(60, part) for part in (*shares, shares[0]))
    ours, theirs, later = (np.column_stack([x, 60 - x]) for x in (first, second, again))
    dealt = sg.compare(city(ours), city(theirs, ids="v"), "D", replicates=99, rng=rng)
    paired = sg.compare(city(ours), city(later), "D", replicates=99, rng=rng)
    assert paired.paired
    return dealt.p_value, paired.p_value


@pytest.mark.slow
def test_p_values_are_uniform_where_both_cities_come_from_one_law():
    found = np.array([_two_p_values(seed) for seed in range(500)])
    for level in (0.02, 0.05, 0.1, 0.2, 0.5, 0.8):
        shares = (found <= level + 1e-12).mean(axis=0)
        assert shares == pytest.approx([level] * 2, abs=4 * math.sqrt(level * (1 - level) / 500)), level


def test_the_lines_of_the_page_run(capsys):
    page = (Path(__file__).parents[2] / "docs" / "comparing.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", page, re.S)
    assert len(blocks) == 4
    exec("\n".join(blocks), {})
    shown = capsys.readouterr().out
    assert "rank_high" in shown
    assert "detectable" in shown
