"""What a population knows of the uncertainty of its counts, and how that travels."""

import copy
import math
import pickle

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from shapely import box

import segregate as sg
from segregate import Population

GROUPS = ["a", "b", "c"]
COUNTS = [[90, 10, 4], [10, 3, 50], [0, 20, 6], [40, 2, 10]]
LOW = [[90, 10, 1], [10, 1, 50], [0, 20, 6], [40, 1, 10]]
HIGH = [[90, 10, 4], [10, 4, 50], [0, 20, 6], [40, 4, 10]]
TABLES = [[[n + r * (m + 1) - j for m, n in enumerate(row)] for j, row in enumerate(COUNTS)] for r in (0, 1, 3)]


def bare():
    frame = pd.DataFrame(COUNTS, columns=GROUPS, index=list("nesw")).assign(zone=["x", "y", "y", "x"])
    shapes = [box(i, 0, i + 1, 1) for i in range(4)]
    return Population.from_frame(gpd.GeoDataFrame(frame, geometry=shapes, crs=32633), GROUPS)


@pytest.fixture
def boxed():
    return bare().with_intervals(LOW, HIGH)


@pytest.fixture
def weighted():
    return bare().with_replicates(TABLES, factor=0.5)


@pytest.fixture
def margins():
    frame = pd.DataFrame(COUNTS, columns=GROUPS, index=list("nesw"))
    frame[["am", "bm", "cm"]] = 1.645 * np.array([[3.0, 4, 0], [1, 2, 2], [0, 0, 5], [6, 8, 24]])
    return Population.from_frame(frame, GROUPS, moe=["am", "bm", "cm"])


# what is kept


def test_without_a_word_nothing_is_known():
    pop = bare()
    assert pop.uncertainty is None
    for other in (pop.select("a", "b"), pop.versus("a"), pop.subset([True, True, False, True]), pop.home()):
        assert other.uncertainty is None
    assert "uncertain" not in repr(pop)


def test_intervals_are_kept_beside_the_counts(boxed):
    known = boxed.uncertainty
    assert_array_equal(boxed.counts, COUNTS)
    assert_array_equal(known.low, LOW)
    assert_array_equal(known.high, HIGH)
    assert known.totals_known.tolist() == [True] * 4
    assert known.sizes_known.tolist() == [False] * 3
    assert (known.se, known.replicates) == (None, None)
    assert repr(known) == "3 of 12 cells are intervals"
    assert "uncertain: 3 of 12 cells are intervals" in repr(boxed)
    assert "3 of 12 cells are intervals" in boxed._repr_html_()
    loose = bare().with_intervals(LOW, HIGH, totals="free", sizes="known").uncertainty
    assert not loose.totals_known.any()
    assert loose.sizes_known.all()


def test_frames_of_intervals_are_matched_by_name_and_id():
    low = pd.DataFrame(LOW, columns=GROUPS, index=list("nesw"))
    high = pd.DataFrame(HIGH, columns=GROUPS, index=list("nesw"))
    shuffled = bare().with_intervals(low.loc[list("wsen"), ["c", "a", "b"]], high.assign(more="text"))
    assert_array_equal(shuffled.uncertainty.low, LOW)
    assert_array_equal(shuffled.uncertainty.high, HIGH)
    numbered = bare().with_intervals(low.reset_index(drop=True), high.to_numpy().tolist())
    assert_array_equal(numbered.uncertainty.low, LOW)


def test_arrays_are_copied_and_read_only(boxed, weighted):
    low = np.array(LOW, dtype=float)
    pop = bare().with_intervals(low, HIGH)
    low[:] = 0
    assert_array_equal(pop.uncertainty.low, LOW)
    for known in (boxed.uncertainty, weighted.uncertainty, boxed.versus("a").uncertainty):
        for name in ("low", "high", "se", "replicates", "totals_known", "sizes_known"):
            array = getattr(known, name)
            assert array is None or not array.flags.writeable
    with pytest.raises(AttributeError):
        boxed.uncertainty.low = None


@pytest.mark.parametrize("way", [lambda p: pickle.loads(pickle.dumps(p)), copy.copy, copy.deepcopy])
def test_copies_keep_it(way, boxed, weighted):
    again = way(boxed).uncertainty
    assert_array_equal(again.low, LOW)
    assert not again.low.flags.writeable
    assert_array_equal(way(weighted).uncertainty.replicates, TABLES)
    assert way(weighted).uncertainty.factor == 0.5


