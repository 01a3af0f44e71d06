"""Distributions of replicates: what is in the bars, what is beside them, and what cannot be drawn."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import pyplot
from matplotlib.figure import Figure

import segregate as sg
from segregate.plot import (
    draw_comparison,
    draw_interval,
    draw_null,
    prepare_comparison,
    prepare_interval,
    prepare_null,
)
from segregate.plot._distribution import bars_of
from segregate.plot._numerals import decimals, number, number_ticks, probability
from tests.unit import made_results as made

MINUS = "\N{MINUS SIGN}"


@pytest.fixture(autouse=True)
def no_figure_is_left():
    yield
    pyplot.close("all")


def chance(size=999, seed=0, mean=0.03, sd=0.004):
    return np.random.default_rng(seed).normal(mean, sd, size)


def drawn(ax, gid):
    return [artist for artist in ax.get_children() if artist.get_gid() == gid]


def legend(ax):
    return [" ".join(text.get_text().split()) for text in ax.get_legend().get_texts()]


def caption(ax):
    return " ".join(drawn(ax, "caption")[0].get_text().split())


def inset_of(ax):
    found = [child for child in ax.child_axes if child.get_gid() == "enlarged"]
    return found[0] if found else None


finite = st.floats(-1e6, 1e6)


@settings(max_examples=60, deadline=None)
@given(st.lists(finite, min_size=1, max_size=80), st.data())
def test_every_replicate_is_in_one_bar(values, data):
    flags = data.draw(st.lists(st.booleans(), min_size=len(values), max_size=len(values)))
    bars = bars_of(np.array(values), np.array(flags))
    assert bars["replicates"].sum() == len(values)
    assert bars["reached"].sum() == sum(flags)
    assert (bars["reached"] <= bars["replicates"]).all()
    assert bars["low"].iloc[0] == min(values)
    assert bars["high"].iloc[-1] == max(values)
    assert len(bars) <= 40


def test_bars_are_counted():
    values = chance(200)
    bars = bars_of(values)
    quartiles = np.percentile(values, [25, 75])
    width = 2 * (quartiles[1] - quartiles[0]) / 200 ** (1 / 3)
    assert len(bars) == math.ceil((max(values) - min(values)) / width)
    for k, (low, high, replicates) in enumerate(bars[["low", "high", "replicates"]].to_numpy().tolist()):
        last = k == len(bars) - 1
        assert replicates == sum(low <= value < high or (last and value == high) for value in values.tolist())


def test_replicates_of_one_value_make_one_bar():
    bars = bars_of(np.full(99, 0.3), np.ones(99, dtype=bool))
    assert bars.to_dict("list") == {"low": [0.3], "high": [0.3], "replicates": [99], "reached": [99]}


@pytest.mark.parametrize("alternative", ["greater", "less", "two-sided"])
@pytest.mark.parametrize("statistic", [0.0365, 0.026, 0.03])
def test_p_is_that_of_the_dark_bars(alternative, statistic):
    result = made.null_of(statistic, chance(), alternative)
    shown = prepare_null(result)
    reached = shown["reached"].sum()
    times = 2 if alternative == "two-sided" else 1
    assert min(1, times * (reached + 1) / 1000) == pytest.approx(result.p_value, abs=1e-15)
    ax = draw_null(result, managed=False)
    height = sum(patch.get_height() for patch in drawn(ax, "reached"))
    assert height == reached
    assert height + sum(patch.get_height() for patch in drawn(ax, "bar")) == 999
    assert f"({reached:,} + 1) / (999 + 1)" in caption(ax)
    assert legend(ax)[1] == f"Of these, {reached:,} reach what was measured"


def test_a_test_in_words():
    ax = draw_null(made.null_of(0.0365, [0.01, 0.02, 0.03, np.nan], notes=("the index is undefined once",)))
    assert ax.get_title(loc="left") == "Dissimilarity of black against rest: measured, and by chance"
    assert ax.get_xlabel() == "Dissimilarity"
    assert legend(ax) == [
        "By chance: 3 replicates",
        "Mean by chance: 0.02000",
        "Measured: 0.03650, 1.65 standard deviations above",
    ]
    assert caption(ax) == (
        "By chance: people are spread over the units at random; units keep their totals and groups their sizes. "
        "p = 0.25 (greater): (0 + 1) / (3 + 1). Environment: home. The index is undefined once."
    )
    below = draw_null(made.null_of(-0.5, [0.01, 0.02, 0.03], "less"), title="", caption="")
    assert legend(below)[-1] == f"Measured: {MINUS}0.5000, 52.0 standard deviations below"
    assert not drawn(below, "caption")
    assert below.get_title(loc="left") == ""


@pytest.mark.parametrize("away", [16_000, 300, -16_000])
def test_far_away_the_axis_shows_both_and_the_bars_are_enlarged(away):
    null = chance(sd=1e-5)
    statistic = 0.03 + away * 1e-5
    ax = draw_null(made.null_of(statistic, null, "greater" if away > 0 else "less"), managed=False)
    ax.figure.canvas.draw()
    assert ax.get_xscale() == "linear"
    low, high = ax.get_xlim()
    assert low < min(null.min(), statistic) < max(null.max(), statistic) < high
    inset = inset_of(ax)
    box, whole = inset.get_window_extent(), ax.get_window_extent()
    (line,) = drawn(ax, "statistic")
    assert (box.x1 < line.get_window_extent().x0) if away > 0 else (box.x0 > line.get_window_extent().x1)
    assert whole.x0 < box.x0 < box.x1 < whole.x1
    assert inset.get_xlim()[0] < null.min() < null.max() < inset.get_xlim()[1]
    assert inset.get_ylim() == ax.get_ylim()
    assert sum(patch.get_height() for patch in drawn(inset, "bar")) == 999
    said = float(drawn(inset, "times")[0].get_text().split()[1].replace(",", ""))
    scale = [one.get_window_extent().width / np.diff(one.get_xlim())[0] for one in (inset, ax)]
    assert said == pytest.approx(scale[0] / scale[1], rel=0.06)
    tight = inset.get_tightbbox()
    assert tight.y0 > whole.y0


def test_near_by_nothing_is_enlarged():
    assert inset_of(draw_null(made.null_of(0.05, chance()), managed=False)) is None
    assert inset_of(draw_null(made.null_of(0.05, np.full(99, 0.03)), managed=False)) is None
    assert inset_of(draw_null(made.null_of(3.0, chance()), ax=Figure(figsize=(2, 2)).add_subplot())) is None


def test_nineteen_replicates_and_one():
    ax = draw_null(made.null_of(0.05, chance(19)), managed=False)
    assert legend(ax)[0] == "By chance: 19 replicates"
    ticks = [float(text.get_text()) for text in ax.get_yticklabels()]
    assert ticks == [int(tick) for tick in ticks]
    one = draw_null(made.null_of(0.05, [0.03]), managed=False)
    assert legend(one) == ["By chance: 1 replicate", "Mean by chance: 0.03000", "Measured: 0.05000"]


def test_a_null_that_does_not_vary():
    ax = draw_null(made.null_of(0.03, np.full(99, 0.03)), managed=False)
    (bar,) = drawn(ax, "reached")
    assert bar.get_xydata().tolist() == [[0.03, 0], [0.03, 99]]
    low, high = ax.get_xlim()
    assert low < 0.03 < high
    assert len(ax.get_xticks()) > 1
    zero = draw_null(made.null_of(0.0, np.zeros(99)), managed=False)
    assert zero.get_xlim()[0] < 0 < zero.get_xlim()[1]


def test_what_has_no_value_is_not_drawn():
    undefined = made.null_of(np.nan, [], notes=("nobody is of 'black'",))
    with pytest.raises(
        sg.DataError, match=r"The index has no value, so there is nothing to draw: nobody is of 'black'\."
    ):
        draw_null(undefined)
    with pytest.raises(sg.DataError, match=r"no value on any replicate, so there is nothing to compare it with\."):
        draw_null(made.null_of(0.3, [np.nan, np.nan]))
    with pytest.raises(sg.DataError, match=r"The index has no value, so there is nothing to draw\."):
        draw_interval(made.interval(np.nan, np.nan, np.nan))
    with pytest.raises(sg.DataError, match=r"no value on any replicate, so there is no interval to draw\."):
        draw_interval(made.interval(0.3, np.nan, np.nan))
    with pytest.raises(sg.DataError, match=r"The difference has no value, so there is nothing to draw\."):
        draw_comparison(made.comparison(np.nan, 0.3, []))
    with pytest.raises(sg.DataError, match=r"No replicate has a difference, so there is nothing to compare with\."):
        draw_comparison(made.comparison(0.4, 0.3, [np.nan]))
    assert not pyplot.get_fignums()


@pytest.mark.parametrize(
    ("prepare", "verb"),
    [(prepare_null, "monte_carlo_test"), (prepare_interval, "bootstrap"), (prepare_comparison, "compare")],
)
def test_other_things_are_not_drawn(prepare, verb):
    with pytest.raises(sg.ParameterError, match=rf"This plot shows what segregate\.{verb} returns, not DataFrame\."):
        prepare(pd.DataFrame())


def test_an_interval():
    values = chance(999)
    result = made.interval(0.03, 0.022, 0.038, [*values, np.nan], notes=("stopped after 999 of 1,000 replicates",))
    shown = prepare_interval(result)
    assert shown["replicates"].sum() == 999
    assert shown["inside"].sum() == sum(0.022 <= value <= 0.038 for value in values.tolist())
    ax = draw_interval(result, managed=False)
    assert ax.get_title(loc="left") == "Dissimilarity of black against rest, with its interval"
    assert legend(ax) == [
        "999 replicates (people drawn again)",
        "Measured: 0.0300, 95 % interval 0.0220 to 0.0380",
    ]
    (line,), (dot,) = drawn(ax, "interval"), drawn(ax, "value")
    assert line.get_xdata().tolist() == [0.022, 0.038]
    assert dot.get_xdata().tolist() == [0.03]
    assert line.get_ydata()[0] > max(patch.get_height() for patch in drawn(ax, "bar"))
    assert caption(ax) == (
        "Interval: basic. Standard error: 0.0100. Mean of the replicates less the value: 0.0010. Environment: home. "
        "Stopped after 999 of 1,000 replicates."
    )


def test_an_interval_without_ends():
    ax = draw_interval(made.interval(0.03, np.nan, np.nan, [0.03]), managed=False)
    assert legend(ax)[1] == "Measured: 0.03000, no interval"
    assert not drawn(ax, "interval")
    assert len(drawn(ax, "value")) == 1


def test_a_comparison_of_labels():
    ax = draw_comparison(made.comparison(0.4, 0.3, chance(mean=0, sd=0.05)), managed=False)
    assert ax.get_xlabel() == "Dissimilarity: a less b"
    assert legend(ax)[-1] == "Measured: 0.400 less 0.300 is 0.100"
    assert drawn(ax, "zero")[0].get_xdata()[0] == 0
    assert drawn(ax, "difference")[0].get_xdata()[0] == pytest.approx(0.1)
    assert not drawn(ax, "interval")
    assert "units are dealt to the two at random" in caption(ax)


def test_a_comparison_with_an_interval():
    result = made.comparison(0.4, 0.3, chance(mean=0, sd=0.05), -0.002, 0.19)
    ax = draw_comparison(result, managed=False)
    assert legend(ax)[-1] == f"Measured: 0.400 less 0.300 is 0.100, 95 % interval {MINUS}0.002 to 0.190"
    assert drawn(ax, "interval")[0].get_xdata().tolist() == [-0.002, 0.19]
    assert "both are drawn again, and the measured difference is taken off" in caption(ax)
    assert prepare_comparison(result)["reached"].sum() == sum(value >= 0.1 for value in result.null.tolist())


def test_a_p_value_of_one_is_explained():
    ax = draw_comparison(made.comparison(0.3, 0.3, np.zeros(99)), managed=False)
    assert "p = 1 (two-sided): twice (99 + 1) / (99 + 1), which is no more than 1." in caption(ax)
    null = draw_null(made.null_of(0.3, np.full(99, 0.3), "two-sided"), managed=False)
    assert "twice (99 + 1) / (99 + 1), which is no more than 1." in caption(null)


def test_a_difference_far_from_chance_is_shown_with_zero():
    ax = draw_comparison(made.comparison(0.9, 0.3, chance(mean=0, sd=1e-4)), managed=False)
    assert inset_of(ax) is not None
    assert ax.get_xlim()[0] < 0 < 0.6 < ax.get_xlim()[1]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 1, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (0.123456, 0.1234565, ["0.1234560", "0.1234561", "0.1234562"]),
        (-2000, 1000, [f"{MINUS}2,000", f"{MINUS}1,500", f"{MINUS}1,000", f"{MINUS}500", "0", "500", "1,000"]),
        (1e6, 1e6 + 1, ["1,000,000.0", "1,000,000.2"]),
    ],
)
def test_ticks_are_written_in_full(low, high, expected):
    ax = Figure(figsize=(8, 4)).add_subplot()
    ax.set_xlim(low, high)
    number_ticks(ax.xaxis)
    texts = [text.get_text() for text in ax.get_xticklabels()]
    assert texts[: len(expected)] == expected
    for text, at in zip(texts, ax.get_xticks(), strict=True):
        assert float(text.replace(",", "").replace(MINUS, "-")) == pytest.approx(at, abs=1e-9 * (high - low))


def test_numbers_have_the_digits_of_their_width():
    assert decimals([0.0185], [0.356]) == 3
    assert decimals([350.0], [1e4]) == 0
    assert decimals([np.nan, 0.0], [0.356]) == 4
    assert decimals([1e-17], [0.03]) == decimals([], [0.03]) == 5
    assert decimals([], []) == decimals([0.0], [0.0]) == 0
    assert number(0.35614, 3) == "0.356"
    assert number(np.nan) == "undefined"
    assert number(-12.5) == f"{MINUS}12.50"
    assert [probability(p) for p in (1.0, 0.05, 0.0123456, 1e-6)] == ["1", "0.05", "0.0123", "0.000001"]
