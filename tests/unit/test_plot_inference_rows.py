"""Forests, rankings and trends: what is in which row, what joins rows, and what is said of those without a value."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import pyplot
from matplotlib.colors import to_hex

import segregate as sg
from segregate.plot import (
    draw_forest,
    draw_ranking,
    draw_trend,
    forest,
    prepare_forest,
    prepare_ranking,
    prepare_trend,
    ranking,
    trend,
)
from segregate.plot.ranking_plot import bars_of
from tests.helpers import quietly
from tests.unit import made_results as made

MINUS, DASH = "\N{MINUS SIGN}", "\N{EN DASH}"


@pytest.fixture(autouse=True)
def no_figure_is_left():
    yield
    pyplot.close("all")


def drawn(ax, gid):
    return [artist for artist in ax.get_children() if artist.get_gid() == gid]


def caption(ax):
    return " ".join(" ".join(text.get_text() for text in drawn(ax, "caption")).split())


def left(ax):
    return [" ".join(text.get_text().split()) for text in ax.get_yticklabels()]


def right(ax):
    return [tick.label2.get_text() for tick in ax.yaxis.get_minor_ticks()]


def table(rows, columns=("index", "group", "versus", "value", "low", "high")):
    return pd.DataFrame(rows, columns=list(columns))


# forests -------------------------------------------------------------------------------


def test_a_table_of_measure():
    schools = sg.sample("schools")
    found = sg.measure(schools, ["isolation", "D"], interval=0.9)
    shown = prepare_forest(found)
    assert shown["label"].to_list() == [
        *(f"Isolation, {group} against rest" for group in schools.groups),
        "Dissimilarity",
    ]
    for column in ("value", "low", "high"):
        assert shown[column].to_list() == found[column].to_list()
    ax = draw_forest(found, managed=False)
    assert left(ax) == shown["label"].to_list()
    assert right(ax) == shown["text"].to_list()
    assert drawn(ax, "head")[0].get_text() == "Value (90 % interval)"
    assert ax.get_title(loc="left") == "Segregation, with intervals"
    assert ax.get_xlabel() == "Value of the index"
    assert caption(ax).startswith("Intervals: basic, people drawn again. Environment: home. Source: synthetic schools")
    places = ax.get_yticks()
    for line, (low, high), at in zip(
        drawn(ax, "interval"), shown[["low", "high"]].to_numpy().tolist(), places, strict=True
    ):
        assert line.get_xdata().tolist() == [low, high]
        assert line.get_ydata().tolist() == [at, at]
    for dot, value, at in zip(drawn(ax, "value"), shown["value"], places, strict=True):
        assert dot.get_xydata().tolist() == [[value, at]]
    gaps = np.diff(places)
    assert gaps[:3] == pytest.approx(gaps[0])
    assert gaps[-1] > gaps[0] + 5


def test_what_all_rows_share_is_said_once():
    rows = table([["dissimilarity", "black", "rest", 0.3, 0.2, 0.4], ["dissimilarity", "black", "rest", 0.1, 0, 0.2]])
    rows.insert(0, "city", ["Ada", "Bo"])
    ax = draw_forest(rows, managed=False)
    assert left(ax) == ["Ada", "Bo"]
    assert ax.get_title(loc="left") == "Dissimilarity of black against rest, with intervals"
    assert ax.get_xlabel() == "Dissimilarity"
    rows["group"] = ["black", "asian"]
    assert prepare_forest(rows)["label"].to_list() == ["Ada, black against rest", "Bo, asian against rest"]
    rows["index"] = ["dissimilarity", "gini"]
    assert prepare_forest(rows)["label"].iloc[0] == "Dissimilarity, Ada, black against rest"
    both = table([["atkinson", "", "", 0.3, 0.2, 0.4]] * 2).assign(params=['{"b": 0.1}', '{"b": 0.9}'])
    assert prepare_forest(both)["label"].to_list() == ['{"b": 0.1}', '{"b": 0.9}']
    within = table([["gini", "", "", 0.3, 0.2, 0.4]] * 2).assign(environment=["home", "Kernel(500)"])
    assert prepare_forest(within)["label"].to_list() == ["home", "Kernel(500)"]
    assert "Environment" not in caption(draw_forest(within, managed=False))


def test_indices_stand_together_and_have_digits_of_their_own():
    rows = table(
        [
            ["gini", "", "", 0.5, 0.49, 0.51],
            ["proximity", "", "", 1234.5, 1200, 1300],
            ["gini", "", "", 0.6, 0.5899, 0.6111],
        ]
    ).assign(message=["first", "", ""])
    rows.insert(0, "city", ["Ada", "Bo", "Cy"])
    shown = prepare_forest(rows)
    assert shown["index"].to_list() == ["Gini", "Gini", "Proximity"]
    assert shown["text"].to_list() == ["0.500 (0.490 to 0.510)", "0.600 (0.590 to 0.611)", "1,234 (1,200 to 1,300)"]
    assert caption(draw_forest(rows, managed=False)).endswith("1 row of 3 has a note: Gini, Ada (first).")


def test_intervals_of_bootstrap():
    schools = sg.sample("schools")
    found = [
        sg.bootstrap(schools, "exposure", group=group, other="white", replicates=49, rng=1)
        for group in ("black", "asian")
    ]
    ax = forest(found, managed=False)
    assert left(ax) == ["black against white", "asian against white"]
    assert caption(ax) == "Intervals: basic, people drawn again. Environment: home."
    named = prepare_forest({"Ada": made.interval(0.3, 0.2, 0.4), "Bo": made.interval(0.5, 0.4, 0.6, notes=("odd",))})
    assert named["label"].to_list() == ["Ada", "Bo"]
    assert named["message"].to_list() == ["", "odd"]
    one = draw_forest(made.interval(0.3, 0.2, 0.4), managed=False)
    assert left(one) == ["Dissimilarity, black against rest"]
    assert one.get_title(loc="left") == "Dissimilarity, black against rest, with its interval"


def test_rows_without_a_value_or_an_interval_are_said():
    rows = table(
        [
            ["gini", "a", "rest", np.nan, np.nan, np.nan],
            ["gini", "b", "rest", 0.3, np.nan, np.nan],
            ["gini", "c", "rest", 0.4, 0.3, 0.5],
            ["gini", "d", "rest", np.nan, np.nan, np.nan],
        ]
    )
    rows["message"] = ["nobody is of 'a'", "", "2 people left out", ""]
    rows["status"] = ["undefined", "ok", "partial", "undefined"]
    ax = draw_forest(rows, managed=False)
    assert right(ax) == [
        "undefined",
        "0.30 (no interval)",
        "0.40 (0.30 to 0.50)",
        "undefined",
    ]
    assert caption(ax) == (
        "2 rows of 4 are undefined: a against rest (nobody is of 'a'); d against rest. "
        "1 row of 4 has no interval (hollow dot): b against rest. "
        "1 row of 4 leaves people out: c against rest (2 people left out)."
    )
    hollow, full = drawn(ax, "value")
    assert to_hex(hollow.get_markerfacecolor()) == "#ffffff"
    assert to_hex(full.get_markerfacecolor()) == "#21398a"
    assert len(drawn(ax, "interval")) == 1
    many = pd.concat([rows] * 3)
    assert "6 rows of 12 are undefined: a against rest (nobody is of 'a'); d against rest; a against rest" in caption(
        draw_forest(many, managed=False)
    )
    assert "; and 3 more." in caption(draw_forest(many, managed=False))


def test_what_is_no_forest():
    with pytest.raises(sg.ParameterError, match=r"there is no 'low', 'high': take sg\.measure\(pop, \.\.\., interval="):
        forest(sg.measure(sg.sample("schools"), "D"))
    with pytest.raises(sg.ParameterError, match=r"or intervals of segregate\.bootstrap, not float\."):
        forest([made.interval(0.3, 0.2, 0.4), 0.3])
    with pytest.raises(sg.ParameterError, match=r"or intervals of segregate\.bootstrap, not int\."):
        forest(3)
    with pytest.raises(sg.ParameterError, match=r"Intervals of 90 %, 95 % cannot be compared in one forest"):
        forest([made.interval(0.3, 0.2, 0.4, level=0.9), made.interval(0.3, 0.2, 0.4)])
    for nothing in ([], {}, table([])):
        with pytest.raises(sg.ParameterError, match=r"A forest shows 1 to 500 rows, not 0\."):
            forest(nothing)
    with pytest.raises(sg.ParameterError, match=r"A forest shows 1 to 500 rows, not 501\."):
        forest(table([["gini", "", "", 0.3, 0.2, 0.4]] * 501))
    empty = table([["gini", "a", "", np.nan, np.nan, np.nan]])
    with pytest.raises(sg.DataError, match=r"No row has a value, so there is nothing to draw: no reason\."):
        forest(empty)
    with pytest.raises(sg.DataError, match=r"nothing to draw: 'nobody is here'\."):
        forest(empty.assign(message="nobody is here"))
    assert not pyplot.get_fignums()


def test_the_frame_of_the_user_stays_as_it_is():
    rows = table([["gini", "a", None, 0.3, 0.2, 0.4]])
    before = rows.copy()
    forest(rows, managed=False)
    pd.testing.assert_frame_equal(rows, before)


# rankings ------------------------------------------------------------------------------


def test_a_ranking():
    names = ["Ada", "Bo", "Cy", "Di"]
    result = made.ranking(names, [0.5, 0.3, 0.28, np.nan], 0.05, ["a", "b", "b", ""], ["", "", "", "nobody is here"])
    shown = prepare_ranking(result)
    assert shown["label"].to_list() == ["1. Ada", "2. Bo", "3. Cy", "Di"]
    assert shown["text"].to_list() == ["1", f"2{DASH}3", f"2{DASH}3", "undefined"]
    ax = ranking(result, managed=False)
    assert left(ax) == shown["label"].to_list()
    assert right(ax) == shown["text"].to_list()
    assert ax.get_title(loc="left") == "Dissimilarity of black against rest, by rank"
    assert caption(ax) == (
        "Intervals of 95 %, for all together. Those that a bar joins cannot be told apart. One without a bar is told "
        "apart from all others. Environment: home. 1 row of 4 is undefined: Di (nobody is here)."
    )
    places = ax.get_yticks()
    (bar,) = drawn(ax, "group-b")
    low, high = bar.get_ydata()
    assert places[0] < low < places[1] < places[2] < high < places[3]
    assert len(drawn(ax, "value")) == 3


def test_all_told_apart_and_none():
    apart = draw_ranking(made.ranking("abc", [3, 2, 1], 0.1, ["a", "b", "c"]), managed=False)
    assert "All are told apart." in caption(apart)
    assert not [line for line in apart.lines if str(line.get_gid()).startswith("group")]
    alike = draw_ranking(made.ranking("abc", [3, 2, 1], 5, ["a", "a", "a"]), managed=False)
    assert "One without a bar" not in caption(alike)
    one = draw_ranking(made.ranking("a", [0.3], np.nan, [""]), managed=False)
    assert left(one) == ["1. a"]
    assert "told apart" not in caption(one)


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 30), st.data())
def test_bars_join_those_who_share_a_letter(rows, data):
    names = [f"{letter}{turn or ''}" for turn in (0, 1, 2) for letter in "abcxyz"]
    chosen = data.draw(st.lists(st.sets(st.sampled_from(names), max_size=5), min_size=rows, max_size=rows))
    bars = bars_of(["".join(sorted(some)) for some in chosen])
    expected = {name: tuple(row for row, some in enumerate(chosen) if name in some) for name in names}
    assert {bar.letter: bar.rows for bar in bars} == {name: at for name, at in expected.items() if len(at) > 1}
    for one, other in itertools.combinations(bars, 2):
        if one.column == other.column:
            assert one.rows[-1] + 1 < other.rows[0] or other.rows[-1] + 1 < one.rows[0]


def test_a_bar_is_thin_where_it_passes_a_row():
    ax = draw_ranking(made.ranking("abcde", [5, 4, 3, 2, 1], 0.1, ["a", "b", "ab", "b", "c"]), managed=False)
    assert len(drawn(ax, "group-a")) == 2
    assert len(drawn(ax, "group-b")) == 1
    places = ax.get_yticks()
    ends = [line.get_ydata() for line in drawn(ax, "group-a")]
    assert ends[0][1] < places[1] < ends[1][0]


@pytest.mark.parametrize(("many", "width", "bars"), [(5, 2, 4), (30, 6, 25), (100, 8, 93)])
def test_five_thirty_and_a_hundred_cities_with_bars(many, width, bars):
    result = made.ranking(
        [f"City {k}" for k in range(many)], np.linspace(0.8, 0.2, many), 0.02, made.sliding(many, width)
    )
    ax = draw_ranking(result, managed=False)
    ax.figure.canvas.draw()
    found = {line.get_gid() for line in ax.lines if str(line.get_gid()).startswith("group")}
    assert len(found) == bars
    points = np.diff(ax.transData.transform(np.column_stack([np.zeros(many), ax.get_yticks()]))[:, 1]) * 72 / 100
    assert (abs(points) >= 9.6).all()
    assert ax.figure.get_size_inches()[1] < 18


def test_a_hundred_cities_that_are_much_alike_have_their_ranks():
    many = 100
    result = made.ranking(range(many), np.linspace(0.8, 0.2, many), 0.1, made.sliding(many, 40))
    ax = draw_ranking(result, managed=False)
    assert not [line for line in ax.lines if str(line.get_gid()).startswith("group")]
    lines, dots = drawn(ax, "ranks"), drawn(ax, "rank")
    assert len(lines) == len(dots) == many
    assert "Grey: the ranks that each may have; dot: its rank. The 61 groups" in caption(ax)
    start, end = dots[0].get_xdata()[0], dots[-1].get_xdata()[0]
    table = result.table
    for line, (low, high) in zip(lines, table[["rank_low", "rank_high"]].to_numpy().tolist(), strict=True):
        step = (end - start) / (many - 1)
        assert line.get_xdata() == pytest.approx([start + (low - 1.5) * step, start + (high - 0.5) * step])
    with pytest.raises(sg.ParameterError, match=r"A ranking shows up to 500 rows, not 501\."):
        draw_ranking(made.ranking(range(501), np.linspace(1, 0, 501), 0.1))


def test_a_real_ranking_shows_what_its_table_says():
    found = sg.rank(sg.sample("schools").split("district"), "H", replicates=49, rng=1)
    ax = found.plot()
    assert left(ax) == [f"{rank:.0f}. {name}" for rank, name in found.table[["rank", "name"]].to_numpy().tolist()]
    together = {row["name"]: set(row["letters"]) for row in found.table.to_dict("records")}
    for one, others in found.tied_with.items():
        assert {name for name in together if name != one and together[one] & together[name]} == set(others)


def test_what_is_no_ranking():
    with pytest.raises(sg.ParameterError, match=r"A ranking shows what segregate\.rank returns, not DataFrame\."):
        ranking(pd.DataFrame())
    with pytest.raises(sg.DataError, match=r"No city has a value, so there is nothing to draw: nobody is here\."):
        ranking(made.ranking("ab", [np.nan] * 2, 0.1, messages=["nobody is here"] * 2))


# trends --------------------------------------------------------------------------------


def test_a_trend():
    result = made.trend([1990, 2000, 2010.5], [0.5, 0.3, 0.29], 0.05, notes=("odd",))
    shown = prepare_trend(result)
    assert shown["label"].to_list() == ["1990", "2000", "2010.5"]
    ax = trend(result, managed=False)
    assert ax.get_title(loc="left") == "Dissimilarity of black against rest, by year"
    assert [text.get_text() for text in ax.get_xticklabels()] == ["1990", "2000", "2010.5"]
    (sure,), (unsure,) = drawn(ax, "change-1"), drawn(ax, "unsure-2")
    assert sure.get_xydata().tolist() == [[1990, 0.5], [2000, 0.3]]
    assert unsure.get_xydata().tolist() == [[2000, 0.3], [2010.5, 0.29]]
    assert not sure.is_dashed()
    assert unsure.is_dashed()
    (band,) = drawn(ax, "band")
    corners = band.get_paths()[0].vertices
    assert {(1990.0, 0.45), (1990.0, 0.55)} <= {(round(x, 9), round(y, 9)) for x, y in corners.tolist()}
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "95 % intervals",
        "Change that is told apart from none",
        "Change that is not told apart from none",
    ]
    assert caption(ax) == (
        f"Change per year: {MINUS}0.010 (95 % interval {MINUS}0.020 to {MINUS}0.005). "
        "Change that would be detected with a chance of 80 %: 0.10. Environment: home. Odd."
    )


def test_a_year_without_a_value_is_a_gap_and_is_said():
    ax = draw_trend(made.trend(range(2000, 2006), [0.5, 0.4, np.nan, 0.3, np.nan, 0.2], 0.01), managed=False)
    assert [line.get_gid() for line in ax.lines if str(line.get_gid()).startswith(("change", "unsure"))] == ["change-1"]
    (values,) = drawn(ax, "values")
    assert values.get_xdata().tolist() == [2000, 2001, 2003, 2005]
    assert len(drawn(ax, "intervals")[0].get_segments()) == 4
    assert "2 years of 6 are undefined: 2002 (nobody is of 'black'); 2004 (nobody is of 'black')." in caption(ax)


def test_years_without_intervals():
    ax = draw_trend(made.trend([2000, 2010], [0.5, 0.4], np.nan, told=False), managed=False)
    assert not drawn(ax, "band")
    assert to_hex(drawn(ax, "no-interval")[0].get_markerfacecolor()) == "#ffffff"
    assert "2 years of 2 have no interval (hollow dots): 2000; 2010." in caption(ax)


@pytest.mark.parametrize("many", [2, 31, 400])
def test_years_have_room(many):
    ax = draw_trend(made.trend(range(1600, 1600 + many), np.linspace(0.5, 0.4, many), 0.01), managed=False)
    ax.figure.canvas.draw()
    boxes = [text.get_window_extent() for text in ax.get_xticklabels()]
    assert all(a.x1 + 4 <= b.x0 for a, b in itertools.pairwise(boxes))
    assert ax.get_xticklabels()[-1].get_text() == str(1599 + many)


def test_what_is_no_trend():
    with pytest.raises(sg.ParameterError, match=r"A trend shows what segregate\.trend returns, not DataFrame\."):
        trend(pd.DataFrame())
    with pytest.raises(sg.DataError, match=r"No year has a value, so there is nothing to draw: nobody is of 'black'\."):
        trend(made.trend([2000, 2010], [np.nan] * 2, 0.1))


def test_a_real_trend_draws_itself():
    districts = list(sg.sample("schools").split("district").values())
    found = sg.trend({2000: districts[0], 2010: districts[1], 2020: districts[2]}, "H", replicates=49, rng=1)
    ax = found.plot()
    assert drawn(ax, "values")[0].get_ydata().tolist() == found.table["value"].to_list()
    told = [str(line.get_gid()).startswith("change") for line in ax.lines if "-no" not in str(line.get_gid())]
    assert sum(told) == found.table["told_apart"].sum()


# bands of profiles ---------------------------------------------------------------------


def test_the_band_of_a_profile_is_explained_and_inside():
    schools = sg.sample("schools")
    two = schools.select("white", "black")
    profiles = [quietly(sg.profile, pop, "H", [0, 500]) for pop in (schools, two)]
    first = quietly(sg.bootstrap, profiles[0], replicates=49, rng=1)
    ax = first.plot()
    assert "Bands: 95 % intervals, scale by scale (basic, people drawn again)." in caption(ax)
    assert ax.get_ylim()[1] > first.table["high"].max()
    second = quietly(sg.bootstrap, profiles[1], replicates=49, rng=1, level=0.9, interval="basic")
    said = caption(sg.plot.profile({"All": first, "Two": second, "Bare": profiles[1]}, managed=False))
    assert "Bands of All: 95 % intervals, scale by scale (basic, people drawn again)." in said
    assert "Bands of Two: 90 % intervals, scale by scale (basic, people drawn again)." in said
    assert "Bands" not in caption(profiles[1].plot())
