"""Classes: every unit lands in the class whose range contains it, and the legend says so."""

import geopandas as gpd
import mapclassify
import numpy as np
import pytest
import shapely
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from segregate.errors import ParameterError, UnknownNameError
from segregate.plot import prepare_map

SCHEMES = [
    "auto",
    "quantiles",
    "equal_interval",
    "maximum_breaks",
    "pretty_breaks",
    "box_plot",
    "head_tail_breaks",
    "percentiles",
    "std_mean",
]
OWN_NUMBER = {"box_plot", "head_tail_breaks", "percentiles", "std_mean"}


def frame(values, **record):
    """Return points with values, and what `sg.local` records where it is given."""
    made = gpd.GeoDataFrame({"value": values}, geometry=[shapely.Point(i, 0) for i in range(len(values))])
    if record:
        made.attrs["segregate"] = record
    return made


def numbers(label):
    """Return the numbers in a label, and whether its lower and upper ends are closed."""
    text = label.replace("\N{MINUS SIGN}", "-").replace(",", "")
    if text.startswith("up to "):
        return -np.inf, float(text[6:])
    if text.startswith("over "):
        return float(text[5:]), np.inf
    separator = " to " if " to " in text else " \N{EN DASH} "
    low, _, high = text.partition(separator)
    return float(low), float(high or low)


def check(prepared, values):
    """Look at everything that must hold for any map with classes."""
    values = np.asarray(values, dtype=float)
    known = np.isfinite(values)
    classes = prepared.classes[~prepared.classes["hatched"]]
    number = prepared.units["map_class"].to_numpy(dtype=float, na_value=np.nan)
    assert_array_equal(np.isnan(number), ~known)
    assert_array_equal(prepared.units["map_hatched"], ~known)
    assert classes["units"].sum() == known.sum()
    assert classes["class"].tolist() == list(range(1, len(classes) + 1))
    for row in classes.itertuples(index=False):
        inside = values[number == row[0]]
        assert len(inside) == row.units
        assert (inside <= row.high).all()
        assert (inside >= row.low).all() if row[0] == 1 else (inside > row.low).all()
        assert (prepared.units.loc[number == row[0], "map_color"] == row.color).all()
        assert (prepared.units.loc[number == row[0], "map_label"] == row.label).all()
    assert_array_equal(classes["low"].to_numpy()[1:], classes["high"].to_numpy()[:-1])
    assert_array_equal(classes["low"].to_numpy()[1:], prepared.breaks)
    assert classes["label"].is_unique
    assert not classes["label"].str.match(r".*\N{MINUS SIGN}0(\.0*)?( |$)").any()
    if "Class limits are written rounded" not in prepared.notes:
        for row in classes.itertuples(index=False):
            low, high = numbers(row.label)
            inside = values[number == row[0]]
            if len(classes) > 1 or (row.low < row.high):
                assert ((inside >= low) & (inside <= high)).all()
                if row[0] > 1:
                    assert low == row.low
                if row[0] < len(classes):
                    assert high == row.high
    return classes


plain = st.one_of(
    st.integers(-50, 50).map(float),
    st.floats(0, 1, allow_subnormal=False).filter(lambda v: v == 0 or v > 1e-30),
    st.floats(-1e6, 1e6, allow_subnormal=False).filter(lambda v: v == 0 or abs(v) > 1e-30),
    st.just(float("nan")),
)


@settings(deadline=None)
@given(st.lists(plain, min_size=1, max_size=60), st.sampled_from(SCHEMES), st.integers(2, 9))
def test_every_unit_is_in_the_class_whose_range_contains_it(values, scheme, k):
    prepared = prepare_map(frame(values), scheme=scheme, k=None if scheme in OWN_NUMBER else k)
    classes = check(prepared, values)
    if scheme not in OWN_NUMBER | {"pretty_breaks"} and np.isfinite(values).any():
        assert 1 <= len(classes) <= k