def test_replicates_give_standard_errors(weighted):
    known = weighted.uncertainty
    # table r differs by r (m + 1) - j, for r = 0, 1, 3
    expected = [[math.sqrt(0.5 * sum((r * (m + 1) - j) ** 2 for r in (0, 1, 3))) for m in range(3)] for j in range(4)]
    assert_allclose(known.se, expected, rtol=1e-14)
    assert repr(known) == "3 replicate tables, factor 0.5"
    assert bare().with_replicates(TABLES).uncertainty.factor == 4 / 80
    framed = [pd.DataFrame(table, columns=GROUPS, index=list("nesw"))[["c", "b", "a"]] for table in TABLES]
    assert_array_equal(bare().with_replicates(framed).uncertainty.replicates, TABLES)
    assert_array_equal(bare().with_replicates(np.array(TABLES)).uncertainty.replicates, TABLES)


def test_counts_that_were_rounded():
    pop = Population.from_frame(pd.DataFrame({"a": [90, 0], "b": [5, 10]}), ["a", "b"]).with_rounding(5)
    assert_array_equal(pop.uncertainty.low, [[87.5, 2.5], [0, 7.5]])
    assert_array_equal(pop.uncertainty.high, [[92.5, 7.5], [2.5, 12.5]])
    assert not pop.uncertainty.totals_known.any()
    assert not pop.uncertainty.sizes_known.any()


def test_one_does_not_push_out_the_other(margins):
    both = margins.with_intervals(LOW, HIGH)
    assert_array_equal(both.uncertainty.se, margins.uncertainty.se)
    assert repr(both.uncertainty) == "margins of error for 3 of 3 groups; 3 of 12 cells are intervals"
    all_three = both.with_replicates(TABLES)
    assert_array_equal(all_three.uncertainty.low, LOW)
    assert all_three.uncertainty.totals_known.all()
    assert repr(all_three.uncertainty) == "3 replicate tables, factor 0.05; 3 of 12 cells are intervals"


def test_indices_do_not_see_it(boxed, weighted):
    for pop in (boxed, weighted):
        assert sg.information_theory(pop) == sg.information_theory(bare())
        assert_array_equal(pop.points, bare().points)
        pd.testing.assert_frame_equal(pd.DataFrame(pop.to_frame()), pd.DataFrame(bare().to_frame()))


# how it travels: units


def test_some_units(boxed, weighted, margins):
    keep = [True, False, True, True]
    some = boxed.subset(keep).uncertainty
    assert_array_equal(some.low, np.array(LOW)[keep])
    assert_array_equal(some.high, np.array(HIGH)[keep])
    assert some.totals_known.tolist() == [True] * 3
    assert_array_equal(weighted.subset(keep).uncertainty.replicates, np.array(TABLES)[:, keep])
    assert_array_equal(weighted.subset(keep).uncertainty.se, weighted.uncertainty.se[keep])
    assert weighted.subset(keep).uncertainty.factor == 0.5
    assert_array_equal(margins.subset(keep).uncertainty.se, margins.uncertainty.se[keep])
    parts = boxed.split("zone")
    assert_array_equal(parts["x"].uncertainty.low, np.array(LOW)[[0, 3]])


def test_a_size_stays_known_where_all_that_is_left_out_is_known():
    pop = bare().with_intervals(LOW, HIGH, sizes="known")
    assert pop.subset([True, True, False, True]).uncertainty.sizes_known.tolist() == [True, True, True]
    assert pop.subset([True, False, True, True]).uncertainty.sizes_known.tolist() == [True, False, True]
    assert pop.subset([False, False, True, True]).uncertainty.sizes_known.tolist() == [True, False, False]


def test_merged_units(boxed, weighted, margins):
    """`compress` puts units together: intervals and replicates add up, errors as of independent counts."""
    from segregate.decomposition._merged import merged_population

    roots = np.array([0, 1, 1, 0])
    merged = merged_population(boxed.with_replicates(TABLES), roots, ()).uncertainty
    assert merged.low.tolist() == [[130, 11, 11], [10, 21, 56]]
    assert merged.high.tolist() == [[130, 14, 14], [10, 24, 56]]
    assert merged.totals_known.all()
    table = np.array(TABLES)
    assert_array_equal(merged.replicates, np.stack([table[:, 0] + table[:, 3], table[:, 1] + table[:, 2]], axis=1))
    counts = np.array([[130, 12, 14], [10, 23, 56]])
    assert_allclose(merged.se, np.sqrt(4 / 80 * ((merged.replicates - counts) ** 2).sum(axis=0)), rtol=1e-14)
    assert_allclose(
        merged_population(margins, roots, ()).uncertainty.se[0], [math.hypot(3, 6), math.hypot(4, 8), 24], rtol=1e-14
    )
    known = boxed.with_intervals(LOW, HIGH, sizes="known")
    fewer = merged_population(known, np.array([0, -1, 2, 0]), ()).uncertainty
    assert fewer.sizes_known.tolist() == [True, False, True]
    assert sg.compress(boxed).merge(n_units=3).uncertainty.low.shape == (3, 3)