@settings(deadline=None)
@given(
    st.lists(plain, min_size=1, max_size=40),
    st.lists(
        st.floats(-100, 100, allow_subnormal=False).map(lambda v: round(v, 4)), min_size=1, max_size=8, unique=True
    ),
)
def test_breaks_set_by_hand_are_the_limits(values, breaks):
    prepared = prepare_map(frame(values), breaks=sorted(breaks))
    classes = check(prepared, values)
    assert prepared.breaks == tuple(sorted(breaks))
    assert len(classes) == len(breaks) + 1
    assert classes["label"].iloc[0].startswith("up to ")
    assert classes["label"].iloc[-1].startswith("over ")


@settings(deadline=None)
@given(
    st.lists(st.floats(0, 40).filter(lambda v: v == 0 or v > 1e-9), min_size=1, max_size=60),
    st.sampled_from([s for s in SCHEMES if s != "maximum_breaks"]),
    st.integers(2, 9),
)
@example([2.0, 11.0, 1.192092896e-07], "std_mean", 2)  # 1 / 2,421,987 is too small to be written as a limit
@example([1.0, 2.0], "pretty_breaks", 2)  # one class a side: there is nothing for the scheme to find
def test_ratios_have_classes_on_both_sides_of_one(values, scheme, k):
    assume(any(value not in (0, 1) for value in values))
    given_frame = frame(values, center=1.0, bounds=[0.0, None])
    prepared = prepare_map(given_frame, scheme=scheme, k=None if scheme in OWN_NUMBER else k)
    classes = check(prepared, values)
    breaks = np.array(prepared.breaks)
    below, above = breaks[breaks < 1], breaks[breaks > 1]
    assert len(below) == len(above)
    assert classes["low"].min() < 1 < classes["high"].max()
    if scheme == "auto":  # written with two or three digits, so nearly the same ratio
        np.testing.assert_allclose(below[::-1] * above, 1, rtol=0.02)
        assert (1.0 in breaks) == (k % 2 == 0) or len(breaks) == 1


@settings(deadline=None)
@given(st.lists(st.floats(-1, 1).filter(lambda v: abs(v) > 1e-9), min_size=1, max_size=60), st.integers(2, 9))
def test_differences_have_classes_on_both_sides_of_zero(values, k):
    prepared = prepare_map(frame(values), center=0, k=k)
    check(prepared, values)
    if len(set(values)) > 1:
        breaks = np.array(prepared.breaks)
        assert (breaks < 0).sum() == (breaks > 0).sum()
        assert (0 in breaks) == (k % 2 == 0)


@pytest.mark.parametrize("k", range(2, 13))
def test_quantiles_are_those_of_mapclassify(k):
    # 157 is a prime, so no quantile is itself a value, where the last bit would decide
    values = np.random.default_rng(k).gamma(1.5, size=158)
    prepared = prepare_map(frame(values), scheme="quantiles", k=k)
    assert_array_equal(prepared.units["map_class"] - 1, mapclassify.Quantiles(values, k=k).yb)


@pytest.mark.parametrize(
    ("name", "peer", "arguments"),
    [
        ("EqualInterval", mapclassify.EqualInterval, {"k": 5}),
        ("equal interval", mapclassify.EqualInterval, {"k": 6}),
        ("fisher_jenks", mapclassify.FisherJenks, {"k": 5}),
        ("JENKS_CASPALL", mapclassify.JenksCaspall, {"k": 4}),
        ("maximum-breaks", mapclassify.MaximumBreaks, {"k": 5}),
        ("prettyBreaks", mapclassify.PrettyBreaks, {"k": 5}),
        ("boxplot", mapclassify.BoxPlot, {}),
        ("headtailbreaks", mapclassify.HeadTailBreaks, {}),
        ("percentiles", mapclassify.Percentiles, {}),
        ("std_mean", mapclassify.StdMean, {}),
    ],
)
def test_every_scheme_puts_units_together_as_mapclassify_does(name, peer, arguments):
    values = np.random.default_rng(3).gamma(1.5, size=203)
    ours = prepare_map(frame(values), scheme=name, k=arguments.get("k")).units["map_class"].to_numpy(dtype=int)
    theirs = peer(values, **arguments).yb
    assert_array_equal(np.unique(ours, return_inverse=True)[1], np.unique(theirs, return_inverse=True)[1])


@pytest.mark.parametrize("name", ["natural_breaks", "fisher_jenks_sampled", "jenks_caspall_sampled", "max_p"])
def test_schemes_that_draw_numbers_give_the_same_map_and_leave_the_global_generator_alone(name):
    values = np.random.default_rng(4).gamma(1.5, size=60)
    before = np.random.get_state()  # noqa: NPY002
    first, second = (prepare_map(frame(values), scheme=name, k=4) for _ in range(2))
    after = np.random.get_state()  # noqa: NPY002
    assert first.breaks == second.breaks
    assert_array_equal(before[1], after[1])
    assert before[2:] == after[2:]


def test_a_value_on_a_limit_is_in_the_class_below():
    prepared = prepare_map(frame([0.1, 0.2, 0.3, 0.4]), breaks=[0.2, 0.3])
    assert prepared.units["map_class"].tolist() == [1, 1, 2, 3]
    assert prepared.classes["label"].tolist() == ["up to 0.2", "0.2 – 0.3", "over 0.3"]
    assert "upper limit included" in prepared.caption


def test_the_default_rounds_the_limits_and_says_so():
    values = np.random.default_rng(5).beta(1, 6, size=4000)
    prepared = prepare_map(frame(values))
    assert len(prepared.classes) == 5
    assert all(limit == round(limit, 3) for limit in prepared.breaks)
    assert "quantiles, limits rounded" in prepared.caption
    # exact quantiles hold 800 units each
    assert 0 < abs(prepared.classes["units"] - 800).max() <= 20
    exact = prepare_map(frame(values), scheme="quantiles")
    assert exact.classes["units"].tolist() == [800] * 5
    assert "limits rounded" not in exact.caption


def test_limits_that_cannot_be_written_short_are_rounded_and_that_is_said():
    values = np.random.default_rng(7).uniform(size=5000)
    prepared = prepare_map(frame(values), scheme="quantiles")
    assert prepared.classes["units"].tolist() == [1000] * 5
    assert prepared.classes["label"].str.len().max() == len("0.20 – 0.40")
    assert prepared.notes == ("Class limits are written rounded",)
    assert "Class limits are written rounded." in prepared.caption
    assert prepared.classes["label"].is_unique


def test_noise_makes_no_class():
    prepared = prepare_map(frame([0, 1e-17, 2e-17, 3e-17, 0.1, 0.2, 0.3]), scheme="quantiles")
    assert all(len(label) < 20 for label in prepared.classes["label"])


def test_fewer_values_than_classes():
    prepared = prepare_map(frame([1, 1, 2, 2, 3]))
    assert len(prepared.classes) == 3
    assert prepared.notes == ("3 classes in place of 5: 3 different values",)
    assert prepared.notes[0] in prepared.caption


def test_ties_take_classes_away():
    prepared = prepare_map(frame([0.0] * 70 + list(np.linspace(0.1, 1, 30))))
    assert prepared.notes == ("3 classes in place of 5: many units have the same value",)


@pytest.mark.parametrize(
    ("value", "label"), [(0.25, "0.25"), (3, "3"), (1 / 3, "0.3333"), (-2e-7, "\N{MINUS SIGN}2.000e\N{MINUS SIGN}7")]
)
def test_all_equal_values_make_one_class(value, label):
    for scheme in ("auto", "equal_interval", "fisher_jenks", "max_p", "std_mean"):
        prepared = prepare_map(frame([value] * 4), scheme=scheme)
        assert prepared.classes["label"].tolist() == [label]
        assert prepared.notes == ("All units have the same value",)
    assert prepare_map(frame([1.0] * 4), center=1.0).classes["label"].tolist() == ["1"]