# how it travels: groups


def test_groups_put_together(boxed, weighted, margins):
    merged = boxed.merge({"bc": ["b", "c"]}).uncertainty
    assert merged.low.tolist() == [[90, 11], [10, 51], [0, 26], [40, 11]]
    assert merged.high.tolist() == [[90, 14], [10, 54], [0, 26], [40, 14]]
    assert merged.totals_known.all()
    rest = boxed.versus("b").uncertainty
    assert rest.low.tolist() == [[10, 91], [1, 60], [20, 6], [1, 50]]
    errors = margins.merge({"bc": ["b", "c"]}).uncertainty.se
    assert_allclose(errors[:, 1], [4, math.sqrt(8), 5, math.hypot(8, 24)], rtol=1e-14)
    assert_array_equal(errors[:, 0], margins.uncertainty.se[:, 0])
    tables = weighted.merge({"bc": ["b", "c"]})
    added = np.array(TABLES)[:, :, 1] + np.array(TABLES)[:, :, 2]
    assert_array_equal(tables.uncertainty.replicates[:, :, 1], added)
    # not the root of the sum of squares: replicates know how errors go together
    assert_allclose(
        tables.uncertainty.se[:, 1], np.sqrt(0.5 * ((added - tables.counts[:, 1]) ** 2).sum(axis=0)), rtol=1e-14
    )


def test_order_and_choice_of_groups(boxed, weighted):
    turned = boxed.select("c", "a", "b").uncertainty
    assert_array_equal(turned.low, np.array(LOW)[:, [2, 0, 1]])
    assert turned.totals_known.all()
    assert_array_equal(weighted.select("c", "a").uncertainty.replicates, np.array(TABLES)[:, :, [2, 0]])
    assert_allclose(weighted.select("c", "a").uncertainty.se, weighted.uncertainty.se[:, [2, 0]], rtol=1e-14)


def test_a_total_stays_known_where_all_that_is_left_out_is_known(boxed):
    assert boxed.select("b", "c").uncertainty.totals_known.tolist() == [True] * 4
    assert boxed.select("a", "c").uncertainty.totals_known.tolist() == [True, False, True, False]
    assert boxed.select("a", "b").uncertainty.totals_known.tolist() == [False, True, True, True]
    assert not bare().with_replicates(TABLES).select("a", "b").uncertainty.totals_known.any()


def test_sizes_of_groups_put_together():
    known = bare().with_intervals(LOW, HIGH, sizes="known")
    assert known.versus("a").uncertainty.sizes_known.all()
    some = known.subset([True, False, True, True])  # b is free
    assert some.merge({"ac": ["a", "c"]}).uncertainty.sizes_known.tolist() == [True, False]
    assert some.merge({"bc": ["b", "c"]}).uncertainty.sizes_known.tolist() == [True, False]
    assert some.select("c", "b").uncertainty.sizes_known.tolist() == [True, False]


def test_intervals_hold_the_counts_whatever_is_done(boxed):
    for pop in (
        boxed,
        boxed.versus("c"),
        boxed.merge({"x": ["a", "c"]}),
        boxed.select("c", "b"),
        boxed.subset([True] * 4),
    ):
        assert (pop.uncertainty.low <= pop.counts).all()
        assert (pop.counts <= pop.uncertainty.high).all()


# how it travels: environments


def test_environments_leave_it(boxed):
    around = boxed.within(sg.Kernel(1.5))
    assert around.uncertainty is boxed.uncertainty
    assert around.home().uncertainty is boxed.uncertainty
    assert around.versus("a").uncertainty.low.shape == (4, 2)
    later = bare().within(sg.Kernel(1.5)).with_intervals(LOW, HIGH)
    assert not later.at_home
    assert_array_equal(later.surroundings, around.surroundings)


def test_a_buffer_is_taken_as_exact(boxed):
    inner, outer = boxed.subset([True, True, False, False]), boxed.subset([False, False, True, True])
    pop = inner.within(sg.Kernel(1.5), buffer=outer)
    assert_array_equal(pop.uncertainty.low, LOW[:2])
    assert "counts are taken as exact" in pop.notes[-1]
    plain = bare().subset([False, False, True, True])
    assert "exact" not in inner.within(sg.Kernel(1.5), buffer=plain).notes[-1]