def test_nothing_but_missing_values():
    for how in ({}, {"scheme": "fisher_jenks"}, {"scheme": None}, {"center": 1}):
        prepared = prepare_map(frame([np.nan, np.nan]), **how)
        assert prepared.classes["label"].tolist() == ["No people / no data"]
        assert prepared.classes["units"].tolist() == [2]
        assert prepared.units["map_hatched"].all()
    assert "no unit has a value" in prepare_map(frame([np.nan])).caption
    assert len(prepare_map(frame([np.nan]), breaks=[1, 2]).classes) == 4


def test_no_hatched_entry_without_missing_values():
    assert not prepare_map(frame([1, 2, 3])).classes["hatched"].any()


def test_shared_breaks_give_the_same_legend_to_other_data():
    first = prepare_map(frame(np.linspace(0, 1, 50)), k=4)
    second = prepare_map(frame(np.linspace(0.3, 0.5, 20)), breaks=first.breaks)
    third = prepare_map(frame([0.99]), breaks=first.breaks)
    assert second.breaks == third.breaks == first.breaks
    assert second.classes["color"].tolist() == third.classes["color"].tolist() == first.classes["color"].tolist()
    assert second.classes["label"].tolist() == third.classes["label"].tolist()


def test_classes_that_the_bounds_rule_out_are_left_out():
    shares = frame([0.1, 0.6], bounds=[0.0, 1.0])
    prepared = prepare_map(shares, breaks=[0, 0.5, 1])
    assert prepared.classes["label"].tolist() == ["up to 0.0", "0.0 – 0.5", "over 0.5"]


def test_large_numbers_are_written_with_thousands():
    prepared = prepare_map(frame([1_234_567.0, 2_345_678.0, 9_876_543.0]), scheme="equal_interval", k=2)
    assert prepared.classes["label"].tolist() == ["1,200,000 – 5,600,000", "5,600,000 – 9,900,000"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"scheme": "jenks"}, "There is no classification scheme 'jenks'. Did you mean 'jenks_caspall"),
        ({"scheme": "quantile"}, "Did you mean 'quantiles'?"),
        ({"scheme": 5}, "There is no classification scheme 5."),
    ],
)
def test_an_unknown_scheme_is_answered_with_the_nearest_names(given, message):
    with pytest.raises(UnknownNameError, match=message.replace("?", r"\?")):
        prepare_map(frame([1, 2]), **given)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"k": 1}, "from 2 to 20, not 1"),
        ({"k": 2.5}, "from 2 to 20, not 2.5"),
        ({"k": True}, "from 2 to 20, not True"),
        ({"k": 4, "scheme": "box_plot"}, "'box_plot' sets its own number of classes; leave out k="),
        ({"scheme": "user_defined"}, r"need their limits: breaks=\[...\]"),
        ({"breaks": [1], "k": 3}, "leave out scheme= and k="),
        ({"breaks": [1], "scheme": "quantiles"}, "leave out scheme= and k="),
        ({"breaks": [1], "scheme": None}, "leave out k= and breaks="),
        ({"k": 3, "scheme": None}, "leave out k= and breaks="),
        ({"breaks": [2, 1]}, r"increasing finite numbers, at least one; got \[2.0, 1.0\]"),
        ({"breaks": [1, 1]}, "increasing finite numbers"),
        ({"breaks": []}, "increasing finite numbers"),
        ({"breaks": [np.inf]}, "increasing finite numbers"),
        ({"breaks": "123"}, "increasing finite numbers, at least one; got '123'"),
        ({"breaks": ["a"]}, "increasing finite numbers"),
        ({"breaks": 3}, "increasing finite numbers"),
        ({"limits": (0, 1)}, "limits= is for continuous colours"),
        ({"scheme": None, "limits": (1, 0)}, "two finite numbers, increasing"),
        ({"scheme": None, "limits": (0, 3), "center": 2}, "equally far from the centre 2"),
        ({"scheme": None, "limits": (0, 3), "center": 4}, "increasing, around the centre"),
        ({"center": np.nan}, "must be a finite number"),
        ({"center": "middle"}, "a number, 'auto' or None, not 'middle'"),
    ],
)
def test_arguments_that_cannot_be_used_are_refused(given, message):
    with pytest.raises(ParameterError, match=message):
        prepare_map(frame([1.0, 2.0, 3.0]), **given)