# what is refused


def changed(table, row, column, value):
    new = np.array(table, dtype=float)
    new[row, column] = value
    return new


@pytest.mark.parametrize(
    ("low", "high", "message"),
    [
        (changed(LOW, 1, 1, 3.5), HIGH, r"count is below low= in 1 cell of 12 \(first: 'e' 'b': 3\)\. Put the count"),
        (LOW, changed(HIGH, 0, 2, 3), r"count is above high= in 1 cell of 12 \(first: 'n' 'c': 4\)"),
        (
            LOW,
            np.zeros((4, 3)),
            r"above high= in 11 cells of 12 \(first: 'n' 'a': 90; 'n' 'b': 10; 'n' 'c': 4; \.\.\.\)",
        ),
        (changed(LOW, 2, 0, -1), HIGH, r"low= is negative in 1 cell of 12 \(first: 's' 'a': -1\)"),
        (changed(LOW, 2, 0, np.nan), HIGH, r"low= is missing or infinite in 1 cell of 12 \(first: 's' 'a': nan\)"),
        (LOW, changed(HIGH, 2, 0, np.inf), r"high= is missing or infinite in 1 cell of 12 .*inf\)\. Give every cell"),
        (LOW[:3], HIGH, r"low= has 3 x 3; it takes 4 units x 3 groups"),
        (LOW, 5, r"high= has a single number; it takes 4 units x 3 groups"),
        (LOW, [["<5"] * 3] * 4, r"high= holds something other than numbers"),
        (pd.DataFrame(LOW, columns=["a", "b", "C"]), HIGH, r"low= has no column 'c'\. Did you mean 'C'"),
        (pd.DataFrame(LOW, columns=["a", "b", "b"]), HIGH, r"low= has more than one column 'b'"),
        (pd.DataFrame(LOW, columns=GROUPS, index=list("nesW")), HIGH, r"index of low= .* \(first: 'w'\)"),
        (pd.DataFrame([*LOW, LOW[0]], columns=GROUPS, index=list("neswn")), HIGH, r"holds one twice \(first: 'n'\)"),
    ],
)
def test_intervals_that_cannot_be(low, high, message):
    with pytest.raises(sg.SegregateError, match=message):
        bare().with_intervals(low, high)


@pytest.mark.parametrize("option", [{"totals": "fixed"}, {"sizes": True}])
def test_words_of_intervals(option):
    (name,) = option
    with pytest.raises(sg.ParameterError, match=f"{name}=.* is not known; it is one of"):
        bare().with_intervals(LOW, HIGH, **option)


@pytest.mark.parametrize(
    ("tables", "factor", "message"),
    [
        (TABLES, 0, r"factor=0 is no number above 0; for the 80 replicates of the ACS it is 4/80"),
        (TABLES, "4/80", r"factor='4/80' is no number above 0"),
        (TABLES, np.nan, r"factor=nan is no number"),
        (TABLES[0], 0.05, r"tables= takes R tables of 4 units x 3 groups each.*three dimensions"),
        ([], 0.05, r"tables= takes R tables.*three dimensions"),
        (pd.DataFrame(COUNTS), 0.05, r"each set of replicate weights, not DataFrame"),
        (TABLES[:1], 0.05, r"one table says nothing of the variance"),
        ([TABLES[0], COUNTS[:2]], 0.05, r"tables\[1\] has 2 x 3; it takes 4 units x 3 groups"),
        (
            [TABLES[0], changed(COUNTS, 1, 0, np.nan)],
            0.05,
            r"tables\[1\] is missing or infinite in 1 cell of 12 .*'e' 'a'",
        ),
    ],
)
def test_replicates_that_cannot_be(tables, factor, message):
    with pytest.raises(sg.SegregateError, match=message):
        bare().with_replicates(tables, factor=factor)


@pytest.mark.parametrize(
    ("base", "message"),
    [
        (5, r"no multiple of 5 in 4 cells of 12 \(first: 'n' 'c': 4; 'e' 'b': 3; 's' 'c': 6; \.\.\.\)\. Take the base"),
        (0, r"base=0 is no number above 0"),
        ("5", r"base='5' is no number above 0"),
    ],
)
def test_rounding_that_cannot_be(base, message):
    with pytest.raises(sg.SegregateError, match=message):
        bare().with_rounding(base)