def test_a_scheme_that_fails_says_which():
    with pytest.raises(ParameterError, match="The scheme 'jenks_caspall_sampled' cannot class these values"):
        prepare_map(frame([1.0, 2.0, 3.0]), scheme="jenks_caspall_sampled", k=2)


def test_the_record_gives_the_centre_and_it_can_be_left_out():
    local = frame([0.2, 0.9, 1.4, 3.0], center=1.0, bounds=[0.0, None])
    assert prepare_map(local).center == 1
    assert prepare_map(local).palette == "tide"
    assert prepare_map(local, center=None).center is None
    assert prepare_map(local, center=None).palette == "lagoon"
    assert prepare_map(local, center=2).center == 2


def test_location_quotients_have_usual_ratios_as_limits():
    values = np.exp(np.random.default_rng(6).normal(0, 0.7, 300))
    prepared = prepare_map(frame(values, center=1.0, bounds=[0.0, None]))
    assert prepared.breaks == (0.5, 0.8, 1.25, 2.0)
    assert prepared.classes["label"].tolist() == [
        "up to 0.50",
        "0.50 – 0.80",
        "0.80 – 1.25",
        "1.25 – 2.00",
        "over 2.00",
    ]
    assert prepare_map(frame(values, center=1.0, bounds=[0.0, None]), k=2).breaks == (1.0,)


def test_colours_go_as_far_to_both_sides_as_the_longer_side_needs():
    greys = ["#000000", "#808080", "#ffffff"]
    prepared = prepare_map(frame([1.0, 2, 3, 4, 5]), breaks=[2, 3, 4], center=2, palette=greys)
    # one class below the centre, three above: the lowest is a third of the way to black
    assert prepared.classes["color"].tolist() == ["#666666", "#999999", "#cccccc", "#ffffff"]
    neutral = prepare_map(frame([0.0, 1, 2]), breaks=[0.5, 1.5], center=1, palette=greys)
    assert neutral.classes["color"].tolist() == ["#000000", "#808080", "#ffffff"]


def test_continuous_colours():
    prepared = prepare_map(frame([0.0, 0.5, 1.0, np.nan]), scheme=None, palette=["#000000", "#ffffff"])
    assert prepared.units["map_color"].tolist()[::2] == ["#000000", "#ffffff"]
    assert prepared.limits == (0, 1)
    assert prepared.units["map_class"].isna().all()
    assert prepared.classes["label"].tolist() == ["No people / no data"]
    shared = prepare_map(frame([0.0, 5.0]), scheme=None, limits=(1, 2), palette=["#000000", "#ffffff"])
    assert shared.units["map_color"].tolist() == ["#000000", "#ffffff"]
    ratio = prepare_map(frame([0.0, 0.5, 1, 4], center=1.0, bounds=[0.0, None]), scheme=None)
    assert ratio.limits == pytest.approx((0.25, 4))
    even = prepare_map(frame([-1.0, 3.0]), scheme=None, center=0)
    assert even.limits == (-3, 3)
    assert prepare_map(frame([2.0, 2.0]), scheme=None).limits == (1.5, 2.5)
